-- kiaim.plan: figures worked out by hand, the order of solutions, limits, and
-- every error.  test/pgtap/plan_property.sql compares with the whole lattice on
-- random tables, test/reference/plan.sql with the optima of another program.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION plan(source regclass, policy jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s loss %s k %s suppressed %s classes %s %s', levels, round(loss::numeric, 6), k, suppressed, classes,
                  CASE WHEN optimal AND gap = 0 THEN 'optimal' END)
    FROM kiaim.plan(source, policy)
$$;

-- ten rows: two columns, one of them with a lone value
CREATE TABLE ten (sex text, age int, s text);
INSERT INTO ten VALUES ('m', 1, 'a'), ('m', 2, 'b'), ('m', 3, 'a'), ('m', 4, 'b'), ('m', 11, 'a'),
                       ('f', 1, 'a'), ('f', 2, 'a'), ('f', 3, 'a'), ('f', 4, 'a'), ('f', 12, 'b');

-- six distinct ages; [0,10) covers four of them: a loss of 3/5 for 8 rows, of 0 for the bins of one age; half of that on average
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 4, "suppression": 0.2}'),
    '{"age": 1, "sex": 0} loss 0.440000 k 4 suppressed 2 classes 2 optimal', 'bins of ten, the two others left out: (8*3/5/10 + 0.2 + 0.2) / 2');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 4}'),
    '{"age": 2, "sex": 0} loss 0.500000 k 5 suppressed 0 classes 2 optimal', 'nobody left out: the age goes');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": {"hierarchy": "bins(10)", "weight": 3}}, "k": 4}'),
    '{"age": 2, "sex": 0} loss 0.750000 k 5 suppressed 0 classes 2 optimal', 'a weight counts in the mean');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": {"hierarchy": "bins(10)", "weight": 3}}, "k": 2}'),
    '{"age": 1, "sex": 1} loss 0.640000 k 2 suppressed 0 classes 2 optimal', 'and decides which column goes: (0.48 * 3 + 0.28 + 1) / 4 is more than (0.52 * 3 + 1) / 4');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 4, "suppression": 0.2, "aggregate": "geometric"}'),
    '{"age": 2, "sex": 0} loss 0.414214 k 5 suppressed 0 classes 2 optimal', 'geometric: sqrt(2 * 1) - 1 is less than sqrt(1.68 * 1.2) - 1');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": {"hierarchy": "bins(10)", "min": 2}}, "k": 2}'),
    '{"age": 2, "sex": 0} loss 0.500000 k 5 suppressed 0 classes 2 optimal', 'never below min');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": {"hierarchy": "bins(10)", "max": 1}}, "k": 2}'),
    '{"age": 1, "sex": 1} loss 0.760000 k 2 suppressed 0 classes 2 optimal', 'never above max');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 4, "suppression": 0.19}'),
    '{"age": 2, "sex": 0} loss 0.500000 k 5 suppressed 0 classes 2 optimal', '0.19 of ten records is one record');
SELECT is(plan('ten', '{"quasi": {"sex": "flat"}, "sensitive": {"s": {"l": 2}}}'),
    '{"sex": 0} loss 0.000000 k 5 suppressed 0 classes 2 optimal', 'two values in each class already');
SELECT is(plan('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "sensitive": {"s": {"l": 2}}, "suppression": 0.6}'),
    '{"age": 2, "sex": 0} loss 0.500000 k 5 suppressed 0 classes 2 optimal', 'l decides');
SELECT is(plan('ten', '{"quasi": {"sex": "flat"}, "k": 6, "suppression": 1}'),
    '{"sex": 1} loss 1.000000 k 10 suppressed 0 classes 1 optimal', 'as bad as nothing, but nobody is left out');
SELECT is(plan('ten', '{"quasi": {"sex": "flat"}, "k": 11, "suppression": 1}'),
    '{"sex": 0} loss 1.000000 k  suppressed 10 classes 0 optimal', 'everything left out, where the policy allows it');

-- the shares of a tree are those of its own leaves, whatever the table has of them
SELECT is(plan('ten', '{"quasi": {"sex": {"*": {"known": ["m", "f", "d"], "unknown": ["x", "u"]}}}, "k": 6}'),
    '{"sex": 1} loss 0.500000 k 10 suppressed 0 classes 1 optimal', 'known: three of five leaves, (3 - 1) / (5 - 1)');
SELECT is(plan('ten', '{"quasi": {"sex": {"*": {"known": ["m", "x"], "unknown": ["u"]}}}, "k": 5}'),
    '{"sex": 0} loss 0.000000 k 5 suppressed 0 classes 2 optimal', 'a value outside the tree is itself on level 0');
SELECT is(plan('ten', '{"quasi": {"sex": {"hierarchy": {"*": {"known": ["m", "x"], "unknown": ["u"]}}, "min": 1}}, "k": 5}'),
    '{"sex": 1} loss 0.750000 k 5 suppressed 0 classes 2 optimal', 'and * above, which costs all: (5 * 1/2 + 5) / 10');

-- a column with one value has nothing to lose, and nothing is taken from it
CREATE TABLE same AS SELECT 'x' AS q, NULL::int AS n FROM generate_series(1, 3);
SELECT is(plan('same', '{"quasi": {"q": "prefix(1)", "n": "bins(5)"}, "k": 3}'), '{"n": 0, "q": 0} loss 0.000000 k 3 suppressed 0 classes 1 optimal', 'one value, and only NULLs');
CREATE TABLE empty (q text);
SELECT is(plan('empty', '{"quasi": {"q": "flat"}, "k": 3}'), '{"q": 0} loss 0.000000 k  suppressed 0 classes 0 optimal', 'an empty table has no classes');

