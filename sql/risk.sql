-- risk: what an attacker who knows quasi-identifiers can find.

CREATE FUNCTION kiaim.risk(source regclass, quasi text[], person text DEFAULT NULL, threshold float8 DEFAULT 0.09,
                           population bigint DEFAULT NULL, population_table regclass DEFAULT NULL)
    RETURNS TABLE (metric text, value float8)
    AS 'MODULE_PATHNAME', 'kiaim_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 9 COST 1000000;
COMMENT ON FUNCTION kiaim.risk(regclass, text[], text, float8, bigint, regclass) IS
    'the risk that records of a relation are re-identified by somebody who knows the quasi-identifiers; class sizes count persons where a person column is named';
