-- Column subsets against ARX's figures for Adult, and special uniques against
-- sdcMicro's SUDA2; the data must lie beside this checkout, else the file is skipped.
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

CREATE TABLE adult (sex text, age text, race text, "marital-status" text, education text, "native-country" text,
                    workclass text, occupation text, "salary-class" text);
\set file :shared '/data/adult/adult.csv'
COPY adult FROM :'file' (FORMAT csv, HEADER, DELIMITER ';');
CREATE TABLE arx (size int, attributes text, distinction float8, separation float8);
\set file :shared '/reference/golden/arx_column_risk.tsv'
COPY arx FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
CREATE TABLE ours AS SELECT * FROM kiaim.column_risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'], 9);
SELECT is(count(*), 511::bigint, 'every set of nine columns') FROM ours;
-- the same quotients; ARX adds up what we divide once
SELECT is((SELECT count(*) FROM arx JOIN ours ON columns @> string_to_array(attributes, ',') AND columns <@ string_to_array(attributes, ',')), (SELECT count(*) FROM arx), 'ARX: all its sets are there');
SELECT is_empty($$SELECT * FROM arx JOIN ours o ON columns @> string_to_array(attributes, ',') AND columns <@ string_to_array(attributes, ',')
                  WHERE abs(o.distinction - arx.distinction) > 1e-12 OR abs(o.separation - arx.separation) > 1e-12$$, 'ARX: distinction and separation to 1e-12');

-- Contributions and scores of sdcMicro, put together from the sets themselves:
-- with all columns allowed, a set of s of n columns weighs (n - s)!
CREATE TABLE testdata (row_id int, urbrur int, roof int, walls int, water int, electcon int, relat int, sex int, age int, hhcivil int, expend float8,
                       income float8, savings float8, ori_hid int, sampling_weight float8, household_weights float8);
\set file :shared '/data/sdc/testdata.csv'
COPY testdata FROM :'file' (FORMAT csv, HEADER, NULL 'NA');
CREATE TABLE suda (row_id int, score float8, dis float8, urbrur float8, roof float8, walls float8, water float8, electcon float8, relat float8, sex float8);
\set file :shared '/reference/golden/sdcmicro_testdata_suda2.tsv'
COPY suda FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
CREATE TABLE found AS SELECT id::int AS row_id, columns, factorial(7 - cardinality(columns))::float8 AS weight
    FROM kiaim.special_uniques('testdata', '{urbrur,roof,walls,water,electcon,relat,sex}', 'row_id', max_columns => 7);
SELECT is_empty($$SELECT row_id, sum(weight) FROM found GROUP BY row_id EXCEPT SELECT row_id, score FROM suda WHERE score > 0$$, 'sdcMicro: scores');
SELECT is(count(*), (SELECT count(DISTINCT row_id) FROM found), 'sdcMicro: of the same records') FROM suda WHERE score > 0;
SELECT is_empty($$SELECT column_name, contribution FROM kiaim.suda_columns('testdata', '{urbrur,roof,walls,water,electcon,relat,sex}', max_columns => 7)
    JOIN (SELECT name, sum(score * share) / sum(score) AS theirs FROM suda, LATERAL (VALUES ('urbrur', urbrur), ('roof', roof), ('walls', walls), ('water', water), ('electcon', electcon), ('relat', relat), ('sex', sex)) c(name, share)
          WHERE score > 0 GROUP BY name) t ON name = column_name WHERE abs(contribution - theirs) > 1e-9$$, 'sdcMicro: the contributions of the columns');
CREATE TABLE francdat (row_id int, num1 float8, key1 int, num2 float8, key2 int, key3 int, key4 int, num3 float8, w float8);
\set file :shared '/data/sdc/francdat.csv'
COPY francdat FROM :'file' (FORMAT csv, HEADER, NULL 'NA');
CREATE TABLE franc_suda (row_id int, score float8, dis float8, key1 float8, key2 float8, key3 float8, key4 float8);
\set file :shared '/reference/golden/sdcmicro_francdat_suda2.tsv'
COPY franc_suda FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
SELECT results_eq($$SELECT id::int, sum(factorial(4 - cardinality(columns)))::float8 FROM kiaim.special_uniques('francdat', '{key1,key2,key3,key4}', 'row_id', max_columns => 4) GROUP BY id ORDER BY 1$$,
                  $$SELECT row_id, score FROM franc_suda WHERE score > 0 ORDER BY 1$$, 'sdcMicro: scores of francdat');
SELECT is_empty($$SELECT column_name, contribution, theirs FROM kiaim.suda_columns('francdat', '{key1,key2,key3,key4}', max_columns => 4)
    JOIN (SELECT name, sum(score * share) / sum(score) AS theirs FROM franc_suda, LATERAL (VALUES ('key1', key1), ('key2', key2), ('key3', key3), ('key4', key4)) c(name, share) WHERE score > 0 GROUP BY name) t ON name = column_name
    WHERE abs(contribution - theirs) > 1e-9$$, 'sdcMicro: contributions of francdat');

SELECT * FROM finish();
ROLLBACK;
