/*-------------------------------------------------------------------------
 *
 * bytes.c
 *		What is stored as bytes and read again from whoever wrote them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "bytes.h"

/* The length of a text that is NULL. */
#define NULL_TEXT	PG_UINT32_MAX

/* See bytes.h. */
void
bytes_invalid(const ByteReader *r, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid bytes of a %s", r->what),
			 errdetail_internal("%s", detail)));
}

/* See bytes.h. */
const char *
bytes_take(ByteReader *r, Size count, Size size)
{
	const char *data = r->data;

	if (count > r->left / size)
		bytes_invalid(r, "It ends too early.");
	r->data += count * size;
	r->left -= count * size;
	return data;
}

/* The next n bytes as a number, the lowest byte first. */
static uint64
take_number(ByteReader *r, int n)
{
	const unsigned char *data = (const unsigned char *) bytes_take(r, n, 1);
	uint64		value = 0;

	for (int i = n - 1; i >= 0; i--)
		value = value << 8 | data[i];
	return value;
}

uint8
bytes_uint8(ByteReader *r)
{
	return (uint8) take_number(r, 1);
}

uint16
bytes_uint16(ByteReader *r)
{
	return (uint16) take_number(r, 2);
}

uint32
bytes_uint32(ByteReader *r)
{
	return (uint32) take_number(r, 4);
}

int64
bytes_int64(ByteReader *r)
{
	return (int64) take_number(r, 8);
}

/* See bytes.h. */
uint32
bytes_count(ByteReader *r, uint32 lowest, uint32 highest)
{
	uint32		value = bytes_uint32(r);

	if (value < lowest || value > highest)
		bytes_invalid(r, "A number is out of range.");
	return value;
}

/* See bytes.h. */
char *
bytes_text(ByteReader *r)
{
	uint32		length = bytes_uint32(r);
	const char *data;

	if (length == NULL_TEXT)
		return NULL;
	data = bytes_take(r, length, 1);
	if (!pg_verify_mbstr(GetDatabaseEncoding(), data, length, true) ||
		memchr(data, '\0', length) != NULL)
		bytes_invalid(r, "A text is not valid in the encoding of the database.");
	return pnstrdup(data, length);
}

/* See bytes.h. */
void
bytes_end(const ByteReader *r)
{
	if (r->left > 0)
		bytes_invalid(r, "There is something after its end.");
}

/* Append the n lowest bytes of a number, the lowest first. */
static void
put_number(StringInfo to, uint64 value, int n)
{
	char		bytes[8];

	for (int i = 0; i < n; i++)
		bytes[i] = (char) (value >> (8 * i) & 0xff);
	appendBinaryStringInfo(to, bytes, n);
}

void
bytes_put_uint8(StringInfo to, uint8 value)
{
	put_number(to, value, 1);
}

void
bytes_put_uint16(StringInfo to, uint16 value)
{
	put_number(to, value, 2);
}

void
bytes_put_uint32(StringInfo to, uint32 value)
{
	put_number(to, value, 4);
}

void
bytes_put_int64(StringInfo to, int64 value)
{
	put_number(to, (uint64) value, 8);
}

/* See bytes.h. */
void
bytes_put_text(StringInfo to, const char *text)
{
	if (text == NULL)
	{
		bytes_put_uint32(to, NULL_TEXT);
		return;
	}
	bytes_put_uint32(to, (uint32) strlen(text));
	appendBinaryStringInfo(to, text, strlen(text));
}
