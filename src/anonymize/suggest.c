/*-------------------------------------------------------------------------
 *
 * suggest.c
 *		kiaim.suggest: a role and a hierarchy for every column of a relation.
 *
 * A steward who has never written a policy starts from here.  The name of a
 * column asks a question ("is this a diagnosis?") and the content answers it;
 * a code system is recognized by its codes whatever the name.  Doubt goes to
 * the safe side: what might identify is not released, what is not understood
 * is a quasi-identifier or left out, and only the outcome under study is kept.
 * No reason shows a value of the relation.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "anonymize/suggest_internal.h"
#include "srf.h"

/* So many different texts are categories, and so many where the name says so. */
#define FEW_CATEGORIES	100
#define MANY_CATEGORIES	2000

/* So many different whole numbers are codes rather than amounts. */
#define FEW_NUMBERS		20

PG_FUNCTION_INFO_V1(kiaim_suggest);

/* Why a column is left out whose rows nearly all say the same. */
static const char *const stands_out =
"nearly all rows have the same value, and the others would stand out in any group";

/* What is proposed for a column. */
typedef struct Suggestion
{
	const char *looks_like;
	const char *role;
	const char *hierarchy;		/* or NULL */
	const char *reason;			/* a clause; what was seen follows it */
} Suggestion;

/* Why a clinical finding may be released: the group must not give it away. */
static const char *const must_differ = "what was found must differ within every group";

static Suggestion
suggest(const char *looks_like, const char *role, const char *hierarchy, const char *reason)
{
	return (Suggestion) {looks_like, role, hierarchy, reason};
}

/* A column of codes, with how many of its rows are codes. */
static Suggestion
suggest_codes(const ColumnProfile *p, const char *system, const char *looks_like,
			  const char *role, const char *why)
{
	double		valid = profile_code_share(p, system);

	if (strcmp(role, "sensitive") == 0 && profile_commonest_share(p) >= PROFILE_NEARLY_ALL)
		return suggest(looks_like, "drop", NULL, stands_out);
	if (valid == 1)
		return suggest(looks_like, role, system, psprintf("all known values are codes; %s", why));
	return suggest(looks_like, role, system,
				   psprintf("%.1f %% of the known values are codes, look at the others before a release; %s",
							Min(floor(valid * 1000) / 10, 99.9), why));
}

/* The code system that the values belong to, or false. */
static bool
recognize_codes(const ColumnProfile *p, Concept concept, Suggestion *s)
{
	bool		icd10;
	bool		topography;

	if (p->kind != KIND_TEXT && p->kind != KIND_INTEGER)
		return false;

	/* ages are told by their name only, unless they are written as groups */
	if (profile_holds_codes(p, "age_groups", false))
	{
		*s = suggest_codes(p, "age_groups", "age group", "quasi", "age is known to many");
		return true;
	}
	if (p->kind == KIND_TEXT || concept == CONCEPT_DISTRICT)
		if (profile_holds_codes(p, "ags", concept == CONCEPT_DISTRICT))
		{
			*s = suggest_codes(p, "ags", "municipality key", "quasi", "where somebody lives is known to many");
			return true;
		}
	if (profile_holds_codes(p, "icdo_morphology", concept == CONCEPT_MORPHOLOGY))
	{
		*s = suggest_codes(p, "icdo_morphology", "ICD-O-3 morphology", "sensitive", must_differ);
		return true;
	}
	if (p->kind != KIND_TEXT)
		return false;

	icd10 = profile_holds_codes(p, "icd10", concept == CONCEPT_ICD10);
	topography = profile_holds_codes(p, "icdo_topography", concept == CONCEPT_TOPOGRAPHY);
	if (icd10 && topography)
	{
		/* codes of solid tumours are the same in both: the name decides, then the others */
		if (concept == CONCEPT_TOPOGRAPHY ||
			(concept != CONCEPT_ICD10 &&
			 profile_code_share(p, "icdo_topography") > profile_code_share(p, "icd10")))
			icd10 = false;
	}
	if (icd10)
		*s = suggest_codes(p, "icd10", "ICD-10 code", "sensitive",
						   topography && concept != CONCEPT_ICD10 ?
						   "they could also be sites of ICD-O-3, then take icdo_topography" :
						   "the diagnosis must differ within every group");
	else if (topography)
		*s = suggest_codes(p, "icdo_topography", "ICD-O-3 topography", "sensitive", must_differ);
	else if (profile_holds_codes(p, "uicc", concept == CONCEPT_UICC))
		*s = suggest_codes(p, "uicc", "UICC stage", "sensitive", must_differ);
	else if (concept != CONCEPT_CLINICAL && profile_holds_codes(p, "tnm", concept == CONCEPT_TNM))
		*s = suggest_codes(p, "tnm", "TNM category", "sensitive", must_differ);
	else
		return false;
	return true;
}

