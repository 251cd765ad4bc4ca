-- kiaim.record_risk against sdcMicro's figures for its own example data, which
-- must lie beside this checkout; without them the file is skipped.
--
-- sdcMicro's rk_exact is exact, and NA where its series overflows.  Its
-- rk_approx takes the closed forms for classes of one and two, of which it is
-- known to subtract 1e-4 from p in some versions (here it does not), and for
-- larger classes p / (f - (1 - p)), which is above the exact value.
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

CREATE TABLE testdata (row_id int, urbrur int, roof int, walls int, water int, electcon int, relat int, sex int, age text, hhcivil text, expend float8, income float8,
                       savings float8, ori_hid int, sampling_weight float8, household_weights float8);
\set file :shared '/data/sdc/testdata.csv'
COPY testdata FROM :'file' (FORMAT csv, HEADER, NULL 'NA');
CREATE TABLE francdat (row_id int, num1 float8, key1 int, num2 float8, key2 int, key3 int, key4 int, num3 float8, w float8);
\set file :shared '/data/sdc/francdat.csv'
COPY francdat FROM :'file' (FORMAT csv, HEADER);
CREATE TABLE sdc (row_id int, fk float8, "Fk" float8, approx float8, exact float8, nosurvey float8);
\set file :shared '/reference/golden/sdcmicro_testdata_risk.tsv'
COPY sdc FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', NULL 'NA');
CREATE TABLE franc (row_id int, fk float8, "Fk" float8, approx float8, exact float8);
\set file :shared '/reference/golden/sdcmicro_francdat_risk.tsv'
COPY franc FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t', NULL 'NA');
CREATE TABLE suda (row_id int, score float8, dis float8, urbrur float8, roof float8, walls float8, water float8, electcon float8, relat float8, sex float8);
\set file :shared '/reference/golden/sdcmicro_testdata_suda2.tsv'
COPY suda FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
CREATE TABLE franc_suda (row_id int, score float8, dis float8, key1 float8, key2 float8, key3 float8, key4 float8);
\set file :shared '/reference/golden/sdcmicro_francdat_suda2.tsv'
COPY franc_suda FROM :'file' (FORMAT csv, HEADER, DELIMITER E'\t');
-- two outputs of one column each, one after the other: the header comes twice
CREATE TABLE summary (key text, value text);
\set file :shared '/reference/golden/sdcmicro_testdata_summary.tsv'
COPY summary FROM :'file' (FORMAT csv, DELIMITER E'\t');
CREATE FUNCTION theirs(k text) RETURNS float8 LANGUAGE sql AS $f$ SELECT DISTINCT value::float8 FROM summary WHERE key = k AND value <> 'value' $f$;

CREATE TABLE ours AS SELECT r.*, s.* FROM sdc s JOIN
    kiaim.record_risk('testdata', '{urbrur,roof,walls,water,electcon,relat,sex}', 'row_id', weight => 'sampling_weight', household => 'ori_hid', max_columns => 7) r ON r.id = s.row_id::text;
