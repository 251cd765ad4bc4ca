-- The ledger and kiaim.composition_risk: against plain SQL on random tables, who may see what, and the errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
DELETE FROM kiaim_ledger.run;
DELETE FROM kiaim_ledger.class;

CREATE SCHEMA src;
CREATE SCHEMA "Forschung";
SET search_path = "Forschung", public;
SELECT setseed(0.4);
-- patients with several rows, and rows without a patient
CREATE TABLE src.t AS
SELECT CASE WHEN random() < 0.97 THEN floor(random() * 300)::int END AS patient, chr(97 + floor(random() * 3)::int) AS a, floor(random() * 12)::int AS b,
       CASE WHEN random() < 0.9 THEN date '2020-01-01' + floor(random() * 3)::int END AS c, 'v' || floor(random() * 4)::int AS s, 1000 + i AS token
FROM generate_series(1, 500) AS i;
CREATE FUNCTION policy(more jsonb, VARIADIC quasi text[]) RETURNS jsonb LANGUAGE sql AS $f$
  SELECT jsonb_build_object('ledger', true, 'person', 'patient', 'k', 1, 'quasi', (SELECT jsonb_object_agg(q, '{"hierarchy": "flat", "max": 0}'::jsonb) FROM unnest(quasi) AS q)) || more $f$;

SELECT kiaim.create_release('"Erste"', 'src.t', policy('{"sensitive": {"s": {"l": 1}}, "identifier": ["token"]}', 'a', 'b'), 'table');
SELECT kiaim.create_release('zweite', 'src.t', policy('{"sensitive": {"s": {"l": 1}}, "identifier": ["token"], "suppressed_rows": "star"}', 'c'));
SELECT kiaim.create_release('dritte', 'src.t', policy('{}', 'b', 'c'), 'view');

-- ---- joint classes ----

CREATE TABLE pair AS SELECT DISTINCT patient, x.a, x.b, y.c
FROM (SELECT DISTINCT patient, a, b FROM src.t) AS x JOIN (SELECT DISTINCT patient, c FROM src.t) AS y USING (patient);
CREATE TABLE joint AS SELECT a, b, c, count(*) AS n FROM pair GROUP BY a, b, c;
CREATE TABLE expected AS
  SELECT 'average_risk' AS metric, (SELECT count(*) / sum(n) FROM joint) AS value
  UNION ALL SELECT 'effective_k', min(n) FROM joint
  UNION ALL SELECT 'highest_risk', 1.0 / min(n) FROM joint
  UNION ALL SELECT 'joint_classes', count(*) FROM joint
  UNION ALL SELECT 'joint_uniques', count(*) FILTER (WHERE n = 1) FROM joint
  UNION ALL SELECT 'persons_below_k', count(DISTINCT patient) FROM pair JOIN joint ON joint.a = pair.a AND joint.b = pair.b AND joint.c IS NOT DISTINCT FROM pair.c WHERE n < 4
  UNION ALL SELECT 'persons_in_all', count(DISTINCT patient) FROM pair;
SELECT results_eq($$SELECT DISTINCT metric COLLATE "C", round(value::numeric, 12) FROM kiaim.composition_risk('{"\"Erste\"",zweite}', k => 4)
                    WHERE metric IN (SELECT metric FROM expected) ORDER BY 1$$,
                  $$SELECT metric COLLATE "C", round(value, 12) FROM expected ORDER BY 1$$, 'joint classes of two releases');
SELECT cmp_ok((SELECT value FROM expected WHERE metric = 'persons_below_k'), '>', 0::numeric, 'of which some are small');
SELECT results_eq($$SELECT size, classes FROM kiaim.composition_distribution('{"\"Erste\"",zweite}')$$,
                  $$SELECT n, count(*) FROM joint GROUP BY n ORDER BY n$$, 'the distribution of their sizes');
