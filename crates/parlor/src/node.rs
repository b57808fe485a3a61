//! A running Parlor: the parts, in their order of starting and stopping.
//!
//! Start: store (which proves that nobody else uses the data folder), what is to
//! be in it from the beginning, media threads, HTTP listener, control socket. Stop is the reverse: no new
//! requests, calls told, threads joined, what the rooms told on their way out
//! written down, the store last, so that whatever was acknowledged is on disk.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parlor_bus::{Bus, Facts, TicketKey};
use parlor_media::{MediaConfig, MediaNode};
use parlor_server::{
    CallsToEnd, Clock, Cx, Dev, DevClock, Dispatcher, Doors, FaultInjector, IdentityProvider, Jobs,
    Limits, Recorder, RequestLog, Retention, Settings, SystemClock, Tls, TlsFiles, WebhookSettings,
    Webhooks,
};
use parlor_store::oauth::clients::Client;
use parlor_store::{Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::control::ControlSocket;
use crate::{open_files, organization, random, streams};

/// What a node is started with.
pub(crate) struct NodeConfig {
    /// Address and port of HTTP; port 0 is any.
    pub(crate) listen: SocketAddr,
    /// The origin clients use; `None`: `http://` + the bound address.
    pub(crate) public_url: Option<String>,
    /// The data folder; made when it is absent.
    pub(crate) data: PathBuf,
    /// The first organization's public name.
    pub(crate) domain: String,
    /// First UDP port; 0 is any.
    pub(crate) udp_port: u16,
    /// Media threads; `None`: one per core.
    pub(crate) media_threads: Option<usize>,
    /// From which load of a media thread on, in percent, nobody new is let in.
    pub(crate) max_load: u8,
    /// Addresses to bind and offer.
    pub(crate) media_ips: Vec<IpAddr>,
    /// Further addresses to offer.
    pub(crate) announce: Vec<IpAddr>,
    /// Addresses of the relay; `None`: what follows from the origin.
    pub(crate) turn_urls: Option<Vec<String>>,
    /// Highest `max_participants` of a room.
    pub(crate) max_participants: u32,
    /// Certificate and key; `None`: plain HTTP.
    pub(crate) tls: Option<TlsFiles>,
    /// Whether every request comes through a proxy.
    pub(crate) is_behind_proxy: bool,
    /// Whether requests are counted.
    pub(crate) has_rate_limits: bool,
    /// OAuth clients of the configuration.
    pub(crate) oauth_clients: Vec<Client>,
    /// Providers that people may sign in through.
    pub(crate) identity_providers: Vec<IdentityProvider>,
    /// What the operator chose about webhooks.
    pub(crate) webhooks: WebhookSettings,
    /// How long history and logs are kept.
    pub(crate) retention: Retention,
    /// Whether this is an emulator: its clock can be moved, its requests can be
    /// made to fail, and it can start over.
    pub(crate) is_emulator: bool,
}

/// A started node.
pub(crate) struct Node {
    /// The origin.
    pub(crate) url: String,
    /// The bound address.
    pub(crate) listen: SocketAddr,
    store: Store,
    media: MediaNode,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Node {
    /// Starts every part. What `prepare` adds to the records is there before the
    /// first request is answered. Returns when requests are.
    pub(crate) async fn start<T>(
        config: NodeConfig,
        prepare: impl AsyncFnOnce(&Store, &dyn Clock) -> anyhow::Result<T>,
    ) -> anyhow::Result<(Self, T)> {
        let limits = limits(open_files::raise());
        let store = open_store(&config.data)?;
        let dev_clock = config.is_emulator.then(|| Arc::new(DevClock::new(Arc::new(SystemClock))));
        let clock: Arc<dyn Clock> = match &dev_clock {
            Some(clock) => Arc::<DevClock>::clone(clock),
            None => Arc::new(SystemClock),
        };
        let org = organization::ensure(&store, &config.domain, &*clock).await?;
        let prepared = prepare(&store, &*clock).await?;
        let listener = bind(config.listen).await?;
        let listen = listener.local_addr()?;
        let tls = config.tls.clone().map(Tls::load).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = config.public_url.clone().unwrap_or(format!("{scheme}://{listen}"));

        let (bus, requests) = Bus::local();
        let ticket_key = TicketKey::from_bytes(random::bytes()?);
        let (facts, fact_stream) = parlor_bus::facts();
        let facts_progress = facts.progress();
        let media_config =
            media_config(&config, listen, ticket_key.clone(), facts, Arc::clone(&clock));
        let media = MediaNode::start(media_config, requests)?;
        let calls_to_end = CallsToEnd::default();
        let faults = FaultInjector::default();
        let (request_log, request_log_writer) = RequestLog::new(store.clone());
        let webhooks = Webhooks::new(config.webhooks, faults.clone(), request_log.clone())?;
        let bell = webhooks.bell().clone();
        let recorder = Recorder::new(store.clone(), bus.clone(), Arc::clone(&clock), bell);
        let dispatcher = Dispatcher::new(store.clone(), Arc::clone(&clock), webhooks.clone());
        let jobs = Arc::new(Jobs {
            store: store.clone(),
            bus: bus.clone(),
            clock: Arc::clone(&clock),
            calls_to_end: calls_to_end.clone(),
            webhooks: webhooks.clone(),
            retention: config.retention,
        });
        let cx = Cx {
            store: store.clone(),
            bus,
            clock: Arc::clone(&clock),
            settings: Settings {
                public_url: url.clone(),
                org: org.id,
                max_participants: config.max_participants,
                is_behind_proxy: config.is_behind_proxy,
                turn_urls: streams::turn_urls(
                    config.turn_urls.as_deref(),
                    config.is_behind_proxy,
                    &url,
                ),
                has_rate_limits: config.has_rate_limits,
                webhooks: config.webhooks,
                oauth_clients: config.oauth_clients,
                identity_providers: config.identity_providers,
                limits,
            },
            calls_to_end: calls_to_end.clone(),
            webhooks,
            ticket_key,
            request_log,
            dev: dev_clock.map(|clock| Dev::new(clock, Arc::clone(&jobs), faults, facts_progress)),
        };
        let app = parlor_server::build(cx, media.router());

        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let doors = Doors { tls: tls.clone(), media: Some(streams::door(media.streams())) };
        tasks.spawn(parlor_server::serve(listener, app, doors, stop.clone()));
        if let Some(tls) = tls {
            tasks.spawn(refresh_at_hang_up(tls.clone(), stop.clone())?);
            tasks.spawn(tls.follow(stop.clone()));
        }
        tasks.spawn(dispatcher.run(stop.clone()));
        let jobs_stop = stop.clone();
        tasks.spawn(async move { jobs.run(jobs_stop).await });
        let control = ControlSocket::bind(&config.data, calls_to_end)?;
        tasks.spawn(control.run(store.clone(), Arc::clone(&clock), stop.clone()));
        tasks.spawn(recorder.run(fact_stream, stop.clone()));
        tasks.spawn(request_log_writer.run(stop.clone()));
        Ok((Self { url, listen, store, media, tasks, stop }, prepared))
    }

    /// Stops every part, in order, and waits for each.
    pub(crate) async fn shutdown(mut self) {
        self.stop.cancel();
        self.media.shutdown().await;
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the server panicked");
            }
        }
        self.store.shutdown();
    }
}

