/*-------------------------------------------------------------------------
 *
 * record_contributions.c
 *		What each column contributes to the score of a record, as jsonb.
 *
 * Scores are sums of few weights, so that a million records have a few
 * hundred different answers, and making one costs more than all else that is
 * told of a record: the last ones are remembered.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "risk/records_internal.h"

/* Answers that are remembered, one a slot; a power of two. */
#define SLOTS	1024

/* An answer and what it is made of. */
typedef struct Answer
{
	double	   *parts;			/* by column, then the score; NULL if the slot is free */
	Datum		json;
} Answer;

struct RecordContributions
{
	MemoryContext context;		/* where the answers are */
	const SudaResult *suda;
	const char **names;			/* of the columns */
	double	   *parts;			/* of the record at hand */
	Answer		answers[SLOTS];
};

/* See records_internal.h. */
RecordContributions *
record_contributions(const SudaResult *suda, const char **names)
{
	RecordContributions *c = palloc0(sizeof(RecordContributions));

	c->context = CurrentMemoryContext;
	c->suda = suda;
	c->names = names;
	c->parts = palloc((suda->ncolumns + 1) * sizeof(double));
	return c;
}

/* The answer to the parts at hand. */
static Datum
make_answer(const RecordContributions *c)
{
	int			n = c->suda->ncolumns;
	StringInfoData json;

	initStringInfo(&json);
	for (int i = 0; i < n; i++)
	{
		if (c->parts[i] > 0)
		{
			appendStringInfoString(&json, json.len == 0 ? "{" : ", ");
			escape_json(&json, c->names[i]);
			appendStringInfo(&json, ": %.15g", c->parts[i] / c->parts[n]);
		}
	}
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

/* See records_internal.h. */
Datum
record_contributions_of(RecordContributions *c, uint32 tuple)
{
	int			n = c->suda->ncolumns;
	Size		bytes = (n + 1) * sizeof(double);
	Answer	   *answer;

	for (int i = 0; i < n; i++)
		c->parts[i] = c->suda->contribution[i][tuple];
	c->parts[n] = c->suda->score[tuple];
	answer = &c->answers[hash_bytes((const unsigned char *) c->parts, bytes) & (SLOTS - 1)];
	if (answer->parts == NULL || memcmp(answer->parts, c->parts, bytes) != 0)
	{
		Datum		json = make_answer(c);
		MemoryContext old = MemoryContextSwitchTo(c->context);

		if (answer->parts == NULL)
			answer->parts = palloc(bytes);
		else
			pfree(DatumGetPointer(answer->json));
		memcpy(answer->parts, c->parts, bytes);
		answer->json = datumCopy(json, false, -1);
		MemoryContextSwitchTo(old);
	}
	return answer->json;
}
