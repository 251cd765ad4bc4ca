-- Releases with synthetic rows: of what was anonymized, of the source, of what was suppressed.
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

-- 3,000 persons, some with two rows; a few ages are so high that they are suppressed
CREATE TABLE synth_tumour (patient_id int, sex text, "Größe" int, icd10 text, stage text);
INSERT INTO synth_tumour
SELECT p, (ARRAY['f', 'm'])[1 + p % 2], CASE WHEN p % 300 = 0 THEN 100 + p / 300 ELSE 40 + p * 7 % 40 END,
	CASE WHEN p % 2 = 0 THEN (ARRAY['C50.1', 'C50.4', 'C34.1'])[1 + p / 2 % 3] ELSE (ARRAY['C61', 'C34.1', 'C18.2'])[1 + p / 2 % 3] END,
	(ARRAY['I', 'II', 'III', 'IV'])[1 + p / 5 % 4]
FROM (SELECT 1 + i % 3000 AS p FROM generate_series(1, 3300) AS i) AS s;

\set policy '{"k": 11, "suppression": 0.05, "person": "patient_id", "quasi": {"sex": "flat", "Größe": {"hierarchy": "bins(5, 10, 20)", "max": 2}}, "sensitive": {"icd10": {"l": 2}}, "keep": ["stage"]}'
\set of_anonymized '{"synthesize": {"of": "anonymized", "seed": 1}}'
\set of_source '{"synthesize": {"of": "source", "seed": 1, "rows": 2000}}'
\set of_suppressed '{"synthesize": {"of": "suppressed", "seed": 1}}'

---- what is published ----

SELECT kiaim.create_release('synth_plain', 'synth_tumour', :'policy', kind => 'table');
SELECT kiaim.create_release('synth_anonymized', 'synth_tumour', :'policy'::jsonb || :'of_anonymized', kind => 'table');
SELECT kiaim.create_release('synth_source', 'synth_tumour', :'policy'::jsonb || :'of_source', kind => 'table');
SELECT kiaim.create_release('synth_suppressed', 'synth_tumour', :'policy'::jsonb || :'of_suppressed', kind => 'table');

SELECT cmp_ok((SELECT suppressed FROM kiaim.releases WHERE release = 'public.synth_plain'), '>', 0::bigint, 'there is something to suppress');
SELECT is((SELECT array_agg(c) FROM (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attname) AS c FROM pg_attribute
		WHERE attrelid = ANY ('{synth_plain, synth_anonymized, synth_source, synth_suppressed}'::regclass[]) AND attnum > 0 GROUP BY attrelid) AS d),
	array_fill('Größe text, icd10 text, sex text, stage text'::text, '{4}'), 'each has the columns of the policy, and no person');

SELECT is((SELECT count(*) FROM synth_anonymized), (SELECT count(*) FROM synth_plain), 'of anonymized: as many rows as were anonymized');
SELECT is_empty('SELECT sex FROM synth_anonymized EXCEPT SELECT sex FROM synth_plain', 'of anonymized: no value that was not released');
SELECT is_empty('SELECT "Größe" FROM synth_anonymized EXCEPT SELECT "Größe" FROM synth_plain', 'of anonymized: no label that was not released');
SELECT is_empty('SELECT FROM synth_anonymized WHERE sex = ''m'' AND icd10 LIKE ''C50%''', 'of anonymized: what excludes each other still does');
SELECT is((SELECT measured ->> 'synthetic' FROM kiaim.release_log WHERE release = 'public.synth_anonymized'), (SELECT count(*) FROM synth_plain)::text, 'the log says how many rows are synthetic');

