-- t-closeness of releases: the policy that the manual begins with, from plan to refresh over the demonstration
-- registry, and a verification that compares with the source, not with what is left of it.
-- kiaim.refresh commits, so this file runs outside a transaction and cleans up after itself.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
DROP SCHEMA IF EXISTS near CASCADE;
DELETE FROM kiaim.release WHERE release LIKE 'near.%';
DELETE FROM kiaim.release_log WHERE release LIKE 'near.%';
CREATE SCHEMA near;

-- The slow and obvious oracle: the largest distance of a class to the source, in records or in persons a value.
-- Classes of the release are the columns sex, district and birth_date; label is an expression over uicc or icd10.
CREATE FUNCTION near.distance(released text, source text, label text, counted text) RETURNS float8 LANGUAGE plpgsql AS $f$
DECLARE distance float8;
BEGIN
  EXECUTE format($q$
    WITH class AS (SELECT sex, district, birth_date, %1$s AS label, %2$s::numeric AS n FROM %3$s GROUP BY 1, 2, 3, 4),
      whole AS (SELECT %1$s AS label, %2$s::numeric AS n FROM %4$s GROUP BY 1),
      pair AS (SELECT c.sex, c.district, c.birth_date, w.label, w.n AS whole FROM (SELECT DISTINCT sex, district, birth_date FROM class) AS c, whole AS w)
    SELECT max(distance) FROM (
      SELECT sum(abs(coalesce(c.n, 0) / (SELECT sum(n) FROM class AS a WHERE (a.sex, a.district, a.birth_date) IS NOT DISTINCT FROM (p.sex, p.district, p.birth_date))
                     - p.whole / (SELECT sum(n) FROM whole))) / 2 AS distance
      FROM pair AS p LEFT JOIN class AS c ON (c.sex, c.district, c.birth_date, c.label) IS NOT DISTINCT FROM (p.sex, p.district, p.birth_date, p.label)
      GROUP BY p.sex, p.district, p.birth_date) AS d
  $q$, label, counted, released, source) INTO distance;
  RETURN distance;
END $f$;

---- the policy of the manual
\set persons 75000
\o /dev/null
\ir ../../demo/registry.sql
\o
SET client_min_messages = warning;
\set policy '{ "person": "patient_id", "quasi": { "sex": "flat", "district": "ags", "birth_date": {"hierarchy": "calendar(month, quarter, year, decade)", "weight": 2, "min": 1, "max": 3} }, "sensitive": { "icd10": {"l": 3}, "uicc": {"t": 0.3} }, "keep": ["survival_days", "vital_status"], "k": 11, "suppression": 0.02, "quality": "loss", "recoding": "full_domain" }'

CREATE TABLE near.planned AS SELECT * FROM kiaim.plan('registry.tumour', :'policy');
SELECT ok(optimal AND suppressed > 0, 'the policy of the manual has an optimum, which suppresses rows') FROM near.planned;
SELECT lives_ok(format('SELECT kiaim.create_release(%L, %L, %L)', 'near.tumour', 'registry.tumour', :'policy'), 'it can be released');
SELECT results_eq($$ SELECT levels, suppressed, source_rows - rows FROM kiaim.release_log WHERE release = 'near.tumour' $$,
  'SELECT levels, suppressed, suppressed FROM near.planned', 'as planned');
CALL kiaim.refresh('near.tumour');
SELECT is((SELECT last_run || ' ' || rows FROM kiaim.releases WHERE release = 'near.tumour'),
  'published ' || (SELECT count(*) FROM near.tumour), 'and refreshed');
SELECT kiaim.plan_query('registry.tumour', :'policy', levels, true) AS with_person FROM near.planned \gset
CREATE TABLE near.persons AS SELECT DISTINCT sex, district, birth_date, uicc, kiaim_person AS patient_id FROM (:with_person) AS r;
SELECT ok(abs((measured ->> 't of uicc')::float8 - distance) < 1e-12 AND distance <= 0.3, 'the distance in the log is that in persons: ' || distance)
FROM kiaim.release_log, near.distance('near.persons', '(SELECT DISTINCT uicc, patient_id FROM registry.tumour) AS s', 'uicc', 'count(*)') AS distance
WHERE release = 'near.tumour';
SELECT kiaim.drop_release('near.tumour') \g /dev/null

---- all kinds, all ways of suppression, both distances, records
CREATE TABLE near.source AS SELECT sex, district, birth_date, uicc, icd10, patient_id FROM registry.tumour WHERE tumour_id % 6 = 0;
INSERT INTO near.source SELECT 'D', NULL, '1950-01-01', 'IV', 'C80.9', -i FROM generate_series(1, 40) AS i;
DROP SCHEMA registry, registry_model CASCADE;
\set policy '{"quasi": {"sex": "flat", "district": {"hierarchy": "ags", "min": 2}, "birth_date": "calendar(year, decade)"}, "sensitive": {"uicc": {"t": 0.35}, "icd10": {"t": 0.4, "distance": "hierarchical", "hierarchy": "icd10"}}, "suppression": 0.05}'
SELECT lives_ok(format('SELECT kiaim.create_release(%L, %L, %L, %L)', 'near.' || name, 'near.source', :'policy'::jsonb || star, kind), name)
FROM (VALUES ('as_table', 'table', '{}'::jsonb), ('as_matview', 'materialized view', '{}'), ('as_view', 'view', '{}'),
             ('starred', 'table', '{"suppressed_rows": "star"}')) AS v (name, kind, star);
