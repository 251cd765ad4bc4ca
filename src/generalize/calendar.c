/*-------------------------------------------------------------------------
 *
 * calendar.c
 *		calendar(unit, ...): days in weeks, months, quarters, years, decades.
 *
 * A unit is a day, an ISO week or a whole number of months counted from the
 * start of the astronomical year 0, which makes quarters, half years, years,
 * decades and "5 years" the same thing with different labels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "generalize/generalize_internal.h"

#define MONTHS_A_YEAR	12
#define YEARS_MAX		1000

typedef enum UnitKind
{
	UNIT_DAY,
	UNIT_WEEK,
	UNIT_MONTH,
	UNIT_QUARTER,
	UNIT_HALF_YEAR,
	UNIT_YEAR,
	UNIT_YEARS,
	UNIT_DECADE
} UnitKind;

typedef struct Unit
{
	UnitKind	kind;
	int			months;			/* 0 for days and weeks */
} Unit;

typedef struct Calendar
{
	Hierarchy	base;
	Unit	   *units;			/* of the levels 1, 2, ... */
} Calendar;

/* The units by name; "N years" is the one that is not here. */
static const char *const unit_names[] = {
	"day", "week", "month", "quarter", "half_year", "year", "decade"
};
static const Unit named_units[] = {
	{UNIT_DAY, 0}, {UNIT_WEEK, 0}, {UNIT_MONTH, 1}, {UNIT_QUARTER, 3},
	{UNIT_HALF_YEAR, 6}, {UNIT_YEAR, MONTHS_A_YEAR}, {UNIT_DECADE, 10 * MONTHS_A_YEAR}
};

/* The largest multiple of step at or under n. */
static int
round_down(int n, int step)
{
	int			rest = n % step;

	return n - rest - (rest < 0 ? step : 0);
}

/* The Julian day of the Monday of a Julian day's ISO week; day 0 was a Monday. */
static int
monday_of(int julian)
{
	return round_down(julian, 7);
}

/* The Julian day on which ISO week 1 of a year begins: the week of January 4. */
static int
first_week(int year)
{
	return monday_of(date2j(year, 1, 4));
}

/* See generalize_internal.h. */
int32
week_first_day(int year)
{
	return first_week(year) - POSTGRES_EPOCH_JDATE;
}

/* Write "[2020,2025)". */
static int
years_write(int first, int years, char *out)
{
	int			len = 0;

	out[len++] = '[';
	len += year_write(first, out + len);
	len += era_write(first, out + len);
	out[len++] = ',';
	len += year_write(first + years, out + len);
	len += era_write(first + years, out + len);
	out[len++] = ')';
	return len;
}

/* Write the ISO week, such as 2021-W31; the ISO year may differ from the year. */
static int
week_write(int julian, int year, char *out)
{
	int			len;

	if (julian < first_week(year))
		year--;
	else if (julian >= first_week(year + 1))
		year++;
	len = year_write(year, out);
	out[len++] = '-';
	out[len++] = 'W';
	len += two_digits_write((julian - first_week(year)) / 7 + 1, out + len);
	return len + era_write(year, out + len);
}

/* Write the label of a day in a unit; returns its length. */
static int
unit_write(const Unit *unit, int32 day, char *out)
{
	int			julian = day + POSTGRES_EPOCH_JDATE;
	int			year;
	int			month;
	int			mday;
	int			first;
	int			len = 0;

	if (unit->kind == UNIT_DAY)
		return day_write(day, out);
	j2date(julian, &year, &month, &mday);
	switch (unit->kind)
	{
		case UNIT_WEEK:
			return week_write(julian, year, out);
		case UNIT_YEARS:
			return years_write(round_down(year, unit->months / MONTHS_A_YEAR),
							   unit->months / MONTHS_A_YEAR, out);
		case UNIT_DECADE:
			first = round_down(year, 10);
			/* a decade before the year 0 has no name of the form 1980s */
			if (first < 0)
				return years_write(first, 10, out);
			/* year 0 is 1 BC, but its decade is named by its number */
			len = first == 0 ? two_digits_write(0, out) + two_digits_write(0, out + 2) :
				year_write(first, out);
			out[len++] = 's';
			return len;
		default:
			break;
	}
	len = year_write(year, out);
	if (unit->kind != UNIT_YEAR)
		out[len++] = '-';
	if (unit->kind == UNIT_MONTH)
		len += two_digits_write(month, out + len);
	else if (unit->kind != UNIT_YEAR)
	{
		out[len++] = unit->kind == UNIT_QUARTER ? 'Q' : 'H';
		out[len++] = '1' + (month - 1) / unit->months;
	}
	return len + era_write(year, out + len);
}

