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

/* How often the codes of a coarse variable occur. */
typedef struct CodeCounts
{
	int64		of[MAX_CODES];
	int64		known;			/* those that are not NULL together; 0 where NULL is not a code that is drawn */
	int64		most;			/* the most frequent of all these */
} CodeCounts;

/* The code of NULL if it is drawn, or -1. */
static int
drawn_missing(const Variable *variable)
{
	return variable->missing != variable->rare ? variable->missing : -1;
}

static CodeCounts *
count_codes(const CodedTable *table)
{
	CodeCounts *counts = palloc_extended(sizeof(CodeCounts) * Max(table->nvariables, 1),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int v = 0; v < table->nvariables; v++)
	{
		const Variable *variable = &table->variables[v];
		CodeCounts *own = &counts[v];

		if (variable->coarse >= 0)
			continue;
		for (int64 row = 0; row < table->nrows; row++)
			own->of[table->codes[v][row]]++;
		if (variable->rare >= 0)
			own->of[variable->rare] = 0;	/* not drawn, and not one value */
		for (int code = 0; code < variable->ncodes; code++)
		{
			own->most = Max(own->most, own->of[code]);
			if (drawn_missing(variable) >= 0 && code != variable->missing)
				own->known += own->of[code];
		}
		own->most = Max(own->most, own->known);
	}
	return counts;
}

/* Would so many persons have both codes?  Counts are below 2^31. */
static inline bool
expected(int64 a, int64 b, double least)
{
	return (double) a * b >= least;
}

/* Which codes of two variables occur together. */
typedef struct Together
{
	bool	   *seen;			/* of each pair of codes */
	bool		source_known[MAX_CODES];	/* each code of the second one with one of the first that is not NULL */
	bool		known[MAX_CODES];	/* each code of the first one with one of the second that is not NULL */
	bool		both_known;
} Together;

static void
find_together(const CodedTable *table, int source, int v, Together *together)
{
	int			source_missing = drawn_missing(&table->variables[source]);
	int			missing = drawn_missing(&table->variables[v]);
	const uint8 *a = table->codes[source];
	const uint8 *b = table->codes[v];
	bool	   *seen = together->seen;

	memset(seen, false, (Size) table->variables[source].ncodes * MAX_CODES);
	for (int64 row = 0; row < table->nrows; row++)
		seen[(a[row] << 8) + b[row]] = true;
	memset(together->source_known, false, sizeof(together->source_known));
	memset(together->known, false, sizeof(together->known));
	together->both_known = false;
	for (int code = 0; code < table->variables[source].ncodes; code++)
		for (int other = 0; other < table->variables[v].ncodes; other++)
			if (seen[(code << 8) + other])
			{
				together->known[code] |= other != missing;
				together->source_known[other] |= code != source_missing;
				together->both_known |= code != source_missing && other != missing;
			}
}

/*
 * What one variable excludes of another, or nothing.  Codes exclude each other
 * one by one, and where one of them is there only if the other is NULL: each of
 * the many days on which a therapy can begin is too rare for itself.
 */
static void
find_exclusion(const CodedTable *table, int source, int v, const CodeCounts *counts,
			   double least, Together *together, VariableZeros *to)
{
	int			nsource = table->variables[source].ncodes;
	int			ncodes = table->variables[v].ncodes;
	int			source_missing = drawn_missing(&table->variables[source]);
	int			missing = drawn_missing(&table->variables[v]);
	const CodeCounts *a = &counts[source];
	const CodeCounts *b = &counts[v];
	Exclusion	found = {source, 0};
	CodeSet		sets[MAX_CODES];

	find_together(table, source, v, together);
	for (int code = 0; code < nsource; code++)
	{
		CodeSet    *set = &sets[found.nsets];
		bool		any = false;

		found.sets_of[code] = -1;
		if (code == table->variables[source].rare)
			continue;
		memset(set, 0, sizeof(CodeSet));
		for (int other = 0; other < ncodes; other++)
		{
			bool		known = other != missing;
			bool		source_known = code != source_missing;

			if (other == table->variables[v].rare || together->seen[(code << 8) + other])
				continue;
			if (!expected(a->of[code], b->of[other], least) &&
				!(known && !together->known[code] && expected(a->of[code], b->known, least)) &&
				!(source_known && !together->source_known[other] && expected(a->known, b->of[other], least)) &&
				!(known && source_known && !together->both_known && expected(a->known, b->known, least)))
				continue;
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
	CodeCounts *counts = count_codes(table);
	Together   *together = palloc(sizeof(Together));
	Exclusion  *found = frame_alloc(memory, Max(table->nvariables, 1), sizeof(Exclusion), false);
	/* rows of one person are not independent of each other */
	double		least = (double) EXPECTED_PERSONS * table->nrows / Max(table->npersons, 1) * table->nrows;

	together->seen = palloc(sizeof(bool) * MAX_CODES * MAX_CODES);
	for (int v = 0; v < table->nvariables; v++)
	{
		VariableZeros of = {0, found};

		if (table->variables[v].kept || table->variables[v].coarse >= 0)
			continue;
		for (int source = 0; source < v; source++)
		{
			CHECK_FOR_INTERRUPTS();
			if (table->variables[source].coarse < 0 && expected(counts[source].most, counts[v].most, least))
				find_exclusion(table, source, v, counts, least, together, &of);
		}
		zeros->of[v].n = of.n;
		zeros->of[v].exclusions = palloc_extended(sizeof(Exclusion) * Max(of.n, 1), MCXT_ALLOC_HUGE);
		memcpy(zeros->of[v].exclusions, found, sizeof(Exclusion) * of.n);
	}
	frame_release(memory, found, Max(table->nvariables, 1), sizeof(Exclusion));
	pfree(together->seen);
	pfree(together);
	pfree(counts);
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
