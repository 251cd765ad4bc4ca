/*-------------------------------------------------------------------------
 *
 * population_table.c
 *		Reading populations: a table with all quasi-identifiers, or margins.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "risk/population_table.h"

/* Counters count in integers: counts that are none are kept in these units. */
#define COUNT_UNIT	(1.0 / 1048576)

/* A table with a column of counts, on its way into a counter. */
typedef struct Counting
{
	Oid			relid;
	const char *count;
	double		unit;
	int			ncolumns;
	FrameEquality equality;
	MemoryContext home;
	TupleCounter *counter;
	NullableDatum *values;
} Counting;

/* Begin: a counter of the types that the query returns. */
static void
start_counting(void *state, TupleDesc desc)
{
	Counting   *c = state;
	MemoryContext old = MemoryContextSwitchTo(c->home);
	Oid		   *types = palloc(sizeof(Oid) * c->ncolumns);
	Oid		   *collations = palloc(sizeof(Oid) * c->ncolumns);

	for (int i = 0; i < c->ncolumns; i++)
	{
		types[i] = TupleDescAttr(desc, i)->atttypid;
		collations[i] = TupleDescAttr(desc, i)->attcollation;
	}
	c->counter = counter_create(c->ncolumns, types, collations, c->equality);
	c->values = palloc(sizeof(NullableDatum) * c->ncolumns);
	MemoryContextSwitchTo(old);
}

/* One row of the table. */
static void
count_persons(void *state, TupleTableSlot *slot)
{
	Counting   *c = state;
	double		count;
	double		units;

	if (slot->tts_isnull[c->ncolumns])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" of population %s must not be NULL", c->count,
						frame_relation_name(c->relid))));
	count = DatumGetFloat8(slot->tts_values[c->ncolumns]);
	units = count / c->unit;
	if (!(count >= 0 && units < 9e18))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" of population %s must be a number of persons, but is %g",
						c->count, frame_relation_name(c->relid), count)));
	if (rint(units) == 0)
		return;
	for (int i = 0; i < c->ncolumns; i++)
	{
		c->values[i].value = slot->tts_values[i];
		c->values[i].isnull = slot->tts_isnull[i];
	}
	counter_add(c->counter, c->values, (int64) rint(units));
}

/* Integers have no parts. */
static bool
is_integer(Oid type)
{
	type = getBaseType(type);
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* The tuples of a table, weighted by its counts in units. */
static TupleCounter *
read_counter(Oid relid, int ncolumns, const char *const *columns, const char *count,
			 FrameEquality equality, double *unit)
{
	Counting	counting = {.relid = relid, .count = count, .ncolumns = ncolumns, .equality = equality};
	StringInfoData sql;

	*unit = 1;
	if (count == NULL)
		return frame_read(relid, ncolumns, columns, equality,
						  equality == FRAME_EQUAL_IMAGE ? ncolumns : 0);
	if (!is_integer(get_atttype(relid, get_attnum(relid, count))))
		*unit = COUNT_UNIT;
	counting.unit = *unit;
	counting.home = CurrentMemoryContext;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < ncolumns; i++)
		appendStringInfo(&sql, "%s, ", quote_identifier(columns[i]));
	appendStringInfo(&sql, "%s::pg_catalog.float8 FROM %s", quote_identifier(count),
					 frame_relation_name(relid));
	frame_stream(sql.data, start_counting, count_persons, &counting);
	return counting.counter;
}

