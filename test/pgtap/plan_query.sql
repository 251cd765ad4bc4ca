-- The query of a plan releases what was planned, also where names, types,
-- collations and settings are out of the ordinary.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
CREATE SCHEMA "odd ""schema";
SET LOCAL search_path = "odd ""schema", public;

-- Rows, classes and smallest class: planned, and released by the query; persons are not counted here.
CREATE FUNCTION planned_and_released(source regclass, policy jsonb, OUT planned text, OUT released text)
LANGUAGE plpgsql AS $$
DECLARE
	p record;
	columns text := (SELECT string_agg(quote_ident(name), ', ') FROM jsonb_object_keys(policy -> 'quasi') AS name);
	n bigint;
BEGIN
	SELECT * INTO p FROM kiaim.plan(source, policy);
	EXECUTE 'SELECT count(*) FROM ' || source INTO n;
	planned := format('%s rows, %s classes of at least %s', n - p.suppressed, p.classes, p.k);
	EXECUTE format('SELECT format(''%%s rows, %%s classes of at least %%s'', coalesce(sum(n), 0), count(*), min(n))'
		' FROM (SELECT count(*) AS n FROM (%s) AS r GROUP BY %s) AS c', p.query, columns) INTO released;
END $$;

-- names that the query uses for columns of its own, names that need quotes, reserved words
CREATE TABLE "t ""x" ("class" text, "kiaim_first_1" int, kiaim_person text, "kiaim_k" text, "Se x""y" text, pid int, "select" text,
	generalized int, classes int, persons int, "kiaim_k_" int, kiaim_entropy_l_1 int, kiaim_all_1 int, kiaim_once_1 int, counted int, kiaim_label_1_1 int);
INSERT INTO "t ""x"
SELECT 'c' || i % 2, i, 'p' || i % 3, 'k' || i % 2, 'S' || i % 2, i, 'd' || i % 4, i, i, i, i, i, i, i, i, i FROM generate_series(1, 40) AS i;
SELECT is(released, planned, 'names')
FROM planned_and_released('"t ""x"', '{"quasi": {"class": "flat", "kiaim_person": "flat", "kiaim_k": "flat", "Se x\"y": "flat"}, "person": "pid",
	"sensitive": {"select": {"entropy_l": 1.5}}, "keep": ["kiaim_first_1", "generalized", "classes", "persons", "kiaim_k_", "kiaim_entropy_l_1"],
	"k": 7, "suppression": 0.3}');
SELECT is(released, planned, 'names, beside those of a distance')
FROM (VALUES ('"distance": "equal"'), ('"distance": "hierarchical", "hierarchy": "prefix(1)"')) AS v (distance),
	planned_and_released('"t ""x"', format('{"quasi": {"class": "flat", "kiaim_person": "flat", "kiaim_k": "flat", "Se x\"y": "flat"}, "person": "pid",
	"sensitive": {"select": {"t": 0.6, %s}}, "keep": ["kiaim_first_1", "kiaim_all_1", "kiaim_once_1", "counted", "kiaim_label_1_1"],
	"k": 3, "suppression": 0.3}', distance)::jsonb);

-- types
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE TYPE sort AS ENUM ('u', 'v');
CREATE TABLE types (a positive, b sort, c char(5), d bytea, e int[], f jsonb, g float8, h timestamptz, i bool, j numeric, k point, l interval);
INSERT INTO types
SELECT i % 7 + 1, (ARRAY['u', 'v'])[i % 2 + 1]::sort, 'ab', '\x00', ARRAY[i % 2], '{"a": 1}', (ARRAY[0, -0.0, 'NaN', 1e300])[i % 4 + 1],
	(ARRAY['infinity', '2020-01-01 00:00+02'])[i % 2 + 1]::timestamptz, i % 2 = 0, (ARRAY[1.0, 1.00])[i % 2 + 1], '(1,2)', '1 day'
FROM generate_series(1, 50) AS i;
SELECT is(released, planned, 'types')
FROM planned_and_released('types', '{"quasi": {"a": "bins(2, 4)", "b": "flat", "c": "flat", "d": "flat", "e": "flat", "f": "flat", "g": "bins(10)",
	"h": "calendar(year)", "i": "flat", "j": "flat", "k": "flat", "l": "flat"}, "k": 3, "suppression": 0.2}');

