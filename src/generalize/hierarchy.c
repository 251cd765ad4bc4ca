/*-------------------------------------------------------------------------
 *
 * hierarchy.c
 *		A hierarchy, whatever its form: parse it, ask it.
 *
 * This file knows the list of forms and what holds for all of them: level 0 is
 * the value's text, the top is "*", a value outside is "*" from level 1 on.
 * The two simplest forms, flat and the code systems, live here as well.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "generalize/generalize_internal.h"
#include "kiaim.h"

typedef struct CodeHierarchy
{
	Hierarchy	base;
	const CodeSystem *system;
} CodeHierarchy;

/* Forms that are written as a name, but for the code systems. */
typedef struct NamedForm
{
	const char *name;
	Hierarchy  *(*parse) (const Definition *d);
} NamedForm;

static Hierarchy *flat_parse(const Definition *d);

static const NamedForm named_forms[] = {
	{"flat", flat_parse},
	{"bins", bins_parse},
	{"breaks", breaks_parse},
	{"calendar", calendar_parse},
	{"prefix", prefix_parse},
	{"suffix", suffix_parse}
};

static const char *const overview =
"A definition is flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system such as icd10, or a tree in JSON; names in kiaim.named_hierarchy are for policies.";

/* Refuse arguments after a name that takes none. */
static void
refuse_arguments(const Definition *d)
{
	if (d->parenthesized)
		definition_error(d->source, psprintf("\"%s\" takes no arguments.", d->name),
						 psprintf("Write %s without parentheses.", d->name));
}

/* See HierarchyForm: flat has no level between the value and "*". */
static bool
flat_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	return false;
}

/* See HierarchyForm. */
static void
flat_define(const Hierarchy *h, StringInfo out)
{
	appendStringInfoString(out, "flat");
}

static const HierarchyForm flat_form = {flat_place, NULL, flat_define, true};

/* flat */
static Hierarchy *
flat_parse(const Definition *d)
{
	Hierarchy  *h = palloc0(sizeof(Hierarchy));

	refuse_arguments(d);
	h->form = &flat_form;
	h->domain = DOMAIN_ANY;
	h->height = 1;
	return h;
}

/* See HierarchyForm. */
static bool
code_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	int			len;
	const char *text = value_read_text(reader, value, &len);

	return code_system_labels(((const CodeHierarchy *) h)->system, text, len, place->codes);
}

/* See HierarchyForm. */
static void
code_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	appendStringInfoString(out, place->codes[level]);
}

/* See HierarchyForm. */
static void
code_define(const Hierarchy *h, StringInfo out)
{
	appendStringInfoString(out, code_system_name(((const CodeHierarchy *) h)->system));
}

static const HierarchyForm code_form = {code_place, code_label, code_define};

/* The one whose labels are intervals of numbers. */
static const HierarchyForm age_groups_form = {code_place, code_label, code_define, true};

/* A code system by name. */
static Hierarchy *
code_parse(const Definition *d, const CodeSystem *system)
{
	CodeHierarchy *h = palloc0(sizeof(CodeHierarchy));

	refuse_arguments(d);
	h->base.form = strcmp(d->name, "age_groups") == 0 ? &age_groups_form : &code_form;
	h->base.domain = DOMAIN_CODE;
	h->base.height = code_system_height(system);
	h->system = system;
	return &h->base;
}

/* See generalize_internal.h. */
int
hierarchy_names(const char *const **names)
{
	static const char **all = NULL;
	static int	n;

	if (all == NULL)
	{
		const char *const *codes;
		int			ncodes = code_system_names(&codes);
		const char **list = MemoryContextAlloc(TopMemoryContext,
											   sizeof(char *) * (lengthof(named_forms) + ncodes));

		n = 0;
		for (int i = 0; i < lengthof(named_forms); i++)
			list[n++] = named_forms[i].name;
		for (int i = 0; i < ncodes; i++)
			list[n++] = codes[i];
		all = list;
	}
	*names = all;
	return n;
}

/* See generalize_internal.h. */
bool
hierarchy_name_is_taken(const char *name)
{
	char	   *head = definition_head(name);
	const char *const *names;
	int			n = hierarchy_names(&names);

	for (int i = 0; i < n; i++)
		if (strcmp(head, names[i]) == 0)
			return true;
	return *head == '{' || *head == '\0';
}

/* A definition that is a name, maybe with arguments. */
static Hierarchy *
parse_named(const char *definition)
{
	char	   *name = definition_head(definition);
	const CodeSystem *system = code_system_find(name);
	const char *const *names;
	int			n;

	for (int i = 0; i < lengthof(named_forms); i++)
		if (strcmp(name, named_forms[i].name) == 0)
			return named_forms[i].parse(definition_split(definition));
	if (system)
		return code_parse(definition_split(definition), system);

	n = hierarchy_names(&names);
	definition_error(definition,
					 *name ? psprintf("There is no hierarchy \"%s\".", shown(name)) :
					 "The definition is empty.",
					 did_you_mean(name, n, names, overview));
}

