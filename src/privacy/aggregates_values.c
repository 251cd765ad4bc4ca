/*-------------------------------------------------------------------------
 *
 * aggregates_values.c
 *		Final functions of the checks that look at the sensitive values of
 *		classes: each is the worst measure of a privacy model.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "privacy/privacy_internal.h"

PG_FUNCTION_INFO_V1(kiaim_entropy_l_diversity);
PG_FUNCTION_INFO_V1(kiaim_recursive_diversity);
PG_FUNCTION_INFO_V1(kiaim_t_closeness);
PG_FUNCTION_INFO_V1(kiaim_ordered_t_closeness);
PG_FUNCTION_INFO_V1(kiaim_hierarchical_t_closeness);
PG_FUNCTION_INFO_V1(kiaim_grassberger_l_diversity);
PG_FUNCTION_INFO_V1(kiaim_beta_likeness);
PG_FUNCTION_INFO_V1(kiaim_enhanced_beta_likeness);
PG_FUNCTION_INFO_V1(kiaim_delta_disclosure);
PG_FUNCTION_INFO_V1(kiaim_alpha_anonymity);

/* The one value of a parameter, which is column 0; name is for messages. */
static Datum
parameter_value(TupleCounter *state, const char *name)
{
	Dictionary *values = counter_dictionary(state, 0);
	bool		isnull;
	Datum		value = dictionary_value(values, 0, &isnull);

	if (dictionary_size(values) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same in all rows", name),
				 errdetail("It has %u different values.", dictionary_size(values))));
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
	return value;
}

/*
 * The worst measure of the classes that columns first, first + 1, ... form;
 * the sensitive values are those of column first - 1.
 */
static float8
worst_measure(TupleCounter *state, Requirement *r, int first, const Hierarchy *hierarchy)
{
	const Dictionary *values = counter_dictionary(state, first - 1);
	CounterClasses *classes = counter_classes(state, first);
	SensitiveTable table = {0};
	int64	   *counts;
	float8		worst = 0;

	table.nvalues = (int) dictionary_size(values);
	table.total = counter_total(state);
	counts = counter_scratch(state, table.nvalues, sizeof(int64));
	memset(counts, 0, table.nvalues * sizeof(int64));
	for (int64 i = 0; i < classes->start[classes->nclasses]; i++)
		counts[classes->codes[i]] += classes->weights[i];
	table.counts = counts;
	if (r->model->needs_rank)
		sensitive_table_order(&table, values);
	if (r->model->needs_tree)
		sensitive_table_tree(&table, values, hierarchy);
	r->table = &table;

	for (int64 i = 0; i < classes->nclasses; i++)
	{
		int64		start = classes->start[i];
		PrivacyClass class = {0};
		float8		measure;

		CHECK_FOR_INTERRUPTS();
		class.nvalues = (int) (classes->start[i + 1] - start);
		class.values = classes->codes + start;
		class.counts = classes->weights + start;
		for (int v = 0; v < class.nvalues; v++)
			class.total += class.counts[v];
		class.size = class.total;
		measure = r->model->measure(r, &class);
		worst = i == 0 ? measure : requirement_worse(r, worst, measure);
	}
	pfree(counts);
	counter_classes_free(classes);
	return worst;
}

/*
 * kiaim_entropy_l_diversity(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_entropy_l_diversity(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_entropy_l};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_recursive_diversity(internal) → float8: columns (l, sensitive, quasi…)
 */
Datum
kiaim_recursive_diversity(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	Requirement r = {.model = &model_recursive};

	r.l = DatumGetInt32(parameter_value(state, "l of recursive diversity"));
	if (r.l < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("l of recursive diversity must be at least 1, but is %d", r.l)));
	PG_RETURN_FLOAT8(worst_measure(state, &r, 2, NULL));
}

/*
 * kiaim_t_closeness(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_t_closeness(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_t};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_ordered_t_closeness(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_ordered_t_closeness(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_ordered_t};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_hierarchical_t_closeness(internal) → float8: columns (hierarchy, sensitive, quasi…)
 */
Datum
kiaim_hierarchical_t_closeness(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	Requirement r = {.model = &model_hierarchical_t};
	Datum		hierarchy = parameter_value(state, "hierarchy of t-closeness");

	PG_RETURN_FLOAT8(worst_measure(state, &r, 2, hierarchy_from_datum(hierarchy)));
}

/*
 * kiaim_grassberger_l_diversity(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_grassberger_l_diversity(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_grassberger};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_beta_likeness(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_beta_likeness(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_beta};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_enhanced_beta_likeness(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_enhanced_beta_likeness(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_enhanced_beta};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_delta_disclosure(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_delta_disclosure(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_delta_disclosure};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}

/*
 * kiaim_alpha_anonymity(internal) → float8: columns (sensitive, quasi…)
 */
Datum
kiaim_alpha_anonymity(PG_FUNCTION_ARGS)
{
	Requirement r = {.model = &model_alpha};

	PG_RETURN_FLOAT8(worst_measure((TupleCounter *) PG_GETARG_POINTER(0), &r, 1, NULL));
}
