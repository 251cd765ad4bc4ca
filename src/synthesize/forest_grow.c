/*-------------------------------------------------------------------------
 *
 * forest_grow.c
 *		A random forest that tells real rows from others.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/forest_internal.h"

/* The classes of rows. */
#define OTHER	0
#define REAL	1

/* The share of the persons that shape a tree, in 2^-32: 1 - 1/e, as in a bootstrap. */
#define TREE_SHARE		UINT64CONST(2714937127)

typedef struct Telling
{
	const CodedTable *table;
	int64		n;				/* rows of the table, and as many others behind them */
	uint8	  **codes;			/* of both */
	uint8	   *classes;
	int32	   *rows;			/* that shape the tree at hand */
	bool	   *inside;			/* of each row: it shaped that tree */
	int32	   *votes;			/* of each row, of trees that it did not shape: real less other */
	FrameMemory *memory;
} Telling;

/* Both kinds of rows, one behind the other. */
static void
join_rows(Telling *t, uint8 *const *others)
{
	int64		n = t->n;

	t->codes = palloc0(sizeof(uint8 *) * Max(t->table->nvariables, 1));
	for (int v = 0; v < t->table->nvariables; v++)
	{
		if (t->table->variables[v].coarse >= 0)
			continue;
		t->codes[v] = frame_alloc(t->memory, 2 * n, 1, false);
		memcpy(t->codes[v], t->table->codes[v], n);
		memcpy(t->codes[v] + n, others[v], n);
	}
	t->classes = frame_alloc(t->memory, 2 * n, 1, false);
	memset(t->classes, REAL, n);
	memset(t->classes + n, OTHER, n);
	t->rows = frame_alloc(t->memory, 2 * n, sizeof(int32), false);
	t->inside = frame_alloc(t->memory, 2 * n, sizeof(bool), false);
	t->votes = frame_alloc(t->memory, 2 * n, sizeof(int32), true);
}

/* Forget them. */
static void
forget_rows(Telling *t)
{
	for (int v = 0; v < t->table->nvariables; v++)
		frame_release(t->memory, t->codes[v], 2 * t->n, 1);
	pfree(t->codes);
	frame_release(t->memory, t->classes, 2 * t->n, 1);
	frame_release(t->memory, t->rows, 2 * t->n, sizeof(int32));
	frame_release(t->memory, t->inside, 2 * t->n, sizeof(bool));
	frame_release(t->memory, t->votes, 2 * t->n, sizeof(int32));
}

/* Choose the rows that shape a tree: of the same persons in both kinds; returns how many. */
static int64
choose_rows(Telling *t, const ForestSettings *settings, uint64 seed)
{
	uint64		share = TREE_SHARE;
	int64		chosen = 0;

	if (t->n > settings->rows)
		share = Min(share, ((uint64) settings->rows << 32) / t->n);
	for (int64 row = 0; row < 2 * t->n; row++)
	{
		int64		real = row < t->n ? row : row - t->n;
		int32		person = t->table->persons != NULL ? t->table->persons[real] : (int32) real;

		/* others are nobody's: each falls by itself */
		if (row >= t->n)
			person = (int32) real ^ PG_INT32_MIN;
		t->inside[row] = random_mix(seed ^ random_mix((uint32) person)) >> 32 < share;
		if (t->inside[row])
			t->rows[chosen++] = (int32) row;
	}
	return chosen;
}

/* Let a tree vote on the rows that did not shape it. */
static void
vote(Telling *t, const CodeTree *tree, const int64 *starts)
{
	int8	   *says = frame_alloc(t->memory, tree->nleaves, 1, false);

	for (uint32 leaf = 0; leaf < tree->nleaves; leaf++)
	{
		int64		balance = 0;

		for (int64 i = starts[leaf]; i < starts[leaf + 1]; i++)
			balance += t->classes[t->rows[i]] == REAL ? 1 : -1;
		says[leaf] = (balance > 0) - (balance < 0);
	}
	for (int64 row = 0; row < 2 * t->n; row++)
		if (!t->inside[row])
			t->votes[row] += says[code_tree_leaf(tree, t->codes, row)];
	frame_release(t->memory, says, tree->nleaves, 1);
}

/* The share of rows that were told right; a tie is half right. */
static double
told_right(const Telling *t)
{
	double		right = 0;

	for (int64 row = 0; row < 2 * t->n; row++)
	{
		int			says = (t->votes[row] > 0) - (t->votes[row] < 0);

		right += says == 0 ? 0.5 : (says > 0) == (t->classes[row] == REAL);
	}
	return right / (2 * Max(t->n, 1));
}

/* See forest_internal.h. */
double
forest_tell_apart(const CodedTable *table, uint8 *const *others, const ForestSettings *settings,
				  CodeTree **trees, FrameMemory *memory)
{
	Telling		t = {table, table->nrows};
	TreeData	data = {table->variables};
	TreeSettings growth = {0};
	TreeGrower *grower;
	int		   *features = palloc(sizeof(int) * Max(table->nvariables, 1));
	int32	   *persons = NULL;
	RandomStream stream = random_stream(settings->seed, 0);
	double		right;

	t.memory = memory;
	join_rows(&t, others);
	data.codes = t.codes;
	data.classes = t.classes;
	data.nclasses = 2;
	data.missing = -1;
	data.person_class = REAL;
	if (table->persons != NULL)
	{
		persons = frame_alloc(memory, 2 * t.n, sizeof(int32), true);
		memcpy(persons, table->persons, sizeof(int32) * t.n);
		data.persons = persons;
	}
	growth.features = features;
	for (int v = 0; v < table->nvariables; v++)
		if (table->variables[v].coarse < 0)
			features[growth.nfeatures++] = v;
	while ((growth.ntry + 1) * (growth.ntry + 1) <= growth.nfeatures)
		growth.ntry++;
	growth.stream = &stream;
	growth.min_leaf = settings->min_leaf;
	grower = tree_grower_create(&data, 2 * t.n, memory);
	for (int i = 0; i < settings->ntrees; i++)
	{
		int64	   *starts;
		int64		n;
		CodeTree   *tree;

		CHECK_FOR_INTERRUPTS();
		n = choose_rows(&t, settings, random_bits(&stream));
		tree = tree_grow(grower, &growth, t.rows, n, &starts);
		vote(&t, tree, starts);
		pfree(starts);
		if (trees != NULL)
			trees[i] = tree;
		else
			code_tree_free(tree, memory);
	}
	right = told_right(&t);
	tree_grower_free(grower);
	if (persons != NULL)
		frame_release(memory, persons, 2 * t.n, sizeof(int32));
	forget_rows(&t);
	pfree(features);
	return right;
}
