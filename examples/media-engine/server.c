#include "server.h"
#include "signalling.h"
#include "table.h"
#include "verdict.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND 1000000000u         /* ns */
#define LEAD (SECOND / 5)          /* from START to frame 0 */
#define REDRAW (SECOND / 10)
#define SIGNALLING_DELAY (SECOND / 5) /* of media: the delay of READY and SWITCH */
#define DEADLINE (60 * (uint64_t)SECOND)
#define GROUP_TRANSACTION 1

extern char **environ;

struct server {
	const struct settings *settings;
	struct {
		pid_t pid;
		int socket;
		uint32_t port;
		uint32_t bundle_size;
		uint8_t bundle[512];
		uint64_t ready; /* the index of its next packet at READY */
		bool gone;
	} members[PARTIES];
	unsigned hello, ringing, ready;
	bool joining;
	bool ended;
	uint64_t start, drawn, switch_at; /* call_clock; 0: not yet */
	uint64_t last_frame;              /* the end of the call */
	struct outcome outcome;
};

static const uint32_t group[] = {CAROL, ALICE, BOB_2};
#define MEMBERS (sizeof group / sizeof *group)

static double seconds(const struct server *server)
{
	uint64_t now = call_clock();

	if (server->start == 0 || now < server->start)
		return 0;
	return (double)(now - server->start) / SECOND * server->settings->speed;
}

static uint64_t current_frame(const struct server *server)
{
	return (uint64_t)(seconds(server) * FRAMES_PER_SECOND);
}

static void tell(struct server *server, uint32_t party, struct message *message)
{
	if (!signalling_send(server->members[party].socket, message))
		give_up("%s is gone", parties[party].name);
}

/* Servers deliver a stanza again until it is acknowledged. */
static void tell_again(struct server *server, uint32_t party, struct message *message)
{
	tell(server, party, message);
	tell(server, party, message);
}

static void tell_kind(struct server *server, uint32_t party, uint32_t kind)
{
	struct message message = {.kind = kind};

	tell(server, party, &message);
}

static void give_bundle(struct server *server, uint32_t to, uint32_t whose)
{
	struct message message = {.kind = BUNDLE, .party = whose};

	message.size = server->members[whose].bundle_size;
	memcpy(message.body, server->members[whose].bundle, message.size);
	tell(server, to, &message);
}

/* Each participant is another process of this program, started with exec: libcallkey contains a Go
 * runtime, which does not survive a fork. */
static void spawn(struct server *server, uint32_t party, char *const *arguments)
{
	char *list[16] = {arguments[0], (char *)"--be", (char *)parties[party].name};
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	size_t i;

	for (i = 1; arguments[i] != NULL && i + 3 < sizeof list / sizeof *list; i++)
		list[i + 2] = arguments[i];
	if (arguments[i] != NULL)
		give_up("too many arguments");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		give_up("no socket: %s", strerror(errno));
	error = posix_spawn_file_actions_init(&actions);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], SERVER_DESCRIPTOR);
	if (error == 0)
		error = posix_spawn(&server->members[party].pid, "/proc/self/exe", &actions, NULL, list,
		                    environ);
	if (error != 0)
		give_up("%s cannot be started: %s", parties[party].name, strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	server->members[party].socket = ends[0];
}

static void begin(struct server *server)
{
	table_event(0, "5 processes, each with an account, a Signal store and a UDP port");
	give_bundle(server, ALICE, BOB_0);
	give_bundle(server, ALICE, BOB_1);
	give_bundle(server, ALICE, BOB_2);
	tell_kind(server, ALICE, PLACE);
}

static void pick_up(struct server *server)
{
	struct message message = {.kind = PICK_UP, .port = server->members[ALICE].port};
	char key[2 * FINGERPRINT_BYTES + 1];

	table_fingerprint(key, server->outcome.call_key);
	table_event(0, "bob's 3 devices open it and ring: call key %s", key);
	tell_again(server, server->outcome.answered, &message);
	tell_kind(server, BOB_0, HANG_UP);
	tell_kind(server, BOB_1, HANG_UP);
	if (call_join_frame(server->settings) == 0)
		tell_kind(server, CAROL, HANG_UP);
}

static void answered(struct server *server)
{
	struct message message = {.kind = ANSWERED};
	unsigned i;

	table_event(0, "bob:2 answers; alice is told a port, not the device");
	message.port = server->members[server->outcome.answered].port;
	tell_again(server, ALICE, &message);
	message = (struct message){.kind = START};
	message.index = server->start = call_clock() + LEAD;
	for (i = 0; i < MEMBERS; i++)
		if (group[i] != CAROL || call_join_frame(server->settings) != 0)
			tell(server, group[i], &message);
}

