-- synthesize.sql
--   Synthetic rows: models that are fitted to a relation, and where they are kept.
--
-- A model holds counts of groups of persons, never rows; still its owner alone
-- reads it, and those whom he grants it to.

---- the type ----

CREATE TYPE kiaim.model;

CREATE FUNCTION kiaim.model_in(cstring) RETURNS kiaim.model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_model_in';

CREATE FUNCTION kiaim.model_out(kiaim.model) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_model_out';

CREATE FUNCTION kiaim.model_recv(internal) RETURNS kiaim.model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_model_recv';

CREATE FUNCTION kiaim.model_send(kiaim.model) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_model_send';

-- Counts hardly compress, and compressing them takes longer than reading them.
CREATE TYPE kiaim.model (
	INPUT = kiaim.model_in,
	OUTPUT = kiaim.model_out,
	RECEIVE = kiaim.model_recv,
	SEND = kiaim.model_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = external
);

COMMENT ON TYPE kiaim.model IS 'what was learned of a relation: how its columns are coded, and counts of codes in groups of persons';
COMMENT ON FUNCTION kiaim.model_in(cstring) IS 'input of kiaim.model';
COMMENT ON FUNCTION kiaim.model_out(kiaim.model) IS 'output of kiaim.model';
COMMENT ON FUNCTION kiaim.model_recv(internal) IS 'binary input of kiaim.model';
COMMENT ON FUNCTION kiaim.model_send(kiaim.model) IS 'binary output of kiaim.model';

CREATE FUNCTION kiaim.model_header(model kiaim.model, OUT source text, OUT method text, OUT rows bigint,
                                   OUT columns int, OUT size bigint, OUT persons bigint, OUT min_leaf int)
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_model_header';
COMMENT ON FUNCTION kiaim.model_header(kiaim.model) IS 'what a model says about itself';

---- who may do what ----

CREATE FUNCTION kiaim.owns_model(owner name) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = owner AND pg_has_role(r.oid, 'USAGE'))
$$;
COMMENT ON FUNCTION kiaim.owns_model(name) IS
  'Whether the current role is, or is a member of, the owner of a model (internal).';

CREATE FUNCTION kiaim.may_use_model(owner name, granted name[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'public' = ANY (granted)
         OR EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = ANY (granted || owner) AND pg_has_role(r.oid, 'USAGE'))
$$;
COMMENT ON FUNCTION kiaim.may_use_model(name, name[]) IS
  'Whether the current role is, or is a member of, the owner of a model or a role that it was granted to (internal).';

---- where models are kept ----

CREATE TABLE kiaim.fitted_model (
  name      text PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 63),
  owner     name NOT NULL DEFAULT current_user,
  granted   name[] NOT NULL DEFAULT '{}' CHECK (array_position(granted, NULL) IS NULL),
  fitted    timestamptz NOT NULL DEFAULT clock_timestamp(),
  fitted_by name NOT NULL DEFAULT current_user,
  source    text NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).source) STORED,
  method    text NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).method) STORED,
  rows      bigint NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).rows) STORED,
  columns   int NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).columns) STORED,
  size      bigint NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).size) STORED,
  persons   bigint NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).persons) STORED,
  min_leaf  int NOT NULL GENERATED ALWAYS AS ((kiaim.model_header(model)).min_leaf) STORED,
  options   jsonb NOT NULL,
  figures   jsonb NOT NULL,
  model     kiaim.model NOT NULL
);

COMMENT ON TABLE kiaim.fitted_model IS
  'What kiaim.fit has learned; a role sees its own models and those that it was granted. Read kiaim.models instead.';
