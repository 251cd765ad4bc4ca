-- kiaim.risk on tables worked out by hand, against obvious SQL, and its errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE SCHEMA "Register";
CREATE TABLE "Register"."Fälle" ("Größe" int, sex text, patient int, note point);
-- classes by sex: m 4 records of patients 1 and 2; w 2 of patient 3; NULL 2 of NULL, which is one person
INSERT INTO "Register"."Fälle" VALUES (1, 'm', 1), (2, 'm', 1), (1, 'm', 1), (3, 'm', 2), (4, 'w', 3), (4, 'w', 3), (5, NULL, NULL), (6, NULL, NULL);

SELECT results_eq($$SELECT * FROM kiaim.risk('"Register"."Fälle"', '{sex}') LIMIT 8$$, $$VALUES
    ('records', 8::float8), ('classes', 3), ('smallest_class', 2), ('sample_uniques', 0), ('prosecutor_highest', 0.5),
    ('prosecutor_average', 3 / 8.0), ('share_above_threshold', 1), ('marketer', 3 / 8.0)$$, 'classes of records');
SELECT results_eq($$SELECT * FROM kiaim.risk('"Register"."Fälle"', '{sex}', person => 'patient') LIMIT 9$$, $$VALUES
    ('records', 8::float8), ('persons', 4), ('classes', 3), ('smallest_class', 1), ('sample_uniques', 2), ('prosecutor_highest', 1),
    ('prosecutor_average', (4 / 2.0 + 2 + 2) / 8.0), ('share_above_threshold', 1), ('marketer', (4 / 2.0 + 2 + 2) / 8.0)$$, 'classes of persons');
SELECT is(value, 4 / 8.0::float8, 'a risk equal to the threshold does not exceed it: records')
FROM kiaim.risk('"Register"."Fälle"', '{sex}', threshold => 0.25) WHERE metric = 'share_above_threshold';
SELECT is(value, 4 / 8.0::float8, 'a risk equal to the threshold does not exceed it: persons')
FROM kiaim.risk('"Register"."Fälle"', '{sex}', 'patient', 0.5) WHERE metric = 'share_above_threshold';
SELECT is(value, 6::float8, 'quoted names, several columns')
FROM kiaim.risk('"Register"."Fälle"', ARRAY['Größe', 'sex']) WHERE metric = 'classes';

CREATE TABLE nothing (a int, b int);
SELECT results_eq($$SELECT * FROM kiaim.risk('nothing', '{a}', 'b') LIMIT 9$$, $$VALUES
    ('records', 0::float8), ('persons', 0), ('classes', 0), ('smallest_class', NULL), ('sample_uniques', 0), ('prosecutor_highest', NULL),
    ('prosecutor_average', NULL), ('share_above_threshold', NULL), ('marketer', NULL)$$, 'an empty table has no risk');

-- ---- against SQL ----

SELECT setseed(0.5);
CREATE TABLE many AS
    SELECT i, floor(random() * 400)::int AS p, CASE WHEN random() < 0.9 THEN floor(random() * 10)::numeric / 2 END AS a,
           (ARRAY['x', 'y', NULL, 'a longer text'])[1 + floor(random() * 4)::int] AS b, date '2020-01-01' + floor(random() * 30)::int AS c
    FROM generate_series(1, 5000) i;
CREATE VIEW part AS SELECT * FROM many WHERE i % 3 > 0;
CREATE FUNCTION by_sql(source text, quasi text, person text) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format($$
        WITH class AS (SELECT count(*) AS n, count(DISTINCT %2$s) AS f FROM %1$s GROUP BY %3$s)
        SELECT 'classes', count(*)::float8 FROM class UNION ALL
        SELECT 'marketer', sum(n::float8 / f) / sum(n)::float8 FROM class UNION ALL
        SELECT 'persons', count(DISTINCT %2$s) FROM %1$s UNION ALL
        SELECT 'prosecutor_average', sum(n::float8 / f) / sum(n)::float8 FROM class UNION ALL
        SELECT 'prosecutor_highest', 1.0 / min(f) FROM class UNION ALL
        SELECT 'records', sum(n) FROM class UNION ALL
        SELECT 'sample_uniques', count(*) FILTER (WHERE f = 1) FROM class UNION ALL
        SELECT 'share_above_threshold', COALESCE(sum(n) FILTER (WHERE 1.0 / f > 0.09), 0) / sum(n) FROM class UNION ALL
        SELECT 'smallest_class', min(f) FROM class$$, source, person, quasi);