CREATE FUNCTION of_release(classes jsonb, name text) RETURNS jsonb LANGUAGE sql AS $f$ SELECT value FROM jsonb_each(classes) WHERE key ~ name $f$;
SELECT results_eq($$SELECT of_release(classes, 'Erste') ->> 'a', of_release(classes, 'Erste') ->> 'b', of_release(classes, 'zweite') ->> 'c', persons
                    FROM kiaim.composition_classes('{"\"Erste\"",zweite}', k => 4) WHERE finding = 'joint class' ORDER BY 1, 2, 3$$,
                  $$SELECT a, b::text, c::text, n FROM joint WHERE n < 4 ORDER BY 1, 2, 3$$, 'small ones by their labels');
SELECT is((SELECT value FROM kiaim.composition_risk('{"\"Erste\"",zweite,dritte}') WHERE metric = 'joint_classes'),
  (SELECT count(*)::float8 FROM (SELECT DISTINCT x.a, x.b, y.c, z.b, z.c FROM src.t AS x JOIN src.t AS y USING (patient) JOIN src.t AS z USING (patient)) AS j (a, b, c, d, e)), 'three releases');
SELECT results_eq($$SELECT release, persons, classes FROM kiaim.ledger ORDER BY run$$,
  $$SELECT r, count(DISTINCT patient) + 1, v.n FROM src.t, (VALUES ('"Forschung"."Erste"', (SELECT count(*) FROM (SELECT DISTINCT a, b FROM src.t) AS d), 1), ('"Forschung".zweite', (SELECT count(*) FROM (SELECT DISTINCT c FROM src.t) AS d), 2),
      ('"Forschung".dritte', (SELECT count(*) FROM (SELECT DISTINCT b, c FROM src.t) AS d), 3)) AS v (r, n, i) GROUP BY r, v.n, i ORDER BY i$$, 'what is in the ledger');

-- relations at hand
CREATE VIEW one AS SELECT patient, a, b FROM src.t;
CREATE VIEW two AS SELECT patient, c FROM src.t;
SELECT results_eq($$SELECT DISTINCT metric COLLATE "C", round(value::numeric, 12) FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,b,c}', 4)
                    WHERE metric IN (SELECT metric FROM expected) ORDER BY 1$$,
                  $$SELECT metric COLLATE "C", round(value, 12) FROM expected ORDER BY 1$$, 'relations at hand, each with the columns that it has');
SELECT is((SELECT value FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,b,c}') WHERE metric = 'k' AND scope ~ 'one'),
          (SELECT min(n)::float8 FROM (SELECT count(DISTINCT patient) AS n FROM src.t WHERE patient IS NOT NULL GROUP BY a, b) AS c), 'whose own k is that of their smallest class');

-- ---- sensitive values ----

CREATE TABLE remaining AS
SELECT joint.a, joint.b, joint.c, n, count(*) AS candidates
FROM joint JOIN (SELECT DISTINCT a, b, s FROM src.t) AS x ON x.a = joint.a AND x.b = joint.b
  JOIN (SELECT DISTINCT c, s FROM src.t) AS y ON y.c IS NOT DISTINCT FROM joint.c AND y.s = x.s
GROUP BY joint.a, joint.b, joint.c, n;
SELECT is((SELECT value FROM kiaim.composition_risk('{"\"Erste\"",zweite}') WHERE metric = 'fewest_values' AND scope = 's'),
          (SELECT min(candidates)::float8 FROM remaining), 'the fewest values that two releases leave open');
-- each patient of every second class gets one value there
UPDATE src.t SET s = 'v0' WHERE a = 'a';
SELECT kiaim.drop_release('"Erste"');
SELECT kiaim.create_release('"Erste"', 'src.t', policy('{"sensitive": {"s": {"l": 1}}, "identifier": ["token"]}', 'a', 'b'), 'table');
SELECT is((SELECT value FROM kiaim.composition_risk('{"\"Erste\"",zweite}') WHERE metric = 'persons_certain'),
          (SELECT count(DISTINCT patient)::float8 FROM pair WHERE a = 'a'), 'persons whose value is certain');
SELECT is((SELECT sum(persons) FROM kiaim.composition_classes('{"\"Erste\"",zweite}') WHERE finding = 'certain value' AND attribute = 's'),
          (SELECT sum(n) FROM joint WHERE a = 'a'), 'and the classes that they are in');

