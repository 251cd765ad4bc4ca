-- privacy: what must hold in an equivalence class, as aggregates.

-- The state that all checks share: the distinct tuples of their arguments and how often each occurs.
CREATE FUNCTION kiaim.check_transition(internal, VARIADIC "any") RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_transition';
COMMENT ON FUNCTION kiaim.check_transition(internal, "any") IS 'counts a tuple of values';

CREATE FUNCTION kiaim.check_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_combine';
COMMENT ON FUNCTION kiaim.check_combine(internal, internal) IS 'adds the tuples of one state to another';

CREATE FUNCTION kiaim.check_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_serialize';
COMMENT ON FUNCTION kiaim.check_serialize(internal) IS 'the bytes of a state';

CREATE FUNCTION kiaim.check_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_check_deserialize';
COMMENT ON FUNCTION kiaim.check_deserialize(bytea, internal) IS 'the state of bytes';

CREATE FUNCTION kiaim.k_anonymity_final(internal) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kiaim_k_anonymity';
COMMENT ON FUNCTION kiaim.k_anonymity_final(internal) IS 'the size of the smallest class';

CREATE AGGREGATE kiaim.k_anonymity(VARIADIC quasi "any") (
    SFUNC = kiaim.check_transition, STYPE = internal, FINALFUNC = kiaim.k_anonymity_final,
    COMBINEFUNC = kiaim.check_combine, SERIALFUNC = kiaim.check_serialize,
    DESERIALFUNC = kiaim.check_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE kiaim.k_anonymity("any") IS
    'the size of the smallest class of rows equal in all arguments; NULL is a value';
