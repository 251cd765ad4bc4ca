/*-------------------------------------------------------------------------
 *
 * plan_recoded.c
 *		kiaim.plan for recodings that are fitted: fit, keep, show.
 *
 * What was fitted is stored as the caller's, and the one row that comes back
 * names it where a full-domain result has its levels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "anonymize/fitted.h"
#include "anonymize/recoding_internal.h"

/* The member of levels that names a recoding. */
#define RECODING_KEY	"recoding"

/* {"recoding": id} */
static Datum
levels_of(const char *id)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;
	JsonbValue	text;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	text.type = jbvString;
	text.val.string.val = RECODING_KEY;
	text.val.string.len = strlen(RECODING_KEY);
	pushJsonbValue(&state, WJB_KEY, &text);
	text.val.string.val = pstrdup(id);
	text.val.string.len = strlen(id);
	pushJsonbValue(&state, WJB_VALUE, &text);
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

/* See fitted.h. */
void
plan_recoded(Oid relid, Policy *policy, int solutions, bool limited,
			 Tuplestorestate *rows, TupleDesc desc)
{
	Fitted		fitted = {0};
	const char *id;
	Recoding   *recoding;
	Datum		values[9];
	bool		nulls[9] = {false};
	bool		optimal;

	if (solutions != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recoding \"%s\" has one solution, not %d", policy_recoding_word(policy), solutions),
				 errhint("Leave out solutions, or use the recoding \"full_domain\".")));
	if (limited)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recoding \"%s\" knows no time_limit", policy_recoding_word(policy)),
				 errhint("Leave it out; a statement_timeout holds for every command.")));
	recoding_check_writable();
	switch (policy->recoding.method)
	{
		case RECODING_LOCAL:
			fit_local(relid, policy, &fitted);
			break;
		case RECODING_CELLS:
			fit_cells(relid, policy, &fitted);
			break;
		case RECODING_MICROAGGREGATION:
			fit_microaggregation(relid, policy, &fitted);
			break;
		default:
			elog(ERROR, "recoding %d is not fitted", policy->recoding.method);
	}
	id = recoding_store(fitted.recoding, relid, policy_recoding_word(policy));
	recoding = recoding_parse(VARDATA(fitted.recoding), VARSIZE(fitted.recoding) - VARHDRSZ);

	/* the search compares losses with this tolerance, too */
	optimal = fitted.bounded && fitted.bound >= fitted.loss - 1e-12;
	values[0] = Int32GetDatum(1);
	values[1] = levels_of(id);
	values[2] = Float8GetDatum(fitted.loss);
	values[3] = Int64GetDatum(fitted.smallest);
	nulls[3] = fitted.classes == 0;
	values[4] = Int64GetDatum(fitted.suppressed);
	values[5] = Int64GetDatum(fitted.classes);
	values[6] = BoolGetDatum(optimal);
	values[7] = Float8GetDatum(optimal ? 0 : fitted.loss - fitted.bound);
	nulls[7] = !fitted.bounded;
	values[8] = CStringGetTextDatum(release_query_recoded(relid, policy, id, recoding, false));
	tuplestore_putvalues(rows, desc, values, nulls);
}

/* See fitted.h. */
char *
plan_recoded_query(Oid relid, const Policy *policy, Jsonb *levels, bool with_person)
{
	JsonbValue *found = JB_ROOT_IS_OBJECT(levels) && JB_ROOT_COUNT(levels) == 1 ?
		getKeyJsonValueFromContainer(&levels->root, RECODING_KEY, strlen(RECODING_KEY), NULL) : NULL;
	char	   *id;

	if (found == NULL || found->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("levels must name the recoding of a policy with recoding \"%s\"",
						policy_recoding_word(policy)),
				 errhint("Give them as kiaim.plan does: {\"recoding\": \"...\"}.")));
	id = pnstrdup(found->val.string.val, found->val.string.len);
	return release_query_recoded(relid, policy, id, recoding_load(id), with_person);
}
