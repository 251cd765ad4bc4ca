/*-------------------------------------------------------------------------
 *
 * decimal.c
 *		Numbers as whole counts of a power of ten.
 *
 * The bounds of bins and breaks are short decimal numbers, so all of them are
 * whole multiples of one 10^-scale, and a value lies in an interval exactly
 * when the value rounded down to that scale does.  Thus a comparison with a
 * bound is a comparison of integers, 0.3 lies where it is written to lie, and
 * only values of more than eighteen digits need numeric arithmetic.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "generalize/generalize_internal.h"

/* Leaves room for a difference of two numbers of a definition in 64 bits. */
#define DECIMAL_LIMIT	INT64CONST(4000000000000000000)

/*
 * numeric holds one digit more before its point, which the end of an interval
 * around the number may need.
 */
#define INTEGER_DIGITS_MAX	131071

static const int64 powers[DECIMAL_DIGITS_MAX + 1] = {
	INT64CONST(1), INT64CONST(10), INT64CONST(100), INT64CONST(1000),
	INT64CONST(10000), INT64CONST(100000), INT64CONST(1000000),
	INT64CONST(10000000), INT64CONST(100000000), INT64CONST(1000000000),
	INT64CONST(10000000000), INT64CONST(100000000000),
	INT64CONST(1000000000000), INT64CONST(10000000000000),
	INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000)
};

/* See generalize_internal.h. */
int64
decimal_power(int exponent)
{
	Assert(exponent >= 0 && exponent <= DECIMAL_DIGITS_MAX);
	return powers[exponent];
}

/* See generalize_internal.h. */
void
decimal_from_int64(int64 number, int scale, Decimal *result)
{
	result->big = pg_mul_s64_overflow(number, powers[scale], &result->value) ||
		result->value > DECIMAL_LIMIT || result->value < -DECIMAL_LIMIT;
	if (result->big)
		result->numeric = int64_to_numeric(number);
}

/* The syntactic parts of a number: digits with one point somewhere among them. */
typedef struct NumberParts
{
	bool		negative;
	const char *digits;			/* first digit that is not zero */
	int			ndigits;		/* bytes from there on, a point included */
	int64		integer_digits; /* digits before the point, once the exponent is applied */
} NumberParts;

/* Split a number into its parts; false if the text is none. */
static bool
number_split(const char *text, int len, NumberParts *parts)
{
	const char *p = text;
	const char *end = text + len;
	const char *point = NULL;
	const char *last;
	int			ndigits = 0;
	int64		exponent = 0;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	parts->negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	parts->digits = p;
	for (; p < end; p++)
	{
		if (*p >= '0' && *p <= '9')
			ndigits++;
		else if (*p == '.' && point == NULL)
			point = p;
		else
			break;
	}
	if (ndigits == 0)
		return false;
	last = p;
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		bool		negative;
		const char *first;

		p++;
		negative = p < end && *p == '-';
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		first = p;
		for (; p < end && *p >= '0' && *p <= '9'; p++)
			exponent = Min(exponent * 10 + (*p - '0'), INT_MAX);
		if (p == first)
			return false;
		if (negative)
			exponent = -exponent;
	}
	if (p != end)
		return false;

	/* leading zeros say nothing but where the point is */
	if (point == NULL)
		point = last;
	while (parts->digits < last && (*parts->digits == '0' || *parts->digits == '.'))
		parts->digits++;
	parts->ndigits = last - parts->digits;
	parts->integer_digits = exponent + (parts->digits <= point ?
										point - parts->digits : point + 1 - parts->digits);
	return true;
}

/*
 * A number too long for 64 bits, rounded down to the scale.  kept is the
 * number of digits that the scale keeps.
 */
