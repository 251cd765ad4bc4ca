-- Does the demonstration registry behave like a registry? One row an
-- expectation; the bounds are wide enough for 5,000 persons and up.
--
--   psql -f demo/check.sql        after demo/registry.sql with persons

CREATE OR REPLACE VIEW registry_model.expectation AS
WITH
tumour AS (SELECT *, left(icd10, 3) AS category, left(uicc, 2) = 'IV' AS metastatic FROM registry.tumour),
share AS (
  SELECT 'prostate and testis in women, %' AS expectation,
         100.0 * count(*) FILTER (WHERE sex = 'W') / count(*) AS measured, 0.0 AS lowest, 0.0 AS highest
  FROM tumour WHERE category IN ('C61', 'C62')
  UNION ALL SELECT 'uterus and ovary in men, %', 100.0 * count(*) FILTER (WHERE sex = 'M') / count(*), 0, 0
  FROM tumour WHERE category IN ('C53', 'C54', 'C56')
  UNION ALL SELECT 'breast cancer in men, %', 100.0 * count(*) FILTER (WHERE sex = 'M') / count(*), 0.1, 2 FROM tumour WHERE category = 'C50'
  UNION ALL SELECT 'breast among the tumours of women, %', 100.0 * count(*) FILTER (WHERE category = 'C50') / count(*), 24, 33 FROM tumour WHERE sex = 'W'
  UNION ALL SELECT 'prostate among the tumours of men, %', 100.0 * count(*) FILTER (WHERE category = 'C61') / count(*), 20, 28 FROM tumour WHERE sex = 'M'
  UNION ALL SELECT 'lung among all tumours, %', 100.0 * count(*) FILTER (WHERE category = 'C34') / count(*), 8, 14 FROM tumour
  UNION ALL SELECT 'tumours under the age of 15, %', 100.0 * count(*) FILTER (WHERE age_at_diagnosis < 15) / count(*), 0.1, 1 FROM tumour
  UNION ALL SELECT 'children among acute lymphoblastic leukaemia, %', 100.0 * count(*) FILTER (WHERE age_at_diagnosis < 18) / count(*), 5, 95
  FROM tumour WHERE category = 'C91' AND icd10 LIKE 'C91.0%'
  UNION ALL SELECT 'persons with two or more tumours, %', 100.0 * count(*) FILTER (WHERE n > 1) / count(*), 8, 11
  FROM (SELECT count(*) AS n FROM tumour GROUP BY patient_id) AS person
  UNION ALL SELECT 'stage missing where there should be one, %', 100.0 * count(*) FILTER (WHERE uicc IS NULL) / count(*), 15, 40
  FROM tumour WHERE category IN ('C18', 'C20', 'C34', 'C50', 'C61', 'C64')
  UNION ALL SELECT 'stage missing in two western registries, in multiples of Bavaria',
                   avg((uicc IS NULL)::int) FILTER (WHERE state IN ('05', '06')) / avg((uicc IS NULL)::int) FILTER (WHERE state = '09'), 1.05, 2.2
  FROM tumour WHERE category IN ('C18', 'C20', 'C34', 'C50', 'C61', 'C64')
  UNION ALL SELECT 'T, N or M unknown (X) among those staged, %',
                   100.0 * count(*) FILTER (WHERE 'X' IN (c_t, c_n, c_m, p_t, p_n, p_m)) / count(*), 8, 35
  FROM tumour WHERE coalesce(c_t, p_t) IS NOT NULL
  UNION ALL SELECT 'grading X, U or missing, %', 100.0 * count(*) FILTER (WHERE grading IN ('X', 'U') OR grading IS NULL) / count(*), 12, 35 FROM tumour
  UNION ALL SELECT 'death certificate only, %', 100.0 * count(*) FILTER (WHERE basis_of_diagnosis = '0') / count(*), 3, 11 FROM tumour
  UNION ALL SELECT 'estimated dates of diagnosis, %', 100.0 * count(*) FILTER (WHERE diagnosis_date_accuracy <> 'E') / count(*), 6, 16 FROM tumour
  UNION ALL SELECT 'codes that are misspelt or impossible, %', 100.0 * count(*) FILTER (WHERE icd10 !~ '^[CD]\d\d(\.\d)?$') / count(*), 0.02, 0.4 FROM tumour
  UNION ALL SELECT 'topography that ICD-O-3 does not have, %',
                   100.0 * count(*) FILTER (WHERE topography ~ '^(C4[356]|C7[89]|C8[1-9]|C9|D)') / count(*), 0, 0 FROM tumour
  UNION ALL SELECT 'lymphoma and leukaemia with a histology of another class, %',
                   100.0 * count(*) FILTER (WHERE morphology < '9590' AND morphology <> '8000/3') / count(*), 0, 0 FROM tumour WHERE icd10 ~ '^C(8[1-8]|9[0-6])'
  UNION ALL SELECT 'in situ codes without behaviour 2, %', 100.0 * count(*) FILTER (WHERE morphology !~ '/2$' AND basis_of_diagnosis <> '0') / count(*), 0, 0
  FROM tumour WHERE icd10 ~ '^D0'
  UNION ALL SELECT 'paired organs with a side, %', 100.0 * count(*) FILTER (WHERE laterality IN ('L', 'R')) / count(*), 85, 97 FROM tumour WHERE category IN ('C50', 'C64')
  UNION ALL SELECT 'stage IV exactly where M is 1, in colon and breast, % that differ', 100.0 * count(*) FILTER (WHERE metastatic <> (coalesce(p_m, c_m) LIKE '1%')) / count(*), 0, 5
  FROM tumour WHERE category IN ('C18', 'C50') AND uicc IS NOT NULL AND p_y_symbol IS NULL AND coalesce(p_m, c_m) <> 'X'
  UNION ALL SELECT 'largest district in multiples of the median one',
                   max(n) / percentile_cont(.5) WITHIN GROUP (ORDER BY n)::numeric, 10, 60
  FROM (SELECT count(*) AS n FROM tumour GROUP BY district) AS district
  UNION ALL SELECT 'districts', count(DISTINCT district), 380, 400 FROM tumour
  UNION ALL SELECT 'years of diagnosis', count(DISTINCT diagnosis_year), 10, 10 FROM tumour
),
median_age AS (
  SELECT 'median age, ' || name, percentile_cont(.5) WITHIN GROUP (ORDER BY age_at_diagnosis)::numeric, lowest::numeric, highest::numeric
  FROM tumour JOIN (VALUES ('breast', '^C50', 61, 67), ('prostate', '^C61', 68, 73), ('lung', '^C34', 67, 72), ('colon', '^C18', 71, 77), ('testis', '^C62', 33, 42),
                    ('cervix', '^C53', 47, 61), ('myeloma', '^C90', 66, 77))
              AS v(name, pattern, lowest, highest) ON icd10 ~ pattern
  GROUP BY name, lowest, highest
),
survival AS (  -- Kaplan-Meier would be finer; those followed for two years or dead before are enough here
  SELECT 'alive after two years, ' || name || ', stage ' || stage || ', %',
         100.0 * count(*) FILTER (WHERE survival_days >= 730) / nullif(count(*), 0), lowest::numeric, highest::numeric
  FROM tumour
  JOIN (VALUES ('breast', 'C50', 'I', 'I[ABC]?[123]?', 90, 100), ('breast', 'C50', 'IV', 'IV[ABC]?', 35, 82), ('lung', 'C34', 'I', 'I[ABC]?[123]?', 62, 95),
               ('lung', 'C34', 'IV', 'IV[ABC]?', 8, 30), ('colon', 'C18', 'I', 'I[ABC]?[123]?', 75, 100), ('colon', 'C18', 'IV', 'IV[ABC]?', 20, 55),
               ('prostate', 'C61', 'I', 'I', 82, 100))
         AS v(name, code, stage, pattern, lowest, highest) ON category = code AND uicc ~ ('^' || pattern || '$')
  WHERE diagnosis_year <= 2021 AND (survival_days >= 730 OR vital_status = 'dead')
  GROUP BY name, stage, lowest, highest
),
impossible AS (  -- counts of what may not be
  SELECT 'tumours after death', count(*)::numeric, 0::numeric, 0::numeric FROM tumour JOIN registry.patient USING (patient_id) WHERE diagnosis_date > vital_status_date
  UNION ALL SELECT 'births after the diagnosis', count(*), 0, 0 FROM tumour WHERE birth_date > diagnosis_date
  UNION ALL SELECT 'ages over 105', count(*), 0, 0 FROM tumour WHERE age_at_diagnosis > 105
  UNION ALL SELECT 'tumours that disagree with the patient', count(*), 0, 0 FROM tumour AS t JOIN registry.patient AS p USING (patient_id)
  WHERE (t.sex, t.birth_date, t.vital_status) <> (p.sex, p.birth_date, p.vital_status) OR t.survival_days <> p.vital_status_date - t.diagnosis_date
  UNION ALL SELECT 'operations before the diagnosis or after death', count(*), 0, 0
  FROM registry.operation AS o JOIN tumour AS t USING (tumour_id) WHERE operation_date - diagnosis_date NOT BETWEEN 0 AND survival_days OR operation_date - diagnosis_date <> days_to_operation
  UNION ALL SELECT 'radiotherapies before the diagnosis or after death', count(*), 0, 0
  FROM registry.radiotherapy AS o JOIN tumour AS t USING (tumour_id) WHERE start_date - diagnosis_date NOT BETWEEN 0 AND survival_days - coalesce(duration_days, 0)
  UNION ALL SELECT 'systemic therapies before the diagnosis or after death', count(*), 0, 0
  FROM registry.systemic_therapy AS o JOIN tumour AS t USING (tumour_id) WHERE start_date - diagnosis_date NOT BETWEEN 0 AND survival_days - coalesce(duration_days, 0)
  UNION ALL SELECT 'follow-ups before the diagnosis or after death', count(*), 0, 0
  FROM registry.follow_up AS o JOIN tumour AS t USING (tumour_id) WHERE follow_up_date - diagnosis_date NOT BETWEEN 0 AND survival_days
  UNION ALL SELECT 'dates after the end of the study', count(*), 0, 0 FROM registry.patient WHERE vital_status_date > '2023-12-31'
  UNION ALL SELECT 'treatments of tumours known from death certificates only', count(*), 0, 0
  FROM tumour WHERE basis_of_diagnosis = '0' AND tumour_id IN (SELECT tumour_id FROM registry.operation UNION SELECT tumour_id FROM registry.systemic_therapy)
)
SELECT expectation, round(measured, 2) AS measured, lowest, highest, coalesce(measured BETWEEN lowest AND highest, false) AS holds
FROM (SELECT * FROM share UNION ALL SELECT * FROM median_age UNION ALL SELECT * FROM survival UNION ALL SELECT * FROM impossible) AS e;
COMMENT ON VIEW registry_model.expectation IS 'what a registry looks like, what this one looks like, and whether they agree';

SELECT * FROM registry_model.expectation ORDER BY holds, expectation;
