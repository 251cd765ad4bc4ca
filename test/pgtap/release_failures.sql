-- What a release refuses, and what is left when a refresh fails: the previous release, and a line in the log.
-- kiaim.refresh commits, so this file runs outside a transaction and cleans up after itself.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS release_in, release_out CASCADE;
DELETE FROM kiaim.release;
DELETE FROM kiaim.release_log;
CREATE SCHEMA release_in;
CREATE SCHEMA release_out;

CREATE TABLE release_in.tumour (
  tumour_id int PRIMARY KEY, patient_id int, sex text, age int, icd10 text, survival_days int, pseudonym text UNIQUE, letter int, surname text);
INSERT INTO release_in.tumour
SELECT i, i / 2, CASE i % 2 WHEN 0 THEN 'f' ELSE 'm' END, 20 + i / 2 % 40, 'C50', i % 97, md5(i::text), i % 10, 'name ' || i
FROM generate_series(1, 400) AS i;
CREATE UNIQUE INDEX ON release_in.tumour (letter, tumour_id);

\set policy '{"quasi": {"sex": {"hierarchy": "flat", "max": 0}, "age": {"hierarchy": "bins(10)", "max": 1}}, "keep": ["survival_days"], "k": 5}'

-- create_release ------------------------------------------------------------------

CREATE TABLE release_out.taken (i int);
PREPARE create_it(text, regclass, jsonb, text) AS SELECT kiaim.create_release($1, $2, $3, $4);

SELECT throws_ok(format('EXECUTE create_it(%L, %L, %L, %L)', r, s, p, k), e, m, d)
FROM (VALUES
  ('release_out.x', 'release_in.tumour', :'policy', 'views', '22023', '"views" is no kind of a release', 'an unknown kind'),
  ('release_out.taken', 'release_in.tumour', :'policy', 'table', '42P07', 'relation release_out.taken already exists', 'a name that a table has'),
  ('release_out.a.b', 'release_in.tumour', :'policy', 'table', '42601', 'improper name of a release: release_out.a.b', 'a name of three parts'),
  ('release_out.' || repeat('ä', 32), 'release_in.tumour', :'policy', 'table', '42622', 'name "' || repeat('ä', 32) || '" is too long', 'a long name'),
  ('release_nowhere.x', 'release_in.tumour', :'policy', 'table', '3F000', 'schema "release_nowhere" does not exist', 'a schema that does not exist'),
  ('release 2024.x', 'release_in.tumour', :'policy', 'table', '22023', 'improper name of a release: release 2024.x', 'a name that lacks its quotes'),
  (NULL, 'release_in.tumour', :'policy', 'table', '22004', 'name of the release must not be null', 'no name'),
  ('release_out.x', NULL, :'policy', 'table', '22004', 'source of release release_out.x must not be null', 'no source'),
  ('release_out.x', 'release_in.tumour', NULL, 'table', '22004', 'policy of release release_out.x must not be null', 'no policy'),
  ('release_out.x', 'release_in.tumour', :'policy', NULL, '22004', 'kind of release release_out.x must not be null', 'no kind')
) AS c(r, s, p, k, e, m, d);
SELECT throws_ok($$SELECT kiaim.create_release('"release_out.x', 'release_in.tumour', '{}')$$, '22023', NULL, 'a malformed name');
CREATE TEMP TABLE short_lived AS TABLE release_in.tumour;
SELECT throws_ok(format('EXECUTE create_it(%L, %L, %L, %L)', 'release_out.x', 'short_lived', :'policy', 'table'),
                 '0A000', 'temporary relation short_lived cannot be the source of a release', 'a temporary source');
\set ON_ERROR_STOP off
SET search_path = '';
SELECT kiaim.create_release('x', 'release_in.tumour', :'policy');
\set state :SQLSTATE
RESET search_path;
\set ON_ERROR_STOP on
SELECT is(:'state'::text, '3F000', 'a name without a schema, and no path');

SELECT throws_ok(format('SELECT * FROM kiaim.release_requirements(%L, %L)', p, 'x'), '0A000',
                 format('requirement "%s" cannot be measured on a stored release', r), 'what cannot be measured does not hold: ' || r)
