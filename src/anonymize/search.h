/*-------------------------------------------------------------------------
 *
 * search.h
 *		What the files of the room "anonymize" share: nodes of the lattice,
 *		their evaluation, the search, and the query of a solution.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SEARCH_H
#define KIAIM_SEARCH_H

#include "postgres.h"

#include "anonymize/anonymize.h"
#include "frame/pathcode.h"
#include "utils/timestamp.h"

/* Quasi-identifiers at most, and levels of one of them. */
#define MAX_QUASI	64
#define MAX_LEVEL	126
#define NODE_WORDS	(MAX_QUASI / 8)

/* Losses this close are the same: what floating point makes of equal sums. */
#define LOSS_UNIT	1e-12

/* A node of the lattice: one byte a column, so that words compare eight columns at once. */
typedef union LatticeNode
{
	uint8		level[MAX_QUASI];
	uint64		word[NODE_WORDS];
} LatticeNode;

/* Is every level of a at most that of b?  Levels are below 128, so no byte borrows. */
static inline bool
node_below(const LatticeNode *a, const LatticeNode *b, int words)
{
	for (int w = 0; w < words; w++)
		if (((((b->word[w] | UINT64CONST(0x8080808080808080)) - a->word[w]) &
			  UINT64CONST(0x8080808080808080)) != UINT64CONST(0x8080808080808080)))
			return false;
	return true;
}

/* What evaluating a node finds. */
typedef struct Evaluation
{
	bool		feasible;		/* suppressed records are within the limit */
	bool		hopeless;		/* and those that stay suppressed in every node below exceed it */
	int64		suppressed;		/* records; a lower bound if not feasible */
	int64		classes;		/* released ones */
	int64		smallest;		/* records or persons of the smallest released class; 0 if there is none */
	double		loss;			/* score of the policy's quality, if feasible */
	double		ranked[MAX_QUASI];	/* with the aggregate "rank": the columns' losses, largest first */
	double		floor;			/* no node above has a smaller score; -INFINITY if that is unknown */
	double		below;			/* what the quality model needs to bound nodes below, or -INFINITY */
	/* records that every node below suppresses as well, and what that costs a column */
	int64		bound_records;
	double		bound_cost[MAX_QUASI];	/* share of the column's loss, in addition to that of its level */
} Evaluation;

/* ---- roll-up: results of nodes, to make more general ones of ---- */

typedef struct Rollup Rollup;

/*
 * An empty store of results over a table; the grouper serves for results that
 * nobody asked for but many will use.  With values, tuples keep their
 * sensitive values.
 */
extern Rollup *rollup_create(const PathTable *table, FrameMemory *memory, Grouper *grouper,
							 bool values);

/* The masks of a node: of its tuples, and of its classes. */
extern void rollup_mask(const Rollup *r, const LatticeNode *node, uint64 *mask,
						uint64 *class_mask);

/* A small source of a node; may use the grouper. */
extern const PathTuples *rollup_source(Rollup *r, const LatticeNode *node);

/* Keep the result of a node, if it is worth it; source: tuples that it was made of. */
extern void rollup_remember(Rollup *r, const LatticeNode *node, const PathTuples *tuples,
							int64 source);

/* ---- evaluation ---- */

typedef struct Evaluator Evaluator;

/*
 * An evaluator of nodes over a table, for a policy; limit in records.  Tells
 * the policy's requirements the sensitive values of the whole table.
 */
extern Evaluator *evaluator_create(PathTable *table, Policy *policy, int64 limit);

/* Classes, verdicts and loss of a node. */
extern void evaluate_node(Evaluator *e, const LatticeNode *node, Evaluation *result);

/* The same, with the exact number of suppressed records also where it exceeds the limit. */
extern void evaluate_fully(Evaluator *e, const LatticeNode *node, Evaluation *result);

/*
 * The same in two steps, for several verdicts on the same classes: first the
 * tuples of the node, from those of a node below it, or NULL for the best at
 * hand; they last until the next.  Then, once or more, what they are like;
 * with the shortcut no more than that the node is hopeless, where sizes tell.
 */
extern const PathTuples *evaluator_group(Evaluator *e, const LatticeNode *node,
										 const PathTuples *source);
extern void evaluator_judge(Evaluator *e, const LatticeNode *node, bool shortcut,
							Evaluation *result);

/* From now on the policy's requirement "k" wants so many. */
extern void evaluator_require_k(Evaluator *e, int k);

/* Tuples read by all evaluations so far. */
extern int64 evaluator_scanned(const Evaluator *e);

/* The quality model of the policy: see quality.h. */
typedef struct Quality Quality;
extern const Quality *evaluator_quality(const Evaluator *e);

/*
 * The next level of a column up to the highest allowed at which any label or
 * loss differs from those of a level, or -1: one that changes nothing would
 * make the same release of more levels, which no quality calls better.
 */
extern int	evaluator_next_level(const Evaluator *e, int column, int level);

/* A solution of the search. */
typedef struct Solution
{
	LatticeNode		node;
	Evaluation	evaluation;
} Solution;

typedef struct SearchResult
{
	int			n;
	Solution  **solutions;		/* best first */
	double		bound;			/* no node outside the solutions has a smaller score */
	bool		complete;		/* the bound is that of the last solution: proven */
	int64		evaluated;
} SearchResult;

/*
 * The n best nodes by score, then suppressed records, then sum of levels, then
 * levels in column order.  Stops with what it has at the deadline, or, if that
 * is 0, after an amount of work that is the same each time; the unit is a tuple read.
 */
extern void lattice_search(Evaluator *e, PathTable *table, const Policy *policy,
						   int n, TimestampTz deadline, int64 work, SearchResult *result);

/* Work after which a plan stops: a minute or so. */
#define SEARCH_WORK		INT64CONST(8000000000)

/*
 * The query that releases the source at the levels of a node; classes: how
 * many of them its evaluation releases; with_person adds the person column,
 * for verification only.
 */
extern char *release_query(Oid relid, const Policy *policy, const LatticeNode *node,
						   int64 classes, bool with_person);

#endif							/* KIAIM_SEARCH_H */