/* The code in the tuples' dictionary of each in a column of a counter. */
static uint32 *
translate_codes(RiskTuples *t, int quasi, const Dictionary *theirs)
{
	Dictionary *ours = risk_tuples_dictionary(t, quasi);
	uint32		n = dictionary_size(theirs);
	uint32	   *codes = frame_alloc(&t->memory, Max(n, 1), sizeof(uint32), false);

	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(theirs, code, &isnull);

		if ((code & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		codes[code] = dictionary_encode(ours, value, isnull);
	}
	return codes;
}

/* Do two relations compare a column by different collations? */
static bool
collations_differ(Oid one, Oid other, const char *column)
{
	Oid			type;
	int32		typmod;
	Oid			ones;
	Oid			others;

	get_atttypetypmodcoll(one, get_attnum(one, column), &type, &typmod, &ones);
	get_atttypetypmodcoll(other, get_attnum(other, column), &type, &typmod, &others);
	return ones != others;
}

/* Read the counts of the persons by some of the quasi-identifiers. */
static void
read_part(PopulationPart *part, RiskTuples *t, const RiskColumns *columns, Oid source, Oid relid,
		  int ncolumns, int *quasi, const char *count)
{
	const char **names = palloc(ncolumns * sizeof(char *));
	uint32	  **translation = palloc(ncolumns * sizeof(uint32 *));
	uint32	   *codes = palloc(ncolumns * sizeof(uint32));
	TupleCounter *counter;
	CounterScan scan;
	int64		weight;
	double		unit;
	Size		held;

	for (int i = 0; i < ncolumns; i++)
		names[i] = columns->quasi[quasi[i]];
	frame_check_population(relid, source, ncolumns, names);
	/* what is equal is for the source to say */
	part->folded = false;
	for (int i = 0; i < ncolumns; i++)
		part->folded |= collations_differ(relid, source, names[i]);
	counter = read_counter(relid, ncolumns, names, count,
						   part->folded ? FRAME_EQUAL_IMAGE : FRAME_EQUAL_SQL, &unit);
	held = counter_memory(counter);
	t->memory.used += held;

	part->relid = relid;
	part->ncolumns = ncolumns;
	part->columns = quasi;
	part->ncells = 0;
	part->persons = (double) counter_total(counter) * unit;
	part->counts = frame_alloc(&t->memory, Max(counter_ntuples(counter), 1), sizeof(double), false);
	part->codes = palloc(ncolumns * sizeof(uint32 *));
	for (int i = 0; i < ncolumns; i++)
	{
		part->codes[i] = frame_alloc(&t->memory, Max(counter_ntuples(counter), 1), sizeof(uint32), false);
		translation[i] = translate_codes(t, quasi[i], counter_dictionary(counter, i));
	}
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		if ((part->ncells & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < ncolumns; i++)
			part->codes[i][part->ncells] = translation[i][codes[i]];
		part->counts[part->ncells++] = (double) weight * unit;
	}
	for (int i = 0; i < ncolumns; i++)
		frame_release(&t->memory, translation[i],
					  Max(dictionary_size(counter_dictionary(counter, i)), 1), sizeof(uint32));
	counter_free(counter);
	t->memory.used -= held;
}

/* Error 42703 unless a relation has the column of counts. */
static void
check_count(Oid relid, const char *count)
{
	(void) frame_relation_name(relid);
	if (count != NULL)
		frame_check_columns(relid, 1, &count, "population_count");
}

/* Error unless a relation has all quasi-identifiers, besides the counts. */
static void
check_table(Oid relid, const RiskColumns *columns, const char *count)
{
	frame_check_columns(relid, columns->nquasi, columns->quasi, "population_table");
	for (int i = 0; count != NULL && i < columns->nquasi; i++)
	{
		if (strcmp(columns->quasi[i], count) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both population_count and quasi-identifier", count)));
	}
}

/* The quasi-identifiers that a margin knows, in order. */
static int
margin_columns(Oid relid, const RiskColumns *columns, const char *count, int **quasi)
{
	int			n = 0;

	*quasi = palloc(columns->nquasi * sizeof(int));
	for (int i = 0; i < columns->nquasi; i++)
	{
		if (get_attnum(relid, columns->quasi[i]) > 0 &&
			(count == NULL || strcmp(count, columns->quasi[i]) != 0))
			(*quasi)[n++] = i;
	}
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population margin %s has no quasi-identifier", frame_relation_name(relid)),
				 errhint("Its columns must have the names of those of the source.")));
	return n;
}

/* The relations of an array. */
static Oid *
margin_relations(ArrayType *array, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	Oid		   *relids;

	deconstruct_array(array, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT, &elements, &nulls, n);
	if (*n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population_margins names no table")));
	relids = palloc(*n * sizeof(Oid));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("population_margins must not contain NULL")));
		relids[i] = DatumGetObjectId(elements[i]);
	}
	return relids;
}

/* Error 22023 unless each quasi-identifier is in a margin. */
static void
check_covered(const RiskColumns *columns, int nmargins, const PopulationPart *margins)
{
	for (int j = 0; j < columns->nquasi; j++)
	{
		bool		covered = false;

		for (int m = 0; m < nmargins; m++)
			for (int i = 0; i < margins[m].ncolumns; i++)
				covered |= margins[m].columns[i] == j;
		if (!covered)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" is in no population margin", columns->quasi[j]),
					 errhint("Add a margin that has it, or leave it out of quasi.")));
	}
}

