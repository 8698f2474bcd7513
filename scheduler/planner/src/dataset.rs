//! Whether a training dataset can be created as asked: its own settings and the feature request it is built from.

use std::collections::BTreeSet;

use mangonel_proto::{
    Error, Result,
    names::{RunId, check_name, shown},
    v1::{Compression, CreateTrainingDataset, DataFormat, FeatureGroup, JoinType, NullPolicy},
};

use crate::{
    definition::{check_dependencies, check_description, check_statistics},
    query::FeatureQuery,
    resolve,
    shards::{SHARD_BYTES_MIN, SHARDS_MAX},
    spelling::{did_you_mean, nearest},
};

/// Resolves the source of a training dataset and validates the rest of the request against it.
///
/// # Errors
/// Every problem of both at once, those of the source first.
pub fn resolve_dataset(request: &CreateTrainingDataset, groups: &[FeatureGroup]) -> Result<FeatureQuery> {
    let source = request.source.clone().unwrap_or_default();
    match resolve(&source, groups) {
        Ok(query) => {
            validate(request, &query)?;
            Ok(query)
        }
        Err(mut error) => {
            let is_left = source.join_type == JoinType::Left as i32;
            error.problems.extend(own_problems(request, is_left));
            Err(error)
        }
    }
}

/// Validates `request` against the resolved form of its source.
///
/// # Errors
/// Every problem at once, all `invalid_argument`.
pub fn validate(request: &CreateTrainingDataset, query: &FeatureQuery) -> Result<()> {
    let mut problems = own_problems(request, query.join_type == JoinType::Left);
    let columns: Vec<&str> = query.output.iter().map(|column| column.name.as_str()).collect();
    check_labels(&request.labels, &columns, &mut problems);
    if let Some(settings) = &request.statistics {
        check_statistics(settings, &columns, &mut problems);
    }
    Error::all(problems)
}

/// Problems that do not depend on the columns.
fn own_problems(request: &CreateTrainingDataset, is_left: bool) -> Vec<Error> {
    let mut problems = Vec::new();
    problems.extend(check_name("training dataset", &request.name).err());
    check_description("the training dataset", &request.description, &mut problems);
    format_problems(request, &mut problems);
    problems.extend(null_policy_problem(request.null_policy, is_left));
    if request.shards > SHARDS_MAX {
        problems.push(Error::invalid(format!("{} shards are too many: at most {SHARDS_MAX}", request.shards)));
    }
    if request.shards > 0 && request.shard_bytes > 0 {
        problems.push(Error::invalid("give either the number of shards or the bytes of a shard, not both"));
    }
    if (1..SHARD_BYTES_MIN).contains(&request.shard_bytes) {
        let given = request.shard_bytes;
        problems.push(Error::invalid(format!("shards of {given} bytes are too small: at least {SHARD_BYTES_MIN}")));
    }
    if !matches!(request.string_features.as_str(), "" | "fixed_len" | "var_len") {
        let given = shown(&request.string_features);
        problems.push(Error::invalid(format!("`string_features` is `{given}`: it must be fixed_len or var_len")));
    }
    if !request.run_id.is_empty() {
        problems.extend(RunId::parse(&request.run_id).err());
    }
    check_dependencies(&request.dependencies, &mut problems);
    problems
}

/// What is wrong with the format, or with what is asked of it.
fn format_problems(request: &CreateTrainingDataset, problems: &mut Vec<Error>) {
    let Ok(format) = DataFormat::try_from(request.data_format) else {
        let given = request.data_format;
        problems.push(Error::invalid(format!("data format {given} is unknown: use tfrecord, parquet, csv or tsv")));
        return;
    };
    // Without a format, TFRecord is written.
    let holds_nulls = !matches!(format, DataFormat::Unspecified | DataFormat::Tfrecord);
    let name = match format {
        DataFormat::Unspecified | DataFormat::Tfrecord => "TFRecord",
        DataFormat::Parquet => "Parquet",
        DataFormat::Csv => "CSV",
        DataFormat::Tsv => "TSV",
    };
    if holds_nulls && request.null_policy == NullPolicy::Default as i32 {
        problems.push(Error::invalid(format!("{name} keeps nulls: leave the null policy out, or say `omit`")));
    }
    let Ok(compression) = Compression::try_from(request.compression) else {
        problems.push(Error::invalid(format!("compression {} is unknown: use gzip or zlib", request.compression)));
        return;
    };
    let advice = match (format, compression) {
        (_, Compression::Unspecified | Compression::None) => return,
        (DataFormat::Parquet, _) => "its pages are compressed already: leave the compression out",
        (DataFormat::Csv | DataFormat::Tsv, Compression::Zlib) => "few readers know it: use gzip",
        _ => return,
    };
    let compression = if compression == Compression::Gzip { "gzip" } else { "zlib" };
    problems.push(Error::invalid(format!("{name} is not written with {compression}, {advice}")));
}

fn null_policy_problem(null_policy: i32, is_left: bool) -> Option<Error> {
    let message = match NullPolicy::try_from(null_policy) {
        Ok(NullPolicy::Unspecified) if is_left => {
            "a left join gives nulls where it finds no row: name a null policy (error, default or omit)".into()
        }
        Ok(_) => return None,
        Err(_) => format!("null policy {null_policy} is unknown: use error, default or omit"),
    };
    Some(Error::invalid(message))
}

fn check_labels(labels: &[String], columns: &[&str], problems: &mut Vec<Error>) {
    let mut seen = BTreeSet::new();
    for label in labels {
        if !columns.iter().any(|column| column.eq_ignore_ascii_case(label)) {
            let offers = nearest(label, columns.iter().map(|column| (column, (*column).to_owned())));
            let message = format!(
                "label `{}` is not among the features of the training dataset{}",
                shown(label),
                did_you_mean(&offers)
            );
            problems.push(Error::invalid(message).named(offers));
        }
        if !seen.insert(label.to_ascii_lowercase()) {
            problems.push(Error::invalid(format!("label `{}` is given twice", shown(label))));
        }
    }
}
