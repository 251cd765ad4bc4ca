/*-------------------------------------------------------------------------
 *
 * constraints.c
 *		Conditions that every synthetic row satisfies.
 *
 * Each is an expression over a row in a virtual slot, prepared once and
 * evaluated a million times, as the executor does it for INSERT; only that a
 * row that fails is no error here.  A text becomes an expression by way of the
 * server's own parser in the mode of CHECK constraints, which refuses all that
 * is no function of the row.
 *
 * The text of a condition was written by whoever fitted the model and runs as
 * whoever draws from it.  So names in it mean the same whatever the search path
 * is, and it calls nothing that another user could have written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "kiaim.h"
#include "synthesize/constraints.h"

typedef enum ConstraintKind
{
	CONSTRAINT_NOT_NULL,		/* of a column */
	CONSTRAINT_DOMAIN,			/* of the type of a column */
	CONSTRAINT_ROW				/* a condition on the row */
} ConstraintKind;

/* A constraint and how it is evaluated. */
typedef struct Evaluated
{
	RowConstraint constraint;		/* first: what others see of it */
	ConstraintKind kind;
	int			column;
	ExprState  *state;
} Evaluated;

struct ConstraintSet
{
	TupleDesc	desc;
	TupleTableSlot *slot;
	ExprContext *econtext;
	int			n,
				allocated;
	RowConstraint **list;			/* each an Evaluated */
	bool	   *reads;			/* of each column */
	bool		rows;			/* there are conditions on the row */
};

/* ---- sets ---- */

/* An empty set for rows of this description. */
static ConstraintSet *
make_set(TupleDesc desc)
{
	ConstraintSet *set = palloc0(sizeof(ConstraintSet));

	set->desc = desc;
	set->slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	set->econtext = CreateStandaloneExprContext();
	set->econtext->ecxt_scantuple = set->slot;
	set->allocated = 8;
	set->list = palloc(set->allocated * sizeof(RowConstraint *));
	set->reads = palloc0(Max(desc->natts, 1) * sizeof(bool));
	return set;
}

/* Add a constraint of this name; column is the one that it is of, or -1. */
static Evaluated *
add(ConstraintSet *set, ConstraintKind kind, char *name, int column)
{
	Evaluated  *added = palloc0(sizeof(Evaluated));

	added->constraint.name = name;
	added->kind = kind;
	added->column = column;
	if (column >= 0)
		set->reads[column] = true;
	if (set->n == set->allocated)
	{
		set->allocated *= 2;
		set->list = repalloc(set->list, set->allocated * sizeof(RowConstraint *));
	}
	set->list[set->n++] = &added->constraint;
	return added;
}

/* Prepare a condition on the row and remember which columns it reads. */
static void
add_condition(ConstraintSet *set, char *name, Node *condition)
{
	Evaluated  *added = add(set, CONSTRAINT_ROW, name, -1);
	List	   *vars = pull_var_clause(condition, 0);
	ListCell   *lc;

	foreach(lc, vars)
	{
		AttrNumber	number = ((Var *) lfirst(lc))->varattno;

		if (number > 0)
			set->reads[number - 1] = true;
		else if (number == 0)
			memset(set->reads, true, set->desc->natts * sizeof(bool));
	}
	set->rows = true;
	added->state = ExecInitExpr(expression_planner((Expr *) condition), NULL);
}

/* ---- the constraints of a row type ---- */

/* The constraints of the domain that a column is of. */
static void
add_domain(ConstraintSet *set, int column)
{
	Form_pg_attribute att = TupleDescAttr(set->desc, column);
	DomainConstraintRef *ref;
	ListCell   *lc;

	if (get_typtype(att->atttypid) != TYPTYPE_DOMAIN)
		return;
	ref = palloc0(sizeof(DomainConstraintRef));
	InitDomainConstraintRef(att->atttypid, ref, CurrentMemoryContext, true);
	foreach(lc, ref->constraints)
	{
		DomainConstraintState *state = lfirst_node(DomainConstraintState, lc);

		if (state->constrainttype == DOM_CONSTRAINT_NOTNULL)
			add(set, CONSTRAINT_NOT_NULL,
				psprintf("NOT NULL of the domain %s of column \"%s\"", format_type_be(att->atttypid),
						 NameStr(att->attname)), column);
		else
			add(set, CONSTRAINT_DOMAIN,
				psprintf("\"%s\" of the domain %s of column \"%s\"", state->name,
						 format_type_be(att->atttypid), NameStr(att->attname)),
				column)->state = state->check_exprstate;
	}
}

