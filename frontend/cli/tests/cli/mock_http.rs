//! An HTTP server that gives scripted answers and keeps what it was sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Method and path.
    pub(crate) target: String,
    pub(crate) content_type: String,
    /// The producer and its number, as headers.
    pub(crate) producer: String,
    pub(crate) sequence: String,
    pub(crate) body: String,
}

/// An answer that is lost: the connection ends after the request.
pub(crate) const CUT: &str = "cut";

/// A server that answers as many requests as it has answers.
pub(crate) struct MockHttp {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    _thread: JoinHandle<()>,
}

impl MockHttp {
    /// Serves answers in order: a status line with headers, and a body.
    pub(crate) fn start(answers: Vec<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let thread = std::thread::spawn(move || {
            for (head, body) in answers {
                let (stream, _) = listener.accept().expect("a client");
                let request = answer(stream, head, body);
                kept.lock().expect("no panic").push(request);
            }
        });
        Self { address, requests, _thread: thread }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

fn answer(stream: TcpStream, head: &str, body: &str) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut request =
        Request { target: line.rsplit_once(' ').expect("three words").0.to_owned(), ..Request::default() };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "spate-producer" => value.clone_into(&mut request.producer),
            "spate-sequence" => value.clone_into(&mut request.sequence),
            "content-type" => value.clone_into(&mut request.content_type),
            _ => {}
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).expect("a body");
    request.body = String::from_utf8(bytes).expect("UTF-8");
    let mut stream = reader.into_inner();
    if head == CUT {
        return request;
    }
    write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .expect("a client");
    request
}
