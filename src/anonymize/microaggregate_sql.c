/*-------------------------------------------------------------------------
 *
 * microaggregate_sql.c
 *		Microaggregation of arrays: kiaim.microaggregate(),
 *		kiaim.microaggregation_groups(), kiaim.microaggregation_loss().
 *
 * Here an element is a row: equal numbers may come into different groups,
 * which can be nearer to the data than what a release does with its tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "anonymize/anonymize.h"
#include "anonymize/microaggregate.h"

PG_FUNCTION_INFO_V1(kiaim_microaggregate);
PG_FUNCTION_INFO_V1(kiaim_microaggregation_groups);
PG_FUNCTION_INFO_V1(kiaim_microaggregation_loss);

/* Rows of an array of one or two dimensions; rows with a NULL are not among the points. */
typedef struct Rows
{
	int			nrows;
	MicroPoints points;
	uint32	   *row_of;			/* by point */
} Rows;

/* Read an array of numbers, all of them finite. */
static void
read_rows(ArrayType *array, FrameMemory *memory, Rows *rows)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			d = 1;

	if (ARR_NDIM(array) > 2)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("an array of %d dimensions cannot be microaggregated", ARR_NDIM(array)),
				 errhint("Give one number a row, or one array of numbers a row.")));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, &n);
	if (ARR_NDIM(array) == 2)
		d = ARR_DIMS(array)[1];
	memset(rows, 0, sizeof(Rows));
	rows->nrows = n / d;
	rows->points.ncolumns = d;
	rows->points.memory = memory;
	rows->points.values = frame_alloc(memory, Max(n, 1), sizeof(double), false);
	rows->row_of = frame_alloc(memory, Max(n, 1), sizeof(uint32), false);
	for (int i = 0; i < rows->nrows; i++)
	{
		bool		known = true;

		for (int c = 0; c < d; c++)
		{
			double		value = nulls[i * d + c] ? 0 : DatumGetFloat8(elements[i * d + c]);

			known = known && !nulls[i * d + c];
			if (!isfinite(value))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("%s has no distance to other numbers",
								value_text(FLOAT8OID, Float8GetDatum(value))),
						 errhint("Leave it out, or make it NULL.")));
			rows->points.values[(Size) rows->points.n * d + c] = value;
		}
		if (known)
			rows->row_of[rows->points.n++] = i;
	}
}

/* k, which the numbers must suffice for; NULLs are a group of their own. */
static int64
check_k(const Rows *rows, int32 k)
{
	int			unknown = rows->nrows - (int) rows->points.n;

	if (k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1, not %d", k)));
	if (rows->points.n > 0 && rows->points.n < k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%u rows cannot be in groups of at least %d", rows->points.n, k)));
	if (unknown > 0 && unknown < k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d rows with NULL cannot be in groups of at least %d", unknown, k),
				 errdetail("NULL stays NULL, and rows that have it are a group of their own."),
				 errhint("Leave them out.")));
	return k;
}

/* The groups of the rows. */
static uint32
find_groups(const Rows *rows, int64 k, uint32 **group_of)
{
	*group_of = frame_alloc(rows->points.memory, Max(rows->points.n, 1), sizeof(uint32), false);
	return rows->points.n > 0 ? micro_groups(&rows->points, k, *group_of) : 0;
}

/* A number and where it is. */
typedef struct Member
{
	uint32		group;
	double		value;
	uint32		point;
} Member;

#define ST_SORT				sort_members
#define ST_ELEMENT_TYPE		Member
#define ST_COMPARE(a, b) \
	((a)->group != (b)->group ? ((a)->group < (b)->group ? -1 : 1) : \
	 (a)->value < (b)->value ? -1 : (a)->value > (b)->value)
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* What sorted numbers become. */
static double
aggregate(const Member *members, uint32 n, MicroAggregate kind)
{
	double		mean = 0;
	uint32		most = 0;
	double		mode = members[0].value;

	if (kind == MICRO_MEDIAN)
		return n % 2 == 1 ? members[n / 2].value :
			members[n / 2 - 1].value / 2 + members[n / 2].value / 2;
	for (uint32 i = 0, same = 0; i < n; i++)
	{
		mean += (members[i].value - mean) / (i + 1);
		same = i > 0 && members[i].value == members[i - 1].value ? same + 1 : 1;
		if (same > most)
		{
			most = same;
			mode = members[i].value;
		}
	}
	return kind == MICRO_MODE ? mode : mean;
}

/* The aggregate of a name. */
static MicroAggregate
aggregate_of(text *name)
{
	char	   *word = text_to_cstring(name);

	if (strcmp(word, "mean") == 0)
		return MICRO_MEAN;
	if (strcmp(word, "median") == 0)
		return MICRO_MEDIAN;
	if (strcmp(word, "mode") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("aggregate \"%s\" does not exist", word),
				 errhint("There are \"mean\", \"median\" and \"mode\".")));
	return MICRO_MODE;
}

