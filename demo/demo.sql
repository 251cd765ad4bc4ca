-- What a data steward does with kiaim, from the raw table to a release that
-- stays fresh. demo/run runs it on a database of its own; it can be read as a
-- script, too.
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset null '-'
\pset linestyle ascii
\pset border 1
\set SHOW_CONTEXT never
\if :{?persons}
  \set wanted :persons
  \unset persons
\else
  \set wanted 50000
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kiaim;
RESET client_min_messages;

\echo
\echo '== 1. The registry =========================================================='
\echo
\echo 'A made-up cancer registry in the schema of the German national data set. Each'
\echo 'tumour comes with date of birth, district of residence and diagnosis to the day.'
\echo
\ir registry.sql
SELECT * FROM registry.generate(:wanted);
SELECT patient_id, sex, birth_date, district, diagnosis_date, icd10, uicc, survival_days, vital_status
FROM registry.tumour ORDER BY tumour_id LIMIT 5;

\echo '== 2. How risky is it as it is? ============================================='
\echo
\echo 'Names are not needed to recognize somebody: sex, date of birth, district and'
\echo 'diagnosis are. Counted in persons, not in rows.'
\echo
\echo '> SELECT * FROM kiaim.risk(''registry.tumour'', quasi => ''{sex,birth_date,district,icd10}'', person => ''patient_id'') LIMIT 9;'
\echo
SELECT metric, round(value::numeric, 4) AS value
FROM kiaim.risk('registry.tumour', quasi => '{sex,birth_date,district,icd10}', person => 'patient_id') LIMIT 9;

\echo 'Leaving out the diagnosis and the day of birth does not help much. The checks are'
\echo 'aggregates, so that any query can ask.'
\echo
SELECT 'sex, birth date, district, diagnosis' AS what_somebody_knows, kiaim.k_anonymity(sex, birth_date, district, icd10) AS smallest_class,
       round(100 * kiaim.uniqueness(sex, birth_date, district, icd10)::numeric, 1) AS "% alone"
FROM registry.tumour
UNION ALL
SELECT 'sex, birth year, district', kiaim.k_anonymity(sex, date_trunc('year', birth_date), district),
       round(100 * kiaim.uniqueness(sex, date_trunc('year', birth_date), district)::numeric, 1)
FROM registry.tumour
UNION ALL
SELECT 'sex, birth year, state', kiaim.k_anonymity(sex, date_trunc('year', birth_date), state),
       round(100 * kiaim.uniqueness(sex, date_trunc('year', birth_date), state)::numeric, 1)
FROM registry.tumour
ORDER BY 3 DESC;

\echo '== 3. What are the columns? ================================================='
\echo
\echo 'kiaim.suggest looks at names, types and content, and proposes a role and a'
\echo 'hierarchy. It is a start for a policy, not a decision. Some of the columns:'
\echo
\echo '> SELECT * FROM kiaim.suggest(''registry.tumour'');'
\echo
SELECT column_name, looks_like, role, hierarchy FROM kiaim.suggest('registry.tumour')
WHERE column_name IN ('tumour_id', 'patient_id', 'sex', 'birth_date', 'district', 'diagnosis_date', 'age_at_diagnosis', 'icd10', 'morphology', 'topography',
                      'c_t', 'c_n', 'uicc', 'survival_days', 'vital_status', 'remark');

\echo '== 4. The policy ============================================================'
\echo
\echo 'Each person is hidden among at least 11 (k), each group has at least 3 diagnoses'
\echo 'and 2 stages (l), at most 5 % of the records are suppressed. Stay as fine as'
\echo 'possible, but at least as fine as state, decade of birth and five years of'
\echo 'diagnosis. Columns that are not named are not released.'
\echo
\set policy '{"person": "patient_id", "quasi": {"sex": "flat", "birth_date": {"hierarchy": "calendar(month, year, 5 years, decade)", "max": 4}, "district": {"hierarchy": "ags", "max": 3}, "diagnosis_date": {"hierarchy": "calendar(month, quarter, year, 5 years)", "max": 4}}, "sensitive": {"icd10": {"l": 3}, "uicc": {"l": 2}}, "keep": ["survival_days", "vital_status"], "k": 11, "suppression": 0.05}'
\t on
\pset format unaligned
SELECT jsonb_pretty(:'policy'::jsonb);
\pset format aligned
\t off

\echo
\echo '== 5. The plan =============================================================='
\echo
\echo 'The least generalization that satisfies the policy, proven to be the least, and'
\echo 'the two next ones. loss 0 is untouched, 1 is nothing left; levels count from 0.'
\echo
\echo '> SELECT * FROM kiaim.plan(''registry.tumour'', :''policy'', solutions => 3);'
\echo
SELECT rank, levels, round(loss::numeric, 4) AS loss, k, suppressed, classes, optimal
FROM kiaim.plan('registry.tumour', :'policy', solutions => 3);

\echo 'It is a query that can be read, reviewed and run again:'
\echo
\t on
\pset format unaligned
SELECT query FROM kiaim.plan('registry.tumour', :'policy');
\pset format aligned
\t off

\echo
\echo '== 6. The release ==========================================================='
\echo
\echo 'Planned, built beside, measured on the stored result, and only then published.'
\echo
\echo '> SELECT kiaim.create_release(''research.tumour'', source => ''registry.tumour'', policy => :''policy'');'
\echo
CREATE SCHEMA research;
SELECT kiaim.create_release('research.tumour', source => 'registry.tumour', policy => :'policy') \g /dev/null
SELECT release, kind, rows, suppressed, round(100.0 * suppressed / (rows + suppressed), 2) AS "% suppressed", k AS "k, verified", round(loss::numeric, 4) AS loss
FROM kiaim.releases;

