-- The type kiaim.recoding and what it does to a tuple; release_local.sql has the releases.
\set ON_ERROR_STOP on
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TEMP TABLE fitted AS
SELECT kiaim.make_recoding('test', '{sex,age,city}', '{text,int,text}',
  '{{f,23,Größe},{m,NULL,Ulm},{f,24,Ulm},{NULL,24,""},{NULL,NULL,NULL}}',
  '{{f,"[20,25)",Größe},{NULL,*,Ulm},{f,"[20,25)",Größe},{x,y,z},{*,*,*}}') AS r;

-- A round trip ---------------------------------------------------------------------

SELECT is(r::text::kiaim.recoding::text, r::text, 'the text form comes back') FROM fitted;
SELECT is((SELECT array_agg(t.tuple || t.outcome ORDER BY t.tuple) FROM kiaim.recoding_tuples(r) AS t),
          '{{f,23,Größe,f,"[20,25)",Größe},{f,24,Ulm,f,"[20,25)",Größe},{m,NULL,Ulm,NULL,*,Ulm},{NULL,24,"",x,y,z},{NULL,NULL,NULL,*,*,*}}'::text[],
          'all tuples with their outcomes are in it') FROM fitted;
SELECT is((SELECT jsonb_object_agg(figure, value) FROM kiaim.recoding_figures(r)),
          '{"columns": 3, "tuples": 5, "outcomes": 4}', 'two tuples share an outcome') FROM fitted;
SELECT is(kiaim.make_recoding('test', '{sex,age,city}', '{text,int,text}',
            '{{NULL,NULL,NULL},{NULL,24,""},{f,24,Ulm},{m,NULL,Ulm},{f,23,Größe},{f,24,Ulm}}',
            '{{*,*,*},{x,y,z},{f,"[20,25)",Größe},{NULL,*,Ulm},{f,"[20,25)",Größe},{f,"[20,25)",Größe}}')::text, r::text,
          'the bytes do not depend on the order of the tuples, nor on repeated ones') FROM fitted;
SELECT is(kiaim.recoding_id(r), encode(sha256(decode(r::text, 'base64')), 'hex'), 'its id is the SHA-256 of its bytes') FROM fitted;

-- The outcome of a tuple -------------------------------------------------------------

SELECT is(kiaim.recode(r, 'f', 23, 'Größe'), '{f,"[20,25)",Größe}'::text[], 'a tuple') FROM fitted;
SELECT is(kiaim.recode(r, 'm'::varchar, NULL::int, 'Ulm'::char(9)), '{NULL,*,Ulm}'::text[],
          'NULL is a value on both sides; varchar and char count as text') FROM fitted;
SELECT is(kiaim.recode(r, NULL, 24, ''), '{x,y,z}'::text[], 'the empty text is not NULL') FROM fitted;
SELECT is(kiaim.recode(r, NULL, NULL::int, NULL), '{*,*,*}'::text[], 'a tuple of NULLs') FROM fitted;
SELECT is(kiaim.recode(r, 'f', 23, 'Ulm'), NULL, 'known values, unknown tuple') FROM fitted;
SELECT is(kiaim.recode(r, 'f', 99, 'Ulm'), NULL, 'an unknown value') FROM fitted;
SELECT is(kiaim.recode(r, '', 23, 'Größe'), NULL, 'an unknown empty text') FROM fitted;
SELECT is(kiaim.recode(r, NULL, 23, 'Größe'), NULL, 'an unknown NULL') FROM fitted;
CREATE DOMAIN pg_temp.years AS int;
SELECT is(kiaim.recode(r, 'f', 23::pg_temp.years, 'Größe'), '{f,"[20,25)",Größe}'::text[], 'a domain is its base type') FROM fitted;

SELECT throws_ok($$SELECT kiaim.recode(r, 'f', 23) FROM fitted$$, '22023', 'the recoding was fitted to 3 columns, not 2', 'too few values');
SELECT throws_ok($$SELECT kiaim.recode(r, 'f', 23, 'Ulm', 1) FROM fitted$$, '22023', 'the recoding was fitted to 3 columns, not 4', 'too many');
SELECT throws_ok($$SELECT kiaim.recode(r, 'f', 23::bigint, 'Ulm') FROM fitted$$, '42804',
  'the recoding was fitted to column "age" of type integer, not bigint', 'another type');
SELECT throws_ok($$SELECT kiaim.recode(r, VARIADIC '{f,23,Ulm}'::text[]) FROM fitted$$, '0A000',
  'the values of a tuple cannot be passed as a VARIADIC array', 'an array is no tuple');
