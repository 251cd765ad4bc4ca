/*-------------------------------------------------------------------------
 *
 * arena.c
 *		Where a dictionary keeps the values that are no words: pieces of memory
 *		that start small and double, so that neither a state of three values nor
 *		one of millions pays for the other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "frame/frame_internal.h"

/* The first and the largest piece of memory for values that are no words. */
#define ARENA_FIRST		128
#define ARENA_LARGEST	((Size) 1024 * 1024)

/* A piece of the arena; values follow at MAXALIGN'd places. */
typedef struct ArenaChunk
{
	struct ArenaChunk *next;
	Size		size;			/* with this header */
	Size		filled;
} ArenaChunk;

char *
arena_alloc(Dictionary *d, Size size)
{
	ArenaChunk *chunk = d->arena;
	char	   *place;

	size = MAXALIGN(size);
	if (chunk == NULL || chunk->size - chunk->filled < size)
	{
		Size		wanted = chunk == NULL ? ARENA_FIRST : Min(chunk->size * 2, ARENA_LARGEST);

		wanted = Max(wanted, MAXALIGN(sizeof(ArenaChunk)) + size);
		chunk = frame_alloc(d->memory, wanted, 1, false);
		chunk->next = d->arena;
		chunk->size = wanted;
		chunk->filled = MAXALIGN(sizeof(ArenaChunk));
		d->arena = chunk;
		d->arena_held += wanted;
	}
	place = (char *) chunk + chunk->filled;
	chunk->filled += size;
	return place;
}

void
arena_release(Dictionary *d)
{
	while (d->arena != NULL)
	{
		ArenaChunk *next = d->arena->next;

		frame_release(d->memory, d->arena, d->arena->size, 1);
		d->arena = next;
	}
	d->arena_held = 0;
}
