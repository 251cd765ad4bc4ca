/*-------------------------------------------------------------------------
 *
 * models.c
 *		The table of privacy models, and verdicts, which are alike for all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

static const PrivacyModel *const models[] = {
	&model_k,
	&model_highest_risk,
	&model_k_map,
	&model_presence_min,
	&model_presence_max,
	&model_l,
	&model_entropy_l,
	&model_grassberger,
	&model_recursive,
	&model_t,
	&model_ordered_t,
	&model_hierarchical_t,
	&model_beta,
	&model_enhanced_beta,
	&model_delta_disclosure,
	&model_alpha,
	&model_alpha_of,
	&model_p_sensitive,
	&model_multi_attribute_l,
};

const PrivacyModel *
privacy_model(const char *name)
{
	for (int i = 0; i < lengthof(models); i++)
	{
		if (strcmp(models[i]->name, name) == 0)
			return models[i];
	}
	return NULL;
}

int
privacy_model_names(const char *const **names)
{
	static const char *all[lengthof(models)];

	for (int i = 0; i < lengthof(models); i++)
		all[i] = models[i]->name;
	*names = all;
	return lengthof(models);
}

bool
requirement_holds_measure(const Requirement *r, double measure)
{
	double		slack = fabs(r->wanted) * MEASURE_TOLERANCE;

	if (r->model->large_is_safe)
		return measure >= r->wanted - slack;
	if (r->model->strict)
		return measure < r->wanted - slack;
	return measure <= r->wanted + slack;
}

bool
requirement_holds(const Requirement *r, const PrivacyClass *class)
{
	return requirement_holds_measure(r, r->model->measure(r, class));
}

double
requirement_worse(const Requirement *r, double a, double b)
{
	return r->model->large_is_safe ? Min(a, b) : Max(a, b);
}

int64
whole_at_least(double wanted)
{
	double		least = ceil(wanted - fabs(wanted) * MEASURE_TOLERANCE);

	if (!(least > 1))
		return 1;
	/* the largest double below 2^63 */
	return least >= 9223372036854774784.0 ? PG_INT64_MAX : (int64) least;
}

/* qsort comparator: large counts first. */
static int
compare_descending(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x < y) - (x > y);
}

int64 *
counts_descending(const PrivacyClass *class, int64 *buffer, int nbuffer)
{
	int64	   *counts = buffer;

	if (class->nvalues > nbuffer)
		counts = MemoryContextAllocHuge(CurrentMemoryContext, class->nvalues * sizeof(int64));
	memcpy(counts, class->counts, class->nvalues * sizeof(int64));
	qsort(counts, class->nvalues, sizeof(int64), compare_descending);
	return counts;
}
