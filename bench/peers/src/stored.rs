//! Sessions in SQLite: the crate's own cache of records over the crate's own store, written after each offer.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::runtime::{Builder, Runtime};
use wacore::store::signal_cache::SignalStoreCache;
use wacore_binary::marshal::marshal;
use wacore_libsignal::protocol::error::Result as SignalResult;
use wacore_libsignal::protocol::{
    Direction, IdentityChange, IdentityKey, IdentityKeyPair, IdentityKeyStore, PreKeyBundle, ProtocolAddress,
    PublicKey, SessionRecord, SessionStore,
};
use whatsapp_rust_sqlite_storage::{SqliteStore, SqliteStoreConfig, Synchronous};

use crate::account::{Account, REGISTRATION};
use crate::calls::{Device, devices};
use crate::measure::Measure;
use crate::messages::{CALLER, MSG, PKMSG, address, begin, device_key, jid, open, seal};
use crate::stanzas::offer;

/// The records of one account: those in use in the cache, all in the file.
#[derive(Clone)]
struct Stored {
    cache: Arc<SignalStoreCache>,
    file: Arc<SqliteStore>,
}

#[async_trait]
impl SessionStore for Stored {
    async fn load_session(&self, address: &ProtocolAddress) -> SignalResult<Option<SessionRecord>> {
        Ok(self.cache.get_session(address, &*self.file).await.expect("a cache"))
    }

    async fn has_session(&self, address: &ProtocolAddress) -> SignalResult<bool> {
        Ok(self.cache.has_session(address, &*self.file).await.expect("a cache"))
    }

    async fn store_session(&mut self, address: &ProtocolAddress, record: SessionRecord) -> SignalResult<()> {
        if let Err(record) = self.cache.try_put_session(address, record) {
            self.cache.put_session(address, record).await;
        }
        Ok(())
    }
}

struct StoredIdentities {
    pair: IdentityKeyPair,
    stored: Stored,
}

impl StoredIdentities {
    async fn known(&self, address: &ProtocolAddress) -> Option<IdentityKey> {
        let known = match self.stored.cache.try_get_identity(address) {
            Some(known) => known,
            None => self.stored.cache.get_identity(address, &*self.stored.file).await.expect("a cache"),
        };
        known.map(|bytes| IdentityKey::new(PublicKey::from_djb_public_key_bytes(&bytes).expect("a public key")))
    }
}

#[async_trait]
impl IdentityKeyStore for StoredIdentities {
    async fn get_identity_key_pair(&self) -> SignalResult<IdentityKeyPair> {
        Ok(self.pair.clone())
    }

    async fn get_local_registration_id(&self) -> SignalResult<u32> {
        Ok(REGISTRATION)
    }

    async fn save_identity(&mut self, address: &ProtocolAddress, identity: &IdentityKey) -> SignalResult<IdentityChange> {
        let old = self.known(address).await;
        if old.as_ref() == Some(identity) {
            return Ok(IdentityChange::from_changed(false));
        }
        self.stored.cache.put_identity(address, identity.public_key().public_key_bytes()).await;
        Ok(IdentityChange::from_changed(old.is_some()))
    }

    async fn is_trusted_identity(&self, address: &ProtocolAddress, identity: &IdentityKey, _: Direction) -> SignalResult<bool> {
        Ok(self.known(address).await.is_none_or(|known| known == *identity))
    }

    async fn get_identity(&self, address: &ProtocolAddress) -> SignalResult<Option<IdentityKey>> {
        Ok(self.known(address).await)
    }
}

struct Caller {
    runtime: Runtime,
    stored: Stored,
    identities: StoredIdentities,
}

impl Caller {
    /// `synchronous` says whether a commit waits for the disk.
    fn new(file: &Path, synchronous: Synchronous) -> Caller {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let config = SqliteStoreConfig { synchronous, ..Default::default() };
        let url = file.to_str().expect("a path that is text");
        let store = runtime.block_on(SqliteStore::with_config(url, config)).expect("a store");
        let stored = Stored { cache: Arc::new(SignalStoreCache::new()), file: Arc::new(store) };
        let pair = IdentityKeyPair::generate(&mut rand::rng());
        Caller { runtime, identities: StoredIdentities { pair, stored: stored.clone() }, stored }
    }

