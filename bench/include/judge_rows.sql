-- What bench/judge says, with the options :judge, of the rows of :rows_of beside those that they were learned from and the held-out ones; under :name.
COPY (SELECT * FROM :training) TO STDOUT (FORMAT csv, HEADER) \g :workspace/training.csv
COPY (SELECT * FROM :holdout) TO STDOUT (FORMAT csv, HEADER) \g :workspace/holdout.csv
COPY (SELECT * FROM :rows_of) TO STDOUT (FORMAT csv, HEADER) \g :workspace/rows.csv
\set figures `:workspace/judge :judge :workspace/training.csv :workspace/rows.csv :workspace/holdout.csv`
INSERT INTO judged
SELECT :'name', f[1], nullif(f[2], '')::float8, nullif(f[3], '')::float8
FROM unnest(string_to_array(:'figures', E'\n')) AS line, string_to_array(line, E'\t') AS f;
