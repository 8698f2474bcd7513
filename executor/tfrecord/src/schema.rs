//! Which `tf.Example` feature each Arrow column becomes, decided for the whole schema before any row is read.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};

use crate::{
    ColumnProblem, DecimalFeatures, EncodeOptions, FeatureKind, FeatureLength, FeatureSpec, NullPolicy, SchemaFile,
    StringFeatures, TfRecordError,
};

/// The features of a dataset, sorted by name (bytewise), which is their order in every record.
#[derive(Clone, Debug)]
pub struct ExampleSchema {
    features: Vec<Feature>,
    source_order: Vec<usize>,
    null_policy: NullPolicy,
}

/// One column as a feature.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Flattened name: the column, or `struct.field`.
    pub name: String,
    pub kind: FeatureKind,
    /// The length of every row's list, where it is fixed or promised; `None` for scalars.
    pub(crate) list_length: Option<usize>,
    /// Rows hold any number of values, not one.
    pub list: bool,
    /// Values may change on the way into the feature (`float64`, decimals as `float`).
    pub lossy: bool,
    /// A null is allowed, and leaves the key out of the row.
    pub omits_nulls: bool,
    pub(crate) var_len: bool,
    /// Type of the column, or of the struct's field.
    pub(crate) data_type: DataType,
    /// Type of the column or of the elements of its list.
    pub(crate) value_type: DataType,
    /// Index of the column, then of the field in each struct.
    pub(crate) path: Vec<usize>,
}

impl ExampleSchema {
    /// Maps every column of `schema` to a feature. Structs are flattened to `a.b`.
    ///
    /// | Arrow | feature |
    /// |---|---|
    /// | bool, int8 to int64, uint8 to uint64 | int |
    /// | float32, float64 (lossy) | float |
    /// | decimal | float (lossy), or its text |
    /// | utf8, binary, their large and view forms, dictionaries of them | string |
    /// | date | int, days since 1970-01-01 |
    /// | timestamp | int, microseconds since 1970-01-01T00:00 (UTC, or local where the column has no zone) |
    /// | list, large list, fixed-size list of the above | the same; `fixed_len` where the length is fixed or promised |
    ///
    /// # Errors
    /// [`TfRecordError::SchemaRefused`] with every column that has no place in this table, every name that occurs twice
    /// once structs are flattened, and every option that contradicts the schema.
    pub fn plan(schema: &Schema, options: &EncodeOptions) -> Result<Self, TfRecordError> {
        let mut plan = Plan { options, features: Vec::new(), problems: Vec::new() };
        plan.visit(schema.fields(), None, &mut Vec::new(), false);
        plan.check_names();
        if !plan.problems.is_empty() {
            return Err(TfRecordError::SchemaRefused { problems: plan.problems });
        }
        let mut features = plan.features;
        let source: Vec<String> = features.iter().map(|feature| feature.name.clone()).collect();
        features.sort_by(|left, right| left.name.cmp(&right.name));
        let place: BTreeMap<&str, usize> = features.iter().enumerate().map(|(i, f)| (f.name.as_str(), i)).collect();
        let source_order = source.iter().filter_map(|name| place.get(name.as_str()).copied()).collect();
        Ok(Self { features, source_order, null_policy: options.null_policy })
    }

    /// The features, sorted by name.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    pub fn null_policy(&self) -> NullPolicy {
        self.null_policy
    }

    /// Names of the columns whose values may change, for the manifest and a warning.
    pub fn lossy_columns(&self) -> impl Iterator<Item = &str> {
        self.features.iter().filter(|feature| feature.lossy).map(|feature| feature.name.as_str())
    }

    /// The flattened columns in the order of the planned schema, all nullable: what reading the records back gives.
    pub fn flat_schema(&self) -> Schema {
        let fields = self.in_source_order().map(|(_, f)| Field::new(&f.name, f.data_type.clone(), true));
        Schema::new(fields.collect::<Vec<_>>())
    }

    /// The schema file as known before the rows are: a nullable column is `var_len` under [`NullPolicy::Omit`].
    pub fn schema_file(&self) -> SchemaFile {
        self.schema_file_with(|feature| feature.omits_nulls)
    }

    /// The schema file once all rows are written: only columns that really have nulls are `var_len` for that reason.
    /// `nulls`: count of nulls over all shards by flattened name, as summed from [`crate::Encoder::null_counts`].
    pub fn schema_file_after(&self, nulls: &BTreeMap<String, u64>) -> SchemaFile {
        self.schema_file_with(|feature| feature.omits_nulls && nulls.get(&feature.name).is_some_and(|&count| count > 0))
    }

    /// Each feature with its index in the sorted order, in the order of the planned schema.
    pub(crate) fn in_source_order(&self) -> impl Iterator<Item = (usize, &Feature)> {
        self.source_order.iter().filter_map(|&index| Some((index, self.features.get(index)?)))
    }

    fn schema_file_with(&self, omitted: impl Fn(&Feature) -> bool) -> SchemaFile {
        let spec = |feature: &Feature| {
            let var_len = feature.var_len || omitted(feature);
            FeatureSpec {
                length: if var_len { FeatureLength::VarLen } else { FeatureLength::FixedLen },
                kind: feature.kind,
                shape: feature.list_length.filter(|_| !var_len).into_iter().collect(),
            }
        };
        SchemaFile { features: self.features.iter().map(|feature| (feature.name.clone(), spec(feature))).collect() }
    }
}

