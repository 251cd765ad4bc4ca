-- The five-minute tour of README.md: from the raw table to a release that stays fresh.
\set ECHO none
\pset footer off
SET datestyle TO iso;
SET client_min_messages = warning;
\set persons 20000
\o /dev/null
\i demo/registry.sql
\o
RESET client_min_messages;
\set ECHO all
-- How risky is the table as it is? Counted in persons, not in rows.
SELECT metric, round(value::numeric, 4) AS value
FROM kiaim.risk('registry.tumour', quasi => '{sex,birth_date,district}', person => 'patient_id') LIMIT 9;

-- The checks are aggregates: any query can ask.
SELECT sex, kiaim.k_anonymity(age_group, state) AS k, round(kiaim.uniqueness(age_group, state)::numeric, 3) AS alone
FROM registry.tumour WHERE sex IN ('M', 'W') GROUP BY sex ORDER BY sex;

-- A value gets coarser along a hierarchy, level by level.
SELECT kiaim.path('C50.4', 'icd10') AS diagnosis, kiaim.path(date '1957-08-05', 'calendar(month, year, decade)') AS born;

-- What each column is, and what must hold.
\set policy '{"person": "patient_id", "quasi": {"sex": "flat", "district": {"hierarchy": "ags", "max": 3}, "birth_date": {"hierarchy": "calendar(month, year, 5 years, decade)", "max": 4}}, "sensitive": {"icd10": {"l": 3}}, "keep": ["vital_status", "survival_days"], "k": 11, "suppression": 0.05}'

-- The least generalization that satisfies it, with the proof that there is none less.
SELECT rank, levels, round(loss::numeric, 4) AS loss, k, suppressed, classes, optimal
FROM kiaim.plan('registry.tumour', :'policy', solutions => 2);

-- The plan is SQL.
\pset format unaligned
\t on
SELECT query FROM kiaim.plan('registry.tumour', :'policy');
\t off
\pset format aligned

-- Publish it: planned, built beside, measured on the stored rows, and only then visible.
CREATE SCHEMA research;
SELECT kiaim.create_release('research.tumour', source => 'registry.tumour', policy => :'policy');
SELECT * FROM research.tumour WHERE icd10 = 'C50.4' ORDER BY district, birth_date, survival_days LIMIT 4;

-- Whoever may read it can check it (in records: the person column stayed at home).
SELECT count(*), kiaim.k_anonymity(sex, district, birth_date) AS k, kiaim.l_diversity(icd10, sex, district, birth_date) AS l
FROM research.tumour;

-- Refresh it, from a job for example. A run that fails leaves the previous release in place, and says why in the log.
UPDATE registry.tumour SET birth_date = birth_date - interval '10 years' WHERE patient_id % 50 = 0;
CALL kiaim.refresh('research.tumour');
ALTER TABLE registry.tumour RENAME icd10 TO diagnosis;
\set VERBOSITY terse
CALL kiaim.refresh('research.tumour');
SELECT run, state, source_rows, rows, suppressed, k, round(loss::numeric, 4) AS loss, reason
FROM kiaim.release_log WHERE release = 'research.tumour' ORDER BY run;
