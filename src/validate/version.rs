//! Versions of languages and presets, against the table of images; names of presets.

use super::{Rules, at, choice};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::images::{self, Lookup, newest};
use crate::manifest::Service;
use crate::preset;
use crate::stack;

/// Tags that are another image tomorrow.
const MOVING: [&str; 5] = ["latest", "stable", "lts", "current", "edge"];

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let stack = service.stack.filter(|_| service.dockerfile.is_none());
    if let Some(stack) = stack.and_then(stack::find) {
        let what = What {
            name: &stack::word(stack.name()),
            table: Some(stack.image()),
            usual: stack.default_version(),
        };
        version(rules, name, service, &what);
    }
    let Some(written) = service.preset.as_deref() else { return };
    match preset::find(written) {
        Some(preset) => {
            let what =
                What { name: preset.name, table: preset.table, usual: preset.default_version };
            version(rules, name, service, &what);
        }
        None => unknown_preset(rules, name, written),
    }
}

fn unknown_preset(rules: &mut Rules<'_>, name: &str, written: &str) {
    let place = Location::value(at(name, "preset"));
    let problem = Diagnostic::error(
        Code::UnknownPreset,
        place.clone(),
        format!("there is no preset {}", word(written)),
    );
    let names: Vec<_> = preset::ALL.iter().map(|preset| preset.name).collect();
    rules.report(if let Some(advice) = preset::advice(written) {
        problem.help(advice)
    } else if let Some(near) = nearest(written, names.iter().copied()) {
        problem.help(format!("did you mean `{near}`?")).patch(place, near)
    } else {
        problem.help(format!("use {}, or any image with `image`", choice(&names)))
    });
}

/// What has the version.
struct What<'a> {
    name: &'a str,
    table: Option<&'static str>,
    usual: &'static str,
}

fn version(rules: &mut Rules<'_>, name: &str, service: &Service, what: &What<'_>) {
    let What { name: what, table, usual } = *what;
    let Some(written) = service.version.as_ref().map(|version| version.0.as_str()) else { return };
    // A preset's version may name the variant of the image itself: `17-alpine`.
    let (number, variant) = match written.split_once('-') {
        Some((number, variant)) => (number, Some(variant)),
        None => (written, None),
    };
    let place = Location::value(at(name, "version"));
    if MOVING.contains(&number) {
        let problem = Diagnostic::error(
            Code::UnknownVersion,
            place,
            format!("`{number}` of `{what}` is another version tomorrow"),
        );
        rules.report(
            problem.help(format!("name the version that is meant, for example `\"{usual}\"`")),
        );
        return;
    }
    if let Some(variant) = variant.filter(|_| service.stack.is_some()) {
        let problem = Diagnostic::error(
            Code::UnknownVersion,
            Location::within(at(name, "version"), number.len()..written.len()),
            format!("the version of `{what}` names a variant of the image"),
        );
        rules.report(problem.help(format!(
            "write `version: \"{number}\"`{}",
            if variant.contains("alpine") { " and `base: alpine`" } else { "" }
        )));
    }
    let Some(table) = table else { return };
    match images::lookup(table, number) {
        Lookup::Known(release) if release.has_ended() => {
            let day = release.end_of_life.unwrap_or_default();
            let problem = Diagnostic::warning(
                Code::EndOfLifeVersion,
                place,
                format!("`{what}` {number} gets no more fixes"),
            )
            .label(format!("ended on {day}"));
            rules.report(match newest(table) {
                Some(newest) => problem.help(format!("the newest version is `\"{newest}\"`")),
                None => problem,
            });
        }
        Lookup::Known(_) => {}
        Lookup::Newer => {
            let problem = Diagnostic::warning(
                Code::NewerVersion,
                place,
                format!("`{what}` {number} is newer than this gen knows"),
            );
            let known = newest(table).unwrap_or_default();
            rules.report(problem.help(format!(
                "the newest that it knows is `\"{known}\"`: look at the first build, or install a \
                 newer gen"
            )));
        }
        Lookup::Unknown(known) if known.is_empty() => {}
        Lookup::Unknown(known) => {
            let problem = Diagnostic::error(
                Code::UnknownVersion,
                place,
                format!("there is no maintained image for version `{number}` of `{what}`"),
            );
            rules.report(problem.help(advice(number, &known)));
        }
    }
}

/// The versions that there are, the likely one first.
fn advice(asked: &str, known: &[&'static str]) -> String {
    let zero = format!("{asked}0");
    if known.contains(&zero.as_str()) && asked.contains('.') {
        return format!("was `\"{zero}\"` meant? Without quotes, some programs drop the zero");
    }
    let asked = numbers(asked);
    let above = known.iter().filter(|version| !asked.is_empty() && numbers(version) > asked);
    let near = above.min_by_key(|version| numbers(version));
    match near {
        Some(near) if known.len() > 1 => {
            format!("the nearest is `\"{near}\"`; there are {}", list(known))
        }
        _ => format!("there is {}", list(known)),
    }
}

fn list(known: &[&'static str]) -> String {
    let words: Vec<_> = known.iter().map(|version| format!("`\"{version}\"`")).collect();
    words.join(", ")
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}
