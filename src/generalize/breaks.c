/*-------------------------------------------------------------------------
 *
 * breaks.c
 *		breaks(cut, ...; cut, ...; ...): intervals between given cut points.
 *
 * Each level lists its cuts in ascending order; the cuts of a level must be
 * among those of the level before it, or its intervals would not nest.  Cuts
 * are numbers or ISO dates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/fmgrprotos.h"

#include "generalize/generalize_internal.h"

/* The cuts of one level; with n cuts there are n + 1 labels. */
typedef struct BreakLevel
{
	int			ncuts;
	int64	   *cuts;
} BreakLevel;

typedef struct Breaks
{
	Hierarchy	base;
	bool		dates;			/* cuts are days, not decimals */
	int			scale;
	BreakLevel *levels;
} Breaks;

/* Append one cut point. */
static void
cut_append(const Breaks *breaks, int64 cut, StringInfo out)
{
	char		text[Max(DECIMAL_TEXT_MAX, DAY_TEXT_MAX)];

	appendBinaryStringInfo(out, text, breaks->dates ? day_write((int32) cut, text) :
						   decimal_write(cut, breaks->scale, text));
}

/* Append the label of a number on a level. */
static void
label_append(const Breaks *breaks, const BreakLevel *level, int64 number, StringInfo out)
{
	int			low = 0;
	int			high = level->ncuts;

	/* low becomes the number of cuts at or under the number */
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (level->cuts[middle] <= number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		appendStringInfoChar(out, '<');
	else if (low == level->ncuts)
		appendStringInfoString(out, ">=");
	else
		appendStringInfoChar(out, '[');
	cut_append(breaks, level->cuts[low == 0 ? 0 : low - 1], out);
	if (low > 0 && low < level->ncuts)
	{
		appendStringInfoChar(out, ',');
		cut_append(breaks, level->cuts[low], out);
		appendStringInfoChar(out, ')');
	}
}

/* See HierarchyForm. */
static bool
breaks_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	const Breaks *breaks = (const Breaks *) h;
	Decimal    *number = &place->number;

	if (breaks->dates)
	{
		int32		day;

		if (!value_read_day(reader, value, &day))
			return false;
		number->value = day;
		return true;
	}
	if (!value_read_number(reader, value, breaks->scale, number))
		return false;
	if (number->big)
	{
		/* farther out than any cut */
		Datum		zero = NumericGetDatum(int64_to_numeric(0));

		number->value = DatumGetBool(DirectFunctionCall2(numeric_lt,
														 NumericGetDatum(number->numeric), zero)) ?
			PG_INT64_MIN : PG_INT64_MAX;
	}
	return true;
}

/* See HierarchyForm. */
static void
breaks_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	const Breaks *breaks = (const Breaks *) h;

	label_append(breaks, &breaks->levels[level - 1], place->number.value, out);
}

/* See HierarchyForm. */
static void
breaks_define(const Hierarchy *h, StringInfo out)
{
	const Breaks *breaks = (const Breaks *) h;

	appendStringInfoString(out, "breaks(");
	for (int i = 0; i < h->height - 1; i++)
	{
		if (i > 0)
			appendStringInfoString(out, "; ");
		for (int j = 0; j < breaks->levels[i].ncuts; j++)
		{
			if (j > 0)
				appendStringInfoString(out, ", ");
			cut_append(breaks, breaks->levels[i].cuts[j], out);
		}
	}
	appendStringInfoChar(out, ')');
}

static const HierarchyForm breaks_form = {breaks_place, breaks_label, breaks_define, true};

/* A label as text, for messages. */
static char *
label_text(const Breaks *breaks, int level, int64 number)
{
	StringInfoData text;

	initStringInfo(&text);
	label_append(breaks, &breaks->levels[level - 1], number, &text);
	return text.data;
}

