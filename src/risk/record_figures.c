/*-------------------------------------------------------------------------
 *
 * record_figures.c
 *		Class sizes in the sample and in the population, and the individual risk
 *		that follows from both, by tuple.
 *
 * Records of a tuple share all their figures, and so do most tuples of the
 * same size: the individual risk is computed once for each of the latest sizes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/float.h"

#include "privacy/wildcard.h"
#include "risk/individual.h"
#include "risk/records_internal.h"

/* Individual risks that are remembered. */
#define REMEMBERED		1024

typedef struct Remembered
{
	int64		size;
	double		p;
	double		risk;
} Remembered;

/* The individual risk, looked up where the same has just been asked. */
static double
remembered_risk(Remembered *table, int64 size, double p)
{
	uint64		hash;
	Remembered *place;

	memcpy(&hash, &p, sizeof(hash));
	hash = (hash ^ (uint64) size) * UINT64CONST(0x9E3779B97F4A7C15);
	place = &table[hash >> 54];
	StaticAssertStmt(REMEMBERED == 1 << 10, "ten bits of the hash choose the place");
	if (place->size != size || place->p != p)
	{
		place->size = size;
		place->p = p;
		place->risk = individual_risk((double) size, p);
	}
	return place->risk;
}

/* Figures with the sizes of the classes in the sample, and room for the others. */
static RecordFigures *
figures(RiskTuples *t, bool wildcard)
{
	RecordFigures *f = palloc0(sizeof(RecordFigures));
	int64	   *sizes = wildcard ? risk_tuples_matches(t, true) : t->persons;

	f->fraction = 1;
	f->tuple = frame_alloc(&t->memory, Max(t->n, 1), sizeof(TupleFigures), false);
	for (uint32 i = 0; i < t->n; i++)
		f->tuple[i].size = sizes[i];
	if (sizes != t->persons)
		pfree(sizes);
	return f;
}

/* See records_internal.h. */
RecordFigures *
record_figures_alone(RiskTuples *t, bool wildcard)
{
	RecordFigures *f = figures(t, wildcard);

	for (uint32 i = 0; i < t->n; i++)
	{
		f->tuple[i].population = (double) f->tuple[i].size;
		f->tuple[i].individual = 1 / f->tuple[i].population;
	}
	return f;
}

/* See records_internal.h. */
RecordFigures *
record_figures_sample(RiskTuples *t, bool wildcard, int64 population)
{
	RecordFigures *f = figures(t, wildcard);
	Remembered *remembered = palloc0(REMEMBERED * sizeof(Remembered));

	if (population < t->npersons)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a population of %lld is smaller than its sample", (long long) population),
				 errdetail("The sample has %lld.", (long long) t->npersons),
				 errhint("Give the number of persons among whom somebody would have to look.")));
	if (t->npersons > 0)
		f->fraction = (double) t->npersons / (double) population;
	for (uint32 i = 0; i < t->n; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		f->tuple[i].population = (double) f->tuple[i].size / f->fraction;
		f->tuple[i].individual = remembered_risk(remembered, f->tuple[i].size, f->fraction);
	}
	pfree(remembered);
	return f;
}

/* See records_internal.h. */
RecordFigures *
record_figures_known(RiskTuples *t, bool wildcard, const RiskPopulation *population)
{
	RecordFigures *f = figures(t, wildcard);
	int		   *quasi = palloc(Max(t->ncolumns, 1) * sizeof(int));
	double	   *sizes;

	for (int c = 0; c < t->ncolumns; c++)
		quasi[c] = c;
	sizes = risk_population_sizes(population, t, quasi, wildcard);
	if (population->persons > (double) t->npersons && t->npersons > 0)
		f->fraction = (double) t->npersons / population->persons;
	for (uint32 i = 0; i < t->n; i++)
	{
		f->tuple[i].population = population->converged ? Max(sizes[i], (double) f->tuple[i].size) : NAN;
		f->tuple[i].individual = 1 / f->tuple[i].population;
	}
	frame_release(&t->memory, sizes, Max(t->n, 1), sizeof(double));
	return f;
}

/* See records_internal.h. */
RecordWeights *
record_weights(RiskTuples *t, const char *column)
{
	RecordWeights *w = palloc0(sizeof(RecordWeights));

	w->tuples = t;
	w->column = column;
	w->sums = frame_alloc(&t->memory, Max(t->n, 1), sizeof(Sum), true);
	if (t->start != NULL)
		w->persons = pair_sums(&t->memory);
	return w;
}

/* See records_internal.h. */
void
record_weights_add(RecordWeights *w, uint32 tuple, uint32 person, Datum weight, bool isnull)
{
	double		x = isnull ? 0 : DatumGetFloat8(weight);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a weight is NULL"),
				 errdetail("Column \"%s\" must have a weight in every row.", w->column)));
	if (!(x >= 0 && isfinite(x)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a weight is %s", float8out_internal(x)),
				 errdetail("A weight of column \"%s\" must be 0 or a positive number: that of the persons whom the record stands for.",
						   w->column)));
	if (w->persons != NULL)
		pair_sums_add(w->persons, tuple, person, x);
	else
		sum_add(&w->sums[tuple], x);
}

