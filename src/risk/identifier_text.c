/*-------------------------------------------------------------------------
 *
 * identifier_text.c
 *		What in a text tells who somebody is: addresses of all kinds, telephone
 *		numbers, accounts, days of birth, and the numbers and names of the
 *		files beside this one.
 *
 * A registry has many texts and most of them hold nothing: so each search
 * starts at a character that it cannot do without, and texts without it cost
 * one pass.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "risk/identifiers.h"

/* A text of so many words and bytes is a sentence. */
#define SENTENCE_WORDS	6
#define SENTENCE_BYTES	40

/* Groups of characters that are tried together as one number at most. */
#define LONGEST_NUMBER	35

/* So far before a date a word may say that somebody was born then. */
#define BIRTH_WORD_REACH	20

/* So many things are remembered that numbers are not looked for in. */
#define MAX_COVERED		16

/* A text that is searched. */
typedef struct Scan
{
	const char *text;
	int			bytes;
	IdentifierFound found;
	void	   *state;
	int			ncovered;
	int			covered[MAX_COVERED][2];	/* from, to */
} Scan;

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters beyond ASCII count as letters. */
static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IS_HIGHBIT_SET(c);
}

static inline bool
is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

/* The character at a place, or a space outside of the text. */
static inline char
at(const Scan *s, int i)
{
	return i >= 0 && i < s->bytes ? s->text[i] : ' ';
}

/* Tell of a thing from one place to before another. */
static void
tell(Scan *s, int kind, int from, int to)
{
	s->found(s->state, kind, s->text + from, to - from, true);
	if (s->ncovered < MAX_COVERED && kind != IDENTIFIER_FREE_TEXT)
	{
		s->covered[s->ncovered][0] = from;
		s->covered[s->ncovered++][1] = to;
	}
}

/* Try the numbers of persons, but not on parts of what is something else. */
static void
try_number(Scan *s, int from, int to)
{
	for (int i = 0; i < s->ncovered; i++)
		if (from < s->covered[i][1] && to > s->covered[i][0])
			return;
	number_scan(s->text + from, to - from, s->found, s->state);
}

/* The text has a word, in whatever case, from a place on. */
static bool
has_word(const Scan *s, int from, const char *word)
{
	int			n = strlen(word);

	return from >= 0 && from + n <= s->bytes && pg_strncasecmp(s->text + from, word, n) == 0;
}

/* The number of digits in a row from a place on. */
static int
digits_from(const Scan *s, int i)
{
	int			n = 0;

	while (is_digit(at(s, i + n)))
		n++;
	return n;
}

/* The value of n digits. */
static int
value_of(const Scan *s, int i, int n)
{
	int			value = 0;

	while (n-- > 0)
		value = value * 10 + (s->text[i++] - '0');
	return value;
}

/*
 * A date that starts at a place: 2020-12-31, 31.12.2020, 31/12/2020 or
 * 12/31/2020.  Returns year * 10000 + month * 100 + day and its length, or 0.
 */
static int
date_at(const Scan *s, int i, int *length)
{
	int			n1 = digits_from(s, i);
	char		separator = at(s, i + n1);
	int			i2 = i + n1 + 1;
	int			n2;
	int			n3;
	int			day;
	int			month;
	int			year;

	if (is_alnum(at(s, i - 1)) || (n1 != 4 && n1 != 1 && n1 != 2) ||
		(separator != '-' && separator != '.' && separator != '/'))
		return 0;
	n2 = digits_from(s, i2);
	n3 = digits_from(s, i2 + n2 + 1);
	if ((n2 != 1 && n2 != 2) || at(s, i2 + n2) != separator)
		return 0;
	if (n1 == 4 ? n3 != 2 && n3 != 1 : n3 != 4)
		return 0;
	*length = n1 + n2 + n3 + 2;
	month = value_of(s, i2, n2);
	if (n1 == 4)
	{
		year = value_of(s, i, 4);
		day = value_of(s, i2 + n2 + 1, n3);
	}
	else
	{
		year = value_of(s, i2 + n2 + 1, 4);
		day = value_of(s, i, n1);
		if (month > 12 && separator == '/')
		{
			int			swap = day;

			day = month;
			month = swap;
		}
	}
	if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1800 || year > 2200)
		return 0;
	return year * 10000 + month * 100 + day;
}

