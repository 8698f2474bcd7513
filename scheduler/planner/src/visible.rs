//! The feature groups that a request may use, by name and version, and the version that stands for each name.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use mangonel_proto::{
    Error,
    names::{shown, split_version},
    v1::{Feature, FeatureGroup, FeatureRequest},
};

use crate::{
    query::table_name,
    spelling::{did_you_mean, nearest},
};

/// A feature of one version of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) group: &'a FeatureGroup,
    pub(crate) feature: &'a Feature,
}

impl Found<'_> {
    pub(crate) fn qualified(&self) -> String {
        format!("{}.{}", table_name(self.group), self.feature.name)
    }
}

/// Every visible version of every group, and which version its bare name means.
pub(crate) struct Visible<'a> {
    versions: BTreeMap<&'a str, BTreeMap<u32, &'a FeatureGroup>>,
    /// Group name -> version named for the whole request; the latest stands for the others.
    named: BTreeMap<&'a str, u32>,
    /// Lower-case feature name -> where the chosen versions have it, by group name.
    features: HashMap<String, Vec<Found<'a>>>,
    /// Names compared so far to offer similar ones.
    compared: Cell<usize>,
}

/// Names compared at most for one request: a thousand misspelled names must not cost minutes.
const COMPARED_MAX: usize = 1_000_000;

impl<'a> Visible<'a> {
    /// Reads which versions `request` names; those that do not exist are problems.
    pub(crate) fn new(groups: &'a [FeatureGroup], request: &FeatureRequest, problems: &mut Vec<Error>) -> Self {
        let mut versions: BTreeMap<&str, BTreeMap<u32, &FeatureGroup>> = BTreeMap::new();
        for group in groups {
            let slot = versions.entry(&group.name).or_default().entry(group.version).or_insert(group);
            // The same version twice cannot be; should it be, the answer must not depend on the order of `groups`.
            if group.id > slot.id {
                *slot = group;
            }
        }
        let mut visible = Self { versions, named: BTreeMap::new(), features: HashMap::new(), compared: Cell::new(0) };
        visible.named = visible.named_versions(request, problems);
        let chosen: Vec<&FeatureGroup> = visible.chosen().collect();
        for group in chosen {
            for feature in &group.features {
                visible.features.entry(feature.name.to_ascii_lowercase()).or_default().push(Found { group, feature });
            }
        }
        visible
    }

