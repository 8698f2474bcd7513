//! The type table in every direction: what users hand in (Arrow), how a feature's type is spelt in the catalog, and how
//! it is stored. A type that is not in the table is refused by name before any work starts.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use mangonel_proto::names::{check_feature_name, shown};
use mangonel_proto::{Error, v1};

use crate::error::{Result, StorageError};

/// Metadata key of a stored list column whose lists all have one length; the value is the length in decimal.
pub const FIXED_LENGTH_KEY: &str = "mangonel.fixed_length";
/// Name of the element field of stored lists, as Delta and Spark have it.
pub const LIST_ELEMENT: &str = "element";
/// Most digits of a stored decimal.
pub const DECIMAL_PRECISION_MAX: u8 = 38;
/// Deepest nesting of lists and structs.
const DEPTH_MAX: usize = 16;

/// Type of a feature. Printed and parsed in the spelling of the catalog; elements and members may always be null.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeatureType {
    Boolean,
    /// 8-bit integer.
    Byte,
    /// 16-bit integer.
    Short,
    /// 32-bit integer.
    Integer,
    /// 64-bit integer.
    Long,
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// `precision` digits (1 to 38), `scale` of them after the point (0 to `precision`).
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    Binary,
    /// Days since 1970-01-01.
    Date,
    /// Microseconds since 1970-01-01 UTC.
    Timestamp,
    /// Microseconds since 1970-01-01 on a clock without time zone.
    TimestampNtz,
    Array(Box<FeatureType>),
    Struct(Vec<(String, FeatureType)>),
}

impl FeatureType {
    /// The feature type that stores values of an Arrow type without loss (64-bit unsigned integers: up to the range of `long`).
    ///
    /// # Errors
    /// A phrase that goes on after the column's name, such as "has type map, which is not supported".
    pub fn from_arrow(data_type: &DataType) -> Result<Self, String> {
        Self::from_arrow_at(data_type, 0)
    }

    fn from_arrow_at(data_type: &DataType, depth: usize) -> Result<Self, String> {
        if depth > DEPTH_MAX {
            return Err(format!("is nested deeper than {DEPTH_MAX} levels"));
        }
        Ok(match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int8 => Self::Byte,
            DataType::Int16 | DataType::UInt8 => Self::Short,
            DataType::Int32 | DataType::UInt16 => Self::Integer,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::Long,
            DataType::Float16 | DataType::Float32 => Self::Float,
            DataType::Float64 => Self::Double,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => decimal(*precision, *scale)?,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::String,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                Self::Binary
            }
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(_, Some(_)) => Self::Timestamp,
            DataType::Timestamp(_, None) => Self::TimestampNtz,
            DataType::Dictionary(_, value) if !value.is_nested() => Self::from_arrow_at(value, depth)?,
            DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
                Self::Array(Box::new(Self::from_arrow_at(element.data_type(), depth + 1)?))
            }
            DataType::Struct(fields) => {
                let mut members = Vec::with_capacity(fields.len());
                for field in fields {
                    let member = Self::from_arrow_at(field.data_type(), depth + 1)
                        .map_err(|phrase| format!("has a member `{}` that {phrase}", shown(field.name())))?;
                    members.push((field.name().clone(), member));
                }
                check_members(&members)?;
                Self::Struct(members)
            }
            other => return Err(format!("has type {}, which is not supported", name_of(other))),
        })
    }

    /// The Arrow type that values are stored and exchanged as.
    pub fn to_arrow(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Byte => DataType::Int8,
            Self::Short => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(*precision, scale.cast_signed()),
            Self::String => DataType::Utf8,
            Self::Binary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::TimestampNtz => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Array(element) => DataType::List(list_element(element.to_arrow())),
            Self::Struct(members) => {
                let field = |(name, member): &(String, Self)| Field::new(name, member.to_arrow(), true);
                DataType::Struct(members.iter().map(field).collect::<Fields>())
            }
        }
    }

    /// Whether features of this type may be part of a primary key or join key.
    pub fn is_key(&self) -> bool {
        !matches!(self, Self::Float | Self::Double | Self::Array(_) | Self::Struct(_))
    }

    /// Whether features of this type may be an event time.
    pub fn is_event_time(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::TimestampNtz | Self::Integer | Self::Long)
    }
}

/// Whether an Arrow column may be part of a key: values that compare by equality, after the type table.
pub(crate) fn is_key_type(data_type: &DataType) -> bool {
    FeatureType::from_arrow(data_type).is_ok_and(|feature_type| feature_type.is_key())
}

