-- The edges of synthesis: tables of hardly anything and of very much, every type at its limits, names of every kind, and fits that are stopped.
\set ON_ERROR_STOP on
BEGIN;
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- also of what is cancelled, which OTHERS does not catch
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN query_canceled OR OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(hint, ''));
END $$;

-- numbers of 0 .. 1 that depend on i alone
CREATE FUNCTION pg_temp.unit(i bigint, salt text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
	$$ SELECT (hashtextextended(salt || i, 0) & 9007199254740991) / 9007199254740992.0 $$;

-- Rows of a table that each method makes of it, with the method.
CREATE FUNCTION pg_temp.made(source anyelement, options jsonb DEFAULT '{}', n int DEFAULT 200) RETURNS TABLE (method text, r anyelement) LANGUAGE plpgsql AS $$
BEGIN
	FOREACH method IN ARRAY ARRAY['sequential', 'forest', 'marginals', 'auto'] LOOP
		PERFORM kiaim.fit('made', pg_typeof(source)::text::regclass, options || jsonb_build_object('method', method, 'seed', 1));
		RETURN QUERY SELECT made.method, made_row FROM kiaim.sample(source, 'made', n, 1) AS made_row;
	END LOOP;
END $$;

---- hardly any rows ----

CREATE TABLE hardly (n int, t text, d date, x numeric, b boolean);
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'hardly')$$), '22023 | there are no rows to learn from in public.hardly', 'nothing is learned of nothing');
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'hardly', '{"min_leaf": 1, "small_leaves": true}')$$), '22023 | there are no rows to learn from in public.hardly', 'whatever the leaves');
INSERT INTO hardly VALUES (4711, 'a', '2020-01-17', 3.1415, true);
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'hardly')$$), '22023 | there are fewer persons in public.hardly than min_leaf | Fit a relation of more persons, or choose a smaller "min_leaf".', 'one row is no model');
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'hardly', '{"min_leaf": 1}')$$), '22023 | option min_leaf is 1, below 5 | Say "small_leaves": true if that is what you want.', 'a leaf of one asks for a word of its own');
SELECT results_eq($$SELECT method, r::text, count(*) FROM pg_temp.made(NULL::hardly, '{"min_leaf": 1, "small_leaves": true}') GROUP BY 1, 2 ORDER BY 1$$,
	$$SELECT m, '(4711,a,2020-01-17,3.1415,t)', 200::bigint FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'with it, one row is drawn again and again by every method');
INSERT INTO hardly VALUES (4713, 'b', '2020-01-19', 2.71, false);
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'hardly')$$), '22023 | there are fewer persons in public.hardly than min_leaf | Fit a relation of more persons, or choose a smaller "min_leaf".', 'two rows are none either');
SELECT results_eq($$SELECT method, count(DISTINCT (r).n), count(DISTINCT (r).t), count(DISTINCT (r).b),
		count(*) FILTER (WHERE (r).n IN (4711, 4713) AND (r).t IN ('a', 'b') AND (r).d IN ('2020-01-17', '2020-01-19') AND (r).x IN (3.1415, 2.71))
	FROM pg_temp.made(NULL::hardly, '{"min_leaf": 1, "small_leaves": true}') GROUP BY 1 ORDER BY 1$$,
	$$SELECT m, 2::bigint, 2::bigint, 2::bigint, 200::bigint FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'leaves of one of two rows: both values of every column');
SELECT results_eq($$SELECT method, count(DISTINCT (r).n), count((r).t), count((r).b) FROM pg_temp.made(NULL::hardly, '{"min_leaf": 2, "small_leaves": true}') GROUP BY 1 ORDER BY 1$$,
	$$SELECT m, 1::bigint, 0::bigint, 0::bigint FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'leaves of two of two rows: one number that is between, no text that only one has');
