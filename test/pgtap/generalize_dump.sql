-- Hierarchies survive a dump, a restore and the binary protocol: the named ones,
-- and those in a table of the user's.
\set ON_ERROR_STOP off
\set QUIET on
SET client_min_messages = warning;
\set came_from :DBNAME
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;

CREATE DATABASE kiaim_dumped;
CREATE DATABASE kiaim_restored;
\connect kiaim_dumped
SET client_min_messages = warning;
CREATE EXTENSION kiaim;
INSERT INTO kiaim.named_hierarchy VALUES
	('five years', 'bins(5, 10, from=2.5, below=15, above=85)'),
	('Größe "groß"', 'breaks(0, 150.5, 200; 0, 200)'),
	('places', '{"*": {"Eu\"rope": {"DE": ["Bonn", "Ulm\\"], "none": [""]}, "ü": {"x": ["😀"]}}}');
CREATE TABLE definition (id int PRIMARY KEY, hierarchy kiaim.hierarchy DEFAULT 'flat');
INSERT INTO definition VALUES
	(1, 'flat'), (2, 'BINS( 5,10 , above=85 )'), (3, 'breaks(2020-01-01; 2020-01-01)'), (4, 'calendar(day, month, 5 years)'),
	(5, 'prefix(3,2,1)'), (6, 'suffix(2)'), (7, 'icd10'), (8, '{"*": ["x", {"a": {"b": ["c"]}}]}'), (9, NULL);
INSERT INTO definition SELECT 10, kiaim.hierarchy_agg(i::text, (i / 10)::text) FROM generate_series(1, 5000) AS i;
CREATE TABLE person (age int, age_group text GENERATED ALWAYS AS (kiaim.generalize(age, 'bins(5)', 1)) STORED);
INSERT INTO person VALUES (23), (NULL);
CREATE INDEX person_age ON person (kiaim.generalize(age, 'bins(10)', 1));
CREATE VIEW labels AS SELECT kiaim.generalize(age, 'bins(10)', 1) AS label FROM person;
CREATE MATERIALIZED VIEW paths AS SELECT id, kiaim.path('c', hierarchy) AS path FROM definition;
CREATE TABLE digest AS SELECT md5(string_agg(id || coalesce(hierarchy::text, 'NULL'), '' ORDER BY id)) AS digest FROM definition;

-- the binary form, out and in again
CREATE TABLE binary_copy (LIKE definition);
\copy definition TO PROGRAM 'cat > /tmp/kiaim_definition.bin' (FORMAT binary)
\copy binary_copy FROM PROGRAM 'cat /tmp/kiaim_definition.bin; rm /tmp/kiaim_definition.bin' (FORMAT binary)

\setenv PGOPTIONS '-c client_min_messages=warning'
\! pg_dump kiaim_dumped | psql -XqAt -v ON_ERROR_STOP=1 kiaim_restored >/dev/null
\connect kiaim_restored
SET client_min_messages = warning;
SELECT string_agg(name || ': ' || hierarchy, E'\n' ORDER BY name COLLATE "C") AS named FROM kiaim.named_hierarchy \gset
SELECT (SELECT digest FROM digest) = md5(string_agg(id || coalesce(hierarchy::text, 'NULL'), '' ORDER BY id)) AS same FROM definition \gset
SELECT (SELECT digest FROM digest) = md5(string_agg(id || coalesce(hierarchy::text, 'NULL'), '' ORDER BY id)) AS same_binary FROM binary_copy \gset
SELECT string_agg(hierarchy::text, ' ' ORDER BY id) AS definitions FROM definition WHERE id < 10 \gset
SELECT string_agg(coalesce(label, 'NULL'), ' ') AS labels FROM labels \gset
SELECT string_agg(path::text, ' ' ORDER BY id) AS paths FROM paths WHERE id IN (1, 8) \gset
INSERT INTO definition VALUES (11);
SELECT hierarchy::text AS default_definition FROM definition WHERE id = 11 \gset
INSERT INTO kiaim.named_hierarchy VALUES ('another', 'flat');
SELECT count(*) AS names FROM kiaim.named_hierarchy \gset

\connect :came_from
SET client_min_messages = warning;
DROP DATABASE kiaim_dumped;
DROP DATABASE kiaim_restored;

SELECT plan(8);
SELECT is(:'named'::text, $$Größe "groß": breaks(0, 150.5, 200; 0, 200)
five years: bins(5, 10, from=2.5, below=15, above=85)
places: {"*": {"Eu\"rope": {"DE": ["Bonn", "Ulm\\"], "none": [""]}, "ü": {"x": ["😀"]}}}$$, 'named hierarchies are dumped with the database');
SELECT is(:'same'::text, 't', 'a column of hierarchies is the same after the restore');
SELECT is(:'same_binary'::text, 't', 'and after a trip in binary form');
SELECT is(:'definitions'::text, 'flat bins(5, 10, above=85) breaks(2020-01-01; 2020-01-01) calendar(day, month, 5 years) prefix(3, 2, 1) suffix(2) icd10 {"*": {"x": {"x": ["x"]}, "a": {"b": ["c"]}}}', 'definitions are canonical');
SELECT is(:'labels'::text, '[20,30) NULL', 'a view on generalize() is restored');
SELECT is(:'paths'::text, '{c,*} {c,b,a,*}', 'a materialized view as well');
SELECT is(:'default_definition'::text, 'flat', 'a default as well');
SELECT is(:'names'::text, '4', 'and names can be added');
SELECT * FROM finish();
