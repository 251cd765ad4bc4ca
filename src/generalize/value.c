/*-------------------------------------------------------------------------
 *
 * value.c
 *		What a value is made of: its text, its number, its day.
 *
 * generalize() is immutable, output functions are not: dates obey DateStyle,
 * floats extra_float_digits, and so on.  So the common types are written here
 * by hand, which is faster as well, and all others by their output function
 * with every setting that an output function obeys held fast.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

/* Every setting that the text of a value may depend on, and what it is here. */
static const char *const fixed_settings[][2] = {
	{"bytea_output", "hex"},
	{"DateStyle", "ISO, YMD"},
	{"extra_float_digits", "1"},
	{"IntervalStyle", "postgres"},
	{"lc_monetary", "C"},
	{"quote_all_identifiers", "off"},
	{"search_path", "pg_catalog, pg_temp"},
	{"TimeZone", "UTC"},
	{"xmlbinary", "base64"}
};

/* The kind of a type that has a code path of its own, or VALUE_OTHER. */
static ValueKind
builtin_kind(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return VALUE_INT2;
		case INT4OID:
			return VALUE_INT4;
		case INT8OID:
			return VALUE_INT8;
		case FLOAT4OID:
			return VALUE_FLOAT4;
		case FLOAT8OID:
			return VALUE_FLOAT8;
		case NUMERICOID:
			return VALUE_NUMERIC;
		case BOOLOID:
			return VALUE_BOOL;
		case DATEOID:
			return VALUE_DATE;
		case TIMESTAMPOID:
			return VALUE_TIMESTAMP;
		case TIMESTAMPTZOID:
			return VALUE_TIMESTAMPTZ;
		case TEXTOID:
		case VARCHAROID:
			return VALUE_TEXT;
		case BPCHAROID:
			return VALUE_BPCHAR;
		case NAMEOID:
			return VALUE_NAME;
		case UNKNOWNOID:
			return VALUE_CSTRING;
		default:
			return VALUE_OTHER;
	}
}

/*
 * True for types whose output function obeys no setting.  The function's own
 * volatility does not tell: those of bytea and interval are marked immutable.
 */
static bool
output_is_fixed(Oid type)
{
	switch (type)
	{
		case BITOID:
		case CHAROID:
		case CIDROID:
		case INETOID:
		case JSONBOID:
		case JSONOID:
		case MACADDR8OID:
		case MACADDROID:
		case OIDOID:
		case TIMEOID:
		case UUIDOID:
		case VARBITOID:
			return true;
		default:
			return type_is_enum(type);
	}
}

/* See generalize_internal.h. */
void
value_reader_init(ValueReader *reader, Oid type, MemoryContext context)
{
	Oid			output;
	bool		is_varlena;

	reader->kind = builtin_kind(type);
	if (reader->kind != VALUE_OTHER)
		return;
	type = getBaseType(type);
	reader->kind = builtin_kind(type);
	if (reader->kind != VALUE_OTHER)
		return;

	getTypeOutputInfo(type, &output, &is_varlena);
	fmgr_info_cxt(output, &reader->output, context);
	reader->fixed_output = output_is_fixed(type);

	/* citext and its like are text under another name */
	if (reader->output.fn_addr == textout)
		reader->kind = VALUE_TEXT;
}

/* See generalize_internal.h. */
ValueKind
value_kind(Oid type)
{
	ValueReader reader;

	value_reader_init(&reader, type, CurrentMemoryContext);
	return reader.kind;
}

/* See generalize.h. */
ValueReader *
value_reader_create(Oid type)
{
	ValueReader *reader = palloc0(sizeof(ValueReader));

	value_reader_init(reader, type, CurrentMemoryContext);
	return reader;
}

