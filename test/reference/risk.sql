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

\ir include/adult.sql
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

-- every figure of ARX by the name that it has here; journalist rows are those of a table that is its own population
CREATE TABLE figures AS SELECT t, f.* FROM unnest(ARRAY[0.05, 0.1, 0.2, 0.5]) AS t, LATERAL
    kiaim.risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'],
               threshold => t, population_table => 'adult') AS f;
SELECT is(round(o.value::numeric, 12), round(a.value::numeric, 12), format('ARX: %s is %s', item, metric))
FROM figures o JOIN (VALUES ('prosecutor_lowest', 'lowest_risk'), ('prosecutor_average', 'average_risk'), ('prosecutor_highest', 'highest_risk'),
        ('records_at_lowest', 'records_affected_by_lowest_risk'), ('share_at_lowest', 'fraction_records_affected_by_lowest_risk'),
        ('records_at_highest', 'records_affected_by_highest_risk'), ('share_at_highest', 'fraction_records_affected_by_highest_risk'),
        ('prosecutor_highest', 'estimated_prosecutor_risk'), ('journalist_highest', 'estimated_journalist_risk'), ('marketer', 'estimated_marketer_risk'),
        ('sample_uniques', 'sample_uniques'), ('sample_uniqueness', 'sample_uniqueness'), ('classes', 'classes'), ('records', 'records'),
        ('average_class_size', 'avg_class_size')) AS m(metric, item) USING (metric) JOIN arx a USING (item)
WHERE a.data = 'raw 9 QIs' AND t = 0.1;
SELECT is(round(o.value::numeric, 12), round(a.value::numeric, 12), format('ARX: %s is %s', item, metric))
FROM figures o JOIN (VALUES ('share_above_threshold', 'prosecutor records_at_risk'), ('prosecutor_highest', 'prosecutor highest'), ('prosecutor_success_rate', 'prosecutor success_rate'),
        ('journalist_share_above', 'journalist records_at_risk'), ('journalist_highest', 'journalist highest'), ('journalist_success_rate', 'journalist success_rate'),
        ('marketer_success_rate', 'marketer success_rate')) AS m(metric, name) USING (metric)
     JOIN arx a ON a.item = format('%s threshold=%s', name, t)
WHERE a.data = 'raw 9 QIs';
SELECT is((SELECT string_agg(format('%s:%s', size, classes), ',' ORDER BY size) FROM kiaim.class_sizes('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'])),
          value, 'ARX: the sizes of the classes') FROM arx WHERE item = 'class_size_histogram(size:count)';
SELECT is(round(d.share::numeric, 12) || ' / ' || round(d.cumulative::numeric, 12), (SELECT string_agg(round(x::numeric, 12)::text, ' / ') FROM unnest(string_to_array(a.value, ' / ')) x), 'ARX: ' || item)
FROM arx a, regexp_match(item, '^risk_distribution \](.*),(.*)\] fraction') AS ends,
     kiaim.risk_distribution('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class']) AS d
WHERE ends IS NOT NULL AND d.lower = ends[1]::float8 AND d.upper = ends[2]::float8;
-- estimates by iterations of another kind
SELECT cmp_ok(abs(o.value / a.value::float8 - 1), '<', 1e-6::float8, 'ARX: ' || item)
FROM arx a, regexp_match(item, '^(population_uniques|population_uniqueness_fraction) (PITMAN|ZAYATZ|DANKAR).* pop=(\d+)$') AS parts,
     LATERAL kiaim.risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'], population => parts[3]::bigint) AS o
WHERE o.metric = replace(parts[1], '_fraction', '') || '_' || lower(parts[2]);
SELECT is(round(value::numeric), round(snb::numeric), 'slide negative binomial, solved independently: ' || n)
FROM (VALUES (301620, 75398.04), (3016200, 617352.85), (60324, 25759.75)) AS e(n, snb),
     LATERAL kiaim.risk('adult', ARRAY['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'occupation', 'salary-class'], population => n)
WHERE metric = 'population_uniques_snb';
-- no row of the file is left out but the names of columns that look like identifiers
SELECT is(count(*), 0::bigint, 'all of ARX''s figures were looked at') FROM arx
WHERE data = 'raw 9 QIs' AND item !~ '^(lowest_risk|average_risk|highest_risk|(fraction_)?records_affected_by_(lowest|highest)_risk|estimated_(prosecutor|journalist|marketer)_risk|records|classes|avg_class_size|sample_uniques|sample_uniqueness|class_size_histogram.*|risk_distribution .*|(prosecutor|journalist) (records_at_risk|highest|success_rate) .*|marketer success_rate .*|population_uniqu.*|HIPAA match)$';

SELECT * FROM finish();
ROLLBACK;
