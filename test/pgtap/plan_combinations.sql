-- Every privacy model under every quality and aggregate against the whole lattice in plain SQL: random small tables and
-- random policies, with and without suppression, persons, weights, ranges of levels and further requirements. The
-- oracle generalizes every row to every node, judges each class by definition, and scores what is feasible by the
-- formulas of doc/quality.md, record by record.
--
--   psql -v rounds=500 -v seed=0.1 -f test/pgtap/plan_combinations.sql      more, and others
\if :{?rounds}
\else
  \set rounds 8
\endif
\if :{?seed}
\else
  \set seed 0.5
\endif
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();
\ir include/lattice.sql
\ir include/verdict.sql
\ir include/score.sql

CREATE TABLE model (name text, kind text);
INSERT INTO model VALUES ('k', 'size'), ('multi_attribute_l', 'size');
INSERT INTO model SELECT name, 'column' FROM unnest('{l,p_sensitive,entropy_l,grassberger,recursive,t,"ordered t","hierarchical t",alpha,"alpha of",beta,enhanced_beta,delta_disclosure}'::text[]) AS name;
INSERT INTO model SELECT name, 'table' FROM unnest('{k_map,presence,average_risk,sample_uniqueness,strict_average_risk,population_uniqueness}'::text[]) AS name;
CREATE TABLE quality (name text, aggregate text);
INSERT INTO quality SELECT name, aggregate FROM unnest('{loss,precision,entropy,normalized_entropy}'::text[]) AS name, unnest('{arithmetic,geometric,maximum,sum,rank}'::text[]) AS aggregate;
INSERT INTO quality SELECT name, NULL FROM unnest('{discernibility,average_class_size,ambiguity,kl_divergence,classification}'::text[]) AS name;

-- A random table: few values, NULLs, values outside their hierarchies (not in tidy ones), "*" itself, and persons with
-- several rows; residents are its rows and more, visitors may lack some.
CREATE FUNCTION fill_tables() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * pick('12', '30', '45')::int);
	variety int := 2 + floor(random() * 5);
	values_of int := 1 + floor(random() * 4);
	crowd float8 := pick('0.3', '0.8');
	tidy boolean := random() < 0.5;
BEGIN
	TRUNCATE patient, resident, visitor;
	INSERT INTO patient (person, q3, s, q1, q2, u, q4, v, id)
	SELECT nullif(floor(random() * n * crowd)::int, 0),
		(ARRAY['x', 'y', 'w', NULL, '*'])[1 + floor(random() * CASE WHEN tidy THEN 3 ELSE 5 END)::int],
		(ARRAY['i', 'ii', NULL, 'iii'])[1 + floor(random() * random() * values_of)::int],
		(ARRAY['a', 'b', 'c', 'd', 'e', 'z', NULL, '*'])[1 + floor(random() * CASE WHEN tidy THEN least(variety, 5) ELSE 8 END)::int],
		CASE WHEN tidy THEN floor(random() * variety * 1.5)::int ELSE nullif(floor(random() * variety * 1.5)::int - 1, 4) END,
		(ARRAY[1.0, 1.00, 2, NULL])[1 + floor(random() * 4)::int],
		(ARRAY['2020-02-29', '2020-03-01', '2021-03-01', '2021-03-31', NULL, 'infinity'])[1 + floor(random() * CASE WHEN tidy THEN 4 ELSE 6 END)::int]::date,
		floor(random() * 3), id
	FROM generate_series(1, n) AS id;
	INSERT INTO resident (q1, q2, q3, q4) SELECT q1, q2, q3, q4 FROM patient, generate_series(1, 1 + (id % 3));
	INSERT INTO resident (q1, q2, q3, q4) SELECT a.q1, b.q2 + (random() * 3)::int, b.q3, a.q4 FROM patient AS a JOIN patient AS b ON (a.id * 7 + b.id) % 5 = 0 LIMIT n;
	INSERT INTO visitor (q1, q2, q3, q4) SELECT q1, q2, q3, q4 FROM resident WHERE random() < 0.9;
	PERFORM fill_labels();
END $$;

-- All but the quality: the requirement, and sometimes others beside it.
CREATE FUNCTION random_policy(of_model model) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb := jsonb_build_object('quasi', random_quasi(1 + floor(random() * 3)::int, 0.1, '{1}'), 'keep', '["v"]'::jsonb,
		'suppression', pick('0', '0', '0.1', '0.3', '0.5', '1')::numeric);
	sensitive jsonb := '{"s": {}, "u": {}}';
	c text := pick('s', 's', 'u');
	other model;
