/*-------------------------------------------------------------------------
 *
 * recoding_build.c
 *		Writing the bytes of a recoding.
 *
 * Texts get codes as they come; in the end they are sorted and the codes in
 * the tuples are exchanged, so that the bytes do not tell in which order the
 * tuples were read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/recoding_internal.h"
#include "frame/frame.h"

typedef struct BuilderColumn
{
	const char *name;
	const char *type;
	const char *output;
	Dictionary *values;
	Dictionary *outcomes;
} BuilderColumn;

struct RecodingBuilder
{
	const char *method;
	int			ncolumns;
	BuilderColumn *columns;
	int			nfigures;
	RecodingFigure *figures;
	FrameMemory memory;
	Size		ntuples;
	Size		size;			/* allocated */
	uint32	   *codes;			/* a tuple: codes of the values, then of the outcome */
};

/* See recoding.h. */
RecodingBuilder *
recoding_builder_create(const char *method, int ncolumns)
{
	RecodingBuilder *b = palloc0(sizeof(RecodingBuilder));

	if (ncolumns < 1 || ncolumns > RECODING_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a recoding must have 1 to %d columns, not %d",
						RECODING_MAX_COLUMNS, ncolumns)));
	b->method = pstrdup(method);
	b->ncolumns = ncolumns;
	b->columns = palloc0(sizeof(BuilderColumn) * ncolumns);
	b->memory.context = CurrentMemoryContext;
	return b;
}

/* An empty dictionary of texts in which NULL has its code already. */
static Dictionary *
texts_create(void)
{
	Dictionary *d = dictionary_create(UNKNOWNOID, InvalidOid, FRAME_EQUAL_IMAGE);
	uint32		code = dictionary_encode(d, (Datum) 0, true);

	Assert(code == RECODING_NULL);
	(void) code;
	return d;
}

/* See recoding.h. */
void
recoding_builder_column(RecodingBuilder *b, int column, const char *name, Oid type, Oid output)
{
	MemoryContext caller = MemoryContextSwitchTo(b->memory.context);

	Assert(column >= 0 && column < b->ncolumns);
	b->columns[column].name = pstrdup(name);
	b->columns[column].type = recoding_type_name(type);
	b->columns[column].output = recoding_type_name(output);
	b->columns[column].values = texts_create();
	b->columns[column].outcomes = texts_create();
	MemoryContextSwitchTo(caller);
}

/* See recoding.h. */
void
recoding_builder_figure(RecodingBuilder *b, const char *name, double value)
{
	MemoryContext caller = MemoryContextSwitchTo(b->memory.context);

	b->figures = b->nfigures == 0 ? palloc(sizeof(RecodingFigure))
		: repalloc(b->figures, sizeof(RecodingFigure) * (b->nfigures + 1));
	b->figures[b->nfigures].name = pstrdup(name);
	b->figures[b->nfigures].value = value;
	b->nfigures++;
	MemoryContextSwitchTo(caller);
}

/* See recoding.h. */
uint32
recoding_builder_value(RecodingBuilder *b, int column, const char *text)
{
	return dictionary_encode(b->columns[column].values, CStringGetDatum(text), text == NULL);
}

/* See recoding.h. */
uint32
recoding_builder_outcome(RecodingBuilder *b, int column, const char *text)
{
	return dictionary_encode(b->columns[column].outcomes, CStringGetDatum(text), text == NULL);
}

/* See recoding.h. */
void
recoding_builder_tuple(RecodingBuilder *b, const uint32 *values, const uint32 *outcome)
{
	int			n = b->ncolumns;
	uint32	   *codes;

	if (b->ntuples == b->size)
	{
		Size		size = b->size == 0 ? 1024 : b->size * 2;

		b->codes = frame_grow(&b->memory, b->codes, b->size, size, sizeof(uint32) * 2 * n);
		b->size = size;
	}
	codes = b->codes + b->ntuples++ * 2 * n;
	memcpy(codes, values, sizeof(uint32) * n);
	memcpy(codes + n, outcome, sizeof(uint32) * n);
}

/* ---- texts in ascending order ---- */

typedef struct SortedText
{
	const char *bytes;
	uint32		length;
	uint32		code;
} SortedText;

