-- Who may do what: everything happens with the privileges of the caller, row-level security included.
-- kiaim.refresh commits, so this file runs outside a transaction and cleans up after itself.
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
  FOREACH r IN ARRAY ARRAY['release_north', 'release_south', 'release_reader', 'release_stewards', 'release_heir'] LOOP
    IF to_regrole(r) IS NOT NULL THEN EXECUTE format('DROP OWNED BY %I CASCADE', r); EXECUTE format('DROP ROLE %I', r); END IF;
    EXECUTE format('CREATE ROLE %I', r);
  END LOOP;
END $$;
CREATE SCHEMA release_in;
CREATE SCHEMA release_out;
GRANT USAGE ON SCHEMA release_in TO release_north, release_south;
GRANT USAGE ON SCHEMA release_out TO PUBLIC;
GRANT CREATE ON SCHEMA release_out TO release_north, release_south, release_stewards;

-- Two registries in one table; each steward may read the rows of his own.
CREATE TABLE release_in.tumour (registry text, patient_id int, sex text, age int, survival_days int);
INSERT INTO release_in.tumour
SELECT CASE WHEN i <= 300 THEN 'north' ELSE 'south' END, i, CASE i % 2 WHEN 0 THEN 'f' ELSE 'm' END, 20 + i % 40, i % 97
FROM generate_series(1, 400) AS i;
ALTER TABLE release_in.tumour ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON release_in.tumour USING ('release_' || registry = current_user);
GRANT SELECT ON release_in.tumour TO release_north, release_south;
CREATE TABLE release_in.secret (sex text, age int);
\set policy '{"quasi": {"sex": "flat", "age": "bins(10)"}, "keep": ["survival_days"], "k": 5, "suppression": 0.1}'

-- A steward who may read through row-level security only.
SET ROLE release_north;
SELECT kiaim.create_release('release_out.north_' || left(kind, 1), 'release_in.tumour', :'policy', kind)
FROM unnest(ARRAY['view', 'materialized view', 'table']) AS kind;
CALL kiaim.refresh('release_out.north_v');
CALL kiaim.refresh('release_out.north_m');
CALL kiaim.refresh('release_out.north_t');
GRANT SELECT ON release_out.north_m, release_out.north_t TO release_reader;
RESET ROLE;
SELECT is(source_rows, 300::bigint, release || ' was made from the rows that its steward may read') FROM kiaim.release_log WHERE state = 'published' ORDER BY run;
SELECT is((SELECT count(*) FROM kiaim.release_log WHERE state = 'published'), 6::bigint, 'three releases, each twice');
SELECT is((SELECT rows + suppressed FROM kiaim.releases WHERE release = 'release_out.north_m'), 300::bigint, 'no row of the other registry');
SELECT is((SELECT count(*) FROM release_out.north_t), (SELECT rows FROM kiaim.releases WHERE release = 'release_out.north_t'), 'neither in the table');
SET ROLE release_reader;
SELECT count(*) AS seen FROM release_out.north_m \gset
RESET ROLE;
SELECT is(:seen::bigint, (SELECT rows FROM kiaim.releases WHERE release = 'release_out.north_m'), 'a reader needs no privilege on the source');

-- A live view evaluates current_user of a row-level security policy for its reader; k holds all the same.
GRANT SELECT ON release_out.north_v TO release_south, release_reader;
INSERT INTO release_in.tumour SELECT 'south', 5000 + i, 'm', 31, 1 FROM generate_series(1, 20) AS i;
SET ROLE release_south;
SELECT min(n) AS smallest, sum(n) AS of_south FROM (SELECT count(*) AS n FROM release_out.north_v GROUP BY sex, age) AS class \gset
SET ROLE release_reader;
SELECT count(*) AS of_nobody FROM release_out.north_v \gset
RESET ROLE;
SELECT is(:of_south::bigint, (SELECT count(*) FROM release_in.tumour WHERE registry = 'south' AND sex = 'm' AND age = 31),
          'a live view shows a reader the rows that a policy shows him, classes of at least k only');
