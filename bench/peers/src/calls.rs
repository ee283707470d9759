//! Sealing, opening and beginning: the tasks over sessions in memory.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use wacore_binary::Jid;
use wacore_binary::marshal::marshal;
use wacore_libsignal::protocol::{PreKeyBundle, ProtocolAddress, SessionRecord};

use crate::account::Account;
use crate::measure::Measure;
use crate::messages::{CALLER, MSG, PARTICIPANT, PKMSG, Sealed, address, device_key, jid};
use crate::stanzas::offer;

/// Message keys kept for messages that did not come.
const KEPT: usize = 1000;
/// Messages sealed before the clock starts on opening them.
const AHEAD: u64 = 256;
const NEW_CALLERS: u64 = 16;

pub struct Device {
    pub jid: Jid,
    pub address: ProtocolAddress,
}

/// 100 of each user.
pub fn devices(n: usize, first: usize) -> Vec<Device> {
    let device = |i: usize| {
        let jid = jid(&format!("2222222222222{}:{}@lid", 22 + i / 100, i % 100));
        Device { address: address(&jid), jid }
    };
    (first..first + n).map(device).collect()
}

fn pass(from: &mut Account, to: &mut Account, from_address: &ProtocolAddress, to_address: &ProtocolAddress) {
    let sealed = from.seal(to_address);
    to.open(from_address, &sealed);
}

/// Sessions in both directions between the two.
pub fn acknowledged(caller: &mut Account, callee: &mut Account, to: &ProtocolAddress) {
    let (from, bundle) = (address(&jid(CALLER)), callee.bundle());
    caller.begin(to, &bundle);
    pass(caller, callee, &from, to);
    pass(callee, caller, to, &from);
}

fn acknowledged_all(caller: &mut Account, devices: &[Device]) {
    for device in devices {
        acknowledged(caller, &mut Account::new(), &device.address);
    }
}

/// The stanza of an offer to these devices.
fn seal_offer(caller: &mut Account, devices: &[Device], want: u8) -> Vec<u8> {
    let keys: Vec<_> =
        devices.iter().map(|device| device_key(&device.jid, caller.seal(&device.address), want)).collect();
    marshal(&offer(&keys)).expect("an offer")
}

fn seal_offers(caller: &mut Account, devices: &[Device], n: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..n {
        black_box(seal_offer(caller, devices, MSG));
    }
    start.elapsed()
}

/// Opens messages of one sender in order.
fn open(caller: &mut Account, callee: &mut Account, n: u64) -> Duration {
    let (from, to) = (address(&jid(CALLER)), address(&jid(PARTICIPANT)));
    let (mut spent, mut left) = (Duration::ZERO, n);
    while left > 0 {
        let sealed: Vec<Sealed> = (0..left.min(AHEAD)).map(|_| caller.seal(&to)).collect();
        left -= sealed.len() as u64;
        let start = Instant::now();
        for message in &sealed {
            callee.open(&from, message);
        }
        spent += start.elapsed();
    }
    spent
}

/// Opens the first messages of new callers.
fn open_new(callee: &mut Account, n: u64) -> Duration {
    let to = address(&jid(PARTICIPANT));
    let (mut spent, mut left) = (Duration::ZERO, n);
    while left > 0 {
        let batch = left.min(NEW_CALLERS);
        left -= batch;
        let sealed: Vec<Sealed> = (0..batch)
            .map(|_| {
                let mut caller = Account::new();
                caller.begin(&to, &callee.bundle());
                caller.seal(&to)
            })
            .collect();
        for (i, message) in sealed.iter().enumerate() {
            let from = address(&jid(&format!("3333333333333{i:02}:1@lid")));
            let start = Instant::now();
            callee.open(&from, message);
            spent += start.elapsed();
            callee.sessions.take(&from);
            callee.identities.known.remove(from.as_str());
        }
    }
    spent
}

fn begin_and_seal(caller: &mut Account, devices: &[Device], bundles: &[PreKeyBundle], n: u64) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..n {
        let start = Instant::now();
        for (device, bundle) in devices.iter().zip(bundles) {
            caller.begin(&device.address, bundle);
        }
        black_box(seal_offer(caller, devices, PKMSG));
        spent += start.elapsed();
        for device in devices {
            caller.sessions.take(&device.address);
        }
    }
    spent
}

fn measure_kept(measure: &Measure) {
    let (from, to) = (address(&jid(CALLER)), address(&jid(PARTICIPANT)));
    let (mut caller, mut callee) = (Account::new(), Account::new());
    acknowledged(&mut caller, &mut callee, &to);
    let before = callee.sessions.take(&from).expect("a session");
    let far = (0..=KEPT).map(|_| caller.seal(&to)).last().expect("a message");
    measure.timed("OpenAhead", |n| {
        let mut spent = Duration::ZERO;
        for _ in 0..n {
            callee.sessions.put(&from, before.clone());
            let start = Instant::now();
            callee.open(&from, &far);
            spent += start.elapsed();
        }
        spent
    });
    callee.sessions.put(&from, before.clone());
    callee.open(&from, &far);
    measure.repeated("SealBesideKept", || {
        black_box(callee.seal(&from));
    });
    measure.timed("OpenBesideKept", |n| open(&mut caller, &mut callee, n));
    let stored = before.serialize().expect("a record");
    measure.repeated("SessionImport", || {
        black_box(SessionRecord::deserialize(black_box(&stored)).expect("a record"));
    });
    measure.repeated("SessionExport", || {
        black_box(before.serialize().expect("a record"));
    });
}

pub fn measure(measure: &Measure) {
    let to = address(&jid(PARTICIPANT));
    let (mut caller, mut callee) = (Account::new(), Account::new());
    acknowledged(&mut caller, &mut callee, &to);
    measure.repeated("Seal", || {
        black_box(caller.seal(&to));
    });
    let (mut caller, mut callee) = (Account::new(), Account::new());
    acknowledged(&mut caller, &mut callee, &to);
    measure.timed("Open", |n| open(&mut caller, &mut callee, n));
    measure.timed("OpenNew", |n| open_new(&mut callee, n));
    measure_kept(measure);
    if measure.wanted("Offer/memory/100") {
        let (mut caller, devices) = (Account::new(), devices(100, 0));
        acknowledged_all(&mut caller, &devices);
        measure.timed("Offer/memory/100", |n| seal_offers(&mut caller, &devices, n));
    }
    for count in [1, 100] {
        let (mut caller, mut callee, devices) = (Account::new(), Account::new(), devices(count, 0));
        let bundles: Vec<_> = devices.iter().map(|_| callee.bundle()).collect();
        let name = format!("Begin/memory/{count}");
        measure.timed(&name, |n| begin_and_seal(&mut caller, &devices, &bundles, n));
    }
}

/// Two calls to different devices, each over sessions of its own: a store of the crate has one user at a time.
pub fn measure_two(measure: &Measure) {
    let mut both = [0, 100].map(|first| {
        let (mut caller, devices) = (Account::new(), devices(100, first));
        acknowledged_all(&mut caller, &devices);
        (caller, devices)
    });
    measure.timed("TwoCalls/one", |n| both.iter_mut().map(|(caller, devices)| seal_offers(caller, devices, n)).sum());
    measure.timed("TwoCalls/two", |n| {
        let start = Instant::now();
        thread::scope(|scope| {
            for (caller, devices) in &mut both {
                scope.spawn(move || seal_offers(caller, devices, n));
            }
        });
        start.elapsed()
    });
}
