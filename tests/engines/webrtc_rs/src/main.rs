//! Drives webrtc-srtp: see tests/engines/engine.py for the requests.

use std::collections::HashMap;
use std::error::Error;
use std::io::BufRead;

use webrtc_srtp::context::Context;
use webrtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use webrtc_srtp::protection_profile::ProtectionProfile;

// docs: stream
/// callkey_srtp_keys of callkey.h.
#[repr(C)]
#[derive(Clone, Copy)]
struct SrtpKeys {
    master_key: [u8; 16],
    master_salt: [u8; 14],
    session_keys: [u8; 100],
}

/// A stream to encrypt or to decrypt, at ROC 0. SRTCP gets tags of 10 bytes. A context has no function for the ROC.
fn begin(keys: &SrtpKeys) -> Result<Context, Box<dyn Error>> {
    Context::new(
        &keys.master_key,
        &keys.master_salt,
        ProtectionProfile::Aes128CmHmacSha1_32,
        Some(srtp_replay_protection(1024)),
        Some(srtcp_replay_protection(64)),
    )
    .map_err(Into::into)
}

/// The packets that lead a stream to its next one, of index `first` (ROC * 65536 + sequence number). Each is less than
/// 32768 after the one before, so every roll-over is counted. They are not sent.
fn steps(ssrc: u32, first: u64) -> impl Iterator<Item = Vec<u8>> {
    let end = if first > 0xffff { first } else { 0 };
    (first % 30000..end).step_by(30000).map(move |index| {
        let mut packet = vec![0x80, 0];
        packet.extend((index as u16).to_be_bytes());
        packet.extend([0; 4]);
        packet.extend(ssrc.to_be_bytes());
        packet
    })
}

/// When the keys change, a new context takes the place of one. `reports` is the number of RTCP packets until now.
fn begin_sender(
    keys: &SrtpKeys,
    ssrc: u32,
    first: u64,
    reports: u32,
) -> Result<Context, Box<dyn Error>> {
    let mut stream = begin(keys)?;
    for packet in steps(ssrc, first) {
        stream.encrypt_rtp(&packet)?;
    }
    let mut report = vec![0x80, 201, 0, 1];
    report.extend(ssrc.to_be_bytes());
    for _ in 0..reports {
        stream.encrypt_rtcp(&report)?;
    }
    Ok(stream)
}

fn begin_receiver(keys: &SrtpKeys, ssrc: u32, first: u64) -> Result<Context, Box<dyn Error>> {
    let (mut stream, mut other_side) = (begin(keys)?, begin(keys)?);
    for packet in steps(ssrc, first) {
        stream.decrypt_rtp(&other_side.encrypt_rtp(&packet)?)?;
    }
    Ok(stream)
}

/// decrypt_rtcp returns a packet without the E flag as it is, and does not check its tag.
fn decrypt_rtcp(stream: &mut Context, packet: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let flag = packet.len().checked_sub(14).map(|at| packet[at] & 0x80);
    match flag {
        Some(0x80) => Ok(stream.decrypt_rtcp(packet)?.to_vec()),
        _ => Err("SRTCP without encryption".into()),
    }
}
// docs: end

struct Side {
    context: Option<Context>,
    keys: SrtpKeys,
    ssrc: u32,
    /// The index of the next packet, as far as it is known; with sequence number 0 before the first one.
    next: u64,
    reports: u32,
}

impl Side {
    fn index(&self, packet: &[u8]) -> u64 {
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        if self.next & 0xffff == 0 {
            return self.next | u64::from(sequence);
        }
        self.next
            .wrapping_add_signed(i64::from(sequence.wrapping_sub(self.next as u16) as i16))
    }

    /// One packet in and out. The context is made for the next packet, because it begins at that packet's index.
    fn pass(
        &mut self,
        protect: bool,
        rtcp: bool,
        packet: &[u8],
    ) -> Result<Vec<u8>, Box<dyn Error>> {
        let index = if rtcp { self.next } else { self.index(packet) };
        if self.context.is_none() {
            self.context = Some(if protect {
                begin_sender(&self.keys, self.ssrc, index, self.reports)?
            } else {
                begin_receiver(&self.keys, self.ssrc, index)?
            });
        }
        let context = self.context.as_mut().expect("was made");
        let out = match (protect, rtcp) {
            (true, false) => context.encrypt_rtp(packet)?.to_vec(),
            (true, true) => context.encrypt_rtcp(packet)?.to_vec(),
            (false, false) => context.decrypt_rtp(packet)?.to_vec(),
            (false, true) => decrypt_rtcp(context, packet)?,
        };
        if rtcp {
            self.reports += 1;
        } else {
            self.next = index + 1;
        }
        Ok(out)
    }
}

fn keys(text: &str) -> SrtpKeys {
    let bytes = hex::decode(text).expect("keys in hexadecimal");
    SrtpKeys {
        master_key: bytes[..16].try_into().expect("16 bytes"),
        master_salt: bytes[16..30].try_into().expect("14 bytes"),
        session_keys: bytes[30..].try_into().expect("100 bytes"),
    }
}

fn answer(sides: &mut HashMap<String, Side>, words: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
    match words {
        [name @ ("sender" | "receiver"), text, ssrc, roc] => {
            let roc: u64 = roc.parse().expect("a ROC");
            let ssrc = ssrc.parse().expect("an SSRC");
            let side = Side {
                context: None,
                keys: keys(text),
                ssrc,
                next: roc << 16,
                reports: 0,
            };
            sides.insert(name.to_string(), side);
        }
        ["rekey-sender", text] => rekey(sides, "sender", text),
        ["rekey-receiver", text] => rekey(sides, "receiver", text),
        [what @ ("protect" | "unprotect"), kind, packet] => {
            let name = if *what == "protect" {
                "sender"
            } else {
                "receiver"
            };
            let packet = hex::decode(packet).expect("a packet in hexadecimal");
            return sides.get_mut(name).expect("begun").pass(
                name == "sender",
                *kind == "rtcp",
                &packet,
            );
        }
        _ => panic!("no request is {words:?}"),
    }
    Ok(Vec::new())
}

fn rekey(sides: &mut HashMap<String, Side>, name: &str, text: &str) {
    let side = sides.get_mut(name).expect("begun");
    side.keys = keys(text);
    side.context = None;
}

fn main() {
    let mut sides = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("text");
        match answer(&mut sides, &line.split(' ').collect::<Vec<_>>()) {
            Ok(packet) => println!("ok {}", hex::encode(packet)),
            Err(error) => println!("error {error}"),
        }
    }
}
