/*-------------------------------------------------------------------------
 *
 * local_agglomerate.c
 *		Merge classes until all hold, or until their risks are low enough, the
 *		least costly merge first.
 *
 * The cost of a merge is the loss that it adds, and a charge for records
 * beyond what a class needs, for each record whose class did not hold.  Only
 * classes that do not hold look for a partner, among the classes of the tuples
 * nearest to theirs; the best partner is looked for again only when its turn
 * comes and it has changed.  Where a sum of the risks of all classes is to be
 * lowered, every class with a risk looks for one, and the cost of a merge is the
 * loss that it adds for each unit of risk that it takes away.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* A merge that a class wants, as it was when it was found. */
typedef struct Wish
{
	float		cost;
	int32		class;
	int32		partner;
	uint32		class_stamp;
	uint32		partner_stamp;
} Wish;

/* A heap of wishes, the least costly first. */
typedef struct Wishes
{
	Wish	   *items;
	int64		n;
} Wishes;

/* Equal costs: the smaller number first, so that the order is the same everywhere. */
static inline bool
wish_before(const Wish *a, const Wish *b)
{
	return a->cost < b->cost || (a->cost == b->cost && a->class < b->class);
}

static void
push(Wishes *w, Wish wish)
{
	int64		i = w->n++;

	for (; i > 0 && wish_before(&wish, &w->items[(i - 1) / 2]); i = (i - 1) / 2)
		w->items[i] = w->items[(i - 1) / 2];
	w->items[i] = wish;
}

static Wish
pop(Wishes *w)
{
	Wish		result = w->items[0];
	Wish		last = w->items[--w->n];
	int64		i = 0;

	for (;;)
	{
		int64		child = 2 * i + 1;

		if (child >= w->n)
			break;
		if (child + 1 < w->n && wish_before(&w->items[child + 1], &w->items[child]))
			child++;
		if (!wish_before(&w->items[child], &last))
			break;
		w->items[i] = w->items[child];
		i = child;
	}
	w->items[i] = last;
	return result;
}

/* What merges are for: that classes hold, or that a sum of risks is lower. */
typedef struct Purpose
{
	const TableRequirement *risk;	/* or NULL */
	double		excess;			/* so much risk is to go */
} Purpose;

/* Does a class look for a partner? */
static bool
seeks(const LocalProblem *p, const Purpose *purpose, int32 class)
{
	const LocalClass *c = &p->classes[class];

	if (purpose->risk == NULL)
		return !c->holds;
	return c->holds && local_risk(purpose->risk, c->size, c->records) > 0;
}

/* What a merge takes away of the risk. */
static double
risk_saved(const LocalProblem *p, const Purpose *purpose, int32 a, int32 b)
{
	const LocalClass *x = &p->classes[a];
	const LocalClass *y = &p->classes[b];

	return local_risk(purpose->risk, x->size, x->records) +
		local_risk(purpose->risk, y->size, y->records) -
		local_risk(purpose->risk, x->size + y->size, x->records + y->records);
}

/* What merging asks about a class. */
static inline LocalWeight
class_weight(const LocalProblem *p, int32 class)
{
	const LocalClass *c = &p->classes[class];

	return local_weight(p->least_size, c->records, c->size, c->cost, c->holds);
}

/* Let a class consider a partner. */
static inline void
consider(const LocalProblem *p, const Purpose *purpose, const LocalWeight *own, int32 other,
		 Wish *wish)
{
	LocalWeight weight = class_weight(p, other);
	float		cost = local_join_cost(p, local_label(p, wish->class), local_label(p, other));

	if (purpose->risk == NULL)
		cost = local_merge_cost(p->least_size, own, &weight, cost);
	else
	{
		double		saved = risk_saved(p, purpose, wish->class, other);

		if (!(saved > 0) || weight.records == 0 || weight.lacking > 0 || cost >= LOCAL_FORBIDDEN)
			return;
		cost = ((own->records + weight.records) * cost - own->spent - weight.spent) / saved;
	}
	if (wish->partner == LOCAL_NONE || cost < wish->cost)
	{
		wish->cost = cost;
		wish->partner = other;
	}
}

/* The best partner of a class; false if there is none. */
static bool
find_partner(LocalProblem *p, const Purpose *purpose, int32 class, Wish *wish)
{
	LocalClass *c = &p->classes[class];
	LocalWeight own = class_weight(p, class);

	wish->class = class;
	wish->class_stamp = c->stamp;
	wish->partner = LOCAL_NONE;
	p->marks++;
	p->mark[class] = p->marks;
	for (int32 t = c->first; t != LOCAL_NONE; t = p->next[t])
		for (int k = 0; k < p->nnear; k++)
		{
			int32		near = p->near[(Size) t * p->nnear + k];
			int32		other;

			if (near == LOCAL_NONE)
				break;
			other = p->class_of[near];
			if (p->mark[other] == p->marks)
				continue;
			p->mark[other] = p->marks;
			consider(p, purpose, &own, other, wish);
		}

	/* all near tuples are its own: look at all classes */
	if (wish->partner == LOCAL_NONE)
		for (int32 other = 0; other < p->ntuples; other++)
			if (p->classes[other].ntuples > 0 && other != class)
				consider(p, purpose, &own, other, wish);
	if (wish->partner == LOCAL_NONE)
		return false;
	wish->partner_stamp = p->classes[wish->partner].stamp;
	return true;
}

/* Merge for a purpose. */
static void
merge_all(LocalProblem *p, Purpose *purpose)
{
	Wishes		wishes;
	Wish		wish;

	/* a class wishes at most once at a time */
	wishes.items = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(Wish), false);
	wishes.n = 0;
	for (int32 c = 0; c < p->ntuples; c++)
	{
		CHECK_FOR_INTERRUPTS();
		if (p->classes[c].ntuples > 0 && seeks(p, purpose, c) && find_partner(p, purpose, c, &wish))
			push(&wishes, wish);
	}
	while (wishes.n > 0 && (purpose->risk == NULL || purpose->excess > 0))
	{
		int32		into;
		int32		from;

		CHECK_FOR_INTERRUPTS();
		wish = pop(&wishes);
		if (p->classes[wish.class].stamp != wish.class_stamp)
			continue;
		if (p->classes[wish.partner].stamp != wish.partner_stamp)
		{
			if (find_partner(p, purpose, wish.class, &wish))
				push(&wishes, wish);
			continue;
		}
		into = wish.partner;
		from = wish.class;
		if (p->classes[into].ntuples < p->classes[from].ntuples)
		{
			into = wish.class;
			from = wish.partner;
		}
		if (purpose->risk != NULL)
			purpose->excess -= risk_saved(p, purpose, into, from);
		local_merge(p, into, from);
		if (seeks(p, purpose, into) && find_partner(p, purpose, into, &wish))
			push(&wishes, wish);
	}
	frame_release(p->memory, wishes.items, Max(p->ntuples, 1), sizeof(Wish));
}

/* See local_internal.h. */
void
local_agglomerate(LocalProblem *p)
{
	Purpose		purpose = {0};

	merge_all(p, &purpose);
}

/* See local_internal.h. */
void
local_lower_risk(LocalProblem *p, const TableRequirement *r, double most)
{
	Purpose		purpose = {.risk = r, .excess = -most};

	for (int32 c = 0; c < p->ntuples; c++)
		if (p->classes[c].ntuples > 0 && p->classes[c].holds)
			purpose.excess += local_risk(r, p->classes[c].size, p->classes[c].records);
	merge_all(p, &purpose);
}
