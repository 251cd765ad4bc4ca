/*-------------------------------------------------------------------------
 *
 * sensitive_tree.c
 *		The places of a sensitive column's values in a hierarchy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "privacy/privacy_internal.h"

void
sensitive_table_tree(SensitiveTable *table, const Dictionary *values, const Hierarchy *hierarchy)
{
	int			height = hierarchy_height(hierarchy);
	int			nvalues = table->nvalues;
	Oid			type = dictionary_type(values);
	uint32	  **node = palloc((height + 1) * sizeof(uint32 *));
	int		   *nnodes = palloc((height + 1) * sizeof(int));
	char	  **labels = palloc((height + 1) * sizeof(char *));
	Dictionary **names = palloc((height + 1) * sizeof(Dictionary *));
	MemoryContext scratch;
	MemoryContext old;

	Assert(dictionary_size(values) == (uint32) nvalues);
	hierarchy_check_type(hierarchy, type);
	scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim labels", ALLOCSET_DEFAULT_SIZES);
	for (int level = 0; level <= height; level++)
	{
		node[level] = MemoryContextAllocHuge(CurrentMemoryContext, Max(nvalues, 1) * sizeof(uint32));
		names[level] = dictionary_create(UNKNOWNOID, InvalidOid, FRAME_EQUAL_IMAGE);
	}

	/* a label is a node: labels of one level differ where their nodes do */
	for (int v = 0; v < nvalues; v++)
	{
		bool		isnull;
		Datum		value = dictionary_value(values, v, &isnull);

		CHECK_FOR_INTERRUPTS();
		old = MemoryContextSwitchTo(scratch);
		hierarchy_labels(hierarchy, type, value, isnull, labels);
		MemoryContextSwitchTo(old);
		for (int level = 0; level <= height; level++)
			node[level][v] = dictionary_encode(names[level], CStringGetDatum(labels[level]),
											   labels[level] == NULL);
		MemoryContextReset(scratch);
	}
	for (int level = 0; level <= height; level++)
		nnodes[level] = (int) dictionary_size(names[level]);
	MemoryContextDelete(scratch);
	pfree(names);
	pfree(labels);

	table->height = height;
	table->node = (const uint32 *const *) node;
	table->nnodes = nnodes;
}
