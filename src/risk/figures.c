/*-------------------------------------------------------------------------
 *
 * figures.c
 *		The metrics of kiaim.risk.
 *
 * Three attackers look for persons: the prosecutor among those of the data, the
 * journalist among those of the population, the marketer for all at once.
 * Without a population the data are the population.  With its number of persons
 * the classes of the population are estimated from those of the data, with a
 * table of it they are known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "risk/attackers.h"
#include "risk/figures.h"
#include "risk/individual.h"
#include "risk/population_figures.h"
#include "risk/risk.h"

/* Positions of the arguments. */
enum
{
	ARG_SOURCE,
	ARG_QUASI,
	ARG_PERSON,
	ARG_THRESHOLD,
	ARG_POPULATION,
	ARG_TABLE,
	ARG_MARGINS,
	ARG_COUNT,
	ARG_WILDCARD
};

/* What the figures are made of. */
typedef struct Figures
{
	const RiskRequest *request;
	RiskTuples *t;
	const int64 *size;			/* by tuple: its persons, or those it matches */
	RiskSizes  *sizes;
	RiskView   *prosecutor;
	RiskPut		put;
	void	   *state;
} Figures;

/* See figures.h. */
RiskRequest *
risk_request(FunctionCallInfo fcinfo)
{
	RiskRequest *r = palloc0(sizeof(RiskRequest));

	r->source = risk_relation(fcinfo, ARG_SOURCE, "source");
	r->columns = risk_columns(fcinfo, r->source, ARG_QUASI, ARG_PERSON);
	r->threshold = risk_share(fcinfo, ARG_THRESHOLD, "threshold");
	r->population = risk_persons(fcinfo, ARG_POPULATION, "population");
	r->table = PG_ARGISNULL(ARG_TABLE) ? InvalidOid : PG_GETARG_OID(ARG_TABLE);
	r->margins = PG_ARGISNULL(ARG_MARGINS) ? NULL : PG_GETARG_ARRAYTYPE_P(ARG_MARGINS);
	r->count = risk_text(fcinfo, ARG_COUNT);
	r->wildcard = risk_flag(fcinfo, ARG_WILDCARD, "wildcard");
	if (r->wildcard)
		risk_check_wildcard(r->columns);
	if ((r->population > 0) + OidIsValid(r->table) + (r->margins != NULL) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only one of population, population_table and population_margins can be given"),
				 errhint("A table or its margins say how many persons there are.")));
	if (r->count != NULL && !OidIsValid(r->table) && r->margins == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population_count needs population_table or population_margins"),
				 errhint("It names the column of those tables that counts persons.")));
	return r;
}

/* See figures.h. */
RiskTuples *
risk_request_tuples(const RiskRequest *r)
{
	TupleCounter *counter = frame_read(r->source, r->columns->ncolumns, r->columns->columns,
									   FRAME_EQUAL_SQL, 0);

	return risk_tuples(counter, r->columns->person != NULL);
}

/* See figures.h. */
RiskPopulation *
risk_request_population(const RiskRequest *r, RiskTuples *t)
{
	if (!OidIsValid(r->table) && r->margins == NULL)
		return NULL;
	return risk_population_read(t, r->columns, r->source, r->table, r->margins, r->count);
}

/* Hand out a metric. */
static void
put(const Figures *f, const char *metric, double value)
{
	f->put(f->state, metric, value);
}

/* Persons, or records, in all classes together. */
static double
class_members(const RiskSizes *sizes)
{
	double		members = 0;

	for (int64 i = 0; i < sizes->nsizes; i++)
		members += (double) sizes->size[i] * (double) sizes->classes[i];
	return members;
}

/* How many records have the risk of the first or the last rank. */
static void
put_affected(const Figures *f, const char *records, const char *share, bool first)
{
	const RiskView *v = f->prosecutor;
	double		n = v->n == 0 ? 0 : (double) v->ranks[first ? 0 : v->n - 1].records;

	put(f, records, n);
	put(f, share, v->nrecords == 0 ? NAN : n / (double) v->nrecords);
}

