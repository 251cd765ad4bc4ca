/*-------------------------------------------------------------------------
 *
 * policy_requirements.c
 *		What a policy requires of the released table as a whole.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "anonymize/policy_internal.h"
#include "privacy/safepub.h"

/* See policy_internal.h. */
Requirement *
policy_add_requirement(PolicyParser *parser, const char *model, const char *name, int sensitive,
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

/* See policy_internal.h. */
void
policy_parse_requirements(PolicyParser *parser, int n, PolicyMember *members)
{
	PolicyMember *found;

	if ((found = policy_find(n, members, "differential_privacy")) != NULL)
	{
		policy_parse_privacy(parser->policy, found);
		policy_add_requirement(parser, "k", found->key, -1,
							   (double) safepub_k(parser->policy->epsilon, parser->policy->delta));
	}
	if ((found = policy_find(n, members, "k")) != NULL)
		policy_add_requirement(parser, "k", found->key, -1, policy_integer(found, 1, INT_MAX, NULL));
	if ((found = policy_find(n, members, "multi_attribute_l")) != NULL)
		policy_add_requirement(parser, "multi_attribute_l", found->key, -1,
							   policy_integer(found, 1, INT_MAX, NULL));
	policy_parse_table(parser, n, members);
}
