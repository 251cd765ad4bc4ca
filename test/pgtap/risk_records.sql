-- kiaim.individual_risk and kiaim.record_risk: against figures of another program, against obvious SQL, and their errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- the individual risk ----

-- Expected: with mpmath 1.3 and up to 900 digits, r(1) = p / q ln(1 / p), r(f + 1) = p / q (1 / f - r(f)) up to f = 30, above it
-- p / f times the sum of prod_j q j / (f + j); both agree with mpmath's sum of the negative binomial distribution and with its quadrature.
CREATE TABLE expected (f bigint, p float8, r float8);
INSERT INTO expected VALUES (1, 1, 1), (1, 0.5, 6.9314718055994531e-1), (1, 0.1, 2.5584278811044953e-1), (1, 1e-9, 2.0723265857669678e-8),
    (2, 0.5, 3.0685281944005469e-1), (2, 0.999999, 4.9999966666658332e-1), (2, 0.9999999999, 4.9999999996666666e-1), (2, 1e-9, 9.9999998027673418e-10),
    (3, 0.5, 1.9314718055994531e-1), (3, 0.1, 4.6368429482845058e-2), (3, 1e-9, 4.9999999950000005e-10), (3, 1e-300, 5.0000000000000001e-301),
    (5, 0.3, 6.8948378143107182e-2), (5, 0.29999, 6.89462475721351e-2), (7, 0.02, 3.320130764994921e-3), (12, 1e-6, 9.0909081818183834e-8),
    (19, 0.2999, 1.6377597936837064e-2), (20, 0.2999, 1.5530022718266467e-2), (20, 1e-9, 5.2631578944444448e-11), (21, 0.9, 4.3053663530096819e-2),
    (100, 1e-9, 1.010101010090703e-11), (176, 0.01, 5.7139573450202882e-5), (1000, 0.5, 5.0024999987500025e-4), (1000000, 1e-9, 1.0000010000009991e-15),
    (1000000000000, 0.25, 2.500000000001875e-13);
SELECT cmp_ok(abs(kiaim.individual_risk(f, p) / r - 1), '<', 4e-15::float8, format('f = %s, p = %s', f, p)) FROM expected;

