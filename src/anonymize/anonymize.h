/*-------------------------------------------------------------------------
 *
 * anonymize.h
 *		The room "anonymize": policies, the search for the least
 *		generalization that satisfies one, and checks of a relation against one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_ANONYMIZE_H
#define KIAIM_ANONYMIZE_H

#include "postgres.h"

#include "generalize/generalize.h"
#include "privacy/privacy.h"
#include "privacy/table_model.h"
#include "utils/jsonb.h"

/* How a generalized value is written: policy member "as". */
typedef enum PolicyOutput
{
	OUTPUT_TEXT,
	OUTPUT_RANGE,
	OUTPUT_MIDPOINT,
	OUTPUT_TYPE
} PolicyOutput;

/* What makes one generalization better than another: policy member "quality". */
typedef enum PolicyQuality
{
	QUALITY_LOSS,
	QUALITY_PRECISION,
	QUALITY_ENTROPY,
	QUALITY_NORMALIZED_ENTROPY,
	QUALITY_DISCERNIBILITY,
	QUALITY_AVERAGE_CLASS_SIZE,
	QUALITY_AMBIGUITY,
	QUALITY_KL_DIVERGENCE,
	QUALITY_CLASSIFICATION
} PolicyQuality;

/* How the losses of the columns become one: policy member "aggregate". */
typedef enum PolicyAggregate
{
	AGGREGATE_ARITHMETIC,
	AGGREGATE_GEOMETRIC,
	AGGREGATE_MAXIMUM,
	AGGREGATE_SUM,
	AGGREGATE_RANK				/* the largest first: compared one after the other */
} PolicyAggregate;

/* How values become others: policy member "recoding". */
typedef enum PolicyRecodingMethod
{
	RECODING_FULL_DOMAIN,
	RECODING_LOCAL,
	RECODING_CELLS,
	RECODING_MICROAGGREGATION
} PolicyRecodingMethod;

/* How a local recoding is found: its option "algorithm". */
typedef enum LocalAlgorithm
{
	LOCAL_CLUSTER,
	LOCAL_MONDRIAN,
	LOCAL_ITERATED
} LocalAlgorithm;

/* What a group of values becomes: option "aggregate" of microaggregation. */
typedef enum MicroAggregate
{
	MICRO_MEAN,
	MICRO_MEDIAN,
	MICRO_MODE
} MicroAggregate;

/* The method, and its options; all zero is full-domain recoding. */
typedef struct PolicyRecoding
{
	PolicyRecodingMethod method;
	LocalAlgorithm algorithm;	/* local */
	bool		wildcard;		/* cells: NULL matches everything */
	int			nimportance;	/* cells: the columns to suppress last, the most important first */
	char	  **importance;
	int			naveraged;		/* microaggregation: columns */
	char	  **averaged;
	int64		group;			/* records of a group at least; 0: k */
	MicroAggregate aggregate;
} PolicyRecoding;

/* Which share of the values of a column the release is made from: policy member "sample". */
typedef struct PolicySample
{
	char	   *by;				/* column, or NULL: no sample */
	double		share;			/* 0 < share <= 1 */
	int64		seed;
} PolicySample;

/* Limits of a column that is released as it is, as SQL literals of its type, or NULL. */
typedef struct PolicyLimits
{
	char	   *bottom;
	char	   *top;
} PolicyLimits;

/* A quasi-identifier. */
typedef struct PolicyQuasi
{
	char	   *column;
	Hierarchy  *hierarchy;
	double		weight;			/* > 0, default 1 */
	int			min_level;		/* 0 .. height */
	int			max_level;		/* min_level .. height */
	PolicyOutput output;
} PolicyQuasi;

/* A sensitive column; requirements[i].sensitive is its index in the policy. */
typedef struct PolicySensitive
{
	char	   *column;
	Hierarchy  *hierarchy;		/* of the hierarchical distance, or NULL */
} PolicySensitive;

/* A relation that the source is part of, with the quasi-identifiers under the same names. */
typedef struct PolicyPopulation
{
	Oid			relid;
	const char *path;			/* of the member that names it */
} PolicyPopulation;

/* A policy, validated against a relation. */
typedef struct Policy
{
	char	   *person;			/* or NULL */
	int			nquasi;
	PolicyQuasi *quasi;			/* in the order of the relation's columns */
	int			nsensitive;
	PolicySensitive *sensitive; /* in the order of the relation's columns */
	int			nkeep;
	char	  **keep;
	PolicyLimits *limits;		/* of the columns in keep */
	int			nsuppress;		/* columns released as NULL */
	char	  **suppress;
	int			nidentifier;	/* columns released although they identify, named as such */
	char	  **identifier;
	int			nrequirements;
	Requirement *requirements;	/* k first; Requirement.table is set by the reader of the data */
	int			npopulations;	/* relations that classes are compared with */
	PolicyPopulation *populations;
	int			ntable;			/* requirements on all classes together */
	TableRequirement *table;
	double		suppression;	/* share of records, 0 .. 1 */
	bool		star;			/* suppressed rows are kept with "*" in every quasi-identifier */
	PolicyQuality quality;
	PolicyAggregate aggregate;	/* where the quality has shares of columns */
	bool		aggregate_named;	/* in the policy, that is */
	char	   *target;			/* column of the quality "classification", or NULL */
	int			target_sensitive;	/* the sensitive column that it is, or nsensitive: one more is read */
	int			target_quasi;	/* the quasi-identifier that it is, or -1 */
	PolicyRecoding recoding;
	PolicySample sample;
	double		epsilon;		/* of differential privacy, or 0 */
	double		delta;
} Policy;

/*
 * Parse a policy and validate it against the columns of a relation.  Every
 * error names the member and hints at the nearest valid spelling: 22023 for
 * the grammar, 42703 for a column that does not exist, 0A000 for what the
 * grammar knows and this version cannot do yet.  The caller has connected to SPI.
 */
extern Policy *policy_parse(Jsonb *policy, Oid relid);

/* The word of the grammar for a quality. */
extern const char *policy_quality_word(PolicyQuality quality);

/* The word of the grammar for the recoding of a policy. */
extern const char *policy_recoding_word(const Policy *policy);

#endif							/* KIAIM_ANONYMIZE_H */
