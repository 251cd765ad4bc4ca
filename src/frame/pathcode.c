/*-------------------------------------------------------------------------
 *
 * pathcode.c
 *		The tree that the labels of a column form, and its codes.
 *
 * Every distinct value of the column is generalized once, to all levels.  The
 * labels of a level are interned; the parent of a label must be the same
 * wherever it is met, otherwise the definition is no tree over this data and
 * nothing that the search concludes from a level would hold for the next.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "frame/pathcode_internal.h"

/* A direct table of costs has at most this many bits of index. */
#define DIRECT_COST_BITS	20

/* A label of one level. */
typedef struct LabelEntry
{
	const char *label;			/* NULL is the NULL label */
	uint32		id;
	char		status;
} LabelEntry;

static inline uint32
label_hash(const char *label)
{
	return label == NULL ? 0 : hash_bytes((const unsigned char *) label, (int) strlen(label));
}

static inline bool
label_equal(const char *a, const char *b)
{
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}

#define SH_PREFIX		labels
#define SH_ELEMENT_TYPE	LabelEntry
#define SH_KEY_TYPE		const char *
#define SH_KEY			label
#define SH_HASH_KEY(tb, key)	label_hash(key)
#define SH_EQUAL(tb, a, b)		label_equal(a, b)
#define SH_SCOPE		static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* The labels of one level, by id. */
typedef struct Level
{
	labels_hash *index;
	uint32		n;
	uint32		size;			/* allocated */
	const char **label;
	uint32	   *parent;			/* id on the level above */
	uint32	   *child;			/* number among the children of its parent */
	uint32	   *nchildren;
	int64	   *leaves;			/* distinct level-0 labels under it */
} Level;

static void *
grow(void *array, Size element, uint32 n)
{
	if (array == NULL)
		return MemoryContextAllocHuge(CurrentMemoryContext, element * n);
	return repalloc_huge(array, element * n);
}

/* The id of a label under a parent, made on first sight. */
static uint32
level_intern(Level *level, const char *label, uint32 parent, Level *above, bool *isnew)
{
	bool		found;
	LabelEntry *entry = labels_insert(level->index, label, &found);
	uint32		id;

	*isnew = !found;
	if (found)
		return entry->id;

	id = entry->id = level->n++;
	entry->label = label == NULL ? NULL : pstrdup(label);
	if (id >= level->size)
	{
		level->size = level->size == 0 ? 16 : level->size * 2;
		level->label = grow(level->label, sizeof(char *), level->size);
		level->parent = grow(level->parent, sizeof(uint32), level->size);
		level->child = grow(level->child, sizeof(uint32), level->size);
		level->nchildren = grow(level->nchildren, sizeof(uint32), level->size);
		level->leaves = grow(level->leaves, sizeof(int64), level->size);
	}
	level->label[id] = entry->label;
	level->parent[id] = parent;
	level->child[id] = above->nchildren[parent]++;
	level->nchildren[id] = 0;
	level->leaves[id] = 0;
	return id;
}

/* Quote a label for a message, shortened where it is long. */
static const char *
label_text(const char *label)
{
	if (label == NULL)
		return "NULL";
	return strlen(label) <= 80 ? psprintf("\"%s\"", label)
		: psprintf("\"%.*s...\"", pg_mbcliplen(label, (int) strlen(label), 77), label);
}

/* All levels of a column from the values of its dictionary; leaf[code] is the level-0 id. */
static Level *
build_levels(const Hierarchy *hierarchy, Dictionary *values, uint32 nown, const char *name,
			 uint32 **leaf)
{
	int			height = hierarchy_height(hierarchy);
	uint32		n = dictionary_size(values);
	Oid			type = dictionary_type(values);
	Level	   *levels = palloc0(sizeof(Level) * (height + 1));
	uint32	   *ids = palloc(sizeof(uint32) * (height + 1));
	char	  **label = palloc(sizeof(char *) * (height + 1));
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim labels",
												  ALLOCSET_DEFAULT_SIZES);
	Level		nothing = {0};
	uint32		root_children = 0;
	bool		isnew;

	hierarchy_check_type(hierarchy, type);
	*leaf = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * Max(n, 1));
	for (int l = 0; l <= height; l++)
		levels[l].index = labels_create(CurrentMemoryContext, 16, NULL);
	nothing.nchildren = &root_children;
	level_intern(&levels[height], KIAIM_STAR, 0, &nothing, &isnew);

	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(values, code, &isnull);
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		old = MemoryContextSwitchTo(scratch);
		hierarchy_labels(hierarchy, type, value, isnull, label);
		MemoryContextSwitchTo(old);

		ids[height] = 0;
		isnew = false;
		for (int l = height - 1; l >= 0; l--)
		{
			ids[l] = level_intern(&levels[l], label[l], ids[l + 1], &levels[l + 1], &isnew);
			if (!isnew && levels[l].parent[ids[l]] != ids[l + 1])
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("the hierarchy of column \"%s\" is no tree over its values", name),
						 errdetail("%s on level %d lies in %s and in %s.",
								   label_text(label[l]), l,
								   label_text(levels[l + 1].label[levels[l].parent[ids[l]]]),
								   label_text(label[l + 1]))));
		}
		if (isnew && code < nown)	/* a level-0 label not met before */
			for (int l = 0; l <= height; l++)
				levels[l].leaves[ids[l]]++;
		(*leaf)[code] = ids[0];
		if (code % 1024 == 1023)
			MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	return levels;
}

