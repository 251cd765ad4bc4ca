/*-------------------------------------------------------------------------
 *
 * column_bytes.c
 *		The columns of a model as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"

#include "synthesize/column_internal.h"
#include "synthesize/number_internal.h"

/* See column.h. */
void
columns_write(StringInfo to, const ColumnSet *set)
{
	bytes_put_uint32(to, set->ncolumns);
	for (int i = 0; i < set->ncolumns; i++)
		bytes_put_uint32(to, set->order[i]);
	for (int i = 0; i < set->ncolumns; i++)
	{
		const ColumnModel *column = &set->columns[i];

		bytes_put_text(to, column->name);
		raw_type_write(to, &column->type);
		bytes_put_uint8(to, column->kind);
		bytes_put_uint8(to, column->kept);
		formula_write(to, &column->formula);
		bytes_put_uint8(to, column->nvariables > 0 && set->variables[column->first].rare == 0);
		if (column->kind == COLUMN_NUMBER)
		{
			bytes_put_int64(to, column->lowest);
			bytes_put_int64(to, column->highest);
			number_write(to, column->number);
		}
		if (column->category != NULL)
			category_write(to, column->category);
	}
}

/* Refuse what is not an order of the columns. */
static void
read_order(ByteReader *r, ColumnSet *set)
{
	bool	   *seen = palloc0(sizeof(bool) * Max(set->ncolumns, 1));

	for (int i = 0; i < set->ncolumns; i++)
	{
		int			c = bytes_count(r, 0, set->ncolumns - 1);

		if (seen[c])
			bytes_invalid(r, "A column is made twice.");
		seen[c] = true;
		set->order[i] = c;
	}
	pfree(seen);
}

/* Refuse a column whose kind, type and formula do not fit. */
static void
check_column(const ByteReader *r, const ColumnModel *column)
{
	bool		category = column->type.kind == RAW_CATEGORY;
	FormulaKind formula = column->formula.kind;
	bool		fits = true;

	switch (column->kind)
	{
		case COLUMN_EMPTY:
			break;
		case COLUMN_KEY:
			fits = column_can_be_key(&column->type) && formula == FORMULA_NONE &&
				!(column->kept && column->formula.sometimes);
			break;
		case COLUMN_NUMBER:
			fits = !category && (formula <= FORMULA_DISTANCE || column->formula.otherwise);
			break;
		case COLUMN_CATEGORY:
			fits = category && (formula == FORMULA_NONE || (formula > FORMULA_DISTANCE && column->formula.otherwise));
			break;
		case COLUMN_FORMULA:
			fits = formula > FORMULA_DISTANCE && !column->formula.otherwise && !column->kept;
			break;
	}
	if (!fits || (column->kept && formula != FORMULA_NONE))
		bytes_invalid(r, "The kind of a column does not fit its type or formula.");
}

/* Refuse steps to labels that there are not. */
static void
check_steps(const ByteReader *r, const ColumnModel *column)
{
	const Formula *formula = &column->formula;

	for (int i = 0; i < formula->nsteps; i++)
		if (formula->to[i] != RAW_NULL &&
			(formula->to[i] < 0 || formula->to[i] >= category_nlabels(column->category)))
			bytes_invalid(r, "A formula leads to a label that there is not.");
}

/* Read a column; variables has two places. */
static void
read_column(ByteReader *r, ColumnSet *set, int index, Variable *variables)
{
	ColumnModel *column = &set->columns[index];
	uint8		kind;
	uint8		kept;
	uint8		rare;

	column->name = bytes_text(r);
	if (column->name == NULL || column->name[0] == '\0' || strlen(column->name) >= NAMEDATALEN)
		bytes_invalid(r, "A column has no name.");
	raw_type_read(r, &column->type);
	set->types[index] = column->type;
	kind = bytes_uint8(r);
	kept = bytes_uint8(r);
	if (kind > COLUMN_FORMULA || kept > 1)
		bytes_invalid(r, "The kind of a column is not known.");
	column->kind = kind;
	column->kept = kept != 0;
	formula_read(r, &column->formula, set->ncolumns, index);
	rare = bytes_uint8(r);
	if (rare > 1)
		bytes_invalid(r, "The kind of a column is not known.");
	check_column(r, column);
	switch (column->kind)
	{
		case COLUMN_EMPTY:
			break;
		case COLUMN_KEY:
		case COLUMN_FORMULA:
			if (column->formula.sometimes)
			{
				column->nvariables = 1;
				column_null_variable(variables, rare != 0);
			}
			if (column->kind == COLUMN_FORMULA && column->type.kind == RAW_CATEGORY)
			{
				Variable	unused[2];
				int			nunused;

				column->category = category_read(r, unused, &nunused);
				check_steps(r, column);
			}
			break;
		case COLUMN_NUMBER:
			column->lowest = bytes_int64(r);
			column->highest = bytes_int64(r);
			column->number = number_read(r, variables, &column->nvariables);
			if (column->lowest > column->highest || column->lowest == RAW_NULL)
				bytes_invalid(r, "The limits of a column are not in order.");
			if (column->formula.kind != FORMULA_DISTANCE &&
				column->number->nanchors > 0)
				bytes_invalid(r, "A number that is no distance has values beside its codes.");
			break;
		case COLUMN_CATEGORY:
			column->category = category_read(r, variables, &column->nvariables);
			break;
	}
}

/* Refuse an order in which something is needed before it is made, or drawn before what is given. */
static void
check_order(const ByteReader *r, const ColumnSet *set)
{
	int		   *place = palloc(sizeof(int) * Max(set->ncolumns, 1));

	for (int i = 0; i < set->ncolumns; i++)
		place[set->order[i]] = i;
	for (int i = 0; i < set->ncolumns; i++)
	{
		const ColumnModel *column = &set->columns[set->order[i]];
		const Formula *formula = &column->formula;

		if (formula->kind != FORMULA_NONE &&
			((formula->a >= 0 && place[formula->a] >= i) ||
			 (formula->b >= 0 && place[formula->b] >= i)))
			bytes_invalid(r, "A column is made before what it follows from.");
		for (int b = 0; b < formula->nbounds; b++)
			if (place[formula->bounds[b].column] >= i)
				bytes_invalid(r, "A column is made before its bounds.");
		if (i > 0 && column->kept && !set->columns[set->order[i - 1]].kept)
			bytes_invalid(r, "A column that is given comes after one that is drawn.");
	}
	pfree(place);
}

/* See column.h. */
ColumnSet *
columns_read(ByteReader *r)
{
	ColumnSet  *set = palloc0(sizeof(ColumnSet));
	int			n = bytes_count(r, 0, MaxTupleAttributeNumber);
	Variable   *variables = palloc0(sizeof(Variable) * 2 * Max(n, 1));

	set->ncolumns = n;
	set->columns = palloc0(sizeof(ColumnModel) * Max(n, 1));
	set->types = palloc0(sizeof(RawType) * Max(n, 1));
	set->order = palloc(sizeof(int) * Max(n, 1));
	read_order(r, set);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_column(r, set, i, &variables[2 * i]);
	}
	check_order(r, set);
	columns_lay_out(set, variables);
	pfree(variables);
	return set;
}
