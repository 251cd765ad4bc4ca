-- risk: what an attacker who knows quasi-identifiers can find.

CREATE FUNCTION kiaim.risk(source regclass, quasi text[], person text DEFAULT NULL, threshold float8 DEFAULT 0.09,
                           population bigint DEFAULT NULL, population_table regclass DEFAULT NULL, population_margins regclass[] DEFAULT NULL,
                           population_count text DEFAULT NULL, wildcard boolean DEFAULT false)
    RETURNS TABLE (metric text, value float8)
    AS 'MODULE_PATHNAME', 'kiaim_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 40 COST 1000000;
COMMENT ON FUNCTION kiaim.risk(regclass, text[], text, float8, bigint, regclass, regclass[], text, boolean) IS
    'the risk that records of a relation are re-identified by somebody who knows the quasi-identifiers; class sizes count persons where a person column is named';

CREATE FUNCTION kiaim.risk_without(source regclass, quasi text[], person text DEFAULT NULL, threshold float8 DEFAULT 0.09,
                                   population bigint DEFAULT NULL, population_table regclass DEFAULT NULL, population_margins regclass[] DEFAULT NULL,
                                   population_count text DEFAULT NULL, wildcard boolean DEFAULT false)
    RETURNS TABLE (dropped text, metric text, value float8)
    AS 'MODULE_PATHNAME', 'kiaim_risk_without'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 300 COST 1000000;
COMMENT ON FUNCTION kiaim.risk_without(regclass, text[], text, float8, bigint, regclass, regclass[], text, boolean) IS
    'what kiaim.risk would say after dropping each quasi-identifier; dropped is NULL for none';

CREATE FUNCTION kiaim.class_sizes(source regclass, quasi text[], person text DEFAULT NULL, wildcard boolean DEFAULT false)
    RETURNS TABLE (size bigint, classes bigint, records bigint, share float8, cumulative float8)
    AS 'MODULE_PATHNAME', 'kiaim_class_sizes'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 100 COST 1000000;
COMMENT ON FUNCTION kiaim.class_sizes(regclass, text[], text, boolean) IS
    'how many classes of equal quasi-identifiers there are of each size, and how many records they hold';

CREATE FUNCTION kiaim.risk_distribution(source regclass, quasi text[], person text DEFAULT NULL, wildcard boolean DEFAULT false)
    RETURNS TABLE (lower float8, upper float8, records bigint, share float8, cumulative float8)
    AS 'MODULE_PATHNAME', 'kiaim_risk_distribution'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 24 COST 1000000;
COMMENT ON FUNCTION kiaim.risk_distribution(regclass, text[], text, boolean) IS
    'how many records have a risk above lower and at most upper, for somebody who knows who is in the relation';
