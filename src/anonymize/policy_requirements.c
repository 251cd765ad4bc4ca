/*-------------------------------------------------------------------------
 *
 * policy_requirements.c
 *		What a policy requires of the released table: of its classes, and of
 *		the sensitive columns in them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "utils/builtins.h"
#include "utils/typcache.h"

#include "anonymize/policy_internal.h"

static const PolicyWord sensitive_words[] = {
	{"l", true}, {"entropy_l", true}, {"recursive", true}, {"t", true}, {"distance", true},
	{"hierarchy", true},
	{"beta", false}, {"enhanced_beta", false}, {"delta_disclosure", false}
};

static const PolicyWord recursive_words[] = {{"c", true}, {"l", true}};

static const PolicyWord distance_words[] = {
	{"equal", true}, {"ordered", true}, {"hierarchical", true}
};

/* The privacy models of the distances, in the same order. */
static const char *const distance_models[] = {"t", "ordered_t", "hierarchical_t"};

/* Index of a distance among distance_words. */
#define DISTANCE_ORDERED		1
#define DISTANCE_HIERARCHICAL	2

/* The value of a number that must be above a limit, and finite. */
static double
number_above(const PolicyMember *member, double limit, const char *must_be)
{
	double		number = policy_number(member);

	if (!(number > limit) || isinf(number))
		policy_refuse_number(member, must_be);
	return number;
}

/*
 * Add a requirement; sensitive is the index of its column, or -1.  The label
 * is what kiaim.check shows: "k", "l of icd10".
 */
static Requirement *
add_requirement(PolicyParser *parser, const char *model, const char *name, int sensitive,
				double wanted)
{
	Policy	   *policy = parser->policy;
	Requirement *requirement;

	if (parser->max_requirements == 0)
	{
		parser->max_requirements = 8;
		policy->requirements = palloc(sizeof(Requirement) * parser->max_requirements);
	}
	else if (policy->nrequirements == parser->max_requirements)
	{
		parser->max_requirements *= 2;
		policy->requirements = repalloc(policy->requirements,
										sizeof(Requirement) * parser->max_requirements);
	}
	requirement = &policy->requirements[policy->nrequirements++];
	memset(requirement, 0, sizeof(Requirement));
	requirement->model = privacy_model(model);
	if (requirement->model == NULL)
		elog(ERROR, "no privacy model \"%s\"", model);
	requirement->label = sensitive < 0 ? name :
		psprintf("%s of %s", name, policy->sensitive[sensitive].column);
	requirement->wanted = wanted;
	requirement->sensitive = sensitive;
	return requirement;
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
	requirement = add_requirement(parser, "recursive", psprintf("recursive (c,%d)", values),
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
	add_requirement(parser, distance_models[which],
					which == 0 ? t->key : psprintf("%s %s", distance_words[which].word, t->key),
					sensitive, wanted);
}

/* One sensitive column. */
static void
parse_sensitive_column(PolicyParser *parser, PolicyMember *member, Oid type, int sensitive)
{
	PolicyMember *members;
	PolicyMember *found;
	int			before = parser->policy->nrequirements;
	int			n = policy_known_members(member, lengthof(sensitive_words), sensitive_words, &members);

	parser->policy->sensitive[sensitive].column = member->key;
	if ((found = policy_find(n, members, "l")) != NULL)
		add_requirement(parser, "l", found->key, sensitive, policy_integer(found, 1, INT_MAX, NULL));
	if ((found = policy_find(n, members, "entropy_l")) != NULL)
	{
		double		wanted = policy_number(found);

		if (!(wanted >= 1) || isinf(wanted))
			policy_refuse_number(found, "a finite number of at least 1");
		add_requirement(parser, "entropy_l", found->key, sensitive, wanted);
	}
	if ((found = policy_find(n, members, "recursive")) != NULL)
		parse_recursive(parser, found, sensitive);
	parse_closeness(parser, n, members, member, type, sensitive);
	if (parser->policy->nrequirements == before)
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
	PlacedMember *placed;

	policy->nsensitive = policy_place_columns(parser, member, &placed);
	policy->sensitive = palloc0(sizeof(PolicySensitive) * Max(policy->nsensitive, 1));
	for (int i = 0; i < policy->nsensitive; i++)
	{
		policy_check_as_it_is(parser->columns, placed[i].position, member->key);
		parse_sensitive_column(parser, placed[i].member,
							   policy_column_type(parser->columns, placed[i].position), i);
	}
}

/* See policy_internal.h. */
void
policy_parse_requirements(PolicyParser *parser, int n, PolicyMember *members)
{
	PolicyMember *found;

	if ((found = policy_find(n, members, "k")) != NULL)
		add_requirement(parser, "k", found->key, -1, policy_integer(found, 1, INT_MAX, NULL));
}
