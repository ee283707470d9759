/* What driver.c uses of PJMEDIA 2.15, on 64-bit Linux. A program includes PJSIP's own <pjmedia.h> and <pjlib-util.h>,
 * which the package from PyPI does not have. */
#ifndef PJMEDIA_DECLARATIONS_H
#define PJMEDIA_DECLARATIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef int pj_status_t;
typedef int pj_bool_t;
typedef struct pj_pool_factory pj_pool_factory;
typedef struct pjmedia_endpt pjmedia_endpt;

#define PJ_SUCCESS 0

typedef struct pj_str_t {
	char *ptr;
	ssize_t slen;
} pj_str_t;

typedef struct pjmedia_transport pjmedia_transport;

typedef struct pjmedia_transport_op {
	void (*get_info)(void);
	pj_status_t (*attach)(pjmedia_transport *tp, void *user_data, const void *rem_addr, const void *rem_rtcp,
	                      unsigned addr_len, void (*rtp_cb)(void *user_data, void *pkt, ssize_t size),
	                      void (*rtcp_cb)(void *user_data, void *pkt, ssize_t size));
	void (*detach)(pjmedia_transport *tp, void *user_data);
	pj_status_t (*send_rtp)(pjmedia_transport *tp, const void *pkt, size_t size);
	pj_status_t (*send_rtcp)(pjmedia_transport *tp, const void *pkt, size_t size);
	void (*between[6])(void);
	pj_status_t (*destroy)(pjmedia_transport *tp);
} pjmedia_transport_op;

struct pjmedia_transport {
	char name[32];
	int type;
	pjmedia_transport_op *op;
};

typedef struct pjmedia_srtp_crypto {
	pj_str_t key, name;
	unsigned flags;
} pjmedia_srtp_crypto;

typedef struct pjmedia_srtp_roc {
	uint32_t ssrc, roc;
} pjmedia_srtp_roc;

typedef struct pjmedia_srtp_setting {
	int use;
	pj_bool_t close_member_tp;
	unsigned crypto_count;
	pjmedia_srtp_crypto crypto[16];
	unsigned keying_count;
	int keying[2];
	pjmedia_srtp_roc rx_roc, prev_rx_roc, tx_roc;
	void *cb, *user_data;
} pjmedia_srtp_setting;

pj_status_t pj_init(void);
void pj_log_set_level(int level);
pj_status_t pjlib_util_init(void);
void pj_caching_pool_init(void *pool, const void *policy, size_t capacity);
pj_status_t pjmedia_endpt_create2(pj_pool_factory *pool, void *ioqueue, unsigned workers, pjmedia_endpt **endpt);
pj_status_t pjmedia_transport_loop_create(pjmedia_endpt *endpt, pjmedia_transport **loop);
void pjmedia_srtp_setting_default(pjmedia_srtp_setting *setting);
pj_status_t pjmedia_transport_srtp_create(pjmedia_endpt *endpt, pjmedia_transport *member,
                                          const pjmedia_srtp_setting *setting, pjmedia_transport **srtp);
pj_status_t pjmedia_transport_srtp_get_setting(pjmedia_transport *srtp, pjmedia_srtp_setting *setting);
pj_status_t pjmedia_transport_srtp_modify_setting(pjmedia_transport *srtp, const pjmedia_srtp_setting *setting);
pj_status_t pjmedia_transport_srtp_start(pjmedia_transport *srtp, const pjmedia_srtp_crypto *tx,
                                         const pjmedia_srtp_crypto *rx);
pj_status_t pjmedia_transport_srtp_decrypt_pkt(pjmedia_transport *srtp, pj_bool_t is_rtp, void *pkt, int *size);

#define pjmedia_transport_send_rtp(tp, pkt, size) ((tp)->op->send_rtp((tp), (pkt), (size)))
#define pjmedia_transport_send_rtcp(tp, pkt, size) ((tp)->op->send_rtcp((tp), (pkt), (size)))
#define pjmedia_transport_close(tp) ((tp)->op->destroy(tp))

#endif
