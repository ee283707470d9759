#include "check.h"

#include <stdio.h>

/* The one argument is the folder of the test vectors. */
int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s testdata/vectors\n", argv[0]);
		return 2;
	}
	test_header();
	test_library();
	test_vectors(argv[1]);
	test_misuse();
	test_buffers();
	test_stanza();
	test_store();
	test_call();
	test_threads();
	test_fork();
	return test_report();
}
