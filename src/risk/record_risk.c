/*-------------------------------------------------------------------------
 *
 * record_risk.c
 *		kiaim.record_risk: the risk of every record of a relation.
 *
 * The relation is read twice in one snapshot: once to count its tuples, once
 * to tell each record the figures of its own.  Weights and households are only
 * known after the last record; then the records wait in a tuplestore, with the
 * number of their tuple in place of its values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "risk/arguments.h"
#include "risk/records_internal.h"
#include "risk/subsets.h"
#include "risk/suda.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_record_risk);

/* The arguments of the function, by position. */
enum
{
	ARG_SOURCE, ARG_QUASI, ARG_ID, ARG_PERSON, ARG_WEIGHT, ARG_HOUSEHOLD, ARG_POPULATION,
	ARG_TABLE, ARG_MARGINS, ARG_COUNT, ARG_MAX_COLUMNS, ARG_WEIGHTING, ARG_WILDCARD
};

/* The columns of its result. */
enum
{
	OUT_ID, OUT_CLASS_SIZE, OUT_PROSECUTOR, OUT_JOURNALIST, OUT_INDIVIDUAL, OUT_HOUSEHOLD, OUT_SUDA,
	OUT_DIS_SUDA, OUT_CONTRIBUTIONS, OUT_POPULATION_SIZE, OUT_NCOLUMNS
};

/* The columns of a record that waits. */
enum
{
	WAIT_ID, WAIT_TUPLE, WAIT_HOUSEHOLD, WAIT_PERSON, WAIT_NCOLUMNS
};

/* A record on its way: numbers in place of its values. */
typedef struct Record
{
	Datum		id;
	bool		no_id;
	uint32		tuple;
	uint32		household;		/* or RECORD_NOBODY: it has none, or none is asked for */
	uint32		person;
} Record;

/* One call of the function. */
typedef struct RecordRisk
{
	/* what is asked */
	Oid			relid;
	RiskColumns *columns;
	const char *id;
	const char *weight;
	const char *household;
	int64		population;
	Oid			table;
	ArrayType  *margins;
	const char *count;
	int			max_columns;
	SudaWeighting weighting;
	bool		wildcard;

	/* what is known */
	RiskTuples *tuples;
	RecordFigures *figures;
	SudaResult *suda;
	RecordContributions *contributions;
	RecordWeights *weights;
	Dictionary *household_codes;
	RecordHouseholds *households;

	/* reading */
	MemoryContext home;
	uint32	   *codes;
	Tuplestorestate *waiting;
	TupleDesc	waiting_desc;
	ReturnSetInfo *result;
} RecordRisk;

/* Error unless the column of weights holds numbers; a cast that fails would name a value and no column. */
static void
check_number(Oid relid, const char *column)
{
	Oid			type = getBaseType(get_atttype(relid, get_attnum(relid, column)));

	if (TypeCategory(type) != TYPCATEGORY_NUMERIC)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of weight has no numbers but values of type %s", column, format_type_be(type)),
				 errhint("Name a view that casts it to a number.")));
}

