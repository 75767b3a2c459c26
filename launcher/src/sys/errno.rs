//! The kernel's error numbers, as far as the launcher tells them apart.

use core::fmt;

/// An error of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub u16);

macro_rules! errnos {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl Errno {
            $(#[doc = $text] pub const $name: Self = Self($number);)*
        }

        impl fmt::Display for Errno {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$name => formatter.write_str($text),)*
                    Self(number) => write!(formatter, "error {number}"),
                }
            }
        }
    };
}

errnos! {
    EPERM = 1, "operation not permitted";
    ENOENT = 2, "no such file or directory";
    EINTR = 4, "interrupted";
    EIO = 5, "input/output error";
    E2BIG = 7, "arguments and environment are too long";
    ENOEXEC = 8, "not a program that this kernel can run";
    EAGAIN = 11, "temporarily not possible";
    ENOMEM = 12, "not enough memory";
    EACCES = 13, "permission denied";
    ENOTDIR = 20, "not a folder";
    EISDIR = 21, "is a folder";
    EINVAL = 22, "invalid";
    ENFILE = 23, "too many open files in the system";
    EMFILE = 24, "too many open files";
    ETXTBSY = 26, "it is open for writing";
    ENOSPC = 28, "no space left";
    EROFS = 30, "read-only file system";
    EPIPE = 32, "broken pipe";
    ENAMETOOLONG = 36, "the name is too long";
    ELOOP = 40, "too many symbolic links";
    EPROTOTYPE = 91, "not a stream socket";
    ECONNRESET = 104, "connection reset";
    ECONNREFUSED = 111, "connection refused";
}
