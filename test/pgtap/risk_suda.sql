-- kiaim.special_uniques, suda_columns, column_risk and smallest_subsets: edges,
-- persons, readers, names, privileges and errors. risk_suda_property.sql has the definitions.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE nobody (nr int, person int, a text, b int);
SELECT is_empty($$SELECT * FROM kiaim.special_uniques('nobody', '{a,b}', 'nr')$$, 'an empty table has no special uniques');
SELECT is_empty($$SELECT * FROM kiaim.special_uniques('nobody', '{a,b}', NULL, 'person', wildcard => true)$$, 'nor has it under persons and wildcards');
SELECT results_eq($$SELECT * FROM kiaim.suda_columns('nobody', '{a,b}')$$, $$VALUES ('a', 0::bigint, NULL::float8), ('b', 0, NULL)$$, 'no score, no contribution');
SELECT results_eq($$SELECT * FROM kiaim.column_risk('nobody', '{a,b}')$$,
                  $$VALUES ('{a}'::text[], NULL::float8, NULL::float8, 0::bigint), ('{b}', NULL, NULL, 0), ('{a,b}', NULL, NULL, 0)$$, 'nothing to tell apart is NULL');
SELECT results_eq($$SELECT * FROM kiaim.column_risk('nobody', '{a,b}', 1, 'person', true)$$,
                  $$VALUES ('{a}'::text[], NULL::float8, NULL::float8, 0::bigint), ('{b}', NULL, NULL, 0)$$, 'under persons and wildcards too');
SELECT is_empty($$SELECT * FROM kiaim.smallest_subsets('nobody', '{a,b}', uniqueness => 0)$$, 'no set singles out nobody');

INSERT INTO nobody VALUES (1, 1, 'x', NULL);
SELECT results_eq($$SELECT * FROM kiaim.special_uniques('nobody', '{a,b}', 'nr') ORDER BY 2$$, $$VALUES ('1', '{a}'::text[]), ('1', '{b}')$$, 'one record is unique in every column');
SELECT results_eq($$SELECT * FROM kiaim.special_uniques('nobody', '{a,b}', 'nr', 'person', wildcard => true) ORDER BY 2$$, $$VALUES ('1', '{a}'::text[]), ('1', '{b}')$$,
                  'also where NULL matches everything, as there is nothing else');
SELECT results_eq($$SELECT * FROM kiaim.column_risk('nobody', '{a,b}', 2)$$,
                  $$VALUES ('{a}'::text[], 1::float8, NULL::float8, 1::bigint), ('{b}', 1, NULL, 1), ('{a,b}', 1, NULL, 1)$$, 'one record makes no pair');
SELECT results_eq($$SELECT * FROM kiaim.smallest_subsets('nobody', '{b,a}', uniqueness => 1)$$, $$VALUES ('{b}'::text[], 1::bigint, 1::float8), ('{a}', 1, 1)$$, 'columns are in the order of quasi');

CREATE TABLE same AS SELECT i AS nr, 'x'::text AS a, 1 AS b FROM generate_series(1, 5) i;
SELECT is_empty($$SELECT * FROM kiaim.special_uniques('same', '{a,b}', 'nr')$$, 'who are all equal are not special');
SELECT results_eq($$SELECT * FROM kiaim.column_risk('same', '{a,b}', 1)$$, $$VALUES ('{a}'::text[], 0.2::float8, 0::float8, 0::bigint), ('{b}', 0.2, 0, 0)$$, 'and are not told apart');
CREATE TABLE different AS SELECT i AS nr, i AS a, -i AS b, i % 2 AS c FROM generate_series(1, 500) i;
SELECT results_eq($$SELECT columns, count(*) FROM kiaim.special_uniques('different', '{a,b,c}', 'nr') GROUP BY 1 ORDER BY 1$$, $$VALUES ('{a}'::text[], 500::bigint), ('{b}', 500)$$, 'who are all unique in one column are special in no larger set with it');
SELECT results_eq($$SELECT * FROM kiaim.column_risk('different', '{a,c}')$$, $$VALUES ('{a}'::text[], 1::float8, 1::float8, 500::bigint), ('{c}', 0.004, 1 - 62250 / 124750.0::float8, 0), ('{a,c}', 1, 1, 500)$$, 'distinction and separation of a key');
SELECT results_eq($$SELECT columns FROM kiaim.smallest_subsets('different', '{c,b,a}')$$, $$VALUES ('{b}'::text[]), ('{a}')$$, 'and it is enough');

