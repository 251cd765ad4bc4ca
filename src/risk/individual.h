/*-------------------------------------------------------------------------
 *
 * individual.h
 *		The risk of one record of a sample, by Benedetti and Franconi.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_INDIVIDUAL_H
#define KIAIM_RISK_INDIVIDUAL_H

#include "postgres.h"

/*
 * E[1/F], where F persons of the population share the values of f >= 1 persons
 * of the sample, each of whom got into the sample with probability p: F - f has
 * the negative binomial distribution of f and p.  To about 1e-15 for every f
 * and p, in at most about a hundred steps.  A p of 1 and more gives 1/f, one of
 * 0 and less gives 0.
 */
extern double individual_risk(double f, double p);

#endif							/* KIAIM_RISK_INDIVIDUAL_H */
