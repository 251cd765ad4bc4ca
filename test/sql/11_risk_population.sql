-- Population uniques: how many persons are alone in the population, told from a sample.
\pset footer off
\set SHOW_CONTEXT never
CREATE TABLE screened AS
SELECT i AS id, CASE WHEN i * i % 7 < 3 THEN 'f' ELSE 'm' END AS sex, 30 + i * i % 61 AS age, 'D' || (i * 7 % 100) * (i * 3 % 100) / 800 AS district,
       30 + i * i % 61 + i % 5 > 65 AS retired
FROM generate_series(1, 400) AS i;

-- The 400 screened are a sample of 4,000.
SELECT model, round(uniques) AS uniques, round(low) AS low, round(high) AS high, round(share::numeric, 3) AS share, round(reidentified) AS reidentified
FROM kiaim.population_risk('screened', '{sex,age,retired,district}', population => 4000);
SELECT model, parameters->'terms' AS terms, round((parameters->>'tau1')::numeric, 1) AS tau1
FROM kiaim.population_risk('screened', '{sex,age,retired,district}', population => 4000) WHERE parameters ? 'terms';

-- By record.
SELECT id, class_size, round(uniqueness::numeric, 4) AS uniqueness, round(correctness::numeric, 4) AS correctness,
       round(population_unique::numeric, 4) AS population_unique, round(reidentified::numeric, 4) AS reidentified
FROM kiaim.record_uniqueness('screened', '{sex,age,retired,district}', 4000, id => 'id') ORDER BY population_unique DESC, id LIMIT 3;

-- A model that cannot tell says why.
SELECT model, uniques, reason FROM kiaim.population_risk('screened', '{id}', population => 4000) WHERE NOT converged;
SELECT model, uniques FROM kiaim.population_risk('screened', '{sex,age,retired,district}', population => 400);
SELECT model, uniques FROM kiaim.population_risk('screened', '{sex,age,retired,district}', population => 399);
DROP TABLE screened;
