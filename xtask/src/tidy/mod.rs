//! The house rules as code.
//!
//! A rule reads the tree and returns what breaks it, each finding with its place and what to do. Rules never read
//! anything but the [`Tree`], so that each is tested on a tree of two lines.

mod crates;
mod map;
mod source;
mod tree;
mod words;

use crate::workspace::Workspace;
use anyhow::{Result, bail};
use tree::Tree;
use words::Words;

/// One house rule.
struct Rule {
    /// What it says, as a sentence.
    name: &'static str,
    check: Check,
}

/// How a rule looks for what breaks it.
enum Check {
    /// Words that must not stand in some files.
    Words(Words),
    /// Anything else.
    Tree(fn(&Tree) -> Vec<Finding>),
}

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// `path` or `path:line`.
    place: String,
    /// What is wrong there and what to do.
    message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

const RULES: &[Rule] = &[
    Rule { name: "every crate root says what the crate is", check: Check::Tree(crates::without_doc) },
    Rule {
        name: "dependencies point in the house's direction",
        check: Check::Tree(crates::against_direction),
    },
    Rule { name: "no Rust file is over 500 lines", check: Check::Tree(source::too_long) },
    Rule { name: "colours live in the theme", check: Check::Tree(source::stray_colours) },
    Rule { name: "the code map names what exists", check: Check::Tree(map::code_map) },
    Rule { name: "every recording has its source named", check: Check::Tree(map::recordings) },
    Rule {
        name: "lints are expected with a reason, never allowed",
        check: Check::Words(Words {
            banned: &["[allow("],
            within: &[],
            extensions: &["rs"],
            except: &[],
            in_comments: false,
            instead: "use #[expect(.., reason = \"..\")], or change the code",
        }),
    },
    Rule {
        name: "nothing is left to do later",
        check: Check::Words(Words {
            banned: &["TODO", "FIXME", "XXX", "todo!", "unimplemented!"],
            within: &[],
            extensions: &["rs", "ts", "css", "html", "toml", "py", "yml", "md"],
            except: &[],
            in_comments: true,
            instead: "do it, or open an issue",
        }),
    },
    Rule {
        name: "pure crates read no clock",
        check: Check::Words(Words {
            banned: &["Instant::now", "SystemTime::now"],
            within: &["shared/src/", "frontend/analysis/src/", "frontend/pixels/src/", "frontend/chart/src/"],
            extensions: &["rs"],
            except: &[],
            in_comments: false,
            instead: "take the time as an argument",
        }),
    },
    Rule {
        name: "web-sys stays in its rooms",
        check: Check::Words(Words {
            banned: &["web_sys"],
            within: &["shared/src/", "relay/src/", "frontend/"],
            extensions: &["rs"],
            except: &["frontend/app/src/browser", "frontend/worker/src/host", "frontend/worker/src/canvas"],
            in_comments: false,
            instead: "call it from app/src/browser, worker/src/host or worker/src/canvas",
        }),
    },
    Rule {
        name: "plotters stays in the chart crate",
        check: Check::Words(Words {
            banned: &["plotters", "plotters_backend"],
            within: &["shared/", "relay/", "frontend/"],
            extensions: &["rs", "toml"],
            except: &["frontend/chart/"],
            in_comments: false,
            instead: "hand the panel's data to spate-chart",
        }),
    },
    Rule {
        name: "e2e tests wait for events and are never left out",
        check: Check::Words(Words {
            banned: &["waitForTimeout", ".skip(", ".only(", ".fixme("],
            within: &["e2e/"],
            extensions: &["ts"],
            except: &[],
            in_comments: false,
            instead: "wait for a role, a test id or the stats; mend or delete the test",
        }),
    },
];

/// Check every rule, print every finding.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(&workspace.root)?;
    let mut broken = 0;
    for rule in RULES {
        let findings = rule.findings(&tree);
        if findings.is_empty() {
            continue;
        }
        broken += 1;
        println!("rule broken: {}", rule.name);
        for finding in findings {
            println!("  {}: {}", finding.place, finding.message);
        }
    }
    if broken > 0 {
        bail!("{broken} of {} house rules are broken", RULES.len());
    }
    println!("{} house rules kept in {} files", RULES.len(), tree.files.len());
    Ok(())
}

impl Rule {
    fn findings(&self, tree: &Tree) -> Vec<Finding> {
        match &self.check {
            Check::Words(words) => words.findings(tree),
            Check::Tree(check) => check(tree),
        }
    }
}

/// The places where `files` break the rule of that name.
#[cfg(test)]
fn places(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    let rule = RULES.iter().find(|candidate| candidate.name == rule).expect("no such rule");
    rule.findings(&Tree::of(files)).into_iter().map(|finding| finding.place).collect()
}
