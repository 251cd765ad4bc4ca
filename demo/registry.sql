-- The demonstration registry: a made-up cancer registry in the schema of the
-- German national clinical cancer registry data set (oBDS-RKI), with English
-- names. demo/README.md maps every column to its field in that data set.
--
--   psql -f demo/registry.sql                       schema, model and generator
--   psql -v persons=50000 -f demo/registry.sql      the same, and the rows
--   psql -v persons=50000 -v seed=7 -f …            other persons
--
-- registry        the tables a data steward has
-- registry_model  what the generator knows: incidence, stages, survival, treatment
--
-- Plain SQL and PL/pgSQL: nothing here needs kiaim or any other extension.

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS registry, registry_model CASCADE;
RESET client_min_messages;
CREATE SCHEMA registry;
CREATE SCHEMA registry_model;
COMMENT ON SCHEMA registry IS 'a made-up clinical cancer registry; no row describes a real person';
COMMENT ON SCHEMA registry_model IS 'the model from which registry.generate draws';

CREATE TABLE registry.patient (
  patient_id                  bigint,
  family_name                 text NOT NULL,
  given_name                  text NOT NULL,
  insurance_number            text,
  sex                         text NOT NULL CHECK (sex IN ('M', 'W', 'D', 'X', 'U')),
  birth_date                  date NOT NULL,
  vital_status                text NOT NULL CHECK (vital_status IN ('alive', 'dead')),
  vital_status_date           date NOT NULL,
  vital_status_date_accuracy  text NOT NULL CHECK (vital_status_date_accuracy IN ('E', 'T', 'M', 'V')),
  cause_of_death              text,
  cause_of_death_edition      text,
  death_tumour_related        text CHECK (death_tumour_related IN ('J', 'N', 'U'))
);

-- What a notification of a tumour says. sex, birth_date and vital_status repeat
-- the patient's, as in the registry's evaluation table, so that one table is
-- enough for an analysis.
CREATE TABLE registry.tumour (
  tumour_id                bigint,
  patient_id               bigint NOT NULL,
  sex                      text NOT NULL,
  birth_date               date NOT NULL,
  vital_status             text NOT NULL,
  survival_days            integer NOT NULL,
  days_to_death            integer,
  diagnosis_year           smallint NOT NULL,
  diagnosis_date           date NOT NULL,
  diagnosis_date_accuracy  text NOT NULL CHECK (diagnosis_date_accuracy IN ('E', 'T', 'M', 'V')),
  age_at_diagnosis         smallint NOT NULL,
  age_group                text NOT NULL,
  district                 text,
  state                    text NOT NULL,
  icd10                    text NOT NULL,
  icd10_edition            text NOT NULL,
  morphology               text,
  morphology_edition       text,
  topography               text,
  topography_edition       text,
  basis_of_diagnosis       text NOT NULL CHECK (basis_of_diagnosis IN ('0', '1', '2', '4', '5', '6', '7', '9')),
  dcn                      text NOT NULL CHECK (dcn IN ('J', 'N')),
  grading                  text CHECK (grading IN ('0', '1', '2', '3', '4', 'X', 'L', 'M', 'H', 'B', 'U', 'T')),
  laterality               text CHECK (laterality IN ('L', 'R', 'B', 'M', 'U', 'T')),
  c_edition                text,
  c_y_symbol               text,
  c_r_symbol               text,
  c_a_symbol               text,
  c_m_symbol               text,
  c_t_prefix               text,
  c_t                      text,
  c_n_prefix               text,
  c_n                      text,
  c_m_prefix               text,
  c_m                      text,
  c_uicc                   text,
  p_edition                text,
  p_y_symbol               text,
  p_r_symbol               text,
  p_a_symbol               text,
  p_m_symbol               text,
  p_t_prefix               text,
  p_t                      text,
  p_n_prefix               text,
  p_n                      text,
  p_m_prefix               text,
  p_m                      text,
  p_l                      text,
  p_v                      text,
  p_pn                     text,
  p_s                      text,
  p_uicc                   text,
  uicc                     text,
  metastasis_site          text,
  nodes_positive           smallint,
  nodes_examined           smallint,
  remark                   text
);

CREATE TABLE registry.operation (
  operation_id             bigint,
  tumour_id                bigint NOT NULL,
  intention                text NOT NULL CHECK (intention IN ('K', 'P', 'D', 'R', 'S', 'X')),
  residual_status          text CHECK (residual_status IN ('R0', 'R1', 'R1(is)', 'R1(cy+)', 'R2', 'RX', 'U')),
  days_to_operation        integer NOT NULL,
  operation_date           date NOT NULL,
  operation_date_accuracy  text NOT NULL CHECK (operation_date_accuracy IN ('E', 'T', 'M', 'V')),
  ops_code                 text,
  ops_edition              text
);

