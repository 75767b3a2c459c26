//! SHA-256: FIPS 180-4. Why not a crate: docs/adr/0025.

use crate::sys::ShaInstructions;

/// The bytes of a hash.
pub const LENGTH: usize = 32;

/// The bytes that are worked on at once.
const BLOCK: usize = 64;

/// A hash of bytes that come in pieces.
pub struct Sha256 {
    state: [u32; 8],
    /// The beginning of a block.
    begun: [u8; BLOCK],
    /// How much of it there is.
    length: usize,
    /// Bytes in all.
    total: u64,
    instructions: Option<ShaInstructions>,
}

impl Sha256 {
    /// The hash of nothing yet. Asks the processor what it can do.
    #[must_use]
    pub fn new() -> Self {
        Self::with(ShaInstructions::find())
    }

    fn with(instructions: Option<ShaInstructions>) -> Self {
        Self { state: INITIAL, begun: [0; BLOCK], length: 0, total: 0, instructions }
    }

    /// Adds bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.total = self.total.wrapping_add(bytes.len() as u64);
        if self.length > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(BLOCK - self.length));
            self.begun[self.length..self.length + head.len()].copy_from_slice(head);
            self.length += head.len();
            bytes = rest;
            if self.length < BLOCK {
                return;
            }
            let block = self.begun;
            self.compress(&block);
            self.length = 0;
        }
        let whole = bytes.len() - bytes.len() % BLOCK;
        self.compress(&bytes[..whole]);
        self.length = bytes.len() - whole;
        self.begun[..self.length].copy_from_slice(&bytes[whole..]);
    }

    /// Ends it: a one, zeroes, and how many bits there were.
    #[must_use]
    pub fn finish(mut self) -> [u8; LENGTH] {
        const MARK: [u8; BLOCK] = {
            let mut mark = [0; BLOCK];
            mark[0] = 0x80;
            mark
        };
        let bits = self.total.wrapping_mul(8).to_be_bytes();
        let padding = (2 * BLOCK - 8 - self.length) % BLOCK;
        self.update(&MARK[..if padding == 0 { BLOCK } else { padding }]);
        self.update(&bits);
        let mut hash = [0; LENGTH];
        for (bytes, word) in hash.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        hash
    }

    /// Works on whole blocks.
    fn compress(&mut self, blocks: &[u8]) {
        if let Some(instructions) = self.instructions {
            return instructions.compress(&mut self.state, blocks);
        }
        for block in blocks.chunks_exact(BLOCK) {
            compress(&mut self.state, block);
        }
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The constants of the 64 rounds.
#[rustfmt::skip]
pub static ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// One block by ordinary instructions.
#[allow(clippy::many_single_char_names)] // the standard's own
fn compress(state: &mut [u32; 8], block: &[u8]) {
    let mut schedule = [0_u32; 16];
    for (word, bytes) in schedule.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (round, constant) in ROUNDS.iter().enumerate() {
        let word = word(&mut schedule, round);
        let choice = (e & f) ^ (!e & g);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let first = (e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
            .wrapping_add(h)
            .wrapping_add(choice)
            .wrapping_add(*constant)
            .wrapping_add(word);
        let second = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22)).wrapping_add(majority);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (word, added) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(added);
    }
}

/// The word of a round; from the sixteenth on it takes the place of that sixteen rounds before.
fn word(schedule: &mut [u32; 16], round: usize) -> u32 {
    if round >= 16 {
        let back = |by: usize| schedule[(round - by) % 16];
        let (near, far) = (back(2), back(15));
        let near = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        let far = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        schedule[round % 16] = near.wrapping_add(back(7)).wrapping_add(far).wrapping_add(back(16));
    }
    schedule[round % 16]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use std::process::Command;
    use std::vec::Vec;
    use std::{format, fs};

    fn both(bytes: &[u8]) -> [u8; LENGTH] {
        let one = |instructions| {
            let mut hash = Sha256::with(instructions);
            hash.update(bytes);
            hash.finish()
        };
        let portable = one(None);
        assert_eq!(one(ShaInstructions::find()), portable, "of {} bytes", bytes.len());
        portable
    }

    #[test]
    fn gives_the_hashes_of_the_standard() {
        let cases: [(&[u8], &str); 3] = [
            (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(both(bytes).as_slice(), hex::bytes(expected));
        }
        let million = Vec::from([b'a'; 1_000]).repeat(1_000);
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(both(&million).as_slice(), hex::bytes(expected));
    }

    #[test]
    fn agrees_with_the_system_at_every_length_around_a_block() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(300).collect();
        let folder = std::env::temp_dir().join(format!("launcher-{}-sha256", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let lengths = [0, 1, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 121, 127, 128, 129, 256, 300];
        for length in lengths {
            fs::write(folder.join(format!("{length:03}")), &bytes[..length]).unwrap();
        }
        let files = lengths.map(|length| folder.join(format!("{length:03}")));
        let output = Command::new("sha256sum").args(files).output().unwrap();
        fs::remove_dir_all(folder).unwrap();
        let text = std::string::String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), lengths.len());
        for (line, length) in text.lines().zip(lengths) {
            assert_eq!(both(&bytes[..length]).as_slice(), hex::bytes(&line[..64]), "{length}");
        }
    }

    #[test]
    fn does_not_depend_on_the_pieces() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(1_000).collect();
        for piece in [1, 3, 63, 64, 65, 200] {
            for instructions in [None, ShaInstructions::find()] {
                let mut hash = Sha256::with(instructions);
                bytes.chunks(piece).for_each(|piece| hash.update(piece));
                assert_eq!(hash.finish(), both(&bytes), "{piece}");
            }
        }
    }
}
