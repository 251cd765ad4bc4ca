/*-------------------------------------------------------------------------
 *
 * check_table.h
 *		What kiaim.check needs beside the classes themselves: for requirements
 *		on a table as a whole and beside a population, and for stars.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CHECK_TABLE_H
#define KIAIM_CHECK_TABLE_H

#include "anonymize/anonymize.h"
#include "frame/frame.h"

/*
 * Measure the table-wide requirements of a policy on classes with a size
 * (records or persons) and records each; NaN where one cannot be told.
 */
extern void check_table_measure(const Policy *policy, int64 nclasses, const int64 *size,
								const int64 *records, double *measures);

/*
 * The codes of the values of one dictionary in another: the same value as SQL
 * has it where both are of one type, else the same text.  PG_UINT32_MAX for a
 * value that is not there.
 */
extern uint32 *check_translate(const Dictionary *from, Dictionary *to);

/* By quasi-identifier, the code of what suppressed rows show, or PG_UINT32_MAX if there is none. */
extern uint32 *check_star_codes(const Policy *policy, TupleCounter *counter);

/* The records of each class; class_of: by tuple in the order of a scan, at least nclasses where it has none. */
extern void check_class_records(TupleCounter *counter, const uint32 *class_of, int64 nclasses,
								int64 *records);

#endif							/* KIAIM_CHECK_TABLE_H */
