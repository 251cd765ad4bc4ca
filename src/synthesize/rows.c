/*-------------------------------------------------------------------------
 *
 * rows.c
 *		The way back: from a model to rows of a row type.
 *
 * Rows are drawn in batches, column by column; a row that is not as given or
 * fails a constraint is drawn anew from where its own stream of random numbers
 * then is, as a whole, so that the rows that come out have the distribution of
 * the model under all conditions.  No row depends on the others of its batch.
 *
 * The first batches are small, so that a single row and what cannot be
 * satisfied take little time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "synthesize/conditions.h"
#include "synthesize/constraints.h"
#include "synthesize/rows.h"
#include "synthesize/target.h"

/* A row is given up after so many draws in a row that failed. */
#define MOST_TRIES	100000

/* Rows of the first batch, and how much larger the next one is. */
#define FIRST_BATCH	8
#define BATCH_GROWTH	4

/* Values in a batch, which should stay in the cache; but so many rows at least. */
#define BATCH_VALUES	32768
#define LEAST_BATCH	64

/* A label of a kept column that the model does not know, longer ones by their beginning. */
#define UNKNOWN_KEY	128

typedef struct UnknownLabel
{
	char		label[UNKNOWN_KEY]; /* variable and label */
	int64		position;		/* of the label that stands for it, or -1 */
} UnknownLabel;

struct RowMaker
{
	MemoryContext context;
	const Model *model;
	const char *name;
	uint64		seed;
	Target	   *target;
	Conditions *conditions;		/* NULL: rows are completed */
	ConstraintSet *declared;	/* over the columns of the model, or NULL */
	ConstraintSet *own;			/* of the row type */
	Sampler    *sampler;
	RawType    *types;			/* of each column of the model */
	bool	   *wanted;			/* of each column of the model: its value is used */

	/* kept columns: the same for all rows of a batch */
	int64	   *kept_raw;
	Datum	   *kept_values;
	bool	   *kept_isnull;
	Datum	   *given_values;	/* of each attribute: the real row's, or NULL */
	bool	   *given_isnull;
	uint8	   *kept_codes;		/* of each variable */
	HTAB	   *unknown;		/* labels that the model does not know, or NULL */

	/* the batch */
	MemoryContext rows_context; /* its rows */
	MemoryContext draw_context; /* the values of one draw */
	int			capacity;
	int			size;			/* of the next one */
	int64		first;			/* number of its first row */
	int			nrows;
	int			current;		/* the next row to hand out */
	HeapTuple  *rows;
	RandomStream *streams;		/* of each row */
	int		   *tries;			/* draws of each row that failed, */
	int		   *violations;		/* and those of them that failed a constraint */
	int			npending;
	int		   *pending;		/* rows to be drawn */

	/* a draw of the pending rows */
	SampleBatch draw;
	int64	   *raw;			/* [draw][column] */
	Datum	   *source_values;	/* [draw][column] */
	bool	   *source_isnull;
	Datum	   *values;			/* [draw][attribute] */
	bool	   *isnull;

	int64		nrepaired;		/* rows that failed a constraint */
};

/* ---- preparation ---- */

/* What the model's rows look like to the declared constraints. */
static TupleDesc
model_desc(const ColumnSet *set)
{
	TupleDesc	desc = CreateTemplateTupleDesc(set->ncolumns);

	for (int i = 0; i < set->ncolumns; i++)
	{
		const RawType *type = &set->columns[i].type;

		TupleDescInitEntry(desc, i + 1, set->columns[i].name, type->declared, type->typmod, 0);
		TupleDescInitEntryCollation(desc, i + 1, type->collation);
	}
	return desc;
}

/* Find out whose values of a row are used. */
static void
find_wanted(RowMaker *maker)
{
	const Target *target = maker->target;

	for (int i = 0; i < target->desc->natts; i++)
		if (target->columns[i].source >= 0)
			maker->wanted[target->columns[i].source] = true;
	for (int c = 0; maker->declared != NULL && c < maker->model->columns->ncolumns; c++)
		if (constraints_read(maker->declared, c))
			maker->wanted[c] = true;
}

