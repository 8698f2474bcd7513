//! Whether a feature group can be created as asked. The syntax of types is left to the storage crate, which parses them.

use std::collections::BTreeMap;

use mangonel_proto::{
    Error, Result,
    names::{check_feature_name, check_name, shown},
    v1::{CreateFeatureGroup, Feature},
};

use crate::{
    definition::{check_dependencies, check_description, check_statistics},
    key_type::{is_time, refused_in_key, refused_in_partition},
    spelling::{did_you_mean, nearest},
};

/// Validates the definition of a feature group.
///
/// # Errors
/// Every problem at once, all `invalid_argument`; those of the key with the reason `InvalidPrimaryKey`.
pub fn validate(request: &CreateFeatureGroup) -> Result<()> {
    let mut problems = Vec::new();
    problems.extend(check_name("feature group", &request.name).err());
    check_description("the feature group", &request.description, &mut problems);
    check_features(&request.features, &mut problems);
    check_key(request, &mut problems);
    check_event_time(request, &mut problems);
    check_partitions(request, &mut problems);
    check_dependencies(&request.dependencies, &mut problems);
    if let Some(settings) = &request.statistics {
        let columns: Vec<&str> = request.features.iter().map(|feature| feature.name.as_str()).collect();
        check_statistics(settings, &columns, &mut problems);
    }
    Error::all(problems)
}

fn check_features(features: &[Feature], problems: &mut Vec<Error>) {
    if features.is_empty() {
        problems.push(Error::invalid("the feature group has no features: give it at least one"));
    }
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for feature in features {
        let name = shown(&feature.name);
        problems.extend(check_feature_name(&feature.name).err());
        check_description(&format!("feature `{name}`"), &feature.description, problems);
        match seen.insert(feature.name.to_ascii_lowercase(), &feature.name) {
            Some(first) if first == feature.name => {
                problems.push(Error::invalid(format!("feature `{name}` is given twice")).named([name]));
            }
            Some(first) => {
                let first = shown(first);
                let message = format!("features `{first}` and `{name}` differ only in upper and lower case");
                problems.push(Error::invalid(message).named([first, name]));
            }
            None => {}
        }
    }
}

fn check_key(request: &CreateFeatureGroup, problems: &mut Vec<Error>) {
    let mut fail = |message: String, name: &str| {
        problems.push(Error::invalid(message).reason("InvalidPrimaryKey").named([name]));
    };
    if request.primary_key.is_empty() {
        fail("the feature group has no primary key: name at least one column".into(), "");
    }
    for (index, name) in request.primary_key.iter().enumerate() {
        let quoted = shown(name);
        if request.primary_key[..index].contains(name) {
            fail(format!("primary key column `{quoted}` is given twice"), &quoted);
            continue;
        }
        match find(request, name) {
            Err(offer) => fail(format!("primary key column `{quoted}` is no feature{offer}"), &quoted),
            Ok(feature) if refused_in_key(&feature.r#type) => {
                let message = format!(
                    "`{quoted}` cannot be in the primary key: values of type {} are not compared exactly; use an integer, \
                     string, decimal, date or timestamp",
                    shown(&feature.r#type)
                );
                fail(message, &quoted);
            }
            Ok(_) => {}
        }
    }
}

fn check_event_time(request: &CreateFeatureGroup, problems: &mut Vec<Error>) {
    let name = &request.event_time;
    if name.is_empty() {
        return;
    }
    let quoted = shown(name);
    let message = match find(request, name) {
        Err(offer) => format!("event time `{quoted}` is no feature{offer}"),
        Ok(feature) if !is_time(&feature.r#type) => {
            let given = shown(&feature.r#type);
            format!("event time `{quoted}` is {given}: it must be date, timestamp or timestamp_ntz")
        }
        Ok(_) if request.primary_key.contains(name) => {
            format!(
                "event time `{quoted}` cannot be in the primary key, which names the entity: every event would be one"
            )
        }
        Ok(_) => return,
    };
    problems.push(Error::invalid(message).named([quoted]));
}

fn check_partitions(request: &CreateFeatureGroup, problems: &mut Vec<Error>) {
    for (index, name) in request.partition_by.iter().enumerate() {
        let quoted = shown(name);
        let message = match find(request, name) {
            _ if request.partition_by[..index].contains(name) => format!("partition column `{quoted}` is given twice"),
            Err(offer) => format!("partition column `{quoted}` is no feature{offer}"),
            Ok(_) if request.primary_key.contains(name) => {
                format!("partition column `{quoted}` is in the primary key: rows are spread by the key already")
            }
            Ok(_) if *name == request.event_time => {
                format!("partition column `{quoted}` is the event time: give the day or month as a feature of its own")
            }
            Ok(feature) if refused_in_partition(&feature.r#type) => {
                let given = shown(&feature.r#type);
                format!(
                    "partition column `{quoted}` is {given}: each value makes files of its own, so it must be boolean, an \
                     integer, string or date"
                )
            }
            Ok(_) => continue,
        };
        problems.push(Error::invalid(message).named([quoted]));
    }
}

/// The feature called exactly `name`, else what may be meant, as the end of a sentence.
fn find<'a>(request: &'a CreateFeatureGroup, name: &str) -> Result<&'a Feature, String> {
    request.features.iter().find(|feature| feature.name == name).ok_or_else(|| {
        let known = request.features.iter().map(|feature| (&feature.name, feature.name.clone()));
        did_you_mean(&nearest(name, known))
    })
}
