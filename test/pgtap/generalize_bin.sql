-- kiaim.bin: the range around a value.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SELECT is(kiaim.bin(23, 5), '[20,25)'::int4range, 'integer');
SELECT is(kiaim.bin(-3, 5), '[-5,0)'::int4range, 'a negative integer is rounded down, not to zero');
SELECT is(kiaim.bin(-5, 5), '[-5,0)'::int4range, 'a negative bound lies in its own bin');
SELECT is(kiaim.bin(0, 5), '[0,5)'::int4range, 'zero');
SELECT is(kiaim.bin(2147483644, 5), '[2147483640,2147483645)'::int4range, 'the last bin of integer that has an end');
SELECT is(kiaim.bin(2147483646, 2147483647), '[0,2147483647)'::int4range, 'the widest bin of integer');
SELECT is(kiaim.bin(9223372036854775804, 5::bigint), '[9223372036854775800,9223372036854775805)'::int8range, 'bigint');
SELECT is(kiaim.bin(-1::bigint, 9223372036854775807), '[-9223372036854775807,0)'::int8range, 'the widest bin of bigint');
SELECT is(kiaim.bin(23.7, 0.25), '[23.5,23.75)'::numrange, 'numeric');
SELECT is(kiaim.bin(-0.01, 0.25), '[-0.25,0)'::numrange, 'a negative numeric');
SELECT is(kiaim.bin(1e40, 7)::text, '[9999999999999999999999999999999999999996,10000000000000000000000000000000000000003)', 'a large numeric');
SELECT is(kiaim.bin('NaN'::numeric, 5), '[NaN,NaN]'::numrange, 'NaN is a bin of its own');
SELECT is(kiaim.bin('-Infinity'::numeric, 5), '[-Infinity,-Infinity]'::numrange, 'an infinite numeric as well');
SELECT is(kiaim.bin(date '2021-08-05', 7), '[2021-08-02,2021-08-09)'::daterange, 'seven days are a week from Monday to Sunday');
SELECT is(kiaim.bin(date '1999-12-31', 7), '[1999-12-27,2000-01-03)'::daterange, 'also before the origin');
SELECT is(kiaim.bin(date '2000-02-29', interval '1 month'), '[2000-02-01,2000-03-01)'::daterange, 'a month with a leap day');
SELECT is(kiaim.bin(date '2021-08-05', interval '5 years'), '[2020-01-01,2025-01-01)'::daterange, 'years');
SELECT is(kiaim.bin(date '2021-08-05', interval '14 days'), '[2021-08-02,2021-08-16)'::daterange, 'days as an interval');
SELECT is(kiaim.bin(date '0044-03-15 BC', interval '1 year'), '[0044-01-01 BC,0043-01-01 BC)'::daterange, 'a year before our era');
SELECT is(kiaim.bin(date 'infinity', 7), '[infinity,infinity]'::daterange, 'an infinite date is a bin of its own');
SELECT is(kiaim.bin(date '-infinity', interval '1 month'), '[-infinity,-infinity]'::daterange, 'also by interval');
SELECT is(kiaim.bin(NULL::int, 5), NULL, 'NULL');
SELECT is(kiaim.bin(3::smallint, 5), '[0,5)'::int4range, 'smallint counts as integer');

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
SELECT is(pg_temp.error_of(format('SELECT kiaim.bin(%s)', arguments)), told, arguments)
  FROM (VALUES
	('2147483645, 5', '22003 | the bin of 2147483645 is out of range for type integer | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('(-2147483648)::int, 5', '22003 | the bin of -2147483648 is out of range for type integer | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('9223372036854775807, 5::bigint', '22003 | the bin of 9223372036854775807 is out of range for type bigint | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('(-9223372036854775808)::bigint, 5::bigint', '22003 | the bin of -9223372036854775808 is out of range for type bigint | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('date ''5874897-12-31'', 7', '22003 | the bin of 5874897-12-31 is out of range for type date | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('date ''4714-11-24 BC'', interval ''100 years''', '22003 | the bin of 4714-11-24 BC is out of range for type date | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('date ''5874897-12-31'', interval ''100000000 years''', '22003 | the bin of 5874897-12-31 is out of range for type date | An end of the bin is beyond the limits of the type. | Use a smaller width, a larger type, or kiaim.generalize, whose labels have no limits.'),
	('1, 0', '22023 | the width of a bin should be greater than 0 | The width is 0.'),
	('1, -5', '22023 | the width of a bin should be greater than 0 | The width is -5.'),
	('1::bigint, 0::bigint', '22023 | the width of a bin should be greater than 0 | The width is 0.'),
	('1.5, 0.0', '22023 | the width of a bin should be greater than 0 | The width is 0.0.'),
	('1.5, ''NaN''::numeric', '22023 | the width of a bin should be greater than 0 | The width is NaN.'),
	('1.5, ''Infinity''::numeric', '22023 | the width of a bin should be greater than 0 | The width is Infinity.'),
	('date ''2021-08-05'', 0', '22023 | the width of a bin should be greater than 0 | The width is 0.'),
	('date ''2021-08-05'', interval ''-1 month''', '22023 | the width of a bin should be greater than 0 | The width is -1 mons.'),
	('date ''2021-08-05'', interval ''0''', '22023 | the width of a bin should be greater than 0 | The width is 00:00:00.'),
	('date ''2021-08-05'', interval ''1 hour''', '22023 | the width of a bin of dates should be a number of months or of days | For example ''5 years'', ''3 months'' or ''14 days''.'),
	('date ''2021-08-05'', interval ''1 month 1 day''', '22023 | the width of a bin of dates should be a number of months or of days | For example ''5 years'', ''3 months'' or ''14 days''.')
  ) AS v(arguments, told);

-- random values and widths: the bin has the width, begins at a multiple of it, and holds the value
SELECT setseed(0.42);
CREATE TEMP TABLE random_bins AS
	SELECT ((random() - 0.5) * 2e9)::int AS i, 1 + (random() * power(10, random() * 6))::int AS iw,
		   ((random() - 0.5) * power(10, random() * 30))::numeric AS n, ((1 + random()) * power(10, random() * 10 - 5))::numeric AS nw,
		   date '2001-01-01' + ((random() - 0.5) * 2e6)::int AS d, 1 + (random() * 1000)::int AS dw
	  FROM generate_series(1, 20000);
SELECT is_empty($$ SELECT i, iw, kiaim.bin(i, iw) FROM random_bins
	WHERE NOT (kiaim.bin(i, iw) @> i AND lower(kiaim.bin(i, iw)) % iw = 0
			   AND upper(kiaim.bin(i, iw)) - lower(kiaim.bin(i, iw)) = iw
			   AND kiaim.bin(i, iw)::text = kiaim.generalize(i, format('bins(%s)', iw)::kiaim.hierarchy, 1)) $$, 'random integers');
SELECT is_empty($$ SELECT n, nw, kiaim.bin(n, nw) FROM random_bins
	WHERE NOT (kiaim.bin(n, nw) @> n AND lower(kiaim.bin(n, nw)) % nw = 0
			   AND upper(kiaim.bin(n, nw)) - lower(kiaim.bin(n, nw)) = nw) $$, 'random numerics');
SELECT is_empty($$ SELECT d, dw, kiaim.bin(d, dw) FROM random_bins
	WHERE NOT (kiaim.bin(d, dw) @> d AND (lower(kiaim.bin(d, dw)) - date '2001-01-01') % dw = 0
			   AND upper(kiaim.bin(d, dw)) - lower(kiaim.bin(d, dw)) = dw) $$, 'random dates by days');
SELECT is_empty($$ SELECT d, dw, kiaim.bin(d, make_interval(months => dw)) AS b FROM random_bins
	WHERE NOT (kiaim.bin(d, make_interval(months => dw)) @> d
			   AND upper(kiaim.bin(d, make_interval(months => dw))) = lower(kiaim.bin(d, make_interval(months => dw))) + make_interval(months => dw)
			   AND ((extract(year FROM lower(kiaim.bin(d, make_interval(months => dw)))) + CASE WHEN extract(year FROM lower(kiaim.bin(d, make_interval(months => dw)))) < 0 THEN 1 ELSE 0 END) * 12
					+ extract(month FROM lower(kiaim.bin(d, make_interval(months => dw)))) - 1) % dw = 0) $$, 'random dates by months');

SELECT * FROM finish();
ROLLBACK;