/* What rows of a partition have in common. */
static void
add_partition(ConstraintSet *set)
{
	Oid			relid = get_typ_typrelid(set->desc->tdtypeid);
	Relation	relation;
	List	   *conditions;

	if (!get_rel_relispartition(relid))
		return;
	relation = relation_open(relid, AccessShareLock);
	conditions = copyObject(RelationGetPartitionQual(relation));
	if (conditions != NIL)
		add_condition(set, psprintf("of partition \"%s\"", RelationGetRelationName(relation)),
					  (Node *) make_ands_explicit(conditions));
	relation_close(relation, AccessShareLock);
}

/* See constraints.h. */
ConstraintSet *
constraints_of_rowtype(TupleDesc desc, const bool *made)
{
	ConstraintSet *set = make_set(desc);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || !made[i])
			continue;
		if (att->attnotnull)
			add(set, CONSTRAINT_NOT_NULL, psprintf("NOT NULL of column \"%s\"", NameStr(att->attname)), i);
		add_domain(set, i);
	}
	for (int i = 0; desc->constr != NULL && i < desc->constr->num_check; i++)
	{
		ConstrCheck *check = &desc->constr->check[i];

#if PG_VERSION_NUM >= 180000
		if (!check->ccenforced)
			continue;
#endif
		add_condition(set, psprintf("\"%s\"", check->ccname), stringToNode(check->ccbin));
	}
	add_partition(set);
	set->slot->tts_tableOid = get_typ_typrelid(desc->tdtypeid);
	return set;
}

/* ---- declared conditions ---- */

/* What a condition is being parsed for. */
typedef struct ParseContext
{
	TupleDesc	desc;
	const char *text;
} ParseContext;

/* Say in which condition an error is, and what kind of error it is. */
static void
condition_error_context(void *arg)
{
	const ParseContext *context = arg;
	int			position = geterrposition();

	/* what the server has codes of their own for is here all the same: not supported */
	if (geterrcode() == ERRCODE_GROUPING_ERROR || geterrcode() == ERRCODE_WINDOWING_ERROR)
		errcode(ERRCODE_FEATURE_NOT_SUPPORTED);
	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(context->text);
	}
	errcontext("condition \"%s\"", context->text);
}

/* A column by its name; a parser hook. */
static Node *
condition_column(ParseState *pstate, ColumnRef *cref)
{
	const ParseContext *context = pstate->p_ref_hook_state;
	const char **names;
	const char *name;
	const char *nearest;
	int			nnames = 0;

	if (list_length(cref->fields) != 1 || !IsA(linitial(cref->fields), String))
		return NULL;
	name = strVal(linitial(cref->fields));
	names = palloc(Max(context->desc->natts, 1) * sizeof(char *));
	for (int i = 0; i < context->desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(context->desc, i);

		if (att->attisdropped)
			continue;
		if (strcmp(NameStr(att->attname), name) == 0)
		{
			Var		   *var = makeVar(1, i + 1, att->atttypid, att->atttypmod, att->attcollation, 0);

			var->location = cref->location;
			return (Node *) var;
		}
		names[nnames++] = NameStr(att->attname);
	}
	nearest = nearest_name(name, nnames, names);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" does not exist", name),
			 nearest != NULL ? errhint("Perhaps you meant the column \"%s\".", nearest)
			 : errhint("A condition is over the columns that the model makes."),
			 parser_errposition(pstate, cref->location)));
	return NULL;
}

/* The expression of a text, which must be nothing but one. */
static Node *
raw_condition(const char *text)
{
	List	   *parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	ResTarget  *target;

	if (list_length(select->targetList) != 1 || select->distinctClause != NIL ||
		select->intoClause != NULL || select->fromClause != NIL || select->whereClause != NULL ||
		select->groupClause != NIL || select->havingClause != NULL ||
		select->windowClause != NIL || select->valuesLists != NIL || select->sortClause != NIL ||
		select->limitOffset != NULL || select->limitCount != NULL ||
		select->lockingClause != NIL || select->withClause != NULL || select->op != SETOP_NONE ||
		(target = linitial_node(ResTarget, select->targetList))->name != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("a constraint must be one condition on a row"),
				 errhint("For example: \"death_date >= diagnosis_date\".")));
	return target->val;
}

