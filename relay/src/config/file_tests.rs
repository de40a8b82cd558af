use super::*;
use crate::config::{ByteSize, Period};
use crate::source::replay::{Speed, Times};

/// The message for a text that is wrong.
fn check(text: &str, expect: &str) {
    let error = parse(text, Path::new("conf/relay.toml")).expect_err(text).to_string();
    assert_eq!(error, format!("conf/relay.toml:{expect}; docs/relay.md lists the keys"));
}

#[test]
fn errors_name_file_line_and_key() {
    check("listen = 5", "1: key `listen`: invalid type: integer `5`, expected a string");
    check(
        "\nlisen = 'a'",
        "2: key `lisen`: unknown field `lisen`, expected one of `listen`, `ring`, `batch`, `log`, `jetstream`, `limits`, `dashboards`, `stream`, `source`",
    );
    check(
        "[ring]\nage = '5 parsecs'",
        "2: key `age`: not a duration: expected a number and a unit (ns, us, ms, s, m, h, d, w), such as \"5m\", got \"5 parsecs\"",
    );
    check(
        "[ring]\nbytes = '1 MB'",
        "2: key `bytes`: not a size: expected bytes or a number with KiB, MiB or GiB, such as \"64 MiB\", got \"1 MB\"",
    );
    check(
        "[batch]\ninterval = '2s'",
        "2: key `interval`: invalid value: string \"2s\", expected \"adaptive\", \"immediate\", or a duration from \"1ms\" to \"1s\"",
    );
    check(
        "[limits]\nbody_bytes = -1",
        "2: key `body_bytes`: invalid value: integer `-1`, expected bytes, or text such as \"64 MiB\"",
    );
}

#[test]
fn errors_in_a_source_name_the_key_not_the_table() {
    let replay = "[[source]]\nkind = 'replay'\npath = 'a.csv'\n";
    check(
        &format!("{replay}spede = 1"),
        "4: key `spede`: unknown field `spede`, expected one of `kind`, `path`, `stream`, `speed`, `loop`, `times`, `backfill`, `from`, `url`, `ca_file`, `format`, `send`, `jetstream`, `consumer`, `subject`",
    );
    check(
        &format!("{replay}speed = 0"),
        "4: key `speed`: invalid value: floating point `0.0`, expected a number from 1 to 1000000, or \"max\"",
    );
    check(
        &format!("{replay}backfill = 2.0"),
        "4: key `backfill`: `backfill` is a share of the file: give 0.0 to 1.0",
    );
    check("[[source]]\nkind = 'replay'", "2: key `kind`: a replay needs `path`, the file to replay");
    check(
        "[[source]]\nkind = 'kafka'",
        "2: key `kind`: unknown variant `kafka`, expected one of `replay`, `stdin`, `file`, `websocket`, `sse`, `nats`",
    );
    check(
        "[[source]]\nkind = 'stdin'\nstream = 's'\nloop = true",
        "4: key `loop`: `loop` belongs to kind \"replay\": remove it from \"stdin\"",
    );
}

#[test]
fn dashboards_need_folders_that_exist() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("relay.toml");
    let message = |text: &str| parse(text, &conf).map_err(|error| error.to_string());
    std::fs::create_dir(folder.path().join("own")).unwrap();
    let config = message("[dashboards]\nfolder = 'own'\nwritable = true\nfiles = 'own/*.json'").unwrap();
    assert_eq!(config.dashboards.folder, Some(folder.path().join("own")));
    assert!(config.dashboards.writable && config.dashboards.files.is_some());
    for (text, line, part) in [
        ("[dashboards]\nfolder = 'none'", 2, "create it"),
        ("[dashboards]\nfiles = 'none/*.json'", 2, "none"),
        ("[dashboards]\nfolder = 'own/*'", 2, "remove the *"),
        ("[dashboards]\nwritable = true", 2, "`writable` needs `folder`"),
        ("[dashboards]\nfile = 'own'", 2, "unknown field `file`"),
    ] {
        let error = message(text).unwrap_err();
        assert!(error.contains(&format!("relay.toml:{line}: key ")) && error.contains(part), "{error}");
    }
}

