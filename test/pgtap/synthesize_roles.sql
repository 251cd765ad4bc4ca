-- Who may fit, see, sample, replace, grant and drop models.
\set ON_ERROR_STOP on
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE ROLE model_stewards;
CREATE ROLE model_north;
CREATE ROLE model_south IN ROLE model_stewards;
CREATE ROLE model_east IN ROLE model_stewards;
CREATE ROLE model_readers;
CREATE ROLE model_reader IN ROLE model_readers;
GRANT CREATE ON SCHEMA public TO model_north;

-- Two registries in one table; each steward may read the rows of his own.
CREATE TABLE patient (registry text, sex text, age int);
INSERT INTO patient
SELECT CASE WHEN i <= 300 THEN 'model_north' ELSE 'model_south' END, CASE i % 3 WHEN 0 THEN 'm' ELSE 'f' END, 20 + i % 40
FROM generate_series(1, 400) AS i;
ALTER TABLE patient ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON patient USING (registry = current_user);
GRANT SELECT ON patient TO model_north, model_south;

SET ROLE model_north;
SELECT lives_ok($$ SELECT kiaim.fit('north', 'patient', '{"method": "marginals", "seed": 1}') $$, 'a steward fits what he may read');
SELECT is((SELECT rows FROM kiaim.models WHERE name = 'north'), 300::bigint, 'through row-level security');
SELECT is((SELECT array_agg(DISTINCT registry) FROM kiaim.sample(NULL::patient, 'north', 100, seed => 1)), '{model_north}', 'and samples it');
SELECT results_eq($$ SELECT owner, fitted_by, granted FROM kiaim.models $$, $$ VALUES ('model_north'::name, 'model_north'::name, '{}'::name[]) $$, 'it is his');

-- Others neither see nor sample it, and cannot take its name.
SET ROLE model_south;
SELECT is_empty('SELECT name FROM kiaim.models', 'others do not see it');
SELECT is_empty('SELECT name FROM kiaim.fitted_model', 'in the table neither');
SELECT throws_ok($$ SELECT * FROM kiaim.sample(NULL::patient, 'north', 1) $$, '42704', 'model "north" does not exist');
SELECT throws_ok($$ SELECT kiaim.fit('north', 'patient') $$, '42710', 'model "north" belongs to another role');
SELECT throws_ok($$ SELECT kiaim.drop_model('north') $$, '42704', 'model "north" does not exist');
SELECT throws_ok($$ SELECT kiaim.grant_model('north', 'model_south') $$, '42704', 'model "north" does not exist');
SELECT throws_ok($$ SELECT kiaim.revoke_model('north', 'model_south') $$, '42704', 'model "north" does not exist');
SELECT throws_ok($$ SELECT kiaim.rename_model('north', 'south') $$, '42704', 'model "north" does not exist');
SELECT throws_ok($$ SELECT kiaim.give_model('north', 'model_south') $$, '42704', 'model "north" does not exist');

-- Nor is a forged author possible.
SET ROLE model_north;
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET fitted = '2000-01-01' $$, '42501', 'permission denied for table fitted_model', 'the time is the server''s');
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET fitted_by = 'model_south' $$, '42501', 'permission denied for table fitted_model', 'and the author');
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET figures = '{}' $$, '42501', 'permission denied for table fitted_model', 'figures are what was measured');
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET model = model $$, '42501', 'permission denied for table fitted_model', 'a model is replaced, not changed');
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET rows = 5 $$, NULL, NULL, 'what it was fitted to is read from it');
SELECT throws_ok($$ INSERT INTO kiaim.fitted_model (name, owner, options, figures, model) SELECT 'x', 'model_south', '{}', '{}', model FROM kiaim.fitted_model $$,
  '42501', NULL, 'nobody stores a model for others');
SELECT throws_ok($$ UPDATE kiaim.fitted_model SET owner = 'model_south' $$, '42501', NULL, 'nor gives one away to a role that is not his');
SELECT throws_ok($$ SELECT kiaim.give_model('north', 'model_south') $$, '42501', NULL, 'by the function neither');
SELECT throws_ok($$ SELECT kiaim.give_model('north', 'nobody') $$, '42704', 'role "nobody" does not exist');
SELECT throws_ok($$ SELECT kiaim.grant_model('north', 'nobody') $$, '42704', 'role "nobody" does not exist');
SELECT throws_ok($$ SELECT kiaim.grant_model('north', NULL) $$, '22004', 'role must not be NULL');

