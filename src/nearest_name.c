/*-------------------------------------------------------------------------
 *
 * nearest_name.c
 *		"Did you mean ...": the nearest of some names to a misspelled one.
 *
 * The distance is the server's own Levenshtein distance, the threshold the one
 * that the server uses for its column name hints: at most three edits and at
 * most half of the word, so that "l" is never taken for "k".  Else it is the
 * name that begins like the word, so that "hierarchy" means "hierarchical".  A
 * word and a name that differ in letter case only are the same here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/varlena.h"

#include "kiaim.h"

/* longer words are not misspelled names, and the distance is quadratic */
#define NEAREST_MAX_LENGTH	255
#define NEAREST_MAX_EDITS	3
/* letters that a name must share with the word from the beginning, and the most of it */
#define NEAREST_PREFIX		6

/* A copy in lower case, as far as ASCII goes: no locale must matter here. */
static char *
ascii_lower(const char *s)
{
	char	   *copy = pstrdup(s);

	for (char *p = copy; *p; p++)
		*p = pg_ascii_tolower((unsigned char) *p);
	return copy;
}

/* See kiaim.h. */
const char *
nearest_name(const char *wrong, int n, const char *const *names)
{
	const char *nearest = NULL;
	const char *alike = NULL;
	int			length = strlen(wrong);
	int			longest = Max(NEAREST_PREFIX - 1, length / 2);
	int			limit;
	char	   *lower;

	if (length == 0 || length > NEAREST_MAX_LENGTH)
		return NULL;
	limit = Min(NEAREST_MAX_EDITS, pg_mbstrlen_with_len(wrong, length) / 2);
	lower = ascii_lower(wrong);
	for (int i = 0; i < n && limit >= 0; i++)
	{
		char	   *name = ascii_lower(names[i]);
		int			name_length = strlen(name);
		int			prefix = 0;

		while (lower[prefix] != '\0' && lower[prefix] == name[prefix])
			prefix++;
		if (prefix > longest && prefix > name_length / 2)
		{
			alike = names[i];
			longest = prefix;
		}
		if (name_length <= NEAREST_MAX_LENGTH)
		{
			int			distance = varstr_levenshtein_less_equal(lower, length, name, name_length,
																 1, 1, 1, limit, true);

			if (distance <= limit)
			{
				nearest = names[i];
				limit = distance - 1;
			}
		}
		pfree(name);
	}
	pfree(lower);
	return nearest != NULL ? nearest : alike;
}
