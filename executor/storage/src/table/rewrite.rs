//! Changes of a table that leave its rows what they are: files written anew from the rows of others, and columns that are
//! added or become wider.

use std::collections::BTreeSet;

use arrow::{
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
};
use deltalake_core::{
    kernel::{Action, MetadataExt, Protocol, StructField, StructType, engine::arrow_conversion::TryIntoKernel},
    protocol::DeltaOperation,
};
use serde_json::json;

use super::{
    AddedFile, Table,
    commit::removed,
    create::{is_zoneless, zoneless_protocol},
    snapshot::logged,
};
use crate::error::{Result, StorageError};

/// Files that take the place of others, and what the columns are from then on.
#[derive(Clone, Debug, Default)]
pub struct Rewrite {
    /// Files whose rows were taken over: paths in the warehouse.
    pub removed: BTreeSet<String>,
    pub added: Vec<AddedFile>,
    /// Columns that are new or of another type than before, at the end of the table where they are new; `None` leaves
    /// them. A type changes only together with every file.
    pub columns: Option<SchemaRef>,
}

impl Rewrite {
    /// Appends what the commit removes and changes.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] where the table has moved on.
    pub(super) fn extend(&self, table: &Table, now_ms: i64, actions: &mut Vec<Action>) -> Result<DeltaOperation> {
        let state = table.state()?;
        let moved_on = |detail: &str| StorageError::Conflict {
            what: format!("table `{}`", table.location()),
            detail: detail.to_owned(),
        };
        let mut found = 0;
        let mut kept = 0;
        for file in state.log_data().iter() {
            if self.removed.contains(&table.path_of(&logged(&file).path)?) {
                found += 1;
                actions.push(removed(&file, now_ms, false));
            } else {
                kept += 1;
            }
        }
        if found != self.removed.len() {
            return Err(moved_on(
                "its files were replaced by an insert that overwrites, or by another rewrite, meanwhile",
            ));
        }
        let optimize = DeltaOperation::Optimize { predicate: None, target_size: 0 };
        let Some(columns) = &self.columns else { return Ok(optimize) };
        let before = kernel_fields(&state.snapshot().arrow_schema(), table)?;
        let mut fields = before.clone();
        for field in kernel_fields(columns, table)? {
            match fields.iter_mut().find(|old| old.name() == field.name()) {
                Some(old) if old.data_type() == field.data_type() => {}
                Some(_) if kept > 0 => return Err(moved_on("rows of the old type came meanwhile")),
                Some(old) => old.data_type = field.data_type().clone(),
                None => fields.push(StructField { nullable: true, ..field }),
            }
        }
        if columns.fields().iter().any(|field| is_zoneless(field.data_type()))
            && let Some(protocol) = with_zoneless(&serde_json::to_value(state.protocol()).unwrap_or_default())
        {
            actions.push(Action::Protocol(protocol));
        }
        let added: Vec<StructField> = fields.iter().filter(|field| !before.contains(field)).cloned().collect();
        let schema = StructType::try_new(fields);
        let schema = schema.map_err(StorageError::table(format!("columns of table `{}`", table.location())))?;
        let metadata = state.metadata().clone().with_schema(&schema);
        let metadata = metadata.map_err(StorageError::table(format!("columns of table `{}`", table.location())))?;
        actions.push(Action::Metadata(metadata));
        Ok(if found == 0 { DeltaOperation::AddColumn { fields: added } } else { optimize })
    }
}

/// A column of `columns` that the table does not have with that type.
pub(super) fn differing_column(table: &Table, columns: &Schema) -> Result<Option<String>> {
    let there = kernel_fields(&table.state()?.snapshot().arrow_schema(), table)?;
    let is_there = |field: &StructField| {
        there.iter().any(|other| other.name() == field.name() && other.data_type() == field.data_type())
    };
    Ok(kernel_fields(columns, table)?.into_iter().find(|field| !is_there(field)).map(|field| field.name().clone()))
}

fn kernel_fields(schema: &Schema, table: &Table) -> Result<Vec<StructField>> {
    let kernel: std::result::Result<StructType, ArrowError> = schema.try_into_kernel();
    let kernel = kernel.map_err(|error| {
        StorageError::invalid(format!("table `{}`: its columns do not fit Delta: {error}", table.location()))
    })?;
    Ok(kernel.fields().cloned().collect())
}

/// The protocol that timestamps without zone need; `None` when the table has it.
fn with_zoneless(protocol: &serde_json::Value) -> Option<Protocol> {
    let has = |key: &str| protocol[key].as_array().is_some_and(|features| features.contains(&json!("timestampNtz")));
    if has("readerFeatures") && has("writerFeatures") {
        return None;
    }
    serde_json::from_value(zoneless_protocol()).ok()
}
