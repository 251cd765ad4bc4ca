/*-------------------------------------------------------------------------
 *
 * tree_grow.c
 *		Growing a tree.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/tree_internal.h"

/* A node that is still to be split, and its rows. */
typedef struct PendingNode
{
	uint32		node;
	int64		start;
	int64		n;
} PendingNode;

struct TreeGrower
{
	const TreeData *data;
	FrameMemory *memory;
	int64		nrows;			/* at most */
	uint8	   *codes;			/* scratch, of each row of a node */
	uint8	   *classes;
	int32	   *moved;
	NodeClasses node_classes;
	SplitScratch split;

	/* the tree that is growing */
	CodeTree   *tree;
	uint32		node_space;
	PendingNode *pending;
	int			npending;
	int			pending_space;
	int64	   *starts;
	uint32		start_space;
};

/* See tree.h. */
TreeGrower *
tree_grower_create(const TreeData *data, int64 nrows, FrameMemory *memory)
{
	TreeGrower *grower = frame_alloc(memory, 1, sizeof(TreeGrower), true);

	grower->data = data;
	grower->memory = memory;
	grower->nrows = Max(nrows, 1);
	grower->codes = frame_alloc(memory, grower->nrows, sizeof(uint8), false);
	grower->classes = frame_alloc(memory, grower->nrows, sizeof(uint8), false);
	grower->moved = frame_alloc(memory, grower->nrows, sizeof(int32), false);
	grower->split.codes = grower->codes;
	grower->split.entropies = entropy_table();
	return grower;
}

/* See tree.h. */
void
tree_grower_free(TreeGrower *grower)
{
	FrameMemory *memory = grower->memory;

	frame_release(memory, grower->codes, grower->nrows, sizeof(uint8));
	frame_release(memory, grower->classes, grower->nrows, sizeof(uint8));
	frame_release(memory, grower->moved, grower->nrows, sizeof(int32));
	frame_release(memory, grower->pending, grower->pending_space, sizeof(PendingNode));
	frame_release(memory, grower->starts, grower->start_space, sizeof(int64));
	frame_release(memory, grower, 1, sizeof(TreeGrower));
}