SELECT is((SELECT count(*) FROM kiaim.models WHERE name = 'none'), 0::bigint, 'no model is left of an error');
CREATE TABLE no_columns ();
INSERT INTO no_columns SELECT FROM generate_series(1, 20);
SELECT isnt(pg_temp.error_of($$SELECT kiaim.fit('none', 'no_columns')$$), 'no error', 'a table without columns has nothing to learn');

---- constants and NULL ----

CREATE TABLE constants AS SELECT 7::smallint AS s, -1.50::numeric(5, 2) AS n, 'x'::text AS t, ''::varchar(3) AS empty, date '2020-02-29' AS d, true AS b, time '24:00' AS midnight,
	timestamptz '2020-01-01 12:00:00.000001+00' AS m, 0.1::float8 AS f, 0.1::real AS r, NULL::int AS i_null, NULL::text AS t_null, NULL::date AS d_null, NULL::numeric(8, 2) AS n_null, NULL::boolean AS b_null
	FROM generate_series(1, 30);
SELECT results_eq('SELECT method, r::text, count(*) FROM pg_temp.made(NULL::constants) GROUP BY 1, 2 ORDER BY 1',
	$$SELECT m, (SELECT c::text FROM constants AS c LIMIT 1), 200::bigint FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'constants stay what they are, and NULL stays NULL');
CREATE TABLE nothing AS SELECT i_null, t_null, d_null FROM constants;
SELECT results_eq('SELECT method, r::text, count(*) FROM pg_temp.made(NULL::nothing) GROUP BY 1, 2 ORDER BY 1',
	$$SELECT m, '(,,)', 200::bigint FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'a table of nothing but NULL');
CREATE TABLE one_column AS SELECT i % 20 AS a FROM generate_series(1, 2000) AS i;
SELECT results_eq('SELECT method, count(DISTINCT (r).a), min((r).a), max((r).a) FROM pg_temp.made(NULL::one_column, n => 1000) GROUP BY 1 ORDER BY 1',
	$$SELECT m, 20::bigint, 0, 19 FROM unnest(ARRAY['auto', 'forest', 'marginals', 'sequential']) AS m$$, 'a table of one column');

---- very much ----

