/*-------------------------------------------------------------------------
 *
 * queue.h
 *		Nodes of the lattice by a bound, smallest first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_QUEUE_H
#define KIAIM_QUEUE_H

#include "postgres.h"

#include <math.h>

#include "anonymize/search.h"

/* A node waiting for its turn. */
typedef struct Waiting
{
	double		bound;
	LatticeNode		node;			/* truncated to the words in use */
} Waiting;

/* A heap of waiting nodes, smallest bound first. */
typedef struct Queue
{
	FrameMemory *memory;
	char	   *items;
	int64		n;
	int64		size;
	Size		item;			/* bytes of one */
} Queue;

/* An empty queue of nodes with so many words in use, counted in an account. */
extern void queue_init(Queue *q, int words, FrameMemory *memory);

/* Of equal bounds the lowest levels come first. */
extern void queue_push(Queue *q, double bound, const LatticeNode *node);

/* Take the node with the smallest bound; returns the bound.  The queue is not empty. */
extern double queue_pop(Queue *q, LatticeNode *node);

/* The smallest bound, or INFINITY. */
static inline double
queue_bound(const Queue *q)
{
	return q->n > 0 ? ((const Waiting *) q->items)->bound : INFINITY;
}

#endif							/* KIAIM_QUEUE_H */
