-- The attackers: every figure against obvious SQL, with persons, wildcards and populations; sizes and risks as rows; what a column adds.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- a slow and obvious oracle ----

-- By record: its class (the row itself), its person, the persons it cannot be told from, and those of the population.
-- population is a query of (quasi…, persons), or NULL.
CREATE FUNCTION records_of(source text, quasi text[], person text, population text, wildcard boolean)
    RETURNS TABLE (class jsonb, who text, f bigint, found float8) LANGUAGE plpgsql AS $f$
DECLARE
    same text;
BEGIN
    SELECT string_agg(CASE WHEN wildcard THEN format('(a.%1$I = b.%1$I OR a.%1$I IS NULL OR b.%1$I IS NULL)', q)
                           ELSE format('a.%1$I IS NOT DISTINCT FROM b.%1$I', q) END, ' AND ') INTO same FROM unnest(quasi) q;
    RETURN QUERY EXECUTE format($$
        WITH r AS (SELECT row_number() OVER () AS i, to_jsonb((SELECT x FROM (SELECT %1$s) x)) AS class, COALESCE(%2$s, 'NULL') AS who, t.* FROM %3$s t),
             p AS (%4$s)
        SELECT a.class, a.who, (SELECT count(DISTINCT b.who) FROM r b WHERE %5$s),
               (SELECT COALESCE(sum(b.persons), 0)::float8 FROM p b WHERE %5$s)
        FROM r a$$,
        (SELECT string_agg(format('t.%I', q), ',') FROM unnest(quasi) q), CASE WHEN person IS NULL THEN 't.ctid::text' ELSE format('t.%I::text', person) END, source,
        COALESCE(population, format('SELECT *, 0 AS persons FROM %s LIMIT 0', source)), same);
END $f$;

CREATE FUNCTION oracle(source text, quasi text[], person text, threshold float8, population text, wildcard boolean)
    RETURNS TABLE (metric text, value float8) LANGUAGE sql AS $f$
    WITH r AS (SELECT *, 1.0::float8 / f AS pr, 1.0::float8 / CASE WHEN population IS NULL THEN f ELSE greatest(f, found) END AS jr
               FROM records_of(source, quasi, person, population, wildcard)),
         class AS (SELECT class, f, found, count(*) AS n, greatest(f, found) AS among FROM r GROUP BY class, f, found),
         person AS (SELECT avg(pr) AS pr, avg(jr) AS jr FROM r GROUP BY who)
    VALUES ('records', (SELECT count(*) FROM r)::float8),
           ('classes', CASE WHEN NOT wildcard THEN (SELECT count(*) FROM class) END),
           ('smallest_class', (SELECT min(f) FROM class)),
           ('largest_class', (SELECT max(f) FROM class)),
           ('average_class_size', CASE WHEN NOT wildcard THEN (SELECT avg(f) FROM class) END),
           ('sample_uniques', (SELECT count(*) FROM class WHERE f = 1)),
           ('sample_uniqueness', (SELECT avg((f = 1)::int) FROM r)),
           ('prosecutor_highest', (SELECT max(pr) FROM r)),
           ('prosecutor_lowest', (SELECT min(pr) FROM r)),
           ('prosecutor_average', (SELECT avg(pr) FROM r)),
           ('prosecutor_success_rate', (SELECT avg(pr) FROM person)),
           ('share_above_threshold', (SELECT avg((pr > threshold)::int) FROM r)),
           ('records_at_highest', (SELECT count(*) FROM r WHERE pr = (SELECT max(pr) FROM r))),
           ('share_at_highest', (SELECT avg((pr = (SELECT max(pr) FROM r))::int) FROM r)),
           ('records_at_lowest', (SELECT count(*) FROM r WHERE pr = (SELECT min(pr) FROM r))),
           ('share_at_lowest', (SELECT avg((pr = (SELECT min(pr) FROM r))::int) FROM r)),
           ('journalist_highest', (SELECT max(jr) FROM r)),
           ('journalist_lowest', (SELECT min(jr) FROM r)),
           ('journalist_average', greatest((SELECT avg(jr) FROM r),
                CASE WHEN population IS NOT NULL AND NOT wildcard THEN (SELECT count(*) / sum(among) FROM class) END)),
           ('journalist_success_rate', (SELECT avg(jr) FROM person)),
           ('journalist_share_above', (SELECT avg((jr > threshold)::int) FROM r)),
           ('marketer', (SELECT avg(jr) FROM r)),
           ('marketer_success_rate', (SELECT avg(jr) FROM person)),
           ('k_map', CASE WHEN population IS NOT NULL THEN (SELECT min(found) FROM r) END),
           ('records_not_in_population', CASE WHEN population IS NOT NULL THEN (SELECT count(*) FROM r WHERE found = 0) END)
$f$;

