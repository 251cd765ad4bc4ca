-- kiaim.suggest: what a steward is told about each column of a relation.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- A number that looks random and is the same on every run.
CREATE FUNCTION pg_temp.r(i int, salt int, n int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT (('x' || left(md5(i || '/' || salt), 7))::bit(28)::int % n) $$;

-- One of the elements of an array.
CREATE FUNCTION pg_temp.pick(i int, salt int, elements text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT elements[1 + pg_temp.r(i, salt, cardinality(elements))] $$;

-- The suggestions with names of type text, which compare with the expected ones.
CREATE FUNCTION pg_temp.said(source regclass)
RETURNS TABLE (column_name text, looks_like text, role text, hierarchy text, reason text)
LANGUAGE sql AS $$ SELECT * FROM kiaim.suggest(source) $$;

---------------------------------------------------------------------------
-- A table of tumours in English

CREATE TEMP TABLE tumour AS
SELECT i AS tumour_id,
       1 + pg_temp.r(i, 1, 4000) AS patient_id,
       'Zyx' || md5(i::text) AS family_name,
       pg_temp.pick(i, 2, '{Zyxanna,Zyxbert,Zyxcleo}') AS first_name,
       'Z' || lpad((i * 7919 % 1000000)::text, 9, '0') AS insurance_number,
       pg_temp.pick(i, 3, '{M,W,D,U}') AS sex,
       date '1930-01-01' + pg_temp.r(i, 4, 25000) AS birth_date,
       date '2015-01-01' + pg_temp.r(i, 5, 3000) AS diagnosis_date,
       pg_temp.pick(i, 6, '{E,T,M}') AS diagnosis_date_accuracy,
       20 + pg_temp.r(i, 7, 75) AS age_at_diagnosis,
       pg_temp.pick(i, 8, '{a50b54,a55b59,a60b64,a65b69,a70b74,a85plus}') AS age_group,
       pg_temp.pick(i, 9, '{09162,09161,05315,05111,11000,14612,1001,16056,09099}') AS district,
       pg_temp.pick(i, 10, '{80331,80333,50667,50668,10115,04109,01067,20095}') AS postcode,
       CASE WHEN i % 200 = 0 THEN 'Cxx' ELSE pg_temp.pick(i, 11, '{C50.4,C50.9,c34.1,C61,C43.5,C81.1,C18.7,D05.1}') END AS icd10,
       pg_temp.pick(i, 12, '{C50.4,C34.1,C61.9,C42.1,C77.9}') AS topography,
       pg_temp.pick(i, 13, '{8500/3,8140/3,8070/3,9680/3}') AS morphology,
       pg_temp.pick(i, 14, '{1,1a,1b,2,3,4a,X,is}') AS c_t,
       pg_temp.pick(i, 15, '{0,1,2a,X}') AS c_n,
       pg_temp.pick(i, 16, '{I,IA,IIB,III,IV,X}') AS uicc,
       pg_temp.pick(i, 17, '{1,2,3,4,X}') AS grading,
       CASE WHEN i % 100 = 0 THEN 'J' ELSE 'N' END AS dcn,
       pg_temp.r(i, 18, 40) AS nodes_involved,
       pg_temp.r(i, 19, 3000) AS survival_days,
       pg_temp.r(i, 20, 300) AS days_to_operation,
       pg_temp.pick(i, 21, '{alive,dead}') AS vital_status,
       repeat('Patient Zyx came on foot. ', 1 + i % 5) AS comment,
       repeat('Nothing to report about Zyx. ', 1 + pg_temp.r(i, 22, 500)) AS report,
       now() AS created_at,
       pg_temp.pick(i, 23, '{31,32,33}') AS topography_edition
FROM generate_series(1, 5000) i;

SELECT results_eq(
  'SELECT column_name, looks_like, role, hierarchy FROM pg_temp.said(''tumour'')',
  $$ VALUES
    ('tumour_id', 'key', 'identifier', NULL),
    ('patient_id', 'person', 'person', NULL),
    ('family_name', 'direct identifier', 'identifier', NULL),
    ('first_name', 'direct identifier', 'identifier', NULL),
    ('insurance_number', 'direct identifier', 'identifier', NULL),
    ('sex', 'sex', 'quasi', 'flat'),
    ('birth_date', 'date of birth', 'quasi', 'calendar(month, quarter, year, decade)'),
    ('diagnosis_date', 'date of diagnosis', 'quasi', 'calendar(month, quarter, year)'),
    ('diagnosis_date_accuracy', 'technical', 'drop', NULL),
    ('age_at_diagnosis', 'age', 'quasi', 'bins(5, 10, 20)'),
    ('age_group', 'age group', 'drop', NULL),
    ('district', 'municipality key', 'quasi', 'ags'),
    ('postcode', 'postcode', 'quasi', 'prefix(3, 2, 1)'),
    ('icd10', 'ICD-10 code', 'sensitive', 'icd10'),
    ('topography', 'ICD-O-3 topography', 'sensitive', 'icdo_topography'),
    ('morphology', 'ICD-O-3 morphology', 'sensitive', 'icdo_morphology'),
    ('c_t', 'TNM category', 'sensitive', 'tnm'),
    ('c_n', 'TNM category', 'sensitive', 'tnm'),
    ('uicc', 'UICC stage', 'sensitive', 'uicc'),
    ('grading', 'clinical finding', 'sensitive', 'flat'),
    ('dcn', 'clinical finding', 'drop', NULL),
    ('nodes_involved', 'clinical finding', 'sensitive', 'bins(5, 10)'),
    ('survival_days', 'survival time', 'keep', NULL),
    ('days_to_operation', 'duration', 'quasi', 'bins(10, 50, 100)'),
    ('vital_status', 'vital status', 'keep', NULL),
    ('comment', 'free text', 'drop', NULL),
    ('report', 'free text', 'drop', NULL),
    ('created_at', 'technical', 'drop', NULL),
    ('topography_edition', 'technical', 'drop', NULL) $$,
  'a table of tumours: role and hierarchy of each column, in order');

SELECT is((SELECT reason FROM kiaim.suggest('tumour') WHERE column_name = 'icd10'),
  '99.5 % of the known values are codes, look at the others before a release; the diagnosis must differ within every group (5000 rows read, 9 different values).',
  'the reason says how many values are codes and what was read');
SELECT is((SELECT reason FROM kiaim.suggest('tumour') WHERE column_name = 'birth_date'),
  'A birthday is known to many and the dates span 69 years (5000 rows read, about '
  || (SELECT substring(reason FROM 'about (\d+)') FROM kiaim.suggest('tumour') WHERE column_name = 'birth_date')
  || ' different values).', 'the reason of a date');
SELECT ok(substring(reason FROM 'about (\d+) different')::int BETWEEN 0.9 * n AND 1.1 * n, 'the number of different values is estimated within 10 %')
FROM kiaim.suggest('tumour'), (SELECT count(DISTINCT birth_date) n FROM tumour) d WHERE column_name = 'birth_date';
SELECT is((SELECT reason FROM kiaim.suggest('tumour') WHERE column_name = 'age_group'),
  '"age_at_diagnosis" seems to say the same and finer, one of the two is enough (5000 rows read, 6 different values).',
  'what another column says as well is left out, naming the other');
CREATE TEMP VIEW coarse AS SELECT age_group, extract(year FROM diagnosis_date)::int AS diagnosis_year, left(lpad(district, 5, '0'), 2) AS state FROM tumour;
SELECT results_eq('SELECT column_name, role, hierarchy FROM pg_temp.said(''coarse'')',
  $$ VALUES ('age_group', 'quasi', 'age_groups'), ('diagnosis_year', 'quasi', 'bins(5, 10)'), ('state', 'quasi', 'flat') $$,
  'where no other column says it, it is not');
SELECT is((SELECT count(*) FROM kiaim.suggest('tumour') WHERE reason LIKE '%Zyx%' OR looks_like LIKE '%Zyx%'), 0::bigint,
          'no reason shows a value');

---------------------------------------------------------------------------
-- The same in German, and as unquoted names come out of other systems

CREATE TEMP TABLE "Tumordaten" AS
SELECT 'f' || md5(i::text) AS "oBDS_RKIPatientTumorId", md5((i % 900)::text)::uuid AS "oBDS_RKIPatientId",
       pg_temp.pick(i, 1, '{Anna,Bert}') AS "Vorname", 'Müller' AS "Nachname", 'Weg ' || i AS "Straße",
       pg_temp.pick(i, 2, '{M,W}') AS "Geschlecht",
       date '1930-01-01' + pg_temp.r(i, 4, 25000) AS "Geburtsdatum",
       to_char(date '2015-01-01' + pg_temp.r(i, 5, 3000), 'YYYY-MM-DD') AS "Diagnosedatum",
       to_char(date '2015-01-01' + pg_temp.r(i, 5, 3000), 'DD.MM.YYYY') AS "Datum_Beginn",
       (2015 + pg_temp.r(i, 6, 9))::smallint AS "Diagnosejahr",
       (20 + pg_temp.r(i, 7, 75))::text AS "Diagnosealter",
       pg_temp.pick(i, 8, '{09162,05315,11000}')::int AS "Inzidenzort",
       pg_temp.pick(i, 9, '{09,05,11}') AS "Inzidenzort_BL",
       pg_temp.pick(i, 10, '{80331,50667}') AS "PLZ",
       pg_temp.pick(i, 11, '{C50.4,C34.1,C61}') AS "Diagnose_ICD10_Code", '10 2019 GM'::text AS "Diagnose_ICD10_Version",
       pg_temp.pick(i, 12, '{85003,81403}') AS "Morphologie_Code", pg_temp.pick(i, 13, '{C50.4,C34.1,C61}') AS "Topographie_Code",
       pg_temp.pick(i, 14, '{L,R,U}') AS "Seitenlokalisation", pg_temp.pick(i, 15, '{1,2,3}') AS "T_c", pg_temp.pick(i, 16, '{II,III}') AS "UICC_Stadium_c",
       pg_temp.pick(i, 17, '{J,N}') AS "Verstorben", pg_temp.r(i, 18, 500) AS "Anzahl_Tage_Diagnose_Tod",
       pg_temp.pick(i, 19, '{C34.9,I21.9,C50.9}') AS "Todesursache", pg_temp.pick(i, 20, '{ledig,verheiratet}') AS "Familienstand",
       'Text' AS "Bemerkung"
FROM generate_series(1, 2000) i;

SELECT results_eq(
  $$ SELECT column_name, role, hierarchy FROM pg_temp.said('"Tumordaten"') $$,
  $$ VALUES
    ('oBDS_RKIPatientTumorId', 'identifier', NULL), ('oBDS_RKIPatientId', 'person', NULL), ('Vorname', 'identifier', NULL),
    ('Nachname', 'identifier', NULL), ('Straße', 'identifier', NULL), ('Geschlecht', 'quasi', 'flat'),
    ('Geburtsdatum', 'quasi', 'calendar(month, quarter, year, decade)'), ('Diagnosedatum', 'quasi', 'calendar(month, quarter, year)'),
    ('Datum_Beginn', 'drop', NULL), ('Diagnosejahr', 'drop', NULL), ('Diagnosealter', 'quasi', 'age_groups'), ('Inzidenzort', 'quasi', 'ags'),
    ('Inzidenzort_BL', 'drop', NULL), ('PLZ', 'quasi', 'prefix(3, 2, 1)'), ('Diagnose_ICD10_Code', 'sensitive', 'icd10'),
    ('Diagnose_ICD10_Version', 'drop', NULL), ('Morphologie_Code', 'sensitive', 'icdo_morphology'),
    ('Topographie_Code', 'sensitive', 'icdo_topography'), ('Seitenlokalisation', 'sensitive', 'flat'), ('T_c', 'sensitive', 'tnm'),
    ('UICC_Stadium_c', 'sensitive', 'uicc'), ('Verstorben', 'keep', NULL), ('Anzahl_Tage_Diagnose_Tod', 'keep', NULL),
    ('Todesursache', 'sensitive', 'icd10'), ('Familienstand', 'quasi', 'flat'), ('Bemerkung', 'drop', NULL) $$,
  'German names and quoted identifiers');

DO $$
DECLARE list text;
BEGIN
  SELECT string_agg(format('%I AS %I', attname, lower(attname)), ', ' ORDER BY attnum) INTO list
  FROM pg_attribute WHERE attrelid = '"Tumordaten"'::regclass AND attnum > 0;
  EXECUTE format('CREATE TEMP VIEW folded AS SELECT %s FROM "Tumordaten"', list);
END $$;
SELECT results_eq('SELECT role, hierarchy FROM pg_temp.said(''folded'')',
                  'SELECT role, hierarchy FROM pg_temp.said(''"Tumordaten"'')',
                  'a view, with names that have lost their case, says the same');

---------------------------------------------------------------------------
-- Codes are recognized whatever the name of their column

CREATE TEMP TABLE nameless AS
SELECT pg_temp.pick(i, 1, '{C50.4,C43.5,D05.1,I21.9}') AS a1,
       pg_temp.pick(i, 2, '{C50.4,C34.1,C42.1,C42.0}') AS a2,
       pg_temp.pick(i, 3, '{C50.4,C34.1,C61.9}') AS a3,
       pg_temp.pick(i, 4, '{8500/3,8140/3,9680/3}') AS a4,
       pg_temp.pick(i, 5, '{T1a,T2,T3,T4}') AS a5,
       pg_temp.pick(i, 6, '{IA,IIB,III,IV}') AS a6,
       pg_temp.pick(i, 7, '{09162000,05315000,11000000,14612000}') AS a7,
       pg_temp.pick(i, 8, '{0-4,75-79,85+}') AS a8,
       CASE WHEN i % 10 = 0 THEN 'unknown' WHEN i % 30 = 1 THEN 'Zyx' ELSE pg_temp.pick(i, 1, '{C50.4,C43.5,D05.1,I21.9}') END AS a9,
       -- what only seems to be a code
       pg_temp.pick(i, 9, '{1,2,3,4,X}') AS b1,
       pg_temp.pick(i, 10, '{1a,2b,3,4c}') AS b2,
       8000 + pg_temp.r(i, 11, 500) AS b3,
       20 + pg_temp.r(i, 12, 70) AS b4,
       pg_temp.pick(i, 13, '{80331,50667,10115,20095}') AS b5,
       CASE WHEN i % 10 = 0 THEN 'Zyx' ELSE pg_temp.pick(i, 1, '{C50.4,C43.5,D05.1,I21.9}') END AS b6
FROM generate_series(1, 3000) i;

SELECT results_eq(
  'SELECT column_name, looks_like, role, hierarchy FROM pg_temp.said(''nameless'')',
  $$ VALUES
    ('a1', 'ICD-10 code', 'sensitive', 'icd10'), ('a2', 'ICD-O-3 topography', 'sensitive', 'icdo_topography'),
    ('a3', 'ICD-10 code', 'sensitive', 'icd10'), ('a4', 'ICD-O-3 morphology', 'sensitive', 'icdo_morphology'),
    ('a5', 'TNM category', 'sensitive', 'tnm'), ('a6', 'UICC stage', 'sensitive', 'uicc'),
    ('a7', 'municipality key', 'quasi', 'ags'), ('a8', 'age group', 'quasi', 'age_groups'), ('a9', 'ICD-10 code', 'sensitive', 'icd10'),
    ('b1', 'category', 'quasi', 'flat'), ('b2', 'category', 'quasi', 'flat'), ('b3', 'number', 'quasi', 'bins(50, 100)'),
    ('b4', 'number', 'quasi', 'bins(5, 10, 50)'), ('b5', 'category', 'quasi', 'flat'), ('b6', 'category', 'quasi', 'flat') $$,
  'codes under names that say nothing, and what only seems to be codes');
SELECT matches((SELECT reason FROM kiaim.suggest('nameless') WHERE column_name = 'a3'), 'could also be sites of ICD-O-3',
               'codes that are the same in both systems are said to be');

---------------------------------------------------------------------------
-- Doubt goes to the safe side

CREATE TYPE pg_temp.mood AS ENUM ('calm', 'cross');
CREATE DOMAIN pg_temp.code AS text;
CREATE TEMP TABLE doubtful (
  gone int, n int, exact_number bigint, amount numeric, infinite float8, label text, words text, nothing text, same text, mood pg_temp.mood,
  code pg_temp.code, flag boolean, verstorben boolean, moment timestamptz, day date, never date, j jsonb, a int[], u uuid, addr inet, span interval,
  hospital_id int, many_texts text, patient text, person_id text, grading text, vital_status int, survival_days float8, "select" text, "a""b" text);
ALTER TABLE doubtful DROP COLUMN gone;
INSERT INTO doubtful
SELECT 1 + i % 7, i * 7919, pg_temp.r(i, 1, 1000000) / 100.0, 'NaN', 'w' || md5(i::text), 'x y z', NULL, 'same', (ARRAY['calm', 'cross'])[1 + i % 2]::pg_temp.mood,
       pg_temp.pick(i, 2, '{C50.4,C43.5,D05.1}'), i % 2 = 0, i % 3 = 0, timestamptz '2020-01-01' + i * interval '1 minute', date '2020-01-01' + i % 300, 'infinity', '{}', '{1}',
       md5(i::text)::uuid, '10.0.0.1', '1 day', 1 + i % 6, 'word ' || i % 300, 'p' || i % 400, 'p' || i % 400,
       CASE WHEN i = 77 THEN 'Zyx' ELSE (1 + i % 3)::text END, i % 2, i + 0.5, 'a' || i % 3, 'b' || i % 3
FROM generate_series(1, 1000) i;

SELECT results_eq(
  'SELECT column_name, looks_like, role, hierarchy FROM pg_temp.said(''doubtful'')',
  $$ VALUES
    ('n', 'category', 'quasi', 'flat'), ('exact_number', 'key', 'identifier', NULL), ('amount', 'number', 'quasi', 'bins(500, 1000, 5000)'),
    ('infinite', 'constant', 'drop', NULL), ('label', 'identifier', 'identifier', NULL), ('words', 'constant', 'drop', NULL),
    ('nothing', 'nothing', 'drop', NULL), ('same', 'constant', 'drop', NULL), ('mood', 'category', 'quasi', 'flat'),
    ('code', 'ICD-10 code', 'sensitive', 'icd10'), ('flag', 'yes or no', 'quasi', 'flat'), ('verstorben', 'vital status', 'keep', NULL),
    ('moment', 'date and time', 'drop', NULL), ('day', 'date', 'quasi', 'calendar(month, quarter, year)'), ('never', 'constant', 'drop', NULL),
    ('j', 'unknown', 'drop', NULL), ('a', 'unknown', 'drop', NULL), ('u', 'key', 'identifier', NULL), ('addr', 'unknown', 'drop', NULL),
    ('span', 'unknown', 'drop', NULL), ('hospital_id', 'category', 'quasi', 'flat'), ('many_texts', 'text', 'drop', NULL),
    ('patient', 'person', 'person', NULL), ('person_id', 'key', 'identifier', NULL), ('grading', 'clinical finding', 'sensitive', 'flat'),
    ('vital_status', 'vital status', 'keep', NULL), ('survival_days', 'duration', 'quasi', 'bins(50, 100, 500)'),
    ('select', 'category', 'quasi', 'flat'), ('a"b', 'category', 'quasi', 'flat') $$,
  'columns of all types: dropped columns are left out, one person only, what is not understood is not kept');
SELECT matches((SELECT reason FROM kiaim.suggest('doubtful') WHERE column_name = 'grading'), 'values of single rows',
               'odd values in a column to be released are pointed at');
SELECT is((SELECT reason FROM kiaim.suggest('doubtful') WHERE column_name = 'j'),
          'Values of type jsonb cannot be generalized; its values were not read.', 'types without a hierarchy are not read');
SELECT is((SELECT reason FROM kiaim.suggest('doubtful') WHERE column_name = 'nothing'),
          'There is no value to judge by (1000 rows read, 1000 without a value, 0 different values).', 'NULLs are counted');

-- An empty table, and one without columns
CREATE TEMP TABLE empty_tumour AS SELECT * FROM tumour WHERE false;
SELECT is((SELECT array_agg(role ORDER BY role) FROM (SELECT DISTINCT role FROM kiaim.suggest('empty_tumour')) r), '{drop,identifier,person}',
          'of an empty table nothing is released');
CREATE TEMP TABLE no_columns ();
SELECT is_empty('SELECT * FROM kiaim.suggest(''no_columns'')', 'a table without columns has no suggestions');

---------------------------------------------------------------------------
-- Every hierarchy that is proposed takes the values of its column.

CREATE FUNCTION pg_temp.refused(source regclass) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE s record;
BEGIN
  FOR s IN SELECT * FROM kiaim.suggest(source) WHERE hierarchy IS NOT NULL LOOP
    BEGIN
      EXECUTE format('SELECT kiaim.generalize(%I, %L, 1) FROM %s', s.column_name, s.hierarchy, source);
    EXCEPTION WHEN OTHERS THEN
      RETURN NEXT s.column_name || ': ' || SQLERRM;
    END;
  END LOOP;
END $$;
SELECT is_empty(format('SELECT pg_temp.refused(%L)', t), t || ': the hierarchies take the types of their columns')
FROM unnest('{tumour,folded,nameless,doubtful}'::text[]) t;
SELECT is((SELECT count(*) FROM kiaim.suggest('tumour') WHERE (hierarchy IS NULL) <> (role NOT IN ('quasi', 'sensitive'))), 0::bigint,
          'what is to be generalized or to differ has a hierarchy, nothing else has');

-- Together they are a policy.
CREATE FUNCTION pg_temp.policy(source regclass) RETURNS jsonb
LANGUAGE sql AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'person', max(column_name::text) FILTER (WHERE role = 'person'),
    'quasi', jsonb_object_agg(column_name, hierarchy) FILTER (WHERE role = 'quasi'),
    'sensitive', jsonb_object_agg(column_name, '{"l": 2}'::jsonb) FILTER (WHERE role = 'sensitive'),
    'keep', jsonb_agg(column_name) FILTER (WHERE role = 'keep'),
    'k', 5))
  FROM kiaim.suggest(source)