/* kiaim.microaggregate(numbers float8[], k int, aggregate text) → float8[] */
Datum
kiaim_microaggregate(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	MicroAggregate kind = aggregate_of(PG_GETARG_TEXT_PP(2));
	FrameMemory memory = {CurrentMemoryContext, 0};
	Rows		rows;
	uint32	   *group_of;
	Member	   *members;
	Datum	   *result;
	bool	   *nulls;
	int			one = 1;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("kiaim.microaggregate takes one number a row"),
				 errhint("Number the groups of several columns with kiaim.microaggregation_groups.")));
	read_rows(array, &memory, &rows);
	find_groups(&rows, check_k(&rows, PG_GETARG_INT32(1)), &group_of);
	members = frame_alloc(&memory, Max(rows.points.n, 1), sizeof(Member), false);
	result = frame_alloc(&memory, Max(rows.nrows, 1), sizeof(Datum), true);
	nulls = frame_alloc(&memory, Max(rows.nrows, 1), sizeof(bool), false);
	memset(nulls, true, Max(rows.nrows, 1));
	for (uint32 i = 0; i < rows.points.n; i++)
		members[i] = (Member) {group_of[i], rows.points.values[i], i};
	sort_members(members, rows.points.n);
	for (uint32 i = 0, end; i < rows.points.n; i = end)
	{
		double		value;

		for (end = i + 1; end < rows.points.n && members[end].group == members[i].group;)
			end++;
		value = aggregate(members + i, end - i, kind);
		for (uint32 j = i; j < end; j++)
		{
			result[rows.row_of[members[j].point]] = Float8GetDatum(value);
			nulls[rows.row_of[members[j].point]] = false;
		}
	}
	if (rows.nrows == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(FLOAT8OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(result, nulls, 1, &rows.nrows, &one, FLOAT8OID,
											 sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* kiaim.microaggregation_groups(numbers float8[], k int) → int[] */
Datum
kiaim_microaggregation_groups(PG_FUNCTION_ARGS)
{
	FrameMemory memory = {CurrentMemoryContext, 0};
	Rows		rows;
	uint32	   *group_of;
	Datum	   *result;
	bool	   *nulls;
	int			one = 1;

	read_rows(PG_GETARG_ARRAYTYPE_P(0), &memory, &rows);
	find_groups(&rows, check_k(&rows, PG_GETARG_INT32(1)), &group_of);
	result = frame_alloc(&memory, Max(rows.nrows, 1), sizeof(Datum), true);
	nulls = frame_alloc(&memory, Max(rows.nrows, 1), sizeof(bool), false);
	memset(nulls, true, Max(rows.nrows, 1));
	for (uint32 i = 0; i < rows.points.n; i++)
	{
		result[rows.row_of[i]] = Int32GetDatum((int32) group_of[i] + 1);
		nulls[rows.row_of[i]] = false;
	}
	if (rows.nrows == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT4OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(result, nulls, 1, &rows.nrows, &one, INT4OID,
											 sizeof(int32), true, TYPALIGN_INT));
}

/*
 * kiaim.microaggregation_loss(original float8[], released float8[]) → float8:
 * 100 SSE / SST, the mean of the columns; rows with a NULL on either side do not count.
 */
Datum
kiaim_microaggregation_loss(PG_FUNCTION_ARGS)
{
	FrameMemory memory = {CurrentMemoryContext, 0};
	Rows		original;
	Rows		released;
	int			d;
	double		loss = 0;
	int			varying = 0;

	read_rows(PG_GETARG_ARRAYTYPE_P(0), &memory, &original);
	read_rows(PG_GETARG_ARRAYTYPE_P(1), &memory, &released);
	d = original.points.ncolumns;
	if (original.nrows != released.nrows || d != released.points.ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("original and released numbers are not as many"),
				 errdetail("There are %d rows of %d and %d rows of %d.", original.nrows, d,
						   released.nrows, released.points.ncolumns)));
	for (int c = 0; c < d; c++)
	{
		double		mean = 0;
		double		total = 0;
		double		within = 0;
		int64		n = 0;

		for (uint32 i = 0, j = 0; i < original.points.n; i++)
		{
			double		value = original.points.values[(Size) i * d + c];
			double		away = value - mean;
			double		error;

			while (j < released.points.n && released.row_of[j] < original.row_of[i])
				j++;
			if (j == released.points.n || released.row_of[j] != original.row_of[i])
				continue;
			error = value - released.points.values[(Size) j * d + c];
			n++;
			mean += away / n;
			total += away * (value - mean);
			within += error * error;
		}
		if (total > 0)
		{
			loss += within / total;
			varying++;
		}
	}
	if (varying == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100 * loss / varying);
}
