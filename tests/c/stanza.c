/* Stanzas built and read with ciphertexts from elsewhere. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t first[] = {0xaa, 1}, second[] = {0xbb, 2, 2};
static const char *const own_lid[] = {"15550002:3@s.whatsapp.net", "222222222222222:3@lid"};
static const char *const stranger[] = {"333333333333333:1@lid"};

static size_t build(uint8_t out[1024], uint32_t flags, size_t n)
{
	callkey_enc encs[2] = {
		{"222222222222222:0@lid", CALLKEY_ENC_MSG, first, sizeof first},
		{"222222222222222:3@lid", CALLKEY_ENC_PKMSG, second, sizeof second},
	};
	callkey_offer_options o = offer_options();
	size_t size = 1024;
	o.flags = flags;
	CHECK_STATUS(callkey_offer_build(out, &size, encs, n, &o), CALLKEY_OK);
	return size;
}

/* If this failed, a program with its own Signal sessions could not place or answer a call. */
static void each_device_finds_its_ciphertext(void)
{
	uint8_t stanza[1024], out[64];
	callkey_offer_info info;
	size_t n = build(stanza, CALLKEY_OFFER_VIDEO, 2), out_n = sizeof out;
	CHECK_STATUS(callkey_offer_parse(out, &out_n, &info, stanza, n, own_lid, 2), CALLKEY_OK);
	CHECK(out_n == sizeof second && memcmp(out, second, out_n) == 0);
	CHECK(info.enc_type == CALLKEY_ENC_PKMSG && info.enc_version == 2 && info.keygen == 2);
	CHECK(info.flags == CALLKEY_INFO_VIDEO && info.transaction_id == 0);
	CHECK(strcmp(info.call_id, "00112233445566778899AABBCCDDEEFF") == 0);
	CHECK(strcmp(info.call_creator, CALLER) == 0 && strcmp(info.sender, CALLER) == 0);
	/* No byte of the library's memory behind the texts. */
	CHECK(all_bytes(info.call_id + strlen(info.call_id), 0, sizeof info.call_id - strlen(info.call_id)));

	out_n = sizeof out;
	memset(&info, 0xa5, sizeof info);
	CHECK_STATUS(callkey_offer_parse(out, &out_n, &info, stanza, n, stranger, 1),
	             CALLKEY_ERR_NOT_FOR_THIS_DEVICE);
	CHECK(out_n == 0 && all_bytes(&info, 0, sizeof info));
}

/* If this failed, a lone survivor's key would have no address, or a lone device's one it needs not. */
static void one_device_with_and_without_siblings(void)
{
	uint8_t stanza[1024];
	char xml[4096];
	size_t n = build(stanza, 0, 1), xml_n = sizeof xml;
	CHECK_STATUS(callkey_stanza_to_xml(xml, &xml_n, stanza, n), CALLKEY_OK);
	CHECK(xml_n == strlen(xml) + 1);
	CHECK(strstr(xml, "<enc ") != NULL && strstr(xml, "<destination>") == NULL);
	n = build(stanza, CALLKEY_OFFER_MULTI_DEVICE, 1);
	xml_n = sizeof xml;
	CHECK_STATUS(callkey_stanza_to_xml(xml, &xml_n, stanza, n), CALLKEY_OK);
	CHECK(strstr(xml, "<destination>") != NULL);
}

/* If this failed, a server could crash the program with half a stanza, or get a key out of what a
 * bit error made. */
static void every_truncation_and_bit(void)
{
	uint8_t stanza[1024], out[1024], *exact;
	char xml[8192];
	callkey_offer_info info;
	callkey_status status;
	size_t n = build(stanza, 0, 2), i, bit, out_n, xml_n;
	for (i = 0; i < n; i++) {
		/* In memory of exactly that size, so that a read beyond it is one a checker sees. */
		exact = malloc(i + (i == 0));
		memcpy(exact, stanza, i);
		out_n = sizeof out;
		CHECK_STATUS(callkey_offer_parse(out, &out_n, &info, exact, i, own_lid, 2),
		             CALLKEY_ERR_MALFORMED);
		CHECK(out_n == 0 && all_bytes(&info, 0, sizeof info));
		free(exact);
	}
	for (i = 0; i < n; i++) {
		for (bit = 0; bit < 8; bit++) {
			stanza[i] ^= (uint8_t)(1 << bit);
			out_n = sizeof out;
			status = callkey_offer_parse(out, &out_n, &info, stanza, n, own_lid, 2);
			CHECK(status == CALLKEY_OK || status == CALLKEY_ERR_MALFORMED ||
			      status == CALLKEY_ERR_UNSUPPORTED || status == CALLKEY_ERR_NOT_FOR_THIS_DEVICE);
			xml_n = sizeof xml;
			status = callkey_stanza_to_xml(xml, &xml_n, stanza, n);
			CHECK(status == CALLKEY_OK || status == CALLKEY_ERR_MALFORMED ||
			      status == CALLKEY_ERR_UNSUPPORTED);
			stanza[i] ^= (uint8_t)(1 << bit);
		}
	}
}

void test_stanza(void)
{
	TEST(each_device_finds_its_ciphertext);
	TEST(one_device_with_and_without_siblings);
	TEST(every_truncation_and_bit);
}
