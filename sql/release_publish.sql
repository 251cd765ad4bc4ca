-- release_publish.sql
--   One run of a release: plan, build beside, verify, swap, log.
--
-- All of it happens in one transaction, so a failure at any point leaves the
-- previous release as it was.  What is swapped and how depends on the kind: a view
-- is replaced, the rows of a table are replaced, and a materialized view, whose
-- query cannot be replaced, gives its name to a new one.

----------------------------------------------------------------------------
-- Building and swapping
----------------------------------------------------------------------------

-- A materialized view is filled by REFRESH, because that freezes its rows: a reader whose snapshot is older than
-- the swap sees the new rows, where those of an ordinary CREATE … AS would look like an empty relation to it.
CREATE FUNCTION kiaim.release_build(kind text, target text, query text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  CASE kind
    WHEN 'view' THEN
      EXECUTE format('CREATE VIEW %s WITH (security_barrier) AS %s', target, query);
    WHEN 'table' THEN
      EXECUTE format('CREATE TABLE %s AS %s', target, query);
      EXECUTE format('ANALYZE %s', target);
    WHEN 'materialized view' THEN
      EXECUTE format('CREATE MATERIALIZED VIEW %s AS %s WITH NO DATA', target, query);
      EXECUTE format('REFRESH MATERIALIZED VIEW %s', target);
      EXECUTE format('ANALYZE %s', target);
  END CASE;
END
$$;

COMMENT ON FUNCTION kiaim.release_build(text, text, text) IS 'Make a relation of a kind from a query text (internal).';

CREATE FUNCTION kiaim.release_dependents(relation oid) RETURNS text
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(DISTINCT CASE WHEN w.oid IS NULL THEN pg_describe_object(d.classid, d.objid, d.objsubid)
                                  ELSE pg_describe_object('pg_class'::regclass, w.ev_class, 0) END, ', ')
  FROM pg_depend AS d
    LEFT JOIN pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  WHERE d.deptype = 'n' AND w.ev_class IS DISTINCT FROM relation
    AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
         OR d.refclassid = 'pg_type'::regclass
            AND d.refobjid IN (SELECT unnest(ARRAY[t.oid, t.typarray]) FROM pg_type AS t WHERE t.typrelid = relation))
$$;

COMMENT ON FUNCTION kiaim.release_dependents(oid) IS 'The objects that keep a relation from being dropped, or NULL (internal).';

CREATE FUNCTION kiaim.release_grants(relation oid, attnum int2) RETURNS aclitem[]
LANGUAGE c STRICT
AS 'MODULE_PATHNAME', 'kiaim_current_grants';

COMMENT ON FUNCTION kiaim.release_grants(oid, int2) IS
  'The grants on a relation (0) or on a column, as they are now rather than in the snapshot of the transaction (internal).';

