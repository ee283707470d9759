'use strict';

// The other side of the tests: accounts of the official Signal client library,
// driven over standard input and output, one JSON object per line.
//
//   node peer.js 0.22.0
//
//   > {"id":1,"op":"create","account":"bob"}
//   < {"id":1,"result":{"registrationId":9177,"identityKey":"…","identityPrivate":"…"}}
//   > {"id":2,"op":"decrypt","account":"bob","name":"alice","device":0,"type":"msg","ciphertext":"…"}
//   < {"id":2,"error":{"name":"UntrustedIdentity","message":"…"}}
//
// Bytes are base64. Public keys and private scalars are the raw 32 bytes; the
// type byte 05 is added and taken off here. The process ends with its input.

const crypto = require('node:crypto');
const path = require('node:path');
const readline = require('node:readline');

const version = process.argv[2];
if (!/^\d+\.\d+\.\d+$/.test(version || '')) {
  process.stderr.write('usage: node peer.js VERSION\n');
  process.exit(2);
}
const signal = require(path.join(__dirname, version, 'node_modules', '@signalapp', 'libsignal-client'));

const KEY_TYPE = Buffer.from([5]); // DJB, the only type there is
const MSG = 2; // CiphertextMessageType.Whisper
const PKMSG = 3; // CiphertextMessageType.PreKey
const MAX_ID = 0xffffff; // prekey ids are 24-bit (Medium in Signal's storage)

const raw = (publicKey) => publicKey.getPublicKeyBytes().toString('base64');
const bytes = (base64) => Buffer.from(base64, 'base64');
const publicKey = (base64) => signal.PublicKey.deserialize(Buffer.concat([KEY_TYPE, bytes(base64)]));
const addressOf = ({ name, device }) => signal.ProtocolAddress.new(name, device);
const rowOf = (address) => `${address.name()}.${address.deviceId()}`;

// Stores keep serialised records, as a database would, so that no test passes
// because two sides share an object.

class Sessions extends signal.SessionStore {
  rows = new Map();

  async saveSession(address, record) {
    this.rows.set(rowOf(address), record.serialize());
  }

  async getSession(address) {
    const row = this.rows.get(rowOf(address));
    return row ? signal.SessionRecord.deserialize(row) : null;
  }

  async getExistingSessions(addresses) {
    return Promise.all(
      addresses.map(async (address) => {
        const record = await this.getSession(address);
        if (!record) throw new Error(`no session with ${rowOf(address)}`);
        return record;
      }),
    );
  }
}

// Trust on first use, then nothing but the same key until `trust` replaces it.
class Identities extends signal.IdentityKeyStore {
  rows = new Map();

  constructor(privateKey, registrationId) {
    super();
    this.privateKey = privateKey;
    this.registrationId = registrationId;
  }

  async getIdentityKey() {
    return this.privateKey;
  }

  async getLocalRegistrationId() {
    return this.registrationId;
  }

  async saveIdentity(address, key) {
    const known = this.rows.get(rowOf(address));
    this.rows.set(rowOf(address), key);
    return known !== undefined && known.compare(key) !== 0;
  }

  async isTrustedIdentity(address, key) {
    const known = this.rows.get(rowOf(address));
    return known === undefined || known.compare(key) === 0;
  }

  async getIdentity(address) {
    return this.rows.get(rowOf(address)) ?? null;
  }
}

class Rows {
  rows = new Map();

  constructor(kind, type) {
    this.kind = kind;
    this.type = type;
  }

  save(id, record) {
    this.rows.set(id, record.serialize());
  }

  get(id) {
    const row = this.rows.get(id);
    if (!row) throw new Error(`no ${this.kind} ${id}`);
    return this.type.deserialize(row);
  }
}

class Prekeys extends signal.PreKeyStore {
  held = new Rows('prekey', signal.PreKeyRecord);

  async savePreKey(id, record) {
    this.held.save(id, record);
  }

