/*-------------------------------------------------------------------------
 *
 * tree_json.c
 *		Trees as JSON: {"*": {"Europe": {"DE": ["Bonn", "Ulm"]}}}
 *
 * Objects are inner labels, arrays hold leaves or objects.  The server's own
 * JSON parser reports what it sees to the functions below, which collect a
 * list of labels with their parents; chains of equal length are made of them
 * when the height is known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

/* A label as it stands in the JSON text. */
typedef struct JsonLabel
{
	char	   *text;
	int			depth;			/* 0 is the root */
	bool		is_leaf;
	bool		has_leaves;
	int64		parent;			/* -1 for the root */
} JsonLabel;

typedef struct JsonReader
{
	const char *source;
	JsonLabel  *labels;
	int64		nlabels;
	int64		capacity;
	int64		current;		/* the innermost object key around, or -1 */
	int			height;			/* depth of the deepest leaf */
	StringInfoData containers;	/* '{' or '[' for each that is open */
} JsonReader;

static const char *const expected =
"Expected objects for inner labels and arrays for leaves, such as {\"*\": {\"Europe\": [\"DE\", \"FR\"]}}.";

/* The innermost open container, or 0. */
static char
innermost(const JsonReader *reader)
{
	return reader->containers.len ? reader->containers.data[reader->containers.len - 1] : 0;
}

/* Append a label under the current one. */
static int64
append_label(JsonReader *reader, char *text, bool is_leaf)
{
	JsonLabel  *label;

	if (reader->nlabels == reader->capacity)
	{
		reader->capacity *= 2;
		reader->labels = repalloc_huge(reader->labels, sizeof(JsonLabel) * reader->capacity);
	}
	label = &reader->labels[reader->nlabels];
	label->text = text;
	label->parent = reader->current;
	label->depth = reader->current < 0 ? 0 : reader->labels[reader->current].depth + 1;
	label->is_leaf = is_leaf;
	label->has_leaves = false;
	if (label->depth > HIERARCHY_HEIGHT_MAX)
		definition_error(reader->source, psprintf("\"%s\" is nested too deep; the limit is %d levels.",
												  shown(text), HIERARCHY_HEIGHT_MAX), NULL);
	return reader->nlabels++;
}

/* "{" */
static JsonActionResult
object_start(void *state)
{
	appendStringInfoChar(&((JsonReader *) state)->containers, '{');
	JSON_ACTION_DONE();
}

/* "}" or "]" */
static JsonActionResult
container_end(void *state)
{
	JsonReader *reader = state;

	reader->containers.data[--reader->containers.len] = '\0';
	JSON_ACTION_DONE();
}

/* "[" */
static JsonActionResult
array_start(void *state)
{
	JsonReader *reader = state;

	if (innermost(reader) == 0)
		definition_error(reader->source, "The outermost value is an array.", expected);
	if (innermost(reader) == '[')
		definition_error(reader->source,
						 psprintf("An array under \"%s\" holds another array.",
								  shown(reader->labels[reader->current].text)), expected);
	appendStringInfoChar(&reader->containers, '[');
	JSON_ACTION_DONE();
}

/* "key": */
static JsonActionResult
field_start(void *state, char *name, bool isnull)
{
	JsonReader *reader = state;

	if (reader->current < 0 && (reader->nlabels > 0 || strcmp(name, KIAIM_STAR) != 0))
		definition_error(reader->source,
						 psprintf("The outermost object should have one key, \"*\", but has \"%s\".", shown(name)),
						 expected);
	reader->current = append_label(reader, name, false);
	JSON_ACTION_DONE();
}

/* after the value of a key */
static JsonActionResult
field_end(void *state, char *name, bool isnull)
{
	JsonReader *reader = state;
	JsonLabel  *label = &reader->labels[reader->current];

	if (!label->has_leaves)
		definition_error(reader->source, psprintf("There is no leaf under \"%s\".", shown(label->text)),
						 expected);
	reader->current = label->parent;
	if (reader->current >= 0)
		reader->labels[reader->current].has_leaves = true;
	JSON_ACTION_DONE();
}

/* a string, a number, true, false, null */
static JsonActionResult
scalar(void *state, char *token, JsonTokenType type)
{
	JsonReader *reader = state;
	int64		leaf;

	if (type == JSON_TOKEN_NULL)
		definition_error(reader->source, "A leaf is null.",
						 "NULL is a value of its own in every hierarchy; leave it out.");
	if (innermost(reader) != '[')
		definition_error(reader->source,
						 reader->current < 0 ? psprintf("The outermost value is \"%s\".", shown(token)) :
						 psprintf("The value of \"%s\" is neither an object nor an array, but \"%s\".",
								  shown(reader->labels[reader->current].text), shown(token)), expected);
	leaf = append_label(reader, token, true);
	reader->labels[reader->current].has_leaves = true;
	reader->height = Max(reader->height, reader->labels[leaf].depth);
	JSON_ACTION_DONE();
}

