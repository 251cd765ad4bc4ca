/*-------------------------------------------------------------------------
 *
 * policy.c
 *		The grammar of a policy, from JSON to the Policy that plan and check use.
 *
 * The whole grammar is validated, also the part that this version cannot do
 * yet: a policy is never accepted with a requirement left out.  The words of
 * the grammar are tables at the top of this file; a word that does not work
 * yet is marked there.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "anonymize/policy_internal.h"
#include "frame/frame.h"

static const PolicyWord policy_words[] = {
	{"quasi", true}, {"sensitive", true}, {"keep", true}, {"identifier", true}, {"person", true},
	{"k", true}, {"multi_attribute_l", true}, {"suppression", true}, {"suppressed_rows", true}, {"quality", true},
	{"aggregate", true}, {"recoding", true}, {"suppress", true}, {"sample", true},
	{"differential_privacy", true},
	{"average_risk", true}, {"strict_average_risk", true}, {"sample_uniqueness", true},
	{"population_uniqueness", true}, {"k_map", true}, {"presence", true}, {"ledger", true}, {"synthesize", true},
	{"l", false, true}, {"entropy_l", false, true}, {"recursive", false, true}, {"t", false, true},
	{"beta", false, true}, {"enhanced_beta", false, true}, {"delta_disclosure", false, true},
	{"alpha", false, true}, {"p_sensitive", false, true}
};

static const PolicyWord quasi_words[] = {
	{"hierarchy", true}, {"weight", true}, {"min", true}, {"max", true}, {"as", true}
};

static const PolicyWord suppressed_words[] = {{"drop", true}, {"star", true}};

PG_FUNCTION_INFO_V1(kiaim_validate_policy);

/* Error context: the member whose hierarchy another room complains about. */
static void
member_context(void *path)
{
	errcontext("policy member %s", (char *) path);
}

/* See policy_internal.h. */
Hierarchy *
policy_parse_hierarchy(const PolicyMember *member, Oid type)
{
	ErrorContextCallback context;
	Hierarchy  *hierarchy;
	char	   *text = policy_hierarchy_text(member);

	context.callback = member_context;
	context.arg = member->path;
	context.previous = error_context_stack;
	error_context_stack = &context;

	hierarchy = hierarchy_resolve(text);
	if (OidIsValid(type))
		hierarchy_check_type(hierarchy, type);

	error_context_stack = context.previous;
	return hierarchy;
}

/* See policy_internal.h. */
int
policy_place_columns(PolicyParser *parser, const PolicyMember *object, PlacedMember **placed)
{
	PolicyMember *members;
	int			n = policy_members(object, &members);

	*placed = palloc(sizeof(PlacedMember) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		int			position = policy_claim(parser->columns, members[i].key, object->key);
		int			at = i;

		for (; at > 0 && (*placed)[at - 1].position > position; at--)
			(*placed)[at] = (*placed)[at - 1];
		(*placed)[at].position = position;
		(*placed)[at].member = &members[i];
	}
	return n;
}

/* One quasi-identifier: its hierarchy, or an object with more. */
static void
parse_quasi_column(PolicyParser *parser, PolicyMember *member, Oid type, PolicyQuasi *quasi)
{
	PolicyMember *members = NULL;
	PolicyMember *hierarchy = member;
	PolicyMember *found;
	int			n = 0;
	int			height;
	char	   *levels;

	/* an object with the root "*" is a tree: {"*": {...}} */
	if (policy_is_object(member))
	{
		n = policy_members(member, &members);
		if (policy_find(n, members, KIAIM_STAR) != NULL)
			n = 0;
		else
		{
			n = policy_known_members(member, lengthof(quasi_words), quasi_words, &members);
			hierarchy = policy_find(n, members, "hierarchy");
			if (hierarchy == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("policy member %s lacks a hierarchy", member->path),
						 errhint("Say how the column gets coarser, as in \"hierarchy\": \"flat\".")));
		}
	}
	quasi->column = member->key;
	quasi->hierarchy = policy_parse_hierarchy(hierarchy, type);
	height = hierarchy_height(quasi->hierarchy);
	levels = psprintf("Hierarchy %s has the levels 0 to %d.",
					  hierarchy_definition(quasi->hierarchy), height);

	quasi->weight = 1;
	if ((found = policy_find(n, members, "weight")) != NULL)
	{
		/* within these limits no sum or product of weights and losses is lost */
		quasi->weight = policy_number(found);
		if (!(quasi->weight >= 1e-9 && quasi->weight <= 1e9))
			policy_refuse_number(found, "a number from 1e-9 to 1e9");
	}
	quasi->min_level = 0;
	if ((found = policy_find(n, members, "min")) != NULL)
		quasi->min_level = policy_integer(found, 0, height, levels);
	quasi->max_level = height;
	if ((found = policy_find(n, members, "max")) != NULL)
		quasi->max_level = policy_integer(found, 0, height, levels);
	if (quasi->min_level > quasi->max_level)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s has a min of %d above its max of %d",
						member->path, quasi->min_level, quasi->max_level)));
	quasi->output = OUTPUT_TEXT;
	if ((found = policy_find(n, members, "as")) != NULL)
		policy_parse_output(found, type, quasi);
}

