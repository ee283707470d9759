//! Accounts of wacore-libsignal, with stores in memory, and the call keys that they seal and open.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::executor::block_on;
use rand::RngExt;
use serde_json::{Value, json};
use wacore::message_processing::process_decrypted_plaintext;
use wacore::messages::MessageUtils;
use wacore_binary::JidExt;
use wacore_libsignal::protocol::error::Result as SignalResult;
use wacore_libsignal::protocol::{
    CiphertextMessage, Direction, GenericSignedPreKey, IdentityChange, IdentityKey, IdentityKeyPair, IdentityKeyStore,
    KeyPair, PreKeyBundle, PreKeyId, PreKeyRecord, PreKeySignalMessage, PreKeyStore, PrivateKey, ProtocolAddress,
    PublicKey, SessionRecord, SessionStore, SignalMessage, SignalProtocolError, SignedPreKeyId, SignedPreKeyRecord,
    SignedPreKeyStore, Timestamp, UsePQRatchet, message_decrypt, message_encrypt, process_prekey_bundle,
};
use waproto::whatsapp as wa;

use crate::request::{Answer, Request, bytes, told};

/// The id of an account's signed prekey.
const SIGNED: u32 = 7;

struct Identities {
    pair: IdentityKeyPair,
    registration_id: u32,
    known: HashMap<String, IdentityKey>,
}

#[derive(Default)]
struct Sessions(HashMap<String, SessionRecord>);

#[derive(Default)]
struct Prekeys(HashMap<u32, PreKeyRecord>);

#[derive(Default)]
struct SignedPrekeys(HashMap<u32, SignedPreKeyRecord>);

struct Account {
    identities: Identities,
    sessions: Sessions,
    prekeys: Prekeys,
    signed_prekeys: SignedPrekeys,
}

#[derive(Default)]
pub struct Accounts(HashMap<String, Account>);

impl Accounts {
    pub fn answer(&mut self, name: &str, request: &Request) -> Answer {
        let account = request.text("account")?.to_string();
        if name == "create" {
            let created = Account::create(request)?;
            let shown = json!({
                "identity_key": hex::encode(created.identities.pair.public_key().public_key_bytes()),
                "registration_id": created.identities.registration_id,
            });
            self.0.insert(account, created);
            return Ok(shown);
        }
        let account = self.0.get_mut(&account).ok_or("no such account")?;
        match name {
            "bundle" => account.bundle(request),
            "holds_prekey" => {
                let id = request.number("id")? as u32;
                Ok(json!({ "holds": account.prekeys.0.contains_key(&id) }))
            }
            "seal" => account.seal(request),
            "open" => account.open(request),
            "seal_raw" => account.seal_plaintext(&address(request)?, &request.bytes("plaintext")?),
            "open_raw" => {
                let plaintext = account.open_plaintext(request)?;
                Ok(json!({ "plaintext": hex::encode(plaintext) }))
            }
            "reopen" => account.reopen(),
            "private" => account.private(request),
            "session" => account.session(request),
            "put_session" => account.put_session(request),
            "remove_session" => account.remove_session(request),
            _ => Err(format!("nothing is named {name}")),
        }
    }
}

impl Account {
    /// A new identity, or that of `private_key` and `registration_id`.
    fn create(request: &Request) -> Result<Account, String> {
        let (pair, registration_id) = match request.bytes_if("private_key")? {
            Some(bytes) => {
                let private = PrivateKey::deserialize(&bytes).map_err(told)?;
                let public = private.public_key().map_err(told)?;
                let pair = IdentityKeyPair::new(IdentityKey::new(public), private);
                (pair, request.number("registration_id")? as u32)
            }
            None => (IdentityKeyPair::generate(&mut rand::rng()), rand::rng().random_range(1..16381)),
        };
        let identities = Identities { pair, registration_id, known: HashMap::new() };
        Ok(Account {
            identities,
            sessions: Sessions::default(),
            prekeys: Prekeys::default(),
            signed_prekeys: SignedPrekeys::default(),
        })
    }

    fn bundle(&mut self, request: &Request) -> Answer {
        let mut rng = rand::rng();
        if self.signed_prekeys.0.is_empty() {
            let pair = KeyPair::generate(&mut rng);
            let private = self.identities.pair.private_key();
            let signature = private.calculate_signature(&pair.public_key.serialize(), &mut rng).map_err(told)?;
            let record = SignedPreKeyRecord::new(SIGNED.into(), Timestamp::from_epoch_millis(1), &pair, &signature);
            self.signed_prekeys.0.insert(SIGNED, record);
        }
        let signed = &self.signed_prekeys.0[&SIGNED];
        let mut shown = json!({
            "registration_id": self.identities.registration_id,
            "identity_key": hex::encode(self.identities.pair.public_key().public_key_bytes()),
            "signed_prekey_id": SIGNED,
            "signed_prekey": hex::encode(signed.public_key().map_err(told)?.public_key_bytes()),
            "signed_prekey_signature": hex::encode(signed.signature().map_err(told)?),
            "prekey_id": 0,
            "prekey": "",
        });
        if request.flag("prekey") {
            let (id, pair) = (self.prekeys.0.len() as u32 + 1000, KeyPair::generate(&mut rng));
            self.prekeys.0.insert(id, PreKeyRecord::new(id.into(), &pair));
            shown["prekey_id"] = id.into();
            shown["prekey"] = hex::encode(pair.public_key.public_key_bytes()).into();
        }
        Ok(json!({ "bundle": shown }))
    }