-- the records of one person do not protect each other
CREATE TABLE tumour (nr int, person int, sex text, site text);
INSERT INTO tumour VALUES (1, 1, 'w', 'C50'), (2, 1, 'w', 'C50'), (3, 1, 'w', 'C18'), (4, 2, 'm', 'C18'), (5, 3, 'm', 'C18'), (6, NULL, 'x', 'C18'), (7, NULL, 'x', 'C18');
SELECT results_eq($$SELECT * FROM kiaim.special_uniques('tumour', '{sex,site}', 'nr', 'person') ORDER BY 1, 2$$,
                  $$VALUES ('1', '{sex}'::text[]), ('1', '{site}'), ('2', '{sex}'), ('2', '{site}'), ('3', '{sex}'), ('6', '{sex}'), ('7', '{sex}')$$, 'persons, and NULL is one person');
SELECT is(count(*), 7::bigint, 'a row for each record without names too') FROM kiaim.special_uniques('tumour', '{sex,site}', person => 'person') WHERE id IS NULL;
SELECT results_eq($$SELECT columns, uniques, round(share::numeric, 6) FROM kiaim.smallest_subsets('tumour', '{sex,site}', person => 'person', uniqueness => 0.5)$$,
                  $$VALUES ('{sex}'::text[], 2::bigint, round(5 / 7.0, 6))$$, 'classes of one person, and the share of records in them');
SELECT results_eq($$SELECT columns, distinction, uniques FROM kiaim.column_risk('tumour', '{sex,site}', 1, 'person')$$,
                  $$VALUES ('{sex}'::text[], 0.75::float8, 2::bigint), ('{site}', 0.4, 1)$$, 'different combinations of person and value are counted');

-- weightings and sizes
CREATE TABLE weighed (a int, b int, c int);
INSERT INTO weighed VALUES (1, 1, 1), (1, 2, 2), (2, 1, 2), (2, 2, 1), (3, 1, 1);
SELECT results_eq($$SELECT column_name, special_uniques, round(contribution::numeric, 6) FROM kiaim.suda_columns('weighed', '{a,b,c}')$$,
                  $$VALUES ('a', 9::bigint, round(10 / 13.0, 6)), ('b', 7, round(7 / 13.0, 6)), ('c', 7, round(7 / 13.0, 6))$$, 'a set of one of three columns weighs twice one of two');
SELECT isnt((SELECT contribution FROM kiaim.suda_columns('weighed', '{a,b,c}', weighting => 'ihsn') WHERE column_name = 'a'),
            (SELECT contribution FROM kiaim.suda_columns('weighed', '{a,b,c}') WHERE column_name = 'a'), 'the weightings differ');
SELECT results_eq($$SELECT column_name, special_uniques FROM kiaim.suda_columns('weighed', '{a,b,c}', max_columns => 1)$$, $$VALUES ('a', 1::bigint), ('b', 0), ('c', 0)$$, 'no larger sets than asked for');
SELECT is(count(*), 7::bigint, 'max_columns may exceed the columns') FROM kiaim.column_risk('weighed', '{a,b,c}', 64);

-- many columns and values: sets of bits, codes beyond any table
SELECT format('CREATE TABLE wide AS SELECT i AS nr, %s FROM generate_series(1, 300) i', string_agg(format('(i * %s) %% %s AS c%s', c, 3 + c, c), ', ')) AS statement FROM generate_series(1, 64) c \gset
:statement;
SELECT array_agg('c' || c ORDER BY c) AS wide_columns FROM generate_series(1, 64) c \gset
SELECT is(count(*), 64 + 2016::bigint, '64 columns, two at a time') FROM kiaim.column_risk('wide', :'wide_columns', 2);
SELECT is((SELECT count(*) FROM kiaim.special_uniques('wide', :'wide_columns', 'nr', max_columns => 2) WHERE columns = '{c63,c64}'),
          (SELECT count(*) FROM (SELECT FROM wide GROUP BY c63, c64 HAVING count(*) = 1 AND min((SELECT count(*) FROM wide o WHERE o.c63 = wide.c63)) > 1 AND min((SELECT count(*) FROM wide o WHERE o.c64 = wide.c64)) > 1) x),
          'the last bits too');