/* Whether there are values, and all of them become "*" on a level 1 that is not yet the top. */
static bool
all_outside(const Level *levels, int height)
{
	bool		value = false;

	if (height < 2)
		return false;
	for (uint32 id = 0; id < levels[1].n; id++)
		if (levels[1].label[id] != NULL && strcmp(levels[1].label[id], KIAIM_STAR) != 0)
			return false;
	for (uint32 id = 0; id < levels[0].n && !value; id++)
		value = levels[0].label[id] != NULL && strcmp(levels[0].label[id], KIAIM_STAR) != 0;
	return value;
}

/* The cost of each label of a level. */
static int64
label_cost(const Hierarchy *hierarchy, const Level *level, uint32 id, int l, int64 denominator)
{
	const char *label = level->label[id];

	if (label != NULL && strcmp(label, KIAIM_STAR) == 0)
		return denominator;
	if (l == 0 || label == NULL)
		return 0;
	if (hierarchy_leaves(hierarchy) > 0)
		return Max(hierarchy_leaves_under(hierarchy, label, l), 1) - 1;
	return Max(level->leaves[id], 1) - 1;
}

/* A label and its code, for the sorted table of a wide level. */
typedef struct CodeCost
{
	uint64		code;
	int64		cost;
} CodeCost;

static int
compare_code_cost(const void *a, const void *b)
{
	uint64		x = ((const CodeCost *) a)->code;
	uint64		y = ((const CodeCost *) b)->code;

	return x < y ? -1 : x > y;
}

/* The costs of a level, as a direct table where the codes are narrow enough. */
static void
build_costs(PathColumn *column, int l, const Hierarchy *hierarchy, const Level *level,
			const uint64 *codes)
{
	int			width = column->bits - column->low[l];

	if (width <= DIRECT_COST_BITS)
	{
		column->cost[l] = palloc0(sizeof(int64) << width);
		for (uint32 id = 0; id < level->n; id++)
			column->cost[l][codes[id] >> column->low[l]] =
				label_cost(hierarchy, level, id, l, column->denominator);
	}
	else
	{
		CodeCost   *sorted = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(CodeCost) * level->n);

		for (uint32 id = 0; id < level->n; id++)
		{
			sorted[id].code = codes[id];
			sorted[id].cost = label_cost(hierarchy, level, id, l, column->denominator);
		}
		qsort(sorted, level->n, sizeof(CodeCost), compare_code_cost);
		column->ncodes[l] = level->n;
		column->codes[l] = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint64) * level->n);
		column->cost[l] = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * level->n);
		for (uint32 i = 0; i < level->n; i++)
		{
			column->codes[l][i] = sorted[i].code;
			column->cost[l][i] = sorted[i].cost;
		}
		pfree(sorted);
	}
}

/* A label and its code, to be sorted. */
typedef struct CodeLabel
{
	uint64		code;
	const char *label;
} CodeLabel;

static int
compare_code_label(const void *a, const void *b)
{
	uint64		x = ((const CodeLabel *) a)->code;
	uint64		y = ((const CodeLabel *) b)->code;

	return x < y ? -1 : x > y;
}

/* Keep the labels of a level in the current memory context. */
static void
keep_labels(PathLabels *kept, const Level *level, const uint64 *codes)
{
	CodeLabel  *sorted = MemoryContextAllocHuge(CurrentMemoryContext,
												sizeof(CodeLabel) * Max(level->n, 1));

	for (uint32 id = 0; id < level->n; id++)
	{
		sorted[id].code = codes[id];
		sorted[id].label = level->label[id];
	}
	qsort(sorted, level->n, sizeof(CodeLabel), compare_code_label);
	kept->n = level->n;
	kept->codes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint64) * Max(level->n, 1));
	kept->labels = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * Max(level->n, 1));
	for (uint32 i = 0; i < level->n; i++)
	{
		kept->codes[i] = sorted[i].code;
		kept->labels[i] = sorted[i].label == NULL ? NULL : pstrdup(sorted[i].label);
	}
	pfree(sorted);
}