static void join(struct server *server)
{
	unsigned i, k;

	table_event(seconds(server), "carol joins: the call becomes a group call");
	server->joining = true;
	give_bundle(server, ALICE, CAROL);
	for (i = 0; i < MEMBERS; i++) {
		struct message message = {.kind = ROSTER, .transaction = GROUP_TRANSACTION};

		for (k = 0; k < MEMBERS; k++) {
			struct message member = {.kind = MEMBER, .party = group[k]};

			member.port = server->members[group[k]].port;
			if (k != i)
				tell(server, group[i], &member);
		}
		tell(server, group[i], &message);
	}
}

/* Simulates the delay of a real server. Meanwhile the senders continue under the old key, and the
 * receivers need both keys. */
static void all_ready(struct server *server)
{
	table_event(seconds(server), "all three can open both keys");
	server->switch_at = call_clock() + SIGNALLING_DELAY / server->settings->speed;
}

/* Carol first: she must know the others' ROC before their first packet arrives. */
static void switch_keys(struct server *server)
{
	struct message message = {.kind = SWITCH};
	uint64_t index[PARTIES], least = current_frame(server) + GROUP_SECONDS_LEFT * FRAMES_PER_SECOND;
	unsigned i;

	table_event(seconds(server), "the server says: switch");
	server->switch_at = 0;
	for (i = 0; i < PARTIES; i++)
		index[i] = server->members[i].ready;
	if (server->last_frame < least)
		server->last_frame = least;
	message.index = server->last_frame;
	message.size = sizeof index;
	memcpy(message.body, index, sizeof index);
	for (i = 0; i < MEMBERS; i++)
		tell(server, group[i], &message);
}

static void rang(struct server *server, const struct message *message)
{
	if (message->size != FINGERPRINT_BYTES)
		give_up("a fingerprint of %lu bytes", (unsigned long)message->size);
	if (server->ringing > 0 &&
	    memcmp(message->body, server->outcome.call_key, FINGERPRINT_BYTES) != 0)
		give_up("bob's devices have different call keys");
	memcpy(server->outcome.call_key, message->body, FINGERPRINT_BYTES);
	if (++server->ringing == 3)
		pick_up(server);
}

static void pass_on(struct server *server, uint32_t from, struct message *message)
{
	uint32_t to = message->party;
	bool offer = !server->joining;

	message->party = from;
	if (offer) {
		table_event(0, "alice calls bob: an offer of %lu bytes, sealed for 3 devices",
		            (unsigned long)message->size);
		tell(server, BOB_0, message);
		tell(server, BOB_1, message);
		tell_again(server, BOB_2, message);
	} else {
		table_event(seconds(server), "alice sends %s an epoch: <enc_rekey> of %lu bytes",
		            parties[to].name, (unsigned long)message->size);
		tell(server, to, message);
	}
}

static void hear(struct server *server, uint32_t from, struct message *message)
{
	switch (message->kind) {
	case HELLO:
		server->members[from].port = message->port;
		server->members[from].bundle_size = message->size;
		if (message->size > sizeof server->members[from].bundle)
			give_up("a bundle of %lu bytes", (unsigned long)message->size);
		memcpy(server->members[from].bundle, message->body, message->size);
		if (++server->hello == PARTIES)
			begin(server);
		break;
	case STANZA:
		pass_on(server, from, message);
		break;
	case RINGING:
		rang(server, message);
		break;
	case ANSWER:
		answered(server);
		break;
	case FOUND:
		server->outcome.found = (uint32_t)message->index;
		if (server->settings->wrong_device)
			table_event(seconds(server), "alice does not look for the device and keys for %s",
			            parties[message->index].jid);
		else
			table_event(seconds(server), "alice tries 4 ids on the first packet: %s",
			            parties[message->index].jid);
		break;
	case READY:
		server->members[from].ready = message->index;
		if (++server->ready == MEMBERS)
			all_ready(server);
		break;
	case SWITCHED:
		table_event(seconds(server), "%s sends under the epoch from packet %lu: ROC %lu, number %lu",
		            parties[from].name, (unsigned long)message->index,
		            (unsigned long)(message->index >> 16), (unsigned long)(message->index & 0xffff));
		break;
	case STATUS:
	case DONE:
		if (message->size != sizeof server->outcome.status[from])
			give_up("a status of %lu bytes", (unsigned long)message->size);
		memcpy(&server->outcome.status[from], message->body, message->size);
		server->ended = server->ended || message->kind == DONE;
		break;
	default:
		give_up("%s: signalling message %lu", parties[from].name, (unsigned long)message->kind);
	}
}

