/*-------------------------------------------------------------------------
 *
 * policy_columns.c
 *		The columns of the relation that a policy is for, and the role that the
 *		policy gives each.
 *
 * A column has one role at most.  One without a role is not released; one
 * that seems to identify persons is released only where the policy says in so
 * many words that it is an identifier.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "compat.h"
#include "anonymize/policy_internal.h"
#include "frame/frame.h"

/* A column of the relation. */
typedef struct Column
{
	char	   *name;
	Oid			type;			/* of the base type */
	const char *identifies;		/* what makes it look like an identifier, or NULL */
} Column;

/* A role that a column was given. */
typedef struct Claim
{
	const char *column;
	const char *role;
} Claim;

struct PolicyColumns
{
	Oid			relid;
	PolicyPurpose purpose;
	int			n;
	Column	   *columns;
	int			nclaims;
	int			max_claims;
	Claim	   *claims;
};

/*
 * Names of columns that identify persons in registries, German and English,
 * letters only: "Patient_ID" is compared as "patientid".
 */
static const char *const identifying_names[] = {
	"id", "patientid", "personid", "uuid", "guid", "name", "surname", "firstname", "lastname", "forename", "givenname",
	"familyname", "fullname", "birthname", "maidenname", "patientname", "vorname", "nachname",
	"familienname", "geburtsname", "fruehername", "patientenname", "street", "streetname",
	"housenumber", "address", "strasse", "hausnummer", "adresse", "anschrift", "email", "mail",
	"phone", "phonenumber", "telephone", "mobile", "fax", "telefon", "telefonnummer", "mobil",
	"ssn", "socialsecuritynumber", "insurancenumber", "healthinsurancenumber", "kvnr",
	"versichertennummer", "krankenversichertennummer", "krankenversicherungsnummer", "iban",
	"passport", "passportnumber", "mrn", "medicalrecordnumber", "patientennummer",
	"patientnumber", "fallnummer", "casenumber"
};

/* Endings of such names. */
static const char *const identifying_endings[] = {"_id", "_uuid", "_guid", "_pid", "_mrn"};

/* True if the name ends as identifiers do: patient_id, patientID, patientId. */
static bool
ends_like_identifier(const char *name, const char *lower)
{
	int			length = strlen(name);

	for (int i = 0; i < lengthof(identifying_endings); i++)
	{
		int			ending = strlen(identifying_endings[i]);

		if (length > ending && strcmp(lower + length - ending, identifying_endings[i]) == 0)
			return true;
	}
	return length > 2 && name[length - 3] >= 'a' && name[length - 3] <= 'z' &&
		(strcmp(name + length - 2, "ID") == 0 || strcmp(name + length - 2, "Id") == 0);
}

/* True if the name of a column is one that identifiers bear. */
static bool
named_like_identifier(const char *name)
{
	char	   *lower = pstrdup(name);
	char	   *letters = palloc(strlen(name) + 1);
	int			n = 0;

	for (char *c = lower; *c; c++)
	{
		*c = pg_ascii_tolower((unsigned char) *c);
		if (*c >= 'a' && *c <= 'z')
			letters[n++] = *c;
	}
	letters[n] = '\0';
	for (int i = 0; i < lengthof(identifying_names); i++)
		if (strcmp(letters, identifying_names[i]) == 0)
			return true;
	return ends_like_identifier(name, lower);
}

/* True if a unique index makes every value of the column occur once. */
static bool
is_unique(Relation relation, AttrNumber attnum)
{
	List	   *indexes = RelationGetIndexList(relation);
	ListCell   *cell;
	bool		unique = false;

	foreach(cell, indexes)
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			continue;
		index = (Form_pg_index) GETSTRUCT(tuple);
		unique = unique || (index->indisunique && index->indnkeyatts == 1 &&
							index->indkey.values[0] == attnum &&
							heap_attisnull(tuple, Anum_pg_index_indpred, NULL));
		ReleaseSysCache(tuple);
	}
	list_free(indexes);
	return unique;
}

/* What makes a column look like an identifier, or NULL. */
static const char *
identifying(Relation relation, Form_pg_attribute attribute)
{
	if (attribute->attidentity != '\0')
		return "it is an identity column";
	if (is_unique(relation, attribute->attnum))
		return "a unique index makes each of its values occur once";
	if (getBaseType(attribute->atttypid) == UUIDOID)
		return "it holds values of type uuid";
	if (named_like_identifier(NameStr(attribute->attname)))
		return "its name is that of an identifier";
	return NULL;
}

