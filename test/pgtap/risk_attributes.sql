-- kiaim.attribute_risk and its classes, against plain SQL, and their errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE SCHEMA "Register";
CREATE TABLE "Register"."Fälle" ("Größe" int, sex text, patient int, icd10 text);
INSERT INTO "Register"."Fälle" VALUES (1, 'm', 1, 'C61'), (1, 'm', 2, 'C61'), (1, 'm', 3, 'C61'), (1, 'm', 3, 'C34'), (2, 'w', 4, 'C50'), (2, 'w', 5, 'C50'), (2, 'w', 5, NULL), (NULL, 'w', 6, 'C34');
SELECT results_eq($$SELECT metric, round(value::numeric, 6) FROM kiaim.attribute_risk('"Register"."Fälle"', '{Größe}', 'icd10', threshold => 0.7)$$,
  $$VALUES ('records', 8.000000), ('classes', 3), ('values', 4), ('baseline', 3 / 8.0), ('success', 0.75), ('gain', 3 / 8.0), ('certain', 1), ('share_certain', 1 / 8.0),
    ('above_threshold', 5), ('share_above_threshold', 5 / 8.0), ('highest_ratio', 4), ('fewest_values', 1)$$, 'records');
-- with persons: 3 of 3 have C61, 2 of 2 have C50, although each class has another value, too
SELECT results_eq($$SELECT metric, round(value::numeric, 6) FROM kiaim.attribute_risk('"Register"."Fälle"', '{Größe}', 'icd10', 'patient')$$,
  $$VALUES ('records', 8.000000), ('persons', 6), ('classes', 3), ('values', 4), ('baseline', 0.5), ('success', 1), ('gain', 0.5), ('certain', 6), ('share_certain', 1),
    ('above_threshold', 6), ('share_above_threshold', 1), ('highest_ratio', 3), ('fewest_values', 1)$$, 'persons');
SELECT results_eq($$SELECT class, size, most_probable, share, round(baseline::numeric, 3), ratio, distinct_values
                    FROM kiaim.attribute_risk_classes('"Register"."Fälle"', '{Größe,sex}', 'icd10') ORDER BY class ->> 'Größe'$$,
  $$VALUES ('{"Größe": 1, "sex": "m"}'::jsonb || '{"Größe": "1"}', 4::bigint, 'C61', 0.75::float8, 0.375, 2::float8, 2::bigint),
           ('{"Größe": "2", "sex": "w"}', 3, 'C50', 2 / 3.0::float8, 0.250, (2 / 3.0::float8) / 0.25, 2), ('{"Größe": null, "sex": "w"}', 1, 'C34', 1, 0.250, 4, 1)$$, 'classes');
CREATE TABLE tie AS SELECT * FROM (VALUES (1, 'x'), (1, 'y'), (2, 'y'), (3, 'p'), (3, 'q')) AS v (a, b);
SELECT results_eq($$SELECT most_probable FROM kiaim.attribute_risk_classes('tie', '{a}', 'b') ORDER BY class ->> 'a'$$, $$VALUES ('x'), ('y'), ('p')$$,
  'at the same number the rarer value counts, which says more, or the first one');

CREATE TABLE nothing (a int, b int);
SELECT results_eq($$SELECT metric, value FROM kiaim.attribute_risk('nothing', '{a}', 'b')$$,
  $$VALUES ('records', 0::float8), ('classes', 0), ('values', 0), ('baseline', NULL), ('success', NULL), ('gain', NULL), ('certain', 0), ('share_certain', NULL),
    ('above_threshold', 0), ('share_above_threshold', NULL), ('highest_ratio', NULL), ('fewest_values', NULL)$$, 'an empty table says nothing');
SELECT is_empty($$SELECT * FROM kiaim.attribute_risk_classes('nothing', '{a}', 'b')$$, 'and has no class');
INSERT INTO nothing VALUES (1, NULL);
SELECT results_eq($$SELECT metric, value FROM kiaim.attribute_risk('nothing', '{a}', 'b') WHERE metric IN ('success', 'baseline', 'certain')$$,
  $$VALUES ('baseline', 1::float8), ('success', 1), ('certain', 1)$$, 'one row, whose value is missing, which is a value');

-- ---- against SQL, on random tables ----