/// The field of the elements of a stored list.
pub(crate) fn list_element(data_type: DataType) -> FieldRef {
    Arc::new(Field::new(LIST_ELEMENT, data_type, true))
}

/// A problem of one column; `phrase` goes on after its name.
pub(crate) fn problem(column: &str, phrase: impl fmt::Display) -> Error {
    Error::invalid(format!("column `{}` {phrase}", shown(column))).reason("SchemaMismatch").named([shown(column)])
}

fn decimal(precision: u8, scale: i8) -> Result<FeatureType, String> {
    // A negative scale means zeros before the point; stored decimals write them out.
    let (digits, scale) = match u8::try_from(scale) {
        Ok(scale) => (precision, scale),
        Err(_) => (precision.saturating_add(scale.unsigned_abs()), 0),
    };
    if (1..=DECIMAL_PRECISION_MAX).contains(&digits) && scale <= digits {
        Ok(FeatureType::Decimal { precision: digits, scale })
    } else {
        Err(format!(
            "is a decimal of {digits} digits and scale {scale}, more than {DECIMAL_PRECISION_MAX} or more scale than digits"
        ))
    }
}

fn check_members(members: &[(String, FeatureType)]) -> Result<(), String> {
    if members.is_empty() {
        return Err("is a struct without members".into());
    }
    let mut seen = HashSet::with_capacity(members.len());
    for (name, _) in members {
        check_feature_name(name).map_err(|error| format!("has a member whose {}", error.message))?;
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(format!("has two members named `{name}` (case does not count)"));
        }
    }
    Ok(())
}

/// The family of a refused type, as a user would call it.
fn name_of(data_type: &DataType) -> String {
    match data_type {
        DataType::Map(..) => "map".into(),
        DataType::Union(..) => "union".into(),
        DataType::Interval(_) => "interval".into(),
        DataType::Duration(_) => "duration".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time of day".into(),
        DataType::Null => "null (a column without any value has no type)".into(),
        DataType::RunEndEncoded(..) => "run-end encoded".into(),
        DataType::ListView(_) | DataType::LargeListView(_) => "list view".into(),
        other => other.to_string(),
    }
}

impl fmt::Display for FeatureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Array(element) => write!(f, "array<{element}>"),
            Self::Struct(members) => {
                f.write_str("struct<")?;
                for (index, (name, member)) in members.iter().enumerate() {
                    write!(f, "{}{name}:{member}", if index == 0 { "" } else { "," })?;
                }
                f.write_str(">")
            }
            simple => f.write_str(SIMPLE.iter().find(|(_, known)| known == simple).map_or("", |(name, _)| name)),
        }
    }
}

const SIMPLE: [(&str, FeatureType); 12] = [
    ("boolean", FeatureType::Boolean),
    ("byte", FeatureType::Byte),
    ("short", FeatureType::Short),
    ("integer", FeatureType::Integer),
    ("long", FeatureType::Long),
    ("float", FeatureType::Float),
    ("double", FeatureType::Double),
    ("string", FeatureType::String),
    ("binary", FeatureType::Binary),
    ("date", FeatureType::Date),
    ("timestamp", FeatureType::Timestamp),
    ("timestamp_ntz", FeatureType::TimestampNtz),
];

impl FromStr for FeatureType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parser = Parser { rest: text };
        match parser.feature_type(0) {
            Ok(feature_type) if parser.rest.trim().is_empty() => Ok(feature_type),
            _ => Err(Error::invalid(format!(
                "feature type `{}` is unknown: expected boolean, byte, short, integer, long, float, double, decimal(p,s), \
                 string, binary, date, timestamp, timestamp_ntz, array<T> or struct<name:T,...>",
                shown(text)
            ))),
        }
    }
}

