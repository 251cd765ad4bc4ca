/*-------------------------------------------------------------------------
 *
 * group_internal.h
 *		What the two kernels of grouping share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_GROUP_INTERNAL_H
#define KIAIM_GROUP_INTERNAL_H

#include "postgres.h"

#include "frame/frame_internal.h"
#include "frame/pathcode.h"

#define GROUP_INTERRUPT_EVERY	65536
#define MAX_PARTITION_BITS		10

/* A run of adjacent bits that a mask keeps, and where it goes in the dense index. */
typedef struct BitRun
{
	int			word;
	int			from;
	int			to;
	uint64		mask;			/* as many ones as the run is long */
} BitRun;

struct Grouper
{
	FrameMemory *memory;		/* the caller's */
	int			words;
	bool		bmi2;
	/* result */
	uint64	   *keys;
	uint64	   *weights;
	int64		capacity;
	/* what was touched: index of the dense array or slot of the table, by position in the result */
	uint32	   *touched;
	int64		touched_capacity;
	int64		ntouched;
	int64		scanned;		/* tuples grouped so far */
	/* dense kernel */
	uint64	   *dense;
	int64		dense_size;
	int			nruns;
	BitRun	   *runs;
	/* hash kernel: slots of words key words and a weight */
	uint64	   *slots;
	int64		slots_size;		/* allocated, in slots */
	int			bits;			/* of the table in use, or of each of the partitions' tables */
	int			partition_bits; /* 0: one table */
	int64	   *offset;			/* first slot of each partition's table */
	uint8	   *partition_size; /* bits of each partition's table */
	PathTuples	parts;			/* the source by partition, keys masked */
	int64		parts_capacity;
	/* keys packed into one word */
	Grouper    *packed;			/* that groups them, or NULL */
	uint64	   *pack_keys;
	int64		pack_capacity;
	int			pack_to[PATH_MAX_WORDS];	/* where the bits of each word go */
	/* what grouper_find looks in */
	bool		last_dense;
	bool		last_packed;
	uint64		mask[PATH_MAX_WORDS];
};

/* Room for n touched entries; what is in it is kept. */
extern void group_reserve_touched(Grouper *g, int64 n);

/* Room for n tuples of the result; what is in it is not kept. */
extern void group_reserve_result(Grouper *g, int64 n);

/* The hash kernel: group by hash tables, and look a masked key up in the last result. */
extern void group_hash(Grouper *g, const PathTuples *source, const uint64 *mask, bool lookups,
					   PathTuples *result);
extern int64 group_hash_find(const Grouper *g, const uint64 *key);

/* Can a mask that keeps so many bits be grouped packed, and is it worth it? */
extern bool group_can_pack(const Grouper *g, int bits);

/* Group by packed keys, and look a key up in the last result. */
extern void group_pack(Grouper *g, const PathTuples *source, int bits, bool lookups,
					   PathTuples *result);
extern int64 group_pack_find(Grouper *g, const uint64 *key);

/* Give back what only grouping needs, or everything. */
extern void group_pack_trim(Grouper *g);
extern void group_pack_end(Grouper *g);

#endif							/* KIAIM_GROUP_INTERNAL_H */
