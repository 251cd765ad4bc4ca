/*-------------------------------------------------------------------------
 *
 * special.h
 *		The room "numeric": special functions that the C library lacks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SPECIAL_H
#define KIAIM_SPECIAL_H

/* The derivative of ln gamma(x), x > 0; to about 1e-14. */
extern double digamma(double x);

/*
 * ln gamma(x + a) - ln gamma(x), where both arguments are above 0: precise
 * also where both are large and alike, and nothing of their difference would
 * be left.
 */
extern double log_gamma_ratio(double x, double a);

#endif							/* KIAIM_SPECIAL_H */
