-- What makes one generalization better than another: the qualities and aggregates of a policy.
\pset footer off
CREATE TEMP TABLE patient AS
SELECT 20 + i * i % 71 AS age, (ARRAY['80331', '80333', '80469', '81241', '81243', '90402'])[1 + i * i * i % 6] AS zip,
	(ARRAY['f', 'm', 'f'])[1 + i % 3] AS sex, (ARRAY['I', 'II', 'II', 'III', 'IV'])[1 + (i * i % 71 / 20 + i % 2) % 5] AS uicc
FROM generate_series(1, 400) AS i;
\set policy '{"quasi": {"age": "bins(5, 10, 20)", "zip": "prefix(3, 2, 1)", "sex": "flat"}, "keep": ["uicc"], "k": 5, "suppression": 0.05}'

-- Every quality finds its own best generalization.
SELECT quality, levels, round(loss::numeric, 4) AS score, suppressed, classes, optimal
FROM unnest('{loss,precision,entropy,normalized_entropy,discernibility,average_class_size,ambiguity,kl_divergence}'::text[]) AS quality,
	kiaim.plan('patient', :'policy'::jsonb || jsonb_build_object('quality', quality));

-- The stage shall stay predictable.
SELECT levels, round(loss::numeric, 4) AS score, suppressed, classes
FROM kiaim.plan('patient', :'policy'::jsonb || '{"quality": {"model": "classification", "target": "uicc"}}');

-- The losses of the columns become one figure.
SELECT aggregate, levels, round(loss::numeric, 4) AS score, suppressed
FROM unnest('{arithmetic,geometric,sum,maximum,rank}'::text[]) AS aggregate,
	kiaim.plan('patient', :'policy'::jsonb || jsonb_build_object('aggregate', aggregate));

-- Some qualities do not look at columns.
SELECT levels, loss FROM kiaim.plan('patient', :'policy'::jsonb || '{"quality": "discernibility", "aggregate": "rank"}');
DROP TABLE patient;