    fn seal(&mut self, request: &Request) -> Answer {
        let address = address(request)?;
        if request.has("bundle") {
            let bundle = bundle_of(&request.0["bundle"])?;
            let Account { identities, sessions, .. } = self;
            block_on(process_prekey_bundle(&address, sessions, identities, &bundle, &mut rand::rng(), UsePQRatchet::No))
                .map_err(told)?;
        }
        let call = wa::message::Call { call_key: Some(request.bytes("key")?.into()), ..Default::default() };
        let message = wa::Message { call: Some(call).into(), ..Default::default() };
        let mut sealed = self.seal_plaintext(&address, &MessageUtils::encode_and_pad(&message))?;
        sealed["v"] = 2.into();
        Ok(sealed)
    }

    /// `plaintext` has its padding.
    fn seal_plaintext(&mut self, address: &ProtocolAddress, plaintext: &[u8]) -> Answer {
        let sealed = block_on(message_encrypt(plaintext, address, &mut self.sessions, &mut self.identities)).map_err(told)?;
        let kind = match sealed {
            CiphertextMessage::PreKeySignalMessage(_) => "pkmsg",
            CiphertextMessage::SignalMessage(_) => "msg",
            _ => "other",
        };
        Ok(json!({ "type": kind, "ciphertext": hex::encode(sealed.serialize()) }))
    }

    fn open(&mut self, request: &Request) -> Answer {
        let plaintext = self.open_plaintext(request)?;
        let read = process_decrypted_plaintext(&plaintext, request.number("v")? as u8, false).map_err(told)?;
        let key = read.message.call.as_option().and_then(|call| call.call_key.clone()).ok_or("no call key")?;
        Ok(json!({ "key": hex::encode(key) }))
    }

    fn open_plaintext(&mut self, request: &Request) -> Result<Vec<u8>, String> {
        let (address, data) = (address(request)?, request.bytes("ciphertext")?);
        let message = match request.text("type")? {
            "pkmsg" => CiphertextMessage::PreKeySignalMessage(PreKeySignalMessage::try_from(&data[..]).map_err(told)?),
            "msg" => CiphertextMessage::SignalMessage(SignalMessage::try_from(&data[..]).map_err(told)?),
            other => return Err(format!("no message is of type {other}")),
        };
        let Account { identities, sessions, prekeys, signed_prekeys } = self;
        let mut rng = rand::rng();
        let opened = block_on(message_decrypt(
            &message,
            &address,
            sessions,
            identities,
            prekeys,
            signed_prekeys,
            &mut rng,
            UsePQRatchet::No,
        ))
        .map_err(told)?;
        // The crate leaves it to the app to remove the prekey that a first message used.
        if let Some(id) = opened.consumed_prekey_id {
            prekeys.0.remove(&u32::from(id));
        }
        Ok(opened.plaintext)
    }

    /// Records go through their stored form.
    fn reopen(&mut self) -> Answer {
        for record in self.sessions.0.values_mut() {
            *record = SessionRecord::deserialize(&record.serialize().map_err(told)?).map_err(told)?;
        }
        Ok(json!({}))
    }

    /// The private keys, of the signed prekey and of a one-time prekey.
    fn private(&self, request: &Request) -> Answer {
        let signed = self.signed_prekeys.0.get(&SIGNED).ok_or("no signed prekey")?.key_pair().map_err(told)?;
        let mut shown = json!({
            "identity": hex::encode(self.identities.pair.private_key().serialize()),
            "registration_id": self.identities.registration_id,
            "signed_prekey_id": SIGNED,
            "signed_prekey": hex::encode(signed.private_key.serialize()),
        });
        if request.has("id") {
            let prekey = self.prekeys.0.get(&(request.number("id")? as u32)).ok_or("no such prekey")?;
            shown["prekey"] = hex::encode(prekey.private_key().map_err(told)?.serialize()).into();
        }
        Ok(shown)
    }