#[test]
fn what_a_source_needs_is_asked_for_by_name() {
    let source = |kind: &str, rest: &str| format!("[[source]]\nkind = '{kind}'\n{rest}");
    check(&source("file", "path = 'a'"), "2: key `kind`: kind \"file\" needs `stream`, the stream it feeds");
    check(&source("file", "stream = 's'"), "2: key `kind`: kind \"file\" needs `path`, the file to follow");
    check(
        &source("websocket", "stream = 's'"),
        "2: key `kind`: kind \"websocket\" needs `url`, such as \"ws://host:8080/path\"",
    );
    check(
        &source("sse", "stream = 's'\nurl = 'ws://host/'"),
        "4: key `url`: expected a URL such as \"http://host:8080/path\" or https://, got \"ws://host/\"",
    );
    check(
        &source("sse", "url = 'http://h/'\nstream = 'a b'"),
        "4: key `stream`: stream name \"a b\" is not valid: use 1 to 128 letters, digits, '_', '-' or '.'",
    );
    let nats = |rest: &str| source("nats", &format!("stream = 's'\nurl = 'nats://h:4222'\n{rest}"));
    check(&nats(""), "2: key `kind`: kind \"nats\" needs `jetstream`, the JetStream stream to consume");
    check(
        &nats("jetstream = 'A'"),
        "2: key `kind`: kind \"nats\" needs `consumer`, the name of a durable consumer",
    );
    check(
        &nats("jetstream = 'a.b'\nconsumer = 'c'"),
        "5: key `jetstream`: \"a.b\" names nothing in JetStream: no blanks and none of . * > / \\",
    );
    check(
        &source("sse", "stream = 's'\nurl = 'http://h/'\nconsumer = 'c'"),
        "5: key `consumer`: `consumer` belongs to kind \"nats\": remove it from \"sse\"",
    );
    check(
        &source("stdin", "stream = 's'\npath = 'a'"),
        "4: key `path`: `path` belongs to kind \"replay\" and \"file\": remove it from \"stdin\"",
    );
}

#[test]
fn an_authority_is_named_for_tls_alone_by_a_file_that_holds_one() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("relay.toml");
    std::fs::write(folder.path().join("empty.pem"), "no certificate\n").unwrap();
    std::fs::write(
        folder.path().join("torn.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let source = |kind: &str, url: &str, ca_file: &str| {
        format!("[[source]]\nkind = '{kind}'\nstream = 's'\nurl = '{url}'\nca_file = '{ca_file}'")
    };
    for (text, line, part) in [
        (source("websocket", "ws://host/", "ca.pem"), 5, "`ca_file` is for TLS: begin `url` with wss://"),
        (source("websocket", "wss://host/", "gone.pem"), 5, "gone.pem"),
        (source("sse", "https://host/", "empty.pem"), 5, "empty.pem holds no certificate"),
        (source("sse", "https://host/", "torn.pem"), 5, "certificate 1 of"),
        ("[jetstream]\nurl = 'tls://host'\nca_file = 'gone.pem'".to_owned(), 3, "gone.pem"),
    ] {
        let error = parse(&text, &conf).unwrap_err().to_string();
        assert!(
            error.contains(&format!("relay.toml:{line}: key `ca_file`")) && error.contains(part),
            "{error}"
        );
    }
}

#[test]
fn every_source_of_the_table_that_is_not_always_on_is_a_kind() {
    for source in crate::source::SOURCES {
        let text = format!("[[source]]\nkind = '{}'\npath = 'p'\nstream = 's'\n", source.kind);
        let unknown =
            parse(&text, Path::new("relay.toml")).err().map_or(String::new(), |error| error.to_string());
        assert_eq!(unknown.contains("unknown variant"), source.built_in, "{}: {unknown}", source.kind);
    }
}

