/*-------------------------------------------------------------------------
 *
 * tree_split.c
 *		The best split of a node by one variable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"

#include "synthesize/tree_internal.h"

/* The codes that a node has of a variable. */
typedef struct NodeCodes
{
	int			n;
	uint8		order[MAX_CODES];	/* the codes as they are cut */
	uint8		place[MAX_CODES];	/* of a code: its row of the histogram */
	uint32		counts[MAX_CODES];	/* of a code: its rows */
} NodeCodes;

/* A cut of them: so many go to the left. */
typedef struct Cut
{
	int64		gain;
	int			nleft;
	int64		left;			/* rows */
} Cut;

/* Read the codes of the rows, and count them; in ascending order at first. */
static void
read_codes(const TreeData *data, const SplitNode *node, int feature, SplitScratch *scratch,
		   NodeCodes *codes)
{
	const uint8 *column = data->codes[feature];
	int			ncodes = data->variables[feature].ncodes;

	memset(codes->counts, 0, ncodes * sizeof(uint32));
	for (int64 i = 0; i < node->n; i++)
	{
		uint8		code = column[node->rows[i]];

		scratch->codes[i] = code;
		codes->counts[code]++;
	}
	codes->n = 0;
	for (int code = 0; code < ncodes; code++)
	{
		codes->place[code] = codes->n;
		codes->order[codes->n] = code;
		codes->n += codes->counts[code] > 0;
	}
}

/* Count the rows of each code and class. */
static void
fill_histogram(const SplitNode *node, const NodeCodes *codes, SplitScratch *scratch)
{
	int			nclasses = node->node_classes->n;

	memset(scratch->histogram, 0, (Size) codes->n * nclasses * sizeof(uint32));
	for (int64 i = 0; i < node->n; i++)
		scratch->histogram[codes->place[scratch->codes[i]] * nclasses + node->classes[i]]++;
}

/*
 * Of how many persons the rows of code order[0], order[1] ... are the first,
 * and of how many the last: so persons on both sides of a cut can be added up.
 */
static void
count_persons(const TreeData *data, const SplitNode *node, const NodeCodes *codes,
			  const SplitScratch *scratch, uint32 *first, uint32 *last)
{
	uint8		rank[MAX_CODES];
	int			lowest = -1;
	int			highest = -1;
	int32		person = -1;

	memset(first, 0, codes->n * sizeof(uint32));
	memset(last, 0, codes->n * sizeof(uint32));
	for (int i = 0; i < codes->n; i++)
		rank[codes->order[i]] = i;
	for (int64 i = 0; i < node->n; i++)
	{
		int32		row = node->rows[i];
		int			r = rank[scratch->codes[i]];

		if (data->person_class >= 0 && data->classes[row] != data->person_class)
			continue;
		if (data->persons != NULL && data->persons[row] == person && lowest >= 0)
		{
			lowest = Min(lowest, r);
			highest = Max(highest, r);
			continue;
		}
		if (lowest >= 0)
		{
			first[lowest]++;
			last[highest]++;
		}
		lowest = highest = r;
		person = data->persons != NULL ? data->persons[row] : 0;
	}
	if (lowest >= 0)
	{
		first[lowest]++;
		last[highest]++;
	}
}

/* The best cut of the codes in their order that leaves enough persons on both sides. */
static void
find_cut(const TreeData *data, const SplitNode *node, const NodeCodes *codes,
		 const SplitScratch *scratch, Cut *best)
{
	const NodeClasses *classes = node->node_classes;
	const int64 *table = scratch->entropies;
	uint32		first[MAX_CODES];
	uint32		last[MAX_CODES];
	uint32		left[NODE_CLASSES] = {0};
	uint32		right[NODE_CLASSES];
	int64		base = entropy_term(table, node->n);
	int64		parts = 0;		/* sum of the terms of both sides' classes */
	int64		nleft = 0;
	int64		persons_left = 0;
	int64		persons_right = 0;
	bool		rows_only = data->persons == NULL && data->person_class < 0;

	if (rows_only)
		persons_right = node->n;
	else
	{
		count_persons(data, node, codes, scratch, first, last);
		for (int i = 0; i < codes->n; i++)
			persons_right += last[i];
	}
	for (int k = 0; k < classes->n; k++)
	{
		right[k] = classes->counts[k];
		parts += entropy_term(table, right[k]);
	}
	base -= parts;

	for (int i = 0; i < codes->n - 1; i++)
	{
		int			code = codes->order[i];
		const uint32 *counts = scratch->histogram + codes->place[code] * classes->n;
		int64		gain;

		for (int k = 0; k < classes->n; k++)
		{
			if (counts[k] == 0)
				continue;
			parts -= entropy_term(table, left[k]) + entropy_term(table, right[k]);
			left[k] += counts[k];
			right[k] -= counts[k];
			parts += entropy_term(table, left[k]) + entropy_term(table, right[k]);
		}
		nleft += codes->counts[code];
		if (rows_only)
		{
			persons_left = nleft;
			persons_right = node->n - nleft;
		}
		else
		{
			persons_left += first[i];
			persons_right -= last[i];
		}
		if (persons_right < node->settings->min_leaf)
			break;
		if (persons_left < node->settings->min_leaf)
			continue;
		gain = base + parts - entropy_term(table, nleft) - entropy_term(table, node->n - nleft);
		if (gain > best->gain)
		{
			best->gain = gain;
			best->nleft = i + 1;
			best->left = nleft;
		}
	}
}