-- ---- columns that link rows ----

SELECT results_eq($$SELECT scope, value FROM kiaim.composition_risk('{"\"Erste\"",zweite}') WHERE metric = 'linked_share' AND scope ~ '^token:' ORDER BY 1$$,
  $$VALUES ('token: "Forschung"."Erste" in "Forschung".zweite', 1::float8), ('token: "Forschung".zweite in "Forschung"."Erste"', 1)$$, 'the same pseudonym in two releases');
SELECT is((SELECT max(value) FROM kiaim.composition_risk('{"\"Erste\"",zweite}') WHERE metric = 'linked_share' AND scope ~ '^s:'), 0::float8, 'a column of few values links nothing');

-- ---- differences from run to run ----

CREATE TABLE src.d AS SELECT i AS patient, CASE WHEN i <= 30 THEN 'x' WHEN i <= 60 THEN 'y' ELSE 'z' END AS a FROM generate_series(1, 90) AS i;
SELECT kiaim.create_release('diff', 'src.d', policy('{"k": 5}', 'a'), 'table');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{diff}')$$, '55000', NULL, 'one run alone');
-- x grows by 3 and y by 5; z loses 2, one of them to y
INSERT INTO src.d SELECT 100 + i, CASE WHEN i <= 3 THEN 'x' ELSE 'y' END FROM generate_series(1, 8) AS i;
UPDATE src.d SET a = 'y' WHERE patient = 90;
DELETE FROM src.d WHERE patient = 89;
SELECT kiaim.drop_release('diff');
SELECT kiaim.create_release('diff', 'src.d', policy('{"k": 5}', 'a'), 'table');
SELECT results_eq($$SELECT metric, value FROM kiaim.composition_risk('{diff}') WHERE metric ~ 'below_k$' AND scope ~ '→' OR metric = 'persons_in_differences'$$,
  $$VALUES ('classes_grown_below_k', 1::float8), ('classes_shrunk_below_k', 1), ('persons_in_differences', 5)$$, 'classes that changed by fewer than k');
SELECT results_eq($$SELECT finding, persons, wanted, of_release(classes, 'diff') ->> 'a' FROM kiaim.composition_classes('{diff}') WHERE finding <> 'joint class'$$,
  $$VALUES ('grown', 3::bigint, 5::bigint, 'x'), ('shrunk', 2, 5, 'z')$$, 'which they are');
SELECT results_eq($$SELECT finding, persons, of_release(classes, 'diff') ->> 'a' FROM kiaim.composition_classes('{diff}', k => 10) WHERE finding IN ('grown', 'shrunk')$$,
  $$VALUES ('grown', 3::bigint, 'x'), ('grown', 6, 'y'), ('shrunk', 2, 'z')$$, 'with another k');
-- coarser classes: nobody is new in them but the new ones
DELETE FROM src.d WHERE patient IN (1, 2);
INSERT INTO src.d SELECT 200, 'x';
SELECT kiaim.drop_release('diff');
SELECT kiaim.create_release('diff', 'src.d', policy('{"k": 5, "quasi": {"a": {"hierarchy": "flat", "min": 1}}}', 'a'), 'table');
SELECT results_eq($$SELECT finding, persons, of_release(classes, 'diff') ->> 'a' FROM kiaim.composition_classes('{diff}') WHERE finding IN ('grown', 'shrunk')$$,
  $$VALUES ('grown', 1::bigint, '*'), ('shrunk', 2, 'x')$$, 'where labels differ, everybody is compared');

