-- How well population uniques are estimated: samples are drawn from populations that are known, and the estimates of
-- kiaim.population_risk compared with the truth. Tables: bias and root mean square error in percent of the truth, and
-- how often the interval of 95 % has the truth in it. doc/risk/population.md shows the results.
--
--   psql -v replicates=20 -f bench/population.sql        KIAIM_SHARED: a directory with data/adult/adult.csv (else without)
\set ON_ERROR_STOP 1
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kiaim;
\if :{?replicates}
\else
\set replicates 5
\endif
SELECT setseed(0.5) \g /dev/null

-- ---- populations ----

CREATE TEMP TABLE adult (sex text, age text, race text, marital text, education text, country text, workclass text, occupation text, salary text);
\set shared `echo "$KIAIM_SHARED"`
SELECT :'shared' <> '' AS present \gset
\if :present
\set file :shared '/data/adult/adult.csv'
COPY adult FROM :'file' (FORMAT csv, HEADER, DELIMITER ';');
\endif

-- A registry of 200,000 made-up patients: everything depends on age, and the diagnosis on sex as well; districts differ in size.
CREATE TEMP TABLE registry AS
SELECT sex, age, (age - 1) / 5 AS age_group, date '2024-06-30' - age * 365 - (random() * 364)::int AS born, district, diagnosis,
       CASE WHEN random() < 0.7 THEN (age + diagnosis) % 4 ELSE (random() * 4)::int END AS stage,
       2010 + (random() * 13)::int AS year
FROM (SELECT CASE WHEN random() < 0.52 THEN 'm' ELSE 'f' END AS sex, greatest(1, least(100, round(66 + 13 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))))::int AS age,
             floor(400 * power(random(), 2))::int AS district, i
      FROM generate_series(1, 200000) AS i) AS p,
     LATERAL (SELECT floor(((CASE sex WHEN 'm' THEN 5 ELSE 0 END) + 0 * i + 60 * power(random(), 1.5 + age / 40.0)))::int AS diagnosis) AS d;

CREATE TEMP TABLE design (population text, columns text[]);
INSERT INTO design VALUES
    ('registry', '{sex,age_group,diagnosis}'),
    ('registry', '{sex,age,district}'),
    ('registry', '{sex,age,district,diagnosis}'),
    ('registry', '{sex,age_group,district,diagnosis,stage,year}'),
    ('registry', '{sex,born}'),
    ('registry', '{sex,born,district}');
INSERT INTO design
SELECT 'adult', c::text[]
FROM unnest(ARRAY['{sex,age,race}', '{sex,age,race,marital,education}', '{age,education,occupation,country,workclass}',
                  '{sex,age,race,marital,education,country,workclass,occupation,salary}']) AS c
WHERE EXISTS (SELECT FROM adult);

-- ---- samples ----

CREATE TEMP TABLE truth (population text, columns text[], persons bigint, uniques bigint);
CREATE TEMP TABLE result (population text, columns text[], fraction float8, replicate int, model text, uniques float8, low float8, high float8,
                          reidentified float8, truly float8);

CREATE FUNCTION pg_temp.simulate(replicates int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d design;
    n bigint;
    portion float8;
    keys text;
    truly float8;
BEGIN
    FOR d IN SELECT * FROM design LOOP
        SELECT string_agg(quote_ident(c), ', ') INTO keys FROM unnest(d.columns) AS c;
        EXECUTE format('CREATE TEMP TABLE drawn_from AS SELECT %s, count(*) OVER (PARTITION BY %1$s) AS f FROM %I', keys, d.population);
        INSERT INTO truth SELECT d.population, d.columns, count(*), count(*) FILTER (WHERE drawn_from.f = 1) FROM drawn_from;
        SELECT count(*) INTO n FROM drawn_from;
        FOREACH portion IN ARRAY ARRAY[0.01, 0.05, 0.1, 0.5] LOOP
            FOR r IN 1 .. replicates LOOP
                CREATE TEMP TABLE sample AS SELECT * FROM drawn_from ORDER BY random() LIMIT (n * portion)::bigint;
                EXECUTE format('SELECT sum(n / f::float8) FROM (SELECT count(*) AS n, f FROM sample GROUP BY %s, f) AS c', keys) INTO truly;
                INSERT INTO result
                SELECT d.population, d.columns, portion, r, p.model, p.uniques, p.low, p.high, p.reidentified, truly
                FROM kiaim.population_risk('sample', d.columns, n) AS p;
                DROP TABLE sample;
            END LOOP;
        END LOOP;
        DROP TABLE drawn_from;
    END LOOP;
END $$;
SELECT pg_temp.simulate(:replicates) \g /dev/null

-- ---- what came out ----

\echo Bias of the uniques, in percent
CREATE TEMP TABLE figure AS
SELECT r.population, r.columns, r.fraction, r.model, t.uniques AS truth, count(r.uniques) AS valid, avg(r.uniques) / t.uniques - 1 AS bias,
       sqrt(avg(power(r.uniques / t.uniques - 1, 2))) AS rmse, avg((t.uniques BETWEEN r.low AND r.high)::int) AS coverage,
       avg(r.reidentified) / avg(r.truly) - 1 AS matches
FROM result AS r JOIN truth AS t USING (population, columns) WHERE t.uniques > 0
GROUP BY r.population, r.columns, r.fraction, r.model, t.uniques;
CREATE FUNCTION pg_temp.show(figure float8, valid bigint) RETURNS text LANGUAGE sql AS $$
    SELECT COALESCE(round((100 * figure)::numeric)::text, '-') || CASE WHEN valid < current_setting('kiaim_bench.replicates')::int THEN '*' ELSE '' END
$$;
SET kiaim_bench.replicates = :replicates;
CREATE FUNCTION pg_temp.report(what text) RETURNS TABLE (population text, columns text, truth bigint, fraction float8, pitman text, zayatz text, snb text,
                                                         dankar text, independence text, poisson text, rocher text) LANGUAGE sql AS $$
    SELECT population, array_to_string(columns, ' '), truth, fraction,
           max(v) FILTER (WHERE model = 'pitman'), max(v) FILTER (WHERE model = 'zayatz'), max(v) FILTER (WHERE model = 'snb'), max(v) FILTER (WHERE model = 'dankar'),
           max(v) FILTER (WHERE model = 'independence'), max(v) FILTER (WHERE model = 'poisson'), max(v) FILTER (WHERE model = 'rocher')
    FROM figure, pg_temp.show(CASE what WHEN 'bias' THEN bias WHEN 'rmse' THEN rmse WHEN 'coverage' THEN coverage ELSE matches END, valid) AS v
    GROUP BY population, columns, truth, fraction ORDER BY population, columns, fraction
$$;
SELECT * FROM pg_temp.report('bias');
\echo Root mean square error, in percent
SELECT * FROM pg_temp.report('rmse');
\echo Intervals of 95 % with the truth in them, in percent
SELECT * FROM pg_temp.report('coverage');
\echo Bias of the expected re-identifications, in percent
SELECT population, columns, fraction, independence, poisson, rocher FROM pg_temp.report('matches');
\echo Over all of these
SELECT model, round((100 * avg(abs(bias)))::numeric) AS mean_bias, round((100 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(bias)))::numeric) AS median_bias,
       round((100 * max(abs(bias)))::numeric) AS worst_bias, round((100 * avg(rmse))::numeric) AS mean_rmse, round((100 * avg(coverage))::numeric) AS coverage
FROM figure GROUP BY model ORDER BY mean_rmse;
