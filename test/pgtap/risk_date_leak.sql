-- kiaim.date_leak and kiaim.record_date_leak: against every day tried, against the known simulation, and their errors.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- ---- by hand ----

CREATE SCHEMA "Register";
CREATE TABLE "Register"."Fälle" ("Nr" text, "Diagnose" date, "Operation" timestamp, "Tod" date);
INSERT INTO "Register"."Fälle" VALUES
    ('the 10th, 3 days before the end of a month', '2021-03-10', '2021-04-28 23:59', NULL),   -- 9 before, 2 after
    ('the same, and dead on the first', '2021-03-10', '2021-04-28', '2022-01-01'),            -- 0 before
    ('first and last', '2021-03-10', '2021-05-01', '2021-06-30'), ('only dead', '2021-03-10', NULL, '2021-06-30'),
    ('alone', '2020-02-10', NULL, NULL), ('for ever', '2021-03-10', 'infinity', '-infinity'), ('never', NULL, '2021-04-28', '2022-01-01'), ('not a day', 'infinity', '2021-04-28', NULL);
SELECT results_eq($$SELECT * FROM kiaim.record_date_leak('"Register"."Fälle"', 'Diagnose', '{Operation,Tod}', 'Nr') ORDER BY possible_days, id$$, $$VALUES
    ('first and last', 1, date '2021-03-10', date '2021-03-10'), ('the same, and dead on the first', 3, '2021-03-10', '2021-03-12'), ('only dead', 10, '2021-03-01', '2021-03-10'),
    ('the 10th, 3 days before the end of a month', 12, '2021-03-01', '2021-03-12'), ('alone', 29, '2020-02-01', '2020-02-29'), ('for ever', 31, '2021-03-01', '2021-03-31'),
    ('never', NULL, NULL, NULL), ('not a day', NULL, NULL, NULL)$$, 'by hand: missing events tell nothing, no day has no days');
SELECT results_eq($$SELECT * FROM kiaim.date_leak('"Register"."Fälle"', 'Diagnose', '{Operation,Tod}', threshold => 12)$$, $$VALUES
    (0, NULL, 6::bigint, (5 * 31 + 29) / 6.0::float8, 29, 0::float8, 0::float8), (1, 'Operation', 6, (12 + 12 + 22 + 31 + 29 + 31) / 6.0::float8, 12, 0, 0),
    (2, 'Tod', 6, (12 + 3 + 1 + 10 + 29 + 31) / 6.0::float8, 1, 0.5, 1 / 6.0::float8)$$, 'by hand: the summary');

-- ---- every day tried ----

SELECT setseed(0.5);
CREATE TABLE many AS
    SELECT i AS id, CASE WHEN random() < 0.95 THEN date '1999-06-01' + floor(random() * 900)::int END AS d, CASE WHEN random() < 0.8 THEN date '1999-06-01' + floor(random() * 900)::int END AS a,
           CASE WHEN random() < 0.8 THEN date '1899-06-01' + floor(random() * 90000)::int WHEN random() < 0.1 THEN 'infinity' END AS b, date '2000-02-01' + floor(random() * 60)::int AS c
    FROM generate_series(1, 150) i;
-- The name of the period of a day, without kiaim.
CREATE FUNCTION period(unit text, day date) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT CASE unit WHEN 'day' THEN to_char(day, 'YYYY-MM-DD') WHEN 'week' THEN to_char(day, 'IYYY-IW') WHEN 'month' THEN to_char(day, 'YYYY-MM') WHEN 'quarter' THEN to_char(day, 'YYYY-Q')
                     WHEN 'half_year' THEN to_char(day, 'YYYY-') || (extract(month FROM day) > 6) WHEN 'year' THEN to_char(day, 'YYYY')
                     WHEN 'decade' THEN floor(extract(year FROM day) / 10)::text WHEN '5 years' THEN floor(extract(year FROM day) / 5)::text END
$f$;
-- How many days a record could be moved by, with every event in its period: all that are not too far away are tried.
CREATE FUNCTION tried(unit text, event_unit text) RETURNS TABLE (id int, days bigint, earliest date, latest date) LANGUAGE sql AS $f$
    SELECT m.id, nullif(count(s), 0), min(d + s), max(d + s)
    FROM (VALUES ('day', 1), ('week', 7), ('month', 31), ('quarter', 92), ('half_year', 184), ('year', 366), ('5 years', 1827), ('decade', 3653)) u(name, longest)
         CROSS JOIN many m LEFT JOIN LATERAL generate_series(-longest, longest) s
         ON period(unit, d + s) = period(unit, d) AND (a IS NULL OR period(event_unit, a + s) = period(event_unit, a))
            AND (b IS NULL OR NOT isfinite(b) OR period(event_unit, b + s) = period(event_unit, b)) AND period(event_unit, c + s) = period(event_unit, c)
    WHERE u.name = unit AND (longest < 1000 OR m.id <= 25)
    GROUP BY m.id
