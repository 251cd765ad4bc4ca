-- Releases of every kind: what is published, what a refresh brings, what drop_release leaves.
-- kiaim.refresh commits, so this file runs outside a transaction and cleans up after itself.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS release_in, release_out, "Veröffentlicht" CASCADE;
DELETE FROM kiaim.release;
DELETE FROM kiaim.release_log;
CREATE SCHEMA release_in;
CREATE SCHEMA release_out;
CREATE SCHEMA "Veröffentlicht";

-- Two tumours a person; 2 sexes x 40 ages x 5 rows, and one row that is alone in its age.
CREATE TABLE release_in.tumour (
  tumour_id int PRIMARY KEY, patient_id int, sex text, age int, icd10 text, survival_days int, surname text);
INSERT INTO release_in.tumour
SELECT i, i / 2, CASE i % 2 WHEN 0 THEN 'f' ELSE 'm' END, 20 + i / 2 % 40, 'C' || 50 + i % 3, i % 97, 'name ' || i
FROM generate_series(1, 400) AS i;
INSERT INTO release_in.tumour VALUES (401, 201, 'f', 95, 'C50', 12, 'name 401');

\set policy '{"quasi": {"sex": "flat", "age": "bins(10)"}, "keep": ["survival_days"], "k": 5, "suppression": 0.01}'

-- The slow and obvious oracle: the smallest class of a stored release.
CREATE FUNCTION release_out.smallest(release text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE smallest bigint;
BEGIN
  EXECUTE format('SELECT min(n) FROM (SELECT count(*) AS n FROM %s GROUP BY sex, age) AS class', release) INTO smallest;
  RETURN smallest;
END $$;

SELECT kiaim.create_release('release_out.as_view', 'release_in.tumour', :'policy', 'view');
SELECT kiaim.create_release('release_out.as_matview', 'release_in.tumour', :'policy');
SELECT kiaim.create_release('release_out.as_table', source => 'release_in.tumour', policy => :'policy', kind => 'table');

SELECT has_view('release_out', 'as_view', 'a view is published');
SELECT has_materialized_view('release_out', 'as_matview', 'a materialized view is the default');
SELECT has_table('release_out', 'as_table', 'a table is published');
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'release_out.as_view'::regclass), '{security_barrier=true}',
          'a live view is a security barrier');

SELECT is(kiaim.release_columns(r::regclass), ARRAY['sex text', 'age text', 'survival_days integer'],
          r || ' has the columns that the policy names, no other one')
FROM unnest(ARRAY['release_out.as_view', 'release_out.as_matview', 'release_out.as_table']) AS r;
SELECT cmp_ok(release_out.smallest(r), '>=', 5::bigint, r || ' keeps k')
FROM unnest(ARRAY['release_out.as_view', 'release_out.as_matview', 'release_out.as_table']) AS r;

SELECT results_eq(
  $$SELECT release, kind, source, owner, rows, suppressed, k, last_run FROM kiaim.releases ORDER BY release$$,
  $$SELECT 'release_out.as_' || s, k, 'release_in.tumour', current_user::name,
           (SELECT count(*) FROM release_out.as_table), 401 - (SELECT count(*) FROM release_out.as_table),
           release_out.smallest('release_out.as_table'), 'published'
    FROM (VALUES ('matview', 'materialized view'), ('table', 'table'), ('view', 'view')) AS v(s, k)$$,
  'kiaim.releases has the figures of what is stored');
SELECT is((SELECT count(DISTINCT query) FROM kiaim.releases), 1::bigint, 'every kind is made from the same text');
SELECT query AS released_query FROM kiaim.releases LIMIT 1 \gset
SELECT bag_eq('SELECT * FROM release_out.as_table', :'released_query', 'the table has the rows of that text');
SELECT bag_eq('SELECT * FROM release_out.as_matview', :'released_query', 'and so has the materialized view');
SELECT results_eq(
  $$SELECT state, source_rows, rows + suppressed, measured, sqlstate FROM kiaim.release_log WHERE release = 'release_out.as_table'$$,
  format($$VALUES ('published', 401::bigint, 401::bigint, '{"k": %s}'::jsonb, NULL::text)$$, release_out.smallest('release_out.as_table')),
  'the log has what was measured');

