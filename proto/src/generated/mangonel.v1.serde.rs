impl serde::Serialize for AdmitExecutor {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.AdmitExecutor", len)?;
        if true {
            struct_ser.serialize_field("executorId", &self.executor_id)?;
        }
        if true {
            struct_ser.serialize_field("secret", &self.secret)?;
        }
        if true {
            struct_ser.serialize_field("warehouseId", &self.warehouse_id)?;
        }
        if true {
            struct_ser.serialize_field("probe", &self.probe)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for AdmitExecutor {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "executor_id",
            "executorId",
            "secret",
            "warehouse_id",
            "warehouseId",
            "probe",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExecutorId,
            Secret,
            WarehouseId,
            Probe,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "executorId" | "executor_id" => Ok(GeneratedField::ExecutorId),
                            "secret" => Ok(GeneratedField::Secret),
                            "warehouseId" | "warehouse_id" => Ok(GeneratedField::WarehouseId),
                            "probe" => Ok(GeneratedField::Probe),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = AdmitExecutor;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.AdmitExecutor")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<AdmitExecutor, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut executor_id__ = None;
                let mut secret__ = None;
                let mut warehouse_id__ = None;
                let mut probe__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExecutorId => {
                            if executor_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("executorId"));
                            }
                            executor_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Secret => {
                            if secret__.is_some() {
                                return Err(serde::de::Error::duplicate_field("secret"));
                            }
                            secret__ = Some(map_.next_value()?);
                        }
                        GeneratedField::WarehouseId => {
                            if warehouse_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warehouseId"));
                            }
                            warehouse_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Probe => {
                            if probe__.is_some() {
                                return Err(serde::de::Error::duplicate_field("probe"));
                            }
                            probe__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(AdmitExecutor {
                    executor_id: executor_id__.unwrap_or_default(),
                    secret: secret__.unwrap_or_default(),
                    warehouse_id: warehouse_id__.unwrap_or_default(),
                    probe: probe__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.AdmitExecutor", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for BeginInsert {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.BeginInsert", len)?;
        if true {
            struct_ser.serialize_field("featureGroup", &self.feature_group)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            let v = InsertMode::try_from(self.mode)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.mode)))?;
            struct_ser.serialize_field("mode", &v)?;
        }
        if true {
            struct_ser.serialize_field("sources", &self.sources)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if let Some(v) = self.reading.as_ref() {
            struct_ser.serialize_field("reading", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for BeginInsert {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "feature_group",
            "featureGroup",
            "version",
            "mode",
            "sources",
            "run_id",
            "runId",
            "reading",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FeatureGroup,
            Version,
            Mode,
            Sources,
            RunId,
            Reading,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "featureGroup" | "feature_group" => Ok(GeneratedField::FeatureGroup),
                            "version" => Ok(GeneratedField::Version),
                            "mode" => Ok(GeneratedField::Mode),
                            "sources" => Ok(GeneratedField::Sources),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "reading" => Ok(GeneratedField::Reading),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = BeginInsert;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.BeginInsert")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<BeginInsert, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut feature_group__ = None;
                let mut version__ = None;
                let mut mode__ = None;
                let mut sources__ = None;
                let mut run_id__ = None;
                let mut reading__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FeatureGroup => {
                            if feature_group__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureGroup"));
                            }
                            feature_group__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Mode => {
                            if mode__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mode"));
                            }
                            mode__ = Some(map_.next_value::<InsertMode>()? as i32);
                        }
                        GeneratedField::Sources => {
                            if sources__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sources"));
                            }
                            sources__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reading => {
                            if reading__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reading"));
                            }
                            reading__ = map_.next_value()?;
                        }
                    }
                }
                Ok(BeginInsert {
                    feature_group: feature_group__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    mode: mode__.unwrap_or_default(),
                    sources: sources__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    reading: reading__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.BeginInsert", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for BeginInsertResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.BeginInsertResponse", len)?;
        if let Some(v) = self.run.as_ref() {
            struct_ser.serialize_field("run", v)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("uploadTicket", pbjson::private::base64::encode(&self.upload_ticket).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for BeginInsertResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run",
            "upload_ticket",
            "uploadTicket",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Run,
            UploadTicket,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "run" => Ok(GeneratedField::Run),
                            "uploadTicket" | "upload_ticket" => Ok(GeneratedField::UploadTicket),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = BeginInsertResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.BeginInsertResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<BeginInsertResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run__ = None;
                let mut upload_ticket__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Run => {
                            if run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("run"));
                            }
                            run__ = map_.next_value()?;
                        }
                        GeneratedField::UploadTicket => {
                            if upload_ticket__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uploadTicket"));
                            }
                            upload_ticket__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(BeginInsertResponse {
                    run: run__,
                    upload_ticket: upload_ticket__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.BeginInsertResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CommitInsert {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CommitInsert", len)?;
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if true {
            struct_ser.serialize_field("parts", &self.parts)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CommitInsert {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run_id",
            "runId",
            "parts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RunId,
            Parts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "parts" => Ok(GeneratedField::Parts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CommitInsert;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CommitInsert")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CommitInsert, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run_id__ = None;
                let mut parts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parts => {
                            if parts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parts"));
                            }
                            parts__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CommitInsert {
                    run_id: run_id__.unwrap_or_default(),
                    parts: parts__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CommitInsert", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CompactFeatureGroup {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CompactFeatureGroup", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CompactFeatureGroup {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CompactFeatureGroup;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CompactFeatureGroup")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CompactFeatureGroup, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CompactFeatureGroup {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CompactFeatureGroup", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Compression {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "COMPRESSION_UNSPECIFIED",
            Self::None => "COMPRESSION_NONE",
            Self::Gzip => "COMPRESSION_GZIP",
            Self::Zlib => "COMPRESSION_ZLIB",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Compression {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "COMPRESSION_UNSPECIFIED",
            "COMPRESSION_NONE",
            "COMPRESSION_GZIP",
            "COMPRESSION_ZLIB",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Compression;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "COMPRESSION_UNSPECIFIED" => Ok(Compression::Unspecified),
                    "COMPRESSION_NONE" => Ok(Compression::None),
                    "COMPRESSION_GZIP" => Ok(Compression::Gzip),
                    "COMPRESSION_ZLIB" => Ok(Compression::Zlib),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for CreateFeatureGroup {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CreateFeatureGroup", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if true {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if true {
            struct_ser.serialize_field("primaryKey", &self.primary_key)?;
        }
        if true {
            struct_ser.serialize_field("eventTime", &self.event_time)?;
        }
        if true {
            struct_ser.serialize_field("partitionBy", &self.partition_by)?;
        }
        if true {
            struct_ser.serialize_field("jobName", &self.job_name)?;
        }
        if true {
            struct_ser.serialize_field("dependencies", &self.dependencies)?;
        }
        if let Some(v) = self.statistics.as_ref() {
            struct_ser.serialize_field("statistics", v)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("arrowSchema", pbjson::private::base64::encode(&self.arrow_schema).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CreateFeatureGroup {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "description",
            "features",
            "primary_key",
            "primaryKey",
            "event_time",
            "eventTime",
            "partition_by",
            "partitionBy",
            "job_name",
            "jobName",
            "dependencies",
            "statistics",
            "arrow_schema",
            "arrowSchema",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            Description,
            Features,
            PrimaryKey,
            EventTime,
            PartitionBy,
            JobName,
            Dependencies,
            Statistics,
            ArrowSchema,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "description" => Ok(GeneratedField::Description),
                            "features" => Ok(GeneratedField::Features),
                            "primaryKey" | "primary_key" => Ok(GeneratedField::PrimaryKey),
                            "eventTime" | "event_time" => Ok(GeneratedField::EventTime),
                            "partitionBy" | "partition_by" => Ok(GeneratedField::PartitionBy),
                            "jobName" | "job_name" => Ok(GeneratedField::JobName),
                            "dependencies" => Ok(GeneratedField::Dependencies),
                            "statistics" => Ok(GeneratedField::Statistics),
                            "arrowSchema" | "arrow_schema" => Ok(GeneratedField::ArrowSchema),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CreateFeatureGroup;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CreateFeatureGroup")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CreateFeatureGroup, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut description__ = None;
                let mut features__ = None;
                let mut primary_key__ = None;
                let mut event_time__ = None;
                let mut partition_by__ = None;
                let mut job_name__ = None;
                let mut dependencies__ = None;
                let mut statistics__ = None;
                let mut arrow_schema__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PrimaryKey => {
                            if primary_key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("primaryKey"));
                            }
                            primary_key__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EventTime => {
                            if event_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("eventTime"));
                            }
                            event_time__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PartitionBy => {
                            if partition_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("partitionBy"));
                            }
                            partition_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::JobName => {
                            if job_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jobName"));
                            }
                            job_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Dependencies => {
                            if dependencies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dependencies"));
                            }
                            dependencies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Statistics => {
                            if statistics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("statistics"));
                            }
                            statistics__ = map_.next_value()?;
                        }
                        GeneratedField::ArrowSchema => {
                            if arrow_schema__.is_some() {
                                return Err(serde::de::Error::duplicate_field("arrowSchema"));
                            }
                            arrow_schema__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(CreateFeatureGroup {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    features: features__.unwrap_or_default(),
                    primary_key: primary_key__.unwrap_or_default(),
                    event_time: event_time__.unwrap_or_default(),
                    partition_by: partition_by__.unwrap_or_default(),
                    job_name: job_name__.unwrap_or_default(),
                    dependencies: dependencies__.unwrap_or_default(),
                    statistics: statistics__,
                    arrow_schema: arrow_schema__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CreateFeatureGroup", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CreateProject {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CreateProject", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CreateProject {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "description",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Description,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "description" => Ok(GeneratedField::Description),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CreateProject;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CreateProject")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CreateProject, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut description__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CreateProject {
                    name: name__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CreateProject", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CreateTrainingDataset {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CreateTrainingDataset", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if let Some(v) = self.source.as_ref() {
            struct_ser.serialize_field("source", v)?;
        }
        if true {
            struct_ser.serialize_field("labels", &self.labels)?;
        }
        if true {
            let v = DataFormat::try_from(self.data_format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.data_format)))?;
            struct_ser.serialize_field("dataFormat", &v)?;
        }
        if true {
            struct_ser.serialize_field("shards", &self.shards)?;
        }
        if true {
            let v = NullPolicy::try_from(self.null_policy)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.null_policy)))?;
            struct_ser.serialize_field("nullPolicy", &v)?;
        }
        if true {
            struct_ser.serialize_field("strict", &self.strict)?;
        }
        if true {
            struct_ser.serialize_field("stringFeatures", &self.string_features)?;
        }
        if true {
            struct_ser.serialize_field("jobName", &self.job_name)?;
        }
        if true {
            struct_ser.serialize_field("dependencies", &self.dependencies)?;
        }
        if let Some(v) = self.statistics.as_ref() {
            struct_ser.serialize_field("statistics", v)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if true {
            let v = Compression::try_from(self.compression)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.compression)))?;
            struct_ser.serialize_field("compression", &v)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("shardBytes", ToString::to_string(&self.shard_bytes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CreateTrainingDataset {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "description",
            "source",
            "labels",
            "data_format",
            "dataFormat",
            "shards",
            "null_policy",
            "nullPolicy",
            "strict",
            "string_features",
            "stringFeatures",
            "job_name",
            "jobName",
            "dependencies",
            "statistics",
            "run_id",
            "runId",
            "compression",
            "shard_bytes",
            "shardBytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            Description,
            Source,
            Labels,
            DataFormat,
            Shards,
            NullPolicy,
            Strict,
            StringFeatures,
            JobName,
            Dependencies,
            Statistics,
            RunId,
            Compression,
            ShardBytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "description" => Ok(GeneratedField::Description),
                            "source" => Ok(GeneratedField::Source),
                            "labels" => Ok(GeneratedField::Labels),
                            "dataFormat" | "data_format" => Ok(GeneratedField::DataFormat),
                            "shards" => Ok(GeneratedField::Shards),
                            "nullPolicy" | "null_policy" => Ok(GeneratedField::NullPolicy),
                            "strict" => Ok(GeneratedField::Strict),
                            "stringFeatures" | "string_features" => Ok(GeneratedField::StringFeatures),
                            "jobName" | "job_name" => Ok(GeneratedField::JobName),
                            "dependencies" => Ok(GeneratedField::Dependencies),
                            "statistics" => Ok(GeneratedField::Statistics),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "compression" => Ok(GeneratedField::Compression),
                            "shardBytes" | "shard_bytes" => Ok(GeneratedField::ShardBytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CreateTrainingDataset;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CreateTrainingDataset")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CreateTrainingDataset, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut description__ = None;
                let mut source__ = None;
                let mut labels__ = None;
                let mut data_format__ = None;
                let mut shards__ = None;
                let mut null_policy__ = None;
                let mut strict__ = None;
                let mut string_features__ = None;
                let mut job_name__ = None;
                let mut dependencies__ = None;
                let mut statistics__ = None;
                let mut run_id__ = None;
                let mut compression__ = None;
                let mut shard_bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Source => {
                            if source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("source"));
                            }
                            source__ = map_.next_value()?;
                        }
                        GeneratedField::Labels => {
                            if labels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labels"));
                            }
                            labels__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DataFormat => {
                            if data_format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataFormat"));
                            }
                            data_format__ = Some(map_.next_value::<DataFormat>()? as i32);
                        }
                        GeneratedField::Shards => {
                            if shards__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shards"));
                            }
                            shards__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::NullPolicy => {
                            if null_policy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nullPolicy"));
                            }
                            null_policy__ = Some(map_.next_value::<NullPolicy>()? as i32);
                        }
                        GeneratedField::Strict => {
                            if strict__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strict"));
                            }
                            strict__ = Some(map_.next_value()?);
                        }
                        GeneratedField::StringFeatures => {
                            if string_features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stringFeatures"));
                            }
                            string_features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::JobName => {
                            if job_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jobName"));
                            }
                            job_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Dependencies => {
                            if dependencies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dependencies"));
                            }
                            dependencies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Statistics => {
                            if statistics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("statistics"));
                            }
                            statistics__ = map_.next_value()?;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Compression => {
                            if compression__.is_some() {
                                return Err(serde::de::Error::duplicate_field("compression"));
                            }
                            compression__ = Some(map_.next_value::<Compression>()? as i32);
                        }
                        GeneratedField::ShardBytes => {
                            if shard_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shardBytes"));
                            }
                            shard_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(CreateTrainingDataset {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    source: source__,
                    labels: labels__.unwrap_or_default(),
                    data_format: data_format__.unwrap_or_default(),
                    shards: shards__.unwrap_or_default(),
                    null_policy: null_policy__.unwrap_or_default(),
                    strict: strict__.unwrap_or_default(),
                    string_features: string_features__.unwrap_or_default(),
                    job_name: job_name__.unwrap_or_default(),
                    dependencies: dependencies__.unwrap_or_default(),
                    statistics: statistics__,
                    run_id: run_id__.unwrap_or_default(),
                    compression: compression__.unwrap_or_default(),
                    shard_bytes: shard_bytes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CreateTrainingDataset", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CreateTrainingDatasetResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.CreateTrainingDatasetResponse", len)?;
        if let Some(v) = self.run.as_ref() {
            struct_ser.serialize_field("run", v)?;
        }
        if let Some(v) = self.training_dataset.as_ref() {
            struct_ser.serialize_field("trainingDataset", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CreateTrainingDatasetResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run",
            "training_dataset",
            "trainingDataset",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Run,
            TrainingDataset,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "run" => Ok(GeneratedField::Run),
                            "trainingDataset" | "training_dataset" => Ok(GeneratedField::TrainingDataset),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CreateTrainingDatasetResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.CreateTrainingDatasetResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CreateTrainingDatasetResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run__ = None;
                let mut training_dataset__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Run => {
                            if run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("run"));
                            }
                            run__ = map_.next_value()?;
                        }
                        GeneratedField::TrainingDataset => {
                            if training_dataset__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainingDataset"));
                            }
                            training_dataset__ = map_.next_value()?;
                        }
                    }
                }
                Ok(CreateTrainingDatasetResponse {
                    run: run__,
                    training_dataset: training_dataset__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.CreateTrainingDatasetResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DataFormat {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DATA_FORMAT_UNSPECIFIED",
            Self::Tfrecord => "DATA_FORMAT_TFRECORD",
            Self::Parquet => "DATA_FORMAT_PARQUET",
            Self::Csv => "DATA_FORMAT_CSV",
            Self::Tsv => "DATA_FORMAT_TSV",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DataFormat {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DATA_FORMAT_UNSPECIFIED",
            "DATA_FORMAT_TFRECORD",
            "DATA_FORMAT_PARQUET",
            "DATA_FORMAT_CSV",
            "DATA_FORMAT_TSV",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DataFormat;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DATA_FORMAT_UNSPECIFIED" => Ok(DataFormat::Unspecified),
                    "DATA_FORMAT_TFRECORD" => Ok(DataFormat::Tfrecord),
                    "DATA_FORMAT_PARQUET" => Ok(DataFormat::Parquet),
                    "DATA_FORMAT_CSV" => Ok(DataFormat::Csv),
                    "DATA_FORMAT_TSV" => Ok(DataFormat::Tsv),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Dependency {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Dependency", len)?;
        if true {
            let v = DependencyKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Dependency {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "name",
            "version",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Name,
            Version,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Dependency;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Dependency")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Dependency, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut name__ = None;
                let mut version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<DependencyKind>()? as i32);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Dependency {
                    kind: kind__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Dependency", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DependencyKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DEPENDENCY_KIND_UNSPECIFIED",
            Self::Path => "DEPENDENCY_KIND_PATH",
            Self::FeatureGroup => "DEPENDENCY_KIND_FEATURE_GROUP",
            Self::TrainingDataset => "DEPENDENCY_KIND_TRAINING_DATASET",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DependencyKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DEPENDENCY_KIND_UNSPECIFIED",
            "DEPENDENCY_KIND_PATH",
            "DEPENDENCY_KIND_FEATURE_GROUP",
            "DEPENDENCY_KIND_TRAINING_DATASET",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DependencyKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DEPENDENCY_KIND_UNSPECIFIED" => Ok(DependencyKind::Unspecified),
                    "DEPENDENCY_KIND_PATH" => Ok(DependencyKind::Path),
                    "DEPENDENCY_KIND_FEATURE_GROUP" => Ok(DependencyKind::FeatureGroup),
                    "DEPENDENCY_KIND_TRAINING_DATASET" => Ok(DependencyKind::TrainingDataset),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for DiskStatus {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.DiskStatus", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("path", &self.path)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("freeBytes", ToString::to_string(&self.free_bytes).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("totalBytes", ToString::to_string(&self.total_bytes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DiskStatus {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "path",
            "free_bytes",
            "freeBytes",
            "total_bytes",
            "totalBytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Path,
            FreeBytes,
            TotalBytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "path" => Ok(GeneratedField::Path),
                            "freeBytes" | "free_bytes" => Ok(GeneratedField::FreeBytes),
                            "totalBytes" | "total_bytes" => Ok(GeneratedField::TotalBytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DiskStatus;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.DiskStatus")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DiskStatus, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut path__ = None;
                let mut free_bytes__ = None;
                let mut total_bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Path => {
                            if path__.is_some() {
                                return Err(serde::de::Error::duplicate_field("path"));
                            }
                            path__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FreeBytes => {
                            if free_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("freeBytes"));
                            }
                            free_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TotalBytes => {
                            if total_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("totalBytes"));
                            }
                            total_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(DiskStatus {
                    name: name__.unwrap_or_default(),
                    path: path__.unwrap_or_default(),
                    free_bytes: free_bytes__.unwrap_or_default(),
                    total_bytes: total_bytes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.DiskStatus", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Empty {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("mangonel.v1.Empty", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Empty {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Empty;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Empty")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Empty, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Empty {
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Empty", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Error {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Error", len)?;
        if true {
            let v = ErrorCode::try_from(self.code)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.code)))?;
            struct_ser.serialize_field("code", &v)?;
        }
        if true {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if true {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if true {
            struct_ser.serialize_field("names", &self.names)?;
        }
        if true {
            struct_ser.serialize_field("problems", &self.problems)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Error {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "message",
            "reason",
            "names",
            "problems",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Message,
            Reason,
            Names,
            Problems,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "reason" => Ok(GeneratedField::Reason),
                            "names" => Ok(GeneratedField::Names),
                            "problems" => Ok(GeneratedField::Problems),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Error;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Error")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Error, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut message__ = None;
                let mut reason__ = None;
                let mut names__ = None;
                let mut problems__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value::<ErrorCode>()? as i32);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Names => {
                            if names__.is_some() {
                                return Err(serde::de::Error::duplicate_field("names"));
                            }
                            names__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Problems => {
                            if problems__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problems"));
                            }
                            problems__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Error {
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    names: names__.unwrap_or_default(),
                    problems: problems__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Error", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ErrorCode {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ERROR_CODE_UNSPECIFIED",
            Self::NotFound => "ERROR_CODE_NOT_FOUND",
            Self::AlreadyExists => "ERROR_CODE_ALREADY_EXISTS",
            Self::InvalidArgument => "ERROR_CODE_INVALID_ARGUMENT",
            Self::Ambiguous => "ERROR_CODE_AMBIGUOUS",
            Self::Conflict => "ERROR_CODE_CONFLICT",
            Self::PermissionDenied => "ERROR_CODE_PERMISSION_DENIED",
            Self::Unauthenticated => "ERROR_CODE_UNAUTHENTICATED",
            Self::ResourceExhausted => "ERROR_CODE_RESOURCE_EXHAUSTED",
            Self::Unavailable => "ERROR_CODE_UNAVAILABLE",
            Self::Cancelled => "ERROR_CODE_CANCELLED",
            Self::Internal => "ERROR_CODE_INTERNAL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ErrorCode {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ERROR_CODE_UNSPECIFIED",
            "ERROR_CODE_NOT_FOUND",
            "ERROR_CODE_ALREADY_EXISTS",
            "ERROR_CODE_INVALID_ARGUMENT",
            "ERROR_CODE_AMBIGUOUS",
            "ERROR_CODE_CONFLICT",
            "ERROR_CODE_PERMISSION_DENIED",
            "ERROR_CODE_UNAUTHENTICATED",
            "ERROR_CODE_RESOURCE_EXHAUSTED",
            "ERROR_CODE_UNAVAILABLE",
            "ERROR_CODE_CANCELLED",
            "ERROR_CODE_INTERNAL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ErrorCode;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ERROR_CODE_UNSPECIFIED" => Ok(ErrorCode::Unspecified),
                    "ERROR_CODE_NOT_FOUND" => Ok(ErrorCode::NotFound),
                    "ERROR_CODE_ALREADY_EXISTS" => Ok(ErrorCode::AlreadyExists),
                    "ERROR_CODE_INVALID_ARGUMENT" => Ok(ErrorCode::InvalidArgument),
                    "ERROR_CODE_AMBIGUOUS" => Ok(ErrorCode::Ambiguous),
                    "ERROR_CODE_CONFLICT" => Ok(ErrorCode::Conflict),
                    "ERROR_CODE_PERMISSION_DENIED" => Ok(ErrorCode::PermissionDenied),
                    "ERROR_CODE_UNAUTHENTICATED" => Ok(ErrorCode::Unauthenticated),
                    "ERROR_CODE_RESOURCE_EXHAUSTED" => Ok(ErrorCode::ResourceExhausted),
                    "ERROR_CODE_UNAVAILABLE" => Ok(ErrorCode::Unavailable),
                    "ERROR_CODE_CANCELLED" => Ok(ErrorCode::Cancelled),
                    "ERROR_CODE_INTERNAL" => Ok(ErrorCode::Internal),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for EvolveFeatureGroup {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.EvolveFeatureGroup", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EvolveFeatureGroup {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "features",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            Features,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "features" => Ok(GeneratedField::Features),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EvolveFeatureGroup;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.EvolveFeatureGroup")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EvolveFeatureGroup, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut features__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(EvolveFeatureGroup {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    features: features__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.EvolveFeatureGroup", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for EvolveFeatureGroupResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.EvolveFeatureGroupResponse", len)?;
        if let Some(v) = self.feature_group.as_ref() {
            struct_ser.serialize_field("featureGroup", v)?;
        }
        if let Some(v) = self.run.as_ref() {
            struct_ser.serialize_field("run", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EvolveFeatureGroupResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "feature_group",
            "featureGroup",
            "run",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FeatureGroup,
            Run,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "featureGroup" | "feature_group" => Ok(GeneratedField::FeatureGroup),
                            "run" => Ok(GeneratedField::Run),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EvolveFeatureGroupResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.EvolveFeatureGroupResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EvolveFeatureGroupResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut feature_group__ = None;
                let mut run__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FeatureGroup => {
                            if feature_group__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureGroup"));
                            }
                            feature_group__ = map_.next_value()?;
                        }
                        GeneratedField::Run => {
                            if run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("run"));
                            }
                            run__ = map_.next_value()?;
                        }
                    }
                }
                Ok(EvolveFeatureGroupResponse {
                    feature_group: feature_group__,
                    run: run__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.EvolveFeatureGroupResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExecutorPulse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ExecutorPulse", len)?;
        if true {
            struct_ser.serialize_field("executorId", &self.executor_id)?;
        }
        if true {
            struct_ser.serialize_field("secret", &self.secret)?;
        }
        if true {
            let v: std::collections::HashMap<_, _> = self.rows.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("rows", &v)?;
        }
        if true {
            struct_ser.serialize_field("results", &self.results)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExecutorPulse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "executor_id",
            "executorId",
            "secret",
            "rows",
            "results",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExecutorId,
            Secret,
            Rows,
            Results,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "executorId" | "executor_id" => Ok(GeneratedField::ExecutorId),
                            "secret" => Ok(GeneratedField::Secret),
                            "rows" => Ok(GeneratedField::Rows),
                            "results" => Ok(GeneratedField::Results),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExecutorPulse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ExecutorPulse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExecutorPulse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut executor_id__ = None;
                let mut secret__ = None;
                let mut rows__ = None;
                let mut results__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExecutorId => {
                            if executor_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("executorId"));
                            }
                            executor_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Secret => {
                            if secret__.is_some() {
                                return Err(serde::de::Error::duplicate_field("secret"));
                            }
                            secret__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Results => {
                            if results__.is_some() {
                                return Err(serde::de::Error::duplicate_field("results"));
                            }
                            results__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ExecutorPulse {
                    executor_id: executor_id__.unwrap_or_default(),
                    secret: secret__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    results: results__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ExecutorPulse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExecutorPulseResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ExecutorPulseResponse", len)?;
        if true {
            struct_ser.serialize_field("cancelled", &self.cancelled)?;
        }
        if true {
            struct_ser.serialize_field("over", &self.over)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExecutorPulseResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "cancelled",
            "over",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Cancelled,
            Over,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "cancelled" => Ok(GeneratedField::Cancelled),
                            "over" => Ok(GeneratedField::Over),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExecutorPulseResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ExecutorPulseResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExecutorPulseResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut cancelled__ = None;
                let mut over__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Cancelled => {
                            if cancelled__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cancelled"));
                            }
                            cancelled__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Over => {
                            if over__.is_some() {
                                return Err(serde::de::Error::duplicate_field("over"));
                            }
                            over__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ExecutorPulseResponse {
                    cancelled: cancelled__.unwrap_or_default(),
                    over: over__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ExecutorPulseResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExecutorStatus {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ExecutorStatus", len)?;
        if true {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if true {
            struct_ser.serialize_field("host", &self.host)?;
        }
        if true {
            struct_ser.serialize_field("slots", &self.slots)?;
        }
        if true {
            struct_ser.serialize_field("freeSlots", &self.free_slots)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("lastSeenMs", ToString::to_string(&self.last_seen_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("flight", &self.flight)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExecutorStatus {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "host",
            "slots",
            "free_slots",
            "freeSlots",
            "last_seen_ms",
            "lastSeenMs",
            "flight",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Host,
            Slots,
            FreeSlots,
            LastSeenMs,
            Flight,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "host" => Ok(GeneratedField::Host),
                            "slots" => Ok(GeneratedField::Slots),
                            "freeSlots" | "free_slots" => Ok(GeneratedField::FreeSlots),
                            "lastSeenMs" | "last_seen_ms" => Ok(GeneratedField::LastSeenMs),
                            "flight" => Ok(GeneratedField::Flight),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExecutorStatus;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ExecutorStatus")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExecutorStatus, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut host__ = None;
                let mut slots__ = None;
                let mut free_slots__ = None;
                let mut last_seen_ms__ = None;
                let mut flight__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Host => {
                            if host__.is_some() {
                                return Err(serde::de::Error::duplicate_field("host"));
                            }
                            host__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Slots => {
                            if slots__.is_some() {
                                return Err(serde::de::Error::duplicate_field("slots"));
                            }
                            slots__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FreeSlots => {
                            if free_slots__.is_some() {
                                return Err(serde::de::Error::duplicate_field("freeSlots"));
                            }
                            free_slots__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LastSeenMs => {
                            if last_seen_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lastSeenMs"));
                            }
                            last_seen_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Flight => {
                            if flight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("flight"));
                            }
                            flight__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ExecutorStatus {
                    id: id__.unwrap_or_default(),
                    host: host__.unwrap_or_default(),
                    slots: slots__.unwrap_or_default(),
                    free_slots: free_slots__.unwrap_or_default(),
                    last_seen_ms: last_seen_ms__.unwrap_or_default(),
                    flight: flight__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ExecutorStatus", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Explanation {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Explanation", len)?;
        if true {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if true {
            struct_ser.serialize_field("physicalPlan", &self.physical_plan)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Explanation {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "text",
            "physical_plan",
            "physicalPlan",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Text,
            PhysicalPlan,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "text" => Ok(GeneratedField::Text),
                            "physicalPlan" | "physical_plan" => Ok(GeneratedField::PhysicalPlan),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Explanation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Explanation")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Explanation, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut text__ = None;
                let mut physical_plan__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PhysicalPlan => {
                            if physical_plan__.is_some() {
                                return Err(serde::de::Error::duplicate_field("physicalPlan"));
                            }
                            physical_plan__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Explanation {
                    text: text__.unwrap_or_default(),
                    physical_plan: physical_plan__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Explanation", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Feature {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Feature", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("type", &self.r#type)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if true {
            struct_ser.serialize_field("nullable", &self.nullable)?;
        }
        if true {
            struct_ser.serialize_field("fixedLength", &self.fixed_length)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Feature {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "type",
            "description",
            "nullable",
            "fixed_length",
            "fixedLength",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Type,
            Description,
            Nullable,
            FixedLength,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "type" => Ok(GeneratedField::Type),
                            "description" => Ok(GeneratedField::Description),
                            "nullable" => Ok(GeneratedField::Nullable),
                            "fixedLength" | "fixed_length" => Ok(GeneratedField::FixedLength),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Feature;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Feature")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Feature, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut r#type__ = None;
                let mut description__ = None;
                let mut nullable__ = None;
                let mut fixed_length__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Type => {
                            if r#type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("type"));
                            }
                            r#type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Nullable => {
                            if nullable__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nullable"));
                            }
                            nullable__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FixedLength => {
                            if fixed_length__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fixedLength"));
                            }
                            fixed_length__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Feature {
                    name: name__.unwrap_or_default(),
                    r#type: r#type__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    nullable: nullable__.unwrap_or_default(),
                    fixed_length: fixed_length__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Feature", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureGroup {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.FeatureGroup", len)?;
        if true {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if true {
            struct_ser.serialize_field("project", &self.project)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if true {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if true {
            struct_ser.serialize_field("primaryKey", &self.primary_key)?;
        }
        if true {
            struct_ser.serialize_field("eventTime", &self.event_time)?;
        }
        if true {
            struct_ser.serialize_field("partitionBy", &self.partition_by)?;
        }
        if true {
            struct_ser.serialize_field("jobName", &self.job_name)?;
        }
        if true {
            struct_ser.serialize_field("dependencies", &self.dependencies)?;
        }
        if let Some(v) = self.statistics.as_ref() {
            struct_ser.serialize_field("statistics", v)?;
        }
        if true {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if true {
            struct_ser.serialize_field("hashVersion", &self.hash_version)?;
        }
        if true {
            struct_ser.serialize_field("owner", &self.owner)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("createdMs", ToString::to_string(&self.created_ms).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("updatedMs", ToString::to_string(&self.updated_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("tags", &self.tags)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureGroup {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "format",
            "project",
            "name",
            "version",
            "id",
            "description",
            "features",
            "primary_key",
            "primaryKey",
            "event_time",
            "eventTime",
            "partition_by",
            "partitionBy",
            "job_name",
            "jobName",
            "dependencies",
            "statistics",
            "location",
            "hash_version",
            "hashVersion",
            "owner",
            "created_ms",
            "createdMs",
            "updated_ms",
            "updatedMs",
            "tags",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Format,
            Project,
            Name,
            Version,
            Id,
            Description,
            Features,
            PrimaryKey,
            EventTime,
            PartitionBy,
            JobName,
            Dependencies,
            Statistics,
            Location,
            HashVersion,
            Owner,
            CreatedMs,
            UpdatedMs,
            Tags,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "format" => Ok(GeneratedField::Format),
                            "project" => Ok(GeneratedField::Project),
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "id" => Ok(GeneratedField::Id),
                            "description" => Ok(GeneratedField::Description),
                            "features" => Ok(GeneratedField::Features),
                            "primaryKey" | "primary_key" => Ok(GeneratedField::PrimaryKey),
                            "eventTime" | "event_time" => Ok(GeneratedField::EventTime),
                            "partitionBy" | "partition_by" => Ok(GeneratedField::PartitionBy),
                            "jobName" | "job_name" => Ok(GeneratedField::JobName),
                            "dependencies" => Ok(GeneratedField::Dependencies),
                            "statistics" => Ok(GeneratedField::Statistics),
                            "location" => Ok(GeneratedField::Location),
                            "hashVersion" | "hash_version" => Ok(GeneratedField::HashVersion),
                            "owner" => Ok(GeneratedField::Owner),
                            "createdMs" | "created_ms" => Ok(GeneratedField::CreatedMs),
                            "updatedMs" | "updated_ms" => Ok(GeneratedField::UpdatedMs),
                            "tags" => Ok(GeneratedField::Tags),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureGroup;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.FeatureGroup")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureGroup, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut format__ = None;
                let mut project__ = None;
                let mut name__ = None;
                let mut version__ = None;
                let mut id__ = None;
                let mut description__ = None;
                let mut features__ = None;
                let mut primary_key__ = None;
                let mut event_time__ = None;
                let mut partition_by__ = None;
                let mut job_name__ = None;
                let mut dependencies__ = None;
                let mut statistics__ = None;
                let mut location__ = None;
                let mut hash_version__ = None;
                let mut owner__ = None;
                let mut created_ms__ = None;
                let mut updated_ms__ = None;
                let mut tags__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Project => {
                            if project__.is_some() {
                                return Err(serde::de::Error::duplicate_field("project"));
                            }
                            project__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PrimaryKey => {
                            if primary_key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("primaryKey"));
                            }
                            primary_key__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EventTime => {
                            if event_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("eventTime"));
                            }
                            event_time__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PartitionBy => {
                            if partition_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("partitionBy"));
                            }
                            partition_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::JobName => {
                            if job_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jobName"));
                            }
                            job_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Dependencies => {
                            if dependencies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dependencies"));
                            }
                            dependencies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Statistics => {
                            if statistics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("statistics"));
                            }
                            statistics__ = map_.next_value()?;
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::HashVersion => {
                            if hash_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("hashVersion"));
                            }
                            hash_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Owner => {
                            if owner__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owner"));
                            }
                            owner__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CreatedMs => {
                            if created_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdMs"));
                            }
                            created_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::UpdatedMs => {
                            if updated_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updatedMs"));
                            }
                            updated_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Tags => {
                            if tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tags"));
                            }
                            tags__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                    }
                }
                Ok(FeatureGroup {
                    format: format__.unwrap_or_default(),
                    project: project__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    id: id__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    features: features__.unwrap_or_default(),
                    primary_key: primary_key__.unwrap_or_default(),
                    event_time: event_time__.unwrap_or_default(),
                    partition_by: partition_by__.unwrap_or_default(),
                    job_name: job_name__.unwrap_or_default(),
                    dependencies: dependencies__.unwrap_or_default(),
                    statistics: statistics__,
                    location: location__.unwrap_or_default(),
                    hash_version: hash_version__.unwrap_or_default(),
                    owner: owner__.unwrap_or_default(),
                    created_ms: created_ms__.unwrap_or_default(),
                    updated_ms: updated_ms__.unwrap_or_default(),
                    tags: tags__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.FeatureGroup", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureGroupDetail {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.FeatureGroupDetail", len)?;
        if let Some(v) = self.feature_group.as_ref() {
            struct_ser.serialize_field("featureGroup", v)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("tableVersion", ToString::to_string(&self.table_version).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("files", &self.files)?;
        }
        if true {
            struct_ser.serialize_field("url", &self.url)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureGroupDetail {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "feature_group",
            "featureGroup",
            "table_version",
            "tableVersion",
            "rows",
            "bytes",
            "files",
            "url",
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FeatureGroup,
            TableVersion,
            Rows,
            Bytes,
            Files,
            Url,
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "featureGroup" | "feature_group" => Ok(GeneratedField::FeatureGroup),
                            "tableVersion" | "table_version" => Ok(GeneratedField::TableVersion),
                            "rows" => Ok(GeneratedField::Rows),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "files" => Ok(GeneratedField::Files),
                            "url" => Ok(GeneratedField::Url),
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureGroupDetail;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.FeatureGroupDetail")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureGroupDetail, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut feature_group__ = None;
                let mut table_version__ = None;
                let mut rows__ = None;
                let mut bytes__ = None;
                let mut files__ = None;
                let mut url__ = None;
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FeatureGroup => {
                            if feature_group__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureGroup"));
                            }
                            feature_group__ = map_.next_value()?;
                        }
                        GeneratedField::TableVersion => {
                            if table_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tableVersion"));
                            }
                            table_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Files => {
                            if files__.is_some() {
                                return Err(serde::de::Error::duplicate_field("files"));
                            }
                            files__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Url => {
                            if url__.is_some() {
                                return Err(serde::de::Error::duplicate_field("url"));
                            }
                            url__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FeatureGroupDetail {
                    feature_group: feature_group__,
                    table_version: table_version__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    files: files__.unwrap_or_default(),
                    url: url__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.FeatureGroupDetail", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureGroupList {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.FeatureGroupList", len)?;
        if true {
            struct_ser.serialize_field("featureGroups", &self.feature_groups)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureGroupList {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "feature_groups",
            "featureGroups",
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FeatureGroups,
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "featureGroups" | "feature_groups" => Ok(GeneratedField::FeatureGroups),
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureGroupList;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.FeatureGroupList")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureGroupList, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut feature_groups__ = None;
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FeatureGroups => {
                            if feature_groups__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureGroups"));
                            }
                            feature_groups__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FeatureGroupList {
                    feature_groups: feature_groups__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.FeatureGroupList", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.FeatureRequest", len)?;
        if true {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if true {
            struct_ser.serialize_field("groupVersions", &self.group_versions)?;
        }
        if true {
            struct_ser.serialize_field("joinKey", &self.join_key)?;
        }
        if true {
            let v = JoinType::try_from(self.join_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.join_type)))?;
            struct_ser.serialize_field("joinType", &v)?;
        }
        if true {
            struct_ser.serialize_field("root", &self.root)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("limit", ToString::to_string(&self.limit).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("asOfMs", ToString::to_string(&self.as_of_ms).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "features",
            "group_versions",
            "groupVersions",
            "join_key",
            "joinKey",
            "join_type",
            "joinType",
            "root",
            "limit",
            "as_of_ms",
            "asOfMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Features,
            GroupVersions,
            JoinKey,
            JoinType,
            Root,
            Limit,
            AsOfMs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "features" => Ok(GeneratedField::Features),
                            "groupVersions" | "group_versions" => Ok(GeneratedField::GroupVersions),
                            "joinKey" | "join_key" => Ok(GeneratedField::JoinKey),
                            "joinType" | "join_type" => Ok(GeneratedField::JoinType),
                            "root" => Ok(GeneratedField::Root),
                            "limit" => Ok(GeneratedField::Limit),
                            "asOfMs" | "as_of_ms" => Ok(GeneratedField::AsOfMs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.FeatureRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut features__ = None;
                let mut group_versions__ = None;
                let mut join_key__ = None;
                let mut join_type__ = None;
                let mut root__ = None;
                let mut limit__ = None;
                let mut as_of_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::GroupVersions => {
                            if group_versions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("groupVersions"));
                            }
                            group_versions__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u32>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::JoinKey => {
                            if join_key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("joinKey"));
                            }
                            join_key__ = Some(map_.next_value()?);
                        }
                        GeneratedField::JoinType => {
                            if join_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("joinType"));
                            }
                            join_type__ = Some(map_.next_value::<JoinType>()? as i32);
                        }
                        GeneratedField::Root => {
                            if root__.is_some() {
                                return Err(serde::de::Error::duplicate_field("root"));
                            }
                            root__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Limit => {
                            if limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limit"));
                            }
                            limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::AsOfMs => {
                            if as_of_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("asOfMs"));
                            }
                            as_of_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FeatureRequest {
                    features: features__.unwrap_or_default(),
                    group_versions: group_versions__.unwrap_or_default(),
                    join_key: join_key__.unwrap_or_default(),
                    join_type: join_type__.unwrap_or_default(),
                    root: root__.unwrap_or_default(),
                    limit: limit__.unwrap_or_default(),
                    as_of_ms: as_of_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.FeatureRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FileReading {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.FileReading", len)?;
        if true {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if true {
            struct_ser.serialize_field("nulls", &self.nulls)?;
        }
        if true {
            struct_ser.serialize_field("delimiter", &self.delimiter)?;
        }
        if true {
            struct_ser.serialize_field("quote", &self.quote)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FileReading {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "format",
            "nulls",
            "delimiter",
            "quote",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Format,
            Nulls,
            Delimiter,
            Quote,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "format" => Ok(GeneratedField::Format),
                            "nulls" => Ok(GeneratedField::Nulls),
                            "delimiter" => Ok(GeneratedField::Delimiter),
                            "quote" => Ok(GeneratedField::Quote),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FileReading;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.FileReading")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FileReading, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut format__ = None;
                let mut nulls__ = None;
                let mut delimiter__ = None;
                let mut quote__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Nulls => {
                            if nulls__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nulls"));
                            }
                            nulls__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Delimiter => {
                            if delimiter__.is_some() {
                                return Err(serde::de::Error::duplicate_field("delimiter"));
                            }
                            delimiter__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Quote => {
                            if quote__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quote"));
                            }
                            quote__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(FileReading {
                    format: format__.unwrap_or_default(),
                    nulls: nulls__.unwrap_or_default(),
                    delimiter: delimiter__.unwrap_or_default(),
                    quote: quote__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.FileReading", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GarbageClass {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.GarbageClass", len)?;
        if true {
            let v = GarbageKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if true {
            struct_ser.serialize_field("why", &self.why)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("files", ToString::to_string(&self.files).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("oldestMs", ToString::to_string(&self.oldest_ms).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("owners", ToString::to_string(&self.owners).as_str())?;
        }
        if true {
            struct_ser.serialize_field("paths", &self.paths)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GarbageClass {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "why",
            "files",
            "bytes",
            "oldest_ms",
            "oldestMs",
            "owners",
            "paths",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Why,
            Files,
            Bytes,
            OldestMs,
            Owners,
            Paths,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "why" => Ok(GeneratedField::Why),
                            "files" => Ok(GeneratedField::Files),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "oldestMs" | "oldest_ms" => Ok(GeneratedField::OldestMs),
                            "owners" => Ok(GeneratedField::Owners),
                            "paths" => Ok(GeneratedField::Paths),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GarbageClass;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.GarbageClass")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GarbageClass, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut why__ = None;
                let mut files__ = None;
                let mut bytes__ = None;
                let mut oldest_ms__ = None;
                let mut owners__ = None;
                let mut paths__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<GarbageKind>()? as i32);
                        }
                        GeneratedField::Why => {
                            if why__.is_some() {
                                return Err(serde::de::Error::duplicate_field("why"));
                            }
                            why__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Files => {
                            if files__.is_some() {
                                return Err(serde::de::Error::duplicate_field("files"));
                            }
                            files__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OldestMs => {
                            if oldest_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("oldestMs"));
                            }
                            oldest_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Owners => {
                            if owners__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owners"));
                            }
                            owners__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Paths => {
                            if paths__.is_some() {
                                return Err(serde::de::Error::duplicate_field("paths"));
                            }
                            paths__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(GarbageClass {
                    kind: kind__.unwrap_or_default(),
                    why: why__.unwrap_or_default(),
                    files: files__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    oldest_ms: oldest_ms__.unwrap_or_default(),
                    owners: owners__.unwrap_or_default(),
                    paths: paths__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.GarbageClass", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GarbageKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "GARBAGE_KIND_UNSPECIFIED",
            Self::AbandonedUpload => "GARBAGE_KIND_ABANDONED_UPLOAD",
            Self::RunFile => "GARBAGE_KIND_RUN_FILE",
            Self::ForgottenRun => "GARBAGE_KIND_FORGOTTEN_RUN",
            Self::DataFile => "GARBAGE_KIND_DATA_FILE",
            Self::Shard => "GARBAGE_KIND_SHARD",
            Self::OldGeneration => "GARBAGE_KIND_OLD_GENERATION",
            Self::Deleted => "GARBAGE_KIND_DELETED",
            Self::Temporary => "GARBAGE_KIND_TEMPORARY",
            Self::ReadFile => "GARBAGE_KIND_READ_FILE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for GarbageKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "GARBAGE_KIND_UNSPECIFIED",
            "GARBAGE_KIND_ABANDONED_UPLOAD",
            "GARBAGE_KIND_RUN_FILE",
            "GARBAGE_KIND_FORGOTTEN_RUN",
            "GARBAGE_KIND_DATA_FILE",
            "GARBAGE_KIND_SHARD",
            "GARBAGE_KIND_OLD_GENERATION",
            "GARBAGE_KIND_DELETED",
            "GARBAGE_KIND_TEMPORARY",
            "GARBAGE_KIND_READ_FILE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = GarbageKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "GARBAGE_KIND_UNSPECIFIED" => Ok(GarbageKind::Unspecified),
                    "GARBAGE_KIND_ABANDONED_UPLOAD" => Ok(GarbageKind::AbandonedUpload),
                    "GARBAGE_KIND_RUN_FILE" => Ok(GarbageKind::RunFile),
                    "GARBAGE_KIND_FORGOTTEN_RUN" => Ok(GarbageKind::ForgottenRun),
                    "GARBAGE_KIND_DATA_FILE" => Ok(GarbageKind::DataFile),
                    "GARBAGE_KIND_SHARD" => Ok(GarbageKind::Shard),
                    "GARBAGE_KIND_OLD_GENERATION" => Ok(GarbageKind::OldGeneration),
                    "GARBAGE_KIND_DELETED" => Ok(GarbageKind::Deleted),
                    "GARBAGE_KIND_TEMPORARY" => Ok(GarbageKind::Temporary),
                    "GARBAGE_KIND_READ_FILE" => Ok(GarbageKind::ReadFile),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for GarbageQuery {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.GarbageQuery", len)?;
        if let Some(v) = self.older_than_s.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("olderThanS", ToString::to_string(&v).as_str())?;
        }
        if true {
            struct_ser.serialize_field("evenYoung", &self.even_young)?;
        }
        if true {
            struct_ser.serialize_field("paths", &self.paths)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GarbageQuery {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "older_than_s",
            "olderThanS",
            "even_young",
            "evenYoung",
            "paths",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            OlderThanS,
            EvenYoung,
            Paths,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "olderThanS" | "older_than_s" => Ok(GeneratedField::OlderThanS),
                            "evenYoung" | "even_young" => Ok(GeneratedField::EvenYoung),
                            "paths" => Ok(GeneratedField::Paths),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GarbageQuery;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.GarbageQuery")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GarbageQuery, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut older_than_s__ = None;
                let mut even_young__ = None;
                let mut paths__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::OlderThanS => {
                            if older_than_s__.is_some() {
                                return Err(serde::de::Error::duplicate_field("olderThanS"));
                            }
                            older_than_s__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::EvenYoung => {
                            if even_young__.is_some() {
                                return Err(serde::de::Error::duplicate_field("evenYoung"));
                            }
                            even_young__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Paths => {
                            if paths__.is_some() {
                                return Err(serde::de::Error::duplicate_field("paths"));
                            }
                            paths__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(GarbageQuery {
                    older_than_s: older_than_s__,
                    even_young: even_young__.unwrap_or_default(),
                    paths: paths__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.GarbageQuery", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GarbageReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.GarbageReport", len)?;
        if true {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if true {
            struct_ser.serialize_field("kept", &self.kept)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("olderThanS", ToString::to_string(&self.older_than_s).as_str())?;
        }
        if true {
            struct_ser.serialize_field("deleted", &self.deleted)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GarbageReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "classes",
            "kept",
            "older_than_s",
            "olderThanS",
            "deleted",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Classes,
            Kept,
            OlderThanS,
            Deleted,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "classes" => Ok(GeneratedField::Classes),
                            "kept" => Ok(GeneratedField::Kept),
                            "olderThanS" | "older_than_s" => Ok(GeneratedField::OlderThanS),
                            "deleted" => Ok(GeneratedField::Deleted),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GarbageReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.GarbageReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GarbageReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut classes__ = None;
                let mut kept__ = None;
                let mut older_than_s__ = None;
                let mut deleted__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kept => {
                            if kept__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kept"));
                            }
                            kept__ = Some(map_.next_value()?);
                        }
                        GeneratedField::OlderThanS => {
                            if older_than_s__.is_some() {
                                return Err(serde::de::Error::duplicate_field("olderThanS"));
                            }
                            older_than_s__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Deleted => {
                            if deleted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deleted"));
                            }
                            deleted__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(GarbageReport {
                    classes: classes__.unwrap_or_default(),
                    kept: kept__.unwrap_or_default(),
                    older_than_s: older_than_s__.unwrap_or_default(),
                    deleted: deleted__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.GarbageReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Generation {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Generation", len)?;
        if true {
            struct_ser.serialize_field("number", &self.number)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if true {
            struct_ser.serialize_field("folder", &self.folder)?;
        }
        if true {
            struct_ser.serialize_field("manifest", &self.manifest)?;
        }
        if true {
            struct_ser.serialize_field("manifestDigest", &self.manifest_digest)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("shards", &self.shards)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("committedMs", ToString::to_string(&self.committed_ms).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Generation {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "number",
            "run_id",
            "runId",
            "folder",
            "manifest",
            "manifest_digest",
            "manifestDigest",
            "rows",
            "bytes",
            "shards",
            "committed_ms",
            "committedMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Number,
            RunId,
            Folder,
            Manifest,
            ManifestDigest,
            Rows,
            Bytes,
            Shards,
            CommittedMs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "number" => Ok(GeneratedField::Number),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "folder" => Ok(GeneratedField::Folder),
                            "manifest" => Ok(GeneratedField::Manifest),
                            "manifestDigest" | "manifest_digest" => Ok(GeneratedField::ManifestDigest),
                            "rows" => Ok(GeneratedField::Rows),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "shards" => Ok(GeneratedField::Shards),
                            "committedMs" | "committed_ms" => Ok(GeneratedField::CommittedMs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Generation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Generation")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Generation, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut number__ = None;
                let mut run_id__ = None;
                let mut folder__ = None;
                let mut manifest__ = None;
                let mut manifest_digest__ = None;
                let mut rows__ = None;
                let mut bytes__ = None;
                let mut shards__ = None;
                let mut committed_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Number => {
                            if number__.is_some() {
                                return Err(serde::de::Error::duplicate_field("number"));
                            }
                            number__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Folder => {
                            if folder__.is_some() {
                                return Err(serde::de::Error::duplicate_field("folder"));
                            }
                            folder__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Manifest => {
                            if manifest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("manifest"));
                            }
                            manifest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ManifestDigest => {
                            if manifest_digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("manifestDigest"));
                            }
                            manifest_digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Shards => {
                            if shards__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shards"));
                            }
                            shards__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CommittedMs => {
                            if committed_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("committedMs"));
                            }
                            committed_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Generation {
                    number: number__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    folder: folder__.unwrap_or_default(),
                    manifest: manifest__.unwrap_or_default(),
                    manifest_digest: manifest_digest__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    shards: shards__.unwrap_or_default(),
                    committed_ms: committed_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Generation", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for InsertIntoTrainingDataset {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.InsertIntoTrainingDataset", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if let Some(v) = self.source.as_ref() {
            struct_ser.serialize_field("source", v)?;
        }
        if true {
            struct_ser.serialize_field("shards", &self.shards)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InsertIntoTrainingDataset {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "source",
            "shards",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            Source,
            Shards,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "source" => Ok(GeneratedField::Source),
                            "shards" => Ok(GeneratedField::Shards),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InsertIntoTrainingDataset;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.InsertIntoTrainingDataset")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InsertIntoTrainingDataset, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut source__ = None;
                let mut shards__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Source => {
                            if source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("source"));
                            }
                            source__ = map_.next_value()?;
                        }
                        GeneratedField::Shards => {
                            if shards__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shards"));
                            }
                            shards__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(InsertIntoTrainingDataset {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    source: source__,
                    shards: shards__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.InsertIntoTrainingDataset", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for InsertMode {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "INSERT_MODE_UNSPECIFIED",
            Self::Append => "INSERT_MODE_APPEND",
            Self::Overwrite => "INSERT_MODE_OVERWRITE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for InsertMode {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "INSERT_MODE_UNSPECIFIED",
            "INSERT_MODE_APPEND",
            "INSERT_MODE_OVERWRITE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = InsertMode;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "INSERT_MODE_UNSPECIFIED" => Ok(InsertMode::Unspecified),
                    "INSERT_MODE_APPEND" => Ok(InsertMode::Append),
                    "INSERT_MODE_OVERWRITE" => Ok(InsertMode::Overwrite),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for InsertPart {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.InsertPart", len)?;
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("uploadTicket", pbjson::private::base64::encode(&self.upload_ticket).as_str())?;
        }
        if true {
            struct_ser.serialize_field("part", &self.part)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InsertPart {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "upload_ticket",
            "uploadTicket",
            "part",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            UploadTicket,
            Part,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "uploadTicket" | "upload_ticket" => Ok(GeneratedField::UploadTicket),
                            "part" => Ok(GeneratedField::Part),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InsertPart;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.InsertPart")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InsertPart, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut upload_ticket__ = None;
                let mut part__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::UploadTicket => {
                            if upload_ticket__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uploadTicket"));
                            }
                            upload_ticket__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Part => {
                            if part__.is_some() {
                                return Err(serde::de::Error::duplicate_field("part"));
                            }
                            part__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(InsertPart {
                    upload_ticket: upload_ticket__.unwrap_or_default(),
                    part: part__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.InsertPart", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for JoinCluster {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.JoinCluster", len)?;
        if true {
            struct_ser.serialize_field("executorId", &self.executor_id)?;
        }
        if true {
            struct_ser.serialize_field("release", &self.release)?;
        }
        if true {
            struct_ser.serialize_field("secret", &self.secret)?;
        }
        if true {
            struct_ser.serialize_field("slots", &self.slots)?;
        }
        if true {
            struct_ser.serialize_field("flight", &self.flight)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for JoinCluster {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "executor_id",
            "executorId",
            "release",
            "secret",
            "slots",
            "flight",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExecutorId,
            Release,
            Secret,
            Slots,
            Flight,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "executorId" | "executor_id" => Ok(GeneratedField::ExecutorId),
                            "release" => Ok(GeneratedField::Release),
                            "secret" => Ok(GeneratedField::Secret),
                            "slots" => Ok(GeneratedField::Slots),
                            "flight" => Ok(GeneratedField::Flight),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = JoinCluster;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.JoinCluster")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<JoinCluster, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut executor_id__ = None;
                let mut release__ = None;
                let mut secret__ = None;
                let mut slots__ = None;
                let mut flight__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExecutorId => {
                            if executor_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("executorId"));
                            }
                            executor_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Release => {
                            if release__.is_some() {
                                return Err(serde::de::Error::duplicate_field("release"));
                            }
                            release__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Secret => {
                            if secret__.is_some() {
                                return Err(serde::de::Error::duplicate_field("secret"));
                            }
                            secret__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Slots => {
                            if slots__.is_some() {
                                return Err(serde::de::Error::duplicate_field("slots"));
                            }
                            slots__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Flight => {
                            if flight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("flight"));
                            }
                            flight__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(JoinCluster {
                    executor_id: executor_id__.unwrap_or_default(),
                    release: release__.unwrap_or_default(),
                    secret: secret__.unwrap_or_default(),
                    slots: slots__.unwrap_or_default(),
                    flight: flight__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.JoinCluster", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for JoinClusterResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.JoinClusterResponse", len)?;
        if true {
            struct_ser.serialize_field("warehouse", &self.warehouse)?;
        }
        if true {
            struct_ser.serialize_field("warehouseId", &self.warehouse_id)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("verifyingKey", pbjson::private::base64::encode(&self.verifying_key).as_str())?;
        }
        if true {
            struct_ser.serialize_field("probe", &self.probe)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for JoinClusterResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "warehouse",
            "warehouse_id",
            "warehouseId",
            "verifying_key",
            "verifyingKey",
            "probe",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Warehouse,
            WarehouseId,
            VerifyingKey,
            Probe,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "warehouse" => Ok(GeneratedField::Warehouse),
                            "warehouseId" | "warehouse_id" => Ok(GeneratedField::WarehouseId),
                            "verifyingKey" | "verifying_key" => Ok(GeneratedField::VerifyingKey),
                            "probe" => Ok(GeneratedField::Probe),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = JoinClusterResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.JoinClusterResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<JoinClusterResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut warehouse__ = None;
                let mut warehouse_id__ = None;
                let mut verifying_key__ = None;
                let mut probe__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Warehouse => {
                            if warehouse__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warehouse"));
                            }
                            warehouse__ = Some(map_.next_value()?);
                        }
                        GeneratedField::WarehouseId => {
                            if warehouse_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warehouseId"));
                            }
                            warehouse_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::VerifyingKey => {
                            if verifying_key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("verifyingKey"));
                            }
                            verifying_key__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Probe => {
                            if probe__.is_some() {
                                return Err(serde::de::Error::duplicate_field("probe"));
                            }
                            probe__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(JoinClusterResponse {
                    warehouse: warehouse__.unwrap_or_default(),
                    warehouse_id: warehouse_id__.unwrap_or_default(),
                    verifying_key: verifying_key__.unwrap_or_default(),
                    probe: probe__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.JoinClusterResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for JoinType {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "JOIN_TYPE_UNSPECIFIED",
            Self::Inner => "JOIN_TYPE_INNER",
            Self::Left => "JOIN_TYPE_LEFT",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for JoinType {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "JOIN_TYPE_UNSPECIFIED",
            "JOIN_TYPE_INNER",
            "JOIN_TYPE_LEFT",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = JoinType;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "JOIN_TYPE_UNSPECIFIED" => Ok(JoinType::Unspecified),
                    "JOIN_TYPE_INNER" => Ok(JoinType::Inner),
                    "JOIN_TYPE_LEFT" => Ok(JoinType::Left),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ListFeatureGroups {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ListFeatureGroups", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListFeatureGroups {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListFeatureGroups;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ListFeatureGroups")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListFeatureGroups, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ListFeatureGroups {
                    name: name__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ListFeatureGroups", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListProjects {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("mangonel.v1.ListProjects", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListProjects {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListProjects;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ListProjects")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListProjects, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(ListProjects {
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ListProjects", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListRuns {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ListRuns", len)?;
        if true {
            struct_ser.serialize_field("limit", &self.limit)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListRuns {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "limit",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Limit,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "limit" => Ok(GeneratedField::Limit),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListRuns;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ListRuns")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListRuns, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut limit__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Limit => {
                            if limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limit"));
                            }
                            limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ListRuns {
                    limit: limit__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ListRuns", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListTrainingDatasets {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ListTrainingDatasets", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListTrainingDatasets {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListTrainingDatasets;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ListTrainingDatasets")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListTrainingDatasets, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ListTrainingDatasets {
                    name: name__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ListTrainingDatasets", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MetadataUpdated {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.MetadataUpdated", len)?;
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MetadataUpdated {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MetadataUpdated;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.MetadataUpdated")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MetadataUpdated, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(MetadataUpdated {
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.MetadataUpdated", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for NullPolicy {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "NULL_POLICY_UNSPECIFIED",
            Self::Error => "NULL_POLICY_ERROR",
            Self::Default => "NULL_POLICY_DEFAULT",
            Self::Omit => "NULL_POLICY_OMIT",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for NullPolicy {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "NULL_POLICY_UNSPECIFIED",
            "NULL_POLICY_ERROR",
            "NULL_POLICY_DEFAULT",
            "NULL_POLICY_OMIT",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = NullPolicy;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "NULL_POLICY_UNSPECIFIED" => Ok(NullPolicy::Unspecified),
                    "NULL_POLICY_ERROR" => Ok(NullPolicy::Error),
                    "NULL_POLICY_DEFAULT" => Ok(NullPolicy::Default),
                    "NULL_POLICY_OMIT" => Ok(NullPolicy::Omit),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Partition {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Partition", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("values", &self.values)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("files", &self.files)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Partition {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "values",
            "rows",
            "bytes",
            "files",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Values,
            Rows,
            Bytes,
            Files,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "values" => Ok(GeneratedField::Values),
                            "rows" => Ok(GeneratedField::Rows),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "files" => Ok(GeneratedField::Files),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Partition;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Partition")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Partition, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut values__ = None;
                let mut rows__ = None;
                let mut bytes__ = None;
                let mut files__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Values => {
                            if values__.is_some() {
                                return Err(serde::de::Error::duplicate_field("values"));
                            }
                            values__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Files => {
                            if files__.is_some() {
                                return Err(serde::de::Error::duplicate_field("files"));
                            }
                            files__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Partition {
                    name: name__.unwrap_or_default(),
                    values: values__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    files: files__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Partition", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for PartitionList {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.PartitionList", len)?;
        if true {
            struct_ser.serialize_field("columns", &self.columns)?;
        }
        if true {
            struct_ser.serialize_field("partitions", &self.partitions)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("tableVersion", ToString::to_string(&self.table_version).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for PartitionList {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "columns",
            "partitions",
            "table_version",
            "tableVersion",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Columns,
            Partitions,
            TableVersion,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "columns" => Ok(GeneratedField::Columns),
                            "partitions" => Ok(GeneratedField::Partitions),
                            "tableVersion" | "table_version" => Ok(GeneratedField::TableVersion),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = PartitionList;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.PartitionList")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<PartitionList, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut columns__ = None;
                let mut partitions__ = None;
                let mut table_version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Columns => {
                            if columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("columns"));
                            }
                            columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Partitions => {
                            if partitions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("partitions"));
                            }
                            partitions__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TableVersion => {
                            if table_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tableVersion"));
                            }
                            table_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(PartitionList {
                    columns: columns__.unwrap_or_default(),
                    partitions: partitions__.unwrap_or_default(),
                    table_version: table_version__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.PartitionList", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for PartitionValue {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.PartitionValue", len)?;
        if true {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if let Some(v) = self.value.as_ref() {
            struct_ser.serialize_field("value", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for PartitionValue {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "value",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Value,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "value" => Ok(GeneratedField::Value),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = PartitionValue;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.PartitionValue")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<PartitionValue, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut value__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = map_.next_value()?;
                        }
                    }
                }
                Ok(PartitionValue {
                    column: column__.unwrap_or_default(),
                    value: value__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.PartitionValue", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Project {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Project", len)?;
        if true {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if true {
            struct_ser.serialize_field("owner", &self.owner)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("createdMs", ToString::to_string(&self.created_ms).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Project {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "format",
            "name",
            "description",
            "owner",
            "created_ms",
            "createdMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Format,
            Name,
            Description,
            Owner,
            CreatedMs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "format" => Ok(GeneratedField::Format),
                            "name" => Ok(GeneratedField::Name),
                            "description" => Ok(GeneratedField::Description),
                            "owner" => Ok(GeneratedField::Owner),
                            "createdMs" | "created_ms" => Ok(GeneratedField::CreatedMs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Project;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Project")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Project, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut format__ = None;
                let mut name__ = None;
                let mut description__ = None;
                let mut owner__ = None;
                let mut created_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Owner => {
                            if owner__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owner"));
                            }
                            owner__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CreatedMs => {
                            if created_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdMs"));
                            }
                            created_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Project {
                    format: format__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    owner: owner__.unwrap_or_default(),
                    created_ms: created_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Project", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ProjectList {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ProjectList", len)?;
        if true {
            struct_ser.serialize_field("projects", &self.projects)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ProjectList {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "projects",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Projects,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "projects" => Ok(GeneratedField::Projects),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ProjectList;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ProjectList")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ProjectList, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut projects__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Projects => {
                            if projects__.is_some() {
                                return Err(serde::de::Error::duplicate_field("projects"));
                            }
                            projects__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ProjectList {
                    projects: projects__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ProjectList", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for QueryTable {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.QueryTable", len)?;
        if true {
            struct_ser.serialize_field("queryId", &self.query_id)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for QueryTable {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "query_id",
            "queryId",
            "name",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            QueryId,
            Name,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "queryId" | "query_id" => Ok(GeneratedField::QueryId),
                            "name" => Ok(GeneratedField::Name),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = QueryTable;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.QueryTable")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<QueryTable, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut query_id__ = None;
                let mut name__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::QueryId => {
                            if query_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("queryId"));
                            }
                            query_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(QueryTable {
                    query_id: query_id__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.QueryTable", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReadVersion {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ReadVersion", len)?;
        if true {
            let v = DependencyKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("asOfMs", ToString::to_string(&self.as_of_ms).as_str())?;
        }
        if let Some(v) = self.table_version.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("tableVersion", ToString::to_string(&v).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReadVersion {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "name",
            "version",
            "as_of_ms",
            "asOfMs",
            "table_version",
            "tableVersion",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Name,
            Version,
            AsOfMs,
            TableVersion,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "asOfMs" | "as_of_ms" => Ok(GeneratedField::AsOfMs),
                            "tableVersion" | "table_version" => Ok(GeneratedField::TableVersion),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReadVersion;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ReadVersion")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReadVersion, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut name__ = None;
                let mut version__ = None;
                let mut as_of_ms__ = None;
                let mut table_version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<DependencyKind>()? as i32);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::AsOfMs => {
                            if as_of_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("asOfMs"));
                            }
                            as_of_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TableVersion => {
                            if table_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tableVersion"));
                            }
                            table_version__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                    }
                }
                Ok(ReadVersion {
                    kind: kind__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    as_of_ms: as_of_ms__.unwrap_or_default(),
                    table_version: table_version__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ReadVersion", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RebuildTrainingDataset {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.RebuildTrainingDataset", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RebuildTrainingDataset {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RebuildTrainingDataset;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.RebuildTrainingDataset")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RebuildTrainingDataset, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RebuildTrainingDataset {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.RebuildTrainingDataset", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Run {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.Run", len)?;
        if true {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if true {
            struct_ser.serialize_field("project", &self.project)?;
        }
        if true {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if true {
            let v = RunKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if true {
            let v = RunState::try_from(self.state)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.state)))?;
            struct_ser.serialize_field("state", &v)?;
        }
        if true {
            struct_ser.serialize_field("targetName", &self.target_name)?;
        }
        if true {
            struct_ser.serialize_field("targetVersion", &self.target_version)?;
        }
        if true {
            struct_ser.serialize_field("principal", &self.principal)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("createdMs", ToString::to_string(&self.created_ms).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("updatedMs", ToString::to_string(&self.updated_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("error", &self.error)?;
        }
        if true {
            struct_ser.serialize_field("detail", &self.detail)?;
        }
        if true {
            struct_ser.serialize_field("detailDigest", &self.detail_digest)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("tableVersion", ToString::to_string(&self.table_version).as_str())?;
        }
        if true {
            struct_ser.serialize_field("worker", &self.worker)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("epoch", ToString::to_string(&self.epoch).as_str())?;
        }
        if true {
            struct_ser.serialize_field("release", &self.release)?;
        }
        if let Some(v) = self.failure.as_ref() {
            struct_ser.serialize_field("failure", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Run {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "format",
            "project",
            "id",
            "kind",
            "state",
            "target_name",
            "targetName",
            "target_version",
            "targetVersion",
            "principal",
            "created_ms",
            "createdMs",
            "updated_ms",
            "updatedMs",
            "error",
            "detail",
            "detail_digest",
            "detailDigest",
            "rows",
            "bytes",
            "table_version",
            "tableVersion",
            "worker",
            "epoch",
            "release",
            "failure",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Format,
            Project,
            Id,
            Kind,
            State,
            TargetName,
            TargetVersion,
            Principal,
            CreatedMs,
            UpdatedMs,
            Error,
            Detail,
            DetailDigest,
            Rows,
            Bytes,
            TableVersion,
            Worker,
            Epoch,
            Release,
            Failure,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "format" => Ok(GeneratedField::Format),
                            "project" => Ok(GeneratedField::Project),
                            "id" => Ok(GeneratedField::Id),
                            "kind" => Ok(GeneratedField::Kind),
                            "state" => Ok(GeneratedField::State),
                            "targetName" | "target_name" => Ok(GeneratedField::TargetName),
                            "targetVersion" | "target_version" => Ok(GeneratedField::TargetVersion),
                            "principal" => Ok(GeneratedField::Principal),
                            "createdMs" | "created_ms" => Ok(GeneratedField::CreatedMs),
                            "updatedMs" | "updated_ms" => Ok(GeneratedField::UpdatedMs),
                            "error" => Ok(GeneratedField::Error),
                            "detail" => Ok(GeneratedField::Detail),
                            "detailDigest" | "detail_digest" => Ok(GeneratedField::DetailDigest),
                            "rows" => Ok(GeneratedField::Rows),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "tableVersion" | "table_version" => Ok(GeneratedField::TableVersion),
                            "worker" => Ok(GeneratedField::Worker),
                            "epoch" => Ok(GeneratedField::Epoch),
                            "release" => Ok(GeneratedField::Release),
                            "failure" => Ok(GeneratedField::Failure),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Run;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.Run")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Run, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut format__ = None;
                let mut project__ = None;
                let mut id__ = None;
                let mut kind__ = None;
                let mut state__ = None;
                let mut target_name__ = None;
                let mut target_version__ = None;
                let mut principal__ = None;
                let mut created_ms__ = None;
                let mut updated_ms__ = None;
                let mut error__ = None;
                let mut detail__ = None;
                let mut detail_digest__ = None;
                let mut rows__ = None;
                let mut bytes__ = None;
                let mut table_version__ = None;
                let mut worker__ = None;
                let mut epoch__ = None;
                let mut release__ = None;
                let mut failure__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Project => {
                            if project__.is_some() {
                                return Err(serde::de::Error::duplicate_field("project"));
                            }
                            project__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<RunKind>()? as i32);
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<RunState>()? as i32);
                        }
                        GeneratedField::TargetName => {
                            if target_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("targetName"));
                            }
                            target_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TargetVersion => {
                            if target_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("targetVersion"));
                            }
                            target_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Principal => {
                            if principal__.is_some() {
                                return Err(serde::de::Error::duplicate_field("principal"));
                            }
                            principal__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CreatedMs => {
                            if created_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdMs"));
                            }
                            created_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::UpdatedMs => {
                            if updated_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updatedMs"));
                            }
                            updated_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Error => {
                            if error__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            error__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Detail => {
                            if detail__.is_some() {
                                return Err(serde::de::Error::duplicate_field("detail"));
                            }
                            detail__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DetailDigest => {
                            if detail_digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("detailDigest"));
                            }
                            detail_digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TableVersion => {
                            if table_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tableVersion"));
                            }
                            table_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Worker => {
                            if worker__.is_some() {
                                return Err(serde::de::Error::duplicate_field("worker"));
                            }
                            worker__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Epoch => {
                            if epoch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("epoch"));
                            }
                            epoch__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Release => {
                            if release__.is_some() {
                                return Err(serde::de::Error::duplicate_field("release"));
                            }
                            release__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Failure => {
                            if failure__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failure"));
                            }
                            failure__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Run {
                    format: format__.unwrap_or_default(),
                    project: project__.unwrap_or_default(),
                    id: id__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                    target_name: target_name__.unwrap_or_default(),
                    target_version: target_version__.unwrap_or_default(),
                    principal: principal__.unwrap_or_default(),
                    created_ms: created_ms__.unwrap_or_default(),
                    updated_ms: updated_ms__.unwrap_or_default(),
                    error: error__.unwrap_or_default(),
                    detail: detail__.unwrap_or_default(),
                    detail_digest: detail_digest__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    table_version: table_version__.unwrap_or_default(),
                    worker: worker__.unwrap_or_default(),
                    epoch: epoch__.unwrap_or_default(),
                    release: release__.unwrap_or_default(),
                    failure: failure__,
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.Run", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RunDetail {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.RunDetail", len)?;
        if let Some(v) = self.run.as_ref() {
            struct_ser.serialize_field("run", v)?;
        }
        if let Some(v) = self.progress.as_ref() {
            struct_ser.serialize_field("progress", v)?;
        }
        if true {
            struct_ser.serialize_field("stages", &self.stages)?;
        }
        if true {
            struct_ser.serialize_field("detail", &self.detail)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RunDetail {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run",
            "progress",
            "stages",
            "detail",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Run,
            Progress,
            Stages,
            Detail,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "run" => Ok(GeneratedField::Run),
                            "progress" => Ok(GeneratedField::Progress),
                            "stages" => Ok(GeneratedField::Stages),
                            "detail" => Ok(GeneratedField::Detail),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RunDetail;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.RunDetail")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RunDetail, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run__ = None;
                let mut progress__ = None;
                let mut stages__ = None;
                let mut detail__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Run => {
                            if run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("run"));
                            }
                            run__ = map_.next_value()?;
                        }
                        GeneratedField::Progress => {
                            if progress__.is_some() {
                                return Err(serde::de::Error::duplicate_field("progress"));
                            }
                            progress__ = map_.next_value()?;
                        }
                        GeneratedField::Stages => {
                            if stages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stages"));
                            }
                            stages__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Detail => {
                            if detail__.is_some() {
                                return Err(serde::de::Error::duplicate_field("detail"));
                            }
                            detail__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RunDetail {
                    run: run__,
                    progress: progress__,
                    stages: stages__.unwrap_or_default(),
                    detail: detail__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.RunDetail", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RunKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "RUN_KIND_UNSPECIFIED",
            Self::Insert => "RUN_KIND_INSERT",
            Self::Build => "RUN_KIND_BUILD",
            Self::Rebuild => "RUN_KIND_REBUILD",
            Self::Rewrite => "RUN_KIND_REWRITE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RunKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "RUN_KIND_UNSPECIFIED",
            "RUN_KIND_INSERT",
            "RUN_KIND_BUILD",
            "RUN_KIND_REBUILD",
            "RUN_KIND_REWRITE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RunKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "RUN_KIND_UNSPECIFIED" => Ok(RunKind::Unspecified),
                    "RUN_KIND_INSERT" => Ok(RunKind::Insert),
                    "RUN_KIND_BUILD" => Ok(RunKind::Build),
                    "RUN_KIND_REBUILD" => Ok(RunKind::Rebuild),
                    "RUN_KIND_REWRITE" => Ok(RunKind::Rewrite),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for RunList {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.RunList", len)?;
        if true {
            struct_ser.serialize_field("runs", &self.runs)?;
        }
        if true {
            struct_ser.serialize_field("progress", &self.progress)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RunList {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "runs",
            "progress",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Runs,
            Progress,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "runs" => Ok(GeneratedField::Runs),
                            "progress" => Ok(GeneratedField::Progress),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RunList;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.RunList")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RunList, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut runs__ = None;
                let mut progress__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Runs => {
                            if runs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runs"));
                            }
                            runs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Progress => {
                            if progress__.is_some() {
                                return Err(serde::de::Error::duplicate_field("progress"));
                            }
                            progress__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RunList {
                    runs: runs__.unwrap_or_default(),
                    progress: progress__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.RunList", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RunProgress {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.RunProgress", len)?;
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if true {
            let v = RunState::try_from(self.state)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.state)))?;
            struct_ser.serialize_field("state", &v)?;
        }
        if true {
            struct_ser.serialize_field("step", &self.step)?;
        }
        if true {
            struct_ser.serialize_field("stepsDone", &self.steps_done)?;
        }
        if true {
            struct_ser.serialize_field("stepsTotal", &self.steps_total)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsDone", ToString::to_string(&self.rows_done).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsTotal", ToString::to_string(&self.rows_total).as_str())?;
        }
        if true {
            struct_ser.serialize_field("tasksDone", &self.tasks_done)?;
        }
        if true {
            struct_ser.serialize_field("tasksTotal", &self.tasks_total)?;
        }
        if true {
            struct_ser.serialize_field("error", &self.error)?;
        }
        if let Some(v) = self.failure.as_ref() {
            struct_ser.serialize_field("failure", v)?;
        }
        if let Some(v) = self.waiting_before.as_ref() {
            struct_ser.serialize_field("waitingBefore", v)?;
        }
        if true {
            struct_ser.serialize_field("parts", &self.parts)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RunProgress {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run_id",
            "runId",
            "state",
            "step",
            "steps_done",
            "stepsDone",
            "steps_total",
            "stepsTotal",
            "rows_done",
            "rowsDone",
            "rows_total",
            "rowsTotal",
            "tasks_done",
            "tasksDone",
            "tasks_total",
            "tasksTotal",
            "error",
            "failure",
            "waiting_before",
            "waitingBefore",
            "parts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RunId,
            State,
            Step,
            StepsDone,
            StepsTotal,
            RowsDone,
            RowsTotal,
            TasksDone,
            TasksTotal,
            Error,
            Failure,
            WaitingBefore,
            Parts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "state" => Ok(GeneratedField::State),
                            "step" => Ok(GeneratedField::Step),
                            "stepsDone" | "steps_done" => Ok(GeneratedField::StepsDone),
                            "stepsTotal" | "steps_total" => Ok(GeneratedField::StepsTotal),
                            "rowsDone" | "rows_done" => Ok(GeneratedField::RowsDone),
                            "rowsTotal" | "rows_total" => Ok(GeneratedField::RowsTotal),
                            "tasksDone" | "tasks_done" => Ok(GeneratedField::TasksDone),
                            "tasksTotal" | "tasks_total" => Ok(GeneratedField::TasksTotal),
                            "error" => Ok(GeneratedField::Error),
                            "failure" => Ok(GeneratedField::Failure),
                            "waitingBefore" | "waiting_before" => Ok(GeneratedField::WaitingBefore),
                            "parts" => Ok(GeneratedField::Parts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RunProgress;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.RunProgress")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RunProgress, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run_id__ = None;
                let mut state__ = None;
                let mut step__ = None;
                let mut steps_done__ = None;
                let mut steps_total__ = None;
                let mut rows_done__ = None;
                let mut rows_total__ = None;
                let mut tasks_done__ = None;
                let mut tasks_total__ = None;
                let mut error__ = None;
                let mut failure__ = None;
                let mut waiting_before__ = None;
                let mut parts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<RunState>()? as i32);
                        }
                        GeneratedField::Step => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("step"));
                            }
                            step__ = Some(map_.next_value()?);
                        }
                        GeneratedField::StepsDone => {
                            if steps_done__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stepsDone"));
                            }
                            steps_done__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::StepsTotal => {
                            if steps_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stepsTotal"));
                            }
                            steps_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RowsDone => {
                            if rows_done__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsDone"));
                            }
                            rows_done__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RowsTotal => {
                            if rows_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsTotal"));
                            }
                            rows_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TasksDone => {
                            if tasks_done__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tasksDone"));
                            }
                            tasks_done__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TasksTotal => {
                            if tasks_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tasksTotal"));
                            }
                            tasks_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Error => {
                            if error__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            error__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Failure => {
                            if failure__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failure"));
                            }
                            failure__ = map_.next_value()?;
                        }
                        GeneratedField::WaitingBefore => {
                            if waiting_before__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waitingBefore"));
                            }
                            waiting_before__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Parts => {
                            if parts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parts"));
                            }
                            parts__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RunProgress {
                    run_id: run_id__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                    step: step__.unwrap_or_default(),
                    steps_done: steps_done__.unwrap_or_default(),
                    steps_total: steps_total__.unwrap_or_default(),
                    rows_done: rows_done__.unwrap_or_default(),
                    rows_total: rows_total__.unwrap_or_default(),
                    tasks_done: tasks_done__.unwrap_or_default(),
                    tasks_total: tasks_total__.unwrap_or_default(),
                    error: error__.unwrap_or_default(),
                    failure: failure__,
                    waiting_before: waiting_before__,
                    parts: parts__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.RunProgress", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RunRef {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.RunRef", len)?;
        if true {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RunRef {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RunRef;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.RunRef")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RunRef, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RunRef {
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.RunRef", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RunState {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "RUN_STATE_UNSPECIFIED",
            Self::Prepared => "RUN_STATE_PREPARED",
            Self::Committed => "RUN_STATE_COMMITTED",
            Self::Failed => "RUN_STATE_FAILED",
            Self::Cancelled => "RUN_STATE_CANCELLED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RunState {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "RUN_STATE_UNSPECIFIED",
            "RUN_STATE_PREPARED",
            "RUN_STATE_COMMITTED",
            "RUN_STATE_FAILED",
            "RUN_STATE_CANCELLED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RunState;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "RUN_STATE_UNSPECIFIED" => Ok(RunState::Unspecified),
                    "RUN_STATE_PREPARED" => Ok(RunState::Prepared),
                    "RUN_STATE_COMMITTED" => Ok(RunState::Committed),
                    "RUN_STATE_FAILED" => Ok(RunState::Failed),
                    "RUN_STATE_CANCELLED" => Ok(RunState::Cancelled),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ServerStatus {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.ServerStatus", len)?;
        if true {
            struct_ser.serialize_field("release", &self.release)?;
        }
        if true {
            struct_ser.serialize_field("engine", &self.engine)?;
        }
        if true {
            struct_ser.serialize_field("catalog", &self.catalog)?;
        }
        if true {
            struct_ser.serialize_field("warehouse", &self.warehouse)?;
        }
        if true {
            struct_ser.serialize_field("warehouseId", &self.warehouse_id)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("catalogRevision", ToString::to_string(&self.catalog_revision).as_str())?;
        }
        if true {
            struct_ser.serialize_field("runsActive", &self.runs_active)?;
        }
        if true {
            struct_ser.serialize_field("slots", &self.slots)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("memoryBytes", ToString::to_string(&self.memory_bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("executors", &self.executors)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("startedMs", ToString::to_string(&self.started_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("runsWaiting", &self.runs_waiting)?;
        }
        if true {
            struct_ser.serialize_field("runningMax", &self.running_max)?;
        }
        if true {
            struct_ser.serialize_field("waitingMax", &self.waiting_max)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("oldestRunS", ToString::to_string(&self.oldest_run_s).as_str())?;
        }
        if true {
            let v: std::collections::HashMap<_, _> = self.runs_ended.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("runsEnded", &v)?;
        }
        if true {
            let v: std::collections::HashMap<_, _> = self.runs_failed.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("runsFailed", &v)?;
        }
        if true {
            struct_ser.serialize_field("readsOpen", &self.reads_open)?;
        }
        if true {
            struct_ser.serialize_field("readsMax", &self.reads_max)?;
        }
        if true {
            struct_ser.serialize_field("freeSlots", &self.free_slots)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("memoryReservedBytes", ToString::to_string(&self.memory_reserved_bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("disks", &self.disks)?;
        }
        if let Some(v) = self.catalog_us.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("catalogUs", ToString::to_string(&v).as_str())?;
        }
        if true {
            struct_ser.serialize_field("problems", &self.problems)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsWritten", ToString::to_string(&self.rows_written).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytesWritten", ToString::to_string(&self.bytes_written).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ServerStatus {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "release",
            "engine",
            "catalog",
            "warehouse",
            "warehouse_id",
            "warehouseId",
            "catalog_revision",
            "catalogRevision",
            "runs_active",
            "runsActive",
            "slots",
            "memory_bytes",
            "memoryBytes",
            "executors",
            "started_ms",
            "startedMs",
            "runs_waiting",
            "runsWaiting",
            "running_max",
            "runningMax",
            "waiting_max",
            "waitingMax",
            "oldest_run_s",
            "oldestRunS",
            "runs_ended",
            "runsEnded",
            "runs_failed",
            "runsFailed",
            "reads_open",
            "readsOpen",
            "reads_max",
            "readsMax",
            "free_slots",
            "freeSlots",
            "memory_reserved_bytes",
            "memoryReservedBytes",
            "disks",
            "catalog_us",
            "catalogUs",
            "problems",
            "rows_written",
            "rowsWritten",
            "bytes_written",
            "bytesWritten",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Release,
            Engine,
            Catalog,
            Warehouse,
            WarehouseId,
            CatalogRevision,
            RunsActive,
            Slots,
            MemoryBytes,
            Executors,
            StartedMs,
            RunsWaiting,
            RunningMax,
            WaitingMax,
            OldestRunS,
            RunsEnded,
            RunsFailed,
            ReadsOpen,
            ReadsMax,
            FreeSlots,
            MemoryReservedBytes,
            Disks,
            CatalogUs,
            Problems,
            RowsWritten,
            BytesWritten,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "release" => Ok(GeneratedField::Release),
                            "engine" => Ok(GeneratedField::Engine),
                            "catalog" => Ok(GeneratedField::Catalog),
                            "warehouse" => Ok(GeneratedField::Warehouse),
                            "warehouseId" | "warehouse_id" => Ok(GeneratedField::WarehouseId),
                            "catalogRevision" | "catalog_revision" => Ok(GeneratedField::CatalogRevision),
                            "runsActive" | "runs_active" => Ok(GeneratedField::RunsActive),
                            "slots" => Ok(GeneratedField::Slots),
                            "memoryBytes" | "memory_bytes" => Ok(GeneratedField::MemoryBytes),
                            "executors" => Ok(GeneratedField::Executors),
                            "startedMs" | "started_ms" => Ok(GeneratedField::StartedMs),
                            "runsWaiting" | "runs_waiting" => Ok(GeneratedField::RunsWaiting),
                            "runningMax" | "running_max" => Ok(GeneratedField::RunningMax),
                            "waitingMax" | "waiting_max" => Ok(GeneratedField::WaitingMax),
                            "oldestRunS" | "oldest_run_s" => Ok(GeneratedField::OldestRunS),
                            "runsEnded" | "runs_ended" => Ok(GeneratedField::RunsEnded),
                            "runsFailed" | "runs_failed" => Ok(GeneratedField::RunsFailed),
                            "readsOpen" | "reads_open" => Ok(GeneratedField::ReadsOpen),
                            "readsMax" | "reads_max" => Ok(GeneratedField::ReadsMax),
                            "freeSlots" | "free_slots" => Ok(GeneratedField::FreeSlots),
                            "memoryReservedBytes" | "memory_reserved_bytes" => Ok(GeneratedField::MemoryReservedBytes),
                            "disks" => Ok(GeneratedField::Disks),
                            "catalogUs" | "catalog_us" => Ok(GeneratedField::CatalogUs),
                            "problems" => Ok(GeneratedField::Problems),
                            "rowsWritten" | "rows_written" => Ok(GeneratedField::RowsWritten),
                            "bytesWritten" | "bytes_written" => Ok(GeneratedField::BytesWritten),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ServerStatus;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.ServerStatus")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ServerStatus, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut release__ = None;
                let mut engine__ = None;
                let mut catalog__ = None;
                let mut warehouse__ = None;
                let mut warehouse_id__ = None;
                let mut catalog_revision__ = None;
                let mut runs_active__ = None;
                let mut slots__ = None;
                let mut memory_bytes__ = None;
                let mut executors__ = None;
                let mut started_ms__ = None;
                let mut runs_waiting__ = None;
                let mut running_max__ = None;
                let mut waiting_max__ = None;
                let mut oldest_run_s__ = None;
                let mut runs_ended__ = None;
                let mut runs_failed__ = None;
                let mut reads_open__ = None;
                let mut reads_max__ = None;
                let mut free_slots__ = None;
                let mut memory_reserved_bytes__ = None;
                let mut disks__ = None;
                let mut catalog_us__ = None;
                let mut problems__ = None;
                let mut rows_written__ = None;
                let mut bytes_written__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Release => {
                            if release__.is_some() {
                                return Err(serde::de::Error::duplicate_field("release"));
                            }
                            release__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Engine => {
                            if engine__.is_some() {
                                return Err(serde::de::Error::duplicate_field("engine"));
                            }
                            engine__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Catalog => {
                            if catalog__.is_some() {
                                return Err(serde::de::Error::duplicate_field("catalog"));
                            }
                            catalog__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Warehouse => {
                            if warehouse__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warehouse"));
                            }
                            warehouse__ = Some(map_.next_value()?);
                        }
                        GeneratedField::WarehouseId => {
                            if warehouse_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warehouseId"));
                            }
                            warehouse_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CatalogRevision => {
                            if catalog_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("catalogRevision"));
                            }
                            catalog_revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunsActive => {
                            if runs_active__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runsActive"));
                            }
                            runs_active__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Slots => {
                            if slots__.is_some() {
                                return Err(serde::de::Error::duplicate_field("slots"));
                            }
                            slots__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MemoryBytes => {
                            if memory_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("memoryBytes"));
                            }
                            memory_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Executors => {
                            if executors__.is_some() {
                                return Err(serde::de::Error::duplicate_field("executors"));
                            }
                            executors__ = Some(map_.next_value()?);
                        }
                        GeneratedField::StartedMs => {
                            if started_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startedMs"));
                            }
                            started_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunsWaiting => {
                            if runs_waiting__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runsWaiting"));
                            }
                            runs_waiting__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunningMax => {
                            if running_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runningMax"));
                            }
                            running_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::WaitingMax => {
                            if waiting_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waitingMax"));
                            }
                            waiting_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OldestRunS => {
                            if oldest_run_s__.is_some() {
                                return Err(serde::de::Error::duplicate_field("oldestRunS"));
                            }
                            oldest_run_s__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunsEnded => {
                            if runs_ended__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runsEnded"));
                            }
                            runs_ended__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::RunsFailed => {
                            if runs_failed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runsFailed"));
                            }
                            runs_failed__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::ReadsOpen => {
                            if reads_open__.is_some() {
                                return Err(serde::de::Error::duplicate_field("readsOpen"));
                            }
                            reads_open__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ReadsMax => {
                            if reads_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("readsMax"));
                            }
                            reads_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FreeSlots => {
                            if free_slots__.is_some() {
                                return Err(serde::de::Error::duplicate_field("freeSlots"));
                            }
                            free_slots__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MemoryReservedBytes => {
                            if memory_reserved_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("memoryReservedBytes"));
                            }
                            memory_reserved_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Disks => {
                            if disks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("disks"));
                            }
                            disks__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CatalogUs => {
                            if catalog_us__.is_some() {
                                return Err(serde::de::Error::duplicate_field("catalogUs"));
                            }
                            catalog_us__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Problems => {
                            if problems__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problems"));
                            }
                            problems__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RowsWritten => {
                            if rows_written__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsWritten"));
                            }
                            rows_written__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BytesWritten => {
                            if bytes_written__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytesWritten"));
                            }
                            bytes_written__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ServerStatus {
                    release: release__.unwrap_or_default(),
                    engine: engine__.unwrap_or_default(),
                    catalog: catalog__.unwrap_or_default(),
                    warehouse: warehouse__.unwrap_or_default(),
                    warehouse_id: warehouse_id__.unwrap_or_default(),
                    catalog_revision: catalog_revision__.unwrap_or_default(),
                    runs_active: runs_active__.unwrap_or_default(),
                    slots: slots__.unwrap_or_default(),
                    memory_bytes: memory_bytes__.unwrap_or_default(),
                    executors: executors__.unwrap_or_default(),
                    started_ms: started_ms__.unwrap_or_default(),
                    runs_waiting: runs_waiting__.unwrap_or_default(),
                    running_max: running_max__.unwrap_or_default(),
                    waiting_max: waiting_max__.unwrap_or_default(),
                    oldest_run_s: oldest_run_s__.unwrap_or_default(),
                    runs_ended: runs_ended__.unwrap_or_default(),
                    runs_failed: runs_failed__.unwrap_or_default(),
                    reads_open: reads_open__.unwrap_or_default(),
                    reads_max: reads_max__.unwrap_or_default(),
                    free_slots: free_slots__.unwrap_or_default(),
                    memory_reserved_bytes: memory_reserved_bytes__.unwrap_or_default(),
                    disks: disks__.unwrap_or_default(),
                    catalog_us: catalog_us__,
                    problems: problems__.unwrap_or_default(),
                    rows_written: rows_written__.unwrap_or_default(),
                    bytes_written: bytes_written__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.ServerStatus", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SqlQuery {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.SqlQuery", len)?;
        if true {
            struct_ser.serialize_field("sql", &self.sql)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("asOfMs", ToString::to_string(&self.as_of_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("queryId", &self.query_id)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("limit", ToString::to_string(&self.limit).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("timeoutMs", ToString::to_string(&self.timeout_ms).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SqlQuery {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sql",
            "as_of_ms",
            "asOfMs",
            "query_id",
            "queryId",
            "limit",
            "timeout_ms",
            "timeoutMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sql,
            AsOfMs,
            QueryId,
            Limit,
            TimeoutMs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sql" => Ok(GeneratedField::Sql),
                            "asOfMs" | "as_of_ms" => Ok(GeneratedField::AsOfMs),
                            "queryId" | "query_id" => Ok(GeneratedField::QueryId),
                            "limit" => Ok(GeneratedField::Limit),
                            "timeoutMs" | "timeout_ms" => Ok(GeneratedField::TimeoutMs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SqlQuery;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.SqlQuery")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SqlQuery, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sql__ = None;
                let mut as_of_ms__ = None;
                let mut query_id__ = None;
                let mut limit__ = None;
                let mut timeout_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sql => {
                            if sql__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sql"));
                            }
                            sql__ = Some(map_.next_value()?);
                        }
                        GeneratedField::AsOfMs => {
                            if as_of_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("asOfMs"));
                            }
                            as_of_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::QueryId => {
                            if query_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("queryId"));
                            }
                            query_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Limit => {
                            if limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limit"));
                            }
                            limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TimeoutMs => {
                            if timeout_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeoutMs"));
                            }
                            timeout_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(SqlQuery {
                    sql: sql__.unwrap_or_default(),
                    as_of_ms: as_of_ms__.unwrap_or_default(),
                    query_id: query_id__.unwrap_or_default(),
                    limit: limit__.unwrap_or_default(),
                    timeout_ms: timeout_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.SqlQuery", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StageReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.StageReport", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("tasks", &self.tasks)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("wallMs", ToString::to_string(&self.wall_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("workers", &self.workers)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StageReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "tasks",
            "wall_ms",
            "wallMs",
            "workers",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Tasks,
            WallMs,
            Workers,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "tasks" => Ok(GeneratedField::Tasks),
                            "wallMs" | "wall_ms" => Ok(GeneratedField::WallMs),
                            "workers" => Ok(GeneratedField::Workers),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StageReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.StageReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StageReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut tasks__ = None;
                let mut wall_ms__ = None;
                let mut workers__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Tasks => {
                            if tasks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tasks"));
                            }
                            tasks__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::WallMs => {
                            if wall_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("wallMs"));
                            }
                            wall_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Workers => {
                            if workers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("workers"));
                            }
                            workers__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(StageReport {
                    name: name__.unwrap_or_default(),
                    tasks: tasks__.unwrap_or_default(),
                    wall_ms: wall_ms__.unwrap_or_default(),
                    workers: workers__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.StageReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StatisticsSettings {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.StatisticsSettings", len)?;
        if true {
            struct_ser.serialize_field("descriptive", &self.descriptive)?;
        }
        if true {
            struct_ser.serialize_field("correlation", &self.correlation)?;
        }
        if true {
            struct_ser.serialize_field("histograms", &self.histograms)?;
        }
        if true {
            struct_ser.serialize_field("clusterAnalysis", &self.cluster_analysis)?;
        }
        if true {
            struct_ser.serialize_field("columns", &self.columns)?;
        }
        if true {
            struct_ser.serialize_field("numBins", &self.num_bins)?;
        }
        if true {
            struct_ser.serialize_field("corrMethod", &self.corr_method)?;
        }
        if true {
            struct_ser.serialize_field("numClusters", &self.num_clusters)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StatisticsSettings {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "descriptive",
            "correlation",
            "histograms",
            "cluster_analysis",
            "clusterAnalysis",
            "columns",
            "num_bins",
            "numBins",
            "corr_method",
            "corrMethod",
            "num_clusters",
            "numClusters",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Descriptive,
            Correlation,
            Histograms,
            ClusterAnalysis,
            Columns,
            NumBins,
            CorrMethod,
            NumClusters,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "descriptive" => Ok(GeneratedField::Descriptive),
                            "correlation" => Ok(GeneratedField::Correlation),
                            "histograms" => Ok(GeneratedField::Histograms),
                            "clusterAnalysis" | "cluster_analysis" => Ok(GeneratedField::ClusterAnalysis),
                            "columns" => Ok(GeneratedField::Columns),
                            "numBins" | "num_bins" => Ok(GeneratedField::NumBins),
                            "corrMethod" | "corr_method" => Ok(GeneratedField::CorrMethod),
                            "numClusters" | "num_clusters" => Ok(GeneratedField::NumClusters),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StatisticsSettings;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.StatisticsSettings")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StatisticsSettings, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut descriptive__ = None;
                let mut correlation__ = None;
                let mut histograms__ = None;
                let mut cluster_analysis__ = None;
                let mut columns__ = None;
                let mut num_bins__ = None;
                let mut corr_method__ = None;
                let mut num_clusters__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Descriptive => {
                            if descriptive__.is_some() {
                                return Err(serde::de::Error::duplicate_field("descriptive"));
                            }
                            descriptive__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Correlation => {
                            if correlation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("correlation"));
                            }
                            correlation__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Histograms => {
                            if histograms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("histograms"));
                            }
                            histograms__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ClusterAnalysis => {
                            if cluster_analysis__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clusterAnalysis"));
                            }
                            cluster_analysis__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Columns => {
                            if columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("columns"));
                            }
                            columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::NumBins => {
                            if num_bins__.is_some() {
                                return Err(serde::de::Error::duplicate_field("numBins"));
                            }
                            num_bins__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CorrMethod => {
                            if corr_method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("corrMethod"));
                            }
                            corr_method__ = Some(map_.next_value()?);
                        }
                        GeneratedField::NumClusters => {
                            if num_clusters__.is_some() {
                                return Err(serde::de::Error::duplicate_field("numClusters"));
                            }
                            num_clusters__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(StatisticsSettings {
                    descriptive: descriptive__.unwrap_or_default(),
                    correlation: correlation__.unwrap_or_default(),
                    histograms: histograms__.unwrap_or_default(),
                    cluster_analysis: cluster_analysis__.unwrap_or_default(),
                    columns: columns__.unwrap_or_default(),
                    num_bins: num_bins__.unwrap_or_default(),
                    corr_method: corr_method__.unwrap_or_default(),
                    num_clusters: num_clusters__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.StatisticsSettings", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrainingDataset {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.TrainingDataset", len)?;
        if true {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if true {
            struct_ser.serialize_field("project", &self.project)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if true {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if true {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if true {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if true {
            struct_ser.serialize_field("labels", &self.labels)?;
        }
        if true {
            let v = DataFormat::try_from(self.data_format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.data_format)))?;
            struct_ser.serialize_field("dataFormat", &v)?;
        }
        if true {
            struct_ser.serialize_field("jobName", &self.job_name)?;
        }
        if true {
            struct_ser.serialize_field("dependencies", &self.dependencies)?;
        }
        if let Some(v) = self.statistics.as_ref() {
            struct_ser.serialize_field("statistics", v)?;
        }
        if true {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if let Some(v) = self.generation.as_ref() {
            struct_ser.serialize_field("generation", v)?;
        }
        if true {
            struct_ser.serialize_field("owner", &self.owner)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("createdMs", ToString::to_string(&self.created_ms).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("updatedMs", ToString::to_string(&self.updated_ms).as_str())?;
        }
        if true {
            struct_ser.serialize_field("tags", &self.tags)?;
        }
        if true {
            let v = Compression::try_from(self.compression)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.compression)))?;
            struct_ser.serialize_field("compression", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrainingDataset {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "format",
            "project",
            "name",
            "version",
            "id",
            "description",
            "features",
            "labels",
            "data_format",
            "dataFormat",
            "job_name",
            "jobName",
            "dependencies",
            "statistics",
            "location",
            "generation",
            "owner",
            "created_ms",
            "createdMs",
            "updated_ms",
            "updatedMs",
            "tags",
            "compression",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Format,
            Project,
            Name,
            Version,
            Id,
            Description,
            Features,
            Labels,
            DataFormat,
            JobName,
            Dependencies,
            Statistics,
            Location,
            Generation,
            Owner,
            CreatedMs,
            UpdatedMs,
            Tags,
            Compression,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "format" => Ok(GeneratedField::Format),
                            "project" => Ok(GeneratedField::Project),
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "id" => Ok(GeneratedField::Id),
                            "description" => Ok(GeneratedField::Description),
                            "features" => Ok(GeneratedField::Features),
                            "labels" => Ok(GeneratedField::Labels),
                            "dataFormat" | "data_format" => Ok(GeneratedField::DataFormat),
                            "jobName" | "job_name" => Ok(GeneratedField::JobName),
                            "dependencies" => Ok(GeneratedField::Dependencies),
                            "statistics" => Ok(GeneratedField::Statistics),
                            "location" => Ok(GeneratedField::Location),
                            "generation" => Ok(GeneratedField::Generation),
                            "owner" => Ok(GeneratedField::Owner),
                            "createdMs" | "created_ms" => Ok(GeneratedField::CreatedMs),
                            "updatedMs" | "updated_ms" => Ok(GeneratedField::UpdatedMs),
                            "tags" => Ok(GeneratedField::Tags),
                            "compression" => Ok(GeneratedField::Compression),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrainingDataset;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.TrainingDataset")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrainingDataset, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut format__ = None;
                let mut project__ = None;
                let mut name__ = None;
                let mut version__ = None;
                let mut id__ = None;
                let mut description__ = None;
                let mut features__ = None;
                let mut labels__ = None;
                let mut data_format__ = None;
                let mut job_name__ = None;
                let mut dependencies__ = None;
                let mut statistics__ = None;
                let mut location__ = None;
                let mut generation__ = None;
                let mut owner__ = None;
                let mut created_ms__ = None;
                let mut updated_ms__ = None;
                let mut tags__ = None;
                let mut compression__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Project => {
                            if project__.is_some() {
                                return Err(serde::de::Error::duplicate_field("project"));
                            }
                            project__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Labels => {
                            if labels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labels"));
                            }
                            labels__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DataFormat => {
                            if data_format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataFormat"));
                            }
                            data_format__ = Some(map_.next_value::<DataFormat>()? as i32);
                        }
                        GeneratedField::JobName => {
                            if job_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jobName"));
                            }
                            job_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Dependencies => {
                            if dependencies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dependencies"));
                            }
                            dependencies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Statistics => {
                            if statistics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("statistics"));
                            }
                            statistics__ = map_.next_value()?;
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Generation => {
                            if generation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("generation"));
                            }
                            generation__ = map_.next_value()?;
                        }
                        GeneratedField::Owner => {
                            if owner__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owner"));
                            }
                            owner__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CreatedMs => {
                            if created_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdMs"));
                            }
                            created_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::UpdatedMs => {
                            if updated_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updatedMs"));
                            }
                            updated_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Tags => {
                            if tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tags"));
                            }
                            tags__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Compression => {
                            if compression__.is_some() {
                                return Err(serde::de::Error::duplicate_field("compression"));
                            }
                            compression__ = Some(map_.next_value::<Compression>()? as i32);
                        }
                    }
                }
                Ok(TrainingDataset {
                    format: format__.unwrap_or_default(),
                    project: project__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    id: id__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    features: features__.unwrap_or_default(),
                    labels: labels__.unwrap_or_default(),
                    data_format: data_format__.unwrap_or_default(),
                    job_name: job_name__.unwrap_or_default(),
                    dependencies: dependencies__.unwrap_or_default(),
                    statistics: statistics__,
                    location: location__.unwrap_or_default(),
                    generation: generation__,
                    owner: owner__.unwrap_or_default(),
                    created_ms: created_ms__.unwrap_or_default(),
                    updated_ms: updated_ms__.unwrap_or_default(),
                    tags: tags__.unwrap_or_default(),
                    compression: compression__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.TrainingDataset", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrainingDatasetDetail {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.TrainingDatasetDetail", len)?;
        if let Some(v) = self.training_dataset.as_ref() {
            struct_ser.serialize_field("trainingDataset", v)?;
        }
        if true {
            struct_ser.serialize_field("path", &self.path)?;
        }
        if true {
            struct_ser.serialize_field("tfRecordSchema", &self.tf_record_schema)?;
        }
        if true {
            struct_ser.serialize_field("manifest", &self.manifest)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrainingDatasetDetail {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "training_dataset",
            "trainingDataset",
            "path",
            "tf_record_schema",
            "tfRecordSchema",
            "manifest",
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            TrainingDataset,
            Path,
            TfRecordSchema,
            Manifest,
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trainingDataset" | "training_dataset" => Ok(GeneratedField::TrainingDataset),
                            "path" => Ok(GeneratedField::Path),
                            "tfRecordSchema" | "tf_record_schema" => Ok(GeneratedField::TfRecordSchema),
                            "manifest" => Ok(GeneratedField::Manifest),
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrainingDatasetDetail;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.TrainingDatasetDetail")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrainingDatasetDetail, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut training_dataset__ = None;
                let mut path__ = None;
                let mut tf_record_schema__ = None;
                let mut manifest__ = None;
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::TrainingDataset => {
                            if training_dataset__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainingDataset"));
                            }
                            training_dataset__ = map_.next_value()?;
                        }
                        GeneratedField::Path => {
                            if path__.is_some() {
                                return Err(serde::de::Error::duplicate_field("path"));
                            }
                            path__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TfRecordSchema => {
                            if tf_record_schema__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tfRecordSchema"));
                            }
                            tf_record_schema__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Manifest => {
                            if manifest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("manifest"));
                            }
                            manifest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(TrainingDatasetDetail {
                    training_dataset: training_dataset__,
                    path: path__.unwrap_or_default(),
                    tf_record_schema: tf_record_schema__.unwrap_or_default(),
                    manifest: manifest__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.TrainingDatasetDetail", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrainingDatasetList {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.TrainingDatasetList", len)?;
        if true {
            struct_ser.serialize_field("trainingDatasets", &self.training_datasets)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrainingDatasetList {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "training_datasets",
            "trainingDatasets",
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            TrainingDatasets,
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trainingDatasets" | "training_datasets" => Ok(GeneratedField::TrainingDatasets),
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrainingDatasetList;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.TrainingDatasetList")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrainingDatasetList, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut training_datasets__ = None;
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::TrainingDatasets => {
                            if training_datasets__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainingDatasets"));
                            }
                            training_datasets__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(TrainingDatasetList {
                    training_datasets: training_datasets__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.TrainingDatasetList", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for UpdateMetadata {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.UpdateMetadata", len)?;
        if true {
            let v = DependencyKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if let Some(v) = self.description.as_ref() {
            struct_ser.serialize_field("description", v)?;
        }
        if let Some(v) = self.owner.as_ref() {
            struct_ser.serialize_field("owner", v)?;
        }
        if true {
            struct_ser.serialize_field("setTags", &self.set_tags)?;
        }
        if true {
            struct_ser.serialize_field("removeTags", &self.remove_tags)?;
        }
        if true {
            struct_ser.serialize_field("featureDescriptions", &self.feature_descriptions)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("expectedRevision", ToString::to_string(&self.expected_revision).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for UpdateMetadata {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "name",
            "version",
            "description",
            "owner",
            "set_tags",
            "setTags",
            "remove_tags",
            "removeTags",
            "feature_descriptions",
            "featureDescriptions",
            "expected_revision",
            "expectedRevision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Name,
            Version,
            Description,
            Owner,
            SetTags,
            RemoveTags,
            FeatureDescriptions,
            ExpectedRevision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            "description" => Ok(GeneratedField::Description),
                            "owner" => Ok(GeneratedField::Owner),
                            "setTags" | "set_tags" => Ok(GeneratedField::SetTags),
                            "removeTags" | "remove_tags" => Ok(GeneratedField::RemoveTags),
                            "featureDescriptions" | "feature_descriptions" => Ok(GeneratedField::FeatureDescriptions),
                            "expectedRevision" | "expected_revision" => Ok(GeneratedField::ExpectedRevision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = UpdateMetadata;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.UpdateMetadata")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<UpdateMetadata, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut name__ = None;
                let mut version__ = None;
                let mut description__ = None;
                let mut owner__ = None;
                let mut set_tags__ = None;
                let mut remove_tags__ = None;
                let mut feature_descriptions__ = None;
                let mut expected_revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<DependencyKind>()? as i32);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = map_.next_value()?;
                        }
                        GeneratedField::Owner => {
                            if owner__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owner"));
                            }
                            owner__ = map_.next_value()?;
                        }
                        GeneratedField::SetTags => {
                            if set_tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("setTags"));
                            }
                            set_tags__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::RemoveTags => {
                            if remove_tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("removeTags"));
                            }
                            remove_tags__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FeatureDescriptions => {
                            if feature_descriptions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureDescriptions"));
                            }
                            feature_descriptions__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::ExpectedRevision => {
                            if expected_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expectedRevision"));
                            }
                            expected_revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(UpdateMetadata {
                    kind: kind__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    description: description__,
                    owner: owner__,
                    set_tags: set_tags__.unwrap_or_default(),
                    remove_tags: remove_tags__.unwrap_or_default(),
                    feature_descriptions: feature_descriptions__.unwrap_or_default(),
                    expected_revision: expected_revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.UpdateMetadata", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for VerifyReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.VerifyReport", len)?;
        if true {
            struct_ser.serialize_field("shards", &self.shards)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if true {
            struct_ser.serialize_field("problems", &self.problems)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for VerifyReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "shards",
            "rows",
            "bytes",
            "problems",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Shards,
            Rows,
            Bytes,
            Problems,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "shards" => Ok(GeneratedField::Shards),
                            "rows" => Ok(GeneratedField::Rows),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "problems" => Ok(GeneratedField::Problems),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = VerifyReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.VerifyReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<VerifyReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut shards__ = None;
                let mut rows__ = None;
                let mut bytes__ = None;
                let mut problems__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Shards => {
                            if shards__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shards"));
                            }
                            shards__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Problems => {
                            if problems__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problems"));
                            }
                            problems__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(VerifyReport {
                    shards: shards__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    problems: problems__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.VerifyReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for VersionRef {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.VersionRef", len)?;
        if true {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if true {
            struct_ser.serialize_field("version", &self.version)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for VersionRef {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "version",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Version,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "version" => Ok(GeneratedField::Version),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = VersionRef;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.VersionRef")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<VersionRef, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(VersionRef {
                    name: name__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.VersionRef", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for WorkerShare {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        if true {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("mangonel.v1.WorkerShare", len)?;
        if true {
            struct_ser.serialize_field("worker", &self.worker)?;
        }
        if true {
            struct_ser.serialize_field("tasks", &self.tasks)?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsRead", ToString::to_string(&self.rows_read).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytesRead", ToString::to_string(&self.bytes_read).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsWritten", ToString::to_string(&self.rows_written).as_str())?;
        }
        if true {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytesWritten", ToString::to_string(&self.bytes_written).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for WorkerShare {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "worker",
            "tasks",
            "rows_read",
            "rowsRead",
            "bytes_read",
            "bytesRead",
            "rows_written",
            "rowsWritten",
            "bytes_written",
            "bytesWritten",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Worker,
            Tasks,
            RowsRead,
            BytesRead,
            RowsWritten,
            BytesWritten,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "worker" => Ok(GeneratedField::Worker),
                            "tasks" => Ok(GeneratedField::Tasks),
                            "rowsRead" | "rows_read" => Ok(GeneratedField::RowsRead),
                            "bytesRead" | "bytes_read" => Ok(GeneratedField::BytesRead),
                            "rowsWritten" | "rows_written" => Ok(GeneratedField::RowsWritten),
                            "bytesWritten" | "bytes_written" => Ok(GeneratedField::BytesWritten),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = WorkerShare;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct mangonel.v1.WorkerShare")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<WorkerShare, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut worker__ = None;
                let mut tasks__ = None;
                let mut rows_read__ = None;
                let mut bytes_read__ = None;
                let mut rows_written__ = None;
                let mut bytes_written__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Worker => {
                            if worker__.is_some() {
                                return Err(serde::de::Error::duplicate_field("worker"));
                            }
                            worker__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Tasks => {
                            if tasks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tasks"));
                            }
                            tasks__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RowsRead => {
                            if rows_read__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsRead"));
                            }
                            rows_read__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BytesRead => {
                            if bytes_read__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytesRead"));
                            }
                            bytes_read__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RowsWritten => {
                            if rows_written__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsWritten"));
                            }
                            rows_written__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BytesWritten => {
                            if bytes_written__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytesWritten"));
                            }
                            bytes_written__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(WorkerShare {
                    worker: worker__.unwrap_or_default(),
                    tasks: tasks__.unwrap_or_default(),
                    rows_read: rows_read__.unwrap_or_default(),
                    bytes_read: bytes_read__.unwrap_or_default(),
                    rows_written: rows_written__.unwrap_or_default(),
                    bytes_written: bytes_written__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("mangonel.v1.WorkerShare", FIELDS, GeneratedVisitor)
    }
}