    /// The session in Signal's storage protobuf: as the crate's own store has it, with the counters that it reserved,
    /// if `stored` is set; otherwise as the crate exports it.
    fn session(&self, request: &Request) -> Answer {
        let mut record = self.sessions.0.get(address(request)?.as_str()).ok_or("no session")?.clone();
        if !request.flag("stored") {
            let parts = record.into_components().map_err(told)?;
            record = SessionRecord::from_components(parts).map_err(told)?;
        }
        Ok(json!({ "record": hex::encode(record.serialize().map_err(told)?) }))
    }

    fn put_session(&mut self, request: &Request) -> Answer {
        let record = SessionRecord::deserialize(&request.bytes("record")?).map_err(told)?;
        self.sessions.0.insert(address(request)?.as_str().to_string(), record);
        Ok(json!({}))
    }

    fn remove_session(&mut self, request: &Request) -> Answer {
        self.sessions.0.remove(address(request)?.as_str());
        Ok(json!({}))
    }
}

/// The other side's.
fn address(request: &Request) -> Result<ProtocolAddress, String> {
    let jid = request.jid("jid")?;
    let name = format!("{}_1", jid.user());
    Ok(ProtocolAddress::new(&name, u32::from(jid.device()).into()))
}

fn bundle_of(told_bundle: &Value) -> Result<PreKeyBundle, String> {
    let number = |name: &str| told_bundle[name].as_u64().ok_or(format!("a bundle without {name}")).map(|n| n as u32);
    let key = |name: &str| {
        let raw = bytes(&told_bundle[name]).ok_or(format!("a bundle without {name}"))?;
        PublicKey::from_djb_public_key_bytes(&raw).map_err(told)
    };
    let prekey = match number("prekey_id")? {
        0 => None,
        id => Some((PreKeyId::from(id), key("prekey")?)),
    };
    PreKeyBundle::new(
        number("registration_id")?,
        1.into(),
        prekey,
        SignedPreKeyId::from(number("signed_prekey_id")?),
        key("signed_prekey")?,
        bytes(&told_bundle["signed_prekey_signature"]).ok_or("a bundle without a signature")?,
        IdentityKey::new(key("identity_key")?),
    )
    .map_err(told)
}

#[async_trait]
impl IdentityKeyStore for Identities {
    async fn get_identity_key_pair(&self) -> SignalResult<IdentityKeyPair> {
        Ok(self.pair.clone())
    }

    async fn get_local_registration_id(&self) -> SignalResult<u32> {
        Ok(self.registration_id)
    }

    async fn save_identity(&mut self, address: &ProtocolAddress, identity: &IdentityKey) -> SignalResult<IdentityChange> {
        let old = self.known.insert(address.as_str().to_string(), *identity);
        Ok(IdentityChange::from_changed(old.is_some_and(|old| old != *identity)))
    }

    async fn is_trusted_identity(&self, address: &ProtocolAddress, identity: &IdentityKey, _: Direction) -> SignalResult<bool> {
        Ok(self.known.get(address.as_str()).is_none_or(|known| known == identity))
    }

    async fn get_identity(&self, address: &ProtocolAddress) -> SignalResult<Option<IdentityKey>> {
        Ok(self.known.get(address.as_str()).copied())
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn load_session(&self, address: &ProtocolAddress) -> SignalResult<Option<SessionRecord>> {
        Ok(self.0.get(address.as_str()).cloned())
    }

    async fn has_session(&self, address: &ProtocolAddress) -> SignalResult<bool> {
        Ok(self.0.contains_key(address.as_str()))
    }

    async fn store_session(&mut self, address: &ProtocolAddress, record: SessionRecord) -> SignalResult<()> {
        self.0.insert(address.as_str().to_string(), record);
        Ok(())
    }
}

#[async_trait]
impl PreKeyStore for Prekeys {
    async fn get_pre_key(&self, id: PreKeyId) -> SignalResult<PreKeyRecord> {
        self.0.get(&u32::from(id)).cloned().ok_or(SignalProtocolError::InvalidPreKeyId)
    }

    async fn save_pre_key(&mut self, id: PreKeyId, record: &PreKeyRecord) -> SignalResult<()> {
        self.0.insert(id.into(), record.clone());
        Ok(())
    }

    async fn remove_pre_key(&mut self, id: PreKeyId) -> SignalResult<()> {
        self.0.remove(&u32::from(id));
        Ok(())
    }
}

#[async_trait]
impl SignedPreKeyStore for SignedPrekeys {
    async fn get_signed_pre_key(&self, id: SignedPreKeyId) -> SignalResult<SignedPreKeyRecord> {
        self.0.get(&u32::from(id)).cloned().ok_or(SignalProtocolError::InvalidSignedPreKeyId)
    }

    async fn save_signed_pre_key(&mut self, id: SignedPreKeyId, record: &SignedPreKeyRecord) -> SignalResult<()> {
        self.0.insert(id.into(), record.clone());
        Ok(())
    }
}
