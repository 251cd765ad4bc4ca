/*-------------------------------------------------------------------------
 *
 * tree.c
 *		Explicit trees: labels level by level, each with its parent.
 *
 * All leaves are on level 0 and all chains have the same length.  A label is
 * one node on its level however often it is added, and has one parent: that is
 * what makes it a tree, and it is checked with every chain.  The same
 * structure serves definitions in JSON and the aggregate over rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "generalize/generalize_internal.h"
#include "kiaim.h"

#define FIRST_CAPACITY	16

typedef struct TreeNode
{
	char	   *data;			/* ends with a zero */
	int			len;
	uint32		hash;
	uint32		parent;			/* node on the level above */
	uint32		leaves;
} TreeNode;

typedef struct TreeLevel
{
	TreeNode   *nodes;
	uint32		nnodes;
	uint32		capacity;
	uint32	   *slots;			/* 2 * capacity of them: number of a node plus 1, or 0 */
} TreeLevel;

struct Tree
{
	MemoryContext context;
	const char *source;
	Size		bytes;
	int			nlevels;
	TreeLevel	levels[FLEXIBLE_ARRAY_MEMBER];
};

/* Account for memory to be allocated, within the setting. */
static void
tree_charge(Tree *tree, Size bytes)
{
	tree->bytes += bytes;
	if (tree->bytes > KIAIM_MAX_MEMORY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("hierarchy is larger than kiaim.max_memory"),
				 errdetail("The limit is %d kB.", kiaim_max_memory),
				 errhint("Raise kiaim.max_memory, or use a computed hierarchy such as bins or prefix.")));
}

/* See generalize_internal.h. */
Tree *
tree_create(int nlevels, const char *source)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim tree",
												  ALLOCSET_DEFAULT_SIZES);
	Size		size = offsetof(Tree, levels) + sizeof(TreeLevel) * nlevels;
	Tree	   *tree = MemoryContextAllocZero(context, size);

	tree->context = context;
	tree->source = source;
	tree->nlevels = nlevels;
	for (int i = 0; i < nlevels; i++)
	{
		TreeLevel  *level = &tree->levels[i];

		level->capacity = FIRST_CAPACITY;
		level->nodes = MemoryContextAlloc(context, sizeof(TreeNode) * FIRST_CAPACITY);
		level->slots = MemoryContextAllocZero(context, sizeof(uint32) * 2 * FIRST_CAPACITY);
	}
	return tree;
}

