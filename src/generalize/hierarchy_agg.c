/*-------------------------------------------------------------------------
 *
 * hierarchy_agg.c
 *		kiaim.hierarchy_agg(VARIADIC text[]): rows of labels become a hierarchy.
 *
 * The state is the tree itself, so a row costs memory only for labels that are
 * new, and a label with a second parent is found with the row that brings it.
 * The result has its children in byte order: the same rows give the same
 * hierarchy in any order and any parallel plan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_hierarchy_agg_transition);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_agg_combine);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_agg_serialize);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_agg_deserialize);
PG_FUNCTION_INFO_V1(kiaim_hierarchy_agg_final);

/* The context of the aggregate, or an error where there is no aggregate. */
static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

/* An empty tree in the aggregate's context. */
static Tree *
create_state(FunctionCallInfo fcinfo, int nlevels)
{
	MemoryContext caller = MemoryContextSwitchTo(aggregate_context(fcinfo));
	Tree	   *tree = tree_create(nlevels, NULL);

	MemoryContextSwitchTo(caller);
	return tree;
}

/* Refuse rows, or partial results, of different length. */
static void
check_length(const Tree *tree, int nlevels)
{
	if (tree_nlevels(tree) != nlevels)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the rows of a hierarchy differ in length"),
				 errdetail("One has %d labels, another has %d.",
						   Min(tree_nlevels(tree), nlevels), Max(tree_nlevels(tree), nlevels)),
				 errhint("Repeat a label on the levels that a shorter branch does not have.")));
}

/* Add one row; a row whose value is NULL says nothing, as NULL is no leaf. */
Datum
kiaim_hierarchy_agg_transition(PG_FUNCTION_ARGS)
{
	Tree	   *tree = PG_ARGISNULL(0) ? NULL : (Tree *) PG_GETARG_POINTER(0);
	ArrayType  *row;
	Datum	   *labels;
	bool	   *nulls;
	int			n;
	TreeLabel	chain[HIERARCHY_HEIGHT_MAX + 1];

	(void) aggregate_context(fcinfo);
	if (!PG_ARGISNULL(1))
	{
		row = PG_GETARG_ARRAYTYPE_P(1);
		deconstruct_array(row, TEXTOID, -1, false, TYPALIGN_INT, &labels, &nulls, &n);
		if (n > HIERARCHY_HEIGHT_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a hierarchy cannot have %d levels", n),
					 errdetail("The limit is %d.", HIERARCHY_HEIGHT_MAX)));
		if (n > 0 && !nulls[0])
		{
			if (tree == NULL)
				tree = create_state(fcinfo, n);
			check_length(tree, n);
			for (int i = 0; i < n; i++)
			{
				if (nulls[i])
					ereport(ERROR,
							(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							 errmsg("a label of a hierarchy is null"),
							 errdetail("\"%s\" has no label on level %d.",
									   TextDatumGetCString(labels[0]), i),
							 errhint("Repeat the label of the level below, or leave the row out.")));
				chain[i].data = VARDATA_ANY(DatumGetPointer(labels[i]));
				chain[i].len = VARSIZE_ANY_EXHDR(DatumGetPointer(labels[i]));
			}
			tree_add(tree, chain);
		}
	}
	if (tree == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(tree);
}

/* Add the chains of one tree to another of the same length. */
static void
add_chains(Tree *into, const Tree *from)
{
	TreeLabel	chain[HIERARCHY_HEIGHT_MAX + 1];

	check_length(into, tree_nlevels(from));
	for (uint32 leaf = 0; leaf < tree_nlabels(from, 0); leaf++)
	{
		uint32		node = leaf;

		CHECK_FOR_INTERRUPTS();
		for (int level = 0; level < tree_nlevels(from); level++)
		{
			chain[level] = tree_label(from, level, node);
			if (level < tree_nlevels(from) - 1)
				node = tree_parent(from, level, node);
		}
		tree_add(into, chain);
	}
}

