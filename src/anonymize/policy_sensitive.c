/*-------------------------------------------------------------------------
 *
 * policy_sensitive.c
 *		What a policy requires of the values of sensitive columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "anonymize/policy_internal.h"

static const PolicyWord sensitive_words[] = {
	{"l", true}, {"entropy_l", true}, {"estimator", true}, {"recursive", true}, {"t", true},
	{"distance", true}, {"hierarchy", true}, {"beta", true}, {"enhanced_beta", true},
	{"delta_disclosure", true}, {"alpha", true}, {"p_sensitive", true}
};

static const PolicyWord recursive_words[] = {{"c", true}, {"l", true}};

static const PolicyWord alpha_words[] = {{"share", true}, {"values", true}};

static const PolicyWord estimator_words[] = {{"shannon", true}, {"grassberger", true}};

/* The privacy models of the estimators, in the same order. */
static const char *const estimator_models[] = {"entropy_l", "grassberger"};

static const PolicyWord distance_words[] = {
	{"equal", true}, {"ordered", true}, {"hierarchical", true}
};

/* The privacy models of the distances, in the same order. */
static const char *const distance_models[] = {"t", "ordered_t", "hierarchical_t"};

/* Index of a distance among distance_words. */
#define DISTANCE_ORDERED		1
#define DISTANCE_HIERARCHICAL	2

/* Models with one number above 0, by the names of their members. */
static const char *const factor_models[] = {"beta", "enhanced_beta", "delta_disclosure"};

/* The value of a number that must be above a limit, and finite. */
static double
number_above(const PolicyMember *member, double limit, const char *must_be)
{
	double		number = policy_number(member);

	if (!(number > limit) || isinf(number))
		policy_refuse_number(member, must_be);
	return number;
}

/* Member recursive of a sensitive column. */
static void
parse_recursive(PolicyParser *parser, const PolicyMember *member, int sensitive)
{
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(recursive_words), recursive_words, &members);
	PolicyMember *c = policy_find(n, members, "c");
	PolicyMember *l = policy_find(n, members, "l");
	Requirement *requirement;
	int			values;

	if (c == NULL || l == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks %s", member->path, c == NULL ? "c" : "l"),
				 errhint("Recursive diversity needs both, as in \"recursive\": {\"c\": 4, \"l\": 3}.")));
	values = policy_integer(l, 1, INT_MAX, NULL);
	requirement = policy_add_requirement(parser, "recursive", psprintf("recursive (c,%d)", values),
								  sensitive, number_above(c, 0, "a finite number above 0"));
	requirement->l = values;
}

/* Members t, distance and hierarchy of a sensitive column. */
static void
parse_closeness(PolicyParser *parser, int n, PolicyMember *members, const PolicyMember *column,
				Oid type, int sensitive)
{
	PolicyMember *t = policy_find(n, members, "t");
	PolicyMember *distance = policy_find(n, members, "distance");
	PolicyMember *hierarchy = policy_find(n, members, "hierarchy");
	int			which = 0;
	double		wanted;

	if (t == NULL && (distance != NULL || hierarchy != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s means nothing without %s.t",
						distance != NULL ? distance->path : hierarchy->path, column->path)));
	if (t == NULL)
		return;
	wanted = policy_number(t);
	if (!(wanted > 0 && wanted <= 1))
		policy_refuse_number(t, "a number above 0 and at most 1");
	if (distance != NULL)
		which = policy_choice(distance, lengthof(distance_words), distance_words);

	if (which == DISTANCE_HIERARCHICAL && hierarchy == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a hierarchy for its hierarchical distance",
						column->path),
				 errhint("Name it in %s.hierarchy.", column->path)));
	if (which != DISTANCE_HIERARCHICAL && hierarchy != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s means nothing with the distance \"%s\"",
						hierarchy->path, distance_words[which].word),
				 errhint("It belongs to the distance \"hierarchical\".")));
	if (which == DISTANCE_ORDERED &&
		!OidIsValid(lookup_type_cache(type, TYPECACHE_CMP_PROC)->cmp_proc))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("policy member %s cannot be \"ordered\" for a column of type %s",
						distance->path, format_type_be(type)),
				 errdetail("The type has no order.")));
	if (hierarchy != NULL)
		parser->policy->sensitive[sensitive].hierarchy = policy_parse_hierarchy(hierarchy, type);
	policy_add_requirement(parser, distance_models[which],
					which == 0 ? t->key : psprintf("%s %s", distance_words[which].word, t->key),
					sensitive, wanted);
}

/* Members entropy_l and estimator of a sensitive column. */
static void
parse_entropy(PolicyParser *parser, int n, PolicyMember *members, const PolicyMember *column,
			  int sensitive)
{
	PolicyMember *l = policy_find(n, members, "entropy_l");
	PolicyMember *estimator = policy_find(n, members, "estimator");
	int			which = 0;
	double		wanted;

	if (l == NULL && estimator != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s means nothing without %s.entropy_l",
						estimator->path, column->path)));
	if (l == NULL)
		return;
	wanted = policy_number(l);
	if (!(wanted >= 1) || isinf(wanted))
		policy_refuse_number(l, "a finite number of at least 1");
	if (estimator != NULL)
		which = policy_choice(estimator, lengthof(estimator_words), estimator_words);
	policy_add_requirement(parser, estimator_models[which],
						   which == 0 ? l->key : psprintf("%s %s", estimator_words[which].word, l->key),
						   sensitive, wanted);
}

