/*-------------------------------------------------------------------------
 *
 * generalize_internal.h
 *		What the files of the room "generalize" share with each other.
 *
 * A definition has one of several forms (bins, calendar, tree, ...).  Each form
 * is one file that offers a HierarchyForm: a parser, and three functions that
 * find the place of a value, write the label of a place, and write the
 * definition back.  What a form asks of a value - its text, its number, its
 * day - it asks through a ValueReader, so that no form knows types and no type
 * knows forms.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_GENERALIZE_INTERNAL_H
#define KIAIM_GENERALIZE_INTERNAL_H

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/numeric.h"

#include "compat.h"
#include "generalize/generalize.h"

/* No hierarchy is higher: levels are counted in small integers elsewhere. */
#define HIERARCHY_HEIGHT_MAX	64

/* ---- code systems (codes*.c): icd10, ..., age_groups ---- */

/* Room for one label of a code system, with its terminating zero. */
#define CODE_LABEL_MAX	64

/* The highest code_system_height() of any system. */
#define CODE_HEIGHT_MAX	8

typedef struct CodeSystem CodeSystem;

/* The system of that name, exactly spelled, or NULL. */
extern const CodeSystem *code_system_find(const char *name);

extern const char *code_system_name(const CodeSystem *s);

/* The level of "*", at most CODE_HEIGHT_MAX. */
extern int	code_system_height(const CodeSystem *s);

/*
 * The labels of a code on the levels 1 .. height - 1, written into
 * labels[1] .. labels[height - 1]; the others are left alone.  text has len
 * bytes, any number of them and any bytes, and need not end with a zero.
 * Returns false if it is no code of the system.  Hot path: no allocation.
 */
extern bool code_system_labels(const CodeSystem *s, const char *text, int len,
							   char (*labels)[CODE_LABEL_MAX]);

/* The names of all systems; returns how many. */
extern int	code_system_names(const char *const **names);

/* ---- scaled decimals (decimal.c) ---- */

/* Digits that the numbers of a definition may have in all. */
#define DECIMAL_DIGITS_MAX	18

/*
 * A number as a whole count of 10^-scale.  Numbers of a definition always fit
 * into value; a number from a table that does not is big, and then numeric
 * holds it, rounded down to the scale.
 */
typedef struct Decimal
{
	bool		big;
	int64		value;
	Numeric		numeric;
} Decimal;

/* 10^exponent, for exponents up to DECIMAL_DIGITS_MAX. */
extern int64 decimal_power(int exponent);

/* The integer as a decimal of that scale. */
extern void decimal_from_int64(int64 number, int scale, Decimal *result);

/*
 * Read a number as tables hold them ("-3", "1.50", "1e+20"), rounded down to
 * the scale.  False if the text is no finite number.
 */
extern bool decimal_read(const char *text, int len, int scale, Decimal *result);

/*
 * Read a number of a definition, plainly written.  False if it is malformed or
 * longer than DECIMAL_DIGITS_MAX.
 */
extern bool decimal_parse(const char *text, int64 *value, int *scale);

/* Change the scale of a number of a definition; false if it gets too long. */
extern bool decimal_rescale(int64 *value, int from, int to);

/* Room for what decimal_write() writes. */
#define DECIMAL_TEXT_MAX	32

/* Write without trailing zeros and without a terminating zero; returns the length. */
extern int	decimal_write(int64 value, int scale, char *out);

/* ---- values (value.c, value_text.c) ---- */

typedef enum ValueKind
{
	VALUE_INT2,
	VALUE_INT4,
	VALUE_INT8,
	VALUE_FLOAT4,
	VALUE_FLOAT8,
	VALUE_NUMERIC,
	VALUE_BOOL,
	VALUE_DATE,
	VALUE_TIMESTAMP,
	VALUE_TIMESTAMPTZ,
	VALUE_TEXT,					/* any varlena whose content is its text */
	VALUE_BPCHAR,
	VALUE_NAME,
	VALUE_CSTRING,				/* an untyped literal */
	VALUE_OTHER
} ValueKind;

/* How the values of one type are read; made once, used for many values. */
struct ValueReader
{
	ValueKind	kind;
	bool		fixed_output;	/* the output function obeys no setting */
	FmgrInfo	output;			/* VALUE_OTHER only */
	char		buffer[160];	/* short texts are written here */
};

/* Prepare for a type; what must last is allocated in the context. */
extern void value_reader_init(ValueReader *reader, Oid type, MemoryContext context);

/* The kind of a type, without preparing to read it. */
extern ValueKind value_kind(Oid type);

/* The value as a number, rounded down to the scale; false if it is none. */
extern bool value_read_number(ValueReader *reader, Datum value, int scale, Decimal *result);

/* The day of the value, in days since 2000-01-01; false if it has none. */
extern bool value_read_day(ValueReader *reader, Datum value, int32 *day);

/* ---- days as text (day.c) ---- */

/* Room for what the functions of this section write. */
#define DAY_TEXT_MAX	32

/* The year, at least four digits, of an astronomical year; no era.  Returns the length. */
extern int	year_write(int year, char *out);

/* " BC" if the astronomical year is before the year 1.  Returns the length. */
extern int	era_write(int year, char *out);

/* Two digits.  Returns the length. */
extern int	two_digits_write(int number, char *out);

/* The day in ISO form, as date_out() has it under DateStyle ISO.  Returns the length. */
extern int	day_write(int32 day, char *out);

/*
 * The first day of a month, counted from the start of the astronomical year 0;
 * PG_INT32_MIN or PG_INT32_MAX, beyond all dates, where date2j() cannot go.
 */
extern int64 month_first_day(int64 month);

