-- SafePub: its class size against exact arithmetic, its coins, and policies and releases with differential privacy.
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

---- k, against delta(k) by its definition in numeric of 60 digits ----

-- P(Bin(n,b) > g n), term by term
CREATE FUNCTION pg_temp.tail(n int, b numeric, g numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	j int := floor(g * n)::int + 1;
	term numeric(700, 400) := 1;
	total numeric(700, 400) := 0;
BEGIN
	FOR i IN 1 .. n - j LOOP term := term * (j + i) / i * (1 - b); END LOOP;
	FOR i IN 1 .. j LOOP term := term * b; END LOOP;	-- not by ^, whose result has too few digits
	WHILE j <= n LOOP
		total := total + term;
		term := term * (n - j) / (j + 1) * b / (1 - b);
		j := j + 1;
	END LOOP;
	RETURN total;
END $$;

-- the largest tail from n_m on, up to where Chernoff's bound falls below it
CREATE FUNCTION pg_temp.delta_of(k int, epsilon numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	b numeric(100, 60) := kiaim.safepub_share(epsilon::float8)::text::numeric;
	g numeric(100, 60) := 1 - (1 - b) * exp(-epsilon::numeric(100, 60));
	n int := ceil(k / g - 1)::int;
	largest numeric := 0;
BEGIN
	LOOP
		largest := greatest(largest, pg_temp.tail(n, b, g));
		EXIT WHEN exp(-n * (g * ln(g / b) + (1 - g) * ln((1 - g) / (1 - b)))) < largest;
		n := n + 1;
	END LOOP;
	RETURN largest;
END $$;

SELECT is(c.holds, true, format('k of epsilon %s, delta %s is %s, and none less would do', epsilon, delta, k))
FROM (VALUES (0.1, 1e-3), (0.5, 1e-3), (0.5, 1e-6), (0.6931471805599453, 1e-3), (1, 1e-3), (1, 1e-6), (1, 1e-9), (1.0986122886681098, 1e-4),
		(2, 1e-3), (2, 1e-6), (3, 1e-3)) AS p (epsilon, delta),
	LATERAL (SELECT kiaim.safepub_k(epsilon, delta)::int AS k) AS found,
	LATERAL (SELECT pg_temp.delta_of(k, epsilon) <= delta AND pg_temp.delta_of(k - 1, epsilon) > delta AS holds) AS c;

---- the guarantee itself: what a class of n records and one of n - 1 show, outcome by outcome ----

-- The outcomes are that the class is suppressed, or that it shows j >= k records. The sum of what one of the two has
-- beyond exp(epsilon) times the other is the least delta that holds for them.
CREATE FUNCTION pg_temp.least_delta(n int, k int, epsilon numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	b numeric(100, 60) := kiaim.safepub_share(epsilon::float8)::text::numeric;
	e numeric(100, 60) := exp(epsilon::numeric(100, 60));
	more numeric(700, 400) := 1;
	less numeric(700, 400) := 1;
	none_more numeric(700, 400) := 0;
	none_less numeric(700, 400) := 0;
	gain numeric(700, 400) := 0;
	loss numeric(700, 400) := 0;
BEGIN
	-- not by ^, whose result has too few digits
	FOR i IN 2 .. n LOOP less := less * (1 - b); END LOOP;
	more := less * (1 - b);
	FOR j IN 0 .. n LOOP
		IF j < k THEN
			none_more := none_more + more;
			none_less := none_less + less;
		ELSE
			gain := gain + greatest(more - e * less, 0);
			loss := loss + greatest(less - e * more, 0);
		END IF;
		more := more * (n - j) / (j + 1) * b / (1 - b);
		less := less * (n - 1 - j) / (j + 1) * b / (1 - b);
	END LOOP;
	RETURN greatest(gain + greatest(none_more - e * none_less, 0), loss + greatest(none_less - e * none_more, 0));
END $$;

SELECT is(max(pg_temp.least_delta(n, k, epsilon)) <= delta, true, format('epsilon %s, delta %s holds for classes of any size', epsilon, delta))
FROM (VALUES (0.5, 1e-3), (0.6931471805599453, 1e-4), (1, 1e-4), (2, 1e-3)) AS p (epsilon, delta),
	LATERAL (SELECT kiaim.safepub_k(epsilon, delta)::int AS k) AS found, generate_series(k - 1, 4 * k) AS n
GROUP BY epsilon, delta;
SELECT is(max(pg_temp.least_delta(n, 20, 1)) > 1e-4, true, 'and not for classes that are much smaller') FROM generate_series(20, 80) AS n;

SELECT is(array(SELECT kiaim.safepub_k(e, 1e-6) FROM unnest(ARRAY[0.0001, 0.1, 1, 2, 3, 10]::float8[]) AS e),
	'{60,60,74,131,271,304300}'::bigint[], 'k does not fall forever: with a large epsilon hardly anything is left out of the draw');
SELECT is((SELECT count(*) FROM (SELECT kiaim.safepub_k(e, 10::float8 ^ -d) - lag(kiaim.safepub_k(e, 10::float8 ^ -d)) OVER (PARTITION BY e ORDER BY d) AS more
	FROM unnest(ARRAY[0.01, 0.3, 1, 4]::float8[]) AS e, generate_series(1, 99) AS d) AS s WHERE more < 0), 0::bigint, 'k grows as delta shrinks');
SELECT is(kiaim.safepub_share(1)::numeric < 1 - exp(-1::numeric(60, 50)), true, 'the share is not above its formula');
SELECT ok(kiaim.safepub_share(1)::numeric > 1 - exp(-1::numeric(60, 50)) - 1e-14, 'and hardly below');
SELECT is(pg_temp.error_of(statement), told, statement) FROM (VALUES
	('SELECT kiaim.safepub_k(0, 1e-6)', '22023 | epsilon must be from 0.0001 to 10, not 0'),
	('SELECT kiaim.safepub_k(''NaN'', 1e-6)', '22023 | epsilon must be from 0.0001 to 10, not NaN'),
	('SELECT kiaim.safepub_k(11, 1e-6)', '22023 | epsilon must be from 0.0001 to 10, not 11'),
	('SELECT kiaim.safepub_k(1, 0)', '22023 | delta must be from 1e-100 to 0.5, not 0'),
	('SELECT kiaim.safepub_k(1, 0.6)', '22023 | delta must be from 1e-100 to 0.5, not 0.6'),
	('SELECT kiaim.safepub_share(-1)', '22023 | epsilon must be from 0.0001 to 10, not -1'),
	('SELECT kiaim.safepub_draw(20)', '22023 | epsilon must be from 0.0001 to 10, not 20')) AS t (statement, told);

---- coins ----

-- 200,000 draws: six standard deviations are 0.0065
SELECT ok(abs(avg(kiaim.safepub_draw(1)::int) - kiaim.safepub_share(1)) < 0.0065, 'the coin has its share') FROM generate_series(1, 200000);
SELECT isnt(array(SELECT kiaim.safepub_draw(1) FROM generate_series(1, 200)), array(SELECT kiaim.safepub_draw(1) FROM generate_series(1, 200)),
	'and falls anew each time');
SELECT setseed(0.5);
CREATE TEMP TABLE first_draw AS SELECT kiaim.strong_random() AS r FROM generate_series(1, 1000);
SELECT setseed(0.5);
SELECT is((SELECT count(*) FROM first_draw JOIN (SELECT kiaim.strong_random() AS r FROM generate_series(1, 1000)) AS again USING (r)), 0::bigint, 'no seed repeats it');
SELECT is((SELECT count(DISTINCT r) FROM first_draw), 1000::bigint, 'and nothing comes twice');

---- policies ----

CREATE TABLE safe_tumour (patient_id int, sex text, age int, icd10 text);
INSERT INTO safe_tumour
SELECT nullif(i % 3000, 17), (ARRAY['f', 'm', NULL])[1 + i % 3000 % 3], 30 + i % 3000 * 7 % 50, (ARRAY['C50.1', 'C61', 'C34.1', 'C18.2', 'C43.9'])[1 + i % 5]
FROM generate_series(1, 5000) AS i;

\set policy '{"quasi": {"sex": {"hierarchy": "flat", "max": 0}, "age": {"hierarchy": "bins(10, 20)", "min": 1, "max": 1, "as": "range"}}, "differential_privacy": {"epsilon": 1, "delta": 1e-4}}'
SELECT is(pg_temp.error_of(format('SELECT kiaim.validate_policy(''safe_tumour'', %L)', :'policy'::jsonb || more::jsonb)), told, more) FROM (VALUES
	('{}', 'no error'), ('{"person": "patient_id", "suppress": ["icd10"]}', 'no error'),
	('{"average_risk": 0.1}', '22023 | policy member differential_privacy cannot stand beside another requirement | The guarantee is for classes that are suppressed for their size alone, and that follows from epsilon and delta. | Leave the other requirements out.'),
	('{"k": 5}', '22023 | policy member differential_privacy cannot stand beside another requirement | The guarantee is for classes that are suppressed for their size alone, and that follows from epsilon and delta. | Leave the other requirements out.'),
	('{"sensitive": {"icd10": {"l": 2}}}', '22023 | policy member differential_privacy cannot stand beside the member sensitive | A column that is released as it is has no class of its own that could be too small. | Name every column that is released in "quasi", with the level that it is released at.'),
	('{"keep": ["icd10"]}', '22023 | policy member differential_privacy cannot stand beside the member keep | A column that is released as it is has no class of its own that could be too small. | Name every column that is released in "quasi", with the level that it is released at.'),
	('{"identifier": ["icd10"]}', '22023 | policy member differential_privacy cannot stand beside the member identifier | A column that is released as it is has no class of its own that could be too small. | Name every column that is released in "quasi", with the level that it is released at.'),
	('{"suppression": 0.5}', '22023 | policy member differential_privacy cannot stand beside the member suppression | Whether a limit holds would tell about single records. | Leave it out: every class that is too small is suppressed.'),
	('{"suppressed_rows": "star"}', '22023 | policy member differential_privacy cannot stand beside suppressed rows that are kept | Their number would tell about single records. | Leave "suppressed_rows" out.'),
	('{"sample": {"share": 0.5, "by": "patient_id", "seed": 1}}', '22023 | policy member differential_privacy cannot stand beside the member sample | It draws its records itself, by coins that no seed can repeat. | Leave "sample" out.'),
	('{"quasi": {"age": "bins(10)"}}', '22023 | with differential_privacy, policy member quasi.age needs one level | Its min is 0 and its max is 2; a search for the best level would look at the data, which needs a budget of its own. | Set "min" and "max" to the same level, chosen without looking at the data.'),
	('{"differential_privacy": {"epsilon": 1}}', '22023 | policy member differential_privacy lacks delta | It needs both, as in {"epsilon": 1, "delta": 1e-6}.'),
	('{"differential_privacy": {"epsilon": 0, "delta": 0.1}}', '22023 | policy member differential_privacy.epsilon must be a number from 0.0001 to 10, not the number 0'),
	('{"differential_privacy": {"epsilon": 1, "delta": 0}}', '22023 | policy member differential_privacy.delta must be a number from 1e-100 to 0.5, not the number 0'),
	('{"differential_privacy": {"epsilon": 1, "delta": 0.1, "seed": 1}}', '22023 | unknown policy member differential_privacy.seed | Known here: "epsilon", "delta".')
  ) AS t (more, told);
SELECT is(pg_temp.error_of(format('SELECT kiaim.create_release(''safe_view'', ''safe_tumour'', %L, ''view'')', :'policy')),
	'22023 | a release with differential privacy cannot be a view | Each reading of the view would draw other records, and spend epsilon and delta once more. | Make it a table.', 'no view');

---- the plan and its query ----

SELECT is((SELECT levels FROM kiaim.plan('safe_tumour', :'policy')), '{"sex": 0, "age": 1}', 'the levels are those of the policy');
SELECT ok((SELECT query LIKE '%kiaim.safepub_draw(1::double precision)%' AND query LIKE '%kiaim_k >= 47%' FROM kiaim.plan('safe_tumour', :'policy')), 'the query draws and suppresses');
SELECT is(kiaim.safepub_k(1, 1e-4), 47::bigint, 'by the k of epsilon and delta');
SELECT query FROM kiaim.plan('safe_tumour', :'policy') \gset
SELECT query AS person_query FROM kiaim.plan('safe_tumour', :'policy' || '{"person": "patient_id"}'::jsonb) \gset
-- 5,000 records, of which 63.2 % are drawn: six standard deviations are 205
SELECT ok(abs(count(*) - 5000 * kiaim.safepub_share(1)) < 205 AND min(n) >= 47, 'a draw of its own share')
FROM (SELECT count(*) OVER (PARTITION BY sex, age) AS n FROM (:query) AS q) AS c;
SELECT isnt((SELECT array_agg(n ORDER BY sex, age) FROM (SELECT sex, age, count(*) AS n FROM (:query) AS q GROUP BY 1, 2) AS c),
	(SELECT array_agg(n ORDER BY sex, age) FROM (SELECT sex, age, count(*) AS n FROM (:query) AS q GROUP BY 1, 2) AS c), 'another one each time');
-- 3,000 persons: six standard deviations are 159
SELECT ok(abs(count(*) - 3000 * kiaim.safepub_share(1)) < 159, 'a person is one record') FROM (:person_query) AS q;
-- every class of records is in every draw in about its share, whatever its size: here each has 5000 / 15
SELECT ok(max(abs(n - of_all * kiaim.safepub_share(1))) < 6 * sqrt(max(of_all) * 0.25), 'the draw does not favour a class')
FROM (SELECT sex, age, count(*) AS n FROM (:query) AS q GROUP BY 1, 2) AS c
	JOIN (SELECT sex, kiaim.generalize_range(age, 'bins(10, 20)', 1) AS age, count(*) AS of_all FROM safe_tumour GROUP BY 1, 2) AS a
	ON c.sex IS NOT DISTINCT FROM a.sex AND c.age = a.age;
-- of a person with several rows, each is drawn: none of a thousand stays away but with probability 1e-20
CREATE TABLE safe_rows AS SELECT p, r FROM generate_series(1, 1000) AS p, generate_series(1, 4) AS r;
SELECT query AS rows_query FROM kiaim.plan('safe_rows', '{"person": "p", "quasi": {"r": {"hierarchy": "flat", "max": 0}}, "differential_privacy": {"epsilon": 2, "delta": 0.01}}') \gset
SELECT ok(count(*) = 4 AND min(n) > 120 AND max(n) < 320, 'one row of each person at random') FROM (SELECT count(*) AS n FROM (:rows_query) AS q GROUP BY r) AS c;

---- small classes go, and only they ----

CREATE TABLE safe_small AS SELECT 'large' AS c FROM generate_series(1, 400) UNION ALL SELECT 'small' FROM generate_series(1, 46);
SELECT kiaim.create_release('safe_few', 'safe_small', '{"quasi": {"c": {"hierarchy": "flat", "max": 0}}, "differential_privacy": {"epsilon": 1, "delta": 1e-4}}', 'table');
SELECT is(array(SELECT DISTINCT c FROM safe_few), '{large}', 'a class below k is never released');
SELECT kiaim.create_release('safe_none', 'safe_small', '{"quasi": {"c": {"hierarchy": "flat", "max": 0}}, "differential_privacy": {"epsilon": 10, "delta": 1e-6}}', 'table');
SELECT is((SELECT count(*) FROM safe_none), 0::bigint, 'a release in which nothing is large enough is empty');
CREATE TABLE safe_drawn (kiaim_drawn text, p int);
INSERT INTO safe_drawn SELECT 'x', i FROM generate_series(1, 200) AS i;
SELECT kiaim.create_release('safe_taken', 'safe_drawn', '{"person": "p", "quasi": {"kiaim_drawn": {"hierarchy": "flat", "max": 0}}, "differential_privacy": {"epsilon": 1, "delta": 0.001}}', 'table');
SELECT ok((SELECT count(*) > 80 AND min(kiaim_drawn) = 'x' FROM safe_taken), 'a column of a name that the query uses');

---- releases and their budget ----

SELECT kiaim.create_release('safe_release', 'safe_tumour', :'policy' || '{"person": "patient_id", "suppress": ["icd10"]}'::jsonb, 'table');
SELECT ok((SELECT min(n) >= 47 AND sum(n) BETWEEN 1700 AND 2100 FROM (SELECT count(*) AS n FROM safe_release GROUP BY sex, age) AS c), 'k by plain SQL');
SELECT is((SELECT count(*) FROM safe_release WHERE icd10 IS NULL), (SELECT count(*) FROM safe_release), 'an empty column');
SELECT results_eq($$ SELECT requirement, wanted, holds FROM kiaim.check('safe_release', '{"quasi": {"sex": {"hierarchy": "flat", "max": 0}, "age": {"hierarchy": "bins(10, 20)", "min": 1, "max": 1, "as": "range"}}, "differential_privacy": {"epsilon": 1, "delta": 1e-4}}') $$,
	$$ VALUES ('differential_privacy', 47::float8, true) $$, 'kiaim.check of the release');
SELECT is((SELECT (suppressed IS NULL, classes, rows, measured ->> 'epsilon', measured ->> 'delta', (measured ->> 'differential_privacy')::float8 = k)::text FROM kiaim.release_log WHERE release = 'public.safe_release'),
	(SELECT (true, 15::bigint, count(*), '1', '0.0001', true)::text FROM safe_release), 'what the log says');
SELECT results_eq($$ SELECT * FROM kiaim.privacy_spent('safe_release') $$, $$ VALUES (1::bigint, 1::float8, 1e-4::float8) $$, 'what one run has spent');
SELECT is(pg_temp.error_of($$ SELECT kiaim.release_publish(r, (SELECT max(run) FROM kiaim.release_log WHERE release = r.release)) FROM kiaim.release AS r WHERE release = 'public.safe_release' $$), 'no error', 'again');
INSERT INTO kiaim.release_log (release, policy) VALUES ('public.safe_release', :'policy');
UPDATE kiaim.release_log SET state = 'published', measured = '{"epsilon": 1, "delta": 1e-4}' WHERE release = 'public.safe_release' AND state = 'running';
SELECT results_eq($$ SELECT * FROM kiaim.privacy_spent('public.safe_release') $$, $$ VALUES (2::bigint, 2::float8, 2e-4::float8) $$, 'runs add up');
SELECT results_eq($$ SELECT * FROM kiaim.privacy_spent('safe_few') $$, $$ VALUES (1::bigint, 1::float8, 1e-4::float8) $$, 'each release by itself');
SELECT is(pg_temp.error_of($$ SELECT * FROM kiaim.privacy_spent('safe_nothing') $$), '42704 | release safe_nothing does not exist | There is no relation of that name either. | The view kiaim.releases lists the releases of the current role.', 'of a release that is none');

-- The verification does not take its word: a class that is too small is refused.
CREATE TABLE safe_forged AS SELECT * FROM safe_release;
INSERT INTO safe_forged VALUES ('x', '[30,40)', NULL);
SELECT is(pg_temp.error_of(format('SELECT kiaim.release_verify(''safe_forged'', ''safe_tumour'', %L, ''{"sex": 0, "age": 1}'', 0)', :'policy' || '{"person": "patient_id", "suppress": ["icd10"]}'::jsonb)),
	'55000 | the stored result does not keep the policy: differential_privacy is 1 | The policy wants differential_privacy >= 47.', 'a forged row');

SELECT * FROM finish();
ROLLBACK;
