/*
 * Gradient boosted trees on histograms, grown best leaf first, with the usual
 * settings of such libraries: 100 trees of 31 leaves, shrinkage 0.1, at least
 * 20 rows a leaf. Categories are ordered by their gradient in the node.
 */
#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TREES		100
#define LEAVES		31
#define SHRINKAGE	0.1
#define LEAF_ROWS	20
#define CATEGORY_SMOOTHING	10.0
#define CATEGORY_PENALTY	10.0

typedef struct Node
{
	int			column;			/* -1: a leaf */
	int			left;			/* the right child is the next */
	double		value;
	uint8_t		goes_left[256];
} Node;

struct Model
{
	double		base;
	Node		node[TREES][2 * LEAVES];
};

typedef struct Bin
{
	double		gradient;
	double		hessian;
	int			rows;
} Bin;

typedef struct Leaf
{
	int			node;
	int			begin;
	int			end;
	Bin			total;
	Bin		   *histogram;		/* [column * 256 + bin] */
	double		gain;
	int			column;
	uint8_t		goes_left[256];
} Leaf;

typedef struct Grower
{
	const Sample *sample;
	int		   *row;
	int		   *spare;
	float	   *gradient;
	float	   *hessian;
} Grower;

Sample
make_sample(const Data *data, int rows)
{
	Sample		sample = {rows, data->columns, data->column, NULL, NULL};

	sample.x = allocate(data->columns, sizeof(uint8_t *));
	for (int c = 0; c < data->columns; c++)
		sample.x[c] = allocate(rows, 1);
	sample.label = allocate(rows, 1);
	return sample;
}

void
set_row(Sample *sample, int at, const Table *table, int row, int label)
{
	for (int c = 0; c < sample->columns; c++)
		sample->x[c][at] = table->fine[c][row];
	sample->label[at] = label;
}

void
free_sample(Sample *sample)
{
	for (int c = 0; c < sample->columns; c++)
		free(sample->x[c]);
	free(sample->x);
	free(sample->label);
}

/* Sum the gradients of the rows of a leaf by column and bin. */
static void
fill(const Grower *g, Leaf *leaf, int without)
{
	memset(leaf->histogram, 0, sizeof(Bin) * 256 * g->sample->columns);
	for (int c = 0; c < g->sample->columns; c++)
	{
		const uint8_t *x = g->sample->x[c];
		Bin		   *bin = leaf->histogram + 256 * c;

		for (int i = leaf->begin; i < leaf->end && c != without; i++)
		{
			int			r = g->row[i];

			bin[x[r]].gradient += g->gradient[r];
			bin[x[r]].hessian += g->hessian[r];
			bin[x[r]].rows++;
		}
	}
}

static double
score(const Bin *b, double penalty)
{
	return b->gradient * b->gradient / (b->hessian + penalty + 1e-12);
}

/* Find the best split of a column: a prefix of its bins in some order. */
static void
find_in_column(const Grower *g, Leaf *leaf, int c)
{
	const Bin  *bin = leaf->histogram + 256 * c;
	bool		numeric = g->sample->column[c].numeric;
	double		penalty = numeric ? 0 : CATEGORY_PENALTY;
	double		rank[256];
	int			order[256];
	int			n = 0;
	int			best = -1;
	Bin			left = {0, 0, 0};

	for (int b = 0; b < g->sample->column[c].fine_bins; b++)
	{
		int			at = n;

		if (bin[b].rows == 0)
			continue;
		rank[b] = numeric ? b : bin[b].gradient / (bin[b].hessian + CATEGORY_SMOOTHING);
		for (; at > 0 && rank[order[at - 1]] > rank[b]; at--)
			order[at] = order[at - 1];
		order[at] = b;
		n++;
	}
	for (int i = 0; i + 1 < n; i++)
	{
		Bin			right;
		double		gain;

		left.gradient += bin[order[i]].gradient;
		left.hessian += bin[order[i]].hessian;
		left.rows += bin[order[i]].rows;
		right.gradient = leaf->total.gradient - left.gradient;
		right.hessian = leaf->total.hessian - left.hessian;
		right.rows = leaf->total.rows - left.rows;
		if (left.rows < LEAF_ROWS || right.rows < LEAF_ROWS || left.hessian < 1e-3 || right.hessian < 1e-3)
			continue;
		gain = score(&left, penalty) + score(&right, penalty) - score(&leaf->total, penalty);
		if (gain > leaf->gain)
		{
			leaf->gain = gain;
			leaf->column = c;
			best = i;
		}
	}
	if (best >= 0)
	{
		memset(leaf->goes_left, 0, 256);
		for (int i = 0; i <= best; i++)
			leaf->goes_left[order[i]] = 1;
	}
}