/* Read the arguments that are no columns of the relation to count. */
static void
read_arguments(RecordRisk *r, FunctionCallInfo fcinfo)
{
	const char *weighting;

	r->relid = risk_relation(fcinfo, ARG_SOURCE, "source");
	r->columns = risk_columns(fcinfo, r->relid, ARG_QUASI, ARG_PERSON);
	r->id = risk_column(fcinfo, ARG_ID, r->relid, "id");
	r->weight = risk_column(fcinfo, ARG_WEIGHT, r->relid, "weight");
	r->household = risk_column(fcinfo, ARG_HOUSEHOLD, r->relid, "household");
	if (r->weight != NULL)
	{
		risk_not_among(r->columns, r->weight, "weight");
		check_number(r->relid, r->weight);
	}
	if (r->household != NULL)
		risk_not_among(r->columns, r->household, "household");
	r->population = risk_persons(fcinfo, ARG_POPULATION, "population");
	r->table = PG_ARGISNULL(ARG_TABLE) ? InvalidOid : PG_GETARG_OID(ARG_TABLE);
	r->margins = PG_ARGISNULL(ARG_MARGINS) ? NULL : PG_GETARG_ARRAYTYPE_P(ARG_MARGINS);
	r->count = risk_text(fcinfo, ARG_COUNT);
	if ((r->weight != NULL) + (r->population > 0) + OidIsValid(r->table) + (r->margins != NULL) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only one of weight, population, population_table and population_margins can be given"),
				 errdetail("Each of them says how many persons of the population share the values of a record."),
				 errhint("Give the one that knows most: a table, then its margins, weights, and the size of the population.")));
	if (r->count != NULL && !OidIsValid(r->table) && r->margins == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population_count needs population_table or population_margins"),
				 errhint("It names the column of those tables that counts persons.")));
	r->max_columns = risk_integer(fcinfo, ARG_MAX_COLUMNS, "max_columns", 0, SUBSETS_MAX_COLUMNS);
	risk_not_null(fcinfo, ARG_WEIGHTING, "weighting");
	weighting = risk_text(fcinfo, ARG_WEIGHTING);
	r->weighting = suda_weighting(weighting);
	r->wildcard = risk_flag(fcinfo, ARG_WILDCARD, "wildcard");
	if (r->wildcard)
		risk_check_wildcard(r->columns);
}

/* The records as a query: the id as text, the columns of the tuple, the person, weight and household. */
static char *
records_query(const RecordRisk *r)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s::pg_catalog.text", r->id == NULL ? "NULL" : quote_identifier(r->id));
	for (int i = 0; i < r->columns->nquasi; i++)
		appendStringInfo(&sql, ", %s", quote_identifier(r->columns->quasi[i]));
	if (r->waiting != NULL && r->columns->person != NULL)
		appendStringInfo(&sql, ", %s", quote_identifier(r->columns->person));
	if (r->weight != NULL)
		appendStringInfo(&sql, ", %s::pg_catalog.float8", quote_identifier(r->weight));
	if (r->household != NULL)
		appendStringInfo(&sql, ", %s", quote_identifier(r->household));
	appendStringInfo(&sql, " FROM %s", frame_relation_name(r->relid));
	return sql.data;
}

/* Return a record with all that is known of it. */
static void
put_record(const RecordRisk *r, const Record *record)
{
	Datum		values[OUT_NCOLUMNS];
	bool		nulls[OUT_NCOLUMNS] = {false};
	uint32		t = record->tuple;
	const TupleFigures *figures = &r->figures->tuple[t];

	values[OUT_ID] = record->id;
	nulls[OUT_ID] = record->no_id;
	values[OUT_CLASS_SIZE] = Int64GetDatum(figures->size);
	values[OUT_PROSECUTOR] = Float8GetDatum(1 / (double) figures->size);
	values[OUT_JOURNALIST] = Float8GetDatum(1 / figures->population);
	values[OUT_INDIVIDUAL] = Float8GetDatum(figures->individual);
	values[OUT_POPULATION_SIZE] = Float8GetDatum(figures->population);
	/* margins that could not be fitted say nothing of anybody */
	nulls[OUT_JOURNALIST] = nulls[OUT_INDIVIDUAL] = nulls[OUT_POPULATION_SIZE] = isnan(figures->population);
	nulls[OUT_HOUSEHOLD] = r->household == NULL || isnan(figures->population);
	if (!nulls[OUT_HOUSEHOLD])
		values[OUT_HOUSEHOLD] = Float8GetDatum(record->household == RECORD_NOBODY ? figures->individual :
											   record_households_risk(r->households, record->household));
	nulls[OUT_SUDA] = nulls[OUT_DIS_SUDA] = r->suda == NULL;
	nulls[OUT_CONTRIBUTIONS] = r->suda == NULL || r->suda->score[t] == 0;
	if (r->suda != NULL)
	{
		values[OUT_SUDA] = Float8GetDatum(r->suda->score[t]);
		values[OUT_DIS_SUDA] = Float8GetDatum(suda_dis(r->suda, t));
	}
	if (!nulls[OUT_CONTRIBUTIONS])
		values[OUT_CONTRIBUTIONS] = record_contributions_of(r->contributions, t);
	tuplestore_putvalues(r->result->setResult, r->result->setDesc, values, nulls);
}