/* Refuse a function that neither a superuser nor the caller owns. */
static bool
is_foreign_function(Oid function, void *arg)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	if (owner != GetUserId() && !superuser_arg(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("function %s of a constraint or conversion belongs to another user", format_procedure(function)),
				 errdetail("It would run with the privileges of whoever draws rows from the model."),
				 errhint("Use functions of your own or of a superuser.")));
	return false;
}

/*
 * Refuse a type whose values are checked by expressions that neither a superuser nor the caller
 * wrote: a domain, or one that may have domains in it.  Columns have their values already.
 */
static void
refuse_foreign_type(Oid type)
{
	Oid			element;
	HeapTuple	tuple;
	Form_pg_type form;

	while (OidIsValid(element = get_element_type(type)))
		type = element;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	form = (Form_pg_type) GETSTRUCT(tuple);
	if (form->typtype != TYPTYPE_BASE && form->typtype != TYPTYPE_ENUM && form->typtype != TYPTYPE_PSEUDO &&
		form->typowner != GetUserId() && !superuser_arg(form->typowner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("type %s of a constraint belongs to another user", format_type_be(type)),
				 errdetail("Its checks would run with the privileges of whoever draws rows from the model."),
				 errhint("Use types of your own or of a superuser.")));
	ReleaseSysCache(tuple);
}

/* Walk an expression for the functions that it calls. */
static bool
check_functions(Node *node, void *context)
{
	if (node == NULL)
		return false;
	check_functions_in_node(node, is_foreign_function, context);
	if (!IsA(node, Var) && !IsA(node, List))
		refuse_foreign_type(exprType(node));
	return expression_tree_walker(node, check_functions, context);
}

/* See constraints.h. */
void
constraints_check_functions(Node *expression)
{
	(void) check_functions(expression, NULL);
}

/* The expression of a text over the columns of a row. */
static Node *
parse_condition(TupleDesc desc, const char *text)
{
	ParseContext context = {desc, text};
	ErrorContextCallback callback = {error_context_stack, condition_error_context, &context};
	ParseState *pstate = make_parsestate(NULL);
	Node	   *condition;

	error_context_stack = &callback;
	pstate->p_sourcetext = text;
	pstate->p_pre_columnref_hook = condition_column;
	pstate->p_ref_hook_state = &context;
	condition = transformExpr(pstate, raw_condition(text), EXPR_KIND_CHECK_CONSTRAINT);
	condition = coerce_to_boolean(pstate, condition, "constraint");
	assign_expr_collations(pstate, condition);
	if (contain_volatile_functions(condition))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a constraint cannot call volatile functions"),
				 errhint("Use functions that give the same result for the same row.")));
	check_functions(condition, NULL);
	error_context_stack = callback.previous;
	free_parsestate(pstate);
	return condition;
}

/* See constraints.h. */
ConstraintSet *
constraints_parse(TupleDesc desc, int ntexts, char *const *texts)
{
	ConstraintSet *set = make_set(desc);
	int			nest = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	for (int i = 0; i < ntexts; i++)
		add_condition(set, psprintf("\"%s\"", texts[i]), parse_condition(desc, texts[i]));
	AtEOXact_GUC(true, nest);
	return set;
}

/* ---- evaluation ---- */

/* See constraints.h. */
RowConstraint *const *
constraints_list(const ConstraintSet *set, int *n)
{
	*n = set->n;
	return set->list;
}

/* See constraints.h. */
bool
constraints_read(const ConstraintSet *set, int column)
{
	return set->reads[column];
}

/* Whether the row in the slot satisfies a constraint. */
static bool
satisfies(ConstraintSet *set, const Evaluated *constraint, const Datum *values, const bool *isnull)
{
	ExprContext *econtext = set->econtext;
	Datum		result;
	bool		unknown;

	if (constraint->kind == CONSTRAINT_NOT_NULL)
		return !isnull[constraint->column];
	if (constraint->kind == CONSTRAINT_DOMAIN)
	{
		econtext->domainValue_datum = values[constraint->column];
		econtext->domainValue_isNull = isnull[constraint->column];
	}
	result = ExecEvalExprSwitchContext(constraint->state, econtext, &unknown);
	return unknown || DatumGetBool(result);
}

