-- The risk of every record: doc/risk/records.md.

-- A survey of ten persons; each answer stands for as many persons as weight says.
CREATE TABLE survey (nr int, household text, sex text, age_group text, district text, weight int);
INSERT INTO survey VALUES
    (1, 'A', 'w', '40-49', 'north', 120), (2, 'A', 'm', '40-49', 'north', 80), (3, 'A', 'w', '10-19', 'north', 100),
    (4, 'B', 'w', '40-49', 'north', 130), (5, 'B', 'm', '50-59', 'south', 90), (6, 'C', 'm', '40-49', 'north', 110),
    (7, 'C', 'w', '40-49', 'north', 100), (8, 'D', 'm', '80-89', 'south', 6), (9, 'E', 'm', '50-59', 'south', 70),
    (10, 'E', 'm', '10-19', 'north', 90);

SELECT id AS nr, class_size AS f, round(population_size::numeric) AS "F", round(prosecutor::numeric, 3) AS prosecutor, round(journalist::numeric, 4) AS journalist,
       round(individual::numeric, 4) AS individual, round(r.household::numeric, 4) AS household
FROM kiaim.record_risk('survey', '{sex,age_group,district}', id => 'nr', weight => 'weight', household => 'household') AS r
ORDER BY r.individual DESC, r.id::int;

-- Which few columns single a record out?
SELECT id AS nr, suda_score, round(dis_suda::numeric, 4) AS dis_suda, contributions
FROM kiaim.record_risk('survey', '{sex,age_group,district}', id => 'nr', weight => 'weight')
WHERE suda_score > 0 ORDER BY suda_score DESC, id::int;

-- How many of the ten would somebody find who tries all?
SELECT round(sum(individual)::numeric, 3) AS expected, round(sum(prosecutor)::numeric, 3) AS by_the_prosecutor
FROM kiaim.record_risk('survey', '{sex,age_group,district}', weight => 'weight', max_columns => 0);

-- The individual risk by itself: f records of a sample of the share p.
SELECT f, round(kiaim.individual_risk(f, 1)::numeric, 5) AS "p = 1", round(kiaim.individual_risk(f, 0.5)::numeric, 5) AS "p = 0.5",
       round(kiaim.individual_risk(f, 0.1)::numeric, 5) AS "p = 0.1", round(kiaim.individual_risk(f, 0.01)::numeric, 5) AS "p = 0.01"
FROM unnest(ARRAY[1, 2, 3, 5, 10]) AS f;

-- With a table of the population the risk is known, not estimated.
CREATE TABLE census (sex text, age_group text, district text, persons int);
INSERT INTO census VALUES ('w', '40-49', 'north', 400), ('m', '40-49', 'north', 190), ('w', '10-19', 'north', 95), ('m', '50-59', 'south', 160), ('m', '80-89', 'south', 4), ('m', '10-19', 'north', 88);
SELECT id AS nr, population_size AS "F", round(journalist::numeric, 4) AS journalist
FROM kiaim.record_risk('survey', '{sex,age_group,district}', 'nr', population_table => 'census', population_count => 'persons', max_columns => 0) AS r
ORDER BY r.journalist DESC, id::int LIMIT 3;

DROP TABLE survey, census;
