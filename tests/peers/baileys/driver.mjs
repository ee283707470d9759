// The driver of the Baileys peer, @whiskeysockets/baileys: accounts with its key files and its Signal protocol.
//
//   node driver.mjs FOLDER        with node_modules/@whiskeysockets/baileys in FOLDER; accounts are made in the working folder
//
// One JSON object per line, a request on standard input and its answer on standard output:
//
//   {"do": "create", "account": "bob", "jid": "222:5@lid"}
//   {"ok": {"registration_id": 177, "identity_key": "…"}}
//   {"error": "no session"}
//
// Bytes are lower-case hex. Public keys are the raw 32 bytes. It ends with its input.

import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

globalThis.crypto ??= webcrypto; // Node.js 18 has no such global

const library = path.join(path.resolve(process.argv[2]), 'node_modules', '@whiskeysockets', 'baileys', 'lib');
const baileys = await import(pathToFileURL(path.join(library, 'index.js')));
// What a socket makes of an account's keys is not among the package's exports, so take the file: the version is pinned.
const { makeLibSignalRepository } = await import(pathToFileURL(path.join(library, 'Signal', 'libsignal.js')));

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => Buffer.from(text, 'hex');
const publicKey = (text) => Buffer.concat([Buffer.from([5]), bytes(text)]);

console.log = console.info = console.error; // libsignal's log would stand among the answers
const silent = { level: 'silent', child: () => silent };
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => {};

const accounts = new Map();

// load reads an account's files, as the app does when it starts.
async function load(account) {
  const { state, saveCreds } = await baileys.useMultiFileAuthState(account);
  await saveCreds();
  const keys = baileys.addTransactionCapability(state.keys, silent, { maxCommitRetries: 1, delayBetweenTriesMs: 10 });
  const loaded = { creds: state.creds, keys, saveCreds };
  loaded.signal = makeLibSignalRepository({ creds: state.creds, keys }, silent, async () => []);
  accounts.set(account, loaded);
  return loaded;
}

function accountOf({ account }) {
  const found = accounts.get(account);
  if (!found) throw new Error(`there is no account ${account}`);
  return found;
}

const does = {
  async create({ account }) {
    const { creds } = await load(account);
    return { registration_id: creds.registrationId, identity_key: hex(creds.signedIdentityKey.public) };
  },

  async reopen({ account }) {
    await load(account);
    return {};
  },

  async storage({ account }) {
    return { path: path.resolve(account) };
  },

  async bundle(request) {
    const { creds, keys, saveCreds } = accountOf(request);
    const signed = creds.signedPreKey;
    const bundle = {
      registration_id: creds.registrationId,
      identity_key: hex(creds.signedIdentityKey.public),
      signed_prekey_id: signed.keyId,
      signed_prekey: hex(signed.keyPair.public),
      signed_prekey_signature: hex(signed.signature),
      prekey_id: 0,
      prekey: '',
    };
    if (request.prekey) {
      const { update, preKeys } = await baileys.getNextPreKeys({ creds, keys }, 1);
      Object.assign(creds, update);
      await keys.set({ 'pre-key': preKeys });
      await saveCreds();
      const [[id, pair]] = Object.entries(preKeys);
      bundle.prekey_id = Number(id);
      bundle.prekey = hex(pair.public);
    }
    return { bundle };
  },

  async holds_prekey(request) {
    return { holds: existsSync(path.join(request.account, `pre-key-${request.id}.json`)) };
  },

  async seal(request) {
    const message = { call: { callKey: bytes(request.key) } };
    return { v: 2, ...(await does.seal_raw({ ...request, plaintext: hex(baileys.encodeWAMessage(message)) })) };
  },

  async open(request) {
    const plaintext = bytes((await does.open_raw(request)).plaintext);
    const message = baileys.proto.Message.decode(request.v === 2 ? baileys.unpadRandomMax16(plaintext) : plaintext);
    const key = message.call && message.call.callKey;
    if (!key || !key.length) throw new Error('the message has no call key');
    return { key: hex(key) };
  },

  async seal_raw(request) {
    const { signal } = accountOf(request);
    const { jid, bundle: b } = request;
    if (b) {
      const session = {
        registrationId: b.registration_id,
        identityKey: publicKey(b.identity_key),
        signedPreKey: {
          keyId: b.signed_prekey_id,
          publicKey: publicKey(b.signed_prekey),
          signature: bytes(b.signed_prekey_signature),
        },
        ...(b.prekey_id ? { preKey: { keyId: b.prekey_id, publicKey: publicKey(b.prekey) } } : {}),
      };
      await signal.injectE2ESession({ jid, session });
    }
    const { type, ciphertext } = await signal.encryptMessage({ jid, data: bytes(request.plaintext) });
    return { type, ciphertext: hex(ciphertext) };
  },

  async open_raw(request) {
    const { jid, type } = request;
    const { signal } = accountOf(request);
    return { plaintext: hex(await signal.decryptMessage({ jid, type, ciphertext: bytes(request.ciphertext) })) };
  },
};

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
process.exit(0); // its timers would go on
