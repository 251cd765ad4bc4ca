-- The grammar of a policy: what is accepted, and for everything else the error
-- that names the member at fault and hints at what was probably meant.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- the members of a policy that work, as hints list them
\set members '"quasi", "sensitive", "keep", "identifier", "person", "k", "multi_attribute_l", "suppression", "suppressed_rows", "quality", "aggregate", "recoding", "suppress", "sample", "differential_privacy", "average_risk", "strict_average_risk", "sample_uniqueness", "population_uniqueness", "k_map", "presence", "ledger", "synthesize".'

CREATE TABLE tumour (
	patient_id int,
	tumour_id int PRIMARY KEY,
	sex text,
	age int,
	gone text,
	birth_date date,
	district text,
	icd10 text,
	uicc text,
	weight_kg numeric(5, 2),
	survival_days int,
	vital_status text,
	"T-Stage" text,
	surname text,
	record uuid,
	visit int GENERATED ALWAYS AS IDENTITY,
	"hospitalId" text,
	decade int GENERATED ALWAYS AS (age / 10) STORED,
	spot point
);
ALTER TABLE tumour DROP COLUMN gone;

-- What kiaim.validate_policy says: the SQLSTATE, and the text of the parts of the error.
CREATE FUNCTION verdict(policy jsonb, source regclass = 'tumour',
						OUT state text, OUT message text, OUT detail text, OUT hint text, OUT context text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kiaim.validate_policy(source, policy);
	state := '00000';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
END $$;

---- accepted

SELECT is((verdict(p)).state || coalesce((verdict(p)).message, ''), '00000', 'accepted: ' || p::text)
FROM (VALUES
	('{"quasi": {"sex": "flat"}, "k": 1}'::jsonb),
	('{"quasi": {"sex": "flat"}, "k": 5.0}'),
	('{"quasi": {"sex": {"hierarchy": "flat"}}, "k": 2147483647}'),
	('{"quasi": {"age": {"hierarchy": "bins(5, 10)", "weight": 0.5, "min": 0, "max": 3}}, "k": 2}'),
	('{"quasi": {"age": {"hierarchy": "bins(5, 10)", "min": 1, "max": 1, "as": "text"}}, "k": 2}'),
	('{"quasi": {"sex": {"*": ["f", "m"]}}, "k": 2}'),
	('{"quasi": {"sex": {"hierarchy": {"*": ["f", "m"]}, "max": 1}}, "k": 2}'),
	('{"quasi": {"T-Stage": "flat", "decade": "flat"}, "k": 2}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": 1}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"entropy_l": 2.5}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 0.5, "l": 2}}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 1}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.1, "distance": "equal"}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"age": {"t": 0.1, "distance": "ordered"}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"icd10": {"t": 0.1, "distance": "hierarchical", "hierarchy": "icd10"}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"icd10": {"l": 2, "t": 0.4, "entropy_l": 1, "recursive": {"c": 3, "l": 2}}, "uicc": {"l": 2}}, "k": 3}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": []}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["survival_days", "vital_status"], "identifier": ["surname", "tumour_id"]}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "person": "patient_id"}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": 0}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": 1, "suppressed_rows": "star"}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": 0.02, "suppressed_rows": "drop"}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": "loss", "aggregate": "geometric", "recoding": "full_domain"}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "loss"}, "aggregate": "rank"}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "classification", "target": "sex"}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": 2}}, "quality": {"model": "classification", "target": "uicc"}}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["survival_days"], "quality": {"model": "classification", "target": "survival_days"}}'),
	('{"quasi": {"sex": "flat"}, "k": 3, "aggregate": "arithmetic"}')
) AS accepted(p);

---- the policy of the manual
SELECT is((verdict($${ "person": "patient_id",
  "quasi": { "sex": "flat", "district": "ags",
             "birth_date": {"hierarchy": "calendar(month, quarter, year, decade)", "weight": 2, "min": 1, "max": 3} },
  "sensitive": { "icd10": {"l": 3}, "uicc": {"t": 0.3} },
  "keep": ["survival_days", "vital_status"],
  "k": 11, "suppression": 0.02, "quality": "loss", "recoding": "full_domain" }$$)).message,
	NULL, 'the policy of the manual is valid');

---- refused: the grammar (22023)

SELECT is(format('%s %s | %s', v.state, v.message, coalesce(nullif(v.hint, ''), v.detail)), '22023 ' || wanted, p::text)
FROM (VALUES
	-- the document
	('[]'::jsonb, 'a policy must be an object, not an array | '),
	('"k"', 'a policy must be an object, not the string "k" | '),
	('null', 'a policy must be an object, not null | '),
	('7', 'a policy must be an object, not the number 7 | '),
	('true', 'a policy must be an object, not true | '),
	('{}', 'the policy lacks the member quasi | Name each column that could help to find a person, with its hierarchy, as in {"quasi": {"sex": "flat"}}.'),
	('{"k": 3}', 'the policy lacks the member quasi | Name each column that could help to find a person, with its hierarchy, as in {"quasi": {"sex": "flat"}}.'),
	('{"quasi": {"sex": "flat"}}', 'the policy requires nothing | Add a requirement, as in "k": 11.'),
	('{"quasi": {"sex": "flat"}, "sensitive": {}}', 'the policy requires nothing | Add a requirement, as in "k": 11.'),
	-- unknown members, at every depth
	('{"quasi": {"sex": "flat"}, "k": 3, "supression": 0.1}', 'unknown policy member supression | Perhaps you meant "suppression".'),
	('{"quasi": {"sex": "flat"}, "K": 3}', 'unknown policy member K | Perhaps you meant "k".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "colour": "red"}', 'unknown policy member colour | Known here: ' || :'members'),
	('{"quasi": {"sex": "flat"}, "k": 3, "": 1}', 'unknown policy member "" | Known here: ' || :'members'),
	('{"quasi": {"age": {"hierarchy": "flat", "wieght": 2}}, "k": 3}', 'unknown policy member quasi.age.wieght | Perhaps you meant "weight".'),
	('{"quasi": {"T-Stage": {"hierarchy": "flat", "levels": 2}}, "k": 3}', 'unknown policy member quasi."T-Stage".levels | Known here: "hierarchy", "weight", "min", "max", "as".'),
	('{"quasi": {"age": "flat"}, "sensitive": {"uicc": {"ll": 2}}}', 'unknown policy member sensitive.uicc.ll | Perhaps you meant "l".'),
	('{"quasi": {"age": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 2, "l": 2, "m": 1}}}}', 'unknown policy member sensitive.uicc.recursive.m | Known here: "c", "l".'),
	('{"quasi": {"age": "flat"}, "l": 3}', 'unknown policy member l | It belongs to a column, as in "sensitive": {"icd10": {"l": ...}}.'),
	('{"quasi": {"age": "flat"}, "k": 3, "t": 0.2}', 'unknown policy member t | It belongs to a column, as in "sensitive": {"icd10": {"t": ...}}.'),
	-- quasi
	('{"quasi": {}, "k": 3}', 'policy member quasi names no column | Name each column that could help to find a person, with its hierarchy, as in {"quasi": {"sex": "flat"}}.'),
	('{"quasi": ["sex"], "k": 3}', 'policy member quasi must be an object, not an array | '),
	('{"quasi": "sex", "k": 3}', 'policy member quasi must be an object, not the string "sex" | '),
	('{"quasi": {"sex": 3}, "k": 3}', 'policy member quasi.sex must be a hierarchy: a definition, a name, or a tree, not the number 3 | '),
	('{"quasi": {"sex": null}, "k": 3}', 'policy member quasi.sex must be a hierarchy: a definition, a name, or a tree, not null | '),
	('{"quasi": {"sex": ["flat"]}, "k": 3}', 'policy member quasi.sex must be a hierarchy: a definition, a name, or a tree, not an array | '),
	('{"quasi": {"sex": {}}, "k": 3}', 'policy member quasi.sex lacks a hierarchy | Say how the column gets coarser, as in "hierarchy": "flat".'),
	('{"quasi": {"sex": {"hierarchy": true}}, "k": 3}', 'policy member quasi.sex.hierarchy must be a hierarchy: a definition, a name, or a tree, not true | '),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": 0}}, "k": 3}', 'policy member quasi.sex.weight must be a number from 1e-9 to 1e9, not the number 0 | '),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": -1.50}}, "k": 3}', 'policy member quasi.sex.weight must be a number from 1e-9 to 1e9, not the number -1.5 | '),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": "2"}}, "k": 3}', 'policy member quasi.sex.weight must be a number, not the string "2" | '),
	('{"quasi": {"sex": {"hierarchy": "flat", "min": 2}}, "k": 3}', 'policy member quasi.sex.min must be an integer from 0 to 1, not the number 2 | Hierarchy flat has the levels 0 to 1.'),
	('{"quasi": {"sex": {"hierarchy": "flat", "max": -1}}, "k": 3}', 'policy member quasi.sex.max must be an integer from 0 to 1, not the number -1 | Hierarchy flat has the levels 0 to 1.'),
	('{"quasi": {"sex": {"hierarchy": "flat", "max": 0.5}}, "k": 3}', 'policy member quasi.sex.max must be an integer from 0 to 1, not the number 0.5 | Hierarchy flat has the levels 0 to 1.'),
	('{"quasi": {"sex": {"hierarchy": "flat", "max": "1"}}, "k": 3}', 'policy member quasi.sex.max must be an integer from 0 to 1, not the string "1" | Hierarchy flat has the levels 0 to 1.'),
	('{"quasi": {"age": {"hierarchy": "bins(5, 10)", "min": 2, "max": 1}}, "k": 3}', 'policy member quasi.age has a min of 2 above its max of 1 | '),
	('{"quasi": {"age": {"hierarchy": "bins(5, 10)", "as": "txt"}}, "k": 3}', 'policy member quasi.age.as cannot be "txt" | Perhaps you meant "text".'),
	('{"quasi": {"age": {"hierarchy": "bins(5, 10)", "as": 1}}, "k": 3}', 'policy member quasi.age.as must be one of "text", "range", "midpoint", "type", not the number 1 | '),
	-- sensitive
	('{"quasi": {"sex": "flat"}, "sensitive": ["uicc"]}', 'policy member sensitive must be an object, not an array | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": 3}}', 'policy member sensitive.uicc must be an object, not the number 3 | '),
	('{"quasi": {"sex": "flat"}, "k": 2, "sensitive": {"uicc": {}}}', 'policy member sensitive.uicc requires nothing | Say what must hold, as in {"l": 3} or {"t": 0.3}; a column that is released as it is belongs in "keep".'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": 0}}}', 'policy member sensitive.uicc.l must be an integer from 1 to 2147483647, not the number 0 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": 2.5}}}', 'policy member sensitive.uicc.l must be an integer from 1 to 2147483647, not the number 2.5 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": null}}}', 'policy member sensitive.uicc.l must be an integer from 1 to 2147483647, not null | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"entropy_l": 0.9}}}', 'policy member sensitive.uicc.entropy_l must be a finite number of at least 1, not the number 0.9 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"entropy_l": [2]}}}', 'policy member sensitive.uicc.entropy_l must be a number, not an array | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": 3}}}', 'policy member sensitive.uicc.recursive must be an object, not the number 3 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 3}}}}', 'policy member sensitive.uicc.recursive lacks l | Recursive diversity needs both, as in "recursive": {"c": 4, "l": 3}.'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"l": 3}}}}', 'policy member sensitive.uicc.recursive lacks c | Recursive diversity needs both, as in "recursive": {"c": 4, "l": 3}.'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 0, "l": 3}}}}', 'policy member sensitive.uicc.recursive.c must be a finite number above 0, not the number 0 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 2, "l": 0}}}}', 'policy member sensitive.uicc.recursive.l must be an integer from 1 to 2147483647, not the number 0 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0}}}', 'policy member sensitive.uicc.t must be a number above 0 and at most 1, not the number 0 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 1.01}}}', 'policy member sensitive.uicc.t must be a number above 0 and at most 1, not the number 1.01 | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.2, "distance": "orderd"}}}', 'policy member sensitive.uicc.distance cannot be "orderd" | Perhaps you meant "ordered".'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"distance": "ordered"}}}', 'policy member sensitive.uicc.distance means nothing without sensitive.uicc.t | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"l": 2, "hierarchy": "flat"}}}', 'policy member sensitive.uicc.hierarchy means nothing without sensitive.uicc.t | '),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.2, "distance": "hierarchical"}}}', 'policy member sensitive.uicc lacks a hierarchy for its hierarchical distance | Name it in sensitive.uicc.hierarchy.'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.2, "hierarchy": "flat"}}}', 'policy member sensitive.uicc.hierarchy means nothing with the distance "equal" | It belongs to the distance "hierarchical".'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.2, "hierarchy": "flat", "distance": "ordered"}}}', 'policy member sensitive.uicc.hierarchy means nothing with the distance "ordered" | It belongs to the distance "hierarchical".'),
	-- requirements and options
	('{"quasi": {"sex": "flat"}, "k": 0}', 'policy member k must be an integer from 1 to 2147483647, not the number 0 | '),
	('{"quasi": {"sex": "flat"}, "k": -5}', 'policy member k must be an integer from 1 to 2147483647, not the number -5 | '),
	('{"quasi": {"sex": "flat"}, "k": 2.5}', 'policy member k must be an integer from 1 to 2147483647, not the number 2.5 | '),
	('{"quasi": {"sex": "flat"}, "k": 2.00000000000000000000001}', 'policy member k must be an integer from 1 to 2147483647, not the number 2.00000000000000000000001 | '),
	('{"quasi": {"sex": "flat"}, "k": 2147483648}', 'policy member k must be an integer from 1 to 2147483647, not the number 2147483648 | '),
	('{"quasi": {"sex": "flat"}, "k": "5"}', 'policy member k must be an integer from 1 to 2147483647, not the string "5" | '),
	('{"quasi": {"sex": "flat"}, "k": {"min": 5}}', 'policy member k must be an integer from 1 to 2147483647, not an object | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": -0.01}', 'policy member suppression must be a share of the records, a number from 0 to 1, not the number -0.01 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": 2}', 'policy member suppression must be a share of the records, a number from 0 to 1, not the number 2 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppression": "2 %"}', 'policy member suppression must be a number, not the string "2 %" | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppressed_rows": "stars"}', 'policy member suppressed_rows cannot be "stars" | Perhaps you meant "star".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "suppressed_rows": true}', 'policy member suppressed_rows must be one of "drop", "star", not true | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": "los"}', 'policy member quality cannot be "los" | Perhaps you meant "loss".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": "beauty"}', 'policy member quality cannot be "beauty" | Known here: "loss", "precision", "entropy", "normalized_entropy", "discernibility", "average_class_size", "ambiguity", "kl_divergence", "classification".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": 1}', 'policy member quality must be one of "loss", "precision", "entropy", "normalized_entropy", "discernibility", "average_class_size", "ambiguity", "kl_divergence", "classification", not the number 1 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"target": "uicc"}}', 'policy member quality lacks a model | Name it, as in "quality": {"model": "classification", "target": "uicc"}.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "los"}}', 'policy member quality.model cannot be "los" | Perhaps you meant "loss".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "loss", "targt": "uicc"}}', 'unknown policy member quality.targt | Perhaps you meant "target".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "loss", "target": "sex"}}', 'policy member quality.target means nothing with the quality "loss" | It belongs to the quality "classification".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": "classification"}', 'policy member quality lacks a target | Name the column to be predicted, as in "quality": {"model": "classification", "target": "uicc"}.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "classification", "target": 1}}', 'policy member quality.target must be a string, not the number 1 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "quality": {"model": "classification", "target": "uicc"}}', 'policy member quality.target is "uicc", which the policy does not release | Name a column of "quasi", "sensitive" or "keep".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "aggregate": "arithmetik"}', 'policy member aggregate cannot be "arithmetik" | Perhaps you meant "arithmetic".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "recoding": "full-domain"}', 'policy member recoding cannot be "full-domain" | Perhaps you meant "full_domain".'),
	-- roles
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": "uicc"}', 'policy member keep must be an array of column names, not the string "uicc" | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": {"uicc": 1}}', 'policy member keep.uicc must be an object, not the number 1 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["uicc", 3]}', 'policy member keep[1] must be a string, not the number 3 | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["uicc", "uicc"]}', 'policy member keep names column "uicc" twice | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "identifier": ["surname", "surname"]}', 'policy member identifier names column "surname" twice | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["sex"]}', 'column "sex" has two roles in the policy: quasi and keep | Leave it in one of them.'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"sex": {"l": 2}}}', 'column "sex" has two roles in the policy: quasi and sensitive | Leave it in one of them.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["uicc"], "identifier": ["uicc"]}', 'column "uicc" has two roles in the policy: keep and identifier | Leave it in one of them.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "person": "sex"}', 'column "sex" has two roles in the policy: person and quasi | The person column counts persons and is never released.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "person": "patient_id", "identifier": ["patient_id"]}', 'column "patient_id" has two roles in the policy: person and identifier | The person column counts persons and is never released.'),
	('{"quasi": {"sex": "flat"}, "k": 3, "person": ["patient_id"]}', 'policy member person must be a string, not an array | '),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["surname"]}', 'policy member keep would release column "surname", which looks like an identifier | Leave it out, or name it in "identifier" if it is to be released although it identifies.')
) AS refused(p, wanted), verdict(p) AS v;

