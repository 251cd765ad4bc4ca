/*-------------------------------------------------------------------------
 *
 * number_cut.c
 *		Divide the values of a column into codes.
 *
 * A heaped value is a code of its own, so that it stays heaped: zero, a round
 * number, the first of January.  What lies between two of them is one interval
 * or several, within which every step is as likely: of about equal numbers of
 * rows, and cut further where its inside is not even.  The number of intervals
 * grows with the square root of the rows up to a bound, and with what is uneven:
 * that keeps the distribution within the error that a sample of as many rows
 * has anyway.
 *
 * What is stored of an interval are its ends, and each is so chosen that at
 * least min_leaf persons are on either side of it within the column and in the
 * interval itself: they bound a count of a group.  Where there is room between
 * two values, an end is the roundest step between them and not the value of a
 * person.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/number_internal.h"

/* Of so many distinct values each is a code of its own if enough persons have it. */
#define FEW_VALUES			254

/* The most intervals of equal frequency: even ones need no more, and leave one variable enough. */
#define MOST_INTERVALS		180

/* No value and no part of an interval is a code of its own for less than this share of the rows. */
#define MOST_PARTS			4000

/* How far around a value it is looked whether it is heaped, in steps. */
#define NEIGHBOURS			10

/* An interval is uneven beyond this square of the statistic of Kolmogorov and Smirnov, in hundredths. */
#define UNEVEN				266

/* Between what is far apart the ends of intervals move by this share of the gap and of the interval. */
#define GAP_SHARE			8

/* What is being divided. */
typedef struct Cut
{
	NumberCoder *coder;
	NumberValues *values;
	int32	   *code_of;
	int64		target;			/* rows of an interval */
	int64		least;			/* rows of a heaped value or a part of an interval */
} Cut;

/* The rows of the values from .. to - 1. */
static int64
rows_of(const NumberValues *v, int64 from, int64 to)
{
	return v->start[to] - v->start[from];
}

/* Integer square root, rounded down. */
static int64
square_root(int64 n)
{
	int64		root = 0;

	for (int64 bit = INT64CONST(1) << 31; bit > 0; bit >>= 1)
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	return root;
}

/* The rows that have a value themselves. */
static int64
own_rows(const NumberValues *v, int64 value)
{
	return rows_of(v, value, value + 1) - (value == 0 ? v->drawn_up : 0) -
		(value == v->nvalues - 1 ? v->drawn_down : 0);
}

/* The median number of rows that the steps around a value have, those that nobody has included. */
static int64
rows_around(const NumberValues *v, int64 value)
{
	int64		counts[2 * NEIGHBOURS];
	int			n = 0;
	uint64		step = v->steps[value];
	int64		steps = Min(NEIGHBOURS, step - v->steps[0]) +
		Min(NEIGHBOURS, v->steps[v->nvalues - 1] - step);
	int64		low = value;

	while (low > 0 && step - v->steps[low - 1] <= NEIGHBOURS)
		low--;
	for (int64 i = low; i < v->nvalues && (i <= value || v->steps[i] - step <= NEIGHBOURS); i++)
	{
		int			at = n;
		int64		rows = own_rows(v, i);

		if (i == value)
			continue;
		for (; at > 0 && counts[at - 1] < rows; at--)
			counts[at] = counts[at - 1];
		counts[at] = rows;
		n++;
	}
	return steps / 2 < n ? counts[steps / 2] : 0;
}

/* See number_internal.h. */
bool
number_is_heaped(const NumberValues *v, int64 value)
{
	int64		rows = own_rows(v, value);
	int64		around = rows_around(v, value);

	return rows >= 2 * around && (rows - around) * (rows - around) >= 25 * around;
}

/* True if a value is a code of its own. */
static bool
is_atom(const Cut *cut, int64 value)
{
	NumberValues *v = cut->values;
	int64		rows = rows_of(v, value, value + 1);

	if (rows < cut->least)
		return false;
	if (v->nvalues > FEW_VALUES && own_rows(v, value) < cut->target &&
		(own_rows(v, value) < cut->least || !number_is_heaped(v, value)))
		return false;
	return number_values_enough(v, value, value + 1);
}

/* Add a code for the values from .. to - 1. */
static void
add_code(Cut *cut, int64 from, int64 to, uint64 first, uint64 last)
{
	NumberCoder *coder = cut->coder;

	if (coder->ncodes >= MAX_NUMBER_CODES)
		elog(ERROR, "a column has too many codes");
	for (int64 i = from; i < to; i++)
		cut->code_of[i] = coder->ncodes;
	coder->first[coder->ncodes] = first;
	coder->last[coder->ncodes++] = last;
}

/*
 * The last step of what ends with the value before "to", and the first of what
 * begins with it, if each is as wide as given.  They follow each other unless
 * they are far apart.
 */
static void
ends_between(const NumberValues *v, int64 to, uint64 left, uint64 right,
			 uint64 *last, uint64 *first)
{
	uint64		before = v->steps[to - 1];
	uint64		after = v->steps[to];
	uint64		gap = after - before;

	if (gap >= Min(left, right) / 2 + GAP_SHARE)
	{
		*last = number_roundest(before, before + Min(gap, left) / GAP_SHARE);
		*first = number_roundest(after - Min(gap, right) / GAP_SHARE, after);
	}
	else
	{
		*first = number_roundest(before + 1, after);
		*last = *first - 1;
	}
}

