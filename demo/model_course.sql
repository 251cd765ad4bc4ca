-- What happens after the diagnosis: survival, treatment, drugs; and the words
-- that names and remarks are made of. Part of the model, see model.sql.

-- Shares by stage I, II, III, IV; diseases without stages have one share.
-- survival is relative survival after five years; shape below 1 puts the deaths
-- early. local and metastatic are the systemic therapies of stages up to III and IV.
CREATE TABLE registry_model.course (
  name         text PRIMARY KEY REFERENCES registry_model.entity (name),
  shape        float8   NOT NULL,
  survival     float8[] NOT NULL,
  operated     float8[] NOT NULL,
  irradiated   float8[] NOT NULL,
  systemic     float8[] NOT NULL,
  local        text     NOT NULL,
  metastatic   text     NOT NULL,
  ops          text     NOT NULL,
  metastases   text     NOT NULL,
  drugs        text     NOT NULL,
  neoadjuvant  float8   NOT NULL DEFAULT 0,  -- of those operated on in stage II or III
  local_labels          text[]   GENERATED ALWAYS AS (registry_model.labels(local)) STORED,
  local_thresholds      float8[] GENERATED ALWAYS AS (registry_model.thresholds(local)) STORED,
  metastatic_labels     text[]   GENERATED ALWAYS AS (registry_model.labels(metastatic)) STORED,
  metastatic_thresholds float8[] GENERATED ALWAYS AS (registry_model.thresholds(metastatic)) STORED,
  ops_labels            text[]   GENERATED ALWAYS AS (registry_model.labels(ops)) STORED,
  ops_thresholds        float8[] GENERATED ALWAYS AS (registry_model.thresholds(ops)) STORED,
  metastases_labels     text[]   GENERATED ALWAYS AS (registry_model.labels(metastases)) STORED,
  metastases_thresholds float8[] GENERATED ALWAYS AS (registry_model.thresholds(metastases)) STORED
);
COMMENT ON TABLE registry_model.course IS 'survival and treatment of a disease by stage';
INSERT INTO registry_model.course (name, shape, survival, operated, irradiated, systemic, local, metastatic, ops, metastases, drugs) VALUES
  ('breast', 1.1, '{.99,.94,.77,.30}', '{.96,.95,.88,.32}', '{.72,.68,.76,.26}', '{.74,.88,.92,.82}', 'HO:64 CH:22 CI:10 IM:2 ZS:2', 'HO:34 CH:22 IZ:6 ZS:18 CI:14 IM:6',
    '5-870:70 5-872:18 5-874:8 5-877:4', 'OSS:48 HEP:20 PUL:18 BRA:5 LYM:5 PLE:4', 'breast'),
  ('prostate', 1.2, '{.99,.985,.96,.50}', '{.42,.66,.60,.10}', '{.24,.24,.38,.20}', '{.24,.14,.30,.86}', 'HO:58 AS:30 WW:12', 'HO:76 CH:14 ZS:10', '5-604:84 5-601:16',
    'OSS:78 LYM:14 PUL:4 HEP:4', 'prostate'),
  ('lung', .8, '{.70,.48,.24,.06}', '{.70,.58,.26,.04}', '{.22,.28,.52,.30}', '{.12,.42,.70,.66}', 'CH:76 CI:14 IM:8 ZS:2', 'CH:40 CI:26 IM:16 ZS:16 CZ:2',
    '5-324:72 5-323:14 5-328:8 5-322:6', 'OSS:22 BRA:21 HEP:16 PUL:15 ADR:11 PLE:10 LYM:5', 'lung'),
  ('colon', .85, '{.95,.87,.71,.16}', '{.97,.97,.95,.55}', '{.00,.00,.01,.03}', '{.02,.14,.60,.62}', 'CH:97 CI:3', 'CH:44 CI:50 IM:4 CZ:2', '5-455:94 5-456:3 5-452:3',
    'HEP:62 PUL:13 PER:18 LYM:4 OSS:3', 'colorectal'),
  ('rectum', .85, '{.94,.84,.70,.17}', '{.93,.90,.86,.45}', '{.12,.46,.60,.24}', '{.10,.40,.66,.62}', 'CH:99 CI:1', 'CH:46 CI:50 IM:2 CZ:2', '5-484:88 5-482:6 5-485:6',
    'HEP:56 PUL:26 LYM:7 PER:6 OSS:5', 'colorectal'),
  ('melanoma', 1.0, '{.99,.86,.70,.28}', '{.98,.97,.93,.50}', '{.00,.01,.07,.26}', '{.00,.05,.42,.70}', 'IM:82 ZS:18', 'IM:68 ZS:28 IZ:2 CH:2', '5-895:78 5-894:22',
    'PUL:30 SKI:18 LYM:18 BRA:18 HEP:12 OSS:4', 'melanoma'),
  ('corpus uteri', .9, '{.93,.82,.58,.20}', '{.97,.94,.90,.55}', '{.32,.54,.50,.20}', '{.03,.14,.42,.60}', 'CH:92 HO:8', 'CH:70 HO:18 CI:12', '5-683:90 5-682:10',
    'PER:38 PUL:27 HEP:15 LYM:13 OSS:7', 'gynaecological'),
  ('ovary', .95, '{.90,.75,.42,.22}', '{.97,.93,.86,.64}', '{.00,.01,.01,.01}', '{.52,.82,.88,.82}', 'CH:78 CI:20 CZ:2', 'CH:60 CI:34 CZ:6', '5-683:60 5-653:40',
    'PER:44 PLE:26 HEP:16 LYM:8 PUL:6', 'gynaecological'),
  ('cervix uteri', .85, '{.93,.72,.52,.17}', '{.88,.38,.16,.08}', '{.16,.70,.80,.46}', '{.10,.58,.68,.56}', 'CH:97 CI:3', 'CH:52 CI:46 IM:2', '5-685:44 5-671:30 5-683:26',
    'LYM:36 PUL:26 HEP:14 OSS:14 PER:10', 'gynaecological'),
  ('kidney', .9, '{.97,.90,.75,.16}', '{.91,.94,.92,.48}', '{.01,.00,.02,.17}', '{.00,.00,.05,.62}', 'ZS:70 IM:30', 'ZS:55 IM:20 IZ:25', '5-553:46 5-554:54',
    'PUL:45 OSS:25 LYM:10 HEP:9 BRA:6 ADR:5', 'kidney'),
  ('bladder', .8, '{.86,.56,.40,.09}', '{.97,.96,.93,.72}', '{.01,.12,.14,.20}', '{.24,.24,.36,.50}', 'CH:80 SO:20', 'CH:64 IM:30 CI:6', '5-573:78 5-576:22',
    'LYM:30 OSS:26 PUL:20 HEP:17 PER:7', 'urothelial'),
  ('stomach', .8, '{.80,.58,.31,.05}', '{.88,.82,.72,.18}', '{.01,.04,.06,.06}', '{.12,.62,.68,.64}', 'CH:95 CI:5', 'CH:76 CI:22 IM:2', '5-437:60 5-436:22 5-434:18',
    'HEP:38 PER:36 LYM:10 PUL:9 OSS:7', 'upper gastrointestinal'),
  ('oesophagus', .8, '{.62,.42,.27,.07}', '{.66,.56,.46,.10}', '{.22,.44,.54,.32}', '{.16,.54,.72,.62}', 'CH:96 CI:4', 'CH:72 CI:22 IM:6', '5-426:72 5-429:28',
    'HEP:35 PUL:23 LYM:18 OSS:13 PER:5 BRA:6', 'upper gastrointestinal'),
  ('pancreas', .85, '{.38,.22,.12,.03}', '{.66,.70,.28,.06}', '{.02,.04,.08,.03}', '{.36,.60,.66,.60}', 'CH:99 SO:1', 'CH:98 ZS:2', '5-524:74 5-525:26',
    'HEP:66 PER:16 PUL:10 LYM:5 OSS:3', 'upper gastrointestinal'),
  ('liver', .75, '{.46,.32,.11,.03}', '{.44,.34,.14,.04}', '{.02,.03,.06,.06}', '{.08,.14,.30,.44}', 'ZS:44 CH:36 IZ:20', 'ZS:40 CH:28 IZ:30 IM:2', '5-501:46 5-502:44 5-504:10',
    'PUL:38 OSS:24 LYM:15 PER:14 ADR:9', 'liver'),
  ('bile ducts in the liver', .8, '{.48,.34,.14,.04}', '{.66,.48,.22,.05}', '{.02,.03,.05,.04}', '{.22,.40,.52,.56}', 'CH:98 ZS:2', 'CH:92 ZS:8', '5-502:84 5-501:16',
    'HEP:44 PUL:20 PER:16 LYM:12 OSS:8', 'liver'),
  ('biliary tract', .8, '{.56,.36,.14,.03}', '{.78,.68,.40,.10}', '{.02,.03,.04,.03}', '{.20,.36,.46,.52}', 'CH:98 CI:2', 'CH:82 CI:14 ZS:4', '5-511:44 5-502:24 5-524:32',
    'HEP:58 PER:22 PUL:10 LYM:10', 'upper gastrointestinal'),
  ('small bowel', .9, '{.93,.84,.68,.45}', '{.93,.94,.92,.62}', '{.00,.00,.01,.03}', '{.02,.12,.28,.42}', 'CH:85 ZS:15', 'CH:44 HO:40 ZS:16', '5-454:92 5-524:8',
    'HEP:72 PER:15 LYM:6 PUL:4 OSS:3', 'colorectal'),
  ('mouth and pharynx', .8, '{.80,.66,.58,.36}', '{.84,.70,.62,.42}', '{.16,.42,.62,.66}', '{.02,.12,.34,.48}', 'CH:90 IM:7 CI:3', 'CH:70 CI:18 IM:12', '5-251:20 5-277:22 5-281:16 5-295:20 5-403:22',
    'PUL:54 LYM:14 HEP:11 OSS:14 BRA:4 SKI:3', 'head and neck'),
  ('larynx', .9, '{.90,.74,.62,.40}', '{.74,.60,.56,.48}', '{.34,.48,.60,.62}', '{.01,.06,.24,.38}', 'CH:90 IM:7 CI:3', 'CH:70 CI:18 IM:12', '5-302:28 5-303:40 5-300:32',
    'PUL:58 LYM:14 HEP:10 OSS:12 SKI:6', 'head and neck'),
  ('thyroid', .8, '{.99,.96,.88,.50}', '{.98,.97,.93,.70}', '{.52,.72,.64,.48}', '{.01,.02,.10,.34}', 'HO:80 ZS:20', 'ZS:70 CH:30', '5-063:66 5-061:34', 'PUL:55 OSS:27 LYM:8 BRA:5 HEP:5', 'kidney'),
  ('testis', .7, '{.99,.97,.86,.80}', '{.99,.98,.94,.90}', '{.04,.16,.02,.05}', '{.22,.78,.95,.95}', 'CH:82 AS:18', 'CH:97 SZ:3', '5-622:100', 'PUL:58 LYM:20 HEP:12 BRA:6 OSS:4', 'testis'),
  ('penis', .8, '{.93,.82,.58,.20}', '{.95,.95,.92,.60}', '{.02,.04,.14,.24}', '{.00,.03,.26,.42}', 'CH:100', 'CH:88 IM:12', '5-641:60 5-642:28 5-643:12', 'LYM:40 PUL:35 HEP:13 OSS:12', 'head and neck'),
  ('vulva', .8, '{.92,.78,.50,.18}', '{.95,.92,.80,.40}', '{.05,.14,.42,.38}', '{.00,.03,.16,.26}', 'CH:100', 'CH:86 IM:14', '5-712:38 5-714:50 5-713:12', 'LYM:38 PUL:32 HEP:14 OSS:16', 'gynaecological'),
  ('vagina', .8, '{.82,.66,.45,.15}', '{.60,.40,.28,.15}', '{.42,.68,.70,.42}', '{.08,.34,.42,.40}', 'CH:100', 'CH:80 CI:20', '5-703:60 5-705:40', 'LYM:38 PUL:32 HEP:14 OSS:16', 'gynaecological'),
  ('anus', .8, '{.90,.80,.64,.25}', '{.50,.22,.14,.12}', '{.52,.82,.86,.52}', '{.38,.76,.80,.70}', 'CH:100', 'CH:92 IM:8', '5-482:52 5-492:48', 'HEP:44 LYM:24 PUL:22 OSS:10', 'colorectal'),
  ('renal pelvis and ureter', .85, '{.88,.72,.52,.12}', '{.92,.93,.92,.48}', '{.01,.01,.02,.10}', '{.04,.12,.26,.50}', 'CH:96 IM:4', 'CH:70 IM:28 CI:2', '5-554:52 5-563:48',
    'LYM:32 PUL:24 HEP:22 OSS:22', 'urothelial'),
  ('mesothelioma', 1.0, '{.19,.14,.08,.03}', '{.28,.26,.20,.06}', '{.08,.10,.10,.08}', '{.44,.54,.54,.50}', 'CH:88 IM:8 CI:4', 'CH:72 IM:28', '5-344:64 5-345:36', 'PLE:34 PUL:26 PER:18 LYM:12 OSS:10', 'lung'),
  ('soft tissue', .85, '{.92,.82,.64,.18}', '{.95,.93,.88,.46}', '{.16,.44,.54,.26}', '{.01,.09,.24,.56}', 'CH:94 ZS:6', 'CH:86 ZS:14', '5-852:86 5-590:14', 'PUL:66 HEP:9 OSS:9 LYM:6 SKI:6 PER:4', 'sarcoma'),
  ('bone, young', .9, '{.92,.84,.74,.34}', '{.93,.90,.86,.60}', '{.08,.18,.22,.34}', '{.62,.92,.95,.95}', 'CH:100', 'CH:94 SZ:6', '5-785:20 5-789:44 5-822:36', 'PUL:72 OSS:21 MAR:7', 'sarcoma'),
  ('brain', .95, '{.13}', '{.68}', '{.62}', '{.58}', 'CH:97 CI:3', 'CH:100', '5-015:88 5-010:12', 'BRA:100', 'brain'),
  ('brain, child', .8, '{.66}', '{.82}', '{.34}', '{.44}', 'CH:97 SZ:3', 'CH:100', '5-015:88 5-022:12', 'BRA:100', 'brain'),
  ('meninges, benign', 1.0, '{.96}', '{.66}', '{.18}', '{.00}', 'WS:100', 'WS:100', '5-015:100', 'BRA:100', 'brain'),
  ('eye melanoma', 1.2, '{.90,.78,.60,.10}', '{.26,.28,.34,.20}', '{.72,.70,.58,.22}', '{.00,.01,.06,.60}', 'IM:100', 'IM:66 CH:28 ZS:6', '5-163:64 5-159:36', 'HEP:82 PUL:10 OSS:5 SKI:3', 'melanoma'),
  ('Hodgkin, young', .9, '{.965}', '{.10}', '{.42}', '{.94}', 'CH:92 CI:7 SZ:1', 'CH:100', '5-401:100', 'MAR:100', 'Hodgkin'),
  ('Hodgkin, old', .8, '{.68}', '{.08}', '{.24}', '{.84}', 'CH:88 CI:12', 'CH:100', '5-401:100', 'MAR:100', 'Hodgkin'),
  ('diffuse large B-cell', .7, '{.62}', '{.14}', '{.18}', '{.84}', 'CI:88 CH:8 SZ:2 IM:2', 'CI:100', '5-401:100', 'MAR:100', 'lymphoma'),
  ('follicular', .9, '{.88}', '{.10}', '{.20}', '{.64}', 'CI:64 IM:14 WW:22', 'CI:100', '5-401:100', 'MAR:100', 'lymphoma'),
  ('other B-cell', .85, '{.72}', '{.08}', '{.12}', '{.62}', 'CI:62 IM:12 WW:18 CH:8', 'CI:100', '5-401:100', 'MAR:100', 'lymphoma'),
  ('T-cell', .75, '{.56}', '{.10}', '{.16}', '{.60}', 'CH:72 CI:6 IM:8 SZ:8 SO:6', 'CH:100', '5-401:100', 'MAR:100', 'lymphoma'),
  ('myeloma', .95, '{.55}', '{.05}', '{.22}', '{.74}', 'ZS:36 CZ:26 CI:4 CIZ:6 IZ:14 SZ:14', 'CZ:100', '5-786:100', 'OSS:100', 'myeloma'),
  ('chronic lymphocytic', 1.1, '{.84}', '{.00}', '{.01}', '{.36}', 'ZS:34 CI:32 WW:24 IZ:10', 'CI:100', '5-401:100', 'MAR:100', 'lymphoma'),
  ('acute myeloid', .6, '{.26}', '{.00}', '{.04}', '{.74}', 'CH:74 CZ:12 SZ:14', 'CH:100', '5-401:100', 'MAR:100', 'leukaemia'),
  ('chronic myeloid', .9, '{.88}', '{.00}', '{.00}', '{.88}', 'ZS:94 CH:4 SZ:2', 'ZS:100', '5-401:100', 'MAR:100', 'chronic myeloid'),
  ('acute lymphoblastic, child', .8, '{.86}', '{.00}', '{.08}', '{.98}', 'CH:90 CI:4 SZ:6', 'CH:100', '5-401:100', 'MAR:100', 'leukaemia'),
  ('acute lymphoblastic', .65, '{.42}', '{.00}', '{.14}', '{.88}', 'CH:64 CI:14 CZ:8 SZ:14', 'CH:100', '5-401:100', 'MAR:100', 'leukaemia'),
  ('myelodysplastic', .9, '{.46}', '{.00}', '{.00}', '{.34}', 'CH:54 SO:30 SZ:10 WW:6', 'CH:100', '5-401:100', 'MAR:100', 'leukaemia'),
  ('myeloproliferative', 1.2, '{.86}', '{.01}', '{.00}', '{.56}', 'CH:62 ZS:26 SO:12', 'CH:100', '5-401:100', 'MAR:100', 'chronic myeloid'),
  ('neuroblastoma', .8, '{.74}', '{.72}', '{.20}', '{.58}', 'CH:70 CI:10 SZ:14 WS:6', 'CH:100', '5-072:70 5-590:30', 'OSS:50 MAR:40 HEP:10', 'sarcoma'),
  ('nephroblastoma', .8, '{.90}', '{.96}', '{.20}', '{.95}', 'CH:100', 'CH:100', '5-554:88 5-553:12', 'PUL:100', 'sarcoma'),
  ('retinoblastoma', .9, '{.97}', '{.52}', '{.22}', '{.52}', 'CH:100', 'CH:100', '5-163:100', 'MAR:100', 'sarcoma'),
  ('unknown primary', .7, '{.12}', '{.14}', '{.20}', '{.32}', 'CH:86 CI:10 IM:4', 'CH:100', '5-401:60 5-403:40', 'HEP:30 LYM:22 OSS:20 PUL:14 PER:10 GEN:4', 'lung'),
  ('breast in situ', 1.2, '{.99}', '{.96}', '{.54}', '{.12}', 'HO:100', 'HO:100', '5-870:82 5-872:12 5-877:6', 'OSS:100', 'breast'),
  ('melanoma in situ', 1.0, '{.995}', '{.98}', '{.00}', '{.00}', 'WS:100', 'WS:100', '5-895:60 5-894:40', 'SKI:100', 'melanoma'),
  ('bladder in situ', 1.0, '{.95}', '{.98}', '{.00}', '{.24}', 'SO:62 CH:38', 'CH:100', '5-573:100', 'LYM:100', 'urothelial'),
  ('cervix in situ', 1.0, '{.998}', '{.96}', '{.00}', '{.00}', 'WS:100', 'WS:100', '5-671:90 5-683:10', 'LYM:100', 'gynaecological');

