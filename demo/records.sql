-- From the truth to the records: what a registry gets to know of it, with the
-- gaps, the unknowns and the slips of notifications. See generate.sql.

-- Fills registry.patient and the temporary table known: the truth joined with
-- the recorded vital status, and the operation that was planned.
CREATE PROCEDURE registry_model.write_patients(seed int)
LANGUAGE plpgsql
SET search_path = pg_catalog, registry_model, pg_temp
SET jit = off
AS $$
DECLARE
  last_day constant date := '2023-12-31';
  s        constant bigint := (seed::bigint << 32) + 100;
BEGIN
  INSERT INTO registry.patient
  WITH person AS (
    SELECT t1.person, t1.sex, t1.birth_date, t1.entity, e.icd10_labels[1] AS fatal_code,
           st.lost, st.estimated_dates,
           coalesce(t3.death, t2.death, t1.death) AS death,
           coalesce(t3.fatal, t2.fatal, t1.fatal) AS fatal,
           coalesce(t3.diagnosis_date, t2.diagnosis_date, t1.diagnosis_date) AS last_diagnosis
    FROM truth AS t1
    JOIN state AS st USING (state)
    LEFT JOIN truth AS t2 ON t2.person = t1.person AND t2.tumour_no = 2
    LEFT JOIN truth AS t3 ON t3.person = t1.person AND t3.tumour_no = 3
    LEFT JOIN entity AS e ON e.entity = coalesce(t3.fatal, t2.fatal, t1.fatal)
    WHERE t1.tumour_no = 1 OFFSET 0
  ), followed AS (  -- some are lost: no news after a date between the last diagnosis and the end
    SELECT *, CASE WHEN u(person, s + 1) < lost AND death > last_diagnosis
                   THEN last_diagnosis + floor(u(person, s + 2) * (last_day - last_diagnosis))::int
                   ELSE last_day END AS news
    FROM person OFFSET 0
  ), ended AS (
    SELECT *, death <= news AS dead, accuracy(estimated_dates * .2, u(person, s + 3)) AS death_accuracy FROM followed OFFSET 0
  ), named AS (
    SELECT d.*, family.labels[width_bucket(u(person, s + 4), family.thresholds)] AS family_name,
           given.labels[width_bucket(u(person, s + 5), given.thresholds)] AS given_name,
           other.labels[width_bucket(u(person, s + 6), other.thresholds)] AS other_cause,
           greatest(last_diagnosis, CASE WHEN dead THEN least(last_day, coarse_date(death, death_accuracy)) ELSE news END) AS status_date
    FROM ended AS d
    JOIN list AS family ON family.list = 'family'
    JOIN list AS given ON given.list = 'given ' || d.sex
    JOIN list AS other ON other.list = 'other death'
    OFFSET 0
  )
  SELECT 10000000 + person, family_name, given_name,
         CASE WHEN u(person, s + 7) < .93
              THEN chr(65 + floor(26 * u(person, s + 8))::int) || lpad(floor(1e9 * u(person, s + 9))::text, 9, '0') END,
         CASE WHEN u(person, s + 10) >= .0015 THEN sex WHEN u(person, s + 10) < .0004 THEN 'D'
              WHEN u(person, s + 10) < .0008 THEN 'X' ELSE 'U' END,
         birth_date, CASE WHEN dead THEN 'dead' ELSE 'alive' END, status_date, CASE WHEN dead THEN death_accuracy ELSE 'E' END,
         CASE WHEN NOT dead OR u(person, s + 11) < .12 THEN NULL WHEN fatal IS NULL THEN other_cause ELSE fatal_code END,
         CASE WHEN dead AND u(person, s + 11) >= .12 THEN '10 ' || extract(year FROM status_date) || ' WHO' END,
         CASE WHEN dead THEN CASE WHEN u(person, s + 12) < .1 THEN 'U' WHEN fatal IS NULL THEN 'N' ELSE 'J' END END
  FROM named;

  -- An operation: by stage and age; some need a therapy first.
  CREATE TEMP TABLE known ON COMMIT DROP AS
  WITH joined AS (
    SELECT t.*, p.patient_id, p.sex AS recorded_sex, p.family_name, p.vital_status, p.vital_status_date,
           p.vital_status_date - t.diagnosis_date AS survival_days, co.neoadjuvant, co.operated,
           greatest(1, coalesce(t.stage, 1)) AS severity, s - 100 + 1000 * t.tumour_no AS stream
    FROM truth AS t
    JOIN registry.patient AS p ON p.patient_id = 10000000 + t.person
    JOIN entity AS e USING (entity) JOIN course AS co USING (name)
    ORDER BY t.person, t.tumour_no
  ), planned AS (
    SELECT *, u(person, stream + 40) < neoadjuvant * CASE WHEN stage IN (2, 3) OR stage IS NULL THEN float8 '1' ELSE .08 END AS after_therapy,
           NOT dco AND u(person, stream + 41) < operated[severity] * CASE WHEN age >= 87 THEN float8 '.5' WHEN age >= 80 THEN .8 ELSE 1 END AS wanted
    FROM joined OFFSET 0
  ), dated AS (
    SELECT *, CASE WHEN wanted THEN greatest(0, floor(75 * power(u(person, stream + 42), 1.5) - 6))::int
                                    + CASE WHEN after_therapy THEN 110 + floor(90 * u(person, stream + 43))::int ELSE 0 END END AS planned_day
    FROM planned OFFSET 0
  )
  SELECT person, tumour_no, patient_id, patient_id * 10 + tumour_no AS tumour_id, recorded_sex, birth_date, district, state, entity, age,
         diagnosis_date, accuracy, scheme, combination, stage, severity, dco, family_name, vital_status, vital_status_date, survival_days,
         fatal = entity AND vital_status = 'dead' AS killed, stream,
         CASE WHEN planned_day <= survival_days THEN planned_day END AS operation_day,
         after_therapy AND planned_day <= survival_days AS after_therapy
  FROM dated;
  ANALYZE known;
