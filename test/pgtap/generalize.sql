-- What every form of hierarchy makes of a value: labels level by level.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- The type of the value is part of each case, so each is a query of its own.
CREATE FUNCTION pg_temp.chain(value text, type text, definition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('SELECT array_to_string(kiaim.path(%L::%s, %L), '' > '', ''NULL'')', value, type, definition) INTO result;
	RETURN result;
END $$;

CREATE TEMP TABLE cases (id serial, type text, value text, definition text, chain text);
INSERT INTO cases (type, value, definition, chain) VALUES
	-- flat
	('text', 'f', 'flat', 'f > *'),
	('text', '', 'flat', ' > *'),
	('text', NULL, 'flat', 'NULL > *'),
	('bool', 't', 'flat', 'true > *'),
	-- bins
	('int', '23', 'bins(5, 10, 20)', '23 > [20,25) > [20,30) > [20,40) > *'),
	('int', '20', 'bins(5, 10, 20)', '20 > [20,25) > [20,30) > [20,40) > *'),
	('int', '0', 'bins(5, 10, 20)', '0 > [0,5) > [0,10) > [0,20) > *'),
	('int', '-1', 'bins(5, 10, 20)', '-1 > [-5,0) > [-10,0) > [-20,0) > *'),
	('int', '-5', 'bins(5, 10, 20)', '-5 > [-5,0) > [-10,0) > [-20,0) > *'),
	('int', '-6', 'bins(5, 10, 20)', '-6 > [-10,-5) > [-10,0) > [-20,0) > *'),
	('int', NULL, 'bins(5)', 'NULL > NULL > *'),
	('smallint', '-32768', 'bins(1000)', '-32768 > [-33000,-32000) > *'),
	('int', '2147483647', 'bins(5)', '2147483647 > [2147483645,2147483650) > *'),
	('int', '-2147483648', 'bins(5)', '-2147483648 > [-2147483650,-2147483645) > *'),
	('bigint', '9223372036854775807', 'bins(5, 10)', '9223372036854775807 > [9223372036854775805,9223372036854775810) > [9223372036854775800,9223372036854775810) > *'),
	('bigint', '-9223372036854775808', 'bins(5, 10)', '-9223372036854775808 > [-9223372036854775810,-9223372036854775805) > [-9223372036854775810,-9223372036854775800) > *'),
	('bigint', '4000000000000000001', 'bins(2)', '4000000000000000001 > [4000000000000000000,4000000000000000002) > *'),
	('bigint', '3999999999999999999', 'bins(2)', '3999999999999999999 > [3999999999999999998,4000000000000000000) > *'),
	('int', '23', 'bins(5, 10, from=3)', '23 > [23,28) > [23,33) > *'),
	('int', '2', 'bins(5, 10, from=3)', '2 > [-2,3) > [-7,3) > *'),
	('int', '14', 'bins(5, 10, below=15, above=85)', '14 > <15 > <15 > *'),
	('int', '15', 'bins(5, 10, below=15, above=85)', '15 > [15,20) > [15,20) > *'),
	('int', '84', 'bins(5, 10, below=15, above=85)', '84 > [80,85) > [80,85) > *'),
	('int', '85', 'bins(5, 10, below=15, above=85)', '85 > >=85 > >=85 > *'),
	('int', '2000000000', 'bins(5, above=85)', '2000000000 > >=85 > *'),
	('numeric', '99999999999999999999999', 'bins(5, above=85)', '99999999999999999999999 > >=85 > *'),
	('numeric', '-99999999999999999999999', 'bins(5, below=-85)', '-99999999999999999999999 > <-85 > *'),
	('numeric', '-99999999999999999999999', 'bins(5, above=85)', '-99999999999999999999999 > [-100000000000000000000000,-99999999999999999999995) > *'),
	('numeric', '1.50', 'bins(0.25, 0.5)', '1.50 > [1.5,1.75) > [1.5,2) > *'),
	('numeric', '-0.01', 'bins(0.25, 0.5)', '-0.01 > [-0.25,0) > [-0.5,0) > *'),
	('numeric', '24.999999999999999999999', 'bins(5)', '24.999999999999999999999 > [20,25) > *'),
	('numeric', '-0.000000000000000000000000001', 'bins(5)', '-0.000000000000000000000000001 > [-5,0) > *'),
	('numeric', '0.0', 'bins(5)', '0.0 > [0,5) > *'),
	('numeric', 'NaN', 'bins(5, 10)', 'NaN > * > * > *'),
	('numeric', 'Infinity', 'bins(5)', 'Infinity > * > *'),
	('numeric', '12345678901234567890.5', 'bins(0.5, from=0.1)', '12345678901234567890.5 > [12345678901234567890.1,12345678901234567890.6) > *'),
	('numeric', '-12345678901234567890.95', 'bins(0.5, from=0.1)', '-12345678901234567890.95 > [-12345678901234567891.4,-12345678901234567890.9) > *'),
	('float8', '0.3', 'bins(0.1)', '0.3 > [0.3,0.4) > *'),
	('float8', '-0', 'bins(5)', '-0 > [0,5) > *'),
	('float8', '1e20', 'bins(7)', '1e+20 > [99999999999999999998,100000000000000000005) > *'),
	('float8', '-1.5e-07', 'bins(5)', '-1.5e-07 > [-5,0) > *'),
	('float8', 'Infinity', 'bins(5)', 'Infinity > * > *'),
	('float8', 'NaN', 'bins(5)', 'NaN > * > *'),
	('float4', '0.1', 'bins(0.1)', '0.1 > [0.1,0.2) > *'),
	('text', '23', 'bins(5)', '23 > [20,25) > *'),
	('text', ' 23 ', 'bins(5)', ' 23  > [20,25) > *'),
	('text', '+2.5e1', 'bins(5)', '+2.5e1 > [25,30) > *'),
	('text', '.5', 'bins(5)', '.5 > [0,5) > *'),
	('text', '5.', 'bins(5)', '5. > [5,10) > *'),
	('text', '', 'bins(5)', ' > * > *'),
	('text', '.', 'bins(5)', '. > * > *'),
	('text', '-', 'bins(5)', '- > * > *'),
	('text', '1e', 'bins(5)', '1e > * > *'),
	('text', '1.2.3', 'bins(5)', '1.2.3 > * > *'),
	('text', '12a', 'bins(5)', '12a > * > *'),
	('text', '0x10', 'bins(5)', '0x10 > * > *'),
	('text', '1e999999999999', 'bins(5)', '1e999999999999 > * > *'),
	('text', '1e-999999999999', 'bins(5)', '1e-999999999999 > [0,5) > *'),
	('text', '-1e-999999999999', 'bins(5)', '-1e-999999999999 > [-5,0) > *'),
	('text', '0e999999999999', 'bins(5)', '0e999999999999 > [0,5) > *'),
	('text', '000000000000000000000000012', 'bins(5)', '000000000000000000000000012 > [10,15) > *'),
	('text', '12e18', 'bins(5)', '12e18 > [12000000000000000000,12000000000000000005) > *'),
	('char(5)', '23', 'bins(5)', '23 > [20,25) > *'),
	('name', '23', 'bins(5)', '23 > [20,25) > *'),
	-- breaks
	('int', '-1', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', '-1 > <0 > <0 > *'),
	('int', '0', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', '0 > [0,18) > [0,40) > *'),
	('int', '64', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', '64 > [40,65) > [40,80) > *'),
	('int', '80', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', '80 > >=80 > >=80 > *'),
	('numeric', '1e30', 'breaks(0, 18; 18)', '1000000000000000000000000000000 > >=18 > >=18 > *'),
	('numeric', '-1e30', 'breaks(0, 18; 18)', '-1000000000000000000000000000000 > <0 > <18 > *'),
	('numeric', '17.99', 'breaks(17.995)', '17.99 > <17.995 > *'),
	('text', 'unknown', 'breaks(18)', 'unknown > * > *'),
	('date', '2019-12-31', 'breaks(2020-01-01, 2021-01-01; 2021-01-01)', '2019-12-31 > <2020-01-01 > <2021-01-01 > *'),
	('date', '2020-02-29', 'breaks(2020-01-01, 2021-01-01; 2021-01-01)', '2020-02-29 > [2020-01-01,2021-01-01) > <2021-01-01 > *'),
	('timestamp', '2021-01-01 00:00', 'breaks(2020-01-01, 2021-01-01)', '2021-01-01 00:00:00 > >=2021-01-01 > *'),
	('timestamp', '2020-12-31 23:59:59.999999', 'breaks(2020-01-01, 2021-01-01)', '2020-12-31 23:59:59.999999 > [2020-01-01,2021-01-01) > *'),
	('date', 'infinity', 'breaks(2020-01-01)', 'infinity > * > *'),
	-- calendar
	('date', '2021-08-05', 'calendar(day, month, quarter, half_year, year, 5 years, decade)', '2021-08-05 > 2021-08-05 > 2021-08 > 2021-Q3 > 2021-H2 > 2021 > [2020,2025) > 2020s > *'),
	('date', '2020-02-29', 'calendar(month, year)', '2020-02-29 > 2020-02 > 2020 > *'),
	('date', '1582-10-10', 'calendar(day, month, year, decade)', '1582-10-10 > 1582-10-10 > 1582-10 > 1582 > 1580s > *'),
	('date', '0001-01-01', 'calendar(month, quarter, year, 5 years, decade)', '0001-01-01 > 0001-01 > 0001-Q1 > 0001 > [0001 BC,0005) > 0000s > *'),
	('date', '0001-12-31 BC', 'calendar(month, quarter, half_year, year, 5 years, decade)', '0001-12-31 BC > 0001-12 BC > 0001-Q4 BC > 0001-H2 BC > 0001 BC > [0001 BC,0005) > 0000s > *'),
	('date', '0044-03-15 BC', 'calendar(day, month, year, 5 years, decade)', '0044-03-15 BC > 0044-03-15 BC > 0044-03 BC > 0044 BC > [0046 BC,0041 BC) > [0051 BC,0041 BC) > *'),
	('date', '4714-11-24 BC', 'calendar(month, year, decade)', '4714-11-24 BC > 4714-11 BC > 4714 BC > [4721 BC,4711 BC) > *'),
	('date', '10000-01-01', 'calendar(month, year, decade)', '10000-01-01 > 10000-01 > 10000 > 10000s > *'),
	('date', '5874897-12-31', 'calendar(day, month, year, 1000 years)', '5874897-12-31 > 5874897-12-31 > 5874897-12 > 5874897 > [5874000,5875000) > *'),
	('date', 'infinity', 'calendar(month, year)', 'infinity > * > * > *'),
	('date', '-infinity', 'calendar(month)', '-infinity > * > *'),
	('date', '2021-01-03', 'calendar(week)', '2021-01-03 > 2020-W53 > *'),
	('date', '2021-01-04', 'calendar(week)', '2021-01-04 > 2021-W01 > *'),
	('date', '2018-12-31', 'calendar(day, week)', '2018-12-31 > 2018-12-31 > 2019-W01 > *'),
	('date', '0001-01-01 BC', 'calendar(week)', '0001-01-01 BC > 0002-W52 BC > *'),
	('timestamp', '2021-08-05 23:59:59.5', 'calendar(day, month)', '2021-08-05 23:59:59.5 > 2021-08-05 > 2021-08 > *'),
	('timestamp', '1999-12-31 23:59:59.999999', 'calendar(day)', '1999-12-31 23:59:59.999999 > 1999-12-31 > *'),
	('timestamp', '-infinity', 'calendar(day)', '-infinity > * > *'),
	('timestamptz', '2021-08-05 23:30:00-05', 'calendar(day)', '2021-08-06 04:30:00+00 > 2021-08-06 > *'),
	('timestamptz', '0044-03-15 12:00:00+00 BC', 'calendar(month)', '0044-03-15 12:00:00+00 BC > 0044-03 BC > *'),
	('timestamptz', 'infinity', 'calendar(day)', 'infinity > * > *'),
	('text', '2021-08-05', 'calendar(month, year)', '2021-08-05 > 2021-08 > 2021 > *'),
	('text', '2021-08-05T10:00:00', 'calendar(day)', '2021-08-05T10:00:00 > 2021-08-05 > *'),
	('text', '0044-03-15 BC', 'calendar(day)', '0044-03-15 BC > 0044-03-15 BC > *'),
	('text', '2021-02-29', 'calendar(month)', '2021-02-29 > * > *'),
	('text', '2021-13-01', 'calendar(month)', '2021-13-01 > * > *'),
	('text', '0000-01-01', 'calendar(month)', '0000-01-01 > * > *'),
	('text', '2021-08', 'calendar(month)', '2021-08 > * > *'),
	('text', '05.08.2021', 'calendar(month)', '05.08.2021 > * > *'),
	('text', '2021-08-05x', 'calendar(month)', '2021-08-05x > * > *'),
	('text', '9999999-01-01', 'calendar(month)', '9999999-01-01 > * > *'),
	('text', '', 'calendar(month)', ' > * > *'),
	-- prefix and suffix
	('text', '80331', 'prefix(3, 2, 1)', '80331 > 803** > 80*** > 8**** > *'),
	('text', '80', 'prefix(3, 1)', '80 > 80 > 8* > *'),
	('text', '', 'prefix(3, 1)', ' >  >  > *'),
	('text', 'Öl', 'prefix(1, 0)', 'Öl > Ö* > ** > *'),
	('text', 'äöü', 'prefix(2)', 'äöü > äö* > *'),
	('int', '80331', 'prefix(2)', '80331 > 80*** > *'),
	('date', '2021-08-05', 'prefix(4)', '2021-08-05 > 2021****** > *'),
	('text', '80331', 'suffix(3, 2, 1)', '80331 > **331 > ***31 > ****1 > *'),
	('text', 'äöü', 'suffix(2)', 'äöü > *öü > *'),
	('text', 'ab', 'suffix(2, 0)', 'ab > ab > ** > *'),
	('char(8)', '80331', 'prefix(2)', '80331 > 80*** > *'),
	('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'prefix(2)', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 > a0********************************** > *'),
	-- trees
	('text', 'Bonn', '{"*": {"Europe": {"DE": ["Bonn", "Ulm"]}}}', 'Bonn > DE > Europe > *'),
	('text', 'Rome', '{"*": {"Europe": {"DE": ["Bonn", "Ulm"]}}}', 'Rome > * > * > *'),
	('text', NULL, '{"*": {"Europe": {"DE": ["Bonn", "Ulm"]}}}', 'NULL > NULL > NULL > *'),
	('text', 'Unknown', '{"*": ["Unknown", {"Europe": ["DE"]}]}', 'Unknown > Unknown > *'),
	('text', 'DE', '{"*": ["Unknown", {"Europe": ["DE"]}]}', 'DE > Europe > *'),
	('text', 'x', '{"*": {"a": {"b": {"c": ["d"]}}, "e": ["x"]}}', 'x > x > x > e > *'),
	('text', '', '{"*": {"none": [""], "some": ["a"]}}', ' > none > *'),
	('int', '2', '{"*": {"odd": [1, 3], "even": [2, 4]}}', '2 > even > *'),
	('bool', 'f', '{"*": {"no": [false], "yes": [true]}}', 'false > no > *'),
	('date', '2021-08-05', '{"*": {"holiday": ["2021-08-05"]}}', '2021-08-05 > holiday > *'),
	('text', 'a"b\c', '{"*": {"q\"uote": ["a\"b\\c"]}}', 'a"b\c > q"uote > *'),
	('text', 'ü€😀', '{"*": {"u": ["\u00fc\u20ac\ud83d\ude00"]}}', 'ü€😀 > u > *'),
	('text', 'A', '{"*": {"x": ["A"], "y": ["B"], "x": ["C"]}}', 'A > x > *'),
	('text', 'C', '{"*": {"x": ["A"], "y": ["B"], "x": ["C"]}}', 'C > x > *'),
	-- a code system, where this file ends and generalize_codes begins
	('text', 'c50.9', 'icd10', 'c50.9 > C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48) > *'),
	-- types without a path of their own
	('interval', '1 year 2 days 03:00', 'flat', '1 year 2 days 03:00:00 > *'),
	('bytea', '\x00ff', 'flat', '\x00ff > *'),
	('int[]', '{1,NULL,3}', 'flat', '{1,NULL,3} > *'),
	('jsonb', '{"a": 1}', 'flat', '{"a": 1} > *'),
	('inet', '10.0.0.1', 'prefix(3)', '10.0.0.1 > 10.***** > *'),
	('daterange', '[2021-01-01,2021-02-01)', 'flat', '[2021-01-01,2021-02-01) > *'),
	('"char"', 'x', 'flat', 'x > *'),
	('time', '12:30', 'prefix(2)', '12:30:00 > 12****** > *'),
	-- text level 0 of everything else
	('numeric', '1.500', 'flat', '1.500 > *'),
	('float8', '0.1', 'flat', '0.1 > *'),
	('float8', '1e300', 'flat', '1e+300 > *'),
	('float8', '-Infinity', 'flat', '-Infinity > *'),
	('float4', '3.4028235e38', 'flat', '3.4028235e+38 > *'),
	('bigint', '-9223372036854775808', 'flat', '-9223372036854775808 > *'),
	('date', '10000-01-01', 'flat', '10000-01-01 > *'),
	('date', '0001-01-01 BC', 'flat', '0001-01-01 BC > *'),
	('timestamp', '2021-08-05 10:00:00.120', 'flat', '2021-08-05 10:00:00.12 > *');

SELECT is(pg_temp.chain(value, type, definition), chain, format('%s %s in %s', type, coalesce(quote_literal(value), 'NULL'), definition))
  FROM cases ORDER BY id;

-- generalize is the element of the path, height its length
SELECT is_empty($$
	SELECT id FROM cases CROSS JOIN LATERAL generate_series(0, kiaim.height(definition::kiaim.hierarchy)) AS level
	 WHERE type = 'text'
	   AND kiaim.generalize(value, definition::kiaim.hierarchy, level)
	       IS DISTINCT FROM (kiaim.path(value, definition::kiaim.hierarchy))[level + 1]
$$, 'generalize agrees with path on each level');
SELECT is_empty($$
	SELECT id FROM cases
	 WHERE cardinality(kiaim.path(value, definition::kiaim.hierarchy)) <> kiaim.height(definition::kiaim.hierarchy) + 1
	   AND type = 'text'
$$, 'a path has height + 1 labels');

-- an untyped literal is text, NULL as well
SELECT is(kiaim.generalize('80331', 'prefix(2)', 1), '80***', 'an untyped literal counts as text');
SELECT is(kiaim.generalize(NULL, 'prefix(2)', 1), NULL, 'an untyped NULL has no label below the top');
SELECT is(kiaim.generalize(NULL, 'prefix(2)', 2), '*', 'an untyped NULL is * at the top');
SELECT is(kiaim.generalize(NULL::int, 'bins(5)', 2), '*', 'NULL is * at the top');
SELECT is(kiaim.path(NULL, 'bins(5)'), ARRAY[NULL, NULL, '*'], 'the path of NULL');
SELECT is(kiaim.generalize(5, NULL, 0), NULL, 'no hierarchy, no label');
SELECT is(kiaim.generalize(5, 'flat', NULL), NULL, 'no level, no label');
SELECT is(kiaim.path(5, NULL), NULL, 'no hierarchy, no path');
SELECT is(kiaim.height(NULL), NULL, 'no hierarchy, no height');

-- domains, enums, names in quotes
CREATE DOMAIN pg_temp.age AS int CHECK (value >= 0);
CREATE TYPE pg_temp.grade AS ENUM ('low', 'high');
CREATE TEMP TABLE "Quoted ""table""" ("An ""age""" pg_temp.age, "grade x" pg_temp.grade);
INSERT INTO "Quoted ""table""" VALUES (23, 'low');
SELECT is(kiaim.generalize("An ""age""", 'bins(5)', 1), '[20,25)', 'a domain is its base type') FROM "Quoted ""table""";
SELECT is(kiaim.generalize("grade x", '{"*": {"any": ["low", "high"]}}', 1), 'any', 'an enum is its label') FROM "Quoted ""table""";

-- very long values
SELECT is(kiaim.generalize(repeat('x', 1000000), 'prefix(3)', 1), 'xxx' || repeat('*', 999997), 'a megabyte under prefix');
SELECT is(kiaim.generalize(repeat('ü', 500000), 'suffix(3)', 1), repeat('*', 499997) || 'üüü', 'half a million two-byte characters under suffix');
SELECT is(kiaim.generalize(repeat('9', 1000000), 'bins(5)', 1), '*', 'a megabyte of digits is no number');
SELECT is(kiaim.generalize(repeat('0', 1000000) || '7', 'bins(5)', 1), '[5,10)', 'leading zeros are no digits, however many');
SELECT is(kiaim.generalize(repeat('x', 1000000), 'icd10', 1), '*', 'a megabyte is no code');
SELECT is(kiaim.generalize(repeat('x', 1000000), '{"*": ["x"]}', 0), repeat('x', 1000000), 'level 0 is the value');
SELECT is(kiaim.generalize(repeat('x', 1000000), format('{"*": {"long": ["%s"]}}', repeat('x', 1000000))::kiaim.hierarchy, 1), 'long', 'a leaf of a megabyte');
SELECT is(kiaim.generalize(repeat('9', 131072)::numeric, 'bins(10)', 1), '*', 'the very largest numerics are outside: their interval would have no end');
SELECT is(kiaim.generalize(repeat('9', 131071)::numeric, 'bins(10)', 1), '[' || repeat('9', 131070) || '0,1' || repeat('0', 131071) || ')', 'a bin around a very long numeric');

-- hierarchies that change from row to row
SELECT results_eq($$ SELECT kiaim.generalize(a, h::kiaim.hierarchy, 1)
	FROM (VALUES (1, 23, 'bins(5)'), (2, 23, 'bins(10)'), (3, 27, 'bins(10)'), (4, 27, 'flat'), (5, 27, 'bins(5)')) AS v(i, a, h) ORDER BY i $$,
	$$ VALUES ('[20,25)'), ('[20,30)'), ('[20,30)'), ('*'), ('[25,30)') $$, 'the hierarchy may differ from row to row');
DO $$
DECLARE h kiaim.hierarchy; results text := '';
BEGIN
	FOREACH h IN ARRAY '{flat,"bins(5)","bins(10)","prefix(1)"}'::kiaim.hierarchy[] LOOP
		results := results || ' ' || kiaim.generalize(23, h, 1);
	END LOOP;
	PERFORM set_config('test.results', results, true);
END $$;
SELECT is(current_setting('test.results'), ' * [20,25) [20,30) 2*', 'a variable of PL/pgSQL may hold one hierarchy after another');
DO $$
DECLARE h kiaim.hierarchy; results text := '';
BEGIN
	FOREACH h IN ARRAY '{calendar(month),calendar(month),flat}'::kiaim.hierarchy[] LOOP
		BEGIN
			results := results || ' ' || kiaim.generalize(23, h, 1);
		EXCEPTION WHEN datatype_mismatch THEN
			results := results || ' mismatch';
		END;
	END LOOP;
	PERFORM set_config('test.results', results, true);
END $$;
SELECT is(current_setting('test.results'), ' mismatch mismatch *', 'an error does not leave a hierarchy behind that does not fit');

SELECT * FROM finish();
ROLLBACK;
