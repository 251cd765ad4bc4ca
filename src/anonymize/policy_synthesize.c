/*-------------------------------------------------------------------------
 *
 * policy_synthesize.c
 *		The member synthesize of a policy, which releases alone obey: synthetic
 *		rows of what was anonymized, of the source, or of what was suppressed.
 *
 * What the options of the fit mean is known where rows are synthesized; here
 * the member is only checked against the rest of its policy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/policy_internal.h"

static const PolicyWord synthesize_words[] = {{"of", true}, {"rows", true}, {"seed", true}, {"options", true}};
static const PolicyWord of_words[] = {{"anonymized", true}, {"source", true}, {"suppressed", true}};

/* Refuse what stands beside the member. */
pg_noreturn static void
refuse_beside(const PolicyMember *member, const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("policy member %s cannot stand beside %s", member->path, what),
			 errdetail("%s", detail)));
}

/* Refuse what cannot be done for suppressed rows alone. */
static void
check_suppressed(const Policy *policy, const PolicyMember *member, const PolicyMember *rows)
{
	if (rows != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s has no meaning for suppressed rows", rows->path),
				 errdetail("There are as many synthetic rows as suppressed ones."),
				 errhint("Leave it out.")));
	if (policy->recoding.method != RECODING_FULL_DOMAIN)
		refuse_beside(member, "a recoding that is fitted to the data",
					  "A suppressed row has no coarser class there.");
	if (policy->star)
		refuse_beside(member, "suppressed rows that are kept",
					  "A suppressed row is either replaced or kept.");
	for (int j = 0; j < policy->nquasi; j++)
		if (policy->quasi[j].output != OUTPUT_TEXT)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("policy member %s needs quasi-identifiers that are written as text", member->path),
					 errdetail("Column \"%s\" is not.", policy->quasi[j].column)));
}

/* See policy_internal.h. */
void
policy_parse_synthesize(const Policy *policy, const PolicyMember *member, const PolicyMember *ledger)
{
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(synthesize_words), synthesize_words, &members);
	PolicyMember *of = policy_find(n, members, "of");
	PolicyMember *rows = policy_find(n, members, "rows");
	PolicyMember *seed = policy_find(n, members, "seed");
	PolicyMember *options = policy_find(n, members, "options");

	if (of == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a member of", member->path),
				 errhint("Say what is synthesized: {\"of\": \"anonymized\"}, \"source\" or \"suppressed\".")));
	if (rows != NULL && policy_bigint(rows) < 1)
		policy_refuse_number(rows, "a number of rows, at least 1");
	if (seed != NULL)
		(void) policy_bigint(seed);
	if (options != NULL && options->value.type != jbvBinary)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s must be an object, the options of kiaim.fit", options->path)));
	if (policy->epsilon > 0)
		refuse_beside(member, "differential_privacy",
					  "The generator would learn from rows outside of its guarantee.");
	if (ledger != NULL && ledger->value.type == jbvBool && ledger->value.val.boolean)
		refuse_beside(member, "the member ledger", "Nobody is behind a synthetic row.");
	if (policy_choice(of, lengthof(of_words), of_words) == 2)
		check_suppressed(policy, member, rows);
}