/* Error context: a named value that the type of its column complains about. */
static void
named_value_context(void *path)
{
	errcontext("policy member %s", (char *) path);
}

/* Values of a type by their texts, read as constants of the type are. */
static Datum *
read_values(const PolicyMember *member, Oid type, int n, char **texts)
{
	Datum	   *values = palloc(sizeof(Datum) * n);
	ErrorContextCallback context;
	Oid			input;
	Oid			parameter;

	getTypeInputInfo(type, &input, &parameter);
	context.callback = named_value_context;
	context.arg = member->path;
	context.previous = error_context_stack;
	error_context_stack = &context;
	for (int i = 0; i < n; i++)
		values[i] = OidInputFunctionCall(input, texts[i], parameter, -1);
	error_context_stack = context.previous;
	return values;
}

/* Member alpha of a sensitive column: a share, or one of named values. */
static void
parse_alpha(PolicyParser *parser, const PolicyMember *member, Oid type, int sensitive)
{
	PolicyMember *members;
	const PolicyMember *share = member;
	PolicyMember *values = NULL;
	Requirement *requirement;
	char	  **texts;
	double		wanted;
	int			n;

	if (policy_is_object(member))
	{
		n = policy_known_members(member, lengthof(alpha_words), alpha_words, &members);
		share = policy_find(n, members, "share");
		values = policy_find(n, members, "values");
		if (share == NULL || values == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s lacks %s", member->path,
							share == NULL ? "share" : "values"),
					 errhint("Name the values and the share of a class that each may have at most, as in \"alpha\": {\"share\": 0.5, \"values\": [\"C50\"]}; for a limit on all values, give the share alone.")));
	}
	wanted = policy_number(share);
	if (!(wanted > 0 && wanted <= 1))
		policy_refuse_number(share, "a share of a class, a number above 0 and at most 1");
	if (values == NULL)
	{
		policy_add_requirement(parser, "alpha", member->key, sensitive, wanted);
		return;
	}
	n = policy_strings(values, &texts);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s names no value", values->path),
				 errhint("For a limit on all values, give the share alone, as in \"alpha\": 0.5.")));
	if (!OidIsValid(lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("policy member %s cannot name values of type %s",
						values->path, format_type_be(type)),
				 errdetail("The type has no equality.")));
	requirement = policy_add_requirement(parser, "alpha_of", member->key, sensitive, wanted);
	requirement->nnames = n;
	requirement->names = read_values(values, type, n, texts);
}

/* One sensitive column. */
static void
parse_sensitive_column(PolicyParser *parser, PolicyMember *member, Oid type, int sensitive,
					   bool of_all)
{
	PolicyMember *members;
	PolicyMember *found;
	int			before = parser->policy->nrequirements;
	int			n = policy_known_members(member, lengthof(sensitive_words), sensitive_words, &members);

	parser->policy->sensitive[sensitive].column = member->key;
	if ((found = policy_find(n, members, "l")) != NULL)
		policy_add_requirement(parser, "l", found->key, sensitive, policy_integer(found, 1, INT_MAX, NULL));
	parse_entropy(parser, n, members, member, sensitive);
	if ((found = policy_find(n, members, "recursive")) != NULL)
		parse_recursive(parser, found, sensitive);
	parse_closeness(parser, n, members, member, type, sensitive);
	for (int i = 0; i < lengthof(factor_models); i++)
		if ((found = policy_find(n, members, factor_models[i])) != NULL)
			policy_add_requirement(parser, factor_models[i], found->key, sensitive,
								   number_above(found, 0, "a finite number above 0"));
	if ((found = policy_find(n, members, "alpha")) != NULL)
		parse_alpha(parser, found, type, sensitive);
	if ((found = policy_find(n, members, "p_sensitive")) != NULL)
		policy_add_requirement(parser, "p_sensitive", found->key, sensitive,
							   policy_integer(found, 1, INT_MAX, NULL));

	/* what the policy requires of all sensitive columns together is enough */
	if (parser->policy->nrequirements == before && !of_all)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s requires nothing", member->path),
				 errhint("Say what must hold, as in {\"l\": 3} or {\"t\": 0.3}; a column that is released as it is belongs in \"keep\".")));
}

/* See policy_internal.h. */
void
policy_parse_sensitive(PolicyParser *parser, const PolicyMember *member)
{
	Policy	   *policy = parser->policy;
	PlacedMember *placed = NULL;
	bool		of_all = false;

	policy->nsensitive = member == NULL ? 0 : policy_place_columns(parser, member, &placed);
	policy->sensitive = palloc0(sizeof(PolicySensitive) * Max(policy->nsensitive, 1));
	for (int i = 0; i < policy->nrequirements; i++)
		if (policy->requirements[i].model->needs_tuples)
		{
			if (policy->nsensitive < 2)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("policy member %s needs at least two sensitive columns",
								policy->requirements[i].label),
						 errhint("Name them in \"sensitive\"; one that nothing else is required of has an empty object, as in {\"icd10\": {}}. For one column, require \"l\" of it.")));
			policy->requirements[i].ncolumns = policy->nsensitive;
			of_all = true;
		}
	for (int i = 0; i < policy->nsensitive; i++)
	{
		policy_check_as_it_is(parser->columns, placed[i].position, member->key);
		parse_sensitive_column(parser, placed[i].member,
							   policy_column_type(parser->columns, placed[i].position), i, of_all);
	}
}
