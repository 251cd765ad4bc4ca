-- What a requirement on a sensitive column costs beside k alone: kiaim.plan, reading the table included, and the query
-- of the release. k = 5, 2 % suppression. Seconds are of the CPU, the least of the runs, without parallel workers;
-- ratios are those to k alone.
--
--   psql -f bench/models.sql                          1 million rows, 3 runs
--   psql -v rows=300000 -v runs=1 -f bench/models.sql
--
-- With the reference data beside the checkout (KIAIM_SHARED), Adult and Adult with its columns resampled are measured,
-- occupation being sensitive; else a registry-like table, with uicc.
\set QUIET on
\if :{?rows}
\else
  \set rows 1000000
\endif
\if :{?runs}
\else
  \set runs 3
\endif
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
CREATE EXTENSION IF NOT EXISTS kiaim;

\ir include/cpu.sql

CREATE TEMP TABLE result (i serial, source text, requirement jsonb, loss float8, suppressed bigint, plan float8, query float8);

CREATE FUNCTION pg_temp.measure(source text, policy jsonb, sensitive text, tree text, runs int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    requirement jsonb;
    whole jsonb;
    found record;
BEGIN
    FOREACH requirement IN ARRAY ARRAY[NULL, '{"l": 3}', '{"entropy_l": 3}', '{"recursive": {"c": 4, "l": 3}}', '{"t": 0.5}', '{"t": 0.3}', '{"t": 0.15}',
            '{"t": 0.1, "distance": "ordered"}', jsonb_build_object('t', 0.2, 'distance', 'hierarchical', 'hierarchy', tree),
            '{"alpha": 0.3}', '{"beta": 2}', '{"delta_disclosure": 3}']::jsonb[] LOOP
        whole = policy || CASE WHEN requirement IS NULL THEN '{}' ELSE jsonb_build_object('sensitive', jsonb_build_object(sensitive, requirement)) END;
        SELECT * INTO found FROM kiaim.plan(source::regclass, whole);
        INSERT INTO result (source, requirement, loss, suppressed, plan, query) VALUES (source, requirement, found.loss, found.suppressed,
            pg_temp.least_cpu(format('SELECT count(*) FROM kiaim.plan(%L, %L)', source, whole), runs),
            pg_temp.least_cpu(format('SELECT count(*) FROM (%s) AS released', found.query), runs));
    END LOOP;
END $$;

\set shared `echo "${KIAIM_SHARED:-}"`
SELECT :'shared' <> '' AS present \gset
\if :present
\ir include/adult.sql
\ir include/adult_resampled.sql
SELECT jsonb_build_object('k', 5, 'suppression', 0.02, 'quasi', jsonb_object_agg(attname, 'bench_' || attname)) AS policy
FROM pg_attribute WHERE attrelid = 'bench_adult'::regclass AND attnum > 0 AND attname <> 'occupation' \gset
SELECT pg_temp.measure('bench_adult', :'policy', 'occupation', 'bench_occupation', :runs) \g /dev/null
SELECT pg_temp.measure('bench_adult_resampled', :'policy', 'occupation', 'bench_occupation', :runs) \g /dev/null
\else
DROP TABLE IF EXISTS bench_registry;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_registry AS
    SELECT lpad((power(random(), 2) * 99)::int::text, 2, '0') AS zip, 'C' || lpad((random() * 80)::int::text, 2, '0') AS icd10,
           (20 + 75 * sqrt(random()))::int / 5 * 5 AS age, 2010 + (random() * 9)::int AS diagnosis_year,
           (ARRAY['I', 'IA', 'IB', 'II', 'IIA', 'IIB', 'III', 'IIIA', 'IV', 'X'])[1 + (random() * 9)::int] AS uicc, (ARRAY['M', 'W'])[1 + random()::int] AS sex
    FROM generate_series(1, :rows);
VACUUM ANALYZE bench_registry;
SELECT pg_temp.measure('bench_registry', '{"k": 5, "suppression": 0.02, "quasi": {"zip": "prefix(1)", "icd10": "icd10", "age": "bins(10, 20)",
    "diagnosis_year": "bins(5)", "sex": "flat"}}', 'uicc', 'uicc', :runs) \g /dev/null
\endif

\pset footer off
SELECT source, coalesce(requirement::text, 'k alone') AS requirement, round(loss::numeric, 4) AS loss, suppressed,
       round(plan::numeric, 2) AS plan_s, round((plan / nullif(first_value(plan) OVER w, 0))::numeric, 1) AS ratio,
       round(query::numeric, 2) AS query_s, round((query / nullif(first_value(query) OVER w, 0))::numeric, 2) AS query_ratio
FROM result WINDOW w AS (PARTITION BY source ORDER BY i) ORDER BY i;
DROP TABLE IF EXISTS bench_registry, bench_adult, bench_adult_resampled;
DELETE FROM kiaim.named_hierarchy WHERE name LIKE 'bench\_%';
