/*-------------------------------------------------------------------------
 *
 * frontier.c
 *		kiaim.frontier: all releases worth choosing between.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "anonymize/frontier.h"
#include "anonymize/levels.h"
#include "anonymize/source.h"
#include "compat.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_frontier);

/* A lattice of at most so many nodes is walked. */
#define WALKED_NODES	100000

/* Values of k at most. */
#define MAX_K			1000

/* See frontier.h. */
bool
frontier_judge(Frontier *f, const LatticeNode *node, bool *ruled_out)
{
	bool		left = false;
	int64		smallest = -1;	/* at the k before, if released */

	f->evaluated++;
	if (f->deadline != 0 && !f->late && GetCurrentTimestamp() >= f->deadline)
		f->late = true;
	for (int i = 0; i < f->nk; i++)
	{
		Evaluation	evaluation;
		ParetoPoint point;

		if (ruled_out != NULL && ruled_out[i])
			continue;
		/* the classes that this k asks for are those of the one before */
		if (smallest >= f->k[i])
		{
			left = true;
			continue;
		}
		evaluator_require_k(f->evaluator, f->k[i]);
		evaluator_judge(f->evaluator, node, true, &evaluation);
		if (ruled_out != NULL)
			ruled_out[i] = evaluation.hopeless;
		left |= !evaluation.hopeless;
		if (!evaluation.feasible)
			continue;
		smallest = evaluation.smallest;
		memset(&point, 0, sizeof(point));
		point.node = *node;
		point.k = f->k[i];
		point.loss = evaluation.loss;
		point.suppressed = evaluation.suppressed;
		point.smallest = evaluation.smallest;
		point.classes = evaluation.classes;
		pareto_offer(&f->pareto, &point);
	}
	return left;
}

/* See frontier.h. */
double
frontier_nodes(const Frontier *f)
{
	double		nodes = 1;

	for (int j = 0; j < f->policy->nquasi; j++)
	{
		int			levels = 0;
		int			level = f->policy->quasi[j].min_level;

		for (; level >= 0; level = evaluator_next_level(f->evaluator, j, level))
			levels++;
		nodes *= levels;
	}
	return nodes;
}

static int
compare_int(const void *a, const void *b)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	return x < y ? -1 : x > y;
}

/* The values of k asked for, ascending, each once. */
static int
read_k(ArrayType *array, int **k)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int			distinct = 0;

	deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, &values, &nulls, &n);
	if (ARR_NDIM(array) > 1 || n < 1 || n > MAX_K)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be a list of 1 to %d numbers", MAX_K)));
	*k = palloc(sizeof(int) * n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("k must not contain nulls")));
		(*k)[i] = DatumGetInt32(values[i]);
		if ((*k)[i] < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("k must be at least 1, not %d", (*k)[i])));
	}
	qsort(*k, n, sizeof(int), compare_int);
	for (int i = 0; i < n; i++)
		if (i == 0 || (*k)[i] != (*k)[distinct - 1])
			(*k)[distinct++] = (*k)[i];
	return distinct;
}

/* The requirement "k" of a policy, or NULL. */
static Requirement *
requirement_k(const Policy *policy)
{
	for (int i = 0; i < policy->nrequirements; i++)
		if (policy->requirements[i].model == privacy_model("k"))
			return &policy->requirements[i];
	return NULL;
}

/* A policy that requires some k: its own if it has one. */
static Jsonb *
with_k(Jsonb *policy, int k)
{
	Datum		member;

	if (!JB_ROOT_IS_OBJECT(policy) ||
		getKeyJsonValueFromContainer(&policy->root, "k", 1, NULL) != NULL)
		return policy;
	member = DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("{\"k\": %d}", k)));
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(policy), member));
}

static int
compare_points(const void *a, const void *b)
{
	const ParetoPoint *x = a;
	const ParetoPoint *y = b;
	double		loss = rint(x->loss / LOSS_UNIT) - rint(y->loss / LOSS_UNIT);

	if (loss != 0)
		return loss < 0 ? -1 : 1;
	return x->suppressed < y->suppressed ? -1 : x->suppressed > y->suppressed;
}

