/*-------------------------------------------------------------------------
 *
 * number_internal.h
 *		Numbers, dates and times as steps of a lattice, and their codes.
 *
 * A raw value v is residue + unit * step - 2^63: the steps of a column are
 * neighbours where its values can be neighbours (whole days in a timestamp,
 * halves, thousands), and they are not negative.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_NUMBER_INTERNAL_H
#define KIAIM_NUMBER_INTERNAL_H

#include "postgres.h"

#include "frame/frame.h"
#include "synthesize/column.h"

/* The sign of a raw value turned round, so that unsigned order is its order. */
#define STEP_SIGN	(UINT64CONST(1) << 63)

/* Coarse codes of a column beside that of NULL. */
#define MAX_GROUPS			254

/* The most codes of a column, so that no group needs more than 256 (see number_groups). */
#define MAX_NUMBER_CODES	(MAX_GROUPS * 62)

/* Days. */
#define WEEK_DAYS				7

/* The most levels of rounding: powers of ten and their fives. */
#define MAX_LEVELS			40

/* How often a day is drawn for its weekday. */
#define WEEKDAY_TRIES		32

/* A level of rounding: the steps that are offset modulo every. */
typedef struct NumberLevel
{
	uint64		every;			/* a multiple of that of the level below */
	uint64		offset;
	uint32		share;			/* of values that are of this level or a higher one on purpose, of 2^16 - 1 */
} NumberLevel;

/* The most days of the calendar that are frequent. */
#define MAX_DAYS			64

/* A day that is frequent on purpose. */
typedef struct NumberDay
{
	uint8		month;			/* 0: of every month */
	uint8		day;
	uint16		share;			/* of values that are of this day on purpose, of 2^16 - 1 */
} NumberDay;

/* The most values that are heaped at any distance. */
#define MAX_ANCHORS			4

struct NumberCoder
{
	uint64		unit;
	uint64		residue;		/* below unit */
	bool		missing;		/* code 0 of the variable is NULL ... */
	bool		rare;			/* ... which too few persons have to come out */
	int			ncodes;			/* of values, NULL not among them */
	uint64	   *first;			/* code i: the steps first[i] .. last[i], ascending */
	uint64	   *last;
	int			ngroups;		/* coarse codes; 0: the codes are one variable */
	int		   *start;			/* ngroups + 1: codes start[g] .. start[g + 1] - 1 */
	int			nanchors;		/* distances: values of the column itself, */
	int64		anchors[MAX_ANCHORS];	/* whose codes come after those of distances */
	int			nlevels;		/* at least 1: every step */
	NumberLevel levels[MAX_LEVELS];
	uint64		day;			/* the steps of a day; 0: weekdays do not matter */
	uint64		day_shift;		/* steps from 0 back to the beginning of a week */
	uint16		weekdays[WEEK_DAYS];	/* how likely a day is, beside the likeliest */
	int			ndays;			/* dates: days of the calendar that are frequent */
	NumberDay	days[MAX_DAYS];
};

/* The values of a column in their order, each distinct one once. */
typedef struct NumberValues
{
	FrameMemory memory;
	const RawTable *table;
	int			min_leaf;
	uint64		unit;
	uint64		residue;
	int64		nrows;			/* that are not NULL */
	int32	   *rows;			/* in the order of their values */
	int64		nvalues;
	uint64	   *steps;			/* ascending */
	int32	   *start;			/* nvalues + 1: rows[start[i]] .. have steps[i] */
	int64		drawn_up;		/* rows that have the first value by being drawn in to it */
	int64		drawn_down;		/* and the last */
	int32	   *seen;			/* of each person, the last question it was counted in */
	int32		question;
} NumberValues;

/* The values of the rows that are not NULL, in the current memory context. */
extern NumberValues *number_values(const RawTable *table, const int64 *values, int min_leaf);
extern void number_values_free(NumberValues *v);

/* The greatest number of low .. high that is a multiple of the highest power of 2. */
extern uint64 number_roundest(uint64 low, uint64 high);

/*
 * Draw the values beyond the min_leaf-th lowest and highest person in to that
 * person's: the values then are those from the one to the other.  These two become round
 * ones beside them unless as many persons have them, and the mean of all where they meet.
 */
extern void number_values_limit(NumberValues *v);

/* True if at least min_leaf persons have a value of from .. to - 1. */
extern bool number_values_enough(NumberValues *v, int64 from, int64 to);

