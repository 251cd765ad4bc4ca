-- synthesize.sql
--   Synthetic rows: models that are fitted to a relation, and rows drawn from them.

