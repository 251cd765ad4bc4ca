-- kiaim.risk against ARX's figures for the raw table, which must lie beside
-- this checkout; without them the file is skipped.
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
CREATE TABLE arx (data text, item text, value text);
\set file :shared '/reference/golden/arx_risk.tsv'
COPY arx FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');

CREATE FUNCTION ours(threshold float8) RETURNS TABLE (metric text, value float8) LANGUAGE sql AS $f$
    SELECT * FROM kiaim.risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'],
                             threshold => threshold)
$f$;

-- the same quotients of integers: equal to the last bit
SELECT is(o.value, a.value::float8, format('ARX: %s', item))
FROM ours(0.09) o JOIN (VALUES ('records', 'records'), ('classes', 'classes'), ('sample_uniques', 'sample_uniques'),
        ('prosecutor_highest', 'highest_risk'), ('prosecutor_highest', 'estimated_prosecutor_risk'), ('prosecutor_average', 'average_risk'),
        ('marketer', 'estimated_marketer_risk')) m(metric, item) USING (metric) JOIN arx a USING (item)
WHERE a.data = 'raw 9 QIs';
SELECT is(o.value, a.value::float8, format('ARX: %s', item))
FROM arx a, regexp_replace(item, '^prosecutor records_at_risk threshold=', '') AS t,
    LATERAL ours(t::float8) o
WHERE a.data = 'raw 9 QIs' AND item ~ '^prosecutor records_at_risk threshold=' AND o.metric = 'share_above_threshold';
SELECT is((SELECT count(*) FROM arx WHERE data = 'raw 9 QIs' AND item ~ '^prosecutor records_at_risk'), 4::bigint, 'ARX: four thresholds were looked at');

SELECT * FROM finish();
ROLLBACK;
