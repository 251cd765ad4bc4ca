-- Tables that refer to each other: keys, numbers of children, the order of dates, what depends on the parent.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- Persons have one to three tumours, tumours up to four therapies, one after the other; women have no C61.
CREATE SCHEMA rel;
CREATE TABLE rel.person (id text PRIMARY KEY, sex text NOT NULL CHECK (sex IN ('f', 'm')), born date NOT NULL, name text NOT NULL);
CREATE TABLE rel.tumour (tumour_id bigint PRIMARY KEY, person text NOT NULL REFERENCES rel.person, "Diagnose" date NOT NULL, icd10 text NOT NULL, stage int CHECK (stage BETWEEN 1 AND 4));
CREATE TABLE rel.therapy (tumour_id bigint NOT NULL REFERENCES rel.tumour, started date NOT NULL, ended date, kind text NOT NULL, CHECK (ended >= started));
SELECT setseed(0.5);
INSERT INTO rel.person SELECT 'P' || i, (ARRAY['f', 'm'])[1 + i % 2], date '1930-01-01' + (random() * 15000)::int, 'Name ' || i FROM generate_series(1, 2000) AS i;
INSERT INTO rel.tumour SELECT row_number() OVER (), p.id, born + 15000 + (random() * 5000)::int + 400 * n,
	CASE sex WHEN 'f' THEN (ARRAY['C50.1', 'C50.4', 'C34.1'])[1 + (random() * 2.99)::int % 3] ELSE (ARRAY['C61', 'C61', 'C34.1'])[1 + (random() * 2.99)::int % 3] END,
	nullif(1 + (random() * 4.99)::int % 5, 5)
FROM rel.person AS p, LATERAL generate_series(1, 1 + (random() < 0.2)::int + (random() < 0.05)::int) AS n;
INSERT INTO rel.therapy SELECT t.tumour_id, "Diagnose" + 20 + 100 * n + d, CASE WHEN random() < 0.8 THEN "Diagnose" + 20 + 100 * n + d + 30 END,
	CASE WHEN n = 0 THEN 'surgery' WHEN icd10 = 'C61' THEN 'hormones' ELSE 'chemotherapy' END
FROM rel.tumour AS t, LATERAL (SELECT (random() * 40)::int AS d) AS r, LATERAL generate_series(0, (random() * (coalesce(stage, 1) - 0.5))::int) AS n;

SELECT kiaim.fit_related('rel', 'rel.person', '{rel.therapy, rel.tumour}', '{"seed": 3, "columns": {"rel.person": ["sex", "born"]}}');
SELECT is((SELECT array_agg(source || ' ' || coalesce(parent::text, '-') ORDER BY place) FROM kiaim.related_table WHERE model = 'rel'),
	'{rel.person -,rel.tumour 1,rel.therapy 2}', 'a table comes after the one that it refers to');

CREATE SCHEMA made;
CREATE TABLE pg_temp.told AS SELECT * FROM kiaim.sample_related('rel', 3000, 'made', seed => 4);
SELECT is((SELECT array_agg(relation::text) FROM pg_temp.told), '{made.person,made.tumour,made.therapy}', 'every table is filled');
SELECT is((SELECT rows FROM pg_temp.told LIMIT 1), 3000::bigint, 'as many persons as asked');

---- keys and references ----

SELECT is((SELECT count(*) FROM made.tumour), (SELECT rows FROM pg_temp.told WHERE relation = 'made.tumour'::regclass), 'rows are told');
SELECT is_empty('SELECT FROM made.tumour AS t LEFT JOIN made.person AS p ON p.id = t.person WHERE p.id IS NULL', 'every tumour has its person');
SELECT is_empty('SELECT FROM made.therapy AS t LEFT JOIN made.tumour AS p USING (tumour_id) WHERE p.tumour_id IS NULL', 'every therapy has its tumour');
SELECT fk_ok('made', 'tumour', 'person', 'made', 'person', 'id');
SELECT fk_ok('made', 'therapy', 'tumour_id', 'made', 'tumour', 'tumour_id');
SELECT hasnt_column('made', 'person', 'name', 'a column that was not named is not made');
SELECT throws_ok($$ INSERT INTO made.therapy SELECT tumour_id, '2020-01-02', '2020-01-01', 'x' FROM made.tumour LIMIT 1 $$, '23514', NULL, 'constraints came along');

