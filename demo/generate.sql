-- The generator: set-based, and every random number is a hash of (seed,
-- person, stream), so that neither the plan, the server's version nor the
-- number of persons changes a row. Person 17 is the same in a registry of a
-- hundred and of a million.

-- A constant that varies by CASE is written float8 '…': as numeric it would be
-- converted once a row.

-- Inlined by the planner. hashint8extended is what hash partitioning stands on:
-- the server may not change it, and it is the same on every platform.
CREATE FUNCTION registry_model.u(id bigint, stream bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (pg_catalog.hashint8extended(id, stream) OPERATOR(pg_catalog.&) 1073741823) / 1073741824.0::float8 $$;
COMMENT ON FUNCTION registry_model.u IS 'a uniform number in [0,1) that belongs to an id and a stream';

CREATE FUNCTION registry_model.pick(labels text[], thresholds float8[], u float8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT labels[pg_catalog.width_bucket(u, thresholds)] $$;
COMMENT ON FUNCTION registry_model.pick IS 'the label of a distribution at u';

-- Logistic, narrower above the median: cancer ages have their long tail to the left.
CREATE FUNCTION registry_model.age_at(median float8, spread float8, u float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT greatest(0.02, least(101, median + spread * CASE WHEN u < .5 THEN float8 '1' ELSE .8 END * ln((u + .002) / (1.002 - u))))
$$;
COMMENT ON FUNCTION registry_model.age_at IS 'the age at a quantile of an age curve';

CREATE FUNCTION registry_model.share_below(median float8, spread float8, age float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 1 / (1 + exp((median - age) / (spread * CASE WHEN age < median THEN float8 '1' ELSE .8 END))) $$;
COMMENT ON FUNCTION registry_model.share_below IS 'the inverse of age_at';

CREATE FUNCTION registry_model.coarse_date(day date, accuracy text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE accuracy WHEN 'E' THEN day
                     WHEN 'T' THEN make_date(extract(year FROM day)::int, extract(month FROM day)::int, 15)
                     ELSE make_date(extract(year FROM day)::int, 7, 1) END
$$;
COMMENT ON FUNCTION registry_model.coarse_date IS 'a date as it is stored with an accuracy: E as it is, T on the 15th, M and V on 1 July';

CREATE FUNCTION registry_model.accuracy(estimated float8, u float8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN u >= estimated THEN 'E' WHEN u >= estimated * .2 THEN 'T' WHEN u >= estimated * .03 THEN 'M' ELSE 'V' END $$;
COMMENT ON FUNCTION registry_model.accuracy IS 'an accuracy of a date, where a share of the dates is estimated';

-- Truth first: who falls ill of what, when, how far it has spread, when it
-- kills. Fills the temporary table truth, one row a tumour.
CREATE PROCEDURE registry_model.draw_truth(persons int, seed int)
LANGUAGE plpgsql
SET search_path = pg_catalog, registry_model, pg_temp
SET jit = off
AS $$
#variable_conflict error
DECLARE
  first_day       constant date := '2014-01-01';
  last_day        constant date := '2023-12-31';
  days            constant int := last_day - first_day;
  s               bigint;   -- the streams of this round start here
  all_kinds       int[];    -- entities of men, then of women
  all_sexes       text[];
  kind_limits     float8[];
  all_districts   text[];
  district_limits float8[];
BEGIN
  SELECT array_agg(entity ORDER BY sex, entity), array_agg(sex ORDER BY sex, entity), thresholds(array_agg(cases ORDER BY sex, entity))
  INTO all_kinds, all_sexes, kind_limits
  FROM (SELECT entity, 'M' AS sex, cases_m AS cases FROM entity UNION ALL SELECT entity, 'W', cases_w FROM entity) AS incidence
  WHERE cases > 0;
  SELECT array_agg(district ORDER BY district), thresholds(array_agg(inhabitants ORDER BY district))
  INTO all_districts, district_limits FROM district;

  -- What a person of this sex and age group falls ill of next.
  CREATE TEMP TABLE next_kind ON COMMIT DROP AS
  SELECT sex, age_group, array_agg(entity ORDER BY entity) AS kinds, thresholds(array_agg(weight ORDER BY entity)) AS limits
  FROM (SELECT sex, age_group, entity,
               cases * (share_below(median, spread, 5 * age_group + 5) - share_below(median, spread, 5 * age_group)) AS weight
        FROM entity
        CROSS JOIN LATERAL (VALUES ('M', cases_m, age_m), ('W', cases_w, age_w)) AS v(sex, cases, median)
        CROSS JOIN generate_series(0, 20) AS age_group) AS density
  GROUP BY sex, age_group;

  CREATE TEMP TABLE candidate (
    person int, tumour_no int, sex text, birth_date date, district text, state text, entity int, age float8,
    diagnosis_date date, accuracy text, death date, fatal int) ON COMMIT DROP;
  CREATE TEMP TABLE truth (
    person int, tumour_no int, sex text, birth_date date, district text, state text, entity int, age float8,
    diagnosis_date date, accuracy text, scheme text, combination int, stage int, dco boolean, death date, fatal int) ON COMMIT DROP;

  -- First tumours: disease and sex by incidence, then the age from its curve. Other
  -- causes of death follow Gompertz' law from the age at the first diagnosis.
  s := seed::bigint << 32;
  INSERT INTO candidate
  WITH kind AS (
    SELECT p AS person, width_bucket(u(p, s + 1), kind_limits) AS place, width_bucket(u(p, s + 2), district_limits) AS home,
           first_day + floor(days * power(u(p, s + 3), .98))::int AS day
    FROM generate_series(1, persons) AS p OFFSET 0
  ), aged AS (
    SELECT person, all_sexes[place] AS sex, e.entity, all_districts[home] AS district, st.state, day,
           accuracy(st.estimated_dates, u(person, s + 4)) AS accuracy,
           age_at(CASE WHEN all_sexes[place] = 'M' THEN e.age_m ELSE e.age_w END, e.spread, u(person, s + 5)) AS age
    FROM kind JOIN entity AS e ON e.entity = all_kinds[place] JOIN state AS st ON st.state = left(all_districts[home], 2) OFFSET 0
  ), dated AS (
    SELECT *, coarse_date(day, accuracy) AS diagnosis_date,
           CASE WHEN sex = 'M' THEN float8 '.1' ELSE .117 END AS ageing, CASE WHEN sex = 'M' THEN float8 '2.1e-5' ELSE 3.5e-6 END AS basic
    FROM aged OFFSET 0
  )
  SELECT person, 1, sex, diagnosis_date - floor(age * 365.25)::int, district, state, entity, age, diagnosis_date, accuracy,
         diagnosis_date + 1 + least(40000, floor(365.25 / ageing
           * ln(1 - ln(1 - u(person, s + 6)) * ageing / (basic * exp(ageing * age)))))::int,
         NULL
  FROM dated;

  FOR round IN 1..3 LOOP
    s := (seed::bigint << 32) + 1000 * round;
    ANALYZE candidate;

    -- How far it has spread, and when it kills: Weibull, hazard by stage and age.
    INSERT INTO truth
    WITH staged AS (
      SELECT c.*, sc.scheme, width_bucket(power(u(person, s + 10), CASE WHEN age >= 80 THEN float8 '.85' ELSE 1 END), sc.thresholds) AS combination,
             sc.stage AS stages, co.survival, co.shape, st.dco_share
      FROM candidate AS c
      JOIN entity AS e USING (entity) JOIN course AS co USING (name) JOIN state AS st USING (state)
      LEFT JOIN scheme AS sc ON sc.scheme = CASE WHEN age < 55 THEN coalesce(e.scheme_under_55, e.scheme) ELSE e.scheme END
      OFFSET 0
    ), hazard AS (
      SELECT *, stages[combination] AS stage,
             -ln(survival[greatest(1, coalesce(stages[combination], 1))]) * least(2.6, greatest(.6, exp(.027 * (age - 66)))) AS deaths,
             u(person, s + 11) < dco_share * CASE WHEN age >= 80 THEN float8 '2.2' WHEN age >= 60 THEN .8 ELSE .15 END
                               * CASE WHEN survival[1] > .9 THEN float8 '.35' WHEN survival[1] > .6 THEN 1 ELSE 2 END AS certified
      FROM staged OFFSET 0
    ), dying AS (
      SELECT *, CASE WHEN certified THEN diagnosis_date
                     ELSE diagnosis_date + 1 + least(40000, floor(1826 * power(-ln(1 - u(person, s + 12)) / deaths, 1 / shape)))::int END AS day
      FROM hazard OFFSET 0
    )
    SELECT person, tumour_no, sex, birth_date, district, state, entity, age, diagnosis_date, accuracy, scheme, combination, stage,
           certified AND day <= death, least(day, death), CASE WHEN day <= death THEN entity ELSE fatal END
    FROM dying;

    -- Who of them gets another one, before dying and before the end of the study.
    TRUNCATE candidate;
    INSERT INTO candidate
    WITH due AS (
      SELECT t.*, accuracy(st.estimated_dates, u(person, s + 23)) AS next_accuracy,
             diagnosis_date + CASE WHEN u(person, s + 21) < .15 THEN floor(180 * u(person, s + 22))
                                   ELSE 180 + floor(-1700 * ln(1 - u(person, s + 22))) END::int AS next_day
      FROM truth AS t JOIN state AS st USING (state)
      WHERE tumour_no = round AND NOT dco AND u(person, s + 20) < CASE WHEN age >= 30 THEN float8 '.23' ELSE .02 END
      OFFSET 0
    ), dated AS (
      SELECT *, coarse_date(next_day, next_accuracy) AS next_date FROM due OFFSET 0
    ), aged AS (
      SELECT *, (next_date - birth_date) / 365.25::float8 AS next_age FROM dated
      WHERE next_date BETWEEN diagnosis_date AND least(death, last_day) OFFSET 0
    ), drawn AS (
      SELECT a.*, k.kinds[width_bucket(u(person, s + 24), k.limits)] AS next_entity
      FROM aged AS a JOIN next_kind AS k ON k.sex = a.sex AND k.age_group = least(20, floor(next_age / 5)::int) OFFSET 0
    )
    SELECT person, round + 1, sex, birth_date, district, state, next_entity, next_age, next_date, next_accuracy, death, fatal
    FROM drawn JOIN entity AS e ON e.entity = next_entity
    WHERE next_entity <> drawn.entity OR e.paired;
  END LOOP;
  ANALYZE truth;
END
$$;
COMMENT ON PROCEDURE registry_model.draw_truth IS 'fill the temporary table truth: who falls ill of what and when, how far it has spread, when it kills';

\ir records.sql