-- those of the oracle's metrics that a figure has no business to be NULL in, and their difference
CREATE FUNCTION differ(call text, expected text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format($$
        SELECT format('%%s: %%s, not %%s', metric, o.value, e.value)
        FROM (%s) AS o(metric, value) RIGHT JOIN (%s) AS e(metric, value) USING (metric)
        WHERE round(o.value::numeric, 9) IS DISTINCT FROM round(e.value::numeric, 9) AND (o.metric IS NOT NULL OR e.value IS NOT NULL)$$, call, expected);
END $f$;

SELECT setseed(0.25);
CREATE TABLE sample AS
    SELECT floor(random() * 60)::int AS p, CASE WHEN random() < 0.85 THEN floor(random() * 4)::int END AS a,
           (ARRAY['x', 'y', NULL, 'z'])[1 + floor(random() * 4)::int] AS b, floor(random() * random() * 3)::int AS "Größe"
    FROM generate_series(1, 150);
INSERT INTO sample VALUES (NULL, 1, 'x', 0), (NULL, 1, 'x', 0), (NULL, 2, 'y', 1);
CREATE TABLE census AS
    SELECT CASE WHEN random() < 0.9 THEN floor(random() * 4)::int END AS a, (ARRAY['x', 'y', NULL, 'w'])[1 + floor(random() * 4)::int] AS b,
           floor(random() * 2)::int AS "Größe", i AS "Nummer"
    FROM generate_series(1, 400) i;
CREATE TABLE counted AS SELECT a, b, "Größe", count(*)::int AS persons FROM census GROUP BY a, b, "Größe";
INSERT INTO counted SELECT a, b, "Größe", 0 FROM sample WHERE "Größe" = 2;
CREATE TABLE fractional AS SELECT a, b, "Größe", count(*)::numeric * 1.5 AS persons FROM census GROUP BY a, b, "Größe";

SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, person => %L, threshold => %s, wildcard => %L)', 'sample', q, p, t, w),
        format('SELECT * FROM oracle(%L, %L, %L, %s, NULL, %L)', 'sample', q, p, t, w)),
    format('%s, person %s, threshold %s, wildcard %s', q, p, t, w))
FROM unnest(ARRAY['{a}', '{a,b}', '{a,b,Größe}']) q, unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[0, 0.2, 0.5, 1]) t, unnest(ARRAY[false, true]) w;

SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, person => %L, threshold => 0.1, population_table => %L, population_count => %L, wildcard => %L)', 'sample', q, p, s, c, w),
        format('SELECT * FROM oracle(%L, %L, %L, 0.1, %L, %L)', 'sample', q, p, x, w)),
    format('%s, person %s, population %s, wildcard %s', q, p, s, w))
FROM unnest(ARRAY['{a}', '{a,b}', '{Größe,b,a}']) q, unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w,
     (VALUES ('census', NULL, 'SELECT *, 1 AS persons FROM census'), ('counted', 'persons', 'SELECT * FROM counted'),
             ('fractional', 'persons', 'SELECT * FROM fractional')) AS populations(s, c, x);

SELECT set_config('kiaim.reader', 'pushdown', true) \g /dev/null
SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, person => %L, threshold => 0.1, population_table => %L, wildcard => %L)', 'sample', '{a,b,Größe}', p, 'census', w),
        format('SELECT * FROM oracle(%L, %L, %L, 0.1, %L, %L)', 'sample', '{a,b,Größe}', p, 'SELECT *, 1 AS persons FROM census', w)),
    format('the other reader: person %s, wildcard %s', p, w))
FROM unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w;
SELECT set_config('kiaim.reader', 'auto', true) \g /dev/null

-- exact figures of the population itself
CREATE FUNCTION figure(metric text, call text) RETURNS float8 LANGUAGE plpgsql AS $f$
DECLARE
    result float8;
BEGIN
    EXECUTE format('SELECT value FROM (%s) AS figures WHERE metric = %L', call, metric) INTO STRICT result;
    RETURN result;
END $f$;
SELECT is(figure('population_uniques', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_table => 'census')$$),
          (SELECT count(*) FROM (SELECT FROM census GROUP BY a, b, "Größe" HAVING count(*) = 1) u)::float8, 'population uniques are counted');
SELECT is(figure('population_uniques', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_table => 'counted', population_count => 'persons')$$),
          (SELECT count(*) FROM counted WHERE persons = 1)::float8, 'population uniques of counts');
SELECT is(figure('population_uniques', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_table => 'fractional', population_count => 'persons')$$),
          NULL, 'parts of persons are not unique');
SELECT is(figure('population', $$SELECT * FROM kiaim.risk('sample', '{a}', population_table => 'counted', population_count => 'persons')$$), 400::float8, 'the counts are the population');
SELECT is(figure('records_beyond_population', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_table => 'census')$$),
          (SELECT count(*) FROM records_of('sample', '{a,b,Größe}', NULL, 'SELECT *, 1 AS persons FROM census', false) WHERE found < f)::float8, 'fewer in the population than in the data');
