#define _POSIX_C_SOURCE 200809L
#include "folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* folder_windows.c is the version for Windows. */
static char folder[64];

int folder_make(void)
{
	strcpy(folder, "/tmp/callkey-test-XXXXXX");
	return mkdtemp(folder) != NULL;
}

const char *folder_path(char *out, size_t n, const char *name)
{
	snprintf(out, n, "%s/%s", folder, name);
	return out;
}

static void each_file(void (*visit)(const char *path, void *to), void *to)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			visit(folder_path(path, sizeof path, entry->d_name), to);
	if (d != NULL)
		closedir(d);
}

static void remove_file(const char *path, void *to)
{
	(void)to;
	unlink(path);
}

void folder_remove(void)
{
	each_file(remove_file, NULL);
	rmdir(folder);
}

static void count_file(const char *path, void *to)
{
	(void)path;
	++*(int *)to;
}

int folder_holds_only(const char *name)
{
	char path[512];
	struct stat found;
	int files = 0;

	each_file(count_file, &files);
	return files == 1 && stat(folder_path(path, sizeof path, name), &found) == 0 && found.st_size > 0;
}

/* FNV-1a over the content; the sum over the files does not depend on their order. */
static void add_file(const char *path, void *to)
{
	FILE *f = fopen(path, "rb");
	unsigned long hash = 2166136261u;
	int c;

	while (f != NULL && (c = getc(f)) != EOF)
		hash = (hash ^ (unsigned long)c) * 1099511628211u;
	if (f != NULL)
		fclose(f);
	*(unsigned long *)to += hash;
}

unsigned long folder_mark(void)
{
	unsigned long mark = 0;

	each_file(add_file, &mark);
	return mark;
}