SELECT is(count(DISTINCT measured), 1::bigint, 'all kinds are measured alike') FROM kiaim.release_log WHERE release <> 'near.tumour' AND release LIKE 'near.%';
SELECT ok(suppressed > 0, 'rows are suppressed: ' || suppressed) FROM kiaim.releases WHERE release = 'near.as_table';
SELECT ok(abs((measured ->> 't of uicc')::float8 - uicc) < 1e-12 AND uicc <= 0.35, 'equal distance: ' || uicc)
FROM kiaim.release_log, near.distance('near.as_table', 'near.source', 'uicc', 'count(*)') AS uicc WHERE release = 'near.as_table';
SELECT is(kiaim.release_closeness('near.as_table', 'near.source', '{sex,district,birth_date}', 'icd10', 'icd10', NULL),
  (measured ->> 'hierarchical t of icd10')::float8, 'hierarchical distance')
FROM kiaim.release_log WHERE release = 'near.as_table';
CREATE TABLE near.together AS
SELECT 'whole' AS sex, 'whole' AS district, 'whole' AS birth_date, icd10 FROM near.source UNION ALL SELECT 'm', 'm', 'm', 'C61' FROM generate_series(1, 3);
SELECT ok(abs(kiaim.release_closeness('(SELECT * FROM near.together WHERE sex = ''m'') AS m', 'near.together', '{sex,district,birth_date}', 'icd10', 'icd10', NULL)
  - kiaim.hierarchical_t_closeness('icd10', icd10, sex, district, birth_date)) < 1e-12, 'the same hierarchical distance as that of the aggregate')
FROM near.together;

INSERT INTO kiaim.named_hierarchy VALUES ('near_icd10', 'icd10');
SELECT lives_ok(format('SELECT kiaim.create_release(%L, %L, %L, %L)', 'near.named', 'near.source',
  jsonb_set(:'policy', '{sensitive,icd10,hierarchy}', '"near_icd10"'), 'table'), 'a hierarchical distance by the name of the hierarchy');
SELECT is(count(DISTINCT measured), 1::bigint, 'measured as by its definition') FROM kiaim.release_log WHERE release IN ('near.named', 'near.as_table');
DELETE FROM kiaim.named_hierarchy WHERE name = 'near_icd10';

---- a stored result that is not near enough to its source is refused, although it is near to itself
CREATE TABLE near.skewed AS SELECT 'f' AS sex, CASE WHEN i <= 90 THEN 'a' ELSE 'b' END AS s FROM generate_series(1, 100) AS i;
CREATE TABLE near.built AS SELECT sex, 'b' AS s FROM near.skewed WHERE s = 'b';
SELECT is(kiaim.t_closeness(s, sex), 0::float8, 'the release alone shows no distance') FROM near.built;
SELECT throws_ok(format('SELECT kiaim.release_verify(%L, %L, %L, %L, 90)', 'near.built', 'near.skewed', p, '{"sex": 0}'),
  '55000', 'the stored result does not keep the policy: t of s is 0.9')
FROM (VALUES ('{"quasi": {"sex": "flat"}, "sensitive": {"s": {"t": 0.89}}, "suppression": 0.95}')) AS v (p);
SELECT lives_ok(format('SELECT kiaim.release_verify(%L, %L, %L, %L, 90)', 'near.built', 'near.skewed', p, '{"sex": 0}'), 'unless the policy allows it')
FROM (VALUES ('{"quasi": {"sex": "flat"}, "sensitive": {"s": {"t": 0.9}}, "suppression": 0.95}')) AS v (p);

---- a live view compares with the source as it is
CREATE TABLE near.live_source AS
SELECT v.sex, v.s FROM (VALUES ('f', 'a', 6), ('f', 'b', 4), ('m', 'a', 4), ('m', 'b', 6)) AS v (sex, s, n), generate_series(1, v.n);
SELECT kiaim.create_release('near.live', 'near.live_source', '{"quasi": {"sex": "flat"}, "sensitive": {"s": {"t": 0.13}}}', 'view') \g /dev/null
SELECT is((SELECT count(*) FROM near.live), 20::bigint, 'both classes are near enough');
INSERT INTO near.live_source SELECT 'm', 'b' FROM generate_series(1, 2);
SELECT is((SELECT string_agg(DISTINCT sex, ', ') FROM near.live), 'm', 'when the table moves away from a class, the class is gone');

SELECT kiaim.drop_release(release) FROM kiaim.releases WHERE release LIKE 'near.%' \g /dev/null
DELETE FROM kiaim.release_log WHERE release LIKE 'near.%';
DROP SCHEMA near CASCADE;
SELECT * FROM finish();
