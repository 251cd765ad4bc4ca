/*-------------------------------------------------------------------------
 *
 * find_quasi.c
 *		kiaim.find_quasi: which columns of a relation that nobody has labelled
 *		single records out, alone or together.
 *
 * A column is judged by what it adds: by how much the share of unique records
 * grows when it joins a set of other columns.  The mean of that over all sets
 * of each size, averaged over the sizes, is Shapley's value cut off at the
 * largest size; the largest single step names the company in which the column
 * is most dangerous.  Data can say what singles out, not what others know.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/typcache.h"

#include "frame/frame.h"
#include "risk/arguments.h"
#include "risk/readable.h"
#include "risk/subsets.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_find_quasi);

/* A column alone that singles out this share of the records identifies. */
#define IDENTIFIES	0.5

/* A column that adds less to every set of columns adds nothing to speak of. */
#define SPEAKS		0.001

/* A set of columns and the share of records that are unique in it. */
typedef struct SetUniqueness
{
	uint64		columns;		/* the key */
	double		uniqueness;
	double		distinction;
} SetUniqueness;

typedef struct Finder
{
	int			ncolumns;
	int64		nrecords;
	uint64		identifying;	/* columns that are in no larger set */
	HTAB	   *sets;
	double		none;			/* uniqueness without any column */
} Finder;

/* What a column adds to sets of other columns. */
typedef struct Contribution
{
	double		sum[SUBSETS_MAX_COLUMNS + 1];	/* by the size of the set it makes */
	int64		sets[SUBSETS_MAX_COLUMNS + 1];
	double		largest;
	uint64		company;		/* the other columns of the largest */
} Contribution;

/* Sets are extended as long as they hold no column that identifies by itself. */
static bool
is_wanted(void *state, uint64 columns)
{
	Finder	   *f = state;

	return pg_popcount64(columns) == 1 || (columns & f->identifying) == 0;
}

/* Note how unique records are in a set of columns. */
static void
note_set(void *state, uint64 columns, const SubsetFigures *figures)
{
	Finder	   *f = state;
	SetUniqueness *set = hash_search(f->sets, &columns, HASH_ENTER, NULL);

	set->uniqueness = f->nrecords == 0 ? 0 : (double) figures->records / (double) f->nrecords;
	set->distinction = figures->distinction;
	if (pg_popcount64(columns) == 1 && set->uniqueness >= IDENTIFIES)
		f->identifying |= columns;
}

/* The uniqueness of a set; sets that were not looked at hold none that was asked for. */
static bool
find_set(const Finder *f, uint64 columns, double *uniqueness)
{
	SetUniqueness *set;

	*uniqueness = f->none;
	if (columns == 0)
		return true;
	set = hash_search(f->sets, &columns, HASH_FIND, NULL);
	if (set != NULL)
		*uniqueness = set->uniqueness;
	return set != NULL;
}

/* Does one set stand before another: fewer columns, then the first ones? */
static bool
stands_before(uint64 a, uint64 b)
{
	if (pg_popcount64(a) != pg_popcount64(b))
		return pg_popcount64(a) < pg_popcount64(b);
	/* the lowest column in which they differ decides */
	return ((a ^ b) & (~(a ^ b) + 1) & a) != 0;
}

/* What each column adds to all the sets that were looked at. */
static Contribution *
contributions(const Finder *f)
{
	Contribution *all = palloc0(sizeof(Contribution) * Max(f->ncolumns, 1));
	HASH_SEQ_STATUS scan;
	SetUniqueness *set;

	hash_seq_init(&scan, f->sets);
	while ((set = hash_seq_search(&scan)) != NULL)
	{
		int			size = pg_popcount64(set->columns);

		CHECK_FOR_INTERRUPTS();
		for (uint64 rest = set->columns; rest != 0; rest &= rest - 1)
		{
			int			column = pg_rightmost_one_pos64(rest);
			uint64		company = set->columns & ~(UINT64CONST(1) << column);
			Contribution *c = &all[column];
			double		without;
			double		gain;

			if (!find_set(f, company, &without))
				continue;
			gain = set->uniqueness - without;
			c->sum[size] += gain;
			c->sets[size]++;
			if (c->sets[1] + c->sets[size] == 1 || gain > c->largest ||
				(gain == c->largest && stands_before(company, c->company)))
			{
				c->largest = gain;
				c->company = company;
			}
		}
	}
	return all;
}

/* The mean over sizes of the mean over sets. */
static double
mean_gain(const Contribution *c)
{
	double		sum = 0;
	int			sizes = 0;

	for (int size = 1; size <= SUBSETS_MAX_COLUMNS; size++)
	{
		if (c->sets[size] == 0)
			continue;
		sum += c->sum[size] / (double) c->sets[size];
		sizes++;
	}
	return sizes == 0 ? 0 : sum / sizes;
}