$$;
SELECT lives_ok(format('SELECT kiaim.validate_policy(%L, pg_temp.policy(%L))', t, t), t || ': the suggestions are a valid policy')
FROM unnest('{tumour,folded,nameless,doubtful}'::text[]) t;

---------------------------------------------------------------------------
-- The same on every run and in any order of the rows

CREATE TEMP TABLE wide AS
SELECT pg_temp.r(i, 1, 30000) AS a, 'k' || pg_temp.r(i, 2, 9000) AS b, pg_temp.r(i, 3, 100000) / 10.0 AS c, date '1900-01-01' + pg_temp.r(i, 4, 40000) AS d
FROM generate_series(1, 40000) i;
CREATE TEMP TABLE shuffled AS SELECT * FROM wide ORDER BY md5(a::text || b || c || d);
SELECT results_eq('SELECT * FROM kiaim.suggest(''shuffled'')', 'SELECT * FROM kiaim.suggest(''wide'')',
                  'the order of the rows says nothing, even where only a sample of the values is kept');
CREATE TEMP TABLE parts (LIKE wide) PARTITION BY RANGE (a);
CREATE TEMP TABLE part1 PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (15000);
CREATE TEMP TABLE part2 PARTITION OF parts FOR VALUES FROM (15000) TO (MAXVALUE);
INSERT INTO parts SELECT * FROM wide;
SELECT results_eq('SELECT * FROM kiaim.suggest(''parts'')', 'SELECT * FROM kiaim.suggest(''wide'')', 'partitions are read as one relation');

