//! Many clients at once, each of which checks that every answer is its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::client::{completed, message, request};
use crate::measure::Times;
use crate::server::Server;

const CLIENTS: usize = 1_000;
const CALLS: usize = 20;

/// What a client does that was refused, before it asks again.
const PAUSE: Duration = Duration::from_millis(20);

/// What came of it.
#[derive(Default)]
struct Outcome {
    answered: Times,
    refused: Times,
    mismatches: usize,
    failures: usize,
}

pub(crate) fn run() {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("\n{CLIENTS} clients over HTTP, {CALLS} programs each, one tool a program");
    let program = |nonce: u64| format!("return await up.echo({{ nonce: {nonce} }})");
    let limits = "[serve.limits]\nconnections = 4096\nconnections_per_address = 4096\nrequests = 2048\n";
    show(&tokio.block_on(load(limits, program)), CLIENTS * CALLS);

    println!("\nthe same with room for half of them: {} requests at once, programs of 20 ms", CLIENTS / 2);
    let program =
        |nonce: u64| format!("await up.slow({{ ms: 20 }}); return await up.echo({{ nonce: {nonce} }})");
    let half = format!("{}requests = {}\n", limits.trim_end_matches("requests = 2048\n"), CLIENTS / 2);
    show(&tokio.block_on(load(&half, program)), CLIENTS * CALLS);
}

fn show((outcome, took): &(Outcome, Duration), expected: usize) {
    let Outcome { answered, refused, mismatches, failures } = outcome;
    println!("  {} of {expected} answered, {mismatches} mismatches, {failures} failures", answered.len());
    let a_second = answered.len() as f64 / took.as_secs_f64();
    let [p50, p99] = [50, 99].map(|percent| answered.percentile(percent));
    println!("  {a_second:.0} programs a second; answered in p50 {p50:.1} ms, p99 {p99:.1} ms");
    if refused.len() > 0 {
        let [p50, p99] = [50, 99].map(|percent| refused.percentile(percent));
        println!(
            "  {} refused (429) and asked again; refused in p50 {p50:.1} ms, p99 {p99:.1} ms",
            refused.len()
        );
    }
}

async fn load(serve: &str, program: impl Fn(u64) -> String + Send + Sync + 'static) -> (Outcome, Duration) {
    let server = Server::http(serve);
    let (address, program) = (server.address.clone(), Arc::new(program));
    let nonces = Arc::new(AtomicU64::new(1));
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        streams.push(TcpStream::connect(&address).await.unwrap());
    }
    let started = Instant::now();
    let clients = streams.into_iter().map(|stream| {
        let (address, program, nonces) = (address.clone(), Arc::clone(&program), Arc::clone(&nonces));
        tokio::spawn(async move {
            let mut outcome = Outcome::default();
            let mut stream = BufReader::new(stream);
            stream.get_mut().set_nodelay(true).unwrap();
            let mut left = CALLS;
            while left > 0 {
                let nonce = nonces.fetch_add(1, Ordering::Relaxed);
                let began = Instant::now();
                let asked = ask(&mut stream, &request(&address, &program(nonce))).await;
                match asked {
                    Ok((200, body)) => {
                        outcome.answered.add(began.elapsed());
                        outcome.mismatches += usize::from(completed(&message(&body)) != nonce);
                        left -= 1;
                    }
                    Ok((429, _)) => {
                        outcome.refused.add(began.elapsed());
                        tokio::time::sleep(PAUSE).await;
                    }
                    _ => {
                        outcome.failures += 1;
                        return outcome;
                    }
                }
            }
            outcome
        })
    });
    let mut all = Outcome::default();
    for client in clients.collect::<Vec<_>>() {
        let one = client.await.unwrap();
        all.answered.extend(one.answered);
        all.refused.extend(one.refused);
        all.mismatches += one.mismatches;
        all.failures += one.failures;
    }
    (all, started.elapsed())
}

async fn ask(stream: &mut BufReader<TcpStream>, request: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
    stream.get_mut().write_all(request).await?;
    let mut head = String::new();
    while stream.read_line(&mut head).await? > 2 {}
    let head = head.to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("the connection was closed"))?;
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let mut body = Vec::new();
    if let Some(length) = header("content-length:") {
        body.resize(length.parse().unwrap_or_default(), 0);
        stream.read_exact(&mut body).await?;
        return Ok((status, body));
    }
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        let mut chunk = vec![0; length + 2];
        stream.read_exact(&mut chunk).await?;
        if length == 0 {
            return Ok((status, body));
        }
        body.extend_from_slice(&chunk[..length]);
    }
}
