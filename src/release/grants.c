/*-------------------------------------------------------------------------
 *
 * grants.c
 *		The grants on a relation as they are now.
 *
 * A refresh works in repeatable read, where a query of the catalog shows the
 * grants of its beginning, some of which may have been revoked since.  The
 * caches of the server are never older than the last lock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "utils/acl.h"
#include "utils/inval.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(kiaim_current_grants);

/*
 * The access privileges of a relation, or of its column if the second argument
 * is above 0; NULL where there are none.
 */
Datum
kiaim_current_grants(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(0);
	int16		column = PG_GETARG_INT16(1);
	HeapTuple	tuple;
	Datum		grants;
	bool		isnull;

	AcceptInvalidationMessages();
	if (column > 0)
		tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(column));
	else
		tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		PG_RETURN_NULL();
	if (column > 0)
		grants = SysCacheGetAttr(ATTNUM, tuple, Anum_pg_attribute_attacl, &isnull);
	else
		grants = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &isnull);
	if (!isnull)
		grants = PointerGetDatum(DatumGetAclPCopy(grants));
	else if (column <= 0)
	{
		grants = PointerGetDatum(acldefault(OBJECT_TABLE,
											((Form_pg_class) GETSTRUCT(tuple))->relowner));
		isnull = false;
	}
	ReleaseSysCache(tuple);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(grants);
}
