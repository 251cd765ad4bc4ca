/*-------------------------------------------------------------------------
 *
 * model.h
 *		Models: what was fitted, as bytes, and where they are kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_MODEL_H
#define KIAIM_SYNTHESIZE_MODEL_H

#include "postgres.h"

#include "synthesize/column.h"
#include "synthesize/generator.h"

typedef struct Model
{
	char	   *source;			/* schema and name of what it was fitted to */
	int64		rows;			/* that it was fitted to */
	int64		persons;
	int			min_leaf;
	ColumnSet  *columns;
	Generator  *generator;
	int			nconstraints;	/* SQL conditions on a row, declared */
	char	  **constraints;
} Model;

/* The bytes of a model: magic, version, CRC-32C, content; the same on every machine. */
extern bytea *model_to_bytes(const Model *model);

/* The model of bytes, in the current memory context; error 22P03 if they are not one. */
extern Model *model_from_bytes(bytea *bytes);

/*
 * Store a model as the caller's under a name, replacing his own of that name;
 * the caller has connected to SPI.  figures is what the fit measured (jsonb).
 * Errors: 25006 in a read-only transaction, 42710 if another owner's has it and
 * the caller may not replace it, 54000 where it is larger than bytea can be.
 */
extern void model_store(const char *name, const Model *model, const char *method,
						Jsonb *options, Jsonb *figures);

/* The model of this name that the caller may use; error 42704 with the nearest name. */
extern Model *model_load(const char *name);

#endif							/* KIAIM_SYNTHESIZE_MODEL_H */