-- the same by plain SQL, on random changes
CREATE TABLE src.e AS SELECT i AS patient, chr(97 + floor(random() * 6)::int) AS a FROM generate_series(1, 300) AS i;
CREATE TABLE e_before AS SELECT * FROM src.e;
SELECT kiaim.create_release('e', 'src.e', policy('{}', 'a'), 'table');
UPDATE src.e SET a = chr(97 + floor(random() * 7)::int) WHERE random() < 0.05;
DELETE FROM src.e WHERE random() < 0.05;
INSERT INTO src.e SELECT 1000 + i, chr(97 + floor(random() * 6)::int) FROM generate_series(1, 20) AS i;
SELECT kiaim.drop_release('e');
SELECT kiaim.create_release('e', 'src.e', policy('{}', 'a'), 'table');
SELECT results_eq($$SELECT finding, of_release(classes, 'Forschung') ->> 'a', persons FROM kiaim.composition_classes('{e}', k => 1000) WHERE finding IN ('grown', 'shrunk') ORDER BY 1, 2$$,
  $$SELECT 'grown', n.a, count(*) FROM src.e AS n
      WHERE NOT EXISTS (SELECT FROM e_before AS o WHERE o.patient = n.patient AND (o.a = n.a OR n.a NOT IN (SELECT a FROM e_before))) GROUP BY 2
    UNION ALL SELECT 'shrunk', o.a, count(*) FROM e_before AS o
      WHERE NOT EXISTS (SELECT FROM src.e AS n WHERE o.patient = n.patient AND (o.a = n.a OR o.a NOT IN (SELECT a FROM src.e))) GROUP BY 2 ORDER BY 1, 2$$,
  'changes against plain SQL');

-- ---- what is recorded ----

