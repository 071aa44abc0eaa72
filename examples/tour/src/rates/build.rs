//! Makes the table of plans out of `plans.csv`.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=plans.csv");
    let table = fs::read_to_string("plans.csv").expect("plans.csv is next to build.rs");
    let mut code = String::from("&[\n");
    for line in table.lines().skip(1).filter(|line| !line.is_empty()) {
        let (name, cents) = line.split_once(',').expect("a plan is NAME,CENTS");
        code += &format!("    Plan {{ name: {name:?}, cents_per_hour: {cents} }},\n");
    }
    code += "]\n";
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("plans.rs"), code).expect("OUT_DIR can be written to");
}
