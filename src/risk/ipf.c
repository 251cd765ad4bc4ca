/*-------------------------------------------------------------------------
 *
 * ipf.c
 *		The joint counts of margins that overlap, by iterative proportional
 *		fitting.
 *
 * The cells are those combinations that every margin has: the margins are
 * joined by the columns they share, one after the other.  A cell starts with the
 * product of the margins' conditional counts, which already is the answer where
 * the margins are decomposable; fitting then scales the cells to each margin in
 * turn until they agree with all.  Both only multiply by functions of a margin's
 * columns, and so end in the joint counts of largest entropy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "risk/population_table.h"

#define NONE	PG_UINT32_MAX

/* Rounds of fitting before it is given up, and the deviation that is none. */
#define MAX_ROUNDS	500
#define NO_DEVIATION	1e-12

/* The different keys of some columns of a part, numbered. */
typedef struct Keys
{
	int			ncolumns;
	uint32	  **codes;			/* the part's columns of the key */
	uint32		n;
	uint32	   *cell;			/* a cell that has key i */
	uint32	   *key;			/* of each cell */
	uint32		mask;
	uint32	   *slots;			/* key, or NONE */
	Size		ncells;
} Keys;

/* The slot of a key, or the empty one where it belongs. */
static uint32 *
find_slot(const Keys *k, const uint32 *codes)
{
	uint64		hash = 0;

	for (int c = 0; c < k->ncolumns; c++)
	{
		hash = (hash ^ codes[c]) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	for (uint32 at = (uint32) (hash >> 16) & k->mask;; at = (at + 1) & k->mask)
	{
		bool		same = true;

		if (k->slots[at] == NONE)
			return &k->slots[at];
		for (int c = 0; c < k->ncolumns && same; c++)
			same = k->codes[c][k->cell[k->slots[at]]] == codes[c];
		if (same)
			return &k->slots[at];
	}
}

/* Number the keys of a part; columns are positions in it. */
static Keys *
keys_create(const PopulationPart *part, int ncolumns, const int *columns, FrameMemory *memory)
{
	Keys	   *k = palloc0(sizeof(Keys));
	uint32	   *codes = palloc(ncolumns * sizeof(uint32));
	Size		nslots = 16;

	k->ncolumns = ncolumns;
	k->ncells = Max(part->ncells, 1);
	k->codes = palloc(ncolumns * sizeof(uint32 *));
	for (int c = 0; c < ncolumns; c++)
		k->codes[c] = part->codes[columns[c]];
	while (nslots < 2 * k->ncells)
		nslots *= 2;
	k->mask = (uint32) (nslots - 1);
	k->slots = frame_alloc(memory, nslots, sizeof(uint32), false);
	memset(k->slots, 0xff, nslots * sizeof(uint32));
	k->cell = frame_alloc(memory, k->ncells, sizeof(uint32), false);
	k->key = frame_alloc(memory, k->ncells, sizeof(uint32), false);
	for (int64 i = 0; i < part->ncells; i++)
	{
		uint32	   *slot;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < ncolumns; c++)
			codes[c] = k->codes[c][i];
		slot = find_slot(k, codes);
		if (*slot == NONE)
		{
			*slot = k->n;
			k->cell[k->n++] = (uint32) i;
		}
		k->key[i] = *slot;
	}
	pfree(codes);
	return k;
}

/* Give back what they hold. */
static void
keys_free(Keys *k, FrameMemory *memory)
{
	frame_release(memory, k->slots, (Size) k->mask + 1, sizeof(uint32));
	frame_release(memory, k->cell, k->ncells, sizeof(uint32));
	frame_release(memory, k->key, k->ncells, sizeof(uint32));
	pfree(k->codes);
	pfree(k);
}

/* The columns that two parts share, as positions in either; returns their number. */
static int
shared_columns(const PopulationPart *a, const PopulationPart *b, int *in_a, int *in_b)
{
	int			n = 0;

	for (int i = 0; i < a->ncolumns; i++)
		for (int j = 0; j < b->ncolumns; j++)
			if (a->columns[i] == b->columns[j])
			{
				in_a[n] = i;
				in_b[n++] = j;
			}
	return n;
}

