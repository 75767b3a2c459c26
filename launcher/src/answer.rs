//! The one place that ever holds values of secrets.

use crate::error::Error;
use crate::protocol::{HEADER_LENGTH, Header};
use crate::sys::{Descriptor, Errno, Mapping};
use core::cmp::Ordering;

/// What keeps the memory from being as private as it should be, if anything does.
pub type Privacy = Result<(), Errno>;

/// Where a frame is received, from its first byte. It is wiped when it is dropped, which is on every path but a successful `execve`;
/// that one ends the process's memory, and the kernel has copied the environment by then.
pub struct Incoming {
    mapping: Mapping,
    received: usize,
}

impl Incoming {
    /// The least memory that there is, made before anything is known of the answer: while the agent works on it.
    pub fn least() -> Result<Self, Error> {
        Self::with_room(1)
    }

    /// The memory that a frame needs, with one byte more to notice trailing ones.
    pub fn of(header: Header) -> Result<Self, Error> {
        Self::with_room(HEADER_LENGTH + header.length + 1)
    }

    fn with_room(bytes: usize) -> Result<Self, Error> {
        let mapping = Mapping::new(bytes).map_err(|errno| Error::set_up("memory for the answer", errno))?;
        Ok(Self { mapping, received: 0 })
    }

    /// Whether a frame fits, and one byte more.
    #[must_use]
    pub fn holds(&self, header: Header) -> bool {
        HEADER_LENGTH + header.length < self.mapping.bytes().len()
    }

    /// Keeps the memory out of dumps, of children and of swap: as far as that goes, even if one of them fails.
    pub fn keep_private(&self) -> Privacy {
        let dumps = self.mapping.exclude_from_dumps();
        let children = self.mapping.wipe_in_children();
        let swap = self.mapping.lock();
        dumps.and(children).and(swap)
    }

    /// Where to receive the bytes of the frame up to this one, or up to as many as there is room for.
    pub fn vacant_mut(&mut self, end: usize) -> &mut [u8] {
        let bytes = self.mapping.bytes_mut();
        let end = end.min(bytes.len());
        &mut bytes[self.received..end]
    }

    /// So many bytes came there.
    pub fn received(&mut self, bytes: usize) {
        self.received += bytes;
    }

    /// Goes on where a smaller one was filled in part.
    pub fn go_on_from(&mut self, smaller: &Self) {
        let received = &smaller.mapping.bytes()[..smaller.received];
        self.mapping.bytes_mut()[..received.len()].copy_from_slice(received);
        self.received = received.len();
    }

    /// The bytes of the header, if all of them came.
    #[must_use]
    pub fn header(&self) -> Option<&[u8; HEADER_LENGTH]> {
        self.mapping.bytes()[..self.received].first_chunk()
    }

    /// Whether the frame is there: less if it is not whole yet, greater if more came than belongs to it.
    #[must_use]
    pub fn compare(&self, header: Header) -> Ordering {
        self.received.cmp(&(HEADER_LENGTH + header.length))
    }
}

/// A frame that was received.
pub struct Answer {
    header: Header,
    frame: Incoming,
    connection: Option<Descriptor>,
}

impl Answer {
    /// A frame, whole. The connection stays open as long as nobody hangs up: `execve` closes it too.
    #[must_use]
    pub fn new(header: Header, frame: Incoming, connection: Descriptor) -> Self {
        Self { header, frame, connection: Some(connection) }
    }

    /// Ends the connection.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    /// The connection, to say more over it.
    pub fn take_connection(&mut self) -> Option<Descriptor> {
        self.connection.take()
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Header {
        self.header
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.frame.mapping.bytes()[HEADER_LENGTH..HEADER_LENGTH + self.header.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::MessageType;

    const PAGE: usize = 4096;

    fn header(length: usize) -> Header {
        Header { version: (1, 0), message_type: MessageType::Delivery, length }
    }

    fn fill(incoming: &mut Incoming, bytes: &[u8]) {
        let end = incoming.received + bytes.len();
        incoming.vacant_mut(end).copy_from_slice(bytes);
        incoming.received(bytes.len());
    }

    #[test]
    fn holds_a_frame_and_one_byte_that_trails() {
        let least = Incoming::least().unwrap();
        let fits = PAGE - HEADER_LENGTH - 1;
        assert!(least.holds(header(fits)) && !least.holds(header(fits + 1)));
        for length in [0, fits, fits + 1, PAGE, 100_000] {
            assert!(Incoming::of(header(length)).unwrap().holds(header(length)));
        }
    }

    #[test]
    fn never_receives_more_than_it_has_room_for() {
        let mut incoming = Incoming::least().unwrap();
        assert_eq!(incoming.vacant_mut(usize::MAX).len(), PAGE);
        assert_eq!(incoming.vacant_mut(HEADER_LENGTH).len(), HEADER_LENGTH);
        fill(&mut incoming, b"LKEY");
        assert_eq!(incoming.vacant_mut(HEADER_LENGTH).len(), HEADER_LENGTH - 4);
        fill(&mut incoming, &[1; PAGE - 5]);
        assert_eq!(incoming.vacant_mut(usize::MAX).len(), 1);
        fill(&mut incoming, &[1]);
        assert_eq!(incoming.vacant_mut(usize::MAX).len(), 0);
    }

    #[test]
    fn knows_whether_the_frame_is_whole() {
        let mut incoming = Incoming::least().unwrap();
        fill(&mut incoming, &[7; HEADER_LENGTH - 1]);
        assert_eq!(incoming.header(), None);
        fill(&mut incoming, &[7; 3]);
        assert_eq!(incoming.header(), Some(&[7; HEADER_LENGTH]));
        assert_eq!(
            [3, 2, 1].map(|length| incoming.compare(header(length))),
            [Ordering::Less, Ordering::Equal, Ordering::Greater]
        );
    }

    #[test]
    fn goes_on_with_what_a_smaller_one_received() {
        let mut least = Incoming::least().unwrap();
        let begun: Vec<u8> = (0..100).collect();
        fill(&mut least, &begun);
        let mut larger = Incoming::of(header(2 * PAGE)).unwrap();
        larger.go_on_from(&least);
        fill(&mut larger, b"end");
        let length = begun.len() + 3 - HEADER_LENGTH;
        let connection = crate::sys::stream_socket().unwrap();
        assert_eq!(Answer::new(header(length), larger, connection).body(), [&begun[HEADER_LENGTH..], b"end"].concat());
    }
}
