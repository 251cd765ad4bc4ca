/*-------------------------------------------------------------------------
 *
 * bins.c
 *		bins(width, ..., from=, below=, above=): intervals of equal width.
 *
 * A level is a width; its intervals are [from + i * width, from + (i + 1) *
 * width).  Each width must be a multiple of the one before it, or the
 * intervals would not nest.  Numbers under below and from above on have one
 * label each on all levels, and intervals are cut off there, so that a label
 * never promises more than what is in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "generalize/generalize_internal.h"

typedef struct Bins
{
	Hierarchy	base;
	int			scale;			/* of all numbers below */
	int64		from;
	bool		has_below;
	bool		has_above;
	int64		below;
	int64		above;
	int64	   *widths;			/* of the levels 1, 2, ... */
} Bins;

/* One number of the definition, before all have the same scale. */
typedef struct Parameter
{
	bool		given;
	int64		value;
	int			scale;
} Parameter;

static const char *const options[] = {"from", "below", "above"};

/* Append "[lower,upper)". */
static void
interval_append(int64 lower, int64 upper, int scale, StringInfo out)
{
	char		text[2 * DECIMAL_TEXT_MAX + 3];
	int			len = 0;

	text[len++] = '[';
	len += decimal_write(lower, scale, text + len);
	text[len++] = ',';
	len += decimal_write(upper, scale, text + len);
	text[len++] = ')';
	appendBinaryStringInfo(out, text, len);
}

/* Append a sign and a number, such as "<15". */
static void
bound_append(const char *sign, int64 bound, int scale, StringInfo out)
{
	char		text[DECIMAL_TEXT_MAX];

	appendStringInfoString(out, sign);
	appendBinaryStringInfo(out, text, decimal_write(bound, scale, text));
}

/* The lower end of the interval around a number. */
static int64
interval_lower(const Bins *bins, int64 width, int64 number)
{
	int64		rest = (number - bins->from) % width;

	return number - rest - (rest < 0 ? width : 0);
}

/* A number of a definition as numeric. */
static Datum
to_numeric(int64 value, int scale)
{
	char		text[DECIMAL_TEXT_MAX];

	text[decimal_write(value, scale, text)] = '\0';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* The text of a numeric without trailing zeros. */
static char *
numeric_text(Datum numeric)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   DirectFunctionCall1(numeric_trim_scale, numeric)));
}

/* The label of a number of more than eighteen digits, which no bound cuts off. */
static void
big_label(const Bins *bins, Numeric number, int64 width, StringInfo out)
{
	Datum		value = NumericGetDatum(number);
	Datum		step = to_numeric(width, bins->scale);
	Datum		offset = DirectFunctionCall2(numeric_sub, value, to_numeric(bins->from, bins->scale));
	Datum		rest = DirectFunctionCall2(numeric_mod, offset, step);
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		lower = DirectFunctionCall2(numeric_sub, value, rest);

	if (DatumGetBool(DirectFunctionCall2(numeric_lt, rest, zero)))
		lower = DirectFunctionCall2(numeric_sub, lower, step);
	appendStringInfo(out, "[%s,%s)", numeric_text(lower),
					 numeric_text(DirectFunctionCall2(numeric_add, lower, step)));
}

/* See HierarchyForm. */
static bool
bins_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	const Bins *bins = (const Bins *) h;
	Decimal    *number = &place->number;

	if (!value_read_number(reader, value, bins->scale, number))
		return false;
	if (number->big)
	{
		/* farther out than any bound of the definition */
		bool		negative = DatumGetBool(DirectFunctionCall2(numeric_lt,
																NumericGetDatum(number->numeric),
																NumericGetDatum(int64_to_numeric(0))));

		if (negative ? bins->has_below : bins->has_above)
		{
			number->big = false;
			number->value = negative ? bins->below - 1 : bins->above;
		}
	}
	return true;
}

/* See HierarchyForm. */
static void
bins_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	const Bins *bins = (const Bins *) h;
	int64		number = place->number.value;
	int64		width = bins->widths[level - 1];
	int64		lower;
	int64		upper;

	if (place->number.big)
	{
		big_label(bins, place->number.numeric, width, out);
		return;
	}
	if (bins->has_below && number < bins->below)
	{
		bound_append("<", bins->below, bins->scale, out);
		return;
	}
	if (bins->has_above && number >= bins->above)
	{
		bound_append(">=", bins->above, bins->scale, out);
		return;
	}
	lower = interval_lower(bins, width, number);
	upper = lower + width;
	if (bins->has_below)
		lower = Max(lower, bins->below);
	if (bins->has_above)
		upper = Min(upper, bins->above);
	interval_append(lower, upper, bins->scale, out);
}

/* See HierarchyForm. */
static void
bins_define(const Hierarchy *h, StringInfo out)
{
	const Bins *bins = (const Bins *) h;

	appendStringInfoString(out, "bins(");
	for (int i = 0; i < h->height - 1; i++)
		bound_append(i == 0 ? "" : ", ", bins->widths[i], bins->scale, out);
	if (bins->from != 0)
		bound_append(", from=", bins->from, bins->scale, out);
	if (bins->has_below)
		bound_append(", below=", bins->below, bins->scale, out);
	if (bins->has_above)
		bound_append(", above=", bins->above, bins->scale, out);
	appendStringInfoChar(out, ')');
}

