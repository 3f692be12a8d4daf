//! How it is asked whether a service does its work.

use crate::manifest;
use crate::preset::Plan;
use crate::project::{Health, HealthTest, Image};
use crate::stack::{self, Probe};

/// The health check: the manifest's, else the preset's, else whether the port answers.
pub(super) fn resolve(
    service: &manifest::Service,
    origin: &manifest::Service,
    plan: Option<&Plan>,
    image: &Image,
    port: Option<u16>,
) -> Option<Health> {
    let written = service.healthcheck.clone().unwrap_or_default();
    if written.disable == Some(true) {
        return None;
    }
    let command = written.command.as_ref().map(|command| HealthTest::Exec(command.words()));
    let test = command
        .or_else(|| plan.map(|plan| plan.health.test.clone()))
        .or_else(|| probe_test(origin, &written, image, port))?;
    let usual = plan.map(|plan| &plan.health);
    let or = |own: Option<String>, of_preset: fn(&Health) -> &String, default: &str| {
        own.unwrap_or_else(|| usual.map_or_else(|| default.to_owned(), |h| of_preset(h).clone()))
    };
    Some(Health {
        test,
        interval: or(written.interval, |health| &health.interval, "10s"),
        timeout: or(written.timeout, |health| &health.timeout, "5s"),
        retries: written.retries.unwrap_or(usual.map_or(5, |health| health.retries)),
        start_period: or(written.start_period, |health| &health.start_period, "30s"),
    })
}

/// Whether an image may have a health check that is not this service's: another service's, or one
/// that the manifest does not want.
pub(super) fn is_foreign(
    service: &manifest::Service,
    origin: &manifest::Service,
    image: &Image,
) -> bool {
    let disabled = |service: &manifest::Service| {
        service.healthcheck.as_ref().is_some_and(|health| health.disable == Some(true))
    };
    match image {
        Image::Built(build) => build.stack.is_none() && disabled(service),
        Image::Ready(_) => disabled(service),
        Image::Shared(_) if origin.dockerfile.is_some() => true,
        Image::Shared(_) => {
            let command = origin.healthcheck.as_ref().is_some_and(|h| h.command.is_some());
            !disabled(origin) && (command || origin.port.is_some())
        }
    }
}

fn probe_test(
    origin: &manifest::Service,
    written: &manifest::Healthcheck,
    image: &Image,
    port: Option<u16>,
) -> Option<HealthTest> {
    let (stack, probe) = probe(origin, written, image, port)?;
    Some(stack.health_test(origin, &probe))
}

/// The test in development, where the stack's own does not hold there.
pub(super) fn development_test(
    service: &manifest::Service,
    origin: &manifest::Service,
    image: &Image,
    port: Option<u16>,
) -> Option<HealthTest> {
    let written = service.healthcheck.clone().unwrap_or_default();
    if written.disable == Some(true) || written.command.is_some() {
        return None;
    }
    let (stack, probe) = probe(origin, &written, image, port)?;
    stack.development_health_test(origin, &probe)
}

fn probe(
    origin: &manifest::Service,
    written: &manifest::Healthcheck,
    image: &Image,
    port: Option<u16>,
) -> Option<(&'static dyn stack::Stack, Probe)> {
    // An image that we know nothing of has nothing that we could ask with.
    let stack = match image {
        Image::Built(_) | Image::Shared(_) => stack::find(origin.stack?)?,
        Image::Ready(_) => return None,
    };
    let port = port?;
    let probe = match (&written.http, written.grpc) {
        (Some(path), _) => Probe::Http { port, path: path.clone() },
        (None, Some(true)) => Probe::Grpc { port },
        (None, _) => Probe::Tcp { port },
    };
    Some((stack, probe))
}