CREATE TABLE registry.radiotherapy (
  radiotherapy_id        bigint,
  tumour_id              bigint NOT NULL,
  intention              text NOT NULL CHECK (intention IN ('K', 'P', 'O', 'S', 'X')),
  relation_to_operation  text NOT NULL CHECK (relation_to_operation IN ('O', 'A', 'N', 'I', 'Z', 'S')),
  days_to_radiotherapy   integer NOT NULL,
  duration_days          integer,
  start_date             date NOT NULL,
  start_date_accuracy    text NOT NULL CHECK (start_date_accuracy IN ('E', 'T', 'M', 'V')),
  application            text NOT NULL
);

CREATE TABLE registry.systemic_therapy (
  systemic_therapy_id    bigint,
  tumour_id              bigint NOT NULL,
  intention              text NOT NULL CHECK (intention IN ('K', 'P', 'S', 'X')),
  relation_to_operation  text NOT NULL CHECK (relation_to_operation IN ('O', 'A', 'N', 'I', 'S')),
  therapy_type           text NOT NULL CHECK (therapy_type IN
                           ('CH', 'HO', 'IM', 'ZS', 'CI', 'CZ', 'CIZ', 'IZ', 'SZ', 'AS', 'WS', 'WW', 'SO')),
  days_to_therapy        integer NOT NULL,
  duration_days          integer,
  start_date             date NOT NULL,
  start_date_accuracy    text NOT NULL CHECK (start_date_accuracy IN ('E', 'T', 'M', 'V')),
  substance              text
);

CREATE TABLE registry.follow_up (
  follow_up_id             bigint,
  tumour_id                bigint NOT NULL,
  follow_up_date           date NOT NULL,
  follow_up_date_accuracy  text NOT NULL CHECK (follow_up_date_accuracy IN ('E', 'T', 'M', 'V')),
  overall_status           text NOT NULL CHECK (overall_status IN ('V', 'T', 'K', 'P', 'D', 'B', 'R', 'Y', 'U', 'X')),
  course_local             text CHECK (course_local IN ('K', 'T', 'P', 'N', 'R', 'F', 'U', 'X')),
  course_nodes             text CHECK (course_nodes IN ('K', 'T', 'P', 'N', 'R', 'F', 'U', 'X')),
  course_distant           text CHECK (course_distant IN ('K', 'T', 'P', 'N', 'R', 'F', 'U', 'X')),
  metastasis_site          text
);

-- Keys and indexes apart from the tables: rows are loaded without them.
CREATE PROCEDURE registry_model.drop_keys()
LANGUAGE sql
AS $$
ALTER TABLE registry.operation DROP CONSTRAINT IF EXISTS operation_pkey, DROP CONSTRAINT IF EXISTS operation_tumour_id_fkey;
ALTER TABLE registry.radiotherapy DROP CONSTRAINT IF EXISTS radiotherapy_pkey, DROP CONSTRAINT IF EXISTS radiotherapy_tumour_id_fkey;
ALTER TABLE registry.systemic_therapy DROP CONSTRAINT IF EXISTS systemic_therapy_pkey, DROP CONSTRAINT IF EXISTS systemic_therapy_tumour_id_fkey;
ALTER TABLE registry.follow_up DROP CONSTRAINT IF EXISTS follow_up_pkey, DROP CONSTRAINT IF EXISTS follow_up_tumour_id_fkey;
ALTER TABLE registry.tumour DROP CONSTRAINT IF EXISTS tumour_pkey, DROP CONSTRAINT IF EXISTS tumour_patient_id_fkey;
ALTER TABLE registry.patient DROP CONSTRAINT IF EXISTS patient_pkey;
DROP INDEX IF EXISTS registry.tumour_patient_id_idx, registry.tumour_diagnosis_date_idx, registry.tumour_icd10_idx,
  registry.operation_tumour_id_idx, registry.radiotherapy_tumour_id_idx, registry.systemic_therapy_tumour_id_idx,
  registry.follow_up_tumour_id_idx;
$$;
COMMENT ON PROCEDURE registry_model.drop_keys IS 'drop the keys and indexes of the registry''s tables, to load rows faster';

CREATE PROCEDURE registry_model.add_keys()
LANGUAGE sql
AS $$
ALTER TABLE registry.patient ADD CONSTRAINT patient_pkey PRIMARY KEY (patient_id);
ALTER TABLE registry.tumour ADD CONSTRAINT tumour_pkey PRIMARY KEY (tumour_id),
  ADD CONSTRAINT tumour_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES registry.patient;
ALTER TABLE registry.operation ADD CONSTRAINT operation_pkey PRIMARY KEY (operation_id),
  ADD CONSTRAINT operation_tumour_id_fkey FOREIGN KEY (tumour_id) REFERENCES registry.tumour;
