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

-- Each requirement of a policy as an expression over a relation with the policy's columns, and with a column that
-- tells persons apart where the policy counts them. What this list does not know is an error. once is the column
-- whose values count once a person in a class, or NULL where repetitions make no difference. No expression over the
-- release alone gives a distance to the source: then close_to is the column, and hierarchy the one of its distance.
CREATE FUNCTION kiaim.release_requirements(policy jsonb, person text)
RETURNS TABLE (requirement text, wanted float8, relation text, expression text, once text,
               close_to text, hierarchy kiaim.hierarchy)
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
                             'quality', 'aggregate', 'recoding');
    requirement := member;
    IF member = 'k' THEN
      wanted := policy ->> 'k';
      relation := '>=';
      expression := CASE WHEN policy ? 'person' THEN format('kiaim.persons_k_anonymity(%I, %s)', person, quasi)
                         ELSE format('kiaim.k_anonymity(%s)', quasi) END;
      RETURN NEXT;
    ELSE
      RAISE feature_not_supported USING
        MESSAGE = format('requirement "%s" cannot be measured on a stored release', member);
    END IF;
  END LOOP;

  FOR col, limits IN SELECT * FROM jsonb_each(coalesce(policy -> 'sensitive', '{}')) LOOP
    FOR member IN SELECT jsonb_object_keys(limits) LOOP
      -- these two say how t is meant
      CONTINUE WHEN member IN ('distance', 'hierarchy');
      requirement := format('%s of %s', member, col);
      close_to := NULL;
      relation := '>=';
      once := CASE WHEN policy ? 'person' AND member <> 'l' THEN col END;
      CASE member
        WHEN 'l' THEN
          wanted := limits ->> 'l';
          expression := format('kiaim.l_diversity(%I, %s)', col, quasi);
        WHEN 'entropy_l' THEN
          wanted := limits ->> 'entropy_l';
          expression := format('kiaim.entropy_l_diversity(%I, %s)', col, quasi);
        WHEN 'recursive' THEN
          wanted := limits -> 'recursive' ->> 'c';
          relation := '<';
          expression := format('kiaim.recursive_diversity(%s, %I, %s)', (limits -> 'recursive' ->> 'l')::int, col, quasi);
        WHEN 't' THEN
          wanted := limits ->> 't';
          relation := '<=';
          expression := 'NULL';
          close_to := col;
          hierarchy := NULL;
          CASE coalesce(limits ->> 'distance', 'equal')
            WHEN 'equal' THEN
              NULL;
            WHEN 'hierarchical' THEN
              requirement := 'hierarchical ' || requirement;
              hierarchy := coalesce((SELECT h.hierarchy FROM kiaim.named_hierarchy AS h WHERE h.name = limits ->> 'hierarchy'),
                                    (limits ->> 'hierarchy')::kiaim.hierarchy);
            ELSE
              RAISE feature_not_supported USING
                MESSAGE = format('requirement "%s %s" cannot be measured on a stored release', limits ->> 'distance', requirement);
          END CASE;
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

-- How far the values of a column are in a class from those of the source, at most: the requirement t. Each side is
-- counted on its own, then values meet values; hierarchical distances are the mean over the levels under the top.
-- counted is what has the rows of the classes that count, once where persons do; person is the column of the source.
CREATE FUNCTION kiaim.release_closeness(counted text, source regclass, quasi text[], col text, hierarchy kiaim.hierarchy, person text)
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  levels   int := coalesce(kiaim.height(hierarchy), 1);
  q        text := (SELECT string_agg('q' || i, ', ') FROM generate_subscripts(quasi, 1) AS i);
  distance float8;
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
             sum(n) FILTER (WHERE NOT released) OVER (PARTITION BY level) AS of_all
      FROM labelled
    )
    SELECT max(moved) FROM (
      SELECT sum(greatest(n * of_all - in_all * of_class, 0))::float8 / (max(of_class) * max(of_all))::float8 / %9$s AS moved
      FROM compared WHERE released GROUP BY %7$s) AS class
  $q$,
    (SELECT string_agg(format('%I AS q%s', c, i), ', ' ORDER BY i) FROM unnest(quasi) WITH ORDINALITY AS u (c, i)),
    col, counted,
    (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c),
    (SELECT string_agg('NULL', ', ') FROM unnest(quasi)),
    CASE WHEN person IS NULL THEN source::text ELSE format('(SELECT DISTINCT %I, %I FROM %s) AS persons', person, col, source) END,
    q, CASE WHEN hierarchy IS NULL THEN 'NULL'
       ELSE format('CASE WHEN level > 0 THEN kiaim.generalize(value, %L::kiaim.hierarchy, level) END', hierarchy) END,
    levels, cardinality(quasi) + 3, cardinality(quasi) + 4)
  INTO distance;
  RETURN distance;
