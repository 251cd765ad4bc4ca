-- Steps of a policy beside generalization: limits of columns as they are, columns without content, samples.
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

CREATE DOMAIN step_days AS int;
CREATE TABLE step_tumour (patient_id text, sex text, age int, days step_days, size numeric(5, 1), weight float8, seen date, at timestamptz, district text, icd10 text);
INSERT INTO step_tumour
SELECT nullif('P' || i % 400, 'P7'), (ARRAY['f', 'm'])[1 + i % 2], 30 + i % 400 * 7 % 50, nullif(i * 37 % 5000, 37), (i * 13 % 900) / 10.0, i * 31 % 300 / 3.0,
	CASE i % 100 WHEN 0 THEN NULL WHEN 1 THEN date 'infinity' ELSE date '2015-01-01' + i * 7 % 3000 END, timestamptz '2015-01-01 00:00+00' + (i * 7 % 3000) * interval '1 day',
	(ARRAY['09162', '09184', '05315', '05111'])[1 + i % 4], (ARRAY['C50.1', 'C61', 'C34.1', 'C18.2', 'C43.9'])[1 + i * 3 % 5]
FROM generate_series(1, 1000) AS i;

---- top and bottom ----

SET LOCAL DateStyle = 'SQL, DMY';
SET LOCAL TimeZone = 'America/New_York';
\set policy '{"k": 5, "quasi": {"sex": "flat"}, "keep": {"days": {"top": 3650, "bottom": 100}, "size": {"top": 60.5}, "weight": {"bottom": 0.5}, "seen": {"top": "2020-12-31", "bottom": "2016-01-01"}, "at": {"top": "2020-12-31 12:00+00"}, "icd10": {}}}'
SELECT kiaim.create_release('step_limited', 'step_tumour', :'policy');
SELECT is((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'step_limited'::regclass AND attnum > 0),
	'sex text, days step_days, size numeric(5,1), weight double precision, seen date, at timestamp with time zone, icd10 text', 'limits keep the types');
SELECT set_eq('SELECT sex, days, size, weight, seen, at, icd10, count(*) FROM step_limited GROUP BY 1, 2, 3, 4, 5, 6, 7', $$
	SELECT sex, CASE WHEN days IS NOT NULL THEN least(greatest(days, 100), 3650) END::step_days AS days, least(size, 60.5)::numeric(5, 1) AS size, greatest(weight, 0.5) AS weight,
		CASE WHEN seen IS NOT NULL THEN least(greatest(seen, '20160101'::date), '20201231'::date) END AS seen, least(at, '20201231 12:00+00'::timestamptz) AS at, icd10, count(*)
	FROM step_tumour GROUP BY 1, 2, 3, 4, 5, 6, 7 $$, 'values beyond a limit are the limit, NULL stays NULL');
SELECT is((SELECT count(*) FROM step_limited WHERE days IS NULL), 1::bigint, 'a missing value is not beyond a limit');
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
SELECT is((SELECT query FROM kiaim.plan('step_tumour', :'policy')), (SELECT query FROM kiaim.releases WHERE release = 'public.step_limited'), 'the query text is the same under any settings');
SELECT is(array(SELECT holds FROM kiaim.check('step_limited', :'policy')), '{t}', 'kiaim.check takes such a policy');

