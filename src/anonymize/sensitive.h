/*-------------------------------------------------------------------------
 *
 * sensitive.h
 *		The sensitive columns of a policy, as the privacy models see them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SENSITIVE_H
#define KIAIM_SENSITIVE_H

#include "anonymize/anonymize.h"
#include "frame/frame.h"

/*
 * The table of a sensitive column, in the current memory context: values is
 * its dictionary, counts the records (or persons) of each code in the whole
 * table, including what is suppressed.  Ranks and tree are there if one of the
 * policy's requirements on the column needs them.  Sets Requirement.table of
 * all of these requirements.
 */
extern SensitiveTable *sensitive_table_create(Policy *policy, int sensitive,
											  const Dictionary *values, const int64 *counts);

#endif							/* KIAIM_SENSITIVE_H */