SELECT is((SELECT k FROM kiaim.release_log WHERE release = 'public.synth_anonymized'), (SELECT kiaim.k_anonymity(sex, "Größe") FROM synth_anonymized), 'of anonymized: the k of the log is that of the rows that are published');
SELECT is((SELECT measured #>> '{learned_from,k}' FROM kiaim.release_log WHERE release = 'public.synth_anonymized'), (SELECT k::text FROM kiaim.releases WHERE release = 'public.synth_plain'), 'and that of the rows they were learned from stands beside it');
SELECT is((SELECT classes FROM kiaim.release_log WHERE release = 'public.synth_anonymized'), (SELECT count(*) FROM (SELECT DISTINCT sex, "Größe" FROM synth_anonymized) AS d), 'so are the classes');
SELECT ok((SELECT measured - 'synthetic' - 'learned_from' = '{}' AND measured -> 'learned_from' ? 'l of icd10' FROM kiaim.release_log WHERE release = 'public.synth_anonymized'), 'and l is told of what they were learned from alone')
;
SELECT cmp_ok((SELECT count(*) FROM synth_source), '>=', 1900::bigint, 'of source: rows as asked, but for suppressed ones');
SELECT cmp_ok((SELECT kiaim.k_anonymity(sex, "Größe") FROM synth_source), '>=', 11::bigint, 'of source: the synthetic rows keep k');
SELECT cmp_ok((SELECT kiaim.l_diversity(icd10, sex, "Größe") FROM synth_source), '>=', 2::bigint, 'of source: the synthetic rows keep l');

SELECT is((SELECT count(*) FROM synth_suppressed), (SELECT count(*) FROM synth_tumour), 'of suppressed: no row is missing');
SELECT is_empty('SELECT sex, "Größe" FROM synth_suppressed EXCEPT SELECT sex, "Größe" FROM synth_plain', 'of suppressed: only classes that were released');
SELECT is_empty('SELECT * FROM synth_plain EXCEPT ALL SELECT * FROM synth_suppressed', 'of suppressed: every released row is there');
SELECT is((SELECT (measured ->> 'synthetic')::bigint FROM kiaim.release_log WHERE release = 'public.synth_suppressed'),
	(SELECT suppressed FROM kiaim.releases WHERE release = 'public.synth_plain'), 'of suppressed: as many synthetic rows as suppressed ones');
SELECT results_eq($$ SELECT sex, count(*) FROM synth_suppressed GROUP BY sex ORDER BY sex $$, $$ SELECT sex, count(*) FROM synth_tumour GROUP BY sex ORDER BY sex $$,
	'of suppressed: a row is replaced under the coarser class that it belongs to, so the sexes are as many');

---- again ----

CREATE TABLE synth_first AS SELECT * FROM synth_anonymized;
SELECT kiaim.drop_release('synth_anonymized');
SELECT kiaim.create_release('synth_anonymized', 'synth_tumour', :'policy'::jsonb || :'of_anonymized', kind => 'table');
SELECT bag_eq('SELECT * FROM synth_anonymized', 'SELECT * FROM synth_first', 'the same seed gives the same rows');
SELECT is((SELECT count(*) FROM kiaim.models WHERE name LIKE 'kiaim release%'), 0::bigint, 'no model is left behind');
SELECT is((SELECT count(*) FROM pg_class WHERE relname LIKE 'kiaim\_%' AND relpersistence <> 't'), 0::bigint, 'no relation is left beside');

---- what is refused ----

SELECT is(pg_temp.error_of(format('SELECT kiaim.create_release(''synth_no'', ''synth_tumour'', %L, kind => %L)', :'policy'::jsonb || jsonb_build_object('synthesize', member::jsonb), kind)), told, member || ' ' || kind)
FROM (VALUES
	('{"of": "anonymized"}', 'view', '0A000 | a release with synthetic rows cannot be a view | No query gives the same rows again. | Make it a table: kind => ''table''.'),
	('{"of": "anonymized"}', 'materialized view', '0A000 | a release with synthetic rows cannot be a materialized view | No query gives the same rows again. | Make it a table: kind => ''table''.'),
	('{}', 'table', '22023 | policy member synthesize lacks a member of | Say what is synthesized: {"of": "anonymized"}, "source" or "suppressed".'),
	('{"of": "anonymised"}', 'table', '22023 | policy member synthesize.of cannot be "anonymised" | Perhaps you meant "anonymized".'),
	('{"of": "source", "rows": 0}', 'table', '22023 | policy member synthesize.rows must be a number of rows, at least 1, not the number 0'),
	('{"of": "suppressed", "rows": 5}', 'table', '22023 | policy member synthesize.rows has no meaning for suppressed rows | There are as many synthetic rows as suppressed ones. | Leave it out.'),
	('{"of": "source", "options": 5}', 'table', '22023 | policy member synthesize.options must be an object, the options of kiaim.fit')
  ) AS t (member, kind, told);
SELECT is(pg_temp.error_of(format('SELECT kiaim.create_release(''synth_no'', ''synth_tumour'', %L, kind => ''table'')', :'policy'::jsonb || :'of_source' || other::jsonb)), told, other)
FROM (VALUES
	('{"ledger": true}', '22023 | policy member synthesize cannot stand beside the member ledger | Nobody is behind a synthetic row.')
  ) AS t (other, told);
SELECT is(pg_temp.error_of(format('SELECT kiaim.create_release(''synth_no'', ''synth_tumour'', %L, kind => ''table'')', :'policy'::jsonb || :'of_suppressed' || other::jsonb)), told, other)
FROM (VALUES
	('{"recoding": "local"}', '22023 | policy member synthesize cannot stand beside a recoding that is fitted to the data | A suppressed row has no coarser class there.'),
	('{"suppressed_rows": "star"}', '22023 | policy member synthesize cannot stand beside suppressed rows that are kept | A suppressed row is either replaced or kept.')
  ) AS t (other, told);

SELECT * FROM finish();
ROLLBACK;
