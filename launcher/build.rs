//! Links the program without libc: its own `_start`, a fixed address, nothing to relocate and no loader.

const ARGUMENTS: [&str; 6] = [
    "-nostartfiles",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
    // A mapping less. Relocated data is for a loader to protect, and there is none.
    "-Wl,-z,norelro",
];

fn main() {
    for argument in ARGUMENTS {
        println!("cargo:rustc-link-arg-bin=launcher={argument}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
