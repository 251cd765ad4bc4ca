/*-------------------------------------------------------------------------
 *
 * policy_steps.c
 *		The members of a policy that do something else than generalize: how a
 *		generalized value is written, limits of columns that are released as
 *		they are, columns without content, samples, differential privacy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "anonymize/policy_internal.h"
#include "anonymize/typed.h"
#include "privacy/safepub.h"

/* In the order of PolicyOutput. */
static const PolicyWord output_words[] = {
	{"text", true}, {"range", true}, {"midpoint", true}, {"type", true}
};

static const PolicyWord limit_words[] = {{"top", true}, {"bottom", true}};
static const PolicyWord sample_words[] = {{"share", true}, {"by", true}, {"seed", true}};
static const PolicyWord privacy_words[] = {{"epsilon", true}, {"delta", true}};

/* Refuse to write a column as a range or midpoint, unless its labels are intervals of its type. */
static void
check_intervals(const PolicyMember *member, const PolicyQuasi *quasi, Oid type)
{
	const char *wanted = output_words[quasi->output].word;

	if (!OidIsValid(typed_range(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("policy member %s cannot be \"%s\" for a column of type %s",
						member->path, wanted, format_type_be(type)),
				 errdetail("There are intervals of numbers, dates and timestamps."),
				 errhint("Let a view convert the column, or write it as \"text\".")));
	if (!hierarchy_has_intervals(quasi->hierarchy))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s cannot be \"%s\" with the hierarchy %s",
						member->path, wanted, hierarchy_definition(quasi->hierarchy)),
				 errdetail("Its labels are no intervals."),
				 errhint("Labels of bins, breaks, calendars, age_groups and flat are.")));
}

/* Refuse to write a column in its own type, unless every label is a value of it or "*". */
static void
check_type(const PolicyMember *member, const PolicyQuasi *quasi, Oid type)
{
	int			height = hierarchy_height(quasi->hierarchy);

	if (!OidIsValid(lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("policy member %s cannot be \"type\" for a column of type %s",
						member->path, format_type_be(type)),
				 errdetail("Values of that type cannot be compared, so the release could not be verified.")));
	if (type == TEXTOID)
		return;
	for (int l = quasi->min_level; l <= quasi->max_level; l++)
		if (l > 0 && l < height)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s cannot be \"type\" with the levels %d to %d",
							member->path, quasi->min_level, quasi->max_level),
					 errdetail("Labels on level %d of %s are no values of type %s.", l,
							   hierarchy_definition(quasi->hierarchy), format_type_be(type)),
					 errhint("Set \"max\" to 0, use the hierarchy flat, or write the column as \"range\" or \"midpoint\".")));
}

/* See policy_internal.h. */
void
policy_parse_output(const PolicyMember *member, Oid type, PolicyQuasi *quasi)
{
	quasi->output = (PolicyOutput) policy_choice(member, lengthof(output_words), output_words);
	if (!OidIsValid(type))
		return;
	if (quasi->output == OUTPUT_RANGE || quasi->output == OUTPUT_MIDPOINT)
		check_intervals(member, quasi, type);
	else if (quasi->output == OUTPUT_TYPE)
		check_type(member, quasi, type);
}

/* True if a text is a date, maybe with a time, whatever DateStyle is. */
static bool
is_iso(const char *text)
{
	int			digits = strspn(text, "0123456789");

	return digits >= 4 && text[digits] == '-';
}

/* Error context: the member whose limit the input function of a type complains about. */
static void
limit_context(void *path)
{
	errcontext("policy member %s", (char *) path);
}

/*
 * A limit of a column as a value of its type, of which typmod and domain do not
 * matter; error 22023 for a JSON value of the wrong kind.
 */
