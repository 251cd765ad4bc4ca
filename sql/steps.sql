-- steps: what a policy does to the records beside generalizing them: samples, and the draw of differential privacy.

CREATE FUNCTION kiaim.in_sample(value "any", share float8, seed bigint) RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_in_sample';
COMMENT ON FUNCTION kiaim.in_sample("any", float8, bigint) IS
	'whether a value is in the sample of a share of all values that a seed gives; always the same answer';

CREATE FUNCTION kiaim.safepub_k(epsilon float8, delta float8) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_safepub_k';
COMMENT ON FUNCTION kiaim.safepub_k(float8, float8) IS
	'smallest class size that makes a SafePub release (epsilon,delta)-differentially private';

CREATE FUNCTION kiaim.safepub_share(epsilon float8) RETURNS float8
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'kiaim_safepub_share';
COMMENT ON FUNCTION kiaim.safepub_share(float8) IS
	'share of the records that a SafePub release draws: 1 - exp(-epsilon), rounded down';

CREATE FUNCTION kiaim.safepub_draw(epsilon float8) RETURNS boolean
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'kiaim_safepub_draw';
COMMENT ON FUNCTION kiaim.safepub_draw(float8) IS
	'draws a record for a SafePub release: a coin of the strong random generator that says yes with probability safepub_share';

CREATE FUNCTION kiaim.strong_random() RETURNS bigint
	LANGUAGE C VOLATILE PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'kiaim_strong_random';
COMMENT ON FUNCTION kiaim.strong_random() IS
	'64 random bits of the strong generator, which no seed can repeat';
