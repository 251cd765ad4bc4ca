/*-------------------------------------------------------------------------
 *
 * definition.c
 *		The grammar of definitions that are no trees, and the errors that all
 *		forms share.
 *
 *		definition = name [ "(" [ list { ";" list } ] ")" ]
 *		list       = argument { "," argument }
 *		argument   = [ key "=" ] text
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "parser/scansup.h"
#include "utils/builtins.h"

#include "generalize/generalize_internal.h"
#include "kiaim.h"

/* Definitions may be long; messages show no more of them than this. */
#define SHOWN_BYTES_MAX		80

/* See generalize_internal.h. */
char *
shown(const char *source)
{
	int			len = strlen(source);

	if (len <= SHOWN_BYTES_MAX)
		return pstrdup(source);
	return psprintf("%s...", pnstrdup(source, pg_mbcliplen(source, len, SHOWN_BYTES_MAX)));
}

/* See generalize_internal.h. */
void
definition_error(const char *source, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid hierarchy definition \"%s\"", shown(source)),
			 errdetail_internal("%s", detail),
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

/* See generalize_internal.h. */
void
definition_not_a_tree(const char *source, int level, const char *label,
					  const char *parent1, const char *parent2, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 source ? errmsg("hierarchy \"%s\" is not a tree", shown(source)) :
			 errmsg("the rows of a hierarchy are not a tree"),
			 errdetail("\"%s\" on level %d has two parents on level %d: \"%s\" and \"%s\".",
					   shown(label), level, level + 1, shown(parent1), shown(parent2)),
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

/* See generalize_internal.h. */
const char *
did_you_mean(const char *wrong, int n, const char *const *names, const char *fallback)
{
	const char *nearest = nearest_name(wrong, n, names);

	return nearest ? psprintf("Did you mean \"%s\"?", nearest) : fallback;
}

/* See generalize_internal.h. */
char *
definition_head(const char *source)
{
	const char *end;
	char	   *head;

	while (scanner_isspace(*source))
		source++;
	end = source;
	while (*end && *end != '(' && !scanner_isspace(*end))
		end++;
	head = pnstrdup(source, end - source);
	for (char *p = head; *p; p++)
		*p = pg_ascii_tolower((unsigned char) *p);
	return head;
}

/* A copy of the bytes from start to end without blanks around them. */
static char *
trimmed(const char *start, const char *end)
{
	while (start < end && scanner_isspace(*start))
		start++;
	while (end > start && scanner_isspace(end[-1]))
		end--;
	return pnstrdup(start, end - start);
}

/* One argument between two separators. */
static Argument *
parse_argument(const char *source, const char *start, const char *end, int group)
{
	Argument   *argument = palloc0(sizeof(Argument));
	const char *equals = memchr(start, '=', end - start);

	if (equals)
	{
		argument->key = trimmed(start, equals);
		start = equals + 1;
	}
	argument->text = trimmed(start, end);
	argument->group = group;
	if (*argument->text == '\0' || (argument->key && *argument->key == '\0'))
		definition_error(source, "An argument is empty.",
						 "Separate arguments by single commas.");
	return argument;
}

/* See generalize_internal.h. */
Definition *
definition_split(const char *source)
{
	Definition *d = palloc0(sizeof(Definition));
	const char *p;
	const char *start;
	List	   *arguments = NIL;

	d->source = source;
	d->name = definition_head(source);
	for (p = source; scanner_isspace(*p); p++)
		;
	p += strlen(d->name);
	while (scanner_isspace(*p))
		p++;
	if (*p == '(')
	{
		d->parenthesized = true;
		d->ngroups = 1;
		start = ++p;
		while (*p && *p != ')')
		{
			if (*p == ',' || *p == ';')
			{
				arguments = lappend(arguments,
									parse_argument(source, start, p, d->ngroups - 1));
				if (*p == ';')
					d->ngroups++;
				start = p + 1;
			}
			p++;
		}
		if (*p == '\0')
			definition_error(source, "The closing parenthesis is missing.", NULL);
		if (arguments != NIL || *trimmed(start, p) != '\0')
			arguments = lappend(arguments, parse_argument(source, start, p, d->ngroups - 1));
		p++;
		while (scanner_isspace(*p))
			p++;
	}
	if (*p)
		definition_error(source, psprintf("Unexpected \"%s\" after the end of the definition.",
										  shown(p)), NULL);

	d->narguments = list_length(arguments);
	d->arguments = palloc(sizeof(Argument) * Max(d->narguments, 1));
	for (int i = 0; i < d->narguments; i++)
		d->arguments[i] = *(Argument *) list_nth(arguments, i);
	return d;
}

/* See generalize_internal.h. */
int
definition_integer(const Definition *d, const char *text, int min, int max)
{
	int64		value;
	int			scale;

	if (!decimal_parse(text, &value, &scale) || scale > 0 || value < min || value > max)
		definition_error(d->source,
						 psprintf("\"%s\" should be a whole number from %d to %d.",
								  shown(text), min, max), NULL);
	return (int) value;
}

/* See generalize_internal.h. */
void
definition_plain_list(const Definition *d, const char *expected)
{
	if (d->narguments == 0)
		definition_error(d->source, psprintf("\"%s\" needs %s.", d->name, expected), NULL);
	if (d->ngroups > 1)
		definition_error(d->source, psprintf("\"%s\" takes one list; the semicolon separates the levels of \"breaks\" only.",
											 d->name), NULL);
	for (int i = 0; i < d->narguments; i++)
		if (d->arguments[i].key)
			definition_error(d->source, psprintf("\"%s\" has no option \"%s\".",
												 d->name, shown(d->arguments[i].key)),
							 "Only \"bins\" has options: from, below, above.");
	if (d->narguments >= HIERARCHY_HEIGHT_MAX)
		definition_error(d->source, psprintf("There are %d levels; the limit is %d.",
											 d->narguments + 1, HIERARCHY_HEIGHT_MAX), NULL);
}
