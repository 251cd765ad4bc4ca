/*-------------------------------------------------------------------------
 *
 * ledger.c
 *		Writing into the ledger of releases: which persons, as keyed hashes, were
 *		behind which class of which run.
 *
 * What somebody learns from two releases depends on who is in both, so it has
 * to be kept who was in each; and nobody but the owner of the extension shall
 * read that.  Hence the two users here: the rows of the release are read as the
 * caller, whose they are, and their hashes are written as the owner of the
 * ledger, who alone knows the key.  Writing is all that a caller can do with
 * it, about a run of his own that is going on, and he learns no hash from it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "frame/frame.h"
#include "generalize/generalize.h"

PG_FUNCTION_INFO_V1(kiaim_ledger_record);

#define VALUE_COLUMN	0
#define CLASS_COLUMN	1

/* Sorts hashes. */
#define ST_SORT				sort_hashes
#define ST_ELEMENT_TYPE		int64
#define ST_COMPARE(a, b)	(*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* A reading under way: pairs of a value and a class. */
typedef struct Recording
{
	TupleCounter *counter;
	MemoryContext home;
} Recording;

/* What hashes are made with: values of persons and of attributes never have the same one by chance of their text. */
typedef struct LedgerKey
{
	uint8	   *bytes;
	int			length;
	char		domain;			/* 'p'erson or 'v'alue */
} LedgerKey;

/* Begin: a dictionary each for the values and for the labels of classes. */
static void
start_recording(void *state, TupleDesc desc)
{
	Recording  *r = state;
	MemoryContext old = MemoryContextSwitchTo(r->home);
	Oid			types[2];
	Oid			collations[2];

	if (desc->natts != 2 || TupleDescAttr(desc, CLASS_COLUMN)->atttypid != TEXTARRAYOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a query for the ledger must give a value and the labels of a class")));
	for (int i = 0; i < 2; i++)
	{
		types[i] = TupleDescAttr(desc, i)->atttypid;
		collations[i] = TupleDescAttr(desc, i)->attcollation;
	}
	r->counter = counter_create(2, types, collations, FRAME_EQUAL_SQL);
	MemoryContextSwitchTo(old);
}

/* One row. */
static void
record_row(void *state, TupleTableSlot *slot)
{
	Recording  *r = state;
	NullableDatum values[2];

	for (int i = 0; i < 2; i++)
	{
		values[i].value = slot->tts_values[i];
		values[i].isnull = slot->tts_isnull[i];
	}
	counter_add(r->counter, values, 1);
}

/* The pairs that a query gives, read as the caller. */
static TupleCounter *
read_pairs(const char *query)
{
	Recording	recording = {NULL, CurrentMemoryContext};

	frame_stream(query, start_recording, record_row, &recording);
	return recording.counter;
}

/*
 * The first 64 bits of SHA-256 over key, domain and text.  0 is NULL, which no
 * value hashes to.
 */
static int64
keyed_hash(pg_cryptohash_ctx *context, const LedgerKey *key, const char *text, int length)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	uint64		first;

	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, key->bytes, key->length) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) &key->domain, 1) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) text, length) < 0 ||
		pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute SHA-256");
	memcpy(&first, digest, sizeof(first));
	first = pg_ntoh64(first);
	return first == 0 ? 1 : (int64) first;
}

/* The hash of each value of a dictionary. */
static int64 *
hash_values(const TupleCounter *counter, const Dictionary *values, const LedgerKey *key)
{
	uint32		n = dictionary_size(values);
	int64	   *hashes = counter_scratch(counter, Max(n, 1), sizeof(int64));
	ValueReader *reader = value_reader_create(dictionary_type(values));
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim ledger values",
												  ALLOCSET_DEFAULT_SIZES);

	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(values, code, &isnull);
		MemoryContext old = MemoryContextSwitchTo(scratch);
		int			length = 0;
		const char *text = isnull ? NULL : value_read_text(reader, value, &length);

		hashes[code] = isnull ? 0 : keyed_hash(context, key, text, length);
		MemoryContextSwitchTo(old);
		if ((code & 0xfff) == 0xfff)
		{
			MemoryContextReset(scratch);
			CHECK_FOR_INTERRUPTS();
		}
	}
	pg_cryptohash_free(context);
	MemoryContextDelete(scratch);
	return hashes;
}

