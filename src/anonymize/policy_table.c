/*-------------------------------------------------------------------------
 *
 * policy_table.c
 *		What a policy requires of the released table as a whole, or of its
 *		classes beside those of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/regproc.h"

#include "anonymize/policy_internal.h"
#include "frame/frame.h"

static const PolicyWord strict_words[] = {
	{"average", true}, {"highest", true}, {"share_at_risk", true}, {"threshold", true}
};

static const PolicyWord uniqueness_words[] = {
	{"share", true}, {"population", true}, {"model", true}
};

/* In the order of PopulationModel. */
static const PolicyWord estimator_words[] = {
	{"dankar", true}, {"pitman", true}, {"zayatz", true}, {"snb", true}
};

static const PolicyWord k_map_words[] = {{"k", true}, {"population", true}};

static const PolicyWord presence_words[] = {{"min", true}, {"max", true}, {"population", true}};

/* Persons that a population can have. */
#define MOST_PERSONS	1e15

/* A number from min to max; above min if that is asked for. */
static double
number_between(const PolicyMember *member, double min, double max, bool above, const char *must_be)
{
	double		number = policy_number(member);

	if (!(above ? number > min : number >= min) || !(number <= max))
		policy_refuse_number(member, must_be);
	return number;
}

/* A risk that the table may have. */
static double
risk(const PolicyMember *member)
{
	return number_between(member, 0, 1, true, "a risk, a number above 0 and at most 1");
}

/* A share of the records. */
static double
share(const PolicyMember *member)
{
	return number_between(member, 0, 1, false, "a share, a number from 0 to 1");
}

/* The member of an object that cannot be left out. */
static PolicyMember *
find_required(int n, PolicyMember *members, const PolicyMember *object, const char *key,
			  const char *hint)
{
	PolicyMember *found = policy_find(n, members, key);

	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks %s", object->path, key),
				 errhint("%s", hint)));
	return found;
}

/* Add a requirement on the table. */
static TableRequirement *
add_table_requirement(PolicyParser *parser, const char *model, const char *label, double wanted)
{
	Policy	   *policy = parser->policy;
	TableRequirement *requirement;

	policy->table = policy->ntable == 0 ? palloc(sizeof(TableRequirement)) :
		repalloc(policy->table, sizeof(TableRequirement) * (policy->ntable + 1));
	requirement = &policy->table[policy->ntable++];
	memset(requirement, 0, sizeof(TableRequirement));
	requirement->model = table_model(model);
	if (requirement->model == NULL)
		elog(ERROR, "no model of a table \"%s\"", model);
	requirement->label = label;
	requirement->wanted = wanted;
	return requirement;
}

/* Member strict_average_risk: each of its members is a requirement. */
static void
parse_strict(PolicyParser *parser, const PolicyMember *member)
{
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(strict_words), strict_words, &members);
	PolicyMember *average = policy_find(n, members, "average");
	PolicyMember *highest = policy_find(n, members, "highest");
	PolicyMember *at_risk = policy_find(n, members, "share_at_risk");
	PolicyMember *threshold = policy_find(n, members, "threshold");

	if (average == NULL && highest == NULL && at_risk == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s requires nothing", member->path),
				 errhint("Say what must hold, as in {\"average\": 0.05, \"highest\": 0.2, \"share_at_risk\": 0.1, \"threshold\": 0.1}.")));
	if ((at_risk == NULL) != (threshold == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks %s", member->path,
						at_risk == NULL ? "share_at_risk" : "threshold"),
				 errhint("A record is at risk above the threshold; share_at_risk is the share of such records that may be.")));
	if (average != NULL)
		add_table_requirement(parser, "average_risk", psprintf("%s average", member->path),
							  risk(average));
	if (highest != NULL)
		policy_add_requirement(parser, "highest_risk", psprintf("%s highest", member->path), -1,
							   risk(highest));
	if (at_risk != NULL)
		add_table_requirement(parser, "share_at_risk", psprintf("%s share_at_risk", member->path),
							  share(at_risk))->threshold =
			number_between(threshold, 0, 1, false, "a risk, a number from 0 to 1");
}

/* Member population_uniqueness. */
static void
parse_population_uniqueness(PolicyParser *parser, const PolicyMember *member)
{
	static const char hint[] =
	"Population uniqueness needs both, as in {\"share\": 0.01, \"population\": 83000000}.";
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(uniqueness_words), uniqueness_words, &members);
	PolicyMember *model = policy_find(n, members, "model");
	PolicyMember *population = find_required(n, members, member, "population", hint);
	TableRequirement *r = add_table_requirement(parser, "population_uniqueness", member->path,
												share(find_required(n, members, member, "share", hint)));
	double		persons = policy_number(population);

	if (!(persons >= 1 && persons <= MOST_PERSONS && persons == rint(persons)))
		policy_refuse_number(population, "the number of persons of the population, an integer from 1 to 1e15");
	r->population = (int64) persons;
	r->estimator = model == NULL ? POPULATION_DANKAR :
		(PopulationModel) policy_choice(model, lengthof(estimator_words), estimator_words);
}

