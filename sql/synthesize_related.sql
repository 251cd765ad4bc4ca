-- synthesize_related.sql
--   Tables that refer to each other: patients, their tumours, the therapies of these.
--
-- A model a table. The root's rows say how many rows of each child they have; a child's row is drawn given the row of
-- its parent, the dates of the rows above that, its place among its siblings, and the row before it. So keys, numbers of
-- children, the order of dates and what depends on the parent are kept, and everything is counted in persons: the rows of the root.

-- Where each table stands: the root first, each after the one that it refers to.
CREATE FUNCTION kiaim.related_places(root regclass, tables regclass[])
RETURNS TABLE (place int, relation regclass, parent int, key name, reference name)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  placed  regclass[] := ARRAY[root];
  next    regclass;
  found_by record;
BEGIN
  IF root IS NULL OR tables IS NULL OR array_position(tables, NULL) IS NOT NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'root and tables must not be NULL';
  ELSIF root = ANY (tables) OR cardinality(tables) > (SELECT count(DISTINCT t) FROM unnest(tables) AS t) THEN
    RAISE invalid_parameter_value USING MESSAGE = 'a table is named twice', HINT = 'Name the root apart, and each other table once.';
  END IF;
  LOOP
    FOR i IN 1 .. cardinality(placed) LOOP
      CONTINUE WHEN place >= i;
      place := i;
      relation := placed[i];
      SELECT a.attname INTO key FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      WHERE c.conrelid = relation AND c.contype = 'p' AND cardinality(c.conkey) = 1;
      parent := NULL;
      reference := NULL;
      IF i > 1 THEN
        SELECT array_position(placed, c.confrelid::regclass) AS at, a.attname INTO found_by
        FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.conrelid = relation AND c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.confrelid = ANY (placed) AND c.confrelid <> relation
        ORDER BY at DESC, c.conname LIMIT 1;
        parent := found_by.at;
        reference := found_by.attname;
      END IF;
      IF key IS NULL AND EXISTS (SELECT FROM pg_constraint AS c WHERE c.confrelid = relation AND c.conrelid = ANY (tables)) OR i = 1 AND key IS NULL THEN
        RAISE invalid_parameter_value USING
          MESSAGE = format('table %s has no primary key of one column', relation),
          HINT = 'The key tells persons apart, and other tables refer to it.';
      END IF;
      RETURN NEXT;
    END LOOP;
    SELECT t INTO next FROM unnest(tables) WITH ORDINALITY AS u (t, o)
    WHERE t <> ALL (placed)
      AND EXISTS (SELECT FROM pg_constraint AS c WHERE c.conrelid = t AND c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.confrelid = ANY (placed))
    ORDER BY o LIMIT 1;
    EXIT WHEN NOT FOUND;
    placed := placed || next;
  END LOOP;
  IF cardinality(placed) <= cardinality(tables) THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('table %s refers to none of the others', (SELECT t FROM unnest(tables) AS t WHERE t <> ALL (placed) LIMIT 1)),
      DETAIL = 'A foreign key of one column says which row of which table it belongs to.',
      HINT = 'Add the foreign key, or name the table that it refers to as well.';
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.related_places(regclass, regclass[]) IS
  'The tables of a related model in the order in which they are made, with their keys and references (internal).';

-- What an option says of a table, by its name as given or with its schema.
CREATE FUNCTION kiaim.related_option(options jsonb, member text, relation regclass) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT options -> member -> o.name
  FROM jsonb_object_keys(options -> member) AS o (name)
  WHERE to_regclass(o.name) = relation
  LIMIT 1
$$;

COMMENT ON FUNCTION kiaim.related_option(jsonb, text, regclass) IS 'The part of an option that is said of one table (internal).';

-- The columns of a table that are drawn: those of the option, or all but key, reference and generated ones.
CREATE FUNCTION kiaim.related_columns(options jsonb, relation regclass, key name, reference name) RETURNS name[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  said    jsonb := kiaim.related_option(options, 'columns', relation);
  wanted  name[] := CASE jsonb_typeof(said) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(said)::name)
                                            WHEN 'object' THEN ARRAY(SELECT jsonb_object_keys(said)::name) END;
  missing name;
BEGIN
  SELECT w INTO missing FROM unnest(wanted) AS w
  WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = w AND a.attnum > 0 AND NOT a.attisdropped);
  IF missing IS NOT NULL THEN
    RAISE undefined_column USING MESSAGE = format('column "%s" of option columns does not exist in relation "%s"', missing, relation);
  END IF;
  RETURN ARRAY(SELECT a.attname FROM pg_attribute AS a
               WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
                 AND a.attname IS DISTINCT FROM key AND a.attname IS DISTINCT FROM reference
                 AND (wanted IS NULL OR a.attname = ANY (wanted))
               ORDER BY a.attnum);
