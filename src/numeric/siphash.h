/*-------------------------------------------------------------------------
 *
 * siphash.h
 *		The room "numeric": a keyed hash, and coins that nobody can foresee.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SIPHASH_H
#define KIAIM_SIPHASH_H

#include "postgres.h"

/*
 * SipHash-2-4 of len bytes under a key of 128 bits: without the key, its bits
 * look random.  The same on every machine and server version.
 */
extern uint64 siphash(uint64 key0, uint64 key1, const void *data, Size len);

/* 64 bits of the server's strong generator; error 58000 if it has none to give. */
extern uint64 strong_bits(void);

#endif							/* KIAIM_SIPHASH_H */