SELECT is(pg_temp.error_of(format('SELECT kiaim.validate_policy(''step_tumour'', %L)', jsonb_build_object('k', 5, 'quasi', '{"sex": "flat"}'::jsonb, 'keep', keep::jsonb))), told, keep)
FROM (VALUES
	('{"days": {}}', 'no error'),
	('{"days": {"max": 5}}', '22023 | unknown policy member keep.days.max | Known here: "top", "bottom".'),
	('{"days": {"top": "5"}}', '22023 | policy member keep.days.top must be an integer of 64 bits, not the string "5"'),
	('{"days": {"top": 5.5}}', '22023 | policy member keep.days.top must be an integer of 64 bits, not the number 5.5'),
	('{"days": {"top": 5000000000}}', '22003 | value "5000000000" is out of range for type integer'),
	('{"days": {"top": 5, "bottom": 6}}', '22023 | policy member keep.days has a bottom of 6 above its top of 5'),
	('{"seen": {"top": 2020}}', '22023 | policy member keep.seen.top must be a string, not the number 2020'),
	('{"seen": {"top": "now"}}', '22023 | policy member keep.seen.top must be a date such as "2020-12-31", not "now"'),
	('{"seen": {"top": "31.12.2020"}}', '22023 | policy member keep.seen.top must be a date such as "2020-12-31", not "31.12.2020"'),
	('{"icd10": {"top": "C50"}}', '42804 | policy member keep.icd10.top cannot limit a column of type text | Numbers, dates and timestamps have a top and a bottom.'),
	('{"patient_id": {}}', '22023 | policy member keep would release column "patient_id", which looks like an identifier | Column "patient_id" looks like an identifier because its name is that of an identifier. | Leave it out, or name it in "identifier" if it is to be released although it identifies.'),
	('{"day": {}}', '42703 | column "day" of policy member keep does not exist in relation "step_tumour" | Perhaps you meant the column "days".')
  ) AS t (keep, told);

---- columns without content ----

SELECT kiaim.create_release('step_empty', 'step_tumour', '{"k": 5, "quasi": {"sex": "flat"}, "suppress": ["patient_id", "size"], "keep": ["days"]}');
SELECT is((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'step_empty'::regclass AND attnum > 0),
	'patient_id text, sex text, days step_days, size numeric(5,1)', 'a suppressed column has its place and type');
SELECT is((SELECT count(*) FROM step_empty WHERE patient_id IS NULL AND size IS NULL), 1000::bigint, 'and no content');
SELECT is(pg_temp.error_of(format('SELECT kiaim.validate_policy(''step_tumour'', %L)', policy)), told, policy) FROM (VALUES
	('{"k": 5, "quasi": {"sex": "flat"}, "suppress": ["sex"]}', '22023 | column "sex" has two roles in the policy: quasi and suppress | Leave it in one of them.'),
	('{"k": 5, "quasi": {"sex": "flat"}, "suppress": ["six"]}', '42703 | column "six" of policy member suppress does not exist in relation "step_tumour" | Perhaps you meant the column "sex".'),
	('{"k": 5, "quasi": {"sex": "flat"}, "suppress": "size"}', '22023 | policy member suppress must be an array of column names, not the string "size"'),
	('{"k": 5, "quasi": {"sex": "flat"}, "person": "patient_id", "suppress": ["patient_id"]}', '22023 | column "patient_id" has two roles in the policy: person and suppress | The person column counts persons and is never released.')
  ) AS t (policy, told);

---- the verification sees what is not as the policy says ----

CREATE TABLE step_wrong AS SELECT * FROM step_empty;
UPDATE step_wrong SET size = 3 WHERE ctid = '(0,1)';
SELECT is(pg_temp.error_of($$ SELECT kiaim.release_verify_columns('step_wrong', '{"suppress": ["patient_id", "size"]}') $$),
	'55000 | column "size" of the stored result is not empty, the policy suppresses it', 'content that should not be there');
SELECT is(pg_temp.error_of($$ SELECT kiaim.release_verify_columns('step_limited', '{"keep": {"days": {"top": 3649}}}') $$),
	'55000 | column "days" of the stored result has values beyond its limits | The limits are {"top": 3649}.', 'values beyond a limit');
SELECT is(pg_temp.error_of($$ SELECT kiaim.release_verify_columns('step_limited', '{"keep": {"seen": {"bottom": "2016-01-02"}}}') $$),
	'55000 | column "seen" of the stored result has values beyond its limits | The limits are {"bottom": "2016-01-02"}.', 'dates as well');

