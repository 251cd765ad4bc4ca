/*-------------------------------------------------------------------------
 *
 * category_column.c
 *		Categories become codes and come back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "synthesize/category_internal.h"
#include "synthesize/raw_internal.h"

#define ROWS_A_CHECK	65536

/* Streams of the rows whose rare values come out as others; far from those of samples. */
#define RARE_STREAM		UINT64CONST(0x72617265)

/* Are all labels numbers as they are written?  With zeros before them, they are codes. */
static bool
all_numbers(const CategoryLabel *labels, int n)
{
	for (int i = 0; i < n; i++)
	{
		const char *text = labels[i].label;
		int			scale;
		int64		value;

		if (text[0] == '-')
			text++;
		if (text[strspn(text, "0123456789.")] != '\0' || strlen(text) > 15 ||
			strchr(text, '.') != strrchr(text, '.') ||
			(text[0] == '0' && text[1] != '\0' && text[1] != '.') ||
			raw_parse_decimal(labels[i].label, &scale, &value) != RAW_PARSE_NUMBER)
			return false;
	}
	return n > 0;
}

/* Order of labels whose texts are numbers. */
static int
compare_numbers(const void *a, const void *b)
{
	const CategoryLabel *x = a;
	const CategoryLabel *y = b;
	double		p = strtod(x->label, NULL);
	double		q = strtod(y->label, NULL);

	return p != q ? (p > q) - (p < q) : strcmp(x->label, y->label);
}

/* Order of values of an enum or boolean. */
static int
compare_raw(const void *a, const void *b)
{
	const CategoryLabel *x = a;
	const CategoryLabel *y = b;

	return (x->raw > y->raw) - (x->raw < y->raw);
}

/* Order of all others: by their place in the hierarchy, and by their bytes. */
static int
compare_labels(const void *a, const void *b)
{
	const CategoryLabel *x = a;
	const CategoryLabel *y = b;
	int			order = x->path != NULL && y->path != NULL ? strcmp(x->path, y->path) : 0;

	return order != 0 ? order : strcmp(x->label, y->label);
}

/* Put the labels in their order; true if that is one of values. */
static bool
sort_labels(CategoryLabel *labels, int n, Oid type)
{
	if (get_typtype(type) == TYPTYPE_ENUM || type == BOOLOID)
	{
		qsort(labels, n, sizeof(CategoryLabel), compare_raw);
		return true;
	}
	/* a hierarchy tells which are alike, codes of digits as well */
	if (labels[0].path == NULL && all_numbers(labels, n))
	{
		qsort(labels, n, sizeof(CategoryLabel), compare_numbers);
		return true;
	}
	qsort(labels, n, sizeof(CategoryLabel), compare_labels);
	return false;
}

