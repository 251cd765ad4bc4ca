/*-------------------------------------------------------------------------
 *
 * model_store.c
 *		Models in the table kiaim.fitted_model, written and read as the caller.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "kiaim.h"
#include "synthesize/model.h"

/* Others may store and drop models of the same name meanwhile, but not for ever. */
#define STORE_TRIES		10

/* The first columns of kiaim.fitted_model. */
#define ATTRIBUTE_NAME	1
#define ATTRIBUTE_OWNER	2

/* Error for a name that another role's model has. */
pg_noreturn static void
refuse_name(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("model \"%s\" belongs to another role", name),
			 errdetail("Names of models are unique in a database."),
			 errhint("Choose another name.")));
}

/*
 * Whether a model of this name belongs to a role that the caller is no member
 * of.  Row-level security hides such a model, which as everywhere does not keep
 * its name free: so the table is asked, as its unique index would be.
 */
static bool
is_of_others(const char *name)
{
	Relation	table = table_open(get_relname_relid("fitted_model", get_namespace_oid("kiaim", false)),
								   AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		of_others = false;

	ScanKeyInit(&key, ATTRIBUTE_NAME, BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(name));
	key.sk_collation = C_COLLATION_OID;
	PushActiveSnapshot(GetLatestSnapshot());
	scan = systable_beginscan(table, InvalidOid, false, GetActiveSnapshot(), 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		Datum		owner = heap_getattr(tuple, ATTRIBUTE_OWNER, RelationGetDescr(table), &isnull);
		Oid			role = get_role_oid(NameStr(*DatumGetName(owner)), true);

		of_others = OidIsValid(role) ? !has_privs_of_role(GetUserId(), role) : !superuser();
	}
	systable_endscan(scan);
	PopActiveSnapshot();
	table_close(table, AccessShareLock);
	return of_others;
}

/* See model.h. */
void
model_check_name(const char *name)
{
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot fit a model in a read-only transaction"),
				 errdetail("What was fitted is kept in the table kiaim.fitted_model.")));
	if (*name == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the name of a model must have 1 to %d bytes, not %zu", NAMEDATALEN - 1,
						strlen(name))));
	if (is_of_others(name))
		refuse_name(name);
}

/* The type kiaim.model. */
static Oid
model_type(void)
{
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("model"),
									   ObjectIdGetDatum(get_namespace_oid("kiaim", false)));

	if (!OidIsValid(type))
		elog(ERROR, "type kiaim.model does not exist");
	return type;
}

/*
 * Put a model in the place of that of its name, or where there is none.  A row
 * is deleted and another inserted, so that time and author are the server's.
 * False if another role's, which may have come meanwhile, is in the way.
 */
static bool
replace_model(Datum *values, const char *nulls)
{
	Oid			types[] = {TEXTOID, JSONBOID, JSONBOID, model_type(), NAMEOID, NAMEARRAYOID};
	Datum		all[6];
	char		all_nulls[] = "    nn";

	memcpy(all, values, sizeof(Datum) * 4);
	if (SPI_execute_with_args("DELETE FROM kiaim.fitted_model AS f WHERE f.name = $1"
							  " RETURNING f.owner, f.granted",
							  1, types, values, nulls, false, 0) != SPI_OK_DELETE_RETURNING)
		elog(ERROR, "could not replace a model");
	for (int i = 0; i < 2 && SPI_processed > 0; i++)
	{
		bool		isnull;

		all[4 + i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &isnull);
		all_nulls[4 + i] = ' ';
	}
	if (SPI_execute_with_args("INSERT INTO kiaim.fitted_model (name, options, figures, model, owner, granted)"
							  " VALUES ($1, $2, $3, $4, COALESCE($5, CURRENT_USER), COALESCE($6, '{}'))"
							  " ON CONFLICT (name) DO NOTHING",
							  6, types, all, all_nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store a model");
	return SPI_processed > 0;
}

/* See model.h. */
int64
model_store(const char *name, const Model *model, Jsonb *options, Jsonb *figures)
{
	bytea	   *bytes = model_to_bytes(model);
	Datum		values[4];
	int			tries = 0;

	values[0] = CStringGetTextDatum(name);
	values[1] = JsonbPGetDatum(options);
	values[2] = JsonbPGetDatum(figures);
	values[3] = PointerGetDatum(bytes);
	while (!replace_model(values, "    "))
	{
		model_check_name(name);
		if (++tries == STORE_TRIES)
			refuse_name(name);
	}
	return VARSIZE(bytes) - VARHDRSZ;
}

/* Error for a name that no model has, with the nearest that one has. */
pg_noreturn static void
refuse_unknown(const char *name)
{
	const char **names;
	const char *nearest;
	int			n;

	if (SPI_execute("SELECT f.name FROM kiaim.fitted_model AS f ORDER BY f.name", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the names of models");
	n = SPI_processed;
	names = palloc(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
		names[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	nearest = nearest_name(name, n, names);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" does not exist", name),
			 nearest != NULL ? errhint("Perhaps you meant \"%s\".", nearest) :
			 errhint("The view kiaim.models lists the models that the current role may use.")));
}

/* See model.h. */
Model *
model_load(const char *name)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};
	bytea	   *bytes;
	bool		isnull;

	if (SPI_execute_with_args("SELECT f.model FROM kiaim.fitted_model AS f WHERE f.name = $1",
							  1, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read a model");
	if (SPI_processed == 0)
		refuse_unknown(name);
	MemoryContextSwitchTo(caller);
	bytes = (bytea *) PG_DETOAST_DATUM_COPY(SPI_getbinval(SPI_tuptable->vals[0],
														  SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return model_from_bytes(bytes);
}
