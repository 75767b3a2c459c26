//! The one place that ever holds values of secrets.

use crate::error::Error;
use crate::protocol::Header;
use crate::sys::{Errno, Mapping};

/// A body that was received. It is wiped when it is dropped, which is on every path but a successful `execve`; that one ends the
/// process's memory, and the kernel has copied the environment by then.
pub struct Answer {
    header: Header,
    mapping: Mapping,
}

/// What keeps the memory from being as private as it should be, if anything does.
pub type Privacy = Result<(), Errno>;

impl Answer {
    /// Takes exactly the memory that the header's length needs, with one byte more to notice trailing ones.
    pub fn new(header: Header) -> Result<Self, Error> {
        let mapping = Mapping::new(header.length + 1).map_err(|errno| Error::set_up("memory for the answer", errno))?;
        Ok(Self { header, mapping })
    }

    /// Keeps the memory out of dumps, of children and of swap: as far as that goes, even if one of them fails.
    pub fn keep_private(&self) -> Privacy {
        let dumps = self.mapping.exclude_from_dumps();
        let children = self.mapping.wipe_in_children();
        let swap = self.mapping.lock();
        dumps.and(children).and(swap)
    }

    /// The header that came before.
    #[must_use]
    pub fn header(&self) -> Header {
        self.header
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.mapping.bytes()[..self.header.length]
    }

    /// Where to receive: the rest of the body after so many bytes, and one byte more.
    pub fn rest_mut(&mut self, received: usize) -> &mut [u8] {
        &mut self.mapping.bytes_mut()[received..=self.header.length]
    }
}
