//! Who may work now. A queue lets so many in at a time, in the order in which they came, and refuses when too many wait: heavy
//! work has one (runs, and what reads let the engine compute), and so have the reads that this process streams.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use mangonel_proto::{Error, ErrorCode, Result};
use tokio::sync::{Notify, OnceCell};

/// The bound of a queue may change, as executors come and go: those who wait look again this often.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a read waits to be streamed. Not longer, because its client may be what holds another read open.
const READ_WAIT: Duration = Duration::from_secs(30);

/// What an operator has set.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Runs and computed reads at work at the same time; as many as memory and slots suggest unless given.
    pub running: Option<usize>,
    /// Those that may wait; beyond, work is refused.
    pub waiting: usize,
    /// Reads that this process streams at the same time; as many as memory suggests unless given.
    pub reads: Option<usize>,
}

impl Limits {
    /// Those that may wait unless an operator says otherwise.
    pub const WAITING: usize = 100;
}

impl Default for Limits {
    fn default() -> Self {
        Self { running: None, waiting: Self::WAITING, reads: None }
    }
}

/// How full a queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub running: usize,
    pub running_max: usize,
    pub waiting: usize,
    pub waiting_max: usize,
}

/// The words of a refusal.
pub(crate) struct Wording {
    /// Such as `runs and computed reads`.
    pub what: &'static str,
    /// What an operator can do.
    pub advice: &'static str,
}

pub(crate) struct Queue {
    wording: Wording,
    running_max: Box<dyn Fn() -> usize + Send + Sync>,
    waiting_max: usize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    running: usize,
    /// Numbers of places, in the order of arrival.
    waiting: BTreeSet<u64>,
    next: u64,
}

/// A place in a queue, and the permission to work once its turn has come. Dropping it lets the next one in.
pub(crate) struct Place {
    queue: Arc<Queue>,
    number: u64,
    has_turn: bool,
}

impl Queue {
    pub(crate) fn new(
        wording: Wording,
        running_max: impl Fn() -> usize + Send + Sync + 'static,
        waiting_max: usize,
    ) -> Arc<Self> {
        let running_max = Box::new(running_max);
        Arc::new(Self { wording, running_max, waiting_max, state: Mutex::default(), changed: Notify::new() })
    }

    /// Takes the last place.
    ///
    /// # Errors
    /// `resource_exhausted` when as many wait as may.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Place> {
        let mut state = self.lock();
        // Those whose turn has come, and who have not noticed yet, do not wait.
        let free = self.running_max().saturating_sub(state.running);
        if state.waiting.len() >= free + self.waiting_max {
            return Err(self.busy(state.running, state.waiting.len()));
        }
        Ok(self.place(&mut state))
    }

    /// Takes the last place however many wait: for what was admitted to the queue before a restart.
    pub(crate) fn enter_again(self: &Arc<Self>) -> Place {
        self.place(&mut self.lock())
    }

    fn place(self: &Arc<Self>, state: &mut State) -> Place {
        let number = state.next;
        state.next += 1;
        state.waiting.insert(number);
        Place { queue: Arc::clone(self), number, has_turn: false }
    }

    pub(crate) fn fill(&self) -> Fill {
        let running_max = self.running_max();
        let state = self.lock();
        Fill { running: state.running, running_max, waiting: state.waiting.len(), waiting_max: self.waiting_max }
    }

    fn running_max(&self) -> usize {
        (self.running_max)().max(1)
    }

    fn busy(&self, running: usize, waiting: usize) -> Error {
        let Wording { what, advice } = self.wording;
        let message =
            format!("the server is busy: {running} {what} are at work and {waiting} wait: try again later, {advice}");
        Error::new(ErrorCode::ResourceExhausted, message).reason("Busy")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits for the turn of this place; `tell` hears how many have theirs before it. Giving up the future keeps the place.
    pub(crate) async fn turn(&mut self, tell: impl Fn(usize)) {
        while !self.has_turn {
            // Made before the look, so that no change after it is missed.
            let changed = self.queue.changed.notified();
            let running_max = self.queue.running_max();
            let before = {
                let mut state = self.queue.lock();
                let before = state.waiting.range(..self.number).count();
                if state.running + before < running_max {
                    state.waiting.remove(&self.number);
                    state.running += 1;
                    self.has_turn = true;
                }
                before
            };
            if self.has_turn {
                self.queue.changed.notify_waiters();
                return;
            }
            tell(before);
            let _ = tokio::time::timeout(LOOK_EVERY, changed).await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        if self.has_turn {
            state.running -= 1;
        } else {
            state.waiting.remove(&self.number);
        }
        drop(state);
        self.queue.changed.notify_waiters();
    }
}

/// The reads that this process streams. One read is many streams, some of which a client takes only when it has read the
/// others to their end: so they have one place together.
pub(crate) struct ReadPlaces {
    queue: Arc<Queue>,
    open: Mutex<HashMap<String, Weak<ReadPlace>>>,
}

/// The place of one read, while any of its streams is open.
#[derive(Default)]
pub(crate) struct ReadPlace(OnceCell<Place>);

impl ReadPlaces {
    pub(crate) fn new(queue: Arc<Queue>) -> Self {
        Self { queue, open: Mutex::default() }
    }

    pub(crate) fn fill(&self) -> Fill {
        self.queue.fill()
    }

    /// Waits until a read may be streamed.
    ///
    /// # Errors
    /// `resource_exhausted` when it would wait too long.
    pub(crate) async fn open(&self, read: &str) -> Result<Arc<ReadPlace>> {
        let place = self.place_of(read);
        let turn = place.0.get_or_try_init(|| async {
            let mut place = self.queue.enter()?;
            match tokio::time::timeout(READ_WAIT, place.turn(|_| {})).await {
                Ok(()) => Ok(place),
                Err(_) => {
                    let fill = self.queue.fill();
                    Err(self.queue.busy(fill.running, fill.waiting))
                }
            }
        });
        turn.await?;
        Ok(place)
    }

    fn place_of(&self, read: &str) -> Arc<ReadPlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = open.get(read).and_then(Weak::upgrade) {
            return place;
        }
        open.retain(|_, place| place.strong_count() > 0);
        let place = Arc::new(ReadPlace::default());
        open.insert(read.to_owned(), Arc::downgrade(&place));
        place
    }
}