END
$$;

COMMENT ON FUNCTION kiaim.related_columns(jsonb, regclass, name, name) IS 'The columns of one table that a related model draws (internal).';

-- Columns of other rows beside a table's own: no column of a table should be called like that.
CREATE FUNCTION kiaim.related_name(whose text, col name) RETURNS name
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (CASE WHEN octet_length(col::text) <= 50 THEN format('%s.%s', whose, col) ELSE format('%s.%s', whose, md5(col::text)) END)::name
$$;

COMMENT ON FUNCTION kiaim.related_name(text, name) IS 'What the model of a table calls a column of another row (internal).';

-- Columns that are dates.
CREATE FUNCTION kiaim.related_dates(relation regclass, columns name[]) RETURNS name[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(a.attname ORDER BY a.attnum), '{}')
  FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
  WHERE a.attrelid = relation AND a.attname = ANY (columns)
    AND coalesce(nullif(t.typbasetype, 0), t.oid) IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
$$;

COMMENT ON FUNCTION kiaim.related_dates(regclass, name[]) IS 'The columns of a table that are dates or timestamps (internal).';

CREATE FUNCTION kiaim.fit_related(model text, root regclass, tables regclass[], options jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own_options CONSTANT text[] := '{columns, order}';
  shown   CONSTANT name := 'kiaim_related';
  places  record;
  own     name[];
  parents kiaim.related_table;
  sorted  name;
  person  text;
  chain   text;
  up      record;
  selected text;
  kept    name[];
  above   record;
  above_at int[];
  part    text;
  person_key name;
  said    jsonb;
  seed    bigint;
  earlier_parts text[];
BEGIN
  IF model IS NULL OR options IS NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'model and options must not be NULL';
  END IF;
  PERFORM kiaim.related_check_options(options, root || tables);
  seed := coalesce((options ->> 'seed')::numeric::bigint, hashtextextended(gen_random_uuid()::text, 0));
  earlier_parts := ARRAY(SELECT r.part FROM kiaim.related_table AS r WHERE r.model = fit_related.model AND r.place > 1);
  CREATE TEMPORARY TABLE kiaim_places ON COMMIT DROP AS SELECT * FROM kiaim.related_places(root, tables);

  FOR places IN SELECT p.*, (SELECT array_agg(c.place ORDER BY c.place) FROM pg_temp.kiaim_places AS c WHERE c.parent = p.place) AS children
                FROM pg_temp.kiaim_places AS p ORDER BY p.place
  LOOP
    own := kiaim.related_columns(options, places.relation, places.key, places.reference);
    SELECT r.* INTO parents FROM kiaim.related_table AS r WHERE r.model = fit_related.model AND r.place = places.parent;
    part := CASE WHEN places.place = 1 THEN model
                 WHEN octet_length(format('%s/%s', model, places.relation)) < 64 THEN format('%s/%s', model, places.relation)
                 ELSE format('%s/%s', model, places.place) END;

    -- up to the root, whose key is the person
    chain := format('%s AS t%s', places.relation, places.place);
    up := places;
    above_at := '{}';
    WHILE up.parent IS NOT NULL LOOP
      IF up.place <> places.place THEN
        above_at := above_at || up.parent;
      END IF;
      chain := format('%s JOIN %s AS t%s ON t%s.%I = t%s.%I', chain, (SELECT p.relation FROM pg_temp.kiaim_places AS p WHERE p.place = up.parent), up.parent,
                      up.parent, (SELECT p.key FROM pg_temp.kiaim_places AS p WHERE p.place = up.parent), up.place, up.reference);
      SELECT p.*, NULL::int[] INTO up FROM pg_temp.kiaim_places AS p WHERE p.place = up.parent;
    END LOOP;
    person_key := up.key;
    selected := format('t1.%I AS kiaim_person', person_key)
      || (SELECT coalesce(string_agg(format(', t%s.%I', places.place, c), '' ORDER BY o), '') FROM unnest(own) WITH ORDINALITY AS u (c, o))
      || (SELECT coalesce(string_agg(format(', coalesce(n%1$s.n, 0)::int AS kiaim_rows_%1$s', p.place), '' ORDER BY p.place), '')
          FROM pg_temp.kiaim_places AS p WHERE p.parent = places.place);
    chain := chain
      || (SELECT coalesce(string_agg(format(' LEFT JOIN (SELECT c.%1$I AS key, count(*) AS n FROM %2$s AS c GROUP BY 1) AS n%3$s ON n%3$s.key = t%4$s.%5$I',
                                            p.reference, p.relation, p.place, places.place, places.key), '' ORDER BY p.place), '')
          FROM pg_temp.kiaim_places AS p WHERE p.parent = places.place);
    kept := '{}';
    IF places.parent IS NOT NULL THEN
      sorted := kiaim.related_option(options, 'order', places.relation) #>> '{}';
      IF NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = places.relation AND a.attname = sorted AND a.attnum > 0) AND sorted IS NOT NULL THEN
        RAISE undefined_column USING MESSAGE = format('column "%s" of option order does not exist in relation "%s"', sorted, places.relation);
      ELSIF sorted IS NULL THEN
        SELECT a.attname INTO sorted FROM pg_attribute AS a
        WHERE a.attrelid = places.relation AND a.attname = ANY (kiaim.related_dates(places.relation, own))
        ORDER BY a.attnotnull DESC, a.attnum LIMIT 1;
      END IF;
      selected := selected
        || (SELECT coalesce(string_agg(format(', t%s.%I AS %I', places.parent, c, kiaim.related_name('parent', c)), '' ORDER BY o), '')
            FROM unnest(parents.columns) WITH ORDINALITY AS u (c, o))
        || ', row_number() OVER siblings::int AS kiaim_place, count(*) OVER (PARTITION BY t' || format('%s.%I', places.place, places.reference) || ')::int AS kiaim_siblings'
        || (SELECT coalesce(string_agg(format(', lag(t%s.%I) OVER siblings AS %I', places.place, c, kiaim.related_name('previous', c)), '' ORDER BY o), '')
            FROM unnest(own) WITH ORDINALITY AS u (c, o));
      kept := ARRAY(SELECT kiaim.related_name('parent', c) FROM unnest(parents.columns) AS c) || ARRAY['kiaim_place', 'kiaim_siblings']::name[]
        || ARRAY(SELECT kiaim.related_name('previous', c) FROM unnest(own) AS c);
      FOR above IN SELECT p.place, d.c FROM unnest(above_at) WITH ORDINALITY AS u (place, o) JOIN pg_temp.kiaim_places AS p USING (place)
                     JOIN kiaim.related_table AS r ON r.model = fit_related.model AND r.place = p.place,
                     LATERAL unnest(kiaim.related_dates(p.relation, r.columns)) WITH ORDINALITY AS d (c, i) ORDER BY u.o, d.i
      LOOP
        selected := format('%s, t%s.%I AS %I', selected, above.place, above.c, kiaim.related_name('above' || above.place, above.c));
        kept := kept || kiaim.related_name('above' || above.place, above.c);
      END LOOP;
      chain := chain || format(' WINDOW siblings AS (PARTITION BY t%1$s.%2$I ORDER BY %3$s)', places.place, places.reference,
        concat_ws(', ', 't' || places.place || '.' || quote_ident(sorted), 't' || places.place || '.' || quote_ident(places.key),
                  CASE WHEN places.key IS NULL THEN format('t%s::text', places.place) END));
    END IF;

    EXECUTE format('CREATE TEMPORARY VIEW %I AS SELECT %s FROM %s', shown, selected, chain);
    said := kiaim.related_option(options, 'columns', places.relation);
    PERFORM kiaim.fit(part, format('pg_temp.%I', shown)::regclass,
      (options - own_options) || jsonb_build_object('person', 'kiaim_person', 'keep', to_jsonb(kept), 'seed', hashint8extended(seed, places.place) & 9223372036854775807, 'constraints',
        (SELECT coalesce(jsonb_agg(pg_get_expr(c.conbin, c.conrelid) ORDER BY c.conname), '[]') FROM pg_constraint AS c
         WHERE c.conrelid = places.relation AND c.contype = 'c'
           AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname <> ALL (own))),
        'columns', (SELECT jsonb_object_agg(a.attname, coalesce(CASE jsonb_typeof(said) WHEN 'object' THEN said -> a.attname::text END, '{}'))
                    FROM pg_attribute AS a WHERE a.attrelid = format('pg_temp.%I', shown)::regclass AND a.attnum > 1)));
    INSERT INTO kiaim.related_table
    SELECT fit_related.model, places.place, places.relation::text, part, places.parent, places.key,
           (SELECT format_type(a.atttypid, NULL) FROM pg_attribute AS a WHERE a.attrelid = places.relation AND a.attname = places.key),
           places.reference, own, array_agg(a.attname ORDER BY a.attnum), array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
    FROM pg_attribute AS a WHERE a.attrelid = format('pg_temp.%I', shown)::regclass AND a.attnum > 1;
    EXECUTE format('DROP VIEW pg_temp.%I', shown);
  END LOOP;
  DROP TABLE pg_temp.kiaim_places;
  -- tables that no longer belong to it
  DELETE FROM kiaim.fitted_model AS f
  WHERE f.name = ANY (earlier_parts) AND f.name NOT IN (SELECT kiaim.model_parts(fit_related.model));
