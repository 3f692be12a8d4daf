//! The floor of the benchmark: the least that a program has to do that compares or writes files.
//!
//! `floor compare A B` reads every file named on standard input below both folders and compares
//! them; `floor write A B` reads them below A and writes them below B.

use std::io::Read as _;
use std::path::Path;
use std::{env, fs, io, process};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let (from, to) = (Path::new(&arguments[2]), Path::new(&arguments[3]));
    let mut list = String::new();
    io::stdin().read_to_string(&mut list)?;
    for path in list.lines() {
        let bytes = fs::read(from.join(path))?;
        if arguments[1] == "write" {
            fs::write(to.join(path), bytes)?;
        } else if fs::read(to.join(path))? != bytes {
            process::exit(3);
        }
    }
    Ok(())
}
