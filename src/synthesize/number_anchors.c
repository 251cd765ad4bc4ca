/*-------------------------------------------------------------------------
 *
 * number_anchors.c
 *		Distances that end on a day that many share.
 *
 * The last day on which somebody was known to live is a distance from the
 * diagnosis, but for most who live it is the day of the last check of all.
 * Such a value is heaped however far away it is, so it is a code of its own,
 * beside the codes of distances.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/number_internal.h"

/* An anchor has at least this share of the rows. */
#define ANCHOR_SHARE	64

/* Rows between two looks at interrupts. */
#define ROWS_A_CHECK	65536

/* For qsort. */
static int
compare_distances(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/*
 * True if a value is met at many distances.  If it is met mostly at one, it is
 * heaped because what the distance is from is.
 */
static bool
is_met_from_afar(const NumberValues *v, int64 value, const int64 *distances)
{
	int64		n = v->start[value + 1] - v->start[value];
	int64	   *sorted = palloc_extended(sizeof(int64) * n, MCXT_ALLOC_HUGE);
	int64		run = 0;
	int64		most = 0;

	for (int64 i = 0; i < n; i++)
		sorted[i] = distances[v->rows[v->start[value] + i]];
	qsort(sorted, n, sizeof(int64), compare_distances);
	for (int64 i = 0; i < n; i++)
	{
		run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
		most = Max(most, run);
	}
	pfree(sorted);
	return most <= n / 2;
}

/* Find the anchors of a column: its values and their distances. */
static void
find_anchors(NumberCoder *coder, const RawTable *table, const int64 *values,
			 const int64 *distances, int min_leaf)
{
	NumberValues *v = number_values(table, values, min_leaf);
	int64		rows[MAX_ANCHORS];

	for (int64 i = 0; i < v->nvalues; i++)
	{
		int64		own = v->start[i + 1] - v->start[i];
		int			at;

		if (own < Max(v->nrows / ANCHOR_SHARE, min_leaf) || !number_is_heaped(v, i) ||
			!number_values_enough(v, i, i + 1) || !is_met_from_afar(v, i, distances))
			continue;

		/* the most frequent ones first */
		for (at = coder->nanchors; at > 0 && rows[at - 1] < own; at--)
			if (at < MAX_ANCHORS)
			{
				rows[at] = rows[at - 1];
				coder->anchors[at] = coder->anchors[at - 1];
			}
		if (at == MAX_ANCHORS)
			continue;
		rows[at] = own;
		coder->anchors[at] = values[v->rows[v->start[i]]];
		coder->nanchors = Min(coder->nanchors + 1, MAX_ANCHORS);
	}
	number_values_free(v);
}

/* See number_internal.h. */
int
number_anchor(const NumberCoder *coder, int64 value)
{
	for (int i = 0; i < coder->nanchors; i++)
		if (coder->anchors[i] == value)
			return i;
	return -1;
}

/* True if enough persons have a distance that does not end on an anchor. */
static bool
enough_others(const NumberCoder *coder, const RawTable *table, const int64 *values,
			  const int64 *distances, int min_leaf)
{
	int			persons = 0;
	int32		last = -1;

	for (int64 r = 0; r < table->nrows && persons < min_leaf; r++)
	{
		if (distances[r] == RAW_NULL || number_anchor(coder, values[r]) >= 0 ||
			(table->persons != NULL && table->persons[r] == last))
			continue;
		last = table->persons != NULL ? table->persons[r] : 0;
		persons++;
	}
	return persons >= min_leaf;
}

/* See number_internal.h. */
NumberCoder *
number_fit_distances(const RawTable *table, const int64 *values, int64 *distances,
					 const RawType *type, int min_leaf, bool extremes, Variable *variables,
					 int *nvariables, uint8 **codes)
{
	NumberCoder *coder;
	int64		anchored = 0;

	if (!number_enough_rows(table, distances, min_leaf, false))
		return NULL;
	coder = palloc0(sizeof(NumberCoder));
	find_anchors(coder, table, values, distances, min_leaf);
	if (!enough_others(coder, table, values, distances, min_leaf))
		coder->nanchors = 0;
	for (int64 r = 0; r < table->nrows && coder->nanchors > 0; r++)
	{
		if (r % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (number_anchor(coder, values[r]) < 0)
			continue;
		distances[r] = RAW_NULL;
		anchored++;
	}
	number_fit_coder(coder, table, distances, anchored, type, min_leaf, extremes, variables,
					 nvariables, codes);
	coder->rare = coder->missing && !number_enough_rows(table, values, min_leaf, true);
	number_variables(coder, variables, nvariables);
	for (int64 r = 0; r < table->nrows && coder->nanchors > 0; r++)
	{
		int			anchor = number_anchor(coder, values[r]);

		if (anchor >= 0)
			codes[0][r] = number_anchor_code(coder, anchor);
	}
	return coder;
}

/* See column.h. */
bool
number_decode_anchor(const NumberCoder *coder, const uint8 *codes, int64 *value)
{
	int			anchor = codes[0] - number_anchor_code(coder, 0);

	if (anchor < 0 || anchor >= coder->nanchors)
		return false;
	*value = coder->anchors[anchor];
	return true;
}

/* See column.h. */
bool
number_distances(const NumberCoder *coder, int64 *lowest, int64 *highest)
{
	number_range(coder, lowest, highest);
	return coder->nanchors == 0;
}

/* See column.h. */
void
number_anchor_codes(const NumberCoder *coder, CodeSet *set)
{
	for (int i = 0; i < coder->nanchors; i++)
		codeset_add(set, number_anchor_code(coder, i));
}
