//! Time, and the form of a result: that of Go's benchmarks.

use std::time::{Duration, Instant};

pub struct Measure {
    /// The shortest time to divide by the number of calls.
    pub least: Duration,
    /// Of the names of what is measured.
    pub part: String,
}

impl Measure {
    pub fn wanted(&self, name: &str) -> bool {
        name.contains(&self.part)
    }

    /// Repeats `work` until it takes long enough. It runs as often as it is told and returns the time, without its
    /// preparations.
    pub fn timed(&self, name: &str, mut work: impl FnMut(u64) -> Duration) {
        if !self.wanted(name) {
            return;
        }
        work(1);
        let mut n = 1;
        loop {
            let time = work(n);
            if time >= self.least {
                println!("Benchmark{name}\t{n}\t{:.1} ns/op", time.as_nanos() as f64 / n as f64);
                return;
            }
            let needed = self.least.as_secs_f64() / time.as_secs_f64();
            n = if needed > 100.0 { n * 20 } else { (n as f64 * needed * 1.2) as u64 + 1 };
        }
    }

    /// The same for work without preparations.
    pub fn repeated(&self, name: &str, mut work: impl FnMut()) {
        self.timed(name, |n| {
            let start = Instant::now();
            for _ in 0..n {
                work();
            }
            start.elapsed()
        });
    }
}