static const HierarchyForm bins_form = {bins_place, bins_label, bins_define, true};

/* Read one number; a second one for the same option is an error. */
static void
parameter_read(const Definition *d, const char *what, const char *text, Parameter *parameter)
{
	if (parameter->given)
		definition_error(d->source, psprintf("The option \"%s\" is given twice.", what), NULL);
	if (!decimal_parse(text, &parameter->value, &parameter->scale))
		definition_error(d->source,
						 psprintf("\"%s\" should be a number of at most %d digits, such as 5, -40 or 0.25.",
								  shown(text), DECIMAL_DIGITS_MAX), NULL);
	parameter->given = true;
}

/* Bring one number to the scale of all. */
static int64
parameter_scale(const Definition *d, const Parameter *parameter, int scale)
{
	int64		value = parameter->value;

	if (scale > DECIMAL_DIGITS_MAX || !decimal_rescale(&value, parameter->scale, scale))
		definition_error(d->source,
						 psprintf("All numbers together need more than %d digits.", DECIMAL_DIGITS_MAX),
						 NULL);
	return value;
}

/* Refuse widths whose intervals do not nest, with an interval that lies in two. */
static void
check_nesting(const Bins *bins, const Definition *d)
{
	for (int i = 0; i + 2 < bins->base.height; i++)
	{
		int64		width = bins->widths[i];
		int64		wider = bins->widths[i + 1];
		int64		cut = bins->from + wider;
		StringInfoData label;
		StringInfoData parent1;
		StringInfoData parent2;

		if (wider % width == 0)
			continue;
		initStringInfo(&label);
		initStringInfo(&parent1);
		initStringInfo(&parent2);
		interval_append(interval_lower(bins, width, cut), interval_lower(bins, width, cut) + width,
						bins->scale, &label);
		interval_append(cut - wider, cut, bins->scale, &parent1);
		interval_append(cut, cut + wider, bins->scale, &parent2);
		definition_not_a_tree(d->source, i + 1, label.data, parent1.data, parent2.data,
							  "Each width must be a multiple of the width before it.");
	}
}

/* See generalize_internal.h. */
Hierarchy *
bins_parse(const Definition *d)
{
	Bins	   *bins = palloc0(sizeof(Bins));
	Parameter	from = {0};
	Parameter	below = {0};
	Parameter	above = {0};
	Parameter  *widths = palloc0(sizeof(Parameter) * Max(d->narguments, 1));
	int			nwidths = 0;
	int			scale;

	for (int i = 0; i < d->narguments; i++)
	{
		const Argument *argument = &d->arguments[i];

		if (argument->key == NULL)
			parameter_read(d, "width", argument->text, &widths[nwidths++]);
		else if (strcmp(argument->key, "from") == 0)
			parameter_read(d, "from", argument->text, &from);
		else if (strcmp(argument->key, "below") == 0)
			parameter_read(d, "below", argument->text, &below);
		else if (strcmp(argument->key, "above") == 0)
			parameter_read(d, "above", argument->text, &above);
		else
			definition_error(d->source,
							 psprintf("\"bins\" has no option \"%s\".", shown(argument->key)),
							 did_you_mean(argument->key, lengthof(options), options,
										  "The options are from, below, above."));
	}
	if (d->ngroups > 1)
		definition_error(d->source, "\"bins\" takes one list of widths.",
						 "Use breaks(...; ...) for a list of cut points on each level.");
	if (nwidths == 0)
		definition_error(d->source, "\"bins\" needs one width or more.",
						 "For example: bins(5, 10, 20)");
	if (nwidths >= HIERARCHY_HEIGHT_MAX)
		definition_error(d->source, psprintf("There are %d levels; the limit is %d.",
											 nwidths + 1, HIERARCHY_HEIGHT_MAX), NULL);

	scale = Max(from.scale, Max(below.scale, above.scale));
	for (int i = 0; i < nwidths; i++)
		scale = Max(scale, widths[i].scale);
	bins->base.form = &bins_form;
	bins->base.domain = DOMAIN_NUMBER;
	bins->base.height = nwidths + 1;
	bins->scale = scale;
	bins->from = parameter_scale(d, &from, scale);
	bins->has_below = below.given;
	bins->below = parameter_scale(d, &below, scale);
	bins->has_above = above.given;
	bins->above = parameter_scale(d, &above, scale);
	bins->widths = palloc(sizeof(int64) * nwidths);
	for (int i = 0; i < nwidths; i++)
	{
		bins->widths[i] = parameter_scale(d, &widths[i], scale);
		if (bins->widths[i] <= 0)
		{
			StringInfoData width;

			initStringInfo(&width);
			bound_append("", bins->widths[i], scale, &width);
			definition_error(d->source, psprintf("The width %s should be greater than 0.",
												 width.data), NULL);
		}
	}
	if (below.given && above.given && bins->below >= bins->above)
		definition_error(d->source, "\"below\" should be less than \"above\".", NULL);
	check_nesting(bins, d);
	return &bins->base;
}