/* Refuse levels whose intervals do not nest. */
static void
check_nesting(const Breaks *breaks, const Definition *d)
{
	for (int level = 1; level + 1 < breaks->base.height; level++)
	{
		const BreakLevel *finer = &breaks->levels[level - 1];
		const BreakLevel *coarser = &breaks->levels[level];
		int			f = 0;

		for (int i = 0; i < coarser->ncuts; i++)
		{
			int64		cut = coarser->cuts[i];
			StringInfoData hint;

			while (f < finer->ncuts && finer->cuts[f] < cut)
				f++;
			if (f < finer->ncuts && finer->cuts[f] == cut)
				continue;
			initStringInfo(&hint);
			appendStringInfoString(&hint, "Add the cut ");
			cut_append(breaks, cut, &hint);
			appendStringInfo(&hint, " to level %d, or remove it from level %d.", level, level + 1);
			definition_not_a_tree(d->source, level, label_text(breaks, level, cut),
								  label_text(breaks, level + 1, cut - 1),
								  label_text(breaks, level + 1, cut), hint.data);
		}
	}
}

/* Read one cut point into its mantissa and scale. */
static void
cut_read(const Definition *d, const char *text, bool dates, int64 *value, int *scale)
{
	int32		day;

	*scale = 0;
	if (dates)
	{
		if (!day_read(text, strlen(text), &day) || strpbrk(text, " T:") != NULL)
			definition_error(d->source,
							 psprintf("\"%s\" should be a date such as 2020-01-31, as the first cut is one.",
									  shown(text)), NULL);
		*value = day;
	}
	else if (!decimal_parse(text, value, scale))
		definition_error(d->source,
						 psprintf("\"%s\" should be a number of at most %d digits, such as 18 or 0.25, or a date such as 2020-01-31.",
								  shown(text), DECIMAL_DIGITS_MAX), NULL);
}

/* See generalize_internal.h. */
Hierarchy *
breaks_parse(const Definition *d)
{
	Breaks	   *breaks = palloc0(sizeof(Breaks));
	int			n = d->narguments;
	int64	   *values = palloc(sizeof(int64) * Max(n, 1));
	int		   *scales = palloc(sizeof(int) * Max(n, 1));
	int32		day;

	if (n == 0)
		definition_error(d->source, "\"breaks\" needs one cut point or more on each level.",
						 "For example: breaks(0, 18, 40, 65, 80; 0, 40, 80)");
	if (d->ngroups >= HIERARCHY_HEIGHT_MAX)
		definition_error(d->source, psprintf("There are %d levels; the limit is %d.",
											 d->ngroups + 1, HIERARCHY_HEIGHT_MAX), NULL);
	breaks->dates = day_read(d->arguments[0].text, strlen(d->arguments[0].text), &day);
	for (int i = 0; i < n; i++)
	{
		if (d->arguments[i].key)
			definition_error(d->source, psprintf("\"breaks\" has no option \"%s\".",
												 shown(d->arguments[i].key)),
							 "Only \"bins\" has options: from, below, above.");
		cut_read(d, d->arguments[i].text, breaks->dates, &values[i], &scales[i]);
		breaks->scale = Max(breaks->scale, scales[i]);
	}

	breaks->base.form = &breaks_form;
	breaks->base.domain = breaks->dates ? DOMAIN_DAY : DOMAIN_NUMBER;
	breaks->base.height = d->ngroups + 1;
	breaks->levels = palloc0(sizeof(BreakLevel) * d->ngroups);
	for (int i = 0; i < n; i++)
	{
		BreakLevel *level = &breaks->levels[d->arguments[i].group];

		if (breaks->scale > DECIMAL_DIGITS_MAX ||
			!decimal_rescale(&values[i], scales[i], breaks->scale))
			definition_error(d->source, psprintf("All numbers together need more than %d digits.",
												 DECIMAL_DIGITS_MAX), NULL);
		if (level->ncuts == 0)
			level->cuts = &values[i];
		else if (values[i] <= values[i - 1])
			definition_error(d->source,
							 psprintf("The cut %s should be greater than the cut %s before it.",
									  d->arguments[i].text, d->arguments[i - 1].text), NULL);
		level->ncuts++;
	}
	check_nesting(breaks, d);
	return &breaks->base;
}