BEGIN
	IF random() < 0.3 THEN
		policy := policy || '{"person": "person"}';
	END IF;
	FOR i IN 1 .. pick('1', '1', '1', '2', '3')::int LOOP
		-- the first counts: others are added where it leaves room
		other := of_model;
		IF i > 1 THEN
			SELECT * INTO other FROM model ORDER BY random() LIMIT 1;
			c := pick('s', 'u');
		END IF;
		IF other.kind = 'table' THEN
			policy := random_table_requirement(other.name) || policy;
		ELSIF other.kind = 'size' THEN
			policy := jsonb_build_object(other.name, pick('1', '2', '2', '3', '5')::int) || policy;
		ELSIF NOT sensitive -> c ?| ARRAY(SELECT jsonb_object_keys(random_requirement(other.name, c))) THEN
			sensitive := jsonb_set(sensitive, ARRAY[c], (sensitive -> c) || random_requirement(other.name, c));
		END IF;
	END LOOP;
	-- a sensitive column without a requirement of its own is for multi_attribute_l alone
	IF NOT policy ? 'multi_attribute_l' THEN
		sensitive := (SELECT jsonb_object_agg(key, CASE value WHEN '{}' THEN '{"l": 1}' ELSE value END) FROM jsonb_each(sensitive));
	END IF;
	RETURN policy || jsonb_build_object('sensitive', sensitive);
END $$;

-- The same with a quality, and weights of the columns.
CREATE FUNCTION with_quality(policy jsonb, quality quality) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT policy
		|| jsonb_build_object('quality', CASE quality.name
			WHEN 'classification' THEN jsonb_build_object('model', quality.name, 'target', pick(VARIADIC ARRAY(SELECT jsonb_object_keys(policy -> 'quasi')) || '{s,u,v}'::text[]))
			ELSE to_jsonb(quality.name) END,
			'quasi', CASE WHEN random() < 0.5 THEN policy -> 'quasi' ELSE (SELECT jsonb_object_agg(key, value || jsonb_build_object('weight', pick('1', '2', '0.3', '10', '1e-9', '1e9')::numeric))
				FROM jsonb_each(policy -> 'quasi')) END)
		|| CASE WHEN quality.aggregate IS NULL THEN '{}' ELSE jsonb_build_object('aggregate', quality.aggregate) END
$$;

-- What the query of the best node releases is not what was expected, class by class.
CREATE FUNCTION release_differs(policy jsonb) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	best expectation;
	query text;
BEGIN
	SELECT * INTO best FROM expectation WHERE rank = 1;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	query := (SELECT p.query FROM kiaim.plan('patient', policy) AS p);
	RETURN QUERY EXECUTE format('SELECT format(''released %%s times %%s, expected %%s'', r.n, key, e.records)'
		' FROM (SELECT ARRAY[%s] AS key, count(*) AS n FROM (%s) AS r GROUP BY key) AS r FULL JOIN (SELECT key, records FROM class WHERE vector = $1 AND holds) AS e USING (key)'
		' WHERE r.n IS DISTINCT FROM e.records', (SELECT string_agg(quote_ident(name) || '::text', ', ' ORDER BY place) FROM column_of(policy)), query) USING best.vector;
END $$;

CREATE TABLE tried (model text, quality text, aggregate text, feasible bigint, suppressed boolean);

CREATE FUNCTION differences(of_model model, rounds int) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	base jsonb;
	policy jsonb;
	q quality;
	released int;
BEGIN
	FOR round IN 1 .. rounds LOOP
		PERFORM fill_tables();
		base := random_policy(of_model);
		-- a population is not smaller than its sample
		CONTINUE WHEN (base #>> '{population_uniqueness,population}')::int < (SELECT count(*) FROM patient);
		PERFORM fill_tuple(base), fill_class(base), fill_node();
		-- mostly just what some node needs: then a bound that is too high by one record loses it
		IF random() < 0.6 AND EXISTS (SELECT FROM node) THEN
			base := base || jsonb_build_object('suppression', (SELECT least((suppressed + 0.5) / (SELECT count(*) FROM patient), 1) FROM node ORDER BY random() LIMIT 1));
			PERFORM fill_tuple(base), fill_class(base), fill_node();
		END IF;
		PERFORM fill_figure(base), fill_entropy(base), fill_whole_score(base);
		released := floor(random() * 25);
		FOR q IN SELECT * FROM quality LOOP
			policy := with_quality(base, q);
			RETURN QUERY SELECT format(E'round %s: %s\n %s', round, policy, d) FROM plan_differs(policy, pick('1', '1', '3', '1000')::int) AS d;
			INSERT INTO tried SELECT of_model.name, q.name, q.aggregate, count(*), bool_or(suppressed > 0) FILTER (WHERE rank = 1) FROM expectation;
			released := released - 1;
			IF released = 0 THEN
				RETURN QUERY SELECT format(E'round %s: %s\n %s', round, policy, r) FROM release_differs(policy) AS r;
			END IF;
		END LOOP;
	END LOOP;
END $$;

SELECT setseed(:seed) \g /dev/null
SELECT is_empty(format('SELECT * FROM differences(%L, %s)', m, :rounds), m.name || ' under every quality and aggregate: the plan is that of the whole lattice') FROM model AS m;
SELECT is(count(DISTINCT (model, quality, aggregate)), (SELECT count(*) FROM model, quality), 'every model was tried under every quality and aggregate: ' || count(*) || ' cases') FROM tried;
SELECT cmp_ok(count(*) FILTER (WHERE feasible > 0), '>', count(*) / 2, 'most have a solution') FROM tried;
SELECT cmp_ok(count(*) FILTER (WHERE suppressed), '>', count(*) / 10, 'many of them suppress records') FROM tried;

SELECT * FROM finish();
ROLLBACK;