-- numbers beyond float8
SELECT is((verdict(p)).state, '22023', 'a number beyond all use: ' || left(p::text, 60))
FROM (VALUES
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": 1e-400}}, "k": 3}'::jsonb),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": 1e-10}}, "k": 3}'),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": 1e308}}, "k": 3}'),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": 1e400}}, "k": 3}'),
	('{"quasi": {"sex": {"hierarchy": "flat", "weight": -1e400}}, "k": 3}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"entropy_l": 1e400}}}'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"recursive": {"c": 1e400, "l": 2}}}}'),
	('{"quasi": {"sex": "flat"}, "k": 1e400}')
) AS beyond(p);

-- what in keep looks like an identifier, and why
SELECT is(format('%s: %s', v.state, v.detail), format('22023: Column "%s" looks like an identifier because %s.', name, why), name)
FROM (VALUES
	('patient_id', 'its name is that of an identifier'),
	('tumour_id', 'a unique index makes each of its values occur once'),
	('record', 'it holds values of type uuid'),
	('visit', 'it is an identity column'),
	('hospitalId', 'its name is that of an identifier')
) AS identifiers(name, why),
	verdict(jsonb_build_object('quasi', '{"sex": "flat"}'::jsonb, 'k', 3, 'keep', jsonb_build_array(name))) AS v;

