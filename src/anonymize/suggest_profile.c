/*-------------------------------------------------------------------------
 *
 * suggest_profile.c
 *		One pass over a relation that says of each column what a steward would
 *		look up: how many values, how many of them missing, and what they are.
 *
 * A suggestion must be the same on every run, must not depend on statistics
 * and must not need memory for all distinct values.  So every row is read and
 * each column keeps the PROFILE_VALUES values whose hashes are smallest: the
 * set does not depend on the order of the rows, the counts of the values in
 * it are exact, and the largest hash kept tells how many distinct values there
 * are.  Columns of types that no hierarchy could take are not read at all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "anonymize/suggest_internal.h"
#include "compat.h"
#include "frame/frame.h"
#include "generalize/generalize.h"
#include "kiaim.h"

/* Twice the values that stay, so that pruning is rare. */
#define KEPT_BEFORE_PRUNING	(2 * PROFILE_VALUES)

/* Slots of a new table, a power of two; a table is at most half full. */
#define FIRST_SLOTS			64

/* A distinct value; hash 0 marks a free slot. */
typedef struct Kept
{
	uint64		hash;
	int64		count;
	Datum		value;
} Kept;

/* A column while it is read. */
typedef struct Reading
{
	ColumnProfile *profile;
	int16		length;
	bool		byval;
	bool		has_scale;		/* its values are places on a scale */
	Kept	   *slots;
	int			nslots;
	int			kept;
	uint64		threshold;		/* greater hashes are not kept */
} Reading;

/* What the rows of the relation go into. */
typedef struct Profiler
{
	int			n;
	Reading    *readings;
	int64		rows;
	MemoryContext values;		/* holds the kept values and their slots */
} Profiler;

/* How the values of a type are looked at. */
static ProfileKind
kind_of_type(Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case CHAROID:
			return KIND_TEXT;
		case BOOLOID:
			return KIND_BOOL;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return KIND_INTEGER;
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return KIND_NUMBER;
		case DATEOID:
			return KIND_DATE;
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return KIND_TIMESTAMP;
		case UUIDOID:
			return KIND_UUID;
		default:
			return get_typtype(type) == TYPTYPE_ENUM ? KIND_TEXT : KIND_OTHER;
	}
}

/* The hash of a value's bytes; never 0. */
static uint64
hash_value(const Reading *r, Datum value)
{
	uint64		hash;

	if (r->byval)
		hash = hash_bytes_extended((const unsigned char *) &value, sizeof(Datum), 0);
	else if (r->length == -1)
		hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(DatumGetPointer(value)),
								   VARSIZE_ANY_EXHDR(DatumGetPointer(value)), 0);
	else
		hash = hash_bytes_extended((const unsigned char *) DatumGetPointer(value), r->length, 0);
	return hash == 0 ? 1 : hash;
}

/* The slot of a hash: where it is or where it would be. */
static Kept *
find_slot(const Reading *r, uint64 hash)
{
	uint64		mask = r->nslots - 1;
	uint64		i = hash & mask;

	while (r->slots[i].hash != 0 && r->slots[i].hash != hash)
		i = (i + 1) & mask;
	return &r->slots[i];
}

static int
compare_hashes(const void *a, const void *b)
{
	uint64		x = ((const Kept *) a)->hash;
	uint64		y = ((const Kept *) b)->hash;

	return x < y ? -1 : x > y;
}

/* Take the kept values out of their slots, in the order of their hashes. */
static int
collect(Reading *r, Kept *to)
{
	int			n = 0;

	for (int i = 0; i < r->nslots; i++)
		if (r->slots[i].hash != 0)
			to[n++] = r->slots[i];
	qsort(to, n, sizeof(Kept), compare_hashes);
	return n;
}

/* Let go of all but the values with the smallest hashes. */
static void
prune(Reading *r)
{
	Kept	   *all = palloc(sizeof(Kept) * r->kept);
	int			n = collect(r, all);

	memset(r->slots, 0, sizeof(Kept) * r->nslots);
	for (int i = 0; i < n; i++)
	{
		if (i < PROFILE_VALUES)
			*find_slot(r, all[i].hash) = all[i];
		else if (!r->byval)
			pfree(DatumGetPointer(all[i].value));
	}
	r->kept = PROFILE_VALUES;
	r->profile->complete = false;
	r->threshold = all[PROFILE_VALUES - 1].hash;
	pfree(all);
}

