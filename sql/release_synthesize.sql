-- release_synthesize.sql
--   Releases with synthetic rows: the member "synthesize" of a policy.
--
-- of "anonymized"  the table is anonymized and verified, a model learns from what came out, and rows of it are published;
-- of "source"      a model learns from the source, and its rows are anonymized and verified as any source is;
-- of "suppressed"  what was suppressed is replaced by synthetic rows of released classes near to it.
--
-- Such a release is a table: no query text makes the same rows again.  What it is made from stands in temporary
-- tables that are gone with the transaction, and so does the model.

-- Temporary relations have names of their own, so that two releases of one transaction do not meet.
CREATE FUNCTION kiaim.release_temporary(run_id bigint, what text, query text) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made text := format('kiaim_%s_%s', what, run_id);
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE %I ON COMMIT DROP AS %s', made, query);
  EXECUTE format('ANALYZE pg_temp.%I', made);
  RETURN format('pg_temp.%I', made)::regclass;
END
$$;

COMMENT ON FUNCTION kiaim.release_temporary(bigint, text, text) IS 'A temporary table of what a query gives, for one run (internal).';

-- Learn from a relation and put rows into a temporary table of its columns; the model is of this run alone.
CREATE FUNCTION kiaim.release_sampled(run_id bigint, learn regclass, shape regclass, policy jsonb, options jsonb, n bigint) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  model text := format('kiaim release run %s %s', run_id, gen_random_uuid());
  seed  text := coalesce(policy #>> '{synthesize,seed}', 'NULL');
  made  regclass;
BEGIN
  PERFORM kiaim.fit(model, learn, coalesce(policy #> '{synthesize,options}', '{}') || options
                    || CASE WHEN seed = 'NULL' THEN '{}' ELSE jsonb_build_object('seed', policy #> '{synthesize,seed}') END);
  made := kiaim.release_temporary(run_id, 'sampled', format('SELECT * FROM kiaim.sample(NULL::%s, %L, %s, seed => %s)', shape, model, n, seed));
  PERFORM kiaim.drop_model(model);
  RETURN made;
END
$$;

COMMENT ON FUNCTION kiaim.release_sampled(bigint, regclass, regclass, jsonb, jsonb, bigint) IS
  'A temporary table of rows from a model that learned from a relation (internal).';

-- For each suppressed row, in the order of its values, a released class that shares its labels where one column is
-- raised by as few levels as possible, or else all of them are, drawn by the number of its rows. Classes are suppressed
-- whole, so a row is released if its class is.
CREATE FUNCTION kiaim.release_nearest_classes(run_id bigint, released regclass, source regclass, policy jsonb, levels jsonb) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  quasi   text[] := kiaim.release_policy_columns(policy, 'quasi');
  listed  text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(quasi) AS c);
  seed    bigint := coalesce((policy #>> '{synthesize,seed}')::numeric::bigint, 0);
  hierarchies kiaim.hierarchy[] := (
    SELECT array_agg(kiaim.release_hierarchy(CASE WHEN jsonb_typeof(o) = 'object' AND NOT o ? '*' THEN o ->> 'hierarchy' ELSE o #>> '{}' END) ORDER BY i)
    FROM unnest(quasi) WITH ORDINALITY AS u (c, i), LATERAL (SELECT policy -> 'quasi' -> c AS o) AS d);
  raised  int[];
  labelled text := (
    SELECT format('(SELECT %s, %s FROM %s) AS labelled',
                  string_agg(format('kiaim.generalize(%1$I, %2$L::kiaim.hierarchy, %3$s) AS %1$I', c, hierarchies[i], levels ->> c), ', ' ORDER BY i),
                  string_agg(format('%I AS kiaim_value_%s', c, i), ', ' ORDER BY i), kiaim.release_source_rows(source, policy))
    FROM unnest(quasi) WITH ORDINALITY AS u (c, i));
  same    text := (SELECT string_agg(format('r.%1$I IS NOT DISTINCT FROM l.%1$I', c), ' AND ') FROM unnest(quasi) AS c);
  lost    regclass;
  nearest regclass;
BEGIN
  lost := kiaim.release_temporary(run_id, 'lost', format(
    'SELECT row_number() OVER (ORDER BY %s) AS kiaim_row, * FROM %s WHERE NOT EXISTS (SELECT FROM %s AS r WHERE %s)',
    (SELECT string_agg(format('kiaim_value_%s::text COLLATE "C"', i), ', ') FROM generate_subscripts(quasi, 1) AS i),
    labelled, released, replace(same, 'l.', 'labelled.')));
  nearest := kiaim.release_temporary(run_id, 'nearest', format('SELECT 0::bigint AS kiaim_row, %s FROM %s LIMIT 0', listed, released));

  FOR raised IN
    WITH col AS (SELECT c, i, kiaim.height(hierarchies[i]) AS top, (levels ->> c)::int AS level FROM unnest(quasi) WITH ORDINALITY AS u (c, i))
    SELECT array_agg(CASE WHEN one.i IS NULL OR one.i = col.i THEN least(col.level + up, col.top) ELSE col.level END ORDER BY col.i)
    FROM generate_series(1, (SELECT max(top - level) FROM col)) AS up,
      (SELECT i FROM col UNION ALL SELECT NULL) AS one, col
    WHERE one.i IS NULL OR EXISTS (SELECT FROM col AS c WHERE c.i = one.i AND c.level + up <= c.top)
    GROUP BY up, one.i ORDER BY one.i IS NULL, up, one.i
  LOOP
    EXECUTE format($q$
      WITH place AS (
        SELECT %1$s, %2$s AS coarse, count(*) AS n FROM %3$s GROUP BY %1$s, coarse
      ), class AS (
        SELECT l.*, sum(n) OVER (PARTITION BY coarse ORDER BY %1$s) AS upto, sum(n) OVER (PARTITION BY coarse) AS of_all
        FROM place AS l WHERE EXISTS (SELECT FROM %4$s AS r WHERE %5$s)
      ), wanted AS (
        SELECT kiaim_row, %2$s AS coarse FROM %6$s AS l
        WHERE NOT EXISTS (SELECT FROM %7$s AS m WHERE m.kiaim_row = l.kiaim_row)
      )
      INSERT INTO %7$s
      SELECT w.kiaim_row, %8$s FROM wanted AS w JOIN class AS l ON l.coarse = w.coarse
        AND (hashint8extended(w.kiaim_row, %9$s) & 9223372036854775807) %% l.of_all BETWEEN l.upto - l.n AND l.upto - 1
    $q$, listed,
      (SELECT format('ARRAY[%s]', string_agg(format('kiaim.generalize(kiaim_value_%s, %L::kiaim.hierarchy, %s)', i, h,
                                                    raised[i]), ', ' ORDER BY i))
       FROM unnest(hierarchies) WITH ORDINALITY AS u (h, i)),
      labelled, released, same, lost, nearest, (SELECT string_agg(format('l.%I', c), ', ') FROM unnest(quasi) AS c), seed);
  END LOOP;
  RETURN nearest;
END
$$;

COMMENT ON FUNCTION kiaim.release_nearest_classes(bigint, regclass, regclass, jsonb, jsonb) IS
  'For each suppressed row a released class near to it, in a temporary table (internal).';

-- Anonymize a relation into a temporary table and verify it, as any release is; the figures are those of the log.
CREATE FUNCTION kiaim.release_anonymized(run_id bigint, from_rows regclass, policy jsonb, OUT built regclass, OUT figures kiaim.release_log)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  chosen record;
BEGIN
  SELECT p.* INTO STRICT chosen FROM kiaim.plan(from_rows, policy) AS p;
  built := kiaim.release_temporary(run_id, 'anonymized', chosen.query);
  figures := kiaim.release_verify(built, from_rows, policy, chosen.levels, chosen.suppressed);
  figures.levels := chosen.levels;
  figures.query := chosen.query;
  figures.loss := chosen.loss;
  figures.optimal := chosen.optimal;
  figures.classes := coalesce(figures.classes, chosen.classes);
END
$$;

COMMENT ON FUNCTION kiaim.release_anonymized(bigint, regclass, jsonb) IS 'Anonymize a relation into a temporary table and verify that (internal).';

-- The rows that are published, in a temporary table, and the figures of the log.
CREATE FUNCTION kiaim.release_synthetic(run_id bigint, source regclass, policy jsonb, OUT rows regclass, OUT figures kiaim.release_log)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  plain    jsonb := policy - 'synthesize';
  released text[] := kiaim.release_policy_columns(policy, 'quasi', 'sensitive', 'keep', 'identifier');
  n        bigint := (policy #>> '{synthesize,rows}')::numeric::bigint;
  person   jsonb := CASE WHEN policy ? 'person' THEN jsonb_build_object('person', policy ->> 'person') ELSE '{}' END;
  learn    regclass;
  anonymized regclass;
  nearest  regclass;
  replaced bigint;
  made     record;
  model    text := format('kiaim release run %s %s', run_id, gen_random_uuid());
BEGIN
  IF policy #>> '{synthesize,of}' = 'source' THEN
    EXECUTE format('SELECT coalesce(%L, (SELECT count(*) FROM %s))', n, kiaim.release_source_rows(source, policy)) INTO n;
    learn := kiaim.release_temporary(run_id, 'learned', format('SELECT * FROM %s', kiaim.release_source_rows(source, policy)));
    rows := kiaim.release_sampled(run_id, learn, learn, policy, person || jsonb_build_object('columns', to_jsonb(released)), n);
    -- a synthetic row is nobody's but its own
    SELECT a.* INTO made FROM kiaim.release_anonymized(run_id, rows, plain - 'person' - 'sample') AS a;
    rows := made.built;
    figures := made.figures;
    figures.measured := figures.measured || jsonb_build_object('synthetic', figures.rows);
    RETURN;
  END IF;

  SELECT a.* INTO made FROM kiaim.release_anonymized(run_id, source, plain) AS a;
  anonymized := made.built;
  figures := made.figures;
  learn := anonymized;
  IF policy ? 'person' THEN
    learn := kiaim.release_temporary(run_id, 'learned', kiaim.plan_query(source, plain, figures.levels, true));
    person := '{"person": "kiaim_person"}';
  END IF;
  IF policy #>> '{synthesize,of}' = 'anonymized' THEN
    rows := kiaim.release_sampled(run_id, learn, anonymized, policy, person || jsonb_build_object('columns', to_jsonb(released)),
                                  coalesce(n, figures.rows));
    -- what is told is measured on the rows that are published; what was on those they were learned from stands beside it
    figures.measured := jsonb_build_object('learned_from', figures.measured || jsonb_build_object('rows', figures.rows, 'k', figures.k, 'classes', figures.classes));
    EXECUTE format('SELECT count(*), kiaim.k_anonymity(%1$s), count(DISTINCT (%1$s)) FROM %2$s',
                   (SELECT string_agg(quote_ident(c), ', ') FROM unnest(kiaim.release_policy_columns(policy, 'quasi')) AS c), rows)
    INTO figures.rows, figures.k, figures.classes;
    figures.measured := figures.measured || jsonb_build_object('synthetic', figures.rows);
    RETURN;
  END IF;

  nearest := kiaim.release_nearest_classes(run_id, anonymized, source, plain, figures.levels);
  EXECUTE format('SELECT count(*) FROM %s', nearest) INTO replaced;
  rows := kiaim.release_temporary(run_id, 'completed', format('SELECT * FROM %s', anonymized));
  IF replaced > 0 THEN
    PERFORM kiaim.fit(model, learn,
                      coalesce(policy #> '{synthesize,options}', '{}') || person
                      || jsonb_build_object('columns', to_jsonb(released), 'keep', to_jsonb(kiaim.release_policy_columns(policy, 'quasi')))
                      || CASE WHEN policy #> '{synthesize}' ? 'seed' THEN jsonb_build_object('seed', policy #> '{synthesize,seed}') ELSE '{}' END);
    EXECUTE format('INSERT INTO %1$s SELECT (c.made).* FROM (SELECT kiaim.complete(ROW(%2$s)::%1$s, %3$L, %4$s) AS made'
                   ' FROM (SELECT * FROM %5$s ORDER BY kiaim_row) AS r OFFSET 0) AS c',
                   rows,
                   (SELECT string_agg(CASE WHEN a.attname = ANY (kiaim.release_policy_columns(policy, 'quasi')) THEN format('r.%I', a.attname) ELSE 'NULL' END,
                                      ', ' ORDER BY a.attnum)
                    FROM pg_attribute AS a WHERE a.attrelid = rows AND a.attnum > 0),
                   model, coalesce(policy #>> '{synthesize,seed}', 'NULL'), nearest);
    PERFORM kiaim.drop_model(model);
    -- classes have grown, which what compares distributions may not bear
    figures.measured := (kiaim.release_verify(rows, source, plain - 'person', figures.levels, figures.suppressed - replaced)).measured || figures.measured;
  END IF;
  figures.rows := figures.rows + replaced;
  figures.suppressed := figures.suppressed - replaced;
  figures.measured := figures.measured || jsonb_build_object('synthetic', replaced);
END
$$;

COMMENT ON FUNCTION kiaim.release_synthetic(bigint, regclass, jsonb) IS
  'The rows of a release with synthetic rows, verified, in a temporary table, with their figures (internal).';

-- One run of such a release; see kiaim.release_publish, whose part this is.
CREATE FUNCTION kiaim.release_publish_synthetic(target kiaim.release, run_id bigint, source regclass, old oid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made record;
BEGIN
  SELECT s.* INTO made FROM kiaim.release_synthetic(run_id, source, target.policy) AS s;
  IF old IS NULL THEN
    EXECUTE format('CREATE TABLE %s AS SELECT * FROM %s', target.release, made.rows);
  ELSE
    PERFORM kiaim.release_keep_columns(target.release, made.rows, old);
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target.release);
    EXECUTE format('DELETE FROM %s', target.release);
    EXECUTE format('INSERT INTO %s SELECT * FROM %s', target.release, made.rows);
  END IF;
  EXECUTE format('ANALYZE %s', target.release);

  UPDATE kiaim.release AS r SET query = (made.figures).query, owner = current_user WHERE r.release = target.release;
  UPDATE kiaim.release_log AS log
  SET state = 'published', finished = clock_timestamp(), source_rows = (made.figures).source_rows, rows = (made.figures).rows,
      suppressed = (made.figures).suppressed, k = (made.figures).k, measured = (made.figures).measured, classes = (made.figures).classes,
      loss = (made.figures).loss, optimal = (made.figures).optimal, levels = (made.figures).levels, query = (made.figures).query
  WHERE log.run = run_id;
END
$$;

COMMENT ON FUNCTION kiaim.release_publish_synthetic(kiaim.release, bigint, regclass, oid) IS
  'Make, verify, exchange and log one release with synthetic rows in the current transaction (internal).';
