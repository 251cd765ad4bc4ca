/*-------------------------------------------------------------------------
 *
 * options.c
 *		The options of kiaim.fit.
 *
 * Every value knows its path, so that an error names the option to change.
 * Whether columns exist and hierarchies are any is for those who read them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "compat.h"
#include "kiaim.h"
#include "synthesize/synthesize.h"

#define DEFAULT_MIN_LEAF	10
#define LEAST_MIN_LEAF		5	/* without "small_leaves" */
#define MAX_MIN_LEAF		1000000
#define MAX_TREES			1000
#define LEAST_MIN_GAIN		0.1
#define MAX_MIN_GAIN		1000

/* The member of "columns" that stands for all columns that are not named. */
#define OTHERS				"*"

/* No message shows more bytes of a key or value than this. */
#define SHOWN_BYTES			100

/* A value and where it stands: "columns.icd10.as". */
typedef struct Option
{
	char	   *key;
	char	   *path;
	JsonbValue	value;
} Option;

static const char *const OPTION_NAMES[] = {
	"method", "person", "min_leaf", "small_leaves", "min_gain", "trees", "rows", "seed",
	"columns", "keep", "order", "constraints"
};

static const char *const COLUMN_OPTION_NAMES[] = {"hierarchy", "as", "extremes", "formula", "keep"};

static const char *const METHOD_NAMES[] = {"auto", "sequential", "forest", "marginals"};

static const char *const AS_NAMES[] = {"number", "category"};

/* A string as messages show it: of bearable length. */
static char *
shown(const char *string)
{
	int			length = strlen(string);

	if (length <= SHOWN_BYTES)
		return pstrdup(string);
	return psprintf("%.*s...", pg_mbcliplen(string, length, SHOWN_BYTES), string);
}

/* Is the value a container of this kind? */
static bool
is_container(const Option *option, bool object)
{
	return option->value.type == jbvBinary &&
		JsonContainerIsObject(option->value.val.binary.data) == object;
}

/* A value for a message, with what it is. */
static char *
described(const Option *option)
{
	JsonbValue	value = option->value;

	switch (value.type)
	{
		case jbvNull:
			return "null";
		case jbvBool:
			return value.val.boolean ? "true" : "false";
		case jbvString:
			return psprintf("the string \"%s\"",
							shown(pnstrdup(value.val.string.val, value.val.string.len)));
		case jbvNumeric:
			return psprintf("the number %s", shown(numeric_normalize(value.val.numeric)));
		default:
			return is_container(option, true) ? "an object" : "an array";
	}
}

/* Error for a value that an option cannot have. */
pg_noreturn static void
refuse(const Option *option, const char *must_be, const char *hint)
{
	if (*option->path == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be %s, not %s", must_be, described(option))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option %s must be %s, not %s", option->path, must_be, described(option)),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/* The names joined by commas. */
static char *
name_list(int n, const char *const *names)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s\"%s\"", i > 0 ? ", " : "", names[i]);
	return list.data;
}

/* The hint for a name that is none: the nearest, or all. */
static char *
name_hint(const char *wrong, int n, const char *const *names)
{
	const char *nearest = nearest_name(wrong, n, names);

	return nearest != NULL ? psprintf("Perhaps you meant \"%s\".", nearest) :
		psprintf("Known here: %s.", name_list(n, names));
}

/* The position of a name, or -1. */
static int
find_name(const char *wanted, int n, const char *const *names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], wanted) == 0)
			return i;
	return -1;
}

/* The options as an option without a path. */
static Option
root_option(Jsonb *options)
{
	Option		root = {"", ""};

	if (JB_ROOT_IS_SCALAR(options))
		JsonbExtractScalar(&options->root, &root.value);
	else
	{
		root.value.type = jbvBinary;
		root.value.val.binary.data = &options->root;
		root.value.val.binary.len = VARSIZE_ANY_EXHDR(options);
	}
	return root;
}

