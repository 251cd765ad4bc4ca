-- release_composition.sql
--   What somebody learns who has several releases of the same persons, or several
--   runs of one: joint classes, classes that changed by a few persons, columns that
--   link rows, and what the releases together leave open of a sensitive value.
--
-- Persons come from the ledger, or from relations at hand that share a column.
-- Either way a release is a query for pairs of a class and a person, and a joint
-- class is what a class of each has in common. The planner cannot know how many
-- persons a class holds, so nested loops are switched off, and with them the
-- compiler, which the price of the inevitable ones would call each time.

----------------------------------------------------------------------------
-- Which runs
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.composition_runs(releases text[], runs int, path name[])
RETURNS TABLE (run bigint, release text, name text, quasi text[], shown text[], k bigint, persons bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text;
  parts  text[];
  target text;
  targets text[] := '{}';
  last   bigint[] := '{}';
BEGIN
  IF releases IS NULL OR array_position(releases, NULL) IS NOT NULL THEN
    RAISE null_value_not_allowed USING
      MESSAGE = CASE WHEN releases IS NULL THEN 'releases must not be NULL' ELSE 'releases must not contain NULL' END;
  ELSIF cardinality(releases) = 0 THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'releases names no release', HINT = 'Name two or more, or one whose runs are to be compared.';
  ELSIF runs < 1 THEN
    RAISE invalid_parameter_value USING MESSAGE = format('runs must be at least 1, but is %s', runs);
  END IF;

  FOREACH wanted IN ARRAY releases LOOP
    PERFORM kiaim.release_target(wanted, path || 'public'::name);
    parts := parse_ident(wanted);
    SELECT l.release INTO target
    FROM (SELECT DISTINCT a.release FROM kiaim.ledger AS a) AS l, parse_ident(l.release) AS own
    WHERE own = parts OR cardinality(parts) = 1 AND own[2] = parts[1] AND own[1] = ANY (path)
    ORDER BY array_position(path, own[1]::name) LIMIT 1;
    IF NOT FOUND THEN
      -- of what is published nothing was recorded; of anything else, that it does not exist is all there is to say
      target := (kiaim.release_find(wanted, path)).release;
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('release %s is not in the ledger', target),
        DETAIL = 'Who was behind its classes was not recorded when it was published.',
        HINT = format('UPDATE kiaim.release SET policy = policy || ''{"ledger": true}'' WHERE release = %L, then CALL kiaim.refresh(%L).', target, target);
    ELSIF target = ANY (targets) THEN
      RAISE invalid_parameter_value USING MESSAGE = format('release %s is named twice', target);
    END IF;
    targets := targets || target;
    last := last || ARRAY(SELECT l.run FROM kiaim.ledger AS l WHERE l.release = target
                          ORDER BY l.run DESC LIMIT coalesce(runs, CASE cardinality(releases) WHEN 1 THEN 2 ELSE 1 END));
  END LOOP;
  IF cardinality(last) < 2 THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = format('there is nothing to compare run %s of release %s with', last[1], target),
      HINT = 'Name another release, or let "runs" be at least 2 after a refresh.';
  END IF;
  RETURN QUERY
    SELECT l.run, l.release, format('%s (run %s)', l.release, l.run), l.quasi, l.shown, l.k, l.persons
    FROM kiaim.ledger AS l WHERE l.run = ANY (last) ORDER BY l.run;
END
$$;

COMMENT ON FUNCTION kiaim.composition_runs(text[], int, name[]) IS
  'The recorded runs that are compared: the last ones of each release (internal).';

----------------------------------------------------------------------------
-- Joint classes
----------------------------------------------------------------------------

-- The classes of runs, numbered, as the first of the expressions of a WITH.
CREATE FUNCTION kiaim.composition_classes_of(runs bigint[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('class AS MATERIALIZED (SELECT row_number() OVER () AS class, run, labels, hashes FROM kiaim.ledger_class'
                ' WHERE attribute IS NULL AND run = ANY (%L::bigint[]))', runs)
$$;

COMMENT ON FUNCTION kiaim.composition_classes_of(bigint[]) IS 'The classes of runs in the ledger, as an expression of a WITH (internal).';

-- Rows without a person, whose hash is 0, are nobody's: they do not tell who is in two releases.
CREATE FUNCTION kiaim.composition_members_of(runs bigint[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(format('SELECT class, person FROM class, unnest(hashes) AS person WHERE run = %s AND person <> 0', run) ORDER BY i)
  FROM unnest(runs) WITH ORDINALITY AS r (run, i)
$$;

COMMENT ON FUNCTION kiaim.composition_members_of(bigint[]) IS 'The queries for the persons of runs and their classes (internal).';

-- joint: each person with a class in every release (c1, c2, …); size: each joint class with its persons n.
CREATE FUNCTION kiaim.composition_joint(members text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s, joint AS MATERIALIZED (SELECT person, %s FROM %s), size AS MATERIALIZED (SELECT %s, count(*) AS n FROM joint GROUP BY %s)',
                string_agg(format('m%s AS MATERIALIZED (%s)', i, member), ', ' ORDER BY i),
                string_agg(format('m%s.class AS c%1$s', i), ', ' ORDER BY i),
                string_agg(CASE WHEN i = 1 THEN 'm1' ELSE format('JOIN m%s USING (person)', i) END, ' ' ORDER BY i),
                string_agg('c' || i, ', ' ORDER BY i), string_agg('c' || i, ', ' ORDER BY i))
  FROM unnest(members) WITH ORDINALITY AS m (member, i)
$$;

COMMENT ON FUNCTION kiaim.composition_joint(text[]) IS
  'The expressions of a WITH for joint classes, from queries for (class, person), one a release (internal).';

-- c1, c2, …: the classes that a joint class is made of.
CREATE FUNCTION kiaim.composition_columns(n int) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT string_agg('c' || i, ', ' ORDER BY i) FROM generate_series(1, n) AS i $$;

COMMENT ON FUNCTION kiaim.composition_columns(int) IS 'The columns of a joint class (internal).';

-- given: expressions of a WITH that the members read, or ''.
CREATE FUNCTION kiaim.composition_figures(given text, members text[], names text[], ks bigint[])
RETURNS TABLE (metric text, value float8, scope text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
DECLARE
  figures  record;
BEGIN
  EXECUTE format('WITH %s%s, worst AS (SELECT person, min(n) AS n FROM joint JOIN size USING (%s) GROUP BY person)'
                 ' SELECT (SELECT count(*) FROM size) AS classes, (SELECT min(n) FROM size) AS fewest,'
                 ' (SELECT count(*) FROM size WHERE n = 1) AS uniques, (SELECT count(*) / sum(n) FROM size) AS average,'
                 ' count(*) AS persons, ARRAY[%s] AS below FROM worst',
                 CASE WHEN given <> '' THEN given || ', ' ELSE '' END, kiaim.composition_joint(members),
                 kiaim.composition_columns(cardinality(members)),
                 (SELECT string_agg(format('count(*) FILTER (WHERE n < %s)', k), ', ' ORDER BY i) FROM unnest(ks) WITH ORDINALITY AS u (k, i)))
  INTO figures;
  RETURN QUERY VALUES
    ('persons_in_all', figures.persons::float8, NULL::text), ('joint_classes', figures.classes, NULL), ('effective_k', figures.fewest, NULL),
    ('joint_uniques', figures.uniques, NULL), ('highest_risk', 1::float8 / figures.fewest, NULL), ('average_risk', figures.average, NULL);
  RETURN QUERY
    SELECT m.metric, m.value, names[i]
    FROM generate_subscripts(names, 1) AS i,
      LATERAL (VALUES (1, 'k', ks[i]::float8), (2, 'persons_below_k', figures.below[i]),
                      (3, 'share_below_k', figures.below[i]::float8 / nullif(figures.persons, 0))) AS m (n, metric, value)
    ORDER BY i, m.n;
END
$$;

COMMENT ON FUNCTION kiaim.composition_figures(text, text[], text[], bigint[]) IS 'The figures of joint classes (internal).';

----------------------------------------------------------------------------
-- Changes from one run to another
----------------------------------------------------------------------------

-- Who joined a class or left it, between two runs with the same quasi-identifiers. A class is compared with that of
-- the same labels, or, where there is none, with everybody in the other run.
CREATE FUNCTION kiaim.composition_changes(earlier bigint, later bigint)
RETURNS TABLE (change text, labels text[], persons bigint, changed bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
  WITH class AS MATERIALIZED (
    SELECT row_number() OVER () AS class, c.run, c.labels, c.hashes
    FROM kiaim.ledger_class AS c WHERE c.attribute IS NULL AND c.run IN (earlier, later)
  ), member AS MATERIALIZED (
    SELECT c.class, c.run, person FROM class AS c, unnest(c.hashes) AS person
  ), pair AS MATERIALIZED (
    SELECT a.class, a.run, a.labels, b.class AS other
    FROM class AS a LEFT JOIN class AS b ON b.labels = a.labels AND b.run <> a.run
  ), counted AS (
    SELECT m.class, count(*) AS persons,
           count(*) FILTER (WHERE CASE WHEN p.other IS NULL THEN anywhere.person IS NULL ELSE same.person IS NULL END) AS changed
    FROM member AS m JOIN pair AS p USING (class)
      LEFT JOIN member AS same ON same.class = p.other AND same.person = m.person
      LEFT JOIN (SELECT DISTINCT run, person FROM member) AS anywhere ON anywhere.person = m.person AND anywhere.run <> m.run
    GROUP BY m.class
  )
  SELECT CASE p.run WHEN later THEN 'grown' ELSE 'shrunk' END, p.labels, c.persons, c.changed
  FROM counted AS c JOIN pair AS p USING (class) WHERE c.changed > 0
$$;

COMMENT ON FUNCTION kiaim.composition_changes(bigint, bigint) IS
  'The classes that persons joined or left from one run to a later one, with how many (internal).';

-- Each run is compared with the last earlier one of every release that has the same quasi-identifiers.
CREATE FUNCTION kiaim.composition_pairs(runs bigint[]) RETURNS TABLE (earlier bigint, later bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT max(e.run), l.run
  FROM kiaim.ledger AS l JOIN kiaim.ledger AS e ON e.run < l.run AND e.quasi = l.quasi
  WHERE l.run = ANY (runs) AND e.run = ANY (runs)
  GROUP BY l.run, e.release ORDER BY 2, 1
$$;

COMMENT ON FUNCTION kiaim.composition_pairs(bigint[]) IS 'The runs that are compared class by class (internal).';

----------------------------------------------------------------------------
-- Values that link rows, and values that remain
----------------------------------------------------------------------------

-- In two relations at hand: rows whose value is shared by fewer than k rows of both. A value that is missing links
-- nothing. Returns NULL where the caller may not read both.
CREATE FUNCTION kiaim.composition_links(a text, k_a bigint, b text, k_b bigint, columns text[],
  OUT rows_a bigint, OUT rows_b bigint, OUT linked_a bigint, OUT linked_b bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
DECLARE
  value text := kiaim.ledger_labels(columns);
BEGIN
  IF NOT coalesce(has_table_privilege(kiaim.release_relation(a), 'SELECT') AND has_table_privilege(kiaim.release_relation(b), 'SELECT'), false)
     OR (SELECT count(*) FROM pg_attribute AS t
         WHERE t.attrelid IN (kiaim.release_relation(a), kiaim.release_relation(b)) AND NOT t.attisdropped AND t.attname = ANY (columns))
        < 2 * cardinality(columns) THEN
    RETURN;
  END IF;
  EXECUTE format('WITH a AS (SELECT %1$s AS value, count(*) AS n FROM %2$s GROUP BY 1), b AS (SELECT %1$s AS value, count(*) AS n FROM %3$s GROUP BY 1),'
                 ' link AS (SELECT a.n AS of_a, b.n AS of_b FROM a JOIN b USING (value)'
                 ' WHERE a.n < %4$s AND b.n < %5$s AND array_remove(value, NULL) <> ''{}'')'
                 ' SELECT (SELECT sum(n) FROM a), (SELECT sum(n) FROM b), coalesce(sum(of_a), 0), coalesce(sum(of_b), 0) FROM link',
                 value, a, b, greatest(k_a, 2), greatest(k_b, 2))
  INTO rows_a, rows_b, linked_a, linked_b;
END
$$;

COMMENT ON FUNCTION kiaim.composition_links(text, bigint, text, bigint, text[]) IS
  'How many rows of two releases have a value of columns in common that is rare in both (internal).';

-- Joint classes with the number of values that every release leaves open: candidate is an expression of a WITH that
-- follows those of the joint classes. Joint classes without a value in common, where values have changed, are left out.
CREATE FUNCTION kiaim.composition_candidates(runs bigint[], attribute text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('value AS MATERIALIZED (SELECT c.class, value FROM class AS c JOIN kiaim.ledger_class AS v ON v.run = c.run AND v.labels = c.labels,'
                ' unnest(v.hashes) AS value WHERE v.attribute = %L AND v.run = ANY (%L::bigint[])),'
                ' candidate AS MATERIALIZED (SELECT %s, n, count(*) AS candidates FROM size JOIN value AS v1 ON v1.class = c1 %s GROUP BY %3$s, n)',
                attribute, runs, kiaim.composition_columns(cardinality(runs)),
                string_agg(format('JOIN value AS v%s ON v%1$s.class = c%1$s AND v%1$s.value = v1.value', i), ' ' ORDER BY i) FILTER (WHERE i > 1))
  FROM generate_subscripts(runs, 1) AS i
$$;

COMMENT ON FUNCTION kiaim.composition_candidates(bigint[], text) IS
  'The expressions of a WITH for how many sensitive values remain in a joint class (internal).';

CREATE FUNCTION kiaim.composition_attributes(runs bigint[]) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.attribute FROM kiaim.ledger_class AS c WHERE c.run = ANY (runs) AND c.attribute IS NOT NULL
  GROUP BY c.attribute HAVING count(DISTINCT c.run) = cardinality(runs) ORDER BY c.attribute COLLATE "C"
$$;

COMMENT ON FUNCTION kiaim.composition_attributes(bigint[]) IS 'The sensitive columns that all of the runs have (internal).';

----------------------------------------------------------------------------
-- composition_risk and its like
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.composition_risk_along(releases text[], runs int, k bigint, path name[])
RETURNS TABLE (metric text, value float8, scope text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
DECLARE
  ids    bigint[];
  names  text[];
  ks     bigint[];
  this   record;
  links  record;
  cols   text[];
  figures record;
BEGIN
  IF composition_risk_along.k < 1 THEN
    RAISE invalid_parameter_value USING MESSAGE = format('k must be at least 1, but is %s', composition_risk_along.k);
  END IF;
  SELECT array_agg(r.run), array_agg(r.name), array_agg(coalesce(composition_risk_along.k, r.k)) INTO ids, names, ks
  FROM kiaim.composition_runs(releases, runs, path) AS r;

  RETURN QUERY SELECT 'persons'::text, l.persons::float8, names[array_position(ids, l.run)]
               FROM kiaim.ledger AS l WHERE l.run = ANY (ids) ORDER BY l.run;
  RETURN QUERY SELECT * FROM kiaim.composition_figures(kiaim.composition_classes_of(ids), kiaim.composition_members_of(ids), names, ks);

  FOR this IN SELECT * FROM kiaim.composition_pairs(ids) LOOP
    RETURN QUERY
      SELECT m.metric, m.value, format('%s → %s', names[array_position(ids, this.earlier)], names[array_position(ids, this.later)])
      FROM (SELECT count(*) FILTER (WHERE c.change = 'grown') AS grown, count(*) FILTER (WHERE c.change = 'shrunk') AS shrunk,
                   coalesce(sum(c.changed), 0) AS exposed
            FROM kiaim.composition_changes(this.earlier, this.later) AS c
            WHERE c.changed < ks[array_position(ids, CASE c.change WHEN 'grown' THEN this.later ELSE this.earlier END)]) AS s,
        LATERAL (VALUES (1, 'classes_grown_below_k', s.grown::float8), (2, 'classes_shrunk_below_k', s.shrunk),
                        (3, 'persons_in_differences', s.exposed::float8)) AS m (n, metric, value)
      ORDER BY m.n;
  END LOOP;

  FOR this IN
    SELECT a.release AS a, b.release AS b, coalesce(composition_risk_along.k, a.k) AS k_a, coalesce(composition_risk_along.k, b.k) AS k_b,
           ARRAY(SELECT unnest(a.shown) INTERSECT SELECT unnest(b.shown) ORDER BY 1) AS shared
    FROM kiaim.ledger AS a JOIN kiaim.ledger AS b ON a.run < b.run AND a.release <> b.release
    WHERE a.run IN (SELECT max(l.run) FROM kiaim.ledger AS l WHERE l.run = ANY (ids) GROUP BY l.release)
      AND b.run IN (SELECT max(l.run) FROM kiaim.ledger AS l WHERE l.run = ANY (ids) GROUP BY l.release)
    ORDER BY a.run, b.run
  LOOP
    FOR cols IN
      SELECT ARRAY[c] FROM unnest(this.shared) AS c UNION ALL SELECT this.shared WHERE cardinality(this.shared) > 1
    LOOP
      links := kiaim.composition_links(this.a, this.k_a, this.b, this.k_b, cols);
      RETURN QUERY VALUES
        ('linked_share'::text, links.linked_a::float8 / nullif(links.rows_a, 0), format('%s: %s in %s', array_to_string(cols, ', '), this.a, this.b)),
        ('linked_share', links.linked_b::float8 / nullif(links.rows_b, 0), format('%s: %s in %s', array_to_string(cols, ', '), this.b, this.a));
    END LOOP;
  END LOOP;

  FOR this IN SELECT a AS attribute FROM kiaim.composition_attributes(ids) AS a LOOP
    EXECUTE format('WITH %s, %s, %s SELECT min(candidates) AS fewest,'
                   ' (SELECT count(DISTINCT person) FROM joint JOIN candidate USING (%s) WHERE candidates = 1) AS certain FROM candidate',
                   kiaim.composition_classes_of(ids), kiaim.composition_joint(kiaim.composition_members_of(ids)),
                   kiaim.composition_candidates(ids, this.attribute), kiaim.composition_columns(cardinality(ids)))
    INTO figures;
    RETURN QUERY VALUES ('fewest_values'::text, figures.fewest::float8, this.attribute), ('persons_certain', figures.certain, this.attribute);
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.composition_risk_along(text[], int, bigint, name[]) IS 'The work of kiaim.composition_risk (internal).';

-- No SET clause, because the caller's search_path says where a name without a schema is; hence no operator either.
CREATE FUNCTION kiaim.composition_risk(releases text[], runs int DEFAULT NULL, k bigint DEFAULT NULL)
RETURNS TABLE (metric text, value float8, scope text)
LANGUAGE sql STABLE
ROWS 30 COST 1000000
AS $$
  SELECT r.metric, r.value, r.scope
  FROM kiaim.composition_risk_along(releases, runs, k, pg_catalog.current_schemas(false)) AS r
$$;

COMMENT ON FUNCTION kiaim.composition_risk(text[], int, bigint) IS
  'what somebody learns who has several releases of the same persons, or the last runs of one; from the ledger';

CREATE FUNCTION kiaim.composition_classes_along(releases text[], runs int, k bigint, path name[])
RETURNS TABLE (finding text, persons bigint, wanted bigint, classes jsonb, attribute text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
DECLARE
  ids    bigint[];
  names  text[];
  ks     bigint[];
  joint  text;
  labels text;
  this   record;
BEGIN
  IF composition_classes_along.k < 1 THEN
    RAISE invalid_parameter_value USING MESSAGE = format('k must be at least 1, but is %s', composition_classes_along.k);
  END IF;
  SELECT array_agg(r.run), array_agg(r.name), array_agg(coalesce(composition_classes_along.k, r.k)) INTO ids, names, ks
  FROM kiaim.composition_runs(releases, runs, path) AS r;
  joint := format('WITH %s, shown AS MATERIALIZED (SELECT c.class, jsonb_object(l.quasi, c.labels) AS labels FROM class AS c JOIN kiaim.ledger AS l USING (run)), %s',
                  kiaim.composition_classes_of(ids), kiaim.composition_joint(kiaim.composition_members_of(ids)));
  labels := (SELECT format('jsonb_build_object(%s)', string_agg(format('%L, s%s.labels', names[i], i), ', ' ORDER BY i)) FROM generate_subscripts(ids, 1) AS i);

  RETURN QUERY EXECUTE format('%s SELECT ''joint class'', j.n, %s::bigint, %s, NULL::text FROM size AS j %s WHERE j.n < %2$s ORDER BY j.n, 4',
    joint, (SELECT max(m) FROM unnest(ks) AS m), labels,
    (SELECT string_agg(format('JOIN shown AS s%s ON s%1$s.class = j.c%1$s', i), ' ' ORDER BY i) FROM generate_subscripts(ids, 1) AS i));

  FOR this IN SELECT * FROM kiaim.composition_pairs(ids) LOOP
    RETURN QUERY
      SELECT c.change, c.changed, ks[array_position(ids, own.run)],
             jsonb_build_object(names[array_position(ids, own.run)], jsonb_object(l.quasi, c.labels),
                                'compared with', names[array_position(ids, CASE own.run WHEN this.later THEN this.earlier ELSE this.later END)]), NULL::text
      FROM kiaim.composition_changes(this.earlier, this.later) AS c,
        LATERAL (SELECT CASE c.change WHEN 'grown' THEN this.later ELSE this.earlier END AS run) AS own JOIN kiaim.ledger AS l USING (run)
      WHERE c.changed < ks[array_position(ids, own.run)]
      ORDER BY c.change, c.changed, c.labels;
  END LOOP;

  FOR this IN SELECT a AS attribute FROM kiaim.composition_attributes(ids) AS a LOOP
    RETURN QUERY EXECUTE format('%s, %s SELECT ''certain value'', j.n, NULL::bigint, %s, %L FROM candidate AS j %s WHERE j.candidates = 1 ORDER BY j.n, 4',
      joint, kiaim.composition_candidates(ids, this.attribute), labels, this.attribute,
      (SELECT string_agg(format('JOIN shown AS s%s ON s%1$s.class = j.c%1$s', i), ' ' ORDER BY i) FROM generate_subscripts(ids, 1) AS i));
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.composition_classes_along(text[], int, bigint, name[]) IS 'The work of kiaim.composition_classes (internal).';

CREATE FUNCTION kiaim.composition_classes(releases text[], runs int DEFAULT NULL, k bigint DEFAULT NULL)
RETURNS TABLE (finding text, persons bigint, wanted bigint, classes jsonb, attribute text)
LANGUAGE sql STABLE
COST 1000000
AS $$
  SELECT c.finding, c.persons, c.wanted, c.classes, c.attribute
  FROM kiaim.composition_classes_along(releases, runs, k, pg_catalog.current_schemas(false)) AS c
$$;

COMMENT ON FUNCTION kiaim.composition_classes(text[], int, bigint) IS
  'the classes behind kiaim.composition_risk, by their labels: small joint classes, changes by a few persons, certain values';

CREATE FUNCTION kiaim.composition_distribution_along(releases text[], runs int, path name[])
RETURNS TABLE (size bigint, classes bigint, persons bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
AS $$
DECLARE
  ids bigint[] := ARRAY(SELECT r.run FROM kiaim.composition_runs(releases, runs, path) AS r);
BEGIN
  RETURN QUERY EXECUTE format('WITH %s, %s SELECT n, count(*), (n * count(*))::bigint FROM size GROUP BY n ORDER BY n',
                              kiaim.composition_classes_of(ids), kiaim.composition_joint(kiaim.composition_members_of(ids)));
END
$$;

COMMENT ON FUNCTION kiaim.composition_distribution_along(text[], int, name[]) IS 'The work of kiaim.composition_distribution (internal).';

CREATE FUNCTION kiaim.composition_distribution(releases text[], runs int DEFAULT NULL)
RETURNS TABLE (size bigint, classes bigint, persons bigint)
LANGUAGE sql STABLE
COST 1000000
AS $$
  SELECT d.size, d.classes, d.persons
  FROM kiaim.composition_distribution_along(releases, runs, pg_catalog.current_schemas(false)) AS d
$$;

COMMENT ON FUNCTION kiaim.composition_distribution(text[], int) IS
  'how many joint classes there are of each size, and how many persons in them; who is in several counts in each';

----------------------------------------------------------------------------
-- Relations at hand
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.composition_risk_of(relations regclass[], id text, quasi text[], k bigint DEFAULT NULL)
RETURNS TABLE (metric text, value float8, scope text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off
ROWS 20 COST 1000000
AS $$
DECLARE
  relation regclass;
  own      text[];
  members  text[] := '{}';
  names    text[] := '{}';
  ks       bigint[] := '{}';
  least    bigint;
  col      text;
BEGIN
  IF relations IS NULL OR id IS NULL OR quasi IS NULL OR array_position(relations, NULL) IS NOT NULL OR array_position(quasi, NULL) IS NOT NULL THEN
    RAISE null_value_not_allowed USING
      MESSAGE = format(CASE WHEN relations IS NULL OR id IS NULL OR quasi IS NULL THEN '%s must not be NULL' ELSE '%s must not contain NULL' END,
                       CASE WHEN relations IS NULL OR array_position(relations, NULL) IS NOT NULL THEN 'relations' WHEN id IS NULL THEN 'id' ELSE 'quasi' END);
  ELSIF cardinality(relations) < 2 THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('relations must name at least 2 relations, but names %s', cardinality(relations));
  ELSIF cardinality(quasi) = 0 THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'quasi names no column', HINT = 'Name the columns that somebody could know of a person.';
  ELSIF composition_risk_of.k < 1 THEN
    RAISE invalid_parameter_value USING MESSAGE = format('k must be at least 1, but is %s', composition_risk_of.k);
  ELSIF id = ANY (quasi) THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('column "%s" cannot be both id and quasi-identifier', id),
      HINT = 'Leave it out of quasi: it is what the persons of the relations are matched by.';
  END IF;
  FOREACH col IN ARRAY quasi LOOP
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = ANY (relations::oid[]) AND attnum > 0 AND NOT attisdropped AND attname = col) THEN
      RAISE undefined_column USING MESSAGE = format('column "%s" of quasi exists in none of the relations', col);
    END IF;
  END LOOP;
  FOREACH relation IN ARRAY relations LOOP
    own := ARRAY(SELECT q FROM unnest(quasi) AS q
                 WHERE EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname = q));
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname = id) THEN
      RAISE undefined_column USING MESSAGE = format('column "%s" of id does not exist in relation %s', id, relation);
    ELSIF own = '{}' THEN
      RAISE undefined_column USING MESSAGE = format('relation %s has none of the columns in quasi', relation);
    END IF;
    names := names || relation::text;
    members := members || format('SELECT DISTINCT dense_rank() OVER (ORDER BY %s) AS class, %I::text AS person FROM %s WHERE %2$I IS NOT NULL',
                                 (SELECT string_agg(quote_ident(q), ', ') FROM unnest(own) AS q), id, relation);
    least := composition_risk_of.k;
    IF least IS NULL THEN
      EXECUTE format('SELECT min(count(DISTINCT %I)) OVER () FROM %s WHERE %1$I IS NOT NULL GROUP BY %3$s LIMIT 1',
                     id, relation, (SELECT string_agg(quote_ident(q), ', ') FROM unnest(own) AS q)) INTO least;
    END IF;
    ks := ks || coalesce(least, 1);
  END LOOP;
  RETURN QUERY SELECT * FROM kiaim.composition_figures('', members, names, ks);
END
$$;

COMMENT ON FUNCTION kiaim.composition_risk_of(regclass[], text, text[], bigint) IS
  'joint classes of relations at hand that share a column by which persons are the same; each with those of the columns that it has';
