/*-------------------------------------------------------------------------
 *
 * sensitive.c
 *		Makes of the dictionary of a sensitive column what the privacy models
 *		ask for: how often each value occurs, its rank, its place in a tree.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/sortsupport.h"
#include "utils/typcache.h"

#include "compat.h"
#include "anonymize/sensitive.h"

/* One value to rank. */
typedef struct RankedValue
{
	Datum		value;
	bool		isnull;
	uint32		code;
} RankedValue;

/* Order of two values of the column's type, NULL last. */
static int
compare_values(const void *a, const void *b, void *sort_support)
{
	const RankedValue *x = a;
	const RankedValue *y = b;

	CHECK_FOR_INTERRUPTS();
	return ApplySortComparator(x->value, x->isnull, y->value, y->isnull,
							   (SortSupport) sort_support);
}

/* Position of every value in the order of its type. */
static const uint32 *
rank_values(const Dictionary *values, Oid collation)
{
	uint32		n = dictionary_size(values);
	uint32	   *rank = palloc_extended(sizeof(uint32) * Max(n, 1), MCXT_ALLOC_HUGE);
	RankedValue *sorted = palloc_extended(sizeof(RankedValue) * Max(n, 1), MCXT_ALLOC_HUGE);
	TypeCacheEntry *type = lookup_type_cache(dictionary_type(values), TYPECACHE_LT_OPR);
	SortSupportData sort;

	if (!OidIsValid(type->lt_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an ordering operator for type %s",
						format_type_be(dictionary_type(values)))));
	memset(&sort, 0, sizeof(sort));
	sort.ssup_cxt = CurrentMemoryContext;
	sort.ssup_collation = collation;
	sort.ssup_nulls_first = false;
	PrepareSortSupportFromOrderingOp(type->lt_opr, &sort);

	for (uint32 code = 0; code < n; code++)
	{
		sorted[code].value = dictionary_value(values, code, &sorted[code].isnull);
		sorted[code].code = code;
	}
	qsort_arg(sorted, n, sizeof(RankedValue), compare_values, &sort);
	for (uint32 i = 0; i < n; i++)
		rank[sorted[i].code] = i;
	pfree(sorted);
	return rank;
}

/* Nodes of the values on every level of a hierarchy: equal labels, equal node. */
static void
place_values(SensitiveTable *table, const Dictionary *values, const Hierarchy *hierarchy)
{
	int			height = hierarchy_height(hierarchy);
	uint32		n = dictionary_size(values);
	uint32	  **node = palloc(sizeof(uint32 *) * (height + 1));
	int		   *nnodes = palloc(sizeof(int) * (height + 1));
	Dictionary **labels_of = palloc(sizeof(Dictionary *) * (height + 1));
	char	  **labels = palloc(sizeof(char *) * (height + 1));
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim labels",
												  ALLOCSET_DEFAULT_SIZES);

	for (int level = 0; level <= height; level++)
	{
		node[level] = palloc_extended(sizeof(uint32) * Max(n, 1), MCXT_ALLOC_HUGE);
		labels_of[level] = dictionary_create(UNKNOWNOID, InvalidOid, FRAME_EQUAL_IMAGE);
	}
	for (uint32 code = 0; code < n; code++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);
		bool		isnull;
		Datum		value = dictionary_value(values, code, &isnull);

		hierarchy_labels(hierarchy, dictionary_type(values), value, isnull, labels);
		for (int level = 0; level <= height; level++)
			node[level][code] = dictionary_encode(labels_of[level], CStringGetDatum(labels[level]),
												  labels[level] == NULL);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
		CHECK_FOR_INTERRUPTS();
	}
	for (int level = 0; level <= height; level++)
		nnodes[level] = dictionary_size(labels_of[level]);
	MemoryContextDelete(scratch);

	table->height = height;
	table->node = (const uint32 *const *) node;
	table->nnodes = nnodes;
}

/* See sensitive.h. */
SensitiveTable *
sensitive_table_create(Policy *policy, int sensitive, const Dictionary *values,
					   Oid collation, const int64 *counts)
{
	SensitiveTable *table = palloc0(sizeof(SensitiveTable));

	table->nvalues = dictionary_size(values);
	table->counts = counts;
	for (int i = 0; i < table->nvalues; i++)
		table->total += counts[i];
	for (int i = 0; i < policy->nrequirements; i++)
	{
		Requirement *requirement = &policy->requirements[i];

		if (requirement->sensitive != sensitive)
			continue;
		if (requirement->model->needs_rank && table->rank == NULL)
			table->rank = rank_values(values, collation);
		if (requirement->model->needs_tree && table->node == NULL)
			place_values(table, values, policy->sensitive[sensitive].hierarchy);
		requirement->table = table;
	}
	return table;
}
