/*-------------------------------------------------------------------------
 *
 * codes.c
 *		The registry of code systems, and the one that needs no table of its
 *		own: five-year age groups.
 *
 * The hierarchies over code systems know nothing but the interface here; a
 * new system is one function in a file of its own and one line in the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "generalize/codes_internal.h"

static const CodeSystem systems[] = {
	{"icd10", 6, icd10_labels},
	{"icdo_topography", 3, icdo_topography_labels},
	{"icdo_morphology", 4, icdo_morphology_labels},
	{"tnm", 3, tnm_labels},
	{"uicc", 3, uicc_labels},
	{"ags", 4, ags_labels},
	{"age_groups", 2, age_groups_labels},
};

static const char *const names[] = {
	"icd10", "icdo_topography", "icdo_morphology", "tnm", "uicc", "ags", "age_groups",
};

StaticAssertDecl(lengthof(systems) == lengthof(names), "every code system has a name");

/* The system of that name, exactly spelled, or NULL. */
const CodeSystem *
code_system_find(const char *name)
{
	for (int i = 0; i < lengthof(systems); i++)
		if (strcmp(systems[i].name, name) == 0)
			return &systems[i];
	return NULL;
}

/* The name of a system, as in a hierarchy's definition. */
const char *
code_system_name(const CodeSystem *s)
{
	return s->name;
}

/* The level of "*". */
int
code_system_height(const CodeSystem *s)
{
	return s->height;
}

/* The names of all systems, for hints; returns how many. */
int
code_system_names(const char *const **all)
{
	*all = names;
	return lengthof(names);
}

/* The labels of a code between its own text and "*". */
bool
code_system_labels(const CodeSystem *s, const char *text, int len, CodeLabel *labels)
{
	return s->labels(text, len, labels);
}

/* True if the text is a code of the system, in any spelling that generalizes. */
bool
code_system_accepts(const char *system, const char *text)
{
	const CodeSystem *s = code_system_find(system);
	CodeLabel	labels[CODE_HEIGHT_MAX];

	if (s == NULL)
		elog(ERROR, "unknown code system \"%s\"", system);
	return s->labels(text, strlen(text), labels);
}

/*
 * The first age of a five-year group written out: "75-79", "85+", or as the
 * sample files of the ZfKD write them, "a75b79" and "a85plus" (RKI, DOI
 * 10.5281/zenodo.10022040).  -1 if the text is none.
 */
static int
parse_age_group(CodeCursor c)
{
	bool		letters = code_take(&c, 'A');
	int			from;
	int			to;

	if (code_take_digits(&c, 2, &from) == 0 || from % 5 != 0 || from > 85)
		return -1;
	if (!letters)
		code_skip_blanks(&c);
	if (from == 85)
	{
		if (!(letters ? code_take_word(&c, "PLUS") : code_take(&c, '+')))
			return -1;
	}
	else
	{
		if (!code_take(&c, letters ? 'B' : '-'))
			return -1;
		if (!letters)
			code_skip_blanks(&c);
		if (code_take_digits(&c, 2, &to) == 0 || to != from + 4)
			return -1;
	}
	return code_done(&c) ? from : -1;
}

/* Step over decimals, if any, up to the end of the text. */
static bool
skip_decimals(CodeCursor *c)
{
	if (code_done(c))
		return true;
	if (!code_take(c, '.') || code_done(c))
		return false;
	while (c->at < c->end && code_is_digit(*c->at))
		c->at++;
	return code_done(c);
}

/*
 * Five-year age groups of the association of German cancer registries: 0-4,
 * 5-9, ..., 80-84, 85+.  A value is an age in years from 0 to 130, decimals
 * being those of a completed year, or already a group.
 */
bool
age_groups_labels(const char *text, int len, CodeLabel *labels)
{
	CodeCursor	start = code_cursor(text, len);
	CodeCursor	c = start;
	int			age;
	char	   *to = labels[1];

	if (code_take_digits(&c, 3, &age) == 0 || age > 130 || !skip_decimals(&c))
	{
		age = parse_age_group(start);
		if (age < 0)
			return false;
	}

	age = Min(age - age % 5, 85);
	to = code_put_number(to, age, age < 10 ? 1 : 2);
	if (age == 85)
		*to++ = '+';
	else
	{
		*to++ = '-';
		to = code_put_number(to, age + 4, age < 10 ? 1 : 2);
	}
	*to = '\0';
	return true;
}
