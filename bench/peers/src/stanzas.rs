//! An offer to 100 devices: written around ciphertexts, and read on one of the devices.

use std::hint::black_box;

use wacore::stanza::call::{CAPABILITY_OFFER, OfferDeviceKey, OfferParams, build_offer, parse_call_stanza};
use wacore_binary::Jid;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::marshal::{marshal, unmarshal_ref};
use wacore_binary::util::unpack;

use crate::answer::Answer;
use crate::derivations::CALL_ID;
use crate::measure::Measure;
use crate::messages::{CALLER, jid};

const OFFERED: usize = 100;
/// The device that reads it.
const OWN: usize = 50;

/// The `<call>` around the keys of some devices.
pub fn offer(keys: &[OfferDeviceKey]) -> Node {
    // Only a device that gets a pkmsg needs it; callkey_offer_build leaves it out of other offers.
    let identity = keys.iter().any(|key| key.enc_type == "pkmsg").then_some(&b"device identity"[..]);
    build_offer(&OfferParams {
        call_id: CALL_ID,
        to: &jid("222222222222222@lid"),
        call_creator: &jid(CALLER),
        device_keys: keys,
        privacy_token: None,
        capability: Some(&CAPABILITY_OFFER[..]),
        device_identity: identity,
        id: Some("1"),
        multi_device: keys.len() > 1,
        video: false,
        audio_rates: &["8000", "16000"],
    })
}

fn build(keys: &[OfferDeviceKey]) -> Vec<u8> {
    marshal(&offer(keys)).expect("an offer")
}

fn keys() -> Vec<OfferDeviceKey> {
    let key = |i: usize| OfferDeviceKey {
        device_jid: jid(&format!("222222222222222:{i}@lid")),
        ciphertext: (0..150).map(|j| (i * 7 + j) as u8).collect(),
        enc_type: "msg".to_string(),
    };
    (0..OFFERED).map(key).collect()
}

/// The offer as a server passes it on: with from in the place of to, and a time.
fn passed_on(keys: &[OfferDeviceKey]) -> Vec<u8> {
    let sent = offer(keys);
    let mut passed = NodeBuilder::new_dynamic(sent.tag.to_string()).build();
    for (name, value) in sent.attrs.iter() {
        let name = if &name[..] == "to" { "from" } else { &name[..] };
        passed.attrs.push(name.to_string(), value.clone());
    }
    passed.attrs.push("t".to_string(), "1700000000");
    passed.content = sent.content;
    marshal(&passed).expect("an offer")
}

/// The call id, and the ciphertext for `own`.
fn read(wire: &[u8], own: &Jid) -> (String, Vec<u8>) {
    let plain = unpack(wire).expect("a frame");
    let node = unmarshal_ref(&plain).expect("binary XML");
    let call = parse_call_stanza(&node).expect("a stanza").expect("a call");
    let media = call.media.as_ref().expect("an offer");
    let enc = media.enc_for(Some(own)).expect("an enc for this device");
    (call.action.call_id().to_string(), enc.ciphertext.to_vec())
}

pub fn measure(measure: &Measure) {
    let (keys, own) = (keys(), jid(&format!("222222222222222:{OWN}@lid")));
    let wire = passed_on(&keys);
    measure.repeated("OfferBuild", || {
        black_box(build(black_box(&keys)));
    });
    measure.repeated("OfferParse", || {
        black_box(read(black_box(&wire), &own));
    });
}

pub fn answer() {
    let keys = keys();
    Answer::new().add(&build(&keys)).tell("OfferBuild");
    let (call_id, ciphertext) = read(&passed_on(&keys), &jid(&format!("222222222222222:{OWN}@lid")));
    Answer::new().add(call_id.as_bytes()).add(&ciphertext).tell("OfferParse");
}