END
$$;
COMMENT ON PROCEDURE registry_model.write_patients IS 'fill registry.patient, and the temporary table known for the other tables';

-- Fills registry.tumour.
CREATE PROCEDURE registry_model.write_tumours()
LANGUAGE plpgsql
SET search_path = pg_catalog, registry_model, pg_temp
SET jit = off
AS $$
BEGIN
  INSERT INTO registry.tumour
  WITH drawn AS (
    SELECT k.*, e.topography AS topography_rule, e.topography_labels, e.topography_thresholds, e.paired, sc.t, sc.n, sc.m, sc.uicc,
           extract(year FROM diagnosis_date)::int AS year,
           e.icd10_labels[width_bucket(u(person, stream + 50), e.icd10_thresholds)] AS code,
           e.morphology_labels[width_bucket(u(person, stream + 51), e.morphology_thresholds)] AS histology,
           e.grading_labels[width_bucket(power(u(person, stream + 52), 1 / (1 + .12 * (severity - 2))), e.grading_thresholds)] AS grade,
           co.metastases_labels[width_bucket(u(person, stream + 53), co.metastases_thresholds)] AS metastasis,
           u(person, stream + 54) AS slip, u(person, stream + 55) AS basis, u(person, stream + 56) AS side, u(person, stream + 57) AS note,
           NOT dco AND e.scheme IS NOT NULL
             AND u(person, stream + 60) >= st.unstaged * CASE WHEN age >= 80 THEN float8 '1.5' ELSE .9 END AS staged,
           u(person, stream + 61) AS clinical, u(person, stream + 62) AS pathological, st.unstaged
    FROM known AS k
    JOIN entity AS e USING (entity) JOIN course AS co USING (name) JOIN state AS st USING (state)
    LEFT JOIN scheme AS sc ON sc.scheme = k.scheme
    OFFSET 0
  ), reported AS (  -- which of the two stagings was notified; the clinical one tends to see less
    SELECT *,
           CASE WHEN year >= 2017 THEN '8' ELSE '7' END AS edition,
           staged AND (clinical < .78 OR operation_day IS NULL) AS has_c,
           NOT staged AND NOT dco AND scheme IS NOT NULL AND clinical < .3 AS is_x,
           staged AND operation_day IS NOT NULL AND pathological < .94 AS has_p,
           greatest(1, combination - CASE WHEN u(person, stream + 63) < .78 THEN 0 WHEN u(person, stream + 63) < .92 THEN 1 ELSE 2 END) AS c_place,
           greatest(1, combination - CASE WHEN after_therapy THEN floor(3 * u(person, stream + 64))::int ELSE 0 END) AS p_place,
           u(person, stream + 65) < .03 AS tx, u(person, stream + 66) < .06 AS nx, u(person, stream + 67) < .04 AS mx,
           u(person, stream + 68) < .35 AS brief
    FROM drawn OFFSET 0
  ), valued AS (
    SELECT *,
           CASE WHEN has_c THEN CASE WHEN tx THEN 'X' WHEN brief AND t[c_place] BETWEEN '1' AND '4e' THEN left(t[c_place], 1) ELSE t[c_place] END
                WHEN is_x THEN 'X' END AS c_t,
           CASE WHEN has_c THEN CASE WHEN nx THEN 'X' WHEN brief THEN left(n[c_place], 1) ELSE n[c_place] END WHEN is_x THEN 'X' END AS c_n,
           CASE WHEN has_c THEN CASE WHEN mx THEN 'X' WHEN brief THEN left(m[c_place], 1) ELSE m[c_place] END WHEN is_x THEN 'X' END AS c_m,
           CASE WHEN has_c AND NOT mx AND (m[c_place] <> '0' OR NOT tx AND NOT nx) THEN
             CASE WHEN edition = '7' THEN rtrim(uicc[c_place], '123') ELSE uicc[c_place] END END AS c_uicc,
           CASE WHEN has_p THEN CASE WHEN u(person, stream + 70) < .012 THEN 'X' ELSE t[p_place] END END AS p_t,
           CASE WHEN has_p THEN CASE WHEN u(person, stream + 71) < .05 THEN 'X'
                                     WHEN n[p_place] = '0' AND scheme IN ('breast', 'melanoma') AND u(person, stream + 72) < .62 THEN '0(sn)'
                                     ELSE n[p_place] END END AS p_n,
           CASE WHEN has_p THEN CASE WHEN u(person, stream + 73) < .08 THEN 'X' ELSE m[p_place] END END AS p_m,
           floor(age)::int AS years,
           u(person, stream + 74) AS nodes
    FROM reported OFFSET 0
  ), grouped AS (
    SELECT *,
           CASE WHEN has_p AND p_m <> 'X' AND (m[p_place] <> '0' OR p_t <> 'X' AND p_n <> 'X') THEN
             CASE WHEN edition = '7' THEN rtrim(uicc[p_place], '123') ELSE uicc[p_place] END END AS p_uicc,
           CASE WHEN has_p AND p_n <> 'X' AND scheme NOT LIKE '%in situ' THEN
             CASE left(p_n, 1) WHEN '0' THEN 0 WHEN '1' THEN 1 + floor(3 * nodes)::int WHEN '2' THEN 4 + floor(6 * nodes)::int
                               ELSE 10 + floor(9 * nodes)::int END END AS positive
    FROM valued OFFSET 0
  )
  SELECT tumour_id, patient_id, recorded_sex, birth_date, vital_status, survival_days,
         CASE WHEN vital_status = 'dead' THEN survival_days END,
         year, diagnosis_date, accuracy, years,
         CASE WHEN years >= 85 THEN '85+' ELSE years / 5 * 5 || '-' || years / 5 * 5 + 4 END,
         CASE WHEN u(person, stream + 75) >= .03 * unstaged THEN district END, state,
         CASE WHEN slip >= .0022 THEN code  -- a few codes are misspelt, cut short or impossible
              WHEN slip < .0006 THEN lower(replace(code, '.', ''))
              WHEN slip < .0010 THEN code || ' '
              WHEN slip < .0013 THEN left(code, 3)
              WHEN slip < .0016 THEN code || 'G'
              WHEN slip < .0018 THEN replace(code, '.', ',')
              WHEN slip < .0019 THEN code || '-'
              WHEN slip < .0020 THEN 'C99.9'
              WHEN slip < .0021 THEN 'XXX' ELSE '0' END,
         '10 ' || year || ' GM',
         CASE WHEN NOT dco THEN histology WHEN basis < .6 THEN '8000/3' END,
         CASE WHEN NOT dco OR basis < .6 THEN CASE WHEN year >= 2021 THEN '33' WHEN year >= 2015 THEN '32' ELSE '31' END END,
         CASE WHEN slip > .988 THEN NULL WHEN topography_rule IS NULL THEN code || CASE WHEN length(code) = 3 THEN '.9' ELSE '' END
              WHEN length(topography_rule) = 3 THEN topography_rule || substr(code, 4)
              ELSE topography_labels[width_bucket(u(person, stream + 76), topography_thresholds)] END,
         CASE WHEN slip > .988 THEN NULL WHEN year >= 2021 THEN '33' WHEN year >= 2015 THEN '32' ELSE '31' END,
         CASE WHEN dco THEN '0'
              WHEN histology = '8000/3' OR code LIKE 'C71%' AND basis < .1 OR histology = '8170/3' AND basis < .3 OR code LIKE 'D32%' AND basis < .34
                THEN CASE WHEN basis < .22 THEN '2' WHEN basis < .24 THEN '1' WHEN basis < .26 THEN '4' WHEN basis < .92 THEN '2' ELSE '9' END
              WHEN basis > .075 THEN '7' WHEN basis > .04 THEN '5' WHEN basis > .018 THEN '6' WHEN basis > .008 THEN '9' WHEN basis > .003 THEN '2' ELSE '1' END,
         CASE WHEN dco OR u(person, stream + 77) < .03 THEN 'J' ELSE 'N' END,
         CASE WHEN dco THEN 'U' WHEN u(person, stream + 78) >= .02 THEN grade END,
         CASE WHEN NOT paired THEN CASE WHEN side < .12 THEN NULL WHEN side < .17 THEN 'U' ELSE 'T' END
              WHEN dco THEN 'U' WHEN side < .485 THEN 'L' WHEN side < .955 THEN 'R' WHEN side < .963 THEN 'B'
              WHEN side < .97 THEN 'M' WHEN side < .99 THEN 'U' END,
         CASE WHEN has_c OR is_x THEN edition END, NULL,
         CASE WHEN has_c AND clinical < .004 THEN 'r' END, NULL, CASE WHEN has_c AND clinical BETWEEN .1 AND .13 THEN 'm' END,
         CASE WHEN c_t IS NOT NULL THEN 'c' END, c_t, CASE WHEN c_n IS NOT NULL THEN 'c' END, c_n, CASE WHEN c_m IS NOT NULL THEN 'c' END, c_m, c_uicc,
         CASE WHEN has_p THEN edition END, CASE WHEN has_p AND after_therapy THEN 'y' END,
         CASE WHEN has_p AND pathological < .004 THEN 'r' END, NULL, CASE WHEN has_p AND pathological BETWEEN .1 AND .17 THEN 'm' END,
         CASE WHEN has_p THEN 'p' END, p_t, CASE WHEN has_p THEN 'p' END, p_n,
         CASE WHEN has_p THEN CASE WHEN p_m LIKE '1%' AND nodes < .3 THEN 'p' ELSE 'c' END END, p_m,
         CASE WHEN has_p THEN CASE WHEN u(person, stream + 79) < .12 THEN 'LX' WHEN u(person, stream + 79) < .12 + .11 * severity THEN 'L1' ELSE 'L0' END END,
         CASE WHEN has_p THEN CASE WHEN u(person, stream + 80) < .13 THEN 'VX' WHEN u(person, stream + 80) < .13 + .05 * severity THEN 'V1'
                                   WHEN u(person, stream + 80) < .14 + .055 * severity THEN 'V2' ELSE 'V0' END END,
         CASE WHEN has_p THEN CASE WHEN u(person, stream + 81) < .25 THEN 'PnX' WHEN u(person, stream + 81) < .25 + .08 * severity THEN 'Pn1' ELSE 'Pn0' END END,
         CASE WHEN has_p AND scheme = 'testis' THEN CASE WHEN nodes < .2 THEN 'SX' WHEN nodes < .62 THEN 'S0' WHEN nodes < .86 THEN 'S1' WHEN nodes < .95 THEN 'S2' ELSE 'S3' END END,
         p_uicc,
         CASE WHEN after_therapy THEN coalesce(c_uicc, p_uicc) ELSE coalesce(p_uicc, c_uicc) END,
         CASE WHEN coalesce(c_m, p_m) LIKE '1%' THEN metastasis END,
         positive, positive + CASE WHEN p_n LIKE '%(sn)' THEN 1 + floor(3 * nodes)::int
                                   WHEN scheme IN ('colorectal', 'stomach') THEN 6 + floor(20 * nodes)::int
                                   WHEN scheme IN ('kidney', 'thyroid', 'bladder', 'testis') THEN floor(7 * nodes)::int ELSE 2 + floor(16 * nodes)::int END,
         CASE WHEN note < .02 THEN 'second opinion Dr. ' || family_name || ', phone 0' || 150 + floor(2900 * note)::int || ' ' || floor(1e9 * slip)::text
              WHEN note < .04 THEN 'moved to ' || left(district, 3) || ' in ' || to_char(diagnosis_date + 90, 'YYYY-MM')
              WHEN note < .06 THEN 'patient ' || family_name || ' asks not to be contacted'
              WHEN note < .08 THEN 'pathology no. ' || year || '/' || floor(1e6 * slip)::text || ' corrected'
              WHEN note < .095 THEN 'sibling with the same disease, see ' || patient_id + 17 * tumour_no
              WHEN note < .11 THEN 'study participant, consent of ' || diagnosis_date + 12 END
  FROM grouped;
