/*-------------------------------------------------------------------------
 *
 * column.c
 *		The columns of a table become variables of codes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "frame/frame.h"
#include "synthesize/column_internal.h"
#include "synthesize/number_internal.h"

/* Rows between two looks at interrupts. */
#define ROWS_A_CHECK	65536

/* A fit under way. */
typedef struct ColumnsFit
{
	const RawTable *table;
	const Structure *structure;
	const FitOptions *options;
	ColumnSet  *set;
	Variable   *variables;		/* two places a column */
	uint8	 ***codes;			/* of each column, two places */
} ColumnsFit;

/* See column_internal.h. */
bool
column_can_be_key(const RawType *type)
{
	char		category;
	bool		preferred;

	/* integers whether read as numbers or, identifiers of persons, as categories */
	switch (type->type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case UUIDOID:
			return type->scale == 0;
		default:
			get_type_category_preferred(type->type, &category, &preferred);
			return category == TYPCATEGORY_STRING;
	}
}

/* See column_internal.h. */
void
column_null_variable(Variable *variable, bool rare)
{
	memset(variable, 0, sizeof(Variable));
	variable->ncodes = 2;
	variable->ordered = true;
	variable->missing = 0;
	variable->rare = rare ? 0 : -1;
	variable->coarse = -1;
}

/* See column_internal.h. */
void
columns_lay_out(ColumnSet *set, const Variable *variables)
{
	set->variables = palloc(sizeof(Variable) * 2 * Max(set->ncolumns, 1));
	for (int i = 0; i < set->ncolumns; i++)
	{
		ColumnModel *column = &set->columns[set->order[i]];

		column->first = set->nvariables;
		column->types = set->types;
		for (int v = 0; v < column->nvariables; v++)
		{
			Variable   *variable = &set->variables[set->nvariables++];

			*variable = variables[2 * set->order[i] + v];
			variable->kept = column->kept;
			if (variable->coarse >= 0)
				variable->coarse = column->first;
		}
	}
}

/* A column of which nothing comes out: it is NULL, if it may be; or given. */
static void
fit_nothing(const ColumnsFit *fit, const RawColumn *from, ColumnModel *column)
{
	if (from->not_null && !column->kept)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" has no value that can come out", from->name),
				 errdetail("It is NOT NULL, and none of its values and no group of them belongs to %d persons.",
						   fit->options->min_leaf),
				 errhint("Leave the column out by naming the others in \"columns\", or fit more rows.")));
	column->kind = COLUMN_EMPTY;
	if (!column->kept && number_enough_rows(fit->table, from->values, 1, false))
		ereport(NOTICE,
				(errmsg("column \"%s\" will always be NULL", from->name),
				 errdetail("None of its values and no group of them belongs to %d persons.",
						   fit->options->min_leaf)));
}

/* Code whether rows are NULL, which is all that is drawn of a column. */
static void
fit_null(const ColumnsFit *fit, const RawColumn *from, ColumnModel *column, int index)
{
	const RawTable *table = fit->table;
	FrameMemory memory = {CurrentMemoryContext, 0};
	uint8	   *codes = frame_alloc(&memory, table->nrows, 1, false);

	for (int64 r = 0; r < table->nrows; r++)
		codes[r] = from->values[r] == RAW_NULL ? 0 : 1;
	fit->codes[index][0] = codes;
	column->nvariables = 1;
	column_null_variable(&fit->variables[2 * index],
						 !number_enough_rows(table, from->values, fit->options->min_leaf, true));
}

/* True if some row is NULL. */
static bool
has_null(const RawTable *table, const RawColumn *from)
{
	for (int64 r = 0; r < table->nrows; r++)
		if (from->values[r] == RAW_NULL)
			return true;
	return false;
}

