/*-------------------------------------------------------------------------
 *
 * dictionary_type.c
 *		How the values of a type are told apart.
 *
 * SQL's equality is that of the bytes for most types; PostgreSQL knows which
 * and under which collations, because its B-trees deduplicate by it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "frame/frame_internal.h"

/* Does the type declare that values equal in SQL have equal bytes? */
static bool
equality_is_image(const TypeCacheEntry *entry, Oid collation)
{
	Oid			proc;

	if (!OidIsValid(entry->btree_opf))
		return false;
	proc = get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype,
							 BTEQUALIMAGE_PROC);
	return OidIsValid(proc) &&
		DatumGetBool(OidFunctionCall1Coll(proc, collation, ObjectIdGetDatum(entry->btree_opintype)));
}

/* The method of a type where bytes decide. */
static DictionaryMethod
image_method(const TypeCacheEntry *entry)
{
	if (entry->typbyval)
		return BY_WORD;
	if (entry->typlen == -1)
		return entry->typstorage == TYPSTORAGE_PLAIN ? BY_PLAIN_VARLENA : BY_VARLENA;
	return entry->typlen == -2 ? BY_CSTRING : BY_FIXED;
}

void
dictionary_type_init(DictionaryType *t, Oid type, Oid collation, FrameEquality equality)
{
	TypeCacheEntry *entry;

	memset(t, 0, sizeof(DictionaryType));
	t->declared = type;
	t->collation = collation;
	if (type == UNKNOWNOID)
	{
		t->type = TEXTOID;
		t->typlen = -1;
		t->method = BY_UNKNOWN;
		return;
	}

	t->type = type;
	type = getBaseType(type);
	entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
	t->typlen = entry->typlen;
	t->typbyval = entry->typbyval;
	if (equality == FRAME_EQUAL_IMAGE)
	{
		t->method = image_method(entry);
		return;
	}

	if (type_is_collatable(type) && !OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_COLLATION),
				 errmsg("could not determine which collation to use for values of type %s",
						format_type_be(t->type)),
				 errhint("Use the COLLATE clause to set the collation explicitly.")));
	if (type == FLOAT4OID)
		t->method = BY_FLOAT4;
	else if (type == FLOAT8OID && entry->typbyval)
		t->method = BY_FLOAT8;
	else if (type == BPCHAROID && get_collation_isdeterministic(collation))
		/* image equality is declared for columns, where values are padded alike */
		t->method = BY_BPCHAR;
	else if (type != BPCHAROID && equality_is_image(entry, collation))
		t->method = image_method(entry);
	else
	{
		entry = lookup_type_cache(type, TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(entry->hash_proc_finfo.fn_oid) || !OidIsValid(entry->eq_opr_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("could not identify a hash function for type %s",
							format_type_be(t->type)),
					 errhint("Cast the value to a type with hash support, such as text.")));
		t->method = BY_FUNCTION;
		t->hash = &entry->hash_proc_finfo;
		t->equal = &entry->eq_opr_finfo;
	}
}
