/*-------------------------------------------------------------------------
 *
 * model_delta_disclosure.c
 *		delta-disclosure privacy: no value of the table is more or less
 *		frequent in a class than in the table by a factor of 2^delta.
 *
 * Every value of the table counts, also one that a class lacks: whoever finds
 * such a class learns for certain what a person does not have, so the class
 * fails.  With that, the shares that a class may have of a value are an
 * interval, and a union of classes that hold lies in it as well: the model is
 * monotone without suppression.  (Implementations that pass over the values
 * that a class lacks lose this.)
 *
 * Brickell and Shmatikov, The cost of privacy, KDD 2008.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

/* The largest |log2(p / q)|; infinite if a value of the table is not there. */
static double
measure_delta_disclosure(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	double		most = 0;

	if (class->nvalues < t->nvalues)
		return INFINITY;
	for (int i = 0; i < class->nvalues; i++)
	{
		double		p = (double) class->counts[i] * (double) t->total;
		double		q = (double) t->counts[class->values[i]] * (double) class->total;

		most = Max(most, fabs(log2(p / q)));
	}
	return most;
}

/* Records of a value that a class has at least and at most. */
static double
least_delta(const Requirement *r, double size, double share)
{
	return Max(1, ceil(size * share * exp2(-r->wanted) / BOUND_SLACK));
}

static double
most_delta(const Requirement *r, double size, double share)
{
	return floor(size * share * exp2(r->wanted) * BOUND_SLACK);
}

/* A record of each value, also of the rarest, of which it must not be too much. */
static int64
least_size_delta(const Requirement *r)
{
	const SensitiveTable *t = r->table;
	int64		rarest = PG_INT64_MAX;

	if (t->nvalues == 0)
		return 1;
	for (int v = 0; v < t->nvalues; v++)
		rarest = Min(rarest, t->counts[v]);
	return least_size_within(r, Max(t->nvalues, (double) t->total / (double) rarest /
									exp2(r->wanted) / BOUND_SLACK),
							 least_delta, most_delta);
}

/*
 * Each value takes no more than it may, and the scarcest one limits how many
 * records it is enough for.
 */
static bool
keeps_delta(const Requirement *r, const PrivacyClass *class, const void *extra, double kept)
{
	const SensitiveTable *t = r->table;
	double		factor = exp2(r->wanted) * BOUND_SLACK;
	double		room = 0;

	for (int i = 0; i < class->nvalues; i++)
	{
		double		share = (double) t->counts[class->values[i]] / (double) t->total;

		if ((double) class->counts[i] * factor < kept * share)
			return false;
		room += Min((double) class->counts[i], kept * share * factor);
	}
	return kept <= room * BOUND_SLACK;
}

/* Nothing can be kept of a class that lacks a value. */
static int64
most_kept_delta(const Requirement *r, const PrivacyClass *class)
{
	return class->nvalues < r->table->nvalues ? 0 : most_kept_within(r, class, keeps_delta, NULL);
}

const PrivacyModel model_delta_disclosure = {
	.name = "delta_disclosure",
	.needs_values = true,
	.needs_table = true,
	.monotone = true,
	.strict = true,
	.least_size = least_size_delta,
	.most_kept = most_kept_delta,
	.measure = measure_delta_disclosure,
};
