-- Generalized values with a type: ranges, midpoints, values.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;

---- by hand ----

SELECT is(array(SELECT kiaim.generalize_range(23, 'bins(5, 10)', l) FROM generate_series(0, 3) AS l),
	'{"[23,24)","[20,25)","[20,30)","(,)"}'::int4range[], 'integers, level by level');
SELECT is(array(SELECT kiaim.generalize_midpoint(23, 'bins(5, 10)', l) FROM generate_series(0, 3) AS l),
	'{23,22,24.5,NULL}'::numeric[], 'the midpoint is the mean of the integers in the interval');
SELECT is(array(SELECT kiaim.generalize_range(date '2021-08-05', 'calendar(day, month, quarter, half_year, year, 5 years, decade)', l) FROM generate_series(0, 8) AS l),
	'{"[2021-08-05,2021-08-06)","[2021-08-05,2021-08-06)","[2021-08-01,2021-09-01)","[2021-07-01,2021-10-01)","[2021-07-01,2022-01-01)","[2021-01-01,2022-01-01)","[2020-01-01,2025-01-01)","[2020-01-01,2030-01-01)","(,)"}'::daterange[],
	'dates, unit by unit');
SELECT is(kiaim.generalize_range(date '2021-01-02', 'calendar(week)', 1), '[2020-12-28,2021-01-04)'::daterange, 'a week of the year before');
SELECT is(kiaim.generalize_midpoint(date '2021-08-05', 'calendar(month)', 1), date '2021-08-16', 'the middle day of a month');
SELECT is(kiaim.generalize_range(date '0044-03-15 BC', 'calendar(year, 5 years)', 1), '[0044-01-01 BC,0043-01-01 BC)'::daterange, 'a year before our era');
SELECT is(kiaim.generalize_range(date '0001-03-15 BC', 'calendar(decade)', 1), '[0001-01-01 BC,0010-01-01)'::daterange, 'the decade of the year 0');
SELECT is(kiaim.generalize_range(timestamptz '2021-08-05 01:30+02', 'calendar(day)', 1), '[2021-08-04 00:00+00,2021-08-05 00:00+00)'::tstzrange, 'days of timestamps are those of UTC');
SELECT is(kiaim.generalize_range(timestamp '2021-08-05 01:30:00.25', 'calendar(day)', 0), '[2021-08-05 01:30:00.25,2021-08-05 01:30:00.25]'::tsrange, 'level 0 of a timestamp is that moment');
SELECT is(kiaim.generalize_midpoint(timestamp '2021-08-05 01:30', 'calendar(day)', 1), timestamp '2021-08-05 12:00', 'noon');
SELECT is(array(SELECT kiaim.generalize_range(x, 'bins(20, below=15, above=85)', 1) FROM unnest(ARRAY[3, 17, 84, 85]) AS x),
	'{"(,15)","[15,20)","[80,85)","[85,)"}'::int4range[], 'bottom and top coding are open');
SELECT is(array(SELECT kiaim.generalize_midpoint(x, 'bins(20, below=15, above=85)', 1) FROM unnest(ARRAY[3, 17, 84, 85]) AS x),
	'{NULL,17,82,NULL}'::numeric[], 'and have no midpoint');
SELECT is(array(SELECT kiaim.generalize_range(x, 'age_groups', 1) FROM unnest(ARRAY[4, 77, 101, 200]) AS x),
	'{"[0,5)","[75,80)","[85,)","(,)"}'::int4range[], 'age groups; what is outside is unbounded');
