-- Adult as bench_adult, with its nine hierarchies, bench_<column>, from the folder :shared.
DROP TABLE IF EXISTS bench_adult;
CREATE UNLOGGED TABLE bench_adult (sex text, age text, race text, "marital-status" text, education text, "native-country" text,
                                   workclass text, occupation text, "salary-class" text);
\set file :shared '/data/adult/adult.csv'
COPY bench_adult FROM :'file' (FORMAT csv, HEADER, DELIMITER ';');
CREATE FUNCTION pg_temp.load_hierarchy(folder text, "column" text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE line (content text);
    EXECUTE format('COPY line FROM %L (FORMAT csv, DELIMITER E''\x01'', QUOTE E''\x02'')', folder || '/adult_hierarchy_' || "column" || '.csv');
    INSERT INTO kiaim.named_hierarchy
        SELECT 'bench_' || "column", kiaim.hierarchy_agg(VARIADIC string_to_array(content, ';')) FROM line
    ON CONFLICT (name) DO UPDATE SET hierarchy = excluded.hierarchy;
    DROP TABLE line;
END $$;
\set folder :shared '/data/adult'
SELECT count(pg_temp.load_hierarchy(:'folder', attname::text)) FROM pg_attribute WHERE attrelid = 'bench_adult'::regclass AND attnum > 0 \g /dev/null
