/*-------------------------------------------------------------------------
 *
 * fit.c
 *		kiaim.fit: from a relation to a stored model.
 *
 * Each phase works in memory of its own that goes when nothing needs it any
 * more: what was read is gone before a generator is fitted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "frame/frame.h"
#include "generalize/generalize.h"
#include "numeric/siphash.h"
#include "synthesize/constraints.h"
#include "synthesize/model.h"

PG_FUNCTION_INFO_V1(kiaim_fit);

/* What is found out on the way, for kiaim.models. */
typedef struct FitFigures
{
	StringInfoData json;		/* members, without braces */
	instr_time	since;			/* when the phase began */
} FitFigures;

/* Add a member. */
static void
add_figure(FitFigures *figures, const char *name, const char *value)
{
	appendStringInfo(&figures->json, "%s\"%s\": %s", figures->json.len > 0 ? ", " : "", name, value);
}

/* Add the seconds of a phase that ends here. */
static void
end_phase(FitFigures *figures, const char *phase)
{
	instr_time	now;
	instr_time	spent;

	INSTR_TIME_SET_CURRENT(now);
	spent = now;
	INSTR_TIME_SUBTRACT(spent, figures->since);
	figures->since = now;
	add_figure(figures, psprintf("%s_seconds", phase), psprintf("%.3f", INSTR_TIME_GET_DOUBLE(spent)));
}

/* JSON as jsonb. */
static Jsonb *
jsonb_of(const char *json)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

/* The options with the seed that was drawn, so that a fit can be had again. */
static Jsonb *
with_seed(Jsonb *options, uint64 seed)
{
	Jsonb	   *member = jsonb_of(psprintf("{\"seed\": " INT64_FORMAT "}", (int64) seed));

	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(options),
											  JsonbPGetDatum(member)));
}

/* The method that was asked for. */
static const GeneratorMethod *
method_of(const FitOptions *options)
{
	const char *name = options->method == FIT_SEQUENTIAL ? "sequential" :
		options->method == FIT_FOREST ? "forest" : "marginals";
	const GeneratorMethod *method = generator_method(name);

	if (method == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("method \"%s\" is not supported by this version of kiaim", name)));
	return method;
}

/*
 * Hierarchies as definitions, whether they were given by name or not.  Error for
 * what is none, or none for values of the column, before anything is read.
 */
static void
resolve_hierarchies(Oid relid, FitOptions *options)
{
	for (int i = 0; i < options->nsaid; i++)
	{
		ColumnOptions *column = &options->said[i];
		AttrNumber	attnum = get_attnum(relid, column->name);
		Hierarchy  *hierarchy;

		if (column->hierarchy == NULL)
			continue;
		hierarchy = hierarchy_resolve(column->hierarchy);
		if (attnum != InvalidAttrNumber)
			hierarchy_check_type(hierarchy, getBaseType(get_atttype(relid, attnum)));
		column->hierarchy = pstrdup(hierarchy_definition(hierarchy));
	}
}

/*
 * Error where a declared condition is none, before anything is read: it must be
 * one of the source's rows, and read only columns that are learned.
 */
static void
check_constraints(Oid relid, const FitOptions *options)
{
	Oid			rowtype = get_rel_type_id(relid);
	TupleDesc	desc;
	ConstraintSet *set;

	if (options->nconstraints == 0 || !OidIsValid(rowtype))
		return;
	desc = lookup_rowtype_tupdesc_copy(rowtype, -1);
	set = constraints_parse(desc, options->nconstraints, options->constraints);
	for (int i = 0; i < desc->natts && options->ncolumns > 0; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);

		if (constraints_read(set, i) && fit_options_column(options, name) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a constraint reads column \"%s\", which option columns does not name", name),
					 errhint("A constraint can hold in columns that are learned only.")));
	}
}

/* Warn of declared conditions that real rows fail, and note how many. */
static void
count_failures(const RawTable *table, const FitOptions *options, FitFigures *figures)
{
	StringInfoData object;
	int64	   *failed;

	if (options->nconstraints == 0)
		return;
	failed = constraints_count(table, options->nconstraints, options->constraints);
	initStringInfo(&object);
	for (int i = 0; i < options->nconstraints; i++)
	{
		appendStringInfoString(&object, i > 0 ? ", " : "");
		escape_json(&object, options->constraints[i]);
		/* who is granted the model reads this, too: no count of a few persons' rows */
		if (failed[i] > 0 && failed[i] < options->min_leaf)
			appendStringInfo(&object, ": \"< %d\"", options->min_leaf);
		else
			appendStringInfo(&object, ": " INT64_FORMAT, failed[i]);
		if (failed[i] > 0)
			ereport(WARNING,
					(errmsg("constraint \"%s\" fails in " INT64_FORMAT " of " INT64_FORMAT " rows",
							options->constraints[i], failed[i], table->nrows),
					 errdetail("It will hold in every row that is sampled.")));
	}
	add_figure(figures, "constraint_failures", psprintf("{%s}", object.data));
}

