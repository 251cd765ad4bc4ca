/*-------------------------------------------------------------------------
 *
 * labelled_tuples.h
 *		The tuples that cell suppression and microaggregation are fitted to:
 *		values by their texts, in an order that the data alone decides.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LABELLED_TUPLES_H
#define KIAIM_LABELLED_TUPLES_H

#include "anonymize/anonymize.h"
#include "anonymize/recoding.h"
#include "frame/frame.h"

/* The code of NULL among values and labels; others count from 1 in the order of the bytes. */
#define LABEL_NULL	0

/* A quasi-identifier: its values, and the labels that it has on its lowest level allowed. */
typedef struct LabelledColumn
{
	const PolicyQuasi *quasi;
	Oid			type;			/* below a domain */
	Dictionary *dictionary;
	uint32		nvalues;		/* codes 1 .. nvalues */
	char	  **values;			/* by code */
	uint32	   *in_dictionary;	/* by code: a value with that text; not of NULL */
	uint32		nlabels;
	char	  **labels;			/* by code */
	uint32	   *label_of;		/* by code of the value */
} LabelledColumn;

/* A person and a tuple of labels that the person has. */
typedef struct PersonTuple
{
	uint32		person;
	uint32		tuple;
} PersonTuple;

/* The persons of the tuples of labels. */
typedef struct LabelledPersons
{
	uint32		npersons;
	uint64		n;
	PersonTuple *tuples;		/* by person, then tuple; each pair once */
	int64	   *count;			/* by tuple: its persons */

	/*
	 * By tuple: persons who are counted there and nowhere else, which is the
	 * tuple of theirs that fewest persons have.  However tuples are put together,
	 * they have at least the sum of these.
	 */
	int64	   *home;
} LabelledPersons;

/* Distinct tuples of values, and of labels. */
typedef struct LabelledTuples
{
	int			ncolumns;
	LabelledColumn  *columns;		/* in the order of the policy */
	int64		records;
	uint32		n;
	uint32	   *codes;			/* of values: n * ncolumns */
	uint32	   *labelled;		/* by tuple of values: the tuple of labels */
	uint32		nlabelled;
	uint32	   *label_codes;	/* nlabelled * ncolumns */
	int64	   *weights;		/* by tuple of labels: records */
	LabelledPersons *persons;	/* NULL where no person is named */
	FrameMemory memory;
} LabelledTuples;

/* Read what a policy releases, for a method, with persons where it names their column. */
extern LabelledTuples *labelled_tuples_read(Oid relid, const Policy *policy, const char *method);

/*
 * How many different ones there are among n tuples of m codes, and what the
 * smallest of these classes weighs; of no tuples, *smallest is 0.  class_of, if
 * not NULL, gets the number of each tuple's class.
 */
extern uint32 labelled_classes(FrameMemory *memory, uint32 n, int m, const uint32 *codes,
							   const int64 *weights, int64 *smallest, uint32 *class_of);

/* ---- labelled_persons.c ---- */

/*
 * The persons of n rows: their codes in the dictionary of the column, which
 * tells values apart by their bytes, and the tuples of labels they have.
 */
extern void labelled_persons_read(LabelledTuples *tuples, Oid relid, const char *column,
								  Dictionary *dictionary, uint32 n, const uint32 *person,
								  const uint32 *tuple);

/* The fewest persons of a class, if each of these has a tuple at least. */
extern int64 labelled_persons_least(LabelledTuples *tuples, uint32 nclasses,
									const uint32 *class_of);

/*
 * Number texts in the order of their bytes, equal ones alike, NULL as
 * LABEL_NULL: code_of[i] is the code of texts[i].  Returns the texts by code, and
 * in *ncodes the highest.
 */
extern char **number_texts(FrameMemory *memory, uint32 n, char **texts, uint32 *code_of,
							   uint32 *ncodes);

/*
 * The recoding that gives each tuple the outcome of its tuple of labels:
 * texts[label tuple * ncolumns + column], NULL for NULL.  typed[column]: the
 * outcome is cast to the type of the column; left_out[label tuple], if not NULL:
 * the recoding does not know it, which suppresses its records.
 */
extern struct varlena *labelled_tuples_recoding(LabelledTuples *tuples, const char *method, int64 k,
										   char **texts, const bool *typed, const bool *left_out);

#endif							/* KIAIM_LABELLED_TUPLES_H */
