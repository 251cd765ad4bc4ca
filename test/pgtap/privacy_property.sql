-- The checks against slow and obvious SQL on thousands of random tables: 1,500
-- tables of 0 to 14 rows, their columns of 30 types with values that are equal
-- without being the same bytes, and NULLs everywhere.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
CREATE DOMAIN label AS text;
CREATE TYPE pair AS (a int, b text);

-- A nondeterministic collation where the server has ICU, else the ordinary one.
DO $$
BEGIN
    CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
EXCEPTION WHEN OTHERS THEN
    CREATE COLLATION caseless FROM "C";
END $$;

-- Which values a type takes: each row a column, its type, and SQL for the value of a random number v in 0 .. 7.
CREATE TABLE kinds (col text, type text, value text);
INSERT INTO kinds VALUES
    ('c_int', 'int', 'v'),
    ('c_smallint', 'smallint', 'v - 4'),
    ('c_bigint', 'bigint', 'v * 5000000000'),
    ('c_bool', 'bool', 'v < 4'),
    ('c_char', '"char"', '(96 + v)::"char"'),
    ('c_date', 'date', $$date '1999-12-31' + v$$),
    ('c_time', 'timestamptz', $$timestamptz '2020-01-01 00:00:00+01' + v * interval '1 hour'$$),
    ('c_timetz', 'timetz', $$(ARRAY['12:00+00', '12:00+01', '13:00+01', '12:00+00'])[1 + v / 2]::timetz$$),
    ('c_interval', 'interval', $$(ARRAY['1 day', '24 hours', '1 mon', '30 days', '0', '-1 day'])[1 + v % 6]::interval$$),
    ('c_float8', 'float8', $$(ARRAY['0', '-0', 'NaN', 'Infinity', '1', '1e0', '1e-300', '-1'])[1 + v]::float8$$),
    ('c_float4', 'float4', $$(ARRAY['0', '-0', 'NaN', '-Infinity', '1', '1e0', '1e-30', '-1'])[1 + v]::float4$$),
    ('c_numeric', 'numeric', $$(ARRAY['1.0', '1.00', '1', '-1', 'NaN', '0', '0.00', '1e30'])[1 + v]::numeric$$),
    ('c_domain', 'positive', $$(ARRAY['1.0', '1.00', '1', '2'])[1 + v / 2]::numeric$$),
    ('c_money', 'money', 'v::money'),
    ('c_text', 'text', $$(ARRAY['', 'a', 'ab', 'abcdefg', 'abcdefgh', 'abcdefg' || repeat('h', 40), 'Ä', 'abcdefG'])[1 + v]$$),
    ('c_long', 'text', $$repeat(chr(97 + v % 3), 3000 + v)$$),
    ('c_label', 'label', $$'label ' || v$$),
    ('c_varchar', 'varchar(20)', $$'stage ' || v / 2$$),
    ('c_blanks', 'bpchar', $$(ARRAY['a', 'a ', 'a  ', ' a', '', ' ', 'abcdefgh', 'abcdefgh   '])[1 + v]::bpchar$$),
    ('c_char9', 'char(9)', $$(ARRAY['a', 'a ', 'a  ', ' a', '', ' ', 'abcdefgh', 'abcdefgh '])[1 + v]$$),
    ('c_caseless', 'text COLLATE caseless', $$(ARRAY['a', 'A', 'b', 'B', 'abcdefghij', 'ABCdefghij', '', 'Abcdefghij'])[1 + v]$$),
    ('c_name', 'name', $$('name' || v)::name$$),
    ('c_bytea', 'bytea', $$decode(repeat('00', v), 'hex')$$),
    ('c_uuid', 'uuid', $$('00000000-0000-0000-0000-00000000000' || v)::uuid$$),
    ('c_inet', 'inet', $$(ARRAY['10.0.0.1', '10.0.0.1/32', '10.0.0.1/8', '::1'])[1 + v / 2]::inet$$),
    ('c_bits', 'varbit', $$repeat('0', v)::varbit$$),
    ('c_enum', 'colour', $$(ARRAY['red', 'green', 'blue'])[1 + v % 3]::colour$$),
    ('c_array', 'text[]', $$(ARRAY['{a}', '{a,NULL}', '{}', '{abcdefghijkl}'])[1 + v / 2]::text[]$$),
    ('c_numbers', 'numeric[]', $$CASE WHEN v < 3 THEN ARRAY[1.0, 2] WHEN v < 6 THEN ARRAY[1.00, 2.0] ELSE ARRAY[v] END$$),
    ('c_jsonb', 'jsonb', $$(ARRAY['{"a": 1}', '{"a": 1.0}', '1', '1.00', '"1"', 'null', '[]', '{}'])[1 + v]::jsonb$$),
    ('c_range', 'numrange', $$numrange(v / 2, v / 2 + 1.0)$$),
    ('c_pair', 'pair', $$ROW(v / 2, 'x')::pair$$);

