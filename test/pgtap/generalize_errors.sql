-- Every definition that is refused, and what the user is told: the message, the
-- value at fault, what to do instead.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- SQLSTATE, message, DETAIL and HINT of the error of a statement, a line each.
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

-- definitions that are malformed: DETAIL and HINT
CREATE TEMP TABLE malformed (id serial, definition text, told text);
INSERT INTO malformed (definition, told) VALUES
	('', 'The definition is empty. | A definition is flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system such as icd10, or a tree in JSON; names in kiaim.named_hierarchy are for policies.'),
	('  ', 'The definition is empty. | A definition is flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system such as icd10, or a tree in JSON; names in kiaim.named_hierarchy are for policies.'),
	('flatt', 'There is no hierarchy "flatt". | Did you mean "flat"?'),
	('icd_10', 'There is no hierarchy "icd_10". | Did you mean "icd10"?'),
	('calender(month)', 'There is no hierarchy "calender". | Did you mean "calendar"?'),
	('Präfix(2)', 'There is no hierarchy "präfix". | Did you mean "prefix"?'),
	('something else', 'There is no hierarchy "something". | A definition is flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system such as icd10, or a tree in JSON; names in kiaim.named_hierarchy are for policies.'),
	('flat()', '"flat" takes no arguments. | Write flat without parentheses.'),
	('icd10(3)', '"icd10" takes no arguments. | Write icd10 without parentheses.'),
	('flat, bins(5)', 'There is no hierarchy "flat,". | Did you mean "flat"?'),
	('flat x', 'Unexpected "x" after the end of the definition.'),
	('bins(5) x', 'Unexpected "x" after the end of the definition.'),
	('bins(5', 'The closing parenthesis is missing.'),
	('bins', '"bins" needs one width or more. | For example: bins(5, 10, 20)'),
	('bins()', '"bins" needs one width or more. | For example: bins(5, 10, 20)'),
	('bins(from=3)', '"bins" needs one width or more. | For example: bins(5, 10, 20)'),
	('bins(5,,10)', 'An argument is empty. | Separate arguments by single commas.'),
	('bins(5,)', 'An argument is empty. | Separate arguments by single commas.'),
	('bins(5, above=)', 'An argument is empty. | Separate arguments by single commas.'),
	('bins(5, =3)', 'An argument is empty. | Separate arguments by single commas.'),
	('bins(5; 10)', '"bins" takes one list of widths. | Use breaks(...; ...) for a list of cut points on each level.'),
	('bins(five)', '"five" should be a number of at most 18 digits, such as 5, -40 or 0.25.'),
	('bins(5, above=8O)', '"8O" should be a number of at most 18 digits, such as 5, -40 or 0.25.'),
	('bins(1e3)', '"1e3" should be a number of at most 18 digits, such as 5, -40 or 0.25.'),
	('bins(1234567890123456789)', '"1234567890123456789" should be a number of at most 18 digits, such as 5, -40 or 0.25.'),
	('bins(0.000000000001, from=1000000000)', 'All numbers together need more than 18 digits.'),
	('bins(0)', 'The width 0 should be greater than 0.'),
	('bins(5, -10)', 'The width -10 should be greater than 0.'),
	('bins(5, form=3)', '"bins" has no option "form". | Did you mean "from"?'),
	('bins(5, maximum=3)', '"bins" has no option "maximum". | The options are from, below, above.'),
	('bins(5, from=3, from=4)', 'The option "from" is given twice.'),
	('bins(5, below=85, above=15)', '"below" should be less than "above".'),
	('bins(5, below=15, above=15)', '"below" should be less than "above".'),
	('breaks', '"breaks" needs one cut point or more on each level. | For example: breaks(0, 18, 40, 65, 80; 0, 40, 80)'),
	('breaks(0;)', 'An argument is empty. | Separate arguments by single commas.'),
	('breaks(0, x)', '"x" should be a number of at most 18 digits, such as 18 or 0.25, or a date such as 2020-01-31.'),
	('breaks(0, 2020-01-31)', '"2020-01-31" should be a number of at most 18 digits, such as 18 or 0.25, or a date such as 2020-01-31.'),
	('breaks(2020-01-31, 5)', '"5" should be a date such as 2020-01-31, as the first cut is one.'),
	('breaks(2020-01-31, 2021-02-29)', '"2021-02-29" should be a date such as 2020-01-31, as the first cut is one.'),
	('breaks(18, 0)', 'The cut 0 should be greater than the cut 18 before it.'),
	('breaks(18, 18.0)', 'The cut 18.0 should be greater than the cut 18 before it.'),
	('breaks(18, above=85)', '"breaks" has no option "above". | Only "bins" has options: from, below, above.'),
	('breaks(0.000000000001, 1000000000)', 'All numbers together need more than 18 digits.'),
	('calendar', '"calendar" needs one unit or more, such as calendar(month, year).'),
	('calendar(months)', '"months" should be one of day, week, month, quarter, half_year, year, decade, or a number of years such as 5 years. | Did you mean "month"?'),
	('calendar(2 months)', '"2 months" should be one of day, week, month, quarter, half_year, year, decade, or a number of years such as 5 years. | Did you mean "month"?'),
	('calendar(0 years)', '"0" should be a whole number from 1 to 1000.'),
	('calendar(1001 years)', '"1001" should be a whole number from 1 to 1000.'),
	('calendar(99999999999999999999 years)', '"99999999999999999999" should be a whole number from 1 to 1000.'),
	('calendar(month; year)', '"calendar" takes one list; the semicolon separates the levels of "breaks" only.'),
	('calendar(from=month)', '"calendar" has no option "from". | Only "bins" has options: from, below, above.'),
	('prefix', '"prefix" needs one number of characters or more, such as prefix(3, 2, 1).'),
	('prefix(two)', '"two" should be a whole number from 0 to 1000000.'),
	('prefix(-1)', '"-1" should be a whole number from 0 to 1000000.'),
	('prefix(2.5)', '"2.5" should be a whole number from 0 to 1000000.'),
	('suffix(1000001)', '"1000001" should be a whole number from 0 to 1000000.'),
	('prefix(2, 1, 1' || repeat(', 1', 61) || ')', 'There are 65 levels; the limit is 64.'),
	('bins(2, 2, 2' || repeat(', 2', 61) || ')', 'There are 65 levels; the limit is 64.'),
	('breaks(2; 2; 2' || repeat('; 2', 61) || ')', 'There are 65 levels; the limit is 64.'),
	('{}', 'The outermost object is empty. | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('["a"]', 'The outermost value is an array. | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('"a"', 'The outermost value is "a". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"Europe": ["DE"]}', 'The outermost object should have one key, "*", but has "Europe". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": ["DE"], "Asia": ["JP"]}', 'The outermost object should have one key, "*", but has "Asia". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": {"DE": "Bonn"}}', 'The value of "DE" is neither an object nor an array, but "Bonn". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": {"DE": []}}', 'There is no leaf under "DE". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": {"FR": ["Paris"], "DE": {}}}', 'There is no leaf under "DE". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": {"DE": [["Bonn"]]}}', 'An array under "DE" holds another array. | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": ["a", null]}', 'A leaf is null. | NULL is a value of its own in every hierarchy; leave it out.'),
	('{"*": ["a", ]}', 'Expected JSON value, but found "]". | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	('{"*": ["a"]', 'The input string ended unexpectedly. | Expected objects for inner labels and arrays for leaves, such as {"*": {"Europe": ["DE", "FR"]}}.'),
	(repeat('{"*": ', 65) || '["a"]' || repeat('}', 65), '"a" is nested too deep; the limit is 64 levels.');

SELECT is(pg_temp.error_of(format('SELECT %L::kiaim.hierarchy', definition)),
		  format('22023 | invalid hierarchy definition "%s" | %s',
				 CASE WHEN length(definition) > 80 THEN left(definition, 80) || '...' ELSE definition END, told),
		  'malformed: ' || left(definition, 60))
  FROM malformed ORDER BY id;

-- definitions that are no tree: the value, both parents
CREATE TEMP TABLE no_trees (id serial, definition text, told text);
INSERT INTO no_trees (definition, told) VALUES
	('bins(5, 7)', '"[5,10)" on level 1 has two parents on level 2: "[0,7)" and "[7,14)". | Each width must be a multiple of the width before it.'),
	('bins(10, 5)', '"[0,10)" on level 1 has two parents on level 2: "[0,5)" and "[5,10)". | Each width must be a multiple of the width before it.'),
	('bins(5, 10, 25, from=3)', '"[23,33)" on level 2 has two parents on level 3: "[3,28)" and "[28,53)". | Each width must be a multiple of the width before it.'),
	('bins(0.3, 0.5)', '"[0.3,0.6)" on level 1 has two parents on level 2: "[0,0.5)" and "[0.5,1)". | Each width must be a multiple of the width before it.'),
	('breaks(0, 18; 0, 17)', '"[0,18)" on level 1 has two parents on level 2: "[0,17)" and ">=17". | Add the cut 17 to level 1, or remove it from level 2.'),
	('breaks(0, 18; 20)', '">=18" on level 1 has two parents on level 2: "<20" and ">=20". | Add the cut 20 to level 1, or remove it from level 2.'),
	('breaks(2020-01-01; 2019-01-01, 2020-01-01)', '"<2020-01-01" on level 1 has two parents on level 2: "<2019-01-01" and "[2019-01-01,2020-01-01)". | Add the cut 2019-01-01 to level 1, or remove it from level 2.'),
	('calendar(week, month)', '"2020-W05" on level 1 has two parents on level 2: "2020-01" and "2020-02". | A week may lie in two months and in two years; use weeks alone.'),
	('calendar(week, year)', '"2020-W53" on level 1 has two parents on level 2: "2020" and "2021". | A week may lie in two months and in two years; use weeks alone.'),
	('calendar(year, month)', '"2020" on level 1 has two parents on level 2: "2020-01" and "2020-02". | Order the units from fine to coarse; each must be made of whole units before it.'),
	('calendar(month, week)', '"2020-01" on level 1 has two parents on level 2: "2020-W01" and "2020-W02". | Order the units from fine to coarse; each must be made of whole units before it.'),
	('calendar(week, day)', '"2020-W01" on level 1 has two parents on level 2: "2020-01-01" and "2020-01-02". | A week may lie in two months and in two years; use weeks alone.'),
	('calendar(5 years, 7 years)', '"[2020,2025)" on level 1 has two parents on level 2: "[2016,2023)" and "[2023,2030)". | Order the units from fine to coarse; each must be made of whole units before it.'),
	('calendar(4 years, decade)', '"[2028,2032)" on level 1 has two parents on level 2: "2020s" and "2030s". | Order the units from fine to coarse; each must be made of whole units before it.'),
	('prefix(1, 3)', '"8***" on level 1 has two parents on level 2: "880*" and "881*". | Keep fewer characters from level to level: prefix(3, 1).'),
	('suffix(0, 1)', '"**" on level 1 has two parents on level 2: "*0" and "*1". | Keep fewer characters from level to level: suffix(1, 0).'),
	('{"*": {"a": ["x"], "b": ["x"]}}', '"x" on level 0 has two parents on level 1: "a" and "b".'),
	('{"*": {"A": {"a": ["x"]}, "B": {"a": ["y"]}}}', '"a" on level 1 has two parents on level 2: "A" and "B".'),
	('{"*": ["x", {"a": ["x"]}]}', '"x" on level 0 has two parents on level 1: "x" and "a".'),
	('{"*": {"A": {"*": ["x"]}}}', '"*" on level 1 has two parents on level 2: "*" and "A". | The label "*" is for values outside the hierarchy; choose another.');

SELECT is(pg_temp.error_of(format('SELECT %L::kiaim.hierarchy', definition)),
		  format('22023 | hierarchy "%s" is not a tree | %s', definition, told),
		  'no tree: ' || definition)
  FROM no_trees ORDER BY id;

-- long labels are cut in messages, between characters
SELECT is(pg_temp.error_of(format('SELECT %L::kiaim.hierarchy', repeat('ü', 100000))),
		  format('22023 | invalid hierarchy definition "%1$s..." | There is no hierarchy "%1$s...". | A definition is flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system such as icd10, or a tree in JSON; names in kiaim.named_hierarchy are for policies.', repeat('ü', 40)),
		  'a long definition is not repeated in full');

-- levels
SELECT is(pg_temp.error_of('SELECT kiaim.generalize(23, ''bins(5, 10)'', 4)'),
		  '22023 | level 4 is not in the hierarchy "bins(5, 10)" | Its levels are 0 to 3.', 'a level above the top');
SELECT is(pg_temp.error_of('SELECT kiaim.generalize(23, ''flat'', -1)'),
		  '22023 | level -1 is not in the hierarchy "flat" | Its levels are 0 to 1.', 'a level below 0');
SELECT is(pg_temp.error_of('SELECT kiaim.generalize(NULL::int, ''flat'', 2)'),
		  '22023 | level 2 is not in the hierarchy "flat" | Its levels are 0 to 1.', 'a level above the top, of NULL');

-- types without a place
CREATE TEMP TABLE misplaced (id serial, value text, definition text, told text);
INSERT INTO misplaced (value, definition, told) VALUES
	('date ''2021-08-05''', 'bins(5)', 'values of type date have no place in the hierarchy "bins(5)" | The hierarchy is made for numbers. | Use a hierarchy such as calendar(month, year) for dates.'),
	('now()', 'breaks(5)', 'values of type timestamp with time zone have no place in the hierarchy "breaks(5)" | The hierarchy is made for numbers. | Use a hierarchy such as calendar(month, year) for dates.'),
	('true', 'bins(5)', 'values of type boolean have no place in the hierarchy "bins(5)" | The hierarchy is made for numbers. | Use flat, or a tree in JSON, for values of this type.'),
	('23', 'calendar(month)', 'values of type integer have no place in the hierarchy "calendar(month)" | The hierarchy is made for dates. | Use a hierarchy such as bins(5, 10) for numbers.'),
	('23.5', 'breaks(2020-01-01)', 'values of type numeric have no place in the hierarchy "breaks(2020-01-01)" | The hierarchy is made for dates. | Use a hierarchy such as bins(5, 10) for numbers.'),
	('interval ''1 day''', 'bins(5)', 'values of type interval have no place in the hierarchy "bins(5)" | The hierarchy is made for numbers. | Use flat, or a tree in JSON, for values of this type.'),
	('date ''2021-08-05''', 'icd10', 'values of type date have no place in the hierarchy "icd10" | The hierarchy is made for codes. | Use a hierarchy such as calendar(month, year) for dates.'),
	('NULL::date', 'bins(5)', 'values of type date have no place in the hierarchy "bins(5)" | The hierarchy is made for numbers. | Use a hierarchy such as calendar(month, year) for dates.');
SELECT is(pg_temp.error_of(format('SELECT kiaim.generalize(%s, %L, 1)', value, definition)), '42804 | ' || told,
		  format('%s in %s', value, definition))
  FROM misplaced ORDER BY id;
SELECT is(pg_temp.error_of('SELECT kiaim.path(23, ''calendar(month)'')'),
		  '42804 | values of type integer have no place in the hierarchy "calendar(month)" | The hierarchy is made for dates. | Use a hierarchy such as bins(5, 10) for numbers.',
		  'path refuses what generalize refuses');

-- a tree within its memory
SET LOCAL kiaim.max_memory = '1MB';
SELECT is(pg_temp.error_of($$ SELECT ('{"*": [' || string_agg('"' || i || '"', ', ') || ']}')::kiaim.hierarchy FROM generate_series(1, 50000) AS i $$),
		  '53400 | hierarchy is larger than kiaim.max_memory | The limit is 1024 kB. | Raise kiaim.max_memory, or use a computed hierarchy such as bins or prefix.',
		  'a tree that outgrows the setting');
SET LOCAL kiaim.max_memory = '100MB';
SELECT is(pg_temp.error_of($$ SELECT ('{"*": [' || string_agg('"' || i || '"', ', ') || ']}')::kiaim.hierarchy FROM generate_series(1, 50000) AS i $$),
		  'no error', 'the same tree within a larger one');

-- names that are definitions
SELECT is(split_part(pg_temp.error_of(format('INSERT INTO kiaim.named_hierarchy VALUES (%L, ''flat'')', name)), ' | ', 1), '23514',
		  format('%L cannot be the name of a hierarchy', name))
  FROM unnest('{flat,bins(5),ICD10,"prefix (2)","{\"*\": []}",""}'::text[]) AS name;
SELECT is(pg_temp.error_of(format('INSERT INTO kiaim.named_hierarchy VALUES (%L, ''flat'')', name)), 'no error',
		  format('%L can be the name of a hierarchy', name))
  FROM unnest('{age,"five years","Größe (cm)",flatter}'::text[]) AS name;

SELECT * FROM finish();
ROLLBACK;
