-- kiaim.population_risk against ARX's figures for the Adult table, which must lie
-- beside this checkout; without them the file is skipped.
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
CREATE TABLE arx (data text, item text, value text);
\set file :shared '/reference/golden/arx_risk.tsv'
COPY arx FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
CREATE TABLE ours AS
SELECT n, p.* FROM unnest(ARRAY[60324, 301620, 3016200, 317238626]) AS n,
    kiaim.population_risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'], n) AS p;

-- ARX stops its iteration at 1e-9 or so of the parameters
SELECT ok(abs(o.uniques / a.value::float8 - 1) < 1e-9, format('ARX: %s', item))
FROM arx AS a, regexp_match(item, '^population_uniques (PITMAN|ZAYATZ) .*pop=(\d+)') AS m JOIN ours AS o ON o.model = lower(m[1]) AND o.n = m[2]::int;
SELECT is((SELECT count(*) FROM arx, ours AS o WHERE item ~ ('^population_uniques ' || upper(o.model) || ' .*pop=' || o.n || '$')), 8::bigint, 'ARX: four populations were looked at');
-- up to a sampling fraction of 0.1; above it Dankar's rule depends on a model that ARX computes wrongly
SELECT ok(abs(o.uniques / a.value::float8 - 1) < 1e-9, format('ARX: %s', item))
FROM arx AS a, regexp_match(item, '^population_uniques DANKAR\(PITMAN\) .*pop=(\d+)') AS m JOIN ours AS o ON o.model = 'dankar' AND o.n = m[1]::int;
-- solved from the correct moment equations by another program
SELECT ok(abs(uniques - value) < 0.01, format('the slide negative binomial model, %s persons', n)) FROM ours JOIN (VALUES (301620, 75398.04), (3016200, 617352.85), (60324, 25759.75)) AS v (n, value) USING (n)
WHERE model = 'snb';

SELECT * FROM finish();
ROLLBACK;
