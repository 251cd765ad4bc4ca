/*-------------------------------------------------------------------------
 *
 * recoding_store.c
 *		Recodings in the table kiaim.fitted_recoding, written and read as the
 *		caller.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "anonymize/recoding_internal.h"
#include "frame/frame.h"

/* See recoding_internal.h. */
void
recoding_check_writable(void)
{
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot fit a recoding in a read-only transaction"),
				 errdetail("What was fitted is kept in the table kiaim.fitted_recoding.")));
}

/* The type kiaim.recoding. */
static Oid
recoding_type(void)
{
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("recoding"),
									   ObjectIdGetDatum(get_namespace_oid("kiaim", false)));

	if (!OidIsValid(type))
		elog(ERROR, "type kiaim.recoding does not exist");
	return type;
}

/* See recoding_internal.h. */
char *
recoding_store(struct varlena *bytes, Oid relid, const char *method)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid			types[] = {recoding_type(), TEXTOID, TEXTOID, TEXTOID};
	Datum		values[4];
	char	   *id;

	values[0] = PointerGetDatum(bytes);
	if (SPI_execute_with_args("SELECT kiaim.recoding_id($1)", 1, types, values, NULL,
							  true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not name a recoding");
	id = MemoryContextStrdup(caller,
							 SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	values[1] = CStringGetTextDatum(id);
	values[2] = CStringGetTextDatum(frame_relation_name(relid));
	values[3] = CStringGetTextDatum(method);
	if (SPI_execute_with_args("INSERT INTO kiaim.fitted_recoding (id, source, method, recoding)"
							  " VALUES ($2, $3, $4, $1) ON CONFLICT (id, owner) DO NOTHING",
							  4, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store a recoding");
	return id;
}

/* See recoding_internal.h. */
Recoding *
recoding_load(const char *id)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid			types[] = {TEXTOID};
	Datum		values[1];
	struct varlena *bytes;
	bool		isnull;

	values[0] = CStringGetTextDatum(id);
	if (SPI_execute_with_args("SELECT r.recoding FROM kiaim.fitted_recoding AS r WHERE r.id = $1 LIMIT 1",
							  1, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read a recoding");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("recoding \"%s\" does not exist", id),
				 errdetail("It was dropped, or belongs to another role, which alone can see it."),
				 errhint("The view kiaim.recodings lists the recodings of the current role.")));
	MemoryContextSwitchTo(caller);
	bytes = PG_DETOAST_DATUM_COPY(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
												&isnull));
	return recoding_parse(VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ);
}
