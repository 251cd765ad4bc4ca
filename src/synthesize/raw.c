/*-------------------------------------------------------------------------
 *
 * raw.c
 *		Reading a relation into columns of numbers of 64 bits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "generalize/generalize.h"
#include "numeric/random.h"
#include "numeric/siphash.h"
#include "synthesize/raw_internal.h"

/* The largest of the numbers of a column has three digits at least. */
#define LEAST_LARGEST	100

/* A column while it is read. */
typedef struct Reading
{
	RawColumn	raw;
	bool		listed;			/* false: the person, which no model is asked for */
	bool		floating;		/* values are the bits of doubles until all are read */
	int			most_decimals;	/* see raw_take_decimal */
	Dictionary *dictionary;		/* categories */
	ValueReader *text;			/* where rows are taken by chance */
} Reading;

typedef struct RawReader
{
	const FitOptions *options;
	Oid			relid;
	int			nreadings;
	Reading    *readings;
	int			person;			/* among the readings, or -1 */
	FrameMemory memory;
	int64		nrows;
	int64		space;
	uint64	   *chances;		/* of each row, where rows are taken by chance */
	RawMetRows	met;			/* rows without a person, where they are */
	uint64		limit;			/* rows above it are not taken */
	int64		seen;
	int			current;		/* the column at work, for messages */
} RawReader;

/* Error context: the column whose value another function complains about. */
static void
column_context(void *arg)
{
	RawReader  *reader = arg;

	if (reader->current >= 0)
		errcontext("column \"%s\"", reader->readings[reader->current].raw.name);
}

/* Refuse a column of a type that nothing is known of. */
static void
refuse_type(const char *name, Oid type)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of type %s cannot be synthesized", name, format_type_be(type)),
			 errdetail("Numbers, dates, times, texts, booleans, enums, uuids and domains over them can."),
			 errhint("Name the columns that are wanted in \"columns\", or let a view convert it.")));
}

/* The columns of a relation that tell its rows apart by themselves, and those that are NOT NULL. */
static void
read_catalog(RawReader *reader)
{
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(reader->relid)};

	if (SPI_execute_with_args("SELECT a.attname::text, a.attnotnull, EXISTS (SELECT FROM pg_catalog.pg_index AS i"
							  " WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1"
							  " AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indexprs IS NULL)"
							  " FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) $1 AND a.attnum OPERATOR(pg_catalog.>) 0",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the columns of a relation");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		char	   *name = SPI_getvalue(row, SPI_tuptable->tupdesc, 1);
		bool		isnull;

		for (int c = 0; c < reader->nreadings; c++)
			if (strcmp(reader->readings[c].raw.name, name) == 0)
			{
				reader->readings[c].raw.not_null = DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
				reader->readings[c].raw.key |= DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, 3, &isnull));
			}
	}
	SPI_freetuptable(SPI_tuptable);
}

/* True if a type is a domain that has no NULL. */
static bool
domain_is_not_null(Oid type)
{
	bool		not_null = false;

	while (!not_null && get_typtype(type) == TYPTYPE_DOMAIN)
	{
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for type %u", type);
		not_null = ((Form_pg_type) GETSTRUCT(tuple))->typnotnull;
		type = ((Form_pg_type) GETSTRUCT(tuple))->typbasetype;
		ReleaseSysCache(tuple);
	}
	return not_null;
}

/* Integers identify persons as they are; of other numbers, 1.0 and 1 are one person. */
static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* FrameStart: the types of the columns. */
static void
start_reading(void *state, TupleDesc desc)
{
	RawReader  *reader = state;
	MemoryContext old = MemoryContextSwitchTo(reader->memory.context);

	for (int c = 0; c < reader->nreadings; c++)
	{
		Reading    *reading = &reader->readings[c];
		Form_pg_attribute att = TupleDescAttr(desc, c);
		const ColumnOptions *said = fit_options_column(reader->options, reading->raw.name);
		const char *as = said != NULL ? said->as : NULL;
		RawType    *type = &reading->raw.type;

		if (!raw_type_init(type, att->atttypid, att->atttypmod,
						   (as != NULL && strcmp(as, "category") == 0) ||
						   (c == reader->person && !is_integer(getBaseType(att->atttypid)))))
			refuse_type(reading->raw.name, att->atttypid);
		if (as != NULL && strcmp(as, "number") == 0 && type->kind == RAW_CATEGORY)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of type %s cannot be a number", reading->raw.name,
							format_type_be(att->atttypid)),
					 errhint("Let a view convert it.")));
		/* blanks at the end of char(n) are no part of a label */
		if (type->kind == RAW_CATEGORY)
			reading->dictionary = dictionary_create(type->type, OidIsValid(type->collation) ? C_COLLATION_OID : InvalidOid,
													c == reader->person || type->type == BPCHAROID ? FRAME_EQUAL_SQL : FRAME_EQUAL_IMAGE);
		reading->raw.not_null |= domain_is_not_null(att->atttypid);
		reading->most_decimals = -1;
		reading->floating = type->kind == RAW_NUMBER && (type->type == FLOAT4OID || type->type == FLOAT8OID);
		if (reader->options->rows > 0)
			reading->text = value_reader_create(type->type);
	}
	MemoryContextSwitchTo(old);
}

