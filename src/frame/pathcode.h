/*-------------------------------------------------------------------------
 *
 * pathcode.h
 *		The room "frame", second page: weighted distinct tuples whose position
 *		in the hierarchies is part of their key.
 *
 * The code of a value is the path of child numbers from the root of its
 * hierarchy down, bit-packed.  Clearing the low bits of a code generalizes it:
 * a whole tuple goes to a node of the lattice with one AND a word.  Sensitive
 * columns have plain codes that no mask of a node ever clears.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_PATHCODE_H
#define KIAIM_PATHCODE_H

#include "postgres.h"

#include "frame/frame.h"
#include "generalize/generalize.h"

/* Words of a key at most: 8 * 64 bits. */
#define PATH_MAX_WORDS	8

/* A weight counts records in its low and persons in its high half. */
#define WEIGHT(records, persons)	((uint64) (records) | ((uint64) (persons) << 32))
#define WEIGHT_RECORDS(w)			((int64) ((w) & 0xFFFFFFFF))
#define WEIGHT_PERSONS(w)			((int64) ((w) >> 32))
#define WEIGHT_ONE_PERSON			((uint64) 1 << 32)

/* Tuples: key i is keys[i * words .. i * words + words - 1]. */
typedef struct PathTuples
{
	int			words;
	int64		n;
	uint64	   *keys;
	uint64	   *weights;
} PathTuples;

/* The labels of a level in the order of their codes. */
typedef struct PathLabels
{
	int64		n;
	uint64	   *codes;			/* ascending */
	const char **labels;		/* NULL is the NULL label */
} PathLabels;

/* A quasi-identifier in the key. */
typedef struct PathColumn
{
	int			height;			/* levels 0 .. height */
	int			word;			/* of the key */
	int			shift;			/* of the column's lowest bit in that word */
	int			bits;			/* width of the code */
	uint64	   *mask;			/* mask[level]: the bits of the word that the level keeps */

	/*
	 * Loss: a label costs cost / denominator, where cost = leaves under it - 1,
	 * or the whole denominator for "*"; see path_cost().
	 */
	int64		denominator;	/* >= 1 */
	int64		leaves;			/* of the hierarchy, or distinct values of the table */
	int		   *low;			/* low[level]: bits of the code that the level clears */
	int64	  **cost;			/* cost[level][code >> low[level]], or by position in codes[level] */
	uint64	  **codes;			/* sorted codes of a level too wide for a direct table, or NULL */
	int64	   *ncodes;
	bool		own_leaves;		/* the hierarchy lists its leaves: costs are the same over any table */
	double	   *total;			/* total[level]: cost of all records, exact up to 2^53 */
	int64	   *nlabels;		/* nlabels[level]: distinct labels in the table */
	double	   *entropy;		/* entropy[level]: of the labels, in bits */
	bool		outside;		/* no value lies in the hierarchy, NULL and "*" aside */
	PathLabels *labels;			/* by level, or NULL where nobody asked for them */
} PathColumn;

/* A sensitive column in the key. */
typedef struct PathSensitive
{
	int			word;
	int			shift;
	int			bits;
	int			nvalues;
	Dictionary *values;			/* code -> value, equal as in SQL */
} PathSensitive;

typedef struct PathTable
{
	int			nquasi;
	PathColumn *quasi;
	int			nsensitive;
	PathSensitive *sensitive;
	int			words;
	uint64		full[PATH_MAX_WORDS];	/* mask of all quasi-identifying bits */
	uint64		kept[PATH_MAX_WORDS];	/* mask of the sensitive bits */
	int64		records;
	int64		persons;		/* distinct persons, = records if none is named */
	PathTuples	tuples;			/* distinct; their person weights count a person once a tuple */

	/*
	 * Persons with several distinct tuples: in a class that holds j of them
	 * the person weights count the person j times.  Tuples of person i are
	 * multi.keys[start[i] .. start[i + 1]).
	 */
	int64		nmulti;			/* such persons */
	int64	   *start;
	uint64	   *multi_keys;

	/*
	 * Other relations in the same codes, quasi-identifiers only; their weights
	 * are records.  Labels that only they have count in nlabels, but cost and
	 * leaves are those of the table.
	 */
	int			npopulations;
	PathTuples *populations;
	int64	   *population_records;
	FrameMemory memory;			/* the account of all of it, and of the search over it */
} PathTable;

