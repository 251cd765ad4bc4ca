/*-------------------------------------------------------------------------
 *
 * date_leak.c
 *		kiaim.date_leak, kiaim.record_date_leak: what periods and exact intervals
 *		together reveal about a day.
 *
 * A date that is released as a month can be moved within its month.  Where the
 * days between it and another event are released exactly, the other moves with
 * it and must stay in its own month: of both months, only so many days are
 * left as are free before both dates, or after both.  That is the least of the
 * days before, plus the least of the days after, plus the day itself.  Both
 * functions let the server compute it, in one query that is written here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "frame/frame.h"
#include "risk/arguments.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_date_leak);
PG_FUNCTION_INFO_V1(kiaim_record_date_leak);

/* Each event adds columns to the query. */
#define MAX_EVENTS		64

/* The most units of a period, as in "5 years". */
#define MAX_UNITS		10000

/* What is released of which dates. */
typedef struct DateLeak
{
	Oid			relid;
	const char *date;			/* the column */
	int			nevents;
	const char **events;		/* columns */
	const char *date_width;		/* as kiaim.bin takes them, quoted */
	const char *event_width;
} DateLeak;

/* A period by its name, as a number of days or of months. */
static const struct
{
	const char *name;
	int			days;
	int			months;
}			periods[] =
{
	{"day", 1, 0},
	{"week", 7, 0},
	{"month", 0, 1},
	{"quarter", 0, 3},
	{"half_year", 0, 6},
	{"year", 0, 12},
	{"decade", 0, 120}
};

/* The width of a period as SQL; "week", or "5 years". */
static const char *
period_width(const char *precision, const char *argument)
{
	int			n = 1;
	int			length = 0;
	const char *unit = precision;
	Size		letters;

	if (sscanf(precision, "%d %n", &n, &length) == 1 && n >= 1 && n <= MAX_UNITS)
		unit += length;
	letters = strlen(unit);
	if (n > 1 && letters > 1 && unit[letters - 1] == 's')
		letters--;
	for (int i = 0; i < lengthof(periods); i++)
	{
		if (strlen(periods[i].name) == letters && strncmp(periods[i].name, unit, letters) == 0)
			return periods[i].days > 0 ? psprintf("%d", n * periods[i].days) :
				psprintf("'%d months'::pg_catalog.interval", n * periods[i].months);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no precision \"%s\" for %s", precision, argument),
			 errhint("Use day, week, month, quarter, half_year, year, decade, or a number of them such as 5 years.")));
}

/* Error unless a column holds dates. */
static void
check_date(Oid relid, const char *column)
{
	Oid			type = getBaseType(get_atttype(relid, get_attnum(relid, column)));

	if (type != DATEOID && type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" has no dates but values of type %s", column,
						format_type_be(type)),
				 TypeCategory(type) == TYPCATEGORY_NUMERIC ?
				 errhint("A number of days is no event: name the date that it leads to, or a view that adds the days to the date.") :
				 errhint("Name a view that casts it to date.")));
}

/* Read the arguments source, date_column and events, and the precisions from position on. */
static DateLeak *
read_arguments(FunctionCallInfo fcinfo, int precision)
{
	DateLeak   *leak = palloc0(sizeof(DateLeak));

	leak->relid = risk_relation(fcinfo, 0, "source");
	risk_not_null(fcinfo, 1, "date_column");
	leak->date = risk_column(fcinfo, 1, leak->relid, "date_column");
	check_date(leak->relid, leak->date);
	risk_not_null(fcinfo, 2, "events");
	leak->events = risk_column_list(PG_GETARG_ARRAYTYPE_P(2), leak->relid, "events",
									"Name the columns of dates whose distance in days from the date is released.",
									&leak->nevents);
	if (leak->nevents > MAX_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are %d events, more than %d", leak->nevents, MAX_EVENTS)));
	for (int i = 0; i < leak->nevents; i++)
	{
		check_date(leak->relid, leak->events[i]);
		if (strcmp(leak->events[i], leak->date) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both date_column and event", leak->date),
					 errhint("Leave it out of events: they are what happened besides.")));
	}
	risk_not_null(fcinfo, precision, "date_precision");
	leak->date_width = period_width(risk_text(fcinfo, precision), "date_precision");
	leak->event_width = PG_ARGISNULL(precision + 1) ? leak->date_width :
		period_width(risk_text(fcinfo, precision + 1), "event_precision");
	return leak;
}

/* A date without what is no day. */
static void
append_day(StringInfo sql, const char *column, const char *name)
{
	column = quote_identifier(column);
	appendStringInfo(sql, "CASE WHEN pg_catalog.isfinite(%1$s::pg_catalog.date) THEN %1$s::pg_catalog.date END AS %2$s",
					 column, name);
}

/*
 * FROM the rows with the columns id, date, and before and after of each number
 * of events: how many days the date could be earlier or later.
 */
