//! Values computed for a part of the page that goes before what it reads does, such as a row of a list that moves on.

use leptos::prelude::*;
use leptos::reactive::graph::{Subscriber as _, ToAnySubscriber as _};

/// A [`Memo`] that leaves with its owner. A signal keeps a slot for everything that ever read it until it next changes, so that
/// rows which come and go would fill the memory of a page that stays open.
pub(super) fn brief_memo<T: PartialEq + Send + Sync + 'static>(
    compute: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    let memo = ArcMemo::new(move |_| compute());
    let reader = memo.to_any_subscriber();
    on_cleanup(move || reader.clear_sources(&reader));
    memo.into()
}
