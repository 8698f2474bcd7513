//! From the names of a feature request to the groups, columns and joins that they mean. Every problem of a request is
//! reported at once, each with the qualified names to choose from.
//!
//! * A group named without a version means the version in `group_versions`, else the one that `group_version.feature` names
//!   in the same request (if all such names of the group agree), else the latest. `group_version.feature` always means itself.
//! * The root is the group named so, else that of the first feature that is not ambiguous.
//! * A bare name that several groups have is ambiguous, unless it is a join key: in the entity key of one of them, held by at
//!   least one group that the request uses anyway, and made equal by the joins in all of those. It is then taken from the
//!   root if that has it, else from the first group of the request that does.
//! * Names compare without regard to case, an exact match first. Two names for the same feature give one column, at the first
//!   place; two features that would give columns of one name are a problem.

use std::collections::{HashMap, HashSet};

use mangonel_proto::{
    Error, ErrorCode, Result,
    names::shown,
    v1::{FeatureGroup, FeatureRequest, JoinType},
};

use crate::{
    join::{JoinTree, join_tree},
    query::{FeatureQuery, GroupUse, OutputColumn, origin, table_name},
    visible::{Found, Visible, feature_of},
};

/// Resolves `request` over `groups`: every visible version of every group of the project, in any order (the answer does not
/// depend on it).
///
/// # Errors
/// Every problem at once, with the reasons `FeatureNotFound`, `FeaturegroupNotFound`, `FeatureNameCollisionError` and
/// `InferJoinKeyError`.
pub fn resolve(request: &FeatureRequest, groups: &[FeatureGroup]) -> Result<FeatureQuery> {
    let mut problems = Vec::new();
    let visible = Visible::new(groups, request, &mut problems);
    if visible.is_empty() {
        let message = "the feature store has no feature groups yet: create one first";
        return Err(Error::not_found(message).reason("FeaturegroupNotFound"));
    }
    if request.features.is_empty() {
        problems.push(Error::invalid("the request names no feature"));
    }
    let mut names: Vec<Name> = request.features.iter().map(|text| look_up(text, &visible)).collect();
    let root = root(request, &visible, &names, &mut problems);
    let join_type = join_type(request, &mut problems);

    let used = used_groups(root, &names);
    let join_key = distinct(&request.join_key);
    let others: Vec<&FeatureGroup> = visible.chosen().collect();
    let tree = join_tree(&used, &join_key, join_type, &others);
    settle_join_keys(&mut names, &used, &join_key, &tree);

    let mut output = Vec::new();
    // A name that was not understood may stand for the missing link of a join.
    let mut complete = problems.iter().all(|problem| problem.reason != "FeaturegroupNotFound");
    for (text, name) in request.features.iter().zip(names) {
        match name {
            Name::Found(found, reason) => output.push((found, reason)),
            Name::Missing(problem) => {
                complete = false;
                problems.push(problem);
            }
            Name::Several(holders) => {
                complete = false;
                problems.push(ambiguous(text, &holders));
            }
        }
    }
    let output = output_columns(output, &used, join_type, &mut problems);
    problems.extend(tree.key_problems);
    if complete {
        problems.extend(tree.path_problems);
    }
    Error::all(problems)?;

    let mut warnings = several_versions(&used);
    warnings.extend(tree.warnings);
    let mut query =
        FeatureQuery { root: 0, groups: vec![], edges: tree.edges, output, join_type, warnings, limit: request.limit };
    query.groups = used.iter().enumerate().map(|(index, group)| group_use(index, group, &query)).collect();
    Ok(query)
}

/// What one requested name stands for.
enum Name<'a> {
    Found(Found<'a>, String),
    /// Groups that have it, by name.
    Several(Vec<Found<'a>>),
    Missing(Error),
}

fn look_up<'a>(text: &str, visible: &Visible<'a>) -> Name<'a> {
    let Some((group_text, name)) = text.rsplit_once('.') else { return look_up_bare(text, visible) };
    let (group, versioned) = match visible.group_or_version(group_text) {
        Ok(found) => found,
        Err(problem) => return Name::Missing(problem),
    };
    let Some(feature) = feature_of(group, name) else { return Name::Missing(visible.not_in_group(name, group)) };
    let reason = if versioned {
        "group and version are named in the request".into()
    } else {
        format!("the group is named in the request; {}", visible.version_reason(group))
    };
    Name::Found(Found { group, feature }, reason)
}

fn look_up_bare<'a>(name: &str, visible: &Visible<'a>) -> Name<'a> {
    let holders = visible.holders(name);
    match holders.as_slice() {
        [] => Name::Missing(visible.feature_not_found(name)),
        [found] => {
            let reason = format!("the only group that has it; {}", visible.version_reason(found.group));
            Name::Found(*found, reason)
        }
        _ => Name::Several(holders),
    }
}

/// The group that decides which rows come out. `None` when no feature was found to tell.
fn root<'a>(
    request: &FeatureRequest,
    visible: &Visible<'a>,
    names: &[Name<'a>],
    problems: &mut Vec<Error>,
) -> Option<&'a FeatureGroup> {
    let first = names.iter().find_map(|name| match name {
        Name::Found(found, _) => Some(found.group),
        _ => None,
    });
    if request.root.is_empty() {
        return first;
    }
    match visible.group_or_version(&request.root) {
        Ok((group, _)) => Some(group),
        Err(mut problem) => {
            problem.message = format!("root: {}", problem.message);
            problems.push(problem);
            first
        }
    }
}