SELECT results_eq($$SELECT metric, value FROM kiaim.risk('sample', '{a,b}', population_table => 'sample') WHERE metric ~ 'journalist_(highest|lowest|average|success)'$$,
                  $$SELECT replace(metric, 'prosecutor', 'journalist'), value FROM kiaim.risk('sample', '{a,b}') WHERE metric ~ 'prosecutor'
                    ORDER BY array_position(ARRAY['prosecutor_highest', 'prosecutor_lowest', 'prosecutor_average'], metric)$$,
                  'a table that is its own population: the journalist finds what the prosecutor finds');

-- ---- margins ----

-- independent margins: the persons of a tuple are the product of shares
CREATE TABLE census_a AS SELECT a, count(*) AS persons FROM census GROUP BY a;
CREATE TABLE census_b AS SELECT b, count(*) AS persons FROM census GROUP BY b;
CREATE TABLE census_g AS SELECT "Größe", count(*) AS persons FROM census GROUP BY "Größe";
CREATE TABLE census_ab AS SELECT a, b, count(*) AS persons FROM census GROUP BY a, b;
CREATE TABLE census_bg AS SELECT b, "Größe", count(*) AS persons FROM census GROUP BY b, "Größe";
CREATE TABLE census_ag AS SELECT "Größe", count(*) AS persons, a FROM census GROUP BY a, "Größe";
SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, person => %L, threshold => 0.1, population_margins => %L, population_count => %L, wildcard => %L)', 'sample', '{a,b,Größe}', p, m, 'persons', w),
        format('SELECT * FROM oracle(%L, %L, %L, 0.1, %L, %L)', 'sample', '{a,b,Größe}', p, x, w)),
    format('margins %s, person %s, wildcard %s', m, p, w))
FROM unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w,
     (VALUES ('{census_a,census_b,census_g}', 'SELECT a, b, "Größe", census_a.persons * census_b.persons * census_g.persons / 400.0 ^ 2 AS persons FROM census_a, census_b, census_g'),
             ('{census_g,census_ab}', 'SELECT a, b, "Größe", census_ab.persons * census_g.persons / 400.0 AS persons FROM census_ab, census_g'),
             -- overlapping but decomposable: a and size are independent given b
             ('{census_ab,census_bg}', 'SELECT x.a, x.b, y."Größe", x.persons * y.persons / z.persons::float8 AS persons
                 FROM census_ab x JOIN census_bg y ON x.b IS NOT DISTINCT FROM y.b JOIN census_b z ON x.b IS NOT DISTINCT FROM z.b'),
             ('{census_a,census_bg,census_ab,census_b}', 'SELECT x.a, x.b, y."Größe", x.persons * y.persons / z.persons::float8 AS persons
                 FROM census_ab x JOIN census_bg y ON x.b IS NOT DISTINCT FROM y.b JOIN census_b z ON x.b IS NOT DISTINCT FROM z.b')) AS margins(m, x);
CREATE VIEW census_rows AS SELECT b FROM census;
SELECT results_eq($$SELECT * FROM kiaim.risk('sample', '{a,b}', population_margins => '{census_rows,census}')$$,
                  $$SELECT * FROM kiaim.risk('sample', '{a,b}', population_margins => '{census_b,census_ab}', population_count => 'persons')$$, 'rows of margins are persons, too');

-- a cycle of three margins has no closed form: fitted by SQL that is slow and obvious
CREATE TABLE fitted AS SELECT x.a, y.b, z."Größe", 1::float8 AS persons FROM census_a x, census_b y, census_g z;
DO $$
BEGIN
    FOR i IN 1 .. 60 LOOP
        UPDATE fitted f SET persons = f.persons * COALESCE((SELECT m.persons FROM census_ab m WHERE (f.a, f.b) IS NOT DISTINCT FROM (m.a, m.b)), 0)
            / NULLIF((SELECT sum(s.persons) FROM fitted s WHERE (f.a, f.b) IS NOT DISTINCT FROM (s.a, s.b)), 0);
        UPDATE fitted f SET persons = f.persons * COALESCE((SELECT m.persons FROM census_bg m WHERE (f.b, f."Größe") IS NOT DISTINCT FROM (m.b, m."Größe")), 0)
            / NULLIF((SELECT sum(s.persons) FROM fitted s WHERE (f.b, f."Größe") IS NOT DISTINCT FROM (s.b, s."Größe")), 0);
        UPDATE fitted f SET persons = f.persons * COALESCE((SELECT m.persons FROM census_ag m WHERE (f.a, f."Größe") IS NOT DISTINCT FROM (m.a, m."Größe")), 0)
            / NULLIF((SELECT sum(s.persons) FROM fitted s WHERE (f.a, f."Größe") IS NOT DISTINCT FROM (s.a, s."Größe")), 0);
    END LOOP;
END $$;
CREATE FUNCTION rough(call text) RETURNS TABLE (metric text, value numeric) LANGUAGE plpgsql AS $f$
BEGIN
    RETURN QUERY EXECUTE format('SELECT metric, round(value::numeric, 4) FROM (%s) AS figures WHERE metric ~ $r$journalist|marketer|k_map|not_in$r$ AND metric !~ $r$above$r$ ORDER BY metric', call);
END $f$;
SELECT results_eq(format($$SELECT * FROM rough('SELECT * FROM kiaim.risk(''sample'', ''{a,b,Größe}'', %1$s, 0.1, population_margins => ''{census_ab,census_bg,census_ag}'', population_count => ''persons'')')$$, p),
                  format($$SELECT * FROM rough('SELECT * FROM oracle(''sample'', ''{a,b,Größe}'', %1$s, 0.1, ''SELECT * FROM fitted'', false)')$$, p),
                  format('margins in a cycle are fitted: person %s', p))
FROM unnest(ARRAY['NULL', '''''p''''']) p;
SELECT is(figure('population_converged', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_margins => '{census_ab,census_bg,census_ag}', population_count => 'persons')$$), 1::float8, 'and it is said that the fit converged');
SELECT cmp_ok(figure('population_deviation', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_margins => '{census_ab,census_bg,census_ag}', population_count => 'persons')$$), '<', 1e-9::float8, 'to all digits');
SELECT is(figure('population_uniques', $$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_margins => '{census_ab,census_bg,census_ag}', population_count => 'persons')$$), NULL, 'no uniques are told from a fit');

