/*-------------------------------------------------------------------------
 *
 * recode.c
 *		kiaim.recode(): a fitted recoding applied to a tuple.
 *
 * The recoding is read once a call site and recognized afterwards by its
 * stored bytes, which are a pointer where it lies out of line.  What is left a
 * row is to find the code of each value by its text, the outcome of the codes,
 * and to copy an array that was made when the outcome was first met.
 *
 * A tuple that the recoding does not know has no outcome, and the result is
 * NULL: the query of a release suppresses such rows.  A missing recoding is an
 * error, since otherwise it would suppress all of them without a word.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "anonymize/recoding_internal.h"
#include "frame/frame.h"
#include "generalize/generalize.h"

PG_FUNCTION_INFO_V1(kiaim_recode);

/* The code of a value that the recoding does not know. */
#define UNKNOWN_CODE	PG_UINT32_MAX

/* A value of a type that is passed by value, and its code, as met before. */
typedef struct WordCode
{
	Datum		value;
	uint32		code;
	bool		used;
} WordCode;

#define WORD_CODES	512			/* a power of 2 */

/* An argument, and how its values become codes. */
typedef struct RecodeColumn
{
	Oid			type;
	ValueReader *reader;
	WordCode   *words;			/* or NULL */
	uint32	   *slots;			/* codes by the hash of their text, 0 where empty */
	uint32		mask;
} RecodeColumn;

/* What a call site keeps from one call to the next. */
typedef struct CallSite
{
	bool		constant;		/* the recoding is the same in all calls */
	int			ncolumns;
	RecodeColumn *columns;
	FrameMemory memory;			/* its context holds all below, and the indexes */
	struct varlena *stored;		/* the recoding as it came, if it is no constant */
	Recoding   *recoding;		/* NULL while there is none */
	uint32	   *slots;			/* tuple + 1 by the hash of its key, 0 where empty */
	uint32		mask;
	ArrayType **arrays;			/* result of each outcome row, NULL until it is met */
} CallSite;

/* ---- indexes ---- */

/* Slots for n entries, half of them empty at least. */
static uint32 *
make_slots(FrameMemory *memory, uint32 n, uint32 *mask)
{
	Size		nslots = 16;

	while (nslots < (Size) n * 2)
		nslots *= 2;
	*mask = (uint32) (nslots - 1);
	return frame_alloc(memory, nslots, sizeof(uint32), true);
}

static inline uint32
hash_text(const char *text, uint32 length)
{
	return hash_bytes((const unsigned char *) text, (int) length);
}

/* Mix a word of a key into its hash. */
static inline uint64
hash_word(uint64 hash, uint64 word)
{
	hash = (hash ^ word) * UINT64CONST(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

/* Make the values of a column findable. */
static void
index_values(FrameMemory *memory, RecodeColumn *column, const RecodingTexts *values)
{
	column->slots = make_slots(memory, values->n, &column->mask);
	for (uint32 i = 0; i < values->n; i++)
	{
		uint32		length;
		const char *text = recoding_text(values, i, &length);
		uint32		slot = hash_text(text, length) & column->mask;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		while (column->slots[slot] != 0)
			slot = (slot + 1) & column->mask;
		column->slots[slot] = i + 1;
	}
}

/* Make the tuples findable. */
static void
index_tuples(CallSite *site, const Recoding *r)
{
	site->slots = make_slots(&site->memory, r->ntuples, &site->mask);
	for (uint32 i = 0; i < r->ntuples; i++)
	{
		uint64		hash = 0;
		uint32		slot;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int w = 0; w < r->words; w++)
			hash = hash_word(hash, recoding_key_word(r, i, w));
		slot = (uint32) hash & site->mask;
		while (site->slots[slot] != 0)
			slot = (slot + 1) & site->mask;
		site->slots[slot] = i + 1;
	}
}

/* ---- the recoding of a call ---- */

/* Texts that differ in their declared type only are the same value. */
static bool
is_text(const char *type)
{
	return strcmp(type, "pg_catalog.text") == 0 || strcmp(type, "character varying") == 0 ||
		strcmp(type, "character") == 0;
}

/* The name of a type without the schema that everybody knows. */
static const char *
shown_type(const char *type)
{
	return strncmp(type, "pg_catalog.", 11) == 0 ? type + 11 : type;
}

/* The arguments must be those that the recoding was fitted to. */
static void
check_arguments(const CallSite *site, const Recoding *r)
{
	if (site->ncolumns != r->ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the recoding was fitted to %d columns, not %d",
						r->ncolumns, site->ncolumns),
				 errhint("Give one value for each column, in the order of the recoding.")));
	for (int j = 0; j < site->ncolumns; j++)
	{
		const char *type = recoding_type_name(site->columns[j].type);

		if (strcmp(type, r->columns[j].type) != 0 && !(is_text(type) && is_text(r->columns[j].type)))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("the recoding was fitted to column \"%s\" of type %s, not %s",
							r->columns[j].name, shown_type(r->columns[j].type), shown_type(type)),
					 errhint("Fit it again if the type of the column has changed.")));
	}
}

