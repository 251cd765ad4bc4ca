/*-------------------------------------------------------------------------
 *
 * bytes.h
 *		What is stored as bytes and read again from whoever wrote them.
 *
 * Everything is little-endian and the same on every machine.  A reader believes
 * nothing: whatever is missing, too long or out of range is an error 22P03
 * "invalid bytes of a <what>", raised by the functions below or by bytes_invalid.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_BYTES_H
#define KIAIM_BYTES_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "compat.h"

typedef struct ByteReader
{
	const char *what;			/* "model", for messages */
	const char *data;
	Size		left;
} ByteReader;

/* Refuse the bytes; detail is a full sentence. */
pg_noreturn extern void bytes_invalid(const ByteReader *r, const char *detail);

/* count * size bytes as they are, not copied. */
extern const char *bytes_take(ByteReader *r, Size count, Size size);

extern uint8 bytes_uint8(ByteReader *r);
extern uint16 bytes_uint16(ByteReader *r);
extern uint32 bytes_uint32(ByteReader *r);
extern int64 bytes_int64(ByteReader *r);

/* A uint32 of lowest .. highest. */
extern uint32 bytes_count(ByteReader *r, uint32 lowest, uint32 highest);

/* A text in the encoding of the database, palloc'd; NULL was written as NULL. */
extern char *bytes_text(ByteReader *r);

/* Error unless everything was read. */
extern void bytes_end(const ByteReader *r);

extern void bytes_put_uint8(StringInfo to, uint8 value);
extern void bytes_put_uint16(StringInfo to, uint16 value);
extern void bytes_put_uint32(StringInfo to, uint32 value);
extern void bytes_put_int64(StringInfo to, int64 value);
extern void bytes_put_text(StringInfo to, const char *text);

#endif							/* KIAIM_BYTES_H */