/* The figures of the data by themselves; marketer: of the view that the marketer has. */
static void
put_sample(const Figures *f, const RiskView *marketer)
{
	const RiskSizes *sizes = f->sizes;
	bool		wildcard = f->request->wildcard;
	bool		unique = sizes->nsizes > 0 && sizes->size[0] == 1;

	put(f, "records", (double) sizes->nrecords);
	if (f->request->columns->person != NULL)
		put(f, "persons", (double) sizes->npersons);
	put(f, "classes", wildcard ? NAN : (double) sizes->nclasses);
	put(f, "smallest_class", sizes->nsizes == 0 ? NAN : (double) sizes->size[0]);
	put(f, "sample_uniques", unique ? (double) sizes->classes[0] : 0);
	put(f, "prosecutor_highest", risk_view_highest(f->prosecutor));
	put(f, "prosecutor_average", risk_view_average(f->prosecutor));
	put(f, "share_above_threshold", risk_view_share_above(f->prosecutor));
	put(f, "marketer", risk_view_average(marketer));

	put(f, "largest_class", sizes->nsizes == 0 ? NAN : (double) sizes->size[sizes->nsizes - 1]);
	put(f, "average_class_size", wildcard || sizes->nclasses == 0 ? NAN :
		class_members(sizes) / (double) sizes->nclasses);
	put(f, "sample_uniqueness", sizes->nrecords == 0 ? NAN :
		(unique ? (double) sizes->records[0] : 0) / (double) sizes->nrecords);
	put(f, "prosecutor_lowest", risk_view_lowest(f->prosecutor));
	put(f, "prosecutor_success_rate", risk_success_rate(f->t, f->prosecutor, f->size, NULL));
	put_affected(f, "records_at_highest", "share_at_highest", true);
	put_affected(f, "records_at_lowest", "share_at_lowest", false);
}

/* Who knows the population looks for one person, or for all. */
static void
put_journalist(const Figures *f, const RiskView *v, double average, const double *population_size)
{
	double		success = risk_success_rate(f->t, v, f->size, population_size);

	put(f, "journalist_highest", risk_view_highest(v));
	put(f, "journalist_lowest", risk_view_lowest(v));
	put(f, "journalist_average", average);
	put(f, "journalist_success_rate", success);
	put(f, "journalist_share_above", risk_view_share_above(v));
	put(f, "marketer_success_rate", success);
}

/*
 * What the estimators say of a population of so many persons, and how the
 * classes of the data may have grown from it.  Classes that overlap tell nothing.
 */
static void
estimate_population(const Figures *f, int64 persons, PopulationEstimate *figures, ClassGrowth *growth)
{
	const PopulationEstimate *pitman = &figures[POPULATION_PITMAN];
	double		sample = class_members(f->sizes);
	double		population;
	double		theta = 0;

	*growth = (ClassGrowth) {.p = 1};
	for (int model = 0; model < POPULATION_NMODELS; model++)
		figures[model].valid = false;
	if (f->request->population > 0)
		(void) population_members(f->t, persons);	/* the error where the sample is larger */
	/* a table can have fewer persons than the data: then there is nothing to estimate */
	if (f->request->wildcard || (f->request->population == 0 && persons < f->sizes->npersons))
		return;
	population = (double) population_figures(f->sizes, persons, figures);
	for (int i = 0; i < pitman->nparameters; i++)
	{
		if (strcmp(pitman->parameters[i].name, "theta") == 0)
			theta = pitman->parameters[i].value;
		if (strcmp(pitman->parameters[i].name, "alpha") == 0)
			growth->alpha = pitman->parameters[i].value;
	}
	growth->p = Min(1, (sample + theta) / (population + theta));
	growth->valid = pitman->valid && sample > 0;
}

/* The estimates of uniques among so many persons. */
static void
put_estimates(const Figures *f, int64 persons, const PopulationEstimate *figures)
{
	const RiskSizes *sizes = f->sizes;
	double		fraction = (double) sizes->npersons / (double) persons;
	double		matches = 0;
	double		poisson = NAN;

	put(f, "population", (double) persons);
	put(f, "sampling_fraction", fraction);
	for (int model = 0; model < POPULATION_NMODELS; model++)
	{
		double		uniques = figures[model].valid ? figures[model].uniques : NAN;

		put(f, psprintf("population_uniques_%s", population_model_names[model]), uniques);
		put(f, psprintf("population_uniqueness_%s", population_model_names[model]),
			uniques / (double) persons);
	}
	if (!f->request->wildcard && fraction <= 1 && f->t->ncolumns > 0)
		poisson = population_poisson(f->t, persons);
	put(f, "population_uniques_poisson", poisson);
	put(f, "population_uniqueness_poisson", poisson / (double) persons);
	for (int64 i = 0; i < sizes->nsizes; i++)
		matches += (double) sizes->size[i] * (double) sizes->classes[i] *
			individual_risk((double) sizes->size[i], fraction);
	put(f, "expected_reidentifications", f->request->wildcard || sizes->nrecords == 0 ? NAN : matches);
}

