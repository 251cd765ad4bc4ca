/*-------------------------------------------------------------------------
 *
 * formula_text.c
 *		Formulas in words, for those who review a model.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "synthesize/structure.h"

/* What is computed of the arguments, or how the value is drawn. */
static void
append_kind(StringInfo text, const Formula *formula, char *const *names)
{
	const char *a = formula->a < 0 ? NULL : quote_identifier(names[formula->a]);
	const char *b = formula->b < 0 ? NULL : quote_identifier(names[formula->b]);

	switch (formula->kind)
	{
		case FORMULA_NONE:
			break;
		case FORMULA_DISTANCE:
			appendStringInfo(text, "%s + a distance", a);
			break;
		case FORMULA_COPY:
			appendStringInfoString(text, a);
			break;
		case FORMULA_YEAR:
			appendStringInfo(text, "year of %s", a);
			break;
		case FORMULA_MONTH:
			appendStringInfo(text, "month of %s", a);
			break;
		case FORMULA_DAYS:
			appendStringInfo(text, "%s - %s", a, b);
			break;
		case FORMULA_YEARS:
			appendStringInfo(text, "years from %s to %s", b, a);
			break;
		case FORMULA_STEPS:
			appendStringInfo(text, "follows from %s", a);
			break;
		case FORMULA_DATE:
			appendStringInfo(text, "date of %s", a);
			break;
	}
}

/* See structure.h. */
char *
formula_text(const Formula *formula, char *const *names)
{
	StringInfoData text;

	initStringInfo(&text);
	append_kind(&text, formula, names);
	for (int upper = 0; upper <= 1; upper++)
	{
		const char *before = upper ? "not above " : "not below ";

		for (int i = 0; i < formula->nbounds; i++)
		{
			if (formula->bounds[i].upper != (upper == 1))
				continue;
			appendStringInfo(&text, "%s%s%s", text.len > 0 && *before == 'n' ? ", " : "", before,
							 quote_identifier(names[formula->bounds[i].column]));
			before = " or ";
		}
	}
	if (formula->otherwise)
		appendStringInfoString(&text, ", else drawn");
	if (formula->sometimes && formula->kind != FORMULA_NONE)
		appendStringInfoString(&text, ", or NULL");
	return text.len > 0 ? text.data : NULL;
}
