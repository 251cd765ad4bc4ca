-- Releases: published, refreshed, refused, withdrawn.
\set ECHO none
\pset footer off
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS research CASCADE;
\set persons 20000
\o /dev/null
\i demo/registry.sql
SELECT kiaim.drop_release(release) FROM kiaim.releases;
\o
RESET client_min_messages;
\set ECHO all
CREATE SCHEMA research;
SELECT kiaim.create_release('research.tumour', source => 'registry.tumour',
  policy => '{"person": "patient_id", "quasi": {"sex": "flat", "age_at_diagnosis": {"hierarchy": "bins(5, 10, 20)", "max": 3}, "district": {"hierarchy": "ags", "max": 3}},
              "sensitive": {"icd10": {"l": 3}}, "keep": ["survival_days"], "k": 11, "suppression": 0.02}');
SELECT * FROM research.tumour ORDER BY district, age_at_diagnosis, sex, survival_days LIMIT 3;
SELECT release, kind, rows, suppressed, k, round(loss::numeric, 4) AS loss, levels, last_run FROM kiaim.releases;

-- Tonight, and every night:
CALL kiaim.refresh('research.tumour');

-- One day a hospital reports ages in months. The refresh fails, and the release of yesterday stays.
UPDATE registry.tumour SET age_at_diagnosis = age_at_diagnosis * 12 WHERE patient_id % 20 = 0;
CALL kiaim.refresh('research.tumour');
SELECT count(*) FROM research.tumour;
SELECT state, source_rows, rows, suppressed, k, sqlstate, reason FROM kiaim.release_log WHERE release = 'research.tumour' ORDER BY run DESC LIMIT 3;
SELECT detail FROM kiaim.release_log WHERE release = 'research.tumour' ORDER BY run DESC LIMIT 1;

-- What looks like an identifier is refused.
SELECT kiaim.create_release('research.other', 'registry.tumour', '{"quasi": {"sex": "flat"}, "keep": ["patient_id"], "k": 11}');
SELECT kiaim.create_release('research.other', 'registry.tumour', '{"quasi": {"sex": "flat"}, "keep": ["remark"], "k": 11}');

-- The relation goes, the log stays.
SELECT kiaim.drop_release('research.tumour');
SELECT state FROM kiaim.release_log WHERE release = 'research.tumour' ORDER BY run DESC LIMIT 1;

SET client_min_messages = warning;
DROP SCHEMA research;
DROP SCHEMA registry CASCADE;
