/*-------------------------------------------------------------------------
 *
 * codes_icdo.c
 *		ICD-O-3: topography (code, category, group) and morphology (code, three
 *		digits, group, class).
 *
 * Topography looks like chapter II of ICD-10 and is not: it has C42 and C77,
 * but neither C43, C45, C46, C78, C79 nor C81 to C97, because there the
 * morphology says what the tumour is.
 *
 * Topography groups were checked against the 400 codes of the Robert Koch
 * Institute's list (second revision 2019), morphology groups against its list
 * of ICD-O-3.2 with the blue books (both DOI 10.5281/zenodo.10022040) and
 * SEER's "Histology recode - broad groupings".  The classes over the
 * morphology groups are kiaim's own, not part of ICD-O.  No titles are kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "generalize/codes_internal.h"

typedef struct TopographyGroup
{
	uint8		first;
	uint8		last;
} TopographyGroup;

static const TopographyGroup topography_groups[] = {
	{0, 14}, {15, 26}, {30, 39}, {40, 41}, {42, 42}, {44, 44}, {47, 47}, {48, 48}, {49, 49},
	{50, 50}, {51, 58}, {60, 63}, {64, 68}, {69, 72}, {73, 75}, {76, 76}, {77, 77}, {80, 80},
};

/*
 * Read what may follow a category of topography: one digit with or without
 * the dot, or a hyphen in its place, and the side as registries code it.
 */
static bool
skip_topography_rest(CodeCursor *c)
{
	bool		dot = code_take(c, '.');
	int			number;

	if (code_take_digits(c, 1, &number) == 0 && dot)
		(void) code_take(c, '-');
	code_skip_blanks(c);
	if (!code_done(c))
		(void) (code_take(c, 'L') || code_take(c, 'R') || code_take(c, 'B') ||
				code_take(c, 'M') || code_take(c, 'U') || code_take(c, 'T'));
	return code_done(c);
}

/* The labels of an ICD-O-3 topography code. */
bool
icdo_topography_labels(const char *text, int len, CodeLabel *labels)
{
	CodeCursor	c = code_cursor(text, len);
	int			category;

	/* C35 and C36 lie inside a group, but are no categories */
	if (!code_take(&c, 'C') || code_take_digits(&c, 2, &category) != 2 ||
		category == 35 || category == 36)
		return false;

	for (int i = 0; i < lengthof(topography_groups); i++)
	{
		const TopographyGroup *group = &topography_groups[i];
		char	   *to;

		if (category > group->last)
			continue;
		if (category < group->first || !skip_topography_rest(&c))
			return false;

		labels[1][0] = 'C';
		*code_put_number(labels[1] + 1, category, 2) = '\0';

		labels[2][0] = 'C';
		to = code_put_number(labels[2] + 1, group->first, 2);
		*to++ = '-';
		*to++ = 'C';
		*code_put_number(to, group->last, 2) = '\0';
		return true;
	}
	return false;
}

/* Classes over the morphology groups. */
typedef enum MorphologyClass
{
	UNSPECIFIED,
	EPITHELIAL,
	GONADAL,
	PARAGANGLIOMA,
	MELANOCYTIC,
	MESENCHYMAL,
	MESOTHELIAL,
	GERM_CELL,
	VASCULAR_BONE,
	NEURAL,
	LYMPHOID,
	LEUKAEMIA
} MorphologyClass;

static const char *const class_names[] = {
	"unspecified", "epithelial", "gonadal", "paraganglioma", "melanocytic",
	"mesenchymal/mixed/fibroepithelial", "mesothelial", "germ cell/trophoblastic",
	"vascular/bone/odontogenic/misc", "neural", "lymphoid/plasma/mast/histiocytic",
	"leukaemia/MPN/MDS",
};

/* Groups of histologies by their first three digits. */
typedef struct MorphologyGroup
{
	uint16		first;
	uint16		last;
	MorphologyClass class;
} MorphologyGroup;

