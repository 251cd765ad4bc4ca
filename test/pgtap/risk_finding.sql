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
  'Bcd', 'Lang', 'Cde', 'Def']) AS family;
SELECT results_eq($$SELECT column_name::text COLLATE "default", kind, hits FROM kiaim.find_identifiers('words')$$, $$VALUES ('family', 'name', 5::bigint)$$,
  'single names count where many values are names: occupations are none');
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
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
