/*-------------------------------------------------------------------------
 *
 * column.h
 *		Columns: values become codes and come back.
 *
 * A code stands for one value that at least min_leaf persons have, or for an
 * interval of a number or date with as many, or for NULL.  A category that
 * fewer have is counted for the nearest label above it in its hierarchy that
 * has enough, and comes out as another value under that label (or as the label
 * where the code system has it as a code); without a hierarchy it comes out as
 * any frequent value.  Values beyond the min_leaf lowest and highest persons
 * are drawn in to them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_COLUMN_H
#define KIAIM_SYNTHESIZE_COLUMN_H

#include "postgres.h"

#include "bytes.h"
#include "numeric/random.h"
#include "synthesize/coded.h"
#include "synthesize/raw.h"
#include "synthesize/structure.h"

typedef enum ColumnKind
{
	COLUMN_EMPTY,				/* always NULL */
	COLUMN_KEY,					/* 1, 2, 3 ... in rows drawn; NULL or not is drawn if formula.sometimes;
								 * kept: given, and explains nothing */
	COLUMN_NUMBER,				/* numbers, dates, times: number_column.c */
	COLUMN_CATEGORY,			/* category_column.c */
	COLUMN_FORMULA				/* computed; one variable of two codes if sometimes, else none */
} ColumnKind;

typedef struct NumberCoder NumberCoder;
typedef struct CategoryCoder CategoryCoder;

typedef struct ColumnModel
{
	char	   *name;
	RawType		type;
	ColumnKind	kind;
	bool		kept;
	Formula		formula;		/* COLUMN_FORMULA; COLUMN_NUMBER: NONE or DISTANCE */
	int			first;			/* its first variable */
	int			nvariables;		/* 0, 1 or 2 */
	NumberCoder *number;
	CategoryCoder *category;	/* RAW_CATEGORY, also of formulas: its labels */
	int64		lowest;			/* NUMBER: what comes out at least and at most, */
	int64		highest;		/* also where it is drawn as a distance */
	const RawType *types;		/* of all columns of the set */
	struct ColumnCache *cache;	/* of column_datum and column_raw */
} ColumnModel;

/* All columns of a table, as fitted. */
typedef struct ColumnSet
{
	int			ncolumns;
	ColumnModel *columns;		/* in the order of the table */
	RawType    *types;			/* of each column */
	int		   *order;			/* the order in which they are made */
	int			nvariables;
	Variable   *variables;
} ColumnSet;

/*
 * Fit the columns of a table and code its rows.  Error 22023 where a NOT NULL
 * column has nothing that min_leaf persons share, with a hint to leave it out.
 */
extern ColumnSet *columns_fit(const RawTable *table, const Structure *structure,
							  const FitOptions *options, CodedTable **coded);

/* The codes of a value (raw value or, RAW_CATEGORY, position in category_labels). */
extern void column_encode(const ColumnModel *column, int64 raw, const int64 *row, uint8 *codes);

/*
 * The raw value that codes stand for: codes of the column's variables, row as in
 * formula_value; number counts the rows that were drawn, from 1.
 */
extern int64 column_decode(const ColumnModel *column, const uint8 *codes, const RawType *types,
						   const int64 *row, int64 number, RandomStream *stream);

/* The value of the declared type, in the current memory context or the column's. */
extern Datum column_datum(const ColumnModel *column, int64 raw, bool *isnull);

/* The raw value of a datum of the declared type; a category that is not known is RAW_NULL, *known false. */
extern int64 column_raw(const ColumnModel *column, Datum value, bool isnull, bool *known);

extern void columns_write(StringInfo to, const ColumnSet *set);
extern ColumnSet *columns_read(ByteReader *r);

/* ---- what number_column.c offers to column.c ---- */

/*
 * values: of each row, RAW_NULL for NULL; sets the variables (1 or 2; the second's
 * coarse is 0) and palloc's the codes of rows.  NULL if fewer than min_leaf
 * persons have a value.  A type declared as InvalidOid is that of distances.
 */
extern NumberCoder *number_fit(const RawTable *table, const int64 *values, const RawType *type,
							   int min_leaf, bool extremes, Variable *variables, int *nvariables,
							   uint8 **codes);
extern void number_encode(const NumberCoder *coder, int64 value, uint8 *codes);
extern int64 number_decode(const NumberCoder *coder, const uint8 *codes, RandomStream *stream);

/* True if the codes of a distance stand for a value of the column itself, whatever the distance is. */
extern bool number_decode_anchor(const NumberCoder *coder, const uint8 *codes, int64 *value);

/* The least and the greatest distance that codes stand for; false if there are values at any distance. */
extern bool number_distances(const NumberCoder *coder, int64 *lowest, int64 *highest);

/* Add the codes of such values to a set. */
extern void number_anchor_codes(const NumberCoder *coder, CodeSet *set);

/* The codes of the coarse variable that some value of lowest .. highest has. */
extern void number_codes(const NumberCoder *coder, int64 lowest, int64 highest, CodeSet *set);
extern void number_write(StringInfo to, const NumberCoder *coder);
extern NumberCoder *number_read(ByteReader *r, Variable *variables, int *nvariables);

/* ---- what category_column.c offers to column.c ---- */

/* hierarchy: a definition or NULL; otherwise as number_fit.  Raw values become positions among the labels that can come out. */
extern CategoryCoder *category_fit(const RawTable *table, const RawColumn *column,
								   const char *hierarchy, int min_leaf, Variable *variables,
								   int *nvariables, uint8 **codes);
extern int	category_nlabels(const CategoryCoder *coder);
extern const char *category_label(const CategoryCoder *coder, int64 raw);

/* The position of a label that can come out, or -1. */
extern int64 category_find(const CategoryCoder *coder, const char *label);
extern void category_encode(const CategoryCoder *coder, int64 raw, uint8 *codes);
extern int64 category_decode(const CategoryCoder *coder, const uint8 *codes, RandomStream *stream);

/* The codes of the coarse variable under a label of any level; returns how many labels match. */
extern int	category_codes(const CategoryCoder *coder, const char *label, CodeSet *set);

/*
 * The position of a label that can come out and has the nearest ancestor in
 * common with one that cannot, below the top of the hierarchy; -1 if none has.
 */
extern int64 category_nearest(const CategoryCoder *coder, const char *label);

/* True if a label that can come out is the other or lies under it. */
extern bool category_under(const CategoryCoder *coder, int64 raw, const char *label);
extern void category_write(StringInfo to, const CategoryCoder *coder);
extern CategoryCoder *category_read(ByteReader *r, Variable *variables, int *nvariables);

#endif							/* KIAIM_SYNTHESIZE_COLUMN_H */
