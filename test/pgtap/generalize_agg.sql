-- kiaim.hierarchy_agg: rows of labels become a hierarchy.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TEMP TABLE city (name text, country text, continent text, everything text);
INSERT INTO city VALUES ('Ulm', 'DE', 'Europe', '*'), ('Bonn', 'DE', 'Europe', '*'), ('Paris', 'FR', 'Europe', '*'), ('Kyoto', 'JP', 'Asia', '*');

SELECT is(kiaim.hierarchy_agg(name, country, continent, everything)::text,
		  '{"*": {"Asia": {"JP": ["Kyoto"]}, "Europe": {"DE": ["Bonn", "Ulm"], "FR": ["Paris"]}}}', 'rows become a tree in byte order')
  FROM city;
SELECT is(kiaim.hierarchy_agg(name, country, continent)::text,
		  '{"*": {"Asia": {"JP": ["Kyoto"]}, "Europe": {"DE": ["Bonn", "Ulm"], "FR": ["Paris"]}}}', 'the root is added where it is missing')
  FROM city;
SELECT is(kiaim.hierarchy_agg(name)::text, '{"*": ["Bonn", "Kyoto", "Paris", "Ulm"]}', 'one column') FROM city;
SELECT is(kiaim.hierarchy_agg(everything)::text, '{"*": ["*"]}', 'a leaf "*" still gets its root') FROM city;
SELECT is(kiaim.hierarchy_agg('x', '*')::text, '{"*": ["x"]}', 'constants');
SELECT is(kiaim.hierarchy_agg('x', 'x', '*')::text, '{"*": {"x": ["x"]}}', 'a label may repeat itself on the way up');
SELECT is(kiaim.hierarchy_agg(VARIADIC ARRAY[name, country])::text, '{"*": {"DE": ["Bonn", "Ulm"], "FR": ["Paris"], "JP": ["Kyoto"]}}', 'rows as arrays') FROM city;
SELECT is(kiaim.hierarchy_agg(name, country)::text, NULL, 'no rows') FROM city WHERE false;
SELECT is(kiaim.hierarchy_agg(name, country)::text, '{"*": {"DE": ["Ulm"]}}', 'rows without a value say nothing')
  FROM (VALUES (NULL, 'DE'), ('Ulm', 'DE'), (NULL, NULL)) AS v(name, country);
SELECT is(kiaim.hierarchy_agg(name, country)::text, NULL, 'nor do they alone') FROM (VALUES (NULL::text, 'DE')) AS v(name, country);
SELECT is(kiaim.hierarchy_agg(VARIADIC v)::text, '{"*": ["x"]}', 'nor do empty arrays') FROM (VALUES ('{}'::text[]), (NULL), ('{x}')) AS t(v);
SELECT is(kiaim.hierarchy_agg(name, country)::text, '{"*": {"DE": ["Bonn"]}}', 'equal rows count once')
  FROM (SELECT 'Bonn' AS name, 'DE' AS country FROM generate_series(1, 1000)) AS x;
SELECT is(kiaim.hierarchy_agg(name, country ORDER BY name DESC)::text, kiaim.hierarchy_agg(name, country ORDER BY name)::text, 'the order of rows does not matter') FROM city;
SELECT is(kiaim.hierarchy_agg(name, country) FILTER (WHERE continent = 'Asia')::text, '{"*": {"JP": ["Kyoto"]}}', 'FILTER') FROM city;
SELECT results_eq('SELECT continent, kiaim.hierarchy_agg(name, country)::text FROM city GROUP BY continent ORDER BY continent',
	$$ VALUES ('Asia', '{"*": {"JP": ["Kyoto"]}}'), ('Europe', '{"*": {"DE": ["Bonn", "Ulm"], "FR": ["Paris"]}}') $$, 'GROUP BY');
SELECT results_eq('SELECT name, kiaim.height(kiaim.hierarchy_agg(name, country) OVER (ORDER BY name)) FROM city ORDER BY name',
	$$ VALUES ('Bonn', 2), ('Kyoto', 2), ('Paris', 2), ('Ulm', 2) $$, 'OVER: the final function leaves its state alone');
SELECT is(kiaim.hierarchy_agg(a, b)::text, '{"*": {"q\"\\": ["", "\u0001\n", "ü"]}}', 'odd characters')
  FROM (VALUES ('', E'q"\\'), ('ü', E'q"\\'), (E'\u0001\n', E'q"\\')) AS v(a, b);
