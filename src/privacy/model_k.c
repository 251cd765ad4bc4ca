/*-------------------------------------------------------------------------
 *
 * model_k.c
 *		k-anonymity: a class has at least k records, or persons.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "privacy/privacy_internal.h"

/* The size of the class. */
static double
measure_k(const Requirement *r, const PrivacyClass *class)
{
	return (double) class->size;
}

/* k itself. */
static int64
least_size_k(const Requirement *r)
{
	return whole_at_least(r->wanted);
}

const PrivacyModel model_k = {
	.name = "k",
	.monotone = true,
	.monotone_suppression = true,
	.large_is_safe = true,
	.least_size = least_size_k,
	.measure = measure_k,
};