SELECT cmp_ok(:smallest::bigint, '>=', 5::bigint, 'and so keeps k');
SELECT is(:of_nobody::bigint, 0::bigint, 'and shows nothing where the policy shows nothing');
REVOKE SELECT ON release_out.north_v FROM release_south, release_reader;
DELETE FROM release_in.tumour WHERE patient_id > 5000;

-- The superuser reads more rows, so he may not refresh it as himself.
\set ON_ERROR_STOP off
CALL kiaim.refresh('release_out.north_m');
SELECT is(:'SQLSTATE'::text, '42501', 'a superuser must become the owner');

-- Others neither see nor touch it.
SET ROLE release_south;
CALL kiaim.refresh('release_out.north_m');
\set refreshed :SQLSTATE
SELECT kiaim.drop_release('release_out.north_m');
\set dropped :SQLSTATE
SELECT count(*) AS releases FROM kiaim.releases \gset
SELECT count(*) AS runs FROM kiaim.release_log \gset
SELECT count(*) AS definitions FROM kiaim.release \gset
UPDATE kiaim.release SET policy = '{}';
DELETE FROM kiaim.release;
INSERT INTO kiaim.release (release, source, policy, kind) VALUES ('release_out.claimed', 'x', '{}', 'table');
\set claimed :SQLSTATE
INSERT INTO kiaim.release (release, source, policy, kind, owner) VALUES ('release_out.north_x', 'x', '{}', 'table', 'release_north');
\set claimed_for :SQLSTATE
INSERT INTO kiaim.release_log (release, owner) VALUES ('release_out.north_m', 'release_north');
\set logged_for :SQLSTATE
SELECT kiaim.create_release('release_out.south', 'release_in.secret', '{"quasi": {"sex": "flat"}, "k": 5}');
\set unreadable :SQLSTATE
SELECT kiaim.create_release('release_in.south', 'release_in.tumour', '{"quasi": {"sex": "flat"}, "k": 5}');
\set uncreatable :SQLSTATE
RESET ROLE;
SELECT is(:'refreshed'::text, '42704', 'a stranger cannot refresh a release');
SELECT is(:'dropped'::text, '42704', 'nor drop it');
SELECT is(:releases + :runs + :definitions, 0, 'nor see it or its log');
SELECT is((SELECT count(*) FROM kiaim.releases WHERE policy <> '{}'), 3::bigint, 'nor change or delete its definition');
SELECT is(:'claimed'::text, '42501', 'nobody claims a name without owning the relation');
SELECT is(:'claimed_for'::text, '42501', 'nor for somebody else');
SELECT is(:'logged_for'::text, '42501', 'nor writes a log for somebody else');
SELECT is(:'unreadable'::text, '42501', 'a source that the caller may not read is refused');
SELECT is(:'uncreatable'::text, '42501', 'a schema where the caller may not create is refused');
SELECT is((SELECT count(*) FROM kiaim.release), 3::bigint, 'and nothing is left of it');

-- Nobody makes up the figures of somebody else's release, nor takes the number of a run to come.
SET ROLE release_south;
INSERT INTO kiaim.release_log (release) VALUES ('release_out.north_m');
UPDATE kiaim.release_log SET state = 'published', k = 1000, rows = 7, finished = now() WHERE release = 'release_out.north_m';
\set lied :ROW_COUNT
INSERT INTO kiaim.release_log (run, release) OVERRIDING SYSTEM VALUE VALUES (1000000, 'x');
\set numbered :SQLSTATE
INSERT INTO kiaim.release_log (release, started) VALUES ('x', 'infinity');
\set dated :SQLSTATE
RESET ROLE;
SELECT is(:lied, 1, 'anybody may write lines of his own into the log');
SELECT is(ARRAY(SELECT last_run || ' ' || (k >= 5 AND k < 300) FROM kiaim.releases WHERE release = 'release_out.north_m'),
          ARRAY['published true'], 'but they are no figures of a release that is not his');
SELECT is(ARRAY[:'numbered', :'dated'], ARRAY['42501', '42501'], 'nor may he choose the number or the time of a run');
DELETE FROM kiaim.release_log WHERE owner = 'release_south';