/* The label that stands for one of a kept column that the model does not know, or -1; found once a label. */
static int64
nearest_label(RowMaker *maker, const ColumnModel *column, Datum value)
{
	MemoryContext old;
	MemoryContext search;
	UnknownLabel *entry;
	StringInfoData key;
	Oid			output;
	bool		varlena;
	bool		found;

	if (column->category == NULL)
		return -1;
	if (maker->unknown == NULL)
	{
		HASHCTL		control = {.keysize = UNKNOWN_KEY,.entrysize = sizeof(UnknownLabel),.hcxt = maker->context};

		maker->unknown = hash_create("kiaim unknown labels", 64, &control,
									 HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	}
	getTypeOutputInfo(column->type.type, &output, &varlena);
	search = AllocSetContextCreate(CurrentMemoryContext, "kiaim nearest label", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(search);
	initStringInfo(&key);
	appendStringInfo(&key, "%d ", column->first);
	appendStringInfoString(&key, OidOutputFunctionCall(output, value));
	entry = hash_search(maker->unknown, key.data, HASH_ENTER, &found);
	if (!found)
		entry->position = category_nearest(column->category, strchr(key.data, ' ') + 1);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(search);
	return entry->position;
}

/* Take the value of a kept column: its raw value and its codes. */
static void
keep_value(RowMaker *maker, int c, Datum value, bool isnull)
{
	const ColumnSet *set = maker->model->columns;
	const ColumnModel *column = &set->columns[c];
	uint8		codes[2] = {0, 0};
	bool		known;

	maker->kept_values[c] = value;
	maker->kept_isnull[c] = isnull;
	maker->kept_raw[c] = column_raw(column, value, isnull, &known);
	if (column->nvariables == 0)
		return;
	if (!known)
	{
		int64		nearest = nearest_label(maker, column, value);

		if (nearest >= 0)
			maker->kept_raw[c] = nearest;
		known = nearest >= 0;
	}
	if (known)
		column_encode(column, maker->kept_raw[c], maker->kept_raw, codes);
	else
	{
		/* of nothing that the model knows: as what is rare, or as missing */
		const Variable *variable = &set->variables[column->first];

		codes[0] = variable->rare >= 0 ? variable->rare : Max(variable->missing, 0);
	}
	memcpy(maker->kept_codes + column->first, codes, column->nvariables);
}

/* Memory for batches. */
static void
allocate_batch(RowMaker *maker)
{
	int			ncolumns = maker->model->columns->ncolumns;
	int			nvariables = maker->model->columns->nvariables;
	int			natts = maker->target->desc->natts;
	Size		n;

	maker->capacity = Min(SAMPLE_BATCH, Max(LEAST_BATCH, BATCH_VALUES / Max(ncolumns, 1)));
	maker->size = FIRST_BATCH;
	if (maker->conditions == NULL)
		maker->capacity = maker->size = 1;
	n = maker->capacity;
	maker->rows = palloc(n * sizeof(HeapTuple));
	maker->streams = palloc(n * sizeof(RandomStream));
	maker->tries = palloc(n * sizeof(int));
	maker->violations = palloc(n * sizeof(int));
	maker->pending = palloc(n * sizeof(int));
	maker->draw.streams = palloc(n * sizeof(RandomStream));
	maker->draw.codes = palloc(Max(nvariables, 1) * sizeof(uint8 *));
	for (int v = 0; v < nvariables; v++)
		maker->draw.codes[v] = palloc(n);
	maker->draw.drawn = palloc(n * sizeof(bool));
	maker->raw = palloc(n * Max(ncolumns, 1) * sizeof(int64));
	maker->source_values = palloc0(n * Max(ncolumns, 1) * sizeof(Datum));
	maker->source_isnull = palloc(n * Max(ncolumns, 1) * sizeof(bool));
	memset(maker->source_isnull, true, n * Max(ncolumns, 1) * sizeof(bool));
	maker->values = palloc0(n * natts * sizeof(Datum));
	maker->isnull = palloc(n * natts * sizeof(bool));
	memset(maker->isnull, true, n * natts * sizeof(bool));
	maker->rows_context = AllocSetContextCreate(CurrentMemoryContext, "kiaim rows",
												ALLOCSET_DEFAULT_SIZES);
	maker->draw_context = AllocSetContextCreate(CurrentMemoryContext, "kiaim draw",
												ALLOCSET_DEFAULT_SIZES);
}

/* See rows.h. */
RowMaker *
rows_begin(const Model *model, const char *name, Oid rowtype, uint64 seed, const Jsonb *given,
		   bool complete)
{
	RowMaker   *maker = palloc0(sizeof(RowMaker));
	const ColumnSet *set = model->columns;
	Size		n = Max(set->ncolumns, 1);

	maker->context = CurrentMemoryContext;
	maker->model = model;
	maker->name = name;
	maker->seed = seed;
	maker->first = 1;
	maker->target = target_begin(model, name, rowtype);
	maker->types = palloc(n * sizeof(RawType));
	for (int c = 0; c < set->ncolumns; c++)
		maker->types[c] = set->columns[c].type;
	maker->wanted = palloc0(n * sizeof(bool));
	maker->kept_raw = palloc0(n * sizeof(int64));
	maker->kept_values = palloc0(n * sizeof(Datum));
	maker->kept_isnull = palloc0(n * sizeof(bool));
	maker->kept_codes = palloc0(Max(set->nvariables, 1));
	maker->own = constraints_of_rowtype(maker->target->desc, maker->target->made);
	if (model->nconstraints > 0)
		maker->declared = constraints_parse(model_desc(set), model->nconstraints, model->constraints);
	find_wanted(maker);
	if (complete)
	{
		maker->given_values = palloc(maker->target->desc->natts * sizeof(Datum));
		maker->given_isnull = palloc(maker->target->desc->natts * sizeof(bool));
	}
	else
	{
		maker->conditions = conditions_read(model, name, given);
		for (int i = 0; i < set->ncolumns; i++)
			if (set->columns[set->order[i]].kept)
			{
				bool		isnull;
				Datum		value = conditions_kept(maker->conditions, set->order[i], &isnull);

				keep_value(maker, set->order[i], value, isnull);
			}
	}
	maker->sampler = model->generator->method->prepare(model->generator,
													   complete ? NULL : conditions_codes(maker->conditions));
	if (maker->sampler == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("model \"%s\" makes no rows with all that is given", name),
				 errdetail("Each value occurs, but not together with the others.")));
	allocate_batch(maker);
	return maker;
}

/* See rows.h. */
TupleDesc
rows_desc(const RowMaker *maker)
{
	return maker->target->desc;
}

/* ---- drawing ---- */

/* The constraint that failed most, or NULL. */
static const RowConstraint *
worst_constraint(const RowMaker *maker)
{
	const ConstraintSet *sets[] = {maker->own, maker->declared};
	const RowConstraint *worst = NULL;

	for (int s = 0; s < lengthof(sets); s++)
	{
		RowConstraint *const *list = NULL;
		int			n = 0;

		if (sets[s] != NULL)
			list = constraints_list(sets[s], &n);
		for (int i = 0; i < n; i++)
			if (list[i]->failed > 0 && (worst == NULL || list[i]->failed > worst->failed))
				worst = list[i];
	}
	return worst;
}

/* A row could not be made: say what stands in its way. */
pg_noreturn static void
give_up(const RowMaker *maker, int row)
{
	if (maker->violations[row] == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("model \"%s\" makes hardly any rows with all that is given", maker->name),
				 errdetail("%d rows in a row were not as given.", MOST_TRIES),
				 errhint("Give less, or wider ranges.")));
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("no row of model \"%s\" satisfies constraint %s", maker->name,
					worst_constraint(maker)->name),
			 maker->violations[row] < MOST_TRIES ?
			 errdetail("Of %d rows in a row, %d were not as given, and the others failed constraints, this one most.",
					   MOST_TRIES, MOST_TRIES - maker->violations[row]) :
			 errdetail("%d rows in a row failed constraints, this one most.", MOST_TRIES),
			 maker->given_values != NULL ?
			 errhint("It may contradict the values of the columns that are kept.") :
			 errhint("Fit the model to rows that satisfy it, with all columns that it reads.")));
}

