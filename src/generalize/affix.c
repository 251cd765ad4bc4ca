/*-------------------------------------------------------------------------
 *
 * affix.c
 *		prefix(n, ...) and suffix(n, ...): the first or last characters of a
 *		text, the others as stars.
 *
 * The stars keep the length of the text, so that a postal code still looks
 * like one and a short text is not taken for the start of a long one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "generalize/generalize_internal.h"

#define CHARACTERS_MAX	1000000

typedef struct Affix
{
	Hierarchy	base;
	bool		suffix;
	int		   *kept;			/* characters kept on the levels 1, 2, ... */
} Affix;

/* See HierarchyForm. */
static bool
affix_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	place->text.data = value_read_text(reader, value, &place->text.len);
	return true;
}

/* See HierarchyForm. */
static void
affix_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	const Affix *affix = (const Affix *) h;
	const char *data = place->text.data;
	int			len = place->text.len;
	int			kept = affix->kept[level - 1];
	int			characters;
	int			starred;
	int			bytes;

	/* characters are at most as many as bytes */
	if (len <= kept)
	{
		appendBinaryStringInfo(out, data, len);
		return;
	}
	characters = pg_mbstrlen_with_len(data, len);
	starred = Max(characters - kept, 0);
	enlargeStringInfo(out, len + starred);
	if (!affix->suffix)
	{
		bytes = characters == len ? Min(kept, len) : pg_mbcharcliplen(data, len, kept);
		appendBinaryStringInfo(out, data, bytes);
	}
	memset(out->data + out->len, '*', starred);
	out->len += starred;
	out->data[out->len] = '\0';
	if (affix->suffix)
	{
		bytes = characters == len ? starred : pg_mbcharcliplen(data, len, starred);
		appendBinaryStringInfo(out, data + bytes, len - bytes);
	}
}

/* See HierarchyForm. */
static void
affix_define(const Hierarchy *h, StringInfo out)
{
	const Affix *affix = (const Affix *) h;

	appendStringInfoString(out, affix->suffix ? "suffix(" : "prefix(");
	for (int i = 0; i < h->height - 1; i++)
		appendStringInfo(out, "%s%d", i == 0 ? "" : ", ", affix->kept[i]);
	appendStringInfoChar(out, ')');
}

static const HierarchyForm affix_form = {affix_place, affix_label, affix_define};

/* Refuse a level that shows more than the one before, with a made-up text. */
static void
check_nesting(const Affix *affix, const Definition *d)
{
	for (int i = 0; i + 2 < affix->base.height; i++)
	{
		int			kept = affix->kept[i];
		int			more = affix->kept[i + 1];
		Place		place[2];
		StringInfoData label;
		StringInfoData parents[2];

		if (more <= kept)
			continue;
		initStringInfo(&label);
		for (int j = 0; j < 2; j++)
		{
			/* texts that differ in the last character that the next level shows */
			char	   *text = palloc(more + 1);

			memset(text, '8', more + 1);
			text[affix->suffix ? 1 : more - 1] = j == 0 ? '0' : '1';
			place[j].text.data = text;
			place[j].text.len = more + 1;
			initStringInfo(&parents[j]);
			affix_label(&affix->base, &place[j], i + 2, &parents[j]);
		}
		affix_label(&affix->base, &place[0], i + 1, &label);
		definition_not_a_tree(d->source, i + 1, label.data, parents[0].data, parents[1].data,
							  psprintf("Keep fewer characters from level to level: %s(%d, %d).",
									   d->name, more, kept));
	}
}

/* Both forms. */
static Hierarchy *
affix_parse(const Definition *d, bool suffix)
{
	Affix	   *affix = palloc0(sizeof(Affix));

	definition_plain_list(d, psprintf("one number of characters or more, such as %s(3, 2, 1)", d->name));
	affix->base.form = &affix_form;
	affix->base.domain = DOMAIN_ANY;
	affix->base.height = d->narguments + 1;
	affix->suffix = suffix;
	affix->kept = palloc(sizeof(int) * d->narguments);
	for (int i = 0; i < d->narguments; i++)
		affix->kept[i] = definition_integer(d, d->arguments[i].text, 0, CHARACTERS_MAX);
	check_nesting(affix, d);
	return &affix->base;
}

/* See generalize_internal.h. */
Hierarchy *
prefix_parse(const Definition *d)
{
	return affix_parse(d, false);
}

/* See generalize_internal.h. */
Hierarchy *
suffix_parse(const Definition *d)
{
	return affix_parse(d, true);
}
