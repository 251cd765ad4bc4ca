-- Adult and its nine hierarchies, adult_<column>, from the folder :shared; in a transaction.
CREATE TABLE adult (sex text, age text, race text, "marital-status" text, education text, "native-country" text,
                    workclass text, occupation text, "salary-class" text);
\set file :shared '/data/adult/adult.csv'
COPY adult FROM :'file' (FORMAT csv, HEADER, DELIMITER ';');

-- hierarchies come as rows of (level 0, level 1, ...)
CREATE FUNCTION load_hierarchy(folder text, name text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    CREATE TEMP TABLE line (content text);
    EXECUTE format('COPY line FROM %L (FORMAT csv, DELIMITER E''\x01'', QUOTE E''\x02'')', folder || '/adult_hierarchy_' || name || '.csv');
    INSERT INTO kiaim.named_hierarchy
        SELECT 'adult_' || name, kiaim.hierarchy_agg(VARIADIC string_to_array(content, ';')) FROM line;
    DROP TABLE line;
END
$f$;
\set folder :shared '/data/adult'
SELECT count(load_hierarchy(:'folder', attname::text)) AS hierarchies
FROM pg_attribute WHERE attrelid = 'adult'::regclass AND attnum > 0 \g /dev/null