SET LOCAL datestyle = 'German';
SET LOCAL timezone = 'Asia/Tokyo';
SET LOCAL extra_float_digits = -5;
CREATE TEMP TABLE settings AS SELECT * FROM kiaim.suggest('doubtful');
RESET datestyle; RESET timezone; RESET extra_float_digits;
SELECT results_eq('SELECT * FROM settings', 'SELECT * FROM kiaim.suggest(''doubtful'')', 'no setting changes a suggestion');

---------------------------------------------------------------------------
-- As the caller

CREATE ROLE kiaim_suggest_reader;
CREATE TABLE kiaim_suggest_table AS SELECT i AS id, pg_temp.pick(i, 1, '{M,W}') AS sex, pg_temp.pick(i, 2, '{alive,dead}') AS vital_status, i % 2 AS part
FROM generate_series(1, 100) i;
GRANT USAGE ON SCHEMA kiaim TO kiaim_suggest_reader;
SET LOCAL ROLE kiaim_suggest_reader;
SELECT throws_ok('SELECT * FROM kiaim.suggest(''kiaim_suggest_table'')', '42501', 'permission denied for table kiaim_suggest_table',
                 'without a privilege nothing is read');
RESET ROLE;
GRANT SELECT (sex, part) ON kiaim_suggest_table TO kiaim_suggest_reader;
SET LOCAL ROLE kiaim_suggest_reader;
SELECT results_eq('SELECT column_name::text COLLATE "default", role, reason FROM kiaim.suggest(''kiaim_suggest_table'') WHERE column_name IN (''sex'', ''vital_status'')',
  $$ VALUES ('sex', 'quasi', 'Sex is known to many (100 rows read, 2 different values).'),
            ('vital_status', 'drop', 'You have no privilege to read it; its values were not read.') $$,
  'a column that the caller may not read is not read');
