/*-------------------------------------------------------------------------
 *
 * structure.c
 *		Which column follows from which others, and in which order they are made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/structure.h"

/* Put a column into the order if it is not there yet. */
static void
order_add(int *order, bool *placed, int *n, int column)
{
	if (placed[column])
		return;
	placed[column] = true;
	order[(*n)++] = column;
}

/* The order: what is kept, what the options name, and the others. */
static int *
find_order(const RawTable *table, const FitOptions *options)
{
	int		   *order = palloc(sizeof(int) * Max(table->ncolumns, 1));
	bool	   *placed = palloc0(sizeof(bool) * Max(table->ncolumns, 1));
	int			n = 0;

	for (int c = 0; c < table->ncolumns; c++)
	{
		const ColumnOptions *column = fit_options_column(options, table->columns[c].name);

		if (column != NULL && column->keep)
			order_add(order, placed, &n, c);
	}
	for (int i = 0; i < options->norder; i++)
		for (int c = 0; c < table->ncolumns; c++)
			if (strcmp(options->order[i], table->columns[c].name) == 0)
				order_add(order, placed, &n, c);
	for (int c = 0; c < table->ncolumns; c++)
		order_add(order, placed, &n, c);
	pfree(placed);
	return order;
}

/* See structure.h. */
Structure *
structure_find(const RawTable *table, const FitOptions *options)
{
	Structure  *structure = palloc0(sizeof(Structure));

	structure->formulas = palloc0(sizeof(Formula) * Max(table->ncolumns, 1));
	for (int c = 0; c < table->ncolumns; c++)
		structure->formulas[c].a = structure->formulas[c].b = -1;
	structure->order = find_order(table, options);
	return structure;
}
