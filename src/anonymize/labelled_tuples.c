/*-------------------------------------------------------------------------
 *
 * labelled_tuples.c
 *		The tuples that cell suppression and microaggregation are fitted to.
 *
 * The frame numbers values as they come, which may be in another order the
 * next time.  So values are numbered again by their texts, and tuples sorted by
 * these numbers: equal data give equal problems, and equal recodings.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "anonymize/labelled_tuples.h"
#include "anonymize/rows.h"

/* A text and who has it. */
typedef struct TextOwner
{
	char	   *text;
	uint32		owner;
} TextOwner;

#define ST_SORT				sort_texts
#define ST_ELEMENT_TYPE		TextOwner
#define ST_COMPARE(a, b)	strcmp((a)->text, (b)->text)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Codes of tuples of a width, compared from the first column on. */
typedef struct CodeRows
{
	int			width;
	const uint32 *codes;
} CodeRows;

/* Compare two of them. */
static inline int
compare_rows(const CodeRows *rows, uint32 a, uint32 b)
{
	const uint32 *one = rows->codes + (Size) a * rows->width;
	const uint32 *other = rows->codes + (Size) b * rows->width;

	for (int c = 0; c < rows->width; c++)
		if (one[c] != other[c])
			return one[c] < other[c] ? -1 : 1;
	return 0;
}

#define ST_SORT				sort_rows
#define ST_ELEMENT_TYPE		uint32
#define ST_COMPARE_ARG_TYPE CodeRows
#define ST_COMPARE(a, b, rows) compare_rows(rows, *(a), *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* See labelled_tuples.h. */
char **
number_texts(FrameMemory *memory, uint32 n, char **texts, uint32 *code_of, uint32 *ncodes)
{
	TextOwner  *sorted = frame_alloc(memory, Max(n, 1), sizeof(TextOwner), false);
	char	  **by_code = frame_alloc(memory, (Size) n + 1, sizeof(char *), true);
	uint32		nsorted = 0;

	*ncodes = 0;
	for (uint32 i = 0; i < n; i++)
		if (texts[i] == NULL)
			code_of[i] = LABEL_NULL;
		else
		{
			sorted[nsorted].text = texts[i];
			sorted[nsorted++].owner = i;
		}
	sort_texts(sorted, nsorted);
	for (uint32 i = 0; i < nsorted; i++)
	{
		if (i == 0 || strcmp(sorted[i].text, sorted[i - 1].text) != 0)
			by_code[++*ncodes] = sorted[i].text;
		code_of[sorted[i].owner] = *ncodes;
	}
	frame_release(memory, sorted, Max(n, 1), sizeof(TextOwner));
	return by_code;
}

/*
 * Sort tuples and make equal ones one: order[i] is a tuple of the i-th kind,
 * kind_of[t] the kind of tuple t.  Returns the number of kinds.
 */
static uint32
find_kinds(FrameMemory *memory, uint32 n, int width, const uint32 *codes, uint32 *order,
		   uint32 *kind_of)
{
	CodeRows	rows = {width, codes};
	uint32	   *sorted = frame_alloc(memory, Max(n, 1), sizeof(uint32), false);
	uint32		kinds = 0;

	for (uint32 i = 0; i < n; i++)
		sorted[i] = i;
	sort_rows(sorted, n, &rows);
	for (uint32 i = 0; i < n; i++)
	{
		if (i == 0 || compare_rows(&rows, sorted[i], sorted[i - 1]) != 0)
			order[kinds++] = sorted[i];
		kind_of[sorted[i]] = kinds - 1;
	}
	frame_release(memory, sorted, Max(n, 1), sizeof(uint32));
	return kinds;
}