/* Let a record wait until all are read. */
static void
hold_record(const RecordRisk *r, const Record *record)
{
	Datum		values[WAIT_NCOLUMNS];
	bool		nulls[WAIT_NCOLUMNS] = {record->no_id, false, false, false};

	values[WAIT_ID] = record->id;
	values[WAIT_TUPLE] = Int32GetDatum((int32) record->tuple);
	values[WAIT_HOUSEHOLD] = Int32GetDatum((int32) record->household);
	values[WAIT_PERSON] = Int32GetDatum((int32) record->person);
	tuplestore_putvalues(r->waiting, r->waiting_desc, values, nulls);
}

/* The types are known: prepare to tell households apart. */
static void
start_records(void *state, TupleDesc desc)
{
	RecordRisk *r = state;

	if (r->household != NULL)
	{
		Form_pg_attribute last = TupleDescAttr(desc, desc->natts - 1);
		MemoryContext old = MemoryContextSwitchTo(r->home);

		r->household_codes = dictionary_create(last->atttypid, last->attcollation, FRAME_EQUAL_SQL);
		MemoryContextSwitchTo(old);
	}
}

/* One record of the relation. */
static void
take_record(void *state, TupleTableSlot *slot)
{
	RecordRisk *r = state;
	Record		record = {slot->tts_values[0], slot->tts_isnull[0], 0, RECORD_NOBODY, RECORD_NOBODY};
	int			at = 1;
	int64		tuple;

	for (int i = 0; i < r->columns->nquasi; i++, at++)
		r->codes[i] = dictionary_encode(risk_tuples_dictionary(r->tuples, i),
										slot->tts_values[at], slot->tts_isnull[at]);
	tuple = risk_tuples_find(r->tuples, r->codes);
	if (tuple < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation %s had other rows when it was read again",
						frame_relation_name(r->relid)),
				 errdetail("A view whose rows depend on chance or on the time cannot be measured."),
				 errhint("Measure a table with its rows.")));
	record.tuple = (uint32) tuple;
	if (r->waiting == NULL)
	{
		put_record(r, &record);
		return;
	}
	if (r->columns->person != NULL)
	{
		record.person = dictionary_encode(counter_dictionary(r->tuples->counter, 0),
										  slot->tts_values[at], slot->tts_isnull[at]);
		at++;
	}
	if (r->weights != NULL)
	{
		record_weights_add(r->weights, record.tuple, record.person, slot->tts_values[at],
						   slot->tts_isnull[at]);
		at++;
	}
	if (r->household != NULL && !slot->tts_isnull[at])
		record.household = dictionary_encode(r->household_codes, slot->tts_values[at], false);
	hold_record(r, &record);
}

/* The next record that waits; false at the end. */
static bool
next_waiting(RecordRisk *r, TupleTableSlot *slot, Record *record)
{
	CHECK_FOR_INTERRUPTS();
	if (!tuplestore_gettupleslot(r->waiting, true, false, slot))
		return false;
	slot_getallattrs(slot);
	record->id = slot->tts_values[WAIT_ID];
	record->no_id = slot->tts_isnull[WAIT_ID];
	record->tuple = (uint32) DatumGetInt32(slot->tts_values[WAIT_TUPLE]);
	record->household = (uint32) DatumGetInt32(slot->tts_values[WAIT_HOUSEHOLD]);
	record->person = (uint32) DatumGetInt32(slot->tts_values[WAIT_PERSON]);
	return true;
}