COMMENT ON COLUMN kiaim.fitted_model.name IS 'its name, unique in the database';
COMMENT ON COLUMN kiaim.fitted_model.owner IS 'who may replace, grant and drop it, with the members of that role';
COMMENT ON COLUMN kiaim.fitted_model.granted IS 'roles that may sample it; public is everybody';
COMMENT ON COLUMN kiaim.fitted_model.fitted IS 'when it was stored';
COMMENT ON COLUMN kiaim.fitted_model.fitted_by IS 'who fitted it';
COMMENT ON COLUMN kiaim.fitted_model.source IS 'schema and name of the relation that it was fitted to';
COMMENT ON COLUMN kiaim.fitted_model.method IS 'sequential, forest or marginals';
COMMENT ON COLUMN kiaim.fitted_model.rows IS 'rows that it was fitted to';
COMMENT ON COLUMN kiaim.fitted_model.columns IS 'columns that it makes';
COMMENT ON COLUMN kiaim.fitted_model.size IS 'bytes of the model';
COMMENT ON COLUMN kiaim.fitted_model.persons IS 'persons whose rows these were';
COMMENT ON COLUMN kiaim.fitted_model.min_leaf IS 'persons that everything in it stands for, at least';
COMMENT ON COLUMN kiaim.fitted_model.options IS 'the options of the fit, with the seed that was drawn if none was given';
COMMENT ON COLUMN kiaim.fitted_model.figures IS 'what the fit measured';
COMMENT ON COLUMN kiaim.fitted_model.model IS 'counts of groups of persons';

SELECT pg_catalog.pg_extension_config_dump('kiaim.fitted_model', '');

-- What a model says about itself is read from it, author and time are the server's; a model is replaced, not changed.
ALTER TABLE kiaim.fitted_model ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON kiaim.fitted_model FOR SELECT USING (kiaim.may_use_model(owner, granted));
CREATE POLICY store ON kiaim.fitted_model FOR INSERT WITH CHECK (kiaim.owns_model(owner));
CREATE POLICY change ON kiaim.fitted_model FOR UPDATE
  USING (kiaim.owns_model(owner)) WITH CHECK (kiaim.owns_model(owner));
CREATE POLICY forget ON kiaim.fitted_model FOR DELETE USING (kiaim.owns_model(owner));
GRANT SELECT, DELETE, INSERT (name, owner, granted, options, figures, model), UPDATE (name, owner, granted)
  ON kiaim.fitted_model TO PUBLIC;
COMMENT ON POLICY see ON kiaim.fitted_model IS 'A role sees the models that it may sample.';
COMMENT ON POLICY store ON kiaim.fitted_model IS 'A role stores models of its own.';
COMMENT ON POLICY change ON kiaim.fitted_model IS 'Owners rename and grant models, and give them to roles that they belong to.';
COMMENT ON POLICY forget ON kiaim.fitted_model IS 'Owners drop models.';

-- The tables of models that were fitted to tables that refer to each other (synthesize_related.sql).  What it holds
-- are names; it goes with the models, and is seen and written by whom they are.
CREATE TABLE kiaim.related_table (
  model       text NOT NULL REFERENCES kiaim.fitted_model (name) ON UPDATE CASCADE ON DELETE CASCADE,
  place       int NOT NULL,
  source      text NOT NULL,
  part        text NOT NULL UNIQUE REFERENCES kiaim.fitted_model (name) ON UPDATE CASCADE ON DELETE CASCADE,
  parent      int,
  key         name,
  key_type    text,
  reference   name,
  columns     name[] NOT NULL,
  shape       name[] NOT NULL,
  shape_types text[] NOT NULL,
  PRIMARY KEY (model, place),
  CHECK (cardinality(shape) = cardinality(shape_types))
);

COMMENT ON TABLE kiaim.related_table IS 'The tables of models that were fitted to tables that refer to each other.';
COMMENT ON COLUMN kiaim.related_table.model IS 'the name of the whole, which is that of the model of the root';
COMMENT ON COLUMN kiaim.related_table.place IS '1 for the root; a table comes after the one that it refers to';
COMMENT ON COLUMN kiaim.related_table.source IS 'schema and name of the table';
COMMENT ON COLUMN kiaim.related_table.part IS 'the model of its rows';
COMMENT ON COLUMN kiaim.related_table.parent IS 'the place of the table that it refers to';
COMMENT ON COLUMN kiaim.related_table.key IS 'its primary key, which gets new numbers; NULL if it has none';
COMMENT ON COLUMN kiaim.related_table.key_type IS 'the type of the key';
COMMENT ON COLUMN kiaim.related_table.reference IS 'its column that refers to the parent';
COMMENT ON COLUMN kiaim.related_table.columns IS 'the columns that are drawn';
COMMENT ON COLUMN kiaim.related_table.shape IS 'the columns that its model sees';
COMMENT ON COLUMN kiaim.related_table.shape_types IS 'the types of these';

SELECT pg_catalog.pg_extension_config_dump('kiaim.related_table', '');

