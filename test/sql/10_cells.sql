-- Cells that become NULL, and numbers that become means.
\set ECHO none
\pset footer off
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP TABLE IF EXISTS visit;
SET datestyle = ISO;
RESET client_min_messages;
\set ECHO all
CREATE TABLE visit (sex text, age int, clinic text, seen date, cost numeric(6,2));
INSERT INTO visit VALUES
  ('f', 31, 'Bonn', '2021-03-01', 120.50), ('f', 31, 'Bonn', '2021-03-02', 80.00), ('f', 31, 'Bonn', '2021-03-09', 99.90),
  ('f', 31, 'Ulm',  '2021-04-01', 310.00), ('m', 45, 'Ulm',  '2021-04-02', 45.00), ('m', 45, 'Ulm',  '2021-04-04', 47.50),
  ('m', 46, 'Ulm',  '2021-05-20', 52.00),  ('m', 46, 'Bonn', '2021-05-21', 60.00), ('f', 47, 'Bonn', '2021-05-23', 58.25);
\set policy '{"quasi": {"sex": "flat", "age": "flat", "clinic": "flat"}, "k": 2}'

-- Not one row is left out, and values that stay keep their type.
SELECT query FROM kiaim.plan('visit', :'policy'::jsonb || '{"recoding": "cells"}') \gset
SELECT *, count(*) OVER (PARTITION BY sex, age, clinic) AS class FROM (:query) AS released ORDER BY age, clinic, sex;

-- Where a NULL may stand for any value, fewer cells do.
SELECT wildcard, round(p.loss * 27) AS cells, p.k, p.optimal
FROM unnest(ARRAY[false, true]) AS wildcard,
  LATERAL kiaim.plan('visit', :'policy'::jsonb || jsonb_build_object('recoding', jsonb_build_object('method', 'cells', 'wildcard', wildcard))) AS p;
SELECT query FROM kiaim.plan('visit', :'policy'::jsonb || '{"recoding": {"method": "cells", "wildcard": true}}') \gset
SELECT kiaim.k_anonymity(sex, age, clinic), kiaim.wildcard_k_anonymity(sex, age, clinic) FROM (:query) AS released;

-- A column that matters is suppressed last.
SELECT query FROM kiaim.plan('visit', :'policy'::jsonb || '{"recoding": {"method": "cells", "importance": ["clinic", "sex"]}}') \gset
SELECT count(*) - count(sex) AS sex, count(*) - count(age) AS age, count(*) - count(clinic) AS clinic FROM (:query) AS released;

-- Numbers and dates become the mean of at least k rows that are near to each other.
SELECT round(p.loss::numeric, 4) AS loss, p.k, p.classes, p.query
FROM kiaim.plan('visit', '{"quasi": {"age": "flat", "seen": "flat", "cost": "flat"}, "keep": ["clinic"], "k": 3, "recoding": "microaggregation"}') AS p \gset
\echo :loss :k :classes
SELECT * FROM (:query) AS released ORDER BY seen, clinic;

-- The same within the classes of other columns.
SELECT query
FROM kiaim.plan('visit', '{"quasi": {"sex": "flat", "age": "flat"}, "k": 2, "recoding": {"method": "microaggregation", "columns": ["age"], "aggregate": "median"}}') \gset
SELECT sex, age, count(*) FROM (:query) AS released GROUP BY sex, age ORDER BY sex, age;

-- And of arrays, anywhere in SQL.
SELECT kiaim.microaggregate('{1, 2, 3, 10, 11, 12, 30}', 3);
SELECT round(kiaim.microaggregation_loss(a, kiaim.microaggregate(a, 3))::numeric, 6) AS loss
FROM (SELECT array_agg(cost::float8) AS a FROM visit) AS costs;
SELECT g, count(*), round(avg(age)) AS age, round(avg(cost), 2) AS cost
FROM (SELECT array_agg(ARRAY[age, cost::float8] ORDER BY seen) AS points FROM visit) AS p,
  unnest(kiaim.microaggregation_groups(points, 3)) WITH ORDINALITY AS u (g, i)
  JOIN (SELECT *, row_number() OVER (ORDER BY seen) AS i FROM visit) AS v USING (i)
GROUP BY g ORDER BY g;

SET client_min_messages = warning;
SELECT count(kiaim.drop_recoding(id)) AS dropped FROM kiaim.recodings WHERE source = 'public.visit' OR source = 'visit';
DROP TABLE visit;