/* Values that are released as they are, and what to do about the odd ones among them. */
static Suggestion
suggest_released(const ColumnProfile *p, const char *looks_like, const char *role,
				 const char *hierarchy, const char *reason)
{
	for (int i = 0; i < p->nvalues; i++)
		if (p->values[i].count == 1)
			return suggest(looks_like, role, hierarchy,
						   psprintf("%s; look at the values of single rows before a release", reason));
	return suggest(looks_like, role, hierarchy, reason);
}

/* A clinical finding that is no code of a system. */
static Suggestion
suggest_finding(const ColumnProfile *p, const char *hierarchy)
{
	if (profile_commonest_share(p) >= PROFILE_NEARLY_ALL)
		return suggest("clinical finding", "drop", NULL, stands_out);
	return suggest_released(p, "clinical finding", "sensitive", hierarchy, must_differ);
}

/* Whether somebody lives. */
static Suggestion
suggest_vital_status(const ColumnProfile *p)
{
	return suggest_released(p, "vital status", "keep", NULL,
							"few different values, and the outcome that is studied");
}

/* A date, as a date or as a text. */
static Suggestion
suggest_date(const ColumnProfile *p, Concept concept, double years)
{
	const char *hierarchy = profile_calendar(p, years);
	const char *span = years <= 1 ? "the dates lie within a year" :
		psprintf("the dates span %.0f years", ceil(years));

	switch (concept)
	{
		case CONCEPT_BIRTH_DATE:
			return suggest("date of birth", "quasi", hierarchy,
						   psprintf("a birthday is known to many and %s", span));
		case CONCEPT_DIAGNOSIS_DATE:
			return suggest("date of diagnosis", "quasi", hierarchy,
						   psprintf("friends and employers know when somebody fell ill and %s", span));
		case CONCEPT_DEATH_DATE:
			return suggest("date of death", "quasi", hierarchy,
						   psprintf("deaths are announced in public and %s", span));
		default:
			if (p->kind == KIND_TIMESTAMP)
				return suggest("date and time", "drop", NULL,
							   "a moment singles out, and the name does not say which it is");
			return suggest("date", "quasi", hierarchy,
						   psprintf("a day in somebody's life may be known to others and %s", span));
	}
}

/* A column of numbers. */
static Suggestion
suggest_number(const ColumnProfile *p, Concept concept)
{
	bool		whole = p->kind == KIND_INTEGER;
	const char *widths;

	if (p->low > p->high)
		return suggest("number", "drop", NULL, "no value is a finite number");
	widths = profile_bins(p);

	if (concept == CONCEPT_AGE && p->low >= 0 && p->high <= 130)
		return suggest("age", "quasi", "bins(5, 10, 20)", "age is known to many");
	if ((concept == CONCEPT_YEAR || concept == CONCEPT_BIRTH_DATE ||
		 concept == CONCEPT_DIAGNOSIS_DATE || concept == CONCEPT_DEATH_DATE) &&
		whole && p->low >= 1800 && p->high <= 2200)
		return suggest("year", "quasi", "bins(5, 10)", "years of birth, illness and death are known to many");
	if (concept == CONCEPT_POSTCODE && whole)
		return suggest("postcode", "quasi", "prefix(3, 2, 1)",
					   "where somebody lives is known to many; stored as a number it may have lost leading zeros");
	if (concept == CONCEPT_VITAL_STATUS && profile_categories(p, 5))
		return suggest_vital_status(p);
	if (concept == CONCEPT_SURVIVAL && !profile_mostly_unique(p))
		return suggest("survival time", "keep", NULL,
					   "a length of time without its dates, and the outcome that is studied; "
					   "with an exact date of diagnosis it would tell the date of death");
	if (concept == CONCEPT_DURATION || concept == CONCEPT_SURVIVAL)
		return suggest("duration", "quasi", widths,
					   "with one date known it tells the other");
	if (concept == CONCEPT_CLINICAL)
		return suggest_finding(p, profile_categories(p, FEW_NUMBERS) ? "flat" : widths);
	if (whole && p->distinct >= 0.95 * profile_present(p) && profile_present(p) >= 20)
		return suggest("key", "identifier", NULL, "nearly every row has a number of its own");
	if (concept == CONCEPT_SEX && p->distinct <= 10)
		return suggest("sex", "quasi", "flat", "sex is known to many");
	if (profile_categories(p, FEW_NUMBERS) && whole)
		return suggest(concept == CONCEPT_SOCIAL ? "circumstances of life" : "category", "quasi", "flat",
					   "few different numbers, perhaps codes, which others may know");
	return suggest(concept == CONCEPT_SOCIAL ? "circumstances of life" : "number", "quasi", widths,
				   "a number that others may know");
}