ALTER TABLE registry.radiotherapy ADD CONSTRAINT radiotherapy_pkey PRIMARY KEY (radiotherapy_id),
  ADD CONSTRAINT radiotherapy_tumour_id_fkey FOREIGN KEY (tumour_id) REFERENCES registry.tumour;
ALTER TABLE registry.systemic_therapy ADD CONSTRAINT systemic_therapy_pkey PRIMARY KEY (systemic_therapy_id),
  ADD CONSTRAINT systemic_therapy_tumour_id_fkey FOREIGN KEY (tumour_id) REFERENCES registry.tumour;
ALTER TABLE registry.follow_up ADD CONSTRAINT follow_up_pkey PRIMARY KEY (follow_up_id),
  ADD CONSTRAINT follow_up_tumour_id_fkey FOREIGN KEY (tumour_id) REFERENCES registry.tumour;
CREATE INDEX tumour_patient_id_idx ON registry.tumour (patient_id);
CREATE INDEX tumour_diagnosis_date_idx ON registry.tumour (diagnosis_date);
CREATE INDEX tumour_icd10_idx ON registry.tumour (icd10);
CREATE INDEX operation_tumour_id_idx ON registry.operation (tumour_id);
CREATE INDEX radiotherapy_tumour_id_idx ON registry.radiotherapy (tumour_id);
CREATE INDEX systemic_therapy_tumour_id_idx ON registry.systemic_therapy (tumour_id);
CREATE INDEX follow_up_tumour_id_idx ON registry.follow_up (tumour_id);
$$;
COMMENT ON PROCEDURE registry_model.add_keys IS 'primary keys, foreign keys and indexes of the registry''s tables';

CALL registry_model.add_keys();

COMMENT ON TABLE registry.patient IS 'persons: identity and vital status';
COMMENT ON TABLE registry.tumour IS 'primary tumours, one row each: diagnosis, staging, and the patient''s vital status';
COMMENT ON TABLE registry.operation IS 'operations of a tumour';
COMMENT ON TABLE registry.radiotherapy IS 'courses of radiotherapy of a tumour';
COMMENT ON TABLE registry.systemic_therapy IS 'systemic therapies of a tumour, and the decision to wait';
COMMENT ON TABLE registry.follow_up IS 'notifications of the course of a tumour';

COMMENT ON COLUMN registry.patient.insurance_number IS 'health insurance number: a letter and nine digits; identifies the person';
COMMENT ON COLUMN registry.patient.sex IS 'M, W (female), D (diverse), X (not stated), U (unknown)';
COMMENT ON COLUMN registry.patient.vital_status_date IS 'date of death, or the last date known alive';
COMMENT ON COLUMN registry.patient.vital_status_date_accuracy IS 'E exact, T day estimated, M month estimated, V wholly estimated';
COMMENT ON COLUMN registry.patient.cause_of_death IS 'underlying cause, ICD-10';
COMMENT ON COLUMN registry.tumour.survival_days IS 'days from diagnosis to death or to the last date known alive';
COMMENT ON COLUMN registry.tumour.days_to_death IS 'days from diagnosis to death; NULL while alive';
COMMENT ON COLUMN registry.tumour.diagnosis_date_accuracy IS 'E exact, T day estimated (the 15th), M month estimated (1 July), V wholly estimated';
COMMENT ON COLUMN registry.tumour.district IS 'residence at diagnosis: municipality code (AGS), first five digits';
COMMENT ON COLUMN registry.tumour.icd10 IS 'ICD-10-GM, as notified; a few are misspelt or no codes at all';
COMMENT ON COLUMN registry.tumour.morphology IS 'ICD-O-3 histology/behaviour';
COMMENT ON COLUMN registry.tumour.topography IS 'ICD-O-3 topography, which has no C43, C45 and C81-C97';
COMMENT ON COLUMN registry.tumour.basis_of_diagnosis IS '0 death certificate only, 1, 2 clinical, 4 marker, 5 cytology, 6 histology of a metastasis, 7 of the primary, 9 unknown';
COMMENT ON COLUMN registry.tumour.dcn IS 'first known from a death certificate: J, N';
COMMENT ON COLUMN registry.tumour.grading IS '1 to 4; X not assessable, U unknown, T not applicable';
COMMENT ON COLUMN registry.tumour.laterality IS 'L, R, B both, M midline, U unknown, T not applicable';
COMMENT ON COLUMN registry.tumour.c_uicc IS 'stage from the clinical T, N and M';
COMMENT ON COLUMN registry.tumour.p_uicc IS 'stage from the pathological T, N and M';
COMMENT ON COLUMN registry.tumour.uicc IS 'the pathological stage, else the clinical one';
COMMENT ON COLUMN registry.tumour.remark IS 'free text of the notification; may name persons, places and telephone numbers';

\ir model.sql
\ir generate.sql

\if :{?persons}
  \if :{?seed}
  \else
    \set seed 1
  \endif
  SELECT * FROM registry.generate(:persons, :seed);
\endif
