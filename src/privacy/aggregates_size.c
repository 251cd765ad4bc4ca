/*-------------------------------------------------------------------------
 *
 * aggregates_size.c
 *		Final functions of the checks that look at sizes of classes alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "frame/frame.h"

PG_FUNCTION_INFO_V1(kiaim_k_anonymity);
PG_FUNCTION_INFO_V1(kiaim_uniqueness);
PG_FUNCTION_INFO_V1(kiaim_distinct_per_class);

/*
 * kiaim_k_anonymity(internal) → bigint: the size of the smallest class.
 */
Datum
kiaim_k_anonymity(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	CounterScan scan;
	int64		weight;
	int64		least = PG_INT64_MAX;

	counter_scan_start(state, &scan);
	while (counter_scan_next(&scan, NULL, &weight))
	{
		if ((scan.position & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		least = Min(least, weight);
	}
	PG_RETURN_INT64(least);
}

/*
 * kiaim_uniqueness(internal) → float8: the share of rows alone in their class.
 */
Datum
kiaim_uniqueness(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	CounterScan scan;
	int64		weight;
	int64		alone = 0;

	counter_scan_start(state, &scan);
	while (counter_scan_next(&scan, NULL, &weight))
	{
		if ((scan.position & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (weight == 1)
			alone++;
	}
	PG_RETURN_FLOAT8((float8) alone / (float8) counter_total(state));
}

/*
 * kiaim_distinct_per_class(internal) → bigint: the fewest distinct values of
 * the first column in a class of the others.
 */
Datum
kiaim_distinct_per_class(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	CounterClasses *classes = counter_classes(state, 1);
	int64		least = PG_INT64_MAX;

	for (int64 i = 0; i < classes->nclasses; i++)
		least = Min(least, classes->start[i + 1] - classes->start[i]);
	counter_classes_free(classes);
	PG_RETURN_INT64(least);
}
