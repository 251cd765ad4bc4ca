/*-------------------------------------------------------------------------
 *
 * structure_order.c
 *		The order in which columns are made.
 *
 * A column is explained by those before it.  Next is always the one that those
 * made so far tell most about; the first is the one that tells most about all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/structure_internal.h"

/* Classes of a column's values, NULL beside them. */
#define CLASSES			16

/* Work for all pairs of columns, in rows of the sample. */
#define MOST_WORK		(INT64CONST(400) * 1000 * 1000)

/* What is measured of the columns that are drawn. */
typedef struct Order
{
	StructureSearch *search;
	int			nrows;			/* of the sample, used */
	uint8	  **classes;		/* of each column: NULL if it is not drawn */
	int64	   *terms;			/* c log2 c, c = 0 .. nrows */
	int64	   *own;			/* sum of the terms of each column */
	int64	   *shared;			/* [x * ncolumns + y]: information, in bits over all rows */
} Order;

/* True if a column is drawn and tells others something. */
static bool
is_drawn(const StructureSearch *search, int c)
{
	return search->columns[c].usable &&
		(search->formulas[c].kind <= FORMULA_DISTANCE || search->formulas[c].otherwise);
}

/* A value or its distance, as it is drawn. */
typedef struct DrawnValue
{
	int64		value;
	int			row;
} DrawnValue;