/* Draw the codes of the pending rows. */
static void
draw_codes(RowMaker *maker)
{
	const ColumnSet *set = maker->model->columns;
	SampleBatch *draw = &maker->draw;

	draw->nrows = maker->npending;
	for (int k = 0; k < draw->nrows; k++)
	{
		draw->streams[k] = maker->streams[maker->pending[k]];
		draw->drawn[k] = true;
	}
	for (int v = 0; v < set->nvariables; v++)
		if (set->variables[v].kept)
			memset(draw->codes[v], maker->kept_codes[v], draw->nrows);
	maker->model->generator->method->draw(maker->sampler, draw);
}

/* Make the raw values of a column from the codes, of rows that are still as given. */
static void
decode_column(RowMaker *maker, int c)
{
	const ColumnSet *set = maker->model->columns;
	const ColumnModel *column = &set->columns[c];
	SampleBatch *draw = &maker->draw;
	bool		given = maker->conditions != NULL && conditions_given(maker->conditions, c);

	for (int k = 0; k < draw->nrows; k++)
	{
		int64	   *row = maker->raw + (Size) k * set->ncolumns;
		uint8		codes[2];

		if (!draw->drawn[k])
			continue;
		if (column->kept)
		{
			row[c] = maker->kept_raw[c];
			continue;
		}
		for (int v = 0; v < column->nvariables; v++)
			codes[v] = draw->codes[column->first + v][k];
		row[c] = column_decode(column, codes, maker->types, row, maker->first + maker->pending[k],
							   &draw->streams[k]);
		if (given && !conditions_hold(maker->conditions, c, row[c]))
			draw->drawn[k] = false;
	}
}

