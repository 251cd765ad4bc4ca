/*-------------------------------------------------------------------------
 *
 * identifiers.c
 *		kiaim.find_identifiers: which columns hold what tells who somebody is,
 *		judged by every value of every row.
 *
 * One note with one telephone number among a million notes is one too many:
 * so nothing is sampled.  What is found is shown by its shape alone, letters
 * as x and digits as 0, because the result is read by more people than the
 * table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "frame/frame.h"
#include "risk/arguments.h"
#include "risk/identifiers.h"
#include "risk/readable.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_find_identifiers);

/* Of the numbers that have the form of a scheme so many must pass its check. */
#define PROVEN_NUMBERS	0.6

/* A form with letters makes a column suspicious that has it in so many values. */
#define FORM_OF_A_COLUMN	0.9

/* From this share of the values on, single names make a column of names. */
#define NAMES_OF_A_COLUMN	0.2

/* Columns in which so many values are dates are columns of dates. */
#define DATES_OF_A_COLUMN	0.95

/* Birthdays: years between the 5th and the 95th percentile, and from the median to the end. */
#define BIRTH_SPREAD	35
#define BIRTH_AGE		30

/* So few sentences, each repeated, are labels of categories. */
#define FEW_SENTENCES	100
#define REPEATED		5

/* Characters of a shape that are shown. */
#define SHAPE_BYTES		40

#define FIRST_YEAR		1800
#define LAST_YEAR		2200

/* How often something was found in a column. */
typedef struct Finding
{
	int64		rows;			/* proven in so many rows */
	int64		unproven;		/* only of the form, in so many other rows */
	int64		last_row;		/* the last of them, so that none counts twice */
	bool		last_proven;
	char		shape[SHAPE_BYTES + 1];	/* the first in order */
} Finding;

/* A column that is searched. */
typedef struct Column
{
	const char *name;
	bool		is_date;		/* of a type of dates */
	int64		present;
	int64		dates;			/* values that are dates as a whole */
	int64	   *years;			/* of them */
	Finding    *findings;		/* by kind */
	int			nsentences;
	uint64		sentences[FEW_SENTENCES + 1];	/* hashes of different ones */
} Column;

typedef struct Search
{
	int			ncolumns;
	Column	   *columns;
	int			nkinds;
	int		   *same_kind;		/* the first kind of the same name */
	int64		row;
	Column	   *current;
} Search;

/* The name of a kind. */
static const char *
kind_name(int kind)
{
	static const char *const names[] = {
		"name", "e-mail address", "telephone number", "postal address", "date of birth", "date in a text",
		"bank account", "web address", "network address", "uuid", "free text"
	};

	return kind < IDENTIFIER_NUMBER ? names[kind] : number_scheme_name(kind - IDENTIFIER_NUMBER);
}

/* What a text looks like: X, x and 0 for letters and digits. */
static void
shape_of(const char *text, int bytes, char *shape)
{
	int			n = 0;

	for (int i = 0; i < bytes && n < SHAPE_BYTES; i += pg_mblen(text + i))
	{
		char		c = text[i];

		shape[n++] = c >= '0' && c <= '9' ? '0' :
			c >= 'A' && c <= 'Z' ? 'X' :
			(c >= 'a' && c <= 'z') || IS_HIGHBIT_SET(c) ? 'x' : c < ' ' ? ' ' : c;
	}
	shape[n] = '\0';
}

/* Something was found in the current column of the current row. */
static void
note_found(void *state, int kind, const char *text, int bytes, bool proven)
{
	Search	   *s = state;
	Column	   *column = s->current;
	Finding    *f = &column->findings[s->same_kind[kind]];
	bool		seen = f->last_row == s->row;

	if (kind == IDENTIFIER_FREE_TEXT && column->nsentences <= FEW_SENTENCES)
	{
		uint64		hash = hash_bytes_extended((const unsigned char *) text, bytes, 0);
		int			i = 0;

		while (i < column->nsentences && column->sentences[i] != hash)
			i++;
		if (i == column->nsentences)
			column->sentences[column->nsentences++] = hash;
	}
	if (kind != IDENTIFIER_FREE_TEXT)
	{
		char		shape[SHAPE_BYTES + 1];

		shape_of(text, bytes, shape);
		if (f->shape[0] == '\0' || strcmp(shape, f->shape) < 0)
			strcpy(f->shape, shape);
	}
	if (!seen)
	{
		f->last_row = s->row;
		f->last_proven = proven;
		if (proven)
			f->rows++;
		else
			f->unproven++;
	}
	else if (proven && !f->last_proven)
	{
		f->last_proven = true;
		f->unproven--;
		f->rows++;
	}
}

