-- Categories of synthetic rows: codes that few persons have never come out, and nothing that is no code.
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

-- numbers of 0 .. 1 that depend on i alone
CREATE FUNCTION pg_temp.unit(i bigint, salt text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
	$$ SELECT (hashtextextended(salt || i, 0) & 9007199254740991) / 9007199254740992.0 $$;

-- A model of a table and n rows of it, in <source>_drawn.
CREATE FUNCTION pg_temp.draw(source text, options jsonb, n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.fit(source, quote_ident(source), '{"method": "marginals"}'::jsonb || options);
	EXECUTE format('DROP TABLE IF EXISTS %I', source || '_drawn');
	EXECUTE format('CREATE TABLE %I AS SELECT * FROM kiaim.sample(NULL::%I, %L, %s, seed => 1)', source || '_drawn', source, source, n);
END $$;

---- persons, not rows, decide what is rare ----

CREATE TABLE visits (person int, colour text);
INSERT INTO visits SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END FROM generate_series(1, 400) AS i;
INSERT INTO visits SELECT 1, 'gold' FROM generate_series(1, 300);
INSERT INTO visits SELECT i, 'green' FROM generate_series(1, 9) AS i, generate_series(1, 20);
INSERT INTO visits SELECT i, 'grey' FROM generate_series(1, 10) AS i;
SELECT pg_temp.draw('visits', '{"person": "person"}', 5000);
SELECT is((SELECT string_agg(DISTINCT colour, ' ' ORDER BY colour) FROM visits_drawn), 'blue grey red',
	'what nine persons have in 180 rows, or one in 300, does not come out; what ten have does');
SELECT is((SELECT count(*) FROM visits_drawn WHERE colour IS NULL), 0::bigint, 'nor does NULL in its place');
SELECT ok(strpos(encode(model::bytea, 'escape'), 'gold') = 0 AND strpos(encode(model::bytea, 'escape'), 'green') = 0
	AND strpos(encode(model::bytea, 'escape'), 'grey') > 0, 'the model does not hold it either')
  FROM (SELECT kiaim.model_send(model) AS model FROM kiaim.fitted_model WHERE name = 'visits') AS m;
SELECT pg_temp.draw('visits', '{}', 5000);
SELECT is((SELECT string_agg(DISTINCT colour, ' ' ORDER BY colour) FROM visits_drawn), 'blue gold green grey red',
	'were each row a person, all would');

---- rare codes are counted for the code above them, or come out as their neighbours ----

CREATE TABLE tumours (site varchar(8) NOT NULL, histology text, padded char(8));
INSERT INTO tumours SELECT 'C34.1', '8070/3', 'C34.1' FROM generate_series(1, 300);
INSERT INTO tumours SELECT 'C34.3', '8140/3', 'C61' FROM generate_series(1, 100);
INSERT INTO tumours SELECT 'C50.' || i % 6, '8500/3', 'C50.9' FROM generate_series(1, 48) AS i;         -- eight each
INSERT INTO tumours SELECT c, '8140/3', c FROM unnest('{C18.0,C18.2,C18.4,C18.7,C18.9,C16.0,C16.3,C25.0,C53.1,C64}'::text[]) AS c, generate_series(1, 40);
INSERT INTO tumours SELECT 'C34.8', '8041/3', 'C34.8' FROM generate_series(1, 4);
INSERT INTO tumours SELECT 'C74.1', '9500/3', 'C74.1' FROM generate_series(1, 3);
SELECT pg_temp.draw('tumours', '{}', 20000);
SELECT is((SELECT count(*) FROM tumours_drawn WHERE site ~ '^C50\.|^C34\.8|^C74\.1'), 0::bigint, 'codes of eight, four and three persons do not come out');
-- 48 of 855 rows: the standard error of the share of 20,000 is 0.0016
SELECT ok((SELECT abs(avg((site = 'C50')::int) - 48 / 855.0) FROM tumours_drawn) < 0.006, 'those of one category that ten have come out as the category, as often');
SELECT is((SELECT array_agg(DISTINCT site ORDER BY site)::text FROM tumours_drawn WHERE site LIKE 'C34%'), '{C34.1,C34.3}',
	'a category that fewer have comes out as neighbours');
SELECT is((SELECT count(*) FROM tumours_drawn WHERE NOT EXISTS (SELECT FROM tumours AS t WHERE t.site = d.site) AND d.site <> 'C50') , 0::bigint,
	'and nothing else') FROM (SELECT) AS one, tumours_drawn AS d LIMIT 1;
SELECT is((SELECT count(*) FROM tumours_drawn WHERE octet_length(padded) <> 8), 0::bigint, 'char(8) comes out with its blanks');
SELECT is((SELECT string_agg(DISTINCT rtrim(padded), ' ' ORDER BY rtrim(padded)) FROM tumours_drawn),
	'C16.0 C16.3 C18.0 C18.2 C18.4 C18.7 C18.9 C25.0 C34.1 C50.9 C53.1 C61 C64', 'its codes are codes in spite of them, and rare ones come out as others');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::tumours, 'tumours', 200, given => '{"site": "C18"}') WHERE site !~ '^C18'), 0::bigint, 'a category is given: every code under it matches');
