-- Generalized values with a type: the interval that a label stands for, its middle, and the value itself.

CREATE FUNCTION kiaim.label_range(label text, hierarchy kiaim.hierarchy, type anyrange) RETURNS anyrange
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_label_range';
COMMENT ON FUNCTION kiaim.label_range(text, kiaim.hierarchy, anyrange) IS
	'interval that a label of a hierarchy stands for, as a range of the type of the last argument; * is the unbounded range';

CREATE FUNCTION kiaim.label_value(label text, value anyelement) RETURNS anyelement
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_label_value';
COMMENT ON FUNCTION kiaim.label_value(text, anyelement) IS
	'the value where its label shows it as it is, NULL otherwise';

CREATE FUNCTION kiaim.midpoint(range int4range) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_integer';
COMMENT ON FUNCTION kiaim.midpoint(int4range) IS 'mean of the integers in a range; NULL if it is unbounded or empty';

CREATE FUNCTION kiaim.midpoint(range int8range) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_integer';
COMMENT ON FUNCTION kiaim.midpoint(int8range) IS 'mean of the integers in a range; NULL if it is unbounded or empty';

CREATE FUNCTION kiaim.midpoint(range numrange) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_numeric';
COMMENT ON FUNCTION kiaim.midpoint(numrange) IS 'middle of a range; NULL if it is unbounded or empty';

CREATE FUNCTION kiaim.midpoint(range daterange) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_date';
COMMENT ON FUNCTION kiaim.midpoint(daterange) IS 'middle day of a range, the earlier of two; NULL if it is unbounded or empty';

CREATE FUNCTION kiaim.midpoint(range tsrange) RETURNS timestamp
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_timestamp';
COMMENT ON FUNCTION kiaim.midpoint(tsrange) IS 'middle of a range; NULL if it is unbounded or empty';

CREATE FUNCTION kiaim.midpoint(range tstzrange) RETURNS timestamptz
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_midpoint_timestamp';
COMMENT ON FUNCTION kiaim.midpoint(tstzrange) IS 'middle of a range; NULL if it is unbounded or empty';

-- kiaim.generalize_range and kiaim.generalize_midpoint, for each type that intervals are made of. They have no SET
-- clause, so that the server inlines them, and name everything in full.
DO $$
DECLARE
	type record;
BEGIN
	FOR type IN
		SELECT * FROM (VALUES
			('smallint', 'int4range', 'numeric'), ('integer', 'int4range', 'numeric'), ('bigint', 'int8range', 'numeric'),
			('numeric', 'numrange', 'numeric'), ('double precision', 'numrange', 'numeric'), ('date', 'daterange', 'date'),
			('timestamp', 'tsrange', 'timestamp'), ('timestamptz', 'tstzrange', 'timestamptz')) AS t (value, range, middle)
	LOOP
		EXECUTE pg_catalog.format($f$
			CREATE FUNCTION kiaim.generalize_range(value %1$s, hierarchy kiaim.hierarchy, level integer) RETURNS pg_catalog.%2$s
				LANGUAGE sql IMMUTABLE PARALLEL SAFE
				AS 'SELECT kiaim.label_range(kiaim.generalize(value, hierarchy, level), hierarchy, NULL::pg_catalog.%2$s)';
			COMMENT ON FUNCTION kiaim.generalize_range(%1$s, kiaim.hierarchy, integer) IS
				'interval of a value on a level of a hierarchy, as a range; the highest level is unbounded';
			CREATE FUNCTION kiaim.generalize_midpoint(value %1$s, hierarchy kiaim.hierarchy, level integer) RETURNS %3$s
				LANGUAGE sql IMMUTABLE PARALLEL SAFE
				AS 'SELECT kiaim.midpoint(kiaim.label_range(kiaim.generalize(value, hierarchy, level), hierarchy, NULL::pg_catalog.%2$s))';
			COMMENT ON FUNCTION kiaim.generalize_midpoint(%1$s, kiaim.hierarchy, integer) IS
				'middle of the interval of a value on a level of a hierarchy; NULL where it has no end'
		$f$, type.value, type.range, type.middle);
	END LOOP;
END $$;
