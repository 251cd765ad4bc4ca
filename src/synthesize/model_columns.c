/*-------------------------------------------------------------------------
 *
 * model_columns.c
 *		kiaim.model_columns: what a model makes of each column, for review.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "srf.h"
#include "synthesize/model.h"

PG_FUNCTION_INFO_V1(kiaim_model_columns);

/* What a column is, in a word. */
static const char *
kind_of(const ColumnModel *column)
{
	switch (column->kind)
	{
		case COLUMN_EMPTY:
			return "empty";
		case COLUMN_KEY:
			return "key";
		case COLUMN_NUMBER:
			return column->type.kind == RAW_NUMBER ? "number" : "date";
		case COLUMN_CATEGORY:
			return "category";
		case COLUMN_FORMULA:
			return "computed";
	}
	return NULL;
}

/* kiaim.model_columns(model) */
Datum
kiaim_model_columns(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	const ColumnSet *set;
	char	  **names;

	SPI_connect();
	MemoryContextSwitchTo(caller);
	set = model_load(text_to_cstring(PG_GETARG_TEXT_PP(0)))->columns;
	SPI_finish();
	names = palloc(sizeof(char *) * Max(set->ncolumns, 1));
	for (int i = 0; i < set->ncolumns; i++)
		names[i] = set->columns[i].name;
	for (int i = 0; i < set->ncolumns; i++)
	{
		const ColumnModel *column = &set->columns[set->order[i]];
		const Variable *variables = &set->variables[column->first];
		char	   *formula = formula_text(&column->formula, names);
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = CStringGetTextDatum(column->name);
		values[2] = ObjectIdGetDatum(column->type.declared);
		values[3] = CStringGetTextDatum(kind_of(column));
		values[4] = BoolGetDatum(column->kept);
		values[5] = Int32GetDatum(column->nvariables > 0 ? variables[0].ncodes : 0);
		nulls[5] = column->nvariables == 0;
		nulls[6] = formula == NULL;
		if (!nulls[6])
			values[6] = CStringGetTextDatum(formula);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
