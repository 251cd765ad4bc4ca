/*-------------------------------------------------------------------------
 *
 * population_risk.c
 *		kiaim.population_risk: how many persons of a population are unique in it,
 *		by every model that can tell from a sample.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "risk/arguments.h"
#include "risk/density.h"
#include "risk/population_figures.h"
#include "risk/population_interval.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_population_risk);

/* A row of the result; NaN has no value. */
typedef struct Row
{
	const char *model;
	double		uniques;
	double		error;			/* its standard error */
	double		matches;		/* records that would be linked correctly, expected */
	const char *reason;			/* NULL if there is an estimate */
	StringInfoData parameters;	/* the members of a JSON object */
} Row;

/* What is asked for. */
typedef struct Request
{
	const RiskColumns *columns;
	RiskTuples *tuples;
	RiskSizes  *sizes;
	int64		population;		/* persons */
	int64		members;		/* of the classes of the population */
	double		z;
	bool		overlap;		/* of classes, by NULL as a wildcard */
	ReturnSetInfo *result;
} Request;

/* An empty row. */
static Row
new_row(const char *model)
{
	Row			row = {.model = model,.uniques = NAN,.error = NAN,.matches = NAN};

	initStringInfo(&row.parameters);
	return row;
}

/* Add the name of a parameter. */
static void
add_name(Row *row, const char *name)
{
	if (row->parameters.len > 0)
		appendStringInfoString(&row->parameters, ", ");
	escape_json(&row->parameters, name);
	appendStringInfoString(&row->parameters, ": ");
}

/* Add a parameter that is a number. */
static void
add_number(Row *row, const char *name, double value)
{
	add_name(row, name);
	appendStringInfo(&row->parameters, "%.15g", value);
}

/* Return a row. */
static void
put_row(const Request *r, Row *row)
{
	Datum		values[9] = {0};
	bool		nulls[9] = {false};
	double		members = (double) r->members;
	PopulationInterval interval = population_interval(row->uniques, row->error, r->z, members);

	values[0] = CStringGetTextDatum(row->model);
	values[1] = Float8GetDatum(row->uniques);
	nulls[1] = isnan(row->uniques);
	values[2] = Float8GetDatum(interval.low);
	nulls[2] = isnan(interval.low);
	values[3] = Float8GetDatum(interval.high);
	nulls[3] = isnan(interval.high);
	values[4] = Float8GetDatum(row->uniques / members);
	nulls[4] = isnan(row->uniques);
	values[5] = Float8GetDatum(row->matches);
	nulls[5] = isnan(row->matches);
	values[6] = BoolGetDatum(row->reason == NULL);
	nulls[7] = row->reason == NULL;
	if (row->reason != NULL)
		values[7] = CStringGetTextDatum(row->reason);
	values[8] = DirectFunctionCall1(jsonb_in,
									CStringGetDatum(psprintf("{%s}", row->parameters.data)));
	tuplestore_putvalues(r->result->setResult, r->result->setDesc, values, nulls);
}

/* The models that look at the sizes of classes alone. */
static void
put_size_models(const Request *r)
{
	static const PopulationModel order[] = {POPULATION_PITMAN, POPULATION_ZAYATZ, POPULATION_SNB, POPULATION_DANKAR};
	SizeHistogram histogram = {r->sizes->nsizes, r->sizes->size, r->sizes->classes};
	PopulationEstimate figures[POPULATION_NMODELS];
	double		errors[POPULATION_NMODELS];

	population_figures(r->sizes, r->population, figures);
	population_errors(&histogram, r->members, errors);
	for (int i = 0; i < lengthof(order); i++)
	{
		const PopulationEstimate *e = &figures[order[i]];
		Row			row = new_row(population_model_names[order[i]]);

		row.reason = e->reason;
		if (e->valid)
		{
			row.uniques = e->uniques;
			row.error = errors[e->model];
		}
		if (order[i] == POPULATION_DANKAR && e->model != POPULATION_DANKAR)
		{
			add_name(&row, "model");
			escape_json(&row.parameters, population_model_names[e->model]);
		}
		for (int p = 0; p < e->nparameters; p++)
			add_number(&row, e->parameters[p].name, e->parameters[p].value);
		put_row(r, &row);
	}
}

/* Add the terms of a model, as pairs of columns. */
static void
add_terms(Row *row, const Request *r, const RiskDensity *density)
{
	add_name(row, "terms");
	appendStringInfoChar(&row->parameters, '[');
	for (int i = 0; i < density->nterms; i++)
	{
		appendStringInfoString(&row->parameters, i == 0 ? "[" : ", [");
		escape_json(&row->parameters, r->columns->quasi[density->terms[i].first]);
		appendStringInfoString(&row->parameters, ", ");
		escape_json(&row->parameters, r->columns->quasi[density->terms[i].second]);
		appendStringInfoChar(&row->parameters, ']');
	}
	appendStringInfoChar(&row->parameters, ']');
}

