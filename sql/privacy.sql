-- privacy: what must hold in an equivalence class, as aggregates.
-- Their state is the distinct tuples of their arguments and how often each occurs.

CREATE FUNCTION kiaim.check_transition(internal, VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, "any") IS 'counts a tuple of values';

CREATE FUNCTION kiaim.check_transition(internal, "any", VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, "any", "any") IS 'counts a tuple of a value and quasi-identifiers';

CREATE FUNCTION kiaim.check_transition(internal, int, "any", VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, int, "any", "any") IS 'counts a tuple of a parameter, a value and quasi-identifiers';

CREATE FUNCTION kiaim.check_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_combine';
COMMENT ON FUNCTION kiaim.check_combine(internal, internal) IS 'adds the tuples of one state to another';

CREATE FUNCTION kiaim.check_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_serialize';
COMMENT ON FUNCTION kiaim.check_serialize(internal) IS 'the bytes of a state';

CREATE FUNCTION kiaim.check_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_deserialize';
COMMENT ON FUNCTION kiaim.check_deserialize(bytea, internal) IS 'the state of bytes';

CREATE FUNCTION kiaim.check_transition(internal, kiaim.hierarchy, "any", VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_hierarchy_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, kiaim.hierarchy, "any", "any") IS 'counts a tuple of a hierarchy, a value and quasi-identifiers';

CREATE FUNCTION kiaim.k_anonymity_final(internal) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_k_anonymity';
COMMENT ON FUNCTION kiaim.k_anonymity_final(internal) IS 'the size of the smallest class of rows equal in all arguments';