-- A grant lets a role and its members sample, and nothing else.
SELECT lives_ok($$ SELECT kiaim.grant_model('north', 'model_readers') $$, 'a grant');
SELECT lives_ok($$ SELECT kiaim.grant_model('north', 'model_readers') $$, 'twice is once');
SELECT is((SELECT granted FROM kiaim.models), '{model_readers}'::name[], 'it is recorded');
RESET ROLE;
SET ROLE model_reader;
SELECT is((SELECT array_agg(name) FROM kiaim.models), '{north}', 'a member of the role sees the model');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::patient, 'north', 7)), 7::bigint, 'and samples it, without any privilege on the source');
SELECT throws_ok($$ SELECT * FROM patient $$, '42501', NULL, 'which he may not read');
SELECT throws_ok($$ SELECT kiaim.fit('north', 'patient') $$, '42710', 'model "north" belongs to another role');
SELECT throws_ok($$ SELECT kiaim.drop_model('north') $$, '42501', 'must be owner of model "north"');
SELECT throws_ok($$ SELECT kiaim.grant_model('north', 'public') $$, '42501', 'must be owner of model "north"');
SELECT throws_ok($$ SELECT kiaim.revoke_model('north', 'model_readers') $$, '42501', 'must be owner of model "north"');
SELECT throws_ok($$ SELECT kiaim.rename_model('north', 'mine') $$, '42501', 'must be owner of model "north"');
SELECT throws_ok($$ SELECT kiaim.give_model('north', 'model_reader') $$, '42501', 'must be owner of model "north"');
SELECT throws_ok($$ SELECT kiaim.fit('other', 'patient') $$, '42501', 'permission denied for table patient');
DELETE FROM kiaim.fitted_model;
SET ROLE model_south;
SELECT is_empty('SELECT name FROM kiaim.models', 'other roles still do not see it');

-- To fit again replaces it; grants and owner stay.
SET ROLE model_north;
SELECT is((SELECT count(*) FROM kiaim.models), 1::bigint, 'a reader deletes nothing');
SELECT lives_ok($$ SELECT kiaim.fit('north', 'patient', '{"method": "marginals", "seed": 2, "columns": ["sex", "age"]}') $$, 'fitted again');
SELECT results_eq($$ SELECT name, owner, granted, columns, options->'seed' FROM kiaim.models $$,
  $$ VALUES ('north', 'model_north'::name, '{model_readers}'::name[], 2, '2'::jsonb) $$, 'one model, with the same owner and grants');
SELECT kiaim.revoke_model('north', 'model_readers');
SET ROLE model_reader;
SELECT throws_ok($$ SELECT * FROM kiaim.sample(NULL::patient, 'north', 1) $$, '42704', 'model "north" does not exist');

-- Everybody.
SET ROLE model_north;
SELECT kiaim.grant_model('north', 'public');
SET ROLE model_south;
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::patient, 'north', 3)), 3::bigint, 'public is everybody');

-- A model of a group of stewards: each of them replaces, grants and drops it.
SELECT kiaim.fit('ours', 'patient', '{"method": "marginals"}');
SELECT kiaim.give_model('ours', 'model_stewards');
RESET ROLE;
CREATE POLICY east ON patient USING (current_user = 'model_east' AND registry = 'model_south');
GRANT SELECT ON patient TO model_east;
SET ROLE model_east;
SELECT lives_ok($$ SELECT kiaim.fit('ours', 'patient', '{"method": "marginals"}') $$, 'a member of the owner replaces a model');
SELECT results_eq($$ SELECT owner, fitted_by FROM kiaim.models WHERE name = 'ours' $$, $$ VALUES ('model_stewards'::name, 'model_east'::name) $$,
  'the owner stays, and who fitted it is recorded');
SELECT lives_ok($$ SELECT kiaim.rename_model('ours', 'of all') $$, 'renames it');
SELECT throws_ok($$ SELECT kiaim.rename_model('of all', 'north') $$, '42710', 'model "north" already exists');
SELECT throws_ok($$ SELECT kiaim.rename_model('of all', '') $$, '23514', NULL, 'a name is not empty');
SELECT lives_ok($$ SELECT kiaim.drop_model('of all') $$, 'and drops it');
SELECT is_empty($$ SELECT FROM kiaim.models WHERE owner = 'model_stewards' $$, 'then it is gone');

-- A role that is gone leaves its models to superusers.
RESET ROLE;
UPDATE kiaim.fitted_model SET owner = 'model_gone';
SET ROLE model_north;
SELECT throws_ok($$ SELECT kiaim.fit('north', 'patient') $$, '42710', 'model "north" belongs to another role');
RESET ROLE;
SELECT lives_ok($$ SELECT kiaim.fit('north', 'patient', '{"method": "marginals"}') $$, 'a superuser replaces any model');
SELECT lives_ok($$ SELECT kiaim.drop_model('north') $$, 'and drops it');

