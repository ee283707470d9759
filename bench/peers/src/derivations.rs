//! Keys, SSRCs, a frame, and the participant that sent a packet.

use std::hint::black_box;

use wacore::voip::e2e_srtp::{E2eSrtpKeys, derive_e2e_keys, derive_srtcp_keys};
use wacore::voip::hbh_srtp::{
    LibsrtpSessionKeys, SrtpKeyingMaterial, expand_libsrtcp_session_keys, expand_libsrtp_session_keys,
    keying_from_hbh_srtcp_key_uplink,
};
use wacore::voip::sframe::{SframeSession, derive_e2e_sframe_key_for_participant, format_sframe_participant_id};
use wacore::voip::ssrc::{derive_wasm_relay_stream_ssrcs, format_e2e_srtp_participant_id};
use wacore::voip::warp::{append_warp_mi_tag, verify_warp_mi_tag};

use crate::answer::Answer;
use crate::messages::{CALLER, KEY, PARTICIPANT};
use crate::measure::Measure;

const PARTICIPANTS: usize = 1024;
const CANDIDATES: usize = 100;
pub const CALL_ID: &str = "00112233445566778899AABBCCDDEEFF";
const FRAME: [u8; 1200] = [0; 1200];
const TAG: usize = 4;

/// The keys of SRTP and of SRTCP. The crate derives each from the call key.
type Keys = (E2eSrtpKeys, E2eSrtpKeys);

fn e2e_keys(jid: &str) -> Keys {
    let participant = format_e2e_srtp_participant_id(jid);
    let srtp = derive_e2e_keys(&KEY, &participant).expect("a key of 32 bytes");
    (srtp, derive_srtcp_keys(&KEY, &participant).expect("a key of 32 bytes"))
}

fn hbh_keys(key: &[u8; 30]) -> (SrtpKeyingMaterial, LibsrtpSessionKeys, LibsrtpSessionKeys) {
    let keying = keying_from_hbh_srtcp_key_uplink(key).expect("a key of 30 bytes");
    let (srtp, srtcp) = (expand_libsrtp_session_keys(&keying), expand_libsrtcp_session_keys(&keying));
    (keying, srtp, srtcp)
}

fn sframe_key() -> [u8; 32] {
    let key = derive_e2e_sframe_key_for_participant(&KEY, &format_sframe_participant_id(PARTICIPANT));
    key.expect("a key of 32 bytes").as_slice().try_into().expect("32 bytes")
}

/// Every candidate takes the same work, as in callkey_select_participant.
fn select(candidates: &[String], packet: &[u8]) -> usize {
    let (body, tag) = packet.split_at(packet.len() - TAG);
    let mut found = candidates.len();
    for (i, jid) in candidates.iter().enumerate() {
        let keys = derive_e2e_keys(&KEY, &format_e2e_srtp_participant_id(jid)).expect("a key of 32 bytes");
        if verify_warp_mi_tag(&keys.auth_key, body, 0, TAG, tag) {
            found = found.min(i);
        }
    }
    found
}

fn add_keys(answer: Answer, (srtp, srtcp): &Keys) -> Answer {
    let answer = answer.add(&srtp.cipher_key).add(&srtp.auth_key).add(&srtp.salt);
    answer.add(&srtcp.cipher_key).add(&srtcp.auth_key).add(&srtcp.salt)
}

struct Inputs {
    participants: Vec<String>,
    hbh: [u8; 30],
    packet: Vec<u8>,
    frames: SframeSession,
}

fn inputs() -> Inputs {
    let participants: Vec<String> = (0..PARTICIPANTS).map(|i| format!("22222222222{i:04}:0@lid")).collect();
    // A packet from the candidate in the middle.
    let mut body = [0; 112];
    (body[0], body[1]) = (0x80, 0x78);
    let packet = append_warp_mi_tag(&e2e_keys(&participants[CANDIDATES / 2]).0.auth_key, &body, 0, TAG);
    let hbh = std::array::from_fn(|i| i as u8 + 1);
    let frames = SframeSession::new(&KEY, CALLER, PARTICIPANT).expect("a key of 32 bytes");
    Inputs { participants, hbh, packet, frames }
}

pub fn measure(measure: &Measure) {
    let mut inputs = inputs();
    measure.repeated("E2EKeys", || {
        black_box(e2e_keys(black_box(PARTICIPANT)));
    });
    let mut all = Vec::with_capacity(PARTICIPANTS);
    measure.repeated("E2EKeysBatch", || {
        all.clear();
        all.extend(inputs.participants.iter().map(|jid| e2e_keys(jid)));
        black_box(&all);
    });
    measure.repeated("SSRCs", || {
        black_box(derive_wasm_relay_stream_ssrcs(black_box(CALL_ID), PARTICIPANT));
    });
    measure.repeated("HBHKeys", || {
        black_box(hbh_keys(black_box(&inputs.hbh)));
    });
    measure.repeated("SFrameKey", || {
        black_box(sframe_key());
    });
    measure.repeated("SFrameSeal", || {
        black_box(inputs.frames.encrypt(black_box(&FRAME)));
    });
    measure.repeated("SelectParticipant", || {
        let found = select(&inputs.participants[..CANDIDATES], black_box(&inputs.packet));
        assert_eq!(found, CANDIDATES / 2);
    });
}

pub fn answer() {
    let mut inputs = inputs();
    add_keys(Answer::new(), &e2e_keys(PARTICIPANT)).tell("E2EKeys");
    let all = inputs.participants.iter().fold(Answer::new(), |answer, jid| add_keys(answer, &e2e_keys(jid)));
    all.tell("E2EKeysBatch");
    let ssrcs = derive_wasm_relay_stream_ssrcs(CALL_ID, PARTICIPANT);
    ssrcs.iter().fold(Answer::new(), |answer, ssrc| answer.add_number(*ssrc)).tell("SSRCs");
    let (keying, srtp, srtcp) = hbh_keys(&inputs.hbh);
    let mut hbh = Answer::new().add(&keying.master_key).add(&keying.master_salt);
    for keys in [srtp, srtcp] {
        hbh = hbh.add(&keys.session_key).add(&keys.auth_key).add(&keys.session_salt);
    }
    hbh.tell("HBHKeys");
    Answer::new().add(&sframe_key()).tell("SFrameKey");
    Answer::new().add(&inputs.frames.encrypt(&FRAME)).tell("SFrameSeal");
    let found = select(&inputs.participants[..CANDIDATES], &inputs.packet);
    Answer::new().add_number(found as u32).tell("SelectParticipant");
}