CREATE AGGREGATE kiaim.k_anonymity(VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.k_anonymity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.k_anonymity("any") IS
    'k-anonymity: the size of the smallest class of rows that are equal in all arguments (NULL is a value); NULL over no rows';

CREATE FUNCTION kiaim.wildcard_k_anonymity_final(internal) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_wildcard_k_anonymity';
COMMENT ON FUNCTION kiaim.wildcard_k_anonymity_final(internal) IS 'the fewest rows that a row matches where NULL matches everything';

CREATE AGGREGATE kiaim.wildcard_k_anonymity(VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.wildcard_k_anonymity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.wildcard_k_anonymity("any") IS
    'the fewest rows that a row matches, itself included, where NULL matches everything: rows match that differ in no argument in which neither is NULL; NULL over no rows';

CREATE FUNCTION kiaim.uniqueness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_uniqueness';
COMMENT ON FUNCTION kiaim.uniqueness_final(internal) IS 'the share of rows alone in their class';

CREATE AGGREGATE kiaim.uniqueness(VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.uniqueness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.uniqueness("any") IS
    'the share of rows that no other row equals in all arguments, 0 .. 1; NULL over no rows';

CREATE FUNCTION kiaim.check_transition(internal, text, bigint, VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, text, bigint, "any") IS 'counts a tuple of two parameters and quasi-identifiers';

CREATE FUNCTION kiaim.population_uniqueness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_population_uniqueness';
COMMENT ON FUNCTION kiaim.population_uniqueness_final(internal) IS 'the estimated share of a population that is unique in it';

CREATE AGGREGATE kiaim.population_uniqueness(model text, population bigint, VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.population_uniqueness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.population_uniqueness(text, bigint, "any") IS
    'the share of a population, of which the rows are a sample, that is estimated to be unique in it (model dankar, pitman, zayatz or snb); NULL over no rows, and where the model has no estimate';

CREATE FUNCTION kiaim.persons_k_anonymity_final(internal) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distinct_per_class';
COMMENT ON FUNCTION kiaim.persons_k_anonymity_final(internal) IS 'the fewest distinct persons of a class';

CREATE AGGREGATE kiaim.persons_k_anonymity(person "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.persons_k_anonymity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.persons_k_anonymity("any", "any") IS
    'k-anonymity in persons: the fewest distinct values of person in a class of rows equal in the other arguments; NULL is one person';

CREATE FUNCTION kiaim.l_diversity_final(internal) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distinct_per_class';
COMMENT ON FUNCTION kiaim.l_diversity_final(internal) IS 'the fewest distinct sensitive values of a class';

CREATE AGGREGATE kiaim.l_diversity(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.l_diversity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.l_diversity("any", "any") IS
    'distinct l-diversity: the fewest distinct values of sensitive in a class of rows equal in the other arguments (NULL is a value)';

CREATE FUNCTION kiaim.entropy_l_diversity_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_entropy_l_diversity';
COMMENT ON FUNCTION kiaim.entropy_l_diversity_final(internal) IS 'exp of the smallest entropy of a class';

CREATE AGGREGATE kiaim.entropy_l_diversity(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.entropy_l_diversity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.entropy_l_diversity("any", "any") IS
    'entropy l-diversity: exp of the smallest entropy of sensitive in a class of rows equal in the other arguments';

CREATE FUNCTION kiaim.recursive_diversity_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_recursive_diversity';
COMMENT ON FUNCTION kiaim.recursive_diversity_final(internal) IS 'the largest r1 / (rl + ... + rm) of a class';

CREATE AGGREGATE kiaim.recursive_diversity(l int, sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.recursive_diversity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.recursive_diversity(int, "any", "any") IS
    'recursive diversity: the largest r1 / (rl + ... + rm) of a class, r being its sorted counts of sensitive; recursive (c,l)-diversity holds for every c above it; infinity where a class has fewer than l values';

CREATE FUNCTION kiaim.t_closeness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_t_closeness';
COMMENT ON FUNCTION kiaim.t_closeness_final(internal) IS 'the largest equal distance of a class to the table';

CREATE AGGREGATE kiaim.t_closeness(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.t_closeness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.t_closeness("any", "any") IS
    't-closeness: the largest distance, 0 .. 1, between the distribution of sensitive in a class and in all rows, all values being equally far from each other';

CREATE FUNCTION kiaim.ordered_t_closeness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_ordered_t_closeness';
COMMENT ON FUNCTION kiaim.ordered_t_closeness_final(internal) IS 'the largest ordered distance of a class to the table';

CREATE AGGREGATE kiaim.ordered_t_closeness(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.ordered_t_closeness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.ordered_t_closeness("any", "any") IS
    't-closeness of ordered values: as t_closeness, but values are as far apart as there are values between them; NULL comes last';

CREATE FUNCTION kiaim.hierarchical_t_closeness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_hierarchical_t_closeness';
COMMENT ON FUNCTION kiaim.hierarchical_t_closeness_final(internal) IS 'the largest hierarchical distance of a class to the table';

CREATE AGGREGATE kiaim.hierarchical_t_closeness(hierarchy kiaim.hierarchy, sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.hierarchical_t_closeness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.hierarchical_t_closeness(kiaim.hierarchy, "any", "any") IS
    't-closeness of values in a hierarchy: as t_closeness, but values are as far apart as the level is high on which they become equal';


CREATE FUNCTION kiaim.grassberger_l_diversity_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_grassberger_l_diversity';
COMMENT ON FUNCTION kiaim.grassberger_l_diversity_final(internal) IS 'exp of the smallest entropy of a class, by the estimator of Grassberger';

CREATE AGGREGATE kiaim.grassberger_l_diversity(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.grassberger_l_diversity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.grassberger_l_diversity("any", "any") IS
    'entropy l-diversity by the estimator of Grassberger: exp of the smallest entropy of what the values of sensitive in a class are a sample of; small classes look diverse';

CREATE FUNCTION kiaim.beta_likeness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_beta_likeness';
COMMENT ON FUNCTION kiaim.beta_likeness_final(internal) IS 'the largest relative gain of a value in a class';

CREATE AGGREGATE kiaim.beta_likeness(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.beta_likeness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.beta_likeness("any", "any") IS
    'beta-likeness: the largest (p - q) / q of a value of sensitive, p being its share in a class of rows equal in the other arguments and q its share in all rows; 0 if no value gains';

CREATE FUNCTION kiaim.enhanced_beta_likeness_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_enhanced_beta_likeness';
COMMENT ON FUNCTION kiaim.enhanced_beta_likeness_final(internal) IS 'the largest relative gain of a value in a class, unless one is beyond its own limit';

CREATE AGGREGATE kiaim.enhanced_beta_likeness(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.enhanced_beta_likeness_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.enhanced_beta_likeness("any", "any") IS
    'enhanced beta-likeness: as beta_likeness, but infinity where a value gains more than -ln of its share in all rows';

CREATE FUNCTION kiaim.delta_disclosure_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_delta_disclosure';
COMMENT ON FUNCTION kiaim.delta_disclosure_final(internal) IS 'the largest |log2(p / q)| of a value in a class';

CREATE AGGREGATE kiaim.delta_disclosure(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.delta_disclosure_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.delta_disclosure("any", "any") IS
    'delta-disclosure privacy: the largest |log2(p / q)| of a value of sensitive, p being its share in a class of rows equal in the other arguments and q its share in all rows; it holds for every delta above; infinity where a class lacks a value';

CREATE FUNCTION kiaim.alpha_anonymity_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_alpha_anonymity';
COMMENT ON FUNCTION kiaim.alpha_anonymity_final(internal) IS 'the largest share of one value in a class';

CREATE AGGREGATE kiaim.alpha_anonymity(sensitive "any", VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.alpha_anonymity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.alpha_anonymity("any", "any") IS
    '(alpha,k)-anonymity: the largest share that one value of sensitive has of a class of rows equal in the other arguments';

-- A class against the distribution of a whole table: for windows over the classes, where the table is a subquery that runs once.

CREATE TYPE kiaim.distribution;

CREATE FUNCTION kiaim.distribution_in(cstring) RETURNS kiaim.distribution
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distribution_in';
COMMENT ON FUNCTION kiaim.distribution_in(cstring) IS 'refuses: distributions are made by kiaim.distribution_of';

CREATE FUNCTION kiaim.distribution_out(kiaim.distribution) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distribution_out';
COMMENT ON FUNCTION kiaim.distribution_out(kiaim.distribution) IS 'how many values and rows a distribution has';

CREATE TYPE kiaim.distribution (
    INPUT = kiaim.distribution_in, OUTPUT = kiaim.distribution_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
COMMENT ON TYPE kiaim.distribution IS 'the values of a column of a whole table and how often each occurs; made where it is needed, not to be stored';

CREATE FUNCTION kiaim.distribution_final(internal) RETURNS kiaim.distribution
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distribution_final';
COMMENT ON FUNCTION kiaim.distribution_final(internal) IS 'the distribution of what was counted';

CREATE FUNCTION kiaim.distribution_transition(internal, "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.distribution_transition(internal, "any") IS 'counts a value';

CREATE AGGREGATE kiaim.distribution_of(value "any") (
    SFUNC = kiaim.distribution_transition, STYPE = internal, SSPACE = 1024, FINALFUNC = kiaim.distribution_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.distribution_of("any") IS
    'the distribution of value, to compare classes with: the second argument of kiaim.t_closeness_to and its like is compared with it';

CREATE FUNCTION kiaim.distance_transition(internal, kiaim.distribution, "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distance_transition';
COMMENT ON FUNCTION kiaim.distance_transition(internal, kiaim.distribution, "any") IS 'counts a value of a class';

CREATE FUNCTION kiaim.distance_transition(internal, kiaim.distribution, kiaim.hierarchy, "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_distance_hierarchy_transition';
COMMENT ON FUNCTION kiaim.distance_transition(internal, kiaim.distribution, kiaim.hierarchy, "any") IS 'counts a value of a class, with its place in a hierarchy';

CREATE FUNCTION kiaim.t_closeness_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_t_closeness_to';
COMMENT ON FUNCTION kiaim.t_closeness_to_final(internal) IS 'what t_closeness_to finds';

CREATE AGGREGATE kiaim.t_closeness_to(distribution kiaim.distribution, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.t_closeness_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.t_closeness_to(kiaim.distribution, "any") IS
    'the distance, 0 .. 1, between the distribution of value in these rows and the given one, all values being equally far from each other';

CREATE FUNCTION kiaim.ordered_t_closeness_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_ordered_t_closeness_to';
COMMENT ON FUNCTION kiaim.ordered_t_closeness_to_final(internal) IS 'what ordered_t_closeness_to finds';

CREATE AGGREGATE kiaim.ordered_t_closeness_to(distribution kiaim.distribution, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.ordered_t_closeness_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.ordered_t_closeness_to(kiaim.distribution, "any") IS
    'the distance between the distribution of value in these rows and the given one, values being as far apart as there are values between them';

CREATE FUNCTION kiaim.hierarchical_t_closeness_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_hierarchical_t_closeness_to';
COMMENT ON FUNCTION kiaim.hierarchical_t_closeness_to_final(internal) IS 'what hierarchical_t_closeness_to finds';

CREATE AGGREGATE kiaim.hierarchical_t_closeness_to(distribution kiaim.distribution, hierarchy kiaim.hierarchy, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.hierarchical_t_closeness_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.hierarchical_t_closeness_to(kiaim.distribution, kiaim.hierarchy, "any") IS
    'the distance between the distribution of value in these rows and the given one, values being as far apart as the level is high on which they become equal';

CREATE FUNCTION kiaim.beta_likeness_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_beta_likeness_to';
COMMENT ON FUNCTION kiaim.beta_likeness_to_final(internal) IS 'what beta_likeness_to finds';

CREATE AGGREGATE kiaim.beta_likeness_to(distribution kiaim.distribution, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.beta_likeness_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.beta_likeness_to(kiaim.distribution, "any") IS
    'the largest relative gain (p - q) / q of a value, p being its share in these rows and q in the given distribution';

CREATE FUNCTION kiaim.enhanced_beta_likeness_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_enhanced_beta_likeness_to';
COMMENT ON FUNCTION kiaim.enhanced_beta_likeness_to_final(internal) IS 'what enhanced_beta_likeness_to finds';

CREATE AGGREGATE kiaim.enhanced_beta_likeness_to(distribution kiaim.distribution, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.enhanced_beta_likeness_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.enhanced_beta_likeness_to(kiaim.distribution, "any") IS
    'the same as beta_likeness_to, but infinity where a value gains more than -ln of its share in the given distribution';

CREATE FUNCTION kiaim.delta_disclosure_to_final(internal) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_delta_disclosure_to';
COMMENT ON FUNCTION kiaim.delta_disclosure_to_final(internal) IS 'what delta_disclosure_to finds';

CREATE AGGREGATE kiaim.delta_disclosure_to(distribution kiaim.distribution, value "any") (
    SFUNC = kiaim.distance_transition, STYPE = internal, SSPACE = 256, FINALFUNC = kiaim.delta_disclosure_to_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.delta_disclosure_to(kiaim.distribution, "any") IS
    'the largest |log2(p / q)| of a value, p being its share in these rows and q in the given distribution; infinity where these rows lack a value';
