-- The room "generalize": hierarchies, and how a value gets coarser.

-- The schema may have been there before, and with it functions that others made to be taken for ours: what runs here
-- runs with the rights of whoever calls it. So it must be empty, belongs to a superuser, and nobody else may create in it.
DO $$
DECLARE
	stranger text;
BEGIN
	SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0) INTO stranger FROM pg_catalog.pg_depend AS d
	WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
		AND d.refobjid OPERATOR(pg_catalog.=) 'kiaim'::pg_catalog.regnamespace
		AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1;
	IF FOUND THEN
		RAISE object_not_in_prerequisite_state USING
			MESSAGE = 'schema kiaim is not empty',
			DETAIL = pg_catalog.format('It has %s.', stranger),
			HINT = 'Drop or rename the schema; the extension needs one of its own.';
	END IF;
	EXECUTE pg_catalog.format('ALTER SCHEMA kiaim OWNER TO %I', current_user);
	FOR stranger IN
		SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
		FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
		WHERE n.nspname OPERATOR(pg_catalog.=) 'kiaim' AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA kiaim FROM %s CASCADE', stranger);
	END LOOP;
END $$;
GRANT USAGE ON SCHEMA kiaim TO PUBLIC;

---- the type ----

CREATE TYPE kiaim.hierarchy;

CREATE FUNCTION kiaim.hierarchy_in(cstring) RETURNS kiaim.hierarchy
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_in';

CREATE FUNCTION kiaim.hierarchy_out(kiaim.hierarchy) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_out';

CREATE FUNCTION kiaim.hierarchy_recv(internal) RETURNS kiaim.hierarchy
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_recv';

CREATE FUNCTION kiaim.hierarchy_send(kiaim.hierarchy) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_send';

