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