---- refused: columns that do not exist (42703)

SELECT is(format('%s %s | %s', v.state, v.message, v.hint), '42703 ' || wanted, p::text)
FROM (VALUES
	('{"quasi": {"agee": "flat"}, "k": 3}'::jsonb, 'column "agee" of policy member quasi does not exist in relation "tumour" | Perhaps you meant the column "age".'),
	('{"quasi": {"birthdate": "flat"}, "k": 3}', 'column "birthdate" of policy member quasi does not exist in relation "tumour" | Perhaps you meant the column "birth_date".'),
	('{"quasi": {"t-stage": "flat"}, "k": 3}', 'column "t-stage" of policy member quasi does not exist in relation "tumour" | Perhaps you meant the column "T-Stage".'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"icd": {"l": 2}}, "k": 3}', 'column "icd" of policy member sensitive does not exist in relation "tumour" | Perhaps you meant the column "icd10".'),
	('{"quasi": {"SURVIVAL": "flat"}, "k": 3}', 'column "SURVIVAL" of policy member quasi does not exist in relation "tumour" | Perhaps you meant the column "survival_days".'),
	('{"quasi": {"rv": "flat"}, "k": 3}', 'column "rv" of policy member quasi does not exist in relation "tumour" | Its columns are "patient_id", "tumour_id", "sex", "age", "birth_date", "district", "icd10", "uicc", "weight_kg", "survival_days", "vital_status", "T-Stage" and others.'),
	('{"quasi": {"_id": "flat"}, "k": 3}', 'column "_id" of policy member quasi does not exist in relation "tumour" | Perhaps you meant the column "patient_id" or "tumour_id".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "keep": ["vital_statsu"]}', 'column "vital_statsu" of policy member keep does not exist in relation "tumour" | Perhaps you meant the column "vital_status".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "identifier": ["surnames"]}', 'column "surnames" of policy member identifier does not exist in relation "tumour" | Perhaps you meant the column "surname".'),
	('{"quasi": {"sex": "flat"}, "k": 3, "person": "patientid"}', 'column "patientid" of policy member person does not exist in relation "tumour" | Perhaps you meant the column "patient_id".')
) AS missing(p, wanted), verdict(p) AS v;

