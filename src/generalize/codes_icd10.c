/*-------------------------------------------------------------------------
 *
 * codes_icd10.c
 *		ICD-10: code, category, block, C00-C75, C00-C97, chapter.
 *
 * A block is found by binary search for its category, and everything above
 * it follows from the two, so that the labels are a tree by construction.
 * Where no super-block exists the block repeats its label.
 *
 * The ranges are those of ICD-10-GM 2022: first and last categories of the
 * blocks as the Robert Koch Institute's list of causes of death shows them
 * (DOI 10.5281/zenodo.10022040), chapters and the blocks of chapter II also
 * after the published text of the German Modification.  No titles are kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "generalize/codes_internal.h"

/* A category as a number that sorts as its code does: C50 -> 250. */
#define CATEGORY(letter, number)	(((letter) - 'A') * 100 + (number))

#define BLOCK(letter, first, last, chapter) \
	{CATEGORY(letter, first), CATEGORY(letter, last), chapter}

typedef struct Block
{
	uint16		first;
	uint16		last;
	uint16		chapter;
} Block;

static const Block blocks[] = {
	BLOCK('A', 0, 9, 1), BLOCK('A', 15, 19, 1), BLOCK('A', 20, 28, 1),
	BLOCK('A', 30, 49, 1), BLOCK('A', 50, 64, 1), BLOCK('A', 65, 69, 1),
	BLOCK('A', 70, 74, 1), BLOCK('A', 75, 79, 1), BLOCK('A', 80, 89, 1),
	BLOCK('A', 92, 99, 1), BLOCK('B', 0, 9, 1), BLOCK('B', 15, 19, 1),
	BLOCK('B', 20, 24, 1), BLOCK('B', 25, 34, 1), BLOCK('B', 35, 49, 1),
	BLOCK('B', 50, 64, 1), BLOCK('B', 65, 83, 1), BLOCK('B', 85, 89, 1),
	BLOCK('B', 90, 94, 1), BLOCK('B', 95, 98, 1), BLOCK('B', 99, 99, 1),
	BLOCK('C', 0, 14, 2), BLOCK('C', 15, 26, 2), BLOCK('C', 30, 39, 2),
	BLOCK('C', 40, 41, 2), BLOCK('C', 43, 44, 2), BLOCK('C', 45, 49, 2),
	BLOCK('C', 50, 50, 2), BLOCK('C', 51, 58, 2), BLOCK('C', 60, 63, 2),
	BLOCK('C', 64, 68, 2), BLOCK('C', 69, 72, 2), BLOCK('C', 73, 75, 2),
	BLOCK('C', 76, 80, 2), BLOCK('C', 81, 96, 2), BLOCK('C', 97, 97, 2),
	BLOCK('D', 0, 9, 2), BLOCK('D', 10, 36, 2), BLOCK('D', 37, 48, 2),
	BLOCK('D', 50, 53, 3), BLOCK('D', 55, 59, 3), BLOCK('D', 60, 64, 3),
	BLOCK('D', 65, 69, 3), BLOCK('D', 70, 77, 3), BLOCK('D', 80, 90, 3),
	BLOCK('E', 0, 7, 4), BLOCK('E', 10, 14, 4), BLOCK('E', 15, 16, 4),
	BLOCK('E', 20, 35, 4), BLOCK('E', 40, 46, 4), BLOCK('E', 50, 64, 4),
	BLOCK('E', 65, 68, 4), BLOCK('E', 70, 90, 4),
	BLOCK('F', 0, 9, 5), BLOCK('F', 10, 19, 5), BLOCK('F', 20, 29, 5),
	BLOCK('F', 30, 39, 5), BLOCK('F', 40, 48, 5), BLOCK('F', 50, 59, 5),
	BLOCK('F', 60, 69, 5), BLOCK('F', 70, 79, 5), BLOCK('F', 80, 89, 5),
	BLOCK('F', 90, 98, 5), BLOCK('F', 99, 99, 5),
	BLOCK('G', 0, 9, 6), BLOCK('G', 10, 14, 6), BLOCK('G', 20, 26, 6),
	BLOCK('G', 30, 32, 6), BLOCK('G', 35, 37, 6), BLOCK('G', 40, 47, 6),
	BLOCK('G', 50, 59, 6), BLOCK('G', 60, 64, 6), BLOCK('G', 70, 73, 6),
	BLOCK('G', 80, 83, 6), BLOCK('G', 90, 99, 6),
	BLOCK('H', 0, 6, 7), BLOCK('H', 10, 13, 7), BLOCK('H', 15, 22, 7),
	BLOCK('H', 25, 28, 7), BLOCK('H', 30, 36, 7), BLOCK('H', 40, 42, 7),
	BLOCK('H', 43, 45, 7), BLOCK('H', 46, 48, 7), BLOCK('H', 49, 52, 7),
	BLOCK('H', 53, 54, 7), BLOCK('H', 55, 59, 7),
	BLOCK('H', 60, 62, 8), BLOCK('H', 65, 75, 8), BLOCK('H', 80, 83, 8),
	BLOCK('H', 90, 95, 8),
	BLOCK('I', 0, 2, 9), BLOCK('I', 5, 9, 9), BLOCK('I', 10, 15, 9),
	BLOCK('I', 20, 25, 9), BLOCK('I', 26, 28, 9), BLOCK('I', 30, 52, 9),
	BLOCK('I', 60, 69, 9), BLOCK('I', 70, 79, 9), BLOCK('I', 80, 89, 9),
	BLOCK('I', 95, 99, 9),
	BLOCK('J', 0, 6, 10), BLOCK('J', 9, 18, 10), BLOCK('J', 20, 22, 10),
	BLOCK('J', 30, 39, 10), BLOCK('J', 40, 47, 10), BLOCK('J', 60, 70, 10),
	BLOCK('J', 80, 84, 10), BLOCK('J', 85, 86, 10), BLOCK('J', 90, 94, 10),
	BLOCK('J', 95, 99, 10),
	BLOCK('K', 0, 14, 11), BLOCK('K', 20, 31, 11), BLOCK('K', 35, 38, 11),
	BLOCK('K', 40, 46, 11), BLOCK('K', 50, 52, 11), BLOCK('K', 55, 64, 11),
	BLOCK('K', 65, 67, 11), BLOCK('K', 70, 77, 11), BLOCK('K', 80, 87, 11),
	BLOCK('K', 90, 93, 11),
	BLOCK('L', 0, 8, 12), BLOCK('L', 10, 14, 12), BLOCK('L', 20, 30, 12),
	BLOCK('L', 40, 45, 12), BLOCK('L', 50, 54, 12), BLOCK('L', 55, 59, 12),
	BLOCK('L', 60, 75, 12), BLOCK('L', 80, 99, 12),
	BLOCK('M', 0, 3, 13), BLOCK('M', 5, 14, 13), BLOCK('M', 15, 19, 13),
	BLOCK('M', 20, 25, 13), BLOCK('M', 30, 36, 13), BLOCK('M', 40, 43, 13),
	BLOCK('M', 45, 49, 13), BLOCK('M', 50, 54, 13), BLOCK('M', 60, 63, 13),
	BLOCK('M', 65, 68, 13), BLOCK('M', 70, 79, 13), BLOCK('M', 80, 85, 13),
	BLOCK('M', 86, 90, 13), BLOCK('M', 91, 94, 13), BLOCK('M', 95, 99, 13),
	BLOCK('N', 0, 8, 14), BLOCK('N', 10, 16, 14), BLOCK('N', 17, 19, 14),
	BLOCK('N', 20, 23, 14), BLOCK('N', 25, 29, 14), BLOCK('N', 30, 39, 14),
	BLOCK('N', 40, 51, 14), BLOCK('N', 60, 64, 14), BLOCK('N', 70, 77, 14),
	BLOCK('N', 80, 98, 14), BLOCK('N', 99, 99, 14),
	BLOCK('O', 0, 8, 15), BLOCK('O', 9, 9, 15), BLOCK('O', 10, 16, 15),
	BLOCK('O', 20, 29, 15), BLOCK('O', 30, 48, 15), BLOCK('O', 60, 75, 15),
	BLOCK('O', 80, 82, 15), BLOCK('O', 85, 92, 15), BLOCK('O', 94, 99, 15),
	BLOCK('P', 0, 4, 16), BLOCK('P', 5, 8, 16), BLOCK('P', 10, 15, 16),
	BLOCK('P', 20, 29, 16), BLOCK('P', 35, 39, 16), BLOCK('P', 50, 61, 16),
	BLOCK('P', 70, 74, 16), BLOCK('P', 75, 78, 16), BLOCK('P', 80, 83, 16),
	BLOCK('P', 90, 96, 16),
	BLOCK('Q', 0, 7, 17), BLOCK('Q', 10, 18, 17), BLOCK('Q', 20, 28, 17),
	BLOCK('Q', 30, 34, 17), BLOCK('Q', 35, 37, 17), BLOCK('Q', 38, 45, 17),
	BLOCK('Q', 50, 56, 17), BLOCK('Q', 60, 64, 17), BLOCK('Q', 65, 79, 17),
	BLOCK('Q', 80, 89, 17), BLOCK('Q', 90, 99, 17),
	BLOCK('R', 0, 9, 18), BLOCK('R', 10, 19, 18), BLOCK('R', 20, 23, 18),
	BLOCK('R', 25, 29, 18), BLOCK('R', 30, 39, 18), BLOCK('R', 40, 46, 18),
	BLOCK('R', 47, 49, 18), BLOCK('R', 50, 69, 18), BLOCK('R', 70, 79, 18),
	BLOCK('R', 80, 82, 18), BLOCK('R', 83, 89, 18), BLOCK('R', 90, 94, 18),
	BLOCK('R', 95, 99, 18),
	BLOCK('S', 0, 9, 19), BLOCK('S', 10, 19, 19), BLOCK('S', 20, 29, 19),
	BLOCK('S', 30, 39, 19), BLOCK('S', 40, 49, 19), BLOCK('S', 50, 59, 19),
	BLOCK('S', 60, 69, 19), BLOCK('S', 70, 79, 19), BLOCK('S', 80, 89, 19),
	BLOCK('S', 90, 99, 19), BLOCK('T', 0, 7, 19), BLOCK('T', 8, 14, 19),
	BLOCK('T', 15, 19, 19), BLOCK('T', 20, 25, 19), BLOCK('T', 26, 28, 19),
	BLOCK('T', 29, 32, 19), BLOCK('T', 33, 35, 19), BLOCK('T', 36, 50, 19),
	BLOCK('T', 51, 65, 19), BLOCK('T', 66, 78, 19), BLOCK('T', 79, 79, 19),
	BLOCK('T', 80, 88, 19), BLOCK('T', 89, 89, 19), BLOCK('T', 90, 98, 19),
	BLOCK('U', 0, 49, 22), BLOCK('U', 50, 52, 22), BLOCK('U', 55, 55, 22),
	BLOCK('U', 60, 61, 22), BLOCK('U', 69, 69, 22), BLOCK('U', 80, 85, 22),
	BLOCK('U', 98, 99, 22),
	{CATEGORY('V', 1), CATEGORY('X', 59), 20}, BLOCK('X', 60, 84, 20),
	{CATEGORY('X', 85), CATEGORY('Y', 9), 20}, BLOCK('Y', 10, 34, 20),
	BLOCK('Y', 35, 36, 20), BLOCK('Y', 40, 84, 20),
	BLOCK('Z', 0, 13, 21), BLOCK('Z', 20, 29, 21), BLOCK('Z', 30, 39, 21),
	BLOCK('Z', 40, 54, 21), BLOCK('Z', 55, 65, 21), BLOCK('Z', 70, 76, 21),
	BLOCK('Z', 80, 99, 21),
};

