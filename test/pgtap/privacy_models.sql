-- The checks beta-likeness, delta-disclosure, (alpha,k) and Grassberger's diversity: by hand, against slow and obvious
-- SQL on random tables, in all calling forms; and the aggregates that compare one class with a distribution.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- by hand ----

-- Class 1: a a b. Class 2: a c NULL NULL. All: a 3, b 1, c 1, NULL 2 of 7.
CREATE TABLE t (q int, s text);
INSERT INTO t VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, 'a'), (2, 'c'), (2, NULL), (2, NULL);

-- b: 1/3 against 1/7
SELECT is(kiaim.beta_likeness(s, q), 4 / 3::float8, 'beta: b gains most') FROM t;
SELECT is(kiaim.beta_likeness(s, 1), 0::float8, 'beta: the table itself gains nothing') FROM t;
-- ln 7 = 1.946 for b and c; ln 7/3 = 0.847 for a, which gains 5/9; ln 7/2 = 1.25 for NULL, which gains 3/4
SELECT is(kiaim.enhanced_beta_likeness(s, q), 4 / 3::float8, 'enhanced beta: no value is beyond its own limit') FROM t;
SELECT is(kiaim.enhanced_beta_likeness(s, q) FILTER (WHERE s IN ('a', 'c')), 'Infinity'::float8, 'enhanced beta: c is: 1/2 against 1/4, limit ln 4; a alone: 1 against 3/4, limit ln 4/3')
FROM t;
SELECT is(kiaim.delta_disclosure(s, q), 'Infinity'::float8, 'delta: class 1 lacks values') FROM t;
SELECT is(kiaim.delta_disclosure(s, q) FILTER (WHERE s = 'a'), 0::float8, 'delta: nothing is disclosed') FROM t;
SELECT ok(abs(kiaim.delta_disclosure(s, q) - ln(15 / 8.0::float8) / ln(2::float8)) < 1e-14, 'delta: b is 1/5 of a class and 3/8 of all')
FROM (VALUES ('a', 1), ('a', 1), ('a', 1), ('a', 1), ('b', 1), ('a', 2), ('b', 2), ('b', 2)) AS v (s, q);
SELECT is(kiaim.alpha_anonymity(s, q), 2 / 3::float8, 'alpha: two of three have a') FROM t;
SELECT is(kiaim.alpha_anonymity(s, q) FILTER (WHERE q = 2), 0.5::float8, 'alpha: NULL is a value') FROM t;
-- one record: G(1) = -gamma - ln 2
SELECT ok(abs(kiaim.grassberger_l_diversity(1, 1) - 2 * exp(0.5772156649015329)) < 1e-14, 'Grassberger: one record may be one of many values');
-- two equal records: ln 2 - G(2) = 2 ln 2 + gamma - 2
SELECT ok(abs(kiaim.grassberger_l_diversity(1, 1) - 4 * exp(0.5772156649015329 - 2)) < 1e-14, 'Grassberger: two that are equal are less than one') FROM generate_series(1, 2);
SELECT ok(abs(kiaim.grassberger_l_diversity(i % 5, 1) / 5 - 1) < 1e-4, 'Grassberger: of many records, as Shannon has it') FROM generate_series(1, 100000) AS i;
SELECT is((kiaim.beta_likeness(s, q), kiaim.enhanced_beta_likeness(s, q), kiaim.delta_disclosure(s, q), kiaim.alpha_anonymity(s, q), kiaim.grassberger_l_diversity(s, q))::text,
    '(,,,,)', 'NULL over no rows') FROM t WHERE false;

-- ---- against SQL ----

CREATE TABLE r AS
    SELECT trial, row, floor(random() * (1 + trial % 4))::int AS q, nullif(floor(random() * (1 + trial % 7))::int, 5) AS s,
        (ARRAY[1.0, 1.00, 2, NULL, 3])[1 + floor(random() * 5)::int] AS u
    FROM generate_series(1, 1500) AS trial, generate_series(1, 1 + trial % 25) AS row;
ANALYZE r;

