-- kiaim.plan, reading the table included, against the plain GROUP BY over the
-- same columns: k = 5, 2 % suppression.  Seconds are the clock's, the fastest of
-- the runs, without parallel workers; ratio is kiaim / plain.  peak_mb is the
-- high-water mark of the backend, shared buffers that it touched included.
--
--   psql -f bench/plan.sql                          1 million rows, 3 runs
--   psql -v rows=300000 -v runs=1 -f bench/plan.sql
--
-- With the reference data beside the checkout (KIAIM_SHARED), Adult itself and
-- Adult with its columns resampled independently of each other are measured, too.
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
CREATE EXTENSION IF NOT EXISTS kiaim;

CREATE FUNCTION pg_temp.fastest(query text, runs int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    best float8 = 'Infinity';
    begun timestamptz;
BEGIN
    FOR run IN 1 .. runs LOOP
        begun = clock_timestamp();
        EXECUTE query;
        best = least(best, extract(epoch FROM clock_timestamp() - begun));
    END LOOP;
    RETURN best;
END $$;

CREATE TEMP TABLE result (source text, records bigint, tuples bigint, nodes numeric, loss float8, plain float8, kiaim float8, peak_mb int);

-- Measure a table under a policy that names all its columns as quasi-identifiers.
CREATE FUNCTION pg_temp.measure(source text, policy jsonb, runs int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text = (SELECT string_agg(quote_ident(q), ', ') FROM jsonb_object_keys(policy -> 'quasi') q);
    plain text = format('SELECT min(n) FROM (SELECT count(*) AS n FROM %I GROUP BY %s) AS classes', source, columns);
    records bigint;
    tuples bigint;
    found record;
    plain_seconds float8;
    kiaim_seconds float8;
BEGIN
    EXECUTE format('SELECT sum(n), count(*) FROM (SELECT count(*) AS n FROM %I GROUP BY %s) AS classes', source, columns) INTO records, tuples;
    plain_seconds = pg_temp.fastest(plain, runs);
    kiaim_seconds = pg_temp.fastest(format('SELECT count(*) FROM kiaim.plan(%L, %L)', source, policy), runs);
    SELECT * INTO found FROM kiaim.plan(source::regclass, policy);
    INSERT INTO result VALUES (source, records, tuples,
        (SELECT exp(sum(ln(kiaim.height(h) + 1))) FROM (SELECT coalesce(n.hierarchy, q.value::kiaim.hierarchy)
             FROM jsonb_each_text(policy -> 'quasi') q LEFT JOIN kiaim.named_hierarchy n ON n.name = q.value) x(h))::numeric(20, 0),
        found.loss, plain_seconds, kiaim_seconds,
        (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::int / 1024);
END $$;

-- A registry-like table: the first has few distinct tuples, the second nearly as many as rows.
DROP TABLE IF EXISTS bench_registry, bench_distinct;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_distinct AS
    SELECT lpad((power(random(), 2) * 99999)::int::text, 5, '0') AS zip,
           'C' || lpad((random() * 80)::int::text, 2, '0') || '.' || (random() * 9)::int AS icd10,
           (20 + 75 * sqrt(random()))::int AS age,
           2010 + (random() * 9)::int AS diagnosis_year,
           (ARRAY['I', 'IA', 'IB', 'II', 'IIA', 'IIB', 'III', 'IIIA', 'IV', 'X'])[1 + (random() * 9)::int] AS uicc,
           (random() * 4)::int::text AS grading,
           (ARRAY['L', 'R', 'B', 'U'])[1 + (random() * 3)::int] AS side,
           (ARRAY['M', 'W'])[1 + random()::int] AS sex
    FROM generate_series(1, :rows);
CREATE UNLOGGED TABLE bench_registry AS
    SELECT left(zip, 2) AS zip, left(icd10, 3) AS icd10, age / 5 * 5 AS age, diagnosis_year, uicc, sex FROM bench_distinct;
VACUUM ANALYZE bench_registry;
VACUUM ANALYZE bench_distinct;
SELECT pg_temp.measure('bench_registry', '{"k": 5, "suppression": 0.02, "quasi": {"zip": "prefix(1)", "icd10": "icd10", "age": "bins(10, 20)",
    "diagnosis_year": "bins(5)", "uicc": "uicc", "sex": "flat"}}', :runs) \g /dev/null
SELECT pg_temp.measure('bench_distinct', '{"k": 5, "suppression": 0.02, "quasi": {"zip": "prefix(4, 3, 2, 1)", "icd10": "icd10", "age": "bins(5, 10, 20)",
    "diagnosis_year": "bins(5)", "uicc": "uicc", "grading": "flat", "side": "flat", "sex": "flat"}}', :runs) \g /dev/null

\set shared `echo "${KIAIM_SHARED:-}"`
SELECT :'shared' <> '' AS present \gset
\if :present
\ir include/adult.sql
\ir include/adult_resampled.sql
SELECT jsonb_build_object('k', 5, 'suppression', 0.02, 'quasi', jsonb_object_agg(attname, 'bench_' || attname)) AS policy
FROM pg_attribute WHERE attrelid = 'bench_adult'::regclass AND attnum > 0 \gset
SELECT pg_temp.measure('bench_adult', :'policy', :runs * 3) \g /dev/null
SELECT pg_temp.measure('bench_adult_resampled', :'policy', :runs) \g /dev/null
\endif

\pset footer off
SELECT source, records, tuples, nodes, round(loss::numeric, 4) AS loss, round(plain::numeric, 3) AS plain_s, round(kiaim::numeric, 3) AS kiaim_s,
       round((kiaim / plain)::numeric, 2) AS ratio, peak_mb
FROM result;
DROP TABLE IF EXISTS bench_registry, bench_distinct, bench_adult, bench_adult_resampled;
DELETE FROM kiaim.named_hierarchy WHERE name LIKE 'bench\_%';
