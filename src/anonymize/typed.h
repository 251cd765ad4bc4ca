/*-------------------------------------------------------------------------
 *
 * typed.h
 *		Released columns as SQL: labels as ranges, midpoints or values, and
 *		limits of columns that are released as they are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_TYPED_H
#define KIAIM_TYPED_H

#include "anonymize/anonymize.h"

/* The type of the ranges of a type, or InvalidOid. */
extern Oid	typed_range(Oid type);

/*
 * The released form of a label of a column of the relation: label is an
 * expression of type text, value one of the column's own value, which is used
 * where typed_needs_value().
 */
extern char *typed_released(Oid relid, const PolicyQuasi *quasi, const char *label,
							const char *value);

/* Does the released form need the value beside the label? */
extern bool typed_needs_value(Oid relid, const PolicyQuasi *quasi);

/* The released form of "*", which a suppressed row has that is kept. */
extern char *typed_star(Oid relid, const PolicyQuasi *quasi);

/* NULL in the type of a column. */
extern char *typed_nothing(Oid relid, const char *column);

/* A column in keep within its limits, as an expression. */
extern char *typed_limited(Oid relid, const char *column, const PolicyLimits *limits);

#endif							/* KIAIM_TYPED_H */
