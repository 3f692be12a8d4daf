//! JSON pointers: the one way to name a place of the manifest.

use std::fmt;

/// A place in the manifest, as a list of keys and indices. Printed as a JSON pointer (RFC 6901).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The place one step further down.
    #[must_use]
    pub fn join(&self, segment: impl fmt::Display) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment.to_string());
        Self(segments)
    }

    /// The place one step up, and the last step; `None` for the whole document.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, &str)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.to_vec()), last))
    }

    /// The steps from the root.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: fmt::Display> FromIterator<S> for Pointer {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        Self(segments.into_iter().map(|s| s.to_string()).collect())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// `pointer!["services", name, "port"]`: a place, from its steps.
#[macro_export]
macro_rules! pointer {
    ($($segment:expr),* $(,)?) => {
        $crate::pointer::Pointer::root()$(.join(&$segment))*
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_what_rfc_6901_escapes() {
        assert_eq!(pointer!["routes", "/api~v1", 0].to_string(), "/routes/~1api~0v1/0");
        assert_eq!(super::Pointer::root().to_string(), "");
    }
}
