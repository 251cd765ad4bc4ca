/*-------------------------------------------------------------------------
 *
 * fit_microaggregation.c
 *		The recoding "microaggregation": numbers and dates become the mean,
 *		median or mode of a group, and keep their types.
 *
 * The other quasi-identifiers, on their lowest level allowed, divide the
 * tuples into parts that are grouped one by one, and so does NULL, which stays
 * NULL.  A part with less than k records is suppressed, as far as the policy
 * allows that.  Equal tuples are in one group, since a recoding knows no rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "anonymize/fitted.h"
#include "anonymize/labelled_tuples.h"
#include "anonymize/microaggregate.h"
#include "anonymize/microaggregate_column.h"
#include "anonymize/source.h"

/* A tuple, to be sorted by the part that it is in. */
typedef struct PartOrder
{
	const LabelledTuples *tuples;
	const bool *averaged;		/* by column */
} PartOrder;

typedef struct Fit
{
	LabelledTuples  *tuples;
	bool	   *averaged;		/* by column */
	int			ncolumns;		/* that are averaged */
	MicroColumn **columns;
	MicroAggregate aggregate;
	int64		group;
	char	  **texts;			/* outcomes, by tuple and column */
	bool	   *left_out;		/* by tuple */
	int64		suppressed;
	double	   *within;			/* by averaged column: squared distances to what is released */
	MemoryContext scratch;		/* emptied after every group */
	double		best;			/* the same to the means of the groups, of the first */
} Fit;