  async getPreKey(id) {
    return this.held.get(id);
  }

  async removePreKey(id) {
    this.held.rows.delete(id);
  }
}

class SignedPrekeys extends signal.SignedPreKeyStore {
  held = new Rows('signed prekey', signal.SignedPreKeyRecord);

  async saveSignedPreKey(id, record) {
    this.held.save(id, record);
  }

  async getSignedPreKey(id) {
    return this.held.get(id);
  }
}

// 0.22.0 is older than Kyber; its decrypt function does not look at this store.
const KyberPrekeys =
  signal.KyberPreKeyStore &&
  class extends signal.KyberPreKeyStore {
    held = new Rows('kyber prekey', signal.KyberPreKeyRecord);

    async saveKyberPreKey(id, record) {
      this.held.save(id, record);
    }

    async getKyberPreKey(id) {
      return this.held.get(id);
    }

    async markKyberPreKeyUsed() {}
  };

class Account {
  constructor() {
    this.identity = signal.PrivateKey.generate();
    this.identities = new Identities(this.identity, crypto.randomInt(1, 1 << 14));
    this.sessions = new Sessions();
    this.prekeys = new Prekeys();
    this.signedPrekeys = new SignedPrekeys();
    this.kyberPrekeys = KyberPrekeys && new KyberPrekeys();
  }
}

const accounts = new Map();

function accountOf({ account }) {
  const found = accounts.get(account);
  if (!found) throw new Error(`no account ${account}`);
  return found;
}

function kyberPrekey(identity, id) {
  if (!signal.KEMKeyPair) throw new Error(`libsignal-client ${version} has no Kyber`);
  const pair = signal.KEMKeyPair.generate();
  const signature = identity.sign(pair.getPublicKey().serialize());
  return signal.KyberPreKeyRecord.new(id, Date.now(), pair, signature);
}

