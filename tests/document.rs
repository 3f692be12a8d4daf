//! Reading: places, spellings, and everything that is no manifest.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

use std::ops::Range;
use std::time::{Duration, Instant};

use composegen::diagnostic::{Code, Location};
use composegen::document::{Document, MAXIMUM_BYTES, Node, NodeKind};
use composegen::pointer;
use proptest::prelude::*;

fn parse(text: &str) -> Document {
    match Document::parse("gen.yaml", text.as_bytes()) {
        Ok(document) => document,
        Err(report) => panic!("{}", report.render(false)),
    }
}

fn code(bytes: &[u8]) -> Code {
    Document::parse("gen.yaml", bytes).unwrap_err().diagnostics[0].code
}

fn text(document: &Document, span: Range<usize>) -> &str {
    &document.source()[span]
}

#[test]
fn keeps_spellings() {
    let document = parse(
        "a: 3.10\nb: 017\nc: 0x1F\nd: 1_000\ne: 42\nf: yes\ng: TRUE\nh: .inf\ni: 1e3\nj: ~\nk: \"5\"\n\
         l: 99999999999999999999\nm: -0\nn: +1\n",
    );
    let kinds: Vec<_> = match &document.root().kind {
        NodeKind::Mapping(entries) => entries.iter().map(|entry| format!("{:?}", entry.value.kind)),
        _ => panic!(),
    }
    .collect();
    assert_eq!(
        kinds.join(" "),
        "Number(\"3.10\") Number(\"017\") Number(\"0x1F\") Number(\"1_000\") Integer(42) Text(\"yes\") \
         Boolean(true) Number(\".inf\") Number(\"1e3\") Null Text(\"5\") \
         Number(\"99999999999999999999\") Number(\"-0\") Number(\"+1\")"
    );
    assert_eq!(
        document.to_json().to_string(),
        "{\"a\":3.1,\"b\":\"017\",\"c\":\"0x1F\",\"d\":\"1_000\",\"e\":42,\"f\":\"yes\",\"g\":true,\
         \"h\":\".inf\",\"i\":1000.0,\"j\":null,\"k\":\"5\",\"l\":1e+20,\"m\":-0.0,\"n\":\"+1\"}"
    );
    let read: std::collections::BTreeMap<String, Option<String>> = document.read().unwrap();
    let read: Vec<_> = read.into_values().map(Option::unwrap_or_default).collect();
    assert_eq!(
        read.join(" "),
        "3.10 017 0x1F 1_000 42 yes TRUE .inf 1e3  5 99999999999999999999 -0 +1"
    );
}

#[test]
fn finds_places() {
    let document = parse(
        "name: \"a'b\"\nlist:\n  - one\n  - {two: 'it''s'}\nempty:\nflow: [ {a: 1}, # c\n  b ]\n\
         block: |\n  text\n  more\nlast: 1\n",
    );
    let locate = |location| text(&document, document.locate(&location));
    let extent = |location| text(&document, document.extent(&location));
    assert_eq!(locate(Location::value(pointer!["name"])), "\"a'b\"");
    assert_eq!(locate(Location::within(pointer!["name"], 1..2)), "'");
    assert_eq!(locate(Location::within(pointer!["name"], 9..12)), "\"a'b\"");
    assert_eq!(locate(Location::within(pointer!["list", 1, "two"], 0..2)), "'it''s'");
    assert_eq!(locate(Location::value(pointer!["list"])), "list");
    assert_eq!(locate(Location::key(pointer!["list", 0])), "one");
    assert_eq!(extent(Location::value(pointer!["list", 1])), "{two: 'it''s'}");
    assert_eq!(locate(Location::value(pointer!["list", 1, "two", "x", "y"])), "two");
    assert_eq!(locate(Location::value(pointer!["empty"])), "empty");
    assert_eq!(extent(Location::value(pointer!["flow"])), "[ {a: 1}, # c\n  b ]");
    assert_eq!(locate(Location::value(pointer!["flow"])), "flow");
    assert_eq!(extent(Location::value(pointer!["block"])), "text\n  more");
    assert_eq!(locate(Location::value(pointer!["nowhere"])), "");
    assert_eq!(
        document.line_column(document.locate(&Location::key(pointer!["last"])).start),
        (11, 1)
    );
}

#[test]
fn columns_count_characters_and_marks_are_skipped() {
    let document = Document::parse("gen.yaml", "\u{FEFF}näme: ü\r\nb: 1\r\n".as_bytes()).unwrap();
    assert!(document.source().starts_with("näme"));
    let place = document.locate(&Location::value(pointer!["näme"]));
    assert_eq!(text(&document, place.clone()), "ü");
    assert_eq!(document.line_column(place.start), (1, 7));
    assert_eq!(text(&document, document.locate(&Location::value(pointer!["b"]))), "1");
}

#[test]
fn follows_aliases() {
    let document = parse("x-a: &a {b: [1, 2]}\nc: *a\n");
    assert_eq!(text(&document, document.locate(&Location::value(pointer!["c"]))), "*a");
    assert_eq!(text(&document, document.locate(&Location::value(pointer!["c", "b", 1]))), "2");
}

