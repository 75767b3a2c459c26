//! The processor's own instructions for SHA-256, where it has them.

#[cfg(target_arch = "x86_64")]
mod instructions {
    use crate::sha256::ROUNDS;
    use core::arch::x86_64::{
        __cpuid, __cpuid_count, __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128,
        _mm_set_epi64x, _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
        _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
    };

    /// Whether there are all of those that [`compress`] uses. A virtual machine takes some microseconds for the answer.
    #[allow(unused_unsafe)] // since Rust 1.93 they are safe to call
    pub(in crate::sys) fn exist() -> bool {
        const SSSE3_AND_SSE41: u32 = 1 << 9 | 1 << 19;
        const SHA: u32 = 1 << 29;
        // SAFETY: every x86_64 has the instruction, and this leaf.
        let highest = unsafe { __cpuid(0) }.eax;
        // SAFETY: likewise.
        let basic = unsafe { __cpuid(1) }.ecx;
        // SAFETY: asked only if the processor says that it has the leaf.
        highest >= 7 && basic & SSSE3_AND_SSE41 == SSSE3_AND_SSE41 && unsafe { __cpuid_count(7, 0) }.ebx & SHA != 0
    }

    /// Works on whole blocks of 64 bytes.
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    // Each is one instruction, and loads and stores take any alignment.
    #[allow(clippy::multiple_unsafe_ops_per_block, clippy::cast_ptr_alignment)]
    pub(in crate::sys) unsafe fn compress(state: &mut [u32; 8], blocks: &[u8]) {
        let words = state.as_mut_ptr().cast::<__m128i>();
        // SAFETY: the caller saw that the instructions exist; every load and store is within `state`, a block or `ROUNDS`.
        unsafe {
            let reversed = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
            // From a b c d and e f g h to the order of the instructions: a b e f and c d g h, from the highest word on.
            let low = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
            let high = _mm_shuffle_epi32(_mm_loadu_si128(words.add(1)), 0x1B);
            let mut abef = _mm_alignr_epi8(low, high, 8);
            let mut cdgh = _mm_blend_epi16(high, low, 0xF0);
            for block in blocks.chunks_exact(64) {
                let (before_abef, before_cdgh) = (abef, cdgh);
                let bytes = block.as_ptr().cast::<__m128i>();
                let mut schedule = [_mm_setzero_si128(); 4];
                for (index, words) in schedule.iter_mut().enumerate() {
                    *words = _mm_shuffle_epi8(_mm_loadu_si128(bytes.add(index)), reversed);
                }
                for four in 0..16 {
                    if four >= 4 {
                        let [w0, w1, w2, w3] = schedule;
                        let part = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
                        schedule = [w1, w2, w3, _mm_sha256msg2_epu32(part, w3)];
                    }
                    let constants = _mm_loadu_si128(ROUNDS.as_ptr().cast::<__m128i>().add(four));
                    let words = _mm_add_epi32(schedule[four.min(3)], constants);
                    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
                    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0E));
                }
                abef = _mm_add_epi32(abef, before_abef);
                cdgh = _mm_add_epi32(cdgh, before_cdgh);
            }
            let high = _mm_shuffle_epi32(abef, 0x1B);
            let low = _mm_shuffle_epi32(cdgh, 0xB1);
            _mm_storeu_si128(words, _mm_blend_epi16(high, low, 0xF0));
            _mm_storeu_si128(words.add(1), _mm_alignr_epi8(low, high, 8));
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod instructions {
    pub(in crate::sys) fn exist() -> bool {
        false
    }

    pub(in crate::sys) unsafe fn compress(_: &mut [u32; 8], _: &[u8]) {}
}

/// The processor's instructions for SHA-256. INVARIANT: there is no value of this where there are none.
#[derive(Clone, Copy)]
pub struct ShaInstructions(());

impl ShaInstructions {
    /// Asks the processor.
    #[must_use]
    pub fn find() -> Option<Self> {
        instructions::exist().then_some(Self(()))
    }

    /// Works on whole blocks of 64 bytes.
    pub fn compress(self, state: &mut [u32; 8], blocks: &[u8]) {
        // SAFETY: the processor has the instructions, by the invariant.
        unsafe { instructions::compress(state, blocks) };
    }
}
