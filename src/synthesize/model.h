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

/* No model is larger: as text, in a dump, it must fit into 1 GB. */
#define MODEL_MAX_BYTES		(512 * 1024 * 1024)

/* What a model says about itself. */
typedef struct ModelHeader
{
	char	   *encoding;		/* of its texts: that of the database where it was fitted */
	char	   *source;
	char	   *method;
	int64		rows;
	int64		persons;
	int			min_leaf;
	int			ncolumns;
} ModelHeader;

/*
 * The bytes of a model: magic, version, CRC-32C, header, content; the same on
 * every machine.  Error 54000 where they are more than MODEL_MAX_BYTES.
 */
extern bytea *model_to_bytes(const Model *model);

/*
 * The model of bytes, in the current memory context, which may point into them;
 * error 22P03 if they are not one, 0A000 if they are one of another version or
 * encoding, 42704 if this database has no type that it needs.
 */
extern Model *model_from_bytes(bytea *bytes);

/* The header of bytes whose version and checksum are right; errors as above. */
extern void model_header(const char *data, Size length, ModelHeader *header);

/*
 * Error where the caller could not store a model of this name: 25006 in a
 * read-only transaction, 42602 for what is no name, 42710 where a role that the
 * caller does not belong to has it.  He has connected to SPI.
 */
extern void model_check_name(const char *name);

/*
 * Store a model under a name, as the caller's, or in the place of one of that
 * name, which keeps its owner and grants; the caller has connected to SPI.
 * figures is what the fit measured.  Errors as of model_check_name; returns the
 * number of bytes.
 */
extern int64 model_store(const char *name, const Model *model, Jsonb *options, Jsonb *figures);

/*
 * The model of this name that the caller may use, in the current memory
 * context; he has connected to SPI.  Error 42704 with the nearest name.
 */
extern Model *model_load(const char *name);

#endif							/* KIAIM_SYNTHESIZE_MODEL_H */
