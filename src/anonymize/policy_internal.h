/*-------------------------------------------------------------------------
 *
 * policy_internal.h
 *		What the files of the policy share: JSON members that know where they
 *		stand, and the columns of the relation with the roles they are given.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_POLICY_INTERNAL_H
#define KIAIM_POLICY_INTERNAL_H

#include "anonymize/anonymize.h"
#include "compat.h"

/* ---- policy_json.c: members of the JSON document ---- */

/* A value of the policy, with the path that messages call it by. */
typedef struct PolicyMember
{
	char	   *key;			/* the last step of the path */
	char	   *path;			/* "" for the policy itself, else quasi.age.weight */
	JsonbValue	value;
} PolicyMember;

/* A word of the grammar, and whether this version can do what it asks for. */
typedef struct PolicyWord
{
	const char *word;
	bool		works;
	bool		of_column;		/* belongs to a sensitive column instead, and is unknown here */
} PolicyWord;

/* The policy itself as a member. */
extern PolicyMember *policy_root(Jsonb *policy);

/* True if the value is a JSON object. */
extern bool policy_is_object(const PolicyMember *member);

/* The members of a JSON object; error 22023 if it is none.  Returns their number. */
extern int	policy_members(const PolicyMember *object, PolicyMember **members);

/* The same, each of which must be one of the words (else 22023 or 0A000). */
extern int	policy_known_members(const PolicyMember *object, int nwords, const PolicyWord *words,
								 PolicyMember **members);

/* The member of that key, or NULL. */
extern PolicyMember *policy_find(int n, PolicyMember *members, const char *key);

/* Scalars, with error 22023 for another JSON type. */
extern char *policy_string(const PolicyMember *member);
extern double policy_number(const PolicyMember *member);

/* An integer from min to max; error 22023 otherwise, with detail if not NULL. */
extern int	policy_integer(const PolicyMember *member, int min, int max, const char *detail);

/* The index of the string among the words; error 22023 or 0A000 otherwise. */
extern int	policy_choice(const PolicyMember *member, int nwords, const PolicyWord *words);

/* An integer of 64 bits; error 22023 otherwise. */
extern int64 policy_bigint(const PolicyMember *member);

/* An array of strings, each once; error 22023 otherwise.  Returns their number. */
extern int	policy_strings(const PolicyMember *member, char ***strings);

/* Error 22023 for a number that is not what the text says it must be. */
pg_noreturn extern void policy_refuse_number(const PolicyMember *member, const char *must_be);

/* The hierarchy text of a member: a string, or a tree as a JSON object. */
extern char *policy_hierarchy_text(const PolicyMember *member);

/* ---- policy_columns.c: columns of the relation and their roles ---- */

typedef struct PolicyColumns PolicyColumns;

/*
 * What a policy is read for: a release made from the relation, where each
 * column must exist and suit its role, or a measurement of the relation as it
 * stands, which may be a release already: generalized values are text, and
 * the columns in keep do not matter.
 */
typedef enum PolicyPurpose
{
	POLICY_RELEASE,
	POLICY_MEASURE
} PolicyPurpose;

/* The columns of a relation that rows can be read from; error 42809 for others. */
extern PolicyColumns *policy_columns(Oid relid, PolicyPurpose purpose);

/*
 * Give a column its role, the member (quasi, keep, ...) that names it; error
 * 22023 if it has one already.  Returns its position among the columns, or -1
 * if the relation has no such column and the role is one that may lack it;
 * error 42703 otherwise.
 */
extern int	policy_claim(PolicyColumns *columns, const char *column, const char *role);

/* Error 42703, naming the member, if the relation has no such column; it is given no role. */
extern void policy_check_column(const PolicyColumns *columns, const char *column, const char *member);

/* The type of the column at a position; that below it where it is a domain. */
extern Oid	policy_column_type(const PolicyColumns *columns, int position);

/* Error 22023 if the column at a position looks as if it identified persons. */
extern void policy_check_as_it_is(const PolicyColumns *columns, int position, const char *role);

/* ---- policy.c ---- */

/* What a policy is made from while it is parsed. */
typedef struct PolicyParser
{
	Policy	   *policy;
	Oid			relid;
	PolicyPurpose purpose;
	PolicyColumns *columns;
	int			max_requirements;
} PolicyParser;

