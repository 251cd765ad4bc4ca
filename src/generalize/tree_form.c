/*-------------------------------------------------------------------------
 *
 * tree_form.c
 *		Explicit trees as a form of hierarchy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "generalize/generalize_internal.h"

typedef struct TreeHierarchy
{
	Hierarchy	base;
	Tree	   *tree;
} TreeHierarchy;

/* See HierarchyForm. */
static bool
tree_place(const Hierarchy *h, ValueReader *reader, Datum value, Place *place)
{
	int			len;
	const char *text = value_read_text(reader, value, &len);

	return tree_find(((const TreeHierarchy *) h)->tree, 0, text, len, &place->node);
}

/* See HierarchyForm. */
static void
tree_form_label(const Hierarchy *h, const Place *place, int level, StringInfo out)
{
	const Tree *tree = ((const TreeHierarchy *) h)->tree;
	uint32		node = place->node;
	TreeLabel	label;

	for (int l = 0; l < level; l++)
		node = tree_parent(tree, l, node);
	label = tree_label(tree, level, node);
	appendBinaryStringInfo(out, label.data, label.len);
}

/* See HierarchyForm. */
static void
tree_define(const Hierarchy *h, StringInfo out)
{
	tree_write(((const TreeHierarchy *) h)->tree, false, out);
}

static const HierarchyForm tree_form = {tree_place, tree_form_label, tree_define};

/* See generalize_internal.h. */
Hierarchy *
tree_parse(const char *json)
{
	TreeHierarchy *h = palloc0(sizeof(TreeHierarchy));

	h->tree = tree_read(json);
	h->base.form = &tree_form;
	h->base.domain = DOMAIN_ANY;
	h->base.height = tree_nlevels(h->tree) - 1;
	return &h->base;
}

/* See generalize.h. */
int64
hierarchy_leaves(const Hierarchy *h)
{
	return h->form == &tree_form ? tree_nlabels(((const TreeHierarchy *) h)->tree, 0) : 0;
}

/* See generalize.h. */
int64
hierarchy_leaves_under(const Hierarchy *h, const char *label, int level)
{
	const Tree *tree = ((const TreeHierarchy *) h)->tree;
	uint32		node;

	Assert(h->form == &tree_form);
	if (label == NULL || level == 0)
		return 1;
	if (strcmp(label, KIAIM_STAR) == 0)
		return tree_nlabels(tree, 0);
	return tree_find(tree, level, label, strlen(label), &node) ? tree_leaves(tree, level, node) : 1;
}
