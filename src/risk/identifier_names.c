/*-------------------------------------------------------------------------
 *
 * identifier_names.c
 *		Names of persons in a text.
 *
 * No list holds all names, and many names are words as well.  A name is told
 * by its company: a known given name beside another word with a capital
 * letter, before or behind it, or any such word behind a title.  A lone name
 * that is the whole text is told as not proven: in a column of names many
 * rows have one, in a column of occupations a few.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "risk/identifiers.h"

/* Longer words are no names. */
#define LONGEST_NAME	40

/* Given names of Europe that are frequent and hardly any other word; sorted, umlauts spelled out. */
static const char *const given_names[] = {
	"aaron", "adam", "adele", "adrian", "agata", "agnes", "agnieszka", "ahmed", "aisha", "albert",
	"albrecht", "alessandro", "alessia", "alexander", "alexandra", "alfred", "alice", "alina",
	"alois", "amelie", "anastasia", "andre", "andrea", "andreas", "andree", "andrej", "andrew",
	"andrzej", "angela", "angelika", "anita", "anja", "anke", "anna", "anne", "anneliese",
	"annemarie", "annette", "annika", "anthony", "antje", "anton", "antonia", "antonio", "arndt",
	"arne", "arnold", "artur", "astrid", "ayse", "barbara", "bartosz", "bastian", "beate", "beatrice",
	"beatrix", "benedikt", "benjamin", "benoit", "berit", "bernadette", "bernard", "bernd",
	"bernhard", "berta", "bertram", "bettina", "birgit", "birgitta", "birte", "bjarne", "bjoern",
	"bodo", "boris", "brigitte", "britta", "bruno", "burkhard", "camille", "carina", "carl", "carla",
	"carlo", "carlos", "carmen", "carola", "caroline", "carsten", "catherine", "cecilia", "charlotte",
	"chiara", "chloe", "christa", "christel", "christiane", "christina", "christine", "christoph",
	"christopher", "clara", "claudia", "claus", "clemens", "constanze", "corinna", "cornelia",
	"dagmar", "daniel", "daniela", "david", "deborah", "denise", "dennis", "detlef", "diana",
	"dieter", "dietmar", "dietrich", "dirk", "dominik", "dominique", "donald", "dorota", "dorothea",
	"dorothee", "dorothy", "dragan", "edeltraud", "edgar", "edith", "eduard", "edward", "edyta",
	"egon", "elena", "eleonore", "elfriede", "elif", "elisabeth", "elizabeth", "elke", "ella",
	"ellen", "elmar", "elsa", "elsbeth", "emil", "emilia", "emily", "emine", "emma", "emmanuel",
	"enrico", "erhard", "eric", "erich", "erik", "erika", "erna", "erwin", "esther", "eugen", "eva",
	"evelyn", "ewa", "fabian", "fatima", "fatma", "felicitas", "felix", "ferdinand", "finn",
	"florian", "francesca", "francesco", "francis", "francois", "francoise", "franz", "franziska",
	"frauke", "fred", "frederik", "frida", "frieda", "friederike", "friedhelm", "friedrich", "fritz",
	"gabi", "gabriel", "gabriele", "gabriella", "georg", "george", "georgios", "gerald", "gerard",
	"gerd", "gerda", "gerhard", "gerhild", "gerlinde", "gerta", "gertraud", "gertrud", "gianluca",
	"giorgio", "giovanni", "gisela", "gitta", "giulia", "giuseppe", "gottfried", "greta", "grit",
	"grzegorz", "gudrun", "guenter", "guenther", "gunda", "gunnar", "gunter", "gustav", "hanna",
	"hannah", "hannelore", "hannes", "hans", "harald", "harry", "hartmut", "hasan", "hedwig", "heike",
	"heiko", "heiner", "heinrich", "heinz", "helen", "helena", "helene", "helga", "helge", "helmut",
	"hendrik", "henning", "henri", "henrik", "henry", "herbert", "heribert", "hermann", "herta",
	"hilda", "hilde", "hildegard", "hiltrud", "holger", "horst", "hubert", "hugo", "ibrahim", "ida",
	"ilona", "ilse", "ines", "inga", "inge", "ingeborg", "ingo", "ingrid", "irene", "irina", "irma",
	"irmgard", "isabel", "isabell", "isabelle", "isolde", "ivan", "ivana", "ivonne", "jacek",
	"jacqueline", "jakob", "james", "jana", "janina", "janine", "jaroslaw", "jasmin", "jean", "jens",
	"jeremy", "jerome", "jessica", "joachim", "joan", "joanna", "jochen", "joerg", "johan", "johann",
	"johanna", "johannes", "john", "jolanta", "jonas", "jonathan", "jorge", "jose", "josef", "josefa",
	"josephine", "josip", "jovan", "juan", "judith", "juergen", "julia", "julian", "juliane",
	"julien", "julius", "jurgen", "justin", "justyna", "jutta", "karen", "karin", "karina", "karl",
	"karla", "karlheinz", "karolina", "karsten", "katarina", "katarzyna", "katharina", "kathleen",
	"kathrin", "katja", "katrin", "kenneth", "kerstin", "kevin", "klara", "klaus", "konrad",
	"konstantin", "kornelia", "kristin", "kristina", "krystyna", "krzysztof", "kurt", "lara",
	"larissa", "lars", "laura", "laurence", "lea", "leandro", "lena", "lennart", "leonard",
	"leonhard", "leonie", "leopold", "liam", "lieselotte", "lina", "linda", "linus", "lisa",
	"liselotte", "lorenz", "lothar", "louis", "louisa", "louise", "luca", "lucas", "lucia", "lucie",
	"ludwig", "luis", "luisa", "luise", "lukas", "lutz", "lydia", "magda", "magdalena", "maja",
	"malgorzata", "manfred", "manuel", "manuela", "marc", "marcel", "marcin", "marco", "marek",
	"margareta", "margarete", "margit", "margot", "margret", "margrit", "maria", "marianne", "marie",
	"mariella", "marija", "marina", "mario", "marion", "marita", "marius", "marlene", "marlies",
	"marta", "martha", "martin", "martina", "mary", "mateusz", "mathias", "mathilde", "matteo",
	"matthew", "matthias", "maurice", "maximilian", "mehmet", "meike", "melanie", "melina", "meta",
	"michael", "michaela", "michal", "michel", "michelle", "miguel", "mila", "milan", "miriam",
	"mirjam", "mohamed", "mohammad", "mohammed", "monika", "monique", "moritz", "mustafa", "nadine",
	"nadja", "nancy", "natalia", "natalie", "nathalie", "nicola", "nicolas", "nicole", "niels",
	"nikolaus", "nils", "nina", "noah", "nora", "norbert", "olaf", "ole", "oleg", "olga", "oliver",
	"olivia", "ortwin", "oskar", "oswald", "otmar", "ottilie", "otto", "pablo", "pamela", "paola",
	"paolo", "pascal", "patricia", "patricio", "patrick", "patrik", "paula", "paulina", "pauline",
	"pavel", "pawel", "pedro", "peter", "petra", "philipp", "philippe", "pia", "pierre", "pietro",
	"piotr", "rainer", "ralf", "ralph", "ramona", "raphael", "rebecca", "regina", "regine", "reiner",
	"reinhard", "reinhold", "renata", "renate", "rene", "renee", "ricardo", "richard", "rita",
	"robert", "roberta", "roberto", "roland", "rolf", "ronald", "ronny", "rosa", "rosalie",
	"rosemarie", "rosina", "roswitha", "rudi", "rudolf", "rupert", "ruth", "ryszard", "sabine",
	"sabrina", "salvatore", "samuel", "sandra", "sandro", "sara", "sarah", "sascha", "sebastian",
	"selma", "sergej", "sibylle", "siegfried", "sieglinde", "siegmund", "sigrid", "silke", "silvia",
	"simon", "simone", "soeren", "sofia", "sonja", "sophia", "sophie", "stanislaw", "stefan",
	"stefania", "stefanie", "steffen", "steffi", "stephan", "stephane", "stephanie", "stephen",
	"steven", "susan", "susanna", "susanne", "suzanne", "sven", "svenja", "sybille", "sylvia",
	"tamara", "tanja", "tatjana", "thea", "theo", "theodor", "theresa", "therese", "theresia",
	"thilo", "thomas", "thorsten", "tilman", "timo", "tobias", "tomasz", "torben", "torsten",
	"traudl", "traute", "trude", "udo", "ulf", "ulrich", "ulrike", "ursula", "uta", "ute", "uwe",
	"valentina", "valerie", "vanessa", "vera", "verena", "veronika", "viktor", "viktoria", "vincent",
	"vladimir", "volker", "walburga", "waldemar", "walter", "waltraud", "waltraut", "werner",
	"wiebke", "wilfried", "wilhelm", "wilhelmine", "william", "wilma", "winfried", "wojciech",
	"wolfgang", "xaver", "yannick", "yasmin", "yusuf", "yvonne", "zbigniew", "zeynep", "zofia",
	"zoran"
};

