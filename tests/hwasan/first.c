/* gcc 12's sanitizer starts in the program's initialisers, and a thread created earlier crashes. The
 * library creates one when it is loaded, so the sanitizer starts here. */
void __hwasan_init(void);

__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = __hwasan_init;
