/*-------------------------------------------------------------------------
 *
 * local_iterate.c
 *		Iterated optimum: one node of the lattice after the other releases the
 *		classes that hold among the tuples that are left.
 *
 * Each round's node is the one that costs the records it releases least: nodes
 * come in the order of their loss, from the one that changes nothing, which
 * releases what is frequent enough as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"
#include "anonymize/loss.h"
#include "anonymize/queue.h"

/* Nodes, and tuples of all of them, looked at at most; what is left then joins its nearest class. */
#define MOST_NODES		100000
#define MOST_TUPLES		INT64CONST(200000000)

typedef struct Iteration
{
	LocalProblem *p;
	Grouper    *grouper;
	PathTuples	left;			/* tuples not released yet */
	int64		records;		/* of the source among them */
	int32	   *tuple;			/* their numbers */
	int32	   *group;			/* and the groups they are in */
	int32	   *start;			/* members of group g are member[start[g]] .. member[start[g + 1] - 1] */
	int32	   *member;
	int64	   *size;			/* of each group */
} Iteration;

/* The loss of a node: of every column's level. */
static double
node_cost(const LocalProblem *p, const LatticeNode *node)
{
	double		cost = 0;

	for (int j = 0; j < p->table->nquasi; j++)
		cost += p->policy->quasi[j].weight * loss_of_level(p->table, j, node->level[j]);
	return cost;
}

/* Group the tuples that are left on the levels of a node; returns the number of groups. */
static int64
group(Iteration *it, const LatticeNode *node)
{
	const LocalProblem *p = it->p;
	const PathTable *t = p->table;
	uint64		mask[PATH_MAX_WORDS] = {0};
	PathTuples	found;

	for (int j = 0; j < t->nquasi; j++)
		if (t->quasi[j].bits > 0)
			mask[t->quasi[j].word] |= t->quasi[j].mask[node->level[j]];
	grouper_group(it->grouper, &it->left, mask, true, &found);
	memset(it->start, 0, sizeof(int32) * (found.n + 1));
	memset(it->size, 0, sizeof(int64) * found.n);
	for (int64 i = 0; i < it->left.n; i++)
	{
		int32		g = (int32) grouper_find(it->grouper, it->left.keys + i * it->left.words);

		it->group[i] = g;
		it->start[g + 1]++;
		it->size[g] += p->size[it->tuple[i]];
	}
	for (int64 g = 0; g < found.n; g++)
		it->start[g + 1] += it->start[g];
	for (int64 i = 0; i < it->left.n; i++)
		it->member[it->start[it->group[i]]++] = it->tuple[i];
	for (int64 g = found.n; g > 0; g--)
		it->start[g] = it->start[g - 1];
	it->start[0] = 0;
	return found.n;
}

/* Make classes of the groups that hold, and take their tuples away. */
static void
release(Iteration *it, int64 ngroups)
{
	LocalProblem *p = it->p;
	int			words = it->left.words;
	int64		n = 0;

	for (int64 g = 0; g < ngroups; g++)
	{
		const int32 *member = it->member + it->start[g];
		int32		count = it->start[g + 1] - it->start[g];

		if (it->size[g] < p->least_size ||
			(!p->simple && !local_check(p->checker, member, count)))
		{
			it->size[g] = 0;
			continue;
		}
		for (int32 i = 0; i < count; i++)
			it->records -= p->records[member[i]];
		for (int32 i = 1; i < count; i++)
			local_move(p, member[i], member[0]);
		local_measure(p, member[0]);
	}
	for (int64 i = 0; i < it->left.n; i++)
		if (it->size[it->group[i]] == 0)
		{
			memmove(it->left.keys + n * words, it->left.keys + i * words, sizeof(uint64) * words);
			it->left.weights[n] = it->left.weights[i];
			it->tuple[n++] = it->tuple[i];
		}
	it->left.n = n;
}

