-- Rows from a model: into one's own table, under conditions, with constraints, and around real columns. See doc/synthesize/sampling.md.
\pset footer off
\set SHOW_CONTEXT never
SET DateStyle = ISO;
CREATE SCHEMA cancer;

-- 4,000 made-up tumours; each column is drawn by itself, so that constraints have something to do.
CREATE FUNCTION cancer.chance(i int, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT abs(hashint8(i * 10::bigint + k)::float8) / 2147483648 $$;
CREATE TABLE cancer.tumour (sex text, site text, age int, diagnosed date, year int);
INSERT INTO cancer.tumour
SELECT CASE WHEN cancer.chance(i, 1) < 0.5 THEN 'f' ELSE 'm' END, CASE WHEN cancer.chance(i, 2) < 0.6 THEN 'C50.' || floor(cancer.chance(i, 3) * 4) ELSE 'C61' END, 40 + floor(cancer.chance(i, 4) * 40), day, extract(year FROM day)
FROM generate_series(1, 4000) AS i, LATERAL (SELECT date '2015-01-01' + floor(cancer.chance(i, 5) * 1826)::int AS day) AS d;
SELECT kiaim.fit('tumours', 'cancer.tumour', '{"method": "marginals", "seed": 1, "columns": {"site": {"hierarchy": "icd10"}, "*": {}}}');

-- A table of one's own: fewer columns, wider types; what the model does not know is NULL.
CREATE TABLE cancer.research (year bigint, site varchar(10), hospital text);
INSERT INTO cancer.research SELECT * FROM kiaim.sample(NULL::cancer.research, 'tumours', 1000, seed => 42);
SELECT count(*), min(year), max(year), count(DISTINCT site) AS sites, count(hospital) AS hospitals FROM cancer.research;

-- In a SELECT list rows stream, and LIMIT ends it.
SELECT count(s) FROM (SELECT kiaim.sample(NULL::cancer.tumour, 'tumours', 1000000000, seed => 42) AS s LIMIT 3) AS x;

-- Given: a label of any level, a range, one of several.
SELECT left(site, 3) AS category, year, count(*) AS rows, min(age) >= 50 AND max(age) < 60 AS in_range
FROM kiaim.sample(NULL::cancer.tumour, 'tumours', 1000, 1, '{"site": "C50", "age": "[50,60)", "year": 2017}') GROUP BY 1, 2;

-- What a model cannot make.
SELECT kiaim.sample(NULL::cancer.tumour, 'tumours', 1, given => '{"site": "C62"}');
SELECT kiaim.sample(NULL::cancer.tumour, 'tumours', 1, given => '{"year": "[2030,)"}');
SELECT kiaim.sample(NULL::cancer.tumour, 'tumours', 1, given => '{"sight": "C50"}');

-- Constraints of the table hold in every row, and it is told how many rows that took.
CREATE TABLE cancer.strict (sex text, site text, CONSTRAINT sites CHECK ((sex = 'm') = (site = 'C61')));
SELECT count(*), count(*) FILTER (WHERE (sex = 'm') = (site = 'C61')) AS satisfy FROM kiaim.sample(NULL::cancer.strict, 'tumours', 10000, seed => 1);
CREATE TABLE cancer.never (sex text CHECK (sex = 'd'));
SELECT kiaim.sample(NULL::cancer.never, 'tumours', 1);

-- Partial synthesis: sex and site stay, the others are drawn given them.
SELECT kiaim.fit('persons', 'cancer.tumour', '{"method": "sequential", "seed": 1, "keep": ["sex", "site"], "columns": ["sex", "site", "age"]}');
SELECT count(*) AS rows, count(*) FILTER (WHERE (t).sex = (s).sex AND (t).site = (s).site) AS kept, count((s).age) AS drawn, count((s).diagnosed) AS unknown
FROM (SELECT t, kiaim.complete(t, 'persons', seed => 1) AS s FROM cancer.tumour AS t OFFSET 0) AS x;
SELECT kiaim.sample(NULL::cancer.tumour, 'persons', 1);

SELECT kiaim.drop_model(name) FROM kiaim.models WHERE source = 'cancer.tumour';
DROP SCHEMA cancer CASCADE;