/* The members of an object, in the order of jsonb. */
static int
object_members(const Option *object, Option **members)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	if (!is_container(object, true))
		refuse(object, "an object", NULL);
	*members = palloc0(sizeof(Option) *
					   Max(JsonContainerSize(object->value.val.binary.data), 1));
	it = JsonbIteratorInit(object->value.val.binary.data);
	(void) JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		Option	   *member = &(*members)[n];

		if (token == WJB_KEY)
		{
			member->key = pnstrdup(value.val.string.val, value.val.string.len);
			member->path = psprintf("%s%s%s", object->path, *object->path ? "." : "",
									shown(member->key));
		}
		else if (token == WJB_VALUE)
		{
			member->value = value;
			n++;
		}
	}
	return n;
}

/* The same, where only these names may be. */
static int
known_members(const Option *object, int nnames, const char *const *names, Option **members)
{
	int			n = object_members(object, members);

	for (int i = 0; i < n; i++)
		if (find_name((*members)[i].key, nnames, names) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown option %s", (*members)[i].path),
					 errhint("%s", name_hint((*members)[i].key, nnames, names))));
	return n;
}

/* A string that is not empty. */
static char *
string_of(const Option *option, const char *must_be)
{
	if (option->value.type != jbvString || option->value.val.string.len == 0)
		refuse(option, must_be, NULL);
	return pnstrdup(option->value.val.string.val, option->value.val.string.len);
}

static bool
boolean_of(const Option *option)
{
	if (option->value.type != jbvBool)
		refuse(option, "true or false", NULL);
	return option->value.val.boolean;
}

/* An integer of least .. most; else must_be is said. */
static int64
integer_of(const Option *option, int64 least, int64 most, const char *must_be)
{
	if (option->value.type == jbvNumeric)
	{
		Datum		number = NumericGetDatum(option->value.val.numeric);

		/* compared as numeric: 2.00000000000000000001 is no integer */
		if (DatumGetBool(DirectFunctionCall2(numeric_eq, number,
											 DirectFunctionCall1(numeric_floor, number))) &&
			DatumGetBool(DirectFunctionCall2(numeric_ge, number,
											 NumericGetDatum(int64_to_numeric(least)))) &&
			DatumGetBool(DirectFunctionCall2(numeric_le, number,
											 NumericGetDatum(int64_to_numeric(most)))))
			return DatumGetInt64(DirectFunctionCall1(numeric_int8, number));
	}
	refuse(option, must_be, NULL);
}

/* A number from least to most. */
static double
number_of(const Option *option, double least, double most, const char *must_be)
{
	if (option->value.type == jbvNumeric)
	{
		/* a numeric that is no double becomes infinite, and is refused as well */
		double		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
																NumericGetDatum(option->value.val.numeric)));

		if (number >= least && number <= most)
			return number;
	}
	refuse(option, must_be, NULL);
}

/* One of some words: its position. */
static int
choice_of(const Option *option, int n, const char *const *words)
{
	char	   *word;
	int			at;

	if (option->value.type != jbvString)
		refuse(option, psprintf("one of %s", name_list(n, words)), NULL);
	word = pnstrdup(option->value.val.string.val, option->value.val.string.len);
	at = find_name(word, n, words);
	if (at < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option %s cannot be \"%s\"", option->path, shown(word)),
				 errhint("%s", name_hint(word, n, words))));
	return at;
}

/* An array of strings. */
static int
strings_of(const Option *option, const char *must_be, char ***strings)
{
	JsonbContainer *array;
	int			n;

	if (!is_container(option, false))
		refuse(option, must_be, NULL);
	array = option->value.val.binary.data;
	n = JsonContainerSize(array);
	*strings = palloc(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		Option		element = {""};

		element.path = psprintf("%s[%d]", option->path, i);
		element.value = *getIthJsonbValueFromContainer(array, i);
		(*strings)[i] = string_of(&element, "a string that is not empty");
	}
	return n;
}

