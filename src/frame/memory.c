/*-------------------------------------------------------------------------
 *
 * memory.c
 *		Memory that is counted, and bounded by kiaim.max_memory.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/memutils.h"

#include "frame/frame_internal.h"
#include "kiaim.h"

/* count * size, or an error if that is no size. */
static Size
checked_size(Size count, Size size)
{
	if (size != 0 && count > MaxAllocHugeSize / size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array of %zu elements of %zu bytes is too large", count, size)));
	return count * size;
}

/* Refuse bytes that would exceed the bound. */
static void
check_bound(const FrameMemory *m, Size bytes)
{
	Size		bound = KIAIM_MAX_MEMORY_BYTES;

	if (m->used > bound || bytes > bound - m->used)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("distinct values and tuples need more than the %s of kiaim.max_memory",
						GetConfigOptionByName("kiaim.max_memory", NULL, false)),
				 errdetail("%zu kB are held and %zu kB more are needed.",
						   m->used / 1024, (bytes + 1023) / 1024),
				 errhint("Raise it, as in SET kiaim.max_memory = '4GB', or use fewer or generalized columns.")));
}

void *
frame_alloc(FrameMemory *m, Size count, Size size, bool zero)
{
	Size		bytes = checked_size(count, size);
	void	   *p;

	check_bound(m, bytes);
	p = MemoryContextAllocExtended(m->context, bytes,
								   MCXT_ALLOC_HUGE | (zero ? MCXT_ALLOC_ZERO : 0));
	m->used += bytes;
	return p;
}

void *
frame_grow(FrameMemory *m, void *old, Size old_count, Size count, Size size)
{
	Size		bytes;

	if (old == NULL)
		return frame_alloc(m, count, size, false);
	bytes = checked_size(count, size);
	check_bound(m, bytes - old_count * size);
	old = repalloc_huge(old, bytes);
	m->used += bytes - old_count * size;
	return old;
}

void
frame_release(FrameMemory *m, void *p, Size count, Size size)
{
	if (p == NULL)
		return;
	pfree(p);
	m->used -= count * size;
}
