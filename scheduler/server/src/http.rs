//! HTTP: liveness, readiness and Prometheus metrics.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use crate::service::FeatureStore;

/// Routes of the HTTP port.
pub(crate) fn router(store: Arc<FeatureStore>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(store)
}

/// Ready when catalog and warehouse answer.
async fn ready(State(store): State<Arc<FeatureStore>>) -> impl IntoResponse {
    match store.check_ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")),
    }
}

async fn metrics(State(store): State<Arc<FeatureStore>>) -> impl IntoResponse {
    let content = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    match store.metrics.render(&store) {
        Ok(text) => (StatusCode::OK, content, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, content, error.to_string()),
    }
}
