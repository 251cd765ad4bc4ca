-- Code systems: every spelling a registry uses, every code of the fact files,
-- and that the labels of all codes there can be form a tree.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- The labels between the code and the star, in one line.
CREATE FUNCTION pg_temp.labels(code text, system text) RETURNS text
LANGUAGE sql AS $$
  SELECT array_to_string(p[2:cardinality(p) - 1], ' > ')
  FROM kiaim.path(code, system::kiaim.hierarchy) p
$$;

-- A code is outside its system if every level over it is the star.
CREATE FUNCTION pg_temp.outside(code text, system text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT p[1] = code AND '*' = ALL (p[2:])
  FROM kiaim.path(code, system::kiaim.hierarchy) p
$$;

---------------------------------------------------------------------------
-- Heights

SELECT is(kiaim.height(system::kiaim.hierarchy), height, system || ' has ' || height || ' levels over the code')
FROM (VALUES ('icd10', 6), ('icdo_topography', 3), ('icdo_morphology', 4), ('tnm', 3),
             ('uicc', 3), ('ags', 4), ('age_groups', 2)) v(system, height);

---------------------------------------------------------------------------
-- Spellings

SELECT is(pg_temp.labels(code, system), labels, format('%s: %s', system, quote_literal(code)))
FROM (VALUES
  ('icd10', 'C50.4',     'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'c50.4',     'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'c504',      'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50',       'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', E' C50.4\t', 'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.',      'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.-',     'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50-',      'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4+',    'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4*',    'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4!',    'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4†',    'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4 G',   'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4G',    'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C50.4 + g l', 'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C77.3',     'C77 > C76-C80 > C00-C97 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C88.00',    'C88 > C81-C96 > C00-C97 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C8800',     'C88 > C81-C96 > C00-C97 > C00-C97 > II (C00-D48)'),
  ('icd10', 'C97',       'C97 > C97-C97 > C00-C97 > C00-C97 > II (C00-D48)'),
  ('icd10', 'D05.1',     'D05 > D00-D09 > D00-D09 > D00-D09 > II (C00-D48)'),
  ('icd10', 'D46.-',     'D46 > D37-D48 > D37-D48 > D37-D48 > II (C00-D48)'),
  ('icd10', 'D50.0',     'D50 > D50-D53 > D50-D53 > D50-D53 > III (D50-D90)'),
  ('icd10', 'A00',       'A00 > A00-A09 > A00-A09 > A00-A09 > I (A00-B99)'),
  ('icd10', 'H59.9',     'H59 > H55-H59 > H55-H59 > H55-H59 > VII (H00-H59)'),
  ('icd10', 'H60.0',     'H60 > H60-H62 > H60-H62 > H60-H62 > VIII (H60-H95)'),
  ('icd10', 'V99',       'V99 > V01-X59 > V01-X59 > V01-X59 > XX (V01-Y84)'),
  ('icd10', 'W20',       'W20 > V01-X59 > V01-X59 > V01-X59 > XX (V01-Y84)'),
  ('icd10', 'Z99.9',     'Z99 > Z80-Z99 > Z80-Z99 > Z80-Z99 > XXI (Z00-Z99)'),
  ('icd10', 'U07.1!',    'U07 > U00-U49 > U00-U49 > U00-U49 > XXII (U00-U99)'),

  ('icdo_topography', 'C50.4',   'C50 > C50-C50'),
  ('icdo_topography', 'c504',    'C50 > C50-C50'),
  ('icdo_topography', 'C50',     'C50 > C50-C50'),
  ('icdo_topography', 'C50.-',   'C50 > C50-C50'),
  ('icdo_topography', ' C50.9 L','C50 > C50-C50'),
  ('icdo_topography', 'C42.1',   'C42 > C42-C42'),
  ('icdo_topography', 'C77.3',   'C77 > C77-C77'),
  ('icdo_topography', 'C80.9',   'C80 > C80-C80'),

  ('icdo_morphology', '8500/3',   '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', '85003',    '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', '8500',     '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', 'M8500/3',  '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', 'm-8500/3', '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', '8500/32',  '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', ' 8500/3 ', '850 > 8500-8549 > epithelial'),
  ('icdo_morphology', '8000/6',   '800 > 8000-8009 > unspecified'),
  ('icdo_morphology', '8140/2',   '814 > 8140-8389 > epithelial'),
  ('icdo_morphology', '8720/3',   '872 > 8720-8799 > melanocytic'),
  ('icdo_morphology', '9999/3',   '999 > 9980-9999 > leukaemia/MPN/MDS'),

  ('tnm', '1a1',      '1a > 1'),
  ('tnm', '1a',       '1a > 1'),
  ('tnm', '1',        '1 > 1'),
  ('tnm', 'T1a1',     'T1a > T1'),
  ('tnm', 't1a1',     'T1a > T1'),
  ('tnm', 'pT1a1',    'T1a > T1'),
  ('tnm', 'T1 a',     'T1a > T1'),
  ('tnm', ' p T 1 a ','T1a > T1'),
  ('tnm', 'ypT2(m)',  'T2(m) > T2'),
  ('tnm', 'ypT2a(m)', 'T2a > T2'),
  ('tnm', 'T2(3)',    'T2(3) > T2'),
  ('tnm', 'rcT3',     'T3 > T3'),
  ('tnm', 'aT4',      'T4 > T4'),
  ('tnm', 'p2',       '2 > 2'),
  ('tnm', 'N0 (sn)',  'N0(sn) > N0'),
  ('tnm', '0(sn)',    '0(sn) > 0'),
  ('tnm', 'pN0(i-)',  'N0(i-) > N0'),
  ('tnm', '0(MOL+)',  '0(mol+) > 0'),
  ('tnm', 'pN1a(sn)', 'N1a > N1'),
  ('tnm', 'pN1a (2/15)', 'N1a > N1'),
  ('tnm', 'pN1 (2/15)',  'N1 > N1'),
  ('tnm', 'PN1',      'N1 > N1'),
  ('tnm', '1mi',      '1mi > 1'),
  ('tnm', 'T1mic',    'T1mi > T1'),
  ('tnm', 'mic',      'mic > 1'),
  ('tnm', 'Tis',      'Tis > Tis'),
  ('tnm', 'TIS',      'Tis > Tis'),
  ('tnm', 'is',       'is > is'),
  ('tnm', 'is(DCIS)', 'is(DCIS) > is'),
  ('tnm', 'pTis (dcis)', 'Tis(DCIS) > Tis'),
  ('tnm', 'is(paget)', 'is(Paget) > is'),
  ('tnm', 'a',        'a > a'),
  ('tnm', 'Ta',       'Ta > Ta'),
  ('tnm', 'pTa',      'Ta > Ta'),
  ('tnm', 'X',        'X > X'),
  ('tnm', 'x',        'X > X'),
  ('tnm', 'cTX',      'TX > TX'),
  ('tnm', 'X(sn)',    'X(sn) > X'),
  ('tnm', 'cM0',      'M0 > M0'),
  ('tnm', 'M1b',      'M1b > M1'),
  ('tnm', 'M1a(0)',   'M1a > M1'),
  ('tnm', 'Pn1',      'Pn1 > Pn1'),
  ('tnm', 'V2',       'V2 > V1+'),
  ('tnm', 'V0',       'V0 > V0'),

  ('uicc', 'IIIC2',         'IIIC > III'),
  ('uicc', 'iiic2',         'IIIC > III'),
  ('uicc', 'Stage IIIC2',   'IIIC > III'),
  ('uicc', 'Stadium IIIc2', 'IIIC > III'),
  ('uicc', 'UICC: IIIC2',   'IIIC > III'),
  ('uicc', 'UICC Stadium IV', 'IV > IV'),
  ('uicc', 'III C 2',       'IIIC > III'),
  ('uicc', 'IIIC',          'IIIC > III'),
  ('uicc', ' III',          'III > III'),
  ('uicc', 'ii',            'II > II'),
  ('uicc', 'IS',            'IS > I'),
  ('uicc', '0is',           '0is > 0'),
  ('uicc', '0A',            '0a > 0'),
  ('uicc', '0',             '0 > 0'),
  ('uicc', 'OKK',           'okk > okk'),
  ('uicc', 'X',             'X > X'),

  ('ags', '09162000', '09162 > 091 > 09'),
  ('ags', '9162000',  '09162 > 091 > 09'),
  ('ags', '09162',    '09162 > 091 > 09'),
  ('ags', '9162',     '09162 > 091 > 09'),
  ('ags', ' 09162 ',  '09162 > 091 > 09'),
  ('ags', '01001',    '01001 > 010 > 01'),
  ('ags', '11000000', '11000 > 110 > 11'),
  ('ags', '16077',    '16077 > 160 > 16'),
  ('ags', '09099',    '09099 > 090 > 09'),
  ('ags', '9099',     '09099 > 090 > 09'),
  ('ags', '05199',    '05199 > 051 > 05'),
  ('ags', '09799',    '09799 > 097 > 09'),

  ('age_groups', '0',       '0-4'),
  ('age_groups', '4',       '0-4'),
  ('age_groups', '4.99',    '0-4'),
  ('age_groups', '5',       '5-9'),
  ('age_groups', '9',       '5-9'),
  ('age_groups', '10',      '10-14'),
  ('age_groups', '84',      '80-84'),
  ('age_groups', '85',      '85+'),
  ('age_groups', '130',     '85+'),
  ('age_groups', '078',     '75-79'),
  ('age_groups', ' 78 ',    '75-79'),
  ('age_groups', '75-79',   '75-79'),
  ('age_groups', '75 - 79', '75-79'),
  ('age_groups', '05-09',   '5-9'),
  ('age_groups', '85+',     '85+'),
  ('age_groups', 'a75b79',  '75-79'),
  ('age_groups', 'a00b04',  '0-4'),
  ('age_groups', 'a85plus', '85+')
) v(system, code, labels);

SELECT is(kiaim.generalize(78, 'age_groups', 1), '75-79', 'an integer has an age group');
SELECT is(kiaim.generalize(9162, 'ags', 1), '09162', 'a district key that became a number has its zero back');
SELECT is(kiaim.generalize('c504'::text, 'icd10', 0), 'c504', 'level 0 is the code as it was written');
SELECT is(kiaim.generalize('C50.4'::text, 'icd10', 6), '*', 'the top is the star');

---------------------------------------------------------------------------
-- Outside

SELECT ok(pg_temp.outside(code, system), format('%s: %s is outside', system, quote_literal(code)))
FROM (VALUES
  ('icd10', ''), ('icd10', ' '), ('icd10', 'C'), ('icd10', 'C5'), ('icd10', '50.4'), ('icd10', 'CC5'),
  ('icd10', 'C50.4 text'), ('icd10', 'C50.4x'), ('icd10', 'C50 breast'), ('icd10', 'C50.4 G G'),
  ('icd10', 'C50.123'), ('icd10', 'C50000'), ('icd10', 'C 50.4'), ('icd10', 'C50..4'), ('icd10', 'C50,4'),
  ('icd10', 'C42.1'), ('icd10', 'C27'), ('icd10', 'C35.0'), ('icd10', 'C98'), ('icd10', 'D08'), ('icd10', 'D49'),
  ('icd10', 'A10'), ('icd10', 'I46.9 '||chr(160)), ('icd10', 'Ä50.4'), ('icd10', 'C50.4, C34.1'), ('icd10', 'unknown'),
  ('icdo_topography', ''), ('icdo_topography', 'C43.9'), ('icdo_topography', 'C78.0'), ('icdo_topography', 'C81.9'),
  ('icdo_topography', 'C35'), ('icdo_topography', 'D05.1'), ('icdo_topography', 'C50.45'), ('icdo_topography', 'C50.4 G'),
  ('icdo_morphology', ''), ('icdo_morphology', '850'), ('icdo_morphology', '8500/'), ('icdo_morphology', '8500/5'),
  ('icdo_morphology', '9770/3'), ('icdo_morphology', '7999/3'), ('icdo_morphology', 'C50.4'), ('icdo_morphology', '8500/3 ductal'),
  ('icdo_morphology', '850003'), ('icdo_morphology', 'MM8500/3'),
  ('tnm', ''), ('tnm', 'T'), ('tnm', 'M'), ('tnm', 'T5'), ('tnm', 'N4'), ('tnm', 'M2'), ('tnm', '12'), ('tnm', '1 2'),
  ('tnm', 'T1(dcis)'), ('tnm', 'T1('), ('tnm', 'T1()'), ('tnm', 'T1(xyz)'), ('tnm', 'T1a4'), ('tnm', 'N1e'), ('tnm', 'ppT1'),
  ('tnm', 'no'), ('tnm', 'male'), ('tnm', 'T1 N0 M0'), ('tnm', 'S4'), ('tnm', 'L2'), ('tnm', 'V1(m)'), ('tnm', 'T2(1000)'),
  ('uicc', ''), ('uicc', 'Stage'), ('uicc', 'IIII'), ('uicc', 'V'), ('uicc', 'IE'), ('uicc', '3'), ('uicc', 'IA4'), ('uicc', 'I A B'),
  ('uicc', 'VI'), ('uicc', '0b'),
  ('ags', ''), ('ags', '9'), ('ags', '09'), ('ags', '091'), ('ags', '123456'), ('ags', '09164'), ('ags', '17000'), ('ags', '00099'),
  ('ags', '17099'), ('ags', '07199'), ('ags', '05299'), ('ags', '091620000'), ('ags', '09162x'), ('ags', '-9162'), ('ags', '9162.0'),
  ('age_groups', ''), ('age_groups', '-1'), ('age_groups', '131'), ('age_groups', '999'), ('age_groups', '78.'), ('age_groups', '7 8'),
  ('age_groups', '75-80'), ('age_groups', '76-80'), ('age_groups', '85'||chr(8211)), ('age_groups', '90+'), ('age_groups', '1e1'),
  ('age_groups', 'a75'), ('age_groups', 'NaN')
) v(system, code);

-- A text of a megabyte is no code, whatever it is made of.
SELECT ok(bool_and(pg_temp.outside(repeat(part, 1048576 / length(part)), system)), system || ': a megabyte of text is outside')
FROM (VALUES ('icd10'), ('icdo_topography'), ('icdo_morphology'), ('tnm'), ('uicc'), ('ags'), ('age_groups')) s(system),
     (VALUES ('C50.4'), ('1'), ('(sn)'), (' '), ('Stage '), ('9162')) p(part)
GROUP BY system;
SELECT is(pg_temp.labels(repeat(' ', 1048576) || 'C50.4', 'icd10'), 'C50 > C50-C50 > C00-C75 > C00-C97 > II (C00-D48)',
          'a megabyte of blanks before a code is none of its characters');
SELECT ok(pg_temp.outside('1.' || repeat('0', 1048576) || 'x', 'age_groups'), 'a megabyte of decimals ends in no age');

-- NULL is NULL under the top.
SELECT is(kiaim.path(NULL::text, system::kiaim.hierarchy),
          array_fill(NULL::text, ARRAY[kiaim.height(system::kiaim.hierarchy)]) || '*'::text,
          system || ': NULL stays NULL up to the star')
FROM (VALUES ('icd10'), ('icdo_topography'), ('icdo_morphology'), ('tnm'), ('uicc'), ('ags'), ('age_groups')) s(system);

---------------------------------------------------------------------------
-- A tree: over all codes there can be, the label of a level decides the next.

CREATE TEMP TABLE code AS
  SELECT 'icd10' AS system, chr(letter) || lpad(number::text, 2, '0') || rest AS code
  FROM generate_series(65, 90) letter, generate_series(0, 99) number,
       unnest('{"",.4,4,.-,.40,00,"-"," G",.9+}'::text[]) rest
  UNION ALL
  SELECT 'icdo_topography', 'C' || lpad(number::text, 2, '0') || rest
  FROM generate_series(0, 99) number, unnest('{"",.4,4,.-,"9 L"}'::text[]) rest
  UNION ALL
  SELECT 'icdo_morphology', prefix || lpad(number::text, 4, '0') || rest
  FROM generate_series(0, 9999) number, unnest('{"",M}'::text[]) prefix, unnest('{"",/3,0,/62,/5}'::text[]) rest
  UNION ALL
  SELECT 'tnm', prefix || letter || base || sub || digit || suffix
  FROM unnest('{"",p,yc,a,r}'::text[]) prefix,
       unnest('{"",T,N,M,L,V,Pn,S,t,PN}'::text[]) letter,
       unnest('{0,1,2,3,4,5,X,is,a,mic,""}'::text[]) base,
       unnest('{"",a,B," c",d,e,f,mi,mic}'::text[]) sub,
       unnest('{"",1,3,4}'::text[]) digit,
       unnest('{"",(sn),"(m)",(i-),(DCIS),(3),(2/15),(x)}'::text[]) suffix
  UNION ALL
  SELECT 'uicc', prefix || stage || sub || digit
  FROM unnest('{"","Stage ","UICC "}'::text[]) prefix,
       unnest('{"",0,I,II,III,IV,V,iiii,ii,okk,X}'::text[]) stage,
       unnest('{"",A,b,C,D,E,s,is}'::text[]) sub,
       unnest('{"",1,2,3,4}'::text[]) digit
  UNION ALL
  SELECT 'ags', format FROM generate_series(0, 99999) number,
       unnest(ARRAY[number::text, lpad(number::text, 5, '0'), lpad(number::text, 5, '0') || '123']) format
  UNION ALL
  SELECT 'age_groups', number::text FROM generate_series(-200, 1000) number
  UNION ALL
  SELECT 'age_groups', a || separator || b FROM generate_series(-1, 99) a, generate_series(0, 99) b, unnest('{-,b,+}'::text[]) separator;

CREATE TEMP TABLE label AS
  SELECT system, code, kiaim.path(code, system::kiaim.hierarchy) AS labels
  FROM (SELECT DISTINCT * FROM code) c;

SELECT is((SELECT count(*) FROM (
             SELECT 1 FROM label, generate_series(2, cardinality(labels) - 1) l
             WHERE label.system = s.system
             GROUP BY l, labels[l] HAVING count(DISTINCT labels[l + 1]) > 1) broken),
          0::bigint,
          format('%s: a tree over %s codes', system, (SELECT count(*) FROM label WHERE label.system = s.system)))
FROM (SELECT DISTINCT system FROM label) s ORDER BY system;

SELECT is((SELECT count(*) FROM label WHERE label.system = s.system
           AND ('*' = ANY (labels[2:cardinality(labels) - 1])) <> ('*' = ALL (labels[2:]))),
          0::bigint, system || ': the star comes at level 1 or at the top, never between')
FROM (SELECT DISTINCT system FROM label) s ORDER BY system;

-- As many codes as there are.
SELECT is((SELECT count(DISTINCT labels[2]) FROM label WHERE system = 'icd10' AND labels[6] = 'II (C00-D48)'),
          137::bigint, 'icd10: 137 categories in chapter II');
SELECT is((SELECT count(DISTINCT labels[3]) FROM label WHERE system = 'icd10' AND labels[2] <> '*'), 241::bigint, 'icd10: 241 blocks');
SELECT is((SELECT count(DISTINCT labels[6]) FROM label WHERE system = 'icd10' AND labels[2] <> '*'), 22::bigint, 'icd10: 22 chapters');
SELECT is((SELECT count(DISTINCT labels[2]) FROM label WHERE system = 'icdo_topography' AND labels[2] <> '*'), 70::bigint,
          'icdo_topography: 70 categories');
SELECT is((SELECT count(DISTINCT labels[3]) FROM label WHERE system = 'icdo_morphology' AND labels[2] <> '*'), 57::bigint,
          'icdo_morphology: 57 groups');
SELECT is((SELECT count(DISTINCT labels[2]) FROM label WHERE system = 'ags' AND labels[2] <> '*' AND labels[2] NOT LIKE '%99'), 401::bigint,
          'ags: 401 districts');
SELECT is((SELECT count(DISTINCT labels[2]) FROM label WHERE system = 'ags' AND labels[2] LIKE '%99'), 16 + 19::bigint,
          'ags: 16 states and 19 Regierungsbezirke of which no more is known');
SELECT is((SELECT count(DISTINCT labels[2]) FROM label WHERE system = 'age_groups' AND labels[2] <> '*'), 18::bigint, 'age_groups: 18 groups');

---------------------------------------------------------------------------
-- The fact files, where they are at hand.

\set facts `cd "${KIAIM_SHARED:-../shared}/reference/codes" 2>/dev/null && for f in *.tsv; do grep -v '^#' "$f" | tail -n +2 | sed "s/^/${f%.tsv}	/"; done`
CREATE TEMP TABLE fact AS
  SELECT string_to_array(line, E'\t') AS f FROM string_to_table(:'facts', E'\n') line WHERE line <> '';

CREATE TEMP TABLE expected AS
  SELECT f[1] AS file, 'icd10' AS system, f[2] AS code, 2 AS level, f[3] AS label FROM fact WHERE f[1] = 'icd10_chapter2_categories'
  UNION ALL SELECT f[1], 'icd10', edge, 2, f[2] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icd10_chapter2_groups'
  UNION ALL SELECT f[1], 'icd10', edge, 3, f[5] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icd10_chapter2_groups' AND f[2] LIKE 'C%'
  UNION ALL SELECT f[1], 'icd10', edge, 4, f[6] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icd10_chapter2_groups' AND f[2] LIKE 'C%'
  UNION ALL SELECT f[1], 'icd10', edge, 2, f[5] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icd10gm_blocks_all_derived'
  UNION ALL SELECT f[1], 'icd10', edge, 5, format('%s (%s-%s)', f[3], f[4], f[5]) FROM fact, unnest(f[7:8]) edge WHERE f[1] = 'icd10gm_chapters'
  UNION ALL SELECT f[1], 'icdo_topography', f[2] || rest, 2, f[3] FROM fact, unnest('{"",.0}'::text[]) rest WHERE f[1] = 'icdo3_topography_categories'
  UNION ALL SELECT f[1], 'icdo_topography', edge, 2, f[2] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icdo3_topography_groups'
  UNION ALL SELECT f[1], 'icdo_morphology', edge || '/3', 2, f[2] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icdo3_morphology_groups'
  UNION ALL SELECT f[1], 'icdo_morphology', edge || '/3', 3, f[7] FROM fact, unnest(f[3:4]) edge WHERE f[1] = 'icdo3_morphology_groups'
  UNION ALL SELECT f[1], 'icdo_morphology', edge, 1, left(edge, 3) FROM fact, unnest(f[4:5]) edge WHERE f[1] = 'icdo3_morphology_iarc_groups'
  UNION ALL SELECT f[1], 'tnm', f[3], 1, CASE WHEN length(f[3]) > 2 AND f[4] NOT IN ('*', '0', '1', '2', '3', '4', 'X', 'is') THEN f[4] ELSE f[3] END
    FROM fact WHERE f[1] = 'tnm_uicc_values' AND f[2] IN ('T', 'N', 'M')
  UNION ALL SELECT f[1], 'tnm', 'p' || f[2] || f[3], 2, f[2] || CASE WHEN f[4] = '*' THEN f[3] WHEN length(f[4]) = 2 AND f[4] <> 'is' THEN left(f[4], 1) ELSE f[4] END
    FROM fact WHERE f[1] = 'tnm_uicc_values' AND f[2] IN ('T', 'N', 'M')
  UNION ALL SELECT f[1], 'tnm', f[3], 2, CASE WHEN f[4] = '*' THEN f[3] ELSE f[4] END FROM fact WHERE f[1] = 'tnm_uicc_values' AND f[2] IN ('L', 'V', 'Pn', 'S')
  UNION ALL SELECT f[1], 'uicc', spelling, 2, coalesce(substring(f[3] FROM '^(0|IV|I+)'), f[3])
    FROM fact, unnest(ARRAY[f[3], lower(f[3]), 'Stadium ' || f[3]]) spelling WHERE f[1] = 'tnm_uicc_values' AND f[2] = 'UICC'
  UNION ALL SELECT f[1], 'uicc', f[3], 1, CASE WHEN f[4] ~ '^I[IV]*[A-D]$' THEN f[4] ELSE f[3] END FROM fact WHERE f[1] = 'tnm_uicc_values' AND f[2] = 'UICC'
  UNION ALL SELECT f[1], 'ags', spelling, 1, f[2] FROM fact, unnest(ARRAY[f[2], ltrim(f[2], '0'), f[2] || '001', ltrim(f[2], '0') || '001']) spelling WHERE f[1] = 'de_kreise'
  UNION ALL SELECT f[1], 'ags', f[2], 3, f[8] FROM fact WHERE f[1] = 'de_kreise'
  UNION ALL SELECT f[1], 'ags', f[2], 2, left(f[7], 3) FROM fact WHERE f[1] = 'de_kreise' AND f[7] <> ''
  UNION ALL SELECT f[1], 'ags', f[7], 2, left(f[2], 3) FROM fact WHERE f[1] = 'de_kreise' AND f[7] <> ''
  UNION ALL SELECT f[1], 'ags', f[6], 3, f[2] FROM fact WHERE f[1] = 'de_states'
  UNION ALL SELECT f[1], 'age_groups', spelling, 1, f[5] FROM fact, unnest(ARRAY[f[3], NULLIF(f[4], ''), f[5], f[6]]) spelling
    WHERE f[1] = 'age_groups' AND spelling IS NOT NULL;

SELECT CASE WHEN count(e.file) = 0 THEN skip(file.file || ': the fact files are not at hand')
       ELSE is(string_agg(format('%s of %s at level %s: %s, not %s', code, system, level, measured, label), '; ')
                 FILTER (WHERE measured IS DISTINCT FROM label OR measured = '*'), NULL::text,
               format('%s: %s labels', file.file, count(*))) END
FROM unnest('{icd10_chapter2_categories,icd10_chapter2_groups,icd10gm_blocks_all_derived,icd10gm_chapters,icdo3_topography_categories,icdo3_topography_groups,icdo3_morphology_groups,icdo3_morphology_iarc_groups,tnm_uicc_values,de_kreise,de_states,age_groups}'::text[]) file(file)
LEFT JOIN LATERAL (
  SELECT x.*, kiaim.generalize(code, system::kiaim.hierarchy, level) AS measured FROM expected x
  WHERE x.file = file.file) e ON true
GROUP BY file.file ORDER BY file.file;

SELECT * FROM finish();
ROLLBACK;
