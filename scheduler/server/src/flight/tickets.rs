//! Tickets: opaque, signed, short-lived, bound to the principal. Only the scheduler signs; executors can verify.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use mangonel_proto::{Error, ErrorCode, Result, names::Principal};
use serde::{Deserialize, Serialize};

/// Time that a ticket is good for.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(3600);

/// What the bearer of a ticket may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    /// Read one partition of a prepared read.
    Read { read: String, partition: usize },
    /// Upload parts of an insert.
    Upload { run_id: String },
}

#[derive(Serialize, Deserialize)]
struct Claims {
    grant: Grant,
    principal: String,
    project: String,
    expires_s: u64,
}

/// Signs and verifies tickets. The key lives as long as the process: a ticket does not outlive what it points to.
pub(crate) struct TicketSigner {
    key: SigningKey,
}

impl TicketSigner {
    pub(crate) fn new() -> Self {
        let mut seed = [0_u8; 32];
        rand::fill(&mut seed);
        Self { key: SigningKey::from_bytes(&seed) }
    }

    /// The key that tickets are verified with, for executors.
    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// # Errors
    /// `internal` when the claims cannot be written.
    pub(crate) fn sign(&self, principal: &Principal, grant: Grant) -> Result<Vec<u8>> {
        let claims = Claims {
            grant,
            principal: principal.name.clone(),
            project: principal.project.clone(),
            expires_s: now_s() + TICKET_LIFE.as_secs(),
        };
        let body = serde_json::to_vec(&claims).map_err(|error| Error::internal(format!("ticket: {error}")))?;
        let mut ticket = self.key.sign(&body).to_vec();
        ticket.extend(body);
        Ok(ticket)
    }

    /// The grant of a ticket and the principal that it was given to.
    ///
    /// # Errors
    /// `unauthenticated` for a ticket that we did not sign or that has expired.
    pub(crate) fn open(&self, ticket: &[u8]) -> Result<(Principal, Grant)> {
        let refused = |why: &str| Error::new(ErrorCode::Unauthenticated, format!("ticket refused: {why}"));
        let Some((signature, body)) = ticket.split_first_chunk::<64>() else {
            return Err(refused("it is cut short"));
        };
        let signature = Signature::from_bytes(signature);
        self.verifying_key().verify(body, &signature).map_err(|_| refused("it was not signed by this server"))?;
        let claims: Claims = serde_json::from_slice(body).map_err(|_| refused("it is of another release"))?;
        if claims.expires_s < now_s() {
            return Err(refused("it has expired: ask for the data again"));
        }
        Ok((Principal { name: claims.principal, project: claims.project }, claims.grant))
    }
}

impl Default for TicketSigner {
    fn default() -> Self {
        Self::new()
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
