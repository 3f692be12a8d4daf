//! What a service is told when it runs, in each environment: command, variables, ports, mounts.

use std::collections::BTreeMap;

use crate::manifest::{self, Command, EnvironmentValue, Publish};
use crate::path::{ContainerPath, RelativePath};
use crate::preset::{self, Plan};
use crate::project::{Image, Mount, PublishedPort, Runtime, Service, Storage, Value};
use crate::resolve::build;
use crate::stack;

/// Where ports listen unless the manifest says otherwise: on this machine alone.
const LOOPBACK: &str = "127.0.0.1";

fn values(map: &BTreeMap<String, EnvironmentValue>) -> impl Iterator<Item = (String, Value)> {
    map.iter().map(|(name, value)| {
        let value = match value {
            EnvironmentValue::Boolean(value) => Value::Text(value.to_string()),
            EnvironmentValue::Integer(value) => Value::Text(value.to_string()),
            EnvironmentValue::Text(value) => Value::Text(value.0.clone()),
            EnvironmentValue::Variable(variable) => Value::Variable {
                name: variable.from.clone(),
                default: variable.default.clone().unwrap_or_default(),
            },
        };
        (name.clone(), value)
    })
}

/// What the manifest says of a variable of the host.
pub(super) fn description(service: &manifest::Service, variable: &str) -> Option<String> {
    let maps = [
        Some(&service.environment),
        service.dev.as_ref().map(|dev| &dev.environment),
        service.prod.as_ref().map(|prod| &prod.environment),
    ];
    maps.into_iter().flatten().flat_map(BTreeMap::values).find_map(|value| match value {
        EnvironmentValue::Variable(found) if found.from == variable => found.description.clone(),
        _ => None,
    })
}

/// A mount of the manifest: `name` or `./folder`, to `/path` or `/path:ro`.
pub(crate) fn mount(source: &str, target: &str) -> Option<Mount> {
    let (target, read_only) = match target.strip_suffix(":ro") {
        Some(target) => (target, true),
        None => (target, false),
    };
    let storage = if source.starts_with('.') {
        Storage::Folder(RelativePath::new(source).ok()?)
    } else if source.starts_with('/') {
        Storage::Host(ContainerPath::new(source).ok()?)
    } else {
        Storage::Volume(source.to_owned())
    };
    Some(Mount { target: ContainerPath::new(target).ok()?, storage, read_only })
}

fn mounts(map: &BTreeMap<String, String>) -> impl Iterator<Item = Mount> {
    map.iter().filter_map(|(source, target)| mount(source, target))
}

/// A port of the manifest: `HOST:CONTAINER` or `CONTAINER`, with `/udp` if it is.
pub(crate) fn published(text: &str, address: &str) -> Option<PublishedPort> {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (host, container) = numbers.split_once(':').unwrap_or((numbers, numbers));
    let udp = protocol == "udp";
    let (host, container) = (host.parse().ok()?, container.parse().ok()?);
    (host > 0 && container > 0).then_some(PublishedPort {
        host,
        container,
        udp,
        address: address.to_owned(),
    })
}

fn publish(
    written: Option<Publish>,
    default: bool,
    port: Option<u16>,
    address: &str,
) -> Option<PublishedPort> {
    let container = port?;
    let host = match written {
        Some(Publish::Port(host)) => host,
        Some(Publish::Whether(whether)) => container.checked_mul(u16::from(whether))?,
        None => container.checked_mul(u16::from(default))?,
    };
    let address = address.to_owned();
    (host > 0).then_some(PublishedPort { host, container, udp: false, address })
}

fn ports(
    service: &manifest::Service,
    plan: Option<&Plan>,
    written: Option<Publish>,
    port: Option<u16>,
    bind: Option<&String>,
) -> Vec<PublishedPort> {
    let address = bind.map_or(LOOPBACK, String::as_str);
    // Data services stay inside, unless the manifest says otherwise; what people call does not.
    let default = plan.is_none_or(|plan| plan.front);
    let main = publish(written, default, port, address);
    let consoles = plan.filter(|_| main.is_some()).map_or(&[][..], |plan| &plan.ports[..]);
    let consoles = consoles.iter().filter_map(|&port| publish(None, true, Some(port), address));
    let further = service.ports.iter().filter_map(|port| published(&port.0, address));
    main.into_iter().chain(consoles).chain(further).collect()
}

