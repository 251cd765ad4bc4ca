/*-------------------------------------------------------------------------
 *
 * codes_tnm.c
 *		TNM categories and UICC stages.
 *
 * Both are trees of little depth whose leaves sit at different depths: T1a1
 * under T1a under T1, T1 by itself.  Labels are counted from the root, so that
 * the top level but one always holds the main category; a value without
 * subcategories repeats itself.
 *
 * Values and parents are those of the ZfKD data set (Robert Koch Institute,
 * DOI 10.5281/zenodo.10022040) and of oBDS 3.0.4, which store T, N and M
 * without the letter, while FHIR profiles keep it: what is given is kept, so
 * that a column stays in one spelling.  Prefixes and symbols (c p u y r a) say
 * how and when a category was found, not what it is, and go at level 1.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "generalize/codes_internal.h"

/* Who knows a value.  NONE: the letter is not given, so it may be T, N or M. */
#define AXIS_T		0x01
#define AXIS_N		0x02
#define AXIS_M		0x04
#define AXIS_L		0x08
#define AXIS_V		0x10
#define AXIS_PN		0x20
#define AXIS_S		0x40
#define AXIS_NONE	0x80
#define AXIS_TNM	(AXIS_T | AXIS_N | AXIS_M | AXIS_NONE)
#define AXIS_ALL	0xFF

static const struct
{
	char		upper;
	const char *label;
	uint8		axis;
}			axes[] = {
	{'T', "T", AXIS_T}, {'N', "N", AXIS_N}, {'M', "M", AXIS_M},
	{'L', "L", AXIS_L}, {'V', "V", AXIS_V}, {'S', "S", AXIS_S},
};

/* Prefixes and symbols before the letter, in any order, each once. */
static const char prefixes[] = "CPUYRA";

static const struct
{
	const char *upper;
	const char *label;
	uint8		axes;
	uint8		divided;		/* who subdivides it: 1a, 1a1 */
}			categories[] = {
	{"0", "0", AXIS_ALL, 0},
	{"1", "1", AXIS_ALL, AXIS_TNM},
	{"2", "2", AXIS_T | AXIS_N | AXIS_V | AXIS_S | AXIS_NONE, AXIS_TNM},
	{"3", "3", AXIS_T | AXIS_N | AXIS_S | AXIS_NONE, AXIS_TNM},
	{"4", "4", AXIS_T | AXIS_NONE, AXIS_TNM},
	{"X", "X", AXIS_ALL, 0},
	{"IS", "is", AXIS_T | AXIS_NONE, 0},
	{"A", "a", AXIS_T | AXIS_NONE, 0},
};

/* What may stand in brackets besides numbers. */
static const struct
{
	const char *upper;
	const char *label;
	uint8		axes;
	bool		in_situ;		/* a kind of Tis */
}			suffixes[] = {
	{"SN)", "(sn)", AXIS_N | AXIS_NONE}, {"F)", "(f)", AXIS_N | AXIS_NONE},
	{"I+)", "(i+)", AXIS_N | AXIS_M | AXIS_NONE}, {"I-)", "(i-)", AXIS_N | AXIS_M | AXIS_NONE},
	{"MOL+)", "(mol+)", AXIS_N | AXIS_M | AXIS_NONE},
	{"MOL-)", "(mol-)", AXIS_N | AXIS_M | AXIS_NONE},
	{"M)", "(m)", AXIS_T | AXIS_NONE}, {"S)", "(s)", AXIS_T | AXIS_NONE},
	{"DCIS)", "(DCIS)", AXIS_T | AXIS_NONE, true}, {"LCIS)", "(LCIS)", AXIS_T | AXIS_NONE, true},
	{"LAMN)", "(LAMN)", AXIS_T | AXIS_NONE, true}, {"PAGET)", "(Paget)", AXIS_T | AXIS_NONE, true},
	{"PD)", "(pd)", AXIS_T | AXIS_NONE, true}, {"PU)", "(pu)", AXIS_T | AXIS_NONE, true},
};

