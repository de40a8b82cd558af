//! A model fitted in scikit-learn, exported, and scored here: the very same decisions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::spate::run;

/// Fits a model on named measures and says what it thinks of some rows, one `decision_function` a line.
const FIT: &str = "
import sys, joblib, numpy as np
from sklearn.ensemble import IsolationForest
random = np.random.default_rng(7)
usual = random.normal([10, 0, 500], [2, 1, 40], (2000, 3))
model = IsolationForest(n_estimators=100, max_samples=256, max_features=2, contamination=0.02, random_state=3).fit(usual)
joblib.dump(model, sys.argv[1])
rows = np.array([[float(x) for x in line.split(',')[1:]] for line in open(sys.argv[2]).read().split()[1:]])
print('\\n'.join(repr(float(x)) for x in model.decision_function(rows)))
";

/// Rows of three measures, usual and unusual ones.
fn rows() -> String {
    let mut text = "t,p,q,r\n".to_owned();
    for row in 0..500u32 {
        let wave = f64::from(row * row % 101) / 25.0;
        let far = if row % 50 == 7 { 30.0 } else { 0.0 };
        writeln!(text, "{},{},{},{}", 1_400_000_000 + row, 8.0 + wave + far, wave - 2.0, 420.0 + 40.0 * wave)
            .expect("a String");
    }
    text
}

fn python(folder: &Path, script: &str, args: &[&Path]) -> String {
    let python = std::env::var_os("SPATE_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let path = folder.join("script.py");
    std::fs::write(&path, script).expect("a script");
    let output = Command::new(python).arg(path).args(args).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn has_scikit_learn() -> bool {
    let python = std::env::var_os("SPATE_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    Command::new(python).args(["-c", "import sklearn"]).output().is_ok_and(|output| output.status.success())
}

#[test]
fn decisions_are_those_of_scikit_learn() {
    if !has_scikit_learn() {
        super::real_relay::skip("no Python with scikit-learn: set SPATE_PYTHON to one that has it");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [model, events, exported] =
        ["model.joblib", "events.csv", "model.json"].map(|name| folder.path().join(name));
    std::fs::write(&events, rows()).expect("events");
    let said = python(folder.path(), FIT, &[&model, &events]);
    let exporter = include_str!("../../../../tools/export_isolation_forest.py");
    python(folder.path(), exporter, &[&model, &exported]);
    let setting = format!("model={}", exported.display());
    let args = ["score", &events.display().to_string(), "--time", "t", "--value", "p,q,r"].map(str::to_owned);
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    args.extend(["--detector", "isolation-forest", "--param", &setting]);
    let ran = run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("time,value,score,evidence,alert,lower,upper,reason,decision"));
    let (mut outliers, mut compared) = (0, 0);
    for (line, expect) in lines.zip(said.lines()) {
        let expect: f64 = expect.parse().expect("a number");
        let decision: f64 = line.rsplit(',').next().expect("a column").parse().expect("a number");
        assert!((decision - expect).abs() <= 1e-12, "{decision} is not {expect}");
        let alert = line.split(',').nth(4).expect("a column");
        assert_eq!(alert == "1", expect < 0.0, "{line}");
        outliers += u32::from(expect < 0.0);
        compared += 1;
    }
    assert!(compared == 500 && (5..400).contains(&outliers), "{compared} {outliers}");
}

#[test]
fn models_and_measures_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = r#"{"format": "spate-isolation-forest", "version": 1, "features": ["p", "q"], "feature_count": 2,
        "max_samples": 2, "offset": -0.5, "trees": [{"feature": [-1], "threshold": [0], "left": [-1], "right": [-1],
        "samples": [2]}], "golden": {"rows": [[1, 2]], "scores": [-0.5]}}"#;
    let events = folder.path().join("events.csv");
    std::fs::write(&events, rows()).expect("events");
    for (name, text, values, code, says) in [
        ("good.json", model.to_owned(), "p,q", 0, ""),
        ("good.json", model.to_owned(), "q,p", 0, ""),
        ("good.json", model.to_owned(), "p,r", 2, "the model needs \"q\", which is not among p, r"),
        ("good.json", model.to_owned(), "p", 2, "was trained on 2 measures (p, q), not 1"),
        (
            "old.json",
            model.replace("\"version\": 1", "\"version\": 0"),
            "p,q",
            1,
            "has version 0, this program reads 1",
        ),
        ("cut.json", model[..200].to_owned(), "p,q", 1, "cut short or no JSON"),
        (
            "golden.json",
            model.replace("[-0.5]}}", "[-0.6]}}"),
            "p,q",
            1,
            "golden row 0 scores -0.5, and the file says -0.6",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a model");
        let setting = format!("model={}", path.display());
        let events = events.display().to_string();
        let args = [
            "score",
            &events,
            "--time",
            "t",
            "--value",
            values,
            "--detector",
            "isolation-forest",
            "--param",
            &setting,
        ];
        let ran = run(&args);
        assert_eq!(ran.code, code, "{values} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
    let events = events.display().to_string();
    let ran = run(&["score", &events, "--time", "t", "--value", "p", "--detector", "isolation-forest"]);
    assert!(ran.code == 2 && ran.stderr.contains("isolation-forest needs model: file"), "{}", ran.stderr);
    let ran = run(&["score", &events, "--time", "t", "--value", "p,q", "--detector", "robust-z"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("robust-z looks at one measure; at several look half-space"),
        "{}",
        ran.stderr
    );
}
