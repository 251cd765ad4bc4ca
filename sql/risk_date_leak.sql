-- risk, date leak: what periods and exact intervals together reveal about a day.

CREATE FUNCTION kiaim.date_leak(source regclass, date_column text, events text[], date_precision text DEFAULT 'month',
                                event_precision text DEFAULT NULL, threshold int DEFAULT 7)
    RETURNS TABLE (events int, event text, records bigint, mean_days float8, least_days int, share_below_threshold float8, share_certain float8)
    AS 'MODULE_PATHNAME', 'kiaim_date_leak'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 5 COST 1000000;
COMMENT ON FUNCTION kiaim.date_leak(regclass, text, text[], text, text, int) IS
    'how many days are possible for a date of which only the period is released, once the exact days to other events are released too: after none of them, the first, the first two, ...';

CREATE FUNCTION kiaim.record_date_leak(source regclass, date_column text, events text[], id text DEFAULT NULL, date_precision text DEFAULT 'month',
                                       event_precision text DEFAULT NULL)
    RETURNS TABLE (id text, possible_days int, earliest date, latest date)
    AS 'MODULE_PATHNAME', 'kiaim_record_date_leak'
    LANGUAGE c STABLE PARALLEL RESTRICTED
    ROWS 100000 COST 1000000;
COMMENT ON FUNCTION kiaim.record_date_leak(regclass, text, text[], text, text, text) IS
    'the days that are possible for the date of each record once the exact days to all the events are released';
