/*-------------------------------------------------------------------------
 *
 * leaf_codes.h
 *		How often the leaves of a tree have which code of a variable.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LEAF_CODES_H
#define KIAIM_LEAF_CODES_H

#include "postgres.h"

#include "bytes.h"
#include "frame/frame.h"
#include "numeric/random.h"
#include "synthesize/coded.h"

/* The codes of leaves: those of leaf i are starts[i] .. starts[i + 1] - 1, at least one. */
typedef struct LeafCodes
{
	uint32	   *starts;
	uint8	   *codes;			/* ascending within a leaf */
	uint32	   *sums;			/* weight of this code and those before it in the leaf */
} LeafCodes;

/* The weight of a leaf; sums: its own, or cut down to some codes. */
static inline uint32
leaf_codes_total(const LeafCodes *leaves, const uint32 *sums, uint32 leaf)
{
	return sums[leaves->starts[leaf + 1] - 1];
}

/* The code of a leaf that a number of 0 .. total - 1 falls on. */
static inline uint8
leaf_codes_at(const LeafCodes *leaves, const uint32 *sums, uint32 leaf, uint32 at)
{
	uint32		low = leaves->starts[leaf];
	uint32		high = leaves->starts[leaf + 1] - 1;

	while (high - low > 8)
	{
		uint32		middle = low + (high - low) / 2;

		if (sums[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	while (sums[low] <= at)
		low++;
	return leaves->codes[low];
}

/* The weight of a code in a leaf. */
extern uint32 leaf_codes_weight(const LeafCodes *leaves, uint32 leaf, uint8 code);

/* Draw one of the codes of a leaf that are allowed; false if it has none. */
extern bool leaf_codes_draw_of(const LeafCodes *leaves, uint32 leaf, const CodeSet *allowed,
							   RandomStream *stream, uint8 *code);

/*
 * Count the codes of rows by their leaves; without is a code that is not
 * drawn, or -1: a leaf that has no other one gets those of all rows.  Every leaf has a row.
 */
extern void leaf_codes_count(LeafCodes *leaves, uint32 nleaves, const uint32 *leaf_of,
							 const uint8 *codes, int64 nrows, int without, FrameMemory *memory);

/* The sums of codes that are allowed alone, in the current memory context. */
extern uint32 *leaf_codes_restrict(const LeafCodes *leaves, uint32 nleaves, const CodeSet *allowed);

extern void leaf_codes_write(StringInfo to, const LeafCodes *leaves, uint32 nleaves);

/* Error 22P03 for codes that are out of order, rare beside others, or not of the variable. */
extern void leaf_codes_read(ByteReader *r, LeafCodes *leaves, uint32 nleaves, const Variable *variable);

#endif							/* KIAIM_LEAF_CODES_H */