static int
compare_values(const void *a, const void *b)
{
	const DrawnValue *x = a;
	const DrawnValue *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* More frequent values first: their ranks by count. */
typedef struct ValueCount
{
	int			count;
	int			rank;
} ValueCount;

static int
compare_counts(const void *a, const void *b)
{
	const ValueCount *x = a;
	const ValueCount *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Classes of a category: the most frequent values, and all others. */
static void
classify_category(const Order *order, int c)
{
	const StructureColumn *column = &order->search->columns[c];
	ValueCount *counts = palloc0(sizeof(ValueCount) * (column->nvalues + 1));
	uint8	   *classes = palloc(Max(column->nvalues, 1));

	for (int v = 0; v < column->nvalues; v++)
		counts[v].rank = v;
	for (int i = 0; i < column->nknown; i++)
		counts[column->rank[column->known[i]]].count++;
	qsort(counts, column->nvalues, sizeof(ValueCount), compare_counts);
	for (int i = 0; i < column->nvalues; i++)
		classes[counts[i].rank] = 1 + Min(i, CLASSES - 1);
	for (int i = 0; i < order->nrows; i++)
		order->classes[c][i] = column->rank[i] == column->nvalues ? 0 : classes[column->rank[i]];
	pfree(counts);
	pfree(classes);
}

/* Classes of an ordered column, as it is drawn: of about as many rows each. */
static void
classify_ordered(const Order *order, int c)
{
	const StructureSearch *search = order->search;
	const StructureColumn *column = &search->columns[c];
	const Formula *formula = &search->formulas[c];
	DrawnValue *values = palloc(sizeof(DrawnValue) * Max(order->nrows, 1));
	int			n = 0;
	int			class = 0;

	for (int i = 0; i < order->nrows; i++)
	{
		int64		value = column->sample[i];

		order->classes[c][i] = 0;
		if (value == RAW_NULL)
			continue;
		if (formula->kind == FORMULA_DISTANCE)
			value = (int64) ((uint64) value - (uint64) search->columns[formula->a].sample[i]);
		values[n].value = value;
		values[n++].row = i;
	}
	qsort(values, n, sizeof(DrawnValue), compare_values);
	for (int from = 0, to; from < n; from = to)
	{
		for (to = from; to < n && values[to].value == values[from].value; to++)
			order->classes[c][values[to].row] = 1 + class;
		if (class < CLASSES - 1 && (int64) to * CLASSES >= (int64) n * (class + 1))
			class++;
	}
	pfree(values);
}

/* The sum of c log2 c of the counts of joint classes, which it clears. */
static int64
sum_terms(const Order *order, int *counts, int n)
{
	int64		sum = 0;

	for (int i = 0; i < n; i++)
	{
		sum += order->terms[counts[i]];
		counts[i] = 0;
	}
	return sum;
}

/*
 * The information that two columns share, over all rows, in bits; less what
 * columns that have nothing to do with each other would show by chance.
 */
static int64
shared_information(const Order *order, int x, int y, int *counts)
{
	const uint8 *a = order->classes[x];
	const uint8 *b = order->classes[y];
	int64		shared;
	int			nx = 0;
	int			ny = 0;

	for (int i = 0; i < order->nrows; i++)
	{
		counts[a[i] * (CLASSES + 1) + b[i]]++;
		nx = Max(nx, a[i]);
		ny = Max(ny, b[i]);
	}
	shared = sum_terms(order, counts, (CLASSES + 1) * (CLASSES + 1)) +
		order->terms[order->nrows] - order->own[x] - order->own[y];

	/* (nx - 1) (ny - 1) / 2 nats, a class is that of NULL */
	shared -= (int64) nx * ny * BIT * 7 / 10;
	return Max(shared, 0);
}

/* Measure the columns that are drawn. */
static void
measure(Order *order)
{
	StructureSearch *search = order->search;
	int			n = search->ncolumns;
	int64		pairs = 0;
	int			counts[(CLASSES + 1) * (CLASSES + 1)] = {0};

	for (int c = 0; c < n; c++)
		pairs += is_drawn(search, c);
	pairs = pairs * (pairs - 1) / 2;
	order->nrows = Min(search->nrows, MOST_WORK / Max(pairs, 1));
	order->terms = palloc0(sizeof(int64) * (order->nrows + 1));
	for (int i = 2; i <= order->nrows; i++)
		order->terms[i] = i * search->logs[i];
	order->classes = palloc0(sizeof(uint8 *) * Max(n, 1));
	order->own = palloc0(sizeof(int64) * Max(n, 1));
	order->shared = palloc_extended(sizeof(int64) * Max(n, 1) * Max(n, 1),
									MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int c = 0; c < n; c++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_drawn(search, c))
			continue;
		order->classes[c] = palloc(Max(order->nrows, 1));
		if (search->types[c].kind == RAW_CATEGORY)
			classify_category(order, c);
		else
			classify_ordered(order, c);
		for (int i = 0; i < order->nrows; i++)
			counts[order->classes[c][i]]++;
		order->own[c] = sum_terms(order, counts, CLASSES + 1);
		for (int d = 0; d < c; d++)
			if (order->classes[d] != NULL)
				order->shared[c * n + d] = order->shared[d * n + c] =
					shared_information(order, c, d, counts);
	}
}

/* Make a column, before it what it needs, and after it what is computed of columns made. */
static void
add_column(StructureSearch *search, bool *made, int *nmade, int column)
{
	const Formula *formula = &search->formulas[column];

	if (made[column])
		return;
	if (formula->a >= 0)
		add_column(search, made, nmade, formula->a);
	if (formula->b >= 0)
		add_column(search, made, nmade, formula->b);
	made[column] = true;
	search->order[(*nmade)++] = column;
}

/* Columns that are given, then those whose place the options say. */
static void
add_placed(StructureSearch *search, bool *made, int *nmade)
{
	for (int place = -1; place < search->options->norder; place++)
		for (int c = 0; c < search->ncolumns; c++)
			if (search->columns[c].place == place)
				add_column(search, made, nmade, c);
}

/* The column that comes next, or -1 when all that are drawn are made. */
static int
next_column(const Order *order, const bool *made)
{
	const StructureSearch *search = order->search;
	int			n = search->ncolumns;
	int64		best = -1;
	int			next = -1;
	bool		first = true;

	for (int c = 0; c < n; c++)
		first = first && !(made[c] && order->classes[c] != NULL);
	for (int c = 0; c < n; c++)
	{
		int64		told = 0;

		if (made[c] || order->classes[c] == NULL)
			continue;
		for (int d = 0; d < n; d++)
			if (order->classes[d] != NULL && (first || made[d]))
				told += order->shared[c * n + d];
		if (told > best)
		{
			best = told;
			next = c;
		}
	}
	return next;
}

/* See structure_internal.h. */
void
structure_find_order(StructureSearch *search)
{
	Order		order = {search};
	bool	   *made = palloc0(sizeof(bool) * Max(search->ncolumns, 1));
	int			nmade = 0;
	int			c;

	measure(&order);
	add_placed(search, made, &nmade);
	while ((c = next_column(&order, made)) >= 0)
	{
		CHECK_FOR_INTERRUPTS();
		add_column(search, made, &nmade, c);
	}
	for (c = 0; c < search->ncolumns; c++)
		add_column(search, made, &nmade, c);
	pfree(made);
}
