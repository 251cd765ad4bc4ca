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

/* A number in as many bytes as it needs, seven bits each, the lowest first. */
static void
put_short(StringInfo to, uint32 value)
{
	for (; value >= 0x80; value >>= 7)
		bytes_put_uint8(to, 0x80 | (value & 0x7f));
	bytes_put_uint8(to, value);
}

/* The same read again, of 1 .. highest. */
static uint32
get_short(ByteReader *r, uint32 highest)
{
	uint64		value = 0;
	uint8		byte;
	int			shift = 0;

	do
	{
		byte = bytes_uint8(r);
		value |= (uint64) (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 35);
	if (byte & 0x80 || value < 1 || value > highest)
		bytes_invalid(r, "A count is out of range.");
	return (uint32) value;
}

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
		bytes_put_uint32(to, leaves->starts[tree->nleaves]);
		for (uint32 leaf = 0; leaf < tree->nleaves; leaf++)
		{
			uint32		before = 0;

			CHECK_FOR_INTERRUPTS();
			put_short(to, leaves->starts[leaf + 1] - leaves->starts[leaf]);
			for (uint32 i = leaves->starts[leaf]; i < leaves->starts[leaf + 1]; i++)
			{
				bytes_put_uint8(to, leaves->codes[i]);
				put_short(to, leaves->sums[i] - before);
				before = leaves->sums[i];
			}
		}
	}
}

/* Read the codes of a leaf, of which there are room for left; returns how many. */
static uint32
read_leaf(ByteReader *r, const Variable *target, uint8 *codes, uint32 *sums, uint32 left)
{
	uint32		n = get_short(r, MAX_CODES);
	uint32		sum = 0;

	if (n > left)
		bytes_invalid(r, "The leaves of a tree have more codes than it says.");
	for (uint32 i = 0; i < n; i++)
	{
		codes[i] = bytes_uint8(r);
		if (codes[i] >= target->ncodes || (codes[i] == target->rare && n > 1) ||
			(i > 0 && codes[i] <= codes[i - 1]))
			bytes_invalid(r, "A leaf has a code that its variable has not, or not in order.");
		sum += get_short(r, PG_INT32_MAX - sum);
		sums[i] = sum;
	}
	return n;
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
		LeafCodes  *leaves = &conditional->trees[t].leaves;
		uint32		entries = bytes_count(r, 1, PG_INT32_MAX);
		uint32		at = 0;

		CHECK_FOR_INTERRUPTS();
		if (entries > r->left / 2)
			bytes_invalid(r, "A tree has more codes than bytes.");
		conditional->trees[t].tree = tree;
		leaves->starts = MemoryContextAllocHuge(CurrentMemoryContext,
												((Size) tree->nleaves + 1) * sizeof(uint32));
		leaves->codes = MemoryContextAllocHuge(CurrentMemoryContext, entries);
		leaves->sums = MemoryContextAllocHuge(CurrentMemoryContext, (Size) entries * sizeof(uint32));
		for (uint32 leaf = 0; leaf < tree->nleaves; leaf++)
		{
			leaves->starts[leaf] = at;
			at += read_leaf(r, target, leaves->codes + at, leaves->sums + at, entries - at);
		}
		leaves->starts[tree->nleaves] = at;
		if (at != entries)
			bytes_invalid(r, "The leaves of a tree have fewer codes than it says.");
	}
	return conditional;
}
