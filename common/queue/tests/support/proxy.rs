//! A TCP proxy in front of the broker that can misbehave: cut connections, fall silent, or speak
//! in the broker's name.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

/// What happens to the connections that stand.
#[derive(Clone)]
enum Order {
    Cut,
    Silence,
    Say(Vec<u8>),
}

pub struct Proxy {
    /// The address to use in place of the broker's.
    pub url: String,
    refusing: Arc<AtomicBool>,
    orders: broadcast::Sender<Order>,
}

impl Proxy {
    /// In front of the broker at `url`.
    pub async fn start(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (credentials, rest) = url.rsplit_once('@').expect("an address with credentials");
        let (broker, path) = rest.split_once('/').unwrap_or((rest, "%2f"));
        let proxy = Self {
            url: format!("{credentials}@{}/{path}", listener.local_addr().unwrap()),
            refusing: Arc::default(),
            orders: broadcast::channel(8).0,
        };
        let (refusing, orders) = (Arc::clone(&proxy.refusing), proxy.orders.clone());
        tokio::spawn(accept(listener, broker.to_owned(), refusing, orders));
        proxy
    }

    /// Ends every connection that stands.
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    /// Forwards nothing more on the connections that stand, and leaves them open.
    pub fn silence(&self) {
        self.order(Order::Silence);
    }

    /// Whether connections to come are ended at once.
    pub fn refuse(&self, refusing: bool) {
        self.refusing.store(refusing, Ordering::SeqCst);
    }

    /// Says a method on channel 0 (AMQP 0-9-1 section 4.2.3) to all clients in the broker's name.
    pub fn say(&self, class: u16, method: u16, arguments: &[u8]) {
        let size = u32::try_from(4 + arguments.len()).unwrap();
        let mut frame = vec![1, 0, 0];
        frame.extend(size.to_be_bytes());
        frame.extend(class.to_be_bytes());
        frame.extend(method.to_be_bytes());
        frame.extend(arguments);
        frame.push(0xCE);
        self.order(Order::Say(frame));
    }

    fn order(&self, order: Order) {
        assert!(self.orders.send(order).is_ok(), "no connection stands");
    }
}

async fn accept(
    listener: TcpListener,
    broker: String,
    refusing: Arc<AtomicBool>,
    orders: broadcast::Sender<Order>,
) {
    while let Ok((client, _)) = listener.accept().await {
        if refusing.load(Ordering::SeqCst) {
            continue;
        }
        if let Ok(server) = TcpStream::connect(&broker).await {
            tokio::spawn(forward(client, server, orders.subscribe()));
        }
    }
}

async fn forward(mut client: TcpStream, mut server: TcpStream, mut orders: broadcast::Receiver<Order>) {
    let (mut up, mut down) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        let forwarded = tokio::select! {
            Ok(count @ 1..) = client.read(&mut up) => server.write_all(&up[..count]).await,
            Ok(count @ 1..) = server.read(&mut down) => client.write_all(&down[..count]).await,
            Ok(order) = orders.recv() => match order {
                Order::Say(bytes) => client.write_all(&bytes).await,
                Order::Silence => pending().await,
                Order::Cut => return,
            },
            else => return,
        };
        if forwarded.is_err() {
            return;
        }
    }
}