/* ---- populations ---- */

/* The index of the population that a member names among those of the policy. */
static int
parse_population(PolicyParser *parser, const PolicyMember *member)
{
	Policy	   *policy = parser->policy;
	char	   *name = policy_string(member);
	List	   *parts = KIAIM_QUALIFIED_NAME_LIST(name);
	RangeVar   *relation;
	Oid			relid;

	if (list_length(parts) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s must name a schema and a relation, not \"%s\"",
						member->path, name),
				 errhint("Write it as in \"census.residents\": a policy means the same whatever the search_path is.")));
	relation = makeRangeVarFromNameList(parts);
	relid = RangeVarGetRelid(relation, AccessShareLock, true);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s\" of policy member %s does not exist", name, member->path)));
	if (relid == parser->relid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s names the source itself", member->path),
				 errdetail("A population is what the source was taken from."),
				 errhint("For the classes of the source alone there is \"k\".")));
	(void) policy_columns(relid, POLICY_MEASURE);

	for (int i = 0; i < policy->npopulations; i++)
		if (policy->populations[i].relid == relid)
			return i;
	policy->populations = policy->npopulations == 0 ? palloc(sizeof(PolicyPopulation)) :
		repalloc(policy->populations, sizeof(PolicyPopulation) * (policy->npopulations + 1));
	policy->populations[policy->npopulations].relid = relid;
	policy->populations[policy->npopulations].path = member->path;
	return policy->npopulations++;
}

/* Member k_map. */
static void
parse_k_map(PolicyParser *parser, const PolicyMember *member)
{
	static const char hint[] = "k-map needs both, as in {\"k\": 5, \"population\": \"census.residents\"}.";
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(k_map_words), k_map_words, &members);
	PolicyMember *k = find_required(n, members, member, "k", hint);
	PolicyMember *population = find_required(n, members, member, "population", hint);

	policy_add_requirement(parser, "k_map", member->path, -1, policy_integer(k, 1, INT_MAX, NULL))
		->population = parse_population(parser, population);
}

/* Member presence: a requirement for each of its limits. */
static void
parse_presence(PolicyParser *parser, const PolicyMember *member)
{
	static const char hint[] = "Presence compares with a population, as in {\"max\": 0.5, \"population\": \"census.residents\"}.";
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(presence_words), presence_words, &members);
	PolicyMember *min = policy_find(n, members, "min");
	PolicyMember *max = policy_find(n, members, "max");
	int			population = parse_population(parser, find_required(n, members, member, "population", hint));

	if (min == NULL && max == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s requires nothing", member->path),
				 errhint("Say between which limits the share of a class's population must lie that is in the source.")));
	if (min != NULL && max != NULL && share(min) > share(max))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s has a min of %.15g above its max of %.15g",
						member->path, share(min), share(max))));
	if (min != NULL)
		policy_add_requirement(parser, "presence_min", psprintf("%s min", member->path), -1,
							   share(min))->population = population;
	if (max != NULL)
		policy_add_requirement(parser, "presence_max", psprintf("%s max", member->path), -1,
							   share(max))->population = population;
}

/* See policy_internal.h. */
void
policy_parse_table(PolicyParser *parser, int n, PolicyMember *members)
{
	PolicyMember *found;

	if ((found = policy_find(n, members, "k_map")) != NULL)
		parse_k_map(parser, found);
	if ((found = policy_find(n, members, "presence")) != NULL)
		parse_presence(parser, found);
	if ((found = policy_find(n, members, "average_risk")) != NULL)
		add_table_requirement(parser, "average_risk", found->path, risk(found));
	if ((found = policy_find(n, members, "strict_average_risk")) != NULL)
		parse_strict(parser, found);
	if ((found = policy_find(n, members, "sample_uniqueness")) != NULL)
		add_table_requirement(parser, "sample_uniqueness", found->path, share(found));
	if ((found = policy_find(n, members, "population_uniqueness")) != NULL)
		parse_population_uniqueness(parser, found);
}

/* See policy_internal.h. */
void
policy_check_table(const PolicyParser *parser)
{
	const Policy *policy = parser->policy;
	const char **columns = palloc(sizeof(char *) * Max(policy->nquasi, 1));

	/* values that are no labels of classes compare with no population, and leave no class to suppress */
	if ((policy->recoding.method == RECODING_CELLS ||
		 policy->recoding.method == RECODING_MICROAGGREGATION) &&
		(policy->ntable > 0 || policy->npopulations > 0))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("policy member %s needs the recoding \"full_domain\" or \"local\"",
						policy->ntable > 0 ? policy->table[0].label : policy->populations[0].path),
				 errhint("Require \"k\" of classes that are recoded on their own.")));
	for (int j = 0; j < policy->nquasi; j++)
		columns[j] = policy->quasi[j].column;
	for (int i = 0; i < policy->npopulations; i++)
		frame_check_columns(policy->populations[i].relid, policy->nquasi, columns,
							psprintf("policy member %s", policy->populations[i].path));
}