SELECT setseed(0.2026);
DO $$
BEGIN
    EXECUTE (SELECT format('CREATE TABLE r (trial int, row int, %s)', string_agg(format('%I %s', col, type), ', '))
             FROM kinds);
    EXECUTE (SELECT format('INSERT INTO r SELECT trial, row, %s
                FROM generate_series(1, 1500) trial, generate_series(1, trial %% 15) row',
                string_agg(format($f$(SELECT CASE WHEN random() < 0.15 THEN NULL ELSE (%s) END
                    FROM (SELECT floor(random() * (1 + trial %% 8))::int AS v OFFSET trial * 0 + row * 0) x)$f$, value), ', '))
             FROM kinds);
END $$;
ANALYZE r;

-- What obvious SQL says of every table: sensitive values s, classes q.
CREATE FUNCTION oracle(sensitive text, quasi text, condition text) RETURNS TABLE (
    trial int, k bigint, uniqueness float8, l bigint, entropy float8, recursive float8, t float8, ordered float8)
LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format($$
        WITH coded AS MATERIALIZED (
            SELECT trial, dense_rank() OVER (PARTITION BY trial ORDER BY %1$s) AS s,
                   dense_rank() OVER (PARTITION BY trial ORDER BY %2$s) AS q
            FROM r WHERE %3$s),
        tables AS (SELECT trial, count(*) AS n, count(DISTINCT s) AS m FROM coded GROUP BY trial),
        classes AS (SELECT trial, q, count(*) AS n FROM coded GROUP BY trial, q),
        cells AS (SELECT trial, q, s, count(*) AS c FROM coded GROUP BY trial, q, s),
        sorted AS (SELECT trial, q, array_agg(c ORDER BY c DESC) AS r FROM cells GROUP BY trial, q),
        sensitive AS (SELECT trial, s, count(*) AS c FROM coded GROUP BY trial, s),
        shares AS (
            SELECT c.trial, c.q, v.s, COALESCE(x.c, 0)::float8 / c.n AS p, v.c::float8 / t.n AS p0
            FROM classes c JOIN tables t USING (trial) JOIN sensitive v USING (trial)
                LEFT JOIN cells x ON x.trial = c.trial AND x.q = c.q AND x.s = v.s),
        carried AS (SELECT trial, q, s, abs(p - p0) AS d,
                           abs(sum(p - p0) OVER (PARTITION BY trial, q ORDER BY s)) AS w FROM shares),
        distance AS (SELECT trial, q, sum(d) / 2 AS t, sum(w) / greatest(count(*) - 1, 1) AS o FROM carried GROUP BY trial, q),
        sizes AS (SELECT trial, min(n) AS k, sum((n = 1)::int)::float8 / sum(n)::float8 AS uniqueness FROM classes GROUP BY trial),
        diversity AS (
            SELECT trial, min(cardinality(r))::bigint AS l,
                min(exp((SELECT -sum(c / n * ln(c / n)) FROM unnest(r) AS c, (SELECT sum(x)::float8 AS n FROM unnest(r) AS x) y))) AS entropy,
                max(CASE WHEN cardinality(r) < 2 THEN 'Infinity' ELSE r[1]::float8 / (SELECT sum(c) FROM unnest(r[2:]) AS c)::float8 END) AS recursive
            FROM sorted GROUP BY trial),
        closeness AS (SELECT trial, max(t) AS t, max(o) AS o FROM distance GROUP BY trial)
        SELECT trial, s.k, s.uniqueness, d.l, d.entropy, d.recursive, c.t, c.o
        FROM sizes s JOIN diversity d USING (trial) JOIN closeness c USING (trial)$$,
        sensitive, quasi, condition);
END $f$;