/* A column of the policy with its position in the relation, to sort by. */
typedef struct PlacedMember
{
	int			position;
	PolicyMember *member;
} PlacedMember;

/*
 * The members of an object of columns, claimed for the role of the object, in
 * the order of the relation's columns.  Returns their number.
 */
extern int	policy_place_columns(PolicyParser *parser, const PolicyMember *object,
								 PlacedMember **placed);

/*
 * Columns that an array names, claimed for its role; refused where they look
 * like identifiers, unless they may.  Returns their number.
 */
extern int	policy_parse_released(PolicyParser *parser, const PolicyMember *member,
								  bool may_identify, char ***names);

/* The hierarchy of a member, checked against the type of its column unless that is InvalidOid. */
extern Hierarchy *policy_parse_hierarchy(const PolicyMember *member, Oid type);

/* policy_parse() for kiaim.check: see POLICY_MEASURE. */
extern Policy *policy_parse_to_measure(Jsonb *policy, Oid relid);

/* ---- policy_quality.c ---- */

/* The members quality and aggregate of the policy. */
extern void policy_parse_quality(PolicyParser *parser, int n, PolicyMember *members);

/* Find the target of the quality among the columns of the policy; error 22023 otherwise. */
extern void policy_find_target(Policy *policy);

/* ---- policy_steps.c ---- */

/* How a quasi-identifier is written; type is that of its column, or InvalidOid to check nothing. */
extern void policy_parse_output(const PolicyMember *member, Oid type, PolicyQuasi *quasi);

/* The member keep: an array of columns, or an object with their limits. */
extern void policy_parse_keep(PolicyParser *parser, const PolicyMember *member);

/* The member sample; the person of the policy is known by now. */
extern void policy_parse_sample(PolicyParser *parser, const PolicyMember *member);

/* The member differential_privacy: epsilon and delta. */
extern void policy_parse_privacy(Policy *policy, const PolicyMember *member);

/* Error 22023 for what cannot stand beside differential privacy; everything else has been parsed. */
extern void policy_check_privacy(const Policy *policy, int n, PolicyMember *members);

/*
 * The member ledger, which releases alone obey; error 22023 where it could tell
 * nobody apart.  Everything else has been parsed.
 */
extern void policy_parse_ledger(const Policy *policy, const PolicyMember *member);

/* ---- policy_synthesize.c ---- */

/*
 * The member synthesize, which releases alone obey; error 22023 where it cannot
 * stand beside another one.  ledger is that member or NULL; all else has been parsed.
 */
extern void policy_parse_synthesize(const Policy *policy, const PolicyMember *member,
									const PolicyMember *ledger);

/* ---- policy_requirements.c ---- */

/* The requirements among the members of the policy itself: k first. */
extern void policy_parse_requirements(PolicyParser *parser, int n, PolicyMember *members);

/*
 * Add a requirement; sensitive is the index of its column, or -1.  The name
 * begins the label that kiaim.check shows: "k", "l of icd10".
 */
extern Requirement *policy_add_requirement(PolicyParser *parser, const char *model,
										   const char *name, int sensitive, double wanted);

/* ---- policy_sensitive.c ---- */

/*
 * The member sensitive, or NULL if there is none: columns and what is required
 * of them.  The requirements of the policy itself must be there.
 */
extern void policy_parse_sensitive(PolicyParser *parser, const PolicyMember *member);

/* ---- policy_table.c ---- */

/* The requirements on the table as a whole, and on its classes beside a population's. */
extern void policy_parse_table(PolicyParser *parser, int n, PolicyMember *members);

/*
 * Errors for what these requirements do not go with: 42703 unless each
 * population has the quasi-identifiers as columns, 0A000 for a recoding.
 */
extern void policy_check_table(const PolicyParser *parser);

/* ---- policy_recoding.c ---- */

/* The member recoding: a method, or an object with its options. */
extern void policy_parse_recoding(Policy *policy, const PolicyMember *member);

/*
 * What a policy says elsewhere must suit the recoding: error 0A000 for what a
 * method cannot do, 22023 for options that contradict it.
 */
extern void policy_check_recoding(const Policy *policy);

#endif							/* KIAIM_POLICY_INTERNAL_H */
