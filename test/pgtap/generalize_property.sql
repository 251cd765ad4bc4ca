-- Random values in random hierarchies against plain SQL that says the same
-- slowly: labels, and that they form a tree.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
SELECT setseed(0.1582);

-- random definitions of each form; widths multiply, cuts thin out, characters grow fewer
CREATE FUNCTION pg_temp.random_int(low int, high int) RETURNS int LANGUAGE sql VOLATILE AS $$
	SELECT low + floor(random() * (high - low + 1))::int $$;
CREATE FUNCTION pg_temp.random_bins() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	width numeric := (ARRAY[1, 2, 5, 7, 10, 0.5, 0.25, 3.75])[pg_temp.random_int(1, 8)];
	widths text := width; below int := pg_temp.random_int(-60, 20); above int := pg_temp.random_int(21, 100);
BEGIN
	FOR i IN 1 .. pg_temp.random_int(0, 3) LOOP
		width := width * pg_temp.random_int(1, 4);
		widths := widths || ', ' || width;
	END LOOP;
	RETURN format('bins(%s%s%s%s)', widths, CASE WHEN random() < 0.5 THEN ', from=' || pg_temp.random_int(-20, 20) / 4.0 END,
				  CASE WHEN random() < 0.3 THEN ', below=' || below END, CASE WHEN random() < 0.3 THEN ', above=' || above END);
END $$;
CREATE FUNCTION pg_temp.random_breaks() RETURNS text LANGUAGE plpgsql AS $$
DECLARE cuts int[]; levels text := ''; thinner int[];
BEGIN
	SELECT array_agg(DISTINCT c ORDER BY c) INTO cuts FROM (SELECT pg_temp.random_int(-100, 100) + i * 0 AS c FROM generate_series(1, 12) AS i) AS x;
	LOOP
		levels := levels || array_to_string(cuts, ', ');
		SELECT array_agg(c ORDER BY c) INTO thinner FROM unnest(cuts) AS c WHERE random() < 0.6;
		EXIT WHEN thinner IS NULL OR random() < 0.2;
		cuts := thinner;
		levels := levels || '; ';
	END LOOP;
	RETURN format('breaks(%s)', levels);
