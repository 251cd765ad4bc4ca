-- The bytes of a model: the same for the same data, and refused where they are not one, whatever they are.
\set ON_ERROR_STOP on
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
SET LOCAL client_min_messages = warning;

-- CRC-32C as RFC 3720 has it, slow and obvious, so that bytes can be changed under a checksum that is right.
CREATE TABLE crc_step AS
SELECT array_agg(c ORDER BY b) AS of_byte FROM (
	WITH RECURSIVE r AS (
		SELECT b, 0 AS i, b::bigint AS c FROM generate_series(0, 255) AS b
		UNION ALL SELECT b, i + 1, CASE WHEN c & 1 = 1 THEN (c >> 1) # x'82f63b78'::bigint ELSE c >> 1 END FROM r WHERE i < 8)
	SELECT b, c FROM r WHERE i = 8) AS t;
CREATE FUNCTION crc32c(data bytea) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	step bigint[] := (SELECT of_byte FROM crc_step);
	c bigint := x'ffffffff'::bigint;
BEGIN
	FOR i IN 0 .. octet_length(data) - 1 LOOP
		c := (c >> 8) # step[((c # get_byte(data, i)) & 255) + 1];
	END LOOP;
	RETURN c # x'ffffffff'::bigint;
END $$;
SELECT is(to_hex(crc32c('123456789')), 'e3069283', 'the checksum of the standard''s example');

-- Four bytes, the lowest first.
CREATE FUNCTION int32(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT decode(lpad(to_hex(n & 255), 2, '0') || lpad(to_hex(n >> 8 & 255), 2, '0') || lpad(to_hex(n >> 16 & 255), 2, '0') || lpad(to_hex(n >> 24 & 255), 2, '0'), 'hex') $$;
-- The bytes of a model with a checksum that is right: it stands at 10 .. 13, for all that follows.
CREATE FUNCTION sealed(bytes bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT substr(bytes, 1, 10) || int32(crc32c(substr(bytes, 15))) || substr(bytes, 15) $$;
CREATE FUNCTION as_model(bytes bytea) RETURNS kiaim.model LANGUAGE sql IMMUTABLE AS $$ SELECT encode(bytes, 'base64')::text::kiaim.model $$;

CREATE TYPE sex AS ENUM ('f', 'm', 'x');
CREATE TABLE patient (id int, sex sex, born date, diagnosed date, age numeric(5,1), site text, alive boolean, code text DEFAULT 'x');
INSERT INTO patient
SELECT i / 2, (ARRAY['f', 'm'])[1 + i / 2 % 2]::sex, date '1950-01-01' + i * 7 % 3000, date '1950-01-01' + i * 7 % 3000 + 10000 + i * 3 % 1000,
       nullif(i % 50 / 10.0, 3), (ARRAY['C50.1', 'C50.9', 'C61', 'C34'])[1 + i % 4], i % 3 = 0, 'c' || i % 300
FROM generate_series(2, 401) AS i;

-- Bytes do not depend on how rows are stored.
SELECT kiaim.fit('m', 'patient', '{"seed": 5, "person": "id"}');
CREATE TABLE shuffled (LIKE patient);
INSERT INTO shuffled SELECT * FROM patient ORDER BY md5(patient::text);
ALTER TABLE patient RENAME TO original;
ALTER TABLE shuffled RENAME TO patient;
SELECT kiaim.fit('of shuffled rows', 'patient', '{"seed": 5, "person": "id"}');
SELECT is((SELECT model::text FROM kiaim.fitted_model WHERE name = 'of shuffled rows'), (SELECT model::text FROM kiaim.fitted_model WHERE name = 'm'),
	'rows in another order give the same bytes');
SELECT kiaim.fit('of another seed', 'patient', '{"seed": 6, "person": "id", "method": "forest"}');
SELECT kiaim.fit('of a seed', 'patient', '{"seed": 5, "person": "id", "method": "forest"}');
SELECT isnt((SELECT model::text FROM kiaim.fitted_model WHERE name = 'of another seed'), (SELECT model::text FROM kiaim.fitted_model WHERE name = 'of a seed'),
	'another seed gives others');
SELECT is(sealed(kiaim.model_send(model)), kiaim.model_send(model), 'the checksum is CRC-32C') FROM kiaim.fitted_model WHERE name = 'm';
SELECT is(model::text::kiaim.model::text, model::text, 'the text form comes back') FROM kiaim.fitted_model WHERE name = 'm';

-- Whatever a model says, it says of at least min_leaf persons.
SELECT kiaim.fit('leaves of ' || min_leaf, 'patient', jsonb_build_object('seed', 5, 'person', 'id', 'method', 'sequential', 'min_leaf', min_leaf))
FROM unnest(ARRAY[5, 10, 40]) AS min_leaf;
SELECT cmp_ok(min(smallest), '>=', min_leaf::bigint, 'no leaf of fewer than ' || min_leaf)
FROM unnest(ARRAY[5, 10, 40]) AS min_leaf, kiaim.model_leaves('leaves of ' || min_leaf) GROUP BY min_leaf;
SELECT cmp_ok((SELECT sum(leaves) FROM kiaim.model_leaves('leaves of 5')), '>', (SELECT sum(leaves) FROM kiaim.model_leaves('leaves of 40')), 'smaller leaves are more');
SELECT kiaim.fit('a forest', 'patient', '{"seed": 5, "person": "id", "method": "forest"}');
SELECT ok(column_name IS NULL AND smallest >= 10, 'the leaves of a forest are of all columns') FROM kiaim.model_leaves('a forest');
SELECT results_eq($$ SELECT DISTINCT column_name FROM kiaim.model_leaves('leaves of 5') ORDER BY 1 $$,
	$$ SELECT column_name FROM kiaim.model_columns('leaves of 5') WHERE codes IS NOT NULL ORDER BY 1 $$, 'every column that is drawn has leaves');
SELECT results_eq($$ SELECT column_name, kind, type::text, kept, formula FROM kiaim.model_columns('leaves of 5') WHERE column_name IN ('id', 'sex', 'born', 'age') ORDER BY 1 $$,
	$$ VALUES ('age', 'number', 'numeric', false, NULL), ('born', 'date', 'date', false, 'diagnosed + a distance'), ('id', 'key', 'integer', false, NULL), ('sex', 'computed', 'sex', false, 'follows from site') $$,
	'columns are shown for review');
SELECT throws_ok($$ SELECT * FROM kiaim.model_columns('leafs of 5') $$, '42704', 'model "leafs of 5" does not exist');
SELECT throws_ok($$ SELECT * FROM kiaim.model_leaves('leafs of 5') $$, '42704', 'model "leafs of 5" does not exist');

-- A fit without a seed can be repeated.
SELECT kiaim.fit('fresh', 'patient', '{"method": "forest"}');
SELECT kiaim.fit('fresh too', 'patient', '{"method": "forest"}');
SELECT isnt((SELECT model::text FROM kiaim.fitted_model WHERE name = 'fresh too'), (SELECT model::text FROM kiaim.fitted_model WHERE name = 'fresh'), 'without a seed, models differ');
SELECT kiaim.fit('again', 'patient', (SELECT options FROM kiaim.models WHERE name = 'fresh'));
SELECT is((SELECT model::text FROM kiaim.fitted_model WHERE name = 'again'), (SELECT model::text FROM kiaim.fitted_model WHERE name = 'fresh'), 'its options have the seed that was drawn');

-- What comes in.
SELECT throws_ok($$ SELECT ''::kiaim.model $$, '22P03', 'invalid bytes of a model', 'nothing');
SELECT throws_ok($$ SELECT 'no base64!'::kiaim.model $$, '22023', NULL, 'no base64');
SELECT throws_ok($$ SELECT 'a2lhaW1N'::kiaim.model $$, '22P03', 'invalid bytes of a model', 'a piece of the magic');
SELECT throws_ok(format('SELECT as_model(%L)', overlay(kiaim.model_send(model) PLACING '\x4b' FROM 1)), '22P03', 'invalid bytes of a model', 'foreign magic')
FROM kiaim.fitted_model WHERE name = 'm';
SELECT throws_ok(format('SELECT as_model(%L)', overlay(kiaim.model_send(model) PLACING '\x0200' FROM 9)), '0A000', 'models of version 2 are not known here', 'a future version')
FROM kiaim.fitted_model WHERE name = 'm';
SELECT throws_ok(format('SELECT as_model(%L)', overlay(kiaim.model_send(model) PLACING '\x00' FROM 20)), '22P03', 'invalid bytes of a model', 'a wrong checksum')
FROM kiaim.fitted_model WHERE name = 'm';

-- Every byte changed, cut at every length, with the checksum made right: an error of this room, or rows.
CREATE FUNCTION use_model(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE kiaim.fitted_model SET model = as_model(bytes) WHERE name = 'fuzzed';
	PERFORM * FROM kiaim.sample(NULL::patient, 'fuzzed', 20, seed => 1);
	RETURN 'rows';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

-- A checksum is linear: a bit changes it by what depends only on how far the bit is from the end.
CREATE FUNCTION fuzz(of_model text, step int) RETURNS TABLE (outcome text, n bigint) LANGUAGE plpgsql AS $$
DECLARE
	table_of bigint[] := (SELECT of_byte FROM crc_step);
	bytes bytea := (SELECT kiaim.model_send(f.model) FROM kiaim.fitted_model AS f WHERE f.name = of_model);
	checksum bigint := crc32c(substr(bytes, 15));
	bits bigint[] := ARRAY(SELECT table_of[(1 << k) + 1] FROM generate_series(0, 7) AS k);
	changed bigint;
	change int;
	outcomes text[];
BEGIN
	INSERT INTO kiaim.fitted_model (name, options, figures, model) VALUES ('fuzzed', '{}', '{}', as_model(bytes))
	ON CONFLICT (name) DO NOTHING;
	FOR at IN REVERSE octet_length(bytes) - 1 .. 14 LOOP
		FOREACH change IN ARRAY CASE WHEN at % step = 0 THEN ARRAY[1, 128, 255, 1 + at * 31 % 255] ELSE '{}' END LOOP
			changed := checksum;
			FOR k IN 0 .. 7 LOOP
				IF change >> k & 1 = 1 THEN
					changed := changed # bits[k + 1];
				END IF;
			END LOOP;
			outcomes := outcomes || use_model(overlay(set_byte(bytes, at, get_byte(bytes, at) # change) PLACING int32(changed) FROM 11));
		END LOOP;
		FOR k IN 1 .. 8 LOOP
			bits[k] := (bits[k] >> 8) # table_of[(bits[k] & 255) + 1];
		END LOOP;
	END LOOP;
	RETURN QUERY SELECT o, count(*) FROM unnest(outcomes) AS o GROUP BY o;
END $$;

SELECT kiaim.fit('small ' || method, 'patient', jsonb_build_object('seed', 5, 'person', 'id', 'method', method, 'min_leaf', 60, 'trees', 2,
	'constraints', ARRAY['diagnosed >= born']))
FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method;
CREATE TABLE fuzzed AS SELECT method, f.* FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method, fuzz('small ' || method, 3) AS f;
SELECT is_empty($$ SELECT method, outcome, n FROM fuzzed WHERE outcome !~ '^(rows|(22|23|42|0A|P0)...)$' $$,
	'changed bytes are refused, make a type, label or constraint that does not exist, or give rows');
SELECT cmp_ok(sum(n), '>', 300::numeric, method || ': that many changes were tried') FROM fuzzed GROUP BY method;
SELECT cmp_ok(n, '>', 50::bigint, method || ': most are found out') FROM fuzzed WHERE outcome = '22P03';

SELECT is_empty(format($$ SELECT length, outcome FROM (SELECT length, use_model(sealed(substr(kiaim.model_send(model), 1, length))) AS outcome
	FROM kiaim.fitted_model, generate_series(0, octet_length(kiaim.model_send(model)) - 1, 5) AS length WHERE name = 'small %s') AS t WHERE outcome <> '22P03' $$, method),
	method || ': cut at any length')
FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method;
SELECT is(use_model(sealed(kiaim.model_send(model) || '\x00')), '22P03', 'something after its end') FROM kiaim.fitted_model WHERE name = 'small sequential';

SELECT * FROM finish();
ROLLBACK;
