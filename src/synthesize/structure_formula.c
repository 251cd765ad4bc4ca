/*-------------------------------------------------------------------------
 *
 * structure_formula.c
 *		Columns that are computed: copies, parts of dates, differences.
 *
 * Arithmetic has no parameters, so the evidence of a formula is what the column
 * itself tells: how few of the ways to put its values in order are this one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/structure_internal.h"

/* Differences of numbers with fewer results than this could as well be flags that exclude each other. */
#define DIFFERENCE_RESULTS	5

/* The formulas of one argument, in the order in which they are tried. */
static const FormulaKind SIMPLE_KINDS[] = {
	FORMULA_COPY, FORMULA_DATE, FORMULA_YEAR, FORMULA_MONTH
};

/* True for dates and timestamps. */
static bool
is_day(const RawType *type)
{
	return type->kind == RAW_DATE || type->kind == RAW_TIMESTAMP;
}

/* True for numbers without decimals. */
static bool
is_whole(const RawType *type)
{
	return type->kind == RAW_NUMBER && type->scale == 0;
}

/* True if raw values of both mean the same. */
static bool
same_kind(const RawType *x, const RawType *y)
{
	if (x->kind != y->kind)
		return false;
	if (x->kind == RAW_TIMESTAMP)
		return x->type == y->type;
	return x->kind != RAW_NUMBER || x->scale == y->scale;
}

/* True if the types of a column and of its arguments are those of a kind of formula. */
static bool
types_fit(const StructureSearch *search, int x, const Formula *formula)
{
	const RawType *type = &search->types[x];
	const RawType *a = &search->types[formula->a];
	const RawType *b = formula->b < 0 ? NULL : &search->types[formula->b];

	switch (formula->kind)
	{
		case FORMULA_COPY:
			return same_kind(type, a);
		case FORMULA_DATE:
			return type->kind == RAW_DATE && a->kind == RAW_TIMESTAMP;
		case FORMULA_YEAR:
		case FORMULA_MONTH:
			return is_whole(type) && is_day(a);
		case FORMULA_YEARS:
			return is_whole(type) && is_day(a) && is_day(b);
		case FORMULA_DAYS:
			if (a->kind == RAW_NUMBER)
				return same_kind(a, b) && same_kind(type, a);
			return is_day(a) && same_kind(a, b) && is_whole(type);
		default:
			return false;
	}
}

/* True if the value of x is what the formula says; categories: if the labels are the same. */
static inline bool
agrees(const StructureSearch *search, int x, const Formula *formula, int64 value, int64 a, int64 b)
{
	if (formula->kind == FORMULA_COPY)
	{
		if (search->types[x].kind != RAW_CATEGORY)
			return a == value;
		return strcmp(search->columns[x].raw->labels[value],
					  search->columns[formula->a].raw->labels[a]) == 0;
	}
	search->row[formula->a] = a;
	if (formula->b >= 0)
		search->row[formula->b] = b;
	return formula_value(formula, search->types, search->row, 0) == value;
}

/*
 * True if a column tells enough to believe that it follows from so many others,
 * in so many rows of the sample, of which some are errors: where they are, and
 * which, is no evidence.
 */
static bool
tells_enough(const StructureSearch *search, int x, int narguments, int results, int rows, int errors)
{
	const StructureColumn *column = &search->columns[x];
	int64		bits = column->bits * rows / Max(column->nknown, 1) -
		errors * (structure_log2(Max(rows, 1)) + structure_log2(Max(column->nvalues, 1)));

	if (search->nrows < SMALL_TABLE)
		results = Max(results, SMALL_RESULTS);
	return column->nvalues >= results && bits >= EVIDENCE + (1 + narguments) * search->evidence_column;
}

/* True if a formula holds in the sample, and that is not by chance. */
static bool
holds_in_sample(StructureSearch *search, int x, const Formula *formula, int results)
{
	const StructureColumn *column = &search->columns[x];
	const int64 *a = search->columns[formula->a].sample;
	const int64 *b = formula->b < 0 ? a : search->columns[formula->b].sample;
	int			errors = 0;
	int			rows = 0;

	for (int i = 0; i < column->nknown; i++)
	{
		int			row = column->known[i];

		if (a[row] == RAW_NULL || b[row] == RAW_NULL)
			continue;
		rows++;
		if (!agrees(search, x, formula, column->sample[row], a[row], b[row]) &&
			!structure_bearable(++errors, rows))
			return false;
	}
	return rows * 2 >= column->nknown &&
		tells_enough(search, x, formula->b < 0 ? 1 : 2, results, rows, errors);
}

