/*-------------------------------------------------------------------------
 *
 * queue.h
 *		Nodes of the lattice, or boxes of them, by a bound, smallest first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_QUEUE_H
#define KIAIM_QUEUE_H

#include "postgres.h"

#include <math.h>

#include "anonymize/search.h"

/* A node, or whatever is as many words, waiting for its turn. */
typedef struct Waiting
{
	double		bound;
	int64		order;			/* of equal bounds the smallest order comes first */
	uint64		word[FLEXIBLE_ARRAY_MEMBER];
} Waiting;

/* A heap of what is waiting, smallest bound first. */
typedef struct Queue
{
	FrameMemory *memory;
	char	   *items;
	int64		n;
	int64		size;
	Size		item;			/* bytes of one */
} Queue;

/* An empty queue of items of so many words, counted in an account. */
extern void queue_init(Queue *q, int words, FrameMemory *memory);

extern void queue_push(Queue *q, double bound, int64 order, const void *words);

/* Take the item with the smallest bound; returns the bound.  The queue is not empty. */
extern double queue_pop(Queue *q, void *words);

/* Give everything back. */
extern void queue_free(Queue *q);

/* The smallest bound, or INFINITY. */
static inline double
queue_bound(const Queue *q)
{
	return q->n > 0 ? ((const Waiting *) q->items)->bound : INFINITY;
}

#endif							/* KIAIM_QUEUE_H */