/* Error 42809 for a relation without rows to read. */
static void
check_relkind(Relation relation)
{
	switch (relation->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a relation that a policy can be for",
							RelationGetRelationName(relation)),
					 errhint("A policy is for a table, a view, a materialized view or a foreign table.")));
	}
}

/* See policy_internal.h. */
PolicyColumns *
policy_columns(Oid relid, PolicyPurpose purpose)
{
	PolicyColumns *columns = palloc0(sizeof(PolicyColumns));
	Relation	relation = try_relation_open(relid, AccessShareLock);
	TupleDesc	descriptor;

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	check_relkind(relation);
	descriptor = RelationGetDescr(relation);
	columns->relid = relid;
	columns->purpose = purpose;
	columns->columns = palloc(sizeof(Column) * Max(descriptor->natts, 1));
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		Column	   *column = &columns->columns[columns->n];

		if (attribute->attisdropped)
			continue;
		column->name = pstrdup(NameStr(attribute->attname));
		column->type = getBaseType(attribute->atttypid);
		column->identifies = identifying(relation, attribute);
		columns->n++;
	}
	columns->max_claims = 16;
	columns->claims = palloc(sizeof(Claim) * columns->max_claims);

	/* the lock stays, so that the columns are the same when the rows are read */
	relation_close(relation, NoLock);
	return columns;
}

/* Remember a role, or complain that the column has one. */
static void
add_claim(PolicyColumns *columns, const char *column, const char *role)
{
	for (int i = 0; i < columns->nclaims; i++)
	{
		Claim	   *claim = &columns->claims[i];

		if (strcmp(claim->column, column) != 0)
			continue;
		if (strcmp(claim->role, role) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy member %s names column \"%s\" twice", role, column)));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" has two roles in the policy: %s and %s",
						column, claim->role, role),
				 strcmp(claim->role, "person") == 0 ?
				 errhint("The person column counts persons and is never released.") :
				 errhint("Leave it in one of them.")));
	}
	if (columns->nclaims == columns->max_claims)
	{
		columns->max_claims *= 2;
		columns->claims = repalloc(columns->claims, sizeof(Claim) * columns->max_claims);
	}
	columns->claims[columns->nclaims].column = column;
	columns->claims[columns->nclaims].role = role;
	columns->nclaims++;
}

/* See policy_internal.h. */
int
policy_claim(PolicyColumns *columns, const char *column, const char *role)
{
	int			at = 0;

	add_claim(columns, column, role);
	while (at < columns->n && strcmp(columns->columns[at].name, column) != 0)
		at++;
	if (at < columns->n)
		return at;

	if (columns->purpose == POLICY_MEASURE)
	{
		if (strcmp(role, "keep") == 0 || strcmp(role, "identifier") == 0 ||
			strcmp(role, "suppress") == 0)
			return -1;
		if (strcmp(role, "person") == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("cannot count persons: \"%s\" has no column \"%s\"",
							get_rel_name(columns->relid), column),
					 errdetail("The policy counts distinct persons by this column, and a release never holds it."),
					 errhint("Check the source of the release, or its records with a policy without \"person\".")));
	}
	frame_check_columns(columns->relid, 1, &column, psprintf("policy member %s", role));
	elog(ERROR, "column \"%s\" went missing", column);
}

/* See policy_internal.h. */
void
policy_check_column(const PolicyColumns *columns, const char *column, const char *member)
{
	frame_check_columns(columns->relid, 1, &column, psprintf("policy member %s", member));
}

/* See policy_internal.h. */
Oid
policy_column_type(const PolicyColumns *columns, int position)
{
	Assert(position >= 0 && position < columns->n);
	return columns->columns[position].type;
}

/* See policy_internal.h. */
void
policy_check_as_it_is(const PolicyColumns *columns, int position, const char *role)
{
	const Column *column = &columns->columns[position];

	if (columns->purpose == POLICY_RELEASE && column->identifies != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy member %s would release column \"%s\", which looks like an identifier",
						role, column->name),
				 errdetail("Column \"%s\" looks like an identifier because %s.",
						   column->name, column->identifies),
				 errhint("Leave it out, or name it in \"identifier\" if it is to be released although it identifies.")));
}
