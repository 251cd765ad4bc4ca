-- kiaim.k_anonymity over five columns against the same as plain SQL,
-- SELECT min(n) FROM (SELECT count(*) AS n FROM t GROUP BY ...) s, with no and
-- with two parallel workers, from few classes to a class for nearly every row.
-- Seconds are the clock's, the best of the runs; ratio is kiaim / plain.
--
--   psql -f bench/checks.sql                       5 million rows, 3 runs
--   psql -v rows=1000000 -v runs=1 -f bench/checks.sql
\set QUIET on
\if :{?rows}
\else
  \set rows 5000000
\endif
\if :{?runs}
\else
  \set runs 3
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kiaim;

DROP TABLE IF EXISTS bench_checks;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_checks AS
    SELECT (ARRAY['M', 'W', 'X'])[1 + (random() * 2.02)::int] AS sex,
           date '1920-01-01' + (random() * 36500)::int AS birth_date,
           lpad((random() * 8000)::int::text, 5, '0') AS zip,
           (1000 + random() * 400)::int AS district,
           'C' || lpad((random() * 99)::int::text, 2, '0') || '.' || (random() * 9)::int AS icd10,
           (ARRAY['I', 'II', 'III', 'IV'])[1 + (random() * 3)::int] AS uicc,
           (random() * 4)::int::smallint AS grading,
           (2010 + random() * 10)::int AS diagnosis_year,
           (1920 + random() * 100)::int AS birth_year
    FROM generate_series(1, :rows);
VACUUM ANALYZE bench_checks;

-- The seconds of the fastest of some runs.
CREATE FUNCTION pg_temp.fastest(query text, runs int) RETURNS float8 LANGUAGE plpgsql AS $$
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

CREATE TEMP TABLE result (workers int, classes bigint, columns text, kiaim float8, plain float8);
CREATE PROCEDURE pg_temp.measure(columns text, runs int) LANGUAGE plpgsql AS $$
DECLARE
    classes bigint;
    workers int;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM bench_checks GROUP BY %s) s', columns) INTO classes;
    FOREACH workers IN ARRAY ARRAY[0, 2] LOOP
        PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
        INSERT INTO result VALUES (workers, classes, columns,
            pg_temp.fastest(format('SELECT kiaim.k_anonymity(%s) FROM bench_checks', columns), runs),
            pg_temp.fastest(format('SELECT min(n) FROM (SELECT count(*) AS n FROM bench_checks GROUP BY %s) s', columns), runs));
    END LOOP;
END $$;

CALL pg_temp.measure('sex, uicc, grading, diagnosis_year, diagnosis_year / 5', :runs);
CALL pg_temp.measure('sex, uicc, grading, diagnosis_year, birth_year', :runs);
CALL pg_temp.measure('sex, uicc, grading, birth_year, district', :runs);
CALL pg_temp.measure('sex, birth_date, zip, icd10, uicc', :runs);

SELECT workers, classes, columns, round(kiaim::numeric, 2) AS kiaim_s, round(plain::numeric, 2) AS plain_s, round((kiaim / plain)::numeric, 2) AS ratio
FROM result ORDER BY workers, classes;
DROP TABLE bench_checks;
