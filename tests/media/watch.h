/* For the generated functions of libcallkey: note the call, then make it. */
#ifndef WATCH_H
#define WATCH_H

void watch_library(const char *function, void *caller);
void *watch_real(const char *function);

#endif
