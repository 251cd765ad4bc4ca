/*-------------------------------------------------------------------------
 *
 * conditions.c
 *		What is given of the rows to be drawn.
 *
 * Each column has a predicate on its raw values: ranges of numbers, or a set of
 * labels.  It is exact, and every row is checked against it.  What follows from
 * it for the codes is found in conditions_codes.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "kiaim.h"
#include "synthesize/conditions_internal.h"

/* A member of what is given, while it is read. */
typedef struct Member
{
	Conditions *conditions;
	const ColumnModel *column;
	Condition  *condition;
	const char *text;			/* the value being read */
} Member;

/* ---- errors ---- */

/* Say which member an error of an input function is about. */
static void
member_error_context(void *arg)
{
	const Member *member = arg;

	errcontext("value \"%s\" given for column \"%s\"", member->text, member->column->name);
}

/* The model cannot make this value. */
pg_noreturn static void
refuse(const Member *member, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model \"%s\" makes no rows whose column \"%s\" is %s", member->conditions->name,
					member->column->name, member->text),
			 detail != NULL ? errdetail_internal("%s", detail) : 0,
			 hint != NULL ? errhint("%s", hint) : 0));
}

/* ---- numbers, dates and times ---- */

/*
 * The raw number of a value: the least that is not below it or the greatest
 * that is not above it, which are the same for a value of the column's scale.
 */
static int64
raw_of_text(const Member *member, const char *text, bool up)
{
	const RawType *type = &member->column->type;
	Oid			input;
	Oid			parameter;
	Datum		value;

	if (type->kind == RAW_NUMBER)
	{
		Datum		scaled;
		Datum		lowest = DirectFunctionCall1(int8_numeric, Int64GetDatum(RAW_LOWEST));
		Datum		highest = DirectFunctionCall1(int8_numeric, Int64GetDatum(RAW_HIGHEST));

		value = DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
									Int32GetDatum(-1));
		if (numeric_is_nan(DatumGetNumeric(value)))
			refuse(member, NULL, NULL);
		scaled = DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf("1e%d", type->scale)),
									 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		scaled = DirectFunctionCall2(numeric_mul, value, scaled);
		scaled = DirectFunctionCall1(up ? numeric_ceil : numeric_floor, scaled);
		scaled = DirectFunctionCall2(numeric_larger, scaled, lowest);
		scaled = DirectFunctionCall2(numeric_smaller, scaled, highest);
		return DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));
	}
	getTypeInputInfo(type->type, &input, &parameter);
	value = OidInputFunctionCall(input, unconstify(char *, text), parameter, -1);
	if (type->kind == RAW_DATE && DATE_NOT_FINITE(DatumGetDateADT(value)))
		return DATE_IS_NOBEGIN(DatumGetDateADT(value)) ? RAW_LOWEST : RAW_HIGHEST;
	if (type->kind == RAW_TIMESTAMP && TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)))
		return TIMESTAMP_IS_NOBEGIN(DatumGetTimestamp(value)) ? RAW_LOWEST : RAW_HIGHEST;
	return raw_from_datum(type, value, false);
}

/* A bound of a range without blanks and quotes around it; empty: none. */
static char *
bound_text(const char *from, const char *to)
{
	char	   *text;

	while (from < to && isspace((unsigned char) *from))
		from++;
	while (to > from && isspace((unsigned char) to[-1]))
		to--;
	if (to - from >= 2 && *from == '"' && to[-1] == '"')
	{
		from++;
		to--;
	}
	text = pnstrdup(from, to - from);
	return text;
}

