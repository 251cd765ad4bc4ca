/*-------------------------------------------------------------------------
 *
 * column_internal.h
 *		What the files column*.c share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_COLUMN_INTERNAL_H
#define KIAIM_COLUMN_INTERNAL_H

#include "postgres.h"

#include "synthesize/column.h"

/* True if rows drawn can have 1, 2, 3 ... of this type. */
extern bool column_can_be_key(const RawType *type);

/* The only variable of a column of which just whether it is NULL is drawn. */
extern void column_null_variable(Variable *variable, bool rare);

/* Lay out the variables of columns, two places each, in the order of the set. */
extern void columns_lay_out(ColumnSet *set, const Variable *variables);

/*
 * Turn the positions of categories that a formula has from those of the data
 * into those of the labels that can come out.
 */
extern void column_translate(ColumnModel *column, const ColumnSet *set, const RawTable *table,
							 int index);

#endif							/* KIAIM_COLUMN_INTERNAL_H */
