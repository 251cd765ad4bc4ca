-- kiaim.check against the obvious SQL on random tables, and its errors.
BEGIN;
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

---- a small table, by hand

CREATE TABLE tumour (patient_id int, sex text, age int, icd10 text, grade int, note text);
INSERT INTO tumour VALUES
	(1, 'f', 50, 'C50.1', 1, 'a'), (1, 'f', 50, 'C50.9', 2, 'b'), (2, 'f', 50, 'C50.1', 1, 'c'),
	(3, 'm', 61, 'C61', 3, 'd'), (4, 'm', 61, 'C61', 3, 'e'), (NULL, 'm', 61, 'C34.1', NULL, 'f'), (NULL, 'm', 61, 'C61', 3, 'g');

SELECT results_eq(
	$$ SELECT * FROM kiaim.check('tumour', '{"quasi": {"sex": "flat", "age": "flat"}, "sensitive": {"icd10": {"l": 3, "t": 0.5}}, "k": 3}') $$,
	$$ VALUES ('k', 3::float8, 3::float8, true), ('l of icd10', 3, 2, false), ('t of icd10', 0.5, 4.0/7, false) $$,
	'rows are counted');
SELECT results_eq(
	$$ SELECT requirement, wanted, measured, holds FROM kiaim.check('tumour',
		'{"person": "patient_id", "quasi": {"sex": "flat", "age": "flat"}, "sensitive": {"icd10": {"recursive": {"c": 3, "l": 2}}}, "k": 3}') $$,
	$$ VALUES ('k', 3::float8, 2::float8, false), ('recursive (c,2) of icd10', 3, 3, false) $$,
	'persons are counted: those without a number are one, and a value counts once a person');
SELECT is((SELECT string_agg(requirement, '; ') FROM kiaim.check('tumour',
	'{"quasi": {"sex": "flat"}, "k": 2, "sensitive": {"grade": {"t": 1, "distance": "ordered"},
	  "icd10": {"l": 2, "entropy_l": 1.5, "recursive": {"c": 4, "l": 3}, "t": 0.9, "distance": "hierarchical", "hierarchy": "prefix(3, 1)"}}}')),
	'k; l of icd10; entropy_l of icd10; recursive (c,3) of icd10; hierarchical t of icd10; ordered t of grade',
	'k comes first, then the columns in the order of the relation');

---- no rows, one row, no class

CREATE TABLE nobody (LIKE tumour);
SELECT results_eq(
	$$ SELECT measured, holds FROM kiaim.check('nobody', '{"quasi": {"sex": "flat"}, "sensitive": {"icd10": {"l": 3, "t": 0.1}}, "k": 3}') $$,
	$$ VALUES (NULL::float8, true), (NULL, true), (NULL, true) $$,
	'of an empty relation everything holds');
SELECT results_eq(
	$$ SELECT measured, holds FROM kiaim.check('nobody', '{"person": "patient_id", "quasi": {"sex": "flat"}, "k": 3}') $$,
	$$ VALUES (NULL::float8, true) $$, 'the same where persons are counted');

---- suppressed rows that are stars

CREATE TABLE starred (sex text, age text, icd10 text);
INSERT INTO starred VALUES ('f', '[50,60)', 'C50.1'), ('f', '[50,60)', 'C34.1'), ('*', '[50,60)', 'C61'), ('*', '[50,60)', 'C61'),
	('*', '*', 'C73');
SELECT results_eq(
	$$ SELECT requirement, measured, holds FROM kiaim.check('starred', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "sensitive": {"icd10": {"l": 1, "t": 1}}, "k": 2, "suppressed_rows": "star"}') $$,
	$$ VALUES ('k', 2::float8, true), ('l of icd10', 1, true), ('t of icd10', 0.6, true) $$,
	'stars in every quasi-identifier are no class, but belong to the distribution of the table');
SELECT results_eq(
	$$ SELECT requirement, measured, holds FROM kiaim.check('starred', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 2}') $$,
	$$ VALUES ('k', 1::float8, false) $$, 'where suppressed rows are dropped, stars are a class as any other');
DELETE FROM starred WHERE age <> '*';
SELECT results_eq(
	$$ SELECT requirement, measured, holds FROM kiaim.check('starred', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 2, "suppressed_rows": "star"}') $$,
	$$ VALUES ('k', NULL::float8, true) $$, 'nothing but stars: no class is left that could fail');

---- the relation may be a release: text instead of numbers, columns of keep absent

SELECT lives_ok($$ SELECT kiaim.check('starred', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 2, "keep": ["gone"], "identifier": ["surname"]}') $$,
	'types of quasi-identifiers and columns of keep do not matter');
SELECT throws_ok($$ SELECT kiaim.check('starred', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 2, "person": "patient_id"}') $$,
	'42703', 'cannot count persons: "starred" has no column "patient_id"');
