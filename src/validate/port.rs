//! Ports of the host: each is published once, and rootless engines may use it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::kind::{Kind, kind};
use super::{Rules, at, plan};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Engine, Publish, Service};
use crate::pointer;
use crate::pointer::Pointer;

/// Where ports listen unless the manifest says otherwise.
const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Rootless engines cannot use lower ones.
const LOWEST: u16 = 1024;

/// Which of the stacks runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stack {
    Development,
    Production,
}

/// A port of the host that a service takes.
struct Taken<'a> {
    service: &'a str,
    profiles: &'a [String],
    host: u16,
    udp: bool,
    address: Ipv4Addr,
    location: Location,
    what: &'static str,
}

impl Taken<'_> {
    /// Whether the two can be there at the same time on the same port.
    fn clashes(&self, other: &Self) -> bool {
        let addresses = self.address == other.address
            || self.address.is_unspecified()
            || other.address.is_unspecified();
        let alternatives = !self.profiles.is_empty()
            && !other.profiles.is_empty()
            && self.profiles.iter().all(|profile| !other.profiles.contains(profile));
        addresses && !alternatives
    }
}

pub(super) fn check(rules: &mut Rules<'_>) {
    for (name, service) in rules.services() {
        numbers(rules, name, service);
        low(rules, name, service);
    }
    let mut told = BTreeSet::new();
    for stack in [Stack::Development, Stack::Production] {
        let taken: Vec<_> =
            rules.services().flat_map(|(name, service)| ports(name, service, stack)).collect();
        let mut by_port: BTreeMap<(u16, bool), Vec<&Taken<'_>>> = BTreeMap::new();
        for port in &taken {
            by_port.entry((port.host, port.udp)).or_default().push(port);
        }
        for ports in by_port.values() {
            for (index, port) in ports.iter().enumerate() {
                let Some(first) = ports[..index].iter().find(|first| first.clashes(port)) else {
                    continue;
                };
                if told.insert((first.location.pointer.clone(), port.location.pointer.clone())) {
                    let free = free(&by_port, port);
                    let start = |port: &Taken<'_>| rules.document.locate(&port.location).start;
                    // The one that is written first has the port.
                    let (first, second) =
                        if start(first) <= start(port) { (*first, *port) } else { (*port, *first) };
                    rules.report(describe(first, second, free, stack));
                }
            }
        }
    }
}

/// The next port that nobody takes.
fn free(taken: &BTreeMap<(u16, bool), Vec<&Taken<'_>>>, port: &Taken<'_>) -> Option<u16> {
    let from = if port.host < LOWEST { port.host + 8000 } else { port.host };
    (from..=u16::MAX).find(|host| !taken.contains_key(&(*host, port.udp)))
}

fn describe(first: &Taken<'_>, port: &Taken<'_>, free: Option<u16>, stack: Stack) -> Diagnostic {
    let (service, host) = (port.service, port.host);
    let where_ = if stack == Stack::Production { " in production" } else { "" };
    let title = if first.service == service {
        format!("`{service}` publishes the port {host} twice{where_}")
    } else {
        format!("`{}` and `{service}` both publish the port {host}{where_}", first.service)
    };
    let problem = Diagnostic::error(Code::PortClash, port.location.clone(), title)
        .label(port.what)
        .cause(first.location.clone(), format!("`{}` has it already", first.service));
    let free = free.unwrap_or(host);
    problem.help(match port.what {
        "a further port" => format!("publish it under a free one, for example {free}"),
        "the debugger's port" => format!("choose a free one, for example `debug_port: {free}`"),
        "a console of the preset" => {
            format!("set `publish: false` for `{service}` or for `{}`", first.service)
        }
        _ => format!(
            "publish `{service}` elsewhere, for example `publish: {free}`; services reach each \
             other without it"
        ),
    })
}