/* The names of a set of columns. */
static Datum
names_of(uint64 columns, const char *const *names)
{
	Datum		elements[SUBSETS_MAX_COLUMNS];
	int			n = 0;

	for (; columns != 0; columns &= columns - 1)
		elements[n++] = CStringGetTextDatum(names[pg_rightmost_one_pos64(columns)]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Return a column of which nothing is known. */
static void
put_unknown(ReturnSetInfo *result, const char *column, const char *reason)
{
	NameData	name;
	Datum		values[9] = {0};
	bool		nulls[9] = {false, false, true, true, true, true, true, true, false};

	namestrcpy(&name, column);
	values[0] = NameGetDatum(&name);
	values[1] = CStringGetTextDatum("unknown");
	values[8] = CStringGetTextDatum(reason);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Return a column that was looked at. */
static void
put_column(ReturnSetInfo *result, const Finder *f, const RiskTuples *tuples, const char *const *names,
		   int column, const Contribution *c)
{
	uint64		alone = UINT64CONST(1) << column;
	SetUniqueness *set = hash_search(f->sets, &alone, HASH_FIND, NULL);
	int64		different = tuples->domain[column];
	NameData	name;
	const char *role;
	const char *reason;
	Datum		values[9];
	bool		nulls[9] = {false};

	if (different <= 1)
	{
		role = "constant";
		reason = different == 0 ? "there are no records" : "the same in every record, it tells nobody apart";
	}
	else if ((f->identifying & alone) != 0)
	{
		role = "identifier";
		reason = psprintf("alone it singles out %.1f %% of the records", 100 * set->uniqueness);
	}
	else if (c->largest < SPEAKS)
	{
		role = "other";
		reason = "added to any other columns it singles out hardly a record more";
	}
	else
	{
		role = "quasi";
		reason = c->company == 0 ?
			psprintf("alone it singles out %.1f %% of the records", 100 * set->uniqueness) :
			psprintf("added to %d other%s it singles out %.1f %% of the records more",
					 pg_popcount64(c->company), pg_popcount64(c->company) == 1 ? "" : "s", 100 * c->largest);
	}
	namestrcpy(&name, names[column]);
	values[0] = NameGetDatum(&name);
	values[1] = CStringGetTextDatum(role);
	values[2] = Int64GetDatum(different);
	values[3] = Float8GetDatum(set->distinction);
	nulls[3] = isnan(set->distinction);
	values[4] = Float8GetDatum(set->uniqueness);
	values[5] = Float8GetDatum(mean_gain(c));
	values[6] = Float8GetDatum(c->largest);
	values[7] = names_of(c->company, names);
	nulls[4] = nulls[5] = nulls[6] = nulls[7] = f->nrecords == 0;
	values[8] = CStringGetTextDatum(reason);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * kiaim.find_quasi(source regclass, columns text[], person text, max_columns int, wildcard boolean)
 * → (column_name name, role text, different bigint, distinction float8, uniqueness float8,
 * gain float8, largest_gain float8, together_with text[], reason text)
 */
Datum
kiaim_find_quasi(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			relid = risk_relation(fcinfo, 0, "source");
	const char *person = risk_column(fcinfo, 2, relid, "person");
	int			max_columns = risk_integer(fcinfo, 3, "max_columns", 1, SUBSETS_MAX_COLUMNS);
	bool		wildcard = risk_flag(fcinfo, 4, "wildcard");
	int			first = person != NULL ? 1 : 0;
	HASHCTL		control = {.keysize = sizeof(uint64),.entrysize = sizeof(SetUniqueness),.hcxt = CurrentMemoryContext};
	Finder		finder = {0};
	ReadableColumn *columns;
	int			ncolumns;
	const char **names;
	RiskTuples *tuples;
	Contribution *all;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	columns = readable_columns(fcinfo, relid, 1, &ncolumns);
	names = palloc(sizeof(char *) * (ncolumns + 1));
	names[0] = person;
	for (int i = 0; i < ncolumns; i++)
	{
		TypeCacheEntry *type = lookup_type_cache(columns[i].type, TYPECACHE_HASH_PROC);

		if (person != NULL && strcmp(person, columns[i].name) == 0)
		{
			if (!PG_ARGISNULL(1))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("column \"%s\" cannot be both person and one of columns", person),
						 errhint("Leave it out of columns: who knows the person's number has found the person.")));
			continue;
		}
		if (!columns[i].readable)
			put_unknown(result, columns[i].name, "you have no privilege to read it");
		else if (!OidIsValid(type->hash_proc))
			put_unknown(result, columns[i].name,
						psprintf("values of type %s cannot be compared", format_type_be(columns[i].type)));
		else
			names[first + finder.ncolumns++] = columns[i].name;
	}
	subsets_check(finder.ncolumns);
	tuples = risk_tuples(frame_read(relid, first + finder.ncolumns, names, FRAME_EQUAL_SQL, 0), person != NULL);
	names += first;

	finder.nrecords = tuples->nrecords;
	finder.none = tuples->npersons == 1 ? 1 : 0;
	finder.sets = hash_create("kiaim.find_quasi sets", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	if (finder.ncolumns > 0)
		subsets_count(tuples, max_columns, wildcard, is_wanted, note_set, &finder);
	all = contributions(&finder);
	for (int i = 0; i < finder.ncolumns; i++)
		put_column(result, &finder, tuples, names, i, &all[i]);
	SPI_finish();
	return (Datum) 0;
}
