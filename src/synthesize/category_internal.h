/*-------------------------------------------------------------------------
 *
 * category_internal.h
 *		What the files category*.c share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CATEGORY_INTERNAL_H
#define KIAIM_CATEGORY_INTERNAL_H

#include "postgres.h"

#include "frame/frame.h"
#include "generalize/generalize.h"
#include "synthesize/column.h"

/* The most labels of a column: groups and what is in them both are codes. */
#define MAX_LABELS		60000

/* The most groups, beside NULL and what is rare. */
#define MAX_LABEL_GROUPS	254

struct CategoryCoder
{
	bool		missing;		/* code 0 is NULL */
	bool		rare;			/* the last code is what must not come out */
	bool		ordered;
	int			nlabels;
	char	  **labels;			/* that can come out, each once */
	int		   *sorted;			/* positions in the order of their bytes */
	int			ngroups;		/* 0: labels are one variable */
	int		   *start;			/* ngroups + 1: labels start[g] .. start[g + 1] - 1 */
	char	   *definition;		/* of the hierarchy, or NULL */
	Hierarchy  *hierarchy;		/* parsed when it is first needed */
};

/* A label while labels are chosen. */
typedef struct CategoryLabel
{
	char	   *label;
	int64		raw;			/* the value, or -1 for a label of the hierarchy */
	int64		rows;
	char	   *path;			/* of its ancestors from the top, to sort by; NULL: by the label */
} CategoryLabel;

/*
 * Where the rows of a value go: to one label, or to one of some by their
 * rows, or (n = 0) to what is rare.  Indexes of labels as they were found.
 */
typedef struct CategoryTarget
{
	int			n;
	int		   *labels;
} CategoryTarget;

/* ---- category_rare.c ---- */

/* Distinct persons of each value, and of NULL in persons[nvalues]; rows likewise. */
extern void category_count(const RawTable *table, const RawColumn *column, int64 *persons, int64 *rows);

/* The hierarchy of the values by what they look like, a built-in code system; or NULL. */
extern const char *category_recognise(const RawColumn *column);

/*
 * The labels that can come out, and where each value goes.  hierarchy may be
 * NULL; system is its name if it is a built-in code system, or NULL.
 */
extern CategoryLabel *category_choose(const RawTable *table, const RawColumn *column,
									  const Hierarchy *hierarchy, const char *system, int min_leaf,
									  const int64 *persons, const int64 *rows, int *nlabels,
									  CategoryTarget *targets);

/* ---- category_groups.c ---- */

/* Divide the labels, in their order, into groups if they are too many for one variable. */
extern void category_group(CategoryCoder *coder, const CategoryLabel *labels);

/* Sort the positions by label, so that labels can be found. */
extern void category_index(CategoryCoder *coder);

/* The variables of a coder; see number_fit. */
extern void category_variables(const CategoryCoder *coder, Variable *variables, int *nvariables);

/* The labels of one label in the hierarchy of the coder, or NULL. */
extern char **category_ancestors(const CategoryCoder *coder, const char *label, int *height);

#endif							/* KIAIM_CATEGORY_INTERNAL_H */
