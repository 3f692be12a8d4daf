//! Stand-in until the reader of manifests arrives: the same names, no positions.

use serde::de::DeserializeOwned;

use crate::diagnostic::{Code, Diagnostic, Report};

/// A document, read but not judged.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    source: String,
}

impl Document {
    /// Reads a manifest. `name` is how people know the file.
    ///
    /// # Errors
    /// If it is no manifest at all.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Box<Report>> {
        let source = String::from_utf8_lossy(bytes).into_owned();
        let document = Self { name: name.to_owned(), source };
        match serde_yaml::from_str::<serde_json::Value>(&document.source) {
            Ok(value) if value.is_object() => Ok(document),
            Ok(_) => Err(document.fail("the document is not a mapping".into())),
            Err(error) => {
                let title = error.to_string();
                Err(document.fail(title))
            }
        }
    }

    fn fail(self, title: String) -> Box<Report> {
        Box::new(Report::new(self, vec![Diagnostic::error(Code::ManifestSyntax, title)]))
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the values into a type.
    ///
    /// # Errors
    /// If a value does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Diagnostic> {
        serde_yaml::from_str(&self.source)
            .map_err(|error| Diagnostic::error(Code::WrongType, error.to_string()))
    }
}
