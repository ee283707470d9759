/*
 * The tasks of bench/peers through libcallkey's C interface.
 *
 *     ours LIBRARY measure DIRECTORY MILLISECONDS [PART]
 *     ours LIBRARY answers
 *     ours LIBRARY talk caller|callee
 *
 * measure prints times in the format of Go's benchmarks: of every task, or of those with PART in their name. Each is
 * repeated for at least MILLISECONDS; SQLite stores go into DIRECTORY. The two calls at once need two processors and are
 * measured only where PART is TwoCalls. answers prints what tasks compute, for a comparison with the other programs,
 * and talk is one side of a conversation with them.
 */
#include "calls.h"
#include "derivations.h"
#include "stanzas.h"
#include "talk.h"

int main(int argc, char **argv)
{
	const char *does = argc > 2 ? argv[2] : "";
	size_t i;
	if (!(strcmp(does, "measure") == 0 && (argc == 5 || argc == 6)) && !(strcmp(does, "answers") == 0 && argc == 3) &&
	    !(strcmp(does, "talk") == 0 && argc == 4)) {
		fprintf(stderr, "usage: ours LIBRARY measure DIRECTORY MILLISECONDS [PART] | answers | talk caller|callee\n");
		return 2;
	}
	resolve(must(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)));
	for (i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i + 1);
	if (strcmp(does, "talk") == 0) {
		talk(argv[3]);
		return 0;
	}
	prepare_derivations();
	prepare_stanzas();
	if (strcmp(does, "answers") == 0) {
		answer_derivations();
		answer_stanzas();
		return 0;
	}
	directory = argv[3];
	min_ns = atof(argv[4]) * 1e6;
	part = argc == 6 ? argv[5] : "";
	if (strcmp(part, "TwoCalls") == 0) {
		measure_two_calls();
		return 0;
	}
	measure_derivations();
	measure_stanzas();
	measure_calls();
	return 0;
}