/* All records have been read: finish what depends on all of them, and return them. */
static void
put_waiting(RecordRisk *r)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(r->waiting_desc, &TTSOpsMinimalTuple);
	MemoryContext scratch = AllocSetContextCreate(r->home, "kiaim record", ALLOCSET_DEFAULT_SIZES);
	Record		record;

	if (r->household != NULL)
	{
		r->households = record_households(&r->tuples->memory, r->columns->person != NULL);
		while (next_waiting(r, slot, &record))
		{
			if (record.household != RECORD_NOBODY)
				record_households_add(r->households, record.household, record.person,
									  r->figures->tuple[record.tuple].individual);
		}
		record_households_finish(r->households);
		tuplestore_rescan(r->waiting);
	}
	/* the slot keeps a record beyond the reset, so reading is not done in there */
	while (next_waiting(r, slot, &record))
	{
		MemoryContextSwitchTo(scratch);
		put_record(r, &record);
		MemoryContextSwitchTo(r->home);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(r->waiting);
}

/* Where records wait. */
static void
prepare_waiting(RecordRisk *r)
{
	r->waiting = tuplestore_begin_heap(true, false, work_mem);
	r->waiting_desc = CreateTemplateTupleDesc(WAIT_NCOLUMNS);
	TupleDescInitEntry(r->waiting_desc, WAIT_ID + 1, "id", TEXTOID, -1, 0);
	TupleDescInitEntry(r->waiting_desc, WAIT_TUPLE + 1, "tuple", INT4OID, -1, 0);
	TupleDescInitEntry(r->waiting_desc, WAIT_HOUSEHOLD + 1, "household", INT4OID, -1, 0);
	TupleDescInitEntry(r->waiting_desc, WAIT_PERSON + 1, "person", INT4OID, -1, 0);
}

/* Scores of special uniques, once the sampling fraction is known. */
static void
score(RecordRisk *r)
{
	if (r->max_columns == 0)
		return;
	r->suda = suda_scores(r->tuples, r->max_columns, r->weighting, r->figures->fraction, r->wildcard);
	r->contributions = record_contributions(r->suda, r->columns->quasi);
}

/*
 * kiaim.record_risk(source regclass, quasi text[], id text, person text, weight
 * text, household text, population bigint, population_table regclass,
 * population_margins regclass[], population_count text, max_columns int,
 * weighting text, wildcard bool) → (id, class_size, ...)
 */
Datum
kiaim_record_risk(PG_FUNCTION_ARGS)
{
	RecordRisk	r = {0};

	r.result = srf_begin(fcinfo);
	read_arguments(&r, fcinfo);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	r.home = CurrentMemoryContext;
	r.tuples = risk_tuples(frame_read(r.relid, r.columns->ncolumns, r.columns->columns,
									  FRAME_EQUAL_SQL, 0), r.columns->person != NULL);
	r.codes = palloc(r.columns->nquasi * sizeof(uint32));
	if (r.weight != NULL)
		r.weights = record_weights(r.tuples, r.weight);
	else if (OidIsValid(r.table) || r.margins != NULL)
		r.figures = record_figures_known(r.tuples, r.wildcard,
										 risk_population_read(r.tuples, r.columns, r.relid, r.table, r.margins, r.count));
	else if (r.population > 0)
		r.figures = record_figures_sample(r.tuples, r.wildcard, r.population);
	else
		r.figures = record_figures_alone(r.tuples, r.wildcard);
	if (r.weights == NULL)
		score(&r);
	if (r.weight != NULL || r.household != NULL)
		prepare_waiting(&r);

	frame_stream(records_query(&r), start_records, take_record, &r);

	if (r.weights != NULL)
	{
		r.figures = record_figures_weighted(r.weights, r.wildcard);
		score(&r);
	}
	if (r.waiting != NULL)
		put_waiting(&r);
	SPI_finish();
	return (Datum) 0;
}
