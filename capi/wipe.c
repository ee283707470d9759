/* callkey_wipe, which does not enter Go: it works in a child of fork() and after an internal error. */
#include "callkey.h"

#include <string.h>

/* Whoever copied the secret has left a part of it in vector registers, and its thread may yet save them on its stack:
 * a JVM does that with a thread that it stops, and a dynamic linker when it binds a symbol. */
#if defined(__x86_64__) && !defined(_WIN32)
#  include <cpuid.h>

/* What the kernel keeps of a thread's registers, as XCR0 says: 6 is AVX, 0xe0 AVX-512. */
static unsigned int kept;

__attribute__((constructor)) static void find_registers(void)
{
	unsigned int a, b, c = 0, d, high;

	if (__get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE) != 0)
		__asm__ __volatile__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
}

static void clear_registers(void)
{
	if ((kept & 6) != 6)
		return;
	__asm__ __volatile__("vzeroall"
	                     :
	                     :
	                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
	                       "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	/* The compiler does not use these, because this is compiled for any processor. */
	if ((kept & 0xe0) == 0xe0)
		__asm__ __volatile__(".irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
		                     "vpxorq %zmm\\n, %zmm\\n, %zmm\\n\n\t"
		                     ".endr");
}
#elif defined(__aarch64__)
static void clear_registers(void)
{
	/* Not v8 to v15, whose lower halves are the caller's. */
	__asm__ __volatile__(".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
	                     "movi v\\n\\().16b, #0\n\t"
	                     ".endr"
	                     :
	                     :
	                     : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21",
	                       "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}
#else
static void clear_registers(void) {}
#endif

void callkey_wipe(void *p, size_t n)
{
	if (p != NULL) {
		memset(p, 0, n);
		/* The compiler must believe that someone reads the zeros, or it drops the memset. */
		__asm__ __volatile__("" : : "r"(p) : "memory");
	}
	clear_registers();
}
