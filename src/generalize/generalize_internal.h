/*-------------------------------------------------------------------------
 *
 * generalize_internal.h
 *		What the files of the room "generalize" share with each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_GENERALIZE_INTERNAL_H
#define KIAIM_GENERALIZE_INTERNAL_H

#include "generalize/generalize.h"

/* ---- code systems (codes*.c): icd10, ..., age_groups ---- */

/* Room for one label of a code system, with its terminating zero. */
#define CODE_LABEL_MAX	64

/* The highest code_system_height() of any system. */
#define CODE_HEIGHT_MAX	8

typedef struct CodeSystem CodeSystem;

/* The system of that name, exactly spelled, or NULL. */
extern const CodeSystem *code_system_find(const char *name);

extern const char *code_system_name(const CodeSystem *s);

/* The level of "*", at most CODE_HEIGHT_MAX. */
extern int	code_system_height(const CodeSystem *s);

/*
 * The labels of a code on the levels 1 .. height - 1, written into
 * labels[1] .. labels[height - 1]; the others are left alone.  text has len
 * bytes, any number of them and any bytes, and need not end with a zero.
 * Returns false if it is no code of the system.  Hot path: no allocation.
 */
extern bool code_system_labels(const CodeSystem *s, const char *text, int len,
							   char (*labels)[CODE_LABEL_MAX]);

/* The names of all systems; returns how many. */
extern int	code_system_names(const char *const **names);

#endif							/* KIAIM_GENERALIZE_INTERNAL_H */