---- in_sample ----

-- found by another implementation of SipHash-2-4, checked with the test vector of its authors
SELECT is(array(SELECT i FROM generate_series(1, 100) AS i WHERE kiaim.in_sample(i, 0.1, 42)), '{9,11,18,19,72,73,93}', 'a tenth of hundred numbers');
SELECT is(array(SELECT w FROM unnest(ARRAY['', 'C50.1', 'a longer text than eight bytes', '2021-08-05']) AS w WHERE kiaim.in_sample(w, 0.5, -7)), '{"",C50.1}', 'half of some texts, by a negative seed');
SELECT is(kiaim.in_sample(NULL::text, 0.174, 42) OR NOT kiaim.in_sample(NULL::int, 0.175, 42), false, 'NULL is a value of its own');
SELECT is((SELECT count(*) FROM generate_series(1, 1000) AS i WHERE kiaim.in_sample(i, 0.3, 1) <> kiaim.in_sample(i::text, 0.3, 1) OR kiaim.in_sample(i, 0.3, 1) <> kiaim.in_sample(i::numeric, 0.3, 1)), 0::bigint, 'the type of the value does not matter');
SELECT is((SELECT count(*) FROM generate_series(1, 1000) AS i WHERE NOT kiaim.in_sample(i, 1, 5) OR kiaim.in_sample(i, 0, 5)), 0::bigint, 'all and nothing');
SELECT is((SELECT count(*) FROM generate_series(1, 5000) AS i WHERE kiaim.in_sample(i, 0.2, 5) AND NOT kiaim.in_sample(i, 0.3, 5)), 0::bigint, 'a smaller share is part of a larger one');
-- 100,000 values: six standard deviations are 0.0057
SELECT ok(abs(avg(kiaim.in_sample(i, 0.1, 3)::int) - 0.1) < 0.0057 AND abs(avg((kiaim.in_sample(i, 0.1, 3) AND kiaim.in_sample(i, 0.1, 4))::int) - 0.01) < 0.0019,
	'shares are what they are called, and seeds know nothing of each other') FROM generate_series(1, 100000) AS i;
SELECT is(kiaim.in_sample(1, NULL, 5), NULL, 'no share, no answer');
SELECT is(pg_temp.error_of('SELECT kiaim.in_sample(1, 1.5, 5)'), '22023 | the share of a sample must be from 0 to 1, not 1.5', 'a share of more than all');
SELECT is(pg_temp.error_of('SELECT kiaim.in_sample(1, ''NaN'', 5)'), '22023 | the share of a sample must be from 0 to 1, not NaN', 'or of nothing at all');

---- samples ----

CREATE TABLE step_sampled AS SELECT * FROM step_tumour WHERE kiaim.in_sample(patient_id, 0.5, 42);
SELECT ok((SELECT count(*) BETWEEN 350 AND 650 FROM step_sampled), 'half of the rows');
\set policy '{"person": "patient_id", "k": 6, "suppression": 0.05, "quasi": {"sex": "flat", "age": "bins(5, 10, 20)", "district": "ags"}, "sensitive": {"icd10": {"l": 3, "t": 0.6}}}'
\set sample '{"sample": {"share": 0.5, "seed": 42}}'
SELECT results_eq(format('SELECT levels, loss, k, suppressed, classes, optimal FROM kiaim.plan(''step_tumour'', %L, 10)', :'policy' || :'sample'::jsonb),
	format('SELECT levels, loss, k, suppressed, classes, optimal FROM kiaim.plan(''step_sampled'', %L, 10)', :'policy'), 'the plan of a sample is that of a table of its rows');
SET LOCAL kiaim.reader = 'pushdown';
SELECT results_eq(format('SELECT levels, loss, k, suppressed, classes, optimal FROM kiaim.plan(''step_tumour'', %L, 10)', :'policy' || :'sample'::jsonb),
	format('SELECT levels, loss, k, suppressed, classes, optimal FROM kiaim.plan(''step_sampled'', %L, 10)', :'policy'), 'whoever groups the rows');
