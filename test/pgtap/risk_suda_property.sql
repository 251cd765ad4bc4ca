-- Special uniques and column subsets of random small tables against what their
-- definitions say, record by record and pair by pair.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE small (id int, person text, v text[], a text, b int, "Größe c" text, d date);
CREATE TABLE agreement (r int, s int, other boolean, columns int);   -- bit i: the records match in column i
CREATE TABLE mask (mask int, size int, names text[]);
INSERT INTO mask SELECT m, length(replace(m::bit(4)::text, '0', '')), array_agg(name ORDER BY i) FILTER (WHERE m >> i & 1 = 1)
    FROM generate_series(1, 15) m, unnest('{a,b,Größe c,d}'::text[]) WITH ORDINALITY n(name, place), LATERAL (SELECT place::int - 1) p(i) GROUP BY m;

-- n records of at most so many values a column, so many persons, and some NULLs
CREATE FUNCTION fill(n int, vals int, persons int, nulls float8, constant boolean) RETURNS void LANGUAGE sql AS $f$
    TRUNCATE small;
    INSERT INTO small (id, person, a, b, "Größe c", d)
    SELECT i, CASE WHEN random() > nulls THEN 'p' || (random() * persons)::int END,
           CASE WHEN random() > nulls THEN 'a' || CASE WHEN constant THEN 0 ELSE (random() * vals)::int END END,
           CASE WHEN random() > nulls THEN (random() * vals)::int END,
           CASE WHEN random() > nulls THEN 'c' || (random() * random() * vals)::int END,
           CASE WHEN random() > nulls THEN date '2020-01-01' + (random() * vals * 2)::int END
    FROM generate_series(1, n) i;
    UPDATE small SET v = ARRAY[a, b::text, "Größe c", d::text];
$f$;
CREATE FUNCTION compare(persons boolean, wildcard boolean) RETURNS void LANGUAGE sql AS $f$
    TRUNCATE agreement;
    INSERT INTO agreement
    SELECT r.id, s.id, CASE WHEN persons THEN r.person IS DISTINCT FROM s.person ELSE r.id <> s.id END,
           (SELECT coalesce(sum(1 << (i - 1)), 0) FROM generate_series(1, 4) i
            WHERE r.v[i] IS NOT DISTINCT FROM s.v[i] OR wildcard AND (r.v[i] IS NULL OR s.v[i] IS NULL))
    FROM small r, small s;
$f$;
-- unique in a set: nobody else agrees in all its columns; minimal: and unique in no proper subset
CREATE VIEW unique_by_definition AS
    SELECT s.id, m.* FROM small s, mask m
    WHERE NOT EXISTS (SELECT FROM agreement g WHERE g.r = s.id AND g.other AND g.columns & m.mask = m.mask);
CREATE TABLE unique_in AS SELECT * FROM unique_by_definition;
CREATE VIEW minimal_by_definition AS
    SELECT u.* FROM unique_in u
    WHERE NOT EXISTS (SELECT FROM unique_in p WHERE p.id = u.id AND p.mask & u.mask = p.mask AND p.mask <> u.mask);
CREATE TABLE minimal AS SELECT * FROM minimal_by_definition;
-- the units of a set: records, or different combinations of person and values
CREATE FUNCTION units(persons boolean) RETURNS TABLE (mask int, names text[], size int, matches int, projected text, records int) LANGUAGE sql AS $f$
    SELECT mask, names, size, max(matches), projected, count(*)::int
    FROM (SELECT m.mask, m.names, m.size, s.id, s.person, concat_ws('|', VARIADIC ARRAY(SELECT quote_nullable(s.v[i]) FROM generate_series(1, 4) i WHERE m.mask >> (i - 1) & 1 = 1)) AS projected,
                 (SELECT count(DISTINCT CASE WHEN persons THEN quote_nullable(o.person) ELSE o.id::text END)::int
                  FROM agreement g JOIN small o ON o.id = g.s WHERE g.r = s.id AND g.columns & m.mask = m.mask) AS matches
          FROM mask m, small s) AS x
    GROUP BY mask, names, size, projected, CASE WHEN persons THEN quote_nullable(person) ELSE id::text END
$f$;
CREATE FUNCTION figures(persons boolean) RETURNS TABLE (columns text[], size int, distinction float8, separation float8, uniques bigint, share float8) LANGUAGE sql AS $f$
    SELECT names, size, avg(1.0::float8 / matches), 1 - sum(matches - 1)::float8 / nullif(count(*) * (count(*) - 1), 0),
           count(DISTINCT projected) FILTER (WHERE matches = 1), coalesce(sum(records) FILTER (WHERE matches = 1), 0)::float8 / sum(records)
    FROM units(persons) GROUP BY names, size
$f$;

CREATE TABLE expected AS SELECT * FROM figures(false);

CREATE TABLE wrong (what text, run int, persons boolean, wildcard boolean, details text);
CREATE TABLE looked (what text, n bigint);
DO $do$
DECLARE
    quasi CONSTANT text[] = '{a,b,Größe c,d}';
    who text;
    n bigint;
