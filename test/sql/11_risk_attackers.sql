-- What three attackers find in a table, against what they know of the population.
\set ECHO none
CREATE TEMP TABLE cases (patient int, sex text, age_group text, district text);
INSERT INTO cases VALUES
    (1, 'F', '60-64', '09162'), (2, 'F', '60-64', '09162'), (3, 'F', '60-64', '09162'), (3, 'F', '60-64', '09162'),
    (4, 'M', '60-64', '09162'), (5, 'M', '60-64', '09162'),
    (6, 'M', '65-69', '09175'), (7, 'F', '65-69', '09175');
CREATE TEMP TABLE residents (sex text, age_group text, district text, persons int);
INSERT INTO residents VALUES
    ('F', '60-64', '09162', 40), ('M', '60-64', '09162', 30), ('F', '65-69', '09162', 50), ('M', '65-69', '09162', 20),
    ('F', '60-64', '09175', 15), ('M', '60-64', '09175', 10), ('F', '65-69', '09175', 20), ('M', '65-69', '09175', 1);

\set ECHO all
-- who knows who is in the data
SELECT metric, round(value::numeric, 4) AS value FROM kiaim.risk('cases', '{sex,age_group,district}', person => 'patient');

-- who knows how many persons live where
SELECT metric, round(value::numeric, 4) AS value
FROM kiaim.risk('cases', '{sex,age_group,district}', person => 'patient', population_table => 'residents', population_count => 'persons')
WHERE metric ~ 'journalist|marketer|k_map|population_unique(s|ness)$|_population';

-- who knows them by district and by age and sex only
CREATE TEMP TABLE by_district AS SELECT district, sum(persons) AS persons FROM residents GROUP BY district;
CREATE TEMP TABLE by_age_and_sex AS SELECT age_group, sex, sum(persons) AS persons FROM residents GROUP BY age_group, sex;
CREATE TEMP TABLE by_age_and_district AS SELECT age_group, district, sum(persons) AS persons FROM residents GROUP BY age_group, district;
SELECT metric, round(value::numeric, 4) AS value
FROM kiaim.risk('cases', '{sex,age_group,district}', person => 'patient', population_margins => '{by_age_and_district,by_age_and_sex,by_district}', population_count => 'persons')
WHERE metric ~ 'journalist_highest|marketer$|k_map|_population|population_(conv|dev)';

-- the sizes of the classes, and the risks, as rows to plot
SELECT size, classes, records, share, cumulative FROM kiaim.class_sizes('cases', '{sex,age_group,district}', person => 'patient');
SELECT lower, upper, records, share, cumulative FROM kiaim.risk_distribution('cases', '{sex,age_group,district}', person => 'patient') WHERE records > 0;

-- what each column adds
SELECT dropped, max(value) FILTER (WHERE metric = 'smallest_class') AS smallest_class, round(max(value) FILTER (WHERE metric = 'marketer')::numeric, 4) AS marketer
FROM kiaim.risk_without('cases', '{sex,age_group,district}', person => 'patient') GROUP BY dropped ORDER BY marketer DESC, dropped;

-- a value that was suppressed hides the record among all that it could be
UPDATE cases SET sex = NULL WHERE patient = 6;
SELECT wildcard, metric, value
FROM unnest(ARRAY[false, true]) AS wildcard, kiaim.risk('cases', '{sex,age_group,district}', wildcard => wildcard)
WHERE metric IN ('classes', 'smallest_class', 'largest_class', 'prosecutor_highest');

SELECT * FROM kiaim.risk('cases', '{sex}', population => 5);

-- counts that nobody said are counts
DELETE FROM residents WHERE persons < 10;
SELECT metric, value FROM kiaim.risk('cases', '{sex,age_group,district}', population_table => 'residents') WHERE metric = 'records_beyond_population';
