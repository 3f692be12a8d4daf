//! One service: its image, and how it runs in each environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{
    self, Command, ConditionName, DependsOn, EnvironmentValue, Gpu, Manifest, Publish, Restart,
};
use crate::path::{ContainerPath, RelativePath};
use crate::preset::{self, Context, Plan};
use crate::project::{
    Capability, Configuration, Dependency, Deployment, Health, HealthTest, Image, Mount, Network,
    PublishedPort, Route, Runtime, Service, Storage, Value,
};
use crate::resolve::build;
use crate::stack::{self, Probe};

/// Where ports listen unless the manifest says otherwise: on this machine alone.
const LOOPBACK: &str = "127.0.0.1";

/// Resolves a service on its own; [`connect`] adds what depends on the others.
pub(super) fn resolve(manifest: &Manifest, name: &str, written: &manifest::Service) -> Service {
    let service = &effective(manifest, written);
    let plan = preset_plan(name, service);
    let origin = origin(manifest, service);
    let image = match (&plan, &service.image, &service.extends) {
        (Some(plan), _, _) => Image::Ready(pinned(&plan.image, service.digest.as_deref())),
        (None, _, Some(other)) => Image::Shared(other.clone()),
        (None, Some(image), None) if service.stack.is_none() && service.dockerfile.is_none() => {
            Image::Ready(pinned(image, service.digest.as_deref()))
        }
        (None, _, None) => Image::Built(Box::new(build::resolve(manifest, name, service))),
    };
    let port = service.port.or(plan.as_ref().map(|plan| plan.port));
    let health = health(service, origin, plan.as_ref(), &image, port);
    let mut resolved = Service {
        name: name.to_owned(),
        port,
        health_off: health.is_none() && has_foreign_health(service, origin, &image),
        health,
        development_test: development_test(service, origin, &image, port),
        depends_on: dependencies(manifest, name, service),
        networks: BTreeSet::new(),
        profiles: service.profiles.iter().cloned().collect(),
        host_access: service.host_access.unwrap_or(false),
        devices: devices(service),
        tmpfs: tmpfs(service, plan.as_ref()),
        secrets: service.secrets.iter().cloned().collect(),
        migration: service.migrate.as_ref().map(Command::words),
        capabilities: capabilities(plan.as_ref(), &image),
        backup: plan.as_ref().and_then(|plan| plan.backup.clone()),
        routes: front_routes(manifest, service, plan.as_ref()),
        configuration: configuration(name, plan.as_ref()),
        shared_memory: plan.as_ref().and_then(|plan| plan.shared_memory).map(str::to_owned),
        stop_grace: plan.as_ref().and_then(|plan| plan.stop_grace).map(str::to_owned),
        local: Runtime::default(),
        development: Runtime::default(),
        production: Runtime::default(),
        deployment: deployment(service, plan.as_ref()),
        image,
    };
    if plan.as_ref().is_some_and(|plan| plan.secret.is_some()) {
        resolved.secrets.insert(preset::secret_name(name));
    }
    resolved.local = local(name, service, plan.as_ref(), &resolved);
    resolved.production = production(service, plan.as_ref(), &resolved);
    resolved.development = development(name, service, origin, &resolved);
    resolved
}

/// The service whose stack and source this one runs: itself, or the one that it extends.
fn origin<'a>(manifest: &'a Manifest, service: &'a manifest::Service) -> &'a manifest::Service {
    service.extends.as_ref().and_then(|other| manifest.services.get(other)).unwrap_or(service)
}