BEGIN
    PERFORM setseed(0.4);
    FOR run IN 1 .. 16 LOOP
        PERFORM fill((ARRAY[1, 2, 3, 7, 12, 18])[1 + run % 6], 1 + run % 5, (ARRAY[1, 4, 9, 40])[1 + run % 4], (ARRAY[0, 0.1, 0.4])[1 + run % 5 % 3], run % 7 = 0);
        FOR variant IN 0 .. 3 LOOP
            who = CASE WHEN variant & 1 = 1 THEN 'person' END;
            PERFORM compare(who IS NOT NULL, variant & 2 = 2);
            TRUNCATE unique_in, minimal, expected;
            INSERT INTO unique_in TABLE unique_by_definition;
            INSERT INTO minimal TABLE minimal_by_definition;
            INSERT INTO expected SELECT * FROM figures(who IS NOT NULL);
            FOR most IN 1 .. 4 LOOP
                INSERT INTO wrong SELECT 'special_uniques', run, who IS NOT NULL, variant & 2 = 2, format('max %s: %s', most, x)
                FROM ((SELECT 'missing', id::text, names FROM minimal WHERE size <= most
                       EXCEPT ALL SELECT 'missing', u.id, u.columns FROM kiaim.special_uniques('small', quasi, 'id', who, most, wildcard => variant & 2 = 2) u)
                      UNION ALL
                      (SELECT 'too many', u.id, u.columns FROM kiaim.special_uniques('small', quasi, 'id', who, most, wildcard => variant & 2 = 2) u
                       EXCEPT ALL SELECT 'too many', id::text, names FROM minimal WHERE size <= most)) AS x;
                INSERT INTO looked SELECT 'special_uniques', count(*) FROM minimal WHERE size <= most;
                INSERT INTO wrong SELECT 'special_uniques without id', run, who IS NOT NULL, variant & 2 = 2, format('max %s', most)
                WHERE EXISTS (SELECT names FROM minimal WHERE size <= most
                              EXCEPT ALL SELECT u.columns FROM kiaim.special_uniques('small', quasi, NULL, who, most, variant & 2 = 2) u)
                   OR EXISTS (SELECT u.columns FROM kiaim.special_uniques('small', quasi, NULL, who, most, variant & 2 = 2) u
                              EXCEPT ALL SELECT names FROM minimal WHERE size <= most);
                -- Elliot's weight of a set: the product of 4 - i from its size to the largest allowed
                INSERT INTO wrong SELECT 'suda_columns', run, who IS NOT NULL, variant & 2 = 2, format('max %s: %s', most, x)
                FROM (WITH scored AS (SELECT names, (SELECT coalesce(round(exp(sum(ln(4 - i)))), 1) FROM generate_series(size, least(most, 3)) i) AS score FROM minimal WHERE size <= most)
                      SELECT o.name, o.uniques, o.share, u.special_uniques, u.contribution
                      FROM (SELECT q.name, count(s.score) AS uniques, coalesce(sum(s.score), 0)::float8 / (SELECT sum(score) FROM scored)::float8 AS share
                            FROM unnest(quasi) q(name) LEFT JOIN scored s ON q.name = ANY (s.names) GROUP BY q.name) AS o
                           FULL JOIN kiaim.suda_columns('small', quasi, who, most, wildcard => variant & 2 = 2) u ON u.column_name = o.name
                      WHERE (o.uniques, round(o.share::numeric, 12)) IS DISTINCT FROM (u.special_uniques, round(u.contribution::numeric, 12))) AS x;
                CONTINUE WHEN most IN (1, 3);
                INSERT INTO wrong SELECT 'column_risk', run, who IS NOT NULL, variant & 2 = 2, format('max %s: %s', most, x)
                FROM (SELECT o.*, u.* FROM (SELECT * FROM expected WHERE size <= most) o
                      FULL JOIN kiaim.column_risk('small', quasi, most, who, variant & 2 = 2) u USING (columns)
                      WHERE (round(o.distinction::numeric, 12), round(o.separation::numeric, 12), o.uniques)
                            IS DISTINCT FROM (round(u.distinction::numeric, 12), round(u.separation::numeric, 12), u.uniques)) AS x;
                INSERT INTO wrong SELECT 'smallest_subsets', run, who IS NOT NULL, variant & 2 = 2, format('max %s: %s', most, x)
                FROM (WITH enough AS (SELECT * FROM expected WHERE size <= most AND uniques > 0 AND share >= 0.3 - 1e-9)
                      SELECT o.*, u.* FROM (SELECT * FROM enough e WHERE NOT EXISTS (SELECT FROM enough p WHERE p.columns <@ e.columns AND p.columns <> e.columns)) o
                      FULL JOIN kiaim.smallest_subsets('small', quasi, most, who, 0.3, variant & 2 = 2) u USING (columns)
                      WHERE (o.uniques, round(o.share::numeric, 12)) IS DISTINCT FROM (u.uniques, round(u.share::numeric, 12))) AS x;
                INSERT INTO looked SELECT 'smallest_subsets', count(*) FROM kiaim.smallest_subsets('small', quasi, most, who, 0.3, variant & 2 = 2);
            END LOOP;
        END LOOP;
    END LOOP;
END $do$;
SELECT is_empty('TABLE wrong', 'special uniques and column subsets are what their definitions say');
SELECT ok(sum(n) > 200, format('there was something to compare: %s', what)) FROM looked GROUP BY what ORDER BY what;

SELECT * FROM finish();
ROLLBACK;