/* Step over prefixes and a letter, if there is one; returns AXIS_NONE if not. */
static uint8
take_axis(CodeCursor *cursor, const char **letter)
{
	CodeCursor	c = *cursor;
	int			seen = 0;

	for (;;)
	{
		const char *prefix;

		/* Pn is perineural invasion, pN and PN are pathological nodes */
		if (c.end - c.at >= 2 && c.at[0] == 'P' && c.at[1] == 'n')
		{
			c.at += 2;
			*cursor = c;
			*letter = "Pn";
			return AXIS_PN;
		}
		for (int i = 0; i < lengthof(axes); i++)
			if (code_take(&c, axes[i].upper))
			{
				*cursor = c;
				*letter = axes[i].label;
				return axes[i].axis;
			}

		prefix = code_done(&c) ? NULL : strchr(prefixes, code_peek(&c));
		if (prefix == NULL || *prefix == '\0' || (seen & (1 << (prefix - prefixes))) != 0)
			return AXIS_NONE;
		seen |= 1 << (prefix - prefixes);
		c.at++;
		code_skip_blanks(&c);
	}
}

/*
 * Read a bracket after its opening: a known suffix, a number of tumours, or
 * the involved of the examined nodes, which are no category and leave no
 * trace.  Writes the suffix at to and returns the place after it, or NULL.
 */
static char *
take_suffix(CodeCursor *c, uint8 axis, bool in_situ, char *to)
{
	int			number;
	int			examined;
	int			digits;

	for (int i = 0; i < lengthof(suffixes); i++)
		if ((suffixes[i].axes & axis) != 0 && (in_situ || !suffixes[i].in_situ) &&
			code_take_word(c, suffixes[i].upper))
			return code_put_text(to, suffixes[i].label);

	digits = code_take_digits(c, 3, &number);
	if (digits == 0)
		return NULL;
	if (code_take(c, '/'))
	{
		if ((axis & (AXIS_N | AXIS_NONE)) == 0 || code_take_digits(c, 3, &examined) == 0)
			return NULL;
	}
	else
	{
		*to++ = '(';
		to = code_put_number(to, number, digits);
		*to++ = ')';
	}
	return code_take(c, ')') ? to : NULL;
}

/*
 * Read the category behind the letter and write both labels: the main
 * category, and the one step below it on the path to the value.
 */
static bool
take_category(CodeCursor c, uint8 axis, const char *letter, CodeLabel *labels)
{
	char	   *fine = code_put_text(labels[1], letter);
	char	   *coarse = code_put_text(labels[2], letter);
	bool		divided = false;
	bool		in_situ = false;

	code_skip_blanks(&c);
	if ((axis & (AXIS_T | AXIS_NONE)) != 0 && code_take_word(&c, "MIC"))
	{
		fine = code_put_text(fine, "mic");
		coarse = code_put_text(coarse, "1");
		divided = true;
	}
	else
	{
		int			i = 0;
		char		sub;

		while (i < lengthof(categories) &&
			   ((categories[i].axes & axis) == 0 || !code_take_word(&c, categories[i].upper)))
			i++;
		if (i == lengthof(categories))
			return false;
		fine = code_put_text(fine, categories[i].label);
		coarse = code_put_text(coarse, categories[i].label);
		in_situ = categories[i].label[0] == 'i';

		/* the parent of both kinds of venous invasion */
		if (axis == AXIS_V && (categories[i].label[0] == '1' || categories[i].label[0] == '2'))
		{
			coarse = code_put_text(labels[2], "V1+");
			divided = true;
		}

		code_skip_blanks(&c);
		sub = code_peek(&c);
		if ((categories[i].divided & axis) != 0 &&
			sub >= 'A' && sub <= ((axis & (AXIS_T | AXIS_NONE)) != 0 ? 'E' : 'D'))
		{
			c.at++;
			*fine++ = sub - 'A' + 'a';
			divided = true;
			code_skip_blanks(&c);
			(void) (code_take(&c, '1') || code_take(&c, '2') || code_take(&c, '3'));
		}
		else if ((categories[i].divided & axis) != 0 &&
				 categories[i].label[0] == '1' && code_take_word(&c, "MI"))
		{
			(void) code_take(&c, 'C');
			fine = code_put_text(fine, "mi");
			divided = true;
		}
	}

	while (code_skip_blanks(&c), code_take(&c, '('))
	{
		char		suffix[16];
		char	   *end;

		if ((axis & AXIS_TNM) == 0)
			return false;
		end = take_suffix(&c, axis, in_situ, suffix);
		if (end == NULL)
			return false;
		*end = '\0';
		if (!divided && end > suffix)
		{
			fine = code_put_text(fine, suffix);
			divided = true;
		}
	}
	*fine = '\0';
	*coarse = '\0';
	return code_done(&c);
}

