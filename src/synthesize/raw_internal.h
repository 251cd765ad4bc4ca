/*-------------------------------------------------------------------------
 *
 * raw_internal.h
 *		What the files raw*.c share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RAW_INTERNAL_H
#define KIAIM_RAW_INTERNAL_H

#include "postgres.h"

#include "common/int.h"

#include "frame/frame.h"
#include "synthesize/raw.h"

/* The most decimals of a number. */
#define RAW_MAX_SCALE	18

/* 10^scale, scale up to RAW_MAX_SCALE. */
extern int64 raw_power(int scale);

/*
 * Fill a type; false if it cannot be synthesized.  category: its values are to
 * be categories whatever they are.
 */
extern bool raw_type_init(RawType *type, Oid declared, int32 typmod, bool category);

typedef enum RawParse
{
	RAW_PARSE_NUMBER,
	RAW_PARSE_NO_NUMBER,		/* NaN, infinity */
	RAW_PARSE_TOO_LONG			/* more digits than 63 bits hold */
} RawParse;

/* The number value / 10^scale that a text stands for; scale may be negative. */
extern RawParse raw_parse_decimal(const char *text, int *scale, int64 *value);

/* The same number with another scale, rounded where that has fewer decimals; false if it does not fit. */
extern bool raw_rescale(int64 *value, int from, int to);

/* A double rounded to this scale; false if it does not fit. */
extern bool raw_from_double(double value, int scale, int64 *raw);

/*
 * The canonical order of rows: by person (may be NULL) and then by the columns;
 * palloc'd row numbers.
 */
extern int32 *raw_order(int64 nrows, const int64 *person, int ncolumns, int64 *const *columns);

#endif							/* KIAIM_RAW_INTERNAL_H */
