//! Durations: `0`, or one integer with `ms`, `s`, `m`, `h` or `d`.

/// A thousand years, which keeps every sum with it far from overflowing.
const LONGEST: u64 = 1000 * 365 * 86_400_000;

/// Milliseconds, or nothing if the text is not a duration or does not fit.
#[must_use]
pub fn milliseconds(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        b"" if number == b"0" => 1,
        b"ms" => 1,
        b"s" => 1_000,
        b"m" => 60_000,
        b"h" => 3_600_000,
        b"d" => 86_400_000,
        _ => return None,
    };
    integer(number)?.checked_mul(factor).filter(|milliseconds| *milliseconds <= LONGEST)
}

/// A decimal integer without sign.
#[must_use]
pub fn integer(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_integer_with_a_unit() {
        let cases = [
            ("0", 0),
            ("0s", 0),
            ("20ms", 20),
            ("10s", 10_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
        ];
        for (text, expected) in cases {
            assert_eq!(milliseconds(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "5",
            "00",
            "s",
            "-1s",
            "+1s",
            "1.5s",
            "1 s",
            "1S",
            "1min",
            "1h30m",
            " 1s",
            "99999999999999999999s",
            "999999999d",
        ] {
            assert_eq!(milliseconds(text.as_bytes()), None, "{text}");
        }
    }
}