/* The values of a column that is drawn as a distance: RAW_NULL where it or the other is NULL. */
static int64 *
distances(const ColumnsFit *fit, const RawColumn *from, const Formula *formula, FrameMemory *memory)
{
	const RawTable *table = fit->table;
	int64	   *values = frame_alloc(memory, table->nrows, sizeof(int64), false);
	int64	   *row = palloc0(sizeof(int64) * table->ncolumns);

	for (int64 r = 0; r < table->nrows; r++)
	{
		int64		base;

		if (r % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		row[formula->a] = table->columns[formula->a].values[r];
		base = formula_value(formula, fit->set->types, row, 0);
		if (from->values[r] == RAW_NULL || base == RAW_NULL ||
			pg_sub_s64_overflow(from->values[r], base, &values[r]))
			values[r] = RAW_NULL;
	}
	pfree(row);
	return values;
}

/* The lowest and the highest value of a column that may come out. */
static void
find_limits(const ColumnsFit *fit, const RawColumn *from, bool extremes, ColumnModel *column)
{
	NumberValues *v = number_values(fit->table, from->values, fit->options->min_leaf);
	NumberCoder lattice = {.unit = v->unit,.residue = v->residue};

	if (!extremes)
		number_values_limit(v);
	column->lowest = number_of_step(&lattice, v->steps[0]);
	column->highest = number_of_step(&lattice, v->steps[v->nvalues - 1]);
	number_values_free(v);
}

/* Fit a number, date or time. */
static void
fit_number(const ColumnsFit *fit, const RawColumn *from, ColumnModel *column, int index,
		   bool extremes)
{
	FrameMemory memory = {CurrentMemoryContext, 0};
	int			min_leaf = fit->options->min_leaf;
	Variable   *variables = &fit->variables[2 * index];

	column->kind = COLUMN_NUMBER;
	if (column->formula.kind == FORMULA_DISTANCE)
	{
		int64	   *values = distances(fit, from, &column->formula, &memory);
		RawType		type = from->type;

		type.declared = InvalidOid;
		column->number = number_fit_distances(fit->table, from->values, values, &type, min_leaf,
											  extremes, variables, &column->nvariables,
											  fit->codes[index]);
		frame_release(&memory, values, fit->table->nrows, sizeof(int64));
		if (column->number != NULL)
			find_limits(fit, from, extremes, column);
	}
	else
	{
		column->number = number_fit(fit->table, from->values, &from->type, min_leaf, extremes,
									variables, &column->nvariables, fit->codes[index]);
		if (column->number != NULL)
			number_range(column->number, &column->lowest, &column->highest);
	}
	if (column->number == NULL)
		fit_nothing(fit, from, column);
}

/* Fit a category. */
static void
fit_category(const ColumnsFit *fit, const RawColumn *from, ColumnModel *column, int index,
			 const char *hierarchy)
{
	column->kind = COLUMN_CATEGORY;
	column->category = category_fit(fit->table, from, hierarchy, fit->options->min_leaf,
									&fit->variables[2 * index], &column->nvariables,
									fit->codes[index]);
	if (column->category == NULL || category_nlabels(column->category) == 0)
	{
		column->category = NULL;
		column->nvariables = 0;
		fit_nothing(fit, from, column);
	}
}

/* Fit a column that follows from others. */
static void
fit_formula(const ColumnsFit *fit, const RawColumn *from, ColumnModel *column, int index)
{
	if (from->type.kind == RAW_CATEGORY)
	{
		/* for the labels alone: nothing of it is drawn */
		fit_category(fit, from, column, index, NULL);
		if (column->kind == COLUMN_EMPTY)
			return;
		column->nvariables = 0;
	}
	column->kind = COLUMN_FORMULA;
	column_translate(column, fit->set, fit->table, index);
	if (column->formula.sometimes)
		fit_null(fit, from, column, index);
}

/* True if an argument of a formula is not a value of the data: a fresh number, or never there. */
static bool
is_of_nothing(const ColumnSet *set, const Formula *formula)
{
	int			arguments[] = {formula->a, formula->b};

	for (int i = 0; i < lengthof(arguments); i++)
		if (arguments[i] >= 0 && (set->columns[arguments[i]].kind == COLUMN_KEY ||
								  set->columns[arguments[i]].kind == COLUMN_EMPTY))
			return true;
	return false;
}

/* Fit a column; those before it in the order are fitted. */
static void
fit_column(const ColumnsFit *fit, int index)
{
	const RawColumn *from = &fit->table->columns[index];
	const ColumnOptions *options = fit_options_column(fit->options, from->name);
	const Formula *formula = &fit->structure->formulas[index];
	ColumnModel *column = &fit->set->columns[index];
	bool		copy;
	bool		key;

	column->name = pstrdup(from->name);
	column->type = from->type;
	column->kept = options != NULL && options->keep;
	column->formula.kind = FORMULA_NONE;
	column->formula.a = column->formula.b = -1;

	/* what is given is not computed, and a fresh number has no columns that follow from it but copies */
	copy = formula->kind == FORMULA_COPY && fit->set->columns[formula->a].kind == COLUMN_KEY;
	key = (from->key || copy) && column_can_be_key(&from->type);
	if (!column->kept && !is_of_nothing(fit->set, formula))
	{
		column->formula = *formula;
		key = key && formula->kind <= FORMULA_DISTANCE;
	}

	if (!number_enough_rows(fit->table, from->values, 1, false))
		fit_nothing(fit, from, column);
	else if (key)
	{
		column->kind = COLUMN_KEY;
		column->formula.kind = FORMULA_NONE;
		column->formula.sometimes = !column->kept && has_null(fit->table, from);
		if (column->formula.sometimes)
			fit_null(fit, from, column, index);
	}
	else if (column->formula.kind > FORMULA_DISTANCE && !column->formula.otherwise)
		fit_formula(fit, from, column, index);
	else
	{
		if (from->type.kind == RAW_CATEGORY)
			fit_category(fit, from, column, index, options != NULL ? options->hierarchy : NULL);
		else
			fit_number(fit, from, column, index, options != NULL && options->extremes);
		if (column->kind != COLUMN_EMPTY && column->formula.otherwise)
			column_translate(column, fit->set, fit->table, index);
	}
}

/* The codes of the columns as a table. */
static CodedTable *
coded_table(const ColumnsFit *fit)
{
	const RawTable *table = fit->table;
	const ColumnSet *set = fit->set;
	CodedTable *coded = palloc0(sizeof(CodedTable));

	coded->nvariables = set->nvariables;
	coded->variables = set->variables;
	coded->nrows = table->nrows;
	coded->persons = table->persons;
	coded->npersons = table->npersons;
	coded->codes = palloc(sizeof(uint8 *) * Max(set->nvariables, 1));
	for (int c = 0; c < set->ncolumns; c++)
		for (int v = 0; v < set->columns[c].nvariables; v++)
			coded->codes[set->columns[c].first + v] = fit->codes[c][v];
	return coded;
}

/* See column.h. */
ColumnSet *
columns_fit(const RawTable *table, const Structure *structure, const FitOptions *options,
			CodedTable **coded)
{
	int			n = table->ncolumns;
	ColumnsFit	fit = {table, structure, options};

	fit.set = palloc0(sizeof(ColumnSet));
	fit.set->ncolumns = n;
	fit.set->columns = palloc0(sizeof(ColumnModel) * Max(n, 1));
	fit.set->types = palloc(sizeof(RawType) * Max(n, 1));
	fit.set->order = palloc(sizeof(int) * Max(n, 1));
	fit.variables = palloc0(sizeof(Variable) * 2 * Max(n, 1));
	fit.codes = palloc(sizeof(uint8 **) * Max(n, 1));
	for (int c = 0; c < n; c++)
	{
		fit.set->types[c] = table->columns[c].type;
		fit.set->order[c] = structure->order[c];
		fit.codes[c] = palloc0(sizeof(uint8 *) * 2);
	}
	for (int i = 0; i < n; i++)
		fit_column(&fit, fit.set->order[i]);
	columns_lay_out(fit.set, fit.variables);
	*coded = coded_table(&fit);
	return fit.set;
}
