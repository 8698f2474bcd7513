//! Where the shards of a build begin: counting passes over the root's pinned rows, and the bounds that are kept for every
//! resume. Keys with more rows than a shard should have are divided by the order of their rows.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::physical_plan::ExecutionPlan;
use mangonel_operators::{
    error::to_wire,
    hash_count::HashCountExec,
    hot_count::{HotCount, HotCountExec},
    operator::{Operator, OperatorExec},
    record::TaskRecord,
};
use mangonel_planner::{Place, ShardBounds, crowded_cells, refine};
use mangonel_proto::{Result, wire};
use mangonel_storage::dataset::ShardBoundary;
use serde::{Deserialize, Serialize};

use super::{FeatureStore, broken, run_folder};
use crate::{assemble::PinnedQuery, engine::LeafJob, runs::LiveRun};

/// log2 of the cells that rows are counted in.
const CELL_BITS: u32 = 14;

/// Shard bounds as stored: the first place of every shard but the first.
#[derive(Serialize, Deserialize)]
struct StoredBounds {
    format: u32,
    inner: Vec<ShardBoundary>,
}

impl FeatureStore {
    /// The bounds of the run: those that it stored, else new ones from counting the root's rows.
    ///
    /// # Errors
    /// What a job failed with.
    pub(super) async fn shard_bounds(
        &self,
        run_id: &str,
        shards: u32,
        pinned: &PinnedQuery,
        live: &LiveRun,
    ) -> Result<ShardBounds> {
        let path = format!("{}/bounds.json", run_folder(run_id));
        if let Some(stored) = self.warehouse.get(&path).await? {
            return parse_bounds(&stored);
        }
        let root = &pinned.tables[pinned.query.root];
        live.step(format!("counting {}", root.table), root.rows);
        let bounds = if shards > 1 && !root.files.is_empty() {
            self.count_places(run_id, shards, pinned, live).await?
        } else {
            ShardBounds::equal_width(shards)
        };
        let inner = bounds.inner().iter().map(|place| ShardBoundary::new(place.hash, place.order)).collect();
        let stored = StoredBounds { format: 1, inner };
        if self.warehouse.put_if_absent(&path, wire::to_body(&stored)?).await? {
            return Ok(bounds);
        }
        // Another hand works on this run too: one of the two bounds counts, the stored one.
        let stored = self.warehouse.get(&path).await?.ok_or_else(|| broken("bounds vanished"))?;
        parse_bounds(&stored)
    }

    /// Counts rows per cell of the hash space, then looks closer where a cell holds more rows than a shard should.
    async fn count_places(
        &self,
        run_id: &str,
        shards: u32,
        pinned: &PinnedQuery,
        live: &LiveRun,
    ) -> Result<ShardBounds> {
        let keys = pinned.root_keys();
        let count = HashCountExec { keys: keys.clone(), cell_bits: CELL_BITS };
        let mut rows_of: BTreeMap<u32, u64> = BTreeMap::new();
        for record in self.count(run_id, pinned, count, false, live).await? {
            let TaskRecord::HashCounts(counts) = record else { return Err(broken("a count gave something else")) };
            for (cell, rows) in counts.cells {
                *rows_of.entry(cell).or_insert(0) += rows;
            }
        }
        // Cells without rows count too: their starts are where shards may begin.
        let start = |cell: u32| Place::of_hash(u64::from(cell) << (64 - CELL_BITS));
        let mut histogram: Vec<(Place, u64)> =
            (0..1_u32 << CELL_BITS).map(|cell| (start(cell), rows_of.get(&cell).copied().unwrap_or(0))).collect();

        let crowded = crowded_cells(&histogram, shards);
        if crowded.is_empty() || pinned.root_is_unique() {
            return Ok(ShardBounds::balanced(&histogram, shards));
        }
        let mean = rows_of.values().sum::<u64>() / u64::from(shards);
        let cells = crowded.iter().map(|cell| cell.hash >> (64 - CELL_BITS)).collect();
        let of = HotCount::Keys { bits: CELL_BITS, cells };
        let mut counts = self.count_hot(run_id, pinned, HotCountExec { keys: keys.clone(), of }, false, live).await?;
        let hot = counts.iter().filter(|(_, rows)| **rows > mean).map(|(place, _)| place.hash);
        let of = HotCount::Orders { hashes: hot.collect() };
        let orders = self.count_hot(run_id, pinned, HotCountExec { keys, of }, true, live).await?;
        counts.retain(|_, rows| *rows <= mean);
        counts.extend(orders);
        for cell in crowded {
            let end = cell.hash.checked_add(1 << (64 - CELL_BITS)).map(Place::of_hash);
            let inside = counts.range(cell..).take_while(|(place, _)| end.is_none_or(|end| **place < end));
            let inside: Vec<(Place, u64)> = inside.map(|(place, rows)| (*place, *rows)).collect();
            // An eighth of a shard: keys below it are left together.
            refine(&mut histogram, cell, &inside, mean / 8);
        }
        Ok(ShardBounds::balanced(&histogram, shards))
    }

    async fn count_hot(
        &self,
        run_id: &str,
        pinned: &PinnedQuery,
        count: HotCountExec,
        by_order: bool,
        live: &LiveRun,
    ) -> Result<BTreeMap<Place, u64>> {
        let mut places = BTreeMap::new();
        for record in self.count(run_id, pinned, count, by_order, live).await? {
            let TaskRecord::PlaceCounts(counts) = record else { return Err(broken("a count gave something else")) };
            for (hash, order, rows) in counts.counts {
                *places.entry(Place { hash, order }).or_insert(0) += rows;
            }
        }
        Ok(places)
    }

    async fn count<O: Operator>(
        &self,
        run_id: &str,
        pinned: &PinnedQuery,
        count: O,
        by_order: bool,
        live: &LiveRun,
    ) -> Result<Vec<TaskRecord>> {
        let input = pinned.root_plan(self.engine.slots(), by_order)?;
        let outcome = self.run_job(live, || async {
            let input: Arc<dyn ExecutionPlan> = Arc::clone(&input);
            let plan = OperatorExec::plan(count.clone(), vec![input]).map_err(|error| to_wire(&error))?;
            let name = format!("count {}", pinned.tables[pinned.query.root].table);
            Ok(LeafJob { name, run_id: run_id.to_owned(), plan })
        });
        Ok(outcome.await?.records)
    }
}

fn parse_bounds(stored: &[u8]) -> Result<ShardBounds> {
    let stored: StoredBounds = wire::from_body(stored)?;
    let place = |bound: &ShardBoundary| Some(Place { hash: bound.hash()?, order: bound.order()? });
    let inner: Option<Vec<Place>> = stored.inner.iter().map(place).collect();
    Ok(ShardBounds::from_inner(inner.ok_or_else(|| broken("stored shard bounds are damaged"))?))
}
