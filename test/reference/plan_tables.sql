-- Requirements on a table as a whole and beside a population against the optima that ARX finds on Adult, and
-- estimates of population uniques against its figures; those of the slide negative binomial model, which ARX gets
-- wrong, against values solved independently. The data must lie beside this checkout; without them the file is skipped.
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
CREATE TABLE numbered (LIKE adult, n int GENERATED ALWAYS AS IDENTITY);
COPY numbered (sex, age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class")
FROM :'file' (FORMAT csv, HEADER, DELIMITER ';');
-- the research subset: rows 0, 10, 20, ...
CREATE TABLE subset AS SELECT sex, age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class"
FROM numbered WHERE n % 10 = 1;

CREATE TABLE arx (quasi text, model text, metric text, suppression text, levels text, score text, suppressed_rows bigint,
                  classes bigint, smallest_class bigint, suppressed_in_subset bigint);
\set file :shared '/reference/golden/arx_models.tsv'
COPY arx FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', QUOTE E'\x01');

CREATE TABLE ours AS
SELECT a.*, m.source, p.levels AS our_levels, p.loss, p.suppressed, p.classes AS our_classes, p.k, p.optimal, p.query
FROM (VALUES ('average_reid_risk 0.01', 'adult', '{"average_risk": 0.01}'::jsonb),
             ('sample_uniqueness 0', 'adult', '{"sample_uniqueness": 0}'),
             ('k_map k=5 (subset rows 0,10,20..)', 'subset',
              jsonb_build_object('k_map', jsonb_build_object('k', 5, 'population',
                (SELECT format('%I.adult', relnamespace::regnamespace) FROM pg_class WHERE oid = 'adult'::regclass))))) AS m (model, source, requirement)
    JOIN arx AS a USING (model),
    kiaim.plan(m.source::regclass, m.requirement || jsonb_build_object('suppression', a.suppression::numeric, 'aggregate', 'geometric',
        'quasi', (SELECT jsonb_object_agg(attname, 'adult_' || attname) FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0))) AS p;
SELECT is((SELECT count(*) FROM ours), 6::bigint, 'six optima were compared');
-- ARX cuts the loss of each column at 1e-10
SELECT ok(abs(loss - score::float8) <= 1e-9 * score::float8, format('%s, suppression %s: loss %s', model, suppression, loss)) FROM ours;
SELECT is(suppressed, CASE WHEN suppressed_in_subset >= 0 THEN suppressed_in_subset ELSE suppressed_rows END,
    format('%s, suppression %s: suppressed records', model, suppression)) FROM ours;
SELECT ok(optimal, format('%s, suppression %s: proven', model, suppression)) FROM ours;
SELECT is((SELECT string_agg(our_levels ->> attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0), levels,
    format('%s, suppression %s: levels', model, suppression)) FROM ours;
-- ARX counts the classes of the population, too
SELECT is(ROW(our_classes, k)::text, ROW(classes, smallest_class)::text, format('%s, suppression %s: classes', model, suppression)) FROM ours WHERE source = 'adult';

-- what the query of the plan releases
CREATE FUNCTION released(query text) RETURNS bigint[] LANGUAGE plpgsql AS $f$
DECLARE
    counts bigint[];
BEGIN
    EXECUTE 'SELECT ARRAY[sum(n), count(*), min(n)]::bigint[] FROM (SELECT count(*) AS n FROM (' || query || ') AS r'
        || ' GROUP BY ' || (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0) || ') AS c' INTO counts;
    RETURN counts;
END
$f$;
SELECT is(released(query), ARRAY[CASE source WHEN 'adult' THEN 30162 ELSE 3017 END - suppressed, our_classes, k],
    format('%s, suppression %s: the query releases what was planned', model, suppression)) FROM ours;

-- estimates of population uniques of the raw table
CREATE TABLE golden (data text, item text, value text);
\set file :shared '/reference/golden/arx_risk.tsv'
COPY golden FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', QUOTE E'\x01');
CREATE TABLE uniques AS
SELECT lower(m[1]) AS model, m[2]::bigint AS population, value::float8 AS wanted
FROM golden, regexp_match(item, '^population_uniques (PITMAN|ZAYATZ) .*pop=(\d+)$') AS m WHERE m IS NOT NULL
UNION ALL VALUES ('snb', 301620, 75398.04), ('snb', 3016200, 617352.85), ('snb', 60324, 25759.75),
    -- Dankar's rule: Pitman's model up to a sampling fraction of 0.1
    ('dankar', 301620, 83503.47855187597), ('dankar', 3016200, 436167.7146707063), ('dankar', 60324, 25759.75);
SELECT is((SELECT count(*) FROM uniques), 14::bigint, 'fourteen estimates were compared');
SELECT ok(abs(estimate / wanted - 1) <= CASE WHEN wanted = round(wanted::numeric, 2) THEN 0.005 / wanted ELSE 1e-10 END, format('%s of %s: %s', model, population, estimate))
FROM (SELECT model, population, wanted, population * kiaim.population_uniqueness(model, population,
          sex, age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class") AS estimate
      FROM adult, uniques GROUP BY model, population, wanted) AS e;

SELECT * FROM finish();
ROLLBACK;