const operations = {
  // create makes an account; a second one of the same name is a reinstalled
  // device: other identity, other registration id, empty stores.
  create(command) {
    const account = new Account();
    accounts.set(command.account, account);
    return {
      registrationId: account.identities.registrationId,
      identityKey: raw(account.identity.getPublicKey()),
      identityPrivate: account.identity.serialize().toString('base64'),
    };
  },

  // publish makes new prekeys and hands out a bundle of them, with their private
  // halves for a test that moves the account.
  async publish(command) {
    const account = accountOf(command);
    const signedId = crypto.randomInt(1, MAX_ID);
    const signed = signal.PrivateKey.generate();
    const signature = account.identity.sign(signed.getPublicKey().serialize());
    await account.signedPrekeys.saveSignedPreKey(
      signedId,
      signal.SignedPreKeyRecord.new(signedId, Date.now(), signed.getPublicKey(), signed, signature),
    );
    const bundle = {
      registrationId: account.identities.registrationId,
      identityKey: raw(account.identity.getPublicKey()),
      signedPrekeyId: signedId,
      signedPrekey: raw(signed.getPublicKey()),
      signedPrekeyPrivate: signed.serialize().toString('base64'),
      signature: signature.toString('base64'),
      prekeyId: 0,
    };
    if (command.prekey) {
      const one = signal.PrivateKey.generate();
      bundle.prekeyId = crypto.randomInt(1, MAX_ID);
      bundle.prekey = raw(one.getPublicKey());
      bundle.prekeyPrivate = one.serialize().toString('base64');
      await account.prekeys.savePreKey(bundle.prekeyId, signal.PreKeyRecord.new(bundle.prekeyId, one.getPublicKey(), one));
    }
    return bundle;
  },

  // begin processes a bundle. With `kyberSigner` (an account's name) the bundle
  // also carries a Kyber prekey, signed by that account's identity key.
  async begin(command) {
    const account = accountOf(command);
    const { bundle } = command;
    const kyber = command.kyberSigner
      ? kyberPrekey(accountOf({ account: command.kyberSigner }).identity, 1)
      : null;
    await signal.processPreKeyBundle(
      signal.PreKeyBundle.new(
        bundle.registrationId,
        command.device,
        bundle.prekeyId || null,
        bundle.prekeyId ? publicKey(bundle.prekey) : null,
        bundle.signedPrekeyId,
        publicKey(bundle.signedPrekey),
        bytes(bundle.signature),
        publicKey(bundle.identityKey),
        kyber && kyber.id(),
        kyber && kyber.publicKey(),
        kyber && kyber.signature(),
      ),
      addressOf(command),
      account.sessions,
      account.identities,
    );
    return {};
  },

  async encrypt(command) {
    const account = accountOf(command);
    const message = await signal.signalEncrypt(
      bytes(command.plaintext),
      addressOf(command),
      account.sessions,
      account.identities,
    );
    const type = { [MSG]: 'msg', [PKMSG]: 'pkmsg' }[message.type()];
    if (!type) throw new Error(`message type ${message.type()}`);
    return { type, ciphertext: message.serialize().toString('base64') };
  },

  async decrypt(command) {
    const account = accountOf(command);
    const address = addressOf(command);
    const ciphertext = bytes(command.ciphertext);
    const plaintext =
      command.type === 'pkmsg'
        ? await signal.signalDecryptPreKey(
            signal.PreKeySignalMessage.deserialize(ciphertext),
            address,
            account.sessions,
            account.identities,
            account.prekeys,
            account.signedPrekeys,
            account.kyberPrekeys,
          )
        : await signal.signalDecrypt(
            signal.SignalMessage.deserialize(ciphertext),
            address,
            account.sessions,
            account.identities,
          );
    return { plaintext: plaintext.toString('base64') };
  },

  // inspect tells what this library reads in a message, without a key.
  inspect({ type, ciphertext }) {
    if (type === 'pkmsg') {
      const message = signal.PreKeySignalMessage.deserialize(bytes(ciphertext));
      return {
        version: message.version(),
        registrationId: message.registrationId(),
        prekeyId: message.preKeyId() ?? 0,
        signedPrekeyId: message.signedPreKeyId(),
      };
    }
    const message = signal.SignalMessage.deserialize(bytes(ciphertext));
    return { version: message.messageVersion(), counter: message.counter() };
  },

  // state tells what the account holds: one-time prekeys, and the peer's identity.
  async state(command) {
    const account = accountOf(command);
    const identity = await account.identities.getIdentity(addressOf(command));
    return {
      prekeys: account.prekeys.held.rows.size,
      identityKey: identity ? raw(identity) : '',
    };
  },

  async trust(command) {
    await accountOf(command).identities.saveIdentity(addressOf(command), publicKey(command.identityKey));
    return {};
  },

  export(command) {
    const record = accountOf(command).sessions.rows.get(rowOf(addressOf(command)));
    if (!record) throw new Error('no session');
    return { record: record.toString('base64') };
  },

  // import takes over a session: the record, and the identity it is with.
  async import(command) {
    const account = accountOf(command);
    const record = signal.SessionRecord.deserialize(bytes(command.record));
    await account.sessions.saveSession(addressOf(command), record);
    await account.identities.saveIdentity(addressOf(command), publicKey(command.identityKey));
    return { hasCurrentState: record.hasCurrentState(), registrationId: record.remoteRegistrationId() };
  },
};

async function answer(line) {
  const reply = {};
  try {
    const command = JSON.parse(line);
    reply.id = command.id;
    const operation = Object.hasOwn(operations, command.op) ? operations[command.op] : undefined;
    if (!operation) throw new Error(`no operation ${command.op}`);
    reply.result = await operation(command);
  } catch (error) {
    reply.error = {
      name: signal.ErrorCode?.[error.code] ?? error.name,
      message: String(error.message),
    };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await answer(line);
  }
})();
