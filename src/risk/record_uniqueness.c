/*-------------------------------------------------------------------------
 *
 * record_uniqueness.c
 *		kiaim.record_uniqueness: how likely each record is to be the only one of
 *		its kind in the population, from a density fitted to all of them.
 *
 * The relation is read twice in one snapshot: for the density, and for the
 * records.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "risk/arguments.h"
#include "risk/density.h"
#include "risk/population_figures.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_record_uniqueness);

#define NFIGURES	5

/* The records on their way into the result. */
typedef struct Records
{
	ReturnSetInfo *result;
	RiskTuples *tuples;
	const RiskDensity *density;
	double		population;		/* members of its classes */
	bool		overlap;		/* of classes, by NULL as a wildcard: there are no figures */
	bool		reliable;		/* the density; without, there are sizes only */
	uint32	   *codes;			/* of a record */
} Records;

/* The figures of a tuple. */
static void
tuple_figures(const Records *r, uint32 tuple, double figures[NFIGURES])
{
	double		log_p = r->density->log_p[tuple];
	int64		size = r->tuples->persons[tuple];
	double		outside = (r->population - r->density->members) / r->population;
	double		rest = outside * r->population * exp(log_p);

	figures[0] = (double) size;
	/* what is seen needs no model */
	figures[1] = outside > 0 ? density_uniqueness(log_p, r->population) : size == 1;
	figures[2] = outside > 0 ? density_correctness(log_p, r->population) : 1 / (double) size;
	figures[3] = size == 1 ? exp(-rest) : 0;
	figures[4] = density_match(size, rest);
}

/* A record: its id, and its quasi-identifiers. */
static void
put_record(void *state, TupleTableSlot *slot)
{
	Records    *r = state;
	Datum		values[NFIGURES + 1] = {slot->tts_values[0]};
	bool		nulls[NFIGURES + 1] = {slot->tts_isnull[0], true, true, true, true, true};
	double		figures[NFIGURES];
	int64		tuple;

	for (int c = 0; c < r->tuples->ncolumns; c++)
		r->codes[c] = dictionary_encode(risk_tuples_dictionary(r->tuples, c),
										slot->tts_values[c + 1], slot->tts_isnull[c + 1]);
	tuple = risk_tuples_find(r->tuples, r->codes);
	/* a view may show another time what it has not shown before */
	if (tuple >= 0 && !r->overlap)
	{
		tuple_figures(r, (uint32) tuple, figures);
		values[1] = Int64GetDatum((int64) figures[0]);
		nulls[1] = false;
		for (int i = 1; i < NFIGURES; i++)
		{
			values[i + 1] = Float8GetDatum(figures[i]);
			nulls[i + 1] = !r->reliable;
		}
	}
	tuplestore_putvalues(r->result->setResult, r->result->setDesc, values, nulls);
}

/* The query that reads the records. */
static char *
records_query(Oid relid, const RiskColumns *columns, const char *id)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s::pg_catalog.text", id != NULL ? quote_identifier(id) : "NULL");
	for (int c = 0; c < columns->nquasi; c++)
		appendStringInfo(&sql, ", %s", quote_identifier(columns->quasi[c]));
	appendStringInfo(&sql, " FROM %s", frame_relation_name(relid));
	return sql.data;
}

/*
 * kiaim.record_uniqueness(source regclass, quasi text[], population bigint, id text, person text,
 * wildcard boolean) → (id, class_size, uniqueness, correctness, population_unique, reidentified)
 */
Datum
kiaim_record_uniqueness(PG_FUNCTION_ARGS)
{
	Records		r = {.result = srf_begin(fcinfo)};
	Oid			relid = risk_relation(fcinfo, 0, "source");
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");
	int64		population;
	const char *id;
	RiskColumns *columns;
	TupleCounter *counter;
	LoglinearRisk risk;

	risk_not_null(fcinfo, 2, "population");
	population = risk_persons(fcinfo, 2, "population");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	columns = risk_columns(fcinfo, relid, 1, 4);
	id = risk_column(fcinfo, 3, relid, "id");
	counter = frame_read(relid, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0);
	r.tuples = risk_tuples(counter, columns->person != NULL);
	r.population = (double) population_members(r.tuples, population);
	for (int c = 0; c < r.tuples->ncolumns; c++)
		r.overlap = r.overlap || (wildcard && r.tuples->nulls[c] != RISK_NO_NULL);
	r.density = risk_density(r.tuples, true);
	loglinear_risk(r.tuples, r.density, r.population, &risk);
	r.reliable = loglinear_reliable(&risk);
	r.codes = palloc(columns->nquasi * sizeof(uint32));
	frame_stream(records_query(relid, columns, id), NULL, put_record, &r);
	SPI_finish();
	return (Datum) 0;
}