/* Start with all tuples left. */
static void
begin(Iteration *it, LocalProblem *p)
{
	Size		n = Max(p->ntuples, 1);

	it->p = p;
	it->left = p->keys;
	it->left.keys = frame_alloc(p->memory, n * p->keys.words, sizeof(uint64), false);
	it->left.weights = frame_alloc(p->memory, n, sizeof(uint64), false);
	memcpy(it->left.keys, p->keys.keys, sizeof(uint64) * p->keys.words * p->ntuples);
	it->tuple = frame_alloc(p->memory, n, sizeof(int32), false);
	it->group = frame_alloc(p->memory, n, sizeof(int32), false);
	it->member = frame_alloc(p->memory, n, sizeof(int32), false);
	it->start = frame_alloc(p->memory, n + 1, sizeof(int32), false);
	it->size = frame_alloc(p->memory, n, sizeof(int64), false);
	it->records = p->table->records;
	for (int32 i = 0; i < p->ntuples; i++)
	{
		it->tuple[i] = i;
		/* sizes are counted here; to the grouper, tuples of no weight would be none */
		it->left.weights[i] = 1;
	}
	it->grouper = grouper_create(p->keys.words, p->memory);
}

/* Give back what it took. */
static void
end(Iteration *it)
{
	FrameMemory *memory = it->p->memory;
	Size		n = Max(it->p->ntuples, 1);

	grouper_end(it->grouper);
	frame_release(memory, it->left.keys, n * it->left.words, sizeof(uint64));
	frame_release(memory, it->left.weights, n, sizeof(uint64));
	frame_release(memory, it->tuple, n, sizeof(int32));
	frame_release(memory, it->group, n, sizeof(int32));
	frame_release(memory, it->member, n, sizeof(int32));
	frame_release(memory, it->start, n + 1, sizeof(int32));
	frame_release(memory, it->size, n, sizeof(int64));
}

/* See local_internal.h. */
void
local_iterate(LocalProblem *p)
{
	const PathTable *t = p->table;
	Iteration	it;
	Queue		queue;
	LatticeNode node;
	int64		looked = 0;
	int64		pushed = 0;

	begin(&it, p);
	queue_init(&queue, (t->nquasi + 7) / 8, p->memory);
	memset(&node, 0, sizeof(node));
	for (int j = 0; j < t->nquasi; j++)
		node.level[j] = (uint8) p->policy->quasi[j].min_level;
	queue_push(&queue, node_cost(p, &node), pushed++, &node);
	for (int round = 0; it.records > 0 && queue_bound(&queue) < INFINITY; round++)
	{
		CHECK_FOR_INTERRUPTS();
		looked += it.left.n;
		if (round == MOST_NODES || looked > MOST_TUPLES)
			break;
		queue_pop(&queue, &node);
		release(&it, group(&it, &node));

		/* every node is reached once: by raising columns from the first to the last */
		for (int j = t->nquasi - 1; j >= 0; j--)
		{
			const PolicyQuasi *quasi = &p->policy->quasi[j];
			bool		raised = node.level[j] > quasi->min_level;

			if (node.level[j] < quasi->max_level)
			{
				node.level[j]++;
				queue_push(&queue, node_cost(p, &node), pushed++, &node);
				node.level[j]--;
			}
			if (raised)
				break;
		}
	}
	queue_free(&queue);
	end(&it);
}

/* See local_internal.h. */
bool
local_best_node(LocalProblem *p, const Solution **best)
{
	SearchResult found;

	lattice_search(p->evaluator, p->table, p->policy, 1, 0, SEARCH_WORK, &found);
	if (found.n == 0)
		return false;
	*best = found.solutions[0];
	return true;
}

/* See local_internal.h. */
void
local_take_node(LocalProblem *p, const LatticeNode *node)
{
	Iteration	it;

	begin(&it, p);
	release(&it, group(&it, node));
	end(&it);
}
