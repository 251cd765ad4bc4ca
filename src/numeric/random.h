/*-------------------------------------------------------------------------
 *
 * random.h
 *		The room "numeric": random numbers that can be had again.
 *
 * A stream is named by a seed and a number; its bits are the same on every
 * machine, whoever asks and in which order, so that work can be divided in any
 * way.  Only integers and exactly rounded operations: no libm.  The generator
 * is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).  Not for secrets and not for
 * differential privacy, whose noise nobody may be able to repeat.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RANDOM_H
#define KIAIM_RANDOM_H

#include "postgres.h"

typedef struct RandomStream
{
	uint64		state;
} RandomStream;

/* Mix 64 bits so that each depends on all. */
static inline uint64
random_mix(uint64 x)
{
	x = (x ^ (x >> 30)) * UINT64CONST(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64CONST(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* The stream of this number under this seed, at its beginning. */
static inline RandomStream
random_stream(uint64 seed, uint64 number)
{
	RandomStream stream;

	stream.state = random_mix(random_mix(seed + UINT64CONST(0x9e3779b97f4a7c15)) ^
							  random_mix(number + UINT64CONST(0xd1b54a32d192ed03)));
	return stream;
}

/* The next 64 bits. */
static inline uint64
random_bits(RandomStream *stream)
{
	stream->state += UINT64CONST(0x9e3779b97f4a7c15);
	return random_mix(stream->state);
}

/*
 * A number of 0 .. n - 1, n > 0.  The high bits of a product; its bias is below
 * n / 2^32, far below what any sample could show.
 */
static inline uint32
random_below(RandomStream *stream, uint32 n)
{
	return (uint32) (((random_bits(stream) >> 32) * n) >> 32);
}

/* The same of 64 bits, without bias; n > 0. */
extern uint64 random_below64(RandomStream *stream, uint64 n);

/* A number of [0, 1), a multiple of 2^-53. */
static inline double
random_unit(RandomStream *stream)
{
	return (random_bits(stream) >> 11) * (1.0 / 9007199254740992.0);
}

#endif							/* KIAIM_RANDOM_H */
