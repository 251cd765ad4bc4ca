-- Tables that refer to each other. The figures are those of doc/synthesize/related.md.
\pset footer off
\set SHOW_CONTEXT never
SET DateStyle = ISO;
CREATE SCHEMA care;

-- 2,000 made-up persons, their tumours, the therapies of these.
CREATE TABLE care.person (id int PRIMARY KEY, sex text NOT NULL, born date NOT NULL, died date CHECK (died >= born));
CREATE TABLE care.tumour (tumour_id int PRIMARY KEY, person int NOT NULL REFERENCES care.person, diagnosed date NOT NULL, icd10 text NOT NULL, stage text);
CREATE TABLE care.therapy (tumour_id int NOT NULL REFERENCES care.tumour, started date NOT NULL, kind text NOT NULL);
CREATE TEMP TABLE seeded AS
SELECT p, h, CASE WHEN h[1] < 130 THEN 'f' ELSE 'm' END AS sex, date '1930-01-01' + h[2] * 64 + h[3] % 64 AS born, date '2015-01-01' + h[4] * 7 + h[5] % 7 AS first
FROM generate_series(1, 2000) AS p, LATERAL (SELECT array_agg(get_byte(sha256(p::text::bytea), i) ORDER BY i) AS h FROM generate_series(0, 31) AS i) AS hash;
INSERT INTO care.person SELECT p, sex, born, CASE WHEN h[6] < 90 THEN first + 900 + h[7] * 2 END FROM seeded;
INSERT INTO care.tumour
SELECT p * 10 + t, p, first + 400 * t + h[8 + t] % 90, CASE WHEN sex = 'f' AND h[10 + t] < 120 THEN 'C50' WHEN sex = 'm' AND h[10 + t] < 90 THEN 'C61' WHEN h[10 + t] % 2 = 0 THEN 'C18' ELSE 'C34' END,
       (ARRAY['I', 'II', 'III', 'IV'])[1 + h[12 + t] / 64]
FROM seeded, generate_series(0, (h[14] < 40)::int) AS t;
INSERT INTO care.therapy
SELECT tumour_id, diagnosed + 10 + 60 * n + (h[15] + tumour_id) % 50, CASE WHEN n = 0 THEN 'operation' WHEN icd10 = 'C61' THEN 'hormones' ELSE 'chemotherapy' END
FROM care.tumour JOIN seeded ON p = person, generate_series(0, CASE stage WHEN 'I' THEN 0 WHEN 'IV' THEN 2 ELSE 1 END) AS n WHERE h[16] < 240;

-- One model of all of them, and as many persons as are wanted with what belongs to them.
SELECT kiaim.fit_related('care', 'care.person', '{care.tumour, care.therapy}', '{"seed": 1}');
CREATE SCHEMA made;
SELECT * FROM kiaim.sample_related('care', 5000, 'made', seed => 42);

SELECT p.id, sex, born, died, t.tumour_id, diagnosed, icd10, stage, started, kind
FROM made.person AS p JOIN made.tumour AS t ON t.person = p.id LEFT JOIN made.therapy AS y USING (tumour_id) WHERE p.id <= 4 ORDER BY p.id, diagnosed, started;

SELECT 'data' AS tables, round(avg(tumours), 2) AS tumours_a_person, round(avg(therapies), 2) AS therapies_a_tumour_of_stage_iv, sum(early) AS therapy_before_diagnosis, sum(late) AS tumour_after_death, sum(other) AS site_of_the_other_sex
FROM care.person AS p, LATERAL (SELECT count(*) AS tumours, avg(n) FILTER (WHERE stage = 'IV') AS therapies, sum(e) AS early, count(*) FILTER (WHERE diagnosed > died) AS late,
  count(*) FILTER (WHERE (sex, icd10) IN (('m', 'C50'), ('f', 'C61'))) AS other
  FROM care.tumour AS t, LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE started < diagnosed) AS e FROM care.therapy AS y WHERE y.tumour_id = t.tumour_id) AS y WHERE t.person = p.id) AS x
UNION ALL
SELECT 'made', round(avg(tumours), 2), round(avg(therapies), 2), sum(early), sum(late), sum(other)
FROM made.person AS p, LATERAL (SELECT count(*) AS tumours, avg(n) FILTER (WHERE stage = 'IV') AS therapies, sum(e) AS early, count(*) FILTER (WHERE diagnosed > died) AS late,
  count(*) FILTER (WHERE (sex, icd10) IN (('m', 'C50'), ('f', 'C61'))) AS other
  FROM made.tumour AS t, LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE started < diagnosed) AS e FROM made.therapy AS y WHERE y.tumour_id = t.tumour_id) AS y WHERE t.person = p.id) AS x;

SELECT conrelid::regclass AS on_table, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'made'::regnamespace AND contype = 'f' ORDER BY 1;

-- What is wrong is said.
SELECT kiaim.fit_related('care', 'care.person', '{care.therapy}');

SELECT name, source, rows, persons FROM kiaim.models WHERE name LIKE 'care%' ORDER BY name;

SELECT kiaim.drop_model('care');
SET client_min_messages = warning;
DROP SCHEMA care, made CASCADE;