-- fitted recodings, columns written as ranges, kept stars
CREATE TABLE src.l AS SELECT i AS patient, i % 2 AS sex, (i * 37) % 90 AS age, date '1950-01-01' + (i * 97) % 9000 AS born, 's' || i % 5 AS s FROM generate_series(1, 400) AS i;
SELECT kiaim.create_release('local_' || left(kind, 1), 'src.l',
  '{"ledger": true, "person": "patient", "quasi": {"sex": "flat", "age": "bins(5, 10, 20, 40)"}, "sensitive": {"s": {"l": 2}}, "k": 5, "recoding": "local"}', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
SELECT kiaim.create_release('typed', 'src.l',
  '{"ledger": true, "person": "patient", "quasi": {"age": {"hierarchy": "bins(10, 30)", "as": "range"}, "born": {"hierarchy": "calendar(year, decade)", "as": "midpoint"}},
    "k": 9, "suppression": 0.3, "suppressed_rows": "star"}');
SELECT is(persons, 400::bigint, release || ' is recorded') FROM kiaim.ledger WHERE release ~ 'local_';
SELECT is((SELECT sum(records) FROM kiaim.ledger_class AS c JOIN kiaim.ledger AS l USING (run) WHERE l.release ~ 'typed' AND attribute IS NULL),
          (SELECT (rows - suppressed)::numeric FROM kiaim.releases WHERE release ~ 'typed'), 'suppressed rows that are kept are no class');
SELECT cmp_ok((SELECT min(cardinality(hashes)) FROM kiaim.ledger_class AS c JOIN kiaim.ledger AS l USING (run) WHERE l.release ~ '(local_|typed)' AND attribute IS NULL),
              '>=', 5, 'every class has k persons, whatever the recoding');
SELECT is((SELECT value FROM kiaim.composition_risk('{local_t,local_m,local_v}') WHERE metric = 'effective_k'),
          (SELECT k::float8 FROM kiaim.releases WHERE release ~ 'local_t'), 'the same release three times says no more than once');
-- the same person has the same hash as a number and as a text
CREATE VIEW src.text AS SELECT patient::text, sex, age FROM src.l;
SELECT kiaim.create_release('texts', 'src.text', '{"ledger": true, "person": "patient", "quasi": {"sex": "flat"}, "k": 5}');
SELECT is((SELECT value FROM kiaim.composition_risk('{texts,local_t}') WHERE metric = 'persons_in_all'), 400::float8, 'persons are compared by their text');
SELECT is_empty($$SELECT FROM kiaim_ledger.class WHERE '1' = ANY (hashes::text[])$$, 'no number of a patient is in the ledger');
SELECT lives_ok($$SELECT kiaim.create_release('none', 'src.l', '{"ledger": false, "person": "patient", "quasi": {"sex": "flat"}, "k": 5}')$$, 'false records nothing');
SELECT is_empty($$SELECT FROM kiaim.ledger WHERE release ~ 'none'$$, 'so nothing is there');
CREATE TABLE src.empty (patient int, a text);
SELECT kiaim.create_release('nobody', 'src.empty', policy('{}', 'a'), 'table');
SELECT is((SELECT value FROM kiaim.composition_risk('{nobody,texts}') WHERE metric = 'persons_in_all'), 0::float8, 'a release of nobody has nobody in common');
SELECT is((SELECT value FROM kiaim.composition_risk('{nobody,texts}') WHERE metric = 'effective_k'), NULL::float8, 'and no joint class');

-- ---- forgetting ----

SELECT is(kiaim.forget_ledger('"Forschung".diff', 1), 2::bigint, 'all runs but the last are forgotten');
SELECT is((SELECT count(*) FROM kiaim.ledger WHERE release ~ 'diff'), 1::bigint, 'the last one stays');
SELECT kiaim.drop_release('diff');
SELECT is((SELECT count(*) FROM kiaim.ledger WHERE release ~ 'diff'), 1::bigint, 'also when the release is dropped');
SELECT is(kiaim.forget_ledger('"Forschung".diff'), 1::bigint, 'until it is forgotten, too');
SELECT is_empty($$SELECT FROM kiaim_ledger.class WHERE run NOT IN (SELECT run FROM kiaim_ledger.run)$$, 'with its classes');

-- ---- errors ----

SELECT throws_ok($$SELECT * FROM kiaim.composition_risk(NULL)$$, '22004', 'releases must not be NULL', 'no releases');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e,NULL}')$$, '22004', 'releases must not contain NULL', 'a NULL');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{}')$$, '22023', 'releases names no release', 'none');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e,e}')$$, '22023', 'release "Forschung".e is named twice', 'one twice');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e}', 0)$$, '22023', 'runs must be at least 1, but is 0', 'no run');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e}', k => 0)$$, '22023', 'k must be at least 1, but is 0', 'k = 0');
SELECT throws_ok($$SELECT * FROM kiaim.composition_classes('{e}', k => 0)$$, '22023', 'k must be at least 1, but is 0', 'k = 0 of the classes');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e,none}')$$, '55000', 'release "Forschung"."none" is not in the ledger', 'a release that was not recorded');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{e,nowhere}')$$, '42704', 'release nowhere does not exist', 'no release');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one}', 'patient', '{a}')$$, '22023', 'relations must name at least 2 relations, but names 1', 'one relation');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', NULL, '{a}')$$, '22004', 'id must not be NULL', 'no id');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,NULL}')$$, '22004', 'quasi must not contain NULL', 'a NULL among the columns');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{}')$$, '22023', 'quasi names no column', 'no column');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,patient}')$$, '22023', 'column "patient" cannot be both id and quasi-identifier', 'the id twice');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,zz}')$$, '42703', 'column "zz" of quasi exists in none of the relations', 'an unknown column');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a}')$$, '42703', 'relation "Forschung".two has none of the columns in quasi', 'a relation without any');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'a', '{b}')$$, '42703', 'column "a" of id does not exist in relation "Forschung".two', 'an unknown id');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk_of('{one,two}', 'patient', '{a,c}', 0)$$, '22023', 'k must be at least 1, but is 0', 'k = 0 of relations');
SELECT throws_ok($$SELECT kiaim.validate_policy('src.l', '{"quasi": {"sex": "flat"}, "k": 5, "ledger": true}')$$, '22023', 'policy member ledger needs the member person', 'no person');
SELECT throws_ok($$SELECT kiaim.validate_policy('src.l', '{"person": "patient", "quasi": {"sex": "flat"}, "k": 5, "ledger": 1}')$$, '22023', 'policy member ledger must be true or false', 'no flag');
SELECT throws_ok($$SELECT kiaim.validate_policy('src.l', '{"person": "patient", "quasi": {"sex": {"hierarchy": "flat", "max": 0}}, "ledger": true, "differential_privacy": {"epsilon": 1, "delta": 1e-5}}')$$,
  '22023', 'policy member ledger cannot stand beside differential_privacy', 'differential privacy');
