/* A fresh folder for the files of a test, removed with them. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stddef.h>

/* Returns 0 on failure. One folder at a time. */
int folder_make(void);
void folder_remove(void);

/* The path of a file in it, until the next call with the same name. */
const char *folder_path(char *out, size_t n, const char *name);

/* Not 0 if the folder has only a file of this name, and the file is not empty. */
int folder_holds_only(const char *name);

/* A hash of the sizes and contents of its files: two equal marks mean that nothing changed. */
unsigned long folder_mark(void);

#endif
