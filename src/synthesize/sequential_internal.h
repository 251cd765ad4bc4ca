/*-------------------------------------------------------------------------
 *
 * sequential_internal.h
 *		What the method marginals takes from the method sequential.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_SEQUENTIAL_INTERNAL_H
#define KIAIM_SYNTHESIZE_SEQUENTIAL_INTERNAL_H

#include "synthesize/generator.h"

/* Learn each variable given those before it, or (explained false) given nothing. */
extern Generator *sequential_learn(const GeneratorMethod *method, const CodedTable *table,
								   const GeneratorSettings *settings, int ntrees, bool explained);

/* Members of both methods; the bytes of one are read for that one only. */
extern Sampler *sequential_prepare(const Generator *generator, CodeSet *const *allowed);
extern void sequential_draw(Sampler *sampler, SampleBatch *batch);
extern void sequential_leaves(const Generator *generator, LeafTold tell, void *state);
extern void sequential_write(StringInfo to, const Generator *generator);
extern Generator *sequential_read_as(const GeneratorMethod *method, bool explained, ByteReader *r,
									 int nvariables, const Variable *variables);

#endif							/* KIAIM_SYNTHESIZE_SEQUENTIAL_INTERNAL_H */
