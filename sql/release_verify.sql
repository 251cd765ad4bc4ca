-- release_verify.sql
--   What stands between a policy and its publication: the content of the columns
--   that it would give away, and the measurement of what was stored.
--
-- Nothing here trusts the plan.  Columns, rows, suppression and every requirement
-- of the policy are taken from the stored relation with the same aggregates that
-- any user can call, and what cannot be measured does not hold.

-- The policy's own check knows names, types and indexes; this one looks at what a column holds, which tells also
-- where the source is a view. It is a reading of the whole source, so it happens once, when a release is created.
CREATE FUNCTION kiaim.release_check_contents(source regclass, policy jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  culprit record;
BEGIN
  SELECT s.* INTO culprit FROM kiaim.suggest(source) AS s
  WHERE s.column_name = ANY (kiaim.release_policy_columns(policy, 'keep', 'sensitive')::name[])
    AND (s.role IN ('identifier', 'person') OR s.looks_like = 'free text')
  LIMIT 1;
  IF FOUND THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('column "%s" would be released as it is, but looks like this: %s', culprit.column_name, culprit.looks_like),
      DETAIL = format('kiaim.suggest says of it: %s', culprit.reason),
      HINT = 'Leave it out, or name it in "identifier" if it is to be released although it identifies.';
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.release_check_contents(regclass, jsonb) IS
  'Refuse a policy that would release a column as it is whose values tell who somebody is (internal).';

-- A statement of its own for each of the two: in one expression the planner would try the cast on a name, too.
CREATE FUNCTION kiaim.release_hierarchy(name_or_definition text) RETURNS kiaim.hierarchy
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_by_name kiaim.hierarchy := (SELECT h.hierarchy FROM kiaim.named_hierarchy AS h WHERE h.name = name_or_definition);
BEGIN
  IF found_by_name IS NOT NULL THEN
    RETURN found_by_name;
  END IF;
  RETURN name_or_definition::kiaim.hierarchy;
END
$$;

COMMENT ON FUNCTION kiaim.release_hierarchy(text) IS 'The hierarchy that a policy gives by name or by definition (internal).';

-- Each requirement of a policy as an expression over a relation with the policy's columns, and with a column that
-- tells persons apart where the policy counts them. What this list does not know is an error. once is the column
-- whose values count once a person in a class, or NULL where repetitions make no difference. No expression over the
-- release alone compares with the source: then compared is the column, model what is measured, and hierarchy the
-- one of a distance; named are the values that a share is limited of.
CREATE FUNCTION kiaim.release_requirements(policy jsonb, person text)
RETURNS TABLE (requirement text, wanted float8, relation text, expression text, once text,
               compared text, model text, hierarchy kiaim.hierarchy, named text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  quasi text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(kiaim.release_policy_columns(policy, 'quasi')) AS c);
  member text;
  limits jsonb;
  col text;
BEGIN
  FOR member IN SELECT jsonb_object_keys(policy) LOOP
    CONTINUE WHEN member IN ('person', 'quasi', 'sensitive', 'keep', 'identifier', 'suppression', 'suppressed_rows',
                             'quality', 'aggregate', 'recoding', 'suppress', 'sample', 'ledger',
                             -- kiaim.release_verify_table measures these
                             'average_risk', 'strict_average_risk', 'sample_uniqueness', 'population_uniqueness', 'k_map', 'presence');
    requirement := member;
    IF member = 'differential_privacy' THEN
      -- each person is one row, and the persons of the draw are known to nobody
      wanted := kiaim.safepub_k((policy #>> '{differential_privacy,epsilon}')::float8, (policy #>> '{differential_privacy,delta}')::float8);
      relation := '>=';
      expression := format('kiaim.k_anonymity(%s)', quasi);
      RETURN NEXT;
    ELSIF member = 'k' THEN
      wanted := policy ->> 'k';
      relation := '>=';
      expression := CASE WHEN policy ? 'person' THEN format('kiaim.persons_k_anonymity(%I, %s)', person, quasi)
                         -- NULL is a wildcard where a policy that suppresses cells says so
                         WHEN policy @> '{"recoding": {"wildcard": true}}' THEN format('kiaim.wildcard_k_anonymity(%s)', quasi)
                         ELSE format('kiaim.k_anonymity(%s)', quasi) END;
      RETURN NEXT;
    ELSIF member = 'multi_attribute_l' THEN
      -- each sensitive column where the others join the quasi-identifiers
      wanted := policy ->> member;
      relation := '>=';
      FOREACH col IN ARRAY kiaim.release_policy_columns(policy, 'sensitive') LOOP
        requirement := format('%s of %s', member, col);
        expression := format('kiaim.l_diversity(%I, %s, %s)', col, quasi,
          (SELECT string_agg(quote_ident(c), ', ') FROM unnest(kiaim.release_policy_columns(policy, 'sensitive')) AS c WHERE c <> col));
        RETURN NEXT;
      END LOOP;
    ELSE
      RAISE feature_not_supported USING
        MESSAGE = format('requirement "%s" cannot be measured on a stored release', member);
    END IF;
  END LOOP;

  FOR col, limits IN SELECT * FROM jsonb_each(coalesce(policy -> 'sensitive', '{}')) LOOP
    FOR member IN SELECT jsonb_object_keys(limits) LOOP
      -- these say how others are meant
      CONTINUE WHEN member IN ('distance', 'hierarchy', 'estimator');
      requirement := format('%s of %s', member, col);
      compared := NULL;
      hierarchy := NULL;
      named := NULL;
      expression := 'NULL';
      once := CASE WHEN policy ? 'person' AND member NOT IN ('l', 'p_sensitive') THEN col END;
      wanted := CASE WHEN jsonb_typeof(limits -> member) = 'number' THEN limits ->> member END;
      relation := CASE WHEN member IN ('l', 'p_sensitive', 'entropy_l') THEN '>=' WHEN member IN ('recursive', 'delta_disclosure') THEN '<' ELSE '<=' END;
      CASE member
        WHEN 'l', 'p_sensitive' THEN
          expression := format('kiaim.l_diversity(%I, %s)', col, quasi);
        WHEN 'entropy_l' THEN
          IF limits ->> 'estimator' = 'grassberger' THEN
            requirement := 'grassberger ' || requirement;
            expression := format('kiaim.grassberger_l_diversity(%I, %s)', col, quasi);
          ELSE
            expression := format('kiaim.entropy_l_diversity(%I, %s)', col, quasi);
          END IF;
        WHEN 'recursive' THEN
          requirement := format('%s (c,%s) of %s', member, limits -> 'recursive' ->> 'l', col);
          wanted := limits -> 'recursive' ->> 'c';
          expression := format('kiaim.recursive_diversity(%s, %I, %s)', (limits -> 'recursive' ->> 'l')::int, col, quasi);
        WHEN 'alpha' THEN
          IF jsonb_typeof(limits -> 'alpha') = 'object' THEN
            wanted := limits -> 'alpha' ->> 'share';
            compared := col;
            model := 'alpha_of';
            named := ARRAY(SELECT jsonb_array_elements_text(limits -> 'alpha' -> 'values'));
          ELSE
            expression := format('kiaim.alpha_anonymity(%I, %s)', col, quasi);
          END IF;
        WHEN 't' THEN
          compared := col;
          model := coalesce(limits ->> 'distance', 'equal');
          requirement := CASE WHEN model = 'equal' THEN '' ELSE model || ' ' END || requirement;
          IF model = 'hierarchical' THEN
            hierarchy := kiaim.release_hierarchy(limits ->> 'hierarchy');
          END IF;
        WHEN 'beta', 'enhanced_beta', 'delta_disclosure' THEN
          compared := col;
          model := member;
        ELSE
          RAISE feature_not_supported USING
            MESSAGE = format('requirement "%s" cannot be measured on a stored release', requirement);
      END CASE;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.release_requirements(jsonb, text) IS
  'The requirements of a policy as aggregates, for measuring a stored release (internal).';

-- The worst class by what its values have to do with those of the source, in plain SQL. model: equal or hierarchical
-- distance, beta, enhanced_beta, delta_disclosure. Each side is counted on its own, then values meet values;
-- hierarchical distances are the mean over the levels under the top. counted is what has the rows of the classes that
-- count, once where persons do; source its rows as FROM has them; person is the column of the source.
CREATE FUNCTION kiaim.release_closeness(counted text, source text, quasi text[], col text, hierarchy kiaim.hierarchy, person text,
  model text = 'equal')
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  levels   int := coalesce(kiaim.height(hierarchy), 1);
  q        text := (SELECT string_agg('q' || i, ', ') FROM generate_subscripts(quasi, 1) AS i);
  gain     text := '(n * of_all - in_all * of_class)::float8 / (in_all * of_class)::float8';
  measure  text := CASE model
    WHEN 'beta' THEN format($m$max(CASE WHEN in_all = 0 THEN 'Infinity' ELSE greatest(%s, 0) END)$m$, gain)
    WHEN 'enhanced_beta' THEN format($m$max(CASE WHEN in_all = 0 OR %1$s > ln(of_all::float8 / in_all::float8) * (1 + 1e-12::float8)
      THEN 'Infinity' ELSE greatest(%1$s, 0) END)$m$, gain)
    WHEN 'delta_disclosure' THEN $m$max(CASE WHEN in_all = 0 OR of_values < in_source THEN 'Infinity'
      ELSE abs(ln((n * of_all)::float8 / (in_all * of_class)::float8) / ln(2::float8)) END)$m$
    ELSE format('sum(greatest(n * of_all - in_all * of_class, 0))::float8 / (max(of_class) * max(of_all))::float8 / %s', levels) END;
  worst    float8;
BEGIN
  EXECUTE format($q$
    WITH cell AS (
      SELECT true AS released, %1$s, %2$I AS value, count(*) AS n FROM %3$s GROUP BY %4$s, %2$I
      UNION ALL
      SELECT false, %5$s, %2$I, count(*) FROM %6$s GROUP BY %2$I
    ), labelled AS (
      SELECT released, %7$s, level, CASE WHEN level = 0 THEN value END AS value, %8$s AS label, sum(n) AS n
      FROM cell, generate_series(0, %9$s - 1) AS level
      GROUP BY released, %7$s, level, %10$s, %11$s
    ), compared AS (
      SELECT released, %7$s, n, sum(n) OVER (PARTITION BY released, %7$s, level) AS of_class,
             coalesce(sum(n) FILTER (WHERE NOT released) OVER (PARTITION BY level, value, label), 0) AS in_all,
             sum(n) FILTER (WHERE NOT released) OVER (PARTITION BY level) AS of_all,
             count(*) OVER (PARTITION BY released, %7$s, level) AS of_values,
             count(*) FILTER (WHERE NOT released) OVER (PARTITION BY level) AS in_source
      FROM labelled
    )
    SELECT max(measure) FROM (SELECT %12$s AS measure FROM compared WHERE released GROUP BY %7$s) AS class
  $q$,
    (SELECT string_agg(format('%I AS q%s', c, i), ', ' ORDER BY i) FROM unnest(quasi) WITH ORDINALITY AS u (c, i)),
    col, counted,
    (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c),
    (SELECT string_agg('NULL', ', ') FROM unnest(quasi)),
    CASE WHEN person IS NULL THEN source ELSE format('(SELECT DISTINCT %I, %I FROM %s) AS persons', person, col, source) END,
    q, CASE WHEN hierarchy IS NULL THEN 'NULL'
       ELSE format('CASE WHEN level > 0 THEN kiaim.generalize(value, %L::kiaim.hierarchy, level) END', hierarchy) END,
    levels, cardinality(quasi) + 3, cardinality(quasi) + 4, measure)
  INTO worst;
  RETURN worst;
END
$$;

COMMENT ON FUNCTION kiaim.release_closeness(text, text, text[], text, kiaim.hierarchy, text, text) IS
  'What the worst class of a release has to do with the source, for verification (internal).';

-- The largest ordered distance of a class to the source: what is carried from value to value, of all values of the
-- source in their order, over the steps from the first to the last.
CREATE FUNCTION kiaim.release_ordered_closeness(counted text, source text, quasi text[], col text, person text)
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  distance float8;
BEGIN
  EXECUTE format($q$
    WITH cell AS (
      SELECT dense_rank() OVER (ORDER BY %5$s) AS class, value, n
      FROM (SELECT %6$s, %2$I AS value, count(*) AS n FROM %3$s GROUP BY %1$s, %2$I) AS c
      UNION ALL
      SELECT 0, %2$I, count(*) FROM %4$s GROUP BY %2$I
    ), ranked AS (
      SELECT class, dense_rank() OVER (ORDER BY value) AS place, n, sum(n) OVER (PARTITION BY class) AS of_class FROM cell
    ), whole AS (
      SELECT place, n, of_class AS of_all, count(*) OVER () AS places FROM ranked WHERE class = 0
    ), carried AS (
      SELECT c.class, c.of_class, of_all, places,
             sum(coalesce(r.n, 0) * of_all - w.n * c.of_class) OVER (PARTITION BY c.class ORDER BY place) AS amount
      FROM (SELECT DISTINCT class, of_class FROM ranked WHERE class > 0) AS c
        CROSS JOIN whole AS w LEFT JOIN (SELECT class, place, n FROM ranked) AS r USING (class, place)
    )
    SELECT max(moved) FROM (
      SELECT sum(abs(amount))::float8 / (max(of_class) * max(of_all))::float8 / greatest(max(places) - 1, 1) AS moved
      FROM carried GROUP BY class) AS class
  $q$, (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c), col, counted,
    CASE WHEN person IS NULL THEN source ELSE format('(SELECT DISTINCT %I, %I FROM %s) AS persons', person, col, source) END,
    (SELECT string_agg('q' || i, ', ') FROM generate_subscripts(quasi, 1) AS i),
    (SELECT string_agg(format('%I AS q%s', c, i), ', ' ORDER BY i) FROM unnest(quasi) WITH ORDINALITY AS u (c, i)))
  INTO distance;
  RETURN distance;
END
$$;

COMMENT ON FUNCTION kiaim.release_ordered_closeness(text, text, text[], text, text) IS
  'The largest ordered distance of a class of a release to the source, for verification (internal).';

-- The largest share that one of some values has of a class.
CREATE FUNCTION kiaim.release_named_share(counted text, source regclass, quasi text[], col text, named text[])
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  share float8;
BEGIN
  EXECUTE format($q$
    WITH cell AS (
      SELECT %1$s, %2$I AS value, count(*) AS n, false AS named FROM %3$s GROUP BY %4$s, %2$I
      UNION ALL
      SELECT %5$s, v, 0, true FROM unnest(%6$L::%7$s[]) AS v
    )
    SELECT max(CASE WHEN hit THEN n::float8 / of_class::float8 ELSE 0 END) FROM (
      SELECT n, named, bool_or(named) OVER (PARTITION BY value) AS hit, sum(n) OVER (PARTITION BY %8$s) AS of_class
      FROM cell) AS flagged
    WHERE NOT named
  $q$,
    (SELECT string_agg(format('%I AS q%s', c, i), ', ' ORDER BY i) FROM unnest(quasi) WITH ORDINALITY AS u (c, i)),
    col, counted,
    (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c),
    (SELECT string_agg('NULL', ', ') FROM unnest(quasi)), named,
    (SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = source AND attname = col),
    (SELECT string_agg('q' || i, ', ') FROM generate_subscripts(quasi, 1) AS i))
  INTO share;
  RETURN share;
END
$$;

COMMENT ON FUNCTION kiaim.release_named_share(text, regclass, text[], text, text[]) IS
  'The largest share of a class that one of some values has, for verification (internal).';

-- Measure the built relation and raise an error unless it keeps the policy; returns the figures for the log.
CREATE FUNCTION kiaim.release_verify(built regclass, source regclass, policy jsonb, levels jsonb, to_suppress bigint)
RETURNS kiaim.release_log
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  figures  kiaim.release_log;
  quasi    text[] := kiaim.release_policy_columns(policy, 'quasi');
  quasi_list text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c);
  star     boolean := coalesce(policy ->> 'suppressed_rows', 'drop') = 'star';
  all_star text := (SELECT string_agg(kiaim.release_is_star(policy, c), ' AND ') FROM unnest(quasi) AS c);
  -- A draw of differential privacy falls anew each time: nothing of it can be foreseen, or looked at again.
  drawn    boolean := policy ? 'differential_privacy';
  counts_persons boolean := policy ? 'person' AND NOT drawn;
  source_rows text := kiaim.release_source_rows(source, policy);
  -- A suppressed row that is kept shows nothing: such rows are no class.
  in_class text := CASE WHEN star THEN format(' FILTER (WHERE NOT (%s))', all_star) ELSE '' END;
  one_snapshot boolean := current_setting('transaction_isolation') IN ('repeatable read', 'serializable');
  expected text[] := kiaim.release_policy_columns(policy, 'quasi', 'sensitive', 'keep', 'identifier', 'suppress');
  sensitive text[] := kiaim.release_policy_columns(policy, 'sensitive');
  person   text := 'kiaim_person';
  first_of text := 'kiaim_first_';
  stored   text[];
  measured_from text := built::text;
  stored_k bigint;
  starred  bigint;
  kept_stars bigint := 0;
  allowed  bigint;
  differing bigint;
  wanted   record;
  measures float8[];
  measure  float8;
  counted  text;
BEGIN
  SELECT array_agg(attname::text ORDER BY attnum) INTO stored
  FROM pg_attribute WHERE attrelid = built AND attnum > 0 AND NOT attisdropped;
  IF NOT (expected @> stored AND stored @> expected) THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = 'the stored result has other columns than the policy names',
      DETAIL = format('The policy names %s; stored are %s.',
                      array_to_string(expected, ', '), array_to_string(stored, ', '));
  END IF;
  PERFORM kiaim.release_verify_columns(built, policy);

  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s), kiaim.k_anonymity(%s)%s FROM %s',
                 all_star, quasi_list, in_class, built)
  INTO figures.rows, starred, stored_k;
  EXECUTE format('SELECT count(*) FROM %s', source_rows) INTO figures.source_rows;
  IF star AND starred <> to_suppress THEN
    -- Values outside their hierarchies, and the highest levels, are stars without being suppressed.
    EXECUTE format('SELECT count(*) FROM (%s) AS kept WHERE %s',
                   kiaim.plan_query(source, policy || '{"suppressed_rows": "drop"}', levels), all_star)
    INTO kept_stars;
  END IF;
  figures.suppressed := CASE WHEN star THEN starred - kept_stars ELSE figures.source_rows - figures.rows END;
  IF drawn THEN
    -- which rows were left out by the draw, and which suppressed, is not known
    figures.suppressed := NULL;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s GROUP BY %s) AS class', built, quasi_list) INTO figures.classes;
  END IF;
  IF one_snapshot AND (figures.suppressed <> to_suppress OR star AND figures.rows <> figures.source_rows) THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = 'the stored result is not what was planned',
      DETAIL = format('Of %s rows, %s were to be suppressed; %s rows are stored, %s are suppressed.',
                      figures.source_rows, to_suppress, figures.rows, figures.suppressed),
      HINT = 'Does the source give other rows each time it is read?';
  END IF;
  -- as the plan rounds it: what a share of records comes to must not hang on its last bit
  allowed := floor(coalesce((policy ->> 'suppression')::float8, 0) * figures.source_rows * (1 + 1e-14) + 1e-9);
  IF figures.suppressed > allowed THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = format('%s of %s rows are suppressed, the policy allows %s',
                       figures.suppressed, figures.source_rows, allowed);
  END IF;

  IF counts_persons THEN
    -- The stored rows do not know their persons. So the persons are counted in the same query with the person
    -- column, after a proof that its classes are the stored ones, each with as many rows.
    measured_from := format('(%s) AS persons', kiaim.plan_query(source, policy, levels, true));
    WHILE person = ANY (expected) LOOP
      person := person || '_';
    END LOOP;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM (SELECT %1$s, 1 AS kiaim_n FROM %2$s'
                   ' UNION ALL SELECT %1$s, -1 FROM %3$s) AS both_sides'
                   ' GROUP BY %1$s HAVING sum(kiaim_n) <> 0) AS difference', quasi_list, built, measured_from)
    INTO differing;
    IF differing > 0 THEN
      RAISE serialization_failure USING
        MESSAGE = 'the source changed while its persons were counted',
        DETAIL = format('%s classes are not the stored ones.', differing),
        HINT = CASE WHEN one_snapshot THEN 'Does the source give other rows each time it is read?'
               ELSE 'Try again, or do it in a transaction with isolation level repeatable read.' END;
    END IF;
    -- A value of a column counts once a person in a class, however many rows and other columns repeat it.
    WHILE EXISTS (SELECT FROM unnest(expected) AS c WHERE starts_with(c, first_of)) LOOP
      first_of := first_of || '_';
    END LOOP;
    measured_from := format('(SELECT *%s FROM %s) AS person_value',
      (SELECT string_agg(format(', row_number() OVER (PARTITION BY %s, %I, %I) = 1 AS %I', quasi_list, person, c, first_of || i), '')
       FROM unnest(sensitive) WITH ORDINALITY AS s (c, i)), measured_from);
    IF stored_k < (policy ->> 'k')::numeric THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('the smallest stored class has %s rows, the policy wants k = %s', stored_k, policy ->> 'k');
    END IF;
  END IF;

  EXECUTE format('SELECT ARRAY[%s]::float8[] FROM %s',
                 (SELECT string_agg(r.expression || CASE WHEN r.compared IS NOT NULL THEN ''
                    WHEN once IS NULL THEN in_class
                    ELSE format(' FILTER (WHERE %I%s)', first_of || array_position(sensitive, once),
                                CASE WHEN star THEN format(' AND NOT (%s)', all_star) ELSE '' END) END, ', ' ORDER BY r.requirement)
                  FROM kiaim.release_requirements(policy, person) AS r), measured_from)
  INTO measures;
  figures.k := stored_k;
  figures.measured := '{}';
  FOR wanted IN
    SELECT r.*, row_number() OVER (ORDER BY r.requirement) AS i FROM kiaim.release_requirements(policy, person) AS r
  LOOP
    measure := measures[wanted.i];
    IF wanted.compared IS NOT NULL THEN
      counted := format('(SELECT * FROM %s WHERE %s AND %s) AS counted', measured_from,
        CASE WHEN star THEN format('NOT (%s)', all_star) ELSE 'true' END,
        CASE WHEN wanted.once IS NULL THEN 'true' ELSE format('%I', first_of || array_position(sensitive, wanted.once)) END);
      measure := CASE wanted.model
        WHEN 'alpha_of' THEN kiaim.release_named_share(counted, source, quasi, wanted.compared, wanted.named)
        WHEN 'ordered' THEN kiaim.release_ordered_closeness(counted, source_rows, quasi, wanted.compared, policy ->> 'person')
        ELSE kiaim.release_closeness(counted, source_rows, quasi, wanted.compared, wanted.hierarchy, policy ->> 'person', wanted.model) END;
    END IF;
    figures.measured := figures.measured || jsonb_build_object(wanted.requirement, measure);
    IF wanted.requirement = 'k' THEN
      figures.k := measure;
    END IF;
    -- A measure is NULL over no class at all; 1e-12 is the tolerance of the search, too.
    IF NOT coalesce(CASE wanted.relation WHEN '>=' THEN measure >= wanted.wanted * (1 - 1e-12)
                                         WHEN '<=' THEN measure <= wanted.wanted * (1 + 1e-12)
                                         WHEN '<' THEN measure < wanted.wanted * (1 - 1e-12) END,
                    figures.rows = 0 OR star AND starred = figures.rows) THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('the stored result does not keep the policy: %s is %s', wanted.requirement, measure),
        DETAIL = format('The policy wants %s %s %s.%s', wanted.requirement, wanted.relation, wanted.wanted,
                        CASE WHEN wanted.compared IS NOT NULL AND NOT one_snapshot
                        THEN ' The source may have changed since it was planned: try again, or in a transaction with isolation level repeatable read.' END);
    END IF;
  END LOOP;
  IF drawn THEN
    figures.measured := figures.measured || (policy -> 'differential_privacy');
  END IF;
  figures.measured := figures.measured || kiaim.release_verify_table(
    format('(SELECT * FROM %s%s) AS counted', measured_from, CASE WHEN star THEN format(' WHERE NOT (%s)', all_star) ELSE '' END),
    source, policy, levels, CASE WHEN counts_persons THEN person END);
  RETURN figures;
END
$$;

COMMENT ON FUNCTION kiaim.release_verify(regclass, regclass, jsonb, jsonb, bigint) IS
  'Measure a built release with the aggregates; an error unless it keeps its policy (internal).';
