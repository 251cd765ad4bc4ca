-- A source that was renamed and made anew under its old name, as loading jobs do it: the text of the query is the
-- same, but what was made from it before reads the old rows. A refresh publishes the new ones, or fails.
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
CREATE TABLE release_in.tumour AS SELECT i % 2 AS sex, 20 + i % 40 AS age, 'old' AS loaded, 'x' AS spare FROM generate_series(1, 400) AS i;
SELECT kiaim.create_release('release_out.' || left(kind, 1), 'release_in.tumour',
  '{"quasi": {"sex": "flat", "age": "bins(10)"}, "keep": ["loaded"], "k": 5}', kind) FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
SELECT kiaim.create_release('release_out.depended', 'release_in.tumour', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "keep": ["loaded"], "k": 5}');
CREATE VIEW release_out.dependent AS SELECT * FROM release_out.depended;
ALTER TABLE release_in.tumour RENAME TO tumour_old;
CREATE TABLE release_in.tumour AS SELECT sex, age, 'new' AS loaded, spare FROM release_in.tumour_old;
CALL kiaim.refresh('release_out.v');
CALL kiaim.refresh('release_out.m');
CALL kiaim.refresh('release_out.t');
SELECT is((SELECT string_agg(DISTINCT loaded, ',') FROM release_out.v), 'new', 'a view reads the new source');
SELECT is((SELECT string_agg(DISTINCT loaded, ',') FROM release_out.m), 'new', 'a materialized view too');
SELECT is((SELECT string_agg(DISTINCT loaded, ',') FROM release_out.t), 'new', 'and a table');
\set ON_ERROR_STOP off
CALL kiaim.refresh('release_out.depended');
\set state :SQLSTATE
\set ON_ERROR_STOP on
SELECT is(:'state'::text, '2BP01', 'a materialized view with dependents is not filled with old rows again');
SELECT is((SELECT last_run FROM kiaim.releases WHERE release = 'release_out.depended'), 'failed', 'and the log does not say that it was');

-- Columns that change their names do the same.
ALTER TABLE release_in.tumour RENAME loaded TO was_loaded;
ALTER TABLE release_in.tumour RENAME spare TO loaded;
CALL kiaim.refresh('release_out.v');
SELECT is((SELECT string_agg(DISTINCT loaded, ',') FROM release_out.v), 'x', 'a view reads the column of today''s name');

-- Nor does a definition changed by hand survive, for it is not what was verified.
CREATE OR REPLACE VIEW release_out.v AS SELECT sex::text AS sex, age::text AS age, loaded FROM release_in.tumour;
CALL kiaim.refresh('release_out.v');
SELECT is((SELECT count(DISTINCT age) FROM release_out.v), (SELECT count(DISTINCT age) FROM release_out.t), 'a view is what was verified');
ALTER VIEW release_out.v RESET (security_barrier);
CALL kiaim.refresh('release_out.v');
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'release_out.v'::regclass), '{security_barrier=true}', 'and a security barrier again');

SELECT is(kiaim.release_loggable('22023', 'k age', m, NULL, NULL)::text, want, 'a value with quotes in it is hidden: ' || m)
FROM (VALUES ('column "age" is "sec"ret"', '("column ""age"" is ""…""",,)'),
             ('column "age" is "se"c"ret"', '("column ""age"" is ""…""",,)'),
             ('value "age"k" now', '("value ""…"" now",,)'),
             ('column "age" is not "k"', '("column ""age"" is not ""k""",,)')) AS v (m, want);
SELECT * FROM finish();
DROP SCHEMA release_in, release_out CASCADE;
DELETE FROM kiaim.release;
DELETE FROM kiaim.release_log;