SELECT is((SELECT count(DISTINCT site) FROM kiaim.sample(NULL::tumours, 'tumours', 200, given => '{"site": "C18"}')), 5::bigint, 'all of them');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::tumours, 'tumours', 50, given => '{"padded": "C50.9"}') WHERE padded = 'C50.9'), 50::bigint, 'of char(8), too');
SELECT results_eq($$SELECT DISTINCT rtrim((kiaim.complete(ROW(NULL, NULL, 'C61')::tumours, 'kept')).padded::text) FROM generate_series(1, 20)$$, $$VALUES ('C61')$$, 'char(8) that is kept stays')
  FROM kiaim.fit('kept', 'tumours', '{"method": "sequential", "keep": ["padded"]}');

-- a hierarchy of one's own, which is no code system
CREATE TABLE animals AS
SELECT (ARRAY['dog', 'cat', 'horse'])[1 + i % 3] AS kind FROM generate_series(1, 300) AS i
UNION ALL SELECT (ARRAY['robin', 'wren', 'finch'])[1 + i % 3] FROM generate_series(1, 24) AS i
UNION ALL SELECT 'mouse' FROM generate_series(1, 12)
UNION ALL SELECT (ARRAY['rat', 'vole'])[1 + i % 2] FROM generate_series(1, 14) AS i
UNION ALL SELECT 'adder' FROM generate_series(1, 4);
SELECT pg_temp.draw('animals', '{"columns": {"kind": {"hierarchy": {"*": {"mammal": {"pet": ["dog", "cat"], "rodent": ["mouse", "rat", "vole"], "hoofed": ["horse"]},
	"bird": {"songbird": ["robin", "wren", "finch"]}, "reptile": {"snake": ["adder"]}}}}}}', 20000);
SELECT is((SELECT string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM animals_drawn), 'cat dog horse mouse',
	'labels of a tree are no values: a rare one is another under the same label, or never drawn');
-- 26 of the 326 that are drawn; the standard error is 0.0019
SELECT ok((SELECT abs(avg((kind = 'mouse')::int) - 26 / 326.0) FROM animals_drawn) < 0.007, 'as often as both');

-- domains say what a value is: no label that they would refuse
CREATE DOMAIN full_code AS text CHECK (value ~ '^C[0-9]{2}\.[0-9]$');
CREATE TABLE strict_codes AS SELECT site::text::full_code AS site FROM tumours WHERE site LIKE 'C__._';
INSERT INTO strict_codes SELECT 'C50.9' FROM generate_series(1, 30);
SELECT pg_temp.draw('strict_codes', '{}', 3000);
SELECT is((SELECT string_agg(DISTINCT site, ' ' ORDER BY site) FROM strict_codes_drawn WHERE site LIKE 'C50%'), 'C50.9', 'under a domain, rare codes come out as others');
CREATE DOMAIN mandatory AS text NOT NULL;
CREATE TABLE surnames AS SELECT ('Name' || i)::mandatory AS surname FROM generate_series(1, 50) AS i;
SELECT alike(pg_temp.error_of($$SELECT kiaim.fit('surnames', 'surnames')$$), '22023 | column "surname" has no value that can come out%', 'a domain that is NOT NULL is');

---- names ----

CREATE TABLE people AS SELECT 'Name' || i AS surname, CASE WHEN i % 2 = 0 THEN 'f' ELSE 'm' END AS sex FROM generate_series(1, 500) AS i;
SELECT pg_temp.draw('people', '{}', 1000);
SELECT is((SELECT count(surname) FROM people_drawn), 0::bigint, 'names that nobody shares never come out');
ALTER TABLE people ALTER surname SET NOT NULL;
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('people', 'people')$$),
	'22023 | column "surname" has no value that can come out | It is NOT NULL, and none of its values and no group of them belongs to 10 persons. | Leave the column out by naming the others in "columns", or fit more rows.',
	'where they must be there, it says so');
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('people', 'people', '{"columns": ["sex"]}')$$), 'no error', 'and without them it works');

---- many codes ----

