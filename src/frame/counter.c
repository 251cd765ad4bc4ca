/*-------------------------------------------------------------------------
 *
 * counter.c
 *		Counting distinct tuples of codes.
 *
 * The codes of a tuple are packed side by side into as few words as they fit,
 * and looked up in an open addressing table whose slots are the words and the
 * weight themselves.  Columns get the bits that they need and a share of what
 * is left over; when a dictionary outgrows its bits the rows are packed anew.
 *
 * A slot is found by the upper bits of its hash, so growing the table walks
 * memory in order.  Rows taken from one table and put into another must find
 * the room reserved, or they would pile up at its front.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "frame/frame_internal.h"

/* Rows that wait for their slots, and the table's size from which they do. */
#define PENDING_ROWS	32
#define PENDING_FROM	((Size) 256 * 1024)

/* Rows between two looks for a cancel request. */
#define ROWS_UNCHECKED	0xffff

#if defined(__GNUC__) || defined(__clang__)
#define prefetch_slot(p)	__builtin_prefetch((p), 1)
#else
#define prefetch_slot(p)	((void) (p))
#endif

/* Where a column's code sat before a new layout. */
typedef struct OldPlace
{
	uint16		word;
	uint8		shift;
	uint32		last;
} OldPlace;

CounterShape *
counter_shape(int ncolumns, const Oid *types, const Oid *collations, FrameEquality equality)
{
	CounterShape *shape;

	Assert(ncolumns >= 0);
	shape = palloc0(offsetof(CounterShape, types) + ncolumns * sizeof(DictionaryType));
	shape->ncolumns = ncolumns;
	shape->equality = equality;
	for (int i = 0; i < ncolumns; i++)
		dictionary_type_init(&shape->types[i], types[i], collations[i], equality);
	return shape;
}

/* Bytes of a counter before it holds anything. */
static Size
counter_base_size(int ncolumns)
{
	return offsetof(TupleCounter, columns) + ncolumns * sizeof(CounterColumn);
}

/*
 * Give every column the bits of its codes, in the order of the columns and
 * within one word each, and share the bits left over among those of a word.
 */
static void
lay_out(TupleCounter *c)
{
	int			first = 0;

	c->nwords = 0;
	do
	{
		int			used = 0;
		int			next = first;
		int			shift = 0;

		for (; next < c->ncolumns; next++)
		{
			int			bits = bits_for(Max(c->columns[next].dictionary.size, 4));

			if (used + bits > 64)
				break;
			c->columns[next].width = bits;
			used += bits;
		}
		for (bool given = true; given && used < 64;)
		{
			given = false;
			for (int i = first; i < next && used < 64; i++)
			{
				if (c->columns[i].width < 32)
				{
					c->columns[i].width++;
					used++;
					given = true;
				}
			}
		}
		for (int i = first; i < next; i++)
		{
			CounterColumn *column = &c->columns[i];

			column->word = c->nwords;
			column->shift = shift;
			column->last = (uint32) (((uint64) 1 << column->width) - 1);
			shift += column->width;
		}
		c->nwords++;
		first = next;
	} while (first < c->ncolumns);
}

TupleCounter *
counter_create_shaped(const CounterShape *shape)
{
	Size		size = counter_base_size(shape->ncolumns);
	TupleCounter *c = palloc0(size);

	c->memory.context = CurrentMemoryContext;
	c->memory.used = size;
	c->shape = shape;
	c->ncolumns = shape->ncolumns;
	for (int i = 0; i < c->ncolumns; i++)
		dictionary_init(&c->columns[i].dictionary, &shape->types[i], &c->memory);
	lay_out(c);
	return c;
}

TupleCounter *
counter_create(int ncolumns, const Oid *types, const Oid *collations, FrameEquality equality)
{
	CounterShape *shape = counter_shape(ncolumns, types, collations, equality);
	TupleCounter *c = counter_create_shaped(shape);

	c->own_shape = shape;
	return c;
}

TupleCounter *
counter_copy(TupleCounter *from)
{
	Size		size = offsetof(CounterShape, types) + from->ncolumns * sizeof(DictionaryType);
	CounterShape *shape = palloc(size);
	TupleCounter *c;

	memcpy(shape, from->shape, size);
	c = counter_create_shaped(shape);
	c->own_shape = shape;
	counter_merge(c, from);
	return c;
}

