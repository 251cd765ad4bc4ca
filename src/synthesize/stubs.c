/*-------------------------------------------------------------------------
 *
 * stubs.c
 *		Functions of this room that are not written yet; each goes away as its
 *		file comes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/model.h"
#include "synthesize/synthesize.h"

/* ---- generator.h ---- */

const GeneratorMethod forest_method;

/* ---- column.h ---- */

CategoryCoder *
category_fit(const RawTable *table, const RawColumn *column, const char *hierarchy, int min_leaf, Variable *variables, int *nvariables, uint8 **codes)
{
	elog(ERROR, "category_fit is not written yet");
	return NULL;
}

int
category_nlabels(const CategoryCoder *coder)
{
	elog(ERROR, "category_nlabels is not written yet");
	return 0;
}

const char *
category_label(const CategoryCoder *coder, int64 raw)
{
	elog(ERROR, "category_label is not written yet");
	return NULL;
}

int64
category_find(const CategoryCoder *coder, const char *label)
{
	elog(ERROR, "category_find is not written yet");
	return 0;
}

void
category_encode(const CategoryCoder *coder, int64 raw, uint8 *codes)
{
	elog(ERROR, "category_encode is not written yet");
}

int64
category_decode(const CategoryCoder *coder, const uint8 *codes, RandomStream *stream)
{
	elog(ERROR, "category_decode is not written yet");
	return 0;
}

int
category_codes(const CategoryCoder *coder, const char *label, CodeSet *set)
{
	elog(ERROR, "category_codes is not written yet");
	return 0;
}

bool
category_under(const CategoryCoder *coder, int64 raw, const char *label)
{
	elog(ERROR, "category_under is not written yet");
	return 0;
}

void
category_write(StringInfo to, const CategoryCoder *coder)
{
	elog(ERROR, "category_write is not written yet");
}

CategoryCoder *
category_read(ByteReader *r, Variable *variables, int *nvariables)
{
	elog(ERROR, "category_read is not written yet");
	return NULL;
}