/// The ports that a service takes, as they are resolved.
fn ports<'a>(name: &'a str, service: &'a Service, stack: Stack) -> Vec<Taken<'a>> {
    let production = service.prod.as_ref().filter(|_| stack == Stack::Production);
    if production.and_then(|prod| prod.replicas).is_some_and(|replicas| replicas > 1) {
        return Vec::new();
    }
    let plan = plan(name, service);
    let bind = production.and_then(|prod| prod.bind.as_ref()).or(service.bind.as_ref());
    let address = bind.and_then(|bind| bind.parse().ok()).unwrap_or(LOOPBACK);
    let taken = |host, udp, address, location, what| Taken {
        service: name,
        profiles: &service.profiles,
        host,
        udp,
        address,
        location,
        what,
    };
    let own = match service.port {
        Some(port) => Some((port, Location::value(at(name, "port")))),
        None => plan.as_ref().map(|plan| (plan.port, Location::value(at(name, "preset")))),
    };
    let what =
        if service.port.is_some() { "the port of the service" } else { "the port of the preset" };
    let of_production = production.and_then(|prod| prod.publish);
    let of_production =
        of_production.map(|publish| (publish, pointer!["services", name, "prod", "publish"]));
    let publish = of_production.or(service.publish.map(|publish| (publish, at(name, "publish"))));
    let default = plan.as_ref().is_none_or(|plan| plan.front);
    let main = match (own, publish) {
        (None, _) | (_, Some((Publish::Whether(false), _))) => None,
        (Some(_), Some((Publish::Port(host), at))) => Some((host, Location::value(at))),
        (Some((port, _)), Some((Publish::Whether(true), at))) => Some((port, Location::value(at))),
        (Some(own), None) => default.then_some(own),
    };
    let mut all = Vec::new();
    if let Some((host, location)) = main {
        all.push(taken(host, false, address, location, what));
        for &port in plan.iter().flat_map(|plan| &plan.ports) {
            let location = Location::value(at(name, "preset"));
            all.push(taken(port, false, address, location, "a console of the preset"));
        }
    }
    for (index, text) in service.ports.iter().enumerate() {
        let location = Location::value(at(name, "ports").join(index));
        if let Some((host, udp)) = published(&text.0) {
            all.push(taken(host, udp, address, location, "a further port"));
        }
    }
    let debug = service.dev.as_ref().and_then(|dev| dev.debug_port);
    if let Some(host) = debug.filter(|_| stack == Stack::Development) {
        let location = Location::value(pointer!["services", name, "dev", "debug_port"]);
        all.push(taken(host, false, LOOPBACK, location, "the debugger's port"));
    }
    all
}

/// The host's port of `HOST:CONTAINER`, `CONTAINER`, or either with `/udp`.
fn published(text: &str) -> Option<(u16, bool)> {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let host = numbers.split(':').next()?.parse().ok()?;
    (host > 0).then_some((host, protocol == "udp"))
}

/// Numbers within texts, which the schema knows by their spelling only.
fn numbers(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (index, text) in service.ports.iter().enumerate() {
        let numbers = text.0.split('/').next().unwrap_or_default();
        let mut offset = 0;
        for number in numbers.split(':') {
            let range = offset..offset + number.len();
            offset = range.end + 1;
            if number.parse::<u16>().is_ok_and(|port| port > 0) {
                continue;
            }
            let place = Location::within(at(name, "ports").join(index), range);
            let title = format!("`{number}` is no port");
            rules.report(
                Diagnostic::error(Code::OutOfRange, place, title).help("ports go from 1 to 65535"),
            );
        }
    }
    let own = (at(name, "bind"), service.bind.as_deref());
    let production = pointer!["services", name, "prod", "bind"];
    let production = (production, service.prod.as_ref().and_then(|prod| prod.bind.as_deref()));
    for (at, bind) in [own, production] {
        if let Some(bind) = bind.filter(|bind| bind.parse::<Ipv4Addr>().is_err()) {
            let title = format!("`{bind}` is no address");
            let problem = Diagnostic::error(Code::BadFormat, Location::value(at), title);
            rules.report(problem.help(
                "write `127.0.0.1` for this machine alone, or `0.0.0.0` for every address of it",
            ));
        }
    }
}

/// Rootless Podman uses no port below 1024, on the host or in a container without privileges.
fn low(rules: &mut Rules<'_>, name: &str, service: &Service) {
    if rules.manifest.engine == Some(Engine::Docker) {
        return;
    }
    let built = kind(service).is_some_and(|kind| kind.is_built() || kind == Kind::Extends);
    if let Some(port) = service.port.filter(|port| built && *port < LOWEST) {
        let title = format!("`{name}` listens on the port {port}, which takes privileges");
        let problem = Diagnostic::warning(Code::LowPort, Location::value(at(name, "port")), title);
        rules.report(problem.help(format!(
            "listen on a port from {LOWEST} on, for example {}",
            u32::from(port) + 8000
        )));
    }
    let mut told: BTreeSet<Pointer> = BTreeSet::from([at(name, "port")]);
    for stack in [Stack::Development, Stack::Production] {
        for port in ports(name, service, stack) {
            if port.host >= LOWEST || (!told.insert(port.location.pointer.clone()) && built) {
                continue;
            }
            let title =
                format!("rootless Podman cannot publish the port {} of the host", port.host);
            let problem = Diagnostic::warning(Code::LowPort, port.location, title);
            rules.report(problem.help(format!(
                "publish a port from {LOWEST} on, for example {}",
                u32::from(port.host) + 8000
            )));
        }
    }
}
