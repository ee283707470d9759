#ifndef CALLKEY_START_H
#define CALLKEY_START_H

/* 0 before the library's initialisers have run, Go's own among them: a call would wait for ever. */
int start_begun(void);

/* Why Go's runtime was not started when the library was loaded, or NULL: then it runs. */
const char *start_failure(void);

#endif
