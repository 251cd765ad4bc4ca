-- release_recoding.sql
--   Releases with a fitted recoding: where the recoding of each is, and when it goes.
--
-- A table applies it once, when it is built, with the eyes of its owner. A view
-- applies it for whoever reads, who must not see a recoding, since it holds
-- original values: the row-level security of kiaim.fitted_recoding hides it from
-- him. So a view has a table of its own, which it reads with the rights of its
-- owner, and nobody else may read. A materialized view has one, too, because a
-- restored dump fills it with row-level security switched off, where its owner
-- could read no other.

CREATE FUNCTION kiaim.release_recoding_table(release text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%I.%I', name[1], CASE WHEN octet_length(name[2]) <= 45 THEN 'kiaim_recoding_of_' || name[2]
                                       ELSE 'kiaim_recoding_of_' || md5(name[2]) END)
  FROM parse_ident(release) AS name
$$;

COMMENT ON FUNCTION kiaim.release_recoding_table(text) IS 'The table beside a view or materialized view that holds its recoding (internal).';

CREATE FUNCTION kiaim.release_has_recoding_table(release text) RETURNS boolean
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_class AS c
                 WHERE c.oid = kiaim.release_relation(kiaim.release_recoding_table(release))
                   AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) = current_user
                   AND kiaim.release_columns(c.oid) = ARRAY['id text', 'recoding kiaim.recoding'])
$$;

COMMENT ON FUNCTION kiaim.release_has_recoding_table(text) IS
  'Whether the current role has the table beside a view that holds its recoding (internal).';

-- Gives the recoding of a view or materialized view its place, and the query that reads it there.
CREATE FUNCTION kiaim.release_place_recoding(release text, recoding_id text, query text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept    text := kiaim.release_recoding_table(release);
  own     oid := (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = current_user);
  command text;
BEGIN
  IF NOT kiaim.release_has_recoding_table(release) THEN
    IF kiaim.release_relation(kept) IS NOT NULL THEN
      RAISE duplicate_table USING
        MESSAGE = format('relation %s already exists', kept),
        DETAIL = format('A table of that name is to hold the recoding that release %s applies.', release),
        HINT = 'Rename the relation, or give it to the owner of the release if it is that table.';
    END IF;
    EXECUTE format('CREATE TABLE %s (id text PRIMARY KEY, recoding kiaim.recoding NOT NULL)', kept);
    EXECUTE format('COMMENT ON TABLE %s IS %L', kept,
                   format('What release %s recodes tuples by. It holds original values: grant it to nobody.', release));
  END IF;
  -- again at each refresh: whatever was granted by default or by mistake
  FOR command IN
    SELECT format('REVOKE ALL ON %s FROM %s CASCADE', kept,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM aclexplode(kiaim.release_grants(kiaim.release_relation(kept), 0::int2)) AS a
    WHERE a.grantee <> own GROUP BY a.grantee
    UNION ALL
    SELECT format('REVOKE ALL (%I) ON %s FROM %s CASCADE', t.attname, kept,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM pg_attribute AS t, aclexplode(kiaim.release_grants(t.attrelid, t.attnum)) AS a
    WHERE t.attrelid = kiaim.release_relation(kept) AND t.attnum > 0 AND a.grantee <> own
    GROUP BY t.attname, a.grantee
  LOOP
    EXECUTE command;
  END LOOP;
  EXECUTE format('INSERT INTO %s SELECT f.id, f.recoding FROM kiaim.fitted_recoding AS f WHERE f.id = %L LIMIT 1'
                 ' ON CONFLICT (id) DO NOTHING', kept, recoding_id);
  RETURN replace(query, format('FROM kiaim.fitted_recoding AS r WHERE r.id = %L', recoding_id),
                 format('FROM %s AS r WHERE r.id = %L', kept, recoding_id));
END
$$;

COMMENT ON FUNCTION kiaim.release_place_recoding(text, text, text) IS
  'Put the recoding of a release into a table that only its owner reads; returns the query that reads it there (internal).';

-- What no release needs any more: recodings that were fitted for this one, or for another that left them to a third,
-- and the table beside it.
CREATE FUNCTION kiaim.release_forget_recodings(target text, kept_id text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM kiaim.fitted_recoding AS f
  WHERE f.release IS NOT NULL AND f.owner = current_user AND f.id IS DISTINCT FROM kept_id
    AND NOT EXISTS (SELECT FROM kiaim.release AS r WHERE r.release <> target AND position(f.id IN r.query) > 0);
  IF NOT kiaim.release_has_recoding_table(target) THEN
    RETURN;
  ELSIF kept_id IS NULL THEN
    EXECUTE format('DROP TABLE %s', kiaim.release_recoding_table(target));
  ELSE
    EXECUTE format('DELETE FROM %s WHERE id <> %L', kiaim.release_recoding_table(target), kept_id);
  END IF;
END
$$;

COMMENT ON FUNCTION kiaim.release_forget_recodings(text, text) IS
  'Remove the recodings that were fitted for releases, but for one, unless another release uses them (internal).';
