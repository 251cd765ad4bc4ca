-- The attackers against the plain GROUP BY over the same columns, in one run: CPU of the backend in seconds, reading
-- included, without parallel workers, the least of the runs; ratio is kiaim / plain. At most 2 is asked for.
--
--   psql -f bench/risk_attackers.sql                        1 million rows, 3 runs
--   psql -v rows=100000 -v runs=1 -f bench/risk_attackers.sql
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
SET work_mem = '1GB';
CREATE EXTENSION IF NOT EXISTS kiaim;
DROP TABLE IF EXISTS bench_attackers, bench_census, bench_census_age, bench_census_district;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_attackers AS
    SELECT i / 2 AS person, (random() * 1.02)::int AS sex, (90 * random())::int AS age, 'd' || floor(400 * random() ^ 2)::int AS district, 'C' || floor(60 * random() ^ 2)::int AS icd10,
           CASE WHEN random() < 0.95 THEN (4 * random())::int END AS stage, 2010 + (13 * random())::int AS year, (8 * random())::int AS grade
    FROM generate_series(1, :rows) i;
CREATE UNLOGGED TABLE bench_census AS SELECT sex, age, district, count(*) * 80 AS n FROM bench_attackers GROUP BY sex, age, district;
CREATE UNLOGGED TABLE bench_census_age AS SELECT sex, age, count(*) * 80 AS n FROM bench_attackers GROUP BY sex, age;
CREATE UNLOGGED TABLE bench_census_district AS SELECT sex, district, count(*) * 80 AS n FROM bench_attackers GROUP BY sex, district;
VACUUM ANALYZE bench_attackers;

\ir include/cpu.sql

WITH measured AS MATERIALIZED (
    SELECT columns, call, pg_temp.least_cpu(format('SELECT count(*) FROM kiaim.%s(''bench_attackers'', ''{%s}''%s)', function, columns, call), :runs) AS kiaim,
           pg_temp.least_cpu(format('SELECT count(*), min(n) FROM (SELECT count(%s) AS n FROM bench_attackers GROUP BY %s) AS class',
                                    CASE WHEN call ~ 'person =>' THEN 'DISTINCT person' ELSE '*' END, columns), :runs) AS plain, function, i
    FROM (VALUES (1, 'risk', 'sex, age, district', ''), (2, 'risk', 'sex, age, district', ', population => 80000000'),
                 (3, 'risk', 'sex, age, district', ', population_table => ''bench_census'', population_count => ''n'''),
                 (4, 'risk', 'sex, age, district', ', population_margins => ''{bench_census_age,bench_census_district}'', population_count => ''n'''),
                 (5, 'risk', 'sex, age, district', ', person => ''person'', population => 40000000'), (6, 'risk', 'sex, age, stage', ', wildcard => true'),
                 (7, 'risk_distribution', 'sex, age, district', ''), (8, 'risk_without', 'sex, age, district', ''),
                 (9, 'risk', 'sex, age, district, icd10, stage, year, grade', ''), (10, 'risk', 'sex, age, district, icd10, stage, year, grade', ', population => 80000000'),
                 (11, 'risk', 'sex, age, district, icd10, stage, year, grade', ', person => ''person'', population => 40000000'),
                 (12, 'risk_without', 'sex, age, district, icd10, stage, year, grade', '')) AS calls(i, function, columns, call))
SELECT function || regexp_replace(call, '^, ', ' ') AS figures, columns, round(kiaim::numeric, 2) AS kiaim_s, round(plain::numeric, 2) AS group_by_s, round((kiaim / nullif(plain, 0))::numeric, 2) AS ratio
FROM measured ORDER BY i;
DROP TABLE bench_attackers, bench_census, bench_census_age, bench_census_district;
