//! What the page is made of: one file per component. A view holds no arithmetic and no CSS.

#![expect(unreachable_pub, reason = "the component macro writes a pub function for a pub(crate) one")]
mod alert_actions;
mod alert_list;
pub(crate) mod app;
mod changes_sheet;
mod connection_badge;
mod crosshair;
mod dashboard_view;
mod decision_dialog;
mod detector_faults;
mod detector_form;
mod detector_learning;
mod detector_shadow;
mod detector_sheet;
mod dialog;
mod drop_zone;
mod header;
mod help_sheet;
mod icon;
mod later;
mod legend;
mod modals;
mod open_menu;
mod overview_strip;
mod palette;
mod panel_canvas;
mod panel_notes;
mod panel_status;
mod panel_tools;
mod playback_bar;
mod playback_controls;
mod plot;
mod problems;
mod save_sheet;
mod share_sheet;
mod side_sheet;
mod stat_tile;
mod states;
mod table_sheet;
mod theme_switch;
mod time_menu;
mod time_picker;
mod time_series;

pub(crate) use time_menu::MENU as TIME_MENU;
