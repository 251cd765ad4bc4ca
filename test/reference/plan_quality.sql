-- kiaim.plan under every quality and aggregate against the optima that ARX
-- finds on Adult, which must lie beside this checkout; without them the file is
-- skipped. What ARX did not measure is compared with the whole lattice, which
-- kiaim.frontier walks without a bound of any score.
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

CREATE FUNCTION policy(quality jsonb, suppression text, k int DEFAULT 5) RETURNS jsonb LANGUAGE sql AS $f$
    SELECT jsonb_build_object('quasi', jsonb_object_agg(attname, 'adult_' || attname), 'suppression', suppression::numeric, 'k', k) || quality
    FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0
$f$;

-- levels as ARX writes them, in the order of the columns
CREATE FUNCTION vector(levels jsonb) RETURNS text LANGUAGE sql AS $f$
    SELECT string_agg(levels ->> attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0
$f$;

CREATE TABLE quality (metric text, policy jsonb);
INSERT INTO quality VALUES ('loss_arith', '{"quality": "loss", "aggregate": "arithmetic"}'), ('loss_geo', '{"aggregate": "geometric"}'), ('loss_rank', '{"aggregate": "rank"}'),
    ('precision', '{"quality": "precision"}'), ('nuentropy', '{"quality": "entropy"}'), ('nuentropy_norm', '{"quality": "normalized_entropy", "aggregate": "sum"}'),
    ('discernibility', '{"quality": "discernibility"}'), ('aecs', '{"quality": "average_class_size"}');

-- every row: of a vector the first element, and its others in the levels, which only one optimum has but without suppression
CREATE TABLE ours AS
SELECT a.*, CASE WHEN a.score LIKE '[%' THEN a.score::jsonb ->> 0 ELSE a.score END::float8 AS wanted,
    p.levels AS our_levels, p.loss, p.suppressed, p.classes AS our_classes, p.k AS our_k, p.optimal
FROM arx a LEFT JOIN quality q USING (metric) LEFT JOIN LATERAL kiaim.plan('adult', policy(q.policy, a.suppression, a.k)) p ON true;
SELECT is((SELECT count(*) FROM ours), 42::bigint, '42 optima were compared');
SELECT ok(coalesce(abs(loss - wanted) <= 1e-9 * wanted, false), format('%s, suppression %s: score %s', metric, suppression, loss)) FROM ours;
SELECT is(suppressed, suppressed_rows, format('%s, suppression %s: suppressed records', metric, suppression)) FROM ours;
SELECT ok(optimal, format('%s, suppression %s: proven', metric, suppression)) FROM ours;
-- ARX keeps another of the nodes that share the precision without suppression
SELECT is(vector(our_levels), levels, format('%s, suppression %s: levels', metric, suppression)) FROM ours WHERE (metric, suppression) <> ('precision', '0.0');
SELECT is((our_classes, our_k), (classes, smallest_class), format('%s, suppression %s: classes', metric, suppression)) FROM ours WHERE (metric, suppression) <> ('precision', '0.0');

-- the others: the best score of all releases is that of the plan
SELECT is(ARRAY[p.loss, p.optimal::int], ARRAY[(SELECT min(loss) FROM kiaim.frontier('adult', policy(q.policy, '0.03'))), 1], format('%s: the best of the lattice', q.policy))
FROM (VALUES ('{"quality": "ambiguity"}'::jsonb), ('{"quality": "kl_divergence"}'), ('{"quality": {"model": "classification", "target": "salary-class"}}'),
             ('{"quality": "precision", "aggregate": "maximum"}'), ('{"quality": "entropy", "aggregate": "geometric"}')) q(policy),
    LATERAL (SELECT loss, optimal FROM kiaim.plan('adult', policy(q.policy, '0.03'))) p;

SELECT * FROM finish();
ROLLBACK;
