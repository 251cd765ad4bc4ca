/*-------------------------------------------------------------------------
 *
 * model_l.c
 *		Distinct l-diversity: a class has at least l different sensitive values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "privacy/privacy_internal.h"

/* The number of values in the class. */
static double
measure_l(const Requirement *r, const PrivacyClass *class)
{
	return (double) class->nvalues;
}

/* Every value takes a record, and a person may have several values. */
static int64
least_size_l(const Requirement *r)
{
	return whole_at_least(r->wanted);
}

const PrivacyModel model_l = {
	.name = "l",
	.needs_values = true,
	.monotone = true,
	.monotone_suppression = true,
	.large_is_safe = true,
	.least_size = least_size_l,
	.measure = measure_l,
};