SELECT throws_ok($$ SELECT kiaim.check('starred', '{"quasi": {"sexx": "flat"}, "k": 2}') $$,
	'42703', 'column "sexx" of policy member quasi does not exist in relation "starred"');
SELECT throws_ok($$ SELECT kiaim.check('starred', '{"quasi": {"sex": "flat"}, "kk": 2}') $$, '22023', 'unknown policy member kk');
SELECT throws_ok($$ SELECT kiaim.check('starred', NULL) $$, '22004', 'policy must not be NULL');
SELECT throws_ok($$ SELECT kiaim.check(NULL, '{}') $$, '22004', 'source must not be NULL');
CREATE TABLE spots (spot point, sex text);
INSERT INTO spots VALUES ('(1,2)', 'f');
SELECT throws_ok($$ SELECT kiaim.check('spots', '{"quasi": {"spot": "flat"}, "k": 2}') $$,
	'42883', 'could not identify a hash function for type point');

---- views, row-level security and privileges are those of the caller

CREATE VIEW women AS SELECT * FROM tumour WHERE sex = 'f';
SELECT is((SELECT measured FROM kiaim.check('women', '{"quasi": {"sex": "flat"}, "k": 3}')), 3::float8, 'a view is measured as it reads');
CREATE ROLE check_reader;
GRANT USAGE ON SCHEMA kiaim TO check_reader;
GRANT SELECT (sex) ON tumour TO check_reader;
SET LOCAL ROLE check_reader;
SELECT is((SELECT measured FROM kiaim.check('tumour', '{"quasi": {"sex": "flat"}, "k": 3}')), 3::float8, 'columns that the caller may read');
SELECT throws_ok($$ SELECT kiaim.check('tumour', '{"quasi": {"age": "flat"}, "k": 3}') $$, '42501', NULL, 'and those that it may not');
RESET ROLE;

---- random tables against the obvious SQL

CREATE TABLE random_rows (q1 text, q2 numeric, q3 int, s text, person int);

-- The distances of a class from the table, by definition; p is by record, or by (person, value) where persons are named.
CREATE FUNCTION oracle(persons boolean)
RETURNS TABLE (requirement text, measured float8)
LANGUAGE sql AS $$
WITH part AS (		-- what counts: rows, or each value of a person once in a class
	SELECT q1, q2, q3, s FROM random_rows WHERE NOT persons
	UNION ALL
	SELECT * FROM (SELECT DISTINCT ON (q1, q2, q3, s, person) q1, q2, q3, s FROM random_rows) AS d WHERE persons
), whole AS (
	SELECT s, count(*)::float8 / sum(count(*)) OVER () AS q
	FROM (SELECT s FROM random_rows WHERE NOT persons
		  UNION ALL
		  SELECT s FROM (SELECT DISTINCT ON (s, person) s FROM random_rows) AS d WHERE persons) AS w
	GROUP BY s
), class AS (
	SELECT q1, q2, q3, CASE WHEN persons THEN count(DISTINCT person) + (bool_or(person IS NULL))::int ELSE count(*) END AS size,
		row_number() OVER () AS c
	FROM random_rows GROUP BY q1, q2, q3
), cell AS (		-- every class with every value of the table
	SELECT class.c, whole.s, whole.q,
		(SELECT count(*) FROM part WHERE (part.q1, part.q2, part.q3) IS NOT DISTINCT FROM (class.q1, class.q2, class.q3)
			AND part.s IS NOT DISTINCT FROM whole.s) AS n
	FROM class, whole
), share AS (
	SELECT *, n / sum(n) OVER (PARTITION BY c) AS p,
		row_number() OVER (PARTITION BY c ORDER BY n DESC) AS place,
		row_number() OVER (PARTITION BY c ORDER BY s NULLS LAST) AS rank,
		count(*) OVER (PARTITION BY c) AS m
	FROM cell
), cumulated AS (
	SELECT *, sum(p - q) OVER (PARTITION BY c ORDER BY rank) AS d FROM share
), node AS (		-- the earth mover's distance in a tree: what crosses the edge above each node
	SELECT c, level, kiaim.generalize(s, 'prefix(2, 1)', level) AS label, sum(p - q) AS d
	FROM share, generate_series(0, 2) AS level GROUP BY c, level, label
)
SELECT 'k', min(size)::float8 FROM class
UNION ALL SELECT 'l of s', min(l) FROM (SELECT count(*) FILTER (WHERE n > 0) AS l FROM cell GROUP BY c) AS x
UNION ALL SELECT 'entropy_l of s', min(e) FROM (SELECT exp(-sum(p * ln(p)) FILTER (WHERE n > 0)) AS e FROM share GROUP BY c) AS x
UNION ALL SELECT 'recursive (c,2) of s', max(r) FROM (
	SELECT coalesce(max(n) / nullif(sum(n) FILTER (WHERE place >= 2), 0)::float8, 'infinity') AS r FROM share GROUP BY c) AS x
