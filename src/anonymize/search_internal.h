/*-------------------------------------------------------------------------
 *
 * search_internal.h
 *		What the files of the search share: what is known of the lattice so
 *		far, and the bounds that follow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SEARCH_INTERNAL_H
#define KIAIM_SEARCH_INTERNAL_H

#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "anonymize/quality.h"
#include "anonymize/queue.h"
#include "anonymize/search.h"

/* An evaluated node that adds to the bounds below it. */
typedef struct Cut
{
	LatticeNode		node;
	double		weight;			/* for the order: infinite if it excludes */
	int64		records;
	double		below;			/* see Evaluation */
	double		cost[FLEXIBLE_ARRAY_MEMBER];
} Cut;

/* So many floors are kept. */
#define MAX_FLOORS	4096

/* An evaluated node that no node above is better than. */
typedef struct Floor
{
	LatticeNode node;
	double		score;
} Floor;

/* What is known of an evaluated node: its cut, even if it is of no use as one. */
typedef struct KnownNode
{
	LatticeNode node;
	const Cut  *cut;
	double		loss;			/* INFINITY if it is not feasible */
	char		status;
} KnownNode;

#define SH_PREFIX		known
#define SH_ELEMENT_TYPE	KnownNode
#define SH_KEY_TYPE		LatticeNode
#define SH_KEY			node
#define SH_HASH_KEY(tb, key)	hash_bytes(key.level, MAX_QUASI)
#define SH_EQUAL(tb, a, b)		(memcmp(a.level, b.level, MAX_QUASI) == 0)
#define SH_SCOPE		static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

typedef struct Search
{
	MemoryContext context;		/* of what is known */
	Evaluator  *evaluator;
	const Quality *quality;
	const QualityColumn *columns;
	bool		ranked;			/* see quality_is_ranked() */
	const PathTable *table;
	const Policy *policy;
	int			n;				/* columns */
	int			words;			/* of a node */
	int		  **next;			/* next[column][level]: the next level worth a look, or -1 */
	Queue		frontier;		/* made, successors not made yet; by the plain bound */
	Queue		pending;		/* to be evaluated; by the improved bound */
	known_hash *known;			/* evaluated nodes */
	Cut		  **cuts;			/* the useful ones by weight, largest first */
	int			ncuts;
	int64		looked;			/* at cuts, in units of work */
	int			cuts_size;
	Floor	   *floors;			/* highest score first; NULL if the quality has none */
	int			nfloors;
	int			wanted;
	int			nsolutions;
	Solution  **solutions;		/* best first */
	int64		evaluated;
	FrameMemory *memory;		/* the table's account */
	uint64		random;			/* state of pseudo-random numbers */
	TimestampTz deadline;		/* or 0 */
	int64		work;			/* tuples read by then end it if no deadline does */
	bool		late;
} Search;

/* ---- search_bounds.c ---- */

/* The bound that lower bounds of the columns' shares give; INFINITY if it excludes the node. */
extern double search_bound_of(const Search *s, const LatticeNode *node, const double *shares,
							  double below);

/* The bound of the levels of a node, without suppression. */
extern double search_plain_bound(const Search *s, const LatticeNode *node);

/* The same with the rows that a cut above the node suppresses. */
extern double search_bound_with(const Search *s, const LatticeNode *node, const Cut *cut);

/* No node with a bound above this is of interest. */
extern double search_threshold(const Search *s);

/* The best bound that the floors give, for the node and all above it. */
extern double search_floor_bound(const Search *s, const LatticeNode *node, double bound);

/* The best bound that floors and cuts give; INFINITY if one of the cuts excludes the node. */
extern double search_improved_bound(const Search *s, const LatticeNode *node, double bound);

/* Use an evaluated node as a cut, and drop the cuts that it makes useless. */
extern void search_add_cut(Search *s, Cut *cut);

/* Use an evaluated node as a floor, unless it tells no more than its levels. */
extern void search_add_floor(Search *s, const LatticeNode *node, double score);

/* ---- search.c ---- */

/* Evaluate a node, once; a feasible one may become a solution. */
extern const KnownNode *search_consider(Search *s, const LatticeNode *node);

/*
 * Walk upward from a node by the cheapest steps, and bisect for the highest
 * node of that chain that excludes it.  Returns whether one does.  Steps out of
 * the box below within, if not NULL, are the last.
 */
extern bool search_probe(Search *s, const LatticeNode *node, const LatticeNode *within);

/* The next lower level worth a look, or -1. */
extern int	search_level_below(const Search *s, int column, int level);

/* Has the time ended?  To be called in every loop. */
extern bool search_is_late(Search *s);

/* ---- search_descent.c: good solutions soon ---- */

/*
 * Improve the best solution by its neighbours, a column lower or a column
 * lower and another higher, until none is better.
 */
extern void search_descend(Search *s);

/*
 * Improve the best solution by going back up at random and down again, for
 * some work; the same each time.
 */
extern void search_restart(Search *s, int64 work);

/* ---- search_boxes.c: lattices too large to be listed ---- */

/*
 * Search by boxes of levels instead of nodes, from what is known on.  Returns
 * a bound of all nodes that are not evaluated; sets *complete if no box is left.
 */
extern double search_boxes(Search *s, bool *complete);

#endif							/* KIAIM_SEARCH_INTERNAL_H */
