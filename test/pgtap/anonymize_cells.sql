-- The recoding "cells": what it releases, compared with plain SQL.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE public.people AS
SELECT i, CASE mod(i, 7) WHEN 0 THEN 'f' ELSE 'm' END AS sex, mod(hashint4(i) & 65535, 6) AS rooms,
       date '2020-01-01' + mod(hashint4(i + 1000) & 65535, 4) AS seen, mod(i, 3) AS kept
FROM generate_series(1, 120) AS i;

-- The released rows of a policy.
CREATE FUNCTION pg_temp.released(source regclass, policy jsonb) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE
  query text := (SELECT p.query FROM kiaim.plan(source, policy) AS p);
BEGIN
  RETURN QUERY EXECUTE format('SELECT to_jsonb(q) FROM (%s) AS q', query);
END $$;

CREATE FUNCTION pg_temp.policy(k int, recoding jsonb = '"cells"') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('quasi', '{"sex": "flat", "rooms": "flat", "seen": "flat"}'::jsonb, 'keep', '["kept"]'::jsonb,
                            'k', k, 'recoding', recoding)
$$;

-- NULL as a value of its own
CREATE TEMP TABLE valued AS SELECT pg_temp.released('people', pg_temp.policy(4)) AS r;
SELECT is((SELECT count(*) FROM valued), 120::bigint, 'no row is left out');
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM valued GROUP BY r -> 'sex', r -> 'rooms', r -> 'seen') AS c),
              '>=', 4::bigint, 'k holds with NULL as a value');
SELECT results_eq(
  $$SELECT key, count(*)::bigint FROM valued, jsonb_each_text(r) WHERE value IS NOT NULL AND key = 'kept' GROUP BY key$$,
  $$VALUES ('kept', 120::bigint)$$, 'columns in keep stay whole');
SELECT is((SELECT round(loss * 360) FROM kiaim.plan('people', pg_temp.policy(4))),
          (SELECT count(*) FILTER (WHERE r -> 'sex' = 'null') + count(*) FILTER (WHERE r -> 'rooms' = 'null')
                  + count(*) FILTER (WHERE r -> 'seen' = 'null') FROM valued)::float8,
          'loss is the share of suppressed cells');
SELECT cmp_ok((SELECT count(*) FROM valued WHERE r -> 'sex' <> 'null' AND r -> 'rooms' <> 'null' AND r -> 'seen' <> 'null'),
              '>=', (SELECT sum(n)::bigint FROM (SELECT count(*) AS n FROM people GROUP BY sex, rooms, seen HAVING count(*) > 8) AS c),
              'large classes are not touched');
SELECT is((SELECT k FROM kiaim.plan('people', pg_temp.policy(4))),
          (SELECT min(n) FROM (SELECT count(*) AS n FROM valued GROUP BY r -> 'sex', r -> 'rooms', r -> 'seen') AS c),
          'k of the plan is that of the release');
SELECT is((SELECT classes FROM kiaim.plan('people', pg_temp.policy(4))),
          (SELECT count(*) FROM (SELECT FROM valued GROUP BY r -> 'sex', r -> 'rooms', r -> 'seen') AS c),
          'so are its classes');

-- NULL as a wildcard
CREATE TEMP TABLE wild AS SELECT pg_temp.released('people', pg_temp.policy(4, '{"method": "cells", "wildcard": true}')) AS r;
SELECT is((SELECT count(*) FROM wild), 120::bigint, 'no row is left out with wildcards');
SELECT cmp_ok((SELECT kiaim.wildcard_k_anonymity(r ->> 'sex', r ->> 'rooms', r ->> 'seen') FROM wild), '>=', 4::bigint,
              'k holds with NULL as a wildcard');
SELECT is((SELECT count(*) FROM wild AS w WHERE 4 > (SELECT count(*) FROM people AS p
            WHERE coalesce(w.r ->> 'sex' = p.sex, true) AND coalesce((w.r ->> 'rooms')::int = p.rooms, true)
              AND coalesce((w.r ->> 'seen')::date = p.seen, true))), 0::bigint,
          'each released row matches k rows of the source');