SELECT is(kiaim.generalize_range(0.7, 'bins(0.5)', 1), '[0.5,1)'::numrange, 'numeric');
SELECT is(kiaim.generalize_range(3, 'bins(2.5)', 1), '[3,5)'::int4range, 'of a fraction, the integers in it');
SELECT is(kiaim.generalize_range(2000000001, 'bins(1000000000)', 1), '[2000000000,)'::int4range, 'an end that the type does not reach is none');
SELECT is(kiaim.generalize_range((-2147483648)::int, 'bins(5)', 1), '(,-2147483645)'::int4range, 'at the lower end');
SELECT is(kiaim.generalize_range(2147483647, 'flat', 0), '[2147483647,)'::int4range, 'the last integer');
SELECT is(kiaim.generalize_midpoint(2147483647, 'flat', 0), 2147483647::numeric, 'has a midpoint');
SELECT is(kiaim.generalize_midpoint(9223372036854775807, 'flat', 0), 9223372036854775807::numeric, 'so has the last bigint');
SELECT is(kiaim.generalize_midpoint(date '5874897-12-31', 'flat', 0), date '5874897-12-31', 'and the last date');
SELECT is(kiaim.generalize_range(date 'infinity', 'calendar(year)', l), r, 'an infinite date is itself on level 0, and outside from 1 on')
  FROM (VALUES (0, '[infinity,infinity]'::daterange), (1, '(,)')) AS t (l, r);
SELECT is(kiaim.generalize_range(t, 'flat', 0), tstzrange(t, t, '[]'), 'level 0 of ' || t) FROM unnest(ARRAY['2021-08-05 10:00:00.123456+02', '0044-03-15 12:00+00 BC', '294276-12-31 23:59:59+00', 'infinity']::timestamptz[]) AS t;
SELECT is(kiaim.generalize_midpoint(timestamp '-infinity', 'flat', 0), timestamp '-infinity', 'its midpoint is itself');
SELECT is(kiaim.generalize_range('NaN'::float8, 'flat', 0), '[NaN,NaN]'::numrange, 'NaN');
SELECT is(kiaim.generalize_range(1e-7::float8, 'flat', 0), '[1e-07,1e-07]'::numrange, 'a float');
SELECT is(kiaim.generalize_midpoint(2.50, 'flat', 0)::text, '2.50', 'a single value keeps its scale');
SELECT is(kiaim.generalize_range(NULL::int, 'bins(5)', 1), NULL, 'NULL stays NULL');
SELECT is(kiaim.generalize_range(NULL::int, 'bins(5)', 2), '(,)'::int4range, 'and is unbounded on the top like all');
SELECT is(kiaim.generalize_range(5, NULL, 1), NULL, 'no hierarchy, no range');
SELECT is(kiaim.generalize_range(5::smallint, 'bins(5)', 1), '[5,10)'::int4range, 'smallint counts as integer');
SELECT is(kiaim.midpoint('empty'::int4range), NULL, 'an empty range has no middle');
SELECT is(kiaim.midpoint(kiaim.bin(23, 10)), 24.5, 'midpoints of other ranges');
SELECT is(kiaim.midpoint('[1,2]'::numrange), 1.5, 'of numeric');
SELECT is(kiaim.midpoint('(,2]'::numrange), NULL, 'without a lower end');
SELECT is(kiaim.midpoint('[-infinity,2020-01-01)'::daterange), NULL, 'an infinite date has no middle with another');
SELECT is(kiaim.label_value('5', 5), 5, 'a value that the label shows');
SELECT is(kiaim.label_value('*', 5), NULL, 'one that it hides');
SELECT is(kiaim.label_value('[5,10)', 5), NULL, 'one that it blurs');
SELECT is(kiaim.label_value('2021-08-05', date '2021-08-05'), date '2021-08-05', 'a date under any DateStyle')
  FROM (VALUES (set_config('DateStyle', 'German', true))) AS s;
SELECT is(kiaim.label_value('true', true), true, 'boolean');
SET LOCAL DateStyle = 'German';
SELECT is(kiaim.generalize_range(date '2021-08-05', 'calendar(month)', 1), daterange('2021-08-01', '2021-09-01'), 'ranges under any DateStyle');
SELECT is(kiaim.generalize_range(timestamp '2021-08-05 01:30:00', 'flat', 0), tsrange('2021-08-05 01:30', '2021-08-05 01:30', '[]'), 'and timestamps');
SET LOCAL DateStyle = 'ISO, YMD';

---- errors ----

