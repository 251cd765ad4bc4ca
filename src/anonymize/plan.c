/*-------------------------------------------------------------------------
 *
 * plan.c
 *		kiaim.plan and kiaim.plan_query: from a relation and a policy to the
 *		least generalization, and to its query.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "anonymize/fitted.h"
#include "anonymize/levels.h"
#include "anonymize/search.h"
#include "anonymize/source.h"
#include "compat.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_plan);
PG_FUNCTION_INFO_V1(kiaim_plan_query);

/* A sentence on the first requirement that not even the whole table satisfies, or "". */
static const char *
impossible_requirement(const PathTable *table, const Policy *policy)
{
	for (int i = 0; i < policy->nrequirements; i++)
	{
		const Requirement *r = &policy->requirements[i];
		bool		recursive = strcmp(r->model->name, "recursive") == 0;
		double		wanted = recursive ? r->l : r->wanted;

		if (r->model->needs_population)
		{
			if (r->model->large_is_safe && table->population_records[r->population] < wanted)
				return psprintf(" The population has " INT64_FORMAT " records, \"%s\" wants %.15g in every class.",
								table->population_records[r->population], r->label, wanted);
		}
		else if (r->model == privacy_model("multi_attribute_l"))
		{
			for (int s = 0; s < policy->nsensitive; s++)
				if (table->sensitive[s].nvalues < wanted)
					return psprintf(" The whole table has %d different values of column \"%s\", \"%s\" wants %.15g of each sensitive column.",
									table->sensitive[s].nvalues, policy->sensitive[s].column, r->label, wanted);
		}
		else if (r->sensitive < 0)
		{
			if (table->persons < wanted)
				return psprintf(" The whole table has " INT64_FORMAT " %s, \"%s\" wants %.15g in every class.",
								table->persons, policy->person ? "persons" : "records", r->label, wanted);
		}
		else if ((r->model->large_is_safe || recursive) && table->sensitive[r->sensitive].nvalues < wanted)
			return psprintf(" The whole table has %d different values of column \"%s\", \"%s\" wants %.15g in every class.",
							table->sensitive[r->sensitive].nvalues, policy->sensitive[r->sensitive].column,
							r->label, wanted);
	}
	return "";
}

/* Say why there is nothing to release. */
static void
report_no_solution(Evaluator *e, const PathTable *table, const Policy *policy, int64 limit,
				   bool complete)
{
	LatticeNode top;
	Evaluation	evaluation;

	memset(&top, 0, sizeof(top));
	for (int j = 0; j < policy->nquasi; j++)
		top.level[j] = policy->quasi[j].max_level;
	evaluate_fully(e, &top, &evaluation);
	if (!complete)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no generalization that satisfies the policy was found in time"),
				 errhint("Raise time_limit, or ask for less.")));
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("no generalization satisfies the policy"),
			 errdetail("With every quasi-identifier at its highest level allowed, " INT64_FORMAT
					   " of " INT64_FORMAT " records would have to be suppressed; the policy allows "
					   INT64_FORMAT ".%s", evaluation.suppressed, table->records, limit,
					   impossible_requirement(table, policy)),
			 errhint("Ask for less, allow more suppression, or raise \"max\" of a column.")));
}

