/*-------------------------------------------------------------------------
 *
 * microaggregate_column.c
 *		Columns that are microaggregated.
 *
 * Distances are taken between floating-point numbers, which is near enough to
 * find groups.  What is released is computed from the values themselves:
 * whole numbers and numerics exactly, dates and times as days and microseconds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "anonymize/microaggregate_column.h"

/* The order of values that are the same floating-point number. */
static inline int
compare_exact(const MicroColumn *column, uint32 a, uint32 b)
{
	if (column->exact == NULL || a == b)
		return 0;
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, column->exact[a], column->exact[b]));
}

#define ST_SORT				sort_members
#define ST_ELEMENT_TYPE		MicroMember
#define ST_COMPARE_ARG_TYPE MicroColumn
#define ST_COMPARE(a, b, column) \
	((column)->position[(a)->code] != (column)->position[(b)->code] ? \
	 ((column)->position[(a)->code] < (column)->position[(b)->code] ? -1 : 1) : \
	 compare_exact(column, (a)->code, (b)->code))
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* A whole number as numeric. */
static Datum
whole(int64 value)
{
	return DirectFunctionCall1(int8_numeric, Int64GetDatum(value));
}

/* Digits behind the point of a numeric. */
static int
scale_of(Datum value)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_scale, value));
}

/* Refuse a value that is at no distance to others. */
static void
refuse_infinite(const LabelledColumn *column, const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("column \"%s\" cannot be microaggregated", column->quasi->column),
			 errdetail("%s has no distance to other values.", text),
			 errhint("Leave such rows out with a view.")));
}

/* The exact form of a value, or 0 for floating-point numbers; false if it is not finite. */
static bool
read_value(Oid type, Datum value, Datum *exact, double *position)
{
	*exact = (Datum) 0;
	switch (type)
	{
		case INT2OID:
			*exact = whole(DatumGetInt16(value));
			break;
		case INT4OID:
			*exact = whole(DatumGetInt32(value));
			break;
		case INT8OID:
			*exact = whole(DatumGetInt64(value));
			break;
		case NUMERICOID:
			if (numeric_is_nan(DatumGetNumeric(value)) || numeric_is_inf(DatumGetNumeric(value)))
				return false;
			*exact = NumericGetDatum(DatumGetNumericCopy(value));
			break;
		case FLOAT4OID:
			*position = DatumGetFloat4(value);
			return isfinite(*position);
		case FLOAT8OID:
			*position = DatumGetFloat8(value);
			return isfinite(*position);
		case DATEOID:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
				return false;
			*exact = whole(DatumGetDateADT(value));
			break;
		default:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)))
				return false;
			*exact = whole(DatumGetTimestamp(value));
			break;
	}
	*position = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, *exact));
	return isfinite(*position);
}

/* See microaggregate_column.h. */
MicroColumn *
micro_column(LabelledTuples *tuples, int which)
{
	const LabelledColumn *column = &tuples->columns[which];
	MicroColumn *micro = palloc0(sizeof(MicroColumn));

	switch (column->type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" cannot be microaggregated", column->quasi->column),
					 errdetail("Its type is %s; numbers, dates and times have means.",
							   format_type_be(column->type)),
					 errhint("Name the columns to aggregate in \"columns\".")));
	}
	if (column->quasi->min_level > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" is microaggregated and has a \"min\"", column->quasi->column),
				 errhint("Leave out \"min\": labels have no means.")));

	micro->column = which;
	micro->type = column->type;
	micro->position = frame_alloc(&tuples->memory, (Size) column->nlabels + 1, sizeof(double), true);
	if (column->type != FLOAT4OID && column->type != FLOAT8OID)
		micro->exact = frame_alloc(&tuples->memory, (Size) column->nlabels + 1, sizeof(Datum), true);
	for (uint32 code = 1; code <= column->nvalues; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(column->dictionary, column->in_dictionary[code], &isnull);
		uint32		label = column->label_of[code];
		Datum		exact;

		CHECK_FOR_INTERRUPTS();
		if (!read_value(column->type, value, &exact, &micro->position[label]))
			refuse_infinite(column, column->values[code]);
		if (micro->exact == NULL)
			continue;
		micro->exact[label] = exact;
		tuples->memory.used += VARSIZE_ANY(DatumGetPointer(exact));
		if (column->type == NUMERICOID)
			micro->scale = Max(micro->scale, scale_of(exact));
	}
	return micro;
}