/* Make the values of a column of the model. */
static void
make_source_column(RowMaker *maker, int c)
{
	const ColumnSet *set = maker->model->columns;
	const ColumnModel *column = &set->columns[c];

	for (int k = 0; k < maker->draw.nrows; k++)
	{
		Size		at = (Size) k * set->ncolumns + c;

		if (!maker->draw.drawn[k])
			continue;
		if (column->kept)
		{
			maker->source_values[at] = maker->kept_values[c];
			maker->source_isnull[at] = maker->kept_isnull[c];
		}
		else
			maker->source_values[at] = column_datum(column, maker->raw[at], &maker->source_isnull[at]);
	}
}

/* Make the values of an attribute of the row type. */
static void
make_target_column(RowMaker *maker, int attribute)
{
	const Target *target = maker->target;
	int			ncolumns = maker->model->columns->ncolumns;
	int			c = target->columns[attribute].source;
	bool		real = maker->given_values != NULL && maker->model->columns->columns[c].kept;

	for (int k = 0; k < maker->draw.nrows; k++)
	{
		Size		from = (Size) k * ncolumns + c;
		Size		to = (Size) k * target->desc->natts + attribute;

		if (!maker->draw.drawn[k])
			continue;
		if (real)
		{
			maker->values[to] = maker->given_values[attribute];
			maker->isnull[to] = maker->given_isnull[attribute];
			continue;
		}
		maker->isnull[to] = maker->source_isnull[from];
		maker->values[to] = target_value(target, attribute, maker->source_values[from],
										 &maker->isnull[to]);
	}
}

/* Check the constraints of a draw, and keep it as the row if it satisfies them; false if not. */
static bool
accept(RowMaker *maker, int k)
{
	int			ncolumns = maker->model->columns->ncolumns;
	int			natts = maker->target->desc->natts;
	int			row = maker->pending[k];
	Datum	   *values = maker->values + (Size) k * natts;
	bool	   *isnull = maker->isnull + (Size) k * natts;
	MemoryContext old;

	maker->streams[row] = maker->draw.streams[k];
	if (!maker->draw.drawn[k])
		return false;
	target_generate(maker->target, values, isnull);
	if ((maker->declared != NULL &&
		 !constraints_hold(maker->declared, maker->source_values + (Size) k * ncolumns,
						   maker->source_isnull + (Size) k * ncolumns)) ||
		!constraints_hold(maker->own, values, isnull))
	{
		maker->violations[row]++;
		return false;
	}
	old = MemoryContextSwitchTo(maker->rows_context);
	maker->rows[row] = heap_form_tuple(maker->target->desc, values, isnull);
	MemoryContextSwitchTo(old);
	return true;
}