-- settings that change how numbers and strings are written
CREATE TABLE settings AS SELECT 'x\' || i % 2 AS q, 'v' || i % 3 AS s FROM generate_series(1, 30) AS i;
SET LOCAL extra_float_digits = -15;
SELECT matches(query, 'kiaim_entropy_l_1 >= 2.718281828459045::double precision ', 'limits are written exactly')
FROM kiaim.plan('settings', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"entropy_l": 2.718281828459045}}}');
RESET extra_float_digits;
SET LOCAL standard_conforming_strings = off;
SET LOCAL escape_string_warning = off;
SELECT is(released, planned, 'backslashes in a hierarchy')
FROM planned_and_released('settings', $${"quasi": {"q": "{\"*\": [\"x\\\\0\", \"x\\\\1\"]}"}, "k": 2}$$);
RESET standard_conforming_strings;

-- Operators that somebody else put on the path of whoever runs the query, for types that the server would have to cast.
CREATE SCHEMA trap;
CREATE FUNCTION trap.number(int, numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE FUNCTION trap.verdict(float8, numeric) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR trap.* (LEFTARG = int, RIGHTARG = numeric, FUNCTION = trap.number);
CREATE OPERATOR trap.- (LEFTARG = int, RIGHTARG = numeric, FUNCTION = trap.number);
CREATE FUNCTION trap.product(float8, bigint) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE FUNCTION trap.quotient(float8, int) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR trap.* (LEFTARG = float8, RIGHTARG = bigint, FUNCTION = trap.product);
CREATE OPERATOR trap./ (LEFTARG = float8, RIGHTARG = int, FUNCTION = trap.quotient);
CREATE OPERATOR trap.<= (LEFTARG = float8, RIGHTARG = numeric, FUNCTION = trap.verdict);
CREATE OPERATOR trap.>= (LEFTARG = float8, RIGHTARG = numeric, FUNCTION = trap.verdict);
CREATE OPERATOR trap.< (LEFTARG = float8, RIGHTARG = numeric, FUNCTION = trap.verdict);
SET LOCAL search_path = "odd ""schema", trap, public;
SELECT lives_ok(query, 'operators beside those of the server do not run: ' || wanted)
FROM unnest(ARRAY['{"entropy_l": 2}', '{"entropy_l": 1.5}', '{"recursive": {"c": 4, "l": 2}}', '{"recursive": {"c": 3.5, "l": 2}}', '{"l": 2}',
		'{"t": 0.5}', '{"t": 0.5, "distance": "hierarchical", "hierarchy": "prefix(1)"}']) AS wanted,
	kiaim.plan('settings', format('{"quasi": {"q": "flat"}, "sensitive": {"s": %s}, "k": 2}', wanted)::jsonb);
SET LOCAL search_path = "odd ""schema", public;

-- A collation that calls different texts equal: what reads differently is in different classes.
DO $$
BEGIN
	CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	CREATE TABLE collated (q text COLLATE caseless, s text COLLATE caseless);
	INSERT INTO collated VALUES ('a', 'x'), ('A', 'X'), ('a', 'y'), ('b', 'x'), ('B', 'y'), ('B', 'Y'), ('a', 'z');
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;
SELECT CASE WHEN to_regclass('collated') IS NULL THEN skip('a server without ICU has no such collation', 1)
	ELSE (SELECT is(array_agg(v.planned) || array_agg(v.released), ARRAY['5 rows, 2 classes of at least 2', '3 rows, 1 classes of at least 3',
			'5 rows, 2 classes of at least 2', '3 rows, 1 classes of at least 3'], 'a collation that is not deterministic')
		FROM (VALUES ('{"quasi": {"q": "flat"}, "k": 2, "suppression": 0.5}'::jsonb),
			('{"quasi": {"q": "flat"}, "sensitive": {"s": {"l": 2}}, "suppression": 0.9}')) AS p (policy),
			planned_and_released(to_regclass('collated'), policy) AS v)
	END;

-- The distance of both classes is 0.8 - 0.5, which is more than 0.3 where shares are floating point.
CREATE TABLE at_the_limit AS
SELECT v.q, v.s FROM (VALUES ('1', 'a', 8), ('1', 'b', 2), ('2', 'a', 2), ('2', 'b', 8)) AS v (q, s, n), generate_series(1, v.n);
SELECT results_eq($$ SELECT levels, suppressed FROM kiaim.plan('at_the_limit', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"t": 0.3}}}') $$,
	$$ VALUES ('{"q": 0}'::jsonb, 0::bigint) $$, 'a distance of just t is near enough');
