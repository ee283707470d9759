'use strict';

// The driver of the Node peer, zapo-js: accounts with its Signal protocol, and its binary XML.
//
//   node driver.js FOLDER        with node_modules/zapo-js in FOLDER
//
// One JSON object per line, a request on standard input and its answer on standard output:
//
//   {"do": "create", "account": "bob", "jid": "222:5@lid"}
//   {"ok": {"registration_id": 9177, "identity_key": "…"}}
//   {"error": "no session"}
//
// Bytes are lower-case hex. Public keys are the raw 32 bytes. It ends with its input.

const { createRequire } = require('node:module');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const installed = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));
const { proto } = installed('zapo-js/proto');
const { parseSignalAddressFromJid, signalAddressKey } = installed('zapo-js/protocol');
const signal = installed('zapo-js/signal');
const stores = installed('zapo-js/store');
const { decodeBinaryNodeStanza, encodeBinaryNodeStanza } = installed('zapo-js/transport');
// The padding is not among the package's exports, so take the file: the version is pinned.
const { unpadPkcs7, writeRandomPadMax16 } = installed(
  path.join(path.dirname(installed.resolve('zapo-js/package.json')), 'dist', 'message', 'padding.js'),
);

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'hex'));

// Keeps rows as the peer's store packages write them, so that each use of a session reads one.
class Sessions {
  rows = new Map();

  async hasSession(address) {
    return this.rows.has(signalAddressKey(address));
  }

  async hasSessions(addresses) {
    return addresses.map((address) => this.rows.has(signalAddressKey(address)));
  }

  async getSession(address) {
    const row = this.rows.get(signalAddressKey(address));
    return row ? signal.decodeSignalSessionRecord(row) : null;
  }

  async getSessionsBatch(addresses) {
    return Promise.all(addresses.map((address) => this.getSession(address)));
  }

  async setSession(address, session) {
    this.rows.set(signalAddressKey(address), signal.encodeSignalSessionRecord(session));
  }

  async setSessionsBatch(entries) {
    for (const { address, session } of entries) await this.setSession(address, session);
  }

  async deleteSession(address) {
    this.rows.delete(signalAddressKey(address));
  }

  async clear() {
    this.rows.clear();
  }
}

class Account {
  signal = new stores.WaSignalMemoryStore();
  preKey = new stores.WaPreKeyMemoryStore();
  session = new Sessions();
  identity = new stores.WaIdentityMemoryStore();
  protocol = new signal.SignalProtocol(this);
  // The stores in memory have no lists of what they hold.
  jids = new Set();
  prekeys = new Set();
}

const accounts = new Map();

function accountOf(request) {
  const account = accounts.get(request.account);
  if (!account) throw new Error(`there is no account ${request.account}`);
  return account;
}

function addressOf(request) {
  accountOf(request).jids.add(request.jid);
  return parseSignalAddressFromJid(request.jid);
}

const fileOf = ({ account }) => path.resolve(`${account}.json`);

function bundleOf(b) {
  return {
    regId: b.registration_id,
    identity: bytes(b.identity_key),
    signedKey: {
      id: b.signed_prekey_id,
      publicKey: bytes(b.signed_prekey),
      signature: bytes(b.signed_prekey_signature),
    },
    ...(b.prekey_id ? { oneTimeKey: { id: b.prekey_id, publicKey: bytes(b.prekey) } } : {}),
  };
}

// A node of the peer has its attributes by name and its children, bytes or text as content.
function theirs({ tag, attrs, children, bytes: content }) {
  return {
    tag,
    attrs: Object.fromEntries(attrs.map(({ name, value }) => [name, value])),
    content: children ? children.map(theirs) : content === undefined ? undefined : bytes(content),
  };
}

function ours({ tag, attrs, content }) {
  const node = { tag, attrs: Object.entries(attrs).map(([name, value]) => ({ name, value })) };
  if (Array.isArray(content)) node.children = content.map(ours);
  else if (content !== undefined && content.length > 0) node.bytes = hex(content);
  return node;
}

