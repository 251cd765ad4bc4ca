-- How a value gets coarser.
--
-- A hierarchy says what happens to a value level by level. Level 0 is the value
-- itself, the highest level is *, always. Here is an age in intervals of 5, 10
-- and 20 years:
SELECT kiaim.generalize(23, 'bins(5, 10, 20)', level) FROM generate_series(0, 4) AS level;

-- height() is the highest level, path() the whole chain of a value:
SELECT kiaim.height('bins(5, 10, 20)');
SELECT kiaim.path(23, 'bins(5, 10, 20)');

-- Intervals are PostgreSQL ranges in their text form:
SELECT kiaim.generalize(-3, 'bins(5)', 1)::int4range AS range, -3 <@ kiaim.generalize(-3, 'bins(5)', 1)::int4range AS inside;

-- Few people are very young or very old, so both ends may have one label each;
-- the intervals beside them are cut off there:
SELECT age, kiaim.path(age, 'bins(5, 10, 20, below=15, above=85)') FROM unnest(ARRAY[7, 15, 23, 84, 103]) AS age;

-- Cut points of your own, a list for each level:
SELECT age, kiaim.path(age, 'breaks(0, 18, 40, 65, 80; 0, 40, 80)') FROM unnest(ARRAY[7, 23, 65, 103]) AS age;

-- Dates:
SELECT kiaim.path(date '2021-08-05', 'calendar(month, quarter, half_year, year, 5 years, decade)');
SELECT kiaim.path(date '2021-01-03', 'calendar(week)') AS iso_week;

-- Postal codes and other texts lose their last characters, or their first:
SELECT kiaim.path('80331', 'prefix(3, 2, 1)'), kiaim.path('80331', 'suffix(2)');

-- Codes that registries use are built in, in the spellings that registries use:
SELECT code, kiaim.path(code, 'icd10') FROM unnest(ARRAY['C50.9', 'c509', 'C83.3', 'not a code']) AS code;

-- Anything else is a tree in JSON. A value that is not in it becomes * from
-- level 1 on, so nothing unexpected is released:
SELECT city, kiaim.path(city, '{"*": {"Europe": {"DE": ["Bonn", "Ulm"], "FR": ["Lyon"]}}}')
  FROM unnest(ARRAY['Bonn', 'Lyon', 'Atlantis', NULL]) AS city;

-- A tree need not be typed: rows of labels become one.
CREATE TABLE city (name text, country text, continent text);
INSERT INTO city VALUES ('Bonn', 'DE', 'Europe'), ('Ulm', 'DE', 'Europe'), ('Lyon', 'FR', 'Europe'), ('Kyoto', 'JP', 'Asia');
SELECT kiaim.hierarchy_agg(name, country, continent) FROM city;

-- Hierarchies that several policies use get a name:
INSERT INTO kiaim.named_hierarchy SELECT 'city', kiaim.hierarchy_agg(name, country, continent) FROM city;
SELECT name, kiaim.height(hierarchy) FROM kiaim.named_hierarchy;
SELECT kiaim.generalize(city.name, hierarchy, 2), count(*)
  FROM city, kiaim.named_hierarchy AS h WHERE h.name = 'city' GROUP BY 1 ORDER BY 1;

-- What is no tree is refused, with a label and its two parents:
SELECT kiaim.height('bins(5, 7)');
SELECT kiaim.height('calendar(week, month)');
SELECT kiaim.height('{"*": {"South": ["Ulm"], "West": ["Bonn", "Ulm"]}}');
SELECT kiaim.hierarchy_agg(name, country ORDER BY country) FROM (SELECT name, country FROM city UNION SELECT 'Ulm', 'AT') AS x;

-- And what is misspelled gets a hint:
SELECT kiaim.height('calender(month)');
SELECT kiaim.height('bins(5, form=3)');
SELECT kiaim.height('calendar(months, year)');
SELECT kiaim.generalize(23, 'bins(5, 10, 20)', 5);
SELECT kiaim.generalize(date '2021-08-05', 'bins(5)', 1);

-- NULL is a value of its own: it has no label below the top.
SELECT kiaim.path(NULL::int, 'bins(5, 10)');

-- generalize() is immutable, whatever the settings say. So it can be indexed:
SET "DateStyle" = 'German, DMY';
SELECT date '2021-08-05' AS shown, kiaim.path(date '2021-08-05', 'calendar(month)') AS generalized;
SET "DateStyle" = 'ISO';
CREATE TABLE patient AS SELECT i AS id, date '1930-01-01' + (i * 7919) % 30000 AS birth_date FROM generate_series(1, 10000) AS i;
CREATE INDEX ON patient (kiaim.generalize(birth_date, 'calendar(month, year)', 2));
SELECT count(*) FROM patient WHERE kiaim.generalize(birth_date, 'calendar(month, year)', 2) = '1984';
SELECT kiaim.generalize(birth_date, 'calendar(year, decade)', 2) AS born, count(*) FROM patient GROUP BY 1 ORDER BY 1;

-- Where a range is wanted rather than its text, bin() makes one:
SELECT kiaim.bin(23, 5), kiaim.bin(-0.3, 0.25), kiaim.bin(date '2021-08-05', 7) AS week, kiaim.bin(date '2021-08-05', interval '5 years') AS years;

DELETE FROM kiaim.named_hierarchy;
DROP TABLE city, patient;
