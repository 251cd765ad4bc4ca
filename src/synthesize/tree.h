/*-------------------------------------------------------------------------
 *
 * tree.h
 *		Trees that tell classes of rows apart by the codes of variables.
 *
 * What the generators share.  A tree is grown on some rows of a table of codes,
 * each of which has a class: the code of the variable that is to be explained,
 * or real and not.  A split sends the codes of one variable that are in an
 * interval or a set to the left; it is the one that gains most information about
 * the class, if it gains enough and enough persons are on both sides.  All is
 * decided in integers, ties by the order of the candidates and then of the
 * codes: the same rows give the same tree on every machine.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_TREE_H
#define KIAIM_SYNTHESIZE_TREE_H

#include "postgres.h"

#include "bytes.h"
#include "frame/frame.h"
#include "numeric/random.h"
#include "synthesize/coded.h"

/* ---- trees ---- */

/*
 * A node of 8 bytes.  Both children are adjacent; behind those of a set node
 * there are as many words as the variable's codes need, a bit for each code
 * that goes to the left.
 */
typedef enum TreeNodeKind
{
	NODE_LEAF,					/* child: its number, 0, 1, 2 ... from the left */
	NODE_AT_MOST,				/* codes 0 .. code go to the left */
	NODE_AT_MOST_KNOWN,			/* codes 1 .. code do: the missing one (0) does not */
	NODE_SET
} TreeNodeKind;

typedef union TreeNode
{
	struct
	{
		uint16		feature;	/* a variable; leaf: 0 */
		uint8		kind;		/* a TreeNodeKind */
		uint8		code;		/* leaf, set: 0 */
		uint32		child;		/* the left child, the right is the next */
	};
	uint64		word;			/* of a set */
} TreeNode;

#define TREE_SET_WORDS(variable) (((variable)->ncodes + 63) / 64)

typedef struct CodeTree
{
	uint32		nnodes;			/* the words of sets count as nodes */
	uint32		nleaves;
	TreeNode   *nodes;			/* the root first, children behind parents */
} CodeTree;

/* The leaf of a row. */
static inline uint32
code_tree_leaf(const CodeTree *tree, uint8 *const *codes, int64 row)
{
	const TreeNode *nodes = tree->nodes;
	const TreeNode *node = nodes;

	while (node->kind != NODE_LEAF)
	{
		unsigned int code = codes[node->feature][row];
		bool		left;

		if (node->kind == NODE_SET)
			left = (nodes[node->child + 2 + (code >> 6)].word >> (code & 63)) & 1;
		else if (node->kind == NODE_AT_MOST)
			left = code <= node->code;
		else
			left = code - 1 < node->code;
		node = nodes + node->child + !left;
	}
	return node->child;
}

/* The leaves of the rows first .. first + n - 1. */
extern void code_tree_leaves(const CodeTree *tree, uint8 *const *codes, int64 first, int64 n,
							 uint32 *leaves);

extern void code_tree_write(StringInfo to, const CodeTree *tree, const Variable *variables);

/*
 * A tree of bytes, in the current memory context.  Splits by a variable that
 * may not explain (explains[variable] is false) are refused.
 */
extern CodeTree *code_tree_read(ByteReader *r, int nvariables, const Variable *variables,
								const bool *explains);

/* ---- growing ---- */

/* The rows that trees are grown on. */
typedef struct TreeData
{
	const Variable *variables;
	uint8 *const *codes;		/* codes[variable][row] */
	const int32 *persons;		/* of each row, ascending; NULL: each row is a person */
	const uint8 *classes;		/* of each row */
	int			nclasses;		/* 1 .. MAX_CODES */
	bool		ordered;		/* classes are in order, but for the missing one */
	int			missing;		/* the class of NULL, or -1 */
	int			person_class;	/* only the rows of this class are of persons; -1: all are */
} TreeData;

typedef struct TreeSettings
{
	int			nfeatures;
	const int  *features;		/* the variables that may split, ascending */
	int			ntry;			/* at each node so many of them, drawn; 0: all */
	RandomStream *stream;		/* to draw them from; NULL if ntry is 0 */
	int			min_leaf;		/* persons of each leaf */

	/*
	 * The least information that a split must gain, in 1/64 of a bit over all
	 * rows of the node: so much, so much for each class but one, and so much for
	 * each bit that it takes to say which cut it is, since the best of many is
	 * good by chance: their binary logarithm for codes in order, one for two
	 * codes for sets.  The split that exceeds this most is taken.
	 */
	int			gain;
	int			gain_class;
	int			gain_choice;
} TreeSettings;

/* What growing needs again and again. */
typedef struct TreeGrower TreeGrower;

/* A grower for at most nrows rows at a time; data must outlive it. */
extern TreeGrower *tree_grower_create(const TreeData *data, int64 nrows, FrameMemory *memory);
extern void tree_grower_free(TreeGrower *grower);

/*
 * Grow a tree, in the memory of the grower.  rows are rows of the data,
 * ascending, and are put in the order of their leaves, ascending within each:
 * those of leaf i are rows[starts[i]] .. rows[starts[i + 1] - 1].  starts, if
 * not NULL, gets an array of nleaves + 1 in the current memory context.
 */
extern CodeTree *tree_grow(TreeGrower *grower, const TreeSettings *settings,
						   int32 *rows, int64 nrows, int64 **starts);

/* Give the memory of a tree back to the account that it was grown in. */
extern void code_tree_free(CodeTree *tree, FrameMemory *memory);

#endif							/* KIAIM_SYNTHESIZE_TREE_H */
