/*-------------------------------------------------------------------------
 *
 * rows.h
 *		The records of the source that a release is made from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_ROWS_H
#define KIAIM_ROWS_H

#include "anonymize/anonymize.h"

/*
 * What follows FROM in every query that reads the source for a release: the
 * relation, its sample, or a draw of differential privacy, which is another in
 * each query.
 */
extern char *policy_rows(Oid relid, const Policy *policy);

#endif							/* KIAIM_ROWS_H */
