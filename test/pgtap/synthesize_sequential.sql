-- The methods sequential and marginals: what they recover, what they never draw, and from which persons they learn.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- A number of [0, 1) that depends on two others only: the same on every server.
CREATE FUNCTION pg_temp.unit(i int, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(i || ':' || k), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

---- a known joint distribution ----

-- stage depends on sex, grade on stage, therapy on stage and grade; p is the probability of each of 48 cells
CREATE TABLE known_cell AS
SELECT sex, stage, grade, therapy, p_sex * p_stage * p_grade * p_therapy AS p
FROM (VALUES ('f', 0.6), ('m', 0.4)) AS a (sex, p_sex),
	(VALUES (1, 0.4), (2, 0.3), (3, 0.2), (4, 0.1)) AS b (stage, p),
	LATERAL (SELECT CASE sex WHEN 'f' THEN p ELSE 0.5 - p END AS p_stage) AS c,
	(VALUES ('low'), ('high')) AS d (grade),
	LATERAL (SELECT CASE grade WHEN 'low' THEN 1 - 0.2 * stage ELSE 0.2 * stage END AS p_grade) AS e,
	(VALUES ('none'), ('surgery'), ('both')) AS f (therapy),
	LATERAL (SELECT CASE therapy WHEN 'none' THEN 0.1 WHEN 'surgery' THEN t ELSE 0.9 - t END AS p_therapy
		FROM (SELECT CASE WHEN (grade = 'low') = (stage IN (1, 4)) THEN 0.7 ELSE 0.2 END AS t) AS x) AS g;

CREATE TABLE known AS
SELECT c.sex, c.stage, c.grade, c.therapy
FROM generate_series(1, 20000) AS i,
	LATERAL (SELECT pg_temp.unit(i, 1) AS u) AS u
JOIN (SELECT k.*, sum(p) OVER w - p AS low, sum(p) OVER w AS high FROM known_cell AS k
	WINDOW w AS (ORDER BY sex, stage, grade, therapy)) AS c ON u >= c.low AND u < c.high;

/*
 * Chi-square of rows drawn against probabilities given a condition, for a model of
 * learned rows: both samples vary, so each square is divided by 1 + drawn / learned.
 */
CREATE FUNCTION pg_temp.chi_square(condition text, given jsonb, model text, n int, OUT chi float8, OUT cells bigint)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format($q$
		WITH drawn AS (SELECT sex, stage, grade, therapy, count(*) AS n FROM kiaim.sample(NULL::known, %1$L, %2$s, 7, %3$L) GROUP BY 1, 2, 3, 4),
			cell AS (SELECT *, p / sum(p) OVER () AS q FROM known_cell WHERE %4$s),
			learned AS (SELECT count(*) AS m FROM known WHERE %4$s)
		SELECT sum((coalesce(d.n, 0) - %2$s * q) ^ 2 / (%2$s * q * (1 + %2$s::float8 / m))), count(*)
		FROM cell LEFT JOIN drawn AS d USING (sex, stage, grade, therapy), learned$q$, model, n, given, condition)
	INTO chi, cells;
END $$;

SELECT kiaim.fit('known_s', 'known', '{"method": "sequential", "seed": 1}');
SELECT kiaim.fit('known_1', 'known', '{"method": "sequential", "seed": 1, "trees": 1}');
SELECT kiaim.fit('known_m', 'known', '{"method": "marginals", "seed": 1}');

-- a right model exceeds these bounds once in a million: quantiles of chi-square with 47, 23 and 11 degrees of freedom
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square('true', NULL, 'known_s', 40000)), '<', 107.0::float8, 'the joint distribution is recovered');
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square('true', NULL, 'known_1', 40000)), '<', 107.0::float8, 'by one tree a column as well');
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square('true', NULL, 'known_m', 40000)), '>', 1000.0::float8, 'but not by marginals');
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square($$sex = 'm'$$, '{"sex": "m"}', 'known_s', 20000)), '<', 69.0::float8, 'under a condition on one column');
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square($$therapy = 'none'$$, '{"therapy": "none"}', 'known_s', 20000)), '<', 60.0::float8, 'on another');
SELECT cmp_ok((SELECT chi FROM pg_temp.chi_square($$stage = 4 AND therapy = 'both'$$, '{"stage": 4, "therapy": "both"}', 'known_s', 5000)), '<', 35.0::float8, 'on two');
SELECT cmp_ok((SELECT max(abs(s.n / 40000.0 - k.n / 20000.0)) FROM (SELECT therapy, count(*) AS n FROM known GROUP BY 1) AS k
	JOIN (SELECT therapy, count(*) AS n FROM kiaim.sample(NULL::known, 'known_m', 40000, 3) GROUP BY 1) AS s USING (therapy)), '<', 0.0125, 'marginals recover each column (five standard errors)');

---- structure ----