#[test]
fn refuses_what_is_no_manifest() {
    assert_eq!(code(b"a: \xff\n"), Code::ManifestEncoding);
    assert_eq!(
        code("a: ü\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice()),
        Code::ManifestEncoding
    );
    assert_eq!(code(b"a: \0\n"), Code::ManifestEncoding);
    assert_eq!(code(b"\x7fELF\x02\x01\x01\0\0\0"), Code::ManifestEncoding);
    assert_eq!(code("a: \u{FEFF}b\n".as_bytes()), Code::ManifestEncoding);
    assert_eq!(code(b""), Code::EmptyManifest);
    assert_eq!(code("\u{FEFF}".as_bytes()), Code::EmptyManifest);
    assert_eq!(code(b"---\n...\n"), Code::EmptyManifest);
}

/// Runs a hostile document and says how it ended, if that took no time to speak of.
fn hostile(text: &str) -> Code {
    let start = Instant::now();
    let code = code(text.as_bytes());
    assert!(start.elapsed() < Duration::from_secs(40), "{:?} for {:.40}", start.elapsed(), text);
    code
}

#[test]
fn refuses_large_documents_at_once() {
    let start = Instant::now();
    let report = Document::parse("gen.yaml", &vec![b'a'; 100_000_000]).unwrap_err();
    assert_eq!(report.diagnostics[0].code, Code::DocumentTooLarge);
    assert!(report.render(false).contains("100000000 bytes"));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn refuses_bombs() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, before) in ('b'..='i').zip('a'..) {
        let aliases = vec![format!("*{before}"); 9].join(",");
        bomb += &format!("{name}: &{name} [{aliases}]\n");
    }
    assert_eq!(hostile(&bomb), Code::ManifestTooComplex);
    assert_eq!(hostile(&("a: ".to_owned() + &"[".repeat(400_000))), Code::ManifestTooComplex);
    assert_eq!(hostile(&("a: ".to_owned() + &"{a: ".repeat(200_000))), Code::ManifestTooComplex);
    let steps: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(hostile(&steps), Code::ManifestTooComplex);
    assert_eq!(hostile(&"- ".repeat(200_000)), Code::ManifestTooComplex);
    assert_eq!(hostile(&"? ".repeat(200_000)), Code::ManifestTooComplex);
    assert_eq!(hostile(&"- a\n".repeat(260_000)), Code::ManifestTooComplex);
    assert_eq!(hostile(&"a".repeat(MAXIMUM_BYTES)), Code::NotAMapping);
    assert_eq!(hostile(&("a: \"".to_owned() + &"x\n  ".repeat(200_000))), Code::ManifestSyntax);
    assert_eq!(hostile(&"---\n".repeat(200_000)), Code::SeveralDocuments);
    hostile(&"&a ".repeat(300_000));
    hostile(&"!".repeat(MAXIMUM_BYTES));
    hostile(&"a: b: ".repeat(100_000));
    hostile(&"\t".repeat(MAXIMUM_BYTES));
    hostile(&"{".repeat(30));
}

#[test]
fn reads_large_manifests_in_time() {
    let start = Instant::now();
    let many: String = (0..10_000).map(|number| format!("k{number}: [a, {{b: 1}}]\n")).collect();
    parse(&many);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

/// Every span of a tree lies in the source and does not cut characters.
fn spans(source: &str, node: &Node) {
    assert!(source.get(node.span.clone()).is_some(), "{:?} of {source:?}", node.span);
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| spans(source, item)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|entry| {
            assert!(source.get(entry.key_span.clone()).is_some());
            spans(source, &entry.value);
        }),
        _ => {}
    }
}

fn survives(bytes: &[u8]) {
    match Document::parse("gen.yaml", bytes) {
        Ok(document) => {
            spans(document.source(), document.root());
            let diagnostics = composegen::schema::check(&document);
            let _ = composegen::diagnostic::render(&document, &diagnostics, false);
            let _ = composegen::diagnostic::to_json(&document, &diagnostics);
            drop(document.read::<composegen::manifest::Manifest>());
        }
        Err(report) => {
            assert_eq!(report.diagnostics.len(), 1);
            let place = report.document.locate(&report.diagnostics[0].location);
            assert!(report.document.source().get(place).is_some());
            let _ = report.render(false);
            let _ = report.to_json();
        }
    }
}

/// Pieces of which YAML, good and bad, is made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "services:\n",
        "  ",
        "\n",
        "- ",
        "? ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "|\n",
        ">-\n",
        "&x ",
        "*x",
        "!t ",
        "!!str ",
        "<<: ",
        "# c\n",
        "---\n",
        "...\n",
        "\t",
        "\r\n",
        "\r",
        "ä",
        "😀",
        "1",
        "0x1F",
        "yes",
        "null",
        "~",
        "\\",
        "%",
        "@",
        "`",
        "\u{85}",
        "\u{2028}",
        "version: 1\n",
        "name: x\n",
        "web: {stack: node}\n",
        "    stack: ",
        "port: ",
        "command: ",
        "    environment:\n",
        "      A: ",
        "x-a: ",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        survives(&bytes);
    }

    #[test]
    fn never_panics_on_text(text in "\\PC{0,40}") {
        survives(text.as_bytes());
    }

    #[test]
    fn never_panics_on_what_looks_like_yaml(text in pieces()) {
        survives(text.as_bytes());
        survives(format!("version: 1\nname: shop\nservices:\n  web:\n    {text}").as_bytes());
    }
}