    /// Versions named by `group_versions` (where 0 means the latest), then by `group_version.feature` where all such names
    /// of a group agree.
    fn named_versions(&self, request: &FeatureRequest, problems: &mut Vec<Error>) -> BTreeMap<&'a str, u32> {
        let mut qualified: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (group, _) in request.features.iter().filter_map(|text| text.rsplit_once('.')) {
            if let Ok((group, true)) = self.group_or_version(group) {
                qualified.entry(&group.name).or_default().insert(group.version);
            }
        }
        let alone = |(name, versions): (&'a str, BTreeSet<u32>)| {
            if versions.len() == 1 { versions.first().map(|version| (name, *version)) } else { None }
        };
        let mut named: BTreeMap<&str, u32> = qualified.into_iter().filter_map(alone).collect();
        let wanted: BTreeMap<&String, u32> =
            request.group_versions.iter().map(|(name, version)| (name, *version)).collect();
        for (name, version) in wanted {
            match self.group(name, Some(version).filter(|version| *version > 0)) {
                Ok(group) => {
                    named.insert(&group.name, group.version);
                }
                Err(problem) => problems.push(problem),
            }
        }
        named
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The version that each group's bare name means, by name.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = &'a FeatureGroup> + '_ {
        self.versions.iter().filter_map(|(name, versions)| match self.named.get(name) {
            Some(version) => versions.get(version).copied(),
            None => versions.values().next_back().copied(),
        })
    }

    /// Why a bare name means `version` of `group`, in words.
    pub(crate) fn version_reason(&self, group: &FeatureGroup) -> String {
        let versions = self.versions.get(group.name.as_str()).map_or(1, BTreeMap::len);
        match (self.named.contains_key(group.name.as_str()), versions) {
            (true, _) => format!("version {} is named in the request", group.version),
            (false, 1) => "its only version".into(),
            (false, _) => format!("version {} is the latest of {versions}", group.version),
        }
    }

    /// The group called `name`, in `version`, else in the version that its bare name means.
    pub(crate) fn group(&self, name: &str, version: Option<u32>) -> Result<&'a FeatureGroup, Error> {
        let found = self.versions.get_key_value(name.to_ascii_lowercase().as_str());
        let Some((&name, versions)) = found else {
            let known = self.chosen().map(|group| (group.name.as_str(), table_name(group)));
            let offers = nearest(name, known);
            let message = format!("feature group `{}` not found{}", shown(name), did_you_mean(&offers));
            return Err(Error::not_found(message).reason("FeaturegroupNotFound").named(offers));
        };
        let version = version.or_else(|| self.named.get(name).copied());
        let found = match version {
            Some(version) => versions.get(&version),
            None => versions.values().next_back(),
        };
        found.copied().ok_or_else(|| {
            let known: Vec<String> = versions.keys().map(u32::to_string).collect();
            let noun = if known.len() == 1 { "version" } else { "versions" };
            let message = format!(
                "feature group `{name}` has no version {}: it has {noun} {}",
                version.unwrap_or_default(),
                known.join(", ")
            );
            Error::not_found(message)
                .reason("FeaturegroupNotFound")
                .named(versions.values().map(|group| table_name(group)))
        })
    }

    /// The group that `text` names as `group` or `group_version`, and whether it names the version.
    pub(crate) fn group_or_version(&self, text: &str) -> Result<(&'a FeatureGroup, bool), Error> {
        // No group name ends like a version, so `_<digits>` always is one.
        match split_version(text) {
            Some((name, version)) => Ok((self.group(name, Some(version))?, true)),
            None => Ok((self.group(text, None)?, false)),
        }
    }

    /// Every group whose chosen version has the feature `name`, by group name; spelled exactly so if any is, else
    /// without regard to case.
    pub(crate) fn holders(&self, name: &str) -> Vec<Found<'a>> {
        let all = self.features.get(&name.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
        let exact: Vec<Found> = all.iter().filter(|found| found.feature.name == name).copied().collect();
        if exact.is_empty() { all.to_vec() } else { exact }
    }

    /// The problem of a feature that no chosen version has: where another version has it, else what is spelled like it.
    pub(crate) fn feature_not_found(&self, name: &str) -> Error {
        let others = self.versions.values().filter_map(|versions| other_versions(versions, name));
        let others: Vec<Elsewhere> = others.collect();
        if !others.is_empty() {
            return elsewhere(&format!("feature `{}`", shown(name)), &others);
        }
        let known = self.features.values().flatten().map(|found| (found.feature.name.as_str(), found.qualified()));
        self.compared.set(self.compared.get() + self.features.len());
        let offers = if self.compared.get() > COMPARED_MAX { vec![] } else { nearest(name, known) };
        not_found(&format!("feature `{}`", shown(name)), &offers)
    }

    /// The problem of a feature that `group` does not have: where another version of it does, else another group, else what
    /// is spelled like it.
    pub(crate) fn not_in_group(&self, name: &str, group: &FeatureGroup) -> Error {
        let what = format!("feature `{}` of `{}`", shown(name), table_name(group));
        let versions = self.versions.get(group.name.as_str());
        if let Some(found) = versions.and_then(|versions| other_versions(versions, name)) {
            return elsewhere(&what, &[found]);
        }
        let holders: Vec<String> = self.holders(name).iter().map(Found::qualified).collect();
        if holders.is_empty() {
            let known = group.features.iter().map(|feature| {
                let found = Found { group, feature };
                (feature.name.as_str(), found.qualified())
            });
            return not_found(&what, &nearest(name, known));
        }
        not_found(&what, &holders)
    }
}

/// The feature called `name` of one group: spelled exactly so if there is one, else without regard to case.
pub(crate) fn feature_of<'a>(group: &'a FeatureGroup, name: &str) -> Option<&'a Feature> {
    let exact = group.features.iter().find(|feature| feature.name == name);
    exact.or_else(|| group.features.iter().find(|feature| feature.name.eq_ignore_ascii_case(name)))
}

/// Versions of one group that have a feature, oldest first.
struct Elsewhere {
    versions: String,
    group: String,
    offer: String,
}

fn other_versions(versions: &BTreeMap<u32, &FeatureGroup>, name: &str) -> Option<Elsewhere> {
    let having: Vec<Found> =
        versions.values().filter_map(|group| feature_of(group, name).map(|feature| Found { group, feature })).collect();
    let newest = having.last()?;
    let numbers: Vec<String> = having.iter().map(|found| found.group.version.to_string()).collect();
    let noun = if numbers.len() == 1 { "version" } else { "versions" };
    Some(Elsewhere {
        versions: format!("{noun} {}", numbers.join(", ")),
        group: newest.group.name.clone(),
        offer: newest.qualified(),
    })
}

fn elsewhere(what: &str, found: &[Elsewhere]) -> Error {
    let places: Vec<String> = found.iter().map(|place| format!("{} of `{}`", place.versions, place.group)).collect();
    let offers: Vec<String> = found.iter().map(|place| format!("`{}`", place.offer)).collect();
    let message =
        format!("{what} not found: it exists only in {}: write {}", places.join(" and in "), offers.join(" or "));
    Error::not_found(message).reason("FeatureNotFound").named(found.iter().map(|place| place.offer.clone()))
}

fn not_found(what: &str, offers: &[String]) -> Error {
    let message = format!("{what} not found{}", did_you_mean(offers));
    Error::not_found(message).reason("FeatureNotFound").named(offers.iter().cloned())
}