struct Plan<'a> {
    options: &'a EncodeOptions,
    features: Vec<Feature>,
    problems: Vec<ColumnProblem>,
}

impl Plan<'_> {
    fn visit(&mut self, fields: &Fields, parent: Option<&str>, path: &mut Vec<usize>, parent_nullable: bool) {
        for (index, field) in fields.iter().enumerate() {
            let name = parent.map_or(field.name().clone(), |parent| format!("{parent}.{}", field.name()));
            let nullable = parent_nullable || field.is_nullable();
            path.push(index);
            if field.name().is_empty() {
                self.refuse(&name, "a feature needs a name".to_owned());
            } else if let DataType::Struct(children) = field.data_type() {
                if children.is_empty() {
                    self.refuse(&name, "a struct without fields".to_owned());
                }
                self.visit(children, Some(&name), path, nullable);
            } else {
                match self.feature(name.clone(), field.data_type(), path, nullable) {
                    Ok(feature) => self.features.push(feature),
                    Err(problem) => self.refuse(&name, problem),
                }
            }
            path.pop();
        }
    }

    fn feature(&self, name: String, data_type: &DataType, path: &[usize], nullable: bool) -> Result<Feature, String> {
        let promised = self.options.list_lengths.get(&name).copied();
        let (value_type, list, list_length) = match data_type {
            DataType::List(item) | DataType::LargeList(item) => (item.data_type(), true, promised),
            DataType::FixedSizeList(item, size) => {
                let size = usize::try_from(*size).map_err(|_| format!("a list of negative size {size}"))?;
                if let Some(other) = promised.filter(|&promised| promised != size) {
                    return Err(format!("promised to have {other} elements, its type has {size}"));
                }
                (item.data_type(), true, Some(size))
            }
            _ if promised.is_some() => return Err(format!("promised as a list, but is {data_type}")),
            other => (other, false, None),
        };
        let (kind, lossy) = self.kind(value_type)?;
        // A feature without values has no fixed length that a reader could use.
        let no_length = list && list_length.is_none_or(|length| length == 0);
        let var_string = kind == FeatureKind::String && self.options.string_features == StringFeatures::VarLen;
        Ok(Feature {
            omits_nulls: nullable
                && self.options.null_policy == NullPolicy::Omit
                && !self.options.without_nulls.contains(&name),
            var_len: no_length || var_string,
            name,
            kind,
            list_length,
            list,
            lossy,
            data_type: data_type.clone(),
            value_type: value_type.clone(),
            path: path.to_vec(),
        })
    }

    /// The kind of a scalar or list element, and whether it may lose digits.
    fn kind(&self, data_type: &DataType) -> Result<(FeatureKind, bool), String> {
        use DataType::*;
        let lossy_float = |advice: &str| {
            if self.options.strict {
                Err(format!("{data_type} loses digits as float32; {advice}"))
            } else {
                Ok((FeatureKind::Float, true))
            }
        };
        match data_type {
            Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 => Ok((FeatureKind::Int, false)),
            Date32
            | Date64
            | Timestamp(TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond | TimeUnit::Nanosecond, _) => {
                Ok((FeatureKind::Int, false))
            }
            Float32 => Ok((FeatureKind::Float, false)),
            Float64 => lossy_float("cast it to float32 or drop `strict`"),
            Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => match self.options.decimal_features {
                DecimalFeatures::Text => Ok((FeatureKind::String, false)),
                DecimalFeatures::Float => lossy_float("write decimals as text or drop `strict`"),
            },
            Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView => Ok((FeatureKind::String, false)),
            Dictionary(_, values) => match values.as_ref() {
                Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView => Ok((FeatureKind::String, false)),
                _ => Err(format!("type {data_type} has no tf.Example feature")),
            },
            _ => Err(format!("type {data_type} has no tf.Example feature")),
        }
    }

    fn check_names(&mut self) {
        let mut seen = BTreeSet::new();
        let mut twice = BTreeSet::new();
        for feature in &self.features {
            if !seen.insert(feature.name.clone()) {
                twice.insert(feature.name.clone());
            }
        }
        for name in twice {
            self.refuse(&name, "two columns have this name once structs are flattened".to_owned());
        }
        let refused: BTreeSet<String> = self.problems.iter().map(|problem| problem.column.clone()).collect();
        for name in self.options.list_lengths.keys() {
            if !seen.contains(name) && !refused.contains(name) {
                self.refuse(name, "promised a list length, but there is no such column".to_owned());
            }
        }
    }

    fn refuse(&mut self, column: &str, problem: String) {
        self.problems.push(ColumnProblem { column: column.to_owned(), problem });
    }
}
