//! HTTP: liveness, readiness, Prometheus metrics, and the runs as JSON.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use mangonel_proto::{Error, ErrorCode, Result, names::Principal, v1, wire::PROJECT_DEFAULT};
use serde::Deserialize;

use crate::service::FeatureStore;

/// Routes of the HTTP port.
pub(crate) fn router(store: Arc<FeatureStore>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/api/v1/runs", get(runs))
        .route("/api/v1/runs/{run_id}", get(run))
        .with_state(store)
}

/// Ready when catalog and warehouse answer and somebody is there to do the work.
async fn ready(State(store): State<Arc<FeatureStore>>) -> impl IntoResponse {
    match store.check_ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")),
    }
}

async fn metrics(State(store): State<Arc<FeatureStore>>) -> impl IntoResponse {
    let content = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    match store.metrics.render(&store).await {
        Ok(text) => (StatusCode::OK, content, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, content, error.to_string()),
    }
}

#[derive(Deserialize)]
struct RunQuery {
    project: Option<String>,
    /// Runs at most, newest first.
    #[serde(default)]
    limit: u32,
}

impl RunQuery {
    fn principal(&self) -> Principal {
        Principal::local(self.project.clone().unwrap_or_else(|| PROJECT_DEFAULT.to_owned()))
    }
}

/// The runs of a project, as `v1::RunList`.
async fn runs(State(store): State<Arc<FeatureStore>>, Query(query): Query<RunQuery>) -> Response {
    answer(store.list_runs(&query.principal(), v1::ListRuns { limit: query.limit }).await)
}

/// One run with the work of its stages and its progress, as `v1::RunDetail`.
async fn run(
    State(store): State<Arc<FeatureStore>>,
    Path(run_id): Path<String>,
    Query(query): Query<RunQuery>,
) -> Response {
    answer(store.show_run(&query.principal(), v1::RunRef { run_id }).await)
}

fn answer<T: serde::Serialize>(answer: Result<T>) -> Response {
    match answer {
        Ok(message) => Json(message).into_response(),
        Err(error) => (status(&error), Json(error.to_message())).into_response(),
    }
}

fn status(error: &Error) -> StatusCode {
    match error.code {
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::InvalidArgument | ErrorCode::Ambiguous => StatusCode::BAD_REQUEST,
        ErrorCode::AlreadyExists | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::PermissionDenied => StatusCode::FORBIDDEN,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
