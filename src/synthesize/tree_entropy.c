/*-------------------------------------------------------------------------
 *
 * tree_entropy.c
 *		x * log2(x) as integers.
 *
 * The logarithms of C libraries differ in their last bit, and sums of floating
 * point depend on their order.  Integers make the same trees everywhere, and
 * gains that are equal are equal.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "synthesize/tree_internal.h"

/* Fraction bits of a logarithm. */
#define LOG_BITS	28

static int64 *table = NULL;

/* log2(x), x > 0, with LOG_BITS fraction bits: a bit is whether the square exceeds 2. */
static int64
log2_fixed(uint64 x)
{
	int			whole = pg_leftmost_one_pos64(x);
	uint64		mantissa = (x << (63 - whole)) >> 32;	/* 1 .. 2 with 31 fraction bits */
	int64		result = whole;

	for (int i = 0; i < LOG_BITS; i++)
	{
		mantissa = mantissa * mantissa >> 31;
		result <<= 1;
		if (mantissa >> 32)
		{
			result |= 1;
			mantissa >>= 1;
		}
	}
	return result;
}

/* See tree_internal.h. */
int64
entropy_compute(uint64 x)
{
	if (x < 2)
		return 0;
	return (int64) (x * (uint64) (log2_fixed(x) >> 4)) >> (LOG_BITS - 4 - INFORMATION_BITS);
}

/* See tree_internal.h. */
const int64 *
entropy_table(void)
{
	if (table == NULL)
	{
		int64	   *made = MemoryContextAlloc(TopMemoryContext, ENTROPY_TABLE * sizeof(int64));

		for (int x = 0; x < ENTROPY_TABLE; x++)
			made[x] = entropy_compute(x);
		table = made;
	}
	return table;
}
