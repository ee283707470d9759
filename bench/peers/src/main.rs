//! The tasks of bench/peers with wacore.
//!
//! ```text
//! bench-peers measure DIRECTORY MILLISECONDS [PART]
//! bench-peers answers
//! bench-peers talk caller|callee
//! ```
//!
//! They are those of ours.c, which says what each argument is.

mod account;
mod answer;
mod calls;
mod derivations;
mod measure;
mod messages;
mod stanzas;
mod stored;
mod talk;

use std::path::Path;
use std::time::Duration;

use measure::Measure;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["measure", directory, milliseconds, ref rest @ ..] if rest.len() < 2 => {
            let milliseconds: f64 = milliseconds.parse().expect("MILLISECONDS is a number");
            let least = Duration::from_secs_f64(milliseconds / 1e3);
            let part = rest.first().copied().unwrap_or_default().to_string();
            measure_all(&Measure { least, part }, Path::new(directory));
        }
        ["answers"] => {
            derivations::answer();
            stanzas::answer();
        }
        ["talk", role] => talk::talk(role),
        _ => {
            eprintln!("usage: bench-peers measure DIRECTORY MILLISECONDS [PART] | answers | talk caller|callee");
            std::process::exit(2);
        }
    }
}

fn measure_all(measure: &Measure, directory: &Path) {
    if measure.part == "TwoCalls" {
        return calls::measure_two(measure);
    }
    derivations::measure(measure);
    stanzas::measure(measure);
    calls::measure(measure);
    stored::measure(measure, directory);
}
