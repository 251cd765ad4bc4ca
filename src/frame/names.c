/*-------------------------------------------------------------------------
 *
 * names.c
 *		Names of columns that users type: whether the relation has them, and
 *		which one a misspelled name was meant to be.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "compat.h"
#include "frame/frame.h"
#include "kiaim.h"

/* A longer string is no misspelled name, and is cut in the message. */
#define SHOWN_NAME	255

/* So many columns are listed where no name is near. */
#define LISTED_COLUMNS	12

/* See frame.h. */
int
frame_column_names(Oid relid, const char ***names)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	AttrNumber	natts;
	int			n = 0;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	natts = ((Form_pg_class) GETSTRUCT(tuple))->relnatts;
	ReleaseSysCache(tuple);

	*names = palloc(sizeof(char *) * Max(natts, 1));
	for (AttrNumber attnum = 1; attnum <= natts; attnum++)
	{
		Form_pg_attribute attribute;

		tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(attnum));
		if (!HeapTupleIsValid(tuple))
			continue;
		attribute = (Form_pg_attribute) GETSTRUCT(tuple);
		if (!attribute->attisdropped)
			(*names)[n++] = pstrdup(NameStr(attribute->attname));
		ReleaseSysCache(tuple);
	}
	return n;
}

/* Whether a name contains a word of three letters or more; letter case does not count. */
static bool
name_contains(const char *name, const char *word)
{
	size_t		length = strlen(word);

	if (length < 3)
		return false;
	for (; strlen(name) >= length; name++)
		if (pg_strncasecmp(name, word, length) == 0)
			return true;
	return false;
}

/* What to say about a column that does not exist: the nearest, those that contain it, or all. */
static char *
column_hint(const char *column, int n, const char *const *names)
{
	const char *nearest = nearest_name(column, n, names);
	StringInfoData hint;
	int			listed = 0;

	if (nearest != NULL)
		return psprintf("Perhaps you meant the column \"%s\".", nearest);

	initStringInfo(&hint);
	for (int i = 0; i < n && listed < LISTED_COLUMNS; i++)
		if (name_contains(names[i], column))
			appendStringInfo(&hint, "%s\"%s\"", listed++ > 0 ? " or " : "Perhaps you meant the column ",
							 names[i]);
	if (listed > 0)
	{
		appendStringInfoChar(&hint, '.');
		return hint.data;
	}
	appendStringInfoString(&hint, "Its columns are ");
	for (int i = 0; i < n && i < LISTED_COLUMNS; i++)
		appendStringInfo(&hint, "%s\"%s\"", i > 0 ? ", " : "", names[i]);
	appendStringInfoString(&hint, n > LISTED_COLUMNS ? " and others." : ".");
	return hint.data;
}

/*
 * Error 42703 with the nearest column name for the first that is not a column
 * of the relation.  System columns are none: they change with every update.
 */
void
frame_check_columns(Oid relid, int ncolumns, const char *const *columns,
					const char *context)
{
	const char **names;
	int			n;

	n = frame_column_names(relid, &names);
	for (int i = 0; i < ncolumns; i++)
	{
		int			at = 0;

		while (at < n && strcmp(names[at], columns[i]) != 0)
			at++;
		if (at == n)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%.*s\" of %s does not exist in relation \"%s\"",
							pg_mbcliplen(columns[i], strlen(columns[i]), SHOWN_NAME), columns[i],
							context, get_rel_name(relid)),
					 n > 0 ? errhint("%s", column_hint(columns[i], n, names)) : 0));
	}
}
