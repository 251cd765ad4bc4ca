-- What the generator knows about cancer: plain tables, meant to be read.
--
-- A distribution is written as 'label:weight label:weight …' and stored next
-- to the two arrays that drawing needs. Incidence, ages, stages and survival
-- are rounded to what German registries report ("Krebs in Deutschland" of the
-- Robert Koch Institute and GEKID, years around 2020); they are there to make
-- rows plausible, not to be cited.

CREATE FUNCTION registry_model.labels(distribution text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT array_agg(split_part(word, ':', 1) ORDER BY place)
FROM regexp_split_to_table(btrim(distribution, E' \n'), '\s+') WITH ORDINALITY AS w(word, place)
$$;
COMMENT ON FUNCTION registry_model.labels IS 'the labels of a distribution written as label:weight …';

-- Starts with 0, so that width_bucket(u, thresholds) is the place of the label.
CREATE FUNCTION registry_model.thresholds(weights float8[]) RETURNS float8[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT array_agg((upto - weight) / total ORDER BY place)
FROM (SELECT place, weight, sum(weight) OVER (ORDER BY place) AS upto, sum(weight) OVER () AS total
      FROM unnest(weights) WITH ORDINALITY AS w(weight, place)) AS cumulated
$$;
COMMENT ON FUNCTION registry_model.thresholds(float8[]) IS 'cumulated shares of weights, for width_bucket';

CREATE FUNCTION registry_model.thresholds(distribution text) RETURNS float8[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT registry_model.thresholds(array_agg(coalesce(nullif(split_part(word, ':', 2), ''), '1')::float8 ORDER BY place))
FROM regexp_split_to_table(btrim(distribution, E' \n'), '\s+') WITH ORDINALITY AS w(word, place)
$$;
COMMENT ON FUNCTION registry_model.thresholds(text) IS 'cumulated shares of a distribution written as label:weight …, for width_bucket';

-- ---------------------------------------------------------------- residence

-- Federal states: inhabitants in thousands, and the habits of their registries.
CREATE TABLE registry_model.state (
  state           text PRIMARY KEY,
  inhabitants     float8 NOT NULL,
  dco_share       float8 NOT NULL,  -- share known from death certificates only
  unstaged        float8 NOT NULL,  -- share of tumours without a stage that should have one
  estimated_dates float8 NOT NULL,  -- share of dates that are not exact
  lost            float8 NOT NULL,  -- share of persons not followed to the end
  followed        float8 NOT NULL   -- share of yearly follow-ups that were notified
);
COMMENT ON TABLE registry_model.state IS 'federal states by AGS digits: size, and how completely they register';
INSERT INTO registry_model.state VALUES
  ('01',  2900, .06, .20, .08, .06, .40), ('02',  1850, .07, .18, .08, .06, .38), ('03',  8000, .08, .22, .10, .08, .36),
  ('04',   680, .05, .15, .07, .05, .42), ('05', 17900, .09, .27, .14, .12, .30), ('06',  6300, .11, .29, .15, .12, .28),
  ('07',  4100, .08, .20, .09, .07, .38), ('08', 11100, .10, .24, .12, .10, .33), ('09', 13100, .07, .16, .08, .07, .40),
  ('10',   980, .05, .15, .07, .05, .40), ('11',  3700, .08, .18, .10, .11, .40), ('12',  2500, .06, .12, .06, .05, .48),
  ('13',  1600, .06, .13, .06, .05, .46), ('14',  4050, .06, .13, .06, .05, .46), ('15',  2200, .08, .19, .09, .07, .38),
  ('16',  2100, .07, .14, .07, .05, .45);

-- Districts (AGS, first five digits) as of 1 July 2021: 400. Codes: municipality
-- code list of the Federal Statistical Office; no names are kept.
CREATE TABLE registry_model.district (
  district    text PRIMARY KEY,
  state       text NOT NULL REFERENCES registry_model.state,
  inhabitants float8 NOT NULL
);
COMMENT ON TABLE registry_model.district IS 'districts and their inhabitants in thousands: known for the large, drawn for the others';
WITH range AS (
  SELECT state, split_part(word, '-', 1)::int AS first, coalesce(nullif(split_part(word, '-', 2), ''), word)::int AS last
  FROM (VALUES
    ('01', '001-004 051 053-062'), ('02', '000'),
    ('03', '101-103 151 153-155 157-159 241 251-252 254-257 351-361 401-405 451-462'), ('04', '011-012'),
    ('05', '111-114 116-117 119-120 122 124 154 158 162 166 170 314-316 334 358 362 366 370 374 378 382 512-513 515 554 558
            562 566 570 711 754 758 762 766 770 774 911 913-916 954 958 962 966 970 974 978'),
    ('06', '411-414 431-440 531-535 611 631-636'), ('07', '111 131-135 137-138 140-141 143 211 231-233 235 311-320 331-340'),
    ('08', '111 115-119 121 125-128 135-136 211-212 215-216 221-222 225-226 231 235-237 311 315-317 325-327 335-337 415-417
            421 425-426 435-437'),
    ('09', '161-163 171-190 261-263 271-279 361-363 371-377 461-464 471-479 561-565 571-577 661-663 671-679 761-764 771-780'),
    ('10', '041-046'), ('11', '000'), ('12', '051-054 060-073'), ('13', '003-004 071-076'),
    ('14', '511 521-524 612 625-628 713 729-730'), ('15', '001-003 081-091'), ('16', '051-055 061-077')) AS r(state, codes)
  CROSS JOIN LATERAL regexp_split_to_table(codes, '\s+') AS word
), code AS (
  SELECT state, state || lpad(n::text, 3, '0') AS district FROM range CROSS JOIN generate_series(first, last) AS n
), large(district, inhabitants) AS (
  VALUES ('02000', 1850), ('11000', 3700), ('03241', 1160), ('04011', 570), ('05111', 620), ('05113', 580), ('05315', 1080),
         ('05382', 600), ('05562', 615), ('05911', 365), ('05913', 590), ('06412', 760), ('08111', 630), ('09162', 1490),
         ('09564', 515), ('14612', 560), ('14713', 600), ('07320', 34), ('16054', 37), ('09763', 69), ('09562', 110)
), sized AS (  -- log-normal-like: four out of five of the others within a factor of three
  SELECT c.state, c.district, l.inhabitants AS known,
         CASE WHEN l.inhabitants IS NULL THEN power(u / (1 - u), .3) ELSE 0 END AS weight
  FROM code AS c
  LEFT JOIN large AS l USING (district)
  CROSS JOIN LATERAL (SELECT ((hashint4extended(c.district::int, 1) & 1023) + 20) / 1064.0::float8) AS draw(u)
)
INSERT INTO registry_model.district
SELECT district, state,
       coalesce(known, weight / nullif(sum(weight) OVER w, 0) * (s.inhabitants - coalesce(sum(known) OVER w, 0)))
FROM sized JOIN registry_model.state AS s USING (state)
WINDOW w AS (PARTITION BY state)
ORDER BY district;

-- ------------------------------------------------------------------- stages

-- T, N, M and the stage they make (UICC, 8th edition, simplified), from the
-- least to the most advanced: 'T N M stage weight' separated by semicolons.
CREATE TABLE registry_model.scheme (
  scheme       text PRIMARY KEY,
  combinations text NOT NULL,
  t            text[],
  n            text[],
  m            text[],
  uicc         text[],
  stage        int[],    -- 0 to 4
  thresholds   float8[]
);
COMMENT ON TABLE registry_model.scheme IS 'the staging of a site: combinations of T, N and M, their stage and frequency';
INSERT INTO registry_model.scheme (scheme, combinations) VALUES
  ('breast', '1mi 0 0 IA 1; 1a 0 0 IA 5; 1b 0 0 IA 12; 1c 0 0 IA 25; 1c 1mi 0 IB 1; 1b 1a 0 IIA 1.5; 1c 1a 0 IIA 6; 2 0 0 IIA 17;
     2 1a 0 IIB 10; 3 0 0 IIB 1.5; 1c 2a 0 IIIA 1.2; 2 2a 0 IIIA 3.5; 3 1a 0 IIIA 1.2; 3 2a 0 IIIA 1; 4b 0 0 IIIB 2.2; 4b 1 0 IIIB 1.8;
     4d 1 0 IIIB .8; 2 3a 0 IIIC 1.6; 3 3a 0 IIIC 1; 2 1 1 IV 3; 3 2 1 IV 1; 4b 1 1 IV 2.6; 4d 2 1 IV .8'),
  ('prostate', '1a 0 0 I 3; 1c 0 0 I 17; 2a 0 0 I 9; 2b 0 0 II 5; 2c 0 0 II 26; 3a 0 0 III 12; 3b 0 0 III 7; 4 0 0 III 1;
     2c 1 0 IVA 1; 3a 1 0 IVA 2; 3b 1 0 IVA 3; 2c 0 1b IVB 3; 3a 0 1b IVB 2; 3b 1 1b IVB 6; 4 1 1b IVB 2; 3b 1 1c IVB 1'),
  ('lung', '1a 0 0 IA1 2; 1b 0 0 IA2 5; 1c 0 0 IA3 4.5; 2a 0 0 IB 4; 2b 0 0 IIA 2; 1c 1 0 IIB 1.5; 2a 1 0 IIB 2; 3 0 0 IIB 4; 1c 2 0 IIIA 3;
     2a 2 0 IIIA 4; 3 1 0 IIIA 2; 4 0 0 IIIA 3.5; 4 1 0 IIIA 1.5; 1b 3 0 IIIB 1; 2b 3 0 IIIB 2; 3 2 0 IIIB 3.5; 4 2 0 IIIB 4; 3 3 0 IIIC 2;
     4 3 0 IIIC 3; 2a 2 1a IVA 4; 4 2 1a IVA 6; 4 0 1a IVA 2; 2b 2 1b IVA 4; 3 2 1b IVA 4; 1c 2 1b IVA 2; 1c 3 1c IVB 3; 2b 2 1c IVB 6;
     3 3 1c IVB 6; 4 2 1c IVB 5; 4 3 1c IVB 9'),
  ('colorectal', '1 0 0 I 12; 2 0 0 I 12; 3 0 0 IIA 21; 4a 0 0 IIB 3; 4b 0 0 IIC 2; 1 1a 0 IIIA 1; 2 1a 0 IIIA 2; 2 1b 0 IIIA 1; 3 1a 0 IIIB 6;
     3 1b 0 IIIB 7; 3 1c 0 IIIB 1.5; 3 2a 0 IIIB 4.5; 4a 1b 0 IIIB 1; 3 2b 0 IIIC 3; 4a 2a 0 IIIC 1; 4b 1b 0 IIIC 1; 3 0 1a IVA 2; 3 1b 1a IVA 4;
     3 2b 1a IVA 4; 3 2b 1b IVB 3; 4a 2b 1b IVB 3; 4b 2b 1b IVB 2; 4a 2b 1c IVC 2.5; 4b 2a 1c IVC 1.5'),
  ('melanoma', '1a 0 0 IA 45; 1b 0 0 IA 12; 2a 0 0 IB 11; 2b 0 0 IIA 4; 3a 0 0 IIA 5; 3b 0 0 IIB 5; 4a 0 0 IIB 2.5; 4b 0 0 IIC 4; 1b 1a 0 IIIA .5;
     2a 1a 0 IIIA 1.5; 2b 1b 0 IIIB .5; 3a 1b 0 IIIB 1; 3b 1b 0 IIIC 1.2; 4b 1b 0 IIIC 1.5; 4b 2a 0 IIIC .7; 4b 3b 0 IIID .4; 3b 1b 1a IV .8;
     4b 2b 1b IV .8; 4b 0 1c IV .8; 4b 3b 1d IV .6'),
  ('corpus', '1a 0 0 IA 52; 1b 0 0 IB 17; 2 0 0 II 6; 3a 0 0 IIIA 4; 3b 0 0 IIIB 1; 1b 1 0 IIIC1 3; 3a 1 0 IIIC1 3; 3a 2 0 IIIC2 3; 4 1 0 IVA 1.5;
     1b 0 1 IVB 1.5; 3a 1 1 IVB 4; 3b 2 1 IVB 3'),
  ('ovary', '1a 0 0 IA 10; 1b 0 0 IB 1; 1c1 0 0 IC 5; 1c2 0 0 IC 3; 2a 0 0 IIA 3; 2b 0 0 IIB 6; 2b 1 0 IIIA1 2; 3a 1 0 IIIA2 2; 3b 0 0 IIIB 5;
     3c 0 0 IIIC 16; 3c 1 0 IIIC 20; 3c 1 1a IVA 6; 3c 0 1b IVB 6; 3c 1 1b IVB 15'),
  ('cervix', '1a1 0 0 IA1 18; 1a2 0 0 IA2 3; 1b1 0 0 IB1 22; 1b2 0 0 IB2 6; 2a1 0 0 IIA1 3; 2b 0 0 IIB 13; 3b 0 0 IIIB 6; 1b1 1 0 IIIC1 5;
     2b 1 0 IIIC1 8; 3b 1 0 IIIC1 3; 4 1 0 IVA 3; 2b 1 1 IVB 5; 3b 1 1 IVB 5'),
  ('kidney', '1a 0 0 I 40; 1b 0 0 I 19; 2a 0 0 II 5; 2b 0 0 II 1.5; 3a 0 0 III 14; 3b 0 0 III 1.5; 2a 1 0 III .5; 4 0 0 IV 1; 1b 0 1 IV 3;
     2a 0 1 IV 2; 3a 0 1 IV 7; 3a 1 1 IV 4; 4 1 1 IV 2'),
  ('bladder', '1 0 0 I 45; 2a 0 0 II 14; 2b 0 0 II 10; 3a 0 0 IIIA 7; 3b 0 0 IIIA 3; 4a 0 0 IIIA 4; 2b 1 0 IIIA 2; 3b 2 0 IIIB 3; 4b 0 0 IVA 1;
     3b 2 1a IVA 2; 2b 0 1b IVB 3; 3b 2 1b IVB 4; 4b 2 1b IVB 2'),
  ('stomach', '1a 0 0 IA 12; 1b 0 0 IA 9; 2 0 0 IB 6; 1b 1 0 IB 3; 3 0 0 IIA 8; 2 1 0 IIA 3; 3 1 0 IIB 6; 3 2 0 IIIA 7; 4a 1 0 IIIA 3; 4a 2 0 IIIA 3;
     3 3a 0 IIIB 5; 4a 3a 0 IIIB 3; 4b 1 0 IIIB 1; 4a 3b 0 IIIC 2; 3 1 1 IV 9; 3 2 1 IV 9; 4a 3a 1 IV 6; 4b 2 1 IV 4'),
  ('oesophagus', '1a 0 0 I 7; 1b 0 0 I 8; 1b 1 0 IIA 3; 2 0 0 IIB 7; 2 1 0 III 5; 3 0 0 III 9; 3 1 0 III 16; 4a 1 0 III 2; 3 2 0 IVA 10;
     4b 1 0 IVA 3; 3 3 0 IVA 3; 2 1 1 IVB 4; 3 1 1 IVB 8; 3 2 1 IVB 11; 4b 2 1 IVB 4'),
  ('pancreas', '1a 0 0 IA 2; 1c 0 0 IA 4; 2 0 0 IB 8; 3 0 0 IIA 7; 1c 1 0 IIB 3; 2 1 0 IIB 13; 3 1 0 IIB 5; 2 2 0 III 6; 3 2 0 III 5; 4 0 0 III 4;
     4 1 0 III 8; 2 1 1 IV 12; 3 1 1 IV 14; 3 2 1 IV 8; 4 1 1 IV 10'),
  ('liver', '1a 0 0 IA 9; 1b 0 0 IB 18; 2 0 0 II 20; 3 0 0 IIIA 18; 4 0 0 IIIB 9; 3 1 0 IVA 6; 4 1 0 IVA 4; 3 0 1 IVB 8; 4 1 1 IVB 8'),
  ('biliary', '1a 0 0 IA 8; 1b 0 0 IB 8; 2a 0 0 IIA 12; 2b 0 0 IIB 6; 3 0 0 IIIA 15; 3 1 0 IIIB 14; 4 1 0 IVA 6; 3 2 0 IVB 4; 3 1 1 IVB 15;
     4 2 1 IVB 12'),
  ('head and neck', '1 0 0 I 19; 2 0 0 II 14; 3 0 0 III 9; 1 1 0 III 4; 2 1 0 III 7; 4a 0 0 IVA 10; 2 2b 0 IVA 10; 3 2b 0 IVA 8; 4a 2c 0 IVA 8;
     3 3b 0 IVB 3; 4b 2c 0 IVB 2; 3 2b 1 IVC 3; 4a 2c 1 IVC 4'),
  ('larynx', '1a 0 0 I 28; 1b 0 0 I 10; 2 0 0 II 17; 3 0 0 III 17; 2 1 0 III 4; 4a 0 0 IVA 9; 3 2b 0 IVA 6; 4a 2c 0 IVA 5; 4a 3b 0 IVB 1;
     4a 2c 1 IVC 3'),
  ('thyroid', '1a 0 0 I 35; 1b 0 0 I 20; 2 0 0 I 15; 1a 1a 0 II 6; 1b 1b 0 II 5; 3a 0 0 II 6; 3b 1b 0 II 5; 4a 1b 0 III 4; 4b 1b 0 IVA 1;
     2 0 1 IVB 2; 3a 1b 1 IVB 3'),
  ('thyroid under 55', '1a 0 0 I 38; 1b 0 0 I 21; 2 0 0 I 14; 1a 1a 0 I 9; 1b 1b 0 I 10; 3a 0 0 I 5; 3b 1b 0 I 2; 2 1b 1 II 1; 3a 1b 1 II 1'),
  ('testis', '1 0 0 IA 42; 2 0 0 IB 24; 1 1 0 IIA 9; 2 2 0 IIB 7; 2 3 0 IIC 4; 2 1 1a IIIA 6; 2 2 1a IIIB 4; 3 3 1b IIIC 4'),
  ('mesothelioma', '1 0 0 IA 22; 2 0 0 IB 10; 3 0 0 IB 14; 2 1 0 II 5; 3 1 0 IIIA 9; 4 0 0 IIIB 12; 4 2 0 IIIB 12; 3 1 1 IV 8; 4 2 1 IV 8'),
  ('sarcoma', '1 0 0 IA 22; 2 0 0 II 20; 3 0 0 IIIA 16; 4 0 0 IIIB 18; 2 1 0 IV 2; 2 0 1 IV 8; 4 0 1 IV 10'),
  ('squamous', '1a 0 0 IA 20; 1b 0 0 IB 26; 2 0 0 II 18; 3 0 0 IIIA 9; 2 1 0 IIIA 9; 3 1 0 IIIB 8; 2 2b 0 IIIC 3; 4 1 0 IVA 3; 3 2b 1 IVB 5'),
  ('upper urinary', '1 0 0 I 22; 2 0 0 II 16; 3 0 0 III 34; 4 0 0 IV 5; 3 1 0 IV 7; 3 2 1 IV 9; 4 2 1 IV 6'),
  ('breast in situ', 'is(DCIS) 0 0 0 88; is(LCIS) 0 0 0 7; is(Paget) 0 0 0 3; is 0 0 0 2'),
  ('in situ', 'is 0 0 0 1'),
  ('bladder in situ', 'a 0 0 0a 78; is 0 0 0is 22');
UPDATE registry_model.scheme AS s
SET (t, n, m, uicc, stage, thresholds) = (
  SELECT array_agg(word[1] ORDER BY place), array_agg(word[2] ORDER BY place), array_agg(word[3] ORDER BY place),
         array_agg(word[4] ORDER BY place),
         array_agg(CASE WHEN word[4] LIKE '0%' THEN 0 WHEN word[4] LIKE 'IV%' THEN 4 ELSE length(substring(word[4] FROM '^I+')) END
                   ORDER BY place),
         registry_model.thresholds(array_agg(word[5]::float8 ORDER BY place))
  FROM regexp_split_to_table(s.combinations, ';\s*') WITH ORDINALITY AS r(combination, place)
  CROSS JOIN LATERAL regexp_split_to_array(btrim(combination), '\s+') AS word);

-- ----------------------------------------------------------------- entities

-- Who gets what: one row a disease with one age curve. cases are new cases a
-- year, ages medians, spread the scale of the age curve in years. topography:
-- NULL is the ICD-10 code itself, three characters take the digit of the ICD-10
-- code, anything else is a distribution. grading: grades 1 to 4, X, U, T.
CREATE TABLE registry_model.entity (
  entity          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name            text NOT NULL UNIQUE,
  icd10           text NOT NULL,
  topography      text,
  cases_m         float8 NOT NULL,
  cases_w         float8 NOT NULL,
  age_m           float8 NOT NULL,
  age_w           float8 NOT NULL,
  spread          float8 NOT NULL,
  scheme          text REFERENCES registry_model.scheme,
  paired          boolean NOT NULL,
  grading         text NOT NULL,
  morphology      text NOT NULL,
  scheme_under_55 text REFERENCES registry_model.scheme,
  icd10_labels          text[]   GENERATED ALWAYS AS (registry_model.labels(icd10)) STORED,
  icd10_thresholds      float8[] GENERATED ALWAYS AS (registry_model.thresholds(icd10)) STORED,
  topography_labels     text[]   GENERATED ALWAYS AS (registry_model.labels(topography)) STORED,
  topography_thresholds float8[] GENERATED ALWAYS AS (registry_model.thresholds(topography)) STORED,
  grading_labels        text[]   GENERATED ALWAYS AS (registry_model.labels(grading)) STORED,
  grading_thresholds    float8[] GENERATED ALWAYS AS (registry_model.thresholds(grading)) STORED,
  morphology_labels     text[]   GENERATED ALWAYS AS (registry_model.labels(morphology)) STORED,
  morphology_thresholds float8[] GENERATED ALWAYS AS (registry_model.thresholds(morphology)) STORED
);
COMMENT ON TABLE registry_model.entity IS 'diseases: codes, frequency and age by sex, staging scheme, histology, grading';
INSERT INTO registry_model.entity
  (name, icd10, topography, cases_m, cases_w, age_m, age_w, spread, scheme, paired, grading, morphology) VALUES
  ('breast', 'C50.0:1 C50.1:6 C50.2:13 C50.3:6 C50.4:40 C50.5:8 C50.6:1 C50.8:14 C50.9:11', NULL, 750, 70500, 70, 64, 7.6, 'breast', true,
    '1:14 2:52 3:28 X:2 U:4', '8500/3:74 8520/3:13 8522/3:3 8523/3:2.5 8480/3:2 8211/3:1.5 8010/3:1 8575/3:.5 8507/3:.5 8540/3:.4'),
  ('prostate', 'C61', NULL, 65800, 0, 70.5, 70, 4.9, 'prostate', false,
    '1:12 2:44 3:33 4:1 X:2 U:8', '8140/3:97 8550/3:1.5 8500/3:1 8041/3:.3'),
  ('lung', 'C34.0:4 C34.1:48 C34.2:5 C34.3:29 C34.8:5 C34.9:9', NULL, 34100, 22600, 70, 69, 5.6, 'lung', true,
    '1:3 2:24 3:33 4:5 X:10 U:25', '8140/3:46 8070/3:23 8041/3:14 8046/3:5 8010/3:3 8250/3:2 8012/3:1.5 8240/3:1.5 8013/3:1 8000/3:2'),
  ('colon', 'C18.0:14 C18.1:.6 C18.2:17 C18.3:6 C18.4:9 C18.5:4 C18.6:6 C18.7:31 C18.8:2 C18.9:6 C19:6', NULL, 19600, 17000, 73, 75.5, 6.4,
    'colorectal', false, '1:6 2:66 3:20 4:1 X:2 U:5', '8140/3:84 8480/3:7.5 8263/3:2 8210/3:2 8490/3:1.2 8240/3:1 8246/3:.8 8510/3:.6'),
  ('rectum', 'C20', NULL, 10900, 6900, 69.5, 71, 6.6, 'colorectal', false,
    '1:5 2:70 3:14 X:3 U:8', '8140/3:90 8480/3:4 8263/3:2 8210/3:1.5 8240/3:1.5 8490/3:.6'),
  ('melanoma', 'C43.0:.5 C43.1:1 C43.2:3 C43.3:9 C43.4:5 C43.5:37 C43.6:20 C43.7:21 C43.8:.5 C43.9:3', 'C44', 12400, 10400, 69, 62.5, 8.6,
    'melanoma', true, 'T:80 U:20', '8743/3:44 8720/3:27 8721/3:13 8742/3:7 8744/3:3 8745/3:.7 8730/3:.4 8772/3:.2'),
  ('corpus uteri', 'C54.0:2 C54.1:84 C54.2:1 C54.3:1 C54.8:2 C54.9:10', NULL, 0, 10900, 68, 68.5, 6, 'corpus', false,
    '1:38 2:32 3:23 X:2 U:5', '8380/3:76 8140/3:8 8441/3:7 8980/3:3 8310/3:1.5 8570/3:1 8890/3:.5'),
  ('ovary', 'C56', NULL, 0, 6700, 68, 68.5, 8, 'ovary', true,
    '1:9 2:11 3:64 4:1 X:3 U:12', '8461/3:55 8380/3:9 8441/3:6 8140/3:6 8310/3:5 8480/3:5 8460/3:4 8950/3:3'),
  ('cervix uteri', 'C53.0:18 C53.1:20 C53.8:12 C53.9:50', NULL, 0, 4650, 54, 54, 8.5, 'cervix', false,
    '1:6 2:41 3:34 X:5 U:14', '8070/3:35 8071/3:14 8072/3:14 8140/3:17 8482/3:2 8384/3:2 8560/3:2'),
  ('kidney', 'C64', NULL, 9300, 5300, 68, 71, 6.7, 'kidney', true,
    '1:18 2:52 3:13 4:4 X:2 U:11', '8310/3:66 8260/3:13 8312/3:9 8317/3:5'),
  ('bladder', 'C67.0:5 C67.1:3 C67.2:23 C67.3:4 C67.4:11 C67.5:3 C67.6:4 C67.8:17 C67.9:30', NULL, 13400, 4800, 75, 77, 5.6, 'bladder', false,
    '1:4 2:19 3:49 H:14 L:3 X:2 U:9', '8120/3:66 8130/3:26 8070/3:2.5 8131/3:1.5 8041/3:.7'),
  ('stomach', 'C16.0:28 C16.1:6 C16.2:19 C16.3:18 C16.4:3 C16.5:7 C16.6:2 C16.8:6 C16.9:11', NULL, 9000, 5400, 72, 75, 7, 'stomach', false,
    '1:3 2:24 3:53 X:5 U:15', '8140/3:40 8144/3:18 8490/3:14 8145/3:9 8211/3:7 8480/3:2 8936/3:2 8240/3:2'),
  ('oesophagus', 'C15.0:1 C15.1:2 C15.2:2 C15.3:8 C15.4:20 C15.5:49 C15.8:6 C15.9:12', NULL, 5750, 1750, 67.5, 70, 5.8, 'oesophagus', false,
    '1:4 2:42 3:33 X:5 U:16', '8140/3:46 8070/3:44 8071/3:4 8490/3:2'),
  ('pancreas', 'C25.0:55 C25.1:11 C25.2:13 C25.3:1 C25.4:1.5 C25.7:1.5 C25.8:6 C25.9:11', NULL, 10100, 10200, 72, 75, 6, 'pancreas', false,
    '1:4 2:24 3:21 X:9 U:42', '8500/3:52 8140/3:32 8000/3:5 8246/3:4 8010/3:3 8240/3:2'),
  ('liver', 'C22.0:92 C22.7:2 C22.9:6', 'C22.0', 4900, 1500, 71, 74, 5.8, 'liver', false,
    '1:9 2:24 3:8 X:8 U:51', '8170/3:90 8000/3:8 8180/3:2'),
  ('bile ducts in the liver', 'C22.1', NULL, 1600, 1200, 71, 73, 6.2, 'liver', false, '1:3 2:32 3:20 X:8 U:37', '8160/3:94 8140/3:6'),
  ('biliary tract', 'C23:40 C24.0:38 C24.1:15 C24.9:7', NULL, 2700, 2700, 74, 76, 6.2, 'biliary', false,
    '1:5 2:36 3:24 X:5 U:30', '8140/3:65 8162/3:13 8160/3:12 8010/3:3 8480/3:2'),
  ('small bowel', 'C17.0:28 C17.1:9 C17.2:40 C17.8:2 C17.9:21', NULL, 1600, 1300, 69, 70, 7, 'stomach', false,
    '1:40 2:25 3:14 X:5 U:16', '8240/3:45 8140/3:38 8936/3:10 8246/3:4'),
  ('mouth and pharynx', 'C01:7 C02.1:6 C02.8:2 C02.9:6 C03.1:3 C04.0:4 C04.9:6 C05.1:3 C06.0:2 C06.9:2 C07:4 C09.0:2 C09.1:2 C09.9:12 C10.3:2 C10.9:7
    C11.9:2 C12:3 C13.9:6 C00.1:2', NULL, 9700, 4400, 64.5, 66.5, 6, 'head and neck', true,
    '1:7 2:49 3:30 X:3 U:11', '8070/3:74 8071/3:13 8072/3:5 8010/3:2 8140/3:1.5 8430/3:1.5 8200/3:1.2'),
  ('larynx', 'C32.0:55 C32.1:30 C32.2:3 C32.8:6 C32.9:6', NULL, 2800, 480, 68, 66, 5.4, 'larynx', false,
    '1:9 2:55 3:20 X:3 U:13', '8070/3:80 8071/3:14 8072/3:3 8010/3:1'),
  ('thyroid', 'C73', NULL, 2000, 4450, 55, 51, 8.6, 'thyroid', true,
    '1:4 2:3 3:2 4:3 T:60 U:28', '8260/3:38 8340/3:26 8341/3:15 8330/3:7 8345/3:5 8335/3:3 8021/3:2 8290/3:2'),
  ('testis', 'C62.0:1 C62.1:54 C62.9:45', NULL, 4100, 0, 37, 37, 6.2, 'testis', true,
    'T:72 U:28', '9061/3:59 9085/3:23 9070/3:11 9080/3:3 9071/3:1'),
  ('penis', 'C60.0:10 C60.1:45 C60.2:7 C60.9:38', NULL, 950, 0, 71, 71, 6.6, 'squamous', false,
    '1:25 2:45 3:16 X:2 U:12', '8070/3:78 8071/3:12 8083/3:4 8051/3:4'),
  ('vulva', 'C51.0:25 C51.1:14 C51.2:4 C51.8:5 C51.9:52', NULL, 0, 3250, 73, 73, 8, 'squamous', false,
    '1:21 2:47 3:16 X:3 U:13', '8070/3:68 8071/3:20 8083/3:3 8090/3:3 8542/3:3'),
  ('vagina', 'C52', NULL, 0, 450, 73, 73, 7.4, 'squamous', false, '1:8 2:40 3:25 X:5 U:22', '8070/3:72 8071/3:14 8140/3:8'),
  ('anus', 'C21.0:18 C21.1:62 C21.8:20', NULL, 960, 1500, 64, 65, 6.6, 'squamous', false,
    '1:8 2:48 3:26 X:4 U:14', '8070/3:78 8071/3:14 8083/3:4 8140/3:3'),
  ('renal pelvis and ureter', 'C65:58 C66:42', NULL, 1900, 1100, 74, 75.5, 5.2, 'upper urinary', true,
    '1:4 2:24 3:40 H:18 X:2 U:12', '8130/3:62 8120/3:36'),
  ('mesothelioma', 'C45.0:90 C45.1:8 C45.9:2', 'C38.4:93 C48.2:7', 1050, 280, 75.5, 74, 4.8, 'mesothelioma', true,
    'T:70 U:30', '9052/3:55 9050/3:32 9053/3:9 9051/3:4'),
  ('soft tissue', 'C49.0:8 C49.1:12 C49.2:37 C49.3:9 C49.4:8 C49.5:7 C49.6:4 C49.9:5 C48.0:10', NULL, 2200, 2000, 67, 68, 10, 'sarcoma', true,
    '1:22 2:25 3:42 X:4 U:7', '8830/3:20 8850/3:14 8890/3:16 8858/3:9 8811/3:9 8802/3:14 8805/3:8 9120/3:5'),
  ('bone, young', 'C40.0:14 C40.2:52 C41.0:4 C41.2:6 C41.4:24', NULL, 130, 100, 16, 15, 3, 'sarcoma', true,
    '3:60 4:15 T:10 U:15', '9180/3:50 9260/3:42 9220/3:6'),
  ('brain', 'C71.0:3 C71.1:27 C71.2:25 C71.3:12 C71.4:5 C71.5:1 C71.6:4 C71.7:2 C71.8:14 C71.9:7', NULL, 3900, 3100, 64.5, 66.5, 8, NULL, true,
    '1:1 2:12 3:10 4:60 U:12 T:5', '9440/3:70 9401/3:6 9400/3:6 9450/3:4 9451/3:3 9380/3:5 9382/3:2'),
  ('brain, child', 'C71.0:6 C71.1:6 C71.2:6 C71.5:6 C71.6:40 C71.7:24 C71.9:12', NULL, 220, 180, 8, 8, 3, NULL, true,
    '1:34 2:10 4:42 U:14', '9421/1:36 9470/3:27 9391/3:12 9400/3:11 9385/3:8 9508/3:6'),
  ('meninges, benign', 'D32.0:86 D32.1:10 D32.9:4', 'C70', 900, 2400, 64, 62, 8.2, NULL, true,
    '1:80 2:15 U:5', '9530/0:55 9531/0:20 9537/0:12 9532/0:8 9533/0:5'),
  ('eye melanoma', 'C69.3:78 C69.4:22', NULL, 340, 320, 66, 65, 7.6, 'melanoma', true, 'T:70 U:30', '8720/3:42 8770/3:34 8772/3:16 8774/3:8'),
  ('Hodgkin, young', 'C81.1:56 C81.2:22 C81.0:5 C81.9:17', 'C77.0:48 C77.1:38 C77.3:4 C77.8:10', 800, 720, 28, 26, 5.2, NULL, false,
    'T:100', '9663/3:60 9652/3:20 9650/3:14 9659/3:6'),
  ('Hodgkin, old', 'C81.1:32 C81.2:34 C81.4:6 C81.9:28', 'C77.0:40 C77.1:24 C77.2:10 C77.8:26', 650, 400, 65, 67, 6.6, NULL, false,
    'T:100', '9652/3:42 9663/3:27 9650/3:23 9651/3:8'),
  ('diffuse large B-cell', 'C83.3', 'C77.0:22 C77.1:7 C77.2:16 C77.3:9 C77.8:14 C77.9:4 C16.9:6 C42.1:4 C71.9:5 C18.0:2 C44.9:2 C80.9:9', 3600, 3000, 71, 74, 7,
    NULL, false, 'T:100', '9680/3:93 9679/3:3 9684/3:4'),
  ('follicular', 'C82.0:20 C82.1:28 C82.3:12 C82.4:6 C82.9:34', 'C77.0:26 C77.2:18 C77.3:20 C77.8:30 C77.9:6', 1500, 1500, 66, 67.5, 7, NULL, false,
    'T:100', '9695/3:24 9691/3:30 9698/3:16 9690/3:30'),
  ('other B-cell', 'C83.0:16 C83.1:26 C85.1:30 C85.9:14 C88.4:14', 'C77.0:18 C77.2:10 C77.8:24 C77.9:8 C42.1:22 C42.2:6 C16.9:8 C80.9:4',
    2700, 2000, 72, 73, 6.2, NULL, false, 'T:100', '9591/3:42 9673/3:26 9699/3:18 9689/3:8 9671/3:6'),
  ('T-cell', 'C84.0:34 C84.4:34 C84.5:12 C86.5:12 C86.6:8', 'C44.9:34 C77.8:30 C77.0:18 C42.1:8 C77.9:10', 900, 600, 68, 68, 8, NULL, false,
    'T:100', '9702/3:40 9700/3:34 9705/3:14 9714/3:12'),
  ('myeloma', 'C90.0:93 C90.3:5 C90.2:2', 'C42.1:96 C41.2:4', 3700, 2850, 72, 74, 5.6, NULL, false, 'T:100', '9732/3:95 9731/3:5'),
  ('chronic lymphocytic', 'C91.1', 'C42.1:85 C42.0:15', 3000, 2100, 72, 75, 5.8, NULL, false, 'T:100', '9823/3:100'),
  ('acute myeloid', 'C92.0:86 C92.4:5 C92.5:5 C92.8:4', 'C42.1', 1900, 1600, 71, 72, 8, NULL, false, 'T:100', '9861/3:52 9895/3:26 9866/3:6 9867/3:8 9920/3:8'),
  ('chronic myeloid', 'C92.1', 'C42.1', 560, 450, 61, 63, 8.6, NULL, false, 'T:100', '9875/3:86 9863/3:14'),
  ('acute lymphoblastic, child', 'C91.0', 'C42.1', 310, 240, 5, 4.6, 1.9, NULL, false, 'T:100', '9811/3:62 9814/3:20 9837/3:13 9815/3:5'),
  ('acute lymphoblastic', 'C91.0', 'C42.1', 230, 190, 54, 58, 9, NULL, false, 'T:100', '9811/3:58 9806/3:22 9837/3:20'),
  ('myelodysplastic', 'D46.2:30 D46.5:8 D46.6:6 D46.7:10 D46.9:36 D46.1:10', 'C42.1', 2300, 1700, 77, 78, 4.8, NULL, false, 'T:100',
    '9989/3:34 9983/3:28 9985/3:26 9982/3:8 9986/3:4'),
  ('myeloproliferative', 'D45:32 D47.1:22 D47.3:40 D47.4:6', 'C42.1', 1500, 1700, 66, 68, 7.6, NULL, false, 'T:100', '9950/3:32 9962/3:40 9961/3:18 9960/3:10'),
  ('neuroblastoma', 'C74.1:52 C74.9:20 C48.0:18 C47.9:10', NULL, 72, 60, 1.6, 1.6, .9, NULL, true, '3:30 4:20 T:25 U:25', '9500/3:85 9490/3:15'),
  ('nephroblastoma', 'C64', NULL, 48, 52, 3.2, 3.4, 1, NULL, true, '3:20 T:50 U:30', '8960/3:100'),
  ('retinoblastoma', 'C69.2', NULL, 20, 20, 1.4, 1.4, .6, NULL, true, 'T:70 U:30', '9510/3:90 9511/3:10'),
  ('unknown primary', 'C80.0:62 C80.9:38', 'C80.9', 5000, 4800, 74, 77, 6.2, NULL, false,
    '2:8 3:28 X:9 U:55', '8010/3:32 8140/3:28 8000/3:26 8070/3:9 8246/3:5'),
  ('breast in situ', 'D05.1:84 D05.0:7 D05.7:3 D05.9:6', 'C50.1:5 C50.2:13 C50.3:5 C50.4:40 C50.5:8 C50.8:14 C50.9:15', 30, 5900, 64, 59.5, 6.2, 'breast in situ', true,
    '1:14 2:34 3:38 L:3 H:4 U:7', '8500/2:88 8520/2:7 8507/2:3 8540/2:2'),
  ('melanoma in situ', 'D03.3:20 D03.4:4 D03.5:33 D03.6:20 D03.7:16 D03.9:7', 'C44', 5200, 5000, 70, 64, 8.6, 'in situ', true,
    'T:80 U:20', '8720/2:42 8742/2:32 8743/2:26'),
  ('bladder in situ', 'D09.0', 'C67.2:26 C67.4:11 C67.0:6 C67.8:20 C67.9:37', 8800, 2900, 73, 74, 5.8, 'bladder in situ', false,
    '1:26 2:24 3:14 L:22 H:10 U:4', '8130/2:78 8120/2:22'),
  ('cervix in situ', 'D06.0:22 D06.1:26 D06.9:52', 'C53', 0, 3200, 36, 36, 5.2, 'in situ', false, '3:72 T:10 U:18', '8077/2:82 8140/2:12 8070/2:6');
UPDATE registry_model.entity SET scheme_under_55 = 'thyroid under 55' WHERE name = 'thyroid';

\ir model_course.sql