SELECT is((verdict(jsonb_build_object('quasi', jsonb_build_object(name, 'flat'), 'k', 3))).state, '42703', what)
FROM (VALUES
	('gone', 'a dropped column is none'),
	('........pg.dropped.5........', 'nor is what is left of it'),
	('ctid', 'a system column is none'),
	('tableoid', 'nor is this one'),
	('', 'nor is the empty name'),
	(repeat('x', 100000), 'nor is a name of 100000 letters')
) AS no_columns(name, what);


---- refused: hierarchies and types, by the room that knows them; the context names the member

SELECT ok(v.state = wanted AND v.context ~ ('policy member ' || member || E'\\M'), format('%s in the context of %s: %s', wanted, member, p))
FROM (VALUES
	('{"quasi": {"sex": "falt"}, "k": 3}'::jsonb, '42704', 'quasi.sex'),
	('{"quasi": {"sex": {"hierarchy": "no such"}}, "k": 3}', '42704', 'quasi.sex.hierarchy'),
	('{"quasi": {"birth_date": "bins(5, 10)"}, "k": 3}', '42804', 'quasi.birth_date'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"uicc": {"t": 0.2, "distance": "hierarchical", "hierarchy": "no such"}}}', '42704', 'sensitive.uicc.hierarchy'),
	('{"quasi": {"sex": "flat"}, "sensitive": {"birth_date": {"t": 0.2, "distance": "hierarchical", "hierarchy": "bins(5, 10)"}}}', '42804', 'sensitive.birth_date.hierarchy')
) AS elsewhere(p, wanted, member), verdict(p) AS v;

