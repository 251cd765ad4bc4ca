/*-------------------------------------------------------------------------
 *
 * recoding_internal.h
 *		What the files of the recoding share: its byte form.
 *
 *		magic, checksum of all that follows, version
 *		encoding of the texts, method
 *		number of figures, and every figure: name and float8
 *		number of columns, and every column: name, type, output type, values,
 *			outcomes
 *		number of tuples, their keys in ascending order, the outcome row of each
 *		number of outcome rows, and every row: an outcome code a column
 *
 * All numbers are little-endian: 32 bits, words of keys and float8 64 bits.  A
 * text is its length and its bytes; values and outcomes of a column are their
 * number, the end of each in the bytes that follow, and these bytes, in
 * ascending order of the bytes and each once.  Code 0 is NULL, code i the i-th text.
 * A key has the codes of the values, each in as many bits as the last one
 * needs, packed from the low bits up, none across two words.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RECODING_INTERNAL_H
#define KIAIM_RECODING_INTERNAL_H

#include "postgres.h"

#include "anonymize/anonymize.h"
#include "anonymize/recoding.h"
#include "compat.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"
#include "utils/array.h"

#define RECODING_MAGIC		0x6352696bU		/* the bytes "kiRc" */
#define RECODING_VERSION	1

/* Where the checksum begins to count. */
#define RECODING_CHECKED	(2 * sizeof(uint32))

/* Texts one after the other, ascending. */
typedef struct RecodingTexts
{
	uint32		n;
	const char *ends;			/* n numbers */
	const char *bytes;
} RecodingTexts;

typedef struct RecodingColumn
{
	const char *name;			/* these three end with a zero */
	const char *type;
	const char *output;
	RecodingTexts values;
	RecodingTexts outcomes;
	int			word;			/* place of the value's code in the key */
	int			shift;
	int			bits;
} RecodingColumn;

typedef struct RecodingFigure
{
	const char *name;
	double		value;
} RecodingFigure;

/* A recoding that was found valid; all arrays without a zero at the end lie in its bytes. */
typedef struct Recoding
{
	const char *method;
	int			nfigures;
	RecodingFigure *figures;
	int			ncolumns;
	RecodingColumn *columns;
	int			words;			/* of a key */
	uint32		ntuples;
	const char *keys;
	const char *rows;			/* of each tuple, its outcome row */
	uint32		nrows;
	const char *outcomes;		/* of each row, the codes of the columns */
} Recoding;

/*
 * Check bytes and find their parts, in the current memory context.  Whatever
 * the bytes are, this ends in a valid recoding or in error 22P03, or 22023 for one
 * that is another version's or of another encoding.
 */
extern Recoding *recoding_parse(const char *data, Size length);

/* The checksum of bytes. */
extern uint32 recoding_checksum(const char *data, Size length);

/* Give the columns their places in the key; returns the words of a key. */
extern int	recoding_place_columns(int ncolumns, RecodingColumn *columns);

/* The name of a type as a recoding knows it, that of its base type where it is a domain. */
extern const char *recoding_type_name(Oid type);

/* The texts of an outcome row as an array. */
extern ArrayType *recoding_outcome_array(const Recoding *r, uint32 row);

/* ---- the store, recoding_store.c; callers have connected to SPI ---- */

/*
 * Keep a recoding that was fitted to a relation, as the caller's; returns its id, palloc'd.
 * The caller may be its owner already.
 */
extern char *recoding_store(struct varlena *bytes, Oid relid, const char *method);

/* The caller's recoding of that id; error 42704 if there is none. */
extern Recoding *recoding_load(const char *id);

/* Error 25006 where nothing can be stored, before a long fit. */
extern void recoding_check_writable(void);

/*
 * The query that releases the source recoded; with_person adds the person
 * column, for verification only.  Error 22023 unless the recoding is one of
 * the quasi-identifiers of the policy.
 */
extern char *release_query_recoded(Oid relid, const Policy *policy, const char *id,
								   const Recoding *recoding, bool with_person);

/* ---- numbers ---- */

static inline uint32
recoding_uint32(const char *data)
{
	uint32		value;

	memcpy(&value, data, sizeof(value));
#ifdef WORDS_BIGENDIAN
	value = pg_bswap32(value);
#endif
	return value;
}

static inline uint64
recoding_uint64(const char *data)
{
	uint64		value;

	memcpy(&value, data, sizeof(value));
#ifdef WORDS_BIGENDIAN
	value = pg_bswap64(value);
#endif
	return value;
}

/* ---- parts of a valid recoding ---- */

/* Text i, from 0; it does not end with a zero. */
static inline const char *
recoding_text(const RecodingTexts *texts, uint32 i, uint32 *length)
{
	uint32		start = i == 0 ? 0 : recoding_uint32(texts->ends + (i - 1) * sizeof(uint32));

	*length = recoding_uint32(texts->ends + i * sizeof(uint32)) - start;
	return texts->bytes + start;
}

static inline uint64
recoding_key_word(const Recoding *r, uint32 tuple, int word)
{
	return recoding_uint64(r->keys + ((Size) tuple * r->words + word) * sizeof(uint64));
}

/* The code of a column in the key of a tuple. */
static inline uint32
recoding_key_code(const Recoding *r, uint32 tuple, int column)
{
	const RecodingColumn *c = &r->columns[column];

	return (uint32) (recoding_key_word(r, tuple, c->word) >> c->shift &
					 ((UINT64CONST(1) << c->bits) - 1));
}

static inline uint32
recoding_row(const Recoding *r, uint32 tuple)
{
	return recoding_uint32(r->rows + (Size) tuple * sizeof(uint32));
}

static inline uint32
recoding_outcome(const Recoding *r, uint32 row, int column)
{
	return recoding_uint32(r->outcomes + ((Size) row * r->ncolumns + column) * sizeof(uint32));
}

#endif							/* KIAIM_RECODING_INTERNAL_H */
