/*-------------------------------------------------------------------------
 *
 * density.c
 *		A decomposable log-linear model of the tuples of a sample: which terms
 *		it has, and how probable it makes each tuple.
 *
 * Columns are the nodes of a graph, terms its edges.  An edge (a, b) may be
 * added where the common neighbours S of a and b separate them; then the graph
 * stays chordal, {a, b} and S become a clique, and every probability changes by
 * the factor
 *
 *		n(S, a, b) n(S) / (n(S, a) n(S, b)),
 *
 * with the counts n of the sample.  The deviance falls by
 *
 *		2 sum n(S, a, b) ln of that factor,
 *
 * for (|a| - 1) (|b| - 1) |S| parameters more, of which Akaike's criterion takes
 * two for each.  The edge with the best balance is added, until none is
 * positive.  A term that the sample cannot carry makes the probabilities of its
 * own tuples too large, and nobody unique; the criterion keeps such terms out
 * (doc/risk/population.md has the simulations, also with others).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "risk/density_internal.h"

/* Values that occur up to so many times are rare, if there are enough such values to tell. */
#define RARE			5
#define RARE_VALUES		20

/* What the choice of terms needs of a marginal table. */
typedef struct Summary
{
	ColumnSet	columns;
	double		cells;			/* with members */
	double		sum;			/* n ln n over the cells */
} Summary;

/* The fit on its way. */
typedef struct Fit
{
	RiskTuples *t;
	RiskDensity *density;
	ColumnSet  *neighbours;		/* by column */
	Summary    *summaries;
	int			nsummaries;
	int			maxsummaries;
} Fit;

/* The summary of a marginal table, from memory or from the tuples. */
static Summary
summary(Fit *f, ColumnSet columns)
{
	Summary		s = {.columns = columns};
	Marginal   *m;

	for (int i = 0; i < f->nsummaries; i++)
		if (f->summaries[i].columns == columns)
			return f->summaries[i];
	m = marginal_create(f->t, columns);
	for (uint64 i = 0; i < m->nslots; i++)
		if (m->value[i] > 0)
		{
			s.cells++;
			s.sum += m->value[i] * log(m->value[i]);
		}
	marginal_free(f->t, m);
	if (f->nsummaries == f->maxsummaries)
	{
		f->maxsummaries *= 2;
		f->summaries = repalloc(f->summaries, f->maxsummaries * sizeof(Summary));
	}
	f->summaries[f->nsummaries++] = s;
	return s;
}

/* Whether every path from a to b leads through some of the columns. */
static bool
separates(const Fit *f, ColumnSet columns, int a, int b)
{
	ColumnSet	seen = COLUMN_BIT(a);
	ColumnSet	next = seen;

	while (next != 0)
	{
		int			c = pg_rightmost_one_pos64(next);
		ColumnSet	new = f->neighbours[c] & ~columns & ~seen;

		seen |= new;
		next = (next & (next - 1)) | new;
	}
	return (seen & COLUMN_BIT(b)) == 0;
}

/* By how much an edge improves the criterion; not positive if it does not, or may not be added. */
static double
improvement(Fit *f, int a, int b)
{
	ColumnSet	between = f->neighbours[a] & f->neighbours[b];
	double		parameters;
	double		one;
	double		other;
	Summary		s;

	if (f->neighbours[a] & COLUMN_BIT(b) || pg_popcount64(between) + 2 > MAX_CLIQUE ||
		!separates(f, between, a, b))
		return 0;
	s = summary(f, between);
	parameters = (summary(f, COLUMN_BIT(a)).cells - 1) * (summary(f, COLUMN_BIT(b)).cells - 1) * s.cells;
	one = summary(f, between | COLUMN_BIT(a)).sum;
	other = summary(f, between | COLUMN_BIT(b)).sum;
	/* a table of more columns has no larger sum: do not count in vain */
	if (parameters == 0 || 2 * (s.sum - Max(one, other)) <= 2 * parameters)
		return 0;
	return 2 * (summary(f, between | COLUMN_BIT(a) | COLUMN_BIT(b)).sum + s.sum - one - other) -
		2 * parameters;
}

/*
 * Counts of values that are rare in a column of many: by Turing's formula those
 * that occur r times in the sample are expected to have (r + 1) s(r + 1) / s(r)
 * in another of the same size, with s(r) values that occur r times.  The rest
 * belongs to values that the sample has not met; without that, values met once
 * would all look more frequent than they are, and nobody unique.
 */
