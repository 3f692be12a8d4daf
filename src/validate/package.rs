//! Names of system packages.

use super::Rules;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::Service;
use crate::pointer;

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let Some(packages) = &service.packages else { return };
    let lists = [
        ("build", &packages.build),
        ("runtime", &packages.runtime),
        ("development", &packages.development),
    ];
    for (stage, list) in lists {
        for (index, package) in list.iter().enumerate() {
            let Some(offset) = wrong(package) else { continue };
            let at = pointer!["services", name, "packages", stage, index];
            let length = package[offset..].chars().next().map_or(0, char::len_utf8);
            let place = if length == 0 {
                Location::value(at.clone())
            } else {
                Location::within(at.clone(), offset..offset + length)
            };
            let title = format!("{} is no name of a package", word(package));
            let problem = Diagnostic::error(Code::BadPackageName, place, title);
            let lower = package.to_lowercase();
            rules.report(if package.trim().contains([' ', ',']) {
                problem.help("write each package as an entry of its own")
            } else if wrong(&lower).is_none() {
                problem.help("names are in lower case").patch(Location::value(at), lower)
            } else {
                problem.help(
                    "a name is lower-case letters, digits, `+`, `.` and `-`; a version may follow \
                     behind a `=`",
                )
            });
        }
    }
}

/// Where a name stops being one.
fn wrong(package: &str) -> Option<usize> {
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
    let version = |c: char| c.is_ascii_alphanumeric() || "._+:~-".contains(c);
    let (first, rest) = match package.split_once('=') {
        Some((first, rest)) => (first, Some(rest)),
        None => (package, None),
    };
    if !first.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Some(0);
    }
    if let Some(offset) = first.find(|c| !name(c)) {
        return Some(offset);
    }
    // apt takes `name-` for the wish to remove it.
    if first.ends_with('-') {
        return Some(first.len() - 1);
    }
    let rest = rest?;
    if rest.is_empty() {
        return Some(first.len());
    }
    rest.find(|c| !version(c)).map(|offset| first.len() + 1 + offset)
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn finds_the_wrong_character() {
        for (package, expected) in [
            ("libstdc++6", None),
            ("python3.13-dev", None),
            ("ffmpeg=7:7.1.1-1+deb13u1", None),
            ("git=2.49.0-r0", None),
            ("", Some(0)),
            ("-y", Some(0)),
            ("git-", Some(3)),
            ("a;b", Some(1)),
            ("a=", Some(1)),
            ("a=1;b", Some(3)),
        ] {
            assert_eq!(wrong(package), expected, "{package}");
        }
    }
}
