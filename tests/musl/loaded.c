/* A program with musl that loads the shared library and prints the error. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (dlopen(argv[1], RTLD_NOW) != NULL) {
		printf("loaded\n");
		return 0;
	}
	printf("%s\n", dlerror());
	return 1;
}
