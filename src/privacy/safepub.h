/*-------------------------------------------------------------------------
 *
 * safepub.h
 *		The numbers of SafePub: which share of the records to draw, and how
 *		large every released class must be, for (epsilon,delta)-differential
 *		privacy.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SAFEPUB_H
#define KIAIM_SAFEPUB_H

#include "postgres.h"

/* Limits of the parameters, both included. */
#define SAFEPUB_EPSILON_MIN		0.0001
#define SAFEPUB_EPSILON_MAX		10.0
#define SAFEPUB_DELTA_MIN		1e-100
#define SAFEPUB_DELTA_MAX		0.5

/*
 * The share of the records to draw: 1 - exp(-epsilon), rounded down to a
 * multiple of 2^-53, so that a coin of 53 random bits has it exactly.
 */
extern double safepub_share(double epsilon);

/*
 * The smallest size of a class that gives (epsilon,delta)-differential privacy
 * after drawing that share; never too small, whatever is rounded on the way.
 */
extern int64 safepub_k(double epsilon, double delta);

#endif							/* KIAIM_SAFEPUB_H */
