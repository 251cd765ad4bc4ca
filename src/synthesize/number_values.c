/*-------------------------------------------------------------------------
 *
 * number_values.c
 *		The values of a column in their order, as steps of its lattice.
 *
 * The unit of the lattice is the greatest common divisor of all differences, so
 * that what is drawn between two values is a value that could have been there:
 * a whole day, a half, a thousand.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/number_internal.h"

/* Rows between two looks at interrupts. */
#define ROWS_A_CHECK	65536

#define RADIX			256

/* A row and the step of its value, to be sorted. */
typedef struct StepRow
{
	uint64		step;
	int32		row;
} StepRow;

/* The greatest common divisor; 0 of nothing. */
static uint64
common_divisor(uint64 a, uint64 b)
{
	while (b != 0)
	{
		uint64		rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The unit of the values, and what remains of each divided by it. */
static void
find_lattice(NumberValues *v, const StepRow *sorted)
{
	uint64		unit = 0;

	for (int64 i = 0; i < v->nrows && unit != 1; i++)
	{
		uint64		a = sorted[i].step;
		uint64		b = sorted[0].step;
		uint64		difference = a > b ? a - b : b - a;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (difference > 0 && (unit == 0 || difference % unit != 0))
			unit = common_divisor(unit, difference);
	}
	v->unit = Max(unit, 1);
	v->residue = v->nrows > 0 ? sorted[0].step % v->unit : 0;
}

/*
 * Sort by steps, rows of equal steps ascending: a pass for each byte in which
 * two steps differ.  Returns the one of the two arrays that holds the result.
 */
static StepRow *
sort_steps(StepRow *from, StepRow *to, int64 n)
{
	uint64		differ = 0;

	for (int64 i = 1; i < n; i++)
		differ |= from[i].step ^ from[0].step;
	for (int shift = 0; shift < 64; shift += 8)
	{
		int64		position[RADIX + 1] = {0};
		StepRow    *swap = from;

		if ((differ >> shift & (RADIX - 1)) == 0)
			continue;
		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < n; i++)
			position[(from[i].step >> shift & (RADIX - 1)) + 1]++;
		for (int i = 1; i < RADIX; i++)
			position[i] += position[i - 1];
		for (int64 i = 0; i < n; i++)
			to[position[from[i].step >> shift & (RADIX - 1)]++] = from[i];
		from = to;
		to = swap;
	}
	return from;
}

/* Note the distinct values of sorted rows. */
static void
note_values(NumberValues *v, const StepRow *sorted)
{
	int64		nvalues = 0;

	v->rows = frame_alloc(&v->memory, v->nrows, sizeof(int32), false);
	for (int64 i = 0; i < v->nrows; i++)
	{
		nvalues += i == 0 || sorted[i].step != sorted[i - 1].step;
		v->rows[i] = sorted[i].row;
	}
	v->steps = frame_alloc(&v->memory, nvalues, sizeof(uint64), false);
	v->start = frame_alloc(&v->memory, nvalues + 1, sizeof(int32), false);
	for (int64 i = 0; i < v->nrows; i++)
	{
		if (i > 0 && sorted[i].step == sorted[i - 1].step)
			continue;
		v->steps[v->nvalues] = sorted[i].step;
		v->start[v->nvalues++] = (int32) i;
	}
	v->start[v->nvalues] = (int32) v->nrows;
}

/* See number_internal.h. */
NumberValues *
number_values(const RawTable *table, const int64 *values, int min_leaf)
{
	NumberValues *v = palloc0(sizeof(NumberValues));
	int64		n = table->nrows;
	StepRow    *rows;
	StepRow    *scratch;
	StepRow    *sorted;

	v->memory.context = CurrentMemoryContext;
	v->table = table;
	v->min_leaf = min_leaf;
	rows = frame_alloc(&v->memory, n, sizeof(StepRow), false);
	for (int64 r = 0; r < n; r++)
	{
		if (r % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (values[r] == RAW_NULL)
			continue;
		rows[v->nrows].step = (uint64) values[r] ^ STEP_SIGN;
		rows[v->nrows++].row = (int32) r;
	}
	find_lattice(v, rows);
	if (v->unit > 1)
		for (int64 i = 0; i < v->nrows; i++)
			rows[i].step /= v->unit;
	scratch = frame_alloc(&v->memory, v->nrows, sizeof(StepRow), false);
	sorted = sort_steps(rows, scratch, v->nrows);
	note_values(v, sorted);
	frame_release(&v->memory, rows, n, sizeof(StepRow));
	frame_release(&v->memory, scratch, v->nrows, sizeof(StepRow));
	if (table->persons != NULL)
		v->seen = frame_alloc(&v->memory, table->npersons, sizeof(int32), true);
	return v;
}

/* See number_internal.h. */
void
number_values_free(NumberValues *v)
{
	pfree(v->rows);
	pfree(v->steps);
	pfree(v->start);
	if (v->seen != NULL)
		pfree(v->seen);
	pfree(v);
}

/* True if a row's person was not counted yet in this question. */
static inline bool
is_new_person(NumberValues *v, int64 position)
{
	int32	   *seen;

	if (v->seen == NULL)
		return true;
	seen = &v->seen[v->table->persons[v->rows[position]]];
	if (*seen == v->question)
		return false;
	*seen = v->question;
	return true;
}

/* Begin to count persons anew. */
static void
next_question(NumberValues *v)
{
	if (v->question == PG_INT32_MAX)
	{
		if (v->seen != NULL)
			memset(v->seen, 0, sizeof(int32) * v->table->npersons);
		v->question = 0;
	}
	v->question++;
}

/* See number_internal.h. */
bool
number_values_enough(NumberValues *v, int64 from, int64 to)
{
	int			persons = 0;

	if (v->start[to] - v->start[from] < v->min_leaf)
		return false;
	next_question(v);
	for (int64 i = v->start[from]; i < v->start[to] && persons < v->min_leaf; i++)
		persons += is_new_person(v, i);
	return persons >= v->min_leaf;
}

/* See number_internal.h. */
int64
number_values_prefix(NumberValues *v, int64 from, int64 to)
{
	int			persons = 0;

	next_question(v);
	for (int64 value = from; value < to; value++)
	{
		for (int64 i = v->start[value]; i < v->start[value + 1] && persons < v->min_leaf; i++)
			persons += is_new_person(v, i);
		if (persons >= v->min_leaf)
			return value + 1;
	}
	return to + 1;
}

/* See number_internal.h. */
int64
number_values_suffix(NumberValues *v, int64 from, int64 to)
{
	int			persons = 0;

	next_question(v);
	for (int64 value = to - 1; value >= from; value--)
	{
		for (int64 i = v->start[value]; i < v->start[value + 1] && persons < v->min_leaf; i++)
			persons += is_new_person(v, i);
		if (persons >= v->min_leaf)
			return value;
	}
	return from - 1;
}

/* The value at a position of the sorted rows. */
static int64
value_at(const NumberValues *v, int64 position)
{
	int64		low = 0;
	int64		high = v->nvalues - 1;

	while (low < high)
	{
		int64		middle = low + (high - low + 1) / 2;

		if (v->start[middle] <= position)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* See number_internal.h. */
uint64
number_roundest(uint64 low, uint64 high)
{
	uint64		differ = (low - 1) ^ high;
	int			bit = 0;

	if (low == 0)
		return 0;
	while (differ > 1)
	{
		differ >>= 1;
		bit++;
	}
	return high >> bit << bit;
}

/* The mean of the lowest steps of all persons: many rows of one of them must not make it his. */
static uint64
mean_step(NumberValues *v)
{
	uint64		persons = 0;
	uint64		whole = 0;
	uint64		rest = 0;

	next_question(v);
	for (int64 i = 0; i < v->nrows; i++)
		persons += is_new_person(v, i);
	next_question(v);
	for (int64 value = 0; value < v->nvalues; value++)
		for (int64 i = v->start[value]; i < v->start[value + 1]; i++)
			if (is_new_person(v, i))
			{
				whole += (v->steps[value] - v->steps[0]) / persons;
				rest += (v->steps[value] - v->steps[0]) % persons;
			}
	return v->steps[0] + whole + rest / persons;
}

/*
 * The ends are values of one person each: unless enough have them, they become a round
 * step between them and their neighbour, or the mean of all if there is but one.
 */
static void
blur_ends(NumberValues *v, uint64 mean, bool low, bool high)
{
	int64		last = v->nvalues - 1;

	if (v->nvalues == 1)
	{
		if (low)
			v->steps[0] = mean;
		return;
	}
	if (low && v->steps[1] - v->steps[0] > 1)
		v->steps[0] = number_roundest(v->steps[0] + 1, v->steps[1] - 1);
	if (high && v->steps[last] - v->steps[last - 1] > 1)
		v->steps[last] = number_roundest(v->steps[last - 1] + 1, v->steps[last] - 1);
}

/* See number_internal.h. */
void
number_values_limit(NumberValues *v)
{
	int64		low = -1;
	int64		high = v->nrows;
	uint64		mean = mean_step(v);
	bool		blur_low;
	bool		blur_high;
	int64		from;
	int64		to;

	next_question(v);
	for (int persons = 0; persons < v->min_leaf; persons += is_new_person(v, low))
		low++;
	next_question(v);
	for (int persons = 0; persons < v->min_leaf; persons += is_new_person(v, high))
		high--;
	from = value_at(v, low);
	to = value_at(v, high);

	/* of fewer than twice min_leaf persons only the one in the middle is behind as many on both sides */
	if (from > to)
		from = to = value_at(v, v->nrows / 2);
	blur_low = !number_values_enough(v, from, from + 1);
	blur_high = !number_values_enough(v, to, to + 1);
	v->drawn_up = v->start[from];
	v->drawn_down = v->nrows - v->start[to + 1];
	v->nvalues = to - from + 1;
	memmove(v->steps, v->steps + from, sizeof(uint64) * v->nvalues);
	memmove(v->start, v->start + from, sizeof(int32) * v->nvalues);
	v->start[0] = 0;
	v->start[v->nvalues] = (int32) v->nrows;
	blur_ends(v, mean, blur_low, blur_high);
}

/* See number_internal.h. */
bool
number_enough_rows(const RawTable *table, const int64 *values, int min_leaf, bool null)
{
	int			persons = 0;
	int32		last = -1;

	for (int64 r = 0; r < table->nrows && persons < min_leaf; r++)
	{
		if ((values[r] == RAW_NULL) != null)
			continue;
		if (table->persons != NULL && table->persons[r] == last)
			continue;
		last = table->persons != NULL ? table->persons[r] : 0;
		persons++;
	}
	return persons >= min_leaf;
}
