/*-------------------------------------------------------------------------
 *
 * generalize.h
 *		The room "generalize": how a value gets coarser.
 *
 * A hierarchy gives every value a chain of labels: level 0 is the value
 * itself, level hierarchy_height() is "*", always.  Between them the label of
 * level l + 1 is a function of the label of level l, so the labels of any set
 * of values form a tree.  Everything here is a pure function of its arguments:
 * no output depends on DateStyle, TimeZone, extra_float_digits or a locale.
 *
 * NULL is a value of its own: its label is NULL on every level but the top,
 * where it is "*".  A value outside its hierarchy is "*" from level 1 on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_GENERALIZE_H
#define KIAIM_GENERALIZE_H

#include "postgres.h"

/* The label of the top level. */
#define KIAIM_STAR	"*"

/* A parsed definition; its content is private to this room. */
typedef struct Hierarchy Hierarchy;

/*
 * Parse and validate a definition, allocated in the current memory context.
 * Errors: 22023 for a definition that is malformed or no tree, with the value
 * and both its parents in the DETAIL.
 */
extern Hierarchy *hierarchy_parse(const char *definition);

/* Parse a datum of type kiaim.hierarchy. */
extern Hierarchy *hierarchy_from_datum(Datum hierarchy);

/*
 * A policy gives a hierarchy as a definition or as a name from the table
 * kiaim.named_hierarchy, which is looked up through SPI (the caller has
 * connected).  Error 42704 if it is neither, with the nearest spelling.
 */
extern Hierarchy *hierarchy_resolve(const char *name_or_definition);

/* The canonical text of the definition; parses to the same hierarchy. */
extern const char *hierarchy_definition(const Hierarchy *h);

/* The level whose label is "*" for every value; at least 1. */
extern int	hierarchy_height(const Hierarchy *h);

/*
 * Error 42804 where values of this type cannot have a place in the hierarchy
 * (a calendar over text is fine, bins over dates are not).
 */
extern void hierarchy_check_type(const Hierarchy *h, Oid type);

/*
 * True if every label is an interval of numbers or days, or a single value, so
 * that kiaim.label_range() can read it: flat, bins, breaks, calendars, age_groups.
 */
extern bool hierarchy_has_intervals(const Hierarchy *h);

/*
 * Number of leaves of an explicit tree, or 0 for a computed hierarchy, whose
 * leaves are the distinct values of the table at hand.
 */
extern int64 hierarchy_leaves(const Hierarchy *h);

/*
 * Leaves under a label of an explicit tree on a level: 1 on level 0, all of
 * them for "*"; 1 for the NULL label.  Not to be called for computed hierarchies.
 */
extern int64 hierarchy_leaves_under(const Hierarchy *h, const char *label, int level);

/*
 * The whole chain of one value: labels[0 .. height], each palloc'd or a
 * constant in the current memory context, or NULL for the NULL label.  type is
 * the value's type; UNKNOWNOID means that value is a C string.
 */
extern void hierarchy_labels(const Hierarchy *h, Oid type, Datum value, bool isnull,
							 char **labels);

/*
 * The text of a value as level 0 shows it, palloc'd: dates and times in ISO
 * form (time zone UTC), shortest exact floats, numeric with its scale, text
 * unchanged, other types by their output function under fixed settings.
 */
extern char *value_text(Oid type, Datum value);

/*
 * The same for many values of one type: a reader in the current memory
 * context, and the text of a value, which is valid until the next call or the
 * end of the current memory context and does not end with a zero.
 */
typedef struct ValueReader ValueReader;

extern ValueReader *value_reader_create(Oid type);
extern const char *value_read_text(ValueReader *reader, Datum value, int *len);

/*
 * Code systems: true if the text is a code of the named system ("icd10",
 * "icdo_topography", "icdo_morphology", "tnm", "uicc", "ags"), in any of the
 * spellings that generalization accepts.
 */
extern bool code_system_accepts(const char *system, const char *text);

#endif							/* KIAIM_GENERALIZE_H */
