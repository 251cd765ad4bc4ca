-- Steps of a policy beside generalization: types, limits, empty columns, samples, differential privacy.
\pset footer off
\set SHOW_CONTEXT never
SET DateStyle = ISO;
CREATE TABLE stay (patient_id int, sex text, age int, admitted date, days int, ward text);
INSERT INTO stay
SELECT i, (ARRAY['f', 'm'])[1 + i % 2], 20 + i * 7 % 75, date '2019-01-01' + i * 11 % 1400, i * i % 97, (ARRAY['A', 'B', 'C'])[1 + i % 3]
FROM generate_series(1, 2000) AS i;

-- A value on each level: its label, the interval that the label stands for, and the middle of that.
SELECT level, kiaim.generalize(37, 'bins(5, 20)', level) AS label, kiaim.generalize_range(37, 'bins(5, 20)', level) AS range,
       kiaim.generalize_midpoint(37, 'bins(5, 20)', level) AS midpoint
FROM generate_series(0, 3) AS level;
SELECT kiaim.generalize_range(date '2021-08-05', 'calendar(month, quarter, year)', 2), kiaim.generalize_midpoint(date '2021-08-05', 'calendar(month, quarter, year)', 2);

-- A release with types: half of the patients, long stays cut off, the ward there but empty.
\set policy '{"person": "patient_id", "quasi": {"sex": {"hierarchy": "flat", "as": "type"}, "age": {"hierarchy": "bins(5, 10, 20, above=80)", "as": "range"}, "admitted": {"hierarchy": "calendar(quarter, year)", "as": "midpoint"}}, "keep": {"days": {"top": 60}}, "suppress": ["ward"], "sample": {"share": 0.5, "seed": 20240613}, "k": 10, "suppression": 0.05}'
SELECT kiaim.create_release('stay_released', 'stay', :'policy', kind => 'table');
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'stay_released'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM stay_released ORDER BY age, admitted, sex, days LIMIT 3;
SELECT count(*), max(days) FROM stay_released WHERE age && '[60,80)' AND sex = 'f';
SELECT source_rows, rows, suppressed, k FROM kiaim.release_log WHERE release = 'public.stay_released';

-- Trees have no intervals.
SELECT kiaim.validate_policy('stay', '{"quasi": {"age": {"hierarchy": {"*": {"young": [20, 21], "old": [80, 81]}}, "as": "range"}}, "k": 10}');

-- Differential privacy: what share of the patients is drawn, and how large a class must be.
SELECT epsilon, round(kiaim.safepub_share(epsilon)::numeric, 3) AS share, kiaim.safepub_k(epsilon, 1e-6) AS k
FROM unnest(ARRAY[0.1, 0.5, 1, 2, 3]) AS epsilon;
\set private '{"person": "patient_id", "quasi": {"sex": {"hierarchy": "flat", "min": 0, "max": 0}, "age": {"hierarchy": "bins(5, 10, 20)", "min": 3, "max": 3}}, "differential_privacy": {"epsilon": 1, "delta": 1e-6}}'
SELECT kiaim.create_release('stay_private', 'stay', :'private', kind => 'table');
SELECT requirement, wanted, holds FROM kiaim.check('stay_private', :'private'::jsonb - 'person');
SELECT count(*) BETWEEN 1000 AND 1500 AS about_63_percent FROM stay_private;
SELECT * FROM kiaim.privacy_spent('stay_private');
CALL kiaim.refresh('stay_private');
SELECT * FROM kiaim.privacy_spent('stay_private');
CALL kiaim.refresh('stay_released');

-- Each reading of a view would be another draw, and a search for the best level another question.
SELECT kiaim.create_release('stay_view', 'stay', :'private', kind => 'view');
SELECT kiaim.validate_policy('stay', jsonb_set(:'private', '{quasi,age}', '"bins(5, 10, 20)"'));

SELECT kiaim.drop_release('stay_released'), kiaim.drop_release('stay_private');
DROP TABLE stay;