END
$$;

COMMENT ON FUNCTION kiaim.fit_related(text, regclass, regclass[], jsonb) IS
  'learns tables that refer to each other by foreign keys, from the root down; kiaim.sample_related makes rows of them';

CREATE FUNCTION kiaim.related_check_options(options jsonb, tables regclass[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  bad record;
BEGIN
  SELECT m.member, o.name INTO bad
  FROM unnest('{columns, order}'::text[]) AS m (member),
    LATERAL jsonb_object_keys(CASE jsonb_typeof(options -> member) WHEN 'object' THEN options -> member ELSE '{}' END) AS o (name)
  WHERE to_regclass(o.name) IS NULL OR to_regclass(o.name) <> ALL (tables) LIMIT 1;
  IF FOUND THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('option %s names "%s", which is none of the tables', bad.member, bad.name),
      HINT = 'Name each table with its schema, as in {"columns": {"registry.tumour": ["icd10", "diagnosis_date"]}}.';
  END IF;
  SELECT m.member INTO bad FROM unnest('{columns, order}'::text[]) AS m (member)
  WHERE options ? m.member AND jsonb_typeof(options -> m.member) <> 'object' LIMIT 1;
  IF FOUND THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('option %s must be an object with the name of a table each', bad.member),
      HINT = '{"columns": {"registry.tumour": ["icd10", "diagnosis_date"]}}';
  END IF;
  SELECT m.member INTO bad FROM unnest('{person, keep, constraints}'::text[]) AS m (member) WHERE options ? m.member LIMIT 1;
  IF FOUND THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('option %s is not for related tables', bad.member),
      DETAIL = 'Persons are the rows of the root, and constraints are those of the tables.';
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.related_check_options(jsonb, regclass[]) IS 'Refuse options that say nothing of the tables of a related model (internal).';

-- The name of a type as the server writes it, with nothing else beside it.
CREATE FUNCTION kiaim.related_type(type text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF to_regtype(type) IS NULL THEN
    RAISE undefined_object USING
      MESSAGE = format('type "%s" does not exist', type),
      DETAIL = 'A column of the tables that the model was fitted to has it.';
  END IF;
  RETURN format_type(to_regtype(type), NULL);
END
$$;

COMMENT ON FUNCTION kiaim.related_type(text) IS 'The name of a type of a related model (internal).';

-- A table of a schema that rows are put into: as it is, or made like the source, of the columns that are drawn.
CREATE FUNCTION kiaim.related_target(part kiaim.related_table, schema name, parent kiaim.related_table) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own_name name := (parse_ident(part.source))[cardinality(parse_ident(part.source))];
  target  text := format('%I.%I', schema, own_name);
  source  regclass := (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                       WHERE ARRAY[n.nspname, c.relname]::text[] = parse_ident(part.source));
  col     name;
  trusted boolean;
  filled  boolean := false;
BEGIN
  IF to_regclass(target) IS NOT NULL THEN
    IF part.key IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO filled;
    END IF;
    IF filled THEN
      RAISE object_not_in_prerequisite_state USING
        MESSAGE = format('table %s has rows already', target),
        DETAIL = 'Keys of what is made begin anew, so that they would be those of other rows.',
        HINT = 'Empty the tables of the schema, or name another one.';
    END IF;
    RETURN target;
  ELSIF source IS NULL OR NOT has_table_privilege(source, 'SELECT')
        OR NOT has_schema_privilege((SELECT c.relnamespace FROM pg_class AS c WHERE c.oid = source), 'USAGE') THEN
    RAISE undefined_table USING
      MESSAGE = format('table %s does not exist, and there is no %s to make it like', target, part.source),
      DETAIL = CASE WHEN source IS NOT NULL THEN format('The current role may not read table %s.', part.source) END,
      HINT = format('Create table %s with these columns: %s.', target, concat_ws(', ', part.key, part.reference, array_to_string(part.columns, ', ')));
  END IF;
  -- defaults, checks and indexes run code: that of somebody else would run with the privileges of who samples
  SELECT c.relowner = current_user::regrole OR r.rolsuper INTO trusted FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner WHERE c.oid = source;
  EXECUTE format('CREATE TABLE %s (LIKE %s %s INCLUDING COMMENTS)', target, source,
                 CASE WHEN trusted THEN 'INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES' ELSE '' END);
  IF NOT trusted AND part.key IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (%I)', target, part.key);
  END IF;
  FOR col IN SELECT a.attname FROM pg_attribute AS a
             WHERE a.attrelid = target::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (part.columns)
               AND a.attname IS DISTINCT FROM part.key AND a.attname IS DISTINCT FROM part.reference
  LOOP
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', target, col);
  END LOOP;
  IF part.reference IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (%I) REFERENCES %I.%I', target, part.reference, schema,
                   (parse_ident(parent.source))[cardinality(parse_ident(parent.source))]);
  END IF;
  RETURN target;
END
$$;

COMMENT ON FUNCTION kiaim.related_target(kiaim.related_table, name, kiaim.related_table) IS
  'The table of a schema that takes the rows of one table of a related model (internal).';

-- What becomes of the number of a row as a key of its table.
CREATE FUNCTION kiaim.related_key(number text, part kiaim.related_table, seed bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN part.key IS NULL THEN NULL
              WHEN to_regtype(part.key_type) = 'uuid'::regtype THEN format('md5(concat_ws('' '', %s, %s, %s))::uuid', seed, part.place, number)
              ELSE format('%s::text::%s', number, kiaim.related_type(part.key_type)) END
$$;

COMMENT ON FUNCTION kiaim.related_key(text, kiaim.related_table, bigint) IS 'The expression of a key of a related model (internal).';

CREATE FUNCTION kiaim.sample_related(model text, n bigint, schema name, seed bigint DEFAULT NULL)
RETURNS TABLE (relation regclass, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  part    kiaim.related_table;
  parent  kiaim.related_table;
  from_seed bigint := coalesce(seed, hashtextextended(gen_random_uuid()::text, 0));
  target  text;
  most    int;
  up      kiaim.related_table;
  above   text;
  above_from text;
BEGIN
  IF n IS NULL OR schema IS NULL OR model IS NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'model, n and schema must not be NULL';
  ELSIF NOT EXISTS (SELECT FROM kiaim.related_table AS r WHERE r.model = sample_related.model) THEN
    RAISE undefined_object USING
      MESSAGE = format('related model "%s" does not exist', model), HINT = 'kiaim.fit_related makes one.';
  END IF;
  FOR part IN SELECT r.* FROM kiaim.related_table AS r WHERE r.model = sample_related.model ORDER BY r.place LOOP
    EXECUTE format('CREATE TEMPORARY TABLE kiaim_shape_%s (%s) ON COMMIT DROP', part.place,
                   (SELECT string_agg(format('%I %s', u.col, kiaim.related_type(u.type)), ', ' ORDER BY u.o)
                    FROM unnest(part.shape, part.shape_types) WITH ORDINALITY AS u (col, type, o)));
    SELECT r.* INTO parent FROM kiaim.related_table AS r WHERE r.model = part.model AND r.place = part.parent;
    IF part.parent IS NULL THEN
      EXECUTE format('CREATE TEMPORARY TABLE kiaim_made_%1$s ON COMMIT DROP AS SELECT row_number() OVER () AS kiaim_key, 0::bigint AS kiaim_parent, s.*'
                     ' FROM kiaim.sample(NULL::pg_temp.kiaim_shape_%1$s, %2$L, %3$s, seed => %4$s) AS s', part.place, part.part, n, from_seed);
    ELSE
      EXECUTE format('CREATE TEMPORARY TABLE kiaim_drawn ON COMMIT DROP AS SELECT 0::bigint AS kiaim_parent, s.* FROM pg_temp.kiaim_shape_%s AS s LIMIT 0', part.place);
      above := '';
      above_from := '';
      up := parent;
      WHILE up.parent IS NOT NULL LOOP
        above_from := format('%1$s JOIN pg_temp.kiaim_made_%2$s AS a%2$s ON a%2$s.kiaim_key = %3$s.kiaim_parent', above_from, up.parent,
                             CASE WHEN up.place = parent.place THEN 'p' ELSE 'a' || up.place END);
        SELECT r.* INTO up FROM kiaim.related_table AS r WHERE r.model = part.model AND r.place = up.parent;
        above := above || (SELECT coalesce(string_agg(format(', a%s.%I AS %I', up.place, c, kiaim.related_name('above' || up.place, c)), ''), '')
                           FROM unnest(up.columns) AS c WHERE kiaim.related_name('above' || up.place, c) = ANY (part.shape));
      END LOOP;
      EXECUTE format('SELECT coalesce(max(kiaim_rows_%s), 0) FROM pg_temp.kiaim_made_%s', part.place, part.parent) INTO most;
      FOR i IN 1 .. most LOOP
        EXECUTE format('INSERT INTO pg_temp.kiaim_drawn SELECT d.kiaim_key, (d.made).* FROM ('
                       ' SELECT g.kiaim_key, kiaim.complete(ROW(%1$s)::pg_temp.kiaim_shape_%2$s, %3$L, %4$s) AS made FROM ('
                       '  SELECT p.kiaim_key, p.kiaim_rows_%2$s%8$s, %5$s FROM pg_temp.kiaim_made_%6$s AS p%9$s LEFT JOIN pg_temp.kiaim_drawn AS b ON b.kiaim_parent = p.kiaim_key AND b.kiaim_place = %7$s - 1'
                       '  WHERE p.kiaim_rows_%2$s >= %7$s ORDER BY p.kiaim_key OFFSET 0) AS g OFFSET 0) AS d',
          (SELECT string_agg(CASE
                    WHEN a.attname = 'kiaim_place' THEN i::text
                    WHEN a.attname = 'kiaim_siblings' THEN format('g.kiaim_rows_%s', part.place)
                    WHEN u.c IS NOT NULL THEN format('g.%I', u.c)
                    WHEN o.c IS NOT NULL OR a.attname ~ '^above[0-9]+\.' AND a.attname <> ALL (part.columns) THEN format('g.%I', a.attname)
                    ELSE 'NULL' END, ', ' ORDER BY a.attnum)
           FROM pg_attribute AS a
             LEFT JOIN unnest(parent.columns) AS u (c) ON a.attname = kiaim.related_name('parent', u.c)
             LEFT JOIN unnest(part.columns) AS o (c) ON a.attname = kiaim.related_name('previous', o.c)
           WHERE a.attrelid = format('pg_temp.kiaim_shape_%s', part.place)::regclass AND a.attnum > 0),
          part.place, part.part, hashint8extended(from_seed, part.place * 1000000 + i) & 9223372036854775807,
          coalesce((SELECT string_agg(format('b.%I AS %I', c, kiaim.related_name('previous', c)), ', ') FROM unnest(part.columns) AS c), '0'),
          part.parent, i, (SELECT coalesce(string_agg(format(', p.%I', c), ''), '') FROM unnest(parent.columns) AS c) || above, above_from);
      END LOOP;
      EXECUTE format('CREATE TEMPORARY TABLE kiaim_made_%s ON COMMIT DROP AS'
                     ' SELECT row_number() OVER (ORDER BY kiaim_parent, kiaim_place) AS kiaim_key, * FROM pg_temp.kiaim_drawn', part.place);
      DROP TABLE pg_temp.kiaim_drawn;
    END IF;

    target := kiaim.related_target(part, schema, parent);
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM pg_temp.kiaim_made_%s ORDER BY kiaim_key', target,
      concat_ws(', ', quote_ident(part.key), quote_ident(part.reference), (SELECT string_agg(quote_ident(c), ', ') FROM unnest(part.columns) AS c)),
      concat_ws(', ', kiaim.related_key('kiaim_key', part, from_seed), kiaim.related_key('kiaim_parent', parent, from_seed),
                (SELECT string_agg(quote_ident(c), ', ') FROM unnest(part.columns) AS c)), part.place);
    GET DIAGNOSTICS rows = ROW_COUNT;
    relation := target;
    RETURN NEXT;
  END LOOP;
  FOR part IN SELECT r.* FROM kiaim.related_table AS r WHERE r.model = sample_related.model LOOP
    EXECUTE format('DROP TABLE pg_temp.kiaim_shape_%1$s, pg_temp.kiaim_made_%1$s', part.place);
  END LOOP;
END
$$;

COMMENT ON FUNCTION kiaim.sample_related(text, bigint, name, bigint) IS
  'puts rows of a related model, n of the root and what belongs to them, into the tables of a schema, which are made where they are missing';
