/*-------------------------------------------------------------------------
 *
 * frame_internal.h
 *		What the files of the room "frame" share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_FRAME_INTERNAL_H
#define KIAIM_FRAME_INTERNAL_H

#include "port/pg_bitutils.h"

#include "compat.h"
#include "frame/frame.h"

/*
 * Do equal values of a column have the same bytes?  Not numeric 1.0 and 1.00,
 * or texts of a collation that calls different ones equal.
 */
extern bool frame_equal_means_same(Oid relid, const char *column);

/* Does frame_read() let the server group this relation? */
extern bool frame_pushes_down(Oid relid);

/* frame_read_rows() by the reader of choice: dictionaries of two relations are alike only by the same. */
extern TupleCounter *frame_read_as(Oid relid, const char *rows, int ncolumns,
								   const char *const *columns, FrameEquality equality,
								   int nimage, bool pushdown);

/* How the values of a column are told apart. */
typedef enum DictionaryMethod
{
	BY_WORD,					/* the datum itself is the identity */
	BY_FLOAT4,					/* the same once -0 and the NaNs are folded */
	BY_FLOAT8,
	BY_VARLENA,					/* the payload's bytes; up to seven are kept in a word */
	BY_PLAIN_VARLENA,			/* the payload's bytes, of a type that knows no short header */
	BY_BPCHAR,					/* the payload's bytes without trailing blanks */
	BY_UNKNOWN,					/* C strings, kept as text */
	BY_CSTRING,					/* C strings, kept as such */
	BY_FIXED,					/* typlen bytes */
	BY_FUNCTION					/* the type's own hash and equality functions */
} DictionaryMethod;

/* What is the same for all dictionaries over one type. */
typedef struct DictionaryType
{
	Oid			declared;		/* type as the caller gave it */
	Oid			type;			/* type of the values kept */
	Oid			collation;
	DictionaryMethod method;
	int16		typlen;
	bool		typbyval;
	FmgrInfo   *hash;			/* BY_FUNCTION; they belong to the type cache */
	FmgrInfo   *equal;
} DictionaryType;

/* Resolve a type; see dictionary_create() for the errors. */
extern void dictionary_type_init(DictionaryType *t, Oid type, Oid collation,
								 FrameEquality equality);

/* A slot of the table over words: code + 1, or 0 where it is empty. */
typedef struct WordSlot
{
	uint64		word;
	uint32		entry;
} WordSlot;

/* A slot of the table over everything else. */
typedef struct ByteSlot
{
	uint32		hash;
	uint32		entry;
} ByteSlot;

#define NO_CODE		PG_UINT32_MAX

/*
 * values[code] is the word of a by-value datum, the image of a short varlena
 * (header byte and up to seven bytes: told from a pointer by the header's
 * flag), or a pointer to a longer value in the arena.  Up to
 * DICTIONARY_SCAN words are found by looking at all of them.
 */
struct Dictionary
{
	const DictionaryType *type;
	FrameMemory *memory;
	uint64	   *values;
	WordSlot   *words;
	ByteSlot   *bytes;
	struct ArenaChunk *arena;	/* newest first */
	Size		arena_held;		/* bytes of all chunks */
	uint32		size;			/* codes given */
	uint32		capacity;		/* of values */
	uint32		null_code;		/* or NO_CODE */
	uint32		nwords;			/* words among the values */
	uint32		nbytes;			/* the others but NULL */
	uint8		words_log;		/* log2 of the tables' slots, 0 for none */
	uint8		bytes_log;
};

#define DICTIONARY_SCAN		8

