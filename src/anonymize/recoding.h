/*-------------------------------------------------------------------------
 *
 * recoding.h
 *		The type kiaim.recoding: what was fitted to the tuples of a relation,
 *		as checked bytes.
 *
 * A recoding is a function of the tuple of quasi-identifying values: it maps
 * each tuple that was there when it was fitted to one released value a column.
 * Values are known by their text (value_text, level 0 of any hierarchy), NULL
 * is a value of its own, on both sides.  The same tuples with the same outcome
 * are the same bytes, in whichever order they were added.
 *
 * To make one:
 *		b = recoding_builder_create("cells", ncolumns);
 *		for each column: recoding_builder_column(b, j, name, type, TEXTOID);
 *		for each tuple:
 *			values[j] = recoding_builder_value(b, j, text or NULL);
 *			outcome[j] = recoding_builder_outcome(b, j, text or NULL);
 *			recoding_builder_tuple(b, values, outcome);
 *		bytes = recoding_builder_finish(b);
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RECODING_H
#define KIAIM_RECODING_H

#include "postgres.h"

/* Columns of a recoding at most. */
#define RECODING_MAX_COLUMNS	64

/* The code of NULL among the values, and among the outcomes, of every column. */
#define RECODING_NULL	0

typedef struct RecodingBuilder RecodingBuilder;

/* An empty builder in the current memory context; method: "local", "cells", "microaggregation". */
extern RecodingBuilder *recoding_builder_create(const char *method, int ncolumns);

/*
 * Describe a column: its name, the type of its values, and the type that the
 * text of its outcomes is cast to in a release (TEXTOID for labels).
 */
extern void recoding_builder_column(RecodingBuilder *b, int column, const char *name, Oid type,
									Oid output);

/* A figure for information, such as "k"; each name once. */
extern void recoding_builder_figure(RecodingBuilder *b, const char *name, double value);

/* The figure that the query of a release may need: how many classes are released. */
#define RECODING_FIGURE_CLASSES	"classes"

/*
 * The code of a value, and of an outcome, of a column by its text; the same
 * text has the same code in the whole builder.  NULL is RECODING_NULL.
 */
extern uint32 recoding_builder_value(RecodingBuilder *b, int column, const char *text);
extern uint32 recoding_builder_outcome(RecodingBuilder *b, int column, const char *text);

/*
 * Add a tuple with its outcome, a code of each column.  A tuple may be added
 * again with the same outcome.
 */
extern void recoding_builder_tuple(RecodingBuilder *b, const uint32 *values,
								   const uint32 *outcome);

/*
 * The value of type kiaim.recoding in the current memory context.  Error 22023
 * if a tuple was added with two outcomes, 54000 if the bytes exceed what a value
 * can hold.  The builder is used up.
 */
extern struct varlena *recoding_builder_finish(RecodingBuilder *b);

#endif							/* KIAIM_RECODING_H */
