/*-------------------------------------------------------------------------
 *
 * label_range.c
 *		kiaim.label_range(): the interval that a label stands for, as a range.
 *
 * The labels of hierarchies of intervals say what they hold, in a grammar of
 * a few forms: "[20,25)", "<15", ">=85", "85+", "2021-Q3", "2020s", and on
 * level 0 the value itself.  So the range is made from the label alone, which
 * makes equal labels equal ranges whatever made them.  The label "*" is the
 * unbounded range, a NULL label is NULL.
 *
 * An end of an interval that the type cannot hold is no end: within the type,
 * [2000000000,3000000000) is [2000000000,).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_label_range);

/* A label is not longer than this; numeric has 131072 digits before its point. */
#define LABEL_BYTES_MAX	600000

/* What a call site keeps from one call to the next. */
typedef struct RangeSite
{
	TypeCacheEntry *type;		/* of the range */
	Oid			element;
	bool		days;			/* the element is a date or a timestamp */
	MemoryContext context;		/* of what follows */
	char	   *definition;		/* the hierarchy that was checked, or NULL */
	char	   *label;			/* the label of the last call, or NULL */
	int			label_len;
	Datum		range;			/* and its range */
} RangeSite;

/* The ends of an interval of days, [first, last + 1). */
typedef struct Days
{
	bool		has_first;
	bool		has_end;
	int64		first;
	int64		end;
} Days;

/* Refuse a label that is no interval. */
pg_noreturn static void
refuse_label(const char *label, Oid element)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("label \"%s\" is no interval of type %s", shown(label), format_type_be(element)),
			 errhint("Labels of bins, breaks, calendars and age_groups over values of that type are intervals.")));
}

/* The text from one place to another. */
static char *
slice(const char *from, const char *to)
{
	return pnstrdup(from, to - from);
}

/* True if the text is a number as labels have it; those that are not finite are values of level 0. */
static bool
is_number(const char *text, Oid element)
{
	Decimal		number;

	return decimal_read(text, strlen(text), 0, &number) ||
		(element == NUMERICOID && (strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 ||
								   strcmp(text, "-Infinity") == 0));
}

/*
 * An end of an interval of numbers as a bound of the element type.  Of integers,
 * the ends are those that hold the same integers.
 */
static RangeBound
number_bound(const RangeSite *site, const char *text, bool lower, bool inclusive, const char *label)
{
	RangeBound	bound = {(Datum) 0, false, inclusive, lower};
	Datum		number;
	Datum		integer;
	int64		least = site->element == INT4OID ? PG_INT32_MIN : PG_INT64_MIN;
	int64		most = site->element == INT4OID ? PG_INT32_MAX : PG_INT64_MAX;

	if (!is_number(text, site->element))
		refuse_label(label, site->element);
	number = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (site->element == NUMERICOID)
	{
		bound.val = number;
		return bound;
	}
	integer = DirectFunctionCall1(numeric_ceil, number);
	if (!lower && inclusive && !DatumGetBool(DirectFunctionCall2(numeric_eq, number, integer)))
		refuse_label(label, site->element);
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, integer,
										 NumericGetDatum(int64_to_numeric(least)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, integer,
										 NumericGetDatum(int64_to_numeric(most)))))
		bound.infinite = true;
	else if (!lower && inclusive &&
			 DatumGetBool(DirectFunctionCall2(numeric_eq, integer,
											  NumericGetDatum(int64_to_numeric(most)))))
		bound.infinite = true;	/* the range would end one above the last value */
	else
		bound.val = site->element == INT4OID ?
			DirectFunctionCall1(numeric_int4, integer) : DirectFunctionCall1(numeric_int8, integer);
	return bound;
}

/* A range of numbers from a label. */
static Datum
number_range(const RangeSite *site, const char *label)
{
	const char *comma = strchr(label, ',');
	int			len = strlen(label);
	RangeBound	low = {(Datum) 0, true, false, true};
	RangeBound	high = {(Datum) 0, true, false, false};
	int			first;
	int			last;
	int			read = 0;

	if (label[0] == '[' && comma != NULL && label[len - 1] == ')')
	{
		low = number_bound(site, slice(label + 1, comma), true, true, label);
		high = number_bound(site, slice(comma + 1, label + len - 1), false, false, label);
	}
	else if (label[0] == '<')
		high = number_bound(site, label + 1, false, false, label);
	else if (label[0] == '>' && label[1] == '=')
		low = number_bound(site, label + 2, true, true, label);
	else if (len < 10 && sscanf(label, "%d-%d%n", &first, &last, &read) == 2 && read == len &&
			 label[0] != '-' && last >= first)
	{
		/* age_groups: 75-79 */
		low = number_bound(site, psprintf("%d", first), true, true, label);
		high = number_bound(site, psprintf("%d", last + 1), false, false, label);
	}
	else if (len > 1 && label[len - 1] == '+')
		low = number_bound(site, slice(label, label + len - 1), true, true, label);
	else if (strcmp(label, KIAIM_STAR) != 0)
	{
		low = number_bound(site, label, true, true, label);
		high = number_bound(site, label, false, true, label);
	}
	return RangeTypePGetDatum(KIAIM_MAKE_RANGE(site->type, &low, &high));
}