/* Draw the pending rows once; those that fail stay pending. */
static void
draw_pending(RowMaker *maker)
{
	const ColumnSet *set = maker->model->columns;
	MemoryContext old = MemoryContextSwitchTo(maker->draw_context);
	int			npending = 0;

	draw_codes(maker);
	for (int i = 0; i < set->ncolumns; i++)
		decode_column(maker, set->order[i]);
	for (int c = 0; c < set->ncolumns; c++)
		if (maker->wanted[c])
			make_source_column(maker, c);
	for (int i = 0; i < maker->target->desc->natts; i++)
		if (maker->target->columns[i].source >= 0)
			make_target_column(maker, i);
	for (int k = 0; k < maker->draw.nrows; k++)
	{
		int			row = maker->pending[k];

		if (accept(maker, k))
		{
			if (maker->violations[row] > 0)
				maker->nrepaired++;
			continue;
		}
		if (++maker->tries[row] >= MOST_TRIES)
			give_up(maker, row);
		maker->pending[npending++] = row;
	}
	maker->npending = npending;
	MemoryContextSwitchTo(old);
	MemoryContextReset(maker->draw_context);
}

/* Make a batch of rows. */
static void
make_batch(RowMaker *maker, int nrows)
{
	MemoryContextReset(maker->rows_context);
	maker->first += maker->nrows;
	maker->nrows = maker->npending = nrows;
	maker->current = 0;
	for (int row = 0; row < nrows; row++)
	{
		maker->streams[row] = random_stream(maker->seed, maker->first + row);
		maker->tries[row] = 0;
		maker->violations[row] = 0;
		maker->pending[row] = row;
	}
	while (maker->npending > 0)
	{
		CHECK_FOR_INTERRUPTS();
		draw_pending(maker);
	}
	maker->size = Min(maker->size * BATCH_GROWTH, maker->capacity);
}

/* See rows.h. */
HeapTuple
rows_next(RowMaker *maker, int64 limit)
{
	if (maker->current == maker->nrows)
		make_batch(maker, (int) Min(limit, maker->size));
	return maker->rows[maker->current++];
}

/* See rows.h. */
HeapTuple
rows_complete(RowMaker *maker, HeapTupleHeader row)
{
	const Target *target = maker->target;
	const ColumnSet *set = maker->model->columns;
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, target->desc, maker->given_values, maker->given_isnull);
	for (int i = 0; i < target->desc->natts; i++)
		if (target->columns[i].source >= 0 && set->columns[target->columns[i].source].kept)
		{
			bool		isnull = maker->given_isnull[i];
			Datum		value = target_source_value(target, i, maker->given_values[i], &isnull);

			keep_value(maker, target->columns[i].source, value, isnull);
		}
	maker->current = maker->nrows;
	return rows_next(maker, 1);
}

/* See rows.h. */
void
rows_report(const RowMaker *maker)
{
	const ConstraintSet *sets[] = {maker->own, maker->declared};
	StringInfoData detail;
	int64		nrows = maker->first + maker->nrows - 1;

	if (maker->nrepaired == 0)
		return;
	initStringInfo(&detail);
	for (int s = 0; s < lengthof(sets); s++)
	{
		RowConstraint *const *list = NULL;
		int			n = 0;

		if (sets[s] != NULL)
			list = constraints_list(sets[s], &n);
		for (int i = 0; i < n; i++)
			if (list[i]->failed > 0)
				appendStringInfo(&detail, "%sConstraint %s failed " INT64_FORMAT " times.",
								 detail.len > 0 ? " " : "", list[i]->name, list[i]->failed);
	}
	ereport(NOTICE,
			(errmsg(INT64_FORMAT " of " INT64_FORMAT " rows were drawn again to satisfy constraints",
					maker->nrepaired, nrows),
			 errdetail_internal("%s", detail.data)));
}