SELECT is(format('%s %s', v.state, v.message), '42883 policy member sensitive.spot.distance cannot be "ordered" for a column of type point',
	'an ordered distance needs a type with an order')
FROM verdict('{"quasi": {"sex": "flat"}, "sensitive": {"spot": {"t": 0.2, "distance": "ordered"}}}') AS v;

---- anything else is an error as well, and never an internal one

-- A valid policy in which one value, picked at random, is replaced by another from anywhere.
CREATE FUNCTION mutated() RETURNS jsonb
LANGUAGE sql VOLATILE AS $$
	WITH RECURSIVE whole (policy) AS (SELECT '{"person": "patient_id", "quasi": {"sex": "flat", "age": {"hierarchy": "bins(5, 10)", "weight": 2, "min": 1, "max": 2, "as": "text"}},
		"sensitive": {"icd10": {"l": 3, "t": 0.3, "distance": "hierarchical", "hierarchy": "icd10"}, "uicc": {"entropy_l": 2, "recursive": {"c": 2, "l": 2}}},
		"keep": ["survival_days"], "identifier": ["surname"], "k": 11, "suppression": 0.02, "suppressed_rows": "star", "quality": "loss",
		"aggregate": "geometric", "recoding": "full_domain"}'::jsonb),
	part (path, value) AS (
		SELECT ARRAY[key], value FROM whole, jsonb_each(policy)
		UNION ALL
		SELECT path || key, e.value FROM part, jsonb_each(CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value ELSE '{}' END) AS e
	),
	anything (value) AS (SELECT value FROM part UNION ALL SELECT v::jsonb FROM (VALUES ('null'), ('true'), ('""'), ('[]'), ('{}'), ('[[1]]'), ('{"*": []}'), ('{"*": {"*": ["*"]}}'),
		('-1'), ('1e300'), ('1e-300'), ('"\u00e4"'), ('["sex", "sex"]'), ('{"hierarchy": {"hierarchy": {}}}'), ('"ctid"'), ('"bins(1e400)"')) AS v (v))
	SELECT jsonb_set(policy, (SELECT path FROM part ORDER BY random() LIMIT 1), (SELECT value FROM anything ORDER BY random() LIMIT 1)) FROM whole