/* A numeric. */
static int64
read_numeric(RawReader *reader, Reading *reading, Datum value)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	int64		raw;

	/* NaN and infinity */
	if (strspn(text, "-.0123456789") != strlen(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" holds %s, which cannot be synthesized", reading->raw.name, text),
				 errhint("Let a view turn it into NULL.")));
	if (!raw_take_decimal(&reading->raw, reader->nrows, &reading->most_decimals, text, &raw))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("numbers of column \"%s\" have too many digits to be synthesized", reading->raw.name),
				 errdetail("They must be below 2^63."),
				 errhint("Let a view scale them, or leave the column out.")));
	return raw;
}

/* What a value is that no number can stand for, or NULL. */
static const char *
no_number(Oid type, Datum value)
{
	if ((type == DATEOID && DATE_NOT_FINITE(DatumGetDateADT(value))) ||
		((type == TIMESTAMPOID || type == TIMESTAMPTZOID) &&
		 TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value))))
		return "infinity";
	/* it stands for NULL */
	if (type == INT8OID && DatumGetInt64(value) == RAW_NULL)
		return "-9223372036854775808";
	return NULL;
}

/* The raw value of one value, which is not NULL. */
static int64
read_value(RawReader *reader, Reading *reading, Datum value)
{
	const char *refused;

	if (reading->dictionary != NULL)
		return dictionary_encode(reading->dictionary, value, false);
	if (reading->floating)
	{
		union
		{
			double		number;
			int64		bits;
		}			image;

		image.number = reading->raw.type.type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);
		if (reading->raw.type.type == FLOAT4OID)
			/* the shortest decimal that is this float, lest its binary rest be taken for decimals */
			image.number = strtod(DatumGetCString(DirectFunctionCall1(float4out, value)), NULL);
		if (isnan(image.number) || isinf(image.number))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" holds %s, which cannot be synthesized", reading->raw.name,
							isnan(image.number) ? "NaN" : "infinity"),
					 errhint("Let a view turn it into NULL.")));
		/* -0.0 would be RAW_NULL */
		if (image.number == 0)
			image.number = 0.0;
		return image.number == 0 ? 0 : image.bits;
	}
	if (reading->raw.type.type == NUMERICOID)
		return read_numeric(reader, reading, value);
	refused = no_number(reading->raw.type.type, value);
	if (refused != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" holds %s, which cannot be synthesized", reading->raw.name, refused),
				 errhint("Let a view turn it into NULL.")));
	return raw_from_datum(&reading->raw.type, value, false);
}

/* The chance of a row: of its person, or else of its contents. */
static uint64
row_chance(RawReader *reader, TupleTableSlot *slot)
{
	uint64		chance = reader->options->seed;

	for (int c = 0; c < reader->nreadings; c++)
	{
		if (reader->person >= 0 && c != reader->person)
			continue;
		if (slot->tts_isnull[c])
			chance = random_mix(chance + 1);
		else
		{
			int			len;
			const char *text = value_read_text(reader->readings[c].text, slot->tts_values[c], &len);

			chance = siphash(chance, UINT64CONST(0x6b6961696d), text, len);
		}
	}
	if (reader->person < 0)
		chance = random_mix(chance + raw_met(&reader->met, &reader->memory, chance));
	return chance;
}

/* Order of chances. */
static int
compare_chances(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return (x > y) - (x < y);
}

/* Keep the rows of the lowest chances, at most as many as are wanted; rows of a person stay together. */
static void
keep_rows(RawReader *reader)
{
	int64		wanted = reader->options->rows;
	int64		kept = 0;
	uint64	   *sorted;

	if (reader->nrows <= wanted)
		return;
	sorted = frame_alloc(&reader->memory, reader->nrows, sizeof(uint64), false);
	memcpy(sorted, reader->chances, sizeof(uint64) * reader->nrows);
	qsort(sorted, reader->nrows, sizeof(uint64), compare_chances);
	/* all rows of the first chance that is too many stay out */
	reader->limit = sorted[wanted];
	frame_release(&reader->memory, sorted, reader->nrows, sizeof(uint64));
	for (int64 i = 0; i < reader->nrows; i++)
		if (reader->chances[i] < reader->limit)
		{
			for (int c = 0; c < reader->nreadings; c++)
				reader->readings[c].raw.values[kept] = reader->readings[c].raw.values[i];
			reader->chances[kept++] = reader->chances[i];
		}
	reader->nrows = kept;
}

