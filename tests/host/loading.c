/* A host that has the library in one of the ways of guest.h, and calls it from its first thread and
 * from others: loading WAY. */
#include "guest.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	guest_late();
	return !guest_all_right();
}
