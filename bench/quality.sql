-- kiaim.plan under every quality and aggregate on Adult: k = 5, 2 % suppression,
-- nine quasi-identifiers, 12,960 nodes. Milliseconds of CPU of the backend, the
-- mean of the runs, reading included; DEBUG1 says how many nodes were evaluated.
-- Needs the reference data beside the checkout (KIAIM_SHARED).
--
--   psql -f bench/quality.sql
--   psql -v runs=50 -f bench/quality.sql
\set QUIET on
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' = '' AS absent \gset
\if :absent
\echo the reference data are absent
\quit
\endif
\if :{?runs}
\else
  \set runs 10
\endif
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS kiaim;

\ir include/adult.sql
SELECT jsonb_build_object('k', 5, 'suppression', 0.02, 'quasi', jsonb_object_agg(attname, 'bench_' || attname)) AS policy
FROM pg_attribute WHERE attrelid = 'bench_adult'::regclass AND attnum > 0 \gset

-- user and system time of this backend, in ms: the clock of /proc ticks 100 times a second
CREATE FUNCTION pg_temp.cpu() RETURNS float8 LANGUAGE sql AS $$
    SELECT (stat[14]::float8 + stat[15]::float8) * 10 FROM (SELECT string_to_array(pg_read_file('/proc/self/stat'), ' ') AS stat) AS s
$$;
CREATE TEMP TABLE result (quality text, score float8, suppressed bigint, cpu_ms float8);
CREATE FUNCTION pg_temp.measure(policy jsonb, quality jsonb, runs int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
    begun float8;
BEGIN
    SELECT * INTO found FROM kiaim.plan('bench_adult', policy || quality);
    begun = pg_temp.cpu();
    FOR run IN 1 .. runs LOOP
        PERFORM loss FROM kiaim.plan('bench_adult', policy || quality);
    END LOOP;
    INSERT INTO result VALUES (quality::text, found.loss, found.suppressed, (pg_temp.cpu() - begun) / runs);
END $$;
SELECT pg_temp.measure(:'policy', quality, :runs)
FROM unnest(ARRAY['{"aggregate": "arithmetic"}', '{"aggregate": "geometric"}', '{"aggregate": "sum"}', '{"aggregate": "maximum"}', '{"aggregate": "rank"}',
    '{"quality": "precision"}', '{"quality": "entropy"}', '{"quality": "normalized_entropy"}', '{"quality": "discernibility"}', '{"quality": "average_class_size"}',
    '{"quality": "ambiguity"}', '{"quality": "kl_divergence"}', '{"quality": {"model": "classification", "target": "salary-class"}}']::jsonb[]) AS quality \g /dev/null

\pset footer off
SELECT quality, round(score::numeric, 6) AS score, suppressed, round(cpu_ms::numeric, 1) AS cpu_ms FROM result;
DROP TABLE bench_adult;
DELETE FROM kiaim.named_hierarchy WHERE name LIKE 'bench\_%';
