/*-------------------------------------------------------------------------
 *
 * beside.h
 *		The classes of a node in the populations of a policy.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_BESIDE_H
#define KIAIM_BESIDE_H

#include "anonymize/search.h"

typedef struct Beside Beside;

/* What counts classes in the populations of a table, in the current memory context; NULL if it has none. */
extern Beside *beside_create(const PathTable *table, FrameMemory *memory);

/* Group the populations at a node; lasts until the next. */
extern void beside_group(Beside *b, const LatticeNode *node);

/* Records of a population in the class of a key. */
extern int64 beside_size(const Beside *b, int population, const uint64 *key);

#endif							/* KIAIM_BESIDE_H */
