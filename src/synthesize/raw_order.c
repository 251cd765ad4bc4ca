/*-------------------------------------------------------------------------
 *
 * raw_order.c
 *		An order of rows that depends on their contents only.
 *
 * The person and the first columns, each in as many bits as its values need,
 * are packed into a word a row, and most comparisons are of these words.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "synthesize/raw_internal.h"

#define ROWS_A_CHECK	65536

typedef struct OrderEntry
{
	uint64		key;
	int32		row;
} OrderEntry;

typedef struct OrderKeys
{
	int			ncolumns;		/* that no key has */
	int64	   *const *columns;
} OrderKeys;

/* Compare two rows: by their keys, then by each column that these do not have. */
static int
compare_rows(const OrderEntry *a, const OrderEntry *b, const OrderKeys *keys)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	for (int c = 0; c < keys->ncolumns; c++)
	{
		int64		x = keys->columns[c][a->row];
		int64		y = keys->columns[c][b->row];

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE OrderEntry
#define ST_COMPARE(a, b, keys) compare_rows(a, b, keys)
#define ST_COMPARE_ARG_TYPE const OrderKeys
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Append a column to the keys if it fits into the bits that are left, or, if
 * they have nothing yet, as the whole key; false if it does not fit.
 */
static bool
append_column(OrderEntry *entries, int64 nrows, const int64 *values, int *left)
{
	int64		lowest = PG_INT64_MAX;
	int64		highest = PG_INT64_MIN;
	uint64		range;
	int			bits;

	for (int64 i = 0; i < nrows; i++)
	{
		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		/* NULL, the lowest of all, becomes 0 */
		if (values[i] == RAW_NULL)
			continue;
		lowest = Min(lowest, values[i]);
		highest = Max(highest, values[i]);
	}
	if (lowest > highest)
		return true;
	range = (uint64) highest - (uint64) lowest + 1;
	bits = pg_leftmost_one_pos64(range) + 1;
	if (bits > *left)
		return false;
	for (int64 i = 0; i < nrows; i++)
		entries[i].key = (bits == 64 ? 0 : entries[i].key << bits) +
			(values[i] == RAW_NULL ? 0 : (uint64) values[i] - (uint64) lowest + 1);
	*left -= bits;
	return true;
}

/* See raw_internal.h. */
int32 *
raw_order(FrameMemory *memory, int64 nrows, const int64 *person, int ncolumns,
		  int64 *const *columns)
{
	int32	   *rows = frame_alloc(memory, Max(nrows, 1), sizeof(int32), false);
	OrderEntry *entries = frame_alloc(memory, Max(nrows, 1), sizeof(OrderEntry), true);
	int64	  **all = palloc(sizeof(int64 *) * (ncolumns + 1));
	OrderKeys	keys;
	int			n = 0;
	int			packed = 0;
	int			left = 64;

	if (person != NULL)
		all[n++] = (int64 *) person;
	for (int c = 0; c < ncolumns; c++)
		all[n++] = columns[c];
	for (int64 i = 0; i < nrows; i++)
		entries[i].row = (int32) i;
	while (packed < n && append_column(entries, nrows, all[packed], &left))
		packed++;
	keys.ncolumns = n - packed;
	keys.columns = all + packed;
	sort_entries(entries, nrows, &keys);
	for (int64 i = 0; i < nrows; i++)
		rows[i] = entries[i].row;
	frame_release(memory, entries, Max(nrows, 1), sizeof(OrderEntry));
	pfree(all);
	return rows;
}
