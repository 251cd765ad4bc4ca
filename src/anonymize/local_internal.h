/*-------------------------------------------------------------------------
 *
 * local_internal.h
 *		What the files of local recoding share: the tuples as places in the
 *		trees of the columns, and classes of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LOCAL_INTERNAL_H
#define KIAIM_LOCAL_INTERNAL_H

#include "anonymize/local.h"
#include "anonymize/search.h"

/*
 * The tree of a column, without nodes that have a single child among the
 * values at hand.  Children have smaller numbers than their parents.
 */
typedef struct LocalColumn
{
	int			quasi;			/* its number in the policy */
	uint32		nnodes;
	uint32	   *parent;			/* of each node; the root's is the root */
	float	   *cost;			/* of a record with this label, weight of the column and all */
	uint8	   *level;
	uint32	   *text;			/* the same number for nodes whose labels read the same */
	/* where the tree is small, for each pair of nodes: the lowest node over both, and its cost */
	uint16	   *join;
	float	   *pair;
} LocalColumn;

/* More nodes have no table of pairs. */
#define LOCAL_PAIR_NODES	384

/* A label above the highest level allowed costs that much, and is in no solution. */
#define LOCAL_FORBIDDEN		1e4f

/* The share of its cost that is charged for a record beyond what a class needs: as measured. */
#define LOCAL_BEYOND_CHARGE	0.3f

/* No tuple, no class. */
#define LOCAL_NONE			(-1)

/* A class; its label is labels[class * ncolumns ..]. */
typedef struct LocalClass
{
	int64		records;
	int64		size;			/* records, or persons where persons count, each once a tuple */
	float		cost;			/* of a record */
	int32		ntuples;		/* 0: this number of a class is free */
	int32		first;			/* its tuples, by way of LocalProblem.next */
	uint32		stamp;			/* differs after every change */
	bool		holds;			/* every requirement */
} LocalClass;

typedef struct LocalChecker LocalChecker;

/* The tuples, and a partition of them. */
typedef struct LocalProblem
{
	PathTable  *table;
	Policy	   *policy;
	FrameMemory *memory;
	Evaluator  *evaluator;
	LocalChecker *checker;
	int64		limit;			/* records that may be suppressed */
	bool		simple;			/* a class holds if its size is large enough */
	int64		least_size;		/* smaller classes never hold */
	bool		guarded;		/* improvements must not add to what all classes together are limited in */

	/* tables of pairs come first */
	int			ncolumns;
	int			npaired;
	LocalColumn *columns;

	int32		ntuples;
	PathTuples	keys;			/* quasi-identifying bits, weights */
	uint32	   *tuples;			/* tuple i in column j: tuples[i * ncolumns + j] */
	uint32	   *records;		/* of each tuple */
	uint32	   *size;			/* of each tuple: records or persons */

	/*
	 * Tuples that only a population has count no record: a class of them is
	 * not released and always holds, in other classes they help to hold.
	 */
	uint32	  **population;		/* by population: its records of each tuple */

	LocalClass *classes;		/* as many as tuples */
	uint32	   *labels;
	int32	   *class_of;
	int32	   *next;			/* tuple of the same class, or LOCAL_NONE */

	int32	   *members;		/* a buffer for the tuples of a class */

	/* near[i * nnear ..]: the tuples nearest to tuple i, or LOCAL_NONE */
	int			nnear;
	int32	   *near;

	/* classes seen while one is looked at */
	uint32	   *mark;
	uint32		marks;
	uint64		random;
} LocalProblem;

static inline const uint32 *
local_tuple(const LocalProblem *p, int32 tuple)
{
	return p->tuples + (Size) tuple * p->ncolumns;
}

static inline uint32 *
local_label(const LocalProblem *p, int32 class)
{
	return p->labels + (Size) class * p->ncolumns;
}

/* The lowest node of a column over two nodes, without a table. */
static inline uint32
local_climb(const LocalColumn *c, uint32 a, uint32 b)
{
	while (a != b)
		if (a < b)
			a = c->parent[a];
		else
			b = c->parent[b];
	return a;
}

/* The same with the table, where there is one. */
static inline uint32
local_over(const LocalColumn *c, uint32 a, uint32 b)
{
	return c->join != NULL ? c->join[a * c->nnodes + b] : local_climb(c, a, b);
}

