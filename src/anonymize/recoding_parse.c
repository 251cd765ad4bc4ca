/*-------------------------------------------------------------------------
 *
 * recoding_parse.c
 *		Reading the bytes of a recoding, whoever wrote them.
 *
 * A recoding decides what leaves the database, so nothing in it is believed:
 * the checksum vouches for accidents, and every number is checked as if there
 * were none.  After that, lookups need no check of their own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "anonymize/recoding_internal.h"

/* Figures that a recoding may carry. */
#define MAX_FIGURES		100

/* What is left to read. */
typedef struct ByteReader
{
	const char *data;
	Size		left;
} ByteReader;

pg_noreturn static void invalid_bytes(const char *detail);

/* Refuse the bytes. */
static void
invalid_bytes(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid bytes of a recoding"),
			 errdetail_internal("%s", detail)));
}

/* Take count * size bytes, or refuse where there are fewer. */
static const char *
take(ByteReader *r, Size count, Size size)
{
	const char *data = r->data;

	if (count > r->left / size)
		invalid_bytes("It ends too early.");
	r->data += count * size;
	r->left -= count * size;
	return data;
}

static uint32
take_uint32(ByteReader *r)
{
	return recoding_uint32(take(r, 1, sizeof(uint32)));
}

/* Take a text, with a zero at its end. */
static const char *
take_text(ByteReader *r)
{
	uint32		length = take_uint32(r);
	const char *data = take(r, length, 1);

	if (!pg_verify_mbstr(GetDatabaseEncoding(), data, length, true))
		invalid_bytes("A text is not valid in the encoding of the database.");
	return pnstrdup(data, length);
}

/* Compare bytes, a shorter text before a longer one that begins with it. */
static int
compare_bytes(const char *a, uint32 alength, const char *b, uint32 blength)
{
	int			order = memcmp(a, b, Min(alength, blength));

	return order != 0 ? order : (alength > blength) - (alength < blength);
}

/* Take the values or outcomes of a column. */
static void
take_texts(ByteReader *r, RecodingTexts *texts)
{
	uint32		last = 0;

	texts->n = take_uint32(r);
	/* so that every code, that of NULL as well, is below 2^31 */
	if (texts->n >= PG_INT32_MAX)
		invalid_bytes("A column has too many texts.");
	texts->ends = take(r, texts->n, sizeof(uint32));
	for (uint32 i = 0; i < texts->n; i++)
	{
		uint32		end = recoding_uint32(texts->ends + i * sizeof(uint32));

		if (end < last)
			invalid_bytes("A text ends before it begins.");
		last = end;
	}
	texts->bytes = take(r, last, 1);
	for (uint32 i = 0; i < texts->n; i++)
	{
		uint32		length;
		const char *text = recoding_text(texts, i, &length);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (!pg_verify_mbstr(GetDatabaseEncoding(), text, length, true))
			invalid_bytes("A text is not valid in the encoding of the database.");
		if (i > 0)
		{
			uint32		before_length;
			const char *before = recoding_text(texts, i - 1, &before_length);

			if (compare_bytes(before, before_length, text, length) >= 0)
				invalid_bytes("The texts of a column are not in ascending order.");
		}
	}
}

/* See recoding_internal.h. */
uint32
recoding_checksum(const char *data, Size length)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, data, length);
	FIN_CRC32C(crc);
	return crc;
}

/* See recoding_internal.h. */
int
recoding_place_columns(int ncolumns, RecodingColumn *columns)
{
	int			word = 0;
	int			used = 0;

	for (int j = 0; j < ncolumns; j++)
	{
		RecodingColumn *column = &columns[j];

		column->bits = column->values.n == 0 ? 0 : pg_leftmost_one_pos32(column->values.n) + 1;
		if (used + column->bits > 64)
		{
			word++;
			used = 0;
		}
		column->word = word;
		column->shift = column->bits == 0 ? 0 : used;
		used += column->bits;
	}
	return word + 1;
}

/* See recoding_internal.h. */
const char *
recoding_type_name(Oid type)
{
	/* an untyped literal counts as text */
	if (type == UNKNOWNOID)
		type = TEXTOID;
	return format_type_extended(getBaseType(type), -1, FORMAT_TYPE_FORCE_QUALIFY);
}

