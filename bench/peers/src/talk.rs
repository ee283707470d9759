//! A conversation with another implementation over standard input and output, so that each opens what the other
//! sealed. talk.h is the other side, and says what goes over the line.

use std::io::{Read, Write, stdin, stdout};

use wacore_libsignal::protocol::{IdentityKey, PreKeyBundle, PreKeyId, ProtocolAddress, PublicKey, SignedPreKeyId};

use crate::account::Account;
use crate::messages::{CALLER, PARTICIPANT, Sealed, address, jid};

fn say(bytes: &[u8]) {
    let mut out = stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).expect("the other side listens");
}

fn hear<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    stdin().lock().read_exact(&mut bytes).expect("the other side has not ended");
    bytes
}

fn say_bundle(account: &mut Account) {
    let bundle = account.bundle();
    let prekey_id = u32::from(bundle.pre_key_id().expect("ids").expect("a prekey"));
    say(&bundle.registration_id().expect("an id").to_le_bytes());
    say(&prekey_id.to_le_bytes());
    say(&u32::from(bundle.signed_pre_key_id().expect("an id")).to_le_bytes());
    say(bundle.identity_key().expect("a key").public_key().public_key_bytes());
    say(bundle.signed_pre_key_public().expect("a key").public_key_bytes());
    say(bundle.signed_pre_key_signature().expect("a signature"));
    say(bundle.pre_key_public().expect("keys").expect("a prekey").public_key_bytes());
}

fn hear_key() -> PublicKey {
    PublicKey::from_djb_public_key_bytes(&hear::<32>()).expect("a public key")
}

fn hear_bundle() -> PreKeyBundle {
    let [registration, prekey_id, signed_id] = std::array::from_fn(|_| u32::from_le_bytes(hear()));
    let (identity, signed, signature, prekey) = (hear_key(), hear_key(), hear::<64>(), hear_key());
    PreKeyBundle::new(
        registration,
        1.into(),
        Some((PreKeyId::from(prekey_id), prekey)),
        SignedPreKeyId::from(signed_id),
        signed,
        signature.to_vec(),
        IdentityKey::new(identity),
    )
    .expect("a bundle")
}

fn say_message(sealed: &Sealed) {
    say(&[sealed.kind]);
    say(&(sealed.ciphertext.len() as u16).to_le_bytes());
    say(&sealed.ciphertext);
}

fn hear_message(account: &mut Account, from: &ProtocolAddress) {
    let [kind] = hear();
    let mut ciphertext = vec![0; usize::from(u16::from_le_bytes(hear()))];
    stdin().lock().read_exact(&mut ciphertext).expect("the other side has not ended");
    account.open(from, &Sealed { kind, ciphertext });
}

/// One message each way, then three that come in another order.
pub fn talk(role: &str) {
    let mut account = Account::new();
    if role == "caller" {
        let to = address(&jid(PARTICIPANT));
        let bundle = hear_bundle();
        account.begin(&to, &bundle);
        say_message(&account.seal(&to));
        hear_message(&mut account, &to);
        let sealed: [Sealed; 3] = std::array::from_fn(|_| account.seal(&to));
        for i in [2, 0, 1] {
            say_message(&sealed[i]);
        }
    } else {
        let from = address(&jid(CALLER));
        say_bundle(&mut account);
        hear_message(&mut account, &from);
        say_message(&account.seal(&from));
        for _ in 0..3 {
            hear_message(&mut account, &from);
        }
    }
}