SELECT is(pg_temp.error_of(statement), told, statement) FROM (VALUES
	('SELECT kiaim.generalize_range(5, ''prefix(1)'', 1)',
	 '22023 | labels of the hierarchy "prefix(1)" are no intervals | Labels of bins, breaks, calendars, age_groups and flat are.'),
	('SELECT kiaim.generalize_range(5, ''{"*": {"0-9": [5]}}'', 1)',
	 '22023 | labels of the hierarchy "{"*": {"0-9": ["5"]}}" are no intervals | Labels of bins, breaks, calendars, age_groups and flat are.'),
	('SELECT kiaim.generalize_range(5, ''bins(5)'', 7)',
	 '22023 | level 7 is not in the hierarchy "bins(5)" | Its levels are 0 to 2.'),
	('SELECT kiaim.generalize_range(5, ''calendar(year)'', 1)',
	 '42804 | values of type integer have no place in the hierarchy "calendar(year)" | The hierarchy is made for dates. | Use a hierarchy such as bins(5, 10) for numbers.'),
	('SELECT kiaim.label_range(''Ulm'', ''flat'', NULL::int4range)',
	 '22023 | label "Ulm" is no interval of type integer | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''2.5'', ''flat'', NULL::int4range)',
	 '22023 | label "2.5" is no interval of type integer | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''NaN'', ''flat'', NULL::int8range)',
	 '22023 | label "NaN" is no interval of type bigint | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''2021-13'', ''calendar(month)'', NULL::daterange)',
	 '22023 | label "2021-13" is no interval of type date | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''2021-08-05 10:00:00'', ''flat'', NULL::tstzrange)',
	 '22023 | label "2021-08-05 10:00:00" is no interval of type timestamp with time zone | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''05/08/2021 10:00:00'', ''flat'', NULL::tsrange)',
	 '22023 | label "05/08/2021 10:00:00" is no interval of type timestamp without time zone | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''2021-08-05 10:00:00'', ''flat'', NULL::daterange)',
	 '22023 | label "2021-08-05 10:00:00" is no interval of type date | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''now'', ''flat'', NULL::tsrange)',
	 '22023 | label "now" is no interval of type timestamp without time zone | Labels of bins, breaks, calendars and age_groups over values of that type are intervals.'),
	('SELECT kiaim.label_range(''[9,3)'', ''bins(5)'', NULL::int4range)',
	 '22000 | range lower bound must be less than or equal to range upper bound'),
	('CREATE TYPE pg_temp.textrange AS RANGE (subtype = text); SELECT kiaim.label_range(''a'', ''flat'', NULL::pg_temp.textrange)',
	 '42804 | no label is a range of type textrange | Ranges of integers, numeric, dates and timestamps are possible.')
  ) AS t (statement, told);

---- thousands of values: the range holds the value, and tells labels apart as the labels do ----

