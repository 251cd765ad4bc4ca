/*-------------------------------------------------------------------------
 *
 * structure_distance.c
 *		Columns that are drawn as distances, and those that they may not pass.
 *
 * Two columns of one kind are in order if the first is never greater than the
 * second, which they would be somewhere if they had nothing to do with each
 * other.  The order is kept whatever is drawn.  A date is best drawn as the
 * distance from the date that it is nearest to; a number only if that says more
 * than the number itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/structure_internal.h"

/* Dates of a person have an order more often than not: so much less evidence is needed. */
#define DATE_EVIDENCE	(EVIDENCE / 4)

/* Numbers of fewer values have a code for each: bounds are enough for them. */
#define DISTANCE_VALUES	32

/* For each pair that breaks an order, so many must break it where there is none. */
#define TIMES_AS_MANY	10

/* Rows of the sample after which columns that are in no order and hardly ever equal are left. */
#define FIRST_ROWS		64

/* How two columns go together in the rows of the sample where neither is NULL. */
typedef struct Pair
{
	int			above;			/* where the first is greater */
	int			below;			/* or less */
	bool		known;			/* the second is not NULL where the first is not */
	int			n;				/* such rows */
	int			equal;			/* where they are equal, and not the most frequent value */
	int			others;			/* that are not the most frequent value */
	int64	   *distances;		/* sorted */
} Pair;