/* Count a day of a column by its year. */
static void
note_year(Column *column, int year)
{
	column->dates++;
	if (year >= FIRST_YEAR && year <= LAST_YEAR)
		column->years[year - FIRST_YEAR]++;
}

/* Search a row. */
static void
note_row(void *state, TupleTableSlot *slot)
{
	Search	   *s = state;

	s->row++;
	for (int i = 0; i < s->ncolumns; i++)
	{
		Column	   *column = &s->columns[i];

		if (slot->tts_isnull[i])
			continue;
		column->present++;
		s->current = column;
		if (column->is_date)
		{
			DateADT		date = DatumGetDateADT(slot->tts_values[i]);
			int			year = 0;
			int			month;
			int			day;

			if (!DATE_NOT_FINITE(date))
				j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
			note_year(column, year);
		}
		else
		{
			text	   *value = DatumGetTextPP(slot->tts_values[i]);
			const char *bytes = VARDATA_ANY(value);
			int			n = VARSIZE_ANY_EXHDR(value);
			int			date = date_of_text(bytes, n);

			if (date != 0)
				note_year(column, date / 10000);
			identifier_scan(bytes, n, note_found, s);
		}
	}
}

/* The year below which a share of the dates of a column lies. */
static int
year_quantile(const Column *column, double share)
{
	int64		total = 0;
	int64		below = 0;

	for (int i = 0; i <= LAST_YEAR - FIRST_YEAR; i++)
		total += column->years[i];
	for (int i = 0; i <= LAST_YEAR - FIRST_YEAR; i++)
	{
		below += column->years[i];
		if (below > 0 && below >= share * total)
			return FIRST_YEAR + i;
	}
	return 0;
}

/* The columns to search, and the query that reads them. */
static const char *
search_columns(Oid relid, Search *s, const ReadableColumn *columns, int ncolumns)
{
	StringInfoData text;

	s->columns = palloc0(sizeof(Column) * Max(ncolumns, 1));
	initStringInfo(&text);
	appendStringInfoString(&text, "SELECT ");
	for (int i = 0; i < ncolumns; i++)
	{
		Column	   *column = &s->columns[s->ncolumns];
		Oid			type = columns[i].type;

		if (!columns[i].readable)
			continue;
		column->name = columns[i].name;
		column->is_date = type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
		column->years = palloc0(sizeof(int64) * (LAST_YEAR - FIRST_YEAR + 1));
		column->findings = palloc0(sizeof(Finding) * s->nkinds);
		appendStringInfo(&text, "%s%s::pg_catalog.%s", s->ncolumns > 0 ? ", " : "",
						 quote_identifier(column->name), column->is_date ? "date" : "text");
		s->ncolumns++;
	}
	appendStringInfo(&text, " FROM %s", frame_relation_name(relid));
	return text.data;
}

