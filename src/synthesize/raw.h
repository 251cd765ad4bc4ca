/*-------------------------------------------------------------------------
 *
 * raw.h
 *		A relation as columns of numbers of 64 bits.
 *
 * A number is scaled to an integer, a date is days, a timestamp microseconds, a
 * time of day microseconds; a category is the position of its value among the
 * values of the column in their order.  NULL is RAW_NULL.
 *
 * Rows are in an order that depends on their contents only: persons in the
 * order of their identifiers, the rows of a person adjacent, then by value.  So
 * the same rows give the same model however they are stored.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_RAW_H
#define KIAIM_SYNTHESIZE_RAW_H

#include "postgres.h"

#include "bytes.h"
#include "synthesize/synthesize.h"

#define RAW_NULL	PG_INT64_MIN

typedef enum RawKind
{
	RAW_NUMBER,					/* smallint .. bigint, numeric, real, double precision */
	RAW_DATE,
	RAW_TIMESTAMP,				/* with or without time zone */
	RAW_TIME,
	RAW_CATEGORY				/* text, enum, boolean, uuid, and "as": "category" */
} RawKind;

/* How values of a type become numbers and come back. */
typedef struct RawType
{
	RawKind		kind;
	Oid			declared;		/* the column's type, maybe a domain */
	Oid			type;			/* the type under the domain */
	int32		typmod;
	Oid			collation;
	int			scale;			/* RAW_NUMBER: value = raw / 10^scale */
} RawType;

typedef struct RawColumn
{
	char	   *name;
	RawType		type;
	bool		key;			/* a person, a primary key or unique: fresh numbers are given */
	bool		not_null;		/* declared so */
	int64	   *values;			/* nrows of them */
	int64		nvalues;		/* RAW_CATEGORY: number of values */
	char	  **labels;			/* RAW_CATEGORY: their texts (output function), in order */
} RawColumn;

typedef struct RawTable
{
	int			ncolumns;
	RawColumn  *columns;
	int64		nrows;			/* below 2^31 */
	const int32 *persons;		/* of each row, 0 .. npersons - 1, ascending; NULL: one row each */
	int64		npersons;
	int64		source_rows;	/* what the relation had, if "rows" took fewer */
} RawTable;

/*
 * Read the columns of a relation that the options ask for, as the caller, who
 * has connected to SPI, into the current memory context and within
 * kiaim.max_memory.  Error 0A000 for a type that cannot be synthesized (arrays,
 * json, bytea, composites ...), with a hint to leave the column out; 42703 for
 * columns of the options that do not exist; 22003 and 22023 for numbers that no
 * scaled integer of 64 bits can say.
 */
extern RawTable *raw_read(Oid relid, const FitOptions *options);

/* The number of a value of this type; RAW_CATEGORY: labels must be searched instead. */
extern int64 raw_from_datum(const RawType *type, Datum value, bool isnull);

/* The value of a number of this type, of the declared type; not for RAW_CATEGORY. */
extern Datum raw_to_datum(const RawType *type, int64 raw);

extern void raw_type_write(StringInfo to, const RawType *type);

/* Types are stored by schema and name; error 42704 where this database has none of that name. */
extern void raw_type_read(ByteReader *r, RawType *type);

/* Distinct persons among the rows; rows ascending.  n where each row is a person. */
extern int64 raw_persons(const RawTable *table, const int32 *rows, int64 n);

#endif							/* KIAIM_SYNTHESIZE_RAW_H */