static int
compare_int64(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* True for what has an order and distances. */
static bool
has_distances(const RawType *type)
{
	return type->kind != RAW_CATEGORY;
}

/* True if the distance of two columns means something. */
static bool
comparable(const StructureSearch *search, int x, int y)
{
	const RawType *a = &search->types[x];
	const RawType *b = &search->types[y];

	if (x == y || a->kind != b->kind || !has_distances(a))
		return false;
	if (a->kind == RAW_TIMESTAMP)
		return a->type == b->type;
	return a->kind != RAW_NUMBER || a->scale == b->scale;
}

/* True if a column can have an order among others: it is drawn, or a difference. */
static bool
has_order(const StructureSearch *search, int x)
{
	FormulaKind kind = search->formulas[x].kind;

	return search->columns[x].usable && has_distances(&search->types[x]) &&
		(kind <= FORMULA_DISTANCE || kind == FORMULA_DAYS || kind == FORMULA_DATE);
}

/* The most frequent value of a column in the sample. */
static int32
mode_of(StructureSearch *search, int x)
{
	StructureColumn *column = &search->columns[x];
	const int  *rows;
	int			best = 0;

	if (column->mode >= 0)
		return column->mode;
	rows = structure_by_value(search, x);
	for (int from = 0, to; from < column->nknown; from = to)
	{
		for (to = from; to < column->nknown && column->rank[rows[to]] == column->rank[rows[from]];)
			to++;
		if (to - from > best)
		{
			best = to - from;
			column->mode = column->rank[rows[from]];
		}
	}
	return column->mode;
}

/* Compare two columns in the sample; false if there is nothing about them. */
static bool
compare_columns(StructureSearch *search, int x, int a, Pair *pair)
{
	const StructureColumn *column = &search->columns[x];
	const StructureColumn *other = &search->columns[a];
	bool		number = search->types[x].kind == RAW_NUMBER;
	int32		mode = mode_of(search, x);

	int			unknown = 0;

	pair->above = pair->below = pair->n = pair->equal = pair->others = 0;
	for (int i = 0; i < column->nknown; i++)
	{
		int			row = column->known[i];
		int64		distance;

		if (other->sample[row] == RAW_NULL)
		{
			unknown++;
			continue;
		}
		distance = (int64) ((uint64) column->sample[row] - (uint64) other->sample[row]);
		pair->above += column->sample[row] > other->sample[row];
		pair->below += column->sample[row] < other->sample[row];
		if (column->rank[row] != mode)
		{
			pair->others++;
			pair->equal += distance == 0;
		}
		pair->distances[pair->n++] = distance;
		if (number && pair->n == FIRST_ROWS && pair->above > 1 && pair->below > 1 &&
			pair->equal * 4 < pair->others)
			return false;
	}
	pair->known = (int64) unknown * ROWS_AN_ERROR <= pair->n;
	return pair->n > 0;
}

/* The range of nine tenths of sorted values, but for the lowest tenth. */
static uint64
spread(const int64 *values, int n)
{
	return (uint64) values[(int64) n * 9 / 10] - (uint64) values[n / 10];
}

/*
 * True if two columns that have nothing to do with each other would hardly be
 * in the order low <= high but in the rows of the sample that are broken.  Of
 * all ways to pair their values, as many persons would find more that break it.
 */
static bool
order_tells(StructureSearch *search, int low, int high, int broken)
{
	const StructureColumn *l = &search->columns[low];
	const StructureColumn *h = &search->columns[high];
	const int  *low_rows = structure_by_value(search, low);
	const int  *high_rows = structure_by_value(search, high);
	const RawTable *table = search->table;
	int64		persons = table->persons != NULL ? table->npersons : table->nrows;
	int64		needed = search->types[low].kind == RAW_NUMBER ? EVIDENCE : DATE_EVIDENCE;
	int64		breaking = 0;
	int64		both = 0;
	int			nlow = 0;
	int			below = 0;
	int			i = 0;

	/* the values of each, where the other is not NULL */
	for (int j = 0; j < h->nknown; j++)
		both += l->sample[high_rows[j]] != RAW_NULL;
	if (both == 0)
		return false;
	for (int j = 0; j < l->nknown; j++)
	{
		if (h->sample[low_rows[j]] == RAW_NULL)
			continue;
		for (; i < h->nknown && h->sample[high_rows[i]] < l->sample[low_rows[j]]; i++)
			below += l->sample[high_rows[i]] != RAW_NULL;
		breaking += below;
		nlow++;
	}
	Assert(nlow == both);

	/* (1 - p)^persons < 2^-bits, ln 2 = 0.7 */
	needed = (needed + (search->types[low].kind == RAW_NUMBER ? 2 * search->evidence_column : 0)) /
		BIT * 7 / 10;
	needed += TIMES_AS_MANY * broken * persons / search->nrows;
	persons = persons * both / search->nrows;
	return breaking * persons >= needed * both * both;
}

/* True if low <= high in all rows where neither is NULL, but for errors. */
static bool
order_holds(const StructureSearch *search, int low, int high)
{
	const int64 *l = search->columns[low].values;
	const int64 *h = search->columns[high].values;
	int64		errors = 0;
	int64		rows = 0;

	for (int64 row = 0; row < search->table->nrows; row++)
	{
		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (l[row] == RAW_NULL || h[row] == RAW_NULL)
			continue;
		rows++;
		if (l[row] > h[row] && ++errors > search->table->nrows / ROWS_AN_ERROR)
			return false;
	}
	return errors * ROWS_AN_ERROR <= rows;
}

/* True if a column is not NULL wherever x is not, but for errors. */
static bool
is_known(const StructureSearch *search, int x, int a)
{
	const int64 *values = search->columns[x].values;
	const int64 *others = search->columns[a].values;
	int64		unknown = 0;

	if (search->columns[a].nnull == 0)
		return true;
	for (int64 row = 0; row < search->table->nrows; row++)
		unknown += values[row] != RAW_NULL && others[row] == RAW_NULL;
	return unknown * ROWS_AN_ERROR <= search->table->nrows - search->columns[x].nnull;
}

/* Find all orders: precedes[low * ncolumns + high]. */
static void
find_orders(StructureSearch *search, Pair *pair)
{
	int			n = search->ncolumns;

	search->precedes = palloc0(sizeof(bool) * Max(n, 1) * Max(n, 1));
	for (int x = 0; x < n; x++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int a = 0; a < x; a++)
		{
			int			low;
			int			high;
			int			broken;

			if (!comparable(search, x, a) || !has_order(search, x) || !has_order(search, a) ||
				!compare_columns(search, x, a, pair) || pair->above == pair->below)
				continue;
			low = pair->above < pair->below ? x : a;
			high = pair->above < pair->below ? a : x;
			broken = Min(pair->above, pair->below);
			if (structure_bearable(broken, pair->n) && order_tells(search, low, high, broken) &&
				order_holds(search, low, high))
				search->precedes[low * n + high] = true;
		}
	}
}

/* True if the difference of two columns is a column of its own. */
static bool
are_linked(const StructureSearch *search, int x, int y)
{
	for (int c = 0; c < search->ncolumns; c++)
	{
		const Formula *formula = &search->formulas[c];

		if ((formula->kind == FORMULA_DAYS || formula->kind == FORMULA_YEARS) &&
			((formula->a == x && formula->b == y) || (formula->a == y && formula->b == x)))
			return true;
	}
	return false;
}

/*
 * True if a may be what x is drawn from.  What is known more often is made
 * first, then what has fewer or more frequent values: those come back exactly.
 */
static bool
goes_before(StructureSearch *search, int a, int x)
{
	const StructureColumn *first = &search->columns[a];
	const StructureColumn *second = &search->columns[x];
	int64		bits[2] = {(first->entropy + BIT / 2) / BIT, (second->entropy + BIT / 2) / BIT};
	int64		middle[2];

	if (first->place != second->place)
		return first->place < second->place;
	if (first->nnull != second->nnull)
		return first->nnull < second->nnull;
	if (bits[0] != bits[1])
		return bits[0] < bits[1];
	middle[0] = first->sample[structure_by_value(search, a)[first->nknown / 2]];
	middle[1] = second->sample[structure_by_value(search, x)[second->nknown / 2]];
	if (middle[0] != middle[1])
		return middle[0] < middle[1];
	return a < x;
}