/* Make room for another row. */
static void
grow(RawReader *reader)
{
	int64		space = Max(reader->space * 2, 1024);

	if (reader->options->rows > 0 && reader->nrows >= Max(2 * reader->options->rows, 1024))
	{
		keep_rows(reader);
		return;
	}
	if (space > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows to learn from"),
				 errhint("Take some of them, as in {\"rows\": 1000000}.")));
	for (int c = 0; c < reader->nreadings; c++)
		reader->readings[c].raw.values = frame_grow(&reader->memory, reader->readings[c].raw.values,
													reader->space, space, sizeof(int64));
	if (reader->options->rows > 0)
		reader->chances = frame_grow(&reader->memory, reader->chances, reader->space, space, sizeof(uint64));
	reader->space = space;
}

/* FrameRow: one row. */
static void
read_row(void *state, TupleTableSlot *slot)
{
	RawReader  *reader = state;

	reader->seen++;
	if (reader->options->rows > 0)
	{
		uint64		chance = row_chance(reader, slot);

		if (chance >= reader->limit)
			return;
		if (reader->nrows == reader->space)
			grow(reader);
		reader->chances[reader->nrows] = chance;
	}
	else if (reader->nrows == reader->space)
		grow(reader);
	for (int c = 0; c < reader->nreadings; c++)
	{
		reader->current = c;
		reader->readings[c].raw.values[reader->nrows] =
			slot->tts_isnull[c] ? RAW_NULL : read_value(reader, &reader->readings[c], slot->tts_values[c]);
	}
	reader->current = -1;
	reader->nrows++;
}

/* Categories: from codes to positions in the order of their values. */
static void
rank_values(Reading *reading, int64 nrows)
{
	Dictionary *d = reading->dictionary;
	uint32	   *ranks = dictionary_ranks(d);
	uint32		n = dictionary_size(d);
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(reading->raw.type.type, &output, &varlena);
	reading->raw.nvalues = n;
	reading->raw.labels = palloc_extended(sizeof(char *) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;

		reading->raw.labels[ranks[code]] = OidOutputFunctionCall(output, dictionary_value(d, code, &isnull));
	}
	for (int64 i = 0; i < nrows; i++)
		if (reading->raw.values[i] != RAW_NULL)
			reading->raw.values[i] = ranks[reading->raw.values[i]];
}

/* The double that the bits are of. */
static double
double_of(int64 bits)
{
	union
	{
		int64		bits;
		double		number;
	}			image;

	image.bits = bits;
	return image.number;
}

/* Floats: the fewest decimals that say all of them, or as many as 15 digits of the largest leave. */
static void
scale_floats(Reading *reading, int64 nrows)
{
	int64	   *values = reading->raw.values;
	double		largest = 0;
	int			most = 0;
	int			scale = 0;

	for (int64 i = 0; i < nrows; i++)
		if (values[i] != RAW_NULL && fabs(double_of(values[i])) > largest)
			largest = fabs(double_of(values[i]));
	while (most < RAW_MAX_SCALE && largest * (double) raw_power(most + 1) < 1e15)
		most++;
	if (largest > 0 && largest * (double) raw_power(most) < LEAST_LARGEST)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("numbers of column \"%s\" are too small to be synthesized", reading->raw.name),
				 errdetail("They are told apart by at most %d decimals.", RAW_MAX_SCALE),
				 errhint("Let a view scale them, or leave the column out.")));
	for (int64 i = 0; i < nrows && scale < most; i++)
	{
		double		number = values[i] == RAW_NULL ? 0 : double_of(values[i]);

		while (scale < most && rint(number * (double) raw_power(scale)) / (double) raw_power(scale) != number)
			scale++;
	}
	reading->raw.type.scale = scale;
	for (int64 i = 0; i < nrows; i++)
		if (values[i] != RAW_NULL && !raw_from_double(double_of(values[i]), scale, &values[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("numbers of column \"%s\" are too large to be synthesized", reading->raw.name),
					 errhint("Let a view scale them, or leave the column out.")));
}

/* The columns that are asked for, and the person. */
static void
choose_columns(RawReader *reader)
{
	const FitOptions *options = reader->options;
	const char **names;
	int			nnames = frame_column_names(reader->relid, &names);
	int			n = 0;

	if (options->person != NULL)
		frame_check_columns(reader->relid, 1, (const char *const *) &options->person, "option person");
	for (int i = 0; i < options->nsaid; i++)
		frame_check_columns(reader->relid, 1, (const char *const *) &options->said[i].name, "option columns");
	for (int i = 0; i < options->norder; i++)
		frame_check_columns(reader->relid, 1, (const char *const *) &options->order[i], "option order");

	reader->readings = palloc0(sizeof(Reading) * (nnames + 1));
	reader->person = -1;
	for (int i = 0; i < nnames; i++)
	{
		bool		person = options->person != NULL && strcmp(options->person, names[i]) == 0;
		bool		listed = options->ncolumns == 0 || fit_options_column(options, names[i]) != NULL;

		if (!listed && !person)
			continue;
		reader->readings[n].raw.name = pstrdup(names[i]);
		reader->readings[n].raw.key = person;
		reader->readings[n].listed = listed;
		if (person)
			reader->person = n;
		n++;
	}
	reader->nreadings = n;
}

