/*-------------------------------------------------------------------------
 *
 * recoding_type.c
 *		The type kiaim.recoding: its input and output, a maker for mappings that
 *		come from elsewhere, and what a reader may see of one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "anonymize/recoding_internal.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_recoding_in);
PG_FUNCTION_INFO_V1(kiaim_recoding_out);
PG_FUNCTION_INFO_V1(kiaim_recoding_recv);
PG_FUNCTION_INFO_V1(kiaim_recoding_send);
PG_FUNCTION_INFO_V1(kiaim_make_recoding);
PG_FUNCTION_INFO_V1(kiaim_recoding_figures);
PG_FUNCTION_INFO_V1(kiaim_recoding_tuples);

/* A datum of the bytes, once they are known to be valid. */
static Datum
checked_datum(const char *data, Size length)
{
	struct varlena *recoding;

	(void) recoding_parse(data, length);
	recoding = palloc(VARHDRSZ + length);
	SET_VARSIZE(recoding, VARHDRSZ + length);
	memcpy(VARDATA(recoding), data, length);
	return PointerGetDatum(recoding);
}

/* Input: base64, so that a dump is text. */
Datum
kiaim_recoding_in(PG_FUNCTION_ARGS)
{
	Datum		text = CStringGetTextDatum(PG_GETARG_CSTRING(0));
	bytea	   *bytes = DatumGetByteaPP(DirectFunctionCall2(binary_decode, text,
															 CStringGetTextDatum("base64")));

	PG_RETURN_DATUM(checked_datum(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* Output. */
Datum
kiaim_recoding_out(PG_FUNCTION_ARGS)
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
kiaim_recoding_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;

	PG_RETURN_DATUM(checked_datum(pq_getmsgbytes(message, length), length));
}

/* Binary output. */
Datum
kiaim_recoding_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

/* The elements of a text array; a two-dimensional one must have that many columns. */
static int
array_texts(ArrayType *array, const char *name, int ncolumns, Datum **elements, bool **nulls)
{
	int			n;

	if (ARR_NDIM(array) != 0 && (ncolumns == 0 ? ARR_NDIM(array) != 1 :
								 ARR_NDIM(array) != 2 || ARR_DIMS(array)[1] != ncolumns))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 ncolumns == 0 ? errmsg("%s must be an array of one dimension", name) :
				 errmsg("%s must be an array of rows of %d values", name, ncolumns)));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, elements, nulls, &n);
	return n;
}

/* The columns of a recoding that a user makes. */
static RecodingBuilder *
start_recoding(text *method, ArrayType *columns, ArrayType *types, int *ncolumns)
{
	RecodingBuilder *b;
	Datum	   *names;
	bool	   *nulls;
	Datum	   *oids;
	bool	   *oid_nulls;
	int			ntypes;

	*ncolumns = array_texts(columns, "columns", 0, &names, &nulls);
	deconstruct_array(types, REGTYPEOID, sizeof(Oid), true, TYPALIGN_INT, &oids, &oid_nulls, &ntypes);
	if (ntypes != *ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a recoding of %d columns needs as many types, not %d",
						*ncolumns, ntypes)));
	b = recoding_builder_create(text_to_cstring(method), *ncolumns);
	for (int j = 0; j < *ncolumns; j++)
	{
		if (nulls[j] || oid_nulls[j])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("name and type of column %d must not be null", j + 1)));
		for (int i = 0; i < j; i++)
			if (strcmp(TextDatumGetCString(names[i]), TextDatumGetCString(names[j])) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("column \"%s\" of a recoding appears more than once",
								TextDatumGetCString(names[j]))));
		if (!OidIsValid(DatumGetObjectId(oids[j])) || !get_typisdefined(DatumGetObjectId(oids[j])))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("type of column %d does not exist", j + 1)));
		recoding_builder_column(b, j, TextDatumGetCString(names[j]), DatumGetObjectId(oids[j]),
								TEXTOID);
	}
	return b;
}