/* See generalize.h. */
Hierarchy *
hierarchy_parse(const char *definition)
{
	Hierarchy  *h;
	StringInfoData canonical;
	const char *start = definition;

	while (scanner_isspace(*start))
		start++;
	h = (*start == '{' || *start == '[' || *start == '"') ? tree_parse(definition) :
		parse_named(definition);
	initStringInfo(&canonical);
	h->form->define(h, &canonical);
	h->definition = canonical.data;
	return h;
}

/* See generalize.h. */
Hierarchy *
hierarchy_from_datum(Datum hierarchy)
{
	return hierarchy_parse(TextDatumGetCString(hierarchy));
}

/* See generalize.h. */
const char *
hierarchy_definition(const Hierarchy *h)
{
	return h->definition;
}

/* See generalize.h. */
int
hierarchy_height(const Hierarchy *h)
{
	return h->height;
}

/* True if values of that kind can have a place in a hierarchy of that domain. */
static bool
domain_accepts(ValueDomain domain, ValueKind kind)
{
	switch (kind)
	{
		case VALUE_TEXT:
		case VALUE_BPCHAR:
		case VALUE_NAME:
		case VALUE_CSTRING:
			return true;
		case VALUE_INT2:
		case VALUE_INT4:
		case VALUE_INT8:
		case VALUE_FLOAT4:
		case VALUE_FLOAT8:
		case VALUE_NUMERIC:
			return domain != DOMAIN_DAY;
		case VALUE_DATE:
		case VALUE_TIMESTAMP:
		case VALUE_TIMESTAMPTZ:
			return domain == DOMAIN_DAY || domain == DOMAIN_ANY;
		case VALUE_BOOL:
			return domain == DOMAIN_ANY;
		case VALUE_OTHER:
		default:
			return domain == DOMAIN_ANY || domain == DOMAIN_CODE;
	}
}

/* See generalize.h. */
void
hierarchy_check_type(const Hierarchy *h, Oid type)
{
	static const char *const wanted[] = {
		[DOMAIN_ANY] = "any values",
		[DOMAIN_CODE] = "codes",
		[DOMAIN_NUMBER] = "numbers",
		[DOMAIN_DAY] = "dates"
	};
	ValueKind	kind = value_kind(type);

	if (domain_accepts(h->domain, kind))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("values of type %s have no place in the hierarchy \"%s\"",
					format_type_be(type), shown(h->definition)),
			 errdetail("The hierarchy is made for %s.", wanted[h->domain]),
			 kind == VALUE_DATE || kind == VALUE_TIMESTAMP || kind == VALUE_TIMESTAMPTZ ?
			 errhint("Use a hierarchy such as calendar(month, year) for dates.") :
			 h->domain == DOMAIN_DAY ? errhint("Use a hierarchy such as bins(5, 10) for numbers.") :
			 errhint("Use flat, or a tree in JSON, for values of this type.")));
}

/* See generalize_internal.h. */
void
hierarchy_label(const Hierarchy *h, ValueReader *reader, Datum value, int level, StringInfo out)
{
	Place		place;

	if (level == 0)
	{
		int			len;
		const char *text = value_read_text(reader, value, &len);

		appendBinaryStringInfo(out, text, len);
	}
	else if (level == h->height || !h->form->place(h, reader, value, &place))
		appendStringInfoChar(out, *KIAIM_STAR);
	else
		h->form->label(h, &place, level, out);
}

/* See generalize.h. */
void
hierarchy_labels(const Hierarchy *h, Oid type, Datum value, bool isnull, char **labels)
{
	ValueReader reader;
	Place		place;
	bool		inside;
	const char *text;
	int			len;
	StringInfoData label;

	for (int level = 0; level < h->height; level++)
		labels[level] = NULL;
	labels[h->height] = KIAIM_STAR;
	if (isnull)
		return;

	value_reader_init(&reader, type, CurrentMemoryContext);
	text = value_read_text(&reader, value, &len);
	labels[0] = pnstrdup(text, len);
	inside = h->form->place(h, &reader, value, &place);
	initStringInfo(&label);
	for (int level = 1; level < h->height; level++)
	{
		resetStringInfo(&label);
		if (inside)
			h->form->label(h, &place, level, &label);
		labels[level] = inside ? pnstrdup(label.data, label.len) : KIAIM_STAR;
	}
	pfree(label.data);
}
