//! A training dataset of the features that join: the group that leads to the most others is the root.

use std::collections::HashSet;

use super::Group;
use crate::demo::description::{DatasetDescription, JoinName, NullName};

/// The features of all groups that can be looked up from the root, each name once.
pub(super) fn guess(groups: &[Group]) -> DatasetDescription {
    let reached: Vec<Vec<usize>> = (0..groups.len()).map(|root| reached_from(groups, root)).collect();
    // Of equals the one with the most rows, then the first.
    let best = (0..groups.len()).max_by_key(|root| (reached[*root].len(), groups[*root].rows, usize::MAX - root));
    let joined = best.map(|root| reached[root].clone()).unwrap_or_default();
    let mut names = HashSet::new();
    let mut features = Vec::new();
    for group in joined.iter().map(|index| &groups[*index].description) {
        let is_key = |name: &String| group.primary_key.contains(name) || group.event_time == *name;
        let values = group.features.keys().filter(|name| !is_key(name));
        for name in values {
            if names.insert(name.to_ascii_lowercase()) {
                features.push(format!("{}_1.{name}", group.name));
            }
        }
    }
    let root = joined.first().map(|index| &groups[*index].description);
    if let (true, Some(root)) = (features.is_empty(), root) {
        features = root.primary_key.iter().map(|name| format!("{}_1.{name}", root.name)).collect();
    }
    let root = root.map(|root| root.name.clone()).unwrap_or_default();
    DatasetDescription {
        name: format!("{}_examples", root.chars().take(54).collect::<String>().trim_end_matches('_')),
        description: String::new(),
        features,
        labels: Vec::new(),
        root,
        // Every row of the root, whatever the other files lack.
        join_type: JoinName::Left,
        null_policy: NullName::Omit,
    }
}

/// Groups whose whole key is in a group that is reached already, the root first.
fn reached_from(groups: &[Group], root: usize) -> Vec<usize> {
    let mut reached = vec![root];
    let mut next = 0;
    while let Some(parent) = reached.get(next).copied() {
        next += 1;
        for child in 0..groups.len() {
            if !reached.contains(&child) && leads_to(&groups[parent], &groups[child]) {
                reached.push(child);
            }
        }
    }
    reached
}

fn leads_to(parent: &Group, child: &Group) -> bool {
    let (parent, child) = (&parent.description, &child.description);
    child.primary_key.iter().all(|key| {
        let there = parent.features.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let is_time = parent.event_time.eq_ignore_ascii_case(key);
        there.is_some_and(|(_, feature)| !is_time && feature.r#type == child.features[key].r#type)
    })
}
