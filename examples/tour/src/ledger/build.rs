//! Compiles the part in C, for whatever machine the program is for.

fn main() {
    println!("cargo::rerun-if-changed=c");
    cc::Build::new()
        .file("c/check.c")
        .warnings_into_errors(true)
        .compile("check");
}