FROM (VALUES ('{"quasi": {"sex": "flat"}, "k_plan": 5}', 'k_plan'),
             ('{"quasi": {"sex": "flat"}, "sensitive": {"icd10": {"s": 0.5}}}', 's of icd10')) AS v(p, r);

-- What would give somebody away.
CREATE FUNCTION release_out.refused(member text, col text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT throws_ok(format('SELECT kiaim.create_release(%L, %L, %L)', 'release_out.x', 'release_in.tumour',
    jsonb_build_object('person', 'patient_id', 'k', 5, 'quasi', '{"sex": "flat"}'::jsonb,
      member, CASE member WHEN 'sensitive' THEN jsonb_build_object(col, '{"l": 1}'::jsonb) ELSE jsonb_build_array(col) END)),
    '22023', NULL, format('column %s under "%s" is refused', col, member))
$$;
SELECT release_out.refused(m, c) FROM (VALUES ('keep', 'tumour_id'), ('keep', 'pseudonym'), ('sensitive', 'tumour_id'), ('keep', 'surname'),
  ('keep', 'patient_id'), ('identifier', 'patient_id')) AS v(m, c);
SELECT throws_ok(format('EXECUTE create_it(%L, %L, %L, %L)', 'release_out.x', 'release_in.tumour', '{"k": 5, "quasi": {"sex": "flat"}, "keep": ["pseudonym"]}', 'table'),
  '22023', 'policy member keep would release column "pseudonym", which looks like an identifier', 'and says why');
CREATE VIEW release_in.no_index AS SELECT sex, pseudonym AS tag, 'Herr Meier from Ulm came on a Monday with his brother, was told everything and left again, row ' || tumour_id AS remark_text FROM release_in.tumour;
SELECT throws_ok(format('SELECT kiaim.create_release(%L, %L, %L)', 'release_out.x', 'release_in.no_index', p), '22023', m, 'nor behind a view')
FROM (VALUES ('{"k": 5, "quasi": {"sex": "flat"}, "keep": ["tag"]}', 'column "tag" would be released as it is, but looks like this: identifier'),
             ('{"k": 5, "quasi": {"sex": "flat"}, "sensitive": {"tag": {"l": 2}}}', 'column "tag" would be released as it is, but looks like this: identifier'),
             ('{"k": 5, "quasi": {"sex": "flat"}, "keep": ["remark_text"]}', 'column "remark_text" would be released as it is, but looks like this: free text')) AS v(p, m);
SELECT lives_ok(format('EXECUTE create_it(%L, %L, %L, %L)', 'release_out.named', 'release_in.tumour',
  '{"k": 5, "quasi": {"sex": "flat"}, "keep": ["letter"], "identifier": ["pseudonym", "surname"]}', 'table'), 'an identifier that is named as such is released');
SELECT columns_are('release_out', 'named', ARRAY['sex', 'letter', 'pseudonym', 'surname'], 'with the columns that the policy names');
SELECT kiaim.drop_release('release_out.named');

INSERT INTO release_in.tumour VALUES (500, 500, 'd', 33, 'C50', 1, 'secret');
SELECT throws_ok(format('EXECUTE create_it(%L, %L, %L, %L)', 'release_out.x', 'release_in.tumour', :'policy', kind), NULL, NULL,
                 'a policy that cannot be kept makes no ' || kind) FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
DELETE FROM release_in.tumour WHERE tumour_id = 500;
SELECT hasnt_relation('release_out', 'x', 'a refused release leaves no relation');
SELECT is_empty($$SELECT FROM kiaim.releases WHERE release ~ 'x$'$$, 'and no definition');

-- drop_release --------------------------------------------------------------------

SELECT throws_ok($$SELECT kiaim.drop_release('release_out.taken')$$, '42704', 'release release_out.taken does not exist', 'a table that is no release is not dropped');
SELECT throws_ok($$SELECT kiaim.drop_release('release_out.nothing')$$, '42704', 'release release_out.nothing does not exist', 'a release that does not exist');
SELECT has_table('release_out', 'taken', 'it is still there');

-- refresh -------------------------------------------------------------------------

-- The source fails on demand, while it is read.
CREATE TABLE release_in.mischief (what text);
INSERT INTO release_in.mischief VALUES ('none');
CREATE FUNCTION release_in.mischief() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  CASE (SELECT what FROM release_in.mischief)
    WHEN 'none' THEN RETURN true;
    WHEN 'sleep' THEN RETURN pg_sleep(60) IS NOT NULL;
    WHEN 'value' THEN RETURN 'Frau Geheim'::text::int > 0;
    WHEN 'raise' THEN RAISE 'patient Geheim is dead' USING DETAIL = 'Geheim', HINT = 'Geheim';
    WHEN 'policy' THEN RAISE invalid_parameter_value USING MESSAGE = 'column "age" is "Geheim"', DETAIL = 'Geheim';
    WHEN 'disk' THEN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device';
  END CASE;
END $$;
CREATE VIEW release_in.source AS SELECT * FROM release_in.tumour WHERE (SELECT release_in.mischief());

SELECT kiaim.create_release('release_out.' || replace(kind, ' ', '_'), 'release_in.source', :'policy', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
CREATE TABLE release_out.before AS TABLE release_out."table";

-- Runs a refresh that must fail, and checks all that must hold afterwards.
CREATE FUNCTION release_out.failed(of text, error text, state text, message text, logged_state text, logged text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE last kiaim.release_log;
BEGIN
  SELECT l.* INTO last FROM kiaim.release_log AS l WHERE release = of ORDER BY run DESC LIMIT 1;
  RETURN NEXT is(error, state, format('%s: error %s', of, state));
  RETURN NEXT alike(message, logged, 'with its message');
  RETURN NEXT is(last.state, logged_state, 'the log has it as ' || logged_state);
  RETURN NEXT is(last.sqlstate, state, 'with its SQLSTATE');
  RETURN NEXT ok(last.finished >= last.started, 'and its end');
  IF of ~ 'view"?$' AND NOT of ~ 'materialized' THEN RETURN; END IF;
  RETURN NEXT set_eq('SELECT sex, age, survival_days, count(*) FROM ' || of || ' GROUP BY 1, 2, 3',
                     'SELECT sex, age, survival_days, count(*) FROM release_out.before GROUP BY 1, 2, 3', of || ' is as it was');
END $$;

\set ON_ERROR_STOP off
-- New rows for which the policy cannot be kept.
INSERT INTO release_in.tumour VALUES (500, 500, 'd', 33, 'C50', 1, 'secret');
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', 'P0002', :'LAST_ERROR_MESSAGE', 'failed', 'no generalization satisfies the policy');
CALL kiaim.refresh('release_out.materialized_view');
SELECT release_out.failed('release_out.materialized_view', :'SQLSTATE', 'P0002', :'LAST_ERROR_MESSAGE', 'failed', 'no generalization satisfies the policy');
CALL kiaim.refresh('release_out.view');
SELECT release_out.failed('release_out.view', :'SQLSTATE', 'P0002', :'LAST_ERROR_MESSAGE', 'failed', 'no generalization satisfies the policy');
SELECT is(reason, 'no generalization satisfies the policy', 'the log has the reason') FROM kiaim.release_log ORDER BY run DESC LIMIT 1;
SELECT alike(detail, '%1 of 401 records would have to be suppressed; the policy allows 0.', 'and its figures') FROM kiaim.release_log ORDER BY run DESC LIMIT 1;
SELECT is((SELECT count(*) FROM release_out.view), 400::bigint, 'the live view leaves the row out');
DELETE FROM release_in.tumour WHERE tumour_id = 500;
INSERT INTO release_in.tumour SELECT 600 + i, 600 + i, 'm', 25, 'C50', 1, 'later ' || i FROM generate_series(1, 20) AS i;

-- Cancelled by a time limit.
UPDATE release_in.mischief SET what = 'sleep';
SET statement_timeout = '200ms';
CALL kiaim.refresh('release_out."table"');
\set state :SQLSTATE
RESET statement_timeout;
SELECT release_out.failed('release_out."table"', :'state', '57014', :'LAST_ERROR_MESSAGE', 'cancelled', 'canceling statement due to statement timeout');
SET statement_timeout = '200ms';
CALL kiaim.refresh('release_out.materialized_view');
\set state :SQLSTATE
RESET statement_timeout;
SELECT release_out.failed('release_out.materialized_view', :'state', '57014', :'LAST_ERROR_MESSAGE', 'cancelled', 'canceling statement due to statement timeout');

-- The disk is full.
UPDATE release_in.mischief SET what = 'disk';
CALL kiaim.refresh('release_out.materialized_view');
SELECT release_out.failed('release_out.materialized_view', :'SQLSTATE', '53100', :'LAST_ERROR_MESSAGE', 'failed', 'could not extend file%');

-- Errors whose message holds a value: the caller sees it, the log does not.
UPDATE release_in.mischief SET what = 'value';
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '22P02', :'LAST_ERROR_MESSAGE', 'failed', 'invalid input syntax%Geheim%');
UPDATE release_in.mischief SET what = 'raise';
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', 'P0001', :'LAST_ERROR_MESSAGE', 'failed', 'patient Geheim is dead');
UPDATE release_in.mischief SET what = 'policy';
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '22023', :'LAST_ERROR_MESSAGE', 'failed', 'column "age" is "Geheim"');
SELECT is(reason, 'column "age" is "…"', 'the log quotes what the policy says') FROM kiaim.release_log ORDER BY run DESC LIMIT 1;
UPDATE release_in.mischief SET what = 'none';
SELECT is_empty($$SELECT FROM kiaim.release_log AS l WHERE l::text ~ 'Geheim|secret'$$, 'the log holds no value of a row');
SELECT alike(reason, 'an expression failed with SQLSTATE 22P02%', 'it says that much') FROM kiaim.release_log WHERE sqlstate = '22P02';

-- Too late: the rows are in, but the table refuses one.
CREATE FUNCTION release_out.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full USING MESSAGE = 'disk full'; END $$;
CREATE TRIGGER refuse AFTER INSERT ON release_out."table" FOR EACH STATEMENT EXECUTE FUNCTION release_out.refuse();
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '53100', :'LAST_ERROR_MESSAGE', 'failed', 'disk full');
DROP TRIGGER refuse ON release_out."table";