-- margins that agree by twos and yet have no common table
CREATE TABLE ab (a int, b int, n int);
CREATE TABLE bc (b int, c int, n int);
CREATE TABLE ac (a int, c int, n int);
INSERT INTO ab VALUES (0, 0, 50), (1, 1, 50);
INSERT INTO bc VALUES (0, 0, 50), (1, 1, 50);
INSERT INTO ac VALUES (0, 1, 50), (1, 0, 50);
CREATE TABLE abc AS SELECT 0 AS a, 0 AS b, 0 AS c;
SELECT results_eq($$SELECT metric, value FROM kiaim.risk('abc', '{a,b,c}', population_margins => '{ab,bc,ac}', population_count => 'n')
                    WHERE metric ~ 'journalist|^marketer|k_map|converged' ORDER BY metric COLLATE "C"$$,
                  $$VALUES ('journalist_average', NULL::float8), ('journalist_highest', NULL), ('journalist_lowest', NULL), ('journalist_share_above', NULL),
                    ('journalist_success_rate', NULL), ('k_map', NULL), ('marketer', NULL), ('marketer_success_rate', NULL), ('population_converged', 0)$$,
                  'a fit that does not converge says nothing');

-- ---- only the number of persons ----

-- a population of which samples are drawn: what the estimates say and what is true
CREATE TABLE people AS
    SELECT i, floor(least(random() ^ -1.2::float8, 1e9))::bigint AS a, floor(2 * random())::int AS b, floor(2 * random())::int AS c FROM generate_series(1, 40000) i;
CREATE TABLE drawn_2 AS SELECT * FROM people WHERE i % 50 = 0;
CREATE TABLE drawn_10 AS SELECT * FROM people WHERE i % 10 = 0;
CREATE TABLE drawn_50 AS SELECT * FROM people WHERE i % 2 = 0;
SELECT cmp_ok(abs(estimate.value / truth.value - 1), '<', 0.3::float8, format('%s of %s: %s, in truth %s', metric, name, round(estimate.value::numeric, 4), round(truth.value::numeric, 4)))
FROM unnest(ARRAY['drawn_2', 'drawn_10', 'drawn_50']) name,
     LATERAL kiaim.risk(name::regclass, '{a,b,c}', threshold => 0.2, population => 40000) AS estimate
     JOIN LATERAL kiaim.risk(name::regclass, '{a,b,c}', threshold => 0.2, population_table => 'people') AS truth USING (metric)
WHERE metric IN ('marketer', 'journalist_average', 'journalist_success_rate', 'marketer_success_rate');

-- another, of many middling classes
CREATE TABLE crowd AS
    SELECT i, floor(20 * random() ^ 2)::int AS a, floor(30 * random() ^ 3)::int AS b, floor(8 * random())::int AS c FROM generate_series(1, 40000) i;
CREATE TABLE crowd_2 AS SELECT * FROM crowd WHERE i % 50 = 0;
CREATE TABLE crowd_10 AS SELECT * FROM crowd WHERE i % 10 = 0;
CREATE TABLE crowd_50 AS SELECT * FROM crowd WHERE i % 2 = 0;
-- the same by the sum over all sizes that a class can have, with the fit that kiaim.population_risk shows
CREATE FUNCTION by_series(source regclass, quasi text[], population bigint, threshold float8, OUT average float8, OUT above float8) LANGUAGE plpgsql AS $f$
DECLARE
    fit jsonb;
    size record;
    p float8;
    term float8;
    w float8;
    mass float8;
    risk float8;
    share float8;
    n float8;
