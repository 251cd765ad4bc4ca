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
#include "kiaim.h"

/* In the order of PolicyRecodingMethod. */
static const PolicyWord method_words[] = {
	{"full_domain", true}, {"local", true}, {"cells", true}, {"microaggregation", true}
};

/* In the order of LocalAlgorithm. */
static const PolicyWord algorithm_words[] = {
	{"cluster", true}, {"mondrian", true}, {"iterated", true}
};

static const PolicyWord full_domain_words[] = {{"method", true}};
static const PolicyWord local_words[] = {{"method", true}, {"algorithm", true}};

static const PolicyWord cells_words[] = {{"method", true}, {"importance", true}, {"wildcard", true}};
static const PolicyWord micro_words[] = {
	{"method", true}, {"columns", true}, {"group", true}, {"aggregate", true}
};

/* In the order of MicroAggregate. */
static const PolicyWord aggregate_words[] = {{"mean", true}, {"median", true}, {"mode", true}};

/* The options of cell suppression. */
static void
parse_cells(PolicyRecoding *recoding, int n, PolicyMember *members)
{
	PolicyMember *found;

	if ((found = policy_find(n, members, "importance")) != NULL)
		recoding->nimportance = policy_strings(found, &recoding->importance);
	if ((found = policy_find(n, members, "wildcard")) != NULL)
	{
		if (found->value.type != jbvBool)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s must be true or false", found->path)));
		recoding->wildcard = found->value.val.boolean;
	}
}

/* The options of microaggregation. */
static void
parse_microaggregation(PolicyRecoding *recoding, int n, PolicyMember *members)
{
	PolicyMember *found;

	if ((found = policy_find(n, members, "columns")) != NULL)
	{
		recoding->naveraged = policy_strings(found, &recoding->averaged);
		if (recoding->naveraged == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s names no column", found->path),
					 errhint("Leave it out to aggregate every quasi-identifier.")));
	}
	if ((found = policy_find(n, members, "group")) != NULL)
		recoding->group = policy_integer(found, 2, PG_INT32_MAX, NULL);
	if ((found = policy_find(n, members, "aggregate")) != NULL)
		recoding->aggregate = (MicroAggregate)
			policy_choice(found, lengthof(aggregate_words), aggregate_words);
}

/* How values become others; an algorithm of local recoding is not such a way. */
static PolicyRecodingMethod
parse_method(const PolicyMember *member)
{
	for (int i = 0; i < lengthof(algorithm_words); i++)
		if (member->value.type == jbvString &&
			strcmp(policy_string(member), algorithm_words[i].word) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s cannot be \"%s\"", member->path,
							algorithm_words[i].word),
					 errdetail("It is an algorithm of local recoding."),
					 errhint("Write \"recoding\": {\"method\": \"local\", \"algorithm\": \"%s\"}.",
							 algorithm_words[i].word)));
	return (PolicyRecodingMethod) policy_choice(member, lengthof(method_words), method_words);
}

/* See policy_internal.h. */
void
policy_parse_recoding(Policy *policy, const PolicyMember *member)
{
	PolicyMember *members = NULL;
	PolicyMember *found;
	int			n = 0;

	if (!policy_is_object(member))
	{
		policy->recoding.method = parse_method(member);
		return;
	}
	n = policy_members(member, &members);
	if ((found = policy_find(n, members, "method")) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a method", member->path),
				 errhint("Say how, as in {\"method\": \"local\"}.")));
	policy->recoding.method = parse_method(found);
	switch (policy->recoding.method)
	{
		case RECODING_LOCAL:
			n = policy_known_members(member, lengthof(local_words), local_words, &members);
			if ((found = policy_find(n, members, "algorithm")) != NULL)
				policy->recoding.algorithm = (LocalAlgorithm)
					policy_choice(found, lengthof(algorithm_words), algorithm_words);
			break;
		case RECODING_CELLS:
			n = policy_known_members(member, lengthof(cells_words), cells_words, &members);
			parse_cells(&policy->recoding, n, members);
			break;
		case RECODING_MICROAGGREGATION:
			n = policy_known_members(member, lengthof(micro_words), micro_words, &members);
			parse_microaggregation(&policy->recoding, n, members);
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

/* Each column of an option must be a quasi-identifier. */
static void
check_columns(const Policy *policy, const char *option, int n, char *const *columns)
{
	const char **names = palloc(sizeof(char *) * Max(policy->nquasi, 1));

	for (int j = 0; j < policy->nquasi; j++)
		names[j] = policy->quasi[j].column;
	for (int i = 0; i < n; i++)
	{
		bool		known = false;
		const char *nearest;

		for (int j = 0; j < policy->nquasi; j++)
			known = known || strcmp(columns[i], names[j]) == 0;
		if (known)
			continue;
		nearest = nearest_name(columns[i], policy->nquasi, names);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member recoding.%s names column \"%s\", which is no quasi-identifier",
						option, columns[i]),
				 nearest != NULL ? errhint("Perhaps you meant \"%s\".", nearest) : 0));
	}
}

/* See policy_internal.h. */
void
policy_check_recoding(const Policy *policy)
{
	const PolicyRecoding *recoding = &policy->recoding;
	const char *what = NULL;
	const char *word = policy_recoding_word(policy);

	if (policy->recoding.method == RECODING_FULL_DOMAIN ||
		policy->recoding.method == RECODING_LOCAL)
		return;
	if (policy->quality != QUALITY_LOSS)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("recoding \"%s\" cannot look for the best quality \"%s\"",
						word, policy_quality_word(policy->quality)),
				 errhint("Leave \"quality\" out: it looks for the least loss.")));
	/* where values are written instead of labels, there is no other way to write them */
	for (int j = 0; j < policy->nquasi; j++)
		if (policy->quasi[j].output != OUTPUT_TEXT)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" cannot be written otherwise with the recoding \"%s\"",
							policy->quasi[j].column, word),
					 errhint("Leave out \"as\".")));
	check_columns(policy, "importance", recoding->nimportance, recoding->importance);
	check_columns(policy, "columns", recoding->naveraged, recoding->averaged);
	if (policy->person != NULL && recoding->method == RECODING_MICROAGGREGATION)
		what = "a person column";
	else if (policy->person != NULL && recoding->wildcard)
		what = "a person column where NULL is a wildcard";
	else if (policy->star)
		what = "suppressed rows as \"star\"";
	else if (policy->epsilon > 0)
		what = "differential privacy";
	if (what != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("recoding \"%s\" does not work with %s", word, what),
				 errhint("Leave it out, or use the recoding \"full_domain\".")));
	for (int i = 0; i < policy->nrequirements; i++)
		if (strcmp(policy->requirements[i].model->name, "k") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("recoding \"%s\" does not work with requirement \"%s\"", word,
							policy->requirements[i].label),
					 errdetail("It knows \"k\" only."),
					 errhint("Leave it out, or use the recoding \"full_domain\".")));
	if (policy->ntable > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("recoding \"%s\" does not work with requirements on the table as a whole", word),
				 errdetail("It knows \"k\" only."),
				 errhint("Leave them out, or use the recoding \"full_domain\".")));
	if (recoding->group != 0 && recoding->group < policy->requirements[0].wanted)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("groups of " INT64_FORMAT " records cannot satisfy k = %.15g",
						recoding->group, policy->requirements[0].wanted),
				 errhint("Leave out \"group\", which is k then.")));
}