/* The astronomical year at the start of a text; *rest is what follows it. */
static bool
year_read(const char *text, int *year, const char **rest)
{
	int			digits = strspn(text, "0123456789");
	int			len = strlen(text);

	if (digits < 4 || digits > 7)
		return false;
	*year = atoi(text);
	*rest = text + digits;
	if (len > 3 && strcmp(text + len - 3, " BC") == 0)
	{
		*year = 1 - *year;
		*rest = slice(*rest, text + len - 3);
	}
	return true;
}

/* The months from a month of a year on, as days. */
static bool
months_read(int year, int month, int months, Days *days)
{
	int64		first = (int64) year * MONTHS_PER_YEAR + month;

	days->first = month_first_day(first);
	days->end = month_first_day(first + months);
	days->has_first = days->has_end = true;
	return true;
}

/* A number of one or two digits from least to most that is a whole text. */
static bool
small_number_read(const char *text, int least, int most, int *number)
{
	int			digits = strspn(text, "0123456789");

	*number = digits == 1 || digits == 2 ? atoi(text) : -1;
	return text[digits] == '\0' && *number >= least && *number <= most;
}

/* The days of a unit of a calendar. */
static bool
unit_read(const char *label, Days *days)
{
	const char *rest;
	int			year;
	int			number;

	if (!year_read(label, &year, &rest))
		return false;
	if (*rest == '\0')
		return months_read(year, 0, MONTHS_PER_YEAR, days);
	if (strcmp(rest, "s") == 0)
		return months_read(year, 0, 10 * MONTHS_PER_YEAR, days);
	if (*rest++ != '-')
		return false;
	if (small_number_read(rest, 1, 12, &number))
		return months_read(year, number - 1, 1, days);
	if (*rest == 'Q' && small_number_read(rest + 1, 1, 4, &number))
		return months_read(year, (number - 1) * 3, 3, days);
	if (*rest == 'H' && small_number_read(rest + 1, 1, 2, &number))
		return months_read(year, (number - 1) * 6, 6, days);
	if (*rest == 'W' && small_number_read(rest + 1, 1, 53, &number) &&
		year >= JULIAN_MINYEAR && year <= JULIAN_MAXYEAR)
	{
		days->first = (int64) week_first_day(year) + 7 * (number - 1);
		days->end = days->first + 7;
		days->has_first = days->has_end = true;
		return true;
	}
	return false;
}

/* An end of an interval, which is a date or a year. */
static bool
day_or_year_read(const char *text, int64 *day)
{
	const char *rest;
	int			year;
	int32		date;

	if (day_read(text, strlen(text), &date))
	{
		*day = date;
		return true;
	}
	if (!year_read(text, &year, &rest) || *rest != '\0')
		return false;
	*day = month_first_day((int64) year * MONTHS_PER_YEAR);
	return true;
}

/* The days of a label that is no value of level 0 with a time of day. */
static bool
days_read(const char *label, Days *days)
{
	const char *comma = strchr(label, ',');
	int			len = strlen(label);
	int32		day;

	memset(days, 0, sizeof(Days));
	if (strcmp(label, KIAIM_STAR) == 0)
		return true;
	if (label[0] == '[' && comma != NULL && label[len - 1] == ')')
	{
		days->has_first = days->has_end = true;
		return day_or_year_read(slice(label + 1, comma), &days->first) &&
			day_or_year_read(slice(comma + 1, label + len - 1), &days->end);
	}
	if (label[0] == '<')
	{
		days->has_end = true;
		return day_or_year_read(label + 1, &days->end);
	}
	if (label[0] == '>' && label[1] == '=')
	{
		days->has_first = true;
		return day_or_year_read(label + 2, &days->first);
	}
	if (strchr(label, ':') == NULL && day_read(label, len, &day))
	{
		days->has_first = days->has_end = true;
		days->first = day;
		days->end = (int64) day + 1;
		return true;
	}
	return unit_read(label, days);
}

/* A day as a bound of the element type; none where the type does not reach. */
static RangeBound
day_bound(const RangeSite *site, bool given, int64 day, bool lower)
{
	RangeBound	bound = {(Datum) 0, !given, lower, lower};

	if (!given)
		return bound;
	if (site->element == DATEOID)
	{
		bound.infinite = day < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE ||
			day >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
		bound.val = DateADTGetDatum((DateADT) day);
		return bound;
	}
	bound.infinite = day < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE ||
		day >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE;
	if (!bound.infinite)
		bound.val = TimestampGetDatum(day * USECS_PER_DAY);
	return bound;
}

/*
 * True if a text is a timestamp, or an infinite date, as level 0 writes them:
 * whatever DateStyle and TimeZone are, its input function reads the same.
 */