const does = {
  async create({ account }) {
    const made = new Account();
    const { registrationInfo } = await signal.createAndStoreInitialKeys(made.signal, made.preKey);
    accounts.set(account, made);
    return {
      registration_id: registrationInfo.registrationId,
      identity_key: hex(registrationInfo.identityKeyPair.pubKey),
    };
  },

  // Sessions are read from their rows each time, and nothing else is kept outside of the stores. The sessions of a
  // file of storage() come back.
  async reopen(request) {
    const account = accountOf(request);
    account.protocol = new signal.SignalProtocol(account);
    const { sessions } = fs.existsSync(fileOf(request)) ? JSON.parse(fs.readFileSync(fileOf(request), 'utf8')) : {};
    for (const [jid, record] of Object.entries(sessions ?? {})) {
      const row = Uint8Array.from(Buffer.from(record, 'base64'));
      account.session.rows.set(signalAddressKey(addressOf({ ...request, jid })), row);
    }
    return {};
  },

  async bundle(request) {
    const { signal: own, preKey, prekeys } = accountOf(request);
    const info = await own.getRegistrationInfo();
    const signed = await own.getSignedPreKey();
    const bundle = {
      registration_id: info.registrationId,
      identity_key: hex(info.identityKeyPair.pubKey),
      signed_prekey_id: signed.keyId,
      signed_prekey: hex(signed.keyPair.pubKey),
      signed_prekey_signature: hex(signed.signature),
      prekey_id: 0,
      prekey: '',
    };
    if (request.prekey) {
      const one = await preKey.getOrGenSinglePreKey(signal.generatePreKeyPair);
      await preKey.markKeyAsUploaded(one.keyId);
      prekeys.add(one.keyId);
      bundle.prekey_id = one.keyId;
      bundle.prekey = hex(one.keyPair.pubKey);
    }
    return { bundle };
  },

  async holds_prekey(request) {
    return { holds: (await accountOf(request).preKey.getPreKeyById(request.id)) !== null };
  },

  // storage writes the account into the file of move_records.py, without which its sessions are lost.
  async storage(request) {
    const { signal: own, preKey, jids, prekeys, session } = accountOf(request);
    const info = await own.getRegistrationInfo();
    const signed = await own.getSignedPreKey();
    const base64 = (bytes) => Buffer.from(bytes).toString('base64');
    const file = {
      registration_id: info.registrationId,
      identity: base64(info.identityKeyPair.privKey),
      signed_prekeys: { [signed.keyId]: base64(signed.keyPair.privKey) },
      prekeys: {},
      sessions: {},
    };
    for (const one of await preKey.getPreKeysById([...prekeys])) {
      if (one) file.prekeys[one.keyId] = base64(one.keyPair.privKey);
    }
    for (const jid of jids) {
      const row = session.rows.get(signalAddressKey(parseSignalAddressFromJid(jid)));
      if (row) file.sessions[jid] = base64(row);
    }
    fs.writeFileSync(fileOf(request), JSON.stringify(file));
    await session.clear();
    return { path: fileOf(request) };
  },

  async private(request) {
    const { signal: own, preKey } = accountOf(request);
    const info = await own.getRegistrationInfo();
    const signed = await own.getSignedPreKey();
    const keys = {
      identity: hex(info.identityKeyPair.privKey),
      registration_id: info.registrationId,
      signed_prekey_id: signed.keyId,
      signed_prekey: hex(signed.keyPair.privKey),
    };
    const one = request.id ? await preKey.getPreKeyById(request.id) : null;
    return one ? { ...keys, prekey: hex(one.keyPair.privKey) } : keys;
  },

  async seal(request) {
    const message = proto.Message.encode({ call: { callKey: bytes(request.key) } }).finish();
    const padded = await writeRandomPadMax16(message);
    return { v: 2, ...(await does.seal_raw({ ...request, plaintext: hex(padded) })) };
  },

  async open(request) {
    const plaintext = bytes((await does.open_raw(request)).plaintext);
    const message = proto.Message.decode(request.v === 2 ? unpadPkcs7(plaintext) : plaintext);
    const key = message.call && message.call.callKey;
    if (!key) throw new Error('the message has no call key');
    return { key: hex(key) };
  },

  async seal_raw(request) {
    const { protocol } = accountOf(request);
    const address = addressOf(request);
    if (request.bundle) await protocol.establishOutgoingSession(address, bundleOf(request.bundle));
    const { type, ciphertext } = await protocol.encryptMessage(address, bytes(request.plaintext));
    return { type, ciphertext: hex(ciphertext) };
  },

  async open_raw(request) {
    const envelope = { type: request.type, ciphertext: bytes(request.ciphertext) };
    return { plaintext: hex(await accountOf(request).protocol.decryptMessage(addressOf(request), envelope)) };
  },

  async session(request) {
    const row = accountOf(request).session.rows.get(signalAddressKey(addressOf(request)));
    if (!row) throw new Error('there is no session');
    return { record: hex(row) };
  },

  async put_session(request) {
    accountOf(request).session.rows.set(signalAddressKey(addressOf(request)), bytes(request.record));
    return {};
  },

  async decode({ wire }) {
    return { node: ours(await decodeBinaryNodeStanza(bytes(wire))) };
  },

  async encode({ node }) {
    return { wire: hex(encodeBinaryNodeStanza(theirs(node))) };
  },
};

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      const request = JSON.parse(line);
      if (!Object.hasOwn(does, request.do)) throw new Error(`there is no ${request.do}`);
      answer = { ok: await does[request.do](request) };
    } catch (error) {
      answer = { error: String(error.message) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main();
