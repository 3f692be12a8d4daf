//! `config/SERVICE/…`: what fronts read, mounted beside the compose files.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::project::{Project, Route, Service};
use crate::render::quote::{Printable, comment};
use crate::render::{self, RenderError};
use crate::rendered::{RenderedFile, Shape};

/// Renders every file that configures a service.
///
/// # Errors
/// Only where a template and its view do not fit.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let mut files = Vec::new();
    for service in project.services.values() {
        if let Some(configuration) = &service.configuration {
            files.push(RenderedFile {
                path: configuration.path.clone(),
                executable: false,
                text: render::template(configuration.template, &View::new(service))?,
                service: Some(service.name.clone()),
                output: "configuration",
                shape: Shape::WholeFile,
            });
        }
    }
    Ok(files)
}

/// What the templates of fronts read. Paths and names are of an alphabet that needs no quotes, or
/// they do not come through.
#[derive(Serialize)]
struct View {
    service: Printable,
    port: u16,
    targets: Vec<Target>,
    routes: Vec<RouteView>,
    has_root: bool,
}

/// A service that requests go to, and the variable that holds its address.
#[derive(Serialize, Clone)]
struct Target {
    variable: String,
    service: String,
    port: u16,
}

#[derive(Serialize)]
struct RouteView {
    path: String,
    root: bool,
    matcher: String,
    variable: String,
    service: String,
    port: u16,
}

impl View {
    fn new(service: &Service) -> Self {
        let targets: BTreeMap<_, _> = service
            .routes
            .iter()
            .map(|route| {
                let target = Target {
                    variable: variable(route),
                    service: route.service.clone(),
                    port: route.port,
                };
                (variable(route), target)
            })
            .collect();
        let routes = service.routes.iter().enumerate().map(|(index, route)| RouteView {
            path: route.path.clone(),
            root: route.path == "/",
            matcher: format!("route{}", index + 1),
            variable: variable(route),
            service: route.service.clone(),
            port: route.port,
        });
        Self {
            service: comment(&service.name),
            // A front has a port of its own in any case.
            port: service.port.unwrap_or_default(),
            targets: targets.into_values().collect(),
            has_root: service.routes.iter().any(|route| route.path == "/"),
            routes: routes.collect(),
        }
    }
}

/// The name of the variable for a service: names of services have no `_` of their own.
fn variable(route: &Route) -> String {
    format!("to_{}", route.service.replace('-', "_"))
}