/* Number the values of a column, and their labels; code_of: by code of the dictionary. */
static void
number_column(LabelledTuples *t, LabelledColumn *column, uint32 *code_of)
{
	uint32		n = dictionary_size(column->dictionary);
	int			level = column->quasi->min_level;
	char	  **texts = frame_alloc(&t->memory, Max(n, 1), sizeof(char *), true);
	char	  **chain = palloc(sizeof(char *) * (hierarchy_height(column->quasi->hierarchy) + 1));
	char	  **labels;

	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(column->dictionary, code, &isnull);

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		texts[code] = value_text(column->type, value);
		t->memory.used += strlen(texts[code]) + 1;
	}
	column->values = number_texts(&t->memory, n, texts, code_of, &column->nvalues);
	column->in_dictionary = frame_alloc(&t->memory, (Size) column->nvalues + 1, sizeof(uint32), true);
	for (uint32 code = n; code-- > 0;)
		column->in_dictionary[code_of[code]] = code;

	labels = frame_alloc(&t->memory, (Size) column->nvalues + 1, sizeof(char *), true);
	column->label_of = frame_alloc(&t->memory, (Size) column->nvalues + 1, sizeof(uint32), true);
	for (uint32 code = 0; code <= column->nvalues; code++)
	{
		bool		isnull = true;
		Datum		value = (Datum) 0;

		CHECK_FOR_INTERRUPTS();
		if (level == 0)
		{
			labels[code] = column->values[code];
			continue;
		}
		if (code != LABEL_NULL)
			value = dictionary_value(column->dictionary, column->in_dictionary[code], &isnull);
		hierarchy_labels(column->quasi->hierarchy, column->type, value, isnull, chain);
		labels[code] = chain[level];
	}
	column->labels = number_texts(&t->memory, column->nvalues + 1, labels, column->label_of,
								  &column->nlabels);
}

/* See labelled_tuples.h. */
LabelledTuples *
labelled_tuples_read(Oid relid, const Policy *policy, const char *method)
{
	LabelledTuples  *t = palloc0(sizeof(LabelledTuples));
	int			m = policy->nquasi;
	const char **names = palloc(sizeof(char *) * (m + 1));
	uint32	  **code_of = palloc(sizeof(uint32 *) * Max(m, 1));
	TupleCounter *counter;
	CounterScan scan;
	uint32	   *raw;
	uint32	   *raw_kind;
	uint32	   *raw_person;
	uint32	   *row = palloc(sizeof(uint32) * (m + 1));
	bool		persons = policy->person != NULL;
	int64	   *raw_weights;
	uint32	   *order;
	uint32	   *labels;
	uint32		nraw;

	for (int c = 0; c < m; c++)
		names[c] = policy->quasi[c].column;
	names[m] = policy->person;
	counter = frame_read_rows(relid, policy_rows(relid, policy), m + persons, names,
							  FRAME_EQUAL_IMAGE, m);
	if (counter_ntuples(counter) > PG_UINT32_MAX / 4)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct tuples for recoding \"%s\"", method)));
	nraw = (uint32) counter_ntuples(counter);
	t->memory.context = CurrentMemoryContext;
	t->memory.used = counter_memory(counter);
	t->records = counter_total(counter);
	t->ncolumns = m;
	t->columns = palloc0(sizeof(LabelledColumn) * Max(m, 1));
	for (int c = 0; c < m; c++)
	{
		LabelledColumn  *column = &t->columns[c];

		column->quasi = &policy->quasi[c];
		column->dictionary = counter_dictionary(counter, c);
		column->type = getBaseType(dictionary_type(column->dictionary));
		code_of[c] = frame_alloc(&t->memory, (Size) dictionary_size(column->dictionary) + 1,
								 sizeof(uint32), false);
		number_column(t, column, code_of[c]);
	}

	/* the tuples of values */
	raw = frame_alloc(&t->memory, (Size) nraw * m + m, sizeof(uint32), false);
	raw_weights = frame_alloc(&t->memory, (Size) nraw + 1, sizeof(int64), false);
	raw_kind = frame_alloc(&t->memory, (Size) nraw + 1, sizeof(uint32), false);
	raw_person = frame_alloc(&t->memory, persons ? (Size) nraw + 1 : 1, sizeof(uint32), false);
	order = frame_alloc(&t->memory, (Size) nraw + 1, sizeof(uint32), false);
	counter_scan_start(counter, &scan);
	for (uint32 i = 0; counter_scan_next(&scan, row, &raw_weights[i]); i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < m; c++)
			raw[(Size) i * m + c] = code_of[c][row[c]];
		if (persons)
			raw_person[i] = row[m];
	}
	t->n = find_kinds(&t->memory, nraw, m, raw, order, raw_kind);
	t->codes = frame_alloc(&t->memory, (Size) t->n * m + 1, sizeof(uint32), false);
	labels = frame_alloc(&t->memory, (Size) t->n * m + 1, sizeof(uint32), false);
	for (uint32 i = 0; i < t->n; i++)
		for (int c = 0; c < m; c++)
		{
			t->codes[(Size) i * m + c] = raw[(Size) order[i] * m + c];
			labels[(Size) i * m + c] = t->columns[c].label_of[t->codes[(Size) i * m + c]];
		}

	/* the tuples of labels */
	t->labelled = frame_alloc(&t->memory, (Size) t->n + 1, sizeof(uint32), false);
	t->nlabelled = find_kinds(&t->memory, t->n, m, labels, order, t->labelled);
	t->label_codes = frame_alloc(&t->memory, (Size) t->nlabelled * m + 1, sizeof(uint32), false);
	t->weights = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(int64), true);
	for (uint32 i = 0; i < t->nlabelled; i++)
		memcpy(t->label_codes + (Size) i * m, labels + (Size) order[i] * m, sizeof(uint32) * m);
	for (uint32 i = 0; i < nraw; i++)
	{
		raw_kind[i] = t->labelled[raw_kind[i]];
		t->weights[raw_kind[i]] += raw_weights[i];
	}
	if (persons)
		labelled_persons_read(t, relid, policy->person, counter_dictionary(counter, m), nraw,
							  raw_person, raw_kind);

	frame_release(&t->memory, labels, (Size) t->n * m + 1, sizeof(uint32));
	frame_release(&t->memory, order, (Size) nraw + 1, sizeof(uint32));
	frame_release(&t->memory, raw_person, persons ? (Size) nraw + 1 : 1, sizeof(uint32));
	frame_release(&t->memory, raw_kind, (Size) nraw + 1, sizeof(uint32));
	frame_release(&t->memory, raw_weights, (Size) nraw + 1, sizeof(int64));
	frame_release(&t->memory, raw, (Size) nraw * m + m, sizeof(uint32));
	return t;
}

