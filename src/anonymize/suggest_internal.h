/*-------------------------------------------------------------------------
 *
 * suggest_internal.h
 *		What the files of kiaim.suggest share: what was seen in a column, what
 *		its name says, and what is proposed for it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SUGGEST_INTERNAL_H
#define KIAIM_SUGGEST_INTERNAL_H

#include "postgres.h"

/* ---- suggest_profile.c: one pass over a relation ---- */

/* As many distinct values of a column are looked at. */
#define PROFILE_VALUES	2048

/* Longer texts are cut before they are looked at. */
#define PROFILE_TEXT	256

/* How the values of a type are looked at. */
typedef enum ProfileKind
{
	KIND_OTHER,					/* not read: no hierarchy could take it */
	KIND_TEXT,					/* also enumerations */
	KIND_BOOL,
	KIND_INTEGER,
	KIND_NUMBER,				/* with decimals */
	KIND_DATE,
	KIND_TIMESTAMP,
	KIND_UUID
} ProfileKind;

/* A distinct value and the number of its rows. */
typedef struct ProfileValue
{
	char	   *text;			/* as a hierarchy sees it, cut to PROFILE_TEXT bytes */
	int64		count;
} ProfileValue;

/*
 * What was seen in a column.  values are all distinct values if there are at
 * most PROFILE_VALUES, or else a sample of that many, drawn by the hash of the
 * values and so the same on every run.  Their counts are exact either way.
 */
typedef struct ColumnProfile
{
	char	   *name;
	Oid			type;			/* of the values, the base type of a domain */
	ProfileKind kind;
	bool		readable;		/* the caller may read it */
	int64		rows;
	int64		nulls;
	bool		complete;		/* values are all there are */
	int64		distinct;		/* without NULL; an estimate if not complete */
	int			nvalues;
	ProfileValue *values;
	int64		sampled;		/* rows behind values */
	int64		bytes;			/* of all texts */
	int			longest;		/* bytes of the longest text */
	double		low;			/* of finite numbers, and dates as days since 2000-01-01 */
	double		high;			/* low > high if there was none */
} ColumnProfile;

/*
 * Read a relation once, as the caller, and describe its columns in order.
 * The caller has connected to SPI.  Error 42501 if no column may be read.
 */
extern ColumnProfile *profile_read(Oid relid, int *ncolumns);

/* ---- suggest_values.c: what the values of a column say ---- */

/* A share of the known values that stands for all, but for typing errors. */
#define PROFILE_NEARLY_ALL	0.95

/* Texts that are longer on average are sentences. */
#define SENTENCE_BYTES	40

/* Formats of dates, in which 0 is any digit. */
#define PROFILE_ISO_DATE	"0000-00-00"
#define PROFILE_GERMAN_DATE	"00.00.0000"

/* The rows of a column that have a value. */
extern int64 profile_present(const ColumnProfile *p);

/* Rows seem to have a value each. */
extern bool profile_mostly_unique(const ColumnProfile *p);

/* The values are few enough, and short enough, to be categories. */
extern bool profile_categories(const ColumnProfile *p, int64 most);

/*
 * The values are codes of a system: all but a few, and either the name of the
 * column says so or they could hardly be anything else.
 */
extern bool profile_holds_codes(const ColumnProfile *p, const char *system, bool named);

/* Shares of the known values: codes, numbers, dates of a format. */
extern double profile_code_share(const ColumnProfile *p, const char *system);
extern double profile_number_share(const ColumnProfile *p);
extern double profile_date_share(const ColumnProfile *p, const char *format);

/* The share of the rows with the commonest value, NULL being one. */
extern double profile_commonest_share(const ColumnProfile *p);

/* The years from the first to the last of dates in text, written YYYY-MM-DD. */
extern int	profile_years(const ColumnProfile *p);

/* Hierarchies that fit the span of the values. */
extern const char *profile_calendar(const ColumnProfile *p, double years);
extern const char *profile_bins(const ColumnProfile *p);

/* ---- suggest_names.c: what the name of a column says ---- */

typedef enum Concept
{
	CONCEPT_NONE,
	CONCEPT_PERSON,				/* the key of a person */
	CONCEPT_KEY,				/* the key of something else */
	CONCEPT_IDENTIFIER,			/* names, addresses, numbers of a person */
	CONCEPT_FREE_TEXT,
	CONCEPT_TECHNICAL,			/* editions, accuracies, time stamps of processing */
	CONCEPT_SEX,
	CONCEPT_AGE,
	CONCEPT_BIRTH_DATE,
	CONCEPT_DIAGNOSIS_DATE,
	CONCEPT_DEATH_DATE,
	CONCEPT_DATE,
	CONCEPT_YEAR,
	CONCEPT_POSTCODE,
	CONCEPT_DISTRICT,
	CONCEPT_STATE,
	CONCEPT_SOCIAL,				/* occupation, marital status, income, ... */
	CONCEPT_ICD10,
	CONCEPT_TOPOGRAPHY,
	CONCEPT_MORPHOLOGY,
	CONCEPT_TNM,
	CONCEPT_UICC,
	CONCEPT_CLINICAL,			/* grading, laterality, treatment, ... */
	CONCEPT_VITAL_STATUS,
	CONCEPT_SURVIVAL,			/* time to death or the end of follow-up */
	CONCEPT_DURATION
} Concept;

/* The concept that a column's name speaks of, in English or German. */
extern Concept concept_of_name(const char *name);

#endif							/* KIAIM_SUGGEST_INTERNAL_H */
