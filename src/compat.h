/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Differences between PostgreSQL 14 and newer servers, in one place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_COMPAT_H
#define KIAIM_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 140000
#error "kiaim needs PostgreSQL 14 or newer"
#endif

/* varlena access moved to a header of its own */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* the module magic may carry a name and a version */
#if PG_VERSION_NUM >= 180000
#define KIAIM_MODULE_MAGIC	PG_MODULE_MAGIC_EXT(.name = "kiaim", .version = "0.1.0")
#else
#define KIAIM_MODULE_MAGIC	PG_MODULE_MAGIC
#endif

/* actions of the JSON parser return a result; its context may be given */
#if PG_VERSION_NUM >= 160000
#define JsonActionResult	JsonParseErrorType
#define JSON_ACTION_DONE()	return JSON_SUCCESS
#else
#define JsonActionResult	void
#define JSON_ACTION_DONE()	return
#endif
#if PG_VERSION_NUM >= 170000
#define KIAIM_JSON_LEX_CONTEXT(json, len, encoding) \
	makeJsonLexContextCstringLen(NULL, json, len, encoding, true)
#else
#define KIAIM_JSON_LEX_CONTEXT(json, len, encoding) \
	makeJsonLexContextCstringLen(json, len, encoding, true)
#endif

/* ranges may report errors softly */
#if PG_VERSION_NUM >= 160000
#define KIAIM_MAKE_RANGE(type, lower, upper)	make_range(type, lower, upper, false, NULL)
#else
#define KIAIM_MAKE_RANGE(type, lower, upper)	make_range(type, lower, upper, false)
#endif

/* the names of a qualified name */
#if PG_VERSION_NUM >= 160000
#define KIAIM_QUALIFIED_NAME_LIST(string)	stringToQualifiedNameList(string, NULL)
#else
#define KIAIM_QUALIFIED_NAME_LIST(string)	stringToQualifiedNameList(string)
#endif

/* a function that does not return says so in front of its declaration */
#if PG_VERSION_NUM < 180000
#define pg_noreturn	_Noreturn
#endif

#endif							/* KIAIM_COMPAT_H */
