/*-------------------------------------------------------------------------
 *
 * sensitive_order.c
 *		The order of a sensitive column's values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "privacy/privacy_internal.h"

void
sensitive_table_order(SensitiveTable *table, const Dictionary *values)
{
	Assert(dictionary_size(values) == (uint32) table->nvalues);
	table->rank = dictionary_ranks(values);
}
