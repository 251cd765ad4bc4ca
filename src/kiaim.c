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
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("kiaim");
#else
	EmitWarningsOnPlaceholders("kiaim");
#endif
}