static int
compare_text(const void *a, const void *b)
{
	const SortedText *x = a;
	const SortedText *y = b;
	int			order = memcmp(x->bytes, y->bytes, Min(x->length, y->length));

	return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* The texts of a dictionary in order, without NULL; recode[code] is the new code of each. */
static SortedText *
sort_texts(RecodingBuilder *b, const Dictionary *d, uint32 *n, uint32 **recode)
{
	SortedText *sorted;

	*n = dictionary_size(d) - 1;
	sorted = frame_alloc(&b->memory, Max(*n, 1), sizeof(SortedText), false);
	*recode = frame_alloc(&b->memory, (Size) *n + 1, sizeof(uint32), false);
	for (uint32 i = 0; i < *n; i++)
	{
		bool		isnull;
		struct varlena *text = (struct varlena *) DatumGetPointer(dictionary_value(d, i + 1, &isnull));

		sorted[i].bytes = VARDATA_ANY(text);
		sorted[i].length = VARSIZE_ANY_EXHDR(text);
		sorted[i].code = i + 1;
	}
	qsort(sorted, *n, sizeof(SortedText), compare_text);
	(*recode)[RECODING_NULL] = RECODING_NULL;
	for (uint32 i = 0; i < *n; i++)
		(*recode)[sorted[i].code] = i + 1;
	return sorted;
}

/* ---- tuples in ascending order ---- */

/* A key with its outcome, for qsort_arg by the number of words. */
typedef struct SortedTuple
{
	uint32		tuple;			/* number of the tuple in the builder */
	uint32		row;			/* outcome row, once known */
	uint64		key[FLEXIBLE_ARRAY_MEMBER];
} SortedTuple;

static int
compare_tuple(const void *a, const void *b, void *words)
{
	const SortedTuple *x = a;
	const SortedTuple *y = b;

	for (int w = 0; w < *(int *) words; w++)
		if (x->key[w] != y->key[w])
			return x->key[w] < y->key[w] ? -1 : 1;
	return 0;
}

/* All tuples as sorted keys, each once. */
static char *
sort_tuples(RecodingBuilder *b, const RecodingColumn *columns, int words, uint32 **recode,
			uint32 *n)
{
	Size		width = offsetof(SortedTuple, key) + sizeof(uint64) * words;
	char	   *sorted = frame_alloc(&b->memory, Max(b->ntuples, 1), width, true);
	uint32		kept = 0;

	for (Size i = 0; i < b->ntuples; i++)
	{
		SortedTuple *tuple = (SortedTuple *) (sorted + i * width);
		const uint32 *codes = b->codes + i * 2 * b->ncolumns;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		tuple->tuple = (uint32) i;
		for (int j = 0; j < b->ncolumns; j++)
			tuple->key[columns[j].word] |= (uint64) recode[j][codes[j]] << columns[j].shift;
	}
	qsort_arg(sorted, b->ntuples, width, compare_tuple, &words);
	for (Size i = 0; i < b->ntuples; i++)
	{
		SortedTuple *tuple = (SortedTuple *) (sorted + i * width);
		SortedTuple *last = (SortedTuple *) (sorted + (kept - 1) * width);

		if (kept > 0 && compare_tuple(tuple, last, &words) == 0)
		{
			if (memcmp(b->codes + ((Size) tuple->tuple * 2 + 1) * b->ncolumns,
					   b->codes + ((Size) last->tuple * 2 + 1) * b->ncolumns,
					   sizeof(uint32) * b->ncolumns) != 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("a tuple of the recoding has two outcomes")));
			continue;
		}
		memmove(sorted + kept++ * width, tuple, width);
	}
	*n = kept;
	return sorted;
}

/* Number the distinct outcomes in the order of the tuples; returns a tuple of each. */
static uint32 *
number_outcomes(RecodingBuilder *b, char *sorted, Size width, uint32 ntuples, uint32 *nrows)
{
	Size		nslots = 16;
	uint32	   *slots;			/* row + 1 */
	uint32	   *example = frame_alloc(&b->memory, Max(ntuples, 1), sizeof(uint32), false);

	while (nslots < (Size) ntuples * 2)
		nslots *= 2;
	slots = frame_alloc(&b->memory, nslots, sizeof(uint32), true);
	*nrows = 0;
	for (uint32 i = 0; i < ntuples; i++)
	{
		SortedTuple *tuple = (SortedTuple *) (sorted + i * width);
		const uint32 *outcome = b->codes + ((Size) tuple->tuple * 2 + 1) * b->ncolumns;
		Size		length = sizeof(uint32) * b->ncolumns;
		Size		slot = hash_bytes((const unsigned char *) outcome, (int) length) & (nslots - 1);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		while (slots[slot] != 0 &&
			   memcmp(b->codes + ((Size) example[slots[slot] - 1] * 2 + 1) * b->ncolumns,
					  outcome, length) != 0)
			slot = (slot + 1) & (nslots - 1);
		if (slots[slot] == 0)
		{
			example[*nrows] = tuple->tuple;
			slots[slot] = ++*nrows;
		}
		tuple->row = slots[slot] - 1;
	}
	frame_release(&b->memory, slots, nslots, sizeof(uint32));
	return example;
}

/* ---- bytes ---- */

/* What is written; the size is counted first, by writing nowhere. */
typedef struct ByteWriter
{
	char	   *data;			/* or NULL */
	Size		length;
} ByteWriter;

static void
put_bytes(ByteWriter *w, const void *data, Size length)
{
	if (w->data != NULL)
		memcpy(w->data + w->length, data, length);
	w->length += length;
}

static void
put_uint32(ByteWriter *w, uint32 value)
{
#ifdef WORDS_BIGENDIAN
	value = pg_bswap32(value);
#endif
	put_bytes(w, &value, sizeof(value));
}