SELECT is(count(*), 4580::bigint, 'every record') FROM ours;
SELECT is(count(*), 0::bigint, 'class sizes, and those in the population') FROM ours WHERE class_size <> fk OR population_size <> "Fk" OR abs(prosecutor - nosurvey) > 1e-14;
SELECT cmp_ok(max(abs(individual / exact - 1)), '<', 1e-13::float8, 'individual risk: exact') FROM ours;
SELECT is(count(*) FILTER (WHERE exact IS NULL), theirs('testdata.rk_exact_nonfinite')::bigint, 'which overflows elsewhere for so many records') FROM ours;
SELECT is(count(*), 0::bigint, 'individual risk: classes of one and two by the closed forms') FROM ours WHERE fk < 3 AND abs(individual / approx - 1) > 1e-11;
SELECT is(count(*), 0::bigint, 'individual risk: the approximation for larger classes is known') FROM ours WHERE fk >= 3 AND abs(fk / "Fk" / (fk - (1 - fk / "Fk")) / approx - 1) > 1e-10;
SELECT is(count(*), 0::bigint, 'and above the exact value, by less than 0.5 percent') FROM ours WHERE fk >= 3 AND NOT (approx > individual AND approx < individual * 1.005);
SELECT cmp_ok(abs(sum(individual) FILTER (WHERE exact IS NOT NULL) - theirs('testdata.sum_rk_exact_finite')), '<', 1e-9::float8, 'expected re-identifications: exact') FROM ours;
SELECT cmp_ok(theirs('testdata.global_risk_ER') / sum(individual) - 1, '<', 0.0004::float8, 'expected re-identifications: what the approximation adds') FROM ours;
SELECT cmp_ok(abs(sum(prosecutor) - theirs('testdata.sum_rk_nosurvey')), '<', 1e-9::float8, 'expected re-identifications without weights') FROM ours;
-- theirs is made of the approximation: households of ours from the same risks agree
SELECT cmp_ok(abs(sum(1 - exp(l)) - theirs('testdata.hier_risk_ER')), '<', 1e-7::float8, 'households of the approximation')
FROM (SELECT sum(ln(1 - approx)) OVER (PARTITION BY ori_hid) AS l FROM testdata JOIN sdc USING (row_id)) s;
SELECT is(count(*), 0::bigint, 'households of the exact risks, the same way')
FROM (SELECT household, 1 - exp(sum(ln(1 - individual)) OVER (PARTITION BY ori_hid)) AS h FROM ours JOIN testdata USING (row_id)) s WHERE abs(household / h - 1) > 1e-10;
SELECT cmp_ok(theirs('testdata.hier_risk_ER') / sum(household) - 1, '<', 0.0004::float8, 'households: what the approximation adds') FROM ours;

-- special uniques: theirs are floats of single precision
SELECT is(count(*), 0::bigint, 'scores and DIS scores') FROM ours JOIN suda USING (row_id) WHERE suda_score <> score OR abs(dis_suda - dis) > 1e-7;
SELECT is(count(*), 157::bigint, 'of so many records') FROM ours JOIN suda USING (row_id) WHERE score > 0 AND contributions IS NOT NULL;
SELECT is(count(*), 0::bigint, 'contributions')
FROM ours JOIN suda USING (row_id), LATERAL (VALUES ('urbrur', urbrur), ('roof', roof), ('walls', walls), ('water', water), ('electcon', electcon), ('relat', relat), ('sex', sex)) c(name, share)
WHERE abs(coalesce((contributions ->> name)::float8, 0) - share) > 1e-6;
SELECT cmp_ok(abs(sum(dis_suda) - theirs('testdata.suda2.orig.DisFraction0.1.sumdis')), '<', 1e-4::float8, 'a sampling fraction of a tenth')
FROM kiaim.record_risk('testdata', '{urbrur,roof,walls,water,electcon,relat,sex}', population => 45800, max_columns => 7);
SELECT cmp_ok(abs(max(suda_score) - theirs('testdata.suda2.ihsn.max')), '<', 1e-5::float8, 'the other weighting: the largest score') FROM kiaim.record_risk('testdata', '{urbrur,roof,walls,water,electcon,relat,sex}', population => 458000, max_columns => 7, weighting => 'ihsn');

CREATE TABLE ours_franc AS SELECT * FROM franc JOIN kiaim.record_risk('francdat', '{key1,key2,key3,key4}', 'row_id', weight => 'w') r ON r.id = row_id::text;
SELECT is(count(*), 8::bigint, 'francdat: every record') FROM ours_franc WHERE class_size = fk AND abs(population_size - "Fk") < 1e-12 AND abs(individual / exact - 1) < 1e-12;
SELECT is(count(*), 8::bigint, 'francdat: scores') FROM franc_suda JOIN kiaim.record_risk('francdat', '{key1,key2,key3,key4}', 'row_id', population => 800, max_columns => 4) r ON r.id = row_id::text
WHERE suda_score = score AND abs(dis_suda - dis) < 1e-7;

SELECT * FROM finish();
ROLLBACK;
