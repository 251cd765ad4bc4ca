-- risk: special uniques, and which columns single records out.

CREATE FUNCTION kiaim.special_uniques(source regclass, quasi text[], id text DEFAULT NULL, person text DEFAULT NULL,
                                      max_columns int DEFAULT 3, wildcard boolean DEFAULT false)
    RETURNS TABLE (id text, columns text[])
    AS 'MODULE_PATHNAME', 'kiaim_special_uniques'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 1000 COST 1000000;
COMMENT ON FUNCTION kiaim.special_uniques(regclass, text[], text, text, int, boolean) IS
    'the minimal sample uniques of each record: the sets of columns in which it is unique while it is unique in no part of them';

CREATE FUNCTION kiaim.suda_columns(source regclass, quasi text[], person text DEFAULT NULL, max_columns int DEFAULT 3,
                                   weighting text DEFAULT 'original', wildcard boolean DEFAULT false)
    RETURNS TABLE (column_name text, special_uniques bigint, contribution float8)
    AS 'MODULE_PATHNAME', 'kiaim_suda_columns'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 10 COST 1000000;
COMMENT ON FUNCTION kiaim.suda_columns(regclass, text[], text, int, text, boolean) IS
    'how many minimal sample uniques contain each column, and the share of all SUDA scores that these make';

CREATE FUNCTION kiaim.column_risk(source regclass, quasi text[], max_columns int DEFAULT 3, person text DEFAULT NULL,
                                  wildcard boolean DEFAULT false)
    RETURNS TABLE (columns text[], distinction float8, separation float8, uniques bigint)
    AS 'MODULE_PATHNAME', 'kiaim_column_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 100 COST 1000000;
COMMENT ON FUNCTION kiaim.column_risk(regclass, text[], int, text, boolean) IS
    'how well each set of at most max_columns columns tells records apart: distinct values by records, share of pairs told apart, records that are unique';

CREATE FUNCTION kiaim.smallest_subsets(source regclass, quasi text[], max_columns int DEFAULT 3, person text DEFAULT NULL,
                                       uniqueness float8 DEFAULT 0.05, wildcard boolean DEFAULT false)
    RETURNS TABLE (columns text[], uniques bigint, share float8)
    AS 'MODULE_PATHNAME', 'kiaim_smallest_subsets'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 10 COST 1000000;
COMMENT ON FUNCTION kiaim.smallest_subsets(regclass, text[], int, text, float8, boolean) IS
    'the sets of columns in which at least this share of the records is unique, and no part of which suffices';