/// Reads a type from the front of `rest`. Blanks between words do not count.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn feature_type(&mut self, depth: usize) -> Result<FeatureType, ()> {
        if depth > DEPTH_MAX {
            return Err(());
        }
        match self.word() {
            "decimal" => {
                self.expect('(')?;
                let precision = self.word().parse().map_err(drop)?;
                self.expect(',')?;
                let scale = self.word().parse::<u8>().map_err(drop)?;
                self.expect(')')?;
                decimal(precision, i8::try_from(scale).map_err(drop)?).map_err(drop)
            }
            "array" => {
                self.expect('<')?;
                let element = self.feature_type(depth + 1)?;
                self.expect('>')?;
                Ok(FeatureType::Array(Box::new(element)))
            }
            "struct" => {
                self.expect('<')?;
                let mut members = Vec::new();
                loop {
                    let name = self.word().to_owned();
                    self.expect(':')?;
                    members.push((name, self.feature_type(depth + 1)?));
                    if self.expect(',').is_err() {
                        break;
                    }
                }
                self.expect('>')?;
                check_members(&members).map_err(drop)?;
                Ok(FeatureType::Struct(members))
            }
            word => SIMPLE.iter().find(|(name, _)| *name == word).map(|(_, simple)| simple.clone()).ok_or(()),
        }
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    fn expect(&mut self, mark: char) -> Result<(), ()> {
        self.rest = self.rest.trim_start().strip_prefix(mark).ok_or(())?;
        Ok(())
    }
}

/// The feature that stores an Arrow field.
///
/// # Errors
/// [`StorageError::Invalid`] for a name that no feature may have and for a type that is not in the table.
pub fn feature_from_field(field: &Field) -> Result<v1::Feature> {
    check_feature_name(field.name())?;
    let feature_type = FeatureType::from_arrow(field.data_type()).map_err(|phrase| problem(field.name(), phrase))?;
    let fixed_length = match (field.data_type(), field.metadata().get(FIXED_LENGTH_KEY)) {
        (DataType::FixedSizeList(_, length), _) => u32::try_from(*length).unwrap_or(0),
        (DataType::List(_) | DataType::LargeList(_), Some(length)) => length
            .parse()
            .map_err(|_| problem(field.name(), format!("has a fixed length `{}` that is no number", shown(length))))?,
        _ => 0,
    };
    Ok(v1::Feature {
        name: field.name().clone(),
        r#type: feature_type.to_string(),
        nullable: field.is_nullable(),
        fixed_length,
        ..Default::default()
    })
}

/// The features that store the columns of an Arrow schema, in its order.
///
/// # Errors
/// [`StorageError::SchemaMismatch`] with every name and type that is refused and every name that occurs twice
/// (case does not count).
pub fn features_from_schema(schema: &Schema) -> Result<Vec<v1::Feature>> {
    let mut problems = Vec::new();
    let mut seen = HashMap::with_capacity(schema.fields().len());
    let mut features = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        if let Some(earlier) = seen.insert(field.name().to_ascii_lowercase(), field.name()) {
            problems.push(problem(
                field.name(),
                format!("has the name of column `{}` (case does not count)", shown(earlier)),
            ));
        }
        match feature_from_field(field) {
            Ok(feature) => features.push(feature),
            Err(error) => problems.push(error.into()),
        }
    }
    if problems.is_empty() { Ok(features) } else { Err(StorageError::SchemaMismatch { problems }) }
}

/// The Arrow schema that features are stored as. Field metadata keeps the fixed length of lists.
///
/// # Errors
/// [`StorageError::SchemaMismatch`] with every feature whose type cannot be read.
pub fn arrow_schema(features: &[v1::Feature]) -> Result<SchemaRef> {
    let mut problems = Vec::new();
    let mut fields = Vec::with_capacity(features.len());
    for feature in features {
        match feature.r#type.parse::<FeatureType>() {
            Ok(feature_type) => {
                let field = Field::new(&feature.name, feature_type.to_arrow(), feature.nullable);
                fields.push(match feature.fixed_length {
                    0 => field,
                    length => field.with_metadata(HashMap::from([(FIXED_LENGTH_KEY.to_owned(), length.to_string())])),
                });
            }
            Err(error) => problems.push(problem(&feature.name, format!("has an unreadable type: {}", error.message))),
        }
    }
    if problems.is_empty() { Ok(Arc::new(Schema::new(fields))) } else { Err(StorageError::SchemaMismatch { problems }) }
}