/* By tuple, the sum of whole numbers over the tuples that it matches. */
static int64 *
matching_sums(RiskTuples *t, const int64 *numbers)
{
	Size		ncodes = (Size) Max(t->n, 1) * t->ncolumns;
	uint32	   *codes = frame_alloc(&t->memory, ncodes, sizeof(uint32), false);
	int64	   *sums;

	for (uint32 i = 0; i < t->n; i++)
	{
		for (int c = 0; c < t->ncolumns; c++)
			codes[(Size) i * t->ncolumns + c] = t->codes[c][i];
	}
	sums = wildcard_counts(t->ncolumns, t->n, codes, t->nulls, numbers, &t->memory);
	frame_release(&t->memory, codes, ncodes, sizeof(uint32));
	return sums;
}

/*
 * By tuple, what the tuples weigh that it matches.  Weights become multiples of
 * the power of two by which the sum of all still fits a whole number, so that
 * weights that are whole numbers stay exact.
 */
static double *
matching_weights(RiskTuples *t, const double *weights, double total)
{
	int64	   *fixed = frame_alloc(&t->memory, Max(t->n, 1), sizeof(int64), false);
	double	   *result = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), false);
	int64	   *sums;
	int			exponent;

	frexp(total, &exponent);
	for (uint32 i = 0; i < t->n; i++)
		fixed[i] = (int64) rint(ldexp(weights[i], 61 - exponent));
	sums = matching_sums(t, fixed);
	for (uint32 i = 0; i < t->n; i++)
		result[i] = ldexp((double) sums[i], exponent - 61);
	frame_release(&t->memory, sums, t->n, sizeof(int64));
	frame_release(&t->memory, fixed, Max(t->n, 1), sizeof(int64));
	return result;
}

/* What each tuple weighs; a person weighs what its records there weigh on average. */
static double *
tuple_weights(RecordWeights *w)
{
	RiskTuples *t = w->tuples;
	double	   *weights = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), false);

	if (w->persons != NULL)
	{
		for (uint64 i = 0; i < w->persons->nslots; i++)
		{
			const PairSum *pair = &w->persons->slots[i];

			if ((i & 0xffff) == 0xffff)
				CHECK_FOR_INTERRUPTS();
			if (pair->n > 0)
				sum_add(&w->sums[pair->one], sum_value(&pair->sum) / (double) pair->n);
		}
		pair_sums_free(w->persons);
	}
	for (uint32 i = 0; i < t->n; i++)
		weights[i] = sum_value(&w->sums[i]);
	frame_release(&t->memory, w->sums, Max(t->n, 1), sizeof(Sum));
	return weights;
}

/* See records_internal.h. */
RecordFigures *
record_figures_weighted(RecordWeights *w, bool wildcard)
{
	RiskTuples *t = w->tuples;
	RecordFigures *f = figures(t, wildcard);
	Remembered *remembered = palloc0(REMEMBERED * sizeof(Remembered));
	double	   *weights = tuple_weights(w);
	double	   *all = weights;
	int64	   *weighed = NULL;
	Sum			total = {0, 0};
	double		members = 0;

	for (uint32 i = 0; i < t->n; i++)
	{
		sum_add(&total, weights[i]);
		members += (double) t->persons[i];
	}
	if (!isfinite(sum_value(&total)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of the weights is out of range"),
				 errdetail("A weight of column \"%s\" must be the number of persons whom the record stands for.",
						   w->column)));
	if (sum_value(&total) > members)
		f->fraction = members / sum_value(&total);
	if (wildcard && t->n > 0)
	{
		all = matching_weights(t, weights, sum_value(&total));
		/* a person of several matching tuples weighs there several times, and must count so */
		if (t->start != NULL)
			weighed = matching_sums(t, t->persons);
	}
	for (uint32 i = 0; i < t->n; i++)
	{
		TupleFigures *of = &f->tuple[i];
		double		n = weighed != NULL ? (double) weighed[i] : (double) of->size;
		double		p = n / all[i];

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		/* weights that do not even stand for the sample stand for it alone */
		of->population = p < 1 ? all[i] * ((double) of->size / n) : (double) of->size;
		of->individual = remembered_risk(remembered, of->size, Min(p, 1));
	}
	if (weighed != NULL)
		frame_release(&t->memory, weighed, t->n, sizeof(int64));
	if (all != weights)
		frame_release(&t->memory, all, Max(t->n, 1), sizeof(double));
	frame_release(&t->memory, weights, Max(t->n, 1), sizeof(double));
	pfree(remembered);
	return f;
}
