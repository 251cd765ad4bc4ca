/*-------------------------------------------------------------------------
 *
 * zeros.c
 *		Codes of two variables that exclude each other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/zeros.h"

/*
 * So many persons would have both codes if neither depended on the other.  That none has
 * happens to one pair in e^20, 5e8, by chance, where they do not.
 */
#define EXPECTED_PERSONS	20

/* What the codes of an earlier variable exclude of a later one. */
typedef struct Exclusion
{
	int			source;			/* the earlier variable */
	int			nsets;
	int16		sets_of[MAX_CODES]; /* of each code of the source, -1: excludes nothing */
	CodeSet    *sets;			/* the codes that are excluded */
} Exclusion;

typedef struct VariableZeros
{
	int			n;
	Exclusion  *exclusions;		/* by ascending source */
} VariableZeros;

struct Zeros
{
	int			nvariables;
	Variable   *variables;		/* a copy: a table that is fitted to goes before its generator */
	VariableZeros *of;			/* of each variable */
};

/* Nothing excludes anything. */
static Zeros *
create(int nvariables, const Variable *variables)
{
	Zeros	   *zeros = palloc(sizeof(Zeros));

	zeros->nvariables = nvariables;
	zeros->variables = palloc(sizeof(Variable) * Max(nvariables, 1));
	memcpy(zeros->variables, variables, sizeof(Variable) * nvariables);
	zeros->of = palloc0(sizeof(VariableZeros) * Max(nvariables, 1));
	return zeros;
}

/* How often each code of each coarse variable occurs, and how often the most frequent one does. */
static int64 *
count_codes(const CodedTable *table, int64 *most)
{
	int64	   *counts = palloc0(sizeof(int64) * MAX_CODES * Max(table->nvariables, 1));

	for (int v = 0; v < table->nvariables; v++)
	{
		int64	   *of = counts + (Size) v * MAX_CODES;

		most[v] = 0;
		if (table->variables[v].coarse >= 0)
			continue;
		for (int64 row = 0; row < table->nrows; row++)
			of[table->codes[v][row]]++;
		if (table->variables[v].rare >= 0)
			of[table->variables[v].rare] = 0;	/* not drawn, and not one value */
		for (int code = 0; code < table->variables[v].ncodes; code++)
			most[v] = Max(most[v], of[code]);
	}
	return counts;
}

/* Would so many persons have both codes?  Counts are below 2^31. */
static inline bool
expected(int64 a, int64 b, double least)
{
	return (double) a * b >= least;
}

/* What one variable excludes of another, or nothing; seen is room for a byte for each pair of codes. */
static void
find_exclusion(const CodedTable *table, int source, int v, const int64 *source_counts,
			   const int64 *counts, int64 most, double least, bool *seen, VariableZeros *to)
{
	int			nsource = table->variables[source].ncodes;
	int			ncodes = table->variables[v].ncodes;
	const uint8 *a = table->codes[source];
	const uint8 *b = table->codes[v];
	Exclusion	found = {source, 0};
	CodeSet		sets[MAX_CODES];

	memset(seen, false, (Size) nsource * MAX_CODES);
	for (int64 row = 0; row < table->nrows; row++)
		seen[(a[row] << 8) + b[row]] = true;
	for (int code = 0; code < nsource; code++)
	{
		CodeSet    *set = &sets[found.nsets];
		bool		any = false;

		found.sets_of[code] = -1;
		if (!expected(source_counts[code], most, least))
			continue;
		memset(set, 0, sizeof(CodeSet));
		for (int other = 0; other < ncodes; other++)
			if (!seen[(code << 8) + other] && expected(source_counts[code], counts[other], least))
			{
				codeset_add(set, other);
				any = true;
			}
		if (any)
			found.sets_of[code] = found.nsets++;
	}
	if (found.nsets == 0)
		return;
	for (int code = nsource; code < MAX_CODES; code++)
		found.sets_of[code] = -1;
	found.sets = palloc(sizeof(CodeSet) * found.nsets);
	memcpy(found.sets, sets, sizeof(CodeSet) * found.nsets);
	to->exclusions[to->n++] = found;
}

/* See zeros.h. */
Zeros *
zeros_find(const CodedTable *table, FrameMemory *memory)
{
	Zeros	   *zeros = create(table->nvariables, table->variables);
	int64	   *most = palloc(sizeof(int64) * Max(table->nvariables, 1));
	int64	   *counts = count_codes(table, most);
	bool	   *seen = palloc(sizeof(bool) * MAX_CODES * MAX_CODES);
	Exclusion  *found = frame_alloc(memory, Max(table->nvariables, 1), sizeof(Exclusion), false);
	/* rows of one person are not independent of each other */
	double		least = (double) EXPECTED_PERSONS * table->nrows / Max(table->npersons, 1) * table->nrows;

	for (int v = 0; v < table->nvariables; v++)
	{
		VariableZeros of = {0, found};

		if (table->variables[v].kept || table->variables[v].coarse >= 0)
			continue;
		for (int source = 0; source < v; source++)
		{
			CHECK_FOR_INTERRUPTS();
			if (table->variables[source].coarse < 0 && expected(most[source], most[v], least))
				find_exclusion(table, source, v, counts + (Size) source * MAX_CODES,
							   counts + (Size) v * MAX_CODES, most[v], least, seen, &of);
		}
		zeros->of[v].n = of.n;
		zeros->of[v].exclusions = palloc_extended(sizeof(Exclusion) * Max(of.n, 1), MCXT_ALLOC_HUGE);
		memcpy(zeros->of[v].exclusions, found, sizeof(Exclusion) * of.n);
	}
	frame_release(memory, found, Max(table->nvariables, 1), sizeof(Exclusion));
	pfree(seen);
	pfree(counts);
	pfree(most);
	return zeros;
}

