/*-------------------------------------------------------------------------
 *
 * model_leaves.c
 *		kiaim.model_leaves: of how many rows a model tells anything.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "srf.h"
#include "synthesize/model.h"

PG_FUNCTION_INFO_V1(kiaim_model_leaves);

/* The leaves of a column. */
typedef struct LeafSizes
{
	int64		leaves;
	int64		smallest;
	int64		largest;
	double		rows;
} LeafSizes;

/* Of all columns, then those of none alone, and which column a variable is of. */
typedef struct LeafSummary
{
	int			ncolumns;
	LeafSizes  *columns;
	int		   *column_of;
} LeafSummary;

/* Count a leaf. */
static void
count_leaf(void *state, int variable, int64 rows)
{
	LeafSummary *summary = state;
	LeafSizes  *sizes = &summary->columns[variable < 0 ? summary->ncolumns : summary->column_of[variable]];

	if (sizes->leaves == 0 || rows < sizes->smallest)
		sizes->smallest = rows;
	sizes->largest = Max(sizes->largest, rows);
	sizes->leaves++;
	sizes->rows += rows;
}

/* kiaim.model_leaves(model) */
Datum
kiaim_model_leaves(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	const Model *model;
	const ColumnSet *set;
	LeafSummary summary;

	SPI_connect();
	MemoryContextSwitchTo(caller);
	model = model_load(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	SPI_finish();
	set = model->columns;
	summary.ncolumns = set->ncolumns;
	summary.columns = palloc0(sizeof(LeafSizes) * (set->ncolumns + 1));
	summary.column_of = palloc0(sizeof(int) * Max(set->nvariables, 1));
	for (int i = 0; i < set->ncolumns; i++)
		for (int v = 0; v < set->columns[i].nvariables; v++)
			summary.column_of[set->columns[i].first + v] = i;
	model->generator->method->leaves(model->generator, count_leaf, &summary);
	for (int i = 0; i <= set->ncolumns; i++)
	{
		int			column = i < set->ncolumns ? set->order[i] : i;
		const LeafSizes *sizes = &summary.columns[column];
		Datum		values[5];
		bool		nulls[5] = {false};

		if (sizes->leaves == 0)
			continue;
		nulls[0] = column == set->ncolumns;
		if (!nulls[0])
			values[0] = CStringGetTextDatum(set->columns[column].name);
		values[1] = Int64GetDatum(sizes->leaves);
		values[2] = Int64GetDatum(sizes->smallest);
		values[3] = Float8GetDatum(sizes->rows / sizes->leaves);
		values[4] = Int64GetDatum(sizes->largest);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
