/*-------------------------------------------------------------------------
 *
 * suggest_names.c
 *		What the name of a column says about it, in English and German.
 *
 * A name is read twice: cut into words at underscores and changes of case, as
 * in "_patient_id_", and run together, as in "patientid", because unquoted
 * names have lost their case.  A pattern with an underscore is looked for in
 * the words, any other in the run-together name.  The first that is found
 * wins, so the table goes from the telling to the vague, and what identifies
 * stands before what does not.  A name only opens a question; the content of
 * the column decides it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/suggest_internal.h"

static const struct
{
	const char *pattern;
	Concept		concept;
}			rules[] = {
	/* what describes another column */
	{"genauigkeit", CONCEPT_TECHNICAL}, {"accuracy", CONCEPT_TECHNICAL},
	{"_version", CONCEPT_TECHNICAL}, {"version_", CONCEPT_TECHNICAL},
	{"praefix", CONCEPT_TECHNICAL}, {"_prefix", CONCEPT_TECHNICAL}, {"symbol", CONCEPT_TECHNICAL},
	{"edition", CONCEPT_TECHNICAL}, {"auflage", CONCEPT_TECHNICAL},
	{"_created", CONCEPT_TECHNICAL}, {"_updated", CONCEPT_TECHNICAL},
	{"_modified", CONCEPT_TECHNICAL}, {"_imported", CONCEPT_TECHNICAL},
	{"_loaded", CONCEPT_TECHNICAL}, {"_inserted", CONCEPT_TECHNICAL},
	{"timestamp", CONCEPT_TECHNICAL}, {"eingangsdatum", CONCEPT_TECHNICAL},
	{"meldedatum", CONCEPT_TECHNICAL}, {"notificationdate", CONCEPT_TECHNICAL},
	{"lastchange", CONCEPT_TECHNICAL}, {"aenderung", CONCEPT_TECHNICAL},
	{"checksum", CONCEPT_TECHNICAL}, {"_hash_", CONCEPT_TECHNICAL},
	{"samplingweight", CONCEPT_TECHNICAL}, {"_weights_", CONCEPT_TECHNICAL},

	/* texts that may say anything */
	{"comment", CONCEPT_FREE_TEXT}, {"kommentar", CONCEPT_FREE_TEXT},
	{"bemerkung", CONCEPT_FREE_TEXT}, {"anmerkung", CONCEPT_FREE_TEXT},
	{"remark", CONCEPT_FREE_TEXT}, {"freitext", CONCEPT_FREE_TEXT},
	{"freetext", CONCEPT_FREE_TEXT}, {"text_", CONCEPT_FREE_TEXT},
	{"_note_", CONCEPT_FREE_TEXT}, {"_notes_", CONCEPT_FREE_TEXT},
	{"notiz", CONCEPT_FREE_TEXT}, {"description", CONCEPT_FREE_TEXT},
	{"beschreibung", CONCEPT_FREE_TEXT}, {"anamnes", CONCEPT_FREE_TEXT},
	{"epikris", CONCEPT_FREE_TEXT}, {"arztbrief", CONCEPT_FREE_TEXT},
	{"narrative", CONCEPT_FREE_TEXT}, {"_memo_", CONCEPT_FREE_TEXT},

	/* who it is */
	{"surname", CONCEPT_IDENTIFIER}, {"vorname", CONCEPT_IDENTIFIER},
	{"nachname", CONCEPT_IDENTIFIER}, {"name_", CONCEPT_IDENTIFIER},
	{"_names_", CONCEPT_IDENTIFIER}, {"initials", CONCEPT_IDENTIFIER},
	{"street", CONCEPT_IDENTIFIER}, {"strasse", CONCEPT_IDENTIFIER},
	{"address", CONCEPT_IDENTIFIER}, {"adresse", CONCEPT_IDENTIFIER},
	{"anschrift", CONCEPT_IDENTIFIER}, {"hausn", CONCEPT_IDENTIFIER},
	{"housen", CONCEPT_IDENTIFIER}, {"phone", CONCEPT_IDENTIFIER},
	{"telefon", CONCEPT_IDENTIFIER}, {"_tel_", CONCEPT_IDENTIFIER},
	{"_mobil", CONCEPT_IDENTIFIER}, {"_fax_", CONCEPT_IDENTIFIER},
	{"_mail", CONCEPT_IDENTIFIER}, {"email", CONCEPT_IDENTIFIER},
	{"insurancen", CONCEPT_IDENTIFIER}, {"versichertenn", CONCEPT_IDENTIFIER},
	{"versicherungsn", CONCEPT_IDENTIFIER}, {"kvnr", CONCEPT_IDENTIFIER},
	{"_svnr_", CONCEPT_IDENTIFIER}, {"_ssn_", CONCEPT_IDENTIFIER},
	{"socialsecurity", CONCEPT_IDENTIFIER}, {"_nhs_", CONCEPT_IDENTIFIER},
	{"passport", CONCEPT_IDENTIFIER}, {"ausweis", CONCEPT_IDENTIFIER},
	{"_iban_", CONCEPT_IDENTIFIER}, {"kontonummer", CONCEPT_IDENTIFIER},
	{"_ip_", CONCEPT_IDENTIFIER}, {"_url_", CONCEPT_IDENTIFIER},
	{"latitude", CONCEPT_IDENTIFIER}, {"longitude", CONCEPT_IDENTIFIER},
	{"_lat_", CONCEPT_IDENTIFIER}, {"_lon_", CONCEPT_IDENTIFIER},
	{"_lng_", CONCEPT_IDENTIFIER}, {"koordinate", CONCEPT_IDENTIFIER},
	{"physician", CONCEPT_IDENTIFIER}, {"_doctor_", CONCEPT_IDENTIFIER},
	{"arzt_", CONCEPT_IDENTIFIER}, {"melder", CONCEPT_IDENTIFIER},
	{"kennzeichen", CONCEPT_IDENTIFIER}, {"_user_", CONCEPT_IDENTIFIER},
	{"login", CONCEPT_IDENTIFIER}, {"foto", CONCEPT_IDENTIFIER}, {"photo", CONCEPT_IDENTIFIER},

	/* keys: of a tumour before of a person, for "patient tumour id" is the former */
	{"tumorid", CONCEPT_KEY}, {"tumourid", CONCEPT_KEY}, {"caseid", CONCEPT_KEY},
	{"fallid", CONCEPT_KEY}, {"fallnummer", CONCEPT_KEY},
	{"patientid", CONCEPT_PERSON}, {"patientenid", CONCEPT_PERSON},
	{"patientn", CONCEPT_PERSON}, {"patientenn", CONCEPT_PERSON},
	{"patientkey", CONCEPT_PERSON}, {"_patient_", CONCEPT_PERSON},
	{"_pat_id_", CONCEPT_PERSON}, {"_pat_nr_", CONCEPT_PERSON}, {"_patid_", CONCEPT_PERSON},
	{"_pid_", CONCEPT_PERSON}, {"personid", CONCEPT_PERSON}, {"personenid", CONCEPT_PERSON},
	{"personkey", CONCEPT_PERSON}, {"_person_", CONCEPT_PERSON},
	{"subjectid", CONCEPT_PERSON}, {"participantid", CONCEPT_PERSON},
	{"proband", CONCEPT_PERSON}, {"versichertenid", CONCEPT_PERSON},
	{"_mrn_", CONCEPT_PERSON}, {"pseudonym", CONCEPT_PERSON},
	{"id_", CONCEPT_KEY}, {"_id", CONCEPT_KEY}, {"_ids_", CONCEPT_KEY}, {"_key_", CONCEPT_KEY},
	{"schluessel_", CONCEPT_KEY}, {"_nr_", CONCEPT_KEY}, {"nummer_", CONCEPT_KEY},
	{"_number_", CONCEPT_KEY}, {"lfdnr", CONCEPT_KEY}, {"_index_", CONCEPT_KEY},

	/* times, from death backwards: "days to death" is no date */
	{"survival", CONCEPT_SURVIVAL}, {"ueberleben", CONCEPT_SURVIVAL},
	{"daystodeath", CONCEPT_SURVIVAL}, {"timetodeath", CONCEPT_SURVIVAL},
	{"diagnosetod", CONCEPT_SURVIVAL}, {"followupdays", CONCEPT_SURVIVAL},
	{"anzahltage", CONCEPT_DURATION}, {"_days", CONCEPT_DURATION}, {"days_", CONCEPT_DURATION},
	{"_tage_", CONCEPT_DURATION}, {"dauer", CONCEPT_DURATION},
	{"duration", CONCEPT_DURATION}, {"timeto", CONCEPT_DURATION},
	{"months_", CONCEPT_DURATION}, {"_monate_", CONCEPT_DURATION}, {"_weeks_", CONCEPT_DURATION},
	{"todesursache", CONCEPT_ICD10}, {"causeofdeath", CONCEPT_ICD10},
	{"deathcause", CONCEPT_ICD10}, {"deathtumo", CONCEPT_CLINICAL},
	{"dateofdeath", CONCEPT_DEATH_DATE}, {"deathdate", CONCEPT_DEATH_DATE},
	{"sterbedat", CONCEPT_DEATH_DATE}, {"todesdat", CONCEPT_DEATH_DATE},
	{"todeszeit", CONCEPT_DEATH_DATE}, {"_dod_", CONCEPT_DEATH_DATE},
	{"datumvitalstatus", CONCEPT_DEATH_DATE}, {"vitalstatusdat", CONCEPT_DEATH_DATE},
	{"birthplace", CONCEPT_SOCIAL}, {"countryofbirth", CONCEPT_SOCIAL},
	{"geburtsort", CONCEPT_SOCIAL}, {"geburtsland", CONCEPT_SOCIAL},
	{"birth", CONCEPT_BIRTH_DATE}, {"geburt", CONCEPT_BIRTH_DATE},
	{"_dob_", CONCEPT_BIRTH_DATE}, {"gebdat", CONCEPT_BIRTH_DATE},
	{"diagnosejahr", CONCEPT_YEAR}, {"diagnosisyear", CONCEPT_YEAR},
	{"year_", CONCEPT_YEAR}, {"jahr_", CONCEPT_YEAR}, {"_year_", CONCEPT_YEAR},
	{"diagnosisdat", CONCEPT_DIAGNOSIS_DATE}, {"diagnosedat", CONCEPT_DIAGNOSIS_DATE},
	{"dateofdiagnosis", CONCEPT_DIAGNOSIS_DATE}, {"incidencedat", CONCEPT_DIAGNOSIS_DATE},
	{"inzidenzdat", CONCEPT_DIAGNOSIS_DATE}, {"diagdat", CONCEPT_DIAGNOSIS_DATE},

	/* who and where, roughly */
	{"_age_", CONCEPT_AGE}, {"_ages_", CONCEPT_AGE}, {"ageat", CONCEPT_AGE},
	{"alter_", CONCEPT_AGE}, {"agrp", CONCEPT_AGE}, {"agegroup", CONCEPT_AGE},
	{"altersgruppe", CONCEPT_AGE}, {"alterbei", CONCEPT_AGE},
	{"_sex_", CONCEPT_SEX}, {"gender", CONCEPT_SEX}, {"geschlecht", CONCEPT_SEX},
	{"plz", CONCEPT_POSTCODE}, {"postleitzahl", CONCEPT_POSTCODE},
	{"postcode", CONCEPT_POSTCODE}, {"postalcode", CONCEPT_POSTCODE}, {"_zip", CONCEPT_POSTCODE},
	{"bundesland", CONCEPT_STATE}, {"_bl_", CONCEPT_STATE}, {"_state_", CONCEPT_STATE},
	{"_land_", CONCEPT_STATE}, {"_region_", CONCEPT_STATE}, {"province", CONCEPT_STATE},
	{"kreislauf", CONCEPT_CLINICAL}, {"kreis", CONCEPT_DISTRICT}, {"_ags", CONCEPT_DISTRICT},
	{"gemeinde", CONCEPT_DISTRICT}, {"inzidenzort", CONCEPT_DISTRICT},
	{"wohnort", CONCEPT_DISTRICT}, {"district", CONCEPT_DISTRICT},
	{"_county_", CONCEPT_DISTRICT}, {"municipality", CONCEPT_DISTRICT},
	{"_ort_", CONCEPT_DISTRICT}, {"_city_", CONCEPT_DISTRICT}, {"_stadt_", CONCEPT_DISTRICT},
	{"_town_", CONCEPT_DISTRICT}, {"residence", CONCEPT_DISTRICT},
	{"marital", CONCEPT_SOCIAL}, {"familienstand", CONCEPT_SOCIAL}, {"civil", CONCEPT_SOCIAL},
	{"nationali", CONCEPT_SOCIAL}, {"staatsangeh", CONCEPT_SOCIAL},
	{"citizen", CONCEPT_SOCIAL}, {"country", CONCEPT_SOCIAL}, {"herkunft", CONCEPT_SOCIAL},
	{"migration", CONCEPT_SOCIAL}, {"occupation", CONCEPT_SOCIAL}, {"beruf", CONCEPT_SOCIAL},
	{"profession", CONCEPT_SOCIAL}, {"_race_", CONCEPT_SOCIAL}, {"ethnic", CONCEPT_SOCIAL},
	{"relig", CONCEPT_SOCIAL}, {"konfession", CONCEPT_SOCIAL}, {"education", CONCEPT_SOCIAL},
	{"bildung", CONCEPT_SOCIAL}, {"schul", CONCEPT_SOCIAL}, {"workclass", CONCEPT_SOCIAL},
	{"employ", CONCEPT_SOCIAL}, {"erwerb", CONCEPT_SOCIAL}, {"income", CONCEPT_SOCIAL},
	{"einkommen", CONCEPT_SOCIAL}, {"salary", CONCEPT_SOCIAL}, {"gehalt", CONCEPT_SOCIAL},
	{"_wage", CONCEPT_SOCIAL}, {"sprache", CONCEPT_SOCIAL}, {"language", CONCEPT_SOCIAL},
	{"household", CONCEPT_SOCIAL}, {"haushalt", CONCEPT_SOCIAL}, {"_children_", CONCEPT_SOCIAL},
	{"kinder", CONCEPT_SOCIAL}, {"krankenkasse", CONCEPT_SOCIAL}, {"insurance", CONCEPT_SOCIAL},

	/* the disease */
	{"vitalstatus", CONCEPT_VITAL_STATUS}, {"verstorben", CONCEPT_VITAL_STATUS},
	{"deceased", CONCEPT_VITAL_STATUS}, {"_dead_", CONCEPT_VITAL_STATUS},
	{"_alive_", CONCEPT_VITAL_STATUS}, {"_died_", CONCEPT_VITAL_STATUS},
	{"seite", CONCEPT_CLINICAL}, {"lateral", CONCEPT_CLINICAL}, {"metasta", CONCEPT_CLINICAL},
	{"topograph", CONCEPT_TOPOGRAPHY}, {"_topo", CONCEPT_TOPOGRAPHY},
	{"icdot", CONCEPT_TOPOGRAPHY}, {"primarysite", CONCEPT_TOPOGRAPHY},
	{"lokalisation", CONCEPT_TOPOGRAPHY}, {"_site_", CONCEPT_TOPOGRAPHY},
	{"morpholog", CONCEPT_MORPHOLOGY}, {"_morph", CONCEPT_MORPHOLOGY},
	{"icdom", CONCEPT_MORPHOLOGY}, {"histolog", CONCEPT_MORPHOLOGY}, {"_hist_", CONCEPT_MORPHOLOGY},
	{"icd", CONCEPT_ICD10}, {"diagnosiscode", CONCEPT_ICD10}, {"diagnosecode", CONCEPT_ICD10},
	{"uicc", CONCEPT_UICC}, {"stadium", CONCEPT_UICC}, {"_stage_", CONCEPT_UICC},
	{"_ajcc", CONCEPT_UICC}, {"_figo", CONCEPT_UICC},
	{"tnm", CONCEPT_TNM}, {"_t_", CONCEPT_TNM}, {"_n_", CONCEPT_TNM}, {"_m_", CONCEPT_TNM},
	{"_ct_", CONCEPT_TNM}, {"_cn_", CONCEPT_TNM}, {"_cm_", CONCEPT_TNM},
	{"_pt_", CONCEPT_TNM}, {"_pn_", CONCEPT_TNM}, {"_pm_", CONCEPT_TNM},
	{"_l_", CONCEPT_TNM}, {"_v_", CONCEPT_TNM}, {"_s_", CONCEPT_TNM},
	{"_grad", CONCEPT_CLINICAL}, {"basis", CONCEPT_CLINICAL}, {"sicherung", CONCEPT_CLINICAL},
	{"_dcn_", CONCEPT_CLINICAL}, {"_dco_", CONCEPT_CLINICAL}, {"residual", CONCEPT_CLINICAL},
	{"intention", CONCEPT_CLINICAL}, {"therap", CONCEPT_CLINICAL},
	{"treatment", CONCEPT_CLINICAL}, {"behandlung", CONCEPT_CLINICAL},
	{"stellungop", CONCEPT_CLINICAL}, {"relationtoop", CONCEPT_CLINICAL},
	{"radiation", CONCEPT_CLINICAL}, {"bestrahlung", CONCEPT_CLINICAL},
	{"chemo", CONCEPT_CLINICAL}, {"surgery", CONCEPT_CLINICAL}, {"_ops", CONCEPT_CLINICAL},
	{"substan", CONCEPT_CLINICAL}, {"protokoll", CONCEPT_CLINICAL},
	{"application", CONCEPT_CLINICAL}, {"applikation", CONCEPT_CLINICAL},
	{"her2", CONCEPT_CLINICAL}, {"receptor", CONCEPT_CLINICAL}, {"rezeptor", CONCEPT_CLINICAL},
	{"_ecog", CONCEPT_CLINICAL}, {"karnofsky", CONCEPT_CLINICAL}, {"gleason", CONCEPT_CLINICAL},
	{"_psa_", CONCEPT_CLINICAL}, {"menopaus", CONCEPT_CLINICAL},
	{"_lk_", CONCEPT_CLINICAL}, {"lymph", CONCEPT_CLINICAL}, {"node", CONCEPT_CLINICAL},
	{"course", CONCEPT_CLINICAL}, {"verlauf", CONCEPT_CLINICAL}, {"status", CONCEPT_CLINICAL},
	{"disease", CONCEPT_CLINICAL}, {"symptom", CONCEPT_CLINICAL}, {"tumo", CONCEPT_CLINICAL},
};

