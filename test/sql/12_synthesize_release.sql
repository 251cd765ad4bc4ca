-- Releases with synthetic rows. The figures are those of doc/synthesize/release.md.
\pset footer off
\set SHOW_CONTEXT never
CREATE SCHEMA ward;

-- 3,000 made-up patients; a few are so old that they are alone.
CREATE TABLE ward.patient (id int, sex text, age int, icd10 text, stage text);
INSERT INTO ward.patient
SELECT p, CASE WHEN h[1] < 128 THEN 'f' ELSE 'm' END, CASE WHEN h[2] = 0 THEN 95 + h[3] % 10 ELSE 40 + (h[3] + h[4]) * 45 / 510 END,
       CASE WHEN h[5] < 100 THEN CASE WHEN h[1] < 128 THEN 'C50.' || h[6] % 4 ELSE 'C61' END WHEN h[5] < 180 THEN 'C34.' || h[6] % 3 ELSE 'C18.' || h[6] % 5 END, (ARRAY['I', 'II', 'III', 'IV'])[1 + h[7] / 64]
FROM generate_series(1, 3000) AS p, LATERAL (SELECT array_agg(get_byte(sha256(p::text::bytea), i) ORDER BY i) AS h FROM generate_series(0, 31) AS i) AS hash;

-- The policy, and the three ways to add rows that are nobody's to it.
\set policy '{"person": "id", "k": 11, "suppression": 0.05, "quasi": {"sex": "flat", "age": {"hierarchy": "bins(5, 10)", "min": 1, "max": 1}}, "keep": ["icd10", "stage"]}'
SELECT kiaim.create_release('ward.plain', 'ward.patient', :'policy', kind => 'table') \g /dev/null
SELECT kiaim.create_release('ward.of_anonymized', 'ward.patient', :'policy'::jsonb || '{"synthesize": {"of": "anonymized", "seed": 1}}', kind => 'table') \g /dev/null
SELECT kiaim.create_release('ward.of_source', 'ward.patient', :'policy'::jsonb || '{"synthesize": {"of": "source", "seed": 1, "rows": 10000}}', kind => 'table') \g /dev/null
SELECT kiaim.create_release('ward.of_suppressed', 'ward.patient', :'policy'::jsonb || '{"synthesize": {"of": "suppressed", "seed": 1}}', kind => 'table') \g /dev/null

SELECT release, source_rows, rows, suppressed, k, measured ->> 'synthetic' AS synthetic FROM kiaim.release_log WHERE release LIKE 'ward.%' ORDER BY run;
SELECT * FROM ward.of_anonymized LIMIT 3;

SELECT sex, count(*) AS patients, (SELECT count(*) FROM ward.plain AS r WHERE r.sex = p.sex) AS plain, (SELECT count(*) FROM ward.of_suppressed AS r WHERE r.sex = p.sex) AS of_suppressed
FROM ward.patient AS p GROUP BY sex ORDER BY sex;

-- What is wrong is said.
SELECT kiaim.create_release('ward.wrong', 'ward.patient', :'policy'::jsonb || '{"synthesize": {"of": "suppresed"}}', kind => 'table');
SELECT kiaim.create_release('ward.wrong', 'ward.patient', :'policy'::jsonb || '{"synthesize": {"of": "source"}}', kind => 'view');

SELECT kiaim.drop_release(release) FROM kiaim.releases WHERE release LIKE 'ward.%';
SET client_min_messages = warning;
DROP SCHEMA ward CASCADE;