-- A trigger that changes what is stored: the release that was verified is the stored one.
CREATE FUNCTION release_out.spoil() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.survival_days = 7 THEN new.age := '[0,1)'; END IF;
  RETURN new;
END $$;
CREATE TRIGGER spoil BEFORE INSERT ON release_out."table" FOR EACH ROW EXECUTE FUNCTION release_out.spoil();
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '55000', :'LAST_ERROR_MESSAGE', 'failed', 'the stored result does not keep the policy: k is 2');
DROP TRIGGER spoil ON release_out."table";
-- The same with persons: the stored classes must be those in which the persons were counted.
SELECT kiaim.create_release('release_out.persons', 'release_in.tumour', :'policy'::jsonb || '{"person": "patient_id", "k": 3}', 'table');
CREATE TRIGGER spoil BEFORE INSERT ON release_out.persons FOR EACH ROW EXECUTE FUNCTION release_out.spoil();
CALL kiaim.refresh('release_out.persons');
SELECT is(:'SQLSTATE'::text, '40001', 'persons are counted in no other classes than the stored ones');
SELECT is_empty($$SELECT FROM release_out.persons WHERE age = '[0,1)'$$, 'and the spoiled rows are not published');
SELECT kiaim.drop_release('release_out.persons');

-- Temporary files beyond the limit.
INSERT INTO release_in.tumour SELECT i, i, 'm', 25, 'C50', 1, 'many ' || i FROM generate_series(10001, 30000) AS i;
SET work_mem = '64kB';
SET temp_file_limit = '1kB';
CALL kiaim.refresh('release_out.materialized_view');
SELECT release_out.failed('release_out.materialized_view', :'SQLSTATE', '53400', :'LAST_ERROR_MESSAGE', 'failed', 'temporary file size exceeds%');
RESET work_mem;
RESET temp_file_limit;
DELETE FROM release_in.tumour WHERE tumour_id > 10000;

