/* A reader for the test vectors. Their JSON has no escapes and only whole numbers, see
 * testdata/vectors/README.md. It rejects anything else. */
#ifndef READER_H
#define READER_H

#include <stddef.h>

enum node_kind { NODE_OBJECT, NODE_LIST, NODE_TEXT, NODE_NUMBER };

typedef struct node {
	enum node_kind kind;
	char *name;           /* of a member, else NULL */
	char *text;           /* of NODE_TEXT */
	unsigned long number; /* of NODE_NUMBER */
	size_t n;             /* children */
	struct node *first, *next;
	int read;             /* a test has read it */
} node;

/* NULL if the file cannot be read or is not such JSON. */
node *node_read(const char *path);
void node_free(node *j);

/* The member of that name, marked as read, or NULL. */
node *node_member(node *object, const char *name);
/* A text member, or NULL. */
const char *node_text(node *object, const char *name);
/* The name of the first member that no test has read, or NULL. */
const char *node_unread(const node *object);

#endif