-- A live view keeps k at every read: a class that falls below it disappears as a whole.
SELECT rows AS rows_before FROM kiaim.releases WHERE kind = 'table' \gset
BEGIN;
DELETE FROM release_in.tumour WHERE tumour_id = 1;
SELECT is((SELECT count(*) FROM release_out.as_view), (:rows_before - 5)::bigint, 'a live view leaves out a class that falls below k');
SELECT cmp_ok(release_out.smallest('release_out.as_view'), '>=', 5::bigint, 'and so keeps it');
ROLLBACK;

-- New rows: the view shows them at once, the others after a refresh.
INSERT INTO release_in.tumour SELECT 1000 + i, 1000 + i, 'm', 30, 'C50', 3, 'new' FROM generate_series(1, 10) AS i;
SELECT is((SELECT count(*) FROM release_out.as_view), (:rows_before + 10)::bigint, 'a live view shows new rows at once');
SELECT is((SELECT count(*) FROM release_out.as_table), :rows_before::bigint, 'a table does not');
CALL kiaim.refresh('release_out.as_view');
CALL kiaim.refresh('release_out.as_matview');
CALL kiaim.refresh('release_out.as_table');
SELECT results_eq('SELECT rows FROM kiaim.releases', format('SELECT %s::bigint FROM generate_series(1, 3)', :rows_before + 10),
                  'a refresh publishes new rows');
SELECT is((SELECT count(*) FROM release_out.as_matview), (:rows_before + 10)::bigint, 'in the materialized view');
SELECT is((SELECT count(*) FROM release_out.as_table), (:rows_before + 10)::bigint, 'in the table');

-- Rows that need coarser ages: another query, the same columns.
INSERT INTO release_in.tumour SELECT 2000 + i, 2000 + i, 'f', 60 + i * 3, 'C50', 3, 'old' FROM generate_series(0, 9) AS i;
CALL kiaim.refresh('release_out.as_view');
CALL kiaim.refresh('release_out.as_matview');
CALL kiaim.refresh('release_out.as_table');
SELECT isnt(query, :'released_query', release || ' has a new query') FROM kiaim.releases ORDER BY release;
SELECT is(count(DISTINCT query), 1::bigint, 'the same for all') FROM kiaim.releases;
SELECT query AS released_query FROM kiaim.releases LIMIT 1 \gset
SELECT bag_eq('SELECT * FROM ' || release, :'released_query', release || ' shows it') FROM kiaim.releases ORDER BY release;
SELECT cmp_ok(release_out.smallest(release), '>=', 5::bigint, release || ' still keeps k') FROM kiaim.releases ORDER BY release;

-- Suppressed rows that stay as stars are no class.
SELECT kiaim.create_release('release_out.stars', 'release_in.tumour',
  '{"quasi": {"sex": {"hierarchy": "flat", "max": 0}, "age": {"hierarchy": "bins(10)", "max": 1}}, "keep": ["survival_days"],
    "k": 20, "suppression": 0.05, "suppressed_rows": "star"}', 'table');
SELECT is(rows, (SELECT count(*) FROM release_in.tumour), 'with stars every row stays') FROM kiaim.releases WHERE release = 'release_out.stars';
SELECT is((SELECT count(*) FROM release_out.stars WHERE sex = '*' AND age = '*'), suppressed, 'the suppressed ones as stars')
FROM kiaim.releases WHERE release = 'release_out.stars';
SELECT is((SELECT min(n) FROM (SELECT count(*) AS n FROM release_out.stars WHERE sex <> '*' GROUP BY sex, age) AS class), k,
          'k is that of the other rows') FROM kiaim.releases WHERE release = 'release_out.stars';