/* Write a name's words as "_patient_id_", in lower-case ASCII with umlauts spelled out. */
static char *
words_of_name(const char *name)
{
	static const struct
	{
		const char *letter;
		const char *ascii;
	}			umlauts[] = {
		{"\xC3\xA4", "ae"}, {"\xC3\x84", "ae"}, {"\xC3\xB6", "oe"}, {"\xC3\x96", "oe"},
		{"\xC3\xBC", "ue"}, {"\xC3\x9C", "ue"}, {"\xC3\x9F", "ss"},
	};
	char	   *words = palloc(2 * strlen(name) + 3);
	char	   *to = words;

	*to++ = '_';
	for (const char *at = name; *at != '\0'; at++)
	{
		bool		upper = *at >= 'A' && *at <= 'Z';
		int			i = 0;

		while (i < lengthof(umlauts) && strncmp(at, umlauts[i].letter, 2) != 0)
			i++;
		if (i < lengthof(umlauts))
		{
			*to++ = umlauts[i].ascii[0];
			*to++ = umlauts[i].ascii[1];
			at++;
			continue;
		}

		/* "patientId" and "RKIPatient": a new word */
		if (upper && at > name && to[-1] != '_' &&
			(at[-1] < 'A' || at[-1] > 'Z' || (at[1] >= 'a' && at[1] <= 'z')))
			*to++ = '_';
		if (upper)
			*to++ = *at - 'A' + 'a';
		else if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || IS_HIGHBIT_SET(*at))
			*to++ = *at;
		else if (to[-1] != '_')
			*to++ = '_';
	}
	if (to[-1] != '_')
		*to++ = '_';
	*to = '\0';
	return words;
}

/* The concept that a column's name speaks of, in English or German. */
Concept
concept_of_name(const char *name)
{
	char	   *words = words_of_name(name);
	char	   *joined = palloc(strlen(words) + 1);
	char	   *to = joined;
	Concept		concept = CONCEPT_NONE;

	for (const char *at = words; *at != '\0'; at++)
		if (*at != '_')
			*to++ = *at;
	*to = '\0';

	for (int i = 0; i < lengthof(rules) && concept == CONCEPT_NONE; i++)
	{
		const char *pattern = rules[i].pattern;

		if (strstr(strchr(pattern, '_') != NULL ? words : joined, pattern) != NULL)
			concept = rules[i].concept;
	}
	pfree(joined);
	pfree(words);
	return concept;
}
