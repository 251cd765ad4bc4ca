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

CREATE FUNCTION kiaim.record_uniqueness(source regclass, quasi text[], population bigint, id text DEFAULT NULL, person text DEFAULT NULL,
                                        wildcard boolean DEFAULT false)
    RETURNS TABLE (id text, class_size bigint, uniqueness float8, correctness float8, population_unique float8, reidentified float8)
    AS 'MODULE_PATHNAME', 'kiaim_record_uniqueness'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 100000 COST 1000000;
COMMENT ON FUNCTION kiaim.record_uniqueness(regclass, text[], bigint, text, text, boolean) IS
    'for each record, how likely nobody else in a population has the same quasi-identifiers, and how likely somebody is right who names a person for it, from a log-linear density';
