/*-------------------------------------------------------------------------
 *
 * stream.c
 *		The rows of a query, one after the other, without storing them.
 *
 * SPI hands them to a DestReceiver as the executor makes them.  What the
 * consumer allocates for a row (detoasted values) goes away in batches, which
 * end early where the values are large.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/memutils.h"

#include "frame/frame.h"

/* A batch has at most so many rows, and little more than so many bytes. */
#define BATCH_ROWS	1024
#define BATCH_BYTES	(1024 * 1024)

typedef struct StreamReceiver
{
	DestReceiver pub;
	FrameStart	start;
	FrameRow	row;
	void	   *state;
	MemoryContext scratch;
	uint32		rows;			/* of the batch */
} StreamReceiver;

static void
stream_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	StreamReceiver *r = (StreamReceiver *) self;

	if (r->start != NULL)
		r->start(r->state, desc);
}

static bool
stream_row(TupleTableSlot *slot, DestReceiver *self)
{
	StreamReceiver *r = (StreamReceiver *) self;
	MemoryContext old = MemoryContextSwitchTo(r->scratch);

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	r->row(r->state, slot);
	MemoryContextSwitchTo(old);
	if (++r->rows >= BATCH_ROWS || MemoryContextMemAllocated(r->scratch, false) > BATCH_BYTES)
	{
		MemoryContextReset(r->scratch);
		r->rows = 0;
	}
	return true;
}

static void
stream_nothing(DestReceiver *self)
{
}

/* See frame.h. */
void
frame_stream(const char *query, FrameStart start, FrameRow row, void *state)
{
	StreamReceiver receiver;
	SPIExecuteOptions options;
	int			result;

	memset(&receiver, 0, sizeof(receiver));
	receiver.pub.receiveSlot = stream_row;
	receiver.pub.rStartup = stream_startup;
	receiver.pub.rShutdown = stream_nothing;
	receiver.pub.rDestroy = stream_nothing;
	/* not DestSPI, whose result SPI would look for in a table of its own */
	receiver.pub.mydest = DestTuplestore;
	receiver.start = start;
	receiver.row = row;
	receiver.state = state;
	receiver.scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim rows",
											 ALLOCSET_DEFAULT_SIZES);

	memset(&options, 0, sizeof(options));
	options.read_only = true;
	options.dest = &receiver.pub;
	result = SPI_execute_extended(query, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "reading failed: %s", SPI_result_code_string(result));
	MemoryContextDelete(receiver.scratch);
}
