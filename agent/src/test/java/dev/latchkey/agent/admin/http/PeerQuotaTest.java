package dev.latchkey.agent.admin.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PeerQuotaTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

    @Test
    void limitsWhatIsOpenAtATime() {
        PeerQuota quota = new PeerQuota(new PeerQuota.Limits(2, 100, 100), nanos::get);
        assertTrue(quota.enter(1));
        assertTrue(quota.enter(1));
        assertFalse(quota.enter(1));
        assertTrue(quota.enter(2));
        quota.leave(1);
        assertTrue(quota.enter(1));
    }

    @Test
    void limitsTheRateAndForgives() {
        PeerQuota quota = new PeerQuota(new PeerQuota.Limits(100, 3, 2), nanos::get);
        for (int i = 0; i < 3; i++) {
            assertTrue(quota.enter(1));
        }
        assertFalse(quota.enter(1));
        nanos.addAndGet(500_000_000);
        assertTrue(quota.enter(1));
        assertFalse(quota.enter(1));
    }

    @Test
    void forgetsWhoIsGoneAndNotWhoIsHere() {
        PeerQuota quota = new PeerQuota(new PeerQuota.Limits(1, 10, 1), nanos::get);
        assertTrue(quota.enter(0));
        for (long uid = 1; uid < 3000; uid++) {
            assertTrue(quota.enter(uid));
            quota.leave(uid);
        }
        assertFalse(quota.enter(0));
    }
}
