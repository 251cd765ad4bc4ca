/*-------------------------------------------------------------------------
 *
 * category_rare.c
 *		Which categories can come out, and what becomes of the others.
 *
 * A value that min_leaf persons have stands for itself.  What fewer have is
 * counted together under the lowest label of the hierarchy that min_leaf
 * persons with such values share: it comes out as that label, if that is a code
 * of its own in the code system, or else as one of the values under it that
 * many have, as often as these occur.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"

#include "synthesize/category_internal.h"

#define ROWS_A_CHECK	65536

/* Fewer values than this look like any code. */
#define RECOGNISED_VALUES	8

/* See category_internal.h. */
void
category_count(const RawTable *table, const RawColumn *column, int64 *persons, int64 *rows)
{
	int64		n = column->nvalues + 1;
	int32	   *last = palloc_extended(sizeof(int32) * n, MCXT_ALLOC_HUGE);

	memset(persons, 0, sizeof(int64) * n);
	memset(rows, 0, sizeof(int64) * n);
	memset(last, 0xff, sizeof(int32) * n);
	for (int64 i = 0; i < table->nrows; i++)
	{
		int64		at = column->values[i] == RAW_NULL ? column->nvalues : column->values[i];
		int32		person = table->persons != NULL ? table->persons[i] : (int32) i;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		rows[at]++;
		if (last[at] != person)
		{
			last[at] = person;
			persons[at]++;
		}
	}
	pfree(last);
}

/* True if the name of a column has this word, between other than letters or ends. */
static bool
name_has(const char *name, const char *word)
{
	size_t		length = strlen(word);

	for (const char *p = name; *p != '\0'; p++)
		if (pg_strncasecmp(p, word, length) == 0 && (p == name || !isalpha((unsigned char) p[-1])) &&
			!isalpha((unsigned char) p[length]))
			return true;
	return false;
}

/* True if nine of ten values are codes of a system. */
static bool
is_of_system(const RawColumn *column, const char *system)
{
	int64		accepted = 0;

	for (int64 i = 0; i < column->nvalues; i++)
	{
		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		accepted += code_system_accepts(system, column->labels[i]);
	}
	return accepted * 10 >= column->nvalues * 9;
}

/* See category_internal.h. */
const char *
category_recognise(const RawColumn *column)
{
	static const char *const systems[] = {"icd10", "icdo_morphology", "icdo_topography", "ags"};

	/* codes of one letter or digit are of many systems: only with the name of theirs */
	static const struct
	{
		const char *word;
		const char *system;
	}			words[] = {
		{"uicc", "uicc"}, {"stage", "uicc"}, {"stadium", "uicc"},
		{"tnm", "tnm"}, {"t", "tnm"}, {"n", "tnm"}, {"m", "tnm"}, {"pt", "tnm"}, {"pn", "tnm"}, {"pm", "tnm"},
		{"ct", "tnm"}, {"cn", "tnm"}, {"cm", "tnm"}
	};

	if (column->nvalues == 0 ||
		!(column->type.type == TEXTOID || column->type.type == VARCHAROID || column->type.type == BPCHAROID))
		return NULL;
	for (int i = 0; i < lengthof(words); i++)
		if (name_has(column->name, words[i].word) && is_of_system(column, words[i].system))
			return words[i].system;
	for (int s = 0; s < lengthof(systems) && column->nvalues >= RECOGNISED_VALUES; s++)
		if (is_of_system(column, systems[s]))
			return systems[s];
	return NULL;
}

/* What is chosen from. */
typedef struct Choice
{
	const RawTable *table;
	const RawColumn *column;
	const char *system;
	int			min_leaf;
	int			nlabels;
	CategoryLabel *labels;
	CategoryTarget *targets;
	char	 ***paths;			/* the labels of each value; NULL without a hierarchy */
	int			height;
} Choice;

/* A label of the hierarchy to which rare values go. */
typedef struct Pool
{
	const char *label;
	int64		persons;
	int32		last;			/* person counted */
	int			label_index;	/* to which label, -1: to those under it */
	int			nunder;
	int		   *under;
} Pool;

