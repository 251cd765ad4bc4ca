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
extern const PrivacyModel model_highest_risk;
extern const PrivacyModel model_k_map;
extern const PrivacyModel model_presence_min;
extern const PrivacyModel model_presence_max;
extern const PrivacyModel model_l;
extern const PrivacyModel model_entropy_l;
extern const PrivacyModel model_grassberger;
extern const PrivacyModel model_recursive;
extern const PrivacyModel model_t;
extern const PrivacyModel model_ordered_t;
extern const PrivacyModel model_hierarchical_t;
extern const PrivacyModel model_beta;
extern const PrivacyModel model_enhanced_beta;
extern const PrivacyModel model_delta_disclosure;
extern const PrivacyModel model_alpha;
extern const PrivacyModel model_alpha_of;
extern const PrivacyModel model_p_sensitive;
extern const PrivacyModel model_multi_attribute_l;

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

/*
 * The least number of records that a class can consist of if it has from least
 * to most records of each value; most and least are functions of the size of
 * the class and the share of the value in the table.  No size below start is
 * possible.  Where finding the exact number would take long, a smaller one.
 */
typedef double (*ClassBound) (const Requirement *r, double size, double share);
extern int64 least_size_within(const Requirement *r, double start, ClassBound least,
							   ClassBound most);

/*
 * The largest number of records of a class for which a test does not rule out
 * that they can be kept; what is ruled out for some is so for more.
 */
typedef bool (*KeepTest) (const Requirement *r, const PrivacyClass *class, const void *extra,
						  double kept);
extern int64 most_kept_within(const Requirement *r, const PrivacyClass *class, KeepTest test,
							  const void *extra);

/*
 * The same where a function says how many records a class can have at most
 * if it has no more than so many: whole records of each value.
 */
typedef int64 (*KeepRoom) (const Requirement *r, const PrivacyClass *class, int64 kept);
extern int64 most_kept_in_room(const Requirement *r, const PrivacyClass *class, KeepRoom room);

/* Bounds are that much wider than the verdicts, which have a tolerance of 1e-12. */
#define BOUND_SLACK		(1 + 1e-9)

/*
 * The values of a whole table and how often each occurs, to compare classes
 * with: a value of the type kiaim.distribution, read once for many classes.
 */
typedef struct Distribution
{
	Size		length;			/* of the bytes that it was read from */
	uint64		head;			/* their magic and checksum */
	Dictionary *values;
	SensitiveTable table;
	const Hierarchy *hierarchy; /* that table.node is of, or NULL */
	/* room for the histogram of one class */
	int64	   *sum;			/* by value, 0 between two classes */
	uint32	   *class_values;
	int64	   *class_counts;
} Distribution;

/* Read a distribution, in the current memory context. */
extern Distribution *distribution_read(bytea *bytes);

/* Has it been read from these bytes?  The checksum stands for them. */
extern bool distribution_is(const Distribution *d, bytea *bytes);

/* The code of a value; an error if the distribution does not have it. */
extern uint32 distribution_code(Distribution *d, Datum value, bool isnull);

/* Values of a class for which no memory is allocated. */
#define FEW_VALUES	64

#endif							/* KIAIM_PRIVACY_INTERNAL_H */
