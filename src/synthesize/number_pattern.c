/*-------------------------------------------------------------------------
 *
 * number_pattern.c
 *		What values within intervals have in common: rounding and weekdays.
 *		Days of the calendar are in number_calendar.c.
 *
 * Some of the values of a column are rounder than others though none of them is
 * frequent: incomes in thousands, moments at full hours.  And days know weeks:
 * nobody is treated on a Sunday, and a cycle takes three weeks.  Both are found
 * as shares of all rows that are in intervals, and values drawn there get them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "synthesize/number_internal.h"

/* Values between two looks at interrupts. */
#define VALUES_A_CHECK	65536

/* The sum over weekdays of squared deviations by expectations, with 6 degrees of freedom; beyond it with 1e-6. */
#define UNEVEN_WEEK		38

/* The square of the standard errors from which on rounding is no chance. */
#define CONVINCING		25

/* A level of rounding and the rows that have it, on purpose or not. */
typedef struct LevelCount
{
	uint64		every;
	int64		rows;
} LevelCount;

/* Round units of moments, each a multiple of those before it. */
static const int64 round_times[] = {
	1000, USECS_PER_SEC, USECS_PER_MINUTE, 5 * USECS_PER_MINUTE, 15 * USECS_PER_MINUTE,
	USECS_PER_HOUR, USECS_PER_DAY
};

/* The next rounder unit than a round one, or 0. */
static uint64
rounder(const RawType *type, uint64 unit)
{
	if (type->kind == RAW_NUMBER)
	{
		uint64		power = 1;

		while (power <= unit)
		{
			if (5 * power > unit)
				return 5 * power;
			if (power > UINT64CONST(100000000000000000))
				return 0;
			power *= 10;
		}
		return power;
	}
	if (type->kind == RAW_TIMESTAMP || type->kind == RAW_TIME)
		for (int i = 0; i < lengthof(round_times); i++)
			if (round_times[i] > unit)
				return round_times[i];
	return 0;
}

