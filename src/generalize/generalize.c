/*-------------------------------------------------------------------------
 *
 * generalize.c
 *		kiaim.generalize() and kiaim.path().
 *
 * A hierarchy is parsed once per call site and kept with the function call;
 * where the argument is no constant, the bytes of the definition tell whether
 * it is still the same.  What is left per value is to read it, find its place
 * and write one label.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "generalize/generalize_internal.h"

PG_FUNCTION_INFO_V1(kiaim_generalize);
PG_FUNCTION_INFO_V1(kiaim_label_loss);
PG_FUNCTION_INFO_V1(kiaim_path);

/* What a call site keeps from one call to the next. */
typedef struct CallSite
{
	bool		constant;		/* the hierarchy is the same in all calls */
	struct varlena *definition; /* the one that was parsed, if it is not */
	MemoryContext context;		/* of the parsed hierarchy */
	Hierarchy  *hierarchy;
	Oid			type;
	ValueReader reader;
	StringInfoData label;
} CallSite;

/*
 * True if an argument is a literal.  A parameter does not count: it lasts for a
 * query, but the expressions of PL/pgSQL outlive many values of their variables.
 */
static bool
argument_is_constant(FmgrInfo *flinfo, int number)
{
	List	   *arguments;

	if (flinfo->fn_expr == NULL || !IsA(flinfo->fn_expr, FuncExpr))
		return false;
	arguments = ((FuncExpr *) flinfo->fn_expr)->args;
	return number < list_length(arguments) && IsA(list_nth(arguments, number), Const);
}

/*
 * The bytes of a datum as they are stored, compressed or out of line: where
 * they are equal, so are the definitions, and a large tree is not fetched for
 * every row.  Pointers into memory say nothing, so they are followed.
 */
static struct varlena *
comparable(Datum hierarchy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(hierarchy);

	if (VARATT_IS_EXTERNAL(stored) && !VARATT_IS_EXTERNAL_ONDISK(stored))
		return PG_DETOAST_DATUM(hierarchy);
	return stored;
}

/* Parse the hierarchy argument into the call site. */
static void
parse_hierarchy(CallSite *site, Datum hierarchy)
{
	MemoryContext caller;
	Hierarchy  *parsed;

	/* an error may leave the call site behind: it must not look ready */
	site->hierarchy = NULL;
	MemoryContextReset(site->context);
	caller = MemoryContextSwitchTo(site->context);
	if (!site->constant)
	{
		struct varlena *stored = comparable(hierarchy);

		site->definition = palloc(VARSIZE_ANY(stored));
		memcpy(site->definition, stored, VARSIZE_ANY(stored));
	}
	parsed = hierarchy_from_datum(hierarchy);
	MemoryContextSwitchTo(caller);
	hierarchy_check_type(parsed, site->type);
	site->hierarchy = parsed;
}

/* Set up the call site on the first call. */
static CallSite *
call_site_create(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	MemoryContext caller = MemoryContextSwitchTo(flinfo->fn_mcxt);
	CallSite   *site = palloc0(sizeof(CallSite));

	site->type = get_fn_expr_argtype(flinfo, 0);
	if (!OidIsValid(site->type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of the value to generalize")));
	site->constant = argument_is_constant(flinfo, 1);
	site->context = AllocSetContextCreate(flinfo->fn_mcxt, "kiaim hierarchy",
										  ALLOCSET_START_SMALL_SIZES);
	value_reader_init(&site->reader, site->type, flinfo->fn_mcxt);
	initStringInfo(&site->label);
	MemoryContextSwitchTo(caller);
	return site;
}

/* The call site with the hierarchy of this call. */
static CallSite *
call_site(FunctionCallInfo fcinfo, Datum hierarchy)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;

	if (site == NULL)
		fcinfo->flinfo->fn_extra = site = call_site_create(fcinfo);
	if (site->hierarchy == NULL)
		parse_hierarchy(site, hierarchy);
	else if (!site->constant)
	{
		struct varlena *stored = comparable(hierarchy);

		if (VARSIZE_ANY(stored) != VARSIZE_ANY(site->definition) ||
			memcmp(stored, site->definition, VARSIZE_ANY(stored)) != 0)
			parse_hierarchy(site, hierarchy);
	}
	return site;
}

/* kiaim.generalize(value "any", hierarchy, level) */
Datum
kiaim_generalize(PG_FUNCTION_ARGS)
{
	CallSite   *site;
	int			level;
	int			height;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	site = call_site(fcinfo, PG_GETARG_DATUM(1));
	level = PG_GETARG_INT32(2);
	height = hierarchy_height(site->hierarchy);
	if (level < 0 || level > height)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level %d is not in the hierarchy \"%s\"", level,
						shown(hierarchy_definition(site->hierarchy))),
				 errdetail("Its levels are 0 to %d.", height)));

	if (PG_ARGISNULL(0))
	{
		if (level < height)
			PG_RETURN_NULL();
		PG_RETURN_TEXT_P(cstring_to_text_with_len(KIAIM_STAR, 1));
	}
	/* text is its own text */
	if (level == 0 && site->reader.kind == VALUE_TEXT)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));

	resetStringInfo(&site->label);
	hierarchy_label(site->hierarchy, &site->reader, PG_GETARG_DATUM(0), level, &site->label);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(site->label.data, site->label.len));
}

/*
 * kiaim.label_loss(label text, hierarchy, level) → float8: the share of the
 * leaves that a label loses, as the plan has it.
 */
Datum
kiaim_label_loss(PG_FUNCTION_ARGS)
{
	const Hierarchy *h;
	char	   *label;
	int64		leaves;
	float8		loss;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0))
		PG_RETURN_FLOAT8(0);
	h = call_site(fcinfo, PG_GETARG_DATUM(1))->hierarchy;
	label = text_to_cstring(PG_GETARG_TEXT_PP(0));
	leaves = hierarchy_leaves(h);
	if (strcmp(label, KIAIM_STAR) == 0)
		loss = 1;
	else if (leaves == 0 || PG_GETARG_INT32(2) <= 0)
		loss = 0;
	else
		loss = (float8) (Max(hierarchy_leaves_under(h, label, PG_GETARG_INT32(2)), 1) - 1) /
			(float8) Max(leaves - 1, 1);
	pfree(label);
	PG_RETURN_FLOAT8(loss);
}

/* kiaim.path(value "any", hierarchy) */
Datum
kiaim_path(PG_FUNCTION_ARGS)
{
	CallSite   *site;
	int			height;
	char	  **labels;
	Datum	   *elements;
	bool	   *nulls;
	int			dimension;
	int			lower_bound = 1;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	site = call_site(fcinfo, PG_GETARG_DATUM(1));
	height = hierarchy_height(site->hierarchy);
	dimension = height + 1;
	labels = palloc(sizeof(char *) * dimension);
	elements = palloc(sizeof(Datum) * dimension);
	nulls = palloc(sizeof(bool) * dimension);
	hierarchy_labels(site->hierarchy, site->type, PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0),
					 PG_ARGISNULL(0), labels);
	for (int level = 0; level <= height; level++)
	{
		nulls[level] = labels[level] == NULL;
		if (!nulls[level])
			elements[level] = CStringGetTextDatum(labels[level]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, 1, &dimension, &lower_bound,
											 TEXTOID, -1, false, TYPALIGN_INT));
}
