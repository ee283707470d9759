package callkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaTest {
	// A program in Java could not catch one failure alone, or would need names that only Kotlin makes.
	@Test
	void caught() {
		try (Store store = Store.open(); CallKey key = CallKey.generate()) {
			store.sealOffer(key, List.of("222:0@lid"));
			fail("sealed without a session");
		} catch (CallKeyException.NoDevices e) {
			assertTrue(e.getResults().get(0).getError() instanceof CallKeyException.NoSession);
			assertEquals(-17, e.getStatus());
		}
		try (CallKey key = new CallKey(new byte[31])) {
			fail("made " + key);
		} catch (CallKeyException e) {
			assertEquals(CallKeyException.KeyLength.class, e.getClass());
		}
		assertEquals("222:0@lid", ParticipantId.of("222@lid"));
		assertEquals(32, Sizes.KEY);
	}

	// A program in Java could not place a call to a device that it has no session with, or not in one commit.
	@Test
	void begun() {
		try (Store store = Store.open(); Store peer = Store.open(); CallKey key = CallKey.generate()) {
			String jid = "222:0@lid";
			Offer offer = store.sealOffer(key, List.of(jid), null, Map.of(jid, peer.takeBundle()));
			assertTrue(offer.getResults().get(0).isSealed());
			try (OpenedOffer opened = peer.openOffer(offer.getWire(), List.of(jid), "111:0@lid")) {
				assertTrue(opened.getKey().isSameAs(key));
			}
		}
	}
}