-- readers
CREATE FUNCTION all_figures() RETURNS TABLE (what text, figure text) LANGUAGE sql AS $f$
    SELECT 'special', u::text FROM kiaim.special_uniques('tumour', '{sex,site}', 'nr', 'person') u
    UNION ALL SELECT 'columns', r::text FROM kiaim.column_risk('tumour', '{sex,site}', 2, 'person', true) r
    UNION ALL SELECT 'suda', c::text FROM kiaim.suda_columns('tumour', '{sex,site}') c ORDER BY 1, 2
$f$;
SET LOCAL kiaim.reader = 'stream';
CREATE TABLE streamed AS SELECT * FROM all_figures();
SET LOCAL kiaim.reader = 'pushdown';
SELECT results_eq('SELECT * FROM all_figures()', 'TABLE streamed', 'both readers give the same');
RESET kiaim.reader;

-- names and privileges
CREATE SCHEMA "Register";
CREATE TABLE "Register"."Fälle" ("Fall Nr" text, "Größe" numeric, "Straße, Haus" text);
INSERT INTO "Register"."Fälle" VALUES ('eins', 1.70, 'A'), ('zwei', 1.7, 'B'), ('drei', NULL, 'A');
SELECT results_eq($$SELECT * FROM kiaim.special_uniques('"Register"."Fälle"', '{Größe,"Straße, Haus"}', 'Fall Nr') ORDER BY 1, 2$$,
                  $$VALUES ('drei', ARRAY['Größe']), ('eins', ARRAY['Größe', 'Straße, Haus']), ('zwei', ARRAY['Straße, Haus'])$$, 'quoted names, and values that are equal in SQL');
CREATE ROLE risk_suda_nobody;
GRANT USAGE ON SCHEMA "Register" TO risk_suda_nobody;
SET LOCAL ROLE risk_suda_nobody;
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('"Register"."Fälle"', '{Größe}')$$, '42501', NULL, 'reads as the caller: special_uniques');
SELECT throws_ok($$SELECT * FROM kiaim.column_risk('"Register"."Fälle"', '{Größe}')$$, '42501', NULL, 'reads as the caller: column_risk');
RESET ROLE;

-- errors
SELECT throws_ok($$SELECT * FROM kiaim.column_risk(NULL, '{a}')$$, '22004', 'source must not be NULL', 'no relation');
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('same', '{a}', wildcard => NULL)$$, '22004', 'wildcard must not be NULL', 'no wildcard');
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('same', '{a,sx}')$$, '42703', NULL, 'an unknown column');
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('same', '{a}', 'nmr')$$, '42703', NULL, 'an unknown id');
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('tumour', '{sex,person}', person => 'person')$$, '22023', 'column "person" cannot be both person and quasi-identifier', 'a person among quasi');
SELECT throws_ok($$SELECT * FROM kiaim.column_risk('same', '{a,a}')$$, '42701', 'column "a" is named twice in quasi', 'a column twice');
SELECT throws_ok($$SELECT * FROM kiaim.column_risk('same', '{}')$$, '22023', 'quasi names no column', 'no column');
SELECT throws_ok($$SELECT * FROM kiaim.column_risk('same', '{a}', 0)$$, '22023', 'max_columns must be between 1 and 64, but is 0', 'no set');
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('same', '{a}', max_columns => 65)$$, '22023', 'max_columns must be between 1 and 64, but is 65', 'sets too large');
SELECT throws_ok($$SELECT * FROM kiaim.smallest_subsets('same', '{a}', uniqueness => 1.5)$$, '22023', 'uniqueness must be between 0 and 1, but is 1.5', 'a share beyond 1');
SELECT throws_ok($$SELECT * FROM kiaim.suda_columns('same', '{a}', weighting => 'mine')$$, '22023', 'there is no weighting "mine"', 'an unknown weighting');
SELECT throws_ok($$SELECT * FROM kiaim.suda_columns('same', '{a}', weighting => NULL)$$, '22004', 'weighting must not be NULL', 'no weighting');
ALTER TABLE wide ADD COLUMN c65 int;
SELECT throws_ok(format($$SELECT * FROM kiaim.column_risk('wide', %L, 1)$$, :'wide_columns'::text[] || 'c65'::text), '54000', 'quasi names 65 columns, more than 64', 'too many columns');
SET LOCAL kiaim.max_memory = '1MB';
CREATE TABLE large AS SELECT i, i % 97 AS a, i % 89 AS b FROM generate_series(1, 30000) i;
SELECT throws_ok($$SELECT * FROM kiaim.special_uniques('large', '{i,a,b}')$$, '53400', NULL, 'more than max_memory');

SELECT * FROM finish();
ROLLBACK;
