-- What identifies and what singles out, found by content alone.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- identifiers: one text at a time ----

CREATE FUNCTION pg_temp.kinds(value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  CREATE TEMP TABLE one (v text) ON COMMIT DROP;
  INSERT INTO one VALUES (value);
  SELECT string_agg(kind, ', ' ORDER BY kind) INTO found FROM kiaim.find_identifiers('one');
  DROP TABLE one;
  RETURN found;
END $$;

-- specimens that the issuing bodies or their manuals publish
SELECT is(pg_temp.kinds(specimen), kind, specimen || ' is a ' || kind)
FROM (VALUES ('A123456780', 'health insurance number (DE)'),
             ('15 070649 C 103', 'pension insurance number (DE)'),
             ('15070649C103', 'pension insurance number (DE)'),
             ('86095742719', 'tax number (DE)'),
             ('1237 010180', 'social insurance number (AT)'),
             ('756.9217.0769.85', 'old-age insurance number (CH)'),
             ('943 476 5919', 'health service number (GB)'),
             ('2 55 08 14 168 025 38', 'social insurance number (FR)'),
             ('111222333', 'citizen service number (NL)'),
             ('850730-033.28', 'national register number (BE)'),
             ('19121212-1212', 'personal number (SE)'),
             ('19811218-9876', 'personal number (SE)'),
             ('13097248022', 'birth number (NO)'),
             ('131052-308T', 'personal code (FI)'),
             ('44051401359', 'personal number (PL)'),
             ('736028/5163', 'birth number (CZ/SK)'),
             ('RSSMRA85T10A562S', 'tax code (IT)'),
             ('rssmra85t10a562s', 'tax code (IT)'),
             ('12345678Z', 'identity number (ES)'),
             ('1234567T', 'public service number (IE)'),
             ('123-45-6789', 'social security number (US)'),
             ('DE89 3704 0044 0532 0130 00', 'bank account'),
             ('GB82WEST12345698765432', 'bank account'),
             ('anna.mueller@web.de', 'e-mail address'),
             ('+49 228 123456', 'telephone number'),
             ('(0228) 12345-67', 'telephone number'),
             ('01711234567', 'telephone number'),
             ('0171/2345678', 'telephone number'),
             ('Bahnhofstraße 12a', 'postal address'),
             ('Am Alten Weg 3', 'postal address'),
             ('10 Downing Street', 'postal address'),
             ('12 rue de Rivoli', 'postal address'),
             ('geb. 12.3.1957', 'date of birth'),
             ('born 1957-03-12', 'date of birth'),
             ('seen on 3/4/2019', 'date in a text'),
             ('www.example.org/about', 'web address'),
             ('192.168.1.20', 'network address'),
             ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'uuid'),
             ('00000000-0000-0000-0000-000000000000', 'uuid'),
             ('Anna Müller', 'name'),
             ('Müller, Hans', 'name'),
             ('MÜLLER, ANNA', 'name'),
             ('Frau Xyzka', 'name'),
             ('Dr. med. Xyzka', 'name'),
             ('patient Kowalski', 'name'),
             ('the patient came back and had no complaints at all', 'free text')) AS s(specimen, kind);

-- a digit further it is no number of a person; and what a registry has in its columns is none
SELECT is(pg_temp.kinds(text), NULL, coalesce(text, 'NULL') || ' is nothing')
FROM (VALUES ('86095742718'), ('943 476 5918'), ('111222334'), ('44051401358'), ('736028/5164'),
             ('12345678A1'), ('DE88370400440532013000'),
             ('C50.9'), ('8500/3'), ('09162000'), ('2020-01-01'), ('01.02.2020'), ('T1a N0 M0'), ('Morbus Hodgkin'),
             ('0.1234567'), ('08:00-12:00'), ('1.2.3.4.5'), ('256.1.1.1'), ('user@host'), ('@home'), ('M'), (''), (' '),
             (NULL), ('Stage 3'), ('weg 3'), ('1234'), ('ADENOCARCINOMA NOS'), ('5-401.11'), ('Fr 12'),
             (repeat('9', 500)), (repeat('ä', 300))) AS s(text);

SELECT is((SELECT string_agg(kind, ', ' ORDER BY kind) FROM (SELECT unnest(string_to_array(
            pg_temp.kinds('Frau Dr. med. Anna Müller, geb. 12.3.1957, wohnt Bahnhofstraße 12a, Tel. 0228/234567'), ', ')) AS kind) AS k),
          'date of birth, free text, name, postal address, telephone number', 'a note that says everything');

-- ---- columns ----

CREATE TEMP TABLE "Fälle" ("Größe" text, "Geb. am" date, number bigint, note text, "group" jsonb);
INSERT INTO "Fälle"
  SELECT CASE WHEN i % 10 = 0 THEN 'unknown' ELSE 'A123456780' END, '1920-01-01'::date + i * 300, 10000000000 + i,
         CASE WHEN i = 77 THEN 'call 0228/123456' END, '{"mail": "x@y.org"}'
  FROM generate_series(0, 99) AS i;
