-- How kiaim.plan and kiaim.frontier grow: with the records, with the
-- quasi-identifiers, and in lattices too large to be searched.
--
--   psql -f bench/scale.sql                          10,000 to 1 million records, 4 to 15 quasi-identifiers, 5 s for 20 and 25
--   psql -v rows=10000000 -f bench/scale.sql         up to 10 million (8 GB of disk, kiaim.max_memory 4 GB)
--   psql -v limit='30 s' -f bench/scale.sql          more time for 20 and 25 quasi-identifiers
--
-- k = 5, 2 % suppression. Seconds are CPU time of the backend: read is what a plan
-- of one combination takes, search what the whole plan takes beyond that. nodes are
-- those evaluated, tuples what they were counted from. peak_mb is the high-water
-- mark of the backend, shared buffers that it touched included. Needs a superuser.
\set QUIET on
\if :{?rows}
\else
  \set rows 1000000
\endif
\if :{?limit}
\else
  \set limit '5 s'
\endif
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET kiaim.max_memory = '4GB';
CREATE EXTENSION IF NOT EXISTS kiaim;

CREATE FUNCTION pg_temp.cpu() RETURNS float8 LANGUAGE sql VOLATILE AS $$
    SELECT (f[12]::float8 + f[13]::float8) / 100 FROM string_to_array(substring(pg_read_file('/proc/self/stat') FROM '\) (.*)$'), ' ') AS f $$;
CREATE FUNCTION pg_temp.peak() RETURNS int LANGUAGE sql VOLATILE AS $$
    SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::int / 1024 $$;

-- A registry-like table of nearly distinct rows; the columns in the order in which a policy of n of them takes them.
DROP TABLE IF EXISTS bench_scale;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_scale AS
    SELECT i, lpad((power(random(), 2) * 99999)::int::text, 5, '0') AS zip, 'C' || lpad((random() * 80)::int::text, 2, '0') || '.' || (random() * 9)::int AS icd10,
           (20 + 75 * sqrt(random()))::int AS age, 2010 + (random() * 9)::int AS diagnosis_year,
           (ARRAY['I', 'IA', 'IB', 'II', 'IIA', 'IIB', 'III', 'IIIA', 'IV', 'X'])[1 + (random() * 9)::int] AS uicc, (random() * 4)::int::text AS grading,
           (ARRAY['L', 'R', 'B', 'U'])[1 + (random() * 3)::int] AS side, (ARRAY['M', 'W'])[1 + random()::int] AS sex,
           (ARRAY['0', '1', '1a', '1b', '2', '3', '4', 'X'])[1 + (7 * random() ^ 2)::int] AS t, (ARRAY['0', '1', '1a', '2', 'X'])[1 + (4 * random() ^ 2)::int] AS n, (ARRAY['0', '1', 'X'])[1 + (2 * random() ^ 3)::int] AS m,
           (random() * 7)::int::text AS basis, (30 * random() ^ 2)::int AS nodes_examined, (12 * random() ^ 4)::int AS nodes_positive, (3000 * random() ^ 2)::int AS survival_days
    FROM generate_series(1, :rows) AS i;