/* Return a finding; kind NULL is a column that was not read. */
static void
put_finding(ReturnSetInfo *result, const char *column, const char *kind, int64 hits, int64 present,
			const char *shape, const char *reason)
{
	NameData	name;
	Datum		values[6];
	bool		nulls[6] = {false};

	namestrcpy(&name, column);
	values[0] = NameGetDatum(&name);
	nulls[1] = nulls[2] = nulls[3] = kind == NULL;
	values[1] = kind == NULL ? (Datum) 0 : CStringGetTextDatum(kind);
	values[2] = Int64GetDatum(hits);
	values[3] = Float8GetDatum(present == 0 ? 0 : (double) hits / (double) present);
	nulls[4] = shape == NULL || shape[0] == '\0';
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(shape);
	values[5] = CStringGetTextDatum(reason);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Why a finding is told; NULL if it is not. */
static const char *
reason_of(const Column *column, int kind, int64 *hits)
{
	const Finding *f = &column->findings[kind];

	*hits = f->rows;
	switch (kind)
	{
		case IDENTIFIER_NAME:
			if (f->rows + f->unproven >= NAMES_OF_A_COLUMN * column->present && f->unproven > 0)
			{
				*hits += f->unproven;
				return "values that are a frequent name, or a name beside another word";
			}
			return "a frequent given name beside another word, or a word after a title";
		case IDENTIFIER_EMAIL:
			return "a word, an @ and a domain";
		case IDENTIFIER_PHONE:
			return "digits that start with a country or an area";
		case IDENTIFIER_ADDRESS:
			return "a street with a house number";
		case IDENTIFIER_BIRTH_DATE:
			return "a day behind a word that speaks of birth";
		case IDENTIFIER_DATE:
			return "a day within a longer text; somebody may know what happened then";
		case IDENTIFIER_IBAN:
			return "the check digits of a bank account are right";
		case IDENTIFIER_URL:
			return "a page of the web, which may be that of a person";
		case IDENTIFIER_NETWORK:
			return "four numbers as in the address of a computer";
		case IDENTIFIER_UUID:
			return "made to identify, and the same wherever the record is";
		case IDENTIFIER_FREE_TEXT:
			if (column->nsentences <= FEW_SENTENCES && f->rows >= REPEATED * (int64) column->nsentences)
				*hits = 0;
			return "sentences may name anybody, and no search finds all that they say";
		default:
			if (f->rows < PROVEN_NUMBERS * (double) (f->rows + f->unproven))
			{
				*hits = number_scheme_telling(kind - IDENTIFIER_NUMBER) &&
					f->rows + f->unproven >= FORM_OF_A_COLUMN * column->present ? f->rows + f->unproven : 0;
				return psprintf("nearly all values have this form, though only %.1f %% pass its check",
								100.0 * (double) f->rows / (double) Max(f->rows + f->unproven, 1));
			}
			return psprintf("of the values of this form %.1f %% pass its check",
							100.0 * (double) f->rows / (double) Max(f->rows + f->unproven, 1));
	}
}

/* Return what was found in a column. */
static void
put_column(ReturnSetInfo *result, const Search *s, const Column *column)
{
	if (column->dates > 0 && column->dates >= DATES_OF_A_COLUMN * column->present)
	{
		int			median = year_quantile(column, 0.5);

		if (year_quantile(column, 0.95) - year_quantile(column, 0.05) >= BIRTH_SPREAD &&
			year_quantile(column, 0.999) - median >= BIRTH_AGE)
			put_finding(result, column->name, kind_name(IDENTIFIER_BIRTH_DATE), column->dates, column->present,
						NULL, psprintf("half of the dates lie %d years and more before the last, as birthdays do",
									   year_quantile(column, 0.999) - median));
	}
	for (int kind = 0; kind < s->nkinds; kind++)
	{
		int64		hits;
		const char *reason = reason_of(column, kind, &hits);

		if (hits > 0)
			put_finding(result, column->name, kind_name(kind), hits, column->present,
						column->findings[kind].shape, reason);
	}
}

/*
 * kiaim.find_identifiers(source regclass, columns text[])
 * → (column_name name, kind text, hits bigint, share float8, shape text, reason text)
 */
Datum
kiaim_find_identifiers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			relid = risk_relation(fcinfo, 0, "source");
	Search		search = {0};
	ReadableColumn *columns;
	int			ncolumns;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	search.nkinds = IDENTIFIER_NUMBER + number_nschemes();
	search.same_kind = palloc(sizeof(int) * search.nkinds);
	for (int i = 0; i < search.nkinds; i++)
	{
		search.same_kind[i] = 0;
		while (strcmp(kind_name(search.same_kind[i]), kind_name(i)) != 0)
			search.same_kind[i]++;
	}
	columns = readable_columns(fcinfo, relid, 1, &ncolumns);
	frame_stream(search_columns(relid, &search, columns, ncolumns), NULL, note_row, &search);

	for (int i = 0; i < search.ncolumns; i++)
		put_column(result, &search, &search.columns[i]);
	for (int i = 0; i < ncolumns; i++)
		if (!columns[i].readable)
			put_finding(result, columns[i].name, NULL, 0, 0, NULL, "you have no privilege to read it");
	SPI_finish();
	return (Datum) 0;
}