SELECT throws_ok($$SELECT kiaim.forget_ledger(NULL)$$, '22004', 'name of the release must not be null', 'nothing to forget');
SELECT throws_ok($$SELECT kiaim.forget_ledger('e', -1)$$, '22023', 'keep_runs must not be below 0, but is -1', 'a negative number of runs');
SELECT throws_ok($$SELECT kiaim.ledger_record(1, '{}', '{}', 1, 'SELECT 1', '{}', '{}')$$, '42501', 'run 1 is no run of the current role that is going on', 'no run of mine');

-- ---- who may see what ----

CREATE ROLE ledger_north;
CREATE ROLE ledger_south;
CREATE ROLE ledger_steward;
GRANT USAGE, CREATE ON SCHEMA "Forschung" TO ledger_north, ledger_south;
GRANT USAGE ON SCHEMA src TO ledger_north, ledger_south;
GRANT SELECT ON src.l TO ledger_north, ledger_south;
GRANT USAGE ON SCHEMA kiaim_ledger TO ledger_steward;
GRANT SELECT ON kiaim_ledger.run, kiaim_ledger.class TO ledger_steward;
\set policy '{"ledger": true, "person": "patient", "quasi": {"sex": "flat"}, "k": 5}'
SET ROLE ledger_north;
SELECT kiaim.create_release('north_1', 'src.l', :'policy');
SELECT kiaim.create_release('north_2', 'src.l', '{"ledger": true, "person": "patient", "quasi": {"age": "bins(10)"}, "k": 5}', 'table');
SET ROLE ledger_south;
SELECT kiaim.create_release('south', 'src.l', :'policy');
SELECT results_eq('SELECT release FROM kiaim.ledger', $$VALUES ('"Forschung".south')$$, 'an owner sees the runs of own releases');
SELECT is((SELECT count(DISTINCT run) FROM kiaim.ledger_class), 1::bigint, 'and their classes only');
SELECT throws_ok($$SELECT * FROM kiaim.composition_risk('{south,north_1}')$$, '42704', NULL, 'releases of others do not exist');
SELECT throws_ok('SELECT * FROM kiaim_ledger.' || t, '42501', 'permission denied for schema kiaim_ledger', 'no owner reads the table ' || t) FROM unnest(ARRAY['class', 'run', 'secret']) AS t;
SELECT throws_ok($$INSERT INTO kiaim.ledger_class SELECT * FROM kiaim.ledger_class$$, NULL, NULL, 'or writes through a view');
SELECT throws_ok($$SELECT kiaim.forget_ledger('south')$$, '42501', 'permission denied for schema kiaim_ledger', 'or forgets');
INSERT INTO kiaim.release_log (release) VALUES ('"Forschung".north_1');
SELECT throws_ok(format($$SELECT kiaim.ledger_record(%s, '{}', '{}', 1, 'SELECT 1, ARRAY[''x'']', '{}', '{}')$$, max(run)), '42501', NULL, 'or writes about the release of another')
FROM kiaim.release_log;
SET ROLE ledger_north;
SELECT is((SELECT value FROM kiaim.composition_risk('{north_1,north_2}') WHERE metric = 'persons_in_all'), 400::float8, 'an owner compares own releases');
SET ROLE ledger_steward;
SELECT is((SELECT value FROM kiaim.composition_risk('{"\"Forschung\".north_1","\"Forschung\".south"}') WHERE metric = 'persons_in_all'), 400::float8, 'a role that may read the ledger compares all');
SELECT is((SELECT count(*) FROM kiaim.composition_risk('{"\"Forschung\".north_1","\"Forschung\".south"}') WHERE metric = 'linked_share' AND value IS NOT NULL), 0::bigint, 'without reading them');
SELECT throws_ok($$SELECT * FROM kiaim_ledger.secret$$, '42501', NULL, 'the key was not granted');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
