/* loading WAY: a host that links or loads the library as guest.h describes, and calls it from its first
 * thread and from others. */
#include "guest.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	guest_late();
	return !guest_all_right();
}