ALTER TABLE kiaim.related_table ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON kiaim.related_table FOR SELECT
  USING (EXISTS (SELECT FROM kiaim.fitted_model AS f WHERE f.name = part AND kiaim.may_use_model(f.owner, f.granted)));
CREATE POLICY store ON kiaim.related_table FOR INSERT
  WITH CHECK (NOT EXISTS (SELECT FROM unnest(ARRAY[model, part]) AS n (name)
                          WHERE NOT EXISTS (SELECT FROM kiaim.fitted_model AS f WHERE f.name = n.name AND kiaim.owns_model(f.owner))));
GRANT SELECT, INSERT ON kiaim.related_table TO PUBLIC;
COMMENT ON POLICY see ON kiaim.related_table IS 'A role sees the tables of the models that it may sample.';
COMMENT ON POLICY store ON kiaim.related_table IS 'A role stores tables of models of its own.';

CREATE VIEW kiaim.models WITH (security_barrier) AS
  SELECT f.name, coalesce(r.source, f.source) AS source, f.method, f.rows, f.columns, f.fitted, f.size, f.persons, f.min_leaf,
         f.owner, f.fitted_by, f.granted, f.options, f.figures
  FROM kiaim.fitted_model AS f LEFT JOIN kiaim.related_table AS r ON r.part = f.name
  WHERE kiaim.may_use_model(f.owner, f.granted);

GRANT SELECT ON kiaim.models TO PUBLIC;
COMMENT ON VIEW kiaim.models IS 'The models that the current role may sample.';
COMMENT ON COLUMN kiaim.models.name IS 'its name, unique in the database';
COMMENT ON COLUMN kiaim.models.source IS 'schema and name of the relation that it was fitted to';
COMMENT ON COLUMN kiaim.models.method IS 'sequential, forest or marginals';
COMMENT ON COLUMN kiaim.models.rows IS 'rows that it was fitted to';
COMMENT ON COLUMN kiaim.models.columns IS 'columns that it makes';
COMMENT ON COLUMN kiaim.models.fitted IS 'when it was stored';
COMMENT ON COLUMN kiaim.models.size IS 'bytes of the model';
COMMENT ON COLUMN kiaim.models.persons IS 'persons whose rows these were';
COMMENT ON COLUMN kiaim.models.min_leaf IS 'persons that everything in it stands for, at least';
COMMENT ON COLUMN kiaim.models.owner IS 'who may replace, grant and drop it, with the members of that role';
COMMENT ON COLUMN kiaim.models.fitted_by IS 'who fitted it';
COMMENT ON COLUMN kiaim.models.granted IS 'roles that may sample it; public is everybody';
COMMENT ON COLUMN kiaim.models.options IS 'the options of the fit, with the seed that was drawn if none was given';
COMMENT ON COLUMN kiaim.models.figures IS 'what the fit measured';

---- what users call ----

CREATE FUNCTION kiaim.fit(model text, source regclass, options jsonb DEFAULT '{}') RETURNS void
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'kiaim_fit';
COMMENT ON FUNCTION kiaim.fit(text, regclass, jsonb) IS
	'Learn a model of a relation and store it under a name, in the place of one of that name.';

CREATE FUNCTION kiaim.model_columns(model text)
	RETURNS TABLE (made int, column_name text, type regtype, kind text, kept boolean, codes int, formula text)
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 ROWS 20
	AS 'MODULE_PATHNAME', 'kiaim_model_columns';
COMMENT ON FUNCTION kiaim.model_columns(text) IS
	'What a model makes of each column, in the order in which they are made: codes that are drawn, or the formula by which it follows from others.';

CREATE FUNCTION kiaim.model_leaves(model text)
	RETURNS TABLE (column_name text, leaves bigint, smallest bigint, average float8, largest bigint)
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 ROWS 20
	AS 'MODULE_PATHNAME', 'kiaim_model_leaves';
COMMENT ON FUNCTION kiaim.model_leaves(text) IS
	'How many leaves the trees of each column of a model have (NULL: trees of all columns together), and how many rows are behind them.';