static void
find_split(const Grower *g, Leaf *leaf, int without)
{
	leaf->gain = 1e-9;
	leaf->column = -1;
	if (leaf->end - leaf->begin >= 2 * LEAF_ROWS)
		for (int c = 0; c < g->sample->columns; c++)
			if (c != without)
				find_in_column(g, leaf, c);
}

/* Move the rows of the left child to the front; returns where the right child begins. */
static int
part(Grower *g, const Leaf *leaf)
{
	const uint8_t *x = g->sample->x[leaf->column];
	int			left = leaf->begin,
				right = 0;

	for (int i = leaf->begin; i < leaf->end; i++)
	{
		int			r = g->row[i];

		if (leaf->goes_left[x[r]])
			g->row[left++] = r;
		else
			g->spare[right++] = r;
	}
	memcpy(g->row + left, g->spare, sizeof(int) * right);
	return left;
}

/* Split a leaf in two; the histogram of the larger child is what the smaller one leaves. */
static void
split(Grower *g, Leaf *leaf, Leaf *other, Node *node, int *nodes, int without)
{
	int			middle = part(g, leaf);
	int			cells = 256 * g->sample->columns;
	Leaf	   *small = other,
			   *large = leaf;
	Bin		   *kept = leaf->histogram;

	node[leaf->node].column = leaf->column;
	node[leaf->node].left = *nodes;
	memcpy(node[leaf->node].goes_left, leaf->goes_left, 256);
	other->begin = middle;
	other->end = leaf->end;
	leaf->end = middle;
	leaf->node = (*nodes)++;
	other->node = (*nodes)++;
	if (leaf->end - leaf->begin < other->end - other->begin)
	{
		small = leaf;
		large = other;
		leaf->histogram = other->histogram;
		other->histogram = kept;
	}
	fill(g, small, without);
	for (int i = 0; i < cells; i++)
	{
		large->histogram[i].gradient -= small->histogram[i].gradient;
		large->histogram[i].hessian -= small->histogram[i].hessian;
		large->histogram[i].rows -= small->histogram[i].rows;
	}
	for (int k = 0; k < 2; k++)
	{
		Leaf	   *child = k ? other : leaf;

		memset(&child->total, 0, sizeof(Bin));
		for (int i = child->begin; i < child->end; i++)
		{
			child->total.gradient += g->gradient[g->row[i]];
			child->total.hessian += g->hessian[g->row[i]];
			child->total.rows++;
		}
		find_split(g, child, without);
	}
}

/* Grow one tree on the rows in g->row, and move their margins. */
static void
grow(Grower *g, int rows, Node *node, Leaf *leaf, double *margin, int without)
{
	int			leaves = 1,
				nodes = 1;

	leaf[0].node = 0;
	leaf[0].begin = 0;
	leaf[0].end = rows;
	memset(&leaf[0].total, 0, sizeof(Bin));
	for (int i = 0; i < rows; i++)
	{
		leaf[0].total.gradient += g->gradient[g->row[i]];
		leaf[0].total.hessian += g->hessian[g->row[i]];
		leaf[0].total.rows++;
	}
	fill(g, &leaf[0], without);
	find_split(g, &leaf[0], without);
	while (leaves < LEAVES)
	{
		int			best = 0;

		for (int i = 1; i < leaves; i++)
			if (leaf[i].gain > leaf[best].gain)
				best = i;
		if (leaf[best].column < 0)
			break;
		split(g, &leaf[best], &leaf[leaves], node, &nodes, without);
		leaves++;
	}
	for (int i = 0; i < leaves; i++)
	{
		double		value = -SHRINKAGE * leaf[i].total.gradient / (leaf[i].total.hessian + 1e-12);

		node[leaf[i].node].column = -1;
		node[leaf[i].node].value = value;
		for (int k = leaf[i].begin; k < leaf[i].end; k++)
			margin[g->row[k]] += value;
	}
}

