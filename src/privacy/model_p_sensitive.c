/*-------------------------------------------------------------------------
 *
 * model_p_sensitive.c
 *		p-sensitivity: a class has at least p different values of each
 *		sensitive column; distinct l-diversity by another name, which with k
 *		makes p-sensitive k-anonymity.
 *
 * Truta and Vinay, Privacy protection: p-sensitive k-anonymity property,
 * ICDE Workshops 2006.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "privacy/privacy_internal.h"

/* The number of values in the class. */
static double
measure_p_sensitive(const Requirement *r, const PrivacyClass *class)
{
	return (double) class->nvalues;
}

/* Every value takes a record. */
static int64
least_size_p_sensitive(const Requirement *r)
{
	return whole_at_least(r->wanted);
}

const PrivacyModel model_p_sensitive = {
	.name = "p_sensitive",
	.needs_values = true,
	.monotone = true,
	.monotone_suppression = true,
	.large_is_safe = true,
	.least_size = least_size_p_sensitive,
	.measure = measure_p_sensitive,
};