/* See population_table.h. */
bool
population_counts_agree(double a, double b)
{
	return fabs(a - b) <= Max(1, Max(a, b) / 100);
}

/* The margins that are connected with margin first by shared columns; they are marked as done. */
static int
connected(int first, int nmargins, const PopulationPart *margins, bool *done,
		  const PopulationPart **group)
{
	int			n = 0;

	group[n++] = &margins[first];
	done[first] = true;
	for (int i = 0; i < n; i++)
		for (int m = 0; m < nmargins; m++)
		{
			bool		shares = false;

			for (int a = 0; a < group[i]->ncolumns; a++)
				for (int b = 0; b < margins[m].ncolumns; b++)
					shares |= group[i]->columns[a] == margins[m].columns[b];
			if (shares && !done[m])
			{
				done[m] = true;
				group[n++] = &margins[m];
			}
		}
	return n;
}

/* Complete margins: a part for all that are connected. */
static void
fit_margins(RiskPopulation *population, RiskTuples *t, const RiskColumns *columns, int nmargins,
			const PopulationPart *margins)
{
	const PopulationPart **group = palloc(nmargins * sizeof(PopulationPart *));
	bool	   *done = palloc0(nmargins * sizeof(bool));

	population->persons = margins[0].persons;
	for (int m = 1; m < nmargins; m++)
	{
		if (!population_counts_agree(margins[0].persons, margins[m].persons))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("population margins contradict each other"),
					 errdetail("%s has %.12g persons, %s has %.12g.", frame_relation_name(margins[0].relid),
							   margins[0].persons, frame_relation_name(margins[m].relid), margins[m].persons),
					 errhint("All margins must count the same persons; population_count names the column with their numbers.")));
		/* the fewer persons, the larger the risk */
		population->persons = Min(population->persons, margins[m].persons);
	}
	for (int m = 0; m < nmargins; m++)
	{
		PopulationPart *part = &population->parts[population->nparts];
		int			n;

		if (done[m])
			continue;
		n = connected(m, nmargins, margins, done, group);
		if (n == 1)
			*part = margins[m];
		else
		{
			double		deviation = ipf_fit(t, columns, n, group, part);

			population->deviation = Max(population->deviation, deviation);
		}
		population->nparts++;
	}
	population->converged = population->deviation <= 0.01;
}

/* See population_table.h. */
RiskPopulation *
risk_population_read(RiskTuples *t, const RiskColumns *columns, Oid source, Oid table,
					 ArrayType *margins, const char *count)
{
	RiskPopulation *population = palloc0(sizeof(RiskPopulation));
	PopulationPart *parts;
	Oid		   *relids = &table;
	int			n = 1;

	population->margins = margins != NULL;
	population->converged = true;
	if (margins != NULL)
		relids = margin_relations(margins, &n);
	for (int m = 0; m < n; m++)
		check_count(relids[m], count);
	population->nulls = palloc(columns->nquasi * sizeof(uint32));
	for (int j = 0; j < columns->nquasi; j++)
		population->nulls[j] = dictionary_encode(risk_tuples_dictionary(t, j), (Datum) 0, true);
	population->parts = palloc0(n * sizeof(PopulationPart));
	parts = population->margins ? palloc0(n * sizeof(PopulationPart)) : population->parts;
	for (int m = 0; m < n; m++)
	{
		int		   *quasi;
		int			nquasi;

		if (margins == NULL)
			check_table(relids[m], columns, count);
		nquasi = margin_columns(relids[m], columns, count, &quasi);
		read_part(&parts[m], t, columns, source, relids[m], nquasi, quasi, count);
	}
	if (margins == NULL)
	{
		population->nparts = 1;
		population->persons = parts[0].persons;
	}
	else
	{
		check_covered(columns, n, parts);
		fit_margins(population, t, columns, n, parts);
	}

	/* who is in the data is in the population: F is never below f, but the table may be the wrong one */
	if (population->persons < (double) t->npersons)
		ereport(WARNING,
				(errmsg("the population has fewer persons than the data"),
				 errdetail("It has %.0f, the data have %lld.", population->persons, (long long) t->npersons),
				 count == NULL ?
				 errhint("If a column of the population holds counts of persons, name it in population_count.") :
				 errhint("Name the population from which the data come.")));
	return population;
}