-- A read-only transaction is told so before anything is read.
SELECT throws_ok($$ DO 'BEGIN SET LOCAL transaction_read_only = on; PERFORM kiaim.fit(''m'', ''patient''); END' $$,
  '25006', 'cannot fit a model in a read-only transaction');

---- code of others ----

CREATE ROLE synth_evil;
CREATE ROLE synth_victim;
CREATE SCHEMA evil AUTHORIZATION synth_evil;
GRANT USAGE ON SCHEMA evil TO synth_victim;
SET ROLE synth_evil;
CREATE TABLE evil.log (who text);
CREATE FUNCTION evil.g(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
CREATE TYPE evil.en AS ENUM ('a', 'b');
CREATE FUNCTION evil.cast_en(evil.en) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_user <> 'synth_evil' THEN RAISE EXCEPTION 'run as %', current_user; END IF; RETURN 'x'; END $$;
CREATE CAST (evil.en AS text) WITH FUNCTION evil.cast_en(evil.en) AS ASSIGNMENT;
CREATE FUNCTION evil.f(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_user <> 'synth_evil' THEN RAISE EXCEPTION 'run as %', current_user; END IF; RETURN true; END $$;
CREATE DOMAIN evil.dom AS int CHECK (evil.f(VALUE));
CREATE TYPE evil.comp AS (q evil.dom);
CREATE TABLE evil.t AS SELECT (CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END)::evil.en AS e, i % 3 AS z FROM generate_series(1, 300) AS i;
SELECT kiaim.fit('evil1', 'evil.t', '{"seed": 1}');
SELECT kiaim.fit('evil2', 'evil.t', '{"seed": 1, "columns": ["z"], "constraints": ["z::evil.dom >= 0"]}');
SELECT kiaim.fit('evil3', 'evil.t', '{"seed": 1, "columns": ["z"], "constraints": ["(ROW(z)::evil.comp).q >= 0"]}');
SELECT kiaim.fit('evil4', 'evil.t', '{"seed": 1, "columns": ["z"], "constraints": ["ARRAY[z]::evil.dom[] IS NOT NULL"]}');
SELECT kiaim.grant_model('evil' || i, 'synth_victim') FROM generate_series(1, 4) AS i;
RESET ROLE;
CREATE TABLE evil_into (e text, z int);
GRANT SELECT ON evil_into TO synth_victim;
SET ROLE synth_victim;
SELECT throws_ok(format('SELECT * FROM kiaim.sample(NULL::evil_into, %L, 1)', 'evil' || i), '42501', NULL, 'code of another role does not run as who samples: ' || what)
FROM (VALUES (1, 'a cast'), (2, 'a domain'), (3, 'a domain in a row'), (4, 'a domain in an array')) AS v (i, what);
RESET ROLE;

-- tables that are made like those of somebody else have none of their code
SET ROLE synth_evil;
CREATE FUNCTION evil.h() RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF current_user <> 'synth_evil' THEN RAISE EXCEPTION 'run as %', current_user; END IF; RETURN 1; END $$;
CREATE TABLE evil.p (id int PRIMARY KEY, sex text, more int DEFAULT evil.h());
CREATE TABLE evil.c (id int PRIMARY KEY, p int REFERENCES evil.p, v int);
CREATE INDEX ON evil.p ((evil.f(id)));
INSERT INTO evil.p SELECT i, CASE i % 2 WHEN 0 THEN 'f' ELSE 'm' END FROM generate_series(1, 300) AS i;
INSERT INTO evil.c SELECT i, i, i % 7 FROM generate_series(1, 300) AS i;
GRANT SELECT ON evil.p, evil.c TO synth_victim;
SELECT kiaim.fit_related('evilr', 'evil.p', '{evil.c}', '{"seed": 1, "columns": {"evil.p": ["sex"]}}');
ALTER TABLE evil.p ADD CHECK (evil.f(length(sex)));
SELECT kiaim.grant_model('evilr', 'synth_victim');
RESET ROLE;
CREATE SCHEMA victim AUTHORIZATION synth_victim;
SET ROLE synth_victim;
SELECT lives_ok($$ SELECT * FROM kiaim.sample_related('evilr', 20, 'victim', 1) $$, 'defaults, checks and indexes of another role do not run');
SELECT fk_ok('victim', 'c', 'p', 'victim', 'p', 'id');
SELECT is((SELECT count(*) FROM victim.p JOIN victim.c ON c.p = p.id), 20::bigint, 'but keys and references are there');
SELECT throws_ok($$ SELECT * FROM kiaim.sample_related('evilr', 20, 'victim', 1) $$, '55000', 'table victim.p has rows already', 'and are not made twice');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
