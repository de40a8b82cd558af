//! Finds the streams that there are in JetStream, whichever relay made them.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use async_nats::jetstream::kv::Operation;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::JetStream;
use super::catalog::{self, Entry, Known};
use super::follower::Follower;
use crate::ready::Beginning;
use crate::relay::Relay;
use crate::source::upstream::back_off;

/// Follows every stream of the bucket, and those that come.
pub(super) async fn discover(jetstream: Arc<JetStream>, relay: Arc<Relay>, beginning: Beginning) {
    let mut discovery = Discovery { jetstream, relay, followed: HashMap::new(), beginning: Some(beginning) };
    let mut waits = back_off();
    loop {
        let Err(why) = discovery.watch().await;
        let wait = waits.next().unwrap_or_default();
        tracing::warn!(
            why,
            millis = wait.as_millis() as u64,
            "the streams in JetStream are not seen, trying again"
        );
        tokio::time::sleep(wait).await;
    }
}

struct Discovery {
    jetstream: Arc<JetStream>,
    relay: Arc<Relay>,
    followed: HashMap<String, watch::Sender<Known>>,
    /// Held until everything that was there at the start is followed.
    beginning: Option<Beginning>,
}

impl Discovery {
    async fn watch(&mut self) -> Result<Infallible, String> {
        let mut unseen: BTreeSet<String> = self.jetstream.catalog.names().await?.into_iter().collect();
        let mut entries = self.jetstream.catalog.watch().await?;
        loop {
            if unseen.is_empty() {
                self.beginning.take();
            }
            let entry = entries.next().await.ok_or("the watch ended")?.map_err(|error| error.to_string())?;
            let name = catalog::name(&entry.key);
            unseen.remove(&name);
            if entry.operation != Operation::Put {
                continue;
            }
            match serde_json::from_slice::<Entry>(&entry.value) {
                Ok(value) => self.see(name, (entry.revision, value)),
                Err(error) => tracing::error!(stream = name, %error, "an entry of the bucket is damaged"),
            }
        }
    }

    fn see(&mut self, name: String, known: Known) {
        if let Some(news) = self.followed.get(&name) {
            news.send_replace(known);
            return;
        }
        let (news, receiver) = watch::channel(known);
        let follower =
            Follower::new(Arc::clone(&self.jetstream), Arc::clone(&self.relay), name.clone(), receiver);
        self.jetstream.keep(tokio::spawn(follower.run()));
        self.followed.insert(name, news);
    }
}