---- numbers of children ----

SELECT cmp_ok((SELECT max(abs(a.share - coalesce(b.share, 0))) FROM
	(SELECT n, count(*) / 2000.0 AS share FROM (SELECT count(*) AS n FROM rel.tumour GROUP BY person) AS c GROUP BY n) AS a LEFT JOIN
	(SELECT n, count(*) / 3000.0 AS share FROM (SELECT count(*) AS n FROM made.tumour GROUP BY person) AS c GROUP BY n) AS b USING (n)), '<', 0.05,
	'persons have as many tumours as before');
SELECT is_empty('SELECT FROM made.person AS p WHERE NOT EXISTS (SELECT FROM made.tumour AS t WHERE t.person = p.id)', 'who always has a child always gets one');
SELECT cmp_ok((SELECT abs((SELECT count(*)::float8 FROM made.therapy) / (SELECT count(*) FROM made.tumour) - (SELECT count(*)::float8 FROM rel.therapy) / (SELECT count(*) FROM rel.tumour))),
	'<', 0.15::float8, 'tumours have as many therapies as before');
SELECT cmp_ok((SELECT max(abs(a.mean - b.mean)) FROM
	(SELECT stage, count(*)::float8 / count(DISTINCT tumour_id) AS mean FROM rel.tumour JOIN rel.therapy USING (tumour_id) GROUP BY stage) AS a JOIN
	(SELECT stage, count(*)::float8 / count(DISTINCT tumour_id) AS mean FROM made.tumour JOIN made.therapy USING (tumour_id) GROUP BY stage) AS b ON a.stage IS NOT DISTINCT FROM b.stage),
	'<', 0.3::float8, 'and as the stage has it');

---- order and dependence ----

SELECT is_empty('SELECT FROM made.tumour AS t JOIN made.person AS p ON p.id = t.person WHERE "Diagnose" < born', 'nobody falls ill before birth');
SELECT is_empty('SELECT FROM made.therapy JOIN made.tumour USING (tumour_id) WHERE started < "Diagnose"', 'no therapy before the diagnosis');
SELECT is_empty('SELECT FROM made.therapy WHERE ended < started', 'no end before the beginning');
SELECT is_empty($$ SELECT FROM made.tumour AS t JOIN made.person AS p ON p.id = t.person WHERE sex = 'f' AND icd10 = 'C61' OR sex = 'm' AND icd10 LIKE 'C50%' $$, 'what a parent excludes does not occur');
SELECT is_empty($$ SELECT FROM made.therapy JOIN made.tumour USING (tumour_id) WHERE kind = 'hormones' AND icd10 <> 'C61' $$, 'a therapy fits its tumour');
SELECT is((SELECT count(*) FROM (SELECT kind, row_number() OVER (PARTITION BY tumour_id ORDER BY started) AS i FROM made.therapy) AS t WHERE i = 1 AND kind <> 'surgery'), 0::bigint,
	'the first is what the first always is');
SELECT cmp_ok((SELECT count(*)::float8 / (SELECT count(*) FROM made.therapy) FROM (SELECT started <= lag(started) OVER (PARTITION BY tumour_id ORDER BY kiaim_row) AS late
	FROM (SELECT *, row_number() OVER () AS kiaim_row FROM made.therapy) AS t) AS u WHERE late), '<', 0.01::float8, 'siblings come one after the other');

---- dates of rows above the parent ----