SELECT is(released, planned, 'for the query, too')
FROM planned_and_released('at_the_limit', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"t": 0.3}}, "k": 2}');
-- The whole table counts, suppressed rows, too: without the row of class 3 both others would be equally far from it.
INSERT INTO at_the_limit VALUES ('3', 'a');
SELECT results_eq($$ SELECT levels, suppressed FROM kiaim.plan('at_the_limit', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"t": 0.3}}, "suppression": 0.6}') $$,
	$$ VALUES ('{"q": 0}'::jsonb, 11::bigint) $$, 'suppressed rows belong to the distribution that classes are compared with');
SELECT is(released, planned, 'and in the query')
FROM planned_and_released('at_the_limit', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"t": 0.3}}, "suppression": 0.6, "k": 2}');

-- In persons, both classes are like the table: 5 of 10 say a. A hundred rows of one of them, and another class that says the same, change nothing.
CREATE TABLE repeated AS
SELECT '1' AS q, i AS person, CASE WHEN i <= 5 THEN 'a' ELSE 'b' END AS s FROM generate_series(1, 10) AS i
UNION ALL SELECT '2', 10 + i, CASE WHEN i <= 5 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) AS i
UNION ALL SELECT '1', 1, 'a' FROM generate_series(1, 100)
UNION ALL SELECT '2', i, CASE WHEN i <= 5 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) AS i;
SELECT is(array_agg(planned || ', ' || released), ARRAY['130 rows, 2 classes of at least 10, 130 rows, 2 classes of at least 20',
	'130 rows, 2 classes of at least 10, 130 rows, 2 classes of at least 20'], 'a person counts once for a value, in a class and in the table')
FROM (VALUES ('{"quasi": {"q": "flat"}, "person": "person", "sensitive": {"s": {"t": 0.01}}}'),
	('{"quasi": {"q": "flat"}, "person": "person", "sensitive": {"s": {"t": 0.01, "distance": "hierarchical", "hierarchy": {"*": {"A": ["a"], "B": ["b"]}}}}}')) AS v (p),
	planned_and_released('repeated', p::jsonb || '{"suppression": 1}');

-- what cannot be planned
SELECT throws_ok($$ SELECT kiaim.plan('settings', '{"quasi": {"q": "flat"}, "k": 2000}') $$, 'P0002', 'no generalization satisfies the policy');

-- what no generalization can satisfy is named
CREATE FUNCTION why_not(policy jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
BEGIN
	PERFORM kiaim.plan('settings', policy);
	RETURN 'planned';
EXCEPTION WHEN no_data_found THEN
	GET STACKED DIAGNOSTICS message = PG_EXCEPTION_DETAIL;
	RETURN substring(message FROM 'the policy allows 0\.\s*(.*)$');
END $$;
SELECT is(why_not('{"quasi": {"q": "flat"}, "k": 31}'), 'The whole table has 30 records, "k" wants 31 in every class.', 'more records than there are');
SELECT is(why_not('{"quasi": {"q": "flat"}, "person": "s", "k": 4}'), 'The whole table has 3 persons, "k" wants 4 in every class.', 'more persons than there are');
SELECT is(why_not('{"quasi": {"q": "flat"}, "sensitive": {"s": {"l": 4}}, "k": 2}'),
	'The whole table has 3 different values of column "s", "l of s" wants 4 in every class.', 'more values than there are');
SELECT is(why_not('{"quasi": {"q": "flat"}, "sensitive": {"s": {"recursive": {"c": 9, "l": 4}}}}'),
	'The whole table has 3 different values of column "s", "recursive (c,4) of s" wants 4 in every class.', 'and for recursive diversity');
SELECT is(why_not('{"quasi": {"q": {"hierarchy": "flat", "max": 0}}, "k": 16}'), '', 'what a coarser level could satisfy is not');
SELECT is(why_not('{"quasi": {"q": {"hierarchy": "flat", "max": 0}}, "k": 16, "sensitive": {"s": {"beta": 100, "delta_disclosure": 20}}}'), '',
	'nor is a limit from above that is larger than the number of values');

SELECT * FROM finish();
ROLLBACK;
