//! Questions of the page that need one answer.

use spate_chart::panel::Surface;
use spate_chart::scene::{RowWindow, Scene};
use spate_shared::catalog::StreamInfo;
use spate_shared::time::Nanos;

use super::{Effect, Open, Runtime};
use crate::ask::{Answer, Ask, File, Picture, TablePage};
use crate::export::{Format, Part, Rows};
use crate::protocol::{PanelId, Update};
use crate::slice::Slice;
use crate::{panel, query_form};

/// The table that the page reads, as it was when it was opened.
pub(super) struct Table {
    panel: PanelId,
    part: Part,
    rows: Rows,
    span: (Nanos, Nanos),
}

/// Rows on the picture of a panel that is words, at the most.
const MOST_PICTURED: usize = 40;

impl Runtime {
    pub(super) fn ask(&mut self, ask: &Ask, effects: &mut Vec<Effect>) {
        let answer = match ask {
            Ask::Query(question) => {
                let stream = self.store.stream(&question.stream).map(|(_, stream)| stream);
                Some(Answer::Query(query_form::check(question, stream)))
            }
            Ask::Values { field } => {
                Some(Answer::Values { field: field.clone(), values: panel::values(&self.store, field) })
            }
            &Ask::Rank { from, to } => Some(Answer::Ranking(panel::ranking(&self.store, from, to))),
            &Ask::Rows { panel, part, first, count, fresh } => {
                if fresh {
                    self.table = self.table_of(panel, part);
                }
                Some(Answer::Rows(self.table_page(panel, part, first, count)))
            }
            &Ask::Slice { parts } => self.slice(parts, effects).map(Answer::File),
            &Ask::Export { panel, part, format } => self.export(panel, part, format).map(Answer::File),
            &Ask::Picture { panel, scale } => {
                self.picture(panel, f64::from(scale)).map(|picture| Answer::Picture { panel, picture })
            }
        };
        effects.extend(answer.map(|answer| Effect::Post(Update::Answer(answer.to_bytes()))));
    }

    /// A part of the open recording; that there is nothing in it is said.
    fn slice(&self, parts: Option<(f64, f64)>, effects: &mut Vec<Effect>) -> Option<File> {
        let Open::Recording { player, name, .. } = &self.open else { return None };
        let of_stream = |stream: &StreamInfo| {
            let range = self.view.range(self.head_of(&stream.name), self.automatic_width(), &self.zone);
            (stream.name.clone(), (range.from, range.to))
        };
        let slice = match parts {
            Some((from, to)) => Slice::Played(from, to),
            None => Slice::Shown(player.streams().iter().map(of_stream).collect()),
        };
        let Some(bytes) = slice.cut(player) else {
            let detail = "there are no events in it; choose another range".to_owned();
            self.problem("The part could not be saved", detail, false, effects);
            return None;
        };
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let media_type = "application/vnd.spate.recording".to_owned();
        Some(File { name: format!("{stem}-part.spate"), media_type, bytes })
    }

    fn table_of(&self, id: PanelId, part: Part) -> Option<Table> {
        let panel = self.panels.get(&id)?;
        let (rows, span) = panel.rows(&self.store, part, self.range_of(panel))?;
        Some(Table { panel: id, part, rows, span })
    }

    fn table_page(&self, panel: PanelId, part: Part, first: usize, count: usize) -> TablePage {
        let table = self.table.as_ref().filter(|table| (table.panel, table.part) == (panel, part));
        let (from, to) = table.map_or((0, 0), |table| table.span);
        let window =
            table.map_or_else(RowWindow::default, |table| table.rows.window(first, count, &self.zone));
        TablePage { panel, part, from, to, window }
    }

    fn export(&self, id: PanelId, part: Part, format: Format) -> Option<File> {
        let Table { rows, .. } = self.table_of(id, part)?;
        let spec = &self.panels.get(&id)?.spec;
        let what = match part {
            Part::Late => "late",
            _ if spec.measure.is_empty() => &spec.kind,
            _ => &spec.measure,
        };
        let stream = if spec.stream.is_empty() { "all" } else { &spec.stream };
        let name = format!("{stream}_{what}.{}", format.extension());
        Some(File { name, media_type: format.media_type().to_owned(), bytes: format.write(&rows) })
    }

    fn picture(&mut self, id: PanelId, scale: f64) -> Option<Picture> {
        if self.panels.get(&id)?.surface() == Surface::Canvas {
            return self.drawing(id, scale).map(Picture::Scene);
        }
        let Table { rows, .. } = self.table_of(id, Part::Visible)?;
        Some(Picture::Rows(rows.window(0, MOST_PICTURED, &self.zone)))
    }

    /// The panel drawn for paper: as large as on the page, at `scale` device pixels per CSS pixel.
    fn drawing(&mut self, id: PanelId, scale: f64) -> Option<Scene> {
        let size = self.panels.get(&id)?.size?;
        self.edit_panel(id, |panel| panel.draw_for_paper(scale));
        let scene = self.paint(id);
        // The next frame draws what is on screen again, which also puts its layout back.
        self.edit_panel(id, |panel| panel.draw_for_screen(size));
        scene
    }
}