END $f$;
SELECT results_eq(format($$SELECT metric, round(value::numeric, 12) FROM (SELECT * FROM kiaim.risk(%L, %L, 'p') LIMIT 9) AS first ORDER BY metric$$, s, q),
                  format($$SELECT metric, round(value::numeric, 12) FROM by_sql(%L, %L, 'p') ORDER BY metric$$, s, btrim(q, '{}')),
                  format('persons in %s of %s', q, s))
FROM unnest(ARRAY['many', 'part']) s, unnest(ARRAY['{a}', '{b}', '{a,b}', '{a,b,c}', '{i}']) q;
SELECT results_eq(format($$SELECT metric, round(value::numeric, 12) FROM (SELECT * FROM kiaim.risk(%L, %L) LIMIT 8) AS first ORDER BY metric$$, s, q),
                  format($$SELECT metric, round(value::numeric, 12) FROM by_sql(%L, %L, 'i') WHERE metric <> 'persons' ORDER BY metric$$, s, btrim(q, '{}')),
                  format('records in %s of %s', q, s))
FROM unnest(ARRAY['many', 'part']) s, unnest(ARRAY['{a}', '{b}', '{a,b}', '{a,b,c}', '{p}']) q;

-- ---- privileges and row-level security ----

CREATE ROLE kiaim_test_reader;
GRANT USAGE ON SCHEMA kiaim TO kiaim_test_reader;
SET ROLE kiaim_test_reader;
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a}')$$, '42501', NULL, 'no privilege, no risk');
RESET ROLE;
GRANT SELECT (a) ON many TO kiaim_test_reader;
SET ROLE kiaim_test_reader;
SELECT is(value, 5000::float8, 'the privilege on a column is enough') FROM kiaim.risk('many', '{a}') WHERE metric = 'records';
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,b}')$$, '42501', NULL, 'and does not reach another');
RESET ROLE;
ALTER TABLE many ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON many USING (a < 2);
SET ROLE kiaim_test_reader;
SELECT cmp_ok(value, '<', 5000::float8, 'row-level security holds') FROM kiaim.risk('many', '{a}') WHERE metric = 'records';
RESET ROLE;

-- ---- errors ----

SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,bb}')$$, '42703', NULL, 'an unknown column');
CREATE FUNCTION hint_of(query text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $f$;
SELECT matches(hint_of($$SELECT * FROM kiaim.risk('"Register"."Fälle"', '{Grösse}')$$), 'Größe', 'the nearest column is the hint');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a}', 'patient')$$, '42703', NULL, 'an unknown person column');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,b,a}')$$, '42701', 'column "a" is named twice in quasi', 'a column named twice');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,p}', 'p')$$, '22023', 'column "p" cannot be both person and quasi-identifier', 'the person as quasi-identifier');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{}')$$, '22023', 'quasi names no column', 'no column');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,NULL}')$$, '22004', 'quasi must not contain NULL', 'a NULL among the columns');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', NULL)$$, '22004', 'quasi must not be NULL', 'no quasi');
SELECT throws_ok($$SELECT * FROM kiaim.risk(NULL, '{a}')$$, '22004', 'source must not be NULL', 'no source');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a}', threshold => NULL)$$, '22004', 'threshold must not be NULL', 'no threshold');
SELECT throws_ok(format($$SELECT * FROM kiaim.risk('many', '{a}', threshold => %L)$$, t), '22023', 'threshold must be between 0 and 1, but is ' || t, 'threshold ' || t)
FROM unnest(ARRAY['-0.1', '1.5', 'NaN']) t;
SELECT throws_ok($$SELECT * FROM kiaim.risk(4294967295::oid, '{a}')$$, '42P01', NULL, 'no such relation');
SELECT throws_ok($$SELECT * FROM kiaim.risk('"Register"."Fälle"', '{note}')$$, '42883', 'could not identify a hash function for type point', 'a type without hash support');
SET LOCAL kiaim.max_memory = '1MB';
CREATE TABLE wide AS SELECT i, i / 2 AS j FROM generate_series(1, 100000) i;
SELECT throws_ok($$SELECT * FROM kiaim.risk('wide', '{i,j}')$$, '53400', NULL, 'more memory than kiaim.max_memory');

SELECT * FROM finish();
ROLLBACK;
