/*-------------------------------------------------------------------------
 *
 * siphash.c
 *		SipHash-2-4, a short-input keyed hash, and bits of the strong generator.
 *
 * J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input PRF,
 * INDOCRYPT 2012.  The server's own hash functions are not made to resist
 * somebody who wants to know who is in a sample, nor to stay the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "numeric/siphash.h"

typedef struct SipState
{
	uint64		v[4];
} SipState;

static inline uint64
rotate_left(uint64 x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

static inline void
sip_rounds(SipState *s, int rounds)
{
	uint64	   *v = s->v;

	while (rounds-- > 0)
	{
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] = rotate_left(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[2] = rotate_left(v[2], 32);
	}
}

/* Up to eight bytes as a number, the first byte lowest, on any machine. */
static inline uint64
little_endian(const uint8 *bytes, int n)
{
	uint64		word = 0;

	for (int i = 0; i < n; i++)
		word |= (uint64) bytes[i] << (8 * i);
	return word;
}

static inline void
sip_word(SipState *s, uint64 word)
{
	s->v[3] ^= word;
	sip_rounds(s, 2);
	s->v[0] ^= word;
}

/* See siphash.h. */
uint64
siphash(uint64 key0, uint64 key1, const void *data, Size len)
{
	const uint8 *bytes = data;
	SipState	s = {{
		key0 ^ UINT64CONST(0x736f6d6570736575), key1 ^ UINT64CONST(0x646f72616e646f6d),
		key0 ^ UINT64CONST(0x6c7967656e657261), key1 ^ UINT64CONST(0x7465646279746573)
	}};
	Size		i;

	for (i = 0; i + 8 <= len; i += 8)
		sip_word(&s, little_endian(bytes + i, 8));
	sip_word(&s, little_endian(bytes + i, len - i) | (uint64) len << 56);
	s.v[2] ^= 0xff;
	sip_rounds(&s, 4);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* See siphash.h. */
uint64
strong_bits(void)
{
	uint64		bits;

	if (!pg_strong_random(&bits, sizeof(bits)))
		ereport(ERROR,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not generate strong random bits")));
	return bits;
}
