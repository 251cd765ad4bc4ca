/*-------------------------------------------------------------------------
 *
 * coded.h
 *		What the generators see: variables of at most 256 codes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_CODED_H
#define KIAIM_SYNTHESIZE_CODED_H

#include "postgres.h"

#define MAX_CODES	256

/*
 * A variable.  A column is one variable (coarse), or two where it has more
 * values than codes: then the codes of the second (fine) count within the code of the first.
 */
typedef struct Variable
{
	int			ncodes;			/* 1 .. MAX_CODES; fine: the most that any coarse code has */
	bool		ordered;		/* codes are in the order of their values, but for missing */
	int			missing;		/* the code of NULL (always 0 if there is one), or -1 */
	int			rare;			/* the code of values that must not come out, or -1 */
	int			coarse;			/* fine: the variable that it refines, which comes before; or -1 */
	bool		kept;			/* given at sampling, never drawn: comes before all that are drawn */
} Variable;

/*
 * A table of codes.  Variables are in the order in which they are made.  Only
 * coarse variables explain others.
 */
typedef struct CodedTable
{
	int			nvariables;
	Variable   *variables;
	int64		nrows;			/* below 2^31 */
	uint8	  **codes;			/* codes[variable][row] */
	const int32 *persons;		/* of each row, ascending; NULL: each row is a person */
	int64		npersons;
} CodedTable;

/* A set of codes. */
typedef struct CodeSet
{
	uint64		words[MAX_CODES / 64];
} CodeSet;

static inline bool
codeset_has(const CodeSet *set, int code)
{
	return (set->words[code >> 6] >> (code & 63) & 1) != 0;
}

static inline void
codeset_add(CodeSet *set, int code)
{
	set->words[code >> 6] |= UINT64CONST(1) << (code & 63);
}

#endif							/* KIAIM_SYNTHESIZE_CODED_H */
