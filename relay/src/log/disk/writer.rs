//! Two threads for all streams: one writes what was sealed, in groups; one syncs once per interval.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{DiskError, SYNC, Settings, Store, Sync};
use crate::clock::Clock;
use crate::log::Stream;
use crate::metrics::Metrics;

/// Time between two tries to write what could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// Why a stream's events do not get to the disk, for producers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiskFault {
    /// The disk refuses.
    #[error("{0}")]
    Refused(String),
    /// More waits for the disk than may be held in memory.
    #[error("the disk is slower than the events: send again in a moment")]
    Slow,
}

enum Order {
    Write(Arc<Stream>),
    /// Answer when all that was ordered before is on its way to readers, or cannot be.
    Flush(Sender<()>),
    Close(Sender<()>),
}

/// Puts a stream among those that have something to write. Cheap; a stream asks once until it was served.
#[derive(Clone)]
pub struct Syncing(Sender<Order>);

impl Syncing {
    /// The stream has segments to write.
    pub fn write(&self, stream: &Arc<Stream>) {
        // The thread is gone only after the drain, which flushes first.
        let _ = self.0.send(Order::Write(Arc::clone(stream)));
    }
}

/// The threads, and the lock on the folder.
pub struct Writer {
    orders: Sender<Order>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    stores: Arc<Mutex<Vec<Arc<Store>>>>,
    /// Closes the syncing thread when it is dropped.
    closing: Mutex<Option<Sender<()>>>,
    _lock: File,
}

impl Writer {
    /// Locks the folder and starts the threads.
    ///
    /// # Errors
    /// [`DiskError`] when another relay uses the folder, or no thread starts.
    pub fn start(settings: &Arc<Settings>, clock: Clock, metrics: &Arc<Metrics>) -> Result<Self, DiskError> {
        let path = settings.folder.join("lock");
        std::fs::create_dir_all(&settings.folder)
            .map_err(|error| DiskError::new("create", &settings.folder, error))?;
        let lock = File::create(&path).map_err(|error| DiskError::new("create", &path, error))?;
        lock.try_lock().map_err(|error| DiskError {
            advice: "stop the relay that uses this folder, or choose another log.folder",
            ..DiskError::new("lock", &path, error.into())
        })?;
        let (orders, incoming) = mpsc::channel();
        let (closing, closed) = mpsc::channel();
        let stores = Arc::new(Mutex::new(Vec::new()));
        let thread = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let built = std::thread::Builder::new().name(name.to_owned()).spawn(run);
            built.map_err(|error| DiskError::new("start a thread for", &settings.folder, error))
        };
        let writing =
            Writing { policy: settings.sync, clock, metrics: Arc::clone(metrics), failed: Vec::new() };
        let mut threads = vec![thread("log-write", Box::new(move || writing.run(&incoming)))?];
        if settings.sync == Sync::Interval {
            let (stores, metrics) = (Arc::clone(&stores), Arc::clone(metrics));
            let every = Duration::from_nanos(settings.interval.max(1_000_000) as u64);
            let sync = move || sync_regularly(&closed, every, &stores, &metrics);
            threads.push(thread("log-sync", Box::new(sync))?);
        }
        let (threads, closing) = (Mutex::new(threads), Mutex::new(Some(closing)));
        Ok(Self { orders, threads, stores, closing, _lock: lock })
    }

    /// What a stream orders its writes by.
    pub fn syncing(&self) -> Syncing {
        Syncing(self.orders.clone())
    }

    /// Takes care of one more store.
    pub fn add(&self, store: Arc<Store>) {
        self.stores.lock().push(store);
    }

    /// Waits until what was sealed before is written, or cannot be. Blocks.
    pub fn flush(&self) {
        let (done, wait) = mpsc::channel();
        if self.orders.send(Order::Flush(done)).is_ok() {
            let _ = wait.recv();
        }
    }

    /// Writes and syncs everything, notes that nothing is missing, and ends the threads. Blocks.
    pub fn close(&self) {
        let (done, wait) = mpsc::channel();
        if self.orders.send(Order::Close(done)).is_ok() {
            let _ = wait.recv();
        }
        drop(self.closing.lock().take());
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join();
        }
        for store in self.stores.lock().iter() {
            if let Err(error) = store.leave_clean() {
                tracing::error!(%error, "the log is not left in order; the next start may begin new epochs");
            }
        }
    }
}

struct Writing {
    policy: Sync,
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Streams whose last write failed.
    failed: Vec<Arc<Stream>>,
}

impl Writing {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let first = if self.failed.is_empty() {
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                orders.recv_timeout(RETRY)
            };
            let mut streams = Vec::new();
            let mut answers = Vec::new();
            let mut is_last = false;
            match first {
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => streams.append(&mut self.failed),
                Ok(order) => {
                    for order in std::iter::once(order).chain(orders.try_iter()) {
                        match order {
                            Order::Write(stream) => streams.push(stream),
                            Order::Flush(done) => answers.push(done),
                            Order::Close(done) => {
                                streams.append(&mut self.failed);
                                answers.push(done);
                                is_last = true;
                            }
                        }
                    }
                }
            }
            self.serve(streams);
            for answer in answers {
                let _ = answer.send(());
            }
            if is_last {
                return;
            }
        }
    }

    /// Writes what the streams have, then syncs all of them, then shows it to readers.
    fn serve(&mut self, streams: Vec<Arc<Stream>>) {
        let mut written = Vec::with_capacity(streams.len());
        for stream in streams {
            let Some((store, segments)) = stream.unwritten() else { continue };
            match store.append(&segments) {
                Ok(()) => written.push((stream, store, segments.last().map_or(0, |last| last.end()))),
                Err(error) => self.fail(stream, &error),
            }
        }
        for (stream, store, end) in written {
            if self.policy == Sync::EveryBatch
                && let Err(error) = timed_sync(&store, &self.metrics)
            {
                stream.lose_disk(&error.to_string(), true);
                continue;
            }
            let now = (self.clock)();
            stream.written(end, now);
            store.trim(now);
        }
    }

    fn fail(&mut self, stream: Arc<Stream>, error: &DiskError) {
        let for_good = error.what == SYNC && self.policy == Sync::EveryBatch;
        stream.lose_disk(&error.to_string(), for_good);
        if !for_good {
            self.failed.push(stream);
        }
    }
}

fn sync_regularly(
    closed: &Receiver<()>,
    every: Duration,
    stores: &Mutex<Vec<Arc<Store>>>,
    metrics: &Metrics,
) {
    while closed.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        let now: Vec<Arc<Store>> = stores.lock().clone();
        for store in now {
            if let Err(error) = timed_sync(&store, metrics) {
                tracing::error!(%error, "what was written may not survive a crash of the machine");
                metrics.disk_sync_failures.increment(1);
            }
        }
    }
}

fn timed_sync(store: &Store, metrics: &Metrics) -> Result<(), DiskError> {
    let start = Instant::now();
    if store.sync()? {
        metrics.disk_syncs.increment(1);
        metrics.disk_sync_micros.increment(start.elapsed().as_micros() as u64);
    }
    Ok(())
}

/// Bytes that may wait for the disk, per stream.
pub(crate) const MAX_UNWRITTEN_BYTES: usize = 16 << 20;
