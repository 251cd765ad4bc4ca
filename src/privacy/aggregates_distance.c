/*-------------------------------------------------------------------------
 *
 * aggregates_distance.c
 *		Aggregates that compare one class with the distribution of a whole
 *		table: kiaim.t_closeness_to and its like.
 *
 * They exist for the queries of releases, where a class is the partition of a
 * window and the table is a subquery that runs once.  The distribution is read
 * once for all classes; a class is no more than the codes of its values, or
 * their counts where it has many rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "privacy/privacy_internal.h"

PG_FUNCTION_INFO_V1(kiaim_distance_transition);
PG_FUNCTION_INFO_V1(kiaim_distance_hierarchy_transition);
PG_FUNCTION_INFO_V1(kiaim_t_closeness_to);
PG_FUNCTION_INFO_V1(kiaim_ordered_t_closeness_to);
PG_FUNCTION_INFO_V1(kiaim_hierarchical_t_closeness_to);
PG_FUNCTION_INFO_V1(kiaim_beta_likeness_to);
PG_FUNCTION_INFO_V1(kiaim_enhanced_beta_likeness_to);
PG_FUNCTION_INFO_V1(kiaim_delta_disclosure_to);

/* A class begins with room for so many rows. */
#define FEW_ROWS	16

/* What the calls of a transition function share: fn_extra. */
typedef struct DistanceCall
{
	Oid			type;			/* of the values */
	Distribution *distribution;	/* the first one, which mostly is the only one */
	bytea	   *definition;		/* of the hierarchy that the table has nodes of, or NULL */
} DistanceCall;

/* A class: the codes of its rows, or counts by code. */
typedef struct DistanceState
{
	Distribution *distribution;
	int64		nrows;
	int64		capacity;
	uint32	   *codes;			/* of each row, or NULL once there are counts */
	int64	   *counts;			/* by value, or NULL */
} DistanceState;

/* What the call knows, made on the first. */
static DistanceCall *
distance_call(FunctionCallInfo fcinfo, int value)
{
	DistanceCall *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(DistanceCall));
		call->type = get_fn_expr_argtype(fcinfo->flinfo, value);
		if (!OidIsValid(call->type))
			elog(ERROR, "could not determine the type of argument %d", value);
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/* Read a distribution in a context, and see that it is one of such values. */
static Distribution *
read_distribution(const DistanceCall *call, bytea *bytes, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Distribution *d = distribution_read(bytes);
	Oid			type = dictionary_takes(d->values);

	MemoryContextSwitchTo(old);
	if (getBaseType(type) != getBaseType(call->type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the distribution is one of values of type %s, not %s",
						format_type_be(type), format_type_be(call->type))));
	return d;
}

/* An empty class. */
static DistanceState *
create_state(FunctionCallInfo fcinfo, DistanceCall *call, bytea *bytes)
{
	MemoryContext context;
	DistanceState *state;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "function %u called outside an aggregate", fcinfo->flinfo->fn_oid);
	if (call->distribution == NULL)
		call->distribution = read_distribution(call, bytes, fcinfo->flinfo->fn_mcxt);
	state = MemoryContextAlloc(context, sizeof(DistanceState));
	state->distribution = distribution_is(call->distribution, bytes) ? call->distribution :
		read_distribution(call, bytes, context);
	state->nrows = 0;
	state->capacity = FEW_ROWS;
	state->codes = MemoryContextAlloc(context, sizeof(uint32) * FEW_ROWS);
	state->counts = NULL;
	return state;
}

/* Make room for a row more: twice as many codes, or counts where these take less. */
static void
grow_state(DistanceState *state)
{
	if (state->nrows < (int64) state->distribution->table.nvalues * 2)
	{
		state->capacity *= 2;
		state->codes = repalloc_huge(state->codes, sizeof(uint32) * state->capacity);
		return;
	}
	state->counts = MemoryContextAllocExtended(GetMemoryChunkContext(state),
											   sizeof(int64) * state->distribution->table.nvalues,
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int64 i = 0; i < state->nrows; i++)
		state->counts[state->codes[i]]++;
	pfree(state->codes);
	state->codes = NULL;
}

