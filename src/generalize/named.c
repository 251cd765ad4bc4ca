/*-------------------------------------------------------------------------
 *
 * named.c
 *		Hierarchies by name, from the table kiaim.named_hierarchy.
 *
 * The words that definitions begin with cannot be names there (the table
 * checks it with kiaim.is_definition()), so a text is never both.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_is_definition);

/* kiaim.is_definition(text): does the text begin like a definition? */
Datum
kiaim_is_definition(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(hierarchy_name_is_taken(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* The definition of a named hierarchy in the given context, or NULL. */
static char *
look_up(const char *name, MemoryContext context)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};
	char	   *definition;

	if (SPI_execute_with_args("SELECT hierarchy::pg_catalog.text FROM kiaim.named_hierarchy WHERE name OPERATOR(pg_catalog.=) $1",
							  1, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read kiaim.named_hierarchy");
	if (SPI_processed == 0)
		return NULL;
	definition = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	return MemoryContextStrdup(context, definition);
}

/* Refuse a name that is neither in the table nor a definition. */
static void
refuse_name(const char *name)
{
	const char *const *forms;
	int			nforms = hierarchy_names(&forms);
	int			n;
	const char **names;

	if (SPI_execute("SELECT name FROM kiaim.named_hierarchy ORDER BY name", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read kiaim.named_hierarchy");
	n = (int) SPI_processed;
	names = palloc(sizeof(char *) * (n + nforms));
	for (int i = 0; i < n; i++)
		names[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	memcpy(names + n, forms, sizeof(char *) * nforms);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("hierarchy \"%s\" does not exist", shown(name)),
			 errdetail("It is neither a definition nor a name in kiaim.named_hierarchy."),
			 errhint("%s", did_you_mean(name, n + nforms, names,
										"Use a definition such as flat or bins(5, 10), or insert the name into kiaim.named_hierarchy."))));
}

/* See generalize.h. */
Hierarchy *
hierarchy_resolve(const char *name_or_definition)
{
	char	   *definition;

	if (hierarchy_name_is_taken(name_or_definition))
		return hierarchy_parse(name_or_definition);
	definition = look_up(name_or_definition, CurrentMemoryContext);
	if (definition)
		return hierarchy_parse(definition);
	/* a misspelled definition has better errors than a name that is not there */
	if (strpbrk(name_or_definition, "([\"") != NULL)
		return hierarchy_parse(name_or_definition);
	refuse_name(name_or_definition);
	return NULL;
}
