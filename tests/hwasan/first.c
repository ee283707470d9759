/* gcc 12's sanitizer starts in the program's initialisers. Before that a thread made through it
 * crashes, and the library makes one when it is loaded. So it starts here. */
void __hwasan_init(void);

__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = __hwasan_init;