/* What a record costs under the label over two. */
static inline float
local_join_cost(const LocalProblem *p, const uint32 *a, const uint32 *b)
{
	float		cost = 0;

	for (int j = 0; j < p->npaired; j++)
		cost += p->columns[j].pair[a[j] * p->columns[j].nnodes + b[j]];
	for (int j = p->npaired; j < p->ncolumns; j++)
		cost += p->columns[j].cost[local_climb(&p->columns[j], a[j], b[j])];
	return cost;
}

/* Widen a label to the one over both; returns what a record costs under it. */
static inline float
local_join(const LocalProblem *p, uint32 *a, const uint32 *b)
{
	float		cost = 0;

	for (int j = 0; j < p->npaired; j++)
	{
		uint32		at = a[j] * p->columns[j].nnodes + b[j];

		a[j] = p->columns[j].join[at];
		cost += p->columns[j].pair[at];
	}
	for (int j = p->npaired; j < p->ncolumns; j++)
	{
		a[j] = local_climb(&p->columns[j], a[j], b[j]);
		cost += p->columns[j].cost[a[j]];
	}
	return cost;
}

/* What a record costs under a label. */
static inline float
local_cost(const LocalProblem *p, const uint32 *label)
{
	float		cost = 0;

	for (int j = 0; j < p->ncolumns; j++)
		cost += p->columns[j].cost[label[j]];
	return cost;
}

/* What merging asks about a class, or about what may become one. */
typedef struct LocalWeight
{
	float		records;
	float		size;
	float		spent;			/* loss of its records */
	float		lacking;		/* its records, if it does not hold */
	float		beyond;			/* size beyond what a class needs, if it holds */
} LocalWeight;

static inline LocalWeight
local_weight(float least_size, float records, float size, float cost, bool holds)
{
	LocalWeight w = {records, size, records * cost, holds ? 0 : records,
	holds && size > least_size ? size - least_size : 0};

	return w;
}

/*
 * What it costs to merge two classes, at least one of which does not hold, into
 * one with that cost of a record: the loss added, with a charge for records
 * beyond what a class needs, for each record whose class does not hold.
 */
static inline float
local_merge_cost(float least_size, const LocalWeight *a, const LocalWeight *b, float cost)
{
	float		size = a->size + b->size - least_size;
	float		beyond = (size > 0 ? size : 0) - a->beyond - b->beyond;

	return ((a->records + b->records + LOCAL_BEYOND_CHARGE * (beyond > 0 ? beyond : 0)) * cost -
			a->spent - b->spent) / (a->lacking + b->lacking);
}

/* A pseudo-random number that is the same in every run: xorshift64. */
static inline uint64
local_random(LocalProblem *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return p->random;
}

/* One from 0 to below n. */
static inline uint32
local_random_below(LocalProblem *p, uint32 n)
{
	return (uint32) (((local_random(p) >> 32) * n) >> 32);
}

/* The highest bits as a number from 0 to below 1. */
static inline float
local_unit(uint64 random)
{
	return (float) (int32) (random >> 40) * (1.0f / 16777216);
}

static inline float
local_random_unit(LocalProblem *p)
{
	return local_unit(local_random(p));
}

/* The part of a code that a level keeps. */
static inline uint64
local_code(const PathColumn *column, int level, uint64 code)
{
	return column->low[level] >= 64 ? 0 : code >> column->low[level] << column->low[level];
}

/* ---- local_problem.c ---- */

/* The tuples of a table, each a class of its own. */
extern LocalProblem *local_problem_create(PathTable *table, Policy *policy, int64 limit);

/* ---- local_partition.c ---- */

/* Make every tuple a class of its own. */
extern void local_singletons(LocalProblem *p);

/* The class of each tuple, to come back to; and the way back, which measures them again. */
extern int32 *local_save(const LocalProblem *p);
extern void local_restore(LocalProblem *p, const int32 *class_of);

/* Does the class satisfy every requirement?  Sets LocalClass.holds. */
extern bool local_holds(LocalProblem *p, int32 class);

/* The tuples of a class, in a buffer for the next call, which has room for one more. */
extern int32 *local_members(LocalProblem *p, int32 class);

/* The tuples of one class become another's; verdict and cost of that are set. */
extern void local_merge(LocalProblem *p, int32 into, int32 from);

/* Move a tuple to a class; both must be measured before anything else is done with them. */
extern void local_move(LocalProblem *p, int32 tuple, int32 into);

/* Label, cost, size and verdict of a class from its tuples. */
extern void local_measure(LocalProblem *p, int32 class);

