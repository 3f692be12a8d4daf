//! One service: its image, and how it runs in each environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{self, Command, ConditionName, DependsOn, Gpu, Manifest, Restart};
use crate::path::ContainerPath;
use crate::preset::{self, Context, Plan};
use crate::project::{
    Capability, Configuration, Dependency, Deployment, Image, Network, Route, Runtime, Service,
};
use crate::resolve::{build, health, runtime};

/// Resolves a service on its own; [`connect`] adds what depends on the others.
pub(super) fn resolve(
    manifest: &Manifest,
    neighbours: &build::Neighbours,
    name: &str,
    written: &manifest::Service,
) -> Service {
    let service = &effective(manifest, written);
    let plan = preset_plan(name, service);
    let origin = origin(manifest, service);
    let image = match (&plan, &service.image, &service.extends) {
        (Some(plan), _, _) => Image::Ready(pinned(&plan.image, service.digest.as_deref())),
        (None, _, Some(other)) => Image::Shared(other.clone()),
        (None, Some(image), None) if service.stack.is_none() && service.dockerfile.is_none() => {
            Image::Ready(pinned(image, service.digest.as_deref()))
        }
        (None, _, None) => {
            Image::Built(Box::new(build::resolve(manifest, neighbours, name, service)))
        }
    };
    let port = service.port.or(plan.as_ref().map(|plan| plan.port));
    let health = health::resolve(service, origin, plan.as_ref(), &image, port);
    let mut resolved = Service {
        name: name.to_owned(),
        port,
        health_off: health.is_none() && health::is_foreign(service, origin, &image),
        health,
        development_test: health::development_test(service, origin, &image, port),
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
    resolved.local = runtime::local(name, service, plan.as_ref(), &resolved);
    resolved.production = runtime::production(service, plan.as_ref(), &resolved);
    resolved.development = runtime::development(name, service, origin, &resolved);
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
