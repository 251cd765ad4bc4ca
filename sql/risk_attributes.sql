-- risk, by sensitive column: what a class says of a value although nobody in it is found.

CREATE FUNCTION kiaim.attribute_risk(source regclass, quasi text[], sensitive text, person text DEFAULT NULL, threshold float8 DEFAULT 0.9,
                                     wildcard boolean DEFAULT false)
    RETURNS TABLE (metric text, value float8)
    AS 'MODULE_PATHNAME', 'kiaim_attribute_risk'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 13 COST 1000000;
COMMENT ON FUNCTION kiaim.attribute_risk(regclass, text[], text, text, float8, boolean) IS
    'how well the sensitive value of a record can be guessed by who knows its quasi-identifiers, against who knows only the table';

CREATE FUNCTION kiaim.attribute_risk_classes(source regclass, quasi text[], sensitive text, person text DEFAULT NULL, wildcard boolean DEFAULT false)
    RETURNS TABLE (class jsonb, size bigint, most_probable text, share float8, baseline float8, ratio float8, distinct_values bigint)
    AS 'MODULE_PATHNAME', 'kiaim_attribute_risk_classes'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 10000 COST 1000000;
COMMENT ON FUNCTION kiaim.attribute_risk_classes(regclass, text[], text, text, boolean) IS
    'each class with its most probable sensitive value, that value''s share of the class and of the table, and their ratio';
