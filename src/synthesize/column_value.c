/*-------------------------------------------------------------------------
 *
 * column_value.c
 *		Values of columns as codes, and codes as values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

#include "synthesize/column_internal.h"
#include "synthesize/number_internal.h"

/* How often a value beyond the bounds of its column is drawn again. */
#define DISTANCE_TRIES	16

/* The functions of a type, and the values of its labels as they are first needed. */
typedef struct ColumnCache
{
	bool		by_value;
	FmgrInfo	input;
	Oid			input_param;
	FmgrInfo	output;
	Datum	   *values;			/* of each label */
	bool	   *known;
} ColumnCache;

/* See column.h. */
void
column_encode(const ColumnModel *column, int64 raw, const int64 *row, uint8 *codes)
{
	switch (column->kind)
	{
		case COLUMN_EMPTY:
			break;
		case COLUMN_KEY:
		case COLUMN_FORMULA:
			if (column->nvariables > 0)
				codes[0] = raw == RAW_NULL ? 0 : 1;
			break;
		case COLUMN_NUMBER:
			if (column->formula.kind == FORMULA_DISTANCE && raw != RAW_NULL)
			{
				int64		base = formula_value(&column->formula, column->types, row, 0);
				int			anchor = number_anchor(column->number, raw);

				if (anchor >= 0)
				{
					codes[0] = number_anchor_code(column->number, anchor);
					break;
				}
				raw = base == RAW_NULL ? RAW_NULL : raw - base;
			}
			number_encode(column->number, raw, codes);
			break;
		case COLUMN_CATEGORY:
			category_encode(column->category, raw, codes);
			break;
	}
}

/*
 * The value of a number that is drawn as a distance or has bounds.  What a code
 * stands for is drawn whatever the rest of the row is, so it can lead beyond
 * the bounds or the column's own values: then it is drawn again, and at last
 * drawn in, but never beyond a bound.
 */
static int64
decode_bounded(const ColumnModel *column, const uint8 *codes, const RawType *types,
			   const int64 *row, RandomStream *stream)
{
	const Formula *formula = &column->formula;
	int64		lowest = PG_INT64_MIN + 1;
	int64		highest = PG_INT64_MAX;
	int64		value = RAW_NULL;

	formula_limits(formula, row, &lowest, &highest);
	if (number_decode_anchor(column->number, codes, &value))
		return Max(lowest, Min(highest, value));
	for (int i = 0; i < DISTANCE_TRIES; i++)
	{
		value = number_decode(column->number, codes, stream);
		if (formula->kind == FORMULA_DISTANCE)
			value = formula_value(formula, types, row, value);
		if (value == RAW_NULL)
			return RAW_NULL;
		if (value >= Max(lowest, column->lowest) && value <= Min(highest, column->highest))
			return value;
	}
	value = Max(column->lowest, Min(column->highest, value));
	return Max(lowest, Min(highest, value));
}

/* The value that codes of a column's variables stand for, whatever its formula says. */
static int64
decode_drawn(const ColumnModel *column, const uint8 *codes, const RawType *types,
			 const int64 *row, int64 number, RandomStream *stream)
{
	switch (column->kind)
	{
		case COLUMN_EMPTY:
			return RAW_NULL;
		case COLUMN_KEY:
			return column->nvariables > 0 && codes[0] == 0 ? RAW_NULL : number;
		case COLUMN_NUMBER:
			if (column->formula.kind == FORMULA_DISTANCE || column->formula.nbounds > 0)
				return decode_bounded(column, codes, types, row, stream);
			return number_decode(column->number, codes, stream);
		case COLUMN_CATEGORY:
			return category_decode(column->category, codes, stream);
		case COLUMN_FORMULA:
			if (column->nvariables > 0 && codes[0] == 0)
				return RAW_NULL;
			return formula_value(&column->formula, types, row, 0);
	}
	return RAW_NULL;
}

/* See column.h. */
int64
column_decode(const ColumnModel *column, const uint8 *codes, const RawType *types,
			  const int64 *row, int64 number, RandomStream *stream)
{
	int64		value = decode_drawn(column, codes, types, row, number, stream);
	int64		said;

	/* what is drawn counts where the formula says nothing, and where it is NULL at random */
	if (!column->formula.otherwise || column->kind == COLUMN_EMPTY ||
		(column->formula.sometimes && value == RAW_NULL))
		return value;
	said = formula_value(&column->formula, types, row, 0);
	return said == RAW_NULL ? value : said;
}