END
$$;
COMMENT ON PROCEDURE registry_model.write_tumours IS 'fill registry.tumour from the temporary table known';

-- Fills the tables of treatments and of follow-ups.
CREATE PROCEDURE registry_model.write_courses()
LANGUAGE plpgsql
SET search_path = pg_catalog, registry_model, pg_temp
SET jit = off
AS $$
BEGIN
  INSERT INTO registry.operation
  WITH operated AS (  -- one in twelve has a second operation, for residual tumour or a complication
    SELECT k.*, again, st.estimated_dates, k.operation_day + again * (9 + floor(40 * u(person, stream + 90))::int) AS day,
           u(person, stream + 91 + again) AS residual, u(person, stream + 93 + again) AS aim,
           co.ops_labels[width_bucket(u(person, stream + 95 + again), co.ops_thresholds)] AS code
    FROM known AS k
    JOIN entity AS e USING (entity) JOIN course AS co USING (name) JOIN state AS st USING (state)
    JOIN generate_series(0, 1) AS again ON again = 0 OR u(k.person, k.stream + 97) < .085
    WHERE k.operation_day IS NOT NULL OFFSET 0
  )
  SELECT tumour_id * 10 + 1 + again, tumour_id,
         CASE WHEN aim < .03 THEN 'X' WHEN again = 1 AND aim < .45 THEN 'R' WHEN aim < .06 THEN 'D' WHEN aim < .07 THEN 'S'
              WHEN severity = 4 AND aim < .55 THEN 'P' ELSE 'K' END,
         CASE WHEN residual < .04 THEN NULL WHEN residual < .09 THEN 'RX' WHEN residual < .12 THEN 'U'
              WHEN residual < .12 + ('{.045,.07,.14,.19}'::float8[])[severity] THEN CASE WHEN entity % 7 = 1 AND residual < .13 THEN 'R1(is)' ELSE 'R1' END
              WHEN residual < .12 + ('{.05,.085,.20,.42}'::float8[])[severity] THEN 'R2' ELSE 'R0' END,
         day, diagnosis_date + day, accuracy(estimated_dates * .5, u(person, stream + 98 + again)),
         CASE WHEN residual < .985 THEN code END, CASE WHEN residual < .985 THEN extract(year FROM diagnosis_date + day)::text END
  FROM operated
  WHERE day <= survival_days
  ORDER BY 1;

  INSERT INTO registry.radiotherapy
  WITH irradiated AS (
    SELECT k.*, st.estimated_dates, u(person, stream + 101) AS wait, u(person, stream + 102) AS aim, u(person, stream + 103) AS span,
           operation_day IS NOT NULL AND after_therapy AND u(person, stream + 104) < .55 AS before
    FROM known AS k
    JOIN entity AS e USING (entity) JOIN course AS co USING (name) JOIN state AS st USING (state)
    WHERE NOT dco AND u(person, stream + 100) < co.irradiated[severity] * CASE WHEN age >= 85 THEN float8 '.55' WHEN age >= 78 THEN .85 ELSE 1 END OFFSET 0
  ), dated AS (
    SELECT *, CASE WHEN operation_day IS NULL OR before THEN 14 + floor(70 * wait)::int ELSE operation_day + 28 + floor(110 * wait)::int END AS day
    FROM irradiated OFFSET 0
  )
  SELECT tumour_id * 10 + 1, tumour_id,
         CASE WHEN aim < .04 THEN 'X' WHEN aim < .05 THEN 'S' WHEN severity = 4 THEN CASE WHEN aim < .12 THEN 'O' WHEN aim < .9 THEN 'P' ELSE 'K' END
              WHEN aim < .12 THEN 'P' ELSE 'K' END,
         CASE WHEN operation_day IS NULL THEN 'O' WHEN before THEN 'N' WHEN aim < .05 THEN 'Z' ELSE 'A' END,
         day, CASE WHEN span >= .06 THEN least(survival_days - day, CASE WHEN severity = 4 THEN 1 + floor(25 * span)::int ELSE 19 + floor(31 * span)::int END) END,
         diagnosis_date + day, accuracy(estimated_dates * .5, u(person, stream + 105)),
         CASE WHEN span < .94 THEN 'Perkutan' WHEN span < .985 THEN 'Kontakt' WHEN span < .992 THEN 'Metabolisch' ELSE 'Sonstige' END
  FROM dated
  WHERE day <= survival_days
  ORDER BY 1;

  INSERT INTO registry.systemic_therapy
  WITH treated AS (
    SELECT k.*, st.estimated_dates, line, co.drugs, u(person, stream + 111 + 10 * line) AS wait, u(person, stream + 112 + 10 * line) AS aim,
           u(person, stream + 113 + 10 * line) AS span,
           CASE WHEN severity = 4 THEN co.metastatic_labels[width_bucket(u(person, stream + 114 + 10 * line), co.metastatic_thresholds)]
                ELSE co.local_labels[width_bucket(u(person, stream + 114 + 10 * line), co.local_thresholds)] END AS therapy_type
    FROM known AS k
    JOIN entity AS e USING (entity) JOIN course AS co USING (name) JOIN state AS st USING (state)
    JOIN generate_series(0, 1) AS line ON line = 0 OR u(k.person, k.stream + 140) < CASE WHEN k.severity >= 3 THEN float8 '.38' ELSE .2 END
    WHERE NOT dco AND u(person, stream + 110) < co.systemic[severity] * CASE WHEN age >= 85 THEN float8 '.4' WHEN age >= 80 THEN .6 WHEN age >= 75 THEN .85 ELSE 1 END
    OFFSET 0
  ), dated AS (
    SELECT *, operation_day IS NOT NULL AND after_therapy AND line = 0 AS before,
           CASE WHEN operation_day IS NULL OR after_therapy AND line = 0 THEN 9 + floor(50 * wait)::int
                ELSE operation_day + 21 + floor(50 * wait)::int END + line * (90 + floor(200 * span)::int) AS day
    FROM treated OFFSET 0
  )
  SELECT tumour_id * 10 + 1 + line, tumour_id,
         CASE WHEN aim < .05 THEN 'X' WHEN aim < .06 THEN 'S' WHEN severity = 4 AND aim < .93 OR aim < .12 THEN 'P' ELSE 'K' END,
         CASE WHEN operation_day IS NULL OR therapy_type IN ('AS', 'WW', 'WS') THEN 'O' WHEN before THEN 'N' WHEN aim < .02 THEN 'S' ELSE 'A' END,
         therapy_type, day,
         CASE WHEN span >= .22 THEN least(survival_days - day, CASE therapy_type WHEN 'HO' THEN 400 + floor(1500 * span)::int ELSE 30 + floor(170 * span)::int END) END,
         diagnosis_date + day, accuracy(estimated_dates * .6, u(person, stream + 115 + 10 * line)),
         CASE WHEN therapy_type NOT IN ('AS', 'WW', 'WS', 'SZ') AND wait >= .12
              THEN drug.labels[width_bucket(u(person, stream + 116 + 10 * line), drug.thresholds)] END
  FROM dated LEFT JOIN drug USING (drugs, therapy_type)
  WHERE day <= survival_days
  ORDER BY 1;

  -- After the first treatment and once a year for five years, as far as notified.
  INSERT INTO registry.follow_up
  WITH visited AS (
    SELECT k.*, st.estimated_dates, visit, u(person, stream + 210 + visit) AS verdict,
           CASE WHEN visit = 0 THEN 70 + floor(90 * u(person, stream + 200))::int
                ELSE 365 * visit - 30 + floor(70 * u(person, stream + 200 + visit))::int END AS day
    FROM known AS k
    JOIN state AS st USING (state)
    JOIN generate_series(0, 5) AS visit
      ON u(k.person, k.stream + 220 + visit) < st.followed * CASE WHEN visit = 0 THEN float8 '1.2' ELSE 1 - .1 * visit END
    WHERE NOT dco AND survival_days > 70 OFFSET 0
  ), judged AS (
    SELECT *, CASE WHEN verdict > .93 THEN CASE WHEN verdict > .965 THEN 'X' ELSE 'U' END
                   WHEN killed AND survival_days - day < 420 THEN CASE WHEN verdict < .62 THEN 'P' WHEN verdict < .8 THEN 'Y' WHEN verdict < .88 THEN 'D' ELSE 'K' END
                   WHEN severity = 4 THEN CASE WHEN verdict < .2 THEN 'V' WHEN verdict < .42 THEN 'T' WHEN verdict < .68 THEN 'K' WHEN verdict < .86 THEN 'P' ELSE 'B' END
                   WHEN verdict < .05 THEN 'Y' WHEN verdict < .1 THEN 'K' WHEN verdict < .13 THEN 'T' WHEN verdict < .19 THEN 'R' ELSE 'V' END AS overall,
           u(person, stream + 230 + visit) AS where_to
    FROM visited
    WHERE day <= survival_days OFFSET 0
  )
  SELECT tumour_id * 10 + visit, tumour_id, diagnosis_date + day, accuracy(estimated_dates * .6, u(person, stream + 240 + visit)), overall,
         CASE WHEN where_to > .93 THEN NULL WHEN overall IN ('V', 'R') THEN 'K' WHEN overall = 'Y' THEN CASE WHEN where_to < .45 THEN 'R' ELSE 'K' END
              WHEN overall IN ('U', 'X') THEN overall WHEN overall = 'P' THEN CASE WHEN where_to < .4 THEN 'P' ELSE 'T' END ELSE 'N' END,
         CASE WHEN where_to > .93 THEN NULL WHEN overall IN ('V', 'R') THEN 'K' WHEN overall = 'Y' THEN CASE WHEN where_to BETWEEN .35 AND .6 THEN 'R' ELSE 'K' END
              WHEN overall IN ('U', 'X') THEN overall WHEN overall = 'P' THEN CASE WHEN where_to BETWEEN .3 AND .6 THEN 'P' ELSE 'K' END ELSE 'K' END,
         CASE WHEN where_to > .93 THEN NULL WHEN overall IN ('V', 'R') THEN 'K' WHEN overall = 'Y' THEN CASE WHEN where_to >= .55 THEN 'R' ELSE 'K' END
              WHEN overall IN ('U', 'X') THEN overall WHEN overall = 'P' THEN CASE WHEN where_to >= .35 THEN 'P' ELSE 'K' END
              WHEN severity = 4 THEN 'T' ELSE 'K' END,
         CASE WHEN overall IN ('P', 'Y') AND where_to BETWEEN .6 AND .93
              THEN co.metastases_labels[width_bucket(u(person, stream + 250 + visit), co.metastases_thresholds)] END
  FROM judged JOIN entity AS e USING (entity) JOIN course AS co USING (name)
  ORDER BY 1;
