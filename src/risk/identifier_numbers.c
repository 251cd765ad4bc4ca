/*-------------------------------------------------------------------------
 *
 * identifier_numbers.c
 *		The numbers that European states and insurances give to persons, told
 *		from other numbers by their form, the dates in them and their check
 *		digits.
 *
 * A scheme is a form and a check.  A check of one digit lets every tenth other
 * number pass: so what only has the form is told as well, and whoever counts
 * both sees whether a column is of that kind.  The rules are those that the
 * issuing bodies publish; each scheme has a published specimen in the tests.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "risk/identifiers.h"

/* The longest form, with its end. */
#define LONGEST	36

/* A number of a scheme without its separators, letters in upper case. */
typedef bool (*NumberCheck) (const char *s);

typedef struct NumberScheme
{
	const char *name;
	const char *form;			/* 0 a digit, A a letter, X either */
	NumberCheck check;
	const char *written;		/* how it must be written, separators included, or NULL for any way */
} NumberScheme;

/* The value of a digit. */
static inline int
digit(char c)
{
	return c - '0';
}

/* Two digits as a number. */
static inline int
two(const char *s)
{
	return digit(s[0]) * 10 + digit(s[1]);
}

/* A day and a month that exist, whatever the year. */
static bool
is_day(int day, int month)
{
	return month >= 1 && month <= 12 && day >= 1 &&
		day <= (month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
}

/* The sum of digits times weights, a weight being one character. */
static int
weighted(const char *s, const char *weights)
{
	int			sum = 0;

	for (int i = 0; weights[i] != '\0'; i++)
		sum += digit(s[i]) * (weights[i] - '0');
	return sum;
}

/* The remainder of a string of digits. */
static int
remainder_of(const char *s, int n, int modulus)
{
	int64		rest = 0;

	for (int i = 0; i < n; i++)
		rest = (rest * 10 + digit(s[i])) % modulus;
	return (int) rest;
}

/* The sum of the cross sums of digits times weights. */
static int
cross_sums(const char *s, const char *weights)
{
	int			sum = 0;

	for (int i = 0; weights[i] != '\0'; i++)
	{
		int			product = digit(s[i]) * (weights[i] - '0');

		sum += product / 10 + product % 10;
	}
	return sum;
}

/* A letter as the two digits of its place in the alphabet. */
static void
letter_digits(char letter, char *to)
{
	int			place = letter - 'A' + 1;

	to[0] = '0' + place / 10;
	to[1] = '0' + place % 10;
}

/* Germany, number of the health insurance card. */
static bool
is_kvnr(const char *s)
{
	char		digits[11] = {0};

	letter_digits(s[0], digits);
	memcpy(digits + 2, s + 1, 8);
	return cross_sums(digits, "1212121212") % 10 == digit(s[9]);
}

/* Germany, number of the pension insurance: area, birthday, initial, serial number. */
static bool
is_rvnr(const char *s)
{
	char		digits[13] = {0};

	memcpy(digits, s, 8);
	letter_digits(s[8], digits + 8);
	memcpy(digits + 10, s + 9, 2);
	return is_day(two(s + 2) % 50, two(s + 4)) &&
		cross_sums(digits, "212571212121") % 10 == digit(s[11]);
}

/* Germany, tax number: ISO 7064, MOD 11,10. */
static bool
is_german_tax(const char *s)
{
	int			product = 10;

	for (int i = 0; i < 10; i++)
	{
		int			sum = (digit(s[i]) + product) % 10;

		product = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	return s[0] != '0' && (11 - product) % 10 == digit(s[10]);
}

/* Austria, social insurance: the fourth digit checks. */
static bool
is_austrian(const char *s)
{
	return s[0] != '0' && two(s + 4) >= 1 && two(s + 4) <= 31 &&
		two(s + 6) >= 1 && two(s + 6) <= 15 &&
		weighted(s, "3790584216") % 11 == digit(s[3]);
}

/* Switzerland, old-age insurance: EAN-13 of the country 756. */
static bool
is_swiss(const char *s)
{
	return strncmp(s, "756", 3) == 0 && weighted(s, "1313131313131") % 10 == 0;
}

/* Great Britain, National Health Service. */
static bool
is_nhs(const char *s)
{
	int			sum = 0;

	for (int i = 0; i < 9; i++)
		sum += digit(s[i]) * (10 - i);
	return (11 - sum % 11) % 11 == digit(s[9]) && sum > 0;
}

/* France, social insurance: sex, year and month of birth, department, ... */
static bool
is_french(const char *s)
{
	return strchr("12378", s[0]) != NULL && 97 - remainder_of(s, 13, 97) == two(s + 13);
}

/* The Netherlands, citizen service number. */
static bool
is_dutch(const char *s)
{
	int			sum = weighted(s, "98765432");

	return sum > 0 && (sum - digit(s[8])) % 11 == 0;
}

/* Belgium, national register: births before and after 2000. */
static bool
is_belgian(const char *s)
{
	int64		number = 0;

	for (int i = 0; i < 9; i++)
		number = number * 10 + digit(s[i]);
	return two(s + 2) % 20 <= 12 && two(s + 4) <= 31 &&
		(97 - number % 97 == two(s + 9) || 97 - (number + INT64CONST(2000000000)) % 97 == two(s + 9));
}

/* The sum of Luhn's check over ten digits. */
static bool
passes_luhn(const char *s)
{
	return cross_sums(s, "2121212121") % 10 == 0;
}

/* Sweden, personal number of ten digits; days of a coordination number are 60 more. */
static bool
is_swedish(const char *s)
{
	return is_day(two(s + 4) % 60, two(s + 2)) && passes_luhn(s);
}

/* The same with the century. */
static bool
is_swedish_long(const char *s)
{
	return (strncmp(s, "19", 2) == 0 || strncmp(s, "20", 2) == 0) && is_swedish(s + 2);
}

/* Denmark: newer numbers have no check digit, only a day of birth. */
static bool
is_danish(const char *s)
{
	return is_day(two(s), two(s + 2));
}

/* Norway: two check digits. */
static bool
is_norwegian(const char *s)
{
	int			first = (11 - weighted(s, "376189452") % 11) % 11;
	int			second = (11 - weighted(s, "5432765432") % 11) % 11;

	return is_day(two(s) % 40, two(s + 2) % 40) && first == digit(s[9]) && second == digit(s[10]);
}

/* Finland: day of birth, sign of the century, serial number, check character. */
static bool
is_finnish(const char *s)
{
	char		digits[10] = {0};

	memcpy(digits, s, 6);
	memcpy(digits + 6, s + 6, 3);
	return is_day(two(s), two(s + 2)) &&
		"0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder_of(digits, 9, 31)] == s[9];
}

/* The same where the sign of the century is a letter. */
static bool
is_finnish_after_2000(const char *s)
{
	char		plain[11] = {0};

	memcpy(plain, s, 6);
	memcpy(plain + 6, s + 7, 4);
	return strchr("ABCDEFUVWXY", s[6]) != NULL && is_finnish(plain);
}

/* Poland: the month tells the century. */
static bool
is_polish(const char *s)
{
	return is_day(two(s + 4), two(s + 2) % 20) &&
		(10 - weighted(s, "1379137913") % 10) % 10 == digit(s[10]);
}

/* Czechia and Slovakia: months of women are 50 more. */
static bool
is_czech(const char *s)
{
	return is_day(two(s + 4), two(s + 2) % 50 % 20) && remainder_of(s, 10, 11) == 0;
}

/* Italy, tax code of 16 characters. */
static bool
is_italian(const char *s)
{
	static const uint8 odd_letters[26] = {
		1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23
	};
	int			sum = 0;

	for (int i = 0; i < 15; i++)
	{
		int			place = s[i] <= '9' ? digit(s[i]) : s[i] - 'A';

		sum += i % 2 == 0 ? odd_letters[place] : place;
	}
	return strchr("ABCDEHLMPRST", s[8]) != NULL && sum % 26 == s[15] - 'A';
}

/* Spain, identity card and number of foreigners. */
static bool
is_spanish(const char *s)
{
	return "TRWAGMYFPDXBNJZSQVHLCKE"[remainder_of(s, 8, 23)] == s[8];
}

static bool
is_spanish_foreigner(const char *s)
{
	char		digits[10];

	if (s[0] < 'X')
		return false;
	memcpy(digits, s, 9);
	digits[0] = '0' + (s[0] - 'X');
	digits[9] = '\0';
	return is_spanish(digits);
}

/* Ireland, public service number. */
static bool
is_irish(const char *s)
{
	return "WABCDEFGHIJKLMNOPQRSTUV"[weighted(s, "8765432") % 23] == s[7];
}

/* The United States: never given numbers excluded. */
static bool
is_american(const char *s)
{
	return strncmp(s, "000", 3) != 0 && strncmp(s, "666", 3) != 0 && s[0] != '9' &&
		strncmp(s + 3, "00", 2) != 0 && strncmp(s + 5, "0000", 4) != 0;
}

static const NumberScheme schemes[] = {
	{"health insurance number (DE)", "A000000000", is_kvnr, NULL},
	{"pension insurance number (DE)", "00000000A000", is_rvnr, NULL},
	{"tax number (DE)", "00000000000", is_german_tax, NULL},
	{"social insurance number (AT)", "0000000000", is_austrian, NULL},
	{"old-age insurance number (CH)", "0000000000000", is_swiss, NULL},
	{"health service number (GB)", "0000000000", is_nhs, NULL},
	{"social insurance number (FR)", "000000000000000", is_french, NULL},
	{"citizen service number (NL)", "000000000", is_dutch, NULL},
	{"national register number (BE)", "00000000000", is_belgian, NULL},
	{"personal number (SE)", "0000000000", is_swedish, NULL},
	{"personal number (SE)", "000000000000", is_swedish_long, NULL},
	{"personal number (DK)", "0000000000", is_danish, "000000-0000"},
	{"birth number (NO)", "00000000000", is_norwegian, NULL},
	{"personal code (FI)", "000000000X", is_finnish, "000000-000X"},
	{"personal code (FI)", "000000A000X", is_finnish_after_2000, "000000A000X"},
	{"personal number (PL)", "00000000000", is_polish, NULL},
	{"birth number (CZ/SK)", "0000000000", is_czech, NULL},
	{"tax code (IT)", "AAAAAA00A00A000A", is_italian, NULL},
	{"identity number (ES)", "00000000A", is_spanish, NULL},
	{"identity number (ES)", "A0000000A", is_spanish_foreigner, NULL},
	{"public service number (IE)", "0000000A", is_irish, NULL},
	{"social security number (US)", "000000000", is_american, "000-00-0000"},
};

int
number_nschemes(void)
{
	return lengthof(schemes);
}

const char *
number_scheme_name(int scheme)
{
	return schemes[scheme].name;
}

bool
number_scheme_telling(int scheme)
{
	return strpbrk(schemes[scheme].form, "AX") != NULL;
}

/* The characters are of a form, where anything but 0, A and X stands for itself. */
static bool
has_form(const char *s, int n, const char *form)
{
	for (int i = 0; i < n; i++)
	{
		bool		is_digit = s[i] >= '0' && s[i] <= '9';
		bool		is_letter = s[i] >= 'A' && s[i] <= 'Z';

		if (form[i] == '0' ? !is_digit :
			form[i] == 'A' ? !is_letter :
			form[i] == 'X' ? !is_digit && !is_letter : s[i] != form[i])
			return false;
	}
	return form[n] == '\0';
}

void
number_scan(const char *word, int bytes, IdentifierFound found, void *state)
{
	char		plain[LONGEST];
	char		written[LONGEST];
	int			n = 0;
	int			digits = 0;

	if (bytes >= LONGEST)
		return;
	for (int i = 0; i < bytes; i++)
	{
		char		c = word[i];

		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		written[i] = c;
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
			plain[n++] = c;
		digits += c >= '0' && c <= '9';
	}
	if (digits < 7)
		return;
	plain[n] = '\0';
	written[bytes] = '\0';
	for (int i = 0; i < lengthof(schemes); i++)
		if (has_form(plain, n, schemes[i].form) &&
			(schemes[i].written == NULL || has_form(written, bytes, schemes[i].written)))
			found(state, IDENTIFIER_NUMBER + i, word, bytes, schemes[i].check(plain));
}
