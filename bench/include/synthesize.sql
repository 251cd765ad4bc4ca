-- Fit a model of :training with :options, draw as many rows as :wanted, and judge them under :name; CPU and size go into the table fitted.
SELECT pg_temp.cpu() AS begun \gset
SELECT kiaim.fit('bench', :'training', :'options') \g /dev/null
SELECT pg_temp.cpu() - :begun AS fit \gset
SELECT pg_temp.cpu() AS begun \gset
SELECT (SELECT count(*) FROM kiaim.sample(NULL::pg_temp.:training, 'bench', :wanted, run)) FROM generate_series(1, 10) AS run \g /dev/null
SELECT (pg_temp.cpu() - :begun) / 10 AS draw \gset
INSERT INTO fitted SELECT :'name', :fit, :draw, size, method FROM kiaim.models WHERE name = 'bench';
DROP TABLE IF EXISTS drawn;
CREATE TEMP TABLE drawn AS SELECT * FROM kiaim.sample(NULL::pg_temp.:training, 'bench', :wanted, 1);
SELECT kiaim.drop_model('bench') \g /dev/null
\set rows_of drawn
\ir judge_rows.sql