CREATE TABLE structured AS
SELECT i AS id, sex, CASE WHEN pg_temp.unit(i, 2) < 0.3 THEN (ARRAY['C50', 'C61'])[CASE sex WHEN 'f' THEN 1 ELSE 2 END] ELSE 'C34' END AS site,
	treated, CASE WHEN treated THEN (100 * pg_temp.unit(i, 4))::int END AS dose,
	CASE WHEN treated THEN date '2020-01-01' + (700 * pg_temp.unit(i, 5))::int END AS started
FROM generate_series(1, 4000) AS i,
	LATERAL (SELECT CASE WHEN pg_temp.unit(i, 1) < 0.5 THEN 'f' ELSE 'm' END AS sex, pg_temp.unit(i, 3) < 0.4 AS treated) AS s;
SELECT kiaim.fit('structured_s', 'structured', '{"method": "sequential", "seed": 1}');
CREATE TABLE structured_drawn AS SELECT * FROM kiaim.sample(NULL::structured, 'structured_s', 30000, 2);
SELECT is((SELECT count(*) FROM structured_drawn WHERE (sex, site) IN (('f', 'C61'), ('m', 'C50'))), 0::bigint, 'no site that a sex does not have');
SELECT is((SELECT count(*) FROM structured_drawn WHERE treated <> (dose IS NOT NULL) OR treated <> (started IS NOT NULL)), 0::bigint, 'a dose and a date if and only if there was a treatment');
SELECT cmp_ok((SELECT count(*) FROM structured_drawn WHERE treated), '>', 10000::bigint, 'which there was in many');

---- persons ----

-- Where y = 'r', 40 rows have x = 'p' and z = 'yes', all of the same two persons; of the others' 76 half have.
CREATE TABLE visits AS
SELECT person, CASE WHEN y = 'r' AND person > 2 OR y = 's' AND i % 2 = 0 THEN 'q' ELSE 'p' END AS x, y,
	CASE WHEN y = 'r' AND person <= 2 OR pg_temp.unit(person * 100 + i, 1) < 0.5 THEN 'yes' ELSE 'no' END AS z
FROM generate_series(1, 300) AS person, generate_series(1, 20) AS i,
	LATERAL (SELECT CASE WHEN person <= 2 OR person <= 40 AND i <= 2 THEN 'r' ELSE 's' END AS y) AS b;
SELECT kiaim.fit('visits_rows', 'visits', '{"method": "sequential", "seed": 1, "columns": ["x", "y", "z"], "order": ["y", "x", "z"]}');
SELECT kiaim.fit('visits_persons', 'visits', '{"method": "sequential", "seed": 1, "person": "person", "columns": ["person", "x", "y", "z"], "order": ["y", "x", "z"]}');
CREATE FUNCTION pg_temp.share_of_yes(model text) RETURNS numeric LANGUAGE sql AS
$$ SELECT round(avg((z = 'yes')::int), 2) FROM kiaim.sample(NULL::visits, model, 30000, 5) WHERE x = 'p' AND y = 'r' $$;
SELECT cmp_ok(pg_temp.share_of_yes('visits_rows'), '>=', 0.99, 'forty rows can be a leaf where each row is a person');
SELECT cmp_ok(pg_temp.share_of_yes('visits_persons'), '<', 0.85, 'but two persons cannot');

---- the same again ----

CREATE TABLE again AS SELECT * FROM known ORDER BY md5(ctid::text);
SELECT kiaim.fit('again_s', 'again', '{"method": "sequential", "seed": 1}');
SELECT is((SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::known, 'again_s', 3000, 1) AS s),
	(SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::known, 'known_s', 3000, 1) AS s), 'rows in another order give the same model');
SELECT kiaim.fit('again_' || seed, 'known', jsonb_build_object('method', 'sequential', 'trees', 3, 'seed', seed)) FROM generate_series(1, 2) AS seed;
SELECT isnt((SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::known, 'again_2', 3000, 1) AS s),
	(SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::known, 'again_1', 3000, 1) AS s), 'another seed takes other persons for the trees of an ensemble');

---- what a split must gain ----

SELECT kiaim.fit('gain_' || gain, 'known', jsonb_build_object('method', 'sequential', 'seed', 1, 'min_gain', gain)) FROM unnest('{1, 500}'::int[]) AS gain;
SELECT cmp_ok((SELECT sum(leaves) FROM kiaim.model_leaves('gain_500')), '<', (SELECT sum(leaves) FROM kiaim.model_leaves('gain_1')), 'leaves are fewer where splits must gain more');

---- nothing to learn from ----

CREATE TABLE constant AS SELECT 'x'::text AS a, 1 AS b, NULL::int AS c FROM generate_series(1, 50);
SELECT kiaim.fit('constant_s', 'constant', '{"method": "sequential"}');
SELECT is((SELECT array_agg(DISTINCT s::text) FROM kiaim.sample(NULL::constant, 'constant_s', 100, 1) AS s), ARRAY['(x,1,)'], 'constant columns stay constant');

SELECT * FROM finish();
ROLLBACK;