/* Error where there is nothing that a model could hold. */
static void
check_rows(const RawTable *table, const char *source, const FitOptions *options)
{
	if (table->nrows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are no rows to learn from in %s", source)));
	if (table->npersons < options->min_leaf)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are fewer persons in %s than min_leaf", source),
				 errdetail("It has " INT64_FORMAT " persons, and a model holds counts of groups of at least %d.",
						   table->npersons, options->min_leaf),
				 errhint("Fit a relation of more persons, or choose a smaller \"min_leaf\".")));
}

/*
 * Read and code the relation.  What is returned is all that is left of it: the
 * codes in the context of codes, the columns in the current one.
 */
static CodedTable *
code_rows(Oid relid, const FitOptions *options, Model *model, MemoryContext codes,
		  FitFigures *figures)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext reading = AllocSetContextCreate(caller, "kiaim rows of a fit",
												  ALLOCSET_DEFAULT_SIZES);
	RawTable   *table;
	Structure  *structure;
	CodedTable *coded;
	ColumnSet  *columns;
	StringInfoData bytes;
	ByteReader	r = {"model"};

	MemoryContextSwitchTo(reading);
	table = raw_read(relid, options);
	check_rows(table, model->source, options);
	model->rows = table->nrows;
	model->persons = table->npersons;
	add_figure(figures, "source_rows", psprintf(INT64_FORMAT, table->source_rows));
	end_phase(figures, "read");
	count_failures(table, options, figures);
	structure_add_horizons(table, options);
	structure = structure_find(table, options);
	end_phase(figures, "structure");

	MemoryContextSwitchTo(codes);
	columns = columns_fit(table, structure, options, &coded);
	if (coded->persons != NULL)
	{
		int32	   *persons = MemoryContextAllocHuge(codes, sizeof(int32) * Max(coded->nrows, 1));

		memcpy(persons, coded->persons, sizeof(int32) * coded->nrows);
		coded->persons = persons;
	}

	/* columns may point into what was read: those of the model are read from bytes */
	initStringInfo(&bytes);
	columns_write(&bytes, columns);
	MemoryContextSwitchTo(caller);
	r.data = MemoryContextAlloc(caller, bytes.len);
	memcpy((char *) r.data, bytes.data, bytes.len);
	r.left = bytes.len;
	model->columns = columns_read(&r);
	bytes_end(&r);
	MemoryContextDelete(reading);
	end_phase(figures, "columns");
	return coded;
}

/* The generator of the method that was asked for, or the best. */
static Generator *
fit_generator(const CodedTable *coded, const FitOptions *options, FitFigures *figures)
{
	GeneratorSettings settings = {options->min_leaf, options->trees, options->seed, options->min_gain};
	double		told[GENERATOR_METHODS];
	Generator  *generator;

	if (options->method == FIT_AUTO)
	{
		int			n;
		const GeneratorMethod *const *methods = generator_methods(&n);

		generator = generator_fit_best(coded, &settings, told);
		for (int i = 0; i < n; i++)
			if (told[i] >= 0)
				add_figure(figures, psprintf("%s_told_apart", methods[i]->name),
						   psprintf("%.6f", told[i]));
	}
	else
		generator = method_of(options)->fit(coded, &settings);
	end_phase(figures, "generator");
	return generator;
}

/* The arguments, of which none may be NULL. */
static void
check_arguments(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {"model", "source", "options"};

	for (int i = 0; i < lengthof(names); i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not be NULL", names[i])));
}

/* kiaim.fit(model, source, options) */
Datum
kiaim_fit(PG_FUNCTION_ARGS)
{
	MemoryContext work;
	MemoryContext codes;
	MemoryContext caller;
	FitFigures	figures = {{0}};
	FitOptions *options;
	Jsonb	   *json;
	Model		model = {0};
	CodedTable *coded;
	Oid			relid;
	char	   *name;

	check_arguments(fcinfo);
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	relid = PG_GETARG_OID(1);
	json = PG_GETARG_JSONB_P(2);
	work = AllocSetContextCreate(CurrentMemoryContext, "kiaim fit", ALLOCSET_DEFAULT_SIZES);
	codes = AllocSetContextCreate(work, "kiaim codes of a fit", ALLOCSET_DEFAULT_SIZES);
	SPI_connect();
	caller = MemoryContextSwitchTo(work);
	initStringInfo(&figures.json);
	INSTR_TIME_SET_CURRENT(figures.since);

	options = fit_options_read(json);
	if (!options->has_seed)
	{
		options->seed = strong_bits();
		json = with_seed(json, options->seed);
	}
	model_check_name(name);
	if (options->method != FIT_AUTO)
		(void) method_of(options);
	resolve_hierarchies(relid, options);
	check_constraints(relid, options);
	model.source = frame_relation_name(relid);
	model.min_leaf = options->min_leaf;
	model.nconstraints = options->nconstraints;
	model.constraints = options->constraints;
	coded = code_rows(relid, options, &model, codes, &figures);
	model.generator = fit_generator(coded, options, &figures);
	add_figure(&figures, "variables", psprintf("%d", model.columns->nvariables));
	/* it was fitted to variables that go with the codes */
	model.generator->variables = model.columns->variables;
	MemoryContextDelete(codes);
	(void) model_store(name, &model, json, jsonb_of(psprintf("{%s}", figures.json.data)));

	MemoryContextSwitchTo(caller);
	SPI_finish();
	MemoryContextDelete(work);
	PG_RETURN_VOID();
}
