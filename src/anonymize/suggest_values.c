/*-------------------------------------------------------------------------
 *
 * suggest_values.c
 *		What the values of a column say: whether they are categories, nearly
 *		all different, dates, or codes of a system, and which hierarchy spans
 *		them.
 *
 * Every question is a share of the known values, weighted by their rows, so
 * that a few typing errors change no answer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "lib/stringinfo.h"

#include "anonymize/suggest_internal.h"
#include "generalize/generalize.h"

/* Share of different values from which on most rows have one of their own. */
#define MOSTLY_UNIQUE	0.5

/* The rows of a column that have a value. */
int64
profile_present(const ColumnProfile *p)
{
	return p->rows - p->nulls;
}

/* Rows seem to have a value each. */
bool
profile_mostly_unique(const ColumnProfile *p)
{
	return p->distinct >= MOSTLY_UNIQUE * profile_present(p);
}

/* The values are few enough to be categories. */
bool
profile_categories(const ColumnProfile *p, int64 most)
{
	return p->distinct <= most && !profile_mostly_unique(p) &&
		(p->kind != KIND_TEXT || p->bytes <= SENTENCE_BYTES * profile_present(p));
}

/* Spellings of "not known" that stand in columns of codes. */
static bool
is_unknown(const char *text)
{
	static const char *const unknowns[] = {
		"", "-", "?", "x", "u", "9", "99", "na", "n/a", "none", "null", "unknown", "unbekannt", "k.a.",
	};

	while (*text == ' ')
		text++;
	for (int i = 0; i < lengthof(unknowns); i++)
		if (pg_strcasecmp(text, unknowns[i]) == 0)
			return true;
	return false;
}

/*
 * True for a code that could not as well be something else: "1a" is a T and a
 * house number, "8500" a histology and a price, "62" an age and a weight.
 */
static bool
is_telling(const char *system, const char *text)
{
	int			digits = strspn(text, "0123456789");

	if (strcmp(system, "tnm") == 0)
		return strpbrk(text, "TNM") != NULL;
	if (strcmp(system, "uicc") == 0)
		return strpbrk(text, "Ii") != NULL;
	if (strcmp(system, "icdo_morphology") == 0)
		return text[digits] == '/';
	if (strcmp(system, "age_groups") == 0)
		return text[digits] != '\0' && text[digits] != '.';
	return true;
}

/*
 * The share of the known values that a test accepts, weighted by their rows,
 * and how many different ones it accepted.
 */
static double
share(const ColumnProfile *p, bool (*test) (const char *text, const void *arg), const void *arg,
	  int *distinct)
{
	int64		known = 0;
	int64		accepted = 0;

	*distinct = 0;
	for (int i = 0; i < p->nvalues; i++)
	{
		const ProfileValue *v = &p->values[i];

		if (test(v->text, arg))
		{
			accepted += v->count;
			known += v->count;
			(*distinct)++;
		}
		else if (!is_unknown(v->text))
			known += v->count;
	}
	return known == 0 ? 0 : (double) accepted / known;
}

static bool
accepts_code(const char *text, const void *system)
{
	return code_system_accepts(system, text);
}

static bool
accepts_telling_code(const char *text, const void *system)
{
	return is_telling(system, text) && code_system_accepts(system, text);
}

/* A number as people write it, for numbers in columns of text. */
static bool
accepts_number(const char *text, const void *arg)
{
	char	   *end;

	if (*text == '\0')
		return false;
	(void) strtod(text, &end);
	return *end == '\0';
}

/* YYYY-MM-DD, or with the dots and the order of German dates. */
static bool
accepts_date(const char *text, const void *format)
{
	const char *at = text;

	for (const char *f = format; *f != '\0'; f++, at++)
		if (*f == '0' ? (*at < '0' || *at > '9') : *at != *f)
			return false;
	return *at == '\0';
}

/* The share of the known values that are codes of a system. */
double
profile_code_share(const ColumnProfile *p, const char *system)
{
	int			distinct;

	return share(p, accepts_code, system, &distinct);
}

/* The share that are numbers. */
double
profile_number_share(const ColumnProfile *p)
{
	int			distinct;

	return share(p, accepts_number, NULL, &distinct);
}

/* The share that are dates written like the format, in which 0 is any digit. */
double
profile_date_share(const ColumnProfile *p, const char *format)
{
	int			distinct;

	return share(p, accepts_date, format, &distinct);
}

/* The years from the first to the last of dates written YYYY-MM-DD. */
int
profile_years(const ColumnProfile *p)
{
	int			first = INT_MAX;
	int			last = 0;

	for (int i = 0; i < p->nvalues; i++)
		if (accepts_date(p->values[i].text, PROFILE_ISO_DATE))
		{
			first = Min(first, atoi(p->values[i].text));
			last = Max(last, atoi(p->values[i].text));
		}
	return first > last ? 0 : last - first + 1;
}

/* The share of the rows with the commonest value, NULL being one. */
double
profile_commonest_share(const ColumnProfile *p)
{
	int64		most = p->nulls;

	for (int i = 0; i < p->nvalues; i++)
		most = Max(most, p->values[i].count);
	return p->rows == 0 ? 1 : (double) most / p->rows;
}

/* The values are codes of a system: all but a few, and by name or beyond doubt. */
bool
profile_holds_codes(const ColumnProfile *p, const char *system, bool named)
{
	int			distinct;

	if (share(p, accepts_code, system, &distinct) < PROFILE_NEARLY_ALL)
		return false;
	if (named)
		return distinct > 0;
	return share(p, accepts_telling_code, system, &distinct) >= 0.3 && distinct >= 3;
}

/* The levels of a calendar that fit the span of the dates. */
const char *
profile_calendar(const ColumnProfile *p, double years)
{
	return psprintf("calendar(%smonth, quarter, year%s)", p->kind == KIND_TIMESTAMP ? "day, " : "",
					years >= 10 ? ", decade" : "");
}

/*
 * Bins of 1, 5, 10, 50, ... units, the narrowest about a fortieth of the range,
 * each width a multiple of the one before.
 */
const char *
profile_bins(const ColumnProfile *p)
{
	double		range = p->high - p->low;
	int			exponent;
	bool		five = false;
	StringInfoData text;

	if (!(range > 0) || !isfinite(range) || (p->kind == KIND_INTEGER && range < 10))
		return "flat";
	exponent = (int) floor(log10(range / 40));
	while (pow(10, exponent) * (five ? 5 : 1) < range / 40)
	{
		exponent += five;
		five = !five;
	}
	if (p->kind == KIND_INTEGER && exponent <= 0)
	{
		exponent = 0;
		five = true;
	}
	if (exponent < -12 || exponent > 14)
		return "flat";

	initStringInfo(&text);
	for (int i = 0; i < 3; i++)
	{
		double		width = pow(10, exponent) * (five ? 5 : 1);

		if (i > 0 && width >= range)
			break;
		appendStringInfo(&text, "%s%.*f", i == 0 ? "bins(" : ", ", Max(-exponent, 0), width);
		exponent += five;
		five = !five;
	}
	appendStringInfoChar(&text, ')');
	return text.data;
}