\echo 'Anybody who may read it can check it:'
\echo
SELECT count(*) AS records, kiaim.k_anonymity(sex, birth_date, district, diagnosis_date) AS k,
       kiaim.l_diversity(icd10, sex, birth_date, district, diagnosis_date) AS "l of icd10",
       kiaim.l_diversity(uicc, sex, birth_date, district, diagnosis_date) AS "l of uicc"
FROM research.tumour;
SELECT * FROM research.tumour ORDER BY district, birth_date, diagnosis_date, sex, icd10, survival_days LIMIT 8;

\echo '== 7. Is it still worth having? ============================================='
\echo
\echo 'Alive two years after the diagnosis, in percent of those whose fate is known by'
\echo 'then: the registry, and the release.'
\echo
WITH both_of_them AS (
  SELECT 'registry' AS source, icd10, uicc, survival_days, vital_status FROM registry.tumour
  UNION ALL SELECT 'release', icd10, uicc, survival_days, vital_status FROM research.tumour
), share AS (
  SELECT source, site, substring(uicc FROM '^(IV|I{1,3})') AS stage,
         round(100 * avg((survival_days >= 730)::int), 1) AS alive
  FROM both_of_them JOIN (VALUES ('C50', 'breast'), ('C34', 'lung'), ('C18', 'colon')) AS v(category, site)
    ON kiaim.generalize(icd10, 'icd10', 1) = category
  WHERE survival_days >= 730 OR vital_status = 'dead'
  GROUP BY source, site, stage
)
SELECT site, stage, max(alive) FILTER (WHERE source = 'registry') AS registry, max(alive) FILTER (WHERE source = 'release') AS release
FROM share WHERE stage IS NOT NULL GROUP BY site, stage ORDER BY site, stage;

\echo '== 8. Rows that are nobody''s ==============================================='
\echo
\echo 'To write an analysis before access is granted: a model of the tumours, each group'
\echo 'in it of at least ten persons, and as many rows of it as are wanted.'
\echo
\echo '> SELECT kiaim.fit(''tumours'', ''registry.tumour'', ''{"person": "patient_id", "seed": 1, "columns": [...]}'');'
\echo '> SELECT * FROM kiaim.sample(NULL::research.synthetic, ''tumours'', 40000, seed => 42);'
\echo
CREATE TABLE research.synthetic AS
SELECT sex, age_at_diagnosis, diagnosis_date, state, icd10, uicc, survival_days, vital_status FROM registry.tumour LIMIT 0;
SELECT kiaim.fit('tumours', 'registry.tumour', '{"person": "patient_id", "seed": 1,
  "columns": ["patient_id", "sex", "age_at_diagnosis", "diagnosis_date", "state", "icd10", "uicc", "survival_days", "vital_status"]}') \g /dev/null
INSERT INTO research.synthetic SELECT * FROM kiaim.sample(NULL::research.synthetic, 'tumours', 40000, seed => 42);
SELECT * FROM research.synthetic LIMIT 5;
\echo 'Alive two years after the diagnosis, in percent, and what must not be.'
\echo
SELECT source, round(avg(alive) FILTER (WHERE site = 'C50'), 1) AS breast, round(avg(alive) FILTER (WHERE site = 'C18'), 1) AS colon, round(avg(alive) FILTER (WHERE site = 'C34'), 1) AS lung,
       sum(wrong) AS "sites of the other sex"
FROM (SELECT source, kiaim.generalize(icd10, 'icd10', 1) AS site, CASE WHEN survival_days >= 730 OR vital_status = 'dead' THEN 100.0 * (survival_days >= 730)::int END AS alive,
             (sex = 'M' AND icd10 ~ '^C5[1-8]' OR sex = 'W' AND icd10 ~ '^C6[0-3]')::int AS wrong
      FROM (SELECT 'registry' AS source, sex, icd10, survival_days, vital_status FROM registry.tumour
            UNION ALL SELECT 'synthetic', sex, icd10, survival_days, vital_status FROM research.synthetic) AS t) AS s
GROUP BY source ORDER BY source;

\echo '== 9. Tomorrow =============================================================='
\echo
\echo 'New notifications arrive; a job calls kiaim.refresh. Then somebody renames a'
\echo 'column that the policy needs: that run fails, and readers keep what they had.'
\echo
\echo '> CALL kiaim.refresh(''research.tumour'');'
\echo
INSERT INTO registry.tumour
SELECT (jsonb_populate_record(t, jsonb_build_object('tumour_id', tumour_id + 5, 'diagnosis_date', diagnosis_date + 1))).*
FROM registry.tumour AS t WHERE tumour_id % 10 = 1 ORDER BY tumour_id LIMIT 500;
CALL kiaim.refresh('research.tumour');
ALTER TABLE registry.tumour RENAME COLUMN uicc TO stage;
\set ON_ERROR_STOP off
CALL kiaim.refresh('research.tumour');
\set ON_ERROR_STOP on
ALTER TABLE registry.tumour RENAME COLUMN stage TO uicc;
CALL kiaim.refresh('research.tumour');

\echo
\echo 'The log has every run:'
\echo
SELECT run, release, state, source_rows, rows, suppressed, k, round(loss::numeric, 4) AS loss, reason FROM kiaim.release_log ORDER BY run;

\echo 'That was all. To type it yourself: "Five minutes" in README.md; the manual: doc/.'
\echo
