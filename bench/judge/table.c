/*
 * Reading tables of delimited text, and giving their values codes and bins.
 */
#include "judge.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Text
{
	int			columns;
	int			rows;
	char	  **name;
	char	  **cell;			/* [row * columns + column] */
} Text;

/* Zeroed memory, or no judge. */
void *
allocate(size_t count, size_t size)
{
	void	   *memory = calloc(count ? count : 1, size);

	if (memory == NULL)
	{
		fprintf(stderr, "judge: out of memory\n");
		exit(1);
	}
	return memory;
}

static char *
slurp(const char *path)
{
	FILE	   *file = fopen(path, "rb");
	size_t		size = 0;
	size_t		room = 1 << 20;
	char	   *text = allocate(room, 1);

	if (file == NULL)
	{
		perror(path);
		exit(1);
	}
	for (size_t got; (got = fread(text + size, 1, room - size - 1, file)) > 0;)
	{
		size += got;
		if (room - size < 2 && (text = realloc(text, room *= 2)) == NULL)
			exit(1);
	}
	fclose(file);
	text[size] = '\0';
	return text;
}

/* Cut the next cell off, undoing quotes in place; sets what ended it. */
static char *
next_cell(char **at, char delimiter, char *end)
{
	char	   *from = *at;
	char	   *to = from;
	char	   *cell = from;
	bool		quoted = false;

	for (;; from++)
	{
		if (*from == '"' && quoted && from[1] == '"')
			*to++ = *from++;
		else if (*from == '"')
			quoted = !quoted;
		else if (*from == '\0' || (!quoted && (*from == delimiter || *from == '\n')))
			break;
		else if (*from != '\r' || quoted)
			*to++ = *from;
	}
	*end = *from;
	*at = *from ? from + 1 : from;
	*to = '\0';
	return cell;
}

static Text
read_text(const char *path, char delimiter)
{
	Text		text = {0};
	char	   *at = slurp(path);
	char		end = delimiter;
	size_t		cells = 0;
	size_t		room = 1 << 16;

	text.name = allocate(1024, sizeof(char *));
	while (end == delimiter && text.columns < 1024)
		text.name[text.columns++] = next_cell(&at, delimiter, &end);
	text.cell = allocate(room, sizeof(char *));
	while (*at)
	{
		for (int c = 0; c < text.columns; c++)
		{
			if (cells == room && (text.cell = realloc(text.cell, (room *= 2) * sizeof(char *))) == NULL)
				exit(1);
			text.cell[cells++] = next_cell(&at, delimiter, &end);
			if ((end == delimiter) != (c + 1 < text.columns))
			{
				fprintf(stderr, "judge: %s: row %d does not have %d columns\n", path, text.rows + 1, text.columns);
				exit(1);
			}
		}
		text.rows++;
	}
	return text;
}

/* Days since 0000-03-01 of the proleptic calendar. */
static double
days(int year, int month, int day)
{
	year -= month <= 2;
	month += month <= 2 ? 9 : -3;
	return 365.0 * year + floor(year / 4.0) - floor(year / 100.0) + floor(year / 400.0) + (153 * month + 2) / 5 + day;
}

/* A number, or a date or timestamp as days. */
static bool
parse(const char *text, double *value)
{
	char	   *end;
	int			year,
				month,
				day,
				hour = 0,
				minute = 0,
				length = 0;
	double		second = 0;

	if (!isdigit((unsigned char) *text) && !(*text == '-' || *text == '.'))
		return false;
	*value = strtod(text, &end);
	if (end != text && *end == '\0')
		return isfinite(*value);
	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 || length != 10)
		return false;
	if (text[10] != '\0' && sscanf(text + 11, "%2d:%2d:%lf", &hour, &minute, &second) != 3)
		return false;
	*value = days(year, month, day) + (hour * 3600 + minute * 60 + second) / 86400;
	return true;
}

