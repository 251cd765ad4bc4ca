-- risk, finding: what identifies and what singles out in a relation that nobody has labelled.

CREATE FUNCTION kiaim.find_identifiers(source regclass, columns text[] DEFAULT NULL)
    RETURNS TABLE (column_name name, kind text, hits bigint, share float8, shape text, reason text)
    AS 'MODULE_PATHNAME', 'kiaim_find_identifiers'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 20 COST 1000000;
COMMENT ON FUNCTION kiaim.find_identifiers(regclass, text[]) IS
    'names, numbers of persons, addresses, dates of birth and free texts in the values of a relation, each by column with its number of rows; what is found is shown by its shape alone';