CREATE TEMP TABLE number_case AS
SELECT x, h::kiaim.hierarchy AS h, l
FROM (SELECT (random() * 300 - 100)::int AS x FROM generate_series(1, 2000) UNION VALUES (0), (-1), (85), (130)) AS v,
	unnest(ARRAY['bins(5, 10, 20)', 'bins(7, from=3, below=-20, above=150)', 'bins(2.5, 5)', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', 'age_groups', 'flat']) AS h,
	LATERAL generate_series(0, kiaim.height(h::kiaim.hierarchy)) AS l;
SELECT is((SELECT count(*) FROM number_case WHERE NOT kiaim.generalize_range(x, h, l) @> x), 0::bigint, 'integers are in their ranges');
SELECT is((SELECT count(*) FROM number_case WHERE NOT kiaim.generalize_range(x / 7.0, h, l) @> x / 7.0), 0::bigint, 'numerics');
SELECT is((SELECT count(*) FROM number_case WHERE NOT kiaim.generalize_range(x / 7.0::float8, h, l) @> (x / 7.0::float8)::text::numeric), 0::bigint, 'floats');
SELECT is((SELECT count(*) FROM (SELECT FROM number_case GROUP BY h::text, l HAVING
		count(DISTINCT kiaim.generalize(x, h, l)) <> count(DISTINCT kiaim.generalize_range(x, h, l))
		OR count(DISTINCT kiaim.generalize(x, h, l)) <> count(DISTINCT (kiaim.generalize(x, h, l), kiaim.generalize_range(x, h, l)))) AS g), 0::bigint,
	'labels and ranges of integers are one to one');
SELECT is((SELECT count(*) FROM (SELECT FROM number_case GROUP BY h::text, l HAVING
		count(DISTINCT kiaim.generalize(x / 7.0, h, l)) <> count(DISTINCT kiaim.generalize_range(x / 7.0, h, l))) AS g), 0::bigint,
	'labels and ranges of numerics are one to one');
SELECT is((SELECT count(*) FROM number_case WHERE kiaim.generalize_midpoint(x, h, l) IS DISTINCT FROM
		(SELECT trim_scale(avg(i)) FROM generate_series(lower(kiaim.generalize_range(x, h, l)), upper(kiaim.generalize_range(x, h, l)) - 1) AS i)), 0::bigint,
	'the midpoint is the average of the integers in the range');

CREATE TEMP TABLE day_case AS
SELECT x, h::kiaim.hierarchy AS h, l
FROM (SELECT date '1890-01-01' + (random() * 60000)::int AS x FROM generate_series(1, 1500)
	UNION SELECT date '0020-01-01 BC' + i * 97 FROM generate_series(0, 200) AS i
	UNION SELECT make_date(y, m, d) FROM generate_series(1998, 2002) AS y, (VALUES (1, 1), (1, 4), (2, 28), (12, 29), (12, 31)) AS t (m, d)) AS v,
	unnest(ARRAY['calendar(day, week)', 'calendar(month, quarter, half_year, year, 5 years)', 'calendar(year, decade)',
		'breaks(1900-01-01, 1950-06-30, 2000-01-01; 1950-06-30)']) AS h,
	LATERAL generate_series(0, kiaim.height(h::kiaim.hierarchy)) AS l;
SELECT is((SELECT count(*) FROM day_case WHERE NOT kiaim.generalize_range(x, h, l) @> x), 0::bigint, 'dates are in their ranges');
SELECT is((SELECT count(*) FROM day_case WHERE NOT kiaim.generalize_range(x + time '13:14', h, l) @> x + time '13:14'), 0::bigint, 'timestamps');
SELECT is((SELECT count(*) FROM (SELECT FROM day_case GROUP BY h::text, l HAVING
		count(DISTINCT kiaim.generalize(x, h, l)) <> count(DISTINCT kiaim.generalize_range(x, h, l))) AS g), 0::bigint,
	'labels and ranges of dates are one to one');
SELECT is((SELECT count(*) FROM day_case, LATERAL (SELECT kiaim.generalize_range(x, h, l) AS r) AS t WHERE NOT (
		isempty(r) OR lower_inf(r) OR kiaim.generalize(lower(r), h, l) = kiaim.generalize(x, h, l))
		OR NOT (upper_inf(r) OR kiaim.generalize(upper(r) - 1, h, l) = kiaim.generalize(x, h, l))
		OR l > 0 AND NOT (upper_inf(r) OR kiaim.generalize(upper(r), h, l) <> kiaim.generalize(x, h, l))
		OR l > 0 AND NOT (lower_inf(r) OR kiaim.generalize(lower(r) - 1, h, l) <> kiaim.generalize(x, h, l))), 0::bigint,
	'the range holds all days of the label and no other');
SELECT is((SELECT count(*) FROM day_case, LATERAL (SELECT kiaim.generalize_range(x, h, l) AS r) AS t
	WHERE kiaim.generalize_midpoint(x, h, l) IS DISTINCT FROM lower(r) + (upper(r) - lower(r) - 1) / 2), 0::bigint, 'the midpoint is the middle day');

---- in policies ----

CREATE TABLE typed_patient (sex text, age int, born date, score numeric(6, 2), weight float8, seen timestamptz, code varchar(5), hurt boolean, tree int, js json, icd10 text);
INSERT INTO typed_patient
SELECT (ARRAY['f', 'm', NULL])[1 + i % 3], CASE WHEN i % 50 > 0 THEN 10 + i * 7 % 83 END, date '1940-01-01' + i * 131 % 9000, (i % 5) * 1.50, i % 4 / 4.0,
	timestamptz '2020-01-01 12:00+00' + (i * 37 % 500) * interval '1 day', (ARRAY['a', 'b', '*', 'abcde'])[1 + i % 4], i % 3 = 0, i % 4, '1',
	(ARRAY['C50.1', 'C61', 'C34.1', 'C18.2', 'C43.9'])[1 + i * 3 % 5]
FROM generate_series(1, 600) AS i;

-- A policy over one column, written in one way.
CREATE FUNCTION pg_temp.written(col text, definition text, as_what text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('k', 2, 'suppression', 1, 'quasi', jsonb_build_object('sex', 'flat',
		col, jsonb_build_object('hierarchy', definition, 'as', as_what) || more)) $$;

SELECT is(pg_temp.error_of(format('SELECT kiaim.validate_policy(''typed_patient'', %L)', pg_temp.written(col, definition, as_what, more))), told,
	format('%s of %s %s %s', as_what, col, definition, more))
FROM (VALUES
	('age', 'bins(5, 10)', 'range', '{}', 'no error'), ('age', 'flat', 'range', '{}', 'no error'), ('age', 'age_groups', 'midpoint', '{}', 'no error'),
	('born', 'calendar(month, year)', 'range', '{}', 'no error'), ('born', 'breaks(1950-01-01)', 'midpoint', '{}', 'no error'),
	('seen', 'calendar(day, week)', 'range', '{}', 'no error'), ('weight', 'bins(0.5)', 'midpoint', '{}', 'no error'), ('score', 'breaks(1, 2; 2)', 'range', '{}', 'no error'),
	('age', 'flat', 'type', '{}', 'no error'), ('age', 'bins(5, 10)', 'type', '{"max": 0}', 'no error'), ('age', 'bins(5, 10)', 'type', '{"min": 3}', 'no error'),
	('hurt', 'flat', 'type', '{}', 'no error'), ('code', 'flat', 'type', '{}', 'no error'), ('icd10', 'icd10', 'type', '{}', 'no error'),
	('code', 'prefix(1)', 'range', '{}', '42804 | policy member quasi.code.as cannot be "range" for a column of type character varying | There are intervals of numbers, dates and timestamps. | Let a view convert the column, or write it as "text".'),
	('hurt', 'flat', 'midpoint', '{}', '42804 | policy member quasi.hurt.as cannot be "midpoint" for a column of type boolean | There are intervals of numbers, dates and timestamps. | Let a view convert the column, or write it as "text".'),
	('tree', '{"*": {"0-1": [0, 1], "2-3": [2, 3]}}', 'range', '{}', '22023 | policy member quasi.tree.as cannot be "range" with the hierarchy {"*": {"0-1": ["0", "1"], "2-3": ["2", "3"]}} | Its labels are no intervals. | Labels of bins, breaks, calendars, age_groups and flat are.'),
	('age', 'prefix(1)', 'midpoint', '{}', '22023 | policy member quasi.age.as cannot be "midpoint" with the hierarchy prefix(1) | Its labels are no intervals. | Labels of bins, breaks, calendars, age_groups and flat are.'),
	('age', 'bins(5, 10)', 'type', '{}', '22023 | policy member quasi.age.as cannot be "type" with the levels 0 to 3 | Labels on level 1 of bins(5, 10) are no values of type integer. | Set "max" to 0, use the hierarchy flat, or write the column as "range" or "midpoint".'),
	('code', 'prefix(3)', 'type', '{"max": 1}', '22023 | policy member quasi.code.as cannot be "type" with the levels 0 to 1 | Labels on level 1 of prefix(3) are no values of type character varying. | Set "max" to 0, use the hierarchy flat, or write the column as "range" or "midpoint".'),
	('js', 'flat', 'type', '{}', '42883 | policy member quasi.js.as cannot be "type" for a column of type json | Values of that type cannot be compared, so the release could not be verified.'),
	('age', 'bins(5, 10)', 'array', '{}', '22023 | policy member quasi.age.as cannot be "array" | Known here: "text", "range", "midpoint", "type".')
  ) AS t (col, definition, as_what, given, told),
  LATERAL (SELECT given::jsonb) AS m (more);

-- The types of the released columns, whatever the levels are.
CREATE FUNCTION pg_temp.types_of(relation regclass) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = relation AND attnum > 0 $$;

\set policy '{"k": 8, "suppression": 0.3, "sensitive": {"icd10": {"l": 3}}, "quasi": {"sex": {"hierarchy": "flat", "as": "type"}, "age": {"hierarchy": "bins(5, 10, 20, 40, below=15)", "as": "range"}, "born": {"hierarchy": "calendar(year, decade)", "as": "midpoint", "min": 2}, "score": {"hierarchy": "flat", "as": "type"}}}'
SELECT kiaim.create_release('typed_drop', 'typed_patient', :'policy', 'table');
SELECT is(pg_temp.types_of('typed_drop'), 'sex text, age int4range, born date, score numeric(6,2), icd10 text', 'types of the columns');
SELECT is(array(SELECT DISTINCT holds FROM kiaim.check('typed_drop', :'policy')), '{t}', 'kiaim.check of a release with typed columns');
SELECT ok((SELECT min(n) >= 8 FROM (SELECT count(*) AS n FROM typed_drop GROUP BY sex, age, born, score) AS c), 'k by plain SQL');
SELECT is((SELECT levels FROM kiaim.releases WHERE release = 'public.typed_drop'), (SELECT levels FROM kiaim.plan('typed_patient', :'policy' || '{}'::jsonb)), 'the levels of the plan');
SELECT set_eq($$ SELECT kiaim.plan_query('typed_patient', p, levels) FROM (SELECT policy AS p, levels FROM kiaim.releases WHERE release = 'public.typed_drop') AS r $$,
	$$ SELECT query FROM kiaim.releases WHERE release = 'public.typed_drop' $$, 'its query');

-- Each class is one of labels: the same release as text, its labels mapped one by one, is the same relation.
SELECT kiaim.create_release('typed_text', 'typed_patient', jsonb_set(jsonb_set(jsonb_set(jsonb_set(:'policy', '{quasi,sex,as}', '"text"'), '{quasi,age,as}', '"text"'), '{quasi,born,as}', '"text"'), '{quasi,score,as}', '"text"'), 'table');
SELECT set_eq('SELECT sex, age, born, score, icd10, count(*) FROM typed_drop GROUP BY 1, 2, 3, 4, 5',
	$$ SELECT nullif(sex, '*') AS sex, kiaim.label_range(age, 'bins(5)', NULL::int4range), kiaim.midpoint(kiaim.label_range(born, 'calendar(year)', NULL::daterange)),
		nullif(score, '*')::numeric AS score, icd10, count(*) FROM typed_text GROUP BY 1, 2, 3, 4, 5 $$, 'the typed release is the one in text, label by label');

-- Suppressed rows that are kept
SELECT kiaim.create_release('typed_star', 'typed_patient', :'policy' || '{"suppressed_rows": "star", "k": 12}'::jsonb, 'materialized view');
SELECT is(pg_temp.types_of('typed_star'), 'sex text, age int4range, born date, score numeric(6,2), icd10 text', 'types with suppressed rows');
SELECT is((SELECT count(*) FROM typed_star), 600::bigint, 'all rows are there');
SELECT ok((SELECT suppressed > 0 FROM kiaim.releases WHERE release = 'public.typed_star'), 'some are suppressed');
SELECT is((SELECT count(*) FROM typed_star WHERE sex IS NULL AND age = '(,)' AND born IS NULL AND score IS NULL), suppressed, 'suppressed rows are unbounded or NULL')
FROM kiaim.releases WHERE release = 'public.typed_star';
SELECT is(array(SELECT DISTINCT holds FROM kiaim.check('typed_star', :'policy' || '{"suppressed_rows": "star", "k": 12}'::jsonb)), '{t}', 'and are no class to kiaim.check');
SELECT ok((SELECT k >= 12 FROM kiaim.releases WHERE release = 'public.typed_star'), 'nor to the verification');

-- Labels that read the same in the release: several classes look like one, and nothing breaks.
SELECT kiaim.create_release('typed_merged', 'typed_patient', '{"k": 3, "suppression": 0.2, "quasi": {"age": {"hierarchy": "bins(10, below=20, above=80)", "as": "midpoint", "min": 1, "max": 1}, "sex": {"hierarchy": "flat", "max": 0}}}');
SELECT is((SELECT count(DISTINCT age) FROM typed_merged), 6::bigint, 'midpoints of what has one');
SELECT ok((SELECT count(*) > 0 FROM typed_merged WHERE age IS NULL), 'and NULL for both open ends and for missing values');
SELECT is((SELECT suppressed FROM kiaim.releases WHERE release = 'public.typed_merged'),
	(SELECT suppressed FROM kiaim.plan('typed_patient', '{"k": 3, "suppression": 0.2, "quasi": {"age": {"hierarchy": "bins(10, below=20, above=80)", "min": 1, "max": 1}, "sex": {"hierarchy": "flat", "max": 0}}}')),
	'the classes are those of the labels');

-- A local recoding writes labels as well, of several levels in one column.
\set local '{"k": 4, "quasi": {"sex": "flat", "age": {"hierarchy": "bins(5, 10, 20, 40)", "as": "range"}, "born": {"hierarchy": "calendar(year, decade)", "as": "midpoint"}, "score": {"hierarchy": "flat", "as": "type"}}, "recoding": "local", "sample": {"share": 0.6, "by": "seen", "seed": 3}}'
SELECT kiaim.create_release('typed_local', 'typed_patient', :'local', 'table');
SELECT is(pg_temp.types_of('typed_local'), 'sex text, age int4range, born date, score numeric(6,2)', 'types of a local recoding');
SELECT ok((SELECT min(n) >= 4 AND sum(n) = (SELECT count(*) FROM typed_patient WHERE kiaim.in_sample(seen, 0.6, 3)) FROM (SELECT count(*) AS n FROM typed_local GROUP BY sex, age, born, score) AS c),
	'k by plain SQL, in the sample');
SELECT ok((SELECT count(DISTINCT upper(age) - lower(age)) > 1 FROM typed_local), 'ranges of several widths');

-- Classes meet those of a population in what is written.
CREATE TABLE typed_population AS SELECT p.sex, p.age, p.born, p.score FROM typed_patient AS p, generate_series(1, 3);
SELECT kiaim.create_release('typed_mapped', 'typed_patient', '{"k_map": {"k": 9, "population": "public.typed_population"}, "suppression": 0.5, "suppressed_rows": "star", "quasi": {"sex": {"hierarchy": "flat", "as": "type", "max": 0},
	"age": {"hierarchy": "bins(5, 10, 20, below=15)", "as": "range"}, "born": {"hierarchy": "calendar(year, decade)", "as": "midpoint", "min": 1}, "score": {"hierarchy": "flat", "as": "type"}}}');
SELECT is((SELECT (measured ->> 'k_map')::int % 3 FROM kiaim.release_log WHERE release = 'public.typed_mapped'), 0, 'k_map with typed columns: each class has three times its size in the population');
SELECT ok((SELECT (measured ->> 'k_map')::int >= 9 FROM kiaim.release_log WHERE release = 'public.typed_mapped'), 'as many as were wanted');

-- Names that are taken, a nondeterministic collation, a domain
CREATE DOMAIN typed_grade AS int CHECK (VALUE < 10);
CREATE COLLATION typed_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE typed_odd (kiaim_value_1 typed_grade, "Kiaim Value" text COLLATE typed_blind, kiaim_k int);
INSERT INTO typed_odd SELECT i % 3, (ARRAY['a', 'A'])[1 + i % 2], i % 4 FROM generate_series(1, 60) AS i;
SELECT kiaim.create_release('typed_odd_release', 'typed_odd', '{"k": 5, "quasi": {"kiaim_value_1": {"hierarchy": "flat", "as": "type", "max": 0}, "Kiaim Value": {"hierarchy": "flat", "as": "type", "max": 0}}, "keep": ["kiaim_k"]}');
SELECT is(pg_temp.types_of('typed_odd_release'), 'kiaim_value_1 typed_grade, Kiaim Value text, kiaim_k integer', 'domains stay');
SELECT set_eq('SELECT kiaim_value_1::int, "Kiaim Value" COLLATE "C", count(*) FROM typed_odd_release GROUP BY 1, 2', 'SELECT kiaim_value_1::int, "Kiaim Value" COLLATE "C", count(*) FROM typed_odd GROUP BY 1, 2', 'values stay as they are');

SELECT * FROM finish();
ROLLBACK;
