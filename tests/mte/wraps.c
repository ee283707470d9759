/* Every call with arguments, through the linker's --wrap: __wrap_NAME lends the library copies. */
#include "loan.h"
#include "place.h"

static callkey_status lend_all(const function *f, const argument *a);

#define REAL(name) __real_##name
#define DECLARED(text) text
#define ENTRY(name) __wrap_##name
#define PASS lend_all
#include "arguments.inc"

static callkey_status lend_all(const function *f, const argument *a)
{
	argument copies[MOST_PARAMETERS];
	callkey_status status;

	place(loan_lend, f, a, copies);
	status = f->run(copies);
	loan_end();
	return status;
}
