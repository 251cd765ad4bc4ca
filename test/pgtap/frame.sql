-- Both readers of the setting kiaim.reader give the same result, over every
-- kind of relation and type; memory is bounded by kiaim.max_memory.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE plain (a int, "Größe" numeric, c text, d date, person bigint, e float8, f char(3), s text);
INSERT INTO plain
SELECT i % 7, (ARRAY[1.0, 1.00, 1, NULL])[i % 4 + 1], (ARRAY['x', '', NULL, 'Ä'])[i % 4 + 1], date '2020-01-01' + i % 50, i / 2,
       ('{0,-0,NaN,infinity}'::float8[])[i % 4 + 1], (ARRAY['a', 'ab', 'abc'])[i % 3 + 1], 's' || i % 5
FROM generate_series(1, 2000) AS i;
CREATE VIEW seen AS SELECT * FROM plain WHERE a <> 3;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM plain;
CREATE TABLE parted (LIKE plain) PARTITION BY LIST (a);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES IN (0, 1, 2, 3);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM plain;
CREATE TABLE parent (LIKE plain);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent SELECT * FROM plain WHERE a < 4;
INSERT INTO child SELECT * FROM plain WHERE a >= 4;
CREATE TABLE nothing (LIKE plain);

-- what a plan, a check and the risks say of a relation, as one text
CREATE FUNCTION said(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    policy jsonb = '{"person": "person", "quasi": {"a": "bins(2, 4)", "Größe": "flat", "c": "flat", "d": "calendar(month, year)", "e": "flat", "f": "flat"},
                     "sensitive": {"s": {"l": 2}}, "k": 3, "suppression": 0.1}';
BEGIN
    RETURN (SELECT string_agg(p::text, E'\n') FROM kiaim.plan(relation, policy, 3) p)
        || (SELECT string_agg(c::text, E'\n') FROM kiaim.check(relation, policy) c)
        || (SELECT string_agg(r::text, E'\n') FROM kiaim.risk(relation, '{a,Größe,c,d,e,f}', 'person') r);
END $$;
CREATE FUNCTION said_by(reader text, relation regclass) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('kiaim.reader', reader, true);
    RETURN said(relation);
END $$;

SELECT is(said_by('pushdown', r), said_by('stream', r), 'both readers agree over ' || r)
FROM unnest('{plain,seen,stored,parted,parent,nothing}'::regclass[]) AS r;
SELECT is(replace(said_by('auto', r), r::text, 'plain'), said_by('auto', 'plain'), r || ' is read like the plain table')
FROM unnest('{parted,parent,stored}'::regclass[]) AS r;
SELECT isnt(said_by('stream', 'seen'), said_by('stream', 'plain'), 'a view shows what it shows');

-- sub-relations count: the child's rows are the parent's
SELECT is((SELECT value FROM kiaim.risk('parent', '{a}') WHERE metric = 'records'), 2000::float8, 'rows of a child table are read with the parent''s');

-- the server may use parallel workers for its GROUP BY
SET LOCAL kiaim.reader = pushdown;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is((SELECT value FROM kiaim.risk('plain', '{a,d}') WHERE metric = 'classes'), (SELECT count(*) FROM (SELECT 1 FROM plain GROUP BY a, d) g)::float8,
    'pushed down, perhaps in parallel');
RESET kiaim.reader;
SELECT throws_ok('SET kiaim.reader = backwards', '22023', NULL, 'an unknown reader is refused');

-- the bound
CREATE TABLE many AS SELECT i AS a, md5(i::text) AS b FROM generate_series(1, 50000) AS i;
SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok($$SELECT * FROM kiaim.plan('many', '{"quasi": {"a": "bins(10, 100)", "b": "flat"}, "k": 2}')$$, '53400', NULL, 'plan stops at its bound');
SELECT throws_ok($$SELECT * FROM kiaim.check('many', '{"quasi": {"a": "flat", "b": "flat"}, "k": 2}')$$, '53400', NULL, 'so does check');
SELECT throws_ok($$SELECT * FROM kiaim.risk('many', '{a,b}')$$, '53400', NULL, 'so do the risks');
SET LOCAL kiaim.max_memory = '100MB';
SELECT lives_ok($$SELECT * FROM kiaim.plan('many', '{"quasi": {"a": "bins(10, 100)", "b": "flat"}, "k": 2}')$$, 'and with more it is found');

SELECT * FROM finish();
ROLLBACK;