SELECT results_eq($$SELECT column_name::text COLLATE "default", kind, hits, round(share::numeric, 3), shape FROM kiaim.find_identifiers('"Fälle"')$$,
  $$VALUES ('Größe', 'health insurance number (DE)', 90::bigint, 0.900, 'X000000000'),
           ('Geb. am', 'date of birth', 100, 1.000, NULL),
           ('note', 'telephone number', 1, 1.000, '0000/000000'),
           ('group', 'e-mail address', 100, 1.000, 'x@x.xxx')$$,
  'every row is searched, of all types, and only shapes are shown');
SELECT results_eq($$SELECT column_name::text COLLATE "default", kind FROM kiaim.find_identifiers('"Fälle"', '{note}')$$,
  $$VALUES ('note', 'telephone number')$$, 'some columns only');
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('"Fälle"', '{number}')$$, 'every tenth number passes by chance: that is no finding');
SELECT ok(NOT EXISTS (SELECT FROM kiaim.find_identifiers('"Fälle"') AS f WHERE f::text ~ '123456|A12|y\.org'), 'no hit is printed');

CREATE TEMP TABLE words AS SELECT unnest(ARRAY['Bauer', 'Lehrer', 'Arzt', 'Koch', 'Friseur', 'Maler', 'Pilot', 'Maurer', 'Bäcker',
  'Kellner', 'Schlosser', 'Jurist']) AS occupation, unnest(ARRAY['Schmidt', 'Huber', 'Xyzka', 'Weber', 'Kovac', 'Nowak', 'Zzz', 'Abc',
  'Bcd', 'Wagner', 'Cde', 'Def']) AS family;
SELECT results_eq($$SELECT column_name::text COLLATE "default", kind, hits FROM kiaim.find_identifiers('words')$$, $$VALUES ('family', 'name', 5::bigint)$$,
  'single names count where many values are names: occupations are none');
CREATE TEMP TABLE colours AS SELECT unnest('{White,Black,Brown,Braun,Schwarz,Green}'::text[]) AS colour;
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('colours')$$, 'colours are no names');
CREATE TEMP TABLE labels AS SELECT (ARRAY['malignant neoplasm of the upper third of the oesophagus', 'benign'])[1 + i % 2] AS label FROM generate_series(1, 100) AS i;
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('labels')$$, 'long labels of categories are no free text');

CREATE TEMP TABLE empty_one (a text, b date);
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('empty_one')$$, 'an empty table');
CREATE TEMP TABLE no_columns ();
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('no_columns')$$, 'no columns');
CREATE TEMP TABLE days AS SELECT '1970-01-01'::date + i * 3 AS diagnosis, 'infinity'::timestamp AS never FROM generate_series(1, 5000) AS i;
SELECT is_empty($$SELECT * FROM kiaim.find_identifiers('days')$$, 'dates of diagnosis and infinite ones are no birthdays');

SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers(NULL)$$, '22004', 'source must not be NULL');
SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers('words', '{occupatoin}')$$, '42703');
SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers('words', '{}')$$, '22023');
SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers('words', '{family,family}')$$, '42701');

-- ---- quasi-identifiers ----

-- a and b together are unique, c is constant, d says what a says, e is a number of the row
CREATE TEMP TABLE t AS
  SELECT i / 10 AS a, i % 10 AS b, 'x' AS c, chr(65 + i / 10) AS d, i AS e, '{}'::json AS j FROM generate_series(0, 99) AS i;
SELECT results_eq($$SELECT column_name::text COLLATE "default", role, different, uniqueness, largest_gain, together_with FROM kiaim.find_quasi('t')$$,
  $$VALUES ('j', 'unknown', NULL::bigint, NULL::float8, NULL::float8, NULL::text[]),
           ('a', 'quasi', 10, 0, 1, '{b}'), ('b', 'quasi', 10, 0, 1, '{a}'), ('c', 'constant', 1, 0, 0, '{}'),
           ('d', 'quasi', 10, 0, 1, '{b}'), ('e', 'identifier', 100, 1, 1, '{}')$$,
  'what singles out, and with which others');
SELECT results_eq($$SELECT column_name::text COLLATE "default", round(gain::numeric, 4) FROM kiaim.find_quasi('t', '{a,b,d}', max_columns => 2)$$,
  $$VALUES ('a', round((0 + (1 + 0) / 2.0) / 2, 4)), ('b', round((0 + (1 + 1) / 2.0) / 2, 4)), ('d', round((0 + (1 + 0) / 2.0) / 2, 4))$$,
  'the gain is the mean over sizes of the mean over sets');
SELECT results_eq($$SELECT role FROM kiaim.find_quasi('t', '{a,b}', max_columns => 1)$$, $$VALUES ('other'), ('other')$$, 'alone they single nobody out');

