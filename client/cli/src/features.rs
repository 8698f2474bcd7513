//! `mangonel features`: ask by name, print or write to a file.

use mangonel_client::MangonelClient;
use mangonel_proto::{
    Error, Result, v1,
    wire::{Command, Explain},
};

use crate::{
    args::{self, FeaturesArgs, OutputForm, RequestArgs},
    output, rows,
};

pub(crate) async fn run(client: &MangonelClient, args: FeaturesArgs, form: OutputForm) -> Result<()> {
    let limit = rows::limit(&args.rows, form);
    let asked = match (args.explain, limit) {
        (true, _) => args.rows.limit.unwrap_or(0),
        (false, 0) => 0,
        // The server stops early; one row more tells whether there are more.
        (false, limit) => limit.saturating_add(1),
    };
    let request = feature_request(args.features, &args.request, asked)?;
    if args.explain {
        let explanation = client.call(Explain(request)).await?;
        return match form {
            OutputForm::Json => output::json(&explanation),
            _ => output::print(&format!("{}\n", explanation.text)),
        };
    }
    rows::answer(client, &Command::Features(request), args.rows, form).await
}

/// The request that a command line stands for.
///
/// # Errors
/// `invalid_argument` for a malformed `--group-version`.
pub(crate) fn feature_request(features: Vec<String>, args: &RequestArgs, limit: u64) -> Result<v1::FeatureRequest> {
    let version = |text: &String| {
        let parsed = text.split_once('=').and_then(|(name, version)| Some((name.to_owned(), version.parse().ok()?)));
        parsed.ok_or_else(|| Error::invalid(format!("`--group-version {text}` is not like teams_features=2")))
    };
    let join_type = match args.join_type {
        args::JoinType::Inner => v1::JoinType::Inner,
        args::JoinType::Left => v1::JoinType::Left,
    };
    Ok(v1::FeatureRequest {
        features,
        group_versions: args.group_versions.iter().map(version).collect::<Result<_>>()?,
        join_key: args.join_key.clone(),
        join_type: join_type.into(),
        root: args.root.clone(),
        limit,
        as_of_ms: args.as_of.as_of_ms,
    })
}
