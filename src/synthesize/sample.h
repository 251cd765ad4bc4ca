/*-------------------------------------------------------------------------
 *
 * sample.h
 *		What the functions that draw rows have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_SAMPLE_H
#define KIAIM_SYNTHESIZE_SAMPLE_H

#include "postgres.h"

/* A seed for those who gave none. */
extern uint64 sample_fresh_seed(void);

#endif							/* KIAIM_SYNTHESIZE_SAMPLE_H */