-- How many tables differ from what the checks say; the query gives the same columns.
CREATE FUNCTION differ(sensitive text, quasi text, query text, condition text = 'true') RETURNS text
LANGUAGE plpgsql AS $f$
DECLARE
    answer text;
BEGIN
    EXECUTE format($$
        SELECT format('%%s of %%s tables differ, such as %%s', count(*) FILTER (WHERE wrong), count(*), min(trial) FILTER (WHERE wrong))
        FROM (SELECT trial, NOT (COALESCE(o.k = c.k AND o.l = c.l AND o.uniqueness = c.uniqueness AND o.recursive = c.recursive
                AND abs(o.entropy - c.entropy) < 1e-12 * o.entropy
                AND abs(o.t - c.t) < 1e-12 AND abs(o.ordered - c.ordered) < 1e-12, false)) AS wrong
              FROM oracle(%L, %L, %L) o FULL JOIN (%s) c USING (trial)) x$$, sensitive, quasi, condition,
        replace(replace(query, '<s>', sensitive), '<q>', quasi)) INTO answer;
    RETURN answer;
END $f$;

-- Pairs of columns: each type is sensitive once, and its successors are quasi-identifying.
CREATE TABLE pairs AS
    SELECT row_number() OVER (ORDER BY col) AS i, col AS s,
           COALESCE(lead(col, 5) OVER (ORDER BY col), 'c_int') || ', ' || COALESCE(lead(col, 11) OVER (ORDER BY col), 'c_text') AS q
    FROM kinds;

SELECT matches(differ(s, q, $$
        SELECT trial, kiaim.k_anonymity(<q>) AS k, kiaim.uniqueness(<q>) AS uniqueness, kiaim.l_diversity(<s>, <q>) AS l,
               kiaim.entropy_l_diversity(<s>, <q>) AS entropy, kiaim.recursive_diversity(2, <s>, <q>) AS recursive,
               kiaim.t_closeness(<s>, <q>) AS t, kiaim.ordered_t_closeness(<s>, <q>) AS ordered
        FROM r GROUP BY trial$$), '^0 of 1400 ', format('grouped: %s in classes of %s', s, q))
FROM pairs;

SELECT matches(differ(s, q, $$
        SELECT DISTINCT trial, kiaim.k_anonymity(<q>) OVER w AS k, kiaim.uniqueness(<q>) OVER w AS uniqueness,
               kiaim.l_diversity(<s>, <q>) OVER w AS l, kiaim.entropy_l_diversity(<s>, <q>) OVER w AS entropy,
               kiaim.recursive_diversity(2, <s>, <q>) OVER w AS recursive,
               kiaim.t_closeness(<s>, <q>) OVER w AS t, kiaim.ordered_t_closeness(<s>, <q>) OVER w AS ordered
        FROM r WINDOW w AS (PARTITION BY trial)$$), '^0 of 1400 ', format('windowed: %s in classes of %s', s, q))
FROM pairs WHERE i % 4 = 0 AND s || q !~ 'caseless|name';

-- Each frame is a table of its own: the rows of a trial up to this one.
SELECT is_empty(format($$
        SELECT * FROM (SELECT trial, row, kiaim.k_anonymity(%2$s) OVER w AS k, kiaim.l_diversity(%1$s, %2$s) OVER w AS l FROM r
            WINDOW w AS (PARTITION BY trial ORDER BY row)) c
        WHERE trial < 200 AND (k, l) <> ALL
            (SELECT min(n), min(d) FROM (SELECT sum(c) AS n, count(*) AS d FROM
                (SELECT %2$s, %1$s, count(*) AS c FROM r WHERE r.trial = c.trial AND r.row <= c.row GROUP BY %2$s, %1$s) x GROUP BY %2$s) y)$$, s, q),
        format('growing frames: %s in classes of %s', s, q))
FROM pairs WHERE i % 8 = 1 AND s || q !~ 'caseless|name';

