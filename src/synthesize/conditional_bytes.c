/*-------------------------------------------------------------------------
 *
 * conditional_bytes.c
 *		Conditional distributions as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/conditional.h"

/* Trees that one distribution may have. */
#define MOST_TREES	1000

/* See conditional.h. */
void
conditional_write(StringInfo to, const Conditional *conditional, const Variable *variables)
{
	bytes_put_uint32(to, conditional->ntrees);
	for (int t = 0; t < conditional->ntrees; t++)
	{
		const CodeTree *tree = conditional->trees[t].tree;
		const LeafCodes *leaves = &conditional->trees[t].leaves;

		code_tree_write(to, tree, variables);
		leaf_codes_write(to, leaves, tree->nleaves);
	}
}

/* See conditional.h. */
Conditional *
conditional_read(ByteReader *r, int nvariables, const Variable *variables,
				 const Variable *target, const bool *explains)
{
	Conditional *conditional = palloc(sizeof(Conditional));

	conditional->ntrees = bytes_count(r, 1, MOST_TREES);
	conditional->trees = palloc(conditional->ntrees * sizeof(CountedTree));
	for (int t = 0; t < conditional->ntrees; t++)
	{
		CodeTree   *tree = code_tree_read(r, nvariables, variables, explains);

		conditional->trees[t].tree = tree;
		leaf_codes_read(r, &conditional->trees[t].leaves, tree->nleaves, target);
	}
	return conditional;
}