SELECT throws_ok($$SELECT kiaim.recode(NULL, 'f')$$, '22004', 'there is no recoding to apply', 'no recoding is an error, not an unknown tuple');

-- Many tuples, more than a word a key, against plain SQL -----------------------------

CREATE TEMP TABLE wide AS
SELECT i, md5(i::text) AS a, i::bigint * 1000003 AS b, i * 0.10 AS c, '2000-01-01'::date + i AS d, (i % 2 = 0) AS e,
       timestamptz '2020-03-01 00:00+00' + make_interval(hours => i) AS f, i / 3.0::float8 AS g,
       CASE WHEN i % 7 > 0 THEN i::text END AS h
FROM generate_series(1, 3000) AS i;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
CREATE TEMP TABLE wide_fitted AS
SELECT kiaim.make_recoding('test', '{a,b,c,d,e,f,g,h}', '{text,bigint,numeric,date,bool,timestamptz,float8,text}',
  (SELECT array_agg(ARRAY[a, b::text, c::text, d::text, e::text, f::text, g::text, h] ORDER BY i) FROM wide WHERE i <= 2500),
  (SELECT array_agg(ARRAY[left(a, 1), (i % 10)::text, NULL, 'd', 'e', 'f', 'g', h] ORDER BY i) FROM wide WHERE i <= 2500)) AS r;
SET LOCAL TimeZone = 'Asia/Tokyo';
SET LOCAL DateStyle = 'SQL, DMY';
SET LOCAL extra_float_digits = -5;
SELECT is_empty($$
  SELECT i FROM wide, wide_fitted WHERE i <= 2500
  AND kiaim.recode(r, a, b, c, d, e, f, g, h) IS DISTINCT FROM ARRAY[left(a, 1), (i % 10)::text, NULL, 'd', 'e', 'f', 'g', h]
$$, 'every tuple has its outcome, whatever the settings say');
SELECT is((SELECT count(kiaim.recode(r, a, b, c, d, e, f, g, h)) FROM wide, wide_fitted), 2500::bigint, 'and no other tuple has one');
SELECT is((SELECT count(kiaim.recode((SELECT r FROM wide_fitted), a, b, c, d, e, f, g, h)) FROM wide), 2500::bigint, 'a recoding of its own subquery');

-- Two recodings at one call site.
SELECT is((SELECT string_agg(kiaim.recode(r, x)::text, ' ' ORDER BY n)
           FROM (SELECT n, kiaim.make_recoding('test', '{x}', '{text}', '{{a}}', ARRAY[ARRAY[(n % 2)::text]]) AS r, 'a'::text AS x
                 FROM generate_series(1, 4) AS n OFFSET 0) AS s), '{1} {0} {1} {0}', 'the recoding may change from row to row');
CREATE FUNCTION pg_temp.twice(r1 kiaim.recoding, r2 kiaim.recoding) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r kiaim.recoding; result text = '';
BEGIN
  FOR i IN 1..4 LOOP r := CASE i % 2 WHEN 0 THEN r1 ELSE r2 END; result := result || kiaim.recode(r, 'a')::text; END LOOP;
  RETURN result;
END $$;
SELECT is(pg_temp.twice(kiaim.make_recoding('test', '{x}', '{text}', '{{a}}', '{{1}}'), kiaim.make_recoding('test', '{x}', '{text}', '{{a}}', '{{2}}')),
          '{2}{1}{2}{1}', 'in PL/pgSQL, too');

SELECT is((SELECT count(*) FROM kiaim.recoding_tuples(kiaim.make_recoding('test', '{x}', '{text}', '{}', '{}'))), 0::bigint, 'a recoding of no tuples');
SELECT is(kiaim.recode(kiaim.make_recoding('test', '{x}', '{text}', '{}', '{}'), 'a'), NULL, 'knows none');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{x}', '{text}', '{{a},{a}}', '{{1},{2}}')$$, '22023',
  'a tuple of the recoding has two outcomes', 'a recoding is a function');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{x}', '{text}', '{{a},{b}}', '{{1}}')$$, '2202E', 'tuples and labels must be as many', 'a label for each');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{x}', '{text}', '{{a,b}}', '{{1,2}}')$$, '2202E', 'tuples must be an array of rows of 1 values', 'of as many columns');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{x,y}', '{text}', '{}', '{}')$$, '22023', 'a recoding of 2 columns needs as many types, not 1', 'types');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{}', '{}', '{}', '{}')$$, '54000', 'a recoding must have 1 to 64 columns, not 0', 'no columns');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{NULL}', '{text}', '{}', '{}')$$, '22004', NULL, 'a column without a name');
