-- kiaim.plan against the optima that ARX finds on Adult, which must lie beside
-- this checkout; without them the file is skipped.  ARX cuts the loss of each
-- column at 1e-10, so scores are equal within 1e-9; where several nodes share
-- the optimum it keeps the first it found, so levels are not compared.
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' = '' AS absent \gset
\if :absent
\echo 1..0 # skip the reference figures are absent
\quit
\endif

BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

\ir include/adult.sql

CREATE TABLE arx (quasi text, metric text, k int, suppression text, levels text, score text, per_attribute text,
                  suppressed_rows bigint, classes bigint, smallest_class bigint, largest_class bigint);
\set file :shared '/reference/golden/arx_search.tsv'
COPY arx FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', QUOTE E'\x01');
CREATE TABLE arx_models (quasi text, model text, metric text, suppression text, levels text, score text, suppressed_rows bigint,
                         classes bigint, smallest_class bigint, suppressed_in_subset bigint);
\set file :shared '/reference/golden/arx_models.tsv'
COPY arx_models FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', QUOTE E'\x01');

-- the policy over all columns but the sensitive one
CREATE FUNCTION policy(sensitive text, requirement jsonb, metric text, suppression text) RETURNS jsonb LANGUAGE sql AS $f$
    SELECT jsonb_build_object(
               'quasi', jsonb_object_agg(attname, 'adult_' || attname) FILTER (WHERE attname IS DISTINCT FROM sensitive),
               'suppression', suppression::numeric,
               'aggregate', CASE metric WHEN 'loss_geo' THEN 'geometric' ELSE 'arithmetic' END) || requirement
    FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0
$f$;

-- what the query of a plan releases: rows, classes by all columns but the sensitive one, smallest class
CREATE FUNCTION released(query text, sensitive text DEFAULT NULL) RETURNS bigint[] LANGUAGE plpgsql AS $f$
DECLARE
    counts bigint[];
BEGIN
    EXECUTE 'SELECT ARRAY[sum(n), count(*), min(n)]::bigint[] FROM (SELECT count(*) AS n FROM (' || query || ') AS r'
        || ' GROUP BY ' || (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                            WHERE attrelid = 'adult'::regclass AND attnum > 0 AND attname IS DISTINCT FROM sensitive) || ') AS c' INTO counts;
    RETURN counts;
END
$f$;

-- k-anonymity, both means of the loss
CREATE TABLE ours AS
SELECT a.*, p.levels AS our_levels, p.loss, p.suppressed, p.classes AS our_classes, p.k AS our_k, p.optimal, p.query
FROM arx a, kiaim.plan('adult', policy(NULL, jsonb_build_object('k', a.k), a.metric, a.suppression)) p
WHERE a.metric IN ('loss_arith', 'loss_geo') AND a.quasi = 'qi9';
SELECT is((SELECT count(*) FROM ours), 12::bigint, 'twelve optima were compared');
SELECT ok(abs(loss - score::float8) <= 1e-9 * score::float8, format('%s, suppression %s: loss %s', metric, suppression, loss)) FROM ours;
SELECT is(suppressed, suppressed_rows, format('%s, suppression %s: suppressed records', metric, suppression)) FROM ours;
SELECT ok(optimal, format('%s, suppression %s: proven', metric, suppression)) FROM ours;
SELECT is(released(query), ARRAY[30162 - suppressed, our_classes, our_k], format('%s, suppression %s: the query releases what was planned', metric, suppression)) FROM ours;

-- distinct l-diversity of the occupation, alone and with k; the other eight columns are quasi-identifying
CREATE TABLE diverse AS
SELECT a.*, p.loss, p.suppressed, p.classes AS our_classes, p.optimal
FROM arx_models a
JOIN (VALUES ('distinct_l_diversity l=3', '{"sensitive": {"occupation": {"l": 3}}}'::jsonb),
             ('k=5 + distinct l=3', '{"k": 5, "sensitive": {"occupation": {"l": 3}}}')) m(model, requirement) USING (model),
     kiaim.plan('adult', policy('occupation', m.requirement, a.metric, a.suppression)) p
WHERE a.quasi = 'sens';
SELECT is((SELECT count(*) FROM diverse), 4::bigint, 'four optima with l-diversity were compared');
SELECT ok(abs(loss - score::float8) <= 1e-9 * score::float8, format('%s, suppression %s: loss %s', model, suppression, loss)) FROM diverse;
SELECT is(suppressed, suppressed_rows, format('%s, suppression %s: suppressed records', model, suppression)) FROM diverse;
SELECT ok(optimal, format('%s, suppression %s: proven', model, suppression)) FROM diverse;

-- t-closeness of the occupation, equal and hierarchical distance, without k; the reference is the whole table
CREATE TABLE near AS
SELECT a.*, p.loss, p.suppressed, p.classes AS our_classes, p.k AS our_k, p.optimal, p.query
FROM arx_models a
JOIN (VALUES ('t_closeness equal t=0.2', '{"t": 0.2}'::jsonb),
             ('t_closeness hierarchical t=0.2', '{"t": 0.2, "distance": "hierarchical", "hierarchy": "adult_occupation"}')) m(model, wanted) USING (model),
     kiaim.plan('adult', policy('occupation', jsonb_build_object('sensitive', jsonb_build_object('occupation', m.wanted)), a.metric, a.suppression)) p
WHERE a.quasi = 'sens';
SELECT is((SELECT count(*) FROM near), 4::bigint, 'four optima with t-closeness were compared');
SELECT ok(abs(loss - score::float8) <= 1e-9 * score::float8, format('%s, suppression %s: loss %s', model, suppression, loss)) FROM near;
SELECT is(suppressed, suppressed_rows, format('%s, suppression %s: suppressed records', model, suppression)) FROM near;
SELECT ok(optimal, format('%s, suppression %s: proven', model, suppression)) FROM near;
SELECT is(released(query, 'occupation'), ARRAY[30162 - suppressed, our_classes, our_k], format('%s, suppression %s: the query releases what was planned', model, suppression)) FROM near;

-- the n best, in order, and the first is the one that is found alone
CREATE TABLE best AS
SELECT * FROM kiaim.plan('adult', policy(NULL, '{"k": 5}', 'loss_arith', '0.02'), solutions => 10);
SELECT is((SELECT array_agg(rank ORDER BY loss, suppressed, rank) FROM best), ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 'ten solutions in the order of their loss');
SELECT is((SELECT levels FROM best WHERE rank = 1), (SELECT our_levels FROM ours WHERE metric = 'loss_arith' AND suppression = '0.02'), 'the first of ten is the best of one');
SELECT ok((SELECT bool_and(optimal) FROM best), 'all ten are proven');

SELECT * FROM finish();
ROLLBACK;
