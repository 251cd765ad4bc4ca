-- Local recoding: loss, classes and time of each algorithm, on registry-like
-- tables whose tuples are nearly all distinct, 6 quasi-identifiers, k = 5.
-- Seconds are the clock's, reading the table and storing the recoding included.
--
--   psql -f bench/local.sql                     20 and 100 thousand rows
--   psql -v rows='{1000000}' -f bench/local.sql
\set QUIET on
\if :{?rows}
\else
  \set rows '{20000,100000}'
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT setseed(0.5) \g /dev/null

CREATE TEMP TABLE patient (age int, sex text, ags text, diagnosis date, icd10 text, grade int);
CREATE TEMP TABLE measured (rows int, algorithm text, loss float8, classes bigint, smallest bigint, seconds float8);
DO $$
DECLARE
    p record;
BEGIN
    CREATE TEMP TABLE setting (rows int[]);
END $$;
INSERT INTO setting VALUES (:'rows');
DO $$
DECLARE
    p record;
    n int;
    a text;
    begun timestamptz;
BEGIN
    FOR n IN SELECT unnest(rows) FROM setting LOOP
        TRUNCATE patient;
        INSERT INTO patient
        SELECT 20 + (random() + random() + random()) * 25, CASE WHEN random() < 0.5 THEN 'f' ELSE 'm' END, lpad((1 + floor(random() * random() * 16))::text, 2, '0') || lpad(floor(random() * 30)::text, 3, '0'),
            '2015-01-01'::date + floor(random() * 3650)::int, 'C' || lpad(floor(random() * random() * 80)::text, 2, '0'), floor(random() * 4)
        FROM generate_series(1, n);
        FOREACH a IN ARRAY ARRAY['mondrian', 'iterated', 'cluster'] LOOP
            begun = clock_timestamp();
            SELECT * INTO p FROM kiaim.plan('patient', jsonb_build_object('k', 5, 'suppression', 0,
                'quasi', '{"age": "bins(5, 10, 20)", "sex": "flat", "ags": "prefix(2)", "diagnosis": "calendar(month, quarter, year)", "icd10": "icd10", "grade": "flat"}'::jsonb,
                'recoding', jsonb_build_object('method', 'local', 'algorithm', a)));
            INSERT INTO measured VALUES (n, a, p.loss, p.classes, p.k, extract(epoch FROM clock_timestamp() - begun));
        END LOOP;
    END LOOP;
END $$;
SELECT rows, algorithm, round(loss::numeric, 4) AS loss, classes, smallest, round(seconds::numeric, 2) AS seconds FROM measured ORDER BY rows, seconds;
