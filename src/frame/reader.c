/*-------------------------------------------------------------------------
 *
 * reader.c
 *		Reading a relation into a counter of distinct tuples.
 *
 * Two readers give the same result.  The streaming reader sends the columns
 * of the relation through a DestReceiver straight into the counter, so that a
 * row is never stored; it touches each row once.  The pushed-down reader lets
 * the server reduce first with GROUP BY, which is what distributed and foreign
 * tables need, where the rows live elsewhere.  Both read through SPI as the
 * caller, so that privileges, row-level security, views and partitions behave
 * as in any query.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "access/tupdesc.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "frame/frame_internal.h"
#include "kiaim.h"

/* A reading under way: each row goes into the counter. */
typedef struct Reading
{
	TupleCounter *counter;		/* made at the start, when the types are known */
	MemoryContext home;			/* where the counter lives */
	int			ncolumns;
	bool		weighted;		/* the last column of the query is a count */
	FrameEquality equality;
	NullableDatum *values;
} Reading;

/* Begin: one dictionary a column, by the types that the query really returns. */
static void
start_reading(void *state, TupleDesc desc)
{
	Reading    *r = state;
	MemoryContext old = MemoryContextSwitchTo(r->home);
	Oid		   *types = palloc(sizeof(Oid) * Max(r->ncolumns, 1));
	Oid		   *collations = palloc(sizeof(Oid) * Max(r->ncolumns, 1));

	for (int i = 0; i < r->ncolumns; i++)
	{
		types[i] = TupleDescAttr(desc, i)->atttypid;
		collations[i] = TupleDescAttr(desc, i)->attcollation;
	}
	r->counter = counter_create(r->ncolumns, types, collations, r->equality);
	r->values = palloc(sizeof(NullableDatum) * Max(r->ncolumns, 1));
	MemoryContextSwitchTo(old);
}

/* One row. */
static void
count_row(void *state, TupleTableSlot *slot)
{
	Reading    *r = state;

	for (int i = 0; i < r->ncolumns; i++)
	{
		r->values[i].value = slot->tts_values[i];
		r->values[i].isnull = slot->tts_isnull[i];
	}
	counter_add(r->counter, r->values,
				r->weighted ? DatumGetInt64(slot->tts_values[r->ncolumns]) : 1);
}

/* Are the rows of this relation somewhere else than on this server? */
static bool
relation_is_remote(Oid relid)
{
	Oid			arguments[1] = {OIDOID};
	Datum		values[1] = {ObjectIdGetDatum(relid)};

	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		return true;
	if (!OidIsValid(get_extension_oid("citus", true)))
		return false;
	if (SPI_execute_with_args("SELECT 1 FROM pg_catalog.pg_dist_partition"
							  " WHERE logicalrelid = $1 AND partmethod = 'h'",
							  1, arguments, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalog of distributed tables");
	return SPI_processed > 0;
}

/* See frame_internal.h. */
bool
frame_equal_means_same(Oid relid, const char *column)
{
	AttrNumber	attnum = get_attnum(relid, column);
	Oid			type;
	int32		typmod;
	Oid			collation;
	TypeCacheEntry *entry;
	Oid			procedure;

	get_atttypetypmodcoll(relid, attnum, &type, &typmod, &collation);
	/* character values without a length can be equal and end in different blanks */
	if (getBaseType(type) == BPCHAROID)
		return false;
	entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
	if (!OidIsValid(entry->btree_opf))
		return false;
	procedure = get_opfamily_proc(entry->btree_opf, entry->btree_opintype,
								  entry->btree_opintype, BTEQUALIMAGE_PROC);
	return OidIsValid(procedure) &&
		DatumGetBool(OidFunctionCall1Coll(procedure, collation,
										  ObjectIdGetDatum(entry->btree_opintype)));
}

/* The query of a reader; rows: what follows FROM. */
static char *
reader_query(Oid relid, const char *rows, int ncolumns, const char *const *columns,
			 int nimage, bool pushdown)
{
	StringInfoData list;
	StringInfoData sql;

	initStringInfo(&list);
	for (int i = 0; i < ncolumns; i++)
	{
		const char *name = quote_identifier(columns[i]);

		if (i > 0)
			appendStringInfoString(&list, ", ");
		/* GROUP BY would merge what is equal but not the same: group by the bytes of the text of level 0 */
		if (pushdown && i < nimage && !frame_equal_means_same(relid, columns[i]))
			appendStringInfo(&list, "kiaim.generalize(%s, 'flat'::kiaim.hierarchy, 0)"
							 " COLLATE pg_catalog.\"C\"", name);
		else
			appendStringInfoString(&list, name);
	}

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s", list.data);
	if (pushdown)
		appendStringInfo(&sql, "%spg_catalog.count(*)", ncolumns > 0 ? ", " : "");
	appendStringInfo(&sql, " FROM %s", rows);
	if (pushdown)
	{
		/* GROUP BY positions; a grand total over no rows must give no tuple */
		for (int i = 0; i < ncolumns; i++)
			appendStringInfo(&sql, "%s %d", i == 0 ? " GROUP BY" : ",", i + 1);
		if (ncolumns == 0)
			appendStringInfoString(&sql, " HAVING pg_catalog.count(*) > 0");
	}
	return sql.data;
}

/* See frame_internal.h. */
bool
frame_pushes_down(Oid relid)
{
	return kiaim_reader == KIAIM_READER_PUSHDOWN ||
		(kiaim_reader == KIAIM_READER_AUTO && relation_is_remote(relid));
}

/* See frame.h. */
TupleCounter *
frame_read_rows(Oid relid, const char *rows, int ncolumns, const char *const *columns,
				FrameEquality equality, int nimage)
{
	return frame_read_as(relid, rows, ncolumns, columns, equality, nimage,
						 frame_pushes_down(relid));
}

/* See frame_internal.h. */
TupleCounter *
frame_read_as(Oid relid, const char *rows, int ncolumns, const char *const *columns,
			  FrameEquality equality, int nimage, bool pushdown)
{
	Reading		reading = {0};

	reading.home = CurrentMemoryContext;
	reading.ncolumns = ncolumns;
	reading.weighted = pushdown;
	reading.equality = equality;
	frame_stream(reader_query(relid, rows, ncolumns, columns,
							  equality == FRAME_EQUAL_IMAGE ? nimage : 0, reading.weighted),
				 start_reading, count_row, &reading);
	return reading.counter;
}

/* See frame.h. */
TupleCounter *
frame_read(Oid relid, int ncolumns, const char *const *columns,
		   FrameEquality equality, int nimage)
{
	return frame_read_rows(relid, frame_relation_name(relid), ncolumns, columns, equality, nimage);
}

/* See frame.h. */
char *
frame_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name);
}
