/*-------------------------------------------------------------------------
 *
 * kiaim.h
 *		The settings that every room may read.
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

#endif							/* KIAIM_H */
