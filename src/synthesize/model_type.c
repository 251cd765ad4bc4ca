/*-------------------------------------------------------------------------
 *
 * model_type.c
 *		The type kiaim.model: its input and output, and what a model says about
 *		itself.
 *
 * What comes in has the right magic, version, checksum and header.  The rest is
 * read where the model is used, for it needs the types of its columns: a dump
 * must be restored even if one of them was dropped long ago.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "synthesize/model.h"

PG_FUNCTION_INFO_V1(kiaim_model_in);
PG_FUNCTION_INFO_V1(kiaim_model_out);
PG_FUNCTION_INFO_V1(kiaim_model_recv);
PG_FUNCTION_INFO_V1(kiaim_model_send);
PG_FUNCTION_INFO_V1(kiaim_model_header);

/* A datum of the bytes, once they are known to begin as a model. */
static Datum
checked_datum(const char *data, Size length)
{
	struct varlena *model;
	ModelHeader header;

	if (length > MODEL_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a model has at most %d MB, not %zu bytes",
						MODEL_MAX_BYTES / (1024 * 1024), length)));
	model_header(data, length, &header);
	model = palloc(VARHDRSZ + length);
	SET_VARSIZE(model, VARHDRSZ + length);
	memcpy(VARDATA(model), data, length);
	return PointerGetDatum(model);
}

/* Input: base64, so that a dump is text. */
Datum
kiaim_model_in(PG_FUNCTION_ARGS)
{
	Datum		text = CStringGetTextDatum(PG_GETARG_CSTRING(0));
	bytea	   *bytes = DatumGetByteaPP(DirectFunctionCall2(binary_decode, text,
															CStringGetTextDatum("base64")));

	PG_RETURN_DATUM(checked_datum(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* Output. */
Datum
kiaim_model_out(PG_FUNCTION_ARGS)
{
	char	   *lines = TextDatumGetCString(DirectFunctionCall2(binary_encode, PG_GETARG_DATUM(0),
																CStringGetTextDatum("base64")));
	char	   *to = lines;

	for (char *from = lines; *from; from++)
		if (*from != '\n')
			*to++ = *from;
	*to = '\0';
	PG_RETURN_CSTRING(lines);
}

/* Binary input. */
Datum
kiaim_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;

	PG_RETURN_DATUM(checked_datum(pq_getmsgbytes(message, length), length));
}

/* Binary output. */
Datum
kiaim_model_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

/* kiaim.model_header(model) */
Datum
kiaim_model_header(PG_FUNCTION_ARGS)
{
	struct varlena *model = PG_GETARG_VARLENA_PP(0);
	TupleDesc	desc;
	ModelHeader header;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	model_header(VARDATA_ANY(model), VARSIZE_ANY_EXHDR(model), &header);
	values[0] = CStringGetTextDatum(header.source);
	values[1] = CStringGetTextDatum(header.method);
	values[2] = Int64GetDatum(header.rows);
	values[3] = Int32GetDatum(header.ncolumns);
	values[4] = Int64GetDatum(VARSIZE_ANY_EXHDR(model));
	values[5] = Int64GetDatum(header.persons);
	values[6] = Int32GetDatum(header.min_leaf);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
