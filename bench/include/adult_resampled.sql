-- Adult with its columns resampled independently of each other as bench_adult_resampled, :rows of them; after adult.sql.
DROP TABLE IF EXISTS bench_adult_resampled;
SELECT setseed(0.5) \g /dev/null
CREATE TEMP TABLE numbered AS SELECT row_number() OVER () AS i, * FROM bench_adult;
CREATE UNIQUE INDEX ON numbered (i);
ANALYZE numbered;
CREATE UNLOGGED TABLE bench_adult_resampled AS
    SELECT a.sex, b.age, c.race, d."marital-status", e.education, f."native-country", g.workclass, h.occupation, k."salary-class"
    FROM (SELECT (1 + random() * 30161)::int AS a, (1 + random() * 30161)::int AS b, (1 + random() * 30161)::int AS c,
                 (1 + random() * 30161)::int AS d, (1 + random() * 30161)::int AS e, (1 + random() * 30161)::int AS f,
                 (1 + random() * 30161)::int AS g, (1 + random() * 30161)::int AS h, (1 + random() * 30161)::int AS k
          FROM generate_series(1, :rows)) AS r
    JOIN numbered a ON a.i = r.a JOIN numbered b ON b.i = r.b JOIN numbered c ON c.i = r.c
    JOIN numbered d ON d.i = r.d JOIN numbered e ON e.i = r.e JOIN numbered f ON f.i = r.f
    JOIN numbered g ON g.i = r.g JOIN numbered h ON h.i = r.h JOIN numbered k ON k.i = r.k;
VACUUM ANALYZE bench_adult;
VACUUM ANALYZE bench_adult_resampled;
