//! What the server is and how it is doing.

use mangonel_proto::{RELEASE, Result, names::Principal, v1};

use super::FeatureStore;

impl FeatureStore {
    /// # Errors
    /// `unavailable` without a catalog.
    pub(crate) async fn status(&self, who: &Principal) -> Result<v1::ServerStatus> {
        let executors = self.engine.executors();
        Ok(v1::ServerStatus {
            release: RELEASE.into(),
            engine: self.engine.name().into(),
            catalog: self.catalog.backend().into(),
            warehouse: self.warehouse.url().to_string(),
            warehouse_id: self.warehouse.id().to_string(),
            catalog_revision: self.catalog.revision(who).await?,
            runs_active: self.live.count() as u32,
            slots: self.engine.slots() as u32,
            memory_bytes: self.memory_bytes as u64,
            executors,
            started_ms: self.started_ms,
        })
    }

    /// # Errors
    /// When catalog or warehouse do not answer.
    pub(crate) async fn check_ready(&self) -> Result<()> {
        self.status(&mangonel_proto::names::Principal::local("default")).await?;
        self.warehouse.get("_mangonel/warehouse.json").await?;
        Ok(())
    }
}
