-- What months and exact days between them reveal: doc/risk/date-leak.md.

-- Of each date only the month is to be released, and from diagnosis on the exact days to each event.
CREATE TABLE course (nr int, diagnosis date, operation date, radiation date, last_seen date);
INSERT INTO course VALUES
    (1, '2021-03-10', '2021-04-28', '2021-06-01', '2023-01-31'), (2, '2021-03-17', '2021-03-29', NULL, '2022-11-15'),
    (3, '2021-05-02', '2021-05-30', '2021-07-15', NULL), (4, '2021-06-15', NULL, NULL, NULL), (5, NULL, '2021-08-03', NULL, '2021-12-24');

SELECT events, event, records, round(mean_days::numeric, 1) AS mean_days, least_days, round(share_below_threshold::numeric, 2) AS below_7, round(share_certain::numeric, 2) AS certain
FROM kiaim.date_leak('course', 'diagnosis', '{operation,radiation,last_seen}');

SET datestyle = iso;
SELECT * FROM kiaim.record_date_leak('course', 'diagnosis', '{operation,radiation,last_seen}', id => 'nr') ORDER BY id;

-- Quarters instead of months.
SELECT events, event, round(mean_days::numeric, 1) AS mean_days, least_days
FROM kiaim.date_leak('course', 'diagnosis', '{operation,radiation,last_seen}', date_precision => 'quarter');

DROP TABLE course;