/* Error 53400 if the columns together hold more than they may. */
static void
check_memory(const Profiler *profiler)
{
	if (MemoryContextMemAllocated(profiler->values, true) > KIAIM_MAX_MEMORY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("looking at %d columns needs more than the %d kB of kiaim.max_memory",
						profiler->n, kiaim_max_memory),
				 errhint("Raise kiaim.max_memory, or ask about a view of fewer columns.")));
}

/* Twice as many slots. */
static void
grow(Profiler *profiler, Reading *r)
{
	Kept	   *old = r->slots;
	int			n = r->nslots;

	r->nslots *= 2;
	r->slots = MemoryContextAllocZero(profiler->values, sizeof(Kept) * r->nslots);
	for (int i = 0; i < n; i++)
		if (old[i].hash != 0)
			*find_slot(r, old[i].hash) = old[i];
	pfree(old);
	check_memory(profiler);
}

/* Note the place of a value on its scale. */
static void
note_scale(ColumnProfile *p, Datum value)
{
	double		at;

	switch (p->type)
	{
		case INT2OID:
			at = DatumGetInt16(value);
			break;
		case INT4OID:
			at = DatumGetInt32(value);
			break;
		case INT8OID:
			at = (double) DatumGetInt64(value);
			break;
		case FLOAT4OID:
			at = DatumGetFloat4(value);
			break;
		case FLOAT8OID:
			at = DatumGetFloat8(value);
			break;
		case NUMERICOID:
			at = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
			break;
		case DATEOID:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
				return;
			at = DatumGetDateADT(value);
			break;
		default:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value)))
				return;
			at = floor((double) DatumGetTimestamp(value) / USECS_PER_DAY);
			break;
	}
	if (!isfinite(at))
		return;
	p->low = Min(p->low, at);
	p->high = Max(p->high, at);
}

/* A copy of a value to keep, long texts cut. */
static Datum
copy_value(const Reading *r, Datum value)
{
	if (r->profile->kind == KIND_TEXT && r->length == -1 &&
		VARSIZE_ANY_EXHDR(DatumGetPointer(value)) > PROFILE_TEXT)
	{
		const char *text = VARDATA_ANY(DatumGetPointer(value));
		int			bytes = pg_mbcliplen(text, VARSIZE_ANY_EXHDR(DatumGetPointer(value)), PROFILE_TEXT);

		return PointerGetDatum(cstring_to_text_with_len(text, bytes));
	}
	return datumCopy(value, r->byval, r->length);
}

/* Note a value of a column. */
static void
note_value(Profiler *profiler, Reading *r, Datum value)
{
	ColumnProfile *p = r->profile;
	uint64		hash;
	Kept	   *slot;

	if (r->length == -1)
		value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
	if (p->kind == KIND_TEXT && r->length == -1)
	{
		int			bytes = VARSIZE_ANY_EXHDR(DatumGetPointer(value));

		p->bytes += bytes;
		p->longest = Max(p->longest, bytes);
	}

	hash = hash_value(r, value);
	if (hash > r->threshold)
	{
		/* the scale needs every value, the sample does not */
		if (r->has_scale)
			note_scale(p, value);
		return;
	}

	slot = find_slot(r, hash);
	slot->count++;
	if (slot->hash == 0)
	{
		MemoryContext old = MemoryContextSwitchTo(profiler->values);

		slot->hash = hash;
		slot->value = copy_value(r, value);
		MemoryContextSwitchTo(old);
		if (r->has_scale)
			note_scale(p, value);
		r->kept++;
		if (r->kept == KEPT_BEFORE_PRUNING)
			prune(r);
		else if (2 * r->kept > r->nslots)
			grow(profiler, r);
	}
}