/* True if a formula holds; sets where it does not say everything. */
static bool
holds(StructureSearch *search, int x, Formula *formula, int results)
{
	const StructureColumn *column = &search->columns[x];
	const int64 *values = column->values;
	const int64 *a = search->columns[formula->a].values;
	const int64 *b = formula->b < 0 ? a : search->columns[formula->b].values;
	int64		bearable = (search->table->nrows - column->nnull) / ROWS_AN_ERROR;
	int64		errors = 0;
	int64		null = 0;
	int64		unknown = 0;

	if (!holds_in_sample(search, x, formula, results))
		return false;
	for (int64 row = 0; row < search->table->nrows; row++)
	{
		bool		known = a[row] != RAW_NULL && b[row] != RAW_NULL;

		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (values[row] == RAW_NULL)
			null += known;
		else if (!known)
			unknown++;
		else if (!agrees(search, x, formula, values[row], a[row], b[row]) && ++errors > bearable)
			return false;
	}
	formula->sometimes = null > bearable;
	formula->otherwise = unknown > bearable;
	return true;
}

/* True if, of two columns that are the same, the other one is to be made first. */
static bool
goes_first(const StructureSearch *search, int other, int x)
{
	const StructureColumn *a = &search->columns[other];
	const StructureColumn *b = &search->columns[x];

	if (a->place != b->place)
		return a->place < b->place;
	if (a->raw->key != b->raw->key)
		return a->raw->key;
	return other < x;
}

/* Look for a formula of one argument. */
static bool
find_simple(StructureSearch *search, int x, Coverage coverage)
{
	Formula    *found = &search->formulas[x];

	for (int k = 0; k < lengthof(SIMPLE_KINDS); k++)
		for (int a = 0; a < search->ncolumns; a++)
		{
			Formula		formula = {.kind = SIMPLE_KINDS[k],.a = a,.b = -1};
			bool		keys = search->columns[a].raw->key || search->columns[x].raw->key;

			if (a == x || !types_fit(search, x, &formula) || !structure_may_follow(search, x, a) ||
				(keys && formula.kind != FORMULA_COPY) || search->formulas[a].kind == FORMULA_COPY ||
				(formula.kind == FORMULA_COPY && coverage == COVERS_ALL && !goes_first(search, a, x)))
				continue;
			if (holds(search, x, &formula, 2) &&
				structure_coverage(&formula) == coverage)
			{
				*found = formula;
				return true;
			}
		}
	return false;
}

/* A row of the sample that tells differences apart: of a value that is not 0, if there is one. */
static int
telling_row(const StructureColumn *column)
{
	for (int i = 0; i < column->nknown; i++)
		if (column->sample[column->known[i]] != 0)
			return column->known[i];
	return column->known[0];
}

/* Look for x = a - b or the whole years between them, for this a. */
static bool
find_difference_from(StructureSearch *search, int x, int a, int row, Coverage coverage)
{
	bool		numbers = search->types[a].kind == RAW_NUMBER;
	uint64		wanted = (uint64) search->columns[a].sample[row] -
		(uint64) search->columns[x].sample[row];

	for (int b = 0; b < search->ncolumns; b++)
	{
		const StructureColumn *column = &search->columns[b];
		Formula		formula = {.a = a,.b = b};

		if (b == a || b == x || !column->usable)
			continue;

		/* the only question that is asked for each three columns; and of two parts of a sum, the later is the rest */
		if (numbers && ((uint64) column->sample[row] != wanted ||
						(b > x && column->computable && column->place == ANY_PLACE)))
			continue;
		for (int years = 0; years <= 1; years++)
		{
			formula.kind = years ? FORMULA_YEARS : FORMULA_DAYS;
			if (!types_fit(search, x, &formula) || !holds(search, x, &formula, DIFFERENCE_RESULTS) ||
				structure_coverage(&formula) != coverage || !structure_may_follow(search, x, a) ||
				!structure_may_follow(search, x, b))
				continue;
			search->formulas[x] = formula;
			return true;
		}
	}
	return false;
}

/* The same, for any. */
static bool
find_difference(StructureSearch *search, int x, Coverage coverage)
{
	int			row = telling_row(&search->columns[x]);

	for (int a = 0; a < search->ncolumns; a++)
		if (a != x && search->columns[a].usable &&
			(is_day(&search->types[a]) || search->types[a].kind == RAW_NUMBER) &&
			find_difference_from(search, x, a, row, coverage))
			return true;
	return false;
}

/* See structure_internal.h. */
void
structure_find_formulas(StructureSearch *search, Coverage coverage)
{
	for (int x = 0; x < search->ncolumns; x++)
	{
		const StructureColumn *column = &search->columns[x];
		int			n = column->nknown;

		CHECK_FOR_INTERRUPTS();
		if ((!column->computable && !column->raw->key) || column->declined ||
			search->formulas[x].kind != FORMULA_NONE)
			continue;
		if (tells_enough(search, x, 1, 2, n, 0) && find_simple(search, x, coverage))
			continue;
		if (!column->raw->key && column->raw->type.kind == RAW_NUMBER &&
			tells_enough(search, x, 2, DIFFERENCE_RESULTS, n, 0))
			find_difference(search, x, coverage);
	}
}
