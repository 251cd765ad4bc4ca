-- Models survive a dump and a restore, with owners and grants, and the binary protocol.
\set ON_ERROR_STOP off
\set QUIET on
SET client_min_messages = warning;
\set came_from :DBNAME
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;

CREATE DATABASE kiaim_dumped;
CREATE DATABASE kiaim_restored;
CREATE ROLE kiaim_model_owner;
CREATE ROLE kiaim_model_reader;
\connect kiaim_dumped
SET client_min_messages = warning;
CREATE EXTENSION kiaim;
CREATE SCHEMA "Register";
CREATE TYPE "Register".sex AS ENUM ('w', 'm', 'd');
CREATE TYPE "Register".grade AS ENUM ('G1', 'G2');
CREATE DOMAIN "Register".age AS int CHECK (VALUE BETWEEN 0 AND 120);
CREATE TABLE "Register".tumour AS
SELECT i / 2 AS patient_id, (ARRAY['w', 'm'])[1 + i / 2 % 2]::"Register".sex AS sex, (20 + i % 40)::"Register".age AS age,
       date '2020-01-01' + i % 700 AS diagnosis, 'Größe ' || i % 3 AS "Größe", (i % 100 / 10.0)::numeric(5,1) AS marker
FROM generate_series(1, 1000) AS i;
CREATE TABLE "Register".graded AS
SELECT (ARRAY['G1', 'G2'])[1 + i % 2]::"Register".grade AS grade FROM generate_series(1, 1000) AS i;
GRANT USAGE ON SCHEMA "Register" TO kiaim_model_owner, kiaim_model_reader;
GRANT SELECT ON "Register".tumour TO kiaim_model_owner;
SET ROLE kiaim_model_owner;
SELECT kiaim.fit(method, '"Register".tumour', jsonb_build_object('method', method, 'person', 'patient_id', 'seed', 1))
FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method \g /dev/null
SELECT kiaim.grant_model('forest', 'kiaim_model_reader') \g /dev/null
RESET ROLE;
SELECT kiaim.fit('of a type', '"Register".graded') \g /dev/null
DROP TABLE "Register".graded;
DROP TYPE "Register".grade;
CREATE VIEW "Register".synthetic AS SELECT * FROM kiaim.sample(NULL::"Register".tumour, 'sequential', 500, seed => 3);
CREATE TABLE models AS SELECT * FROM kiaim.fitted_model;
CREATE TABLE rows AS SELECT m.name, md5(string_agg(s::text, ' ' ORDER BY s::text)) AS digest
FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS m(name), kiaim.sample(NULL::"Register".tumour, m.name, 1000, seed => 7) AS s GROUP BY m.name;
CREATE TABLE binary_copy (LIKE models);
\copy models TO PROGRAM 'cat > /tmp/kiaim_models.bin' (FORMAT binary)
\copy binary_copy FROM PROGRAM 'cat /tmp/kiaim_models.bin; rm /tmp/kiaim_models.bin' (FORMAT binary)

\setenv PGOPTIONS '-c client_min_messages=warning'
\! pg_dump kiaim_dumped | psql -XqAt -v ON_ERROR_STOP=1 kiaim_restored >/dev/null
\connect kiaim_restored
SET client_min_messages = warning;
SELECT count(*) AS models FROM kiaim.models \gset
SELECT count(*) AS changed FROM kiaim.fitted_model AS f FULL JOIN models AS m USING (name) WHERE f::text IS DISTINCT FROM m::text \gset
SELECT count(*) AS changed_binary FROM kiaim.fitted_model AS f FULL JOIN binary_copy AS m USING (name) WHERE f::text IS DISTINCT FROM m::text \gset
SELECT count(*) AS differing FROM rows AS r, LATERAL
  (SELECT md5(string_agg(s::text, ' ' ORDER BY s::text)) AS digest FROM kiaim.sample(NULL::"Register".tumour, r.name, 1000, seed => 7) AS s) AS d
WHERE d.digest <> r.digest \gset
SELECT count(*) AS synthetic FROM "Register".synthetic \gset
SET ROLE kiaim_model_reader;
SELECT string_agg(name, ' ') AS readable, max(owner) AS owner FROM kiaim.models \gset
SELECT count(*) AS sampled FROM kiaim.sample(NULL::"Register".tumour, 'forest', 10) \gset
SET ROLE kiaim_model_owner;
SELECT string_agg(name, ' ' ORDER BY name) AS owned FROM kiaim.models \gset
RESET ROLE;
DO $$
BEGIN
	PERFORM count(*) FROM kiaim.sample(NULL::models, 'of a type', 10);
EXCEPTION WHEN OTHERS THEN
	PERFORM set_config('test.said', SQLSTATE || ' ' || SQLERRM, false);
END $$;
SELECT current_setting('test.said') AS no_type \gset

\connect :came_from
SET client_min_messages = warning;
DROP DATABASE kiaim_dumped;
DROP DATABASE kiaim_restored;
DROP ROLE kiaim_model_owner;
DROP ROLE kiaim_model_reader;

SELECT plan(9);
SELECT is(:'models'::text, '4', 'models are dumped with the database');
SELECT is(:'changed'::text, '0', 'nothing of them changes');
SELECT is(:'changed_binary'::text, '0', 'nor on a trip in binary form');
SELECT is(:'differing'::text, '0', 'each draws the same rows with the same seed');
SELECT is(:'synthetic'::text, '500', 'a view that samples is restored');
SELECT is(:'readable'::text || ' of ' || :'owner', 'forest of kiaim_model_owner', 'grants are restored');
SELECT is(:'sampled'::text, '10', 'and hold');
SELECT is(:'owned'::text, 'forest marginals sequential', 'owners as well');
SELECT is(:'no_type'::text, '42704 type "Register".grade does not exist', 'a model of a type that was dropped is restored, and says what is missing where it is used');
SELECT * FROM finish();
