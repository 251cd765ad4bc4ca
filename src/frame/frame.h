/*-------------------------------------------------------------------------
 *
 * frame.h
 *		The room "frame": a relation as columns of codes, and as weighted
 *		distinct tuples.
 *
 * A Dictionary turns the values of one column into dense codes.  A
 * TupleCounter counts tuples of such codes, packed into words.  frame_read()
 * reads a relation into a TupleCounter, as the caller and through SQL.
 * Memory is bounded by kiaim.max_memory; exceeding it is error 53400 with a
 * hint, never an out-of-memory condition.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_FRAME_H
#define KIAIM_FRAME_H

#include "postgres.h"
#include "executor/tuptable.h"
#include "fmgr.h"

/*
 * Which values are the same one.  SQL: by the equality of the type's default
 * hash operator class under the collation, as GROUP BY does.  IMAGE: by the
 * bytes of the value, finer than SQL (numeric 1.0 and 1.00 differ), cheaper,
 * and for any type; the right choice where labels are made of the values.
 */
typedef enum FrameEquality
{
	FRAME_EQUAL_SQL,
	FRAME_EQUAL_IMAGE
} FrameEquality;

/* ---- memory ---- */

/*
 * A memory account: where the pieces of one dictionary or counter live, and
 * how many bytes they are together.  A context for each would cost a grouped
 * aggregate a kilobyte and a microsecond a group, so pieces are allocated in
 * the context of the caller and counted here.
 */
typedef struct FrameMemory
{
	MemoryContext context;
	Size		used;
} FrameMemory;

/* count * size bytes, counted against kiaim.max_memory: error 53400 beyond it. */
extern void *frame_alloc(FrameMemory *m, Size count, Size size, bool zero);

/* The same for an array that grows; old may be NULL. */
extern void *frame_grow(FrameMemory *m, void *old, Size old_count, Size count, Size size);

/* Give a piece of count * size bytes back; p may be NULL. */
extern void frame_release(FrameMemory *m, void *p, Size count, Size size);

/* ---- dictionary ---- */

typedef struct Dictionary Dictionary;

/*
 * An empty dictionary in the current memory context, where it stays.  Error
 * 42883 "could not identify a hash function for type %s" where FRAME_EQUAL_SQL
 * needs one and there is none, 42P22 where it needs a collation and has none.
 * UNKNOWNOID: values are C strings.
 */
extern Dictionary *dictionary_create(Oid type, Oid collation, FrameEquality equality);

/* The code of a value, given on first sight: 0, 1, 2, ...; NULL is a value. */
extern uint32 dictionary_encode(Dictionary *d, Datum value, bool isnull);

/* Number of codes given so far. */
extern uint32 dictionary_size(const Dictionary *d);

/*
 * The value of a code; sets *isnull.  It points into the dictionary, where the
 * next value encoded may move it.  A varlena is flat but may have a short
 * header: read it as a function would read its argument.
 */
extern Datum dictionary_value(const Dictionary *d, uint32 code, bool *isnull);

/* The type whose values it holds (TEXTOID for UNKNOWNOID). */
extern Oid	dictionary_type(const Dictionary *d);

/* The type of what dictionary_encode() takes, as it was created with. */
extern Oid	dictionary_takes(const Dictionary *d);

/* The collation that its equality goes by. */
extern Oid	dictionary_collation(const Dictionary *d);

/*
 * The position of each code in the order of the type's default B-tree operator
 * class, NULL last; values that compare as equal are in the order of their
 * bytes.  Error 42883 "could not identify a comparison function for type %s".
 */
extern uint32 *dictionary_ranks(const Dictionary *d);

/* Bytes held. */
extern Size dictionary_memory(const Dictionary *d);

/* ---- counter of weighted distinct tuples ---- */

typedef struct TupleCounter TupleCounter;

/*
 * The types of the columns, resolved once for the many counters that a grouped
 * aggregate creates.  Errors as of dictionary_create().
 */
typedef struct CounterShape CounterShape;

extern CounterShape *counter_shape(int ncolumns, const Oid *types, const Oid *collations,
								   FrameEquality equality);

/*
 * An empty counter with a dictionary a column, in the current memory context,
 * where all it ever holds will be.  A shape must outlive its counters.
 */
extern TupleCounter *counter_create(int ncolumns, const Oid *types, const Oid *collations,
									FrameEquality equality);
extern TupleCounter *counter_create_shaped(const CounterShape *shape);

/*
 * Count one tuple of values with a weight > 0.  Functions of the types may
 * leave garbage in the current memory context: call it in a short-lived one.
 */
extern void counter_add(TupleCounter *c, const NullableDatum *values, int64 weight);