/* The keys ascend, and each code in them has a value. */
static void
check_keys(const Recoding *r)
{
	uint64	   *used = palloc0(sizeof(uint64) * r->words);

	for (int j = 0; j < r->ncolumns; j++)
		used[r->columns[j].word] |=
			((UINT64CONST(1) << r->columns[j].bits) - 1) << r->columns[j].shift;
	for (uint32 i = 0; i < r->ntuples; i++)
	{
		int			order = i == 0 ? 1 : 0;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int w = 0; w < r->words; w++)
		{
			uint64		word = recoding_key_word(r, i, w);

			if (word & ~used[w])
				invalid_bytes("A tuple has bits outside its columns.");
			if (order == 0)
			{
				uint64		before = recoding_key_word(r, i - 1, w);

				order = (word > before) - (word < before);
			}
		}
		if (order <= 0)
			invalid_bytes("The tuples are not in ascending order.");
		for (int j = 0; j < r->ncolumns; j++)
			if (recoding_key_code(r, i, j) > r->columns[j].values.n)
				invalid_bytes("A tuple has a code without a value.");
		if (recoding_row(r, i) >= r->nrows)
			invalid_bytes("A tuple has no outcome.");
	}
	pfree(used);
}

/* Each code in the outcome rows has a text. */
static void
check_outcomes(const Recoding *r)
{
	for (uint32 i = 0; i < r->nrows; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < r->ncolumns; j++)
			if (recoding_outcome(r, i, j) > r->columns[j].outcomes.n)
				invalid_bytes("An outcome has a code without a text.");
	}
}

/* Version and encoding: whether we can read it at all. */
static void
check_origin(ByteReader *reader)
{
	uint32		version = take_uint32(reader);
	const char *encoding;

	if (version != RECODING_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recoding has version %u, not %d", version, RECODING_VERSION),
				 errhint("Fit it again with this version of kiaim.")));
	encoding = take_text(reader);
	if (strcmp(encoding, GetDatabaseEncodingName()) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recoding has texts in the encoding \"%s\", the database is in \"%s\"",
						encoding, GetDatabaseEncodingName()),
				 errhint("Fit it again in this database.")));
}

/* See recoding_internal.h. */
Recoding *
recoding_parse(const char *data, Size length)
{
	ByteReader	reader = {data, length};
	Recoding   *r = palloc0(sizeof(Recoding));
	uint32		n;

	if (take_uint32(&reader) != RECODING_MAGIC)
		invalid_bytes("It does not begin as one.");
	if (take_uint32(&reader) != recoding_checksum(reader.data, reader.left))
		invalid_bytes("The checksum does not match.");
	check_origin(&reader);
	r->method = take_text(&reader);

	n = take_uint32(&reader);
	if (n > MAX_FIGURES)
		invalid_bytes("It has too many figures.");
	r->nfigures = (int) n;
	r->figures = palloc0(sizeof(RecodingFigure) * Max(n, 1));
	for (int i = 0; i < r->nfigures; i++)
	{
		uint64		bits;

		r->figures[i].name = take_text(&reader);
		bits = recoding_uint64(take(&reader, 1, sizeof(uint64)));
		memcpy(&r->figures[i].value, &bits, sizeof(bits));
	}

	n = take_uint32(&reader);
	if (n < 1 || n > RECODING_MAX_COLUMNS)
		invalid_bytes("The number of columns is out of range.");
	r->ncolumns = (int) n;
	r->columns = palloc0(sizeof(RecodingColumn) * n);
	for (int j = 0; j < r->ncolumns; j++)
	{
		r->columns[j].name = take_text(&reader);
		r->columns[j].type = take_text(&reader);
		r->columns[j].output = take_text(&reader);
		take_texts(&reader, &r->columns[j].values);
		take_texts(&reader, &r->columns[j].outcomes);
	}
	r->words = recoding_place_columns(r->ncolumns, r->columns);

	r->ntuples = take_uint32(&reader);
	r->keys = take(&reader, r->ntuples, sizeof(uint64) * r->words);
	r->rows = take(&reader, r->ntuples, sizeof(uint32));
	r->nrows = take_uint32(&reader);
	r->outcomes = take(&reader, r->nrows, sizeof(uint32) * r->ncolumns);
	if (reader.left > 0)
		invalid_bytes("There is more than there should be.");
	check_keys(r);
	check_outcomes(r);
	return r;
}