int
date_of_text(const char *text, int bytes)
{
	Scan		s = {.text = text,.bytes = bytes};
	int			length;
	int			date = date_at(&s, 0, &length);

	return date != 0 && length == bytes ? date : 0;
}

/* A word just before a place says that somebody was born. */
static bool
says_born(const Scan *s, int i)
{
	static const char *const words[] = {"geb.", "geb ", "geboren", "geburt", "born", "birth", "dob", "n\xC3\xA9", "* "};

	for (int from = Max(0, i - BIRTH_WORD_REACH); from < i; from++)
		for (int w = 0; w < lengthof(words); w++)
			if (!is_letter(at(s, from - 1)) && has_word(s, from, words[w]))
				return true;
	return false;
}

/* An e-mail address around an @. */
static void
scan_email(Scan *s, int i)
{
	int			from = i;
	int			to = i + 1;
	int			dot = -1;

	while (is_alnum(at(s, from - 1)) || (from > 0 && strchr("._%+-", at(s, from - 1)) != NULL))
		from--;
	while (is_alnum(at(s, to)) || ((at(s, to) == '.' || at(s, to) == '-') && is_alnum(at(s, to + 1))))
	{
		if (at(s, to) == '.')
			dot = to;
		to++;
	}
	if (from < i && dot > i + 1 && to - dot > 2)
		tell(s, IDENTIFIER_EMAIL, from, to);
}

/* A web address; it ends where a space is. */
static void
scan_url(Scan *s, int i)
{
	int			to = i;

	if (is_alnum(at(s, i - 1)) ||
		!(has_word(s, i, "http://") || has_word(s, i, "https://") || has_word(s, i, "www.")))
		return;
	while (to < s->bytes && at(s, to) != ' ')
		to++;
	tell(s, IDENTIFIER_URL, i, to);
}

/* An address of the internet, or of a device. */
static void
scan_network(Scan *s, int i)
{
	int			to = i;
	int			parts = 0;

	while (parts < 4)
	{
		int			n = digits_from(s, to);

		if (n < 1 || n > 3 || value_of(s, to, n) > 255)
			return;
		to += n;
		if (++parts < 4 && at(s, to++) != '.')
			return;
	}
	/* a fifth number makes it something else */
	if (!is_alnum(at(s, to)) && !(at(s, to) == '.' && is_digit(at(s, to + 1))))
		tell(s, IDENTIFIER_NETWORK, i, to);
}

