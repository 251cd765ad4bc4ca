/*-------------------------------------------------------------------------
 *
 * day.c
 *		Days as ISO text and back, whatever DateStyle says.
 *
 * The text is the one of date_out() under DateStyle ISO: at least four digits
 * for the year, more where needed, and " BC" after years before the year 1.
 * The calendar is the proleptic Gregorian one, as everywhere in the server, so
 * 1582-10-05 to 1582-10-14 are days like others.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "generalize/generalize_internal.h"

/* See generalize_internal.h. */
int
two_digits_write(int number, char *out)
{
	out[0] = '0' + number / 10;
	out[1] = '0' + number % 10;
	return 2;
}

/* See generalize_internal.h. */
int
year_write(int year, char *out)
{
	if (year <= 0)
		year = 1 - year;
	if (year > 9999)
		return pg_ultoa_n(year, out);
	two_digits_write(year / 100, out);
	two_digits_write(year % 100, out + 2);
	return 4;
}

/* See generalize_internal.h. */
int
era_write(int year, char *out)
{
	if (year > 0)
		return 0;
	memcpy(out, " BC", 3);
	return 3;
}

/* See generalize_internal.h. */
int
day_write(int32 day, char *out)
{
	int			year;
	int			month;
	int			mday;
	int			len;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	len = year_write(year, out);
	out[len++] = '-';
	len += two_digits_write(month, out + len);
	out[len++] = '-';
	len += two_digits_write(mday, out + len);
	return len + era_write(year, out + len);
}

/* Read digits, at least min and at most max of them; the end, or NULL. */
static const char *
digits_read(const char *p, const char *end, int min, int max, int *number)
{
	int			n = 0;

	*number = 0;
	for (; p < end && n < max && *p >= '0' && *p <= '9'; p++, n++)
		*number = *number * 10 + (*p - '0');
	return n < min ? NULL : p;
}

/* See generalize_internal.h. */
bool
day_read(const char *text, int len, int32 *day)
{
	const char *p = text;
	const char *end = text + len;
	bool		bc = false;
	int			year;
	int			month;
	int			mday;

	while (p < end && *p == ' ')
		p++;
	while (end > p && end[-1] == ' ')
		end--;
	if (end - p > 3 && memcmp(end - 3, " BC", 3) == 0)
	{
		bc = true;
		end -= 3;
	}
	if ((p = digits_read(p, end, 4, 7, &year)) == NULL || p == end || *p++ != '-' ||
		(p = digits_read(p, end, 2, 2, &month)) == NULL || p == end || *p++ != '-' ||
		(p = digits_read(p, end, 2, 2, &mday)) == NULL)
		return false;

	/* a time of day may follow, and is none of our business */
	if (p < end)
	{
		int			hour;

		if ((*p != ' ' && *p != 'T') || (p = digits_read(p + 1, end, 2, 2, &hour)) == NULL ||
			p == end || *p != ':')
			return false;
	}
	if (year == 0 || month < 1 || month > 12)
		return false;
	if (bc)
		year = 1 - year;
	if (mday < 1 || mday > day_tab[isleap(year)][month - 1] ||
		!IS_VALID_JULIAN(year, month, mday))
		return false;
	*day = date2j(year, month, mday) - POSTGRES_EPOCH_JDATE;
	return IS_VALID_DATE(*day);
}

/* See generalize_internal.h. */
int64
month_first_day(int64 month)
{
	int64		rest = month % MONTHS_PER_YEAR;
	int64		year;

	if (rest < 0)
		rest += MONTHS_PER_YEAR;
	year = (month - rest) / MONTHS_PER_YEAR;
	if (year < JULIAN_MINYEAR)
		return PG_INT32_MIN;
	if (year >= JULIAN_MAXYEAR)
		return PG_INT32_MAX;
	return date2j((int) year, (int) rest + 1, 1) - POSTGRES_EPOCH_JDATE;
}
