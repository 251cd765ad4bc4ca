-- Random policies with typed columns, samples and kept suppressed rows: each release is what the same policy gives in text
-- over a table of the sample's rows, written label by label, and no class of it is too small.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE mixed (person int, sex text, age int, size numeric(5, 1), weight float8, born date, seen timestamp, s text);
CREATE TABLE mixed_sample (LIKE mixed);

CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

CREATE FUNCTION fill_mixed() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n int := 20 + floor(random() * 200);
	wide int := pick('3', '20', '60')::int;
BEGIN
	TRUNCATE mixed;
	INSERT INTO mixed
	SELECT nullif(floor(random() * n), 3), pick('f', 'm', NULL, '*'), nullif((random() * wide)::int, 1), nullif((random() * wide)::int, 2) / 2.0,
		CASE WHEN random() < 0.05 THEN 'NaN' ELSE (random() * wide)::int / 4.0 END,
		CASE WHEN random() < 0.05 THEN 'infinity' WHEN random() < 0.95 THEN date '1999-06-01' + (random() * wide * 40)::int END,
		timestamp '2020-01-01 12:00' + (random() * wide)::int * interval '1 day', pick('i', 'ii', 'iii')
	FROM generate_series(1, n);
END $$;

-- One column with a way of being written that its hierarchy can have.
CREATE FUNCTION column_policy(col text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	h text := CASE col WHEN 'sex' THEN 'flat' WHEN 'age' THEN pick('bins(5, 10, 20)', 'bins(4, below=10, above=40)', 'age_groups', 'flat', 'breaks(10, 20, 30; 20)')
		WHEN 'size' THEN pick('bins(2.5, 5)', 'flat') WHEN 'weight' THEN pick('bins(1, 5)', 'breaks(2.5)')
		WHEN 'born' THEN pick('calendar(month, quarter, year)', 'calendar(day, week)', 'calendar(year, decade)', 'breaks(2000-01-01, 2001-06-30)')
		ELSE pick('calendar(day, month)', 'flat') END;
	written text := CASE WHEN col = 'sex' THEN pick('text', 'type') ELSE pick('text', 'range', 'range', 'midpoint', 'type') END;
	result jsonb := jsonb_build_object('hierarchy', h, 'as', written);
BEGIN
	IF written = 'type' AND kiaim.height(h::kiaim.hierarchy) > 1 THEN
		result := result || CASE pick('a', 'b') WHEN 'a' THEN '{"max": 0}'::jsonb ELSE jsonb_build_object('min', kiaim.height(h::kiaim.hierarchy)) END;
	END IF;
	RETURN result;
END $$;

-- What a text release shows of a column, as the policy writes it.
CREATE FUNCTION as_written(col text, p jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT CASE p ->> 'as'
		WHEN 'range' THEN format('kiaim.label_range(%I, %L, NULL::%s)', col, p ->> 'hierarchy', range)
		WHEN 'midpoint' THEN format('kiaim.midpoint(kiaim.label_range(%I, %L, NULL::%s))', col, p ->> 'hierarchy', range)
		WHEN 'type' THEN format('nullif(%I, ''*'')::%s', col, own)
		ELSE quote_ident(col) END
	FROM (VALUES ('sex', NULL, 'text'), ('age', 'int4range', 'int'), ('size', 'numrange', 'numeric(5, 1)'), ('weight', 'numrange', 'float8'),
		('born', 'daterange', 'date'), ('seen', 'tsrange', 'timestamp')) AS t (c, range, own) WHERE c = col $$;

CREATE FUNCTION differences(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	cols text[];
	p jsonb;
	in_text jsonb;
	list text;
	bad bigint;
	smallest bigint;
	message text;
BEGIN
	FOR round IN 1 .. rounds LOOP
		PERFORM fill_mixed();
		cols := ARRAY(SELECT c FROM unnest('{sex,age,size,weight,born,seen}'::text[]) AS c ORDER BY random() LIMIT 1 + round % 4);
		p := jsonb_build_object('k', pick('1', '2', '5')::int, 'suppression', pick('0', '0.2', '1')::float8, 'suppressed_rows', pick('drop', 'star'),
			'quasi', (SELECT jsonb_object_agg(c, column_policy(c)) FROM unnest(cols) AS c));
		IF random() < 0.4 THEN
			p := p || '{"sensitive": {"s": {"l": 2, "t": 0.9}}}';
		END IF;
		IF random() < 0.5 THEN
			p := p || '{"sample": {"share": 0.7, "by": "person", "seed": 5}}';
		END IF;
		in_text := (p - 'sample') || jsonb_build_object('quasi', (SELECT jsonb_object_agg(key, value - 'as') FROM jsonb_each(p -> 'quasi')));
		TRUNCATE mixed_sample;
		INSERT INTO mixed_sample SELECT * FROM mixed WHERE NOT p ? 'sample' OR kiaim.in_sample(person, 0.7, 5);
		BEGIN
			PERFORM kiaim.create_release('mixed_text', 'mixed_sample', in_text, 'table');
		EXCEPTION WHEN no_data_found THEN
			-- nothing satisfies it: the other one must see that as well
			BEGIN
				PERFORM kiaim.create_release('mixed_typed', 'mixed', p, 'table');
				RETURN NEXT format('round %s: %s has a release', round, p);
			EXCEPTION WHEN no_data_found THEN
				NULL;
			END;
			CONTINUE;
		END;
		BEGIN
			PERFORM kiaim.create_release('mixed_typed', 'mixed', p, pick('table', 'view', 'materialized view'));
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
			RETURN NEXT format('round %s: %s: %s', round, p, message);
			PERFORM kiaim.drop_release('mixed_text');
			CONTINUE;
		END;
		list := (SELECT string_agg(format('%s::text AS %I', as_written(c, p -> 'quasi' -> c), c), ', ' ORDER BY c) FROM unnest(cols) AS c);
		EXECUTE format('SELECT count(*) FROM (SELECT FROM (SELECT %1$s, 1 AS n FROM mixed_text UNION ALL SELECT %2$s, -1 FROM mixed_typed) AS u GROUP BY %3$s HAVING sum(n) <> 0) AS d',
			list, (SELECT string_agg(format('%I::text', c), ', ' ORDER BY c) FROM unnest(cols) AS c), (SELECT string_agg(quote_ident(c), ', ' ORDER BY c) FROM unnest(cols) AS c)) INTO bad;
		EXECUTE format('SELECT min(n) FROM (SELECT count(*) AS n FROM mixed_typed WHERE %2$s GROUP BY %1$s) AS c',
			(SELECT string_agg(quote_ident(c), ', ') FROM unnest(cols) AS c),
			CASE p ->> 'suppressed_rows' WHEN 'drop' THEN 'true' ELSE format('NOT (%s)', (SELECT string_agg(
				CASE p #>> ARRAY['quasi', c, 'as'] WHEN 'text' THEN format('%I IS NOT DISTINCT FROM ''*''', c) WHEN 'range' THEN format('coalesce(%1$I = ''(,)'', false)', c)
				ELSE format('%I IS NULL', c) END, ' AND ') FROM unnest(cols) AS c)) END) INTO smallest;
		IF bad > 0 OR smallest < (p ->> 'k')::int OR NOT (SELECT bool_and(holds) FROM kiaim.check('mixed_typed', p)) AND NOT p -> 'sensitive' -> 's' ? 't' THEN
			RETURN NEXT format('round %s: %s: %s classes differ, the smallest has %s', round, p, bad, smallest);
		END IF;
		IF (SELECT count(DISTINCT (rows, suppressed, levels)::text) FROM kiaim.releases WHERE release IN ('public.mixed_text', 'public.mixed_typed')) <> 1 THEN
			RETURN NEXT format('round %s: %s: %s', round, p, (SELECT jsonb_agg(jsonb_build_array(rows, suppressed, levels)) FROM kiaim.releases WHERE release LIKE 'public.mixed%'));
		END IF;
		PERFORM kiaim.drop_release('mixed_text'), kiaim.drop_release('mixed_typed');
	END LOOP;
END $$;

SELECT setseed(0.42);
SELECT is_empty('SELECT * FROM differences(80)', '80 random policies: the typed release of a sample is the one in text of its rows');

SELECT * FROM finish();
ROLLBACK;