-- quadrature in SQL: the mean of s^(F - 1) over 0 .. 1 is p u^(f - 1) / (p + (1 - p) u), by Gauss's rule of five points on 2,000 pieces
CREATE FUNCTION quadrature(f int, p float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $f$
    SELECT sum(weight / 4000 * p * u ^ (f - 1) / (p + (1 - p) * u))
    FROM generate_series(0, 1999) piece,
         (VALUES (0, 128 / 225::float8), (sqrt(5 - 2 * sqrt(10 / 7::float8)) / 3, (322 + 13 * sqrt(70::float8)) / 900), (-sqrt(5 - 2 * sqrt(10 / 7::float8)) / 3, (322 + 13 * sqrt(70::float8)) / 900),
                 (sqrt(5 + 2 * sqrt(10 / 7::float8)) / 3, (322 - 13 * sqrt(70::float8)) / 900), (-sqrt(5 + 2 * sqrt(10 / 7::float8)) / 3, (322 - 13 * sqrt(70::float8)) / 900)) gauss(x, weight),
         LATERAL (SELECT (2 * piece + 1 + x) / 4000 AS u) point
$f$;
SELECT cmp_ok(abs(kiaim.individual_risk(f, p) / quadrature(f, p) - 1), '<', 1e-12::float8, format('quadrature: f = %s, p = %s', f, p))
FROM unnest(ARRAY[1, 2, 3, 4, 11, 19, 20, 21, 60]) f, unnest(ARRAY[0.02, 0.1, 0.29, 0.31, 0.6, 0.97]) p;

SELECT is((SELECT count(*) FROM generate_series(1, 300) f WHERE kiaim.individual_risk(f, 1) <> 1 / f::float8), 0::bigint, 'a sampling fraction of 1 gives 1/f exactly');
SELECT is((SELECT count(*) FROM generate_series(1, 60) f, generate_series(0, 99) i, LATERAL (SELECT kiaim.individual_risk(f, 10::float8 ^ (-i / 5.0::float8)) AS r, kiaim.individual_risk(f + 1, 10::float8 ^ (-i / 5.0::float8)) AS next) s
           WHERE NOT (r > next AND r <= 1.0 / f AND next > 0)), 0::bigint, 'the risk falls with f and is at most 1/f, down to p = 1e-20');
SELECT is((SELECT count(*) FROM generate_series(1, 40) f, generate_series(1, 399) i WHERE kiaim.individual_risk(f, i / 400.0) >= kiaim.individual_risk(f, (i + 1) / 400.0)), 0::bigint,
          'and grows with p, also where the method changes');
SELECT is(kiaim.individual_risk(NULL, 0.5), NULL, 'NULL of NULL');
SELECT throws_ok('SELECT kiaim.individual_risk(0, 0.5)', '22023', 'f must be at least 1, but is 0', 'no record has no risk');
SELECT throws_ok(format('SELECT kiaim.individual_risk(1, %L)', p), '22023', 'p must be above 0 and at most 1, but is ' || p, 'p = ' || p)
FROM unnest(ARRAY['0', '-0.5', '1.5']) p;
SELECT throws_ok($$SELECT kiaim.individual_risk(1, 'NaN')$$, '22023', NULL, 'p = NaN');

-- ---- against SQL ----

SELECT setseed(0.5);
CREATE SCHEMA "Register";
CREATE TABLE "Register"."Fälle" AS
    SELECT i AS "Nr", CASE WHEN random() < 0.9 THEN floor(random() * 6)::int END AS "Größe", (ARRAY['m', 'w', NULL])[1 + floor(random() * 3)::int] AS sex,
           floor(random() * 8)::numeric / 2 AS a, CASE WHEN random() < 0.97 THEN floor(random() * 900)::int END AS person,
           CASE WHEN random() < 0.9 THEN 'house ' || floor(random() * 300) END AS "Haushalt", floor(random() * 40) / 8 AS w, random() * 10 AS v
    FROM generate_series(1, 1500) i;
CREATE TABLE result AS SELECT * FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', max_columns => 0) WITH NO DATA;
CREATE FUNCTION same(a float8, b float8) RETURNS boolean LANGUAGE sql AS 'SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= 1e-12 * abs(b)';

-- class sizes of persons and records, with and without wildcards, and what follows from a population of so many
CREATE FUNCTION sizes(persons boolean, wildcard boolean) RETURNS TABLE ("Nr" int, size bigint, weighs float8, weighed float8) LANGUAGE sql AS $f$
    WITH unit AS MATERIALIZED (   -- a person in a tuple, or a record, and what it weighs
        SELECT "Größe", sex, a, CASE WHEN persons THEN person END AS person, avg(v) AS v, count(*) OVER () AS everybody
        FROM "Register"."Fälle" GROUP BY "Größe", sex, a, CASE WHEN persons THEN person END, CASE WHEN NOT persons THEN "Nr" END)
    SELECT f."Nr", CASE WHEN persons THEN count(DISTINCT coalesce(unit.person, -1)) ELSE count(*) END, sum(unit.v), count(*)
    FROM "Register"."Fälle" f JOIN unit ON unit.a = f.a
         AND (unit."Größe" IS NOT DISTINCT FROM f."Größe" OR wildcard AND (unit."Größe" IS NULL OR f."Größe" IS NULL))
         AND (unit.sex IS NOT DISTINCT FROM f.sex OR wildcard AND (unit.sex IS NULL OR f.sex IS NULL))
    GROUP BY f."Nr"
$f$;
CREATE FUNCTION disagree(query text, persons boolean, wildcard boolean, population float8, weighted boolean) RETURNS bigint LANGUAGE plpgsql AS $f$
DECLARE
    n bigint;
    bad bigint;
BEGIN
    TRUNCATE result;
    EXECUTE 'INSERT INTO result ' || query;
    SELECT count(*) INTO n FROM result;
    SELECT count(*) INTO bad
    FROM result r FULL JOIN sizes(persons, wildcard) s ON r.id = s."Nr"::text,
         LATERAL (SELECT least(CASE WHEN weighted THEN weighed / weighs WHEN population > 0
                                    THEN (SELECT CASE WHEN persons THEN count(DISTINCT coalesce(person, -1)) ELSE count(*) END FROM "Register"."Fälle") / population ELSE 1 END, 1) AS p) p
    WHERE (r.class_size = s.size AND r.prosecutor = 1 / s.size::float8 AND same(r.population_size, s.size / p) AND same(r.journalist, p / s.size)
           AND same(r.individual, kiaim.individual_risk(s.size, p)) AND r.household IS NULL AND r.suda_score IS NULL AND r.dis_suda IS NULL AND r.contributions IS NULL) IS NOT TRUE;
    RETURN bad + abs(n - 1500);
END $f$;
SET LOCAL kiaim.reader = 'stream';
SELECT is(disagree(format('SELECT * FROM kiaim.record_risk(''"Register"."Fälle"'', ''{Größe,sex,a}'', ''Nr'', max_columns => 0, wildcard => %L%s%s)', wildcard,
                          CASE WHEN persons THEN ', person => ''person''' ELSE '' END, known), persons, wildcard, CASE WHEN known ~ 'population' THEN 40000 ELSE 0 END, known ~ 'weight'),
          0::bigint, format('persons %s, wildcard %s%s', persons, wildcard, known))
FROM unnest(ARRAY[false, true]) persons, unnest(ARRAY[false, true]) wildcard, unnest(ARRAY['', ', population => 40000', ', weight => ''v''']) known;
SET LOCAL kiaim.reader = 'pushdown';
SELECT is(disagree(format('SELECT * FROM kiaim.record_risk(''"Register"."Fälle"'', ''{Größe,sex,a}'', ''Nr'', person => ''person'', max_columns => 0, wildcard => %L)', wildcard), true, wildcard, 0, false),
          0::bigint, format('the server groups: wildcard %s', wildcard)) FROM unnest(ARRAY[false, true]) wildcard;
RESET kiaim.reader;

-- weights of 0 and below 1: a class that weighs less than it has records is taken for the population
CREATE TABLE weighing AS SELECT 'w' AS sex, 1 AS a, unnest(ARRAY[0, 0.25]) AS w UNION ALL SELECT 'm', 1, 0.5 UNION ALL SELECT 'm', 1, 7.5 UNION ALL SELECT 'x', 1, 0 UNION ALL SELECT 'y', 2, 1;
SELECT results_eq($$SELECT DISTINCT f.sex, r.class_size, r.population_size, r.journalist, r.individual FROM (SELECT sex, row_number() OVER () FROM weighing) f
    JOIN kiaim.record_risk('weighing', '{sex}', 'sex', weight => 'w', max_columns => 0) r ON r.id = f.sex ORDER BY 1$$,
    $$VALUES ('m', 2::bigint, 8::float8, 0.125::float8, kiaim.individual_risk(2, 0.25)), ('w', 2, 2, 0.5, 0.5), ('x', 1, 1, 1, 1), ('y', 1, 1, 1, 1)$$, 'weights of 0 and below 1');
-- the person weighs what its records there weigh on average
CREATE TABLE visits (p int, sex text, w int);
INSERT INTO visits VALUES (1, 'w', 10), (1, 'w', 30), (1, 'w', 20), (2, 'w', 4), (2, 'm', 8), (NULL, 'm', 3), (NULL, 'm', 5);
SELECT results_eq($$SELECT DISTINCT sex, r.class_size, r.population_size FROM visits JOIN kiaim.record_risk('visits', '{sex}', 'sex', 'p', 'w', max_columns => 0) r ON r.id = sex ORDER BY 1$$,
    $$VALUES ('m', 2::bigint, 12::float8), ('w', 2, 24)$$, 'weights of persons with several records');

-- households
CREATE FUNCTION households(persons boolean) RETURNS TABLE ("Nr" int, risk float8) LANGUAGE sql AS $f$
    WITH record AS MATERIALIZED (SELECT f.*, r.individual FROM "Register"."Fälle" f JOIN result r ON r.id = f."Nr"::text),
         member AS (SELECT "Haushalt", max(individual) AS r FROM record WHERE "Haushalt" IS NOT NULL
                    GROUP BY "Haushalt", CASE WHEN persons THEN person END, CASE WHEN NOT persons THEN "Nr" END)
    SELECT "Nr", CASE WHEN "Haushalt" IS NULL THEN individual ELSE (SELECT CASE WHEN max(r) = 1 THEN 1 ELSE 1 - exp(sum(ln((1 - CASE WHEN r < 1 THEN r END)))) END FROM member WHERE member."Haushalt" = record."Haushalt") END
    FROM record
$f$;
TRUNCATE result;
INSERT INTO result SELECT * FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', household => 'Haushalt', weight => 'v', max_columns => 0);
SELECT is((SELECT count(*) FROM result r JOIN households(false) h ON r.id = h."Nr"::text WHERE same(r.household, h.risk)), 1500::bigint, 'households of records');
SELECT cmp_ok((SELECT count(DISTINCT household) FROM result), '>', 200::bigint, 'which differ');
TRUNCATE result;
INSERT INTO result SELECT * FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', 'person', household => 'Haushalt', population => 90000, max_columns => 0);
SELECT is((SELECT count(*) FROM result r JOIN households(true) h ON r.id = h."Nr"::text WHERE abs(r.household / h.risk - 1) < 1e-10), 1500::bigint, 'households of persons');
SELECT results_eq($$SELECT DISTINCT household FROM kiaim.record_risk('"Register"."Fälle"', '{Nr}', household => 'Haushalt', max_columns => 0)$$, 'VALUES (1::float8)', 'who is certain to be found gives away the household');
CREATE TABLE large AS SELECT 1 AS home, 1 AS a FROM generate_series(1, 50000);
SELECT results_eq($$SELECT DISTINCT abs(household / (50000 * individual) - 1) < 1e-10 FROM kiaim.record_risk('large', '{a}', household => 'home', population => 2500000000000000, max_columns => 0)$$,
                  'VALUES (true)', 'small risks of a large household keep their digits');

-- a population table: the register, of which the sample is a part; and counts of it
CREATE TABLE register AS SELECT "Größe", sex, a FROM "Register"."Fälle", generate_series(1, 1 + "Nr" % 4);
CREATE TABLE census AS SELECT "Größe", sex, a, count(*) AS persons FROM register GROUP BY 1, 2, 3;
SELECT is((SELECT count(*) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', population_table => t, population_count => c, wildcard => wildcard, max_columns => 0) r JOIN "Register"."Fälle" f ON r.id = f."Nr"::text,
                  LATERAL (SELECT count(*) AS size FROM register q WHERE q.a = f.a AND (q."Größe" IS NOT DISTINCT FROM f."Größe" OR wildcard AND (q."Größe" IS NULL OR f."Größe" IS NULL))
                                                                     AND (q.sex IS NOT DISTINCT FROM f.sex OR wildcard AND (q.sex IS NULL OR f.sex IS NULL))) s
           WHERE same(r.population_size, s.size) AND same(r.journalist, 1 / s.size::float8) AND same(r.individual, r.journalist)), 1500::bigint, format('population table %s, wildcard %s', t, wildcard))
FROM (VALUES ('register'::regclass, NULL), ('census', 'persons')) p(t, c), unnest(ARRAY[false, true]) wildcard;
CREATE TABLE strangers ("Größe" int, sex text, a numeric);
INSERT INTO strangers VALUES (77, 'm', 1);
SELECT is((SELECT count(*) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', population_table => 'strangers', max_columns => 0) WHERE journalist = prosecutor AND population_size = class_size),
          1500::bigint, 'whoever is in the sample is in the population, whatever its table says');
CREATE TABLE by_sex AS SELECT sex, count(*) AS persons FROM register GROUP BY 1;
CREATE TABLE by_rest AS SELECT "Größe", a, count(*) AS persons FROM register GROUP BY 1, 2;
SELECT is((SELECT count(*) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', population_margins => '{by_sex,by_rest}', population_count => 'persons', max_columns => 0) r JOIN "Register"."Fälle" f ON r.id = f."Nr"::text
           WHERE abs(r.population_size - greatest(r.class_size, (SELECT persons FROM by_sex WHERE sex IS NOT DISTINCT FROM f.sex) * (SELECT persons FROM by_rest b WHERE b."Größe" IS NOT DISTINCT FROM f."Größe" AND b.a = f.a) / (SELECT sum(persons) FROM by_sex))::float8) < 1e-5),
          1500::bigint, 'margins that share no column are independent');

-- special uniques: every subset of columns tried
CREATE FUNCTION by_subsets() RETURNS TABLE ("Nr" int, score float8, shares jsonb) LANGUAGE sql AS $f$
    WITH alone AS MATERIALIZED (
        SELECT "Nr", 1 AS s FROM (SELECT "Nr", count(*) OVER (PARTITION BY "Größe") AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 2 FROM (SELECT "Nr", count(*) OVER (PARTITION BY sex) AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 4 FROM (SELECT "Nr", count(*) OVER (PARTITION BY w) AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 3 FROM (SELECT "Nr", count(*) OVER (PARTITION BY "Größe", sex) AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 5 FROM (SELECT "Nr", count(*) OVER (PARTITION BY "Größe", w) AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 6 FROM (SELECT "Nr", count(*) OVER (PARTITION BY sex, w) AS n FROM "Register"."Fälle") q WHERE n = 1 UNION ALL
        SELECT "Nr", 7 FROM (SELECT "Nr", count(*) OVER (PARTITION BY "Größe", sex, w) AS n FROM "Register"."Fälle") q WHERE n = 1),
    minimal AS (
        SELECT "Nr", s, (ARRAY[2, 2, 1, 2, 1, 1, 1])[s] AS adds FROM alone x   -- (3 - 1)(3 - 2), 3 - 2, and the empty product
        WHERE NOT EXISTS (SELECT FROM alone y WHERE y."Nr" = x."Nr" AND y.s <> x.s AND y.s & x.s = y.s)),
    total AS (SELECT "Nr", sum(adds)::float8 AS score FROM minimal GROUP BY "Nr")
    SELECT "Nr", score, (SELECT jsonb_object_agg(name, round(part::numeric, 9)) FROM (SELECT name, sum(adds) / score AS part FROM minimal m, (VALUES (1, 'Größe'), (2, 'sex'), (4, 'w')) c(bit, name)
                                                                                      WHERE m."Nr" = total."Nr" AND s & bit > 0 GROUP BY name) q)
    FROM total
$f$;
SELECT results_eq($$SELECT r.id::int, suda_score, (SELECT jsonb_object_agg(key, round(value::numeric, 9)) FROM jsonb_each_text(contributions)) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr') r WHERE suda_score > 0 ORDER BY 1$$,
                  'SELECT * FROM by_subsets() ORDER BY 1', 'scores and contributions by all subsets');
SELECT cmp_ok((SELECT count(*) FROM by_subsets()), '>', 20::bigint, 'of some records');
SELECT results_eq($$SELECT count(*), count(suda_score), sum(dis_suda), count(contributions) FROM kiaim.record_risk('"Register"."Fälle"', '{a}', 'Nr')$$, 'VALUES (1500::bigint, 1500::bigint, 0::float8, 0::bigint)', 'nobody is special');
SELECT cmp_ok((SELECT sum(suda_score) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr', max_columns => 2)), '<',
              (SELECT sum(suda_score) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr')), 'fewer columns, fewer special uniques');
SELECT cmp_ok((SELECT sum(suda_score) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr', weighting => 'ihsn')), '<>',
              (SELECT sum(suda_score) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr')), 'another weighting');
SELECT cmp_ok((SELECT max(dis_suda) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr', population => 150000)), '<',
              (SELECT max(dis_suda) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr', population => 15000)), 'a smaller sample, a smaller share of true matches');
SELECT cmp_ok((SELECT count(*) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,w}', 'Nr', 'person') WHERE suda_score > 0), '>=', (SELECT count(*) FROM by_subsets()), 'a person is alone where one of its records is');

-- ---- edges ----

CREATE TABLE nothing (a int, b int, w float8);
SELECT is_empty($$SELECT * FROM kiaim.record_risk('nothing', '{a}', 'b')$$, 'an empty table has no record');
SELECT is_empty($$SELECT * FROM kiaim.record_risk('nothing', '{a}', 'b', weight => 'w', household => 'b', wildcard => true)$$, 'nor with weights and households');
INSERT INTO nothing VALUES (NULL, NULL, 4);
SELECT results_eq($$SELECT id, class_size, prosecutor, journalist, individual, household, population_size FROM kiaim.record_risk('nothing', '{a}', weight => 'w', household => 'b')$$,
                  $$VALUES (NULL, 1::bigint, 1::float8, 0.25::float8, kiaim.individual_risk(1, 0.25), kiaim.individual_risk(1, 0.25), 4::float8)$$, 'one row of NULLs');
SELECT results_eq($$SELECT DISTINCT class_size, individual FROM kiaim.record_risk('large', '{a}')$$, $$VALUES (50000::bigint, 1 / 50000::float8)$$, 'all equal');
SELECT results_eq($$SELECT DISTINCT class_size, individual, suda_score > 0, contributions = '{"Nr": 1}' FROM kiaim.record_risk('"Register"."Fälle"', '{Nr,sex}')$$, 'VALUES (1::bigint, 1::float8, true, true)', 'all unique');
SELECT is((SELECT count(*) FROM kiaim.record_risk('"Register"."Fälle"', '{Größe,sex,a}', 'Nr', population => 1500, max_columns => 0) WHERE individual <> prosecutor OR journalist <> prosecutor), 0::bigint, 'a sample that is its population');
SELECT is((SELECT count(id) FROM kiaim.record_risk('"Register"."Fälle"', '{sex}', max_columns => 0)), 0::bigint, 'no id without a column');
-- more rows than fit work_mem wait on disk
SET LOCAL work_mem = '64kB';
CREATE TABLE long AS SELECT i, i % 7000 AS a, 2 AS w, repeat('x', 40) || i / 4 AS h FROM generate_series(1, 30000) i;
SELECT results_eq($$SELECT count(*), count(DISTINCT id), min(class_size), max(population_size) FROM kiaim.record_risk('long', '{a}', 'h', weight => 'w', household => 'h', max_columns => 0)$$,
                  'VALUES (30000::bigint, 7501::bigint, 4::bigint, 10::float8)', 'records that wait on disk');
RESET work_mem;
-- a view that is other rows each time
CREATE VIEW dice AS SELECT floor(random() * 1e9)::int AS a FROM generate_series(1, 10);
SELECT throws_ok($$SELECT * FROM kiaim.record_risk('dice', '{a}')$$, '22023', 'relation public.dice had other rows when it was read again', 'chance cannot be measured');

-- ---- privileges ----

CREATE ROLE kiaim_test_records;
GRANT USAGE ON SCHEMA kiaim, "Register" TO kiaim_test_records;
SET ROLE kiaim_test_records;
SELECT throws_ok($$SELECT * FROM kiaim.record_risk('long', '{a}')$$, '42501', NULL, 'no privilege, no risk');
RESET ROLE;
GRANT SELECT (a) ON long TO kiaim_test_records;
SET ROLE kiaim_test_records;
SELECT lives_ok($$SELECT * FROM kiaim.record_risk('long', '{a}')$$, 'the privilege on the columns is enough');
SELECT throws_ok($$SELECT * FROM kiaim.record_risk('long', '{a}', 'i')$$, '42501', NULL, 'and does not reach the id');
RESET ROLE;

-- ---- errors ----

SELECT throws_ok(format('SELECT * FROM kiaim.record_risk(%s)', arguments), state, message, coalesce(message, arguments))
FROM (VALUES ($$NULL, '{a}'$$, '22004', 'source must not be NULL'), ($$'long', NULL$$, '22004', 'quasi must not be NULL'), ($$'long', '{}'$$, '22023', 'quasi names no column'),
             ($$'long', '{a,b}'$$, '42703', NULL), ($$'long', '{a,a}'$$, '42701', 'column "a" is named twice in quasi'), ($$'long', '{a}', 'nr'$$, '42703', NULL),
             ($$'long', '{a}', person => 'a'$$, '22023', 'column "a" cannot be both person and quasi-identifier'),
             ($$'long', '{a}', weight => 'a'$$, '22023', 'column "a" cannot be both weight and quasi-identifier'), ($$'long', '{a}', weight => 'x'$$, '42703', NULL),
             ($$'long', '{a}', person => 'i', household => 'i'$$, '22023', 'column "i" cannot be both household and person'), ($$'long', '{a}', household => 'x'$$, '42703', NULL),
             ($$'long', '{a}', population => 0$$, '22023', 'population must be a number of persons, but is 0'),
             ($$'long', '{a}', population => 29999$$, '22023', 'a population of 29999 is smaller than its sample'),
             ($$'long', '{a}', population => 100000, weight => 'w'$$, '22023', 'only one of weight, population, population_table and population_margins can be given'),
             ($$'long', '{a}', population => 100000, population_table => 'long'$$, '22023', 'only one of weight, population, population_table and population_margins can be given'),
             ($$'long', '{i}', population_table => 'nothing'$$, '42703', NULL), ($$'long', '{a}', population_count => 'w'$$, '22023', 'population_count needs population_table or population_margins'),
             ($$'long', '{a}', max_columns => -1$$, '22023', 'max_columns must be between 0 and 64, but is -1'), ($$'long', '{a}', max_columns => NULL$$, '22004', 'max_columns must not be NULL'),
             ($$'long', '{a}', weighting => 'other'$$, '22023', 'there is no weighting "other"'), ($$'long', '{a}', weighting => NULL$$, '22004', 'weighting must not be NULL'),
             ($$'long', '{a}', wildcard => NULL$$, '22004', 'wildcard must not be NULL'), ($$'long', '{a}', weight => 'h'$$, '42804', 'column "h" of weight has no numbers but values of type text')) e(arguments, state, message);
SELECT throws_ok($$SELECT * FROM kiaim.record_risk(4294967295::oid, '{a}')$$, '42P01', NULL, 'no such relation');
CREATE TABLE heavy AS SELECT a, 1.7e308::float8 AS w FROM (VALUES (1), (2), (NULL)) v(a);
SELECT throws_ok(format($$SELECT * FROM kiaim.record_risk('heavy', '{a}', weight => 'w', wildcard => %L)$$, w), '22003', 'the sum of the weights is out of range', format('weights beyond all numbers, wildcard %s', w))
FROM unnest('{false,true}'::bool[]) w;
CREATE TABLE wrong (a int, w float8);
INSERT INTO wrong VALUES (1, 2), (1, NULL);
SELECT throws_ok($$SELECT * FROM kiaim.record_risk('wrong', '{a}', weight => 'w')$$, '22004', 'a weight is NULL', 'a weight that is NULL');
CREATE FUNCTION with_weight(x float8) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    UPDATE wrong SET w = x;
    PERFORM * FROM kiaim.record_risk('wrong', '{a}', weight => 'w');
END $f$;
SELECT throws_ok(format('SELECT with_weight(%L)', x), '22023', 'a weight is ' || x, 'a weight of ' || x) FROM unnest(ARRAY['-0.5', 'NaN', 'Infinity', '-Infinity']) x;
SELECT lives_ok('SELECT with_weight(0)', 'a weight of 0');
SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok($$SELECT * FROM kiaim.record_risk('long', '{i,a}', max_columns => 0)$$, '53400', NULL, 'more memory than kiaim.max_memory');

SELECT * FROM finish();
ROLLBACK;