/* Add all tuples of another counter over the same types and equality; from stays usable. */
extern void counter_merge(TupleCounter *into, TupleCounter *from);

extern int	counter_ncolumns(const TupleCounter *c);
extern Dictionary *counter_dictionary(const TupleCounter *c, int column);

/* The same tuples in the current memory context. */
extern TupleCounter *counter_copy(TupleCounter *from);

/* Number of distinct tuples, and the sum of all weights. */
extern int64 counter_ntuples(TupleCounter *c);
extern int64 counter_total(const TupleCounter *c);

/*
 * Visit every distinct tuple once, in no particular order:
 *		CounterScan scan;
 *		counter_scan_start(c, &scan);
 *		while (counter_scan_next(&scan, codes, &weight)) ...
 * codes is an array of counter_ncolumns() codes that the call fills, or NULL
 * if only the weights matter.  Nothing may be added meanwhile.
 */
typedef struct CounterScan
{
	TupleCounter *counter;
	uint64		position;
} CounterScan;

extern void counter_scan_start(TupleCounter *c, CounterScan *scan);
extern bool counter_scan_next(CounterScan *scan, uint32 *codes, int64 *weight);

/*
 * The distinct tuples grouped into classes of equal codes in the columns
 * first, first + 1, ...; of the columns before them, all tuples of a class have
 * different codes, of which those of column first - 1 are listed.  The arrays
 * are in the current memory context; classes and members are in no particular order.
 */
typedef struct CounterClasses
{
	int64		nclasses;
	int64	   *start;			/* nclasses + 1: members start[i] .. start[i + 1] - 1 */
	uint32	   *codes;			/* of column first - 1, a member; NULL if first is 0 */
	int64	   *weights;		/* a member */
} CounterClasses;

extern CounterClasses *counter_classes(TupleCounter *c, int first);
extern void counter_classes_free(CounterClasses *classes);

/* Bytes held by the counter and its dictionaries. */
extern Size counter_memory(const TupleCounter *c);

/*
 * count * size bytes in the current memory context for working on a counter,
 * within what kiaim.max_memory leaves beside it: error 53400 beyond.
 */
extern void *counter_scratch(const TupleCounter *c, Size count, Size size);

/* A checked byte form, for parallel workers; error 22P03 if the bytes are not valid. */
extern bytea *counter_serialize(TupleCounter *c);
extern TupleCounter *counter_deserialize(bytea *bytes);

/* Release everything. */
extern void counter_free(TupleCounter *c);

/* ---- reader ---- */

/*
 * Run a query as the caller and hand each of its rows to a function, in a
 * context that is reset every now and then; start, if not NULL, gets their
 * types first.  The caller has connected to SPI.
 */
typedef void (*FrameStart) (void *state, TupleDesc desc);
typedef void (*FrameRow) (void *state, TupleTableSlot *slot);

extern void frame_stream(const char *query, FrameStart start, FrameRow row, void *state);

/*
 * Read columns of a relation as the caller (privileges, row-level security,
 * views, partitions as in any SELECT).  The caller has connected to SPI.
 * Columns must exist (see frame_check_columns).  Both readers of the setting
 * kiaim.reader give the same result.  An empty relation gives a
 * counter without tuples; ncolumns may be 0.  With FRAME_EQUAL_IMAGE the first
 * nimage columns are told apart by their bytes, as level-0 text where the server
 * groups; of the others, values that SQL calls equal may share a code or not.
 */
extern TupleCounter *frame_read(Oid relid, int ncolumns, const char *const *columns,
								FrameEquality equality, int nimage);

/*
 * The same of some rows of the relation only: rows is what follows FROM in the
 * query, as "registry.tumour WHERE ..." or a subquery with these columns.
 */
extern TupleCounter *frame_read_rows(Oid relid, const char *rows, int ncolumns,
									 const char *const *columns,
									 FrameEquality equality, int nimage);

/*
 * Error 42703 with the nearest column name for the first that is not a column
 * of the relation.  context completes the message: column "x" of <context> does not exist in relation "y".
 */
extern void frame_check_columns(Oid relid, int ncolumns, const char *const *columns,
								const char *context);

/*
 * Error 42804 unless the columns, which both relations have, are of one type in
 * a relation and the population that it was taken from, so that dictionaries of
 * the one can encode values of the other.
 */
extern void frame_check_population(Oid population, Oid relid, int nquasi, const char *const *quasi);

/* The names of the columns of a relation in order, without dropped and system columns. */
extern int	frame_column_names(Oid relid, const char ***names);

/* "schema"."relation", quoted as needed. */
extern char *frame_relation_name(Oid relid);

#endif							/* KIAIM_FRAME_H */