SELECT throws_ok($$SELECT kiaim.make_recoding('test', '{{x}}', '{text}', '{}', '{}')$$, '2202E', NULL, 'columns of two dimensions');

-- Bytes that are none ----------------------------------------------------------------

CREATE FUNCTION pg_temp.state_of(bytes bytea, OUT state text, OUT message text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM encode(bytes, 'base64')::kiaim.recoding;
  state := '00000';
EXCEPTION WHEN OTHERS THEN
  state := SQLSTATE;
  message := SQLERRM;
END $$;
CREATE TEMP TABLE form AS SELECT decode(r::text, 'base64') AS bytes FROM fitted;

SELECT is((SELECT string_agg(DISTINCT state, ' ') FROM form, generate_series(0, length(bytes) - 1) AS i,
             LATERAL pg_temp.state_of(set_byte(bytes, i, get_byte(bytes, i) # 1 << (i % 8)))), '22P03', 'a flipped bit anywhere is refused');
SELECT is((SELECT string_agg(DISTINCT state, ' ') FROM form, generate_series(0, length(bytes) - 1) AS i,
             LATERAL pg_temp.state_of(substr(bytes, 1, i))), '22P03', 'so is a part of it');
SELECT is((SELECT state FROM form, LATERAL pg_temp.state_of(bytes || '\x00'::bytea)), '22P03', 'and more than it');
SELECT is((SELECT state FROM pg_temp.state_of('')), '22P03', 'no bytes');
SELECT throws_ok($$SELECT 'no base64!'::kiaim.recoding$$, '22023', NULL, 'no base64');

-- CRC-32C in plain SQL, so that damage arrives behind a valid checksum.
CREATE FUNCTION pg_temp.crc32c(bytes bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE crc bigint := 4294967295;
BEGIN
  FOR i IN 0..length(bytes) - 1 LOOP
    crc := crc # get_byte(bytes, i);
    FOR bit IN 1..8 LOOP
      crc := CASE crc & 1 WHEN 1 THEN crc >> 1 # 2197175160 ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  RETURN crc # 4294967295;
END $$;
CREATE FUNCTION pg_temp.sealed(bytes bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE crc bigint := pg_temp.crc32c(substr(bytes, 9));
BEGIN
  FOR i IN 0..3 LOOP bytes := set_byte(bytes, 4 + i, (crc >> 8 * i & 255)::int); END LOOP;
  RETURN bytes;
END $$;
SELECT is(pg_temp.sealed(bytes), bytes, 'the checksum is CRC-32C') FROM form;
SELECT is((SELECT state || ' ' || message FROM form, pg_temp.state_of(pg_temp.sealed(set_byte(bytes, 8, 9)))), '22023 recoding has version 9, not 1', 'another version');
SELECT is((SELECT state || ' ' || message FROM form, pg_temp.state_of(pg_temp.sealed(set_byte(bytes, 16, ascii('X'))))),
          '22023 recoding has texts in the encoding "XTF8", the database is in "UTF8"', 'another encoding');
-- Whatever a sealed byte is: refused, or a recoding that can be read and applied.
CREATE FUNCTION pg_temp.survives(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r kiaim.recoding;
BEGIN
  r := encode(bytes, 'base64')::kiaim.recoding;
  PERFORM FROM kiaim.recoding_tuples(r);
  PERFORM kiaim.recode(r, s, a, c) FROM unnest(ARRAY['f', 'm', NULL]) AS s, unnest(ARRAY[23, 24, NULL]) AS a, unnest(ARRAY['Größe', 'Ulm', '', NULL]) AS c;
  RETURN 'works';
EXCEPTION WHEN invalid_binary_representation OR invalid_parameter_value OR datatype_mismatch THEN
  RETURN SQLSTATE;
END $$;
CREATE TEMP TABLE fuzzed AS
SELECT i, with_byte, pg_temp.survives(pg_temp.sealed(set_byte(bytes, i, with_byte))) AS state
FROM form, generate_series(8, length(bytes) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255, get_byte(bytes, i) + 1 & 255]) AS with_byte;
SELECT is_empty($$SELECT * FROM fuzzed WHERE state NOT IN ('works', '22P03', '22023', '42804')$$, 'no sealed byte is more than refused');
SELECT cmp_ok((SELECT count(*) FROM fuzzed WHERE state = '22P03'), '>', 500::bigint, 'most of them are');

SELECT * FROM finish();
ROLLBACK;
