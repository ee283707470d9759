/* static_tls LIBRARY...: loads libraries in the given order, each in a new thread, and calls the one with
 * callkey_selftest. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

static char why[512];
static int called;

static void *load(void *path)
{
	void *library = dlopen(path, RTLD_NOW);
	int32_t (*selftest)(void);

	if (library == NULL) {
		snprintf(why, sizeof why, "%s", dlerror());
		return NULL;
	}
	*(void **)&selftest = dlsym(library, "callkey_selftest");
	if (selftest != NULL) {
		called = 1;
		if (selftest() != 0)
			snprintf(why, sizeof why, "callkey_selftest fails");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, load, argv[i]) != 0 || pthread_join(thread, NULL) != 0)
			snprintf(why, sizeof why, "no thread");
		if (why[0] != 0) {
			fprintf(stderr, "%s: %s\n", argv[i], why);
			return 1;
		}
	}
	return called ? 0 : 2;
}
