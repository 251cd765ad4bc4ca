/*-------------------------------------------------------------------------
 *
 * policy_json.c
 *		The members of a policy as JSON: reading values of the right type, and
 *		the errors where they are not.
 *
 * Every value knows its path, so that each error can name the member that has
 * to be changed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "compat.h"
#include "anonymize/policy_internal.h"
#include "kiaim.h"

/* No message shows more bytes of a key or value than this. */
#define SHOWN_BYTES	100

/* A string as messages show it: of bearable length. */
static char *
shown(const char *string)
{
	int			length = strlen(string);
	int			clipped;

	if (length <= SHOWN_BYTES)
		return pstrdup(string);
	clipped = pg_mbcliplen(string, length, SHOWN_BYTES);
	return psprintf("%.*s...", clipped, string);
}

/* The path of a member under another; a key that could be misread is quoted. */
static char *
path_under(const char *parent, const char *key)
{
	bool		plain = (*key != '\0');

	for (const char *c = key; *c && plain; c++)
		plain = IS_HIGHBIT_SET(*c) || *c == '_' || (*c >= '0' && *c <= '9') ||
			(*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
	return psprintf(plain ? "%s%s%s" : "%s%s\"%s\"",
					parent, *parent ? "." : "", shown(key));
}

/* A JSON value for a message, with what it is: "an array", "the number -1". */
static char *
described(const PolicyMember *member)
{
	JsonbValue	value = member->value;

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
			return policy_is_object(member) ? "an object" : "an array";
	}
}

/* Error for a value of the wrong JSON type. */
pg_noreturn static void
wrong_type(const PolicyMember *member, const char *must_be)
{
	if (*member->path == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a policy must be %s, not %s", must_be, described(member))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("policy member %s must be %s, not %s",
					member->path, must_be, described(member))));
}

/* See policy_internal.h. */
void
policy_refuse_number(const PolicyMember *member, const char *must_be)
{
	wrong_type(member, must_be);
}

/* The words joined by commas; only those that work, if asked for. */
static char *
word_list(int nwords, const PolicyWord *words, bool working)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < nwords; i++)
	{
		if (working && !words[i].works)
			continue;
		appendStringInfo(&list, "%s\"%s\"", list.len > 0 ? ", " : "", words[i].word);
	}
	return list.data;
}

/* The index of a word, or -1. */
static int
find_word(const char *wanted, int nwords, const PolicyWord *words)
{
	for (int i = 0; i < nwords; i++)
		if (strcmp(words[i].word, wanted) == 0)
			return i;
	return -1;
}

/* The hint for a word that is none: the nearest, or all that work. */
static char *
word_hint(const char *wrong, int nwords, const PolicyWord *words)
{
	const char **names = palloc(sizeof(char *) * nwords);
	const char *nearest;

	for (int i = 0; i < nwords; i++)
		names[i] = words[i].word;
	nearest = nearest_name(wrong, nwords, names);
	if (nearest != NULL)
		return psprintf("Perhaps you meant \"%s\".", nearest);
	return psprintf("Known here: %s.", word_list(nwords, words, true));
}

/* See policy_internal.h. */
PolicyMember *
policy_root(Jsonb *policy)
{
	PolicyMember *root = palloc0(sizeof(PolicyMember));

	root->key = "";
	root->path = "";
	if (JB_ROOT_IS_SCALAR(policy))
		JsonbExtractScalar(&policy->root, &root->value);
	else
	{
		root->value.type = jbvBinary;
		root->value.val.binary.data = &policy->root;
		root->value.val.binary.len = VARSIZE_ANY_EXHDR(policy);
	}
	return root;
}

/* See policy_internal.h. */
bool
policy_is_object(const PolicyMember *member)
{
	return member->value.type == jbvBinary &&
		JsonContainerIsObject(member->value.val.binary.data);
}

/* See policy_internal.h. */
int
policy_members(const PolicyMember *object, PolicyMember **members)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	if (!policy_is_object(object))
		wrong_type(object, "an object");
	*members = palloc(sizeof(PolicyMember) *
					  Max(JsonContainerSize(object->value.val.binary.data), 1));
	it = JsonbIteratorInit(object->value.val.binary.data);
	(void) JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		PolicyMember *member = &(*members)[n];

		if (token == WJB_KEY)
		{
			member->key = pnstrdup(value.val.string.val, value.val.string.len);
			member->path = path_under(object->path, member->key);
		}
		else if (token == WJB_VALUE)
		{
			member->value = value;
			n++;
		}
	}
	return n;
}