SELECT format('CREATE TABLE wide AS SELECT %s FROM generate_series(1, 400) AS i',
	string_agg(format(CASE c % 3 WHEN 0 THEN '(pg_temp.unit(i, ''w%1$s'') * %1$s)::int AS c%1$s' WHEN 1 THEN '''k'' || (pg_temp.unit(i, ''w%1$s'') * 4)::int AS c%1$s'
		ELSE 'date ''2020-01-01'' + (pg_temp.unit(i, ''w%1$s'') * 300)::int AS c%1$s' END, c), ', ')) AS make FROM generate_series(1, 300) AS c \gset
:make;
SELECT clock_timestamp() AS before \gset
SELECT kiaim.fit('wide', 'wide', '{"method": "sequential"}');
SELECT cmp_ok(clock_timestamp() - :'before', '<', interval '30 seconds', '300 columns are fitted in seconds');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::wide, 'wide', 100, seed => 1) WHERE c3 BETWEEN 0 AND 3 AND c298 ~ '^k[0-4]$' AND c300 BETWEEN 0 AND 300 AND c299 BETWEEN '2020-01-01' AND '2020-10-27'), 100::bigint, 'and drawn');

CREATE TABLE texts AS SELECT 'text number ' || i AS t, i % 7 AS g FROM generate_series(1, 1000000) AS i;
SELECT kiaim.fit('texts', 'texts', '{"method": "sequential"}');
SELECT results_eq($$SELECT count(t), count(DISTINCT g), min(g), max(g) FROM kiaim.sample(NULL::texts, 'texts', 5000, 1)$$, $$VALUES (0::bigint, 7::bigint, 0, 6)$$, 'of a million texts that are all different none comes out');

---- every type at its limits ----

CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy', 'never met');
CREATE DOMAIN share AS numeric(4, 3) CHECK (VALUE BETWEEN 0 AND 1) CHECK (VALUE <> 0.5);
CREATE DOMAIN word AS varchar(10) CHECK (VALUE ~ '^[a-zß]+$');
CREATE TABLE types AS
SELECT (32767 - (u * 30)::int)::smallint AS small_high, (-32768 + (u * 500)::int)::smallint AS small_low, 2147483647 - (u * 900)::int AS int_high, (-2147483648 + (u * 40)::bigint)::int AS int_low,
	9223372036854775807 - (u * 1e6)::bigint AS big_high, -9223372036854775807 + (u * 1e6)::bigint AS big_low, CASE WHEN i % 2 = 0 THEN 9223372036854775807 - i ELSE -9223372036854775807 + i END AS big_both,
	(w * 300 - 200)::numeric(7, 3) AS negative, round((w * -9999999)::numeric, -3)::numeric(10, 2) AS thousands, (CASE WHEN (u * 800)::int = 500 THEN 499 ELSE (u * 800)::int END / 1000.0)::share AS share, (w / 10)::numeric AS loose,
	(i % 7919)::numeric / 8 AS quotient, (w * 1e9)::real AS real_large, w::real AS real_small, w * 1e-9 AS double_small, 1e14 * (w - 0.5) AS double_large, (round(w * 100) / 10)::float8 AS double_tenths,
	(ARRAY['sad', 'so-so', 'happy'])[1 + i % 3]::mood AS mood, i % 5 = 0 AS yes, md5((i % 9)::text)::uuid AS uid, ('c' || i % 4)::char(6) AS chars, ('ä' || i % 4)::varchar(6) AS varchars,
	('word' || chr(97 + i % 3))::word AS word, time '00:00' + (w * 86399) * interval '1 second' AS moment, CASE WHEN i % 2 = 0 THEN time '24:00' ELSE '00:00' END AS midnights,
	timestamp '4713-01-02 BC' + (u * 1e9) * interval '1 second' AS early, timestamptz '2030-03-31 00:00+00' + (w * 7200)::int * interval '1 second' AS summer_time, date '5874897-12-31' - (u * 700)::int AS late_day,
	date '4713-01-01 BC' + (w * 700)::int AS early_day
FROM (SELECT i, pg_temp.unit(i, 'u') AS u, pg_temp.unit(i, 'w') AS w FROM generate_series(1, 1500) AS i) AS s;
SELECT kiaim.fit('types', 'types', '{"method": "sequential", "seed": 1}');
CREATE TABLE types_made AS SELECT * FROM kiaim.sample(NULL::types, 'types', 4000, 1);

-- Columns of which something was made that lies beyond the tenth lowest and the tenth highest row, or that has more decimals; floats have the 15 digits that are learned.
CREATE FUNCTION pg_temp.beyond(source regclass, made regclass, persons int) RETURNS TABLE (name name, n bigint) LANGUAGE plpgsql AS $$
DECLARE kind text;
BEGIN
	FOR name, kind IN SELECT attname, format_type(getbase.t, NULL) FROM pg_attribute AS a JOIN pg_type AS p ON p.oid = atttypid,
			LATERAL (SELECT coalesce(nullif(p.typbasetype, 0), p.oid) AS t) AS getbase
		WHERE attrelid = source AND attnum > 0 AND NOT attisdropped AND getbase.t::regtype::text NOT IN ('mood', 'boolean', 'uuid', 'character', 'character varying', 'text') LOOP
		EXECUTE format($q$SELECT count(*) FROM %2$s AS m, (SELECT min(v) AS low, max(v) AS high, %6$s AS decimals FROM
			(SELECT %1$I AS v, row_number() OVER (ORDER BY %1$I) AS up, row_number() OVER (ORDER BY %1$I DESC) AS down FROM %3$s WHERE %1$I IS NOT NULL) AS x WHERE up >= %4$s AND down >= %4$s) AS t
			WHERE %5$s$q$, name, made, source, persons,
			CASE WHEN kind IN ('real', 'double precision') THEN format('%1$I < low - 1e-14 * abs(low) OR %1$I > high + 1e-14 * abs(high)', name)
				ELSE format('%1$I < low OR %1$I > high', name) || CASE WHEN kind = 'numeric' THEN format(' OR scale(%I) > decimals', name) ELSE '' END END,
			CASE WHEN kind = 'numeric' THEN format('(SELECT max(scale(%I)) FROM %s)', name, source) ELSE 'NULL' END)
		INTO n;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT is(n, 0::bigint, format('nothing beyond the tenth row of either end of column %s, nor with more decimals', name)) FROM pg_temp.beyond('types', 'types_made', 10);
SELECT is((SELECT count(*) FROM types_made WHERE NOT share BETWEEN 0 AND 1 OR share = 0.5 OR NOT word::text ~ '^[a-zß]+$' OR thousands % 1000 <> 0 OR quotient * 8 % 1 <> 0
	OR extract(epoch FROM summer_time) % 1 <> 0 OR midnights NOT IN ('24:00', '00:00') OR chars NOT IN ('c0', 'c1', 'c2', 'c3') OR octet_length(chars) <> 6 OR num_nulls(small_high, int_low, loose, double_small, chars, moment) > 0), 0::bigint,
	'domains hold, and thousands, eighths, whole seconds, midnights, blanks and NOT NULL are kept');
SELECT is((SELECT array_agg(DISTINCT mood) FROM types_made), '{sad,so-so,happy}', 'labels of an enum that are met, and no others');
SELECT results_eq('SELECT DISTINCT uid, varchars, yes FROM types_made ORDER BY 1, 2, 3', 'SELECT DISTINCT uid, varchars, yes FROM types ORDER BY 1, 2, 3', 'uuids, texts and booleans are those of the data');
SELECT is((SELECT count(DISTINCT double_small) > 500 AND count(DISTINCT big_both) > 500 AND count(DISTINCT early) > 500 AND count(DISTINCT loose) > 500 FROM types_made), true, 'what has many values has many');

-- numbers with more digits than 64 bits hold
CREATE TABLE digits AS SELECT i * 10007 / 7.0 AS quotient, (i % 100)::numeric(38, 20) / 10 AS zeros, pg_temp.unit(i, 'd')::numeric AS loose, (i % 40 / 4.0)::numeric(30, 20) AS declared, (i % 8)::numeric(5, 2) AS price FROM generate_series(1, 2000) AS i;
SELECT kiaim.fit('digits', 'digits', '{"method": "marginals", "seed": 1}');
CREATE TABLE digits_made AS SELECT * FROM kiaim.sample(NULL::digits, 'digits', 2000, 1);
SELECT is(n, 0::bigint, format('nothing beyond the tenth row of either end of column %s, nor with more decimals', name)) FROM pg_temp.beyond('digits', 'digits_made', 10);
SELECT is((SELECT count(*) FROM digits_made WHERE zeros * 10 % 1 <> 0 OR declared * 4 % 1 <> 0 OR scale(price) <> 2), 0::bigint, 'zeros at the end of decimals are none where there is no room, and stay where there is');
CREATE TABLE digits_again AS SELECT * FROM digits ORDER BY loose;
SELECT kiaim.fit('digits_again', 'digits_again', '{"method": "marginals", "seed": 1}');
SELECT results_eq($$SELECT * FROM kiaim.sample(NULL::digits, 'digits_again', 500, 1)$$, 'SELECT * FROM digits_made LIMIT 500', 'whatever the order in which the digits come');

-- what is refused, and by its name
SELECT is(pg_temp.error_of(format('CREATE TEMP TABLE refused AS SELECT i AS fine, %s AS "Spalte" FROM generate_series(1, 20) AS i; SELECT kiaim.fit(''none'', ''refused'')', value)), told, value)
FROM (SELECT value, format('0A000 | column "Spalte" of type %s cannot be synthesized | Name the columns that are wanted in "columns", or let a view convert it.', type) FROM (VALUES
		('ARRAY[i]', 'integer[]'), ($$'{}'::jsonb$$, 'jsonb'), ($$'{}'::json$$, 'json'), ('int4range(i, i + 1)', 'int4range'), ('int4multirange()', 'int4multirange'), ($$'\xaa'::bytea$$, 'bytea'),
		($$interval '1 day'$$, 'interval'), ('point(i, i)', 'point'), ($$inet '10.0.0.1'$$, 'inet'), ($$timetz '10:00+01'$$, 'time with time zone'), ($$B'1'$$, 'bit')) AS v (value, type)
	UNION ALL
	SELECT format('CASE i WHEN 5 THEN %s END', value), format('22023 | column "Spalte" holds %s, which cannot be synthesized | Let a view turn it into NULL.', held) FROM (VALUES
		($$date 'infinity'$$, 'infinity'), ($$date '-infinity'$$, 'infinity'), ($$timestamp 'infinity'$$, 'infinity'), ($$timestamptz '-infinity'$$, 'infinity'),
		($$'NaN'::numeric$$, 'NaN'), ($$'-Infinity'::numeric$$, '-Infinity'), ($$'NaN'::real$$, 'NaN'), ($$'Infinity'::real$$, 'infinity'), ($$'NaN'::float8$$, 'NaN'), ($$'-Infinity'::float8$$, 'infinity')) AS v (value, held)
	UNION ALL
	VALUES ('i * 1e300::float8', '22003 | numbers of column "Spalte" are too large to be synthesized | Let a view scale them, or leave the column out.'),
		('i * 1e-300::float8', '22003 | numbers of column "Spalte" are too small to be synthesized | Let a view scale them, or leave the column out.'),
		('i * 1e20::numeric', '22003 | numbers of column "Spalte" have too many digits to be synthesized | Let a view scale them, or leave the column out.'),
		('-9223372036854775807 - CASE i WHEN 5 THEN 1 ELSE 0 END', '22023 | column "Spalte" holds -9223372036854775808, which cannot be synthesized | Let a view turn it into NULL.')) AS t (value, told);
CREATE TABLE part_of AS SELECT i AS fine, ARRAY[i] AS list FROM generate_series(1, 20) AS i;
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('part_of', 'part_of', '{"columns": ["fine"]}')$$), 'no error', 'a column that is left out is not looked at');
SELECT is((SELECT count(list) || ' ' || count(fine) FROM kiaim.sample(NULL::part_of, 'part_of', 10, 1)), '0 10', 'and is NULL in what is drawn');

---- names and relations of every kind ----

CREATE SCHEMA "Schön ""Quer""";
CREATE TABLE "Schön ""Quer"""."Tabelle; --" ("Größe" numeric(5, 1) CHECK ("Größe" > 0), "select" text, "a""b" int, "table" bool, "ein Tag" date, "'quote'" int, "ß" int GENERATED ALWAYS AS ("a""b" + 1) STORED,
	gone int, "a.b" text NOT NULL, "$1" int);
INSERT INTO "Schön ""Quer"""."Tabelle; --" ("Größe", "select", "a""b", "table", "ein Tag", "'quote'", gone, "a.b", "$1")
	SELECT 150.5 + i % 50, 'x' || i % 4, i % 10, i % 3 = 0, date '2020-01-01' + i % 300, i % 10 + 5, i, 'y' || i % 4, (pg_temp.unit(i, 'n') * 9)::int FROM generate_series(1, 1000) AS i;
ALTER TABLE "Schön ""Quer"""."Tabelle; --" DROP COLUMN gone;
SELECT kiaim.fit('Größe ''m''', '"Schön ""Quer"""."Tabelle; --"', '{"seed": 1, "constraints": ["\"Größe\" > 151", "\"select\" <> ''x3''"], "order": ["Größe", "select"]}');
SELECT is((SELECT source FROM kiaim.models WHERE name = 'Größe ''m'''), '"Schön ""Quer"""."Tabelle; --"', 'a relation is known by its quoted name');
SELECT is((SELECT string_agg(column_name, ' ' ORDER BY made) FROM kiaim.model_columns('Größe ''m''') WHERE made <= 2), 'Größe select', 'and columns by theirs');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::"Schön ""Quer"""."Tabelle; --", 'Größe ''m''', 1000, 1, '{"select": ["x1", "x2", "x3"], "Größe": "[150,170)"}')
	WHERE "Größe" > 151 AND "Größe" < 170 AND "select" IN ('x1', 'x2') AND "'quote'" = "a""b" + 5 AND "ß" = "a""b" + 1 AND substr("a.b", 2) = substr("select", 2) AND "$1" BETWEEN 0 AND 9 AND "table" IS NOT NULL), 1000::bigint,
	'quoted, German and reserved names, beside a column that was dropped');
