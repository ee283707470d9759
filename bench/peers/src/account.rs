//! An account of wacore-libsignal: its keys in memory, its sessions where the caller keeps them.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use wacore_libsignal::protocol::error::Result as SignalResult;
use wacore_libsignal::protocol::{
    Direction, GenericSignedPreKey, IdentityChange, IdentityKey, IdentityKeyPair, IdentityKeyStore, KeyPair,
    PreKeyBundle, PreKeyId, PreKeyRecord, PreKeyStore, ProtocolAddress, SessionRecord, SessionStore,
    SignalProtocolError, SignedPreKeyId, SignedPreKeyRecord, SignedPreKeyStore, Timestamp,
};

pub const REGISTRATION: u32 = 7;
const SIGNED: u32 = 1;

/// The records as values. A message gets a copy, as the crate's interface asks: one that fails leaves the session.
#[derive(Default)]
pub struct Records(pub Mutex<HashMap<String, SessionRecord>>);

impl Records {
    pub fn take(&self, address: &ProtocolAddress) -> Option<SessionRecord> {
        self.0.lock().expect("no thread panicked").remove(address.as_str())
    }

    pub fn put(&self, address: &ProtocolAddress, record: SessionRecord) {
        self.0.lock().expect("no thread panicked").insert(address.as_str().to_string(), record);
    }
}

#[async_trait]
impl SessionStore for Records {
    async fn load_session(&self, address: &ProtocolAddress) -> SignalResult<Option<SessionRecord>> {
        Ok(self.0.lock().expect("no thread panicked").get(address.as_str()).cloned())
    }

    async fn has_session(&self, address: &ProtocolAddress) -> SignalResult<bool> {
        Ok(self.0.lock().expect("no thread panicked").contains_key(address.as_str()))
    }

    async fn store_session(&mut self, address: &ProtocolAddress, record: SessionRecord) -> SignalResult<()> {
        self.put(address, record);
        Ok(())
    }
}

pub struct Identities {
    pub pair: IdentityKeyPair,
    pub known: HashMap<String, IdentityKey>,
}

impl Identities {
    pub fn new() -> Identities {
        Identities { pair: IdentityKeyPair::generate(&mut rand::rng()), known: HashMap::new() }
    }
}

#[async_trait]
impl IdentityKeyStore for Identities {
    async fn get_identity_key_pair(&self) -> SignalResult<IdentityKeyPair> {
        Ok(self.pair.clone())
    }

    async fn get_local_registration_id(&self) -> SignalResult<u32> {
        Ok(REGISTRATION)
    }

    async fn save_identity(&mut self, address: &ProtocolAddress, identity: &IdentityKey) -> SignalResult<IdentityChange> {
        if self.known.get(address.as_str()) == Some(identity) {
            return Ok(IdentityChange::from_changed(false));
        }
        let old = self.known.insert(address.as_str().to_string(), *identity);
        Ok(IdentityChange::from_changed(old.is_some()))
    }

    async fn is_trusted_identity(&self, address: &ProtocolAddress, identity: &IdentityKey, _: Direction) -> SignalResult<bool> {
        Ok(self.known.get(address.as_str()).is_none_or(|known| known == identity))
    }

    async fn get_identity(&self, address: &ProtocolAddress) -> SignalResult<Option<IdentityKey>> {
        Ok(self.known.get(address.as_str()).copied())
    }
}

#[derive(Default)]
pub struct Prekeys(pub HashMap<u32, PreKeyRecord>);

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

pub struct SignedPrekey(SignedPreKeyRecord);

#[async_trait]
impl SignedPreKeyStore for SignedPrekey {
    async fn get_signed_pre_key(&self, _: SignedPreKeyId) -> SignalResult<SignedPreKeyRecord> {
        Ok(self.0.clone())
    }

    async fn save_signed_pre_key(&mut self, _: SignedPreKeyId, record: &SignedPreKeyRecord) -> SignalResult<()> {
        self.0 = record.clone();
        Ok(())
    }
}

pub struct Account {
    pub identities: Identities,
    pub sessions: Records,
    pub prekeys: Prekeys,
    pub signed_prekey: SignedPrekey,
    next: u32,
}

impl Account {
    pub fn new() -> Account {
        let (identities, mut rng) = (Identities::new(), rand::rng());
        let pair = KeyPair::generate(&mut rng);
        let private = identities.pair.private_key();
        let signature = private.calculate_signature(&pair.public_key.serialize(), &mut rng).expect("a signature");
        let record = SignedPreKeyRecord::new(SIGNED.into(), Timestamp::from_epoch_millis(1), &pair, &signature);
        let signed_prekey = SignedPrekey(record);
        Account { identities, sessions: Records::default(), prekeys: Prekeys::default(), signed_prekey, next: 1 }
    }

    /// The account, published with a fresh one-time prekey.
    pub fn bundle(&mut self) -> PreKeyBundle {
        let (id, pair) = (self.next, KeyPair::generate(&mut rand::rng()));
        self.next += 1;
        self.prekeys.0.insert(id, PreKeyRecord::new(id.into(), &pair));
        let signed = &self.signed_prekey.0;
        PreKeyBundle::new(
            REGISTRATION,
            1.into(),
            Some((PreKeyId::from(id), pair.public_key)),
            SignedPreKeyId::from(SIGNED),
            signed.public_key().expect("a public key"),
            signed.signature().expect("a signature"),
            *self.identities.pair.identity_key(),
        )
        .expect("a bundle")
    }
}