    /// Writes what changed: one commit for the sessions.
    fn flush(&self) {
        self.runtime.block_on(self.stored.cache.flush(&*self.stored.file)).expect("a file");
    }

    /// Sessions in both directions with every device.
    fn acknowledged_all(&mut self, devices: &[Device]) {
        let from = address(&jid(CALLER));
        for device in devices {
            let mut callee = Account::new();
            let bundle = callee.bundle();
            let to = &device.address;
            let first = self.runtime.block_on(async {
                begin(&mut self.stored, &mut self.identities, to, &bundle).await;
                seal(&mut self.stored, &mut self.identities, to).await
            });
            callee.open(&from, &first);
            let reply = callee.seal(&from);
            let Account { prekeys, signed_prekey, .. } = &mut Account::new(); // a reply uses none
            self.runtime.block_on(open(&mut self.stored, &mut self.identities, prekeys, signed_prekey, to, &reply));
        }
        self.flush();
    }

    fn seal_offer(&mut self, devices: &[Device], want: u8) {
        let (stored, identities) = (&mut self.stored, &mut self.identities);
        let keys = self.runtime.block_on(async {
            let mut keys = Vec::with_capacity(devices.len());
            for device in devices {
                keys.push(device_key(&device.jid, seal(stored, identities, &device.address).await, want));
            }
            keys
        });
        let stanza = marshal(&offer(&keys)).expect("an offer");
        self.flush();
        black_box(stanza);
    }

    fn begin_and_seal(&mut self, devices: &[Device], bundles: &[PreKeyBundle], n: u64) -> Duration {
        let mut spent = Duration::ZERO;
        for _ in 0..n {
            let start = Instant::now();
            for (device, bundle) in devices.iter().zip(bundles) {
                let (stored, identities) = (&mut self.stored, &mut self.identities);
                self.runtime.block_on(begin(stored, identities, &device.address, bundle));
            }
            self.seal_offer(devices, PKMSG);
            spent += start.elapsed();
            for device in devices {
                self.runtime.block_on(self.stored.cache.delete_session(&device.address));
            }
            self.flush();
        }
        spent
    }
}

pub fn measure(measure: &Measure, directory: &Path) {
    let file = |name: &str| directory.join(format!("rust-{}-{}.db", std::process::id(), name.replace('/', "-")));
    let offers = [
        ("Offer/SQLite/100", 100, Synchronous::Full),
        ("Offer/SQLite/100/unsynced", 100, Synchronous::Normal),
        ("Offer/SQLite/1000", 1000, Synchronous::Full),
        ("Offer/SQLite/1000/unsynced", 1000, Synchronous::Normal),
    ];
    for (name, count, synchronous) in offers {
        if measure.wanted(name) {
            let (mut caller, devices) = (Caller::new(&file(name), synchronous), devices(count, 0));
            caller.acknowledged_all(&devices);
            measure.repeated(name, || caller.seal_offer(&devices, MSG));
        }
    }
    let begins = [
        ("Begin/SQLite/4", 4, Synchronous::Full),
        ("Begin/SQLite/4/unsynced", 4, Synchronous::Normal),
        ("Begin/SQLite/100", 100, Synchronous::Full),
        ("Begin/SQLite/100/unsynced", 100, Synchronous::Normal),
    ];
    for (name, count, synchronous) in begins {
        if measure.wanted(name) {
            let (mut caller, mut callee) = (Caller::new(&file(name), synchronous), Account::new());
            let devices = devices(count, 0);
            let bundles: Vec<_> = devices.iter().map(|_| callee.bundle()).collect();
            measure.timed(name, |n| caller.begin_and_seal(&devices, &bundles, n));
        }
    }
}
