//! The rules that definitions of feature groups and training datasets share: description, dependencies, statistics.

use std::collections::BTreeSet;

use mangonel_proto::{
    Error,
    names::{DESCRIPTION_BYTES_MAX, shown},
    v1::{Dependency, DependencyKind, StatisticsSettings},
};

use crate::spelling::{did_you_mean, nearest};

/// Most histogram bins, and most clusters.
const BINS_MAX: u32 = 1000;
const CLUSTERS_MAX: u32 = 1000;

/// Adds a problem for a description of `what` that is too long.
pub fn check_description(what: &str, description: &str, problems: &mut Vec<Error>) {
    let characters = description.chars().count();
    if characters > DESCRIPTION_BYTES_MAX {
        let message =
            format!("the description of {what} has {characters} characters: at most {DESCRIPTION_BYTES_MAX} are kept");
        problems.push(Error::invalid(message));
    }
}

pub(crate) fn check_dependencies(dependencies: &[Dependency], problems: &mut Vec<Error>) {
    let mut seen = BTreeSet::new();
    for dependency in dependencies {
        let name = shown(&dependency.name);
        match DependencyKind::try_from(dependency.kind) {
            Ok(DependencyKind::Unspecified) | Err(_) => problems.push(Error::invalid(format!(
                "the kind of dependency `{name}` is not given: path, feature group or training dataset"
            ))),
            Ok(_) if dependency.name.is_empty() => problems.push(Error::invalid("a dependency has no name")),
            Ok(_) => {}
        }
        if !seen.insert((dependency.kind, &dependency.name, dependency.version)) {
            problems.push(Error::invalid(format!("dependency `{name}` is given twice")).named([name]));
        }
    }
}

/// Checks the settings of the statistics that are switched on; `columns` are those that there are.
pub(crate) fn check_statistics(settings: &StatisticsSettings, columns: &[&str], problems: &mut Vec<Error>) {
    for name in &settings.columns {
        if !columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
            let offers = nearest(name, columns.iter().map(|column| (column, (*column).to_owned())));
            let message = format!("statistics column `{}` is no feature{}", shown(name), did_you_mean(&offers));
            problems.push(Error::invalid(message).named(offers));
        }
    }
    let method = settings.corr_method.as_str();
    if !matches!(method, "pearson" | "spearman") && (settings.correlation || !method.is_empty()) {
        let message = format!("correlation method `{}` is unknown: use pearson or spearman", shown(method));
        problems.push(Error::invalid(message));
    }
    let numbers = [
        ("num_bins", settings.num_bins, settings.histograms, BINS_MAX),
        ("num_clusters", settings.num_clusters, settings.cluster_analysis, CLUSTERS_MAX),
    ];
    for (name, value, used, max) in numbers {
        if value > max || (used && value == 0) {
            problems.push(Error::invalid(format!("`{name}` is {value}: it must be 1 to {max}")));
        }
    }
}