BEGIN
    SELECT parameters INTO fit FROM kiaim.population_risk(source, quasi, population) WHERE model = 'pitman';
    SELECT sum(s.records) INTO n FROM kiaim.class_sizes(source, quasi) s;
    p = (n + (fit ->> 'theta')::float8) / (population + (fit ->> 'theta')::float8);
    average = 0;
    above = 0;
    FOR size IN SELECT * FROM kiaim.class_sizes(source, quasi) LOOP
        w = size.size - (fit ->> 'alpha')::float8;
        term = p ^ w;
        mass = 0;
        risk = 0;
        share = 0;
        FOR x IN 0 .. 100000 LOOP
            risk = risk + term / (size.size + x);
            share = share + CASE WHEN 1.0::float8 / (size.size + x) > threshold THEN term ELSE 0 END;
            mass = mass + term;
            EXIT WHEN mass > 1 - 1e-11;
            term = term * (1 - p) * (w + x) / (x + 1);
        END LOOP;
        average = average + size.records * risk / n;
        above = above + size.records * share / n;
    END LOOP;
END $f$;
SELECT is(round(figure('marketer', format($$SELECT * FROM kiaim.risk(%L, '{a,b,c}', threshold => %s, population => 40000)$$, name, t))::numeric, 8),
          round(average::numeric, 8), format('the marketer of %s by the series', name))
FROM unnest(ARRAY['crowd_2', 'crowd_10', 'crowd_50']) name, unnest(ARRAY[0.09, 0.5]) t, LATERAL by_series(name::regclass, '{a,b,c}', 40000, t);
SELECT is(round(figure('journalist_share_above', format($$SELECT * FROM kiaim.risk(%L, '{a,b,c}', threshold => %s, population => 40000)$$, name, t))::numeric, 8),
          round(above::numeric, 8), format('the share above %s of %s by the series', t, name))
FROM unnest(ARRAY['crowd_2', 'crowd_10', 'crowd_50']) name, unnest(ARRAY[0.09, 0.5]) t, LATERAL by_series(name::regclass, '{a,b,c}', 40000, t);
SELECT is_empty($$SELECT differ('SELECT * FROM kiaim.risk(''people'', ''{a,b}'', population => 40000)', 'SELECT * FROM kiaim.risk(''people'', ''{a,b}'')')$$,
                'a sample that is the population: nothing to estimate');
-- what the estimators say is what the aggregate says
SELECT is(figure('population_uniqueness_' || model, $$SELECT * FROM kiaim.risk('drawn_10', '{a,b,c}', population => 40000)$$), expected, model || ' is that of the aggregate')
FROM (VALUES ('dankar', (SELECT kiaim.population_uniqueness('dankar', 40000, a, b, c) FROM drawn_10)), ('pitman', (SELECT kiaim.population_uniqueness('pitman', 40000, a, b, c) FROM drawn_10)),
             ('zayatz', (SELECT kiaim.population_uniqueness('zayatz', 40000, a, b, c) FROM drawn_10)), ('snb', (SELECT kiaim.population_uniqueness('snb', 40000, a, b, c) FROM drawn_10))) AS e(model, expected);
SELECT results_eq($$SELECT 'population_uniques_' || model, round(uniques::numeric, 9) FROM kiaim.population_risk('drawn_10', '{a,b,c}', 40000) WHERE model IN ('pitman', 'zayatz', 'snb', 'dankar') ORDER BY 1$$,
                  $$SELECT metric, round(value::numeric, 9) FROM kiaim.risk('drawn_10', '{a,b,c}', population => 40000) WHERE metric ~ 'population_uniques_(pitman|zayatz|snb|dankar)' ORDER BY 1$$,
                  'and what kiaim.population_risk says');

-- ---- dropping a column ----

SELECT set_eq(format($$SELECT metric, round(value::numeric, 10) FROM kiaim.risk_without('sample', '{a,b,Größe}', %L, 0.2, %s wildcard => %L) WHERE dropped IS NOT DISTINCT FROM %L$$, p, populations, w, d),
              format($$SELECT metric, round(value::numeric, 10) FROM kiaim.risk('sample', %L, %L, 0.2, %s wildcard => %L)$$, q, p, populations, w),
              format('without %s, person %s, wildcard %s, %s', d, p, w, populations))
FROM (VALUES (NULL, '{a,b,Größe}'), ('a', '{b,Größe}'), ('b', '{a,Größe}'), ('Größe', '{a,b}')) AS drops(d, q), unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w,
     unnest(ARRAY['', 'population => 1000, ', $$population_table => 'counted', population_count => 'persons', $$]) populations;
SELECT results_eq($$SELECT dropped, metric, value FROM kiaim.risk_without('sample', '{a}') WHERE metric IN ('classes', 'smallest_class', 'marketer') AND dropped IS NOT NULL$$,
                  $$VALUES ('a', 'classes', 1::float8), ('a', 'smallest_class', 153), ('a', 'marketer', 1 / 153.0)$$, 'without the only column all are one class');

