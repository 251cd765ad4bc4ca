/*-------------------------------------------------------------------------
 *
 * codes_internal.h
 *		What the code systems share: their table entry, a cursor over the text
 *		of a code, and writers of labels.
 *
 * A code system is one function that reads a code and writes its labels.  It
 * walks a cursor over the bytes, looks numbers up in constant tables and never
 * allocates, so that generalizing a code costs some dozen nanoseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CODES_INTERNAL_H
#define KIAIM_CODES_INTERNAL_H

#include "generalize/generalize_internal.h"

/* Labels as code_system_labels() fills them. */
typedef char CodeLabel[CODE_LABEL_MAX];

struct CodeSystem
{
	const char *name;
	int			height;
	/* fills labels[1 .. height - 1], or returns false: no code of the system */
	bool		(*labels) (const char *text, int len, CodeLabel *labels);
};

/* The systems, a file each or two; see doc/codes.md for what they accept. */
extern bool icd10_labels(const char *text, int len, CodeLabel *labels);
extern bool icdo_topography_labels(const char *text, int len, CodeLabel *labels);
extern bool icdo_morphology_labels(const char *text, int len, CodeLabel *labels);
extern bool tnm_labels(const char *text, int len, CodeLabel *labels);
extern bool uicc_labels(const char *text, int len, CodeLabel *labels);
extern bool ags_labels(const char *text, int len, CodeLabel *labels);
extern bool age_groups_labels(const char *text, int len, CodeLabel *labels);

/* ---- cursor: the bytes of a code that are still to be read ---- */

typedef struct CodeCursor
{
	const char *at;
	const char *end;
} CodeCursor;

/* Blanks as they get into code columns. */
static inline bool
code_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ASCII only: a code must not depend on the locale. */
static inline char
code_upper(char c)
{
	return (c >= 'a' && c <= 'z') ? c - 'a' + 'A' : c;
}

static inline bool
code_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A cursor over text without the blanks around it. */
static inline CodeCursor
code_cursor(const char *text, int len)
{
	CodeCursor	c = {text, text + len};

	while (c.at < c.end && code_is_blank(*c.at))
		c.at++;
	while (c.at < c.end && code_is_blank(c.end[-1]))
		c.end--;
	return c;
}

/* Everything has been read. */
static inline bool
code_done(const CodeCursor *c)
{
	return c->at == c->end;
}

/* The next byte as an upper-case letter, or 0 at the end. */
static inline char
code_peek(const CodeCursor *c)
{
	return c->at < c->end ? code_upper(*c->at) : '\0';
}

/* Step over the next byte if it is this (upper-case) one. */
static inline bool
code_take(CodeCursor *c, char upper)
{
	if (code_peek(c) != upper || c->at == c->end)
		return false;
	c->at++;
	return true;
}

/* Step over blanks between the parts of a code. */
static inline void
code_skip_blanks(CodeCursor *c)
{
	while (c->at < c->end && code_is_blank(*c->at))
		c->at++;
}

/* Step over a word given in upper case, whatever its case in the text. */
static inline bool
code_take_word(CodeCursor *c, const char *upper)
{
	const char *at = c->at;

	for (; *upper; upper++, at++)
		if (at == c->end || code_upper(*at) != *upper)
			return false;
	c->at = at;
	return true;
}

/* Step over digits, at most most of them; returns how many there were. */
static inline int
code_take_digits(CodeCursor *c, int most, int *value)
{
	int			n = 0;

	*value = 0;
	while (n < most && c->at < c->end && code_is_digit(*c->at))
	{
		*value = *value * 10 + (*c->at++ - '0');
		n++;
	}
	return n;
}

/* ---- writers of labels: each returns the place after what it wrote ---- */

/* A number in a fixed count of digits, with leading zeros. */
static inline char *
code_put_number(char *to, int number, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
	{
		to[i] = '0' + number % 10;
		number /= 10;
	}
	return to + digits;
}

/* A short text. */
static inline char *
code_put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

/* A whole label; the tables hold none that is too long. */
static inline void
code_set_label(char *label, const char *text)
{
	Assert(strlen(text) < CODE_LABEL_MAX);
	*code_put_text(label, text) = '\0';
}

#endif							/* KIAIM_CODES_INTERNAL_H */