/* True if the distance says more of x than its value does. */
static bool
distance_says_more(StructureSearch *search, int x, int a, const Pair *pair, uint64 distance)
{
	const StructureColumn *column = &search->columns[x];
	const int  *rows = structure_by_value(search, x);
	uint64		own = (uint64) column->sample[rows[(int64) column->nknown * 9 / 10]] -
		(uint64) column->sample[rows[column->nknown / 10]];
	bool		ordered = search->precedes[x * search->ncolumns + a] ||
		search->precedes[a * search->ncolumns + x];

	if (search->types[x].kind != RAW_NUMBER)
		return ordered || distance <= own / 2;
	if (column->nvalues < DISTANCE_VALUES)
		return false;
	if (ordered)
		return pair->equal * 20 >= Max(pair->others, 1) || distance <= own / 4 * 3;
	return pair->others > 0 && pair->equal * 2 >= pair->others;
}

/* Choose what x is drawn from, if anything. */
static void
find_base(StructureSearch *search, int x, Pair *pair)
{
	Formula    *formula = &search->formulas[x];
	uint64		best = 0;
	bool		best_linked = false;

	for (int a = 0; a < search->ncolumns; a++)
	{
		uint64		distance;
		bool		linked;

		if (!comparable(search, x, a) || !has_order(search, a) || !goes_before(search, a, x) ||
			!structure_may_follow(search, x, a) || !compare_columns(search, x, a, pair) ||
			!pair->known)
			continue;
		linked = are_linked(search, x, a);
		qsort(pair->distances, pair->n, sizeof(int64), compare_int64);
		distance = spread(pair->distances, pair->n);
		if ((!linked && !distance_says_more(search, x, a, pair, distance)) ||
			(formula->kind == FORMULA_DISTANCE &&
			 (linked < best_linked || (linked == best_linked && distance >= best))) ||
			!is_known(search, x, a))
			continue;
		formula->kind = FORMULA_DISTANCE;
		formula->a = a;
		best = distance;
		best_linked = linked;
	}
}

/* See structure_internal.h. */
void
structure_find_distances(StructureSearch *search)
{
	Pair		pair;

	pair.distances = palloc(sizeof(int64) * Max(search->nrows, 1));
	find_orders(search, &pair);
	for (int x = 0; x < search->ncolumns; x++)
	{
		CHECK_FOR_INTERRUPTS();
		if (search->columns[x].computable && search->formulas[x].kind == FORMULA_NONE &&
			has_order(search, x))
			find_base(search, x, &pair);
	}
	pfree(pair.distances);
}

/* True if, of two bounds of x on one side, the other is never looser and always there. */
static bool
is_implied(const StructureSearch *search, int x, const FormulaBound *bound,
		   const FormulaBound *other)
{
	int			n = search->ncolumns;

	if (bound->upper != other->upper || bound->column == other->column ||
		!is_known(search, x, other->column))
		return false;
	return bound->upper ? search->precedes[other->column * n + bound->column] :
		search->precedes[bound->column * n + other->column];
}

/* Find the bounds of a column among those made before it. */
static void
find_bounds(const StructureSearch *search, int x, const bool *made)
{
	Formula    *formula = &search->formulas[x];
	int			n = search->ncolumns;
	FormulaBound *bounds = palloc(sizeof(FormulaBound) * 2 * n);
	int			nbounds = 0;

	for (int c = 0; c < n; c++)
	{
		if (made[c] && search->precedes[c * n + x])
			bounds[nbounds++] = (FormulaBound) {c, false};
		if (made[c] && search->precedes[x * n + c])
			bounds[nbounds++] = (FormulaBound) {c, true};
	}
	formula->bounds = palloc(sizeof(FormulaBound) * Max(nbounds, 1));
	for (int i = 0; i < nbounds; i++)
	{
		bool		implied = false;

		for (int j = 0; j < nbounds && !implied; j++)
			implied = is_implied(search, x, &bounds[i], &bounds[j]);
		if (!implied)
			formula->bounds[formula->nbounds++] = bounds[i];
	}
	pfree(bounds);
}

/* See structure_internal.h. */
void
structure_find_bounds(StructureSearch *search)
{
	bool	   *made = palloc0(sizeof(bool) * Max(search->ncolumns, 1));

	for (int i = 0; i < search->ncolumns; i++)
	{
		int			x = search->order[i];

		CHECK_FOR_INTERRUPTS();
		if (search->columns[x].computable && has_order(search, x) &&
			search->formulas[x].kind <= FORMULA_DISTANCE)
			find_bounds(search, x, made);
		made[x] = true;
	}
	pfree(made);
}
