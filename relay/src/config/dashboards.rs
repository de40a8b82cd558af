//! `[dashboards]`: where dashboards are kept.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::dashboards::Glob;

/// Where dashboards are, with folders that exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DashboardsConfig {
    /// Those that readers keep.
    pub folder: Option<PathBuf>,
    /// Whether they may be written.
    pub writable: bool,
    /// Read-only ones.
    pub files: Option<Glob>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawDashboards {
    folder: Option<Spanned<PathBuf>>,
    writable: Option<Spanned<bool>>,
    files: Option<Spanned<PathBuf>>,
}

impl RawDashboards {
    /// Paths are relative to `folder`.
    pub(super) fn check(self, beside: &Path) -> Result<DashboardsConfig, (Range<usize>, String)> {
        let glob = |path: &Spanned<PathBuf>| {
            Glob::parse(&beside.join(path.get_ref())).map_err(|error| (path.span(), error.to_string()))
        };
        let files = self.files.as_ref().map(glob).transpose()?;
        let folder = self.folder.as_ref();
        if let Some(path) = folder {
            if path.get_ref().to_string_lossy().contains('*') {
                return Err((path.span(), "`folder` is one folder: remove the *".to_owned()));
            }
            glob(path)?;
        }
        if let (Some(writable), None) = (self.writable.as_ref().filter(|flag| *flag.get_ref()), folder) {
            return Err((writable.span(), "`writable` needs `folder`, where dashboards are kept".to_owned()));
        }
        Ok(DashboardsConfig {
            folder: folder.map(|path| beside.join(path.get_ref())),
            writable: self.writable.is_some_and(Spanned::into_inner),
            files,
        })
    }
}
