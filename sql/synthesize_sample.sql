-- synthesize_sample.sql
--   Rows drawn from models.

CREATE FUNCTION kiaim.sample_support(internal)
RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'kiaim_sample_support';
COMMENT ON FUNCTION kiaim.sample_support(internal) IS
'tells the planner how many rows kiaim.sample returns';

CREATE FUNCTION kiaim.sample("row" anyelement, model text, n bigint, seed bigint DEFAULT NULL, given jsonb DEFAULT NULL)
RETURNS SETOF anyelement
LANGUAGE c VOLATILE PARALLEL RESTRICTED SUPPORT kiaim.sample_support
AS 'MODULE_PATHNAME', 'kiaim_sample';
COMMENT ON FUNCTION kiaim.sample(anyelement, text, bigint, bigint, jsonb) IS
'n rows of the type of row (NULL::schema.table) drawn from a model, all satisfying the constraints of the table and of the model; given: columns and the values that they must have';

CREATE FUNCTION kiaim.complete("row" anyelement, model text, seed bigint DEFAULT NULL)
RETURNS anyelement
LANGUAGE c VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'kiaim_complete';
COMMENT ON FUNCTION kiaim.complete(anyelement, text, bigint) IS
'a row whose columns are drawn from a model, given those that the model keeps, which stay as they are';
