-- Requirements of sensitive columns in a policy: their labels, and for each bad parameter the error that names it.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE tumour (sex text, icd10 text, uicc text, grade int, day date, place point);
INSERT INTO tumour VALUES ('f', 'C50', 'I', 1, '2020-01-01', NULL), ('f', 'C34', 'II', 2, '2020-01-02', NULL),
	('m', 'C34', 'I', 1, '2020-01-02', NULL), ('m', 'C61', 'II', 1, '2020-01-03', NULL);

---- accepted, and how kiaim.check calls them

SELECT results_eq(format('SELECT requirement, wanted FROM kiaim.check(''tumour'', %L)', jsonb_build_object('quasi', '{"sex": "flat"}'::jsonb, 'sensitive', sensitive) || more),
	format('VALUES (%L, %s::float8)', label, wanted), label)
FROM (VALUES
	('{"icd10": {"entropy_l": 1.5}}'::jsonb, '{}'::jsonb, 'entropy_l of icd10', 1.5),
	('{"icd10": {"entropy_l": 1.5, "estimator": "shannon"}}', '{}', 'entropy_l of icd10', 1.5),
	('{"icd10": {"entropy_l": 2, "estimator": "grassberger"}}', '{}', 'grassberger entropy_l of icd10', 2),
	('{"icd10": {"t": 0.5, "distance": "ordered"}}', '{}', 'ordered t of icd10', 0.5),
	('{"icd10": {"beta": 4}}', '{}', 'beta of icd10', 4),
	('{"icd10": {"enhanced_beta": 0.001}}', '{}', 'enhanced_beta of icd10', 0.001),
	('{"icd10": {"delta_disclosure": 1.5}}', '{}', 'delta_disclosure of icd10', 1.5),
	('{"icd10": {"alpha": 1}}', '{}', 'alpha of icd10', 1),
	('{"icd10": {"alpha": {"share": 0.5, "values": ["C50", "C99"]}}}', '{}', 'alpha of icd10', 0.5),
	('{"grade": {"alpha": {"share": 0.5, "values": [" 1"]}}}', '{}', 'alpha of grade', 0.5),
	('{"icd10": {"p_sensitive": 2}}', '{}', 'p_sensitive of icd10', 2),
	('{"icd10": {}, "uicc": {}}', '{"multi_attribute_l": 2}', 'multi_attribute_l', 2)
) AS accepted(sensitive, more, label, wanted);

-- a named value is one of the column's type, however it is written
SELECT is(measured, 1::float8, 'values are equal as the type has it')
FROM kiaim.check('tumour', '{"quasi": {"uicc": "flat"}, "sensitive": {"grade": {"alpha": {"share": 0.5, "values": ["01"]}}}}');
SELECT is(measured, 0.5::float8, 'a date, too')
FROM kiaim.check('tumour', '{"quasi": {"sex": "flat"}, "sensitive": {"day": {"alpha": {"share": 0.5, "values": ["2020-01-02"]}}}}');
SELECT is(measured, 0::float8, 'a value that is not there has no share')
FROM kiaim.check('tumour', '{"quasi": {"sex": "flat"}, "sensitive": {"icd10": {"alpha": {"share": 0.5, "values": ["C99"]}}}}');

---- refused