/* A column of text that is no code. */
static Suggestion
suggest_text(const ColumnProfile *p, Concept concept)
{
	double		average = (double) p->bytes / profile_present(p);

	if (concept == CONCEPT_AGE && profile_holds_codes(p, "age_groups", true))
		return suggest_codes(p, "age_groups", "age", "quasi", "age is known to many");
	if (profile_date_share(p, PROFILE_ISO_DATE) >= PROFILE_NEARLY_ALL)
		return suggest_date(p, concept, profile_years(p));
	if (profile_date_share(p, PROFILE_GERMAN_DATE) >= PROFILE_NEARLY_ALL)
		return suggest("date", "drop", NULL,
					   "dates with dots have no hierarchy, make it a column of type date");

	/* what every row has its own of, and what is written in sentences */
	if (average > SENTENCE_BYTES || (p->longest > 2 * SENTENCE_BYTES && !profile_categories(p, FEW_CATEGORIES)))
		return suggest("free text", "drop", NULL, "long texts may name anybody");
	if (concept == CONCEPT_POSTCODE && average >= 3 && average <= 10)
		return suggest("postcode", "quasi", "prefix(3, 2, 1)", "where somebody lives is known to many");
	if (profile_mostly_unique(p))
		return suggest("identifier", "identifier", NULL, "most rows have a text of their own, which could name somebody");

	if (concept == CONCEPT_SEX && profile_categories(p, 10))
		return suggest("sex", "quasi", "flat", "sex is known to many");
	if (concept == CONCEPT_VITAL_STATUS && profile_categories(p, 5))
		return suggest_vital_status(p);
	if ((concept == CONCEPT_DISTRICT || concept == CONCEPT_STATE) && profile_categories(p, MANY_CATEGORIES))
		return suggest("place", "quasi", "flat", "where somebody lives is known to many");
	if (concept == CONCEPT_SOCIAL && profile_categories(p, MANY_CATEGORIES))
		return suggest("circumstances of life", "quasi", "flat", "neighbours and colleagues know it");
	if (concept == CONCEPT_CLINICAL && profile_categories(p, FEW_CATEGORIES))
		return suggest_finding(p, "flat");
	if (profile_number_share(p) >= PROFILE_NEARLY_ALL && !profile_categories(p, FEW_CATEGORIES))
		return suggest("number", "drop", NULL,
					   "numbers stored as text have no hierarchy, make it a column of a numeric type");
	if (profile_categories(p, FEW_CATEGORIES))
		return suggest("category", "quasi", "flat", "few different values that others may know");
	return suggest("text", "drop", NULL, "many different texts and no hierarchy known for them");
}

/* What a column is told by its name alone, whatever it holds; or false. */
static bool
suggest_by_name(const ColumnProfile *p, Concept concept, bool *person_found, Suggestion *s)
{
	bool		may_be_key = p->kind == KIND_TEXT || p->kind == KIND_INTEGER ||
		p->kind == KIND_UUID || p->type == NUMERICOID;

	switch (concept)
	{
		case CONCEPT_IDENTIFIER:
			*s = suggest("direct identifier", "identifier", NULL, "its name says that it tells who somebody is");
			return true;
		case CONCEPT_FREE_TEXT:
			*s = suggest("free text", "drop", NULL, "its name says that it holds texts, which may name anybody");
			return true;
		case CONCEPT_TECHNICAL:
			*s = suggest("technical", "drop", NULL, "its name says that it describes the record or another column");
			return true;
		case CONCEPT_PERSON:
			if (!may_be_key)
				return false;
			if (*person_found)
				*s = suggest("key", "identifier", NULL, "its name speaks of persons, who have a column before it");
			else
				*s = suggest("person", "person", NULL,
							 "its name says whose row it is; never released, but groups are counted in persons");
			*person_found = true;
			return true;
		case CONCEPT_KEY:
			/* a short list of hospitals is no key of a row */
			if (!may_be_key || (profile_present(p) > 0 && profile_categories(p, FEW_NUMBERS)))
				return false;
			*s = suggest("key", "identifier", NULL, "its name is that of a key, which leads to other tables");
			return true;
		default:
			return false;
	}
}

