/*-------------------------------------------------------------------------
 *
 * labelled_persons.c
 *		The persons of labelled tuples, each once, whatever rows they have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "anonymize/labelled_tuples.h"

#define ST_SORT				sort_person_tuples
#define ST_ELEMENT_TYPE		PersonTuple
#define ST_COMPARE(a, b) \
	((a)->person != (b)->person ? ((a)->person < (b)->person ? -1 : 1) : \
	 (a)->tuple < (b)->tuple ? -1 : (a)->tuple > (b)->tuple)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sort pairs and keep one of each; returns their number. */
static uint64
keep_distinct(PersonTuple *pairs, uint64 n)
{
	uint64		kept = 0;

	sort_person_tuples(pairs, n);
	for (uint64 i = 0; i < n; i++)
		if (i == 0 || pairs[i].person != pairs[kept - 1].person ||
			pairs[i].tuple != pairs[kept - 1].tuple)
			pairs[kept++] = pairs[i];
	return kept;
}

/* The codes of persons who are told apart as SQL does it; NULL is one person. */
static uint32 *
recode_as_sql(FrameMemory *memory, Oid relid, const char *column, Dictionary *image,
			  uint32 *npersons)
{
	uint32		n = dictionary_size(image);
	uint32	   *code_of = frame_alloc(memory, (Size) n + 1, sizeof(uint32), false);
	Oid			type;
	int32		typmod;
	Oid			collation;
	Dictionary *sql;

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	sql = dictionary_create(dictionary_type(image), collation, FRAME_EQUAL_SQL);
	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(image, code, &isnull);

		if ((code & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		code_of[code] = dictionary_encode(sql, value, isnull);
	}
	*npersons = dictionary_size(sql);
	memory->used += dictionary_memory(sql);
	return code_of;
}

/* See labelled_tuples.h. */
void
labelled_persons_read(LabelledTuples *t, Oid relid, const char *column, Dictionary *dictionary,
					  uint32 n, const uint32 *person, const uint32 *tuple)
{
	LabelledPersons *p = palloc0(sizeof(LabelledPersons));
	uint32	   *code_of = recode_as_sql(&t->memory, relid, column, dictionary, &p->npersons);

	p->tuples = frame_alloc(&t->memory, (Size) n + 1, sizeof(PersonTuple), false);
	for (uint32 i = 0; i < n; i++)
		p->tuples[i] = (PersonTuple) {code_of[person[i]], tuple[i]};
	p->n = keep_distinct(p->tuples, n);
	p->count = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(int64), true);
	p->home = frame_alloc(&t->memory, (Size) t->nlabelled + 1, sizeof(int64), true);
	for (uint64 i = 0; i < p->n; i++)
		p->count[p->tuples[i].tuple]++;
	for (uint64 i = 0, end; i < p->n; i = end)
	{
		uint32		home = p->tuples[i].tuple;

		for (end = i + 1; end < p->n && p->tuples[end].person == p->tuples[i].person; end++)
			if (p->count[p->tuples[end].tuple] < p->count[home])
				home = p->tuples[end].tuple;
		p->home[home]++;
	}
	t->persons = p;
}

/* See labelled_tuples.h. */
int64
labelled_persons_least(LabelledTuples *t, uint32 nclasses, const uint32 *class_of)
{
	const LabelledPersons *p = t->persons;
	PersonTuple *pairs = frame_alloc(&t->memory, p->n + 1, sizeof(PersonTuple), false);
	int64	   *sizes = frame_alloc(&t->memory, (Size) nclasses + 1, sizeof(int64), true);
	int64		least = nclasses > 0 ? PG_INT64_MAX : 0;
	uint64		n;

	for (uint64 i = 0; i < p->n; i++)
		pairs[i] = (PersonTuple) {p->tuples[i].person, class_of[p->tuples[i].tuple]};
	n = keep_distinct(pairs, p->n);
	for (uint64 i = 0; i < n; i++)
		sizes[pairs[i].tuple]++;
	for (uint32 i = 0; i < nclasses; i++)
		least = Min(least, sizes[i]);
	frame_release(&t->memory, sizes, (Size) nclasses + 1, sizeof(int64));
	frame_release(&t->memory, pairs, p->n + 1, sizeof(PersonTuple));
	return least;
}