SELECT lives_ok($$INSERT INTO "Schön ""Quer"""."Tabelle; --" ("Größe", "select", "a""b", "table", "ein Tag", "'quote'", "a.b", "$1")
	SELECT "Größe", "select", "a""b", "table", "ein Tag", "'quote'", "a.b", "$1" FROM kiaim.sample(NULL::"Schön ""Quer"""."Tabelle; --", 'Größe ''m''', 100, 2)$$, 'the rows go back');

CREATE TABLE parts (a int, y int NOT NULL, t text) PARTITION BY RANGE (y);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (2000) TO (2010);
CREATE TABLE part_2 (t text, junk int, y int NOT NULL, a int);
ALTER TABLE part_2 DROP COLUMN junk;
ALTER TABLE parts ATTACH PARTITION part_2 FOR VALUES FROM (2010) TO (2020);
INSERT INTO parts SELECT y % 4 * 10 + i % 9, y, 't' || y / 5 FROM (SELECT i, 2000 + i % 20 AS y FROM generate_series(1, 2000) AS i) AS s;
CREATE VIEW of_parts AS SELECT t, y, a, a + y AS total, upper(t) AS shout FROM parts WHERE y >= 2005;
CREATE MATERIALIZED VIEW kept_parts AS SELECT * FROM of_parts;
SELECT kiaim.fit(source, source::regclass, '{"method": "sequential", "seed": 1}') FROM unnest(ARRAY['parts', 'of_parts', 'kept_parts', 'part_2']) AS source;
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::parts, 'parts', 2000, 1) WHERE y BETWEEN 2000 AND 2019 AND a / 10 = y % 4 AND t = 't' || y / 5), 2000::bigint, 'a partitioned table');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::part_2, 'parts', 1000, 1) WHERE y BETWEEN 2010 AND 2019 AND a / 10 = y % 4 AND t = 't' || y / 5), 1000::bigint, 'rows of one partition, whose columns are in another order');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::part_2, 'part_2', 1000, 1) WHERE y BETWEEN 2010 AND 2019 AND a / 10 = y % 4), 1000::bigint, 'a partition for itself');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::of_parts, 'of_parts', 1000, 1) WHERE y BETWEEN 2005 AND 2019 AND total = a + y AND shout = upper(t)), 1000::bigint, 'a view');
SELECT is((SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::kept_parts, 'kept_parts', 1000, 1) AS s), (SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::of_parts, 'of_parts', 1000, 1) AS s), 'a materialized view, the same');

