/*-------------------------------------------------------------------------
 *
 * complete.c
 *		kiaim.complete(): a real row of which a part is drawn.
 *
 * The columns that the model keeps stay as they are, those that it makes are
 * drawn given them, and what it does not know becomes NULL: a real value comes
 * out only where the model says so.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "numeric/siphash.h"
#include "synthesize/rows.h"
#include "synthesize/target.h"

PG_FUNCTION_INFO_V1(kiaim_complete);

/* What a call site keeps from one row to the next. */
typedef struct CallSite
{
	MemoryContext context;
	char	   *model;
	uint64		rowtype;		/* which definition of it */
	bool		seeded;
	int64		seed;
	RowMaker   *maker;
} CallSite;

/* Prepare to complete rows of a type by a model: it must keep some, and the rows must have them. */
static RowMaker *
begin(const char *name, Oid rowtype, uint64 seed)
{
	MemoryContext context = CurrentMemoryContext;
	Model	   *model;
	RowMaker   *maker;
	TupleDesc	desc;
	bool		any = false;

	SPI_connect();
	MemoryContextSwitchTo(context);
	model = model_load(name);
	SPI_finish();
	maker = rows_begin(model, name, rowtype, seed, NULL, true);
	desc = rows_desc(maker);
	for (int c = 0; c < model->columns->ncolumns; c++)
	{
		const ColumnModel *column = &model->columns->columns[c];
		bool		found = false;

		if (!column->kept)
			continue;
		any = true;
		for (int i = 0; i < desc->natts && !found; i++)
			found = !TupleDescAttr(desc, i)->attisdropped &&
				strcmp(NameStr(TupleDescAttr(desc, i)->attname), column->name) == 0;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("model \"%s\" keeps column \"%s\", which the row does not have", name,
							column->name),
					 errdetail("The other columns are drawn given the values of the columns that are kept.")));
	}
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" keeps no columns", name),
				 errhint("Fit it with the option \"keep\", or draw whole rows with kiaim.sample.")));
	return maker;
}

/* The maker of a call, that of the last one if it is for the same. */
static RowMaker *
call_maker(FunctionCallInfo fcinfo)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		seeded = !PG_ARGISNULL(2);
	int64		seed = seeded ? PG_GETARG_INT64(2) : 0;
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	uint64		rowtype = type_is_rowtype(type) ? assign_record_type_identifier(type, -1) : 0;
	MemoryContext old;

	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
		site->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "kiaim complete",
											  ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = site;
	}
	if (site->maker != NULL && strcmp(site->model, name) == 0 && site->rowtype == rowtype &&
		site->seeded == seeded && site->seed == seed)
		return site->maker;
	site->maker = NULL;
	MemoryContextReset(site->context);
	old = MemoryContextSwitchTo(site->context);
	site->model = pstrdup(name);
	site->rowtype = rowtype;
	site->seeded = seeded;
	site->seed = seed;
	site->maker = begin(site->model, type, seeded ? (uint64) seed : strong_bits());
	MemoryContextSwitchTo(old);
	return site->maker;
}

/*
 * kiaim.complete(row anyelement, model text, seed bigint) RETURNS anyelement:
 * the row with its columns drawn anew but for those that the model keeps.
 */
Datum
kiaim_complete(PG_FUNCTION_ARGS)
{
	RowMaker   *maker;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model must not be NULL")));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	/* refuses what is no row, before it is taken for one */
	maker = call_maker(fcinfo);
	PG_RETURN_DATUM(HeapTupleGetDatum(rows_complete(maker, PG_GETARG_HEAPTUPLEHEADER(0))));
}
