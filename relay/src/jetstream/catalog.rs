//! What all relays must agree on of a stream, changed by whoever sees the need first.

use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, UpdateErrorKind, Watch};
use async_nats::jetstream::{Context, stream};
use serde::{Deserialize, Serialize};
use spate_shared::schema::Schema;
use spate_shared::text::Intake;

use super::Settings;

/// The bucket's value of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// When its JetStream stream was made, in milliseconds.
    pub(super) created: u64,
    pub(super) epoch: u64,
    /// Whether fields that appear in events are added to the schema.
    pub(super) is_inferred: bool,
    pub(super) schema: Schema,
}

impl Entry {
    /// A stream whose epoch is when it was made.
    pub(super) fn new(created: u64, is_inferred: bool, schema: Schema) -> Self {
        Self { created, epoch: created, is_inferred, schema }
    }

    /// What gives its events types.
    pub(super) fn intake(&self) -> Intake {
        let schema = self.schema.clone();
        if self.is_inferred { Intake::going_on(schema) } else { Intake::with_schema(schema) }
    }
}

/// An entry and the number of its version.
pub(super) type Known = (u64, Entry);

pub(super) struct Catalog {
    store: Store,
}

impl Catalog {
    pub(super) async fn open(context: &Context, settings: &Settings) -> Result<Self, String> {
        let bucket = format!("{}-schemas", settings.prefix);
        // A bucket is a stream of this kind. `create_key_value` asks for the account first, in words that servers before
        // 2.10 do not know.
        let config = stream::Config {
            name: format!("KV_{bucket}"),
            subjects: vec![format!("$KV.{bucket}.>")],
            description: Some("spate-relay: schema and epoch of every stream".to_owned()),
            max_messages_per_subject: 1,
            num_replicas: settings.replicas,
            discard: stream::DiscardPolicy::New,
            allow_rollup: true,
            deny_delete: true,
            allow_direct: true,
            ..stream::Config::default()
        };
        context.get_or_create_stream(config).await.map_err(|error| error.to_string())?;
        let store = context.get_key_value(bucket).await.map_err(|error| error.to_string())?;
        Ok(Self { store })
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<Known>, String> {
        let entry = self.store.entry(key(name)).await.map_err(|error| error.to_string())?;
        let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
        let value = serde_json::from_slice(&entry.value);
        let value = value.map_err(|error| format!("the bucket's entry of {name:?} is damaged: {error}"))?;
        Ok(Some((entry.revision, value)))
    }

    /// Writes an entry over the version that is named, or where there is none: the number of the new one, or `None` when
    /// another relay was first.
    pub(super) async fn put(
        &self,
        name: &str,
        entry: &Entry,
        over: Option<u64>,
    ) -> Result<Option<u64>, String> {
        let value = serde_json::to_vec(entry).map_err(|error| error.to_string())?.into();
        match over {
            None => match self.store.create(key(name), value).await {
                Ok(revision) => Ok(Some(revision)),
                Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(None),
                Err(error) => Err(error.to_string()),
            },
            Some(revision) => match self.store.update(key(name), value, revision).await {
                Ok(revision) => Ok(Some(revision)),
                Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(None),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// All entries, then every change.
    pub(super) async fn watch(&self) -> Result<Watch, String> {
        self.store.watch_with_history(">").await.map_err(|error| error.to_string())
    }

    /// How many there are.
    pub(super) async fn names(&self) -> Result<Vec<String>, String> {
        use futures_util::TryStreamExt as _;
        let keys = self.store.keys().await.map_err(|error| error.to_string())?;
        let keys: Vec<String> = keys.try_collect().await.map_err(|error| error.to_string())?;
        Ok(keys.iter().map(|key| name(key)).collect())
    }
}

/// A stream as JetStream can name it, where a dot parts words; names of streams have no `=`.
pub(super) fn key(name: &str) -> String {
    name.replace('.', "=")
}

/// The stream of a key.
pub(super) fn name(key: &str) -> String {
    key.replace('=', ".")
}
