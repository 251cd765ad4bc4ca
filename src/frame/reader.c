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
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "frame/frame_internal.h"
#include "kiaim.h"

/* The receiver of the rows: each goes into the counter. */
typedef struct FrameReceiver
{
	DestReceiver pub;
	TupleCounter *counter;		/* made at startup, when the types are known */
	MemoryContext home;			/* where the counter lives */
	MemoryContext scratch;		/* reset every few thousand rows */
	int			ncolumns;
	bool		weighted;		/* the last column of the query is a count */
	FrameEquality equality;
	NullableDatum *values;
	uint32		rows;			/* since the last reset */
} FrameReceiver;

/* Begin: one dictionary a column, by the types that the query really returns. */
static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	FrameReceiver *r = (FrameReceiver *) self;
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
static bool
receiver_row(TupleTableSlot *slot, DestReceiver *self)
{
	FrameReceiver *r = (FrameReceiver *) self;
	MemoryContext old;
	int64		weight = 1;

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	for (int i = 0; i < r->ncolumns; i++)
	{
		r->values[i].value = slot->tts_values[i];
		r->values[i].isnull = slot->tts_isnull[i];
	}
	if (r->weighted)
		weight = DatumGetInt64(slot->tts_values[r->ncolumns]);

	/* what the counter leaves behind (detoasted values) goes away in batches */
	old = MemoryContextSwitchTo(r->scratch);
	counter_add(r->counter, r->values, weight);
	MemoryContextSwitchTo(old);
	if (++r->rows >= 1024)
	{
		MemoryContextReset(r->scratch);
		r->rows = 0;
	}
	return true;
}

static void
receiver_nothing(DestReceiver *self)
{
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

/* The query of a reader. */
static char *
reader_query(Oid relid, int ncolumns, const char *const *columns,
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
	appendStringInfo(&sql, " FROM %s", frame_relation_name(relid));
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

/* See frame.h. */
TupleCounter *
frame_read(Oid relid, int ncolumns, const char *const *columns,
		   FrameEquality equality, int nimage)
{
	FrameReceiver receiver;
	SPIExecuteOptions options;
	bool		pushdown;
	char	   *query;
	int			result;

	pushdown = kiaim_reader == KIAIM_READER_PUSHDOWN ||
		(kiaim_reader == KIAIM_READER_AUTO && relation_is_remote(relid));
	query = reader_query(relid, ncolumns, columns,
						 equality == FRAME_EQUAL_IMAGE ? nimage : 0, pushdown);

	memset(&receiver, 0, sizeof(receiver));
	receiver.pub.receiveSlot = receiver_row;
	receiver.pub.rStartup = receiver_startup;
	receiver.pub.rShutdown = receiver_nothing;
	receiver.pub.rDestroy = receiver_nothing;
	/* not DestSPI, whose result SPI would look for in a table of its own */
	receiver.pub.mydest = DestTuplestore;
	receiver.home = CurrentMemoryContext;
	receiver.scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim reader row",
											 ALLOCSET_DEFAULT_SIZES);
	receiver.ncolumns = ncolumns;
	receiver.weighted = pushdown;
	receiver.equality = equality;

	memset(&options, 0, sizeof(options));
	options.read_only = true;
	options.dest = &receiver.pub;
	result = SPI_execute_extended(query, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "reading %s failed: %s", frame_relation_name(relid),
			 SPI_result_code_string(result));

	MemoryContextDelete(receiver.scratch);
	return receiver.counter;
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
