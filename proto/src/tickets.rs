//! Tickets: opaque, signed, short-lived, bound to the principal. Here is what a ticket says and how it is checked. Only the
//! scheduler signs; it and every executor verify with the key that executors get when they join. Reads no clock.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorCode, Result},
    names::Principal,
    v1,
};

/// Seconds that a ticket is good for.
pub const TICKET_LIFE_S: u64 = 3600;

/// What the bearer of a ticket may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Read one partition of a read that the scheduler streams.
    Read { read: String, partition: usize },
    /// Read a file of results, which one executor keeps.
    Result(ResultFile),
    /// Read shards of a committed training dataset, which every node can.
    Shards(ShardFiles),
    /// Upload parts of an insert.
    Upload { run_id: String },
}

/// Part of the answer to a read, as an Arrow IPC file in the work folder of the executor that computed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    pub read: String,
    pub executor: String,
    /// Name of the file in the read's folder.
    pub file: String,
    /// Only so many rows from the start: the request's limit ends in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// Neighbouring shards, with all that a node needs to decode them: executors have no catalog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShardFiles {
    /// Folder of the generation, in the warehouse.
    pub folder: String,
    pub shards: Vec<ShardFile>,
    pub data_format: v1::DataFormat,
    pub compression: v1::Compression,
    /// Features of the dataset, without descriptions.
    pub features: Vec<v1::Feature>,
}

/// One shard, as its manifest has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardFile {
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
}

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    pub grant: Grant,
    pub principal: String,
    pub project: String,
    /// Seconds since 1970 in UTC.
    pub expires_s: u64,
}

impl Claims {
    /// The ticket, given what signs its body.
    ///
    /// # Errors
    /// `internal` when the claims cannot be written.
    pub fn to_ticket(&self, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Vec<u8>> {
        let body = serde_json::to_vec(self).map_err(|error| Error::internal(format!("ticket: {error}")))?;
        let mut ticket = sign(&body).to_vec();
        ticket.extend(body);
        Ok(ticket)
    }

    pub fn bearer(&self) -> Principal {
        Principal { name: self.principal.clone(), project: self.project.clone() }
    }
}

/// Verifies tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketVerifier(VerifyingKey);

impl TicketVerifier {
    /// # Errors
    /// `internal` when `key` is no Ed25519 key.
    pub fn new(key: &[u8]) -> Result<Self> {
        let key = <[u8; 32]>::try_from(key).ok().and_then(|key| VerifyingKey::from_bytes(&key).ok());
        key.map(Self).ok_or_else(|| Error::internal("the key for tickets is malformed"))
    }

    /// What a ticket grants to the project that presents it at `now_s` (seconds since 1970 in UTC).
    ///
    /// # Errors
    /// `unauthenticated` for a ticket that the scheduler did not sign or that has expired, `permission_denied` for one
    /// that was given to another project.
    pub fn open(&self, ticket: &[u8], project: &str, now_s: u64) -> Result<Claims> {
        let refused = |why: &str| Error::new(ErrorCode::Unauthenticated, format!("ticket refused: {why}"));
        let Some((signature, body)) = ticket.split_first_chunk::<64>() else {
            return Err(refused("it is cut short"));
        };
        let signature = Signature::from_bytes(signature);
        self.0.verify(body, &signature).map_err(|_| refused("it was not signed by this server"))?;
        let claims: Claims = serde_json::from_slice(body).map_err(|_| refused("it is of another release"))?;
        if claims.expires_s < now_s {
            return Err(refused("it has expired: ask for the data again"));
        }
        if claims.project != project {
            let message = "ticket refused: it was given to another project";
            return Err(Error::new(ErrorCode::PermissionDenied, message));
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn claims() -> Claims {
        let shards = vec![ShardFile { name: "part-r-00000".into(), rows: 7, bytes: 100 }];
        let features = vec![v1::Feature { name: "x".into(), r#type: "long".into(), ..Default::default() }];
        let (folder, data_format) = ("football/x_1".into(), v1::DataFormat::Parquet);
        let grant =
            Grant::Shards(ShardFiles { folder, shards, data_format, compression: v1::Compression::Gzip, features });
        Claims { grant, principal: "local".into(), project: "football".into(), expires_s: 1000 }
    }

    #[test]
    fn only_a_whole_ticket_of_the_right_signer_time_and_project_is_good() {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let verifier = TicketVerifier::new(signer.verifying_key().as_bytes()).unwrap();
        let ticket = claims().to_ticket(|body| signer.sign(body).to_bytes()).unwrap();
        assert_eq!(verifier.open(&ticket, "football", 1000).unwrap(), claims());
        let code = |ticket: &[u8], project: &str, now_s| verifier.open(ticket, project, now_s).unwrap_err().code;
        assert_eq!(code(&ticket, "football", 1001), ErrorCode::Unauthenticated, "expired");
        assert_eq!(code(&ticket, "hockey", 0), ErrorCode::PermissionDenied, "of another project");
        for byte in 0..ticket.len() {
            let mut tampered = ticket.clone();
            tampered[byte] ^= 1;
            assert_eq!(code(&tampered, "football", 0), ErrorCode::Unauthenticated, "byte {byte}");
        }
        for cut in [0, 63, 64, ticket.len() - 1] {
            assert_eq!(code(&ticket[..cut], "football", 0), ErrorCode::Unauthenticated, "cut at {cut}");
        }
        let other = SigningKey::from_bytes(&[8; 32]);
        let forged = claims().to_ticket(|body| other.sign(body).to_bytes()).unwrap();
        assert_eq!(code(&forged, "football", 0), ErrorCode::Unauthenticated, "forged");
        assert!(TicketVerifier::new(&[1, 2, 3]).is_err());
    }
}
