//! The `gen` program.
#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr)]
use composegen::{compile, document::Document, tree::AnyTree};
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let text = std::fs::read(format!("{dir}/gen.yaml")).unwrap();
    let document = match Document::parse("gen.yaml", &text) {
        Ok(d) => d,
        Err(r) => {
            eprintln!("{}", r.render(true));
            return;
        }
    };
    match compile::compile(&document, &AnyTree) {
        Ok(c) => {
            for f in c.files {
                let p = format!("{dir}/{}", f.path);
                std::fs::create_dir_all(std::path::Path::new(&p).parent().unwrap()).unwrap();
                std::fs::write(p, f.text).unwrap();
            }
        }
        Err(compile::CompileError::Invalid(d)) => {
            eprintln!("{}", composegen::diagnostic::Report::new(document, d).render(true))
        }
        Err(e) => eprintln!("{e}"),
    }
}