static const char *const chapters[] = {
	"I (A00-B99)", "II (C00-D48)", "III (D50-D90)", "IV (E00-E90)", "V (F00-F99)",
	"VI (G00-G99)", "VII (H00-H59)", "VIII (H60-H95)", "IX (I00-I99)",
	"X (J00-J99)", "XI (K00-K93)", "XII (L00-L99)", "XIII (M00-M99)",
	"XIV (N00-N99)", "XV (O00-O99)", "XVI (P00-P96)", "XVII (Q00-Q99)",
	"XVIII (R00-R99)", "XIX (S00-T98)", "XX (V01-Y84)", "XXI (Z00-Z99)",
	"XXII (U00-U99)",
};

/* Chapter II: numbers inside a block that no category uses. */
static const uint16 unused[] = {
	CATEGORY('C', 35), CATEGORY('C', 36), CATEGORY('C', 87), CATEGORY('C', 89),
	CATEGORY('D', 8),
};

/* The block of a category, or NULL. */
static const Block *
find_block(int category)
{
	int			low = 0;
	int			high = lengthof(blocks) - 1;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (blocks[middle].last < category)
			low = middle + 1;
		else
			high = middle;
	}
	if (category < blocks[low].first || category > blocks[low].last)
		return NULL;
	for (int i = 0; i < lengthof(unused); i++)
		if (unused[i] == category)
			return NULL;
	return &blocks[low];
}