/* Frequent family names that are no colours, sizes or seasons; sorted. */
static const char *const family_names[] = {
	"albrecht", "andersson", "arnold", "bauer", "baumann", "beck", "becker", "berger", "bergmann",
	"bernard", "bianchi", "boehm", "brandt", "busch", "clarke", "davies", "demir", "dietrich",
	"dubois", "durand", "eder", "engel", "evans", "fernandez", "ferrari", "fischer", "frank",
	"franke", "friedrich", "fuchs", "garcia", "gonzalez", "gruber", "guenther", "haas", "hahn",
	"hansen", "hartmann", "heinrich", "herrmann", "hofer", "hoffmann", "hofmann", "horn", "huber",
	"jackson", "jaeger", "jansen", "jensen", "johansson", "johnson", "jones", "kaiser", "karlsson",
	"kaya", "keller", "koch", "koehler", "koenig", "kowalski", "kraemer", "kraus", "krause",
	"krueger", "kuehn", "kuhn", "lehmann", "leitner", "leroy", "lopez", "lorenz", "ludwig", "maier",
	"martin", "martinez", "mayer", "meier", "meyer", "moeller", "moreau", "moser", "mueller",
	"neumann", "nielsen", "novak", "nowak", "otto", "perez", "peters", "pfeiffer", "pichler", "pohl",
	"richter", "roberts", "robinson", "rodriguez", "romano", "rossi", "russo", "sanchez", "sauer",
	"schaefer", "schmid", "schmidt", "schmitt", "schmitz", "schneider", "scholz", "schreiber",
	"schroeder", "schubert", "schulte", "schulz", "schulze", "schumacher", "schuster", "seidel",
	"simon", "smith", "stein", "steiner", "svensson", "taylor", "thomas", "thompson", "vogel", "vogt",
	"voigt", "wagner", "walter", "weber", "werner", "williams", "wilson", "winkler", "wisniewski",
	"wolf", "wolff", "wright", "yilmaz", "ziegler", "zimmermann"
};