-- Inside a transaction block, a function, or a block with an exception handler, where nothing can be committed.
BEGIN;
CALL kiaim.refresh('release_out."table"');
\set state :SQLSTATE
ROLLBACK;
SELECT is(:'state'::text, '25001', 'not in a transaction block');
DO $$ BEGIN CALL kiaim.refresh('release_out."table"'); EXCEPTION WHEN undefined_table THEN NULL; END $$;
SELECT is(:'SQLSTATE'::text, '25001', 'not in a block with an exception handler');
\set ON_ERROR_STOP on
SELECT throws_ok($$CALL kiaim.refresh('release_out."table"')$$, '25001', 'kiaim.refresh cannot run inside a transaction block or a function', 'not in a function');
SELECT throws_ok($$CALL kiaim.refresh('release_out.nothing')$$, '25001', NULL, 'whatever the name');

-- It is no privilege of the first run: after all that, everything can be refreshed; also in a loop.
DO $$
DECLARE r text;
BEGIN
  FOR r IN SELECT release FROM kiaim.releases ORDER BY release LOOP
    CALL kiaim.refresh(r);
  END LOOP;
END $$;
SELECT is(last_run, 'published', release || ' can be refreshed again') FROM kiaim.releases ORDER BY release;
SELECT is((SELECT count(*) FROM release_out."table"), 420::bigint, 'with the new rows');
DROP TABLE release_out.before;
CREATE TABLE release_out.before AS TABLE release_out."table";

