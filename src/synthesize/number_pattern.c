/*-------------------------------------------------------------------------
 *
 * number_pattern.c
 *		What values within intervals have in common: rounding and weekdays.
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

/* A rise to the next level that is certain. */
#define CERTAIN			PG_UINT32_MAX

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

/* Count the rows in intervals, and those of them at the steps that are offset modulo every. */
static int64
rows_at(const NumberCoder *coder, const NumberValues *v, const int32 *code_of, uint64 every,
		uint64 offset)
{
	int64		rows = 0;

	for (int64 i = 0; i < v->nvalues; i++)
	{
		if (i % VALUES_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (coder->first[code_of[i]] < coder->last[code_of[i]] && v->steps[i] % every == offset)
			rows += v->start[i + 1] - v->start[i];
	}
	return rows;
}

/*
 * Find the levels of rounding.  A level counts if half as many rows again have
 * it as would by chance, beyond any error of sampling.
 */
static void
find_levels(NumberCoder *coder, const NumberValues *v, const int32 *code_of, const RawType *type,
			uint64 zero)
{
	uint64		every = 1;
	int64		rows = rows_at(coder, v, code_of, 1, 0);
	uint64		span = v->steps[v->nvalues - 1] - v->steps[0];

	coder->nlevels = 1;
	coder->levels[0].every = 1;
	for (uint64 round = rounder(type, coder->unit); round > 0 && coder->nlevels < MAX_LEVELS;
		 round = rounder(type, round))
	{
		NumberLevel *level = &coder->levels[coder->nlevels];
		uint64		times;
		int64		found;
		int64		chance;

		if (round / coder->unit > span)
			break;
		if (round % coder->unit != 0 || round / coder->unit % every != 0)
			continue;
		level->every = round / coder->unit;
		level->offset = zero % level->every;
		times = level->every / every;
		found = rows_at(coder, v, code_of, level->every, level->offset);
		chance = rows / times;
		if (found < v->min_leaf || found - chance <= chance / 2 ||
			(found - chance) * (found - chance) < 25 * chance)
			continue;

		/* the share p that is rounded on purpose, where found / rows = p + (1 - p) / times */
		level->rise = found == rows ? CERTAIN :
			(uint32) ((double) (found - chance) / (double) (rows - chance) * CERTAIN);
		coder->nlevels++;
		every = level->every;
		rows = found;
	}
}

/* Find whether weekdays differ. */
static void
find_weekdays(NumberCoder *coder, const NumberValues *v, const int32 *code_of, uint64 day,
			  uint64 zero)
{
	int64		rows[WEEK] = {0};
	int64		total = 0;
	int64		most = 0;
	int64		uneven = 0;

	coder->day = day;
	coder->day_shift = WEEK * day - zero % (WEEK * day);
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
	if (total < WEEK * v->min_leaf)
		return;
	for (int i = 0; i < WEEK; i++)
	{
		int64		deviation = rows[i] - total / WEEK;

		uneven += deviation * deviation / (total / WEEK);
		most = Max(most, rows[i]);
	}
	if (uneven <= UNEVEN_WEEK)
		return;
	coder->day = day;
	for (int i = 0; i < WEEK; i++)
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
	if (type->kind == RAW_DATE && coder->unit == 1)
		find_weekdays(coder, v, code_of, 1, zero);
	else if (type->kind == RAW_TIMESTAMP && USECS_PER_DAY % coder->unit == 0)
		find_weekdays(coder, v, code_of, USECS_PER_DAY / coder->unit, zero);
}

/* A step of first .. last. */
static inline uint64
draw_between(uint64 first, uint64 last, RandomStream *stream)
{
	uint64		span = last - first;

	if (span < PG_UINT32_MAX)
		return first + random_below(stream, (uint32) span + 1);
	if (span == PG_UINT64_MAX)
		return random_bits(stream);
	return first + random_below64(stream, span + 1);
}

/* A step of first .. last, as round as the values of the column are. */
static uint64
draw_round(const NumberCoder *coder, uint64 first, uint64 last, RandomStream *stream)
{
	int			level = 0;

	while (level + 1 < coder->nlevels &&
		   random_bits(stream) >> 32 <= coder->levels[level + 1].rise)
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
			return draw_between(low, high, stream) * every + offset;
	}
	return draw_between(first, last, stream);
}

/* See number_internal.h. */
uint64
number_draw(const NumberCoder *coder, uint64 first, uint64 last, RandomStream *stream)
{
	uint64		step = first;

	for (int i = 0; i < WEEKDAY_TRIES; i++)
	{
		step = coder->nlevels > 1 ? draw_round(coder, first, last, stream) :
			draw_between(first, last, stream);
		if (coder->day == 0 ||
			random_below(stream, PG_UINT16_MAX) < coder->weekdays[number_weekday(coder, step)])
			break;
	}
	return step;
}