SELECT matches(differ(s, q, $$
        SELECT * FROM (SELECT trial, kiaim.k_anonymity(<q>) FILTER (WHERE row % 2 = 0) AS k,
               kiaim.uniqueness(<q>) FILTER (WHERE row % 2 = 0) AS uniqueness, kiaim.persons_k_anonymity(<s>, <q>) FILTER (WHERE row % 2 = 0) AS l,
               kiaim.entropy_l_diversity(<s>, <q>) FILTER (WHERE row % 2 = 0) AS entropy,
               kiaim.recursive_diversity(2, <s>, <q>) FILTER (WHERE row % 2 = 0) AS recursive,
               kiaim.t_closeness(<s>, <q>) FILTER (WHERE row % 2 = 0) AS t,
               kiaim.ordered_t_closeness(<s>, <q>) FILTER (WHERE row % 2 = 0) AS ordered
        FROM r GROUP BY trial) x WHERE k IS NOT NULL$$, 'row % 2 = 0'), '^0 of 1300 ', format('filtered: %s in classes of %s', s, q))
FROM pairs WHERE i % 4 = 2;

-- Parallel: every worker has part of every table.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    line text;
    lines text = '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines = lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $f$;
SELECT matches(plan_of('SELECT kiaim.k_anonymity(c_int, c_text) FROM r'), 'Finalize Aggregate\s+->  Gather', 'the plan is parallel');
SELECT matches(plan_of('SELECT c_bool, kiaim.k_anonymity(c_int, c_text) FROM r GROUP BY c_bool'), 'Finalize', 'a grouped plan is parallel');

-- The whole of r as one table.
CREATE TABLE all_rows AS SELECT * FROM r;
UPDATE r SET trial = 0;
ANALYZE r;
SELECT matches(differ(s, q, $$
        SELECT 0 AS trial, kiaim.k_anonymity(<q>) AS k, kiaim.uniqueness(<q>) AS uniqueness, kiaim.l_diversity(<s>, <q>) AS l,
               kiaim.entropy_l_diversity(<s>, <q>) AS entropy, kiaim.recursive_diversity(2, <s>, <q>) AS recursive,
               kiaim.t_closeness(<s>, <q>) AS t, kiaim.ordered_t_closeness(<s>, <q>) AS ordered
        FROM r$$), '^0 of 1 ', format('parallel: %s in classes of %s', s, q))
FROM pairs;

UPDATE r SET trial = c_bool::int WHERE c_bool IS NOT NULL;
ANALYZE r;
SELECT matches(differ(s, q, $$
        SELECT trial, kiaim.k_anonymity(<q>) AS k, kiaim.uniqueness(<q>) AS uniqueness, kiaim.persons_k_anonymity(<s>, <q>) AS l,
               kiaim.entropy_l_diversity(<s>, <q>) AS entropy, kiaim.recursive_diversity(2, <s>, <q>) AS recursive,
               kiaim.t_closeness(<s>, <q>) AS t, kiaim.ordered_t_closeness(<s>, <q>) AS ordered
        FROM r GROUP BY trial$$), '^0 of 2 ', format('parallel and grouped: %s in classes of %s', s, q))
FROM pairs WHERE i % 4 = 3;

-- Many columns at once: keys of many words.
SELECT is((SELECT kiaim.k_anonymity(trial, row, c_int, c_smallint, c_bigint, c_bool, c_char, c_date, c_time, c_interval, c_float8, c_numeric,
                   c_text, c_long, c_label, c_varchar, c_blanks, c_char9, c_caseless, c_name, c_bytea, c_uuid, c_enum, c_array, c_jsonb, c_range, c_pair)
           FROM all_rows), 1::bigint, 'many columns make every row unique');
SELECT is((SELECT kiaim.uniqueness(c_int, c_smallint, c_bigint, c_bool, c_char, c_date, c_time, c_interval, c_float8, c_numeric,
                   c_text, c_long, c_label, c_varchar, c_blanks, c_char9, c_caseless, c_name, c_bytea, c_uuid, c_enum, c_array, c_jsonb, c_range, c_pair)
           FROM all_rows),
          (SELECT (count(*) FILTER (WHERE n = 1))::float8 / sum(n)::float8 FROM (SELECT count(*) AS n FROM all_rows
           GROUP BY c_int, c_smallint, c_bigint, c_bool, c_char, c_date, c_time, c_interval, c_float8, c_numeric,
                   c_text, c_long, c_label, c_varchar, c_blanks, c_char9, c_caseless, c_name, c_bytea, c_uuid, c_enum, c_array, c_jsonb, c_range, c_pair) x),
          'many columns, as GROUP BY has it');

SELECT * FROM finish();
ROLLBACK;