-- ---- rows to plot ----

SELECT results_eq(format($$SELECT size, classes, records, round(share::numeric, 12), round(cumulative::numeric, 12) FROM kiaim.class_sizes('sample', '{a,b}', %L, %L)$$, p, w),
                  format($$SELECT f, CASE WHEN NOT %2$L THEN count(DISTINCT class) END, count(*), round(count(*) / 153.0, 12), round(sum(count(*)) OVER (ORDER BY f) / 153.0, 12)
                           FROM records_of('sample', '{a,b}', %1$L, NULL, %2$L) GROUP BY f ORDER BY f$$, p, w), format('class sizes: person %s, wildcard %s', p, w))
FROM unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w;
SELECT results_eq(format($$SELECT records, round(share::numeric, 12), round(cumulative::numeric, 12) FROM kiaim.risk_distribution('sample', '{a,b,Größe}', %L, %L)$$, p, w),
                  format($$SELECT count(f), round(count(f) / 153.0, 12), round(sum(count(f)) OVER (ORDER BY upper) / 153.0, 12)
                           FROM kiaim.risk_distribution('sample', '{a}') LEFT JOIN records_of('sample', '{a,b,Größe}', %L, NULL, %L) ON 1.0::float8 / f > lower AND 1.0::float8 / f <= upper
                           GROUP BY upper ORDER BY upper$$, p, w), format('risk distribution: person %s, wildcard %s', p, w))
FROM unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w;
SELECT results_eq($$SELECT count(*), min(lower), max(upper), bool_and(lower < upper) FROM kiaim.risk_distribution('sample', '{a}')$$, $$VALUES (24::bigint, 0::float8, 1::float8, true)$$, 'intervals from 0 to 1');
SELECT is_empty($$SELECT * FROM (SELECT lower, lag(upper) OVER (ORDER BY upper) AS previous FROM kiaim.risk_distribution('sample', '{a}')) i WHERE lower <> previous$$, 'without gaps');

-- ---- the edges ----

CREATE TABLE none (a int, b text, p int);
CREATE TABLE one AS SELECT 1 AS a, 'x' AS b, 7 AS p;
CREATE TABLE equal AS SELECT 1 AS a, 'x' AS b, i AS p FROM generate_series(1, 10) i;
CREATE TABLE different AS SELECT i AS a, 'x' AS b, i AS p FROM generate_series(1, 10) i;
CREATE TABLE nulls AS SELECT NULL::int AS a, NULL::text AS b, NULL::int AS p FROM generate_series(1, 10);
SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, %L, wildcard => %L)', s, '{a,b}', p, w), format('SELECT * FROM oracle(%L, %L, %L, 0.09, NULL, %L)', s, '{a,b}', p, w)),
    format('%s, person %s, wildcard %s', s, p, w))
FROM unnest(ARRAY['none', 'one', 'equal', 'different', 'nulls']) s, unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w;
SELECT is_empty(format('SELECT differ(%L, %L)',
        format('SELECT * FROM kiaim.risk(%L, %L, %L, population_table => %L, wildcard => %L)', s, '{a,b}', p, x, w),
        format('SELECT * FROM oracle(%L, %L, %L, 0.09, %L, %L)', s, '{a,b}', p, format('SELECT a, b, 1 AS persons FROM %s', x), w)),
    format('%s in %s, person %s, wildcard %s', s, x, p, w))
FROM unnest(ARRAY['none', 'one', 'equal', 'different', 'nulls']) s, unnest(ARRAY['none', 'one', 'equal', 'different', 'nulls']) x, unnest(ARRAY[NULL, 'p']) p, unnest(ARRAY[false, true]) w;
SELECT is(count(*) FILTER (WHERE value IS NOT NULL AND metric NOT IN ('population', 'sampling_fraction', 'records', 'classes', 'sample_uniques', 'records_at_highest', 'records_at_lowest')), 0::bigint, 'an empty table has no risk')
FROM kiaim.risk('none', '{a,b}', population => 100);
SELECT is_empty($$SELECT * FROM kiaim.class_sizes('none', '{a}')$$, 'and no classes');
SELECT results_eq($$SELECT sum(records), count(share), count(cumulative) FROM kiaim.risk_distribution('none', '{a}')$$, $$VALUES (0::numeric, 0::bigint, 0::bigint)$$, 'and no distribution');
SELECT is(count(*), 0::bigint, 'from nothing but uniques nothing can be told of the population')
FROM kiaim.risk('different', '{a,b}', population => 1000) WHERE metric ~ '^(journalist_|marketer|population_uniques_(pitman|snb))' AND value IS NOT NULL;
SELECT is(count(*) FILTER (WHERE value IS NOT NULL), 0::bigint, 'classes that overlap tell nothing of the population')
FROM kiaim.risk('sample', '{a,b}', population => 1000, wildcard => true) WHERE metric ~ '^(journalist_|marketer|population_uniq|expected)';

