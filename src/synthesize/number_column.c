/*-------------------------------------------------------------------------
 *
 * number_column.c
 *		Numbers, dates and times become codes and come back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/number_internal.h"

/* Codes of one variable, that of NULL among them. */
#define MAX_PLAIN_CODES		255

/* Rows between two looks at interrupts. */
#define ROWS_A_CHECK		65536

/*
 * Divide codes into groups that are at most a share of the rows and codes, and
 * larger only where one code alone is; returns how many there are, at most
 * MAX_GROUPS + 1.
 */
static int
divide(const int64 *rows, int ncodes, int64 total, int shares, int *start)
{
	int64		most = 2 * total * ncodes / shares;
	int64		weight = 0;
	int			ngroups = 0;

	for (int i = 0; i < ncodes; i++)
	{
		/* its share of the rows and its share of the codes, both in total * ncodes */
		int64		own = rows[i] * ncodes + total;

		if (i == 0 || weight + own > most || i - start[ngroups - 1] == MAX_CODES)
		{
			if (ngroups == MAX_GROUPS)
				return MAX_GROUPS + 1;
			start[ngroups++] = i;
			weight = 0;
		}
		weight += own;
	}
	start[ngroups] = ncodes;
	return ngroups;
}

/* See number_internal.h. */
void
number_groups(NumberCoder *coder, const int64 *rows)
{
	int64		total = 0;

	if (coder->ncodes + coder->nanchors + (coder->missing ? 1 : 0) <= MAX_PLAIN_CODES)
		return;
	for (int i = 0; i < coder->ncodes; i++)
		total += rows[i];
	coder->start = palloc(sizeof(int) * (MAX_GROUPS + 1));

	/* two groups that follow each other are more than one share, so half as many shares are enough */
	for (int shares = MAX_GROUPS;; shares--)
	{
		coder->ngroups = divide(rows, coder->ncodes, total, shares, coder->start);
		if (coder->ngroups <= MAX_GROUPS - coder->nanchors)
			break;
	}
}

/* See number_internal.h. */
void
number_variables(const NumberCoder *coder, Variable *variables, int *nvariables)
{
	memset(variables, 0, sizeof(Variable) * 2);
	variables[0].ncodes = number_anchor_code(coder, coder->nanchors);
	variables[0].ordered = true;
	variables[0].missing = coder->missing ? 0 : -1;
	variables[0].rare = coder->rare ? 0 : -1;
	variables[0].coarse = -1;
	*nvariables = 1;
	if (coder->ngroups > 0)
	{
		variables[1].ncodes = 1;
		for (int g = 0; g < coder->ngroups; g++)
			variables[1].ncodes = Max(variables[1].ncodes, coder->start[g + 1] - coder->start[g]);
		variables[1].ordered = true;
		variables[1].missing = -1;
		variables[1].rare = -1;
		variables[1].coarse = 0;
		*nvariables = 2;
	}
}

/* See number_internal.h. */
void
number_range(const NumberCoder *coder, int64 *lowest, int64 *highest)
{
	*lowest = number_of_step(coder, coder->first[0]);
	*highest = number_of_step(coder, coder->last[coder->ncodes - 1]);
}