SELECT cmp_ok((SELECT loss FROM kiaim.plan('people', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'))), '<',
              (SELECT loss FROM kiaim.plan('people', pg_temp.policy(4))), 'a wildcard costs less');
SELECT ok((SELECT optimal AND gap = 0 FROM kiaim.plan('people', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'))),
          'and is proven');

-- The fewest cells with wildcards, by brute force: of each rare row the smallest set of columns that leaves k rows.
SELECT is((SELECT round(loss * 360) FROM kiaim.plan('people', pg_temp.policy(k, '{"method": "cells", "wildcard": true}'))),
          (SELECT sum(cells)::float8 FROM (
             SELECT p.i, min(s.cells) AS cells
             FROM people AS p, (SELECT a, b, c, a::int + b::int + c::int AS cells FROM unnest('{t,f}'::boolean[]) AS a,
                                unnest('{t,f}'::boolean[]) AS b, unnest('{t,f}'::boolean[]) AS c) AS s
             WHERE (SELECT count(*) FROM people AS o WHERE (s.a OR o.sex = p.sex) AND (s.b OR o.rooms = p.rooms)
                    AND (s.c OR o.seen = p.seen)) >= k
             GROUP BY p.i) AS best), 'brute force needs as many cells for k = ' || k)
FROM unnest('{2,3,5,9,30,120}'::int[]) AS k;

-- The fewest cells with NULL as a value, by brute force over all ways to suppress three columns of five tuples.
CREATE TEMP TABLE tiny (t int, id int, a int, b int, c int, n int);
INSERT INTO tiny
SELECT t, row_number() OVER (PARTITION BY t), a, b, c, 1 + mod(hashint8(t * 31 + a * 7 + b * 3 + c) & 1023, 3)
FROM (SELECT DISTINCT t, mod(hashint8(t * 100 + i) & 1023, 3) AS a, mod(hashint8(t * 100 + i + 40) & 1023, 3) AS b,
             mod(hashint8(t * 100 + i + 80) & 1023, 2) AS c
      FROM generate_series(1, 12) AS t, generate_series(1, 5) AS i) AS d;
CREATE TEMP TABLE tiny_rows AS SELECT t.* FROM tiny AS t, generate_series(1, t.n);
CREATE FUNCTION pg_temp.fewest(which int, k int) RETURNS bigint LANGUAGE sql AS $$
  WITH RECURSIVE s AS (SELECT g AS m, (g & 1) + (g >> 1 & 1) + (g >> 2) AS cells FROM generate_series(0, 7) AS g),
  -- a way is an array: the set of columns of each tuple
  ways AS (
    SELECT ARRAY[]::int[] AS w, 0::bigint AS cells, 0 AS id
    UNION ALL
    SELECT w || m, ways.cells + s.cells * x.n, ways.id + 1
    FROM ways JOIN tiny AS x ON x.t = which AND x.id = ways.id + 1, s)
  SELECT min(cells) FROM ways
  WHERE id = (SELECT count(*) FROM tiny AS x WHERE x.t = which)
    AND NOT EXISTS (SELECT FROM tiny AS x WHERE x.t = which
      GROUP BY CASE WHEN w[x.id] & 1 = 0 THEN a END, CASE WHEN w[x.id] & 2 = 0 THEN b END, CASE WHEN w[x.id] & 4 = 0 THEN c END
      HAVING sum(n) < k)
$$;
CREATE FUNCTION pg_temp.found(which int, k int) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS one_tiny;
  CREATE TEMP TABLE one_tiny AS SELECT a, b, c FROM tiny_rows WHERE t = which;
  RETURN (SELECT round(loss * 3 * (SELECT count(*) FROM one_tiny))
          FROM kiaim.plan('one_tiny', jsonb_build_object('quasi', '{"a": "flat", "b": "flat", "c": "flat"}'::jsonb, 'k', k, 'recoding', 'cells')));
END $$;
CREATE TEMP TABLE compared AS
SELECT t, k, pg_temp.found(t, k) AS found, pg_temp.fewest(t, k) AS fewest
FROM generate_series(1, 12) AS t, unnest('{2,4}'::int[]) AS k
WHERE (SELECT sum(n) FROM tiny WHERE tiny.t = t.t) >= k;
SELECT cmp_ok((SELECT count(*) FROM compared), '>', 20::bigint, 'tiny tables, compared with brute force');
SELECT is((SELECT count(*) FROM compared WHERE found < fewest), 0::bigint, 'brute force never needs more cells');
SELECT cmp_ok((SELECT count(*) FROM compared WHERE found = fewest), '>=', (SELECT count(*) * 9 / 10 FROM compared),
              'nine of ten need no more cells than brute force');
SELECT cmp_ok((SELECT sum(found) FROM compared), '<=', (SELECT sum(fewest) * 1.05 FROM compared), 'and all together hardly more');

-- importance
SELECT cmp_ok((SELECT count(*) FROM pg_temp.released('people', pg_temp.policy(4, '{"method": "cells", "importance": ["sex", "seen"]}')) AS r
               WHERE r -> 'sex' = 'null'), '<=',
              (SELECT count(*) FROM valued WHERE r -> 'sex' = 'null'), 'an important column loses no more than before');
SELECT cmp_ok((SELECT count(*) FROM pg_temp.released('people', pg_temp.policy(4, '{"method": "cells", "importance": ["rooms"]}')) AS r
               WHERE r -> 'rooms' = 'null'), '<',
              (SELECT count(*) FROM pg_temp.released('people', pg_temp.policy(4, '{"method": "cells", "importance": ["sex", "seen"]}')) AS r
               WHERE r -> 'rooms' = 'null'), 'the order of importance decides');

-- NULL in the source
CREATE TEMP TABLE holes AS
SELECT CASE WHEN mod(i, 5) <> 0 THEN mod(i, 4) END AS a, CASE WHEN mod(i, 7) <> 0 THEN mod(hashint4(i) & 1023, 5) END AS b, mod(i, 2) AS c
FROM generate_series(1, 50) AS i;
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM pg_temp.released('holes', '{"quasi": {"a": "flat", "b": "flat", "c": "flat"}, "k": 4, "recoding": "cells"}') AS r
               GROUP BY r) AS c), '>=', 4::bigint, 'NULL in the source is a value, too');
SELECT cmp_ok((SELECT kiaim.wildcard_k_anonymity(r ->> 'a', r ->> 'b', r ->> 'c')
               FROM pg_temp.released('holes', '{"quasi": {"a": "flat", "b": "flat", "c": "flat"}, "k": 6, "recoding": {"method": "cells", "wildcard": true}}') AS r),
              '>=', 6::bigint, 'or a wildcard');

-- columns generalized to a lowest level first
SELECT is((SELECT string_agg(DISTINCT r ->> 'seen', ', ' ORDER BY r ->> 'seen')
           FROM pg_temp.released('people', '{"quasi": {"sex": "flat", "rooms": "flat", "seen": {"hierarchy": "calendar(month)", "min": 1}}, "k": 3, "recoding": "cells"}') AS r),
          '2020-01', 'a column with a lowest level is generalized, then suppressed');

-- releases
SELECT lives_ok($$SELECT kiaim.create_release('public.cells_release', 'people', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'), 'table')$$,
                'a release with wildcards');
SELECT col_type_is('public', 'cells_release', 'seen', 'date', 'columns keep their type');
SELECT is((SELECT holds FROM kiaim.check('public.cells_release', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'))), true,
          'kiaim.check counts with wildcards if the policy says so');
SELECT is((SELECT measured FROM kiaim.check('public.cells_release', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'))),
          (SELECT kiaim.wildcard_k_anonymity(sex, rooms, seen)::float8 FROM public.cells_release), 'as the aggregate does');
UPDATE public.cells_release SET rooms = 99 WHERE ctid = (SELECT min(ctid) FROM public.cells_release);
SELECT throws_like($$SELECT kiaim.release_verify('public.cells_release', 'people', pg_temp.policy(4, '{"method": "cells", "wildcard": true}'), '{}', 0)$$,
                   '%does not keep the policy%', 'a stored release that was changed is found out');
SELECT lives_ok($$SELECT kiaim.create_release('public.cells_view', 'people', pg_temp.policy(4), 'view')$$, 'a view');
INSERT INTO people VALUES (1000, 'x', 77, '2020-01-01', 0);
SELECT is((SELECT count(*) FROM public.cells_view), 120::bigint, 'a tuple that was not there is left out until the next refresh');

-- types
CREATE TYPE public.mood AS ENUM ('sad', 'well');
CREATE DOMAIN public.small AS int CHECK (VALUE < 100);
CREATE TABLE public.typed AS
SELECT (CASE mod(i, 3) WHEN 0 THEN 'sad' ELSE 'well' END)::public.mood AS m, mod(i, 2) = 0 AS b, timestamptz '2020-01-01 00:00+02' + mod(i, 3) * interval '1 day' AS t,
       ('x' || mod(i, 2))::char(4) AS c, ('y' || mod(i, 4))::varchar(10) AS v, mod(i, 5)::public.small AS s, mod(i, 3) / 7.0::float8 AS f,
       interval '1 day' * mod(i, 2) AS d, ARRAY[mod(i, 2)] AS a
FROM generate_series(1, 40) AS i;
SELECT lives_ok($$SELECT kiaim.create_release('public.typed_cells', 'public.typed', '{"quasi": {"m": "flat", "b": "flat", "t": "flat", "c": "flat", "v": "flat", "s": "flat", "f": "flat", "d": "flat", "a": "flat"}, "k": 4, "recoding": "cells"}', 'table')$$,
                'columns of all kinds of types');
SELECT is((SELECT string_agg(format_type(atttypid, NULL), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'public.typed_cells'::regclass AND attnum > 0),
          'mood, boolean, timestamp with time zone, character, character varying, integer, double precision, interval, integer[]', 'which they keep');
SELECT is((SELECT count(*) FROM public.typed_cells AS r WHERE NOT EXISTS (SELECT FROM public.typed AS o WHERE coalesce(o.m = r.m, true) AND coalesce(o.b = r.b, true)
             AND coalesce(o.t = r.t, true) AND coalesce(o.c = r.c, true) AND coalesce(o.v = r.v, true) AND coalesce(o.s = r.s, true)
             AND coalesce(o.f = r.f, true) AND coalesce(o.d = r.d, true) AND coalesce(o.a = r.a, true))), 0::bigint, 'with values that were there');

-- persons: classes counted by SQL, persons with one row, with many, without a number, and equal ones that are written otherwise
CREATE TABLE public.stays AS
SELECT mod(hashint4(i) & 65535, 4) AS a, mod(hashint4(i + 500) & 65535, 5) AS b, mod(i, 3) AS c,
       i AS alone, CASE WHEN mod(i, 11) > 0 THEN mod(hashint4(i + 900) & 65535, 60) END AS pid,
       CASE WHEN mod(i, 2) = 0 THEN mod(i, 25)::numeric ELSE mod(i, 25)::numeric(9,2) END AS num
FROM generate_series(1, 150) AS i;
CREATE FUNCTION pg_temp.stays(who text, k int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('quasi', '{"a": "flat", "b": "flat", "c": "flat"}'::jsonb, 'person', who, 'k', k, 'recoding', 'cells')
$$;
CREATE FUNCTION pg_temp.fewest_persons(who text, k int) RETURNS TABLE (planned bigint, stored bigint, rows bigint, cells bigint, loss float8)
LANGUAGE plpgsql AS $$
DECLARE
  p record;
BEGIN
  SELECT * INTO p FROM kiaim.plan('public.stays', pg_temp.stays(who, k));
  -- the recoding itself, beside the persons, whom a release leaves out
  RETURN QUERY EXECUTE format($q$
    WITH recoded AS (
      SELECT kiaim.recode((SELECT r.recoding FROM kiaim.fitted_recoding AS r WHERE r.id = %L), s.a, s.b, s.c) AS t, s.%I AS who FROM public.stays AS s)
    SELECT %s::bigint, (SELECT min(n) FROM (SELECT count(DISTINCT who) + max((who IS NULL)::int) AS n FROM recoded GROUP BY t) AS classes),
           count(*), sum(num_nulls(t[1], t[2], t[3])), %s::float8 FROM recoded$q$, p.levels ->> 'recoding', who, p.k, p.loss);
END $$;
CREATE TEMP TABLE counted AS
SELECT who, k, f.* FROM unnest('{alone,pid,num}'::text[]) AS who, unnest('{2,4,9,20}'::int[]) AS k, pg_temp.fewest_persons(who, k) AS f;
SELECT is((SELECT count(*) FROM counted WHERE stored < k), 0::bigint, 'k persons in every class');
SELECT is((SELECT count(*) FROM counted WHERE planned <> stored), 0::bigint, 'the plan says how many at least');
SELECT is((SELECT count(*) FROM counted WHERE rows <> 150 OR round(loss * 450) <> cells), 0::bigint, 'no row is left out, and loss is the share of cells');
SELECT is((SELECT array_agg(loss ORDER BY k) FROM counted WHERE who = 'alone'),
          (SELECT array_agg((SELECT loss FROM kiaim.plan('public.stays', pg_temp.stays('alone', k) - 'person')) ORDER BY k) FROM unnest('{2,4,9,20}'::int[]) AS k),
          'where each person has one row, persons are rows');
SELECT cmp_ok((SELECT sum(loss) FROM counted WHERE who = 'num'), '>', (SELECT sum(loss) FROM counted WHERE who = 'alone'), 'fewer persons cost more');
SELECT throws_ok($$SELECT kiaim.plan('public.stays', pg_temp.stays('num', 26))$$, 'P0002', 'no suppression of cells satisfies the policy', 'more persons than there are');
SELECT is((SELECT k FROM kiaim.plan('public.stays', pg_temp.stays('num', 25))), 25::bigint, 'all of them');
SELECT lives_ok($$SELECT kiaim.create_release('public.stays_release', 'public.stays', pg_temp.stays('pid', 4), 'table')$$, 'a release that counts persons');
SELECT lives_ok($$SELECT kiaim.create_release('public.stays_view', 'public.stays', pg_temp.stays('pid', 4), 'view')$$, 'as a view, too');
SELECT is((SELECT count(*) FROM public.stays_view), 150::bigint, 'of all rows');

-- same data in another order, same recoding
CREATE TEMP TABLE people_again AS SELECT * FROM people ORDER BY i DESC;
SELECT is((SELECT levels FROM kiaim.plan('people_again', pg_temp.policy(4))), (SELECT levels FROM kiaim.plan('people', pg_temp.policy(4))),
          'the order of the rows makes no difference');

-- empty and too small
SELECT is((SELECT suppressed FROM kiaim.plan('people_again', pg_temp.policy(121))), 0::bigint, 'k of all rows is everything suppressed');
CREATE TEMP TABLE nobody AS SELECT * FROM people WHERE false;
SELECT is((SELECT classes FROM kiaim.plan('nobody', pg_temp.policy(4))), 0::bigint, 'nothing of nothing');
SELECT throws_ok($$SELECT kiaim.plan('people', pg_temp.policy(122))$$, 'P0002',
                 'no suppression of cells satisfies the policy', 'k beyond the table');

-- errors
SELECT throws_ok($$SELECT kiaim.plan('people', pg_temp.policy(4, '{"method": "cells", "wildcard": 1}'))$$, '22023',
                 'policy member recoding.wildcard must be true or false', 'wildcard must be boolean');
SELECT throws_ok($$SELECT kiaim.plan('people', pg_temp.policy(4, '{"method": "cells", "importance": ["romos"]}'))$$, '22023',
                 'policy member recoding.importance names column "romos", which is no quasi-identifier', 'an unknown column');
SELECT throws_ok($$SELECT kiaim.plan('people', pg_temp.policy(4, '{"method": "cells", "group": 3}'))$$, '22023', NULL, 'an option of another method');
SELECT throws_ok($$SELECT kiaim.plan('people', '{"quasi": {"rooms": "flat"}, "sensitive": {"sex": {"l": 2}}, "k": 2, "recoding": "cells"}')$$,
                 '0A000', 'recoding "cells" does not work with requirement "l of sex"', 'k only');
SELECT throws_ok($$SELECT kiaim.plan('people', '{"quasi": {"rooms": "flat"}, "person": "i", "k": 2, "recoding": {"method": "cells", "wildcard": true}}')$$,
                 '0A000', 'recoding "cells" does not work with a person column where NULL is a wildcard', 'no persons with wildcards');
SELECT throws_ok($$SELECT kiaim.plan('people', '{"quasi": {"rooms": "flat"}, "suppressed_rows": "star", "k": 2, "recoding": "cells"}')$$,
                 '0A000', 'recoding "cells" does not work with suppressed rows as "star"', 'no stars');

SELECT * FROM finish();
ROLLBACK;
