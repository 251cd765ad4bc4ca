/*-------------------------------------------------------------------------
 *
 * arguments.h
 *		The room "risk", arguments: what every function of the room checks in
 *		the same way, with the same words.
 *
 * Results are in the current memory context; nothing here needs SPI.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_ARGUMENTS_H
#define KIAIM_RISK_ARGUMENTS_H

#include "postgres.h"
#include "fmgr.h"
#include "utils/array.h"

/*
 * The columns that a function reads: the person first, if there is one, then
 * the quasi-identifiers.
 */
typedef struct RiskColumns
{
	int			ncolumns;		/* with the person */
	const char **columns;
	const char *person;			/* columns[0], or NULL */
	int			nquasi;
	const char **quasi;			/* in columns */
} RiskColumns;

/* Error 22004 "<name> must not be NULL" if the argument is. */
extern void risk_not_null(FunctionCallInfo fcinfo, int argument, const char *name);

/* The relation of an argument; error 22004 if it is NULL. */
extern Oid	risk_relation(FunctionCallInfo fcinfo, int argument, const char *name);

/* The text of an argument, or NULL. */
extern char *risk_text(FunctionCallInfo fcinfo, int argument);

/* The flag of an argument; error 22004 if it is NULL. */
extern bool risk_flag(FunctionCallInfo fcinfo, int argument, const char *name);

/* A number from 0 to 1; error 22004 if it is NULL, 22023 if it is outside or NaN. */
extern double risk_share(FunctionCallInfo fcinfo, int argument, const char *name);

/* A number from least to most; error 22004 if it is NULL, 22023 if it is outside. */
extern int	risk_integer(FunctionCallInfo fcinfo, int argument, const char *name, int least, int most);

/* A number of persons, > 0; 0 if the argument is NULL, error 22023 if it is less than 1. */
extern int64 risk_persons(FunctionCallInfo fcinfo, int argument, const char *name);

/*
 * The column that an argument of type text names, or NULL; error 42703 with the
 * nearest name if the relation has none of this name.
 */
extern const char *risk_column(FunctionCallInfo fcinfo, int argument, Oid relid, const char *name);

/*
 * The columns of an array, each of the relation and none named twice; errors
 * 22023 (no column), 22004 (a NULL), 42703, 42701.  name is that of the argument,
 * hint what to do about none.
 */
extern const char **risk_column_list(ArrayType *array, Oid relid, const char *name, const char *hint,
									 int *ncolumns);

/*
 * The quasi-identifiers of an argument with the person of another, none of
 * which may be the person (22023); person < 0 if the function has no such argument.
 */
extern RiskColumns *risk_columns(FunctionCallInfo fcinfo, Oid relid, int quasi, int person);

/* Error 22023 if there are more quasi-identifiers than wildcard matching can hold. */
extern void risk_check_wildcard(const RiskColumns *columns);

/* Error 22023 if a column that plays another role is the person or a quasi-identifier. */
extern void risk_not_among(const RiskColumns *columns, const char *column, const char *role);

#endif							/* KIAIM_RISK_ARGUMENTS_H */
