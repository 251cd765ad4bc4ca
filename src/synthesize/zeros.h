/*-------------------------------------------------------------------------
 *
 * zeros.h
 *		Codes of two variables that exclude each other.
 *
 * Two codes that never occur together, although many persons would have both if
 * the variables did not depend on each other, are taken to exclude each other (a
 * man with a tumour of the ovary, a date of therapy without therapy), and are
 * never drawn together.  Trees alone do not promise that: a leaf holds min_leaf
 * persons, of whom some may be of one kind and some of the other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_ZEROS_H
#define KIAIM_SYNTHESIZE_ZEROS_H

#include "postgres.h"

#include "bytes.h"
#include "frame/frame.h"
#include "synthesize/coded.h"

typedef struct Zeros Zeros;

/* Find them in a table, in the current memory context; between coarse variables, of which the later one is drawn. */
extern Zeros *zeros_find(const CodedTable *table, FrameMemory *memory);

/*
 * Which of the rows have a code of variable v that their codes of the variables
 * before it exclude: hits gets their numbers, and their number is returned.
 */
extern int	zeros_hits(const Zeros *zeros, int v, uint8 *const *codes, const bool *drawn, int nrows,
					   int *hits);

/*
 * Take away from allowed the codes of variable v that the codes of the variables before it
 * exclude in this row, for drawn variables or for kept ones.
 */
extern void zeros_take(const Zeros *zeros, int v, uint8 *const *codes, int row, bool kept,
					   CodeSet *allowed);

extern void zeros_write(StringInfo to, const Zeros *zeros);
extern Zeros *zeros_read(ByteReader *r, int nvariables, const Variable *variables);

#endif							/* KIAIM_SYNTHESIZE_ZEROS_H */