/*
 * Where the distribution of the values from .. to - 1 within first .. last is
 * farthest from an even one, among low .. high; 0 if it is not far.
 */
static int64
uneven_at(const Cut *cut, int64 from, int64 to, uint64 first, uint64 last, int64 low, int64 high)
{
	NumberValues *v = cut->values;
	uint64		rows = rows_of(v, from, to);
	uint64		width = last - first;
	int			shift = 0;
	uint64		farthest = 0;
	int64		at = 0;

	/* products of rows and steps must fit into 64 bits */
	while (width >> shift > PG_INT32_MAX)
		shift++;
	width = (width >> shift) + 1;
	for (int64 i = low; i <= high; i++)
	{
		/* before value i: as many rows have what is below it, as many should; and so with it */
		uint64		have = rows_of(v, from, i) * width;
		uint64		below = ((v->steps[i] - first) >> shift) * rows;
		uint64		reached = ((v->steps[i - 1] + 1 - first) >> shift) * rows;
		uint64		far = Max(below > have ? below - have : 0, have > reached ? have - reached : 0);

		if (far > farthest)
		{
			farthest = far;
			at = i;
		}
	}

	/* farthest / (rows * width) is the distance; its square times the rows is the statistic */
	farthest /= Max((rows * width) >> 16, 1);
	farthest = Min(farthest, 65535);
	return farthest * farthest * rows / UNEVEN > (UINT64CONST(1) << 32) / 100 ? at : 0;
}

/* The value before which the values from .. to - 1 are halved, of low .. high. */
static int64
half_at(const NumberValues *v, int64 from, int64 to, int64 low, int64 high)
{
	int64		half = v->start[from] + rows_of(v, from, to) / 2;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (v->start[middle] < half)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Make intervals of the values from .. to - 1, which lie within first .. last. */
static void
add_intervals(Cut *cut, int64 from, int64 to, uint64 first, uint64 last)
{
	NumberValues *v = cut->values;
	int64		low;
	int64		high;
	int64		at = 0;
	uint64		left_last;
	uint64		right_first;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();

	/* a cut before low .. high leaves enough persons and rows on both sides */
	low = number_values_prefix(v, from, to);
	high = number_values_suffix(v, from, to);
	while (low < to && rows_of(v, from, low) < cut->least)
		low++;
	while (high > from && rows_of(v, high, to) < cut->least)
		high--;
	if (low <= high)
	{
		if (rows_of(v, from, to) > cut->target + cut->target / 2)
			at = half_at(v, from, to, low, high);
		else
			at = uneven_at(cut, from, to, first, last, low, high);
	}
	if (at == 0)
	{
		add_code(cut, from, to, first, last);
		return;
	}
	ends_between(v, at, v->steps[at - 1] - first, last - v->steps[at], &left_last, &right_first);
	add_intervals(cut, from, at, first, left_last);
	add_intervals(cut, at, to, right_first, last);
}

/*
 * Count the values from .. to - 1, which too few persons have, for the nearer
 * of the heaped values beside them.
 */
static void
add_to_atoms(Cut *cut, int64 from, int64 to)
{
	NumberValues *v = cut->values;
	int			before = cut->coder->ncodes - 1;

	for (int64 i = from; i < to; i++)
	{
		bool		first = before < 0;

		if (before >= 0 && to < v->nvalues)
			first = v->steps[to] - v->steps[i] < v->steps[i] - cut->coder->last[before];
		cut->code_of[i] = first ? before + 1 : before;
	}
}

/* Make codes of the values from .. to - 1, between two heaped values or ends. */
static void
add_between(Cut *cut, int64 from, int64 to)
{
	NumberValues *v = cut->values;
	uint64		first = v->steps[from];
	uint64		last = v->steps[to - 1];
	uint64		unused;

	if (!number_values_enough(v, from, to))
	{
		add_to_atoms(cut, from, to);
		return;
	}

	/* the ends of the column have enough persons behind them; others move away from the values of one */
	if (from > 0)
		ends_between(v, from, 0, last - first, &unused, &first);
	if (to < v->nvalues)
		ends_between(v, to, last - first, 0, &last, &unused);
	add_intervals(cut, from, to, first, last);
}

/* See number_internal.h. */
void
number_cut(NumberCoder *coder, NumberValues *v, int32 *code_of)
{
	Cut			cut;
	int64		begin = 0;
	int64		intervals = Min(square_root(v->nrows), MOST_INTERVALS);
	int64		codes;

	cut.coder = coder;
	cut.values = v;
	cut.code_of = code_of;
	cut.least = Max(v->nrows / MOST_PARTS, v->min_leaf);
	cut.target = Max(v->nrows / intervals, 2 * cut.least);
	codes = Min(MAX_NUMBER_CODES, v->nvalues);
	coder->first = palloc(sizeof(uint64) * codes);
	coder->last = palloc(sizeof(uint64) * codes);
	coder->unit = v->unit;
	coder->residue = v->residue;
	for (int64 i = 0; i < v->nvalues; i++)
	{
		if (!is_atom(&cut, i))
			continue;
		if (begin < i)
			add_between(&cut, begin, i);
		add_code(&cut, i, i + 1, v->steps[i], v->steps[i]);
		begin = i + 1;
	}
	if (begin < v->nvalues)
		add_between(&cut, begin, v->nvalues);
}