/* The rows of the result. */
static void
put_points(ReturnSetInfo *rsinfo, Oid relid, Frontier *f, Requirement *k, bool exact)
{
	Pareto	   *p = &f->pareto;
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "kiaim frontier row",
											  ALLOCSET_DEFAULT_SIZES);

	qsort(p->points, p->n, sizeof(ParetoPoint), compare_points);
	for (int64 i = 0; i < p->n; i++)
	{
		const ParetoPoint *point = &p->points[i];
		MemoryContext old = MemoryContextSwitchTo(row);
		Datum		values[8];
		bool		nulls[8] = {false};

		CHECK_FOR_INTERRUPTS();
		if (k != NULL)
			k->wanted = point->k;
		values[0] = levels_to_jsonb(f->policy, &point->node);
		values[1] = Float8GetDatum(point->loss);
		values[2] = Int64GetDatum(point->suppressed);
		values[3] = Float8GetDatum(point->smallest > 0 ? 1.0 / (double) point->smallest : 0);
		values[4] = Int64GetDatum(point->smallest);
		values[5] = Int64GetDatum(point->classes);
		values[6] = BoolGetDatum(exact);
		values[7] = CStringGetTextDatum(release_query(relid, f->policy, &point->node, point->classes, false));
		nulls[3] = nulls[4] = point->smallest == 0;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row);
	}
}

/* kiaim.frontier(source, policy, k, time_limit) */
Datum
kiaim_frontier(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	MemoryContext home = CurrentMemoryContext;
	MemoryContext work;
	Jsonb	   *json;
	Policy	   *policy;
	Requirement *k;
	Frontier	f = {0};
	int			own;
	int		   *wanted = NULL;
	bool		walked;
	Oid			relid;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("source and policy must not be null")));
	if (!PG_ARGISNULL(2))
		f.nk = read_k(PG_GETARG_ARRAYTYPE_P(2), &wanted);
	f.deadline = PG_ARGISNULL(3) ? 0 : source_deadline(PG_GETARG_INTERVAL_P(3));
	relid = PG_GETARG_OID(0);
	rsinfo = srf_begin(fcinfo);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	work = AllocSetContextCreate(CurrentMemoryContext, "kiaim frontier", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(work);

	json = PG_GETARG_JSONB_P(1);
	policy = policy_parse(wanted != NULL ? with_k(json, wanted[0]) : json, relid);
	source_check_lattice(policy);
	if (policy->recoding.method != RECODING_FULL_DOMAIN)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("recoding \"%s\" has no frontier", policy_recoding_word(policy)),
				 errdetail("What is compared are the levels of full-domain recodings."),
				 errhint("Leave \"recoding\" out of the policy.")));
	if (policy->epsilon > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a policy with \"differential_privacy\" has no frontier"),
				 errdetail("To choose a release by what the data make of it would not be differentially private.")));
	k = requirement_k(policy);
	own = k != NULL ? (int) k->wanted : 1;
	f.k = wanted;
	if (wanted == NULL)
	{
		f.k = &own;
		f.nk = 1;
	}
	f.policy = policy;
	f.table = source_read(relid, policy);
	f.limit = source_suppression_limit(policy, f.table->records);
	f.evaluator = evaluator_create(f.table, policy, f.limit);
	pareto_init(&f.pareto, policy->nquasi, &f.table->memory);
	walked = frontier_nodes(&f) <= WALKED_NODES;
	if (walked)
		frontier_walk(&f);
	else
		frontier_explore(&f);
	if (f.pareto.n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 walked && !f.late ? errmsg("no generalization satisfies the policy")
				 : errmsg("no generalization that satisfies the policy was found"),
				 errhint("Ask for less, allow more suppression, or raise \"max\" of a column; kiaim.plan says what is missing.")));
	put_points(rsinfo, relid, &f, k, walked && !f.late);
	ereport(DEBUG1,
			(errmsg("kiaim.frontier: " INT64_FORMAT " records, " INT64_FORMAT " distinct tuples, "
					INT64_FORMAT " nodes evaluated from " INT64_FORMAT " tuples",
					f.table->records, f.table->tuples.n, f.evaluated,
					evaluator_scanned(f.evaluator))));

	MemoryContextSwitchTo(home);
	SPI_finish();
	return (Datum) 0;
}