-- NULL is a class of its own, up to the top
CREATE TABLE gaps AS SELECT CASE WHEN i > 4 THEN i END AS q FROM generate_series(1, 8) AS i;
SELECT is(plan('gaps', '{"quasi": {"q": "bins(4)"}, "k": 3}'), '{"q": 2} loss 1.000000 k 8 suppressed 0 classes 1 optimal', 'four NULLs, one bin of three and one of one');
SELECT is(plan('gaps', '{"quasi": {"q": "bins(4)"}, "k": 3, "suppression": 0.2}'), '{"q": 1} loss 0.312500 k 3 suppressed 1 classes 2 optimal', 'NULL costs nothing below the top: (3 * 2/4 + 1) / 8');

-- the order of solutions: loss, suppressed, sum of levels, levels in column order
CREATE TABLE twins AS SELECT i % 2 AS a, i % 2 AS b FROM generate_series(1, 8) AS i;
SELECT results_eq($$SELECT rank, levels::text, round(loss::numeric, 6) FROM kiaim.plan('twins', '{"quasi": {"a": "flat", "b": "flat"}, "k": 1}', solutions => 3)$$,
    $$VALUES (1, '{"a": 0, "b": 0}', 0.000000), (2, '{"a": 0, "b": 1}', 0.500000), (3, '{"a": 1, "b": 0}', 0.500000)$$, 'ties are broken by the levels');
SELECT is((SELECT count(*) FROM kiaim.plan('twins', '{"quasi": {"a": "flat", "b": "flat"}, "k": 1}', solutions => 100)), 4::bigint, 'no more than there are');

-- a search that must stop says how far it got
CREATE TABLE wide AS
SELECT i % 11 AS a, i % 13 AS b, i % 17 AS c, i % 19 AS d, i % 23 AS e, i % 29 AS f, i % 31 AS g, i % 37 AS h FROM generate_series(1, 20000) AS i;
SELECT ok(bool_and(NOT optimal AND gap > 0 AND gap <= loss), 'stopped early: not proven, with a gap')
FROM kiaim.plan('wide', '{"quasi": {"a": "bins(1,2,4,8)", "b": "bins(1,2,4,8)", "c": "bins(1,2,4,8,16)", "d": "bins(1,2,4,8,16)", "e": "bins(1,2,4,8,16)",
    "f": "bins(1,2,4,8,16)", "g": "bins(1,2,4,8,16)", "h": "bins(1,2,4,8,16)"}, "k": 40}', time_limit => '1 ms');

-- a hierarchy that is no tree over these values cannot be: labels are functions of labels; text that collides on a level
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', '{"quasi": {"sex": "flat"}, "k": 11}')$$, 'P0002', 'no generalization satisfies the policy', 'no solution is an error');
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', '{"quasi": {"sex": "flat"}, "k": 2}', solutions => 0)$$, '22023', 'solutions must be between 1 and 10000, not 0', 'solutions');
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', '{"quasi": {"sex": "flat"}, "k": 2}', time_limit => '-1 s')$$, '22023', 'time_limit must be positive', 'time_limit');
SELECT throws_ok($$SELECT * FROM kiaim.plan(NULL, '{"quasi": {"sex": "flat"}, "k": 2}')$$, '22004', 'source and policy must not be null', 'NULL source');
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', NULL)$$, '22004', 'source and policy must not be null', 'NULL policy');
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', '{"quasi": {"age": "calendar(year)"}, "k": 2}')$$, '42804', NULL, 'numbers have no place in a calendar');

-- the query at given levels
SELECT matches(kiaim.plan_query('ten', '{"quasi": {"sex": "flat", "age": "bins(10)"}, "k": 4}', '{"sex": 0, "age": 2}'),
    'kiaim.generalize\(age, ''bins\(10\)''::kiaim.hierarchy, 2\)', 'levels are those asked for');
SELECT throws_ok($$SELECT kiaim.plan_query('ten', '{"quasi": {"sex": "flat"}, "k": 4}', '{"sex": 2}')$$, '22023', 'levels need a level of column "sex" between 0 and 1', 'a level beyond the height');
SELECT throws_ok($$SELECT kiaim.plan_query('ten', '{"quasi": {"sex": "flat"}, "k": 4}', '{}')$$, '22023', 'levels need a level of column "sex" between 0 and 1', 'a level that is missing');
SELECT throws_ok($$SELECT kiaim.plan_query('ten', '{"quasi": {"sex": "flat"}, "k": 4}', '{"sex": 0, "age": 1}')$$, '22023', 'levels name "age", which is no quasi-identifier of the policy', 'a column too many');
SELECT throws_ok($$SELECT kiaim.plan_query('ten', '{"quasi": {"sex": "flat"}, "k": 4}', '[0]')$$, '22023', 'levels must be a JSON object', 'no object');

-- privileges are the caller's
CREATE ROLE kiaim_test_stranger;
SET LOCAL ROLE kiaim_test_stranger;
SELECT throws_ok($$SELECT * FROM kiaim.plan('ten', '{"quasi": {"sex": "flat"}, "k": 2}')$$, '42501', NULL, 'who may not read the table cannot plan');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
