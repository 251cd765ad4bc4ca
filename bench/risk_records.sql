-- kiaim.record_risk against the sizes of classes by a window function, which is
-- the least that any risk of a record needs. Seconds are the clock's, the best
-- of the runs; ratio is kiaim / window.
--
--   psql -f bench/risk_records.sql                     1 million rows, 3 runs
--   psql -v rows=100000 -v runs=1 -f bench/risk_records.sql
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
CREATE EXTENSION IF NOT EXISTS kiaim;
DROP TABLE IF EXISTS bench_records;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_records AS
    SELECT i AS id, (ARRAY['M', 'W', 'X'])[1 + (random() * 2.02)::int] AS sex, date '1920-01-01' + (random() * 36500)::int AS birth_date, (1920 + random() * 100)::int AS birth_year,
           (1000 + random() * 400)::int AS district, 'C' || lpad((random() * 99)::int::text, 2, '0') AS icd10, round((random() * 100)::numeric, 1)::float8 AS weight, i / 3 AS household
    FROM generate_series(1, :rows) i;
VACUUM ANALYZE bench_records;
CREATE FUNCTION pg_temp.record_seconds(query text, runs int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    best float8 = 'Infinity';
    begun timestamptz;
BEGIN
    FOR i IN 1 .. runs LOOP
        begun = clock_timestamp();
        EXECUTE query;
        best = least(best, extract(epoch FROM clock_timestamp() - begun)::float8);
    END LOOP;
    RETURN best;
END $$;
SET max_parallel_workers_per_gather = 0;
WITH measured AS MATERIALIZED (
    SELECT columns, classes, arguments, pg_temp.record_seconds(format('SELECT max(individual) FROM kiaim.record_risk(''bench_records'', %L, ''id'', %s)', '{' || columns || '}', arguments), :runs) AS kiaim,
           pg_temp.record_seconds(format('SELECT max(1.0 / n) FROM (SELECT id::text, count(*) OVER (PARTITION BY %s) AS n FROM bench_records) s', columns), :runs) AS plain
    FROM (VALUES ('sex, birth_year', 'few'), ('sex, birth_year, district', 'many'), ('sex, birth_date, district, icd10', 'one a record')) c(columns, classes),
         (VALUES ('max_columns => 0'), ('max_columns => 0, weight => ''weight'''), ('max_columns => 0, weight => ''weight'', household => ''household'''), ('max_columns => 3')) a(arguments))
SELECT columns, classes, arguments, round(kiaim::numeric, 2) AS kiaim_s, round(plain::numeric, 2) AS window_s, round((kiaim / plain)::numeric, 2) AS ratio, round(:rows / kiaim / 1000) AS thousand_rows_per_s
FROM measured;
DROP TABLE bench_records;
