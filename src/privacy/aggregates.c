/*-------------------------------------------------------------------------
 *
 * aggregates.c
 *		The state that all checks of this room share: a counter of the distinct
 *		tuples of their arguments.
 *
 * A parameter of a check (the l of recursive diversity, a hierarchy) is a
 * column like the others that must turn out to have one value, so that
 * combining and the byte form need not know of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "frame/frame.h"

PG_FUNCTION_INFO_V1(kiaim_check_transition);
PG_FUNCTION_INFO_V1(kiaim_check_hierarchy_transition);
PG_FUNCTION_INFO_V1(kiaim_check_combine);
PG_FUNCTION_INFO_V1(kiaim_check_serialize);
PG_FUNCTION_INFO_V1(kiaim_check_deserialize);

/* A state received from a worker is copied up to so many bytes. */
#define COPIED_STATE	((Size) 64 * 1024)

/* The context of the state; an error where the function is called otherwise. */
static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "function %u called outside an aggregate", fcinfo->flinfo->fn_oid);
	return context;
}

/*
 * The collation of an argument.  A plain aggregate knows that of each; in a
 * window only the common one of all is left, which is none if they disagree.
 */
static Oid
argument_collation(FunctionCallInfo fcinfo, int argument)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);

	if (aggref != NULL && argument < list_length(aggref->args))
	{
		TargetEntry *entry = list_nth_node(TargetEntry, aggref->args, argument);

		return exprCollation((Node *) entry->expr);
	}
	return PG_GET_COLLATION();
}

/*
 * The types of the arguments after the state, resolved for the whole query.
 * A first argument that is a hierarchy, a type without equality, is taken for
 * the bytes that it is.
 */
static const CounterShape *
argument_shape(FunctionCallInfo fcinfo, bool hierarchy)
{
	int			nargs = PG_NARGS() - 1;
	MemoryContext old;
	Oid		   *types;
	Oid		   *collations;

	if (fcinfo->flinfo->fn_extra != NULL)
		return fcinfo->flinfo->fn_extra;
	if (get_fn_expr_variadic(fcinfo->flinfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the columns of a check cannot be passed as a VARIADIC array"),
				 errhint("List the columns as arguments.")));

	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	types = palloc(nargs * sizeof(Oid));
	collations = palloc(nargs * sizeof(Oid));
	for (int i = 0; i < nargs; i++)
	{
		types[i] = get_fn_expr_argtype(fcinfo->flinfo, i + 1);
		collations[i] = argument_collation(fcinfo, i);
		if (!OidIsValid(types[i]))
			elog(ERROR, "could not determine the type of argument %d", i + 1);
	}
	if (hierarchy)
		types[0] = BYTEAOID;
	fcinfo->flinfo->fn_extra = counter_shape(nargs, types, collations, FRAME_EQUAL_SQL);
	pfree(types);
	pfree(collations);
	MemoryContextSwitchTo(old);
	return fcinfo->flinfo->fn_extra;
}

/* Count the tuple of the arguments. */
static Datum
count_arguments(FunctionCallInfo fcinfo, bool hierarchy)
{
	TupleCounter *state;

	if (PG_ARGISNULL(0))
	{
		MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));

		state = counter_create_shaped(argument_shape(fcinfo, hierarchy));
		MemoryContextSwitchTo(old);
	}
	else
		state = (TupleCounter *) PG_GETARG_POINTER(0);
	counter_add(state, &fcinfo->args[1], 1);
	PG_RETURN_POINTER(state);
}

/*
 * kiaim_check_transition(internal, VARIADIC "any") → internal: count a tuple.
 */
Datum
kiaim_check_transition(PG_FUNCTION_ARGS)
{
	return count_arguments(fcinfo, false);
}

/*
 * kiaim_check_hierarchy_transition(internal, hierarchy, "any", VARIADIC "any") → internal
 */
Datum
kiaim_check_hierarchy_transition(PG_FUNCTION_ARGS)
{
	return count_arguments(fcinfo, true);
}

/*
 * kiaim_check_combine(internal, internal) → internal: add the tuples of the
 * second state to the first.  A large second one that comes alone is adopted.
 */
Datum
kiaim_check_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TupleCounter *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	if (PG_ARGISNULL(0))
	{
		MemoryContext old;

		state = (TupleCounter *) PG_GETARG_POINTER(1);
		if (counter_memory(state) > COPIED_STATE)
			MemoryContextSetParent(GetMemoryChunkContext(state), context);
		else
		{
			old = MemoryContextSwitchTo(context);
			state = counter_copy(state);
			MemoryContextSwitchTo(old);
		}
	}
	else
	{
		state = (TupleCounter *) PG_GETARG_POINTER(0);
		counter_merge(state, (TupleCounter *) PG_GETARG_POINTER(1));
	}
	PG_RETURN_POINTER(state);
}

/*
 * kiaim_check_serialize(internal) → bytea
 */
Datum
kiaim_check_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(counter_serialize((TupleCounter *) PG_GETARG_POINTER(0)));
}

/*
 * kiaim_check_deserialize(bytea, internal) → internal: a state in a context of
 * its own, so that combining can adopt it.
 */
Datum
kiaim_check_deserialize(PG_FUNCTION_ARGS)
{
	MemoryContext own = AllocSetContextCreate(CurrentMemoryContext, "kiaim check",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(own);
	TupleCounter *state;

	(void) aggregate_context(fcinfo);
	state = counter_deserialize(PG_GETARG_BYTEA_PP(0));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}
