/*
 * Whether synthetic rows repeat those that they were learned from more often
 * than those that nobody showed to the generator.
 */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGETS	3000

/* Open addressing over the rows of all tables, equal rows in one slot. */
typedef struct Slot
{
	uint64_t	key;
	int			rows[TABLES];
} Slot;

/* A row as one number: 64 bits of hash, so that equal ones by chance do not matter here. */
static uint64_t
row_key(const Data *data, const Table *table, int row)
{
	uint64_t	key = 1;

	for (int c = 0; c < data->columns; c++)
		key = hash(key ^ (uint32_t) table->code[c][row]) + c;
	return key ? key : 1;
}

/*
 * A training row that is alone in training and hold-out together, and a hold-out
 * row that is: how often do synthetic rows equal one of either kind? A generator
 * that knows how people are but no person finds both alike.
 */
void
copies(const Data *data)
{
	size_t		slots = 1024;
	Slot	   *slot;
	double		uniques[TABLES] = {0},
				met[TABLES] = {0},
				equal[TABLES] = {0},
				square[TABLES] = {0};
	double		rate[TABLES],
				pooled,
				error;

	for (int t = 0; t < TABLES; t++)
		while (slots < 4 * (size_t) data->table[t].rows)
			slots *= 2;
	slots *= 2;
	slot = allocate(slots, sizeof(Slot));
	for (int t = 0; t < TABLES; t++)
		for (int r = 0; r < data->table[t].rows; r++)
		{
			uint64_t	key = row_key(data, &data->table[t], r);
			size_t		at = key & (slots - 1);

			while (slot[at].key != 0 && slot[at].key != key)
				at = (at + 1) & (slots - 1);
			slot[at].key = key;
			slot[at].rows[t]++;
		}
	for (size_t at = 0; at < slots; at++)
	{
		int			t = slot[at].rows[TRAINING] ? TRAINING : HOLDOUT;

		if (slot[at].rows[TRAINING] + slot[at].rows[HOLDOUT] != 1)
			continue;
		uniques[t]++;
		met[t] += slot[at].rows[SYNTHETIC] > 0;
		equal[t] += slot[at].rows[SYNTHETIC];
		square[t] += (double) slot[at].rows[SYNTHETIC] * slot[at].rows[SYNTHETIC];
	}
	free(slot);
	show("uniques", uniques[TRAINING], uniques[HOLDOUT]);
	show("rows_equal_to_a_unique", equal[TRAINING], equal[HOLDOUT]);
	/* of each thousand unique rows: there are more for training than held out */
	error = 0;
	for (int t = 0; t < TABLES; t++)
	{
		rate[t] = uniques[t] > 0 ? equal[t] / uniques[t] : 0;
		error += uniques[t] > 1 ? (square[t] / uniques[t] - rate[t] * rate[t]) / (uniques[t] - 1) : 0;
	}
	show("rows_equal_to_1000_uniques", 1000 * rate[TRAINING], 1000 * rate[HOLDOUT]);
	show("rows_equal_excess_in_errors", error > 0 ? (rate[TRAINING] - rate[HOLDOUT]) / sqrt(error) : 0, NAN);
	for (int t = 0; t < TABLES; t++)
		rate[t] = uniques[t] > 0 ? met[t] / uniques[t] : 0;
	pooled = (met[TRAINING] + met[HOLDOUT]) / fmax(uniques[TRAINING] + uniques[HOLDOUT], 1);
	error = sqrt(pooled * (1 - pooled) * (1 / fmax(uniques[TRAINING], 1) + 1 / fmax(uniques[HOLDOUT], 1)));
	show("uniques_met", rate[TRAINING], rate[HOLDOUT]);
	show("uniques_met_ratio", rate[HOLDOUT] > 0 ? rate[TRAINING] / rate[HOLDOUT] : NAN, NAN);
	show("uniques_met_excess_in_errors", error > 0 ? (rate[TRAINING] - rate[HOLDOUT]) / error : 0, NAN);
}

/* The distance of a row from the nearest synthetic one: shares of the range, or 0 and 1 for categories. */
static double
nearest(const Data *data, const Table *table, int row, float *distance)
{
	const Table *s = &data->table[SYNTHETIC];
	float		least = INFINITY;

	memset(distance, 0, sizeof(float) * s->rows);
	for (int c = 0; c < data->columns; c++)
	{
		if (data->column[c].numeric && !isnan(table->value[c][row]))
		{
			double		at = table->value[c][row];
			double		scale = 1 / data->column[c].range;

			for (int i = 0; i < s->rows; i++)
			{
				float		apart = isnan(s->value[c][i]) ? 1.0f : (float) (fabs(s->value[c][i] - at) * scale);

				distance[i] += apart > 1.0f ? 1.0f : apart;
			}
		}
		else
			for (int i = 0; i < s->rows; i++)
				distance[i] += s->code[c][i] != table->code[c][row];
	}
	for (int i = 0; i < s->rows; i++)
		least = distance[i] < least ? distance[i] : least;
	return least;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The share of members found when 1 % of the others are taken for members; ties are guessed. */
static double
found_at_one_percent(double *member, double *other, int n)
{
	double		allowed = n / 100.0;
	double		limit;
	int			below = 0,
				equal = 0,
				found = 0,
				tied = 0;

	qsort(other, n, sizeof(double), compare_doubles);
	limit = other[(int) allowed];
	for (int i = 0; i < n; i++)
	{
		below += other[i] < limit;
		equal += other[i] == limit;
		found += member[i] < limit;
		tied += member[i] == limit;
	}
	return (found + tied * fmax(allowed - below, 0) / equal) / n;
}

/*
 * An attacker who has records and says of those nearest to a synthetic row that
 * they were learned from: 0.5, and 1 % found at 1 % wrong, is guessing.
 */
void
closeness(const Data *data)
{
	int			n = data->table[TRAINING].rows < data->table[HOLDOUT].rows ? data->table[TRAINING].rows : data->table[HOLDOUT].rows;
	float	   *scratch = allocate(data->table[SYNTHETIC].rows, sizeof(float));
	double	   *distance,
			   *score;
	uint8_t    *label;
	double		area;

	if (n > TARGETS)
		n = TARGETS;
	distance = allocate(2 * n, sizeof(double));
	score = allocate(2 * n, sizeof(double));
	label = allocate(2 * n, 1);
	for (int k = 0; k < 2; k++)
	{
		const Table *table = &data->table[k ? HOLDOUT : TRAINING];
		int		   *order = shuffled(table->rows, 11 + k);

		for (int i = 0; i < n; i++)
		{
			distance[k * n + i] = nearest(data, table, order[i], scratch);
			score[k * n + i] = -distance[k * n + i];
			label[k * n + i] = !k;
		}
		free(order);
	}
	area = auc(score, label, 2 * n);
	show("membership_auc", area, NAN);
	show("membership_auc_in_errors", (area - 0.5) / sqrt((2.0 * n + 1) / (12.0 * n * n)), NAN);
	show("members_found_at_1_percent", found_at_one_percent(distance, distance + n, n), NAN);
	free(scratch);
	free(distance);
	free(score);
	free(label);
}
