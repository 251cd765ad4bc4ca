/*-------------------------------------------------------------------------
 *
 * fit_local.c
 *		The classes of a local recoding, written down as one: what each tuple
 *		reads in the labels of its class.
 *
 * Suppressed tuples are left out, so the query of a release treats them like
 * tuples that were never seen.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "anonymize/fitted.h"
#include "anonymize/local.h"
#include "anonymize/recoding.h"
#include "anonymize/search.h"
#include "anonymize/source.h"

/* What the builder calls the label of a level and a path code, as met before. */
typedef struct KnownLabel
{
	uint64		code;
	uint32		builder_code;
	int			level;			/* -1 where empty */
} KnownLabel;

#define KNOWN_LABELS	1024	/* a power of 2 */

/* A column of the table on its way into the builder. */
typedef struct LabelColumn
{
	RecodingBuilder *builder;
	int			number;
	const PathColumn *column;
	KnownLabel	values[KNOWN_LABELS];
	KnownLabel	outcomes[KNOWN_LABELS];
} LabelColumn;

/* The code in the builder of a path code's label: as a value of the source, or as a released one. */
static uint32
builder_code(LabelColumn *c, bool outcome, int level, uint64 code)
{
	KnownLabel *known = &(outcome ? c->outcomes : c->values)
		[(hash_combine64(code, (uint64) level) >> 7) & (KNOWN_LABELS - 1)];

	if (known->level != level || known->code != code)
	{
		const char *label = path_label(c->column, level, code);

		known->builder_code = outcome ? recoding_builder_outcome(c->builder, c->number, label)
			: recoding_builder_value(c->builder, c->number, label);
		known->level = level;
		known->code = code;
	}
	return known->builder_code;
}

/* The classes as a recoding. */
static struct varlena *
write_recoding(Oid relid, const Policy *policy, const PathTable *table,
			   const LocalPartition *partition)
{
	RecodingBuilder *b = recoding_builder_create("local", policy->nquasi);
	LabelColumn *columns = palloc(sizeof(LabelColumn) * policy->nquasi);
	uint32		values[MAX_QUASI];
	uint32		outcome[MAX_QUASI];

	StaticAssertStmt(MAX_QUASI <= RECODING_MAX_COLUMNS, "a recoding has a column for each quasi-identifier");
	for (int j = 0; j < policy->nquasi; j++)
	{
		const char *name = policy->quasi[j].column;

		recoding_builder_column(b, j, name, get_atttype(relid, get_attnum(relid, name)), TEXTOID);
		columns[j].builder = b;
		columns[j].number = j;
		columns[j].column = &table->quasi[j];
		for (int i = 0; i < KNOWN_LABELS; i++)
			columns[j].values[i].level = columns[j].outcomes[i].level = -1;
	}
	for (int64 i = 0; i < partition->ntuples; i++)
	{
		const uint64 *key = partition->keys + i * partition->words;

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (partition->class_of[i] == LOCAL_SUPPRESSED)
			continue;
		for (int j = 0; j < policy->nquasi; j++)
		{
			uint64		code = path_code(&table->quasi[j], key);

			values[j] = builder_code(&columns[j], false, 0, code);
			outcome[j] = builder_code(&columns[j], true,
									  partition->levels[(Size) i * policy->nquasi + j], code);
		}
		recoding_builder_tuple(b, values, outcome);
	}
	recoding_builder_figure(b, "records", (double) table->records);
	recoding_builder_figure(b, "suppressed", (double) partition->suppressed);
	recoding_builder_figure(b, RECODING_FIGURE_CLASSES, (double) partition->nclasses);
	recoding_builder_figure(b, "smallest class", (double) partition->smallest);
	recoding_builder_figure(b, "loss", partition->loss);
	return recoding_builder_finish(b);
}

/* See fitted.h. */
void
fit_local(Oid relid, Policy *policy, Fitted *fitted)
{
	PathTable  *table = source_read_with_labels(relid, policy);
	LocalPartition *partition = local_recode(table, policy,
											 source_suppression_limit(policy, table->records));

	fitted->recoding = write_recoding(relid, policy, table, partition);
	fitted->loss = partition->loss;
	fitted->smallest = partition->smallest;
	fitted->suppressed = partition->suppressed;
	fitted->classes = partition->nclasses;
}
