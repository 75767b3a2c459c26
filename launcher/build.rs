//! Links the program without libc: its own `_start`, a fixed address, nothing to relocate and no loader.

use std::env;

const ARGUMENTS: [&str; 6] = [
    "-nostartfiles",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
    // Its script says what is mapped; relocated data is for a loader to protect, and there is none.
    "-Wl,-z,norelro,--no-eh-frame-hdr",
];

fn main() {
    for argument in ARGUMENTS {
        println!("cargo:rustc-link-arg-bin=launcher={argument}");
    }
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-arg-bin=launcher=-Wl,-T,{folder}/launcher.ld");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=launcher.ld");
}
