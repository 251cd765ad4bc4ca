-- Synthetic rows: a model is fitted once, and rows are drawn from it. The figures are those of doc/synthesize.md and doc/synthesize/models.md.
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
SELECT count(*), count(DISTINCT patient_id) AS persons FROM cancer.tumour;

-- A model, and rows of it.
SELECT kiaim.fit('tumours', 'cancer.tumour', '{"person": "patient_id", "seed": 1}');
SELECT * FROM kiaim.sample(NULL::cancer.tumour, 'tumours', 5, seed => 42);

-- What is known of it.
SELECT name, source, method, rows, columns, persons, min_leaf FROM kiaim.models;
SELECT made, column_name, kind, codes, formula FROM kiaim.model_columns('tumours');
SELECT column_name, leaves, smallest, round(average) AS average, largest FROM kiaim.model_leaves('tumours');
SELECT key FROM kiaim.models, jsonb_object_keys(figures) AS key WHERE name = 'tumours' ORDER BY key;

-- What is wrong is said before anything is read.
SELECT kiaim.fit('tumours', 'cancer.tumour', '{"person": "patient_id", "min_leaf": 3}');
SELECT kiaim.fit('tumours', 'cancer.tumour', '{"person": "patient_id", "constraints": ["death_date > therapy_dat"]}');

-- What the data fails is said, and holds in every row all the same.
SELECT kiaim.fit('constrained', 'cancer.tumour', '{"person": "patient_id", "seed": 1, "constraints": ["death_date > diagnosis_date + 90"]}');
SELECT figures -> 'constraint_failures' AS failures FROM kiaim.models WHERE name = 'constrained';

-- The same model again.
SELECT kiaim.fit('tumours again', source::regclass, options) FROM kiaim.models WHERE name = 'tumours';
SELECT count(DISTINCT model::text) FROM kiaim.fitted_model WHERE name LIKE 'tumours%';

-- Whose it is.
CREATE ROLE regress_kiaim_reader;
SELECT kiaim.grant_model('tumours', 'regress_kiaim_reader');
SET ROLE regress_kiaim_reader;
SELECT name, owner = current_user AS mine FROM kiaim.models;
SELECT kiaim.drop_model('tumours');
RESET ROLE;
SELECT kiaim.drop_model(name) FROM kiaim.models WHERE source = 'cancer.tumour';
DROP ROLE regress_kiaim_reader;
DROP SCHEMA cancer CASCADE;
