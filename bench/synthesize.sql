-- Synthetic rows: how real they are, whether they copy anybody, and what they cost.
-- bench/judge grades them, a program that shares no code with the extension.
-- Run from the top of the checkout; needs a C compiler and a superuser.
--
--   make bench BENCH=bench/synthesize.sql
--   psql -v persons=10000 -v rows=100000 -f bench/synthesize.sql       a smaller registry, fewer rows to fit and draw
--   psql -v cohort=/path/rotterdam.csv -f bench/synthesize.sql         and a clinical cohort: data set rotterdam of the R package survival, as csv
--
-- A row of Adult is for training where the first byte of the MD5 of its line
-- number (1 is the first record) is below 205: 24,150 of 30,162. Those of the
-- other parts are split by the MD5 of the person in the same way.
\set QUIET on
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' <> '' AS adult \gset
\if :{?persons}
\else
  \set persons 50000
\endif
\if :{?rows}
\else
  \set rows 1000000
\endif
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
CREATE EXTENSION IF NOT EXISTS kiaim;
\ir include/cpu.sql
\ir include/judge.sql
\if :judged
\else
\echo there is no C compiler for bench/judge
\quit
\endif
CREATE TEMP TABLE fitted (name text, fit float8, draw float8, bytes bigint, method text);
CREATE FUNCTION pg_temp.learned(key text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT get_byte(decode(md5(key), 'hex'), 0) < 205 $$;
-- a figure of a name, rounded
CREATE FUNCTION pg_temp.figure(wanted text, pattern text, digits int = 3) RETURNS numeric LANGUAGE sql AS $$
    SELECT round(synthetic::numeric, digits) FROM judged WHERE name = wanted AND metric LIKE pattern LIMIT 1 $$;
CREATE FUNCTION pg_temp.ceiling(wanted text, pattern text, digits int = 3) RETURNS numeric LANGUAGE sql AS $$
    SELECT round(holdout::numeric, digits) FROM judged WHERE name = wanted AND metric LIKE pattern LIMIT 1 $$;
\pset footer off
\pset null ''

\if :adult
\ir include/adult.sql
CREATE TEMP TABLE adult AS SELECT row_number() OVER () AS line, sex, age::int AS age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class" FROM bench_adult;
CREATE TEMP TABLE adult_training AS SELECT * FROM adult WHERE pg_temp.learned(line::text);
CREATE TEMP TABLE adult_holdout AS SELECT * FROM adult WHERE NOT pg_temp.learned(line::text);
ALTER TABLE adult_training DROP COLUMN line;
ALTER TABLE adult_holdout DROP COLUMN line;
\set training adult_training
\set holdout adult_holdout
\set judge '-t salary-class'
\set wanted 30000
\set name sequential
\set options '{"seed": 1, "method": "sequential"}'
\ir include/synthesize.sql
\set name forest
\set options '{"seed": 1, "method": "forest"}'
\ir include/synthesize.sql
\set name auto
\set options '{"seed": 1}'
\ir include/synthesize.sql
\set name marginals
\set options '{"seed": 1, "method": "marginals"}'
\ir include/synthesize.sql
\set name 'held-out rows'
\set rows_of adult_holdout
\ir include/judge_rows.sql

\echo
\echo Adult, 24,150 training rows, 30,000 drawn. CPU seconds of the backend; figures of the peers as published in their comparison on the same data.
SELECT generator, cpu_fit, cpu_draw, one_way, two_way, auc, discrimination, discrimination_holdout FROM (
    SELECT 0 AS part, name AS generator, round(fit::numeric, 2) AS cpu_fit, round(draw::numeric, 3) AS cpu_draw, pg_temp.figure(name, 'one_way') AS one_way, pg_temp.figure(name, 'two_way') AS two_way,
           pg_temp.figure(name, 'tstr_auc') AS auc, pg_temp.figure(name, 'discrimination_training') AS discrimination, pg_temp.figure(name, 'discrimination_holdout') AS discrimination_holdout FROM fitted
    UNION ALL SELECT 1, 'held-out rows (6,012)', NULL::numeric, NULL::numeric, pg_temp.ceiling('auto', 'one_way'), pg_temp.ceiling('auto', 'two_way'), pg_temp.ceiling('auto', 'tstr_auc'), pg_temp.ceiling('auto', 'discrimination_training'), NULL::numeric
    UNION ALL VALUES (2, 'synthpop CART', 9, NULL::numeric, 0.995, 0.983, 0.877, 0.45, NULL::numeric), (2, 'arf (R)', 11, NULL, 0.994, 0.983, 0.884, 0.44, NULL), (2, 'arfpy, 30 trees', 100, NULL, 0.994, NULL, 0.887, 0.51, NULL),
                     (2, 'TVAE, 30 epochs', 49, NULL, 0.892, NULL, 0.847, 0.88, NULL), (2, 'Gaussian copula', NULL, NULL, 0.993, NULL, 0.781, 0.83, NULL)) AS g ORDER BY part;

\set name 'min_leaf 5'
\set options '{"seed": 1, "min_leaf": 5}'
\ir include/synthesize.sql
\set name 'min_leaf 10'
\set options '{"seed": 1, "min_leaf": 10}'
\ir include/synthesize.sql
\set name 'min_leaf 20'
\set options '{"seed": 1, "min_leaf": 20}'
\ir include/synthesize.sql
\set name 'min_leaf 50'
\set options '{"seed": 1, "min_leaf": 50}'
\ir include/synthesize.sql
\set name 'min_leaf 200'
\set options '{"seed": 1, "min_leaf": 200}'
\ir include/synthesize.sql
\echo
\echo 'What smaller leaves buy, and what they cost (method auto). equal: synthetic rows that equal one of 1,000 rows that are alone in the data, of training and of the hold-out; met: share of such rows that were drawn; apart: the differences in standard errors.'
SELECT name, pg_temp.figure(name, 'two_way') AS two_way, pg_temp.figure(name, 'tstr_auc') AS auc, pg_temp.figure(name, 'discrimination_training') AS discrimination,
       pg_temp.figure(name, 'rows_equal_to_1000%', 0) AS equal_training, pg_temp.ceiling(name, 'rows_equal_to_1000%', 0) AS equal_holdout, pg_temp.figure(name, 'rows_equal_excess%', 1) AS equal_apart,
       pg_temp.figure(name, 'uniques_met') AS met_training, pg_temp.ceiling(name, 'uniques_met') AS met_holdout, pg_temp.figure(name, 'uniques_met_excess%', 1) AS apart,
       pg_temp.figure(name, 'membership_auc') AS membership_auc, pg_temp.figure(name, 'members_found%', 4) AS found_at_1_percent, bytes AS model_bytes
FROM fitted WHERE name LIKE 'min_leaf%';

\echo
\echo :rows rows of 9 columns, seconds of CPU: from a plain table, and from the model
SELECT kiaim.fit('bench', 'adult_training', '{"seed": 1}') \g /dev/null
CREATE TEMP TABLE plain AS SELECT * FROM kiaim.sample(NULL::pg_temp.adult_training, 'bench', :rows, 1);
CREATE TEMP TABLE target (LIKE plain);
CREATE FUNCTION pg_temp.inserts(query text) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN TRUNCATE target; RETURN pg_temp.least_cpu('INSERT INTO target ' || query, 1); END $$;
SELECT round(t::numeric, 2) AS insert_from_table, round(s::numeric, 2) AS insert_from_sample, round(c::numeric, 2) AS only_drawn, round((:rows / c)::numeric, -3) AS rows_per_second
FROM pg_temp.inserts('SELECT * FROM plain') AS t,
     pg_temp.inserts(format('SELECT * FROM kiaim.sample(NULL::pg_temp.adult_training, ''bench'', %s, 1)', :rows)) AS s,
     pg_temp.least_cpu(format('SELECT count(*) FROM (SELECT kiaim.sample(NULL::pg_temp.adult_training, ''bench'', %s, 1) OFFSET 0) AS s', :rows), 1) AS c;
SELECT kiaim.drop_model('bench') \g /dev/null
DROP TABLE plain, target, bench_adult;
DELETE FROM kiaim.named_hierarchy WHERE name LIKE 'bench\_%';
\else
\echo the reference data are absent: Adult is left out
\endif

\if :{?cohort}
CREATE TEMP TABLE cohort (pid int, year int, age int, meno int, size text, grade int, nodes int, pgr int, er int, hormon int, chemo int, rtime int, recur int, dtime int, death int);
\set copied `cat :cohort > :workspace/cohort.csv`
\set lines `cat :workspace/cohort.csv`
CREATE TEMP TABLE line AS SELECT string_to_array(l, ',') AS f FROM unnest((string_to_array(:'lines', E'\n'))[2:]) AS l WHERE l <> '';
INSERT INTO cohort SELECT f[1]::int, f[2]::int, f[3]::int, f[4]::int, trim(f[5], '"'), f[6]::int, f[7]::int, f[8]::int, f[9]::int, f[10]::int, f[11]::int, f[12]::float8::int, f[13]::int, f[14]::float8::int, f[15]::int FROM line;
CREATE TEMP TABLE cohort_training AS SELECT * FROM cohort WHERE pg_temp.learned(pid::text);
CREATE TEMP TABLE cohort_holdout AS SELECT * FROM cohort WHERE NOT pg_temp.learned(pid::text);
ALTER TABLE cohort_training DROP COLUMN pid;
ALTER TABLE cohort_holdout DROP COLUMN pid;
CREATE TEMP TABLE broken (name text, order_of_relapse_and_death float8, negative float8);
\set training cohort_training
\set holdout cohort_holdout
\set judge '-c meno,grade,hormon,chemo,recur,death -s rtime,recur,size -s rtime,recur,grade -s dtime,death,hormon'
\set wanted 3000
\set name 'cohort, 3,000 rows'
\set options '{"seed": 1}'
\ir include/synthesize.sql
INSERT INTO broken SELECT :'name', 100.0 * avg((dtime < rtime)::int), 100.0 * avg((least(nodes, pgr, er, rtime, dtime, age) < 0)::int) FROM drawn;
\set wanted 30000
\set name 'cohort, 30,000 rows'
\ir include/synthesize.sql
INSERT INTO broken SELECT :'name', 100.0 * avg((dtime < rtime)::int), 100.0 * avg((least(nodes, pgr, er, rtime, dtime, age) < 0)::int) FROM drawn;
\echo
\echo A cohort of 2,348 training rows, 634 held out
SELECT metric, round(max(synthetic) FILTER (WHERE name LIKE '% 3,%')::numeric, 3) AS rows_3000, round(max(synthetic) FILTER (WHERE name LIKE '% 30,%')::numeric, 3) AS rows_30000, round(max(holdout)::numeric, 3) AS held_out
FROM judged WHERE name LIKE 'cohort%' AND metric !~ 'met|uniques|rows' GROUP BY metric ORDER BY metric;
SELECT * FROM broken;
\else
\echo no cohort is named (-v cohort=): it is left out
\endif

\ir ../demo/registry.sql
\set QUIET on
SET client_min_messages = warning;
CREATE TEMP TABLE tumour AS
SELECT patient_id, sex, age_at_diagnosis, diagnosis_date, days_to_death, survival_days, vital_status, state, district, icd10, morphology, basis_of_diagnosis, grading, laterality,
       c_t, c_n, c_m, p_t, p_n, uicc
FROM registry.tumour;
CREATE TEMP TABLE tumour_training AS SELECT * FROM tumour WHERE pg_temp.learned(patient_id::text);
CREATE TEMP TABLE tumour_holdout AS SELECT * FROM tumour WHERE NOT pg_temp.learned(patient_id::text);
\set training tumour_training
\set holdout tumour_holdout
\set judge '-x patient_id -s survival_days,vital_status,sex -s survival_days,vital_status,uicc -s survival_days,vital_status,state'
SELECT count(*) AS wanted FROM tumour_training \gset
\set name registry
\set options '{"seed": 1, "person": "patient_id"}'
\ir include/synthesize.sql
\echo
\echo Tumours of the made-up registry of :persons persons, 20 columns: :wanted training rows, as many drawn
SELECT round(fit::numeric, 2) AS cpu_fit, round(draw::numeric, 2) AS cpu_draw, bytes, method FROM fitted WHERE name = 'registry';
SELECT metric, round(synthetic::numeric, 3) AS synthetic, round(holdout::numeric, 3) AS held_out FROM judged WHERE name = 'registry' AND metric !~ '^uniques|^rows_';
\echo 'Rows that break a rule, per million'
SELECT rule, round(1e6 * avg(broken) FILTER (WHERE part = 's')) AS synthetic, round(1e6 * avg(broken) FILTER (WHERE part = 'o')) AS original FROM (
    SELECT part, rule, broken::int AS broken FROM (SELECT 's' AS part, * FROM drawn UNION ALL SELECT 'o', * FROM tumour_training) AS t,
        LATERAL (VALUES ('a site of the other sex', (sex = 'W' AND icd10 ~ '^C6[0-3]') OR (sex = 'M' AND icd10 ~ '^C5[1-8]')),
                        ('death before diagnosis', days_to_death < 0), ('dead without a time of death', vital_status = 'dead' AND days_to_death IS NULL),
                        ('alive with a time of death', vital_status = 'alive' AND days_to_death IS NOT NULL), ('days to death are not the survival', days_to_death <> survival_days),
                        ('paired organ without a side', icd10 ~ '^C(50|34|64)' AND laterality = 'T'), ('a stage of a leukaemia', icd10 ~ '^C9[1-5]' AND uicc IS NOT NULL),
                        ('metastases in stage I', uicc ~ '^I[ABC]?$' AND c_m ~ '^1')) AS r (rule, broken)) AS b GROUP BY rule ORDER BY rule;

\echo
SELECT count(*) AS tumours FROM tumour \gset
CREATE TEMP TABLE many AS
SELECT patient_id * 1000 + copy AS patient_id, sex, (age_at_diagnosis + (random() * 2)::int)::int AS age_at_diagnosis, diagnosis_date + (random() * 60)::int AS diagnosis_date, days_to_death + (random() * 20)::int AS days_to_death,
       survival_days + (random() * 20)::int AS survival_days, vital_status, state, district, icd10, morphology, basis_of_diagnosis, grading, laterality, c_t, c_n, c_m, p_t, p_n, uicc
FROM tumour, generate_series(1, 1 + :rows / :tumours) AS copy LIMIT :rows;
SELECT round(pg_temp.least_cpu($$SELECT kiaim.fit('bench', 'many', '{"seed": 1, "person": "patient_id"}')$$, 1)::numeric, 1) AS cpu_fit_of_20_columns, :rows AS rows;
SELECT kiaim.drop_model('bench') \g /dev/null
DROP SCHEMA registry, registry_model CASCADE;
\set gone `rm -r :workspace`
