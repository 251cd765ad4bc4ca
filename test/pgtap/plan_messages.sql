-- What kiaim.plan and its neighbours say of requirements that cannot hold, and of words that are misspelled.
BEGIN;
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient AS
SELECT (i % 2)::text AS sex, (i % 3)::text COLLATE "C" AS a, (i % 5)::text COLLATE "POSIX" AS b, (i % 5)::text AS c FROM generate_series(1, 60) AS i;

CREATE FUNCTION said(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN format('%s %s | %s | %s', SQLSTATE, SQLERRM, detail, hint);
END $$;

SELECT is(said($$ SELECT kiaim.plan('patient', '{"quasi": {"sex": "flat"}, "sensitive": {"a": {}, "b": {}}, "multi_attribute_l": 5}') $$),
	'P0002 no generalization satisfies the policy | With every quasi-identifier at its highest level allowed, 60 of 60 records would have to be suppressed; the policy allows 0. '
	'The whole table has 3 different values of column "a", "multi_attribute_l" wants 5 of each sensitive column. | Ask for less, allow more suppression, or raise "max" of a column.',
	'multi_attribute_l among the requirements that cannot hold');
SELECT is(said($$ SELECT kiaim.plan_query('patient', '{"quasi": {"sex": "flat"}, "k": 2}', '{"sexx": 1}') $$),
	'22023 levels name "sexx", which is no quasi-identifier of the policy |  | Perhaps you meant "sex".', 'a misspelled column among the levels');
SELECT is(said($$ SELECT kiaim.plan_query('patient', '{"quasi": {"sex": "flat"}, "k": 2}', '{}') $$),
	'22023 levels need a level of column "sex" between 0 and 1 |  | ', 'a column without a level');
SELECT is(said(format($$ SELECT kiaim.plan('patient', %L) $$, '{"quasi": {"sex": "flat"}, "k": 2}'::jsonb || jsonb_build_object('recoding', recoding))),
	format('22023 policy member recoding%s cannot be "mondrian" | It is an algorithm of local recoding. | Write "recoding": {"method": "local", "algorithm": "mondrian"}.', member),
	'an algorithm for a method' || member)
FROM (VALUES ('', '"mondrian"'::jsonb), ('.method', '{"method": "mondrian"}')) AS v (member, recoding);
SELECT is(said($$ SELECT kiaim.plan('patient', '{"quasi": {"sex": "flat"}, "sensitive": {"a": {"t": 0.2, "distance": "hierarchy"}}}') $$),
	'22023 policy member sensitive.a.distance cannot be "hierarchy" |  | Perhaps you meant "hierarchical".', 'a word that begins like the right one');

-- Different texts of a nondeterministic collation are one value: their bytes cannot stand for them.
SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu \gset
\if :icu
CREATE COLLATION whatever_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER TABLE patient ALTER c TYPE text COLLATE whatever_case;
SELECT is(said($$ SELECT kiaim.plan('patient', '{"quasi": {"sex": "flat"}, "sensitive": {"a": {}, "c": {}}, "multi_attribute_l": 2}') $$),
	'42P22 multi_attribute_l cannot combine columns "a" and "c" of different collations | One of the sensitive columns has a nondeterministic collation, which calls different texts equal. | '
	'Take a view that gives them the same collation for the source.', 'multi_attribute_l over collations that clash');
ALTER TABLE patient ALTER a TYPE text COLLATE whatever_case, ALTER b TYPE text COLLATE whatever_case;
SELECT is(said($$ SELECT kiaim.create_release('public.plan_messages', 'patient', '{"quasi": {"sex": "flat"}, "sensitive": {"a": {}, "b": {}, "c": {}}, "multi_attribute_l": 1}') $$),
	'nothing', 'and over one that is shared');
\endif
SELECT is(said($$ SELECT kiaim.make_recoding('cells', '{sex,a,sex}', '{text,text,text}', '{{x,y,z}}', '{{x,y,z}}') $$),
	'42701 column "sex" of a recoding appears more than once |  | ', 'a column twice in a recoding');

-- A value that no row has may be a legitimate one: it is said, and nothing else.
SELECT is(levels, '{"sex": 0}', 'alpha of a value that does not occur') FROM kiaim.plan('patient', '{"quasi": {"sex": "flat"}, "sensitive": {"a": {"alpha": {"share": 0.5, "values": ["C05"]}}}}');

SELECT * FROM finish();
ROLLBACK;