/* See pathcode.h. */
const char *
path_label(const PathColumn *column, int level, uint64 code)
{
	const PathLabels *labels = &column->labels[level];
	int64		low = 0;
	int64		high = labels->n - 1;

	code = column->low[level] >= 64 ? 0 : code >> column->low[level] << column->low[level];
	while (low < high)
	{
		int64		middle = (low + high) / 2;

		if (labels->codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	Assert(labels->codes[low] == code);
	return labels->labels[low];
}

/* See pathcode_internal.h. */
uint64 *
pathcode_column(PathColumn *column, const Hierarchy *hierarchy, Dictionary *values,
				uint32 nown, const char *name, bool labels)
{
	MemoryContext home = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(home, "kiaim levels", ALLOCSET_DEFAULT_SIZES);
	int			height = hierarchy_height(hierarchy);
	uint32		n = dictionary_size(values);
	uint64	   *result = MemoryContextAllocHuge(home, sizeof(uint64) * Max(n, 1));
	uint32	   *leaf;
	Level	   *levels;
	uint64	  **codes;
	int			bits = 0;

	column->height = height;
	column->mask = palloc0(sizeof(uint64) * (height + 1));
	column->low = palloc0(sizeof(int) * (height + 1));
	column->cost = palloc0(sizeof(int64 *) * (height + 1));
	column->codes = palloc0(sizeof(uint64 *) * (height + 1));
	column->ncodes = palloc0(sizeof(int64) * (height + 1));
	column->own_leaves = hierarchy_leaves(hierarchy) > 0;
	column->total = palloc0(sizeof(double) * (height + 1));
	column->nlabels = palloc0(sizeof(int64) * (height + 1));
	column->entropy = palloc0(sizeof(double) * (height + 1));
	column->labels = labels ? palloc0(sizeof(PathLabels) * (height + 1)) : NULL;

	MemoryContextSwitchTo(work);
	levels = build_levels(hierarchy, values, nown, name, &leaf);
	column->outside = all_outside(levels, height);

	/* how many bits the children of a label need, level by level */
	for (int l = 0; l < height; l++)
	{
		uint32		most = 1;

		for (uint32 id = 0; id < levels[l + 1].n; id++)
			most = Max(most, levels[l + 1].nchildren[id]);
		column->low[l] = bits;
		if (most > 1)
			bits += pg_leftmost_one_pos32(most - 1) + 1;
	}
	column->low[height] = bits;
	column->bits = bits;
	if (bits > 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the hierarchy of column \"%s\" is too wide", name),
				 errdetail("Its paths need %d bits, at most 64 are possible.", bits),
				 errhint("Use fewer levels, or generalize the column before.")));

	/* codes from the root down */
	codes = palloc0(sizeof(uint64 *) * (height + 1));
	codes[height] = palloc0(sizeof(uint64));
	for (int l = height - 1; l >= 0; l--)
	{
		codes[l] = MemoryContextAllocHuge(work, sizeof(uint64) * Max(levels[l].n, 1));
		for (uint32 id = 0; id < levels[l].n; id++)
			codes[l][id] = codes[l + 1][levels[l].parent[id]] |
				((uint64) levels[l].child[id] << column->low[l]);
	}
	for (uint32 code = 0; code < n; code++)
		result[code] = codes[0][leaf[code]];

	/* the loss of every label */
	column->leaves = hierarchy_leaves(hierarchy) > 0 ? hierarchy_leaves(hierarchy) : levels[height].leaves[0];
	column->denominator = Max(column->leaves - 1, 1);
	MemoryContextSwitchTo(home);
	for (int l = 0; l <= height; l++)
	{
		column->nlabels[l] = levels[l].n;
		build_costs(column, l, hierarchy, &levels[l], codes[l]);
		if (labels)
			keep_labels(&column->labels[l], &levels[l], codes[l]);
		/* relative to the column; path_read moves it to its place in the key */
		column->mask[l] = column->low[l] >= 64 ? 0 :
			(bits == 0 ? 0 : (~UINT64CONST(0) >> (64 - bits))) & (~UINT64CONST(0) << column->low[l]);
	}
	MemoryContextDelete(work);
	return result;
}