fn join_type(request: &FeatureRequest, problems: &mut Vec<Error>) -> JoinType {
    let join_type = match JoinType::try_from(request.join_type) {
        Ok(JoinType::Unspecified) => JoinType::Inner,
        Ok(known) => known,
        Err(_) => {
            problems.push(Error::invalid(format!("join type {} is unknown: use inner or left", request.join_type)));
            JoinType::Inner
        }
    };
    if join_type == JoinType::Left && request.root.is_empty() {
        let message = "a left join keeps every row of the root: name it with `root`, such as `teams_features`";
        problems.push(Error::invalid(message));
    }
    join_type
}

/// The root, then every other group in the order in which a feature of it is first named.
fn used_groups<'a>(root: Option<&'a FeatureGroup>, names: &[Name<'a>]) -> Vec<&'a FeatureGroup> {
    let mut used: Vec<&FeatureGroup> = root.into_iter().collect();
    for name in names {
        if let Name::Found(found, _) = name
            && position(&used, found.group).is_none()
        {
            used.push(found.group);
        }
    }
    used
}

fn position(groups: &[&FeatureGroup], group: &FeatureGroup) -> Option<usize> {
    groups.iter().position(|known| known.name == group.name && known.version == group.version)
}

fn distinct(join_key: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in join_key {
        if !kept.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            kept.push(name.clone());
        }
    }
    kept
}

/// Gives bare names that several groups have to the first used group, where they are join keys.
fn settle_join_keys<'a>(names: &mut [Name<'a>], used: &[&'a FeatureGroup], join_key: &[String], tree: &JoinTree) {
    for name in names {
        let Name::Several(holders) = name else { continue };
        let is_key = |found: &Found| found.group.primary_key.contains(&found.feature.name);
        let held: Vec<(usize, &FeatureGroup, Found)> = used
            .iter()
            .enumerate()
            .filter_map(|(index, group)| {
                feature_of(group, &holders[0].feature.name).map(|feature| (index, *group, Found { group, feature }))
            })
            .collect();
        let Some((first, group, found)) = held.first().copied() else { continue };
        let home = origin(&tree.edges, first, &found.feature.name);
        let equal = held.iter().all(|(index, _, other)| origin(&tree.edges, *index, &other.feature.name) == home);
        let named = join_key.iter().any(|name| name.eq_ignore_ascii_case(&found.feature.name));
        // With a join key that cannot be used there is no tree to tell, and that problem is reported already.
        if (equal || !tree.key_problems.is_empty()) && (named || holders.iter().any(is_key)) {
            let place = if first == 0 { "the root" } else { "the first group of the request that has it" };
            let reason =
                format!("a join key that {} groups have; taken from `{}`, {place}", holders.len(), table_name(group));
            *name = Name::Found(found, reason);
        }
    }
}

fn ambiguous(text: &str, holders: &[Found]) -> Error {
    let choices: Vec<String> = holders.iter().map(Found::qualified).collect();
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    let message =
        format!("feature `{}` is in {} feature groups: write one of {}", shown(text), holders.len(), quoted.join(", "));
    Error::new(ErrorCode::Ambiguous, message).reason("FeatureNameCollisionError").named(choices)
}

/// One column per distinct feature, in request order.
fn output_columns(
    found: Vec<(Found, String)>,
    used: &[&FeatureGroup],
    join_type: JoinType,
    problems: &mut Vec<Error>,
) -> Vec<OutputColumn> {
    let mut places: HashMap<String, Found> = HashMap::new();
    let mut output = Vec::new();
    for (found, reason) in found {
        if let Some(first) = places.get(&found.feature.name.to_ascii_lowercase()) {
            if first.qualified() != found.qualified() {
                problems.push(same_column(first, &found));
            }
            continue;
        }
        places.insert(found.feature.name.to_ascii_lowercase(), found);
        let group = position(used, found.group).unwrap_or_default();
        let mut feature = found.feature.clone();
        feature.nullable |= join_type == JoinType::Left && group != 0;
        output.push(OutputColumn { name: feature.name.clone(), group, feature, reason });
    }
    output
}

fn same_column(first: &Found, second: &Found) -> Error {
    let (first, second, name) = (first.qualified(), second.qualified(), &second.feature.name);
    let message = format!("`{first}` and `{second}` would both be the column `{name}`: ask for one of them");
    Error::new(ErrorCode::Ambiguous, message).reason("FeatureNameCollisionError").named([first, second])
}

fn several_versions(used: &[&FeatureGroup]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (index, group) in used.iter().enumerate() {
        if let Some(first) = used[..index].iter().find(|first| first.name == group.name) {
            warnings.push(format!(
                "two versions of one group are joined: `{}` and `{}`",
                table_name(first),
                table_name(group)
            ));
        }
    }
    warnings
}

/// What `query` reads of a group.
fn group_use(index: usize, group: &FeatureGroup, query: &FeatureQuery) -> GroupUse {
    let mut needed: HashSet<&str> = group.primary_key.iter().map(String::as_str).collect();
    needed.extend(query.output.iter().filter(|column| column.group == index).map(|column| column.name.as_str()));
    for edge in &query.edges {
        for (parent, child) in &edge.on {
            if edge.parent == index {
                needed.insert(parent);
            }
            if edge.child == index {
                needed.insert(child);
            }
        }
    }
    needed.insert(&group.event_time);
    let columns = group.features.iter().map(|feature| feature.name.clone());
    let columns = columns.filter(|name| needed.contains(name.as_str())).collect();
    GroupUse { group: group.clone(), columns, latest_per_key: !group.event_time.is_empty() }
}
