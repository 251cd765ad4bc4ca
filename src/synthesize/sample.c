/*-------------------------------------------------------------------------
 *
 * sample.c
 *		kiaim.sample(): rows drawn from a model.
 *
 * In a SELECT list each call returns one row, so that nothing but a batch is in
 * memory and LIMIT ends it.  In FROM the executor keeps all rows of a function
 * anyway: there they go into a tuple store, which spills to disk, in one call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "numeric/siphash.h"
#include "synthesize/rows.h"

PG_FUNCTION_INFO_V1(kiaim_sample);
PG_FUNCTION_INFO_V1(kiaim_sample_support);

/* The number of rows that are asked for. */
static int64
rows_asked_for(FunctionCallInfo fcinfo)
{
	int64		n;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model must not be NULL")));
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("n must not be NULL")));
	n = PG_GETARG_INT64(2);
	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must not be negative, but it is " INT64_FORMAT, n)));
	return n;
}

/* Prepare to make the rows, in the current memory context. */
static RowMaker *
begin(FunctionCallInfo fcinfo)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	uint64		seed = PG_ARGISNULL(3) ? strong_bits() : (uint64) PG_GETARG_INT64(3);
	Jsonb	   *given = PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4);
	Model	   *model;

	SPI_connect();
	MemoryContextSwitchTo(context);
	model = model_load(name);
	SPI_finish();
	return rows_begin(model, name, get_fn_expr_argtype(fcinfo->flinfo, 0), seed, given, false);
}

/* All rows at once, into a tuple store. */
static Datum
materialize(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		n = rows_asked_for(fcinfo);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim sample",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RowMaker   *maker = begin(fcinfo);
	Tuplestorestate *store;

	MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	store = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0, false,
								  work_mem);
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = store;
	rsinfo->setDesc = CreateTupleDescCopy(rows_desc(maker));
	MemoryContextSwitchTo(context);
	for (int64 i = 0; i < n; i++)
		tuplestore_puttuple(store, rows_next(maker, n - i));
	rows_report(maker);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/*
 * kiaim.sample(row anyelement, model text, n bigint, seed bigint, given jsonb)
 * RETURNS SETOF anyelement: n rows of the type of row, whose value does not
 * matter.
 */
Datum
kiaim_sample(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FuncCallContext *call;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	if ((rsinfo->allowedModes & SFRM_Materialize) &&
		((rsinfo->allowedModes & SFRM_Materialize_Preferred) ||
		 !(rsinfo->allowedModes & SFRM_ValuePerCall)))
		return materialize(fcinfo);
	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		call->max_calls = rows_asked_for(fcinfo);
		call->user_fctx = begin(fcinfo);
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr < call->max_calls)
	{
		HeapTuple	row = rows_next(call->user_fctx, call->max_calls - call->call_cntr);

		SRF_RETURN_NEXT(call, HeapTupleGetDatum(row));
	}
	rows_report(call->user_fctx);
	SRF_RETURN_DONE(call);
}

/* kiaim.sample_support(internal): tells the planner that n rows come out. */
Datum
kiaim_sample_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows = (SupportRequestRows *) request;
	Node	   *n;

	if (!IsA(request, SupportRequestRows) || !is_funcclause(rows->node))
		PG_RETURN_POINTER(NULL);
	n = estimate_expression_value(rows->root, lthird(((FuncExpr *) rows->node)->args));
	if (!IsA(n, Const) || ((Const *) n)->constisnull)
		PG_RETURN_POINTER(NULL);
	rows->rows = Max(DatumGetInt64(((Const *) n)->constvalue), 0);
	PG_RETURN_POINTER(rows);
}