static bool
is_moment(const char *label, Oid element)
{
	const char *zone = strstr(label, "+00");
	int32		day;

	if (strcmp(label, "infinity") == 0 || strcmp(label, "-infinity") == 0)
		return true;
	if (element == DATEOID || !day_read(label, strlen(label), &day))
		return false;
	return element == TIMESTAMPOID ||
		(zone != NULL && (strcmp(zone, "+00") == 0 || strcmp(zone, "+00 BC") == 0));
}

/* The range that holds one value, written as level 0 writes it. */
static Datum
value_range(const RangeSite *site, const char *label)
{
	Oid			input;
	Oid			parameter;
	RangeBound	low = {(Datum) 0, false, true, true};
	RangeBound	high = {(Datum) 0, false, true, false};

	if (!is_moment(label, site->element))
		refuse_label(label, site->element);
	getTypeInputInfo(site->element, &input, &parameter);
	low.val = high.val = OidInputFunctionCall(input, pstrdup(label), parameter, -1);
	return RangeTypePGetDatum(KIAIM_MAKE_RANGE(site->type, &low, &high));
}

/* A range of dates or timestamps from a label. */
static Datum
day_range(const RangeSite *site, const char *label)
{
	Days		days;
	RangeBound	low;
	RangeBound	high;

	/* values of level 0 that are no whole days */
	if (strstr(label, "infinity") != NULL || strchr(label, ':') != NULL)
		return value_range(site, label);
	if (!days_read(label, &days))
		refuse_label(label, site->element);
	low = day_bound(site, days.has_first, days.first, true);
	high = day_bound(site, days.has_end, days.end, false);
	return RangeTypePGetDatum(KIAIM_MAKE_RANGE(site->type, &low, &high));
}

/* See generalize.h. */
bool
hierarchy_has_intervals(const Hierarchy *h)
{
	return h->form->intervals;
}

/* Refuse a hierarchy whose labels are no intervals. */
static void
check_hierarchy(RangeSite *site, const char *definition)
{
	Hierarchy  *hierarchy = hierarchy_parse(definition);

	if (!hierarchy_has_intervals(hierarchy))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("labels of the hierarchy \"%s\" are no intervals", shown(definition)),
				 errhint("Labels of bins, breaks, calendars, age_groups and flat are.")));
	hierarchy_check_type(hierarchy, site->element);
}

/* Set up the call site on the first call. */
static RangeSite *
range_site_create(FmgrInfo *flinfo)
{
	RangeSite  *site = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(RangeSite));
	Oid			type = get_fn_expr_argtype(flinfo, 2);

	site->type = lookup_type_cache(getBaseType(type), TYPECACHE_RANGE_INFO);
	if (site->type->rngelemtype == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s is no range type", format_type_be(type))));
	site->element = site->type->rngelemtype->type_id;
	switch (site->element)
	{
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
			break;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			site->days = true;
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("no label is a range of type %s", format_type_be(type)),
					 errhint("Ranges of integers, numeric, dates and timestamps are possible.")));
	}
	site->context = AllocSetContextCreate(flinfo->fn_mcxt, "kiaim label", ALLOCSET_SMALL_SIZES);
	return site;
}

/* Keep the range of a label: the rows of a class come one after the other. */
static void
remember(RangeSite *site, const char *definition, const char *label, int len, Datum range)
{
	MemoryContext old;

	site->label = NULL;
	MemoryContextReset(site->context);
	old = MemoryContextSwitchTo(site->context);
	site->definition = pstrdup(definition);
	site->range = datumCopy(range, false, -1);
	site->label = pnstrdup(label, len);
	site->label_len = len;
	MemoryContextSwitchTo(old);
}

/* kiaim.label_range(label text, hierarchy, anyrange) */
Datum
kiaim_label_range(PG_FUNCTION_ARGS)
{
	RangeSite  *site = fcinfo->flinfo->fn_extra;
	struct varlena *label;
	const char *data;
	char	   *terminated;
	char	   *definition;
	int			len;
	Datum		range;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (site == NULL)
		fcinfo->flinfo->fn_extra = site = range_site_create(fcinfo->flinfo);
	label = PG_GETARG_VARLENA_PP(0);
	data = VARDATA_ANY(label);
	len = VARSIZE_ANY_EXHDR(label);
	definition = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (site->label != NULL && strcmp(site->definition, definition) == 0)
	{
		if (site->label_len == len && memcmp(site->label, data, len) == 0)
			PG_RETURN_DATUM(datumCopy(site->range, false, -1));
	}
	else
		check_hierarchy(site, definition);
	terminated = pnstrdup(data, len);
	if (len > LABEL_BYTES_MAX)
		refuse_label(terminated, site->element);
	range = site->days ? day_range(site, terminated) : number_range(site, terminated);
	remember(site, definition, terminated, len, range);
	PG_RETURN_DATUM(range);
}
