/*-------------------------------------------------------------------------
 *
 * table_wide.c
 *		Suppression for requirements on all classes together.
 *
 * Classes are suppressed in the order of their size, the smallest first; of
 * equal size those whose labels lose least, as far as hierarchies that list
 * their leaves tell, and of these in the order of the labels' bytes.  The
 * query of a release can say that order, too.  Where the requirement is a mean
 * of the records' risks, the shortest such prefix is found; an estimate of the
 * population need not fall with every class, and there the prefix is one
 * without whose last class the requirement does not hold, found by halving.
 *
 * A bound for all nodes below: they have smaller classes, so each record has
 * at least the risk that it has here.  Whatever a node below releases, the
 * mean of the risks that the same records have here is within the limit, too.
 * That takes at least as many suppressed records as if the riskiest could be
 * suppressed one by one, without regard to classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "anonymize/table_wide.h"
#include "privacy/table_model.h"

/* Sizes below this are counted in a table. */
#define SMALL_SIZES		1024

/* A class that may be suppressed. */
typedef struct Candidate
{
	int64		size;
	double		loss;			/* of its labels */
	int64		class;
	int64		records;
} Candidate;

/* Classes of a size, while they are counted. */
typedef struct SizeCount
{
	int64		size;
	int64		classes;
	int64		records;
} SizeCount;

struct TableWide
{
	const PathTable *table;
	const Policy *policy;
	FrameMemory *memory;
	bool		means;			/* some requirement is a mean */
	SizeCount  *small;			/* by size */
	SizeCount  *large;
	int64		large_capacity;
	/* the histogram of the classes at hand */
	SizeHistogram histogram;
	int64	   *size;
	int64	   *classes;
	int64	   *records;		/* in the classes of a size */
	int64	   *left;			/* classes of a size that are not suppressed */
	int64		capacity;
	Candidate  *candidates;
	int64		candidates_capacity;
	double	   *sum;			/* by requirement: of the risks of what is released */
	/* the node at hand, for the order of its classes */
	const LatticeNode *node;
	const PathTuples *tuples;
};

/* Sorts counts by size. */
#define ST_SORT				sort_counts
#define ST_ELEMENT_TYPE		SizeCount
#define ST_COMPARE(a, b)	((a)->size < (b)->size ? -1 : (a)->size > (b)->size)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

static int	compare_candidates(const Candidate *a, const Candidate *b, const TableWide *w);

/* Sorts classes into the order of suppression. */
#define ST_SORT				sort_candidates
#define ST_ELEMENT_TYPE		Candidate
#define ST_COMPARE(a, b, w)	compare_candidates(a, b, w)
#define ST_COMPARE_ARG_TYPE	const TableWide
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* See table_wide.h. */
TableWide *
table_wide_create(const PathTable *table, const Policy *policy, FrameMemory *memory)
{
	TableWide  *w;

	if (policy->ntable == 0)
		return NULL;
	w = palloc0(sizeof(TableWide));
	w->table = table;
	w->policy = policy;
	w->memory = memory;
	w->small = frame_alloc(memory, SMALL_SIZES, sizeof(SizeCount), true);
	w->sum = palloc(sizeof(double) * policy->ntable);
	for (int i = 0; i < policy->ntable; i++)
		w->means = w->means || policy->table[i].model->risk != NULL;
	return w;
}

/* An array for at least n elements; its content is not kept. */
static void *
reserve(TableWide *w, void *array, int64 *capacity, int64 n, Size element)
{
	int64		old = *capacity;

	if (n <= old)
		return array;
	*capacity = 0;
	frame_release(w->memory, array, old, element);
	array = frame_alloc(w->memory, Max(n, 256), element, false);
	*capacity = Max(n, 256);
	return array;
}

/* ---- histograms ---- */

/* Put the next size into the histogram. */
static void
append_size(TableWide *w, const SizeCount *count)
{
	int64		at = w->histogram.n++;

	w->size[at] = count->size;
	w->classes[at] = count->classes;
	w->records[at] = count->records;
}