/* Member quasi. */
static void
parse_quasi(PolicyParser *parser, const PolicyMember *member)
{
	Policy	   *policy = parser->policy;
	PlacedMember *placed;

	policy->nquasi = policy_place_columns(parser, member, &placed);
	if (policy->nquasi == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member quasi names no column"),
				 errhint("Name each column that could help to find a person, with its hierarchy, as in {\"quasi\": {\"sex\": \"flat\"}}.")));
	policy->quasi = palloc0(sizeof(PolicyQuasi) * policy->nquasi);
	for (int i = 0; i < policy->nquasi; i++)
		parse_quasi_column(parser, placed[i].member,
						   parser->purpose == POLICY_RELEASE ?
						   policy_column_type(parser->columns, placed[i].position) : InvalidOid,
						   &policy->quasi[i]);
}

/* See policy_internal.h. */
int
policy_parse_released(PolicyParser *parser, const PolicyMember *member, bool may_identify, char ***names)
{
	int			n = policy_strings(member, names);

	for (int i = 0; i < n; i++)
	{
		int			position = policy_claim(parser->columns, (*names)[i], member->key);

		if (!may_identify && position >= 0)
			policy_check_as_it_is(parser->columns, position, member->key);
	}
	return n;
}

/* The members that have one value each. */
static void
parse_options(PolicyParser *parser, int n, PolicyMember *members)
{
	Policy	   *policy = parser->policy;
	PolicyMember *found;

	if ((found = policy_find(n, members, "suppression")) != NULL)
	{
		policy->suppression = policy_number(found);
		if (!(policy->suppression >= 0 && policy->suppression <= 1))
			policy_refuse_number(found, "a share of the records, a number from 0 to 1");
	}
	if ((found = policy_find(n, members, "suppressed_rows")) != NULL)
		policy->star = policy_choice(found, lengthof(suppressed_words), suppressed_words) == 1;
	if ((found = policy_find(n, members, "recoding")) != NULL)
		policy_parse_recoding(policy, found);
}

/* Parse a policy for a purpose. */
static Policy *
parse(Jsonb *json, Oid relid, PolicyPurpose purpose)
{
	PolicyMember *root = policy_root(json);
	PolicyMember *members;
	PolicyMember *found;
	int			n = policy_known_members(root, lengthof(policy_words), policy_words, &members);
	PolicyParser parser = {0};
	Policy	   *policy = palloc0(sizeof(Policy));

	parser.policy = policy;
	parser.relid = relid;
	parser.purpose = purpose;
	parser.columns = policy_columns(relid, purpose);

	policy_parse_requirements(&parser, n, members);	/* first: k is the first requirement */
	parse_options(&parser, n, members);
	policy_parse_quality(&parser, n, members);
	if ((found = policy_find(n, members, "person")) != NULL)
	{
		policy->person = policy_string(found);
		(void) policy_claim(parser.columns, policy->person, found->key);
	}
	if ((found = policy_find(n, members, "quasi")) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the policy lacks the member quasi"),
				 errhint("Name each column that could help to find a person, with its hierarchy, as in {\"quasi\": {\"sex\": \"flat\"}}.")));
	parse_quasi(&parser, found);
	policy_check_table(&parser);
	policy_parse_sensitive(&parser, policy_find(n, members, "sensitive"));
	if ((found = policy_find(n, members, "keep")) != NULL)
		policy_parse_keep(&parser, found);
	if ((found = policy_find(n, members, "identifier")) != NULL)
		policy->nidentifier = policy_parse_released(&parser, found, true, &policy->identifier);
	if ((found = policy_find(n, members, "suppress")) != NULL)
		policy->nsuppress = policy_parse_released(&parser, found, true, &policy->suppress);
	if ((found = policy_find(n, members, "sample")) != NULL)
		policy_parse_sample(&parser, found);
	policy_find_target(policy);
	policy_check_privacy(policy, n, members);
	if ((found = policy_find(n, members, "ledger")) != NULL)
		policy_parse_ledger(policy, found);
	if ((found = policy_find(n, members, "synthesize")) != NULL)
		policy_parse_synthesize(policy, found, policy_find(n, members, "ledger"));
	if (purpose == POLICY_RELEASE)
		policy_check_recoding(policy);

	if (policy->nrequirements == 0 && policy->ntable == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the policy requires nothing"),
				 errhint("Add a requirement, as in \"k\": 11.")));
	policy_check_recoding(policy);
	return policy;
}

/* See anonymize.h. */
Policy *
policy_parse(Jsonb *policy, Oid relid)
{
	return parse(policy, relid, POLICY_RELEASE);
}

/* See policy_internal.h. */
Policy *
policy_parse_to_measure(Jsonb *policy, Oid relid)
{
	return parse(policy, relid, POLICY_MEASURE);
}

/* kiaim.validate_policy(source regclass, policy jsonb) → void */
Datum
kiaim_validate_policy(PG_FUNCTION_ARGS)
{
	/* not strict: a policy of NULL must not pass for a valid one */
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", PG_ARGISNULL(0) ? "source" : "policy")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) policy_parse(PG_GETARG_JSONB_P(1), PG_GETARG_OID(0));
	SPI_finish();
	PG_RETURN_VOID();
}