/* The group of a label. */
static int
group_of(const CategoryCoder *coder, int label)
{
	int			low = 0;
	int			high = coder->ngroups - 1;

	while (low < high)
	{
		int			middle = low + (high - low + 1) / 2;

		if (coder->start[middle] <= label)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The codes of a label; -1: NULL, -2: what is rare. */
static void
put_codes(const CategoryCoder *coder, int64 label, uint8 *coarse, uint8 *fine)
{
	int			coarses = coder->ngroups > 0 ? coder->ngroups : coder->nlabels;

	*fine = 0;
	if (label == -1 && coder->missing)
		*coarse = 0;
	else if (label < 0)
		/* without a code for it, the first label stands for what is not known */
		*coarse = coder->rare ? coarses + coder->missing : coder->missing;
	else if (coder->ngroups == 0)
		*coarse = label + coder->missing;
	else
	{
		int			group = group_of(coder, label);

		*coarse = group + coder->missing;
		*fine = label - coder->start[group];
	}
}

/* One of the labels that a rare value can come out as, by their rows. */
static int
draw_label(const CategoryTarget *target, const CategoryLabel *labels, const int *position,
		   RandomStream *stream)
{
	uint64		total = 0;
	uint64		chance;

	for (int i = 0; i < target->n; i++)
		total += labels[position[target->labels[i]]].rows;
	chance = random_below64(stream, Max(total, 1));
	for (int i = 0; i < target->n; i++)
	{
		uint64		rows = labels[position[target->labels[i]]].rows;

		if (chance < rows)
			return position[target->labels[i]];
		chance -= rows;
	}
	return position[target->labels[0]];
}

/* Code the rows of the table. */
static void
code_rows(const CategoryCoder *coder, const RawTable *table, const RawColumn *column,
		  const CategoryTarget *targets, const CategoryLabel *labels, const int *position,
		  uint8 **codes, int nvariables)
{
	FrameMemory memory = {CurrentMemoryContext, 0};
	uint64		seed = hash_bytes((const unsigned char *) column->name, strlen(column->name));
	uint8		unused;

	for (int i = 0; i < nvariables; i++)
		codes[i] = frame_alloc(&memory, Max(table->nrows, 1), 1, true);
	for (int64 i = 0; i < table->nrows; i++)
	{
		int64		value = column->values[i];
		int64		label = value == RAW_NULL ? -1 : -2;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (value == RAW_NULL && !coder->missing)
			label = -2;
		else if (value != RAW_NULL && targets[value].n == 1)
			label = position[targets[value].labels[0]];
		else if (value != RAW_NULL && targets[value].n > 1)
		{
			RandomStream stream = random_stream(seed ^ RARE_STREAM << 32, i);

			label = draw_label(&targets[value], labels, position, &stream);
		}
		put_codes(coder, label, &codes[0][i], nvariables > 1 ? &codes[1][i] : &unused);
	}
}

/* The name of the built-in code system that a hierarchy is, or NULL. */
static const char *
built_in(const char *definition)
{
	static const char *const systems[] = {"icd10", "icdo_morphology", "icdo_topography", "ags", "tnm", "uicc"};

	for (int i = 0; definition != NULL && i < lengthof(systems); i++)
		if (strcmp(systems[i], definition) == 0)
			return systems[i];
	return NULL;
}

/* See column.h. */
CategoryCoder *
category_fit(const RawTable *table, const RawColumn *column, const char *hierarchy, int min_leaf,
			 Variable *variables, int *nvariables, uint8 **codes)
{
	CategoryCoder *coder = palloc0(sizeof(CategoryCoder));
	int64		n = column->nvalues;
	int64	   *persons = palloc_extended(sizeof(int64) * (n + 1), MCXT_ALLOC_HUGE);
	int64	   *rows = palloc_extended(sizeof(int64) * (n + 1), MCXT_ALLOC_HUGE);
	CategoryTarget *targets = palloc_extended(sizeof(CategoryTarget) * Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	const char *system = hierarchy == NULL ? category_recognise(column) : hierarchy;
	CategoryLabel *labels;
	CategoryLabel *found;
	int		   *position;

	if (system != NULL)
	{
		coder->hierarchy = hierarchy_resolve(system);
		coder->definition = pstrdup(hierarchy_definition(coder->hierarchy));
		hierarchy_check_type(coder->hierarchy, TEXTOID);
	}
	category_count(table, column, persons, rows);
	/* a label of its own might not be what a domain allows */
	labels = category_choose(table, column, coder->hierarchy,
							 column->type.declared == column->type.type ? built_in(coder->definition) : NULL,
							 min_leaf, persons, rows, &coder->nlabels, targets);
	if (coder->nlabels == 0)
		return NULL;
	if (coder->nlabels > MAX_LABELS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column \"%s\" has too many values", column->name),
				 errdetail("It has %d that enough persons share; %d can be synthesized.", coder->nlabels, MAX_LABELS),
				 errhint("Let a view generalize it, or leave it out.")));

	found = palloc(sizeof(CategoryLabel) * coder->nlabels);
	memcpy(found, labels, sizeof(CategoryLabel) * coder->nlabels);
	coder->ordered = sort_labels(labels, coder->nlabels, column->type.type);
	coder->labels = palloc(sizeof(char *) * coder->nlabels);
	for (int i = 0; i < coder->nlabels; i++)
		coder->labels[i] = labels[i].label;
	category_index(coder);
	position = palloc(sizeof(int) * coder->nlabels);
	for (int i = 0; i < coder->nlabels; i++)
		position[i] = category_find(coder, found[i].label);

	coder->missing = persons[n] >= min_leaf;
	coder->rare = persons[n] > 0 && !coder->missing;
	for (int64 v = 0; v < n; v++)
		coder->rare |= rows[v] > 0 && targets[v].n == 0;
	category_group(coder, labels);
	category_variables(coder, variables, nvariables);
	code_rows(coder, table, column, targets, labels, position, codes, *nvariables);
	return coder;
}

/* See column.h. */
int
category_nlabels(const CategoryCoder *coder)
{
	return coder->nlabels;
}

/* See column.h. */
const char *
category_label(const CategoryCoder *coder, int64 raw)
{
	return coder->labels[raw];
}

/* See column.h. */
void
category_encode(const CategoryCoder *coder, int64 raw, uint8 *codes)
{
	uint8		unused;

	put_codes(coder, raw == RAW_NULL ? -1 : raw, &codes[0], coder->ngroups > 0 ? &codes[1] : &unused);
}

/* See column.h. */
int64
category_decode(const CategoryCoder *coder, const uint8 *codes, RandomStream *stream)
{
	int			code = codes[0] - coder->missing;
	int			coarses = coder->ngroups > 0 ? coder->ngroups : coder->nlabels;

	if (code < 0 || code >= coarses)
		return RAW_NULL;
	if (coder->ngroups == 0)
		return code;
	return Min(coder->start[code] + codes[1], coder->start[code + 1] - 1);
}

/* See column.h. */
void
category_write(StringInfo to, const CategoryCoder *coder)
{
	bytes_put_uint8(to, coder->missing | coder->rare << 1 | coder->ordered << 2);
	bytes_put_uint32(to, coder->nlabels);
	for (int i = 0; i < coder->nlabels; i++)
		bytes_put_text(to, coder->labels[i]);
	bytes_put_uint32(to, coder->ngroups);
	for (int g = 0; g < coder->ngroups; g++)
		bytes_put_uint16(to, coder->start[g + 1] - coder->start[g]);
	bytes_put_text(to, coder->definition);
}

/* Read how the labels are grouped. */
static void
read_groups(ByteReader *r, CategoryCoder *coder)
{
	int			special = coder->missing + coder->rare;

	coder->ngroups = bytes_count(r, 0, MAX_CODES - special);
	if (coder->ngroups == 0)
	{
		if (coder->nlabels + special > MAX_CODES)
			bytes_invalid(r, "A category has too many codes.");
		return;
	}
	coder->start = palloc(sizeof(int) * (coder->ngroups + 1));
	coder->start[0] = 0;
	for (int g = 0; g < coder->ngroups; g++)
	{
		int			size = bytes_uint16(r);

		if (size < 1 || size > MAX_CODES || size > coder->nlabels - coder->start[g])
			bytes_invalid(r, "A group of labels is out of range.");
		coder->start[g + 1] = coder->start[g] + size;
	}
	if (coder->start[coder->ngroups] != coder->nlabels)
		bytes_invalid(r, "Labels are in no group.");
}

/* See column.h. */
CategoryCoder *
category_read(ByteReader *r, Variable *variables, int *nvariables)
{
	CategoryCoder *coder = palloc0(sizeof(CategoryCoder));
	uint8		flags = bytes_uint8(r);

	if (flags > 7)
		bytes_invalid(r, "The flags of a category are unknown.");
	coder->missing = (flags & 1) != 0;
	coder->rare = (flags & 2) != 0;
	coder->ordered = (flags & 4) != 0;
	coder->nlabels = bytes_count(r, 1, MAX_LABELS);
	/* a label takes four bytes at least, which the reader must have */
	if (r->left / sizeof(uint32) < coder->nlabels)
		bytes_invalid(r, "It ends too early.");
	coder->labels = palloc(sizeof(char *) * coder->nlabels);
	for (int i = 0; i < coder->nlabels; i++)
	{
		coder->labels[i] = bytes_text(r);
		if (coder->labels[i] == NULL)
			bytes_invalid(r, "A label is missing.");
	}
	category_index(coder);
	for (int i = 1; i < coder->nlabels; i++)
		if (strcmp(coder->labels[coder->sorted[i - 1]], coder->labels[coder->sorted[i]]) == 0)
			bytes_invalid(r, "A label is there twice.");
	read_groups(r, coder);
	coder->definition = bytes_text(r);
	if (coder->definition != NULL)
		coder->hierarchy = hierarchy_parse(coder->definition);
	category_variables(coder, variables, nvariables);
	return coder;
}
