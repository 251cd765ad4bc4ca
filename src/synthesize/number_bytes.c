/*-------------------------------------------------------------------------
 *
 * number_bytes.c
 *		The codes of numbers, dates and times as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/number_internal.h"

/* Flags of a coder. */
#define NUMBER_MISSING	1
#define NUMBER_RARE		2
#define NUMBER_WEEKDAYS	4

/* See column.h. */
void
number_write(StringInfo to, const NumberCoder *coder)
{
	bytes_put_uint8(to, (coder->missing ? NUMBER_MISSING : 0) | (coder->rare ? NUMBER_RARE : 0) |
					(coder->day > 0 ? NUMBER_WEEKDAYS : 0));
	bytes_put_int64(to, (int64) coder->unit);
	bytes_put_int64(to, (int64) coder->residue);
	bytes_put_uint32(to, coder->ncodes);
	for (int i = 0; i < coder->ncodes; i++)
	{
		bytes_put_int64(to, (int64) coder->first[i]);
		bytes_put_int64(to, (int64) (coder->last[i] - coder->first[i]));
	}
	bytes_put_uint32(to, coder->ngroups);
	for (int g = 0; g < coder->ngroups; g++)
		bytes_put_uint16(to, coder->start[g + 1] - coder->start[g]);
	bytes_put_uint8(to, coder->nanchors);
	for (int i = 0; i < coder->nanchors; i++)
		bytes_put_int64(to, coder->anchors[i]);
	bytes_put_uint8(to, coder->nlevels);
	for (int i = 1; i < coder->nlevels; i++)
	{
		bytes_put_int64(to, (int64) coder->levels[i].every);
		bytes_put_int64(to, (int64) coder->levels[i].offset);
		bytes_put_uint16(to, coder->levels[i].share);
	}
	if (coder->day > 0)
	{
		bytes_put_int64(to, (int64) coder->day);
		bytes_put_int64(to, (int64) coder->day_shift);
		for (int i = 0; i < WEEK_DAYS; i++)
			bytes_put_uint16(to, coder->weekdays[i]);
	}
	bytes_put_uint8(to, coder->ndays);
	for (int i = 0; i < coder->ndays; i++)
	{
		bytes_put_uint8(to, coder->days[i].month);
		bytes_put_uint8(to, coder->days[i].day);
		bytes_put_uint16(to, coder->days[i].share);
	}
}

/* Read the steps of the codes. */
static void
read_steps(ByteReader *r, NumberCoder *coder)
{
	uint64		greatest = (PG_UINT64_MAX - coder->residue) / coder->unit;

	/* nothing is allocated for what is not there */
	if (r->left / 16 < coder->ncodes)
		bytes_invalid(r, "It ends too early.");
	coder->first = palloc(sizeof(uint64) * coder->ncodes);
	coder->last = palloc(sizeof(uint64) * coder->ncodes);
	for (int i = 0; i < coder->ncodes; i++)
	{
		uint64		first = (uint64) bytes_int64(r);
		uint64		span = (uint64) bytes_int64(r);

		if ((i > 0 && first <= coder->last[i - 1]) || first > greatest || span > greatest - first)
			bytes_invalid(r, "The codes of a number are not in order.");
		coder->first[i] = first;
		coder->last[i] = first + span;
	}
	if (number_of_step(coder, coder->first[0]) == RAW_NULL)
		bytes_invalid(r, "A number is out of range.");
}

/* Read values that are codes of their own whatever their distance is. */
static void
read_anchors(ByteReader *r, NumberCoder *coder)
{
	coder->nanchors = bytes_uint8(r);
	if (coder->nanchors > MAX_ANCHORS)
		bytes_invalid(r, "A number has too many codes.");
	for (int i = 0; i < coder->nanchors; i++)
		coder->anchors[i] = bytes_int64(r);
	if (number_anchor_code(coder, coder->nanchors) > MAX_CODES)
		bytes_invalid(r, "A number has too many codes.");
}

/* Read how the codes are grouped. */
static void
read_groups(ByteReader *r, NumberCoder *coder)
{
	coder->ngroups = bytes_count(r, 0, MAX_CODES);
	if (coder->ngroups == 0)
		return;
	coder->start = palloc(sizeof(int) * (coder->ngroups + 1));
	coder->start[0] = 0;
	for (int g = 0; g < coder->ngroups; g++)
	{
		int			codes = bytes_uint16(r);

		if (codes == 0 || codes > MAX_CODES || codes > coder->ncodes - coder->start[g])
			bytes_invalid(r, "A group of the codes of a number is out of range.");
		coder->start[g + 1] = coder->start[g] + codes;
	}
	if (coder->start[coder->ngroups] != coder->ncodes)
		bytes_invalid(r, "The codes of a number are not all in a group.");
}

/* Read rounding and weekdays. */
static void
read_pattern(ByteReader *r, NumberCoder *coder, bool weekdays)
{
	coder->nlevels = bytes_uint8(r);
	if (coder->nlevels == 0 || coder->nlevels > MAX_LEVELS)
		bytes_invalid(r, "The rounding of a number is out of range.");
	coder->levels[0].every = 1;
	for (int i = 1; i < coder->nlevels; i++)
	{
		NumberLevel *level = &coder->levels[i];

		level->every = (uint64) bytes_int64(r);
		level->offset = (uint64) bytes_int64(r);
		level->share = bytes_uint16(r);
		if (level->every <= level[-1].every || level->offset >= level->every)
			bytes_invalid(r, "The rounding of a number is out of range.");
	}
	if (!weekdays)
		return;
	coder->day = (uint64) bytes_int64(r);
	coder->day_shift = (uint64) bytes_int64(r);
	if (coder->day == 0)
		bytes_invalid(r, "A day of a number has no length.");
	for (int i = 0; i < WEEK_DAYS; i++)
		coder->weekdays[i] = bytes_uint16(r);
}

/* Read days of the calendar. */
static void
read_days(ByteReader *r, NumberCoder *coder)
{
	coder->ndays = bytes_uint8(r);
	if (coder->ndays > MAX_DAYS)
		bytes_invalid(r, "A number has too many days.");
	for (int i = 0; i < coder->ndays; i++)
	{
		NumberDay  *day = &coder->days[i];

		day->month = bytes_uint8(r);
		day->day = bytes_uint8(r);
		day->share = bytes_uint16(r);
		if (day->month > 12 || day->day == 0 || day->day > 31)
			bytes_invalid(r, "There is no such day.");
	}
}

/* See column.h. */
NumberCoder *
number_read(ByteReader *r, Variable *variables, int *nvariables)
{
	NumberCoder *coder = palloc0(sizeof(NumberCoder));
	uint8		flags = bytes_uint8(r);

	coder->missing = (flags & NUMBER_MISSING) != 0;
	coder->rare = (flags & NUMBER_RARE) != 0;
	if (flags > (NUMBER_MISSING | NUMBER_RARE | NUMBER_WEEKDAYS) || (coder->rare && !coder->missing))
		bytes_invalid(r, "The flags of a number are not known.");
	coder->unit = (uint64) bytes_int64(r);
	coder->residue = (uint64) bytes_int64(r);
	if (coder->unit == 0 || coder->residue >= coder->unit)
		bytes_invalid(r, "The unit of a number is out of range.");
	coder->ncodes = bytes_count(r, 1, MAX_NUMBER_CODES);
	read_steps(r, coder);
	read_groups(r, coder);
	read_anchors(r, coder);
	read_pattern(r, coder, (flags & NUMBER_WEEKDAYS) != 0);
	read_days(r, coder);
	number_variables(coder, variables, nvariables);
	return coder;
}
