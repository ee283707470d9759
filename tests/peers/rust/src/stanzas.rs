//! Call stanzas: written by the crate's builders, and read by its parser.

use std::panic::catch_unwind;

use serde_json::{Value, json};
use wacore::stanza::call::{
    AcceptParams, CAPABILITY_OFFER, CAPABILITY_VIDEO_OFFER, OfferDeviceKey, OfferParams, build_accept, build_offer,
    parse_call_stanza,
};
use wacore::stanza::group_call::{GroupEncRekeyParams, build_group_enc_rekey};
use wacore::types::call::CallAction;
use wacore_binary::Jid;
use wacore_binary::marshal::unmarshal_ref;
use wacore_binary::util::unpack;

use crate::nodes::{made, wire};
use crate::request::{Answer, Request, bytes, jid, told};

fn device_keys(request: &Request) -> Result<Vec<OfferDeviceKey>, String> {
    let encs = request.0["encs"].as_array().ok_or("encs is no list")?;
    encs.iter()
        .map(|enc| {
            Ok(OfferDeviceKey {
                device_jid: jid(enc["jid"].as_str().ok_or("an enc without jid")?)?,
                ciphertext: bytes(&enc["ciphertext"]).ok_or("an enc without ciphertext")?,
                enc_type: enc["type"].as_str().ok_or("an enc without type")?.to_string(),
            })
        })
        .collect()
}

pub fn offer(request: &Request) -> Answer {
    let (to, call_creator, device_keys) = (request.jid("to")?, request.jid("call_creator")?, device_keys(request)?);
    let privacy_token = request.bytes_if("privacy_token")?;
    let own = if request.flag("video") { CAPABILITY_VIDEO_OFFER } else { CAPABILITY_OFFER };
    let capability = request.bytes_if("capability")?.unwrap_or(own.to_vec());
    let device_identity = request.bytes_if("device_identity")?;
    let node = build_offer(&OfferParams {
        call_id: request.text("call_id")?,
        to: &to,
        call_creator: &call_creator,
        device_keys: &device_keys,
        privacy_token: privacy_token.as_deref(),
        capability: Some(&capability),
        device_identity: device_identity.as_deref(),
        id: request.text("stanza_id").ok(),
        multi_device: request.flag("multi_device"),
        video: request.flag("video"),
        audio_rates: &["8000", "16000"],
    });
    Ok(json!({ "wire": hex::encode(wire(&node)?) }))
}

pub fn accept(request: &Request) -> Answer {
    let (to, call_creator) = (request.jid("to")?, request.jid("call_creator")?);
    let capability = request.bytes_if("capability")?;
    let node = build_accept(&AcceptParams {
        call_id: request.text("call_id")?,
        to: &to,
        id: request.text("stanza_id")?,
        call_creator: &call_creator,
        audio_rates: &["16000"],
        relay_te: None,
        rte: None,
        voip_settings: None,
        capability: capability.as_deref(),
        video: request.flag("video"),
        peer_abtest_bucket: None,
        peer_abtest_bucket_id_list: None,
    });
    Ok(json!({ "wire": hex::encode(wire(&node)?) }))
}

pub fn rekey(request: &Request) -> Answer {
    let (to, call_creator, device_keys) = (request.jid("to")?, request.jid("call_creator")?, device_keys(request)?);
    let device_identity = request.bytes_if("device_identity")?;
    let node = build_group_enc_rekey(&GroupEncRekeyParams {
        call_id: request.text("call_id")?,
        id: request.text("stanza_id")?,
        to: &to,
        call_creator: &call_creator,
        transaction_id: request.number("transaction_id")? as u32,
        device_key: device_keys.first().ok_or("a rekey without an enc")?,
        device_identity: device_identity.as_deref(),
    })
    .map_err(told)?;
    Ok(json!({ "wire": hex::encode(wire(&node)?) }))
}

/// `read` for a `node`, which is encoded here, or for a `wire`; `{wire, read}` or `{wire, refused}`.
pub fn try_read(request: &Request) -> Answer {
    let data = if request.has("node") { wire(&made(&request.0["node"])?)? } else { request.bytes("wire")? };
    let own = request.jid("own")?;
    let mut told = json!({ "wire": hex::encode(&data) });
    match catch_unwind(|| meaning(&data, Some(&own))) {
        Ok(Ok(fields)) => told["read"] = fields,
        Ok(Err(error)) => told["refused"] = error.into(),
        Err(_) => told["refused"] = "panic".into(),
    }
    Ok(told)
}

/// What the crate's reader makes of a stanza: `action`, `call_id`, …, and the enc that it picks for `own`.
pub fn read(request: &Request) -> Answer {
    let own: Option<Jid> = if request.has("own") { Some(request.jid("own")?) } else { None };
    meaning(&request.bytes("wire")?, own.as_ref())
}

fn meaning(data: &[u8], own: Option<&Jid>) -> Answer {
    let plain = unpack(data).map_err(|error| format!("frame: {error}"))?;
    let node = unmarshal_ref(&plain).map_err(|error| format!("binary XML: {error}"))?;
    let Some(call) = parse_call_stanza(&node).map_err(told)? else {
        return Ok(json!({ "action": Value::Null }));
    };
    let mut fields = json!({
        "action": call.action.wire_tag(),
        "call_id": call.action.call_id(),
        "call_creator": call.action.call_creator().to_string(),
        "from": call.from.to_string(),
        "participant": call.participant.as_ref().map(Jid::to_string),
        "stanza_id": call.stanza_id,
        "video": Value::Null,
        "group": call.group.is_some(),
        "enc": Value::Null,
    });
    match &call.action {
        CallAction::Offer { is_video, group_jid, .. } => {
            fields["video"] = (*is_video).into();
            fields["group"] = (call.group.is_some() || group_jid.is_some()).into();
        }
        CallAction::OfferNotice { is_video, is_group, .. } => {
            fields["video"] = (*is_video).into();
            fields["group"] = (*is_group).into();
        }
        CallAction::EncRekey { rekey } => {
            fields["transaction_id"] = rekey.transaction_id.into();
            fields["keygen"] = rekey.key_generation.into();
            let v = rekey.encryption_version;
            let ciphertext = hex::encode(&rekey.ciphertext);
            fields["enc"] = json!({ "type": rekey.encryption_type, "v": v, "ciphertext": ciphertext });
        }
        _ => {}
    }
    if let Some(media) = &call.media {
        if let Some(enc) = media.enc_for(own) {
            let ciphertext = hex::encode(&enc.ciphertext);
            fields["enc"] = json!({ "type": enc.enc_type, "v": enc.version, "ciphertext": ciphertext });
        }
        fields["encs"] = media.encs.len().into();
    }
    Ok(fields)
}