static const MorphologyGroup morphology_groups[] = {
	{800, 800, UNSPECIFIED},
	{801, 804, EPITHELIAL}, {805, 808, EPITHELIAL}, {809, 811, EPITHELIAL},
	{812, 813, EPITHELIAL}, {814, 838, EPITHELIAL}, {839, 842, EPITHELIAL},
	{843, 843, EPITHELIAL}, {844, 849, EPITHELIAL}, {850, 854, EPITHELIAL},
	{855, 855, EPITHELIAL}, {856, 857, EPITHELIAL}, {858, 858, EPITHELIAL},
	{859, 867, GONADAL},
	{868, 871, PARAGANGLIOMA},
	{872, 879, MELANOCYTIC},
	{880, 880, MESENCHYMAL}, {881, 883, MESENCHYMAL}, {884, 884, MESENCHYMAL},
	{885, 888, MESENCHYMAL}, {889, 892, MESENCHYMAL}, {893, 899, MESENCHYMAL},
	{900, 903, MESENCHYMAL}, {904, 904, MESENCHYMAL},
	{905, 905, MESOTHELIAL},
	{906, 909, GERM_CELL}, {910, 910, GERM_CELL}, {911, 911, GERM_CELL},
	{912, 916, VASCULAR_BONE}, {917, 917, VASCULAR_BONE}, {918, 924, VASCULAR_BONE},
	{925, 925, VASCULAR_BONE}, {926, 926, VASCULAR_BONE}, {927, 934, VASCULAR_BONE},
	{935, 937, VASCULAR_BONE},
	{938, 948, NEURAL}, {949, 952, NEURAL}, {953, 953, NEURAL}, {954, 957, NEURAL},
	{958, 958, NEURAL},
	{959, 959, LYMPHOID}, {960, 964, LYMPHOID}, {965, 966, LYMPHOID}, {967, 969, LYMPHOID},
	{970, 971, LYMPHOID}, {972, 972, LYMPHOID}, {973, 973, LYMPHOID}, {974, 974, LYMPHOID},
	{975, 975, LYMPHOID}, {976, 976, LYMPHOID},
	{980, 980, LEUKAEMIA}, {981, 983, LEUKAEMIA}, {984, 993, LEUKAEMIA},
	{994, 994, LEUKAEMIA}, {995, 996, LEUKAEMIA}, {997, 997, LEUKAEMIA},
	{998, 999, LEUKAEMIA},
};

/* The group of a histology's first three digits, or NULL. */
static const MorphologyGroup *
find_morphology_group(int decade)
{
	int			low = 0;
	int			high = lengthof(morphology_groups) - 1;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (morphology_groups[middle].last < decade)
			low = middle + 1;
		else
			high = middle;
	}
	if (decade < morphology_groups[low].first || decade > morphology_groups[low].last)
		return NULL;
	return &morphology_groups[low];
}

/* The digit after the slash: benign, borderline, in situ, malignant, metastatic, unknown. */
static bool
take_behaviour(CodeCursor *c)
{
	return code_take(c, '0') || code_take(c, '1') || code_take(c, '2') ||
		code_take(c, '3') || code_take(c, '6') || code_take(c, '9');
}

/*
 * The labels of an ICD-O-3 morphology code: an optional M, four digits, and
 * optionally the behaviour with or without a slash and, after a slash, the
 * digit of grading.
 */
bool
icdo_morphology_labels(const char *text, int len, CodeLabel *labels)
{
	CodeCursor	c = code_cursor(text, len);
	int			histology;
	int			grading;
	const MorphologyGroup *group;
	char	   *to;

	if (code_take(&c, 'M'))
		(void) code_take(&c, '-');
	if (code_take_digits(&c, 4, &histology) != 4)
		return false;
	if (code_take(&c, '/'))
	{
		if (!take_behaviour(&c))
			return false;
		(void) code_take_digits(&c, 1, &grading);
	}
	else if (!code_done(&c) && !take_behaviour(&c))
		return false;
	if (!code_done(&c))
		return false;

	group = find_morphology_group(histology / 10);
	if (group == NULL)
		return false;

	*code_put_number(labels[1], histology / 10, 3) = '\0';
	to = code_put_number(labels[2], group->first * 10, 4);
	*to++ = '-';
	*code_put_number(to, group->last * 10 + 9, 4) = '\0';
	code_set_label(labels[3], class_names[group->class]);
	return true;
}
