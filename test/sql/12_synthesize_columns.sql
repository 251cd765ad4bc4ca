-- Columns of synthetic rows: numbers and dates.
\pset footer off
\set SHOW_CONTEXT never
SET DateStyle = ISO;
CREATE SCHEMA ward;

-- 3,000 made-up stays: doses are often 0 and else rounded to 50, costs are often whole hundreds, nobody is admitted on a Sunday, and half of the births are only known by their year.
CREATE TABLE ward.stay AS
WITH hash AS (SELECT i, sha256(i::text::bytea) AS h FROM generate_series(1, 3000) AS i)
SELECT i AS stay_id,
       CASE WHEN get_byte(h, 0) < 100 THEN 0 ELSE 50 * (get_byte(h, 1) % 30) END AS dose,
       CASE WHEN get_byte(h, 2) < 180 THEN 100 * (1 + get_byte(h, 3) * get_byte(h, 4) / 64) ELSE 100 + get_byte(h, 3) * get_byte(h, 4) * 3 / 2 + get_byte(h, 5) END::numeric(8, 2) AS cost,
       CASE WHEN get_byte(h, 6) < 128 THEN make_date(1930 + get_byte(h, 7) % 70, 1, 1) ELSE date '1930-01-01' + get_byte(h, 7) * 99 + get_byte(h, 8) % 99 END AS born,
       date '2020-01-06' + 7 * (get_byte(h, 9) % 104) + get_byte(h, 10) % 6 AS admitted,
       CASE WHEN get_byte(h, 11) < 200 THEN (get_byte(h, 12) * get_byte(h, 13) / 2000.0)::real END AS crp
FROM hash;

ALTER TABLE ward.stay ADD PRIMARY KEY (stay_id);

SELECT kiaim.fit('stays', 'ward.stay', '{"method": "marginals"}');
SELECT * FROM kiaim.sample(NULL::ward.stay, 'stays', 5, seed => 42);

-- Heaped, round and missing values, and weekdays.
CREATE TABLE ward.made AS SELECT * FROM kiaim.sample(NULL::ward.stay, 'stays', 3000, seed => 2);
SELECT 'data' AS rows, round(avg((dose = 0)::int), 2) AS no_dose, round(avg((cost % 100 = 0)::int), 2) AS hundreds, round(avg((extract(doy FROM born) = 1)::int), 2) AS january_1,
       count(*) FILTER (WHERE extract(dow FROM admitted) = 0) AS sundays, round(avg((crp IS NULL)::int), 2) AS no_crp FROM ward.stay
UNION ALL
SELECT 'made', round(avg((dose = 0)::int), 2), round(avg((cost % 100 = 0)::int), 2), round(avg((extract(doy FROM born) = 1)::int), 2),
       count(*) FILTER (WHERE extract(dow FROM admitted) = 0), round(avg((crp IS NULL)::int), 2) FROM ward.made;

-- Ends: the ten highest of the data and of what is made, without and with the column's leave.
SELECT array(SELECT cost FROM ward.stay ORDER BY cost DESC LIMIT 11) AS data;
SELECT max(cost) AS made FROM kiaim.sample(NULL::ward.stay, 'stays', 30000, seed => 3);
SELECT kiaim.fit('stays_with_ends', 'ward.stay', '{"method": "marginals", "columns": {"cost": {"extremes": true}}}');
SELECT max(cost) AS made FROM kiaim.sample(NULL::ward.stay, 'stays_with_ends', 30000, seed => 3);

-- A key has an end.
CREATE TABLE ward.bed (bed smallint PRIMARY KEY, width int);
INSERT INTO ward.bed SELECT i, 90 + 10 * (i % 3) FROM generate_series(1, 200) AS i;
SELECT kiaim.fit('beds', 'ward.bed', '{"method": "marginals"}');
SELECT count(bed) FROM kiaim.sample(NULL::ward.bed, 'beds', 40000, seed => 1);

SET client_min_messages = warning;
SELECT count(kiaim.drop_model(name)) AS dropped FROM kiaim.models;
DROP SCHEMA ward CASCADE;