static Numeric
big_number(const NumberParts *parts, int64 kept, int scale)
{
	StringInfoData digits;
	bool		rest = false;
	Datum		result;

	initStringInfo(&digits);
	if (parts->negative)
		appendStringInfoChar(&digits, '-');
	for (int i = 0; i < parts->ndigits; i++)
	{
		if (parts->digits[i] == '.')
			continue;
		if (kept > 0)
		{
			appendStringInfoChar(&digits, parts->digits[i]);
			kept--;
		}
		else if (parts->digits[i] != '0')
			rest = true;
	}
	appendStringInfo(&digits, "e" INT64_FORMAT, kept - scale);
	result = DirectFunctionCall3(numeric_in, CStringGetDatum(digits.data),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (rest && parts->negative)
	{
		resetStringInfo(&digits);
		appendStringInfo(&digits, "1e-%d", scale);
		result = DirectFunctionCall2(numeric_sub, result,
									 DirectFunctionCall3(numeric_in, CStringGetDatum(digits.data),
														 ObjectIdGetDatum(InvalidOid),
														 Int32GetDatum(-1)));
	}
	return DatumGetNumeric(result);
}

/* See generalize_internal.h. */
bool
decimal_read(const char *text, int len, int scale, Decimal *result)
{
	NumberParts parts;
	int64		kept;
	int64		left;
	int64		value = 0;
	bool		rest = false;

	if (!number_split(text, len, &parts))
		return false;
	result->big = false;
	kept = left = parts.integer_digits + scale;
	for (int i = 0; i < parts.ndigits; i++)
	{
		char		c = parts.digits[i];

		if (c == '.')
			continue;
		if (left > 0)
		{
			value = value * 10 + (c - '0');
			left--;
			if (value > DECIMAL_LIMIT / 10 - 1 && left > 0)
				goto big;
		}
		else if (c != '0')
		{
			rest = true;
			break;
		}
	}
	/* the number ends before its digits do: 12e3 */
	for (; value != 0 && left > 0; left--)
	{
		value *= 10;
		if (value > DECIMAL_LIMIT / 10 - 1 && left > 1)
			goto big;
	}
	result->value = parts.negative ? -value - (rest ? 1 : 0) : value;
	return true;

big:
	if (parts.integer_digits > INTEGER_DIGITS_MAX)
		return false;
	result->big = true;
	result->numeric = big_number(&parts, kept, scale);
	return true;
}

/* See generalize_internal.h. */
bool
decimal_parse(const char *text, int64 *value, int *scale)
{
	const char *p = text;
	const char *end = text + strlen(text);
	bool		negative = (*p == '-');
	bool		point = false;
	int			ndigits = 0;

	if (*p == '-' || *p == '+')
		p++;
	/* zeros at the end of a fraction say nothing */
	if (strchr(p, '.') != NULL)
		for (; end > p + 1 && end[-1] == '0'; end--)
			ndigits++;
	*value = 0;
	*scale = 0;
	for (; p < end; p++)
	{
		if (*p == '.' && !point)
		{
			point = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			return false;
		ndigits++;
		if (*value >= powers[DECIMAL_DIGITS_MAX - 1] || *scale == DECIMAL_DIGITS_MAX)
			return false;
		*value = *value * 10 + (*p - '0');
		if (point)
			(*scale)++;
	}
	if (negative)
		*value = -*value;
	return ndigits > 0;
}

/* See generalize_internal.h. */
bool
decimal_rescale(int64 *value, int from, int to)
{
	Assert(from <= to);
	return !pg_mul_s64_overflow(*value, powers[to - from], value) &&
		*value <= powers[DECIMAL_DIGITS_MAX] && *value >= -powers[DECIMAL_DIGITS_MAX];
}

/* See generalize_internal.h. */
int
decimal_write(int64 value, int scale, char *out)
{
	int			len = 0;
	uint64		magnitude;

	if (scale == 0)
		return pg_lltoa(value, out);

	while (scale > 0 && value % 10 == 0)
	{
		value /= 10;
		scale--;
	}
	magnitude = value < 0 ? -(uint64) value : (uint64) value;
	if (value < 0)
		out[len++] = '-';
	len += pg_ulltoa_n(magnitude / powers[scale], out + len);
	if (scale > 0)
	{
		uint64		fraction = magnitude % powers[scale];

		out[len++] = '.';
		for (int i = scale - 1; i >= 0; i--, fraction /= 10)
			out[len + i] = '0' + fraction % 10;
		len += scale;
	}
	return len;
}
