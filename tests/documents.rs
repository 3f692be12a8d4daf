//! The schema and the README's reference are what the manifest types say.
//! `SNAPSHOTS=overwrite cargo test --test documents` writes them anew.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

mod support;

use std::fs;
use std::path::PathBuf;

use composegen::schema;

const BEGIN: &str =
    "<!-- The reference is made from the schema: `SNAPSHOTS=overwrite cargo test`. -->\n";
const END: &str = "<!-- End of the reference. -->\n";

fn keep_current(path: PathBuf, text: &str) {
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        fs::write(&path, text).expect("writable");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is not current: SNAPSHOTS=overwrite cargo test", path.display());
}

#[test]
fn the_schema_is_current() {
    let mut text = serde_json::to_string_pretty(&schema::generate()).expect("JSON");
    text.push('\n');
    keep_current(support::root().join("schema/gen.schema.json"), &text);
}

#[test]
fn the_reference_is_current() {
    let path = support::root().join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let (before, rest) = readme.split_once(BEGIN).expect("the reference begins");
    let (_, after) = rest.split_once(END).expect("the reference ends");
    let reference = schema::reference::reference(&schema::generate());
    keep_current(path, &format!("{before}{BEGIN}\n{reference}{END}{after}"));
}
