//! Signs tickets. What they say and how they are checked is in `mangonel_proto::tickets`.

use std::time::{SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer, SigningKey};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::Principal,
    tickets::{Claims, Grant, TICKET_LIFE_S, TicketVerifier},
};

/// Signs and verifies tickets. The key lives as long as the process: a ticket does not outlive what it points to.
pub(crate) struct TicketSigner {
    key: SigningKey,
    verifier: TicketVerifier,
}

impl TicketSigner {
    /// # Errors
    /// Never for a key that was just made; the verifier's signature has one.
    pub(crate) fn try_new() -> Result<Self> {
        let mut seed = [0_u8; 32];
        rand::fill(&mut seed);
        let key = SigningKey::from_bytes(&seed);
        let verifier = TicketVerifier::new(key.verifying_key().as_bytes())?;
        Ok(Self { key, verifier })
    }

    /// The key that tickets are verified with, for executors.
    pub(crate) fn verifying_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// # Errors
    /// `internal` when the claims cannot be written.
    pub(crate) fn sign(&self, principal: &Principal, grant: Grant) -> Result<Vec<u8>> {
        let claims = Claims {
            grant,
            principal: principal.name.clone(),
            project: principal.project.clone(),
            expires_s: now_s() + TICKET_LIFE_S,
        };
        claims.to_ticket(|body| self.key.sign(body).to_bytes())
    }

    /// What a ticket grants to `caller`.
    ///
    /// # Errors
    /// `unauthenticated` for a ticket that we did not sign or that has expired, `permission_denied` for one that was given
    /// to somebody else.
    pub(crate) fn open(&self, caller: &Principal, ticket: &[u8]) -> Result<Grant> {
        let claims = self.verifier.open(ticket, &caller.project, now_s())?;
        if claims.bearer() != *caller {
            return Err(Error::new(ErrorCode::PermissionDenied, "ticket refused: it was given to somebody else"));
        }
        Ok(claims.grant)
    }
}

/// Seconds since 1970 in UTC.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