VACUUM ANALYZE bench_scale;
CREATE FUNCTION pg_temp.policy(n int, one boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('k', 5, 'suppression', CASE WHEN one THEN 1 ELSE 0.02 END, 'quasi', jsonb_object_agg(q, CASE WHEN one THEN jsonb_build_object('hierarchy', h, 'max', 0) ELSE to_jsonb(h) END))
    FROM (VALUES (1, 'sex', 'flat'), (2, 'age', 'bins(5, 10, 20)'), (3, 'zip', 'prefix(4, 3, 2, 1)'), (4, 'icd10', 'icd10'), (5, 'diagnosis_year', 'bins(5)'), (6, 'uicc', 'uicc'),
                 (7, 'grading', 'flat'), (8, 'side', 'flat'), (9, 't', 'tnm'), (10, 'n', 'tnm'), (11, 'm', 'tnm'), (12, 'basis', 'flat'),
                 (13, 'nodes_examined', 'bins(5, 10)'), (14, 'nodes_positive', 'bins(3, 6)'), (15, 'survival_days', 'bins(90, 360, 720)')) AS v (i, q, h) WHERE i <= n $$;

CREATE TEMP TABLE result (records bigint, columns int, combinations numeric, loss float8, optimal boolean, read float8, search float8, wall float8, peak_mb int);
CREATE FUNCTION pg_temp.measure(records bigint, columns int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    begun float8;
    at timestamptz;
    read float8;
    found record;
BEGIN
    EXECUTE format('CREATE OR REPLACE TEMP VIEW bench_some AS SELECT * FROM bench_scale WHERE i <= %s', records);
    begun = pg_temp.cpu();
    PERFORM FROM kiaim.plan('bench_some', pg_temp.policy(columns, true));
    read = pg_temp.cpu() - begun;
    begun = pg_temp.cpu();
    at = clock_timestamp();
    SELECT * INTO found FROM kiaim.plan('bench_some', pg_temp.policy(columns), time_limit => '5 min');
    INSERT INTO result VALUES (records, columns, (SELECT exp(sum(ln(kiaim.height(h::kiaim.hierarchy) + 1))) FROM jsonb_each_text(pg_temp.policy(columns) -> 'quasi') AS q (c, h)), found.loss, found.optimal,
        read, greatest(pg_temp.cpu() - begun - read, 0), extract(epoch FROM clock_timestamp() - at), pg_temp.peak());
END $$;

-- Growth with the records, 8 quasi-identifiers, and with the quasi-identifiers, 100,000 records.
SELECT count(pg_temp.measure(n, 8)) FROM unnest(ARRAY[10000, 100000, 1000000, 10000000]) AS n WHERE n <= :rows \g /dev/null
SELECT count(pg_temp.measure(100000, c)) FROM unnest(ARRAY[4, 6, 10, 12, 15]) AS c \g /dev/null
\pset footer off
SELECT records, columns, round(combinations) AS combinations, round(loss::numeric, 4) AS loss, optimal, round(read::numeric, 2) AS read_s, round(search::numeric, 2) AS search_s,
       round(wall::numeric, 2) AS wall_s, peak_mb FROM result ORDER BY columns, records;

-- Nodes and tuples a second: every node of a lattice, k = 5 and everything may be suppressed. The DEBUG lines count them.
CREATE TEMP VIEW some_more AS SELECT * FROM bench_scale WHERE i <= 100000;
SELECT pg_temp.cpu() AS begun \gset
SET client_min_messages = debug1;
SELECT count(*) AS points, bool_and(exact) AS exact FROM kiaim.frontier('some_more', pg_temp.policy(6) || '{"suppression": 1}');
SET client_min_messages = warning;
SELECT round((pg_temp.cpu() - :begun)::numeric, 2) AS cpu_s;

-- Too large to be searched: what is found in a given time.
CREATE FUNCTION pg_temp.wide(n int) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('k', 5, 'suppression', 0.02, 'quasi', jsonb_object_agg(q, h)) FROM (VALUES
        (1, 'sex', 'flat'), (2, 'birth_date', 'calendar(month, quarter, year, decade)'), (3, 'vital_status', 'flat'), (4, 'survival_days', 'bins(30, 90, 360, 1800)'), (5, 'diagnosis_date', 'calendar(month, quarter, year)'),
        (6, 'district', 'ags'), (7, 'icd10', 'icd10'), (8, 'morphology', 'icdo_morphology'), (9, 'topography', 'icdo_topography'), (10, 'basis_of_diagnosis', 'flat'), (11, 'grading', 'flat'), (12, 'laterality', 'flat'),
        (13, 'c_t', 'tnm'), (14, 'c_n', 'tnm'), (15, 'c_m', 'tnm'), (16, 'p_t', 'tnm'), (17, 'p_n', 'tnm'), (18, 'p_m', 'tnm'), (19, 'uicc', 'uicc'), (20, 'nodes_examined', 'bins(5, 10, 20)'),
        (21, 'nodes_positive', 'bins(5, 10, 20)'), (22, 'metastasis_site', 'flat'), (23, 'p_l', 'flat'), (24, 'p_v', 'flat'), (25, 'p_pn', 'flat')) AS v (i, q, h) WHERE i <= n $$;
SELECT to_regclass('registry.tumour') IS NOT NULL AS registry \gset
\if :registry
CREATE TEMP TABLE some_tumours AS SELECT * FROM registry.tumour ORDER BY tumour_id LIMIT 20000;
CREATE TEMP TABLE tumours AS SELECT * FROM registry.tumour ORDER BY tumour_id LIMIT 200000;
SELECT r AS tumours, n AS columns, round(loss::numeric, 4) AS loss, round(gap::numeric, 4) AS gap, suppressed, pg_temp.peak() AS peak_mb
FROM (VALUES ('some_tumours'::regclass), ('tumours')) AS v (r), unnest(ARRAY[15, 20, 25]) AS n, kiaim.plan(r, pg_temp.wide(n), time_limit => :'limit');
\else
\echo 'no table registry.tumour: bench/registry.sql makes it'
\endif
DROP TABLE bench_scale CASCADE;
