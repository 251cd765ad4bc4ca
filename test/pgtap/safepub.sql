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
	term numeric(400, 200) := 1;
	total numeric(400, 200) := 0;
BEGIN
	FOR i IN 1 .. n - j LOOP term := term * (j + i) / i; END LOOP;
	term := term * b ^ j * (1 - b) ^ (n - j);
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

SELECT * FROM finish();
ROLLBACK;
