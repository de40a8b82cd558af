//! A whole recording at a glance: how many events and anomalies each part of it has.
//!
//! A second player and engine run through the recording once, a bounded number of events at a time, and are then let go.

use crate::player::Player;
use crate::protocol::{OverviewPart, PlayedAlert};
use crate::store::Store;

/// Parts the recording is looked at in.
pub const PARTS: usize = 480;
/// Events after which the scout rests until it is called again.
const EVENTS_AT_A_TIME: u64 = 20_000;

/// Runs ahead through a recording.
pub struct Scout {
    player: Player,
    store: Store,
    parts: Vec<OverviewPart>,
    alerts: Vec<PlayedAlert>,
    told_alerts: u64,
}

/// What a scout found.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Parts of equal length.
    pub parts: Vec<OverviewPart>,
    /// The anomalies, in the order they fire.
    pub alerts: Vec<PlayedAlert>,
}

impl Scout {
    /// Runs ahead of `player`.
    pub fn new(player: &Player) -> Self {
        let (player, mut store) = (player.twin(), Store::default());
        store.describe(player.streams());
        Self { player, store, parts: Vec::with_capacity(PARTS), alerts: Vec::new(), told_alerts: 0 }
    }

    /// Goes on for a while; gives what it found once it is through.
    pub fn step(&mut self) -> Option<Overview> {
        let began = self.store.received();
        while self.parts.len() < PARTS {
            let before = self.store.received();
            if before - began > EVENTS_AT_A_TIME {
                return None;
            }
            let position = (self.parts.len() + 1) as f64 / PARTS as f64;
            let store = &mut self.store;
            self.player.play_to(position, |frame, arrival| store.play(&frame, arrival));
            self.parts.push(OverviewPart { events: (self.store.received() - before) as u32 });
            self.note_alerts(position);
        }
        let (parts, alerts) = (std::mem::take(&mut self.parts), std::mem::take(&mut self.alerts));
        Some(Overview { parts, alerts })
    }

    fn note_alerts(&mut self, position: f64) {
        let alerts = self.store.engine().alerts();
        let new = alerts.iter().filter(|alert| alert.id >= self.told_alerts);
        self.alerts.extend(
            new.map(|alert| PlayedAlert { position, severity: crate::panel::severity(&alert.verdict) }),
        );
        self.told_alerts = alerts.total();
    }
}
