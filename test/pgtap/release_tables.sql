-- Releases that promise something of the table as a whole, or beside a population: what is stored keeps the promise,
-- what does not is refused, and a live view keeps it when the source changes.
BEGIN;
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE SCHEMA tables_in;
CREATE SCHEMA tables_out;
CREATE TABLE tables_in.tumour (patient_id int, sex text, age int, icd10 text);
INSERT INTO tables_in.tumour
SELECT i, CASE WHEN i % 3 = 0 THEN 'm' ELSE 'f' END, 20 + (i * i) % 61, CASE WHEN i % 97 = 0 THEN NULL ELSE 'C' || 10 + (i * i) % 7 END FROM generate_series(1, 400) AS i;
CREATE TABLE tables_in.resident AS SELECT sex, age, icd10 FROM tables_in.tumour, generate_series(1, 1 + patient_id % 4);

\set policy '{"quasi": {"sex": "flat", "age": "bins(5, 10, 20)", "icd10": "flat"}, "suppression": 0.1}'

CREATE FUNCTION tables_out.publish(requirement jsonb, kind text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.create_release('tables_out.' || 'r', 'tables_in.tumour',
		'{"quasi": {"sex": "flat", "age": "bins(5, 10, 20)", "icd10": "flat"}, "suppression": 0.1}' || requirement, kind);
	RETURN (SELECT jsonb_build_object('measured', measured, 'suppressed', suppressed) FROM kiaim.release_log ORDER BY run DESC LIMIT 1);
END $$;

-- the classes of what is stored, by plain SQL
CREATE FUNCTION tables_out.figures() RETURNS TABLE (average float8, alone float8, smallest bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT (count(*) / sum(n))::float8, (coalesce(sum(n) FILTER (WHERE n = 1), 0) / sum(n))::float8, min(n)
		FROM (SELECT count(*) AS n FROM tables_out.r GROUP BY sex, age, icd10) AS c';
END $$;

SELECT tables_out.publish('{"average_risk": 0.02, "strict_average_risk": {"average": 0.05, "highest": 0.25, "share_at_risk": 0.2, "threshold": 0.1}}', 'materialized view') AS log \gset
SELECT ok(average <= 0.02 AND smallest >= 4, 'the average and the highest risk of what is stored') FROM tables_out.figures();
SELECT is((:'log'::jsonb #>> '{measured,average_risk}')::float8, average, 'and the log has it') FROM tables_out.figures();
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(:'log'::jsonb -> 'measured') AS k),
	ARRAY['average_risk', 'strict_average_risk average', 'strict_average_risk highest', 'strict_average_risk share_at_risk'], 'every requirement is measured');
SELECT is((SELECT array_agg(requirement || ' ' || holds ORDER BY requirement) FROM kiaim.check('tables_out.r',
	:'policy'::jsonb || '{"average_risk": 0.02, "strict_average_risk": {"average": 0.05, "highest": 0.25}}')),
	ARRAY['average_risk true', 'strict_average_risk average true', 'strict_average_risk highest true'], 'kiaim.check says the same of it');
SELECT kiaim.drop_release('tables_out.r');

-- a live view suppresses by itself what a changed source makes unique
SELECT ok(tables_out.publish('{"sample_uniqueness": 0}', 'view') IS NOT NULL, 'a view');
INSERT INTO tables_in.tumour SELECT 1000 + i, 'm', 19 + i * 20, 'C9' || i FROM generate_series(1, 5) AS i;
SELECT is((SELECT alone FROM tables_out.figures()), 0::float8, 'and keeps its promise when the source changes');
SELECT is((SELECT count(*) FROM tables_out.r WHERE icd10 LIKE 'C9_'), 0::bigint, 'by suppressing the new rows');
DELETE FROM tables_in.tumour WHERE patient_id > 1000;
SELECT kiaim.drop_release('tables_out.r');

-- population uniqueness: not live, and verified on what is stored
SELECT throws_ok($$ SELECT tables_out.publish('{"population_uniqueness": {"share": 0.01, "population": 5000}}', 'view') $$,
	'0A000', 'a release with population uniqueness cannot be a view', 'no view can know how many classes the estimate allows');
SELECT tables_out.publish('{"population_uniqueness": {"share": 0.001, "population": 5000, "model": "zayatz"}}', 'table') AS log \gset
SELECT is((:'log'::jsonb #>> '{measured,population_uniqueness}')::float8, (SELECT kiaim.population_uniqueness('zayatz', 5000, sex, age, icd10) FROM tables_out.r),
	'the estimate is that of the stored rows');
SELECT ok((:'log'::jsonb #>> '{measured,population_uniqueness}')::float8 <= 0.001, 'and within the limit');
SELECT kiaim.drop_release('tables_out.r');
-- what is kept where suppressed rows are stars
SELECT ok((tables_out.publish('{"population_uniqueness": {"share": 0.001, "population": 5000, "model": "zayatz"}, "suppressed_rows": "star"}', 'table')
	#>> '{measured,population_uniqueness}')::float8 <= 0.001, 'with stars');
SELECT kiaim.drop_release('tables_out.r');

-- beside a population
SELECT tables_out.publish('{"k_map": {"k": 5, "population": "tables_in.resident"}, "presence": {"max": 0.5, "population": "tables_in.resident"}}', 'view') AS log \gset
CREATE FUNCTION tables_out.beside() RETURNS TABLE (k bigint, most float8) LANGUAGE sql AS $$
	WITH levels AS (SELECT l.levels AS l FROM kiaim.release_log AS l ORDER BY run DESC LIMIT 1), both_sides AS (
		SELECT sex, age, icd10, 1 AS ours, 0 AS theirs FROM tables_out.r
		UNION ALL
		SELECT kiaim.generalize(sex, 'flat', (l ->> 'sex')::int), kiaim.generalize(age, 'bins(5, 10, 20)', (l ->> 'age')::int), kiaim.generalize(icd10, 'flat', (l ->> 'icd10')::int), 0, 1
		FROM tables_in.resident, levels
	)
	SELECT min(theirs), max(ours / theirs::float8) FROM (SELECT sum(ours) AS ours, sum(theirs) AS theirs FROM both_sides GROUP BY sex, age, icd10 HAVING sum(ours) > 0) AS c
$$;
SELECT ok(k >= 5 AND most <= 0.5, 'k-map and presence of what is released') FROM tables_out.beside();
SELECT is(((:'log'::jsonb #>> '{measured,k_map}')::bigint, (:'log'::jsonb #>> '{measured,presence max}')::float8)::text, (k, most)::text, 'are what the log has') FROM tables_out.beside();
DELETE FROM tables_in.resident WHERE sex = 'm' AND ctid IN (SELECT ctid FROM tables_in.resident WHERE sex = 'm' ORDER BY age LIMIT 60);
SELECT ok(k >= 5 AND most <= 0.5, 'the view keeps them when the population shrinks') FROM tables_out.beside();
SELECT kiaim.drop_release('tables_out.r');

-- with persons: two rows each
INSERT INTO tables_in.tumour SELECT patient_id, sex, age, icd10 FROM tables_in.tumour;
SELECT tables_out.publish('{"person": "patient_id", "average_risk": 0.05, "sample_uniqueness": 0, "k_map": {"k": 3, "population": "tables_in.resident"}}', 'materialized view') AS log \gset
SELECT ok(average * 2 <= 0.05 AND smallest >= 4, 'with persons sizes are persons: classes have twice as many rows') FROM tables_out.figures();
SELECT ok(abs((:'log'::jsonb #>> '{measured,average_risk}')::float8 - average * 2) < 1e-12, 'and risks are those of persons') FROM tables_out.figures();
SELECT kiaim.drop_release('tables_out.r');

-- what the stored rows do not keep is refused, by the verification alone
CREATE TABLE tables_out.stored AS SELECT sex, kiaim.generalize(age, 'bins(5, 10, 20)', 2) AS age, icd10 FROM tables_in.tumour;
SELECT throws_like(format('SELECT kiaim.release_verify(%L, %L, %L, %L, 0)', 'tables_out.stored', 'tables_in.tumour', :'policy'::jsonb || requirement, '{"sex": 0, "age": 2, "icd10": 0}'),
	'the stored result does not keep the policy: %', format('refused: %s', requirement))
FROM unnest('{"{\"average_risk\": 0.0001}","{\"strict_average_risk\": {\"highest\": 0.01}}","{\"strict_average_risk\": {\"share_at_risk\": 0, \"threshold\": 0.01}}","{\"strict_average_risk\": {\"average\": 0.0001}}","{\"k_map\": {\"k\": 100000, \"population\": \"tables_in.resident\"}}","{\"presence\": {\"max\": 0.0001, \"population\": \"tables_in.resident\"}}","{\"presence\": {\"min\": 1, \"population\": \"tables_in.resident\"}}"}'::jsonb[]) AS requirement;
INSERT INTO tables_out.stored VALUES ('x', 'y', 'z');
INSERT INTO tables_in.tumour VALUES (5000, 'x', 1, 'z');
SELECT throws_like(format('SELECT kiaim.release_verify(%L, %L, %L, %L, 0)', 'tables_out.stored', 'tables_in.tumour', :'policy'::jsonb || requirement, '{"sex": 0, "age": 2, "icd10": 0}'),
	'the stored result does not keep the policy: %', format('refused: %s', requirement))
FROM unnest('{"{\"sample_uniqueness\": 0}","{\"population_uniqueness\": {\"share\": 0, \"population\": 100000, \"model\": \"zayatz\"}}","{\"population_uniqueness\": {\"share\": 1, \"population\": 100000, \"model\": \"snb\"}}","{\"k_map\": {\"k\": 1, \"population\": \"tables_in.resident\"}}"}'::jsonb[]) AS requirement;

-- locally recoded: the population is recoded by the same function, in every kind of release
DELETE FROM tables_in.tumour AS t WHERE patient_id = 5000 OR ctid <> (SELECT min(ctid) FROM tables_in.tumour AS s WHERE s.patient_id = t.patient_id);
CREATE FUNCTION tables_out.beside_recoded() RETURNS TABLE (k bigint, rows numeric) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT min(theirs), sum(ours) FROM (
		SELECT sum(ours) AS ours, sum(theirs) AS theirs FROM (
			SELECT sex, age, icd10, 1 AS ours, 0 AS theirs FROM tables_out.r
			UNION ALL
			SELECT o[1], o[2], o[3], 0, 1 FROM tables_in.resident, LATERAL (SELECT kiaim.recode(f.recoding, sex, age, icd10) AS o FROM kiaim.fitted_recoding AS f
				WHERE f.id = (SELECT l.levels ->> 'recoding' FROM kiaim.release_log AS l WHERE l.state = 'published' ORDER BY run DESC LIMIT 1)) AS r WHERE o IS NOT NULL
		) AS both_sides GROUP BY sex, age, icd10 HAVING sum(ours) > 0) AS c;
END $$;
CREATE TABLE tables_out.seen (kind text, log jsonb, k bigint, rows numeric, average float8);
DO $$
DECLARE
	kind text;
	log jsonb;
BEGIN
	FOREACH kind IN ARRAY '{view,materialized view,table}'::text[] LOOP
		log := tables_out.publish('{"recoding": "local", "k_map": {"k": 4, "population": "tables_in.resident"}, "average_risk": 0.4}', kind);
		INSERT INTO tables_out.seen SELECT kind, log, b.k, b.rows, f.average FROM tables_out.beside_recoded() AS b, tables_out.figures() AS f;
		PERFORM kiaim.drop_release('tables_out.r');
	END LOOP;
END $$;
SELECT ok(k >= 4 AND average <= 0.4 AND rows > 300, format('a %s under k-map and an average risk', kind)) FROM tables_out.seen;
SELECT is(((log #>> '{measured,k_map}')::bigint, (log #>> '{measured,average_risk}')::float8)::text, (k, average)::text, format('the log of the %s has the same', kind)) FROM tables_out.seen;
SELECT is(count(*), 3::bigint, 'of all three kinds') FROM tables_out.seen;
-- kiaim.check compares values as they stand: with a population that is recoded, it finds the same
SELECT tables_out.publish('{"recoding": "local", "k_map": {"k": 4, "population": "tables_in.resident"}, "presence": {"max": 0.5, "population": "tables_in.resident"}}', 'table') AS log \gset
CREATE VIEW tables_in.recoded AS SELECT o[1] AS sex, o[2] AS age, o[3] AS icd10
FROM tables_in.resident, LATERAL (SELECT kiaim.recode(f.recoding, sex, age, icd10) AS o FROM kiaim.fitted_recoding AS f WHERE f.id = (SELECT l.levels ->> 'recoding' FROM kiaim.release_log AS l ORDER BY run DESC LIMIT 1)) AS r WHERE o IS NOT NULL;
SELECT is((SELECT array_agg(measured ORDER BY requirement) FROM kiaim.check('tables_out.r', '{"quasi": {"sex": "flat", "age": "flat", "icd10": "flat"}, "k_map": {"k": 4, "population": "tables_in.recoded"}, "presence": {"max": 0.5, "population": "tables_in.recoded"}}') WHERE holds),
	ARRAY[:'log'::jsonb #>> '{measured,k_map}', :'log'::jsonb #>> '{measured,presence max}']::float8[], 'kiaim.check says the same beside the recoded population');
DROP VIEW tables_in.recoded;
SELECT kiaim.drop_release('tables_out.r');
-- a live view follows source and population
SELECT ok(tables_out.publish('{"recoding": "local", "k_map": {"k": 4, "population": "tables_in.resident"}, "average_risk": 0.4}', 'view') IS NOT NULL, 'a live view');
DELETE FROM tables_in.resident WHERE ctid IN (SELECT ctid FROM tables_in.resident ORDER BY age, sex LIMIT 100);
SELECT ok(k >= 4, 'keeps k-map when the population shrinks') FROM tables_out.beside_recoded();
DELETE FROM tables_in.tumour WHERE patient_id % 2 = 0;
SELECT ok(average <= 0.4, 'and the average risk when the source does') FROM tables_out.figures();
SELECT kiaim.drop_release('tables_out.r');
SELECT throws_ok($$ SELECT tables_out.publish('{"recoding": "local", "population_uniqueness": {"share": 0.01, "population": 5000}}', 'view') $$, '0A000', NULL, 'an estimate is not live');
SELECT tables_out.publish('{"recoding": "local", "population_uniqueness": {"share": 0.001, "population": 5000, "model": "zayatz"}}', 'table') AS log \gset
SELECT ok((:'log'::jsonb #>> '{measured,population_uniqueness}')::float8 = kiaim.population_uniqueness('zayatz', 5000, sex, age, icd10) AND (:'log'::jsonb #>> '{measured,population_uniqueness}')::float8 <= 0.001,
	'population uniqueness of a recoded table') FROM tables_out.r;
SELECT kiaim.drop_release('tables_out.r');
-- a recoding that sends people of the population where they do not belong is not believed
SELECT kiaim.make_recoding('by hand', '{sex,age,icd10}', '{text,int,text}', array_agg(ARRAY[sex, age::text, icd10]), array_agg(ARRAY['m', '20', 'C10'])) AS wrong_one
FROM (SELECT DISTINCT sex, age, icd10 FROM tables_in.tumour UNION SELECT DISTINCT sex, age, icd10 FROM tables_in.resident) AS t \gset
INSERT INTO kiaim.fitted_recoding (id, source, method, recoding) SELECT kiaim.recoding_id(:'wrong_one'), 'tables_in.tumour', 'local', :'wrong_one';
CREATE TABLE tables_out.misled AS SELECT 'm'::text AS sex, '20'::text AS age, 'C10'::text AS icd10 FROM tables_in.tumour;
SELECT throws_like(format('SELECT kiaim.release_verify(%L, %L, %L, %L, 0)', 'tables_out.misled', 'tables_in.tumour', :'policy'::jsonb || '{"recoding": "local", "k_map": {"k": 50, "population": "tables_in.resident"}}',
	jsonb_build_object('recoding', kiaim.recoding_id(:'wrong_one'))), 'the stored result does not keep the policy: k_map is %', 'refused: labels that the population does not have');
SELECT cmp_ok((SELECT count(*) FROM tables_in.resident), '>', 50::bigint, 'though it has enough people');

SELECT * FROM finish();
ROLLBACK;
