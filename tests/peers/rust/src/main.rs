//! Requests over standard input, one JSON object a line: `{"do": NAME, …}`. Each has one answer on standard output,
//! `{"ok": {…}}` or `{"error": "text"}`. Bytes are hexadecimal.

mod accounts;
mod epochs;
mod media;
mod nodes;
mod request;
mod stanzas;

use std::io::{BufRead, Write, stdin, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use accounts::Accounts;
use epochs::Epochs;
use request::{Answer, Request};

fn answer(accounts: &mut Accounts, epochs: &mut Epochs, request: &Request) -> Answer {
    let name = request.text("do")?;
    match name {
        "decode" => nodes::decode(request),
        "encode" => nodes::encode(request),
        "offer" => stanzas::offer(request),
        "accept" => stanzas::accept(request),
        "rekey" => stanzas::rekey(request),
        "read" => stanzas::read(request),
        "try_read" => stanzas::try_read(request),
        "keys" => media::keys(request),
        "hbh" => media::hbh(request),
        "ssrcs" => media::ssrcs(request),
        "participant" => media::participant(request),
        "raw_e2e" => media::raw_e2e(request),
        "rtp" => media::rtp(request),
        "rtcp" => media::rtcp(request),
        "stream" => media::stream(request),
        "sframe" => media::sframe(request),
        "open_sframe" => media::open_sframe(request),
        "new_epochs" | "epoch" | "roster" => epochs.answer(name, request),
        _ => accounts.answer(name, request),
    }
}

fn main() {
    let (mut accounts, mut epochs) = (Accounts::default(), Epochs::default());
    for line in stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let request = Request(serde_json::from_str(&line).expect("a request is JSON"));
        // What panics there is a finding, not the end of the run.
        let result = catch_unwind(AssertUnwindSafe(|| answer(&mut accounts, &mut epochs, &request)));
        let told: Value = match result {
            Ok(Ok(value)) => json!({ "ok": value }),
            Ok(Err(error)) => json!({ "error": error }),
            Err(_) => json!({ "error": "panic" }),
        };
        let mut out = stdout().lock();
        writeln!(out, "{told}").and_then(|()| out.flush()).expect("standard output takes an answer");
    }
}