/// A service with what it takes over from the one that it extends: what its program needs, not what
/// others see of it. Maps merge, scalars and lists replace.
fn effective(manifest: &Manifest, written: &manifest::Service) -> manifest::Service {
    let mut service = written.clone();
    let Some(other) = written.extends.as_ref().and_then(|other| manifest.services.get(other))
    else {
        return service;
    };
    fn merge<V: Clone>(into: &mut BTreeMap<String, V>, from: &BTreeMap<String, V>) {
        for (key, value) in from {
            into.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    merge(&mut service.environment, &other.environment);
    merge(&mut service.volumes, &other.volumes);
    if service.secrets.is_empty() {
        service.secrets.clone_from(&other.secrets);
    }
    if service.tmpfs.is_empty() {
        service.tmpfs.clone_from(&other.tmpfs);
    }
    service.depends_on = service.depends_on.or_else(|| other.depends_on.clone());
    service.host_access = service.host_access.or(other.host_access);
    service.gpu = service.gpu.or_else(|| other.gpu.clone());
    // What the stack reads to know the programs of the image.
    service.path = service.path.or_else(|| other.path.clone());
    service.manager = service.manager.or_else(|| other.manager.clone());
    service.build = service.build.or_else(|| other.build.clone());
    service.node = service.node.or_else(|| other.node.clone());
    service.go = service.go.or_else(|| other.go.clone());
    if let Some(dev) = &other.dev {
        let own = service.dev.get_or_insert_default();
        merge(&mut own.environment, &dev.environment);
        merge(&mut own.volumes, &dev.volumes);
    }
    if let Some(prod) = &other.prod {
        let own = service.prod.get_or_insert_default();
        merge(&mut own.environment, &prod.environment);
        own.resources = own.resources.clone().or_else(|| prod.resources.clone());
    }
    service
}

/// What a preset makes of a service, if it has one.
pub(super) fn preset_plan(name: &str, service: &manifest::Service) -> Option<Plan> {
    let preset = preset::find(service.preset.as_deref()?)?;
    let version = service.version.as_ref().map_or(preset.default_version, |version| &version.0);
    Some((preset.plan)(&Context { name, version, service }))
}

/// What a service's data volume holds.
pub(super) fn data_description(manifest: &Manifest, name: &str) -> Option<String> {
    let plan = preset_plan(name, manifest.services.get(name)?)?;
    plan.data.map(|(_, description)| description.to_owned())
}

/// Where requests go: path, host and port, the longest path first.
pub(crate) fn routes(
    manifest: &Manifest,
    service: &manifest::Service,
) -> Vec<(String, String, u16)> {
    let mut routes: Vec<_> = service
        .routes
        .iter()
        .filter_map(|(path, target)| {
            let port = target_port(manifest, target)?;
            Some((route(path)?, target.clone(), port))
        })
        .collect();
    routes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    routes.dedup_by(|a, b| a.0 == b.0);
    routes
}

/// A path that can be routed, without a slash at its end: `/`, or words of letters, digits and
/// `._~-`, each after a `/`.
fn route(path: &str) -> Option<String> {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "._~-".contains(c))
    };
    let words = path.strip_prefix('/')?;
    let words = words.strip_suffix('/').unwrap_or(words);
    (words.is_empty() || words.split('/').all(word)).then(|| format!("/{words}"))
}

fn front_routes(
    manifest: &Manifest,
    service: &manifest::Service,
    plan: Option<&Plan>,
) -> Vec<Route> {
    if plan.is_none_or(|plan| plan.configuration.is_none()) {
        return Vec::new();
    }
    let routes = routes(manifest, service).into_iter();
    routes.map(|(path, service, port)| Route { path, service, port }).collect()
}

fn configuration(name: &str, plan: Option<&Plan>) -> Option<Configuration> {
    let settings = plan?.configuration.as_ref()?;
    let path = preset::configuration_folder(name).file(settings.file);
    Some(Configuration { path, template: settings.template })
}

fn target_port(manifest: &Manifest, name: &str) -> Option<u16> {
    let target = manifest.services.get(name)?;
    target.port.or_else(|| {
        let preset = preset::find(target.preset.as_deref()?)?;
        let version = preset.default_version;
        Some((preset.plan)(&Context { name, version, service: target }).port)
    })
}

fn pinned(image: &str, digest: Option<&str>) -> String {
    match digest {
        Some(digest) => format!("{image}@{digest}"),
        None => image.to_owned(),
    }
}

fn devices(service: &manifest::Service) -> Vec<String> {
    match &service.gpu {
        Some(Gpu::All(true)) => vec!["nvidia.com/gpu=all".into()],
        Some(Gpu::Device(device)) => vec![device.clone()],
        Some(Gpu::All(false)) | None => Vec::new(),
    }
}

