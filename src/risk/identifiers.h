/*-------------------------------------------------------------------------
 *
 * identifiers.h
 *		The room "risk", page on identifiers: what in a text tells who somebody
 *		is, found by what is written there and not by the name of its column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_IDENTIFIERS_H
#define KIAIM_IDENTIFIERS_H

#include "postgres.h"

typedef enum IdentifierKind
{
	IDENTIFIER_NAME,
	IDENTIFIER_EMAIL,
	IDENTIFIER_PHONE,
	IDENTIFIER_ADDRESS,
	IDENTIFIER_BIRTH_DATE,
	IDENTIFIER_DATE,			/* some other day, within a text */
	IDENTIFIER_IBAN,
	IDENTIFIER_URL,
	IDENTIFIER_NETWORK,
	IDENTIFIER_UUID,
	IDENTIFIER_FREE_TEXT,
	IDENTIFIER_NUMBER			/* + scheme: numbers that states and insurances give to persons */
} IdentifierKind;

/*
 * Told of each thing found in a text: what it is, and the bytes of the text.
 * proven is false for a number that has the form of a scheme but not its check
 * digits: whoever counts them can tell numbers of persons from others.
 */
typedef void (*IdentifierFound) (void *state, int kind, const char *text, int bytes, bool proven);

/* ---- identifier_numbers.c: numbers of persons, with their check digits ---- */

/* Schemes, their number; the kind of scheme i is IDENTIFIER_NUMBER + i. */
extern int	number_nschemes(void);

/* What its numbers are called, as "health insurance number (DE)". */
extern const char *number_scheme_name(int scheme);

/* Its form alone is telling, because letters stand among the digits. */
extern bool number_scheme_telling(int scheme);

/*
 * Try every scheme on a word of letters and digits, with single separators
 * (- . / or a space) between them.  Longer words than any scheme fit none.
 */
extern void number_scan(const char *word, int bytes, IdentifierFound found, void *state);

/* ---- identifier_names.c: names of persons ---- */

/* Find names in a text: one known, beside a word that could be one, or after a title. */
extern void name_scan(const char *text, int bytes, IdentifierFound found, void *state);

/* ---- identifier_text.c: everything in a text ---- */

/*
 * Tell of all that identifies in a text of the server's encoding.  A date of
 * birth is only found here where a word says so.
 */
extern void identifier_scan(const char *text, int bytes, IdentifierFound found, void *state);

/* The day of a text that is a date and nothing else, as year * 10000 + month * 100 + day; or 0. */
extern int	date_of_text(const char *text, int bytes);

#endif							/* KIAIM_IDENTIFIERS_H */
