/*-------------------------------------------------------------------------
 *
 * leaf_codes.c
 *		How often the leaves of a tree have which code of a variable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/leaf_codes.h"

/* See leaf_codes.h. */
uint32
leaf_codes_weight(const LeafCodes *leaves, uint32 leaf, uint8 code)
{
	uint32		first = leaves->starts[leaf];
	uint32		i = first;

	while (i < leaves->starts[leaf + 1] && leaves->codes[i] < code)
		i++;
	if (i == leaves->starts[leaf + 1] || leaves->codes[i] != code)
		return 0;
	return leaves->sums[i] - (i > first ? leaves->sums[i - 1] : 0);
}

/* See leaf_codes.h. */
bool
leaf_codes_draw_of(const LeafCodes *leaves, uint32 leaf, const CodeSet *allowed,
				   RandomStream *stream, uint8 *code)
{
	const uint8 *own = leaves->codes + leaves->starts[leaf];
	const uint32 *weights = leaves->sums + leaves->starts[leaf];
	uint32		n = leaves->starts[leaf + 1] - leaves->starts[leaf];
	uint32		sums[MAX_CODES];
	uint32		sum = 0;
	uint32		at;
	uint32		i = 0;

	for (uint32 k = 0; k < n; k++)
	{
		if (codeset_has(allowed, own[k]))
			sum += weights[k] - (k > 0 ? weights[k - 1] : 0);
		sums[k] = sum;
	}
	if (sum == 0)
		return false;
	at = random_below(stream, sum);
	while (sums[i] <= at)
		i++;
	*code = own[i];
	return true;
}

/*
 * Add the codes of one leaf to those of the leaves before it; where it has none
 * but the one that is not drawn, those of all leaves.
 */
static uint32
add_leaf(LeafCodes *leaves, uint32 at, const uint32 *counts, const uint32 *all, int without)
{
	uint32		sum = 0;
	bool		any = false;

	for (int code = 0; code < MAX_CODES && !any; code++)
		any = counts[code] > 0 && code != without;
	if (!any && all != NULL)
		return add_leaf(leaves, at, all, NULL, without);

	for (int code = 0; code < MAX_CODES; code++)
	{
		if (counts[code] == 0 || code == without)
			continue;
		leaves->codes[at] = code;
		leaves->sums[at++] = sum += counts[code];
	}
	if (sum == 0)
	{
		leaves->codes[at] = without;
		leaves->sums[at++] = counts[without];
	}
	return at;
}

