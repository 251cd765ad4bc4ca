-- All releases worth choosing between, and what k costs.
\set ECHO none
\pset footer off
SET client_min_messages = warning;
\set persons 20000
\o /dev/null
\i demo/registry.sql
\o
RESET client_min_messages;
\set ECHO all
\set policy '{"person": "patient_id", "quasi": {"sex": "flat", "age_at_diagnosis": "bins(5, 10, 20)", "district": "ags"}, "sensitive": {"icd10": {"l": 3}}, "keep": ["survival_days"], "k": 11, "suppression": 0.02}'

-- None of these is better than another in loss, suppressed records and risk.
SELECT levels, round(loss::numeric, 4) AS loss, suppressed, round(highest_risk::numeric, 4) AS highest_risk, k, classes, exact
FROM kiaim.frontier('registry.tumour', :'policy');

-- What k costs: the least loss for each, with at most 2 % suppressed.
SELECT wanted, round(min(loss)::numeric, 4) AS loss
FROM unnest('{3,5,11,20,50}'::int[]) AS wanted, kiaim.frontier('registry.tumour', :'policy', '{3,5,11,20,50}') AS f
WHERE f.k >= wanted GROUP BY wanted ORDER BY wanted;

-- What suppression costs: the least loss with at most so many records suppressed.
SELECT share, round(min(loss)::numeric, 4) AS loss
FROM unnest('{0,0.01,0.02,0.05,0.1,1}'::numeric[]) AS share, kiaim.frontier('registry.tumour', jsonb_set(:'policy', '{suppression}', '1')) AS f
WHERE f.suppressed <= share * (SELECT count(*) FROM registry.tumour) GROUP BY share ORDER BY share;

-- A point is a release: its query makes it.
SELECT query FROM kiaim.frontier('registry.tumour', :'policy', '{50}') ORDER BY loss LIMIT 1 \gset
CREATE TEMP TABLE released AS :query;
SELECT sum(n) AS rows, count(*) AS classes, min(n) AS smallest
FROM (SELECT count(*) AS n FROM released GROUP BY sex, age_at_diagnosis, district) AS class;

DROP TABLE released;