/* See constraints.h. */
bool
constraints_hold(ConstraintSet *set, const Datum *values, const bool *isnull)
{
	int			i = 0;

	if (set->rows)
	{
		ExecClearTuple(set->slot);
		memcpy(set->slot->tts_values, values, set->desc->natts * sizeof(Datum));
		memcpy(set->slot->tts_isnull, isnull, set->desc->natts * sizeof(bool));
		ExecStoreVirtualTuple(set->slot);
	}
	while (i < set->n && satisfies(set, (Evaluated *) set->list[i], values, isnull))
		i++;
	if (set->n > 0)
		ResetExprContext(set->econtext);
	if (i == set->n)
		return true;
	set->list[i]->failed++;
	return false;
}

/* ---- real rows ---- */

/* The values of a category, made as they are first met. */
typedef struct LabelValues
{
	FmgrInfo	input;
	Oid			parameter;
	Datum	   *values;			/* of each label; NULL: the column is no category that is read */
	bool	   *known;
} LabelValues;

/* What a table looks like to conditions. */
static TupleDesc
table_desc(const RawTable *table)
{
	TupleDesc	desc = CreateTemplateTupleDesc(table->ncolumns);

	for (int c = 0; c < table->ncolumns; c++)
	{
		const RawType *type = &table->columns[c].type;

		TupleDescInitEntry(desc, c + 1, table->columns[c].name, type->declared, type->typmod, 0);
		TupleDescInitEntryCollation(desc, c + 1, type->collation);
	}
	return desc;
}

/* The value of a cell; what is not of a category is made in the current memory context. */
static Datum
cell_value(const RawColumn *column, LabelValues *labels, int64 raw, MemoryContext context)
{
	if (column->type.kind != RAW_CATEGORY)
		return raw_to_datum(&column->type, raw);
	if (!labels->known[raw])
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		labels->values[raw] = InputFunctionCall(&labels->input, column->labels[raw],
												labels->parameter, column->type.typmod);
		labels->known[raw] = true;
		MemoryContextSwitchTo(old);
	}
	return labels->values[raw];
}

/* Evaluate all conditions, also those behind one that fails, on the row in the slot. */
static void
count_row(ConstraintSet *set, int64 *counts)
{
	for (int i = 0; i < set->n; i++)
		if (!satisfies(set, (Evaluated *) set->list[i], NULL, NULL))
			counts[i]++;
	ResetExprContext(set->econtext);
}

/* See constraints.h. */
int64 *
constraints_count(const RawTable *table, int ntexts, char *const *texts)
{
	ConstraintSet *set = constraints_parse(table_desc(table), ntexts, texts);
	LabelValues *labels = palloc0(Max(table->ncolumns, 1) * sizeof(LabelValues));
	int64	   *counts = palloc0(Max(ntexts, 1) * sizeof(int64));
	MemoryContext context = CurrentMemoryContext;

	for (int c = 0; c < table->ncolumns; c++)
	{
		const RawColumn *column = &table->columns[c];
		Oid			function;

		if (!set->reads[c] || column->type.kind != RAW_CATEGORY)
			continue;
		getTypeInputInfo(column->type.type, &function, &labels[c].parameter);
		fmgr_info(function, &labels[c].input);
		labels[c].values = MemoryContextAllocHuge(context, Max(column->nvalues, 1) * sizeof(Datum));
		labels[c].known = MemoryContextAllocHuge(context, Max(column->nvalues, 1) * sizeof(bool));
		memset(labels[c].known, false, column->nvalues * sizeof(bool));
	}
	for (int64 row = 0; row < table->nrows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		ExecClearTuple(set->slot);
		MemoryContextSwitchTo(set->econtext->ecxt_per_tuple_memory);
		for (int c = 0; c < table->ncolumns; c++)
		{
			int64		raw = table->columns[c].values[row];

			set->slot->tts_isnull[c] = raw == RAW_NULL || !set->reads[c];
			if (!set->slot->tts_isnull[c])
				set->slot->tts_values[c] = cell_value(&table->columns[c], &labels[c], raw, context);
		}
		MemoryContextSwitchTo(context);
		ExecStoreVirtualTuple(set->slot);
		count_row(set, counts);
	}
	return counts;
}
