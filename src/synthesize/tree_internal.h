/*-------------------------------------------------------------------------
 *
 * tree_internal.h
 *		What the files that grow trees share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_TREE_INTERNAL_H
#define KIAIM_SYNTHESIZE_TREE_INTERNAL_H

#include "synthesize/tree.h"

/* ---- tree_entropy.c: x * log2(x) as integers ---- */

/* Fraction bits of information. */
#define INFORMATION_BITS	20

/* 1/64 of a bit as information. */
#define GAIN_UNIT			(INT64CONST(1) << (INFORMATION_BITS - 6))

/* Values of x up to here are in a table. */
#define ENTROPY_TABLE		(1 << 16)

/* x * log2(x) of x below ENTROPY_TABLE, made on first use. */
extern const int64 *entropy_table(void);

/* x * log2(x) of any x of 0 .. 2^31. */
extern int64 entropy_compute(uint64 x);

static inline int64
entropy_term(const int64 *table, uint64 x)
{
	return x < ENTROPY_TABLE ? table[x] : entropy_compute(x);
}

/* ---- tree_classes.c: the classes of a node ---- */

/* Classes that a node tells apart at most. */
#define NODE_CLASSES	32

/*
 * Targets of many codes are looked at more coarsely, and each node in its own
 * way: so that the nodes far down still see what their few rows differ in.
 */
typedef struct NodeClasses
{
	int			n;
	uint32		counts[NODE_CLASSES];	/* rows of each */
	uint8		map[MAX_CODES];	/* class of a code that the node has */
	bool		linear;			/* in order (a missing class first), or two at most */
} NodeClasses;

/* The classes of a node by how many rows have which code; n rows in all. */
extern void node_classes_make(NodeClasses *classes, const TreeData *data,
							  const uint32 *counts, int64 n);

/* ---- tree_split.c: the best split of a node ---- */

/* The rows of a node. */
typedef struct SplitNode
{
	const int32 *rows;
	int64		n;
	const uint8 *classes;		/* of each of its rows, by its NodeClasses */
	const NodeClasses *node_classes;
	const TreeSettings *settings;
} SplitNode;

typedef struct Split
{
	int64		gain;			/* information of all rows, beyond what a choice must gain */
	int			feature;		/* -1: none was found */
	TreeNodeKind kind;
	int			code;
	CodeSet		set;			/* NODE_SET */
} Split;

/* What the search writes into. */
typedef struct SplitScratch
{
	const int64 *entropies;
	uint8	   *codes;			/* of each row */
	uint32		histogram[MAX_CODES * NODE_CLASSES];	/* of the codes there are, by class */
} SplitScratch;

/* Replace the split by one of this variable if that gains more. */
extern void split_search(const TreeData *data, const SplitNode *node, int feature,
						 SplitScratch *scratch, Split *best);

/* ---- tree_order.c: codes without an order are put into one ---- */

/*
 * Put the codes order[0 .. m - 1] of a variable into the order in which their
 * classes change most; histogram has a row of classes->n counts a code.
 */
extern void split_order(const NodeClasses *classes, const uint32 *histogram,
						uint8 *order, int m);

#endif							/* KIAIM_SYNTHESIZE_TREE_INTERNAL_H */
