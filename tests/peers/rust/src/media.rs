//! Derivations, and packets and frames under derived keys.

use serde_json::{Value, json};
use wacore::voip::e2e_srtp::{
    E2eSrtpKeys, crypt_payload, derive_e2e_keys, derive_e2e_keys_from_raw, derive_srtcp_keys, derive_srtcp_keys_from_raw,
    protect_srtcp, unprotect_srtcp,
};
use wacore::voip::hbh_srtp::{
    expand_libsrtcp_session_keys, expand_libsrtp_session_keys, keying_from_hbh_srtcp_key_downlink,
    keying_from_hbh_srtcp_key_shared, keying_from_hbh_srtcp_key_uplink, keying_from_hbh_srtp_key_shared,
};
use wacore::voip::relay_parse::decode_raw_e2e_content;
use wacore::voip::rtp::{parse_rtp_header, rtp_header_byte_length};
use wacore::voip::session::{MediaPipeline, MediaPipelineParams};
use wacore::voip::sframe::{
    SframeIn, SframeSession, derive_e2e_sframe_key_for_participant, format_sframe_participant_id,
};
use wacore::voip::ssrc::{derive_wasm_relay_stream_ssrcs, format_e2e_srtp_participant_id};
use wacore::voip::warp::{append_warp_mi_tag, verify_warp_mi_tag};

use crate::request::{Answer, Request};

const SHORT: &str = "the crate derives nothing from this key";

pub fn shown(keys: &E2eSrtpKeys) -> Value {
    json!({
        "cipher": hex::encode(keys.cipher_key),
        "auth": hex::encode(keys.auth_key),
        "salt": hex::encode(keys.salt),
    })
}

pub fn keys(request: &Request) -> Answer {
    let (key, jid) = (request.bytes("key")?, request.text("participant")?);
    // The crate's own callers bring a JID into this form first.
    let participant = &format_e2e_srtp_participant_id(jid);
    let (srtp, srtcp) = if request.flag("raw") {
        (derive_e2e_keys_from_raw(&key, participant), derive_srtcp_keys_from_raw(&key, participant))
    } else {
        (derive_e2e_keys(&key, participant), derive_srtcp_keys(&key, participant))
    };
    let sframe = derive_e2e_sframe_key_for_participant(&key, &format_sframe_participant_id(jid));
    Ok(json!({
        "srtp": shown(&srtp.ok_or(SHORT)?),
        "srtcp": shown(&srtcp.ok_or(SHORT)?),
        "sframe": sframe.map(hex::encode),
    }))
}

pub fn hbh(request: &Request) -> Answer {
    let key = request.bytes("key")?;
    let uplink = keying_from_hbh_srtcp_key_uplink(&key).ok_or(SHORT)?;
    let downlink = keying_from_hbh_srtcp_key_downlink(&key).ok_or(SHORT)?;
    let srtcp = keying_from_hbh_srtcp_key_shared(&key).ok_or(SHORT)?;
    let srtp = keying_from_hbh_srtp_key_shared(&key).ok_or(SHORT)?;
    let mut all = json!({});
    for (name, keying) in [("uplink", uplink), ("downlink", downlink), ("srtcp", srtcp), ("srtp", srtp)] {
        let (rtp, rtcp) = (expand_libsrtp_session_keys(&keying), expand_libsrtcp_session_keys(&keying));
        let parts: [&[u8]; 8] = [
            &keying.master_key,
            &keying.master_salt,
            &rtp.session_key,
            &rtp.auth_key,
            &rtp.session_salt,
            &rtcp.session_key,
            &rtcp.auth_key,
            &rtcp.session_salt,
        ];
        all[name] = hex::encode(parts.concat()).into();
    }
    Ok(all)
}

pub fn ssrcs(request: &Request) -> Answer {
    let all = derive_wasm_relay_stream_ssrcs(request.text("call_id")?, request.text("participant")?);
    Ok(json!({ "ssrcs": all }))
}

pub fn participant(request: &Request) -> Answer {
    let jid = request.text("jid")?;
    Ok(json!({ "srtp": format_e2e_srtp_participant_id(jid), "sframe": format_sframe_participant_id(jid) }))
}

pub fn raw_e2e(request: &Request) -> Answer {
    let decoded = decode_raw_e2e_content(&request.bytes("content")?).ok_or("the crate rejects it")?;
    Ok(json!({ "secret": hex::encode(decoded) }))
}