-- Updates and deletes of models that a role sees but does not own change no row.
CREATE FUNCTION kiaim.refuse_model(model text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- a refit puts another row in the place of the one that was waited for
  IF EXISTS (SELECT FROM kiaim.models AS m JOIN pg_roles AS r ON r.rolname = m.owner WHERE m.name = model AND pg_has_role(r.oid, 'USAGE')) THEN
    RAISE serialization_failure USING
      MESSAGE = format('model "%s" was fitted again by another session', model),
      HINT = 'Try again.';
  ELSIF EXISTS (SELECT FROM kiaim.models AS m WHERE m.name = model) THEN
    RAISE insufficient_privilege USING
      MESSAGE = format('must be owner of model "%s"', model);
  END IF;
  RAISE undefined_object USING
    MESSAGE = format('model "%s" does not exist', model),
    HINT = 'The view kiaim.models lists the models that the current role may use.';
END
$$;
COMMENT ON FUNCTION kiaim.refuse_model(text) IS 'Say why a model cannot be changed (internal).';

-- A model, and the models of the tables that were fitted with it.
CREATE FUNCTION kiaim.model_parts(model text) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT model_parts.model UNION SELECT r.part FROM kiaim.related_table AS r WHERE r.model = model_parts.model
$$;
COMMENT ON FUNCTION kiaim.model_parts(text) IS
  'A model and, if it was fitted to tables that refer to each other, the models of these (internal).';

CREATE FUNCTION kiaim.drop_model(model text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM kiaim.fitted_model AS f WHERE f.name IN (SELECT kiaim.model_parts(drop_model.model));
  IF NOT FOUND THEN
    PERFORM kiaim.refuse_model(model);
  END IF;
END
$$;
COMMENT ON FUNCTION kiaim.drop_model(text) IS 'Forget a model, and with it those of the tables that were fitted with it.';

CREATE FUNCTION kiaim.check_model_role(role name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF role IS NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'role must not be NULL';
  ELSIF role <> 'public' AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role) THEN
    RAISE undefined_object USING MESSAGE = format('role "%s" does not exist', role);
  END IF;
END
$$;
COMMENT ON FUNCTION kiaim.check_model_role(name) IS 'Refuse what is no role (internal).';

CREATE FUNCTION kiaim.grant_model(model text, role name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM kiaim.check_model_role(role);
  UPDATE kiaim.fitted_model AS f SET granted = array_append(array_remove(f.granted, role), role)
  WHERE f.name IN (SELECT kiaim.model_parts(grant_model.model));
  IF NOT FOUND THEN
    PERFORM kiaim.refuse_model(model);
  END IF;
END
$$;
COMMENT ON FUNCTION kiaim.grant_model(text, name) IS 'Let a role sample a model and see what is recorded of it; public is everybody.';

CREATE FUNCTION kiaim.revoke_model(model text, role name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- a role that was dropped can be revoked
  UPDATE kiaim.fitted_model AS f SET granted = array_remove(f.granted, role) WHERE f.name IN (SELECT kiaim.model_parts(revoke_model.model));
  IF NOT FOUND THEN
    PERFORM kiaim.refuse_model(model);
  END IF;
END
$$;
COMMENT ON FUNCTION kiaim.revoke_model(text, name) IS 'Take back what kiaim.grant_model gave.';

CREATE FUNCTION kiaim.rename_model(model text, name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE kiaim.fitted_model AS f SET name = rename_model.name || CASE WHEN starts_with(f.name, rename_model.model || '/') THEN substr(f.name, length(rename_model.model) + 1) ELSE '' END
  WHERE f.name IN (SELECT kiaim.model_parts(rename_model.model));
  IF NOT FOUND THEN
    PERFORM kiaim.refuse_model(model);
  END IF;
EXCEPTION WHEN unique_violation THEN
  RAISE duplicate_object USING
    MESSAGE = format('model "%s" already exists', name),
    DETAIL = 'Names of models are unique in a database.';
END
$$;
COMMENT ON FUNCTION kiaim.rename_model(text, text) IS 'Give a model another name.';

CREATE FUNCTION kiaim.give_model(model text, role name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM kiaim.check_model_role(role);
  UPDATE kiaim.fitted_model AS f SET owner = role WHERE f.name IN (SELECT kiaim.model_parts(give_model.model));
  IF NOT FOUND THEN
    PERFORM kiaim.refuse_model(model);
  END IF;
END
$$;
COMMENT ON FUNCTION kiaim.give_model(text, name) IS 'Make a role that the current one belongs to the owner of a model.';
