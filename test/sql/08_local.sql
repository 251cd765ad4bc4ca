-- Local recoding: each class of rows is generalized only as far as it needs.
\set ECHO none
\pset footer off
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS research CASCADE;
\set persons 20000
\o /dev/null
\i demo/registry.sql
SELECT kiaim.drop_release(release) FROM kiaim.releases;
DELETE FROM kiaim.fitted_recoding;
\o
RESET client_min_messages;
\set ECHO all
\set policy '{"person": "patient_id", "quasi": {"sex": "flat", "age_at_diagnosis": "bins(5, 10, 20)", "district": "ags"}, "sensitive": {"icd10": {"l": 3}}, "keep": ["survival_days"], "k": 11, "suppression": 0.02}'

-- One level a column, or one a class: the same promises, less is lost.
SELECT recoding, round(p.loss::numeric, 2) AS loss, p.k >= 11 AS holds, p.suppressed
FROM unnest(ARRAY['full_domain', 'local']) AS recoding,
  LATERAL kiaim.plan('registry.tumour', :'policy'::jsonb || jsonb_build_object('recoding', recoding)) AS p;

-- What was fitted is kept. It holds original values: only its owner sees it.
SELECT source, method, size > 0 AS has_bytes, releases FROM kiaim.recodings;

-- The query of such a plan applies it to every row, then counts every class again.
SELECT regexp_replace(query, '[0-9a-f]{64}', '…') AS query
FROM kiaim.plan('registry.tumour', '{"quasi": {"sex": "flat", "district": "ags"}, "k": 11, "recoding": "local"}');

-- Published like any other result.
CREATE SCHEMA research;
SELECT kiaim.create_release('research.tumour', source => 'registry.tumour', policy => :'policy'::jsonb || '{"recoding": "local"}');
SELECT release, rows + suppressed AS of_rows, k >= 11 AS holds, last_run FROM kiaim.releases;
CALL kiaim.refresh('research.tumour');

-- Districts stand beside the Regierungsbezirke and states of others, and every class has eleven rows or more.
SELECT CASE length(district) WHEN 5 THEN 'district' WHEN 3 THEN 'Regierungsbezirk' WHEN 2 THEN 'state' END AS released, min(n) >= 11 AS holds
FROM (SELECT district, count(*) AS n FROM research.tumour GROUP BY sex, age_at_diagnosis, district) AS class
WHERE length(district) > 1 GROUP BY length(district) ORDER BY length(district);

-- A mapping that comes from elsewhere is a recoding, too.
SELECT kiaim.make_recoding('by hand', '{sex,age}', '{text,int}', '{{W,83},{W,84},{M,97}}', '{{W,80-84},{W,80-84},{M,>=85}}') AS mine \gset
SELECT kiaim.recode(:'mine', 'W', 84) AS known, kiaim.recode(:'mine', 'W', 85) AS unknown;
SELECT * FROM kiaim.recoding_tuples(:'mine');

-- What no release uses can go; here, what was planned by hand.
SELECT kiaim.drop_release('research.tumour');
SELECT count(kiaim.drop_recoding(id)) AS dropped FROM kiaim.recodings;

SET client_min_messages = warning;
DROP SCHEMA research;
DROP SCHEMA registry CASCADE;
