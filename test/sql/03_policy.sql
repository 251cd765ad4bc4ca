-- What a policy says, what is wrong with one, and whether it holds.
CREATE TABLE tumour (patient_id int, sex text, age int, birth_date date, icd10 text, survival_days int);
INSERT INTO tumour VALUES
	(1, 'f', 50, '1970-01-01', 'C50.1', 300), (2, 'f', 50, '1970-01-02', 'C50.9', 1200),
	(3, 'm', 61, '1959-01-01', 'C61', 90), (4, 'm', 61, '1959-03-01', 'C61', 2000), (5, 'm', 61, '1959-05-01', 'C34.1', 45);

-- Is my policy valid? Nothing is said of one that is.
SELECT kiaim.validate_policy('tumour', '{"quasi": {"sex": "flat", "age": "bins(5, 10)"}, "k": 2}');

-- A misspelled column, a level that is not there, a member that nobody knows:
SELECT kiaim.validate_policy('tumour', '{"quasi": {"birthdate": "flat"}, "k": 5}');
SELECT kiaim.validate_policy('tumour', '{"quasi": {"age": {"hierarchy": "bins(5, 10)", "max": 7}}, "k": 5}');
SELECT kiaim.validate_policy('tumour', '{"quasi": {"sex": "flat"}, "k": 5, "supression": 0.1}');

-- What identifies is released only where the policy says that it identifies:
SELECT kiaim.validate_policy('tumour', '{"quasi": {"sex": "flat"}, "k": 2, "keep": ["patient_id"]}');

-- A policy must require something:
SELECT kiaim.validate_policy('tumour', '{"quasi": {"sex": "flat"}}');

-- Does it hold, of the table as it stands?
SELECT * FROM kiaim.check('tumour', '{"quasi": {"sex": "flat", "age": "bins(5, 10)"}, "sensitive": {"icd10": {"l": 2, "t": 0.5}}, "k": 2}');

-- And in persons:
SELECT * FROM kiaim.check('tumour', '{"person": "patient_id", "quasi": {"sex": "flat"}, "k": 3}');

DROP TABLE tumour;