/* Read "[2018,2022)"; false if a text does not look like a range. */
static bool
read_range(const Member *member, const char *text, RawRange *range)
{
	int			length = strlen(text);
	const char *comma = strchr(text, ',');
	char	   *lower;
	char	   *upper;

	if (length < 3 || comma == NULL || (text[0] != '[' && text[0] != '(') ||
		(text[length - 1] != ']' && text[length - 1] != ')'))
		return false;
	if (strchr(comma + 1, ',') != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("malformed range \"%s\" given for column \"%s\"", text, member->column->name),
				 errhint("A range is written as \"[2018,2022)\", \"(,5]\" or \"[10,)\".")));
	lower = bound_text(text + 1, comma);
	upper = bound_text(comma + 1, text + length - 1);
	range->lowest = RAW_LOWEST;
	range->highest = RAW_HIGHEST;
	if (*lower != '\0')
	{
		range->lowest = raw_of_text(member, lower, text[0] == '[');
		if (text[0] == '(' && range->lowest < RAW_HIGHEST)
			range->lowest++;
	}
	if (*upper != '\0')
	{
		range->highest = raw_of_text(member, upper, text[length - 1] == ')');
		if (text[length - 1] == ')' && range->highest > RAW_LOWEST)
			range->highest--;
	}
	if (range->lowest > range->highest)
		refuse(member, "No value of the column lies in this range.", NULL);
	return true;
}

/* Whether a column has a code that some value of a range has. */
static bool
has_codes(const ColumnModel *column, const RawRange *range)
{
	CodeSet		codes = {{0}};

	if (column->kind != COLUMN_NUMBER || column->formula.kind != FORMULA_NONE)
		return true;
	number_codes(column->number, range->lowest, range->highest, &codes);
	for (int i = 0; i < lengthof(codes.words); i++)
		if (codes.words[i] != 0)
			return true;
	return false;
}

/* Allow a number, date or time, or a range of them. */
static void
allow_number(const Member *member)
{
	Condition  *condition = member->condition;
	ErrorContextCallback callback = {error_context_stack, member_error_context, unconstify(Member *, member)};
	RawRange	range;

	error_context_stack = &callback;
	if (!read_range(member, member->text, &range))
	{
		range.lowest = raw_of_text(member, member->text, true);
		range.highest = raw_of_text(member, member->text, false);
	}
	error_context_stack = callback.previous;
	if (range.lowest > range.highest)
		refuse(member, member->column->type.scale == 0 ? "Values of the column have no decimals." :
			   psprintf("Values of the column have %d decimals at most.", member->column->type.scale), NULL);
	if (!has_codes(member->column, &range))
		refuse(member, "This is outside of what enough persons have.", NULL);
	if (condition->ranges == NULL)
		condition->ranges = palloc(sizeof(RawRange));
	else
		condition->ranges = repalloc(condition->ranges, (condition->nranges + 1) * sizeof(RawRange));
	condition->ranges[condition->nranges++] = range;
}

/* ---- categories ---- */

/* Allow the labels that are this one or under it; returns how many. */
static int
allow_labels(const Member *member, const char *label)
{
	const CategoryCoder *coder = member->column->category;
	int			n = category_nlabels(coder);
	int			matches = 0;

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (category_under(coder, i, label))
		{
			member->condition->labels[i] = true;
			matches++;
		}
	}
	if (matches > 0)
		conditions_add_label_codes(coder, label, &member->condition->codes);
	return matches;
}