/* The labels of the values on a level, each once: the pool of each value that still goes nowhere. */
static Pool *
make_pools(const Choice *choice, int level, const bool *placed, int32 *pool_of, int *npools)
{
	int64		n = choice->column->nvalues;
	int			size = 16;
	int		   *table;
	Pool	   *pools = palloc_extended(sizeof(Pool) * Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	while (size < 2 * n)
		size *= 2;
	table = palloc_extended(sizeof(int) * size, MCXT_ALLOC_HUGE);
	memset(table, 0xff, sizeof(int) * size);
	*npools = 0;
	for (int64 v = 0; v < n; v++)
	{
		const char *label = choice->paths[v][level];
		uint32		at;

		pool_of[v] = -1;
		if (label == NULL || strcmp(label, KIAIM_STAR) == 0)
			continue;
		at = hash_bytes((const unsigned char *) label, strlen(label)) & (size - 1);
		while (table[at] >= 0 && strcmp(pools[table[at]].label, label) != 0)
			at = (at + 1) & (size - 1);
		if (table[at] < 0)
		{
			table[at] = *npools;
			pools[*npools].label = label;
			pools[*npools].last = -1;
			pools[(*npools)++].label_index = -1;
		}
		pool_of[v] = table[at];
	}
	/* values that many have are what the others of their pool can come out as */
	for (int i = 0; i < choice->nlabels; i++)
		if (choice->labels[i].raw >= 0 && pool_of[choice->labels[i].raw] >= 0)
			pools[pool_of[choice->labels[i].raw]].nunder++;
	for (int p = 0; p < *npools; p++)
	{
		pools[p].under = palloc(sizeof(int) * Max(pools[p].nunder, 1));
		pools[p].nunder = 0;
	}
	for (int i = 0; i < choice->nlabels; i++)
		if (choice->labels[i].raw >= 0 && pool_of[choice->labels[i].raw] >= 0)
		{
			Pool	   *pool = &pools[pool_of[choice->labels[i].raw]];

			pool->under[pool->nunder++] = i;
		}
	for (int64 i = 0; i < choice->table->nrows; i++)
	{
		int64		v = choice->column->values[i];
		int32		person = choice->table->persons != NULL ? choice->table->persons[i] : (int32) i;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (v == RAW_NULL || placed[v] || pool_of[v] < 0 || pools[pool_of[v]].last == person)
			continue;
		pools[pool_of[v]].last = person;
		pools[pool_of[v]].persons++;
	}
	pfree(table);
	return pools;
}

/* The label of this text, found among them or added. */
static int
label_of(Choice *choice, const char *text)
{
	for (int i = 0; i < choice->nlabels; i++)
		if (strcmp(choice->labels[i].label, text) == 0)
			return i;
	choice->labels[choice->nlabels].label = pstrdup(text);
	choice->labels[choice->nlabels].raw = -1;
	choice->labels[choice->nlabels].rows = 0;
	return choice->nlabels++;
}

/*
 * Can values come out as what else is in their pool?  Not if that is most of the table: a
 * tumour of the testis must not become any tumour, of a woman even.
 */
static bool
says_something(const Choice *choice, const Pool *pool)
{
	int64		rows = 0;

	for (int i = 0; i < pool->nunder; i++)
		rows += choice->labels[pool->under[i]].rows;
	return rows > 0 && rows <= choice->table->nrows / 2;
}

/* Place the rare values that enough persons share a label of this level with. */
static void
place_level(Choice *choice, int level, bool *placed, const int64 *rows)
{
	int64		n = choice->column->nvalues;
	Oid			type = choice->column->type.type;
	int32	   *pool_of = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
	int			npools;
	Pool	   *pools = make_pools(choice, level, placed, pool_of, &npools);

	for (int64 v = 0; v < n; v++)
	{
		Pool	   *pool = pool_of[v] >= 0 ? &pools[pool_of[v]] : NULL;

		if (placed[v] || pool == NULL || pool->persons < choice->min_leaf)
			continue;
		if (pool->label_index < 0 && choice->system != NULL && (type == TEXTOID || type == VARCHAROID) &&
			code_system_accepts(choice->system, pool->label))
			pool->label_index = label_of(choice, pool->label);
		if (pool->label_index >= 0)
		{
			choice->targets[v].n = 1;
			choice->targets[v].labels = palloc(sizeof(int));
			choice->targets[v].labels[0] = pool->label_index;
			choice->labels[pool->label_index].rows += rows[v];
		}
		else if (says_something(choice, pool))
		{
			choice->targets[v].n = pool->nunder;
			choice->targets[v].labels = pool->under;
		}
		else
			continue;
		placed[v] = true;
	}
	pfree(pool_of);
}

/* The ancestors of a value from the top, to sort by. */
static char *
path_text(char **path, int height)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int l = height - 1; l >= 0; l--)
		appendStringInfo(&text, "%s\x01", path[l] != NULL ? path[l] : "");
	return text.data;
}

/* See category_internal.h. */
CategoryLabel *
category_choose(const RawTable *table, const RawColumn *column, const Hierarchy *hierarchy,
				const char *system, int min_leaf, const int64 *persons, const int64 *rows,
				int *nlabels, CategoryTarget *targets)
{
	Choice		choice = {table, column, system, min_leaf};
	int64		n = column->nvalues;
	bool	   *placed = palloc_extended(Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	/* every label of the hierarchy that is added has a rare value, so there are no more than values */
	choice.labels = palloc_extended(sizeof(CategoryLabel) * Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	choice.targets = targets;
	for (int64 v = 0; v < n; v++)
		if (persons[v] >= min_leaf)
		{
			CategoryLabel *label = &choice.labels[choice.nlabels];

			label->label = column->labels[v];
			label->raw = v;
			label->rows = rows[v];
			targets[v].n = 1;
			targets[v].labels = palloc(sizeof(int));
			targets[v].labels[0] = choice.nlabels++;
			placed[v] = true;
		}
	if (hierarchy != NULL)
	{
		choice.height = hierarchy_height(hierarchy);
		choice.paths = palloc_extended(sizeof(char **) * Max(n, 1), MCXT_ALLOC_HUGE);
		for (int64 v = 0; v < n; v++)
		{
			if (v % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			choice.paths[v] = palloc0(sizeof(char *) * (choice.height + 1));
			hierarchy_labels(hierarchy, UNKNOWNOID, CStringGetDatum(column->labels[v]), false, choice.paths[v]);
		}
		for (int level = 1; level < choice.height; level++)
			place_level(&choice, level, placed, rows);
		for (int i = 0; i < choice.nlabels; i++)
		{
			char	  **path = palloc0(sizeof(char *) * (choice.height + 1));

			hierarchy_labels(hierarchy, UNKNOWNOID, CStringGetDatum(choice.labels[i].label), false, path);
			choice.labels[i].path = path_text(path, choice.height);
		}
	}
	*nlabels = choice.nlabels;
	return choice.labels;
}
