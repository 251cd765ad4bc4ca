-- release_steps.sql
--   What the steps of a policy mean for a stored release: which rows of the
--   source it is made from, what its suppressed rows show, limits and empty
--   columns, and what its runs have spent of differential privacy.

CREATE FUNCTION kiaim.release_source_rows(source regclass, policy jsonb) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN policy ? 'sample'
    THEN format('(SELECT * FROM %s WHERE kiaim.in_sample(%I, %s::float8, %L::bigint)) AS sampled', source,
                coalesce(policy #>> '{sample,by}', policy ->> 'person'), policy #>> '{sample,share}',
                (policy #>> '{sample,seed}')::numeric::bigint)
    ELSE source::text END
$$;

COMMENT ON FUNCTION kiaim.release_source_rows(regclass, jsonb) IS
  'The rows of a source that a release is made from, as FROM has them (internal).';

CREATE FUNCTION kiaim.release_is_star(policy jsonb, col text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(CASE -- columns keep their types there, and suppressed rows are always dropped
                     WHEN coalesce(policy #>> '{recoding,method}', policy ->> 'recoding') IN ('cells', 'microaggregation') THEN 'false'
                     WHEN written = 'range' THEN '%I IS NOT DISTINCT FROM ''(,)'''
                     WHEN written IN ('midpoint', 'type') THEN '%I IS NULL'
                     ELSE '%I IS NOT DISTINCT FROM ''*''' END, col)
  FROM (SELECT policy #>> ARRAY['quasi', col, 'as'] AS written) AS q
$$;

COMMENT ON FUNCTION kiaim.release_is_star(jsonb, text) IS
  'The condition that a quasi-identifier shows what suppressed rows show that are kept (internal).';

-- Ranges are those of the type of the column in the relation, whose texts are those of the source if the types are alike.
CREATE FUNCTION kiaim.release_written(policy jsonb, col text, relation regclass, hierarchy kiaim.hierarchy, label text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(CASE WHEN written = 'range' AND range IS NOT NULL THEN 'kiaim.label_range(%1$s, %2$L::kiaim.hierarchy, NULL::pg_catalog.%3$s)::text'
                     WHEN written = 'midpoint' AND range IS NOT NULL THEN 'kiaim.midpoint(kiaim.label_range(%1$s, %2$L::kiaim.hierarchy, NULL::pg_catalog.%3$s))::text'
                     WHEN written = 'type' AND data_type = 'text' THEN 'nullif(%1$s, ''*'')'
                     WHEN written = 'type' THEN 'kiaim.label_value(%1$s, %4$I)::text'
                     ELSE '%1$s' END,
                label, hierarchy, range, col)
  FROM (SELECT policy #>> ARRAY['quasi', col, 'as'] AS written, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS data_type
        FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid WHERE a.attrelid = relation AND a.attname = col) AS c
    LEFT JOIN (VALUES ('smallint', 'int4range'), ('integer', 'int4range'), ('bigint', 'int8range'), ('numeric', 'numrange'), ('real', 'numrange'),
                      ('double precision', 'numrange'), ('date', 'daterange'), ('timestamp without time zone', 'tsrange'),
                      ('timestamp with time zone', 'tstzrange')) AS ranges (data_type, range) USING (data_type)
$$;

COMMENT ON FUNCTION kiaim.release_written(jsonb, text, regclass, kiaim.hierarchy, text) IS
  'The text of what a release shows of a column of a relation whose label is an expression, as an expression (internal).';

CREATE FUNCTION kiaim.release_verify_columns(built regclass, policy jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  col text;
  bad boolean;
  condition text;
  data_type text;
BEGIN
  FOREACH col IN ARRAY kiaim.release_policy_columns(policy, 'suppress') LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I IS NOT NULL)', built, col) INTO bad;
    IF bad THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('column "%s" of the stored result is not empty, the policy suppresses it', col);
    END IF;
  END LOOP;
  FOR col, condition IN
    SELECT k.key, (SELECT string_agg(format('%I %s %L', k.key, CASE l.key WHEN 'top' THEN '>' ELSE '<' END, l.value), ' OR ')
                   FROM jsonb_each_text(k.value) AS l)
    FROM jsonb_each(CASE jsonb_typeof(policy -> 'keep') WHEN 'object' THEN policy -> 'keep' ELSE '{}' END) AS k
  LOOP
    CONTINUE WHEN condition IS NULL;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %s)', built, condition) INTO bad;
    IF bad THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('column "%s" of the stored result has values beyond its limits', col),
        DETAIL = format('The limits are %s.', policy #> ARRAY['keep', col]);
    END IF;
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.release_verify_columns(regclass, jsonb) IS
  'An error unless suppressed columns are empty and columns with limits keep within them (internal).';

-- Every run that was published drew anew, from the same persons: epsilon and delta of the runs add up.
CREATE FUNCTION kiaim.release_privacy_spent(target kiaim.release, OUT runs bigint, OUT epsilon float8, OUT delta float8)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*), coalesce(sum((log.measured ->> 'epsilon')::numeric), 0), coalesce(sum((log.measured ->> 'delta')::numeric), 0)
  FROM kiaim.release_log AS log
  WHERE log.release = (target).release AND log.state = 'published' AND log.policy ? 'differential_privacy'
$$;

-- No SET clause, because the caller's search_path says where a name without a schema is; hence no operator either.
CREATE FUNCTION kiaim.privacy_spent(release text, OUT runs bigint, OUT epsilon float8, OUT delta float8)
LANGUAGE sql STABLE
AS $$
  SELECT s.runs, s.epsilon, s.delta
  FROM kiaim.release_privacy_spent(kiaim.release_find(release, pg_catalog.current_schemas(false))) AS s
$$;

COMMENT ON FUNCTION kiaim.privacy_spent(text) IS
  'epsilon and delta that all published runs of a release have spent together, by sequential composition';
COMMENT ON FUNCTION kiaim.release_privacy_spent(kiaim.release) IS 'The work of kiaim.privacy_spent (internal).';
