/* A fresh folder for the files of a test, removed with them. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stddef.h>

/* 0 when it cannot be made. One at a time. */
int folder_make(void);
void folder_remove(void);

/* The path of a file in it, until the next call with the same name. */
const char *folder_path(char *out, size_t n, const char *name);

/* Not 0 when a file of this name is all that is in it, and is not empty. */
int folder_holds_only(const char *name);

/* The files in it, by size and content: two equal marks, nothing was changed. */
unsigned long folder_mark(void);

#endif
