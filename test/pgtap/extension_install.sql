-- Installing and dropping the extension: by an owner of a database who is no
-- superuser, in several databases, twice, and without a trace.
\set ON_ERROR_STOP off
\set QUIET on
SET client_min_messages = warning;
\set came_from :DBNAME

CREATE ROLE kiaim_steward LOGIN;
CREATE DATABASE kiaim_first OWNER kiaim_steward;
CREATE DATABASE kiaim_second OWNER kiaim_steward;

\connect kiaim_first kiaim_steward
SELECT count(*) AS before FROM (SELECT oid FROM pg_proc UNION ALL SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_type) AS o \gset
CREATE EXTENSION kiaim;
\set create_state :SQLSTATE
DO $$ BEGIN CREATE EXTENSION kiaim; EXCEPTION WHEN OTHERS THEN PERFORM set_config('test.again', SQLSTATE, false); END $$;
SELECT current_setting('test.again') AS again_state \gset
SELECT kiaim.generalize(23, 'bins(5, 10)', 1) AS interval \gset
SELECT kiaim.k_anonymity(x) AS k FROM (VALUES (1), (1), (2), (2)) AS v(x) \gset
INSERT INTO kiaim.named_hierarchy VALUES ('five_years', 'bins(5, 10)');
\set named_state :SQLSTATE
SELECT extowner::regrole AS owner FROM pg_extension WHERE extname = 'kiaim' \gset
CREATE TABLE depends (h kiaim.hierarchy);
DO $$ BEGIN DROP EXTENSION kiaim; EXCEPTION WHEN OTHERS THEN PERFORM set_config('test.depend', SQLSTATE, false); END $$;
SELECT current_setting('test.depend') AS depend_state \gset
DROP TABLE depends;
DROP EXTENSION kiaim;
\set drop_state :SQLSTATE
SELECT count(*) AS after FROM (SELECT oid FROM pg_proc UNION ALL SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_type) AS o \gset
CREATE EXTENSION kiaim;
\set recreate_state :SQLSTATE

\connect kiaim_second kiaim_steward
CREATE EXTENSION kiaim;
\set second_state :SQLSTATE
SELECT count(*) AS names FROM kiaim.named_hierarchy \gset

-- A schema that was there before: with functions that could be taken for ours, and empty, but of another owner.
\connect kiaim_first postgres
SET client_min_messages = warning;
DROP EXTENSION kiaim;
DROP SCHEMA kiaim;
CREATE ROLE kiaim_stranger;
GRANT CREATE ON DATABASE kiaim_first TO kiaim_stranger;
SET ROLE kiaim_stranger;
CREATE SCHEMA kiaim;
GRANT CREATE ON SCHEMA kiaim TO PUBLIC;
CREATE FUNCTION kiaim.release_policy_columns(jsonb, text) RETURNS text[] LANGUAGE sql AS 'SELECT NULL::text[]';
RESET ROLE;
CREATE EXTENSION kiaim;
\set trap_state :SQLSTATE
DROP FUNCTION kiaim.release_policy_columns;
CREATE EXTENSION kiaim;
\set empty_state :SQLSTATE
SET ROLE kiaim_stranger;
CREATE FUNCTION kiaim.release_policy_columns(jsonb, text) RETURNS text[] LANGUAGE sql AS 'SELECT NULL::text[]';
\set stranger_state :SQLSTATE
RESET ROLE;
SET ROLE kiaim_steward;
CREATE FUNCTION kiaim.release_policy_columns(jsonb, text) RETURNS text[] LANGUAGE sql AS 'SELECT NULL::text[]';
\set owner_state :SQLSTATE
RESET ROLE;

\connect :came_from postgres
SET client_min_messages = warning;
DROP DATABASE kiaim_first;
DROP ROLE kiaim_stranger;
DROP DATABASE kiaim_second;
DROP ROLE kiaim_steward;

BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT plan(14);
SELECT is(:'create_state'::text, '00000', 'the owner of a database, no superuser, creates the extension');
SELECT is(:'owner'::text, 'kiaim_steward', 'and owns it');
SELECT is(:'again_state'::text, '42710', 'a second time it exists already');
SELECT is(:'interval'::text, '[20,25)', 'its functions work for the owner');
SELECT is(:'k'::text, '2', 'its aggregates too');
SELECT is(:'named_state'::text, '00000', 'the owner names hierarchies');
SELECT is(:'depend_state'::text, '2BP01', 'a column of its type keeps it from being dropped');
SELECT is(:'drop_state'::text, '00000', 'it drops once nothing depends on it');
SELECT is(:'after'::text, :'before', 'dropping it leaves nothing behind');
SELECT is(:'recreate_state'::text, '00000', 'it can be created again');
SELECT is(:'trap_state'::text, '55000', 'a schema with somebody else''s functions is refused');
SELECT is(:'empty_state'::text, '00000', 'an empty schema of somebody else is taken over');
SELECT is(ARRAY[:'stranger_state', :'owner_state'], ARRAY['42501', '42501'], 'and nobody but a superuser creates functions beside ours');
SELECT is(ARRAY[:'second_state', :'names'], ARRAY['00000', '0'], 'another database gets an extension of its own');
SELECT * FROM finish();
ROLLBACK;
