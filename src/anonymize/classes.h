/*-------------------------------------------------------------------------
 *
 * classes.h
 *		The equivalence classes of a node of the lattice: their sizes in
 *		records or persons, and the sensitive values in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CLASSES_H
#define KIAIM_CLASSES_H

#include "frame/pathcode.h"
#include "privacy/privacy.h"

typedef struct ClassTuples ClassTuples;

/* verdicts on a class */
#define CLASS_HOLDS		0
#define CLASS_FAILS		1		/* here, but perhaps not in a node below */
#define CLASS_LASTING	2		/* its rows fail in every node below, too */

/*
 * What counts classes, and what it found in the last node.  Its arrays last
 * until the next node is grouped.
 */
typedef struct ClassCounter
{
	const PathTable *table;
	bool		persons;		/* sizes are distinct persons, not records */
	bool		values;			/* tuples keep their sensitive values */

	/* the last node */
	PathTuples	tuples;			/* its tuples: classes split by sensitive values */
	PathTuples	classes;
	uint64		class_mask[PATH_MAX_WORDS];
	int64	   *size;			/* by class: records or persons */
	uint8	   *verdict;		/* by class: room for what its user thinks of it, see above */

	/* private */
	FrameMemory *memory;
	Grouper    *grouper;		/* of tuples */
	Grouper    *by_class;		/* of classes, where sensitive values split them */
	int64		size_capacity;
	int64		verdict_capacity;
	int64	   *last_person;	/* by position of the tuple: the last person counted there */
	int64		last_person_capacity;

	/*
	 * Persons are counted once for each value of a column, so each sensitive
	 * column needs tuples of its own; records are counted in the tuples of all.
	 */
	ClassTuples *lists;
	int			nlists;
	int			ncombined;		/* columns whose combinations are looked at, or 0 */
	ClassTuples *combined;		/* the tuples of these columns */
	uint32	   *combinations;	/* of one class */
	int64		combinations_capacity;
	/* the histogram of one class */
	uint32	   *hist_values;
	int64	   *hist_counts;
	int64	   *hist_slot;		/* by value: position in the histogram, or -1 */
} ClassCounter;

/*
 * A counter over a table, in the current memory context; values: requirements
 * or the quality look at sensitive values; combined: and at those of so many
 * columns, the first ones, together.  The grouper of tuples may be used by
 * others between two nodes.
 */
extern ClassCounter *class_counter_create(const PathTable *table, FrameMemory *memory,
										  Grouper *grouper, bool persons, bool values,
										  int combined);

/* Tuples and classes of a node with their sizes, from the tuples of a node below it. */
extern void class_counter_group(ClassCounter *c, const PathTuples *source, const uint64 *mask,
								const uint64 *class_mask);

/* Make histograms of the node's classes possible. */
extern void class_counter_list(ClassCounter *c);

/* The histogram of a sensitive column in a class; lasts until the next one. */
extern void class_counter_histogram(ClassCounter *c, int64 class, int sensitive,
									PrivacyClass *result);

/* The class of a tuple of the node. */
extern int64 class_counter_find(const ClassCounter *c, const uint64 *key);

/*
 * The distinct combinations of all sensitive columns in a class; last until
 * the next class is asked for.  Only of a counter that has been told so.
 */
extern void class_counter_combinations(ClassCounter *c, int64 class, PrivacyClass *result);

/*
 * The values of a sensitive column in the whole table, suppressed rows and
 * all: records, or persons, each once a value.  Uses the counter for it.
 */
extern int64 *class_counter_values(ClassCounter *c, int sensitive);

#endif							/* KIAIM_CLASSES_H */