static void
put_uint64(ByteWriter *w, uint64 value)
{
#ifdef WORDS_BIGENDIAN
	value = pg_bswap64(value);
#endif
	put_bytes(w, &value, sizeof(value));
}

static void
put_text(ByteWriter *w, const char *text)
{
	put_uint32(w, strlen(text));
	put_bytes(w, text, strlen(text));
}

/* The number of texts, the end of each, and their bytes. */
static void
put_texts(ByteWriter *w, const SortedText *texts, uint32 n)
{
	Size		end = 0;

	put_uint32(w, n);
	for (uint32 i = 0; i < n; i++)
	{
		end += texts[i].length;
		put_uint32(w, (uint32) Min(end, PG_UINT32_MAX));
	}
	for (uint32 i = 0; i < n; i++)
		put_bytes(w, texts[i].bytes, texts[i].length);
}

/* Everything in order, to be written. */
typedef struct SortedRecoding
{
	RecodingColumn columns[RECODING_MAX_COLUMNS];
	SortedText *values[RECODING_MAX_COLUMNS];
	SortedText *outcomes[RECODING_MAX_COLUMNS];
	uint32	   *recode_value[RECODING_MAX_COLUMNS];
	uint32	   *recode_outcome[RECODING_MAX_COLUMNS];
	int			words;
	uint32		ntuples;
	char	   *tuples;
	uint32		nrows;
	uint32	   *example;
} SortedRecoding;

/* Write all bytes but the first. */
static void
put_recoding(ByteWriter *w, RecodingBuilder *b, const SortedRecoding *s)
{
	Size		width = offsetof(SortedTuple, key) + sizeof(uint64) * s->words;

	put_uint32(w, RECODING_VERSION);
	put_text(w, GetDatabaseEncodingName());
	put_text(w, b->method);
	put_uint32(w, b->nfigures);
	for (int i = 0; i < b->nfigures; i++)
	{
		uint64		bits;

		put_text(w, b->figures[i].name);
		memcpy(&bits, &b->figures[i].value, sizeof(bits));
		put_uint64(w, bits);
	}
	put_uint32(w, b->ncolumns);
	for (int j = 0; j < b->ncolumns; j++)
	{
		put_text(w, b->columns[j].name);
		put_text(w, b->columns[j].type);
		put_text(w, b->columns[j].output);
		put_texts(w, s->values[j], s->columns[j].values.n);
		put_texts(w, s->outcomes[j], s->columns[j].outcomes.n);
	}
	put_uint32(w, s->ntuples);
	for (uint32 i = 0; i < s->ntuples; i++)
		for (int word = 0; word < s->words; word++)
			put_uint64(w, ((SortedTuple *) (s->tuples + i * width))->key[word]);
	for (uint32 i = 0; i < s->ntuples; i++)
		put_uint32(w, ((SortedTuple *) (s->tuples + i * width))->row);
	put_uint32(w, s->nrows);
	for (uint32 i = 0; i < s->nrows; i++)
		for (int j = 0; j < b->ncolumns; j++)
			put_uint32(w, s->recode_outcome[j][b->codes[((Size) s->example[i] * 2 + 1) * b->ncolumns + j]]);
}

/* See recoding.h. */
struct varlena *
recoding_builder_finish(RecodingBuilder *b)
{
	SortedRecoding *s = palloc0(sizeof(SortedRecoding));
	ByteWriter	w = {NULL, VARHDRSZ + RECODING_CHECKED};
	Size		size;
	uint32		crc;

	if (b->ntuples > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a recoding of %zu tuples is too large", b->ntuples)));
	for (int j = 0; j < b->ncolumns; j++)
	{
		s->values[j] = sort_texts(b, b->columns[j].values, &s->columns[j].values.n,
								  &s->recode_value[j]);
		s->outcomes[j] = sort_texts(b, b->columns[j].outcomes, &s->columns[j].outcomes.n,
									&s->recode_outcome[j]);
	}
	s->words = recoding_place_columns(b->ncolumns, s->columns);
	s->tuples = sort_tuples(b, s->columns, s->words, s->recode_value, &s->ntuples);
	s->example = number_outcomes(b, s->tuples, offsetof(SortedTuple, key) + sizeof(uint64) * s->words,
								 s->ntuples, &s->nrows);

	put_recoding(&w, b, s);
	size = w.length;
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a recoding of %zu tuples is too large", b->ntuples),
				 errdetail("Its %zu bytes exceed what a value can hold.", size)));
	w.data = palloc(size);
	w.length = VARHDRSZ;
	put_uint32(&w, RECODING_MAGIC);
	put_uint32(&w, 0);
	put_recoding(&w, b, s);
	Assert(w.length == size);

	crc = recoding_checksum(w.data + VARHDRSZ + RECODING_CHECKED, size - VARHDRSZ - RECODING_CHECKED);
	w.length = VARHDRSZ + sizeof(uint32);
	put_uint32(&w, crc);
	SET_VARSIZE(w.data, size);
	return (struct varlena *) w.data;
}
