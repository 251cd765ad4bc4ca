-- The checks on tables small enough to be worked out by hand, their calling forms, and their errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- by hand ----

-- Class 1: a a b. Class 2: a c NULL NULL. All: a 3, b 1, c 1, NULL 2 of 7.
CREATE TABLE t (person int, q int, s text);
INSERT INTO t VALUES (1, 1, 'a'), (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'a'), (4, 2, 'c'), (NULL, 2, NULL), (NULL, 2, NULL);

SELECT is(kiaim.k_anonymity(q), 3::bigint, 'k: the smaller class has three rows') FROM t;
SELECT is(kiaim.k_anonymity(q, s), 1::bigint, 'k: more columns, smaller classes') FROM t;
SELECT is(kiaim.k_anonymity(s) FILTER (WHERE s IS NULL), 2::bigint, 'k: NULLs are one class') FROM t;
SELECT is(kiaim.uniqueness(s), 2 / 7::float8, 'uniqueness: b and c are alone') FROM t;
SELECT is(kiaim.uniqueness(q, s, person), 3 / 7::float8, 'uniqueness: NULL equals NULL') FROM t;
SELECT is(kiaim.persons_k_anonymity(person, q), 2::bigint, 'persons: class 1 has two') FROM t;
SELECT is(kiaim.persons_k_anonymity(person, q) FILTER (WHERE q = 2), 3::bigint, 'persons: NULL is one person') FROM t;
SELECT is(kiaim.l_diversity(s, q), 2::bigint, 'l: class 1 has two values') FROM t;
SELECT is(kiaim.l_diversity(s, q) FILTER (WHERE q = 2), 3::bigint, 'l: NULL is a value') FROM t;
SELECT ok(abs(kiaim.entropy_l_diversity(s, q) - exp(-(2 / 3.0 * ln(2 / 3.0) + 1 / 3.0 * ln(1 / 3.0)))) < 1e-14, 'entropy l: class 1') FROM t;
SELECT is(kiaim.entropy_l_diversity(s, 1), 3::float8, 'entropy l: three equally frequent values are exactly 3')
FROM (VALUES ('a'), ('b'), ('c'), ('a'), ('b'), ('c')) v(s);
SELECT is(kiaim.recursive_diversity(1, s, q), 2 / 3::float8, 'recursive l = 1: the share of the most frequent value') FROM t;
SELECT is(kiaim.recursive_diversity(2, s, q), 2::float8, 'recursive l = 2: 2 / 1 in class 1') FROM t;
SELECT is(kiaim.recursive_diversity(3, s, q), 'Infinity'::float8, 'recursive l = 3: class 1 has fewer values') FROM t;
SELECT is(kiaim.recursive_diversity(3, s, q) FILTER (WHERE q = 2), 2::float8, 'recursive l = 3: 2 / 1 in class 2') FROM t;
-- class 1: a 2/3 - 3/7 = 5/21, b 1/3 - 1/7 = 4/21
SELECT is(kiaim.t_closeness(s, q), 9 / 21::float8, 't: what class 1 has too much of') FROM t;
-- carried: a 5/21, b 9/21, c 6/21; over three steps
SELECT is(kiaim.ordered_t_closeness(s, q), 20 / 63::float8, 'ordered t: what is carried from value to value') FROM t;
SELECT is(kiaim.ordered_t_closeness(s, q) FILTER (WHERE s = 'a'), 0::float8, 'ordered t: one value has no distance') FROM t;
-- a and b are siblings: what class 1 has too much of comes from elsewhere, over the root
SELECT is(kiaim.hierarchical_t_closeness('{"*": {"x": ["a", "b"], "y": ["c"]}}', s, q), 9 / 21::float8, 'hierarchical t: over the root') FROM t;
-- among a and b alone: class 1 is 2/3 and 1/3, the table 3/4 and 1/4: 1/12 over one of two levels; class 2 is a: 1/4
SELECT ok(abs(kiaim.hierarchical_t_closeness('{"*": {"x": ["a", "b"], "y": ["c"]}}', s, q) FILTER (WHERE s IN ('a', 'b')) - 0.25 / 2) < 1e-15,
    'hierarchical t: between siblings') FROM t;
SELECT is(kiaim.hierarchical_t_closeness('flat', s, q), kiaim.t_closeness(s, q), 'hierarchical t over a flat hierarchy is t') FROM t;

-- ---- calling forms ----

SELECT is((kiaim.k_anonymity(q), kiaim.uniqueness(q), kiaim.l_diversity(s, q), kiaim.t_closeness(s, q))::text, '(,,,)', 'NULL over no rows') FROM t WHERE false;
SELECT is(kiaim.k_anonymity('x'), 7::bigint, 'an untyped literal is a text') FROM t;
SELECT is(kiaim.k_anonymity(NULL), 7::bigint, 'an untyped NULL is a value') FROM t;
SELECT is(kiaim.l_diversity('x', q, NULL, 'y'), 1::bigint, 'untyped literals in every position') FROM t;
SELECT is(kiaim.k_anonymity(DISTINCT q, s), 1::bigint, 'DISTINCT') FROM t;
SELECT results_eq('SELECT q, kiaim.k_anonymity(s), kiaim.l_diversity(s, 1) FROM t GROUP BY q ORDER BY q',
    'VALUES (1, 1::bigint, 2::bigint), (2, 1, 3)', 'GROUP BY');
