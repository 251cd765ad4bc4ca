/*-------------------------------------------------------------------------
 *
 * density_marginal.c
 *		Marginal tables of weighted tuples.
 *
 * A table with not many more cells than there are tuples is an array; the
 * cells of others are hashed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "risk/density_internal.h"

#define NO_TUPLE	PG_UINT32_MAX

/* Arrays have so many cells at least, or so many a tuple. */
#define LEAST_ARRAY		65536
#define ARRAY_CELLS		4

/* See density_internal.h. */
uint64
marginal_slot(const Marginal *m, uint32 tuple)
{
	uint64		at = 0;

	if (m->first == NULL)
	{
		for (int c = 0; c < m->ncolumns; c++)
			at += m->codes[c][tuple] * m->stride[c];
		return at;
	}
	for (int c = 0; c < m->ncolumns; c++)
	{
		at = (at ^ m->codes[c][tuple]) * UINT64CONST(0x9E3779B97F4A7C15);
		at ^= at >> 29;
	}
	for (at = at * UINT64CONST(0x9E3779B97F4A7C15) >> m->shift;; at = (at + 1) & (m->nslots - 1))
	{
		uint32		other = m->first[at];
		bool		same = other != NO_TUPLE;

		if (!same)
			return at;
		for (int c = 0; c < m->ncolumns && same; c++)
			same = m->codes[c][other] == m->codes[c][tuple];
		if (same)
			return at;
	}
}

/* See density_internal.h. */
Marginal *
marginal_create(RiskTuples *t, ColumnSet columns)
{
	Marginal   *m = palloc0(sizeof(Marginal));
	uint64		bound = Max(LEAST_ARRAY, (uint64) t->n * ARRAY_CELLS);

	m->nslots = 1;
	for (int c = 0; c < t->ncolumns; c++)
		if (columns & COLUMN_BIT(c))
		{
			m->codes[m->ncolumns] = t->codes[c];
			m->stride[m->ncolumns++] = m->nslots;
			/* saturates: three domains of 32 bits might not fit */
			m->nslots = m->nslots > bound ? m->nslots : m->nslots * Max(t->domain[c], 1);
		}
	if (m->nslots > bound)
	{
		m->shift = 60;
		for (m->nslots = 16; m->nslots / 2 < t->n; m->nslots *= 2)
			m->shift--;
		m->first = frame_alloc(&t->memory, m->nslots, sizeof(uint32), false);
		memset(m->first, 0xff, m->nslots * sizeof(uint32));
	}
	m->value = frame_alloc(&t->memory, m->nslots, sizeof(double), true);
	for (uint32 i = 0; i < t->n; i++)
	{
		uint64		slot = marginal_slot(m, i);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (m->first != NULL)
			m->first[slot] = i;
		m->value[slot] += (double) t->persons[i];
	}
	return m;
}

/* See density_internal.h. */
void
marginal_free(RiskTuples *t, Marginal *m)
{
	frame_release(&t->memory, m->first, m->nslots, sizeof(uint32));
	frame_release(&t->memory, m->value, m->nslots, sizeof(double));
	pfree(m);
}
