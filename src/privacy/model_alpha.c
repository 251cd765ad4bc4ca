/*-------------------------------------------------------------------------
 *
 * model_alpha.c
 *		(alpha,k)-anonymity without its k: no sensitive value, or none of some
 *		that are named, has more than a share alpha of a class.
 *
 * Wong, Li, Fu and Wang, (alpha,k)-anonymity: an enhanced k-anonymity model
 * for privacy-preserving data publishing, KDD 2006.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "kiaim.h"
#include "privacy/privacy_internal.h"

/* The share of the most frequent value, of those that count. */
static double
measure_alpha(const Requirement *r, const PrivacyClass *class)
{
	int64		most = 0;

	for (int i = 0; i < class->nvalues; i++)
		if (r->named == NULL || r->named[class->values[i]])
			most = Max(most, class->counts[i]);
	return (double) most / (double) class->total;
}

/* Records that can be kept, each value within its share of so many. */
static int64
room_alpha(const Requirement *r, const PrivacyClass *class, int64 kept)
{
	int64		most = (int64) floor((double) kept * r->wanted * BOUND_SLACK);
	int64		room = 0;

	for (int i = 0; i < class->nvalues; i++)
		room += r->named != NULL && !r->named[class->values[i]] ? class->counts[i] :
			Min(class->counts[i], most);
	return room;
}

static int64
most_kept_alpha(const Requirement *r, const PrivacyClass *class)
{
	return most_kept_in_room(r, class, room_alpha);
}

/* A value that is there at all has one record. */
static int64
least_size_alpha(const Requirement *r)
{
	return whole_at_least(1 / r->wanted);
}

/* A class may have none of the named values. */
static int64
least_size_alpha_of(const Requirement *r)
{
	return 1;
}

/* So many values are looked through for what a misspelled one may mean. */
#define SEARCHED_VALUES	10000

/* A named value may be rare, or misspelled: then nothing is asked of any class. */
static void
warn_of_missing(const Requirement *r, Datum name, const Dictionary *values)
{
	uint32		n = Min(dictionary_size(values), SEARCHED_VALUES);
	const char **texts = palloc(sizeof(char *) * Max(n, 1));
	const char *wrong;
	const char *nearest;
	int			ntexts = 0;
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(dictionary_type(values), &output, &varlena);
	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(values, code, &isnull);

		if (!isnull)
			texts[ntexts++] = OidOutputFunctionCall(output, value);
	}
	wrong = OidOutputFunctionCall(output, name);
	nearest = nearest_name(wrong, ntexts, texts);
	ereport(WARNING,
			(errmsg("value \"%s\" of requirement \"%s\" does not occur in the table", wrong, r->label),
			 nearest != NULL ? errhint("Perhaps you meant \"%s\".", nearest) : 0));
}

void
requirement_find_named(Requirement *r, const Dictionary *values)
{
	uint32		n = dictionary_size(values);
	bool	   *found = palloc0(sizeof(bool) * r->nnames);
	TypeCacheEntry *type = lookup_type_cache(getBaseType(dictionary_type(values)),
											 TYPECACHE_EQ_OPR_FINFO);
	bool	   *named = MemoryContextAllocExtended(CurrentMemoryContext, Max(n, 1) * sizeof(bool),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(values, code, &isnull);

		for (int i = 0; i < r->nnames && !isnull; i++)
			if (DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, dictionary_collation(values),
											   value, r->names[i])))
				named[code] = found[i] = true;
	}
	for (int i = 0; i < r->nnames && n > 0; i++)
		if (!found[i])
			warn_of_missing(r, r->names[i], values);
	r->named = named;
}

const PrivacyModel model_alpha = {
	.name = "alpha",
	.needs_values = true,
	.monotone = true,
	.least_size = least_size_alpha,
	.most_kept = most_kept_alpha,
	.measure = measure_alpha,
};

const PrivacyModel model_alpha_of = {
	.name = "alpha_of",
	.needs_values = true,
	.needs_table = true,
	.needs_named = true,
	.monotone = true,
	.least_size = least_size_alpha_of,
	.most_kept = most_kept_alpha,
	.measure = measure_alpha,
};