/* Count a value of the class. */
static DistanceState *
count_value(FunctionCallInfo fcinfo, int value)
{
	DistanceCall *call = distance_call(fcinfo, value);
	DistanceState *state;
	bytea	   *bytes;
	uint32		code;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the distribution to compare with must not be null")));
	bytes = PG_GETARG_BYTEA_PP(1);
	if (PG_ARGISNULL(0))
		state = create_state(fcinfo, call, bytes);
	else
	{
		state = (DistanceState *) PG_GETARG_POINTER(0);
		if (!distribution_is(state->distribution, bytes))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the distribution to compare with must be the same in all rows")));
	}
	code = distribution_code(state->distribution, PG_GETARG_DATUM(value), PG_ARGISNULL(value));
	if (state->counts == NULL && state->nrows == state->capacity)
		grow_state(state);
	if (state->counts != NULL)
		state->counts[code]++;
	else
		state->codes[state->nrows] = code;
	state->nrows++;
	return state;
}

/*
 * kiaim.distance_transition(internal, kiaim.distribution, "any") → internal
 */
Datum
kiaim_distance_transition(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(count_value(fcinfo, 2));
}

/*
 * kiaim.distance_transition(internal, kiaim.distribution, kiaim.hierarchy, "any") → internal:
 * with the places of the values in the hierarchy.
 */
Datum
kiaim_distance_hierarchy_transition(PG_FUNCTION_ARGS)
{
	DistanceState *state = count_value(fcinfo, 3);
	DistanceCall *call = fcinfo->flinfo->fn_extra;
	Distribution *d = state->distribution;
	bytea	   *definition;
	MemoryContext old;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("hierarchy of t-closeness must not be null")));
	definition = PG_GETARG_BYTEA_PP(2);
	if (call->definition == NULL)
	{
		call->definition = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE_ANY(definition));
		memcpy(call->definition, definition, VARSIZE_ANY(definition));
	}
	else if (VARSIZE_ANY_EXHDR(definition) != VARSIZE_ANY_EXHDR(call->definition) ||
			 memcmp(VARDATA_ANY(definition), VARDATA_ANY(call->definition),
					VARSIZE_ANY_EXHDR(definition)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("hierarchy of t-closeness must be the same in all rows")));
	if (d->table.node == NULL)
	{
		old = MemoryContextSwitchTo(GetMemoryChunkContext(d));
		sensitive_table_tree(&d->table, d->values,
							 hierarchy_from_datum(PointerGetDatum(call->definition)));
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

/* The measure of the class by a model. */
static float8
distance_to(FunctionCallInfo fcinfo, const PrivacyModel *model)
{
	DistanceState *state = (DistanceState *) PG_GETARG_POINTER(0);
	Distribution *d = state->distribution;
	Requirement r = {.model = model, .table = &d->table};
	PrivacyClass class = {.values = d->class_values, .counts = d->class_counts};

	class.size = class.total = state->nrows;
	if (state->counts != NULL)
	{
		for (int v = 0; v < d->table.nvalues; v++)
			if (state->counts[v] > 0)
			{
				d->class_values[class.nvalues] = v;
				d->class_counts[class.nvalues++] = state->counts[v];
			}
	}
	else
	{
		for (int64 i = 0; i < state->nrows; i++)
			if (d->sum[state->codes[i]]++ == 0)
				d->class_values[class.nvalues++] = state->codes[i];
		for (int i = 0; i < class.nvalues; i++)
		{
			d->class_counts[i] = d->sum[d->class_values[i]];
			d->sum[d->class_values[i]] = 0;
		}
	}
	if (model->needs_rank && d->table.rank == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(d));

		sensitive_table_order(&d->table, d->values);
		MemoryContextSwitchTo(old);
	}
	return model->measure(&r, &class);
}

/*
 * kiaim.t_closeness_to_final(internal) → float8, and so on: one a model.
 */
Datum
kiaim_t_closeness_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_t));
}

Datum
kiaim_ordered_t_closeness_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_ordered_t));
}

Datum
kiaim_hierarchical_t_closeness_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_hierarchical_t));
}

Datum
kiaim_beta_likeness_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_beta));
}

Datum
kiaim_enhanced_beta_likeness_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_enhanced_beta));
}

Datum
kiaim_delta_disclosure_to(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(distance_to(fcinfo, &model_delta_disclosure));
}
