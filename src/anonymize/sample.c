/*-------------------------------------------------------------------------
 *
 * sample.c
 *		Which records a release is made from: kiaim.in_sample, the same for
 *		the same seed, and kiaim.safepub_draw, which nobody can foresee.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"

#include "generalize/generalize.h"
#include "numeric/siphash.h"
#include "privacy/safepub.h"

PG_FUNCTION_INFO_V1(kiaim_in_sample);
PG_FUNCTION_INFO_V1(kiaim_safepub_draw);
PG_FUNCTION_INFO_V1(kiaim_strong_random);

/* The second half of the key: "kiaim.in", so that other uses of a seed have other bits. */
#define SAMPLE_KEY	UINT64CONST(0x6e692e6d6169696b)

/* A coin that says yes with that probability, exact to 53 bits. */
static bool
coin(uint64 bits, double share)
{
	return (double) (bits >> 11) < ldexp(share, 53);
}

/* kiaim.in_sample(value "any", share, seed): by its text, so that the type may change */
Datum
kiaim_in_sample(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	double		share;
	char	   *text = "";
	uint64		key0;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	share = PG_GETARG_FLOAT8(1);
	if (!(share >= 0 && share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the share of a sample must be from 0 to 1, not %g", share)));
	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of the value to sample by")));
	key0 = (uint64) PG_GETARG_INT64(2);
	if (PG_ARGISNULL(0))
		key0 = ~key0;			/* a value of its own, unlike the empty text */
	else
		text = value_text(type, PG_GETARG_DATUM(0));
	PG_RETURN_BOOL(coin(siphash(key0, SAMPLE_KEY, text, strlen(text)), share));
}

/* kiaim.safepub_draw(epsilon) */
Datum
kiaim_safepub_draw(PG_FUNCTION_ARGS)
{
	double		epsilon = PG_GETARG_FLOAT8(0);

	if (!(epsilon >= SAFEPUB_EPSILON_MIN && epsilon <= SAFEPUB_EPSILON_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("epsilon must be from %g to %g, not %g",
						SAFEPUB_EPSILON_MIN, SAFEPUB_EPSILON_MAX, epsilon)));
	PG_RETURN_BOOL(coin(strong_bits(), safepub_share(epsilon)));
}

/* kiaim.strong_random() */
Datum
kiaim_strong_random(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) strong_bits());
}
