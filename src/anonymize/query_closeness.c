/*-------------------------------------------------------------------------
 *
 * query_closeness.c
 *		The distance between the values of a class and those of the whole
 *		table, as plain SQL windows.
 *
 * With c of the n values of a class and C of the N of the table equal to a
 * value, the equal distance is the sum of c/n - C/N where that is positive,
 * over the values of the class.  Over the common denominator n N it is a sum of
 * whole numbers, which float8 adds without error up to 2^53: then the query
 * and the plan find the same number, to the last bit.
 *
 * Hierarchical distances are the mean of equal distances: what is moved across
 * a level of the hierarchy is what the labels of that level differ by, and a
 * value that is moved to another one crosses every level under the one on
 * which they meet.  So each level but the highest is compared on its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "anonymize/query_internal.h"

/* A level of the sensitive values, and our columns for it. */
typedef struct ClosenessLevel
{
	const char *value;			/* the values themselves, or the labels of the level */
	char	   *path;			/* that, and all levels above: sorts once for all of them */
	char	   *in_class;		/* how many of the class are equal to this one */
	char	   *in_all;			/* how many of the table */
	char	   *turn;			/* 1 in one row of those of the class that are equal */
} ClosenessLevel;

struct Closeness
{
	const char *column;
	const Hierarchy *hierarchy; /* or NULL */
	bool		merges;			/* the collation of the column calls different labels equal */
	const char *quasi;
	char	   *class_total;
	char	   *total;
	int			nlevels;
	ClosenessLevel *levels;
};

/* See query_internal.h. */
Closeness *
closeness_create(Oid relid, const Policy *policy, const Requirement *r, const char *quasi,
				 int n, const ReleasedColumn *columns)
{
	Closeness  *c;
	int			number = r->sensitive + 1;

	if (strcmp(r->model->name, "t") != 0 && strcmp(r->model->name, "hierarchical_t") != 0)
		return NULL;
	c = palloc0(sizeof(Closeness));
	c->column = quote_identifier(policy->sensitive[r->sensitive].column);
	c->hierarchy = r->model->needs_tree ? policy->sensitive[r->sensitive].hierarchy : NULL;
	c->merges = query_merges_labels(relid, policy->sensitive[r->sensitive].column);
	c->quasi = quasi;
	c->class_total = query_own_name(psprintf("kiaim_class_%d", number), n, columns);
	c->total = query_own_name(psprintf("kiaim_all_%d", number), n, columns);
	c->nlevels = c->hierarchy != NULL ? hierarchy_height(c->hierarchy) : 1;
	c->levels = palloc0(sizeof(ClosenessLevel) * c->nlevels);
	for (int l = c->nlevels - 1; l >= 0; l--)
	{
		ClosenessLevel *level = &c->levels[l];
		const char *suffix = c->hierarchy != NULL ? psprintf("%d_%d", number, l)
			: psprintf("%d", number);

		level->value = l == 0 ? c->column
			: query_own_name(psprintf("kiaim_label_%s", suffix), n, columns);
		level->path = l == c->nlevels - 1 ? pstrdup(level->value)
			: psprintf("%s, %s", c->levels[l + 1].path, level->value);
		level->in_class = query_own_name(psprintf("kiaim_in_class_%s", suffix), n, columns);
		level->in_all = query_own_name(psprintf("kiaim_in_all_%s", suffix), n, columns);
		level->turn = query_own_name(psprintf("kiaim_turn_%s", suffix), n, columns);
	}
	return c;
}

/* See query_internal.h. */
void
closeness_append_labels(StringInfo sql, const Closeness *c)
{
	for (int l = 1; l < c->nlevels; l++)
		appendStringInfo(sql, ",\n      kiaim.generalize(%s, %s::kiaim.hierarchy, %d)%s AS %s",
						 c->column, quote_literal_cstr(hierarchy_definition(c->hierarchy)), l,
						 c->merges ? " COLLATE pg_catalog.\"C\"" : "", c->levels[l].value);
}

/* See query_internal.h. */
void
closeness_append_counts(StringInfo sql, const Closeness *c, const char *first, const char *once)
{
	const char *in_class = first != NULL ? psprintf(" FILTER (WHERE %s = 1)", first) : "";
	const char *in_all = once != NULL ? psprintf(" FILTER (WHERE %s = 1)", once) : "";

	for (int l = 0; l < c->nlevels; l++)
	{
		const ClosenessLevel *level = &c->levels[l];

		appendStringInfo(sql, ",\n    pg_catalog.count(*)%s OVER (PARTITION BY %s, %s) AS %s",
						 in_class, c->quasi, level->path, level->in_class);
		appendStringInfo(sql, ",\n    pg_catalog.row_number() OVER (PARTITION BY %s, %s) AS %s",
						 c->quasi, level->path, level->turn);
		appendStringInfo(sql, ",\n    pg_catalog.count(*)%s OVER (PARTITION BY %s) AS %s",
						 in_all, level->path, level->in_all);
	}
	appendStringInfo(sql, ",\n    pg_catalog.count(*)%s OVER (PARTITION BY %s) AS %s",
					 in_class, c->quasi, c->class_total);
	appendStringInfo(sql, ",\n    pg_catalog.count(*)%s OVER () AS %s", in_all, c->total);
}

/* See query_internal.h.  Both sides of an operator are float8: see append_verdict(). */
void
closeness_append_measure(StringInfo sql, const Closeness *c)
{
	if (c->nlevels > 1)
		appendStringInfoChar(sql, '(');
	for (int l = 0; l < c->nlevels; l++)
	{
		const ClosenessLevel *level = &c->levels[l];

		if (l > 0)
			appendStringInfoString(sql, "\n     + ");
		appendStringInfo(sql, "pg_catalog.sum(GREATEST(%s::pg_catalog.float8 * %s::pg_catalog.float8"
						 " - %s::pg_catalog.float8 * %s::pg_catalog.float8, 0))"
						 " FILTER (WHERE %s = 1) OVER class",
						 level->in_class, c->total, level->in_all, c->class_total, level->turn);
	}
	if (c->nlevels > 1)
		appendStringInfoChar(sql, ')');
	appendStringInfo(sql, "\n      / (%s::pg_catalog.float8 * %s::pg_catalog.float8)", c->class_total, c->total);
	if (c->nlevels > 1)
		appendStringInfo(sql, " / %d::pg_catalog.float8", c->nlevels);
}
