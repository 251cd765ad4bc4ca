-- Codes that exclude each other: drawn together by no method that knows how columns hang together.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- A number of [0, 1) that depends on two others only: the same on every server.
CREATE FUNCTION pg_temp.unit(i int, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(i || ':' || k), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

-- rooms of men, of women and of both; days and a drug for whom is treated
CREATE TABLE wards AS
SELECT sex, age, CASE sex WHEN 'm' THEN (ARRAY['A', 'B', 'C'])[1 + i % 3] ELSE (ARRAY['D', 'E', 'C'])[1 + i % 3] END AS room,
	CASE WHEN treated THEN 'drug ' || i % 4 END AS drug, CASE WHEN treated THEN i % 50 END AS days
FROM (SELECT i, CASE WHEN pg_temp.unit(i, 1) < 0.5 THEN 'm' ELSE 'w' END AS sex, (pg_temp.unit(i, 2) * 60)::int AS age, pg_temp.unit(i, 3) < 0.3 AS treated
      FROM generate_series(1, 3000) AS i) AS p;
CREATE VIEW wrong_room AS SELECT * FROM (VALUES ('m', 'D'), ('m', 'E'), ('w', 'A'), ('w', 'B')) AS v (sex, room);

-- leaves of 200 persons hold some of either kind
CREATE FUNCTION pg_temp.excluded(method text, more jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.fit('wards', 'wards', more || jsonb_build_object('method', method, 'seed', 1));
	CREATE TEMP TABLE made AS SELECT * FROM kiaim.sample(NULL::wards, 'wards', 100000, 1);
	RETURN NEXT is((SELECT count(*) FROM made NATURAL JOIN wrong_room), 0::bigint, method || ': no room of the other sex in 100,000 rows');
	RETURN NEXT is((SELECT count(DISTINCT (sex, room)) FROM made), 6::bigint, method || ': but every other');
	RETURN NEXT is((SELECT count(*) FROM made WHERE (drug IS NULL) <> (days IS NULL)), 0::bigint, method || ': no days without a drug, nor a drug without days');
	RETURN NEXT is((SELECT count(*) FROM kiaim.sample(NULL::wards, 'wards', 10000, 1, '{"sex": "m"}') NATURAL JOIN wrong_room), 0::bigint, method || ': nor under a condition');
	RETURN NEXT is((SELECT count(*) FROM kiaim.sample(NULL::wards, 'wards', 10000, 1, '{"room": "D"}') WHERE sex = 'w'), 10000::bigint, method || ': on what is drawn later');
	PERFORM kiaim.fit('wards', 'wards', more || jsonb_build_object('method', method, 'seed', 1, 'keep', '["room"]'::jsonb, 'columns', '["sex", "room", "age"]'::jsonb));
	RETURN NEXT is((SELECT count(*) FROM (SELECT (kiaim.complete(w, 'wards', 1)).* FROM wards AS w OFFSET 0) AS c NATURAL JOIN wrong_room), 0::bigint, method || ': nor where rooms are kept');
	DROP TABLE made;
END $$;
SELECT pg_temp.excluded('sequential', '{}');
SELECT pg_temp.excluded('sequential', '{"min_leaf": 200}');
SELECT pg_temp.excluded('forest', '{"trees": 3, "min_leaf": 200}');

-- marginals do not know it: the tests above can fail
SELECT kiaim.fit('wards', 'wards', '{"method": "marginals", "seed": 1}');
SELECT cmp_ok((SELECT count(*) FROM kiaim.sample(NULL::wards, 'wards', 10000, 1) NATURAL JOIN wrong_room), '>', 2000::bigint, 'independent columns break all of this');

SELECT * FROM finish();
ROLLBACK;
