//! Call keys in messages between accounts.

use std::str::FromStr;

use futures::executor::block_on;
use wacore::message_processing::process_decrypted_plaintext;
use wacore::messages::MessageUtils;
use wacore::stanza::call::OfferDeviceKey;
use wacore_binary::{Jid, JidExt};
use wacore_libsignal::protocol::{
    CiphertextMessage, IdentityKeyStore, PreKeyBundle, PreKeyId, PreKeySignalMessage, PreKeyStore, ProtocolAddress,
    SessionStore, SignalMessage, SignedPreKeyStore, UsePQRatchet, message_decrypt, message_encrypt, process_prekey_bundle,
};
use waproto::whatsapp as wa;

use crate::account::Account;

pub const CALLER: &str = "111111111111111:2@lid";
pub const PARTICIPANT: &str = "222222222222222:3@lid";
/// 1 to 32.
pub const KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut i = 0;
    while i < 32 {
        key[i] = i as u8 + 1;
        i += 1;
    }
    key
};

pub const MSG: u8 = 1;
pub const PKMSG: u8 = 2;

#[derive(Clone)]
pub struct Sealed {
    pub kind: u8,
    pub ciphertext: Vec<u8>,
}

pub fn jid(text: &str) -> Jid {
    Jid::from_str(text).expect("a JID")
}

pub fn address(jid: &Jid) -> ProtocolAddress {
    ProtocolAddress::new(&format!("{}_1", jid.user()), u32::from(jid.device()).into())
}

pub async fn begin(
    sessions: &mut dyn SessionStore,
    identities: &mut dyn IdentityKeyStore,
    to: &ProtocolAddress,
    bundle: &PreKeyBundle,
) {
    let mut rng = rand::rng();
    process_prekey_bundle(to, sessions, identities, bundle, &mut rng, UsePQRatchet::No).await.expect("a good bundle");
}

/// The call key, padded afresh, as must be done for each device.
pub async fn seal(
    sessions: &mut dyn SessionStore,
    identities: &mut dyn IdentityKeyStore,
    to: &ProtocolAddress,
) -> Sealed {
    let call = wa::message::Call { call_key: Some(KEY.to_vec().into()), ..Default::default() };
    let message = wa::Message { call: Some(call).into(), ..Default::default() };
    let plaintext = MessageUtils::encode_and_pad(&message);
    let sealed = message_encrypt(&plaintext, to, sessions, identities).await.expect("a session");
    let kind = match sealed {
        CiphertextMessage::PreKeySignalMessage(_) => PKMSG,
        CiphertextMessage::SignalMessage(_) => MSG,
        _ => panic!("another kind of message"),
    };
    Sealed { kind, ciphertext: sealed.serialize().to_vec() }
}

/// Opens it, checks that the key came out, and returns the one-time prekey that it used.
pub async fn open(
    sessions: &mut dyn SessionStore,
    identities: &mut dyn IdentityKeyStore,
    prekeys: &mut dyn PreKeyStore,
    signed_prekey: &dyn SignedPreKeyStore,
    from: &ProtocolAddress,
    sealed: &Sealed,
) -> Option<PreKeyId> {
    let data = &sealed.ciphertext[..];
    let message = match sealed.kind {
        PKMSG => CiphertextMessage::PreKeySignalMessage(PreKeySignalMessage::try_from(data).expect("a pkmsg")),
        _ => CiphertextMessage::SignalMessage(SignalMessage::try_from(data).expect("a msg")),
    };
    let mut rng = rand::rng();
    let opened =
        message_decrypt(&message, from, sessions, identities, prekeys, signed_prekey, &mut rng, UsePQRatchet::No)
            .await
            .expect("a message that opens");
    let read = process_decrypted_plaintext(&opened.plaintext, 2, false).expect("a message");
    let key = read.message.call.as_option().and_then(|call| call.call_key.as_ref()).expect("a call key");
    assert_eq!(&key[..], &KEY[..], "another key came out");
    opened.consumed_prekey_id
}

/// What an offer holds for one device.
pub fn device_key(device: &Jid, sealed: Sealed, want: u8) -> OfferDeviceKey {
    assert_eq!(sealed.kind, want, "a device was not sealed for as it should be");
    let enc_type = if sealed.kind == PKMSG { "pkmsg" } else { "msg" };
    OfferDeviceKey { device_jid: device.clone(), ciphertext: sealed.ciphertext, enc_type: enc_type.to_string() }
}

impl Account {
    pub fn begin(&mut self, to: &ProtocolAddress, bundle: &PreKeyBundle) {
        block_on(begin(&mut self.sessions, &mut self.identities, to, bundle));
    }

    pub fn seal(&mut self, to: &ProtocolAddress) -> Sealed {
        block_on(seal(&mut self.sessions, &mut self.identities, to))
    }

    /// Opens it, and checks that the key came out.
    pub fn open(&mut self, from: &ProtocolAddress, sealed: &Sealed) {
        let used = block_on(open(
            &mut self.sessions,
            &mut self.identities,
            &mut self.prekeys,
            &self.signed_prekey,
            from,
            sealed,
        ));
        // The crate leaves it to the app to remove the prekey that a first message used.
        if let Some(id) = used {
            self.prekeys.0.remove(&u32::from(id));
        }
    }
}