/* Write the code of a category. */
static char *
put_category(char *to, int category)
{
	*to++ = 'A' + category / 100;
	return code_put_number(to, category % 100, 2);
}

/*
 * Read what follows a category: one or two more digits with or without the
 * dot, a hyphen in place of digits that are not known, the marks of double
 * coding (+ * ! and the dagger), and the letters that accounting adds for the
 * certainty of a diagnosis (A G V Z) and its side (B L R).  Nothing else may
 * follow, or free text that begins like a code would pass as one.
 */
static bool
skip_rest(CodeCursor *c)
{
	bool		dot = code_take(c, '.');
	int			number;
	int			digits = code_take_digits(c, 2, &number);
	bool		certainty;

	if (digits < 2 && (dot || digits == 0))
		(void) code_take(c, '-');
	code_skip_blanks(c);
	if (code_take(c, '+') || code_take(c, '*') || code_take(c, '!') ||
		code_take_word(c, "\xE2\x80\xA0"))
		code_skip_blanks(c);
	certainty = code_take(c, 'G') || code_take(c, 'V') || code_take(c, 'A') || code_take(c, 'Z');
	if (certainty)
		code_skip_blanks(c);
	(void) (code_take(c, 'B') || code_take(c, 'L') || code_take(c, 'R'));
	return code_done(c);
}

/* The labels of an ICD-10 code. */
bool
icd10_labels(const char *text, int len, CodeLabel *labels)
{
	CodeCursor	c = code_cursor(text, len);
	char		letter = code_peek(&c);
	int			category;
	const Block *block;
	char	   *to;

	if (letter < 'A' || letter > 'Z')
		return false;
	c.at++;
	if (code_take_digits(&c, 2, &category) != 2)
		return false;
	category += CATEGORY(letter, 0);
	block = find_block(category);
	if (block == NULL || !skip_rest(&c))
		return false;

	*put_category(labels[1], category) = '\0';

	to = put_category(labels[2], block->first);
	*to++ = '-';
	*put_category(to, block->last) = '\0';

	if (category < CATEGORY('C', 0) || category > CATEGORY('C', 97))
	{
		code_set_label(labels[3], labels[2]);
		code_set_label(labels[4], labels[2]);
	}
	else
	{
		code_set_label(labels[3], category <= CATEGORY('C', 75) ? "C00-C75" : "C00-C97");
		code_set_label(labels[4], "C00-C97");
	}

	code_set_label(labels[5], chapters[block->chapter - 1]);
	return true;
}
