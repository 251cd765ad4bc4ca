-- release_ledger.sql
--   The ledger: which persons, as keyed hashes, were behind which class of which
--   run of a release, and what the classes say of them.
--
-- It is what a composition of releases is computed from, and it tells more than
-- any of them. So it is a schema of its own without a privilege for anybody: its
-- owner, who is that of the extension, reads it, and whoever he grants it to.
-- Owners of releases write about runs of their own, through one C function that
-- does nothing else, and see what is theirs, through views.

CREATE SCHEMA kiaim_ledger;
REVOKE ALL ON SCHEMA kiaim_ledger FROM PUBLIC;
COMMENT ON SCHEMA kiaim_ledger IS 'Who was behind the classes of releases, as keyed hashes: grant it to nobody who must not know.';

-- gen_random_uuid is made of the server's strong random numbers, 122 bits each. CREATE EXTENSION makes a key before a
-- dump brings back the one that the ledger was written with: the oldest counts.
CREATE TABLE kiaim_ledger.secret (
  key  bytea NOT NULL CHECK (octet_length(key) >= 16),
  made timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO kiaim_ledger.secret (key)
VALUES (pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())));

COMMENT ON TABLE kiaim_ledger.secret IS 'What persons are hashed with; who has it and the ledger can try every number of a patient.';
COMMENT ON COLUMN kiaim_ledger.secret.made IS 'the oldest key counts';
COMMENT ON COLUMN kiaim_ledger.secret.key IS 'random bytes';

CREATE TABLE kiaim_ledger.run (
  run      bigint PRIMARY KEY,
  release  text NOT NULL,
  owner    name NOT NULL,
  recorded timestamptz NOT NULL DEFAULT clock_timestamp(),
  quasi    text[] NOT NULL,
  shown    text[] NOT NULL,
  k        bigint,
  persons  bigint NOT NULL
);

COMMENT ON TABLE kiaim_ledger.run IS 'The runs of releases that are in the ledger; they stay when a release is dropped.';
COMMENT ON COLUMN kiaim_ledger.run.run IS 'the number of the run in kiaim.release_log';
COMMENT ON COLUMN kiaim_ledger.run.release IS 'schema and name, quoted where needed';
COMMENT ON COLUMN kiaim_ledger.run.recorded IS 'when it was written';
COMMENT ON COLUMN kiaim_ledger.run.owner IS 'whose release it was';
COMMENT ON COLUMN kiaim_ledger.run.quasi IS 'the columns that labels of classes are of, in their order';
COMMENT ON COLUMN kiaim_ledger.run.shown IS 'the columns that were released as they are';
COMMENT ON COLUMN kiaim_ledger.run.k IS 'the k of the policy, or where it has none the one that was measured';
COMMENT ON COLUMN kiaim_ledger.run.persons IS 'distinct persons, of which NULL is one';

CREATE TABLE kiaim_ledger.class (
  run       bigint NOT NULL,
  attribute text,
  labels    text[] NOT NULL,
  records   bigint NOT NULL,
  hashes    bigint[] NOT NULL
);

CREATE INDEX class_run ON kiaim_ledger.class (run);

COMMENT ON TABLE kiaim_ledger.class IS 'Each class of a run by the labels that it was released with, and who or what was in it.';
COMMENT ON COLUMN kiaim_ledger.class.attribute IS 'the sensitive column whose values the hashes are; NULL where they are persons';
COMMENT ON COLUMN kiaim_ledger.class.hashes IS 'keyed hashes in their order, each once; 0 is NULL';
COMMENT ON COLUMN kiaim_ledger.class.run IS 'the number of the run in kiaim.release_log';
COMMENT ON COLUMN kiaim_ledger.class.labels IS 'the labels of the class, as they were released';
COMMENT ON COLUMN kiaim_ledger.class.records IS 'rows of the class';

SELECT pg_catalog.pg_extension_config_dump('kiaim_ledger.secret', '');
SELECT pg_catalog.pg_extension_config_dump('kiaim_ledger.run', '');
SELECT pg_catalog.pg_extension_config_dump('kiaim_ledger.class', '');

----------------------------------------------------------------------------
-- Who sees what
----------------------------------------------------------------------------