END $$;
CREATE FUNCTION pg_temp.random_affix(form text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('%s(%s)', form, string_agg(n::text, ', ' ORDER BY n DESC))
	  FROM (SELECT pg_temp.random_int(0, 6) AS n FROM generate_series(1, pg_temp.random_int(1, 4))) AS x $$;
CREATE FUNCTION pg_temp.random_tree() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT kiaim.hierarchy_agg(i::text, (i / a)::text, (i / a / b)::text)::text
	  FROM (SELECT pg_temp.random_int(1, 9) AS a, pg_temp.random_int(1, 9) AS b, pg_temp.random_int(-100, 0) AS low, pg_temp.random_int(1, 100) AS high) AS r,
		   generate_series(low, high) AS i $$;

CREATE TEMP TABLE definitions AS
	SELECT row_number() OVER () AS id, form, definition, definition::kiaim.hierarchy AS h
	  FROM generate_series(1, 40) AS i
	 CROSS JOIN LATERAL (SELECT 'bins' AS form, pg_temp.random_bins() || repeat('', i) AS definition
						 UNION ALL SELECT 'breaks', pg_temp.random_breaks() || repeat('', i)
						 UNION ALL SELECT 'prefix', pg_temp.random_affix('prefix') || repeat('', i)
						 UNION ALL SELECT 'suffix', pg_temp.random_affix('suffix') || repeat('', i)
						 UNION ALL SELECT 'tree', pg_temp.random_tree() || repeat('', i)) AS d;
SELECT ok((SELECT count(DISTINCT definition) FROM definitions) > 100, 'there are many different definitions');

-- values as text, all of which some form reads as numbers
CREATE TEMP TABLE texts AS
	SELECT DISTINCT (CASE WHEN random() < 0.5 THEN round((random() * 240 - 120)::numeric, pg_temp.random_int(0, 4))::text
						  WHEN random() < 0.8 THEN pg_temp.random_int(-120, 120)::text
						  ELSE (ARRAY['', 'x', 'NaN', 'ü1', '-', '1e1', '-25e-1', ' 7'])[pg_temp.random_int(1, 8)] END) AS v
	  FROM generate_series(1, 400);
CREATE TEMP TABLE paths AS SELECT id, form, definition, h, v, kiaim.path(v, h) AS path FROM definitions, texts;
SELECT ok((SELECT count(*) FROM paths) > 40000, 'and many values in each');

-- what holds for every hierarchy
SELECT is_empty($$ SELECT definition, v, path FROM paths WHERE path[1] IS DISTINCT FROM v LIMIT 5 $$, 'level 0 is the value');
SELECT is_empty($$ SELECT definition, v, path FROM paths WHERE path[kiaim.height(h) + 1] <> '*' OR cardinality(path) <> kiaim.height(h) + 1 LIMIT 5 $$, 'the top is *');
SELECT is_empty($$ SELECT definition, v, level FROM paths, generate_series(0, cardinality(path) - 1) AS level
	WHERE kiaim.generalize(v, h, level) IS DISTINCT FROM path[level + 1] LIMIT 5 $$, 'generalize is an element of path');
SELECT is_empty($$ SELECT id, level, path[level], count(DISTINCT path[level + 1]) FROM paths, generate_series(1, cardinality(path) - 1) AS level
	GROUP BY id, level, path[level] HAVING count(DISTINCT path[level + 1]) > 1 LIMIT 5 $$, 'each label has one parent: a tree');
SELECT is_empty($$ SELECT definition, h FROM definitions WHERE h::text::kiaim.hierarchy::text <> h::text LIMIT 5 $$, 'the text form is a fixed point');
SELECT is_empty($$ SELECT p.definition, p.v FROM paths AS p WHERE kiaim.path(p.v, p.h::text::kiaim.hierarchy) <> p.path LIMIT 5 $$, 'and means the same');

-- bins and breaks against arithmetic in numeric
CREATE FUNCTION pg_temp.number_of(v text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN v ~ '^ *[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)? *$' THEN v::numeric END $$;
CREATE FUNCTION pg_temp.option_of(definition text, name text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT substring(definition FROM name || '=([-0-9.]+)')::numeric $$;
CREATE FUNCTION pg_temp.bins_oracle(definition text, v text) RETURNS text[] LANGUAGE sql AS $$
	SELECT v || array_agg(CASE WHEN x IS NULL THEN '*'
							   WHEN x < below THEN '<' || trim_scale(below)
							   WHEN x >= above THEN '>=' || trim_scale(above)
							   ELSE format('[%s,%s)', trim_scale(greatest(low, below)), trim_scale(least(low + w, above))) END ORDER BY i) || '*'::text
	  FROM (SELECT pg_temp.number_of(v) AS x, coalesce(pg_temp.option_of(definition, 'from'), 0) AS start,
				   pg_temp.option_of(definition, 'below') AS below, pg_temp.option_of(definition, 'above') AS above) AS o,
		   LATERAL (SELECT i, trim(part)::numeric AS w FROM regexp_split_to_table(substring(definition FROM '\((.*)\)'), ',') WITH ORDINALITY AS p(part, i)
					 WHERE part !~ '=') AS widths,
		   LATERAL (SELECT start + w * floor((x - start) / w) AS low) AS l $$;
SELECT is_empty($$ SELECT definition, v, path, pg_temp.bins_oracle(definition, v) FROM paths
	WHERE form = 'bins' AND path IS DISTINCT FROM pg_temp.bins_oracle(definition, v) LIMIT 5 $$, 'bins agree with numeric arithmetic');
CREATE FUNCTION pg_temp.breaks_oracle(definition text, v text) RETURNS text[] LANGUAGE sql AS $$
	SELECT v || array_agg(CASE WHEN pg_temp.number_of(v) IS NULL THEN '*' ELSE label END ORDER BY i) || '*'::text
	  FROM regexp_split_to_table(substring(definition FROM '\((.*)\)'), ';') WITH ORDINALITY AS l(cuts, i),
		   LATERAL (SELECT CASE WHEN max(c) FILTER (WHERE c <= x) IS NULL THEN '<' || min(c)
								WHEN min(c) FILTER (WHERE c > x) IS NULL THEN '>=' || max(c)
								ELSE format('[%s,%s)', max(c) FILTER (WHERE c <= x), min(c) FILTER (WHERE c > x)) END AS label
					  FROM (SELECT trim(c)::numeric AS c, pg_temp.number_of(v) AS x FROM regexp_split_to_table(cuts, ',') AS c) AS y) AS z $$;
SELECT is_empty($$ SELECT definition, v, path, pg_temp.breaks_oracle(definition, v) FROM paths
	WHERE form = 'breaks' AND path IS DISTINCT FROM pg_temp.breaks_oracle(definition, v) LIMIT 5 $$, 'breaks agree with numeric comparisons');
SELECT is_empty($$ SELECT definition, v, path FROM paths, generate_series(2, cardinality(path) - 1) AS l
	WHERE form IN ('bins', 'breaks') AND path[l] LIKE '[%' AND NOT path[l]::numrange @> pg_temp.number_of(v) LIMIT 5 $$, 'an interval is a range that holds its values');

-- prefix and suffix against left() and right()
SELECT is_empty($$ SELECT definition, v, path FROM paths,
	LATERAL (SELECT array_agg(CASE form WHEN 'prefix' THEN rpad(left(v, n), length(v), '*') ELSE lpad(right(v, n), length(v), '*') END ORDER BY i) AS labels
			   FROM (SELECT i, part::int AS n FROM regexp_split_to_table(substring(definition FROM '\((.*)\)'), ', ') WITH ORDINALITY AS p(part, i)) AS x) AS o
	WHERE form IN ('prefix', 'suffix') AND path <> v || labels || '*'::text LIMIT 5 $$, 'prefix and suffix agree with left and right');

-- all number types agree with text
CREATE TEMP TABLE numbers AS SELECT pg_temp.random_int(-150, 150) AS i FROM generate_series(1, 100);
SELECT is_empty($$ SELECT definition, i FROM definitions, numbers WHERE form <> 'tree'
	AND (kiaim.path(i, h) <> kiaim.path(i::text, h) OR kiaim.path(i::bigint, h) <> kiaim.path(i::text, h) OR kiaim.path(i::smallint, h) <> kiaim.path(i::text, h)
	  OR kiaim.path(i::numeric, h) <> kiaim.path(i::text, h) OR kiaim.path(i / 4.0, h) <> kiaim.path((i / 4.0)::text, h)
	  OR kiaim.path((i / 4.0)::float8, h) <> kiaim.path((i / 4.0)::float8::text, h) OR kiaim.path((i / 4.0)::float4, h) <> kiaim.path((i / 4.0)::float4::text, h)) LIMIT 5 $$,
	'a number lies where its text lies');

-- large integers, around the limits of the fast arithmetic
CREATE TEMP TABLE large AS
	SELECT (sign * (base + delta))::numeric AS n, w
	  FROM unnest(ARRAY[1, -1]) AS sign, unnest(ARRAY[4e17, 4e18, 9223372036854775807, 1e19, 1e25]::numeric[]) AS base,
		   generate_series(-12, 12) AS delta, unnest(ARRAY[1, 7, 10, 0.5, 999999999999999999]::numeric[]) AS w;
SELECT is_empty($$ SELECT n, w, kiaim.generalize(n, format('bins(%s)', w)::kiaim.hierarchy, 1) FROM large
	WHERE kiaim.generalize(n, format('bins(%s)', w)::kiaim.hierarchy, 1)
	   <> format('[%s,%s)', trim_scale(n - mod(mod(n, w) + w, w)), trim_scale(n - mod(mod(n, w) + w, w) + w)) LIMIT 5 $$, 'large numbers in bins');
SELECT is_empty($$ SELECT n, w FROM large WHERE n BETWEEN -9223372036854775808 AND 9223372036854775807 AND w >= 1
	AND kiaim.generalize(n::bigint, format('bins(%s)', w)::kiaim.hierarchy, 1) <> kiaim.generalize(n, format('bins(%s)', w)::kiaim.hierarchy, 1) LIMIT 5 $$, 'bigint as numeric');

-- the calendar against to_char and extract, every day of seventy years, and random days of all times
CREATE TEMP TABLE days AS
	SELECT date '1970-01-01' + i AS d FROM generate_series(0, 25600) AS i
	UNION ALL SELECT date '1582-10-01' + i FROM generate_series(0, 60) AS i
	UNION ALL SELECT date '0001-01-01' + pg_temp.random_int(0, 3652058) FROM generate_series(1, 5000);
SELECT is_empty($$ SELECT d, kiaim.path(d, 'calendar(day, month, quarter, half_year, year, 5 years, decade)') FROM days
	WHERE kiaim.path(d, 'calendar(day, month, quarter, half_year, year, 5 years, decade)') <> ARRAY[
		to_char(d, 'YYYY-MM-DD'), to_char(d, 'YYYY-MM-DD'), to_char(d, 'YYYY-MM'), to_char(d, 'YYYY"-Q"Q'),
		to_char(d, 'YYYY"-H"') || CASE WHEN extract(month FROM d) <= 6 THEN 1 ELSE 2 END, to_char(d, 'YYYY'),
		format('[%s,%s)', floor(extract(year FROM d) / 5) * 5, floor(extract(year FROM d) / 5) * 5 + 5),
		to_char(floor(extract(year FROM d) / 10) * 10, 'FM0000') || 's', '*']
	  AND extract(year FROM d) >= 1000 LIMIT 5 $$, 'units agree with to_char');
SELECT is_empty($$ SELECT d, kiaim.generalize(d, 'calendar(week)', 1), to_char(d, 'IYYY"-W"IW') FROM days
	WHERE kiaim.generalize(d, 'calendar(week)', 1) <> to_char(d, 'IYYY"-W"IW') LIMIT 5 $$, 'ISO weeks agree with to_char');
SELECT is_empty($$ SELECT d FROM days WHERE kiaim.path(d, 'calendar(week)') <> kiaim.path(d::text, 'calendar(week)')
	OR kiaim.generalize(d, 'calendar(day)', 1) <> kiaim.generalize(d + time '23:59:59.999999', 'calendar(day)', 1)
	OR kiaim.generalize(d, 'calendar(day)', 1) <> kiaim.generalize((d + time '00:00') AT TIME ZONE 'UTC', 'calendar(day)', 1) LIMIT 5 $$,
	'a day as date, text, timestamp and timestamp with time zone');
SET LOCAL "DateStyle" = 'ISO';
CREATE TEMP TABLE all_times AS SELECT date '4714-11-24 BC' + (random() * 2147483493)::int AS d FROM generate_series(1, 20000)
	UNION ALL SELECT date '4714-11-24 BC' + (random() * 4000000)::int FROM generate_series(1, 20000);
SELECT is_empty($$ SELECT d, kiaim.generalize(d, 'flat', 0) FROM all_times WHERE kiaim.generalize(d, 'flat', 0) <> d::text
	OR kiaim.generalize(d::text, 'calendar(day)', 1) <> d::text OR kiaim.generalize(d, 'calendar(day)', 1) <> d::text LIMIT 5 $$, 'days of all times are written and read as the server does');
SELECT is_empty($$ SELECT a FROM (SELECT kiaim.path(d, 'calendar(day, month, quarter, half_year, year, 5 years, 20 years, 100 years)') AS a FROM all_times
								  UNION ALL SELECT kiaim.path(d, 'calendar(month, year, decade)') FROM all_times
								  UNION ALL SELECT kiaim.path(d, 'calendar(week)') FROM all_times) AS p,
		generate_series(1, cardinality(a) - 1) AS l GROUP BY cardinality(a), l, a HAVING false $$, 'no day of all times is an error');
SELECT is_empty($$ SELECT l, a[l], count(DISTINCT a[l + 1]) FROM (SELECT kiaim.path(d, 'calendar(month, quarter, half_year, year, 5 years, decade)') AS a FROM all_times) AS p,
		generate_series(1, cardinality(a) - 1) AS l GROUP BY l, a[l] HAVING count(DISTINCT a[l + 1]) > 1 LIMIT 5 $$, 'days of all times form a tree');

-- definitions that are no tree: plain SQL finds a label with two parents exactly where the definition is refused
CREATE FUNCTION pg_temp.refused(definition text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM definition::kiaim.hierarchy;
	RETURN false;
EXCEPTION WHEN invalid_parameter_value THEN RETURN true;
END $$;
SELECT is_empty($$ SELECT a, b FROM generate_series(1, 24) AS a, generate_series(1, 24) AS b
	WHERE pg_temp.refused(format('bins(%s, %s)', a, b))
	   <> EXISTS (SELECT FROM generate_series(0, 24 * 24) AS x GROUP BY x / a HAVING count(DISTINCT x / b) > 1) $$, 'bins(a, b) is refused where it is no tree');
CREATE TEMP TABLE units AS SELECT * FROM unnest(ARRAY['day', 'week', 'month', 'quarter', 'half_year', 'year', '2 years', '3 years', '5 years', '7 years', 'decade', '20 years']) AS unit;
CREATE TEMP TABLE unit_labels AS SELECT unit, date '1900-01-01' + i AS d, kiaim.generalize(date '1900-01-01' + i, format('calendar(%s)', unit)::kiaim.hierarchy, 1) AS label
	FROM units, generate_series(0, 16000) AS i;
CREATE INDEX ON unit_labels (unit, d);
ANALYZE unit_labels;
SELECT is_empty($$ SELECT a.unit, b.unit FROM units AS a, units AS b
	WHERE pg_temp.refused(format('calendar(%s, %s)', a.unit, b.unit))
	   <> EXISTS (SELECT FROM unit_labels AS x JOIN unit_labels AS y USING (d) WHERE x.unit = a.unit AND y.unit = b.unit
				  GROUP BY x.label HAVING min(y.label) <> max(y.label)) $$, 'calendar(a, b) is refused where it is no tree');
SELECT is_empty($$ SELECT a, b FROM generate_series(0, 4) AS a, generate_series(0, 4) AS b, unnest(ARRAY['prefix', 'suffix']) AS f
	WHERE pg_temp.refused(format('%s(%s, %s)', f, a, b)) <> (b > a) $$, 'prefix(a, b) is refused where it is no tree');
CREATE TEMP TABLE random_cuts AS SELECT i, ARRAY(SELECT DISTINCT c FROM generate_series(1, 5) AS c WHERE random() + i * 0 < 0.7 ORDER BY c) AS fine,
	ARRAY(SELECT DISTINCT c FROM generate_series(1, 5) AS c WHERE random() + i * 0 < 0.3 ORDER BY c) AS coarse FROM generate_series(1, 300) AS i;
SELECT is_empty($$ SELECT fine, coarse FROM random_cuts WHERE cardinality(fine) > 0 AND cardinality(coarse) > 0
	AND pg_temp.refused(format('breaks(%s; %s)', array_to_string(fine, ','), array_to_string(coarse, ','))) <> NOT fine @> coarse $$,
	'breaks are refused where the coarser cuts are not among the finer');
CREATE TEMP TABLE random_rows AS SELECT t, i, pg_temp.random_int(1, 3)::text AS l1, pg_temp.random_int(1, 2)::text AS l2, pg_temp.random_int(1, 6)::text AS l0
	FROM generate_series(1, 400) AS t, generate_series(1, 5) AS i;
CREATE FUNCTION pg_temp.rows_refused(wanted int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.hierarchy_agg(l0, l1, l2) FROM random_rows WHERE t = wanted;
	RETURN false;
EXCEPTION WHEN invalid_parameter_value THEN RETURN true;
END $$;
SELECT is_empty($$ SELECT t FROM generate_series(1, 400) AS t WHERE pg_temp.rows_refused(t)
	<> (EXISTS (SELECT FROM random_rows AS r WHERE r.t = t.t GROUP BY l0 HAVING count(DISTINCT l1) > 1)
	 OR EXISTS (SELECT FROM random_rows AS r WHERE r.t = t.t GROUP BY l1 HAVING count(DISTINCT l2) > 1)) $$, 'rows are refused where they are no tree');
SELECT ok((SELECT count(*) FILTER (WHERE pg_temp.rows_refused(t)) BETWEEN 50 AND 395 FROM generate_series(1, 400) AS t), 'of which there were some of each kind');

SELECT * FROM finish();
ROLLBACK;
