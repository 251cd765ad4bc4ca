-- Planning: the least generalization that satisfies a policy.
CREATE TABLE visit (patient_id int, sex text, age int, district text, icd10 text);
INSERT INTO visit
SELECT i, (ARRAY['f', 'm'])[1 + i % 2], 40 + i * 7 % 37, (ARRAY['09162', '09184', '05315', '05111'])[1 + i % 4],
       (ARRAY['C50.1', 'C61', 'C34.1', 'C18.2', 'C43.9'])[1 + i * 3 % 5]
FROM generate_series(1, 400) AS i;
\set policy '{"person": "patient_id", "quasi": {"sex": "flat", "age": "bins(5, 10, 20)", "district": "ags"}, "sensitive": {"icd10": {"l": 3}}, "k": 8, "suppression": 0.02}'

-- The raw table does not satisfy it.
SELECT * FROM kiaim.check('visit', :'policy');

-- The three best ways.
SELECT rank, levels, round(loss::numeric, 4) AS loss, k, suppressed, classes, optimal, gap
FROM kiaim.plan('visit', :'policy', solutions => 3);

-- The query of the best.
SELECT query FROM kiaim.plan('visit', :'policy') \gset
\echo :query

-- Run it, and check what it gives.
CREATE TABLE visit_released AS :query;
SELECT count(*), kiaim.k_anonymity(sex, age, district) AS k, kiaim.l_diversity(icd10, sex, age, district) AS l FROM visit_released;
SELECT * FROM visit_released ORDER BY district, age, sex, icd10 LIMIT 3;

-- The district matters most: weigh it.
SELECT levels, round(loss::numeric, 4) AS loss
FROM kiaim.plan('visit', jsonb_set(:'policy', '{quasi,district}', '{"hierarchy": "ags", "weight": 5}'));

-- Never coarser than five years: then something else must give.
SELECT levels, round(loss::numeric, 4) AS loss
FROM kiaim.plan('visit', jsonb_set(:'policy', '{quasi,age}', '{"hierarchy": "bins(5, 10, 20)", "max": 1}'));

-- Too much to ask for.
SELECT * FROM kiaim.plan('visit', jsonb_set(:'policy', '{k}', '500'));

-- The query at levels of one's own choice.
SELECT split_part(kiaim.plan_query('visit', :'policy', '{"sex": 1, "age": 2, "district": 1}'), E'\n', 1) AS first_line;
