/*-------------------------------------------------------------------------
 *
 * levels.h
 *		The levels of a node as jsonb: {"column": level, ...}.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LEVELS_H
#define KIAIM_LEVELS_H

#include "anonymize/search.h"
#include "utils/jsonb.h"

/* A jsonb, in the order of the policy's columns. */
extern Datum levels_to_jsonb(const Policy *policy, const LatticeNode *node);

/*
 * The levels that a user gives; error 22023 unless there is one between min and
 * max for each quasi-identifier, and nothing else.
 */
extern void levels_from_jsonb(const Policy *policy, Jsonb *levels, LatticeNode *node);

#endif							/* KIAIM_LEVELS_H */
