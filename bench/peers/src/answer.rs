//! What a task computes, for a comparison with other implementations: the FNV-1a hash of its bytes, and how many.

pub struct Answer {
    hash: u64,
    n: usize,
}

impl Answer {
    pub fn new() -> Answer {
        Answer { hash: 0xcbf2_9ce4_8422_2325, n: 0 }
    }

    pub fn add(mut self, bytes: &[u8]) -> Answer {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.n += bytes.len();
        self
    }

    pub fn add_number(self, number: u32) -> Answer {
        self.add(&number.to_le_bytes())
    }

    pub fn tell(self, name: &str) {
        println!("Answer {name} {:016x} {}", self.hash, self.n);
    }
}
