-- release_verify_table.sql
--   Verification of what a policy requires of a table as a whole, and of its
--   classes beside a population: measured on the stored relation in plain SQL.

-- counted is what has the rows of the classes that count, with the column person if that is not NULL; a measure that
-- cannot be told, or does not keep the policy, is an error. Returns the measures.
CREATE FUNCTION kiaim.release_verify_table(counted text, source regclass, policy jsonb, levels jsonb, person text) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  quasi    text[] := kiaim.release_policy_columns(policy, 'quasi');
  list     text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c);
  size     text := CASE WHEN person IS NULL THEN 'count(*)'
                   ELSE format('count(DISTINCT %1$I) + max((%1$I IS NULL)::int)', person) END;
  -- a row a class: how many are in it, how many records it has
  class    text := format('(SELECT %1$s, %2$s AS kiaim_size, count(*) AS kiaim_records FROM %3$s GROUP BY %1$s) AS class', list, size, counted);
  limits   jsonb := coalesce(policy -> 'strict_average_risk', '{}');
  average  text := 'sum(kiaim_records::float8 / kiaim_size) / sum(kiaim_records)::float8';
  measured jsonb := '{}';
  wanted   record;
  measure  float8;
  nclasses bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s', class) INTO nclasses;
  FOR wanted IN
    SELECT 'average_risk' AS requirement, policy ->> 'average_risk' AS most, average AS expression, class AS relation
    UNION ALL SELECT 'strict_average_risk average', limits ->> 'average', average, class
    UNION ALL SELECT 'strict_average_risk highest', limits ->> 'highest', '1::float8 / min(kiaim_size)', class
    UNION ALL SELECT 'strict_average_risk share_at_risk', limits ->> 'share_at_risk',
      format('coalesce(sum(kiaim_records) FILTER (WHERE 1::float8 / kiaim_size > %L::float8), 0)::float8 / sum(kiaim_records)::float8', limits ->> 'threshold'), class
    UNION ALL SELECT 'sample_uniqueness', policy ->> 'sample_uniqueness',
      'coalesce(sum(kiaim_records) FILTER (WHERE kiaim_size = 1), 0)::float8 / sum(kiaim_records)::float8', class
    UNION ALL SELECT 'population_uniqueness', policy #>> '{population_uniqueness,share}',
      format('kiaim.population_uniqueness(%L, %L::bigint, %s)', coalesce(policy #>> '{population_uniqueness,model}', 'dankar'),
             (policy #>> '{population_uniqueness,population}')::numeric::bigint, list),
      CASE WHEN person IS NULL THEN counted ELSE format('(SELECT DISTINCT %s, %I FROM %s) AS persons', list, person, counted) END
    -- the limits from below, as those of what is negative
    UNION ALL SELECT 'k_map', (-(policy #>> '{k_map,k}')::float8)::text, '-min(kiaim_population)',
      kiaim.release_beside_population(class, source, policy, 'k_map', levels)
    UNION ALL SELECT 'presence max', policy #>> '{presence,max}', 'max(CASE WHEN kiaim_population > 0 THEN kiaim_size::float8 / kiaim_population ELSE ''infinity'' END)',
      kiaim.release_beside_population(class, source, policy, 'presence', levels)
    UNION ALL SELECT 'presence min', (-(policy #>> '{presence,min}')::float8)::text,
      '-min(CASE WHEN kiaim_population > 0 THEN kiaim_size::float8 / kiaim_population ELSE 0 END)',
      kiaim.release_beside_population(class, source, policy, 'presence', levels)
  LOOP
    CONTINUE WHEN wanted.most IS NULL;
    EXECUTE format('SELECT %s FROM %s', wanted.expression, wanted.relation) INTO measure;
    measured := measured || jsonb_build_object(wanted.requirement, abs(measure));
    -- of nothing everything holds; 1e-12 is the tolerance of the search, too
    IF nclasses > 0 AND NOT coalesce(measure <= wanted.most::float8 + abs(wanted.most::float8) * 1e-12, false) THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('the stored result does not keep the policy: %s is %s', wanted.requirement, coalesce(abs(measure)::text, 'unknown')),
        DETAIL = format('The policy wants %s %s.', CASE WHEN wanted.requirement IN ('k_map', 'presence min') THEN 'at least' ELSE 'at most' END,
                        abs(wanted.most::float8));
    END IF;
  END LOOP;
  RETURN measured;
END
$$;

COMMENT ON FUNCTION kiaim.release_verify_table(text, regclass, jsonb, jsonb, text) IS
  'Measure what a policy requires of a release as a whole; an error unless it holds (internal).';

-- Each class with its size in the population that a member of the policy names, generalized to the levels of the
-- release; NULL if the policy has no such member. Groups meet by their labels as they are written, NULL being one.
-- Under a recoding the population is recoded as the source is, and a label counts only where the value is under it.
CREATE FUNCTION kiaim.release_beside_population(class text, source regclass, policy jsonb, member text, levels jsonb) RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('(SELECT sum(kiaim_size) AS kiaim_size, sum(kiaim_population) AS kiaim_population FROM ('
                'SELECT %s, kiaim_size, 0 AS kiaim_population FROM %s UNION ALL SELECT %s, 0, 1 FROM %s%s) AS both_sides GROUP BY %s HAVING sum(kiaim_size) > 0) AS beside',
                string_agg(format('%I::text COLLATE "C" AS %I', c, c), ', ' ORDER BY c), class,
                string_agg(kiaim.release_written(policy, c, population, hierarchy, label), ', ' ORDER BY c),
                CASE WHEN recoded THEN format('(SELECT *, kiaim.recode((SELECT r.recoding FROM kiaim.fitted_recoding AS r WHERE r.id = %L LIMIT 1), %s) AS kiaim_tuple FROM %s OFFSET 0) AS recoded',
                                              levels ->> 'recoding', string_agg(quote_ident(c), ', ' ORDER BY place), population)
                     ELSE population::text END,
                CASE WHEN recoded THEN ' WHERE kiaim_tuple IS NOT NULL AND '
                  || string_agg(format('array_position(kiaim.path(%I, %L::kiaim.hierarchy), %s) IS NOT NULL', c, hierarchy, label), ' AND ') END,
                string_agg(quote_ident(c), ', ' ORDER BY c))
  FROM (SELECT q.*, CASE WHEN recoded THEN format('kiaim_tuple[%s]', place)
                         ELSE format('kiaim.generalize(%I, %L::kiaim.hierarchy, %s)', c, hierarchy, levels ->> c) END AS label
        FROM (SELECT a.attname::text AS c, row_number() OVER (ORDER BY a.attnum) AS place, kiaim.release_hierarchy(h.text) AS hierarchy,
                     (policy #>> ARRAY[member, 'population'])::regclass AS population,
                     -- levels name a recoding by a text, where those of a column are a number
                     coalesce(jsonb_typeof(levels -> 'recoding') = 'string', false) AS recoded
              FROM unnest(kiaim.release_policy_columns(policy, 'quasi')) AS q JOIN pg_attribute AS a ON a.attrelid = source AND a.attname = q,
                LATERAL (SELECT CASE WHEN jsonb_typeof(o) = 'object' AND NOT o ? '*' THEN coalesce(o ->> 'hierarchy', '') ELSE o #>> '{}' END AS text
                         FROM (SELECT policy -> 'quasi' -> a.attname::text AS o) AS d) AS h
              WHERE policy ? member) AS q) AS quasi
  GROUP BY population, recoded
$$;

COMMENT ON FUNCTION kiaim.release_beside_population(text, regclass, jsonb, text, jsonb) IS
  'A query for the classes of a release with their sizes in a population (internal).';
