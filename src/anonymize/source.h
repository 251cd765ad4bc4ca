/*-------------------------------------------------------------------------
 *
 * source.h
 *		What every command over a lattice does first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SOURCE_H
#define KIAIM_SOURCE_H

#include "anonymize/anonymize.h"
#include "frame/pathcode.h"
#include "utils/timestamp.h"

/* When a limit given now ends; error 22023 unless it is positive. */
extern TimestampTz source_deadline(Interval *limit);

/* Errors 54000 and 0A000 for a policy that no lattice can hold or no query can say. */
extern void source_check_lattice(const Policy *policy);

/*
 * Read the source as the policy says, with a warning for hierarchies that fit
 * no value of their column.
 */
extern PathTable *source_read(Oid relid, const Policy *policy);

/* The same, with the labels of the quasi-identifiers. */
extern PathTable *source_read_with_labels(Oid relid, const Policy *policy);

/* Records that may be suppressed: the floor of share times records. */
extern int64 source_suppression_limit(const Policy *policy, int64 records);

#endif							/* KIAIM_SOURCE_H */