/* See policy_internal.h. */
int
policy_known_members(const PolicyMember *object, int nwords, const PolicyWord *words,
					 PolicyMember **members)
{
	int			n = policy_members(object, members);

	for (int i = 0; i < n; i++)
	{
		int			at = find_word((*members)[i].key, nwords, words);

		if (at < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown policy member %s", (*members)[i].path),
					 errhint("%s", word_hint((*members)[i].key, nwords, words))));
		if (words[at].of_column)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown policy member %s", (*members)[i].path),
					 errhint("It belongs to a column, as in \"sensitive\": {\"icd10\": {\"%s\": ...}}.",
							 words[at].word)));
		if (!words[at].works)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("policy member %s is not supported by this version of kiaim",
							(*members)[i].path),
					 errhint("Supported here: %s.", word_list(nwords, words, true))));
	}
	return n;
}

/* See policy_internal.h. */
PolicyMember *
policy_find(int n, PolicyMember *members, const char *key)
{
	for (int i = 0; i < n; i++)
		if (strcmp(members[i].key, key) == 0)
			return &members[i];
	return NULL;
}

/* See policy_internal.h. */
char *
policy_string(const PolicyMember *member)
{
	if (member->value.type != jbvString)
		wrong_type(member, "a string");
	return pnstrdup(member->value.val.string.val, member->value.val.string.len);
}

/* See policy_internal.h. */
double
policy_number(const PolicyMember *member)
{
	if (member->value.type != jbvNumeric)
		wrong_type(member, "a number");
	/* beyond the range of float8 this is infinity, which the limits refuse */
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(member->value.val.numeric)));
}

/* See policy_internal.h. */
int
policy_integer(const PolicyMember *member, int min, int max, const char *detail)
{
	double		number = 0;
	bool		integral = false;

	if (member->value.type == jbvNumeric)
	{
		Datum		numeric = NumericGetDatum(member->value.val.numeric);

		/* compared as numeric: 2.00000000000000000001 is no integer */
		integral = DatumGetBool(DirectFunctionCall2(numeric_eq, numeric,
													DirectFunctionCall1(numeric_floor, numeric)));
		number = policy_number(member);
	}
	if (!integral || number < min || number > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s must be an integer from %d to %d, not %s",
						member->path, min, max, described(member)),
				 detail ? errdetail("%s", detail) : 0));
	return (int) number;
}

/* See policy_internal.h. */
int64
policy_bigint(const PolicyMember *member)
{
	if (member->value.type == jbvNumeric)
	{
		Datum		number = NumericGetDatum(member->value.val.numeric);
		Datum		least = NumericGetDatum(int64_to_numeric(PG_INT64_MIN));
		Datum		most = NumericGetDatum(int64_to_numeric(PG_INT64_MAX));

		if (DatumGetBool(DirectFunctionCall2(numeric_eq, number,
											 DirectFunctionCall1(numeric_floor, number))) &&
			DatumGetBool(DirectFunctionCall2(numeric_ge, number, least)) &&
			DatumGetBool(DirectFunctionCall2(numeric_le, number, most)))
			return DatumGetInt64(DirectFunctionCall1(numeric_int8, number));
	}
	wrong_type(member, "an integer of 64 bits");
}

/* See policy_internal.h. */
int
policy_choice(const PolicyMember *member, int nwords, const PolicyWord *words)
{
	char	   *value;
	int			at;

	if (member->value.type != jbvString)
		wrong_type(member, psprintf("one of %s", word_list(nwords, words, true)));
	value = policy_string(member);
	at = find_word(value, nwords, words);
	if (at < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s cannot be \"%s\"", member->path, shown(value)),
				 errhint("%s", word_hint(value, nwords, words))));
	if (!words[at].works)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("policy member %s cannot be \"%s\" in this version of kiaim",
						member->path, value),
				 errhint("Supported here: %s.", word_list(nwords, words, true))));
	return at;
}

/* See policy_internal.h. */
int
policy_strings(const PolicyMember *member, char ***strings)
{
	JsonbContainer *array;
	int			n;

	if (member->value.type != jbvBinary || policy_is_object(member))
		wrong_type(member, "an array of column names");
	array = member->value.val.binary.data;
	n = JsonContainerSize(array);
	*strings = palloc(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		PolicyMember element;

		element.key = "";
		element.path = psprintf("%s[%d]", member->path, i);
		element.value = *getIthJsonbValueFromContainer(array, i);
		(*strings)[i] = policy_string(&element);
	}
	return n;
}

/* See policy_internal.h. */
char *
policy_hierarchy_text(const PolicyMember *member)
{
	if (policy_is_object(member))
		return JsonbToCString(NULL, member->value.val.binary.data,
							  member->value.val.binary.len);
	if (member->value.type != jbvString)
		wrong_type(member, "a hierarchy: a definition, a name, or a tree");
	return policy_string(member);
}
