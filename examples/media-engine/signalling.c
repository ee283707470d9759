#include "signalling.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

/* The socket preserves message boundaries (SOCK_SEQPACKET). */
bool signalling_send(int fd, const struct message *message)
{
	size_t n = offsetof(struct message, body) + message->size;
	ssize_t sent;

	do
		sent = send(fd, message, n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)n;
}

bool signalling_receive(int fd, struct message *message)
{
	ssize_t n;

	do
		n = recv(fd, message, sizeof *message, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if ((size_t)n < offsetof(struct message, body) ||
	    (size_t)n != offsetof(struct message, body) + message->size)
		give_up("a signalling message of %ld bytes", (long)n);
	return true;
}