SELECT setseed(0.3);
CREATE TABLE r AS SELECT i, floor(random() * 700)::int AS p, CASE WHEN random() < 0.9 THEN floor(random() * 6)::numeric / 2 END AS a,
  (ARRAY['x', 'y', NULL, 'z'])[1 + floor(random() * 4)::int] AS b, CASE WHEN random() < 0.95 THEN 's' || floor(random() * random() * 8)::int END AS s FROM generate_series(1, 1000) AS i;
INSERT INTO r SELECT 2000 + i, NULL, 100 + i / 3, 'u', 'only' FROM generate_series(1, 9) AS i;
CREATE VIEW few AS SELECT * FROM r WHERE i % 7 = 0;
CREATE VIEW same AS SELECT i, p, 1 AS a, 'b' AS b, s FROM r;
CREATE FUNCTION by_sql(source text, quasi text, who text) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $f$
BEGIN
  RETURN QUERY EXECUTE format($q$
    WITH c AS (SELECT row_number() OVER (PARTITION BY %2$s ORDER BY n DESC, of_table) AS place, * FROM
                (SELECT %2$s, s, count(DISTINCT %3$s) + max((%3$s IS NULL)::int) AS n FROM %1$s GROUP BY %2$s, s) AS v
                JOIN (SELECT s AS t, count(DISTINCT %3$s) + max((%3$s IS NULL)::int) AS of_table FROM %1$s GROUP BY s) AS w ON s IS NOT DISTINCT FROM t),
      k AS (SELECT row_number() OVER (ORDER BY %2$s) AS class, %2$s, count(DISTINCT %3$s) + max((%3$s IS NULL)::int) AS size, count(DISTINCT s) + max((s IS NULL)::int) AS values FROM %1$s GROUP BY %2$s),
      j AS (SELECT size, values, n, of_table FROM k JOIN c ON (%4$s) IS NOT DISTINCT FROM (%5$s) WHERE place = 1),
      total AS (SELECT count(DISTINCT %3$s) + max((%3$s IS NULL)::int) AS n FROM %1$s)
    SELECT 'baseline', max(c.of_table)::float8 / max(total.n) FROM c, total UNION ALL
    SELECT 'certain', coalesce(sum(size) FILTER (WHERE n = size), 0) FROM j UNION ALL
    SELECT 'classes', count(*) FROM k UNION ALL
    SELECT 'fewest_values', min(values) FROM k UNION ALL
    SELECT 'highest_ratio', max((j.n::float8 / size) / (of_table::float8 / total.n)) FROM j, total UNION ALL
    SELECT 'share_above_threshold', coalesce(sum(size) FILTER (WHERE n::float8 / size > 0.5), 0) / sum(size) FROM j UNION ALL
    SELECT 'success', sum(n) / sum(size) FROM j$q$, source, quasi, who,
    (SELECT format('ROW(%s)', string_agg('k.' || q, ', ')) FROM unnest(string_to_array(quasi, ', ')) AS q), (SELECT format('ROW(%s)', string_agg('c.' || q, ', ')) FROM unnest(string_to_array(quasi, ', ')) AS q));
END $f$;
SELECT results_eq(format($$SELECT metric COLLATE "C", round(value::numeric, 12) FROM kiaim.attribute_risk(%L, %L, 's', %L, 0.5) WHERE metric IN (SELECT metric FROM by_sql(%1$L, %4$L, %5$L)) ORDER BY 1$$,
                         s, string_to_array(q, ', '), p, q, coalesce(p, 'i')),
                  format($$SELECT metric COLLATE "C", round(value::numeric, 12) FROM by_sql(%L, %L, %L) ORDER BY 1$$, s, q, coalesce(p, 'i')),
                  format('%s of %s by %s, reader %s', coalesce(p, 'rows'), s, q, set_config('kiaim.reader', reader, true)))
FROM unnest(ARRAY['r', 'few', 'same']) AS s, unnest(ARRAY['a', 'b', 'a, b', 'i']) AS q, unnest(ARRAY[NULL, 'p']) AS p, unnest(ARRAY['stream', 'pushdown']) AS reader;
SET LOCAL kiaim.reader = 'auto';

