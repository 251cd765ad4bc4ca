-- recoding.sql
--   Fitted recodings: the type, what applies one to a tuple, and where they are kept.
--
-- A recoding holds original values, so each is its owner's alone.

---- the type ----

CREATE TYPE kiaim.recoding;

CREATE FUNCTION kiaim.recoding_in(cstring) RETURNS kiaim.recoding
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_in';

CREATE FUNCTION kiaim.recoding_out(kiaim.recoding) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_out';

CREATE FUNCTION kiaim.recoding_recv(internal) RETURNS kiaim.recoding
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_recv';

CREATE FUNCTION kiaim.recoding_send(kiaim.recoding) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_send';

CREATE TYPE kiaim.recoding (
	INPUT = kiaim.recoding_in,
	OUTPUT = kiaim.recoding_out,
	RECEIVE = kiaim.recoding_recv,
	SEND = kiaim.recoding_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE kiaim.recoding IS
	'what was fitted to the tuples of a relation: the released values of each tuple that was there; holds original values';
COMMENT ON FUNCTION kiaim.recoding_in(cstring) IS 'input of kiaim.recoding';
COMMENT ON FUNCTION kiaim.recoding_out(kiaim.recoding) IS 'output of kiaim.recoding';
COMMENT ON FUNCTION kiaim.recoding_recv(internal) IS 'binary input of kiaim.recoding';
COMMENT ON FUNCTION kiaim.recoding_send(kiaim.recoding) IS 'binary output of kiaim.recoding';

---- functions of a recoding ----

CREATE FUNCTION kiaim.recode(recoding kiaim.recoding, VARIADIC quasi "any") RETURNS text[]
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'kiaim_recode';
COMMENT ON FUNCTION kiaim.recode(kiaim.recoding, "any") IS
	'the released value of each column of a tuple; NULL for a tuple that was not there when the recoding was fitted';

CREATE FUNCTION kiaim.make_recoding(method text, columns text[], types regtype[], tuples text[], labels text[])
	RETURNS kiaim.recoding
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_make_recoding';
COMMENT ON FUNCTION kiaim.make_recoding(text, text[], regtype[], text[], text[]) IS
	'a recoding that maps each row of tuples to the same row of labels';

CREATE FUNCTION kiaim.recoding_figures(recoding kiaim.recoding) RETURNS TABLE (figure text, value float8)
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_figures';
COMMENT ON FUNCTION kiaim.recoding_figures(kiaim.recoding) IS
	'how many columns, tuples and outcomes a recoding has, and the figures of its fit';

CREATE FUNCTION kiaim.recoding_tuples(recoding kiaim.recoding) RETURNS TABLE (tuple text[], outcome text[])
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_recoding_tuples';
COMMENT ON FUNCTION kiaim.recoding_tuples(kiaim.recoding) IS
	'what a recoding maps to what, for review: original values';

CREATE FUNCTION kiaim.recoding_id(recoding kiaim.recoding) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT encode(sha256(kiaim.recoding_send(recoding)), 'hex')
$$;
COMMENT ON FUNCTION kiaim.recoding_id(kiaim.recoding) IS 'the SHA-256 of the bytes of a recoding, by which releases know it';

---- where they are kept ----

-- The same recoding has the same id whoever fitted it, and each of them keeps his own.
CREATE TABLE kiaim.fitted_recoding (
  id        text NOT NULL CHECK (id = kiaim.recoding_id(recoding)),
  owner     name NOT NULL DEFAULT current_user,
  source    text NOT NULL,
  method    text NOT NULL,
  fitted    timestamptz NOT NULL DEFAULT clock_timestamp(),
  release   text,
  size      bigint GENERATED ALWAYS AS (octet_length(kiaim.recoding_send(recoding))) STORED,
  recoding  kiaim.recoding NOT NULL,
  PRIMARY KEY (id, owner)
);

COMMENT ON TABLE kiaim.fitted_recoding IS
  'What was fitted for local releases; every role sees its own, since it holds original values. Read kiaim.recodings instead.';
COMMENT ON COLUMN kiaim.fitted_recoding.id IS 'the SHA-256 of the recoding, by which query texts name it';
COMMENT ON COLUMN kiaim.fitted_recoding.owner IS 'who fitted it';
COMMENT ON COLUMN kiaim.fitted_recoding.source IS 'schema and name of the relation that it was fitted to';
COMMENT ON COLUMN kiaim.fitted_recoding.method IS 'the recoding of the policy: local, cells, microaggregation';
COMMENT ON COLUMN kiaim.fitted_recoding.release IS
  'the release it was fitted for; a refresh removes what no release uses any more. NULL if kiaim.plan was called by hand: then it stays';
COMMENT ON COLUMN kiaim.fitted_recoding.size IS 'bytes of the recoding';
COMMENT ON COLUMN kiaim.fitted_recoding.fitted IS 'when it was stored';
COMMENT ON COLUMN kiaim.fitted_recoding.recoding IS 'what turns tuples of original values into released ones';

SELECT pg_catalog.pg_extension_config_dump('kiaim.fitted_recoding', '');

ALTER TABLE kiaim.fitted_recoding ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kiaim.fitted_recoding
  USING (kiaim.release_is_member(owner)) WITH CHECK (owner = current_user);
-- Owner and time are those of the server, and the bytes stay what they were.
GRANT SELECT, DELETE, INSERT (id, source, method, recoding), UPDATE (release) ON kiaim.fitted_recoding TO PUBLIC;
COMMENT ON POLICY own ON kiaim.fitted_recoding IS 'A role sees and drops its own recodings, and stores none for others.';

CREATE VIEW kiaim.recodings WITH (security_barrier) AS
  SELECT f.id, f.source, f.method, f.owner, f.fitted, f.size,
         ARRAY(SELECT r.release FROM kiaim.release AS r
               WHERE kiaim.release_is_member(kiaim.release_owner(r.release, r.owner)) AND position(f.id IN r.query) > 0
               ORDER BY r.release) AS releases
  FROM kiaim.fitted_recoding AS f
  WHERE kiaim.release_is_member(f.owner);

GRANT SELECT ON kiaim.recodings TO PUBLIC;
COMMENT ON VIEW kiaim.recodings IS 'The recodings of the current role, without what they hold, and the releases that use them.';
COMMENT ON COLUMN kiaim.recodings.id IS 'the SHA-256 of the recoding, by which query texts name it';
COMMENT ON COLUMN kiaim.recodings.source IS 'schema and name of the relation that it was fitted to';
COMMENT ON COLUMN kiaim.recodings.method IS 'the recoding of the policy: local, cells, microaggregation';
COMMENT ON COLUMN kiaim.recodings.owner IS 'who fitted it';
COMMENT ON COLUMN kiaim.recodings.fitted IS 'when it was stored';
COMMENT ON COLUMN kiaim.recodings.size IS 'bytes of the recoding';
COMMENT ON COLUMN kiaim.recodings.releases IS 'the releases whose query names it';

CREATE FUNCTION kiaim.drop_recoding(id text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used_by text[];
BEGIN
  SELECT r.releases INTO used_by FROM kiaim.recodings AS r WHERE r.id = drop_recoding.id AND r.owner = current_user;
  IF NOT FOUND THEN
    RAISE undefined_object USING
      MESSAGE = format('recoding "%s" does not exist', id),
      HINT = 'The view kiaim.recodings lists the recodings of the current role.';
  ELSIF used_by <> '{}' THEN
    RAISE dependent_objects_still_exist USING
      MESSAGE = format('recoding "%s" is used by a release', id),
      DETAIL = format('It is used by %s.', array_to_string(used_by, ', ')),
      HINT = 'Drop the release, or refresh it after the source has changed.';
  END IF;
  DELETE FROM kiaim.fitted_recoding AS f WHERE f.id = drop_recoding.id AND f.owner = current_user;
END
$$;
COMMENT ON FUNCTION kiaim.drop_recoding(text) IS 'Forget a recoding that no release uses.';
