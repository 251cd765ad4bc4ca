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
 * kiaim.reader: how commands read a relation.  Streaming sends its rows to
 * kiaim; pushed down lets the server GROUP BY first, which distributed and
 * foreign tables need; auto decides by the kind of the relation.  The result
 * is the same.
 */
typedef enum KiaimReader
{
	KIAIM_READER_AUTO,
	KIAIM_READER_STREAM,
	KIAIM_READER_PUSHDOWN
} KiaimReader;

extern int	kiaim_reader;

/*
 * The nearest of n names to a misspelled one, or NULL if none is near: what
 * HINTs are made of.  Letter case does not count.
 */
extern const char *nearest_name(const char *wrong, int n, const char *const *names);

#endif							/* KIAIM_H */