void
counter_free(TupleCounter *c)
{
	for (int i = 0; i < c->ncolumns; i++)
		dictionary_release(&c->columns[i].dictionary);
	if (c->slots != NULL)
		pfree(c->slots);
	if (c->pending != NULL)
		pfree(c->pending);
	if (c->own_shape != NULL)
		pfree(c->own_shape);
	pfree(c);
}

int
counter_ncolumns(const TupleCounter *c)
{
	return c->ncolumns;
}

Dictionary *
counter_dictionary(const TupleCounter *c, int column)
{
	Assert(column >= 0 && column < c->ncolumns);
	return (Dictionary *) &c->columns[column].dictionary;
}

int64
counter_total(const TupleCounter *c)
{
	return c->total;
}

int64
counter_ntuples(TupleCounter *c)
{
	counter_flush(c);
	return (int64) c->nused;
}

Size
counter_memory(const TupleCounter *c)
{
	return c->memory.used;
}

void *
counter_scratch(const TupleCounter *c, Size count, Size size)
{
	FrameMemory memory = {CurrentMemoryContext, c->memory.used};

	return frame_alloc(&memory, count, size, false);
}

void
counter_add_total(TupleCounter *c, int64 weight)
{
	if (pg_add_s64_overflow(c->total, weight, &c->total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of weights is out of range")));
}

/* ---- the table ---- */

/* Add a weight to the row of a key; there is an empty slot. */
static inline void
put_row(TupleCounter *c, const uint64 *key, int64 weight, int nwords)
{
	uint64		last = c->nslots - 1;
	uint64		i = hash_key(key, nwords) >> c->shift;

	for (;; i = (i + 1) & last)
	{
		uint64	   *slot = c->slots + i * (nwords + 1);
		uint64		differ = 0;

		if (slot[nwords] == 0)
		{
			for (int w = 0; w < nwords; w++)
				slot[w] = key[w];
			slot[nwords] = (uint64) weight;
			c->nused++;
			return;
		}
		for (int w = 0; w < nwords; w++)
			differ |= slot[w] ^ key[w];
		if (differ == 0)
		{
			slot[nwords] += (uint64) weight;
			return;
		}
	}
}

/* The same for any number of words; the common ones are unrolled. */
static inline void
put_any_row(TupleCounter *c, const uint64 *key, int64 weight)
{
	if (c->nwords == 1)
		put_row(c, key, weight, 1);
	else if (c->nwords == 2)
		put_row(c, key, weight, 2);
	else
		put_row(c, key, weight, c->nwords);
}

/* A table of so many slots instead of the present one, which is returned. */
static uint64 *
replace_table(TupleCounter *c, uint64 nslots)
{
	Size		row = (c->nwords + 1) * sizeof(uint64);
	uint64	   *old = c->slots;

	c->slots = frame_alloc(&c->memory, nslots, row, true);
	c->nslots = nslots;
	c->nused = 0;
	c->limit = nslots / 4 * 3;
	for (c->shift = 64; nslots > 1; nslots >>= 1)
		c->shift--;
	if (c->pending == NULL && c->nslots * row >= PENDING_FROM)
		c->pending = frame_alloc(&c->memory, PENDING_ROWS, row, false);
	return old;
}

/* Grow the table to so many slots. */
static void
grow_table(TupleCounter *c, uint64 nslots)
{
	uint64		nold = c->nslots;
	Size		stride = c->nwords + 1;
	uint64	   *old = replace_table(c, nslots);

	for (uint64 i = 0; i < nold; i++)
	{
		uint64	   *row = old + i * stride;

		if ((i & ROWS_UNCHECKED) == ROWS_UNCHECKED)
			CHECK_FOR_INTERRUPTS();
		if (row[c->nwords] != 0)
			put_any_row(c, row, (int64) row[c->nwords]);
	}
	frame_release(&c->memory, old, nold, stride * sizeof(uint64));
}

/* Add a weight to the row of a key at once. */
static void
insert_row(TupleCounter *c, const uint64 *key, int64 weight)
{
	if (c->nused >= c->limit)
	{
		CHECK_FOR_INTERRUPTS();
		grow_table(c, c->nslots == 0 ? 4 : c->nslots < 65536 ? c->nslots * 4 : c->nslots * 2);
	}
	put_any_row(c, key, weight);
}

void
counter_flush(TupleCounter *c)
{
	int			npending = c->npending;

	/* an error on the way loses the aggregate, never counts a row twice */
	c->npending = 0;
	for (int i = 0; i < npending; i++)
	{
		uint64	   *row = c->pending + i * (c->nwords + 1);

		insert_row(c, row, (int64) row[c->nwords]);
	}
}

/* Add a weight to the row of a key, now or as soon as its slot is at hand. */
static inline void
add_row(TupleCounter *c, const uint64 *key, int64 weight, int nwords)
{
	uint64	   *row;

	if (c->pending == NULL)
	{
		insert_row(c, key, weight);
		return;
	}
	row = c->pending + c->npending * (nwords + 1);
	for (int w = 0; w < nwords; w++)
		row[w] = key[w];
	row[nwords] = (uint64) weight;
	prefetch_slot(c->slots + (hash_key(key, nwords) >> c->shift) * (nwords + 1));
	if (++c->npending == PENDING_ROWS)
		counter_flush(c);
}

/* ---- packing ---- */

/* Put a code where the layout wants it. */
static inline void
pack_code(uint64 *key, const CounterColumn *column, uint32 code)
{
	key[column->word] |= (uint64) code << column->shift;
}

/* Lay the columns out for the codes that there are, and pack all rows anew. */
static void
pack_anew(TupleCounter *c)
{
	OldPlace   *places = palloc(Max(c->ncolumns, 1) * sizeof(OldPlace));
	uint64		nold = c->nslots;
	Size		stride = c->nwords + 1;
	uint64	   *old;
	uint64	   *key;

	CHECK_FOR_INTERRUPTS();
	counter_flush(c);
	nold = c->nslots;
	for (int i = 0; i < c->ncolumns; i++)
	{
		places[i].word = c->columns[i].word;
		places[i].shift = c->columns[i].shift;
		places[i].last = c->columns[i].last;
	}
	frame_release(&c->memory, c->pending, PENDING_ROWS, stride * sizeof(uint64));
	c->pending = NULL;
	lay_out(c);

	if (nold != 0)
	{
		old = replace_table(c, nold);
		key = palloc(c->nwords * sizeof(uint64));
		for (uint64 i = 0; i < nold; i++)
		{
			uint64	   *row = old + i * stride;

			if ((i & ROWS_UNCHECKED) == ROWS_UNCHECKED)
				CHECK_FOR_INTERRUPTS();
			if (row[stride - 1] == 0)
				continue;
			memset(key, 0, c->nwords * sizeof(uint64));
			for (int j = 0; j < c->ncolumns; j++)
				pack_code(key, &c->columns[j],
						  (uint32) (row[places[j].word] >> places[j].shift) & places[j].last);
			put_any_row(c, key, (int64) row[stride - 1]);
		}
		pfree(key);
		frame_release(&c->memory, old, nold, stride * sizeof(uint64));
	}
	pfree(places);
}

/* Pack the codes of values into a key of zeros; false if one does not fit. */
static pg_attribute_always_inline bool
pack_values(TupleCounter *c, const NullableDatum *values, uint64 *key)
{
	for (int i = 0; i < c->ncolumns; i++)
	{
		CounterColumn *column = &c->columns[i];
		uint32		code = encode_value(&column->dictionary, values[i].value, values[i].isnull);

		if (unlikely(code > column->last))
			return false;
		pack_code(key, column, code);
	}
	return true;
}

void
counter_add(TupleCounter *c, const NullableDatum *values, int64 weight)
{
	uint64		key[2] = {0, 0};
	uint64	   *wide;

	Assert(weight > 0);
	if (likely(c->nwords == 1))
	{
		if (likely(pack_values(c, values, key)))
		{
			counter_add_total(c, weight);
			add_row(c, key, weight, 1);
			return;
		}
	}
	else if (c->nwords == 2)
	{
		if (likely(pack_values(c, values, key)))
		{
			counter_add_total(c, weight);
			add_row(c, key, weight, 2);
			return;
		}
	}
	else
	{
		bool		fits;

		wide = palloc0(c->nwords * sizeof(uint64));
		fits = pack_values(c, values, wide);
		if (fits)
		{
			counter_add_total(c, weight);
			add_row(c, wide, weight, c->nwords);
		}
		pfree(wide);
		if (fits)
			return;
	}

	/* a new value has outgrown its bits: all values get their codes, then the row fits */
	for (int i = 0; i < c->ncolumns; i++)
		(void) dictionary_encode(&c->columns[i].dictionary, values[i].value, values[i].isnull);
	pack_anew(c);
	counter_add(c, values, weight);
}

void
counter_add_key(TupleCounter *c, const uint64 *key, int64 weight)
{
	counter_add_total(c, weight);
	add_row(c, key, weight, c->nwords);
}

void
counter_reserve(TupleCounter *c, uint64 ntuples)
{
	uint64		nslots = Max(c->nslots, 4);

	counter_flush(c);
	for (int i = 0; i < c->ncolumns; i++)
	{
		if (c->columns[i].dictionary.size > (uint64) c->columns[i].last + 1)
		{
			pack_anew(c);
			break;
		}
	}
	/* the condition is that of limit, rearranged not to overflow */
	while (nslots / 4 * 3 < ntuples && nslots < (uint64) 1 << 58)
		nslots *= 2;
	if (nslots > c->nslots)
		grow_table(c, nslots);
}

/* ---- reading ---- */

void
counter_scan_start(TupleCounter *c, CounterScan *scan)
{
	counter_flush(c);
	scan->counter = c;
	scan->position = 0;
}

bool
counter_scan_next(CounterScan *scan, uint32 *codes, int64 *weight)
{
	TupleCounter *c = scan->counter;
	Size		stride = c->nwords + 1;

	while (scan->position < c->nslots)
	{
		uint64	   *row = c->slots + scan->position++ * stride;

		if (row[c->nwords] == 0)
			continue;
		for (int i = 0; codes != NULL && i < c->ncolumns; i++)
			codes[i] = unpack_code(row, &c->columns[i]);
		*weight = (int64) row[c->nwords];
		return true;
	}
	return false;
}

void
counter_merge(TupleCounter *into, TupleCounter *from)
{
	uint32	  **codes;
	uint64	   *key;

	Assert(into != from && into->ncolumns == from->ncolumns);
	codes = palloc0(Max(into->ncolumns, 1) * sizeof(uint32 *));
	for (int i = 0; i < into->ncolumns; i++)
	{
		Dictionary *theirs = &from->columns[i].dictionary;

		if (theirs->type->declared != into->columns[i].dictionary.type->declared)
			elog(ERROR, "cannot merge tuples of type %u with tuples of type %u",
				 theirs->type->declared, into->columns[i].dictionary.type->declared);
		codes[i] = MemoryContextAllocHuge(CurrentMemoryContext,
										  Max(theirs->size, 1) * sizeof(uint32));
		for (uint32 code = 0; code < theirs->size; code++)
		{
			bool		isnull;
			Datum		value = dictionary_value(theirs, code, &isnull);

			if ((code & ROWS_UNCHECKED) == ROWS_UNCHECKED)
				CHECK_FOR_INTERRUPTS();
			/* values of untyped literals are kept as text */
			if (theirs->type->method == BY_UNKNOWN && !isnull)
			{
				Size		length;
				const char *image = dictionary_image(theirs, code, &length);

				(void) dictionary_encode_image(&into->columns[i].dictionary, image, length,
											   &codes[i][code]);
			}
			else
				codes[i][code] = dictionary_encode(&into->columns[i].dictionary, value, isnull);
		}
	}

	counter_reserve(into, counter_ntuples(into) + counter_ntuples(from));
	key = palloc(into->nwords * sizeof(uint64));
	for (uint64 i = 0; i < from->nslots; i++)
	{
		const uint64 *row = from->slots + i * (from->nwords + 1);

		if ((i & ROWS_UNCHECKED) == ROWS_UNCHECKED)
			CHECK_FOR_INTERRUPTS();
		if (row[from->nwords] == 0)
			continue;
		memset(key, 0, into->nwords * sizeof(uint64));
		for (int j = 0; j < into->ncolumns; j++)
			pack_code(key, &into->columns[j], codes[j][unpack_code(row, &from->columns[j])]);
		counter_add_key(into, key, (int64) row[from->nwords]);
	}

	for (int i = 0; i < into->ncolumns; i++)
		pfree(codes[i]);
	pfree(codes);
	pfree(key);
}
