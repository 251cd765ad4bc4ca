/*
 * judge: how good are synthetic rows, and do they copy anybody?
 *
 * A program of its own that shares no code with the extension, so that the
 * extension does not grade itself. It reads three tables of text - the rows
 * that a generator learned from, its rows, and rows held out - and prints what
 * each measure says of the synthetic rows and, beside it, of the held-out ones,
 * which are the best that can be had.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
	TRAINING,
	SYNTHETIC,
	HOLDOUT,
	TABLES
};

/* Bins of the two-way tables, and those of the classifier: bin 0 is NULL. */
#define QUANTILES	10
#define FINE		255

typedef struct Column
{
	char	   *name;
	bool		numeric;		/* else categories */
	int			codes;			/* distinct texts in all tables; 0 is NULL */
	int32_t		last;			/* the code of the text that is last in bytes: dead, t, true, 1 */
	int			coarse_bins;
	int			fine_bins;
	double		range;			/* of a number in training */
} Column;

/* Column after column; codes are shared by the three tables. */
typedef struct Table
{
	int			rows;
	int32_t   **code;
	double	  **value;			/* NAN for NULL; NULL for categories */
	int32_t   **coarse;			/* quantile bins of training, or the code */
	uint8_t   **fine;			/* bins for trees */
} Table;

typedef struct Data
{
	int			columns;
	Column	   *column;
	Table		table[TABLES];
} Data;

/* table.c */
extern void read_tables(Data *data, char *const files[TABLES], char delimiter, const char *categories, const char *left_out);
extern int	column_named(const Data *data, const char *name, size_t length);
extern void *allocate(size_t count, size_t size);

/* boost.c: gradient boosted trees that tell label 1 from label 0 */
typedef struct Sample
{
	int			rows;
	int			columns;
	const Column *column;
	uint8_t   **x;				/* [column][row] */
	uint8_t    *label;
} Sample;

typedef struct Model Model;

extern Sample make_sample(const Data *data, int rows);
extern void set_row(Sample *sample, int at, const Table *table, int row, int label);
extern void free_sample(Sample *sample);
extern Model *boost(const Sample *sample, const uint8_t *use, int without);
extern double predict(const Model *model, const Sample *sample, int row);
extern void free_model(Model *model);
extern double auc(const double *score, const uint8_t *label, int rows);

/* numbers that are the same in every run */
extern uint64_t hash(uint64_t x);
extern int *shuffled(int rows, uint64_t seed);

/* the measures; each prints its lines */
extern void show(const char *metric, double synthetic, double holdout);
extern void fidelity(const Data *data);
extern void classifiers(const Data *data, int target);
extern void copies(const Data *data);
extern void closeness(const Data *data);
extern void survival(const Data *data, int time, int status, int stratum);

#endif