/*
 * The least end up to which, and the greatest begin from which, at least
 * min_leaf persons have the values of from .. to - 1; to + 1 and from - 1 if there is none.
 */
extern int64 number_values_prefix(NumberValues *v, int64 from, int64 to);
extern int64 number_values_suffix(NumberValues *v, int64 from, int64 to);

/* True if at least min_leaf persons have a row where value is NULL (or, not null, where it is not). */
extern bool number_enough_rows(const RawTable *table, const int64 *values, int min_leaf, bool null);

/* True if so many more rows have a value than those around it that it is no chance. */
extern bool number_is_heaped(const NumberValues *v, int64 value);

/* Divide the values into codes: sets ncodes, first, last; code_of[i] is the code of value i. */
extern void number_cut(NumberCoder *coder, NumberValues *v, int32 *code_of);

/* Divide the codes into coarse groups where they are too many for one variable. */
extern void number_groups(NumberCoder *coder, const int64 *rows);

/* Find how values in intervals are rounded, and on which weekdays they are. */
extern void number_pattern(NumberCoder *coder, const NumberValues *v, const int32 *code_of,
						   const RawType *type);

/* Find which days of the calendar are frequent; steps are days. */
extern void number_calendar(NumberCoder *coder, const NumberValues *v, const int32 *code_of);

/* Draw a frequent day of first .. last; false if it is to be another day, or there is none. */
extern bool number_draw_calendar(const NumberCoder *coder, uint64 first, uint64 last,
								 RandomStream *stream, uint64 *step);

/* A step of first .. last like those of the column. */
extern uint64 number_draw(const NumberCoder *coder, uint64 first, uint64 last,
						  RandomStream *stream);

/*
 * Fit a coder to values of which as many as said have a code already and are
 * RAW_NULL here; enough persons have the others.
 */
extern void number_fit_coder(NumberCoder *coder, const RawTable *table, const int64 *values,
							 int64 coded, const RawType *type, int min_leaf, bool extremes,
							 Variable *variables, int *nvariables, uint8 **codes);

/*
 * As number_fit, of values that are drawn as distances, which become RAW_NULL
 * where a value is a code of its own.
 */
extern NumberCoder *number_fit_distances(const RawTable *table, const int64 *values,
										 int64 *distances, const RawType *type, int min_leaf,
										 bool extremes, Variable *variables, int *nvariables,
										 uint8 **codes);

/* Which anchor a value is, or -1. */
extern int	number_anchor(const NumberCoder *coder, int64 value);

/* The variables of a coder. */
extern void number_variables(const NumberCoder *coder, Variable *variables, int *nvariables);

/* The least and the greatest number that codes stand for. */
extern void number_range(const NumberCoder *coder, int64 *lowest, int64 *highest);

/* The raw value of a step. */
static inline int64
number_of_step(const NumberCoder *coder, uint64 step)
{
	return (int64) ((coder->residue + coder->unit * step) ^ STEP_SIGN);
}

/* A step of first .. last. */
static inline uint64
number_draw_between(uint64 first, uint64 last, RandomStream *stream)
{
	uint64		span = last - first;

	if (span < PG_UINT32_MAX)
		return first + random_below(stream, (uint32) span + 1);
	if (span == PG_UINT64_MAX)
		return random_bits(stream);
	return first + random_below64(stream, span + 1);
}

/* Which of seven days a step is on; the first one is any. */
static inline int
number_weekday(const NumberCoder *coder, uint64 step)
{
	return (int) ((step + coder->day_shift) / coder->day % WEEK_DAYS);
}

/* The coarse code of an anchor. */
static inline int
number_anchor_code(const NumberCoder *coder, int anchor)
{
	return (coder->missing ? 1 : 0) + anchor +
		(coder->ngroups > 0 ? coder->ngroups : coder->ncodes);
}

/* Write a code as codes of the variables; NULL is -1. */
static inline void
number_put_code(const NumberCoder *coder, int code, int group, uint8 *coarse, uint8 *fine)
{
	int			shift = coder->missing ? 1 : 0;

	if (coder->ngroups == 0)
		*coarse = (uint8) Max(code + shift, 0);
	else
	{
		*coarse = (uint8) Max(group + shift, 0);
		*fine = (uint8) (code < 0 ? 0 : code - coder->start[group]);
	}
}

#endif							/* KIAIM_NUMBER_INTERNAL_H */
