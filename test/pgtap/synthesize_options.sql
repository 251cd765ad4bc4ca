-- The options of kiaim.fit: every error names the option, the value and what it must be.
\set ON_ERROR_STOP on
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient (id int, sex text, age int);
INSERT INTO patient SELECT i / 2, CASE WHEN i % 7 < 3 THEN 'm' ELSE 'f' END, 20 + i % 30 FROM generate_series(2, 401) AS i;

-- SQLSTATE and message, detail and hint of an error.
CREATE FUNCTION said(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

SELECT is(said(format('SELECT kiaim.fit(''m'', ''patient'', %L)', options)), '22023 ' || error, options::text)
FROM (VALUES
	('[]'::jsonb, 'options must be an object, not an array'),
	('"forest"', 'options must be an object, not the string "forest"'),
	('null', 'options must be an object, not null'),
	('{"methd": "auto"}', 'unknown option methd | Perhaps you meant "method".'),
	('{"k": 5}', 'unknown option k | Known here: "method", "person", "min_leaf", "small_leaves", "min_gain", "trees", "rows", "seed", "columns", "keep", "order", "constraints".'),
	('{"method": "forrest"}', 'option method cannot be "forrest" | Perhaps you meant "forest".'),
	('{"method": "gan"}', 'option method cannot be "gan" | Known here: "auto", "sequential", "forest", "marginals".'),
	('{"method": 1}', 'option method must be one of "auto", "sequential", "forest", "marginals", not the number 1'),
	('{"person": ["id"]}', 'option person must be the name of a column, not an array'),
	('{"person": ""}', 'option person must be the name of a column, not the string ""'),
	('{"min_leaf": 4}', 'option min_leaf is 4, below 5 | A model would hold counts of groups of 4 persons. | Say "small_leaves": true if that is what you want.'),
	('{"min_leaf": 4, "small_leaves": false}', 'option min_leaf is 4, below 5 | A model would hold counts of groups of 4 persons. | Say "small_leaves": true if that is what you want.'),
	('{"min_leaf": 0, "small_leaves": true}', 'option min_leaf must be an integer from 1 to 1000000, not the number 0'),
	('{"min_leaf": 10.5}', 'option min_leaf must be an integer from 1 to 1000000, not the number 10.5'),
	('{"min_leaf": 1e300}', 'option min_leaf must be an integer from 1 to 1000000, not the number 1' || repeat('0', 99) || '...'),
	('{"min_leaf": "10"}', 'option min_leaf must be an integer from 1 to 1000000, not the string "10"'),
	('{"min_leaf": 4, "small_leaves": 1}', 'option small_leaves must be true or false, not the number 1'),
	('{"min_gain": 0}', 'option min_gain must be a number of bits from 0.1 to 1000, not the number 0'),
	('{"min_gain": 1e400}', 'option min_gain must be a number of bits from 0.1 to 1000, not the number 1' || repeat('0', 99) || '...'),
	('{"min_gain": "2"}', 'option min_gain must be a number of bits from 0.1 to 1000, not the string "2"'),
	('{"trees": 0}', 'option trees must be an integer from 1 to 1000, not the number 0'),
	('{"trees": 1001}', 'option trees must be an integer from 1 to 1000, not the number 1001'),
	('{"rows": 0}', 'option rows must be a positive number of rows, not the number 0'),
	('{"rows": -5}', 'option rows must be a positive number of rows, not the number -5'),
	('{"seed": 9223372036854775808}', 'option seed must be an integer of 64 bits, not the number 9223372036854775808'),
	('{"seed": 0.5}', 'option seed must be an integer of 64 bits, not the number 0.5'),
	('{"seed": null}', 'option seed must be an integer of 64 bits, not null'),
	('{"columns": "sex"}', 'option columns must be an array of column names or an object of columns, not the string "sex"'),
	('{"columns": []}', 'option columns names no column | Leave it out to learn all columns.'),
	('{"columns": {}}', 'option columns names no column | Leave it out to learn all columns.'),
	('{"columns": ["sex", "age", "sex"]}', 'option columns names column "sex" twice'),
	('{"columns": ["sex", 7]}', 'option columns[1] must be a string that is not empty, not the number 7'),
	('{"columns": {"sex": "text"}}', 'option columns.sex must be an object, not the string "text"'),
	('{"columns": {"sex": {"hierachy": "flat"}}}', 'unknown option columns.sex.hierachy | Perhaps you meant "hierarchy".'),
	('{"columns": {"sex": {"hierarchy": 3}}}', 'option columns.sex.hierarchy must be a hierarchy: a definition, a name, or a tree, not the number 3'),
	('{"columns": {"age": {"as": "date"}}}', 'option columns.age.as cannot be "date" | Known here: "number", "category".'),
	('{"columns": {"age": {"as": "categry"}}}', 'option columns.age.as cannot be "categry" | Perhaps you meant "category".'),
	('{"columns": {"age": {"as": "number", "hierarchy": "bins(5)"}}}', 'column "age" cannot be a number and have a hierarchy | Leave out one of columns.age.as and columns.age.hierarchy.'),
	('{"columns": {"age": {"extremes": "yes"}}}', 'option columns.age.extremes must be true or false, not the string "yes"'),
	('{"columns": {"age": {"keep": null}}}', 'option columns.age.keep must be true or false, not null'),
	('{"columns": {"*": {"keep": true}}}', 'option columns.* must be an empty object, not an object | It stands for all columns that are not named.'),
	('{"keep": {"sex": true}}', 'option keep must be an array of column names, not an object'),
	('{"keep": ["sex", "sex"]}', 'option keep names column "sex" twice'),
	('{"keep": ["sex"], "columns": ["age"]}', 'option keep names column "sex", which option columns does not name | Only columns that are learned can be kept or ordered.'),
	('{"order": ["sex"], "columns": ["age"]}', 'option order names column "sex", which option columns does not name | Only columns that are learned can be kept or ordered.'),
	('{"order": "sex"}', 'option order must be an array of column names, not the string "sex"'),
	('{"constraints": "age > 0"}', 'option constraints must be an array of SQL conditions, not the string "age > 0"'),
	('{"constraints": [""]}', 'option constraints[0] must be a string that is not empty, not the string ""')
) AS v (options, error);

SELECT throws_ok('SELECT kiaim.fit(NULL, ''patient'')', '22004', 'model must not be NULL');
SELECT throws_ok('SELECT kiaim.fit(''m'', NULL)', '22004', 'source must not be NULL');
SELECT throws_ok('SELECT kiaim.fit(''m'', ''patient'', NULL)', '22004', 'options must not be NULL');
SELECT throws_ok('SELECT kiaim.fit('''', ''patient'')', '42602', 'the name of a model must have 1 to 63 bytes, not 0');
SELECT throws_ok('SELECT kiaim.fit(repeat(''ü'', 32), ''patient'')', '42602', 'the name of a model must have 1 to 63 bytes, not 64');

-- What only the relation can tell, before any of it is read.
CREATE TABLE nobody (LIKE patient);
CREATE TABLE few AS SELECT * FROM patient WHERE id < 6;
SELECT is(said(format('SELECT kiaim.fit(''m'', %L, %L)', source, options)), error, source || ' ' || options::text)
FROM (VALUES
	('patient', '{"person": "ident"}'::jsonb, '42703 column "ident" of option person does not exist in relation "patient" | Its columns are "id", "sex", "age".'),
	('patient', '{"columns": ["sexx"]}', '42703 column "sexx" of option columns does not exist in relation "patient" | Perhaps you meant the column "sex".'),
	('patient', '{"order": ["agee"]}', '42703 column "agee" of option order does not exist in relation "patient" | Perhaps you meant the column "age".'),
	('patient', '{"columns": {"age": {"hierarchy": "binss(5)"}}}', '22023 invalid hierarchy definition "binss(5)" | There is no hierarchy "binss". | Did you mean "bins"?'),
	('patient', '{"columns": {"age": {"hierarchy": "calendar(month)"}}}', '42804 values of type integer have no place in the hierarchy "calendar(month)" | The hierarchy is made for dates. | Use a hierarchy such as bins(5, 10) for numbers.'),
	('patient', '{"constraints": ["age >"]}', '42601 syntax error at end of input'),
	('patient', '{"constraints": ["agee > 0"]}', '42703 column "agee" does not exist | Perhaps you meant the column "age".'),
	('patient', '{"columns": ["sex"], "constraints": ["age > 0"]}', '22023 a constraint reads column "age", which option columns does not name | A constraint can hold in columns that are learned only.'),
	('nobody', '{}', '22023 there are no rows to learn from in public.nobody'),
	('few', '{"person": "id"}', '22023 there are fewer persons in public.few than min_leaf | It has 5 persons, and a model holds counts of groups of at least 10. | Fit a relation of more persons, or choose a smaller "min_leaf".'),
	('few', '{"person": "id", "min_leaf": 6}', '22023 there are fewer persons in public.few than min_leaf | It has 5 persons, and a model holds counts of groups of at least 6. | Fit a relation of more persons, or choose a smaller "min_leaf".')
) AS v (source, options, error);
SELECT is((SELECT count(*) FROM kiaim.models), 0::bigint, 'nothing was stored');

-- Which columns are learned, and what is said of them.
CREATE FUNCTION learned(options jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.fit('m', 'patient', options || '{"method": "marginals", "seed": 1}');
	RETURN (SELECT string_agg(column_name || ':' || kind || CASE WHEN kept THEN ' kept' ELSE '' END, ' ' ORDER BY column_name) FROM kiaim.model_columns('m'));
END $$;
SELECT is(learned(options), columns, options::text)
FROM (VALUES
	('{}'::jsonb, 'age:number id:number sex:category'),
	('{"person": "id"}', 'age:number id:key sex:category'),
	('{"columns": ["sex", "age"]}', 'age:number sex:category'),
	('{"columns": ["sex", "age"], "person": "id"}', 'age:number sex:category'),
	('{"columns": {"age": {"as": "category"}}}', 'age:category'),
	('{"columns": {"age": {"hierarchy": "bins(5)"}, "*": {}}}', 'age:category id:number sex:category'),
	('{"columns": {"age": {"as": "category"}, "*": {}}}', 'age:category id:number sex:category'),
	('{"columns": {"age": {"keep": true}, "*": {}}}', 'age:number kept id:number sex:category'),
	('{"columns": {"age": {"as": "category"}, "*": {}}, "keep": ["sex"]}', 'age:category id:number sex:category kept'),
	('{"columns": {"age": {"as": "category"}}, "keep": ["age"]}', 'age:category kept'),
	('{"keep": ["sex", "age"]}', 'age:number kept id:number sex:category kept'),
	('{"columns": ["sex", "age"], "keep": ["age"]}', 'age:number kept sex:category')
) AS v (options, columns);
SELECT lives_ok($$ SELECT kiaim.fit('m', 'few', '{"person": "id", "min_leaf": 3, "small_leaves": true}') $$, 'small leaves by a word of their own');
SELECT is((SELECT min_leaf FROM kiaim.models), 3, 'which is recorded');
SELECT kiaim.fit('m', 'patient', '{"order": ["age", "id", "sex"], "method": "sequential"}');
SELECT results_eq($$ SELECT column_name FROM kiaim.model_columns('m') ORDER BY made $$, $$ VALUES ('age'), ('id'), ('sex') $$, 'columns are made in the order that was asked for');

-- Constraints that real rows fail.
SET LOCAL client_min_messages = error;
SELECT kiaim.fit('m', 'patient', '{"constraints": ["age >= 30", "sex = ''f'' OR age < 45", "age IS NOT NULL"]}');
SELECT is((SELECT figures -> 'constraint_failures' FROM kiaim.models),
	(SELECT jsonb_build_object('age >= 30', count(*) FILTER (WHERE age < 30), 'sex = ''f'' OR age < 45', count(*) FILTER (WHERE sex = 'm' AND age >= 45), 'age IS NOT NULL', 0) FROM patient),
	'real rows that fail a constraint are counted');
SELECT kiaim.fit('m', 'patient', '{"rows": 120}');
SELECT ok(rows BETWEEN 100 AND 120 AND (figures ->> 'source_rows')::int = 400, 'of the rows of a sample and those of the source') FROM kiaim.models;

SELECT * FROM finish();
ROLLBACK;