-- ---- collations: what is equal is for the source to say, whatever the order of the population's rows ----

SELECT bool_or(collname = 'und-x-icu') AS icu FROM pg_collation \gset
\if :icu
CREATE COLLATION case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE exact_sample AS SELECT * FROM (VALUES ('a'), ('C')) v(t);
CREATE TABLE blind_sample (t text COLLATE case_blind);
CREATE TABLE exact_census AS SELECT * FROM (VALUES ('A'), ('a'), ('B'), ('c'), ('C'), ('C')) v(t);
CREATE TABLE blind_census (t text COLLATE case_blind);
INSERT INTO blind_sample SELECT * FROM exact_sample;
INSERT INTO blind_census SELECT * FROM exact_census;
SELECT results_eq(
    format($$SELECT id, population_size FROM kiaim.record_risk('%s_sample', '{t}', 't', population_table => '%s_census', wildcard => %L) ORDER BY id COLLATE "C"$$, s, p, w),
    format($$SELECT t, persons FROM (VALUES ('C', %s::float8), ('a', %s)) v(t, persons)$$, CASE s WHEN 'blind' THEN 3 ELSE 2 END, CASE s WHEN 'blind' THEN 2 ELSE 1 END),
    format('persons of the population: sample %s, census %s, wildcard %s', s, p, w))
FROM unnest('{exact,blind}'::text[]) s, unnest('{exact,blind}'::text[]) p, unnest('{false,true}'::bool[]) w;
SELECT is(value, CASE s WHEN 'blind' THEN 1 ELSE 4 END::float8, format('uniques of the population: sample %s, census %s', s, p))
FROM unnest('{exact,blind}'::text[]) s, unnest('{exact,blind}'::text[]) p, kiaim.risk((s || '_sample')::regclass, '{t}', population_table => (p || '_census')::regclass) WHERE metric = 'population_uniques';
\endif

-- ---- errors ----

CREATE TABLE census_text AS SELECT a::text FROM census;
CREATE TABLE census_null AS SELECT 1 AS a, NULL::int AS n;
CREATE TABLE census_negative AS SELECT 1 AS a, -1 AS n;
CREATE TABLE census_nan AS SELECT 1 AS a, 'NaN'::numeric AS n;
CREATE TABLE half_b AS SELECT b, persons / 2.0 AS persons FROM census_b;
CREATE TABLE moved_a AS SELECT a, persons + CASE a WHEN 0 THEN 60 WHEN 1 THEN -60 ELSE 0 END AS persons FROM census_a;
CREATE TABLE one_of_them AS SELECT * FROM people LIMIT 1;
SELECT format('CREATE TABLE wide (%s)', string_agg(format('a%s int', i), ', ')) FROM generate_series(1, 65) i \gexec
SELECT throws_ok(format($$SELECT * FROM kiaim.%s('sample', '{a}', %s)$$, f, arguments), code, message, format('%s: %s', f, arguments))
FROM unnest(ARRAY['risk', 'risk_without']) f,
     (VALUES ($$population => 0$$, '22023', 'population must be a number of persons, but is 0'),
             ($$population => -5$$, '22023', 'population must be a number of persons, but is -5'),
             ($$population => 100$$, '22023', 'a population of 100 is smaller than its sample'),
             ($$population => 100, wildcard => true$$, '22023', 'a population of 100 is smaller than its sample'),
             ($$population => 1000, population_table => 'census'$$, '22023', 'only one of population, population_table and population_margins can be given'),
             ($$population_table => 'census', population_margins => '{census_a}'$$, '22023', 'only one of population, population_table and population_margins can be given'),
             ($$population_count => 'persons'$$, '22023', 'population_count needs population_table or population_margins'),
             ($$population_table => 'census', population_count => 'persons'$$, '42703', NULL),
             ($$population_table => 'census_b', population_count => 'persons'$$, '42703', NULL),
             ($$population_table => 'census_text'$$, '42804', 'column "a" of population public.census_text has another type than that of the source'),
             ($$population_table => 'census_null', population_count => 'n'$$, '22004', 'column "n" of population public.census_null must not be NULL'),
             ($$population_table => 'census_negative', population_count => 'n'$$, '22023', 'column "n" of population public.census_negative must be a number of persons, but is -1'),
             ($$population_table => 'census_nan', population_count => 'n'$$, '22023', 'column "n" of population public.census_nan must be a number of persons, but is NaN'),
             ($$population_table => 'census_a', population_count => 'a'$$, '22023', 'column "a" cannot be both population_count and quasi-identifier'),
             ($$population_margins => '{}'$$, '22023', 'population_margins names no table'),
             ($$population_margins => '{census_a,NULL}'$$, '22004', 'population_margins must not contain NULL'),
             ($$population_margins => '{census_b}'$$, '22023', 'population margin public.census_b has no quasi-identifier'),
             ($$population_margins => '{census_a}', population_count => 'n'$$, '42703', NULL),
             ($$population_table => 4294967295::oid$$, '42P01', 'relation with OID 4294967295 does not exist'),
             ($$threshold => 2$$, '22023', 'threshold must be between 0 and 1, but is 2'),
             ($$wildcard => NULL$$, '22004', 'wildcard must not be NULL')) AS errors(arguments, code, message);