-- a row of a control lies before the end that is told of the person, far above it
CREATE TABLE rel.patient (id int PRIMARY KEY, last_seen date NOT NULL);
CREATE TABLE rel.case_of (id int PRIMARY KEY, patient int NOT NULL REFERENCES rel.patient, site int NOT NULL);
CREATE TABLE rel.control (id int PRIMARY KEY, of int NOT NULL REFERENCES rel.case_of, seen date NOT NULL);
INSERT INTO rel.patient SELECT i, date '2010-01-01' + (random() * 3650)::int FROM generate_series(1, 1500) AS i;
INSERT INTO rel.case_of SELECT i, i, i % 5 FROM generate_series(1, 1500) AS i;
INSERT INTO rel.control SELECT row_number() OVER (), p.id, last_seen - (random() * 300)::int FROM rel.patient AS p, generate_series(1, 1 + p.id % 3);
SELECT kiaim.fit_related('controls', 'rel.patient', '{rel.case_of, rel.control}', '{"seed": 3}');
CREATE SCHEMA controls;
SELECT count(*) FROM kiaim.sample_related('controls', 3000, 'controls', seed => 4);
SELECT is_empty('SELECT FROM controls.control AS c JOIN controls.case_of AS o ON o.id = c.of JOIN controls.patient AS p ON p.id = o.patient WHERE seen > last_seen', 'no control after the last day of a grandparent');
SELECT cmp_ok((SELECT max(last_seen - seen) FROM controls.control AS c JOIN controls.case_of AS o ON o.id = c.of JOIN controls.patient AS p ON p.id = o.patient), '<=', 300, 'nor long before it');
SELECT kiaim.drop_model('controls');

---- again ----

CREATE SCHEMA again;
SELECT count(*) FROM kiaim.sample_related('rel', 3000, 'again', seed => 4);
SELECT bag_eq('SELECT * FROM again.person', 'SELECT * FROM made.person', 'the same seed gives the same persons');
SELECT bag_eq('SELECT * FROM again.therapy', 'SELECT * FROM made.therapy', 'and the same therapies');

---- a model of several tables is one ----

SELECT is((SELECT array_agg(source ORDER BY name) FROM kiaim.models WHERE name LIKE 'rel%'), '{rel.person,rel.therapy,rel.tumour}', 'models tell what they were fitted to');
CREATE ROLE rel_reader;
CREATE ROLE rel_stranger;
GRANT USAGE, CREATE ON SCHEMA again TO rel_reader;
DROP TABLE again.therapy, again.tumour, again.person;
SELECT kiaim.grant_model('rel', 'rel_reader');
SET ROLE rel_stranger;
SELECT is_empty('SELECT FROM kiaim.related_table', 'strangers see nothing of it');
SELECT throws_ok($$ INSERT INTO kiaim.related_table SELECT 'rel', 9, 'x', 'rel', NULL, NULL, NULL, NULL, '{}', '{}', '{}' $$, '42501', NULL, 'and write nothing');
SELECT throws_ok($$ SELECT * FROM kiaim.sample_related('rel', 10, 'again') $$, '42704', 'related model "rel" does not exist', 'and sample nothing');
SET ROLE rel_reader;
SELECT is(pg_temp.error_of($$ SELECT * FROM kiaim.sample_related('rel', 10, 'again') $$),
	'42P01 | table again.person does not exist, and there is no rel.person to make it like | The current role may not read table rel.person. | Create table again.person with these columns: id, sex, born.', 'a role that may not read the table');
CREATE TABLE again.person (id text, sex text, born date, note text DEFAULT 'made');
CREATE TABLE again.tumour (tumour_id bigint, person text, "Diagnose" date, icd10 text, stage int);
CREATE TABLE again.therapy (tumour_id bigint, started date, ended date, kind text);
SELECT is((SELECT count(*) FROM kiaim.sample_related('rel', 10, 'again', 1)), 3::bigint, 'fills tables of its own');
SELECT is((SELECT count(*) FROM again.person WHERE note = 'made'), 10::bigint, 'which may have more columns');
SELECT throws_ok($$ SELECT kiaim.drop_model('rel') $$, '42501', 'must be owner of model "rel"', 'a role that it was granted to cannot drop it');
RESET ROLE;
SELECT kiaim.revoke_model('rel', 'rel_reader');
SELECT is((SELECT count(*) FROM kiaim.models WHERE 'rel_reader' = ANY (granted)), 0::bigint, 'it is taken back from all parts');
SELECT kiaim.rename_model('rel', 'renamed');
SELECT is((SELECT array_agg(part ORDER BY place) FROM kiaim.related_table WHERE model = 'renamed'), '{renamed,renamed/rel.tumour,renamed/rel.therapy}', 'parts are renamed with it');
SELECT kiaim.fit_related('renamed', 'rel.person', '{rel.tumour}', '{"columns": {"rel.person": ["sex"]}}');
SELECT is((SELECT array_agg(name ORDER BY name) FROM kiaim.models WHERE name LIKE '%rel%' OR name LIKE 'renamed%'), '{renamed,renamed/rel.tumour}', 'a table that it no longer has is forgotten');
SELECT kiaim.drop_model('renamed');
SELECT is((SELECT count(*) FROM kiaim.models WHERE name LIKE 'renamed%') + (SELECT count(*) FROM kiaim.related_table WHERE model = 'renamed'), 0::bigint, 'all of it is dropped');

