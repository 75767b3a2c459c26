//! Links the program without libc: its own `_start`, a fixed address, nothing to relocate and no loader.

fn main() {
    for argument in ["-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none"] {
        println!("cargo:rustc-link-arg-bin=launcher={argument}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
