//! The bundled recordings, rebuilt from the Numenta Anomaly Benchmark's files through `spate import`.

use crate::workspace::{self, Workspace};
use anyhow::{Result, bail};

/// A recording: its name and title, and how it is made.
struct Recording {
    name: &'static str,
    title: &'static str,
    /// Folder of the inputs, from the benchmark's `data/`.
    folder: &'static str,
    inputs: &'static [&'static str],
    /// Of `spate import`, separated by spaces.
    options: &'static str,
}

const RECORDINGS: &[Recording] = &[
    Recording {
        name: "nyc_taxi",
        title: "New York taxi rides",
        folder: "realKnownCause",
        inputs: &["nyc_taxi.csv"],
        options: "--rename value=passengers",
    },
    Recording {
        name: "machine_temperature",
        title: "Machine temperature",
        folder: "realKnownCause",
        inputs: &["machine_temperature_system_failure.csv"],
        options: "--stream machine_temperature --rename value=temperature",
    },
    Recording {
        name: "traffic",
        title: "Road traffic",
        folder: "realTraffic",
        inputs: &["speed_7578.csv", "occupancy_6005.csv"],
        options: "--stream speed_7578:traffic_speed --stream occupancy_6005:traffic_occupancy \
                  --rename speed_7578:value=speed --rename occupancy_6005:value=occupancy",
    },
    Recording {
        name: "travel_time",
        title: "Travel times",
        folder: "realTraffic",
        inputs: &["TravelTime_387.csv"],
        options: "--stream travel_time --rename value=travel_time",
    },
    Recording {
        name: "ad_exchange",
        title: "Online advertising prices",
        folder: "realAdExchange",
        inputs: &["exchange-3_cpc_results.csv", "exchange-3_cpm_results.csv", "exchange-4_cpm_results.csv"],
        options: "--stream ad_exchange --join --set exchange-3_cpc_results:exchange=3 \
                  --set exchange-3_cpm_results:exchange=3 --set exchange-4_cpm_results:exchange=4 \
                  --rename exchange-3_cpc_results:value=cpc --rename value=cpm",
    },
    Recording {
        name: "tweet_volume",
        title: "Tweets about five companies",
        folder: "realTweets",
        inputs: &[
            "Twitter_volume_CRM.csv",
            "Twitter_volume_CVS.csv",
            "Twitter_volume_KO.csv",
            "Twitter_volume_PFE.csv",
            "Twitter_volume_UPS.csv",
        ],
        options: "--by-file company --rename value=tweets",
    },
    Recording {
        name: "cloud_cpu",
        title: "Cloud servers, February",
        folder: "realAWSCloudwatch",
        inputs: &[
            "ec2_cpu_utilization_24ae8d.csv",
            "ec2_cpu_utilization_53ea38.csv",
            "ec2_cpu_utilization_5f5533.csv",
        ],
        options: "--by-file instance --rename value=cpu --unit cpu=percent",
    },
    Recording {
        name: "cloud_cpu_april",
        title: "Cloud servers, April",
        folder: "realAWSCloudwatch",
        inputs: &["ec2_cpu_utilization_825cc2.csv", "ec2_cpu_utilization_ac20cd.csv"],
        options: "--by-file instance --rename value=cpu --unit cpu=percent",
    },
];

const LICENCE: &str = "MIT, copyright 2014-2024 Numenta Inc.";

/// Where the data is when no folder is given, from the root.
const DEFAULT_FOLDER: &str = "../shared/nab-a";

/// Write every recording into `recordings/`.
pub(crate) fn rebuild(workspace: &Workspace, folder: Option<&str>) -> Result<()> {
    let data = workspace.root.join(folder.unwrap_or(DEFAULT_FOLDER));
    workspace::run(&mut workspace.cargo(&["build", "--release", "-p", "spate-cli"]))?;
    let spate = workspace.binary("spate").to_string_lossy().into_owned();
    for recording in RECORDINGS {
        let inputs = recording.inputs.iter().map(|input| data.join(recording.folder).join(input));
        let inputs: Vec<_> = inputs.collect();
        if let Some(absent) = inputs.iter().find(|input| !input.is_file()) {
            bail!("no \"{}\": give the folder of the benchmark's data", absent.display());
        }
        let output = format!("recordings/{}.spate", recording.name);
        let mut command = workspace.command(&spate, &["import", "--strict", "--output", &output]);
        command.args(recording.options.split_whitespace()).args(inputs);
        command.args(["--title", recording.title, "--source", &source(recording), "--licence", LICENCE]);
        workspace::run(&mut command)?;
    }
    Ok(())
}

/// Where a recording's events come from, in words.
fn source(recording: &Recording) -> String {
    let (folder, inputs) = (recording.folder, recording.inputs.join(", "));
    match recording.inputs {
        [_] => format!("Numenta Anomaly Benchmark, data/{folder}/{inputs}"),
        _ => format!("Numenta Anomaly Benchmark, data/{folder}/: {inputs}"),
    }
}
