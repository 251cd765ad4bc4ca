<<<<<<< HEAD
-- The risk functions against the plain SQL that comes closest, in one run: one
-- section a function. Seconds are the clock's, the best of the runs; ratio is
-- kiaim / plain.
--
--   psql -f bench/risk.sql                       1 million rows, 3 runs
--   psql -v rows=100000 -v runs=1 -f bench/risk.sql

-- ---- records: kiaim.record_risk against the sizes of classes by a window, which is the least that any risk of a record needs ----

=======
-- Risk: CPU of the backend (user and system) in milliseconds, reading included,
-- against the plain GROUP BY over the same columns in the same run.
-- One million made-up records of ten columns; sections: special uniques and
-- column subsets.
--
--   psql -f bench/risk.sql
--   psql -v rows=100000 -f bench/risk.sql
>>>>>>> 63592f1 (Explain special uniques and sets of columns, and measure them)
\set QUIET on
\if :{?rows}
\else
  \set rows 1000000
\endif
<<<<<<< HEAD
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
=======
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET kiaim.max_memory = '4GB';
CREATE EXTENSION IF NOT EXISTS kiaim;

DROP TABLE IF EXISTS bench_risk;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_risk AS
SELECT i AS id, (i * 0.8)::int AS person, (ARRAY['m', 'f', 'd'])[1 + (random() * 1.51)::int] AS sex, 'a' || (random() * random() * 100)::int AS age,
       'd' || (power(random(), 2) * 400)::int AS district, 'C' || (power(random(), 3) * 300)::int AS icd10, 'm' || (power(random(), 4) * 200)::int AS morphology,
       (random() * 5)::int AS grade, 's' || (random() * 10)::int AS stage, 2000 + (random() * 20)::int AS year, (random() * 3)::int AS side,
       'n' || (power(random(), 6) * 50)::int AS nation
FROM generate_series(1, :rows) i;
VACUUM ANALYZE bench_risk;

-- user and system time of this backend, in ms: the clock of /proc ticks 100 times a second
CREATE FUNCTION pg_temp.cpu() RETURNS float8 LANGUAGE sql AS $$
    SELECT (stat[14]::float8 + stat[15]::float8) * 10 FROM (SELECT string_to_array(pg_read_file('/proc/self/stat'), ' ') AS stat) AS s
$$;
CREATE TEMP TABLE result (nr serial, what text, cpu_ms float8);
CREATE FUNCTION pg_temp.measure(what text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    begun float8 = pg_temp.cpu();
BEGIN
    EXECUTE query;
    INSERT INTO result (what, cpu_ms) VALUES (what, pg_temp.cpu() - begun);
END $$;

SELECT pg_temp.measure('GROUP BY ten columns', $$SELECT count(*) FROM (SELECT count(*) FROM bench_risk GROUP BY sex, age, district, icd10, morphology, grade, stage, year, side, nation) g$$) \g /dev/null
SELECT pg_temp.measure(format('special uniques up to %s of ten columns%s', size, suffix),
                       format($$SELECT sum(special_uniques) FROM kiaim.suda_columns('bench_risk', '{sex,age,district,icd10,morphology,grade,stage,year,side,nation}', max_columns => %s%s)$$, size, argument))
FROM (VALUES (1, 2, '', ''), (2, 3, '', ''), (3, 4, '', ''), (4, 3, ', by person', $$, person => 'person'$$), (5, 3, ', wildcard', ', wildcard => true')) v(nr, size, suffix, argument) ORDER BY nr \g /dev/null
SELECT pg_temp.measure('special uniques up to 4 of four columns', $$SELECT sum(special_uniques) FROM kiaim.suda_columns('bench_risk', '{sex,age,district,icd10}', max_columns => 4)$$) \g /dev/null
SELECT pg_temp.measure(format('figures of all sets up to %s of ten columns', size),
                       format($$SELECT sum(uniques) FROM kiaim.column_risk('bench_risk', '{sex,age,district,icd10,morphology,grade,stage,year,side,nation}', %s)$$, size))
FROM generate_series(2, 3) size \g /dev/null

SELECT what, round(cpu_ms::numeric) AS cpu_ms, round((cpu_ms / first_value(cpu_ms) OVER (ORDER BY nr))::numeric, 2) AS times_group_by FROM result ORDER BY nr;
DROP TABLE bench_risk;
>>>>>>> 63592f1 (Explain special uniques and sets of columns, and measure them)
