/*-------------------------------------------------------------------------
 *
 * raw_decimal.c
 *		Decimals of a column on one scale, which is known when all are read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/raw_internal.h"

/* The same values with another scale; false, and nothing is changed, if one of them does not fit. */
static bool
rescale_column(RawColumn *column, int64 nrows, int scale)
{
	int64	   *values = column->values;
	int			old = column->type.scale;

	for (int64 i = 0; i < nrows; i++)
	{
		int64		value = values[i];

		if (value != RAW_NULL && !raw_rescale(&value, old, scale))
		{
			while (--i >= 0)
				if (values[i] != RAW_NULL)
					(void) raw_rescale(&values[i], scale, old);
			return false;
		}
		values[i] = value;
	}
	column->type.scale = scale;
	return true;
}

/* The fewest decimals that say all values of a column. */
static int
needed_scale(const RawColumn *column, int64 nrows)
{
	int			zeros = column->type.scale;

	for (int64 i = 0; i < nrows && zeros > 0; i++)
		while (column->values[i] != RAW_NULL && column->values[i] % raw_power(zeros) != 0)
			zeros--;
	return column->type.scale - zeros;
}

/* Take the zeros at the end of decimals away. */
static void
strip_zeros(char *text)
{
	char	   *end = text + strlen(text);

	if (strchr(text, '.') == NULL)
		return;
	while (end[-1] == '0')
		*--end = '\0';
}

/* The number that a text stands for, in the scale of the column or a larger one. */
static bool
take(RawColumn *column, int64 nrows, const char *text, int64 *raw)
{
	int			scale;

	if (raw_parse_decimal(text, &scale, raw) != RAW_PARSE_NUMBER || scale > RAW_MAX_SCALE)
		return false;
	if (scale > column->type.scale)
		return rescale_column(column, nrows, scale);
	return raw_rescale(raw, scale, column->type.scale);
}

/* See raw_internal.h. */
void
raw_cut_decimals(char *text, int scale)
{
	char	   *point = strchr(text, '.');

	if (point != NULL && strlen(point + 1) > (Size) scale)
		point[1 + scale] = '\0';
}

/* Leave at most so many decimals; what is cut twice is cut the same as at once, other than what is rounded. */
static void
cut_column(RawColumn *column, int64 nrows, int scale)
{
	int64		power;

	if (column->type.scale <= scale)
		return;
	power = raw_power(column->type.scale - scale);
	for (int64 i = 0; i < nrows; i++)
		if (column->values[i] != RAW_NULL)
			column->values[i] /= power;
	column->type.scale = scale;
}

/* See raw_internal.h. */
bool
raw_take_decimal(RawColumn *column, int64 nrows, int *most, char *text, int64 *raw)
{
	if (*most < 0)
	{
		if (take(column, nrows, text, raw))
			return true;
		*most = RAW_MAX_SCALE;
		(void) rescale_column(column, nrows, needed_scale(column, nrows));
	}
	strip_zeros(text);
	for (;; (*most)--)
	{
		raw_cut_decimals(text, *most);
		cut_column(column, nrows, *most);
		if (take(column, nrows, text, raw))
			return true;
		if (*most == 0)
			return false;
	}
}
