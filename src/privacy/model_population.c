/*-------------------------------------------------------------------------
 *
 * model_population.c
 *		Models that compare a class with the same class of a population: k-map,
 *		and the two limits of presence.
 *
 * k-map asks for so many of the population in the class, whoever of them is in
 * the table.  Presence limits the share of those who are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

/* The size of the class in the population. */
static double
measure_k_map(const Requirement *r, const PrivacyClass *class)
{
	return (double) class->population;
}

/*
 * The share of the population's class that is in the table.  Where the
 * population lacks the class, it is whatever keeps no limit.
 */
static double
measure_presence(const Requirement *r, const PrivacyClass *class)
{
	if (class->population == 0)
		return r->model->large_is_safe ? 0 : INFINITY;
	return (double) class->size / (double) class->population;
}

/* A population may be large enough for a class of one record. */
static int64
least_size_population(const Requirement *r)
{
	return 1;
}

const PrivacyModel model_k_map = {
	.name = "k_map",
	.needs_population = true,
	.monotone = true,
	.monotone_suppression = true,
	.large_is_safe = true,
	.least_size = least_size_population,
	.measure = measure_k_map,
};

/*
 * A class can be joined by some of the population that the table has nobody
 * of, and then its share falls: no promise.
 */
const PrivacyModel model_presence_min = {
	.name = "presence_min",
	.needs_population = true,
	.large_is_safe = true,
	.least_size = least_size_population,
	.measure = measure_presence,
};

/* The share of a union is at most the larger of those of its parts. */
const PrivacyModel model_presence_max = {
	.name = "presence_max",
	.needs_population = true,
	.monotone = true,
	.least_size = least_size_population,
	.measure = measure_presence,
};