/* The sums of a part's counts by key. */
static double *
sums_by_key(const PopulationPart *part, const Keys *keys, FrameMemory *memory)
{
	double	   *sums = frame_alloc(memory, Max(keys->n, 1), sizeof(double), true);

	for (int64 i = 0; i < part->ncells; i++)
		sums[keys->key[i]] += part->counts[i];
	return sums;
}

/* column = value, ... of a cell. */
static char *
describe_cell(RiskTuples *t, const RiskColumns *columns, const PopulationPart *part, uint32 cell,
			  int n, const int *in_part)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int c = 0; c < n; c++)
	{
		int			quasi = part->columns[in_part[c]];
		Dictionary *values = risk_tuples_dictionary(t, quasi);
		bool		isnull;
		Datum		value = dictionary_value(values, part->codes[in_part[c]][cell], &isnull);
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(dictionary_type(values), &output, &is_varlena);
		appendStringInfo(&text, "%s%s = %s", c > 0 ? ", " : "", quote_identifier(columns->quasi[quasi]),
						 isnull ? "NULL" : OidOutputFunctionCall(output, value));
	}
	return text.data;
}

/* Error 22023 if a key of one part has another sum in the other; both ways round, that is all. */
static void
check_sums(RiskTuples *t, const RiskColumns *columns, const PopulationPart *a, const PopulationPart *b)
{
	int		   *in_a = palloc(a->ncolumns * sizeof(int));
	int		   *in_b = palloc(a->ncolumns * sizeof(int));
	int			n = shared_columns(a, b, in_a, in_b);
	uint32	   *codes = palloc(Max(n, 1) * sizeof(uint32));
	Keys	   *keys_a;
	Keys	   *keys_b;
	double	   *sums_a;
	double	   *sums_b;

	if (n == 0)
		return;
	keys_a = keys_create(a, n, in_a, &t->memory);
	keys_b = keys_create(b, n, in_b, &t->memory);
	sums_a = sums_by_key(a, keys_a, &t->memory);
	sums_b = sums_by_key(b, keys_b, &t->memory);
	for (uint32 k = 0; k < keys_a->n; k++)
	{
		uint32		other;
		double		there;

		for (int c = 0; c < n; c++)
			codes[c] = keys_a->codes[c][keys_a->cell[k]];
		other = *find_slot(keys_b, codes);
		there = other == NONE ? 0 : sums_b[other];
		if (!population_counts_agree(sums_a[k], there))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("population margins contradict each other"),
					 errdetail("%s has %.12g persons with %s, %s has %.12g.", frame_relation_name(a->relid), sums_a[k],
							   describe_cell(t, columns, a, keys_a->cell[k], n, in_a),
							   frame_relation_name(b->relid), there),
					 errhint("All margins must count the same persons.")));
	}
	frame_release(&t->memory, sums_a, Max(keys_a->n, 1), sizeof(double));
	frame_release(&t->memory, sums_b, Max(keys_b->n, 1), sizeof(double));
	keys_free(keys_a, &t->memory);
	keys_free(keys_b, &t->memory);
}

/* The cells of a part in the order of their keys: those of key i are order[start[i]] .. order[start[i + 1] - 1]. */
static uint32 *
order_by_key(const PopulationPart *part, const Keys *keys, int64 *start, FrameMemory *memory)
{
	uint32	   *order = frame_alloc(memory, Max(part->ncells, 1), sizeof(uint32), false);

	/* counted two places ahead; filled, start[i + 1] has come to where key i ends */
	for (int64 i = 0; i < part->ncells; i++)
		start[keys->key[i] + 2]++;
	for (uint32 k = 0; k < keys->n; k++)
		start[k + 2] += start[k + 1];
	for (int64 i = 0; i < part->ncells; i++)
		order[start[keys->key[i] + 1]++] = (uint32) i;
	return order;
}

