/*-------------------------------------------------------------------------
 *
 * arguments.c
 *		The arguments of the functions of the room "risk", checked before
 *		anything is read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "frame/frame.h"
#include "risk/arguments.h"

/* wildcard_counts() keeps which columns are NULL in one word. */
#define MAX_WILDCARD_COLUMNS 64

void
risk_not_null(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", name)));
}

Oid
risk_relation(FunctionCallInfo fcinfo, int argument, const char *name)
{
	risk_not_null(fcinfo, argument, name);
	return PG_GETARG_OID(argument);
}

char *
risk_text(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

bool
risk_flag(FunctionCallInfo fcinfo, int argument, const char *name)
{
	risk_not_null(fcinfo, argument, name);
	return PG_GETARG_BOOL(argument);
}

double
risk_share(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		share;

	risk_not_null(fcinfo, argument, name);
	share = PG_GETARG_FLOAT8(argument);
	if (!(share >= 0 && share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 1, but is %g", name, share)));
	return share;
}

int
risk_integer(FunctionCallInfo fcinfo, int argument, const char *name, int least, int most)
{
	int			number;

	risk_not_null(fcinfo, argument, name);
	number = PG_GETARG_INT32(argument);
	if (number < least || number > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between %d and %d, but is %d", name, least, most, number)));
	return number;
}

int64
risk_persons(FunctionCallInfo fcinfo, int argument, const char *name)
{
	int64		persons;

	if (PG_ARGISNULL(argument))
		return 0;
	persons = PG_GETARG_INT64(argument);
	if (persons < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a number of persons, but is " INT64_FORMAT, name, persons)));
	return persons;
}

const char *
risk_column(FunctionCallInfo fcinfo, int argument, Oid relid, const char *name)
{
	const char *column = risk_text(fcinfo, argument);

	if (column != NULL)
		frame_check_columns(relid, 1, &column, name);
	return column;
}

/*
 * The names in an array after first free places; *n is their number.  Shape and
 * NULLs are checked, the relation is not asked.
 */
static const char **
array_names(ArrayType *array, int first, const char *name, const char *hint, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	const char **names;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, n);
	if (*n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s names no column", name),
				 errhint("%s", hint)));
	names = palloc((first + *n) * sizeof(char *));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not contain NULL", name)));
		names[first + i] = TextDatumGetCString(elements[i]);
	}
	return names;
}

/* Error unless each is a column of the relation and none is named twice. */
static void
check_names(const char *const *names, int n, Oid relid, const char *name)
{
	frame_check_columns(relid, n, names, name);
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (strcmp(names[i], names[j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("column \"%s\" is named twice in %s", names[i], name)));
		}
	}
}

const char **
risk_column_list(ArrayType *array, Oid relid, const char *name, const char *hint, int *ncolumns)
{
	const char **names = array_names(array, 0, name, hint, ncolumns);

	check_names(names, *ncolumns, relid, name);
	return names;
}

RiskColumns *
risk_columns(FunctionCallInfo fcinfo, Oid relid, int quasi, int person)
{
	RiskColumns *result = palloc0(sizeof(RiskColumns));
	int			first;

	risk_not_null(fcinfo, quasi, "quasi");
	result->person = person < 0 ? NULL : risk_column(fcinfo, person, relid, "person");
	first = result->person != NULL ? 1 : 0;
	result->columns = array_names(PG_GETARG_ARRAYTYPE_P(quasi), first, "quasi",
								  "Name the columns that somebody could know of a person.",
								  &result->nquasi);
	result->columns[0] = first > 0 ? result->person : result->columns[0];
	result->quasi = result->columns + first;
	result->ncolumns = first + result->nquasi;
	check_names(result->quasi, result->nquasi, relid, "quasi");
	for (int i = 0; result->person != NULL && i < result->nquasi; i++)
	{
		if (strcmp(result->quasi[i], result->person) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both person and quasi-identifier", result->person),
					 errhint("Leave it out of quasi: who knows the person's number has found the person.")));
	}
	return result;
}

void
risk_check_wildcard(const RiskColumns *columns)
{
	if (columns->nquasi > MAX_WILDCARD_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("wildcards are possible for at most %d quasi-identifiers, but quasi has %d",
						MAX_WILDCARD_COLUMNS, columns->nquasi)));
}

void
risk_not_among(const RiskColumns *columns, const char *column, const char *role)
{
	for (int i = 0; i < columns->ncolumns; i++)
	{
		if (strcmp(columns->columns[i], column) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both %s and %s", column, role,
							columns->columns[i] == columns->person ? "person" : "quasi-identifier"),
					 errhint("Give each column one role.")));
	}
}
