/*-------------------------------------------------------------------------
 *
 * column_formula.c
 *		Formulas of categories, from positions in the data to positions among
 *		the labels that can come out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/column_internal.h"

/* A label and its position. */
typedef struct LabelPosition
{
	const char *label;
	int64		position;
} LabelPosition;

/* By label, in the order of bytes. */
static int
compare_labels(const void *a, const void *b)
{
	return strcmp(((const LabelPosition *) a)->label, ((const LabelPosition *) b)->label);
}

/* The labels of a column of the data, sorted. */
static LabelPosition *
sorted_labels(const RawColumn *column)
{
	LabelPosition *labels = palloc_extended(sizeof(LabelPosition) * Max(column->nvalues, 1),
											MCXT_ALLOC_HUGE);

	for (int64 i = 0; i < column->nvalues; i++)
	{
		labels[i].label = column->labels[i];
		labels[i].position = i;
	}
	qsort(labels, column->nvalues, sizeof(LabelPosition), compare_labels);
	return labels;
}

/*
 * The position in the data of a label that can come out; of one that is no
 * value but stands for several, that of the first that is not before it.
 */
static int64
position_in_data(const LabelPosition *labels, int64 n, const char *label)
{
	int64		low = 0;
	int64		high = n - 1;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (strcmp(labels[middle].label, label) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return labels[low].position;
}

/* What a formula says, as a position among the labels that can come out; RAW_NULL if there is none. */
static int64
result_position(const ColumnModel *column, const RawColumn *from, int64 raw)
{
	int64		position;

	if (column->category == NULL || raw == RAW_NULL)
		return raw;
	if (raw < 0 || raw >= from->nvalues)
		return RAW_NULL;
	position = category_find(column->category, from->labels[raw]);
	return position < 0 ? RAW_NULL : position;
}

/* See column_internal.h. */
void
column_translate(ColumnModel *column, const ColumnSet *set, const RawTable *table, int index)
{
	const Formula *formula = &column->formula;
	Formula		made = *formula;
	const RawColumn *from = &table->columns[index];
	const RawColumn *argument = &table->columns[formula->a];
	const CategoryCoder *coder = set->columns[formula->a].category;
	LabelPosition *labels;
	int64	   *row;

	if (formula->kind != FORMULA_STEPS && formula->kind != FORMULA_COPY)
		return;
	if (coder == NULL)
	{
		/* steps of a number */
		made.to = palloc(sizeof(int64) * Max(formula->nsteps, 1));
		for (int i = 0; i < formula->nsteps; i++)
			made.to[i] = result_position(column, from, formula->to[i]);
		column->formula = made;
		return;
	}

	/* of a category: every label has an entry of its own */
	made.nsteps = category_nlabels(coder);
	made.from = palloc(sizeof(int64) * Max(made.nsteps, 1));
	made.to = palloc(sizeof(int64) * Max(made.nsteps, 1));
	labels = sorted_labels(argument);
	row = palloc0(sizeof(int64) * table->ncolumns);
	for (int i = 0; i < made.nsteps; i++)
	{
		CHECK_FOR_INTERRUPTS();
		made.from[i] = i;
		if (formula->kind == FORMULA_COPY)
		{
			int64		position = category_find(column->category, category_label(coder, i));

			made.to[i] = position < 0 ? RAW_NULL : position;
			continue;
		}
		row[formula->a] = position_in_data(labels, argument->nvalues, category_label(coder, i));
		made.to[i] = result_position(column, from, formula_value(formula, set->types, row, 0));
	}
	pfree(labels);
	pfree(row);
	column->formula = made;
}
