//! The kinds of problems. A new one is one entry of the table below.

use std::fmt;

/// Makes the [`Code`] enum from its table: variant, kebab-case name, explanation line by line.
macro_rules! codes {
    ($($variant:ident => $name:literal: [$($line:literal),+ $(,)?])+) => {
        /// The kind of a problem. `gen explain CODE` tells more about it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`.")] $variant),+
        }

        impl Code {
            /// Every code, in the order of the table.
            #[must_use]
            pub const fn all() -> &'static [Self] {
                &[$(Self::$variant),+]
            }

            /// Its name, as it is printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means, why it matters, and how it is mended, with an example.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$variant => concat!($($line, "\n"),+)),+ }
            }
        }
    };
}

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

codes! {
    ManifestSyntax => "manifest-syntax": [
        "TODO.",
    ]
    ManifestEncoding => "manifest-encoding": [
        "TODO.",
    ]
    DocumentTooLarge => "document-too-large": [
        "TODO.",
    ]
    ManifestTooComplex => "manifest-too-complex": [
        "TODO.",
    ]
    TabIndentation => "tab-indentation": [
        "TODO.",
    ]
    DuplicateKey => "duplicate-key": [
        "TODO.",
    ]
    MergeKey => "merge-key": [
        "TODO.",
    ]
    CustomTag => "custom-tag": [
        "TODO.",
    ]
    SeveralDocuments => "several-documents": [
        "TODO.",
    ]
    EmptyManifest => "empty-manifest": [
        "TODO.",
    ]
    NotAMapping => "not-a-mapping": [
        "TODO.",
    ]
    KeyNotText => "key-not-text": [
        "TODO.",
    ]
    UnreadableValue => "unreadable-value": [
        "TODO.",
    ]
    UnknownKey => "unknown-key": [
        "TODO.",
    ]
    MissingKey => "missing-key": [
        "TODO.",
    ]
    WrongType => "wrong-type": [
        "TODO.",
    ]
    UnknownValue => "unknown-value": [
        "TODO.",
    ]
    BadFormat => "bad-format": [
        "TODO.",
    ]
    OutOfRange => "out-of-range": [
        "TODO.",
    ]
    EmptyCollection => "empty-collection": [
        "TODO.",
    ]
    BadName => "bad-name": [
        "TODO.",
    ]
    BadValue => "bad-value": [
        "TODO.",
    ]
    NewerManifest => "newer-manifest": [
        "TODO.",
    ]
    UnknownService => "unknown-service": [
        "TODO.",
    ]
    DependencyCycle => "dependency-cycle": [
        "TODO.",
    ]
    PortClash => "port-clash": [
        "TODO.",
    ]
    UndeclaredVolume => "undeclared-volume": [
        "TODO.",
    ]
    UndeclaredSecret => "undeclared-secret": [
        "TODO.",
    ]
    MissingFolder => "missing-folder": [
        "TODO.",
    ]
    MissingFile => "missing-file": [
        "TODO.",
    ]
    MissingLockFile => "missing-lock-file": [
        "TODO.",
    ]
    UnknownVersion => "unknown-version": [
        "TODO.",
    ]
    EndOfLifeVersion => "end-of-life-version": [
        "TODO.",
    ]
    NewerVersion => "newer-version": [
        "TODO.",
    ]
    UnsupportedStack => "unsupported-stack": [
        "TODO.",
    ]
    UnsupportedManager => "unsupported-manager": [
        "TODO.",
    ]
    UnknownManager => "unknown-manager": [
        "TODO.",
    ]
    UnknownPreset => "unknown-preset": [
        "TODO.",
    ]
    BadPath => "bad-path": [
        "TODO.",
    ]
    BadMount => "bad-mount": [
        "TODO.",
    ]
    ForbiddenMount => "forbidden-mount": [
        "TODO.",
    ]
    NestedMount => "nested-mount": [
        "TODO.",
    ]
    SecretLiteral => "secret-literal": [
        "TODO.",
    ]
    ImageNameClash => "image-name-clash": [
        "TODO.",
    ]
    ImageNotQualified => "image-not-qualified": [
        "TODO.",
    ]
    ServiceKind => "service-kind": [
        "TODO.",
    ]
    NotApplicable => "not-applicable": [
        "TODO.",
    ]
    MissingCommand => "missing-command": [
        "TODO.",
    ]
    ReplicasNeedFront => "replicas-need-front": [
        "TODO.",
    ]
    LiteralDollar => "literal-dollar": [
        "TODO.",
    ]
    BadCommandLine => "bad-command-line": [
        "TODO.",
    ]
    BadHealthcheck => "bad-healthcheck": [
        "TODO.",
    ]
    BadPackageName => "bad-package-name": [
        "TODO.",
    ]
    BadControlCharacter => "bad-control-character": [
        "TODO.",
    ]
    ReservedName => "reserved-name": [
        "TODO.",
    ]
    UnsupportedBase => "unsupported-base": [
        "TODO.",
    ]
}