/* kiaim.make_recoding(method, columns, types, tuples, labels) */
Datum
kiaim_make_recoding(PG_FUNCTION_ARGS)
{
	int			ncolumns;
	RecodingBuilder *b = start_recoding(PG_GETARG_TEXT_PP(0), PG_GETARG_ARRAYTYPE_P(1),
										PG_GETARG_ARRAYTYPE_P(2), &ncolumns);
	Datum	   *tuples;
	bool	   *tuple_nulls;
	Datum	   *labels;
	bool	   *label_nulls;
	int			n = array_texts(PG_GETARG_ARRAYTYPE_P(3), "tuples", ncolumns, &tuples, &tuple_nulls);
	uint32		values[RECODING_MAX_COLUMNS];
	uint32		outcome[RECODING_MAX_COLUMNS];

	if (array_texts(PG_GETARG_ARRAYTYPE_P(4), "labels", ncolumns, &labels, &label_nulls) != n)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("tuples and labels must be as many")));
	for (int i = 0; i < n; i += ncolumns)
	{
		for (int j = 0; j < ncolumns; j++)
		{
			values[j] = recoding_builder_value(b, j, tuple_nulls[i + j] ? NULL :
											   TextDatumGetCString(tuples[i + j]));
			outcome[j] = recoding_builder_outcome(b, j, label_nulls[i + j] ? NULL :
												  TextDatumGetCString(labels[i + j]));
		}
		recoding_builder_tuple(b, values, outcome);
	}
	PG_RETURN_POINTER(recoding_builder_finish(b));
}

/* A recoding argument, found valid. */
static Recoding *
recoding_argument(FunctionCallInfo fcinfo)
{
	struct varlena *bytes = PG_GETARG_VARLENA_PP(0);

	return recoding_parse(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

/* kiaim.recoding_figures(recoding) */
Datum
kiaim_recoding_figures(PG_FUNCTION_ARGS)
{
	Recoding   *r = recoding_argument(fcinfo);
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	RecodingFigure own[] = {
		{"columns", r->ncolumns}, {"tuples", r->ntuples}, {"outcomes", r->nrows}
	};

	for (int i = 0; i < lengthof(own) + r->nfigures; i++)
	{
		const RecodingFigure *figure = i < lengthof(own) ? &own[i] : &r->figures[i - lengthof(own)];
		Datum		values[2];
		bool		nulls[2] = {false, false};

		values[0] = CStringGetTextDatum(figure->name);
		values[1] = Float8GetDatum(figure->value);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* An array of one text a column; code 0 is NULL. */
static ArrayType *
text_array(const Recoding *r, const uint32 *codes, bool outcomes)
{
	Datum		elements[RECODING_MAX_COLUMNS];
	bool		nulls[RECODING_MAX_COLUMNS];
	int			dimension = r->ncolumns;
	int			lower_bound = 1;

	for (int j = 0; j < r->ncolumns; j++)
	{
		const RecodingTexts *texts = outcomes ? &r->columns[j].outcomes : &r->columns[j].values;
		uint32		length;
		const char *bytes;

		elements[j] = (Datum) 0;
		nulls[j] = codes[j] == RECODING_NULL;
		if (nulls[j])
			continue;
		bytes = recoding_text(texts, codes[j] - 1, &length);
		elements[j] = PointerGetDatum(cstring_to_text_with_len(bytes, length));
	}
	return construct_md_array(elements, nulls, 1, &dimension, &lower_bound,
							  TEXTOID, -1, false, TYPALIGN_INT);
}

/* See recoding_internal.h. */
ArrayType *
recoding_outcome_array(const Recoding *r, uint32 row)
{
	uint32		codes[RECODING_MAX_COLUMNS];

	for (int j = 0; j < r->ncolumns; j++)
		codes[j] = recoding_outcome(r, row, j);
	return text_array(r, codes, true);
}

/* The values of a tuple. */
static ArrayType *
value_array(const Recoding *r, uint32 tuple)
{
	uint32		codes[RECODING_MAX_COLUMNS];

	for (int j = 0; j < r->ncolumns; j++)
		codes[j] = recoding_key_code(r, tuple, j);
	return text_array(r, codes, false);
}

/* kiaim.recoding_tuples(recoding) */
Datum
kiaim_recoding_tuples(PG_FUNCTION_ARGS)
{
	Recoding   *r = recoding_argument(fcinfo);
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "kiaim recoding tuple",
											   ALLOCSET_DEFAULT_SIZES);

	for (uint32 i = 0; i < r->ntuples; i++)
	{
		MemoryContext caller = MemoryContextSwitchTo(work);
		Datum		values[2];
		bool		nulls[2] = {false, false};

		CHECK_FOR_INTERRUPTS();
		values[0] = PointerGetDatum(value_array(r, i));
		values[1] = PointerGetDatum(recoding_outcome_array(r, recoding_row(r, i)));
		MemoryContextSwitchTo(caller);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextReset(work);
	}
	MemoryContextDelete(work);
	return (Datum) 0;
}
