/*-------------------------------------------------------------------------
 *
 * midpoint.c
 *		kiaim.midpoint(): the middle of a range; and kiaim.label_value(), a
 *		value where its label shows it as it is.
 *
 * The middle is that of the values in the range: of [20,25) over integers,
 * which are 20 to 24, it is 22, over numeric it is 22.5, and over dates it is
 * the middle day, the earlier one of two.  A range without an end has none,
 * nor has an empty one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_midpoint_integer);
PG_FUNCTION_INFO_V1(kiaim_midpoint_numeric);
PG_FUNCTION_INFO_V1(kiaim_midpoint_date);
PG_FUNCTION_INFO_V1(kiaim_midpoint_timestamp);
PG_FUNCTION_INFO_V1(kiaim_label_value);

/* The bounds of the range argument; false if it is empty. */
static bool
get_bounds(FunctionCallInfo fcinfo, RangeBound *lower, RangeBound *upper)
{
	RangeType  *range = PG_GETARG_RANGE_P(0);
	bool		empty;

	range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)), range,
					  lower, upper, &empty);
	return !empty;
}

/* The mean of two numerics, without zeros that say nothing. */
static Datum
numeric_mean(Datum a, Datum b)
{
	Datum		half = DirectFunctionCall3(numeric_in, CStringGetDatum("0.5"),
										   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));

	return DirectFunctionCall1(numeric_trim_scale,
							   DirectFunctionCall2(numeric_mul, half,
												   DirectFunctionCall2(numeric_add, a, b)));
}

/* kiaim.midpoint(int4range or int8range); such ranges are canonical: [lower,upper) */
Datum
kiaim_midpoint_integer(PG_FUNCTION_ARGS)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		small = RangeTypeGetOid(PG_GETARG_RANGE_P(0)) == INT4RANGEOID;
	int64		first;
	int64		last;

	if (!get_bounds(fcinfo, &lower, &upper) || lower.infinite)
		PG_RETURN_NULL();
	first = small ? DatumGetInt32(lower.val) : DatumGetInt64(lower.val);
	if (!upper.infinite)
		last = (small ? DatumGetInt32(upper.val) : DatumGetInt64(upper.val)) - 1;
	else if (first == (small ? PG_INT32_MAX : PG_INT64_MAX))
		last = first;			/* [max,) holds one value, too */
	else
		PG_RETURN_NULL();
	PG_RETURN_DATUM(numeric_mean(NumericGetDatum(int64_to_numeric(first)),
								 NumericGetDatum(int64_to_numeric(last))));
}

/* kiaim.midpoint(numrange) */
Datum
kiaim_midpoint_numeric(PG_FUNCTION_ARGS)
{
	RangeBound	lower;
	RangeBound	upper;

	if (!get_bounds(fcinfo, &lower, &upper) || lower.infinite || upper.infinite)
		PG_RETURN_NULL();
	/* one value keeps its scale, and has no mean if it is infinite */
	if (DatumGetBool(DirectFunctionCall2(numeric_eq, lower.val, upper.val)))
		PG_RETURN_DATUM(lower.val);
	PG_RETURN_DATUM(numeric_mean(lower.val, upper.val));
}

/* kiaim.midpoint(daterange); canonical but for infinite dates */
Datum
kiaim_midpoint_date(PG_FUNCTION_ARGS)
{
	RangeBound	lower;
	RangeBound	upper;
	DateADT		first;
	DateADT		end;

	if (!get_bounds(fcinfo, &lower, &upper) || lower.infinite)
		PG_RETURN_NULL();
	first = DatumGetDateADT(lower.val);
	if (upper.infinite)
	{
		if (first != DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)
			PG_RETURN_NULL();
		PG_RETURN_DATEADT(first);
	}
	end = DatumGetDateADT(upper.val);
	if (first == end)
		PG_RETURN_DATEADT(first);
	if (DATE_NOT_FINITE(first) || DATE_NOT_FINITE(end))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT((DateADT) (first + ((int64) end - 1 - first) / 2));
}

/* kiaim.midpoint(tsrange or tstzrange) */
Datum
kiaim_midpoint_timestamp(PG_FUNCTION_ARGS)
{
	RangeBound	lower;
	RangeBound	upper;
	Timestamp	first;
	Timestamp	end;
	int64		length;

	if (!get_bounds(fcinfo, &lower, &upper) || lower.infinite || upper.infinite)
		PG_RETURN_NULL();
	first = DatumGetTimestamp(lower.val);
	end = DatumGetTimestamp(upper.val);
	if (first == end)
		PG_RETURN_TIMESTAMP(first);
	if (TIMESTAMP_NOT_FINITE(first) || TIMESTAMP_NOT_FINITE(end) ||
		pg_sub_s64_overflow(end, first, &length))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(first + length / 2);
}

/* kiaim.label_value(label text, value anyelement) */
Datum
kiaim_label_value(PG_FUNCTION_ARGS)
{
	ValueReader *reader = fcinfo->flinfo->fn_extra;
	struct varlena *label;
	const char *text;
	int			len;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (reader == NULL)
	{
		reader = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ValueReader));
		value_reader_init(reader, get_fn_expr_argtype(fcinfo->flinfo, 1), fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = reader;
	}
	label = PG_GETARG_VARLENA_PP(0);
	text = value_read_text(reader, PG_GETARG_DATUM(1), &len);
	/* never more than the label says, whatever value comes with it */
	if (len != VARSIZE_ANY_EXHDR(label) || memcmp(text, VARDATA_ANY(label), len) != 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(1));
}
