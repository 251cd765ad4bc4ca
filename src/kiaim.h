/*-------------------------------------------------------------------------
 *
 * kiaim.h
 *		The ground: the settings and the few helpers that every room may use.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_H
#define KIAIM_H

#include "postgres.h"

/* kiaim.max_memory, in kilobytes: the bound of one aggregate state or one frame */
extern int	kiaim_max_memory;

/* The same bound in bytes. */
#define KIAIM_MAX_MEMORY_BYTES	((Size) kiaim_max_memory * (Size) 1024)

/*
 * The nearest of n names to a misspelled one, or NULL if none is near: what
 * HINTs are made of.  Letter case does not count.
 */
extern const char *nearest_name(const char *wrong, int n, const char *const *names);

#endif							/* KIAIM_H */
