/*-------------------------------------------------------------------------
 *
 * target.c
 *		The rows that are asked for: a row type, its columns found in a model by name.
 *
 * A value goes into a column as in INSERT: as it is where the types are the
 * same, by an assignment cast elsewhere.  The checks of a domain are left out of
 * the cast, because rows that fail them are drawn anew.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "kiaim.h"
#include "synthesize/constraints.h"
#include "synthesize/target.h"

/* Columns that a message lists at most. */
#define MOST_LISTED	20

/* The column of a model that has this name, or -1. */
static int
find_source(const Model *model, const char *name)
{
	for (int i = 0; i < model->columns->ncolumns; i++)
		if (strcmp(model->columns->columns[i].name, name) == 0)
			return i;
	return -1;
}

/* The assignment of values of one type to another; false if there is none. */
static bool
find_conversion(Oid from, int32 from_typmod, Oid to, int32 to_typmod, Oid collation, ExprState **state)
{
	CaseTestExpr *value = makeNode(CaseTestExpr);
	Node	   *converted;

	value->typeId = from;
	value->typeMod = from_typmod;
	value->collation = collation;
	converted = coerce_to_target_type(NULL, (Node *) value, from, to, to_typmod,
									  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
	*state = NULL;
	if (converted == NULL)
		return false;
	/* casts are of whoever made them */
	constraints_check_functions(converted);
	while (IsA(converted, RelabelType))
		converted = (Node *) ((RelabelType *) converted)->arg;
	if (converted != (Node *) value)
		*state = ExecInitExpr(expression_planner((Expr *) converted), NULL);
	return true;
}

/* Find how values come from the model into an attribute, and of a kept column back. */
static void
find_conversions(TargetColumn *column, const ColumnModel *source, const char *name,
				 Form_pg_attribute att)
{
	const RawType *type = &source->type;
	int32		typmod = att->atttypmod;
	Oid			base = getBaseTypeAndTypmod(att->atttypid, &typmod);

	if (!find_conversion(type->type, type->typmod, base, typmod, att->attcollation, &column->conversion) ||
		(source->kept &&
		 !find_conversion(base, typmod, type->type, type->typmod, type->collation, &column->back)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of the row type cannot have the values of model \"%s\"",
						source->name, name),
				 errdetail("It is of type %s, and the values are of type %s.",
						   format_type_be(att->atttypid), format_type_be(type->declared)),
				 errhint("Use a column of that type, or one of type text.")));
}

/* No column of the row type is in the model. */
pg_noreturn static void
refuse_unrelated(const Model *model, const char *name, Oid rowtype, TupleDesc desc)
{
	const ColumnSet *set = model->columns;
	const char **names = palloc(Max(set->ncolumns, 1) * sizeof(char *));
	const char *nearest = NULL;
	const char *near = NULL;
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < set->ncolumns; i++)
	{
		names[i] = set->columns[i].name;
		if (i < MOST_LISTED)
			appendStringInfo(&list, "%s\"%s\"", i > 0 ? ", " : "", names[i]);
	}
	for (int i = 0; i < desc->natts && nearest == NULL; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
		{
			near = NameStr(TupleDescAttr(desc, i)->attname);
			nearest = nearest_name(near, set->ncolumns, names);
		}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no column of type %s is in model \"%s\"", format_type_be(rowtype), name),
			 errdetail("The model makes the columns %s%s.", list.data,
					   set->ncolumns > MOST_LISTED ? ", ..." : ""),
			 nearest != NULL ?
			 errhint("Perhaps column \"%s\" should be named \"%s\".", near, nearest) :
			 errhint("Columns are matched by name with those of the relation that the model was fitted to.")));
}

/* Find the columns that the table computes, but for those that the model keeps. */
static void
find_generated(Target *target, const ColumnSet *set)
{
	TupleDesc	desc = target->desc;

	target->generated = palloc(Max(desc->natts, 1) * sizeof(int));
	target->generation = palloc(Max(desc->natts, 1) * sizeof(ExprState *));
	for (int i = 0; desc->constr != NULL && i < desc->constr->num_defval; i++)
	{
		const AttrDefault *defval = &desc->constr->defval[i];
		int			attribute = defval->adnum - 1;
		int			source = target->columns[attribute].source;

		if (TupleDescAttr(desc, attribute)->attgenerated == '\0' ||
			(source >= 0 && set->columns[source].kept))
			continue;
		target->generated[target->ngenerated] = attribute;
		target->generation[target->ngenerated++] =
			ExecInitExpr(expression_planner(stringToNode(defval->adbin)), NULL);
		target->columns[attribute].source = -1;
		target->made[attribute] = true;
	}
	if (target->ngenerated > 0)
	{
		target->slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
		target->econtext->ecxt_scantuple = target->slot;
	}
}

/* See target.h. */
Target *
target_begin(const Model *model, const char *name, Oid rowtype)
{
	Target	   *target = palloc0(sizeof(Target));
	bool		any = false;

	if (!OidIsValid(rowtype) || get_typtype(rowtype) != TYPTYPE_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("rows must be of a named row type, not of type %s",
						OidIsValid(rowtype) ? format_type_be(rowtype) : "unknown"),
				 errhint("Name a table, a view or a composite type: NULL::registry.tumour.")));
	target->desc = lookup_rowtype_tupdesc_copy(rowtype, -1);
	target->columns = palloc0(Max(target->desc->natts, 1) * sizeof(TargetColumn));
	target->made = palloc0(Max(target->desc->natts, 1) * sizeof(bool));
	target->econtext = CreateStandaloneExprContext();
	for (int i = 0; i < target->desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(target->desc, i);
		TargetColumn *column = &target->columns[i];

		column->source = att->attisdropped ? -1 : find_source(model, NameStr(att->attname));
		if (column->source < 0)
			continue;
		find_conversions(column, &model->columns->columns[column->source], name, att);
		target->made[i] = any = true;
	}
	if (!any)
		refuse_unrelated(model, name, rowtype, target->desc);
	find_generated(target, model->columns);
	return target;
}

/* Convert a value, in the current memory context. */
static Datum
convert(const Target *target, ExprState *conversion, Datum value, bool *isnull)
{
	if (conversion == NULL)
		return value;
	target->econtext->caseValue_datum = value;
	target->econtext->caseValue_isNull = *isnull;
	return ExecEvalExpr(conversion, target->econtext, isnull);
}

/* See target.h. */
Datum
target_value(const Target *target, int attribute, Datum value, bool *isnull)
{
	return convert(target, target->columns[attribute].conversion, value, isnull);
}

/* See target.h. */
Datum
target_source_value(const Target *target, int attribute, Datum value, bool *isnull)
{
	return convert(target, target->columns[attribute].back, value, isnull);
}

/* See target.h. */
void
target_generate(const Target *target, Datum *values, bool *isnull)
{
	TupleTableSlot *slot = target->slot;

	if (target->ngenerated == 0)
		return;
	ExecClearTuple(slot);
	memcpy(slot->tts_values, values, target->desc->natts * sizeof(Datum));
	memcpy(slot->tts_isnull, isnull, target->desc->natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	for (int i = 0; i < target->ngenerated; i++)
		values[target->generated[i]] = ExecEvalExpr(target->generation[i], target->econtext,
													&isnull[target->generated[i]]);
}