SELECT is((kiaim.hierarchy_agg(a, b)::text::kiaim.hierarchy)::text, kiaim.hierarchy_agg(a, b)::text, 'odd characters survive')
  FROM (VALUES ('', E'q"\\'), ('ü', E'q"\\'), (E'\u0001\n', E'q"\\')) AS v(a, b);
SELECT is(kiaim.path(E'\u0001\n', kiaim.hierarchy_agg(a, b)), ARRAY[E'\u0001\n', E'q"\\', '*'], 'and are found again')
  FROM (VALUES ('', E'q"\\'), ('ü', E'q"\\'), (E'\u0001\n', E'q"\\')) AS v(a, b);

-- what it makes is what the rows say
CREATE TEMP TABLE big AS SELECT i::text AS l0, (i / 7)::text AS l1, (i / 7 / 11)::text AS l2 FROM generate_series(1, 20000) AS i;
CREATE TEMP TABLE big_hierarchy AS SELECT kiaim.hierarchy_agg(l0, l1, l2) AS h FROM big;
SELECT is_empty('SELECT l0 FROM big, big_hierarchy WHERE kiaim.path(l0, h) <> ARRAY[l0, l1, l2, ''*''] LIMIT 5', 'twenty thousand rows, each its own path');

-- parallel
CREATE TABLE kiaim_test_agg AS SELECT * FROM big;
ANALYZE kiaim_test_agg;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
	RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of('SELECT kiaim.hierarchy_agg(l0, l1, l2) FROM kiaim_test_agg'), 'Partial Aggregate', 'a partial aggregate');
SELECT is((SELECT md5(kiaim.hierarchy_agg(l0, l1, l2)::text) FROM kiaim_test_agg), (SELECT md5(h::text) FROM big_hierarchy), 'combines to the same tree');
SELECT is((SELECT kiaim.hierarchy_agg(l0, l1) FROM kiaim_test_agg WHERE l0 = '1')::text, '{"*": {"0": ["1"]}}', 'with workers that see no row');
SELECT is((SELECT kiaim.hierarchy_agg(l0, l1) FROM kiaim_test_agg WHERE l0 = 'none')::text, NULL, 'with no row at all');

-- errors
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
SELECT is(pg_temp.error_of(format('SELECT kiaim.hierarchy_agg(VARIADIC row::text[]) FROM unnest(%L::text[]) AS row', rows)), told, rows)
  FROM (VALUES
	('{"{x,a,*}","{x,b,*}"}', '22023 | the rows of a hierarchy are not a tree | "x" on level 0 has two parents on level 1: "a" and "b".'),
	('{"{x,a,A}","{y,a,B}"}', '22023 | the rows of a hierarchy are not a tree | "a" on level 1 has two parents on level 2: "A" and "B".'),
	('{"{x,*,A}"}', '22023 | the rows of a hierarchy are not a tree | "*" on level 1 has two parents on level 2: "*" and "A". | The label "*" is for values outside the hierarchy; choose another.'),
	('{"{x,a}","{y}"}', '22023 | the rows of a hierarchy differ in length | One has 1 labels, another has 2. | Repeat a label on the levels that a shorter branch does not have.'),
	('{"{x,NULL,*}"}', '22004 | a label of a hierarchy is null | "x" has no label on level 1. | Repeat the label of the level below, or leave the row out.')
  ) AS v(rows, told);
SELECT is(pg_temp.error_of('SELECT kiaim.hierarchy_agg(VARIADIC array_fill(''x''::text, ARRAY[65]))'),
		  '54000 | a hierarchy cannot have 65 levels | The limit is 64.', 'too many levels');
SELECT is(pg_temp.error_of('SELECT kiaim.height(kiaim.hierarchy_agg(VARIADIC array_fill(''x''::text, ARRAY[64])))'), 'no error', 'as many as there may be');
SET LOCAL kiaim.max_memory = '1MB';
SELECT is(pg_temp.error_of('SELECT kiaim.hierarchy_agg(l0, l1, l2) FROM big'),
		  '53400 | hierarchy is larger than kiaim.max_memory | The limit is 1024 kB. | Raise kiaim.max_memory, or use a computed hierarchy such as bins or prefix.',
		  'memory is bounded');

SELECT * FROM finish();
ROLLBACK;