static Datum
limit_value(const PolicyMember *member, Oid type, char **text)
{
	ErrorContextCallback context;
	Oid			input;
	Oid			parameter;
	Datum		value;

	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			*text = psprintf(INT64_FORMAT, policy_bigint(member));
			break;
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			(void) policy_number(member);
			*text = DatumGetCString(DirectFunctionCall1(numeric_out,
														NumericGetDatum(member->value.val.numeric)));
			break;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			*text = policy_string(member);
			if (!is_iso(*text))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("policy member %s must be a date such as \"2020-12-31\", not \"%s\"",
								member->path, *text)));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("policy member %s cannot limit a column of type %s",
							member->path, format_type_be(type)),
					 errhint("Numbers, dates and timestamps have a top and a bottom.")));
	}
	context.callback = limit_context;
	context.arg = member->path;
	context.previous = error_context_stack;
	error_context_stack = &context;
	getTypeInputInfo(type, &input, &parameter);
	value = OidInputFunctionCall(input, *text, parameter, -1);
	error_context_stack = context.previous;
	/* as SQL it must not depend on DateStyle or TimeZone, either */
	*text = value_text(type, value);
	return value;
}

/* Top and bottom of one column in keep; type is InvalidOid where they do not matter. */
static void
parse_limits(PolicyMember *member, Oid type, PolicyLimits *limits)
{
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(limit_words), limit_words, &members);
	PolicyMember *top = policy_find(n, members, "top");
	PolicyMember *bottom = policy_find(n, members, "bottom");
	Datum		highest = (Datum) 0;
	Datum		lowest = (Datum) 0;

	if (!OidIsValid(type))
		return;
	if (top != NULL)
		highest = limit_value(top, type, &limits->top);
	if (bottom != NULL)
		lowest = limit_value(bottom, type, &limits->bottom);
	if (top != NULL && bottom != NULL)
	{
		FmgrInfo   *compare = &lookup_type_cache(type, TYPECACHE_CMP_PROC_FINFO)->cmp_proc_finfo;

		if (DatumGetInt32(FunctionCall2(compare, lowest, highest)) > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s has a bottom of %s above its top of %s",
							member->path, limits->bottom, limits->top)));
	}
}

/* See policy_internal.h. */
void
policy_parse_keep(PolicyParser *parser, const PolicyMember *member)
{
	Policy	   *policy = parser->policy;
	PlacedMember *placed;

	if (!policy_is_object(member))
	{
		policy->nkeep = policy_parse_released(parser, member, false, &policy->keep);
		policy->limits = palloc0(sizeof(PolicyLimits) * Max(policy->nkeep, 1));
		return;
	}
	policy->nkeep = policy_place_columns(parser, member, &placed);
	policy->keep = palloc(sizeof(char *) * Max(policy->nkeep, 1));
	policy->limits = palloc0(sizeof(PolicyLimits) * Max(policy->nkeep, 1));
	for (int i = 0; i < policy->nkeep; i++)
	{
		int			position = placed[i].position;
		Oid			type = InvalidOid;

		if (position >= 0)
			policy_check_as_it_is(parser->columns, position, member->key);
		if (parser->purpose == POLICY_RELEASE)
			type = policy_column_type(parser->columns, position);
		policy->keep[i] = placed[i].member->key;
		parse_limits(placed[i].member, type, &policy->limits[i]);
	}
}

/* See policy_internal.h. */
void
policy_parse_sample(PolicyParser *parser, const PolicyMember *member)
{
	PolicySample *sample = &parser->policy->sample;
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(sample_words), sample_words, &members);
	PolicyMember *share = policy_find(n, members, "share");
	PolicyMember *by = policy_find(n, members, "by");
	PolicyMember *seed = policy_find(n, members, "seed");

	if (share == NULL || seed == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks a %s", member->path, share == NULL ? "share" : "seed"),
				 share == NULL ? errhint("Say how much is released, as in \"share\": 0.1.") :
				 errhint("Choose any integer and keep it to yourself: who knows it can tell who is in the sample.")));
	sample->share = policy_number(share);
	if (!(sample->share > 0 && sample->share <= 1))
		policy_refuse_number(share, "a number above 0 and at most 1");
	sample->seed = policy_bigint(seed);
	sample->by = by != NULL ? policy_string(by) : parser->policy->person;
	/* what is measured may be a release, which is the sample already */
	if (sample->by == NULL && parser->purpose == POLICY_RELEASE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks the column to sample by", member->path),
				 errhint("Name a column that tells records apart in \"by\", or the \"person\" of the policy.")));
	if (by != NULL && parser->purpose == POLICY_RELEASE)
		policy_check_column(parser->columns, sample->by, by->path);
}