/* The last code that goes to the left: half way to the next that the node has. */
static int
threshold(const NodeCodes *codes, int nleft)
{
	return (codes->order[nleft - 1] + codes->order[nleft] - 1) / 2;
}

/* Cuts of codes in order; the missing one goes to the left, then to the right. */
static void
search_ordered(const TreeData *data, const SplitNode *node, int feature, SplitScratch *scratch,
			   NodeCodes *codes, Split *best)
{
	Cut			cut = {best->gain, 0, 0};

	find_cut(data, node, codes, scratch, &cut);
	if (cut.nleft > 0)
	{
		best->kind = NODE_AT_MOST;
		best->code = threshold(codes, cut.nleft);
		best->gain = cut.gain;
		best->feature = feature;
	}
	if (data->variables[feature].missing != 0 || codes->order[0] != 0 || codes->n < 3)
		return;
	memmove(codes->order, codes->order + 1, codes->n - 1);
	codes->order[codes->n - 1] = 0;
	cut.nleft = 0;
	find_cut(data, node, codes, scratch, &cut);
	if (cut.nleft > 0)
	{
		best->kind = NODE_AT_MOST_KNOWN;
		best->code = threshold(codes, cut.nleft);
		best->gain = cut.gain;
		best->feature = feature;
	}
}

/* Cuts of codes without an order; codes that the node does not have go with most rows. */
static void
search_unordered(const TreeData *data, const SplitNode *node, int feature, SplitScratch *scratch,
				 NodeCodes *codes, Split *best)
{
	Cut			cut = {best->gain, 0, 0};
	bool		rest_left;

	split_order(node->node_classes, scratch->histogram, codes->order, codes->n);
	find_cut(data, node, codes, scratch, &cut);
	if (cut.nleft == 0)
		return;
	best->kind = NODE_SET;
	best->code = 0;
	best->gain = cut.gain;
	best->feature = feature;
	rest_left = cut.left * 2 > node->n;
	memset(&best->set, 0, sizeof(CodeSet));
	if (rest_left)
	{
		for (int code = 0; code < data->variables[feature].ncodes; code++)
			if (codes->counts[code] == 0)
				codeset_add(&best->set, code);
	}
	for (int i = 0; i < cut.nleft; i++)
		codeset_add(&best->set, codes->order[i]);
}

/*
 * What the choice among the cuts of codes must gain.  Of n codes without an order there are
 * 2^(n - 1) cuts, of which only n - 1 in one order were tried, after that order was chosen: half of the bits.
 */
static int64
choice_gain(const SplitNode *node, bool ordered, int ncodes)
{
	int			bits = ordered ? pg_leftmost_one_pos32(ncodes) : ncodes / 2;

	return GAIN_UNIT * node->settings->gain_choice * bits;
}

/* See tree_internal.h. */
void
split_search(const TreeData *data, const SplitNode *node, int feature,
			 SplitScratch *scratch, Split *best)
{
	bool		ordered = data->variables[feature].ordered;
	NodeCodes	codes;
	int64		choice;

	read_codes(data, node, feature, scratch, &codes);
	if (codes.n < 2)
		return;
	fill_histogram(node, &codes, scratch);
	choice = choice_gain(node, ordered, codes.n);
	best->gain += choice;
	if (ordered)
		search_ordered(data, node, feature, scratch, &codes, best);
	else
		search_unordered(data, node, feature, scratch, &codes, best);
	best->gain -= choice;
}