CREATE TABLE many AS
SELECT 'K' || lpad(to_hex((i * 7919) % 14000), 4, '0') AS code, (i * 7919) % 14000 / 7000 AS half FROM generate_series(1, 14000 * 11) AS i
UNION ALL SELECT 'K0001', 0 FROM generate_series(1, 40000)
UNION ALL SELECT 'Z' || lpad(to_hex(i % 2000), 4, '0'), 1 FROM generate_series(1, 6000) AS i;
SELECT pg_temp.draw('many', '{"method": "sequential"}', 200000);
SELECT is((SELECT count(*) FROM many_drawn AS d WHERE NOT EXISTS (SELECT FROM many AS m WHERE m.code = d.code)), 0::bigint, 'of 14,000 codes none is made up');
SELECT is((SELECT count(*) FROM many_drawn WHERE code LIKE 'Z%'), 0::bigint, 'rare ones never come out beside 14,000 others');
SELECT ok((SELECT count(DISTINCT code) FROM many_drawn) > 13900, 'and nearly all of the others do');
-- 40,011 of 194,000; the standard error is 0.0009
SELECT ok((SELECT abs(avg((code = 'K0001')::int) - 40011 / 194000.0) FROM many_drawn) < 0.004, 'as often as there are');
SELECT ok((SELECT avg(((('x' || substr(code, 2))::bit(16)::int / 7000) <> half)::int) FROM many_drawn) < 0.02, 'together with what they belong to');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::many, 'many', 20, given => '{"code": "K1a2b"}') WHERE code = 'K1a2b'), 20::bigint, 'one of them can be given');

---- types ----

CREATE TYPE grade AS ENUM ('well', 'moderate', 'poor', 'none yet');
CREATE DOMAIN sex AS text CHECK (value IN ('m', 'w', 'd', 'x'));
CREATE TABLE "Fälle Köln" (id int PRIMARY KEY, "Größe" varchar(16), "sex ""m/w""" sex, grade grade, relapse boolean, unit uuid, letter "char", word name, ages text, "Straße" text COLLATE "C");
INSERT INTO "Fälle Köln"
SELECT i, (ARRAY['groß', 'mäßig', 'klein, "fein"', E'x\ny'])[1 + i % 4], (ARRAY['m', 'w', 'd'])[1 + i % 3],
       (ARRAY['well', 'moderate', 'poor'])[1 + i % 3]::grade, CASE WHEN i % 5 > 0 THEN i % 2 = 0 END,
       ('00000000-0000-0000-0000-00000000000' || i % 3)::uuid, (ARRAY['a', 'b'])[1 + i % 2], 'name' || i % 2, (i % 60)::text, 'Weg ' || i % 3 FROM generate_series(1, 1200) AS i;
SELECT pg_temp.draw('Fälle Köln', '{}', 3000);
SELECT is((SELECT string_agg(g, '|' ORDER BY g COLLATE "C") FROM (SELECT DISTINCT "Größe" AS g FROM "Fälle Köln_drawn") AS d), E'groß|klein, "fein"|mäßig|x\ny', 'umlauts, quotes and line ends stay');
SELECT is((SELECT string_agg(DISTINCT "sex ""m/w"""::text, '' ORDER BY "sex ""m/w"""::text) FROM "Fälle Köln_drawn"), 'dmw', 'a domain');
SELECT is((SELECT enum_range(min(grade), max(grade))::text FROM "Fälle Köln_drawn"), '{well,moderate,poor}', 'an enum: a label that nobody has does not come out');
SELECT ok((SELECT abs(avg((relapse IS NULL)::int) - 0.2) < 0.035 AND abs(avg(relapse::int) - 0.5) < 0.05 FROM "Fälle Köln_drawn"), 'a boolean and its NULL');
SELECT is((SELECT count(DISTINCT (unit, letter, word)) FROM "Fälle Köln_drawn"), 6::bigint, 'uuid, "char", and name, which follows from it');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::"Fälle Köln", 'Fälle Köln', 100, given => '{"relapse": true, "grade": "poor"}') WHERE relapse AND grade = 'poor'), 100::bigint, 'booleans and enums can be given');
SELECT is((SELECT count(*) FROM "Fälle Köln_drawn" WHERE ages !~ '^[0-9]{1,2}$' OR ages::int > 59), 0::bigint, 'ages that are texts stay such');

