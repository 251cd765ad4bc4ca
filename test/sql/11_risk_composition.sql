-- What two releases of the same persons say together, and what a class says of a diagnosis.
\set ECHO none
\pset footer off
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS registry, research CASCADE;
DELETE FROM kiaim.release;
DELETE FROM kiaim.release_log;
DELETE FROM kiaim_ledger.run;
DELETE FROM kiaim_ledger.class;
ALTER SEQUENCE kiaim.release_log_run_seq RESTART;
CREATE SCHEMA registry;
CREATE SCHEMA research;
CREATE TABLE registry.case AS
SELECT i AS patient, (ARRAY['f', 'm'])[1 + i % 2] AS sex, 30 + i * 7919 % 103 % 40 AS age, (ARRAY['01', '02', '03'])[1 + i * 331 % 61 % 3] AS district,
       CASE WHEN i * 7919 % 103 % 40 < 20 AND i * 53 % 31 < 20 THEN (ARRAY['C50', 'C61'])[1 + i % 2] ELSE (ARRAY['C34', 'C18', 'C43', 'C64'])[1 + i * 31 % 23 % 4] END AS icd10
FROM generate_series(1, 120) AS i;
RESET client_min_messages;
\set ECHO all
-- Two releases of the same patients, each with k = 5. The member "ledger" keeps who was behind which class.
SELECT kiaim.create_release('research.by_age', 'registry.case',
  '{"person": "patient", "quasi": {"sex": "flat", "age": {"hierarchy": "bins(10)", "max": 1}}, "sensitive": {"icd10": {"l": 2}}, "k": 5, "ledger": true}', 'table');
SELECT kiaim.create_release('research.by_district', 'registry.case',
  '{"person": "patient", "quasi": {"sex": "flat", "district": "flat"}, "sensitive": {"icd10": {"l": 2}}, "k": 5, "ledger": true}', 'table');
SELECT metric, round(value::numeric, 3) AS value, scope FROM kiaim.composition_risk('{research.by_age, research.by_district}');
SELECT finding, persons, wanted, classes FROM kiaim.composition_classes('{research.by_age, research.by_district}') LIMIT 3;
SELECT * FROM kiaim.composition_distribution('{research.by_age, research.by_district}');

-- Two patients are diagnosed, one moves away, and the release is refreshed.
INSERT INTO registry.case VALUES (121, 'f', 44, '01', 'C50'), (122, 'f', 45, '01', 'C34');
DELETE FROM registry.case WHERE patient = 8;
CALL kiaim.refresh('research.by_age');
SELECT finding, persons, wanted, classes FROM kiaim.composition_classes('{research.by_age}') WHERE finding IN ('grown', 'shrunk');
SELECT run, release, k, persons, classes FROM kiaim.ledger ORDER BY run;

-- Before anything is published: ask in a transaction.
BEGIN;
SELECT kiaim.create_release('research.coarse', 'registry.case',
  '{"person": "patient", "quasi": {"district": "flat"}, "sensitive": {"icd10": {"l": 2}}, "k": 5, "ledger": true}', 'table');
SELECT value AS effective_k FROM kiaim.composition_risk('{research.by_age, research.coarse}') WHERE metric = 'effective_k';
ROLLBACK;

-- Relations at hand, by a column that both have.
CREATE VIEW research.one AS SELECT patient, sex, age / 10 AS decade FROM registry.case;
CREATE VIEW research.two AS SELECT patient, district FROM registry.case;
SELECT metric, round(value::numeric, 3) AS value, scope FROM kiaim.composition_risk_of('{research.one, research.two}', 'patient', '{sex,decade,district}');

-- What a class says of a diagnosis although nobody in it is found.
SELECT metric, round(value::numeric, 3) AS value FROM kiaim.attribute_risk('research.by_age', '{sex,age}', 'icd10', threshold => 0.5);
SELECT class, size, most_probable, round(share::numeric, 3) AS share, round(baseline::numeric, 3) AS baseline, round(ratio::numeric, 2) AS ratio, distinct_values AS values
FROM kiaim.attribute_risk_classes('research.by_age', '{sex,age}', 'icd10') ORDER BY ratio DESC, class LIMIT 3;

SET client_min_messages = warning;
SELECT kiaim.drop_release(release) FROM kiaim.releases;
SELECT kiaim.forget_ledger('research.by_age') AS runs_forgotten, kiaim.forget_ledger('research.by_district') AS of_the_other;
DROP SCHEMA registry, research CASCADE;
