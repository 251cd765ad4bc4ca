/*-------------------------------------------------------------------------
 *
 * conditional.h
 *		The distribution of one variable given those before it.
 *
 * An ensemble of trees, each with a table of how often its leaves have which
 * code; the distribution is the mean of the trees.  Used by the methods
 * sequential and marginals.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_CONDITIONAL_H
#define KIAIM_SYNTHESIZE_CONDITIONAL_H

#include "postgres.h"

#include "synthesize/generator.h"
#include "synthesize/leaf_codes.h"
#include "synthesize/tree.h"

typedef struct CountedTree
{
	CodeTree   *tree;
	LeafCodes	leaves;
} CountedTree;

typedef struct Conditional
{
	int			ntrees;
	CountedTree *trees;
} Conditional;

/* A conditional distribution cut down to some codes. */
typedef struct Restriction
{
	uint32	  **sums;			/* of each tree, as its own but of the codes that are allowed */
} Restriction;

/* a of n rows are allowed. */
typedef struct AllowedShare
{
	uint64		a;
	uint64		n;
} AllowedShare;

/* How conditional distributions are learned. */
typedef struct ConditionalSettings
{
	int			ntrees;
	int			min_leaf;
	uint64		seed;
	double		min_gain;		/* bits for each class but one; 0: the default */
} ConditionalSettings;

/*
 * Learn how a variable of the table depends on some before it, from these rows,
 * whose codes of it are not rare.  rows is in the memory account.
 */
extern Conditional *conditional_fit(const CodedTable *table, int variable,
									int nfeatures, const int *features,
									const int32 *rows, int64 nrows,
									const ConditionalSettings *settings, FrameMemory *memory);

/* Draw the code of a row. */
extern uint8 conditional_draw(const Conditional *conditional, uint8 *const *codes, int64 row,
							  RandomStream *stream);

/* Draw one of some codes of a row, from the leaves of the first tree that has any of them; false if none has. */
extern bool conditional_draw_of(const Conditional *conditional, const CodeSet *allowed,
								uint8 *const *codes, int64 row, RandomStream *stream, uint8 *code);

/* Cut down to codes; *most becomes the larger of it and the largest share of a leaf that is allowed. */
extern Restriction *conditional_restrict(const Conditional *conditional, const CodeSet *allowed,
										 AllowedShare *most);

/* Draw an allowed code of a row, or false with the probability 1 - share / most. */
extern bool conditional_draw_restricted(const Conditional *conditional, const Restriction *restriction,
										const AllowedShare *most, uint8 *const *codes, int64 row,
										RandomStream *stream, uint8 *code);

/* Tell how many rows are behind each leaf. */
extern void conditional_leaves(const Conditional *conditional, int variable, LeafTold tell, void *state);

extern void conditional_write(StringInfo to, const Conditional *conditional, const Variable *variables);

/* target: the variable that it is of. */
extern Conditional *conditional_read(ByteReader *r, int nvariables, const Variable *variables,
									 const Variable *target, const bool *explains);

#endif							/* KIAIM_SYNTHESIZE_CONDITIONAL_H */