CREATE TYPE kiaim.hierarchy (
	INPUT = kiaim.hierarchy_in,
	OUTPUT = kiaim.hierarchy_out,
	RECEIVE = kiaim.hierarchy_recv,
	SEND = kiaim.hierarchy_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE kiaim.hierarchy IS
	'how a value gets coarser level by level: flat, bins(...), breaks(...), calendar(...), prefix(...), suffix(...), a code system, or a tree in JSON';
COMMENT ON FUNCTION kiaim.hierarchy_in(cstring) IS 'input of kiaim.hierarchy';
COMMENT ON FUNCTION kiaim.hierarchy_out(kiaim.hierarchy) IS 'output of kiaim.hierarchy';
COMMENT ON FUNCTION kiaim.hierarchy_recv(internal) IS 'binary input of kiaim.hierarchy';
COMMENT ON FUNCTION kiaim.hierarchy_send(kiaim.hierarchy) IS 'binary output of kiaim.hierarchy';

---- functions of a value ----

CREATE FUNCTION kiaim.generalize(value "any", hierarchy kiaim.hierarchy, level integer) RETURNS text
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_generalize';
COMMENT ON FUNCTION kiaim.generalize("any", kiaim.hierarchy, integer) IS
	'label of a value on a level of a hierarchy; level 0 is the value itself, the highest level is *';

CREATE FUNCTION kiaim.label_loss(label text, hierarchy kiaim.hierarchy, level integer) RETURNS float8
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_label_loss';
COMMENT ON FUNCTION kiaim.label_loss(text, kiaim.hierarchy, integer) IS
	'share of the leaves of a tree that a label on a level stands for beside one; 0 for labels of computed hierarchies, 1 for *';

CREATE FUNCTION kiaim.path(value "any", hierarchy kiaim.hierarchy) RETURNS text[]
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_path';
COMMENT ON FUNCTION kiaim.path("any", kiaim.hierarchy) IS
	'labels of a value on all levels of a hierarchy, from level 0 to *';

CREATE FUNCTION kiaim.height(hierarchy kiaim.hierarchy) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_height';
COMMENT ON FUNCTION kiaim.height(kiaim.hierarchy) IS
	'highest level of a hierarchy, the one of *';

---- a value as a range ----

CREATE FUNCTION kiaim.bin(value integer, width integer) RETURNS int4range
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_bin_int4';
COMMENT ON FUNCTION kiaim.bin(integer, integer) IS
	'interval of the given width around an integer';

CREATE FUNCTION kiaim.bin(value bigint, width bigint) RETURNS int8range
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_bin_int8';
COMMENT ON FUNCTION kiaim.bin(bigint, bigint) IS
	'interval of the given width around a bigint';

CREATE FUNCTION kiaim.bin(value numeric, width numeric) RETURNS numrange
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_bin_numeric';
COMMENT ON FUNCTION kiaim.bin(numeric, numeric) IS
	'interval of the given width around a numeric';

CREATE FUNCTION kiaim.bin(value date, width integer) RETURNS daterange
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_bin_date';
COMMENT ON FUNCTION kiaim.bin(date, integer) IS
	'interval of that many days around a date, counted from Monday 2001-01-01';

CREATE FUNCTION kiaim.bin(value date, width interval) RETURNS daterange
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_bin_date_interval';
COMMENT ON FUNCTION kiaim.bin(date, interval) IS
	'interval of that many months or days around a date';

---- rows of labels as a hierarchy ----

CREATE FUNCTION kiaim.hierarchy_agg_transition(internal, text[]) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_agg_transition';

CREATE FUNCTION kiaim.hierarchy_agg_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_agg_combine';

CREATE FUNCTION kiaim.hierarchy_agg_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_agg_serialize';

CREATE FUNCTION kiaim.hierarchy_agg_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_agg_deserialize';

CREATE FUNCTION kiaim.hierarchy_agg_final(internal) RETURNS kiaim.hierarchy
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_hierarchy_agg_final';

CREATE AGGREGATE kiaim.hierarchy_agg(VARIADIC labels text[]) (
	SFUNC = kiaim.hierarchy_agg_transition,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = kiaim.hierarchy_agg_final,
	COMBINEFUNC = kiaim.hierarchy_agg_combine,
	SERIALFUNC = kiaim.hierarchy_agg_serialize,
	DESERIALFUNC = kiaim.hierarchy_agg_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kiaim.hierarchy_agg(text[]) IS
	'hierarchy of rows of labels, each row one value with its labels from level 1 up';
COMMENT ON FUNCTION kiaim.hierarchy_agg_transition(internal, text[]) IS 'aggregate transition function of kiaim.hierarchy_agg';
COMMENT ON FUNCTION kiaim.hierarchy_agg_combine(internal, internal) IS 'aggregate combine function of kiaim.hierarchy_agg';
COMMENT ON FUNCTION kiaim.hierarchy_agg_serialize(internal) IS 'aggregate serialization function of kiaim.hierarchy_agg';
COMMENT ON FUNCTION kiaim.hierarchy_agg_deserialize(bytea, internal) IS 'aggregate deserialization function of kiaim.hierarchy_agg';
COMMENT ON FUNCTION kiaim.hierarchy_agg_final(internal) IS 'aggregate final function of kiaim.hierarchy_agg';

---- hierarchies by name ----

CREATE FUNCTION kiaim.is_definition(text) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_is_definition';
COMMENT ON FUNCTION kiaim.is_definition(text) IS
	'whether a text begins like a definition of a hierarchy, so that it cannot be the name of one';

CREATE TABLE kiaim.named_hierarchy (
	name text PRIMARY KEY,
	hierarchy kiaim.hierarchy NOT NULL,
	CONSTRAINT name_is_no_definition CHECK (NOT kiaim.is_definition(name))
);
COMMENT ON TABLE kiaim.named_hierarchy IS 'hierarchies that a policy may use by name';
COMMENT ON COLUMN kiaim.named_hierarchy.name IS 'name in policies; no word that a definition begins with';
COMMENT ON COLUMN kiaim.named_hierarchy.hierarchy IS 'definition of the hierarchy';

GRANT SELECT ON kiaim.named_hierarchy TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON kiaim.named_hierarchy TO @extowner@ WITH GRANT OPTION;
SELECT pg_catalog.pg_extension_config_dump('kiaim.named_hierarchy', '');