/* A word of the text. */
typedef struct Word
{
	int			from;
	int			to;
	bool		capital;		/* starts with one */
	char		plain[LONGEST_NAME + 1];	/* lower case, umlauts spelled out */
} Word;

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IS_HIGHBIT_SET(c);
}

/* A plain word is in a sorted list. */
static bool
is_listed(const char *plain, const char *const *list, int n)
{
	int			low = 0;
	int			high = n - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(plain, list[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

/* Fill in the plain form of a word. */
static void
make_plain(const char *text, Word *w)
{
	static const struct
	{
		const char *letter;		/* in UTF-8, which any other encoding simply does not match */
		const char *plain;
		bool		capital;
	}			letters[] = {
		{"\xC3\xA4", "ae", false}, {"\xC3\x84", "ae", true}, {"\xC3\xB6", "oe", false},
		{"\xC3\x96", "oe", true}, {"\xC3\xBC", "ue", false}, {"\xC3\x9C", "ue", true},
		{"\xC3\x9F", "ss", false}, {"\xC3\xA9", "e", false}, {"\xC3\x89", "e", true},
		{"\xC3\xA8", "e", false}, {"\xC3\xA7", "c", false}, {"\xC3\xB8", "oe", false},
		{"\xC5\x82", "l", false}, {"\xC3\xA1", "a", false}, {"\xC3\xAD", "i", false},
	};
	int			n = 0;

	w->capital = text[w->from] >= 'A' && text[w->from] <= 'Z';
	for (int i = w->from; i < w->to && n < LONGEST_NAME - 1; i++)
	{
		char		c = text[i];
		int			k = 0;

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		while (IS_HIGHBIT_SET(c) && k < lengthof(letters) &&
			   (i + 1 >= w->to || memcmp(text + i, letters[k].letter, 2) != 0))
			k++;
		if (IS_HIGHBIT_SET(c) && k < lengthof(letters))
		{
			for (const char *p = letters[k].plain; *p != '\0'; p++)
				w->plain[n++] = *p;
			if (i == w->from)
				w->capital = letters[k].capital;
			i++;
		}
		else
			w->plain[n++] = c;
	}
	w->plain[n] = '\0';
}

/* The next word from a place on; false if there is none. */
static bool
next_word(const char *text, int bytes, int i, Word *w)
{
	while (i < bytes && !is_letter(text[i]))
		i++;
	w->from = i;
	while (i < bytes && (is_letter(text[i]) ||
						 ((text[i] == '-' || text[i] == '\'') && i + 1 < bytes && is_letter(text[i + 1]))))
		i++;
	w->to = i;
	if (w->from == w->to)
		return false;
	make_plain(text, w);
	return true;
}

/* A word is a title that a name follows. */
static bool
is_title(const char *text, int bytes, const Word *w)
{
	static const char *const titles[] = {
		"dr", "frau", "hr", "herr", "herrn", "madame", "miss", "monsieur", "mr", "mrs", "ms", "prof",
		"signor", "signora"
	};

	for (int i = 0; i < lengthof(titles); i++)
		if (strcmp(w->plain, titles[i]) == 0)
			return w->capital;

	/* "Fr" is Friday as well */
	return w->capital && strcmp(w->plain, "fr") == 0 && w->to < bytes && text[w->to] == '.';
}

/* A word stands between a title and its name, as in "Dr. med. dent. Anna". */
static bool
is_degree(const Word *w)
{
	static const char *const degrees[] = {"med", "dent", "rer", "nat", "phil", "habil", "h", "c", "jur"};

	for (int i = 0; i < lengthof(degrees); i++)
		if (strcmp(w->plain, degrees[i]) == 0)
			return true;
	return false;
}

/* A word that a name often follows, and other words more often. */
static bool
is_patient(const Word *w)
{
	return strcmp(w->plain, "patient") == 0 || strcmp(w->plain, "patientin") == 0 ||
		strcmp(w->plain, "pat") == 0;
}

/* A word can be a name: it starts with a capital letter and has two more. */
static bool
may_be_name(const Word *w)
{
	return w->capital && w->to - w->from >= 3;
}

/* Between two words there is only a space, or a comma and a space. */
static bool
is_joined(const char *text, const Word *a, const Word *b, bool comma)
{
	int			i = a->to;

	if (comma && text[i] == ',')
		i++;
	else if (comma)
		return false;
	if (i < b->from && text[i] == ' ')
		i++;
	return i == b->from && i > a->to;
}

void
name_scan(const char *text, int bytes, IdentifierFound found, void *state)
{
	Word		word;
	Word		before;
	bool		have_before = false;
	bool		before_given = false;
	bool		after_title = false;
	int			title = 0;
	int			nwords = 0;
	int			name_end = -1;	/* of the last name told */
	int			i = 0;

	while (next_word(text, bytes, i, &word))
	{
		bool		given = may_be_name(&word) &&
			is_listed(word.plain, given_names, lengthof(given_names));

		nwords++;
		if (is_title(text, bytes, &word))
		{
			if (!after_title)
				title = word.from;
			after_title = true;
		}
		else if (after_title && is_degree(&word))
			;
		else if (after_title && may_be_name(&word))
		{
			found(state, IDENTIFIER_NAME, text + title, word.to - title, true);
			name_end = word.to;
			after_title = false;
		}
		else
		{
			after_title = false;
			if (have_before && is_patient(&before) && may_be_name(&word) &&
				(given || is_listed(word.plain, family_names, lengthof(family_names))))
			{
				found(state, IDENTIFIER_NAME, text + before.from, word.to - before.from, true);
				name_end = word.to;
			}
			else if (have_before && name_end != before.to && may_be_name(&word) && may_be_name(&before) &&
				((before_given && is_joined(text, &before, &word, false)) ||
				 (given && is_joined(text, &before, &word, true))))
			{
				found(state, IDENTIFIER_NAME, text + before.from, word.to - before.from, true);
				name_end = word.to;
			}
		}
		before = word;
		have_before = true;
		before_given = given;
		i = word.to;
	}

	/* the whole text is one name */
	if (nwords == 1 && before.from == 0 && before.to == bytes && may_be_name(&before) &&
		(before_given || is_listed(before.plain, family_names, lengthof(family_names))))
		found(state, IDENTIFIER_NAME, text, bytes, false);
}