/* Learn the labels of the rows that use[] marks (NULL: all), without one column (-1: with all). */
Model *
boost(const Sample *sample, const uint8_t *use, int without)
{
	Model	   *model = allocate(1, sizeof(Model));
	Grower		g = {sample, NULL, NULL, NULL, NULL};
	Leaf	   *leaf = allocate(LEAVES, sizeof(Leaf));
	double	   *margin = allocate(sample->rows, sizeof(double));
	double		ones = 0;
	int			rows = 0;

	g.row = allocate(sample->rows, sizeof(int));
	g.spare = allocate(sample->rows, sizeof(int));
	g.gradient = allocate(sample->rows, sizeof(float));
	g.hessian = allocate(sample->rows, sizeof(float));
	for (int i = 0; i < LEAVES; i++)
		leaf[i].histogram = allocate(256 * (size_t) sample->columns, sizeof(Bin));
	for (int r = 0; r < sample->rows; r++)
		if (use == NULL || use[r])
		{
			g.row[rows++] = r;
			ones += sample->label[r];
		}
	model->base = log((ones + 0.5) / (rows - ones + 0.5));
	for (int r = 0; r < sample->rows; r++)
		margin[r] = model->base;
	for (int t = 0; t < TREES; t++)
	{
		for (int i = 0; i < rows; i++)
		{
			int			r = g.row[i];
			double		p = 1 / (1 + exp(-margin[r]));

			g.gradient[r] = p - sample->label[r];
			g.hessian[r] = p * (1 - p);
		}
		grow(&g, rows, model->node[t], leaf, margin, without);
	}
	for (int i = 0; i < LEAVES; i++)
		free(leaf[i].histogram);
	free(leaf);
	free(margin);
	free(g.row);
	free(g.spare);
	free(g.gradient);
	free(g.hessian);
	return model;
}

double
predict(const Model *model, const Sample *sample, int row)
{
	double		margin = model->base;

	for (int t = 0; t < TREES; t++)
	{
		const Node *node = model->node[t];
		int			at = 0;

		while (node[at].column >= 0)
			at = node[at].left + !node[at].goes_left[sample->x[node[at].column][row]];
		margin += node[at].value;
	}
	return margin;
}

void
free_model(Model *model)
{
	free(model);
}

typedef struct Scored
{
	double		score;
	uint8_t		label;
} Scored;

static int
compare_scored(const void *a, const void *b)
{
	double		x = ((const Scored *) a)->score,
				y = ((const Scored *) b)->score;

	return (x > y) - (x < y);
}

/* The share of pairs in which the row with label 1 has the higher score; ties count half. */
double
auc(const double *score, const uint8_t *label, int rows)
{
	Scored	   *scored = allocate(rows, sizeof(Scored));
	double		below = 0,
				pairs = 0,
				ones = 0;

	for (int r = 0; r < rows; r++)
		scored[r] = (Scored) {score[r], label[r]};
	qsort(scored, rows, sizeof(Scored), compare_scored);
	for (int from = 0, to; from < rows; from = to)
	{
		double		zeros_here = 0,
					ones_here = 0;

		for (to = from; to < rows && scored[to].score == scored[from].score; to++)
		{
			ones_here += scored[to].label;
			zeros_here += !scored[to].label;
		}
		pairs += ones_here * (below + zeros_here / 2);
		below += zeros_here;
		ones += ones_here;
	}
	free(scored);
	return ones > 0 && below > 0 ? pairs / (ones * below) : NAN;
}