/* Combine two partial results. */
Datum
kiaim_hierarchy_agg_combine(PG_FUNCTION_ARGS)
{
	Tree	   *into = PG_ARGISNULL(0) ? NULL : (Tree *) PG_GETARG_POINTER(0);
	Tree	   *from = PG_ARGISNULL(1) ? NULL : (Tree *) PG_GETARG_POINTER(1);

	(void) aggregate_context(fcinfo);
	if (from != NULL)
	{
		if (into == NULL)
			into = create_state(fcinfo, tree_nlevels(from));
		add_chains(into, from);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/* The tree, level by level from the last down, for the trip between processes. */
Datum
kiaim_hierarchy_agg_serialize(PG_FUNCTION_ARGS)
{
	Tree	   *tree;
	StringInfoData bytes;

	(void) aggregate_context(fcinfo);
	tree = (Tree *) PG_GETARG_POINTER(0);
	pq_begintypsend(&bytes);
	pq_sendint32(&bytes, tree_nlevels(tree));
	for (int level = tree_nlevels(tree) - 1; level >= 0; level--)
	{
		pq_sendint32(&bytes, tree_nlabels(tree, level));
		for (uint32 node = 0; node < tree_nlabels(tree, level); node++)
		{
			TreeLabel	label = tree_label(tree, level, node);

			CHECK_FOR_INTERRUPTS();
			pq_sendint32(&bytes, level == tree_nlevels(tree) - 1 ? 0 : tree_parent(tree, level, node));
			pq_sendint32(&bytes, label.len);
			pq_sendbytes(&bytes, label.data, label.len);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&bytes));
}

/* Refuse bytes that no serialization wrote. */
static void
refuse_bytes(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid serialized hierarchy")));
}

/* One level of a serialized tree: its labels and their parents. */
typedef struct SerializedLevel
{
	uint32		n;
	uint32	   *parents;
	TreeLabel  *labels;
} SerializedLevel;

/* Read one level, whose parents are numbers under nparents. */
static SerializedLevel
read_level(StringInfo message, uint32 nparents)
{
	SerializedLevel level;

	level.n = pq_getmsgint(message, 4);
	/* each label takes eight bytes at least */
	if (level.n > (message->len - message->cursor) / 8)
		refuse_bytes();
	level.parents = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * (Size) level.n);
	level.labels = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(TreeLabel) * (Size) level.n);
	for (uint32 i = 0; i < level.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		level.parents[i] = pq_getmsgint(message, 4);
		level.labels[i].len = pq_getmsgint(message, 4);
		if (level.parents[i] >= nparents || level.labels[i].len < 0)
			refuse_bytes();
		level.labels[i].data = pq_getmsgbytes(message, level.labels[i].len);
	}
	return level;
}

/* Read a tree back. */
Datum
kiaim_hierarchy_agg_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes;
	StringInfoData message;
	SerializedLevel levels[HIERARCHY_HEIGHT_MAX];
	TreeLabel	chain[HIERARCHY_HEIGHT_MAX];
	int			nlevels;
	Tree	   *tree;

	(void) aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	nlevels = pq_getmsgint(&message, 4);
	if (nlevels < 1 || nlevels > HIERARCHY_HEIGHT_MAX)
		refuse_bytes();
	for (int level = nlevels - 1; level >= 0; level--)
		levels[level] = read_level(&message, level == nlevels - 1 ? 1 : levels[level + 1].n);
	pq_getmsgend(&message);

	tree = create_state(fcinfo, nlevels);
	for (uint32 leaf = 0; leaf < levels[0].n; leaf++)
	{
		uint32		node = leaf;

		CHECK_FOR_INTERRUPTS();
		for (int level = 0; level < nlevels; level++)
		{
			chain[level] = levels[level].labels[node];
			node = levels[level].parents[node];
		}
		tree_add(tree, chain);
	}
	PG_RETURN_POINTER(tree);
}

/* The definition; NULL over no rows. */
Datum
kiaim_hierarchy_agg_final(PG_FUNCTION_ARGS)
{
	StringInfoData definition;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	initStringInfo(&definition);
	tree_write((Tree *) PG_GETARG_POINTER(0), true, &definition);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(definition.data, definition.len));
}
