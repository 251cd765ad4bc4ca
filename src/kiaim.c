/*-------------------------------------------------------------------------
 *
 * kiaim.c
 *		The door of the extension: module magic and settings, nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"
#include "kiaim.h"

KIAIM_MODULE_MAGIC;

int			kiaim_max_memory = 1024 * 1024;
int			kiaim_reader = KIAIM_READER_AUTO;

static const struct config_enum_entry reader_options[] = {
	{"auto", KIAIM_READER_AUTO, false},
	{"stream", KIAIM_READER_STREAM, false},
	{"pushdown", KIAIM_READER_PUSHDOWN, false},
	{NULL, 0, false}
};

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomIntVariable("kiaim.max_memory",
							"Sets the memory that one kiaim aggregate or one kiaim command may use.",
							"Exceeding it is an error, never an out-of-memory condition of the server.",
							&kiaim_max_memory,
							1024 * 1024,
							1024,
							INT_MAX,
							PGC_USERSET,
							GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomEnumVariable("kiaim.reader",
							 "Selects how kiaim commands read a relation.",
							 "Valid values are auto, stream (rows to kiaim) and pushdown (GROUP BY in the server first).",
							 &kiaim_reader,
							 KIAIM_READER_AUTO,
							 reader_options,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("kiaim");
#else
	EmitWarningsOnPlaceholders("kiaim");
#endif
}
