/*-------------------------------------------------------------------------
 *
 * conditions.h
 *		What is given of the rows to be drawn: {"site": "C50", "year": "[2018,2022)"}.
 *
 * A scalar is a value, for a category also a label of any level of its
 * hierarchy; a text that looks like a range is one for numbers, dates and times;
 * null is NULL; an array is any of these.  A column that the model keeps has to
 * have one value here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_CONDITIONS_H
#define KIAIM_SYNTHESIZE_CONDITIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "synthesize/model.h"

typedef struct Conditions Conditions;

/*
 * Read what is given (NULL: nothing) for a model of this name, in the current
 * memory context.  Errors: 42703 for a column that the model does not have,
 * 22023 for a value that it cannot make and for a kept column that is not given.
 */
extern Conditions *conditions_read(const Model *model, const char *name, const Jsonb *given);

/* The codes that the variables may have, for the generator; NULL: any. */
extern CodeSet **conditions_codes(const Conditions *conditions);

/* Whether anything is given of a column that is drawn. */
extern bool conditions_given(const Conditions *conditions, int column);

/* Whether a raw value of a column is as given. */
extern bool conditions_hold(const Conditions *conditions, int column, int64 raw);

/* The value given for a kept column, of its declared type. */
extern Datum conditions_kept(const Conditions *conditions, int column, bool *isnull);

#endif							/* KIAIM_SYNTHESIZE_CONDITIONS_H */
