//! Questions of the page that need one answer.

use spate_chart::layout::Size;
use spate_chart::scene::Scene;

use super::{Effect, Runtime};
use crate::ask::{Answer, Ask, File, TablePage};
use crate::export::{Format, Part, Rows};
use crate::protocol::{PanelId, Update};
use crate::{panel, query_form};

/// The table that the page reads, as it was when it was opened.
pub(super) struct Table {
    panel: PanelId,
    rows: Rows,
    from: i64,
    to: i64,
}

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
            &Ask::Rows { panel, first, count, fresh } => {
                if fresh {
                    self.table = self.table_of(panel);
                }
                Some(Answer::Rows(self.table_page(panel, first, count)))
            }
            &Ask::Export { panel, part, format } => self.file(panel, part, format).map(Answer::File),
            &Ask::Picture { panel, scale } => {
                self.picture(panel, f64::from(scale)).map(|scene| Answer::Picture { panel, scene })
            }
        };
        effects.extend(answer.map(|answer| Effect::Post(Update::Answer(answer))));
    }

    fn table_of(&self, panel: PanelId) -> Option<Table> {
        let (rows, (from, to)) = self.panels.get(&panel)?.rows(&self.store, Part::Visible)?;
        Some(Table { panel, rows, from, to })
    }

    fn table_page(&self, panel: PanelId, first: usize, count: usize) -> TablePage {
        let Some(table) = self.table.as_ref().filter(|table| table.panel == panel) else {
            return TablePage { panel, ..TablePage::default() };
        };
        let (from, to, total) = (table.from, table.to, table.rows.len());
        TablePage { panel, from, to, total, first, rows: table.rows.page(first, count) }
    }

    fn file(&self, panel: PanelId, part: Part, format: Format) -> Option<File> {
        let panel = self.panels.get(&panel)?;
        let (rows, _) = panel.rows(&self.store, part)?;
        let what = if part == Part::Late { "late" } else { &panel.spec.measure };
        let name = format!("{}_{what}.{}", panel.spec.stream, format.extension());
        Some(File { name, media_type: format.media_type().to_owned(), bytes: format.write(&rows) })
    }

    /// The panel drawn for paper: as large as on the page, at `scale` device pixels per CSS pixel.
    fn picture(&mut self, id: PanelId, scale: f64) -> Option<Scene> {
        let size = self.panels.get(&id)?.size?;
        let larger = |px: u32| (f64::from(px) * scale / size.scale).round() as u32;
        let paper = Size { width_px: larger(size.width_px), height_px: larger(size.height_px), scale };
        self.edit_panel(id, |panel| panel.size = Some(paper));
        let scene = self.paint(id);
        // The next frame draws what is on screen again, which also puts its layout back.
        self.edit_panel(id, |panel| panel.size = Some(size));
        scene
    }
}