/* The group of a code. */
static int
group_of(const NumberCoder *coder, int code)
{
	int			low = 0;
	int			high = coder->ngroups - 1;

	while (low < high)
	{
		int			middle = low + (high - low + 1) / 2;

		if (coder->start[middle] <= code)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Code the rows of the table. */
static void
code_rows(const NumberCoder *coder, const NumberValues *v, const int32 *code_of, int64 nrows,
		  uint8 **codes, int nvariables)
{
	FrameMemory memory = v->memory;
	uint8		unused;

	/* rows that are NULL stay code 0 */
	for (int i = 0; i < nvariables; i++)
		codes[i] = frame_alloc(&memory, nrows, 1, true);
	for (int64 i = 0; i < v->nvalues; i++)
	{
		int			code = code_of[i];
		int			group = coder->ngroups > 0 ? group_of(coder, code) : 0;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 p = v->start[i]; p < v->start[i + 1]; p++)
			number_put_code(coder, code, group, &codes[0][v->rows[p]],
							nvariables > 1 ? &codes[1][v->rows[p]] : &unused);
	}
}

/* See number_internal.h. */
void
number_fit_coder(NumberCoder *coder, const RawTable *table, const int64 *values, int64 coded,
				 const RawType *type, int min_leaf, bool extremes, Variable *variables,
				 int *nvariables, uint8 **codes)
{
	NumberValues *v = number_values(table, values, min_leaf);
	int32	   *code_of;
	int64	   *rows;

	coder->missing = v->nrows + coded < table->nrows;
	coder->rare = coder->missing && !number_enough_rows(table, values, min_leaf, true);
	if (!extremes)
		number_values_limit(v);
	code_of = frame_alloc(&v->memory, v->nvalues, sizeof(int32), false);
	number_cut(coder, v, code_of);
	number_pattern(coder, v, code_of, type);
	rows = palloc0(sizeof(int64) * coder->ncodes);
	for (int64 i = 0; i < v->nvalues; i++)
		rows[code_of[i]] += v->start[i + 1] - v->start[i];
	number_groups(coder, rows);
	number_variables(coder, variables, nvariables);
	code_rows(coder, v, code_of, table->nrows, codes, *nvariables);
	pfree(rows);
	pfree(code_of);
	number_values_free(v);
}

/* See column.h. */
NumberCoder *
number_fit(const RawTable *table, const int64 *values, const RawType *type, int min_leaf,
		   bool extremes, Variable *variables, int *nvariables, uint8 **codes)
{
	NumberCoder *coder;

	if (!number_enough_rows(table, values, min_leaf, false))
		return NULL;
	coder = palloc0(sizeof(NumberCoder));
	number_fit_coder(coder, table, values, 0, type, min_leaf, extremes, variables, nvariables,
					 codes);
	return coder;
}

/* The code of the value nearest to a raw value. */
static int
code_of_value(const NumberCoder *coder, int64 value)
{
	uint64		bits = (uint64) value ^ STEP_SIGN;
	uint64		step = bits < coder->residue ? 0 : (bits - coder->residue) / coder->unit;
	int			low = 0;
	int			high = coder->ncodes - 1;

	/* the last code that begins at the step or before */
	while (low < high)
	{
		int			middle = low + (high - low + 1) / 2;

		if (coder->first[middle] <= step)
			low = middle;
		else
			high = middle - 1;
	}
	if (low + 1 < coder->ncodes && step > coder->last[low] &&
		coder->first[low + 1] - step < step - coder->last[low])
		low++;
	return low;
}

/* See column.h. */
void
number_encode(const NumberCoder *coder, int64 value, uint8 *codes)
{
	int			code = value == RAW_NULL ? (coder->missing ? -1 : 0) : code_of_value(coder, value);
	int			group = code < 0 ? -1 : coder->ngroups > 0 ? group_of(coder, code) : 0;

	number_put_code(coder, code, group, &codes[0], &codes[1]);
}

/* See column.h. */
int64
number_decode(const NumberCoder *coder, const uint8 *codes, RandomStream *stream)
{
	int			code = codes[0];

	if (coder->missing && code-- == 0)
		return RAW_NULL;
	if (coder->ngroups > 0)
	{
		code = Min(code, coder->ngroups - 1);
		code = Min(coder->start[code] + codes[1], coder->start[code + 1] - 1);
	}
	code = Min(code, coder->ncodes - 1);
	if (coder->first[code] == coder->last[code])
		return number_of_step(coder, coder->first[code]);
	return number_of_step(coder, number_draw(coder, coder->first[code], coder->last[code], stream));
}

/* See column.h. */
void
number_codes(const NumberCoder *coder, int64 lowest, int64 highest, CodeSet *set)
{
	int			shift = coder->missing ? 1 : 0;
	int			ncoarse = coder->ngroups > 0 ? coder->ngroups : coder->ncodes;

	memset(set, 0, sizeof(CodeSet));
	for (int g = 0; g < ncoarse; g++)
	{
		int			from = coder->ngroups > 0 ? coder->start[g] : g;
		int			to = coder->ngroups > 0 ? coder->start[g + 1] - 1 : g;

		if (number_of_step(coder, coder->first[from]) <= highest &&
			number_of_step(coder, coder->last[to]) >= lowest)
			codeset_add(set, g + shift);
	}
}