fn session(request: &Request) -> Result<E2eSrtpKeys, String> {
    let part = |name| request.bytes(name)?.try_into().map_err(|_| format!("{name} has another length"));
    let auth = request.bytes("auth")?.try_into().map_err(|_| "auth has another length")?;
    let salt = request.bytes("salt")?.try_into().map_err(|_| "salt has another length")?;
    Ok(E2eSrtpKeys { cipher_key: part("cipher")?, salt, auth_key: auth })
}

/// A packet under these session keys: protected, or opened if `open` is set.
pub fn rtp(request: &Request) -> Answer {
    let (keys, packet, roc) = (session(request)?, request.bytes("packet")?, request.number("roc")? as u32);
    let tag_len = request.number("tag_len")? as usize;
    let header = parse_rtp_header(&packet).ok_or("no RTP header")?;
    let start = rtp_header_byte_length(&packet).ok_or("no RTP header")?;
    let crypt = |payload: &[u8]| crypt_payload(&keys, header.ssrc, header.sequence_number, roc, payload);
    if request.flag("open") {
        let (body, tag) = packet.split_at(packet.len() - tag_len);
        if !verify_warp_mi_tag(&keys.auth_key, body, roc, tag_len, tag) {
            return Err("the tag is wrong".to_string());
        }
        return Ok(json!({ "packet": hex::encode([&body[..start], &crypt(&body[start..])].concat()) }));
    }
    let sealed = [&packet[..start], &crypt(&packet[start..])].concat();
    Ok(json!({ "packet": hex::encode(append_warp_mi_tag(&keys.auth_key, &sealed, roc, tag_len)) }))
}

pub fn rtcp(request: &Request) -> Answer {
    let (keys, packet, ssrc) = (session(request)?, request.bytes("packet")?, request.number("ssrc")? as u32);
    if request.flag("open") {
        let (plain, index) = unprotect_srtcp(&keys, ssrc, &packet).ok_or("the tag is wrong")?;
        return Ok(json!({ "packet": hex::encode(plain), "index": index }));
    }
    let sealed = protect_srtcp(&keys, ssrc, request.number("index")? as u32, &packet);
    Ok(json!({ "packet": hex::encode(sealed) }))
}

/// The packets of the crate's own media pipeline for these payloads, and the payloads that its other side opens.
pub fn stream(request: &Request) -> Answer {
    let key = request.bytes("key")?;
    let params = |self_lid, peer_lid, ssrc| {
        let shape = MediaPipelineParams {
            call_key: &key,
            self_lid,
            peer_lid,
            ssrc,
            samples_per_packet: 960,
            warp_mi_tag_len: 4,
        };
        MediaPipeline::new(&shape).ok_or(SHORT)
    };
    let (sender, receiver) = (request.text("sender")?, request.text("receiver")?);
    let mut sending = params(sender, receiver, request.number("ssrc")? as u32)?;
    let mut packets = Vec::new();
    for payload in request.0["payloads"].as_array().ok_or("payloads is no list")? {
        let payload = crate::request::bytes(payload).ok_or("a payload is not hexadecimal")?;
        packets.push(hex::encode(sending.protect_audio(&payload)));
    }
    let mut receiving = params(receiver, sender, 1)?;
    let mut opened = Vec::new();
    for packet in request.0["opens"].as_array().ok_or("opens is no list")? {
        let packet = crate::request::bytes(packet).ok_or("a packet is not hexadecimal")?;
        opened.push(receiving.unprotect_audio(&packet).map(|(_, payload)| hex::encode(payload)));
    }
    Ok(json!({ "packets": packets, "opened": opened }))
}

/// The frames of one session, whose counter goes up: sealed with the key of `peer`, the receiver.
pub fn sframe(request: &Request) -> Answer {
    let mut session = SframeSession::new(&request.bytes("key")?, request.text("own")?, request.text("peer")?).ok_or(SHORT)?;
    let mut frames = Vec::new();
    for payload in request.0["payloads"].as_array().ok_or("payloads is no list")? {
        frames.push(hex::encode(session.encrypt(&crate::request::bytes(payload).ok_or("not hexadecimal")?)));
    }
    Ok(json!({ "frames": frames }))
}

pub fn open_sframe(request: &Request) -> Answer {
    let session = SframeSession::new(&request.bytes("key")?, request.text("own")?, request.text("peer")?).ok_or(SHORT)?;
    match session.decrypt(&request.bytes("frame")?) {
        SframeIn::Decrypted(payload) => Ok(json!({ "payload": hex::encode(payload) })),
        SframeIn::Plaintext => Err("the frame does not authenticate".to_string()),
    }
}