/*
 * The bytes of a datum as they are stored, compressed or out of line: where
 * they are equal, so are the recodings, and a large one is not fetched for
 * every row.  Pointers into memory say nothing, so they are followed.
 */
static struct varlena *
comparable(Datum recoding)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(recoding);

	if (VARATT_IS_EXTERNAL(stored) && !VARATT_IS_EXTERNAL_ONDISK(stored))
		return PG_DETOAST_DATUM(recoding);
	return stored;
}

/* Read the recoding into the call site. */
static void
load_recoding(CallSite *site, Datum recoding)
{
	MemoryContext caller;
	struct varlena *bytes;
	Recoding   *r;

	/* an error may leave the call site behind: it must not look ready */
	site->recoding = NULL;
	MemoryContextReset(site->memory.context);
	site->memory.used = 0;
	caller = MemoryContextSwitchTo(site->memory.context);
	if (!site->constant)
	{
		struct varlena *stored = comparable(recoding);

		site->stored = frame_alloc(&site->memory, VARSIZE_ANY(stored), 1, false);
		memcpy(site->stored, stored, VARSIZE_ANY(stored));
	}
	bytes = PG_DETOAST_DATUM_COPY(recoding);
	site->memory.used += VARSIZE(bytes);
	r = recoding_parse(VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ);
	check_arguments(site, r);
	for (int j = 0; j < site->ncolumns; j++)
	{
		index_values(&site->memory, &site->columns[j], &r->columns[j].values);
		if (site->columns[j].words != NULL)
			memset(site->columns[j].words, 0, sizeof(WordCode) * WORD_CODES);
	}
	index_tuples(site, r);
	site->arrays = frame_alloc(&site->memory, Max(r->nrows, 1), sizeof(ArrayType *), true);
	MemoryContextSwitchTo(caller);
	site->recoding = r;
}

/* True if the recoding is a literal; see generalize.c on why a parameter does not count. */
static bool
recoding_is_constant(FmgrInfo *flinfo)
{
	return flinfo->fn_expr != NULL && IsA(flinfo->fn_expr, FuncExpr) &&
		IsA(linitial(((FuncExpr *) flinfo->fn_expr)->args), Const);
}

/* Set up the call site on the first call. */
static CallSite *
call_site_create(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	MemoryContext caller;
	CallSite   *site;

	if (get_fn_expr_variadic(flinfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the values of a tuple cannot be passed as a VARIADIC array"),
				 errhint("List the columns as arguments.")));
	caller = MemoryContextSwitchTo(flinfo->fn_mcxt);
	site = palloc0(sizeof(CallSite));
	site->constant = recoding_is_constant(flinfo);
	site->ncolumns = PG_NARGS() - 1;
	site->columns = palloc0(sizeof(RecodeColumn) * site->ncolumns);
	for (int j = 0; j < site->ncolumns; j++)
	{
		RecodeColumn *column = &site->columns[j];

		column->type = get_fn_expr_argtype(flinfo, j + 1);
		if (!OidIsValid(column->type))
			ereport(ERROR,
					(errcode(ERRCODE_INDETERMINATE_DATATYPE),
					 errmsg("could not determine the type of value %d of the tuple", j + 1)));
		column->reader = value_reader_create(column->type);
		if (column->type != UNKNOWNOID && get_typbyval(column->type))
			column->words = palloc(sizeof(WordCode) * WORD_CODES);
	}
	site->memory.context = AllocSetContextCreate(flinfo->fn_mcxt, "kiaim recoding",
												 ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(caller);
	return site;
}

/* The call site with the recoding of this call. */
static CallSite *
call_site(FunctionCallInfo fcinfo)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;
	Datum		recoding = PG_GETARG_DATUM(0);

	if (site == NULL)
		fcinfo->flinfo->fn_extra = site = call_site_create(fcinfo);
	if (site->recoding == NULL)
		load_recoding(site, recoding);
	else if (!site->constant)
	{
		struct varlena *stored = comparable(recoding);

		if (VARSIZE_ANY(stored) != VARSIZE_ANY(site->stored) ||
			memcmp(stored, site->stored, VARSIZE_ANY(stored)) != 0)
			load_recoding(site, recoding);
	}
	return site;
}

