-- The least generalization that satisfies a policy, and how to steer it.
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

-- The three best of all generalizations.
SELECT rank, levels, round(loss::numeric, 4) AS loss, k, suppressed, classes, optimal
FROM kiaim.plan('registry.tumour', :'policy', solutions => 3);

-- Age matters most: weigh it.
SELECT levels, round(loss::numeric, 4) AS loss, suppressed, classes
FROM kiaim.plan('registry.tumour', jsonb_set(:'policy', '{quasi,age_at_diagnosis}', '{"hierarchy": "bins(5, 10, 20)", "weight": 10}'));

-- The Regierungsbezirk is needed: limit the level.
SELECT levels, round(loss::numeric, 4) AS loss, suppressed, classes
FROM kiaim.plan('registry.tumour', jsonb_set(:'policy', '{quasi,district}', '{"hierarchy": "ags", "max": 2}'));

-- The query of a plan gives what was planned. Its rows, classes and smallest class:
SELECT query FROM kiaim.plan('registry.tumour', :'policy') \gset
CREATE TEMP TABLE released AS :query;
SELECT sum(n) AS rows, count(*) AS classes, min(n) AS smallest
FROM (SELECT count(*) AS n FROM released GROUP BY sex, age_at_diagnosis, district) AS class;

-- Nothing satisfies it:
SELECT levels FROM kiaim.plan('registry.tumour', '{"quasi": {"sex": "flat", "icd10": {"hierarchy": "icd10", "max": 0}}, "k": 11, "suppression": 0.01}');

-- A hierarchy that fits no value of its column:
SELECT levels FROM kiaim.plan('registry.tumour', '{"quasi": {"sex": "flat", "age_group": "calendar(year, decade)"}, "k": 11, "suppression": 0.02}');
SELECT kiaim.path(age_group, 'calendar(year, decade)') FROM registry.tumour ORDER BY tumour_id LIMIT 1;

-- No time: the best that was found, and how much better the optimum could be.
SELECT loss, optimal, gap FROM kiaim.plan('registry.tumour', :'policy', time_limit => '1 microsecond');

DROP TABLE released;