/* See zeros.h. */
int
zeros_hits(const Zeros *zeros, int v, uint8 *const *codes, const bool *drawn, int nrows, int *hits)
{
	const VariableZeros *of = &zeros->of[v];
	const uint8 *own = codes[v];
	int			n = 0;

	for (int i = 0; i < of->n; i++)
	{
		const Exclusion *exclusion = &of->exclusions[i];
		const uint8 *source = codes[exclusion->source];

		for (int row = 0; row < nrows; row++)
		{
			int			set = exclusion->sets_of[source[row]];

			if (set >= 0 && drawn[row] && codeset_has(&exclusion->sets[set], own[row]))
			{
				bool		known = false;

				for (int k = 0; k < n; k++)
					known |= hits[k] == row;
				if (!known)
					hits[n++] = row;
			}
		}
	}
	return n;
}

/* See zeros.h. */
void
zeros_take(const Zeros *zeros, int v, uint8 *const *codes, int row, bool kept, CodeSet *allowed)
{
	const VariableZeros *of = &zeros->of[v];

	for (int i = 0; i < of->n; i++)
	{
		const Exclusion *exclusion = &of->exclusions[i];
		int			set = exclusion->sets_of[codes[exclusion->source][row]];

		if (set >= 0 && zeros->variables[exclusion->source].kept == kept)
			for (int w = 0; w < lengthof(allowed->words); w++)
				allowed->words[w] &= ~exclusion->sets[set].words[w];
	}
}

/* See zeros.h. */
void
zeros_write(StringInfo to, const Zeros *zeros)
{
	for (int v = 0; v < zeros->nvariables; v++)
	{
		const VariableZeros *of = &zeros->of[v];

		bytes_put_uint32(to, of->n);
		for (int i = 0; i < of->n; i++)
		{
			const Exclusion *exclusion = &of->exclusions[i];

			bytes_put_uint32(to, exclusion->source);
			bytes_put_uint32(to, exclusion->nsets);
			for (int code = 0; code < zeros->variables[exclusion->source].ncodes; code++)
			{
				if (exclusion->sets_of[code] < 0)
					continue;
				bytes_put_uint8(to, code);
				for (int byte = 0; byte * 8 < zeros->variables[v].ncodes; byte++)
					bytes_put_uint8(to, exclusion->sets[exclusion->sets_of[code]].words[byte / 8] >> (byte % 8 * 8) & 255);
			}
		}
	}
}

/* What one variable excludes of another. */
static void
read_exclusion(ByteReader *r, int v, const Variable *variables, int after, Exclusion *exclusion)
{
	int			bytes = (variables[v].ncodes + 7) / 8;
	int			last = -1;

	exclusion->source = bytes_count(r, after + 1, v - 1);
	if (variables[exclusion->source].coarse >= 0)
		bytes_invalid(r, "A fine variable excludes codes of another.");
	exclusion->nsets = bytes_count(r, 1, variables[exclusion->source].ncodes);
	exclusion->sets = palloc0(sizeof(CodeSet) * exclusion->nsets);
	memset(exclusion->sets_of, -1, sizeof(exclusion->sets_of));
	for (int set = 0; set < exclusion->nsets; set++)
	{
		int			code = bytes_uint8(r);
		const uint8 *data = (const uint8 *) bytes_take(r, bytes, 1);

		if (code <= last || code >= variables[exclusion->source].ncodes)
			bytes_invalid(r, "A code that excludes others is out of order.");
		exclusion->sets_of[code] = set;
		last = code;
		for (int byte = 0; byte < bytes; byte++)
			exclusion->sets[set].words[byte / 8] |= (uint64) data[byte] << (byte % 8 * 8);
	}
}

/* See zeros.h. */
Zeros *
zeros_read(ByteReader *r, int nvariables, const Variable *variables)
{
	Zeros	   *zeros = create(nvariables, variables);

	for (int v = 0; v < nvariables; v++)
	{
		VariableZeros *of = &zeros->of[v];
		bool		none = variables[v].kept || variables[v].coarse >= 0;

		CHECK_FOR_INTERRUPTS();
		of->n = bytes_count(r, 0, none ? 0 : v);
		/* each takes more than four bytes, so that a count alone costs little */
		if (of->n > r->left / 4)
			bytes_invalid(r, "There are fewer exclusions than are counted.");
		of->exclusions = palloc_extended(sizeof(Exclusion) * Max(of->n, 1), MCXT_ALLOC_HUGE);
		for (int i = 0; i < of->n; i++)
		{
			int			after = i > 0 ? of->exclusions[i - 1].source : -1;

			if (after == v - 1)
				bytes_invalid(r, "An exclusion is out of order.");
			read_exclusion(r, v, variables, after, &of->exclusions[i]);
		}
	}
	return zeros;
}