/* The functions of the column's type, looked up once. */
static ColumnCache *
cache_of(const ColumnModel *column)
{
	MemoryContext context = GetMemoryChunkContext(column->name);
	MemoryContext old;
	ColumnCache *cache = column->cache;
	Oid			function;
	bool		varlena;

	if (cache != NULL)
		return cache;
	old = MemoryContextSwitchTo(context);
	cache = palloc0(sizeof(ColumnCache));
	cache->by_value = get_typbyval(column->type.type);
	getTypeInputInfo(column->type.type, &function, &cache->input_param);
	fmgr_info_cxt(function, &cache->input, context);
	getTypeOutputInfo(column->type.type, &function, &varlena);
	fmgr_info_cxt(function, &cache->output, context);
	if (column->category != NULL)
	{
		int			n = category_nlabels(column->category);

		cache->values = palloc(sizeof(Datum) * Max(n, 1));
		cache->known = palloc0(sizeof(bool) * Max(n, 1));
	}
	MemoryContextSwitchTo(old);

	/* what is cached is no part of what the model says */
	((ColumnModel *) column)->cache = cache;
	return cache;
}

/* A UUID of a number: its 122 free bits are a mix of it, version 8 ("custom", RFC 9562). */
static Datum
uuid_of_number(int64 number)
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));
	RandomStream stream = random_stream(UINT64CONST(0x6b6961696d), number);

	for (int word = 0; word < 2; word++)
	{
		uint64		bits = random_bits(&stream);

		for (int i = 0; i < 8; i++)
			uuid->data[8 * word + i] = bits >> (8 * i) & 0xff;
	}
	uuid->data[6] = (uuid->data[6] & 0x0f) | 0x80;
	uuid->data[8] = (uuid->data[8] & 0x3f) | 0x80;
	return UUIDPGetDatum(uuid);
}

/* The value of a category. */
static Datum
category_datum(const ColumnModel *column, int64 raw)
{
	ColumnCache *cache = cache_of(column);

	if (column->category == NULL || raw < 0 || raw >= category_nlabels(column->category))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid bytes of a model"),
				 errdetail("Column \"%s\" has no label with the number %lld.", column->name,
						   (long long) raw)));
	if (!cache->known[raw])
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(column->name));

		cache->values[raw] = InputFunctionCall(&cache->input,
											   (char *) category_label(column->category, raw),
											   cache->input_param, column->type.typmod);
		cache->known[raw] = true;
		MemoryContextSwitchTo(old);
	}
	return cache->values[raw];
}

/* Refuse the number of a row that the type of a key does not have. */
static void
check_key(const ColumnModel *column, int64 number)
{
	if ((column->type.type == INT2OID && number > PG_INT16_MAX) ||
		(column->type.type == INT4OID && number > PG_INT32_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("row %lld has no number of its own in column \"%s\"", (long long) number,
						column->name),
				 errdetail("Its values are different in every row, and %s has no more of them.",
						   format_type_be(column->type.type)),
				 errhint("Draw fewer rows.")));
}

/* See column.h. */
Datum
column_datum(const ColumnModel *column, int64 raw, bool *isnull)
{
	*isnull = raw == RAW_NULL;
	if (*isnull)
		return (Datum) 0;
	if (column->kind == COLUMN_KEY)
		check_key(column, raw);
	if (column->type.kind != RAW_CATEGORY)
		return raw_to_datum(&column->type, raw);
	if (column->kind != COLUMN_KEY)
		return category_datum(column, raw);
	if (column->type.type == UUIDOID)
		return uuid_of_number(raw);
	else
	{
		ColumnCache *cache = cache_of(column);
		char		digits[MAXINT8LEN + 1];

		pg_lltoa(raw, digits);
		return InputFunctionCall(&cache->input, digits, cache->input_param, column->type.typmod);
	}
}

/* See column.h. */
int64
column_raw(const ColumnModel *column, Datum value, bool isnull, bool *known)
{
	int64		raw = -1;

	*known = true;
	if (isnull)
		return RAW_NULL;
	if (column->type.kind != RAW_CATEGORY)
		return raw_from_datum(&column->type, value, false);
	if (column->category != NULL)
	{
		char	   *label = OutputFunctionCall(&cache_of(column)->output, value);

		/* labels of char(n) are without the blanks at its end */
		if (column->type.type == BPCHAROID)
			for (size_t n = strlen(label); n > 0 && label[n - 1] == ' '; n--)
				label[n - 1] = '\0';
		raw = category_find(column->category, label);
		pfree(label);
	}
	*known = raw >= 0;
	return *known ? raw : RAW_NULL;
}