-- persons: two records of one person are unique
CREATE TEMP TABLE visits AS SELECT i / 2 AS patient, i / 2 AS place, 1 AS kind FROM generate_series(0, 19) AS i;
SELECT results_eq($$SELECT column_name::text COLLATE "default", role, uniqueness FROM kiaim.find_quasi('visits', person => 'patient')$$,
  $$VALUES ('place', 'identifier', 1::float8), ('kind', 'constant', 0)$$, 'persons are counted where they are named');
SELECT results_eq($$SELECT column_name::text COLLATE "default", role, uniqueness FROM kiaim.find_quasi('visits', '{place,kind}')$$,
  $$VALUES ('place', 'other', 0::float8), ('kind', 'constant', 0)$$, 'or else records');

-- NULL
CREATE TEMP TABLE holes (v int, w int);
INSERT INTO holes VALUES (1, 1), (NULL, 1), (2, 2), (2, 2);
SELECT results_eq($$SELECT uniqueness FROM kiaim.find_quasi('holes', '{v}')$$, $$VALUES (0.5::float8)$$, 'NULL is a value');
SELECT results_eq($$SELECT uniqueness FROM kiaim.find_quasi('holes', '{v}', wildcard => true)$$, $$VALUES (0::float8)$$, 'or matches everything');
SELECT results_eq($$SELECT role, uniqueness, reason FROM kiaim.find_quasi('empty_one')$$,
  $$VALUES ('constant', NULL::float8, 'there are no records'), ('constant', NULL, 'there are no records')$$, 'an empty table');
SELECT is_empty($$SELECT * FROM kiaim.find_quasi('no_columns')$$, 'no columns');

-- against plain SQL: the uniqueness of each column and the largest gain in company of one
CREATE FUNCTION pg_temp.uniqueness(columns text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  share float8;
BEGIN
  EXECUTE format('SELECT count(*) FILTER (WHERE n = 1)::float8 / sum(n) FROM (SELECT count(*) AS n FROM random_table GROUP BY %s) AS g', columns) INTO share;
  RETURN share;
END $$;
SELECT setseed(0.5);
CREATE TEMP TABLE random_table AS
  SELECT (random() * 6)::int AS p, nullif((random() * 9)::int, 3) AS q, (random() * random() * 30)::int AS r, random() < 0.5 AS s
  FROM generate_series(1, 120);
WITH pairs AS (
  SELECT c, o, pg_temp.uniqueness(c || coalesce(',' || o, '')) - CASE WHEN o IS NULL THEN 0 ELSE pg_temp.uniqueness(o) END AS gain
  FROM unnest('{p,q,r,s}'::text[]) AS c CROSS JOIN unnest('{NULL,p,q,r,s}'::text[]) AS o WHERE o IS DISTINCT FROM c),
oracle AS (
  SELECT c, max(gain) AS largest, (avg(gain) FILTER (WHERE o IS NULL) + avg(gain) FILTER (WHERE o IS NOT NULL)) / 2 AS mean FROM pairs GROUP BY c)
SELECT ok(count(*) = 4 AND bool_and(abs(f.largest_gain - o.largest) < 1e-12 AND abs(f.gain - o.mean) < 1e-12), 'gains equal those of plain SQL')
FROM kiaim.find_quasi('random_table', max_columns => 2) AS f JOIN oracle AS o ON o.c = f.column_name;

SELECT throws_ok($$SELECT * FROM kiaim.find_quasi(NULL)$$, '22004', 'source must not be NULL');
SELECT throws_ok($$SELECT * FROM kiaim.find_quasi('t', max_columns => 0)$$, '22023');
SELECT throws_ok($$SELECT * FROM kiaim.find_quasi('t', person => 'nobody')$$, '42703');
SELECT throws_ok($$SELECT * FROM kiaim.find_quasi('t', '{a,e}', person => 'e')$$, '22023', 'column "e" cannot be both person and one of columns');

-- ---- privileges ----

CREATE SCHEMA finding_test;
CREATE TABLE finding_test.open (a int, secret text);
INSERT INTO finding_test.open VALUES (1, 'Anna Müller'), (1, 'x');
CREATE ROLE kiaim_finding_test;
GRANT USAGE ON SCHEMA finding_test, kiaim TO kiaim_finding_test;
SET LOCAL ROLE kiaim_finding_test;
SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers('finding_test.open')$$, '42501', 'permission denied for table open');
RESET ROLE;
GRANT SELECT (a) ON finding_test.open TO kiaim_finding_test;
SET LOCAL ROLE kiaim_finding_test;
SELECT results_eq($$SELECT column_name::text COLLATE "default", kind, hits, reason FROM kiaim.find_identifiers('finding_test.open')$$,
  $$VALUES ('secret', NULL, NULL::bigint, 'you have no privilege to read it')$$, 'a closed column is said to be closed');
SELECT throws_ok($$SELECT * FROM kiaim.find_identifiers('finding_test.open', '{secret}')$$, '42501');
SELECT results_eq($$SELECT column_name::text COLLATE "default", role FROM kiaim.find_quasi('finding_test.open')$$,
  $$VALUES ('secret', 'unknown'), ('a', 'constant')$$, 'by the finder too');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