uint64_t
hash(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* The numbers 0 .. rows - 1 in an order that depends on the seed alone. */
int *
shuffled(int rows, uint64_t seed)
{
	int		   *order = allocate(rows, sizeof(int));

	for (int i = 0; i < rows; i++)
	{
		int			j = hash(hash(seed) + i) % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	return order;
}

static uint64_t
hash_text(const char *text)
{
	uint64_t	h = 14695981039346656037u;

	for (; *text; text++)
		h = (h ^ (unsigned char) *text) * 1099511628211u;
	return hash(h);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Edges that cut the values of training into parts of even size; a bin ends at its edge. */
static int
quantile_edges(const double *value, int rows, int parts, double *edge)
{
	double	   *sorted = allocate(rows, sizeof(double));
	int			n = 0,
				edges = 0;

	for (int r = 0; r < rows; r++)
		if (!isnan(value[r]))
			sorted[n++] = value[r];
	qsort(sorted, n, sizeof(double), compare_doubles);
	for (int q = 1; q < parts && n > 0; q++)
	{
		double		at = sorted[(size_t) (n - 1) * q / parts];

		if (edges == 0 || at > edge[edges - 1])
			edge[edges++] = at;
	}
	free(sorted);
	return edges;
}

/* 0 for NULL, else 1 + the number of edges below the value. */
static int
bin_of(double value, const double *edge, int edges)
{
	int			low = 0,
				high = edges;

	if (isnan(value))
		return 0;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (value > edge[middle])
			low = middle + 1;
		else
			high = middle;
	}
	return 1 + low;
}

/* Give the texts of column c in all tables codes; 0 is the empty one. */
static void
encode(Data *data, int c, const Text *text, const int *position)
{
	size_t		total = 1;
	size_t		slots = 64;
	char	  **known;
	int32_t    *code;
	const char *last = "";

	for (int t = 0; t < TABLES; t++)
		total += text[t].rows;
	while (slots < 2 * total)
		slots *= 2;
	known = allocate(slots, sizeof(char *));
	code = allocate(slots, sizeof(int32_t));
	data->column[c].codes = 1;
	for (int t = 0; t < TABLES; t++)
		for (int r = 0; r < text[t].rows; r++)
		{
			char	   *cell = text[t].cell[(size_t) r * text[t].columns + position[t]];
			size_t		slot = hash_text(cell) & (slots - 1);

			while (known[slot] != NULL && strcmp(known[slot], cell) != 0)
				slot = (slot + 1) & (slots - 1);
			if (known[slot] == NULL)
			{
				known[slot] = cell;
				code[slot] = *cell ? data->column[c].codes++ : 0;
			}
			data->table[t].code[c][r] = code[slot];
			if (strcmp(cell, last) > 0)
			{
				last = cell;
				data->column[c].last = code[slot];
			}
		}
	free(known);
	free(code);
}

/* The bins of a column of numbers. */
static void
bin_numbers(Data *data, int c)
{
	Column	   *column = &data->column[c];
	Table	   *training = &data->table[TRAINING];
	double		coarse[QUANTILES],
				fine[FINE];
	int			coarse_edges = quantile_edges(training->value[c], training->rows, QUANTILES, coarse);
	int			fine_edges = quantile_edges(training->value[c], training->rows, FINE - 2, fine);
	double		least = INFINITY,
				most = -INFINITY;

	for (int r = 0; r < training->rows; r++)
	{
		least = fmin(least, training->value[c][r]);
		most = fmax(most, training->value[c][r]);
	}
	column->range = most > least ? most - least : 1;
	column->coarse_bins = coarse_edges + 2;
	column->fine_bins = fine_edges + 2;
	for (int t = 0; t < TABLES; t++)
		for (int r = 0; r < data->table[t].rows; r++)
		{
			data->table[t].coarse[c][r] = bin_of(data->table[t].value[c][r], coarse, coarse_edges);
			data->table[t].fine[c][r] = bin_of(data->table[t].value[c][r], fine, fine_edges);
		}
}

/* The bins of a column of categories: trees see the most frequent ones, and the others together. */
static void
bin_categories(Data *data, int c)
{
	Column	   *column = &data->column[c];
	int		   *count = allocate(column->codes, sizeof(int));
	uint8_t    *fine = allocate(column->codes, 1);

	for (int r = 0; r < data->table[TRAINING].rows; r++)
		count[data->table[TRAINING].code[c][r]]++;
	column->coarse_bins = column->codes;
	if (column->codes <= FINE)
	{
		column->fine_bins = column->codes;
		for (int code = 0; code < column->codes; code++)
			fine[code] = code;
	}
	else
	{
		column->fine_bins = FINE;
		memset(fine, FINE - 1, column->codes);
		fine[0] = 0;
		for (int bin = 1; bin < FINE - 1; bin++)
		{
			int			best = 1;

			for (int code = 2; code < column->codes; code++)
				if (count[code] > count[best])
					best = code;
			fine[best] = bin;
			count[best] = -1;
		}
	}
	for (int t = 0; t < TABLES; t++)
		for (int r = 0; r < data->table[t].rows; r++)
		{
			data->table[t].coarse[c][r] = data->table[t].code[c][r];
			data->table[t].fine[c][r] = fine[data->table[t].code[c][r]];
		}
	free(count);
	free(fine);
}

/* Is the name in a list with commas? */
static bool
listed(const char *list, const char *name)
{
	size_t		length = strlen(name);

	for (const char *at = list; at != NULL && *at; at += *at == ',')
	{
		size_t		word = strcspn(at, ",");

		if (word == length && memcmp(at, name, length) == 0)
			return true;
		at += word;
	}
	return false;
}

int
column_named(const Data *data, const char *name, size_t length)
{
	for (int c = 0; c < data->columns; c++)
		if (strlen(data->column[c].name) == length && memcmp(data->column[c].name, name, length) == 0)
			return c;
	fprintf(stderr, "judge: there is no column \"%.*s\"\n", (int) length, name);
	exit(1);
}

/* Make column c of the data: numbers if every text of training is one. */
static void
make_column(Data *data, int c, const Text *text, const int *position, bool category)
{
	Column	   *column = &data->column[c];
	double		value;
	bool		any = false;

	encode(data, c, text, position);
	column->numeric = !category;
	for (int r = 0; r < text[TRAINING].rows && column->numeric; r++)
	{
		const char *cell = text[TRAINING].cell[(size_t) r * text[TRAINING].columns + position[TRAINING]];

		if (*cell)
			any = column->numeric = parse(cell, &value);
	}
	column->numeric = column->numeric && any;
	if (!column->numeric)
	{
		bin_categories(data, c);
		return;
	}
	for (int t = 0; t < TABLES; t++)
	{
		data->table[t].value[c] = allocate(text[t].rows, sizeof(double));
		for (int r = 0; r < text[t].rows; r++)
			if (!parse(text[t].cell[(size_t) r * text[t].columns + position[t]], &data->table[t].value[c][r]))
				data->table[t].value[c][r] = NAN;
	}
	bin_numbers(data, c);
}

/*
 * Read the three tables. Columns are matched by name, and those that are not
 * in all of them or in the list of those left out are skipped.
 */
void
read_tables(Data *data, char *const files[TABLES], char delimiter, const char *categories, const char *left_out)
{
	Text		text[TABLES];

	memset(data, 0, sizeof(*data));
	for (int t = 0; t < TABLES; t++)
		text[t] = read_text(files[t], delimiter);
	data->column = allocate(text[TRAINING].columns, sizeof(Column));
	for (int t = 0; t < TABLES; t++)
	{
		Table	   *table = &data->table[t];

		table->rows = text[t].rows;
		table->code = allocate(text[TRAINING].columns, sizeof(int32_t *));
		table->value = allocate(text[TRAINING].columns, sizeof(double *));
		table->coarse = allocate(text[TRAINING].columns, sizeof(int32_t *));
		table->fine = allocate(text[TRAINING].columns, sizeof(uint8_t *));
	}
	for (int i = 0; i < text[TRAINING].columns; i++)
	{
		int			position[TABLES] = {i, -1, -1};
		int			c = data->columns;

		for (int t = 1; t < TABLES; t++)
			for (int j = 0; j < text[t].columns; j++)
				if (strcmp(text[t].name[j], text[TRAINING].name[i]) == 0)
					position[t] = j;
		if (position[SYNTHETIC] < 0 || position[HOLDOUT] < 0 || listed(left_out, text[TRAINING].name[i]))
			continue;
		data->column[c].name = text[TRAINING].name[i];
		for (int t = 0; t < TABLES; t++)
		{
			data->table[t].code[c] = allocate(text[t].rows, sizeof(int32_t));
			data->table[t].coarse[c] = allocate(text[t].rows, sizeof(int32_t));
			data->table[t].fine[c] = allocate(text[t].rows, 1);
		}
		make_column(data, c, text, position, listed(categories, data->column[c].name));
		data->columns++;
	}
}