/// Every problem of the declared keys: names that are no features, repeated ones, and types that cannot be keys.
/// `event_time` is empty when there is none.
pub fn key_problems(features: &[v1::Feature], primary_key: &[String], event_time: &str) -> Vec<Error> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let invalid = |name: &str, text: String| Error::invalid(text).reason("InvalidPrimaryKey").named([shown(name)]);
    let find = |name: &str| features.iter().find(|feature| feature.name == name);
    if primary_key.is_empty() {
        problems.push(Error::invalid("the primary key has no columns").reason("InvalidPrimaryKey"));
    }
    for name in primary_key {
        if !seen.insert(name) {
            problems.push(invalid(name, format!("primary key names `{}` twice", shown(name))));
        }
        match find(name).map(|feature| feature.r#type.parse::<FeatureType>()) {
            None => {
                problems.push(invalid(name, format!("primary key `{}` is not a feature of the group", shown(name))))
            }
            Some(Ok(feature_type)) if !feature_type.is_key() => {
                problems.push(invalid(
                    name,
                    format!("primary key `{name}` has type {feature_type}, which cannot be a key"),
                ));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => problems.push(error),
        }
    }
    if !event_time.is_empty() {
        match find(event_time).map(|feature| feature.r#type.parse::<FeatureType>()) {
            None => problems.push(
                Error::invalid(format!("event time `{}` is not a feature of the group", shown(event_time)))
                    .named([shown(event_time)]),
            ),
            Some(Ok(feature_type)) if !feature_type.is_event_time() => problems.push(
                Error::invalid(format!(
                    "event time `{event_time}` has type {feature_type}: expected timestamp, timestamp_ntz, date, integer or long"
                ))
                .named([event_time]),
            ),
            Some(Ok(_)) => {}
            Some(Err(error)) => problems.push(error),
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{IntervalUnit, UnionFields, UnionMode};

    use super::*;

    fn list(element: DataType) -> DataType {
        DataType::new_list(element, true)
    }
    fn stored(element: DataType) -> DataType {
        DataType::List(list_element(element))
    }
    fn fields(members: &[(&str, DataType)]) -> DataType {
        DataType::Struct(members.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect())
    }
    fn micros(zone: Option<&str>) -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into))
    }

    /// Arrow in, spelling, Arrow stored.
    fn table() -> Vec<(DataType, &'static str, DataType)> {
        use DataType::*;
        let dictionary = |value: DataType| Dictionary(Box::new(Int32), Box::new(value));
        let mut rows = vec![
            (Boolean, "boolean", Boolean),
            (Int8, "byte", Int8),
            (Int16, "short", Int16),
            (Int32, "integer", Int32),
            (Int64, "long", Int64),
            (UInt8, "short", Int16),
            (UInt16, "integer", Int32),
            (UInt32, "long", Int64),
            (UInt64, "long", Int64),
            (Float16, "float", Float32),
            (Float32, "float", Float32),
            (Float64, "double", Float64),
            (Decimal32(5, 2), "decimal(5,2)", Decimal128(5, 2)),
            (Decimal64(12, 0), "decimal(12,0)", Decimal128(12, 0)),
            (Decimal128(38, 38), "decimal(38,38)", Decimal128(38, 38)),
            (Decimal128(5, -3), "decimal(8,0)", Decimal128(8, 0)),
            (Decimal256(38, 4), "decimal(38,4)", Decimal128(38, 4)),
            (Utf8, "string", Utf8),
            (LargeUtf8, "string", Utf8),
            (Utf8View, "string", Utf8),
            (dictionary(Utf8), "string", Utf8),
            (dictionary(Int64), "long", Int64),
            (dictionary(Binary), "binary", Binary),
            (Binary, "binary", Binary),
            (LargeBinary, "binary", Binary),
            (BinaryView, "binary", Binary),
            (FixedSizeBinary(16), "binary", Binary),
            (Date32, "date", Date32),
            (Date64, "date", Date32),
            (list(UInt8), "array<short>", stored(Int16)),
            (LargeList(Arc::new(Field::new("x", Utf8View, false))), "array<string>", stored(Utf8)),
            (FixedSizeList(Arc::new(Field::new("item", Float32, true)), 3), "array<float>", stored(Float32)),
            (list(list(Float64)), "array<array<double>>", stored(stored(Float64))),
            (
                fields(&[("a", UInt32), ("b", list(Utf8)), ("c", fields(&[("d", Decimal128(9, 1))]))]),
                "struct<a:long,b:array<string>,c:struct<d:decimal(9,1)>>",
                fields(&[("a", Int64), ("b", stored(Utf8)), ("c", fields(&[("d", Decimal128(9, 1))]))]),
            ),
        ];
        for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
            rows.push((Timestamp(unit, None), "timestamp_ntz", micros(None)));
            rows.push((Timestamp(unit, Some("Europe/Stockholm".into())), "timestamp", micros(Some("UTC"))));
        }
        rows
    }

    #[test]
    fn every_row_of_the_type_table_holds_in_every_direction() {
        for (incoming, spelling, stored) in table() {
            let feature_type = FeatureType::from_arrow(&incoming).unwrap();
            assert_eq!(feature_type.to_string(), spelling);
            assert_eq!(spelling.parse::<FeatureType>().unwrap(), feature_type);
            assert_eq!(feature_type.to_arrow(), stored, "{spelling}");
            assert_eq!(
                FeatureType::from_arrow(&stored).unwrap(),
                feature_type,
                "stored types are stored as themselves"
            );
            let feature = feature_from_field(&Field::new("f", incoming, false)).unwrap();
            assert_eq!((feature.r#type.as_str(), feature.nullable), (spelling, false));
            assert_eq!(arrow_schema(&[feature]).unwrap().field(0), &{
                let length =
                    if spelling == "array<float>" { Some((FIXED_LENGTH_KEY.to_owned(), "3".to_owned())) } else { None };
                Field::new("f", stored, false).with_metadata(length.into_iter().collect())
            });
        }
    }

    #[test]
    fn every_refused_type_is_refused_by_name_and_all_at_once() {
        use DataType::*;
        let entries = Field::new("entries", fields(&[("key", Utf8), ("value", Int32)]), false);
        let refused = [
            (Map(Arc::new(entries), false), "has type map, which is not supported"),
            (Union(UnionFields::empty(), UnionMode::Dense), "has type union, which is not supported"),
            (Interval(IntervalUnit::YearMonth), "has type interval, which is not supported"),
            (Duration(TimeUnit::Second), "has type duration, which is not supported"),
            (Time32(TimeUnit::Second), "has type time of day, which is not supported"),
            (Null, "has type null (a column without any value has no type), which is not supported"),
            (list(Time64(TimeUnit::Nanosecond)), "has type time of day, which is not supported"),
            (
                fields(&[("m", Null)]),
                "has a member `m` that has type null (a column without any value has no type), which is not supported",
            ),
            (fields(&[("a", Int8), ("A", Int8)]), "has two members named `A` (case does not count)"),
        ];
        let named: Vec<Field> = refused
            .iter()
            .enumerate()
            .map(|(index, (kind, _))| Field::new(format!("c{index}"), kind.clone(), true))
            .collect();
        let StorageError::SchemaMismatch { problems } = features_from_schema(&Schema::new(named)).unwrap_err() else {
            panic!()
        };
        for (index, (_, phrase)) in refused.iter().enumerate() {
            assert_eq!(problems[index].message, format!("column `c{index}` {phrase}"));
        }
        assert!(FeatureType::from_arrow(&Decimal256(76, 0)).unwrap_err().contains("76 digits"));
        let twice = Schema::new(vec![Field::new("id", Int8, true), Field::new("ID", Int8, true)]);
        assert!(features_from_schema(&twice).unwrap_err().to_string().contains("has the name of column `id`"));
    }

    #[test]
    fn only_the_spelling_of_the_catalog_is_read() {
        assert_eq!(
            " array < struct< a : long > > ".parse::<FeatureType>().unwrap().to_string(),
            "array<struct<a:long>>"
        );
        let deep = format!("{}long{}", "array<".repeat(100_000), ">".repeat(100_000));
        for text in [
            "",
            "bigint",
            "LONG",
            "decimal",
            "decimal(39,0)",
            "decimal(2,3)",
            "array<>",
            "array<long",
            "long>",
            "struct<>",
            "struct<a:long,>",
            "struct<a:long,A:long>",
            "struct<a b:long>",
            "map<string,long>",
            deep.as_str(),
        ] {
            assert!(text.parse::<FeatureType>().is_err(), "{text:.40}");
        }
    }

    #[test]
    fn float_keys_are_refused_by_name() {
        let features: Vec<_> = [("id", "long"), ("score", "double"), ("tags", "array<string>"), ("at", "string")]
            .map(|(name, kind)| v1::Feature { name: name.into(), r#type: kind.into(), ..Default::default() })
            .into();
        assert!(key_problems(&features, &["id".into()], "").is_empty());
        let key = ["id", "score", "tags", "x", "id"].map(String::from);
        let messages: Vec<_> = key_problems(&features, &key, "at").into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            messages,
            [
                "primary key `score` has type double, which cannot be a key",
                "primary key `tags` has type array<string>, which cannot be a key",
                "primary key `x` is not a feature of the group",
                "primary key names `id` twice",
                "event time `at` has type string: expected timestamp, timestamp_ntz, date, integer or long",
            ]
        );
    }
}
