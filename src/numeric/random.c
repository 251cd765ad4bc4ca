/*-------------------------------------------------------------------------
 *
 * random.c
 *		Random numbers that can be had again: what is not in the header.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "numeric/random.h"

/* See random.h. */
uint64
random_below64(RandomStream *stream, uint64 n)
{
	uint64		surplus = -n % n;
	uint64		bits;

	/* of the 2^64 numbers the first 2^64 mod n would favour some results */
	do
		bits = random_bits(stream);
	while (bits < surplus);
	return bits % n;
}
