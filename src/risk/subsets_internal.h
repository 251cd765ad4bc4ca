/*-------------------------------------------------------------------------
 *
 * subsets_internal.h
 *		What the files that walk through the sets of columns share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_SUBSETS_INTERNAL_H
#define KIAIM_RISK_SUBSETS_INTERNAL_H

#include "risk/subsets.h"

/*
 * Whose the tuples in a place are: nobody's yet, one owner's (a person, or
 * without persons the tuple itself), or several's.
 */
#define OWNER_NONE		PG_UINT32_MAX
#define OWNER_SEVERAL	((uint32) 1 << 31)

/* Somebody joins those in a place. */
static inline uint32
owner_join(uint32 there, uint32 owner)
{
	return there == OWNER_NONE || there == owner ? owner : OWNER_SEVERAL;
}

/* The owner of each tuple: OWNER_SEVERAL where its own records are several persons'. */
extern uint32 *subsets_owners(RiskTuples *tuples);

/*
 * The columns by rising number of values: sets grow from columns with many
 * values to those with few, so that what is soon unique is soon out of the way.
 */
extern void subsets_order(const RiskTuples *tuples, int *order);

/* The tuples with NULL in some column, and what is needed to look among them. */
typedef struct WildcardBlockers WildcardBlockers;

extern WildcardBlockers *blockers_create(RiskTuples *tuples, const uint32 *owners);

/*
 * Of tuples without NULL in the columns, each unique as far as equality goes,
 * move those first that no tuple with NULL matches but the owner's own; the
 * number of them is returned.
 */
extern uint32 blockers_pass(WildcardBlockers *b, uint64 columns, uint32 *tuples, uint32 n);

#endif							/* KIAIM_RISK_SUBSETS_INTERNAL_H */