/* See policy_internal.h. */
void
policy_parse_privacy(Policy *policy, const PolicyMember *member)
{
	PolicyMember *members;
	int			n = policy_known_members(member, lengthof(privacy_words), privacy_words, &members);
	PolicyMember *epsilon = policy_find(n, members, "epsilon");
	PolicyMember *delta = policy_find(n, members, "delta");

	if (epsilon == NULL || delta == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s lacks %s", member->path, epsilon == NULL ? "epsilon" : "delta"),
				 errhint("It needs both, as in {\"epsilon\": 1, \"delta\": 1e-6}.")));
	policy->epsilon = policy_number(epsilon);
	if (!(policy->epsilon >= SAFEPUB_EPSILON_MIN && policy->epsilon <= SAFEPUB_EPSILON_MAX))
		policy_refuse_number(epsilon, psprintf("a number from %g to %g", SAFEPUB_EPSILON_MIN, SAFEPUB_EPSILON_MAX));
	policy->delta = policy_number(delta);
	if (!(policy->delta >= SAFEPUB_DELTA_MIN && policy->delta <= SAFEPUB_DELTA_MAX))
		policy_refuse_number(delta, psprintf("a number from %g to %g", SAFEPUB_DELTA_MIN, SAFEPUB_DELTA_MAX));
	/* how many classes are too small is part of what is released */
	policy->suppression = 1;
}

/* Refuse what stands beside differential privacy. */
pg_noreturn static void
refuse_beside(const char *what, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("policy member differential_privacy cannot stand beside %s", what),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}

/* See policy_internal.h. */
void
policy_check_privacy(const Policy *policy, int n, PolicyMember *members)
{
	static const char *const as_they_are[] = {"sensitive", "keep", "identifier"};

	if (policy->epsilon == 0)
		return;
	for (int i = 0; i < lengthof(as_they_are); i++)
		if (policy_find(n, members, as_they_are[i]) != NULL)
			refuse_beside(psprintf("the member %s", as_they_are[i]),
						  "A column that is released as it is has no class of its own that could be too small.",
						  "Name every column that is released in \"quasi\", with the level that it is released at.");
	if (policy->nrequirements > 1 || policy->ntable > 0)
		refuse_beside("another requirement",
					  "The guarantee is for classes that are suppressed for their size alone, and that follows from epsilon and delta.",
					  "Leave the other requirements out.");
	if (policy_find(n, members, "suppression") != NULL)
		refuse_beside("the member suppression",
					  "Whether a limit holds would tell about single records.",
					  "Leave it out: every class that is too small is suppressed.");
	if (policy->star)
		refuse_beside("suppressed rows that are kept",
					  "Their number would tell about single records.",
					  "Leave \"suppressed_rows\" out.");
	if (policy->sample.by != NULL)
		refuse_beside("the member sample",
					  "It draws its records itself, by coins that no seed can repeat.",
					  "Leave \"sample\" out.");
	if (policy->recoding.method != RECODING_FULL_DOMAIN)
		refuse_beside("a recoding that is fitted to the data",
					  "The choice among recodings would need a budget of its own.",
					  "Leave \"recoding\" out.");
	for (int j = 0; j < policy->nquasi; j++)
		if (policy->quasi[j].min_level != policy->quasi[j].max_level)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("with differential_privacy, policy member quasi.%s needs one level",
							policy->quasi[j].column),
					 errdetail("Its min is %d and its max is %d; a search for the best level would look at the data, which needs a budget of its own.",
							   policy->quasi[j].min_level, policy->quasi[j].max_level),
					 errhint("Set \"min\" and \"max\" to the same level, chosen without looking at the data.")));
}

/* See policy_internal.h. */
void
policy_parse_ledger(const Policy *policy, const PolicyMember *member)
{
	if (member->value.type != jbvBool)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s must be true or false", member->path)));
	if (!member->value.val.boolean)
		return;
	if (policy->person == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s needs the member person", member->path),
				 errdetail("The ledger keeps who is behind each class, and nothing else tells persons of one release in another one."),
				 errhint("Name the column that tells persons apart in \"person\"; where each row is a person, its key.")));
	if (policy->epsilon > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s cannot stand beside differential_privacy", member->path),
				 errdetail("Which persons the coins have drawn is known to nobody, and must not be."),
				 errhint("Leave it out: kiaim.privacy_spent says what the runs of such a release add up to.")));
}