/* A universal identifier of 32 digits.  Returns where it ends, or i. */
static int
scan_uuid(Scan *s, int i)
{
	if (i + 36 > s->bytes || at(s, i + 8) != '-' || is_alnum(at(s, i + 36)))
		return i;
	for (int j = 0; j < 36; j++)
	{
		char		c = at(s, i + j);

		if (j == 8 || j == 13 || j == 18 || j == 23 ? c != '-' :
			!(is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return i;
	}
	tell(s, IDENTIFIER_UUID, i, i + 36);
	return i + 36;
}

/* A bank account: its check is strong enough to stand alone (ISO 13616). */
static void
scan_iban(Scan *s, int i)
{
	char		plain[35];
	int			n = 0;
	int			to = i;
	int			end = i;
	int			rest = 0;

	if (!is_digit(at(s, i + 2)) || !is_digit(at(s, i + 3)))
		return;
	while (n < 34 && (is_alnum(at(s, to)) || (at(s, to) == ' ' && is_alnum(at(s, to + 1)))) && to < s->bytes)
	{
		char		c = at(s, to++);

		if (IS_HIGHBIT_SET(c))
			return;
		if (c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		plain[n++] = c;

		/* the shortest ones have 15 characters; a word may follow */
		if (n < 15 || is_alnum(at(s, to)))
			continue;
		rest = 0;
		for (int j = 0; j < n; j++)
		{
			char		p = plain[(j + 4) % n];

			rest = is_digit(p) ? (rest * 10 + p - '0') % 97 : (rest * 100 + p - 'A' + 10) % 97;
		}
		if (rest == 1)
			end = to;
	}
	if (end > i)
		tell(s, IDENTIFIER_IBAN, i, end);
}

/* A word before a place says that a telephone number follows. */
static bool
says_phone(const Scan *s, int i)
{
	static const char *const words[] = {"tel", "fon", "phone", "mobil", "handy", "fax"};

	for (int from = Max(0, i - 12); from < i; from++)
		for (int w = 0; w < lengthof(words); w++)
			if (has_word(s, from, words[w]))
				return true;
	return false;
}

/*
 * A telephone number: with the sign of a country, or a zero and something that
 * parts the area from the rest, or the form of a mobile number.  Returns where
 * it ends, or i.
 */
static int
scan_phone(Scan *s, int i)
{
	int			to = i;
	int			end = i;
	int			digits = 0;
	int			first = 0;		/* digits before something parts them */
	int			groups = 1;
	bool		country = at(s, i) == '+' || (at(s, i) == '0' && at(s, i + 1) == '0');
	int			start = at(s, i) == '+' || at(s, i) == '(' ? i + 1 : i;
	int			length;

	/* the middle of a number in groups, and a date */
	if ((at(s, i - 1) == ' ' && is_digit(at(s, i - 2))) || date_at(s, i, &length) != 0)
		return i;
	for (to = start; to < s->bytes; to++)
	{
		char		c = at(s, to);

		if (is_digit(c))
		{
			digits++;
			end = to + 1;
			continue;
		}
		if (c == '\0' || strchr(" /-()", c) == NULL || to - end >= 3)
			break;
		if (to == end)
		{
			if (groups++ == 1)
				first = digits;
		}
	}
	if (groups > 1 && end < to && is_alnum(at(s, to)) && digits == first)
		groups = 1;
	if (is_alnum(at(s, end)) || at(s, end) == '.')
		return i;
	if (country ? digits >= (at(s, i) == '+' ? 8 : 11) && digits <= 17 :
		digits >= 7 && digits <= 14 &&
		((first >= 2 && first <= 6 && digits - first >= 3) ||
		 (digits >= 11 && at(s, start + 1) == '1' && strchr("567", at(s, start + 2)) != NULL) ||
		 says_phone(s, i)))
	{
		tell(s, IDENTIFIER_PHONE, i, end);
		return end;
	}
	return i;
}

/* A house number at a place: at most four digits and a letter.  Its end, or -1. */
static int
house_number(const Scan *s, int i)
{
	int			n = digits_from(s, i);
	int			to = i + n;

	if (n < 1 || n > 4)
		return -1;
	if (is_letter(at(s, to)) && !is_alnum(at(s, to + 1)))
		to++;
	return is_alnum(at(s, to)) || at(s, to) == '.' || at(s, to) == '%' ? -1 : to;
}

/* A street and a number, where a word ends: the German way. */
static void
scan_street(Scan *s, int from, int to)
{
	static const char *const endings[] = {
		"stra\303\237e", "strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "chaussee"
	};
	int			number = to;
	int			end;

	if (at(s, number) == '.')
		number++;
	if (at(s, number) != ' ' || !is_digit(at(s, number + 1)) ||
		!((at(s, from) >= 'A' && at(s, from) <= 'Z') || IS_HIGHBIT_SET(at(s, from))))
		return;
	end = house_number(s, number + 1);
	if (end < 0)
		return;
	for (int e = 0; e < lengthof(endings); e++)
	{
		int			n = strlen(endings[e]);

		if (to - from >= n && has_word(s, to - n, endings[e]))
		{
			tell(s, IDENTIFIER_ADDRESS, from, end);
			return;
		}
	}
}

/* A number and a street: the English and the French way. */
static void
scan_street_after(Scan *s, int i)
{
	static const char *const kinds[] = {"Street", "Road", "Avenue", "Lane", "Drive", "Square"};
	int			to = house_number(s, i);

	if (to < 0 || at(s, to) != ' ')
		return;
	if (has_word(s, to + 1, "rue ") || has_word(s, to + 1, "avenue d"))
		tell(s, IDENTIFIER_ADDRESS, i, to + 5);
	else if (at(s, to + 1) >= 'A' && at(s, to + 1) <= 'Z')
	{
		int			next = to + 1;

		while (is_alnum(at(s, next)))
			next++;
		for (int k = 0; k < lengthof(kinds); k++)
		{
			int			n = strlen(kinds[k]);

			if (at(s, next) == ' ' && has_word(s, next + 1, kinds[k]) && !is_alnum(at(s, next + 1 + n)))
				tell(s, IDENTIFIER_ADDRESS, i, next + 1 + n);
		}
	}
}

/* The end of a run of letters and digits with single separators in it. */
static int
word_end(const Scan *s, int i)
{
	while (is_alnum(at(s, i)) ||
		   ((at(s, i) == '-' || at(s, i) == '.' || at(s, i) == '/') && is_alnum(at(s, i + 1))))
		i++;
	return i;
}

/* The numbers of persons in a text: single words, and groups of digits with spaces between. */
static void
scan_numbers(Scan *s)
{
	int			first = -1;		/* where the present groups start */
	int			groups = 0;
	int			last = 0;

	for (int i = 0; i <= s->bytes;)
	{
		int			to = i < s->bytes && is_alnum(at(s, i)) ? word_end(s, i) : i;
		bool		digits = false;

		for (int j = i; j < to; j++)
			digits |= is_digit(at(s, j));
		if (to > i && digits)
			try_number(s, i, to);

		/* "15 070649 C 103": a letter alone may stand between */
		if (to > i && (digits || to - i == 1))
		{
			if (first < 0 || i != last + 1 || at(s, last) != ' ')
			{
				if (groups > 1 && last - first <= LONGEST_NUMBER)
					try_number(s, first, last);
				first = i;
				groups = 0;
			}
			groups++;
			last = to;
		}
		else if (to > i || i == s->bytes)
		{
			if (first >= 0 && groups > 1 && last - first <= LONGEST_NUMBER)
				try_number(s, first, last);
			first = -1;
			groups = 0;
		}
		i = to > i ? to : i + 1;
	}
}

/* Things that start with a digit or a sign before it.  Returns where the search goes on. */
static int
scan_digits(Scan *s, int i)
{
	int			length;
	int			end;

	if (is_alnum(at(s, i - 1)) || at(s, i - 1) == '.')
		return i + 1;
	end = scan_uuid(s, i);
	if (end > i)
		return end;
	if (at(s, i) == '0' || at(s, i) == '+' || at(s, i) == '(')
	{
		end = scan_phone(s, i);
		if (end > i)
			return end;
	}
	if (!is_digit(at(s, i)))
		return i + 1;
	if (date_at(s, i, &length) != 0)
	{
		bool		born = says_born(s, i);

		/* a column of dates is judged as a whole */
		if (born || length < s->bytes)
			tell(s, born ? IDENTIFIER_BIRTH_DATE : IDENTIFIER_DATE, i, i + length);
		return i + length;
	}
	scan_network(s, i);
	scan_street_after(s, i);
	return i + 1;
}

void
identifier_scan(const char *text, int bytes, IdentifierFound found, void *state)
{
	Scan		scan = {.found = found,.state = state};
	Scan	   *s = &scan;
	int			words = 0;
	int			letters = 0;
	int			digits = 0;

	while (bytes > 0 && *text == ' ')
	{
		text++;
		bytes--;
	}
	while (bytes > 0 && text[bytes - 1] == ' ')
		bytes--;
	scan.text = text;
	scan.bytes = bytes;

	for (int i = 0; i < bytes;)
	{
		char		c = text[i];

		digits += is_digit(c);
		if (c == '@')
			scan_email(s, i);
		else if (is_letter(c) && !is_alnum(at(s, i - 1)))
		{
			int			to = i;

			while (is_letter(at(s, to)))
				to++;
			words++;
			letters += to - i;
			if (at(s, to) == '.' || at(s, to) == ' ')
				scan_street(s, i, to);
			if ((c | 0x20) == 'h' || (c | 0x20) == 'w')
				scan_url(s, i);
			if (to - i == 2 && is_digit(at(s, to)))
				scan_iban(s, i);
			if (!IS_HIGHBIT_SET(c) && (c | 0x20) <= 'f' && scan_uuid(s, i) > i)
			{
				i += 36;
				continue;
			}
		}
		else if (is_digit(c) || ((c == '+' || c == '(') && is_digit(at(s, i + 1))))
		{
			int			next = scan_digits(s, i);

			for (int j = i + 1; j < next; j++)
				digits += is_digit(text[j]);
			i = next;
			continue;
		}
		i++;
	}
	if (digits >= 7)
		scan_numbers(s);
	if (letters >= 2)
		name_scan(text, bytes, found, state);
	if (words >= SENTENCE_WORDS && bytes >= SENTENCE_BYTES)
		tell(s, IDENTIFIER_FREE_TEXT, 0, bytes);
}
