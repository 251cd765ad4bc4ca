/*-------------------------------------------------------------------------
 *
 * hierarchy_type.c
 *		The type kiaim.hierarchy.
 *
 * A datum is the canonical definition as text, so a dump holds what a reader
 * can read, and the binary form is the same on all machines.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "compat.h"
#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_hierarchy_in);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_out);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_recv);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_send);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_height);

/* The datum of a definition, once it is known to be valid. */
static Datum
canonical_datum(const char *definition)
{
	return CStringGetTextDatum(hierarchy_definition(hierarchy_parse(definition)));
}

/* Input. */
Datum
kiaim_hierarchy_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(canonical_datum(PG_GETARG_CSTRING(0)));
}

/* Output. */
Datum
kiaim_hierarchy_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(TextDatumGetCString(PG_GETARG_DATUM(0)));
}

/* Binary input. */
Datum
kiaim_hierarchy_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			len;
	char	   *definition = pq_getmsgtext(message, message->len - message->cursor, &len);

	PG_RETURN_DATUM(canonical_datum(definition));
}

/* Binary output. */
Datum
kiaim_hierarchy_send(PG_FUNCTION_ARGS)
{
	text	   *definition = PG_GETARG_TEXT_PP(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendtext(&message, VARDATA_ANY(definition), VARSIZE_ANY_EXHDR(definition));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* kiaim.height(hierarchy) */
Datum
kiaim_hierarchy_height(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(hierarchy_height(hierarchy_from_datum(PG_GETARG_DATUM(0))));
}