CALL kiaim.refresh('release_out.stars');
SELECT is((SELECT last_run FROM kiaim.releases WHERE release = 'release_out.stars'), 'published', 'and they refresh');

-- A person column is never released, and k counts persons.
SELECT kiaim.create_release('release_out.persons_' || left(kind, 1), 'release_in.tumour',
  '{"person": "patient_id", "quasi": {"sex": "flat", "age": "bins(10)"}, "sensitive": {"icd10": {"l": 2}}, "k": 8, "suppression": 0.05}', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
SELECT is(kiaim.release_columns(kiaim.release_relation('release_out.persons_' || k)), ARRAY['sex text', 'age text', 'icd10 text'],
          'the person column is not released') FROM unnest(ARRAY['v', 'm', 't']) AS k;
CALL kiaim.refresh('release_out.persons_v');
CALL kiaim.refresh('release_out.persons_m');
CALL kiaim.refresh('release_out.persons_t');
SELECT kiaim.plan_query(source::regclass, policy, levels, true) AS persons_query FROM kiaim.releases WHERE release = 'release_out.persons_t' \gset
SELECT results_eq('SELECT min(n) FROM (SELECT count(DISTINCT kiaim_person) AS n FROM (' || :'persons_query' || ') AS p GROUP BY sex, age) AS class',
                  $$SELECT k FROM kiaim.releases WHERE release = 'release_out.persons_t'$$, 'k is counted in persons');
SELECT cmp_ok(k, '>=', 8::bigint, release || ' keeps k in persons') FROM kiaim.releases WHERE release LIKE '%persons%' ORDER BY release;
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(DISTINCT icd10) AS n FROM release_out.persons_m GROUP BY sex, age) AS class), '>=', 2::bigint,
              'and l holds in what is stored');
SELECT is(measured ->> 'l of icd10', (SELECT min(n)::text FROM (SELECT count(DISTINCT icd10) AS n FROM release_out.persons_m GROUP BY sex, age) AS class),
          'l is in the log as measured')
FROM kiaim.release_log WHERE release = 'release_out.persons_m' ORDER BY run DESC LIMIT 1;

-- Every requirement that can be planned is measured on what is stored, records or persons.
SELECT kiaim.create_release('release_out.diverse_' || n, 'release_in.tumour', policy || p)
FROM (VALUES ('records', '{}'::jsonb), ('persons', '{"person": "patient_id"}')) AS v(n, p),
  (SELECT '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 8, "suppression": 0.05,
            "sensitive": {"icd10": {"l": 2, "entropy_l": 1.5, "recursive": {"c": 3, "l": 2}}}}'::jsonb AS policy) AS x;
SELECT is((SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(measured) AS key),
          ARRAY['entropy_l of icd10', 'k', 'l of icd10', 'recursive (c,2) of icd10'], release || ' was measured by every requirement')
FROM kiaim.release_log WHERE release ~ 'diverse' ORDER BY run;
SELECT is((measured ->> 'entropy_l of icd10')::float8,
          (SELECT kiaim.entropy_l_diversity(icd10, sex, age) FROM release_out.diverse_records), 'as the aggregates measure it')
FROM kiaim.release_log WHERE release ~ 'diverse_records';
CALL kiaim.refresh('release_out.diverse_persons');
SELECT is((SELECT last_run FROM kiaim.releases WHERE release = 'release_out.diverse_persons'), 'published', 'and measured again at a refresh');