/* Room for n more nodes; returns the first. */
static uint32
add_nodes(TreeGrower *grower, int n)
{
	CodeTree   *tree = grower->tree;
	uint32		first = tree->nnodes;

	if (first + n > grower->node_space)
	{
		uint32		space = Max(grower->node_space * 2, 64);

		if (first > PG_INT32_MAX / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a tree of more than %u nodes is too large", first)));
		tree->nodes = frame_grow(grower->memory, tree->nodes, grower->node_space, space, sizeof(TreeNode));
		grower->node_space = space;
	}
	tree->nnodes += n;
	memset(tree->nodes + first, 0, n * sizeof(TreeNode));
	return first;
}

/* The tree is grown: let it have no more nodes than it needs. */
static void
trim_nodes(TreeGrower *grower)
{
	CodeTree   *tree = grower->tree;
	TreeNode   *nodes = frame_alloc(grower->memory, tree->nnodes, sizeof(TreeNode), false);

	memcpy(nodes, tree->nodes, tree->nnodes * sizeof(TreeNode));
	frame_release(grower->memory, tree->nodes, grower->node_space, sizeof(TreeNode));
	tree->nodes = nodes;
}

/* A node will have to be split. */
static void
add_pending(TreeGrower *grower, uint32 node, int64 start, int64 n)
{
	if (grower->npending == grower->pending_space)
	{
		int			space = Max(grower->pending_space * 2, 64);

		grower->pending = frame_grow(grower->memory, grower->pending, grower->pending_space,
									 space, sizeof(PendingNode));
		grower->pending_space = space;
	}
	grower->pending[grower->npending++] = (PendingNode) {node, start, n};
}

/* A node remains a leaf, whose rows begin here. */
static void
add_leaf(TreeGrower *grower, uint32 node, int64 start)
{
	CodeTree   *tree = grower->tree;

	if (tree->nleaves == grower->start_space)
	{
		uint32		space = Max(grower->start_space * 2, 64);

		grower->starts = frame_grow(grower->memory, grower->starts, grower->start_space,
									space, sizeof(int64));
		grower->start_space = space;
	}
	grower->starts[tree->nleaves] = start;
	tree->nodes[node].kind = NODE_LEAF;
	tree->nodes[node].child = tree->nleaves++;
}

/* Draw which variables a node may split by: tried are the first ntry. */
static void
draw_features(int *features, const TreeSettings *settings)
{
	for (int i = 0; i < settings->ntry; i++)
	{
		int			j = i + random_below(settings->stream, settings->nfeatures - i);
		int			feature = features[j];

		features[j] = features[i];
		features[i] = feature;
	}
}

/* The best split of a node that gains enough; false if there is none. */
static bool
find_split(TreeGrower *grower, const TreeSettings *settings, int *features,
		   const int32 *rows, int64 n, Split *split)
{
	const TreeData *data = grower->data;
	NodeClasses *classes = &grower->node_classes;
	uint32		counts[MAX_CODES];
	int			tried = settings->nfeatures;
	SplitNode	node;

	if (n < 2 * (int64) settings->min_leaf)
		return false;
	memset(counts, 0, data->nclasses * sizeof(uint32));
	for (int64 i = 0; i < n; i++)
	{
		grower->classes[i] = data->classes[rows[i]];
		counts[grower->classes[i]]++;
	}
	node_classes_make(classes, data, counts, n);
	if (classes->n < 2)
		return false;
	for (int64 i = 0; i < n; i++)
		grower->classes[i] = classes->map[grower->classes[i]];
	if (settings->ntry > 0 && settings->ntry < settings->nfeatures)
	{
		draw_features(features, settings);
		tried = settings->ntry;
	}
	node.rows = rows;
	node.n = n;
	node.classes = grower->classes;
	node.node_classes = classes;
	node.settings = settings;
	split->gain = GAIN_UNIT * (settings->gain + (int64) settings->gain_class * (classes->n - 1));
	split->feature = -1;
	for (int i = 0; i < tried; i++)
	{
		CHECK_FOR_INTERRUPTS();
		split_search(data, &node, features[i], &grower->split, split);
	}
	return split->feature >= 0;
}

/* Move the rows that go to the left before the others; returns how many they are. */
static int64
partition(TreeGrower *grower, const Split *split, int32 *rows, int64 n)
{
	const uint8 *column = grower->data->codes[split->feature];
	bool		left[MAX_CODES];
	int64		nleft = 0;
	int64		nright = 0;

	for (int code = 0; code < MAX_CODES; code++)
	{
		if (split->kind == NODE_SET)
			left[code] = codeset_has(&split->set, code);
		else
			left[code] = code <= split->code && (code > 0 || split->kind == NODE_AT_MOST);
	}
	for (int64 i = 0; i < n; i++)
	{
		int32		row = rows[i];
		bool		to_left = left[column[row]];

		rows[nleft] = row;
		grower->moved[nright] = row;
		nleft += to_left;
		nright += !to_left;
	}
	memcpy(rows + nleft, grower->moved, nright * sizeof(int32));
	return nleft;
}

/* Make a node a split with two children to be split in turn. */
static void
split_node(TreeGrower *grower, const PendingNode *pending, const Split *split, int32 *rows)
{
	int			words = split->kind == NODE_SET ? TREE_SET_WORDS(&grower->data->variables[split->feature]) : 0;
	uint32		child = add_nodes(grower, 2 + words);
	TreeNode   *node = &grower->tree->nodes[pending->node];
	int64		nleft = partition(grower, split, rows + pending->start, pending->n);

	node->feature = split->feature;
	node->kind = split->kind;
	node->code = split->code;
	node->child = child;
	for (int w = 0; w < words; w++)
		grower->tree->nodes[child + 2 + w].word = split->set.words[w];
	/* the left one comes next, so that leaves are numbered in the order of their rows */
	add_pending(grower, child + 1, pending->start + nleft, pending->n - nleft);
	add_pending(grower, child, pending->start, nleft);
}

/* See tree.h. */
CodeTree *
tree_grow(TreeGrower *grower, const TreeSettings *settings,
		  int32 *rows, int64 nrows, int64 **starts)
{
	CodeTree   *tree = frame_alloc(grower->memory, 1, sizeof(CodeTree), true);
	int		   *features = palloc((settings->nfeatures + 1) * sizeof(int));

	Assert(nrows <= grower->nrows);
	grower->tree = tree;
	grower->node_space = 0;
	grower->npending = 0;
	if (settings->nfeatures > 0)
		memcpy(features, settings->features, settings->nfeatures * sizeof(int));
	add_pending(grower, add_nodes(grower, 1), 0, nrows);
	while (grower->npending > 0)
	{
		PendingNode next = grower->pending[--grower->npending];
		Split		split;

		CHECK_FOR_INTERRUPTS();
		if (find_split(grower, settings, features, rows + next.start, next.n, &split))
			split_node(grower, &next, &split, rows);
		else
			add_leaf(grower, next.node, next.start);
	}
	trim_nodes(grower);
	if (starts != NULL)
	{
		*starts = MemoryContextAllocHuge(CurrentMemoryContext,
										 ((Size) tree->nleaves + 1) * sizeof(int64));
		memcpy(*starts, grower->starts, tree->nleaves * sizeof(int64));
		(*starts)[tree->nleaves] = nrows;
	}
	pfree(features);
	return tree;
}

/* See tree.h. */
void
code_tree_free(CodeTree *tree, FrameMemory *memory)
{
	frame_release(memory, tree->nodes, tree->nnodes, sizeof(TreeNode));
	frame_release(memory, tree, 1, sizeof(CodeTree));
}