/* A bijective mixer of 64 bits whose upper bits make a table's index. */
static inline uint64
mix_word(uint64 x)
{
	x ^= x >> 32;
	x *= UINT64CONST(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64CONST(0x9e3779b97f4a7c15);
	return x;
}

/* Bytes that a short varlena can have to fit a word with its header. */
#define WORD_PAYLOAD	7

/* The short image of at most WORD_PAYLOAD bytes. */
static inline uint64
short_word(const char *data, Size length)
{
#ifdef WORDS_BIGENDIAN
	uint64		word = 0;

	SET_VARSIZE_SHORT(&word, length + VARHDRSZ_SHORT);
	memcpy((char *) &word + VARHDRSZ_SHORT, data, length);
	return word;
#else
	uint64		payload = 0;

	/* two loads that may overlap: the bytes they share are the same */
	if (length >= 4)
	{
		uint32		head;
		uint32		tail;

		memcpy(&head, data, 4);
		memcpy(&tail, data + length - 4, 4);
		payload = head | (uint64) tail << (8 * (length - 4));
	}
	else if (length > 0)
		payload = (uint64) (uint8) data[0] |
			(uint64) (uint8) data[length >> 1] << (8 * (length >> 1)) |
			(uint64) (uint8) data[length - 1] << (8 * (length - 1));
	return payload << 8 | (length + VARHDRSZ_SHORT) << 1 | 1;
#endif
}

/* The code of a word, or NO_CODE. */
static inline uint32
find_word(const Dictionary *d, uint64 word)
{
	uint64		last;

	if (d->words_log == 0)
	{
		/* looking at all of them has no branch to mispredict */
		uint32		found = 0;

		for (uint32 code = 0; code < d->size; code++)
			found |= (uint32) (d->values[code] == word) << code;
		if (d->null_code != NO_CODE)
			found &= ~((uint32) 1 << d->null_code);
		return found != 0 ? (uint32) pg_rightmost_one_pos32(found) : NO_CODE;
	}
	last = ((uint64) 1 << d->words_log) - 1;
	for (uint64 i = mix_word(word) >> (64 - d->words_log); d->words[i].entry != 0;
		 i = (i + 1) & last)
	{
		if (d->words[i].word == word)
			return d->words[i].entry - 1;
	}
	return NO_CODE;
}

/* dictionary_encode() for the inner loop: known small values need no call. */
static inline uint32
encode_value(Dictionary *d, Datum value, bool isnull)
{
	uint32		code = NO_CODE;

	if (isnull)
		code = d->null_code;
	else if (d->type->method == BY_WORD)
		code = find_word(d, (uint64) value);
	else if (d->type->method == BY_VARLENA)
	{
		char	   *varlena = DatumGetPointer(value);

		if (VARATT_IS_SHORT(varlena) && !VARATT_IS_EXTERNAL(varlena) &&
			VARSIZE_SHORT(varlena) <= VARHDRSZ_SHORT + WORD_PAYLOAD)
			code = find_word(d, short_word(VARDATA_SHORT(varlena),
										   VARSIZE_SHORT(varlena) - VARHDRSZ_SHORT));
	}
	return likely(code != NO_CODE) ? code : dictionary_encode(d, value, isnull);
}

/* An empty dictionary in place; free its pieces. */
extern void dictionary_init(Dictionary *d, const DictionaryType *type, FrameMemory *memory);
extern void dictionary_release(Dictionary *d);

/* A place for a value of so many bytes; give all places back. */
extern char *arena_alloc(Dictionary *d, Size size);
extern void arena_release(Dictionary *d);

/* The bytes of a value for the byte form; NULL has none. */
extern const char *dictionary_image(const Dictionary *d, uint32 code, Size *length);

/* Encode a value from its bytes; false if they cannot be one of the type's. */
extern bool dictionary_encode_image(Dictionary *d, const char *image, Size length,
									uint32 *code);

/* Bits needed to hold 0 .. n - 1; at least 1. */
static inline int
bits_for(uint32 n)
{
	int			bits = 1;

	while (bits < 32 && ((uint64) 1 << bits) < n)
		bits++;
	return bits;
}

/* A column of a counter: its dictionary and where its code sits in the key. */
typedef struct CounterColumn
{
	Dictionary	dictionary;
	uint16		word;
	uint8		shift;
	uint8		width;			/* 1 .. 32 bits */
	uint32		last;			/* the largest code that fits */
} CounterColumn;

struct CounterShape
{
	int			ncolumns;
	FrameEquality equality;
	DictionaryType types[FLEXIBLE_ARRAY_MEMBER];
};

/*
 * slots are rows of nwords key words and a weight; weight 0 is an empty slot.
 * Rows wait in pending, once the table outgrows the caches, until their slots
 * have arrived.
 */
struct TupleCounter
{
	FrameMemory memory;
	const CounterShape *shape;
	CounterShape *own_shape;	/* to be freed with the counter, or NULL */
	uint64	   *slots;
	uint64		nslots;			/* power of two, or 0 */
	uint64		nused;
	uint64		limit;			/* nused beyond which the table grows */
	int64		total;
	uint64	   *pending;
	int			npending;
	int			ncolumns;
	int			nwords;
	int			shift;			/* 64 - log2(nslots) */
	CounterColumn columns[FLEXIBLE_ARRAY_MEMBER];
};

/* Where a column's code sits in a key; the byte form carries it. */
static inline uint32
unpack_code(const uint64 *key, const CounterColumn *column)
{
	return (uint32) (key[column->word] >> column->shift) & column->last;
}

/* The hash of a key. */
static inline uint64
hash_key(const uint64 *key, int nwords)
{
	uint64		hash = mix_word(key[0]);

	for (int w = 1; w < nwords; w++)
		hash = mix_word((hash ^ (hash >> 29)) + key[w]);
	return hash;
}

/* Put the waiting rows into the table. */
extern void counter_flush(TupleCounter *c);

/* Make the layout fit the dictionaries, and the table ntuples rows. */
extern void counter_reserve(TupleCounter *c, uint64 ntuples);

/* Count a tuple that is packed as the counter packs it. */
extern void counter_add_key(TupleCounter *c, const uint64 *key, int64 weight);

/* Add to the sum of weights; error 22003 if it overflows. */
extern void counter_add_total(TupleCounter *c, int64 weight);

#endif							/* KIAIM_FRAME_INTERNAL_H */