/* Join one more margin to the cells so far. */
static void
join_margin(RiskTuples *t, PopulationPart *joint, const PopulationPart *margin)
{
	FrameMemory *memory = &t->memory;
	PopulationPart result = {.relid = InvalidOid};
	int		   *in_joint = palloc(margin->ncolumns * sizeof(int));
	int		   *in_margin = palloc(margin->ncolumns * sizeof(int));
	int			n = shared_columns(margin, joint, in_margin, in_joint);
	Keys	   *keys = keys_create(margin, n, in_margin, memory);
	double	   *sums = sums_by_key(margin, keys, memory);
	int64	   *start = frame_alloc(memory, (Size) keys->n + 2, sizeof(int64), true);
	uint32	   *order = order_by_key(margin, keys, start, memory);
	uint32	   *codes = palloc(n * sizeof(uint32));
	uint32	   *key_of = frame_alloc(memory, Max(joint->ncells, 1), sizeof(uint32), false);
	int		   *new_columns = palloc(margin->ncolumns * sizeof(int));
	int			nnew = 0;

	for (int c = 0; c < margin->ncolumns; c++)
	{
		bool		shared = false;

		for (int i = 0; i < n; i++)
			shared |= in_margin[i] == c;
		if (!shared)
			new_columns[nnew++] = c;
	}
	for (int64 i = 0; i < joint->ncells; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < n; c++)
			codes[c] = joint->codes[in_joint[c]][i];
		key_of[i] = *find_slot(keys, codes);
		if (key_of[i] != NONE)
			result.ncells += start[key_of[i] + 1] - start[key_of[i]];
	}
	if (result.ncells >= PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("population margins have too many combinations"),
				 errdetail("There are " INT64_FORMAT ", at most %u are possible.", result.ncells, PG_UINT32_MAX - 1)));

	result.ncolumns = joint->ncolumns + nnew;
	result.columns = palloc(result.ncolumns * sizeof(int));
	result.codes = palloc(result.ncolumns * sizeof(uint32 *));
	for (int c = 0; c < result.ncolumns; c++)
	{
		result.columns[c] = c < joint->ncolumns ? joint->columns[c] : margin->columns[new_columns[c - joint->ncolumns]];
		result.codes[c] = frame_alloc(memory, Max(result.ncells, 1), sizeof(uint32), false);
	}
	result.counts = frame_alloc(memory, Max(result.ncells, 1), sizeof(double), false);
	result.ncells = 0;
	for (int64 i = 0; i < joint->ncells; i++)
	{
		uint32		key = key_of[i];

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int64 o = key == NONE ? 0 : start[key]; key != NONE && o < start[key + 1]; o++)
		{
			for (int c = 0; c < joint->ncolumns; c++)
				result.codes[c][result.ncells] = joint->codes[c][i];
			for (int c = 0; c < nnew; c++)
				result.codes[joint->ncolumns + c][result.ncells] = margin->codes[new_columns[c]][order[o]];
			result.counts[result.ncells++] = joint->counts[i] * margin->counts[order[o]] / sums[key];
		}
	}

	frame_release(memory, key_of, Max(joint->ncells, 1), sizeof(uint32));
	for (int c = 0; c < joint->ncolumns; c++)
		frame_release(memory, joint->codes[c], Max(joint->ncells, 1), sizeof(uint32));
	frame_release(memory, joint->counts, Max(joint->ncells, 1), sizeof(double));
	frame_release(memory, order, Max(margin->ncells, 1), sizeof(uint32));
	frame_release(memory, start, (Size) keys->n + 2, sizeof(int64));
	frame_release(memory, sums, Max(keys->n, 1), sizeof(double));
	keys_free(keys, memory);
	*joint = result;
}