$f$;
CREATE VIEW few AS SELECT * FROM many WHERE id <= 25;
SELECT results_eq(format($$SELECT id::int, possible_days::bigint, earliest, latest FROM kiaim.record_date_leak(%L, 'd', '{a,b,c}', 'id', %L, %L) ORDER BY 1$$, CASE WHEN unit IN ('5 years', 'decade') THEN 'few' ELSE 'many' END, unit, event_unit),
                  format('SELECT * FROM tried(%L, %L) ORDER BY 1', unit, event_unit), format('every day tried: %s and %s', unit, event_unit))
FROM (VALUES ('month', 'month'), ('month', 'quarter'), ('quarter', 'month'), ('week', 'month'), ('half_year', 'week'), ('year', 'year'), ('day', 'month'), ('decade', 'year'), ('5 years', 'half_year')) u(unit, event_unit);
SELECT results_eq($$SELECT * FROM kiaim.record_date_leak('many', 'd', '{a,b,c}', 'id') ORDER BY id$$, $$SELECT * FROM kiaim.record_date_leak('many', 'd', '{a,b,c}', 'id', '1 month', 'month') ORDER BY id$$, 'events are as precise as the date by default');
-- the summary is that of the records, after each event
SELECT results_eq(format($$SELECT records, round(mean_days::numeric, 9), least_days, share_below_threshold, share_certain FROM kiaim.date_leak('many', 'd', '{c,a,b}', 'quarter', 'month', 20) WHERE events = %s$$, n),
                  format($$SELECT count(possible_days), round(avg(possible_days), 9), min(possible_days), count(*) FILTER (WHERE possible_days < 20) / count(possible_days)::float8, count(*) FILTER (WHERE possible_days = 1) / count(possible_days)::float8
                           FROM kiaim.record_date_leak('many', 'd', %L, 'id', 'quarter', 'month')$$, (ARRAY['c', 'a', 'b'])[1 : n]), format('the summary after %s events', n))
FROM generate_series(1, 3) n;

-- ---- the simulation ----

-- Diagnoses on any day of ten years, events on any day of the three years that follow: the figures known are 30.4, 20.4, 15.4, 12.2, 8.7 and 6.1.
CREATE TABLE simulation AS
    SELECT d, d + floor(random() * 1096)::int AS e1, d + floor(random() * 1096)::int AS e2, d + floor(random() * 1096)::int AS e3, d + floor(random() * 1096)::int AS e4,
           d + floor(random() * 1096)::int AS e5, d + floor(random() * 1096)::int AS e6, d + floor(random() * 1096)::int AS e7, d + floor(random() * 1096)::int AS e8
    FROM (SELECT date '2010-01-01' + floor(random() * 3653)::int AS d FROM generate_series(1, 40000)) s;
SELECT cmp_ok(abs(mean_days - mean), '<=', 0.25::float8, format('simulation: %s events leave %s days', events, mean))
FROM kiaim.date_leak('simulation', 'd', '{e1,e2,e3,e4,e5,e6,e7,e8}') JOIN (VALUES (0, 30.4), (1, 20.4), (2, 15.4), (3, 12.2), (5, 8.7), (8, 6.1)) known(events, mean) USING (events);

-- ---- edges ----

CREATE TABLE nothing (d date, e date);
SELECT results_eq($$SELECT * FROM kiaim.date_leak('nothing', 'd', '{e}')$$, $$VALUES (0, NULL, 0::bigint, NULL::float8, NULL::int, NULL::float8, NULL::float8), (1, 'e', 0, NULL, NULL, NULL, NULL)$$, 'an empty table');
SELECT is_empty($$SELECT * FROM kiaim.record_date_leak('nothing', 'd', '{e}')$$, 'has no records');
INSERT INTO nothing VALUES ('2021-01-01', '2021-01-01');
SELECT results_eq($$SELECT * FROM kiaim.record_date_leak('nothing', 'd', '{e}')$$, $$VALUES (NULL, 31, date '2021-01-01', date '2021-01-31')$$, 'one row; an event on the same day tells nothing');
SELECT results_eq($$SELECT * FROM kiaim.record_date_leak('nothing', 'd', '{e}', event_precision => 'day')$$, $$VALUES (NULL, 1, date '2021-01-01', date '2021-01-01')$$, 'but everything where its day is released');
UPDATE nothing SET d = NULL;
SELECT results_eq($$SELECT events, records, mean_days FROM kiaim.date_leak('nothing', 'd', '{e}')$$, 'VALUES (0, 0::bigint, NULL::float8), (1, 0, NULL)', 'no date');
CREATE DOMAIN day AS date;
CREATE TABLE typed (d day, t timestamptz, n text);
INSERT INTO typed VALUES ('2021-01-31', '2021-02-28 12:00+00');
SELECT is(possible_days, 28, 'domains, and moments') FROM kiaim.record_date_leak('typed', 'd', '{t}');