/* The first day of the unit around a day. */
static int32
unit_start(const Unit *unit, int32 day)
{
	int			julian = day + POSTGRES_EPOCH_JDATE;
	int			year;
	int			month;
	int			mday;
	int			months;

	if (unit->kind == UNIT_DAY)
		return day;
	if (unit->kind == UNIT_WEEK)
		return monday_of(julian) - POSTGRES_EPOCH_JDATE;
	j2date(julian, &year, &month, &mday);
	months = round_down(year * MONTHS_A_YEAR + month - 1, unit->months);
	return date2j(round_down(months, MONTHS_A_YEAR) / MONTHS_A_YEAR,
				  months - round_down(months, MONTHS_A_YEAR) + 1, 1) - POSTGRES_EPOCH_JDATE;
}

/* True if every finer unit lies in one coarser unit. */
static bool
unit_nests(const Unit *finer, const Unit *coarser)
{
	if (finer->kind == UNIT_DAY || (finer->kind == UNIT_WEEK && coarser->kind == UNIT_WEEK))
		return true;
	return finer->months > 0 && coarser->months % finer->months == 0 && coarser->months > 0;
}

/* The label of a day, for messages. */
static char *
unit_text(const Unit *unit, int32 day)
{
	char		text[2 * DAY_TEXT_MAX];

	return pnstrdup(text, unit_write(unit, day, text));
}

/* Refuse units that do not nest, with a finer one that lies in two coarser ones. */
static void
check_nesting(const Calendar *calendar, const Definition *d)
{
	for (int i = 0; i + 2 < calendar->base.height; i++)
	{
		const Unit *finer = &calendar->units[i];
		const Unit *coarser = &calendar->units[i + 1];
		int32		day;

		if (unit_nests(finer, coarser))
			continue;
		/* find a coarser unit that begins in the midst of a finer one, after 2020 */
		day = date2j(2020, 1, 2) - POSTGRES_EPOCH_JDATE;
		while (unit_start(coarser, day) != day || unit_start(finer, day) == day)
			day++;
		definition_not_a_tree(d->source, i + 1, unit_text(finer, day),
							  unit_text(coarser, day - 1), unit_text(coarser, day),
							  finer->kind == UNIT_WEEK ?
							  "A week may lie in two months and in two years; use weeks alone." :
							  "Order the units from fine to coarse; each must be made of whole units before it.");
	}
}

/* See HierarchyForm. */
static bool
calendar_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	return value_read_day(reader, value, &place->day);
}

/* See HierarchyForm. */
static void
calendar_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	char		text[2 * DAY_TEXT_MAX];

	appendBinaryStringInfo(out, text, unit_write(&((const Calendar *) h)->units[level - 1],
												 place->day, text));
}

/* See HierarchyForm. */
static void
calendar_define(const Hierarchy *h, StringInfo out)
{
	const Calendar *calendar = (const Calendar *) h;

	appendStringInfoString(out, "calendar(");
	for (int i = 0; i < h->height - 1; i++)
	{
		const Unit *unit = &calendar->units[i];

		if (i > 0)
			appendStringInfoString(out, ", ");
		if (unit->kind == UNIT_YEARS)
			appendStringInfo(out, "%d years", unit->months / MONTHS_A_YEAR);
		for (int j = 0; j < lengthof(named_units); j++)
			if (named_units[j].kind == unit->kind)
				appendStringInfoString(out, unit_names[j]);
	}
	appendStringInfoChar(out, ')');
}

static const HierarchyForm calendar_form = {calendar_place, calendar_label, calendar_define, true};

/* Read one unit. */
static Unit
unit_parse(const Definition *d, const char *text)
{
	int			digits = strspn(text, "0123456789");

	for (int i = 0; i < lengthof(unit_names); i++)
		if (pg_strcasecmp(text, unit_names[i]) == 0)
			return named_units[i];
	if (digits > 0)
	{
		const char *word = text + digits;

		while (*word == ' ')
			word++;
		if (pg_strcasecmp(word, "years") == 0)
		{
			Unit		unit = {UNIT_YEARS};

			unit.months = MONTHS_A_YEAR *
				definition_integer(d, pnstrdup(text, digits), 1, YEARS_MAX);
			return unit;
		}
	}
	definition_error(d->source,
					 psprintf("\"%s\" should be one of day, week, month, quarter, half_year, year, decade, or a number of years such as 5 years.",
							  shown(text)),
					 did_you_mean(text, lengthof(unit_names), unit_names, NULL));
}

/* See generalize_internal.h. */
Hierarchy *
calendar_parse(const Definition *d)
{
	Calendar   *calendar = palloc0(sizeof(Calendar));

	definition_plain_list(d, "one unit or more, such as calendar(month, year)");
	calendar->base.form = &calendar_form;
	calendar->base.domain = DOMAIN_DAY;
	calendar->base.height = d->narguments + 1;
	calendar->units = palloc(sizeof(Unit) * d->narguments);
	for (int i = 0; i < d->narguments; i++)
		calendar->units[i] = unit_parse(d, d->arguments[i].text);
	check_nesting(calendar, d);
	return &calendar->base;
}
