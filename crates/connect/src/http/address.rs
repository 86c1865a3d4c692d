//! Which addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What an address is to a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// On the public internet.
    Public,
    /// Of this machine or its networks: loopback, private and shared ranges.
    Private,
    /// Never a server's that somebody names: where clouds hand out their credentials (link-local addresses, and a few
    /// elsewhere), unspecified, multicast, reserved, documentation, and ways to write an IPv4 address in an IPv6 one.
    Special,
}

/// What `address` is. An IPv4 address inside an IPv6 one counts as itself where networks do translate it (mapped and
/// NAT64 addresses); the forms that nobody uses any more (compatible, 6to4, Teredo) are [`Kind::Special`].
pub(super) fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

fn kind_v4(address: Ipv4Addr) -> Kind {
    let within = |nets: &[Ipv4Net]| nets.iter().any(|net| net.contains(&address));
    if within(&SPECIAL_V4) || METADATA_V4.contains(&address) {
        Kind::Special
    } else if within(&PRIVATE_V4) {
        Kind::Private
    } else {
        Kind::Public
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    if let Some(inner) = embedded(address) {
        return kind_v4(inner);
    }
    let within = |nets: &[Ipv6Net]| nets.iter().any(|net| net.contains(&address));
    if METADATA_V6.contains(&address) {
        Kind::Special
    } else if within(&PRIVATE_V6) {
        Kind::Private
    } else if !GLOBAL_V6.contains(&address) || within(&SPECIAL_V6) {
        Kind::Special
    } else {
        Kind::Public
    }
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    let inner = Ipv4Addr::new(a, b, c, d);
    address.to_ipv4_mapped().or_else(|| NAT64.contains(&address).then_some(inner))
}

const fn v4(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

// The registries of special addresses (RFC 6890 and what was added to it since).

const PRIVATE_V4: [Ipv4Net; 5] = [
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10), // shared by the customers of a provider; also of private overlay networks
    v4(127, 0, 0, 8),
    v4(172, 16, 0, 12),
    v4(192, 168, 0, 16),
];

const SPECIAL_V4: [Ipv4Net; 11] = [
    v4(0, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 31, 196, 24),
    v4(192, 88, 99, 24),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];

const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);
const PRIVATE_V6: [Ipv6Net; 2] = [Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), v6(0xfc00, 0, 0, 7)];

const SPECIAL_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23), // Teredo, benchmarking, ORCHID
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x3ffe, 0, 0, 16),
    v6(0x3fff, 0, 0, 20),
];

/// Where machines of clouds ask for their own credentials, outside the link-local range. Some lie in private ranges.
const METADATA_V4: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba Cloud
    Ipv4Addr::new(168, 63, 129, 16),   // Azure
];

const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), // AWS
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),  // Google Cloud
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (kinds, texts) in [
            (
                Kind::Public,
                "8.8.8.8 100.63.255.255 100.128.0.1 172.32.0.1 192.0.1.1 198.20.0.1 223.255.255.255",
            ),
            (Kind::Public, "2606:4700::1111 2a00:1450:4001::1 64:ff9b::808:808 ::ffff:8.8.8.8"),
            (
                Kind::Private,
                "127.0.0.1 127.255.255.254 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1",
            ),
            (Kind::Private, "::1 fc00::1 fd12:3456::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1"),
            (Kind::Special, "0.0.0.0 0.1.2.3 169.254.169.254 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1"),
            (Kind::Special, "198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255"),
            (
                Kind::Special,
                ":: fe80::1 fec0::1 ff02::1 2001:db8::1 2002:7f00:1::1 3fff::1 2001::1 2001:2::1",
            ),
            (Kind::Special, "::127.0.0.1 ::8.8.8.8 64:ff9b:1::1 100::1 4000::1 ::ffff:169.254.169.254"),
            (Kind::Special, "168.63.129.16 ::ffff:168.63.129.16 100.100.100.200 fd00:ec2::254 fd20:ce::254"),
            (Kind::Public, "168.63.129.15 168.63.129.17"),
            (Kind::Private, "100.100.100.199 fd00:ec2::253 fd20:ce::255"),
            (Kind::Special, "64:ff9b::a9fe:a9fe 64:ff9b::0.0.0.0 ::ffff:0:7f00:1"),
        ] {
            for text in texts.split(' ') {
                assert_eq!(kind(text.parse().unwrap()), kinds, "{text}");
            }
        }
    }
}
