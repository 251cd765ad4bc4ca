-- Judging rows with bench/judge, run from the top of the checkout. Makes the table judged(name, metric, synthetic, holdout);
-- :judged is false where there is no C compiler. After it, include judge_rows.sql for each set of rows.
SET client_min_messages = warning;
\set workspace `mktemp -d`
\set judged `cc -O2 -std=gnu11 -o :workspace/judge bench/judge/*.c -lm 2>:workspace/errors && echo true || echo false`
CREATE TEMP TABLE judged (name text, metric text, synthetic float8, holdout float8);
