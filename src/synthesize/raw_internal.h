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

/*
 * The number that a text stands for, in the scale of a column of which nrows
 * values were read; where it has more decimals, they get as many.  Zeros at the
 * end of decimals are kept, as in prices.  Where there is no room for them they
 * are no decimals, and where there still is none, as in quotients, the last
 * decimals are cut: most, -1 at first, is how many are left.  Spoils the text;
 * false if the number does not fit without any.
 */
extern bool raw_take_decimal(RawColumn *column, int64 nrows, int *most, char *text, int64 *raw);

/* Cut the decimals of a number beyond the first so many. */
extern void raw_cut_decimals(char *text, int scale);

/* A double rounded to this scale; false if it does not fit. */
extern bool raw_from_double(double value, int scale, int64 *raw);

/* How often rows were met, by a hash of their contents; all zero at first. */
typedef struct RawMet
{
	uint64		hash;
	uint32		times;
} RawMet;

typedef struct RawMetRows
{
	RawMet	   *slots;
	uint64		size;			/* of them, a power of two */
	uint64		n;
} RawMetRows;

/* Count a row; how often such rows were met before. */
extern uint32 raw_met(RawMetRows *met, FrameMemory *memory, uint64 hash);
extern void raw_met_free(RawMetRows *met, FrameMemory *memory);

/*
 * The canonical order of rows: by person (may be NULL) and then by the columns;
 * row numbers in the account.
 */
extern int32 *raw_order(FrameMemory *memory, int64 nrows, const int64 *person, int ncolumns, int64 *const *columns);

#endif							/* KIAIM_RAW_INTERNAL_H */
