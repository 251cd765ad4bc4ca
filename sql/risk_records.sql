-- risk, by record: what somebody who knows the quasi-identifiers of one record can find.

CREATE FUNCTION kiaim.individual_risk(f bigint, p float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'kiaim_individual_risk'
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    COST 10;
COMMENT ON FUNCTION kiaim.individual_risk(bigint, float8) IS
    'Benedetti and Franconi''s individual risk: the expectation of 1 / F, where F persons of the population share the values of f persons of a sample with sampling fraction p';

CREATE FUNCTION kiaim.record_risk(source regclass, quasi text[], id text DEFAULT NULL, person text DEFAULT NULL, weight text DEFAULT NULL,
                                  household text DEFAULT NULL, population bigint DEFAULT NULL, population_table regclass DEFAULT NULL,
                                  population_margins regclass[] DEFAULT NULL, population_count text DEFAULT NULL,
                                  max_columns int DEFAULT 3, weighting text DEFAULT 'original', wildcard boolean DEFAULT false)
    RETURNS TABLE (id text, class_size bigint, prosecutor float8, journalist float8, individual float8, household float8,
                   suda_score float8, dis_suda float8, contributions jsonb, population_size float8)
    AS 'MODULE_PATHNAME', 'kiaim_record_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 100000 COST 1000000;
COMMENT ON FUNCTION kiaim.record_risk(regclass, text[], text, text, text, text, bigint, regclass, regclass[], text, int, text, boolean) IS
    'the risk that each record of a relation is re-identified, alone and with its household, and which few columns single it out';