static void
append_rows(StringInfo sql, const DateLeak *leak, const char *id)
{
	appendStringInfoString(sql, " FROM (SELECT id, date");
	for (int n = 0; n <= leak->nevents; n++)
	{
		/* a missing event leaves no trace in LEAST */
		appendStringInfo(sql, ", CASE WHEN date IS NOT NULL THEN LEAST(b0");
		for (int i = 1; i <= n; i++)
			appendStringInfo(sql, ", b%d", i);
		appendStringInfo(sql, ") END AS before%d, CASE WHEN date IS NOT NULL THEN LEAST(a0", n);
		for (int i = 1; i <= n; i++)
			appendStringInfo(sql, ", a%d", i);
		appendStringInfo(sql, ") END AS after%d", n);
	}
	appendStringInfoString(sql, " FROM (SELECT id, e0 AS date");
	for (int i = 0; i <= leak->nevents; i++)
		appendStringInfo(sql, ", e%1$d OPERATOR(pg_catalog.-) pg_catalog.lower(p%1$d) AS b%1$d"
						 ", pg_catalog.upper(p%1$d) OPERATOR(pg_catalog.-) e%1$d OPERATOR(pg_catalog.-) 1 AS a%1$d", i);
	appendStringInfoString(sql, " FROM (SELECT *");
	for (int i = 0; i <= leak->nevents; i++)
		appendStringInfo(sql, ", kiaim.bin(e%1$d, %2$s) AS p%1$d", i,
						 i == 0 ? leak->date_width : leak->event_width);
	appendStringInfo(sql, " FROM (SELECT %s::pg_catalog.text AS id, ",
					 id == NULL ? "NULL" : quote_identifier(id));
	append_day(sql, leak->date, "e0");
	for (int i = 0; i < leak->nevents; i++)
	{
		appendStringInfoString(sql, ", ");
		append_day(sql, leak->events[i], psprintf("e%d", i + 1));
	}
	/* OFFSET 0: each is computed once, and not wherever it is needed */
	appendStringInfo(sql, " FROM %s OFFSET 0) days OFFSET 0) periods OFFSET 0) free_days) leaks",
					 frame_relation_name(leak->relid));
}

/* A row of the query is one of the result. */
static void
put_row(void *state, TupleTableSlot *slot)
{
	ReturnSetInfo *result = state;

	tuplestore_putvalues(result->setResult, result->setDesc, slot->tts_values, slot->tts_isnull);
}

/* Return the rows of a query. */
static void
put_query(ReturnSetInfo *result, const char *query)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	frame_stream(query, NULL, put_row, result);
	SPI_finish();
}

/*
 * kiaim.date_leak(source regclass, date_column text, events text[], date_precision
 * text, event_precision text, threshold int) → (events int, event text,
 * records bigint, mean_days float8, least_days int, share_below_threshold float8,
 * share_certain float8)
 */
Datum
kiaim_date_leak(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	DateLeak   *leak = read_arguments(fcinfo, 3);
	int			threshold = risk_integer(fcinfo, 5, "threshold", 1, PG_INT32_MAX);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT number, event, records, mean, least, below::pg_catalog.float8 OPERATOR(pg_catalog./) NULLIF(records, 0)::pg_catalog.float8,"
						   " certain::pg_catalog.float8 OPERATOR(pg_catalog./) NULLIF(records, 0)::pg_catalog.float8"
						   " FROM (SELECT pg_catalog.count(date) AS records");
	for (int n = 0; n <= leak->nevents; n++)
		appendStringInfo(&sql, ", pg_catalog.avg(days%1$d)::pg_catalog.float8 AS mean%1$d, pg_catalog.min(days%1$d) AS least%1$d"
						 ", pg_catalog.count(*) FILTER (WHERE days%1$d OPERATOR(pg_catalog.<) %2$d) AS below%1$d"
						 ", pg_catalog.count(*) FILTER (WHERE days%1$d OPERATOR(pg_catalog.=) 1) AS certain%1$d", n, threshold);
	appendStringInfoString(&sql, " FROM (SELECT date");
	for (int n = 0; n <= leak->nevents; n++)
		appendStringInfo(&sql, ", before%1$d OPERATOR(pg_catalog.+) after%1$d OPERATOR(pg_catalog.+) 1 AS days%1$d", n);
	append_rows(&sql, leak, NULL);
	appendStringInfoString(&sql, " OFFSET 0) days) sums, LATERAL (VALUES ");
	for (int n = 0; n <= leak->nevents; n++)
		appendStringInfo(&sql, "%1$s(%2$d, %3$s::pg_catalog.text, mean%2$d, least%2$d, below%2$d, certain%2$d)",
						 n > 0 ? ", " : "", n, n == 0 ? "NULL" : quote_literal_cstr(leak->events[n - 1]));
	appendStringInfoString(&sql, ") of (number, event, mean, least, below, certain)");
	put_query(result, sql.data);
	return (Datum) 0;
}

/*
 * kiaim.record_date_leak(source regclass, date_column text, events text[], id text,
 * date_precision text, event_precision text) → (id text, possible_days int,
 * earliest date, latest date)
 */
Datum
kiaim_record_date_leak(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	DateLeak   *leak = read_arguments(fcinfo, 4);
	const char *id = risk_column(fcinfo, 3, leak->relid, "id");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT id, before%1$d OPERATOR(pg_catalog.+) after%1$d OPERATOR(pg_catalog.+) 1,"
					 " date OPERATOR(pg_catalog.-) before%1$d, date OPERATOR(pg_catalog.+) after%1$d", leak->nevents);
	append_rows(&sql, leak, id);
	put_query(result, sql.data);
	return (Datum) 0;
}
