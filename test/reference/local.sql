-- Local recoding of Adult, which must lie beside this checkout; without it the
-- file is skipped.  The loss is computed once more, in plain SQL, from the
-- labels that the query releases and the rows of the hierarchies.
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' = '' AS absent \gset
\if :absent
\echo 1..0 # skip the reference figures are absent
\quit
\endif

BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
\ir include/adult.sql

-- what each label of each column costs: leaves under it - 1 of all leaves - 1
CREATE TABLE cost (name text, label text, cost float8);
CREATE FUNCTION load_costs(folder text, name text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    CREATE TEMP TABLE line (content text);
    EXECUTE format('COPY line FROM %L (FORMAT csv, DELIMITER E''\x01'', QUOTE E''\x02'')', folder || '/adult_hierarchy_' || name || '.csv');
    INSERT INTO cost
        SELECT name, label, CASE WHEN label = '*' THEN 1 ELSE (count(DISTINCT content) - 1) / ((SELECT count(*) FROM line) - 1)::float8 END
        FROM line, unnest(string_to_array(content, ';')) AS label GROUP BY label;
    DROP TABLE line;
END
$f$;
SELECT count(load_costs(:'folder', attname::text)) AS columns
FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0 \g /dev/null

-- rows, classes, the smallest class and the loss of what a query releases
CREATE FUNCTION released(query text) RETURNS TABLE (rows bigint, classes bigint, smallest bigint, loss float8) LANGUAGE plpgsql AS $f$
BEGIN
    EXECUTE 'CREATE TEMP TABLE r AS ' || query;
    SELECT sum(n), count(*), min(n) INTO rows, classes, smallest FROM (SELECT count(*) AS n FROM r GROUP BY r.*) AS class;
    SELECT sum(c.cost) / 9 / (SELECT count(*) FROM r) INTO loss
    FROM r, LATERAL jsonb_each_text(to_jsonb(r)) AS cell JOIN cost AS c ON c.name = cell.key AND c.label = cell.value;
    DROP TABLE r;
    RETURN NEXT;
END
$f$;

CREATE TABLE ours AS
SELECT algorithm, least, p.loss, p.suppressed, p.classes, p.k, r.rows, r.classes AS classes_released, r.smallest, r.loss AS loss_released
FROM (VALUES ('cluster', 0.0500), ('iterated', 0.0525), ('mondrian', 0.0767)) AS a (algorithm, least),
     kiaim.plan('adult', (SELECT jsonb_build_object('quasi', jsonb_object_agg(attname, 'adult_' || attname), 'k', 5, 'suppression', 0,
                                                    'recoding', jsonb_build_object('method', 'local', 'algorithm', algorithm))
                          FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0)) AS p,
     released(p.query) AS r;
SELECT is(count(*), 3::bigint, 'three algorithms were compared') FROM ours;
SELECT is(ARRAY[rows, suppressed], ARRAY[30162, 0]::bigint[], algorithm || ': every row is released') FROM ours;
SELECT is(ARRAY[classes_released, smallest], ARRAY[classes, k], algorithm || ': the classes that were told') FROM ours;
SELECT cmp_ok(smallest, '>=', 5::bigint, algorithm || ': of 5 rows or more') FROM ours;
SELECT ok(abs(loss - loss_released) <= 1e-9, format('%s: the loss of the labels is %s, as told', algorithm, loss_released)) FROM ours;
SELECT cmp_ok(loss_released, '<=', least::float8, algorithm || ': no more than what was measured before') FROM ours;

-- requirements on the table, and beside all of Adult for every tenth of its rows
CREATE TABLE subset AS SELECT sex, age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class"
FROM (SELECT *, row_number() OVER (ORDER BY ctid) AS n FROM adult) AS a WHERE n % 10 = 1;
SELECT format('%I.adult', relnamespace::regnamespace) AS population FROM pg_class WHERE oid = 'adult'::regclass \gset
CREATE TABLE required AS
SELECT requirement, most, p.levels, p.loss, r.rows, r.classes, r.loss AS loss_released
FROM (VALUES ('adult', '{"average_risk": 0.05}'::jsonb, 0.0810), ('adult', '{"sample_uniqueness": 0.05}', 0.0117),
             ('subset', jsonb_build_object('k_map', jsonb_build_object('k', 5, 'population', :'population')), 0.0330)) AS v (source, requirement, most),
     kiaim.plan(source::regclass, requirement || (SELECT jsonb_build_object('quasi', jsonb_object_agg(attname, 'adult_' || attname), 'recoding', 'local')
                                                  FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0)) AS p,
     released(p.query) AS r;
SELECT ok(abs(loss - loss_released) <= 1e-9 AND loss <= most, format('%s: loss %s', requirement, loss)) FROM required;
SELECT ok(classes / rows::float8 <= 0.05, 'the average risk') FROM required WHERE requirement ? 'average_risk';
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM required, kiaim.fitted_recoding AS f, adult AS a,
    LATERAL kiaim.recode(f.recoding, sex, age, race, "marital-status", education, "native-country", workclass, occupation, "salary-class") AS o
    WHERE requirement ? 'k_map' AND f.id = levels ->> 'recoding' AND o IS NOT NULL GROUP BY o) AS class), '>=', 5::bigint, 'k-map: of everybody in Adult');
SELECT * FROM finish();
ROLLBACK;