/* The tuples of two classes, in the same buffer. */
extern int32 *local_members_of_both(LocalProblem *p, int32 a, int32 b);

/* ---- local_result.c ---- */

/*
 * The classes at hand as they will be released: those whose labels read the
 * same are one, those that do not hold are suppressed, and so are the smallest
 * as far as the requirements on all classes together need it and the limit
 * allows.  The problem must be restored before it is used again.
 */
extern LocalPartition *local_result(LocalProblem *p);
extern void local_result_free(LocalProblem *p, LocalPartition *result);

/* ---- local_table.c ---- */

/* A class that can be released. */
typedef struct LocalReleased
{
	int64		size;
	int64		records;
	float		cost;			/* of a record */
	int32		class;
} LocalReleased;

/*
 * Sort classes into the order of suppression, and find how many of the first
 * must go, with no more than so many records, for the requirements on all
 * classes together to hold; -1 if they do not.
 */
extern int32 local_table_suppress(const Policy *policy, LocalReleased *classes, int32 n, int64 most);

/* What a class with that size and so many records adds to the risks of all. */
extern double local_risk(const TableRequirement *r, int64 size, int64 records);

/* The size of a class, and its records. */
typedef struct LocalSize
{
	int64		size;
	int64		records;
} LocalSize;

/* Do classes that replace others add no more to any of these sums? */
extern bool local_risks_kept(const Policy *policy, int nbefore, const LocalSize *before,
							 int nafter, const LocalSize *after);

/* A size that satisfies them, if all classes have it. */
extern int64 local_table_safe_size(const Policy *policy);

/* ---- local_quality.c ---- */

/*
 * The score of a result under the policy's quality, of the labels that it
 * releases; label_of: the class that has the label of each tuple.
 */
extern double local_quality(LocalProblem *p, const LocalPartition *result, const int32 *label_of);

/* ---- local_check.c ---- */

/* The grouper has the quasi-identifying tuples, with lookups. */
extern LocalChecker *local_checker_create(LocalProblem *p, Grouper *grouper);

/* The verdict of all requirements on some tuples together. */
extern bool local_check(LocalChecker *checker, const int32 *tuples, int32 n);

/* Records, or distinct persons, of some tuples together. */
extern int64 local_check_size(LocalChecker *checker, const int32 *tuples, int32 n);

/*
 * The tuples with their sensitive values that a tuple stands for, as positions
 * in PathTable.tuples; returns their number.
 */
extern int64 local_check_full(const LocalChecker *checker, int32 tuple, const int64 **positions);

/* The code of a sensitive column in a key. */
static inline uint32
local_sensitive_code(const PathSensitive *s, const uint64 *key)
{
	if (s->bits == 0)
		return 0;
	return (uint32) (key[s->word] >> s->shift & (~UINT64CONST(0) >> (64 - s->bits)));
}

/* ---- local_nearest.c ---- */

/* Find LocalProblem.near: the tuples with which each has the least costly common label. */
extern void local_find_nearest(LocalProblem *p, int nnear);

/* ---- local_agglomerate.c ---- */

/* Merge classes until all hold, the least costly merges first. */
extern void local_agglomerate(LocalProblem *p);

/* Merge classes until the risks of all records together are at most that. */
extern void local_lower_risk(LocalProblem *p, const TableRequirement *r, double most);

/* ---- local_refine.c ---- */

/* Move and exchange tuples of classes that hold until nothing improves. */
extern void local_refine(LocalProblem *p);

/* ---- local_rebuild.c ---- */

/*
 * Take a few neighbouring classes apart and build them again, that many times;
 * what is no worse is kept.
 */
extern void local_rebuild(LocalProblem *p, int64 steps);

/* ---- local_mondrian.c ---- */

/* From tuples that are classes of their own to those of strict Mondrian. */
extern void local_mondrian(LocalProblem *p);

/* ---- local_iterate.c ---- */

/*
 * From tuples that are classes of their own to those that one node of the
 * lattice after the other releases.  What no node releases holds not yet.
 */
extern void local_iterate(LocalProblem *p);

/* The best full-domain recoding; false if there is none. */
extern bool local_best_node(LocalProblem *p, const Solution **best);

/* From tuples that are classes of their own to the classes of a node that hold. */
extern void local_take_node(LocalProblem *p, const LatticeNode *node);

#endif							/* KIAIM_LOCAL_INTERNAL_H */
