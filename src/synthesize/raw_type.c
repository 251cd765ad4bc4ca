/*-------------------------------------------------------------------------
 *
 * raw_type.c
 *		Which types can be synthesized, and how their values become numbers of
 *		64 bits and come back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "synthesize/raw_internal.h"

/* 10^0 .. 10^RAW_MAX_SCALE */
static const int64 powers[RAW_MAX_SCALE + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	INT64CONST(10000000000), INT64CONST(100000000000), INT64CONST(1000000000000),
	INT64CONST(10000000000000), INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000), INT64CONST(1000000000000000000)
};

/* See raw_internal.h. */
int64
raw_power(int scale)
{
	return powers[scale];
}

/* See raw_internal.h. */
bool
raw_type_init(RawType *type, Oid declared, int32 typmod, bool category)
{
	memset(type, 0, sizeof(RawType));
	type->declared = declared;
	type->typmod = typmod;
	type->type = getBaseTypeAndTypmod(declared, &type->typmod);
	type->collation = get_typcollation(declared);
	type->kind = RAW_CATEGORY;
	switch (type->type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
			type->kind = RAW_NUMBER;
			break;
		case NUMERICOID:
			type->kind = RAW_NUMBER;
			/* the low 11 bits of what a declared numeric carries; negative scales count as 0 */
			if (type->typmod >= (int32) VARHDRSZ)
				type->scale = Max((((type->typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024, 0);
			if (type->scale > RAW_MAX_SCALE)
				type->scale = RAW_MAX_SCALE;
			break;
		case DATEOID:
			type->kind = RAW_DATE;
			break;
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			type->kind = RAW_TIMESTAMP;
			break;
		case TIMEOID:
			type->kind = RAW_TIME;
			break;
		case BOOLOID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case CHAROID:
		case UUIDOID:
			break;
		default:
			if (get_typtype(type->type) != TYPTYPE_ENUM)
				return false;
			break;
	}
	if (category)
	{
		type->kind = RAW_CATEGORY;
		type->scale = 0;
	}
	return true;
}

/* See raw_internal.h. */
RawParse
raw_parse_decimal(const char *text, int *scale, int64 *value)
{
	const char *p = text;
	bool		negative = false;
	uint64		digits = 0;
	int			point = -1;
	int			shift = 0;

	if (*p == '-' || *p == '+')
		negative = *p++ == '-';
	if (!((*p >= '0' && *p <= '9') || *p == '.'))
		return RAW_PARSE_NO_NUMBER;
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && point < 0); p++)
	{
		if (*p == '.')
		{
			point = 0;
			continue;
		}
		if (digits > (uint64) (PG_INT64_MAX - 9) / 10)
			return RAW_PARSE_TOO_LONG;
		digits = digits * 10 + (*p - '0');
		if (point >= 0)
			point++;
	}
	if (*p == 'e' || *p == 'E')
		shift = atoi(p + 1);
	point = Max(point, 0) - shift;
	for (; point < 0; point++)
	{
		if (digits > (uint64) PG_INT64_MAX / 10)
			return RAW_PARSE_TOO_LONG;
		digits *= 10;
	}
	*scale = point;
	*value = negative ? -(int64) digits : (int64) digits;
	return RAW_PARSE_NUMBER;
}

/* See raw_internal.h. */
bool
raw_rescale(int64 *value, int from, int to)
{
	for (; from < to; from++)
		if (pg_mul_s64_overflow(*value, 10, value))
			return false;
	/* half away from zero, as numeric rounds */
	if (from > to)
	{
		int64		power = from - to <= RAW_MAX_SCALE ? powers[from - to] : PG_INT64_MAX;
		int64		rest = *value % power;

		*value /= power;
		if (rest >= power - rest)
			(*value)++;
		else if (-rest >= power + rest)
			(*value)--;
	}
	return *value != RAW_NULL;
}

/* A numeric as a number of this scale. */
static int64
from_numeric(Datum value, int scale)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	int			own;
	int64		raw;
	RawParse	parsed = raw_parse_decimal(text, &own, &raw);

	/* more digits than a column can have */
	if (parsed == RAW_PARSE_TOO_LONG)
	{
		raw_cut_decimals(text, scale);
		parsed = raw_parse_decimal(text, &own, &raw);
	}
	if (parsed != RAW_PARSE_NUMBER || !raw_rescale(&raw, own, scale))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number %s has too many digits to be synthesized", text)));
	return raw;
}

/* See raw_internal.h. */
bool
raw_from_double(double value, int scale, int64 *raw)
{
	double		scaled = rint(value * (double) powers[scale]);

	if (!(fabs(scaled) < 9.2e18))
		return false;
	*raw = (int64) scaled;
	return true;
}