-- By the catalog, since a role without privilege on the schema cannot name its tables.
CREATE FUNCTION kiaim.ledger_is_visible(owner name) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT kiaim.release_is_member(owner)
      OR has_schema_privilege('kiaim_ledger', 'USAGE')
         AND (SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = 'kiaim_ledger' AND c.relname = 'class')
$$;

COMMENT ON FUNCTION kiaim.ledger_is_visible(name) IS
  'Whether the current role may see the ledger of releases of an owner: of its own, or of all if it may read the ledger (internal).';

CREATE VIEW kiaim.ledger WITH (security_barrier) AS
  SELECT r.run, r.release, r.owner, r.recorded, r.quasi, r.shown, r.k, r.persons,
         (SELECT count(*) FROM kiaim_ledger.class AS c WHERE c.run = r.run AND c.attribute IS NULL) AS classes
  FROM kiaim_ledger.run AS r
  WHERE kiaim.ledger_is_visible(r.owner);

GRANT SELECT ON kiaim.ledger TO PUBLIC;
COMMENT ON VIEW kiaim.ledger IS 'The recorded runs of the releases of the current role, without whom they are about.';
COMMENT ON COLUMN kiaim.ledger.run IS 'the number of the run in kiaim.release_log';
COMMENT ON COLUMN kiaim.ledger.release IS 'schema and name, quoted where needed';
COMMENT ON COLUMN kiaim.ledger.owner IS 'whose release it was';
COMMENT ON COLUMN kiaim.ledger.recorded IS 'when it was written';
COMMENT ON COLUMN kiaim.ledger.quasi IS 'the columns that labels of classes are of, in their order';
COMMENT ON COLUMN kiaim.ledger.shown IS 'the columns that were released as they are';
COMMENT ON COLUMN kiaim.ledger.k IS 'the k of the policy, or where it has none the one that was measured';
COMMENT ON COLUMN kiaim.ledger.persons IS 'distinct persons, of which NULL is one';
COMMENT ON COLUMN kiaim.ledger.classes IS 'classes of rows';

CREATE VIEW kiaim.ledger_class WITH (security_barrier) AS
  SELECT c.run, c.attribute, c.labels, c.records, c.hashes
  FROM kiaim_ledger.class AS c JOIN kiaim_ledger.run AS r ON r.run = c.run
  WHERE kiaim.ledger_is_visible(r.owner);

GRANT SELECT ON kiaim.ledger_class TO PUBLIC;
COMMENT ON VIEW kiaim.ledger_class IS 'The classes of the recorded runs of the releases of the current role (internal).';
COMMENT ON COLUMN kiaim.ledger_class.run IS 'the number of the run in kiaim.release_log';
COMMENT ON COLUMN kiaim.ledger_class.attribute IS 'the sensitive column whose values the hashes are; NULL where they are persons';
COMMENT ON COLUMN kiaim.ledger_class.labels IS 'the labels of the class, as they were released';
COMMENT ON COLUMN kiaim.ledger_class.records IS 'rows of the class';
COMMENT ON COLUMN kiaim.ledger_class.hashes IS 'keyed hashes in their order, each once; 0 is NULL';

----------------------------------------------------------------------------
-- Recording
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.ledger_record(run bigint, quasi text[], shown text[], k bigint, persons text, attributes text[], queries text[])
RETURNS bigint
LANGUAGE c STRICT
AS 'MODULE_PATHNAME', 'kiaim_ledger_record';

COMMENT ON FUNCTION kiaim.ledger_record(bigint, text[], text[], bigint, text, text[], text[]) IS
  'Write a run of the current role that is going on into the ledger: what queries give, read as the caller (internal).';

