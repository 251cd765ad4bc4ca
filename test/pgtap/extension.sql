-- What holds for every object of the extension, whichever room it belongs to.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT plan(11);

CREATE TEMP VIEW member AS
  SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'kiaim';

CREATE TEMP VIEW member_function AS
  SELECT p.*, p.oid::regprocedure::text AS signature, l.lanname
  FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
    JOIN pg_language AS l ON l.oid = p.prolang;

SELECT cmp_ok((SELECT count(*) FROM member_function), '>', 50::bigint, 'the extension is there');

SELECT is_empty($$
  SELECT object FROM member
  WHERE obj_description(objid, classid::regclass::name) IS NULL
    AND classid NOT IN ('pg_namespace'::regclass, 'pg_sequence'::regclass)
    AND NOT (classid = 'pg_class'::regclass AND objid IN (SELECT oid FROM pg_class WHERE relkind IN ('i', 'S')))
    AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT oid FROM pg_type WHERE typrelid <> 0 OR typcategory = 'A'))
$$, 'every function, aggregate, type, table and view has a comment');

SELECT is_empty($$
  SELECT a.attrelid::regclass, a.attname
  FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
$$, 'and so has every column of a table or view');

-- They run as the role that publishes, whoever that is, so everybody may execute them; the comment says that they are not for him.
SELECT is_empty($$
  SELECT signature FROM member_function WHERE proname LIKE 'release\_%' AND obj_description(oid, 'pg_proc') !~ '\(internal\)'
$$, 'what releases are made of inside is marked as internal');

SELECT is_empty($$
  SELECT object FROM member AS m
  WHERE NOT (m.classid = 'pg_namespace'::regclass AND m.objid IN ('kiaim'::regnamespace, 'kiaim_ledger'::regnamespace))
    AND coalesce((SELECT pronamespace FROM pg_proc WHERE m.classid = 'pg_proc'::regclass AND oid = m.objid),
                 (SELECT relnamespace FROM pg_class WHERE m.classid = 'pg_class'::regclass AND oid = m.objid),
                 (SELECT typnamespace FROM pg_type WHERE m.classid = 'pg_type'::regclass AND oid = m.objid),
                 'kiaim'::regnamespace) NOT IN ('kiaim'::regnamespace, 'kiaim_ledger'::regnamespace)
$$, 'nothing lies outside the schema kiaim and that of the ledger');

SELECT is_empty('SELECT signature FROM member_function WHERE prosecdef', 'nothing is SECURITY DEFINER');

-- A name without a schema is looked up along the path of the caller; these hand that path on and do nothing else.
-- Those of one expression without an operator, all of whose names are full, are inlined, which a setting would prevent.
SELECT results_eq($$
  SELECT proname::text COLLATE "C" FROM member_function
  WHERE lanname IN ('sql', 'plpgsql')
    AND NOT coalesce(proconfig, '{}') && ARRAY['search_path=pg_catalog, pg_temp']
    AND NOT (lanname = 'sql' AND provolatile = 'i' AND prosrc ~ '^SELECT (kiaim\.\w+\(|[a-z]+, |[a-z]+\)|NULL::pg_catalog\.\w+|\)| |,)+$')
  ORDER BY 1
$$, $$ VALUES ('composition_classes' COLLATE "C"), ('composition_distribution'), ('composition_risk'), ('create_release'), ('drop_release'), ('privacy_spent'), ('refresh') $$,
  'SQL and PL/pgSQL functions pin their search_path, apart from those that read the caller''s');

SELECT is_empty($$
  SELECT signature FROM member_function
  WHERE lanname IN ('sql', 'plpgsql') AND provolatile = 'i'
    AND prosrc ~* '\m(from|into|update|join)\s+(kiaim\.|pg_catalog\.)?(pg_|release|named_hierarchy)'
$$, 'no IMMUTABLE function reads a table');

SELECT is_empty($$
  SELECT signature, provolatile, proparallel FROM member_function
  WHERE proname IN ('generalize', 'path', 'height', 'bin', 'is_definition', 'hierarchy_in', 'hierarchy_out', 'hierarchy_recv', 'hierarchy_send')
    AND (provolatile <> 'i' OR proparallel <> 's')
$$, 'generalization is IMMUTABLE and PARALLEL SAFE');

SELECT is_empty($$
  SELECT signature, p.proparallel FROM member_function AS p JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
  WHERE p.proparallel <> 's' OR (a.aggcombinefn = 0 OR a.aggserialfn = 0 OR a.aggdeserialfn = 0) AND p.proname !~ '_to$'
$$, 'every aggregate is PARALLEL SAFE and can be combined, serialized and deserialized, but those of one class');

-- A parallel worker may neither write nor run a query of the frame beside its leader's.
SELECT is_empty($$
  SELECT signature FROM member_function
  WHERE provolatile = 'v' AND proparallel = 's'
$$, 'no VOLATILE function is PARALLEL SAFE');

SELECT * FROM finish();
ROLLBACK;