-- ---- a search_path with operators of its own, privileges, errors ----

CREATE SCHEMA mine;
CREATE FUNCTION mine.less(date, date) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1000';
CREATE OPERATOR mine.- (LEFTARG = date, RIGHTARG = date, FUNCTION = mine.less);
SET LOCAL search_path = mine, pg_catalog, public;
SELECT public.is(possible_days, 28, 'operators of the search_path do not matter') FROM kiaim.record_date_leak('public.typed', 'd', '{t}');
RESET search_path;
CREATE ROLE kiaim_test_leak;
GRANT USAGE ON SCHEMA kiaim TO kiaim_test_leak;
GRANT SELECT (d) ON typed TO kiaim_test_leak;
SET ROLE kiaim_test_leak;
SELECT throws_ok($$SELECT * FROM kiaim.record_date_leak('typed', 'd', '{t}')$$, '42501', NULL, 'no privilege, no days');
SELECT throws_ok($$SELECT * FROM kiaim.date_leak('typed', 'd', '{t}')$$, '42501', NULL, 'no privilege, no summary');
RESET ROLE;
SELECT throws_ok(format('SELECT * FROM kiaim.date_leak(%s)', arguments), state, message, coalesce(message, arguments))
FROM (VALUES ($$NULL, 'd', '{t}'$$, '22004', 'source must not be NULL'), ($$'typed', NULL, '{t}'$$, '22004', 'date_column must not be NULL'), ($$'typed', 'd', NULL$$, '22004', 'events must not be NULL'),
             ($$'typed', 'd', '{}'$$, '22023', 'events names no column'), ($$'typed', 'd', '{t,NULL}'$$, '22004', 'events must not contain NULL'), ($$'typed', 'dd', '{t}'$$, '42703', NULL), ($$'typed', 'd', '{tt}'$$, '42703', NULL),
             ($$'typed', 'd', '{t,t}'$$, '42701', 'column "t" is named twice in events'), ($$'typed', 'd', '{t,d}'$$, '22023', 'column "d" cannot be both date_column and event'),
             ($$'typed', 'n', '{t}'$$, '42804', 'column "n" has no dates but values of type text'), ($$'typed', 'd', '{n}'$$, '42804', 'column "n" has no dates but values of type text'),
             ($$'typed', 'd', '{t}', 'fortnight'$$, '22023', 'there is no precision "fortnight" for date_precision'), ($$'typed', 'd', '{t}', 'month', '0 months'$$, '22023', 'there is no precision "0 months" for event_precision'),
             ($$'typed', 'd', '{t}', 'month', '-1 years'$$, '22023', 'there is no precision "-1 years" for event_precision'), ($$'typed', 'd', '{t}', NULL$$, '22004', 'date_precision must not be NULL'),
             ($$'typed', 'd', '{t}', ''$$, '22023', 'there is no precision "" for date_precision'),
             ($$'typed', 'd', '{t}', threshold => 0$$, '22023', NULL), ($$'typed', 'd', '{t}', threshold => NULL$$, '22004', 'threshold must not be NULL')) e(arguments, state, message);
CREATE FUNCTION hint_of(query text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN datatype_mismatch THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $f$;
CREATE TABLE followed (d date, days int, x text);
SELECT is(hint_of($$SELECT * FROM kiaim.date_leak('followed', 'd', '{days}')$$),
          'A number of days is no event: name the date that it leads to, or a view that adds the days to the date.', 'days are no date');
SELECT is(hint_of($$SELECT * FROM kiaim.date_leak('followed', 'd', '{x}')$$), 'Name a view that casts it to date.', 'a text may be one');
SELECT throws_ok($$SELECT * FROM kiaim.record_date_leak('typed', 'd', '{t}', 'idd')$$, '42703', NULL, 'no such id');
SELECT format('CREATE TABLE wide (d date, %s)', string_agg(format('e%s date', i), ', ')) FROM generate_series(1, 65) i \gexec
SELECT throws_ok(format($$SELECT * FROM kiaim.date_leak('wide', 'd', %L)$$, (SELECT array_agg('e' || i) FROM generate_series(1, 65) i)), '54000', 'there are 65 events, more than 64', 'too many events');
SELECT is((SELECT count(*) FROM kiaim.date_leak('wide', 'd', (SELECT array_agg('e' || i) FROM generate_series(1, 64) i))), 65::bigint, '64 events');

SELECT * FROM finish();
ROLLBACK;
