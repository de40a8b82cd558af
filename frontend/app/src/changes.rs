//! What a ranking of changes says, in words and as CSV.

use spate_chart::format::{self, Unit};
use spate_worker::ask::{RankedSeries, Ranking};

/// Name of a series: dimension values, measure and stream.
pub(crate) fn name(row: &RankedSeries) -> String {
    let group = if row.group.is_empty() { String::new() } else { format!("{} · ", row.group) };
    format!("{group}{} · {}", row.measure, row.stream)
}

/// Mean before and during: `10.4 k → 23 k`.
pub(crate) fn means(row: &RankedSeries) -> String {
    let unit = Unit::parse(row.unit.as_deref());
    format!("{} → {}", format::value(row.before.mean, &unit), format::value(row.during.mean, &unit))
}

/// How clear a change is.
pub(crate) fn clarity(row: &RankedSeries) -> String {
    match row.chance {
        _ if row.unclear => "may be chance".to_owned(),
        ..1e-6 => "chance < 1 in a million".to_owned(),
        chance => format!("chance 1 in {}", crate::format::count((1.0 / chance).round() as u64)),
    }
}

/// Numbers of both samples, a line each: its name, before, during.
pub(crate) fn numbers(row: &RankedSeries) -> Vec<(&'static str, String, String)> {
    let unit = Unit::parse(row.unit.as_deref());
    let show = |value: f64| format::value(value, &unit);
    let (before, during) = (&row.before, &row.during);
    vec![
        ("values", crate::format::count(before.count), crate::format::count(during.count)),
        ("mean", show(before.mean), show(during.mean)),
        ("least", show(before.min), show(during.min)),
        ("greatest", show(before.max), show(during.max)),
        ("std deviation", show(before.stddev), show(during.stddev)),
    ]
}

/// The ranking as CSV.
pub(crate) fn csv(ranking: &Ranking) -> String {
    let mut text = String::from(
        "stream,measure,group,unit,distance,chance,before_count,before_mean,before_min,before_max,before_stddev,count,mean,min,max,stddev\n",
    );
    for row in &ranking.rows {
        let unit = row.unit.clone().unwrap_or_default();
        let words = [&row.stream, &row.measure, &row.group, &unit].map(|word| quoted(word));
        let (b, d) = (&row.before, &row.during);
        let numbers = [
            row.distance,
            row.chance,
            b.count as f64,
            b.mean,
            b.min,
            b.max,
            b.stddev,
            d.count as f64,
            d.mean,
            d.min,
            d.max,
            d.stddev,
        ];
        let cells: Vec<_> = words.into_iter().chain(numbers.iter().map(f64::to_string)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// A cell of CSV, quoted when it must be.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_worker::ask::Sample;

    fn row(group: &str, chance: f64) -> RankedSeries {
        let sample = |mean| Sample { count: 3, mean, min: 0.0, max: 9.0, stddev: 1.5 };
        RankedSeries {
            stream: "cpu".to_owned(),
            measure: "load".to_owned(),
            group: group.to_owned(),
            unit: None,
            distance: 0.5,
            chance,
            unclear: chance >= 0.01,
            before: sample(1.0),
            during: sample(4.0),
        }
    }

    #[test]
    fn words_name_the_series_its_means_and_how_clear_it_is() {
        assert_eq!(
            (name(&row("a", 0.5)), name(&row("", 0.5))),
            ("a · load · cpu".to_owned(), "load · cpu".to_owned())
        );
        assert_eq!(means(&row("", 0.5)), "1 → 4");
        let clarity = |chance| clarity(&row("", chance));
        assert_eq!(
            [clarity(0.5), clarity(0.002), clarity(0.0)],
            ["may be chance", "chance 1 in 500", "chance < 1 in a million"]
        );
    }

    #[test]
    fn csv_quotes_what_must_be_quoted() {
        let ranking = Ranking { rows: vec![row("a,\"b\"", 0.5)], ..Ranking::default() };
        let text = csv(&ranking);
        assert_eq!(text.lines().nth(1), Some("cpu,load,\"a,\"\"b\"\"\",,0.5,0.5,3,1,0,9,1.5,3,4,0,9,1.5"));
    }
}
