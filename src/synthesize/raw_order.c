/*-------------------------------------------------------------------------
 *
 * raw_order.c
 *		An order of rows that depends on their contents only.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/raw_internal.h"

typedef struct OrderKeys
{
	const int64 *person;
	int			ncolumns;
	int64	   *const *columns;
} OrderKeys;

/* Compare two rows: by person, then by each column. */
static int
compare_rows(const void *a, const void *b, void *arg)
{
	const OrderKeys *keys = arg;
	int32		i = *(const int32 *) a;
	int32		j = *(const int32 *) b;

	if (keys->person != NULL && keys->person[i] != keys->person[j])
		return keys->person[i] < keys->person[j] ? -1 : 1;
	for (int c = 0; c < keys->ncolumns; c++)
		if (keys->columns[c][i] != keys->columns[c][j])
			return keys->columns[c][i] < keys->columns[c][j] ? -1 : 1;
	return 0;
}

/* See raw_internal.h. */
int32 *
raw_order(int64 nrows, const int64 *person, int ncolumns, int64 *const *columns)
{
	int32	   *rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int32) * Max(nrows, 1));
	OrderKeys	keys = {person, ncolumns, columns};

	for (int64 i = 0; i < nrows; i++)
		rows[i] = (int32) i;
	CHECK_FOR_INTERRUPTS();
	qsort_arg(rows, nrows, sizeof(int32), compare_rows, &keys);
	return rows;
}
