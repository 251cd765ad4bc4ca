-- risk, population: how many persons of a population are unique in it, told from a sample.

CREATE FUNCTION kiaim.population_risk(source regclass, quasi text[], population bigint, person text DEFAULT NULL,
                                      confidence float8 DEFAULT 0.95, wildcard boolean DEFAULT false)
    RETURNS TABLE (model text, uniques float8, low float8, high float8, share float8, reidentified float8,
                   converged boolean, reason text, parameters jsonb)
    AS 'MODULE_PATHNAME', 'kiaim_population_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 7 COST 1000000;
COMMENT ON FUNCTION kiaim.population_risk(regclass, text[], bigint, text, float8, boolean) IS
    'how many persons of a population, of which the relation is a sample, are unique in the quasi-identifiers, estimated by each model; NULL with the reason where a model cannot tell';
