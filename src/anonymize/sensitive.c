/*-------------------------------------------------------------------------
 *
 * sensitive.c
 *		Makes of the dictionary of a sensitive column what the privacy models
 *		ask for: how often each value occurs, its rank, its place in a tree.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/sensitive.h"

/* See sensitive.h. */
SensitiveTable *
sensitive_table_create(Policy *policy, int sensitive, const Dictionary *values,
					   const int64 *counts)
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
			sensitive_table_order(table, values);
		if (requirement->model->needs_tree && table->node == NULL)
			sensitive_table_tree(table, values, policy->sensitive[sensitive].hierarchy);
		if (requirement->model->needs_named)
			requirement_find_named(requirement, values);
		requirement->table = table;
	}
	return table;
}
