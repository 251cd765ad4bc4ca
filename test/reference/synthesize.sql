-- Synthetic rows of the Adult table, which must lie beside this checkout; without it the file is skipped. The bounds are
-- what the best of synthpop, arf and arfpy reach on the same split, or the error of sampling where it is said.
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' = '' AS absent \gset
\if :absent
\echo 1..0 # skip the reference data are absent
\quit
\endif

BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

\ir include/adult.sql
CREATE TABLE numbered AS SELECT row_number() OVER () AS line, sex, age::int AS age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class" FROM adult;
CREATE TABLE training AS SELECT * FROM numbered WHERE get_byte(decode(md5(line::text), 'hex'), 0) < 205;
CREATE TABLE holdout AS SELECT * FROM numbered WHERE line NOT IN (SELECT line FROM training);
ALTER TABLE training DROP COLUMN line;
ALTER TABLE holdout DROP COLUMN line;
SELECT is((SELECT count(*) FROM training), 24150::bigint, 'four of five rows are learned');
SELECT kiaim.fit('adult', 'training', '{"seed": 1}');
CREATE TABLE drawn AS SELECT * FROM kiaim.sample(NULL::training, 'adult', 30000, seed => 1);
SELECT is((SELECT method FROM kiaim.models WHERE name = 'adult'), 'sequential', 'the method that is chosen');

-- one minus the total variation distance of each pair of columns, age in ten bins of the training rows
CREATE FUNCTION pg_temp.values_of(r jsonb, cuts int[]) RETURNS SETOF record LANGUAGE sql AS
$$ SELECT key, CASE key WHEN 'age' THEN width_bucket(value::int, cuts)::text ELSE value END FROM jsonb_each_text(r) $$;
CREATE TABLE cut AS SELECT percentile_disc(ARRAY[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) WITHIN GROUP (ORDER BY age) AS cuts FROM training;
CREATE TABLE cell AS
SELECT part, a.key AS a, a.value AS a_value, b.key AS b, b.value AS b_value, count(*)::float8 AS n
FROM (SELECT 't' AS part, to_jsonb(t) AS r FROM training AS t UNION ALL SELECT 's', to_jsonb(t) FROM drawn AS t) AS u, cut,
    LATERAL pg_temp.values_of(r, cuts) AS a (key text, value text), LATERAL pg_temp.values_of(r, cuts) AS b (key text, value text)
WHERE a.key <= b.key GROUP BY 1, 2, 3, 4, 5;
CREATE TABLE similarity AS
SELECT a, b, 1 - sum(abs(coalesce(t.n, 0) / 24150 - coalesce(s.n, 0) / 30000)) / 2 AS similarity
FROM (SELECT * FROM cell WHERE part = 't') AS t FULL JOIN (SELECT * FROM cell WHERE part = 's') AS s USING (a, a_value, b, b_value) GROUP BY a, b;
SELECT is((SELECT count(*) FROM similarity), 45::bigint, 'nine columns and their pairs');
SELECT cmp_ok((SELECT avg(similarity) FROM similarity WHERE a = b), '>=', 0.995::float8, 'columns alone, as synthpop');
SELECT cmp_ok((SELECT avg(similarity) FROM similarity WHERE a <> b), '>=', 0.983::float8, 'pairs of columns, as synthpop and arf');

-- rows that are alone: of as many training rows as there are held out, no more are met but by chance
CREATE TABLE alone AS
SELECT 'training' AS part, md5(t::text) AS row FROM (SELECT * FROM training ORDER BY md5(training::text || 'x') LIMIT (SELECT count(*) FROM holdout)) AS t GROUP BY 2 HAVING count(*) = 1
UNION ALL SELECT 'holdout', md5(t::text) FROM holdout AS t GROUP BY 2 HAVING count(*) = 1;
CREATE TABLE met AS
SELECT part, sum(n) / 30000 AS share, sqrt(count(*) * variance(n)) / 30000 AS error
FROM (SELECT part, coalesce(d.n, 0)::float8 AS n FROM alone LEFT JOIN (SELECT md5(t::text) AS row, count(*) AS n FROM drawn AS t GROUP BY 1) AS d USING (row)) AS x GROUP BY part;
SELECT diag(format('synthetic rows that equal a unique row of training: %s, of the hold-out: %s', round(t.share::numeric, 4), round(h.share::numeric, 4))) FROM met AS t, met AS h WHERE t.part = 'training' AND h.part = 'holdout';
SELECT cmp_ok((SELECT t.share - h.share FROM met AS t, met AS h WHERE t.part = 'training' AND h.part = 'holdout'), '<', (SELECT 1.96 * sqrt(sum(error ^ 2)) FROM met), 'unique rows of training are met no more than others, within sampling error');

SELECT * FROM finish();
ROLLBACK;