-- Names that need quotes, in every place.
CREATE TABLE "Veröffentlicht"."Größe ""x""" ("Geschlecht" text, "Körper größe" int, "select" int);
INSERT INTO "Veröffentlicht"."Größe ""x""" SELECT CASE i % 2 WHEN 0 THEN 'w' ELSE 'm' END, 150 + i % 50, i % 7 FROM generate_series(1, 1000) AS i;
SELECT kiaim.create_release('"Veröffentlicht"."Maß %s ' || kind || '"', '"Veröffentlicht"."Größe ""x"""',
  '{"quasi": {"Geschlecht": "flat", "Körper größe": "bins(10)"}, "keep": ["select"], "k": 10}', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
CREATE INDEX "Index ON ""x"" USING y" ON "Veröffentlicht"."Maß %s materialized view" ("Körper größe");
CALL kiaim.refresh('"Veröffentlicht"."Maß %s view"');
CALL kiaim.refresh('"Veröffentlicht"."Maß %s materialized view"');
CALL kiaim.refresh('"Veröffentlicht"."Maß %s table"');
SELECT is(count(*), 1000::bigint, 'quoted and German names are released') FROM "Veröffentlicht"."Maß %s materialized view";
SELECT has_index('Veröffentlicht', 'Maß %s materialized view', 'Index ON "x" USING y', ARRAY['"Körper größe"'], 'and indexed');
SELECT is((SELECT count(*) FROM kiaim.releases WHERE release LIKE '"Veröffentlicht"."Maß \%s %' AND last_run = 'published'), 3::bigint, 'and refreshed');

-- A name without a schema: created in the first schema of the path, found along it.
SET search_path = release_out, public;
SELECT kiaim.create_release('short', 'release_in.tumour', :'policy', 'table');
CALL kiaim.refresh('short');
SELECT is((SELECT count(*) FROM kiaim.release_log WHERE release = 'release_out.short' AND state = 'published'), 2::bigint, 'the path finds a release');
SELECT kiaim.drop_release('short');
RESET search_path;

-- An empty table.
CREATE TABLE release_in.nobody (LIKE release_in.tumour);
SELECT kiaim.create_release('release_out.nobody', 'release_in.nobody', :'policy');
CALL kiaim.refresh('release_out.nobody');
SELECT results_eq($$SELECT rows, suppressed, k FROM kiaim.releases WHERE release = 'release_out.nobody'$$,
                  'VALUES (0::bigint, 0::bigint, NULL::bigint)', 'an empty source gives an empty release');

-- A new column of the source is not released.
ALTER TABLE release_in.tumour ADD COLUMN email text;
CALL kiaim.refresh('release_out.as_table');
CALL kiaim.refresh('release_out.as_matview');
SELECT is(kiaim.release_columns('release_out.as_matview'::regclass), ARRAY['sex text', 'age text', 'survival_days integer'],
          'a new column of the source is not released');

-- A release whose relation was dropped by hand is made anew.
DROP TABLE release_out.as_table;
CALL kiaim.refresh('release_out.as_table');
SELECT has_table('release_out', 'as_table', 'a lost relation is made anew');

-- drop_release takes the relation, and leaves the log.
SELECT kiaim.drop_release(release) FROM kiaim.releases WHERE release ~ 'as_';
SELECT hasnt_view('release_out', 'as_view', 'the view is gone');
SELECT hasnt_materialized_view('release_out', 'as_matview', 'the materialized view is gone');
SELECT hasnt_table('release_out', 'as_table', 'the table is gone');
SELECT is((SELECT count(*) FROM kiaim.releases WHERE release ~ 'as_'), 0::bigint, 'they are no releases any more');
SELECT is((SELECT state FROM kiaim.release_log WHERE release = 'release_out.as_table' ORDER BY run DESC LIMIT 1), 'dropped', 'the log says so');

-- Nothing is left behind beside a release.
SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relname ~ '^kiaim_(beside|old|index)'$$, 'no scaffolding is left');

SELECT * FROM finish();
SELECT kiaim.drop_release(release) FROM kiaim.releases;
DROP SCHEMA release_in, release_out, "Veröffentlicht" CASCADE;
