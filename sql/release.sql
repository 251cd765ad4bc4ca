-- release.sql
--   The room "release": relations that are published from a source under a
--   policy, measured before anybody sees them, and kept fresh from a job.
--
-- A release is always built with its owner's eyes: everything is SECURITY
-- INVOKER, and only its owner may refresh it, so that row-level security gives
-- the same rows in every run.  The registry and its log are two tables with
-- row-level security of their own; names are kept as text, because an oid does
-- not survive a dump.
--
-- release_publish.sql has one run of a release, release_verify.sql what it is
-- measured by.
--
-- Two locks order everything.  The row of the registry, FOR UPDATE NOWAIT, keeps
-- refreshes apart; the lock of the old relation, taken last, keeps readers out
-- for the moment of the swap.

----------------------------------------------------------------------------
-- The registry and the log
----------------------------------------------------------------------------

-- A steward needs no privilege of ours: what he may read and where he may create decides.
GRANT USAGE ON SCHEMA kiaim TO PUBLIC;

CREATE TABLE kiaim.release (
  release text PRIMARY KEY,
  source  text NOT NULL,
  policy  jsonb NOT NULL,
  kind    text NOT NULL CHECK (kind IN ('view', 'materialized view', 'table')),
  owner   name NOT NULL DEFAULT current_user,
  created timestamptz NOT NULL DEFAULT now(),
  query   text
);

COMMENT ON TABLE kiaim.release IS 'The definition of each release; every role sees its own. Read kiaim.releases instead.';
COMMENT ON COLUMN kiaim.release.release IS 'schema and name, quoted where needed';
COMMENT ON COLUMN kiaim.release.source IS 'schema and name of the relation it is made from';
COMMENT ON COLUMN kiaim.release.owner IS 'who published it last; counts as its owner only while the relation does not exist';
COMMENT ON COLUMN kiaim.release.query IS 'the query text of what is published now';
COMMENT ON COLUMN kiaim.release.policy IS 'what it must hold';
COMMENT ON COLUMN kiaim.release.kind IS 'view, materialized view or table';
COMMENT ON COLUMN kiaim.release.created IS 'when kiaim.create_release registered it';

CREATE TABLE kiaim.release_log (
  run         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  release     text NOT NULL,
  state       text NOT NULL DEFAULT 'running'
              CHECK (state IN ('running', 'published', 'failed', 'cancelled', 'abandoned', 'dropped')),
  started     timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished    timestamptz,
  owner       name NOT NULL DEFAULT current_user,
  started_by  name NOT NULL DEFAULT session_user,
  pid         int NOT NULL DEFAULT pg_backend_pid(),
  source_rows bigint,
  rows        bigint,
  suppressed  bigint,
  k           bigint,
  classes     bigint,
  loss        float8,
  optimal     boolean,
  levels      jsonb,
  measured    jsonb,
  policy      jsonb,
  query       text,
  sqlstate    text,
  reason      text,
  detail      text,
  hint        text
);

CREATE INDEX release_log_release ON kiaim.release_log (release, run);

COMMENT ON TABLE kiaim.release_log IS 'Every run of a release with its figures, or with the reason why it published nothing.';
COMMENT ON SEQUENCE kiaim.release_log_run_seq IS 'The numbers of the runs in kiaim.release_log.';
COMMENT ON COLUMN kiaim.release_log.state IS
  'running, published, failed, cancelled, abandoned (its session ended before it did), dropped';
