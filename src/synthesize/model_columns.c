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

/* How a column follows from others, or NULL if it does not. */
static char *
formula_of(const ColumnSet *set, const ColumnModel *column)
{
	const Formula *formula = &column->formula;
	const char *a = formula->a >= 0 ? quote_identifier(set->columns[formula->a].name) : NULL;
	const char *b = formula->b >= 0 ? quote_identifier(set->columns[formula->b].name) : NULL;
	char	   *text = NULL;

	switch (formula->kind)
	{
		case FORMULA_NONE:
			return NULL;
		case FORMULA_DISTANCE:
			text = psprintf("%s + a distance", a);
			break;
		case FORMULA_COPY:
			text = pstrdup(a);
			break;
		case FORMULA_YEAR:
			text = psprintf("year of %s", a);
			break;
		case FORMULA_MONTH:
			text = psprintf("month of %s", a);
			break;
		case FORMULA_DAYS:
			text = psprintf("%s - %s", a, b);
			break;
		case FORMULA_YEARS:
			text = psprintf("years from %s to %s", b, a);
			break;
		case FORMULA_STEPS:
			text = psprintf("follows from %s", a);
			break;
	}
	return formula->sometimes ? psprintf("%s, or NULL", text) : text;
}

/* kiaim.model_columns(model) */
Datum
kiaim_model_columns(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	const ColumnSet *set;

	SPI_connect();
	MemoryContextSwitchTo(caller);
	set = model_load(text_to_cstring(PG_GETARG_TEXT_PP(0)))->columns;
	SPI_finish();
	for (int i = 0; i < set->ncolumns; i++)
	{
		const ColumnModel *column = &set->columns[set->order[i]];
		const Variable *variables = &set->variables[column->first];
		char	   *formula = formula_of(set, column);
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