static void
discount_rare(const Marginal *m, double count[RARE + 1], double *met_once)
{
	double		values[RARE + 2] = {0};
	double		below = 0;
	double		members = 0;

	for (uint64 i = 0; i < m->nslots; i++)
	{
		members += m->value[i];
		if (m->value[i] > 0 && m->value[i] <= RARE + 1)
			values[(int) m->value[i]]++;
	}
	*met_once = members > 0 ? values[1] / members : 0;
	for (int r = 1; r <= RARE; r++)
	{
		/* where nearly all values occur once there is nothing to tell from, but what is rare is clear */
		bool		known = values[r] >= RARE_VALUES && (values[r + 1] >= RARE_VALUES || r == 1);

		count[r] = known ? Min(r, (r + 1) * Max(values[r + 1], 1) / values[r]) : r;
		/* what occurs more often is not less frequent */
		count[r] = below = Max(below, count[r]);
	}
}

/*
 * Multiply every probability by the count of its cell in a marginal table, or
 * divide it by that.
 */
static void
add_log_counts(Fit *f, ColumnSet columns, double sign)
{
	Marginal   *m = marginal_create(f->t, columns);

	for (uint64 i = 0; i < m->nslots; i++)
		m->value[i] = m->value[i] > 0 ? sign * log(m->value[i]) : 0;
	for (uint32 i = 0; i < f->t->n; i++)
		f->density->log_p[i] += m->value[marginal_slot(m, i)];
	marginal_free(f->t, m);
}

/* The same by the values of one column, rare ones at a discount. */
static void
add_main_effect(Fit *f, int column)
{
	RiskDensity *density = f->density;
	Marginal   *m = marginal_create(f->t, COLUMN_BIT(column));
	double		count[RARE + 1];
	double		met_once;

	discount_rare(m, count, &met_once);
	if (met_once > density->met_once)
	{
		density->met_once = met_once;
		density->rarest = column;
	}
	for (uint32 i = 0; i < f->t->n; i++)
	{
		double		n = m->value[marginal_slot(m, i)];
		double		discount = n <= RARE ? log(count[(int) n] / n) : 0;

		density->discount[i] += discount;
		density->log_p[i] += log(n) + discount;
	}
	marginal_free(f->t, m);
}

/* Add the best edge; false if none is any good. */
static bool
add_term(Fit *f)
{
	RiskDensity *density = f->density;
	double		best = 0;
	RiskTerm	term = {0, 0};
	ColumnSet	between;
	ColumnSet	first;
	ColumnSet	second;

	for (int a = 0; a < f->t->ncolumns; a++)
		for (int b = a + 1; b < f->t->ncolumns; b++)
		{
			double		by = improvement(f, a, b);

			CHECK_FOR_INTERRUPTS();
			if (by > best)
			{
				best = by;
				term.first = a;
				term.second = b;
			}
		}
	if (best <= 0)
		return false;

	first = COLUMN_BIT(term.first);
	second = COLUMN_BIT(term.second);
	between = f->neighbours[term.first] & f->neighbours[term.second];
	add_log_counts(f, between | first | second, 1);
	add_log_counts(f, between, 1);
	add_log_counts(f, between | first, -1);
	add_log_counts(f, between | second, -1);
	f->neighbours[term.first] |= second;
	f->neighbours[term.second] |= first;
	density->terms[density->nterms++] = term;
	return true;
}

/* See density.h. */
RiskDensity *
risk_density(RiskTuples *t, bool terms)
{
	RiskDensity *density = palloc0(sizeof(RiskDensity));
	Fit			f = {.t = t,.density = density,.maxsummaries = 64};

	if (t->ncolumns > MAX_DENSITY_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a log-linear model cannot have more than %d columns", MAX_DENSITY_COLUMNS),
				 errdetail("There are %d quasi-identifiers.", t->ncolumns)));
	f.neighbours = palloc0((t->ncolumns + 1) * sizeof(ColumnSet));
	f.summaries = palloc(f.maxsummaries * sizeof(Summary));
	/* a forest of cliques of three has fewer than twice as many edges as nodes */
	density->terms = palloc(2 * (t->ncolumns + 1) * sizeof(RiskTerm));
	density->log_p = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), false);
	density->discount = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), true);
	for (uint32 i = 0; i < t->n; i++)
		density->members += (double) t->persons[i];
	for (uint32 i = 0; i < t->n; i++)
		density->log_p[i] = -t->ncolumns * log(density->members);
	for (int c = 0; c < t->ncolumns; c++)
		add_main_effect(&f, c);
	while (terms && t->n > 0 && add_term(&f))
		;
	pfree(f.neighbours);
	pfree(f.summaries);
	return density;
}