END
$$;

COMMENT ON FUNCTION kiaim.release_closeness(text, regclass, text[], text, kiaim.hierarchy, text) IS
  'The largest distance of a class of a release to the source, for verification (internal).';

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
  all_star text := (SELECT string_agg(format('%I IS NOT DISTINCT FROM ''*''', c), ' AND ') FROM unnest(quasi) AS c);
  -- A suppressed row that is kept shows nothing: such rows are no class.
  in_class text := CASE WHEN star THEN format(' FILTER (WHERE NOT (%s))', all_star) ELSE '' END;
  one_snapshot boolean := current_setting('transaction_isolation') IN ('repeatable read', 'serializable');
  expected text[] := kiaim.release_policy_columns(policy, 'quasi', 'sensitive', 'keep', 'identifier');
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
BEGIN
  SELECT array_agg(attname::text ORDER BY attnum) INTO stored
  FROM pg_attribute WHERE attrelid = built AND attnum > 0 AND NOT attisdropped;
  IF NOT (expected @> stored AND stored @> expected) THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = 'the stored result has other columns than the policy names',
      DETAIL = format('The policy names %s; stored are %s.',
                      array_to_string(expected, ', '), array_to_string(stored, ', '));
  END IF;

  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s), kiaim.k_anonymity(%s)%s FROM %s',
                 all_star, quasi_list, in_class, built)
  INTO figures.rows, starred, stored_k;
  EXECUTE format('SELECT count(*) FROM %s', source) INTO figures.source_rows;
  IF star AND starred <> to_suppress THEN
    -- Values outside their hierarchies, and the highest levels, are stars without being suppressed.
    EXECUTE format('SELECT count(*) FROM (%s) AS kept WHERE %s',
                   kiaim.plan_query(source, policy || '{"suppressed_rows": "drop"}', levels), all_star)
    INTO kept_stars;
  END IF;
  figures.suppressed := CASE WHEN star THEN starred - kept_stars ELSE figures.source_rows - figures.rows END;
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

  IF policy ? 'person' THEN
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
                 (SELECT string_agg(r.expression || CASE WHEN r.close_to IS NOT NULL THEN ''
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
    IF wanted.close_to IS NOT NULL THEN
      measure := kiaim.release_closeness(
        format('(SELECT * FROM %s WHERE %s AND %s) AS counted', measured_from,
               CASE WHEN star THEN format('NOT (%s)', all_star) ELSE 'true' END,
               CASE WHEN wanted.once IS NULL THEN 'true' ELSE format('%I', first_of || array_position(sensitive, wanted.once)) END),
        source, quasi, wanted.close_to, wanted.hierarchy, policy ->> 'person');
    END IF;
    figures.measured := figures.measured || jsonb_build_object(wanted.requirement, measure);
    IF wanted.requirement = 'k' THEN
      figures.k := measure;
    END IF;
    -- A measure is NULL over no class at all; 1e-12 is the tolerance of the search, too.
    IF NOT coalesce(CASE wanted.relation WHEN '>=' THEN measure >= wanted.wanted * (1 - 1e-12)
                                         WHEN '<=' THEN measure <= wanted.wanted * (1 + 1e-12)
                                         WHEN '<' THEN measure < wanted.wanted END,
                    figures.rows = 0 OR star AND starred = figures.rows) THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('the stored result does not keep the policy: %s is %s', wanted.requirement, measure),
        DETAIL = format('The policy wants %s %s %s.%s', wanted.requirement, wanted.relation, wanted.wanted,
                        CASE WHEN wanted.close_to IS NOT NULL AND NOT one_snapshot
                        THEN ' The source may have changed since it was planned: try again, or in a transaction with isolation level repeatable read.' END);
    END IF;
  END LOOP;
  RETURN figures;
END
$$;

COMMENT ON FUNCTION kiaim.release_verify(regclass, regclass, jsonb, jsonb, bigint) IS
  'Measure a built release with the aggregates; an error unless it keeps its policy (internal).';
