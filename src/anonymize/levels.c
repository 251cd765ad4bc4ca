/*-------------------------------------------------------------------------
 *
 * levels.c
 *		The levels of a node, as a user sees and gives them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "anonymize/levels.h"
#include "compat.h"
#include "kiaim.h"

/* See levels.h. */
Datum
levels_to_jsonb(const Policy *policy, const LatticeNode *node)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int j = 0; j < policy->nquasi; j++)
	{
		JsonbValue	key;
		JsonbValue	value;

		key.type = jbvString;
		key.val.string.val = policy->quasi[j].column;
		key.val.string.len = strlen(policy->quasi[j].column);
		pushJsonbValue(&state, WJB_KEY, &key);
		value.type = jbvNumeric;
		value.val.numeric = int64_to_numeric(node->level[j]);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

/* Refuse levels of what is no quasi-identifier. */
static void
refuse_unknown_columns(const Policy *policy, Jsonb *levels)
{
	const char **names = palloc(sizeof(char *) * Max(policy->nquasi, 1));
	JsonbIterator *iterator = JsonbIteratorInit(&levels->root);
	JsonbValue	value;

	for (int j = 0; j < policy->nquasi; j++)
		names[j] = policy->quasi[j].column;
	(void) JsonbIteratorNext(&iterator, &value, false);
	while (JsonbIteratorNext(&iterator, &value, true) == WJB_KEY)
	{
		const char *name = pnstrdup(value.val.string.val, value.val.string.len);
		const char *nearest = nearest_name(name, policy->nquasi, names);
		bool		known = false;

		for (int j = 0; j < policy->nquasi; j++)
			known = known || strcmp(names[j], name) == 0;
		if (!known)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("levels name \"%s\", which is no quasi-identifier of the policy", name),
					 nearest != NULL ? errhint("Perhaps you meant \"%s\".", nearest) : 0));
		(void) JsonbIteratorNext(&iterator, &value, true);
	}
}

/* See levels.h. */
void
levels_from_jsonb(const Policy *policy, Jsonb *levels, LatticeNode *node)
{
	if (!JB_ROOT_IS_OBJECT(levels))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("levels must be a JSON object"),
				 errhint("Give them as kiaim.plan does: {\"column\": level, ...}.")));
	refuse_unknown_columns(policy, levels);
	memset(node, 0, sizeof(LatticeNode));
	for (int j = 0; j < policy->nquasi; j++)
	{
		const PolicyQuasi *quasi = &policy->quasi[j];
		JsonbValue *level = getKeyJsonValueFromContainer(&levels->root, quasi->column,
														 strlen(quasi->column), NULL);
		double		number = -1;

		if (level != NULL && level->type == jbvNumeric)
			number = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
														NumericGetDatum(level->val.numeric)));
		if (number != rint(number) || number < quasi->min_level || number > quasi->max_level)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("levels need a level of column \"%s\" between %d and %d",
							quasi->column, quasi->min_level, quasi->max_level)));
		node->level[j] = (uint8) number;
	}
}
