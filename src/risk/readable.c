/*-------------------------------------------------------------------------
 *
 * readable.c
 *		Which columns of a relation a search may look at.
 *
 * A steward who asks about a whole relation is told of the columns that stay
 * closed to the caller; one who names a column wants that one, or an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat.h"
#include "risk/arguments.h"
#include "risk/readable.h"

ReadableColumn *
readable_columns(FunctionCallInfo fcinfo, Oid relid, int argument, int *ncolumns)
{
	Relation	relation = try_relation_open(relid, AccessShareLock);
	TupleDesc	desc;
	ReadableColumn *columns;
	const char **wanted = NULL;
	int			nwanted = 0;
	bool		all;
	bool		any = false;
	int			n = 0;

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!PG_ARGISNULL(argument))
		wanted = risk_column_list(PG_GETARG_ARRAYTYPE_P(argument), relid, "columns",
								  "Leave it out to look at all columns.", &nwanted);
	desc = RelationGetDescr(relation);
	all = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
	columns = palloc0(sizeof(ReadableColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		int			w = 0;

		while (w < nwanted && strcmp(wanted[w], NameStr(attribute->attname)) != 0)
			w++;
		if (attribute->attisdropped || (wanted != NULL && w == nwanted))
			continue;
		columns[n].name = pstrdup(NameStr(attribute->attname));
		columns[n].type = getBaseType(attribute->atttypid);
		columns[n].readable = all ||
			pg_attribute_aclcheck(relid, attribute->attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
		if (wanted != NULL && !columns[n].readable)
			aclcheck_error_col(ACLCHECK_NO_PRIV, get_relkind_objtype(relation->rd_rel->relkind),
							   RelationGetRelationName(relation), columns[n].name);
		any |= columns[n].readable;
		n++;
	}
	if (n > 0 && !any)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(relation->rd_rel->relkind),
					   RelationGetRelationName(relation));
	relation_close(relation, AccessShareLock);
	*ncolumns = n;
	return columns;
}