SELECT is(pg_temp.error_of(format($$CREATE TEMP TABLE refused AS SELECT %s AS v, 1 AS n FROM generate_series(1, 20); SELECT kiaim.fit('refused', 'refused')$$, value)),
	format('0A000 | column "v" of type %s cannot be synthesized | Numbers, dates, times, texts, booleans, enums, uuids and domains over them can. | Name the columns that are wanted in "columns", or let a view convert it.', type),
	type || ' is refused')
  FROM (VALUES ('ARRAY[1]', 'integer[]'), ('''{}''::jsonb', 'jsonb'), ('''{}''::json', 'json'), ('''x''::bytea', 'bytea'), ('''[1,2)''::int4range', 'int4range'),
	('interval ''1 day''', 'interval'), ('point(1, 2)', 'point'), ('''12:00+01''::timetz', 'time with time zone'), ('ROW(1, 2)::pg_temp.pair', 'pg_temp.pair')) AS t (value, type)
 WHERE type <> 'pg_temp.pair';
SELECT is(pg_temp.error_of($$CREATE TEMP TABLE infinite AS SELECT date 'infinity' AS d FROM generate_series(1, 20); SELECT kiaim.fit('infinite', 'infinite')$$),
	'22023 | column "d" holds infinity, which cannot be synthesized | Let a view turn it into NULL.', 'infinity is refused');
SELECT is(pg_temp.error_of($$CREATE TEMP TABLE no_numbers AS SELECT 'NaN'::numeric AS x FROM generate_series(1, 20); SELECT kiaim.fit('no_numbers', 'no_numbers')$$),
	'22023 | column "x" holds NaN, which cannot be synthesized | Let a view turn it into NULL.', 'NaN is refused');
SELECT is(pg_temp.error_of($$CREATE TEMP TABLE huge AS SELECT 1e30 + i AS x FROM generate_series(1, 20) AS i; SELECT kiaim.fit('huge', 'huge')$$),
	'22003 | numbers of column "x" have too many digits to be synthesized | They must be below 2^63. | Let a view scale them, or leave the column out.', 'numbers beyond 63 bits are refused');
SELECT is(pg_temp.error_of($$SELECT kiaim.fit('huge', 'people', '{"columns": {"sex": {"as": "number"}}}')$$), '22023 | column "sex" of type text cannot be a number | Let a view convert it.', 'a text is no number');

---- the order of rows, and taking some ----

CREATE TABLE sorted AS SELECT i % 300 AS person, (ARRAY['a', 'b', 'c'])[1 + i % 3] AS letter, (pg_temp.unit(i, 'x') * 30)::int AS n, 'v' || i % 17 AS v FROM generate_series(1, 3000) AS i ORDER BY i;
CREATE TABLE shuffled AS SELECT * FROM sorted ORDER BY hashint4(n * 31 + person);
SELECT kiaim.fit('sorted', 'sorted', o), kiaim.fit('shuffled', 'shuffled', o)
  FROM (VALUES ('{"person": "person", "seed": 1, "rows": 1000}'::jsonb)) AS t (o);
SELECT results_eq($$SELECT s::text FROM kiaim.sample(NULL::sorted, 'sorted', 500, seed => 1) AS s$$, $$SELECT s::text FROM kiaim.sample(NULL::shuffled, 'shuffled', 500, seed => 1) AS s$$,
	'rows in another order give the same model, if but some of them are taken, too');
SELECT results_eq($$SELECT rows, persons FROM kiaim.models WHERE name = 'sorted'$$, $$VALUES (1000::bigint, 100::bigint)$$, 'rows are taken by persons, with all of theirs');
CREATE TABLE alike AS SELECT CASE WHEN i % 4 = 0 THEN 'rare' ELSE 'often' END AS v FROM generate_series(1, 4000) AS i;
SELECT pg_temp.draw('alike', '{"rows": 1000, "seed": 1}', 4000);
SELECT is((SELECT rows FROM kiaim.models WHERE name = 'alike'), 1000::bigint, 'of rows that are all alike, as many as wanted are taken');
-- the standard error of the share in both steps is 0.0137
SELECT ok((SELECT abs(avg((v = 'rare')::int) - 0.25) FROM alike_drawn) < 0.055, 'by chance');

-- what only all tumours together have enough persons of does not come out as any tumour
CREATE TABLE thymus AS
SELECT CASE WHEN i % 2 = 0 THEN 'W' ELSE 'M' END AS sex,
	CASE WHEN i <= 18 THEN (ARRAY['C69.3', 'C74.0'])[1 + i / 2 % 2] WHEN i % 2 = 0 THEN (ARRAY['C50.1', 'C34.1'])[1 + i / 2 % 2] ELSE (ARRAY['C61', 'C34.1'])[1 + i / 2 % 2] END AS icd10
FROM generate_series(1, 800) AS i;
SELECT kiaim.fit('thymus_' || method, 'thymus', jsonb_build_object('method', method, 'seed', 1, 'columns', '{"icd10": {"hierarchy": "icd10"}, "sex": {}}'::jsonb)) FROM unnest('{sequential, forest}'::text[]) AS method;
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::thymus, 'thymus_' || method, 50000, 1) WHERE (sex, icd10) IN (('W', 'C61'), ('M', 'C50.1'))), 0::bigint, 'no rare tumour of a woman becomes one of a man: ' || method) FROM unnest('{sequential, forest}'::text[]) AS method;
SELECT is((SELECT count(DISTINCT icd10) FROM kiaim.sample(NULL::thymus, 'thymus_sequential', 50000, 1)), 3::bigint, 'and none comes out as itself');

SELECT * FROM finish();
ROLLBACK;