/* The slot of a label, or the empty one where it belongs. */
static uint32
find_slot(const TreeLevel *level, const char *data, int len, uint32 hash)
{
	uint32		mask = 2 * level->capacity - 1;
	uint32		slot = hash & mask;

	while (level->slots[slot] != 0)
	{
		const TreeNode *node = &level->nodes[level->slots[slot] - 1];

		if (node->hash == hash && node->len == len && memcmp(node->data, data, len) == 0)
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

/* Double the room of a level. */
static void
grow_level(Tree *tree, TreeLevel *level)
{
	uint32		mask;

	if (level->capacity > PG_UINT32_MAX / 4)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("hierarchy has too many labels")));
	tree_charge(tree, (sizeof(TreeNode) + 2 * sizeof(uint32)) * level->capacity);
	level->capacity *= 2;
	level->nodes = repalloc_huge(level->nodes, sizeof(TreeNode) * level->capacity);
	pfree(level->slots);
	level->slots = MemoryContextAllocExtended(tree->context,
											  sizeof(uint32) * 2 * level->capacity,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	mask = 2 * level->capacity - 1;
	for (uint32 i = 0; i < level->nnodes; i++)
	{
		uint32		slot = level->nodes[i].hash & mask;

		while (level->slots[slot] != 0)
			slot = (slot + 1) & mask;
		level->slots[slot] = i + 1;
	}
}

/* True for the label of the top level. */
static bool
is_star(const TreeLabel *label)
{
	return label->len == 1 && *label->data == *KIAIM_STAR;
}

/* A copy of a label that ends with a zero, for messages. */
static char *
label_text(const TreeLabel *label)
{
	return pnstrdup(label->data, label->len);
}

/* Find or add a label under its parent; sets *added. */
static uint32
put_label(Tree *tree, int l, const TreeLabel *label, uint32 parent, const TreeLabel *parent_label,
		  bool *added)
{
	TreeLevel  *level = &tree->levels[l];
	uint32		hash = hash_bytes((const unsigned char *) label->data, label->len);
	uint32		slot = find_slot(level, label->data, label->len, hash);
	TreeNode   *node;

	*added = level->slots[slot] == 0;
	if (!*added)
	{
		uint32		number = level->slots[slot] - 1;

		node = &level->nodes[number];
		if (parent_label && node->parent != parent)
			definition_not_a_tree(tree->source, l, node->data,
								  tree->levels[l + 1].nodes[node->parent].data,
								  label_text(parent_label), NULL);
		return number;
	}

	/* "*" is what values outside the tree become, and it stays "*" */
	if (l > 0 && is_star(label) && parent_label && !is_star(parent_label))
		definition_not_a_tree(tree->source, l, KIAIM_STAR, KIAIM_STAR, label_text(parent_label),
							  "The label \"*\" is for values outside the hierarchy; choose another.");

	if (level->nnodes == level->capacity)
	{
		grow_level(tree, level);
		slot = find_slot(level, label->data, label->len, hash);
	}
	tree_charge(tree, label->len + 1 + MAXIMUM_ALIGNOF * 2);
	node = &level->nodes[level->nnodes];
	node->data = MemoryContextAllocHuge(tree->context, (Size) label->len + 1);
	memcpy(node->data, label->data, label->len);
	node->data[label->len] = '\0';
	node->len = label->len;
	node->hash = hash;
	node->parent = parent;
	node->leaves = 0;
	level->slots[slot] = ++level->nnodes;
	return level->nnodes - 1;
}

/* See generalize_internal.h. */
void
tree_add(Tree *tree, const TreeLabel *chain)
{
	uint32		nodes[HIERARCHY_HEIGHT_MAX + 1];
	bool		added = false;

	Assert(tree->nlevels <= lengthof(nodes));
	for (int l = tree->nlevels - 1; l >= 0; l--)
	{
		bool		top = l == tree->nlevels - 1;

		nodes[l] = put_label(tree, l, &chain[l], top ? 0 : nodes[l + 1],
							 top ? NULL : &chain[l + 1], &added);
	}
	if (added)
		for (int l = 0; l < tree->nlevels; l++)
			tree->levels[l].nodes[nodes[l]].leaves++;
}

/* See generalize_internal.h. */
int
tree_nlevels(const Tree *tree)
{
	return tree->nlevels;
}

/* See generalize_internal.h. */
uint32
tree_nlabels(const Tree *tree, int level)
{
	return tree->levels[level].nnodes;
}

/* See generalize_internal.h. */
TreeLabel
tree_label(const Tree *tree, int level, uint32 node)
{
	const TreeNode *n = &tree->levels[level].nodes[node];
	TreeLabel	label = {n->data, n->len};

	return label;
}

/* See generalize_internal.h. */
uint32
tree_parent(const Tree *tree, int level, uint32 node)
{
	return tree->levels[level].nodes[node].parent;
}

/* See generalize_internal.h. */
uint32
tree_leaves(const Tree *tree, int level, uint32 node)
{
	return tree->levels[level].nodes[node].leaves;
}

/* See generalize_internal.h. */
bool
tree_find(const Tree *tree, int level, const char *data, int len, uint32 *node)
{
	const TreeLevel *l = &tree->levels[level];
	uint32		slot = find_slot(l, data, len, hash_bytes((const unsigned char *) data, len));

	*node = l->slots[slot] - 1;
	return l->slots[slot] != 0;
}

/* See generalize_internal.h. */
bool
tree_has_root(const Tree *tree)
{
	const TreeLevel *last = &tree->levels[tree->nlevels - 1];

	return tree->nlevels > 1 && last->nnodes == 1 && strcmp(last->nodes[0].data, KIAIM_STAR) == 0;
}