SELECT throws_ok($$SELECT * FROM kiaim.risk('sample', '{a,b,Größe}', population_margins => '{census_a,census_ab}', population_count => 'persons')$$, '22023',
                 'column "Größe" is in no population margin', 'a column that no margin knows');
CREATE FUNCTION detail_of(query text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    detail text;
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN format('%s: %s', SQLERRM, detail);
END $f$;
SELECT is(detail_of($$SELECT * FROM kiaim.risk('sample', '{a,b}', population_margins => '{census_a,half_b}', population_count => 'persons')$$),
          'population margins contradict each other: public.census_a has 400 persons, public.half_b has 200.', 'margins of different totals');
CREATE FUNCTION hint_of(query text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $f$;
SELECT is(hint_of($$SELECT * FROM kiaim.risk('sample', '{a,b}', population_margins => '{census_a,census_ab}')$$),
          'All margins must count the same persons; population_count names the column with their numbers.', 'whoever forgets the column of numbers is reminded');
SELECT is(detail_of($$SELECT * FROM kiaim.risk('sample', '{a,b}', population_margins => '{moved_a,census_ab}', population_count => 'persons')$$) ~
          '^population margins contradict each other: public.moved_a has \d+ persons with a = [01], public.census_ab has \d+\.$', true, 'margins that disagree in a value');
SELECT throws_ok(format($$SELECT * FROM kiaim.%s('wide', ARRAY(SELECT 'a' || i FROM generate_series(1, 65) i), wildcard => true)$$, f), '22023',
                 'wildcards are possible for at most 64 quasi-identifiers, but quasi has 65', f || ': too many columns for wildcards')
FROM unnest(ARRAY['risk', 'risk_without', 'class_sizes', 'risk_distribution']) f;
SELECT throws_ok(format($$SELECT * FROM kiaim.%s%s$$, f, arguments), code, message, format('%s%s', f, arguments))
FROM unnest(ARRAY['class_sizes', 'risk_distribution', 'risk_without', 'risk']) f,
     (VALUES ($$('sample', '{a,q}')$$, '42703', NULL), ($$('sample', '{a,a}')$$, '42701', 'column "a" is named twice in quasi'),
             ($$('sample', '{a,p}', 'p')$$, '22023', 'column "p" cannot be both person and quasi-identifier'), ($$('sample', '{}')$$, '22023', 'quasi names no column'),
             ($$('sample', '{a,NULL}')$$, '22004', 'quasi must not contain NULL'), ($$('sample', NULL)$$, '22004', 'quasi must not be NULL'),
             ($$(NULL, '{a}')$$, '22004', 'source must not be NULL'), ($$('sample', '{a}', wildcard => NULL)$$, '22004', 'wildcard must not be NULL'),
             ($$('sample', '{a}', 'nobody')$$, '42703', NULL)) AS errors(arguments, code, message);

-- a role sees what it may see
CREATE ROLE kiaim_test_reader;
GRANT USAGE ON SCHEMA kiaim TO kiaim_test_reader;
GRANT SELECT ON sample TO kiaim_test_reader;
SET LOCAL ROLE kiaim_test_reader;
SELECT throws_ok($$SELECT * FROM kiaim.risk('sample', '{a}', population_table => 'census')$$, '42501', NULL, 'no privilege on the population, no risk');
SELECT throws_ok($$SELECT * FROM kiaim.risk('sample', '{a}', population_margins => '{census_a}', population_count => 'persons')$$, '42501', NULL, 'nor on a margin');
SELECT throws_ok(format($$SELECT * FROM kiaim.%s('people', '{a}')$$, f), '42501', NULL, f || ': no privilege, no risk')
FROM unnest(ARRAY['risk_without', 'class_sizes', 'risk_distribution']) f;
SELECT isnt_empty(format($$SELECT * FROM kiaim.%s('sample', '{a}')$$, f), f || ' with the privilege') FROM unnest(ARRAY['risk_without', 'class_sizes', 'risk_distribution']) f;
RESET ROLE;

SET LOCAL kiaim.max_memory = '1MB';
SELECT throws_ok(format($$SELECT * FROM kiaim.%s('people', '{i,a,b,c}')$$, f), '53400', NULL, f || ': more memory than kiaim.max_memory')
FROM unnest(ARRAY['risk', 'risk_without', 'class_sizes', 'risk_distribution']) f;
SELECT throws_ok($$SELECT * FROM kiaim.risk('one_of_them', '{i,a,b,c}', population_table => 'people')$$, '53400', NULL, 'nor for a population');

SELECT * FROM finish();
ROLLBACK;