-- The log of a run that is over cannot be changed, the history not deleted.
SET ROLE release_north;
UPDATE kiaim.release_log SET k = 1000;
\set changed :ROW_COUNT
DELETE FROM kiaim.release_log;
\set deleted :SQLSTATE
RESET ROLE;
SELECT is(:changed, 0, 'a finished run cannot be changed');
SELECT is(:'deleted'::text, '42501', 'nor deleted');

-- A privilege that went: the release stays, the log tells.
REVOKE SELECT ON release_in.tumour FROM release_north;
SET ROLE release_north;
CALL kiaim.refresh('release_out.north_t');
\set state :SQLSTATE
SELECT count(*) AS still FROM release_out.north_t \gset
SELECT state AS logged, reason FROM kiaim.release_log ORDER BY run DESC LIMIT 1 \gset
RESET ROLE;
SELECT is(:'state'::text, '42501', 'a refresh without the privilege to read fails');
SELECT is(:still::bigint, :seen::bigint, 'the release stays');
SELECT is(:'logged'::text, 'failed', 'the log has it');
SELECT alike(:'reason'::text, 'permission denied for %', 'and its reason');
GRANT SELECT ON release_in.tumour TO release_north;
\set ON_ERROR_STOP on

-- A release follows the owner of its relation.
REASSIGN OWNED BY release_north TO release_heir;
GRANT USAGE ON SCHEMA release_in TO release_heir;
GRANT CREATE ON SCHEMA release_out TO release_heir;
GRANT SELECT ON release_in.tumour TO release_heir;
CREATE POLICY heir ON release_in.tumour TO release_heir USING (registry = 'north');
SET ROLE release_heir;
CALL kiaim.refresh('release_out.north_m');
SELECT count(*) AS rows FROM release_out.north_m \gset
SELECT string_agg(DISTINCT owner, ',') AS owner FROM kiaim.releases \gset
RESET ROLE;
SELECT is(:rows::bigint, :seen::bigint, 'the heir of a release can refresh it');
SELECT is(:'owner'::text, 'release_heir', 'and is its owner');
SELECT ok(has_table_privilege('release_reader', 'release_out.north_m', 'SELECT'), 'its readers stay');

-- A release of a group: a member sees it, and refreshes it as the group.
GRANT release_stewards TO release_south;
GRANT USAGE ON SCHEMA release_in TO release_stewards;
CREATE POLICY stewards ON release_in.tumour TO release_stewards USING (true);
GRANT SELECT ON release_in.tumour TO release_stewards;
SET ROLE release_stewards;
SELECT kiaim.create_release('release_out.all', 'release_in.tumour', :'policy', 'table');
SET ROLE release_south;
SELECT count(*) AS seen FROM kiaim.releases \gset
\set ON_ERROR_STOP off
CALL kiaim.refresh('release_out.all');
\set state :SQLSTATE
\set ON_ERROR_STOP on
RESET ROLE;
SELECT is(:seen, 1, 'a member of a group sees its releases');
SELECT is(:'state'::text, '42501', 'but refreshes them as the group only');
SET ROLE release_stewards;
CALL kiaim.refresh('release_out.all');
RESET ROLE;
SELECT is((SELECT source_rows FROM kiaim.release_log ORDER BY run DESC LIMIT 1), 400::bigint, 'because it may see other rows');
SET ROLE release_south;
SELECT kiaim.drop_release('release_out.all');
RESET ROLE;
SELECT hasnt_table('release_out', 'all', 'and may drop them, as anything of the group');

-- A name that somebody else's lost release had is free.
DROP TABLE release_out.north_t;
SET ROLE release_south;
SELECT kiaim.create_release('release_out.north_t', 'release_in.tumour', :'policy', 'table');
RESET ROLE;
SELECT is((SELECT owner FROM kiaim.releases WHERE release = 'release_out.north_t'), 'release_south', 'the name of a lost release is free');

SELECT * FROM finish();
SELECT kiaim.drop_release(release) FROM kiaim.releases;
DROP SCHEMA release_in, release_out CASCADE;
DROP OWNED BY release_north, release_south, release_reader, release_stewards, release_heir;
DROP ROLE release_north, release_south, release_reader, release_stewards, release_heir;
