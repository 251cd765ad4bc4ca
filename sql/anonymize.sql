-- anonymize: policies, the plan of the least generalization, and checks.

CREATE FUNCTION kiaim.validate_policy(source regclass, policy jsonb)
	RETURNS void
	AS 'MODULE_PATHNAME', 'kiaim_validate_policy'
	LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION kiaim.validate_policy(regclass, jsonb) IS
	'raises an error that names the member at fault unless the policy is valid for the relation';

CREATE FUNCTION kiaim.check(source regclass, policy jsonb)
	RETURNS TABLE (requirement text, wanted float8, measured float8, holds bool)
	AS 'MODULE_PATHNAME', 'kiaim_check'
	LANGUAGE C STABLE PARALLEL RESTRICTED
	ROWS 5 COST 1000000;
COMMENT ON FUNCTION kiaim.check(regclass, jsonb) IS
	'measures a relation as it stands against every requirement of a policy';

CREATE FUNCTION kiaim.plan(source regclass, policy jsonb,
                           solutions int DEFAULT 1, time_limit interval DEFAULT NULL)
RETURNS TABLE (rank int, levels jsonb, loss float8, k bigint, suppressed bigint, classes bigint,
               optimal boolean, gap float8, query text)
AS 'MODULE_PATHNAME', 'kiaim_plan'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION kiaim.plan(regclass, jsonb, int, interval) IS
'the least generalization of a relation that satisfies a policy, proven, with the query that releases it; the n best with solutions => n';

CREATE FUNCTION kiaim.plan_query(source regclass, policy jsonb, levels jsonb,
                                 with_person boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME', 'kiaim_plan_query'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION kiaim.plan_query(regclass, jsonb, jsonb, boolean) IS
'the query that releases a relation at given levels; with_person adds the person as kiaim_person, for verification only';

CREATE FUNCTION kiaim.frontier(source regclass, policy jsonb,
                               k int[] DEFAULT NULL, time_limit interval DEFAULT NULL)
RETURNS TABLE (levels jsonb, loss float8, suppressed bigint, highest_risk float8, k bigint, classes bigint,
               exact boolean, query text)
AS 'MODULE_PATHNAME', 'kiaim_frontier'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION kiaim.frontier(regclass, jsonb, int[], interval) IS
'all generalizations of a relation that satisfy a policy and of which none is better than another in loss, suppressed records and highest risk; for each of several k with k => array';

-- A first policy for a relation.
CREATE FUNCTION kiaim.suggest(source regclass)
RETURNS TABLE (column_name name, looks_like text, role text, hierarchy text, reason text)
AS 'MODULE_PATHNAME', 'kiaim_suggest'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
ROWS 40 COST 1000000;

COMMENT ON FUNCTION kiaim.suggest(regclass) IS
'proposes a role and a hierarchy for each column of a relation, and says why';