/* An array of column names, each once. */
static int
names_of(const Option *option, char ***names)
{
	int			n = strings_of(option, "an array of column names", names);

	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			if (strcmp((*names)[i], (*names)[j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("option %s names column \"%s\" twice", option->path,
								shown((*names)[i]))));
	return n;
}

/* What is said of one column. */
static void
read_column(const Option *option, ColumnOptions *column)
{
	Option	   *members;
	int			n = known_members(option, lengthof(COLUMN_OPTION_NAMES), COLUMN_OPTION_NAMES,
								  &members);

	column->name = option->key;
	for (int i = 0; i < n; i++)
	{
		const Option *member = &members[i];

		if (strcmp(member->key, "hierarchy") == 0)
			column->hierarchy = is_container(member, true) ?
				JsonbToCString(NULL, member->value.val.binary.data, member->value.val.binary.len) :
				string_of(member, "a hierarchy: a definition, a name, or a tree");
		else if (strcmp(member->key, "as") == 0)
			column->as = pstrdup(AS_NAMES[choice_of(member, lengthof(AS_NAMES), AS_NAMES)]);
		else if (strcmp(member->key, "extremes") == 0)
			column->extremes = boolean_of(member);
		else if (strcmp(member->key, "formula") == 0)
			column->no_formula = !boolean_of(member);
		else
			column->keep = boolean_of(member);
	}
	if (column->hierarchy != NULL && column->as != NULL && strcmp(column->as, "number") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" cannot be a number and have a hierarchy", shown(column->name)),
				 errhint("Leave out one of %s.as and %s.hierarchy.", option->path, option->path)));
	/* labels have places in a hierarchy, whatever their type */
	if (column->hierarchy != NULL)
		column->as = pstrdup("category");
}

/* Error for no columns at all. */
pg_noreturn static void
refuse_no_column(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option columns names no column"),
			 errhint("Leave it out to learn all columns.")));
}

/* Error for a column that another option names, but not "columns". */
pg_noreturn static void
refuse_unlisted(const Option *option, const char *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option %s names column \"%s\", which option columns does not name",
					option->path, shown(column)),
			 errhint("Only columns that are learned can be kept or ordered.")));
}

/* An object of columns; all others are learned too if it has the member "*". */
static void
read_column_object(const Option *object, FitOptions *options)
{
	Option	   *members;
	int			n = object_members(object, &members);
	bool		others = false;

	options->said = palloc0(sizeof(ColumnOptions) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		Option	   *unused;

		if (strcmp(members[i].key, OTHERS) != 0)
			read_column(&members[i], &options->said[options->nsaid++]);
		else if (is_container(&members[i], true) && object_members(&members[i], &unused) == 0)
			others = true;
		else
			refuse(&members[i], "an empty object",
				   "It stands for all columns that are not named.");
	}
	if (!others)
	{
		options->ncolumns = options->nsaid;
		options->columns = options->said;
	}
	if (n == 0)
		refuse_no_column();
}

/* An array of columns. */
static void
read_column_array(const Option *array, FitOptions *options)
{
	char	  **names;

	options->ncolumns = names_of(array, &names);
	if (options->ncolumns == 0)
		refuse_no_column();
	options->columns = palloc0(sizeof(ColumnOptions) * options->ncolumns);
	for (int i = 0; i < options->ncolumns; i++)
		options->columns[i].name = names[i];
	options->nsaid = options->ncolumns;
	options->said = options->columns;
}

/* The option "columns": the columns to be learned, or what is said of them. */
static void
read_columns(const Option *option, FitOptions *options)
{
	if (is_container(option, true))
		read_column_object(option, options);
	else if (is_container(option, false))
		read_column_array(option, options);
	else
		refuse(option, "an array of column names or an object of columns", NULL);
}

/* The option "keep": columns that are given at sampling. */
static void
read_keep(const Option *option, FitOptions *options)
{
	char	  **names;
	int			n = names_of(option, &names);
	ColumnOptions *said = palloc0(sizeof(ColumnOptions) * (options->nsaid + n + 1));

	if (options->nsaid > 0)
		memcpy(said, options->said, sizeof(ColumnOptions) * options->nsaid);
	options->said = said;
	for (int i = 0; i < n; i++)
	{
		ColumnOptions *column = (ColumnOptions *) fit_options_column(options, names[i]);

		if (column == NULL)
		{
			if (options->ncolumns > 0)
				refuse_unlisted(option, names[i]);
			column = &said[options->nsaid++];
			column->name = names[i];
		}
		column->keep = true;
	}
	if (options->ncolumns > 0)
		options->columns = said;
}