UPDATE registry_model.course AS c SET neoadjuvant = v.share
FROM (VALUES ('breast', .34), ('rectum', .62), ('oesophagus', .66), ('stomach', .52), ('bladder', .12), ('ovary', .18),
             ('lung', .05), ('soft tissue', .16), ('bone, young', .9), ('nephroblastoma', .9)) AS v(name, share)
WHERE c.name = v.name;

-- Substances by group of drugs and therapy type; international nonproprietary names.
CREATE TABLE registry_model.drug (
  drugs        text,
  therapy_type text,
  substances   text NOT NULL,
  labels       text[]   GENERATED ALWAYS AS (registry_model.labels(substances)) STORED,
  thresholds   float8[] GENERATED ALWAYS AS (registry_model.thresholds(substances)) STORED,
  PRIMARY KEY (drugs, therapy_type)
);
COMMENT ON TABLE registry_model.drug IS 'substances by group of drugs and therapy type';
INSERT INTO registry_model.drug VALUES
  ('breast', 'HO', 'Tamoxifen:34 Letrozole:40 Anastrozole:16 Exemestane:7 Fulvestrant:3'), ('breast', 'CH', 'Epirubicin:40 Paclitaxel:36 Docetaxel:16 Capecitabine:8'),
  ('breast', 'CI', 'Trastuzumab:78 Pertuzumab:20 Atezolizumab:2'), ('breast', 'IM', 'Trastuzumab:100'), ('breast', 'ZS', 'Palbociclib:62 Ribociclib:26 Olaparib:12'),
  ('breast', 'IZ', 'Trastuzumab:100'), ('prostate', 'HO', 'Leuprorelin:58 Bicalutamide:22 Degarelix:12 Goserelin:8'), ('prostate', 'CH', 'Docetaxel:88 Cabazitaxel:12'),
  ('prostate', 'ZS', 'Abiraterone:60 Enzalutamide:36 Olaparib:4'), ('lung', 'CH', 'Carboplatin:38 Cisplatin:26 Pemetrexed:20 Etoposide:16'),
  ('lung', 'CI', 'Pembrolizumab:68 Atezolizumab:22 Bevacizumab:10'), ('lung', 'IM', 'Pembrolizumab:50 Nivolumab:30 Durvalumab:14 Atezolizumab:6'),
  ('lung', 'ZS', 'Osimertinib:54 Afatinib:18 Alectinib:16 Crizotinib:12'), ('colorectal', 'CH', 'Fluorouracil:46 Capecitabine:28 Oxaliplatin:20 Irinotecan:6'),
  ('colorectal', 'CI', 'Bevacizumab:60 Panitumumab:22 Cetuximab:18'), ('melanoma', 'IM', 'Nivolumab:56 Pembrolizumab:34 Ipilimumab:10'),
  ('melanoma', 'ZS', 'Dabrafenib:78 Encorafenib:14 Vemurafenib:8'), ('gynaecological', 'CH', 'Carboplatin:54 Paclitaxel:28 Cisplatin:18'),
  ('gynaecological', 'CI', 'Bevacizumab:86 Pembrolizumab:14'), ('kidney', 'ZS', 'Sunitinib:42 Pazopanib:34 Cabozantinib:24'), ('kidney', 'IM', 'Nivolumab:100'),
  ('kidney', 'IZ', 'Pembrolizumab:62 Avelumab:38'), ('urothelial', 'CH', 'Mitomycin:48 Gemcitabine:34 Cisplatin:18'), ('urothelial', 'SO', 'BCG:100'),
  ('urothelial', 'IM', 'Pembrolizumab:78 Avelumab:22'), ('upper gastrointestinal', 'CH', 'Fluorouracil:34 Oxaliplatin:24 Gemcitabine:30 Docetaxel:12'),
  ('upper gastrointestinal', 'CI', 'Trastuzumab:60 Nivolumab:40'), ('liver', 'ZS', 'Sorafenib:78 Lenvatinib:22'), ('liver', 'IZ', 'Atezolizumab:100'),
  ('liver', 'CH', 'Gemcitabine:60 Doxorubicin:40'), ('head and neck', 'CH', 'Cisplatin:78 Fluorouracil:14 Carboplatin:8'), ('head and neck', 'CI', 'Cetuximab:70 Pembrolizumab:30'),
  ('head and neck', 'IM', 'Pembrolizumab:52 Nivolumab:48'), ('testis', 'CH', 'Bleomycin:60 Carboplatin:40'), ('sarcoma', 'CH', 'Doxorubicin:54 Ifosfamide:24 Vincristine:22'),
  ('brain', 'CH', 'Temozolomide:90 Lomustine:10'), ('Hodgkin', 'CH', 'Doxorubicin:60 Bleomycin:40'), ('lymphoma', 'CI', 'Rituximab:94 Obinutuzumab:6'),
  ('lymphoma', 'IM', 'Rituximab:100'), ('lymphoma', 'ZS', 'Ibrutinib:72 Venetoclax:16 Acalabrutinib:12'), ('myeloma', 'ZS', 'Bortezomib:70 Lenalidomide:30'),
  ('myeloma', 'CZ', 'Bortezomib:100'), ('myeloma', 'IZ', 'Daratumumab:100'), ('leukaemia', 'CH', 'Cytarabine:56 Daunorubicin:22 Azacitidine:22'),
  ('chronic myeloid', 'ZS', 'Imatinib:60 Nilotinib:22 Dasatinib:10 Ruxolitinib:8'), ('chronic myeloid', 'CH', 'Hydroxycarbamide:100');