-- The digamma function of n / 2, by its recurrence, and G of Grassberger (2003) by its definition.
CREATE FUNCTION psi_half(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT -0.577215664901532860606512 + CASE WHEN n % 2 = 0 THEN coalesce((SELECT sum(1.0::float8 / k) FROM generate_series(1, n / 2 - 1) AS k), 0)
        ELSE -2 * ln(2::float8) + coalesce((SELECT sum(2.0::float8 / (2 * k - 1)) FROM generate_series(1, n / 2) AS k), 0) END
$$;
CREATE FUNCTION g(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT psi_half(2 * n) + (-1) ^ n / 2 * (psi_half(n + 1) - psi_half(n))
$$;

SELECT ok(abs(kiaim.grassberger_l_diversity(1, 1) / exp(ln(n::float8) - g(n)) - 1) < 1e-11, 'G(' || n || '), by its series or not')
FROM unnest('{3,62,63,64,65,66,129,1000,4001}'::bigint[]) AS n, generate_series(1, n) GROUP BY n ORDER BY n;

CREATE FUNCTION oracle(s text) RETURNS TABLE (trial int, q int, beta float8, enhanced float8, delta float8, alpha float8, grassberger float8, t float8, ordered float8)
LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format($$
        WITH coded AS (SELECT trial, q, dense_rank() OVER (PARTITION BY trial ORDER BY %1$I) AS s FROM r),
        cell AS (SELECT trial, q, s, count(*) AS n FROM coded GROUP BY trial, q, s),
        whole AS (SELECT trial, s, count(*)::float8 / sum(count(*)) OVER (PARTITION BY trial)::float8 AS p0 FROM coded GROUP BY trial, s),
        share AS (
            SELECT trial, q, s, p0, coalesce(n, 0) AS n, coalesce(n, 0)::float8 / sum(n) OVER (PARTITION BY trial, q)::float8 AS p
            FROM (SELECT DISTINCT trial, q FROM coded) AS class JOIN whole USING (trial) LEFT JOIN cell USING (trial, q, s)),
        carried AS (SELECT *, sum(p - p0) OVER (PARTITION BY trial, q ORDER BY s) AS carry FROM share)
        SELECT trial, q, max(greatest((p - p0) / p0, 0)),
            CASE WHEN bool_or(p > p0 AND (p - p0) / p0 > -ln(p0) + 1e-12) THEN 'Infinity' ELSE max(greatest((p - p0) / p0, 0)) END,
            CASE WHEN bool_or(n = 0) THEN 'Infinity' ELSE max(abs(ln(nullif(p, 0) / p0))) / ln(2::float8) END, max(p),
            exp(ln(sum(n)::float8) - sum(n * g(n)) FILTER (WHERE n > 0) / sum(n)::float8),
            sum(greatest(p - p0, 0)), sum(abs(carry)) / greatest(count(*) - 1, 1)
        FROM carried GROUP BY trial, q$$, s);
END $f$;

CREATE FUNCTION same(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(a = b OR abs(a - b) <= 1e-11 * greatest(1, abs(a)), false)
$$;

-- How many answers of a query, which has a trial and maybe a class, are not those of the oracle.
CREATE FUNCTION differ(s text, query text) RETURNS text
LANGUAGE plpgsql AS $f$
DECLARE
    answer text;
BEGIN
    EXECUTE format($$
        SELECT format('%%s of %%s differ', count(*) FILTER (WHERE NOT (same(o.beta, c.beta) AND same(o.enhanced, c.enhanced) AND same(o.delta, c.delta)
            AND same(o.alpha, c.alpha) AND same(o.grassberger, c.grassberger))), count(*))
        FROM (SELECT trial, max(beta) AS beta, max(enhanced) AS enhanced, max(delta) AS delta, max(alpha) AS alpha, min(grassberger) AS grassberger
              FROM oracle(%L) GROUP BY trial) AS o FULL JOIN (%s) AS c USING (trial)$$,
        s, replace(query, '<s>', s)) INTO answer;
    RETURN answer;
END $f$;

\set checks 'kiaim.beta_likeness(<s>, q)<over> AS beta, kiaim.enhanced_beta_likeness(<s>, q)<over> AS enhanced, kiaim.delta_disclosure(<s>, q)<over> AS delta, kiaim.alpha_anonymity(<s>, q)<over> AS alpha, kiaim.grassberger_l_diversity(<s>, q)<over> AS grassberger'
SELECT is(differ(s, 'SELECT trial, ' || replace(:'checks', '<over>', '') || ' FROM r GROUP BY trial'), '0 of 1500 differ', 'grouped: ' || s) FROM unnest('{s,u}'::text[]) AS s;
SELECT is(differ(s, 'SELECT DISTINCT trial, ' || replace(:'checks', '<over>', ' OVER w') || ' FROM r WINDOW w AS (PARTITION BY trial)'), '0 of 1500 differ', 'windowed: ' || s)
FROM unnest('{s,u}'::text[]) AS s;
SELECT is(differ(s, 'SELECT trial, ' || replace(:'checks', '<over>', ' FILTER (WHERE keep)') || ' FROM (SELECT *, true AS keep FROM r UNION ALL SELECT trial, row, q + 1, s + 1, u + 1, false FROM r) AS x GROUP BY trial'),
    '0 of 1500 differ', 'filtered: ' || s) FROM unnest('{s,u}'::text[]) AS s;

-- parallel: all trials as one
CREATE TABLE one AS SELECT 0 AS trial, row, q, s, u FROM r;
ANALYZE one;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE alone AS SELECT kiaim.beta_likeness(s, q, u) AS beta, kiaim.enhanced_beta_likeness(s, q, u) AS enhanced, kiaim.delta_disclosure(s, q, u) AS delta,
    kiaim.alpha_anonymity(s, q, u) AS alpha, kiaim.grassberger_l_diversity(s, q, u) AS grassberger FROM one;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT results_eq('SELECT kiaim.beta_likeness(s, q, u), kiaim.enhanced_beta_likeness(s, q, u), kiaim.delta_disclosure(s, q, u),
    kiaim.alpha_anonymity(s, q, u), kiaim.grassberger_l_diversity(s, q, u) FROM one', 'SELECT * FROM alone', 'parallel: the same to the last bit');

-- ---- one class against a distribution ----

CREATE FUNCTION to_differ(s text, query text) RETURNS SETOF text
LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format($$
        SELECT format('%%s, class %%s', trial, q) FROM oracle(%L) AS o FULL JOIN (%s) AS c USING (trial, q)
        WHERE NOT (same(o.t, c.t) AND same(o.ordered, c.ordered) AND same(o.t, c.flat) AND same(o.beta, c.beta) AND same(o.enhanced, c.enhanced) AND same(o.delta, c.delta))$$,
        s, replace(query, '<s>', s));
END $f$;
\set compare 'kiaim.t_closeness_to(d, <s>)<over> AS t, kiaim.ordered_t_closeness_to(d, <s>)<over> AS ordered, kiaim.hierarchical_t_closeness_to(d, ''flat'', <s>)<over> AS flat, kiaim.beta_likeness_to(d, <s>)<over> AS beta, kiaim.enhanced_beta_likeness_to(d, <s>)<over> AS enhanced, kiaim.delta_disclosure_to(d, <s>)<over> AS delta'
SELECT is_empty(format('SELECT * FROM to_differ(%L, %L)', s,
    'SELECT trial, q, ' || replace(:'compare', '<over>', '') || ' FROM r JOIN (SELECT trial, kiaim.distribution_of(<s>) AS d FROM r GROUP BY trial) AS x USING (trial) WHERE trial <= 300 GROUP BY trial, q
     UNION ALL SELECT trial, q, max(t), max(ordered), max(t), max(beta), max(enhanced), max(delta) FROM oracle(''<s>'') WHERE trial > 300 GROUP BY trial, q'),
    'grouped, many distributions: ' || s) FROM unnest('{s,u}'::text[]) AS s;
SELECT is_empty(format('SELECT * FROM to_differ(%L, %L)', s,
    'SELECT DISTINCT trial, q, ' || replace(:'compare', '<over>', ' OVER w') || ' FROM r JOIN (SELECT trial, kiaim.distribution_of(<s>) AS d FROM r GROUP BY trial) AS x USING (trial) WINDOW w AS (PARTITION BY trial, q)'),
    'windowed, many distributions: ' || s) FROM unnest('{s,u}'::text[]) AS s;

-- classes of many rows, of many values, one distribution; and frames that grow
CREATE TABLE many AS SELECT i, i % 7 AS q, (i::bigint * i) % 1009 AS s FROM generate_series(1, 50000) AS i;
SELECT is(count(*) FILTER (WHERE NOT same(a, b)), 0::bigint, 'counts by code and codes by row agree with the check of one class')
FROM (SELECT q, kiaim.t_closeness_to((SELECT kiaim.distribution_of(s) FROM many), s) AS a FROM many GROUP BY q) AS x
JOIN (SELECT q, sum(greatest(n / of_class - w / 50000, 0))::float8 AS b
      FROM (SELECT q, s, count(*)::numeric AS n, sum(count(*)) OVER (PARTITION BY q) AS of_class FROM many GROUP BY q, s) AS c
      JOIN (SELECT s, count(*)::numeric AS w FROM many GROUP BY s) AS y USING (s) GROUP BY q) AS z USING (q);
SELECT results_eq($$ SELECT kiaim.beta_likeness_to((SELECT kiaim.distribution_of(s) FROM t), s) OVER (ORDER BY q, s ROWS UNBOUNDED PRECEDING)::numeric(10, 6) FROM t WHERE q = 1 $$,
    'VALUES (1.333333), (1.333333), (1.333333)', 'a growing frame');
SELECT is((kiaim.distribution_of(s))::text, '4 values of 7 rows', 'a distribution shows how large it is, not what is in it') FROM t;

-- ---- errors ----

SELECT throws_ok($$SELECT '{}'::kiaim.distribution$$, '0A000', 'cannot accept a value of type kiaim.distribution', 'a distribution cannot be written');
SELECT throws_ok('SELECT kiaim.t_closeness_to(NULL, s) FROM t', '22004', 'the distribution to compare with must not be null', 'none to compare with');
SELECT throws_ok($$SELECT kiaim.t_closeness_to((SELECT kiaim.distribution_of(s) FROM t WHERE q = 1), s) FROM t$$, '22023', 'the distribution lacks a value that a class has', 'of other rows');
SELECT throws_ok($$SELECT kiaim.t_closeness_to((SELECT kiaim.distribution_of(q) FROM t), s) FROM t$$, '42804', 'the distribution is one of values of type integer, not text', 'of another column');
SELECT throws_ok($$SELECT kiaim.t_closeness_to(d, s) FROM t JOIN (SELECT q, kiaim.distribution_of(s) AS d FROM t GROUP BY q) AS x USING (q)$$, '22023',
    'the distribution to compare with must be the same in all rows', 'two of them');
SELECT throws_ok($$SELECT kiaim.hierarchical_t_closeness_to((SELECT kiaim.distribution_of(s) FROM t), NULL, s) FROM t$$, '22004', 'hierarchy of t-closeness must not be null', 'the hierarchy is NULL');
SELECT throws_ok($$SELECT kiaim.hierarchical_t_closeness_to((SELECT kiaim.distribution_of(s) FROM t), (ARRAY['flat', 'icd10'])[q]::kiaim.hierarchy, s) FROM t$$, '22023',
    'hierarchy of t-closeness must be the same in all rows', 'the hierarchy varies');
SELECT throws_ok($$SELECT kiaim.ordered_t_closeness_to((SELECT kiaim.distribution_of(q::text::xid) FROM t), q::text::xid) FROM t$$, '42883',
    'could not identify a comparison function for type xid', 'a type without order');

SELECT * FROM finish();
ROLLBACK;