-- The labels of the class of a row as they are written, whatever the types and the settings.
CREATE FUNCTION kiaim.ledger_labels(quasi text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('ARRAY[%s]', string_agg(format('kiaim.generalize(%I, ''flat''::kiaim.hierarchy, 0) COLLATE pg_catalog."C"', c), ', ' ORDER BY i))
  FROM unnest(quasi) WITH ORDINALITY AS q (c, i)
$$;

COMMENT ON FUNCTION kiaim.ledger_labels(text[]) IS 'The expression for the labels of a class (internal).';

-- Stored rows do not know their persons, so these come from the same query with the person column. A proof that it
-- has the stored classes follows, each with as many rows, because nothing can be recorded afterwards.
CREATE FUNCTION kiaim.ledger_write(run_id bigint, built regclass, source regclass, policy jsonb, levels jsonb, k bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  quasi     text[] := kiaim.release_policy_columns(policy, 'quasi');
  sensitive text[] := kiaim.release_policy_columns(policy, 'sensitive');
  labels    text := kiaim.ledger_labels(quasi);
  person    text := 'kiaim_person';
  in_class  text := CASE WHEN policy ->> 'suppressed_rows' = 'star' THEN
    format(' WHERE NOT (%s)', (SELECT string_agg(kiaim.release_is_star(policy, c), ' AND ') FROM unnest(quasi) AS c)) ELSE '' END;
  differing bigint;
BEGIN
  WHILE person = ANY (kiaim.release_policy_columns(policy, 'quasi', 'sensitive', 'keep', 'identifier', 'suppress')) LOOP
    person := person || '_';
  END LOOP;
  PERFORM kiaim.ledger_record(run_id, quasi, kiaim.release_policy_columns(policy, 'sensitive', 'keep', 'identifier'),
    coalesce((policy ->> 'k')::bigint, k, 0),
    format('SELECT %I, %s FROM (%s) AS persons%s', person, labels, kiaim.plan_query(source, policy, levels, true), in_class),
    sensitive, ARRAY(SELECT format('SELECT %I, %s FROM %s%s', c, labels, built, in_class) FROM unnest(sensitive) AS c));
  EXECUTE format('SELECT count(*) FROM (SELECT labels, records FROM kiaim.ledger_class WHERE run = %s AND attribute IS NULL) AS recorded'
                 ' FULL JOIN (SELECT %s AS labels, count(*) AS records FROM %s%s GROUP BY 1) AS stored USING (labels, records)'
                 ' WHERE recorded IS NULL OR stored IS NULL', run_id, labels, built, in_class) INTO differing;
  IF differing > 0 THEN
    RAISE serialization_failure USING
      MESSAGE = 'the source changed while its persons were recorded',
      DETAIL = format('%s classes are not the stored ones.', differing),
      HINT = CASE WHEN current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
             THEN 'Does the source give other rows each time it is read?'
             ELSE 'Try again, or do it in a transaction with isolation level repeatable read.' END;
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.ledger_write(bigint, regclass, regclass, jsonb, jsonb, bigint) IS
  'Write into the ledger who is behind the classes of a release that was built and verified (internal).';

----------------------------------------------------------------------------
-- Forgetting
----------------------------------------------------------------------------

CREATE FUNCTION kiaim.forget_ledger(release text, keep_runs int DEFAULT 0) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target  text[];
  last    bigint[];
  forgotten bigint;
BEGIN
  IF release IS NULL OR keep_runs IS NULL THEN
    RAISE null_value_not_allowed USING
      MESSAGE = format('%s must not be null', CASE WHEN release IS NULL THEN 'name of the release' ELSE 'keep_runs' END);
  ELSIF keep_runs < 0 THEN
    RAISE invalid_parameter_value USING MESSAGE = format('keep_runs must not be below 0, but is %s', keep_runs);
  ELSIF NOT has_schema_privilege('kiaim_ledger', 'USAGE') THEN
    RAISE insufficient_privilege USING
      MESSAGE = 'permission denied for schema kiaim_ledger',
      DETAIL = 'What was published cannot be taken back, and its owner must not make it look as if it could.',
      HINT = 'Ask the owner of the extension.';
  END IF;
  target := parse_ident(kiaim.release_target(release, ARRAY['public'::name]));
  last := ARRAY(SELECT r.run FROM kiaim_ledger.run AS r WHERE parse_ident(r.release) = target ORDER BY r.run DESC OFFSET keep_runs);
  DELETE FROM kiaim_ledger.class AS c WHERE c.run = ANY (last);
  DELETE FROM kiaim_ledger.run AS r WHERE r.run = ANY (last);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END
$$;

COMMENT ON FUNCTION kiaim.forget_ledger(text, int) IS
  'Remove the runs of a release from the ledger, but for the last ones; returns how many. For who may delete from the ledger.';