/* Why the sample cannot tell how probable its tuples are, or NULL. */
static const char *
why_unreliable(const Request *r, const RiskDensity *density, const LoglinearRisk *risk)
{
	if (loglinear_reliable(risk))
		return NULL;
	return psprintf("%.0f %% of the records have a value of column \"%s\" that no other has: the sample cannot tell how rare these values are; make the column coarser",
					100 * density->met_once, r->columns->quasi[density->rarest]);
}

/* A log-linear model by what it expects in classes of one. */
static void
put_poisson(const Request *r, const char *model, const RiskDensity *density,
			const LoglinearRisk *risk)
{
	Row			row = new_row(model);
	double		sampled = density->members / (double) r->members;

	row.reason = why_unreliable(r, density, risk);
	if (row.reason == NULL)
	{
		row.uniques = risk->both / sampled;
		row.error = sqrt(risk->squares * (1 - sampled)) / sampled;
		row.matches = risk->all_matches;
		add_number(&row, "tau1", risk->both);
		add_number(&row, "tau2", risk->matches);
	}
	add_terms(&row, r, density);
	put_row(r, &row);
}

/* The models that look at the values. */
static void
put_density_models(const Request *r)
{
	static const char *const names[] = {"independence", "poisson", "rocher"};
	RiskDensity *density[2];
	LoglinearRisk risk[2];
	Row			row = new_row(names[2]);

	/* what is seen needs no model */
	if (r->sizes->npersons == 0 || r->population == r->sizes->npersons)
	{
		for (int i = 0; i < lengthof(names); i++)
		{
			Row			seen = new_row(names[i]);

			if (r->sizes->npersons == 0)
				seen.reason = "there are no records";
			else
			{
				seen.uniques = r->sizes->size[0] == 1 ? (double) r->sizes->classes[0] : 0;
				seen.matches = (double) r->sizes->nclasses;
			}
			put_row(r, &seen);
		}
		return;
	}
	for (int i = 0; i < 2; i++)
	{
		density[i] = risk_density(r->tuples, i == 1);
		loglinear_risk(r->tuples, density[i], (double) r->members, &risk[i]);
		put_poisson(r, names[i], density[i], &risk[i]);
	}
	row.reason = why_unreliable(r, density[1], &risk[1]);
	if (row.reason == NULL)
	{
		row.uniques = risk[1].uniqueness * (double) r->members;
		row.error = (double) r->members *
			sqrt(Max(risk[1].uniqueness_squares - risk[1].uniqueness * risk[1].uniqueness, 0) /
				 density[1]->members * (1 - density[1]->members / (double) r->members));
		row.matches = risk[1].correctness * density[1]->members;
		add_number(&row, "uniqueness", risk[1].uniqueness);
		add_number(&row, "correctness", risk[1].correctness);
	}
	add_terms(&row, r, density[1]);
	put_row(r, &row);
}

/* Refuse what needs classes that do not overlap. */
static void
put_refusals(const Request *r)
{
	static const char *const names[] = {"pitman", "zayatz", "snb", "dankar", "independence", "poisson", "rocher"};

	for (int i = 0; i < lengthof(names); i++)
	{
		Row			row = new_row(names[i]);

		row.reason = "where NULL matches every value classes overlap: the model needs classes that do not";
		put_row(r, &row);
	}
}

/*
 * kiaim.population_risk(source regclass, quasi text[], population bigint,
 * person text, confidence float8, wildcard boolean) → (model, uniques, low,
 * high, share, reidentified, converged, reason, parameters)
 */
Datum
kiaim_population_risk(PG_FUNCTION_ARGS)
{
	Request		r = {.result = srf_begin(fcinfo)};
	PopulationEstimate figures[POPULATION_NMODELS];
	Oid			relid = risk_relation(fcinfo, 0, "source");
	double		confidence = risk_share(fcinfo, 4, "confidence");
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");
	TupleCounter *counter;

	risk_not_null(fcinfo, 2, "population");
	r.population = risk_persons(fcinfo, 2, "population");
	if (confidence == 0 || confidence == 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must be above 0 and below 1, but is %g", confidence),
				 errhint("The usual one is 0.95.")));
	r.z = normal_quantile(confidence);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	r.columns = risk_columns(fcinfo, relid, 1, 3);
	counter = frame_read(relid, r.columns->ncolumns, r.columns->columns, FRAME_EQUAL_SQL, 0);
	r.sizes = risk_sizes(counter, r.columns->person != NULL);
	r.tuples = risk_tuples(counter, r.columns->person != NULL);
	r.members = population_figures(r.sizes, r.population, figures);
	for (int c = 0; c < r.tuples->ncolumns; c++)
		r.overlap = r.overlap || (wildcard && r.tuples->nulls[c] != RISK_NO_NULL);
	if (r.overlap)
		put_refusals(&r);
	else
	{
		put_size_models(&r);
		put_density_models(&r);
	}
	SPI_finish();
	return (Datum) 0;
}