/* See leaf_codes.h. */
void
leaf_codes_count(LeafCodes *leaves, uint32 nleaves, const uint32 *leaf_of, const uint8 *codes,
				 int64 nrows, int without, FrameMemory *memory)
{
	uint32	   *ends = frame_alloc(memory, (Size) nleaves + 1, sizeof(uint32), true);
	uint8	   *sorted = frame_alloc(memory, nrows, sizeof(uint8), false);
	uint32		all[MAX_CODES] = {0};
	Size		nall = 0;
	Size		space = 0;
	uint32		at = 0;

	for (int64 i = 0; i < nrows; i++)
		all[codes[i]]++;
	for (int code = 0; code < MAX_CODES; code++)
		nall += all[code] > 0;
	for (int64 i = 0; i < nrows; i++)
		ends[leaf_of[i] + 1]++;
	for (uint32 leaf = 0; leaf < nleaves; leaf++)
		ends[leaf + 1] += ends[leaf];
	for (int64 i = 0; i < nrows; i++)
		sorted[ends[leaf_of[i]]++] = codes[i];

	for (uint32 leaf = 0; leaf < nleaves; leaf++)
	{
		CodeSet		seen = {{0}};
		bool		any = false;

		for (uint32 i = leaf > 0 ? ends[leaf - 1] : 0; i < ends[leaf]; i++)
		{
			space += !codeset_has(&seen, sorted[i]);
			codeset_add(&seen, sorted[i]);
			any |= sorted[i] != without;
		}
		if (!any)
			space += nall;
	}
	leaves->starts = frame_alloc(memory, (Size) nleaves + 1, sizeof(uint32), false);
	leaves->codes = frame_alloc(memory, space, sizeof(uint8), false);
	leaves->sums = frame_alloc(memory, space, sizeof(uint32), false);
	for (uint32 leaf = 0; leaf < nleaves; leaf++)
	{
		uint32		counts[MAX_CODES] = {0};

		if (leaf % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		for (uint32 i = leaf > 0 ? ends[leaf - 1] : 0; i < ends[leaf]; i++)
			counts[sorted[i]]++;
		leaves->starts[leaf] = at;
		at = add_leaf(leaves, at, counts, all, without);
	}
	leaves->starts[nleaves] = at;
	frame_release(memory, ends, (Size) nleaves + 1, sizeof(uint32));
	frame_release(memory, sorted, nrows, sizeof(uint8));
}

/* See leaf_codes.h. */
uint32 *
leaf_codes_restrict(const LeafCodes *leaves, uint32 nleaves, const CodeSet *allowed)
{
	uint32	   *sums = MemoryContextAllocHuge(CurrentMemoryContext,
											  (Size) leaves->starts[nleaves] * sizeof(uint32));

	for (uint32 leaf = 0; leaf < nleaves; leaf++)
	{
		uint32		sum = 0;
		uint32		before = 0;

		for (uint32 i = leaves->starts[leaf]; i < leaves->starts[leaf + 1]; i++)
		{
			if (codeset_has(allowed, leaves->codes[i]))
				sum += leaves->sums[i] - before;
			before = leaves->sums[i];
			sums[i] = sum;
		}
	}
	return sums;
}

/* A number in as many bytes as it needs, seven bits each, the lowest first. */
static void
put_short(StringInfo to, uint32 value)
{
	for (; value >= 0x80; value >>= 7)
		bytes_put_uint8(to, 0x80 | (value & 0x7f));
	bytes_put_uint8(to, value);
}

/* The same read again, of 1 .. highest. */
static uint32
get_short(ByteReader *r, uint32 highest)
{
	uint64		value = 0;
	uint8		byte;
	int			shift = 0;

	do
	{
		byte = bytes_uint8(r);
		value |= (uint64) (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 35);
	if (byte & 0x80 || value < 1 || value > highest)
		bytes_invalid(r, "A count is out of range.");
	return (uint32) value;
}

/* See leaf_codes.h. */
void
leaf_codes_write(StringInfo to, const LeafCodes *leaves, uint32 nleaves)
{
	bytes_put_uint32(to, leaves->starts[nleaves]);
	for (uint32 leaf = 0; leaf < nleaves; leaf++)
	{
		uint32		before = 0;

		CHECK_FOR_INTERRUPTS();
		put_short(to, leaves->starts[leaf + 1] - leaves->starts[leaf]);
		for (uint32 i = leaves->starts[leaf]; i < leaves->starts[leaf + 1]; i++)
		{
			bytes_put_uint8(to, leaves->codes[i]);
			put_short(to, leaves->sums[i] - before);
			before = leaves->sums[i];
		}
	}
}

/* Read the codes of a leaf, of which there are room for left; returns how many. */
static uint32
read_leaf(ByteReader *r, const Variable *variable, uint8 *codes, uint32 *sums, uint32 left)
{
	uint32		n = get_short(r, MAX_CODES);
	uint32		sum = 0;

	if (n > left)
		bytes_invalid(r, "The leaves of a tree have more codes than it says.");
	for (uint32 i = 0; i < n; i++)
	{
		codes[i] = bytes_uint8(r);
		if (codes[i] >= variable->ncodes || (codes[i] == variable->rare && n > 1) ||
			(i > 0 && codes[i] <= codes[i - 1]))
			bytes_invalid(r, "A leaf has a code that its variable has not, or not in order.");
		sum += get_short(r, PG_INT32_MAX - sum);
		sums[i] = sum;
	}
	return n;
}

/* See leaf_codes.h. */
void
leaf_codes_read(ByteReader *r, LeafCodes *leaves, uint32 nleaves, const Variable *variable)
{
	uint32		entries = bytes_count(r, 1, PG_INT32_MAX);
	uint32		at = 0;

	CHECK_FOR_INTERRUPTS();
	if (entries > r->left / 2)
		bytes_invalid(r, "A tree has more codes than bytes.");
	leaves->starts = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) nleaves + 1) * sizeof(uint32));
	leaves->codes = MemoryContextAllocHuge(CurrentMemoryContext, entries);
	leaves->sums = MemoryContextAllocHuge(CurrentMemoryContext, (Size) entries * sizeof(uint32));
	for (uint32 leaf = 0; leaf < nleaves; leaf++)
	{
		leaves->starts[leaf] = at;
		at += read_leaf(r, variable, leaves->codes + at, leaves->sums + at, entries - at);
	}
	leaves->starts[nleaves] = at;
	if (at != entries)
		bytes_invalid(r, "The leaves of a tree have fewer codes than it says.");
}
