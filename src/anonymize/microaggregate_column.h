/*-------------------------------------------------------------------------
 *
 * microaggregate_column.h
 *		Columns that are microaggregated: values as positions on a line, and
 *		the mean, median or mode of some of them in the type of the column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_MICROAGGREGATE_COLUMN_H
#define KIAIM_MICROAGGREGATE_COLUMN_H

#include "anonymize/labelled_tuples.h"

/* A column of numbers, dates or times. */
typedef struct MicroColumn
{
	int			column;			/* of the tuples */
	Oid			type;
	int			scale;			/* of the numbers that it releases, if exact */
	double	   *position;		/* by code of the label, but LABEL_NULL */
	Datum	   *exact;			/* the same as numeric, or NULL for floating-point numbers */
} MicroColumn;

/* Labels of a group, and how many records have each. */
typedef struct MicroMember
{
	uint32		code;
	int64		weight;
} MicroMember;

/*
 * The values of a column.  Errors: 42804 if they are no numbers, dates or
 * times, 22023 if one is infinite or NaN, or if the column has a lowest level.
 */
extern MicroColumn *micro_column(LabelledTuples *tuples, int column);

/*
 * What members become, as text, and in *released as position.  Halves are
 * rounded away from zero.  The order of the members may change.
 */
extern char *micro_aggregate(const MicroColumn *column, MicroAggregate kind, uint32 n,
							 MicroMember *members, double *released);

#endif							/* KIAIM_MICROAGGREGATE_COLUMN_H */
