/*-------------------------------------------------------------------------
 *
 * counter_bytes.c
 *		The byte form of a counter, which travels between the processes of a
 *		parallel plan.
 *
 *		magic, checksum of all that follows
 *		number of columns, equality, key words a row
 *		each column: type, collation, word, shift, width, code of NULL,
 *			number of values, and every value: length and bytes
 *		number of rows, and every row: key words and weight
 *
 * Whatever the bytes are, reading them ends in a counter or in error 22P03.
 * Values are images as the type's functions keep them, which only the checksum
 * can vouch for; SQL cannot call what reads them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_crc32c.h"
#include "utils/memutils.h"

#include "compat.h"
#include "frame/frame_internal.h"

#define COUNTER_MAGIC		0x6b43746eU
#define MAX_COLUMNS			1664	/* of any row of the server */

/* What is written, and how much of it there is. */
typedef struct ByteWriter
{
	char	   *data;
	Size		length;
	Size		size;
} ByteWriter;

/* What is left to read. */
typedef struct ByteReader
{
	const char *data;
	Size		left;
} ByteReader;

/* Append bytes. */
static inline void
write_bytes(ByteWriter *w, const void *data, Size length)
{
	Assert(length <= w->size - w->length);
	memcpy(w->data + w->length, data, length);
	w->length += length;
}

/* Append a number. */
static inline void
write_uint32(ByteWriter *w, uint32 value)
{
	write_bytes(w, &value, sizeof(value));
}

pg_noreturn static void invalid_bytes(const char *detail);

/* Refuse the bytes. */
static void
invalid_bytes(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid state of counted tuples"),
			 errdetail_internal("%s", detail)));
}

/* Take bytes, or refuse where there are too few. */
static inline const char *
read_bytes(ByteReader *r, Size length)
{
	const char *data = r->data;

	if (length > r->left)
		invalid_bytes("The state ends too early.");
	r->data += length;
	r->left -= length;
	return data;
}

/* Take a number. */
static inline uint32
read_uint32(ByteReader *r)
{
	uint32		value;

	memcpy(&value, read_bytes(r, sizeof(value)), sizeof(value));
	return value;
}

/* The checksum of bytes. */
static uint32
checksum(const char *data, Size length)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, data, length);
	FIN_CRC32C(crc);
	return crc;
}

/* Bytes that the byte form will have. */
static Size
byte_size(TupleCounter *c)
{
	Size		size = VARHDRSZ + 5 * sizeof(uint32) + sizeof(uint64);

	for (int i = 0; i < c->ncolumns; i++)
	{
		const Dictionary *d = &c->columns[i].dictionary;

		size += 7 * sizeof(uint32);
		for (uint32 code = 0; code < d->size; code++)
		{
			Size		length;

			if ((code & 0xffff) == 0xffff)
				CHECK_FOR_INTERRUPTS();
			(void) dictionary_image(d, code, &length);
			size += sizeof(uint32) + length;
		}
	}
	return size + c->nused * (c->nwords + 1) * sizeof(uint64);
}

bytea *
counter_serialize(TupleCounter *c)
{
	ByteWriter	w;
	Size		size;
	uint32		crc;
	Size		stride = c->nwords + 1;

	counter_flush(c);
	size = byte_size(c);
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("state of %zu bytes is too large for a parallel plan", size),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	w.data = palloc(size);
	w.size = size;
	w.length = VARHDRSZ;
	write_uint32(&w, COUNTER_MAGIC);
	write_uint32(&w, 0);
	write_uint32(&w, c->ncolumns);
	write_uint32(&w, c->shape->equality);
	write_uint32(&w, c->nwords);

	for (int i = 0; i < c->ncolumns; i++)
	{
		const CounterColumn *column = &c->columns[i];
		const Dictionary *d = &column->dictionary;

		write_uint32(&w, d->type->declared);
		write_uint32(&w, d->type->collation);
		write_uint32(&w, column->word);
		write_uint32(&w, column->shift);
		write_uint32(&w, column->width);
		write_uint32(&w, d->null_code);
		write_uint32(&w, d->size);
		for (uint32 code = 0; code < d->size; code++)
		{
			Size		length;
			const char *image = dictionary_image(d, code, &length);

			if ((code & 0xffff) == 0xffff)
				CHECK_FOR_INTERRUPTS();
			write_uint32(&w, (uint32) length);
			if (length > 0)
				write_bytes(&w, image, length);
		}
	}

	write_bytes(&w, &c->nused, sizeof(uint64));
	for (uint64 i = 0; i < c->nslots; i++)
	{
		uint64	   *row = c->slots + i * stride;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (row[c->nwords] != 0)
			write_bytes(&w, row, stride * sizeof(uint64));
	}
	Assert(w.length == w.size);

	crc = checksum(w.data + VARHDRSZ + 2 * sizeof(uint32), size - VARHDRSZ - 2 * sizeof(uint32));
	memcpy(w.data + VARHDRSZ + sizeof(uint32), &crc, sizeof(crc));
	SET_VARSIZE(w.data, size);
	return (bytea *) w.data;
}