END
$$;
COMMENT ON PROCEDURE registry_model.write_courses IS 'fill the tables of treatments and of follow-ups from the temporary table known';

-- Empties the registry and fills it anew.
CREATE FUNCTION registry.generate(persons int, seed int DEFAULT 1) RETURNS TABLE (relation text, records bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET work_mem = '256MB'
SET maintenance_work_mem = '512MB'
SET client_min_messages = warning
AS $$
BEGIN
  IF persons IS NULL OR seed IS NULL OR persons NOT BETWEEN 1 AND 80000000 THEN
    RAISE EXCEPTION 'number of persons out of range: %', coalesce(persons::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a number from 1 to 80000000, and a seed.';
  END IF;
  DROP TABLE IF EXISTS pg_temp.next_kind, pg_temp.candidate, pg_temp.truth, pg_temp.known;
  TRUNCATE registry.patient, registry.tumour, registry.operation, registry.radiotherapy, registry.systemic_therapy, registry.follow_up;
  CALL registry_model.drop_keys();
  CALL registry_model.draw_truth(persons, seed);
  CALL registry_model.write_patients(seed);
  CALL registry_model.write_tumours();
  CALL registry_model.write_courses();
  CALL registry_model.add_keys();
  DROP TABLE pg_temp.next_kind, pg_temp.candidate, pg_temp.truth, pg_temp.known;
  ANALYZE registry.patient, registry.tumour, registry.operation, registry.radiotherapy, registry.systemic_therapy, registry.follow_up;
  RETURN QUERY
    SELECT counted.relation, counted.records
    FROM (SELECT 1, 'registry.patient', count(*) FROM registry.patient
          UNION ALL SELECT 2, 'registry.tumour', count(*) FROM registry.tumour
          UNION ALL SELECT 3, 'registry.operation', count(*) FROM registry.operation
          UNION ALL SELECT 4, 'registry.radiotherapy', count(*) FROM registry.radiotherapy
          UNION ALL SELECT 5, 'registry.systemic_therapy', count(*) FROM registry.systemic_therapy
          UNION ALL SELECT 6, 'registry.follow_up', count(*) FROM registry.follow_up) AS counted(place, relation, records)
    ORDER BY counted.place;
END
$$;
COMMENT ON FUNCTION registry.generate IS 'empty the registry and fill it with made-up persons; the same number and seed give the same rows';
