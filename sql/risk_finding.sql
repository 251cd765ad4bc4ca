-- risk, finding: what identifies and what singles out in a relation that nobody has labelled.

CREATE FUNCTION kiaim.find_identifiers(source regclass, columns text[] DEFAULT NULL)
    RETURNS TABLE (column_name name, kind text, hits bigint, share float8, shape text, reason text)
    AS 'MODULE_PATHNAME', 'kiaim_find_identifiers'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 20 COST 1000000;
COMMENT ON FUNCTION kiaim.find_identifiers(regclass, text[]) IS
    'names, numbers of persons, addresses, dates of birth and free texts in the values of a relation, each by column with its number of rows; what is found is shown by its shape alone';

CREATE FUNCTION kiaim.find_quasi(source regclass, columns text[] DEFAULT NULL, person text DEFAULT NULL,
                                 max_columns int DEFAULT 3, wildcard boolean DEFAULT false)
    RETURNS TABLE (column_name name, role text, different bigint, distinction float8, uniqueness float8, gain float8,
                   largest_gain float8, together_with text[], reason text)
    AS 'MODULE_PATHNAME', 'kiaim_find_quasi'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 20 COST 1000000;
COMMENT ON FUNCTION kiaim.find_quasi(regclass, text[], text, int, boolean) IS
    'which columns of a relation single records out, alone or in the company of others: candidates for quasi-identifiers, by what each adds to sets of the others';
