//! What the browser knows of time zones.

use js_sys::{Array, Function, Object, Reflect};
use spate_chart::zone::Zone;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::time::zones::{ZoneChoice, offset_of_words, table};

/// The zone of a choice; `None` when the browser knows no such zone.
pub(crate) fn zone(choice: &ZoneChoice) -> Option<Zone> {
    match choice {
        ZoneChoice::Utc => Some(Zone::default()),
        ZoneChoice::Browser => named(&own_name()?),
        ZoneChoice::Named(name) => named(name),
    }
}

fn named(name: &str) -> Option<Zone> {
    let options = Object::new();
    for (key, value) in [("timeZone", name), ("timeZoneName", "longOffset")] {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let format = formatter(&options)?;
    let words =
        |minute: i64| format.call1(&JsValue::UNDEFINED, &(minute as f64 * 60_000.0).into()).ok()?.as_string();
    table(name, |minute| offset_of_words(&words(minute)?))
}

/// The function that formats a time with `options`.
fn formatter(options: &Object) -> Option<Function> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    // A zone that the browser does not know is an exception.
    let made = Reflect::construct(&class, &Array::of2(&"en-US".into(), options)).ok()?;
    Reflect::get(&made, &"format".into()).ok()?.dyn_into().ok()
}

/// The device's zone, by its IANA name.
pub(crate) fn own_name() -> Option<String> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let made = Reflect::construct(&class, &Array::new()).ok()?;
    let resolve: Function = Reflect::get(&made, &"resolvedOptions".into()).ok()?.dyn_into().ok()?;
    Reflect::get(&resolve.call0(&made).ok()?, &"timeZone".into()).ok()?.as_string()
}

/// The IANA names the browser knows; none where it does not tell.
pub(crate) fn names() -> Vec<String> {
    let list = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let supported: Function = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?.dyn_into().ok()?;
        let names: Array = supported.call1(&intl, &"timeZone".into()).ok()?.dyn_into().ok()?;
        Some(names.iter().filter_map(|name| name.as_string()).collect())
    };
    list().unwrap_or_default()
}
