-- The demonstration registry with more than a million tumours, for the other
-- benchmarks, and how long it takes.
--
--   psql -f bench/registry.sql                     930,000 persons, 1,024,000 tumours
--   psql -v persons=10000000 -f bench/registry.sql
\if :{?persons}
  \set wanted :persons
  \unset persons
\else
  \set wanted 930000
\endif
\ir ../demo/registry.sql
\timing on
SELECT * FROM registry.generate(:wanted);
\timing off
SELECT pg_size_pretty(sum(pg_total_relation_size(oid))) AS size FROM pg_class WHERE relnamespace = 'registry'::regnamespace AND relkind = 'r';
