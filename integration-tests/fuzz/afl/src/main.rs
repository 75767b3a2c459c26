//! AFL++ at one of the launcher's decoders: `launcher_afl frames | references`.

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("frames") => afl::fuzz!(|input: &[u8]| launcher_fuzz::frames(input)),
        Some("references") => afl::fuzz!(|input: &[u8]| launcher_fuzz::references(input)),
        _ => eprintln!("usage: launcher_afl frames | references"),
    }
}
