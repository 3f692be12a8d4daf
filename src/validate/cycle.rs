//! Services that wait for each other in a circle.

use std::collections::BTreeMap;

use super::Rules;
use super::dependency::{Wait, waits};
use crate::diagnostic::{Code, Diagnostic};

/// More places than this are not shown.
const MAXIMUM_CAUSES: usize = 4;

/// How far the search is with a service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// On the way down from where the search began, so many steps deep.
    Open(usize),
    /// All that it waits for has been looked at.
    Done,
}

pub(super) fn check(rules: &mut Rules<'_>) {
    let edges: BTreeMap<&str, Vec<Wait<'_>>> = rules
        .services()
        .map(|(name, service)| {
            let mut waits = waits(rules, name, service);
            // Told of where it stands; one that is inherited is told of here.
            waits.retain(|wait| wait.on != name || service.depends_on.is_none());
            (name, waits)
        })
        .collect();
    let mut marks: BTreeMap<&str, Mark> = BTreeMap::new();
    let mut problems = Vec::new();
    for &start in edges.keys() {
        if !marks.contains_key(start) {
            search(&edges, start, &mut marks, &mut problems);
        }
    }
    for problem in problems {
        rules.report(problem);
    }
}

/// Looks at all that a service waits for, without calling itself: a chain may be long.
fn search<'e>(
    edges: &'e BTreeMap<&'e str, Vec<Wait<'e>>>,
    start: &'e str,
    marks: &mut BTreeMap<&'e str, Mark>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut way: Vec<(&str, usize)> = vec![(start, 0)];
    marks.insert(start, Mark::Open(0));
    while let Some((name, next)) = way.last_mut() {
        let Some(wait) = edges.get(name).and_then(|waits| waits.get(*next)) else {
            marks.insert(name, Mark::Done);
            way.pop();
            continue;
        };
        *next += 1;
        match marks.get(wait.on) {
            Some(Mark::Open(depth)) => {
                // Each on the way has gone one step further than the wait that led on.
                let circle = way[*depth..].iter();
                let circle: Vec<_> = circle
                    .filter_map(|(name, next)| Some((*name, edges.get(name)?.get(next - 1)?)))
                    .collect();
                problems.extend(describe(circle));
            }
            Some(Mark::Done) => {}
            None if edges.contains_key(wait.on) => {
                marks.insert(wait.on, Mark::Open(way.len()));
                way.push((wait.on, 0));
            }
            None => {}
        }
    }
}

/// A circle, told from the service whose name comes first.
fn describe(mut circle: Vec<(&str, &Wait<'_>)>) -> Option<Diagnostic> {
    let first = circle.iter().enumerate().min_by_key(|(_, (name, _))| *name)?.0;
    circle.rotate_left(first);
    let (start, wait) = circle.first()?;
    let names: Vec<_> = circle.iter().map(|(name, _)| format!("`{name}`")).collect();
    let title = if circle.len() == 1 {
        format!("the service `{start}` waits for itself")
    } else {
        format!("services wait for each other: {} -> `{start}`", names.join(" -> "))
    };
    let mut problem = Diagnostic::error(Code::DependencyCycle, wait.location.clone(), title)
        .label(format!("`{start}` waits for `{}`", wait.on));
    for (name, wait) in circle.iter().skip(1).take(MAXIMUM_CAUSES) {
        problem = problem.cause(wait.location.clone(), format!("`{name}` waits for `{}`", wait.on));
    }
    Some(problem.help(if circle.len() == 1 {
        "it takes over what the service that it extends waits for: write its own `depends_on`"
    } else {
        "break the circle at the service that can start first and tries again until it is answered"
    }))
}