RESET ROLE;
GRANT SELECT ON kiaim_suggest_table TO kiaim_suggest_reader;
ALTER TABLE kiaim_suggest_table ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON kiaim_suggest_table USING (part = 0);
SET LOCAL ROLE kiaim_suggest_reader;
SELECT is((SELECT reason FROM kiaim.suggest('kiaim_suggest_table') WHERE column_name = 'part'),
          'The same value in every row says nothing (50 rows read, 1 different value).', 'row-level security holds');
RESET ROLE;

---------------------------------------------------------------------------
-- Errors

SELECT throws_ok('SELECT * FROM kiaim.suggest(4294967295::oid::regclass)', '42P01', 'relation with OID 4294967295 does not exist',
                 'a relation that does not exist');
SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok('SELECT * FROM kiaim.suggest(''wide'')', '53400', 'looking at 4 columns needs more than the 1024 kB of kiaim.max_memory',
                 'memory is bounded');
RESET kiaim.max_memory;
CREATE INDEX kiaim_suggest_index ON kiaim_suggest_table (id);
SELECT throws_ok('SELECT * FROM kiaim.suggest(''kiaim_suggest_index'')', '42809', NULL, 'an index has no rows to read');
SELECT is_empty('SELECT * FROM kiaim.suggest(NULL)', 'no relation, no suggestions');

SELECT * FROM finish();
ROLLBACK;
