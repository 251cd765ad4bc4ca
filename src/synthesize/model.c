/*-------------------------------------------------------------------------
 *
 * model.c
 *		The bytes of a model.
 *
 * A magic, a version and a checksum come first, then what there is to say about
 * the model without reading it, then columns, generator and constraints, each
 * written and read by its own file.  The checksum finds what was damaged by
 * accident; whoever changes bytes on purpose can compute it too, and so every
 * reader believes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_crc32c.h"

#include "synthesize/model.h"

#define MODEL_MAGIC			"kiaimMOD"
#define MAGIC_BYTES			8
#define MODEL_VERSION		1

/* Where the checksum stands: after magic and version; it is of all that follows it. */
#define CHECKSUM_AT			(MAGIC_BYTES + 2)
#define CONTENT_AT			(CHECKSUM_AT + 4)

/* More conditions than anybody writes. */
#define MAX_CONSTRAINTS		1000

/* The checksum of the content. */
static uint32
checksum(const char *content, Size length)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, content, length);
	FIN_CRC32C(crc);
	return crc;
}

/* Write what model_header() reads. */
static void
write_header(StringInfo to, const Model *model)
{
	bytes_put_text(to, GetDatabaseEncodingName());
	bytes_put_text(to, model->source);
	bytes_put_text(to, model->generator->method->name);
	bytes_put_int64(to, model->rows);
	bytes_put_int64(to, model->persons);
	bytes_put_uint32(to, model->min_leaf);
	bytes_put_uint32(to, model->columns->ncolumns);
}

/* Error for a model that cannot be stored, nor dumped if it could. */
pg_noreturn static void
refuse_size(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the model is larger than %d MB", MODEL_MAX_BYTES / (1024 * 1024)),
			 errhint("Fit fewer columns, fewer trees (\"trees\") or fewer rows (\"rows\"), or larger leaves (\"min_leaf\").")));
}

/* Write everything that follows the checksum. */
static void
write_content(StringInfo to, const Model *model)
{
	write_header(to, model);
	bytes_put_uint32(to, model->nconstraints);
	for (int i = 0; i < model->nconstraints; i++)
		bytes_put_text(to, model->constraints[i]);
	columns_write(to, model->columns);
	model->generator->method->write(to, model->generator);
}

/* See model.h. */
bytea *
model_to_bytes(const Model *model)
{
	MemoryContext caller = CurrentMemoryContext;
	StringInfoData to;
	uint32		crc;

	initStringInfo(&to);
	appendStringInfoSpaces(&to, VARHDRSZ);
	appendBinaryStringInfo(&to, MODEL_MAGIC, MAGIC_BYTES);
	bytes_put_uint16(&to, MODEL_VERSION);
	bytes_put_uint32(&to, 0);
	PG_TRY();
	{
		write_content(&to, model);
	}
	PG_CATCH();
	{
		/* a buffer that cannot grow any more says nothing about models */
		if (geterrcode() != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		refuse_size();
	}
	PG_END_TRY();
	if (to.len - VARHDRSZ > MODEL_MAX_BYTES)
		refuse_size();
	crc = checksum(to.data + VARHDRSZ + CONTENT_AT, to.len - VARHDRSZ - CONTENT_AT);
	for (int i = 0; i < 4; i++)
		to.data[VARHDRSZ + CHECKSUM_AT + i] = (char) (crc >> (8 * i) & 0xff);
	SET_VARSIZE(to.data, to.len);
	return (bytea *) to.data;
}

/* Begin to read: what is no model, of another version or damaged ends here. */
static ByteReader
open_bytes(const char *data, Size length)
{
	ByteReader	r = {"model", data, length};
	uint16		version;

	if (length < MAGIC_BYTES || memcmp(data, MODEL_MAGIC, MAGIC_BYTES) != 0)
		bytes_invalid(&r, "It does not begin as a model does.");
	(void) bytes_take(&r, MAGIC_BYTES, 1);
	version = bytes_uint16(&r);
	if (version != MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("models of version %u are not known here", version),
				 version > MODEL_VERSION ?
				 errdetail("The model was written by a newer version of kiaim; this one reads version %d.",
						   MODEL_VERSION) :
				 errdetail("This version of kiaim reads version %d.", MODEL_VERSION),
				 errhint("Fit the model again, or use the version of kiaim that wrote it.")));
	if (bytes_uint32(&r) != checksum(data + Min(CONTENT_AT, length), length - Min(CONTENT_AT, length)))
		bytes_invalid(&r, "Its checksum is wrong: it was damaged.");
	return r;
}

