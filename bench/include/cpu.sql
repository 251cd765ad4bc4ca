-- The CPU that a query takes: pg_temp.cpu(), pg_temp.least_cpu(query, runs). On Linux, as a role that may read server files.

-- seconds of the CPU that this backend has used
CREATE FUNCTION pg_temp.cpu() RETURNS float8 LANGUAGE sql VOLATILE AS $$
    SELECT (field[12]::float8 + field[13]::float8) / 100
    FROM string_to_array(regexp_replace(pg_read_file('/proc/self/stat'), '^.*\) ', ''), ' ') AS field
$$;
CREATE FUNCTION pg_temp.least_cpu(query text, runs int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    best float8 = 'Infinity';
    begun float8;
BEGIN
    FOR run IN 1 .. runs LOOP
        begun = pg_temp.cpu();
        EXECUTE query;
        best = least(best, pg_temp.cpu() - begun);
    END LOOP;
    RETURN best;
END $$;