/* The option "order": columns to be made first. */
static void
read_order(const Option *option, FitOptions *options)
{
	options->norder = names_of(option, &options->order);
	for (int i = 0; i < options->norder && options->ncolumns > 0; i++)
		if (fit_options_column(options, options->order[i]) == NULL)
			refuse_unlisted(option, options->order[i]);
}

/* See synthesize.h. */
const ColumnOptions *
fit_options_column(const FitOptions *options, const char *name)
{
	for (int i = 0; i < options->nsaid; i++)
		if (strcmp(options->said[i].name, name) == 0)
			return &options->said[i];
	return NULL;
}

/* The member of a name, or NULL. */
static const Option *
find_member(int n, const Option *members, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(members[i].key, name) == 0)
			return &members[i];
	return NULL;
}

/* Leaves below the least size need a word of their own. */
static void
read_min_leaf(const Option *min_leaf, const Option *small_leaves, FitOptions *options)
{
	bool		small = small_leaves != NULL && boolean_of(small_leaves);

	if (min_leaf != NULL)
		options->min_leaf = integer_of(min_leaf, 1, MAX_MIN_LEAF,
									   psprintf("an integer from 1 to %d", MAX_MIN_LEAF));
	if (options->min_leaf < LEAST_MIN_LEAF && !small)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option min_leaf is %d, below %d", options->min_leaf, LEAST_MIN_LEAF),
				 errdetail("A model would hold counts of groups of %d persons.", options->min_leaf),
				 errhint("Say \"small_leaves\": true if that is what you want.")));
}

/* See synthesize.h. */
FitOptions *
fit_options_read(Jsonb *json)
{
	FitOptions *options = palloc0(sizeof(FitOptions));
	Option		root = root_option(json);
	Option	   *members;
	int			n = known_members(&root, lengthof(OPTION_NAMES), OPTION_NAMES, &members);
	const Option *member;

	options->method = FIT_AUTO;
	options->min_leaf = DEFAULT_MIN_LEAF;
	if ((member = find_member(n, members, "method")) != NULL)
		options->method = (FitMethod) choice_of(member, lengthof(METHOD_NAMES), METHOD_NAMES);
	if ((member = find_member(n, members, "person")) != NULL)
		options->person = string_of(member, "the name of a column");
	read_min_leaf(find_member(n, members, "min_leaf"), find_member(n, members, "small_leaves"),
				  options);
	if ((member = find_member(n, members, "min_gain")) != NULL)
		options->min_gain = number_of(member, LEAST_MIN_GAIN, MAX_MIN_GAIN,
									  psprintf("a number of bits from %g to %d", LEAST_MIN_GAIN, MAX_MIN_GAIN));
	if ((member = find_member(n, members, "trees")) != NULL)
		options->trees = integer_of(member, 1, MAX_TREES,
									psprintf("an integer from 1 to %d", MAX_TREES));
	if ((member = find_member(n, members, "rows")) != NULL)
		options->rows = integer_of(member, 1, PG_INT64_MAX, "a positive number of rows");
	if ((member = find_member(n, members, "seed")) != NULL)
	{
		options->has_seed = true;
		options->seed = (uint64) integer_of(member, PG_INT64_MIN, PG_INT64_MAX,
											"an integer of 64 bits");
	}
	if ((member = find_member(n, members, "columns")) != NULL)
		read_columns(member, options);
	if ((member = find_member(n, members, "keep")) != NULL)
		read_keep(member, options);
	if ((member = find_member(n, members, "order")) != NULL)
		read_order(member, options);
	if ((member = find_member(n, members, "constraints")) != NULL)
		options->nconstraints = strings_of(member, "an array of SQL conditions",
										   &options->constraints);
	return options;
}
