/*-------------------------------------------------------------------------
 *
 * microaggregate_internal.h
 *		What the two ways of grouping share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_MICROAGGREGATE_INTERNAL_H
#define KIAIM_MICROAGGREGATE_INTERNAL_H

#include "anonymize/microaggregate.h"

/* microaggregate_mdav.c: groups of several columns; see micro_groups(). */
extern uint32 micro_mdav(const MicroPoints *points, int64 k, uint32 *group_of);

static inline int64
micro_weight(const MicroPoints *points, uint32 point)
{
	return points->weights != NULL ? points->weights[point] : 1;
}

#endif							/* KIAIM_MICROAGGREGATE_INTERNAL_H */
