/*-------------------------------------------------------------------------
 *
 * model_beta.c
 *		beta-likeness: no value of a class is more frequent there than in the
 *		whole table by more than a factor.
 *
 * Only what is gained is limited: that a value becomes less likely in a class
 * is no harm.  Enhanced beta-likeness limits the gain of a value of share q by
 * -ln q as well, so that even a frequent value cannot fill a class.
 *
 * Cao and Karras, Publishing microdata with a robust privacy guarantee,
 * PVLDB 5(11), 2012.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

/* (p - q) / q of a value of the class; 0 if it is no gain. */
static double
relative_gain(const SensitiveTable *t, const PrivacyClass *class, int i)
{
	int64		in_table = t->counts[class->values[i]];
	ExactShare	gain = share_difference(class->counts[i], class->total, in_table, t->total);

	return gain <= 0 ? 0 : (double) gain / ((double) class->total * (double) in_table);
}

/* The largest relative gain. */
static double
measure_beta(const Requirement *r, const PrivacyClass *class)
{
	double		most = 0;

	for (int i = 0; i < class->nvalues; i++)
		most = Max(most, relative_gain(r->table, class, i));
	return most;
}

/* The same, but infinite where a gain is beyond the limit that its value has of its own. */
static double
measure_enhanced_beta(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	double		most = 0;

	for (int i = 0; i < class->nvalues; i++)
	{
		double		gain = relative_gain(t, class, i);

		if (gain > log((double) t->total / (double) t->counts[class->values[i]]) * (1 + 1e-12))
			return INFINITY;
		most = Max(most, gain);
	}
	return most;
}

/* Records of a value that a class may have, with the gain beta or its own limit. */
static double
most_beta(const Requirement *r, double size, double share)
{
	return floor(size * share * (1 + r->wanted) * BOUND_SLACK);
}

static double
most_enhanced_beta(const Requirement *r, double size, double share)
{
	return floor(size * share * (1 + Min(r->wanted, -log(share))) * BOUND_SLACK);
}

/* Records that can be kept, each value within what it may have of so many. */
static int64
room_beta(const Requirement *r, const PrivacyClass *class, int64 kept)
{
	ClassBound	most = r->model == &model_beta ? most_beta : most_enhanced_beta;
	int64		room = 0;

	for (int i = 0; i < class->nvalues; i++)
	{
		double		share = (double) r->table->counts[class->values[i]] / (double) r->table->total;
		double		limit = most(r, (double) kept, share);

		room += limit < (double) class->counts[i] ? (int64) limit : class->counts[i];
	}
	return room;
}

static int64
most_kept_beta(const Requirement *r, const PrivacyClass *class)
{
	return most_kept_in_room(r, class, room_beta);
}

/* The share of the most frequent value of the table. */
static double
largest_share(const SensitiveTable *t)
{
	int64		largest = 1;

	for (int v = 0; v < t->nvalues; v++)
		largest = Max(largest, t->counts[v]);
	return t->total == 0 ? 1 : (double) largest / (double) t->total;
}

/* One record is 1/n of its class, and some value must be allowed that. */
static int64
least_size_beta(const Requirement *r)
{
	return least_size_within(r, 1 / (largest_share(r->table) * (1 + r->wanted)) / BOUND_SLACK,
							 NULL, most_beta);
}

static int64
least_size_enhanced_beta(const Requirement *r)
{
	return least_size_within(r, 1, NULL, most_enhanced_beta);
}

const PrivacyModel model_beta = {
	.name = "beta",
	.needs_values = true,
	.needs_table = true,
	.monotone = true,
	.least_size = least_size_beta,
	.most_kept = most_kept_beta,
	.measure = measure_beta,
};

const PrivacyModel model_enhanced_beta = {
	.name = "enhanced_beta",
	.needs_values = true,
	.needs_table = true,
	.monotone = true,
	.least_size = least_size_enhanced_beta,
	.most_kept = most_kept_beta,
	.measure = measure_enhanced_beta,
};