/*
 * A text of the header in the encoding of the database, whatever it was written
 * in: a dump must be restored in a database of another encoding too.
 */
static char *
read_encoded(ByteReader *r, int encoding)
{
	uint32		length = bytes_uint32(r);
	const char *data = bytes_take(r, length, 1);
	char	   *text;

	if (!pg_verify_mbstr(encoding, data, length, true) || memchr(data, '\0', length) != NULL)
		bytes_invalid(r, "A text is not valid in its encoding.");
	text = pnstrdup(data, length);
	return (char *) pg_do_encoding_conversion((unsigned char *) text, length, encoding,
											  GetDatabaseEncoding());
}

/* Read what the header says. */
static void
read_header(ByteReader *r, ModelHeader *header)
{
	int			encoding;

	header->encoding = bytes_text(r);
	encoding = header->encoding != NULL ? pg_char_to_encoding(header->encoding) : -1;
	if (!PG_VALID_BE_ENCODING(encoding))
		bytes_invalid(r, "Its encoding is none of a database.");
	header->source = read_encoded(r, encoding);
	header->method = bytes_text(r);
	header->rows = bytes_int64(r);
	header->persons = bytes_int64(r);
	header->min_leaf = bytes_count(r, 1, PG_INT32_MAX);
	header->ncolumns = bytes_count(r, 1, MaxHeapAttributeNumber);
	if (header->method == NULL || header->rows < 1 ||
		header->persons < 1 || header->persons > header->rows)
		bytes_invalid(r, "What it says about itself cannot be.");
}

/* See model.h. */
void
model_header(const char *data, Size length, ModelHeader *header)
{
	ByteReader	r = open_bytes(data, length);

	read_header(&r, header);
}

/* Its texts are in the encoding of the database where it was fitted. */
static void
check_encoding(const char *encoding)
{
	if (pg_char_to_encoding(encoding) != GetDatabaseEncoding())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the model was fitted in a database with encoding %s, not %s",
						encoding, GetDatabaseEncodingName()),
				 errhint("Fit it again in this database.")));
}

/* The declared conditions. */
static void
read_constraints(ByteReader *r, Model *model)
{
	model->nconstraints = bytes_count(r, 0, MAX_CONSTRAINTS);
	model->constraints = palloc0(sizeof(char *) * Max(model->nconstraints, 1));
	for (int i = 0; i < model->nconstraints; i++)
	{
		model->constraints[i] = bytes_text(r);
		if (model->constraints[i] == NULL)
			bytes_invalid(r, "A constraint has no text.");
	}
}

/* See model.h. */
Model *
model_from_bytes(bytea *bytes)
{
	ByteReader	r = open_bytes(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	Model	   *model = palloc0(sizeof(Model));
	const GeneratorMethod *method;
	ModelHeader header;

	read_header(&r, &header);
	check_encoding(header.encoding);
	method = generator_method(header.method);
	if (method == NULL)
		bytes_invalid(&r, "Its method is none that is known.");
	model->source = header.source;
	model->rows = header.rows;
	model->persons = header.persons;
	model->min_leaf = header.min_leaf;
	read_constraints(&r, model);
	model->columns = columns_read(&r);
	if (model->columns->ncolumns != header.ncolumns)
		bytes_invalid(&r, "It says another number of columns than it has.");
	model->generator = method->read(&r, model->columns->nvariables, model->columns->variables);
	bytes_end(&r);
	return model;
}