-- A session that ended before its refresh did.
INSERT INTO kiaim.release_log (release, pid) VALUES ('release_out."table"', 0);
CALL kiaim.refresh('release_out."table"');
SELECT results_eq($$SELECT state, finished IS NOT NULL, reason FROM kiaim.release_log WHERE release = 'release_out."table"' ORDER BY run DESC LIMIT 2$$,
                  $$VALUES ('published', true, NULL), ('abandoned', true, 'its session ended before it did')$$, 'an abandoned run is marked by the next one');

-- Something else under the name of the release.
\set ON_ERROR_STOP off
ALTER TABLE release_out."table" ADD COLUMN note text;
CALL kiaim.refresh('release_out."table"');
SELECT is(:'SQLSTATE'::text, '42P16', 'a table with other columns is not overwritten');
ALTER TABLE release_out."table" DROP COLUMN note;
ALTER TABLE release_out."table" RENAME TO kept;
CREATE VIEW release_out."table" AS SELECT 1;
CALL kiaim.refresh('release_out."table"');
SELECT is(:'SQLSTATE'::text, '42809', 'nor a relation of another kind');
SELECT kiaim.drop_release('release_out."table"');
SELECT is(:'SQLSTATE'::text, '42809', 'nor dropped');
DROP VIEW release_out."table";
ALTER TABLE release_out.kept RENAME TO "table";

-- A column of the source is gone; then the source.
DROP VIEW release_in.source CASCADE;
CREATE VIEW release_in.source AS SELECT patient_id, sex, age, icd10 FROM release_in.tumour;
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '42703', :'LAST_ERROR_MESSAGE', 'failed', '%survival_days%');
DROP VIEW release_in.source CASCADE;
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '42P01', :'LAST_ERROR_MESSAGE', 'failed', 'source release_in.source of release release_out."table" does not exist');
CALL kiaim.refresh('release_out.nothing');
SELECT is(:'SQLSTATE'::text, '42704', 'a release that does not exist');

-- A changed type of a column that is kept.
CREATE VIEW release_in.source AS SELECT patient_id, sex, age, icd10, survival_days::text AS survival_days FROM release_in.tumour;
CALL kiaim.refresh('release_out."table"');
SELECT release_out.failed('release_out."table"', :'SQLSTATE', '42P16', :'LAST_ERROR_MESSAGE', 'failed', 'the columns of release release_out."table" would change');
\set ON_ERROR_STOP on

SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relname ~ '^kiaim_(beside|old|index)'$$, 'no scaffolding is left');
SELECT * FROM finish();
SELECT kiaim.drop_release(release) FROM kiaim.releases;
DROP SCHEMA release_in, release_out CASCADE;
