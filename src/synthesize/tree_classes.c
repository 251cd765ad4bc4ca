/*-------------------------------------------------------------------------
 *
 * tree_classes.c
 *		The classes of a node.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/tree_internal.h"

/* Groups of codes in order: so many in a large node. */
#define MOST_GROUPS		16
#define LEAST_GROUPS	4

/* How many groups n rows in order are looked at in. */
static int
groups_for(int64 n)
{
	int			groups = LEAST_GROUPS;

	/* the square root of n: the finer, the fewer rows tell the groups apart */
	while (groups < MOST_GROUPS && (int64) groups * groups < n)
		groups++;
	return groups;
}

/*
 * Equal groups of codes in order.  A code that fills one by itself gets it; the
 * missing one always does.
 */
static void
group_ordered(NodeClasses *classes, int missing, const uint32 *counts, int ncodes, int64 n)
{
	int			groups = groups_for(n);
	int64		left = n;
	int64		held = 0;		/* rows of the group that is open */

	classes->n = 0;
	for (int code = 0; code < ncodes; code++)
	{
		int64		share = left / groups;

		if (counts[code] == 0)
			continue;
		/* close the group where this code would carry it further past its share than it lacks */
		if (held > 0 && held + counts[code] - share > share - held)
		{
			left -= held;
			groups = Max(groups - 1, 1);
			classes->n++;
			held = 0;
		}
		classes->map[code] = classes->n;
		held += counts[code];
		if (code == missing || held >= share)
		{
			left -= held;
			groups = Max(groups - 1, 1);
			classes->n++;
			held = 0;
		}
	}
	if (held > 0)
		classes->n++;
}

/* The most frequent codes, each a class, and the rest together. */
static void
group_frequent(NodeClasses *classes, const uint32 *counts, int ncodes)
{
	bool		chosen[MAX_CODES] = {0};

	classes->n = 0;
	for (int i = 0; i < NODE_CLASSES - 1; i++)
	{
		int			most = -1;

		for (int code = 0; code < ncodes; code++)
			if (!chosen[code] && counts[code] > 0 && (most < 0 || counts[code] > counts[most]))
				most = code;
		chosen[most] = true;
		classes->map[most] = classes->n++;
	}
	for (int code = 0; code < ncodes; code++)
		if (!chosen[code])
			classes->map[code] = classes->n;
	classes->n++;
}

/* See tree_internal.h. */
void
node_classes_make(NodeClasses *classes, const TreeData *data, const uint32 *counts, int64 n)
{
	int			ncodes = data->nclasses;
	int			present = 0;

	for (int code = 0; code < ncodes; code++)
		present += counts[code] > 0;
	if (present <= (data->ordered ? groups_for(n) : NODE_CLASSES))
	{
		classes->n = 0;
		for (int code = 0; code < ncodes; code++)
			if (counts[code] > 0)
				classes->map[code] = classes->n++;
	}
	else if (data->ordered)
		group_ordered(classes, data->missing, counts, ncodes, n);
	else
		group_frequent(classes, counts, ncodes);
	classes->linear = data->ordered || classes->n <= 2;
	memset(classes->counts, 0, sizeof(classes->counts));
	for (int code = 0; code < ncodes; code++)
		if (counts[code] > 0)
			classes->counts[classes->map[code]] += counts[code];
}