RESET kiaim.reader;
SELECT kiaim.create_release('step_sample', 'step_tumour', :'policy' || :'sample'::jsonb, kind => 'view');
SELECT kiaim.create_release('step_whole', 'step_sampled', :'policy', kind => 'view');
SELECT set_eq('SELECT sex, age, district, icd10, count(*) FROM step_sample GROUP BY 1, 2, 3, 4', 'SELECT sex, age, district, icd10, count(*) FROM step_whole GROUP BY 1, 2, 3, 4', 'and so is its release');
SELECT is((SELECT (source_rows, rows, suppressed, k, measured)::text FROM kiaim.release_log WHERE release = 'public.step_sample'),
	(SELECT (source_rows, rows, suppressed, k, measured)::text FROM kiaim.release_log WHERE release = 'public.step_whole'), 'as it was measured, t against the sample');
SELECT kiaim.create_release('step_stars', 'step_tumour', :'policy' || :'sample'::jsonb || '{"suppressed_rows": "star"}');
SELECT is((SELECT count(*) FROM step_stars), (SELECT count(*) FROM step_sampled), 'suppressed rows that are kept are those of the sample');
SELECT is(array(SELECT holds FROM kiaim.check('step_sample', (:'policy' || :'sample'::jsonb) - 'person')), '{t,t,t}', 'kiaim.check of the release');
SELECT kiaim.create_release('step_by', 'step_tumour', '{"k": 5, "quasi": {"sex": "flat"}, "sample": {"share": 0.25, "by": "at", "seed": -1}}');
SELECT is((SELECT count(*) FROM step_by), (SELECT count(*) FROM step_tumour WHERE kiaim.in_sample(at, 0.25, -1)), 'by a column that is not released');

SELECT is(pg_temp.error_of(format('SELECT kiaim.validate_policy(''step_tumour'', %L)', jsonb_build_object('k', 5, 'quasi', '{"sex": "flat"}'::jsonb, 'sample', sample::jsonb))), told, sample)
FROM (VALUES
	('{"share": 0.1, "by": "patient_id", "seed": 1}', 'no error'),
	('{"share": 0.1, "by": "sex", "seed": 1}', 'no error'),
	('{"share": 0.1, "seed": 1}', '22023 | policy member sample lacks the column to sample by | Name a column that tells records apart in "by", or the "person" of the policy.'),
	('{"share": 0.1, "by": "patient_id"}', '22023 | policy member sample lacks a seed | Choose any integer and keep it to yourself: who knows it can tell who is in the sample.'),
	('{"by": "patient_id", "seed": 1}', '22023 | policy member sample lacks a share | Say how much is released, as in "share": 0.1.'),
	('{"share": 0, "by": "patient_id", "seed": 1}', '22023 | policy member sample.share must be a number above 0 and at most 1, not the number 0'),
	('{"share": 10, "by": "patient_id", "seed": 1}', '22023 | policy member sample.share must be a number above 0 and at most 1, not the number 10'),
	('{"share": 0.1, "by": "patient_id", "seed": 1.5}', '22023 | policy member sample.seed must be an integer of 64 bits, not the number 1.5'),
	('{"share": 0.1, "by": "patient_id", "seed": 9223372036854775808}', '22023 | policy member sample.seed must be an integer of 64 bits, not the number 9223372036854775808'),
	('{"share": 0.1, "by": "patientid", "seed": 1}', '42703 | column "patientid" of policy member sample.by does not exist in relation "step_tumour" | Perhaps you meant the column "patient_id".'),
	('{"shares": 0.1}', '22023 | unknown policy member sample.shares | Perhaps you meant "share".'),
	('0.1', '22023 | policy member sample must be an object, not the number 0.1')
  ) AS t (sample, told);

SELECT * FROM finish();
ROLLBACK;
