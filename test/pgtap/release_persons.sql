-- The verification of a release counts a value of a sensitive column once for a
-- person, whatever the other sensitive columns of the same person say.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT plan(2);

CREATE SCHEMA persons;
CREATE TABLE persons.source (sex text, person int, s text, kiaim_first_1 text);
-- Person 1 says a, with x and with y, and person 2 says b: as diverse as two equally frequent values. All rows
-- are there many times, so that no column looks like an identifier.
INSERT INTO persons.source
SELECT r.* FROM (VALUES ('f', 1, 'a', 'x'), ('f', 1, 'a', 'y'), ('f', 2, 'b', 'x')) AS r, generate_series(1, 20);
SELECT lives_ok($$ SELECT kiaim.create_release('persons.once', 'persons.source', '{"person": "person", "quasi": {"sex": "flat"},
	"sensitive": {"s": {"entropy_l": 2, "recursive": {"c": 1.5, "l": 2}}, "kiaim_first_1": {"l": 2}}, "k": 2}', 'table') $$,
	'a valid release is not refused because a person repeats a value');
SELECT is((SELECT measured FROM kiaim.release_log WHERE release = 'persons.once'),
	'{"k": 2, "entropy_l of s": 2, "recursive (c,2) of s": 1, "l of kiaim_first_1": 2}', 'what was measured');

SELECT * FROM finish();
ROLLBACK;
