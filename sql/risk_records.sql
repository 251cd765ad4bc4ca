-- risk, by record: what somebody who knows the quasi-identifiers of one record can find.

CREATE FUNCTION kiaim.individual_risk(f bigint, p float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'kiaim_individual_risk'
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    COST 10;
COMMENT ON FUNCTION kiaim.individual_risk(bigint, float8) IS
    'Benedetti and Franconi''s individual risk: the expectation of 1 / F, where F persons of the population share the values of f persons of a sample with sampling fraction p';