/* The mean of members; sums are exact where the values are. */
static Datum
exact_mean(const MicroColumn *column, uint32 n, const MicroMember *members)
{
	Datum		sum = whole(0);
	int64		weight = 0;
	Datum		divided;

	for (uint32 i = 0; i < n; i++)
	{
		sum = DirectFunctionCall2(numeric_add, sum,
								  DirectFunctionCall2(numeric_mul, column->exact[members[i].code],
													  whole(members[i].weight)));
		weight += members[i].weight;
	}
	/* the quotient has more digits than it is rounded to, or a half could look like one that is not */
	sum = DirectFunctionCall2(numeric_round, sum, Int32GetDatum(column->scale + 20));
	divided = DirectFunctionCall2(numeric_div, sum, whole(weight));
	return DirectFunctionCall2(numeric_round, divided, Int32GetDatum(column->scale));
}

/* The same of floating-point numbers. */
static double
float_mean(const MicroColumn *column, uint32 n, const MicroMember *members)
{
	double		mean = 0;
	int64		weight = 0;

	for (uint32 i = 0; i < n; i++)
	{
		weight += members[i].weight;
		mean += (column->position[members[i].code] - mean) *
			((double) members[i].weight / (double) weight);
	}
	return mean;
}

/*
 * The members that count: for the mean all of them, else one or, where the
 * median lies between two, these two.  Returns their number.
 */
static uint32
select_members(const MicroColumn *column, MicroAggregate kind, uint32 n, MicroMember *members)
{
	int64		total = 0;
	int64		below = 0;
	uint32		best = 0;

	if (kind == MICRO_MEAN)
		return n;
	sort_members(members, n, (MicroColumn *) column);
	for (uint32 i = 0; i < n; i++)
		total += members[i].weight;
	if (kind == MICRO_MEDIAN)
	{
		while (2 * (below + members[best].weight) < total)
			below += members[best++].weight;
		/* half of the weight is up to here: the median lies between this one and the next */
		n = 2 * (below + members[best].weight) == total ? 2 : 1;
		for (uint32 i = 0; i < n; i++)
		{
			members[i].code = members[best + i].code;
			members[i].weight = 1;
		}
		return n;
	}
	/* members of one value may be several where others tell them apart */
	for (uint32 i = 0, end; i < n; i = end)
	{
		int64		weight = 0;

		for (end = i; end < n && members[end].code == members[i].code; end++)
			weight += members[end].weight;
		if (weight > below)
		{
			below = weight;
			best = i;
		}
	}
	members[0].code = members[best].code;
	members[0].weight = 1;
	return 1;
}

/* See microaggregate_column.h. */
char *
micro_aggregate(const MicroColumn *column, MicroAggregate kind, uint32 n, MicroMember *members,
				double *released)
{
	Datum		mean;

	n = select_members(column, kind, n, members);
	if (column->exact == NULL)
	{
		*released = n == 1 ? column->position[members[0].code] : float_mean(column, n, members);
		if (column->type == FLOAT8OID)
			return value_text(FLOAT8OID, Float8GetDatum(*released));
		*released = (float4) *released;
		return value_text(FLOAT4OID, Float4GetDatum((float4) *released));
	}
	mean = exact_mean(column, n, members);
	*released = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, mean));
	switch (column->type)
	{
		case DATEOID:
			return value_text(DATEOID, DateADTGetDatum(DatumGetInt32(DirectFunctionCall1(numeric_int4, mean))));
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return value_text(column->type, DirectFunctionCall1(numeric_int8, mean));
		default:
			return value_text(NUMERICOID, mean);
	}
}
