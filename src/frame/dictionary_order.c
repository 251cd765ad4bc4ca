/*-------------------------------------------------------------------------
 *
 * dictionary_order.c
 *		The order of the values of a dictionary.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "frame/frame_internal.h"

/* What comparing two codes needs. */
typedef struct OrderContext
{
	const Dictionary *dictionary;
	FmgrInfo   *compare;
} OrderContext;

/* qsort_arg comparator of codes. */
static int
compare_codes(const void *a, const void *b, void *arg)
{
	const OrderContext *order = arg;
	uint32		codes[2] = {*(const uint32 *) a, *(const uint32 *) b};
	Datum		values[2];
	bool		isnull[2];
	const char *images[2];
	Size		lengths[2];
	int			result;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < 2; i++)
		values[i] = dictionary_value(order->dictionary, codes[i], &isnull[i]);
	if (isnull[0] || isnull[1])
		return (int) isnull[0] - (int) isnull[1];
	result = DatumGetInt32(FunctionCall2Coll(order->compare,
											 order->dictionary->type->collation,
											 values[0], values[1]));
	if (result != 0)
		return result;
	for (int i = 0; i < 2; i++)
		images[i] = dictionary_image(order->dictionary, codes[i], &lengths[i]);
	result = memcmp(images[0], images[1], Min(lengths[0], lengths[1]));
	return result != 0 ? result : (lengths[0] > lengths[1]) - (lengths[0] < lengths[1]);
}

uint32 *
dictionary_ranks(const Dictionary *d)
{
	TypeCacheEntry *entry = lookup_type_cache(getBaseType(d->type->type), TYPECACHE_CMP_PROC_FINFO);
	OrderContext order = {d, &entry->cmp_proc_finfo};
	uint32	   *ranks = MemoryContextAllocHuge(CurrentMemoryContext,
											   Max(d->size, 1) * sizeof(uint32));
	uint32	   *codes = MemoryContextAllocHuge(CurrentMemoryContext,
											   Max(d->size, 1) * sizeof(uint32));

	if (!OidIsValid(entry->cmp_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison function for type %s",
						format_type_be(d->type->type)),
				 errhint("Cast the value to a type that can be ordered.")));
	for (uint32 code = 0; code < d->size; code++)
		codes[code] = code;
	qsort_arg(codes, d->size, sizeof(uint32), compare_codes, &order);
	for (uint32 i = 0; i < d->size; i++)
		ranks[codes[i]] = i;
	pfree(codes);
	return ranks;
}
