/*-------------------------------------------------------------------------
 *
 * dictionary.c
 *		Dense codes for the values of one column.
 *
 * Most values of a registry are small: numbers, dates and codes of a few
 * letters.  These are words of 64 bits, looked up in a table of words without
 * calling any function of their type.  Longer values are looked up by a hash
 * of their bytes, and where the type's equality is not that of the bytes, by
 * the type's own functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "compat.h"
#include "frame/frame_internal.h"

/* A dictionary outside any counter, with what counters share. */
typedef struct LoneDictionary
{
	Dictionary	dictionary;
	DictionaryType type;
	FrameMemory memory;
} LoneDictionary;

void
dictionary_init(Dictionary *d, const DictionaryType *type, FrameMemory *memory)
{
	memset(d, 0, sizeof(Dictionary));
	d->type = type;
	d->memory = memory;
	d->null_code = NO_CODE;
}

Dictionary *
dictionary_create(Oid type, Oid collation, FrameEquality equality)
{
	LoneDictionary *lone = palloc0(sizeof(LoneDictionary));

	dictionary_type_init(&lone->type, type, collation, equality);
	lone->memory.context = CurrentMemoryContext;
	lone->memory.used = sizeof(LoneDictionary);
	dictionary_init(&lone->dictionary, &lone->type, &lone->memory);
	return &lone->dictionary;
}

void
dictionary_release(Dictionary *d)
{
	if (d->words_log != 0)
		frame_release(d->memory, d->words, (Size) 1 << d->words_log, sizeof(WordSlot));
	if (d->bytes_log != 0)
		frame_release(d->memory, d->bytes, (Size) 1 << d->bytes_log, sizeof(ByteSlot));
	frame_release(d->memory, d->values, d->capacity, sizeof(uint64));
	arena_release(d);
}

uint32
dictionary_size(const Dictionary *d)
{
	return d->size;
}

Oid
dictionary_type(const Dictionary *d)
{
	return d->type->type;
}

Oid
dictionary_takes(const Dictionary *d)
{
	return d->type->declared;
}

Oid
dictionary_collation(const Dictionary *d)
{
	return d->type->collation;
}

Size
dictionary_memory(const Dictionary *d)
{
	return sizeof(Dictionary) + d->arena_held + d->capacity * sizeof(uint64) +
		(d->words_log ? sizeof(WordSlot) << d->words_log : 0) +
		(d->bytes_log ? sizeof(ByteSlot) << d->bytes_log : 0);
}

/* ---- values as words ---- */

/* Is the word of a varlena its short image, rather than a pointer? */
static inline bool
word_is_short(uint64 word)
{
#ifdef WORDS_BIGENDIAN
	return (word >> 63) != 0;
#else
	return (word & 1) != 0;
#endif
}

/* Are all values of the dictionary's type words? */
static inline bool
all_words(const Dictionary *d)
{
	return d->type->method <= BY_FLOAT8;
}

/* Are some values words, told by word_is_short()? */
static inline bool
some_words(const Dictionary *d)
{
	return d->type->method == BY_VARLENA || d->type->method == BY_BPCHAR ||
		d->type->method == BY_UNKNOWN;
}

/* Is this code's value one that the table of words knows? */
static inline bool
code_is_word(const Dictionary *d, uint32 code)
{
	return code != d->null_code &&
		(all_words(d) || (some_words(d) && word_is_short(d->values[code])));
}

/* Append a value; the caller enters it into its table. */
static uint32
append_value(Dictionary *d, uint64 value)
{
	if (d->size == d->capacity)
	{
		uint64		wanted = d->capacity == 0 ? 4 : (uint64) d->capacity * 2;

		wanted = Min(wanted, NO_CODE - 1);
		if (wanted == d->capacity)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a column has more than %u distinct values", d->capacity)));
		d->values = frame_grow(d->memory, d->values, d->capacity, wanted, sizeof(uint64));
		d->capacity = (uint32) wanted;
	}
	d->values[d->size] = value;
	return d->size++;
}

/* Enter a word that is not there yet. */
static inline void
enter_word(WordSlot *slots, int log, uint64 word, uint32 code)
{
	uint64		last = ((uint64) 1 << log) - 1;
	uint64		i = mix_word(word) >> (64 - log);

	while (slots[i].entry != 0)
		i = (i + 1) & last;
	slots[i].word = word;
	slots[i].entry = code + 1;
}