UNION ALL SELECT 't of s', max(t) FROM (SELECT sum(abs(p - q)) / 2 AS t FROM share GROUP BY c) AS x
UNION ALL SELECT 'ordered t of s', max(t) FROM (SELECT coalesce(sum(abs(d)) / nullif(max(m) - 1, 0), 0) AS t FROM cumulated GROUP BY c) AS x
UNION ALL SELECT 'hierarchical t of s', max(t) FROM (SELECT sum(abs(d)) / (2 * 3) AS t FROM node GROUP BY c) AS x
$$;

CREATE FUNCTION differences(rounds int)
RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy text;
	with_person boolean;
	distance text;
	found record;
	expected record;
	compared int;
BEGIN
	PERFORM setseed(0.25);
	FOR round IN 1 .. rounds LOOP
		TRUNCATE random_rows;
		-- few values, so that classes are of all sizes; NULLs everywhere; 1.0 and 1.00 are one value
		EXECUTE format($q$
			INSERT INTO random_rows SELECT
				(ARRAY['a', 'b', NULL])[1 + floor(random() * %s)::int],
				(ARRAY[1.0, 1.00, 2.5, NULL])[1 + floor(random() * %s)::int],
				nullif(floor(random() * %s)::int, 1),
				(ARRAY['aa', 'ab', 'ba', 'bb', 'c', NULL])[1 + floor(random() * %s)::int],
				nullif(floor(random() * %s)::int, 3)
			FROM generate_series(1, %s) $q$,
			1 + floor(random() * 3), 1 + floor(random() * 4), 1 + floor(random() * 3), 1 + floor(random() * 6),
			2 + floor(random() * 20), 1 + floor(random() * 40));
		with_person := random() < 0.5;
		FOREACH distance IN ARRAY '{equal,ordered,hierarchical}'::text[] LOOP
			policy := jsonb_build_object('quasi', '{"q1": "flat", "q2": "flat", "q3": "flat"}'::jsonb, 'k', 3, 'sensitive',
				jsonb_build_object('s', '{"l": 2, "entropy_l": 1.7, "recursive": {"c": 2, "l": 2}, "t": 0.4}'::jsonb
					|| jsonb_build_object('distance', distance)
					|| CASE WHEN distance = 'hierarchical' THEN '{"hierarchy": "prefix(2, 1)"}' ELSE '{}' END::jsonb))
				|| CASE WHEN with_person THEN '{"person": "person"}' ELSE '{}' END::jsonb;
			compared := 0;
			FOR found IN SELECT * FROM kiaim.check('random_rows', policy::jsonb) LOOP
				SELECT * INTO STRICT expected FROM oracle(with_person) AS o WHERE o.requirement = found.requirement;
				compared := compared + 1;
				IF found.measured IS DISTINCT FROM expected.measured
					AND NOT abs(found.measured - expected.measured) <= 1e-9 * greatest(1, abs(expected.measured)) THEN
					RETURN NEXT format('round %s, person %s: %s is %s, expected %s', round, with_person, found.requirement, found.measured, expected.measured);
				END IF;
				IF found.holds <> (CASE WHEN found.requirement ~ '^recursive' THEN found.measured < found.wanted
					WHEN found.requirement ~ 't of' THEN found.measured <= found.wanted ELSE found.measured >= found.wanted END)
					AND abs(found.measured - found.wanted) > 1e-9 THEN
					RETURN NEXT format('round %s: %s of %s, wanted %s, holds %s', round, found.requirement, found.measured, found.wanted, found.holds);
				END IF;
			END LOOP;
			IF compared <> 5 THEN
				RETURN NEXT format('round %s: %s requirements', round, compared);
			END IF;
		END LOOP;
		-- the aggregates say the same
		IF NOT with_person THEN
			FOR found IN
				SELECT c.measured, a.measured AS aggregate, requirement FROM kiaim.check('random_rows', policy::jsonb) AS c
				JOIN (SELECT u.* FROM (SELECT ARRAY[kiaim.k_anonymity(q1, q2, q3), kiaim.l_diversity(s, q1, q2, q3),
						kiaim.entropy_l_diversity(s, q1, q2, q3), kiaim.recursive_diversity(2, s, q1, q2, q3),
						kiaim.hierarchical_t_closeness('prefix(2, 1)', s, q1, q2, q3)]::float8[] AS m FROM random_rows) AS x,
					unnest('{k,l of s,entropy_l of s,"recursive (c,2) of s",hierarchical t of s}'::text[], x.m) AS u (requirement, measured)) AS a USING (requirement)
			LOOP
				IF found.measured IS DISTINCT FROM found.aggregate AND NOT abs(found.measured - found.aggregate) <= 1e-12 THEN
					RETURN NEXT format('round %s: %s is %s, by the aggregate %s', round, found.requirement, found.measured, found.aggregate);
				END IF;
			END LOOP;
		END IF;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differences(150)', '150 random tables, with and without persons, agree with the obvious SQL and with the aggregates');

SELECT * FROM finish();
ROLLBACK;