/* Count the rows in intervals that have each level; who has one has those below it. */
static void
count_levels(const NumberCoder *coder, const NumberValues *v, const int32 *code_of,
			 LevelCount *levels, int n, uint64 zero)
{
	for (int64 i = 0; i < v->nvalues; i++)
	{
		int64		rows = v->start[i + 1] - v->start[i];

		if (i % VALUES_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (coder->first[code_of[i]] == coder->last[code_of[i]])
			continue;
		levels[0].rows += rows;
		for (int l = 1; l < n && v->steps[i] % levels[l].every == zero % levels[l].every; l++)
			levels[l].rows += rows;
	}
}

/*
 * Estimate how many rows are of each level on purpose, given how many have it.
 * Of those that are on purpose of a lower level, one in so many has this one by
 * chance: what is exactly of a level gives how many are of it or below.
 */
static void
purposes(const LevelCount *levels, int n, int64 *purpose, int64 *chance)
{
	int64		below = 0;

	for (int i = 0; i < n; i++)
	{
		int64		at = levels[i].rows;

		chance[i] = i == 0 ? 0 : below / (int64) Min(levels[i].every / levels[i - 1].every, PG_INT64_MAX);
		if (i + 1 < n)
		{
			int64		others = Min(levels[i + 1].every / levels[i].every - 1, PG_INT64_MAX);

			at -= levels[i + 1].rows;
			at += at / others;
		}
		purpose[i] = Max(at - chance[i], 0);
		below = Max(at, chance[i]);
	}
}

/* The least convincing level but the lowest, if it is not convincing enough; else 0. */
static int
least_convincing(const int64 *purpose, const int64 *chance, int n, int64 enough)
{
	int			least = 0;
	int64		least_ratio = PG_INT64_MAX;

	for (int i = 1; i < n; i++)
	{
		/* the square of how many standard errors it is away from chance */
		int64		ratio = purpose[i] * purpose[i] / (purpose[i] + 2 * chance[i] + 1);

		if ((purpose[i] < enough || ratio < CONVINCING) && ratio < least_ratio)
		{
			least = i;
			least_ratio = ratio;
		}
	}
	return least;
}

/* Find the levels of rounding that cannot be by chance. */
static void
find_levels(NumberCoder *coder, const NumberValues *v, const int32 *code_of, const RawType *type,
			uint64 zero)
{
	LevelCount	levels[MAX_LEVELS];
	int64		purpose[MAX_LEVELS];
	int64		chance[MAX_LEVELS];
	int64		total = 0;
	int64		rest;
	int			n = 1;
	int			drop;
	uint64		span = v->steps[v->nvalues - 1] - v->steps[0];

	levels[0].every = 1;
	levels[0].rows = 0;
	for (uint64 round = rounder(type, coder->unit);
		 round > 0 && n < MAX_LEVELS && round / coder->unit <= span; round = rounder(type, round))
	{
		if (round % coder->unit != 0 || round / coder->unit % levels[n - 1].every != 0)
			continue;
		levels[n].every = round / coder->unit;
		levels[n++].rows = 0;
	}
	count_levels(coder, v, code_of, levels, n, zero);
	while (purposes(levels, n, purpose, chance),
		   (drop = least_convincing(purpose, chance, n, Max(v->min_leaf, levels[0].rows / 256))) > 0)
	{
		memmove(&levels[drop], &levels[drop + 1], sizeof(LevelCount) * (n - drop - 1));
		n--;
	}

	coder->nlevels = n;
	for (int i = 0; i < n; i++)
		total += purpose[i];
	rest = total;
	for (int i = 0; i < n; i++)
	{
		coder->levels[i].every = levels[i].every;
		coder->levels[i].offset = zero % levels[i].every;
		coder->levels[i].share = (uint32) (rest * PG_UINT16_MAX / Max(total, 1));
		rest -= purpose[i];
	}
}

/* Find whether weekdays differ. */
static void
find_weekdays(NumberCoder *coder, const NumberValues *v, const int32 *code_of, uint64 day,
			  uint64 zero)
{
	int64		rows[WEEK_DAYS] = {0};
	int64		total = 0;
	int64		most = 0;
	int64		uneven = 0;

	coder->day = day;
	coder->day_shift = WEEK_DAYS * day - zero % (WEEK_DAYS * day);
	for (int64 i = 0; i < v->nvalues; i++)
	{
		int64		here = v->start[i + 1] - v->start[i];

		if (i % VALUES_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (coder->first[code_of[i]] == coder->last[code_of[i]])
			continue;
		rows[number_weekday(coder, v->steps[i])] += here;
		total += here;
	}
	coder->day = 0;
	if (total < WEEK_DAYS * v->min_leaf)
		return;
	for (int i = 0; i < WEEK_DAYS; i++)
	{
		int64		deviation = rows[i] - total / WEEK_DAYS;

		uneven += deviation * deviation / (total / WEEK_DAYS);
		most = Max(most, rows[i]);
	}
	if (uneven <= UNEVEN_WEEK)
		return;
	coder->day = day;
	for (int i = 0; i < WEEK_DAYS; i++)
		coder->weekdays[i] = rows[i] < v->min_leaf ? 0 : rows[i] * PG_UINT16_MAX / most;
}

/* See number_internal.h. */
void
number_pattern(NumberCoder *coder, const NumberValues *v, const int32 *code_of,
			   const RawType *type)
{
	uint64		zero = STEP_SIGN - coder->residue;

	/* where no step is the value 0, nothing is round and no step is a whole day */
	coder->nlevels = 1;
	coder->levels[0].every = 1;
	if (zero % coder->unit != 0)
		return;
	zero /= coder->unit;
	find_levels(coder, v, code_of, type, zero);
	if (OidIsValid(type->declared) &&
		((type->kind == RAW_DATE && coder->unit == 1) ||
		 (type->kind == RAW_TIMESTAMP && coder->unit == USECS_PER_DAY)))
		number_calendar(coder, v, code_of);
	if (type->kind == RAW_DATE && coder->unit == 1)
		find_weekdays(coder, v, code_of, 1, zero);
	else if (type->kind == RAW_TIMESTAMP && USECS_PER_DAY % coder->unit == 0)
		find_weekdays(coder, v, code_of, USECS_PER_DAY / coder->unit, zero);
}

/* A step of first .. last, as round as the values of the column are. */
static uint64
draw_round(const NumberCoder *coder, uint64 first, uint64 last, RandomStream *stream)
{
	int			level = 0;
	uint32		draw = random_below(stream, PG_UINT16_MAX);

	while (level + 1 < coder->nlevels && draw < coder->levels[level + 1].share)
		level++;
	for (; level > 0; level--)
	{
		uint64		every = coder->levels[level].every;
		uint64		offset = coder->levels[level].offset;
		uint64		low = first <= offset ? 0 : (first - offset - 1) / every + 1;
		uint64		high;

		if (last < offset)
			continue;
		high = (last - offset) / every;
		if (low <= high)
			return number_draw_between(low, high, stream) * every + offset;
	}
	return number_draw_between(first, last, stream);
}

/* See number_internal.h. */
uint64
number_draw(const NumberCoder *coder, uint64 first, uint64 last, RandomStream *stream)
{
	uint64		step = first;

	if (coder->ndays > 0 && number_draw_calendar(coder, first, last, stream, &step))
		return step;
	for (int i = 0; i < WEEKDAY_TRIES; i++)
	{
		step = coder->nlevels > 1 ? draw_round(coder, first, last, stream) :
			number_draw_between(first, last, stream);
		if (coder->day == 0 ||
			random_below(stream, PG_UINT16_MAX) < coder->weekdays[number_weekday(coder, step)])
			break;
	}
	return step;
}