COMMENT ON COLUMN kiaim.release_log.owner IS 'the role whose eyes read the source';
COMMENT ON COLUMN kiaim.release_log.started_by IS 'the role that was logged in';
COMMENT ON COLUMN kiaim.release_log.k IS 'measured on the stored result; in persons where the policy names a person column';
COMMENT ON COLUMN kiaim.release_log.measured IS 'each requirement of the policy as measured on the stored result';
COMMENT ON COLUMN kiaim.release_log.reason IS 'why nothing was published; never a value of a row';
COMMENT ON COLUMN kiaim.release_log.run IS 'number of the run';
COMMENT ON COLUMN kiaim.release_log.release IS 'schema and name, quoted where needed';
COMMENT ON COLUMN kiaim.release_log.started IS 'when the run began';
COMMENT ON COLUMN kiaim.release_log.finished IS 'when it ended; NULL while it is running';
COMMENT ON COLUMN kiaim.release_log.pid IS 'the server process';
COMMENT ON COLUMN kiaim.release_log.source_rows IS 'rows of the source in the snapshot of the run';
COMMENT ON COLUMN kiaim.release_log.rows IS 'rows of the stored result';
COMMENT ON COLUMN kiaim.release_log.suppressed IS 'rows of the source that were not released, or as stars';
COMMENT ON COLUMN kiaim.release_log.classes IS 'classes of rows alike in all quasi-identifiers';
COMMENT ON COLUMN kiaim.release_log.loss IS 'score of the policy''s quality, as planned';
COMMENT ON COLUMN kiaim.release_log.optimal IS 'whether no better solution exists';
COMMENT ON COLUMN kiaim.release_log.levels IS 'level of each quasi-identifier, or the recoding';
COMMENT ON COLUMN kiaim.release_log.policy IS 'the policy of the run';
COMMENT ON COLUMN kiaim.release_log.query IS 'the query text that was published';
COMMENT ON COLUMN kiaim.release_log.sqlstate IS 'code of the error';
COMMENT ON COLUMN kiaim.release_log.detail IS 'detail of the error, where it cannot hold a value of a row';
COMMENT ON COLUMN kiaim.release_log.hint IS 'what to do about the error';

SELECT pg_catalog.pg_extension_config_dump('kiaim.release', '');
SELECT pg_catalog.pg_extension_config_dump('kiaim.release_log', '');
SELECT pg_catalog.pg_extension_config_dump('kiaim.release_log_run_seq', '');

----------------------------------------------------------------------------
-- Whose release it is
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.release_relation(release text) RETURNS oid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.oid
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = (parse_ident(release))[1]::name AND c.relname = (parse_ident(release))[2]::name
$$;

COMMENT ON FUNCTION kiaim.release_relation(text) IS
  'The relation of a release, NULL if there is none; unlike to_regclass() it needs no privilege on the schema (internal).';

CREATE FUNCTION kiaim.release_is_member(role_name name) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role_name AND pg_has_role(r.oid, 'USAGE'))
$$;

COMMENT ON FUNCTION kiaim.release_is_member(name) IS
  'Whether the current role is, or is a member of, a role that may no longer exist (internal).';

-- The owner of the relation, so that ALTER … OWNER TO and REASSIGN OWNED carry a release along.
CREATE FUNCTION kiaim.release_owner(release text, recorded name) RETURNS name
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT pg_get_userbyid(c.relowner) FROM pg_class AS c WHERE c.oid = kiaim.release_relation(release)),
                  recorded)
$$;

COMMENT ON FUNCTION kiaim.release_owner(text, name) IS
  'The owner of a release: that of its relation, or the recorded one while there is no relation (internal).';