#[test]
fn a_stream_or_field_declared_twice_is_an_error() {
    let stream = "[[stream]]\nname = 's'\nfields = []\n";
    check(&format!("{stream}{stream}"), "4: key `stream`: stream \"s\" is declared twice: remove one");
    check(
        "[[stream]]\nname = 's'\ntime = 'v'\nfields = [{ name = 'v', type = 'f64' }]",
        "1: key `stream`: field \"v\" is declared twice: rename one",
    );
}

#[test]
fn a_dimension_is_of_a_type_that_can_be_grouped() {
    for ty in ["f64", "i64", "bool", "category", "text", "timestamp"] {
        let text =
            format!("[[stream]]\nname = 's'\nfields = [{{ name = 'v', type = '{ty}', role = 'dimension' }}]");
        if ["f64", "timestamp"].contains(&ty) {
            check(
                &text,
                &format!(
                    "1: key `stream`: field \"v\" is a dimension of type {ty}, which cannot be grouped: give it \
                     the type category, text, bool or i64, or another role"
                ),
            );
        } else {
            parse(&text, Path::new("relay.toml")).unwrap();
        }
    }
}

#[test]
fn a_limit_of_nothing_is_an_error() {
    for key in ["connections", "streams", "streams_per_client"] {
        for bad in ["0", "-1", "5000000000"] {
            check(
                &format!("[limits]\n{key} = {bad}"),
                &format!(
                    "2: key `{key}`: invalid value: integer `{bad}`, expected a whole number from 1 to 4294967295"
                ),
            );
        }
    }
}

#[test]
fn a_whole_file_is_understood_and_paths_are_relative_to_it() {
    let text = r#"
        listen = "0.0.0.0:9000"
        [ring]
        bytes = "1 MiB"
        age = "10m"
        [limits]
        connections = 5
        ingest_bytes_per_second = 1000
        [[stream]]
        name = "orders"
        time = "at"
        fields = [{ name = "total", type = "f64", unit = "EUR" }, { name = "n", type = "i64", role = "dimension" }]
        [[source]]
        kind = "replay"
        path = "taxi.spate"
        speed = "max"
        loop = true
        times = "now"
        backfill = 1
        [[source]]
        kind = "stdin"
        stream = "lines"
    "#;
    let text = text.replace("backfill = 1", "backfill = 1.0");
    let config = parse(&text, Path::new("conf/relay.toml")).unwrap();
    assert_eq!((config.ring.bytes, config.ring.age), (ByteSize(1 << 20), Period(600_000_000_000)));
    assert_eq!((config.limits.connections, config.limits.streams), (5, Limits::default().streams));
    let schema = config.streams[0].schema();
    assert_eq!(schema.time.name, "at");
    assert_eq!(
        (schema.fields[0].role, schema.fields[1].role),
        (spate_shared::schema::Role::Measure, spate_shared::schema::Role::Dimension)
    );
    let SourceConfig::Replay(replay) = &config.sources[0] else { panic!("{config:?}") };
    assert_eq!(replay.path, Path::new("conf/taxi.spate"));
    assert_eq!(
        (replay.playback.speed, replay.playback.times, replay.playback.repeat),
        (Speed::Max, Times::Now, true)
    );
}

#[test]
fn jetstream_errors_name_the_key() {
    let url = "[jetstream]\nurl = 'nats://host:4222'\n";
    check(
        "[jetstream]\nurl = 'http://host'",
        "2: key `url`: expected a URL such as \"nats://host:8080/path\" or tls://, got \"http://host\"",
    );
    check(
        &format!("{url}prefix = 'a.b'"),
        "3: key `prefix`: \"a.b\" begins no name in JetStream: no blanks and none of . * > / \\",
    );
    check(&format!("{url}replicas = 6"), "3: key `replicas`: JetStream keeps 1 to 5 copies");
    check("[jetstream]\nprefix = 'a'", "1: key `jetstream`: missing field `url`");
    check(
        &format!("[log]\nfolder = 'x'\n{url}"),
        "3: key `jetstream`: streams are kept in JetStream or in a log of this relay: remove [jetstream] or [log]",
    );
}