/* See generalize_internal.h. */
Tree *
tree_read(const char *json)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller, "kiaim tree in JSON",
												  ALLOCSET_DEFAULT_SIZES);
	JsonReader	reader = {json};
	JsonSemAction actions = {0};
	JsonLexContext *lex;
	JsonParseErrorType error;
	Tree	   *tree;
	TreeLabel	chain[HIERARCHY_HEIGHT_MAX + 1];

	MemoryContextSwitchTo(scratch);
	reader.capacity = 64;
	reader.labels = palloc(sizeof(JsonLabel) * reader.capacity);
	reader.current = -1;
	initStringInfo(&reader.containers);
	actions.semstate = &reader;
	actions.object_start = object_start;
	actions.object_end = container_end;
	actions.array_start = array_start;
	actions.array_end = container_end;
	actions.object_field_start = field_start;
	actions.object_field_end = field_end;
	actions.scalar = scalar;
	lex = KIAIM_JSON_LEX_CONTEXT(unconstify(char *, json), strlen(json), GetDatabaseEncoding());
	error = pg_parse_json(lex, &actions);
	if (error != JSON_SUCCESS)
		definition_error(json, json_errdetail(error, lex), expected);
	if (reader.nlabels == 0)
		definition_error(json, "The outermost object is empty.", expected);

	MemoryContextSwitchTo(caller);
	tree = tree_create(reader.height + 1, json);
	for (int64 i = 0; i < reader.nlabels; i++)
	{
		const JsonLabel *label = &reader.labels[i];

		CHECK_FOR_INTERRUPTS();
		if (!label->is_leaf)
			continue;
		/* a leaf that is not at the bottom repeats itself on the levels below */
		for (int level = 0; level < reader.height - label->depth; level++)
		{
			chain[level].data = label->text;
			chain[level].len = strlen(label->text);
		}
		for (const JsonLabel *l = label;; l = &reader.labels[l->parent])
		{
			chain[reader.height - l->depth].data = l->text;
			chain[reader.height - l->depth].len = strlen(l->text);
			if (l->parent < 0)
				break;
		}
		tree_add(tree, chain);
	}
	MemoryContextDelete(scratch);
	return tree;
}

/* The children of all labels of one level: those of node i begin at starts[i]. */
typedef struct Children
{
	uint32	   *nodes;
	uint32	   *starts;
} Children;

/* Byte order of two labels; the context is the tree's level of them. */
typedef struct LabelOrder
{
	const Tree *tree;
	int			level;
} LabelOrder;

/* See qsort_arg. */
static int
compare_labels(const void *a, const void *b, void *arg)
{
	const LabelOrder *order = arg;
	TreeLabel	x = tree_label(order->tree, order->level, *(const uint32 *) a);
	TreeLabel	y = tree_label(order->tree, order->level, *(const uint32 *) b);

	return strcmp(x.data, y.data);
}

/* List the children on a level by parent. */
static Children
list_children(const Tree *tree, int level, bool sorted)
{
	uint32		nchildren = tree_nlabels(tree, level);
	bool		top = level == tree_nlevels(tree) - 1;
	uint32		nparents = top ? 1 : tree_nlabels(tree, level + 1);
	LabelOrder	order = {tree, level};
	Children	children;

	children.nodes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * (Size) Max(nchildren, 1));
	children.starts = MemoryContextAllocExtended(CurrentMemoryContext,
												 sizeof(uint32) * ((Size) nparents + 2),
												 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	/* count, shifted by two, so that filling moves each start into its place */
	for (uint32 i = 0; i < nchildren; i++)
		children.starts[(top ? 0 : tree_parent(tree, level, i)) + 2]++;
	for (uint32 p = 2; p < nparents + 2; p++)
		children.starts[p] += children.starts[p - 1];
	for (uint32 i = 0; i < nchildren; i++)
		children.nodes[children.starts[(top ? 0 : tree_parent(tree, level, i)) + 1]++] = i;
	if (sorted)
		for (uint32 p = 0; p < nparents; p++)
		{
			CHECK_FOR_INTERRUPTS();
			qsort_arg(children.nodes + children.starts[p],
					  children.starts[p + 1] - children.starts[p], sizeof(uint32),
					  compare_labels, &order);
		}
	return children;
}

/* Append the children on a level of one label: an array on level 0, else an object. */
static void
write_children(const Tree *tree, const Children *children, int level, uint32 parent, StringInfo out)
{
	CHECK_FOR_INTERRUPTS();
	appendStringInfoChar(out, level == 0 ? '[' : '{');
	for (uint32 i = children[level].starts[parent]; i < children[level].starts[parent + 1]; i++)
	{
		uint32		node = children[level].nodes[i];

		if (i > children[level].starts[parent])
			appendStringInfoString(out, ", ");
		escape_json(out, tree_label(tree, level, node).data);
		if (level > 0)
		{
			appendStringInfoString(out, ": ");
			write_children(tree, children, level - 1, node, out);
		}
	}
	appendStringInfoChar(out, level == 0 ? ']' : '}');
}

/* See generalize_internal.h. */
void
tree_write(const Tree *tree, bool sorted, StringInfo out)
{
	int			top = tree_nlevels(tree) - 1;
	Children	children[HIERARCHY_HEIGHT_MAX + 1];

	for (int level = 0; level <= top; level++)
		children[level] = list_children(tree, level, sorted);
	if (!tree_has_root(tree))
		appendStringInfoString(out, "{\"*\": ");
	write_children(tree, children, top, 0, out);
	if (!tree_has_root(tree))
		appendStringInfoChar(out, '}');
	for (int level = 0; level <= top; level++)
	{
		pfree(children[level].nodes);
		pfree(children[level].starts);
	}
}
