/*-------------------------------------------------------------------------
 *
 * tree.c
 *		Trees as they are used: going down, writing, reading.
 *
 * What is written are the nodes in the order of a walk that goes to the left
 * first.  Where children are and how leaves are numbered follows from that, so
 * that no bytes can make a tree that is not one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "synthesize/tree.h"

/* See tree.h. */
void
code_tree_leaves(const CodeTree *tree, uint8 *const *codes, int64 first, int64 n, uint32 *leaves)
{
	for (int64 i = 0; i < n; i++)
		leaves[i] = code_tree_leaf(tree, codes, first + i);
}

/* See tree.h. */
void
code_tree_write(StringInfo to, const CodeTree *tree, const Variable *variables)
{
	uint32	   *pending = MemoryContextAllocHuge(CurrentMemoryContext,
												 ((Size) tree->nleaves + 1) * sizeof(uint32));
	uint32		npending = 0;

	bytes_put_uint32(to, tree->nleaves);
	bytes_put_uint32(to, tree->nnodes);
	pending[npending++] = 0;
	while (npending > 0)
	{
		const TreeNode *node = &tree->nodes[pending[--npending]];

		bytes_put_uint8(to, node->kind);
		if (node->kind == NODE_LEAF)
			continue;
		bytes_put_uint16(to, node->feature);
		if (node->kind == NODE_SET)
		{
			for (int w = 0; w < TREE_SET_WORDS(&variables[node->feature]); w++)
				bytes_put_int64(to, (int64) tree->nodes[node->child + 2 + w].word);
		}
		else
			bytes_put_uint8(to, node->code);
		pending[npending++] = node->child + 1;
		pending[npending++] = node->child;
	}
	pfree(pending);
}

/* Read a split into a node whose children come next; returns the words of its set. */
static int
read_split(ByteReader *r, CodeTree *tree, TreeNode *node, uint32 next,
		   int nvariables, const Variable *variables, const bool *explains)
{
	int			words = 0;

	node->feature = bytes_uint16(r);
	if (node->feature >= nvariables || !explains[node->feature])
		bytes_invalid(r, "A tree splits by a variable that may not explain.");
	if (node->kind == NODE_SET)
		words = TREE_SET_WORDS(&variables[node->feature]);
	else
		node->code = bytes_uint8(r);
	if (tree->nnodes - next < 2 + words)
		bytes_invalid(r, "A tree has more nodes than it says.");
	node->child = next;
	for (int w = 0; w < words; w++)
		tree->nodes[next + 2 + w].word = (uint64) bytes_int64(r);
	return words;
}

/* See tree.h. */
CodeTree *
code_tree_read(ByteReader *r, int nvariables, const Variable *variables, const bool *explains)
{
	CodeTree   *tree = palloc(sizeof(CodeTree));
	uint32	   *pending;
	uint32		npending = 0;
	uint32		next = 1;
	uint32		leaf = 0;

	/* a leaf takes a byte, and an inner node more than it has children and words */
	tree->nleaves = bytes_count(r, 1, PG_INT32_MAX);
	if (tree->nleaves > r->left)
		bytes_invalid(r, "A tree has more leaves than bytes.");
	tree->nnodes = bytes_count(r, 1, PG_INT32_MAX);
	if (tree->nnodes / 2 > r->left)
		bytes_invalid(r, "A tree has more nodes than bytes.");
	tree->nodes = MemoryContextAllocHuge(CurrentMemoryContext,
										 (Size) tree->nnodes * sizeof(TreeNode));
	pending = MemoryContextAllocHuge(CurrentMemoryContext,
									 ((Size) tree->nleaves + 1) * sizeof(uint32));
	pending[npending++] = 0;
	while (npending > 0)
	{
		TreeNode   *node = &tree->nodes[pending[--npending]];

		node->word = 0;
		node->kind = bytes_uint8(r);
		if (node->kind > NODE_SET)
			bytes_invalid(r, "A tree has a node of a kind that does not exist.");
		if (node->kind == NODE_LEAF)
		{
			node->child = leaf++;
			continue;
		}
		/* whatever is pending becomes a leaf at least */
		if (leaf + npending + 2 > tree->nleaves)
			bytes_invalid(r, "A tree has more leaves than it says.");
		pending[npending++] = next + 1;
		pending[npending++] = next;
		next += 2 + read_split(r, tree, node, next, nvariables, variables, explains);
	}
	if (leaf != tree->nleaves || next != tree->nnodes)
		bytes_invalid(r, "A tree has fewer leaves or nodes than it says.");
	pfree(pending);
	return tree;
}