/// The documented bounds, as far as the limit of open files allows them.
fn limits(open_files: Option<u64>) -> Limits {
    let mut limits = Limits::default();
    let connections = &mut limits.listen.connections;
    *connections = open_files::connections(*connections, open_files);
    limits
}

/// Opens the records in `data`, making the folder when it is absent.
pub(crate) fn open_store(data: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(&StoreConfig::in_folder(data))?)
}

async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!(
                "{listen} is in use by another program: stop it, or choose another with --listen"
            )
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {listen}")),
    })
}

fn media_config(
    config: &NodeConfig,
    listen: SocketAddr,
    ticket_key: TicketKey,
    facts: Facts,
    clock: Arc<dyn Clock>,
) -> MediaConfig {
    MediaConfig {
        threads: config.media_threads,
        max_load: config.max_load,
        own_receivers: parlor_media::OWN_RECEIVERS,
        udp_port: config.udp_port,
        ips: config.media_ips.clone(),
        announce: config.announce.clone(),
        streams: streams::config(config, listen),
        ticket_key,
        facts,
        // The rooms go by the clock of everything else.
        wall_clock: Arc::new(move || clock.now()),
    }
}

/// Runs `serve` until Ctrl+C or a termination signal, then stops the node.
pub(crate) fn block_on<F>(start: F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<Node>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .on_thread_start(parlor_media::make_way)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before the start: who asks to stop as soon as the server says that
        // it is ready is heard, too.
        let signal = signals()?;
        let node = start.await?;
        signal.await;
        tracing::info!("stopping");
        node.shutdown().await;
        Ok(())
    })
}

/// SIGHUP says that the certificate has changed.
fn refresh_at_hang_up(
    tls: Tls,
    stop: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        while let Some(Some(())) = stop.run_until_cancelled(hang_up.recv()).await {
            tls.refresh().await;
        }
    })
}

/// Listens for the signals that stop a server; the future waits for one.
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
