//! One look at all rows of a file: the types of its columns, and which have no nulls.

use std::path::{Path, PathBuf};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
    record_batch::RecordBatch,
};
use mangonel_proto::{Error, Result, v1, wire};
use mangonel_storage::{
    files::{self, Dialect, Input, Reading, no_progress},
    text::{ParseRules, parse_text_column},
    types::FeatureType,
};

/// Texts that many programs write where there is no value.
const NULLS: [&str; 6] = ["NA", "N/A", "NULL", "null", "NaN", "None"];

/// What was seen in a file.
pub(super) struct Profile {
    pub path: PathBuf,
    pub reading: Reading,
    pub rows: u64,
    pub columns: Vec<Column>,
    /// Values are text, to be read by the types.
    is_text: bool,
}

pub(super) struct Column {
    /// As the file has it.
    pub name: String,
    pub feature_type: FeatureType,
    pub nulls: u64,
}

impl Profile {
    /// # Errors
    /// `invalid_argument` naming the file where it cannot be read, or holds what cannot be stored.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut reading = Reading { dialect: files::sniff_delimiter(path)?, ..Reading::default() };
        let mut inferred = reading.infer_schema(Input::open(path)?)?;
        let with_nulls = Dialect { nulls: NULLS.map(str::to_owned).into(), ..reading.dialect.clone() };
        let with_nulls = Reading { dialect: with_nulls, ..Reading::default() };
        let without = with_nulls.infer_schema(Input::open(path)?)?;
        if without != inferred {
            (reading, inferred) = (with_nulls, without);
        }
        // JSON has no dates: they are strings that look so.
        let is_json = reading.needs_features(path);
        let mut candidates = Vec::new();
        let mut problems = Vec::new();
        for field in inferred.fields() {
            match FeatureType::from_arrow(field.data_type()) {
                Ok(feature_type) => candidates.push(Candidates::new(field.name(), feature_type, is_json)),
                Err(phrase) => {
                    let message = format!("{}: column `{}` {phrase}", path.display(), field.name());
                    problems.push(Error::invalid(message));
                }
            }
        }
        Error::all(problems)?;
        // What may turn out to be a date is a string until all of it was seen.
        let widest = |column: &Candidates| feature(&column.name, &column.types[column.types.len() - 1]);
        reading.features = candidates.iter().map(widest).collect();
        let (schema, batches) = reading.open(Input::open(path)?, &no_progress())?;
        let is_text = schema.metadata().contains_key(wire::TEXT_METADATA);
        let rules = if is_json { ParseRules { null_values: Vec::new() } } else { rules(&reading) };
        let mut rows = 0;
        for batch in batches {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            for (candidates, array) in candidates.iter_mut().zip(batch.columns()) {
                let is_text = is_text || is_json && array.data_type() == &DataType::Utf8;
                candidates.look(array, is_text, &rules)?;
            }
        }
        if rows == 0 {
            return Err(Error::invalid(format!("{}: there are no rows in it", path.display())));
        }
        reading.dialect.nulls.retain(|null| candidates.iter().any(|column| column.nulls_seen.contains(null)));
        let columns: Vec<Column> = candidates.into_iter().map(Candidates::settled).collect();
        reading.features = columns.iter().map(Column::feature).collect();
        Ok(Self { path: path.to_owned(), reading, rows, columns, is_text })
    }

    /// Some columns of all rows, as they will be stored, batch by batch.
    ///
    /// # Errors
    /// As [`Profile::read`].
    pub(super) fn each(&self, columns: &[usize], mut take: impl FnMut(&[ArrayRef]) -> Result<bool>) -> Result<()> {
        let (_, batches) = self.reading.open(Input::open(&self.path)?, &no_progress())?;
        for batch in batches {
            let arrays = self.stored(&batch?, columns)?;
            if !take(&arrays)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn stored(&self, batch: &RecordBatch, columns: &[usize]) -> Result<Vec<ArrayRef>> {
        let rules = rules(&self.reading);
        let stored = |column: &usize| {
            let array = batch.column(*column);
            if !self.is_text {
                return Ok(ArrayRef::clone(array));
            }
            let column = &self.columns[*column];
            Ok(parse_text_column(&column.name, array.as_string(), &column.feature_type.to_arrow(), &rules, 0)?)
        };
        columns.iter().map(stored).collect()
    }
}

fn rules(reading: &Reading) -> ParseRules {
    let mut null_values = reading.dialect.nulls.clone();
    null_values.push(String::new());
    ParseRules { null_values }
}

/// The types that a column may still have, the narrowest first.
struct Candidates {
    name: String,
    types: Vec<FeatureType>,
    nulls: u64,
    /// Texts for null that there were.
    nulls_seen: Vec<String>,
    has_values: bool,
}

impl Candidates {
    fn new(name: &str, inferred: FeatureType, is_json: bool) -> Self {
        use FeatureType::{Date, Double, Long, String, Timestamp, TimestampNtz};
        let types = match (inferred, is_json) {
            (String, true) => vec![Date, TimestampNtz, Timestamp, String],
            (inferred, true) => vec![inferred],
            (Long, false) => vec![Long, Double, String],
            (Date, false) => vec![Date, TimestampNtz, Timestamp, String],
            (TimestampNtz, false) => vec![TimestampNtz, Timestamp, String],
            (String, false) => vec![String],
            (inferred, false) => vec![inferred, String],
        };
        Self { name: name.to_owned(), types, nulls: 0, nulls_seen: Vec::new(), has_values: false }
    }

    fn look(&mut self, array: &ArrayRef, is_text: bool, rules: &ParseRules) -> Result<()> {
        if !is_text {
            self.types.truncate(1);
            self.has_values = true;
            self.nulls += array.logical_nulls().map_or(0, |nulls| nulls.null_count() as u64);
            return Ok(());
        }
        let texts = cast(array, &DataType::Utf8).map_err(|error| Error::internal(error.to_string()))?;
        let texts: &StringArray = texts.as_string();
        // `00420` is a code, and a number would lose what it says.
        let is_number = matches!(self.types[0], FeatureType::Long | FeatureType::Double);
        if is_number && texts.iter().flatten().any(is_code) {
            self.types = vec![FeatureType::String];
        }
        while self.types.len() > 1 && parse_text_column(&self.name, texts, &self.types[0].to_arrow(), rules, 0).is_err()
        {
            self.types.remove(0);
        }
        for text in texts.iter() {
            let Some(text) = text.filter(|text| !text.is_empty()) else {
                self.nulls += 1;
                continue;
            };
            match rules.null_values.iter().find(|null| *null == text) {
                None => self.has_values = true,
                Some(null) => {
                    self.nulls += 1;
                    if !self.nulls_seen.contains(null) {
                        self.nulls_seen.push(null.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn settled(mut self) -> Column {
        // Nothing but nulls would pass for any type.
        if !self.has_values {
            self.types = self.types.split_off(self.types.len() - 1);
        }
        Column { name: self.name, feature_type: self.types.remove(0), nulls: self.nulls }
    }
}

fn is_code(text: &str) -> bool {
    let digits = text.trim().trim_start_matches(['-', '+']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn feature(name: &str, feature_type: &FeatureType) -> v1::Feature {
    v1::Feature { name: name.to_owned(), r#type: feature_type.to_string(), nullable: true, ..v1::Feature::default() }
}

impl Column {
    fn feature(&self) -> v1::Feature {
        feature(&self.name, &self.feature_type)
    }

    /// Whether it says when something was.
    pub(super) fn is_time(&self) -> bool {
        self.feature_type.is_event_time()
            && matches!(self.feature_type, FeatureType::Date | FeatureType::Timestamp | FeatureType::TimestampNtz)
    }
}