/* kiaim.plan(source, policy, solutions, time_limit) */
Datum
kiaim_plan(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	MemoryContext home = CurrentMemoryContext;
	MemoryContext work;
	Policy	   *policy;
	PathTable  *table;
	Evaluator  *evaluator;
	SearchResult found;
	int64		limit;
	TimestampTz deadline;
	int32		solutions = PG_ARGISNULL(2) ? 1 : PG_GETARG_INT32(2);
	Oid			relid;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("source and policy must not be null")));
	if (solutions < 1 || solutions > 10000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("solutions must be between 1 and 10000, not %d", solutions)));
	deadline = PG_ARGISNULL(3) ? 0 : source_deadline(PG_GETARG_INTERVAL_P(3));
	relid = PG_GETARG_OID(0);
	rsinfo = srf_begin(fcinfo);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	work = AllocSetContextCreate(CurrentMemoryContext, "kiaim plan", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(work);

	policy = policy_parse(PG_GETARG_JSONB_P(1), relid);
	source_check_lattice(policy);
	if (policy->recoding.method != RECODING_FULL_DOMAIN)
	{
		plan_recoded(relid, policy, solutions, deadline != 0, rsinfo->setResult,
					 rsinfo->setDesc);
		MemoryContextSwitchTo(home);
		SPI_finish();
		return (Datum) 0;
	}
	table = source_read(relid, policy);
	limit = source_suppression_limit(policy, table->records);
	evaluator = evaluator_create(table, policy, limit);
	lattice_search(evaluator, table, policy, solutions, deadline, SEARCH_WORK, &found);
	if (found.n == 0)
		report_no_solution(evaluator, table, policy, limit, found.complete);

	for (int i = 0; i < found.n; i++)
	{
		const Solution *s = found.solutions[i];
		bool		optimal = found.complete || found.bound >= s->evaluation.loss;
		Datum		values[9];
		bool		nulls[9] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = levels_to_jsonb(policy, &s->node);
		values[2] = Float8GetDatum(s->evaluation.loss);
		values[3] = Int64GetDatum(s->evaluation.smallest);
		nulls[3] = s->evaluation.classes == 0;
		values[4] = Int64GetDatum(s->evaluation.suppressed);
		values[5] = Int64GetDatum(s->evaluation.classes);
		values[6] = BoolGetDatum(optimal);
		values[7] = Float8GetDatum(optimal ? 0 : s->evaluation.loss - found.bound);
		values[8] = CStringGetTextDatum(release_query(relid, policy, &s->node, s->evaluation.classes,
													  false));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	ereport(DEBUG1,
			(errmsg("kiaim.plan: " INT64_FORMAT " records, " INT64_FORMAT " distinct tuples, "
					INT64_FORMAT " nodes evaluated from " INT64_FORMAT " tuples",
					table->records, table->tuples.n, found.evaluated,
					evaluator_scanned(evaluator))));

	MemoryContextSwitchTo(home);
	SPI_finish();
	return (Datum) 0;
}

/* How many classes a node releases where its query must say so; else -1. */
static int64
released_classes(Oid relid, Policy *policy, const LatticeNode *node)
{
	PathTable  *table;
	Evaluation	evaluation;
	bool		needed = false;

	for (int i = 0; i < policy->ntable; i++)
		needed = needed || policy->table[i].model->risk == NULL;
	if (!needed)
		return -1;
	table = source_read(relid, policy);
	evaluate_node(evaluator_create(table, policy, source_suppression_limit(policy, table->records)),
				  node, &evaluation);
	if (!evaluation.feasible)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the policy does not hold at these levels"),
				 errhint("Take levels that kiaim.plan gives.")));
	return evaluation.classes;
}

/* kiaim.plan_query(source, policy, levels, with_person) */
Datum
kiaim_plan_query(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Policy	   *policy;
	LatticeNode node;
	char	   *query;
	text	   *result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	policy = policy_parse(PG_GETARG_JSONB_P(1), relid);
	source_check_lattice(policy);
	if (policy->recoding.method != RECODING_FULL_DOMAIN)
		query = plan_recoded_query(relid, policy, PG_GETARG_JSONB_P(2), PG_GETARG_BOOL(3));
	else
	{
		levels_from_jsonb(policy, PG_GETARG_JSONB_P(2), &node);
		query = release_query(relid, policy, &node, released_classes(relid, policy, &node),
							  PG_GETARG_BOOL(3));
	}
	result = SPI_palloc(VARHDRSZ + strlen(query));
	SET_VARSIZE(result, VARHDRSZ + strlen(query));
	memcpy(VARDATA(result), query, strlen(query));
	SPI_finish();
	PG_RETURN_TEXT_P(result);
}