/*
 * What a known population says.  Records whose tuple has fewer persons there
 * than in the data contradict it; they count as among those of the data.
 */
static void
put_known(const Figures *f, const RiskPopulation *population, const int *quasi, const double *found)
{
	int64		missing = 0;
	int64		beyond = 0;
	double		least = NAN;
	double		uniques = f->request->wildcard ? NAN : risk_population_uniques(population, f->t, quasi);

	for (uint32 i = 0; i < f->t->n; i++)
	{
		missing += found[i] == 0 ? f->t->records[i] : 0;
		beyond += found[i] < (double) f->size[i] ? f->t->records[i] : 0;
		if (!(least <= found[i]))
			least = found[i];
	}
	put(f, "population_uniques", uniques);
	put(f, "population_uniqueness", population->persons > 0 ? uniques / population->persons : NAN);
	put(f, "k_map", population->converged ? least : NAN);
	put(f, "records_not_in_population", (double) missing);
	if (population->margins)
	{
		put(f, "population_converged", population->converged ? 1 : 0);
		put(f, "population_deviation", population->deviation);
	}
	else
		put(f, "records_beyond_population", (double) beyond);
}

/* The journalist's and the marketer's view where the population is known. */
static RiskView *
known_view(const Figures *f, const RiskPopulation *population, const double *found,
		   double **among, double *average)
{
	RiskView   *v;
	double		persons = 0;

	*among = frame_alloc(&f->t->memory, Max(f->t->n, 1), sizeof(double), false);
	for (uint32 i = 0; i < f->t->n; i++)
		(*among)[i] = Max(found[i], (double) f->size[i]);
	v = risk_view_population(f->t, *among, f->request->threshold);
	for (int64 i = 0; i < v->n && !population->converged; i++)
		v->ranks[i].risk = v->ranks[i].above = NAN;
	*average = risk_view_average(v);
	/* from the population's side: its members of these classes against those who are in the data */
	for (uint32 i = 0; i < f->t->n; i++)
		persons += (*among)[i];
	if (f->t->n > 0 && !f->request->wildcard)
		*average = Max(*average, population->converged ? (double) f->t->n / persons : NAN);
	return v;
}

/* See figures.h. */
void
risk_figures(const RiskRequest *request, RiskTuples *t, const int *quasi,
			 const RiskPopulation *population, RiskPut put_metric, void *state)
{
	Figures		f = {.request = request, .t = t, .put = put_metric, .state = state};
	int64		persons = population != NULL ? (int64) rint(population->persons) : request->population;
	PopulationEstimate figures[POPULATION_NMODELS];
	ClassGrowth growth;
	RiskView   *view;
	double	   *found = NULL;
	double	   *among = NULL;
	double		average;

	f.size = request->wildcard ? risk_tuples_matches(t, true) : t->persons;
	f.sizes = risk_tuple_sizes(t, f.size);
	f.prosecutor = view = risk_view_sample(t, f.sizes, request->threshold);
	if (persons > 0)
		estimate_population(&f, persons, figures, &growth);
	if (population != NULL)
	{
		found = risk_population_sizes(population, t, quasi, request->wildcard);
		view = known_view(&f, population, found, &among, &average);
	}
	else
	{
		if (persons > 0)
			view = risk_view_estimate(f.prosecutor, &growth, request->threshold);
		average = risk_view_average(view);
	}
	put_sample(&f, view);
	put_journalist(&f, view, average, among);
	if (persons > 0)
		put_estimates(&f, persons, figures);
	if (population != NULL)
		put_known(&f, population, quasi, found);
}
