/*-------------------------------------------------------------------------
 *
 * queue.c
 *		A binary heap of nodes.  PostgreSQL's own heaps hold a datum or are of
 *		a fixed size; a node is neither, and a lattice has millions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/queue.h"

/* See queue.h. */
void
queue_init(Queue *q, int words, FrameMemory *memory)
{
	q->item = offsetof(Waiting, node) + sizeof(uint64) * words;
	q->n = 0;
	q->size = 1024;
	q->items = frame_alloc(memory, q->size, q->item, false);
	q->memory = memory;
}

/* The item at a place of the heap. */
static inline Waiting *
queue_at(const Queue *q, int64 i)
{
	return (Waiting *) (q->items + q->item * i);
}

/* Sum of the levels of an item. */
static int
sum_of_levels(const Queue *q, const Waiting *w)
{
	int			sum = 0;

	for (Size j = 0; j < q->item - offsetof(Waiting, node); j++)
		sum += w->node.level[j];
	return sum;
}

/* Does an item come before another: a smaller bound, or the same and lower levels? */
static inline bool
comes_first(const Queue *q, const Waiting *a, const Waiting *b)
{
	if (a->bound != b->bound)
		return a->bound < b->bound;
	return sum_of_levels(q, a) < sum_of_levels(q, b);
}

/* See queue.h. */
void
queue_push(Queue *q, double bound, const LatticeNode *node)
{
	int64		i = q->n++;
	Waiting		new;
	Waiting    *w;

	new.bound = bound;
	new.node = *node;
	if (q->n > q->size)
	{
		q->items = frame_grow(q->memory, q->items, q->size, q->size * 2, q->item);
		q->size *= 2;
	}
	while (i > 0 && comes_first(q, &new, queue_at(q, (i - 1) / 2)))
	{
		memcpy(queue_at(q, i), queue_at(q, (i - 1) / 2), q->item);
		i = (i - 1) / 2;
	}
	w = queue_at(q, i);
	memcpy(w, &new, q->item);
}

/* See queue.h. */
double
queue_pop(Queue *q, LatticeNode *node)
{
	Waiting    *top = queue_at(q, 0);
	double		bound = top->bound;
	Waiting    *last;
	int64		i = 0;

	memset(node, 0, sizeof(LatticeNode));
	memcpy(node, &top->node, q->item - offsetof(Waiting, node));
	last = queue_at(q, --q->n);
	for (;;)
	{
		int64		child = 2 * i + 1;

		if (child >= q->n)
			break;
		if (child + 1 < q->n && comes_first(q, queue_at(q, child + 1), queue_at(q, child)))
			child++;
		if (!comes_first(q, queue_at(q, child), last))
			break;
		memcpy(queue_at(q, i), queue_at(q, child), q->item);
		i = child;
	}
	if (i != q->n)
		memcpy(queue_at(q, i), last, q->item);
	return bound;
}
