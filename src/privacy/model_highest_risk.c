/*-------------------------------------------------------------------------
 *
 * model_highest_risk.c
 *		Highest risk: nobody who knows that a person is in the table finds the
 *		person's record with a higher probability, which is 1 / size.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "privacy/privacy_internal.h"

/* The risk of each record of the class. */
static double
measure_highest_risk(const Requirement *r, const PrivacyClass *class)
{
	return 1.0 / (double) class->size;
}

/* k by another name. */
static int64
least_size_highest_risk(const Requirement *r)
{
	return whole_at_least(1.0 / r->wanted);
}

const PrivacyModel model_highest_risk = {
	.name = "highest_risk",
	.monotone = true,
	.monotone_suppression = true,
	.least_size = least_size_highest_risk,
	.measure = measure_highest_risk,
};
