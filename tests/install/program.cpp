// A program in C++17 over callkey.h: no wrapper, only what the language brings.
#include <callkey.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr const char *caller_jid = "111111111111111:1@lid";
constexpr const char *callee_jid = "222222222222222:2@lid";

class Error : public std::runtime_error {
public:
	Error(callkey_status of, const std::string &text) : std::runtime_error(text), status(of) {}
	const callkey_status status;
};

void must(callkey_status status)
{
	if (status == CALLKEY_OK)
		return;
	std::array<char, 512> text{};
	std::size_t n = text.size();
	if (callkey_last_error(text.data(), &n) != CALLKEY_OK)
		text[0] = '\0';
	throw Error(status, std::string(callkey_status_name(status)) + ": " + text.data());
}

template <std::size_t n> class Secret {
public:
	Secret() = default;
	Secret(const Secret &) = delete;
	Secret &operator=(const Secret &) = delete;
	~Secret() { callkey_wipe(bytes.data(), bytes.size()); }
	std::uint8_t *data() { return bytes.data(); }
	const std::uint8_t *data() const { return bytes.data(); }

private:
	std::array<std::uint8_t, n> bytes{};
};

using Key = Secret<CALLKEY_KEY_BYTES>;

class Store {
public:
	Store()
	{
		callkey_store_options options = CALLKEY_STORE_OPTIONS_INIT;
		must(callkey_store_open(&handle, nullptr, nullptr, 0, &options));
	}
	Store(const Store &) = delete;
	Store &operator=(const Store &) = delete;
	~Store() { callkey_store_close(handle); }
	operator callkey_store() const { return handle; }

private:
	callkey_store handle = 0;
};

struct Enc {
	std::uint32_t type = 0;
	std::vector<std::uint8_t> ciphertext;
};

Enc seal(const Store &store, const char *jid, const Key &key)
{
	Enc enc;
	std::size_t n = 0;
	const callkey_status status =
	    callkey_enc_seal(store, nullptr, &n, &enc.type, jid, key.data(), CALLKEY_KEY_BYTES);
	if (status != CALLKEY_ERR_BUFFER)
		must(status);
	enc.ciphertext.resize(n);
	must(callkey_enc_seal(store, enc.ciphertext.data(), &n, &enc.type, jid, key.data(), CALLKEY_KEY_BYTES));
	enc.ciphertext.resize(n);
	return enc;
}

void call()
{
	const Store caller, callee;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	must(callkey_store_take_bundle(callee, &bundle));
	must(callkey_session_begin(caller, callee_jid, &bundle));

	Key key, opened;
	must(callkey_generate(key.data()));
	const Enc enc = seal(caller, callee_jid, key);
	must(callkey_enc_open(callee, opened.data(), caller_jid, enc.type, 2, enc.ciphertext.data(),
	                      enc.ciphertext.size()));

	callkey_srtp_keys sends{}, receives{};
	must(callkey_derive_e2e_keys(&sends, key.data(), CALLKEY_KEY_BYTES, callee_jid));
	must(callkey_derive_e2e_keys(&receives, opened.data(), CALLKEY_KEY_BYTES, callee_jid));
	const bool equal = std::memcmp(&sends, &receives, sizeof sends) == 0;
	callkey_wipe(&sends, sizeof sends);
	callkey_wipe(&receives, sizeof receives);
	if (!equal)
		throw std::runtime_error("the two sides have different keys");

	try {
		must(callkey_enc_open(callee, opened.data(), caller_jid, enc.type, 2, enc.ciphertext.data(),
		                      enc.ciphertext.size()));
	} catch (const Error &error) {
		if (error.status == CALLKEY_ERR_DUPLICATE)
			return;
		throw;
	}
	throw std::runtime_error("a message opened twice");
}

// Every struct can be initialized as C++ wants it.
void initialize()
{
	callkey_account account = CALLKEY_ACCOUNT_INIT;
	callkey_session_info session = CALLKEY_SESSION_INFO_INIT;
	callkey_message_info message = CALLKEY_MESSAGE_INFO_INIT;
	callkey_record_keys keys = CALLKEY_RECORD_KEYS_INIT;
	callkey_offer_options offer = CALLKEY_OFFER_OPTIONS_INIT;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	for (const std::size_t wrong :
	     {account.struct_size - sizeof account, session.struct_size - sizeof session,
	      message.struct_size - sizeof message, keys.struct_size - sizeof keys, offer.struct_size - sizeof offer,
	      info.struct_size - sizeof info})
		if (wrong != 0)
			throw std::logic_error("a struct has another size");
}

} // namespace

int main()
{
	try {
		initialize();
		call();
	} catch (const std::exception &error) {
		std::fprintf(stderr, "%s\n", error.what());
		return 1;
	}
	std::puts("both sides have the same media keys");
	return 0;
}
