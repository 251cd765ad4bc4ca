-- The examples of doc/synthesize/sampling.md, constraints.md and partial.md.
\pset footer off
\set SHOW_CONTEXT never
SET DateStyle = ISO;
CREATE SCHEMA cancer;

-- 3,000 made-up tumours of 2,400 persons.
CREATE TABLE cancer.tumour (
  patient_id int NOT NULL, sex text NOT NULL, birth_date date NOT NULL, diagnosis_date date NOT NULL, age int NOT NULL,
  icd10 text NOT NULL, uicc text, therapy_date date, death_date date);
WITH person AS (
  SELECT p, h, CASE WHEN h[1] < 130 THEN 'f' ELSE 'm' END AS sex, date '1930-01-01' + h[2] * 64 + h[3] % 64 AS birth_date
  FROM generate_series(1, 2400) AS p, LATERAL (SELECT array_agg(get_byte(sha256(p::text::bytea), i) ORDER BY i) AS h FROM generate_series(0, 31) AS i) AS hash
), tumour AS (
  SELECT p, t, h, sex, birth_date, date '2015-01-01' + h[4 + t] * 7 + h[6] % 14 AS diagnosis_date,
         CASE WHEN sex = 'f' AND h[7 + t] < 120 THEN 'C50.' || h[8] % 6 WHEN sex = 'm' AND h[7 + t] < 90 THEN 'C61' WHEN h[7 + t] % 3 = 0 THEN 'C18.' || h[8] % 8
              WHEN h[7 + t] % 3 = 1 THEN 'C34.' || h[8] % 4 ELSE 'C' || 15 + h[9] % 60 END AS icd10
  FROM person, generate_series(1, CASE WHEN h[10] < 64 THEN 2 ELSE 1 END) AS t
), staged AS (
  SELECT *, CASE WHEN h[11] < 20 THEN NULL ELSE (ARRAY['I', 'II', 'III', 'IV'])[1 + (h[12] * CASE WHEN icd10 ~ '^C(34|25)' THEN 4 ELSE 3 END / 256)] END AS uicc FROM tumour
)
INSERT INTO cancer.tumour
SELECT p, sex, birth_date, diagnosis_date, extract(year FROM age(diagnosis_date, birth_date))::int, icd10, uicc,
       CASE WHEN h[13] < 200 THEN diagnosis_date + h[14] / 4 END,
       CASE WHEN h[15] < CASE uicc WHEN 'IV' THEN 200 WHEN 'III' THEN 100 ELSE 40 END THEN diagnosis_date + 64 + h[16] * CASE uicc WHEN 'IV' THEN 3 ELSE 8 END END
FROM staged;
CREATE SCHEMA research;
SELECT kiaim.fit('tumours', 'cancer.tumour', '{"person": "patient_id", "seed": 1}');

-- sampling
SELECT * FROM kiaim.sample(NULL::cancer.tumour, 'tumours', 4, seed => 42);

-- sampling
CREATE TABLE research.tumour (sex text, age int, icd10 text, uicc text, death_date date);
INSERT INTO research.tumour SELECT * FROM kiaim.sample(NULL::research.tumour, 'tumours', 100000, seed => 42);

-- sampling
SELECT (s).age, (s).icd10
FROM (SELECT kiaim.sample(NULL::cancer.tumour, 'tumours', 1000000000, seed => 42) AS s LIMIT 3) AS x;

-- sampling
SELECT icd10, sex, age, diagnosis_date
FROM kiaim.sample(NULL::cancer.tumour, 'tumours', 5, seed => 1,
                  given => '{"icd10": "C50", "age": "[40,50)", "diagnosis_date": "[2016-01-01,2017-01-01)"}');

-- constraints
SELECT kiaim.fit('constrained', 'cancer.tumour', '{"person": "patient_id", "seed": 1,
  "constraints": ["death_date > diagnosis_date + 90", "sex = ''m'' OR icd10 NOT LIKE ''C61%''"]}');
SELECT count(*) FROM kiaim.sample(NULL::cancer.tumour, 'constrained', 100000, seed => 42)
WHERE death_date <= diagnosis_date + 90;

-- constraints
CREATE DOMAIN research.adult AS int CHECK (VALUE BETWEEN 18 AND 90);
CREATE TABLE research.adult_tumour (sex text, age research.adult, icd10 text NOT NULL, uicc text,
  diagnosis_date date, death_date date,
  CONSTRAINT stage_known CHECK (uicc IS NOT NULL), CHECK (death_date > diagnosis_date));
SELECT count(*), min(age), max(age), count(uicc)
FROM kiaim.sample(NULL::research.adult_tumour, 'tumours', 100000, seed => 42);

-- constraints
CREATE TABLE research.never (sex text CHECK (sex = 'd'));
SELECT kiaim.sample(NULL::research.never, 'tumours', 1);

-- partial
SELECT kiaim.fit('clinical', 'cancer.tumour', '{"person": "patient_id", "seed": 1,
  "keep": ["sex", "age"], "columns": ["sex", "age", "icd10", "uicc"]}');
SELECT (t).sex, (t).age, (t).icd10, (t).uicc, (s).icd10 AS new_icd10, (s).uicc AS new_uicc, (s).patient_id
FROM (SELECT t, kiaim.complete(t, 'clinical', seed => 1) AS s FROM cancer.tumour AS t LIMIT 5) AS x;

-- partial
SELECT kiaim.fit('persons', 'cancer.tumour', '{"person": "patient_id", "seed": 1,
  "keep": ["icd10", "uicc"], "columns": ["sex", "age", "icd10", "uicc"]}');
SELECT (t).sex, (t).age, (t).icd10, (t).uicc, (s).sex AS new_sex, (s).age AS new_age
FROM (SELECT t, kiaim.complete(t, 'persons', seed => 1) AS s FROM cancer.tumour AS t LIMIT 5) AS x;

-- partial
SELECT sex, age, icd10, uicc FROM kiaim.sample(NULL::cancer.tumour, 'clinical', 3, seed => 1, given => '{"sex": "f", "age": 55}');

SELECT kiaim.drop_model(name) FROM kiaim.models;
SET client_min_messages = warning;
DROP SCHEMA cancer, research CASCADE;