ALTER TABLE kiaim.release ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kiaim.release
  USING (kiaim.release_is_member(kiaim.release_owner(release, owner)))
  WITH CHECK (kiaim.release_relation(release) IS NOT NULL
              AND kiaim.release_is_member(kiaim.release_owner(release, owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON kiaim.release TO PUBLIC;
COMMENT ON POLICY own ON kiaim.release IS
  'A role sees and changes its own releases, and can claim no name without owning the relation of that name.';

ALTER TABLE kiaim.release_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON kiaim.release_log FOR SELECT USING (kiaim.release_is_member(owner));
CREATE POLICY start ON kiaim.release_log FOR INSERT WITH CHECK (kiaim.release_is_member(owner));
CREATE POLICY finish ON kiaim.release_log FOR UPDATE
  USING (kiaim.release_is_member(owner) AND state = 'running')
  WITH CHECK (kiaim.release_is_member(owner));
-- Number, times and names are those of the server: who could choose them could take the numbers of other runs.
GRANT SELECT, INSERT (release, state, finished, policy),
      UPDATE (state, finished, source_rows, rows, suppressed, k, classes, loss, optimal, levels, measured, query,
              sqlstate, reason, detail, hint) ON kiaim.release_log TO PUBLIC;
COMMENT ON POLICY see ON kiaim.release_log IS 'A role sees the runs of its own releases.';
COMMENT ON POLICY start ON kiaim.release_log IS 'A role logs runs of its own only.';
COMMENT ON POLICY finish ON kiaim.release_log IS 'A run that has finished cannot be changed any more.';

-- Any role may write lines of its own into the log, about any name: only those of who published or owns it count.
CREATE VIEW kiaim.releases WITH (security_barrier) AS
  SELECT r.release, r.kind, r.source, kiaim.release_owner(r.release, r.owner) AS owner,
         p.finished AS refreshed, p.rows, p.suppressed, p.k, p.loss, p.levels,
         l.state AS last_run, l.reason AS last_reason, r.policy, r.query
  FROM kiaim.release AS r
    LEFT JOIN LATERAL (SELECT * FROM kiaim.release_log AS log
                       WHERE log.release = r.release AND log.started >= r.created AND log.state = 'published'
                         AND log.owner IN (r.owner, kiaim.release_owner(r.release, r.owner))
                       ORDER BY log.run DESC LIMIT 1) AS p ON true
    LEFT JOIN LATERAL (SELECT * FROM kiaim.release_log AS log
                       WHERE log.release = r.release AND log.started >= r.created
                         AND log.owner IN (r.owner, kiaim.release_owner(r.release, r.owner))
                       ORDER BY log.run DESC LIMIT 1) AS l ON true
  WHERE kiaim.release_is_member(kiaim.release_owner(r.release, r.owner));

GRANT SELECT ON kiaim.releases TO PUBLIC;
COMMENT ON VIEW kiaim.releases IS 'What the current role has published: the figures of what is readable now, and how the last run ended.';
COMMENT ON COLUMN kiaim.releases.release IS 'schema and name, quoted where needed';
COMMENT ON COLUMN kiaim.releases.kind IS 'view, materialized view or table';
COMMENT ON COLUMN kiaim.releases.source IS 'schema and name of the relation it is made from';
COMMENT ON COLUMN kiaim.releases.owner IS 'owner of the relation';
COMMENT ON COLUMN kiaim.releases.refreshed IS 'when what is readable now was published';
COMMENT ON COLUMN kiaim.releases.rows IS 'rows that it has';
COMMENT ON COLUMN kiaim.releases.suppressed IS 'rows of the source that were not released, or as stars';
COMMENT ON COLUMN kiaim.releases.k IS 'measured on the stored result; in persons where the policy names a person column';
COMMENT ON COLUMN kiaim.releases.loss IS 'score of the policy''s quality, as planned';
COMMENT ON COLUMN kiaim.releases.levels IS 'level of each quasi-identifier, or the recoding';
COMMENT ON COLUMN kiaim.releases.last_run IS 'how the last run ended, or that it is running';
COMMENT ON COLUMN kiaim.releases.last_reason IS 'why the last run published nothing';
COMMENT ON COLUMN kiaim.releases.policy IS 'what it must hold';
COMMENT ON COLUMN kiaim.releases.query IS 'the query text of what is published now';

----------------------------------------------------------------------------
-- Names
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.release_target(release text, path name[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[];
BEGIN
  IF release IS NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'name of the release must not be null';
  END IF;
  BEGIN
    parts := parse_ident(release);
  EXCEPTION WHEN invalid_parameter_value THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('improper name of a release: %s', release),
      HINT = 'Quote a name with blanks or other special characters, as in "register 2024"."my release".';
  END;
  IF cardinality(parts) = 1 THEN
    IF coalesce(cardinality(path), 0) = 0 THEN
      RAISE invalid_schema_name USING
        MESSAGE = format('no schema has been selected to create release "%s" in', release),
        HINT = 'Name the schema, as in research.tumour.';
    END IF;
    parts := ARRAY[path[1]::text, parts[1]];
  ELSIF cardinality(parts) > 2 THEN
    RAISE syntax_error USING
      MESSAGE = format('improper name of a release: %s', release),
      HINT = 'A release is named by a schema and a name, as in research.tumour.';
  END IF;
  IF octet_length(parts[2]) > 63 THEN
    RAISE name_too_long USING
      MESSAGE = format('name "%s" is too long', parts[2]), HINT = 'A name has at most 63 bytes.';
  END IF;
  RETURN format('%I.%I', parts[1], parts[2]);
END
$$;

COMMENT ON FUNCTION kiaim.release_target(text, name[]) IS
  'The full name of a release to be; one without a schema goes into the first schema of the path (internal).';

CREATE FUNCTION kiaim.release_find(release text, path name[]) RETURNS kiaim.release
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text := release;
  parts  text[];
  found_release kiaim.release;
BEGIN
  PERFORM kiaim.release_target(wanted, path || 'public'::name);
  parts := parse_ident(wanted);
  SELECT r.* INTO found_release
  FROM kiaim.release AS r, parse_ident(r.release) AS own
  WHERE own = parts OR cardinality(parts) = 1 AND own[2] = parts[1] AND own[1] = ANY (path)
  ORDER BY array_position(path, own[1]::name) LIMIT 1;
  IF NOT FOUND THEN
    RAISE undefined_object USING
      MESSAGE = format('release %s does not exist', wanted),
      DETAIL = CASE
        WHEN kiaim.release_relation(kiaim.release_target(wanted, path || 'public'::name)) IS NULL
        THEN 'There is no relation of that name either.'
        ELSE 'There is a relation of that name, but it is no release of the current role.' END,
      HINT = 'The view kiaim.releases lists the releases of the current role.';
  END IF;
  RETURN found_release;
END
$$;

COMMENT ON FUNCTION kiaim.release_find(text, name[]) IS
  'The registered release of a name; one without a schema is looked up along the path (internal).';

CREATE FUNCTION kiaim.release_columns(relation oid) RETURNS text[]
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(format('%I %s', attname, format_type(atttypid, atttypmod)) ORDER BY attnum), '{}')
  FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
$$;

COMMENT ON FUNCTION kiaim.release_columns(oid) IS 'The columns of a relation with their types, in order (internal).';

CREATE FUNCTION kiaim.release_policy_columns(policy jsonb, VARIADIC members text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(DISTINCT col ORDER BY col), '{}')
  FROM unnest(members) AS member,
    LATERAL (SELECT jsonb_object_keys(policy -> member) WHERE jsonb_typeof(policy -> member) = 'object'
             UNION ALL
             SELECT jsonb_array_elements_text(policy -> member) WHERE jsonb_typeof(policy -> member) = 'array'
             UNION ALL
             SELECT policy ->> member WHERE jsonb_typeof(policy -> member) = 'string') AS c(col)
$$;

COMMENT ON FUNCTION kiaim.release_policy_columns(jsonb, text[]) IS
  'The columns that members of a policy name, be they an object, an array or one name (internal).';

----------------------------------------------------------------------------
-- create_release
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.release_create(target text, source regclass, policy jsonb, kind text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made   kiaim.release;
  run_id bigint;
BEGIN
  IF source IS NULL OR policy IS NULL OR kind IS NULL THEN
    RAISE null_value_not_allowed USING
      MESSAGE = format('%s of release %s must not be null',
                       CASE WHEN source IS NULL THEN 'source' WHEN policy IS NULL THEN 'policy' ELSE 'kind' END, target);
  ELSIF kind NOT IN ('view', 'materialized view', 'table') THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('"%s" is no kind of a release', kind),
      HINT = 'The kinds are "view", "materialized view" and "table".';
  ELSIF kind <> 'table' AND policy ? 'synthesize' THEN
    RAISE feature_not_supported USING
      MESSAGE = format('a release with synthetic rows cannot be a %s', kind),
      DETAIL = 'No query gives the same rows again.',
      HINT = 'Make it a table: kind => ''table''.';
  ELSIF kind = 'view' AND policy ? 'differential_privacy' THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'a release with differential privacy cannot be a view',
      DETAIL = 'Each reading of the view would draw other records, and spend epsilon and delta once more.',
      HINT = 'Make it a table.';
  ELSIF kind = 'view' AND policy ? 'population_uniqueness' THEN
    RAISE feature_not_supported USING
      MESSAGE = 'a release with population uniqueness cannot be a view',
      DETAIL = 'How many classes the estimate allows is known of the rows that were planned, not of those that a view may read later.',
      HINT = 'Make it a table or a materialized view, and refresh it.';
  ELSIF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = (parse_ident(target))[1]) THEN
    RAISE invalid_schema_name USING
      MESSAGE = format('schema "%s" does not exist', (parse_ident(target))[1]),
      HINT = format('CREATE SCHEMA %I, or name another one.', (parse_ident(target))[1]);
  ELSIF NOT (has_schema_privilege((parse_ident(target))[1], 'USAGE') AND has_schema_privilege((parse_ident(target))[1], 'CREATE')) THEN
    RAISE insufficient_privilege USING
      MESSAGE = format('permission denied for schema %s', (parse_ident(target))[1]),
      HINT = 'A release is made where its owner has the privileges USAGE and CREATE.';
  ELSIF kiaim.release_relation(target) IS NOT NULL THEN
    RAISE duplicate_table USING
      MESSAGE = format('relation %s already exists', target),
      HINT = CASE WHEN EXISTS (SELECT FROM kiaim.release AS r WHERE parse_ident(r.release) = parse_ident(target))
             THEN format('It is a release: CALL kiaim.refresh(%L), or drop it with kiaim.drop_release.', target)
             ELSE 'It is not a release; choose another name.' END;
  ELSIF (SELECT relpersistence FROM pg_class WHERE oid = source) = 't' THEN
    RAISE feature_not_supported USING
      MESSAGE = format('temporary relation %s cannot be the source of a release', source),
      DETAIL = 'It is gone when the session ends, and the release could never be refreshed.';
  END IF;

  PERFORM kiaim.validate_policy(source, policy);
  PERFORM kiaim.release_check_contents(source, policy);

  made.release := target;
  made.source := (SELECT format('%I.%I', n.nspname, c.relname)
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = source);
  made.policy := policy;
  made.kind := kind;
  INSERT INTO kiaim.release_log (release, policy) VALUES (target, policy) RETURNING run INTO run_id;
  PERFORM kiaim.release_publish(made, run_id);

  -- The relation is the caller's now, and so is the line that an earlier one of this name may have left.
  DELETE FROM kiaim.release AS r WHERE parse_ident(r.release) = parse_ident(target);
  INSERT INTO kiaim.release (release, source, policy, kind, query)
  SELECT target, made.source, made.policy, made.kind, log.query FROM kiaim.release_log AS log WHERE log.run = run_id;
END
$$;

COMMENT ON FUNCTION kiaim.release_create(text, regclass, jsonb, text) IS 'The work of kiaim.create_release (internal).';

-- No SET clause, because the caller's search_path says where a name without a schema goes; hence no operator either.
CREATE FUNCTION kiaim.create_release(release text, source regclass, policy jsonb, kind text DEFAULT 'materialized view')
RETURNS void
LANGUAGE sql
AS $$
  SELECT kiaim.release_create(kiaim.release_target(release, pg_catalog.current_schemas(false)), source, policy, kind)
$$;

COMMENT ON FUNCTION kiaim.create_release(text, regclass, jsonb, text) IS
  'Publish a relation made from a source under a policy, as a view, a materialized view or a table, and register it for kiaim.refresh.';

----------------------------------------------------------------------------
-- refresh
----------------------------------------------------------------------------

-- The first transaction of a refresh: the line of the log that survives whatever follows.
CREATE FUNCTION kiaim.release_begin(target kiaim.release) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner  name := kiaim.release_owner(target.release, target.owner);
  run_id bigint;
  busy   record;
BEGIN
  IF owner <> current_user THEN
    RAISE insufficient_privilege USING
      MESSAGE = format('release %s is refreshed by its owner %I only', target.release, owner),
      DETAIL = 'Row-level security may show other rows to other roles.',
      HINT = format('SET ROLE %I first, or let a job run as that role.', owner);
  END IF;

  INSERT INTO kiaim.release_log (release, policy) VALUES (target.release, target.policy) RETURNING run INTO run_id;
  BEGIN
    PERFORM FROM kiaim.release AS r WHERE r.release = target.release FOR UPDATE NOWAIT;
    UPDATE kiaim.release_log AS log
    SET state = 'abandoned', finished = clock_timestamp(), reason = 'its session ended before it did'
    WHERE log.release = target.release AND log.state = 'running' AND log.run <> run_id;
  EXCEPTION WHEN lock_not_available THEN
    SELECT log.run, log.pid INTO busy FROM kiaim.release_log AS log
    WHERE log.release = target.release AND log.state = 'running' AND log.run <> run_id ORDER BY log.run DESC LIMIT 1;
    UPDATE kiaim.release_log AS log
    SET state = 'failed', finished = clock_timestamp(), sqlstate = '55P03',
        reason = format('release %s is being refreshed or dropped by another session', target.release),
        hint = format('Wait for run %s of process %s; it is in kiaim.release_log.', busy.run, busy.pid)
    WHERE log.run = run_id;
  END;
  RETURN run_id;
END
$$;

COMMENT ON FUNCTION kiaim.release_begin(kiaim.release) IS
  'Log that a refresh starts, and refuse it if another one is at work (internal).';

-- A message of the server may quote a value of a row. Only what can speak of objects and of the policy is kept.
CREATE FUNCTION kiaim.release_loggable(state text, known text, INOUT message text, INOUT detail text, INOUT hint text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  hidden text;
BEGIN
  IF state = '22023' THEN
    -- of a policy: what it quotes is in the policy, or is not shown
    -- (up to the last quote, since a value may hold quotes itself)
    SELECT m[1] INTO hidden FROM regexp_matches(message, '"([^"]*)"', 'g') AS m WHERE position(m[1] IN known) = 0 LIMIT 1;
    IF FOUND THEN
      message := left(message, position('"' || hidden || '"' IN message) - 1) || '"…"' || substring(message, '[^"]*$');
    ELSIF (length(message) - length(replace(message, '"', ''))) % 2 = 1 THEN
      message := regexp_replace(message, '".*"', '"…"');
    END IF;
    detail := NULL;
  ELSIF state = 'P0002' AND message ~ '^no [a-z ]+ satisf(y|ies) the policy( was found)?( in time)?$' OR state IN ('55000', '2BP01', '42P16') THEN
    detail := nullif(detail, '');
  ELSIF left(state, 2) IN ('0A', '25', '2B', '2D', '3D', '3F', '40', '42', '53', '54', '55', '57', '58', 'XX') THEN
    detail := NULL;
  ELSE
    message := format('an expression failed with SQLSTATE %s; its message may hold values of rows and is not kept', state);
    detail := NULL;
    hint := NULL;
  END IF;
  hint := nullif(hint, '');
END
$$;

COMMENT ON FUNCTION kiaim.release_loggable(text, text, text, text, text) IS
  'What of an error may go into the log: never a value of a row (internal).';

-- The second transaction. Returns NULL, or the error (SQLSTATE, message, detail, hint) after it was logged. What other
-- sessions committed meanwhile may be in its way, such as the same recoding fitted for another release: that is not
-- logged before the last attempt.
CREATE FUNCTION kiaim.release_run(target kiaim.release, run_id bigint, last_attempt boolean) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh   kiaim.release;
  failure text[];
  error_state text;
  error_message text;
  error_detail text;
  error_hint text;
BEGIN
  BEGIN
    SELECT ARRAY[log.sqlstate, log.reason, NULL, log.hint] INTO failure
    FROM kiaim.release_log AS log WHERE log.run = run_id AND log.state = 'failed';
    IF FOUND THEN
      RETURN failure;
    END IF;
    SELECT r.* INTO fresh FROM kiaim.release AS r WHERE r.release = target.release FOR UPDATE NOWAIT;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM kiaim.release_log AS log WHERE log.run = run_id AND log.state = 'running') THEN
      RAISE lock_not_available USING
        MESSAGE = format('release %s is being refreshed or dropped by another session', target.release);
    END IF;
    PERFORM kiaim.release_publish(fresh, run_id);
    RETURN NULL;
  EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    GET STACKED DIAGNOSTICS error_state = RETURNED_SQLSTATE, error_message = MESSAGE_TEXT,
                            error_detail = PG_EXCEPTION_DETAIL, error_hint = PG_EXCEPTION_HINT;
  END;
  IF error_state = '40001' AND NOT last_attempt THEN
    RETURN ARRAY[error_state, error_message, error_detail, error_hint];
  END IF;
  UPDATE kiaim.release_log AS log
  SET state = CASE error_state WHEN '57014' THEN 'cancelled' ELSE 'failed' END,
      finished = clock_timestamp(), sqlstate = error_state,
      (reason, detail, hint) = (SELECT l.message, l.detail, l.hint FROM kiaim.release_loggable(
        error_state, concat_ws(' ', target.release, target.source, target.policy), error_message, error_detail, error_hint) AS l)
  WHERE log.run = run_id;
  RETURN ARRAY[error_state, error_message, error_detail, error_hint];
END
$$;

COMMENT ON FUNCTION kiaim.release_run(kiaim.release, bigint, boolean) IS
  'Publish a release and log how it ended; never raises what it can log (internal).';

CREATE FUNCTION kiaim.release_collided(failure text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(failure[1] = '40001', false) $$;

COMMENT ON FUNCTION kiaim.release_collided(text[]) IS 'Whether what failed may succeed with a later snapshot (internal).';

CREATE FUNCTION kiaim.release_raise(failure text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  hint text := coalesce(nullif(failure[4], ''), 'The previous release stays; the reason is in kiaim.release_log.');
BEGIN
  IF failure IS NULL THEN
    RETURN;
  ELSIF failure[3] <> '' THEN
    RAISE EXCEPTION USING ERRCODE = failure[1], MESSAGE = failure[2], DETAIL = failure[3], HINT = hint;
  ELSE
    RAISE EXCEPTION USING ERRCODE = failure[1], MESSAGE = failure[2], HINT = hint;
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.release_raise(text[]) IS 'Raise an error again after it was logged (internal).';

CREATE FUNCTION kiaim.release_prevent_in_transaction_block(command text) RETURNS void
LANGUAGE c STRICT
AS 'MODULE_PATHNAME', 'kiaim_prevent_in_transaction_block';

COMMENT ON FUNCTION kiaim.release_prevent_in_transaction_block(text) IS
  'An error unless the calling procedure may commit (internal).';

-- A procedure that commits may have no SET clause: it calls by full names only and uses no operator. One
-- snapshot, so that plan, build and verification read the same rows.
CREATE PROCEDURE kiaim.refresh(release text)
LANGUAGE plpgsql
AS $$
DECLARE
  target  kiaim.release;
  run_id  bigint;
  failure text[];
  collided boolean;
BEGIN
  PERFORM kiaim.release_prevent_in_transaction_block('kiaim.refresh');
  target := kiaim.release_find(release, pg_catalog.current_schemas(false));
  run_id := kiaim.release_begin(target);
  COMMIT;
  SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
  failure := kiaim.release_run(target, run_id, false);
  collided := kiaim.release_collided(failure);
  COMMIT;
  SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
  IF collided THEN
    failure := kiaim.release_run(target, run_id, true);
  END IF;
  COMMIT;
  PERFORM kiaim.release_raise(failure);
END
$$;

COMMENT ON PROCEDURE kiaim.refresh(text) IS
  'Plan, build beside, verify, swap and log a release again; if anything fails, the previous one stays and the log says why.';

----------------------------------------------------------------------------
-- drop_release
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.release_drop(target kiaim.release) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  BEGIN
    PERFORM FROM kiaim.release AS r WHERE r.release = target.release FOR UPDATE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN
    RAISE lock_not_available USING
      MESSAGE = format('release %s is being refreshed or dropped by another session', target.release);
  END;
  IF kiaim.release_relation(target.release) IS NOT NULL THEN
    EXECUTE format('DROP %s %s', target.kind, target.release);
  END IF;
  DELETE FROM kiaim.release AS r WHERE r.release = target.release;
  PERFORM kiaim.release_forget_recodings(target.release, NULL);
  INSERT INTO kiaim.release_log (release, state, finished) VALUES (target.release, 'dropped', clock_timestamp());
END
$$;

COMMENT ON FUNCTION kiaim.release_drop(kiaim.release) IS 'The work of kiaim.drop_release (internal).';

CREATE FUNCTION kiaim.drop_release(release text) RETURNS void
LANGUAGE sql
AS $$
  SELECT kiaim.release_drop(kiaim.release_find(release, pg_catalog.current_schemas(false)))
$$;

COMMENT ON FUNCTION kiaim.drop_release(text) IS
  'Drop the relation of a release and forget its definition; its log stays.';