-- What a consumer relies on moves from the old relation to the new one: grants on it and on its columns, and
-- comments. The default privileges of the schema do not count, lest a refresh reopen what was revoked.
CREATE FUNCTION kiaim.release_carry_over(old oid, new regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  command text;
BEGIN
  FOR command IN
    SELECT format('REVOKE ALL ON %s FROM %s', new, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM aclexplode(kiaim.release_grants(new, 0::int2)) AS a GROUP BY a.grantee
  LOOP
    EXECUTE command;
  END LOOP;

  FOR command IN
    SELECT format('GRANT %s%s ON %s TO %s%s', a.privilege_type, CASE WHEN a.col IS NOT NULL THEN format(' (%I)', a.col) END, new,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
    FROM (SELECT x.*, NULL::name AS col FROM aclexplode(kiaim.release_grants(old, 0::int2)) AS x
          UNION ALL
          SELECT x.*, t.attname
          FROM pg_attribute AS t, aclexplode(kiaim.release_grants(old, t.attnum)) AS x
          WHERE t.attrelid = old AND t.attnum > 0 AND NOT t.attisdropped) AS a
  LOOP
    EXECUTE command;
  END LOOP;

  FOR command IN
    SELECT CASE d.objsubid WHEN 0 THEN format('COMMENT ON MATERIALIZED VIEW %s IS %L', new, d.description)
                           ELSE format('COMMENT ON COLUMN %s.%I IS %L', new, t.attname, d.description) END
    FROM pg_description AS d
      LEFT JOIN pg_attribute AS t ON t.attrelid = d.objoid AND t.attnum = d.objsubid
    WHERE d.classoid = 'pg_class'::regclass AND d.objoid = old
  LOOP
    EXECUTE command;
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.release_carry_over(oid, regclass) IS
  'Give a new materialized view the grants and comments of the old one (internal).';

-- Indexes are built beside, too, so that readers wait for the renaming only.
CREATE FUNCTION kiaim.release_swap(old regclass, beside regclass, run_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  at_schema name;
  own_name  name;
  this    record;
  head    text;
  indexes text[] := '{}';
BEGIN
  SELECT n.nspname, c.relname INTO at_schema, own_name
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = old;

  FOR this IN
    SELECT c.relname AS name, i.indisunique AS is_unique, pg_get_indexdef(i.indexrelid) AS definition,
           obj_description(i.indexrelid, 'pg_class') AS comment, format('kiaim_index_%s_%s', run_id, i.indexrelid) AS beside_name
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = old ORDER BY i.indexrelid
  LOOP
    head := format('CREATE %sINDEX %I ON %I.%I', CASE WHEN this.is_unique THEN 'UNIQUE ' END, this.name, at_schema, own_name);
    IF NOT starts_with(this.definition, head) THEN
      RAISE internal_error USING MESSAGE = format('index "%s" is defined in an unexpected way', this.name);
    END IF;
    EXECUTE format('CREATE %sINDEX %I ON %s', CASE WHEN this.is_unique THEN 'UNIQUE ' END, this.beside_name, beside)
            || substr(this.definition, length(head) + 1);
    indexes := indexes || format('ALTER INDEX %I.%I RENAME TO %I', at_schema, this.beside_name, this.name);
    IF this.comment IS NOT NULL THEN
      indexes := indexes || format('COMMENT ON INDEX %I.%I IS %L', at_schema, this.name, this.comment);
    END IF;
  END LOOP;

  -- From here on readers wait.
  EXECUTE format('ALTER MATERIALIZED VIEW %s RENAME TO %I', old, format('kiaim_old_%s', run_id));
  EXECUTE format('ALTER MATERIALIZED VIEW %s RENAME TO %I', beside, own_name);
  PERFORM kiaim.release_carry_over(old, beside);
  EXECUTE format('DROP MATERIALIZED VIEW %s', old);
  FOREACH head IN ARRAY indexes LOOP
    EXECUTE head;
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.release_swap(regclass, regclass, bigint) IS
  'Put a new materialized view in the place of the old one, with its grants, comments and indexes (internal).';

-- The same text means another relation once one was renamed, which what was made before still reads; a definition
-- as the server prints it has the names of today.
CREATE FUNCTION kiaim.release_is_same(a oid, b oid) RETURNS boolean
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT pg_get_viewdef(a) = pg_get_viewdef(b)
    AND (SELECT count(DISTINCT (c.relkind, c.reloptions)) = 1 FROM pg_class AS c WHERE c.oid IN (a, b) AND c.relkind = 'v')
$$;

COMMENT ON FUNCTION kiaim.release_is_same(oid, oid) IS 'Whether two views, or a view and a materialized view, do the same (internal).';

CREATE FUNCTION kiaim.release_keep_columns(release text, new oid, old oid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF kiaim.release_columns(new) <> kiaim.release_columns(old) THEN
    RAISE invalid_table_definition USING
      MESSAGE = format('the columns of release %s would change', release),
      DETAIL = format('They are (%s), and would be (%s).', array_to_string(kiaim.release_columns(old), ', '),
                      array_to_string(kiaim.release_columns(new), ', ')),
      HINT = 'Consumers rely on the columns: drop the release and create it again.';
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.release_keep_columns(text, oid, oid) IS 'An error if a release would get other columns than it has (internal).';

----------------------------------------------------------------------------
-- One run: plan, build, verify, swap, log
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.release_publish(target kiaim.release, run_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  from_source regclass := to_regclass(target.source);
  old      oid := kiaim.release_relation(target.release);
  old_kind text := (SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                                          WHEN 'r' THEN 'table' ELSE 'relation' END FROM pg_class AS c WHERE c.oid = old);
  beside   text := format('%I.%I', (parse_ident(target.release))[1], format('kiaim_beside_%s', run_id));
  chosen   record;
  built    text := target.release;
  same     boolean;
  dependents text;
  figures  kiaim.release_log;
  recoding_id text;
  fitted_before text[];
BEGIN
  IF from_source IS NULL THEN
    RAISE undefined_table USING MESSAGE = format('source %s of release %s does not exist', target.source, target.release);
  ELSIF old_kind <> target.kind THEN
    RAISE wrong_object_type USING
      MESSAGE = format('%s is a %s, but the release was a %s', target.release, old_kind, target.kind),
      HINT = 'Something else has taken its name; rename that, then refresh.';
  END IF;

  IF target.policy ? 'synthesize' THEN
    PERFORM kiaim.release_publish_synthetic(target, run_id, from_source, old);
    RETURN;
  END IF;

  fitted_before := ARRAY(SELECT f.id FROM kiaim.fitted_recoding AS f WHERE f.owner = current_user);
  SELECT p.* INTO STRICT chosen FROM kiaim.plan(from_source, target.policy) AS p;
  -- levels name a recoding by a text, where those of a column are a number
  IF jsonb_typeof(chosen.levels -> 'recoding') = 'string' THEN
    recoding_id := chosen.levels ->> 'recoding';
    UPDATE kiaim.fitted_recoding AS f SET release = target.release
    WHERE f.id = recoding_id AND f.owner = current_user AND f.id <> ALL (fitted_before);
    IF target.kind <> 'table' THEN
      chosen.query := kiaim.release_place_recoding(target.release, recoding_id, chosen.query);
    END IF;
  END IF;

  dependents := CASE target.kind WHEN 'materialized view' THEN kiaim.release_dependents(old) END;
  IF dependents IS NOT NULL THEN
    PERFORM kiaim.release_build('view', beside, chosen.query);
    same := kiaim.release_is_same(old, kiaim.release_relation(beside));
    EXECUTE format('DROP VIEW %s', beside);
  END IF;

  IF old IS NULL THEN
    PERFORM kiaim.release_build(target.kind, target.release, chosen.query);
  ELSIF dependents IS NOT NULL AND same THEN
    -- Dependents hold the relation itself: fill it again where it stands.
    EXECUTE format('REFRESH MATERIALIZED VIEW %s', target.release);
    EXECUTE format('ANALYZE %s', target.release);
  ELSE
    IF dependents IS NOT NULL THEN
      RAISE dependent_objects_still_exist USING
        MESSAGE = format('release %s needs another query, but other objects depend on it', target.release),
        DETAIL = format('On it depend: %s.', dependents),
        HINT = 'Drop them and create them again after the refresh, or make the release a table or a view, which change in place.';
    END IF;

    built := beside;
    PERFORM kiaim.release_build(CASE target.kind WHEN 'table' THEN 'view' ELSE target.kind END, beside, chosen.query);
    PERFORM kiaim.release_keep_columns(target.release, kiaim.release_relation(beside), old);
    IF target.kind = 'table' THEN
      -- Ordinary rows of an ordinary table: every reader sees the version of its own snapshot, none waits.
      EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target.release);
      EXECUTE format('DELETE FROM %s', target.release);
      EXECUTE format('INSERT INTO %s SELECT * FROM %s', target.release, beside);
      EXECUTE format('DROP VIEW %s', beside);
      EXECUTE format('ANALYZE %s', target.release);
      built := target.release;
    END IF;
  END IF;

  figures := kiaim.release_verify(built::regclass, from_source, target.policy, chosen.levels, chosen.suppressed);
  IF target.policy @> '{"ledger": true}' THEN
    PERFORM kiaim.ledger_write(run_id, built::regclass, from_source, target.policy, chosen.levels, figures.k);
  END IF;

  IF built = beside AND target.kind = 'materialized view' THEN
    PERFORM kiaim.release_swap(old::regclass, beside::regclass, run_id);
  ELSIF built = beside THEN
    same := kiaim.release_is_same(old, kiaim.release_relation(beside));
    EXECUTE format('DROP VIEW %s', beside);
    IF NOT same THEN
      EXECUTE format('CREATE OR REPLACE VIEW %s WITH (security_barrier) AS %s', target.release, chosen.query);
    END IF;
  END IF;

  UPDATE kiaim.release AS r SET query = chosen.query, owner = current_user WHERE r.release = target.release;
  PERFORM kiaim.release_forget_recodings(target.release, recoding_id);
  UPDATE kiaim.release_log AS log
  SET state = 'published', finished = clock_timestamp(), source_rows = figures.source_rows, rows = figures.rows,
      suppressed = figures.suppressed, k = figures.k, measured = figures.measured,
      classes = coalesce(figures.classes, chosen.classes),
      loss = chosen.loss, optimal = chosen.optimal, levels = chosen.levels, query = chosen.query
  WHERE log.run = run_id;
END
$$;

COMMENT ON FUNCTION kiaim.release_publish(kiaim.release, bigint) IS
  'Plan, build beside, verify, swap and log one release in the current transaction (internal).';