/// What a program needs besides what every program has. Of a foreign image nothing is known: most
/// begin as root, make their folders their own, change to their user, and may bind a low port.
fn capabilities(plan: Option<&Plan>, image: &Image) -> BTreeSet<Capability> {
    match (plan, image) {
        (Some(plan), _) => plan.capabilities.clone(),
        (None, Image::Ready(_)) => BTreeSet::from([
            Capability::Chown,
            Capability::DacOverride,
            Capability::Fowner,
            Capability::NetBindService,
            Capability::Setgid,
            Capability::Setuid,
        ]),
        (None, Image::Built(_) | Image::Shared(_)) => BTreeSet::new(),
    }
}

fn tmpfs(service: &manifest::Service, plan: Option<&Plan>) -> Vec<ContainerPath> {
    let own = service.tmpfs.iter().filter_map(|path| ContainerPath::new(path).ok());
    let of_preset = plan.map_or(&["/tmp"][..], |plan| &plan.tmpfs[..]);
    let of_preset = of_preset.iter().filter_map(|path| ContainerPath::new(path).ok());
    own.chain(of_preset).collect::<BTreeSet<_>>().into_iter().collect()
}

fn dependencies(
    manifest: &Manifest,
    name: &str,
    service: &manifest::Service,
) -> BTreeMap<String, Dependency> {
    let mut all = named_dependencies(service);
    // Whom a front sends requests to comes before it, and shares a network with it. That it is
    // healthy is not waited for: one that fails must not take the others with it.
    for target in service.routes.values() {
        if target != name && manifest.services.contains_key(target) {
            all.entry(target.clone()).or_insert(Dependency::Started);
        }
    }
    all
}

fn named_dependencies(service: &manifest::Service) -> BTreeMap<String, Dependency> {
    match &service.depends_on {
        // Whether a name has a health check is known once all are resolved.
        Some(DependsOn::Names(names)) => {
            names.iter().map(|name| (name.clone(), Dependency::Healthy)).collect()
        }
        Some(DependsOn::Conditions(all)) => {
            let dependency = |condition: ConditionName| match condition {
                ConditionName::ServiceStarted => Dependency::Started,
                ConditionName::ServiceHealthy => Dependency::Healthy,
                ConditionName::ServiceCompletedSuccessfully => Dependency::Completed,
            };
            all.iter().map(|(name, c)| (name.clone(), dependency(c.condition))).collect()
        }
        None => BTreeMap::new(),
    }
}

fn deployment(service: &manifest::Service, plan: Option<&Plan>) -> Deployment {
    let production = service.prod.clone().unwrap_or_default();
    let resources = production.resources.unwrap_or_default();
    let memory = plan.map_or("512M", |plan| plan.memory);
    Deployment {
        replicas: production.replicas.unwrap_or(1),
        memory: resources.memory.unwrap_or_else(|| memory.to_owned()),
        cpus: resources.cpus.map(|cpus| cpus.0),
        pids: resources.pids.unwrap_or(plan.map_or(256, |plan| plan.pids)),
        restart: production.restart.unwrap_or(Restart::UnlessStopped),
        // A foreign image may write where it likes; only what we know is held to it.
        read_only: plan.is_some() || service.image.is_none() || service.stack.is_some(),
    }
}

/// The health check: the manifest's, else the preset's, else whether the port answers.
fn health(
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
fn has_foreign_health(
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
fn development_test(
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

fn local(
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

fn production(service: &manifest::Service, plan: Option<&Plan>, resolved: &Service) -> Runtime {
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

fn development(
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
        let facts = stack.map(|stack| stack.development(name, service, &command));
        runtime.command = written
            .command
            .as_ref()
            .map(Command::words)
            .or_else(|| facts.map(|facts| facts.command))
            .or(runtime.command);
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

/// What depends on the other services: conditions, networks.
pub(super) fn connect(services: &mut BTreeMap<String, Service>, behind: &BTreeSet<String>) {
    let healthy: BTreeSet<String> =
        services.values().filter(|s| s.health.is_some()).map(|s| s.name.clone()).collect();
    for service in services.values_mut() {
        for (name, dependency) in &mut service.depends_on {
            if *dependency == Dependency::Healthy && !healthy.contains(name) {
                *dependency = Dependency::Started;
            }
        }
        let data = behind.contains(&service.name);
        if data || service.depends_on.keys().any(|name| behind.contains(name)) {
            service.networks.insert(Network::Back);
        }
        if !data || !service.local.ports.is_empty() || !service.production.ports.is_empty() {
            service.networks.insert(Network::Front);
        }
    }
}
