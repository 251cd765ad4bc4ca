/*
 * How like the originals are synthetic rows: columns and pairs of columns, what
 * a classifier learns from them, whether one can tell them apart, and survival.
 */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDS	5
#define AT_RISK	10
#define STRATUM	50

void
show(const char *metric, double synthetic, double holdout)
{
	char		text[2][32] = {"", ""};

	if (!isnan(synthetic))
		snprintf(text[0], sizeof(text[0]), "%.6f", synthetic);
	if (!isnan(holdout))
		snprintf(text[1], sizeof(text[1]), "%.6f", holdout);
	printf("%s\t%s\t%s\n", metric, text[0], text[1]);
}

/* 1 - total variation distance of two columns, or of their pairs (d < 0: of one). */
static double
similarity(const Data *data, int t, int c, int d)
{
	const Table *a = &data->table[TRAINING],
			   *b = &data->table[t];
	size_t		width = d < 0 ? 1 : data->column[d].coarse_bins;
	size_t		cells = width * data->column[c].coarse_bins;
	int32_t    *first = allocate(cells, sizeof(int32_t));
	int32_t    *second = allocate(cells, sizeof(int32_t));
	double		apart = 0;

	for (int r = 0; r < a->rows; r++)
		first[a->coarse[c][r] * width + (d < 0 ? 0 : a->coarse[d][r])]++;
	for (int r = 0; r < b->rows; r++)
		second[b->coarse[c][r] * width + (d < 0 ? 0 : b->coarse[d][r])]++;
	for (size_t i = 0; i < cells; i++)
		apart += fabs((double) first[i] / a->rows - (double) second[i] / b->rows);
	free(first);
	free(second);
	return 1 - apart / 2;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

/* 1 - the largest distance of two distribution functions; NULL is below every number. */
static double
kolmogorov(const Data *data, int t, int c)
{
	double	   *sorted[2];
	int			rows[2] = {data->table[TRAINING].rows, data->table[t].rows};
	int			at[2] = {0, 0};
	double		apart = 0;

	for (int k = 0; k < 2; k++)
	{
		const double *value = data->table[k ? t : TRAINING].value[c];

		sorted[k] = allocate(rows[k], sizeof(double));
		for (int r = 0; r < rows[k]; r++)
			sorted[k][r] = isnan(value[r]) ? -INFINITY : value[r];
		qsort(sorted[k], rows[k], sizeof(double), compare_doubles);
	}
	while (at[0] < rows[0] && at[1] < rows[1])
	{
		double		value = fmin(sorted[0][at[0]], sorted[1][at[1]]);

		for (int k = 0; k < 2; k++)
			while (at[k] < rows[k] && sorted[k][at[k]] == value)
				at[k]++;
		apart = fmax(apart, fabs((double) at[0] / rows[0] - (double) at[1] / rows[1]));
	}
	free(sorted[0]);
	free(sorted[1]);
	return 1 - apart;
}

void
fidelity(const Data *data)
{
	double		one[TABLES] = {0},
				binned[TABLES] = {0},
				two[TABLES] = {0};
	double		worst[TABLES] = {1, 1, 1},
				worst_column[TABLES] = {1, 1, 1};
	int			pair[TABLES][2] = {{0}};
	int			column[TABLES] = {0};
	double		pairs = data->columns * (data->columns - 1) / 2.0;
	char		name[512];

	for (int t = SYNTHETIC; t <= HOLDOUT; t++)
		for (int c = 0; c < data->columns; c++)
		{
			double		s = similarity(data, t, c, -1);

			binned[t] += s / data->columns;
			if (data->column[c].numeric)
				s = kolmogorov(data, t, c);
			one[t] += s / data->columns;
			if (s < worst_column[t])
			{
				worst_column[t] = s;
				column[t] = c;
			}
			for (int d = 0; d < c; d++)
			{
				/* the other way round a table of two columns with many codes has as many cells */
				s = (double) data->column[c].coarse_bins * data->column[d].coarse_bins > 5e7 ? NAN : similarity(data, t, c, d);
				if (isnan(s))
				{
					pairs -= 0.5;
					continue;
				}
				two[t] += s;
				if (s < worst[t])
				{
					worst[t] = s;
					pair[t][0] = d;
					pair[t][1] = c;
				}
			}
		}
	show("one_way", one[SYNTHETIC], one[HOLDOUT]);
	show("one_way_binned", binned[SYNTHETIC], binned[HOLDOUT]);
	snprintf(name, sizeof(name), "one_way_worst (%s)", data->column[column[SYNTHETIC]].name);
	show(name, worst_column[SYNTHETIC], worst_column[HOLDOUT]);
	show("two_way", two[SYNTHETIC] / pairs, two[HOLDOUT] / pairs);
	snprintf(name, sizeof(name), "two_way_worst (%s, %s)", data->column[pair[SYNTHETIC][0]].name, data->column[pair[SYNTHETIC][1]].name);
	show(name, worst[SYNTHETIC], worst[HOLDOUT]);
}

/* Train on one table to tell the most frequent value of the target from the others, and test on the hold-out. */
static double
learned_from(const Data *data, int t, int target)
{
	const Table *from = &data->table[t],
			   *test = &data->table[HOLDOUT];
	int		   *count = allocate(data->column[target].codes, sizeof(int));
	int			positive = 0;
	Sample		learn = make_sample(data, from->rows),
				see = make_sample(data, test->rows);
	double	   *score = allocate(test->rows, sizeof(double));
	Model	   *model;
	double		result;

	for (int r = 0; r < test->rows; r++)
		if (++count[test->code[target][r]] > count[positive])
			positive = test->code[target][r];
	for (int r = 0; r < from->rows; r++)
		set_row(&learn, r, from, r, from->code[target][r] == positive);
	for (int r = 0; r < test->rows; r++)
		set_row(&see, r, test, r, test->code[target][r] == positive);
	model = boost(&learn, NULL, target);
	for (int r = 0; r < test->rows; r++)
		score[r] = predict(model, &see, r);
	result = auc(score, see.label, test->rows);
	free_model(model);
	free_sample(&learn);
	free_sample(&see);
	free(score);
	free(count);
	return result;
}

/* The out-of-fold AUC of telling two tables apart, equal numbers of both. */
static double
told_apart(const Data *data, int t, int u)
{
	const Table *table[2] = {&data->table[t], &data->table[u]};
	int			half = table[0]->rows < table[1]->rows ? table[0]->rows : table[1]->rows;
	Sample		sample = make_sample(data, 2 * half);
	uint8_t    *fold = allocate(2 * half, 1),
			   *use = allocate(2 * half, 1);
	double	   *score = allocate(2 * half, sizeof(double));
	double		result = 0;

	for (int k = 0; k < 2; k++)
	{
		int		   *order = shuffled(table[k]->rows, 7 + k);

		for (int i = 0; i < half; i++)
		{
			set_row(&sample, k * half + i, table[k], order[i], k);
			fold[k * half + i] = i % FOLDS;
		}
		free(order);
	}
	for (int f = 0; f < FOLDS; f++)
	{
		Model	   *model;
		uint8_t    *label = allocate(2 * half, 1);
		int			n = 0;

		for (int r = 0; r < 2 * half; r++)
			use[r] = fold[r] != f;
		model = boost(&sample, use, -1);
		for (int r = 0; r < 2 * half; r++)
			if (!use[r])
			{
				label[n] = sample.label[r];
				score[n++] = predict(model, &sample, r);
			}
		result += auc(score, label, n) / FOLDS;
		free(label);
		free_model(model);
	}
	free_sample(&sample);
	free(fold);
	free(use);
	free(score);
	return result;
}

void
classifiers(const Data *data, int target)
{
	if (target >= 0)
		show("tstr_auc", learned_from(data, SYNTHETIC, target), learned_from(data, TRAINING, target));
	show("discrimination_training", told_apart(data, TRAINING, SYNTHETIC), told_apart(data, TRAINING, HOLDOUT));
	show("discrimination_holdout", told_apart(data, HOLDOUT, SYNTHETIC), NAN);
}

typedef struct Followed
{
	double		time;
	bool		event;
} Followed;

static int
compare_followed(const void *a, const void *b)
{
	double		x = ((const Followed *) a)->time,
				y = ((const Followed *) b)->time;

	return (x > y) - (x < y);
}

/* The rows of a stratum (-1: all) that have a time and a status, by time; the event is a number above 0, or the last text. */
static Followed *
follow(const Data *data, int t, int time, int status, int stratum, int code, int *n)
{
	const Table *table = &data->table[t];
	Followed   *rows = allocate(table->rows, sizeof(Followed));

	*n = 0;
	for (int r = 0; r < table->rows; r++)
	{
		if (code >= 0 && table->coarse[stratum][r] != code)
			continue;
		if (isnan(table->value[time][r]) || table->code[status][r] == 0)
			continue;
		rows[*n].time = table->value[time][r];
		rows[(*n)++].event = data->column[status].numeric ? table->value[status][r] > 0 : table->code[status][r] == data->column[status].last;
	}
	qsort(rows, *n, sizeof(Followed), compare_followed);
	return rows;
}

/* The distance of two Kaplan-Meier curves, the largest and the mean one, while enough are at risk in both. */
static void
curves_apart(const Followed *a, int n, const Followed *b, int m, double *largest, double *mean)
{
	double		s = 1,
				u = 1,
				last = 0,
				area = 0;
	int			i = 0,
				k = 0;

	*largest = 0;
	while (n - i >= AT_RISK && m - k >= AT_RISK)
	{
		double		now = fmin(a[i].time, b[k].time);
		int			events[2] = {0, 0};
		int			at_risk[2] = {n - i, m - k};

		area += fabs(s - u) * fmax(now - last, 0);
		last = fmax(now, 0);
		for (; i < n && a[i].time <= now; i++)
			events[0] += a[i].event;
		for (; k < m && b[k].time <= now; k++)
			events[1] += b[k].event;
		s *= 1 - (double) events[0] / at_risk[0];
		u *= 1 - (double) events[1] / at_risk[1];
		*largest = fmax(*largest, fabs(s - u));
	}
	*mean = last > 0 ? area / last : 0;
}

/* Compare curves with those of training, for all rows or by stratum; strata with few rows are left out. */
void
survival(const Data *data, int time, int status, int stratum)
{
	double		worst[TABLES] = {0},
				worst_mean[TABLES] = {0};
	int			from = stratum < 0 ? -1 : 0,
				to = stratum < 0 ? 0 : data->column[stratum].coarse_bins;
	char		name[512];

	if (!data->column[time].numeric)
	{
		fprintf(stderr, "judge: the time \"%s\" is no number\n", data->column[time].name);
		exit(1);
	}
	for (int code = from; code < to; code++)
	{
		int			n;
		Followed   *real = follow(data, TRAINING, time, status, stratum, code, &n);

		for (int t = SYNTHETIC; t <= HOLDOUT && n >= STRATUM; t++)
		{
			int			m;
			Followed   *other = follow(data, t, time, status, stratum, code, &m);
			double		largest,
						mean;

			curves_apart(real, n, other, m, &largest, &mean);
			worst[t] = fmax(worst[t], largest);
			worst_mean[t] = fmax(worst_mean[t], mean);
			free(other);
		}
		free(real);
	}
	snprintf(name, sizeof(name), "survival_largest (%s)", stratum < 0 ? "all" : data->column[stratum].name);
	show(name, worst[SYNTHETIC], worst[HOLDOUT]);
	snprintf(name, sizeof(name), "survival_mean (%s)", stratum < 0 ? "all" : data->column[stratum].name);
	show(name, worst_mean[SYNTHETIC], worst_mean[HOLDOUT]);
}
