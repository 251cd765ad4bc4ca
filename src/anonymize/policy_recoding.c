/*-------------------------------------------------------------------------
 *
 * policy_recoding.c
 *		The member "recoding" of a policy: how values become others, and the
 *		options of each way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/policy_internal.h"

/* In the order of PolicyRecodingMethod. */
static const PolicyWord method_words[] = {
	{"full_domain", true}, {"local", true}, {"cells", false}, {"microaggregation", false}
};

/* In the order of LocalAlgorithm. */
static const PolicyWord algorithm_words[] = {
	{"cluster", true}, {"mondrian", false}, {"iterated", false}
};

static const PolicyWord full_domain_words[] = {{"method", true}};
static const PolicyWord local_words[] = {{"method", true}, {"algorithm", true}};

/* See policy_internal.h. */
void
policy_parse_recoding(Policy *policy, const PolicyMember *member)
{
	PolicyMember *members = NULL;
	PolicyMember *found;
	int			n = 0;

	if (!policy_is_object(member))
	{
		policy->recoding.method = (PolicyRecodingMethod)
			policy_choice(member, lengthof(method_words), method_words);
		return;
	}
	n = policy_members(member, &members);
	if ((found = policy_find(n, members, "method")) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a method", member->path),
				 errhint("Say how, as in {\"method\": \"local\"}.")));
	policy->recoding.method = (PolicyRecodingMethod)
		policy_choice(found, lengthof(method_words), method_words);
	switch (policy->recoding.method)
	{
		case RECODING_LOCAL:
			n = policy_known_members(member, lengthof(local_words), local_words, &members);
			if ((found = policy_find(n, members, "algorithm")) != NULL)
				policy->recoding.algorithm = (LocalAlgorithm)
					policy_choice(found, lengthof(algorithm_words), algorithm_words);
			break;
		default:
			(void) policy_known_members(member, lengthof(full_domain_words), full_domain_words,
										&members);
	}
}

/* See anonymize.h. */
const char *
policy_recoding_word(const Policy *policy)
{
	return method_words[policy->recoding.method].word;
}

/* See policy_internal.h. */
void
policy_check_recoding(const Policy *policy)
{
	const char *word = policy_recoding_word(policy);

	if (policy->recoding.method == RECODING_FULL_DOMAIN)
		return;
	if (policy->recoding.method == RECODING_LOCAL)
	{
		if (policy->quality != QUALITY_LOSS)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("recoding \"%s\" cannot look for the best quality \"%s\"",
							word, policy_quality_word(policy->quality)),
					 errhint("Leave \"quality\" out: it looks for the least loss.")));
		return;
	}
	/* where values are written instead of labels, there is no other way to write them */
	for (int j = 0; j < policy->nquasi; j++)
		if (policy->quasi[j].output != OUTPUT_TEXT)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" cannot be written otherwise with the recoding \"%s\"",
							policy->quasi[j].column, word),
					 errhint("Leave out \"as\".")));
}
