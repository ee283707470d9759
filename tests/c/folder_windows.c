/* folder.c for Windows. Names are UTF-8 here and UTF-16 there. */
#include "folder.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static char folder[256];

/* The name of a file of the folder, or a pattern of names, as Windows takes it. */
static const wchar_t *wide(const char *name)
{
	static wchar_t out[512];
	char path[512];

	folder_path(path, sizeof path, name);
	if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, out, 512) == 0)
		out[0] = 0;
	return out;
}

int folder_make(void)
{
	char parent[128];
	DWORD n = GetTempPathA(sizeof parent, parent);
	int i;

	if (n == 0 || n >= sizeof parent)
		return 0;
	/* An interrupted run may have left a folder with this number. */
	for (i = 0; i < 1000; i++) {
		snprintf(folder, sizeof folder, "%scallkey-test-%d", parent, i);
		if (CreateDirectoryA(folder, NULL))
			return 1;
	}
	return 0;
}

const char *folder_path(char *out, size_t n, const char *name)
{
	snprintf(out, n, "%s\\%s", folder, name);
	return out;
}

static void each_file(void (*visit)(const wchar_t *path, void *to), void *to)
{
	WIN32_FIND_DATAW found;
	HANDLE search = FindFirstFileW(wide("*"), &found);
	wchar_t path[512];

	if (search == INVALID_HANDLE_VALUE)
		return;
	do {
		wcscpy(path, wide(""));
		wcscat(path, found.cFileName);
		if (found.cFileName[0] != L'.')
			visit(path, to);
	} while (FindNextFileW(search, &found));
	FindClose(search);
}

static void remove_file(const wchar_t *path, void *to)
{
	(void)to;
	DeleteFileW(path);
}

void folder_remove(void)
{
	each_file(remove_file, NULL);
	RemoveDirectoryA(folder);
}

static void count_file(const wchar_t *path, void *to)
{
	(void)path;
	++*(int *)to;
}

int folder_holds_only(const char *name)
{
	WIN32_FILE_ATTRIBUTE_DATA found;
	int files = 0;

	each_file(count_file, &files);
	return files == 1 && GetFileAttributesExW(wide(name), GetFileExInfoStandard, &found) &&
	       found.nFileSizeLow > 0;
}

/* FNV-1a over the content; the sum over the files does not depend on their order. */
static void add_file(const wchar_t *path, void *to)
{
	FILE *f = _wfopen(path, L"rb");
	unsigned long hash = 2166136261u;
	int c;

	while (f != NULL && (c = getc(f)) != EOF)
		hash = (hash ^ (unsigned long)c) * 16777619u;
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
