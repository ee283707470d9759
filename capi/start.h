#ifndef CALLKEY_START_H
#define CALLKEY_START_H

/* Why Go's runtime was not started when the library was loaded, or NULL: then it runs. */
const char *start_failure(void);

#endif
