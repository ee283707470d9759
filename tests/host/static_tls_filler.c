/* A library that uses SIZE bytes of static TLS, like an OpenGL driver or a profiler. */
#ifndef SIZE
#  define SIZE 200
#endif

static __thread char room[SIZE] __attribute__((tls_model("initial-exec")));

char *filler(void);

char *filler(void)
{
	return room;
}