/* Allow a category, or all that are under a label of its hierarchy. */
static void
allow_category(const Member *member)
{
	const ColumnModel *column = member->column;
	const char **names;
	const char *nearest;
	int			n = category_nlabels(column->category);

	if (member->condition->labels == NULL)
		member->condition->labels = palloc0(Max(n, 1) * sizeof(bool));
	if (allow_labels(member, member->text) > 0)
		return;
	/* the label is what the output function writes: "true" of a boolean is "t" */
	if (column->type.type != TEXTOID && column->type.type != VARCHAROID)
	{
		ErrorContextCallback callback = {error_context_stack, member_error_context, unconstify(Member *, member)};
		Oid			function;
		Oid			parameter;
		bool		varlena;
		Datum		value;

		error_context_stack = &callback;
		getTypeInputInfo(column->type.type, &function, &parameter);
		value = OidInputFunctionCall(function, unconstify(char *, member->text), parameter,
									 column->type.typmod);
		getTypeOutputInfo(column->type.type, &function, &varlena);
		error_context_stack = callback.previous;
		if (allow_labels(member, OidOutputFunctionCall(function, value)) > 0)
			return;
	}
	names = palloc(Max(n, 1) * sizeof(char *));
	for (int i = 0; i < n; i++)
		names[i] = category_label(column->category, i);
	nearest = nearest_name(member->text, n, names);
	refuse(member, "It is not in the data, or fewer persons than min_leaf have it.",
		   nearest != NULL ? psprintf("Perhaps you meant \"%s\".", nearest) : NULL);
}

/* ---- JSON ---- */

/* The text of a scalar that is given for a column. */
static char *
scalar_text(const char *column, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvNull:
			return NULL;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("what is given for column \"%s\" must be a value, null, a range or an array of them", column),
					 errhint("For example: {\"site\": \"C50\", \"year\": \"[2018,2022)\", \"sex\": [\"F\", \"M\"]}.")));
	}
}

/* Allow NULL. */
static void
allow_null(const Member *member)
{
	const ColumnModel *column = member->column;
	const Variable *variable = column->nvariables > 0 ?
		&member->conditions->model->columns->variables[column->first] : NULL;

	/* a computed column is NULL where what it is computed from is */
	if (column->kind != COLUMN_EMPTY && column->kind != COLUMN_FORMULA &&
		(variable == NULL || variable->missing < 0 || variable->missing == variable->rare))
		refuse(member, "The column is never NULL in the data, or for fewer persons than min_leaf.", NULL);
	member->condition->null = true;
}

/* Allow a scalar of a column that is drawn. */
static void
allow_scalar(Member *member, const JsonbValue *value)
{
	char	   *text = scalar_text(member->column->name, value);

	member->text = text != NULL ? text : "NULL";
	CHECK_FOR_INTERRUPTS();
	if (text == NULL)
		allow_null(member);
	else if (member->column->kind == COLUMN_EMPTY)
		refuse(member, "The column is always NULL.", NULL);
	else if (member->column->kind == COLUMN_KEY)
		refuse(member, "The column is a key: rows are numbered.", NULL);
	else if (member->column->type.kind == RAW_CATEGORY)
		allow_category(member);
	else
		allow_number(member);
}

/* Keep the one value that is given for a column that the model keeps. */
static void
keep_scalar(Member *member, const JsonbValue *value)
{
	const RawType *type = &member->column->type;
	char	   *text = scalar_text(member->column->name, value);
	ErrorContextCallback callback = {error_context_stack, member_error_context, member};
	Oid			input;
	Oid			parameter;

	member->text = text != NULL ? text : "NULL";
	error_context_stack = &callback;
	getTypeInputInfo(type->declared, &input, &parameter);
	member->condition->isnull = text == NULL;
	member->condition->value = OidInputFunctionCall(input, text, parameter, type->typmod);
	error_context_stack = callback.previous;
}

/* Read what is given for a column. */
static void
read_member(Conditions *conditions, int column, JsonbValue *value)
{
	Member		member = {conditions};
	JsonbIterator *it;
	JsonbValue	element;
	JsonbIteratorToken token;

	member.column = &conditions->model->columns->columns[column];
	member.condition = &conditions->columns[column];
	member.condition->given = true;
	if (member.column->kept)
	{
		keep_scalar(&member, value);
		return;
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		allow_scalar(&member, value);
		return;
	}
	if (JsonContainerSize(value->val.binary.data) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the array given for column \"%s\" is empty", member.column->name),
				 errhint("Give a value, or leave the column out.")));
	it = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &element, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			allow_scalar(&member, &element);
}

