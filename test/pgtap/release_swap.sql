-- What survives a refresh: grants, comments, indexes and whatever depends on a release; and what a refresh refuses
-- for the sake of it. kiaim.refresh commits, so this file runs outside a transaction and cleans up after itself.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS release_in, release_out CASCADE;
DELETE FROM kiaim.release;
DELETE FROM kiaim.release_log;
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['release_reader', 'release_curious', 'release_middle'] LOOP
    IF to_regrole(r) IS NOT NULL THEN EXECUTE format('DROP OWNED BY %I CASCADE', r); EXECUTE format('DROP ROLE %I', r); END IF;
    EXECUTE format('CREATE ROLE %I', r);
  END LOOP;
END $$;
CREATE SCHEMA release_in;
CREATE SCHEMA release_out;
GRANT USAGE ON SCHEMA release_out TO PUBLIC;

CREATE TABLE release_in.tumour (id int, sex text, age int, survival_days int);
INSERT INTO release_in.tumour
SELECT i, CASE i % 2 WHEN 0 THEN 'f' ELSE 'm' END, 20 + i / 2 % 40, i % 97 FROM generate_series(1, 400) AS i;
\set policy '{"quasi": {"sex": "flat", "age": "bins(10)"}, "keep": ["survival_days"], "k": 5}'
SELECT kiaim.create_release('release_out.' || replace(kind, ' ', '_'), 'release_in.tumour', :'policy', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;

-- Privileges as fine as they come, and comments with quotes.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['release_out.view', 'release_out.materialized_view', 'release_out."table"'] LOOP
    EXECUTE format('GRANT SELECT ON %s TO release_reader', r);
    EXECUTE format('GRANT SELECT, REFERENCES ON %s TO release_middle WITH GRANT OPTION', r);
    EXECUTE format('GRANT SELECT (age, sex) ON %s TO release_curious', r);
    EXECUTE format('REVOKE INSERT, UPDATE, TRUNCATE ON %s FROM CURRENT_USER', r);
    EXECUTE format('COMMENT ON COLUMN %s.age IS %L', r, 'the patient''s "age"');
  END LOOP;
END $$;
SET ROLE release_middle;
GRANT SELECT ON release_out.materialized_view TO PUBLIC;
RESET ROLE;
COMMENT ON VIEW release_out.view IS 'it''s a view';
COMMENT ON MATERIALIZED VIEW release_out.materialized_view IS 'it''s a materialized view';
COMMENT ON TABLE release_out."table" IS 'it''s a table';
CREATE INDEX by_age ON release_out.materialized_view (age COLLATE "C" DESC NULLS LAST, lower(sex)) INCLUDE (survival_days) WHERE sex <> 'x';
CREATE INDEX "by ""sex"" USING" ON release_out.materialized_view USING hash (sex);
COMMENT ON INDEX release_out.by_age IS 'it''s an index';
GRANT INSERT, UPDATE, TRUNCATE ON release_out."table" TO CURRENT_USER;
-- What new relations of the schema give away by default must not come with a refresh.
ALTER DEFAULT PRIVILEGES IN SCHEMA release_out GRANT SELECT, UPDATE ON TABLES TO release_curious;

CREATE FUNCTION release_out.state_of(release text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(
    'grants', (SELECT jsonb_agg(jsonb_build_array(a.grantee::regrole, a.privilege_type, a.is_grantable) ORDER BY a.grantee::regrole::text, a.privilege_type)
               FROM aclexplode(c.relacl) AS a),
    'column grants', (SELECT jsonb_agg(jsonb_build_array(t.attname, a.grantee::regrole, a.privilege_type) ORDER BY t.attname, a.grantee)
                      FROM pg_attribute AS t, aclexplode(t.attacl) AS a WHERE t.attrelid = c.oid),
    'owner', c.relowner::regrole,
    'comments', (SELECT jsonb_agg(jsonb_build_array(objsubid, description) ORDER BY objsubid) FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = c.oid),
    'indexes', (SELECT jsonb_agg(jsonb_build_array(pg_get_indexdef(indexrelid), obj_description(indexrelid, 'pg_class')) ORDER BY pg_get_indexdef(indexrelid))
                FROM pg_index WHERE indrelid = c.oid),
    'columns', kiaim.release_columns(c.oid))
  FROM pg_class AS c WHERE c.oid = release::regclass
$$;
CREATE TABLE release_out.before AS SELECT r.release, r.query, r.release::regclass::oid AS oid, release_out.state_of(r.release) AS state FROM kiaim.releases AS r;

-- Another query, for outliers ask for coarser ages.
INSERT INTO release_in.tumour SELECT 2000 + i, 'f', 60 + i * 3, 3 FROM generate_series(0, 9) AS i;
CALL kiaim.refresh('release_out.view');
CALL kiaim.refresh('release_out.materialized_view');
CALL kiaim.refresh('release_out."table"');
SELECT isnt(r.query, b.query, r.release || ' has a new query') FROM kiaim.releases AS r JOIN release_out.before AS b USING (release) ORDER BY r.release;
SELECT is(release_out.state_of(b.release), b.state, b.release || ' keeps grants, owner, comments, indexes and columns') FROM release_out.before AS b ORDER BY b.release;
SELECT isnt(b.release::regclass::oid, b.oid, 'the materialized view is a new one') FROM release_out.before AS b WHERE b.release ~ 'mat';
SELECT is(jsonb_array_length(release_out.state_of('release_out.materialized_view') -> 'indexes'), 2, 'with two indexes');
SELECT ok(has_table_privilege('release_reader', 'release_out.materialized_view', 'SELECT'), 'its reader may read it');
SELECT ok(NOT has_table_privilege('release_curious', 'release_out.materialized_view', 'UPDATE'), 'a default privilege gives no more than before');
ALTER DEFAULT PRIVILEGES IN SCHEMA release_out REVOKE ALL ON TABLES FROM release_curious;

-- Views over releases. The one over a materialized view holds it: fine while the query stays, an error if not.
CREATE VIEW release_out.over_view AS SELECT sex, count(*) AS n FROM release_out.view GROUP BY sex;
CREATE VIEW release_out.over_matview AS SELECT sex, count(*) AS n FROM release_out.materialized_view GROUP BY sex;
CREATE VIEW release_out.over_table AS SELECT sex, count(*) AS n FROM release_out."table" GROUP BY sex;
INSERT INTO release_in.tumour SELECT 3000 + i, 'm', 30, 3 FROM generate_series(1, 7) AS i;
CALL kiaim.refresh('release_out.view');
CALL kiaim.refresh('release_out.materialized_view');
CALL kiaim.refresh('release_out."table"');
SELECT is((SELECT sum(n) FROM release_out.over_view), 417::numeric, 'what depends on a view sees new rows');
SELECT is((SELECT sum(n) FROM release_out.over_matview), 417::numeric, 'what depends on a materialized view, too');
SELECT is((SELECT sum(n) FROM release_out.over_table), 417::numeric, 'what depends on a table, too');

DELETE FROM release_in.tumour WHERE id BETWEEN 2000 AND 2999;
CALL kiaim.refresh('release_out.view');
CALL kiaim.refresh('release_out."table"');
SELECT is((SELECT sum(n) FROM release_out.over_view), 407::numeric, 'another query is no matter for what depends on a view');
SELECT is((SELECT sum(n) FROM release_out.over_table), 407::numeric, 'nor on a table');
\set ON_ERROR_STOP off
CALL kiaim.refresh('release_out.materialized_view');
SELECT is(:'SQLSTATE'::text, '2BP01', 'a materialized view cannot get another query while a view depends on it');
\set ON_ERROR_STOP on
SELECT is((SELECT sum(n) FROM release_out.over_matview), 417::numeric, 'it stays as it was');
SELECT results_eq($$SELECT state, hint ~ 'make the release a table' FROM kiaim.release_log WHERE release = 'release_out.materialized_view' ORDER BY run DESC LIMIT 1$$,
                  $$VALUES ('failed', true)$$, 'and the log says what to do');
DROP VIEW release_out.over_matview;
CREATE FUNCTION release_out.of_its_type() RETURNS SETOF release_out.materialized_view LANGUAGE sql AS 'SELECT * FROM release_out.materialized_view';
\set ON_ERROR_STOP off
CALL kiaim.refresh('release_out.materialized_view');
SELECT is(:'SQLSTATE'::text, '2BP01', 'nor while a function returns its type');
\set ON_ERROR_STOP on
DROP FUNCTION release_out.of_its_type();
CALL kiaim.refresh('release_out.materialized_view');
SELECT is((SELECT count(*) FROM release_out.materialized_view), 407::bigint, 'without them it can');

-- What depends on a release keeps it from being dropped, too.
SELECT throws_ok($$SELECT kiaim.drop_release('release_out."table"')$$, '2BP01', NULL, 'a release that others depend on is not dropped');
SELECT ok(EXISTS (SELECT FROM kiaim.releases WHERE release = 'release_out."table"'), 'and stays a release');

SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relname ~ '^kiaim_(beside|old|index)'$$, 'no scaffolding is left');
SELECT * FROM finish();
DROP VIEW release_out.over_view, release_out.over_table;
SELECT kiaim.drop_release(release) FROM kiaim.releases;
DROP SCHEMA release_in, release_out CASCADE;
DROP OWNED BY release_reader, release_curious, release_middle;
DROP ROLE release_reader, release_curious, release_middle;