CREATE FUNCTION verdict(p jsonb, OUT state text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.validate_policy('tumour', p);
	state := '00000';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;

SELECT is(format('%s %s | %s', v.state, v.message, v.hint), wanted, sensitive || more)
FROM (VALUES
	('{"icd10": {"estimator": "grassberger"}}', '{}', '22023 policy member sensitive.icd10.estimator means nothing without sensitive.icd10.entropy_l | '),
	('{"icd10": {"entropy_l": 2, "estimator": "grasberger"}}', '{}', '22023 policy member sensitive.icd10.estimator cannot be "grasberger" | Perhaps you meant "grassberger".'),
	('{"icd10": {"entropy_l": 2, "estimator": 1}}', '{}', '22023 policy member sensitive.icd10.estimator must be one of "shannon", "grassberger", not the number 1 | '),
	('{"icd10": {"beta": 0}}', '{}', '22023 policy member sensitive.icd10.beta must be a finite number above 0, not the number 0 | '),
	('{"icd10": {"beta": "1"}}', '{}', '22023 policy member sensitive.icd10.beta must be a number, not the string "1" | '),
	('{"icd10": {"enhanced_beta": -1}}', '{}', '22023 policy member sensitive.icd10.enhanced_beta must be a finite number above 0, not the number -1 | '),
	('{"icd10": {"delta_disclosure": 0}}', '{}', '22023 policy member sensitive.icd10.delta_disclosure must be a finite number above 0, not the number 0 | '),
	('{"icd10": {"alpha": 0}}', '{}', '22023 policy member sensitive.icd10.alpha must be a share of a class, a number above 0 and at most 1, not the number 0 | '),
	('{"icd10": {"alpha": 1.1}}', '{}', '22023 policy member sensitive.icd10.alpha must be a share of a class, a number above 0 and at most 1, not the number 1.1 | '),
	('{"icd10": {"alpha": {"share": 2, "values": ["C50"]}}}', '{}', '22023 policy member sensitive.icd10.alpha.share must be a share of a class, a number above 0 and at most 1, not the number 2 | '),
	('{"icd10": {"alpha": {"share": 0.5}}}', '{}', '22023 policy member sensitive.icd10.alpha lacks values | Name the values and the share of a class that each may have at most, as in "alpha": {"share": 0.5, "values": ["C50"]}; for a limit on all values, give the share alone.'),
	('{"icd10": {"alpha": {"values": ["C50"]}}}', '{}', '22023 policy member sensitive.icd10.alpha lacks share | Name the values and the share of a class that each may have at most, as in "alpha": {"share": 0.5, "values": ["C50"]}; for a limit on all values, give the share alone.'),
	('{"icd10": {"alpha": {"share": 0.5, "values": []}}}', '{}', '22023 policy member sensitive.icd10.alpha.values names no value | For a limit on all values, give the share alone, as in "alpha": 0.5.'),
	('{"grade": {"alpha": {"share": 0.5, "values": ["high"]}}}', '{}', '22P02 invalid input syntax for type integer: "high" | '),
	('{"place": {"alpha": {"share": 0.5, "values": ["(1,2)"]}}}', '{}', '42883 policy member sensitive.place.alpha.values cannot name values of type point | '),
	('{"icd10": {"alpha": {"share": 0.5, "values": ["C50"], "value": 1}}}', '{}', '22023 unknown policy member sensitive.icd10.alpha.value | Perhaps you meant "values".'),
	('{"icd10": {"p_sensitive": 1.5}}', '{}', '22023 policy member sensitive.icd10.p_sensitive must be an integer from 1 to 2147483647, not the number 1.5 | '),
	('{"icd10": {"l": 2}}', '{"multi_attribute_l": 2}', '22023 policy member multi_attribute_l needs at least two sensitive columns | Name them in "sensitive"; one that nothing else is required of has an empty object, as in {"icd10": {}}. For one column, require "l" of it.'),
	('{"icd10": {}, "uicc": {"l": 2}}', '{"k": 2}', '22023 policy member sensitive.icd10 requires nothing | Say what must hold, as in {"l": 3} or {"t": 0.3}; a column that is released as it is belongs in "keep".'),
	('{"icd10": {}, "uicc": {}}', '{"multi_attribute_l": 0}', '22023 policy member multi_attribute_l must be an integer from 1 to 2147483647, not the number 0 | '),
	('{"icd10": {"l": 2}}', '{"beta": 1}', '22023 unknown policy member beta | It belongs to a column, as in "sensitive": {"icd10": {"beta": ...}}.')
) AS refused(sensitive, more, wanted), verdict(jsonb_build_object('quasi', '{"sex": "flat"}'::jsonb, 'sensitive', sensitive::jsonb) || more::jsonb) AS v;

SELECT * FROM finish();
ROLLBACK;