/* Note a row. */
static void
note_row(void *state, TupleTableSlot *slot)
{
	Profiler *profiler = state;

	profiler->rows++;
	for (int i = 0; i < profiler->n; i++)
	{
		Reading    *r = &profiler->readings[i];

		if (slot->tts_isnull[i])
			r->profile->nulls++;
		else
			note_value(profiler, r, slot->tts_values[i]);
	}
}

/* Turn what was kept into the profile. */
static void
finish_reading(Reading *r)
{
	ColumnProfile *p = r->profile;
	Kept	   *all;
	int			n;

	if (r->kept > PROFILE_VALUES)
		prune(r);
	all = palloc(sizeof(Kept) * Max(r->kept, 1));
	n = collect(r, all);

	p->nvalues = n;
	p->values = palloc(sizeof(ProfileValue) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		p->values[i].text = value_text(p->type, all[i].value);
		p->values[i].count = all[i].count;
		p->sampled += all[i].count;
	}
	if (p->complete)
		p->distinct = n;
	else
		p->distinct = (int64) Min(rint((n - 1) / (all[n - 1].hash / 18446744073709551616.0)),
								  (double) (p->rows - p->nulls));
	pfree(all);
}

/* Send SELECT columns through the profiler; returns the number of rows. */
static int64
read_columns(Oid relid, int n, Reading *readings)
{
	Profiler profiler = {
		.n = n,
		.readings = readings
	};
	StringInfoData query;

	profiler.values = AllocSetContextCreate(CurrentMemoryContext, "kiaim.suggest values",
											ALLOCSET_DEFAULT_SIZES);
	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT ");
	for (int i = 0; i < n; i++)
	{
		Reading    *r = &readings[i];

		appendStringInfo(&query, "%s%s", i > 0 ? ", " : "", quote_identifier(r->profile->name));
		get_typlenbyval(r->profile->type, &r->length, &r->byval);
		r->has_scale = r->profile->kind == KIND_INTEGER || r->profile->kind == KIND_NUMBER ||
			r->profile->kind == KIND_DATE || r->profile->kind == KIND_TIMESTAMP;
		r->nslots = FIRST_SLOTS;
		r->slots = MemoryContextAllocZero(profiler.values, sizeof(Kept) * r->nslots);
		r->kept = 0;
		r->threshold = PG_UINT64_MAX;
	}
	appendStringInfo(&query, " FROM %s", frame_relation_name(relid));

	frame_stream(query.data, NULL, note_row, &profiler);

	for (int i = 0; i < n; i++)
	{
		readings[i].profile->rows = profiler.rows;
		finish_reading(&readings[i]);
	}
	MemoryContextDelete(profiler.values);
	return profiler.rows;
}

/* Read a relation once, as the caller, and describe its columns in order. */
ColumnProfile *
profile_read(Oid relid, int *ncolumns)
{
	Relation	relation = try_relation_open(relid, AccessShareLock);
	TupleDesc	desc;
	bool		all_readable;
	bool		any_readable;
	ColumnProfile *profiles;
	Reading    *readings;
	int			n = 0;
	int			nread = 0;
	int64		rows;

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	desc = RelationGetDescr(relation);
	all_readable = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
	any_readable = all_readable;
	profiles = palloc0(sizeof(ColumnProfile) * Max(desc->natts, 1));
	readings = palloc0(sizeof(Reading) * Max(desc->natts, 1));

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		ColumnProfile *p = &profiles[n];

		if (attribute->attisdropped)
			continue;
		n++;
		p->name = pstrdup(NameStr(attribute->attname));
		p->type = getBaseType(attribute->atttypid);
		p->kind = kind_of_type(p->type);
		p->readable = all_readable ||
			pg_attribute_aclcheck(relid, attribute->attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
		p->complete = true;
		p->low = get_float8_infinity();
		p->high = -get_float8_infinity();
		any_readable |= p->readable;
		if (p->readable && p->kind != KIND_OTHER)
			readings[nread++].profile = p;
	}
	if (!any_readable)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(relation->rd_rel->relkind),
					   RelationGetRelationName(relation));
	relation_close(relation, AccessShareLock);

	rows = read_columns(relid, nread, readings);
	for (int i = 0; i < n; i++)
		profiles[i].rows = rows;
	pfree(readings);
	*ncolumns = n;
	return profiles;
}