pub(super) fn local(
    name: &str,
    service: &manifest::Service,
    plan: Option<&Plan>,
    resolved: &Service,
) -> Runtime {
    let own = service.command.as_ref().map(Command::words);
    let mut environment: BTreeMap<String, Value> = plan
        .iter()
        .flat_map(|plan| &plan.environment)
        .map(|(name, value)| ((*name).to_owned(), Value::Text(value.clone())))
        .collect();
    environment.extend(values(&service.environment));
    let mut all: Vec<Mount> = mounts(&service.volumes).collect();
    if let Some(plan) = plan {
        all.extend(preset_mounts(name, plan, &all));
    }
    all.sort();
    Runtime {
        command: match &resolved.image {
            // Written into the image, but for a Dockerfile that is the user's own.
            Image::Built(build) if build.stack.is_some() => None,
            Image::Built(_) | Image::Shared(_) => own,
            Image::Ready(_) => own.or_else(|| plan.and_then(|plan| plan.command.clone())),
        },
        entrypoint: plan.and_then(|plan| plan.entrypoint.clone()),
        environment,
        ports: ports(service, plan, service.publish, resolved.port, service.bind.as_ref()),
        mounts: all,
        rebuild_on: Vec::new(),
        user: plan.and_then(|plan| plan.user.clone()),
    }
}

/// The data volume of a preset, unless the manifest mounts something there, and its configuration.
fn preset_mounts(name: &str, plan: &Plan, own: &[Mount]) -> Vec<Mount> {
    let data = plan.data.map(|(path, _)| Mount {
        target: preset::container_path(path),
        storage: Storage::Volume(format!("{name}-data")),
        read_only: false,
    });
    let data = data.filter(|data| own.iter().all(|mount| mount.target != data.target));
    let configuration = plan.configuration.as_ref().map(|settings| Mount {
        target: preset::container_path(settings.folder),
        storage: Storage::Folder(preset::configuration_folder(name)),
        read_only: true,
    });
    data.into_iter().chain(configuration).collect()
}

pub(super) fn production(
    service: &manifest::Service,
    plan: Option<&Plan>,
    resolved: &Service,
) -> Runtime {
    let written = service.prod.clone().unwrap_or_default();
    let mut runtime = resolved.local.clone();
    runtime.environment.extend(values(&written.environment));
    if let Some(command) = &written.command {
        runtime.command = Some(command.words());
    }
    let bind = written.bind.as_ref().or(service.bind.as_ref());
    runtime.ports = ports(service, plan, written.publish.or(service.publish), resolved.port, bind);
    if resolved.deployment.replicas > 1 {
        // Several containers cannot share a port of the host.
        runtime.ports.clear();
    }
    runtime
}

pub(super) fn development(
    name: &str,
    service: &manifest::Service,
    origin: &manifest::Service,
    resolved: &Service,
) -> Runtime {
    let written = service.dev.clone().unwrap_or_default();
    let mut runtime = resolved.local.clone();
    runtime.environment.extend(values(&written.environment));
    runtime.mounts.extend(mounts(&written.volumes));
    if let Some(port) = written.debug_port {
        // A debugger runs what it is told to: never beyond this machine.
        let address = LOOPBACK.to_owned();
        runtime.ports.push(PublishedPort { host: port, container: port, udp: false, address });
    }
    let stack = origin.stack.and_then(stack::find);
    if matches!(resolved.image, Image::Ready(_)) {
        runtime.command = written.command.as_ref().map(Command::words).or(runtime.command);
        return runtime;
    }
    if matches!(&resolved.image, Image::Built(build) if build.stack.is_none()) {
        runtime.command = written.command.as_ref().map(Command::words).or(runtime.command.take());
    }
    let folder = stack.map_or_else(|| build::folder(origin), |stack| stack.root(origin));
    if matches!(resolved.image, Image::Shared(_)) {
        let command = runtime.command.clone().unwrap_or_default();
        runtime.command = match (&written.command, stack) {
            (Some(own), Some(stack)) => Some(stack.debugged(own.words(), &written)),
            (Some(own), None) => Some(own.words()),
            (None, Some(stack)) => Some(stack.development(name, service, &command).command),
            (None, None) => runtime.command,
        };
    }
    let workdir = preset::container_path(stack.map_or("/app", |stack| stack.workdir()));
    // Where a Dockerfile of the user's own has its source, only its author knows.
    let known = stack.is_some() || origin.source.is_some();
    let source = if known { build::source(origin) } else { Vec::new() };
    runtime.mounts.extend(source.into_iter().map(|path| Mount {
        target: workdir.join(&path),
        storage: Storage::Folder(folder.join(&path)),
        read_only: false,
    }));
    if let Some(stack) = stack {
        let owner = service.extends.as_deref().unwrap_or(name);
        runtime.mounts.extend(stack.development(owner, origin, &[]).mounts);
        let files = stack.dependency_files(origin);
        runtime.rebuild_on = files.iter().map(|file| folder.join(file)).collect();
        if matches!(resolved.image, Image::Shared(_)) {
            runtime.rebuild_on.clear();
        }
    }
    runtime.mounts.sort();
    runtime
}