-- Lists that are drawn from as they are.
CREATE TABLE registry_model.list (
  list       text PRIMARY KEY,
  content    text NOT NULL,
  labels     text[]   GENERATED ALWAYS AS (registry_model.labels(content)) STORED,
  thresholds float8[] GENERATED ALWAYS AS (registry_model.thresholds(content)) STORED
);
COMMENT ON TABLE registry_model.list IS 'names, and causes of death other than the tumour';
INSERT INTO registry_model.list VALUES
  ('family', 'Müller:9 Schmidt:7 Schneider:5 Fischer:4 Weber:4 Meyer:4 Wagner:3 Becker:3 Schulz:3 Hoffmann:3 Schäfer:2 Koch:2 Bauer:2 Richter:2 Klein:2 Wolf:2
    Schröder:2 Neumann:2 Schwarz:2 Zimmermann:2 Braun:2 Krüger:2 Hofmann:2 Hartmann:2 Lange:2 Werner:1 Krause:1 Lehmann:1 Köhler:1 Maier:1 Kaiser:1 Fuchs:1
    Lang:1 Scholz:1 Möller:1 Weiß:1 Jung:1 Hahn:1 Vogel:1 Friedrich:1 Keller:1 Günther:1 Frank:1 Berger:1 Winkler:1 Roth:1 Beck:1 Lorenz:1 Baumann:1 Albrecht:1
    Ludwig:1 Böhm:1 Kraus:1 Schumacher:1 Vogt:1 Stein:1 Jäger:1 Otto:1 Sommer:1 Groß:1 Yılmaz:1 Kaya:1 Nowak:1 Kowalski:1 Ivanov:1 Nguyen:.5 Öztürk:.5'),
  ('given M', 'Hans:6 Peter:7 Klaus:6 Wolfgang:6 Jürgen:6 Dieter:5 Manfred:5 Günter:4 Horst:4 Werner:4 Helmut:4 Heinz:3 Gerhard:4 Michael:5 Thomas:4 Andreas:3 Stefan:3
    Bernd:3 Uwe:3 Karl:3 Frank:3 Martin:2 Christian:2 Markus:2 Jan:1 Lukas:1 Paul:1 Mehmet:1 Ali:.5 Josef:2'),
  ('given W', 'Ursula:6 Helga:5 Renate:5 Monika:6 Karin:5 Ingrid:5 Gisela:5 Christa:4 Erika:4 Elisabeth:4 Brigitte:4 Petra:4 Sabine:4 Gabriele:3 Maria:4 Barbara:3 Andrea:3
    Susanne:3 Birgit:2 Heike:2 Anna:2 Claudia:2 Martina:2 Julia:1 Sophie:1 Lena:1 Fatma:1 Ayşe:.5 Hannelore:3 Irmgard:2'),
  ('other death', 'I25.1:14 I21.9:9 I50.1:12 I63.9:6 I64:4 I11.0:4 F03:8 G30.9:4 J44.1:8 J18.9:5 E11.9:6 N18.5:4 K74.6:3 I48.9:3 A41.9:3 W19:3 R99:2 R54:2'),
  ('remark', 'moved:22 opinion:20 died:8 phone:18 study:12 correction:12 relative:8');