/* Count the classes whose verdict is at most that by size; returns their records. */
static int64
count_sizes(TableWide *w, const ClassCounter *classes, uint8 most)
{
	int64		nlarge = 0;
	int64		total = 0;

	for (int64 c = 0; c < classes->classes.n; c++)
		nlarge += classes->verdict[c] <= most && classes->size[c] >= SMALL_SIZES;
	w->large = reserve(w, w->large, &w->large_capacity, nlarge, sizeof(SizeCount));
	if (SMALL_SIZES + nlarge > w->capacity)
	{
		int64		capacity = w->capacity;
		int64		n = SMALL_SIZES + nlarge;

		w->size = reserve(w, w->size, &capacity, n, sizeof(int64));
		capacity = w->capacity;
		w->classes = reserve(w, w->classes, &capacity, n, sizeof(int64));
		capacity = w->capacity;
		w->records = reserve(w, w->records, &capacity, n, sizeof(int64));
		w->left = reserve(w, w->left, &w->capacity, n, sizeof(int64));
		w->histogram.size = w->size;
	}
	memset(w->small, 0, sizeof(SizeCount) * SMALL_SIZES);
	nlarge = 0;
	for (int64 c = 0; c < classes->classes.n; c++)
	{
		int64		size = classes->size[c];
		int64		records = WEIGHT_RECORDS(classes->classes.weights[c]);

		if (classes->verdict[c] > most)
			continue;
		total += records;
		if (size < SMALL_SIZES)
		{
			w->small[size].size = size;
			w->small[size].classes++;
			w->small[size].records += records;
		}
		else
			w->large[nlarge++] = (SizeCount) {size, 1, records};
	}
	sort_counts(w->large, nlarge);

	w->histogram.n = 0;
	w->histogram.classes = w->classes;
	for (int i = 0; i < SMALL_SIZES; i++)
		if (w->small[i].classes > 0)
			append_size(w, &w->small[i]);
	for (int64 i = 0; i < nlarge; i++)
	{
		if (i > 0 && w->large[i].size == w->large[i - 1].size)
		{
			w->classes[w->histogram.n - 1]++;
			w->records[w->histogram.n - 1] += w->large[i].records;
		}
		else
			append_size(w, &w->large[i]);
	}
	return total;
}

/* ---- the bound ---- */

/*
 * Records of the histogram that must go for a mean to be within its limit, if
 * they could go one by one; never one too many for the sake of a last bit.
 */
static int64
least_for(const TableWide *w, const TableRequirement *r)
{
	double		limit = r->wanted + fabs(r->wanted) * 1e-9;
	double		excess = 0;		/* of the risks above the limit */
	double		gone = 0;

	for (int64 i = w->histogram.n - 1; i >= 0; i--)
		excess += r->model->risk(r, w->size[i], w->records[i]) - limit * (double) w->records[i];
	for (int64 i = 0; i < w->histogram.n && excess > 0; i++)
	{
		double		of_record = r->model->risk(r, w->size[i], w->records[i]) /
			(double) w->records[i] - limit;

		if (of_record <= 0)
			break;
		if (of_record * (double) w->records[i] >= excess)
			return (int64) Max(ceil(gone + excess / of_record - 1e-3), 0);
		excess -= of_record * (double) w->records[i];
		gone += (double) w->records[i];
	}
	return (int64) gone;
}

/* See table_wide.h. */
int64
table_wide_least(TableWide *w, const ClassCounter *classes)
{
	int64		lasting;
	int64		least = 0;

	if (!w->means)
		return 0;
	/* without the others, which are among the suppressed anyway */
	lasting = w->table->records - count_sizes(w, classes, CLASS_FAILS);
	for (int i = 0; i < w->policy->ntable; i++)
		if (w->policy->table[i].model->risk != NULL)
			least = Max(least, least_for(w, &w->policy->table[i]));
	return lasting + least;
}

/* ---- suppression ---- */

/* What the labels of a class lose where the hierarchy itself says it. */
static double
labels_loss(const TableWide *w, const uint64 *key)
{
	double		loss = 0;

	for (int j = 0; j < w->table->nquasi; j++)
	{
		const PathColumn *column = &w->table->quasi[j];
		int			level = w->node->level[j];

		/* on the other levels classes do not differ */
		if (column->own_leaves && level > 0 && level < column->height)
			loss += (double) path_cost(column, level, path_code(column, key)) /
				(double) column->denominator;
	}
	return loss;
}

/* The order of suppression. */
static int
compare_candidates(const Candidate *a, const Candidate *b, const TableWide *w)
{
	const uint64 *x = w->tuples->keys + a->class * w->tuples->words;
	const uint64 *y = w->tuples->keys + b->class * w->tuples->words;

	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->loss != b->loss)
		return a->loss < b->loss ? -1 : 1;
	for (int j = 0; j < w->table->nquasi; j++)
	{
		const PathColumn *column = &w->table->quasi[j];
		int			level = w->node->level[j];
		const char *p;
		const char *q;
		int			difference;

		if (level == column->height)
			continue;
		p = path_label(column, level, path_code(column, x));
		q = path_label(column, level, path_code(column, y));
		/* NULL comes last */
		difference = p == NULL || q == NULL ? (p == NULL) - (q == NULL) : strcmp(p, q);
		if (difference != 0)
			return difference;
	}
	return 0;
}