/* ---- one tuple ---- */

/* The code of a text, or UNKNOWN_CODE. */
static uint32
find_text(const RecodeColumn *column, const RecodingTexts *values, const char *text, uint32 length)
{
	uint32		slot = hash_text(text, length) & column->mask;

	for (; column->slots[slot] != 0; slot = (slot + 1) & column->mask)
	{
		uint32		known_length;
		const char *known = recoding_text(values, column->slots[slot] - 1, &known_length);

		if (known_length == length && memcmp(known, text, length) == 0)
			return column->slots[slot];
	}
	return UNKNOWN_CODE;
}

/* The code of a value that is not NULL, or UNKNOWN_CODE. */
static inline uint32
find_value(RecodeColumn *column, const RecodingTexts *values, Datum value)
{
	WordCode   *word = NULL;
	const char *text;
	int			length;
	uint32		code;

	if (column->words != NULL)
	{
		word = &column->words[hash_word(0, (uint64) value) & (WORD_CODES - 1)];
		if (word->used && word->value == value)
			return word->code;
	}
	text = value_read_text(column->reader, value, &length);
	code = find_text(column, values, text, (uint32) length);
	if (word != NULL)
	{
		word->value = value;
		word->code = code;
		word->used = true;
	}
	return code;
}

/* The tuple of the arguments, or -1 if the recoding does not know it. */
static int64
find_tuple(CallSite *site, FunctionCallInfo fcinfo)
{
	const Recoding *r = site->recoding;
	uint64		key[RECODING_MAX_COLUMNS];
	uint64		hash = 0;
	uint32		slot;

	for (int w = 0; w < r->words; w++)
		key[w] = 0;
	for (int j = 0; j < r->ncolumns; j++)
	{
		const RecodingColumn *column = &r->columns[j];
		uint32		code = RECODING_NULL;

		if (!PG_ARGISNULL(j + 1))
			code = find_value(&site->columns[j], &column->values, PG_GETARG_DATUM(j + 1));
		if (code == UNKNOWN_CODE)
			return -1;
		key[column->word] |= (uint64) code << column->shift;
	}
	for (int w = 0; w < r->words; w++)
		hash = hash_word(hash, key[w]);
	for (slot = (uint32) hash & site->mask; site->slots[slot] != 0; slot = (slot + 1) & site->mask)
	{
		uint32		tuple = site->slots[slot] - 1;
		int			w = 0;

		while (w < r->words && recoding_key_word(r, tuple, w) == key[w])
			w++;
		if (w == r->words)
			return tuple;
	}
	return -1;
}

/* The result of an outcome row, made on its first use. */
static const ArrayType *
outcome_array(CallSite *site, uint32 row)
{
	const Recoding *r = site->recoding;
	ArrayType  *array;

	if (site->arrays[row] != NULL)
		return site->arrays[row];
	array = recoding_outcome_array(r, row);
	site->arrays[row] = frame_alloc(&site->memory, VARSIZE(array), 1, false);
	memcpy(site->arrays[row], array, VARSIZE(array));
	return site->arrays[row];
}

/* kiaim.recode(recoding, values...) */
Datum
kiaim_recode(PG_FUNCTION_ARGS)
{
	CallSite   *site;
	int64		tuple;
	const ArrayType *array;
	ArrayType  *result;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("there is no recoding to apply"),
				 errdetail("It was dropped, or belongs to another role, which alone can see it."),
				 errhint("Plan or refresh the release again, as its owner.")));
	site = call_site(fcinfo);
	tuple = find_tuple(site, fcinfo);
	if (tuple < 0)
		PG_RETURN_NULL();
	array = outcome_array(site, recoding_row(site->recoding, (uint32) tuple));
	result = palloc(VARSIZE(array));
	memcpy(result, array, VARSIZE(array));
	PG_RETURN_ARRAYTYPE_P(result);
}
