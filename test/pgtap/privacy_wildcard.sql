-- kiaim.wildcard_k_anonymity: NULL matches everything.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SELECT is((SELECT kiaim.wildcard_k_anonymity(a, b) FROM (VALUES (1, 2), (1, NULL), (1, 2)) AS v (a, b)), 3::bigint,
          'a row with NULL matches the rows that agree elsewhere');
SELECT is((SELECT kiaim.wildcard_k_anonymity(a, b) FROM (VALUES (1, NULL), (NULL, 2)) AS v (a, b)), 2::bigint,
          'what one row does not know, the other need not have');
SELECT is((SELECT kiaim.wildcard_k_anonymity(a, b) FROM (VALUES (1, 2), (1, NULL), (3, 2)) AS v (a, b)), 1::bigint,
          'a row that nothing matches counts itself');
SELECT is((SELECT kiaim.wildcard_k_anonymity(a) FROM (VALUES (1), (2), (NULL)) AS v (a)), 2::bigint,
          'matching is no equivalence');
SELECT is((SELECT kiaim.wildcard_k_anonymity(a) FROM (VALUES (1)) AS v (a) WHERE false), NULL,
          'NULL over no rows');
SELECT is((SELECT kiaim.wildcard_k_anonymity(a, b) FROM (VALUES (1, 'x'), (1, 'x'), (2, 'y'), (2, 'y')) AS v (a, b)),
          (SELECT kiaim.k_anonymity(a, b) FROM (VALUES (1, 'x'), (1, 'x'), (2, 'y'), (2, 'y')) AS v (a, b)),
          'without NULL it is k-anonymity');
SELECT results_eq(
  $$SELECT g, kiaim.wildcard_k_anonymity(a, b) FROM (VALUES (1, 1, 2), (1, 1, NULL), (2, 1, 2)) AS v (g, a, b) GROUP BY g ORDER BY g$$,
  $$VALUES (1, 2::bigint), (2, 1::bigint)$$, 'in groups');
SELECT results_eq(
  $$SELECT kiaim.wildcard_k_anonymity(a, b) OVER () FROM (VALUES (1, 2), (1, NULL)) AS v (a, b)$$,
  $$VALUES (2::bigint), (2)$$, 'as a window function');

-- Random tables against every pair of rows, compared in plain SQL.
CREATE TEMP TABLE random_table AS
SELECT t, i,
       nullif(mod(hashint8(t * 1000 + i) & 65535, 4), 3) AS a,
       nullif(mod(hashint8(t * 1000 + i + 500) & 65535, 5), 4) AS b,
       CASE WHEN mod(t, 2) = 0 THEN nullif(mod(hashint8(t * 7919 + i) & 65535, 3), 2) ELSE 0 END AS c
FROM generate_series(1, 60) AS t, generate_series(1, 40) AS i
WHERE i <= 3 + mod(t * 7, 38);
SELECT results_eq(
  $$SELECT t, kiaim.wildcard_k_anonymity(a, b, c) FROM random_table GROUP BY t ORDER BY t$$,
  $$SELECT t, min(n) FROM (
      SELECT x.t, x.i, count(*) AS n FROM random_table AS x JOIN random_table AS y ON x.t = y.t
        AND coalesce(x.a = y.a, true) AND coalesce(x.b = y.b, true) AND coalesce(x.c = y.c, true)
      GROUP BY x.t, x.i) AS matches GROUP BY t ORDER BY t$$,
  'random tables, compared row with row');
SELECT cmp_ok((SELECT count(DISTINCT k) FROM (SELECT kiaim.wildcard_k_anonymity(a, b, c) AS k FROM random_table GROUP BY t) AS s),
              '>', 4::bigint, 'with various results');

SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok(
  $$SELECT kiaim.wildcard_k_anonymity(i, j) FROM generate_series(1, 300) AS i, generate_series(1, 300) AS j$$,
  '53400', NULL, 'memory is bounded');

SELECT * FROM finish();
ROLLBACK;
