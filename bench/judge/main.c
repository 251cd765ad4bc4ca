/*
 * judge [options] training synthetic holdout
 *
 *   -d ,          what is between two cells (a table begins with the names)
 *   -c a,b        columns that are categories although they look like numbers
 *   -x a,b        columns to leave out
 *   -t column     what a classifier learns
 *   -s time,status[,stratum]   survival curves; as often as wanted
 *   -m fcdp       which measures: fidelity, copies, discrimination and the classifier, proximity
 *
 * A line a measure: its name, the figure of the synthetic rows and that of the
 * held-out ones, with tabs between.
 */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CURVES	16

static void
usage(void)
{
	fprintf(stderr, "usage: judge [-d delimiter] [-c columns] [-x columns] [-t target] [-s time,status[,stratum]] [-m measures] training synthetic holdout\n");
	exit(2);
}

/* The columns of a list, -1 where it ends early. */
static void
columns_of(const Data *data, const char *list, int column[3])
{
	for (int i = 0; i < 3; i++)
	{
		size_t		length = strcspn(list, ",");

		column[i] = length > 0 ? column_named(data, list, length) : -1;
		list += length + (list[length] == ',');
	}
}

int
main(int argc, char **argv)
{
	Data		data;
	char		delimiter = ',';
	const char *categories = NULL,
			   *left_out = NULL,
			   *target = NULL,
			   *measures = "fcdp";
	const char *curve[CURVES];
	int			curves = 0;

	for (int option; (option = getopt(argc, argv, "d:c:x:t:s:m:")) != -1;)
	{
		if (option == 'd')
			delimiter = *optarg;
		else if (option == 'c')
			categories = optarg;
		else if (option == 'x')
			left_out = optarg;
		else if (option == 't')
			target = optarg;
		else if (option == 's' && curves < CURVES)
			curve[curves++] = optarg;
		else if (option == 'm')
			measures = optarg;
		else
			usage();
	}
	if (argc - optind != TABLES)
		usage();
	read_tables(&data, argv + optind, delimiter, categories, left_out);
	show("rows", data.table[SYNTHETIC].rows, data.table[HOLDOUT].rows);
	if (strchr(measures, 'f'))
		fidelity(&data);
	if (strchr(measures, 'd'))
		classifiers(&data, target ? column_named(&data, target, strlen(target)) : -1);
	if (strchr(measures, 'c'))
		copies(&data);
	if (strchr(measures, 'p'))
		closeness(&data);
	for (int i = 0; i < curves; i++)
	{
		int			column[3];

		columns_of(&data, curve[i], column);
		if (column[0] < 0 || column[1] < 0)
			usage();
		survival(&data, column[0], column[1], column[2]);
	}
	return 0;
}