/* A copy of a part, to be joined with others. */
static void
copy_part(RiskTuples *t, const PopulationPart *from, PopulationPart *to)
{
	*to = *from;
	to->codes = palloc(from->ncolumns * sizeof(uint32 *));
	for (int c = 0; c < from->ncolumns; c++)
	{
		to->codes[c] = frame_alloc(&t->memory, Max(from->ncells, 1), sizeof(uint32), false);
		memcpy(to->codes[c], from->codes[c], from->ncells * sizeof(uint32));
	}
	to->counts = frame_alloc(&t->memory, Max(from->ncells, 1), sizeof(double), false);
	memcpy(to->counts, from->counts, from->ncells * sizeof(double));
}

/* Where each cell of the joint is in a margin: which it has, as it comes from a join with it. */
static uint32 *
cells_in_margin(RiskTuples *t, const PopulationPart *joint, const PopulationPart *margin)
{
	int		   *in_joint = palloc(margin->ncolumns * sizeof(int));
	int		   *in_margin = palloc(margin->ncolumns * sizeof(int));
	uint32	   *codes = palloc(margin->ncolumns * sizeof(uint32));
	uint32	   *at = frame_alloc(&t->memory, Max(joint->ncells, 1), sizeof(uint32), false);
	int			n = shared_columns(margin, joint, in_margin, in_joint);
	Keys	   *keys = keys_create(margin, n, in_margin, &t->memory);

	for (int64 i = 0; i < joint->ncells; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < n; c++)
			codes[c] = joint->codes[in_joint[c]][i];
		/* the margin has each key once */
		at[i] = keys->cell[*find_slot(keys, codes)];
	}
	keys_free(keys, &t->memory);
	return at;
}

/* Scale the joint to one margin; returns by how many persons it was off. */
static double
scale_to_margin(PopulationPart *joint, const PopulationPart *margin, const uint32 *at, double *sums)
{
	double		off = 0;

	memset(sums, 0, margin->ncells * sizeof(double));
	for (int64 i = 0; i < joint->ncells; i++)
		sums[at[i]] += joint->counts[i];
	for (int64 m = 0; m < margin->ncells; m++)
	{
		off += fabs(sums[m] - margin->counts[m]);
		sums[m] = sums[m] > 0 ? margin->counts[m] / sums[m] : 0;
	}
	for (int64 i = 0; i < joint->ncells; i++)
		joint->counts[i] *= sums[at[i]];
	return off;
}

/* See population_table.h. */
double
ipf_fit(RiskTuples *t, const RiskColumns *columns, int nmargins, const PopulationPart *const *margins,
		PopulationPart *joint)
{
	uint32	  **at = palloc(nmargins * sizeof(uint32 *));
	double	  **sums = palloc(nmargins * sizeof(double *));
	double		deviation = 1;

	for (int a = 0; a < nmargins; a++)
		for (int b = 0; b < nmargins; b++)
			if (a != b)
				check_sums(t, columns, margins[a], margins[b]);
	copy_part(t, margins[0], joint);
	for (int m = 1; m < nmargins; m++)
		join_margin(t, joint, margins[m]);
	for (int m = 0; m < nmargins; m++)
	{
		at[m] = cells_in_margin(t, joint, margins[m]);
		sums[m] = frame_alloc(&t->memory, Max(margins[m]->ncells, 1), sizeof(double), false);
	}
	for (int round = 0; round < MAX_ROUNDS && deviation > NO_DEVIATION; round++)
	{
		deviation = 0;
		for (int m = 0; m < nmargins; m++)
		{
			double		off = scale_to_margin(joint, margins[m], at[m], sums[m]);

			CHECK_FOR_INTERRUPTS();
			deviation = Max(deviation, off / Max(margins[m]->persons, 1));
		}
	}
	joint->persons = 0;
	for (int64 i = 0; i < joint->ncells; i++)
		joint->persons += joint->counts[i];
	for (int m = 0; m < nmargins; m++)
	{
		frame_release(&t->memory, at[m], Max(joint->ncells, 1), sizeof(uint32));
		frame_release(&t->memory, sums[m], Max(margins[m]->ncells, 1), sizeof(double));
	}
	return deviation;
}
