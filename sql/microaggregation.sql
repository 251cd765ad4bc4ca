-- microaggregation: numbers in groups of at least k that are as near to each other as can be.

CREATE FUNCTION kiaim.microaggregate(numbers float8[], k int, aggregate text DEFAULT 'mean')
RETURNS float8[]
AS 'MODULE_PATHNAME', 'kiaim_microaggregate'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION kiaim.microaggregate(float8[], int, text) IS
'each number replaced by the mean, median or mode of its group of at least k, the groups with the least squared distances there are';

CREATE FUNCTION kiaim.microaggregation_groups(numbers float8[], k int)
RETURNS int[]
AS 'MODULE_PATHNAME', 'kiaim_microaggregation_groups'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION kiaim.microaggregation_groups(float8[], int) IS
'the number of the group of at least k of each row: one number a row, the best groups; one array of numbers a row, those of MDAV';

CREATE FUNCTION kiaim.microaggregation_loss(original float8[], released float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'kiaim_microaggregation_loss'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION kiaim.microaggregation_loss(float8[], float8[]) IS
'100 SSE / SST: the squared distances of released to original numbers in percent of those to the mean, as the mean over the columns';
