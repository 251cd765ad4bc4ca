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
	q->item = offsetof(Waiting, word) + sizeof(uint64) * words;
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

/* Does an item come before another? */
static inline bool
comes_first(const Waiting *a, const Waiting *b)
{
	if (a->bound != b->bound)
		return a->bound < b->bound;
	return a->order < b->order;
}

/* See queue.h. */
void
queue_push(Queue *q, double bound, int64 order, const void *words)
{
	int64		i = q->n++;
	Waiting		new = {bound, order};
	Waiting    *w;

	if (q->n > q->size)
	{
		q->items = frame_grow(q->memory, q->items, q->size, q->size * 2, q->item);
		q->size *= 2;
	}
	while (i > 0 && comes_first(&new, queue_at(q, (i - 1) / 2)))
	{
		memcpy(queue_at(q, i), queue_at(q, (i - 1) / 2), q->item);
		i = (i - 1) / 2;
	}
	w = queue_at(q, i);
	w->bound = bound;
	w->order = order;
	memcpy(w->word, words, q->item - offsetof(Waiting, word));
}

/* See queue.h. */
double
queue_pop(Queue *q, void *words)
{
	Waiting    *top = queue_at(q, 0);
	double		bound = top->bound;
	Waiting    *last;
	int64		i = 0;

	memcpy(words, top->word, q->item - offsetof(Waiting, word));
	last = queue_at(q, --q->n);
	for (;;)
	{
		int64		child = 2 * i + 1;

		if (child >= q->n)
			break;
		if (child + 1 < q->n && comes_first(queue_at(q, child + 1), queue_at(q, child)))
			child++;
		if (!comes_first(queue_at(q, child), last))
			break;
		memcpy(queue_at(q, i), queue_at(q, child), q->item);
		i = child;
	}
	if (i != q->n)
		memcpy(queue_at(q, i), last, q->item);
	return bound;
}

/* See queue.h. */
void
queue_free(Queue *q)
{
	frame_release(q->memory, q->items, q->size, q->item);
	q->items = NULL;
	q->n = q->size = 0;
}
