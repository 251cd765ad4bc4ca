/*-------------------------------------------------------------------------
 *
 * subsets.c
 *		What all walks through the sets of columns need.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "risk/subsets_internal.h"

/* See subsets.h. */
void
subsets_check(int ncolumns)
{
	if (ncolumns > SUBSETS_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("quasi names %d columns, more than %d", ncolumns, SUBSETS_MAX_COLUMNS),
				 errhint("Name those that somebody could know; sets of columns are too many otherwise.")));
}

/* See subsets.h. */
Datum
subsets_names(uint64 columns, const char *const *names, int ncolumns)
{
	Datum		elements[SUBSETS_MAX_COLUMNS];
	int			n = 0;

	for (int c = 0; c < ncolumns; c++)
		if (columns & (UINT64CONST(1) << c))
			elements[n++] = CStringGetTextDatum(names[c]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* See subsets_internal.h. */
uint32 *
subsets_owners(RiskTuples *tuples)
{
	uint32	   *owners = frame_alloc(&tuples->memory, Max(tuples->n, 1), sizeof(uint32), false);

	for (uint32 i = 0; i < tuples->n; i++)
	{
		if (tuples->persons[i] > 1)
			owners[i] = OWNER_SEVERAL;
		else
			owners[i] = tuples->start != NULL ? tuples->members[tuples->start[i]] : i;
	}
	return owners;
}

/* See subsets_internal.h. */
void
subsets_order(const RiskTuples *tuples, int *order)
{
	for (int i = 0; i < tuples->ncolumns; i++)
	{
		int			j;

		for (j = i; j > 0 && tuples->domain[order[j - 1]] > tuples->domain[i]; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
}
