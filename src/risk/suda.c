/*-------------------------------------------------------------------------
 *
 * suda.c
 *		Scores of special uniques.
 *
 * Totals are computed from counts of minimal sample uniques by size, so that
 * they do not depend on the order of tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "risk/subsets.h"
#include "risk/suda.h"

/* What the walk through the sets of columns adds up. */
typedef struct ScoreState
{
	SudaResult *result;
	const RiskTuples *tuples;
	double	   *weight;			/* by size */
	int64	   *of_size;		/* records with a minimal sample unique of that size, once each */
} ScoreState;

#define ST_SORT				sort_scores
#define ST_ELEMENT_TYPE		double
#define ST_COMPARE(a, b)	(*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* See suda.h. */
SudaWeighting
suda_weighting(const char *name)
{
	if (strcmp(name, "original") == 0)
		return SUDA_ORIGINAL;
	if (strcmp(name, "ihsn") == 0)
		return SUDA_IHSN;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no weighting \"%s\"", name),
			 errhint("Use \"original\" or \"ihsn\".")));
}

/* See suda.h. */
double
suda_weight(SudaWeighting weighting, int size, int max_columns, int ncolumns)
{
	double		weight = 1;

	if (weighting == SUDA_ORIGINAL)
	{
		for (int i = size; i <= max_columns && i < ncolumns; i++)
			weight *= ncolumns - i;
		return weight;
	}
	/* size! (n - size)! / n!, one factor of the binomial coefficient at a time */
	for (int i = 1; i <= size; i++)
		weight *= (double) i / (ncolumns - size + i);
	return weight * (ldexp(1, ncolumns - size) - 1);
}

/* Add up the minimal sample uniques that are one set of columns. */
static void
add_scores(void *state, uint64 columns, const uint32 *tuples, uint32 n)
{
	ScoreState *s = state;
	int			size = pg_popcount64(columns);
	double		weight = s->weight[size];
	int64		records = 0;

	for (uint32 i = 0; i < n; i++)
	{
		s->result->score[tuples[i]] += weight;
		records += s->tuples->records[tuples[i]];
	}
	s->of_size[size] += records;
	for (int c = 0; c < s->result->ncolumns; c++)
	{
		double	   *contribution = s->result->contribution[c];

		if ((columns & (UINT64CONST(1) << c)) == 0)
			continue;
		for (uint32 i = 0; i < n; i++)
			contribution[tuples[i]] += weight;
	}
}

/*
 * The share of true matches among the unique matches of a sample with its
 * population, and what spreads it over the tuples.  The sizes of the classes
 * are in persons, and a class counts once.
 */
static void
estimate_dis(RiskTuples *t, SudaResult *r, double fraction, bool wildcard)
{
	int64	   *sizes = wildcard ? risk_tuples_matches(t, true) : t->persons;
	double	   *scores = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), false);
	uint32		nscores = 0;
	int64		pairs = 0;

	r->classes = 0;
	for (uint32 i = 0; i < t->n; i++)
	{
		if (sizes[i] == 1)
			r->classes++;
		else if (sizes[i] == 2)
			pairs += t->persons[i];
		if (r->score[i] > 0)
			scores[nscores++] = r->score[i];
	}
	r->dis = (double) r->classes * fraction /
		((double) r->classes * fraction + (double) pairs * (1 - fraction));
	if (r->classes == 0 && (pairs == 0 || fraction == 1))
		r->dis = NAN;
	r->exponent = 1 + (8.0 - r->ncolumns) / 20;
	sort_scores(scores, nscores);
	r->spread = 0;
	for (uint32 i = 0, next; i < nscores; i = next)
	{
		for (next = i + 1; next < nscores && scores[next] == scores[i];)
			next++;
		r->spread += (double) (next - i) / pow(scores[i], r->exponent);
	}
	frame_release(&t->memory, scores, Max(t->n, 1), sizeof(double));
	if (wildcard)
		pfree(sizes);
}

/* See suda.h. */
SudaResult *
suda_scores(RiskTuples *t, int max_columns, SudaWeighting weighting, double fraction, bool wildcard)
{
	SudaResult *r = palloc0(sizeof(SudaResult));
	ScoreState	state = {.result = r, .tuples = t};
	Size		n = Max(t->n, 1);

	subsets_check(t->ncolumns);
	r->ncolumns = t->ncolumns;
	r->max_columns = Min(max_columns, t->ncolumns);
	r->score = frame_alloc(&t->memory, n, sizeof(double), true);
	r->contribution = palloc(Max(t->ncolumns, 1) * sizeof(double *));
	for (int c = 0; c < t->ncolumns; c++)
		r->contribution[c] = frame_alloc(&t->memory, n, sizeof(double), true);
	state.weight = palloc0((r->max_columns + 1) * sizeof(double));
	state.of_size = palloc0((r->max_columns + 1) * sizeof(int64));
	for (int size = 1; size <= r->max_columns; size++)
		state.weight[size] = suda_weight(weighting, size, r->max_columns, r->ncolumns);
	subsets_uniques(t, max_columns, wildcard, add_scores, &state);

	for (uint32 i = 0; i < t->n; i++)
		if (r->score[i] > 0)
			r->uniques += t->records[i];
	for (int size = 1; size <= r->max_columns; size++)
		r->total += (double) state.of_size[size] * state.weight[size];
	estimate_dis(t, r, fraction, wildcard);
	pfree(state.weight);
	pfree(state.of_size);
	return r;
}

/* See suda.h. */
void
suda_free(RiskTuples *t, SudaResult *r)
{
	Size		n = Max(t->n, 1);

	frame_release(&t->memory, r->score, n, sizeof(double));
	for (int c = 0; c < r->ncolumns; c++)
		frame_release(&t->memory, r->contribution[c], n, sizeof(double));
	pfree(r->contribution);
	pfree(r);
}

/* See suda.h. */
double
suda_dis(const SudaResult *r, uint32 tuple)
{
	double		missed;

	if (!(r->score[tuple] > 0))
		return 0;
	missed = (double) r->classes / r->dis - (double) r->classes;
	return 1 / (1 + missed / (pow(r->score[tuple], r->exponent) * r->spread));
}