SELECT results_eq('SELECT q, kiaim.k_anonymity(q) FROM t GROUP BY ROLLUP (q) ORDER BY q', 'VALUES (1, 3::bigint), (2, 4), (NULL, 3)', 'ROLLUP');
SELECT results_eq('SELECT kiaim.k_anonymity(q) OVER (ORDER BY person ROWS UNBOUNDED PRECEDING) FROM t',
    'VALUES (1::bigint), (2), (3), (1), (2), (3), (3)', 'a growing frame');
SELECT results_eq('SELECT kiaim.k_anonymity(q) OVER (ORDER BY person ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t',
    'VALUES (1::bigint), (2), (2), (1), (2), (2), (2)', 'a moving frame');
SELECT is(count(*), 20000::bigint, 'many small states')
FROM (SELECT i, kiaim.l_diversity(i, j, 'text', 1.5) AS l FROM generate_series(1, 20000) i, generate_series(1, 3) j GROUP BY i) x WHERE l = 1;
SELECT is(kiaim.k_anonymity(i / 4, i % 2, repeat('x', i % 2000)), 1::bigint, 'long values') FROM generate_series(1, 10000) i;
SELECT is(kiaim.k_anonymity(i / 2, i / 2), 2::bigint, 'dictionaries that grow') FROM generate_series(0, 299999) i;
SELECT is((kiaim.k_anonymity(a, b), kiaim.k_anonymity(b))::text, '(2,2)', 'columns of different collations')
FROM (SELECT (i / 2)::text COLLATE "C" AS a, (i / 2)::text AS b FROM generate_series(0, 99) i) x;

-- ---- errors ----

SELECT throws_ok('SELECT kiaim.k_anonymity(point(1, q)) FROM t', '42883', 'could not identify a hash function for type point', 'a type without hash support');
SELECT throws_ok('SELECT kiaim.k_anonymity(ARRAY[point(1, q)]) FROM t', '42883', 'could not identify a hash function for type point[]', 'an array of such');
SELECT throws_ok('SELECT kiaim.ordered_t_closeness(q::text::xid, q) FROM t', '42883', 'could not identify a comparison function for type xid', 'a type without order');
SELECT throws_ok('SELECT kiaim.k_anonymity(VARIADIC ARRAY[q, person]) FROM t', '0A000', 'the columns of a check cannot be passed as a VARIADIC array', 'a VARIADIC array');
SELECT throws_ok('SELECT kiaim.k_anonymity() FROM t', '42883', NULL, 'no column at all');
SELECT throws_ok('SELECT kiaim.l_diversity(s) FROM t', '42883', NULL, 'no quasi-identifier');
SELECT throws_ok('SELECT kiaim.recursive_diversity(0, s, q) FROM t', '22023', 'l of recursive diversity must be at least 1, but is 0', 'l below 1');
SELECT throws_ok('SELECT kiaim.recursive_diversity(NULL, s, q) FROM t', '22004', 'l of recursive diversity must not be null', 'l is NULL');
SELECT throws_ok('SELECT kiaim.recursive_diversity(q, s, q) FROM t', '22023', 'l of recursive diversity must be the same in all rows', 'l varies');
SELECT throws_ok('SELECT kiaim.hierarchical_t_closeness(NULL, s, q) FROM t', '22004', 'hierarchy of t-closeness must not be null', 'the hierarchy is NULL');
SELECT throws_ok($$SELECT kiaim.hierarchical_t_closeness((ARRAY['flat', 'icd10'])[q]::kiaim.hierarchy, s, q) FROM t$$, '22023',
    'hierarchy of t-closeness must be the same in all rows', 'the hierarchy varies');
SELECT throws_ok($$SELECT kiaim.k_anonymity(a, b) OVER () FROM (SELECT 'x' COLLATE "C" AS a, 'x' COLLATE "POSIX" AS b) x$$, '42P22',
    'could not determine which collation to use for values of type text', 'collations that disagree in a window');

-- ---- memory ----

SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok('SELECT kiaim.k_anonymity(i) FROM generate_series(1, 100000) i', '53400',
    'distinct values and tuples need more than the 1MB of kiaim.max_memory', 'too many values');
SELECT throws_ok('SELECT kiaim.k_anonymity(i % 300, i / 300) FROM generate_series(1, 100000) i', '53400', NULL, 'too many tuples');
SELECT throws_ok('SELECT kiaim.k_anonymity(repeat(i::text, 1000)) FROM generate_series(1, 1000) i', '53400', NULL, 'too long values');
SELECT throws_ok('SELECT kiaim.l_diversity(i % 170, i / 170) FROM generate_series(0, 28899) i', '53400', NULL, 'classes that need too much');
SELECT is(kiaim.k_anonymity(i % 300), 333::bigint, 'few tuples of many rows fit') FROM generate_series(1, 100000) i;
SELECT is(kiaim.k_anonymity(i % 3, 'group ' || i) FILTER (WHERE true), 1::bigint, 'what fits, fits') FROM generate_series(1, 5000) i;
RESET kiaim.max_memory;

SELECT * FROM finish();
ROLLBACK;