/* The plan of a statement that is run as the owner of the ledger. */
static SPIPlanPtr
prepare(const char *statement, int nargs, Oid *types)
{
	SPIPlanPtr	plan = SPI_prepare(statement, nargs, types);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

/* One row for each class: its labels, its records and the hashes of its values in order.  Returns how many. */
static int64
write_classes(TupleCounter *counter, const LedgerKey *key, int64 run, Datum attribute, bool isnull)
{
	Oid			types[5] = {INT8OID, TEXTOID, TEXTARRAYOID, INT8OID, INT8ARRAYOID};
	SPIPlanPtr	plan = prepare("INSERT INTO kiaim_ledger.class (run, attribute, labels, records, hashes)"
							   " VALUES ($1, $2, $3, $4, $5)", lengthof(types), types);
	Dictionary *labels = counter_dictionary(counter, CLASS_COLUMN);
	int64	   *hashes = hash_values(counter, counter_dictionary(counter, VALUE_COLUMN), key);
	uint32		nclasses = dictionary_size(labels);
	int64		npairs = counter_ntuples(counter);
	int64	   *start = counter_scratch(counter, (Size) nclasses + 2, sizeof(int64));
	int64	   *records = counter_scratch(counter, Max(nclasses, 1), sizeof(int64));
	int64	   *members = counter_scratch(counter, Max(npairs, 1), sizeof(int64));
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim ledger class",
												  ALLOCSET_DEFAULT_SIZES);
	CounterScan scan;
	uint32		codes[2];
	int64		weight;
	int64		n = 0;

	memset(start, 0, ((Size) nclasses + 2) * sizeof(int64));
	memset(records, 0, Max(nclasses, 1) * sizeof(int64));
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		if ((n++ & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		start[codes[CLASS_COLUMN] + 2]++;
		records[codes[CLASS_COLUMN]] += weight;
	}
	/* start[i + 1] is where class i goes on; filled, it is where class i ends */
	for (uint32 i = 2; i <= nclasses; i++)
		start[i] += start[i - 1];
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		if ((n++ & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		members[start[codes[CLASS_COLUMN] + 1]++] = hashes[codes[VALUE_COLUMN]];
	}

	for (uint32 i = 0; i < nclasses; i++)
	{
		int64		size = start[i + 1] - start[i];
		MemoryContext old = MemoryContextSwitchTo(scratch);
		bool		label_isnull;
		Datum	   *elements = MemoryContextAllocHuge(scratch, Max(size, 1) * sizeof(Datum));
		Datum		values[5];
		char		nulls[5] = {' ', isnull ? 'n' : ' ', ' ', ' ', ' '};

		sort_hashes(members + start[i], size);
		for (int64 j = 0; j < size; j++)
			elements[j] = Int64GetDatum(members[start[i] + j]);
		if (size > INT_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a class has " INT64_FORMAT " persons or values, more than the ledger can hold", size)));
		values[0] = Int64GetDatum(run);
		values[1] = attribute;
		values[2] = dictionary_value(labels, i, &label_isnull);
		values[3] = Int64GetDatum(records[i]);
		values[4] = PointerGetDatum(construct_array(elements, (int) size, INT8OID, sizeof(int64),
													FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
		if (SPI_execute_plan(plan, values, nulls, false, 0) != SPI_OK_INSERT)
			elog(ERROR, "could not write into the ledger");
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	pfree(members);
	pfree(records);
	pfree(start);
	pfree(hashes);
	SPI_freeplan(plan);
	return nclasses;
}

/* Who owns the ledger, and so may write it. */
static Oid
ledger_owner(void)
{
	Oid			relid = get_relname_relid("class", get_namespace_oid("kiaim_ledger", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"kiaim_ledger.class\" does not exist")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * The name of the release whose run this is: one that is going on, of the
 * caller, who owns the relation of that name.  Every name is a full one, since
 * the caller's search_path must not say what is equal.
 */
static Datum
own_release(int64 run)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(run)};
	bool		isnull;

	if (SPI_execute_with_args("SELECT l.release FROM kiaim.release_log AS l"
							  " WHERE l.run OPERATOR(pg_catalog.=) $1 AND l.state OPERATOR(pg_catalog.=) 'running'"
							  " AND l.owner OPERATOR(pg_catalog.=) CURRENT_USER"
							  " AND kiaim.release_owner(l.release, NULL) OPERATOR(pg_catalog.=) CURRENT_USER",
							  1, types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the log of releases");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("run " INT64_FORMAT " is no run of the current role that is going on", run),
				 errhint("kiaim.create_release and kiaim.refresh write the ledger, if the policy says \"ledger\": true.")));
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
}

/* The key of this database; that which was made first, since a restored database has one more. */
static LedgerKey
read_key(void)
{
	LedgerKey	key;
	bool		isnull;
	bytea	   *bytes;

	if (SPI_execute("SELECT s.key FROM kiaim_ledger.secret AS s ORDER BY s.made LIMIT 1", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the key of the ledger");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the ledger of releases has no key"),
				 errhint("Restore the table kiaim_ledger.secret: with another key, persons are not recognized any more.")));
	bytes = DatumGetByteaPP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	key.bytes = (uint8 *) VARDATA_ANY(bytes);
	key.length = VARSIZE_ANY_EXHDR(bytes);
	key.domain = 'p';
	return key;
}

/* The elements of an argument of type text[], none of which is NULL. */
static Datum *
text_elements(FunctionCallInfo fcinfo, int argument, int *n)
{
	Datum	   *elements;
	bool	   *nulls;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, n);
	for (int i = 0; i < *n; i++)
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("an array for the ledger must not contain NULL")));
	return elements;
}

/*
 * kiaim.ledger_record(run bigint, quasi text[], shown text[], k bigint,
 * persons text, attributes text[], queries text[]) → bigint
 *
 * Records a run: persons is a query for (person, labels of the class) of each
 * row, queries one for (value, labels of the class) for each of the attributes.
 */
Datum
kiaim_ledger_record(PG_FUNCTION_ARGS)
{
	Oid			types[7] = {INT8OID, TEXTOID, NAMEOID, TEXTARRAYOID, TEXTARRAYOID, INT8OID, INT8OID};
	int64		run = PG_GETARG_INT64(0);
	int			nattributes;
	int			nqueries;
	Datum	   *attributes = text_elements(fcinfo, 5, &nattributes);
	Datum	   *queries = text_elements(fcinfo, 6, &nqueries);
	TupleCounter *persons;
	TupleCounter **values;
	LedgerKey	key;
	Datum		row[7];
	Oid			caller;
	int			context;
	int64		nclasses;

	if (nattributes != nqueries)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("there must be a query for each attribute")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	GetUserIdAndSecContext(&caller, &context);
	row[0] = Int64GetDatum(run);
	row[1] = own_release(run);
	row[2] = DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(caller, false)));
	row[3] = PG_GETARG_DATUM(1);
	row[4] = PG_GETARG_DATUM(2);
	row[5] = PG_GETARG_DATUM(3);

	persons = read_pairs(text_to_cstring(PG_GETARG_TEXT_PP(4)));
	values = palloc(sizeof(TupleCounter *) * Max(nattributes, 1));
	for (int i = 0; i < nattributes; i++)
		values[i] = read_pairs(TextDatumGetCString(queries[i]));
	row[6] = Int64GetDatum((int64) dictionary_size(counter_dictionary(persons, VALUE_COLUMN)));

	/* an error ends the transaction, or the subtransaction, and the change of the user with it */
	SetUserIdAndSecContext(ledger_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	key = read_key();
	if (SPI_execute_with_args("INSERT INTO kiaim_ledger.run (run, release, owner, quasi, shown, k, persons)"
							  " VALUES ($1, $2, $3, $4, $5, $6, $7)",
							  lengthof(types), types, row, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not write into the ledger");
	nclasses = write_classes(persons, &key, run, (Datum) 0, true);
	key.domain = 'v';
	for (int i = 0; i < nattributes; i++)
		(void) write_classes(values[i], &key, run, attributes[i], false);
	SetUserIdAndSecContext(caller, context);

	SPI_finish();
	PG_RETURN_INT64(nclasses);
}
