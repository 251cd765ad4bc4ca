/*-------------------------------------------------------------------------
 *
 * structure.c
 *		Which column follows from which others, and in which order they are made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "numeric/random.h"
#include "synthesize/structure_internal.h"

/* See structure_internal.h: the integer digits, then one binary digit a squaring. */
int64
structure_log2(uint64 x)
{
	int			whole = pg_leftmost_one_pos64(x);
	uint64		rest = whole > 31 ? x >> (whole - 31) : x << (31 - whole);	/* [2^31, 2^32) */
	int64		log = whole;

	for (int i = 0; i < 16; i++)
	{
		log <<= 1;
		rest = rest * rest >> 31;
		if (rest >= UINT64CONST(1) << 32)
		{
			log |= 1;
			rest >>= 1;
		}
	}
	return log;
}

/*
 * Choose the sample: of at most SAMPLE_ROWS persons, drawn at random, a row
 * each; shuffled.
 */
static void
choose_rows(StructureSearch *search)
{
	const RawTable *table = search->table;
	RandomStream stream = random_stream(0, 0);
	int64		persons = table->persons != NULL ? table->npersons : table->nrows;
	int64		wanted = Min(persons, SAMPLE_ROWS);

	search->rows = palloc(sizeof(int64) * Max(wanted, 1));
	for (int64 from = 0, to; from < table->nrows && wanted > 0; from = to)
	{
		to = from + 1;
		if (table->persons != NULL)
			while (to < table->nrows && table->persons[to] == table->persons[from])
				to++;
		if (to % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (random_below64(&stream, persons--) < wanted)
		{
			search->rows[search->nrows++] = from + random_below(&stream, to - from);
			wanted--;
		}
	}
	for (int i = search->nrows - 1; i > 0; i--)
	{
		int			j = random_below(&stream, i + 1);
		int64		row = search->rows[i];

		search->rows[i] = search->rows[j];
		search->rows[j] = row;
	}
}

/* A value of the sample and where it is. */
typedef struct SampleValue
{
	int64		value;
	int			row;
} SampleValue;

static int
compare_sample_values(const void *a, const void *b)
{
	const SampleValue *x = a;
	const SampleValue *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* The logarithm of the number of orders of n things, factorials of counts taken off. */
static int64
log2_factorial(const StructureSearch *search, int n)
{
	int64		log = 0;

	for (int i = 2; i <= n; i++)
		log += search->logs[i];
	return log;
}

/* Rank the values of a column in the sample and measure what they tell. */
static void
profile_values(StructureSearch *search, StructureColumn *column)
{
	SampleValue *values = palloc(sizeof(SampleValue) * Max(search->nrows, 1));
	int64		orders = 0;
	int64		entropy = 0;
	int			n = 0;

	column->sample = palloc(sizeof(int64) * Max(search->nrows, 1));
	column->rank = palloc(sizeof(int32) * Max(search->nrows, 1));
	column->known = palloc(sizeof(int) * Max(search->nrows, 1));
	for (int i = 0; i < search->nrows; i++)
	{
		int64		value = column->values[search->rows[i]];

		column->sample[i] = value;
		if (value == RAW_NULL)
			continue;
		column->known[n] = i;
		values[n].value = value;
		values[n++].row = i;
	}
	qsort(values, n, sizeof(SampleValue), compare_sample_values);
	for (int from = 0, to; from < n; from = to)
	{
		for (to = from; to < n && values[to].value == values[from].value; to++)
			column->rank[values[to].row] = column->nvalues;
		column->nvalues++;
		orders += log2_factorial(search, to - from);
		entropy += (to - from) * (search->logs[n] - search->logs[to - from]);
	}
	for (int i = 0; i < search->nrows; i++)
		if (column->sample[i] == RAW_NULL)
			column->rank[i] = column->nvalues;
	column->nknown = n;
	column->bits = log2_factorial(search, n) - orders;
	column->bits_null = log2_factorial(search, search->nrows) - orders -
		log2_factorial(search, search->nrows - n);
	column->entropy = n > 0 ? entropy / n : 0;
	pfree(values);
}

/* The place of a column among those that are given or ordered first. */
static int
place_of(const StructureSearch *search, int column)
{
	const char *name = search->table->columns[column].name;
	const ColumnOptions *options = fit_options_column(search->options, name);

	if (options != NULL && options->keep)
		return -1;
	for (int i = 0; i < search->options->norder; i++)
		if (strcmp(search->options->order[i], name) == 0)
			return i;
	return ANY_PLACE;
}

/* Look at a column by itself. */
static void
profile_column(StructureSearch *search, int index)
{
	StructureColumn *column = &search->columns[index];
	const ColumnOptions *options = fit_options_column(search->options,
													  search->table->columns[index].name);

	column->raw = &search->table->columns[index];
	column->values = column->raw->values;
	column->mode = -1;
	column->place = place_of(search, index);
	search->types[index] = column->raw->type;
	search->formulas[index].kind = FORMULA_NONE;
	search->formulas[index].a = search->formulas[index].b = -1;
	for (int64 r = 0; r < search->table->nrows; r++)
		if (column->values[r] == RAW_NULL)
			column->nnull++;
	profile_values(search, column);
	column->usable = !column->raw->key && column->nvalues > 0 &&
		(column->nvalues > 1 || column->nknown < search->nrows);
	column->declined = column->place < 0 || (options != NULL && options->no_formula);
	column->computable = column->usable && !column->declined;
}

/* See structure_internal.h. */
const int *
structure_by_value(StructureSearch *search, int index)
{
	StructureColumn *column = &search->columns[index];
	int		   *start;

	if (column->by_value != NULL)
		return column->by_value;
	column->by_value = palloc(sizeof(int) * Max(search->nrows, 1));
	start = palloc0(sizeof(int) * (column->nvalues + 2));
	for (int i = 0; i < search->nrows; i++)
		start[column->rank[i] + 1]++;
	for (int v = 0; v < column->nvalues; v++)
		start[v + 1] += start[v];
	for (int i = 0; i < search->nrows; i++)
		if (column->rank[i] < column->nvalues)
			column->by_value[start[column->rank[i]]++] = i;
	pfree(start);
	return column->by_value;
}

/* True if a column needs another to be made, directly or not; each column is looked at once. */
static bool
needs(StructureSearch *search, int column, int wanted)
{
	const Formula *formula = &search->formulas[column];

	if (column == wanted)
		return true;
	if (search->columns[column].question == search->question)
		return false;
	search->columns[column].question = search->question;
	return (formula->a >= 0 && needs(search, formula->a, wanted)) ||
		(formula->b >= 0 && needs(search, formula->b, wanted));
}

/* See structure_internal.h. */
bool
structure_may_follow(StructureSearch *search, int column, int from)
{
	int			place = search->columns[column].place;

	if (place != ANY_PLACE && search->columns[from].place >= place)
		return false;
	search->question++;
	return !needs(search, from, column);
}

/* Copy what was found of a column out of the search. */
static void
copy_formula(Formula *to, const Formula *from)
{
	*to = *from;
	if (from->nsteps > 0)
	{
		to->from = palloc_extended(sizeof(int64) * from->nsteps, MCXT_ALLOC_HUGE);
		to->to = palloc_extended(sizeof(int64) * from->nsteps, MCXT_ALLOC_HUGE);
		memcpy(to->from, from->from, sizeof(int64) * from->nsteps);
		memcpy(to->to, from->to, sizeof(int64) * from->nsteps);
	}
	if (from->nbounds > 0)
	{
		to->bounds = palloc(sizeof(FormulaBound) * from->nbounds);
		memcpy(to->bounds, from->bounds, sizeof(FormulaBound) * from->nbounds);
	}
}

/* See structure.h. */
Structure *
structure_find(const RawTable *table, const FitOptions *options)
{
	Structure  *structure = palloc0(sizeof(Structure));
	int			n = Max(table->ncolumns, 1);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim structure",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext result = MemoryContextSwitchTo(context);
	StructureSearch search = {table, options, table->ncolumns};

	search.formulas = palloc0(sizeof(Formula) * n);
	search.order = palloc(sizeof(int) * n);
	search.columns = palloc0(sizeof(StructureColumn) * n);
	search.types = palloc0(sizeof(RawType) * n);
	search.row = palloc0(sizeof(int64) * n);
	search.logs = palloc0(sizeof(int64) * (SAMPLE_ROWS + 1));
	for (int i = 2; i <= SAMPLE_ROWS; i++)
		search.logs[i] = structure_log2(i);
	search.evidence_column = structure_log2(2 * n);
	choose_rows(&search);
	for (int c = 0; c < table->ncolumns; c++)
	{
		CHECK_FOR_INTERRUPTS();
		profile_column(&search, c);
	}
	for (Coverage coverage = COVERS_ALL; coverage <= COVERS_KNOWN; coverage++)
	{
		structure_find_formulas(&search, coverage);
		structure_find_steps(&search, coverage);
	}
	structure_find_distances(&search);
	structure_find_order(&search);
	structure_find_bounds(&search);

	MemoryContextSwitchTo(result);
	structure->order = palloc(sizeof(int) * n);
	memcpy(structure->order, search.order, sizeof(int) * table->ncolumns);
	structure->formulas = palloc0(sizeof(Formula) * n);
	for (int c = 0; c < table->ncolumns; c++)
		copy_formula(&structure->formulas[c], &search.formulas[c]);
	MemoryContextDelete(context);
	return structure;
}