/* See labelled_tuples.h. */
uint32
labelled_classes(FrameMemory *memory, uint32 n, int m, const uint32 *codes,
				 const int64 *weights, int64 *smallest, uint32 *class_of)
{
	uint32	   *order = frame_alloc(memory, (Size) n + 1, sizeof(uint32), false);
	uint32	   *kind_of = frame_alloc(memory, (Size) n + 1, sizeof(uint32), false);
	uint32		kinds = find_kinds(memory, n, m, codes, order, kind_of);
	int64	   *sizes = frame_alloc(memory, (Size) kinds + 1, sizeof(int64), true);

	for (uint32 i = 0; i < n; i++)
		sizes[kind_of[i]] += weights[i];
	if (class_of != NULL)
		memcpy(class_of, kind_of, sizeof(uint32) * n);
	*smallest = kinds > 0 ? sizes[0] : 0;
	for (uint32 i = 0; i < kinds; i++)
		*smallest = Min(*smallest, sizes[i]);
	frame_release(memory, sizes, (Size) kinds + 1, sizeof(int64));
	frame_release(memory, kind_of, (Size) n + 1, sizeof(uint32));
	frame_release(memory, order, (Size) n + 1, sizeof(uint32));
	return kinds;
}

/* See labelled_tuples.h. */
struct varlena *
labelled_tuples_recoding(LabelledTuples *t, const char *method, int64 k, char **texts, const bool *typed,
					const bool *left_out)
{
	RecodingBuilder *b = recoding_builder_create(method, t->ncolumns);
	uint32	  **value_codes = palloc(sizeof(uint32 *) * Max(t->ncolumns, 1));
	uint32		values[RECODING_MAX_COLUMNS];
	uint32		outcome[RECODING_MAX_COLUMNS];

	for (int c = 0; c < t->ncolumns; c++)
	{
		const LabelledColumn *column = &t->columns[c];

		recoding_builder_column(b, c, column->quasi->column, column->type,
								typed[c] ? column->type : TEXTOID);
		value_codes[c] = frame_alloc(&t->memory, (Size) column->nvalues + 1, sizeof(uint32), false);
		for (uint32 code = 0; code <= column->nvalues; code++)
			value_codes[c][code] = recoding_builder_value(b, c, column->values[code]);
	}
	recoding_builder_figure(b, "k", (double) k);
	for (uint32 i = 0; i < t->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (left_out != NULL && left_out[t->labelled[i]])
			continue;
		for (int c = 0; c < t->ncolumns; c++)
		{
			values[c] = value_codes[c][t->codes[(Size) i * t->ncolumns + c]];
			outcome[c] = recoding_builder_outcome(b, c, texts[(Size) t->labelled[i] * t->ncolumns + c]);
		}
		recoding_builder_tuple(b, values, outcome);
	}
	return recoding_builder_finish(b);
}