/* The labels of a T, N, M, L, V, Pn or S category. */
bool
tnm_labels(const char *text, int len, CodeLabel *labels)
{
	CodeCursor	c = code_cursor(text, len);
	const char *letter = "";
	uint8		axis = take_axis(&c, &letter);

	if (axis != AXIS_NONE && take_category(c, axis, letter, labels))
		return true;

	/* without a letter: "mic" begins like M, "a" like a prefix */
	c = code_cursor(text, len);
	if (take_category(c, AXIS_NONE, "", labels))
		return true;

	/* "p2", where the column says which letter is meant */
	if (code_take(&c, 'C') || code_take(&c, 'P') || code_take(&c, 'U'))
		return take_category(c, AXIS_NONE, "", labels);
	return false;
}

/* Stages without a number, and the parent of each. */
static const struct
{
	const char *upper;
	const char *label;
	const char *stage;
}			named_stages[] = {
	{"0IS", "0is", "0"}, {"0A", "0a", "0"}, {"0", "0", "0"}, {"IS", "IS", "I"},
	{"OKK", "okk", "okk"}, {"X", "X", "X"},
};

/* Step over "UICC", "Stage" or "Stadium" before a stage. */
static void
skip_stage_words(CodeCursor *c)
{
	static const char *const words[] = {"UICC", "STAGE", "STADIUM"};

	for (int i = 0; i < lengthof(words); i++)
		if (code_take_word(c, words[i]))
		{
			(void) code_take(c, ':');
			code_skip_blanks(c);
		}
}

/* The labels of a UICC stage: 0, 0a, 0is, I, IA, IA1, ..., IVC, IS, okk, X. */
bool
uicc_labels(const char *text, int len, CodeLabel *labels)
{
	static const char *const romans[] = {"", "I", "II", "III", "IV"};
	CodeCursor	c = code_cursor(text, len);
	char	   *fine = labels[1];
	int			stage = 0;
	char		sub;

	skip_stage_words(&c);

	for (int i = 0; i < lengthof(named_stages); i++)
	{
		CodeCursor	rest = c;

		if (code_take_word(&rest, named_stages[i].upper) && code_done(&rest))
		{
			code_set_label(labels[1], named_stages[i].label);
			code_set_label(labels[2], named_stages[i].stage);
			return true;
		}
	}

	while (stage < 3 && code_take(&c, 'I'))
		stage++;
	if (stage == 1 && code_take(&c, 'V'))
		stage = 4;
	if (stage == 0)
		return false;
	code_set_label(labels[2], romans[stage]);
	fine = code_put_text(fine, romans[stage]);

	code_skip_blanks(&c);
	sub = code_peek(&c);
	if (sub >= 'A' && sub <= 'D')
	{
		c.at++;
		*fine++ = sub;
		code_skip_blanks(&c);
		(void) (code_take(&c, '1') || code_take(&c, '2') || code_take(&c, '3'));
	}
	*fine = '\0';
	return code_done(&c);
}
