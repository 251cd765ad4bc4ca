/*-------------------------------------------------------------------------
 *
 * transaction.c
 *		The one thing that a release needs and SQL cannot ask: whether the
 *		calling procedure may commit.
 *
 * kiaim.refresh commits the line of its log before it starts, so that the line
 * outlives whatever happens.  Inside a transaction block that would fail with
 * "invalid transaction termination", after the work of a while and without a
 * word on what to do; this says it first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(kiaim_prevent_in_transaction_block);

/*
 * Raise an error that names the command unless its procedure may commit.
 */
Datum
kiaim_prevent_in_transaction_block(PG_FUNCTION_ARGS)
{
	char	   *command = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (!SPI_inside_nonatomic_context())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block or a function", command),
				 errdetail("It commits its log before and after the work, so that the log survives a failure."),
				 errhint("CALL %s as a statement of its own.", command)));

	PG_RETURN_VOID();
}