CREATE TABLE hospitals (id int PRIMARY KEY, town text NOT NULL);
CREATE TABLE stays (id bigint PRIMARY KEY, hospital int NOT NULL REFERENCES hospitals, days int CHECK (days >= 0), cost numeric(8, 2), per_day numeric(8, 2) GENERATED ALWAYS AS (cost / nullif(days, 0)) STORED);
INSERT INTO hospitals SELECT 7 * i, 'town ' || i FROM generate_series(1, 12) AS i;
INSERT INTO stays SELECT 1000 + i, 7 + 7 * (i % 12), (pg_temp.unit(i, 's') * 20)::int, round((pg_temp.unit(i, 'c') * 9000)::numeric, 2) FROM generate_series(1, 1500) AS i;
SELECT kiaim.fit('stays', 'stays', '{"method": "sequential", "seed": 1}');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::stays, 'stays', 2000, 1) AS s JOIN hospitals AS h ON h.id = hospital WHERE days >= 0 AND per_day IS NOT DISTINCT FROM round(cost / nullif(days, 0), 2)), 2000::bigint,
	'references to rows that many refer to are met, and generated columns are computed');
SELECT lives_ok($$INSERT INTO stays (id, hospital, days, cost) SELECT id + 5000, hospital, days, cost FROM kiaim.sample(NULL::stays, 'stays', 500, 1)$$, 'the rows go into the table and keep its foreign key');
SELECT is(pg_temp.error_of($$CREATE INDEX an_index ON stays (days); SELECT kiaim.fit('none', 'an_index')$$), '42809 | "an_index" is an index', 'an index has no rows');

