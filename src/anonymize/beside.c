/*-------------------------------------------------------------------------
 *
 * beside.c
 *		Classes in a population: a table of its own beside that of the source,
 *		in the same codes, grouped with a roll-up of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/beside.h"

/* One population. */
typedef struct Population
{
	PathTable	table;			/* the columns of the source, the tuples of the population */
	Grouper    *steps;			/* of the roll-up */
	Grouper    *grouper;		/* of the node at hand */
	PathTuples	classes;
	Rollup	   *rollup;
} Population;

struct Beside
{
	int			n;
	Population *populations;
};

/* See beside.h. */
Beside *
beside_create(const PathTable *table, FrameMemory *memory)
{
	Beside	   *b;

	if (table->npopulations == 0)
		return NULL;
	b = palloc(sizeof(Beside));
	b->n = table->npopulations;
	b->populations = palloc0(sizeof(Population) * b->n);
	for (int i = 0; i < b->n; i++)
	{
		Population *p = &b->populations[i];

		p->table = *table;
		p->table.nsensitive = 0;
		memset(p->table.kept, 0, sizeof(p->table.kept));
		p->table.tuples = table->populations[i];
		p->table.records = table->population_records[i];
		p->steps = grouper_create(table->words, memory);
		p->grouper = grouper_create(table->words, memory);
		p->rollup = rollup_create(&p->table, memory, p->steps, false);
	}
	return b;
}

/* See beside.h. */
void
beside_group(Beside *b, const LatticeNode *node)
{
	for (int i = 0; i < b->n; i++)
	{
		Population *p = &b->populations[i];
		const PathTuples *source;
		uint64		mask[PATH_MAX_WORDS];
		uint64		class_mask[PATH_MAX_WORDS];

		rollup_mask(p->rollup, node, mask, class_mask);
		source = rollup_source(p->rollup, node);
		grouper_group(p->grouper, source, class_mask, true, &p->classes);
		rollup_remember(p->rollup, node, &p->classes, source->n);
	}
}

/* See beside.h. */
int64
beside_size(const Beside *b, int population, const uint64 *key)
{
	const Population *p = &b->populations[population];
	int64		at = grouper_find(p->grouper, key);

	return at < 0 ? 0 : WEIGHT_RECORDS(p->classes.weights[at]);
}
