-- Risk: CPU of the backend (user and system) in milliseconds, reading included,
-- against the plain GROUP BY over the same columns in the same run.
-- One million made-up records of ten columns: special uniques and
-- column subsets.
--
--   psql -f bench/risk_suda.sql
--   psql -v rows=100000 -f bench/risk_suda.sql
\set QUIET on
\if :{?rows}
\else
  \set rows 1000000
\endif
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
