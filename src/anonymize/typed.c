/*-------------------------------------------------------------------------
 *
 * typed.c
 *		Released columns as SQL: labels as ranges, midpoints or values, and
 *		limits of columns that are released as they are.
 *
 * Classes are made of labels; what is released of a label is a function of
 * it.  A range tells labels apart as they do.  Midpoints, and values where a
 * label says more or less, are NULL for several labels: a class as a reader
 * sees it is then several classes, each of which satisfies the policy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "anonymize/typed.h"

/* Types that intervals are made of. */
static const Oid ranges[][2] = {
	{INT2OID, INT4RANGEOID},
	{INT4OID, INT4RANGEOID},
	{INT8OID, INT8RANGEOID},
	{NUMERICOID, NUMRANGEOID},
	{FLOAT4OID, NUMRANGEOID},
	{FLOAT8OID, NUMRANGEOID},
	{DATEOID, DATERANGEOID},
	{TIMESTAMPOID, TSRANGEOID},
	{TIMESTAMPTZOID, TSTZRANGEOID}
};

/* See typed.h. */
Oid
typed_range(Oid type)
{
	for (int i = 0; i < lengthof(ranges); i++)
		if (ranges[i][0] == type)
			return ranges[i][1];
	return InvalidOid;
}

/* The type of a column without the domains around it. */
static Oid
base_type(Oid relid, const char *column)
{
	return getBaseType(get_atttype(relid, get_attnum(relid, column)));
}

/* The type of a column, with what is in its brackets, in full. */
static char *
column_type(Oid relid, const char *column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	return format_type_extended(type, typmod,
								FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

/* The name of the range type of a column, one of the server's own. */
static char *
range_name(Oid relid, const char *column)
{
	return psprintf("pg_catalog.%s", format_type_be(typed_range(base_type(relid, column))));
}

/* See typed.h. */
char *
typed_nothing(Oid relid, const char *column)
{
	return psprintf("NULL::%s", column_type(relid, column));
}

/* See typed.h. */
bool
typed_needs_value(Oid relid, const PolicyQuasi *quasi)
{
	return quasi->output == OUTPUT_TYPE && base_type(relid, quasi->column) != TEXTOID;
}

/* See typed.h. */
char *
typed_released(Oid relid, const PolicyQuasi *quasi, const char *label, const char *value)
{
	char	   *range;

	switch (quasi->output)
	{
		case OUTPUT_TEXT:
			return pstrdup(label);
		case OUTPUT_TYPE:
			if (typed_needs_value(relid, quasi))
				return psprintf("kiaim.label_value(%s, %s)::%s", label, value,
								column_type(relid, quasi->column));
			return psprintf("(CASE WHEN %1$s = '*' THEN NULL ELSE %1$s END)::%2$s", label,
							column_type(relid, quasi->column));
		default:
			break;
	}
	range = psprintf("kiaim.label_range(%s, %s::kiaim.hierarchy, NULL::%s)", label,
					 quote_literal_cstr(hierarchy_definition(quasi->hierarchy)),
					 range_name(relid, quasi->column));
	return quasi->output == OUTPUT_RANGE ? range : psprintf("kiaim.midpoint(%s)", range);
}

/* See typed.h. */
char *
typed_star(Oid relid, const PolicyQuasi *quasi)
{
	switch (quasi->output)
	{
		case OUTPUT_TEXT:
			return "'*'";
		case OUTPUT_RANGE:
			return psprintf("'(,)'::%s", range_name(relid, quasi->column));
		case OUTPUT_TYPE:
			return typed_nothing(relid, quasi->column);
		default:
			return "NULL";
	}
}

/* See typed.h. */
char *
typed_limited(Oid relid, const char *column, const PolicyLimits *limits)
{
	const char *name = quote_identifier(column);
	StringInfoData sql;
	char	   *type_name;

	if (limits->top == NULL && limits->bottom == NULL)
		return pstrdup(name);
	type_name = column_type(relid, column);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "CASE");
	/* both sides have the type of the column: its type, and its operators, are those of the server */
	if (limits->top != NULL)
		appendStringInfo(&sql, " WHEN %1$s > %2$s::%3$s THEN %2$s::%3$s",
						 name, quote_literal_cstr(limits->top), type_name);
	if (limits->bottom != NULL)
		appendStringInfo(&sql, " WHEN %1$s < %2$s::%3$s THEN %2$s::%3$s",
						 name, quote_literal_cstr(limits->bottom), type_name);
	appendStringInfo(&sql, " ELSE %s END", name);
	return sql.data;
}