/*
 * Read a relation and code it: rows is what follows FROM in the query, its name
 * or some of its rows (see frame_read_rows); hierarchies[i] belongs to quasi
 * column i; person may be NULL.  Everything is allocated in the current memory context.
 * The caller has connected to SPI.  Errors: 22023 if the labels of a column
 * form no tree (value and both parents in the DETAIL), 54000 if the key of all
 * columns does not fit PATH_MAX_WORDS words or there are 2^32 records.
 */
extern PathTable *path_read(Oid relid, const char *rows, int nquasi, const char *const *quasi,
							Hierarchy *const *hierarchies,
							int nsensitive, const char *const *sensitive,
							const char *person);

/* What path_read() does only if it is asked to. */
typedef struct PathExtras
{
	bool		labels;			/* keep the labels of the quasi-identifiers */
	int			npopulations;	/* relations with columns of the same names and types */
	const Oid  *populations;
} PathExtras;

/* The same, with extras; error 42804 for a population with a column of another type. */
extern PathTable *path_read_with(Oid relid, const char *rows,
								 int nquasi, const char *const *quasi,
								 Hierarchy *const *hierarchies,
								 int nsensitive, const char *const *sensitive,
								 const char *person, const PathExtras *extras);

/* The same, with the labels of the quasi-identifiers. */
extern PathTable *path_read_with_labels(Oid relid, const char *rows,
										int nquasi, const char *const *quasi,
										Hierarchy *const *hierarchies,
										int nsensitive, const char *const *sensitive,
										const char *person);

/* The label on a level of a code of the table, in a table read with labels; NULL is a label. */
extern const char *path_label(const PathColumn *column, int level, uint64 code);

/* The cost of the code of a column on a level; level 0 costs 0 except for "*". */
static inline int64
path_cost(const PathColumn *column, int level, uint64 code)
{
	const uint64 *codes = column->codes[level];
	int64		low = 0;
	int64		high;

	if (codes == NULL)
		return column->cost[level][code >> column->low[level]];
	high = column->ncodes[level] - 1;
	while (low < high)
	{
		int64		middle = (low + high) / 2;

		if (codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return column->cost[level][low];
}

/* The code of a column in a key. */
static inline uint64
path_code(const PathColumn *column, const uint64 *key)
{
	if (column->bits == 0)
		return 0;
	return (key[column->word] >> column->shift) & (~UINT64CONST(0) >> (64 - column->bits));
}

/*
 * Grouping: equal masked keys become one tuple with the sum of the weights.
 * A Grouper owns the tables that this needs and is used again and again.
 */
typedef struct Grouper Grouper;

/* Its tables are counted in the caller's account. */
extern Grouper *grouper_create(int words, FrameMemory *memory);

/*
 * Group source by key & mask into *result, whose arrays belong to the grouper
 * and last until its next call.  With lookups, grouper_find works until then.
 */
extern void grouper_group(Grouper *g, const PathTuples *source, const uint64 *mask,
						  bool lookups, PathTuples *result);

/*
 * End a grouper that has grouped: the arrays of the last result are the
 * caller's from now on, all else goes back to the account.
 */
extern void grouper_end(Grouper *g);

/* Give back what only grouping needs; the last result and lookups in it stay. */
extern void grouper_trim(Grouper *g);

/* Position in the last result of a masked key, or -1. */
extern int64 grouper_find(Grouper *g, const uint64 *key);

/* Tuples that all its groupings together have read: the cost of a search. */
extern int64 grouper_scanned(const Grouper *g);

#endif							/* KIAIM_PATHCODE_H */