/* The role of a column. */
static Suggestion
suggest_column(const ColumnProfile *p, bool *person_found)
{
	Concept		concept = concept_of_name(p->name);
	Suggestion	s;

	if (suggest_by_name(p, concept, person_found, &s))
		return s;
	if (!p->readable)
		return suggest("unknown", "drop", NULL, "you have no privilege to read it");
	if (p->kind == KIND_OTHER)
		return suggest("unknown", "drop", NULL,
					   psprintf("values of type %s cannot be generalized", format_type_be(p->type)));
	if (profile_present(p) == 0)
		return suggest("nothing", "drop", NULL, "there is no value to judge by");
	if (p->kind == KIND_UUID)
		return suggest("key", "identifier", NULL, "values of type uuid are made to identify");
	if (p->distinct == 1 && p->nulls == 0)
		return suggest("constant", "drop", NULL, "the same value in every row says nothing");
	if (recognize_codes(p, concept, &s))
		return s;

	switch (p->kind)
	{
		case KIND_DATE:
		case KIND_TIMESTAMP:
			if (p->low > p->high)
				return suggest("date", "drop", NULL, "no value is a finite date");
			return suggest_date(p, concept, (p->high - p->low + 1) / 365.25);
		case KIND_INTEGER:
		case KIND_NUMBER:
			return suggest_number(p, concept);
		case KIND_BOOL:
			if (concept == CONCEPT_VITAL_STATUS)
				return suggest_vital_status(p);
			if (concept == CONCEPT_CLINICAL)
				return suggest_finding(p, "flat");
			return suggest("yes or no", "quasi", "flat", "a fact that others may know");
		default:
			return suggest_text(p, concept);
	}
}

/*
 * Leave out what another column tells as well and finer: each level that both
 * would keep costs the groups twice.  Which columns say the same is judged by
 * what they look like.
 */
static void
leave_out_repetitions(int n, const ColumnProfile *profiles, Suggestion *suggestions)
{
	static const struct
	{
		const char *coarse;
		Concept		concept;	/* of the coarse column's name, or CONCEPT_NONE for any */
		const char *fine;
	}			repetitions[] = {
		{"age group", CONCEPT_NONE, "age"},
		{"place", CONCEPT_STATE, "municipality key"},
		{"year", CONCEPT_YEAR, "date of diagnosis"},
		{"year", CONCEPT_BIRTH_DATE, "date of birth"},
		{"year", CONCEPT_DEATH_DATE, "date of death"},
	};

	for (int i = 0; i < n; i++)
		for (int r = 0; r < lengthof(repetitions); r++)
			for (int j = 0; j < n; j++)
				if (strcmp(suggestions[i].looks_like, repetitions[r].coarse) == 0 &&
					strcmp(suggestions[j].looks_like, repetitions[r].fine) == 0 &&
					strcmp(suggestions[i].role, "quasi") == 0 &&
					strcmp(suggestions[j].role, "quasi") == 0 &&
					(repetitions[r].concept == CONCEPT_NONE ||
					 repetitions[r].concept == concept_of_name(profiles[i].name)))
					suggestions[i] = suggest(repetitions[r].coarse, "drop", NULL,
											 psprintf("\"%s\" seems to say the same and finer, one of the two is enough",
													  profiles[j].name));
}

/* The whole sentence: why, and what was looked at. */
static char *
reason_of(const ColumnProfile *p, const Suggestion *s)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, s->reason);
	text.data[0] = pg_toupper((unsigned char) text.data[0]);
	if (!p->readable || p->kind == KIND_OTHER)
	{
		appendStringInfoString(&text, "; its values were not read.");
		return text.data;
	}
	appendStringInfo(&text, " (" INT64_FORMAT " rows read", p->rows);
	if (p->nulls > 0)
		appendStringInfo(&text, ", " INT64_FORMAT " without a value", p->nulls);
	appendStringInfo(&text, ", %s" INT64_FORMAT " different value%s).", p->complete ? "" : "about ",
					 p->distinct, p->distinct == 1 ? "" : "s");
	return text.data;
}

/* kiaim.suggest(regclass): a row a column. */
Datum
kiaim_suggest(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	ReturnSetInfo *rsinfo = srf_begin(fcinfo);
	ColumnProfile *profiles;
	Suggestion *suggestions;
	int			n;
	bool		person_found = false;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	profiles = profile_read(relid, &n);
	suggestions = palloc(sizeof(Suggestion) * Max(n, 1));
	for (int i = 0; i < n; i++)
		suggestions[i] = suggest_column(&profiles[i], &person_found);
	leave_out_repetitions(n, profiles, suggestions);

	for (int i = 0; i < n; i++)
	{
		const Suggestion *s = &suggestions[i];
		NameData	name;
		Datum		values[5];
		bool		nulls[5] = {false};

		namestrcpy(&name, profiles[i].name);
		values[0] = NameGetDatum(&name);
		values[1] = CStringGetTextDatum(s->looks_like);
		values[2] = CStringGetTextDatum(s->role);
		nulls[3] = s->hierarchy == NULL;
		values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(s->hierarchy);
		values[4] = CStringGetTextDatum(reason_of(&profiles[i], s));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "could not finish SPI");
	return (Datum) 0;
}