/* Make the table of words from the values, with room for as many again. */
static void
build_words(Dictionary *d)
{
	int			log = d->words_log == 0 ? 4 : d->words_log + 1;
	WordSlot   *slots;

	CHECK_FOR_INTERRUPTS();
	slots = frame_alloc(d->memory, (Size) 1 << log, sizeof(WordSlot), true);
	for (uint32 code = 0; code < d->size; code++)
	{
		if (code_is_word(d, code))
			enter_word(slots, log, d->values[code], code);
	}
	if (d->words_log != 0)
		frame_release(d->memory, d->words, (Size) 1 << d->words_log, sizeof(WordSlot));
	d->words = slots;
	d->words_log = log;
}

/* Give a new word its code. */
static pg_noinline uint32
add_word(Dictionary *d, uint64 word)
{
	uint32		code = append_value(d, word);

	d->nwords++;
	if (d->words_log == 0 ? d->size > DICTIONARY_SCAN :
		(uint64) d->nwords * 4 > (uint64) 3 << d->words_log)
		build_words(d);
	else if (d->words_log != 0)
		enter_word(d->words, d->words_log, word, code);
	return code;
}

/* The code of a word. */
static inline uint32
encode_word(Dictionary *d, uint64 word)
{
	uint32		code = find_word(d, word);

	return code != NO_CODE ? code : add_word(d, word);
}

/* ---- values as bytes ---- */

/* Keep a value that is no word, in the form that the type's functions read. */
static uint64
store_bytes(Dictionary *d, const char *data, Size length)
{
	char	   *place;

	if (d->type->typlen == -1)
	{
		place = arena_alloc(d, VARHDRSZ + length);
		SET_VARSIZE(place, VARHDRSZ + length);
		memcpy(VARDATA(place), data, length);
	}
	else
	{
		/* a C string gets its terminator */
		place = arena_alloc(d, length + 1);
		memcpy(place, data, length);
		place[length] = '\0';
	}
	return (uint64) (uintptr_t) place;
}

/* The bytes of a value that is no word. */
static inline const char *
stored_bytes(const Dictionary *d, uint64 value, Size *length)
{
	char	   *place = (char *) (uintptr_t) value;

	if (d->type->typlen == -1)
	{
		*length = VARSIZE(place) - VARHDRSZ;
		return VARDATA(place);
	}
	*length = d->type->typlen > 0 ? (Size) d->type->typlen : strlen(place);
	return place;
}

/* Double the table of bytes; the hashes are in the slots. */
static void
grow_bytes(Dictionary *d)
{
	int			log = d->bytes_log == 0 ? 3 : d->bytes_log + 1;
	uint64		last = ((uint64) 1 << log) - 1;
	uint64		nold = d->bytes_log == 0 ? 0 : (uint64) 1 << d->bytes_log;
	ByteSlot   *slots;

	CHECK_FOR_INTERRUPTS();
	slots = frame_alloc(d->memory, (Size) 1 << log, sizeof(ByteSlot), true);
	for (uint64 old = 0; old < nold; old++)
	{
		uint64		i = mix_word(d->bytes[old].hash) >> (64 - log);

		if (d->bytes[old].entry == 0)
			continue;
		while (slots[i].entry != 0)
			i = (i + 1) & last;
		slots[i] = d->bytes[old];
	}
	frame_release(d->memory, d->bytes, nold, sizeof(ByteSlot));
	d->bytes = slots;
	d->bytes_log = log;
}

/* Give a new value its code. */
static uint32
add_bytes(Dictionary *d, uint32 hash, uint64 value)
{
	uint32		code = append_value(d, value);
	uint64		last;
	uint64		i;

	d->nbytes++;
	if (d->bytes_log == 0 || (uint64) d->nbytes * 4 > (uint64) 3 << d->bytes_log)
		grow_bytes(d);
	last = ((uint64) 1 << d->bytes_log) - 1;
	for (i = mix_word(hash) >> (64 - d->bytes_log); d->bytes[i].entry != 0; i = (i + 1) & last)
		;
	d->bytes[i].hash = hash;
	d->bytes[i].entry = code + 1;

	/* the words so far are looked through only while there are few values */
	if (some_words(d) && d->words_log == 0 && d->size > DICTIONARY_SCAN)
		build_words(d);
	return code;
}