/* The output function's text, under fixed settings. */
static char *
fixed_output(ValueReader *reader, Datum value)
{
	char	   *text;
	int			nest_level;

	if (reader->fixed_output)
		return OutputFunctionCall(&reader->output, value);

	/* an error resets them as well, with the transaction or the subtransaction */
	nest_level = NewGUCNestLevel();
	for (int i = 0; i < lengthof(fixed_settings); i++)
		(void) set_config_option(fixed_settings[i][0], fixed_settings[i][1],
								 PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	text = OutputFunctionCall(&reader->output, value);
	AtEOXact_GUC(true, nest_level);
	return text;
}

/* A timestamp in ISO form, with "+00" after it where it has a time zone. */
static int
timestamp_write(Timestamp timestamp, bool with_zone, char *out)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		EncodeSpecialTimestamp(timestamp, out);
	else if (timestamp2tm(timestamp, NULL, &tm, &fsec, NULL, NULL) == 0)
	{
		/* no translation took place, but UTC is a zone as good as any */
		tm.tm_isdst = 0;
		EncodeDateTime(&tm, fsec, with_zone, 0, NULL, USE_ISO_DATES, out);
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return strlen(out);
}

/* See generalize.h. */
const char *
value_read_text(ValueReader *reader, Datum value, int *len)
{
	char	   *buffer = reader->buffer;
	char	   *text;

	StaticAssertStmt(sizeof(reader->buffer) > MAXDATELEN, "a timestamp fits");
	switch (reader->kind)
	{
		case VALUE_INT2:
			*len = pg_ltoa(DatumGetInt16(value), buffer);
			return buffer;
		case VALUE_INT4:
			*len = pg_ltoa(DatumGetInt32(value), buffer);
			return buffer;
		case VALUE_INT8:
			*len = pg_lltoa(DatumGetInt64(value), buffer);
			return buffer;
		case VALUE_FLOAT4:
			*len = float_to_shortest_decimal_buf(DatumGetFloat4(value), buffer);
			return buffer;
		case VALUE_FLOAT8:
			*len = double_to_shortest_decimal_buf(DatumGetFloat8(value), buffer);
			return buffer;
		case VALUE_BOOL:
			text = DatumGetBool(value) ? "true" : "false";
			break;
		case VALUE_DATE:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
			{
				EncodeSpecialDate(DatumGetDateADT(value), buffer);
				*len = strlen(buffer);
			}
			else
				*len = day_write(DatumGetDateADT(value), buffer);
			return buffer;
		case VALUE_TIMESTAMP:
		case VALUE_TIMESTAMPTZ:
			*len = timestamp_write(DatumGetTimestamp(value),
								   reader->kind == VALUE_TIMESTAMPTZ, buffer);
			return buffer;
		case VALUE_TEXT:
		case VALUE_BPCHAR:
			{
				struct varlena *varlena = PG_DETOAST_DATUM_PACKED(value);

				text = VARDATA_ANY(varlena);
				*len = VARSIZE_ANY_EXHDR(varlena);
				if (reader->kind == VALUE_BPCHAR)
					*len = bpchartruelen(text, *len);
				return text;
			}
		case VALUE_NUMERIC:
			text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
			break;
		case VALUE_NAME:
			text = NameStr(*DatumGetName(value));
			break;
		case VALUE_CSTRING:
			text = DatumGetCString(value);
			break;
		case VALUE_OTHER:
		default:
			text = fixed_output(reader, value);
			break;
	}
	*len = strlen(text);
	return text;
}

/* See generalize_internal.h. */
bool
value_read_number(ValueReader *reader, Datum value, int scale, Decimal *result)
{
	const char *text;
	int			len;

	switch (reader->kind)
	{
		case VALUE_INT2:
			decimal_from_int64(DatumGetInt16(value), scale, result);
			return true;
		case VALUE_INT4:
			decimal_from_int64(DatumGetInt32(value), scale, result);
			return true;
		case VALUE_INT8:
			decimal_from_int64(DatumGetInt64(value), scale, result);
			return true;
		default:
			/* by its text, so that a value lies where level 0 shows it to lie */
			text = value_read_text(reader, value, &len);
			return decimal_read(text, len, scale, result);
	}
}

/* See generalize_internal.h. */
bool
value_read_day(ValueReader *reader, Datum value, int32 *day)
{
	const char *text;
	int			len;

	switch (reader->kind)
	{
		case VALUE_DATE:
			*day = DatumGetDateADT(value);
			return !DATE_NOT_FINITE(*day);
		case VALUE_TIMESTAMP:
		case VALUE_TIMESTAMPTZ:
			{
				Timestamp	timestamp = DatumGetTimestamp(value);

				if (TIMESTAMP_NOT_FINITE(timestamp))
					return false;
				*day = timestamp / USECS_PER_DAY - (timestamp % USECS_PER_DAY < 0 ? 1 : 0);
				return true;
			}
		default:
			text = value_read_text(reader, value, &len);
			return day_read(text, len, day);
	}
}

/* See generalize.h. */
char *
value_text(Oid type, Datum value)
{
	ValueReader reader;
	const char *text;
	int			len;

	value_reader_init(&reader, type, CurrentMemoryContext);
	text = value_read_text(&reader, value, &len);
	return pnstrdup(text, len);
}