/* The Monday of ISO week 1 of an astronomical year that date2j() can do. */
extern int32 week_first_day(int year);

/* Read an ISO date, with or without a time of day after it; false if it is none. */
extern bool day_read(const char *text, int len, int32 *day);

/* ---- definitions (definition.c) ---- */

/* One argument of a definition "name(argument, key=argument; ...)". */
typedef struct Argument
{
	const char *key;			/* NULL where there is none */
	const char *text;
	int			group;			/* semicolons before it */
} Argument;

typedef struct Definition
{
	const char *source;			/* as given */
	const char *name;			/* in lower case */
	bool		parenthesized;
	int			narguments;
	Argument   *arguments;
	int			ngroups;
} Definition;

/* Split a definition; errors where parentheses or arguments are missing. */
extern Definition *definition_split(const char *source);

/* The name that a definition begins with, in lower case. */
extern char *definition_head(const char *source);

/* A text of the user as messages show it: not all of it if it is long. */
extern char *shown(const char *text);

/* Refuse a definition as malformed.  detail and hint are full sentences; hint may be NULL. */
pg_noreturn extern void definition_error(const char *source, const char *detail,
										 const char *hint);

/* Refuse a definition because a label has two parents. */
pg_noreturn extern void definition_not_a_tree(const char *source, int level, const char *label,
											  const char *parent1, const char *parent2,
											  const char *hint);

/* A whole number argument between two bounds, or an error that says so. */
extern int	definition_integer(const Definition *d, const char *text, int min, int max);

/* Refuse keys, groups and empty lists in forms that have none. */
extern void definition_plain_list(const Definition *d, const char *expected);

/* The HINT 'Did you mean "..."?', or the fallback where nothing is near. */
extern const char *did_you_mean(const char *wrong, int n, const char *const *names,
								const char *fallback);

/* ---- forms ---- */

/* Where a value sits in a hierarchy: as much as its labels need to be written. */
typedef union Place
{
	Decimal		number;
	int32		day;
	uint32		node;
	struct
	{
		const char *data;
		int			len;
	}			text;
	char		codes[CODE_HEIGHT_MAX][CODE_LABEL_MAX];
} Place;

typedef enum ValueDomain
{
	DOMAIN_ANY,
	DOMAIN_CODE,
	DOMAIN_NUMBER,
	DOMAIN_DAY
} ValueDomain;

/* What a form can do; the levels in question are 1 .. height - 1. */
typedef struct HierarchyForm
{
	/* find the place of a value; false if it is outside */
	bool		(*place) (const Hierarchy *h, ValueReader *reader, Datum value, Place *place);
	/* append the label of a place on a level */
	void		(*label) (const Hierarchy *h, const Place *place, int level, StringInfo out);
	/* append the canonical definition */
	void		(*define) (const Hierarchy *h, StringInfo out);
	/* all labels are intervals or single values, in the grammar of label_range.c */
	bool		intervals;
} HierarchyForm;

/* The head of every form's own struct. */
struct Hierarchy
{
	const HierarchyForm *form;
	ValueDomain domain;
	int			height;
	char	   *definition;
};

/* Parsers of the forms; all in the current memory context. */
extern Hierarchy *bins_parse(const Definition *d);
extern Hierarchy *breaks_parse(const Definition *d);
extern Hierarchy *calendar_parse(const Definition *d);
extern Hierarchy *prefix_parse(const Definition *d);
extern Hierarchy *suffix_parse(const Definition *d);
extern Hierarchy *tree_parse(const char *json);

/* True for the first word of any definition but a tree. */
extern bool hierarchy_name_is_taken(const char *name);

/* The names of all forms but trees; returns how many. */
extern int	hierarchy_names(const char *const **names);

/* Append the label of a value on a level; the value is not NULL, the level 0 .. height. */
extern void hierarchy_label(const Hierarchy *h, ValueReader *reader, Datum value, int level,
							StringInfo out);

/* ---- trees (tree.c, tree_json.c) ---- */

typedef struct Tree Tree;

/* A label that need not end with a zero. */
typedef struct TreeLabel
{
	const char *data;
	int			len;
} TreeLabel;

/*
 * An empty tree whose chains have nlevels labels, in a context of its own under
 * the current one.  source is the definition that error messages name, NULL for
 * rows.
 */
extern Tree *tree_create(int nlevels, const char *source);

/*
 * Add a chain, leaf first.  Errors: 22023 if a label would get a second
 * parent, 53400 if the tree outgrows kiaim.max_memory.
 */
extern void tree_add(Tree *tree, const TreeLabel *chain);

extern int	tree_nlevels(const Tree *tree);
extern uint32 tree_nlabels(const Tree *tree, int level);
extern TreeLabel tree_label(const Tree *tree, int level, uint32 node);

/* The parent's number on the level above; level is below the last. */
extern uint32 tree_parent(const Tree *tree, int level, uint32 node);

/* Number of leaves under a label. */
extern uint32 tree_leaves(const Tree *tree, int level, uint32 node);

/* Find a label on a level; false if there is none. */
extern bool tree_find(const Tree *tree, int level, const char *data, int len, uint32 *node);

/* True if the last level is "*" for all. */
extern bool tree_has_root(const Tree *tree);

/* Read a tree from JSON; error 22023 if it is malformed or no tree. */
extern Tree *tree_read(const char *json);

/*
 * Append the tree as JSON, with a root where it has none.  sorted puts children
 * in byte order, otherwise they are as they were added.
 */
extern void tree_write(const Tree *tree, bool sorted, StringInfo out);

#endif							/* KIAIM_GENERALIZE_INTERNAL_H */
