-- Releases under every model of what must hold in a class: planned, stored, verified; and refused once a stored class
-- is not what it was. Columns bear names that the verification could stumble over.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
CREATE SCHEMA under_models;
SET LOCAL search_path = under_models, public;

SELECT setseed(0.77) \g /dev/null
CREATE TABLE source AS
SELECT i / 2 AS person, (ARRAY['f', 'm'])[1 + i % 2] AS class, 20 + floor(60 * random())::int AS n, (ARRAY['n', 'w', 's', NULL])[1 + floor(4 * random())::int] AS q1,
	(ARRAY['I', 'II', 'III', 'IV', 'I', NULL])[1 + floor(6 * random())::int] AS value, round((3 * random())::numeric, 0) AS "of all"
FROM generate_series(1, 800) AS i;

CREATE TABLE required (i serial, label text, sensitive jsonb, more jsonb DEFAULT '{}');
INSERT INTO required (label, sensitive) VALUES
	('l of value', '{"value": {"l": 3}}'), ('p_sensitive of value', '{"value": {"p_sensitive": 3}}'), ('entropy_l of value', '{"value": {"entropy_l": 2.5}}'),
	('grassberger entropy_l of value', '{"value": {"entropy_l": 3, "estimator": "grassberger"}}'), ('recursive (c,2) of value', '{"value": {"recursive": {"c": 2, "l": 2}}}'),
	('t of value', '{"value": {"t": 0.3}}'), ('ordered t of value', '{"value": {"t": 0.15, "distance": "ordered"}}'),
	('hierarchical t of value', '{"value": {"t": 0.25, "distance": "hierarchical", "hierarchy": {"*": {"low": ["I", "II"], "high": ["III", "IV"]}}}}'),
	('beta of value', '{"value": {"beta": 1.5}}'), ('enhanced_beta of value', '{"value": {"enhanced_beta": 1.5}}'), ('delta_disclosure of value', '{"value": {"delta_disclosure": 2}}'),
	('alpha of value', '{"value": {"alpha": 0.6}}'), ('alpha of of all', '{"of all": {"alpha": {"share": 0.5, "values": ["0", "3.0"]}}}'),
	('ordered t of of all', '{"of all": {"t": 0.2, "distance": "ordered"}}');
INSERT INTO required (label, sensitive, more) VALUES ('multi_attribute_l of value', '{"value": {}, "of all": {}}', '{"multi_attribute_l": 2}');

CREATE FUNCTION policy_of(r required) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('quasi', '{"class": "flat", "n": "bins(10, 20, 40)", "q1": "flat"}'::jsonb, 'k', 2, 'suppression', 0.1, 'sensitive', r.sensitive) || r.more
$$;
SELECT kiaim.create_release(format('under_models.release_%s', i), 'under_models.source', policy_of(r) || form, kind)
FROM required AS r JOIN (VALUES (0, 'table', '{}'::jsonb), (1, 'view', '{"suppressed_rows": "star"}'), (2, 'materialized view', '{"person": "person"}')) AS k (turn, kind, form) ON i % 3 = turn \g /dev/null

SELECT ok(l.measured ? r.label AND x.rows > 0 AND x.suppressed <= 80, format('%s is measured: %s, %s suppressed', r.label, l.measured ->> r.label, x.suppressed))
FROM required AS r JOIN kiaim.releases AS x ON x.release = format('under_models.release_%s', i) JOIN kiaim.release_log AS l ON l.release = x.release ORDER BY i;

-- a class in which all have the same from now on
CREATE FUNCTION tamper(r required, form jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	planned record;
	one record;
BEGIN
	SELECT * INTO planned FROM kiaim.plan('source', policy_of(r) || form);
	EXECUTE 'CREATE TEMP TABLE built AS ' || planned.query;
	PERFORM kiaim.release_verify('built', 'source', policy_of(r) || form, planned.levels, planned.suppressed);
	SELECT b.class, b.n, b.q1 INTO one FROM built AS b WHERE b.class <> '*' OR b.n <> '*' OR b.q1 <> '*' LIMIT 1;
	EXECUTE (SELECT format('UPDATE built SET %s WHERE (class, n, q1) IS NOT DISTINCT FROM ($1, $2, $3)',
		string_agg(CASE c WHEN 'value' THEN 'value = ''IV''' ELSE '"of all" = 3' END, ', ')) FROM jsonb_object_keys(r.sensitive) AS c) USING one.class, one.n, one.q1;
	BEGIN
		PERFORM kiaim.release_verify('built', 'source', policy_of(r) || form, planned.levels, planned.suppressed);
		DROP TABLE built;
		RETURN 'accepted';
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		DROP TABLE built;
		RETURN SQLERRM;
	END;
END $$;
SELECT matches(tamper(r, form), '^the stored result does not keep the policy: ' || regexp_replace(r.label, '([()])', '\\\1', 'g') || ' is ', 'refused: ' || r.label || ' ' || form::text)
FROM required AS r, (VALUES ('{}'::jsonb), ('{"suppressed_rows": "star"}')) AS f (form) WHERE r.label !~ '^multi' ORDER BY i;
SELECT matches(tamper(r, '{}'), '^the stored result does not keep the policy: multi_attribute_l of ', 'refused: ' || r.label) FROM required AS r WHERE r.label ~ '^multi';

SELECT * FROM finish();
ROLLBACK;
