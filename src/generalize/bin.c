/*-------------------------------------------------------------------------
 *
 * bin.c
 *		kiaim.bin(): the interval of a given width around a value, as a range.
 *
 * Intervals begin at the multiples of the width, rounded down also for
 * negative numbers; intervals of days begin at Monday 2001-01-01, so that
 * seven days are a week; intervals of months begin with the year 0, so that 12
 * months are a year.  Infinity and NaN are intervals of their own.
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
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_bin_int4);
PG_FUNCTION_INFO_V1(kiaim_bin_int8);
PG_FUNCTION_INFO_V1(kiaim_bin_numeric);
PG_FUNCTION_INFO_V1(kiaim_bin_date);
PG_FUNCTION_INFO_V1(kiaim_bin_date_interval);

/* 2001-01-01, as the server's date_bin() is used in its manual */
#define ORIGIN_DAY	366

/* The range from lower to upper; a single value where they are the same. */
static Datum
bin_range(FunctionCallInfo fcinfo, Oid range_type, Datum lower, Datum upper, bool single)
{
	TypeCacheEntry *type = range_get_typcache(fcinfo, range_type);
	RangeBound	low = {lower, false, true, true};
	RangeBound	high = {upper, false, single, false};

	return RangeTypePGetDatum(KIAIM_MAKE_RANGE(type, &low, &high));
}

/* Refuse a width that is not positive. */
static void
check_width(bool positive, Oid type, Datum width)
{
	if (!positive)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the width of a bin should be greater than 0"),
				 errdetail("The width is %s.", value_text(type, width))));
}

/* Refuse a bin that reaches beyond the limits of its type. */
pg_noreturn static void
out_of_range(Oid type, Datum value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the bin of %s is out of range for type %s",
					value_text(type, value), format_type_be(type)),
			 errdetail("An end of the bin is beyond the limits of the type."),
			 errhint("Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.")));
}

/* How far a number is from the start of its bin. */
static int64
offset_in_bin(int64 number, int64 width)
{
	int64		rest = number % width;

	return rest < 0 ? rest + width : rest;
}

/* kiaim.bin(integer, integer) */
Datum
kiaim_bin_int4(PG_FUNCTION_ARGS)
{
	int64		value = PG_GETARG_INT32(0);
	int64		width = PG_GETARG_INT32(1);
	int64		lower;

	check_width(width > 0, INT4OID, PG_GETARG_DATUM(1));
	lower = value - offset_in_bin(value, width);
	if (lower < PG_INT32_MIN || lower + width > PG_INT32_MAX)
		out_of_range(INT4OID, PG_GETARG_DATUM(0));
	return bin_range(fcinfo, INT4RANGEOID, Int32GetDatum((int32) lower),
					 Int32GetDatum((int32) (lower + width)), false);
}

/* kiaim.bin(bigint, bigint) */
Datum
kiaim_bin_int8(PG_FUNCTION_ARGS)
{
	int64		value = PG_GETARG_INT64(0);
	int64		width = PG_GETARG_INT64(1);
	int64		lower;
	int64		upper;

	check_width(width > 0, INT8OID, PG_GETARG_DATUM(1));
	if (pg_sub_s64_overflow(value, offset_in_bin(value, width), &lower) ||
		pg_add_s64_overflow(lower, width, &upper))
		out_of_range(INT8OID, PG_GETARG_DATUM(0));
	return bin_range(fcinfo, INT8RANGEOID, Int64GetDatum(lower), Int64GetDatum(upper), false);
}

/* kiaim.bin(numeric, numeric) */
Datum
kiaim_bin_numeric(PG_FUNCTION_ARGS)
{
	Datum		value = NumericGetDatum(PG_GETARG_NUMERIC(0));
	Datum		width = NumericGetDatum(PG_GETARG_NUMERIC(1));
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		rest;
	Datum		lower;

	check_width(DatumGetBool(DirectFunctionCall2(numeric_gt, width, zero)) &&
				!numeric_is_nan(DatumGetNumeric(width)) && !numeric_is_inf(DatumGetNumeric(width)),
				NUMERICOID, width);
	if (numeric_is_nan(DatumGetNumeric(value)) || numeric_is_inf(DatumGetNumeric(value)))
		return bin_range(fcinfo, NUMRANGEOID, value, value, true);
	rest = DirectFunctionCall2(numeric_mod, value, width);
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, rest, zero)))
		rest = DirectFunctionCall2(numeric_add, rest, width);
	lower = DirectFunctionCall1(numeric_trim_scale, DirectFunctionCall2(numeric_sub, value, rest));
	return bin_range(fcinfo, NUMRANGEOID, lower,
					 DirectFunctionCall1(numeric_trim_scale,
										 DirectFunctionCall2(numeric_add, lower, width)), false);
}

/* The bin of a date between two days, which may be outside the type. */
static Datum
date_range(FunctionCallInfo fcinfo, int64 lower, int64 upper)
{
	if (lower < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE ||
		upper >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
		out_of_range(DATEOID, PG_GETARG_DATUM(0));
	return bin_range(fcinfo, DATERANGEOID, DateADTGetDatum((DateADT) lower),
					 DateADTGetDatum((DateADT) upper), false);
}

/* kiaim.bin(date, integer) */
Datum
kiaim_bin_date(PG_FUNCTION_ARGS)
{
	DateADT		value = PG_GETARG_DATEADT(0);
	int64		width = PG_GETARG_INT32(1);
	int64		lower;

	check_width(width > 0, INT4OID, PG_GETARG_DATUM(1));
	if (DATE_NOT_FINITE(value))
		return bin_range(fcinfo, DATERANGEOID, DateADTGetDatum(value), DateADTGetDatum(value), true);
	lower = value - offset_in_bin((int64) value - ORIGIN_DAY, width);
	return date_range(fcinfo, lower, lower + width);
}

/* kiaim.bin(date, interval) */
Datum
kiaim_bin_date_interval(PG_FUNCTION_ARGS)
{
	DateADT		value = PG_GETARG_DATEADT(0);
	Interval   *width = PG_GETARG_INTERVAL_P(1);
	int			year;
	int			month;
	int			day;
	int64		months;
	int64		lower;

	if (width->time != 0 || (width->month != 0 && width->day != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the width of a bin of dates should be a number of months or of days"),
				 errhint("For example '5 years', '3 months' or '14 days'.")));
	check_width(width->month > 0 || width->day > 0, INTERVALOID, PG_GETARG_DATUM(1));
	if (DATE_NOT_FINITE(value))
		return bin_range(fcinfo, DATERANGEOID, DateADTGetDatum(value), DateADTGetDatum(value), true);
	if (width->day > 0)
	{
		lower = value - offset_in_bin((int64) value - ORIGIN_DAY, width->day);
		return date_range(fcinfo, lower, lower + width->day);
	}
	j2date(value + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	months = (int64) year * MONTHS_PER_YEAR + month - 1;
	months -= offset_in_bin(months, width->month);
	return date_range(fcinfo, month_first_day(months), month_first_day(months + width->month));
}
