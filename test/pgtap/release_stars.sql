-- Rows that are kept although they show nothing but stars are not taken for
-- suppressed ones: values outside their hierarchies, and the highest levels.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT plan(4);

CREATE SCHEMA stars;
CREATE TABLE stars.source AS
SELECT (ARRAY['C50.1', 'C50.9', 'C61', '??'])[1 + i % 4] AS icd, i % 9 AS days FROM generate_series(1, 100) AS i;
INSERT INTO stars.source VALUES ('C34.1', 1);
SELECT lives_ok($$ SELECT kiaim.create_release('stars.dirty', 'stars.source',
	'{"quasi": {"icd": {"hierarchy": "icd10", "min": 1}}, "keep": ["days"], "k": 3, "suppression": 0.1, "suppressed_rows": "star"}', 'table') $$,
	'a code outside its system is a star from level 1 on, and no suppressed row');
SELECT results_eq($$ SELECT rows, suppressed, k FROM kiaim.release_log WHERE release = 'stars.dirty' $$,
	$$ VALUES (101::bigint, 1::bigint, 25::bigint) $$, 'one row is suppressed among 26 of stars');
SELECT lives_ok($$ SELECT kiaim.create_release('stars.whole', 'stars.source',
	'{"quasi": {"icd": "flat"}, "keep": ["days"], "k": 50, "suppressed_rows": "star"}', 'table') $$,
	'a release of nothing but stars that suppresses nothing');
SELECT is((SELECT suppressed FROM kiaim.release_log WHERE release = 'stars.whole'), 0::bigint, 'and says so');

SELECT * FROM finish();
ROLLBACK;