-- NULL matches everything: each class with all rows that it matches
CREATE FUNCTION wild(source text) RETURNS TABLE (a numeric, b text, size bigint, s text, n bigint) LANGUAGE plpgsql AS $f$
BEGIN
  RETURN QUERY EXECUTE format($q$
    WITH c AS (SELECT DISTINCT a, b FROM %1$s)
    SELECT DISTINCT ON (c.a, c.b) c.a::numeric, c.b, sum(count(*)) OVER (PARTITION BY c.a, c.b)::bigint, t.s, count(*)
    FROM c JOIN %1$s AS t ON (c.a = t.a OR c.a IS NULL OR t.a IS NULL) AND (c.b = t.b OR c.b IS NULL OR t.b IS NULL)
    GROUP BY c.a, c.b, t.s ORDER BY c.a, c.b, count(*) DESC, (SELECT count(*) FROM %1$s AS o WHERE o.s IS NOT DISTINCT FROM t.s), t.s COLLATE "C"$q$, source);
END $f$;
SELECT results_eq(format($$SELECT (class ->> 'a')::numeric, class ->> 'b', size, most_probable, round((share * size)::numeric)::bigint
                    FROM kiaim.attribute_risk_classes(%L, '{a,b}', 's', wildcard => true) ORDER BY 1, 2$$, s),
                  format('SELECT * FROM wild(%L) ORDER BY 1, 2', s), 'wildcards in ' || s)
FROM unnest(ARRAY['r', 'few']) AS s;
SELECT is(round((SELECT value FROM kiaim.attribute_risk('r', '{a,b}', 's', wildcard => true) WHERE metric = 'success')::numeric, 12),
  (SELECT round(sum(w.n::numeric / w.size) / count(*), 12) FROM r JOIN wild('r') AS w ON w.a IS NOT DISTINCT FROM r.a AND w.b IS NOT DISTINCT FROM r.b), 'success with wildcards');
SELECT is((SELECT max(share) <= 1 FROM kiaim.attribute_risk_classes('r', '{a,b}', 's', 'p', true)), true, 'no share of persons is above 1');

-- ---- privileges and errors ----

CREATE ROLE kiaim_test_reader;
SET ROLE kiaim_test_reader;
SELECT throws_ok($$SELECT * FROM kiaim.attribute_risk('r', '{a}', 's')$$, '42501', NULL, 'no privilege, no risk');
RESET ROLE;
SELECT throws_ok(format('SELECT * FROM kiaim.%s', call), state, message, call)
FROM (VALUES ($$attribute_risk(NULL, '{a}', 's')$$, '22004', 'source must not be NULL'),
             ($$attribute_risk('r', NULL, 's')$$, '22004', 'quasi must not be NULL'),
             ($$attribute_risk('r', '{a}', NULL)$$, '22004', 'sensitive must not be NULL'),
             ($$attribute_risk('r', '{a}', 's', threshold => NULL)$$, '22004', 'threshold must not be NULL'),
             ($$attribute_risk('r', '{a}', 's', threshold => 1.5)$$, '22023', 'threshold must be between 0 and 1, but is 1.5'),
             ($$attribute_risk('r', '{a}', 's', wildcard => NULL)$$, '22004', 'wildcard must not be NULL'),
             ($$attribute_risk('r', '{a,s}', 's')$$, '22023', 'column "s" cannot be both sensitive and quasi-identifier'),
             ($$attribute_risk('r', '{a}', 's', 's')$$, '22023', 'column "s" cannot be both sensitive and person'),
             ($$attribute_risk('r', '{a}', 'ss')$$, '42703', 'column "ss" of sensitive does not exist in relation "r"'),
             ($$attribute_risk_classes('r', '{}', 's')$$, '22023', 'quasi names no column'),
             ($$attribute_risk_classes('r', '{a}', NULL)$$, '22004', 'sensitive must not be NULL'),
             ($$attribute_risk_classes('r', '{a}', 's', wildcard => NULL)$$, '22004', 'wildcard must not be NULL')) AS v (call, state, message);
SET LOCAL kiaim.max_memory = '1MB';
CREATE TABLE wide AS SELECT i, i / 2 AS j FROM generate_series(1, 100000) AS i;
SELECT throws_ok($$SELECT * FROM kiaim.attribute_risk('wide', '{i}', 'j')$$, '53400', NULL, 'more memory than kiaim.max_memory');

SELECT * FROM finish();
ROLLBACK;