static struct table_row video_row(const char *from, const char *to, const struct video *video)
{
	struct table_row row = {from, to, true, video->received, video->authentic, video->refused,
	                        0, 0, 0, video->epoch, {0}};

	memcpy(row.fingerprint, video->fingerprint, sizeof row.fingerprint);
	return row;
}

static void draw(const struct server *server, double at, bool stay)
{
	static const uint32_t order[] = {ALICE, BOB_2, CAROL};
	struct table_row rows[MEMBERS * MEMBERS];
	const struct outcome *outcome = &server->outcome;
	unsigned i, k, n = 0;

	for (i = 0; i < MEMBERS; i++)
		for (k = 0; k < MEMBERS; k++) {
			const struct stream_status *in;
			struct table_row *row = &rows[n];

			if (i == k || (in = verdict_stream(outcome, order[i], order[k])) == NULL)
				continue;
			*row = (struct table_row){parties[order[i]].name, parties[order[k]].name, false,
			    in->reception.received, in->reception.authentic, in->reception.refused, in->lost,
			    in->reception.roc, in->reports, in->reception.epoch, {0}};
			memcpy(row->fingerprint, in->reception.fingerprint, sizeof row->fingerprint);
			n++;
			if (in->video.received > 0)
				rows[n++] = video_row(parties[order[i]].name, parties[order[k]].name, &in->video);
		}
	table_draw(at, rows, n, stay);
}

static void keep_time(struct server *server)
{
	uint64_t now = call_clock();
	uint64_t join_frame = call_join_frame(server->settings);

	if (server->start == 0)
		return;
	if (!server->joining && join_frame != 0 && current_frame(server) >= join_frame) {
		draw(server, seconds(server), true);
		join(server);
	}
	if (server->switch_at != 0 && now >= server->switch_at)
		switch_keys(server);
	if (now >= server->drawn + REDRAW) {
		server->drawn = now;
		draw(server, seconds(server), false);
	}
}

/* A participant closes its socket when it hangs up; one that fails prints the reason. */
static void leave(struct server *server, uint32_t party)
{
	int status;

	close(server->members[party].socket);
	server->members[party].gone = true; /* waited for here */
	if (waitpid(server->members[party].pid, &status, 0) < 0)
		give_up("%s: %s", parties[party].name, strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		give_up("%s failed", parties[party].name);
}

static struct server running;

/* However this process ends, the others end too, and no zombie stays. */
static void end_participants(void)
{
	unsigned party;

	for (party = 0; party < PARTIES; party++) {
		pid_t pid = running.members[party].pid;

		if (pid != 0 && !running.members[party].gone && kill(pid, SIGKILL) == 0)
			waitpid(pid, NULL, 0);
	}
}

int server_run(const struct settings *settings, char *const *arguments)
{
	struct server *server = &running;
	uint64_t deadline = call_clock() + DEADLINE;
	unsigned party, left = PARTIES;

	if (atexit(end_participants) != 0)
		give_up("out of memory");
	server->settings = settings;
	server->last_frame = call_frames(settings);
	server->outcome.found = PARTIES;
	server->outcome.answered = BOB_2;
	for (party = 0; party < PARTIES; party++)
		spawn(server, party, arguments);

	while (left > 0) {
		struct pollfd ready[PARTIES];

		for (party = 0; party < PARTIES; party++) {
			ready[party].fd = server->members[party].gone ? -1 : server->members[party].socket;
			ready[party].events = POLLIN;
		}
		if (poll(ready, PARTIES, 10) < 0 && errno != EINTR)
			give_up("poll: %s", strerror(errno));
		for (party = 0; party < PARTIES; party++) {
			struct message message;

			if (ready[party].fd < 0 || ready[party].revents == 0)
				continue;
			if (signalling_receive(server->members[party].socket, &message)) {
				hear(server, party, &message);
			} else {
				leave(server, party);
				left--;
			}
		}
		if (call_clock() > deadline)
			give_up("the call does not end");
		if (!server->ended)
			keep_time(server);
	}
	draw(server, (double)server->last_frame / FRAMES_PER_SECOND, true);
	table_title("Was it a good call?");
	verdict_give(settings, &server->outcome);
	return table_end();
}