/* Read the values of a column; their codes must be those that they had. */
static void
read_values(ByteReader *r, Dictionary *d, uint32 null_code, uint32 size)
{
	if (null_code != NO_CODE && null_code >= size)
		invalid_bytes("The code of NULL is out of range.");
	for (uint32 code = 0; code < size; code++)
	{
		uint32		length = read_uint32(r);
		const char *image = read_bytes(r, length);
		uint32		given;

		if ((code & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (code == null_code)
		{
			if (length != 0)
				invalid_bytes("NULL has a value.");
			given = dictionary_encode(d, (Datum) 0, true);
		}
		else if (!dictionary_encode_image(d, image, length, &given))
			invalid_bytes("A value does not have the length of its type.");
		if (given != code)
			invalid_bytes("A value occurs twice.");
	}
}

/* Read the rows, which are laid out and in order as in the sender's table. */
static void
read_rows(ByteReader *r, TupleCounter *c)
{
	uint64		nrows;
	Size		row_size = (c->nwords + 1) * sizeof(uint64);
	uint64	   *row = palloc(row_size);
	uint64	   *unused = palloc(row_size);

	memcpy(&nrows, read_bytes(r, sizeof(nrows)), sizeof(nrows));
	if (nrows > r->left / row_size || nrows * row_size != r->left)
		invalid_bytes("The number of tuples does not match the length.");
	counter_reserve(c, nrows);
	for (uint64 i = 0; i < nrows; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		memcpy(row, read_bytes(r, row_size), row_size);
		memcpy(unused, row, row_size);
		for (int j = 0; j < c->ncolumns; j++)
		{
			const CounterColumn *column = &c->columns[j];

			if (unpack_code(row, column) >= column->dictionary.size)
				invalid_bytes("A code has no value.");
			unused[column->word] &= ~((uint64) column->last << column->shift);
		}
		for (int w = 0; w < c->nwords; w++)
		{
			if (unused[w] != 0)
				invalid_bytes("A tuple has bits outside its columns.");
		}
		if ((int64) row[c->nwords] <= 0)
			invalid_bytes("A tuple has no weight.");
		counter_add_key(c, row, (int64) row[c->nwords]);
	}
	if (counter_ntuples(c) != (int64) nrows)
		invalid_bytes("A tuple occurs twice.");
	pfree(unused);
	pfree(row);
}

TupleCounter *
counter_deserialize(bytea *bytes)
{
	ByteReader	r = {VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)};
	CounterShape *shape;
	TupleCounter *c;
	uint64	   *taken;
	uint32		ncolumns;
	uint32		equality;
	uint32		nwords;
	uint32		crc;

	if (read_uint32(&r) != COUNTER_MAGIC)
		invalid_bytes("The state does not begin as one.");
	crc = read_uint32(&r);
	if (crc != checksum(r.data, r.left))
		invalid_bytes("The checksum does not match.");
	ncolumns = read_uint32(&r);
	equality = read_uint32(&r);
	nwords = read_uint32(&r);
	if (ncolumns > MAX_COLUMNS || nwords < 1 || nwords > Max(ncolumns, 1) ||
		(equality != FRAME_EQUAL_SQL && equality != FRAME_EQUAL_IMAGE))
		invalid_bytes("The header is out of range.");

	/* the columns are created one by one, as their types are read */
	shape = palloc0(offsetof(CounterShape, types) + ncolumns * sizeof(DictionaryType));
	shape->ncolumns = ncolumns;
	shape->equality = (FrameEquality) equality;
	c = counter_create_shaped(shape);
	c->own_shape = shape;
	c->nwords = nwords;
	taken = palloc0(nwords * sizeof(uint64));
	for (uint32 i = 0; i < ncolumns; i++)
	{
		CounterColumn *column = &c->columns[i];
		uint32		place[3];
		uint64		bits;
		Oid			type = read_uint32(&r);
		Oid			collation = read_uint32(&r);
		uint32		null_code;
		uint32		size;

		for (int j = 0; j < 3; j++)
			place[j] = read_uint32(&r);
		if (place[0] >= nwords || place[2] < 1 || place[2] > 32 || place[1] > 64 - place[2])
			invalid_bytes("A column lies outside its tuple.");
		column->word = place[0];
		column->shift = place[1];
		column->width = place[2];
		column->last = (uint32) (((uint64) 1 << place[2]) - 1);
		bits = (uint64) column->last << column->shift;
		if (taken[column->word] & bits)
			invalid_bytes("Two columns overlap.");
		taken[column->word] |= bits;
		null_code = read_uint32(&r);
		size = read_uint32(&r);
		if (size > (uint64) column->last + 1)
			invalid_bytes("A column has more values than fit.");
		dictionary_type_init(&shape->types[i], type, collation, shape->equality);
		read_values(&r, &column->dictionary, null_code, size);
	}
	pfree(taken);
	read_rows(&r, c);
	return c;
}