/* The classes that can be among the suppressed ones if at most so many records may go, in their order. */
static int64
find_candidates(TableWide *w, const ClassCounter *classes, int64 most)
{
	int64		last = 0;
	int64		n = 0;
	int64		records = 0;

	for (int64 i = 0; i < w->histogram.n && records <= most; i++)
	{
		last = w->size[i];
		n += w->classes[i];
		records += w->records[i];
	}
	w->candidates = reserve(w, w->candidates, &w->candidates_capacity, n, sizeof(Candidate));
	n = 0;
	for (int64 c = 0; c < classes->classes.n; c++)
	{
		Candidate  *next = &w->candidates[n];

		if (classes->verdict[c] != CLASS_HOLDS || classes->size[c] > last)
			continue;
		next->size = classes->size[c];
		next->loss = labels_loss(w, classes->classes.keys + c * classes->classes.words);
		next->class = c;
		next->records = WEIGHT_RECORDS(classes->classes.weights[c]);
		n++;
	}
	sort_candidates(w->candidates, n, w);
	return n;
}

/* Do the requirements that are means hold, of so many records released? */
static bool
means_hold(const TableWide *w, int64 released)
{
	for (int i = 0; i < w->policy->ntable; i++)
	{
		const TableRequirement *r = &w->policy->table[i];

		if (r->model->risk != NULL && released > 0 &&
			!table_requirement_holds(r, w->sum[i] / (double) released))
			return false;
	}
	return true;
}

/* Do the others hold without the n smallest classes? */
static bool
others_hold(TableWide *w, int64 n)
{
	SizeHistogram left = {.n = w->histogram.n, .size = w->size, .classes = w->left};
	int64		classes = 0;

	for (int64 i = 0; i < w->histogram.n; i++)
	{
		int64		gone = Min(n, w->classes[i]);

		w->left[i] = w->classes[i] - gone;
		n -= gone;
		classes += w->left[i];
	}
	for (int i = 0; i < w->policy->ntable && classes > 0; i++)
	{
		const TableRequirement *r = &w->policy->table[i];

		CHECK_FOR_INTERRUPTS();
		if (r->model->risk == NULL && !table_requirement_holds(r, r->model->measure(r, &left)))
			return false;
	}
	return true;
}

/* So many classes can be suppressed at most if that many records may; exact where sizes are records. */
static int64
most_classes(const TableWide *w, int64 records)
{
	int64		n = 0;

	for (int64 i = 0; i < w->histogram.n; i++)
	{
		/* a person has one record at least */
		int64		possible = Min(records / w->size[i], w->classes[i]);

		n += possible;
		if (possible < w->classes[i])
			break;
		records -= w->size[i] * possible;
	}
	return n;
}

/* See table_wide.h. */
int64
table_wide_suppress(TableWide *w, ClassCounter *classes, const LatticeNode *node, int64 most)
{
	int64		released = count_sizes(w, classes, CLASS_HOLDS);
	int64		ncandidates;
	int64		n = 0;
	int64		records = 0;
	int64		high;

	for (int i = 0; i < w->policy->ntable; i++)
	{
		const TableRequirement *r = &w->policy->table[i];

		w->sum[i] = 0;
		for (int64 s = w->histogram.n - 1; s >= 0 && r->model->risk != NULL; s--)
			w->sum[i] += r->model->risk(r, w->size[s], w->records[s]);
	}
	if (means_hold(w, released) && others_hold(w, 0))
		return 0;

	/* sorting is dear: not where the others fail from the first class to the last that may go */
	if (!classes->persons && means_hold(w, released) && !others_hold(w, most_classes(w, most)))
		return -1;
	w->node = node;
	w->tuples = &classes->classes;
	ncandidates = find_candidates(w, classes, most);
	for (; !means_hold(w, released); n++)
	{
		const Candidate *next = &w->candidates[n];

		if (n == ncandidates || records + next->records > most)
			return -1;
		for (int i = 0; i < w->policy->ntable; i++)
			if (w->policy->table[i].model->risk != NULL)
				w->sum[i] -= w->policy->table[i].model->risk(&w->policy->table[i], next->size,
															 next->records);
		records += next->records;
		released -= next->records;
	}
	if (!others_hold(w, n))
	{
		int64		all = records;

		for (high = n; high < ncandidates && all + w->candidates[high].records <= most; high++)
			all += w->candidates[high].records;
		if (high == n || !others_hold(w, high))
			return -1;
		/* n does not hold, high does */
		while (high - n > 1)
		{
			int64		middle = n + (high - n) / 2;

			if (others_hold(w, middle))
				high = middle;
			else
				n = middle;
		}
		n = high;
	}
	records = 0;
	for (int64 i = 0; i < n; i++)
	{
		classes->verdict[w->candidates[i].class] = CLASS_FAILS;
		records += w->candidates[i].records;
	}
	return records;
}