/* See raw.h. */
int64
raw_from_datum(const RawType *type, Datum value, bool isnull)
{
	int64		raw;

	if (isnull)
		return RAW_NULL;
	switch (type->type)
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		case INT8OID:
			raw = DatumGetInt64(value);
			if (raw == RAW_NULL)
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("number " INT64_FORMAT " is too small to be synthesized", raw)));
			return raw;
		case FLOAT4OID:
		case FLOAT8OID:
			{
				double		number = type->type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);

				if (!raw_from_double(number, type->scale, &raw))
					ereport(ERROR,
							(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							 errmsg("number %g is too large to be synthesized", number)));
				return raw;
			}
		case NUMERICOID:
			return from_numeric(value, type->scale);
		case DATEOID:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("infinite dates cannot be synthesized"),
						 errhint("Let a view turn them into NULL.")));
			return DatumGetDateADT(value);
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)))
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("infinite timestamps cannot be synthesized"),
						 errhint("Let a view turn them into NULL.")));
			return DatumGetTimestamp(value);
		case TIMEOID:
			return DatumGetTimeADT(value);
		default:
			elog(ERROR, "type %u is no number", type->type);
	}
}

/* See raw.h. */
Datum
raw_to_datum(const RawType *type, int64 raw)
{
	switch (type->type)
	{
		case INT2OID:
			return Int16GetDatum((int16) Max(Min(raw, PG_INT16_MAX), PG_INT16_MIN));
		case INT4OID:
			return Int32GetDatum((int32) Max(Min(raw, PG_INT32_MAX), PG_INT32_MIN));
		case INT8OID:
			return Int64GetDatum(raw);
		case FLOAT4OID:
			return Float4GetDatum((float4) ((double) raw / (double) powers[type->scale]));
		case FLOAT8OID:
			return Float8GetDatum((double) raw / (double) powers[type->scale]);
		case NUMERICOID:
			return NumericGetDatum(int64_div_fast_to_numeric(raw, type->scale));
		case DATEOID:
			return DateADTGetDatum((DateADT) Max(Min(raw, DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1),
												 DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE));
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return TimestampGetDatum(Max(Min(raw, END_TIMESTAMP - 1), MIN_TIMESTAMP));
		case TIMEOID:
			return TimeADTGetDatum(Max(Min(raw, USECS_PER_DAY), 0));
		default:
			elog(ERROR, "type %u is no number", type->type);
	}
}

/* Write a type by the names of its schema and itself. */
static void
write_type_name(StringInfo to, Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
	Form_pg_type form;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", oid);
	form = (Form_pg_type) GETSTRUCT(tuple);
	bytes_put_text(to, get_namespace_name(form->typnamespace));
	bytes_put_text(to, NameStr(form->typname));
	ReleaseSysCache(tuple);
}

/* See raw.h. */
void
raw_type_write(StringInfo to, const RawType *type)
{
	bytes_put_uint8(to, type->kind);
	bytes_put_uint8(to, type->scale);
	bytes_put_uint32(to, (uint32) type->typmod);
	write_type_name(to, type->declared);
}

/* See raw.h. */
void
raw_type_read(ByteReader *r, RawType *type)
{
	uint8		kind = bytes_uint8(r);
	uint8		scale = bytes_uint8(r);
	int32		typmod = (int32) bytes_uint32(r);
	char	   *schema = bytes_text(r);
	char	   *name = bytes_text(r);
	Oid			namespace;
	Oid			oid = InvalidOid;

	if (schema == NULL || name == NULL || strlen(schema) >= NAMEDATALEN || strlen(name) >= NAMEDATALEN)
		bytes_invalid(r, "A type has no name.");
	namespace = get_namespace_oid(schema, true);
	if (OidIsValid(namespace))
		oid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
							  ObjectIdGetDatum(namespace));
	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type %s does not exist", quote_qualified_identifier(schema, name)),
				 errdetail("A column of the model is of that type."),
				 errhint("Create it as it was where the model was fitted.")));
	if (!raw_type_init(type, oid, typmod, kind == RAW_CATEGORY) || type->kind != kind ||
		scale > RAW_MAX_SCALE ||
		(scale > 0 && type->type != NUMERICOID && type->type != FLOAT4OID && type->type != FLOAT8OID))
		bytes_invalid(r, "A column is not of a type that can be synthesized.");
	/* blanks are made of it */
	if (typmod < -1 || ((type->type == BPCHAROID || type->type == VARCHAROID) &&
						typmod > (int32) (VARHDRSZ + MaxAttrSize)))
		bytes_invalid(r, "A column is of a type with a length that cannot be.");
	type->scale = scale;
}
