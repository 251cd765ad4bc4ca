/*-------------------------------------------------------------------------
 *
 * policy_quality.c
 *		What a policy says of quality: the members quality and aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/policy_internal.h"

/* In the order of PolicyQuality. */
static const PolicyWord quality_words[] = {
	{"loss", true}, {"precision", true}, {"entropy", true}, {"normalized_entropy", true},
	{"discernibility", true}, {"average_class_size", true}, {"ambiguity", true},
	{"kl_divergence", true}, {"classification", true}
};

static const PolicyWord object_words[] = {{"model", true}, {"target", true}};

/* In the order of PolicyAggregate. */
static const PolicyWord aggregate_words[] = {
	{"arithmetic", true}, {"geometric", true}, {"maximum", true}, {"sum", true}, {"rank", true}
};

/* See anonymize.h. */
const char *
policy_quality_word(PolicyQuality quality)
{
	return quality_words[quality].word;
}

/* Member quality: a word, or an object with the model and what it needs. */
static void
parse_quality(Policy *policy, PolicyMember *member)
{
	PolicyMember *members = NULL;
	PolicyMember *model = member;
	PolicyMember *target = NULL;

	if (policy_is_object(member))
	{
		int			n = policy_known_members(member, lengthof(object_words), object_words, &members);

		model = policy_find(n, members, "model");
		target = policy_find(n, members, "target");
		if (model == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s lacks a model", member->path),
					 errhint("Name it, as in \"quality\": {\"model\": \"classification\", \"target\": \"uicc\"}.")));
	}
	policy->quality = (PolicyQuality) policy_choice(model, lengthof(quality_words), quality_words);
	if (policy->quality == QUALITY_CLASSIFICATION && target == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a target", member->path),
				 errhint("Name the column to be predicted, as in \"quality\": {\"model\": \"classification\", \"target\": \"uicc\"}.")));
	if (policy->quality != QUALITY_CLASSIFICATION && target != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s means nothing with the quality \"%s\"", target->path,
						policy_quality_word(policy->quality)),
				 errhint("It belongs to the quality \"classification\".")));
	if (target != NULL)
		policy->target = policy_string(target);
}

/* See policy_internal.h. */
void
policy_parse_quality(PolicyParser *parser, int n, PolicyMember *members)
{
	Policy	   *policy = parser->policy;
	PolicyMember *found;

	policy->quality = QUALITY_LOSS;
	if ((found = policy_find(n, members, "quality")) != NULL)
		parse_quality(policy, found);

	/* entropies are defined as sums, all others as means */
	policy->aggregate = policy->quality == QUALITY_ENTROPY ||
		policy->quality == QUALITY_NORMALIZED_ENTROPY ? AGGREGATE_SUM : AGGREGATE_ARITHMETIC;
	if ((found = policy_find(n, members, "aggregate")) != NULL)
	{
		policy->aggregate = (PolicyAggregate) policy_choice(found, lengthof(aggregate_words),
															aggregate_words);
		policy->aggregate_named = true;
	}
}

/* See policy_internal.h. */
void
policy_find_target(Policy *policy)
{
	bool		found = false;

	policy->target_quasi = -1;
	if (policy->target == NULL)
		return;
	for (int j = 0; j < policy->nsensitive; j++)
		if (strcmp(policy->sensitive[j].column, policy->target) == 0)
		{
			policy->target_sensitive = j;
			return;
		}
	policy->target_sensitive = policy->nsensitive;
	for (int j = 0; j < policy->nquasi; j++)
		if (strcmp(policy->quasi[j].column, policy->target) == 0)
			policy->target_quasi = j;
	found = policy->target_quasi >= 0;
	for (int j = 0; j < policy->nkeep; j++)
		found = found || strcmp(policy->keep[j], policy->target) == 0;
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member quality.target is \"%s\", which the policy does not release",
						policy->target),
				 errhint("Name a column of \"quasi\", \"sensitive\" or \"keep\".")));
}