/* What divides tuples into parts: the codes of other columns, and NULL or not of those averaged. */
static inline int
compare_parts(const PartOrder *order, uint32 a, uint32 b)
{
	int			m = order->tuples->ncolumns;
	const uint32 *one = order->tuples->label_codes + (Size) a * m;
	const uint32 *other = order->tuples->label_codes + (Size) b * m;

	for (int c = 0; c < m; c++)
	{
		uint32		x = order->averaged[c] ? one[c] != LABEL_NULL : one[c];
		uint32		y = order->averaged[c] ? other[c] != LABEL_NULL : other[c];

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

#define ST_SORT				sort_parts
#define ST_ELEMENT_TYPE		uint32
#define ST_COMPARE_ARG_TYPE PartOrder
#define ST_COMPARE(a, b, order) \
	(compare_parts(order, *(a), *(b)) != 0 ? compare_parts(order, *(a), *(b)) : \
	 *(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* A tuple of a part and the group it is in. */
typedef struct GroupPlace
{
	uint32		group;
	uint32		tuple;
} GroupPlace;

#define ST_SORT				sort_groups
#define ST_ELEMENT_TYPE		GroupPlace
#define ST_COMPARE(a, b) \
	((a)->group != (b)->group ? ((a)->group < (b)->group ? -1 : 1) : \
	 (a)->tuple < (b)->tuple ? -1 : (a)->tuple > (b)->tuple)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The tuples of one group get its aggregates. */
static void
release_group(Fit *fit, uint32 n, const GroupPlace *places)
{
	LabelledTuples  *t = fit->tuples;
	MemoryContext home = MemoryContextSwitchTo(fit->scratch);
	MicroMember *members = MemoryContextAllocHuge(fit->scratch, sizeof(MicroMember) * n);

	for (int a = 0; a < fit->ncolumns; a++)
	{
		const MicroColumn *column = fit->columns[a];
		double		released;
		char	   *text;

		if (t->label_codes[(Size) places[0].tuple * t->ncolumns + column->column] == LABEL_NULL)
			continue;
		for (uint32 i = 0; i < n; i++)
		{
			members[i].code = t->label_codes[(Size) places[i].tuple * t->ncolumns + column->column];
			members[i].weight = t->weights[places[i].tuple];
		}
		text = MemoryContextStrdup(home, micro_aggregate(column, fit->aggregate, n, members,
														 &released));
		t->memory.used += strlen(text) + 1;
		for (uint32 i = 0; i < n; i++)
		{
			uint32		code = t->label_codes[(Size) places[i].tuple * t->ncolumns + column->column];
			double		away = column->position[code] - released;

			fit->texts[(Size) places[i].tuple * t->ncolumns + column->column] = text;
			fit->within[a] += (double) t->weights[places[i].tuple] * away * away;
		}
	}
	MemoryContextSwitchTo(home);
	MemoryContextReset(fit->scratch);
}

/* Group the tuples of a part. */
static void
fit_part(Fit *fit, uint32 n, const uint32 *part)
{
	LabelledTuples  *t = fit->tuples;
	MicroPoints points = {.n = n, .memory = &t->memory};
	int64	   *weights;
	uint32	   *group_of;
	GroupPlace *places;
	int64		total = 0;
	int			d = 0;

	for (uint32 i = 0; i < n; i++)
		total += t->weights[part[i]];
	if (total < fit->group)
	{
		fit->suppressed += total;
		for (uint32 i = 0; i < n; i++)
			fit->left_out[part[i]] = true;
		return;
	}
	for (int a = 0; a < fit->ncolumns; a++)
		if (t->label_codes[(Size) part[0] * t->ncolumns + fit->columns[a]->column] != LABEL_NULL)
			points.ncolumns++;
	if (points.ncolumns == 0)
		return;
	points.values = frame_alloc(&t->memory, (Size) n * points.ncolumns, sizeof(double), false);
	points.weights = weights = frame_alloc(&t->memory, n, sizeof(int64), false);
	group_of = frame_alloc(&t->memory, n, sizeof(uint32), false);
	places = frame_alloc(&t->memory, n, sizeof(GroupPlace), false);
	for (int a = 0; a < fit->ncolumns; a++)
	{
		const MicroColumn *column = fit->columns[a];

		if (t->label_codes[(Size) part[0] * t->ncolumns + column->column] == LABEL_NULL)
			continue;
		for (uint32 i = 0; i < n; i++)
			points.values[(Size) i * points.ncolumns + d] =
				column->position[t->label_codes[(Size) part[i] * t->ncolumns + column->column]];
		d++;
	}
	for (uint32 i = 0; i < n; i++)
		weights[i] = t->weights[part[i]];

	d = (int) micro_groups(&points, fit->group, group_of);
	if (points.ncolumns == 1)
	{
		double		within;
		double		all;

		micro_squares(&points, 0, (uint32) d, group_of, &within, &all);
		fit->best += within;
	}
	for (uint32 i = 0; i < n; i++)
		places[i] = (GroupPlace) {group_of[i], part[i]};
	sort_groups(places, n);
	for (uint32 i = 0, end; i < n; i = end)
	{
		CHECK_FOR_INTERRUPTS();
		for (end = i + 1; end < n && places[end].group == places[i].group;)
			end++;
		release_group(fit, end - i, places + i);
	}
	frame_release(&t->memory, places, n, sizeof(GroupPlace));
	frame_release(&t->memory, group_of, n, sizeof(uint32));
	frame_release(&t->memory, weights, n, sizeof(int64));
	frame_release(&t->memory, points.values, (Size) n * points.ncolumns, sizeof(double));
}

/* Group all parts. */
static void
fit_parts(Fit *fit)
{
	LabelledTuples  *t = fit->tuples;
	PartOrder	order = {t, fit->averaged};
	uint32	   *sorted = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(uint32), false);

	for (uint32 i = 0; i < t->nlabelled; i++)
	{
		sorted[i] = i;
		for (int c = 0; c < t->ncolumns; c++)
			if (!fit->averaged[c])
				fit->texts[(Size) i * t->ncolumns + c] =
					t->columns[c].labels[t->label_codes[(Size) i * t->ncolumns + c]];
	}
	sort_parts(sorted, t->nlabelled, &order);
	for (uint32 i = 0, end; i < t->nlabelled; i = end)
	{
		for (end = i + 1; end < t->nlabelled && compare_parts(&order, sorted[i], sorted[end]) == 0;)
			end++;
		fit_part(fit, end - i, sorted + i);
	}
	frame_release(&t->memory, sorted, (Size) t->nlabelled + 1, sizeof(uint32));
}

/*
 * The loss of an averaged column: squared distances in percent of one of those
 * to the mean, a suppressed record as far away as the mean.
 */
static double
column_loss(Fit *fit, int a, double *total)
{
	LabelledTuples  *t = fit->tuples;
	const MicroColumn *column = fit->columns[a];
	double		mean = 0;
	int64		weight = 0;
	double		lost = fit->within[a];

	*total = 0;
	for (int pass = 0; pass < 2; pass++)
		for (uint32 i = 0; i < t->nlabelled; i++)
		{
			uint32		code = t->label_codes[(Size) i * t->ncolumns + column->column];
			double		away;

			if (code == LABEL_NULL)
				continue;
			away = column->position[code] - mean;
			if (pass == 0)
			{
				weight += t->weights[i];
				mean += away * ((double) t->weights[i] / (double) weight);
				continue;
			}
			*total += (double) t->weights[i] * away * away;
			if (fit->left_out[i])
				lost += (double) t->weights[i] * away * away;
		}
	return *total > 0 ? lost / *total : 0;
}

/* Figures of the release, counted from the released tuples. */
static void
measure(Fit *fit, Fitted *fitted)
{
	LabelledTuples  *t = fit->tuples;
	int			m = t->ncolumns;
	uint32	   *codes = frame_alloc(&t->memory, (Size) t->nlabelled * m + 1, sizeof(uint32), false);
	uint32	   *code_of = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(uint32), false);
	char	  **texts = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(char *), false);
	int64	   *weights = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(int64), false);
	uint32		kept = 0;
	double		total = 0;

	for (uint32 i = 0; i < t->nlabelled; i++)
		if (!fit->left_out[i])
			weights[kept++] = t->weights[i];
	for (int c = 0; c < m; c++)
	{
		uint32		ncodes;

		kept = 0;
		for (uint32 i = 0; i < t->nlabelled; i++)
			if (!fit->left_out[i])
				texts[kept++] = fit->texts[(Size) i * m + c];
		(void) number_texts(&t->memory, kept, texts, code_of, &ncodes);
		for (uint32 i = 0; i < kept; i++)
			codes[(Size) i * m + c] = code_of[i];
	}
	fitted->classes = labelled_classes(&t->memory, kept, m, codes, weights, &fitted->smallest,
									   NULL);
	fitted->suppressed = fit->suppressed;
	for (int a = 0; a < fit->ncolumns; a++)
		fitted->loss += column_loss(fit, a, &total) / fit->ncolumns;
	/* the groups of one column are the best there are; what the aggregate adds is a gap */
	fitted->bounded = fit->ncolumns == 1 && fit->suppressed == 0;
	fitted->bound = fitted->bounded && total > 0 ? fit->best / total : 0;
}