/* The query that reads them. */
static char *
make_query(const RawReader *reader)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT ");
	for (int c = 0; c < reader->nreadings; c++)
		appendStringInfo(&query, "%s%s", c > 0 ? ", " : "", quote_identifier(reader->readings[c].raw.name));
	appendStringInfo(&query, " FROM %s", frame_relation_name(reader->relid));
	return query.data;
}

/* Put the values of a column in the order of rows. */
static void
reorder(RawReader *reader, RawColumn *column, const int32 *rows)
{
	int64	   *ordered = frame_alloc(&reader->memory, Max(reader->nrows, 1), sizeof(int64), false);

	for (int64 i = 0; i < reader->nrows; i++)
		ordered[i] = column->values[rows[i]];
	frame_release(&reader->memory, column->values, reader->space, sizeof(int64));
	column->values = ordered;
}

/* Number the persons of ordered rows; NULL is one person. */
static void
number_persons(RawReader *reader, RawTable *table, const int64 *values)
{
	int32	   *persons = frame_alloc(&reader->memory, Max(table->nrows, 1), sizeof(int32), false);
	int32		person = -1;

	for (int64 i = 0; i < table->nrows; i++)
	{
		if (i == 0 || values[i] != values[i - 1])
			person++;
		persons[i] = person;
	}
	table->npersons = person + 1;
	/* a person a row is what NULL says */
	table->persons = table->npersons < table->nrows ? persons : NULL;
}

/* What was read, in its order. */
static RawTable *
make_table(RawReader *reader)
{
	RawTable   *table = palloc0(sizeof(RawTable));
	int64	  **columns = palloc(sizeof(int64 *) * (reader->nreadings + 1));
	const int64 *person = reader->person >= 0 ? reader->readings[reader->person].raw.values : NULL;
	int32	   *rows;
	int			n = 0;

	for (int c = 0; c < reader->nreadings; c++)
		if (c != reader->person)
			columns[n++] = reader->readings[c].raw.values;
	rows = raw_order(&reader->memory, reader->nrows, person, n, columns);
	table->nrows = reader->nrows;
	table->npersons = reader->nrows;
	table->source_rows = reader->seen;
	table->columns = palloc0(sizeof(RawColumn) * (reader->nreadings + 1));
	for (int c = 0; c < reader->nreadings; c++)
		reorder(reader, &reader->readings[c].raw, rows);
	frame_release(&reader->memory, rows, Max(reader->nrows, 1), sizeof(int32));
	if (reader->person >= 0)
		number_persons(reader, table, reader->readings[reader->person].raw.values);
	for (int c = 0; c < reader->nreadings; c++)
		if (reader->readings[c].listed)
			table->columns[table->ncolumns++] = reader->readings[c].raw;
	return table;
}

/* See raw.h. */
RawTable *
raw_read(Oid relid, const FitOptions *options)
{
	RawReader	reader = {options, relid};
	ErrorContextCallback context;

	reader.memory.context = CurrentMemoryContext;
	reader.limit = PG_UINT64_MAX;
	reader.current = -1;
	choose_columns(&reader);
	read_catalog(&reader);

	context.callback = column_context;
	context.arg = &reader;
	context.previous = error_context_stack;
	error_context_stack = &context;
	frame_stream(make_query(&reader), start_reading, read_row, &reader);
	error_context_stack = context.previous;

	if (options->rows > 0)
	{
		keep_rows(&reader);
		raw_met_free(&reader.met, &reader.memory);
	}
	for (int c = 0; c < reader.nreadings; c++)
	{
		CHECK_FOR_INTERRUPTS();
		if (reader.readings[c].dictionary != NULL)
			rank_values(&reader.readings[c], reader.nrows);
		else if (reader.readings[c].floating)
			scale_floats(&reader.readings[c], reader.nrows);
	}
	return make_table(&reader);
}

/* See raw.h. */
int64
raw_persons(const RawTable *table, const int32 *rows, int64 n)
{
	int64		persons = 0;

	if (table->persons == NULL)
		return n;
	for (int64 i = 0; i < n; i++)
		if (i == 0 || table->persons[rows[i]] != table->persons[rows[i - 1]])
			persons++;
	return persons;
}