-- keys that are no numbers, names that must be quoted, parents without children, rows of nobody
CREATE TABLE rel."Fälle" ("Schlüssel" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "Größe" int);
CREATE TABLE rel."Ärzte" ("Fall" uuid REFERENCES rel."Fälle", "Name" text);
INSERT INTO rel."Fälle" ("Größe") SELECT 150 + i % 40 FROM generate_series(1, 500) AS i;
INSERT INTO rel."Ärzte" SELECT "Schlüssel", 'Dr. ' || chr(65 + "Größe" % 3) FROM rel."Fälle" WHERE "Größe" > 170;
INSERT INTO rel."Ärzte" VALUES (NULL, 'Dr. nobody');
SELECT kiaim.fit_related('fälle', 'rel."Fälle"', '{"rel.\"Ärzte\""}', '{"seed": 1}');
SELECT is((SELECT array_agg(relation::text ORDER BY relation::text) FROM kiaim.sample_related('fälle', 400, 'again', seed => 2)), '{"again.\"Fälle\"","again.\"Ärzte\""}', 'names are quoted');
SELECT is_empty('SELECT FROM again."Ärzte" AS a LEFT JOIN again."Fälle" AS f ON f."Schlüssel" = a."Fall" WHERE f."Größe" IS NULL OR f."Größe" <= 170', 'who has no child gets none');
SELECT cmp_ok((SELECT count(*) FROM again."Ärzte"), '>', 100::bigint, 'who has one gets one');
DROP TABLE again."Ärzte", again."Fälle";
SELECT bag_eq($$ SELECT relation::text, rows FROM kiaim.sample_related('fälle', 0, 'again') $$, $$ VALUES ('again."Fälle"', 0::bigint), ('again."Ärzte"', 0) $$, 'no rows of nothing');

---- what is refused ----

SELECT is(pg_temp.error_of(statement), told, statement)
FROM (VALUES
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.therapy}') $$, '22023 | table rel.therapy refers to none of the others | A foreign key of one column says which row of which table it belongs to. | Add the foreign key, or name the table that it refers to as well.'),
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.tumour, rel.tumour}') $$, '22023 | a table is named twice | Name the root apart, and each other table once.'),
	($$ SELECT kiaim.fit_related('no', 'rel.therapy', '{rel.tumour}') $$, '22023 | table rel.therapy has no primary key of one column | The key tells persons apart, and other tables refer to it.'),
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.tumour}', '{"columns": {"rel.tumor": []}}') $$, '22023 | option columns names "rel.tumor", which is none of the tables | Name each table with its schema, as in {"columns": {"registry.tumour": ["icd10", "diagnosis_date"]}}.'),
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.tumour}', '{"columns": {"rel.tumour": ["stages"]}}') $$, '42703 | column "stages" of option columns does not exist in relation "rel.tumour"'),
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.tumour}', '{"order": {"rel.tumour": "diagnose"}}') $$, '42703 | column "diagnose" of option order does not exist in relation "rel.tumour"'),
	($$ SELECT kiaim.fit_related('no', 'rel.person', '{rel.tumour}', '{"person": "id"}') $$, '22023 | option person is not for related tables | Persons are the rows of the root, and constraints are those of the tables.'),
	($$ SELECT kiaim.fit_related('no', NULL, '{rel.tumour}') $$, '22004 | root and tables must not be NULL'),
	($$ SELECT * FROM kiaim.sample_related('rell', 10, 'made') $$, '42704 | related model "rell" does not exist | kiaim.fit_related makes one.')
  ) AS t (statement, told);

SELECT * FROM finish();
ROLLBACK;