/* See fitted.h. */
void
fit_microaggregation(Oid relid, Policy *policy, Fitted *fitted)
{
	const PolicyRecoding *recoding = &policy->recoding;
	LabelledTuples  *tuples = labelled_tuples_read(relid, policy, "microaggregation");
	Fit			fit = {.tuples = tuples, .aggregate = recoding->aggregate};
	bool	   *typed = palloc(sizeof(bool) * policy->nquasi);
	int64		k = (int64) policy->requirements[0].wanted;
	int64		limit = source_suppression_limit(policy, tuples->records);

	fit.scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim group", ALLOCSET_DEFAULT_SIZES);
	fit.averaged = palloc(sizeof(bool) * policy->nquasi);
	fit.columns = palloc(sizeof(MicroColumn *) * policy->nquasi);
	fit.group = recoding->group != 0 ? recoding->group : k;
	for (int c = 0; c < policy->nquasi; c++)
	{
		fit.averaged[c] = recoding->naveraged == 0;
		for (int i = 0; i < recoding->naveraged; i++)
			fit.averaged[c] = fit.averaged[c] ||
				strcmp(recoding->averaged[i], policy->quasi[c].column) == 0;
		if (fit.averaged[c])
			fit.columns[fit.ncolumns++] = micro_column(tuples, c);
		typed[c] = policy->quasi[c].min_level == 0;
	}
	fit.within = palloc0(sizeof(double) * Max(fit.ncolumns, 1));
	fit.left_out = frame_alloc(&tuples->memory, (Size) tuples->nlabelled + 1, sizeof(bool), true);
	fit.texts = frame_alloc(&tuples->memory, (Size) tuples->nlabelled * tuples->ncolumns + 1,
							sizeof(char *), true);
	fit_parts(&fit);
	if (fit.suppressed > limit)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no microaggregation satisfies the policy"),
				 errdetail(INT64_FORMAT " of " INT64_FORMAT " records have values in other quasi-identifiers, or NULL, that less than " INT64_FORMAT
						   " share, and would have to be suppressed; the policy allows " INT64_FORMAT ".",
						   fit.suppressed, tuples->records, fit.group, limit),
				 errhint("Allow more suppression, aggregate more columns, or raise \"min\" of the others.")));
	measure(&fit, fitted);
	fitted->recoding = labelled_tuples_recoding(tuples, "microaggregation", k, fit.texts, typed,
										   fit.left_out);
}