/* The code of a value told by its bytes. */
static uint32
encode_bytes(Dictionary *d, const char *data, Size length)
{
	uint32		hash;

	if (length > (Size) INT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a value of %zu bytes is too long", length)));
	hash = hash_bytes((const unsigned char *) data, (int) length);
	if (d->bytes_log != 0)
	{
		uint64		last = ((uint64) 1 << d->bytes_log) - 1;

		for (uint64 i = mix_word(hash) >> (64 - d->bytes_log); d->bytes[i].entry != 0;
			 i = (i + 1) & last)
		{
			const char *stored;
			Size		stored_length;

			if (d->bytes[i].hash != hash)
				continue;
			stored = stored_bytes(d, d->values[d->bytes[i].entry - 1], &stored_length);
			if (stored_length == length && memcmp(stored, data, length) == 0)
				return d->bytes[i].entry - 1;
		}
	}
	return add_bytes(d, hash, store_bytes(d, data, length));
}

/* The code of a varlena's payload: a word if it is short. */
static inline uint32
encode_payload(Dictionary *d, const char *data, Size length)
{
	if (length <= WORD_PAYLOAD)
		return encode_word(d, short_word(data, length));
	return encode_bytes(d, data, length);
}

/* ---- values as their type sees them ---- */

/* Are a value and a kept one equal?  The same bytes always are. */
static inline bool
equal_by_function(const Dictionary *d, Datum value, Size length, uint64 kept)
{
	const DictionaryType *t = d->type;

	if (t->typbyval)
	{
		if ((uint64) value == kept)
			return true;
		return DatumGetBool(FunctionCall2Coll(t->equal, t->collation, (Datum) kept, value));
	}
	if (t->typlen == -1)
	{
		char	   *other = (char *) (uintptr_t) kept;

		if (VARSIZE(other) == VARHDRSZ + length &&
			memcmp(VARDATA(other), VARDATA(DatumGetPointer(value)), length) == 0)
			return true;
	}
	return DatumGetBool(FunctionCall2Coll(t->equal, t->collation,
										  PointerGetDatum((char *) (uintptr_t) kept), value));
}

/* The code of a value told by its type's functions; a varlena is flat. */
static uint32
encode_by_function(Dictionary *d, Datum value)
{
	const DictionaryType *t = d->type;
	uint32		hash = DatumGetUInt32(FunctionCall1Coll(t->hash, t->collation, value));
	Size		length;

	if (t->typbyval)
		length = sizeof(Datum);
	else if (t->typlen == -1)
		length = VARSIZE(DatumGetPointer(value)) - VARHDRSZ;
	else
		length = t->typlen > 0 ? (Size) t->typlen : strlen(DatumGetCString(value));

	if (d->bytes_log != 0)
	{
		uint64		last = ((uint64) 1 << d->bytes_log) - 1;

		for (uint64 i = mix_word(hash) >> (64 - d->bytes_log); d->bytes[i].entry != 0;
			 i = (i + 1) & last)
		{
			if (d->bytes[i].hash == hash &&
				equal_by_function(d, value, length, d->values[d->bytes[i].entry - 1]))
				return d->bytes[i].entry - 1;
		}
	}
	if (t->typbyval)
		return add_bytes(d, hash, (uint64) value);
	return add_bytes(d, hash,
					 store_bytes(d, t->typlen == -1 ? VARDATA(DatumGetPointer(value)) : DatumGetPointer(value),
								 length));
}

/* ---- the door ---- */

/* The word of a float8, equal for what float8 calls equal. */
static inline uint64
float8_word(Datum value)
{
	float8		x = DatumGetFloat8(value);

	if (x == 0.0)
		x = 0.0;
	else if (isnan(x))
		x = get_float8_nan();
	return (uint64) Float8GetDatum(x);
}

/* The same for a float4. */
static inline uint64
float4_word(Datum value)
{
	float4		x = DatumGetFloat4(value);

	if (x == 0.0f)
		x = 0.0f;
	else if (isnan(x))
		x = get_float4_nan();
	return (uint64) Float4GetDatum(x);
}

/* Bytes of a payload before its trailing blanks. */
static inline Size
length_without_blanks(const char *data, Size length)
{
	while (length > 0 && data[length - 1] == ' ')
		length--;
	return length;
}

/* The code of a varlena, which may be toasted. */
static inline uint32
encode_varlena(Dictionary *d, Datum value)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(value);
	struct varlena *flat = given;
	uint32		code;

	/* the functions of a type may want a full header and alignment */
	if (d->type->method == BY_FUNCTION)
		flat = pg_detoast_datum(given);
	else if (d->type->method != BY_PLAIN_VARLENA)
		flat = pg_detoast_datum_packed(given);

	if (d->type->method == BY_FUNCTION)
		code = encode_by_function(d, PointerGetDatum(flat));
	else if (d->type->method == BY_VARLENA)
		code = encode_payload(d, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	else if (d->type->method == BY_BPCHAR)
		code = encode_payload(d, VARDATA_ANY(flat),
							  length_without_blanks(VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)));
	else
		code = encode_bytes(d, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	if (flat != given)
		pfree(flat);
	return code;
}

uint32
dictionary_encode(Dictionary *d, Datum value, bool isnull)
{
	if (isnull)
	{
		if (d->null_code == NO_CODE)
		{
			d->null_code = append_value(d, 0);
			if ((all_words(d) || some_words(d)) && d->words_log == 0 && d->size > DICTIONARY_SCAN)
				build_words(d);
		}
		return d->null_code;
	}
	switch (d->type->method)
	{
		case BY_WORD:
			return encode_word(d, (uint64) value);
		case BY_FLOAT4:
			return encode_word(d, float4_word(value));
		case BY_FLOAT8:
			return encode_word(d, float8_word(value));
		case BY_VARLENA:
		case BY_BPCHAR:
		case BY_PLAIN_VARLENA:
			return encode_varlena(d, value);
		case BY_UNKNOWN:
			return encode_payload(d, DatumGetCString(value), strlen(DatumGetCString(value)));
		case BY_CSTRING:
			return encode_bytes(d, DatumGetCString(value), strlen(DatumGetCString(value)));
		case BY_FIXED:
			return encode_bytes(d, DatumGetPointer(value), d->type->typlen);
		case BY_FUNCTION:
			if (!d->type->typbyval && d->type->typlen == -1)
				return encode_varlena(d, value);
			return encode_by_function(d, value);
	}
	pg_unreachable();
}

Datum
dictionary_value(const Dictionary *d, uint32 code, bool *isnull)
{
	Assert(code < d->size);
	*isnull = code == d->null_code;
	if (*isnull)
		return (Datum) 0;
	if (all_words(d) || d->type->typbyval)
		return (Datum) d->values[code];
	if (some_words(d) && word_is_short(d->values[code]))
		return PointerGetDatum(&d->values[code]);
	return PointerGetDatum((char *) (uintptr_t) d->values[code]);
}

const char *
dictionary_image(const Dictionary *d, uint32 code, Size *length)
{
	if (code == d->null_code)
	{
		*length = 0;
		return NULL;
	}
	if (code_is_word(d, code) && !all_words(d))
	{
		*length = VARSIZE_SHORT(&d->values[code]) - VARHDRSZ_SHORT;
		return VARDATA_SHORT(&d->values[code]);
	}
	if (all_words(d) || d->type->typbyval)
	{
		*length = sizeof(uint64);
		return (const char *) &d->values[code];
	}
	return stored_bytes(d, d->values[code], length);
}

bool
dictionary_encode_image(Dictionary *d, const char *image, Size length, uint32 *code)
{
	const DictionaryType *t = d->type;

	if (all_words(d) || t->typbyval)
	{
		uint64		word;

		if (length != sizeof(uint64))
			return false;
		memcpy(&word, image, sizeof(uint64));
		*code = dictionary_encode(d, (Datum) word, false);
	}
	else if (t->typlen == -1)
	{
		if (some_words(d))
			*code = encode_payload(d, image, length);
		else if (t->method == BY_PLAIN_VARLENA)
			*code = encode_bytes(d, image, length);
		else
		{
			char	   *flat;

			if (length > MaxAllocSize - VARHDRSZ)
				return false;
			flat = palloc(VARHDRSZ + length);
			SET_VARSIZE(flat, VARHDRSZ + length);
			memcpy(VARDATA(flat), image, length);
			*code = encode_by_function(d, PointerGetDatum(flat));
			pfree(flat);
		}
	}
	else
	{
		char	   *flat;

		if (t->typlen > 0 ? length != (Size) t->typlen :
			length >= MaxAllocSize || memchr(image, '\0', length) != NULL)
			return false;
		/* aligned, and terminated where it is a C string */
		flat = palloc(length + 1);
		memcpy(flat, image, length);
		flat[length] = '\0';
		*code = dictionary_encode(d, PointerGetDatum(flat), false);
		pfree(flat);
	}
	return true;
}
