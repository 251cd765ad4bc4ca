-- Hierarchies by name: who may see and change them, and how a policy finds them.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT plan(14);

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.policy(hierarchy text) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT kiaim.validate_policy(%L, %L)', 'kiaim_test_names', jsonb_build_object('quasi', jsonb_build_object('age', hierarchy), 'k', 2)) $$;
CREATE TABLE kiaim_test_names AS SELECT 23 AS age;
INSERT INTO kiaim.named_hierarchy VALUES ('age in years', 'bins(5, 10)'), ('it''s "quoted"', 'bins(1)'), ('by month', 'calendar(month)'), ('coarse(ly)', 'bins(50)');

SELECT is(pg_temp.error_of(pg_temp.policy('age in years')), 'no error', 'a name');
SELECT is(pg_temp.error_of(pg_temp.policy('it''s "quoted"')), 'no error', 'a name with quotes');
SELECT is(pg_temp.error_of(pg_temp.policy('coarse(ly)')), 'no error', 'a name with parentheses');
SELECT is(pg_temp.error_of(pg_temp.policy('bins(5, 10)')), 'no error', 'a definition');
SELECT is(pg_temp.error_of(pg_temp.policy('age in year')),
		  '42704 | hierarchy "age in year" does not exist | It is neither a definition nor a name in kiaim.named_hierarchy. | Did you mean "age in years"?', 'a misspelled name');
SELECT is(pg_temp.error_of(pg_temp.policy('icd11')),
		  '42704 | hierarchy "icd11" does not exist | It is neither a definition nor a name in kiaim.named_hierarchy. | Did you mean "icd10"?', 'a misspelled code system');
SELECT is(pg_temp.error_of(pg_temp.policy('something else entirely')),
		  '42704 | hierarchy "something else entirely" does not exist | It is neither a definition nor a name in kiaim.named_hierarchy. | Use a definition such as flat or bins(5, 10), or insert the name into kiaim.named_hierarchy.', 'an unknown name');
SELECT is(pg_temp.error_of(pg_temp.policy('bin(5, 10)')),
		  '22023 | invalid hierarchy definition "bin(5, 10)" | There is no hierarchy "bin". | Did you mean "bins"?', 'a misspelled definition');
SELECT alike(pg_temp.error_of(pg_temp.policy('by month')),
		  '42804 | values of type integer have no place in the hierarchy "calendar(month)"%', 'a named hierarchy that does not fit the column');

-- a search_path that hides everything does not mislead
CREATE SCHEMA decoy;
CREATE TABLE decoy.named_hierarchy AS SELECT 'age in years'::text AS name, 'wrong'::text AS hierarchy;
SET LOCAL search_path = decoy, public;
SELECT is(pg_temp.error_of(pg_temp.policy('age in years')), 'no error', 'the table is the one of the extension, whatever search_path says');
RESET search_path;
SET client_min_messages = warning;

-- privileges
CREATE ROLE kiaim_test_reader;
GRANT SELECT ON kiaim_test_names TO kiaim_test_reader;
SET LOCAL ROLE kiaim_test_reader;
SELECT is((SELECT kiaim.generalize(23, hierarchy, 1) FROM kiaim.named_hierarchy WHERE name = 'age in years'), '[20,25)', 'everybody may use a named hierarchy');
SELECT is(pg_temp.error_of('INSERT INTO kiaim.named_hierarchy VALUES (''mine'', ''flat'')'), '42501 | permission denied for table named_hierarchy', 'not everybody may add one');
SELECT is(pg_temp.error_of('UPDATE kiaim.named_hierarchy SET hierarchy = ''flat'''), '42501 | permission denied for table named_hierarchy', 'nor change one');
RESET ROLE;
SELECT is(pg_temp.error_of('INSERT INTO kiaim.named_hierarchy VALUES (''age in years'', ''flat'')'),
		  '23505 | duplicate key value violates unique constraint "named_hierarchy_pkey" | Key (name)=(age in years) already exists.', 'a name is given once');
SELECT * FROM finish();
ROLLBACK;
