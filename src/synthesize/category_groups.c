/*-------------------------------------------------------------------------
 *
 * category_groups.c
 *		The labels of a category as one variable or two, and finding them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "synthesize/category_internal.h"

/* The groups that labels make with at most so many rows each, where a label has no more; MAX_LABEL_GROUPS + 1 if too many. */
static int
divide(const CategoryLabel *labels, int nlabels, int64 most, int *start)
{
	int			ngroups = 0;
	int64		rows = 0;

	for (int i = 0; i < nlabels; i++)
	{
		if (i == 0 || rows + labels[i].rows > most || i - start[ngroups - 1] == MAX_CODES)
		{
			if (ngroups == MAX_LABEL_GROUPS)
				return MAX_LABEL_GROUPS + 1;
			start[ngroups++] = i;
			rows = 0;
		}
		rows += labels[i].rows;
	}
	start[ngroups] = nlabels;
	return ngroups;
}

/* See category_internal.h. */
void
category_group(CategoryCoder *coder, const CategoryLabel *labels)
{
	int64		most = 1;

	if (coder->nlabels + coder->missing + coder->rare <= MAX_CODES)
		return;
	for (int i = 0; i < coder->nlabels; i++)
		most += labels[i].rows;
	/* neighbours in their order, which is that of the hierarchy or of the codes, are alike */
	coder->start = palloc(sizeof(int) * (MAX_LABEL_GROUPS + 1));
	most /= MAX_LABEL_GROUPS;
	do
	{
		most += most / 16 + 1;
		coder->ngroups = divide(labels, coder->nlabels, most, coder->start);
	} while (coder->ngroups > MAX_LABEL_GROUPS);
}

/* See category_internal.h. */
void
category_variables(const CategoryCoder *coder, Variable *variables, int *nvariables)
{
	memset(variables, 0, sizeof(Variable) * 2);
	variables[0].ncodes = (coder->ngroups > 0 ? coder->ngroups : coder->nlabels) + coder->missing + coder->rare;
	variables[0].ordered = coder->ordered && !coder->rare;
	variables[0].missing = coder->missing ? 0 : -1;
	variables[0].rare = coder->rare ? variables[0].ncodes - 1 : -1;
	variables[0].coarse = -1;
	*nvariables = 1;
	if (coder->ngroups > 0)
	{
		variables[1].ncodes = 1;
		for (int g = 0; g < coder->ngroups; g++)
			variables[1].ncodes = Max(variables[1].ncodes, coder->start[g + 1] - coder->start[g]);
		variables[1].missing = -1;
		variables[1].rare = -1;
		variables[1].coarse = 0;
		*nvariables = 2;
	}
}

/* Order of positions by the bytes of their labels. */
static int
compare_positions(const void *a, const void *b, void *arg)
{
	char	  **labels = arg;

	return strcmp(labels[*(const int *) a], labels[*(const int *) b]);
}

/* See category_internal.h. */
void
category_index(CategoryCoder *coder)
{
	coder->sorted = palloc(sizeof(int) * Max(coder->nlabels, 1));
	for (int i = 0; i < coder->nlabels; i++)
		coder->sorted[i] = i;
	qsort_arg(coder->sorted, coder->nlabels, sizeof(int), compare_positions, coder->labels);
}

/* See column.h. */
int64
category_find(const CategoryCoder *coder, const char *label)
{
	int			low = 0;
	int			high = coder->nlabels - 1;

	while (low <= high)
	{
		int			middle = low + (high - low) / 2;
		int			order = strcmp(coder->labels[coder->sorted[middle]], label);

		if (order == 0)
			return coder->sorted[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* See category_internal.h. */
char **
category_ancestors(const CategoryCoder *coder, const char *label, int *height)
{
	char	  **labels;

	if (coder->hierarchy == NULL)
		return NULL;
	*height = hierarchy_height(coder->hierarchy);
	labels = palloc0(sizeof(char *) * (*height + 1));
	hierarchy_labels(coder->hierarchy, UNKNOWNOID, CStringGetDatum(label), false, labels);
	return labels;
}

/* See column.h. */
bool
category_under(const CategoryCoder *coder, int64 raw, const char *label)
{
	int			height;
	char	  **labels;

	if (raw < 0 || raw >= coder->nlabels)
		return false;
	if (strcmp(coder->labels[raw], label) == 0)
		return true;
	labels = category_ancestors(coder, coder->labels[raw], &height);
	for (int l = 1; labels != NULL && l <= height; l++)
		if (labels[l] != NULL && strcmp(labels[l], label) == 0)
			return true;
	return false;
}

/* See column.h. */
int
category_codes(const CategoryCoder *coder, const char *label, CodeSet *set)
{
	int			matches = 0;
	int			group = 0;

	for (int i = 0; i < coder->nlabels; i++)
	{
		while (coder->ngroups > 0 && i >= coder->start[group + 1])
			group++;
		if (!category_under(coder, i, label))
			continue;
		codeset_add(set, (coder->ngroups > 0 ? group : i) + coder->missing);
		matches++;
	}
	return matches;
}

/* See column.h. */
int64
category_nearest(const CategoryCoder *coder, const char *label)
{
	int			height;
	char	  **ancestors = category_ancestors(coder, label, &height);

	for (int l = 1; ancestors != NULL && l < height; l++)
		for (int i = 0; ancestors[l] != NULL && i < coder->nlabels; i++)
			if (category_under(coder, i, ancestors[l]))
				return i;
	return -1;
}