/* The column of this name. */
static int
find_column(const Conditions *conditions, const char *name)
{
	const ColumnSet *set = conditions->model->columns;
	const char **names = palloc(Max(set->ncolumns, 1) * sizeof(char *));
	const char *nearest;

	for (int i = 0; i < set->ncolumns; i++)
	{
		if (strcmp(set->columns[i].name, name) == 0)
			return i;
		names[i] = set->columns[i].name;
	}
	nearest = nearest_name(name, set->ncolumns, names);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("model \"%s\" has no column \"%s\"", conditions->name, name),
			 nearest != NULL ? errhint("Perhaps you meant the column \"%s\".", nearest) : 0));
}

/* ---- the whole ---- */

/* Every column that the model keeps must be given. */
static void
check_kept(const Conditions *conditions)
{
	const ColumnSet *set = conditions->model->columns;

	for (int i = 0; i < set->ncolumns; i++)
		if (set->columns[i].kept && !conditions->columns[i].given)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model \"%s\" keeps column \"%s\", which is not given", conditions->name,
							set->columns[i].name),
					 errdetail("The other columns are drawn given the values of the columns that are kept."),
					 errhint("Give it a value, or use kiaim.complete to complete real rows.")));
}

/* See conditions.h. */
Conditions *
conditions_read(const Model *model, const char *name, const Jsonb *given)
{
	Conditions *conditions = palloc0(sizeof(Conditions));
	const ColumnSet *set = model->columns;

	conditions->model = model;
	conditions->name = name;
	conditions->columns = palloc0(Max(set->ncolumns, 1) * sizeof(Condition));
	conditions->codes = palloc0(Max(set->nvariables, 1) * sizeof(CodeSet *));
	if (given != NULL)
	{
		JsonbContainer *root = &unconstify(Jsonb *, given)->root;
		JsonbIterator *it;
		JsonbValue	value;
		JsonbIteratorToken token;
		int			column = -1;

		if (!JsonContainerIsObject(root))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("what is given must be a JSON object of columns and values"),
					 errhint("For example: {\"site\": \"C50\", \"year\": \"[2018,2022)\"}.")));
		it = JsonbIteratorInit(root);
		while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
		{
			if (token == WJB_KEY)
				column = find_column(conditions, pnstrdup(value.val.string.val, value.val.string.len));
			else if (token == WJB_VALUE)
				read_member(conditions, column, &value);
		}
	}
	check_kept(conditions);
	for (int i = 0; i < set->ncolumns; i++)
		if (conditions_given(conditions, i) && !conditions_restrict(conditions, i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model \"%s\" makes no rows whose column \"%s\" is as given", name,
							set->columns[i].name),
					 errdetail("It is computed from another column, which makes no such values or is given otherwise.")));
	return conditions;
}

/* See conditions.h. */
CodeSet   **
conditions_codes(const Conditions *conditions)
{
	return conditions->any ? conditions->codes : NULL;
}

/* See conditions.h. */
bool
conditions_given(const Conditions *conditions, int column)
{
	return conditions->columns[column].given && !conditions->model->columns->columns[column].kept;
}

/* See conditions_internal.h. */
bool
condition_allows(const Condition *condition, int64 raw)
{
	if (raw == RAW_NULL)
		return condition->null;
	if (condition->labels != NULL)
		return condition->labels[raw];
	for (int i = 0; i < condition->nranges; i++)
		if (raw >= condition->ranges[i].lowest && raw <= condition->ranges[i].highest)
			return true;
	return false;
}

/* See conditions.h. */
bool
conditions_hold(const Conditions *conditions, int column, int64 raw)
{
	return condition_allows(&conditions->columns[column], raw);
}

/* See conditions.h. */
Datum
conditions_kept(const Conditions *conditions, int column, bool *isnull)
{
	*isnull = conditions->columns[column].isnull;
	return conditions->columns[column].value;
}
