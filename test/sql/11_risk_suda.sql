-- Special uniques: which few columns give somebody away.
--
-- Ten made-up records of nine persons.
CREATE TABLE fall (nr int, person int, sex text, age_group text, district text, icd10 text);
INSERT INTO fall VALUES
    (1, 1, 'W', '60-64', '09162', 'C50'),
    (2, 2, 'W', '60-64', '09162', 'C50'),
    (3, 3, 'W', '60-64', '09175', 'C50'),
    (4, 4, 'W', '65-69', '09175', 'C50'),
    (5, 5, 'M', '65-69', '09162', 'C61'),
    (6, 6, 'M', '65-69', '09162', 'C61'),
    (7, 7, 'M', '60-64', '09162', 'C50'),
    (8, 8, 'W', '65-69', '09162', 'C34'),
    (9, 9, 'M', '65-69', '09175', NULL),
    (10, 9, 'M', '65-69', '09175', NULL);

-- The minimal sample uniques of each record: sets of columns in which it is the
-- only one, while it is not in any part of them.
SELECT * FROM kiaim.special_uniques('fall', '{sex,age_group,district,icd10}', id => 'nr') ORDER BY id::int, cardinality(columns), columns;

-- In persons: the two records of person 9 are no protection for each other.
SELECT * FROM kiaim.special_uniques('fall', '{sex,age_group,district,icd10}', id => 'nr', person => 'person') WHERE id::int > 8 ORDER BY id::int, cardinality(columns), columns;

-- A NULL that could be anything is no mark of its own.
SELECT * FROM kiaim.special_uniques('fall', '{sex,age_group,district,icd10}', id => 'nr', person => 'person', wildcard => true) WHERE id::int > 6 ORDER BY id::int, cardinality(columns), columns;

-- What each column has to do with it.
SELECT column_name, special_uniques, round(contribution::numeric, 3) AS contribution
FROM kiaim.suda_columns('fall', '{sex,age_group,district,icd10}', person => 'person');

-- How well sets of columns tell records apart.
SELECT columns, round(distinction::numeric, 3) AS distinction, round(separation::numeric, 3) AS separation, uniques
FROM kiaim.column_risk('fall', '{sex,age_group,district,icd10}', max_columns => 2);

-- The fewest columns in which at least a fifth of the records is unique.
SELECT columns, uniques, round(share::numeric, 2) AS share
FROM kiaim.smallest_subsets('fall', '{sex,age_group,district,icd10}', person => 'person', uniqueness => 0.2);