$$;
SELECT setseed(0.5);
SELECT is(string_agg(format('%s %s for %s', state, message, policy), E'\n'), NULL, '600 mutations of a policy are valid or have an error of theirs')
FROM (SELECT mutated() AS policy FROM generate_series(1, 600) OFFSET 0) AS m, verdict(policy) AS v
WHERE v.state NOT IN ('00000', '22023', '42703', '42704', '42804', '42883', '0A000');

---- relations

CREATE VIEW tumour_view AS SELECT sex, patient_id FROM tumour;
CREATE MATERIALIZED VIEW tumour_materialized AS SELECT sex FROM tumour;
CREATE TABLE tumour_parts (sex text) PARTITION BY LIST (sex);
CREATE TABLE nothing ();
CREATE SEQUENCE counter;
CREATE TYPE pair AS (sex text);

SELECT is((verdict('{"quasi": {"sex": "flat"}, "k": 3}', relation::regclass)).state, wanted, relation)
FROM (VALUES
	('tumour_view', '00000'), ('tumour_materialized', '00000'), ('tumour_parts', '00000'),
	('counter', '42809'), ('tumour_pkey', '42809'), ('pair', '42809'), ('nothing', '42703')
) AS relations(relation, wanted);

SELECT is((verdict('{"quasi": {"sex": "flat"}, "k": 3}', 4000000000::oid::regclass)).state, '42P01', 'a relation that is gone');

---- NULL is no valid policy

SELECT throws_ok('SELECT kiaim.validate_policy(''tumour'', NULL)', '22004', 'policy must not be NULL');
SELECT throws_ok('SELECT kiaim.validate_policy(NULL, ''{"quasi": {"sex": "flat"}, "k": 3}'')', '22004', 'source must not be NULL');

SELECT * FROM finish();
ROLLBACK;
