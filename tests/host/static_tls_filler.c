/* A library that takes SIZE bytes of static TLS, as an OpenGL driver or a profiler does. */
#ifndef SIZE
#  define SIZE 200
#endif

static __thread char room[SIZE] __attribute__((tls_model("initial-exec")));

char *filler(void);

char *filler(void)
{
	return room;
}
