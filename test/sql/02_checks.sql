-- What must hold in a class: checks as aggregates.
--
-- Fourteen made-up patients. Somebody who knows sex, age group and district of a
-- person could look for them here; the diagnosis is what must stay unknown.
CREATE TABLE tumour (patient int, sex text, age_group text, district text, icd10 text, uicc text);
INSERT INTO tumour VALUES
    (1, 'W', '60-64', '09162', 'C50.9', 'I'),
    (2, 'W', '60-64', '09162', 'C50.4', 'II'),
    (3, 'W', '60-64', '09162', 'C18.7', 'II'),
    (3, 'W', '60-64', '09162', 'C50.1', 'I'),
    (4, 'W', '65-69', '09162', 'C34.1', 'IV'),
    (5, 'W', '65-69', '09162', 'C34.9', 'IV'),
    (6, 'W', '65-69', '09162', 'C34.3', 'IV'),
    (7, 'M', '65-69', '09162', 'C61.9', 'II'),
    (8, 'M', '65-69', '09162', 'C61.9', 'III'),
    (9, 'M', '65-69', '09162', 'C61.9', 'II'),
    (10, 'M', '65-69', '09175', 'C20.9', 'III'),
    (11, 'M', '65-69', '09175', 'C43.5', 'I'),
    (12, 'M', '65-69', '09175', 'C61.9', NULL),
    (13, 'M', NULL, '09175', 'C16.0', 'IV');

-- The smallest class of records that are equal in all arguments. A missing age
-- group is a class of its own:
SELECT kiaim.k_anonymity(sex, age_group, district) FROM tumour;

-- The checks are aggregates like any other: with FILTER, GROUP BY, OVER, and
-- over any expression.
SELECT kiaim.k_anonymity(sex, age_group, district) FILTER (WHERE age_group IS NOT NULL) AS known_age,
       kiaim.k_anonymity(sex, left(district, 2)) AS coarser,
       round(kiaim.uniqueness(sex, age_group, district)::numeric, 3) AS alone
FROM tumour;

SELECT district, count(*), kiaim.k_anonymity(sex, age_group), kiaim.uniqueness(sex, age_group)
FROM tumour GROUP BY district ORDER BY district;

-- Which records are in a class below three?
SELECT patient, sex, age_group, district
FROM (SELECT *, kiaim.k_anonymity(sex) OVER (PARTITION BY sex, age_group, district) AS k FROM tumour) t
WHERE k < 3 ORDER BY patient;

-- Generalized values are values: check before anything is published.
SELECT kiaim.k_anonymity(sex, kiaim.generalize(district, 'ags', 2)),
       kiaim.k_anonymity(kiaim.generalize(district, 'ags', 3))
FROM tumour;

-- Records are not persons. Patient 3 has two tumours:
SELECT sex, age_group, kiaim.k_anonymity(sex, age_group) AS records, kiaim.persons_k_anonymity(patient, sex, age_group) AS persons
FROM tumour WHERE district = '09162' GROUP BY sex, age_group ORDER BY sex, age_group;

-- A large class does not help if all in it have the same. Whoever knows a man of
-- 65 to 69 in 09162 knows that it is his prostate:
SELECT sex, age_group, district, kiaim.k_anonymity(sex) AS k, kiaim.l_diversity(kiaim.generalize(icd10, 'icd10', 1), sex) AS l,
       round(kiaim.entropy_l_diversity(kiaim.generalize(icd10, 'icd10', 1), sex)::numeric, 2) AS entropy_l,
       kiaim.recursive_diversity(2, kiaim.generalize(icd10, 'icd10', 1), sex) AS c
FROM tumour WHERE age_group IS NOT NULL GROUP BY sex, age_group, district ORDER BY sex, age_group, district;

-- How far is the most different class from the table, 0 being alike? Stages have
-- an order, diagnoses a tree:
SELECT round(kiaim.t_closeness(uicc, sex, age_group, district)::numeric, 3) AS equal,
       round(kiaim.ordered_t_closeness(uicc, sex, age_group, district)::numeric, 3) AS ordered,
       round(kiaim.hierarchical_t_closeness('icd10', icd10, sex, age_group, district)::numeric, 3) AS hierarchical
FROM tumour;

-- How much likelier does a class make one value than the table does, or less likely? What share of a class has the
-- same, and how diverse would a larger class be?
SELECT round(kiaim.beta_likeness(uicc, sex)::numeric, 3) AS beta, round(kiaim.enhanced_beta_likeness(uicc, sex)::numeric, 3) AS enhanced_beta,
       round(kiaim.delta_disclosure((uicc = 'II') IS TRUE, sex)::numeric, 3) AS delta_of_ii, kiaim.delta_disclosure(uicc, sex) AS delta,
       round(kiaim.alpha_anonymity(uicc, sex)::numeric, 3) AS alpha, round(kiaim.grassberger_l_diversity(uicc, sex)::numeric, 3) AS grassberger
FROM tumour WHERE age_group IS NOT NULL;

-- One class against the distribution of the table, which is made once:
SELECT sex, age_group, round(kiaim.t_closeness_to((SELECT kiaim.distribution_of(uicc) FROM tumour), uicc)::numeric, 3) AS distance
FROM tumour GROUP BY sex, age_group ORDER BY sex, age_group;

-- No rows, no answer:
SELECT kiaim.k_anonymity(sex) FROM tumour WHERE false;

-- All that classes say about the risk of being found, in one table:
SELECT metric, round(value::numeric, 4) AS value FROM kiaim.risk('tumour', quasi => '{sex,age_group,district}', person => 'patient') LIMIT 9;

-- Records and persons side by side:
SELECT metric, round(r.value::numeric, 4) AS records, round(p.value::numeric, 4) AS persons
FROM kiaim.risk('tumour', '{sex,age_group,district}', 'patient') WITH ORDINALITY AS p(metric, value, n)
     LEFT JOIN kiaim.risk('tumour', '{sex,age_group,district}') AS r USING (metric) ORDER BY n LIMIT 9;

-- What cannot be compared cannot be counted:
SELECT kiaim.k_anonymity(point(1, 1)) FROM tumour;
SELECT kiaim.recursive_diversity(0, icd10, sex) FROM tumour;

DROP TABLE tumour;
