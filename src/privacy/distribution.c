/*-------------------------------------------------------------------------
 *
 * distribution.c
 *		The type kiaim.distribution: the values of a column of a whole table,
 *		and how often each occurs.
 *
 * It is the byte form of a counter of one column, which travels from the
 * subquery that makes it to the classes that are compared with it.  Bytes that
 * did not come from there are never read: there is no input function, and no
 * cast.  So it cannot be restored from a dump either; it is made anew wherever
 * it is needed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "privacy/privacy_internal.h"

PG_FUNCTION_INFO_V1(kiaim_distribution_in);
PG_FUNCTION_INFO_V1(kiaim_distribution_out);
PG_FUNCTION_INFO_V1(kiaim_distribution_final);

/* The magic and the checksum that the bytes begin with. */
static uint64
head_of(bytea *bytes)
{
	uint64		head = 0;

	memcpy(&head, VARDATA_ANY(bytes), Min(sizeof(head), VARSIZE_ANY_EXHDR(bytes)));
	return head;
}

Distribution *
distribution_read(bytea *bytes)
{
	Distribution *d = palloc0(sizeof(Distribution));
	TupleCounter *counter = counter_deserialize(bytes);
	int64	   *counts;
	CounterScan scan;
	uint32		code;
	int64		weight;

	Assert(counter_ncolumns(counter) == 1);
	d->length = VARSIZE_ANY_EXHDR(bytes);
	d->head = head_of(bytes);
	d->values = counter_dictionary(counter, 0);
	d->table.nvalues = (int) dictionary_size(d->values);
	d->table.total = counter_total(counter);
	counts = counter_scratch(counter, d->table.nvalues, sizeof(int64));
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, &code, &weight))
		counts[code] = weight;
	d->table.counts = counts;
	d->sum = counter_scratch(counter, d->table.nvalues, sizeof(int64));
	memset(d->sum, 0, sizeof(int64) * d->table.nvalues);
	d->class_values = counter_scratch(counter, d->table.nvalues, sizeof(uint32));
	d->class_counts = counter_scratch(counter, d->table.nvalues, sizeof(int64));
	return d;
}

bool
distribution_is(const Distribution *d, bytea *bytes)
{
	return d->length == VARSIZE_ANY_EXHDR(bytes) && d->head == head_of(bytes);
}

uint32
distribution_code(Distribution *d, Datum value, bool isnull)
{
	uint32		code = dictionary_encode(d->values, value, isnull);

	if (code >= (uint32) d->table.nvalues)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the distribution lacks a value that a class has"),
				 errdetail("It was made of other rows than those that are compared with it."),
				 errhint("Make it of the whole table: does the source give other rows each time it is read?")));
	return code;
}

/*
 * kiaim.distribution_in(cstring) → kiaim.distribution: refuses.
 */
Datum
kiaim_distribution_in(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot accept a value of type %s", "kiaim.distribution"),
			 errhint("Make one with the aggregate kiaim.distribution_of.")));
	PG_RETURN_VOID();
}

/*
 * kiaim.distribution_out(kiaim.distribution) → cstring: how large it is; the
 * values are nobody's to see.
 */
Datum
kiaim_distribution_out(PG_FUNCTION_ARGS)
{
	TupleCounter *counter = counter_deserialize(PG_GETARG_BYTEA_PP(0));

	PG_RETURN_CSTRING(psprintf("%u values of " INT64_FORMAT " rows",
							   dictionary_size(counter_dictionary(counter, 0)),
							   counter_total(counter)));
}

/*
 * kiaim.distribution_final(internal) → kiaim.distribution
 */
Datum
kiaim_distribution_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(counter_serialize((TupleCounter *) PG_GETARG_POINTER(0)));
}
