/*-------------------------------------------------------------------------
 *
 * privacy_internal.h
 *		What the files of the room "privacy" share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_PRIVACY_INTERNAL_H
#define KIAIM_PRIVACY_INTERNAL_H

#include "privacy/privacy.h"

extern const PrivacyModel model_k;
extern const PrivacyModel model_l;
extern const PrivacyModel model_entropy_l;
extern const PrivacyModel model_recursive;
extern const PrivacyModel model_t;
extern const PrivacyModel model_ordered_t;
extern const PrivacyModel model_hierarchical_t;

/*
 * Shares of a class and of a table are compared over their common denominator,
 * in integers: then no sum depends on the order of its terms.  Platforms
 * without 128 bits are right up to 3 * 10^9 records.
 */
#ifdef HAVE_INT128
typedef int128 ExactShare;
#else
typedef int64 ExactShare;
#endif

/* |E| |T| (p - q): share in the class minus share in the table. */
static inline ExactShare
share_difference(int64 in_class, int64 class_total, int64 in_table, int64 table_total)
{
	return (ExactShare) in_class * table_total - (ExactShare) in_table * class_total;
}

/* Measures are compared with this relative tolerance: exp(ln 3) is 3. */
#define MEASURE_TOLERANCE	1e-12

/* The least number of records that a whole number of at least so much can mean. */
extern int64 whole_at_least(double wanted);

/*
 * The counts of a class from the largest down, in the given buffer if they
 * fit, else palloc'd.
 */
extern int64 *counts_descending(const PrivacyClass *class, int64 *buffer, int nbuffer);

/* Values of a class for which no memory is allocated. */
#define FEW_VALUES	64

#endif							/* KIAIM_PRIVACY_INTERNAL_H */