---- stopped on the way ----

CREATE TABLE large AS SELECT i AS id, (pg_temp.unit(i, 'a') * 1000)::int AS a, 't' || i % 3000 AS t, i * 7919 % 100003 / 10.0::float8 AS x, date '2000-01-01' + (i % 9000)::int AS d FROM generate_series(1::bigint, 200000) AS i;
SELECT kiaim.fit('before', 'large', '{"method": "sequential", "seed": 1, "rows": 5000}');
SELECT md5(string_agg(s::text, '|')) AS before FROM kiaim.sample(NULL::large, 'before', 200, 1) AS s \gset
SET LOCAL statement_timeout = '30ms';
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('none', 'large', '{"method": "sequential"}')$$), '57014 | canceling statement due to statement timeout', 'reading is cancelled');
SET LOCAL statement_timeout = '400ms';
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('before', 'large', '{"method": "forest", "trees": 1000}')$$), '57014 | canceling statement due to statement timeout', 'so is growing trees, for a model in place of another');
SET LOCAL statement_timeout = '30ms';
SELECT is(pg_temp.error_of($$SELECT count(*) FROM kiaim.sample(NULL::large, 'before', 1000000000000, 1)$$), '57014 | canceling statement due to statement timeout', 'so is drawing');
SELECT is(pg_temp.error_of($$SELECT count(*) FROM (SELECT kiaim.sample(NULL::large, 'before', 1000000000000, 1)) AS s$$), '57014 | canceling statement due to statement timeout', 'row by row as well');
SELECT is(pg_temp.error_of($$CREATE TABLE half AS SELECT * FROM kiaim.sample(NULL::large, 'before', 1000000000000, 1, '{"a": "[500,510]"}')$$), '57014 | canceling statement due to statement timeout', 'and into a table');
SET LOCAL statement_timeout = 0;
SELECT is((SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::large, 'before', 200, 1) AS s), :'before', 'the model that was there is there as it was');
SELECT is(to_regclass('half'), NULL, 'half a table is none');

SET LOCAL kiaim.max_memory = '1MB';
SELECT matches(pg_temp.error_of($$SELECT kiaim.fit('none', 'large')$$), '^53400 \| .* 1MB of kiaim.max_memory \| Raise it, as in SET kiaim.max_memory', 'a table that memory does not hold');
SELECT matches(pg_temp.error_of($$SELECT kiaim.fit('before', 'large')$$), '^53400 ', 'nor in place of another');
SELECT is((SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::large, 'before', 200, 1) AS s), :'before', 'which is there as it was');
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('some', 'large', '{"rows": 1000, "person": "id", "columns": ["a", "x", "d"]}')$$), 'no error', 'some of its rows are held');
RESET kiaim.max_memory;
SELECT is((SELECT count(*) FROM kiaim.models WHERE name = 'none'), 0::bigint, 'no model is left of what was stopped');
SELECT is((SELECT count(*) FROM pg_backend_memory_contexts WHERE name ~ '^kiaim (fit|codes|rows)'), 0::bigint, 'nor memory');

SELECT * FROM finish();
ROLLBACK;
