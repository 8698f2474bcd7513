//! The executors of a cluster: who asked to join, who was admitted, when each was last heard of, and which reads they
//! keep results for.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mangonel_proto::v1::ExecutorStatus;

/// An executor that is silent for this long is taken for lost.
pub(crate) const EXECUTOR_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Default)]
pub(crate) struct Members {
    members: Mutex<HashMap<String, Member>>,
    /// Reads whose results executors keep, and until when; `None` while they are computed.
    kept: Mutex<HashMap<String, Option<Instant>>>,
}

struct Member {
    slots: u32,
    host: String,
    /// Where clients reach it; empty for one that serves none.
    flight: String,
    /// Name of the file that it must write into the warehouse.
    probe: String,
    admitted: bool,
    heard: Instant,
}

impl Members {
    /// Takes in an executor that asks to join, and names its probe.
    pub(crate) fn join(&self, id: &str, slots: u32, host: String, flight: &str) -> String {
        let probe = format!("executor-{}", uuid::Uuid::new_v4());
        let flight = flight_uri(flight, &host);
        let member = Member { slots, host, flight, probe: probe.clone(), admitted: false, heard: Instant::now() };
        self.lock().insert(id.to_owned(), member);
        probe
    }

    /// The probe that an executor was told to write.
    pub(crate) fn probe(&self, id: &str) -> Option<String> {
        self.lock().get(id).map(|member| member.probe.clone())
    }

    pub(crate) fn admit(&self, id: &str) {
        if let Some(member) = self.lock().get_mut(id) {
            member.admitted = true;
            member.heard = Instant::now();
        }
    }

    /// Notes a sign of life; `false` for one that was never admitted (the scheduler was restarted: it has to join again).
    pub(crate) fn heard(&self, id: &str) -> bool {
        match self.lock().get_mut(id) {
            Some(member) if member.admitted => {
                member.heard = Instant::now();
                true
            }
            _ => false,
        }
    }

    /// Executors that were admitted and heard of lately, by id.
    pub(crate) fn alive(&self) -> Vec<ExecutorStatus> {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        let members = self.lock();
        let alive = members.iter().filter(|(_, member)| member.admitted && member.heard.elapsed() < EXECUTOR_TIMEOUT);
        let mut alive: Vec<ExecutorStatus> = alive
            .map(|(id, member)| ExecutorStatus {
                id: id.clone(),
                host: member.host.clone(),
                slots: member.slots,
                free_slots: 0,
                last_seen_ms: now_ms - member.heard.elapsed().as_millis() as i64,
                flight: member.flight.clone(),
            })
            .collect();
        alive.sort_by(|left, right| left.id.cmp(&right.id));
        alive
    }

    /// Executors that have not been heard of lately, and for how long, up to `told`.
    pub(crate) fn gone(&self, told: Duration) -> Vec<(String, Duration)> {
        let members = self.lock();
        let admitted = members.iter().filter(|(_, member)| member.admitted);
        let silent = admitted.map(|(id, member)| (id.clone(), member.heard.elapsed()));
        let mut gone: Vec<(String, Duration)> =
            silent.filter(|(_, silent)| (EXECUTOR_TIMEOUT..told).contains(silent)).collect();
        gone.sort();
        gone
    }

    /// Where clients reach an executor, heard of lately or not.
    pub(crate) fn flight(&self, id: &str) -> Option<String> {
        self.lock().get(id).map(|member| member.flight.clone()).filter(|flight| !flight.is_empty())
    }

    /// Lets executors keep the results of a read, until `until` if it is given.
    pub(crate) fn keep(&self, read: &str, until: Option<Instant>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(read.to_owned(), until);
    }

    /// Lets executors remove the results of a read.
    pub(crate) fn drop_results(&self, read: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(read);
    }

    /// Whether the results of a read are kept.
    pub(crate) fn keeps(&self, read: &str) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains_key(read)
    }

    /// Of the reads that an executor has results of, those that nobody can ask for any more.
    pub(crate) fn over(&self, reads: Vec<String>) -> Vec<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, until| until.is_none_or(|until| until > Instant::now()));
        reads.into_iter().filter(|read| !kept.contains_key(read)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `host:port` as a URI; `:port` is on the host that was seen.
fn flight_uri(flight: &str, seen: &str) -> String {
    match flight.strip_prefix(':') {
        _ if flight.is_empty() => String::new(),
        None => format!("grpc+tcp://{flight}"),
        Some(port) if seen.contains(':') => format!("grpc+tcp://[{seen}]:{port}"),
        Some(port) => format!("grpc+tcp://{seen}:{port}"),
    }
}
