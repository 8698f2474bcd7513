//! `information_schema`: what there is to be read, with types, nulls and descriptions as the catalog has them.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, StringArray, UInt64Array},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, SchemaProvider, TableProvider},
    common::Result,
    datasource::TableType,
};
use mangonel_planner::table_name;
use mangonel_proto::v1;
use mangonel_storage::types::FeatureType;

use super::tables::{FeatureTables, GroupTable, Rows, Table};

/// Name of the schema.
pub(super) const INFORMATION_SCHEMA: &str = "information_schema";
const TABLES: [&str; 4] = ["columns", "schemata", "tables", "views"];

/// Tables about the tables of a project.
#[derive(Debug)]
pub(super) struct InformationSchema {
    pub catalog: &'static str,
    pub schema: String,
    pub tables: FeatureTables,
}

#[async_trait]
impl SchemaProvider for InformationSchema {
    fn table_names(&self) -> Vec<String> {
        TABLES.map(str::to_owned).into()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let rows = match name {
            "columns" => self.columns()?,
            "schemata" => self.schemata()?,
            "tables" => self.tables()?,
            "views" => self.views()?,
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(MemTable::try_new(rows.schema(), vec![vec![rows]])?)))
    }

    fn table_exist(&self, name: &str) -> bool {
        TABLES.contains(&name)
    }
}

impl InformationSchema {
    fn schemata(&self) -> Result<RecordBatch> {
        let schemas = [self.schema.as_str(), INFORMATION_SCHEMA];
        batch([("catalog_name", texts(schemas.iter().map(|_| self.catalog))), ("schema_name", texts(schemas))])
    }

    fn tables(&self) -> Result<RecordBatch> {
        let tables: Vec<(&String, &Table)> = self.tables.iter().collect();
        let kind = |table: &Table| match table.kind() {
            TableType::Base => "BASE TABLE",
            TableType::View => "VIEW",
            TableType::Temporary => "LOCAL TEMPORARY",
        };
        batch([
            ("table_catalog", texts(tables.iter().map(|_| self.catalog))),
            ("table_schema", texts(tables.iter().map(|_| self.schema.as_str()))),
            ("table_name", texts(tables.iter().map(|(name, _)| name.as_str()))),
            ("table_type", texts(tables.iter().map(|(_, table)| kind(table)))),
            ("comment", texts(tables.iter().map(|(_, table)| comment(table)))),
        ])
    }

    fn views(&self) -> Result<RecordBatch> {
        let views = self.tables.iter().filter_map(|(name, table)| match table {
            Table::Group(view) if view.is_view => Some((name, view)),
            _ => None,
        });
        let views: Vec<(&String, &GroupTable)> = views.collect();
        // What decides between rows of one event time is no column, so that SQL cannot say which rows are the latest.
        let definition = |view: &GroupTable| {
            Some(format!("SELECT * FROM {}", table_name(view.group()))).filter(|_| view.rows() == Rows::All)
        };
        batch([
            ("table_catalog", texts(views.iter().map(|_| self.catalog))),
            ("table_schema", texts(views.iter().map(|_| self.schema.as_str()))),
            ("table_name", texts(views.iter().map(|(name, _)| name.as_str()))),
            ("definition", maybe_texts(views.iter().map(|(_, view)| definition(view)))),
            ("comment", texts(views.iter().map(|(_, view)| group_comment(view)))),
        ])
    }

    fn columns(&self) -> Result<RecordBatch> {
        let columns: Vec<Column<'_>> =
            self.tables.iter().flat_map(|(name, table)| Column::all_of(name, table)).collect();
        batch([
            ("table_catalog", texts(columns.iter().map(|_| self.catalog))),
            ("table_schema", texts(columns.iter().map(|_| self.schema.as_str()))),
            ("table_name", texts(columns.iter().map(|column| column.table))),
            ("column_name", texts(columns.iter().map(|column| column.name.as_str()))),
            ("ordinal_position", Arc::new(columns.iter().map(|column| Some(column.position)).collect::<UInt64Array>())),
            ("is_nullable", texts(columns.iter().map(|column| if column.nullable { "YES" } else { "NO" }))),
            ("data_type", texts(columns.iter().map(|column| column.data_type.as_str()))),
            ("is_key", Arc::new(columns.iter().map(|column| Some(column.is_key)).collect::<BooleanArray>())),
            (
                "is_event_time",
                Arc::new(columns.iter().map(|column| Some(column.is_event_time)).collect::<BooleanArray>()),
            ),
            ("comment", texts(columns.iter().map(|column| column.comment.as_str()))),
        ])
    }
}

struct Column<'a> {
    table: &'a str,
    name: String,
    /// From 1 on.
    position: u64,
    data_type: String,
    nullable: bool,
    is_key: bool,
    is_event_time: bool,
    comment: String,
}

impl<'a> Column<'a> {
    fn all_of(table: &'a str, of: &Table) -> Vec<Self> {
        match of {
            Table::Group(of) => {
                let group = of.group();
                let features = group.features.iter().zip(1..);
                features.map(|(feature, position)| Self::of_feature(table, group, feature, position)).collect()
            }
            Table::Sent(of) => {
                let column = |(field, position): (&Arc<arrow::datatypes::Field>, u64)| Self {
                    table,
                    name: field.name().clone(),
                    position,
                    data_type: FeatureType::from_arrow(field.data_type())
                        .map_or_else(|_| field.data_type().to_string(), |feature_type| feature_type.to_string()),
                    nullable: field.is_nullable(),
                    is_key: false,
                    is_event_time: false,
                    comment: String::new(),
                };
                of.schema.fields().iter().zip(1..).map(column).collect()
            }
        }
    }

    fn of_feature(table: &'a str, group: &v1::FeatureGroup, feature: &v1::Feature, position: u64) -> Self {
        Self {
            table,
            name: feature.name.clone(),
            position,
            data_type: feature.r#type.clone(),
            nullable: feature.nullable,
            is_key: group.primary_key.contains(&feature.name),
            is_event_time: group.event_time == feature.name,
            comment: feature.description.clone(),
        }
    }
}

fn comment(table: &Table) -> String {
    match table {
        Table::Group(table) => group_comment(table),
        Table::Sent(_) => "sent along with the query".to_owned(),
    }
}

/// The description of the group, after what a view makes of it.
fn group_comment(table: &GroupTable) -> String {
    let (group, title) = (table.group(), table_name(table.group()));
    let view = match (table.rows(), table.is_view) {
        (Rows::All, false) => return group.description.clone(),
        (Rows::All, true) => format!("`{title}`, the latest version"),
        (Rows::Latest, _) => {
            let keys = group.primary_key.join("`, `");
            format!("the latest row of each `{keys}` of `{title}`, by `{}`", group.event_time)
        }
    };
    if group.description.is_empty() { view } else { format!("{view}: {}", group.description) }
}

fn texts(values: impl IntoIterator<Item = impl AsRef<str>>) -> ArrayRef {
    Arc::new(values.into_iter().map(|value| Some(value.as_ref().to_owned())).collect::<StringArray>())
}

fn maybe_texts(values: impl IntoIterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringArray>())
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<RecordBatch> {
    Ok(RecordBatch::try_from_iter(columns)?)
}
