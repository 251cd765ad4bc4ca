-- What identifies, and what singles out, in a table that nobody has labelled.

CREATE TABLE letters (
    code text, "Größe" int, district text, born date, note text
);
INSERT INTO letters
SELECT CASE WHEN i % 7 > 0 THEN 'A123456780' END, 150 + i % 40, '0' || 5310 + i % 3, '1931-05-01'::date + i * 211,
       CASE i WHEN 17 THEN 'asked to be called back, phone 0228/123456' WHEN 60 THEN 'see the letter of Dr. Weber' END
FROM generate_series(1, 120) AS i;

-- every value of every row is searched; what is found is shown by its shape alone
SELECT column_name, kind, hits, round(share::numeric, 2) AS share, shape FROM kiaim.find_identifiers('letters');

-- which columns single records out, alone or in the company of others
SELECT column_name, role, different, round(uniqueness::numeric, 3) AS uniqueness, round(gain::numeric, 3) AS gain,
       round(largest_gain::numeric, 3) AS largest_gain, together_with
FROM kiaim.find_quasi('letters', '{Größe,district,born,note}') ORDER BY gain DESC;

DROP TABLE letters;
